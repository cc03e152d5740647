/* shell/welcome.h - what is said when the prompt begins. */
#ifndef SHELL_WELCOME_H
#define SHELL_WELCOME_H

struct shell;

/* Opens the home, takes over the language that was chosen last; the first time,
 * says what this is and what to type. Without a home it says why and goes on:
 * `help` works without. */
void welcome(struct shell *shell);

#endif
