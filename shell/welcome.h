/* shell/welcome.h - what is said when the prompt begins. */
#ifndef SHELL_WELCOME_H
#define SHELL_WELCOME_H

#include <stdbool.h>

struct shell;

/* Opens the home, takes over the language that was chosen last; the first time,
 * says what this is and what to type. Without a home it says why and goes on:
 * `help` works without.
 *
 * The first time, the images that come with the program are unpacked as well, by a
 * child, while the user reads: the prompt need not wait for them. A command that
 * comes before they are there waits at the database. */
void welcome(struct shell *shell);

/* Forgets that child where it has ended; `wait`: waits for its end. */
void welcome_settle(bool wait);

#endif
