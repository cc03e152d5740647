/* shell/why_facts.c - see why.h: what is known of a thing before the table is asked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/log_read.h"
#include "runtime/state.h"
#include "shell/cmd.h"
#include "shell/why.h"

enum { LOG_LINES = 3, LOG_TAIL = 20 };

const char *why_name(const struct why *why)
{
	return why->container ? why->container->spec.name : why->ending.name;
}

const char *why_span(int64_t ns)
{
	static char texts[2][32];
	static int turn;
	char *text = texts[turn = !turn];
	double s = ns < 0 ? 0 : (double)ns / 1e9;

	snprintf(text, sizeof(texts[0]), s < 10 ? "%.2f s" : "%.0f s", s);
	return text;
}

const char *why_ago(int64_t ns)
{
	static char text[64];
	double seconds = (double)(clock_now_ns() - ns) / 1e9;

	if (seconds < 60)
		snprintf(text, sizeof(text), "%.1f s", seconds);
	else if (seconds < 3600)
		snprintf(text, sizeof(text), _("%.0f min"), seconds / 60);
	else if (seconds < 86400)
		snprintf(text, sizeof(text), _("%.0f hours"), seconds / 3600);
	else
		snprintf(text, sizeof(text), _("%.0f days"), seconds / 86400);
	return text;
}

/* ---- its output ---- */

static int add_line(void *arg, const struct log_entry *entry)
{
	struct strs *lines = arg;

	if (entry)
		strs_take(lines, mem_strn(entry->text,
					  entry->len &&
							  entry->text[entry->len -
								      1] == '\n' ?
						  entry->len - 1 :
						  entry->len));
	return 0;
}

static void read_log(const struct why *why, int tail, struct strs *lines)
{
	const struct log_choice choice = { .tail = tail };
	struct err ignored = { 0 };
	OWN_FD int fd = why->container ?
				state_open_folder(why->shell->home,
						  why->container->spec.id,
						  &ignored) :
				-1;

	if (fd >= 0)
		(void)log_read(fd, &choice, add_line, lines, &ignored);
}

/* Behind "ESC [ 6 n" and the like, which a shell sends to its terminal. */
static const char *skip_sequence(const char *text)
{
	if (text[0] != '\033' || text[1] != '[')
		return text;
	text += 2;
	while (*text && (*text < '@' || *text > '~'))
		text++;
	return *text ? text + 1 : text;
}

/* Without what a terminal would act upon. */
static void clean(char *text)
{
	for (const char *from = text; *from;) {
		const char *behind = skip_sequence(from);

		if (behind != from) {
			from = behind;
			continue;
		}
		*text = *from++;
		if ((unsigned char)*text < ' ' || *text == 127)
			*text = ' ';
		text++;
	}
	*text = '\0';
}

int why_log_facts(const struct why *why, struct why_finding *f)
{
	OWN_STRS struct strs lines = { 0 };

	read_log(why, LOG_LINES, &lines);
	for (size_t i = 0; i < lines.count; i++) {
		clean(lines.items[i]);
		why_fact(f, WHY_FROM_LOG, "%.200s", lines.items[i]);
	}
	return (int)lines.count;
}

char *why_log_tail(const struct why *why)
{
	OWN_STRS struct strs lines = { 0 };

	/* What a run wrote is no reason of another line's failure; of a build's it is. */
	if (why->about & (WHY_END | WHY_BUILD))
		read_log(why, LOG_TAIL, &lines);
	return strs_join(&lines, "\n");
}

/* ---- which thing ---- */

bool why_place(const struct why *why, struct look_place *out)
{
	*out = (struct look_place){ .home = why->shell->home };
	if (why->container)
		out->container = why->container->spec.id;
	else if (why->image.id)
		out->links = &why->image.links;
	return out->container || out->links;
}

int why_take_image(struct why *why, const char *name, struct err *err)
{
	int r = why->shell->store ? image_find(why->shell->store, name,
					       &why->image, err) :
				    -ENOENT;

	return r == -ENOENT || r == -EINVAL ? 0 : r < 0 ? r : 1;
}

/* What the words of its state make it a question of. */
static void ask_of_state(struct why *why)
{
	const struct container *c = why->container;

	if (container_has_monitor(c))
		why->about |= WHY_STATE;
	else if (c->status == CONTAINER_CREATED)
		why->about |= WHY_STATE | (c->error ? WHY_START : 0);
	else
		why->about |= WHY_END | (c->error ? WHY_START : 0);
	if (c->status == CONTAINER_RESTARTING)
		why->about |= WHY_END;
	if (c->error && !why->message)
		why->message = mem_str(c->error);
}

int why_take_container(struct why *why, const char *name, struct err *err)
{
	struct container *c = mem_zero(1, sizeof(*c));
	struct err why_not = { 0 };
	int r = container_find(why->shell->home, name, c, &why_not);

	if (r < 0) {
		free(c);
		if (r != -ENOENT) {
			*err = why_not;
			return r;
		}
		r = ending_read(why->shell->home, name, &why->ending, err);
		if (r == 1)
			why->about |= WHY_GONE |
				      (why->ending.died_ns ? WHY_END : 0);
	} else {
		why->container = c;
		ask_of_state(why);
		r = ending_read(why->shell->home, c->spec.id, &why->ending,
				err);
		r = r < 0 ? r : 1;
	}
	if (r == 1 && !why->image.id &&
	    why_take_image(why,
			   why->container && why->container->spec.image_id ?
				   why->container->spec.image_id :
				   why->ending.image,
			   &why_not) < 0)
		why->image = (struct image){ 0 };
	return r;
}

char *why_container_text(const struct container *c)
{
	return mem_fmt("%s (%s)", c->spec.name,
		       container_status_name(c->status));
}
