/* runtime/devices.c - see devices.h */
#include "runtime/devices.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/binds.h"
#include "runtime/exec.h"
#include "runtime/spec.h"

enum { MAX_DEPTH = 16 };

static bool is_device(mode_t mode)
{
	return S_ISCHR(mode) || S_ISBLK(mode);
}

static int cannot_gather(const char *path, const char *why, int code,
			 struct err *err)
{
	err_docker(
		err, ERR_DAEMON, code,
		"error gathering device information while adding custom device \"%s\": %s",
		path, why);
	return err_status(err, code == ENOENT ? 127 : 125);
}

/* What is done with each node. */
struct work {
	device_found *found;
	void *arg;
};

/* arg: the root's descriptor */
static int mount_node(void *arg, const char *from, const char *to,
		      struct err *err)
{
	const int *root_fd = arg;
	OWN_FD int tree = binds_open_tree(AT_FDCWD, from, false, err);
	int r = tree < 0 ? tree : binds_attach(tree, *root_fd, to, false, err);

	return r < 0 ? err_wrap(err, "give the device %s", from) : 0;
}

/* What stands in the way of all devices: file systems and links of /dev that the
 * container has of its own. */
static bool is_own(const char *name)
{
	static const char *const names[] = {
		".",       "..",      "pts",  "shm",         "fd",
		"mqueue",  "console", "ptmx", "stdin",       "stdout",
		"stderr",  "null",    "zero", "full",        "random",
		"urandom", "tty",     ".lxc", ".lxd-mounts", ".udev",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* All nodes in a folder. `lenient`: one that cannot be given is left out. */
/* NOLINTNEXTLINE(readability-function-size): two places, and how */
static int each_in_folder(const struct work *work, const char *from,
			  const char *to, bool lenient, int depth,
			  struct err *err)
{
	OWN_DIR DIR *dir = opendir(from);
	struct dirent *entry;
	int r = 0;

	if (!dir || depth > MAX_DEPTH)
		return lenient ? 0
			       : cannot_gather(from, exec_reason(errno),
					       errno ? errno : ELOOP, err);
	while (r == 0 && (entry = readdir(dir))) {
		OWN_FREE char *source = mem_fmt("%s/%s", from, entry->d_name);
		OWN_FREE char *target = mem_fmt("%s/%s", to, entry->d_name);
		struct err why = { 0 };
		struct stat st;

		if ((depth == 0 && lenient && is_own(entry->d_name)) ||
		    strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 || lstat(source, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			r = each_in_folder(work, source, target, lenient,
					   depth + 1, &why);
		else if (is_device(st.st_mode))
			r = work->found(work->arg, source, target, &why);
		if (r < 0 && lenient)
			r = 0;
		else if (r < 0)
			*err = why;
	}
	return r;
}

static int each_of_device(const struct work *work, const char *text,
			  struct err *err)
{
	OWN_STRS struct strs parts = { 0 };
	const char *from;
	const char *to;
	struct stat st;

	strs_split(&parts, text, ':');
	if (parts.count < 2)
		return err_set(err, EBADMSG, _("the record has a bad device: %s"),
			       text);
	from = parts.items[0];
	to = parts.items[1];
	if (stat(from, &st) < 0)
		return cannot_gather(from, exec_reason(errno), errno, err);
	if (S_ISDIR(st.st_mode))
		return each_in_folder(work, from, to, false, 0, err);
	if (!is_device(st.st_mode))
		return cannot_gather(from, "not a device node", ENODEV, err);
	return work->found(work->arg, from, to, err);
}

int devices_each(const struct spec *spec, device_found *found, void *arg,
		 struct err *err)
{
	const struct work work = { found, arg };
	int r = 0;

	if (spec->privileged)
		r = each_in_folder(&work, "/dev", "/dev", true, 0, err);
	for (size_t i = 0; i < spec->devices.count && r == 0; i++)
		r = each_of_device(&work, spec->devices.items[i], err);
	return r;
}

int devices_mount(int root_fd, const struct spec *spec, struct err *err)
{
	return devices_each(spec, mount_node, &root_fd, err);
}
