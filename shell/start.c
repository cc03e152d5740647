/* shell/start.c - see start.h */
#include "shell/start.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/opt.h"
#include "shell/pager.h"
#include "shell/style.h"

struct values {
	const char *line;
	const char *home;
	const char *lang;
	const char *color;
	const char *lessons;
	const char *ignored;
	bool stop;
	bool pager;
	bool plain;
	bool json;
	bool ascii;
	bool version;
	bool debug;
};

static const struct opt start_options[] = {
	{ "command", 'c', OPT_TEXT, "LINE", N_("Run one line and end"),
	  .offset = offsetof(struct values, line) },
	{ "errexit", 'e', OPT_FLAG, NULL,
	  N_("End a script at the first line that fails"),
	  .offset = offsetof(struct values, stop) },
	{ "home", 0, OPT_TEXT, "DIR", N_("Keep everything in this folder"),
	  .offset = offsetof(struct values, home) },
	{ "lang", 0, OPT_TEXT, "en|ja", N_("Language of messages and lessons"),
	  .offset = offsetof(struct values, lang) },
	{ "lessons", 0, OPT_TEXT, "DIR", N_("Look for lessons here first"),
	  .offset = offsetof(struct values, lessons) },
	{ "color", 0, OPT_TEXT, "auto|always|never", N_("Use of colour"),
	  .offset = offsetof(struct values, color) },
	{ "pager", 0, OPT_FLAG, NULL,
	  N_("Show long output a screen at a time, with $PAGER or less"),
	  .offset = offsetof(struct values, pager) },
	{ "ascii", 0, OPT_FLAG, NULL, N_("Draw with plain characters"),
	  .offset = offsetof(struct values, ascii) },
	{ "plain", 0, OPT_FLAG, NULL, N_("One fact a line, no drawing"),
	  .offset = offsetof(struct values, plain) },
	{ "json", 0, OPT_FLAG, NULL, N_("The same facts as JSON"),
	  .offset = offsetof(struct values, json) },
	{ "version", 'v', OPT_FLAG, NULL, N_("Show the version and end"),
	  .offset = offsetof(struct values, version) },
	/* Docker's; they speak of a daemon, or of how much is said. */
	{ "host", 'H', OPT_TEXT, .flags = OPT_HIDDEN,
	  .offset = offsetof(struct values, ignored) },
	{ "context", 0, OPT_TEXT, .flags = OPT_HIDDEN,
	  .offset = offsetof(struct values, ignored) },
	{ "config", 0, OPT_TEXT, .flags = OPT_HIDDEN,
	  .offset = offsetof(struct values, ignored) },
	{ "log-level", 'l', OPT_TEXT, .flags = OPT_HIDDEN,
	  .offset = offsetof(struct values, ignored) },
	{ "debug", 'D', OPT_FLAG, .flags = OPT_HIDDEN,
	  .offset = offsetof(struct values, debug) },
	{ 0 },
};

/* As if the options were those of a command, which ends them at its first
 * word. */
const struct cmd start_program = {
	.name = "dockershell",
	.synopsis = "[OPTIONS] [COMMAND [ARG...] | FILE]",
	.summary = N_("Docker's commands on real containers, made to be looked into"),
	.opts = start_options,
	.opts_size = sizeof(struct values),
	.stop_at_first_word = true,
	.ours = true,
};

static int take_lang(struct shell *shell, const char *lang, struct err *err)
{
	if (!lang)
		return 0;
	if (!lang_choose(lang)) {
		err_set(err, EINVAL, _("lang: '%s' is no language we have"),
			lang);
		err_hint(err, _("type 'lang en' or 'lang ja'"));
		return err_status(err, 125);
	}
	shell->lang = lang_now();
	setenv("DOCKERSHELL_LANG", shell->lang, 1); /* for what we start */
	return 0;
}

static int take_color(struct shell *shell, const char *color, struct err *err)
{
	if (!color)
		return 0;
	if (strcmp(color, "auto") != 0 && strcmp(color, "always") != 0 &&
	    strcmp(color, "never") != 0) {
		err_set(err, EINVAL, _("--color: '%s' is not auto, always or never"),
			color);
		return err_status(err, 125);
	}
	shell->color = style_wants_color(color, stdout);
	return 0;
}

/* A lesson has a folder of its own, and `cd` goes to others: a name that was right where
 * the program began has to stay so. One that is not there is told by who looks. */
static const char *lessons_folder(const char *given)
{
	static char *whole;

	free(whole);
	whole = given ? realpath(given, NULL) : NULL;
	return whole ? whole : given;
}

int start_read(struct shell *shell, int argc, char **argv, struct start *out,
	       int *out_first, struct err *err)
{
	static char version[] = "--version";
	struct values values = { 0 };
	struct opt_shared shared = { 0 };
	int first;

	/* Most starts have no option of ours: `dockershell run ...`. */
	if (argc < 2 || argv[1][0] != '-') {
		*out_first = 1;
		return 0;
	}
	first = opt_parse(&start_program, argc, argv, &values, &shared, err);
	if (first < 0)
		return first;
	if (take_lang(shell, values.lang, err) < 0 ||
	    take_color(shell, values.color, err) < 0)
		return -err->code;
	if (values.pager && !pager_choose()) {
		err_set(err, ENOENT, _("--pager: there is neither less nor more here"));
		err_hint(err, _("name a program in the variable PAGER"));
		return err_status(err, 125);
	}
	shell->home_path = values.home;
	shell->lessons_dirs = lessons_folder(values.lessons);
	shell->plain = values.plain;
	shell->json = values.json;
	shell->ascii = values.ascii || values.plain;
	out->line = values.line;
	out->stop = values.stop;
	out->help = shared.help;
	if (values.version && !shared.help)
		argv[--first] = version;
	*out_first = first;
	return 0;
}
