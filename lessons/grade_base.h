/* lessons/grade_base.h - what each enclosure begins with: a home with the images that
 * come with the program in its store, and the files of the first of them as its system
 * (/bin/sh ...). Made once, copied for each submission, removed at the end. */
#ifndef LESSONS_GRADE_BASE_H
#define LESSONS_GRADE_BASE_H

struct err;

/* home_fd  the home
 * root_fd  the image's files */
struct grade_base {
	char *path;
	int home_fd;
	int root_fd;
};

int grade_base_open(struct grade_base *out, struct err *err);
void grade_base_close(struct grade_base *base);

#endif
