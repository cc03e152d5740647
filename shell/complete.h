/* shell/complete.h - the Tab key, from the table of commands. */
#ifndef SHELL_COMPLETE_H
#define SHELL_COMPLETE_H

#include <stdbool.h>

struct shell;
struct strs;

/* Joins readline to it. */
void complete_set_up(struct shell *shell);

/* What may stand at the end of `line` (cut at the cursor): the words that go on
 * with what stands there. Files are left out, *out_files says that they fit. */
void complete_line(struct shell *shell, const char *line, struct strs *out,
		   bool *out_files);

#endif
