/* runtime/init.h - a small process 1 in front of the program (--init).
 *
 * Process 1 is special: orphans become its children, and signals it has no
 * handler for are lost on it. Few programs know; this one does nothing else. */
#ifndef RUNTIME_INIT_H
#define RUNTIME_INIT_H

struct err;
struct strs;

/* To be called shortly before exec, rights dropped: the caller stays behind as
 * process 1, and the function returns 0 in a child of it, which is to exec. Once
 * the child has ended, process 1 ends with its exit status, 128 + n for signal n.
 *
 * args  what will be run, for `ps` to show
 *
 * Process 1 is our own program, and the container must not get at it
 * (CVE-2019-5736): it is not dumpable, so nobody in there may follow its links in
 * /proc or look into its memory, and it has no descriptor open. */
int init_split(const struct strs *args, struct err *err);

#endif
