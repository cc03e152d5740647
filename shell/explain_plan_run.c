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
#include "runtime/caps.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/names.h"
#include "runtime/namespaces.h"
#include "runtime/port_spec.h"
#include "runtime/publish.h"
#include "runtime/spec.h"
#include "runtime/userns.h"
#include "shell/cmd.h"
#include "shell/explain_plan.h"
#include "shell/run_fill.h"

#define MOUNTED(what) "mount(" what ")"

/* ---- the monitor ---- */

/* Of those that will be taken, which ones is of the moment. */
static int plan_ports(struct shell *shell, const struct spec *spec,
		      struct explain *plan, struct err *err)
{
	static char later[] = "ID";
	OWN_STRS struct strs entries = { 0 };
	struct spec named = *spec;
	struct port_spec port;
	int r;

	if (!publish_is_wanted(spec))
		return 0;
	named.id = named.id ? named.id : later;
	named.name = named.name ? named.name : later;
	r = publish_foresee(shell->home, &named, &entries, err);
	for (size_t i = 0; i < entries.count; i++) {
		(void)port_spec_read(entries.items[i], &port);
		plan_add(plan, TRACE_MONITOR, TRACE_PUBLISH,
			 strchr(port.ip, ':') ? "bind(FD, [%s]:%d)%s"
					      : "bind(FD, %s:%d)%s",
			 port.ip, port.first,
			 strcmp(port.proto, "udp") == 0 ? "" : "; listen(FD)");
	}
	if (r < 0)
		plan_add(plan, TRACE_MONITOR, TRACE_PUBLISH, "bind(FD) = -1");
	return r;
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

/* The first container of an image finds no mount points to lie upon, and makes them. */
static void plan_layers(struct shell *shell, const struct spec *spec,
			struct explain *plan)
{
	OWN_FREE char *init =
		mem_fmt("%s/../init",
			spec->layers.count ? spec->layers.items[0] : "l");

	plan_overlay(plan, shell->home->path, spec);
	if (fs_exists(shell->home->fd, init))
		return;
	plan_add(
		plan, TRACE_CHILD, TRACE_MOUNT_POINTS,
		MOUNTED("\"overlay\", ROOT, \"overlay\", upperdir=init.ID") "; mkdirat(dev, proc, sys ...); rename(init)");
	plan_overlay(plan, shell->home->path, spec);
}

/* Who shares the machine's or another container's ipc is given its files, too. */
static void plan_shm(struct explain *plan, const struct spec *spec,
		     const char *quiet)
{
	if (plan_has_mount(spec, "/dev/shm") ||
	    (spec->ipc_mode && strcmp(spec->ipc_mode, "none") == 0))
		return;
	if (namespaces_fresh(spec) & CLONE_NEWIPC) {
		plan_add(
			plan, TRACE_CHILD, TRACE_SHM,
			MOUNTED("\"shm\", /dev/shm, \"tmpfs\", %s, \"size=%lldk\""),
			quiet, (long long)(spec->shm_size_bytes + 1023) / 1024);
		return;
	}
	plan_add(plan, TRACE_CHILD, TRACE_BIND, "open_tree(/dev/shm)");
	plan_add(plan, TRACE_CHILD, TRACE_MOUNT_POINTS,
		 "mkdirat(FD, \"shm\", 0755)");
	plan_add(plan, TRACE_CHILD, TRACE_BIND, "move_mount(/dev/shm)");
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
	plan_shm(plan, spec, quiet);
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

/* Who is not root by one of the ways to say so: for an account that has one id to give. A
 * name of root's that is another one is not looked for. */
static bool is_somebody(const char *user)
{
	size_t len = user ? strcspn(user, ":") : 0;

	return len && !(len == 1 && *user == '0') &&
	       !(len == 4 && strncmp(user, "root", 4) == 0);
}

static int plan_rights(struct explain *plan, const struct spec *spec,
		       struct err *err)
{
	if (spec->ulimits.count) {
		OWN_FREE char *all = strs_join(&spec->ulimits, ", ");

		plan_add(plan, TRACE_CHILD, TRACE_RLIMIT, "prlimit64(%s)", all);
	}
	if ((CAPS_BIT(CAP_LAST_CAP + 1) - 1) & ~spec->caps)
		plan_add(plan, TRACE_CHILD, TRACE_CAPS,
			 "prctl(PR_CAPBSET_DROP, all but 0x%llx)",
			 (unsigned long long)spec->caps);
	if (!spec->seccomp_off && !spec->privileged && !spec->no_new_privs)
		plan_add(plan, TRACE_CHILD, TRACE_SECCOMP,
			 "seccomp(SECCOMP_SET_MODE_FILTER)");
	if (userns_kind() != USERNS_SINGLE || is_somebody(spec->user))
		plan_add(
			plan, TRACE_CHILD, TRACE_SETUID,
			"setgroups(); setresgid(); setresuid() for user \"%s\"",
			spec->user && *spec->user ? spec->user : "root");
	if (userns_kind() == USERNS_SINGLE && is_somebody(spec->user))
		return err_set(err, EINVAL,
			       _("this account has one id to give: become user \"%s\""),
			       spec->user);
	plan_add(plan, TRACE_CHILD, TRACE_CAPS, "capset(0x%llx)",
		 (unsigned long long)spec->caps);
	if (!spec->no_new_privs)
		return 0;
	plan_add(plan, TRACE_CHILD, TRACE_NO_NEW_PRIVS,
		 "prctl(PR_SET_NO_NEW_PRIVS, 1)");
	if (!spec->seccomp_off && !spec->privileged)
		plan_add(plan, TRACE_CHILD, TRACE_SECCOMP,
			 "seccomp(SECCOMP_SET_MODE_FILTER)");
	return 0;
}

static int plan_child(struct shell *shell, const struct spec *spec,
		      struct explain *plan, struct err *err)
{
	int r;

	plan_add(plan, TRACE_CHILD, TRACE_PROPAGATION,
		 MOUNTED("NULL, \"/\", NULL, MS_REC|MS_PRIVATE, NULL"));
	plan_layers(shell, spec, plan);
	plan_kernel_mounts(plan, spec);
	r = plan_mounts(shell, spec, plan, err);
	if (r < 0)
		return r;
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
	plan_cwd(shell, spec, plan);
	return plan_rights(plan, spec, err);
}

/* joined: its monitor is there, and goes on */
static int plan_way(struct shell *shell, const struct spec *spec, bool joined,
		    struct explain *plan, struct err *err)
{
	int r = joined ? 0 : plan_ports(shell, spec, plan, err);

	if (r < 0)
		return r;
	/* A monitor that goes on is in the network; its ports it keeps, or has them
	 * back where it can reach the machine's. */
	if (joined && publish_is_wanted(spec) && userns_kind() == USERNS_NONE)
		plan_add(plan, TRACE_MONITOR, TRACE_PUBLISH, "bind(FD)");
	if (!joined)
		plan_net_place(shell, spec, plan);
	plan_birth(spec, plan);
	plan_network(shell, spec, plan);
	r = plan_child(shell, spec, plan, err);
	if (r == 0)
		r = plan_program(shell, spec, plan, err);
	if (r < 0)
		plan_add(plan, TRACE_MONITOR, TRACE_EXIT,
			 "waitid(P_PIDFD, FD, WEXITED)");
	return r;
}

void plan_container(struct shell *shell, const struct spec *spec,
		    bool monitored, struct explain *plan)
{
	struct err err = { 0 };

	if (monitored)
		plan_add(plan, TRACE_PARENT, TRACE_FORK_MONITOR, "fork()");
	if (plan_way(shell, spec, !monitored, plan, &err) < 0)
		plan_refuse(plan, "ps -a", err.msg);
}

/* ---- the commands ---- */

/* A name that is none ends it before anything is made. */
static bool plan_misnamed(const struct spec *spec, struct explain *plan)
{
	OWN_FREE char *why = NULL;

	if (!spec->name || names_is_valid(spec->name))
		return false;
	why = mem_fmt(
		"Invalid container name (%s), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
		spec->name);
	plan_refuse(plan, "ps -a", why);
	return true;
}

/* A name that is in use ends it, and what was made is taken away. */
static bool plan_refusal(struct shell *shell, const struct spec *spec,
			 struct explain *plan)
{
	OWN_CONTAINER struct container holder = { 0 };
	OWN_FREE char *why = NULL;
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
	why = mem_fmt(
		"Conflict. The container name \"/%s\" is already in use by container \"%s\".",
		spec->name, holder.spec.id);
	plan_refuse(plan, "ps -a", why);
	return true;
}

/* --rm */
static void plan_gone(struct explain *plan, const struct spec *spec)
{
	plan_add(plan, TRACE_MONITOR, TRACE_FORGET,
		 "unlinkat(containers/ID/state.json)");
	plan_add(plan, TRACE_MONITOR, TRACE_NAME,
		 "unlinkat(containers/by-name/%s)",
		 spec->name ? spec->name : "RANDOM");
	plan_add(plan, TRACE_MONITOR, TRACE_REMOVE, "unlinkat(containers/ID)");
	plan_volumes_gone(spec, plan);
}

static int plan_new(struct shell *shell, const struct args *args, bool starts,
		    struct explain *plan, struct err *err)
{
	struct run_opts *o = args->opts;
	OWN_SPEC struct spec spec;
	struct err failure = { 0 };
	int r;

	spec_init(&spec);
	o->planned = true;
	r = run_fill(shell, args, &spec, err);
	if (r < 0)
		return r;
	plan_add(plan, TRACE_PARENT, TRACE_LOOK_UP, "%s -> %.19s",
		 args->words[0], spec.image_id ? spec.image_id : "?");
	if (plan_misnamed(&spec, plan))
		return 0;
	plan_add(plan, TRACE_PARENT, TRACE_CREATE,
		 "mkdir(containers/ID); mkdir(upper); mkdir(work)");
	if (spec.name)
		plan_add(plan, TRACE_PARENT, TRACE_NAME,
			 "symlinkat(\"../ID\", \"containers/by-name/%s\")",
			 spec.name);
	else
		plan_add(plan, TRACE_PARENT, TRACE_NAME,
			 "symlinkat(\"../ID\", \"containers/by-name/RANDOM\")");
	if (plan_refusal(shell, &spec, plan))
		return 0;
	plan_volumes(shell, &spec, plan);
	if (!starts)
		return 0;
	plan_add(plan, TRACE_PARENT, TRACE_FORK_MONITOR, "fork()");
	r = plan_way(shell, &spec, false, plan, &failure);
	if (o->detach && r == 0)
		return 0;
	if (r == 0)
		plan_add(plan, TRACE_MONITOR, TRACE_EXIT,
			 "waitid(P_PIDFD, FD, WEXITED)");
	if (spec.auto_remove)
		plan_gone(plan, &spec);
	if (r < 0)
		plan_refuse(plan, "ps -a", failure.msg);
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
