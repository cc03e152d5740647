/* shell/limit_notes.h - the words about limits that are not kept here.
 *
 * Docker warns of each before it starts a container and goes on; so do run,
 * create and update. */
#ifndef SHELL_LIMIT_NOTES_H
#define SHELL_LIMIT_NOTES_H

struct shell;
struct spec;

/* Prints "WARNING: ..." in Docker's words for each, and at the prompt under it
 * what is done instead. Nothing where all are kept. */
void limit_notes_print(struct shell *shell, const struct spec *spec);

/* The same for --kernel-memory, which no kernel of today keeps. */
void limit_notes_kernel_memory(struct shell *shell);

#endif
