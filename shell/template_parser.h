/* shell/template_parser.h - the parser of templates under way.
 *
 * What template_parse.c, the text and its blocks, and template_pipe.c, what stands in an
 * action, share. */
#ifndef SHELL_TEMPLATE_PARSER_H
#define SHELL_TEMPLATE_PARSER_H

#include "shell/template_parts.h"

/* token      the one ahead
 * variables  those known here
 * depth      of groups and blocks
 * ranges     how many {{range}} are open
 * failed     *err is filled in */
struct parser {
	struct template *template;
	struct lexer lexer;
	struct token token;
	struct strs variables;
	struct err *err;
	int depth;
	int ranges;
	bool failed;
};

/* The first failure is the one to tell. */
void parser_fail(struct parser *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void parser_unexpected(struct parser *p, const char *where);

void parser_advance(struct parser *p);

/* Whether the token ahead is that word, or one of the language's own. */
bool parser_is_word(const struct parser *p, const char *word);
bool parser_is_keyword(const struct parser *p);

/* The token ahead; given. */
char *parser_text(const struct parser *p);

/* A node at the token ahead; the template's. */
struct node *parser_node(struct parser *p, enum node_kind kind);

/* One level more; false where that is too deep. */
bool parser_deeper(struct parser *p);

/* Commands joined by |, up to `end`, which is the token ahead at return. */
struct node *parse_pipe(struct parser *p, const char *where,
			enum token_kind end);

#endif
