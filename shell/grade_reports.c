/* shell/grade_reports.c - see grade_reports.h */
#include "shell/grade_reports.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "shell/cmd.h"

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Where the report number `i` goes, if not to the shell's output. */
static void find_place(const struct strs *outs, size_t i,
		       struct grade_report *out)
{
	size_t at = outs->count == 1 && is_folder(outs->items[0]) ? 0 : i;
	const char *named = at < outs->count ? outs->items[at] : "-";

	if (strcmp(named, "-") == 0)
		return;
	if (!is_folder(named)) {
		out->to = mem_str(named);
		return;
	}
	out->folder = mem_str(named);
	out->to = mem_fmt("%s/%s", named, report_file(out->format));
}

/* Two formats' usual names may be the same; then one would replace the other. */
static int check_place(const struct grade_reports *reports, struct err *err)
{
	const char *last = reports->items[reports->count - 1].to;

	for (size_t i = 0; last && i + 1 < reports->count; i++) {
		const char *to = reports->items[i].to;

		if (!to || strcmp(to, last) != 0)
			continue;
		err_set(err, EINVAL, _("two reports would be the file '%s'"),
			last);
		return err_hint(err, _("give each a file of its own, with --out"));
	}
	return 0;
}

int grade_reports_read(const struct strs *formats, const struct strs *outs,
		       struct grade_reports *out, struct err *err)
{
	struct grade_reports reports = { 0 };
	size_t count = formats->count > 0 ? formats->count : outs->count > 0;

	if (outs->count > count)
		return err_set(err, EINVAL,
			       _("there are more of --out than of --format"));
	reports.items = mem_zero(count + 1, sizeof(*reports.items));
	for (size_t i = 0; i < count; i++) {
		struct grade_report *one = &reports.items[i];
		int r = 0;

		one->format = REPORT_JSON;
		if (formats->count > 0)
			r = report_find(formats->items[i], &one->format, err);
		if (r == 0) {
			find_place(outs, i, one);
			reports.count++;
			r = check_place(&reports, err);
		}
		if (r < 0) {
			grade_reports_done(&reports);
			return r;
		}
	}
	*out = reports;
	return 0;
}

void grade_reports_done(struct grade_reports *reports)
{
	for (size_t i = 0; i < reports->count; i++) {
		free(reports->items[i].to);
		free(reports->items[i].folder);
	}
	free(reports->items);
	*reports = (struct grade_reports){ 0 };
}

bool grade_reports_print(const struct grade_reports *reports)
{
	for (size_t i = 0; i < reports->count; i++) {
		if (!reports->items[i].to)
			return true;
	}
	return false;
}

bool grade_reports_strict(const struct grade_reports *reports)
{
	for (size_t i = 0; i < reports->count; i++) {
		if (!reports->items[i].to &&
		    report_is_strict(reports->items[i].format))
			return true;
	}
	return false;
}

int grade_reports_files(const struct grade_reports *reports,
			const struct gradeds *many,
			const struct report_env *env, struct err *err)
{
	for (size_t i = 0; i < reports->count; i++) {
		const struct grade_report *one = &reports->items[i];
		OWN_BUF struct buf text = { 0 };
		int r;

		if (!one->to)
			continue;
		r = report_write(one->format, many->items, many->count, env,
				 &text, err);
		if (r == 0)
			r = fs_replace(AT_FDCWD, one->to, buf_text(&text),
				       text.len, 0644, false, err);
		if (r < 0)
			return err_wrap(err, _("report '%s'"),
					report_name(one->format));
	}
	return 0;
}

int grade_reports_show(struct shell *shell, const struct grade_reports *reports,
		       const struct gradeds *many,
		       const struct report_env *env, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < reports->count && r == 0; i++) {
		OWN_BUF struct buf text = { 0 };

		if (reports->items[i].to)
			continue;
		r = report_write(reports->items[i].format, many->items,
				 many->count, env, &text, err);
		if (r == 0)
			fwrite(buf_text(&text), 1, text.len, shell->out);
	}
	return r;
}
