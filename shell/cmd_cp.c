/* shell/cmd_cp.c - cp: files between a container and the machine. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/cp.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/progress.h"

struct cp_opts {
	bool archive;
	bool follow_link;
	bool quiet;
};

#define AT(member) offsetof(struct cp_opts, member)

static const struct opt opts[] = {
	{ "archive", 'a', OPT_FLAG, NULL,
	  N_("Keep users and groups as they are at the source"), NULL,
	  AT(archive), 0 },
	{ "follow-link", 'L', OPT_FLAG, NULL,
	  N_("If the source is a link, copy what it leads to"), NULL,
	  AT(follow_link), 0 },
	{ "quiet", 'q', OPT_FLAG, NULL,
	  N_("Do not show how far a long copy is"), NULL, AT(quiet), 0 },
	{ 0 },
};

/* "name:path" into its two halves. Where there is no container, NULL and the path:
 * "/x:y" and "./x:y" are files, as is what has no ':'. */
static char *split(const char *word, const char **out_path)
{
	const char *colon = strchr(word, ':');

	*out_path = word;
	if (word[0] == '/' || word[0] == '.' || !colon || colon == word)
		return NULL;
	*out_path = colon + 1;
	return mem_strn(word, (size_t)(colon - word));
}

static int refuse(struct err *err, const char *sentence)
{
	return err_docker(err, ERR_BARE, EINVAL, "%s", sentence);
}

static int from(struct shell *shell, const struct cp_choice *choice,
		struct err *err)
{
	if (!*choice->inside)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "bad parameter: pathcannot be empty");
	if (strcmp(choice->outside, "-") != 0)
		return cp_from(shell->home, choice, err);
	if (isatty(fileno(shell->out))) {
		err_set(err, EINVAL, _("an archive is nothing for a terminal to show"));
		return err_hint(err, _("lead it on: cp %s:%s - | tar -t"),
				choice->container, choice->inside);
	}
	fflush(shell->out);
	return cp_from_as_tar(shell->home, choice, fileno(shell->out), err);
}

static int to(struct shell *shell, const struct cp_choice *choice,
	      struct err *err)
{
	if (strcmp(choice->outside, "-") != 0)
		return cp_to(shell->home, choice, err);
	if (isatty(shell->in_fd)) {
		err_set(err, EINVAL, _("there is no archive on standard input, only a terminal"));
		return err_hint(err, _("lead one in: tar -c . | cp - %s:%s"),
				choice->container, choice->inside);
	}
	return cp_to_as_tar(shell->home, choice, shell->in_fd, err);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct cp_opts *o = args->opts;
	const char *source;
	const char *target;
	OWN_FREE char *container_from = split(args->words[0], &source);
	OWN_FREE char *container_to = split(args->words[1], &target);
	struct progress progress;
	struct stat st;
	struct cp_choice choice = { .follow_link = o->follow_link,
				    .keep_owner = o->archive };
	int r;

	if (!*args->words[0])
		return refuse(err, "source can not be empty");
	if (!*args->words[1])
		return refuse(err, "destination can not be empty");
	if (container_from && container_to)
		return refuse(err, "copying between containers is not supported");
	if (!container_from && !container_to)
		return refuse(err, "must specify at least one container source");
	choice.container = container_from ? container_from : container_to;
	choice.inside = container_from ? source : target;
	choice.outside = container_from ? target : source;
	choice.watch = &progress.watch;
	progress_begin(&progress, shell,
		       container_from ? _("Copying from the container - ") :
					_("Copying to the container - "),
		       o->quiet);
	if (!container_from && stat(choice.outside, &st) == 0 &&
	    S_ISREG(st.st_mode))
		progress_total(&progress, st.st_size);
	r = container_from ? from(shell, &choice, err) :
			     to(shell, &choice, err);
	progress_end(&progress);
	return r;
}

static const char *const examples[] = {
	"run --name hoge busybox true",
	"cp hoge:/etc/passwd .",
	NULL,
};
static const char *const aliases[] = { "container cp", NULL };

const struct cmd cmd_cp = {
	.name = "cp",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
	.summary = N_("Copy files between a container and the machine"),
	.docker_summary =
		"Copy files/folders between a container and the local filesystem",
	.min_args = 2,
	.max_args = 2,
	.opts = opts,
	.opts_size = sizeof(struct cp_opts),
	.examples = examples,
	.lesson = "diff",
	.run = run,
	.job = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_COPY,
	.rest = COMPLETE_COPY,
};
