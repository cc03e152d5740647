/* shell/cmd_export.c - export: all files of a container as one archive. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/export.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/progress.h"

struct export_opts {
	const char *output;
};

static const struct opt opts[] = {
	{ "output", 'o', OPT_TEXT, "string",
	  N_("Write to this file, and not to standard output"), NULL,
	  offsetof(struct export_opts, output), 0 },
	{ 0 },
};

/* Docker's questions about a file to write to. */
static int check_output(const char *path, struct err *err)
{
	OWN_FREE char *cleaned = fs_clean_path(path);
	char *slash = strrchr(cleaned, '/');
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return err_docker(err, ERR_BARE, EINVAL,
				  "failed to export container: invalid output path: \"%s\" must be a directory or a regular file%s",
				  path,
				  S_ISDIR(st.st_mode) ? ", and it is a directory" :
							": got a device");
	if (!slash)
		return 0;
	*(slash == cleaned ? slash + 1 : slash) = '\0';
	if (stat(cleaned, &st) < 0 && errno == ENOENT)
		return err_docker(err, ERR_BARE, ENOENT,
				  "failed to export container: invalid output path: directory \"%s\" does not exist",
				  cleaned);
	return 0;
}

/* Under a name of its own beside it, then in its place: whole, or not at all. */
static int export_to_file(struct shell *shell, const char *container,
			  const char *path, const struct progress *progress,
			  struct err *err)
{
	const char *slash = strrchr(path, '/');
	size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
	OWN_FREE char *temporary = mem_fmt("%.*s.docker_temp_%d", (int)folder,
					   path, getpid());
	OWN_FD int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			     0600);
	int r;

	if (fd < 0)
		return err_errno(err, "open %s", temporary);
	r = export_container(shell->home, container, fd, &progress->watch, err);
	if (r == 0 && rename(temporary, path) < 0)
		r = err_errno(err, "rename %s to %s", temporary, path);
	if (r < 0)
		(void)unlink(temporary);
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct export_opts *o = args->opts;
	bool to_file = o->output && *o->output;
	struct progress progress;
	int r;

	if (!to_file && isatty(fileno(shell->out)))
		return err_docker(err, ERR_BARE, EINVAL,
				  "cowardly refusing to save to a terminal. Use the -o flag or redirect");
	if (to_file && check_output(o->output, err) < 0)
		return -err->code;
	progress_begin(&progress, shell, "Exporting - ", false);
	fflush(shell->out);
	r = to_file ? export_to_file(shell, args->words[0], o->output,
				     &progress, err) :
		      export_container(shell->home, args->words[0],
				       fileno(shell->out), &progress.watch,
				       err);
	progress_end(&progress);
	return r;
}

static const char *const examples[] = {
	"export -o files.tar hoge",
	"export hoge | tar -t",
	NULL,
};
static const char *const aliases[] = { "container export", NULL };

const struct cmd cmd_export = {
	.name = "export",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] CONTAINER",
	.summary = N_("Write all files of a container as an archive"),
	.docker_summary = "Export a container's filesystem as a tar archive",
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct export_opts),
	.examples = examples,
	.lesson = "base-image",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_CONTAINERS,
};
