/* lessons/submission.c - see submission.h: what both sides have in common. */
#include "lessons/submission.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/files.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

#include <fcntl.h>

void submission_done(struct submission *submission)
{
	free(submission->lesson);
	free(submission->version);
	free(submission->lang);
	free(submission->student);
	similar_marks_done(&submission->marks);
	strs_done(&submission->remarks);
	*submission = (struct submission){ 0 };
}

int submission_version(const char *lesson_dir, char out[DIGEST_SIZE],
		       struct err *err)
{
	OWN_FD int fd = fs_open_dir(AT_FDCWD, lesson_dir, err);

	return fd < 0 ? fd : files_digest(fd, FILES_ALL, out, err);
}

void submission_chain_begin(const char *lesson, const char *version,
			    uint64_t seed, char out[DIGEST_SIZE])
{
	OWN_FREE char *text = mem_fmt("%s %s %" PRIx64, lesson, version, seed);

	digest_of(text, strlen(text), out);
}
