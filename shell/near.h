/* shell/near.h - the container, image, network or volume that a mistyped name meant. */
#ifndef SHELL_NEAR_H
#define SHELL_NEAR_H

#include <stdbool.h>

struct err;
struct shell;

/* Where *err names something that is not there ("No such container: x", "network x
 * not found" ...), sets the hint to the name nearest to x, to the command that fits
 * the kind of thing x is, or to how one lists them. Other failures are left alone. */
void near_hint(const struct shell *shell, struct err *err);

/* Hints at the image nearest to a name; `otherwise` where there is none. */
void near_image(const struct shell *shell, const char *shown,
		const char *otherwise, struct err *err);

/* Hints at the container nearest to a name, or at how one lists them. */
void near_container(const struct shell *shell, const char *shown,
		    struct err *err);

/* Hints at the nearest name of whatever is here: a container, an image, a network or a
 * volume; `otherwise` where there is none. */
void near_object(const struct shell *shell, const char *typed,
		 const char *otherwise, struct err *err);

/* Whether something of exactly that name is there. False without a home. */
bool near_is_container(const struct shell *shell, const char *name);
bool near_is_image(const struct shell *shell, const char *name);

/* Whether a lesson is called so, by its id, number or folder. */
bool near_is_lesson(const struct shell *shell, const char *name);

/* Hints at the file nearest to a path that is not there; else, and false, at how one
 * lists them. */
bool near_file(const char *path, struct err *err);

#endif
