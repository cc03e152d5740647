/* shell/view.c - see view.h. */
#include "shell/view.h"

#include <stdarg.h>
#include <string.h>

#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "shell/stack_view.h"

void view_begin(struct view *view, struct shell *shell,
		const struct view_opts *opts)
{
	*view = (struct view){
		.shell = shell,
		.form = opts->json || shell->json     ? VIEW_JSON
			: opts->plain || shell->plain ? VIEW_PLAIN
						      : VIEW_DRAWN,
		.columns = style_columns(shell->out),
		.ascii = shell->ascii || !style_is_utf8(),
	};
}

void view_done(struct view *view)
{
	buf_done(&view->out);
}

static void put_wrapped(struct view *view, const char *text, int indent)
{
	if (view->form == VIEW_DRAWN)
		style_wrap(&view->out, text, 0, indent, view->columns);
	else
		buf_fmt(&view->out, "%s\n", text);
}

void view_answer(struct view *view, const char *format, ...)
{
	OWN_BUF struct buf text = { 0 };
	va_list args;

	va_start(args, format);
	buf_vfmt(&text, format, args);
	va_end(args);
	if (view->form == VIEW_DRAWN)
		buf_str(&view->out, style_on(view->shell, STYLE_BOLD));
	put_wrapped(view, buf_text(&text), 0);
	if (view->form == VIEW_DRAWN)
		buf_str(&view->out, style_off(view->shell));
}

void view_say(struct view *view, int indent, const char *format, ...)
{
	OWN_BUF struct buf text = { 0 };
	va_list args;

	va_start(args, format);
	buf_vfmt(&text, format, args);
	va_end(args);
	put_wrapped(view, buf_text(&text), indent);
}

char *view_cut(const struct view *view, const char *text, int columns)
{
	struct shell shell = *view->shell;

	shell.ascii = view->ascii;
	return style_cut(&shell, text, columns);
}

void view_pad(struct view *view, const char *text, int columns, bool cut)
{
	OWN_FREE char *fits =
		cut ? view_cut(view, text, columns) : mem_str(text);
	int missing = columns - style_width(fits);

	buf_fmt(&view->out, "%s%*s", fits, missing > 0 ? missing : 0, "");
}

void view_right(struct view *view, const char *text, int columns)
{
	int missing = columns - style_width(text);

	buf_fmt(&view->out, "%*s%s", missing > 0 ? missing : 0, "", text);
}

void view_bar(struct view *view, double share, int columns)
{
	static const char *const eighths[] = { "",  "▏", "▎", "▍",
					       "▌", "▋", "▊", "▉" };
	int parts = view->ascii ? 1 : 8;
	int filled;

	if (!(share > 0) || columns <= 0)
		return;
	if (share > 1)
		share = 1;
	filled = (int)(share * columns * parts + 0.5);
	if (filled < 1)
		filled = 1;
	for (int i = 0; i < filled / parts; i++)
		buf_str(&view->out, view->ascii ? "#" : "█");
	if (!view->ascii)
		buf_str(&view->out, eighths[filled % parts]);
}

void view_styled(struct view *view, enum style style, const char *text)
{
	buf_fmt(&view->out, "%s%s%s", style_on(view->shell, style), text,
		style_off(view->shell));
}

void view_next(struct view *view, const char *format, ...)
{
	va_list args;

	buf_str(&view->out, _("Next: "));
	if (view->form == VIEW_DRAWN)
		buf_str(&view->out, style_on(view->shell, STYLE_NAME));
	if (!view->shell->interactive)
		buf_str(&view->out, "dockershell ");
	va_start(args, format);
	buf_vfmt(&view->out, format, args);
	va_end(args);
	if (view->form == VIEW_DRAWN)
		buf_str(&view->out, style_off(view->shell));
	buf_char(&view->out, '\n');
}

void view_end(struct view *view)
{
	fputs(buf_text(&view->out), view->shell->out);
	buf_clear(&view->out);
}

void view_json(struct view *view, json_t *object, const char *next)
{
	OWN_FREE char *text = NULL;

	if (next)
		json_object_set_new(object, "next", stack_view_text(next));
	text = json_dumps(object, JSON_INDENT(2));
	json_decref(object);
	if (text)
		fprintf(view->shell->out, "%s\n", text);
}

char *view_size(const struct view *view, int64_t bytes)
{
	static const struct {
		const char *brief;
		const char *one;
		const char *many;
	} units[] = { { "B", N_("byte"), N_("bytes") },
		      { "kB", N_("kilobyte"), N_("kilobytes") },
		      { "MB", N_("megabyte"), N_("megabytes") },
		      { "GB", N_("gigabyte"), N_("gigabytes") },
		      { "TB", N_("terabyte"), N_("terabytes") } };
	char text[HUMAN_SIZE];
	size_t unit = 0;
	int digits;

	human_size(text, (double)bytes, 3);
	/* Docker writes 999999 bytes as "1e+03kB": here it is 1MB. */
	if (strchr(text, 'e')) {
		double rounded = 1000;

		while (rounded < (double)bytes)
			rounded *= 1000;
		human_size(text, rounded, 3);
	}
	if (view->form != VIEW_PLAIN)
		return mem_str(text);
	digits = (int)strspn(text, "0123456789.-");
	while (unit < 4 && strcmp(text + digits, units[unit].brief) != 0)
		unit++;
	return mem_fmt("%.*s %s", digits, text,
		       _(digits == 1 && *text == '1' ? units[unit].one
						     : units[unit].many));
}

char *view_time(const struct view *view, int64_t ns)
{
	static const struct {
		double ns;
		const char *brief;
		const char *spelled;
	} units[] = { { 1e9, "s", N_("seconds") },
		      { 1e6, "ms", N_("milliseconds") },
		      { 1e3, "us", N_("microseconds") },
		      { 1, "ns", N_("nanoseconds") } };
	size_t unit = 0;
	double value;

	while (unit < 3 && (double)ns < units[unit].ns)
		unit++;
	value = (double)ns / units[unit].ns;
	return mem_fmt("%.*f %s", value < 10 && unit < 3 ? 1 : 0, value,
		       view->form == VIEW_PLAIN ? _(units[unit].spelled)
						: units[unit].brief);
}
