/* shell/cmd_info.c - info: what there is, and on what kind of machine.
 *
 * What Docker's daemon says of itself, as far as it is true of a program that
 * has none. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/net.h"
#include "runtime/userns.h"
#include "shell/answer.h"
#include "shell/cmd.h"
#include "shell/container_row.h"
#include "shell/gojson.h"
#include "shell/shown.h"
#include "shell/version.h"

enum { MOST_RELEASE = 64 << 10 };

struct info_opts {
	const char *format;
};

static const struct opt opts[] = {
	{ "format", 'f', OPT_TEXT, "string",
	  N_("Only what a template asks for"), NULL,
	  offsetof(struct info_opts, format), 0 },
	{ 0 },
};

/* ---- what is found out ---- */

/* way_out  what carries the containers' packets to the world; NULL: nothing, and
 *          no_way_out says why */
struct facts {
	int running;
	int paused;
	int stopped;
	size_t images;
	struct utsname system;
	char *distribution;
	const char *file_system;
	int cgroup_version;
	int cpus;
	int64_t memory_bytes;
	bool rootless;
	const char *way_out;
	const char *no_way_out;
};

static int count_containers(struct shell *shell, struct facts *f,
			    struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	int r = container_list(shell->home, &all, err);

	for (size_t i = 0; i < all.count && r == 0; i++) {
		enum container_status status = all.items[i].status;

		if (status == CONTAINER_PAUSED)
			f->paused++;
		else if (container_is_up(&all.items[i]))
			f->running++;
		else
			f->stopped++;
	}
	return r;
}

static int count_images(struct shell *shell, struct facts *f, struct err *err)
{
	struct image_list list = { 0 };
	int r = image_list(shell->store, true, &list, err);

	f->images = list.count;
	image_list_done(&list);
	return r;
}

/* PRETTY_NAME of os-release(5). */
static char *distribution(void)
{
	static const char key[] = "\nPRETTY_NAME=";
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	const char *at;

	buf_char(&text, '\n');
	if (fs_read(AT_FDCWD, "/etc/os-release", MOST_RELEASE, &text,
		    &ignored) < 0)
		return mem_str("Linux");
	at = strstr(buf_text(&text), key);
	if (!at)
		return mem_str("Linux");
	at += strlen(key);
	if (*at == '"' || *at == '\'')
		at++;
	return mem_strn(at, strcspn(at, "\"'\n"));
}

/* As Docker names what the layers lie on. */
static const char *file_system(const struct home *home)
{
	static const struct {
		long magic;
		const char *name;
	} known[] = {
		{ EXT4_SUPER_MAGIC, "extfs" },
		{ XFS_SUPER_MAGIC, "xfs" },
		{ BTRFS_SUPER_MAGIC, "btrfs" },
		{ TMPFS_MAGIC, "tmpfs" },
		{ OVERLAYFS_SUPER_MAGIC, "overlayfs" },
		{ F2FS_SUPER_MAGIC, "f2fs" },
	};
	struct statfs fs;

	if (fstatfs(home->fd, &fs) == 0)
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if ((long)fs.f_type == known[i].magic)
				return known[i].name;
	return "<unknown>";
}

static int cgroup_version(void)
{
	struct statfs fs;

	return statfs("/sys/fs/cgroup", &fs) == 0 &&
			       (long)fs.f_type == CGROUP2_SUPER_MAGIC
		       ? 2
		       : 1;
}

static int find_out(struct shell *shell, struct facts *f, struct err *err)
{
	struct sysinfo memory;
	cpu_set_t cpus;
	int r = count_containers(shell, f, err);

	if (r == 0)
		r = count_images(shell, f, err);
	if (r < 0)
		return r;
	if (uname(&f->system) < 0)
		return err_errno(err, "uname");
	if (sysinfo(&memory) < 0)
		return err_errno(err, "sysinfo");
	f->memory_bytes = (int64_t)memory.totalram * memory.mem_unit;
	f->cpus = sched_getaffinity(0, sizeof(cpus), &cpus) == 0
			  ? CPU_COUNT(&cpus)
			  : get_nprocs();
	f->distribution = distribution();
	f->file_system = file_system(shell->home);
	f->cgroup_version = cgroup_version();
	f->rootless = userns_kind() != USERNS_NONE;
	f->way_out = net_way_out(&f->no_way_out);
	return 0;
}

/* ---- as JSON ---- */

static void put_int(json_t *json, const char *key, int64_t value)
{
	json_object_set_new(json, key, json_integer(value));
}

static void put_bool(json_t *json, const char *key, bool value)
{
	json_object_set_new(json, key, json_boolean(value));
}

static json_t *driver_status(const struct facts *f)
{
	return json_pack("[[s,s],[s,s],[s,s],[s,s]]", "Backing Filesystem",
			 f->file_system, "Supports d_type", "true",
			 "Native Overlay Diff", "true", "userxattr",
			 f->rootless ? "true" : "false");
}

static json_t *security(const struct facts *f)
{
	json_t *list = json_pack("[s]", "name=seccomp,profile=default");

	if (f->rootless)
		json_array_append_new(list, json_string("name=rootless"));
	return list;
}

static void put_store(json_t *json, const struct shell *shell,
		      const struct facts *f)
{
	put_int(json, "Containers", f->running + f->paused + f->stopped);
	put_int(json, "ContainersRunning", f->running);
	put_int(json, "ContainersPaused", f->paused);
	put_int(json, "ContainersStopped", f->stopped);
	put_int(json, "Images", (int64_t)f->images);
	gojson_put(json, "Driver", "overlay2");
	json_object_set_new(json, "DriverStatus", driver_status(f));
	json_object_set_new(json, "Plugins",
			    json_pack("{s:[s], s:[s,s,s], s:n, s:[s]}", "Volume",
				      "local", "Network", "bridge", "host", "null",
				      "Authorization", "Log", "json-file"));
	gojson_put(json, "LoggingDriver", "json-file");
	gojson_put(json, "DockerRootDir", shell->home->path);
}

static void put_machine(json_t *json, const struct facts *f)
{
	OWN_FREE char *version = mem_fmt("%d", f->cgroup_version);

	gojson_put(json, "CgroupDriver", "cgroupfs");
	gojson_put(json, "CgroupVersion", version);
	gojson_put(json, "KernelVersion", f->system.release);
	gojson_put(json, "OperatingSystem", f->distribution);
	gojson_put(json, "OSType", "linux");
	gojson_put(json, "Architecture", f->system.machine);
	put_int(json, "NCPU", f->cpus);
	put_int(json, "MemTotal", f->memory_bytes);
	gojson_put(json, "Name", f->system.nodename);
}

static json_t *way_out_warning(const struct facts *f)
{
	return json_sprintf(_("WARNING: containers have no way out: %s"),
			    f->no_way_out);
}

static void put_server(json_t *json, const struct facts *f)
{
	gojson_put(json, "ID", "");
	gojson_put(json, "IndexServerAddress", "https://index.docker.io/v1/");
	json_object_set_new(json, "Labels", json_array());
	put_bool(json, "Debug", false);
	put_bool(json, "ExperimentalBuild", false);
	put_bool(json, "LiveRestoreEnabled", false);
	gojson_put(json, "ServerVersion", DOCKER_VERSION);
	json_object_set_new(
		json, "Runtimes",
		json_pack("{s:{s:s}}", "dockershell", "path", "dockershell"));
	gojson_put(json, "DefaultRuntime", "dockershell");
	json_object_set_new(json, "Swarm",
			    json_pack("{s:s}", "LocalNodeState", "inactive"));
	json_object_set_new(json, "SecurityOptions", security(f));
	gojson_put(json, "NetworkWayOut", f->way_out ? f->way_out : "none");
	json_object_set_new(json, "Warnings",
			    f->way_out ? json_null() :
					 json_pack("[o]", way_out_warning(f)));
	json_object_set_new(json, "ClientInfo",
			    json_pack("{s:b, s:s, s:[], s:n}", "Debug", 0,
				      "Context", "default", "Plugins",
				      "Warnings"));
}

/* ---- as text ---- */

static void print_store(FILE *out, const struct facts *f)
{
	fprintf(out,
		" Containers: %d\n  Running: %d\n  Paused: %d\n"
		"  Stopped: %d\n Images: %zu\n",
		f->running + f->paused + f->stopped, f->running, f->paused,
		f->stopped, f->images);
	fprintf(out,
		" Server Version: %s\n Storage Driver: overlay2\n"
		"  Backing Filesystem: %s\n  Supports d_type: true\n"
		"  Native Overlay Diff: true\n  userxattr: %s\n",
		DOCKER_VERSION, f->file_system, f->rootless ? "true" : "false");
	fprintf(out,
		" Logging Driver: json-file\n Cgroup Driver: cgroupfs\n"
		" Cgroup Version: %d\n",
		f->cgroup_version);
	fprintf(out, " Plugins:\n  Volume: local\n  Network: bridge host null\n"
		     "  Log: json-file\n Swarm: inactive\n"
		     " Runtimes: dockershell\n Default Runtime: dockershell\n");
	fprintf(out, " Network Way Out: %s\n", f->way_out ? f->way_out : "none");
}

static void print_machine(FILE *out, const struct shell *shell,
			  const struct facts *f)
{
	char memory[HUMAN_SIZE];

	fprintf(out, " Security Options:\n  seccomp\n   Profile: default\n%s",
		f->rootless ? "  rootless\n" : "");
	fprintf(out,
		" Kernel Version: %s\n Operating System: %s\n"
		" OSType: linux\n Architecture: %s\n CPUs: %d\n",
		f->system.release, f->distribution, f->system.machine, f->cpus);
	fprintf(out,
		" Total Memory: %s\n Name: %s\n Docker Root Dir: %s\n"
		" Debug Mode: false\n Experimental: false\n"
		" Live Restore Enabled: false\n",
		human_bytes(memory, (double)f->memory_bytes),
		f->system.nodename, shell->home->path);
}

static void print(struct shell *shell, const struct facts *f)
{
	fputs("Client:\n Context:    default\n Debug Mode: false\n\n"
	      "Server:\n Daemon: none, each command does its work itself\n",
	      shell->out);
	print_store(shell->out, f);
	print_machine(shell->out, shell, f);
	fputc('\n', shell->out);
	if (!f->way_out) {
		fprintf(shell->err_out,
			_("WARNING: containers have no way out: %s"),
			f->no_way_out);
		fputc('\n', shell->err_out);
	}
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct info_opts *o = args->opts;
	struct facts facts = { 0 };
	json_t *json;
	int r = find_out(shell, &facts, err);

	if (r < 0)
		return r;
	if ((!o->format || !*o->format) && !shown_otherwise(shell)) {
		print(shell, &facts);
		free(facts.distribution);
		return 0;
	}
	json = json_object();
	put_store(json, shell, &facts);
	put_machine(json, &facts);
	put_server(json, &facts);
	free(facts.distribution);
	if (!o->format || !*o->format) {
		shown_object(shell, json);
		return 0;
	}
	return answer_with(shell, o->format, "system.info", json, err);
}

static const char *const examples[] = { "info", "info -f '{{.Driver}}'", NULL };
static const char *const aliases[] = { "system info", NULL };

const struct cmd cmd_info = {
	.name = "info",
	.aliases = aliases,
	.group = N_("Shell"),
	.synopsis = "[OPTIONS]",
	.summary = N_("Show how many things there are, and the machine"),
	.docker_summary = "Display system-wide information",
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct info_opts),
	.examples = examples,
	.run = run,
	.pages = true,
	.shows = true,
};
