/* shell/cmd_lookup.c - lookup: how a name is found in the layers, and what it costs. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"
#include "runtime/lookup.h"
#include "runtime/lookup_lab.h"
#include "shell/cmd.h"
#include "shell/lookup_view.h"
#include "shell/measured.h"
#include "shell/progress.h"
#include "shell/stack_view.h"
#include "shell/union_place.h"
#include "shell/view.h"

enum { NAME_COLUMNS = 14, SPREAD_COLUMNS = 34, BAR_LEAST = 4, BAR_MOST = 24 };

/* So many layers in a row, and they are "9-6" instead of "9, 8, 7, 6". */
enum { FOLDED_LAYERS = 4 };

/* How much slower the first must be for that to be stated. */
static const double FIRST_SLOWER = 2;

struct lookup_opts {
	struct view_opts view;
	bool lab;
};

#define AT(member) offsetof(struct lookup_opts, member)

static const struct opt opts[] = {
	VIEW_OPTS(struct lookup_opts, view),
	{ "lab", 0, OPT_FLAG, NULL,
	  N_("Try it out: 1 to 100 layers, the folder in one of them or in all"),
	  NULL, AT(lab), 0 },
	{ 0 },
};

/* ---- the experiment ---- */

static int measure_all(struct shell *shell, bool quiet,
		       struct lookup_row rows[LOOKUP_LAB_ROWS],
		       struct buf *options, struct err *err)
{
	OWN_LAB struct lab lab = LAB_NONE;
	struct progress progress;
	int r;

	progress_begin(&progress, shell, _("Measuring - "), quiet);
	r = lab_begin(shell->home, &lab, err);
	if (r == 0)
		r = lookup_lab_prepare(&lab, err);
	for (int i = 0; i < LOOKUP_LAB_ROWS && r == 0; i++) {
		progress_step(&progress, (size_t)i + 1, LOOKUP_LAB_ROWS);
		buf_clear(options);
		r = interrupt_seen() ? interrupt_err(err)
				     : lookup_lab_measure(&lab, i, &rows[i],
							  options, err);
	}
	lab_end(&lab);
	progress_end(&progress);
	return r;
}

static void note_rows(const struct shell *shell,
		      const struct lookup_row rows[LOOKUP_LAB_ROWS])
{
	for (int i = 0; i < LOOKUP_LAB_ROWS; i++) {
		measured_note(shell, &rows[i].many_first, "lookup %d first",
			      rows[i].layers);
		measured_note(shell, &rows[i].many_again, "lookup %d again",
			      rows[i].layers);
		measured_note(shell, &rows[i].one_first, "lookup %d one",
			      rows[i].layers);
	}
}

static int run_lab(struct view *view, struct shell *shell, struct err *err)
{
	OWN_BUF struct buf options = { 0 };
	struct lookup_row rows[LOOKUP_LAB_ROWS] = { 0 };
	int r = measure_all(shell, view->form == VIEW_PLAIN, rows, &options,
			    err);

	if (r < 0)
		return r;
	note_rows(shell, rows);
	lookup_view_lab(view, rows, buf_text(&options));
	return 0;
}

/* ---- the walk, in words ---- */

/* How many layers from one on gave one of these answers, none between them; of those
 * that are called by a name ("rw"), one at a time. */
static size_t run_length(const struct union_place *place,
			 const struct lookup_step *step, const char *answers,
			 size_t from)
{
	size_t n = 0;

	while (from + n < place->labels.count && step->answers[from + n] &&
	       strchr(answers, step->answers[from + n]) &&
	       isdigit((unsigned char)place->labels.items[from + n][0]))
		n++;
	return n ? n : 1;
}

/* The labels of the layers that gave one of these answers: "rw, 60-6, 4, 3". Given. */
static char *layers_that(const struct union_place *place,
			 const struct lookup_step *step, const char *answers)
{
	OWN_STRS struct strs list = { 0 };
	char *const *labels = place->labels.items;
	size_t n = 1;

	for (size_t i = 0; i < place->labels.count && step->answers[i];
	     i += n) {
		n = 1;
		if (!strchr(answers, step->answers[i]))
			continue;
		n = run_length(place, step, answers, i);
		if (n < FOLDED_LAYERS)
			n = 1;
		if (n == 1)
			strs_add(&list, labels[i]);
		else
			strs_take(&list, mem_fmt("%s-%s", labels[i],
						 labels[i + n - 1]));
	}
	return strs_join(&list, ", ");
}

static char *end_text(const struct union_place *place,
		      const struct lookup_step *step)
{
	OWN_FREE char *folders = layers_that(place, step, "do");
	OWN_FREE char *file = layers_that(place, step, "F");
	OWN_FREE char *white = layers_that(place, step, "w");
	OWN_FREE char *target = stack_view_path(step->target);

	switch (step->end) {
	case LOOKUP_MERGED:
		return folders[strcspn(folders, ",-")]
			       ? mem_fmt(_("folder in %s: merged"), folders)
			       : mem_fmt(_("folder in %s alone"), folders);
	case LOOKUP_FOUND:
		return mem_fmt(_("FOUND in %s: the search ends here"), file);
	case LOOKUP_LINK:
		return mem_fmt(
			_("a link in %s, to %s: the walk begins again there"),
			file, target);
	case LOOKUP_DELETED:
		return mem_fmt(
			_("%s says: deleted (whiteout). The search ends here"),
			white);
	case LOOKUP_MISSING:
		break;
	}
	return mem_str(_("nobody has it: there is no such file"));
}

static char *step_text(const struct union_place *place,
		       const struct lookup_step *step)
{
	OWN_FREE char *no = layers_that(place, step, "n");
	OWN_FREE char *opaque = layers_that(place, step, "o");
	OWN_FREE char *hidden = layers_that(place, step, "h");
	OWN_FREE char *end = end_text(place, step);
	OWN_BUF struct buf text = { 0 };

	buf_fmt(&text, _("layers asked: %zu. "), step->asked);
	if (*no && step->end != LOOKUP_MISSING && strcmp(step->name, "/") != 0)
		buf_fmt(&text, _("Not in %s. "), no);
	buf_str(&text, end);
	if (*opaque)
		buf_fmt(&text,
			_("; in %s it is opaque: what lies below does not show"),
			opaque);
	if (*hidden)
		buf_fmt(&text, _("; hidden below it, one in each: %s"), hidden);
	return buf_give(&text);
}

static const char *kind_text(mode_t mode)
{
	return S_ISDIR(mode)   ? _("a folder")
	       : S_ISLNK(mode) ? _("a link")
	       : S_ISREG(mode) ? _("a file")
			       : _("a special file");
}

/* Where the walk stood last: links on the way lead elsewhere. Given. */
static char *place_of_end(const struct lookup *l)
{
	struct buf path = { 0 };

	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->steps[i].name, "/") == 0)
			buf_clear(&path);
		else
			buf_fmt(&path, "/%s", l->steps[i].name);
	if (!path.len)
		buf_char(&path, '/');
	return buf_give(&path);
}

static void say_answer(struct view *view, const struct union_place *place,
		       const struct lookup *l)
{
	const struct lookup_step *last =
		l->count ? &l->steps[l->count - 1] : NULL;
	ssize_t layer = lookup_layer(l);
	OWN_FREE char *size = view_size(view, l->bytes);
	OWN_FREE char *end = place_of_end(l);
	OWN_FREE char *path = stack_view_path(place->path);

	if (layer >= 0)
		view_answer(
			view,
			_("%s is %s of layer %s of %zu, %s, owner %u."),
			path, kind_text(l->mode),
			place->labels.items[layer], place->labels.count, size,
			l->uid);
	else if (last && last->end == LOOKUP_DELETED &&
		 strcmp(end, place->path) != 0)
		view_answer(
			view,
			_("%s is not found: %s, which it leads over, was deleted: a whiteout hides what the layers below have."),
			path, end);
	else if (last && last->end == LOOKUP_DELETED)
		view_answer(
			view,
			_("%s was deleted: a whiteout hides what the layers below have."),
			path);
	else
		view_answer(view, _("%s is in no layer of %s."), path,
			    place->name);
	if (place->mounted)
		view_say(
			view, 0,
			_("! At %s something else is mounted: in the container the layers are not asked for this path."),
			place->mounted);
}

/* ---- the cost, in words ---- */

static void draw_cost(struct view *view, const char *what,
		      const struct measured *m, int64_t most)
{
	OWN_FREE char *text = lookup_view_spread(view, m);
	int bar = view->columns - NAME_COLUMNS - SPREAD_COLUMNS;

	bar = bar > BAR_MOST ? BAR_MOST : bar < BAR_LEAST ? BAR_LEAST : bar;
	buf_char(&view->out, ' ');
	view_pad(view, what, NAME_COLUMNS, true);
	view_bar(view, (double)m->median_ns / (double)most, bar);
	buf_fmt(&view->out, " %s\n", text);
}

static void say_cost(struct view *view, const struct lookup *l)
{
	enum measure_order order =
		measure_compare(&l->first, &l->again, FIRST_SLOWER);
	OWN_FREE char *first = lookup_view_spread(view, &l->first);
	OWN_FREE char *again = lookup_view_spread(view, &l->again);
	int64_t most = l->first.median_ns > l->again.median_ns
			       ? l->first.median_ns
			       : l->again.median_ns;

	if (!l->first.count) {
		view_say(view, 1, _("The cost is unknown: %s"),
			 l->why ? l->why : "");
		return;
	}
	if (view->form == VIEW_PLAIN) {
		view_say(view, 0, _("cost of the first look-up: %s"), first);
		view_say(view, 0, _("cost of the same again: %s"), again);
	} else {
		draw_cost(view, _("first time"), &l->first, most);
		draw_cost(view, _("again"), &l->again, most);
	}
	view_say(
		view, 1, "%s",
		order == MEASURE_ABOVE
			? _("The first is slower: it walks through the layers; then the kernel remembers.")
			: _("Which is slower is unknown: too close, or too noisy here."));
	view_say(
		view, 1,
		_("Medians of %zu (middle 80 percent), on mounts of these layers made for it."),
		l->first.count);
}

static void show_text(struct view *view, const struct union_place *place,
		      const struct lookup *l)
{
	say_answer(view, place, l);
	for (size_t i = 0; i < l->count; i++) {
		const struct lookup_step *step = &l->steps[i];
		OWN_FREE char *text = step_text(place, step);
		OWN_FREE char *name = stack_view_path(step->name);
		int at = 2 + NAME_COLUMNS;

		if (view->form == VIEW_PLAIN) {
			view_say(view, 0, "%s: %s", name, text);
			continue;
		}
		buf_char(&view->out, ' ');
		view_pad(view, name, NAME_COLUMNS, true);
		buf_char(&view->out, ' ');
		style_wrap(&view->out, text, at, at, view->columns);
	}
	if (strs_has(&place->labels, "init"))
		view_say(view, 1, _("init is a layer of the runtime's own: the places of its mounts, the same for all containers of the image."));
	say_cost(view, l);
	view_next(view, "lookup --lab");
	view_end(view);
}

/* ---- JSON ---- */

static const char *answer_name(char answer)
{
	switch (answer) {
	case LOOKUP_NO:
		return "no";
	case LOOKUP_FILE:
		return "file";
	case LOOKUP_FOLDER:
		return "folder";
	case LOOKUP_OPAQUE:
		return "opaque_folder";
	case LOOKUP_WHITEOUT:
		return "whiteout";
	case LOOKUP_HIDDEN:
		return "hidden";
	default:
		return "not_asked";
	}
}

static const char *end_name(enum lookup_end end)
{
	switch (end) {
	case LOOKUP_MERGED:
		return "merged";
	case LOOKUP_FOUND:
		return "found";
	case LOOKUP_LINK:
		return "link";
	case LOOKUP_DELETED:
		return "deleted";
	case LOOKUP_MISSING:
		break;
	}
	return "missing";
}

static json_t *steps_json(const struct union_place *place,
			  const struct lookup *l)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < l->count; i++) {
		const struct lookup_step *step = &l->steps[i];
		json_t *answers = json_object();

		for (size_t k = 0; step->answers[k] && k < place->labels.count;
		     k++)
			json_object_set_new(
				answers, place->labels.items[k],
				json_string(answer_name(step->answers[k])));
		json_array_append_new(
			steps,
			json_pack("{s:o, s:I, s:s, s:o, s:o}", "name",
				  stack_view_text(step->name), "asked",
				  (json_int_t)step->asked, "end",
				  end_name(step->end), "target",
				  stack_view_text(step->target), "answers",
				  answers));
	}
	return steps;
}

static void show_json(struct view *view, const struct union_place *place,
		      const struct lookup *l)
{
	ssize_t layer = lookup_layer(l);

	view_json(
		view,
		json_pack(
			"{s:s, s:o, s:o, s:I, s:s?, s:b, s:o, s:I, s:I, s:o, s:o, s:o, s:s}",
			"name", place->name, "path",
			stack_view_text(place->path), "resolved",
			stack_view_text(l->resolved), "layers",
			(json_int_t)place->labels.count, "layer",
			layer < 0 ? NULL : place->labels.items[layer], "found",
			l->found, "mounted", stack_view_text(place->mounted),
			"bytes", (json_int_t)l->bytes, "uid", (json_int_t)l->uid,
			"steps", steps_json(place, l), "first",
			measured_json(&l->first), "again",
			measured_json(&l->again), "first_over_again",
			measure_order_name(measure_compare(&l->first, &l->again,
							   FIRST_SLOWER))),
		"lookup --lab");
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct lookup_opts *o = args->opts;
	OWN_UNION_PLACE struct union_place place = { 0 };
	OWN_LOOKUP struct lookup lookup = { 0 };
	OWN_VIEW struct view view;
	int r;

	view_begin(&view, shell, &o->view);
	if (o->lab)
		return run_lab(&view, shell, err);
	if (args->count == 0)
		return err_set(err, EINVAL,
			       _("lookup wants a place, NAME:/path, or --lab"));
	r = union_place_find(shell, args->words[0], &place, err);
	if (r == 0)
		r = lookup_path(shell->home, &place.folders, place.path,
				&lookup, err);
	if (r < 0)
		return r;
	measured_note(shell, &lookup.first, "lookup first");
	measured_note(shell, &lookup.again, "lookup again");
	if (view.form == VIEW_JSON)
		show_json(&view, &place, &lookup);
	else
		show_text(&view, &place, &lookup);
	return 0;
}

static const char *const examples[] = {
	"lookup busybox:/bin/sh",
	"lookup --lab",
	NULL,
};

const struct cmd cmd_lookup = {
	.name = "lookup",
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS] NAME:/path | --lab",
	.summary = N_(
		"Show how a file is found in the layers of an image or a container, and what it costs"),
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct lookup_opts),
	.examples = examples,
	.lesson = "lookup",
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.first = COMPLETE_WHOSE,
	.rest = COMPLETE_NOTHING,
};
