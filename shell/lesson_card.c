/* shell/lesson_card.c - see lesson_card.h */
#include "shell/lesson_card.h"

#include <errno.h>
#include <stdlib.h>

#include "lessons/card.h"
#include "lessons/course.h"
#include "lessons/notebook.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
#include "shell/style.h"

#define INDENT 4

static const char *text_of(const json_t *item, const char *key)
{
	const char *text = json_string_value(json_object_get(item, key));

	return text ? text : "";
}

void lesson_card_print_items(struct shell *shell, FILE *to, const json_t *items)
{
	OWN_FREE char *title = mem_fmt("## %s", _("Your card"));

	lesson_view_text(shell, to, title);
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *one = json_array_get(items, i);
		OWN_FREE char *item = mem_fmt("- %s", text_of(one, "text"));
		OWN_BUF struct buf command = { 0 };

		lesson_view_text(shell, to, item);
		style_wrap(&command, text_of(one, "command"), INDENT,
			   INDENT + 2, style_columns(to));
		fprintf(to, "%*s%s%s%s", INDENT, "",
			style_on(shell, STYLE_NAME), buf_text(&command),
			style_off(shell));
	}
}

/* ---- where it stands ---- */

/* In the text of the lesson under way. */
static json_t *read_text(struct shell *shell)
{
	OWN_FREE char *body = lesson_says(shell->lesson, "card");
	struct card card = { 0 };
	json_t *items = json_array();

	card_read(body ? body : "", &card);
	for (size_t i = 0; i < card.count; i++)
		json_array_append_new(items,
				      json_pack("{s:s,s:s}", "text",
						card.items[i].text, "command",
						card.items[i].command));
	card_done(&card);
	return items;
}

static int read_kept(struct shell *shell, const char *name, json_t **out,
		     struct err *err)
{
	OWN_FREE char *id = course_id_of(shell->lessons_dirs, name);
	OWN_FD int folder = notebook_folder(shell->base_home, err);
	json_t *entry = NULL;
	int r = folder < 0 ? folder : notebook_read(folder, id, &entry, err);

	if (r == -ENOENT)
		return err_hint(err, _("its card is yours once its first step "
				       "is done: 'learn %s' begins it"),
				id);
	if (r < 0)
		return r;
	*out = json_incref(json_object_get(
		json_object_get(notebook_run(entry), "card"), shell->lang));
	json_decref(entry);
	return 0;
}

int lesson_card_find(struct shell *shell, const char *name, json_t **out,
		     struct err *err)
{
	int r;

	if (name)
		return read_kept(shell, name, out, err);
	r = lesson_view_need(shell, err);
	if (r == 0)
		*out = read_text(shell);
	return r;
}

void lesson_card_print(struct shell *shell, FILE *to)
{
	json_t *items = read_text(shell);

	if (json_array_size(items) > 0)
		lesson_card_print_items(shell, to, items);
	json_decref(items);
}
