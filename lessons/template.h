/* lessons/template.h - a new lesson to begin from: whole, and it works. */
#ifndef LESSONS_TEMPLATE_H
#define LESSONS_TEMPLATE_H

struct err;

/* Makes the folder `dir`/NAME with lesson.lua, both texts and files/. -EEXIST:
 * it is there already; -EINVAL: that is no id. */
int template_write(const char *dir, const char *name, struct err *err);

#endif
