/* lessons/trail.h - how the learner's files were at each command.
 *
 * Between two commands a learner edits files, with whatever editor. To do the same
 * work once more, as grading does, each command needs the files as they were then.
 * So before a command what has changed in the learner's folder is put into the log:
 *
 *   lessons/progress/ID.log           {"file":"site/Dockerfile","content":HEX,"program":}
 *                                     {"made":"image HEX"}, what a command made
 *   lessons/progress/ID.trail         what was there at the last look
 *   lessons/progress/ID.history/HEX   the contents
 *
 * Large files, and folders of very many, are let be: what a command made is made
 * again by the command. */
#ifndef LESSONS_TRAIL_H
#define LESSONS_TRAIL_H

struct err;

/* folder_fd  lessons/progress; borrowed
 * work_fd    the learner's folder; borrowed */
struct trail {
	int folder_fd;
	const char *id;
	int work_fd;
};

/* Looks for changes, and notes them in the log as of that step. A look that fails
 * is none: the learner's work goes on. */
void trail_look(const struct trail *trail, const char *step);

/* Notes which images and containers have come since the last look (made.h). */
struct home;
struct store;
void trail_note_made(const struct trail *trail, const char *step,
		     const struct home *home, struct store *store);

/* The step begins anew: all that is there is noted once more at the next look. */
void trail_begin_anew(int folder_fd, const char *id);

/* Removes all of it. */
int trail_forget(int folder_fd, const char *id, struct err *err);

/* Opens ID.history/HEX for reading, or -errno. */
int trail_open_content(int folder_fd, const char *id, const char *hex,
		       struct err *err);

#endif
