/* shell/why_state.c - see why.h: why a container that is there is as it is. */
#include <jansson.h>
#include <signal.h>
#include <string.h>

#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/network.h"
#include "runtime/processes.h"
#include "runtime/restart.h"
#include "runtime/state.h"
#include "shell/cmd.h"
#include "shell/why.h"

static enum why_answer paused(struct why *why, struct why_finding *f)
{
	const struct container *c = why->container;

	if (!c || c->status != CONTAINER_PAUSED)
		return WHY_NOT;
	why_fact(f, WHY_FROM_RECORD, _("status paused, process 1 is %d"),
		 c->pid);
	why_fact(f, WHY_FROM_EVENTS, _("'pause' stopped all its processes; no 'unpause' since"));
	why_fix(f, _("'unpause' lets it go on where it stood"));
	why_next(f, "unpause %s", c->spec.name);
	return why_say(f, _("%s stands still because 'pause' froze all its processes: they keep their memory and get no time"),
		       c->spec.name);
}

static enum why_answer restarting(struct why *why, struct why_finding *f)
{
	const struct container *c = why->container;

	if (!c || !c->spec.restart_policy ||
	    strcmp(c->spec.restart_policy, "no") == 0 || !c->restart_count)
		return WHY_NOT;
	why_fact(f, WHY_FROM_RECORD, "--restart %s", c->spec.restart_policy);
	why_fact(f, WHY_FROM_RECORD, _("started again, times: %d"),
		 c->restart_count);
	why_fact(f, WHY_FROM_EVENTS, _("its last run ended with %d"),
		 why->ending.died_ns ? why->ending.exit_code : c->exit_code);
	(void)why_log_facts(why, f);
	why_fix(f, _("mend what ends it, or stop it: stop %s"), c->spec.name);
	why_next(f, "logs --tail 20 %s", c->spec.name);
	return c->status == CONTAINER_RESTARTING ?
		       why_say(f, _("%s is restarting: it ended with %d, and its restart policy starts it again, each time after a longer pause"),
			       c->spec.name, c->exit_code) :
		       why_say(f, _("%s has been started again by its restart policy (%d), because it kept ending"),
			       c->spec.name, c->restart_count);
}

/* ---- health ---- */

static json_t *last_probe(const struct why *why)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	OWN_FD int fd = state_open_folder(why->shell->home,
					  why->container->spec.id, &ignored);
	json_t *all = NULL;
	json_t *last;

	if (fd >= 0 &&
	    fs_read(fd, "health.json", (size_t)1 << 20, &text, &ignored) == 0)
		all = json_loadb(text.data, text.len, 0, NULL);
	last = json_array_get(all, json_array_size(all) - 1);
	json_incref(last);
	json_decref(all);
	return last;
}

/* What the last one ended with, and what was said of it, may tell more than that it
 * failed. */
static enum why_answer say_unhealthy(const struct container *c,
				     const json_t *probe, struct why_finding *f)
{
	const char *output = json_string_value(json_object_get(probe, "Output"));
	json_int_t code = json_integer_value(json_object_get(probe, "ExitCode"));

	output = output ? output : "";
	if ((code == 127 && strstr(output, "not found")) ||
	    (code == -1 && (strstr(output, "executable file not found") ||
			    strstr(output, "no such file")))) {
		f->id = "health_command_missing";
		why_fix(f, _("name a program that the image has, or install it there"));
		return why_say(f, _("the health check of %s fails because its command is not in the container"),
			       c->spec.name);
	}
	if (code == -1 && strstr(output, "exceeded timeout")) {
		f->id = "health_timeout";
		return why_say(f, _("the health check of %s fails because it takes longer than its timeout, and is ended then"),
			       c->spec.name);
	}
	return c->health == HEALTH_UNHEALTHY ?
		       why_say(f, _("%s is unhealthy: its health check failed again and again (in a row: %d)"),
			       c->spec.name, c->health_failing) :
		       why_say(f, _("the health check of %s fails (so far: %d); after more of it the container counts as unhealthy"),
			       c->spec.name, c->health_failing);
}

static enum why_answer unhealthy(struct why *why, struct why_finding *f)
{
	const struct container *c = why->container;
	enum why_answer answer;
	json_t *probe;
	const char *output;
	OWN_FREE char *test = NULL;

	if (!c || (c->health != HEALTH_UNHEALTHY && !c->health_failing) ||
	    c->status != CONTAINER_RUNNING)
		return WHY_NOT;
	probe = last_probe(why);
	test = strs_join(&c->spec.health_test, " ");
	if (!probe) {
		why_fact(f, WHY_FROM_PROBE, _("test: %.200s"), test);
		why_tell(f, _("the test, run by hand: exec %s ..."),
			 c->spec.name);
		why_next(f, "inspect -f '{{json .State.Health}}' %s",
			 c->spec.name);
		return why_say_unknown(f, _("the health check of %s failed; what it said is unknown, for no record of it can be read"),
				       c->spec.name);
	}
	output = json_string_value(json_object_get(probe, "Output"));
	why_fact(f, WHY_FROM_PROBE, _("test: %.200s"), test);
	why_fact(f, WHY_FROM_PROBE, _("ended with %d; failures in a row: %d"),
		 (int)json_integer_value(json_object_get(probe, "ExitCode")),
		 c->health_failing);
	if (output && *output)
		why_fact(f, WHY_FROM_PROBE, _("it said: %.*s"),
			 (int)strcspn(output, "\r\n"), output);
	why_fix(f, _("run the test by hand: exec %s ..."), c->spec.name);
	why_next(f, "inspect -f '{{json .State.Health}}' %s", c->spec.name);
	answer = say_unhealthy(c, probe, f);
	json_decref(probe);
	return answer;
}

static enum why_answer health_starting(struct why *why, struct why_finding *f)
{
	const struct container *c = why->container;
	OWN_FREE char *test = NULL;

	if (!c || c->health != HEALTH_STARTING || c->health_failing)
		return WHY_NOT;
	test = strs_join(&c->spec.health_test, " ");
	why_fact(f, WHY_FROM_PROBE, _("test: %.200s"), test);
	why_fact(f, WHY_FROM_PROBE, _("no check has ended well yet since its start, %s ago"),
		 why_ago(c->started_ns));
	why_next(f, "inspect -f '{{json .State.Health}}' %s", c->spec.name);
	return why_say(f, _("%s is neither healthy nor unhealthy yet: its first health check has not succeeded so far"),
		       c->spec.name);
}

/* ---- signals that did nothing ---- */

static enum why_answer signal_dropped(struct why *why, struct why_finding *f)
{
	const struct ending *e = &why->ending;
	const struct ending_signal *s =
		e->signal_count ? &e->signals[e->signal_count - 1] : NULL;

	if (!why->container || !container_has_monitor(why->container) || !s ||
	    e->died_ns || s->heed == HEED_UNKNOWN || s->heed == HEED_CAUGHT)
		return WHY_NOT;
	why_fact(f, WHY_FROM_EVENTS, _("%s was sent %s ago"),
		 why_signal_name(s->number), why_ago(s->ns));
	why_fact(f, WHY_FROM_PROC,
		 s->heed == HEED_IGNORED ?
			 _("/proc/%d/status then: SigIgn holds it, process 1 ignores it") :
		 s->heed == HEED_BLOCKED ?
			 _("/proc/%d/status then: SigBlk holds it, process 1 lets it wait") :
			 _("/proc/%d/status then: SigCgt does not hold it, process 1 has no handler"),
		 why->container->pid);
	why_fix(f, _("let process 1 handle it, run with --init, or send SIGKILL"));
	why_next(f, "kill %s", why_name(why));
	return why_say(f, _("%s still runs although %s was sent: its process 1 does not handle it, and for process 1 the kernel takes no action of its own"),
		       why_name(why), why_signal_name(s->number));
}

/* ---- the rest ---- */

static enum why_answer never_started(struct why *why, struct why_finding *f)
{
	const struct container *c = why->container;

	if (!c || c->status != CONTAINER_CREATED || c->error)
		return WHY_NOT;
	why_fact(f, WHY_FROM_RECORD, _("status created, %s ago; no start"),
		 why_ago(c->created_ns));
	why_fact(f, WHY_FROM_EVENTS, why->ending.created_ns ?
					     _("create, and no start") :
					     _("no start"));
	why_fix(f, _("start it: start %s"), c->spec.name);
	why_next(f, "start %s", c->spec.name);
	return why_say(f, _("%s has never run: it was made by 'create', and nobody has started it"),
		       c->spec.name);
}

static enum why_answer no_names(struct why *why, struct why_finding *f)
{
	const struct container *c = why->container;

	if (!c || c->status != CONTAINER_RUNNING ||
	    !spec_is_networked(&c->spec) || c->spec.networks.count != 1 ||
	    strcmp(c->spec.networks.items[0].network, "bridge") != 0)
		return WHY_NOT;
	why_fact(f, WHY_FROM_NETWORK, _("its only network is 'bridge', the usual one"));
	why_fact(f, WHY_FROM_RECORD, _("status running, process 1 is %d, for %s"),
		 c->pid, why_ago(c->started_ns));
	why_fix(f, _("put both on a network of your own: network create mine; network connect mine %s"),
		c->spec.name);
	why_next(f, "network inspect bridge");
	return why_say(f, _("%s runs; other containers reach it by its address only: on the usual network there are no names"),
		       c->spec.name);
}

static enum why_answer running(struct why *why, struct why_finding *f)
{
	const struct container *c = why->container;
	struct process process;
	OWN_FREE char *args = c ? strs_join(&c->spec.args, " ") : NULL;

	if (!c || c->status != CONTAINER_RUNNING)
		return WHY_NOT;
	why_fact(f, WHY_FROM_RECORD, _("process 1: %.120s"), args);
	if (process_read(c->pid, &process) == 0)
		why_fact(f, WHY_FROM_PROC, _("/proc/%d/stat: '%s' is there, in state %c"),
			 c->pid, process.name, process.state);
	why_next(f, "top %s", c->spec.name);
	return why_say(f, _("%s runs, for %s now: its process 1 has not ended"),
		       c->spec.name, why_ago(c->started_ns));
}

/* ---- gone ---- */

static enum why_answer gone(struct why *why, struct why_finding *f)
{
	const struct ending *e = &why->ending;
	bool with_end = e->died_ns && e->destroyed_ns - e->died_ns < 1000000000;

	/* One that ended badly is asked about for that. */
	if (why->container || !e->destroyed_ns || e->exit_code)
		return WHY_NOT;
	why_fact(f, WHY_FROM_EVENTS, _("destroy, %s ago"),
		 why_ago(e->destroyed_ns));
	if (e->died_ns)
		why_fact(f, WHY_FROM_EVENTS, _("die, %s before that"),
			 why_span(e->destroyed_ns - e->died_ns));
	why_fix(f, _("what a container wrote goes with it, unless it lies in a named volume (-v NAME:/path) or was saved by commit or cp"));
	why_next(f, "volume ls");
	if (!e->died_ns)
		return why_say(f, _("%s is gone, with all that it wrote: 'rm' or 'prune' removed it; no end of a run of it is in the event log"),
			       e->name);
	return with_end ?
		       why_say(f, _("%s is gone, with all that it wrote: it was removed as it ended, as --rm (its nameless volumes, too) or 'rm -f' does"),
			       e->name) :
		       why_say(f, _("%s is gone, with all that it wrote: it was removed after its end, as 'rm' and 'prune' do"),
			       e->name);
}

/* ---- networks and volumes ---- */

/* Returns how many of them run. */
static int name_users(const struct why *why, struct buf *out, bool volume)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };
	OWN_FREE char *source = mem_fmt("source=%s,", why->word);

	int run = 0;

	if (container_list(why->shell->home, &all, &ignored) < 0)
		return 0;
	for (size_t i = 0; i < all.count; i++) {
		const struct container *c = &all.items[i];
		OWN_FREE char *text = why_container_text(c);
		bool uses = false;

		for (size_t n = 0; n < c->spec.mounts.count && volume; n++)
			uses |= strstr(c->spec.mounts.items[n], source) != NULL;
		for (size_t n = 0; n < c->spec.networks.count && !volume; n++)
			uses |= c->spec.networks.items[n].network &&
				strcmp(c->spec.networks.items[n].network,
				       why->word) == 0;
		if (uses)
			buf_fmt(out, "%s%s", out->len ? ", " : "", text);
		run += uses && container_has_monitor(c);
	}
	return run;
}

static enum why_answer volume_removed(struct why *why, struct why_finding *f)
{
	int64_t gone_ns = ending_of_volume(why->shell->home, why->word);

	if (!gone_ns)
		return WHY_NOT;
	why_fact(f, WHY_FROM_EVENTS, _("volume destroy, %s ago"),
		 why_ago(gone_ns));
	why_next(f, "volume ls");
	return why_say(f, _("the volume %s is gone, with what was in it: it was removed %s ago"),
		       why->word, why_ago(gone_ns));
}

static enum why_answer volume_used(struct why *why, struct why_finding *f)
{
	OWN_BUF struct buf users = { 0 };

	if (ending_of_volume(why->shell->home, why->word))
		return WHY_NOT;
	(void)name_users(why, &users, true);
	why_next(f, "volume inspect %s", why->word);
	if (!users.len) {
		why_fact(f, WHY_FROM_RECORD, _("no container has it among its mounts"));
		why_fix(f, _("'volume rm' removes it, and what is in it"));
		return why_say(f, _("the volume %s is there because volumes outlive their containers; nothing uses it now"),
			       why->word);
	}
	why_fact(f, WHY_FROM_RECORD, _("mounted in: %s"), buf_text(&users));
	why_fix(f, _("remove these containers first, then the volume"));
	return why_say(f, _("the volume %s cannot be removed while containers, running or not, have it mounted"),
		       why->word);
}

static enum why_answer network_used(struct why *why, struct why_finding *f)
{
	OWN_BUF struct buf users = { 0 };
	int run = name_users(why, &users, false);

	why_next(f, "network inspect %s", why->word);
	if (!users.len) {
		why_fact(f, WHY_FROM_RECORD, _("no container is on it"));
		return why_say(f, _("the network %s is there and empty: a network stays until it is removed"),
			       why->word);
	}
	why_fact(f, WHY_FROM_RECORD, _("on it: %s"), buf_text(&users));
	if (!run) {
		f->id = "network_idle";
		return why_say(f, _("the network %s is there for containers that are on it and do not run now; that alone does not keep it from being removed"),
			       why->word);
	}
	why_fix(f, _("take them off (network disconnect), or stop them, before 'network rm'"));
	return why_say(f, _("the network %s is in use: containers are on it"),
		       why->word);
}

const struct why_cause why_state_causes[] = {
	{ "paused", WHY_STATE, false, paused },
	{ "restarting", WHY_STATE, false, restarting },
	{ "unhealthy", WHY_STATE, false, unhealthy },
	{ "signal_dropped", WHY_STATE | WHY_STOP, false, signal_dropped },
	{ "health_starting", WHY_STATE, false, health_starting },
	{ "never_started", WHY_STATE, false, never_started },
	{ "removed", WHY_GONE, false, gone },
	{ "volume_removed", WHY_VOLUME, false, volume_removed },
	{ "volume_in_use", WHY_VOLUME, false, volume_used },
	{ "network_in_use", WHY_NETWORK, false, network_used },
	{ "no_names_on_bridge", WHY_STATE, true, no_names },
	{ "running", WHY_STATE, true, running },
	{ 0 },
};
