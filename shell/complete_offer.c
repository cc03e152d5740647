/* shell/complete_offer.c - see complete_parts.h: what is offered */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "images/store.h"
#include "lessons/course.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/caps.h"
#include "runtime/container.h"
#include "runtime/network.h"
#include "shell/commands.h"
#include "shell/complete_parts.h"
#include "shell/jobs.h"
#include "shell/opt.h"
#include "shell/shell.h"

void place_skip(struct place *place, size_t len)
{
	place->at += len;
}

void offer(struct place *place, const char *text)
{
	OWN_FREE char *word = NULL;

	/* A name that somebody gave may not steer the terminal. */
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return;
	if (strncmp(text, place_text(place), strlen(place_text(place))) != 0)
		return;
	word = mem_fmt("%.*s%s", (int)place->at, place->word, text);
	if (!strs_has(&place->out->words, word))
		strs_take(&place->out->words, own_give_ptr(&word));
}

void offer_words(struct place *place, const char *words)
{
	OWN_STRS struct strs list = { 0 };

	strs_split(&list, words, ' ');
	for (size_t i = 0; i < list.count; i++)
		offer(place, list.items[i]);
}

void offer_files(struct place *place, bool only_folders)
{
	place->out->files = !only_folders;
	place->out->folders = only_folders;
	place->out->files_at = place->at;
}

/* ---- commands and options ---- */

/* First words of all names, or the second ones of a group. */
static void offer_name(struct place *place, const char *group, const char *name)
{
	size_t len = strcspn(name, " ");
	OWN_FREE char *first = mem_strn(name, len);

	if (!group)
		offer(place, first);
	else if (name[len] && strcmp(first, group) == 0)
		offer(place, name + len + 1);
}

void offer_commands(struct place *place, const char *group)
{
	for (size_t i = 0; commands[i]; i++) {
		const struct cmd *cmd = commands[i];

		if (cmd->hidden)
			continue;
		offer_name(place, group, cmd->name);
		for (const char *const *a = cmd->aliases; a && *a; a++)
			offer_name(place, group, *a);
	}
}

void offer_options(struct place *place)
{
	for (const struct opt *o = place->cmd->opts; o && o->name; o++) {
		OWN_FREE char *word = mem_fmt("--%s", o->name);

		if (!(o->flags & (OPT_HIDDEN | OPT_REFUSED)))
			offer(place, word);
	}
	for (const struct opt *o = opt_shared(place->cmd); o->name; o++) {
		OWN_FREE char *word = mem_fmt("--%s", o->name);

		offer(place, word);
	}
	offer(place, "--help");
}

/* Options and commands have a line of help. */
static const char *meaning_of(const struct place *place, const char *word)
{
	OWN_FREE char *name = NULL;
	const struct opt *opt;
	const struct cmd *cmd;

	if (place->cmd) {
		opt = strncmp(word, "--", 2) == 0
			      ? opt_find(place->cmd, word + 2, strlen(word + 2))
			      : NULL;
		return opt && opt->help ? _(opt->help) : "";
	}
	name = mem_fmt("%s%s%s", place->group ? place->group : "",
		       place->group ? " " : "", word);
	cmd = command_named(name);
	return cmd ? _(cmd->summary) : "";
}

void offer_meanings(const struct place *place)
{
	struct completion *out = place->out;

	strs_sort(&out->words);
	for (size_t i = 0; i < out->words.count; i++)
		strs_add(&out->meanings,
			 meaning_of(place, out->words.items[i]));
}

/* ---- things by name ---- */

const struct home *place_home(const struct place *place)
{
	struct shell *shell = place->shell;
	struct err ignored = { 0 };

	if (!shell->home && (!home_exists(shell->home_path) ||
			     shell_need_home(shell, &ignored) < 0))
		return NULL;
	return shell->home;
}

bool place_store(struct place *place)
{
	struct err ignored = { 0 };

	return place_home(place) &&
	       shell_need_store(place->shell, &ignored) == 0;
}

static bool fits(const struct container *container, enum complete_kind kind)
{
	bool runs = container->status == CONTAINER_RUNNING ||
		    container->status == CONTAINER_PAUSED ||
		    container->status == CONTAINER_RESTARTING;

	return (kind != COMPLETE_RUNNING && kind != COMPLETE_STOPPED) ||
	       runs == (kind == COMPLETE_RUNNING);
}

/* Names; ids only where no name begins so. For COMPLETE_COPY a path follows. */
static void offer_containers(struct place *place, enum complete_kind kind)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };
	const struct home *home = place_home(place);
	const char *behind = kind == COMPLETE_COPY ? ":" : "";
	size_t before = place->out->words.count;

	if (!home || container_list(home, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++) {
		OWN_FREE char *word =
			mem_fmt("%s%s", all.items[i].spec.name, behind);

		if (fits(&all.items[i], kind))
			offer(place, word);
	}
	if (place->out->words.count > before || !*place_text(place))
		return;
	for (size_t i = 0; i < all.count; i++) {
		OWN_FREE char *word =
			mem_fmt("%.12s%s", all.items[i].spec.id, behind);

		if (fits(&all.items[i], kind))
			offer(place, word);
	}
}

/* "busybox" for "busybox:latest", until a colon is typed. */
static void offer_images(struct place *place)
{
	OWN_STRS struct strs names = { 0 };

	image_names(place_home(place), &names);
	for (size_t i = 0; i < names.count; i++) {
		char *name = names.items[i];
		char *latest = strstr(name, ":latest");

		if (latest && !latest[strlen(":latest")] &&
		    !strchr(place_text(place), ':'))
			*latest = '\0';
		offer(place, name);
	}
}

static void offer_lessons(struct place *place)
{
	struct course course = { 0 };
	struct err ignored = { 0 };

	if (course_open(place->shell->lessons_dirs, &course, &ignored) < 0)
		return;
	for (size_t i = 0; i < course.count; i++) {
		if (!course.items[i].hidden)
			offer(place, course.items[i].id);
	}
	course_done(&course);
}

static void offer_networks(struct place *place)
{
	OWN_NETWORKS struct networks all = { 0 };
	struct err ignored = { 0 };
	const struct home *home = place_home(place);
	bool removes = place->cmd == &cmd_network_rm; /* those stay */

	if (!removes)
		offer_words(place, "bridge host none");
	if (!home || network_list_made(home, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++)
		if (!removes || !network_is_built_in(&all.items[i]))
			offer(place, all.items[i].name);
}

static void offer_folder(struct place *place, const char *path)
{
	OWN_DIR DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			offer(place, entry->d_name);
}

static void offer_volumes(struct place *place)
{
	const struct home *home = place_home(place);
	OWN_FREE char *path = home ? mem_fmt("%s/volumes", home->path) : NULL;

	if (path)
		offer_folder(place, path);
}

/* ---- of this machine ---- */

/* Programs, for lines that sh runs. */
void offer_programs(struct place *place)
{
	const char *path = getenv("PATH");
	OWN_STRS struct strs folders = { 0 };

	strs_split(&folders, path ? path : "", ':');
	for (size_t i = 0; i < folders.count; i++)
		offer_folder(place, folders.items[i]);
}

static void offer_variables(struct place *place)
{
	for (char **e = environ; *e; e++) {
		OWN_FREE char *name = mem_strn(*e, strcspn(*e, "="));

		offer(place, name);
	}
}

/* "TERM", and "SIGTERM" where that is how it was begun. */
static void offer_signals(struct place *place)
{
	bool in_full = strncmp(place_text(place), "SIG", 3) == 0;

	for (int i = 1; i < 32; i++) {
		const char *name = sigabbrev_np(i);
		OWN_FREE char *word = NULL;

		if (!name)
			continue;
		word = mem_fmt("%s%s", in_full ? "SIG" : "", name);
		offer(place, word);
	}
}

static void offer_capabilities(struct place *place)
{
	bool in_full = strncmp(place_text(place), "CAP", 3) == 0;

	for (int i = 0; i <= CAP_LAST_CAP; i++) {
		OWN_FREE char *name = caps_name(i);

		offer(place, in_full ? name : name + strlen("CAP_"));
	}
	offer(place, "ALL");
}

/* ---- by kind ---- */

/* The colon of NAME:PATH. An image's name may have one of its own, so there the path's
 * slash must be seen. */
static const char *colon_of(const char *text, bool images)
{
	return images ? strstr(text, ":/") : strchr(text, ':');
}

/* NAME: and a path in there, or a path of this machine; with `images` an image. */
static void offer_copy(struct place *place, bool images)
{
	const char *text = place_text(place);
	const char *colon = colon_of(text, images);
	OWN_FREE char *name = NULL;

	if (!images && strchr("./~", *text) && *text) {
		offer_files(place, false);
	} else if (colon) {
		name = mem_strn(text, (size_t)(colon - text));
		place_skip(place, (size_t)(colon - text) + 1);
		offer_inside(place, name);
		if (images && place->out->words.count == 0)
			offer_image_files(place, name);
	} else {
		offer_containers(place, COMPLETE_COPY);
		if (images)
			offer_images(place);
		else
			offer_files(place, false);
	}
}

/* The program behind IMAGE or CONTAINER, and what it is given: of `exec` it is known
 * which files there are. */
static void offer_program_words(struct place *place)
{
	bool runs = place->cmd->first == COMPLETE_RUNNING;

	if (!place->first)
		return;
	if (runs && place_text(place)[0] == '/')
		offer_inside(place, place->first);
	else if (place->index == 1 && runs)
		offer_container_programs(place, place->first);
	else if (place->index == 1)
		offer_image_programs(place, place->first);
}

static void offer_job(int number, const char *state, const char *line,
		      void *place)
{
	OWN_FREE char *text = mem_fmt("%d", number);

	(void)state;
	(void)line;
	offer(place, text);
}

/* What is made by this program. */
static void offer_things(struct place *place, enum complete_kind kind)
{
	if (kind == COMPLETE_CONTAINERS || kind == COMPLETE_RUNNING ||
	    kind == COMPLETE_STOPPED || kind == COMPLETE_OBJECTS ||
	    kind == COMPLETE_STACKS)
		offer_containers(place, kind);
	if (kind == COMPLETE_IMAGES || kind == COMPLETE_OBJECTS ||
	    kind == COMPLETE_STACKS)
		offer_images(place);
	if (kind == COMPLETE_NETWORKS || kind == COMPLETE_OBJECTS)
		offer_networks(place);
	if (kind == COMPLETE_VOLUMES || kind == COMPLETE_OBJECTS)
		offer_volumes(place);
	if (kind == COMPLETE_LESSONS)
		offer_lessons(place);
}

void offer_kind(struct place *place, enum complete_kind kind)
{
	size_t before = place->out->words.count;

	offer_things(place, kind);
	if (place->out->words.count > before)
		return;
	if (place->cmd == &cmd_why && strstr(place_text(place), ":/"))
		kind = COMPLETE_WHOSE; /* its word may be any thing, or a place */
	if (kind == COMPLETE_COMMANDS)
		offer_commands(place, NULL);
	else if (kind == COMPLETE_LANGUAGES)
		offer_words(place, "en ja");
	else if (kind == COMPLETE_SHELLS)
		offer_words(place, "bash fish zsh");
	else if (kind == COMPLETE_VARIABLES)
		offer_variables(place);
	else if (kind == COMPLETE_JOBS && place->shell->jobs)
		jobs_facts(place->shell->jobs, offer_job, place);
	else if (kind == COMPLETE_STAGES)
		offer_stages(place);
	else if (kind == COMPLETE_SIGNALS)
		offer_signals(place);
	else if (kind == COMPLETE_CAPABILITIES)
		offer_capabilities(place);
	else if (kind == COMPLETE_COPY || kind == COMPLETE_WHOSE)
		offer_copy(place, kind == COMPLETE_WHOSE);
	else if (kind == COMPLETE_MOUNT)
		offer_mount(place);
	else if (kind == COMPLETE_PROGRAMS)
		offer_program_words(place);
	else if (kind == COMPLETE_DEFAULT || kind == COMPLETE_FILES ||
		 kind == COMPLETE_FOLDERS)
		offer_files(place, kind == COMPLETE_FOLDERS);
}

void completion_done(struct completion *completion)
{
	free(completion->typed);
	strs_done(&completion->words);
	strs_done(&completion->meanings);
	*completion = (struct completion){ 0 };
}
