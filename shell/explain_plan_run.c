/* shell/explain_plan_run.c - the steps of `run` and `create`, told beforehand; see
 * explain_plan.h.
 *
 * The order is the one in which runtime/monitor.c and runtime/stages.c do them. What
 * is written out here is what the words and this account decide; a test sees that the
 * real thing takes the same steps. */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/call_text.h"
#include "runtime/caps.h"
#include "runtime/cgroup_find.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/mount_spec.h"
#include "runtime/namespaces.h"
#include "runtime/port_spec.h"
#include "runtime/process.h"
#include "runtime/publish.h"
#include "runtime/spec.h"
#include "runtime/user.h"
#include "runtime/userns.h"
#include "shell/cmd.h"
#include "shell/explain_plan.h"
#include "shell/run_fill.h"

#define MOUNTED(what) "mount(" what ")"

/* ---- the monitor ---- */

static void plan_ports(struct explain *plan, const struct spec *spec)
{
	for (size_t i = 0; publish_is_wanted(spec) && i < spec->ports.count;
	     i++) {
		struct port_spec port;

		if (!port_spec_read(spec->ports.items[i], &port))
			continue;
		plan_add(plan, TRACE_MONITOR, TRACE_PUBLISH,
			 "bind(FD, %s:%d)%s", *port.ip ? port.ip : "0.0.0.0",
			 port.first,
			 strcmp(port.proto, "udp") == 0 ? "" : "; listen(FD)");
	}
}

/* What it is limited by, if it is. */
static void plan_cgroup(struct explain *plan, const struct spec *spec)
{
	const struct {
		const char *file;
		int64_t value;
	} limits[] = {
		{ "memory.max", spec->memory_bytes },
		{ "memory.swap.max", spec->memory_swap_bytes },
		{ "memory.low", spec->memory_reservation_bytes },
		{ "cpu.max, in 1e-9 processors", spec->nano_cpus },
		{ "cpu.weight, of shares", spec->cpu_shares },
		{ "cpu.max", spec->cpu_quota_us },
		{ "pids.max", spec->pids_limit },
	};
	OWN_CGROUP_PLACES struct cgroup_places places = { 0 };
	OWN_BUF struct buf text = { 0 };

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i].value)
			buf_fmt(&text, "; write(%s, \"%lld\")", limits[i].file,
				(long long)limits[i].value);
	/* Which processes are its own is told by its cgroup, where its pid namespace
	 * has others too. */
	if (!text.len && namespaces_fresh(spec) & CLONE_NEWPID)
		return;
	cgroup_find(&places, false);
	if (!cgroup_places_have(&places))
		return; /* another way, or none, is found then */
	plan_add(plan, TRACE_MONITOR, TRACE_CGROUP,
		 "mkdir(CGROUP/dockershell-ID)%s", buf_text(&text));
	if (cgroup_is_unified())
		return; /* it is born there */
	plan_add(plan, TRACE_CHILD, TRACE_CGROUP,
		 "write(CGROUP/dockershell-ID/cgroup.procs, \"0\")");
	plan_add(plan, TRACE_CHILD, TRACE_CGROUP_VIEW,
		 "unshare(CLONE_NEWCGROUP)");
}

static void plan_clone(struct explain *plan, const struct spec *spec)
{
	OWN_BUF struct buf flags = { 0 };

	call_text_clone_flags(&flags, namespaces_fresh(spec));
	plan_add(plan, TRACE_MONITOR, TRACE_CLONE, "clone3({flags=%s})",
		 buf_text(&flags));
	if (!(namespaces_fresh(spec) & CLONE_NEWUSER))
		return;
	if (userns_kind() == USERNS_SINGLE) {
		plan_add(plan, TRACE_CHILD, TRACE_UID_MAP,
			 "write(/proc/self/uid_map, \"0 %u 1\")", geteuid());
		plan_add(plan, TRACE_CHILD, TRACE_SETGROUPS,
			 "write(/proc/self/setgroups, \"deny\")");
		plan_add(plan, TRACE_CHILD, TRACE_GID_MAP,
			 "write(/proc/self/gid_map, \"0 %u 1\")", getegid());
		return;
	}
	plan_add(plan, TRACE_MONITOR, TRACE_UID_MAP,
		 "execve(\"/usr/bin/newuidmap\", PID 0 %u 1 1 FIRST COUNT)",
		 geteuid());
	plan_add(plan, TRACE_MONITOR, TRACE_GID_MAP,
		 "execve(\"/usr/bin/newgidmap\", PID 0 %u 1 1 FIRST COUNT)",
		 getegid());
}

/* joined: the monitor that was there before is in the network already */
static void plan_network(struct explain *plan, const struct spec *spec,
			 bool joined)
{
	if (!spec_is_networked(spec))
		return;
	if (userns_kind() != USERNS_NONE && !joined)
		plan_add(plan, TRACE_MONITOR, TRACE_SHARED_NET,
			 "setns(KEEPER, CLONE_NEWUSER|CLONE_NEWNET)");
	plan_add(plan, TRACE_MONITOR, TRACE_VETH,
		 "sendto(NETLINK_ROUTE, {RTM_NEWLINK vethID}): %s",
		 spec->network_mode ? spec->network_mode : "bridge");
	plan_add(plan, TRACE_MONITOR, TRACE_PIN,
		 "sendto(NETLINK_ROUTE, {RTM_NEWNEIGH})");
	if (publish_is_wanted(spec) && spec->ports.count)
		plan_add(plan, TRACE_MONITOR, TRACE_FORWARD, "fork()");
}

/* ---- the child ---- */

static void plan_overlay(struct explain *plan, const char *home,
			 const struct spec *spec)
{
	OWN_BUF struct buf lower = { 0 };

	for (size_t i = 0; i < spec->layers.count; i++)
		buf_fmt(&lower, ":%s",
			strncmp(spec->layers.items[i], "l/", 2)
				? spec->layers.items[i]
				: spec->layers.items[i] + 2);
	plan_add(
		plan, TRACE_CHILD, TRACE_OVERLAY,
		MOUNTED("\"overlay\", \"%s/run/root\", \"overlay\", MS_NODEV, \"lowerdir=%s/../init%s,upperdir=containers/ID/upper,workdir=containers/ID/work\""),
		home,
		strncmp(spec->layers.items[0], "l/", 2)
			? spec->layers.items[0]
			: spec->layers.items[0] + 2,
		buf_text(&lower));
}

static void plan_kernel_mounts(struct explain *plan, const struct spec *spec)
{
	const char *quiet = "MS_NOSUID|MS_NODEV|MS_NOEXEC";

	plan_add(plan, TRACE_CHILD, TRACE_PROC,
		 MOUNTED("\"proc\", /proc, \"proc\", %s"), quiet);
	if (!namespaces_is_host(spec->network_mode) &&
	    userns_kind() != USERNS_SINGLE)
		plan_add(
			plan, TRACE_CHILD, TRACE_SYSCTL,
			"write(/proc/sys/net/ipv4/ip_unprivileged_port_start, \"0\"); write(ping_group_range)");
	plan_add(
		plan, TRACE_CHILD, TRACE_DEV,
		MOUNTED("\"tmpfs\", /dev, \"tmpfs\"") "; null, zero, full, random, urandom, tty");
	plan_add(plan, TRACE_CHILD, TRACE_DEVPTS,
		 MOUNTED("\"devpts\", /dev/pts, \"devpts\""));
	plan_add(plan, TRACE_CHILD, TRACE_SHM,
		 MOUNTED("\"shm\", /dev/shm, \"tmpfs\", %s, \"size=%lldk\""),
		 quiet, (long long)(spec->shm_size_bytes + 1023) / 1024);
	plan_add(plan, TRACE_CHILD, TRACE_MQUEUE,
		 MOUNTED("\"mqueue\", /dev/mqueue, \"mqueue\", %s"), quiet);
	if (spec->tty)
		plan_add(plan, TRACE_CHILD, TRACE_TERMINAL,
			 "openat(\"dev/pts/ptmx\"); ioctl(TIOCGPTPEER)");
	plan_add(plan, TRACE_CHILD, TRACE_SYS,
		 MOUNTED("\"sysfs\", /sys, \"sysfs\", %s%s"),
		 spec->privileged ? "" : "MS_RDONLY|", quiet);
	plan_add(
		plan, TRACE_CHILD, TRACE_ETC,
		MOUNTED("containers/ID/hosts, /etc/hosts, NULL, MS_BIND") "; hostname, resolv.conf");
	if (!spec->privileged &&
	    !strs_has(&spec->security_opt, "systempaths=unconfined"))
		plan_add(
			plan, TRACE_CHILD, TRACE_MASK,
			MOUNTED("\"/dev/null\", /proc/kcore, NULL, MS_BIND") "; keys, timer_list ...; /proc/sys read-only ...");
}

static void plan_mounts(struct explain *plan, const struct spec *spec)
{
	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount;
		struct err ignored = { 0 };

		if (mount_spec_read(spec->mounts.items[i], &mount, &ignored) <
		    0)
			continue;
		if (mount_spec_is(&mount, "tmpfs"))
			plan_add(plan, TRACE_CHILD, TRACE_TMPFS,
				 MOUNTED("\"tmpfs\", %s, \"tmpfs\""),
				 mount.target);
		else
			plan_add(plan, TRACE_CHILD, TRACE_BIND,
				 "open_tree(%s); move_mount(%s)%s",
				 mount.source ? mount.source : "VOLUME",
				 mount.target,
				 mount.readonly ? "; MS_RDONLY" : "");
	}
	for (size_t i = 0; i < spec->tmpfs.count; i++)
		plan_add(plan, TRACE_CHILD, TRACE_TMPFS,
			 MOUNTED("\"tmpfs\", %s, \"tmpfs\""),
			 spec->tmpfs.items[i]);
}

static void plan_rights(struct explain *plan, const struct spec *spec)
{
	if (spec->ulimits.count) {
		OWN_FREE char *all = strs_join(&spec->ulimits, ", ");

		plan_add(plan, TRACE_CHILD, TRACE_RLIMIT, "prlimit64(%s)", all);
	}
	plan_add(plan, TRACE_CHILD, TRACE_CAPS,
		 "prctl(PR_CAPBSET_DROP, all but 0x%llx)",
		 (unsigned long long)spec->caps);
	if (!spec->seccomp_off && !spec->privileged && !spec->no_new_privs)
		plan_add(plan, TRACE_CHILD, TRACE_SECCOMP,
			 "seccomp(SECCOMP_SET_MODE_FILTER)");
	if (userns_kind() != USERNS_SINGLE)
		plan_add(
			plan, TRACE_CHILD, TRACE_SETUID,
			"setgroups(); setresgid(); setresuid() for user \"%s\"",
			spec->user && *spec->user ? spec->user : "root");
	plan_add(plan, TRACE_CHILD, TRACE_CAPS, "capset(0x%llx)",
		 (unsigned long long)spec->caps);
	if (!spec->no_new_privs)
		return;
	plan_add(plan, TRACE_CHILD, TRACE_NO_NEW_PRIVS,
		 "prctl(PR_SET_NO_NEW_PRIVS, 1)");
	if (!spec->seccomp_off && !spec->privileged)
		plan_add(plan, TRACE_CHILD, TRACE_SECCOMP,
			 "seccomp(SECCOMP_SET_MODE_FILTER)");
}

static void plan_child(struct explain *plan, const char *home,
		       const struct spec *spec, const struct strs *volumes)
{
	plan_add(plan, TRACE_CHILD, TRACE_PROPAGATION,
		 MOUNTED("NULL, \"/\", NULL, MS_REC|MS_PRIVATE, NULL"));
	plan_overlay(plan, home, spec);
	plan_kernel_mounts(plan, spec);
	plan_mounts(plan, spec);
	for (size_t i = 0; volumes && i < volumes->count; i++)
		plan_add(plan, TRACE_CHILD, TRACE_BIND,
			 "open_tree; move_mount (%s)", volumes->items[i]);
	plan_add(
		plan, TRACE_CHILD, TRACE_PIVOT,
		"pivot_root(\".\", \".\"); umount2(\".\", MNT_DETACH); chdir(\"/\")");
	if (spec->read_only)
		plan_add(
			plan, TRACE_CHILD, TRACE_READ_ONLY,
			MOUNTED("NULL, \"/\", NULL, MS_REMOUNT|MS_BIND|MS_RDONLY"));
	if (namespaces_fresh(spec) & CLONE_NEWUTS)
		plan_add(plan, TRACE_CHILD, TRACE_HOSTNAME,
			 "sethostname(\"%s\")",
			 spec->hostname ? spec->hostname : "ID");
	if (spec_is_networked(spec))
		plan_add(plan, TRACE_CHILD, TRACE_ADDRESS,
			 "sendto(NETLINK_ROUTE, {RTM_NEWADDR, RTM_NEWROUTE})");
	else if (namespaces_fresh(spec) & CLONE_NEWNET)
		plan_add(plan, TRACE_CHILD, TRACE_LOOPBACK,
			 "ioctl(SIOCSIFFLAGS, lo, IFF_UP)");
	plan_rights(plan, spec);
}

size_t plan_env_count(const struct spec *spec)
{
	static const struct user root = { .home = "/root" };
	OWN_STRS struct strs env = { 0 };
	struct spec named = *spec;
	char any[] = "ID";

	if (!named.hostname)
		named.hostname = any;
	process_environment(&named, spec->tty, NULL, &root, &env);
	return env.count;
}

/* volumes: of -v, as they were given; NULL where the spec has all. */
static void plan_way(struct shell *shell, const struct spec *spec,
		     const struct strs *volumes, bool joined,
		     struct explain *plan)
{
	OWN_BUF struct buf call = { 0 };

	plan_ports(plan, spec);
	plan_cgroup(plan, spec);
	plan_clone(plan, spec);
	plan_network(plan, spec, joined);
	plan_child(plan, shell->home->path, spec, volumes);
	call_text_execve(&call, spec->args.items[0], strs_vector(&spec->args),
			 plan_env_count(spec));
	plan_add(plan, TRACE_CHILD, TRACE_EXEC, "%s", buf_text(&call));
}

void plan_container(struct shell *shell, const struct spec *spec,
		    bool monitored, struct explain *plan)
{
	if (monitored)
		plan_add(plan, TRACE_PARENT, TRACE_FORK_MONITOR, "fork()");
	plan_way(shell, spec, NULL, !monitored, plan);
}

/* ---- the commands ---- */

static int read_words(struct shell *shell, const struct args *args,
		      struct spec *spec, struct err *err)
{
	struct run_opts *o = args->opts;
	struct strs volumes = o->volumes;
	int r;

	/* What -v names is made where it is missing: not by a plan. */
	o->volumes = (struct strs){ 0 };
	r = run_fill(shell, args, spec, err);
	o->volumes = volumes;
	return r;
}

/* A name that is in use ends it, and what was made is taken away. */
static bool plan_refusal(struct shell *shell, const struct spec *spec,
			 struct explain *plan)
{
	OWN_CONTAINER struct container holder = { 0 };
	struct err none = { 0 };

	if (!spec->name ||
	    container_find(shell->home, spec->name, &holder, &none) < 0 ||
	    strcmp(holder.spec.name, spec->name) != 0)
		return false;
	plan_add(plan, TRACE_PARENT, TRACE_REMOVE,
		 "unlinkat(containers/ID/upper); unlinkat(work)");
	plan_add(plan, TRACE_PARENT, TRACE_FORGET,
		 "unlinkat(containers/ID/state.json)");
	plan_add(plan, TRACE_PARENT, TRACE_REMOVE,
		 "unlinkat(containers/ID, AT_REMOVEDIR)");
	plan_add(plan, TRACE_PARENT, TRACE_REFUSED,
		 "Conflict. The container name \"/%s\" is already in use by container \"%s\".",
		 spec->name, holder.spec.id);
	return true;
}

static int plan_new(struct shell *shell, const struct args *args, bool starts,
		    struct explain *plan, struct err *err)
{
	const struct run_opts *o = args->opts;
	OWN_SPEC struct spec spec;
	int r;

	spec_init(&spec);
	r = read_words(shell, args, &spec, err);
	if (r < 0)
		return r;
	plan_add(plan, TRACE_PARENT, TRACE_LOOK_UP, "%s -> %.19s",
		 args->words[0], spec.image_id ? spec.image_id : "?");
	plan_add(plan, TRACE_PARENT, TRACE_CREATE,
		 "mkdir(containers/ID); mkdir(upper); mkdir(work)");
	if (spec.name)
		plan_add(plan, TRACE_PARENT, TRACE_NAME,
			 "symlinkat(\"../ID\", \"containers/by-name/%s\")",
			 spec.name);
	else
		plan_add(plan, TRACE_PARENT, TRACE_NAME,
			 "symlinkat(\"../ID\", \"containers/by-name/RANDOM\")");
	if (plan_refusal(shell, &spec, plan) || !starts)
		return 0;
	plan_add(plan, TRACE_PARENT, TRACE_FORK_MONITOR, "fork()");
	plan_way(shell, &spec, &o->volumes, false, plan);
	if (o->detach)
		return 0;
	plan_add(plan, TRACE_MONITOR, TRACE_EXIT,
		 "waitid(P_PIDFD, FD, WEXITED)");
	if (!spec.auto_remove)
		return 0;
	plan_add(plan, TRACE_MONITOR, TRACE_FORGET,
		 "unlinkat(containers/ID/state.json)");
	plan_add(plan, TRACE_MONITOR, TRACE_NAME,
		 "unlinkat(containers/by-name/%s)",
		 spec.name ? spec.name : "RANDOM");
	plan_add(plan, TRACE_MONITOR, TRACE_REMOVE, "unlinkat(containers/ID)");
	return 0;
}

int plan_run(struct shell *shell, const struct args *args, struct explain *plan,
	     struct err *err)
{
	return plan_new(shell, args, true, plan, err);
}

int plan_create(struct shell *shell, const struct args *args,
		struct explain *plan, struct err *err)
{
	return plan_new(shell, args, false, plan, err);
}
