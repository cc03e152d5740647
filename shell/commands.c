/* shell/commands.c - see commands.h */
#include "shell/commands.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/suggest.h"

const struct cmd *const commands[] = {
	/* Containers */
	&cmd_container_run,
	&cmd_create,
	&cmd_exec,
	&cmd_ps,
	&cmd_inspect,
	&cmd_container_inspect,
	&cmd_port,
	&cmd_diff,
	&cmd_cp,
	&cmd_commit,
	&cmd_export,
	&cmd_logs,
	&cmd_attach,
	&cmd_stop,
	&cmd_kill,
	&cmd_wait,
	&cmd_start,
	&cmd_restart,
	&cmd_rename,
	&cmd_rm,
	&cmd_container_prune,
	&cmd_pause,
	&cmd_unpause,
	&cmd_top,
	&cmd_stats,
	&cmd_update,
	&cmd_events,
	/* Images */
	&cmd_build,
	&cmd_images,
	&cmd_history,
	&cmd_save,
	&cmd_load,
	&cmd_import,
	&cmd_tag,
	&cmd_rmi,
	&cmd_image_inspect,
	&cmd_image_prune,
	&cmd_builder_prune,
	&cmd_image_restore,
	&cmd_image_recipe,
	/* Networks */
	&cmd_network_create,
	&cmd_network_ls,
	&cmd_network_inspect,
	&cmd_network_connect,
	&cmd_network_disconnect,
	&cmd_network_rm,
	&cmd_network_prune,
	/* Volumes */
	&cmd_volume_create,
	&cmd_volume_ls,
	&cmd_volume_inspect,
	&cmd_volume_rm,
	&cmd_volume_prune,
	/* Windows into the machinery */
	&cmd_explain,
	&cmd_why,
	&cmd_layers,
	&cmd_whose,
	&cmd_compare,
	&cmd_argv,
	&cmd_sent,
	&cmd_du,
	&cmd_lookup,
	&cmd_cow,
	&cmd_ns,
	&cmd_tree,
	&cmd_uidmap,
	&cmd_ports,
	&cmd_watch,
	/* Lessons */
	&cmd_tour,
	&cmd_lessons,
	&cmd_learn,
	&cmd_goal,
	&cmd_answer,
	&cmd_hint,
	&cmd_check,
	&cmd_next,
	&cmd_reset,
	&cmd_solution,
	&cmd_progress,
	&cmd_card,
	&cmd_notebook,
	&cmd_notebook_export,
	&cmd_note,
	&cmd_demo,
	&cmd_leave,
	&cmd_lesson_new,
	&cmd_lesson_lint,
	&cmd_lesson_test,
	&cmd_lesson_preview,
	&cmd_submit,
	&cmd_grade,
	/* Shell */
	&cmd_help,
	&cmd_cd,
	&cmd_pwd,
	&cmd_edit,
	&cmd_jobs,
	&cmd_fg,
	&cmd_bg,
	&cmd_lang,
	&cmd_version,
	&cmd_info,
	&cmd_doctor,
	&cmd_system_df,
	&cmd_system_prune,
	&cmd_completion,
	&cmd_complete,
	&cmd_exit,
	NULL,
};

/* What Docker has and this program has not, why, and what does its work here (or
 * NULL). A command that is in the list above is found there first. */
static const struct refused {
	const char *name;
	const char *why;
	const char *instead;
} refused[] = {
	{ "pull", N_("it gets an image from a registry, and this program asks none"),
	  N_("'load -i FILE' brings in what 'docker save' wrote elsewhere, 'import FILE' an archive of files, 'image recipe' programs of this machine; 'images' lists what is here") },
	{ "push", N_("it sends an image to a registry, and this program knows none"),
	  N_("'save -o FILE IMAGE' writes it to a file that 'load -i FILE' reads elsewhere") },
	{ "compose", N_("it starts many containers from one file; here you start each with 'run' and see what it does"), NULL },
	{ "docker-compose", N_("it starts many containers from one file; here you start each with 'run' and see what it does"), NULL },
	{ "swarm", N_("it joins several machines to a cluster; this program knows one machine"), NULL },
	{ "service", N_("services belong to swarm, a cluster of machines; this program knows one machine"), NULL },
	{ "stack", N_("stacks belong to swarm, a cluster of machines; this program knows one machine"), NULL },
	{ "node", N_("nodes belong to swarm, a cluster of machines; this program knows one machine"), NULL },
	{ "secret", N_("secrets belong to swarm, a cluster of machines; this program knows one machine"), NULL },
	{ "config", N_("configs belong to swarm, a cluster of machines; this program knows one machine"), NULL },
	{ "login", N_("it keeps a password for a registry; no account is needed for anything here"), NULL },
	{ "logout", N_("it forgets a password for a registry; none is kept here"), NULL },
	{ "search", N_("it asks Docker Hub; this program works without a network"), NULL },
	{ "context", N_("it chooses among Docker daemons; there is no daemon here"), NULL },
	{ "plugin", N_("plugins extend Docker's daemon; there is no daemon here"), NULL },
	{ "trust", N_("it signs images for registries; images are not signed here"), NULL },
	{ "manifest", N_("it joins images of several processor types; images here are for this machine"), NULL },
	{ "checkpoint", N_("it freezes a running program to disk, which needs a helper that Docker itself does not bring"), NULL },
	{ "buildx", N_("it is the front of Docker's newer builder, which keeps no intermediate images; those are what is looked at here"), NULL },
	{ "scan", N_("it sends the list of packages to a service; nothing leaves your machine here"), NULL },
	{ "scout", N_("it sends the list of packages to a service; nothing leaves your machine here"), NULL },
	{ "init", N_("it writes a Dockerfile for a project of yours; here each line of one is looked at: 'learn dockerfile', 'edit Dockerfile'"), NULL },
	{ "debug", N_("it belongs to Docker Desktop"),
	  N_("'exec -it NAME sh' goes into a container, 'ns NAME' and 'why NAME' look at it from outside") },
	{ "desktop", N_("it belongs to Docker Desktop"), NULL },
	{ "dockerd", N_("it is the daemon that Docker needs; this program needs none"), NULL },
	{ NULL, NULL, NULL },
};

static bool has_name(const struct cmd *cmd, const char *name)
{
	if (strcmp(cmd->name, name) == 0)
		return true;
	for (const char *const *a = cmd->aliases; a && *a; a++)
		if (strcmp(*a, name) == 0)
			return true;
	return false;
}

const struct cmd *command_named(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (has_name(commands[i], name))
			return commands[i];
	return NULL;
}

/* Calls `each` with every name and alias until it says true. */
static bool any_name(bool (*each)(const char *name, void *arg), void *arg)
{
	for (size_t i = 0; commands[i]; i++) {
		const struct cmd *cmd = commands[i];

		if (cmd->hidden)
			continue;
		if (each(cmd->name, arg))
			return true;
		for (const char *const *a = cmd->aliases; a && *a; a++)
			if (each(*a, arg))
				return true;
	}
	return false;
}

static bool begins_with_word(const char *name, void *arg)
{
	size_t len = strlen(arg);

	return strncmp(name, arg, len) == 0 && name[len] == ' ';
}

bool command_is_group(const char *word)
{
	char name[32];

	if (strlen(word) >= sizeof(name))
		return false;
	memcpy(name, word, strlen(word) + 1);
	return any_name(begins_with_word, name);
}

const struct cmd *command_find(char *const *words, int *out_used)
{
	const struct cmd *cmd;

	if (!words[0])
		return NULL;
	if (words[1] && command_is_group(words[0])) {
		OWN_FREE char *name = mem_fmt("%s %s", words[0], words[1]);

		cmd = command_named(name);
		if (cmd) {
			*out_used = 2;
			return cmd;
		}
	}
	if (strchr(words[0], ' '))
		return NULL; /* a quoted "container ls" is no command */
	*out_used = 1;
	return command_named(words[0]);
}

struct nearest {
	struct suggest best;
	const char *group;
};

static bool try_name(const char *name, void *arg)
{
	struct nearest *nearest = arg;
	size_t len = nearest->group ? strlen(nearest->group) : 0;

	if (!nearest->group) {
		if (!strchr(name, ' '))
			suggest_try(&nearest->best, name);
	} else if (strncmp(name, nearest->group, len) == 0 &&
		   name[len] == ' ') {
		suggest_try(&nearest->best, name + len + 1);
	}
	return false;
}

const char *command_nearest(const char *group, const char *typed)
{
	struct nearest nearest = { suggest_start(typed), group };

	(void)any_name(try_name, &nearest); /* never says true */
	return nearest.best.found;
}

const char *command_refused(const char *name, const char **out_instead)
{
	*out_instead = NULL;
	for (size_t i = 0; refused[i].name; i++) {
		if (strcmp(refused[i].name, name) != 0)
			continue;
		if (refused[i].instead)
			*out_instead = _(refused[i].instead);
		return _(refused[i].why);
	}
	return NULL;
}

const char *command_refused_nearest(const char *typed)
{
	struct suggest best = suggest_start(typed);

	for (size_t i = 0; refused[i].name; i++)
		suggest_try(&best, refused[i].name);
	return best.found;
}
