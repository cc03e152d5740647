/* runtime/oci_spec.c - see oci_spec.h */
#include "runtime/oci_spec.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/caps.h"
#include "runtime/home.h"
#include "runtime/spec.h"
#include "runtime/userns.h"

static json_t *strings(const char *const *items)
{
	json_t *array = json_array();

	for (; *items; items++)
		json_array_append_new(array, json_string(*items));
	return array;
}

/* Bytes that are no UTF-8 cannot be said in JSON; the record of ours keeps them. */
static json_t *list(const struct strs *strs)
{
	json_t *array = json_array();

	for (size_t i = 0; i < strs->count; i++) {
		json_t *text = json_string(strs->items[i]);

		json_array_append_new(array, text ? text : json_string("?"));
	}
	return array;
}

static json_t *capabilities(uint64_t caps)
{
	json_t *array = json_array();
	json_t *sets;

	for (int cap = 0; cap <= CAP_LAST_CAP; cap++) {
		OWN_BUF struct buf upper = { 0 };
		char *name;

		if (!(caps & CAPS_BIT(cap)))
			continue;
		name = cap_to_name((cap_value_t)cap);
		for (const char *c = name; c && *c; c++)
			buf_char(&upper, (char)toupper((unsigned char)*c));
		(void)cap_free(name);
		json_array_append_new(array, json_string(buf_text(&upper)));
	}
	sets = json_pack("{s:O, s:O, s:O}", "bounding", array, "effective",
			 array, "permitted", array);
	json_decref(array);
	return sets;
}

static json_t *process(const struct spec *spec)
{
	return json_pack("{s:b, s:s, s:o, s:o, s:s, s:o, s:b}", "terminal",
			 spec->tty, "username",
			 spec->user && *spec->user ? spec->user : "root",
			 "args", list(&spec->args), "env", list(&spec->env),
			 "cwd", spec->cwd, "capabilities",
			 capabilities(spec->caps), "noNewPrivileges",
			 spec->no_new_privs);
}

static void add_mount(json_t *mounts, const char *where, const char *type,
		      const char *source, const char *options)
{
	OWN_STRS struct strs parts = { 0 };

	strs_split(&parts, options, ',');
	json_array_append_new(mounts,
			      json_pack("{s:s, s:s, s:s, s:o}", "destination",
					where, "type", type, "source", source,
					"options", list(&parts)));
}

static json_t *mounts(const struct home *home, const struct spec *spec)
{
	static const char *const etc[] = { "hosts", "hostname", "resolv.conf",
					   NULL };
	json_t *array = json_array();

	add_mount(array, "/proc", "proc", "proc", "nosuid,noexec,nodev");
	add_mount(array, "/dev", "tmpfs", "tmpfs",
		  "nosuid,strictatime,mode=755,size=65536k");
	add_mount(array, "/dev/pts", "devpts", "devpts",
		  "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5");
	add_mount(array, "/dev/shm", "tmpfs", "shm",
		  "nosuid,noexec,nodev,mode=1777,size=65536k");
	add_mount(array, "/dev/mqueue", "mqueue", "mqueue",
		  "nosuid,noexec,nodev");
	add_mount(array, "/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro");
	for (const char *const *name = etc; *name; name++) {
		OWN_FREE char *where = mem_fmt("/etc/%s", *name);
		OWN_FREE char *source = mem_fmt("%s/containers/%s/%s",
						home->path, spec->id, *name);

		add_mount(array, where, "bind", source, "rbind,rprivate");
	}
	return array;
}

static json_t *namespaces(const struct spec *spec)
{
	json_t *array = json_pack("[{s:s}, {s:s}, {s:s}, {s:s}, {s:s}]",
				  "type", "mount", "type", "pid", "type", "uts",
				  "type", "ipc", "type", "cgroup");

	if (spec->network != SPEC_NET_HOST)
		json_array_append_new(array,
				      json_pack("{s:s}", "type", "network"));
	if (userns_kind() != USERNS_NONE)
		json_array_append_new(array,
				      json_pack("{s:s}", "type", "user"));
	return array;
}

static json_t *linux_part(const struct spec *spec)
{
	static const char *const masked[] = {
		"/proc/acpi",	      "/proc/asound",	   "/proc/interrupts",
		"/proc/kcore",	      "/proc/keys",	   "/proc/latency_stats",
		"/proc/sched_debug",  "/proc/scsi",	   "/proc/timer_list",
		"/sys/firmware",
		"/sys/devices/virtual/powercap", NULL,
	};
	static const char *const read_only[] = { "/proc/bus", "/proc/fs",
						 "/proc/irq", "/proc/sys",
						 "/proc/sysrq-trigger", NULL };
	static const char *const none[] = { NULL };

	return json_pack("{s:o, s:o, s:o}", "namespaces", namespaces(spec),
			 "maskedPaths",
			 strings(spec->privileged ? none : masked),
			 "readonlyPaths",
			 strings(spec->privileged ? none : read_only));
}

int oci_spec_write(int folder_fd, const struct home *home,
		   const struct spec *spec, struct err *err)
{
	OWN_FREE char *root =
		mem_fmt("%s/run/root", home->path);
	OWN_FREE char *text = NULL;
	OWN_FD int fd = -1;
	int r;
	json_t *config = json_pack(
		"{s:s, s:o, s:{s:s, s:b}, s:s, s:o, s:o}", "ociVersion",
		"1.0.2", "process", process(spec), "root", "path", root,
		"readonly", spec->read_only, "hostname", spec->hostname,
		"mounts", mounts(home, spec), "linux", linux_part(spec));

	text = config ? json_dumps(config, JSON_INDENT(1)) : NULL;
	json_decref(config);
	if (!text)
		return err_set(err, EINVAL, "write config.json: not UTF-8");
	/* Never read back, so it may be seen half written. */
	fd = fs_open(folder_fd, "config.json",
		     O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600, err);
	if (fd < 0)
		return fd;
	r = fs_write_all(fd, text, strlen(text));
	errno = -r;
	return r < 0 ? err_errno(err, "write config.json") : 0;
}
