/* shell/cmd_du.c - du: what is really on the disk, shared and own.
 *
 *   NAME            OWN    SHARED   A REMOVAL FREES
 *   ten:latest    3.2MB       2MB   3.2MB
 *   web             4kB             4kB
 *
 * The sum is what du(1) says of the home; what `images` says is another number, and the
 * view says why. */
#include <string.h>

#include "images/disk.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/progress.h"
#include "shell/stack_view.h"
#include "shell/view.h"

enum { NAME_COLUMNS = 24, SIZE_COLUMNS = 9 };

struct du_opts {
	struct view_opts view;
};

static const struct opt opts[] = {
	VIEW_OPTS(struct du_opts, view),
	{ 0 },
};

static const char *const kinds[DISK_KINDS] = {
	[DISK_IMAGE] = "image",	  [DISK_CONTAINER] = "container",
	[DISK_VOLUME] = "volume", [DISK_SHARED] = "shared_layers",
	[DISK_LEFT] = "left_layers", [DISK_STEPS] = "build_steps",
	[DISK_OWN] = "own_records",
};

/* Of each kind its heading, or what the one thing of it is called. */
static const char *const words[DISK_KINDS] = {
	[DISK_IMAGE] = N_("IMAGES"),
	[DISK_CONTAINER] = N_("CONTAINERS"),
	[DISK_VOLUME] = N_("VOLUMES"),
	[DISK_SHARED] = N_("layers of several images, once"),
	[DISK_LEFT] = N_("layers without an image"),
	[DISK_STEPS] = N_("notes of build steps"),
	[DISK_OWN] = N_("database, events, locks"),
};

static void put_answer(struct view *view, const struct shell *shell,
		       const struct disk *disk)
{
	OWN_FREE char *total = view_size(view, disk->total);
	OWN_FREE char *images = view_size(
		view, disk->sums[DISK_IMAGE] + disk->sums[DISK_SHARED] +
			      disk->sums[DISK_LEFT] + disk->sums[DISK_STEPS]);
	OWN_FREE char *containers =
		view_size(view, disk->sums[DISK_CONTAINER]);
	OWN_FREE char *volumes = view_size(view, disk->sums[DISK_VOLUME]);

	view_answer(view,
		    _("%s takes %s on the disk: images %s, containers %s, volumes %s."),
		    shell->home->path, total, images, containers, volumes);
	if (disk->elsewhere)
		view_say(view, 2,
			 _("This is a lesson's world: its layers lie in the home around it and are not counted here."));
}

/* "not while web, db need it" or "". Given. */
static char *note_of(const struct disk_thing *thing)
{
	OWN_FREE char *users = strs_join(&thing->users, ", ");

	return thing->users.count ? mem_fmt(_("needed by %s"), users) :
				    mem_str("");
}

static void put_thing(struct view *view, const struct disk_thing *thing)
{
	OWN_FREE char *own = view_size(view, thing->own);
	OWN_FREE char *shared = view_size(view, thing->shared);
	OWN_FREE char *frees = view_size(view, thing->frees);
	OWN_FREE char *note = note_of(thing);
	OWN_FREE char *name = NULL;

	if (view->form == VIEW_PLAIN) {
		view_say(view, 0,
			 *note ? _("%s: own %s, shared %s, a removal frees %s: %s") :
				 _("%s: own %s, shared %s, a removal frees %s"),
			 thing->name, own, shared, frees, note);
		return;
	}
	name = mem_fmt("  %s", thing->name);
	view_pad(view, name, NAME_COLUMNS, true);
	view_right(view, own, SIZE_COLUMNS);
	view_right(view, thing->kind == DISK_IMAGE ? shared : "",
		   SIZE_COLUMNS);
	if (*note) {
		int at = NAME_COLUMNS + 2 * SIZE_COLUMNS + 2;

		buf_str(&view->out, "  ");
		style_wrap(&view->out, note, at, at, view->columns);
	} else {
		view_right(view, frees, SIZE_COLUMNS);
		buf_char(&view->out, '\n');
	}
}

static void put_heading(struct view *view, enum disk_kind kind)
{
	if (view->form == VIEW_PLAIN)
		return;
	view_pad(view, _(words[kind]), NAME_COLUMNS, true);
	view_right(view, _("OWN"), SIZE_COLUMNS);
	view_right(view, kind == DISK_IMAGE ? _("SHARED") : "", SIZE_COLUMNS);
	view_right(view, _("FREES"), SIZE_COLUMNS);
	buf_char(&view->out, '\n');
}

static void put_kind(struct view *view, const struct disk *disk,
		     enum disk_kind kind)
{
	bool any = false;

	for (size_t i = 0; i < disk->count; i++) {
		if (disk->things[i].kind != kind)
			continue;
		if (!any)
			put_heading(view, kind);
		any = true;
		put_thing(view, &disk->things[i]);
	}
}

static void put_singles(struct view *view, const struct disk *disk)
{
	if (view->form == VIEW_DRAWN)
		view_say(view, 0, "%s", _("THE REST"));
	for (int kind = DISK_SHARED; kind < DISK_KINDS; kind++) {
		OWN_FREE char *size = view_size(view, disk->sums[kind]);
		OWN_FREE char *name = mem_fmt("  %s", _(words[kind]));

		if (!disk->sums[kind])
			continue;
		if (view->form == VIEW_PLAIN) {
			view_say(view, 0, "%s: %s", _(words[kind]), size);
			continue;
		}
		view_pad(view, name, NAME_COLUMNS + SIZE_COLUMNS, true);
		view_right(view, size, SIZE_COLUMNS);
		buf_char(&view->out, '\n');
	}
}

static void put_sum(struct view *view, const struct disk *disk)
{
	OWN_FREE char *usual = NULL;
	int64_t bytes = 0;

	for (size_t i = 0; i < disk->count; i++)
		if (disk->things[i].kind == DISK_IMAGE)
			bytes += disk->things[i].usual;
	usual = view_size(view, bytes);
	view_say(view, 2,
		 _("Adds up: %lld bytes, as `du -s` of the folder. The sizes in `images` make %s together: they count a shared layer once for each image, and lengths, not blocks and folders."),
		 (long long)disk->total, usual);
	if (disk->refused)
		view_say(view, 2,
			 _("du(1) as you are says less: there are folders that it may not look into."));
}

/* ---- JSON ---- */

static json_t *du_json(const struct shell *shell, const struct disk *disk)
{
	json_t *things = json_array();

	for (size_t i = 0; i < disk->count; i++) {
		const struct disk_thing *thing = &disk->things[i];

		json_array_append_new(
			things,
			json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:o}", "kind",
				  kinds[thing->kind], "name", thing->name,
				  "own_bytes", (json_int_t)thing->own,
				  "shared_bytes", (json_int_t)thing->shared,
				  "frees_bytes", (json_int_t)thing->frees,
				  "length_bytes", (json_int_t)thing->usual,
				  "needed_by",
				  stack_view_strs(&thing->users)));
	}
	return json_pack("{s:o,s:I,s:b,s:o}", "home",
			 stack_view_text(shell->home->path), "total_bytes", (json_int_t)disk->total,
			 "layers_elsewhere", disk->elsewhere, "things", things);
}

/* What gives back most. */
static char *next_of(const struct disk *disk)
{
	const struct disk_thing *best = NULL;

	for (size_t i = 0; i < disk->count; i++)
		if (disk->things[i].kind == DISK_IMAGE &&
		    (!best || disk->things[i].own + disk->things[i].shared >
				      best->own + best->shared))
			best = &disk->things[i];
	return best ? mem_fmt("layers %s", best->name) : mem_str("system df");
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct du_opts *o = args->opts;
	OWN_DISK struct disk disk = { 0 };
	OWN_VIEW struct view view = { 0 };
	OWN_FREE char *next = NULL;
	struct progress progress;
	int r;

	progress_begin(&progress, shell, "", true); /* for Ctrl-C */
	r = disk_read(shell->store, &disk, err);
	progress_end(&progress);
	if (r < 0)
		return r;
	next = next_of(&disk);
	view_begin(&view, shell, &o->view);
	if (view.form == VIEW_JSON) {
		view_json(&view, du_json(shell, &disk), next);
		return 0;
	}
	put_answer(&view, shell, &disk);
	put_kind(&view, &disk, DISK_IMAGE);
	put_kind(&view, &disk, DISK_CONTAINER);
	put_kind(&view, &disk, DISK_VOLUME);
	put_singles(&view, &disk);
	put_sum(&view, &disk);
	view_next(&view, "%s", next);
	view_end(&view);
	return 0;
}

static const char *const examples[] = {
	"du",
	"du --plain",
	NULL,
};

const struct cmd cmd_du = {
	.name = "du",
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS]",
	.summary = N_("Show what is really on the disk: shared, own, and what a removal frees"),
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct du_opts),
	.examples = examples,
	.lesson = "merge",
	.run = run,
	.job = true,
	.pages = true,
	.ours = true,
};
