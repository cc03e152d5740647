/* shell/template_parse.c - tokens to nodes.
 *
 * One function for each thing of the language, from the whole text down to one block,
 * looking one token ahead; what stands in an action, down to one operand, is
 * template_pipe.c's. Nesting has a bound: a template is foreign
 * text, and each level is a level of this program's stack. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/go_text.h"
#include "runtime/base/own.h"
#include "shell/template_parser.h"

enum { DEEPEST = 100 };

int template_fail(const char *text, size_t pos, struct err *err,
		  const char *message)
{
	int line = 1;

	for (size_t i = 0; i < pos && text[i]; i++)
		line += text[i] == '\n';
	return err_docker(err, ERR_BARE, EINVAL, "template: :%d: %s", line,
			  message);
}

void parser_fail(struct parser *p, const char *format, ...)
{
	char message[512];
	va_list args;

	if (p->failed)
		return; /* the first failure is the one to tell */
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	template_fail(p->template->text, p->token.pos, p->err, message);
	p->failed = true;
}

void parser_advance(struct parser *p)
{
	p->token = lexer_next(&p->lexer);
	if (p->token.kind == TOKEN_ERROR)
		parser_fail(p, "%s", p->lexer.message);
}

bool parser_is_word(const struct parser *p, const char *word)
{
	size_t len = p->token.end - p->token.pos;

	return p->token.kind == TOKEN_NAME && strlen(word) == len &&
	       strncmp(p->template->text + p->token.pos, word, len) == 0;
}

char *parser_text(const struct parser *p)
{
	return mem_strn(p->template->text + p->token.pos,
			p->token.end - p->token.pos);
}

bool parser_is_keyword(const struct parser *p)
{
	static const char *const words[] = { "if",    "else",	"end",
					     "range", "with",	"define",
					     "block", "template", "break",
					     "continue" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (parser_is_word(p, words[i]))
			return true;
	return false;
}

void parser_unexpected(struct parser *p, const char *where)
{
	OWN_FREE char *text = parser_text(p);
	OWN_BUF struct buf shown = { 0 };

	if (p->token.kind == TOKEN_EOF) {
		buf_str(&shown, "EOF");
	} else if (parser_is_keyword(p)) {
		buf_fmt(&shown, "<%s>", text);
	} else if (strlen(text) > 10) {
		text[10] = '\0';
		go_quote(&shown, text);
		buf_str(&shown, "...");
	} else {
		go_quote(&shown, text);
	}
	if (where)
		parser_fail(p, "unexpected %s in %s", buf_text(&shown), where);
	else
		parser_fail(p, "unexpected %s", buf_text(&shown));
}

struct node *parser_node(struct parser *p, enum node_kind kind)
{
	struct node *node = mem_zero(1, sizeof(*node));

	node->kind = kind;
	node->pos = p->token.pos;
	node->start = p->token.pos;
	node->end = p->token.end;
	node->all = p->template->all;
	p->template->all = node;
	return node;
}

bool parser_deeper(struct parser *p)
{
	if (++p->depth > DEEPEST)
		parser_fail(p, "nested more than %d deep", DEEPEST);
	return !p->failed;
}

static void expect_close(struct parser *p, const char *where)
{
	if (!p->failed && p->token.kind != TOKEN_CLOSE)
		parser_unexpected(p, where);
}

/* What ended a list of nodes. */
enum list_end { END_EOF, END_END, END_ELSE };

static struct node *parse_list(struct parser *p, enum list_end *out_end);

static void drop_variables(struct parser *p, size_t count)
{
	while (p->variables.count > count)
		strs_remove(&p->variables, p->variables.count - 1);
}

static struct node *parse_block(struct parser *p, enum node_kind kind,
				const char *name);

/* {{else}} or {{else if x}} of a block; on the }} at return. */
static void parse_else(struct parser *p, struct node *block)
{
	enum list_end end = END_EOF;

	if (block->kind == NODE_IF && parser_is_word(p, "if")) {
		/* Its {{end}} is ours too. */
		block->other = parse_block(p, NODE_IF, "if");
		return;
	}
	expect_close(p, "else");
	if (p->failed)
		return;
	block->other = parse_list(p, &end);
	if (end == END_ELSE)
		parser_fail(p, "expected end; found {{else}}");
}

/* if, range, with: up to the }} of its {{end}}. The word is the token ahead. */
static struct node *parse_block(struct parser *p, enum node_kind kind,
				const char *name)
{
	struct node *block = parser_node(p, kind);
	size_t variables = p->variables.count;
	enum list_end end = END_EOF;

	parser_advance(p);
	if (!parser_deeper(p))
		return block;
	p->ranges += kind == NODE_RANGE;
	block->pipe = parse_pipe(p, name, TOKEN_CLOSE);
	if (!p->failed)
		block->body = parse_list(p, &end);
	p->ranges -= kind == NODE_RANGE;
	if (!p->failed && end == END_ELSE)
		parse_else(p, block);
	drop_variables(p, variables);
	p->depth--;
	return block;
}

static struct node *parse_jump(struct parser *p, enum node_kind kind)
{
	struct node *node = parser_node(p, kind);

	if (p->ranges == 0) {
		OWN_FREE char *word = parser_text(p);

		parser_fail(p, "{{%s}} outside {{range}}", word);
	}
	parser_advance(p);
	expect_close(p, kind == NODE_BREAK ? "{{break}}" : "{{continue}}");
	return node;
}

/* What stands between {{ and }}; NULL where it ends a list. */
static struct node *parse_action(struct parser *p, enum list_end *out_end)
{
	struct node *node;

	if (parser_is_word(p, "end")) {
		parser_advance(p);
		expect_close(p, "end");
		*out_end = END_END;
		return NULL;
	}
	if (parser_is_word(p, "else")) {
		parser_advance(p);
		*out_end = END_ELSE;
		return NULL;
	}
	if (parser_is_word(p, "if"))
		return parse_block(p, NODE_IF, "if");
	if (parser_is_word(p, "range"))
		return parse_block(p, NODE_RANGE, "range");
	if (parser_is_word(p, "with"))
		return parse_block(p, NODE_WITH, "with");
	if (parser_is_word(p, "break"))
		return parse_jump(p, NODE_BREAK);
	if (parser_is_word(p, "continue"))
		return parse_jump(p, NODE_CONTINUE);
	node = parser_node(p, NODE_ACTION);
	node->pipe = parse_pipe(p, "command", TOKEN_CLOSE);
	return node;
}

static struct node *parse_list(struct parser *p, enum list_end *out_end)
{
	struct node *first = NULL;
	struct node **last = &first;

	for (;;) {
		struct node *node;

		parser_advance(p);
		if (p->failed)
			return first;
		if (p->token.kind == TOKEN_EOF) {
			*out_end = END_EOF;
			if (p->depth)
				parser_unexpected(p, NULL);
			return first;
		}
		if (p->token.kind == TOKEN_TEXT) {
			node = parser_node(p, NODE_TEXT);
			node->text = mem_str(buf_text(&p->lexer.value));
		} else {
			parser_advance(p);
			node = p->failed ? NULL : parse_action(p, out_end);
		}
		if (!node)
			return first;
		*last = node;
		last = &node->next;
	}
}

int template_parse(const char *text, struct template **out, struct err *err)
{
	struct template *template = mem_zero(1, sizeof(*template));
	struct parser p = { .template = template, .err = err };
	enum list_end end = END_EOF;

	template->text = mem_str(text);
	p.lexer.text = template->text;
	strs_add(&p.variables, "$");
	template->root = parse_list(&p, &end);
	if (end != END_EOF)
		parser_fail(&p, "unexpected {{%s}}",
		     end == END_ELSE ? "else" : "end");
	strs_done(&p.variables);
	buf_done(&p.lexer.value);
	if (p.failed) {
		template_free(template);
		return -EINVAL;
	}
	*out = template;
	return 0;
}

void template_free(struct template *template)
{
	if (!template)
		return;
	while (template->all) {
		struct node *node = template->all;

		template->all = node->all;
		strs_done(&node->names);
		free(node->text);
		free(node);
	}
	free(template->text);
	free(template);
}

bool template_has_field(const struct template *template, const char *field)
{
	for (const struct node *n = template->all; n; n = n->all)
		if ((n->kind == NODE_FIELD || n->kind == NODE_CHAIN ||
		     n->kind == NODE_VARIABLE) &&
		    strs_has(&n->names, field))
			return true;
	return false;
}
