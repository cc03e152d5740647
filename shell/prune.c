/* shell/prune.c - see prune.h */
#include "shell/prune.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/store.h"
#include "images/usage.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/events.h"
#include "runtime/network.h"
#include "runtime/volume.h"
#include "shell/cmd.h"
#include "shell/confirm.h"
#include "shell/container_row.h"
#include "shell/network_view.h"
#include "shell/progress.h"
#include "shell/report.h"

const char *const prune_keys[] = { "label", "label!", "until", NULL };

void prune_report_done(struct prune_report *report)
{
	buf_done(&report->text);
	*report = (struct prune_report){ 0 };
}

void prune_print(struct shell *shell, const struct prune_report *report)
{
	if (report->text.len)
		fprintf(shell->out, "%s\n", buf_text(&report->text));
}

void prune_print_total(struct shell *shell, int64_t bytes)
{
	char text[HUMAN_SIZE];

	fprintf(shell->out, "Total reclaimed space: %s\n",
		human_size(text, (double)bytes, 4));
}

static void add_line(struct prune_report *report, const char *heading,
		     const char *line)
{
	if (report->text.len == 0)
		buf_fmt(&report->text, "%s\n", heading);
	buf_fmt(&report->text, "%s\n", line);
}

/* Docker tells of every prune that was confirmed, whether it found anything or
 * not. */
static void note_prune(struct shell *shell, const char *type,
		       const struct prune_report *report)
{
	OWN_STRS struct strs pairs = { 0 };

	strs_addf(&pairs, "reclaimed=%lld", (long long)report->bytes);
	events_note(shell->home, type, "prune", "", &pairs);
}

/* ---- containers ---- */

int prune_containers(struct shell *shell, const struct filters *filters,
		     struct prune_report *report, struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	int64_t until = INT64_MAX;
	int r = filters_time(filters, "until", &until, err);

	if (r == 0)
		r = container_list(shell->home, &all, err);
	for (size_t i = 0; i < all.count && r == 0; i++) {
		const struct container *c = &all.items[i];
		struct err one = { 0 };
		int64_t bytes = 0;

		if (interrupt_seen())
			return interrupt_err(err);
		if (container_is_up(c) || c->created_ns > until ||
		    !filters_labels(filters, &c->spec.labels))
			continue;
		(void)container_size(shell->home, c->spec.id, &bytes, &one);
		if (container_remove(shell->home, c->spec.id, false, &one) <
		    0) {
			report_failure(shell, NULL, NULL, &one);
			continue;
		}
		add_line(report, "Deleted Containers:", c->spec.id);
		report->bytes += bytes;
	}
	if (r == 0)
		note_prune(shell, "container", report);
	return r;
}

/* ---- networks ---- */

int prune_networks(struct shell *shell, const struct filters *filters,
		   struct prune_report *report, struct err *err)
{
	OWN_CONTAINERS struct containers containers = { 0 };
	OWN_NETWORKS struct networks all = { 0 };
	int64_t until = INT64_MAX;
	int r = filters_time(filters, "until", &until, err);

	if (r == 0)
		r = container_list(shell->home, &containers, err);
	if (r == 0)
		r = network_list(shell->home, &all, err);
	for (size_t i = 0; i < all.count && r == 0; i++) {
		const struct network *network = &all.items[i];
		struct err one = { 0 };

		if (network_is_built_in(network) ||
		    network->created_ns > until ||
		    !filters_labels(filters, &network->labels) ||
		    network_view_in_use(network, &containers))
			continue;
		/* Somebody may have come meanwhile: it stays then. */
		if (network_remove(shell->home, network->id, &one) < 0)
			continue;
		network_view_note(shell, network, "destroy", NULL);
		add_line(report, "Deleted Networks:", network->name);
	}
	return r;
}

/* ---- volumes ---- */

static void note_volumes(struct shell *shell, int64_t bytes)
{
	OWN_STRS struct strs pairs = { 0 };

	strs_addf(&pairs, "reclaimed=%lld", (long long)bytes);
	events_note(shell->home, "volume", "prune", "", &pairs);
}

int prune_volumes(struct shell *shell, const struct filters *filters,
		  struct prune_report *report, struct err *err)
{
	OWN_CONTAINERS struct containers containers = { 0 };
	OWN_VOLUMES struct volumes all = { 0 };
	int r = container_list(shell->home, &containers, err);

	if (r == 0)
		r = volume_list(shell->home, &all, err);
	for (size_t i = 0; i < all.count && r == 0; i++) {
		const struct volume *v = &all.items[i];
		OWN_STRS struct strs users = { 0 };
		struct err one = { 0 };
		int64_t bytes = 0;

		if (interrupt_seen())
			return interrupt_err(err);
		volume_users(&containers, v->name, &users);
		/* One that was made with -o is somebody's choice: `rm` alone
		 * takes it. */
		if (users.count || v->options.count ||
		    !filters_labels(filters, &v->labels))
			continue;
		(void)volume_size(shell->home, v->name, &bytes, &one);
		one = (struct err){ 0 };
		if (volume_remove(shell->home, v->name, NULL, &one) < 0) {
			if (one.code != EBUSY && one.code != ENOENT)
				report_failure(shell, NULL, NULL, &one);
			continue;
		}
		add_line(report, "Deleted Volumes:", v->name);
		report->bytes += bytes;
	}
	if (r == 0)
		note_volumes(shell, report->bytes);
	return r;
}

/* ---- images ---- */

/* One prune of images. bytes: of the layers, asked for while they are there. */
struct image_prune {
	struct shell *shell;
	struct prune_report *report;
};

static int take_away(struct image_prune *p, const struct image *image,
		     const char *name, struct err *err)
{
	OWN_STRS struct strs lines = { 0 };
	OWN_FREE int64_t *sizes =
		mem_zero(image->chains.count + 1, sizeof(*sizes));
	struct err kept = { 0 };
	int r = 0;

	for (size_t i = 0; i < image->chains.count && r == 0; i++)
		r = image_usage_layer(p->shell->store, image->chains.items[i],
				      &sizes[i], err);
	if (r == 0)
		r = image_remove(p->shell->store, name, false, false, &lines,
				 &kept);
	if (r == -EBUSY || r == -ENOENT)
		return 0; /* somebody uses it, or took it away before */
	if (r < 0) {
		if (kept.code)
			*err = kept;
		return r;
	}
	for (size_t i = 0; i < lines.count; i++) {
		char *line = lines.items[i];

		line[0] = (char)(line[0] | 0x20); /* Docker's are lower case */
		add_line(p->report, "Deleted Images:", line);
		for (size_t c = 0; c < image->chains.count; c++)
			if (strstr(line, image->chains.items[c]))
				p->report->bytes += sizes[c];
	}
	return 0;
}

/* By its names, one by one; one without any by its id. */
static int prune_image(struct image_prune *p, const struct image *image,
		       struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	int r = 0;

	strs_copy(&names, &image->tags);
	strs_copy(&names, &image->digests);
	if (names.count == 0)
		strs_add(&names, image->id);
	for (size_t i = 0; i < names.count && r == 0; i++)
		r = interrupt_seen() ? interrupt_err(err)
				     : take_away(p, image, names.items[i], err);
	return r;
}

/* Docker asks this only at an image's last name and takes the others away. What it
 * promises is that images of containers stay, so here all of their names do. */
static bool is_used(const struct containers *containers, const char *id)
{
	for (size_t i = 0; i < containers->count; i++) {
		const char *used = containers->items[i].spec.image_id;

		if (used && strcmp(used, id) == 0)
			return true;
	}
	return false;
}

int prune_images(struct shell *shell, const struct filters *filters, bool all,
		 struct prune_report *report, struct err *err)
{
	struct image_prune p = { .shell = shell, .report = report };
	OWN_CONTAINERS struct containers containers = { 0 };
	struct image_list list = { 0 };
	struct err ignored = { 0 };
	int64_t until = INT64_MAX;
	int r = filters_time(filters, "until", &until, err);
	int cleared;

	if (r == 0)
		r = container_list(shell->home, &containers, err);
	if (r == 0)
		r = image_list(shell->store, false, &list, err);
	image_removals_begin(shell->store);
	for (size_t i = 0; i < list.count && r == 0; i++) {
		const struct image *image = &list.items[i];

		if (image->created_ns > until ||
		    !filters_labels(filters, &image->config.labels) ||
		    (!all && image->tags.count) ||
		    is_used(&containers, image->id))
			continue;
		r = prune_image(&p, image, err);
	}
	image_list_done(&list);
	cleared = image_removals_end(shell->store, r == 0 ? err : &ignored);
	r = r == 0 ? cleared : r;
	if (r == 0)
		note_prune(shell, "image", report);
	return r;
}

int prune_command(struct shell *shell, const struct prune_command *command,
		  int64_t *out_bytes, struct err *err)
{
	OWN_FREE char *question =
		mem_fmt("WARNING! %s\nAre you sure you want to continue?",
			command->warning);
	OWN_FILTERS struct filters filters = { 0 };
	OWN_PRUNE struct prune_report report = { 0 };
	struct progress progress;
	int r = filters_read(&filters, command->filter, command->keys, err);

	if (r == 0)
		r = command->force ? 1 : confirm(shell, question, err);
	if (r <= 0)
		return r;
	progress_begin(&progress, shell, "", false);
	r = command->prune(shell, &filters, &report, err);
	progress_end(&progress);
	prune_print(shell, &report);
	*out_bytes = report.bytes;
	return r < 0 ? r : 1;
}
