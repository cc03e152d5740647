/* runtime/container_find.c - which containers there are, and what is true of
 * them.
 *
 * A record says "running" until its monitor writes otherwise. A monitor that was
 * killed writes nothing, but its lock is free: whoever reads such a record sets
 * it right. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"
#include "runtime/cgroup.h"
#include "runtime/container.h"
#include "runtime/container_files.h"
#include "runtime/events.h"
#include "runtime/home.h"
#include "runtime/names.h"
#include "runtime/net.h"
#include "runtime/state.h"
#include "runtime/userns.h"
#include "runtime/volumes.h"

enum { HALF_MADE_S = 2, LOOK_AGAIN_US = 10000 };

void containers_done(struct containers *containers)
{
	for (size_t i = 0; i < containers->count; i++)
		container_done(&containers->items[i]);
	free(containers->items);
	*containers = (struct containers){ 0 };
}

static bool is_id(const char *name)
{
	return strlen(name) == ID_LEN &&
	       strspn(name, "0123456789abcdef") == ID_LEN;
}

static void remove_socket(const struct home *home, const char *id)
{
	char path[40];

	snprintf(path, sizeof(path), "run/%.12s.sock", id);
	(void)unlinkat(home->fd, path, 0);
}

/* The monitor is gone and the record does not know. */
static int bury(const struct home *home, int folder_fd, struct container *c,
		struct err *err)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	remove_socket(home, c->spec.id);
	cgroup_remove(folder_fd, c->spec.id);
	/* A step whose build was killed with it is of no use to anybody. */
	if (c->spec.auto_remove || c->spec.for_layer) {
		volumes_remove_anonymous(home, &c->spec);
		(void)container_files_remove(home, folder_fd, &c->spec, err);
		return -ENOENT;
	}
	container_files_open_work(folder_fd);
	c->status = CONTAINER_EXITED;
	c->pid = 0;
	c->monitor_pid = 0;
	for (size_t i = 0; i < c->spec.networks.count; i++)
		endpoint_clear(&c->spec.networks.items[i]);
	c->exit_code = 255; /* Docker's number for "nobody saw it end" */
	c->finished_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	strs_clear(&c->published);
	free(c->error);
	c->error = mem_str(c->spec.restart_policy &&
					   strcmp(c->spec.restart_policy, "no") != 0 ?
				   "the monitor was killed, and the container and its restart policy with it: start brings both back" :
				   "the monitor was killed, and the container with it");
	events_note_container(home, &c->spec, "die", "exitCode=255");
	return state_write(folder_fd, c, err);
}

/* A folder without a record: a start that was killed at its first steps. Its
 * maker takes the lock before it puts anything into it; so one with something in
 * it and a free lock is nobody's, an empty one may be a moment old. Since nobody saw
 * a record, one may have been written, and its program may have ended: that is
 * looked for with the lock held. */
static void sweep_half_made(const struct home *home, int folder_fd,
			    const char *id)
{
	struct spec spec = { .id = mem_str(id), .name = mem_str("") };
	struct err ignored = { 0 };
	struct stat st;

	if (fstat(folder_fd, &st) == 0 &&
	    (fs_exists(folder_fd, "upper") ||
	     st.st_mtime + HALF_MADE_S < time(NULL)) &&
	    state_lock(folder_fd, &ignored) == 0 &&
	    !fs_exists(folder_fd, "state.json")) {
		remove_socket(home, id);
		cgroup_remove(folder_fd, id);
		(void)container_files_remove(home, folder_fd, &spec, &ignored);
	}
	free(spec.id);
	free(spec.name);
}

/* A start that was killed before it could be written down may have made one. */
static void sweep_cgroup(int folder_fd, const char *id)
{
	struct err ignored = { 0 };

	if (cgroup_is_noted(folder_fd, id) &&
	    state_lock(folder_fd, &ignored) == 0)
		cgroup_remove(folder_fd, id);
}

/* Reads one and sees that it is true. -ENOENT: there is none. */
static int load(const struct home *home, const char *id,
		struct container *out, struct err *err)
{
	OWN_FD int folder_fd = state_open_folder(home, id, err);
	struct err missing = { 0 };
	int r;

	if (folder_fd < 0)
		return folder_fd;
	r = state_read(folder_fd, out, &missing);
	if (r == -ENOENT) {
		sweep_half_made(home, folder_fd, id);
		r = state_read(folder_fd, out, &missing);
	}
	if (r < 0) {
		*err = missing;
		return r;
	}
	if (out->status != CONTAINER_RUNNING &&
	    out->status != CONTAINER_PAUSED &&
	    out->status != CONTAINER_RESTARTING) {
		sweep_cgroup(folder_fd, id);
		return 0;
	}
	if (state_is_locked(folder_fd))
		return 0;
	/* Between our reading and our looking it may have ended well. */
	r = state_lock(folder_fd, err);
	if (r < 0)
		return 0;
	container_done(out);
	r = state_read(folder_fd, out, err);
	if (r == 0 && out->status != CONTAINER_EXITED &&
	    out->status != CONTAINER_CREATED)
		r = bury(home, folder_fd, out, err);
	if (r < 0)
		container_done(out);
	return r;
}

static int newest_first(const void *a, const void *b)
{
	const struct container *x = a;
	const struct container *y = b;

	return x->created_ns < y->created_ns ? 1 :
	       x->created_ns > y->created_ns ? -1 :
					       0;
}

int container_list(const struct home *home, struct containers *out,
		   struct err *err)
{
	OWN_FD int fd = fs_open_dir(home->fd, "containers", err);
	OWN_DIR DIR *dir = NULL;
	OWN_CONTAINERS struct containers all = { 0 };
	struct dirent *entry;

	if (fd < 0)
		return fd;
	net_sweep(home);
	dir = fdopendir(fd);
	if (!dir)
		return err_errno(err, "read the folder of containers");
	(void)own_give_fd(&fd);
	while ((entry = readdir(dir))) {
		struct container one;
		struct err ignored = { 0 };

		/* A record that cannot be read must not hide the others. */
		if (!is_id(entry->d_name) ||
		    load(home, entry->d_name, &one, &ignored) < 0)
			continue;
		all.items = mem_grow(all.items, all.count + 1,
				     sizeof(*all.items));
		all.items[all.count++] = one;
	}
	if (all.count)
		qsort(all.items, all.count, sizeof(*all.items), newest_first);
	*out = all;
	memset(&all, 0, sizeof(all)); /* given away */
	return 0;
}

static int no_such(const char *name, struct err *err)
{
	return err_docker(err, ERR_CLIENT, ENOENT, "No such container: %s",
			  name);
}

/* The one id that begins with `prefix`. */
static int find_prefix(const struct home *home, const char *prefix, char *id,
		       struct err *err)
{
	OWN_FD int fd = fs_open_dir(home->fd, "containers", err);
	OWN_DIR DIR *dir = NULL;
	struct dirent *entry;
	size_t len = strlen(prefix);

	id[0] = '\0';
	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir)
		return err_errno(err, "read the folder of containers");
	(void)own_give_fd(&fd);
	while ((entry = readdir(dir))) {
		if (!is_id(entry->d_name) ||
		    strncmp(entry->d_name, prefix, len) != 0)
			continue;
		if (id[0])
			return err_docker(err, ERR_DAEMON, EEXIST,
					  "Multiple IDs found with provided prefix: %s",
					  prefix);
		memcpy(id, entry->d_name, ID_LEN + 1);
	}
	return id[0] ? 0 : no_such(prefix, err);
}

int container_find(const struct home *home, const char *name,
		   struct container *out, struct err *err)
{
	char id[ID_LEN + 1];
	struct err why = { 0 };
	const char *bare = name[0] == '/' ? name + 1 : name;
	int r;

	/* Docker's order: a whole id, a name, the beginning of an id. */
	if (is_id(bare))
		memcpy(id, bare, ID_LEN + 1);
	else
		state_id_of_name(home, bare, id);
	if (!id[0]) {
		if (!*bare ||
		    strspn(bare, "0123456789abcdef") != strlen(bare))
			return no_such(name, err);
		r = find_prefix(home, bare, id, err);
		if (r < 0)
			return r == -ENOENT ? no_such(name, err) : r;
	}
	r = load(home, id, out, &why);
	if (r == -ENOENT)
		return no_such(name, err);
	if (r < 0)
		*err = why;
	return r;
}

/* ---- the lock ---- */

/* One try: the folder, locked. -EAGAIN: somebody has it who will let it go. */
static int try_to_lock(const struct home *home, const char *id, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_FD int fd = state_open_folder(home, id, err);
	struct err busy = { 0 };
	int r;

	if (fd < 0)
		return fd;
	r = state_lock(fd, &busy);
	if (r == 0)
		return fs_exists(fd, "state.json") ?
			       own_give_fd(&fd) :
			       no_such(id, err); /* it has been removed */
	if (r != -EBUSY) {
		*err = busy;
		return r;
	}
	if (interrupt_seen())
		return interrupt_err(err);
	r = container_find(home, id, &c, err);
	if (r < 0)
		return r;
	if (!container_has_monitor(&c))
		return -EAGAIN;
	*err = busy;
	return -EBUSY;
}

int container_lock_idle(const struct home *home, const char *id,
			struct err *err)
{
	for (;;) {
		int fd = try_to_lock(home, id, err);

		if (fd != -EAGAIN)
			return fd;
		usleep(LOOK_AGAIN_US);
	}
}
