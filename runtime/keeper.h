/* runtime/keeper.h - a process of ours that stays with a program.
 *
 * Owns how such a process lets go of whoever started it: the monitor of a
 * container and the keeper of an exec are both made by fork(2) from the shell, and
 * must hold nothing of its terminal, folder and files. */
#ifndef RUNTIME_KEEPER_H
#define RUNTIME_KEEPER_H

/* A session of its own, /dev/null for its streams, no other descriptor than
 * those in `keep` (count of them), / as its folder, no signal blocked but SIGPIPE.
 * `name` is what ps shows. */
void keeper_leave_starter(const char *name, const int *keep, int count);

#endif
