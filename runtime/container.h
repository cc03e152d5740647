/* runtime/container.h - the life of a container, seen from outside.
 *
 * Owns the order of things: create, start, wait, stop, kill, remove, and the
 * truth about what is there. The record on disk is state.h's, process 1 is
 * stages.h's, the process that watches over it is monitor.h's. */
#ifndef RUNTIME_CONTAINER_H
#define RUNTIME_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/spec.h"

struct buf;
struct err;
struct home;

enum container_status {
	CONTAINER_CREATED,
	CONTAINER_RUNNING,
	CONTAINER_PAUSED,
	CONTAINER_RESTARTING,
	CONTAINER_REMOVING,
	CONTAINER_EXITED,
	CONTAINER_DEAD,
};

enum container_health { HEALTH_NONE, HEALTH_STARTING, HEALTH_HEALTHY,
			HEALTH_UNHEALTHY };

/* A container as it is now: settings and state. Times are nanoseconds since
 * 1970, 0 for "not yet". pid is process 1 as this machine numbers it, 0 when not
 * running. error: why it could not start, or NULL.
 *
 * health, health_failing  what the last checks said, and how many of them in a
 *                         row failed; their output lies in health.json beside
 * asked_to_stop           by `stop` or `kill`: no restart policy brings it back
 * published               while it runs: what listens for it, one an address
 *                         (port_spec.h); spec.ports is what was wished for */
struct container {
	struct spec spec;
	struct strs published;
	enum container_status status;
	pid_t pid;
	pid_t monitor_pid;
	int exit_code;
	bool oom_killed;
	int64_t created_ns;
	int64_t started_ns;
	int64_t finished_ns;
	int restart_count;
	enum container_health health;
	int health_failing;
	bool asked_to_stop;
	char *error;
};

void container_done(struct container *container);
#define OWN_CONTAINER __attribute__((cleanup(container_done)))

/* "created", "running" ...: Docker's words. */
const char *container_status_name(enum container_status status);

/* Running, paused, or about to be started again: somebody watches over it. */
bool container_has_monitor(const struct container *container);

/* The lock of a container that nobody watches over. Another program may have it
 * for a while, a long cp into it: this waits for its end, or for Ctrl-C (-EINTR).
 *
 * Returns the folder's descriptor, which holds the lock (given), or -errno:
 *   -EBUSY   it has been started meanwhile
 *   -ENOENT  it has been removed meanwhile */
int container_lock_idle(const struct home *home, const char *id,
			struct err *err);

struct containers {
	struct container *items;
	size_t count;
};

void containers_done(struct containers *containers);
#define OWN_CONTAINERS __attribute__((cleanup(containers_done)))

/* All of them, newest first. What died without saying so (kill -9 of a monitor,
 * a power cut) is found out and set right first. */
int container_list(const struct home *home, struct containers *out,
		   struct err *err);

/* By name, id or a prefix of the id that fits only one. -ENOENT is Docker's "No
 * such container: x", -EEXIST a prefix that fits several. */
int container_find(const struct home *home, const char *name,
		   struct container *out, struct err *err);

/* Makes the record and the writable layer. Chooses id and name where spec has
 * none, and writes them there. -EEXIST is Docker's Conflict. */
int container_create(const struct home *home, struct spec *spec,
		     struct err *err);

/* How the caller's terminal or pipes are joined to a container.
 *
 * in_fd, out_fd, err_fd  borrowed; -1 leaves that stream alone
 * raw_terminal   in_fd is a terminal: raw mode, window size follows
 * pass_signals   SIGINT, SIGTERM ... of the caller go to process 1
 * further        they are joined to a further program (`exec`), not to process 1
 * joined         it ran before anybody joined it: the third Ctrl-C in a row leaves it
 *                running, where it would end what was started to be watched
 * detach_keys    NULL means Ctrl-P Ctrl-Q
 * red_errors     standard error goes to err_fd in red, as `build` shows it */
struct attach {
	int in_fd;
	int out_fd;
	int err_fd;
	bool raw_terminal;
	bool pass_signals;
	bool further;
	bool joined;
	bool red_errors;
	const char *detach_keys;
};

/* Starts a container that is not running and, with `attach`, stays until its
 * process 1 ends or the user detaches. With attach NULL it returns once the
 * program runs. One that runs already is joined, or left as it is.
 *
 * *out_exit  exit code of process 1 (attached), 0 otherwise
 *
 * Failures before the program runs are Docker's: -ENOENT (status 127), -EACCES
 * (126), else 125. */
int container_start(const struct home *home, const char *id,
		    const struct attach *attach, int *out_exit,
		    struct err *err);

/* As container_create and container_start in one, the way of `run`: the record
 * is written once. */
int container_run(const struct home *home, struct spec *spec,
		  const struct attach *attach, int *out_exit, struct err *err);

/* The same for one step of a build, whose program is to leave a layer behind.
 *
 * The container ends with its starter: killed or interrupted, nothing of it is
 * left. Where its program ended well (*out_exit 0) it is in no list any more, and
 * *out_folder_fd (given), the lock of its files, keeps them until container_clear;
 * a starter that is killed meanwhile leaves what the next command sweeps. Otherwise
 * (*out_folder_fd is -1) it stays as any container does, or goes with
 * spec->auto_remove. */
int container_run_for_layer(const struct home *home, struct spec *spec,
			    const struct attach *attach, int *out_exit,
			    int *out_folder_fd, struct err *err);

/* The files of a container that never runs, to be filled: made, locked, in no
 * list. Returns the lock (given), for container_clear. */
int container_make_for_layer(const struct home *home, struct spec *spec,
			     struct err *err);

/* Makes a folder, and its missing parents, in what container_make_for_layer made.
 * An absolute, clean path. -ENOTDIR is Docker's "Cannot mkdir: /x is not a
 * directory". */
int container_add_folder(const struct home *home, const struct spec *spec,
			 const char *path, struct err *err);

/* Removes what was left for a layer; folder_fd is taken. */
void container_clear(const struct home *home, const struct spec *spec,
		     int folder_fd);

/* Joins one that runs, until its process 1 ends or the user detaches: *out_end.
 * One that does not run, is paused or waits to be started again is refused in
 * Docker's words. */
struct attach_end;
int container_attach(const struct home *home, const char *id,
		     const struct attach *attach, struct attach_end *out_end,
		     struct err *err);

/* Sends the stop signal, waits timeout_s (-1: the container's own; below: for
 * ever), then SIGKILL. One that does not run is fine. The monitor does it: it is
 * finished even when the caller goes away meanwhile (-EINTR). */
enum { CONTAINER_OWN_TIMEOUT = -1, CONTAINER_NO_TIMEOUT = -2 };
int container_stop(const struct home *home, const char *id, int timeout_s,
		   struct err *err);

/* The same in two steps, so that several end at once. Begin returns a descriptor
 * (given) to wait on, -ESRCH where nothing is to be waited for, or an error. `in`, empty
 * at first, holds what was read of it and not heard yet. */
int container_stop_begin(const struct home *home, const char *id, int timeout_s,
			 struct buf *in, struct err *err);
int container_stop_wait(int fd, struct buf *in, struct err *err);

/* A stop, and a start by the same monitor; one that does not run is started. */
int container_restart(const struct home *home, const char *id, int timeout_s,
		      struct err *err);
int container_kill(const struct home *home, const char *id, int signal,
		   struct err *err);

/* Gives it another name, running or not. -EEXIST is Docker's Conflict. */
int container_rename(const struct home *home, const char *id, const char *name,
		     struct err *err);

/* Waits until it does not run; *out_exit its exit code. As in Docker an end after
 * which a restart policy starts it again counts too. */
int container_wait(const struct home *home, const char *id, int *out_exit,
		   struct err *err);

/* Removes record and writable layer. A running one is -EBUSY unless `force`,
 * which kills first. */
int container_remove(const struct home *home, const char *id, bool force,
		     struct err *err);

/* What a container changed. Parents first, each path once, by name. */
enum change_kind { CHANGE_MODIFIED = 'C', CHANGE_ADDED = 'A',
		   CHANGE_DELETED = 'D' };
struct change {
	enum change_kind kind;
	char *path; /* "/tmp/hoge.txt" */
};
struct changes {
	struct change *items;
	size_t count;
};
void changes_done(struct changes *changes);
#define OWN_CHANGES __attribute__((cleanup(changes_done)))

/* Costs by what was changed, not by the size of the image. */
int container_diff(const struct home *home, const char *id,
		   struct changes *out, struct err *err);

/* Bytes that it wrote: what lies in its writable layer. */
int container_size(const struct home *home, const char *id, int64_t *out_bytes,
		   struct err *err);

/* Opens a file as the container sees it (writable layer over image), running or
 * not, links resolved inside its root only. Read-only. Returns a descriptor
 * (given), -ENOENT where there is none. */
int container_open_file(const struct home *home, const char *id,
			const char *path, struct err *err);

#endif
