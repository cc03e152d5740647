/* runtime/base/go_text.h - text in double quotes as Go's %q writes it.
 *
 * Docker is a Go program: its messages, `ps` and the history of an image quote
 * so. Source: Go's strconv, Quote and IsPrint. */
#ifndef RUNTIME_BASE_GO_TEXT_H
#define RUNTIME_BASE_GO_TEXT_H

struct buf;
struct strs;

/* Adds the text in double quotes; what is not to be seen is spelled out. */
void go_quote(struct buf *out, const char *text);

/* Adds a list: ["a" "b"]. */
void go_quote_list(struct buf *out, const struct strs *list);

#endif
