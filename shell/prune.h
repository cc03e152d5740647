/* shell/prune.h - what nobody uses, removed: shared by the prune commands.
 *
 * Source: Docker's daemon/prune.go, daemon/images/image_prune.go. */
#ifndef SHELL_PRUNE_H
#define SHELL_PRUNE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "shell/filter.h"

struct err;
struct shell;
struct strs;

/* What the prune commands take with --filter: label, label!, until. */
extern const char *const prune_keys[];

/* text   what is printed of it: "Deleted Containers:\n<id>\n", or nothing
 * bytes  how much became free */
struct prune_report {
	struct buf text;
	int64_t bytes;
};

void prune_report_done(struct prune_report *report);
#define OWN_PRUNE __attribute__((cleanup(prune_report_done)))

/* Containers that do not run. One that cannot be removed stays and is said on
 * shell->err_out. */
int prune_containers(struct shell *shell, const struct filters *filters,
		     struct prune_report *report, struct err *err);

/* Images without a name, or with `all` every one that no container uses. */
int prune_images(struct shell *shell, const struct filters *filters, bool all,
		 struct prune_report *report, struct err *err);

/* Networks of the user's own that no running container is on. */
int prune_networks(struct shell *shell, const struct filters *filters,
		   struct prune_report *report, struct err *err);
/* Volumes that no container mounts. */
int prune_volumes(struct shell *shell, const struct filters *filters,
		  struct prune_report *report, struct err *err);

/* `container prune` and its like: what is asked for, and who removes it.
 *
 * filter, keys  what --filter was given, and may be given
 * force         do not ask first
 * warning       in Docker's words; the question follows it */
struct prune_command {
	const struct strs *filter;
	const char *const *keys;
	bool force;
	const char *warning;
	int (*prune)(struct shell *shell, const struct filters *filters,
		     struct prune_report *report, struct err *err);
};

/* Reads the filters, asks, removes, and prints what was removed. Returns 1 where it did,
 * 0 where the answer was no. *out_bytes: how much became free. */
int prune_command(struct shell *shell, const struct prune_command *command,
		  int64_t *out_bytes, struct err *err);

/* Prints the text with an empty line below it, where there is any. */
void prune_print(struct shell *shell, const struct prune_report *report);

/* "Total reclaimed space: 3B" */
void prune_print_total(struct shell *shell, int64_t bytes);

#endif
