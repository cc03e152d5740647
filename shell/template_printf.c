/* shell/template_printf.c - Go's printf.
 *
 * Go never fails here: a verb that does not fit its value is shown as
 * %!verb(type=value), a missing value as %!d(MISSING), one too many as
 * %!(EXTRA type=value). Source: pkg.go.dev/fmt. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/go_text.h"
#include "runtime/base/own.h"
#include "shell/style.h"
#include "shell/template_parts.h"

enum { WIDEST = 4096 };

struct verb {
	bool minus;
	bool plus;
	bool zero;
	bool sharp;
	bool space;
	int width;     /* -1: none */
	int precision; /* -1: none */
	char letter;
};

struct printer {
	const struct template_look *look;
	struct buf *out;
};

static const char *type_name(const struct value *v)
{
	static const char *const names[] = {
		[VALUE_NONE] = "<nil>",	   [VALUE_NIL] = "<nil>",
		[VALUE_TEXT] = "string",   [VALUE_INT] = "int",
		[VALUE_REAL] = "float64",  [VALUE_BOOL] = "bool",
		[VALUE_LIST] = "[]string", [VALUE_MAP] = "map[string]string",
		[VALUE_STRUCT] = "struct",
	};

	return names[v->kind];
}

/* Adds `text` in the verb's width. */
static void add_padded(const struct printer *p, const struct verb *v,
		       const char *text)
{
	int missing = v->width - style_width(text);

	if (missing <= 0) {
		buf_str(p->out, text);
	} else if (v->minus) {
		buf_fmt(p->out, "%s%*s", text, missing, "");
	} else if (v->zero) {
		bool sign = *text == '-' || *text == '+';

		if (sign)
			buf_char(p->out, *text);
		while (missing-- > 0)
			buf_char(p->out, '0');
		buf_str(p->out, text + sign);
	} else {
		buf_fmt(p->out, "%*s%s", missing, "", text);
	}
}

static void add_wrong(const struct printer *p, const struct verb *v,
		      const struct value *value)
{
	if (value->kind == VALUE_NONE || value->kind == VALUE_NIL) {
		buf_fmt(p->out, "%%!%c(<nil>)", v->letter);
		return;
	}
	buf_fmt(p->out, "%%!%c(%s=", v->letter, type_name(value));
	value_print(p->look, value, p->out);
	buf_char(p->out, ')');
}

static void add_text(const struct printer *p, const struct verb *v,
		     const char *text)
{
	OWN_BUF struct buf made = { 0 };
	OWN_FREE char *cut = NULL;
	size_t len = 0;

	/* The precision counts characters. */
	for (int n = 0; text[len] && n != v->precision; n++) {
		len++;
		while (((unsigned char)text[len] & 0xc0) == 0x80)
			len++;
	}
	cut = mem_strn(text, len);
	if (v->letter == 'q') {
		go_quote(&made, cut);
	} else if (v->letter == 'x' || v->letter == 'X') {
		for (const char *c = cut; *c; c++)
			buf_fmt(&made, v->letter == 'x' ? "%02x" : "%02X",
				(unsigned char)*c);
	} else {
		buf_str(&made, cut);
	}
	add_padded(p, v, buf_text(&made));
}

static const char *sign_of(const struct verb *v, json_int_t number)
{
	if (number < 0)
		return "-";
	if (v->plus)
		return "+";
	return v->space ? " " : "";
}

static void add_bits(struct buf *out, unsigned long long size)
{
	for (int bit = size ? 63 - __builtin_clzll(size) : 0; bit >= 0; bit--)
		buf_char(out, size >> bit & 1 ? '1' : '0');
}

static void add_int(const struct printer *p, const struct verb *v,
		    json_int_t number)
{
	OWN_BUF struct buf made = { 0 };
	unsigned long long size = number < 0 ?
					  0 - (unsigned long long)number :
					  (unsigned long long)number;

	buf_str(&made, sign_of(v, number));
	if (v->letter == 'x' || v->letter == 'X')
		buf_fmt(&made, v->letter == 'x' ? "%s%llx" : "%s%llX",
			!v->sharp ? "" : v->letter == 'x' ? "0x" : "0X", size);
	else if (v->letter == 'o')
		buf_fmt(&made, "%s%llo", v->sharp ? "0" : "", size);
	else if (v->letter == 'b')
		add_bits(&made, size);
	else if (v->letter == 'c' && size < 0x80)
		buf_char(&made, (char)size);
	else
		buf_fmt(&made, "%llu", size);
	add_padded(p, v, buf_text(&made));
}

static void add_real(const struct printer *p, const struct verb *v,
		     double real)
{
	OWN_BUF struct buf made = { 0 };
	struct value value = { VALUE_REAL, .real = real };
	int precision = v->precision >= 0 ? v->precision : 6;

	if (v->letter == 'v' || (v->letter == 'g' && v->precision < 0))
		value_print(p->look, &value, &made);
	else if (v->letter == 'f' || v->letter == 'F')
		buf_fmt(&made, "%.*f", precision, real);
	else if (v->letter == 'e')
		buf_fmt(&made, "%.*e", precision, real);
	else
		buf_fmt(&made, "%.*g", precision, real);
	add_padded(p, v, buf_text(&made));
}

/* Which verbs a kind of value takes. */
static const char *verbs_of(const struct value *value)
{
	static const char *const verbs[] = {
		[VALUE_NONE] = "v",	 [VALUE_NIL] = "v",
		[VALUE_TEXT] = "svqxX",	 [VALUE_INT] = "dvxXobc",
		[VALUE_REAL] = "vfFegG", [VALUE_BOOL] = "tv",
		[VALUE_LIST] = "svqdtx", [VALUE_MAP] = "svqdtx",
		[VALUE_STRUCT] = "svqdtx",
	};

	return verbs[value->kind];
}

static void add_value(const struct printer *p, const struct verb *v,
		      const struct value *value);

/* [a b], with the verb applied to each. */
static void add_list(const struct printer *p, const struct verb *v,
		     const struct value *list)
{
	size_t i;
	json_t *item;

	buf_char(p->out, '[');
	json_array_foreach(list->json, i, item) {
		struct value element =
			value_of(p->look, item, list->type, true);

		if (i)
			buf_char(p->out, ' ');
		add_value(p, v, &element);
	}
	buf_char(p->out, ']');
}

static void add_value(const struct printer *p, const struct verb *v,
		      const struct value *value)
{
	OWN_BUF struct buf made = { 0 };

	if (v->letter == 'T') {
		add_padded(p, v, type_name(value));
		return;
	}
	if (value_is_duration(p->look, value) && strchr("svq", v->letter)) {
		value_print(p->look, value, &made);
		add_text(p, v, buf_text(&made));
		return;
	}
	if (!strchr(verbs_of(value), v->letter)) {
		add_wrong(p, v, value);
		return;
	}
	if (value->kind == VALUE_TEXT && v->sharp && v->letter == 'v') {
		struct verb quoted = *v;

		quoted.letter = 'q';
		add_text(p, &quoted, value->text);
	} else if (value->kind == VALUE_TEXT) {
		add_text(p, v, value->text);
	} else if (value->kind == VALUE_INT) {
		add_int(p, v, value->number);
	} else if (value->kind == VALUE_REAL) {
		add_real(p, v, value->real);
	} else if (value->kind == VALUE_LIST) {
		add_list(p, v, value);
	} else {
		if (value->kind == VALUE_NONE)
			buf_str(&made, "<nil>");
		else
			value_print(p->look, value, &made);
		add_padded(p, v, buf_text(&made));
	}
}

static int read_number(const char **at)
{
	int number = 0;

	while (isdigit((unsigned char)**at)) {
		if (number < WIDEST)
			number = number * 10 + (**at - '0');
		++*at;
	}
	return number < WIDEST ? number : WIDEST;
}

/* Flags, width, precision and letter behind a '%'. */
static struct verb read_verb(const char **at)
{
	struct verb v = { .width = -1, .precision = -1 };

	for (; **at && strchr("-+#0 ", **at); ++*at) {
		v.minus |= **at == '-';
		v.plus |= **at == '+';
		v.sharp |= **at == '#';
		v.zero |= **at == '0';
		v.space |= **at == ' ';
	}
	if (isdigit((unsigned char)**at))
		v.width = read_number(at);
	if (**at == '.') {
		++*at;
		v.precision = read_number(at);
	}
	v.letter = **at;
	if (v.letter)
		++*at;
	return v;
}

void go_printf(const struct template_look *look, const struct value *args,
	       size_t count, struct buf *out)
{
	struct printer p = { look, out };
	const char *at = args[0].text;
	size_t used = 1;

	while (*at && out->len < MOST_OUTPUT) {
		struct verb v;

		if (*at != '%') {
			buf_char(out, *at++);
			continue;
		}
		at++;
		v = read_verb(&at);
		if (v.letter == '\0')
			buf_str(out, "%!(NOVERB)");
		else if (v.letter == '%')
			buf_char(out, '%');
		else if (used >= count)
			buf_fmt(out, "%%!%c(MISSING)", v.letter);
		else
			add_value(&p, &v, &args[used++]);
	}
	if (used < count) {
		buf_str(out, "%!(EXTRA ");
		for (bool first = true; used < count; used++, first = false) {
			buf_fmt(out, "%s%s=", first ? "" : ", ",
				type_name(&args[used]));
			value_print(look, &args[used], out);
		}
		buf_char(out, ')');
	}
}
