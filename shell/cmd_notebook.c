/* shell/cmd_notebook.c - `notebook`, `notebook export`: what was learnt, kept. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lessons/course.h"
#include "lessons/notebook.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
#include "shell/notebook_list.h"
#include "shell/notebook_page.h"
#include "shell/output_file.h"
#include "shell/view.h"

/* All entries and notes; the caller lets go of both. */
static int read_all(struct shell *shell, struct notebook_page *page,
		    struct err *err)
{
	OWN_FD int folder = notebook_folder(shell->base_home, err);
	OWN_STRS struct strs ids = { 0 };
	json_t *entries = json_array();
	json_t *notes = NULL;
	int r = folder < 0 ? folder : notebook_ids(folder, &ids, err);

	for (size_t i = 0; i < ids.count && r == 0; i++) {
		json_t *entry = NULL;

		r = notebook_read(folder, ids.items[i], &entry, err);
		if (r == 0)
			json_array_append_new(entries, entry);
	}
	if (r == 0)
		r = notebook_notes(folder, &notes, err);
	if (r < 0) {
		json_decref(entries);
		return r;
	}
	page->lang = shell->lang;
	page->entries = entries;
	page->notes = notes;
	return 0;
}

static void let_go(struct notebook_page *page)
{
	json_decref(page->entries);
	json_decref(page->notes);
}

/* ---- notebook, notebook LESSON ---- */

static int show_one(struct shell *shell, const struct notebook_page *page,
		    const char *name, struct err *err)
{
	OWN_FREE char *id = course_id_of(shell->lessons_dirs, name);
	OWN_BUF struct buf text = { 0 };

	for (size_t i = 0; i < json_array_size(page->entries); i++) {
		const json_t *entry = json_array_get(page->entries, i);
		const char *of =
			json_string_value(json_object_get(entry, "id"));

		if (!of || strcmp(of, id) != 0)
			continue;
		notebook_page_one(page, entry, &text);
		lesson_view_text(shell, shell->out, buf_text(&text));
		return 0;
	}
	err_set(err, ENOENT, _("the notebook has nothing of a lesson '%s'"),
		name);
	return err_hint(err, _("a lesson is in it once its first step is done; "
			       "'notebook' shows what there is"));
}

struct notebook_opts {
	struct view_opts view;
};

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct notebook_opts *given = args->opts;
	struct notebook_page page = { .form = PAGE_TERMINAL };
	int r = read_all(shell, &page, err);

	if (r < 0)
		return r;
	if (args->count > 0 && !given->view.json && !shell->json)
		r = show_one(shell, &page, args->words[0], err);
	else
		notebook_list_print(shell, &given->view, &page);
	let_go(&page);
	return r;
}

static const struct opt opts[] = {
	VIEW_OPTS(struct notebook_opts, view),
	{ .name = NULL },
};

static const char *const examples[] = { "notebook", "notebook --json", NULL };

const struct cmd cmd_notebook = {
	.name = "notebook",
	.group = N_("Lessons"),
	.synopsis = "[OPTIONS] [LESSON]",
	.summary = N_("Show what you have learnt, lesson by lesson, and your notes"),
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct notebook_opts),
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.first = COMPLETE_LESSONS,
};

/* ---- notebook export ---- */

struct export_opts {
	const char *format;
};

static int write_page(void *arg, int fd, struct err *err)
{
	const struct buf *text = arg;

	return fs_write_all(fd, buf_text(text), text->len) < 0
		       ? err_errno(err, "write")
		       : 0;
}

static bool ends_in(const char *file, const char *end)
{
	size_t len = strlen(file);

	return len > strlen(end) &&
	       strcasecmp(file + len - strlen(end), end) == 0;
}

/* What was asked for, else what the file is called; else Markdown. */
static int choose_form(const char *format, const char *file,
		       enum page_form *out, struct err *err)
{
	if (!format)
		format = ends_in(file, ".html") || ends_in(file, ".htm") ? "html"
									 : "md";
	if (strcmp(format, "html") == 0)
		*out = PAGE_HTML;
	else if (strcmp(format, "md") == 0 || strcmp(format, "markdown") == 0)
		*out = PAGE_MARKDOWN;
	else {
		err_set(err, EINVAL, _("--format: '%s' is not md or html"),
			format);
		return err_status(err, 125);
	}
	return 0;
}

static int run_export(struct shell *shell, struct args *args, struct err *err)
{
	const struct export_opts *given = args->opts;
	const char *file = args->count > 0 ? args->words[0] : "-";
	struct notebook_page page = { 0 };
	OWN_BUF struct buf text = { 0 };
	int r = choose_form(given->format, file, &page.form, err);

	if (r == 0)
		r = read_all(shell, &page, err);
	if (r < 0)
		return r;
	notebook_page_all(&page, &text);
	let_go(&page);
	if (strcmp(file, "-") == 0) {
		fputs(buf_text(&text), shell->out);
		return 0;
	}
	r = output_file_check(file, _("notebook"), err);
	if (r == 0)
		r = output_file_fill(file, write_page, &text, err);
	if (r < 0)
		return r;
	fprintf(shell->err_out, _("Wrote %s."), file);
	fputc('\n', shell->err_out);
	return 0;
}

static const struct opt export_opts[] = {
	{ .name = "format",
	  .letter = 'f',
	  .kind = OPT_TEXT,
	  .placeholder = "md|html",
	  .help = N_("Markdown or one HTML page (default: as the file is called)"),
	  .offset = offsetof(struct export_opts, format),
	  .complete = COMPLETE_NOTHING,
	  .values = "md html" },
	{ .name = NULL },
};

static const char *const export_examples[] = {
	"notebook export --format md", "notebook export notebook.html", NULL
};

const struct cmd cmd_notebook_export = {
	.name = "notebook export",
	.group = N_("Lessons"),
	.synopsis = "[OPTIONS] [FILE]",
	.summary = N_("Write the notebook to a file, as Markdown or HTML"),
	.max_args = 1,
	.opts = export_opts,
	.opts_size = sizeof(struct export_opts),
	.examples = export_examples,
	.run = run_export,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.first = COMPLETE_FILES,
};
