/* runtime/net_place.c - see net_place.h; the keeper is net_keeper.c's.
 *
 *   monitor                                  keeper
 *   -------                                  ------
 *   lock DOOR
 *   who has KEEPER? nobody:
 *   clone3(user net) ----------------------> in two new namespaces (root: none)
 *   write uid_map, gid_map
 *   "go" ----------------------------------> lock KEEPER
 *        <---------------------------------- "ready", or struct err
 *   setns(keeper, user net)                  waits until it can lock USERS
 *   lock USERS, shared
 *   unlock DOOR
 *
 * Source: fcntl(2), "Advisory record locking"; setns(2); user_namespaces(7): whoever
 * made a user namespace has all rights over it from outside. */
#include "runtime/net_place.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/net_bridge.h"
#include "runtime/net_keeper.h"
#include "runtime/net_way_out.h"
#include "runtime/sys.h"
#include "runtime/userns.h"

static struct flock one_byte(short type, enum net_lock byte)
{
	return (struct flock){
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};
}

int net_lock_set(int fd, enum net_lock byte, short type, bool wait)
{
	struct flock lock = one_byte(type, byte);

	while (fcntl(fd, wait ? F_SETLKW : F_SETLK, &lock) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

pid_t net_lock_holder(int fd, enum net_lock byte)
{
	struct flock lock = one_byte(F_WRLCK, byte);

	if (fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return 0;
	return lock.l_pid;
}

int net_place_open(const struct home *home, bool make, struct err *err)
{
	return fs_open(home->fd, "run/net",
		       O_RDWR | O_NOFOLLOW | (make ? O_CREAT : 0), 0600, err);
}

/* A process that is in there: the keeper, or where it was killed one of the monitors.
 * Its number may have passed to another one since the kernel told it, unless it has
 * the lock still. Returns a descriptor of it (given), or -ESRCH. */
static int open_somebody(int fd)
{
	static const enum net_lock order[] = { NET_KEEPER, NET_USERS };

	for (int i = 0; i < 2; i++) {
		pid_t pid = net_lock_holder(fd, order[i]);
		OWN_FD int pidfd = pid > 0 ? sys_pidfd_open(pid) : -1;

		if (pidfd >= 0 && net_lock_holder(fd, order[i]) == pid)
			return own_give_fd(&pidfd);
	}
	return -ESRCH;
}

/* An account that was given subordinate ids while its containers ran. */
static int go_in(int somebody, struct err *err)
{
	enum userns_kind before = userns_kind();
	int r = userns_enter(somebody, CLONE_NEWUSER | CLONE_NEWNET, err);

	if (r < 0 || userns_kind() == before)
		return r;
	err_set(err, EBUSY,
		_("the network of the containers that run was made when this account had one id, and no other can be had in it"));
	return err_hint(err, _("end them ('ps' lists them) and try again a few seconds later: it is made anew then; --network none works at once"));
}

/* DOOR is locked. */
static int enter(const struct home *home, int fd, struct err *err)
{
	bool shared = userns_kind() != USERNS_NONE;
	OWN_FD int somebody = -1;
	pid_t way_out = 0;
	bool fresh = false;
	int r = 0;

	if (shared || net_lock_holder(fd, NET_KEEPER) == 0)
		somebody = open_somebody(fd);
	if (net_lock_holder(fd, NET_KEEPER) == 0) {
		fresh = shared && somebody < 0;
		r = net_keeper_start(home, fd, shared ? somebody : -1, &way_out,
				     err);
		if (r == 0 && shared && somebody < 0)
			somebody = open_somebody(fd);
	}
	if (r == 0 && shared && somebody < 0)
		r = err_set(err, ESRCH, _("the keeper of the networks ended"));
	if (r == 0 && shared)
		r = go_in(somebody, err);
	if (r == 0 && fresh)
		way_out_wait(way_out);
	return r;
}

int net_place_enter(const struct home *home, struct err *err)
{
	OWN_FD int fd = net_place_open(home, true, err);
	int r;

	if (fd < 0)
		return fd;
	if (net_lock_set(fd, NET_DOOR, F_WRLCK, true) < 0)
		return err_errno(err, "lock run/net");
	r = enter(home, fd, err);
	/* The keeper has it for a moment when it finds nobody. */
	if (r == 0 && net_lock_set(fd, NET_USERS, F_RDLCK, true) < 0)
		r = err_errno(err, "lock run/net");
	(void)net_lock_set(fd, NET_DOOR, F_UNLCK, false);
	return r < 0 ? r : own_give_fd(&fd);
}

int net_place_visit(const struct home *home, struct err *err)
{
	struct err ignored = { 0 };
	OWN_FD int fd = net_place_open(home, false, &ignored);
	OWN_FD int somebody = fd < 0 ? -1 : open_somebody(fd);
	int r;

	if (userns_kind() == USERNS_NONE)
		return 1;
	if (somebody < 0)
		return 0;
	r = userns_enter(somebody, CLONE_NEWUSER | CLONE_NEWNET, err);
	return r < 0 ? r : 1;
}

bool net_place_is_kept(const struct home *home)
{
	struct err none = { 0 };
	OWN_FD int fd = net_place_open(home, false, &none);

	return fd >= 0 && net_lock_holder(fd, NET_KEEPER) != 0;
}

void net_place_sweep(const struct home *home)
{
	struct err ignored = { 0 };
	OWN_FD int fd = -1;
	struct stat st;

	/* It is empty where all was taken down as it should be. */
	if (fstatat(home->fd, "run/net", &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_size == 0)
		return;
	fd = net_place_open(home, false, &ignored);
	if (fd < 0 || net_lock_holder(fd, NET_KEEPER) != 0 ||
	    net_lock_set(fd, NET_DOOR, F_WRLCK, false) < 0)
		return;
	if (net_lock_holder(fd, NET_USERS) == 0 &&
	    net_lock_holder(fd, NET_KEEPER) == 0) {
		way_out_end(fd);
		if (userns_kind() == USERNS_NONE)
			net_bridge_remove_all(home);
		(void)!ftruncate(fd, 0);
	}
	(void)net_lock_set(fd, NET_DOOR, F_UNLCK, false);
}

/* Opens what another home's DOOR is in, and locks that: nobody comes in meanwhile. With a
 * look alone somebody could come between two locks that are looked at. */
static bool hold_door(const char *path, int *out_fd, bool *out_missing)
{
	OWN_FREE char *file = mem_fmt("%s/run/net", path);
	OWN_FD int fd = open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	*out_fd = -1;
	*out_missing = fd < 0 && (errno == ENOENT || errno == ENOTDIR);
	if (fd < 0 || net_lock_set(fd, NET_DOOR, F_WRLCK, false) < 0)
		return false;
	*out_fd = own_give_fd(&fd);
	return true;
}

static void let_door_go(int *fd)
{
	close(*fd);
	*fd = -1;
}

bool net_place_hold_left(const char *path, int *out_fd, bool *out_missing)
{
	if (!hold_door(path, out_fd, out_missing))
		return false;
	if (net_lock_holder(*out_fd, NET_KEEPER) == 0 &&
	    net_lock_holder(*out_fd, NET_USERS) == 0)
		return true;
	let_door_go(out_fd);
	return false;
}

bool net_place_hold_idle(const char *path, int *out_fd, bool *out_missing)
{
	if (!hold_door(path, out_fd, out_missing))
		return false;
	if (net_lock_holder(*out_fd, NET_USERS) == 0)
		return true;
	let_door_go(out_fd);
	return false;
}
