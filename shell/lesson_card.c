/* shell/lesson_card.c - see lesson_card.h */
#include "shell/lesson_card.h"

#include <stdlib.h>

#include "lessons/card.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
#include "shell/style.h"

#define INDENT 4

void lesson_card_print(struct shell *shell, FILE *to)
{
	OWN_FREE char *body = lesson_says(shell->lesson, "card");
	OWN_FREE char *title = mem_fmt("## %s", _("Your card"));
	struct card card = { 0 };

	if (!body)
		return;
	card_read(body, &card);
	lesson_view_text(shell, to, title);
	for (size_t i = 0; i < card.count; i++) {
		OWN_FREE char *item = mem_fmt("- %s", card.items[i].text);
		OWN_BUF struct buf command = { 0 };

		lesson_view_text(shell, to, item);
		style_wrap(&command, card.items[i].command, INDENT, INDENT + 2,
			   style_columns(to));
		fprintf(to, "%*s%s%s%s", INDENT, "",
			style_on(shell, STYLE_NAME), buf_text(&command),
			style_off(shell));
	}
	card_done(&card);
}
