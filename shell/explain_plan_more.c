/* shell/explain_plan_more.c - what is done to containers that are there,
 * told beforehand; see explain_plan.h. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "images/dockerfile.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/call_text.h"
#include "runtime/container.h"
#include "runtime/dns_helper.h"
#include "runtime/namespaces.h"
#include "runtime/processes.h"
#include "runtime/sides.h"
#include "runtime/userns.h"
#include "shell/cmd.h"
#include "shell/explain_plan.h"

static int find_container(struct shell *shell, const char *name,
			  struct container *out, struct err *err)
{
	return container_find(shell->home, name, out, err);
}

/* ---- exec ---- */

int plan_exec(struct shell *shell, const struct args *args,
	      struct explain *plan, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_BUF struct buf flags = { 0 };
	OWN_BUF struct buf call = { 0 };
	int all;
	int r = find_container(shell, args->words[0], &c, err);

	if (r < 0)
		return r;
	if (c.status != CONTAINER_RUNNING) {
		err_set(err, ESRCH,
			_("'%s' does not run: there is nothing to enter"),
			args->words[0]);
		return err_hint(err, _("start %s"), args->words[0]);
	}
	all = namespaces_of_process_1(&c.spec);
	plan_add(plan, TRACE_PARENT, TRACE_ENTER_FORK, "fork()");
	call_text_clone_flags(
		&flags,
		(uint64_t)(all & CLONE_NEWPID) |
			(userns_kind() == USERNS_NONE ? 0 : CLONE_NEWUSER));
	plan_add(plan, TRACE_MONITOR, TRACE_JOIN, "setns(PIDFD of %d, %s)",
		 c.pid, buf_text(&flags));
	plan_add(plan, TRACE_MONITOR, TRACE_ENTER_CLONE, "clone3({flags=0})");
	buf_clear(&flags);
	call_text_clone_flags(&flags, (uint64_t)(all & ~CLONE_NEWPID));
	plan_add(plan, TRACE_CHILD, TRACE_JOIN, "setns(PIDFD of %d, %s)", c.pid,
		 buf_text(&flags));
	plan_add(plan, TRACE_CHILD, TRACE_CAPS,
		 "prctl(PR_CAPBSET_DROP, all but 0x%llx)",
		 (unsigned long long)c.spec.caps);
	if (!c.spec.seccomp_off && !c.spec.privileged)
		plan_add(plan, TRACE_CHILD, TRACE_SECCOMP,
			 "seccomp(SECCOMP_SET_MODE_FILTER)");
	if (userns_kind() != USERNS_SINGLE)
		plan_add(plan, TRACE_CHILD, TRACE_SETUID,
			 "setgroups(); setresgid(); setresuid()");
	plan_add(plan, TRACE_CHILD, TRACE_CAPS, "capset(0x%llx)",
		 (unsigned long long)c.spec.caps);
	call_text_execve(&call, args->words[1], args->words + 1,
			 plan_env_count(&c.spec));
	plan_add(plan, TRACE_CHILD, TRACE_EXEC, "%s", buf_text(&call));
	if (!plan_flag(args, "detach"))
		plan_add(plan, TRACE_MONITOR, TRACE_ENTER_EXIT,
			 "waitid(P_PIDFD, FD, WEXITED)");
	return 0;
}

/* ---- life ---- */

int plan_start(struct shell *shell, const struct args *args,
	       struct explain *plan, struct err *err)
{
	for (int i = 0; i < args->count; i++) {
		OWN_CONTAINER struct container c = { 0 };
		int r = find_container(shell, args->words[i], &c, err);

		if (r < 0)
			return r;
		if (container_has_monitor(&c))
			plan_add(plan, TRACE_PARENT, TRACE_LOOK_UP,
				 _("%s runs already: nothing to do"),
				 args->words[i]);
		else
			plan_container(shell, &c.spec, true, plan);
		if (plan_flag(args, "attach") && !container_has_monitor(&c))
			plan_add(plan, TRACE_MONITOR, TRACE_EXIT,
				 "waitid(P_PIDFD, FD, WEXITED)");
	}
	return 0;
}

static void plan_signal(struct explain *plan, const struct container *c,
			int signal)
{
	OWN_BUF struct buf name = { 0 };

	call_text_signal(&name, signal);
	plan_add(plan, TRACE_MONITOR, TRACE_KILL,
		 "pidfd_send_signal(PIDFD of %d, %s)", c->pid, buf_text(&name));
}

/* -s of `kill`. What is no signal is told when it is done. */
static int signal_of_kill(const struct args *args)
{
	const char *const *text = plan_option(args, "signal");
	struct err none = { 0 };
	int signal = SIGKILL;

	if (text && *text && **text)
		(void)parse_signal(*text, &signal, &none);
	return signal;
}

int plan_stop(struct shell *shell, const struct args *args,
	      struct explain *plan, struct err *err)
{
	const bool kills = strcmp(args->called, "kill") == 0;

	for (int i = 0; i < args->count; i++) {
		OWN_CONTAINER struct container c = { 0 };
		int r = find_container(shell, args->words[i], &c, err);
		int signal = kills ? signal_of_kill(args) : c.spec.stop_signal;

		if (r < 0)
			return r;
		if (!container_has_monitor(&c)) {
			plan_add(plan, TRACE_PARENT, TRACE_LOOK_UP,
				 _("%s does not run: nothing to do"),
				 args->words[i]);
			continue;
		}
		plan_signal(plan, &c, signal);
		/* `kill` waits for an end that is sure. */
		if (!kills || signal == SIGKILL)
			plan_add(plan, TRACE_MONITOR, TRACE_EXIT,
				 "waitid(P_PIDFD, FD, WEXITED)");
	}
	return 0;
}

/* A monitor has a name server if its container was on a network of the user's own when it
 * started; where it came to one later, somebody else made one for that run. */
static bool lacks_names(const struct container *c)
{
	OWN_PIDS struct pids children = { 0 };

	if (!container_has_monitor(c) || !dns_helper_is_wanted(&c->spec))
		return false;
	sides_children(c->monitor_pid, &children);
	for (size_t i = 0; i < children.count; i++) {
		struct process p;

		if (process_read(children.items[i], &p) == 0 &&
		    strcmp(p.name, "dsh-names") == 0)
			return false;
	}
	return true;
}

int plan_restart(struct shell *shell, const struct args *args,
		 struct explain *plan, struct err *err)
{
	int r = plan_stop(shell, args, plan, err);

	for (int i = 0; i < args->count && r == 0; i++) {
		OWN_CONTAINER struct container c = { 0 };

		r = find_container(shell, args->words[i], &c, err);
		if (r < 0)
			return r;
		if (lacks_names(&c))
			plan_add(plan, TRACE_MONITOR, TRACE_NAMES, "fork()");
		plan_container(shell, &c.spec, !container_has_monitor(&c),
			       plan);
	}
	return r;
}

/* Returns whether it goes: without -f one that runs stays. */
static bool plan_killed(struct explain *plan, const struct container *c,
			bool force)
{
	OWN_FREE char *why = mem_fmt(
		"You cannot remove a %s container %s. %s the container before attempting removal or force remove",
		container_status_name(c->status), c->spec.id,
		c->status == CONTAINER_PAUSED ? "Unpause and then stop"
					      : "Stop");

	if (!force) {
		plan_refuse(plan, "ps", why);
		return false;
	}
	plan_signal(plan, c, SIGKILL);
	plan_add(plan, TRACE_MONITOR, TRACE_EXIT,
		 "waitid(P_PIDFD, FD, WEXITED)");
	return true;
}

int plan_remove(struct shell *shell, const struct args *args,
		struct explain *plan, struct err *err)
{
	for (int i = 0; i < args->count; i++) {
		OWN_CONTAINER struct container c = { 0 };
		int r = find_container(shell, args->words[i], &c, err);

		if (r < 0)
			return r;
		if (container_has_monitor(&c) &&
		    !plan_killed(plan, &c, plan_flag(args, "force")))
			continue;
		plan_add(plan, TRACE_PARENT, TRACE_REMOVE,
			 "unlinkat(containers/%.12s/upper); unlinkat(work)",
			 c.spec.id);
		plan_add(
			plan, TRACE_PARENT, TRACE_FORGET,
			"unlinkat(containers/%.12s/state.json)", c.spec.id);
		plan_add(plan, TRACE_PARENT, TRACE_NAME,
			 "unlinkat(containers/by-name/%s)", c.spec.name);
		plan_add(plan, TRACE_PARENT, TRACE_REMOVE,
			 "unlinkat(containers/%.12s, AT_REMOVEDIR)", c.spec.id);
	}
	return 0;
}

/* ---- layers ---- */

int plan_diff(struct shell *shell, const struct args *args,
	      struct explain *plan, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	int r = find_container(shell, args->words[0], &c, err);

	if (r < 0)
		return r;
	plan_add(plan, TRACE_PARENT, TRACE_WALK,
		 "openat(containers/%.12s/upper)", c.spec.id);
	return 0;
}

int plan_commit(struct shell *shell, const struct args *args,
		struct explain *plan, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	int r = find_container(shell, args->words[0], &c, err);

	if (r < 0)
		return r;
	plan_add(plan, TRACE_PARENT, TRACE_WALK,
		 "openat(containers/%.12s/upper)", c.spec.id);
	plan_add(plan, TRACE_PARENT, TRACE_LAYER_COMMIT,
		 "syncfs(); rename(stage, layers/DIGEST)");
	plan_add(plan, TRACE_PARENT, TRACE_IMAGE,
		 "renameat(blobs/tmp, blobs/DIGEST)");
	if (args->count > 1)
		plan_add(plan, TRACE_PARENT, TRACE_TAG,
			 "INSERT INTO tags: %s", args->words[1]);
	plan_commit_store(plan);
	plan_add(plan, TRACE_PARENT, TRACE_IMAGE, "%s = %zu layers of %s + 1",
		 args->count > 1 ? args->words[1] : "<none>",
		 c.spec.layers.count, c.spec.image ? c.spec.image : "?");
	return 0;
}

/* "name:path", as `cp` reads it. */
static bool is_inside(const char *word)
{
	const char *colon = strchr(word, ':');

	return word[0] != '/' && word[0] != '.' && colon && colon != word;
}

/* How a small process comes to see the container's files: by the mounts of its process
 * 1, or by mounting the layers for itself. */
static void plan_view(struct explain *plan, const struct container *c)
{
	bool runs = container_has_monitor(c);

	if (userns_kind() == USERNS_RANGE && !runs) {
		plan_add(plan, TRACE_PARENT, TRACE_IDS,
			 "clone3({flags=CLONE_NEWUSER})");
		plan_add(plan, TRACE_PARENT, TRACE_UID_MAP,
			 "execve(\"/usr/bin/newuidmap\")");
		plan_add(plan, TRACE_PARENT, TRACE_GID_MAP,
			 "execve(\"/usr/bin/newgidmap\")");
	}
	if (userns_kind() == USERNS_SINGLE && !runs) {
		plan_add(plan, TRACE_HELPER, TRACE_UID_MAP,
			 "write(/proc/self/uid_map, \"0 %u 1\")", geteuid());
		plan_add(plan, TRACE_HELPER, TRACE_SETGROUPS,
			 "write(/proc/self/setgroups, \"deny\")");
		plan_add(plan, TRACE_HELPER, TRACE_GID_MAP,
			 "write(/proc/self/gid_map, \"0 %u 1\")", getegid());
	}
	if (runs) {
		plan_add(plan, TRACE_HELPER, TRACE_JOIN,
			 "setns(PIDFD of %d, CLONE_NEWNS)", c->pid);
		plan_add(plan, TRACE_HELPER, TRACE_OWN_MOUNTS,
			 "unshare(CLONE_NEWNS)");
	}
	plan_add(plan, TRACE_HELPER, TRACE_PROPAGATION,
		 "mount(NULL, \"/\", NULL, MS_REC|MS_PRIVATE, NULL)");
	if (runs)
		plan_add(plan, TRACE_HELPER, TRACE_OWN_MOUNTS,
			 "umount2(\"/proc\", MNT_DETACH)");
	else
		plan_add(plan, TRACE_HELPER, TRACE_OVERLAY,
			 "mount(\"overlay\", ROOT, \"overlay\", layers of %.12s)",
			 c->spec.id);
	if (!runs && c->started_ns)
		plan_add(plan, TRACE_HELPER, TRACE_ETC,
			 "mount(hosts, hostname, resolv.conf, MS_BIND)");
	for (size_t i = 0; i < c->spec.mounts.count && !runs; i++)
		plan_add(plan, TRACE_HELPER, TRACE_BIND,
			 "open_tree(SOURCE); move_mount(TARGET)");
}

static void plan_resolve(struct explain *plan, const struct container *c,
			 const char *inside)
{
	plan_add(plan, TRACE_HELPER, TRACE_RESOLVE,
		 "openat2(ROOT of %.12s, \"%s\", RESOLVE_IN_ROOT)", c->spec.id,
		 strchr(inside, ':') + 1);
}

static void plan_helper(struct explain *plan, const struct container *c)
{
	if (container_has_monitor(c) || userns_kind() == USERNS_NONE)
		plan_add(plan, TRACE_PARENT, TRACE_HELPER_FORK,
			 "clone3({exit_signal=SIGCHLD})");
	else if (userns_kind() == USERNS_SINGLE)
		plan_add(plan, TRACE_PARENT, TRACE_IDS,
			 "clone3({flags=CLONE_NEWUSER})");
	plan_view(plan, c);
}

void plan_enter_layers(struct explain *plan)
{
	char id[] = "ID";
	const struct container idle = { .spec.id = id };

	plan_helper(plan, &idle);
}

int plan_copy(struct shell *shell, const struct args *args,
	      struct explain *plan, struct err *err)
{
	const bool from = is_inside(args->words[0]);
	const char *inside = args->words[from ? 0 : 1];
	const char *outside = args->words[from ? 1 : 0];
	OWN_FREE char *name = mem_strn(inside, strcspn(inside, ":"));
	OWN_CONTAINER struct container c = { 0 };
	int r;

	if (!from && !is_inside(inside))
		return err_docker(err, ERR_BARE, EINVAL,
				  "must specify at least one container source");
	r = find_container(shell, name, &c, err);
	if (r < 0)
		return r;
	plan_helper(plan, &c);
	plan_resolve(plan, &c, inside);
	plan_add(plan, TRACE_PARENT, TRACE_TAR, "%s -> %s",
		 from ? inside : outside, from ? outside : inside);
	plan_view(plan, &c);
	if (from)
		plan_resolve(plan, &c, inside);
	return 0;
}
