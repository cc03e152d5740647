/* shell/near.h - the container or image that a mistyped name meant. */
#ifndef SHELL_NEAR_H
#define SHELL_NEAR_H

struct err;
struct shell;

/* Where *err says "No such container: x", "No such image: x" or "No such object:
 * x", "No such network: x", sets the hint to the name nearest to x, or to how one lists them. Other
 * failures are left alone. */
void near_hint(struct shell *shell, struct err *err);

#endif
