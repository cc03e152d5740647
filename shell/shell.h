/* shell/shell.h - the program's state: what is opened when.
 *
 * A command that needs no store opens none, and `help` not even the home: what
 * is needed is opened when it is first asked for. */
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

struct err;
struct shell;

/* Standard streams, language and colour as the environment has them. Opens
 * nothing. */
void shell_init(struct shell *shell);

/* Closes whatever is open. The lesson under way stays the current one. */
void shell_done(struct shell *shell);

/* Opens the home (made where it is not there), or the home and its store. In a
 * lesson they are the lesson's. Fine when they are open already. */
int shell_need_home(struct shell *shell, struct err *err);
int shell_need_store(struct shell *shell, struct err *err);

/* Closes the home in use and the user's own: `lesson` and the like do it when
 * another one takes their place. */
void shell_close_homes(struct shell *shell);

#endif
