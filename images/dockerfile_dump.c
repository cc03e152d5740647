/* images/dockerfile_dump.c - see dockerfile.h
 *
 *   COPY --from=x a /b     (copy ["--from=x"] "a" "/b")
 *   ONBUILD RUN true       (onbuild (run "true")) */
#include <string.h>

#include "images/dockerfile_private.h"
#include "runtime/base/buf.h"
#include "runtime/base/go_text.h"
#include "runtime/base/own.h"

/* As Go quotes it; C0 80 is how a NUL of the JSON form is kept. */
static void dump_string(const char *text, struct buf *out)
{
	static const char nul[] = "\xc0\x80";
	const char *found = strstr(text, nul);

	if (!found) {
		go_quote(out, text);
		return;
	}
	buf_char(out, '"');
	for (;; text = found + 2, found = strstr(text, nul)) {
		OWN_FREE char *part =
			found ? mem_strn(text, (size_t)(found - text))
			      : mem_str(text);
		OWN_BUF struct buf quoted = { 0 };

		go_quote(&quoted, part);
		/* Without its own quotes. */
		buf_add(out, quoted.data + 1, quoted.len - 2);
		if (!found)
			break;
		buf_str(out, "\\x00");
	}
	buf_char(out, '"');
}

static void dump_one(const struct instruction *instruction, struct buf *out)
{
	buf_fmt(out, "(%s", instruction->name);
	if (instruction->flags.count) {
		buf_char(out, ' ');
		go_quote_list(out, &instruction->flags);
	}
	for (size_t i = 0; i < instruction->args.count; i++) {
		buf_char(out, ' ');
		dump_string(instruction->args.items[i], out);
	}
	if (instruction->inner) {
		buf_char(out, ' ');
		dump_one(instruction->inner, out);
	}
	buf_char(out, ')');
}

void dockerfile_dump(const struct dockerfile *file, struct buf *out)
{
	for (size_t i = 0; i < file->count; i++) {
		dump_one(&file->items[i], out);
		buf_char(out, '\n');
	}
}
