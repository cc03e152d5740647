/* runtime/init.h - a small process 1 in front of the program (--init).
 *
 * Process 1 is special: orphans become its children, and signals it has no
 * handler for are lost on it. Few programs know; this one (init/program.c) does
 * nothing else.
 *
 * It must not be our own program: whoever gets hold of /proc/1/exe could write to
 * it (CVE-2019-5736). It is a file in memory that nobody can write to any more, of
 * no name, so no image has to have it and `diff` does not show it. */
#ifndef RUNTIME_INIT_H
#define RUNTIME_INIT_H

struct err;
struct strs;

/* Makes the file; needs a /proc. Returns its descriptor (given). */
int init_prepare(struct err *err);

/* To be called shortly before exec, rights dropped: the caller becomes that
 * program, and the function returns 0 in a child of it, which is to exec. Once the
 * child has ended, process 1 ends with its exit status, 128 + n for signal n.
 *
 * args  what will be run, for `ps` to show */
int init_split(int program, const struct strs *args, struct err *err);

#endif
