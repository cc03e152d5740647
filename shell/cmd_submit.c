/* shell/cmd_submit.c - `submit`: what was done in a lesson, as one file to hand in. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lessons/course.h"
#include "lessons/session.h"
#include "lessons/submission.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "shell/cmd.h"
#include "shell/output_file.h"
#include "shell/style.h"

struct submit_opts {
	const char *out;
	const char *name;
};

struct submitting {
	struct submission_from from;
	struct submission_made made;
};

static int write_archive(void *arg, int fd, struct err *err)
{
	struct submitting *submitting = arg;

	return submission_make(&submitting->from, fd, &submitting->made, err);
}

/* Whether the folder one is in is a lesson's, which is what is packed: an archive in
 * it would be in the next one, and gone with the lesson's files. */
static bool is_packed(const struct shell *shell)
{
	struct err ignored = { 0 }; /* then writing there says why */
	OWN_FREE char *here = getcwd(NULL, 0);
	OWN_FREE char *home = NULL;
	OWN_FREE char *worlds = NULL;

	if (!here || fs_path_of(shell->base_home->fd, &home, &ignored) < 0)
		return false;
	worlds = mem_fmt("%s/lessons/worlds/", home);
	return strncmp(here, worlds, strlen(worlds)) == 0;
}

/* In a lesson the file goes to the folder from which the learner came. Given. */
static char *path_of(const struct shell *shell, const char *id, const char *out,
		     struct err *err)
{
	int from = shell->lesson ? lesson_from(shell->lesson) : -1;
	OWN_FREE char *usual = mem_fmt("%s.submission.tar", id);
	OWN_FREE char *folder = NULL;

	if (out && (*out == '/' || !is_packed(shell)))
		return mem_str(out);
	if (from >= 0 && fs_path_of(from, &folder, err) < 0)
		return NULL;
	return folder ? mem_fmt("%s/%s", folder, out ? out : usual)
		      : mem_str(out ? out : usual);
}

static void tell(const struct shell *shell, const struct submitting *submitting,
		 const char *path)
{
	const struct submission_made *made = &submitting->made;
	OWN_FREE char *commands =
		mem_fmt(made->commands == 1 ? _("%d command")
					    : _("%d commands"),
			made->commands);
	OWN_FREE char *files = mem_fmt(made->files == 1 ? _("%d file")
							: _("%d files"),
				       made->files);

	OWN_FREE char *packed =
		mem_fmt(_("Packed of lesson '%s': %s, %s (%lld bytes)"),
			submitting->from.id, commands, files, made->bytes);
	OWN_BUF struct buf wrapped = { 0 };

	style_wrap(&wrapped, packed, 0, 0, style_columns(shell->out));
	fputs(buf_text(&wrapped), shell->out);
	/* Names and digests stay in one piece, to be copied. */
	for (size_t i = 0; i < made->left.count; i++)
		fprintf(shell->out, _("Left out: %s\n"), made->left.items[i]);
	fprintf(shell->out, _("Evidence: %s\n"), made->head);
	fprintf(shell->out, _("Hand in this file: %s\n"), path);
}

static int submit(struct shell *shell, const struct course_entry *entry,
		  const struct submit_opts *opts, struct err *err)
{
	struct submitting submitting = {
		.from = { .base = shell->base_home,
			  .dir = entry->dir,
			  .id = entry->id,
			  .lang = shell->lang,
			  .student = opts->name },
	};
	OWN_FREE char *path = path_of(shell, entry->id, opts->out, err);
	int r;

	if (!path)
		return -err->code;
	r = output_file_fill(path, write_archive, &submitting, err);
	if (r == 0 && submitting.made.commands == 0 &&
	    submitting.made.files == 0)
		fprintf(shell->err_out, "%s\n",
			_("Nothing was typed in it yet: it is packed all the "
			  "same."));
	if (r == 0)
		tell(shell, &submitting, path);
	strs_done(&submitting.made.left);
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct submit_opts *opts = args->opts;
	const struct course_entry *entry = NULL;
	struct course course = { 0 };
	const char *name = args->count > 0 ? args->words[0] : NULL;
	int r;

	if (!name && shell->lesson)
		name = lesson_of(shell->lesson)->id;
	if (!name) {
		err_set(err, EINVAL, _("submit: which lesson?"));
		return err_hint(err, _("'progress' shows those that were "
				       "begun; 'submit diff' packs the one "
				       "called diff"));
	}
	r = course_open(shell->lessons_dirs, &course, err);
	if (r == 0)
		r = course_find(&course, name, &entry, err);
	if (r == 0)
		r = submit(shell, entry, opts, err);
	course_done(&course);
	return r;
}

static const struct opt opts[] = {
	{ .name = "out",
	  .letter = 'o',
	  .kind = OPT_TEXT,
	  .placeholder = "file",
	  .help = N_("Where the archive goes (default: LESSON.submission.tar)"),
	  .offset = offsetof(struct submit_opts, out),
	  .complete = COMPLETE_FILES },
	{ .name = "name",
	  .kind = OPT_TEXT,
	  .placeholder = "string",
	  .help = N_("Your name, for the one who grades it"),
	  .offset = offsetof(struct submit_opts, name),
	  .complete = COMPLETE_NOTHING },
	{ .name = NULL },
};

static const char *const examples[] = { "learn diff", "submit diff --out diff.tar",
					NULL };

const struct cmd cmd_submit = {
	.name = "submit",
	.group = N_("Lessons"),
	.synopsis = "[OPTIONS] [LESSON]",
	.summary = N_("Pack what you did in a lesson into one file, to hand it in"),
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct submit_opts),
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.first = COMPLETE_LESSONS,
};
