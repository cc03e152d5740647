/* shell/cmd_run.c - run: a new container, and the program in it.
 *
 * Turns options into a spec and joins the terminal; how a container comes to be
 * is runtime/container.h's, which words of the image count is run_spec.h's. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "images/ref.h"
#include "images/run_spec.h"
#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "shell/cmd.h"

struct run_opts {
	bool detach;
	bool interactive;
	bool tty;
	bool remove;
	bool read_only;
	const char *name;
	const char *hostname;
	const char *domainname;
	const char *workdir;
	const char *user;
	const char *entrypoint;
	const char *network;
	const char *stop_signal;
	const char *detach_keys;
	struct opt_number stop_timeout;
	struct strs env;
	struct strs labels;
};

#define AT(member) offsetof(struct run_opts, member)
#define PROCESS N_("Process")
#define IDENTITY N_("Name and life")
#define SURROUNDINGS N_("Surroundings")

static const struct opt opts[] = {
	{ "detach", 'd', OPT_FLAG, NULL,
	  N_("Run it in the background and print its id"), PROCESS, AT(detach),
	  0 },
	{ "interactive", 'i', OPT_FLAG, NULL,
	  N_("Keep standard input open: what you type reaches the program"),
	  PROCESS, AT(interactive), 0 },
	{ "tty", 't', OPT_FLAG, NULL,
	  N_("Give it a terminal of its own (with -i: a shell to work in)"),
	  PROCESS, AT(tty), 0 },
	{ "env", 'e', OPT_LIST, "list",
	  N_("Set an environment variable: NAME=value"), PROCESS, AT(env), 0 },
	{ "workdir", 'w', OPT_TEXT, "string",
	  N_("The folder that the program starts in"), PROCESS, AT(workdir),
	  0 },
	{ "user", 'u', OPT_TEXT, "string",
	  N_("Who the program runs as: name or number, with :group"), PROCESS,
	  AT(user), 0 },
	{ "entrypoint", 0, OPT_TEXT, "string",
	  N_("Run this instead of the image's ENTRYPOINT"), PROCESS,
	  AT(entrypoint), 0 },
	{ "name", 0, OPT_TEXT, "string", N_("Give the container a name"),
	  IDENTITY, AT(name), 0 },
	{ "rm", 0, OPT_FLAG, NULL,
	  N_("Remove the container when its program ends"), IDENTITY,
	  AT(remove), 0 },
	{ "label", 'l', OPT_LIST, "list", N_("Note something on it: key=value"),
	  IDENTITY, AT(labels), 0 },
	{ "stop-signal", 0, OPT_TEXT, "string",
	  N_("The signal that `stop` sends (SIGTERM)"), IDENTITY,
	  AT(stop_signal), 0 },
	{ "stop-timeout", 0, OPT_COUNT, "int",
	  N_("Seconds that `stop` waits before it kills (10)"), IDENTITY,
	  AT(stop_timeout), 0 },
	{ "detach-keys", 0, OPT_TEXT, "string",
	  N_("Keys that leave it running (ctrl-p,ctrl-q)"), IDENTITY,
	  AT(detach_keys), 0 },
	{ "hostname", 'h', OPT_TEXT, "string",
	  N_("Its host name (else the first 12 digits of its id)"),
	  SURROUNDINGS, AT(hostname), 0 },
	{ "domainname", 0, OPT_TEXT, "string", N_("Its NIS domain name"),
	  SURROUNDINGS, AT(domainname), 0 },
	{ "network", 0, OPT_TEXT, "network",
	  N_("none: only lo; host: the machine's own network"), SURROUNDINGS,
	  AT(network), 0 },
	{ "net", 0, OPT_TEXT, "network", N_("The same as --network"),
	  SURROUNDINGS, AT(network), OPT_HIDDEN },
	{ "read-only", 0, OPT_FLAG, NULL,
	  N_("Nothing may be written to its files"), SURROUNDINGS,
	  AT(read_only), 0 },
	{ 0 },
};

static char *copy_of(const char *text)
{
	return text && *text ? mem_str(text) : NULL;
}

static int choose_network(struct spec *spec, const char *name,
			  struct err *err)
{
	if (!name || !*name || strcmp(name, "default") == 0 ||
	    strcmp(name, "bridge") == 0)
		spec->network = SPEC_NET_DEFAULT;
	else if (strcmp(name, "none") == 0)
		spec->network = SPEC_NET_NONE;
	else if (strcmp(name, "host") == 0)
		spec->network = SPEC_NET_HOST;
	else
		return err_docker(err, ERR_DAEMON, ENOENT,
				  "network %s not found", name);
	return 0;
}

/* There is no registry to ask: what is here is all there is. */
static int no_image(struct shell *shell, const char *name, struct err *err)
{
	OWN_REF struct ref ref = { 0 };
	OWN_FREE char *shown = NULL;
	struct err bad = { 0 };

	if (ref_parse(name, &ref, &bad) == 0) {
		ref_tag_latest(&ref);
		shown = ref_familiar(&ref);
	}
	fprintf(shell->err_out, "Unable to find image '%s' locally\n",
		shown ? shown : name);
	err_set(err, ENOENT, _("there is no image '%s', and no registry to get it from"),
		shown ? shown : name);
	return err_hint(err, _("`images` lists those that are here; busybox comes with the program"));
}

static int find_image(struct shell *shell, const char *name,
		      struct image *image, struct err *err)
{
	int r = image_find_for_run(shell->store, name, image, err);

	return r == -ENOENT ? no_image(shell, name, err) : r;
}

static int fill_spec(struct shell *shell, const struct args *args,
		     struct spec *spec, struct err *err)
{
	const struct run_opts *o = args->opts;
	OWN_IMAGE struct image image = { 0 };
	OWN_STRS struct strs words = { 0 };
	struct run_choice choice = {
		.image = args->words[0],
		.args = &words,
		.entrypoint = o->entrypoint,
		.entrypoint_given = o->entrypoint,
		.env = &o->env,
		.labels = &o->labels,
		.user = o->user,
		.cwd = o->workdir,
		.stop_signal = o->stop_signal,
	};
	int r = choose_network(spec, o->network, err);

	if (r == 0)
		r = find_image(shell, args->words[0], &image, err);
	for (int i = 1; i < args->count; i++)
		strs_add(&words, args->words[i]);
	if (r == 0)
		r = run_spec_fill(spec, &image, &choice, err);
	spec->name = copy_of(o->name);
	spec->hostname = copy_of(o->hostname);
	spec->domainname = copy_of(o->domainname);
	spec->auto_remove = o->remove;
	spec->read_only = o->read_only;
	spec->tty = o->tty;
	spec->open_stdin = o->interactive;
	if (o->stop_timeout.given)
		spec->stop_timeout_s = (int)o->stop_timeout.value;
	return r;
}

static int run_attached(struct shell *shell, const struct run_opts *o,
			struct spec *spec, struct err *err)
{
	bool typed = o->interactive && isatty(shell->in_fd);
	struct attach attach = {
		.in_fd = o->interactive ? shell->in_fd : -1,
		.out_fd = fileno(shell->out),
		.err_fd = fileno(shell->err_out),
		.raw_terminal = o->tty && typed,
		.pass_signals = !(o->tty && typed),
		.detach_keys = o->detach_keys,
	};
	int code = 0;
	int r;

	if (o->tty && o->interactive && !typed)
		return err_status(err, (err_docker(err, ERR_BARE, ENOTTY,
						   "the input device is not a TTY"),
					1));
	/* The program writes to the same places, past our buffers. */
	fflush(shell->out);
	fflush(shell->err_out);
	r = container_run(shell->home, spec, &attach, &code, err);
	return r < 0 ? r : code;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct run_opts *o = args->opts;
	OWN_SPEC struct spec spec;
	int r;

	spec_init(&spec);
	r = fill_spec(shell, args, &spec, err);
	if (r < 0)
		return r;
	if (!o->detach)
		return run_attached(shell, o, &spec, err);
	r = container_run(shell->home, &spec, NULL, NULL, err);
	/* Docker has printed the id by the time the start fails. */
	if (spec.id && (r == 0 || err->status != 125))
		fprintf(shell->out, "%s\n", spec.id);
	return r;
}

static const char *const examples[] = {
	"run --name hoge busybox touch /tmp/hoge.txt",
	"run --rm -it busybox sh",
	NULL,
};
static const char *const aliases[] = { "container run", NULL };

const struct cmd cmd_container_run = {
	.name = "run",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
	.summary = N_("Start a program in a new container"),
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct run_opts),
	.stop_at_first_word = true,
	.own_failure_is_125 = true,
	.examples = examples,
	.lesson = "diff",
	.run = run,
	.first = COMPLETE_IMAGES,
	.rest = COMPLETE_PROGRAMS,
};
