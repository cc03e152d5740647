/* shell/view.h - what all windows into the machinery have in common.
 *
 * A view answers one question. Its first line is the answer, its last line is one
 * thing to try next; both stand in each of the three forms:
 *
 *   VIEW_DRAWN  for eyes: bars, columns, colour; whole at 60 columns
 *   VIEW_PLAIN  one fact a line, units spelled out, nothing drawn (screen readers)
 *   VIEW_JSON   one object with the same facts; identifiers in no language
 *
 * A view first gathers all facts in a struct of its own, then prints them: nothing is
 * printed where gathering failed. */
#ifndef SHELL_VIEW_H
#define SHELL_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/style.h"

enum view_form { VIEW_DRAWN, VIEW_PLAIN, VIEW_JSON };

/* A command's struct of option values has one of these as a field. */
struct view_opts {
	bool json;
	bool plain;
};

/* Two entries of its table of options: VIEW_OPTS(struct layers_opts, view), */
#define VIEW_OPTS(type, field)                                             \
	{ .name = "json",                                                  \
	  .kind = OPT_FLAG,                                                \
	  .help = N_("Print one JSON object with the same facts"),         \
	  .offset = offsetof(type, field) +                                \
		    offsetof(struct view_opts, json) },                    \
	{                                                                  \
		.name = "plain", .kind = OPT_FLAG,                         \
		.help = N_("Print one fact a line, not drawn"),            \
		.offset = offsetof(type, field) +                          \
			  offsetof(struct view_opts, plain)                \
	}

/* One view while it is being printed.
 *
 * columns  of the terminal, at least 20; texts of a plain view are not broken
 * ascii    only - | + and # may be drawn
 * out      what was said so far; view_end prints it */
struct view {
	struct shell *shell;
	enum view_form form;
	int columns;
	bool ascii;
	struct buf out;
};

/* OWN_VIEW struct view view; view_begin(&view, shell, &o->view); */
void view_begin(struct view *view, struct shell *shell,
		const struct view_opts *opts);
void view_done(struct view *view);
#define OWN_VIEW __attribute__((cleanup(view_done)))

/* Adds one paragraph (in the plain form a single line), broken at the terminal's
 * width; each line but the first is indented by `indent`. view_answer is the first
 * line of a view: bold. */
void view_answer(struct view *view, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void view_say(struct view *view, int indent, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The text cut to `columns`, with "…" at its end where something is missing, or "..."
 * where only ASCII may be drawn. Given. */
char *view_cut(const struct view *view, const char *text, int columns);

/* Adds `text` and blanks up to `columns`; what is wider is cut where `cut` is set. */
void view_pad(struct view *view, const char *text, int columns, bool cut);

/* The same, the blanks in front. */
void view_right(struct view *view, const char *text, int columns);

/* Adds a bar of `share` (0..1) of `columns`, in eighths of a column; what is more than
 * nothing shows. The rest is not filled up. */
void view_bar(struct view *view, double share, int columns);

/* Adds `text` in a style. */
void view_styled(struct view *view, enum style style, const char *text);

/* The last line: "Next: " and one command to type, as it stands. At the prompt without
 * the program's name in front, else with it. */
void view_next(struct view *view, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Prints what was said. */
void view_end(struct view *view);

/* Prints the object, with `next` (may be NULL) as its last member; takes it. */
void view_json(struct view *view, json_t *object, const char *next);

/* "6.0MB" as Docker writes it, "6.0 megabytes" in the plain form. Given. */
char *view_size(const struct view *view, int64_t bytes);

/* A time with two significant digits and its unit: "14 us", "6.5 ms", "1.2 s"; spelled
 * out in the plain form. Given. */
char *view_time(const struct view *view, int64_t ns);

#endif
