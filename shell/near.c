/* shell/near.c - see near.h
 *
 * A name may be mistyped, or be that of another kind of thing: whoever stops
 * 'busybox' has not yet seen that an image is not a container. */
#include "shell/near.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "images/store.h"
#include "lessons/course.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/suggest.h"
#include "runtime/container.h"
#include "runtime/network.h"
#include "shell/advice_parts.h"
#include "shell/cmd.h"
#include "shell/commands.h"

/* ---- what there is ---- */

static void container_names(const struct shell *shell, struct strs *out)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };

	if (!shell->home || container_list(shell->home, &all, &ignored) < 0)
		return; /* the failure itself is what matters */
	for (size_t i = 0; i < all.count; i++)
		strs_add(out, all.items[i].spec.name);
}

static void network_names(const struct shell *shell, struct strs *out)
{
	OWN_NETWORKS struct networks all = { 0 };
	struct err ignored = { 0 };

	if (!shell->home || network_list(shell->home, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++)
		strs_add(out, all.items[i].name);
}

static void volume_names(const struct shell *shell, struct strs *out)
{
	OWN_FREE char *path =
		mem_fmt("%s/volumes", shell->home ? shell->home->path : "");
	OWN_DIR DIR *dir = shell->home ? opendir(path) : NULL;
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			strs_add(out, entry->d_name);
}

/* "busybox:latest" is offered as "busybox" where no tag was typed. */
static void names_of_images(const struct shell *shell, bool with_tag,
			    struct strs *out)
{
	image_names(shell->home, out);
	for (size_t i = 0; i < out->count && !with_tag; i++) {
		char *latest = strstr(out->items[i], ":latest");

		if (latest && !latest[strlen(":latest")])
			*latest = '\0';
	}
}

bool near_is_container(const struct shell *shell, const char *name)
{
	OWN_STRS struct strs names = { 0 };

	container_names(shell, &names);
	return strs_has(&names, name);
}

bool near_is_image(const struct shell *shell, const char *name)
{
	OWN_STRS struct strs names = { 0 };

	names_of_images(shell, strchr(name, ':') != NULL, &names);
	return strs_has(&names, name);
}

bool near_is_lesson(const struct shell *shell, const char *name)
{
	const struct course_entry *entry = NULL;
	struct course course = { 0 };
	struct err none = { 0 };
	bool is = course_open(shell->lessons_dirs, &course, &none) == 0 &&
		  course_find(&course, name, &entry, &none) == 0;

	course_done(&course);
	return is;
}

/* ---- the nearest ---- */

static bool hint_nearest(const char *typed, const struct strs *names,
			 struct err *err)
{
	struct suggest best = suggest_start(typed);

	for (size_t i = 0; i < names->count; i++)
		suggest_try(&best, names->items[i]);
	if (best.found)
		err_hint(err, _("did you mean '%s'?"), best.found);
	return best.found != NULL;
}

/* "exec sh web": what was taken for the container's name is the program. */
static bool hint_order(const struct shell *shell, const char *typed,
		       struct err *err)
{
	const struct args *args = shell->args;

	if (!args || args->count < 2 || strcmp(args->called, "exec") != 0 ||
	    strcmp(args->words[0], typed) != 0 ||
	    !near_is_container(shell, args->words[1]))
		return false;
	err_hint(err, _("the container comes first; did you mean 'exec %s %s'?"),
		 args->words[1], typed);
	return true;
}

/* Docker's names have no slash at their end, and completion of files adds one. */
static char *without_slashes(const char *typed)
{
	size_t len = strlen(typed);

	while (len > 1 && typed[len - 1] == '/')
		len--;
	return mem_strn(typed, len);
}

/* `rm notes.txt`: a file was meant. (In a lesson nobody is led to remove the machine's:
 * half a line for a container, perhaps.) `kill 1234`: a process. */
static bool is_of_machine(const struct shell *shell, const char *typed)
{
	const struct args *args = shell->args;
	char *end;
	long pid = strtol(typed, &end, 10);

	if (!args || shell->lesson || !args->called)
		return false;
	if (strcmp(args->called, "rm") == 0)
		return access(typed, F_OK) == 0;
	return strcmp(args->called, "kill") == 0 && !*end && pid > 0 &&
	       pid <= INT_MAX &&
	       (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

void near_container(const struct shell *shell, const char *shown,
		    struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	OWN_FREE char *typed = without_slashes(shown);

	container_names(shell, &names);
	if (hint_order(shell, typed, err))
		return;
	if (advice_on_no_name(shell, typed, err))
		return;
	if (near_is_image(shell, typed))
		err_hint(err, _("'%s' is an image, and this is about containers; 'ps -a' lists them, 'run %s' makes one, 'rmi' removes images"),
			 typed, typed);
	else if (is_of_machine(shell, typed))
		err_hint(err, _("'%s' is a command of dockershell here; for this machine's own put a backslash in front: \\%s"),
			 shell->args->called, shell->args->called);
	else if (hint_nearest(typed, &names, err))
		return;
	else if (names.count == 0)
		err_hint(err, _("there is no container; 'run' makes one"));
	else
		err_hint(err, _("'ps -a' lists all containers"));
}

/* The same name with another tag is nearer than any other. */
static const char *same_name(const struct strs *names, const char *typed)
{
	size_t len = strcspn(typed, ":");

	for (size_t i = 0; i < names->count; i++)
		if (strncmp(names->items[i], typed, len) == 0 &&
		    (names->items[i][len] == ':' ||
		     (typed[len] && !names->items[i][len])))
			return names->items[i];
	return NULL;
}

static bool is_run(const struct shell *shell)
{
	return shell->cmd && strcmp(shell->cmd->name, "run") == 0;
}

/* `run box busybox`: the image stands behind what was to be the container's name. */
static bool is_name_without_flag(const struct shell *shell, const char *typed)
{
	const struct args *args = shell->args;

	return is_run(shell) && args && args->count > 1 &&
	       strcmp(args->words[0], typed) == 0 &&
	       near_is_image(shell, args->words[1]);
}

void near_image(const struct shell *shell, const char *shown,
		const char *otherwise, struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	OWN_FREE char *typed = mem_str(shown);
	char *latest = strstr(typed, ":latest");
	const char *same;

	if (latest)
		*latest = '\0'; /* Docker adds it to what was typed */
	if (shell->cmd == &cmd_history &&
	    typed[strspn(typed, "0123456789")] == '\0') {
		err_hint(err, _("'history' shows how an image came to be; Ctrl-R and the arrow up find lines that were typed"));
		return;
	}
	if (is_run(shell) && strcmp(typed, "help") == 0) {
		err_hint(err, _("did you mean '%s'?"), "help run");
		return;
	}
	if (typed[strspn(typed, "0123456789:")] == '\0') {
		err_hint(err, _("'%s' was taken for an image: -p wants HOST:CONTAINER in one word, as in -p 8080:80"),
			 typed);
		return;
	}
	names_of_images(shell, false, &names);
	same = same_name(&names, typed);
	if (near_is_container(shell, typed) && is_run(shell))
		err_hint(err, _("'%s' is a container already: 'start %s' starts it, 'exec %s sh' goes in; 'run' wants an image"),
			 typed, typed, typed);
	else if (is_name_without_flag(shell, typed))
		err_hint(err, _("'%s' is an image: was '--name %s' meant, in front of it?"),
			 shell->args->words[1], typed);
	else if (near_is_container(shell, typed))
		err_hint(err, _("'%s' is a container, and this is about images; 'images' lists them"),
			 typed);
	else if (same)
		err_hint(err, _("did you mean '%s'?"), same);
	else if (!hint_nearest(typed, &names, err))
		err_hint(err, "%s", otherwise);
}

void near_object(const struct shell *shell, const char *typed,
		 const char *otherwise, struct err *err)
{
	OWN_STRS struct strs names = { 0 };

	container_names(shell, &names);
	names_of_images(shell, strchr(typed, ':') != NULL, &names);
	network_names(shell, &names);
	volume_names(shell, &names);
	if (!hint_nearest(typed, &names, err))
		err_hint(err, "%s", otherwise);
}

/* For what may be a container or an image. */
static void hint_object(const struct shell *shell, const char *typed,
			struct err *err)
{
	near_object(shell, typed,
		    _("'ps -a' lists all containers, 'images' the images that are here"),
		    err);
}

static void hint_network(const struct shell *shell, const char *typed,
			 struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	const struct args *args = shell->args;

	network_names(shell, &names);
	if (args && args->count == 2 && near_is_container(shell, typed))
		err_hint(err, _("the network comes first; did you mean '%s %s %s'?"),
			 args->called, args->words[1], args->words[0]);
	else if (!hint_nearest(typed, &names, err))
		err_hint(err, _("'network ls' lists all networks"));
}

static void hint_volume(const struct shell *shell, const char *typed,
			struct err *err)
{
	OWN_STRS struct strs names = { 0 };

	volume_names(shell, &names);
	if (!hint_nearest(typed, &names, err))
		err_hint(err, _("'volume ls' lists all volumes"));
}

/* "No such container:path: web:/x": the container is there, the file is not. */
static void hint_path(const struct shell *shell, const char *typed,
		      struct err *err)
{
	OWN_FREE char *name = mem_strn(typed, strcspn(typed, ":"));

	if (!near_is_container(shell, name))
		near_container(shell, name, err);
	else
		err_hint(err, _("'exec %s ls /' shows the folders in there, while it runs; 'export %s | tar t' shows all files"),
			 name, name);
}

bool near_file(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	OWN_FREE char *folder =
		slash ? mem_strn(path, (size_t)(slash - path) + 1)
		      : mem_str("./");
	OWN_DIR DIR *dir = opendir(folder);
	OWN_STRS struct strs names = { 0 };
	const struct dirent *entry;
	struct suggest best;

	while (dir && names.count < 1000 && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			strs_add(&names, entry->d_name);
	best = suggest_start(slash ? slash + 1 : path);
	for (size_t i = 0; i < names.count; i++)
		suggest_try(&best, names.items[i]);
	if (best.found)
		err_hint(err, _("did you mean '%s%s'?"), slash ? folder : "",
			 best.found);
	else
		err_hint(err, _("'ls' shows the files of this folder, 'pwd' where it is"));
	return best.found != NULL;
}

/* ---- from the message ---- */

/* What stands behind the last `what` in the message, up to a space or `end`;
 * given. */
static char *name_behind(const struct err *err, const char *what)
{
	const char *at = strstr(err->msg, what);

	if (!at)
		return NULL;
	at += strlen(what);
	return mem_strn(at, strcspn(at, " \n"));
}

static void hint_on_image(const struct shell *shell, const char *typed,
			  struct err *err)
{
	near_image(shell, typed, _("'images' lists the images that are here"),
		   err);
}

static const struct missing {
	const char *says;
	void (*hint)(const struct shell *shell, const char *typed,
		     struct err *err);
} missing[] = {
	{ "No such container:path: ", hint_path },
	{ "No such container: ", near_container },
	{ "No such image: ", hint_on_image },
	{ "reference does not exist: ", hint_on_image },
	{ "No such object: ", hint_object },
	{ "No such network: ", hint_network },
	{ "No such volume: ", hint_volume },
	{ "no such volume: ", hint_volume },
	{ NULL, NULL },
};

void near_hint(const struct shell *shell, struct err *err)
{
	size_t len = strlen(err->msg);

	for (const struct missing *m = missing; m->says; m++) {
		OWN_FREE char *name = name_behind(err, m->says);

		if (!name)
			continue;
		m->hint(shell, name, err);
		return;
	}
	if (strncmp(err->msg, "network ", 8) == 0 && len > 18 &&
	    strcmp(err->msg + len - 10, " not found") == 0) {
		OWN_FREE char *name = name_behind(err, "network ");

		hint_network(shell, name, err);
	}
}
