/* lessons/submission_check.h - what a submission says of itself, and whether its
 * chain holds. Called where it was unpacked, in a limited child. */
#ifndef LESSONS_SUBMISSION_CHECK_H
#define LESSONS_SUBMISSION_CHECK_H

#include <jansson.h>

struct err;

/* *out (given): {"packed":,"lesson":,"version":,"seed":,"lang":,"student":,
 * "digest":,"remarks":[...]}. -EINVAL: what in it is no submission. */
int submission_look(int folder_fd, json_t **out, struct err *err);

#endif
