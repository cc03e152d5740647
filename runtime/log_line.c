/* runtime/log_line.c - see log_line.h
 *
 *   {"log":"hello\n","attrs":{...},"stream":"stdout","time":"...Z"}
 *   ^ head  ^ quoted  ^ maybe      ^ always as long as this
 *
 * Whoever follows a container that prints as fast as it can needs this to be
 * faster than what wrote it: so no JSON library, and the end is read first. */
#include "runtime/log_line.h"

#include <string.h>

#include "runtime/log_read.h"

static const char head[] = "{\"log\":";
static const char attrs_head[] = ",\"attrs\":";
static const char stream_head[] = ",\"stream\":\"std";
static const char time_head[] = "\",\"time\":\"";

enum {
	HEAD = sizeof(head) - 1,
	TIME = sizeof("2026-11-23T18:44:57.407726542Z") - 1,
	/* of the line's last part, counted from its end */
	TIME_AT = TIME + 2,
	TIME_HEAD_AT = TIME_AT + (int)sizeof(time_head) - 1,
	STREAM_AT = TIME_HEAD_AT + 3 + (int)sizeof(stream_head) - 1,
};

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 :
				      -1;
}

/* \u00XX: the writer escapes single bytes only. -1: not that. */
static int escaped_byte(const char *at)
{
	int high = -1;
	int low = -1;

	if (strncmp(at, "u00", 3) == 0) {
		high = digit(at[3]);
		low = high < 0 ? -1 : digit(at[4]);
	}
	return low < 0 ? -1 : high * 16 + low;
}

/* Takes a JSON string apart where it stands; it can only become shorter.
 * Returns its end, or NULL. */
static char *unquote(char *at, char **out_text, size_t *out_len)
{
	char *to = at + 1;

	if (*at++ != '"')
		return NULL;
	*out_text = to;
	while (*at && *at != '"') {
		int byte;

		if (*at != '\\') {
			*to++ = *at++;
			continue;
		}
		at++;
		byte = escaped_byte(at);
		if (byte >= 0) {
			*to++ = (char)byte;
			at += 5;
		} else if (*at) {
			*to = *at++;
			if (*to == 'n')
				*to = '\n';
			to++;
		}
	}
	if (*at != '"')
		return NULL;
	*out_len = (size_t)(to - *out_text);
	return at + 1;
}

bool log_line_parse(char *line, size_t len, struct log_entry *entry)
{
	char *end = line + len;
	char *at;

	if (len < HEAD + 2 + STREAM_AT || memcmp(line, head, HEAD) != 0 ||
	    memcmp(end - 2, "\"}", 2) != 0 ||
	    memcmp(end - TIME_HEAD_AT, time_head, sizeof(time_head) - 1) != 0 ||
	    memcmp(end - STREAM_AT, stream_head, sizeof(stream_head) - 1) != 0)
		return false;
	entry->time = end - TIME_AT;
	end[-2] = '\0';
	entry->stream = memcmp(end - TIME_HEAD_AT - 3, "err", 3) == 0 ?
				LOG_STDERR :
				LOG_STDOUT;
	end[-STREAM_AT] = '\0';
	at = unquote(line + HEAD, &entry->text, &entry->len);
	if (!at)
		return false;
	entry->attrs = strncmp(at, attrs_head, sizeof(attrs_head) - 1) == 0 ?
			       at + sizeof(attrs_head) - 1 :
			       NULL;
	return true;
}
