/* shell/lesson_preview.c - see lesson_preview.h */
#include "shell/lesson_preview.h"

#include <stdlib.h>
#include <string.h>

#include "lessons/lesson.h"
#include "lessons/text.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
#include "shell/style.h"

/* What stands above a section: how it is marked in the file. */
static void put_section(struct shell *shell, const struct lesson *lesson,
			const struct text_section *section)
{
	OWN_BUF struct buf text = { 0 };
	bool is_page = strncmp(section->key, "step ", 5) == 0 ||
		       strcmp(section->key, "lesson") == 0 ||
		       strcmp(section->key, "end") == 0;

	if (is_page) {
		OWN_FREE char *title = mem_fmt("# %s", section->title);

		fputc('\n', shell->out);
		lesson_view_text(shell, shell->out, title);
		fputc('\n', shell->out);
	} else {
		fprintf(shell->out, "\n%s@%s%s\n", style_on(shell, STYLE_DIM),
			section->key, style_off(shell));
	}
	text_fill(section->body, &lesson->vars, &text);
	lesson_view_text(shell, shell->out, buf_text(&text));
}

int lesson_preview(struct shell *shell, const char *dir, struct err *err)
{
	struct lesson *lesson = NULL;
	struct text text = { 0 };
	int r = text_read(dir, shell->lang, &text, err);

	if (r == 0)
		r = lesson_load(dir, 1, NULL, &lesson, err);
	for (size_t i = 0; r == 0 && i < text.count; i++)
		put_section(shell, lesson, &text.sections[i]);
	lesson_free(lesson);
	text_done(&text);
	return r;
}
