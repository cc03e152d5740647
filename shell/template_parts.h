/* shell/template_parts.h - what the files of the template engine share.
 *
 *   text --lex--> tokens --parse--> nodes --exec--> values --value--> text
 *
 * Nobody else includes this. */
#ifndef SHELL_TEMPLATE_PARTS_H
#define SHELL_TEMPLATE_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "shell/template.h"

struct err;

/* ---- tokens ---- */

enum token_kind {
	TOKEN_TEXT,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_EOF,
	TOKEN_FIELD,	/* .Name */
	TOKEN_VARIABLE, /* $name */
	TOKEN_NAME,	/* a function or a keyword */
	TOKEN_DOT,
	TOKEN_STRING,
	TOKEN_NUMBER,
	TOKEN_PIPE,
	TOKEN_LEFT,
	TOKEN_RIGHT,
	TOKEN_ASSIGN,
	TOKEN_DECLARE,
	TOKEN_COMMA,
	TOKEN_ERROR, /* the failure is in lexer.message */
};

/* pos, end  where it stands in the text
 * space     white space stood in front of it
 * text      of TOKEN_TEXT (trimmed) and TOKEN_STRING (unquoted): owned by the
 *           lexer until the next token */
struct token {
	enum token_kind kind;
	size_t pos;
	size_t end;
	bool space;
};

struct lexer {
	const char *text;
	size_t at;
	bool inside; /* between {{ and }} */
	bool trim;   /* the last }} was a -}} */
	int parens;
	struct buf value;
	char message[128];
};

struct token lexer_next(struct lexer *lexer);

/* ---- nodes ---- */

enum node_kind {
	NODE_TEXT,
	NODE_ACTION,
	NODE_IF,
	NODE_RANGE,
	NODE_WITH,
	NODE_BREAK,
	NODE_CONTINUE,
	NODE_PIPE,
	NODE_COMMAND,
	NODE_FIELD,
	NODE_VARIABLE,
	NODE_CHAIN,
	NODE_DOT,
	NODE_NIL,
	NODE_BOOL,
	NODE_INT,
	NODE_REAL,
	NODE_STRING,
	NODE_FUNCTION,
};

/* pos         where Go says a failure is
 * start, end  its own text, for messages
 * names       fields of NODE_FIELD, _CHAIN and _VARIABLE (there the variable
 *             comes first); variables declared by NODE_PIPE
 * flag        NODE_PIPE: `=`, not `:=`; NODE_BOOL: its value
 * pipe        of actions and blocks
 * first       commands of a pipe, arguments of a command, what a chain is on
 * body, other what a block holds, and its {{else}} */
struct node {
	enum node_kind kind;
	size_t pos;
	size_t start;
	size_t end;
	struct strs names;
	char *text;
	json_int_t number;
	double real;
	bool flag;
	struct node *pipe;
	struct node *first;
	struct node *body;
	struct node *other;
	struct node *next;
	struct node *all; /* all nodes of the template, to be freed */
};

struct template {
	char *text;
	struct node *root;
	struct node *all;
};

/* The line and its words as Go's messages have them: ":1:2". */
int template_fail(const char *text, size_t pos, struct err *err,
		  const char *message);

/* ---- values ---- */

enum value_kind {
	VALUE_NONE, /* "<no value>" */
	VALUE_NIL,
	VALUE_TEXT,
	VALUE_INT,
	VALUE_REAL,
	VALUE_BOOL,
	VALUE_LIST,
	VALUE_MAP,
	VALUE_STRUCT,
};

/* type  of the field it comes from, or NULL
 * json  of lists, maps and structs; NULL is an empty one. Borrowed from the data
 *       or from the run. */
struct value {
	enum value_kind kind;
	const struct template_type *type;
	const char *text;
	json_int_t number;
	double real;
	json_t *json;
};

/* One run. made, texts: what values point to. */
struct run {
	const struct template *template;
	const struct template_look *look;
	json_t *data;
	struct buf *out;
	struct err *err;
	json_t *made;
	struct strs texts;
	struct variable {
		const char *name;
		struct value value;
	} *variables;
	size_t variable_count;
	size_t variable_size;
	size_t out_start;
	long steps;
	size_t text_bytes; /* of texts */
};

int run_fail(struct run *run, const struct node *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

struct value value_text(struct run *run, char *text); /* takes */
struct value value_int(json_int_t number);
struct value value_bool(bool flag);
struct value value_list(struct run *run, json_t *list); /* takes */

/* A value of the data. type: of the field it stands in; element: it is what a
 * map or list of that type holds. */
struct value value_of(const struct template_look *look, json_t *json,
		      const struct template_type *type, bool element);

/* What is known of the type of a field; NULL: nothing. */
const struct template_type *value_type_of(const struct template_look *look,
					  const char *field);

/* Whether a field of that type (or NULL) stands in no JSON, being empty. */
bool value_is_left_out(const struct template_type *type, const json_t *json);

/* The field's value; false where the object has none of that name. */
bool value_field(const struct template_look *look, const struct value *object,
		 const char *name, struct value *out);

bool value_true(const struct value *value);
size_t value_len(const struct value *value);
const char *value_type_name(const struct run *run, const struct value *value);

/* Whether it is a number that prints itself as a text: "1m30s". */
bool value_is_duration(const struct template_look *look,
		       const struct value *value);

/* As fmt.Fprint prints it. */
void value_print(const struct template_look *look, const struct value *value,
		 struct buf *out);
/* As encoding/json does (template_json.c); html: "<", ">" and "&" are escaped. */
void value_json(const struct template_look *look, const struct value *value,
		bool html, struct buf *out);

/* Names of a map, sorted; given, `*out_count` of them. */
const char **value_keys(const struct template_look *look,
			const struct value *map, size_t *out_count);

/* For qsort(3) of such names. */
int value_compare_keys(const void *a, const void *b);

/* ---- functions ---- */

enum { MOST_ARGS = 64, MOST_OUTPUT = 16 << 20 };

bool function_known(const char *name);

/* Calls one. `at` is the command, for messages. */
int function_call(struct run *run, const struct node *at, const char *name,
		  const struct value *args, size_t count, struct value *out);

/* printf's work; a wrong verb is shown as Go shows it, and nothing fails. */
void go_printf(const struct template_look *look, const struct value *args,
	       size_t count, struct buf *out);

#endif
