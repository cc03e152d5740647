/* shell/help_json.c - see help.h: the same as an object, for programs */
#include "runtime/base/lang.h"
#include "shell/commands.h"
#include "shell/help.h"
#include "shell/opt.h"

static void put_texts(json_t *object, const char *key, const char *const *texts)
{
	json_t *list = json_array();

	for (; texts && *texts; texts++)
		json_array_append_new(list, json_string(*texts));
	json_object_set_new(object, key, list);
}

static void put_options(json_t *list, const struct opt *opts)
{
	for (const struct opt *o = opts; o && o->name; o++) {
		char letter[] = { o->letter, '\0' };

		if (!help_shows(o))
			continue;
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", o->name,
				  "letter", letter, "value",
				  o->placeholder ? o->placeholder : "", "group",
				  _(help_heading(o)), "help", _(o->help)));
	}
}

json_t *help_command_json(const struct shell *shell, const struct cmd *cmd)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:s}", "name", cmd->name,
				   "group", _(cmd->group), "usage",
				   cmd->synopsis, "summary", _(cmd->summary));
	json_t *options = json_array();

	put_texts(object, "aliases", cmd->aliases);
	put_options(options, cmd->opts);
	put_options(options, opt_shared(cmd));
	json_object_set_new(object, "options", options);
	put_texts(object, "examples", cmd->examples);
	if (cmd->lesson && help_has_lesson(shell, cmd->lesson))
		json_object_set_new(object, "lesson", json_string(cmd->lesson));
	return object;
}

json_t *help_all_json(void)
{
	json_t *list = json_array();

	for (size_t i = 0; commands[i]; i++) {
		const struct cmd *cmd = commands[i];

		json_t *object;

		if (cmd->hidden)
			continue;
		object = json_pack("{s:s, s:s, s:s, s:b}", "name", cmd->name,
				   "group", _(cmd->group), "summary",
				   _(cmd->summary), "shows",
				   (int)(opt_find(cmd, "json", 4) != NULL));
		put_texts(object, "examples", cmd->examples);
		json_array_append_new(list, object);
	}
	return json_pack("{s:o}", "commands", list);
}
