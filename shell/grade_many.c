/* shell/grade_many.c - see grade_many.h */
#include "shell/grade_many.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lessons/clean.h"
#include "lessons/similar.h"
#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/style.h"

enum { NOT_GRADED = 2 };

/* ---- as they are done ---- */

/* "[ 12/300] ann             7/10   2.3 s" */
static void put_line(void *ctx, const struct graded *graded, size_t done,
		     size_t all, bool kept)
{
	const struct shell *shell = ctx;
	OWN_FREE char *name = clean_line(graded->submission);
	OWN_FREE char *note = clean_line(graded->note ? graded->note : "");
	int width = style_width(name);

	fprintf(shell->out, "[%*zu/%zu] %s%*s ", all > 99 ? 3 : 2, done, all,
		name, width < 24 ? 24 - width : 0, "");
	if (graded_counts(graded))
		fprintf(shell->out, "%3d/%-3d", graded_score(graded),
			graded_max(graded));
	else
		fprintf(shell->out, "%s",
			graded_refused(graded) ? _("refused")
					       : _("not graded"));
	fprintf(shell->out, " %6.1f s", (double)graded->duration_ns / 1e9);
	if (kept)
		fprintf(shell->out, "  %s", _("(from before)"));
	if (*note)
		fprintf(shell->out, "  %.100s", note);
	fputc('\n', shell->out);
	fflush(shell->out);
}

/* ---- what all of it looks like ---- */

static void find_similar(const struct grade_results *results,
			 struct similar *out)
{
	struct similar_one *all = mem_zero(results->count + 1, sizeof(*all));

	for (size_t i = 0; i < results->count; i++) {
		struct grade_result *one = &results->items[i];

		all[i] = (struct similar_one){
			.graded = &one->graded,
			.files = &one->marks,
			.digest = one->digest ? one->digest : "",
		};
	}
	similar_find(all, results->count, out);
	free(all);
}

/* What is shown, and how: `many` only lends what the results own. */
struct view {
	const struct grade_many *want;
	struct gradeds many;
	struct report_env env;
};

/* A result that somebody sent may be called anything: no name here leads elsewhere. */
static char *folder_name(const char *submission)
{
	char *name = mem_fmt("%.200s", submission && *submission ? submission
								 : "_");

	for (char *at = name; *at; at++) {
		if (*at == '/' || (at == name && *at == '.'))
			*at = '_';
	}
	return name;
}

/* A report that holds one submission: one file each, in a folder of its name. */
static int write_each(const struct view *view, const struct grade_report *one,
		      struct err *err)
{
	const char *in = one->folder ? one->folder : one->to;
	int r = 0;

	for (size_t i = 0; i < view->many.count && r == 0; i++) {
		const struct graded *graded = &view->many.items[i];
		OWN_FREE char *name = folder_name(graded->submission);
		OWN_FREE char *folder = mem_fmt("%s/%s", in, name);
		OWN_FREE char *path =
			mem_fmt("%s/%s", folder, report_file(one->format));
		OWN_BUF struct buf text = { 0 };

		r = fs_make_dirs(AT_FDCWD, folder, 0755, err);
		if (r == 0)
			r = report_write(one->format, graded, 1, &view->env,
					 &text, err);
		if (r == 0)
			r = fs_replace(AT_FDCWD, path, buf_text(&text),
				       text.len, 0644, false, err);
	}
	return r < 0 ? err_wrap(err, _("report '%s'"), report_name(one->format))
		     : 0;
}

static int write_report(const struct view *view, const struct grade_report *one,
			struct err *err)
{
	const struct grade_reports just = { .items = (struct grade_report[]){
						    *one },
					    .count = 1 };

	if (report_takes_many(one->format) || view->many.count == 1) {
		return one->to ? grade_reports_files(&just, &view->many,
						     &view->env, err)
			       : grade_reports_show(view->want->shell, &just,
						    &view->many, &view->env,
						    err);
	}
	if (one->to)
		return write_each(view, one, err);
	err_set(err, EINVAL, _("a report '%s' is of one submission"),
		report_name(one->format));
	return err_hint(err, _("--out FOLDER puts one for each into a folder "
			       "of its name"));
}

/* Where nothing was asked for. folder NULL: only the table. */
static int write_usual(const struct view *view, const char *folder,
		       struct err *err)
{
	static const struct {
		enum report_format format;
		const char *name;
	} files[] = { { REPORT_CSV, "grades.csv" },
		      { REPORT_HTML, "class.html" } };
	struct grade_report table = { .format = REPORT_TEXT };
	int r = write_report(view, &table, err);

	for (size_t i = 0; i < 2 && folder && r == 0; i++) {
		OWN_FREE char *path = mem_fmt("%s/%s", folder, files[i].name);
		struct grade_report one = { files[i].format, path, NULL };

		r = write_report(view, &one, err);
		if (r == 0)
			fprintf(view->want->shell->out, "%s\n", path);
	}
	return r;
}

static int write_all(const struct view *view, const char *folder,
		     struct err *err)
{
	const struct grade_reports *reports = view->want->reports;
	int r = 0;

	if (reports->count == 0)
		return write_usual(view, folder, err);
	for (size_t i = 0; i < reports->count && r == 0; i++)
		r = write_report(view, &reports->items[i], err);
	return r;
}

static int status_of(const struct view *view)
{
	bool strict = view->want->strict ||
		      grade_reports_strict(view->want->reports);
	int status = view->env.missing && view->env.missing->count > 0
			     ? NOT_GRADED
			     : 0;

	for (size_t i = 0; i < view->many.count; i++) {
		const struct graded *graded = &view->many.items[i];

		if (!graded_counts(graded))
			return NOT_GRADED;
		if (strict && graded_count(graded, GRADED_PASS) <
				      graded->tests_count)
			status = status ? status : 1;
	}
	return status;
}

/* What is known of all of them, beside the results. */
struct about_all {
	const struct strs *missing;
	const char *folder;
	int64_t took_ns;
	int jobs;
};

static int show(const struct grade_many *want,
		const struct grade_results *results,
		const struct about_all *about, struct err *err)
{
	struct similar similar = { 0 };
	struct view view = { .want = want };
	int r;

	view.many.items = mem_zero(results->count + 1, sizeof(struct graded));
	for (size_t i = 0; i < results->count; i++)
		view.many.items[view.many.count++] = results->items[i].graded;
	find_similar(results, &similar);
	view.env = (struct report_env){
		.lang = want->shell->lang,
		.now_ns = clock_now_ns(),
		.variable = getenv,
		.columns = style_columns(want->shell->out),
		.color = want->shell->color,
		.similar = similar.items,
		.similar_count = similar.count,
		.missing = about->missing,
		.took_ns = about->took_ns,
		.jobs = about->jobs,
	};
	r = write_all(&view, about->folder, err);
	if (r == 0)
		r = status_of(&view);
	similar_done(&similar);
	free(view.many.items); /* the graded in it are the results' */
	return r;
}

int grade_many_shard(const char *text, struct grade_class *class,
		     struct err *err)
{
	char *end = NULL;
	long which = text ? strtol(text, &end, 10) : 1;
	long all = text && *end == '/' ? strtol(end + 1, &end, 10) : 1;

	if (text && (*end || which < 1 || which > all || all > 100000 ||
		     !strchr(text, '/')))
		return err_set(err, EINVAL,
			       _("--shard: '%s' is not of the form i/n, i "
				 "from 1 to n"),
			       text);
	class->shard = (int)which;
	class->shards = (int)all;
	return 0;
}

char *grade_many_results(const char *dir)
{
	size_t len = strlen(dir);

	while (len > 1 && dir[len - 1] == '/')
		len--;
	return mem_fmt("%.*s.graded", (int)len, dir);
}

int grade_many_class(const struct grade_many *many, struct grade_class *class,
		     struct err *err)
{
	struct grade_results results = { 0 };
	OWN_STRS struct strs missing = { 0 };
	int64_t from = clock_now_ns();
	struct about_all about = { .missing = &missing,
				   .folder = class->results,
				   .jobs = class->jobs };
	int r;

	/* Where a report is printed, nothing else is. */
	class->ctx = many->shell;
	class->line = grade_reports_print(many->reports) ? NULL : put_line;
	r = grade_class_run(class, &results, &missing, err);
	about.took_ns = clock_now_ns() - from;
	if (r == 0)
		r = show(many, &results, &about, err);
	grade_results_done(&results);
	return r;
}

/* ---- merging ---- */

static bool ends_in_json(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, ".json") == 0;
}

static int read_folder(const char *path, struct grade_results *out,
		       struct err *err)
{
	OWN_DIR DIR *list = opendir(path);
	int r = 0;

	if (!list)
		return err_errno(err, "open %s", path);
	for (struct dirent *entry = readdir(list); entry && r == 0;
	     entry = readdir(list)) {
		if (entry->d_name[0] != '.' && ends_in_json(entry->d_name))
			r = grade_results_read(dirfd(list), entry->d_name, out,
					       err);
	}
	return r < 0 ? err_wrap(err, "%s", path) : 0;
}

static int read_from(const char *path, struct grade_results *out,
		     struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_errno(err, "open %s", path);
	return S_ISDIR(st.st_mode)
		       ? read_folder(path, out, err)
		       : grade_results_read(AT_FDCWD, path, out, err);
}

static bool has_name(const struct grade_results *results, const char *name)
{
	for (size_t i = 0; i < results->count; i++) {
		if (strcmp(results->items[i].graded.submission, name) == 0)
			return true;
	}
	return false;
}

static int find_missing(const char *dir, const struct grade_results *results,
			struct strs *out, struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	int r = dir ? grade_class_names(dir, &names, err) : 0;

	for (size_t i = 0; i < names.count && r == 0; i++) {
		if (!has_name(results, names.items[i]))
			strs_add(out, names.items[i]);
	}
	return r;
}

int grade_many_merge(const struct grade_many *many, const struct strs *from,
		     const char *dir, struct err *err)
{
	struct grade_results results = { 0 };
	OWN_STRS struct strs missing = { 0 };
	const struct about_all about = { .missing = &missing };
	int r = 0;

	for (size_t i = 0; i < from->count && r == 0; i++)
		r = read_from(from->items[i], &results, err);
	grade_results_merge(&results);
	if (r == 0)
		r = find_missing(dir, &results, &missing, err);
	if (r == 0)
		r = show(many, &results, &about, err);
	grade_results_done(&results);
	return r;
}
