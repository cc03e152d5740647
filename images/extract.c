/* images/extract.c - see extract.h
 *
 * Order of the file: paths, what is there already, the kinds of entries, the
 * whole. Owners, modes and times are extract_meta.c's. */
#include "images/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "images/archive.h"
#include "images/extract_meta.h"
#include "images/unpack_meta.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* A folder's mode and time are set last of all: it may forbid to write in it, and
 * each file that is made in it changes its time. */
struct folder {
	char *path;
	mode_t mode;
	struct timespec mtime;
	bool timed;
};

struct extract {
	const struct extract_rules *rules;
	struct folder *folders;
	size_t count;
	size_t size;
};

/* One entry on its way.
 *
 * path       cleaned, below the base; "" is the base itself
 * name       its last word
 * parent_fd  the folder it goes to */
struct step {
	struct archive_entry *entry;
	char *path;
	const char *name;
	int parent_fd;
};

static int refuse(const struct extract *x, int code, const char *what,
		  struct err *err)
{
	if (x->rules->daemon)
		return err_docker(err, ERR_DAEMON, code,
				  "Error processing tar file(exit status 1): %s",
				  what);
	return err_docker(err, ERR_BARE, code, "%s", what);
}

/* ---- paths ---- */

static int open_folder(const struct extract *x, const char *path)
{
	bool in_root = x->rules->root_fd >= 0;
	OWN_FREE char *full = NULL;

	if (!*path)
		return fcntl(x->rules->base_fd, F_DUPFD_CLOEXEC, 0);
	full = in_root ? mem_fmt("%s/%s", x->rules->base, path) : mem_str(path);
	return fs_openat2(in_root ? x->rules->root_fd : x->rules->base_fd, full,
			  O_PATH | O_DIRECTORY, 0,
			  RESOLVE_NO_MAGICLINKS |
				  (in_root ? RESOLVE_IN_ROOT :
					     RESOLVE_BENEATH |
						     RESOLVE_NO_SYMLINKS));
}

/* Opens the folder an entry lies in; what is missing on the way is made, as
 * root's. */
static int make_folders(const struct extract *x, char *path, struct err *err)
{
	OWN_FD int fd = open_folder(x, path);
	OWN_FD int parent = -1;
	char *slash;
	const char *name;

	if (fd >= 0)
		return own_give_fd(&fd);
	if (errno != ENOENT)
		return err_errno(err, "open the folder %s/%s", x->rules->base,
				 path);
	slash = strrchr(path, '/');
	name = slash ? slash + 1 : path;
	if (slash)
		*slash = '\0';
	parent = make_folders(x, slash ? path : (char[]){ "" }, err);
	if (slash)
		*slash = '/';
	if (parent < 0)
		return parent;
	/* EEXIST: a link to nowhere. The way through it stays closed. */
	if (mkdirat(parent, name, 0755) < 0)
		return err_errno(err, "make the folder %s/%s", x->rules->base,
				 path);
	fd = open_folder(x, path);
	if (fd < 0)
		return err_errno(err, "open the folder %s/%s", x->rules->base,
				 path);
	return own_give_fd(&fd);
}

/* "./a//b/" to "a/b", "." to "". Go's path.Clean, and its refusal. */
static int clean(const struct extract *x, const char *path, char **out,
		 struct err *err)
{
	OWN_FREE char *cleaned = fs_clean_path(path);
	OWN_FREE char *sentence = NULL;
	const char *below = cleaned + strspn(cleaned, "/");

	if (strcmp(cleaned, "..") == 0 || strncmp(cleaned, "../", 3) == 0) {
		sentence = mem_fmt("\"%s\" is outside of \"%s\"", cleaned,
				   x->rules->base);
		return refuse(x, EINVAL, sentence, err);
	}
	*out = mem_str(strcmp(below, ".") == 0 ? "" : below);
	return 0;
}

/* Fills path, name and parent_fd. */
static int find_place(const struct extract *x, const char *path,
		      struct step *step, struct err *err)
{
	OWN_FREE char *parent = NULL;
	OWN_FREE char *sentence = NULL;
	const char *slash;
	int r = clean(x, path, &step->path, err);

	if (!step->path)
		return r;
	slash = strrchr(step->path, '/');
	step->name = slash ? slash + 1 : step->path;
	parent = slash ? mem_strn(step->path, (size_t)(slash - step->path)) :
			 mem_str("");
	step->parent_fd = make_folders(x, parent, err);
	if (step->parent_fd >= 0)
		return 0;
	if (err->code != EEXIST)
		return -err->code;
	sentence = mem_fmt("open %s/%s: no such file or directory",
			   strcmp(x->rules->base, "/") == 0 ? "" :
							      x->rules->base,
			   step->path);
	return refuse(x, ENOENT, sentence, err);
}

/* ---- what is there already ---- */

/* 0: nothing is in the way; 1: something that gives way; 2: a folder that is
 * joined. */
static int look(const struct extract *x, const struct step *step,
		struct err *err)
{
	OWN_FREE char *sentence = NULL;
	OWN_FREE char *full = mem_fmt("%s/%s", strcmp(x->rules->base, "/") == 0 ?
						       "" :
						       x->rules->base,
				      step->path);
	bool folder = archive_entry_filetype(step->entry) == AE_IFDIR &&
		      !archive_entry_hardlink(step->entry);
	struct stat st;

	if (fstatat(step->parent_fd, step->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_errno(err, "stat %s", full);
	if (folder == (bool)S_ISDIR(st.st_mode))
		return folder ? 2 : 1;
	sentence = folder ? mem_fmt("cannot overwrite non-directory \"%s\" with directory \"%s\"",
				    full, x->rules->base) :
			    mem_fmt("cannot overwrite directory \"%s\" with non-directory \"%s\"",
				    full, x->rules->base);
	return refuse(x, folder ? ENOTDIR : EISDIR, sentence, err);
}

static void temporary_name(char out[32])
{
	unsigned long long random = 0;

	(void)!getrandom(&random, sizeof(random), 0); /* O_EXCL finds clashes */
	snprintf(out, 32, ".dockershell-%016llx", random);
}

/* ---- the kinds of entries ---- */

static int no_room(const struct extract *x, const struct step *step, int r,
		   struct err *err)
{
	const char *base = x->rules->base;

	errno = -r;
	err_errno(err, "write %s/%s", strcmp(base, "/") == 0 ? "" : base,
		  step->path);
	return err_hint(
		err,
		_("what was there before is untouched, for a copy takes its place only once it is whole; make room on that disk, then copy again"));
}

static int fill_file(const struct extract *x, int fd, const struct step *step,
		     struct tar_in *in, struct err *err)
{
	struct timespec times[2];
	int r = tar_in_copy(in, fd, err);

	if (r == -ENOSPC || r == -EDQUOT)
		return no_room(x, step, r, err);
	if (r == 0)
		r = extract_meta_owner(x->rules, fd, step->entry, err);
	/* After the owner: chown(2) takes the setuid bit away. */
	if (r == 0 && fchmod(fd, extract_meta_mode(x->rules, step->entry)) < 0)
		r = err_errno(err, "chmod %s", step->path);
	if (r < 0)
		return r;
	extract_meta_capabilities(x->rules, fd, step->entry);
	if (extract_meta_times(step->entry, times) && futimens(fd, times) < 0)
		return err_errno(err, "set the time of %s", step->path);
	return 0;
}

/* Go's word for a rename that a mount point refuses. */
static int cannot_replace(const struct extract *x, const struct step *step,
			  struct err *err)
{
	OWN_FREE char *sentence = NULL;

	if (errno != EBUSY)
		return err_errno(err, "rename to %s", step->path);
	sentence = mem_fmt("unlinkat %s/%s: device or resource busy",
			   strcmp(x->rules->base, "/") == 0 ? "" :
							      x->rules->base,
			   step->path);
	(void)refuse(x, EBUSY, sentence, err);
	return -err->code;
}

static int make_file(const struct extract *x, const struct step *step,
		     struct tar_in *in, struct err *err)
{
	OWN_FD int fd = -1;
	char temporary[32];
	int r;

	temporary_name(temporary);
	fd = openat(step->parent_fd, temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "create %s", step->path);
	r = fill_file(x, fd, step, in, err);
	if (r == 0 && renameat(step->parent_fd, temporary, step->parent_fd,
			       step->name) < 0)
		r = cannot_replace(x, step, err);
	if (r < 0)
		(void)unlinkat(step->parent_fd, temporary, 0);
	return r;
}

static int clear_place(const struct step *step, struct err *err)
{
	if (unlinkat(step->parent_fd, step->name, 0) < 0 && errno != ENOENT)
		return err_errno(err, "unlink %s", step->path);
	return 0;
}

/* Links, fifos, devices: made under their own name, then held by a descriptor
 * that is no way to what they stand for. */
static int make_other(const struct extract *x, const struct step *step,
		      mode_t type, struct err *err)
{
	const char *target = unpack_meta_symlink(step->entry);
	OWN_FD int fd = -1;
	struct timespec times[2];
	struct stat st;
	int r;

	if (clear_place(step, err) < 0)
		return -err->code;
	/* The mode counts: the umask is 0 in a container's view. */
	r = type == AE_IFLNK ?
		    symlinkat(target ? target : "", step->parent_fd,
			      step->name) :
		    mknodat(step->parent_fd, step->name,
			    type | (extract_meta_mode(x->rules, step->entry) & 0777),
			    archive_entry_rdev(step->entry));
	if (r < 0)
		return err_errno(err, "make %s", step->path);
	fd = openat(step->parent_fd, step->name,
		    O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || (st.st_mode & S_IFMT) != type)
		return 0; /* somebody was quicker: it is theirs now */
	r = extract_meta_owner(x->rules, fd, step->entry, err);
	if (r == 0 && extract_meta_times(step->entry, times))
		(void)utimensat(fd, "", times, AT_EMPTY_PATH);
	return r;
}

static int make_hardlink(const struct extract *x, const struct step *step,
			 const char *target, struct err *err)
{
	struct step to = { .entry = step->entry, .parent_fd = -1 };
	OWN_FD int to_fd = -1;
	int r = find_place(x, target, &to, err);

	to_fd = to.parent_fd;
	if (r == 0 && strcmp(to.path, step->path) != 0) {
		r = clear_place(step, err);
		/* Without AT_SYMLINK_FOLLOW: a link gets a second name. */
		if (r == 0 && linkat(to_fd, to.name, step->parent_fd,
				     step->name, 0) < 0)
			r = err_errno(err, "link %s to %s", step->path,
				      to.path);
	}
	free(to.path);
	return r;
}

static void remember(struct extract *x, const struct step *step)
{
	struct timespec times[2];
	bool timed = extract_meta_times(step->entry, times);

	if (x->count == x->size) {
		x->size = x->size ? x->size * 2 : 64;
		x->folders = mem_grow(x->folders, x->size, sizeof(*x->folders));
	}
	x->folders[x->count++] =
		(struct folder){ mem_str(step->path), extract_meta_mode(x->rules, step->entry),
				 times[1], timed };
}

static int make_folder(struct extract *x, const struct step *step, bool joins,
		       struct err *err)
{
	OWN_FD int fd = -1;
	int r;

	if (!joins && mkdirat(step->parent_fd, step->name, 0700) < 0)
		return err_errno(err, "mkdir %s", step->path);
	/* The caller may have folders that it may not read; root in a
	 * container has none. */
	fd = openat(step->parent_fd, step->name,
		    (x->rules->daemon ? O_RDONLY : O_PATH) | O_DIRECTORY |
			    O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "open %s", step->path);
	r = extract_meta_owner(x->rules, fd, step->entry, err);
	if (r == 0)
		remember(x, step);
	return r;
}

static int make(struct extract *x, const struct step *step, struct tar_in *in,
		struct err *err)
{
	const char *target = unpack_meta_hardlink(step->entry);
	mode_t type = archive_entry_filetype(step->entry);
	int there = look(x, step, err);

	if (there < 0)
		return there;
	if (target)
		return make_hardlink(x, step, target, err);
	switch (type) {
	case AE_IFDIR:
		return make_folder(x, step, there == 2, err);
	case AE_IFREG:
		return make_file(x, step, in, err);
	case AE_IFLNK:
	case AE_IFCHR:
	case AE_IFBLK:
	case AE_IFIFO:
		return make_other(x, step, type, err);
	default:
		return err_set(err, EINVAL, _("the archive has an entry of an unknown kind: %s"),
			       step->path);
	}
}

/* ---- all of it ---- */

static int one(struct extract *x, struct archive_entry *entry,
	       struct tar_in *in, struct err *err)
{
	struct step step = { .entry = entry, .parent_fd = -1 };
	const char *path = unpack_meta_path(entry);
	int r;

	if (!path)
		return err_set(err, EINVAL, _("the archive has an entry without a name"));
	r = find_place(x, path, &step, err);
	/* The base itself is there and stays as it is. */
	if (r == 0 && step.name && *step.name)
		r = make(x, &step, in, err);
	if (step.parent_fd >= 0)
		close(step.parent_fd);
	free(step.path);
	return r;
}

/* Also after a failure: what is there should not be closed to its owner. */
static void end_folders(struct extract *x)
{
	while (x->count) {
		struct folder *folder = &x->folders[--x->count];
		const struct timespec times[2] = { folder->mtime,
						   folder->mtime };
		OWN_FD int path_fd = open_folder(x, folder->path);
		OWN_FD int fd = path_fd < 0 ?
					-1 :
					openat(path_fd, ".",
					       O_RDONLY | O_DIRECTORY |
						       O_NOFOLLOW | O_CLOEXEC);

		/* Gone or exchanged by somebody else: no matter of ours. */
		if (fd >= 0) {
			(void)fchmod(fd, folder->mode);
			if (folder->timed)
				(void)futimens(fd, times);
		}
		free(folder->path);
	}
	free(x->folders);
}

int extract(int fd, const struct extract_rules *rules, struct err *err)
{
	struct extract x = { .rules = rules };
	struct archive_entry *entry;
	struct tar_facts facts;
	struct tar_in *in = NULL;
	int r = tar_in_open(fd, TAR_NO_DIGESTS, &in, err);

	if (r < 0)
		return r;
	tar_in_watch(in, rules->watch);
	while ((r = tar_in_next(in, &entry, err)) == 1) {
		r = one(&x, entry, in, err);
		if (r < 0)
			break;
	}
	if (r == 0)
		r = tar_in_end(in, &facts, err);
	tar_in_close(in);
	end_folders(&x);
	return r;
}
