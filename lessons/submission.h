/* lessons/submission.h - what a learner hands in: one archive.
 *
 * A tar, not compressed, the same bytes for the same work:
 *
 *     submission.json  {"format":"dockershell/submission/v1","lesson":"diff",
 *                       "version":"sha256:...","seed":"7c3a...","lang":"en",
 *                       "student":"Ada","head":"sha256:..."}
 *     commands.dsh     the commands typed, step by step (commands.h)
 *     evidence.jsonl   one object a line: what was typed when, chained
 *     files/           the learner's folder
 *     history/HEX      contents that files had between commands, by their digest
 *
 * `version` is the digest of the lesson's folder (files.h). In evidence.jsonl each
 * line is {"at":SECONDS,"line":...,"ms":,"prev":HEX,"status":,"step":} with its keys
 * in order; `prev` is the digest of the line before, of the first one that of
 * "LESSON VERSION SEED"; the last is {"files":DIGEST,"prev":HEX}, `files` the digest of
 * files/; `head` is the digest of that line. So whoever changes a command, a time or
 * a file afterwards has to make all of it anew: the chain is evidence of careless
 * changes, not a proof, for who has the program can make a chain.
 *
 * A folder is a submission as well: with a submission.json in it as above; else all
 * its files are the learner's, and commands.dsh in it is what was typed.
 *
 * Only files and folders are taken: no link, no device, no name with "..". */
#ifndef LESSONS_SUBMISSION_H
#define LESSONS_SUBMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lessons/similar.h"
#include "runtime/base/digest.h"
#include "runtime/base/list.h"

struct err;
struct home;

#define SUBMISSION_FORMAT "dockershell/submission/v1"

/* ---- handing in ---- */

/* base     the learner's home
 * dir, id  the lesson's folder, and its id
 * lang     "en" or "ja"
 * student  or NULL */
struct submission_from {
	const struct home *base;
	const char *dir;
	const char *id;
	const char *lang;
	const char *student;
};

/* left  what is not in it, and why: a sentence each */
struct submission_made {
	int commands;
	int files;
	long long bytes;
	char head[DIGEST_SIZE];
	struct strs left;
};

/* Writes the archive to fd (borrowed). -ENOENT: nothing was done in that lesson. */
int submission_make(const struct submission_from *from, int fd,
		    struct submission_made *out, struct err *err);

/* ---- taking in ---- */

/* What a submission says of itself; all of it may be untrue.
 *
 * packed   its files lie in files/, else beside commands.dsh
 * lesson, version, lang, student  "" where it does not say
 * seed     0 where it does not say
 * digest   of all that was taken
 * marks    of its files (similar.h)
 * remarks  for the teacher: the chain is broken, and where; sentences */
struct submission {
	bool packed;
	char *lesson;
	char *version;
	char *lang;
	char *student;
	uint64_t seed;
	char digest[DIGEST_SIZE];
	struct similar_marks marks;
	struct strs remarks;
};

void submission_done(struct submission *submission);

/* Copies the archive or folder `path` into into_fd (an empty folder, borrowed), in a
 * child with limits of processor time, memory, and of what it may write: what is in
 * there is read nowhere else. *submissions_fault: it is no submission, or goes
 * beyond a limit; else this machine could not do it. */
int submission_take(const char *path, int into_fd, struct submission *out,
		    bool *submissions_fault, struct err *err);

/* The version of a lesson: the digest of its folder. */
int submission_version(const char *lesson_dir, char out[DIGEST_SIZE],
		       struct err *err);

/* ---- the chain, for both ---- */

/* The digest of the first `prev`. */
void submission_chain_begin(const char *lesson, const char *version,
			    uint64_t seed, char out[DIGEST_SIZE]);

#endif
