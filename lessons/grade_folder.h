/* lessons/grade_folder.h - folders that a grader works in, and leaves behind when it is
 * killed.
 *
 * They lie in $TMPDIR, called "dockershell-KIND.PID.XXXXXX"; each grader removes those
 * of its own account whose process is no more. */
#ifndef LESSONS_GRADE_FOLDER_H
#define LESSONS_GRADE_FOLDER_H

struct err;

/* Makes one. *out_path is given. Returns it opened (given), or -errno. */
int grade_folder_make(const char *kind, char **out_path, struct err *err);

/* Removes it and all in it, files of containers, too. */
void grade_folder_remove(const char *path);

/* Removes what graders that were killed have left. */
void grade_folder_sweep(void);

#endif
