/* images/changes.c - see changes.h */
#include "images/changes.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/dockerfile.h"
#include "images/health.h"
#include "images/manifest.h"
#include "images/words.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/go_text.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"

/* `comment` already holds the name in capitals and a blank. */
typedef int change(struct changes *changes,
		   const struct instruction *instruction, struct buf *comment,
		   struct err *err);

static void replace(char **where, char *text)
{
	free(*where);
	*where = text;
}

static struct word_rules rules_of(const struct changes *changes)
{
	return (struct word_rules){ .env = &changes->config->env,
				    .args = changes->args,
				    .escape = changes->escape };
}

/* USER, WORKDIR and STOPSIGNAL have one word, with its blanks. */
static int expand_first(const struct changes *changes,
			const struct instruction *instruction, char **out,
			struct err *err)
{
	struct word_rules rules = rules_of(changes);

	return words_expand_by(instruction->args.items[0], &rules, out, err);
}

/* ---- what runs ---- */

/* The shell form is given to a shell as its last word. */
static void take_command(const struct changes *changes,
			 const struct instruction *instruction,
			 struct strs *out)
{
	strs_clear(out);
	if (!instruction->json) {
		if (changes->config->shell.count) {
			strs_copy(out, &changes->config->shell);
		} else {
			strs_add(out, "/bin/sh");
			strs_add(out, "-c");
		}
	}
	strs_copy(out, &instruction->args);
}

static int apply_cmd(struct changes *changes,
		     const struct instruction *instruction, struct buf *comment,
		     struct err *err)
{
	(void)err;
	take_command(changes, instruction, &changes->config->cmd);
	changes->config->has_cmd = true;
	if (instruction->args.count)
		changes->cmd_given = true;
	go_quote_list(comment, &changes->config->cmd);
	return 0;
}

static int apply_entrypoint(struct changes *changes,
			    const struct instruction *instruction,
			    struct buf *comment, struct err *err)
{
	struct image_config *config = changes->config;

	(void)err;
	strs_clear(&config->entrypoint);
	if (instruction->args.count)
		take_command(changes, instruction, &config->entrypoint);
	config->has_entrypoint = instruction->args.count > 0;
	if (!changes->cmd_given) {
		strs_clear(&config->cmd);
		config->has_cmd = false;
	}
	go_quote_list(comment, &config->entrypoint);
	return 0;
}

static void show_list(const struct strs *list, struct buf *out)
{
	OWN_FREE char *joined = strs_join(list, " ");

	buf_fmt(out, "[%s]", joined);
}

static int apply_shell(struct changes *changes,
		       const struct instruction *instruction,
		       struct buf *comment, struct err *err)
{
	(void)err;
	strs_clear(&changes->config->shell);
	strs_copy(&changes->config->shell, &instruction->args);
	show_list(&instruction->args, comment);
	return 0;
}

static int apply_healthcheck(struct changes *changes,
			     const struct instruction *instruction,
			     struct buf *comment, struct err *err)
{
	OWN_HEALTH struct health health = { 0 };
	struct image_config *config = changes->config;
	int r = health_read(instruction, &health, err);

	if (r < 0)
		return r;
	strs_clear(&config->health_test);
	strs_copy(&config->health_test, &health.test);
	/* What it leaves open stays as it was, as in Docker: of NONE too. */
	if (health.interval_ns)
		config->health_interval_ns = health.interval_ns;
	if (health.timeout_ns)
		config->health_timeout_ns = health.timeout_ns;
	if (health.start_ns)
		config->health_start_ns = health.start_ns;
	if (health.retries)
		config->health_retries = health.retries;
	health_show(&health, comment);
	return 0;
}

/* Docker takes any as a signal. */
static bool is_number_above_0(const char *text)
{
	return !text[strspn(text, "0123456789")] && text[strspn(text, "0")];
}

static int apply_stopsignal(struct changes *changes,
			    const struct instruction *instruction,
			    struct buf *comment, struct err *err)
{
	OWN_FREE char *name = NULL;
	int number;
	int r = expand_first(changes, instruction, &name, err);

	if (r == 0 && !is_number_above_0(name) &&
	    parse_signal(name, &number, err) < 0)
		r = err_hint(
			err,
			_("expected: a signal's name or number: TERM, SIGINT, 9"));
	if (r < 0)
		return r;
	buf_str(comment, name);
	replace(&changes->config->stop_signal, own_give_ptr(&name));
	return 0;
}

/* ---- names and values ---- */

static int check_pair(const struct instruction *instruction, const char *name,
		      const char *value, struct err *err)
{
	bool env = strcmp(instruction->name, "env") == 0;

	if (*name && (env || !strchr(name, '=')))
		return 0;
	return env ? err_docker(err, ERR_DAEMON, EINVAL,
				"invalid environment variable: %s=%s", name,
				value) :
		     err_docker(err, ERR_DAEMON, EINVAL,
				"LABEL names can not be blank");
}

/* All are put in with the values of before the instruction. */
static int expand_pairs(const struct changes *changes,
			const struct instruction *instruction, struct strs *out,
			struct err *err)
{
	struct word_rules rules = rules_of(changes);
	const struct strs *args = &instruction->args;

	for (size_t i = 0; i + 1 < args->count; i += 3) {
		OWN_FREE char *name = NULL;
		OWN_FREE char *value = NULL;
		int r = words_expand_by(args->items[i], &rules, &name, err);

		if (r == 0)
			r = words_expand_by(args->items[i + 1], &rules, &value,
					    err);
		if (r < 0)
			return r;
		if (check_pair(instruction, name, value, err) < 0)
			return err_hint(err, _("'%s' makes the name '%s'"),
					args->items[i], name);
		strs_addf(out, "%s=%s", name, value);
	}
	return 0;
}

static int apply_pairs(struct changes *changes,
		       const struct instruction *instruction,
		       struct strs *where, struct buf *comment, struct err *err)
{
	OWN_STRS struct strs pairs = { 0 };
	int r = expand_pairs(changes, instruction, &pairs, err);

	for (size_t i = 0; i < pairs.count && r == 0; i++) {
		strs_set_env(where, pairs.items[i]);
		buf_fmt(comment, "%s%s", i ? " " : "", pairs.items[i]);
	}
	return r;
}

static int apply_env(struct changes *changes,
		     const struct instruction *instruction, struct buf *comment,
		     struct err *err)
{
	return apply_pairs(changes, instruction, &changes->config->env, comment,
			   err);
}

static int apply_label(struct changes *changes,
		       const struct instruction *instruction,
		       struct buf *comment, struct err *err)
{
	int r = apply_pairs(changes, instruction, &changes->config->labels,
			    comment, err);

	strs_sort(&changes->config->labels);
	return r;
}

/* ---- where and as whom ---- */

static int apply_user(struct changes *changes,
		      const struct instruction *instruction,
		      struct buf *comment, struct err *err)
{
	char *user;
	int r = expand_first(changes, instruction, &user, err);

	if (r < 0)
		return r;
	buf_str(comment, user);
	replace(&changes->config->user, user);
	return 0;
}

static int apply_workdir(struct changes *changes,
			 const struct instruction *instruction,
			 struct buf *comment, struct err *err)
{
	struct image_config *config = changes->config;
	OWN_FREE char *path = NULL;
	OWN_FREE char *joined = NULL;
	int r = expand_first(changes, instruction, &path, err);

	if (r < 0)
		return r;
	if (!*path) {
		err_docker(err, ERR_DAEMON, EINVAL, "cannot normalize nothing");
		return err_hint(err, _("'%s' is empty"),
				instruction->args.items[0]);
	}
	joined = mem_fmt("/%s/%s",
			 config->working_dir ? config->working_dir : "", path);
	/* An absolute one stays as it was written, as in Docker. */
	replace(&config->working_dir,
		path[0] == '/' ? own_give_ptr(&path) : fs_clean_path(joined));
	buf_str(comment, config->working_dir);
	return 0;
}

static void add_once(struct strs *list, const char *text)
{
	if (!strs_has(list, text))
		strs_add(list, text);
}

static int apply_volume(struct changes *changes,
			const struct instruction *instruction,
			struct buf *comment, struct err *err)
{
	struct word_rules rules = rules_of(changes);
	OWN_STRS struct strs paths = { 0 };

	for (size_t i = 0; i < instruction->args.count; i++) {
		char *path;
		int r = words_expand_by(instruction->args.items[i], &rules,
					&path, err);

		if (r < 0)
			return r;
		strs_take(&paths, path);
		if (!*path) {
			err_docker(
				err, ERR_DAEMON, EINVAL,
				"VOLUME specified can not be an empty string");
			return err_hint(err, _("'%s' is empty"),
					instruction->args.items[i]);
		}
		add_once(&changes->config->volumes, path);
	}
	strs_sort(&changes->config->volumes);
	show_list(&paths, comment);
	return 0;
}

/* EXPOSE alone is also cut at the blanks that a variable brought. Docker sorts
 * the words before that. */
static int apply_expose(struct changes *changes,
			const struct instruction *instruction,
			struct buf *comment, struct err *err)
{
	struct word_rules rules = rules_of(changes);
	OWN_STRS struct strs sorted = { 0 };
	OWN_STRS struct strs words = { 0 };
	OWN_FREE char *joined = NULL;
	int r = 0;

	strs_copy(&sorted, &instruction->args);
	strs_sort(&sorted);
	for (size_t i = 0; i < sorted.count && r == 0; i++)
		r = words_cut(sorted.items[i], &rules, &words, err);
	if (r == 0)
		r = expose_add(&words, &changes->config->exposed, err);
	if (r < 0)
		return r;
	joined = strs_join(&words, " ");
	buf_str(comment, joined);
	return 0;
}

/* ---- what only stands in the image ---- */

/* The text is kept, variables and all: they are put in when it runs. */
static int apply_onbuild(struct changes *changes,
			 const struct instruction *instruction,
			 struct buf *comment, struct err *err)
{
	const char *rest = instruction->text + strlen("ONBUILD");
	struct buf text = { 0 };

	(void)err;
	buf_str(&text, rest + strspn(rest, " \t\v\f\r"));
	for (size_t i = 0; i < instruction->heredoc_count; i++)
		buf_fmt(&text, "\n%s%s", instruction->heredocs[i].body,
			instruction->heredocs[i].name);
	buf_str(comment, buf_text(&text));
	strs_take(&changes->config->onbuild, buf_give(&text));
	return 0;
}

static int apply_maintainer(struct changes *changes,
			    const struct instruction *instruction,
			    struct buf *comment, struct err *err)
{
	(void)err;
	if (changes->author)
		replace(changes->author, mem_str(instruction->args.items[0]));
	buf_str(comment, instruction->args.items[0]);
	return 0;
}

/* ---- all of them ---- */

/* in_commit  whether `commit -c` takes it, too */
static const struct {
	const char *name;
	change *apply;
	bool in_commit;
} instructions[] = {
	{ "cmd", apply_cmd, true },
	{ "entrypoint", apply_entrypoint, true },
	{ "env", apply_env, true },
	{ "expose", apply_expose, true },
	{ "healthcheck", apply_healthcheck, true },
	{ "label", apply_label, true },
	{ "maintainer", apply_maintainer, false },
	{ "onbuild", apply_onbuild, true },
	{ "shell", apply_shell, false },
	{ "stopsignal", apply_stopsignal, false },
	{ "user", apply_user, true },
	{ "volume", apply_volume, true },
	{ "workdir", apply_workdir, true },
};

enum {
	COUNT = sizeof(instructions) / sizeof(instructions[0]),
};

static size_t find(const char *name)
{
	size_t i = 0;

	while (i < COUNT && strcmp(name, instructions[i].name) != 0)
		i++;
	return i;
}

bool changes_knows(const char *name)
{
	return find(name) < COUNT;
}

/* JSON can say \u0000, but neither a program nor a path can be given one. */
static int check_nul(const struct instruction *instruction, struct err *err)
{
	for (size_t i = 0; i < instruction->args.count; i++)
		if (strstr(instruction->args.items[i], "\xc0\x80"))
			return err_set(
				err, EINVAL,
				_("\\u0000 in %s: no word of a program can hold that character"),
				instruction->text);
	return 0;
}

int changes_apply(struct changes *changes,
		  const struct instruction *instruction,
		  struct buf *out_comment, struct err *err)
{
	OWN_BUF struct buf comment = { 0 };
	size_t i = find(instruction->name);
	int r = check_nul(instruction, err);

	if (r < 0)
		return r;
	if (i == COUNT)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "%s is not a valid change command",
				  instruction->name);
	for (const char *p = instruction->name; *p; p++)
		buf_char(&comment, (char)toupper((unsigned char)*p));
	buf_char(&comment, ' ');
	r = instructions[i].apply(changes, instruction, &comment, err);
	if (r == 0 && out_comment)
		buf_str(out_comment, buf_text(&comment));
	return r;
}

static int check_all(const struct dockerfile *file, struct err *err)
{
	for (size_t i = 0; i < file->count; i++) {
		size_t found = find(file->items[i].name);

		if (found == COUNT || !instructions[found].in_commit)
			return err_docker(err, ERR_DAEMON, EINVAL,
					  "%s is not a valid change command",
					  file->items[i].name);
	}
	for (size_t i = 0; i < file->count; i++)
		if (instruction_check(&file->items[i], err) < 0)
			return -err->code;
	return 0;
}

int changes_apply_all(struct image_config *config, const struct strs *lines,
		      struct err *err)
{
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	OWN_FREE char *text = strs_join(lines, "\n");
	struct changes changes = { .config = config };
	int r = 0;

	if (!lines->count)
		return 0;
	r = dockerfile_parse(text, strlen(text), &file, err);
	if (r == 0)
		r = check_all(&file, err);
	changes.escape = file.escape;
	for (size_t i = 0; i < file.count && r == 0; i++)
		r = changes_apply(&changes, &file.items[i], NULL, err);
	return r;
}
