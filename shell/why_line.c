/* shell/why_line.c - see why.h: why a command failed.
 *
 * What the message says is looked up once more where it comes from: a name that is
 * taken in the containers, a full disk in the file system, an image in its users. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "images/base.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/home.h"
#include "shell/cmd.h"
#include "shell/commands.h"
#include "shell/near.h"
#include "shell/why.h"

static bool says(const struct why *why, const char *what)
{
	return why->line.message && strstr(why->line.message, what);
}

/* What stands behind `mark`, up to one of `ends`; NULL where the message has no such
 * mark. Given. */
static char *behind(const struct why *why, const char *mark, const char *ends)
{
	const char *at = why->line.message ? strstr(why->line.message, mark) :
					     NULL;

	return at ? mem_strn(at + strlen(mark),
			     strcspn(at + strlen(mark), ends)) :
		    NULL;
}

static void fact_message(const struct why *why, struct why_finding *f)
{
	why_fact(f, WHY_FROM_MESSAGE, "%.300s", why->line.message);
}

/* ---- names ---- */

static enum why_answer name_in_use(struct why *why, struct why_finding *f)
{
	OWN_FREE char *name =
		behind(why, "The container name \"/", "\"");
	OWN_CONTAINER struct container c = { 0 };
	struct err gone = { 0 };
	OWN_FREE char *text = NULL;

	if (!name)
		return WHY_NOT;
	if (container_find(why->shell->home, name, &c, &gone) < 0) {
		fact_message(why, f);
		why_next(f, "ps -a");
		return why_say(f, _("the name '%s' was taken then; it is free now"),
			       name);
	}
	text = why_container_text(&c);
	why_fact(f, WHY_FROM_RECORD, _("%s, made from %s, id %.12s"), text,
		 c.spec.image ? c.spec.image : "?", c.spec.id);
	fact_message(why, f);
	if (container_has_monitor(&c)) {
		why_fix(f, _("use that one, remove it (rm -f %s), or take another --name"),
			name);
		why_next(f, "why %s", name);
	} else {
		why_fix(f, _("go on with that one (start %s), remove it (rm %s), or take another --name"),
			name, name);
		why_next(f, "start %s", name);
	}
	return why_say(f, _("the name '%s' belongs to a container that is there already (%s)"),
		       name, container_status_name(c.status));
}

static enum why_answer no_such_container(struct why *why,
					 struct why_finding *f)
{
	OWN_FREE char *name = behind(why, "No such container: ", " \n");
	struct ending ending;
	struct err ignored = { 0 };

	if (!name)
		return WHY_NOT;
	fact_message(why, f);
	why_next(f, "ps -a");
	if (ending_read(why->shell->home, name, &ending, &ignored) == 1 &&
	    ending.destroyed_ns) {
		const char *ago = why_ago(ending.destroyed_ns);

		why_fact(f, WHY_FROM_EVENTS, _("destroy, %s ago"), ago);
		f->id = "container_removed";
		why_fix(f, _("what it wrote is gone with it; make a new one"));
		return why_say(f, _("there was a container '%s', and it was removed %s ago"),
			       name, ago);
	}
	why_fact(f, WHY_FROM_EVENTS, _("no container of that name as far back as the log goes"));
	return why_say(f, _("there is no container '%s', and never was as far as is known here"),
		       name);
}

static enum why_answer no_such_image(struct why *why, struct why_finding *f)
{
	OWN_FREE char *name = behind(why, "No such image: ", " \n");
	struct image_list all = { 0 };
	struct err near = { 0 };

	if (!name)
		name = behind(why, "there is no image '", "'");
	if (!name)
		name = behind(why, "pull access denied for ", ", ");
	if (!name)
		name = behind(why, "manifest for ", " ");
	if (!name)
		return WHY_NOT;
	fact_message(why, f);
	if (why->shell->store &&
	    image_list(why->shell->store, false, &all, &near) == 0)
		why_fact(f, WHY_FROM_IMAGE, _("images here: %zu, none of that name"),
			 all.count);
	image_list_done(&all);
	near = (struct err){ 0 };
	(void)err_docker(&near, ERR_CLIENT, ENOENT, "No such image: %s", name);
	near_hint(why->shell, &near);
	why_next(f, "images");
	if (base_has(name)) {
		why_fix(f, _("it comes with the program: 'image restore %s' brings it back"),
			name);
		why_next(f, "image restore %s", name);
	} else if (near.hint[0]) {
		why_fix(f, "%s", near.hint);
	}
	return why_say(f, _("no image here is called '%s'"), name);
}

static enum why_answer unknown_word(struct why *why, struct why_finding *f)
{
	const char *word = why->line.words.count ? why->line.words.items[0] :
						   "";
	const char *near = command_nearest(NULL, word);
	int used;

	if (why->line.status != 127 || why->line.code || why->line.by_sh ||
	    command_find(why->line.words.items, &used))
		return WHY_NOT;
	why_fact(f, WHY_FROM_LINE, "%s", word);
	why_fact(f, WHY_FROM_STATUS, _("127: no command of this shell, and no program in PATH"));
	if (near)
		why_fix(f, _("did you mean '%s'?"), near);
	why_next(f, near ? "help %s" : "help", near);
	return why_say(f, _("'%s' is no command here"), word);
}

/* ---- in use ---- */

static void users_of_image(const struct why *why, const char *id,
			   struct buf *out)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };

	if (container_list(why->shell->home, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++) {
		OWN_FREE char *text = why_container_text(&all.items[i]);

		if (all.items[i].spec.image_id &&
		    strcmp(all.items[i].spec.image_id, id) == 0)
			buf_fmt(out, "%s%s", out->len ? ", " : "", text);
	}
}

static enum why_answer image_in_use(struct why *why, struct why_finding *f)
{
	OWN_BUF struct buf users = { 0 };
	OWN_IMAGE struct image image = { 0 };
	struct err ignored = { 0 };
	const char *name = why->line.words.count ?
				   why->line.words.items
					   [why->line.words.count - 1] :
				   "";

	if (!says(why, "conflict: unable to") || !why->shell->store)
		return WHY_NOT;
	fact_message(why, f);
	if (image_find(why->shell->store, name, &image, &ignored) == 0)
		users_of_image(why, image.id, &users);
	why_next(f, "ps -a --filter ancestor=%s", name);
	if (users.len) {
		why_fact(f, WHY_FROM_RECORD, _("made from it: %s"),
			 buf_text(&users));
		why_fix(f, _("remove these containers first (rm), or force it (rmi -f)"));
		return why_say(f, _("the image '%s' is in use: containers, running or not, stand on its layers"),
			       name);
	}
	why_fix(f, _("remove what was made from it first, or one name at a time"));
	return why_say(f, _("the image '%s' is in use by other images or has several names"),
		       name);
}

static enum why_answer is_running(struct why *why, struct why_finding *f)
{
	OWN_FREE char *state = behind(why, "You cannot remove a ", " ");
	OWN_FREE char *id = behind(why, " container ", ".");

	if (!state || !id)
		return WHY_NOT;
	fact_message(why, f);
	if (why->container)
		why_fact(f, WHY_FROM_RECORD, _("status %s, process 1 is %d"),
			 container_status_name(why->container->status),
			 why->container->pid);
	why_fix(f, _("stop it first, or both in one: rm -f"));
	why_next(f, "stop %s", why->container ? why_name(why) : id);
	return why_say(f, _("a container that is %s is not removed: its process still uses its files"),
		       state);
}

static enum why_answer not_running(struct why *why, struct why_finding *f)
{
	if (!says(why, "is not running") && !says(why, "stopped container"))
		return WHY_NOT;
	fact_message(why, f);
	if (!why->container) {
		why_next(f, "ps -a");
		return why_say(f, _("that container does not run: without its process 1 there is nothing to join or signal"));
	}
	why_fact(f, WHY_FROM_RECORD, _("status %s, exit status %d"),
		 container_status_name(why->container->status),
		 why->container->exit_code);
	why_fix(f, _("start it again: start %s; why it ended: why %s"),
		why_name(why), why_name(why));
	why_next(f, "why %s", why_name(why));
	return why_say(f, _("%s does not run: without its process 1 there is nothing to join or signal"),
		       why_name(why));
}

static enum why_answer has_users(struct why *why, struct why_finding *f)
{
	bool volume = says(why, "volume is in use");
	OWN_FREE char *users = behind(why, "volume is in use - [", "]");

	if (!volume && !says(why, "has active endpoints"))
		return WHY_NOT;
	fact_message(why, f);
	if (users)
		why_fact(f, WHY_FROM_RECORD, _("its containers: %s"), users);
	why_fix(f, volume ? _("remove these containers first, then the volume") :
			    _("stop the containers on it, or take them off: network disconnect"));
	why_next(f, "ps -a");
	if (volume) {
		f->id = "volume_in_use";
		return why_say(f, _("a volume is not removed while a container, running or not, has it mounted"));
	}
	f->id = "network_in_use";
	return why_say(f, _("a network is not removed while a container that runs is on it"));
}

/* ---- the machine ---- */

static enum why_answer bad_option(struct why *why, struct why_finding *f)
{
	OWN_FREE char *flag = behind(why, "unknown flag: ", " \n");

	if (!flag)
		flag = behind(why, "unknown shorthand flag: ", "\n");
	if (!flag || !why->line.words.count)
		return WHY_NOT;
	fact_message(why, f);
	why_fact(f, WHY_FROM_LINE, "%s", why->word);
	why_next(f, "help %s", why->line.words.items[0]);
	return why_say(f, _("'%s' has no option %s; options stand before the first other word"),
		       why->line.words.items[0], flag);
}

/* ---- what is left ---- */

static enum why_answer said_so(struct why *why, struct why_finding *f)
{
	if (!why->line.message || !*why->line.message)
		return WHY_NOT;
	fact_message(why, f);
	why_fact(f, WHY_FROM_LINE, "%s", why->word);
	if (why->line.hint)
		why_fix(f, "%s", why->line.hint);
	if (strcasestr(why->line.message, "no such network") ||
	    strcmp(why->line.words.items[0], "network") == 0)
		why_next(f, "network ls");
	else if (strcmp(why->line.words.items[0], "volume") == 0)
		why_next(f, "volume ls");
	else
		why_next(f, "help %s", why->line.words.items[0]);
	return why_say(f, "'%s': %.400s", why->line.words.items[0],
		       why->line.message);
}

static enum why_answer said_by_sh(struct why *why, struct why_finding *f)
{
	int status = why->line.status;

	if (!why->line.by_sh)
		return WHY_NOT;
	why_fact(f, WHY_FROM_LINE, "%s", why->word);
	why_fact(f, WHY_FROM_STATUS, "%d", status);
	why_next(f, "help");
	if (status == 127)
		return why_say(f, _("/bin/sh ran this line, and did not find a command in it (127)"));
	if (status == 126)
		return why_say(f, _("/bin/sh ran this line, and may not execute a command in it (126)"));
	if (status > 128 && status <= 128 + 64)
		return why_say(f, _("/bin/sh ran this line, and its last program was ended by %s (%d), or said so"),
			       why_signal_name(status - 128), status);
	return why_say(f, _("/bin/sh ran this line on this machine, and its last program chose %d itself; no container had a part in it"),
		       status);
}

static enum why_answer exec_status(struct why *why, struct why_finding *f)
{
	int status = why->line.status;

	if (!why_ran_program(why) || why->about & WHY_END)
		return WHY_NOT;
	why_fact(f, WHY_FROM_LINE, "%s", why->word);
	why_fact(f, WHY_FROM_STATUS, "%d", status);
	why_next(f, "ps -a");
	if (status > 128 && status <= 128 + 64) {
		why_tell(f, _("the same in a shell that says so: exec -it %s sh, and there the program"),
			 why->container ? why->container->spec.name :
					  "CONTAINER");
		return why_say_unknown(f, _("the program in the container ended with %d = 128 + %d; whether %s ended it or it said so of a child is unknown"),
				       status, status - 128,
				       why_signal_name(status - 128));
	}
	return why_say(f, _("the program in the container chose %d itself; its own output on the terminal is the reason"),
		       status);
}

/* Its status is an answer, and nothing went wrong. */
static enum why_answer doctor_said(struct why *why, struct why_finding *f)
{
	if (strcmp(why->word, "doctor") != 0)
		return WHY_NOT;
	why_fact(f, WHY_FROM_LINE, "%s", why->word);
	why_fact(f, WHY_FROM_STATUS, "%d", why->line.status);
	why_next(f, "doctor");
	return why_say(f, _("'doctor' ends with 1 where something of the lessons cannot run on this machine; its lines that do not begin with 'ok' say what, and what mends it"));
}

static enum why_answer status_alone(struct why *why, struct why_finding *f)
{
	if (why->status < 0 || why->container || why->ending.id[0])
		return WHY_NOT;
	why_fact(f, WHY_FROM_EVENTS, _("no container ended with %d as far back as the log goes"),
		 why->status);
	why_next(f, "run --rm busybox sh -c 'exit %d'", why->status);
	return why_say(f, _("the event log tells of no container that ended with %d"),
		       why->status);
}

static enum why_answer no_stop(struct why *why, struct why_finding *f)
{
	if (why->ending.id[0])
		return WHY_NOT;
	why_fact(f, WHY_FROM_EVENTS, _("no 'stop' as far back as the log goes"));
	why_next(f, "help stop");
	return why_say(f, _("the event log tells of no container that was stopped"));
}

const struct why_cause why_line_causes[] = {
	{ "name_in_use", WHY_LINE, false, name_in_use },
	{ "no_such_container", WHY_LINE, false, no_such_container },
	{ "no_such_image", WHY_LINE, false, no_such_image },
	{ "unknown_command", WHY_LINE, false, unknown_word },
	{ "image_in_use", WHY_LINE, false, image_in_use },
	{ "container_runs", WHY_LINE, false, is_running },
	{ "container_not_running", WHY_LINE, false, not_running },
	{ "in_use", WHY_LINE, false, has_users },
	{ "unknown_option", WHY_LINE, false, bad_option },
	{ "doctor", WHY_LINE, false, doctor_said },
	{ "no_such_end", WHY_STATUS, true, status_alone },
	{ "no_stop_yet", WHY_STOP, true, no_stop },
	{ "program_chose", WHY_LINE, true, exec_status },
	{ "sh_failed", WHY_LINE, true, said_by_sh },
	{ "said_so", WHY_LINE, true, said_so },
	{ 0 },
};
