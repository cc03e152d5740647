/* shell/why_number.c - see why.h: a container whose process 1 ended by itself, and the
 * number that it chose. */
#include <string.h>

#include "runtime/base/own.h"
#include "shell/why.h"
#include "shell/why_end.h"

static const struct strs *args_of(const struct why *why)
{
	static const struct strs none;

	return why->container ? &why->container->spec.args : &none;
}

static bool is_shell(const char *path)
{
	static const char *const shells[] = { "sh", "ash", "bash", "dash",
					      "zsh", "ksh", NULL };
	const char *base = strrchr(path, '/');

	for (size_t i = 0; shells[i]; i++)
		if (strcmp(base ? base + 1 : path, shells[i]) == 0)
			return true;
	return false;
}

static enum why_answer stopped_itself(struct why *why, struct why_finding *f)
{
	const struct ending_signal *last = why_last_signal(why);

	if (!why_has_ended(why) || why->ending.seen.signal != 0 || !last ||
	    last->heed != HEED_CAUGHT)
		return WHY_NOT;
	why_fact_signals(why, f);
	why_fact_status(why, f);
	why_next(f, "logs %s", why_name(why));
	return why_say(f, _("%s ended with %d: %s came, %s, its process 1 handled it and ended by itself"),
		       why_name(why), why_code_of(why),
		       why_signal_name(last->number), why_asker_text(last->by));
}

static enum why_answer child_signalled(struct why *why, struct why_finding *f)
{
	int code = why_code_of(why);
	const struct strs *args = args_of(why);

	if (!why_has_ended(why) || why->ending.seen.signal != 0 || code <= 128 ||
	    code > 128 + 64 || why_last_signal(why))
		return WHY_NOT;
	why_fact_status(why, f);
	if (args->count && is_shell(args->items[0]))
		why_fact(f, WHY_FROM_RECORD, _("process 1 was a shell (%s): it ends with 128 + n after a child that signal n ended"),
			 args->items[0]);
	(void)why_log_facts(why, f);
	why_next(f, "logs %s", why_name(why));
	if (args->count && is_shell(args->items[0]))
		return why_say(f, _("%s ended with %d by its own choice: no signal ended process 1; it is a shell, and says so of a child that %s ended, or of 'exit %d'"),
			       why_name(why), code, why_signal_name(code - 128),
			       code);
	return why_say(f, _("%s ended with %d by its own choice: no signal ended process 1, the program gave this number itself"),
		       why_name(why), code);
}

static enum why_answer stdin_ended(struct why *why, struct why_finding *f)
{
	const struct strs *args = args_of(why);
	const struct spec *spec = why->container ? &why->container->spec : NULL;

	if (!spec || !why_has_ended(why) || why_code_of(why) != 0 ||
	    why->ending.seen.signal != 0 || args->count != 1 ||
	    !is_shell(args->items[0]) || why_last_signal(why))
		return WHY_NOT;
	why_fact(f, WHY_FROM_RECORD, _("process 1: %s, with no script"),
		 args->items[0]);
	why_fact(f, WHY_FROM_RECORD,
		 spec->open_stdin ? _("standard input open (-i)") :
				    _("standard input is empty: no -i"));
	why_fact_status(why, f);
	why_fact_span(why, f);
	if (spec->open_stdin) {
		why_next(f, "start -ai %s", why_name(why));
		return why_say(f, _("%s ended with 0: its shell reached the end of its input, or was told to exit, and leaves then"),
			       why_name(why));
	}
	why_fix(f, _("run it with -it to type to it, or give it a command that goes on"));
	why_next(f, "run -it %s %s", spec->image ? spec->image : "IMAGE",
		 args->items[0]);
	return why_say(f, _("%s ended with 0 at once: its process 1 is a shell that reads commands, and without -i it reads the end of its input first"),
		       why_name(why));
}

static enum why_answer shell_not_found(struct why *why, struct why_finding *f)
{
	int code = why_code_of(why);
	const struct strs *args = args_of(why);

	if (!why_has_ended(why) || why->ending.seen.signal != 0 ||
	    (code != 126 && code != 127) || !args->count ||
	    !is_shell(args->items[0]))
		return WHY_NOT;
	why_fact_status(why, f);
	why_fact(f, WHY_FROM_RECORD, _("process 1 was a shell (%s), and it started"),
		 args->items[0]);
	if (!why_log_facts(why, f))
		return WHY_NOT;
	why_next(f, "logs %s", why_name(why));
	if (code == 127)
		return why_say(f, _("%s ended with 127: its shell ran, and the command that it was to run was not found; its output says which"),
			       why_name(why));
	return why_say(f, _("%s ended with 126: its shell ran, and the command that it was to run may not be executed; its output says which"),
		       why_name(why));
}

static enum why_answer work_done(struct why *why, struct why_finding *f)
{
	OWN_FREE char *args = strs_join(args_of(why), " ");

	if (!why_has_ended(why) || why_code_of(why) != 0 ||
	    why->ending.seen.signal != 0)
		return WHY_NOT;
	if (*args)
		why_fact(f, WHY_FROM_RECORD, _("process 1: %.120s"), args);
	why_fact_status(why, f);
	why_fact_span(why, f);
	(void)why_log_facts(why, f);
	why_fix(f, _("a container lives as long as its process 1: give it a program that stays in the foreground"));
	why_next(f, "logs %s", why_name(why));
	return why_say(f, _("%s ended with 0: its process 1 had finished its work"),
		       why_name(why));
}

static enum why_answer own_number(struct why *why, struct why_finding *f)
{
	OWN_FREE char *args = strs_join(args_of(why), " ");

	if (!why_has_ended(why) || why->ending.seen.signal != 0)
		return WHY_NOT;
	if (*args)
		why_fact(f, WHY_FROM_RECORD, _("process 1: %.120s"), args);
	why_fact_status(why, f);
	why_fact_span(why, f);
	if (!why_log_facts(why, f))
		why_fact(f, WHY_FROM_LOG,
			 !why->container ? _("gone with the container") :
			 why->container->spec.log_driver ?
					   _("not kept: --log-driver none") :
					   _("it printed nothing"));
	why_next(f, "logs %s", why_name(why));
	return why_say(f, _("%s ended with %d: the program itself chose this number; its own words are the reason"),
		       why_name(why), why_code_of(why));
}

const struct why_cause why_number_causes[] = {
	{ "stopped_itself", WHY_END, false, stopped_itself },
	{ "child_signalled", WHY_END, false, child_signalled },
	{ "stdin_ended", WHY_END, false, stdin_ended },
	{ "command_not_found", WHY_END, false, shell_not_found },
	{ "work_done", WHY_END, true, work_done },
	{ "own_number", WHY_END, true, own_number },
	{ 0 },
};
