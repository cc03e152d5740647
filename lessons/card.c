/* lessons/card.c - see card.h */
#include "lessons/card.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"

void card_done(struct card *card)
{
	for (size_t i = 0; i < card->count; i++) {
		free(card->items[i].text);
		free(card->items[i].command);
	}
	free(card->items);
	*card = (struct card){ 0 };
}

/* Where the command's code begins: the last '`' but one, when that is followed by
 * "docker " and closed at the end of the item. NULL: there is none. */
static char *command_at(char *item)
{
	static const char word[] = "docker ";
	char *end = item + strlen(item);
	char *begin;

	if (end == item || end[-1] != '`')
		return NULL;
	for (begin = end - 1; begin > item && begin[-1] != '`';)
		begin--;
	if (begin == item || strncmp(begin, word, sizeof(word) - 1) != 0)
		return NULL;
	return begin - 1;
}

static void trim(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && strchr(" \t\r:", text[len - 1]))
		text[--len] = 0;
}

static void add(struct card *card, struct buf *item)
{
	char *text;
	char *at;
	char *command = NULL;

	if (item->len == 0)
		return;
	text = buf_give(item);
	trim(text);
	at = command_at(text);
	if (at) {
		command = mem_strn(at + 1, strlen(at + 1) - 1);
		*at = 0;
		trim(text);
	}
	card->items = mem_grow(card->items, card->count + 1,
			       sizeof(*card->items));
	card->items[card->count++] = (struct card_item){
		.text = text,
		.command = command ? command : mem_str(""),
	};
}

/* Japanese needs no blank where two lines meet; anything else does. */
static void join(struct buf *item, const char *more)
{
	bool blank = (unsigned char)item->data[item->len - 1] < 0x80 ||
		     (unsigned char)*more < 0x80;

	if (blank)
		buf_char(item, ' ');
	buf_str(item, more);
}

void card_read(const char *body, struct card *out)
{
	OWN_STRS struct strs lines = { 0 };
	OWN_BUF struct buf item = { 0 };

	strs_split(&lines, body, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		const char *line = lines.items[i];
		const char *text = line + strspn(line, " \t");

		if (line[0] == '-' && line[1] == ' ') {
			add(out, &item);
			buf_str(&item, line + 2 + strspn(line + 2, " "));
		} else if (*text && text != line && item.len > 0) {
			join(&item, text);
		} else {
			add(out, &item);
			buf_clear(&item);
		}
	}
	add(out, &item);
}
