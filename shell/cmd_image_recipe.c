/* shell/cmd_image_recipe.c - image recipe: programs of this machine, as an image.
 *
 * Docker has no such word. Where there is no network to pull from, what is
 * installed here makes images of its own, each as large as it has to be. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "images/recipe.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "shell/cmd.h"
#include "shell/progress.h"

#define HOST "host:"

enum { MAX_TAG = 128 };

struct recipe_opts {
	const char *tag;
	bool quiet;
};

#define AT(member) offsetof(struct recipe_opts, member)

static const struct opt opts[] = {
	{ "quiet", 'q', OPT_FLAG, NULL, N_("Print the image's id alone"), NULL,
	  AT(quiet), 0 },
	{ "tag", 't', OPT_TEXT, "name",
	  N_("The image's name (default: as the recipe, host:NAME)"), NULL,
	  AT(tag), 0, COMPLETE_NOTHING },
	{ 0 },
};

/* "host:python3,sh" adds both names. */
static int read_word(const char *word, struct strs *names, struct err *err)
{
	OWN_STRS struct strs parts = { 0 };

	if (strncmp(word, HOST, strlen(HOST)) != 0) {
		err_set(err, EINVAL, _("'%s' is no recipe: there is only host:NAME, programs of this machine"),
			word);
		return err_hint(err, _("for example: image recipe host:python3"));
	}
	strs_split(&parts, word + strlen(HOST), ',');
	for (size_t i = 0; i < parts.count; i++)
		if (*parts.items[i] && !strs_has(names, parts.items[i]))
			strs_add(names, parts.items[i]);
	return names->count ? 0 :
			      err_set(err, EINVAL, _("'%s' names no program"),
				      word);
}

/* What a tag may not have becomes '-', at its beginning '_'. */
static char tag_char(char c, bool first)
{
	if (isalnum((unsigned char)c) || c == '_')
		return c;
	if (first)
		return '_';
	return c == '.' ? '.' : '-';
}

/* "host:python3-sh" */
static char *usual_name(const struct strs *programs)
{
	struct buf name = { 0 };

	buf_str(&name, HOST);
	for (size_t i = 0; i < programs->count; i++) {
		const char *program = programs->items[i];
		const char *slash = strrchr(program, '/');

		buf_str(&name, i ? "-" : "");
		for (const char *c = slash ? slash + 1 : program; *c; c++)
			buf_char(&name,
				 tag_char(*c, name.len == strlen(HOST)));
	}
	if (name.len > strlen(HOST) + MAX_TAG) {
		name.len = strlen(HOST) + MAX_TAG;
		name.data[name.len] = '\0';
	}
	return buf_give(&name);
}

static void show_programs(FILE *out, const struct recipe *recipe)
{
	for (size_t i = 0; i < recipe->program_count; i++) {
		const struct recipe_program *program = &recipe->programs[i];

		fprintf(out, "%s", program->path);
		if (program->interpreter)
			fprintf(out, _("  (a script of %s)"),
				program->interpreter);
		else if (program->is_static)
			fputs(_("  (static: it needs no library)"), out);
		fputc('\n', out);
	}
}

static void show_libraries(FILE *out, const struct recipe *recipe)
{
	for (size_t i = 0; i < recipe->libraries.count; i++)
		fprintf(out, "  %s\n", recipe->libraries.items[i]);
	for (size_t i = 0; i < recipe->folders.count; i++)
		fprintf(out, "  %s/\n", recipe->folders.items[i]);
}

static void show(struct shell *shell, const struct recipe *recipe,
		 const char *name, const char *id)
{
	char size[HUMAN_SIZE];

	show_programs(shell->out, recipe);
	show_libraries(shell->out, recipe);
	fprintf(shell->out, _("%s is %.12s, %s in one layer\n"), name,
		digest_hex(id), human_size(size, (double)recipe->bytes, 3));
	if (shell->interactive)
		fprintf(shell->out, _("Try: run --rm -it %s\n"), name);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct recipe_opts *o = args->opts;
	OWN_STRS struct strs names = { 0 };
	OWN_RECIPE struct recipe recipe = { 0 };
	OWN_FREE char *name = NULL;
	struct progress progress;
	char id[DIGEST_SIZE];
	int r = 0;

	for (int i = 0; i < args->count && r == 0; i++)
		r = read_word(args->words[i], &names, err);
	if (r < 0)
		return r;
	name = o->tag ? mem_str(o->tag) : usual_name(&names);
	progress_begin(&progress, shell, _("Collecting - "), o->quiet);
	r = recipe_find(&names, &recipe, err);
	if (r == 0)
		r = recipe_make(shell->store, &recipe, name, id, err);
	progress_end_work(&progress, shell, r,
			  _("stopped: no image was made of it"));
	if (r < 0)
		return r;
	if (o->quiet)
		fprintf(shell->out, "%s\n", id);
	else
		show(shell, &recipe, name, id);
	return 0;
}

static const char *const examples[] = {
	"image recipe host:sh",
	"image recipe -t mine host:sh,ls",
	NULL,
};

const struct cmd cmd_image_recipe = {
	.name = "image recipe",
	.group = N_("Images"),
	.synopsis = "[OPTIONS] host:NAME[,NAME...]",
	.summary = N_("Make an image of programs of this machine"),
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct recipe_opts),
	.examples = examples,
	.lesson = "base-image",
	.run = run,
	.pages = true,
	.job = true,
	.ours = true,
	.first = COMPLETE_NOTHING,
	.rest = COMPLETE_NOTHING,
};
