/* shell/complete_fields.c - see complete_parts.h: fields for -f
 *
 * What `inspect`, `info` and `version` show is said in no table: it depends on the
 * thing. So the command itself is asked, once, for all it has ({{json .}}), and the
 * names are read out of its answer. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/complete_parts.h"
#include "shell/dispatch.h"

enum { DEEPEST = 4 };

/* The command's answer as JSON, or NULL; given. `name`: of what, or NULL. The home and
 * the store that it needs are open. */
static json_t *ask(const struct shell *shell, const struct cmd *cmd,
		   const char *name)
{
	struct shell quiet = *shell;
	OWN_STRS struct strs words = { 0 };
	OWN_FREE char *text = NULL;
	size_t size = 0;
	json_t *json = NULL;
	int status;

	quiet.out = open_memstream(&text, &size);
	if (!quiet.out)
		return NULL;
	quiet.err_out = quiet.out;
	quiet.interactive = false;
	quiet.jobs = NULL;
	strs_split(&words, cmd->name, ' ');
	strs_add(&words, "--format");
	strs_add(&words, "{{json .}}");
	if (name)
		strs_add(&words, name);
	strs_vector(&words); /* ends it with NULL */
	status = dispatch(&quiet, (int)words.count, words.items);
	(void)fclose(quiet.out); /* memory */
	if (status == 0 && text)
		json = json_loads(text, 0, NULL);
	return json;
}

static void add_keys(json_t *json, int depth, struct strs *out)
{
	const char *key;
	json_t *value;

	json_object_foreach(json, key, value) {
		if (!strs_has(out, key))
			strs_add(out, key);
		if (depth > 0)
			add_keys(value, depth - 1, out);
	}
}

void complete_field_names(const struct shell *shell, const struct cmd *cmd,
			  const char *name, struct strs *out)
{
	json_t *json = ask(shell, cmd, name);

	add_keys(json, DEEPEST, out);
	json_decref(json);
}

/* Some thing that the command could be asked about; given, or NULL. */
static char *any_thing(const struct place *place)
{
	OWN_COMPLETION struct completion found = { 0 };
	struct place empty = { .shell = place->shell,
			       .cmd = place->cmd,
			       .word = "",
			       .out = &found };

	offer_kind(&empty, place->cmd->first);
	return found.words.count > 0 ? mem_str(found.words.items[0]) : NULL;
}

/* Where ".State.Hea" leads: State's object; borrowed, or NULL. */
static json_t *walk(json_t *json, const char *path)
{
	while (json && *path == '.' && strchr(path + 1, '.')) {
		size_t len = strcspn(path + 1, ".");
		OWN_FREE char *key = mem_strn(path + 1, len);

		json = json_object_get(json, key);
		path += 1 + len;
	}
	return json;
}

static bool open_needed(struct place *place)
{
	return place->cmd->needs == CMD_NEEDS_NOTHING || place_store(place);
}

/* {{.State.Pid}}, and {{.State. where there is more in it. */
static void offer_keys(struct place *place, json_t *json,
		       const char *before)
{
	const char *key;
	json_t *value;

	json_object_foreach(json, key, value) {
		OWN_FREE char *word = mem_fmt(
			"%s.%s%s", before, key,
			json_object_size(value) > 0 ? "." : "}}");

		if (strpbrk(key, " /-:.") == NULL)
			offer(place, word);
	}
}

void offer_asked_fields(struct place *place)
{
	const char *text = place_text(place);
	const char *dot = strrchr(text, '.');
	const char *first = strchr(text, '.');
	OWN_FREE char *before = NULL;
	OWN_FREE char *name = NULL;
	json_t *json;

	if (!dot && strncmp("{{", text, strlen(text)) != 0)
		return;
	if (!open_needed(place))
		return;
	if (place->cmd->min_args > 0) {
		name = place->first ? mem_str(place->first) : any_thing(place);
		if (!name)
			return;
	}
	before = dot ? mem_strn(text, (size_t)(dot - text)) : mem_str("{{");
	json = ask(place->shell, place->cmd, name);
	offer_keys(place, walk(json, first ? first : ""), before);
	json_decref(json);
}
