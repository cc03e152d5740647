/* shell/cmd_whose.c - whose: which layer a file is from, and which hold it hidden. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "images/stack.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/stack_view.h"
#include "shell/view.h"
#include "shell/whose_view.h"

struct whose_opts {
	struct view_opts view;
	struct opt_number layer;
	bool all;
	bool show;
};

#define AT(member) offsetof(struct whose_opts, member)

static const struct opt opts[] = {
	{ "all", 'a', OPT_FLAG, NULL,
	  N_("List all that is hidden there and in it: what was deleted still lies in a layer"),
	  NULL, AT(all), 0 },
	{ "layer", 0, OPT_COUNT, "number",
	  N_("With --show: the file of this layer, not the highest one"), NULL,
	  AT(layer), 0, COMPLETE_NOTHING },
	VIEW_OPTS(struct whose_opts, view),
	{ "show", 0, OPT_FLAG, NULL,
	  N_("Print the file's content, hidden or not, and nothing else"), NULL,
	  AT(show), 0 },
	{ 0 },
};

/* Without a path: the root. */
static int read_word(const char *word, bool all, char **name, char **path,
		     struct err *err)
{
	if (stack_view_split(word, name, path))
		return 0;
	if (all) {
		*name = mem_str(word);
		*path = mem_str("/");
		return 0;
	}
	if (*word == '/') {
		err_set(err, EINVAL, _("'%s' has no name in front"), word);
		return err_hint(err, _("write the name of an image or a container, a colon and the path: whose busybox:%s"),
				word);
	}
	err_set(err, EINVAL, _("'%s' has no path in it"), word);
	return err_hint(err,
			_("write a name, a colon and an absolute path: whose %s:/etc/passwd"),
			word);
}

static int not_there(const struct whose *whose, struct err *err)
{
	err_set(err, ENOENT, _("no layer of '%s' has %s, seen or hidden"),
		whose->name, whose->path);
	return err_hint(err, _("'whose --all %s:/' lists all that is hidden"),
			whose->name);
}

/* The bytes as they are. */
static int show(struct shell *shell, const struct whose *whose,
		const struct opt_number *layer, struct err *err)
{
	int32_t item;
	OWN_BUF struct buf content = { 0 };
	OWN_FREE char *place = NULL;
	int r;

	if (layer->given && (layer->value < 1 ||
			     (size_t)layer->value > whose->stack.layer_count))
		return err_set(err, EINVAL, _("'%s' has layers 1 to %zu, no layer %lld"),
			       whose->name, whose->stack.layer_count,
			       layer->value);
	item = whose_item(whose, layer->given ? (unsigned)layer->value : 0);
	if (item < 0 || whose->stack.items[item].kind != STACK_FILE) {
		err_set(err, EINVAL, _("there is no plain file at %s in layer %lld of '%s'"),
			whose->path,
			item < 0 ? layer->value :
				   (long long)whose->stack.items[item].layer + 1,
			whose->name);
		return err_hint(err, _("'whose %s:%s' says which layers have it"),
				whose->name, whose->path);
	}
	place = stack_place(shell->store, &whose->stack, item);
	r = stack_content(shell->store, &whose->stack, item, WHOSE_MAX_SHOWN,
			  &content, err);
	if (r == -EFBIG)
		return err_hint(err, _("it lies at %s"), place);
	if (r == 0 && isatty(fileno(shell->out)) &&
	    !whose_is_text(&content)) {
		OWN_FREE char *line = whose_show_line(shell, whose, item);

		err_set(err, EINVAL,
			_("%s is no text: a terminal would take parts of it for commands"),
			whose->path);
		return err_hint(err, _("lead it on: %s"), line);
	}
	if (r == 0)
		fwrite(buf_text(&content), 1, content.len, shell->out);
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct whose_opts *o = args->opts;
	OWN_WHOSE struct whose whose = { 0 };
	OWN_VIEW struct view view = { 0 };
	OWN_FREE char *name = NULL;
	OWN_FREE char *path = NULL;
	int r = read_word(args->words[0], o->all, &name, &path, err);

	if (r == 0)
		r = whose_read(shell, name, path, &whose, err);
	if (r < 0)
		return r;
	if (whose.index < 0 && !whose.mount)
		return not_there(&whose, err);
	if (o->show)
		return show(shell, &whose, &o->layer, err);
	view_begin(&view, shell, &o->view);
	if (o->all)
		whose_all_view(&view, &whose);
	else
		whose_view(&view, &whose);
	return 0;
}

static const char *const examples[] = {
	"whose busybox:/bin/sh",
	"whose --all busybox",
	NULL,
};

const struct cmd cmd_whose = {
	.name = "whose",
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS] IMAGE:/PATH|CONTAINER:/PATH",
	.summary = N_("Show which layer serves a path, and which hold it hidden"),
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct whose_opts),
	.examples = examples,
	.lesson = "lookup",
	.run = run,
	.job = true,
	.pages = true,
	.ours = true,
	.first = COMPLETE_WHOSE,
};
