/* runtime/container.c - see container.h
 *
 * Create, start, run. Nothing here but the order of calls. */
#include "runtime/container.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/attach.h"
#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container_files.h"
#include "runtime/events.h"
#include "runtime/home.h"
#include "runtime/monitor.h"
#include "runtime/names.h"
#include "runtime/namespaces.h"
#include "runtime/rootfs.h"
#include "runtime/state.h"
#include "runtime/userns.h"
#include "runtime/volumes.h"
#include "runtime/wire.h"

enum { CLEARED_MS = 5000 };

void container_done(struct container *container)
{
	spec_done(&container->spec);
	strs_done(&container->published);
	free(container->error);
	*container = (struct container){ 0 };
}

const char *container_status_name(enum container_status status)
{
	switch (status) {
	case CONTAINER_CREATED:
		return "created";
	case CONTAINER_RUNNING:
		return "running";
	case CONTAINER_PAUSED:
		return "paused";
	case CONTAINER_RESTARTING:
		return "restarting";
	case CONTAINER_REMOVING:
		return "removing";
	case CONTAINER_EXITED:
		return "exited";
	case CONTAINER_DEAD:
		return "dead";
	}
	return "dead";
}

bool container_has_monitor(const struct container *c)
{
	return c->status == CONTAINER_RUNNING ||
	       c->status == CONTAINER_PAUSED ||
	       c->status == CONTAINER_RESTARTING;
}

/* ---- create ---- */

static int conflict(const char *name, const char *holder, struct err *err)
{
	return err_docker(err, ERR_DAEMON, EEXIST,
			  "Conflict. The container name \"/%s\" is already in use by container \"%s\". You have to remove (or rename) that container to be able to reuse that name.",
			  name, holder);
}

static int claim_name(const struct home *home, struct spec *spec,
		      struct err *err)
{
	char holder[ID_LEN + 1] = "";
	int r;

	if (spec->name) {
		r = state_claim_name(home, spec->name, spec->id, holder, err);
		return r == -EEXIST ? conflict(spec->name, holder, err) : r;
	}
	for (int again = 0; again < 100; again++) {
		char name[64];

		names_random_name(spec->id, again, name);
		r = state_claim_name(home, name, spec->id, holder, err);
		if (r == -EEXIST)
			continue;
		if (r == 0)
			spec->name = mem_str(name);
		return r;
	}
	return err_set(err, EEXIST, _("no free name was found in 100 tries"));
}

/* The name of the machine, or of whom the network is shared with; else its id is. */
static void choose_hostname(const struct home *home, struct spec *spec)
{
	const char *donor = namespaces_donor(spec->network_mode);
	OWN_CONTAINER struct container other = { 0 };
	struct err ignored = { 0 };
	char host[256] = "";

	if (!spec->hostname && (namespaces_is_host(spec->network_mode) ||
				namespaces_is_host(spec->uts_mode))) {
		(void)gethostname(host, sizeof(host) - 1);
		spec->hostname = mem_str(host);
	}
	if (!spec->hostname && donor &&
	    container_find(home, donor, &other, &ignored) == 0)
		spec->hostname = mem_str(other.spec.hostname);
	if (!spec->hostname || !*spec->hostname) {
		free(spec->hostname);
		spec->hostname = mem_strn(spec->id, SHORT_ID_LEN);
	}
}

/* Id, name, host name, something below /: what the spec leaves open. */
static int complete(const struct home *home, struct spec *spec, struct err *err)
{
	char id[ID_LEN + 1];
	int r;

	if (spec->name && !names_is_valid(spec->name))
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Invalid container name (%s), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
				  spec->name);
	if (!spec->id) {
		r = names_random_id(id, err);
		if (r < 0)
			return r;
		spec->id = mem_str(id);
	}
	choose_hostname(home, spec);
	return rootfs_need_layer(home, spec, err);
}

/* What was made for a container that cannot be: it comes to no record. */
static void take_back(const struct home *home, int folder_fd,
		      const struct spec *spec)
{
	struct err ignored = { 0 };

	volumes_remove_anonymous(home, spec);
	(void)container_files_remove(home, folder_fd, spec, &ignored);
}

/* The folder, locked by its descriptor, and the name. No record yet. */
static int make(const struct home *home, struct spec *spec, struct err *err)
{
	OWN_FD int folder_fd = -1;
	struct err ignored = { 0 };
	bool named = spec->name;
	int r = complete(home, spec, err);

	if (r < 0)
		return r;
	folder_fd = container_files_make(home, spec, err);
	if (folder_fd < 0)
		return folder_fd;
	r = claim_name(home, spec, err);
	if (r < 0) {
		char *given = spec->name;

		spec->name = mem_str(""); /* not ours to release */
		(void)container_files_remove(home, folder_fd, spec, &ignored);
		free(spec->name);
		spec->name = named ? given : NULL;
		return r;
	}
	r = volumes_prepare(home, spec, err);
	if (r < 0) {
		take_back(home, folder_fd, spec);
		return r;
	}
	return own_give_fd(&folder_fd);
}

int container_create(const struct home *home, struct spec *spec,
		     struct err *err)
{
	OWN_FD int folder_fd = make(home, spec, err);
	struct container container = { .created_ns = clock_now_ns() };

	if (folder_fd < 0)
		return folder_fd;
	container.spec = *spec; /* borrowed for the length of one write */
	if (state_write(folder_fd, &container, err) < 0) {
		take_back(home, folder_fd, spec);
		return -err->code;
	}
	events_note_container(home, spec, "create", NULL);
	return 0;
}

/* ---- start ---- */

/* Hands the locked folder to a new monitor and talks with it. */
/* NOLINTNEXTLINE(readability-function-size): what to start, and who watches */
static int start_monitor(const struct home *home, struct container *container,
			 int *folder_fd, bool again,
			 const struct attach *attach, struct attach_end *end,
			 struct err *err)
{
	struct monitor_start start = {
		.home = home,
		.container = container,
		.folder_fd = *folder_fd,
		.again = again,
	};
	OWN_FD int fd = -1;
	int r;

	if (attach) {
		start.streams = (struct wire_attach){
			.output = attach->out_fd >= 0,
			.error = attach->err_fd >= 0,
			.input = attach->in_fd >= 0,
		};
		if (container->spec.tty)
			start.size = attach_size(attach->out_fd);
	}
	r = monitor_fork(&start, &fd, err);
	if (r < 0 && !again)
		take_back(home, *folder_fd, &container->spec);
	close(own_give_fd(folder_fd)); /* the lock is the monitor's now */
	if (r == 0)
		r = attach_talk(fd, attach, end, err);
	if (r == 0 && end->interrupted)
		return interrupt_err(err);
	if (r < 0) {
		(void)err_status(err, err->status ? err->status : 125);
		err->begun = true;
		userns_explain_become(err);
	}
	return r;
}

/* ---- for a layer ---- */

int container_make_for_layer(const struct home *home, struct spec *spec,
			     struct err *err)
{
	int r = complete(home, spec, err);

	return r < 0 ? r : container_files_make(home, spec, err);
}

void container_clear(const struct home *home, const struct spec *spec,
		     int folder_fd)
{
	struct err ignored = { 0 };

	volumes_remove_anonymous(home, spec);
	/* What could not be removed is swept like a start that was killed. */
	(void)container_files_clear(home, folder_fd, spec, &ignored);
	close(folder_fd);
}

/* Its monitor is at it; the prompt comes back to an empty house. One that had just
 * ended well is ours to clear: it has a folder and no record any more. */
static void wait_until_cleared(const struct home *home, const struct spec *spec)
{
	int64_t until = clock_ms() + CLEARED_MS;
	struct err ignored = { 0 };

	while (clock_ms() < until) {
		OWN_FD int fd = state_open_folder(home, spec->id, &ignored);

		if (fd < 0)
			return;
		if (state_lock(fd, &ignored) == 0) {
			if (!fs_exists(fd, "state.json"))
				container_clear(home, spec, own_give_fd(&fd));
			return;
		}
		usleep(2000);
	}
}

int container_run_for_layer(const struct home *home, struct spec *spec,
			    const struct attach *attach, int *out_exit,
			    int *out_folder_fd, struct err *err)
{
	OWN_FD int folder_fd = -1;
	OWN_FD int lock_fd = -1;
	struct container container = { .created_ns = clock_now_ns() };
	struct attach_end end = { 0 };
	int r;

	spec->for_layer = true;
	folder_fd = make(home, spec, err);
	if (folder_fd < 0)
		return folder_fd;
	/* The same lock: free when both have let go. */
	lock_fd = fcntl(folder_fd, F_DUPFD_CLOEXEC, 3);
	if (lock_fd < 0)
		return err_errno(err, "fcntl");
	container.spec = *spec;
	r = start_monitor(home, &container, &folder_fd, false, attach, &end,
			  err);
	if (r == -EINTR) {
		close(own_give_fd(&lock_fd));
		wait_until_cleared(home, spec);
	}
	if (r < 0)
		return r;
	*out_exit = end.exit_code;
	*out_folder_fd = end.exit_code ? -1 : own_give_fd(&lock_fd);
	return 0;
}

int container_run(const struct home *home, struct spec *spec,
		  const struct attach *attach, int *out_exit, struct err *err)
{
	int r = volumes_check_start(home, spec, err);
	OWN_FD int folder_fd = r < 0 ? r : make(home, spec, err);
	struct container container = { .created_ns = clock_now_ns() };
	struct attach_end end = { 0 };

	if (folder_fd < 0)
		return folder_fd;
	container.spec = *spec; /* borrowed: the monitor's copy is a fork's */
	r = start_monitor(home, &container, &folder_fd, false, attach, &end,
			  err);
	if (r == 0 && out_exit)
		*out_exit = end.exit_code;
	if (end.word[0])
		spec->network_why = mem_str(end.word);
	return r;
}

/* What `start` is to a container that has a monitor. */
static int start_running(const struct home *home, const struct container *c,
			 const struct attach *attach, struct attach_end *end,
			 struct err *err)
{
	if (c->status == CONTAINER_PAUSED)
		return err_docker(err, ERR_DAEMON, EBUSY,
				  "cannot start a paused container, try unpause instead");
	return attach && c->status == CONTAINER_RUNNING ?
		       container_attach(home, c->spec.id, attach, end, err) :
		       0; /* Docker says nothing either */
}

/* With the lock held: somebody may have changed it while we waited for that. */
static int read_again(int folder_fd, struct container *container,
		      struct err *err)
{
	container_done(container);
	return state_read(folder_fd, container, err);
}

int container_start(const struct home *home, const char *id,
		    const struct attach *attach, int *out_exit,
		    struct err *err)
{
	OWN_CONTAINER struct container container = { 0 };
	OWN_FD int folder_fd = -1;
	struct attach_end end = { 0 };
	struct err busy = { 0 };
	int r = container_find(home, id, &container, err);

	if (r < 0)
		return r;
	if (container_has_monitor(&container)) {
		r = start_running(home, &container, attach, &end, err);
	} else {
		r = volumes_check_start(home, &container.spec, err);
		if (r < 0)
			return r;
		r = folder_fd = container_lock_idle(home, container.spec.id,
						    &busy);
		if (r == -EBUSY) /* by somebody else: see above */
			return container_start(home, id, attach, out_exit, err);
		if (r < 0)
			*err = busy;
		else
			r = read_again(folder_fd, &container, err);
		if (r == 0)
			r = start_monitor(home, &container, &folder_fd, true,
					  attach, &end, err);
	}
	if (r == 0 && out_exit)
		*out_exit = end.exit_code;
	return r;
}

/* ---- attach ---- */

/* Docker's client says these, without the voice of a daemon. */
static int check_attachable(const struct container *c, struct err *err)
{
	switch (c->status) {
	case CONTAINER_RUNNING:
		return 0;
	case CONTAINER_PAUSED:
		return err_docker(err, ERR_BARE, EBUSY,
				  "You cannot attach to a paused container, unpause it first");
	case CONTAINER_RESTARTING:
		return err_docker(err, ERR_BARE, EBUSY,
				  "You cannot attach to a restarting container, wait until it is running");
	case CONTAINER_CREATED:
	case CONTAINER_REMOVING:
	case CONTAINER_EXITED:
	case CONTAINER_DEAD:
		break;
	}
	return err_docker(err, ERR_BARE, ESRCH,
			  "You cannot attach to a stopped container, start it first");
}

/* A shell that printed its prompt long ago prints it again when the size of its
 * terminal changes: one larger, and back. Docker does the same. */
static int say_sizes(int fd, const struct attach *attach)
{
	struct winsize size = attach_size(attach->in_fd);
	struct wire_size message = { (uint16_t)(size.ws_row + 1),
				     (uint16_t)(size.ws_col + 1) };
	int r;

	if (!attach->raw_terminal || !size.ws_row)
		return 0;
	r = wire_send(fd, WIRE_RESIZE, &message, sizeof(message));
	message = (struct wire_size){ size.ws_row, size.ws_col };
	return r < 0 ? r : wire_send(fd, WIRE_RESIZE, &message, sizeof(message));
}

/* The socket, given. -EAGAIN: the monitor left between our looking and our asking. */
static int try_attach(const struct home *home, const char *id,
		      const struct attach *attach, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	const struct wire_attach streams = {
		.output = attach->out_fd >= 0,
		.error = attach->err_fd >= 0,
		.input = attach->in_fd >= 0,
	};
	OWN_FD int fd = -1;
	int r = container_find(home, id, &c, err);

	if (r == 0)
		r = check_attachable(&c, err);
	if (r < 0)
		return r;
	fd = monitor_connect(home, c.spec.id, err);
	if (fd == -ESRCH)
		return -EAGAIN;
	if (fd < 0)
		return fd;
	if (wire_send(fd, WIRE_ATTACH, &streams, sizeof(streams)) == 0 &&
	    say_sizes(fd, attach) == 0)
		return own_give_fd(&fd);
	err_errno(err, "talk to the container's monitor");
	return err->code == EPIPE || err->code == ECONNRESET ? -EAGAIN :
							       -err->code;
}

int container_attach(const struct home *home, const char *id,
		     const struct attach *attach, struct attach_end *out_end,
		     struct err *err)
{
	enum { TRIES = 100 };
	OWN_FD int fd = -EAGAIN;
	struct err why = { 0 };
	int r;

	for (int tries = 0; fd == -EAGAIN && tries < TRIES; tries++) {
		if (tries)
			usleep(10000);
		why = (struct err){ 0 };
		fd = try_attach(home, id, attach, &why);
	}
	if (fd < 0) {
		*err = why;
		return -err->code;
	}
	r = attach_talk(fd, attach, out_end, err);
	return r == 0 && out_end->interrupted ? interrupt_err(err) : r;
}
