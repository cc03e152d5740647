/* shell/template_pipe.c - what stands in an action of a template: a pipe of commands,
 * each of operands; see template_parser.h */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/own.h"
#include "shell/template_parser.h"

static bool known_variable(struct parser *p, const char *name)
{
	if (strs_has(&p->variables, name))
		return true;
	parser_fail(p, "undefined variable \"%s\"", name);
	return false;
}

static struct node *parse_number(struct parser *p)
{
	struct node *node = parser_node(p, NODE_INT);
	OWN_FREE char *text = parser_text(p);
	const char *digits = text + (*text == '-' || *text == '+');
	char *end = text;

	if (*text == '\'') {
		node->number = (unsigned char)text[1];
		return node;
	}
	errno = 0;
	if (digits[0] == '0' && (digits[1] | 0x20) == 'o') {
		node->number = strtoll(digits + 2, &end, 8);
	} else if (digits[0] == '0' && (digits[1] | 0x20) == 'b') {
		node->number = strtoll(digits + 2, &end, 2);
	} else {
		node->number = strtoll(text, &end, 0);
		if (*end || errno) {
			errno = 0;
			node->kind = NODE_REAL;
			node->real = strtod(text, &end);
		}
	}
	if (*end || errno)
		parser_fail(p, "bad number syntax: \"%s\"", text);
	return node;
}

static struct node *parse_name(struct parser *p)
{
	struct node *node = NULL;
	char *text = parser_text(p);

	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
		node = parser_node(p, NODE_BOOL);
		node->flag = *text == 't';
	} else if (strcmp(text, "nil") == 0) {
		node = parser_node(p, NODE_NIL);
	} else if (!parser_is_keyword(p)) {
		node = parser_node(p, NODE_FUNCTION);
		node->text = text;
		if (!function_known(text))
			parser_fail(p, "function \"%s\" not defined", text);
		return node;
	}
	free(text);
	return node;
}

static struct node *parse_group(struct parser *p)
{
	struct node *node;
	size_t start = p->token.pos;

	parser_advance(p);
	if (!parser_deeper(p))
		return NULL;
	node = parse_pipe(p, "parenthesized pipeline", TOKEN_RIGHT);
	p->depth--;
	if (node && !p->failed) {
		node->start = start;
		node->end = p->token.end;
	}
	return node;
}

/* One word of a command, or NULL where none stands. On it at return. */
static struct node *parse_term(struct parser *p)
{
	struct node *node = NULL;

	if (p->token.kind == TOKEN_NAME)
		return parse_name(p);
	if (p->token.kind == TOKEN_NUMBER)
		return parse_number(p);
	if (p->token.kind == TOKEN_LEFT)
		return parse_group(p);
	if (p->token.kind == TOKEN_DOT)
		return parser_node(p, NODE_DOT);
	if (p->token.kind == TOKEN_FIELD) {
		node = parser_node(p, NODE_FIELD);
		strs_take(&node->names,
			  mem_strn(p->template->text + p->token.pos + 1,
				   p->token.end - p->token.pos - 1));
	} else if (p->token.kind == TOKEN_VARIABLE) {
		node = parser_node(p, NODE_VARIABLE);
		strs_take(&node->names, parser_text(p));
		known_variable(p, node->names.items[0]);
	} else if (p->token.kind == TOKEN_STRING) {
		node = parser_node(p, NODE_STRING);
		node->text = mem_str(buf_text(&p->lexer.value));
	}
	return node;
}

/* A term and the fields that stand on it without a blank: $x.A.B, (f x).A. */
static struct node *parse_operand(struct parser *p)
{
	struct node *node = parse_term(p);
	struct node *chain = node;

	if (!node || p->failed)
		return node;
	parser_advance(p);
	if (p->token.kind != TOKEN_FIELD || p->token.space)
		return node;
	if (node->kind != NODE_FIELD && node->kind != NODE_VARIABLE) {
		chain = parser_node(p, NODE_CHAIN);
		chain->first = node;
		chain->start = node->start;
		if (node->kind != NODE_PIPE && node->kind != NODE_DOT &&
		    node->kind != NODE_FUNCTION) {
			OWN_FREE char *text =
				mem_strn(p->template->text + node->start,
					 node->end - node->start);

			parser_fail(p, "unexpected . after term \"%s\"", text);
		}
	}
	/* Go names the place of the second field for what fails in a chain. */
	chain->pos = p->token.pos;
	while (p->token.kind == TOKEN_FIELD && !p->token.space && !p->failed) {
		strs_take(&chain->names,
			  mem_strn(p->template->text + p->token.pos + 1,
				   p->token.end - p->token.pos - 1));
		chain->end = p->token.end;
		parser_advance(p);
	}
	return chain;
}

static struct node *parse_command(struct parser *p)
{
	struct node *command = parser_node(p, NODE_COMMAND);
	struct node **last = &command->first;

	while (!p->failed) {
		struct node *operand = parse_operand(p);

		if (operand) {
			*last = operand;
			last = &operand->next;
			command->end = operand->end;
		}
		if (p->failed || p->token.kind == TOKEN_CLOSE ||
		    p->token.kind == TOKEN_RIGHT ||
		    p->token.kind == TOKEN_PIPE)
			break;
		if (!operand || !p->token.space)
			parser_unexpected(p, "operand");
	}
	if (!command->first)
		parser_fail(p, "missing value for command");
	return command;
}

/* $x :=   $x =   $i, $v :=   in front of a pipe. */
static void parse_declarations(struct parser *p, struct node *pipe,
			       const char *where)
{
	while (p->token.kind == TOKEN_VARIABLE && !p->failed) {
		struct lexer before = p->lexer;
		struct token variable = p->token;
		char *name = parser_text(p);

		/* The lexer's buffer is not needed here, so that going back is
		 * a matter of its plain fields. */
		parser_advance(p);
		if (p->token.kind == TOKEN_ASSIGN ||
		    p->token.kind == TOKEN_DECLARE) {
			pipe->flag = p->token.kind == TOKEN_ASSIGN;
			if (pipe->flag)
				known_variable(p, name);
			strs_take(&pipe->names, name);
			parser_advance(p);
			return;
		}
		if (p->token.kind == TOKEN_COMMA) {
			strs_take(&pipe->names, name);
			parser_advance(p);
			if (strcmp(where, "range") != 0 ||
			    pipe->names.count > 1)
				parser_fail(p, "too many declarations in %s", where);
			else if (p->token.kind != TOKEN_VARIABLE)
				parser_fail(p,
				     "range can only initialize variables");
			continue;
		}
		free(name);
		if (pipe->names.count)
			parser_unexpected(p, where);
		before.value = p->lexer.value;
		p->lexer = before;
		p->token = variable;
		return;
	}
}

static void check_pipe(struct parser *p, const struct node *pipe,
		       const char *where)
{
	int stage = 1;

	if (!pipe->first) {
		parser_fail(p, "missing value for %s", where);
		return;
	}
	for (const struct node *c = pipe->first->next; c; c = c->next) {
		enum node_kind kind = c->first ? c->first->kind : NODE_NIL;

		stage++;
		if (kind == NODE_BOOL || kind == NODE_DOT || kind == NODE_NIL ||
		    kind == NODE_INT || kind == NODE_REAL ||
		    kind == NODE_STRING)
			parser_fail(p, "non executable command in pipeline stage %d",
			     stage);
	}
}

/* Commands joined by |, up to `end`, which is the token ahead at return. */
struct node *parse_pipe(struct parser *p, const char *where,
			enum token_kind end)
{
	struct node *pipe = parser_node(p, NODE_PIPE);
	struct node **last = &pipe->first;

	parse_declarations(p, pipe, where);
	while (!p->failed) {
		if (p->token.kind == end)
			break;
		if (p->token.kind == TOKEN_CLOSE ||
		    p->token.kind == TOKEN_RIGHT || parser_is_keyword(p) ||
		    p->token.kind == TOKEN_PIPE ||
		    p->token.kind == TOKEN_ASSIGN ||
		    p->token.kind == TOKEN_DECLARE ||
		    p->token.kind == TOKEN_COMMA) {
			parser_unexpected(p, where);
			break;
		}
		*last = parse_command(p);
		pipe->end = (*last)->end;
		last = &(*last)->next;
		if (p->failed || p->token.kind != TOKEN_PIPE)
			continue;
		parser_advance(p);
		if (p->token.kind == end)
			parser_fail(p, "missing value for command");
	}
	if (!p->failed)
		check_pipe(p, pipe, where);
	/* Only now: a variable is not known in its own declaration. */
	if (!pipe->flag)
		strs_copy(&p->variables, &pipe->names);
	return pipe;
}
