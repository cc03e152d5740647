/* shell/cmd_import.c - import: files in an archive become an image. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "images/import.h"
#include "images/store.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/progress.h"

struct import_opts {
	struct strs changes;
	const char *message;
};

#define AT(member) offsetof(struct import_opts, member)

static const struct opt opts[] = {
	{ "change", 'c', OPT_LIST, "list",
	  N_("Apply a Dockerfile instruction to the new image"), NULL,
	  AT(changes), 0,
	  .values = "CMD ENTRYPOINT ENV EXPOSE LABEL ONBUILD STOPSIGNAL USER VOLUME WORKDIR" },
	{ "message", 'm', OPT_TEXT, "string",
	  N_("The image's comment"), NULL, AT(message), 0 },
	{ "platform", 0, OPT_TEXT, "string",
	  N_("images here are for this machine"), NULL, 0, OPT_REFUSED },
	{ 0 },
};

static bool is_url(const char *text)
{
	return strncasecmp(text, "http://", 7) == 0 ||
	       strncasecmp(text, "https://", 8) == 0;
}

/* Go's words for what open(2) says. */
static int no_file(const char *path, struct err *err)
{
	int code = errno;
	const char *why = code == ENOENT ? "no such file or directory" :
			  code == EACCES ? "permission denied" :
					   strerror(code);

	return err_docker(err, ERR_BARE, code, "open %s: %s", path, why);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct import_opts *o = args->opts;
	const char *file = args->words[0];
	const struct import_choice choice = {
		.name = args->count > 1 ? args->words[1] : NULL,
		.changes = &o->changes,
		.message = o->message,
	};
	struct progress progress;
	OWN_FD int opened = -1;
	char id[DIGEST_SIZE];
	int fd = shell->in_fd;
	int r;

	if (is_url(file)) {
		err_set(err, ENOTSUP, _("import takes a file or '-', it does not fetch '%s'"),
			file);
		return err_hint(err, _("fetch it first: curl -LO URL, then import the file"));
	}
	if (strcmp(file, "-") != 0) {
		opened = open(file, O_RDONLY | O_CLOEXEC);
		if (opened < 0)
			return no_file(file, err);
		fd = opened;
	} else if (isatty(fd)) {
		err_set(err, EINVAL, _("there is no archive on standard input, only a terminal"));
		return err_hint(err, _("name a file, or lead an archive in: tar -c . | import - mine"));
	}
	progress_begin(&progress, shell, _("Importing - "), false);
	progress_total_of_file(&progress, fd);
	r = import_image(shell->store, fd, &choice, id, err);
	progress_end_work(&progress, shell, r,
			  _("stopped: no image was made of it"));
	if (r < 0)
		return r;
	fprintf(shell->out, "%s\n", id);
	return 0;
}

static const char *const examples[] = {
	"tar -c /etc/passwd | import - mine:1",
	"tar -c /etc/passwd | import -c 'CMD [\"sh\"]' - mine",
	NULL,
};
static const char *const aliases[] = { "image import", NULL };

const struct cmd cmd_import = {
	.name = "import",
	.aliases = aliases,
	.group = N_("Images"),
	.synopsis = "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
	.summary = N_("Make an image of the files in an archive"),
	.docker_summary =
		"Import the contents from a tarball to create a filesystem image",
	.min_args = 1,
	.max_args = 2,
	.opts = opts,
	.opts_size = sizeof(struct import_opts),
	.examples = examples,
	.lesson = "base-image",
	.run = run,
	.job = true,
	.first = COMPLETE_FILES,
	.rest = COMPLETE_NOTHING,
};
