/* shell/ps_view.h - ps(1)'s columns, for `top`.
 *
 * Docker's `top` runs the machine's ps; here /proc is read and the columns are
 * made by this program, so that no ps is needed and the same options mean the
 * same everywhere. What is understood:
 *
 *   -ef, -f            UID PID PPID C STIME TTY TIME CMD (the default)
 *   -e, -A             PID TTY TIME CMD
 *   aux, -aux, u       USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND
 *   ax                 PID TTY STAT TIME COMMAND
 *   -o LIST, -eo LIST, o LIST, --format LIST   any of the columns, NAME=HEADING
 *
 * Source: ps(1), "STANDARD FORMAT SPECIFIERS"; proc_pid_stat(5). */
#ifndef SHELL_PS_VIEW_H
#define SHELL_PS_VIEW_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/base/list.h"

struct err;
struct ps_column;
struct table;

enum { PS_MOST_COLUMNS = 64 };

struct ps_view {
	const struct ps_column *columns[PS_MOST_COLUMNS];
	struct strs headings;
};
void ps_view_done(struct ps_view *view);
#define OWN_PS_VIEW __attribute__((cleanup(ps_view_done)))

/* Reads ps options. -EINVAL: one that is not understood, with what is. */
int ps_view_read(struct ps_view *view, int count, char *const *words,
		 struct err *err);

/* Adds the headings, or the row of one process; false: it is gone. */
void ps_view_head(const struct ps_view *view, struct table *table);
bool ps_view_row(const struct ps_view *view, pid_t pid, struct table *table);

/* Whether a heading is `text`. */
bool ps_view_has(const struct ps_view *view, const char *text);

#endif
