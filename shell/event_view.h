/* shell/event_view.h - one event: does it fit, and how is it shown?
 *
 * What an event is, and where it comes from, is runtime/events.h's. */
#ifndef SHELL_EVENT_VIEW_H
#define SHELL_EVENT_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct err;
struct filters;
struct template;

/* The keys of --filter, ends with NULL. */
extern const char *const event_keys[];

/* One line, read. text: the line itself. */
struct event {
	const char *text;
	json_t *json;
	int64_t time_ns;
};

/* False for a line that a crash cut short. `line` is borrowed. */
bool event_read(const char *line, struct event *out);
void event_done(struct event *event);
#define OWN_EVENT __attribute__((cleanup(event_done)))

bool event_fits(const struct event *event, const struct filters *filters);

/* Reads what --format was given and tries it on an empty event. *out is NULL where
 * none was given or where whole lines are meant (`json`, `{{json .}}`: *out_whole).
 * -EINVAL: "Error parsing format: ...", status 64. */
int event_template(const char *text, struct template **out, bool *out_whole,
		   struct err *err);

/* "2026-11-23T18:44:57.407726542Z container die 8f... (exitCode=0, name=x)" */
void event_print(const struct event *event, FILE *out);

/* As the template wants it, and a newline. */
int event_print_as(const struct event *event, const struct template *template,
		   FILE *out, struct err *err);

#endif
