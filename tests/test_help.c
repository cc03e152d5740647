/* tests/test_help.c - the one list of commands is whole, and help says it. */
#include "shell/help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/commands.h"
#include "shell/style.h"
#include "tests/test.h"

/* What help prints, as text; given. */
static char *help_of(const struct cmd *cmd)
{
	char *text = NULL;
	size_t size = 0;
	struct shell shell = { .out = open_memstream(&text, &size) };

	if (cmd)
		help_command(&shell, cmd, cmd->name);
	else
		help_all(&shell);
	(void)fclose(shell.out); /* memory */
	return text;
}

static void each_command_is_described_whole(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i]; i++) {
		const struct cmd *cmd = commands[i];

		if (!cmd->name || !cmd->group || !cmd->synopsis ||
		    !cmd->summary || !cmd->run || !cmd->examples ||
		    !cmd->examples[0])
			fail_msg("'%s' lacks a field",
				 cmd->name ? cmd->name : "?");
		else if (cmd->summary[strlen(cmd->summary) - 1] == '.')
			fail_msg("'%s': the summary ends in a full stop",
				 cmd->name);
		if (cmd->max_args >= 0 && cmd->max_args < cmd->min_args)
			fail_msg("'%s' takes less than it needs", cmd->name);
	}
}

static bool is_of_the_course(const char *lesson)
{
	static const char *const ids[] = {
		"hello",      "views",	 "image-container", "life",
		"diff",	      "lookup",	 "cow",		    "volumes",
		"dockerfile", "intermediate", "cache",	    "waste",
		"base-image", "merge",	 "argv",	    "ports",
		"pid1",	      "safety",	 "express",	    NULL,
	};

	for (size_t i = 0; ids[i]; i++)
		if (strcmp(ids[i], lesson) == 0)
			return true;
	return false;
}

static void each_command_has_two_examples_and_a_lesson_of_the_course(
	void **state)
{
	(void)state;
	for (size_t i = 0; commands[i]; i++) {
		const struct cmd *cmd = commands[i];
		size_t count = 0;

		while (cmd->examples && cmd->examples[count])
			count++;
		if (count != 2)
			fail_msg("'%s' has %zu examples, not 2", cmd->name,
				 count);
		if (cmd->lesson && !is_of_the_course(cmd->lesson))
			fail_msg("'%s': there will be no lesson '%s'",
				 cmd->name, cmd->lesson);
	}
}

static void many_options_are_in_groups(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i]; i++) {
		int alone = 0;

		for (const struct opt *o = commands[i]->opts; o && o->name; o++)
			alone += help_shows(o) && !o->group;
		if (alone > 12)
			fail_msg("'%s': %d options stand under one heading",
				 commands[i]->name, alone);
	}
}

static void add_once(struct strs *names, const char *name)
{
	if (strs_has(names, name))
		fail_msg("'%s' is there twice", name);
	strs_add(names, name);
}

static void no_name_means_two_commands(void **state)
{
	OWN_STRS struct strs names = { 0 };

	(void)state;
	for (size_t i = 0; commands[i]; i++) {
		const char *const *a = commands[i]->aliases;

		add_once(&names, commands[i]->name);
		for (; a && *a; a++)
			add_once(&names, *a);
	}
}

static void options_differ(const struct cmd *cmd)
{
	OWN_STRS struct strs names = { 0 };

	for (const struct opt *o = cmd->opts; o && o->name; o++) {
		char letter[2] = { o->letter, '\0' };

		if (!o->help && !(o->flags & OPT_HIDDEN))
			fail_msg("'%s': --%s has no help", cmd->name, o->name);
		add_once(&names, o->name);
		if (o->letter)
			add_once(&names, letter);
	}
}

static void no_option_is_there_twice(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i]; i++)
		options_differ(commands[i]);
}

static void help_fits_into_60_columns(void **state)
{
	(void)state;
	setenv("COLUMNS", "60", 1);
	for (size_t i = 0; i == 0 || commands[i - 1]; i++) {
		const struct cmd *cmd = i ? commands[i - 1] : NULL;
		OWN_FREE char *text = help_of(cmd);
		OWN_STRS struct strs lines = { 0 };

		strs_split(&lines, text, '\n');
		for (size_t l = 0; l < lines.count; l++)
			if (style_width(lines.items[l]) > 60)
				fail_msg("too wide: %s", lines.items[l]);
	}
}

static void help_names_options_and_examples(void **state)
{
	OWN_FREE char *all = help_of(NULL);
	OWN_FREE char *lang = help_of(command_named("lang"));

	(void)state;
	assert_non_null(strstr(all, "  exit "));
	assert_non_null(strstr(lang, "lang [en|ja]"));
	assert_non_null(strstr(lang, "  lang ja\n"));
}

static void a_command_has_two_names(void **state)
{
	char *words[] = { mem_str("container"), mem_str("ls"), mem_str("-a"),
			  NULL };
	int used = 0;

	(void)state;
	assert_ptr_equal(command_find(words, &used), command_named("ps"));
	assert_int_equal(used, 2);
	assert_true(command_is_group("container"));
	assert_false(command_is_group("con"));
	assert_false(command_is_group("run"));
	for (size_t i = 0; words[i]; i++)
		free(words[i]);
}

static void what_docker_has_and_we_have_not_is_refused_by_name(void **state)
{
	const char *instead;

	(void)state;
	assert_non_null(command_refused("compose", &instead));
	assert_non_null(command_refused("swarm", &instead));
	assert_non_null(command_refused("login", &instead));
	assert_null(command_refused("nonsense", &instead));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_command_is_described_whole),
		TEST(each_command_has_two_examples_and_a_lesson_of_the_course),
		TEST(many_options_are_in_groups),
		TEST(no_name_means_two_commands),
		TEST(no_option_is_there_twice),
		TEST(help_fits_into_60_columns),
		TEST(help_names_options_and_examples),
		TEST(a_command_has_two_names),
		TEST(what_docker_has_and_we_have_not_is_refused_by_name),
	};

	return cmocka_run_group_tests_name("help", tests, NULL, NULL);
}
