/* shell/why_start.c - see why.h: why a program could not start.
 *
 * The message says what the kernel refused; the container's files (images/look.h) say
 * why it did. The order of the kernel's own questions:
 *
 *   is it there?  may it be executed?  is its file system one to run from?  how does it
 *   begin: ELF for which machine, or #!?  is the starter that it names there? */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "shell/advice.h"
#include "shell/why.h"

static bool says(const struct why *why, const char *what)
{
	return why->message && strstr(why->message, what);
}

/* The word behind `exec: "`, up to its closing quote; given, NULL where none is. */
static char *program_of(const struct why *why)
{
	const char *at = why->message ? strstr(why->message, "exec: \"") : NULL;

	return at ? mem_strn(at + 7, strcspn(at + 7, "\"")) : NULL;
}

static const char *path_list(const struct why *why)
{
	const char *path = NULL;

	if (why->container)
		path = strs_get_env(&why->container->spec.env, "PATH");
	else if (why->image.id)
		path = strs_get_env(&why->image.config.env, "PATH");
	return path ? path :
		      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

/* Looks for the program once; NULL where that is impossible. */
static const struct look_program *look(struct why *why)
{
	struct look_place place;
	struct err ignored = { 0 };
	OWN_FREE char *name = program_of(why);
	OWN_FREE struct look_program *found = NULL;

	if (why->program || !name || !why_place(why, &place))
		return why->program;
	if (why->container)
		place.user = why->container->spec.user;
	found = mem_zero(1, sizeof(*found));
	if (look_for_program(&place, name, path_list(why), found, &ignored) < 0)
		return NULL;
	why->program = own_give_ptr(&found);
	return why->program;
}

static void fact_message(const struct why *why, struct why_finding *f)
{
	const char *at = strstr(why->message, "exec: \"");

	why_fact(f, WHY_FROM_MESSAGE, "%.300s", at ? at : why->message);
}

static void next_look(const struct why *why, struct why_finding *f)
{
	if (why->container)
		why_next(f, "inspect -f '{{.Path}} {{json .Args}}' %s",
			 why_name(why));
	else if (why->image.id && why->image.tags.count) {
		OWN_FREE char *line = advice_listing(
			why->shell, false, why->image.tags.items[0]);

		why_next(f, "%s", line);
	}
}

/* ---- not there ---- */

static void fact_folders(struct why_finding *f, const struct look_program *p)
{
	for (int i = 0; i < p->count; i++)
		why_fact(f, WHY_FROM_FILES,
			 p->seen[i]  ? _("%s: there") :
			 p->there[i] ? _("%s: not there") :
				       _("%s: no such folder"),
			 p->folders[i]);
}

static enum why_answer not_in_path(struct why *why, struct why_finding *f)
{
	OWN_FREE char *name = program_of(why);
	const struct look_program *p =
		says(why, "executable file not found") ? look(why) : NULL;

	if (!says(why, "executable file not found") || !name)
		return WHY_NOT;
	fact_message(why, f);
	next_look(why, f);
	if (!p) {
		why_tell(f, _("the files of the image: run --rm IMAGE ls /bin /usr/bin"));
		return why_say_unknown(f, _("the program '%s' was not found in PATH; where it was looked for is unknown, the container is gone"),
				       name);
	}
	fact_folders(f, p);
	if (p->instead[0])
		why_fix(f, _("this image has %s, not %s: run it with %s"),
			p->instead, name, p->instead);
	else if (name[0] == '-')
		why_fix(f, _("options of 'run' stand before the image, what stands behind it is the program and its words"));
	else if (p->file.near[0])
		why_fix(f, _("did you mean '%s'?"), p->file.near);
	else if (strchr(name, ' '))
		why_fix(f, _("all of '%s' is taken as one name: give the program alone, and its words each by itself"),
			name);
	else
		why_fix(f, _("give a program that the image has, or install it in a Dockerfile (RUN)"));
	return why_say(f, _("the program '%s' is in none of the folders of PATH in this image"),
		       name);
}

static enum why_answer no_such_file(struct why *why, struct why_finding *f)
{
	const struct look_program *p =
		says(why, "exec: \"") && says(why, ": stat ") ? look(why) :
								NULL;

	if (!p || p->file.code != ENOENT)
		return WHY_NOT;
	fact_message(why, f);
	why_fact(f, WHY_FROM_FILES, _("%s: not there"), p->file.missing);
	next_look(why, f);
	if (p->file.link[0]) {
		why_fact(f, WHY_FROM_FILES, _("it is a link to '%s'"),
			 p->file.link);
		return why_say(f, _("the program is a link that leads nowhere: '%s' is not in this image"),
			       p->file.missing);
	}
	if (p->instead[0])
		why_fix(f, _("this image has %s: run it with %s"), p->instead,
			p->instead);
	else if (p->file.near[0])
		why_fix(f, _("did you mean '%s'?"), p->file.near);
	return why_say(f, _("there is no '%s' in this image"),
		       p->file.missing);
}

/* ---- there, and its starter is not ---- */

static enum why_answer interpreter(struct why *why, struct why_finding *f)
{
	const struct look_program *p =
		says(why, "exec: \"") && says(why, "no such file") ? look(why) :
								     NULL;

	if (!p || p->file.code || !p->file.interp_code)
		return WHY_NOT;
	fact_message(why, f);
	why_fact(f, WHY_FROM_FILES, _("%s: there, mode %04o"), p->file.path,
		 p->file.mode & 07777);
	why_fact(f, WHY_FROM_FILES, _("%s: not there"), p->file.interp);
	next_look(why, f);
	if (p->file.script) {
		why_fact(f, WHY_FROM_FILES, _("its first line: %s"),
			 p->file.head);
		why_fix(f, _("name a shell that is there (#!/bin/sh), or install %s"),
			p->file.interp);
		return why_say(f, _("the script '%s' is there, but the program that its first line names, %s, is not"),
			       p->file.path, p->file.interp);
	}
	why_fact(f, WHY_FROM_FILES, _("PT_INTERP of its ELF header: %s"),
		 p->file.interp);
	why_fix(f, _("take a base image that has this loader and the program's libraries, or build the program static"));
	f->id = "loader_missing";
	return why_say(f, _("'%s' is there, but it is started by the loader %s, which this image has not"),
		       p->file.path, p->file.interp);
}

static enum why_answer crlf(struct why *why, struct why_finding *f)
{
	const struct look_program *p =
		says(why, "exec: \"") && says(why, "no such file") ? look(why) :
								     NULL;

	if (!p || p->file.code || !p->file.crlf)
		return WHY_NOT;
	fact_message(why, f);
	why_fact(f, WHY_FROM_FILES, _("its first line: %s\\r, the line end of Windows"),
		 p->file.head);
	why_fix(f, _("write its lines with the ends of Linux: sed -i 's/\\r$//' FILE, and build anew"));
	next_look(why, f);
	return why_say(f, _("the script '%s' has line ends of Windows: the kernel looks for a program called '%s\\r', which is not there"),
		       p->file.path, p->file.interp);
}

/* ---- there, and not to be executed ---- */

static enum why_answer denied(struct why *why, struct why_finding *f)
{
	const struct look_program *p =
		says(why, "exec: \"") && says(why, "permission denied") ?
			look(why) :
			NULL;

	if (!p || p->file.code)
		return WHY_NOT;
	fact_message(why, f);
	next_look(why, f);
	if (S_ISDIR(p->file.mode)) {
		f->id = "is_a_folder";
		why_fact(f, WHY_FROM_FILES, _("%s: a folder, mode %04o"),
			 p->file.path, p->file.mode & 07777);
		return why_say(f, _("'%s' is a folder, not a program"),
			       p->file.path);
	}
	why_fact(f, WHY_FROM_FILES, _("%s: mode %04o, owner %u"), p->file.path,
		 p->file.mode & 07777, p->file.uid);
	if (!(p->file.mode & 0111)) {
		f->id = "not_executable";
		why_fix(f, _("chmod +x it before COPY, or RUN chmod +x %s, or run it by its interpreter: sh %s"),
			p->file.path, p->file.path);
		return why_say(f, _("'%s' may not be executed: its mode has no x for anybody"),
			       p->file.path);
	}
	if (p->file.noexec) {
		f->id = "noexec";
		why_fact(f, WHY_FROM_FILES, _("its file system is mounted noexec"));
		why_fix(f, _("put it where programs may run, or mount with exec"));
		return why_say(f, _("'%s' lies on a file system that is mounted noexec: nothing runs from there"),
			       p->file.path);
	}
	if (p->file.asked_for_user)
		why_fact(f, WHY_FROM_RECORD, _("it is to run as the user '%s'"),
			 why->container->spec.user);
	if (p->file.asked_for_user && p->file.closed[0]) {
		f->id = "denied_to_user";
		return why_say(f, _("the user '%s' of this container may not enter %s, which is on the way to '%s'"),
			       why->container->spec.user, p->file.closed,
			       p->file.path);
	}
	if (p->file.asked_for_user && !(p->file.may & 1)) {
		f->id = "denied_to_user";
		return why_say(f, _("'%s' may be executed by others, and not by the user '%s' of this container"),
			       p->file.path, why->container->spec.user);
	}
	why_tell(f, _("ls -l of each folder on the way to it, and the mounts of the container"));
	return why_say_unknown(f, _("the kernel refused to execute '%s' (permission denied); its own mode allows it, so why is unknown"),
			       p->file.path);
}

static enum why_answer bad_format(struct why *why, struct why_finding *f)
{
	const struct look_program *p =
		says(why, "exec format error") ? look(why) : NULL;

	if (!p || p->file.code)
		return WHY_NOT;
	fact_message(why, f);
	next_look(why, f);
	if (p->file.elf && !look_is_native(&p->file)) {
		f->id = "wrong_machine";
		why_fact(f, WHY_FROM_FILES, _("its ELF header: for %s, %d bits"),
			 look_machine_name(p->file.machine), p->file.bits);
		why_fix(f, _("take the image, or the program, for this machine"));
		return why_say(f, _("'%s' is a program for another kind of processor (%s)"),
			       p->file.path, look_machine_name(p->file.machine));
	}
	if (p->file.elf) {
		f->id = "damaged_program";
		why_fact(f, WHY_FROM_FILES, _("it begins as an ELF file of this machine, %lld bytes"),
			 (long long)p->file.size);
		return why_say(f, _("'%s' is damaged: it begins as a program of this machine, and the kernel cannot read it"),
			       p->file.path);
	}
	if (p->file.size == 0) {
		f->id = "empty_program";
		why_fact(f, WHY_FROM_FILES, _("%s: 0 bytes"), p->file.path);
		return why_say(f, _("'%s' is an empty file"), p->file.path);
	}
	why_fact(f, WHY_FROM_FILES, _("it begins with: %s"), p->file.head);
	if (strncmp(p->file.head, "\\xef\\xbb\\xbf#!", 14) == 0) {
		f->id = "byte_order_mark";
		why_fix(f, _("save it as UTF-8 without a byte order mark, and build anew"));
		return why_say(f, _("'%s' begins with a byte order mark (BOM), as editors of Windows write it: the kernel finds no #! at its very beginning"),
			       p->file.path);
	}
	f->id = "no_shebang";
	why_fix(f, _("let its first line be #!/bin/sh, or run it by its interpreter: sh %s"),
		p->file.path);
	return why_say(f, _("'%s' is neither a program for this machine nor a script with #! in its first line"),
		       p->file.path);
}

/* What would tell is gone, or is another one by now: the message alone fits several
 * reasons. What the failure itself said beside it is all that is left. */
static enum why_answer start_unknown(struct why *why, struct why_finding *f)
{
	OWN_FREE char *name = program_of(why);

	if (!name || says(why, "executable file not found"))
		return WHY_NOT;
	for (size_t i = 0; i < why->found_count; i++)
		if (why->found[i].cause->about & WHY_START)
			return WHY_NOT;
	fact_message(why, f);
	if (why->line.hint)
		why_fact(f, WHY_FROM_MESSAGE, "%.300s", why->line.hint);
	if (!why->container && !why->image.id)
		why_fact(f, WHY_FROM_RECORD, _("the container and its image are not here any more"));
	why_tell(f, _("the program's file, its first bytes and its mode: run --rm IMAGE ls -l %s"),
		 name);
	why_next(f, "images");
	if (says(why, "permission denied"))
		return why_say_unknown(f, _("'%s' might not be executed; whether its mode, a folder on the way or its file system forbade it is unknown"),
				       name);
	if (says(why, "exec format error"))
		return why_say_unknown(f, _("the kernel could not run '%s': a program of another machine, an empty or damaged file, or a script without #!; which of them is unknown"),
				       name);
	if (says(why, "no such file"))
		return why_say_unknown(f, _("'%s' could not be started: it was not there, or the interpreter or loader that it names was not; which of them is unknown"),
				       name);
	return why_say_unknown(f, _("'%s' could not be started; why is unknown"),
			       name);
}

/* ---- what is around the program ---- */

/* The word behind `mark`, up to one of `ends`; given, NULL where there is none. */
static char *behind(const struct why *why, const char *mark, const char *ends)
{
	const char *at = why->message ? strstr(why->message, mark) : NULL;

	return at ? mem_strn(at + strlen(mark), strcspn(at + strlen(mark), ends)) :
		    NULL;
}

static enum why_answer no_such_user(struct why *why, struct why_finding *f)
{
	OWN_FREE char *name = behind(why, "unable to find user ", ":");
	struct look_place place;
	OWN_FREE struct look_file *file = NULL;
	struct err ignored = { 0 };

	if (!name)
		return WHY_NOT;
	why_fact(f, WHY_FROM_MESSAGE, "%.300s",
		 strstr(why->message, "unable to find user "));
	file = mem_zero(1, sizeof(*file));
	if (why_place(why, &place) &&
	    look_at(&place, "/etc/passwd", file, &ignored) == 0)
		why_fact(f, WHY_FROM_FILES,
			 file->code ? _("there is no /etc/passwd in it") :
				      _("/etc/passwd: there, %lld bytes"),
			 (long long)file->size);
	why_fix(f, _("make the user in the Dockerfile (RUN adduser), or give a number: -u 1000"));
	next_look(why, f);
	return why_say(f, _("the container is to run as the user '%s', and no line of its /etc/passwd has that name"),
		       name);
}

static enum why_answer no_bind_source(struct why *why, struct why_finding *f)
{
	OWN_FREE char *path =
		behind(why, "bind source path does not exist: ", "\n");
	struct stat st;

	if (!path)
		return WHY_NOT;
	path[strcspn(path, " ")] = '\0';
	if (path[0] && path[strlen(path) - 1] == '.')
		path[strlen(path) - 1] = '\0';
	why_fact(f, WHY_FROM_MESSAGE, "%.300s",
		 strstr(why->message, "bind source path"));
	why_fact(f, WHY_FROM_DISK, stat(path, &st) == 0 ?
					   _("%s: there now") :
					   _("%s: not there"),
		 path);
	why_fix(f, _("make the folder first (mkdir -p %s), or use -v, which makes it"),
		path);
	why_next(f, "volume ls");
	return why_say(f, _("the folder of the machine that was to be mounted, '%s', was not there"),
		       path);
}

const struct why_cause why_start_causes[] = {
	{ "crlf", WHY_START, false, crlf },
	{ "interpreter_missing", WHY_START, false, interpreter },
	{ "not_in_path", WHY_START, false, not_in_path },
	{ "no_such_program", WHY_START, false, no_such_file },
	{ "denied", WHY_START, false, denied },
	{ "exec_format", WHY_START, false, bad_format },
	{ "no_such_user", WHY_START, false, no_such_user },
	{ "no_bind_source", WHY_START, false, no_bind_source },
	{ "start_unknown", WHY_START, false, start_unknown },
	{ 0 },
};
