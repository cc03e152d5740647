/* shell/cmd_cow.c - cow: copy on write, before and after, and what it costs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/lookup.h"
#include "shell/cmd.h"
#include "shell/cow_view.h"
#include "shell/measured.h"
#include "shell/progress.h"
#include "shell/union_place.h"
#include "shell/view.h"

struct cow_opts {
	struct view_opts view;
	bool lab;
	struct opt_number append;
};

#define AT(member) offsetof(struct cow_opts, member)

enum { MOST_APPEND = 100000000 };

static const struct opt opts[] = {
	VIEW_OPTS(struct cow_opts, view),
	{ "append", 0, OPT_BYTES, "bytes",
	  N_("Append that much to the file; 1 without it"), NULL, AT(append),
	  0 },
	{ "lab", 0, OPT_FLAG, NULL,
	  N_("Try it out with files of 1, 10 and 100 MB; so does `cow` alone"),
	  NULL, AT(lab), 0 },
	{ 0 },
};

static int no_room(const struct lab *lab, int64_t needs, struct err *err)
{
	char want[HUMAN_SIZE];
	char have[HUMAN_SIZE];

	err_set(err, ENOSPC,
		_("the experiment writes up to %s, and the disk has %s"),
		human_size(want, (double)needs, 3),
		human_size(have, (double)lab_free_bytes(lab), 3));
	return err_hint(
		err,
		_("`system prune` frees what nobody uses; --home DIR names a place on another disk"));
}

static bool has_room(const struct lab *lab, int64_t bytes)
{
	int64_t free_bytes = lab_free_bytes(lab);

	return free_bytes < 0 || free_bytes >= cow_lab_needs(bytes);
}

/* ---- the experiment ---- */

static int measure_all(const struct lab *lab, struct progress *progress,
		       struct cow_shown *shown, struct buf *options,
		       struct err *err)
{
	int r = 0;

	for (int i = 0; i < COW_LAB_ROWS && r == 0; i++) {
		progress_step(progress, (size_t)i + 1, COW_LAB_ROWS);
		if (!has_room(lab, cow_lab_bytes[i]))
			break;
		buf_clear(options);
		r = interrupt_seen()
			    ? interrupt_err(err)
			    : cow_lab_measure(lab, cow_lab_bytes[i],
					      &shown->rows[i], options, err);
		shown->count += r == 0;
	}
	if (r == 0 && !shown->count)
		return no_room(lab, cow_lab_needs(cow_lab_bytes[0]), err);
	return r == 0 ? cow_lab_facts(lab, &shown->facts, err) : r;
}

static void note_rows(const struct shell *shell, const struct cow_shown *shown)
{
	for (size_t i = 0; i < shown->count; i++) {
		const struct cow_row *row = &shown->rows[i];
		int mega = (int)(row->bytes / 1000000);

		measured_note(shell, &row->first, "copy-up %d", mega);
		measured_note(shell, &row->second, "second open %d", mega);
		measured_note(shell, &row->volume, "volume open %d", mega);
	}
	measured_note(shell, &shown->facts.overlay_append, "append overlay");
	measured_note(shell, &shown->facts.volume_append, "append volume");
}

static int run_lab(struct view *view, struct shell *shell, struct err *err)
{
	OWN_BUF struct buf options = { 0 };
	OWN_LAB struct lab lab = LAB_NONE;
	struct cow_shown shown = { 0 };
	struct progress progress;
	int r;

	progress_begin(&progress, shell, _("Measuring - "),
		       view->form == VIEW_PLAIN);
	r = lab_begin(shell->home, &lab, err);
	if (r == 0) {
		shown.shares = lab_shares_blocks(&lab);
		r = measure_all(&lab, &progress, &shown, &options, err);
	}
	lab_end(&lab);
	progress_end(&progress);
	if (r < 0)
		return r;
	shown.options = buf_text(&options);
	note_rows(shell, &shown);
	cow_view_lab(view, &shown);
	return 0;
}

/* ---- a file of the user's ---- */

static int measure_file(struct shell *shell, const struct cow_file *file,
			struct cow_shown *shown, struct buf *options,
			struct err *err)
{
	OWN_LAB struct lab lab = LAB_NONE;
	struct progress progress;
	int r;

	progress_begin(&progress, shell, _("Measuring - "), false);
	r = lab_begin(shell->home, &lab, err);
	if (r == 0 && !has_room(&lab, file->bytes + file->append))
		r = no_room(&lab, cow_lab_needs(file->bytes + file->append),
			    err);
	if (r == 0) {
		shown->shares = lab_shares_blocks(&lab);
		r = cow_lab_measure_file(&lab, file, &shown->rows[0], options,
					 err);
		shown->count = 1;
	}
	lab_end(&lab);
	progress_end(&progress);
	return r;
}

/* Only files have content to copy. */
static int check_file(const struct union_place *place,
		      const struct lookup *lookup, struct err *err)
{
	if (!lookup->found) {
		err_set(err, ENOENT, _("there is no %s in %s"), place->path,
			place->name);
		return err_hint(err,
				_("`lookup %s:%s` shows how it was looked for"),
				place->name, place->path);
	}
	if (S_ISREG(lookup->mode))
		return 0;
	if (S_ISLNK(lookup->mode))
		return err_set(err, EINVAL,
			       _("%s is a link to %s: name the file itself"),
			       place->path,
			       lookup->steps[lookup->count - 1].target);
	return err_set(
		err, EINVAL,
		_("%s is no file: copy on write copies the content of files"),
		place->path);
}

static int run_file(struct view *view, struct shell *shell,
		    const struct args *args, struct err *err)
{
	const struct cow_opts *o = args->opts;
	OWN_UNION_PLACE struct union_place place = { 0 };
	OWN_LOOKUP struct lookup lookup = { 0 };
	OWN_BUF struct buf options = { 0 };
	struct cow_shown shown = { 0 };
	struct cow_file file = { .append = o->append.given ? o->append.value
							   : 1 };
	int r = union_place_find(shell, args->words[0], &place, err);

	if (r == 0)
		r = lookup_path(shell->home, &place.folders, place.path,
				&lookup, err);
	if (r == 0 && !place.mounted)
		r = check_file(&place, &lookup, err);
	if (r < 0)
		return r;
	if (place.mounted ||
	    strcmp(place.labels.items[lookup_layer(&lookup)], "rw") == 0) {
		cow_view_nothing(view, &place, &lookup);
		return 0;
	}
	file.layers = &place.folders;
	file.path = lookup.resolved;
	file.bytes = lookup.bytes;
	r = measure_file(shell, &file, &shown, &options, err);
	if (r < 0)
		return r;
	shown.options = buf_text(&options);
	measured_note(shell, &shown.rows[0].first, "cow first");
	measured_note(shell, &shown.rows[0].second, "cow second");
	measured_note(shell, &shown.rows[0].volume, "cow volume");
	cow_view_file(view, &place, &lookup, &shown, file.append);
	return 0;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct cow_opts *o = args->opts;
	OWN_VIEW struct view view;

	view_begin(&view, shell, &o->view);
	if (o->append.given &&
	    (o->append.value < 0 || o->append.value > MOST_APPEND))
		return err_set(err, EINVAL, _("--append takes up to 100 MB"));
	if (o->lab || args->count == 0)
		return run_lab(&view, shell, err);
	return run_file(&view, shell, args, err);
}

static const char *const examples[] = {
	"cow busybox:/bin/busybox --append 1",
	"cow --lab",
	NULL,
};

const struct cmd cmd_cow = {
	.name = "cow",
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS] [NAME:/path]",
	.summary = N_(
		"Show what the first write to a file of the image copies; tried on a throw-away layer, no container is changed"),
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct cow_opts),
	.examples = examples,
	.lesson = "cow",
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.first = COMPLETE_WHOSE,
	.rest = COMPLETE_NOTHING,
};
