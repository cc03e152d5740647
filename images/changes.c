/* images/changes.c - see changes.h */
#include "images/changes.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "images/manifest.h"
#include "images/words.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"

typedef int change(struct image_config *config, struct changes_state *state,
		   const char *rest, struct err *err);

static int refuse(struct err *err, const char *sentence)
{
	return err_docker(err, ERR_DAEMON, EINVAL, "%s", sentence);
}

/* ["a", "b"]: 1, and its strings; 0 for any other text, even one that begins
 * with '[': Docker takes that for words of a shell. */
static int take_json(const char *rest, struct strs *out, struct err *err)
{
	json_t *list = rest[0] == '[' ? json_loads(rest, 0, NULL) : NULL;
	json_t *value;
	size_t i;
	int r = json_is_array(list);

	json_array_foreach(list, i, value) {
		if (json_is_string(value))
			strs_add(out, json_string_value(value));
		else
			r = refuse(err, "dockerfile parse error line 1: when using JSON array syntax, arrays must be comprised of strings only");
	}
	json_decref(list);
	return r;
}

/* CMD and ENTRYPOINT: a list of words, or a line for the shell. */
static int take_command(const struct image_config *config, const char *rest,
			struct strs *out, struct err *err)
{
	OWN_STRS struct strs words = { 0 };
	int r = take_json(rest, &words, err);

	if (r < 0)
		return r;
	strs_clear(out);
	if (r == 1) {
		strs_copy(out, &words);
		return 0;
	}
	if (config->shell.count) {
		strs_copy(out, &config->shell);
	} else {
		strs_add(out, "/bin/sh");
		strs_add(out, "-c");
	}
	strs_add(out, rest);
	return 0;
}

static int apply_cmd(struct image_config *config, struct changes_state *state,
		     const char *rest, struct err *err)
{
	state->cmd_given = true;
	config->has_cmd = true;
	return take_command(config, rest, &config->cmd, err);
}

static int apply_entrypoint(struct image_config *config,
			    struct changes_state *state, const char *rest,
			    struct err *err)
{
	config->has_entrypoint = true;
	if (!state->cmd_given) {
		strs_clear(&config->cmd);
		config->has_cmd = false;
	}
	return take_command(config, rest, &config->entrypoint, err);
}

/* ENV and LABEL: "a=1 b='2 3'", or the old "a rest of the line". */
static int take_pairs(const struct strs *env, const char *instruction,
		      const char *rest, struct strs *out, struct err *err)
{
	OWN_STRS struct strs words = { 0 };
	size_t first = strcspn(rest, "= \t\"'");

	if (rest[first] && rest[first] != '=' && !strchr("\"'", rest[first])) {
		const char *value = rest + first + strspn(rest + first, " \t");

		strs_addf(&words, "%.*s=%s", (int)first, rest, value);
	} else {
		words_split(rest, &words);
	}
	if (words.count == 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "dockerfile parse error line 1: %s requires at least one argument",
				  instruction);
	for (size_t i = 0; i < words.count; i++) {
		char *pair;
		int r;

		if (!strchr(words.items[i], '='))
			return strcmp(instruction, "ENV") == 0 && words.count == 1 ?
				       refuse(err, "dockerfile parse error line 1: ENV must have two arguments") :
				       err_docker(err, ERR_DAEMON, EINVAL,
						  "dockerfile parse error line 1: Syntax error - can't find = in \"%s\". Must be of the form: name=value",
						  words.items[i]);
		r = words_expand(words.items[i], env, &pair, err);
		if (r < 0)
			return r;
		strs_take(out, pair);
		if (pair[0] == '=')
			return err_docker(err, ERR_DAEMON, EINVAL,
					  "dockerfile parse error line 1: %s names can not be blank",
					  instruction);
	}
	return 0;
}

static int apply_pairs(struct image_config *config, const char *instruction,
		       const char *rest, struct strs *where, struct err *err)
{
	OWN_STRS struct strs pairs = { 0 };
	/* All are put in with the values of before the instruction. */
	int r = take_pairs(&config->env, instruction, rest, &pairs, err);

	for (size_t i = 0; i < pairs.count && r == 0; i++)
		strs_set_env(where, pairs.items[i]);
	return r;
}

static int apply_env(struct image_config *config, struct changes_state *state,
		     const char *rest, struct err *err)
{
	(void)state;
	return apply_pairs(config, "ENV", rest, &config->env, err);
}

static int apply_label(struct image_config *config,
		       struct changes_state *state, const char *rest,
		       struct err *err)
{
	int r = apply_pairs(config, "LABEL", rest, &config->labels, err);

	(void)state;
	strs_sort(&config->labels);
	return r;
}

static void add_once(struct strs *list, const char *text)
{
	if (!strs_has(list, text))
		strs_add(list, text);
}

/* "80", "80/udp", "8000-8003/tcp", "80:80" (only the container's side counts). */
static int expose_one(struct image_config *config, const char *word,
		      struct err *err)
{
	OWN_FREE char *ports = mem_str(word);
	struct err ignored = { 0 };
	char *protocol = strchr(ports, '/');
	const char *inside = strrchr(ports, ':');
	int64_t first;
	int64_t last;

	if (protocol)
		*protocol++ = '\0';
	inside = inside ? inside + 1 : ports;
	for (char *p = protocol; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	if (protocol && strcmp(protocol, "tcp") != 0 &&
	    strcmp(protocol, "udp") != 0 && strcmp(protocol, "sctp") != 0)
		return err_docker(err, ERR_DAEMON, EINVAL, "Invalid proto: %s",
				  protocol);
	if (parse_range(inside, 0, 65535, &first, &last, &ignored) < 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Invalid containerPort: %s", inside);
	for (int64_t port = first; port <= last; port++) {
		OWN_FREE char *name = mem_fmt("%" PRId64 "/%s", port,
					      protocol ? protocol : "tcp");

		add_once(&config->exposed, name);
	}
	return 0;
}

/* EXPOSE alone cuts into words what a variable brought. */
static int apply_expose(struct image_config *config,
			struct changes_state *state, const char *rest,
			struct err *err)
{
	OWN_FREE char *text = NULL;
	OWN_STRS struct strs words = { 0 };
	int r = words_expand(rest, &config->env, &text, err);

	(void)state;
	if (r < 0)
		return r;
	words_split(text, &words);
	if (words.count == 0)
		return refuse(err, "dockerfile parse error line 1: EXPOSE requires at least one argument");
	for (size_t i = 0; i < words.count && r == 0; i++)
		r = expose_one(config, words.items[i], err);
	strs_sort(&config->exposed);
	return r;
}

static int apply_onbuild(struct image_config *config,
			 struct changes_state *state, const char *rest,
			 struct err *err)
{
	size_t word = strcspn(rest, " \t");

	(void)state;
	if (!*rest)
		return refuse(err, "dockerfile parse error line 1: ONBUILD requires at least one argument");
	if (word == 7 && strncasecmp(rest, "ONBUILD", word) == 0)
		return refuse(err, "dockerfile parse error line 1: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
	if ((word == 4 && strncasecmp(rest, "FROM", word) == 0) ||
	    (word == 10 && strncasecmp(rest, "MAINTAINER", word) == 0))
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "dockerfile parse error line 1: %s isn't allowed as an ONBUILD trigger",
				  word == 4 ? "FROM" : "MAINTAINER");
	strs_add(&config->onbuild, rest);
	return 0;
}

/* USER, WORKDIR and STOPSIGNAL take one word. */
static int take_one(const struct image_config *config, const char *instruction,
		    const char *rest, char **out, struct err *err)
{
	if (!*rest)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "dockerfile parse error line 1: %s requires exactly one argument",
				  instruction);
	return words_expand(rest, &config->env, out, err);
}

static int apply_user(struct image_config *config, struct changes_state *state,
		      const char *rest, struct err *err)
{
	char *user;
	int r = take_one(config, "USER", rest, &user, err);

	(void)state;
	if (r < 0)
		return r;
	free(config->user);
	config->user = user;
	return 0;
}

static int apply_stopsignal(struct image_config *config,
			    struct changes_state *state, const char *rest,
			    struct err *err)
{
	OWN_FREE char *name = NULL;
	int number;
	int r = take_one(config, "STOPSIGNAL", rest, &name, err);

	(void)state;
	if (r == 0)
		r = parse_signal(name, &number, err);
	if (r < 0)
		return r;
	free(config->stop_signal);
	config->stop_signal = own_give_ptr(&name);
	return 0;
}

static int apply_workdir(struct image_config *config,
			 struct changes_state *state, const char *rest,
			 struct err *err)
{
	OWN_FREE char *path = NULL;
	OWN_FREE char *joined = NULL;
	int r = take_one(config, "WORKDIR", rest, &path, err);

	(void)state;
	if (r < 0)
		return r;
	joined = mem_fmt("%s/%s",
			 path[0] == '/' || !config->working_dir ?
				 "" :
				 config->working_dir,
			 path);
	free(config->working_dir);
	config->working_dir = fs_clean_path(joined);
	return 0;
}

static int apply_volume(struct image_config *config,
			struct changes_state *state, const char *rest,
			struct err *err)
{
	OWN_STRS struct strs words = { 0 };
	int r = take_json(rest, &words, err);

	(void)state;
	if (r == 0)
		words_split(rest, &words);
	if (r >= 0 && words.count == 0)
		return refuse(err, "dockerfile parse error line 1: VOLUME requires at least one argument");
	for (size_t i = 0; i < words.count && r >= 0; i++) {
		OWN_FREE char *path = NULL;

		r = words_expand(words.items[i], &config->env, &path, err);
		if (r == 0 && !*path)
			r = refuse(err, "VOLUME specified can not be an empty string");
		if (r == 0)
			add_once(&config->volumes, path);
	}
	strs_sort(&config->volumes);
	return r < 0 ? r : 0;
}

/* ---- all of them ---- */

static const struct {
	const char *name;
	change *apply;
} instructions[] = {
	{ "cmd", apply_cmd },
	{ "entrypoint", apply_entrypoint },
	{ "env", apply_env },
	{ "expose", apply_expose },
	{ "label", apply_label },
	{ "onbuild", apply_onbuild },
	{ "stopsignal", apply_stopsignal },
	{ "user", apply_user },
	{ "volume", apply_volume },
	{ "workdir", apply_workdir },
};

int changes_apply(struct image_config *config, struct changes_state *state,
		  const char *instruction, const char *rest, struct err *err)
{
	OWN_FREE char *lower = mem_str(instruction);

	for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]);
	     i++)
		if (strcasecmp(instruction, instructions[i].name) == 0)
			return instructions[i].apply(config, state, rest, err);
	for (char *p = lower; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "%s is not a valid change command", lower);
}

static int apply_line(struct image_config *config, struct changes_state *state,
		      const char *line, struct err *err)
{
	const char *start = line + strspn(line, " \t\r");
	size_t word = strcspn(start, " \t\r");
	OWN_FREE char *instruction = mem_strn(start, word);
	OWN_FREE char *rest = NULL;
	size_t len;

	if (!*start || *start == '#')
		return 0;
	rest = mem_str(start + word + strspn(start + word, " \t\r"));
	for (len = strlen(rest); len && isspace((unsigned char)rest[len - 1]);)
		rest[--len] = '\0';
	return changes_apply(config, state, instruction, rest, err);
}

int changes_apply_all(struct image_config *config, const struct strs *changes,
		      struct err *err)
{
	struct changes_state state = { 0 };
	int r = 0;

	for (size_t i = 0; i < changes->count && r == 0; i++) {
		OWN_STRS struct strs lines = { 0 };

		strs_split(&lines, changes->items[i], '\n');
		for (size_t n = 0; n < lines.count && r == 0; n++)
			r = apply_line(config, &state, lines.items[n], err);
	}
	return r;
}
