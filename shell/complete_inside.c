/* shell/complete_inside.c - see complete_parts.h: files of a container or an image
 *
 * They are looked at where the container sees them (runtime/view.h), those of an image
 * in its layers put on each other, by a child: what lies in there is not ours, and may
 * be slow, huge or made to confuse. So the child has half a second, and says no more
 * than some hundred names. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/manifest.h"
#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/rootfs.h"
#include "runtime/userns.h"
#include "runtime/view.h"
#include "shell/complete_parts.h"
#include "shell/shell.h"

enum {
	PATIENCE_MS = 500,
	MOST_NAMES = 500,     /* that fit */
	MOST_ENTRIES = 20000, /* that are looked at */
};

/* cwd     where a path begins that has no slash in front
 * folder  "/etc/", as it was typed; begin: what the name begins with */
struct looking {
	const char *cwd;
	const char *folder;
	const char *begin;
};

/* Whose files: of the container, or (NULL) of the image with these layers. */
struct files_of {
	const struct home *home;
	const char *container;
	const struct strs *links;
};

/* A link is followed as the container would follow it. */
static bool is_folder(int root_fd, const char *folder,
		      const struct dirent *entry)
{
	OWN_FREE char *path = NULL;
	OWN_FD int fd = -1;
	struct err ignored = { 0 };

	if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	path = mem_fmt("%s/%s", folder, entry->d_name);
	fd = fs_open_beneath(root_fd, path, O_PATH | O_DIRECTORY, 0, &ignored);
	return fd >= 0;
}

static bool is_wanted(const struct looking *look, const char *name)
{
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	if (name[0] == '.' && look->begin[0] != '.')
		return false;
	return strncmp(name, look->begin, strlen(look->begin)) == 0;
}

/* In the child. Each name ends with a zero byte. */
static int list(int root_fd, void *arg, struct buf *reply, struct err *err)
{
	const struct looking *look = arg;
	bool whole = look->folder[0] == '/';
	OWN_FREE char *folder = mem_fmt("%s/%s", whole ? "" : look->cwd,
					look->folder);
	OWN_FD int fd = fs_open_beneath(root_fd, folder,
					O_RDONLY | O_DIRECTORY, 0, err);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int names = 0;

	if (!dir)
		return err_errno(err, "open %s", folder);
	(void)own_give_fd(&fd);
	for (int i = 0; i < MOST_ENTRIES && names < MOST_NAMES; i++) {
		entry = readdir(dir);
		if (!entry)
			break;
		if (!is_wanted(look, entry->d_name))
			continue;
		buf_fmt(reply, "%s%s%s", look->folder, entry->d_name,
			is_folder(root_fd, folder, entry) ? "/" : "");
		buf_add(reply, "", 1);
		names++;
	}
	return 0;
}

/* The same for programs in the folders of the usual $PATH. */
static int list_programs(int root_fd, void *arg, struct buf *reply,
			 struct err *err)
{
	static const char *const folders[] = { "bin/",	   "sbin/", "usr/bin/",
					       "usr/sbin/", "usr/local/bin/",
					       NULL };
	const struct looking *look = arg;

	for (const char *const *f = folders; *f; f++) {
		struct looking one = { "", *f, look->begin };
		struct buf paths = { 0 };
		struct err ignored = { 0 }; /* it need not be there */

		(void)list(root_fd, &one, &paths, &ignored);
		for (size_t i = 0; i < paths.len;
		     i += strlen(paths.data + i) + 1)
			buf_add(reply, paths.data + i + strlen(*f),
				strlen(paths.data + i + strlen(*f)) + 1);
		buf_done(&paths);
	}
	(void)err;
	return 0;
}

/* One that is just starting or ending is not waited for. */
static bool stands_still(const struct home *home, const char *name)
{
	OWN_CONTAINER struct container c = { 0 };
	struct err ignored = { 0 };

	return container_find(home, name, &c, &ignored) == 0 &&
	       c.status != CONTAINER_RESTARTING;
}

struct image_job {
	const struct files_of *from;
	const struct view_job *job;
};

static int work_in_image(void *arg, struct buf *reply, struct err *err)
{
	const struct image_job *in = arg;
	OWN_FD int root =
		rootfs_mount_image(in->from->home, in->from->links, err);

	return root < 0 ? root : in->job->work(root, in->job->arg, reply, err);
}

static int look_inside(const struct files_of *from,
		       const struct view_job *job, struct buf *reply)
{
	struct image_job in_image = { from, job };
	struct userns_child child = { -1, -1 };
	struct err ignored = { 0 };
	struct pollfd answer = { .events = POLLIN };
	int r = from->container
			? view_start(from->home, from->container, VIEW_READ,
				     job, &child, &ignored)
			: userns_start(work_in_image, &in_image,
				       USERNS_WITH_MOUNTS, &child, &ignored);

	if (r < 0)
		return r;
	answer.fd = child.reply_fd;
	if (poll(&answer, 1, PATIENCE_MS) <= 0)
		(void)kill(child.pid, SIGKILL); /* it is too slow, not gone */
	return userns_finish(&child, reply, &ignored);
}

static void offer_found(struct place *place, const struct files_of *from,
			const struct view_job *job)
{
	OWN_BUF struct buf reply = { 0 };

	if (look_inside(from, job, &reply) < 0)
		return;
	for (size_t i = 0; i < reply.len; i += strlen(reply.data + i) + 1)
		offer(place, reply.data + i);
}

static void offer_from(struct place *place, const struct files_of *from,
		       const char *cwd)
{
	const char *text = place_text(place);
	const char *slash = strrchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) + 1 : 0;
	OWN_FREE char *folder = mem_strn(text, len);
	struct looking look = { cwd, folder, text + len };
	const struct view_job job = { .work = list, .arg = &look };

	place->out->inside = true;
	offer_found(place, from, &job);
}

void offer_inside(struct place *place, const char *name)
{
	struct files_of from = { place_home(place), name, NULL };

	place->out->inside = true;
	if (from.home && stands_still(from.home, name))
		offer_from(place, &from, "");
}

void offer_container_programs(struct place *place, const char *name)
{
	struct files_of from = { place_home(place), name, NULL };
	struct looking look = { "", "", place_text(place) };
	const struct view_job job = { .work = list_programs, .arg = &look };

	if (from.home && stands_still(from.home, name))
		offer_found(place, &from, &job);
}

/* ---- words of a program in there ---- */

/* What -w says in the line so far, or NULL; borrowed. */
static const char *typed_cwd(const struct place *place)
{
	static const char joined[] = "--workdir=";

	for (char *const *w = place->before; *w && *w != place->first; w++) {
		if (strncmp(*w, joined, strlen(joined)) == 0)
			return *w + strlen(joined);
		if ((strcmp(*w, "-w") == 0 || strcmp(*w, "--workdir") == 0))
			return w[1];
	}
	return NULL;
}

void offer_container_files(struct place *place)
{
	struct files_of from = { place_home(place), place->first, NULL };
	OWN_CONTAINER struct container c = { 0 };
	struct err ignored = { 0 };
	const char *cwd = typed_cwd(place);

	if (!from.home || !stands_still(from.home, place->first) ||
	    container_find(from.home, place->first, &c, &ignored) < 0)
		return;
	if (!cwd)
		cwd = c.spec.cwd;
	offer_from(place, &from, cwd ? cwd : "");
}

void offer_image_files_seen(struct place *place)
{
	OWN_IMAGE struct image image = { 0 };
	struct err ignored = { 0 };
	const char *cwd = typed_cwd(place);
	struct files_of from = { place_home(place), NULL, &image.links };

	if (!place_store(place) || image_find(place->shell->store, place->first,
					      &image, &ignored) < 0)
		return;
	if (!cwd)
		cwd = image.config.working_dir;
	offer_from(place, &from, cwd ? cwd : "");
}
