/* shell/cmd_build.c - build: from a Dockerfile to an image.
 *
 * What is built, and how, is images/build.h's; here are its options, what is shown,
 * and the hands that hold the output: with -q it is kept, and shown only if the
 * build fails. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "images/build.h"
#include "images/context.h"
#include "images/dockerfile.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/base/trace.h"
#include "runtime/spec.h"
#include "shell/build_opts.h"
#include "shell/cmd.h"
#include "shell/progress.h"
#include "shell/run_fill.h"

/* One build. out: what is shown goes here; text: the Dockerfile; place: where that lies,
 * or NULL */
struct building {
	struct shell *shell;
	const struct build_opts *opts;
	struct run_opts run;
	struct context *context;
	struct dockerfile file;
	struct buf text;
	FILE *out;
	char *place;
};

/* ---- what each step's container gets ---- */

static int prepare(void *arg, struct spec *spec, struct err *err)
{
	struct building *b = arg;
	int r = run_fill_limits(b->shell, &b->run, spec, err);

	if (r == 0)
		r = run_fill_rights(b->shell, &b->run, spec, err);
	if (r == 0)
		r = run_fill_modes(b->shell, &b->run, spec, err);
	strs_copy(&spec->extra_hosts, &b->opts->add_host);
	return r;
}

/* ---- what is read ---- */

static int open_context(struct building *b, const char *path, struct err *err)
{
	const struct build_opts *o = b->opts;
	const struct context_choice choice = {
		.path = path,
		.dockerfile = o->file && *o->file ? o->file : NULL,
		.input_fd = b->shell->in_fd,
	};
	struct progress progress;
	int r;

	progress_begin(&progress, b->shell, _("Reading the context - "),
		       o->quiet);
	r = context_open(b->shell->home, &choice, &b->context, err);
	progress_end_work(&progress, b->shell, r,
			  _("stopped: nothing was built yet"));
	if (r < 0)
		return r;
	for (size_t i = 0; i < context_warnings(b->context)->count; i++)
		fprintf(b->shell->err_out, "%s\n",
			context_warnings(b->context)->items[i]);
	return context_dockerfile(b->context, &b->text, err);
}

/* Of a Dockerfile that lies in a folder, not in a pipe. */
static char *place_of(const struct building *b, const char *context)
{
	const char *file = b->opts->file && *b->opts->file ? b->opts->file :
							     NULL;
	OWN_FREE char *path = NULL;

	if (strcmp(context, "-") == 0 || (file && strcmp(file, "-") == 0))
		return NULL;
	path = file ? mem_str(file) :
		      mem_fmt("%s/%s", context,
			      context_dockerfile_name(b->context));
	return realpath(path, NULL);
}

static void show_context(const struct building *b)
{
	char size[HUMAN_SIZE];

	trace_step(TRACE_CONTEXT, "%lld bytes as a tar",
		   (long long)context_tar_bytes(b->context));
	/* As Docker's client leaves the line on which it counted. */
	fprintf(b->out, "Sending build context to Docker daemon %8s\r\r\n",
		human_size(size, (double)context_tar_bytes(b->context), 4));
}

static int read_dockerfile(struct building *b, struct err *err)
{
	int r = dockerfile_parse(buf_text(&b->text), b->text.len, &b->file,
				 err);

	if (r == 0)
		r = dockerfile_check(&b->file, err);
	else if (err->voice != ERR_OURS)
		err_wrap(err, "failed to parse %s",
			 context_dockerfile_name(b->context));
	if (r < 0 && err->voice == ERR_BARE)
		err->voice = ERR_DAEMON;
	return r;
}

/* ---- what is shown ---- */

/* Somewhere to keep the output of -q: the steps' programs write to it too. */
static int open_kept(struct building *b, struct err *err)
{
	OWN_FD int fd = memfd_create("build", MFD_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "memfd_create");
	(void)fcntl(fd, F_SETFL, O_APPEND);
	b->out = fdopen(fd, "w+");
	if (!b->out)
		return err_errno(err, "fdopen");
	(void)own_give_fd(&fd);
	return 0;
}

static void show_kept(const struct building *b)
{
	char bytes[4096];
	size_t got;

	rewind(b->out);
	while ((got = fread(bytes, 1, sizeof(bytes), b->out)) > 0)
		(void)fwrite(bytes, 1, got, b->shell->err_out);
}

static FILE *notes_of(const struct building *b)
{
	FILE *err_out = b->shell->err_out;

	if (b->opts->explain)
		return err_out;
	return !b->opts->quiet && isatty(fileno(err_out)) ? err_out : NULL;
}

/* What an earlier build wrote is not taken for the id of one that fails. */
static int remove_id(const char *path, struct err *err)
{
	if (path && *path && unlink(path) < 0 && errno != ENOENT)
		return err_errno(err, "remove the old image ID file %s", path);
	return 0;
}

static int write_id(const char *path, const char *id, bool quiet,
		    struct err *err)
{
	/* With -q Docker writes what it prints, the end of the line too. */
	OWN_FREE char *text = mem_fmt("%s%s", id, quiet ? "\n" : "");

	if (!path || !*path)
		return 0;
	return fs_replace(AT_FDCWD, path, text, strlen(text), 0644, false, err);
}

/* ---- the build ---- */

static int build(struct building *b, char id[DIGEST_SIZE], struct err *err)
{
	const struct build_opts *o = b->opts;
	OWN_STRS struct strs cache_from = { 0 };
	const struct build_choice choice = {
		.context = b->context,
		.file = &b->file,
		.args = &o->args,
		.labels = &o->labels,
		.tags = &o->tags,
		.target = o->target,
		.place = b->place,
		.no_cache = o->no_cache,
		.cache_from = &cache_from,
		.keep = !o->remove,
		.force_remove = o->force_remove,
		.explain = o->explain,
		.out = b->out,
		.notes = notes_of(b),
		.prepare = prepare,
		.arg = b,
	};
	int r = read_dockerfile(b, err);

	build_opts_cache_from(o, &cache_from);
	for (size_t i = 0; i < b->file.warnings.count && r == 0; i++)
		fprintf(b->out, "[WARNING]: %s\n", b->file.warnings.items[i]);
	return r == 0 ? build_run(b->shell->store, &choice, id, err) : r;
}

static int show_tree(struct building *b, struct err *err)
{
	OWN_BUF struct buf tree = { 0 };
	int r = dockerfile_parse(buf_text(&b->text), b->text.len, &b->file,
				 err);

	if (r < 0)
		return r;
	dockerfile_dump(&b->file, &tree);
	fputs(buf_text(&tree), b->shell->out);
	return 0;
}

static int build_and_show(struct building *b, struct err *err)
{
	const struct build_opts *o = b->opts;
	struct progress progress;
	char id[DIGEST_SIZE];
	int r = 0;

	b->out = b->shell->out;
	if (o->quiet)
		r = open_kept(b, err);
	if (r < 0)
		return r;
	show_context(b);
	progress_begin(&progress, b->shell, "", o->quiet);
	r = build(b, id, err);
	fflush(b->out);
	progress_end_work(&progress, b->shell, r,
			  _("stopped: the steps done so far are kept"));
	if (o->quiet && r < 0)
		show_kept(b);
	if (o->quiet && r == 0)
		fprintf(b->shell->out, "%s\n", id);
	if (o->quiet)
		(void)fclose(b->out);
	return r < 0 ? r : write_id(o->iidfile, id, o->quiet, err);
}

static void fill_run_opts(const struct build_opts *o, struct run_opts *run)
{
	/* Borrowed, all but the list of networks. */
	run->limits.memory = o->memory;
	run->limits.memory_swap = o->memory_swap;
	run->limits.cpu_shares = o->cpu_shares;
	run->limits.cpu_period = o->cpu_period;
	run->limits.cpu_quota = o->cpu_quota;
	run->limits.cpuset_cpus = o->cpuset_cpus;
	run->limits.cpuset_mems = o->cpuset_mems;
	run->shm_size = o->shm_size;
	run->ulimits = o->ulimits;
	run->security_opt = o->security_opt;
	if (o->network)
		strs_add(&run->net.networks, o->network);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	struct building b = { .shell = shell, .opts = args->opts };
	int r = build_opts_check(b.opts, err);

	if (r < 0)
		return r;
	fill_run_opts(b.opts, &b.run);
	r = remove_id(b.opts->iidfile, err);
	if (r == 0)
		r = open_context(&b, args->words[0], err);
	if (r == 0)
		b.place = place_of(&b, args->words[0]);
	if (r == 0)
		r = b.opts->ast ? show_tree(&b, err) : build_and_show(&b, err);
	dockerfile_done(&b.file);
	buf_done(&b.text);
	strs_done(&b.run.net.networks);
	context_close(b.context);
	free(b.place);
	return r;
}

static const char *const examples[] = {
	"echo FROM busybox | build -t mine:1 -",
	"mkdir web; echo FROM busybox >web/Dockerfile; build web",
	NULL,
};
static const char *const aliases[] = { "image build", "builder build", NULL };

const struct cmd cmd_build = {
	.name = "build",
	.aliases = aliases,
	.group = N_("Images"),
	.synopsis = "[OPTIONS] PATH | URL | -",
	.summary = N_("Build an image from a Dockerfile"),
	.min_args = 1,
	.max_args = 1,
	.opts = build_options,
	.opts_size = sizeof(struct build_opts),
	.examples = examples,
	.lesson = "dockerfile",
	.run = run,
	.job = true,
	.first = COMPLETE_FOLDERS,
	.rest = COMPLETE_NOTHING,
};
