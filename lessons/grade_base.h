/* lessons/grade_base.h - what each enclosure begins with: a home with the images that
 * come with the program in its store, and the files of the first of them as its system
 * (/bin/sh ...). Made once, copied for each submission, removed at the end.
 *
 * A lesson may ask for an image that the teacher has (`has("image:node")`): those, and
 * no others of the teacher's, are in it as well. */
#ifndef LESSONS_GRADE_BASE_H
#define LESSONS_GRADE_BASE_H

struct err;
struct store;
struct strs;

/* home_fd  the home
 * root_fd  the image's files
 * extra_bytes, extra_files   of the teacher's images in it */
struct grade_base {
	char *path;
	int home_fd;
	int root_fd;
	unsigned long long extra_bytes;
	unsigned long long extra_files;
};

/* teachers, words  where images of that kind are taken from; NULL: none are wanted */
int grade_base_open(struct store *teachers, const struct strs *words,
		    struct grade_base *out, struct err *err);
void grade_base_close(struct grade_base *base);

#endif
