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
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/caps.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/mount_spec.h"
#include "runtime/namespaces.h"
#include "runtime/rlimits.h"
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
		OWN_FREE char *name = NULL;

		if (!(caps & CAPS_BIT(cap)))
			continue;
		name = caps_name(cap);
		json_array_append_new(array, json_string(name));
	}
	sets = json_pack("{s:O, s:O, s:O}", "bounding", array, "effective",
			 array, "permitted", array);
	json_decref(array);
	return sets;
}

static json_t *rlimits(const struct strs *ulimits)
{
	json_t *array = json_array();

	for (size_t i = 0; i < ulimits->count; i++) {
		OWN_BUF struct buf name = { 0 };
		struct rlimit_wish wish = { 0 };
		struct err ignored = { 0 };

		if (rlimits_parse(ulimits->items[i], &wish, &ignored) < 0)
			continue;
		buf_str(&name, "RLIMIT_");
		for (const char *c = wish.name; *c; c++)
			buf_char(&name, (char)(*c - 'a' + 'A'));
		json_array_append_new(
			array,
			json_pack("{s:s, s:I, s:I}", "type", buf_text(&name),
				  "hard", (json_int_t)wish.value.rlim_max,
				  "soft", (json_int_t)wish.value.rlim_cur));
	}
	return array;
}

static json_t *process(const struct spec *spec)
{
	json_t *process = json_pack(
		"{s:b, s:s, s:o, s:o, s:s, s:o, s:b}", "terminal", spec->tty,
		"username", spec->user && *spec->user ? spec->user : "root",
		"args", list(&spec->args), "env", list(&spec->env), "cwd",
		spec->cwd, "capabilities", capabilities(spec->caps),
		"noNewPrivileges", spec->no_new_privs);

	if (process && spec->ulimits.count)
		json_object_set_new(process, "rlimits",
				    rlimits(&spec->ulimits));
	if (process && spec->oom_score_adj)
		json_object_set_new(process, "oomScoreAdj",
				    json_integer(spec->oom_score_adj));
	return process;
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

/* What the user mounts, in the order in which it happens. */
static void add_binds(json_t *mounts, const struct home *home,
		      const struct spec *spec)
{
	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
		OWN_FREE char *source = NULL;
		struct err ignored = { 0 };

		if (mount_spec_read(spec->mounts.items[i], &mount, &ignored) <
		    0)
			continue;
		source = mount_spec_is(&mount, "volume") ?
				 mem_fmt("%s/volumes/%s/_data", home->path,
					 mount.source) :
				 mem_str(mount.source ? mount.source : "tmpfs");
		add_mount(mounts, mount.target,
			  mount_spec_is(&mount, "tmpfs") ? "tmpfs" : "bind",
			  source,
			  mount_spec_is(&mount, "tmpfs") ?
				  "noexec,nosuid,nodev" :
			  mount.readonly ? "rbind,rprivate,ro" :
					   "rbind,rprivate");
	}
	for (size_t i = 0; i < spec->tmpfs.count; i++) {
		const char *text = spec->tmpfs.items[i];
		size_t len = strcspn(text, ":");
		OWN_FREE char *target = mem_strn(text, len);
		OWN_FREE char *options = mem_fmt("noexec,nosuid,nodev%s%s",
						 text[len] ? "," : "",
						 text[len] ? text + len + 1 :
							     "");

		add_mount(mounts, target, "tmpfs", "tmpfs", options);
	}
}

static json_t *mounts(const struct home *home, const struct spec *spec)
{
	static const char *const etc[] = { "hosts", "hostname", "resolv.conf",
					   NULL };
	OWN_FREE char *shm = mem_fmt("nosuid,noexec,nodev,mode=1777,size=%lld",
				     (long long)spec->shm_size_bytes);
	json_t *array = json_array();

	add_mount(array, "/proc", "proc", "proc", "nosuid,noexec,nodev");
	add_mount(array, "/dev", "tmpfs", "tmpfs",
		  "nosuid,strictatime,mode=755,size=65536k");
	add_mount(array, "/dev/pts", "devpts", "devpts",
		  "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5");
	if (!spec->ipc_mode || strcmp(spec->ipc_mode, "none") != 0)
		add_mount(array, "/dev/shm", "tmpfs", "shm", shm);
	add_mount(array, "/dev/mqueue", "mqueue", "mqueue",
		  "nosuid,noexec,nodev");
	add_mount(array, "/sys", "sysfs", "sysfs",
		  spec->privileged ? "nosuid,noexec,nodev" :
				     "nosuid,noexec,nodev,ro");
	for (const char *const *name = etc; *name; name++) {
		OWN_FREE char *where = mem_fmt("/etc/%s", *name);
		OWN_FREE char *source = mem_fmt("%s/containers/%s/%s",
						home->path, spec->id, *name);

		add_mount(array, where, "bind", source, "rbind,rprivate");
	}
	add_binds(array, home, spec);
	return array;
}

/* One that is made; one that is joined, with the path that leads to it. The
 * machine's own is not named. */
static void add_namespace(json_t *array, const struct home *home,
			  const char *type, const char *mode)
{
	const char *file = strcmp(type, "network") == 0 ? "net" : type;
	const char *donor = namespaces_donor(mode);
	OWN_CONTAINER struct container c = { 0 };
	OWN_FREE char *path = NULL;
	struct err ignored = { 0 };

	if (namespaces_is_host(mode))
		return;
	if (!donor || container_find(home, donor, &c, &ignored) < 0) {
		json_array_append_new(array, json_pack("{s:s}", "type", type));
		return;
	}
	path = mem_fmt("/proc/%d/ns/%s", c.pid, file);
	json_array_append_new(array, json_pack("{s:s, s:s}", "type", type,
					       "path", path));
}

static json_t *namespaces(const struct home *home, const struct spec *spec)
{
	json_t *array = json_pack("[{s:s}]", "type", "mount");

	add_namespace(array, home, "pid", spec->pid_mode);
	add_namespace(array, home, "uts", spec->uts_mode);
	add_namespace(array, home, "ipc", spec->ipc_mode);
	add_namespace(array, home, "cgroup", spec->cgroupns_mode);
	add_namespace(array, home, "network", spec->network_mode);
	if (userns_kind() != USERNS_NONE)
		json_array_append_new(array,
				      json_pack("{s:s}", "type", "user"));
	return array;
}

static json_t *sysctls(const struct strs *settings)
{
	json_t *object = json_object();

	for (size_t i = 0; i < settings->count; i++) {
		const char *text = settings->items[i];
		OWN_FREE char *name = mem_strn(text, strcspn(text, "="));

		json_object_set_new(object, name,
				    json_string(strchr(text, '=') + 1));
	}
	return object;
}

static json_t *linux_part(const struct home *home, const struct spec *spec)
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

	bool bare = spec->privileged ||
		    strs_has(&spec->security_opt, "systempaths=unconfined");
	json_t *part = json_pack("{s:o, s:o, s:o}", "namespaces",
				 namespaces(home, spec), "maskedPaths",
				 strings(bare ? none : masked),
				 "readonlyPaths",
				 strings(bare ? none : read_only));

	if (part && spec->sysctls.count)
		json_object_set_new(part, "sysctl", sysctls(&spec->sysctls));
	return part;
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
		"mounts", mounts(home, spec), "linux", linux_part(home, spec));

	text = config ? json_dumps(config, JSON_INDENT(1)) : NULL;
	json_decref(config);
	if (!text)
		return err_set(err, EINVAL, _("write config.json: not UTF-8"));
	/* Never read back, so it may be seen half written. */
	fd = fs_open(folder_fd, "config.json",
		     O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600, err);
	if (fd < 0)
		return fd;
	r = fs_write_all(fd, text, strlen(text));
	errno = -r;
	return r < 0 ? err_errno(err, "write config.json") : 0;
}
