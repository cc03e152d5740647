/* images/cp.c - see cp.h
 *
 *   from        the container's child            we
 *               pack "d" as "new"  --- tar --->  extract into "."
 *
 *   to          we                               the container's child
 *               pack "d" as "new"  --- tar --->  extract into /w
 *
 * Which folder and which name is decided before, from what lies at both ends. The
 * machine's own paths are resolved as any program resolves them: they are the
 * caller's. */
#include "images/cp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/archive.h"
#include "images/cp_inside.h"
#include "images/cp_path.h"
#include "images/extract.h"
#include "images/pack.h"
#include "images/transfer.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/container.h"
#include "runtime/enclosure_guard.h"
#include "runtime/events.h"
#include "runtime/userns.h"

enum { MAX_LINKS = 10 };

/* What one side is told. */
struct place {
	char *dir;
	char *name;
};

static void place_done(struct place *place)
{
	free(place->dir);
	free(place->name);
}

/* ---- the machine's side of a path ---- */

/* Go's text for an errno: the C library's, with a small letter. */
static int go_fail(const char *call, const char *path, struct err *err)
{
	int code = errno;
	const char *why = strerrordesc_np(code);

	if (!why)
		why = "unknown error";
	return err_docker(err, ERR_BARE, code, "%s %s: %c%s", call, path,
			  why[0] | 0x20, why + 1);
}

/* Absolute and clean, with the end it had. */
static int local_path(const char *path, char **out, struct err *err)
{
	OWN_FREE char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
	OWN_FREE char *joined = NULL;
	OWN_FREE char *cleaned = NULL;

	if (path[0] != '/' && !here)
		return err_errno(err, "getcwd");
	joined = here ? mem_fmt("%s/%s", here, path) : mem_str(path);
	cleaned = fs_clean_path(joined);
	*out = cp_path_keep_end(cleaned, path);
	return 0;
}

/* What Docker asks of a place to write to, before anything else. */
static int check_output(const char *path, struct err *err)
{
	OWN_FREE char *cleaned = fs_clean_path(path);
	OWN_FREE char *dir = NULL;
	char *slash = strrchr(cleaned, '/');
	struct stat st;

	dir = slash ? mem_strn(cleaned, slash == cleaned ?
						1 :
						(size_t)(slash - cleaned)) :
		      mem_str(".");
	if (strcmp(dir, ".") != 0 && stat(dir, &st) < 0 && errno == ENOENT)
		return err_docker(err, ERR_BARE, ENOENT,
				  "invalid output path: directory \"%s\" does not exist",
				  dir);
	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0 : go_fail("stat", path, err);
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		return err_docker(err, ERR_BARE, EINVAL,
				  "invalid output path: \"%s\" must be a directory or a regular file: got a device",
				  path);
	return 0;
}

static char *parent_of(const char *path)
{
	char *dir;
	char *base;

	cp_path_split(path, &dir, &base);
	free(base);
	return dir;
}

/* It need not be there, but its folder must. */
static int check_parent(const char *path, struct err *err)
{
	OWN_FREE char *dir = parent_of(path);
	struct stat st;

	if (stat(dir, &st) < 0)
		return go_fail("stat", dir, err);
	if (!S_ISDIR(st.st_mode))
		return err_docker(err, ERR_BARE, ENOTDIR, "not a directory");
	return 0;
}

/* Where a file that is copied out goes: links at the end of the path are followed,
 * also to what is not there. */
static int destination(const char *given, struct cp_info *out, struct err *err)
{
	OWN_FREE char *path = mem_str(given);
	char target[PATH_MAX];
	struct stat st;
	int links = 0;

	while (lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
		OWN_FREE char *dir = parent_of(path);
		OWN_FREE char *joined = NULL;
		ssize_t len = readlink(path, target, sizeof(target) - 1);

		if (len < 0)
			return go_fail("readlink", path, err);
		if (links++ > MAX_LINKS)
			return err_docker(err, ERR_BARE, ELOOP,
					  "too many symlinks in %s", given);
		target[len] = '\0';
		joined = target[0] == '/' ? mem_str(target) :
					    mem_fmt("%s/%s", dir, target);
		free(path);
		path = target[0] == '/' ? own_give_ptr(&joined) :
					  fs_clean_path(joined);
	}
	if (lstat(path, &st) == 0) {
		out->exists = true;
		out->folder = S_ISDIR(st.st_mode);
	} else if (errno != ENOENT) {
		return go_fail("lstat", path, err);
	} else if (check_parent(path, err) < 0) {
		return -err->code;
	}
	out->path = own_give_ptr(&path);
	return 0;
}

/* What is copied in. Links on the way are followed; the last word only with
 * follow_link. */
static int source(const char *path, bool follow_link, struct cp_info *out,
		  struct err *err)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *base = slash ? slash + 1 : "";
	OWN_FREE char *dir = slash ? mem_strn(path, (size_t)(base - path)) :
				     mem_str("/");
	OWN_FREE char *real = mem_zero(1, PATH_MAX);
	struct stat st;

	/* Where it fails it leaves the path that it could not go on from. */
	if (!realpath(follow_link ? path : dir, real)) {
		if (errno == ENOTDIR && cp_path_says_folder(path))
			return err_docker(err, ERR_BARE, ENOTDIR,
					  "not a directory");
		return go_fail("lstat", *real ? real : path, err);
	}
	if (follow_link) {
		out->path = cp_path_rebase(path, real, &out->rebase);
	} else {
		OWN_FREE char *was = cp_path_base(path);
		OWN_FREE char *is = NULL;

		out->path = mem_fmt("%s/%s", real, base);
		is = cp_path_base(out->path);
		if (!*base && strcmp(was, is) != 0)
			out->rebase = own_give_ptr(&was);
	}
	if (lstat(out->path, &st) < 0 && errno == ENOTDIR &&
	    cp_path_says_folder(out->path))
		return err_docker(err, ERR_BARE, ENOTDIR, "not a directory");
	if (lstat(out->path, &st) < 0)
		return go_fail("lstat", out->path, err);
	out->exists = true;
	out->folder = S_ISDIR(st.st_mode);
	return 0;
}

/* Docker's words for it: "archive-path" for a copy from there, "extract-to-dir"
 * for one to there. */
static void note_event(const struct home *home, const struct cp_choice *choice,
		       const char *action)
{
	OWN_CONTAINER struct container c = { 0 };
	struct err ignored = { 0 };

	if (container_find(home, choice->container, &c, &ignored) == 0)
		events_note_container(home, &c.spec, action, NULL);
}

/* ---- from ---- */

/* The source in the container, with -L what it leads to. */
static int source_inside(const struct home *home,
			 const struct cp_choice *choice, struct cp_info *out,
			 struct err *err)
{
	OWN_FREE struct cp_stat *st = mem_zero(1, sizeof(*st));
	int r = cp_inside_stat(home, choice->container, choice->inside, st,
			       err);

	if (r < 0)
		return r;
	out->path = mem_str(choice->inside);
	if (choice->follow_link && S_ISLNK(st->mode)) {
		free(out->path);
		out->path = cp_path_rebase(choice->inside, st->target,
					   &out->rebase);
		r = cp_inside_stat(home, choice->container, out->path, st, err);
		if (r < 0)
			return r;
	}
	out->exists = true;
	out->folder = S_ISDIR(st->mode);
	return 0;
}

static int extract_here(int fd, const struct place *to,
			const struct cp_choice *choice, struct err *err)
{
	OWN_FD int dir_fd = open(to->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct extract_rules rules = {
		.base_fd = dir_fd,
		.base = to->dir,
		.root_fd = -1,
		.owner = choice->keep_owner ? EXTRACT_KEEP : EXTRACT_MINE,
		.watch = choice->watch,
	};

	if (dir_fd < 0)
		return go_fail("open", to->dir, err);
	if (guard_fd(dir_fd, false, err) < 0)
		return -err->code;
	return extract(fd, &rules, err);
}

static int read_to(const struct home *home, const struct cp_choice *choice,
		   const struct cp_info *from, const struct place *to,
		   struct err *err)
{
	const struct cp_read read = { choice->container, from->path, to->name };
	struct userns_child child = { -1, -1 };
	struct err ours = { 0 };
	int fd;
	int r = cp_inside_read(home, &read, &child, &fd, err);

	if (r < 0)
		return r;
	(void)extract_here(fd, to, choice, &ours);
	trace_step(TRACE_TAR, "%s:%s -> %s", choice->container, from->path,
		   choice->outside);
	r = transfer_end(&child, fd, true, &ours, err);
	return r == -ENOENT ?
		       cp_inside_no_such(choice->container, choice->inside,
					 err) :
		       r;
}

int cp_from(const struct home *home, const struct cp_choice *choice,
	    struct err *err)
{
	OWN_FREE char *path = NULL;
	OWN_CP_INFO struct cp_info from = { 0 };
	OWN_CP_INFO struct cp_info to = { 0 };
	struct place place = { 0 };
	int r = local_path(choice->outside, &path, err);

	if (path)
		r = check_output(path, err);
	if (r == 0)
		r = source_inside(home, choice, &from, err);
	if (r == 0)
		r = destination(path, &to, err);
	if (r == 0)
		r = cp_path_decide(&from, &to, &place.dir, &place.name, err);
	if (r == 0)
		r = read_to(home, choice, &from, &place, err);
	if (r == 0)
		note_event(home, choice, "archive-path");
	place_done(&place);
	return r;
}

int cp_from_as_tar(const struct home *home, const struct cp_choice *choice,
		   int out_fd, struct err *err)
{
	OWN_CP_INFO struct cp_info from = { 0 };
	struct cp_read read = { choice->container, NULL, NULL };
	struct userns_child child = { -1, -1 };
	struct err ours = { 0 };
	int fd;
	int r = source_inside(home, choice, &from, err);

	read.path = from.path;
	if (r == 0)
		r = cp_inside_read(home, &read, &child, &fd, err);
	if (r < 0)
		return r;
	(void)transfer_pump(fd, out_fd, choice->watch, &ours);
	trace_step(TRACE_TAR, "%s:%s -> -", choice->container, from.path);
	r = transfer_end(&child, fd, true, &ours, err);
	if (r == 0)
		note_event(home, choice, "archive-path");
	return r;
}

/* ---- to ---- */

/* A link is followed once, to where it leads in the end. That nothing is there is
 * no failure yet. */
static int destination_inside(const struct home *home,
			      const struct cp_choice *choice,
			      struct cp_info *out, struct err *err)
{
	OWN_FREE struct cp_stat *st = mem_zero(1, sizeof(*st));
	struct err ignored = { 0 };

	out->path = mem_str(choice->inside);
	/* "web:" is nothing that could be there, as in Docker. */
	if (!*choice->inside)
		return 0;
	if (cp_inside_stat(home, choice->container, out->path, st, &ignored) <
	    0)
		return ignored.code == EINTR ? interrupt_err(err) : 0;
	if (S_ISLNK(st->mode)) {
		free(out->path);
		out->path = mem_str(st->target);
		if (cp_inside_stat(home, choice->container, out->path, st,
				   &ignored) < 0)
			return 0;
	}
	if (S_ISCHR(st->mode) || S_ISBLK(st->mode))
		return err_docker(err, ERR_BARE, EINVAL,
				  "destination \"%s:%s\" must be a directory or a regular file: got a device",
				  choice->container, choice->inside);
	out->exists = true;
	out->folder = S_ISDIR(st->mode);
	return 0;
}

/* What is packed is not left by links. */
static int guard_source(int dir_fd, const char *base, struct err *err)
{
	OWN_FD int fd = -1;

	if (!guard_is_on())
		return 0;
	fd = fs_open(dir_fd, strcmp(base, "/") == 0 ? "." : base,
		     O_PATH | O_NOFOLLOW, 0, err);
	return fd < 0 ? fd : guard_fd(fd, true, err);
}

static int pack_here(int fd, const struct cp_info *from, const char *name,
		     const struct cp_choice *choice, struct err *err)
{
	const struct pack_rules rules = { .watch = choice->watch };
	OWN_FREE char *dir = NULL;
	OWN_FREE char *base = NULL;
	OWN_FD int dir_fd = -1;
	struct pack *pack = NULL;
	int r;

	cp_path_split(from->path, &dir, &base);
	dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return go_fail("open", dir, err);
	r = guard_source(dir_fd, base, err);
	if (r == 0)
		r = pack_open(fd, &rules, &pack, err);
	if (r == 0)
		r = pack_add(pack, dir_fd, strcmp(base, "/") == 0 ? "." : base,
			     name, err);
	if (r == 0)
		r = pack_end(pack, NULL, err);
	pack_free(pack);
	return r;
}

static int write_from(const struct home *home, const struct cp_choice *choice,
		      const struct cp_info *from, const struct place *to,
		      struct err *err)
{
	const struct cp_write write = { choice->container, to->dir,
					choice->keep_owner };
	struct userns_child child = { -1, -1 };
	struct err ours = { 0 };
	int fd;
	int r = cp_inside_write(home, &write, &child, &fd, err);

	if (r < 0)
		return r;
	(void)pack_here(fd, from, to->name, choice, &ours);
	trace_step(TRACE_TAR, "%s -> %s:%s", choice->outside, choice->container,
		   to->dir);
	r = transfer_end(&child, fd, false, &ours, err);
	return r == -ENOENT ?
		       cp_inside_no_such(choice->container, to->dir, err) :
		       r;
}

int cp_to(const struct home *home, const struct cp_choice *choice,
	  struct err *err)
{
	OWN_FREE char *path = NULL;
	OWN_CP_INFO struct cp_info from = { 0 };
	OWN_CP_INFO struct cp_info to = { 0 };
	struct place place = { 0 };
	int r = local_path(choice->outside, &path, err);

	if (path)
		r = destination_inside(home, choice, &to, err);
	if (r == 0)
		r = source(path, choice->follow_link, &from, err);
	if (r == 0)
		r = cp_path_decide(&from, &to, &place.dir, &place.name, err);
	if (r == 0)
		r = write_from(home, choice, &from, &place, err);
	if (r == 0)
		note_event(home, choice, "extract-to-dir");
	place_done(&place);
	return r;
}

int cp_to_as_tar(const struct home *home, const struct cp_choice *choice,
		 int in_fd, struct err *err)
{
	OWN_CP_INFO struct cp_info to = { 0 };
	struct cp_write write = { choice->container, NULL, true };
	struct userns_child child = { -1, -1 };
	struct err ours = { 0 };
	int fd;
	int r = destination_inside(home, choice, &to, err);

	if (r < 0)
		return r;
	if (!to.folder)
		return err_docker(err, ERR_BARE, ENOTDIR,
				  "destination \"%s:%s\" must be a directory",
				  choice->container, choice->inside);
	write.path = to.path;
	r = cp_inside_write(home, &write, &child, &fd, err);
	if (r < 0)
		return r;
	(void)transfer_pump(in_fd, fd, choice->watch, &ours);
	trace_step(TRACE_TAR, "- -> %s:%s", choice->container, to.path);
	r = transfer_end(&child, fd, false, &ours, err);
	if (r == 0)
		note_event(home, choice, "extract-to-dir");
	return r;
}
