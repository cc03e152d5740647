/* shell/complete_inside.c - see complete_parts.h: files of a container
 *
 * They are looked at where the container sees them (runtime/view.h), by a child:
 * what lies in there is not ours, and may be slow, huge or made to confuse. So the
 * child has half a second, and says no more than some hundred names. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/userns.h"
#include "runtime/view.h"
#include "shell/complete_parts.h"

enum {
	PATIENCE_MS = 500,
	MOST_NAMES = 500,     /* that fit */
	MOST_ENTRIES = 20000, /* that are looked at */
};

/* folder  "/etc/", as it was typed; begin: what the name begins with */
struct looking {
	const char *folder;
	const char *begin;
};

static bool is_folder(int fd, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(fd, entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static bool is_wanted(const struct looking *look, const char *name)
{
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	if (name[0] == '.' && look->begin[0] != '.')
		return false;
	return strncmp(name, look->begin, strlen(look->begin)) == 0;
}

/* In the child; / is the container's. Each name ends with a zero byte. */
static int list(int root_fd, void *arg, struct buf *reply, struct err *err)
{
	const struct looking *look = arg;
	const char *folder = look->folder + strspn(look->folder, "/");
	OWN_FD int fd = openat(root_fd, *folder ? folder : ".",
			       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int names = 0;

	if (!dir)
		return err_errno(err, "open %s", look->folder);
	(void)own_give_fd(&fd);
	for (int i = 0; i < MOST_ENTRIES && names < MOST_NAMES; i++) {
		entry = readdir(dir);
		if (!entry)
			break;
		if (!is_wanted(look, entry->d_name))
			continue;
		buf_fmt(reply, "%s%s%s", look->folder, entry->d_name,
			is_folder(dirfd(dir), entry) ? "/" : "");
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
		struct looking one = { *f, look->begin };
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

static int look_inside(const struct home *home, const char *name,
		       const struct view_job *job, struct buf *reply)
{
	struct userns_child child = { -1, -1 };
	struct err ignored = { 0 };
	struct pollfd answer = { .events = POLLIN };
	int r = view_start(home, name, VIEW_READ, job, &child, &ignored);

	if (r < 0)
		return r;
	answer.fd = child.reply_fd;
	if (poll(&answer, 1, PATIENCE_MS) <= 0)
		(void)kill(child.pid, SIGKILL); /* it is too slow, not gone */
	return userns_finish(&child, reply, &ignored);
}

void offer_inside(struct place *place, const char *name)
{
	const struct home *home = place_home(place);
	const char *text = place_text(place);
	const char *slash = strrchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) + 1 : 0;
	OWN_FREE char *folder = mem_strn(text, len);
	struct looking look = { folder, text + len };
	const struct view_job job = { .work = list, .arg = &look };
	OWN_BUF struct buf reply = { 0 };

	place->out->inside = true;
	if (!home || !stands_still(home, name) ||
	    look_inside(home, name, &job, &reply) < 0)
		return;
	for (size_t i = 0; i < reply.len; i += strlen(reply.data + i) + 1)
		offer(place, reply.data + i);
}

void offer_container_programs(struct place *place, const char *name)
{
	const struct home *home = place_home(place);
	struct looking look = { "", place_text(place) };
	const struct view_job job = { .work = list_programs, .arg = &look };
	OWN_BUF struct buf reply = { 0 };

	if (!home || !stands_still(home, name) ||
	    look_inside(home, name, &job, &reply) < 0)
		return;
	for (size_t i = 0; i < reply.len; i += strlen(reply.data + i) + 1)
		offer(place, reply.data + i);
}
