/* runtime/base/err.h - what went wrong: a code, a message, a hint.
 *
 * Owns the one value in which every failure travels, from the system call that
 * refused up to the shell that prints it. Printing is the shell's work. */
#ifndef RUNTIME_BASE_ERR_H
#define RUNTIME_BASE_ERR_H

#include <stdbool.h>

/* Whose sentence the message is; it decides the words in front of it. */
enum err_voice {
	ERR_OURS,   /* "dockershell: open x: No such file or directory" */
	ERR_CLIENT, /* Docker's client: "Error: No such container: x" */
	ERR_DAEMON, /* "Error response from daemon: Conflict. ..." */
	ERR_BARE,   /* printed as it stands: "unable to prepare context: ..." */
};

/* A failure. A plain value: no pointer in it, nothing to free, and small
 * enough (under PIPE_BUF, 4096 bytes) that a child writes it whole to its
 * parent's pipe with one write(2).
 *
 * code     an errno value, positive; 0 means that nothing failed
 * status   the exit status the command should end with; 0 leaves the choice
 *          (1, or 125 for `run` and `create`) to the shell
 * begun    a container was made already when it failed: Docker has printed its id by
 *          then, and names no help
 * msg      one sentence, no full stop unless Docker has one there
 * hint     what to try next; may be empty. In the chosen language. */
struct err {
	int code;
	int status;
	enum err_voice voice;
	bool begun;
	char msg[2560];
	char hint[1280];
};

/* Records a failure found by our own checks. `code` is a positive errno.
 * Overwrites what was there. Returns -code, so that callers can write
 * `return err_set(err, EINVAL, "...")`. */
int err_set(struct err *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Records a failed system call: the message, ": " and strerror(errno).
 * Returns -errno as it was at the call (EIO if errno was 0). */
int err_errno(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "context: " in front of the message. Once per layer of the program.
 * Returns -err->code. */
int err_wrap(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Sets what to try next. Returns -err->code. */
int err_hint(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* As err_set, for a sentence that Docker has word for word. */
int err_docker(struct err *err, enum err_voice voice, int code,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Sets the exit status the command should end with. Returns -err->code. */
int err_status(struct err *err, int status);

/* clang-tidy looks at one file at a time, so it cannot know that all of these
 * return a negative number and leave a positive err->code. Without it the
 * analyzer follows failures into the code behind `if (r < 0) return r;`. This is
 * for its eyes only; it does not look into functions with "...", therefore
 * macros. */
#if defined(__clang_analyzer__) && !defined(ERR_C)
static inline int err_is_negative(const struct err *err, int r)
{
	if (r >= 0 || err->code <= 0)
		__builtin_unreachable();
	return r;
}
/* NOLINTBEGIN(readability-identifier-naming): they stand for functions */
#define err_set(err, ...) err_is_negative(err, err_set(err, __VA_ARGS__))
#define err_errno(err, ...) err_is_negative(err, err_errno(err, __VA_ARGS__))
#define err_wrap(err, ...) err_is_negative(err, err_wrap(err, __VA_ARGS__))
#define err_hint(err, ...) err_is_negative(err, err_hint(err, __VA_ARGS__))
#define err_docker(err, ...) err_is_negative(err, err_docker(err, __VA_ARGS__))
#define err_status(err, ...) err_is_negative(err, err_status(err, __VA_ARGS__))
/* NOLINTEND(readability-identifier-naming) */
#endif

#endif
