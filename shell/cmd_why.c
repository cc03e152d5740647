/* shell/cmd_why.c - why: one sentence, with its evidence. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lessons/session.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/network.h"
#include "runtime/volume.h"
#include "shell/cmd.h"
#include "shell/near.h"
#include "shell/commands.h"
#include "shell/why.h"
#include "shell/why_ask.h"

struct why_opts {
	struct view_opts view;
};

static const struct opt opts[] = {
	VIEW_OPTS(struct why_opts, view),
	{ 0 },
};

static bool all_digits(const char *word)
{
	return *word && word[strspn(word, "0123456789")] == '\0' &&
	       strlen(word) <= 5;
}

/* A word of the course's own, where nothing has it as its name. */
static const struct {
	const char *word;
	unsigned about;
} own_words[] = {
	{ "stop", WHY_STOP },	{ "build", WHY_BUILD },
	{ "cache", WHY_BUILD }, { "commit", WHY_WORD },
	{ "localhost", WHY_WORD },
};

static int ask_own_word(struct why *why, const char *word, struct err *err)
{
	for (size_t i = 0; i < sizeof(own_words) / sizeof(own_words[0]); i++)
		if (strcmp(own_words[i].word, word) == 0) {
			why->about = own_words[i].about;
			return why->about == WHY_STOP ? why_ask_stop(why, err) :
							1;
		}
	return 0;
}

static int ask_number(struct why *why, const char *word, struct err *err)
{
	long number = strtol(word[0] == ':' ? word + 1 : word, NULL, 10);

	if (number > 65535)
		return 0;
	if (word[0] == ':' || number > 255) {
		why->port = (int)number;
		why->about = WHY_PORT;
		return 1;
	}
	return why_ask_status(why, (int)number, err);
}

/* An id's prefix that is shorter fits too much. */
static bool is_meant(const char *word, const char *name)
{
	return strlen(word) >= 4 || (name && strcmp(word, name) == 0);
}

/* A thing with a name, in the order in which `inspect` looks. */
static int ask_thing(struct why *why, const char *word, struct err *err)
{
	OWN_NETWORK struct network network = { 0 };
	OWN_VOLUME struct volume volume = { 0 };
	struct err why_not = { 0 };
	struct stat st;
	int r = why_take_container(why, word, err);

	if (r == 0 && (r = ask_own_word(why, word, err)) == 0 &&
	    strlen(word) > 1 && (r = why_take_image(why, word, err)) == 1)
		why->about = WHY_IMAGE;
	if (r == 0 &&
	    network_find(why->shell->home, word, &network, &why_not) == 0 &&
	    is_meant(word, network.name)) {
		why->about = WHY_NETWORK;
		return 1;
	}
	if (r == 0 &&
	    (volume_find(why->shell->home, word, &volume, &why_not) == 0 ||
	     ending_of_volume(why->shell->home, word))) {
		why->about = WHY_VOLUME;
		return 1;
	}
	if (r == 0 && lstat(word, &st) == 0) {
		why->path = mem_str(word);
		why->about = WHY_HOST_FILE;
		return 1;
	}
	return r;
}

static int forget(struct why *why, const char *word)
{
	struct shell *shell = why->shell;

	why_done(why);
	why_init(why, shell);
	why->word = mem_str(word);
	return 0;
}

/* NAME:/path. Returns 1, 0 where it is none, or -errno. */
static int ask_file(struct why *why, const char *word, struct err *err)
{
	const char *colon = strstr(word, ":/");
	OWN_FREE char *name = colon ? mem_strn(word, (size_t)(colon - word)) :
				      NULL;
	int r;

	if (!colon || colon == word)
		return 0;
	r = why_take_container(why, name, err);
	if (r == 1 && !why->container)
		r = forget(why, word);
	if (r == 0)
		r = why_take_image(why, name, err);
	if (r != 1)
		return r;
	why->path = mem_str(colon + 1);
	why->about = WHY_FILE;
	return 1;
}

static int say_nothing(const struct shell *shell, const char *word,
		       struct err *err)
{
	err_set(err, ENOENT,
		_("nothing here is called '%s'"), word);
	near_object(shell, word,
		    _("ask of a container, an image, NAME:/path, an exit status (why 137), a port (why :8080), the last build (why build), or of the last failure: why"),
		    err);
	return -err->code;
}

static int ask(struct why *why, const struct args *args, struct err *err)
{
	const char *word = args->count ? args->words[0] : NULL;
	int r;

	if (!word)
		return why_ask_last(why, err);
	why->word = mem_str(word);
	if (args->count == 2)
		return why_ask_layer(why, word, args->words[1], err);
	r = all_digits(word[0] == ':' ? word + 1 : word) ?
		    ask_number(why, word, err) :
		    ask_file(why, word, err);
	if (r == 0)
		r = ask_thing(why, word, err);
	return r ? r : say_nothing(why->shell, word, err);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct why_opts *o = args->opts;
	OWN_WHY struct why why;
	int r;

	why_init(&why, shell);
	r = ask(&why, args, err);
	if (r < 0)
		return r;
	return r == 0 ? why_nothing_failed(shell, &o->view) :
			why_print(&why, &o->view);
}

static const char *const examples[] = {
	"why 137",
	"why :8080",
	NULL,
};

const struct cmd cmd_why = {
	.name = "why",
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS] [THING]",
	.summary = N_("Say why, in one sentence with its evidence: the last failure, or a thing"),
	.min_args = 0,
	.max_args = 2,
	.opts = opts,
	.opts_size = sizeof(struct why_opts),
	.examples = examples,
	.lesson = "life",
	.run = run,
	.ours = true,
	.first = COMPLETE_OBJECTS,
	.rest = COMPLETE_NOTHING,
};
