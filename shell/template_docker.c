/* shell/template_docker.c - the functions that Docker adds to Go's: json, join, split,
 * title, lower, upper, pad, truncate; see template_call.h */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/own.h"
#include "shell/template_call.h"

enum { MOST_PAD = 4096 };

int call_json(const struct call *c)
{
	struct buf text = { 0 };
	const struct template_look *look = c->run->look;
	bool whole = c->args[0].json == c->run->data &&
		     c->args[0].kind == VALUE_STRUCT;

	if (look->header) {
		*c->out = c->args[0];
		return 0;
	}
	/* A row is turned into JSON by a function of its own in Docker, and
	 * that one escapes < and >. */
	if (whole && look->document)
		template_json(look->document, look, "", false, &text);
	else
		value_json(look, &c->args[0], whole && look->row, &text);
	return call_give(c, &text);
}

int call_join(const struct call *c)
{
	struct buf text = { 0 };
	const char *between = "";
	int r = call_want_text(c, 1, &between);
	size_t i;
	json_t *item;

	if (r < 0)
		return r;
	if (c->args[0].kind != VALUE_LIST)
		return call_not_a(c, 0, "[]string");
	json_array_foreach(c->args[0].json, i, item) {
		if (!json_is_string(item))
			r = call_not_a(c, 0, "[]string");
		buf_str(&text, i ? between : "");
		buf_str(&text, json_is_string(item) ? json_string_value(item) :
						      "");
	}
	if (r < 0) {
		buf_done(&text);
		return r;
	}
	return call_give(c, &text);
}

/* What a list holds must be UTF-8; other bytes become U+FFFD. */
static json_t *json_of(const char *text, size_t len)
{
	json_t *json = json_stringn(text, len);
	OWN_BUF struct buf fixed = { 0 };

	if (json)
		return json;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x80)
			buf_char(&fixed, text[i]);
		else
			buf_str(&fixed, "\xef\xbf\xbd");
	}
	return json_string(buf_text(&fixed));
}

int call_split(const struct call *c)
{
	json_t *list;
	const char *text = "";
	const char *at = "";
	const char *hit;
	int r = call_want_text(c, 0, &text);

	if (r == 0)
		r = call_want_text(c, 1, &at);
	if (r < 0)
		return r;
	list = json_array();
	while (*at && (hit = strstr(text, at))) {
		json_array_append_new(list,
				      json_of(text, (size_t)(hit - text)));
		text = hit + strlen(at);
	}
	while (!*at && *text) { /* into characters */
		size_t len = 1;

		while (((unsigned char)text[len] & 0xc0) == 0x80)
			len++;
		json_array_append_new(list, json_of(text, len));
		text += len;
	}
	if (*at)
		json_array_append_new(list, json_of(text, strlen(text)));
	*c->out = value_list(c->run, list);
	c->run->text_bytes += 64 * json_array_size(list);
	return 0;
}

/* lower, upper, title: ASCII letters; Docker's values have no others. */
int call_case(const struct call *c)
{
	struct buf text = { 0 };
	const char *from = "";
	bool start = true;
	int r = call_want_text(c, 0, &from);

	if (r < 0)
		return r;
	if (c->run->look->header) {
		*c->out = c->args[0];
		return 0;
	}
	for (; *from; from++) {
		int letter = (unsigned char)*from;

		if (*c->name == 'u' || (*c->name == 't' && start))
			letter = toupper(letter);
		else if (*c->name == 'l')
			letter = tolower(letter);
		start = !isalnum(letter) && letter != '_' && letter != '\'' &&
			letter < 0x80;
		buf_char(&text, (char)letter);
	}
	return call_give(c, &text);
}

/* pad "x" 1 0: that many spaces on each side, none around nothing. */
int call_pad(const struct call *c)
{
	struct buf text = { 0 };
	const char *from = "";
	json_int_t before = 0;
	json_int_t behind = 0;
	int r = call_want_text(c, 0, &from);

	if (r == 0)
		r = call_want_int(c, 1, &before);
	if (r == 0)
		r = call_want_int(c, 2, &behind);
	if (r < 0)
		return r;
	if (before < 0 || behind < 0 || before > MOST_PAD || behind > MOST_PAD)
		return run_fail(c->run, c->at,
				CALL_FAILS "not in 0..%d", c->name, MOST_PAD);
	if (*from)
		buf_fmt(&text, "%*s%s%*s", (int)before, "", from, (int)behind,
			"");
	return call_give(c, &text);
}

int call_truncate(const struct call *c)
{
	const char *from = "";
	json_int_t most = 0;
	int r = call_want_text(c, 0, &from);

	if (r == 0)
		r = call_want_int(c, 1, &most);
	if (r < 0)
		return r;
	if (most < 0 && !c->run->look->header)
		return run_fail(c->run, c->at, CALL_FAILS "negative length",
				c->name);
	if (c->run->look->header || (size_t)most >= strlen(from))
		*c->out = c->args[0];
	else
		*c->out = value_text(c->run, mem_strn(from, (size_t)most));
	return 0;
}
