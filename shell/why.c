/* shell/why.c - see why.h: asking the table, and printing. */
#include "shell/why.h"

#include <assert.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/utf8.h"
#include "shell/stack_view.h"

static const struct why_cause *const tables[] = {
	why_goal_causes,   why_names_causes, why_disk_causes, why_line_causes,
	why_start_causes,  why_end_causes,   why_build_causes,
	why_number_causes, why_state_causes, why_port_causes,
	why_file_causes,   why_image_causes, NULL,
};

/* As --json names it; as it is shown. */
static const struct {
	const char *id;
	const char *shown;
} sources[] = {
	[WHY_FROM_EVENTS] = { "events", N_("event log") },
	[WHY_FROM_RECORD] = { "record", N_("settings") },
	[WHY_FROM_STATUS] = { "status", N_("exit status") },
	[WHY_FROM_LOG] = { "log", N_("its output") },
	[WHY_FROM_PROC] = { "proc", N_("/proc") },
	[WHY_FROM_FILES] = { "files", N_("its files") },
	[WHY_FROM_IMAGE] = { "image", N_("image") },
	[WHY_FROM_MESSAGE] = { "message", N_("message") },
	[WHY_FROM_NETWORK] = { "network", N_("networks") },
	[WHY_FROM_LINE] = { "line", N_("the line") },
	[WHY_FROM_BUILD] = { "build", N_("last build") },
	[WHY_FROM_CONTEXT] = { "context", N_("context") },
	[WHY_FROM_DISK] = { "disk", N_("disk") },
	[WHY_FROM_PROBE] = { "probe", N_("health check") },
	[WHY_FROM_LESSON] = { "lesson", N_("lesson") },
	[WHY_FROM_STEPS] = { "steps", N_("its steps") },
};

void why_init(struct why *why, struct shell *shell)
{
	*why = (struct why){ .shell = shell, .status = -1 };
	why->ending.seen = (struct ending_seen){ -1, -1, 0 };
}

static void finding_done(struct why_finding *f)
{
	for (size_t i = 0; i < f->fact_count; i++)
		free(f->facts[i].text);
	free(f->facts);
	free(f->sentence);
	free(f->fix);
	free(f->tell);
	free(f->next);
	*f = (struct why_finding){ 0 };
}

void why_done(struct why *why)
{
	for (size_t i = 0; i < why->found_count; i++)
		finding_done(&why->found[i]);
	free(why->found);
	free(why->word);
	free(why->meaning);
	free(why->message);
	free(why->path);
	free(why->program);
	failure_done(&why->line);
	image_done(&why->image);
	if (why->container)
		container_done(why->container);
	free(why->container);
	*why = (struct why){ 0 };
}

/* ---- what a cause says ---- */

/* Without what is no character: "%.80s" may end within one, and a log may hold
 * anything. Given. */
static char *whole_characters(const char *text)
{
	OWN_BUF struct buf whole = { 0 };
	size_t len;

	for (; *text; text += len ? len : 1) {
		len = utf8_len(text, UTF8_MOST);
		buf_add(&whole, text, len);
	}
	return buf_give(&whole);
}

static void __attribute__((format(printf, 2, 0)))
set_text(char **to, const char *format, va_list args)
{
	OWN_BUF struct buf text = { 0 };

	buf_vfmt(&text, format, args);
	free(*to);
	*to = whole_characters(buf_text(&text));
}

enum why_answer why_say(struct why_finding *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(&f->sentence, format, args);
	va_end(args);
	return WHY_FOUND;
}

enum why_answer why_say_unknown(struct why_finding *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(&f->sentence, format, args);
	va_end(args);
	return WHY_UNKNOWN;
}

void why_fact(struct why_finding *f, enum why_source from, const char *format,
	      ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	set_text(&text, format, args);
	va_end(args);
	f->facts = mem_grow(f->facts, f->fact_count + 1, sizeof(*f->facts));
	f->facts[f->fact_count++] = (struct why_fact){ from, text };
}

void why_fix(struct why_finding *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(&f->fix, format, args);
	va_end(args);
}

void why_tell(struct why_finding *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(&f->tell, format, args);
	va_end(args);
}

void why_next(struct why_finding *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(&f->next, format, args);
	va_end(args);
}

/* ---- asking ---- */

static void keep(struct why *why, const struct why_finding *f)
{
	why->found = mem_grow(why->found, why->found_count + 1,
			      sizeof(*why->found));
	why->found[why->found_count++] = *f;
}

/* The rule of the whole command: no sentence without its evidence, and nothing unknown
 * without what would tell. */
static bool is_sound(const struct why_finding *f)
{
	if (f->answer == WHY_FOUND)
		return f->sentence && f->fact_count;
	return f->answer == WHY_NOT || (f->sentence && f->tell);
}

static void ask_table(struct why *why, const struct why_cause *causes,
		      bool weak)
{
	for (const struct why_cause *c = causes; c->id; c++) {
		struct why_finding f = { .cause = c };

		if (c->weak != weak || !(c->about & why->about))
			continue;
		f.answer = c->look(why, &f);
		assert(is_sound(&f));
		if (f.answer == WHY_NOT)
			finding_done(&f);
		else
			keep(why, &f);
		if (weak && f.answer == WHY_FOUND)
			return;
	}
}

/* What is known stands before what is not. */
static void put_known_first(struct why *why)
{
	size_t at = 0;

	for (size_t i = 0; i < why->found_count; i++) {
		struct why_finding f = why->found[i];

		if (f.answer != WHY_FOUND)
			continue;
		memmove(why->found + at + 1, why->found + at,
			(i - at) * sizeof(f));
		why->found[at++] = f;
	}
}

/* What is said of a container that was removed since. */
static void add_gone(struct why *why)
{
	if (!why->found_count || why->container || !why->ending.destroyed_ns)
		return;
	if (why->found[0].cause->about & WHY_END)
		why_fact(&why->found[0], WHY_FROM_EVENTS,
			 _("destroy: the container is gone since, with what it wrote"));
	/* No command finds it any more. */
	if (why->found[0].next && strstr(why->found[0].next, why_name(why)))
		why_next(&why->found[0], "ps -a");
}

static void ask_all(struct why *why)
{
	static const struct why_cause nothing = { .id = "unknown" };
	struct why_finding f = { .cause = &nothing, .answer = WHY_UNKNOWN };

	for (size_t i = 0; tables[i]; i++)
		ask_table(why, tables[i], false);
	for (size_t i = 0; tables[i] && why->found_count == 0; i++)
		ask_table(why, tables[i], true);
	put_known_first(why);
	add_gone(why);
	if (why->found_count) {
		why_add_step(why, &why->found[0]);
		return;
	}
	(void)why_say_unknown(&f, _("%s: unknown: nothing that is known here explains it"),
			      why->word);
	why_tell(&f, _("'events' and 'inspect' hold everything that was written down"));
	keep(why, &f);
}

/* ---- printing ---- */

static json_t *finding_json(const struct why_finding *f)
{
	json_t *facts = json_array();

	for (size_t i = 0; i < f->fact_count; i++)
		json_array_append_new(
			facts,
			json_pack("{s:s, s:s}", "from",
				  sources[f->facts[i].from].id, "fact",
				  f->facts[i].text));
	return json_pack("{s:s, s:b, s:s, s:o, s:s*, s:s*}", "cause",
			 f->id ? f->id : f->cause->id, "known", f->answer == WHY_FOUND,
			 "sentence", f->sentence, "evidence", facts, "fix",
			 f->fix, "tells", f->tell);
}

static void print_json(struct view *view, const struct why *why)
{
	json_t *json = finding_json(&why->found[0]);
	json_t *also = json_array();

	json_object_set_new(json, "about", stack_view_text(why->word));
	for (size_t i = 1; i < why->found_count; i++)
		json_array_append_new(also, finding_json(&why->found[i]));
	json_object_set_new(json, "also", also);
	if (why->meaning)
		json_object_set_new(json, "meaning",
				    json_string(why->meaning));
	view_json(view, json, why->found[0].next);
}

/* The widest label, so that the facts stand under each other. */
static int label_columns(const struct why *why)
{
	int widest = 0;

	for (size_t i = 0; i < why->found_count; i++)
		for (size_t n = 0; n < why->found[i].fact_count; n++) {
			int width = style_width(
				_(sources[why->found[i].facts[n].from].shown));

			widest = width > widest ? width : widest;
		}
	return widest + 4;
}

static void print_facts(struct view *view, const struct why_finding *f,
			int columns)
{
	for (size_t i = 0; i < f->fact_count; i++) {
		const struct why_fact *fact = &f->facts[i];
		const char *label = _(sources[fact->from].shown);
		bool again = i > 0 && f->facts[i - 1].from == fact->from;

		if (view->form == VIEW_PLAIN)
			view_say(view, 0, _("evidence, %s: %s"), label,
				 fact->text);
		else
			view_say(view, columns, "  %s%*s%s",
				 again ? "" : label,
				 columns - 2 - (again ? 0 : style_width(label)),
				 "", fact->text);
	}
}

static void print_rest(struct view *view, const struct why_finding *f)
{
	if (f->tell)
		view_say(view, 2, _("What would tell: %s"), f->tell);
	if (f->fix)
		view_say(view, 2, _("To do: %s"), f->fix);
}

static void print(struct view *view, const struct why *why)
{
	int columns = label_columns(why);

	if (why->meaning)
		view_answer(view, "%s", why->meaning);
	for (size_t i = 0; i < why->found_count; i++) {
		const struct why_finding *f = &why->found[i];

		if (i == 0 && why->meaning)
			view_say(view, 0, "%s", f->sentence);
		else if (i == 0)
			view_answer(view, "%s", f->sentence);
		else
			view_say(view, 2, _("Also: %s"), f->sentence);
		print_facts(view, f, columns);
		print_rest(view, f);
	}
	view_next(view, "%s", why->found[0].next);
	view_end(view);
}

int why_print(struct why *why, const struct view_opts *opts)
{
	OWN_VIEW struct view view;

	style_locale();
	view_begin(&view, why->shell, opts);
	ask_all(why);
	if (!why->found[0].next)
		why_next(&why->found[0], "ps -a");
	if (view.form == VIEW_JSON)
		print_json(&view, why);
	else
		print(&view, why);
	return 0;
}

/* ---- small words ---- */

const char *why_signal_name(int number)
{
	static char text[24];
	const char *name = sigabbrev_np(number);

	if (name)
		snprintf(text, sizeof(text), "SIG%s", name);
	else
		snprintf(text, sizeof(text), "signal %d", number);
	return text;
}
