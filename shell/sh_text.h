/* shell/sh_text.h - the text that /bin/sh gets for a line. */
#ifndef SHELL_SH_TEXT_H
#define SHELL_SH_TEXT_H

struct buf;
struct shell;

/* Adds the line, with what stands in front of it: the aliases that make our words
 * mean in it what they mean at the prompt, what earlier lines told sh (keep.h),
 * and `before`, commands of the caller's, or "". Line numbers in sh's own
 * messages are those of the script, or count from 1. */
void sh_text_make(const struct shell *shell, const char *before,
		  const char *line, struct buf *out);

#endif
