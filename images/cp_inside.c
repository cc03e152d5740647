/* images/cp_inside.c - see cp_inside.h */
#include "images/cp_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "images/archive.h"
#include "images/cp_path.h"
#include "images/extract.h"
#include "images/in_root.h"
#include "images/pack.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/container.h"
#include "runtime/userns.h"
#include "runtime/view.h"

/* path, name    as in cp_inside.h
 * mine, theirs  the ends of the socket: the child's and the caller's
 * read_only     the container's root is */
struct request {
	const char *path;
	const char *name;
	int mine;
	int theirs;
	bool keep_owner;
	bool read_only;
};

/* ---- paths in the container ---- */

/* *out_whole: the path, absolute, with its end kept. *out_resolved: the same with
 * the links on the way followed, but not the last word. */
static int resolve(int root_fd, const char *path, char **out_whole,
		   char **out_resolved, struct err *err)
{
	OWN_FREE char *rooted = mem_fmt("/%s", path);
	OWN_FREE char *cleaned = fs_clean_path(rooted);
	OWN_FREE char *whole = cp_path_keep_end(cleaned, path);
	const char *base = strrchr(whole, '/') + 1;
	OWN_FREE char *dir = mem_strn(whole, (size_t)(base - whole));
	OWN_FREE char *folder = NULL;
	int r = in_root_follow(root_fd, dir, NULL, &folder, err);

	if (r < 0)
		return r;
	*out_resolved = mem_fmt("%s%s%s", folder,
				strcmp(folder, "/") == 0 ? "" : "/", base);
	trace_step(TRACE_RESOLVE, "%s -> %s", whole, *out_resolved);
	*out_whole = own_give_ptr(&whole);
	return 0;
}

/* Go's words for what lstat(2) said. Not there: the caller knows how to say it. */
static int cannot_stat(const char *path, struct err *err)
{
	int code = errno;

	return err_docker(err, ERR_DAEMON, code, "lstat %s: %s", path,
			  code == ENOTDIR ? "not a directory" :
			  code == EACCES  ? "permission denied" :
			  code == ELOOP	  ? "too many levels of symbolic links" :
			  code == ENOENT  ? "no such file or directory" :
					    strerror(code));
}

/* ---- the work in the child ---- */

static int stat_work(int root_fd, void *arg, struct buf *reply, struct err *err)
{
	const struct request *request = arg;
	struct cp_stat *found = mem_zero(1, sizeof(*found));
	OWN_FREE char *whole = NULL;
	OWN_FREE char *resolved = NULL;
	OWN_FREE char *target = NULL;
	OWN_FD int fd = -1;
	struct stat st;
	int r = resolve(root_fd, request->path, &whole, &resolved, err);

	if (r < 0)
		return r;
	fd = in_root_open(root_fd, resolved);
	if (fd < 0 || fstat(fd, &st) < 0)
		return cannot_stat(resolved, err);
	found->mode = st.st_mode;
	if (S_ISLNK(st.st_mode)) {
		r = in_root_follow(root_fd, whole, NULL, &target, err);
		if (r < 0)
			return r;
		snprintf(found->target, sizeof(found->target), "%s", target);
	}
	buf_add(reply, found, sizeof(*found)); /* the child's end frees it */
	return 0;
}

static int pack_it(int root_fd, const struct request *request,
		   struct pack *pack, struct err *err)
{
	OWN_FREE char *whole = NULL;
	OWN_FREE char *resolved = NULL;
	OWN_FREE char *dir = NULL;
	OWN_FREE char *base = NULL;
	OWN_FREE char *own_name = NULL;
	OWN_FD int fd = -1;
	struct stat st;
	int r = resolve(root_fd, request->path, &whole, &resolved, err);

	if (r < 0)
		return r;
	fd = in_root_open(root_fd, resolved);
	if (fd < 0 || fstat(fd, &st) < 0)
		return cannot_stat(resolved, err);
	own_name = cp_path_base(whole);
	if (S_ISDIR(st.st_mode))
		return pack_add(pack, fd, ".",
				request->name ? request->name :
				strcmp(own_name, "/") == 0 ? "" : own_name,
				err);
	close(own_give_fd(&fd));
	cp_path_split(resolved, &dir, &base);
	fd = in_root_open(root_fd, dir);
	if (fd < 0)
		return cannot_stat(dir, err);
	return pack_add(pack, fd, base,
			request->name ? request->name : own_name, err);
}

static int read_work(int root_fd, void *arg, struct buf *reply, struct err *err)
{
	const struct request *request = arg;
	const struct pack_rules rules = {
		.noted_owners = userns_kind() != USERNS_NONE,
	};
	struct pack *pack = NULL;
	int r;

	(void)reply;
	close(request->theirs);
	r = pack_open(request->mine, &rules, &pack, err);
	if (r == 0)
		r = pack_it(root_fd, request, pack, err);
	if (r == 0)
		r = pack_end(pack, NULL, err);
	pack_free(pack);
	return r;
}

/* What is mounted in the container says for itself whether it may be written;
 * the root is for its settings to say. */
static int check_writable(int root_fd, int fd, const struct request *request,
			  struct err *err)
{
	struct statvfs fs;
	struct stat root;
	struct stat here;

	if (fstatvfs(fd, &fs) < 0 || fstat(root_fd, &root) < 0 ||
	    fstat(fd, &here) < 0)
		return err_errno(err, "stat %s", request->path);
	if (root.st_dev == here.st_dev && request->read_only)
		return err_docker(err, ERR_DAEMON, EROFS,
				  "container rootfs is marked read-only");
	if (root.st_dev != here.st_dev && (fs.f_flag & ST_RDONLY))
		return err_docker(err, ERR_DAEMON, EROFS,
				  "mounted volume is marked read-only");
	return 0;
}

static int write_work(int root_fd, void *arg, struct buf *reply,
		      struct err *err)
{
	const struct request *request = arg;
	OWN_FREE char *rooted = mem_fmt("/%s", request->path);
	OWN_FREE char *base = NULL;
	OWN_FD int fd = -1;
	struct extract_rules rules = {
		.root_fd = root_fd,
		.owner = request->keep_owner ? EXTRACT_KEEP : EXTRACT_ROOT,
		.daemon = true,
	};
	struct stat st;
	int r;

	(void)reply;
	close(request->theirs);
	r = in_root_follow(root_fd, rooted, NULL, &base, err);
	if (r < 0)
		return r;
	fd = in_root_open(root_fd, base);
	if (fd < 0 || fstat(fd, &st) < 0)
		return cannot_stat(base, err);
	if (!S_ISDIR(st.st_mode))
		return err_docker(err, ERR_DAEMON, ENOTDIR,
				  "extraction point is not a directory");
	r = check_writable(root_fd, fd, request, err);
	if (r < 0)
		return r;
	rules.base_fd = fd;
	rules.base = base;
	return extract(request->mine, &rules, err);
}

/* ---- the caller ---- */

/* Docker's client has one sentence for a container that is not there and for a
 * path that is not. */
int cp_inside_no_such(const char *container, const char *path, struct err *err)
{
	if (err->code != ENOENT || err->voice == ERR_OURS)
		return -err->code;
	return err_docker(err, ERR_CLIENT, ENOENT,
			  "No such container:path: %s:%s", container, path);
}

int cp_inside_stat(const struct home *home, const char *container,
		   const char *path, struct cp_stat *out, struct err *err)
{
	struct request request = { .path = path, .mine = -1, .theirs = -1 };
	const struct view_job job = { NULL, stat_work, &request };
	OWN_BUF struct buf reply = { 0 };
	int r = view_call(home, container, VIEW_READ, &job, &reply, err);

	if (r < 0)
		return cp_inside_no_such(container, path, err);
	memcpy(out, reply.data, sizeof(*out));
	return 0;
}

static int start(const struct home *home, const char *container,
		 const struct view_job *job, struct userns_child *out_child,
		 int *out_fd, struct err *err)
{
	struct request *request = job->arg;
	enum view_how how = job->work == write_work ? VIEW_WRITE : VIEW_READ;
	int pair[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, "socketpair");
	request->mine = pair[1];
	request->theirs = pair[0];
	r = view_start(home, container, how, job, out_child, err);
	close(pair[1]);
	if (r < 0) {
		close(pair[0]);
		return cp_inside_no_such(container, request->path, err);
	}
	*out_fd = pair[0];
	return 0;
}

int cp_inside_read(const struct home *home, const struct cp_read *read,
		   struct userns_child *out_child, int *out_fd,
		   struct err *err)
{
	struct request request = { .path = read->path, .name = read->name };
	const struct view_job job = { archive_prepare, read_work, &request };

	return start(home, read->container, &job, out_child, out_fd, err);
}

int cp_inside_write(const struct home *home, const struct cp_write *write,
		    struct userns_child *out_child, int *out_fd,
		    struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	struct request request = { .path = write->path,
				   .keep_owner = write->keep_owner };
	const struct view_job job = { archive_prepare, write_work, &request };
	int r = container_find(home, write->container, &c, err);

	if (r < 0)
		return cp_inside_no_such(write->container, write->path, err);
	request.read_only = c.spec.read_only;
	return start(home, write->container, &job, out_child, out_fd, err);
}
