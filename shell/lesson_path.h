/* shell/lesson_path.h - the way through the lessons that this learner follows. */
#ifndef SHELL_LESSON_PATH_H
#define SHELL_LESSON_PATH_H

struct err;
struct shell;

/* The id of the lesson that comes after the one under way (given). -ENOENT: all
 * are finished. */
int lesson_path_next(struct shell *shell, char **out, struct err *err);

/* Where no lesson is under way: adds to `err` what can be learnt now. The one that was
 * left last counts as long as it is not finished. Returns as err_hint does. */
int lesson_path_hint(struct shell *shell, struct err *err);

/* Follows another path from now on; *out_lesson: where the learner is on it
 * (given). -ENOENT: no such path, or nothing on it is there. */
int lesson_path_follow(struct shell *shell, const char *id, char **out_lesson,
		       struct err *err);

#endif
