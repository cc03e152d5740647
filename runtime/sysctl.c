/* runtime/sysctl.c - see sysctl.h */
#include "runtime/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/calls.h"
#include "runtime/exec.h"
#include "runtime/namespaces.h"
#include "runtime/spec.h"

static bool begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_of_ipc(const char *name)
{
	static const char *const names[] = {
		"kernel.msgmax", "kernel.msgmnb",          "kernel.msgmni",
		"kernel.sem",    "kernel.shmall",          "kernel.shmmax",
		"kernel.shmmni", "kernel.shm_rmid_forced",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return begins_with(name, "fs.mqueue.");
}

/* A name becomes a path: nothing in it may lead elsewhere. */
static bool is_plain(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789_-./")] == '\0' &&
	       !strstr(name, "..") && !strstr(name, "//") &&
	       !strstr(name, "./") && !strstr(name, "/.");
}

int sysctl_check(const char *text, struct err *err)
{
	OWN_FREE char *name = mem_strn(text, strcspn(text, "="));

	if (strchr(text, '=') && is_plain(name) &&
	    (is_of_ipc(name) || begins_with(name, "net.")))
		return 0;
	return err_docker(err, ERR_BARE, EINVAL,
			  "sysctl '%s' is not whitelisted", text);
}

static int not_own(const char *name, const char *why, struct err *err)
{
	err_docker(
		err, ERR_DAEMON, EPERM,
		"failed to create shim task: OCI runtime create failed: runc create failed: sysctl \"%s\" %s: unknown",
		name, why);
	return err_status(err, 125);
}

static int set_one(int root_fd, const struct spec *spec, const char *text,
		   struct err *err)
{
	OWN_FREE char *name = mem_strn(text, strcspn(text, "="));
	OWN_FREE char *path = mem_fmt("proc/sys/%s", name);
	const char *value = strchr(text, '=') + 1;
	struct err why = { 0 };
	OWN_FD int fd = -1;

	if (begins_with(name, "net.") && namespaces_is_host(spec->network_mode))
		return not_own(name, "not allowed in host network namespace",
			       err);
	if (is_of_ipc(name) && namespaces_is_host(spec->ipc_mode))
		return not_own(
			name, "is not allowed in the hosts ipc namespace", err);
	for (char *c = path + strlen("proc/sys/"); *c; c++)
		if (*c == '.')
			*c = '/';
	fd = fs_open_beneath(root_fd, path, O_WRONLY, 0, &why);
	if (fd >= 0 && call_write(TRACE_SYSCTL, fd, path, value) >= 0)
		return 0;
	err_docker(
		err, ERR_DAEMON, errno,
		"failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: %s /%s: %s: unknown",
		fd < 0 ? "open" : "write", path, exec_reason(errno));
	if (err->code == EACCES || err->code == EPERM)
		(void)err_hint(
			err,
			_("this kernel lets only the machine's root change it"));
	/* Docker's client reads the words: what is not found is 127. */
	return err_status(err, err->code == ENOENT ? 127 : 125);
}

int sysctl_set(int root_fd, const struct spec *spec, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < spec->sysctls.count && r == 0; i++) {
		const char *text = spec->sysctls.items[i];

		r = sysctl_check(text, err);
		if (r == 0)
			r = set_one(root_fd, spec, text, err);
	}
	return r;
}
