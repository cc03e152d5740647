/* runtime/container.c - see container.h
 *
 * Create, start, run. Nothing here but the order of calls. */
#include "runtime/container.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/attach.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container_files.h"
#include "runtime/home.h"
#include "runtime/monitor.h"
#include "runtime/names.h"
#include "runtime/namespaces.h"
#include "runtime/state.h"
#include "runtime/userns.h"
#include "runtime/volumes.h"

void container_done(struct container *container)
{
	spec_done(&container->spec);
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
	return err_set(err, EEXIST, "no free name was found in 100 tries");
}

/* Id, name, host name: what the spec leaves open. */
static int complete(struct spec *spec, struct err *err)
{
	char id[ID_LEN + 1];
	char host[256] = "";
	int r;

	if (spec->name && !names_is_valid(spec->name))
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Invalid container name (%s), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
				  spec->name);
	r = names_random_id(id, err);
	if (r < 0)
		return r;
	free(spec->id);
	spec->id = mem_str(id);
	if (!spec->hostname && (spec->network == SPEC_NET_HOST ||
				namespaces_is_host(spec->uts_mode))) {
		(void)gethostname(host, sizeof(host) - 1);
		spec->hostname = mem_str(host);
	}
	if (!spec->hostname || !*spec->hostname) {
		free(spec->hostname);
		spec->hostname = mem_strn(id, SHORT_ID_LEN);
	}
	return 0;
}

/* The folder, locked by its descriptor, and the name. No record yet. */
static int make(const struct home *home, struct spec *spec, struct err *err)
{
	OWN_FD int folder_fd = -1;
	struct err ignored = { 0 };
	bool named = spec->name;
	int r = complete(spec, err);

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
		(void)container_files_remove(home, folder_fd, spec, &ignored);
		return r;
	}
	return own_give_fd(&folder_fd);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int container_create(const struct home *home, struct spec *spec,
		     struct err *err)
{
	OWN_FD int folder_fd = make(home, spec, err);
	struct container container = { .created_ns = now_ns() };
	struct err ignored = { 0 };

	if (folder_fd < 0)
		return folder_fd;
	container.spec = *spec; /* borrowed for the length of one write */
	if (state_write(folder_fd, &container, err) < 0) {
		(void)container_files_remove(home, folder_fd, spec, &ignored);
		return -err->code;
	}
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
	r = container_files_write_etc(*folder_fd, &container->spec, err);
	if (r == 0)
		r = monitor_fork(&start, &fd, err);
	close(own_give_fd(folder_fd)); /* the lock is the monitor's now */
	if (r == 0)
		r = attach_talk(fd, attach, end, err);
	if (r == 0 && end->interrupted)
		return interrupt_err(err);
	if (r < 0) {
		(void)err_status(err, err->status ? err->status : 125);
		userns_explain_become(err);
	}
	return r;
}

int container_run(const struct home *home, struct spec *spec,
		  const struct attach *attach, int *out_exit, struct err *err)
{
	OWN_FD int folder_fd = make(home, spec, err);
	struct container container = { .created_ns = now_ns() };
	struct attach_end end;
	int r;

	if (folder_fd < 0)
		return folder_fd;
	container.spec = *spec; /* borrowed: the monitor's copy is a fork's */
	r = start_monitor(home, &container, &folder_fd, false, attach, &end,
			  err);
	if (r == 0 && out_exit)
		*out_exit = end.exit_code;
	return r;
}

int container_start(const struct home *home, const char *id,
		    const struct attach *attach, int *out_exit,
		    struct err *err)
{
	OWN_CONTAINER struct container container = { 0 };
	OWN_FD int folder_fd = -1;
	struct attach_end end;
	int r = container_find(home, id, &container, err);

	if (r < 0)
		return r;
	if (container.status == CONTAINER_PAUSED)
		return err_docker(err, ERR_DAEMON, EBUSY,
				  "cannot start a paused container, try unpause instead");
	if (container.status == CONTAINER_RUNNING)
		return 0; /* Docker says nothing either */
	folder_fd = state_open_folder(home, container.spec.id, err);
	if (folder_fd < 0)
		return folder_fd;
	r = state_lock(folder_fd, err);
	if (r < 0)
		return r;
	r = start_monitor(home, &container, &folder_fd, true, attach, &end,
			  err);
	if (r == 0 && out_exit)
		*out_exit = end.exit_code;
	return r;
}
