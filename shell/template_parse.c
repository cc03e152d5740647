/* shell/template_parse.c - tokens to nodes.
 *
 * One function for each thing of the language, from the whole text down to one
 * operand, looking one token ahead. Nesting has a bound: a template is foreign
 * text, and each level is a level of this program's stack. */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/go_text.h"
#include "runtime/base/own.h"
#include "shell/template_parts.h"

enum { DEEPEST = 100 };

struct parser {
	struct template *template;
	struct lexer lexer;
	struct token token; /* the one ahead */
	struct strs variables;
	struct err *err;
	int depth;
	int ranges;
	bool failed;
};

int template_fail(const char *text, size_t pos, struct err *err,
		  const char *message)
{
	int line = 1;

	for (size_t i = 0; i < pos && text[i]; i++)
		line += text[i] == '\n';
	return err_docker(err, ERR_BARE, EINVAL, "template: :%d: %s", line,
			  message);
}

__attribute__((format(printf, 2, 3)))
static void fail(struct parser *p, const char *format, ...)
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

static void advance(struct parser *p)
{
	p->token = lexer_next(&p->lexer);
	if (p->token.kind == TOKEN_ERROR)
		fail(p, "%s", p->lexer.message);
}

/* Whether the token ahead is that word. */
static bool is_word(const struct parser *p, const char *word)
{
	size_t len = p->token.end - p->token.pos;

	return p->token.kind == TOKEN_NAME && strlen(word) == len &&
	       strncmp(p->template->text + p->token.pos, word, len) == 0;
}

static char *token_text(const struct parser *p)
{
	return mem_strn(p->template->text + p->token.pos,
			p->token.end - p->token.pos);
}

static bool is_keyword(const struct parser *p)
{
	static const char *const words[] = { "if",    "else",	"end",
					     "range", "with",	"define",
					     "block", "template", "break",
					     "continue" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (is_word(p, words[i]))
			return true;
	return false;
}

static void unexpected(struct parser *p, const char *where)
{
	OWN_FREE char *text = token_text(p);
	OWN_BUF struct buf shown = { 0 };

	if (p->token.kind == TOKEN_EOF) {
		buf_str(&shown, "EOF");
	} else if (is_keyword(p)) {
		buf_fmt(&shown, "<%s>", text);
	} else if (strlen(text) > 10) {
		text[10] = '\0';
		go_quote(&shown, text);
		buf_str(&shown, "...");
	} else {
		go_quote(&shown, text);
	}
	if (where)
		fail(p, "unexpected %s in %s", buf_text(&shown), where);
	else
		fail(p, "unexpected %s", buf_text(&shown));
}

static struct node *new_node(struct parser *p, enum node_kind kind)
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

static bool deeper(struct parser *p)
{
	if (++p->depth > DEEPEST)
		fail(p, "nested more than %d deep", DEEPEST);
	return !p->failed;
}

static struct node *parse_pipe(struct parser *p, const char *where,
			       enum token_kind end);

static bool known_variable(struct parser *p, const char *name)
{
	if (strs_has(&p->variables, name))
		return true;
	fail(p, "undefined variable \"%s\"", name);
	return false;
}

static struct node *parse_number(struct parser *p)
{
	struct node *node = new_node(p, NODE_INT);
	OWN_FREE char *text = token_text(p);
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
		fail(p, "bad number syntax: \"%s\"", text);
	return node;
}

static struct node *parse_name(struct parser *p)
{
	struct node *node = NULL;
	char *text = token_text(p);

	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
		node = new_node(p, NODE_BOOL);
		node->flag = *text == 't';
	} else if (strcmp(text, "nil") == 0) {
		node = new_node(p, NODE_NIL);
	} else if (!is_keyword(p)) {
		node = new_node(p, NODE_FUNCTION);
		node->text = text;
		if (!function_known(text))
			fail(p, "function \"%s\" not defined", text);
		return node;
	}
	free(text);
	return node;
}

static struct node *parse_group(struct parser *p)
{
	struct node *node;
	size_t start = p->token.pos;

	advance(p);
	if (!deeper(p))
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
		return new_node(p, NODE_DOT);
	if (p->token.kind == TOKEN_FIELD) {
		node = new_node(p, NODE_FIELD);
		strs_take(&node->names,
			  mem_strn(p->template->text + p->token.pos + 1,
				   p->token.end - p->token.pos - 1));
	} else if (p->token.kind == TOKEN_VARIABLE) {
		node = new_node(p, NODE_VARIABLE);
		strs_take(&node->names, token_text(p));
		known_variable(p, node->names.items[0]);
	} else if (p->token.kind == TOKEN_STRING) {
		node = new_node(p, NODE_STRING);
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
	advance(p);
	if (p->token.kind != TOKEN_FIELD || p->token.space)
		return node;
	if (node->kind != NODE_FIELD && node->kind != NODE_VARIABLE) {
		chain = new_node(p, NODE_CHAIN);
		chain->first = node;
		chain->start = node->start;
		if (node->kind != NODE_PIPE && node->kind != NODE_DOT &&
		    node->kind != NODE_FUNCTION) {
			OWN_FREE char *text =
				mem_strn(p->template->text + node->start,
					 node->end - node->start);

			fail(p, "unexpected . after term \"%s\"", text);
		}
	}
	/* Go names the place of the second field for what fails in a chain. */
	chain->pos = p->token.pos;
	while (p->token.kind == TOKEN_FIELD && !p->token.space && !p->failed) {
		strs_take(&chain->names,
			  mem_strn(p->template->text + p->token.pos + 1,
				   p->token.end - p->token.pos - 1));
		chain->end = p->token.end;
		advance(p);
	}
	return chain;
}

static struct node *parse_command(struct parser *p)
{
	struct node *command = new_node(p, NODE_COMMAND);
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
			unexpected(p, "operand");
	}
	if (!command->first)
		fail(p, "missing value for command");
	return command;
}

/* $x :=   $x =   $i, $v :=   in front of a pipe. */
static void parse_declarations(struct parser *p, struct node *pipe,
			       const char *where)
{
	while (p->token.kind == TOKEN_VARIABLE && !p->failed) {
		struct lexer before = p->lexer;
		struct token variable = p->token;
		char *name = token_text(p);

		/* The lexer's buffer is not needed here, so that going back is
		 * a matter of its plain fields. */
		advance(p);
		if (p->token.kind == TOKEN_ASSIGN ||
		    p->token.kind == TOKEN_DECLARE) {
			pipe->flag = p->token.kind == TOKEN_ASSIGN;
			if (pipe->flag)
				known_variable(p, name);
			strs_take(&pipe->names, name);
			advance(p);
			return;
		}
		if (p->token.kind == TOKEN_COMMA) {
			strs_take(&pipe->names, name);
			advance(p);
			if (strcmp(where, "range") != 0 ||
			    pipe->names.count > 1)
				fail(p, "too many declarations in %s", where);
			else if (p->token.kind != TOKEN_VARIABLE)
				fail(p,
				     "range can only initialize variables");
			continue;
		}
		free(name);
		if (pipe->names.count)
			unexpected(p, where);
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
		fail(p, "missing value for %s", where);
		return;
	}
	for (const struct node *c = pipe->first->next; c; c = c->next) {
		enum node_kind kind = c->first ? c->first->kind : NODE_NIL;

		stage++;
		if (kind == NODE_BOOL || kind == NODE_DOT || kind == NODE_NIL ||
		    kind == NODE_INT || kind == NODE_REAL ||
		    kind == NODE_STRING)
			fail(p, "non executable command in pipeline stage %d",
			     stage);
	}
}

/* Commands joined by |, up to `end`, which is the token ahead at return. */
static struct node *parse_pipe(struct parser *p, const char *where,
			       enum token_kind end)
{
	struct node *pipe = new_node(p, NODE_PIPE);
	struct node **last = &pipe->first;

	parse_declarations(p, pipe, where);
	while (!p->failed) {
		if (p->token.kind == end)
			break;
		if (p->token.kind == TOKEN_CLOSE ||
		    p->token.kind == TOKEN_RIGHT || is_keyword(p) ||
		    p->token.kind == TOKEN_PIPE ||
		    p->token.kind == TOKEN_ASSIGN ||
		    p->token.kind == TOKEN_DECLARE ||
		    p->token.kind == TOKEN_COMMA) {
			unexpected(p, where);
			break;
		}
		*last = parse_command(p);
		pipe->end = (*last)->end;
		last = &(*last)->next;
		if (p->failed || p->token.kind != TOKEN_PIPE)
			continue;
		advance(p);
		if (p->token.kind == end)
			fail(p, "missing value for command");
	}
	if (!p->failed)
		check_pipe(p, pipe, where);
	/* Only now: a variable is not known in its own declaration. */
	if (!pipe->flag)
		strs_copy(&p->variables, &pipe->names);
	return pipe;
}

static void expect_close(struct parser *p, const char *where)
{
	if (!p->failed && p->token.kind != TOKEN_CLOSE)
		unexpected(p, where);
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

	if (block->kind == NODE_IF && is_word(p, "if")) {
		/* Its {{end}} is ours too. */
		block->other = parse_block(p, NODE_IF, "if");
		return;
	}
	expect_close(p, "else");
	if (p->failed)
		return;
	block->other = parse_list(p, &end);
	if (end == END_ELSE)
		fail(p, "expected end; found {{else}}");
}

/* if, range, with: up to the }} of its {{end}}. The word is the token ahead. */
static struct node *parse_block(struct parser *p, enum node_kind kind,
				const char *name)
{
	struct node *block = new_node(p, kind);
	size_t variables = p->variables.count;
	enum list_end end = END_EOF;

	advance(p);
	if (!deeper(p))
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
	struct node *node = new_node(p, kind);

	if (p->ranges == 0) {
		OWN_FREE char *word = token_text(p);

		fail(p, "{{%s}} outside {{range}}", word);
	}
	advance(p);
	expect_close(p, kind == NODE_BREAK ? "{{break}}" : "{{continue}}");
	return node;
}

/* What stands between {{ and }}; NULL where it ends a list. */
static struct node *parse_action(struct parser *p, enum list_end *out_end)
{
	struct node *node;

	if (is_word(p, "end")) {
		advance(p);
		expect_close(p, "end");
		*out_end = END_END;
		return NULL;
	}
	if (is_word(p, "else")) {
		advance(p);
		*out_end = END_ELSE;
		return NULL;
	}
	if (is_word(p, "if"))
		return parse_block(p, NODE_IF, "if");
	if (is_word(p, "range"))
		return parse_block(p, NODE_RANGE, "range");
	if (is_word(p, "with"))
		return parse_block(p, NODE_WITH, "with");
	if (is_word(p, "break"))
		return parse_jump(p, NODE_BREAK);
	if (is_word(p, "continue"))
		return parse_jump(p, NODE_CONTINUE);
	node = new_node(p, NODE_ACTION);
	node->pipe = parse_pipe(p, "command", TOKEN_CLOSE);
	return node;
}

static struct node *parse_list(struct parser *p, enum list_end *out_end)
{
	struct node *first = NULL;
	struct node **last = &first;

	for (;;) {
		struct node *node;

		advance(p);
		if (p->failed)
			return first;
		if (p->token.kind == TOKEN_EOF) {
			*out_end = END_EOF;
			if (p->depth)
				unexpected(p, NULL);
			return first;
		}
		if (p->token.kind == TOKEN_TEXT) {
			node = new_node(p, NODE_TEXT);
			node->text = mem_str(buf_text(&p->lexer.value));
		} else {
			advance(p);
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
		fail(&p, "unexpected {{%s}}",
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
