/* shell/argv_facts.c - see argv_view.h */
#include "shell/argv_view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "images/run_spec.h"
#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/spec.h"
#include "shell/cmd.h"

enum { MAX_CMDLINE = 1 << 20, ROWS = ARGV_FORMS * ARGV_FORMS };

void argv_facts_done(struct argv_facts *facts)
{
	free(facts->name);
	free(facts->container);
	free(facts->why_not);
	image_config_done(&facts->config);
	strs_done(&facts->words);
	strs_done(&facts->final);
	strs_done(&facts->process_1);
	for (int i = 0; i < ROWS; i++) {
		strs_done(&facts->rows[i].bare);
		strs_done(&facts->rows[i].given);
	}
	*facts = (struct argv_facts){ 0 };
}

/* The shell form is kept as the shell, -c and the line. */
enum argv_form argv_form_of(const struct strs *words)
{
	if (!words->count)
		return ARGV_NONE;
	return words->count == 3 && strcmp(words->items[1], "-c") == 0 &&
			       strcmp(words->items[0], "/bin/sh") == 0 ?
		       ARGV_SHELL :
		       ARGV_EXEC;
}

/* What `run` would start: 0, or -EINVAL where there is nothing to be started. */
static int ask(const struct image_config *config, const struct strs *words,
	       const char *entrypoint, struct strs *out, int *out_count,
	       struct err *err)
{
	const struct image image = { .id = NULL, .config = *config };
	const struct run_choice choice = {
		.image = "",
		.args = words,
		.entrypoint = entrypoint,
		.entrypoint_given = entrypoint != NULL,
	};
	OWN_SPEC struct spec spec;
	int r;

	spec_init(&spec);
	r = run_spec_fill(&spec, &image, &choice, err);
	if (r == 0) {
		strs_copy(out, &spec.args);
		*out_count = spec.entrypoint_count;
	}
	return r;
}

/* ---- the table ---- */

/* The same words in another form. */
static void rewrite(const struct strs *from, enum argv_form form,
		    struct strs *out)
{
	bool shell = argv_form_of(from) == ARGV_SHELL;

	if (form == ARGV_NONE)
		return;
	if (form == argv_form_of(from)) {
		strs_copy(out, from);
	} else if (form == ARGV_SHELL) {
		strs_add(out, "/bin/sh");
		strs_add(out, "-c");
		strs_take(out, strs_join(from, " "));
	} else if (shell) {
		strs_split(out, from->items[2], ' ');
	}
}

static void words_or(const struct strs *words, const char *example,
		     struct strs *out)
{
	if (words->count)
		strs_copy(out, words);
	else
		strs_split(out, example, ' ');
}

static void fill_row(struct argv_row *row, const struct argv_facts *facts,
		     const struct strs *entrypoint, const struct strs *cmd)
{
	struct image_config config = { 0 };
	const struct strs nothing = { 0 };
	struct err none = { 0 };
	int count;

	rewrite(entrypoint, row->entrypoint, &config.entrypoint);
	rewrite(cmd, row->cmd, &config.cmd);
	(void)ask(&config, &nothing, NULL, &row->bare, &count, &none);
	(void)ask(&config, &facts->words, NULL, &row->given, &count, &none);
	row->is_this =
		argv_form_of(&facts->config.entrypoint) == row->entrypoint &&
		argv_form_of(&facts->config.cmd) == row->cmd;
	image_config_done(&config);
}

/* Where the image has no ENTRYPOINT or no CMD, one is made up. */
static void fill_table(struct argv_facts *facts)
{
	OWN_STRS struct strs entrypoint = { 0 };
	OWN_STRS struct strs cmd = { 0 };

	words_or(&facts->config.entrypoint, "echo hello", &entrypoint);
	words_or(&facts->config.cmd, "sh", &cmd);
	for (int i = 0; i < ROWS; i++) {
		facts->rows[i].entrypoint = (enum argv_form)(i / ARGV_FORMS);
		facts->rows[i].cmd = (enum argv_form)(i % ARGV_FORMS);
		fill_row(&facts->rows[i], facts, &entrypoint, &cmd);
	}
}

/* ---- a container ---- */

static void read_process_1(struct argv_facts *facts)
{
	OWN_FREE char *path = mem_fmt("/proc/%d/cmdline", facts->pid);
	OWN_BUF struct buf text = { 0 };
	struct err gone = { 0 };

	if (facts->pid <= 0 ||
	    fs_read(AT_FDCWD, path, MAX_CMDLINE, &text, &gone) < 0)
		return;
	for (size_t at = 0; at < text.len; at += strlen(text.data + at) + 1)
		strs_add(&facts->process_1, text.data + at);
}

static int of_container(const struct container *c, struct argv_facts *facts,
			const struct strs *words, struct err *err)
{
	if (words->count || facts->entrypoint) {
		err_set(err, EINVAL, _("'%s' is a container: its command line was fixed when it was made"),
			facts->name);
		return err_hint(err, _("ask about its image instead: argv %s %s"),
				c->spec.image ? c->spec.image : "IMAGE",
				words->count ? words->items[0] : "");
	}
	facts->container = mem_str(c->spec.name);
	strs_copy(&facts->final, &c->spec.args);
	facts->from_entrypoint = c->spec.entrypoint_count;
	facts->init = c->spec.init;
	facts->pid = c->pid;
	read_process_1(facts);
	return 0;
}

/* ---- an image ---- */

static int of_image(struct shell *shell, struct argv_facts *facts,
		    const struct strs *words, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	struct err why = { 0 };
	int r = image_find(shell->store, facts->name, &image, &why);

	if (r == -ENOENT)
		return err_docker(err, ERR_CLIENT, ENOENT,
				  "No such object: %s", facts->name);
	if (r < 0) {
		*err = why;
		return r;
	}
	image_config_copy(&facts->config, &image.config);
	strs_copy(&facts->words, words);
	if (ask(&facts->config, words, facts->entrypoint, &facts->final,
		&facts->from_entrypoint, &why) < 0)
		facts->why_not = mem_str(why.msg);
	fill_table(facts);
	return 0;
}

int argv_facts_read(struct shell *shell, const char *name,
		    const struct strs *words, const char *entrypoint,
		    struct argv_facts *out, struct err *err)
{
	OWN_ARGV struct argv_facts facts = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct err why = { 0 };
	int r;

	facts.name = mem_str(name);
	facts.entrypoint = entrypoint;
	r = container_find(shell->home, name, &c, &why);
	if (r == 0)
		r = of_container(&c, &facts, words, err);
	else if (r == -ENOENT)
		r = of_image(shell, &facts, words, err);
	else
		*err = why;
	if (r < 0)
		return r;
	*out = facts;
	facts = (struct argv_facts){ 0 };
	return 0;
}
