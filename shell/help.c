/* shell/help.c - see help.h
 *
 * Two columns: what to type, and behind it one line of what it does, broken at
 * the terminal's width. All of it comes from struct cmd and struct opt. */
#include "shell/help.h"

#include <string.h>

#include "lessons/course.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/commands.h"
#include "shell/opt.h"
#include "shell/style.h"

#define WIDEST_NAME 12   /* of a command */
#define WIDEST_OPTION 27 /* of "-e, --env list" */

/* One entry: `left` in a column of `width`, `right` behind it. An entry too long
 * for its column has a line of its own. */
static void print_entry(const struct shell *shell, const char *left, int width,
			const char *right)
{
	OWN_BUF struct buf lines = { 0 };
	int indent = width + 4;
	int taken = style_width(left);
	int columns = style_columns(shell->out);

	fprintf(shell->out, "  %s%s%s", style_on(shell, STYLE_NAME), left,
		style_off(shell));
	if (!*right) {
		fputc('\n', shell->out);
		return;
	}
	if (taken > width)
		fprintf(shell->out, "\n%*s", indent, "");
	else
		fprintf(shell->out, "%*s", indent - 2 - taken, "");
	style_wrap(&lines, right, indent, indent, columns);
	fputs(buf_text(&lines), shell->out);
}

static void print_heading(const struct shell *shell, const char *text)
{
	fprintf(shell->out, "\n%s%s%s\n", style_on(shell, STYLE_BOLD), text,
		style_off(shell));
}

static void print_paragraph(const struct shell *shell, const char *text)
{
	OWN_BUF struct buf lines = { 0 };

	style_wrap(&lines, text, 0, 0, style_columns(shell->out));
	fputs(buf_text(&lines), shell->out);
}

void help_all(const struct shell *shell)
{
	const char *group = NULL;

	print_paragraph(shell, _("Type a command; 'docker' in front changes nothing. Any other line goes to /bin/sh. 'help COMMAND' tells more."));
	for (size_t i = 0; commands[i]; i++) {
		const struct cmd *cmd = commands[i];

		if (cmd->hidden)
			continue;
		if (!group || strcmp(group, cmd->group) != 0)
			print_heading(shell, _(cmd->group));
		group = cmd->group;
		print_entry(shell, cmd->name, WIDEST_NAME, _(cmd->summary));
	}
}

/* "ls" for "container ls" in the group "container", else NULL. */
static const char *name_in_group(const struct cmd *cmd, const char *group)
{
	size_t len = strlen(group);

	if (strncmp(cmd->name, group, len) == 0 && cmd->name[len] == ' ')
		return cmd->name + len + 1;
	for (const char *const *a = cmd->aliases; a && *a; a++)
		if (strncmp(*a, group, len) == 0 && (*a)[len] == ' ')
			return *a + len + 1;
	return NULL;
}

void help_group(const struct shell *shell, const char *group)
{
	bool ours = false;

	for (size_t i = 0; commands[i]; i++)
		ours |= name_in_group(commands[i], group) && commands[i]->ours;
	fprintf(shell->out, "%s  %s%s COMMAND\n", _("Usage:"),
		ours ? "" : "docker ", group);
	print_heading(shell, _("Commands"));
	for (size_t i = 0; commands[i]; i++) {
		const char *name = name_in_group(commands[i], group);

		if (name)
			print_entry(shell, name, WIDEST_NAME,
				    _(commands[i]->summary));
	}
}

static void print_option(const struct shell *shell, const struct opt *opt)
{
	OWN_FREE char *left = NULL;
	const char *value = opt->placeholder ? opt->placeholder : "";
	char letter[] = "    ";

	if (opt->letter)
		letter[0] = '-', letter[1] = opt->letter, letter[2] = ',';
	left = mem_fmt("%s--%s%s%s", letter, opt->name, *value ? " " : "",
		       value);
	print_entry(shell, left, WIDEST_OPTION, _(opt->help));
}

bool help_shows(const struct opt *opt)
{
	return !(opt->flags & (OPT_HIDDEN | OPT_REFUSED));
}

const char *help_heading(const struct opt *opt)
{
	return opt->group ? opt->group : N_("Options");
}

/* All options of one heading, wherever in the table they stand. */
static void print_option_group(const struct shell *shell,
			       const struct opt *opts, const char *heading)
{
	print_heading(shell, _(heading));
	for (const struct opt *o = opts; o->name; o++)
		if (help_shows(o) && strcmp(help_heading(o), heading) == 0)
			print_option(shell, o);
}

static void print_options(const struct shell *shell, const struct opt *opts)
{
	for (const struct opt *o = opts; o && o->name; o++) {
		const struct opt *before = opts;

		if (!help_shows(o))
			continue;
		while (before < o && (!help_shows(before) ||
				      strcmp(help_heading(before),
					     help_heading(o)) != 0))
			before++;
		if (before == o) /* the first of its heading */
			print_option_group(shell, opts, help_heading(o));
	}
}

bool help_has_lesson(const struct shell *shell, const char *lesson)
{
	const struct course_entry *entry;
	struct course course = { 0 };
	struct err ignored = { 0 };
	bool found = course_open(shell->lessons_dirs, &course, &ignored) == 0 &&
		     course_find(&course, lesson, &entry, &ignored) == 0;

	course_done(&course);
	return found;
}

void help_command(const struct shell *shell, const struct cmd *cmd,
		  const char *called)
{
	OWN_FREE char *usage = mem_fmt("%s  %s%s %s", _("Usage:"),
				       cmd->ours ? "" : "docker ", called,
				       cmd->synopsis);

	print_paragraph(shell, usage);
	fputc('\n', shell->out);
	print_paragraph(shell, _(cmd->summary));
	print_options(shell, cmd->opts);
	print_options(shell, opt_shared(cmd));
	if (cmd->aliases && cmd->aliases[0])
		print_heading(shell, _("Other names"));
	for (const char *const *a = cmd->aliases; a && *a; a++)
		fprintf(shell->out, "  %s\n", *a);
	if (cmd->examples && cmd->examples[0])
		print_heading(shell, _("Examples"));
	for (const char *const *e = cmd->examples; e && *e; e++)
		fprintf(shell->out, "  %s\n", *e);
	if (cmd->lesson && help_has_lesson(shell, cmd->lesson)) {
		print_heading(shell, _("Lesson"));
		fprintf(shell->out, "  learn %s\n", cmd->lesson);
	}
}
