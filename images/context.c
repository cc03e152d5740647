/* images/context.c - see context.h
 *
 * Order of the file: opening a folder, the Dockerfile, reading. What comes from
 * standard input is context_tar.c's. */
#include "images/context.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/context_private.h"
#include "images/context_size.h"
#include "images/dockerfile.h"
#include "images/ignore.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_guard.h"

enum { MAX_IGNORE = 4 << 20 };

static const char ignore_name[] = ".dockerignore";

/* Go's text for an errno: the C library's, with a small letter. Given. */
static char *go_error(int code)
{
	const char *why = strerrordesc_np(code);

	if (!why)
		why = "unknown error";
	return mem_fmt("%c%s", why[0] | 0x20, why + 1);
}

static int cannot(const char *what, const char *call, const char *path,
		  struct err *err)
{
	int code = errno;
	OWN_FREE char *why = go_error(code);

	return err_docker(err, ERR_BARE, code,
			  "unable to prepare context: %s: %s %s: %s", what,
			  call, path, why);
}

/* ---- opening beneath the root ---- */

/* A link may lead anywhere in the context; one that leads out of it leads to
 * nothing (-EXDEV). Sets errno. */
static int open_in(int root_fd, const char *path, int flags)
{
	return fs_openat2(root_fd, path, flags, 0,
			  RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
}

/* A plain file; to open a fifo must not wait. */
static int read_file(int root_fd, const char *path, uint64_t limit,
		     struct buf *out, int64_t *out_time, struct err *err)
{
	OWN_FD int fd =
		open_in(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 && errno == EXDEV) {
		err_set(err, EXDEV,
			_("'%s' is a link that leads out of the build context"),
			path);
		return err_hint(
			err,
			_("a build sees nothing outside of its context: copy the file into it, or give a folder above both as the context"));
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "open %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL, _("'%s' is not a plain file"),
			       path);
	if (out_time)
		*out_time = st.st_mtime;
	return fs_read_fd(fd, limit, out, err);
}

/* ---- a folder ---- */

/* *out_path: absolute, links followed. */
static int open_folder(const char *path, char **out_path, int *out_fd,
		       struct err *err)
{
	OWN_FREE char *real = NULL;
	OWN_FD int fd = -1;
	struct stat st;
	int r;

	if (stat(path, &st) < 0)
		return err_docker(
			err, ERR_BARE, ENOENT,
			"unable to prepare context: path \"%s\" not found",
			path);
	real = realpath(path, NULL);
	if (!real)
		return cannot("unable to evaluate symlinks in context path",
			      "lstat", path, err);
	if (!S_ISDIR(st.st_mode))
		return err_docker(
			err, ERR_BARE, ENOTDIR,
			"unable to prepare context: context must be a directory: %s",
			real);
	fd = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == EACCES)
		return err_docker(err, ERR_BARE, EACCES,
				  "error checking context: can't stat '%s'",
				  real);
	if (fd < 0)
		return err_errno(err, "open %s", real);
	r = guard_fd(fd, true, err);
	if (r < 0)
		return r;
	*out_fd = own_give_fd(&fd);
	*out_path = own_give_ptr(&real);
	return 0;
}

/* The part of `path` below `folder`, or NULL. Both are absolute and real. */
static const char *below(const char *folder, const char *path)
{
	size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	return strncmp(path, folder, len) == 0 && path[len] == '/'
		       ? path + len + 1
		       : NULL;
}

/* Without -f: Dockerfile or, where there is none, dockerfile. */
static char *default_dockerfile(const char *folder)
{
	OWN_FREE char *first = mem_fmt("%s/Dockerfile", folder);
	OWN_FREE char *second = mem_fmt("%s/dockerfile", folder);
	struct stat st;

	if (lstat(first, &st) < 0 && errno == ENOENT && lstat(second, &st) == 0)
		return own_give_ptr(&second);
	return own_give_ptr(&first);
}

static int read_from(struct context *context, int fd, struct err *err)
{
	context->has_text = true;
	return fs_read_fd(fd, DOCKERFILE_MAX, &context->text, err);
}

/* A Dockerfile that lies elsewhere: only the command line can say so, no link. */
static int read_outside(struct context *context, const char *given,
			struct err *err)
{
	OWN_FD int fd = -1;
	struct stat st;

	if (!given) {
		err_set(err, EXDEV,
			_("'%s' is a link that leads out of the build context"),
			"Dockerfile");
		return err_hint(
			err,
			_("a Dockerfile that lies outside of the context is named with -f"));
	}
	fd = open(given, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		OWN_FREE char *why = go_error(errno);

		return err_docker(err, ERR_BARE, errno,
				  "unable to open Dockerfile: open %s: %s",
				  given, why);
	}
	if (S_ISDIR(st.st_mode))
		return err_docker(err, ERR_BARE, EISDIR,
				  "unexpected error reading Dockerfile: read %s: is a directory",
				  given);
	if (guard_fd(fd, false, err) < 0)
		return -err->code;
	context->text_time = st.st_mtime;
	return read_from(context, fd, err);
}

/* The first part of a path that cannot be gone into, links followed. errno stays. */
static char *first_missing(const char *path)
{
	int code = errno;
	OWN_FREE char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
	OWN_FREE char *joined = mem_fmt("%s/%s", here ? here : "", path);
	char reached[PATH_MAX];
	bool missing = code == ENOENT || code == EACCES;
	/* glibc leaves there how far it came, for these two alone. */
	char *first = !missing || realpath(path, reached)
			      ? fs_clean_path(joined)
			      : mem_str(reached);

	errno = code;
	return first;
}

/* Which file is the Dockerfile. */
static int find_dockerfile(struct context *context, const char *folder,
			   const struct context_choice *choice, struct err *err)
{
	const char *given = choice->dockerfile;
	OWN_FREE char *path = NULL;
	OWN_FREE char *real = NULL;
	const char *inside;

	if (given && strcmp(given, "-") == 0) {
		context->dockerfile = mem_str("-");
		return read_from(context, choice->input_fd, err);
	}
	path = given ? mem_str(given) : default_dockerfile(folder);
	real = realpath(path, NULL);
	if (!real) {
		OWN_FREE char *first = first_missing(path);

		return cannot("unable to evaluate symlinks in Dockerfile path",
			      "lstat", first, err);
	}
	inside = below(folder, real);
	if (inside) {
		context->dockerfile = mem_str(inside);
		return 0;
	}
	context->dockerfile = mem_str(path);
	return read_outside(context, given, err);
}

/* The client's own view: the Dockerfile and .dockerignore are sent even where they
 * are ignored, for the daemon needs them. */
static int measure(struct context *context, const char *path,
		   const struct context_seen *seen, struct strs *patterns,
		   struct err *err)
{
	struct context_folder folder = { context->root_fd, path, NULL, seen };
	bool outside = context->has_text;
	struct ignore *sent = NULL;
	int r;

	if (ignore_matches(context->ignore, ignore_name))
		strs_addf(patterns, "!%s", ignore_name);
	if (!outside && ignore_matches(context->ignore, context->dockerfile))
		strs_addf(patterns, "!%s", context->dockerfile);
	r = ignore_new(patterns, &sent, err);
	folder.ignore = sent;
	if (r == 0)
		r = context_size(&folder, &context->warnings, &context->bytes,
				 err);
	ignore_free(sent);
	return r;
}

/* A Dockerfile that is not in the folder is put into the tar under a random name,
 * and .dockerignore gets that name as one more line. */
static void measure_outside(struct context *context)
{
	struct stat st;
	int64_t name = 33; /* "\n.dockerfile.", 20 digits */
	int64_t size = 0;

	context->bytes += context_size_entry(".dockerfile.", "",
					     (int64_t)context->text.len);
	if (fstatat(context->root_fd, ignore_name, &st, 0) == 0) {
		size = st.st_size;
		context->bytes -= context_size_entry(ignore_name, "", size);
	} else {
		size = (int64_t)strlen(ignore_name);
	}
	context->bytes += context_size_entry(ignore_name, "", size + name + 1);
}

static int read_ignore(struct context *context, struct strs *patterns,
		       struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	struct err why = { 0 };
	int r = read_file(context->root_fd, ignore_name, MAX_IGNORE, &text,
			  NULL, &why);

	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		*err = why;
		return r;
	}
	r = ignore_lines(buf_text(&text), text.len, patterns, err);
	if (r == 0 && ignore_new(patterns, &context->ignore, err) < 0)
		r = err_wrap(err, "error checking context");
	return r;
}

static int from_folder(struct context *context,
		       const struct context_choice *choice, struct err *err)
{
	OWN_STRS struct strs patterns = { 0 };
	OWN_FREE char *path = NULL;
	int r = open_folder(choice->path, &path, &context->root_fd, err);

	if (r == 0)
		r = find_dockerfile(context, path, choice, err);
	if (r == 0)
		r = read_ignore(context, &patterns, err);
	if (r == 0)
		r = measure(context, path, choice->seen, &patterns, err);
	if (r == 0 && context->has_text)
		measure_outside(context);
	return r;
}

/* A folder may be called like an address. */
static bool is_elsewhere(const char *path)
{
	return access(path, F_OK) < 0 && context_is_elsewhere(path);
}

int context_open(const struct home *home, const struct context_choice *choice,
		 struct context **out, struct err *err)
{
	bool input = strcmp(choice->path, "-") == 0;
	struct context *context;
	int r;

	if (input && choice->dockerfile && strcmp(choice->dockerfile, "-") == 0)
		return err_docker(
			err, ERR_BARE, EINVAL,
			"invalid argument: can't use stdin for both build context and dockerfile");
	context = mem_zero(1, sizeof(*context));
	context->home = home;
	context->root_fd = -1;
	context->lock_fd = -1;
	r = input ? context_from_input(context, choice, err)
	    : is_elsewhere(choice->path)
		    ? context_from_url(context, choice, err)
		    : from_folder(context, choice, err);
	if (r < 0) {
		context_close(context);
		return r;
	}
	*out = context;
	return 0;
}

void context_close(struct context *context)
{
	if (!context)
		return;
	if (context->root_fd >= 0)
		close(context->root_fd);
	context_remove_files(context);
	ignore_free(context->ignore);
	strs_done(&context->warnings);
	buf_done(&context->text);
	free(context->dockerfile);
	free(context);
}

/* ---- the Dockerfile ---- */

static int cannot_locate(const char *name, struct err *err)
{
	return err_docker(err, ERR_DAEMON, ENOENT,
			  "Cannot locate specified Dockerfile: %s", name);
}

/* Of a tar: what its .dockerignore says of the two files that made the build is
 * obeyed, and nothing else in it: who made the tar has left out the rest. */
static void forget_build_files(struct context *context)
{
	OWN_STRS struct strs patterns = { 0 };
	struct err ignored = { 0 };

	if (read_ignore(context, &patterns, &ignored) < 0)
		return;
	/* Either may be gone already. */
	if (ignore_matches(context->ignore, context->dockerfile))
		(void)unlinkat(context->root_fd, context->dockerfile, 0);
	if (ignore_matches(context->ignore, ignore_name))
		(void)unlinkat(context->root_fd, ignore_name, 0);
	ignore_free(context->ignore);
	context->ignore = NULL;
}

static int read_dockerfile(struct context *context, struct err *err)
{
	struct err why = { 0 };
	int r = read_file(context->root_fd, context->dockerfile, DOCKERFILE_MAX,
			  &context->text, &context->text_time, &why);

	if (r == -ENOENT && strcmp(context->dockerfile, "Dockerfile") == 0) {
		why = (struct err){ 0 };
		r = read_file(context->root_fd, "dockerfile", DOCKERFILE_MAX,
			      &context->text, &context->text_time, &why);
		if (r == -ENOENT)
			return cannot_locate("Dockerfile", err);
	}
	if (r == -ENOENT || r == -ENOTDIR)
		return cannot_locate(context->dockerfile, err);
	if (r < 0) {
		*err = why;
		return r;
	}
	context->has_text = true;
	if (context->from_tar)
		forget_build_files(context);
	return 0;
}

int context_dockerfile(struct context *context, struct buf *out,
		       struct err *err)
{
	int r = context->has_text ? 0 : read_dockerfile(context, err);

	if (r < 0)
		return r;
	if (!context->text.len)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "the Dockerfile (%s) cannot be empty",
				  context->dockerfile);
	buf_add(out, context->text.data, context->text.len);
	return 0;
}

const char *context_dockerfile_name(const struct context *context)
{
	return context->dockerfile;
}

int64_t context_dockerfile_time(const struct context *context)
{
	return context->text_time;
}

/* ---- the rest ---- */

int64_t context_tar_bytes(const struct context *context)
{
	return context->bytes;
}

const struct strs *context_warnings(const struct context *context)
{
	return &context->warnings;
}

int context_read(struct context *context, const char *path, uint64_t limit,
		 struct buf *out, struct err *err)
{
	OWN_FREE char *clean = fs_clean_path(path);
	const char *inside = clean + strspn(clean, "/");

	if (context_leaves_out(context, inside))
		return err_docker(err, ERR_OURS, ENOENT, "open %s: %s", path,
				  strerror(ENOENT));
	return read_file(context->root_fd, inside, limit, out, NULL, err);
}

int context_root(const struct context *context)
{
	return context->root_fd;
}

const struct ignore *context_ignore(const struct context *context)
{
	return context->ignore;
}

bool context_leaves_out(struct context *context, const char *path)
{
	return ignore_leaves_out(context->ignore, path);
}
