/* shell/explain_docker.c - see explain_docker.h
 *
 * Docker's own commands are typed with `docker` in front. For ours the table has what
 * comes nearest: Docker's commands, and tools of Linux that look at the same thing. */
#include "shell/explain_docker.h"

#include <string.h>

#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/commands.h"
#include "shell/explain_plan.h"
#include "shell/near.h"
#include "shell/report.h"
#include "shell/stack_view.h"

/* One way to look at the same thing. "{}" in it is the command's first argument. Several
 * rows of one name are several lines to type. */
static const struct way {
	const char *name;
	const char *line;
} ways[] = {
	{ "layers", "docker history {}" },
	{ "layers", "docker image inspect -f '{{json .RootFS.Layers}}' {}" },
	{ "whose", "docker inspect -f '{{.GraphDriver.Data.LowerDir}}' {}" },
	{ "whose", "sudo ls -l /var/lib/docker/overlay2/ID/diff/PATH" },
	{ "argv",
	  "docker inspect -f '{{json .Config.Entrypoint}} {{json .Config.Cmd}}' {}" },
	{ "sent", "tar -c -C {} . | wc -c" },
	{ "du", "docker system df -v" },
	{ "lookup", "docker inspect -f '{{.GraphDriver.Data.LowerDir}}' {}" },
	{ "cow", "docker diff {}" },
	{ "cow", "docker ps -s --filter name={}" },
	{ "ns", "sudo lsns -p $(docker inspect -f '{{.State.Pid}}' {})" },
	{ "ns", "docker top {}" },
	{ "tree", "docker top {}" },
	{ "uidmap",
	  "cat /proc/$(docker inspect -f '{{.State.Pid}}' {})/uid_map" },
	{ "ports", "docker port {}" },
	{ "watch", "docker events --filter container={}" },
	{ "watch", "docker stats {}" },
	{ "why",
	  "docker inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}} {{.State.Error}}' {}" },
	{ "why", "docker events --since 1h --until 0s --filter container={}" },
	{ "why", "docker logs --tail 3 {}" },
	{ "compare", "docker images" },
	{ "compare", "docker history {}" },
	{ "doctor", "docker info" },
	{ "image recipe", "docker history --no-trunc {}" },
	{ "image restore", "docker pull {}" },
	{ NULL, NULL },
};

/* Given. */
static char *fill(const char *line, const char *word)
{
	struct buf out = { 0 };
	const char *at;

	while ((at = strstr(line, "{}"))) {
		buf_add(&out, line, (size_t)(at - line));
		buf_str(&out, word);
		line = at + 2;
	}
	buf_str(&out, line);
	return buf_give(&out);
}

static void find_ways(const char *name, const char *word, struct strs *out)
{
	for (const struct way *way = ways; way->name; way++)
		if (strcmp(way->name, name) == 0)
			strs_take(out, fill(way->line, word));
}

/* The first word that is no option, without a path behind it; or a placeholder. */
static char *first_argument(int count, char *const *words)
{
	for (int i = 0; i < count; i++)
		if (words[i][0] != '-')
			return mem_strn(words[i],
					strcspn(words[i], ":") > 0 &&
							strchr(words[i], '/')
						? strcspn(words[i], ":")
						: strlen(words[i]));
	return mem_str("NAME");
}

static char *docker_line(int count, char *const *words)
{
	struct buf line = { 0 };

	buf_str(&line, "docker");
	for (int i = 0; i < count; i++) {
		buf_char(&line, ' ');
		stack_view_quote(&line, words[i]);
	}
	return buf_give(&line);
}

static void print_json(struct view *view, const struct cmd *cmd,
		       const struct strs *lines)
{
	json_t *object = json_object();
	json_t *array = json_array();

	for (size_t i = 0; i < lines->count; i++)
		json_array_append_new(array, stack_view_text(lines->items[i]));
	json_object_set_new(object, "command", json_string(cmd->name));
	json_object_set_new(object, "of_docker", json_boolean(!cmd->ours));
	json_object_set_new(object, "docker", array);
	view_json(view, object, "help");
}

/* What is to be typed stays in one piece: a line that is broken inside of quotes is
 * another one. */
static void put_line(struct view *view, const char *line)
{
	if (view->form == VIEW_DRAWN)
		buf_str(&view->out, style_on(view->shell, STYLE_BOLD));
	buf_fmt(&view->out, _("The same in Docker: %s"), line);
	if (view->form == VIEW_DRAWN)
		buf_str(&view->out, style_off(view->shell));
	buf_char(&view->out, '\n');
}

static void print(struct view *view, const struct cmd *cmd,
		  const struct strs *lines, const char *typed)
{
	if (!cmd->ours)
		put_line(view, lines->items[0]);
	else if (cmd->inside_only)
		view_answer(
			view,
			_("'%s' belongs to this shell; Docker has no shell of its own. The shell you use has it."),
			cmd->name);
	else if (lines->count == 0)
		view_answer(view, _("Docker has nothing for '%s'."), cmd->name);
	else
		view_answer(view,
			    lines->count == 1 ?
				    _("Docker has no '%s'; this comes nearest:") :
				    _("Docker has no '%s'; these come nearest:"),
			    cmd->name);
	for (size_t i = 0; cmd->ours && i < lines->count; i++)
		buf_fmt(&view->out, "  %s\n", lines->items[i]);
	if (!cmd->ours)
		view_next(view,
			  plan_has(cmd) ? "explain --dry-run %s" : "explain %s",
			  typed);
	else
		view_next(view, "help %s", cmd->name);
	view_end(view);
}

int explain_docker(struct shell *shell, const struct view_opts *opts, int count,
		   char *const *words)
{
	OWN_STRS struct strs lines = { 0 };
	OWN_FREE char *typed = docker_line(count, words);
	OWN_VIEW struct view view = { 0 };
	int used = 0;
	const struct cmd *cmd = command_find(words, &used);

	if (!cmd) {
		const char *near = command_nearest(NULL, words[0]);

		report_line(shell, _("'%s' is no command"), words[0]);
		if (near) {
			OWN_FREE char *hint = mem_fmt(
				_("did you mean '%s%s%s'?"), "", "", near);

			report_hint(shell, hint);
		}
		return 127;
	}
	if (cmd->ours) {
		OWN_FREE char *word =
			first_argument(count - used, words + used);

		find_ways(cmd->name, word, &lines);
	} else {
		strs_add(&lines, typed);
	}
	view_begin(&view, shell, opts);
	if (view.form == VIEW_JSON)
		print_json(&view, cmd, &lines);
	else
		print(&view, cmd, &lines, typed + strlen("docker "));
	return 0;
}
