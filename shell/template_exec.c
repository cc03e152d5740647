/* shell/template_exec.c - a template, run on a value.
 *
 * Walks the nodes as Go's text/template does, with its messages. A run is bounded
 * in steps and in output: a short template can ask for very much. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/template_parts.h"

enum { MOST_STEPS = 1000000 };

/* What walking ends with besides 0 and -errno. */
enum { WALK_BREAK = 1, WALK_CONTINUE = 2 };

int run_fail(struct run *run, const struct node *at, const char *format, ...)
{
	const char *text = run->template->text;
	char message[1024];
	size_t column = 0;
	int line = 1;
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	for (size_t i = 0; i < at->pos; i++) {
		column = text[i] == '\n' ? 0 : column + 1;
		line += text[i] == '\n';
	}
	return err_docker(run->err, ERR_BARE, EINVAL,
			  "template: :%d:%zu: executing \"\" at <%.*s>: %s",
			  line, column, (int)(at->end - at->start),
			  text + at->start, message);
}

static int count_step(struct run *run)
{
	if (++run->steps > MOST_STEPS)
		return err_set(run->err, EFBIG,
			       _("the template takes more than %d steps"),
			       MOST_STEPS);
	if (run->out->len - run->out_start > MOST_OUTPUT ||
	    run->text_bytes > MOST_OUTPUT)
		return err_set(run->err, EFBIG,
			       _("the template makes more than %d MB"),
			       MOST_OUTPUT >> 20);
	return 0;
}

static void push_variable(struct run *run, const char *name,
			  struct value value)
{
	if (run->variable_count == run->variable_size) {
		run->variable_size = run->variable_size * 2 + 8;
		run->variables = mem_grow(run->variables, run->variable_size,
					  sizeof(*run->variables));
	}
	run->variables[run->variable_count++] =
		(struct variable){ name, value };
}

static struct value *find_variable(struct run *run, const char *name)
{
	for (size_t i = run->variable_count; i-- > 0;)
		if (strcmp(run->variables[i].name, name) == 0)
			return &run->variables[i].value;
	return NULL;
}

static int eval_pipe(struct run *run, const struct node *pipe,
		     const struct value *dot, struct value *out);

/* What stands over a column of one label: "com.example.my-name" is "my name". */
static char *label_heading(const char *label)
{
	const char *dot = strrchr(label, '.');
	char *heading = mem_str(dot ? dot + 1 : label);

	for (char *c = heading; *c; c++)
		if (*c == '-' || *c == '_')
			*c = ' ';
	return heading;
}

/* .Label "key" of a row. */
static int call_label(struct run *run, const struct node *at,
		      const struct value *labels, const struct value *key,
		      struct value *out)
{
	const char *text;

	if (key->kind != VALUE_TEXT)
		return run_fail(run, at, "wrong type for value; expected string; got %s",
				value_type_name(run, key));
	if (run->look->header) {
		*out = value_text(run, label_heading(key->text));
		return 0;
	}
	text = json_string_value(json_object_get(labels->json, key->text));
	*out = (struct value){ VALUE_TEXT, .text = text ? text : "" };
	return 0;
}

static int one_field(struct run *run, const struct node *at,
		     const char *name, const struct value *on,
		     struct value *out)
{
	switch (on->kind) {
	case VALUE_NONE:
		if (run->look->raw)
			return run_fail(run, at,
					"nil data; no entry for key \"%s\"",
					name);
		*out = *on;
		return 0;
	case VALUE_NIL:
		return run_fail(run, at, "nil pointer evaluating %s.%s",
				value_type_name(run, on), name);
	case VALUE_MAP:
		if (value_field(run->look, on, name, out))
			return 0;
		if (run->look->raw)
			return run_fail(run, at,
					"map has no entry for key \"%s\"",
					name);
		*out = (struct value){ VALUE_NONE };
		return 0;
	case VALUE_STRUCT:
		if (value_field(run->look, on, name, out))
			return 0;
		break;
	case VALUE_TEXT:
	case VALUE_INT:
	case VALUE_REAL:
	case VALUE_BOOL:
	case VALUE_LIST:
		break;
	}
	return run_fail(run, at, "can't evaluate field %s in type %s", name,
			run->look->raw ? "interface {}" :
					 value_type_name(run, on));
}

/* names[from..] of `*on`, which becomes what they lead to; args: what stands
 * behind, which only Label takes. */
static int eval_fields(struct run *run, const struct node *at, size_t from,
		       const struct value *args, size_t count,
		       struct value *on)
{
	for (size_t i = from; i < at->names.count; i++) {
		const char *name = at->names.items[i];
		bool label = run->look->row && on->json == run->data &&
			     on->kind == VALUE_STRUCT &&
			     strcmp(name, "Label") == 0;
		int r = one_field(run, at, name, on, on);

		if (r < 0)
			return r;
		if (label && i + 1 == at->names.count) {
			if (count != 1)
				return run_fail(run, at, "wrong number of args for Label: want 1 got %zu",
						count);
			return call_label(run, at, on, args, on);
		}
	}
	if (count)
		return run_fail(run, at, "%s has arguments but cannot be invoked as function",
				at->names.items[at->names.count - 1]);
	return 0;
}

static int eval_variable(struct run *run, const struct node *node,
			 struct value *out)
{
	const struct value *found = find_variable(run, node->names.items[0]);

	if (!found)
		return run_fail(run, node, "undefined variable: %s",
				node->names.items[0]);
	*out = *found;
	return 0;
}

static struct value literal(const struct node *node, const struct value *dot)
{
	if (node->kind == NODE_DOT)
		return *dot;
	if (node->kind == NODE_BOOL)
		return value_bool(node->flag);
	if (node->kind == NODE_INT)
		return value_int(node->number);
	if (node->kind == NODE_REAL)
		return (struct value){ VALUE_REAL, .real = node->real };
	if (node->kind == NODE_STRING)
		return (struct value){ VALUE_TEXT, .text = node->text };
	return (struct value){ VALUE_NIL };
}

/* args: what stands behind a field in a command, else none. */
static int eval_operand(struct run *run, const struct node *node,
			const struct value *dot, const struct value *args,
			size_t count, struct value *out)
{
	if (node->kind == NODE_VARIABLE && node->names.count == 1 && count == 0)
		return eval_variable(run, node, out);
	if (node->kind == NODE_FIELD || node->kind == NODE_VARIABLE ||
	    node->kind == NODE_CHAIN) {
		struct value on = *dot;
		int r = 0;

		if (node->kind == NODE_VARIABLE)
			r = eval_variable(run, node, &on);
		else if (node->kind == NODE_CHAIN)
			r = eval_operand(run, node->first, dot, NULL, 0, &on);
		if (r == 0)
			r = eval_fields(run, node, node->kind == NODE_VARIABLE,
					args, count, &on);
		if (r == 0)
			*out = on;
		return r;
	}
	if (count)
		return run_fail(run, node, "can't give argument to non-function %.*s",
				(int)(node->end - node->start),
				run->template->text + node->start);
	if (node->kind == NODE_PIPE)
		return eval_pipe(run, node, dot, out);
	if (node->kind == NODE_FUNCTION)
		return function_call(run, node, node->text, NULL, 0, out);
	*out = literal(node, dot);
	return 0;
}

/* `and` and `or` look at their arguments one by one and stop when they know. */
static int eval_logic(struct run *run, const struct node *command,
		      const struct value *dot, const struct value *final,
		      struct value *out)
{
	bool is_and = strcmp(command->first->text, "and") == 0;
	const struct node *arg = command->first->next;

	if (!arg && !final)
		return run_fail(run, command,
				"wrong number of args for %s: want at least 1 got 0",
				command->first->text);
	for (; arg; arg = arg->next) {
		int r = eval_operand(run, arg, dot, NULL, 0, out);

		if (r < 0)
			return r;
		if (value_true(out) != is_and)
			return 0;
	}
	if (final)
		*out = *final;
	return 0;
}

static bool is_logic(const struct node *node)
{
	return node->kind == NODE_FUNCTION && (strcmp(node->text, "and") == 0 ||
					       strcmp(node->text, "or") == 0);
}

/* final: what came through the pipe, the last argument; NULL for none. */
static int eval_command(struct run *run, const struct node *command,
			const struct value *dot, const struct value *final,
			struct value *out)
{
	const struct node *first = command->first;
	struct value args[MOST_ARGS];
	size_t count = 0;

	if (is_logic(first))
		return eval_logic(run, command, dot, final, out);
	for (const struct node *arg = first->next; arg; arg = arg->next) {
		int r;

		if (count == MOST_ARGS - 1)
			return run_fail(run, command, "more than %d arguments",
					MOST_ARGS - 1);
		r = eval_operand(run, arg, dot, NULL, 0, &args[count++]);
		if (r < 0)
			return r;
	}
	if (final)
		args[count++] = *final;
	if (first->kind == NODE_FUNCTION)
		return function_call(run, command, first->text, args, count,
				     out);
	if (first->kind == NODE_NIL)
		return run_fail(run, first, "nil is not a command");
	return eval_operand(run, first, dot, args, count, out);
}

static int eval_pipe(struct run *run, const struct node *pipe,
		     const struct value *dot, struct value *out)
{
	struct value value = { VALUE_NONE };
	const struct value *final = NULL;
	int r = count_step(run);

	for (const struct node *c = pipe->first; c && r == 0; c = c->next) {
		struct value next = { VALUE_NONE };

		r = eval_command(run, c, dot, final, &next);
		value = next;
		final = &value;
	}
	if (r < 0)
		return r;
	*out = value;
	return 0;
}

/* The variables that a pipe declares or sets. */
static void set_variables(struct run *run, const struct node *pipe,
			  const struct value *value)
{
	for (size_t i = 0; i < pipe->names.count; i++) {
		struct value *old = find_variable(run, pipe->names.items[i]);

		if (pipe->flag && old)
			*old = *value;
		else
			push_variable(run, pipe->names.items[i], *value);
	}
}

static int walk_list(struct run *run, const struct node *node,
		     const struct value *dot);

static int walk_condition(struct run *run, const struct node *node,
			  const struct value *dot)
{
	size_t variables = run->variable_count;
	struct value value;
	int r = eval_pipe(run, node->pipe, dot, &value);

	if (r < 0)
		return r;
	set_variables(run, node->pipe, &value);
	if (!value_true(&value))
		r = walk_list(run, node->other, dot);
	else
		r = walk_list(run, node->body,
			      node->kind == NODE_WITH ? &value : dot);
	run->variable_count = variables;
	return r;
}

/* One turn of a range: its variables are $value or $key, $value. */
static int walk_turn(struct run *run, const struct node *node,
		     struct value key, const struct value *item)
{
	const struct strs *names = &node->pipe->names;
	size_t variables = run->variable_count;
	int r = count_step(run);

	for (size_t i = 0; i < names->count && r == 0; i++) {
		struct value *old = find_variable(run, names->items[i]);
		struct value value =
			names->count == 2 && i == 0 ? key : *item;

		if (node->pipe->flag && old)
			*old = value;
		else
			push_variable(run, names->items[i], value);
	}
	if (r == 0)
		r = walk_list(run, node->body, item);
	run->variable_count = variables;
	return r == WALK_CONTINUE ? 0 : r;
}

static int walk_range(struct run *run, const struct node *node,
		      const struct value *dot)
{
	struct value over;
	int r = eval_pipe(run, node->pipe, dot, &over);

	if (r < 0)
		return r;
	if (over.kind == VALUE_NONE || over.kind == VALUE_NIL ||
	    ((over.kind == VALUE_LIST || over.kind == VALUE_MAP) &&
	     value_len(&over) == 0))
		return walk_list(run, node->other, dot);
	if (over.kind == VALUE_LIST) {
		for (size_t i = 0; i < value_len(&over) && r == 0; i++) {
			struct value item =
				value_of(run->look,
					 json_array_get(over.json, i),
					 over.type, true);

			r = walk_turn(run, node, value_int((json_int_t)i),
				      &item);
		}
	} else if (over.kind == VALUE_MAP) {
		size_t count;
		OWN_FREE const char **keys =
			value_keys(run->look, &over, &count);

		for (size_t i = 0; i < count && r == 0; i++) {
			struct value item = { VALUE_NONE };
			struct value key = { VALUE_TEXT, .text = keys[i] };

			(void)value_field(run->look, &over, keys[i], &item);
			r = walk_turn(run, node, key, &item);
		}
	} else {
		OWN_BUF struct buf shown = { 0 };

		value_print(run->look, &over, &shown);
		return run_fail(run, node->pipe, "range can't iterate over %s",
				buf_text(&shown));
	}
	return r == WALK_BREAK ? 0 : r;
}

static int walk_action(struct run *run, const struct node *node,
		       const struct value *dot)
{
	struct value value;
	int r = eval_pipe(run, node->pipe, dot, &value);

	if (r < 0)
		return r;
	set_variables(run, node->pipe, &value);
	if (node->pipe->names.count == 0)
		value_print(run->look, &value, run->out);
	return 0;
}

static int walk_list(struct run *run, const struct node *node,
		     const struct value *dot)
{
	int r = 0;

	for (; node && r == 0; node = node->next) {
		r = count_step(run);
		if (r < 0)
			return r;
		if (node->kind == NODE_BREAK)
			return WALK_BREAK;
		if (node->kind == NODE_CONTINUE)
			return WALK_CONTINUE;
		if (node->kind == NODE_TEXT)
			buf_str(run->out, node->text);
		else if (node->kind == NODE_IF || node->kind == NODE_WITH)
			r = walk_condition(run, node, dot);
		else if (node->kind == NODE_RANGE)
			r = walk_range(run, node, dot);
		else
			r = walk_action(run, node, dot);
	}
	return r;
}

int template_run(const struct template *template,
		 const struct template_look *look, json_t *data,
		 struct buf *out, struct err *err)
{
	static const struct template_type root = { "", TEMPLATE_STRUCT };
	struct run run = { .template = template,
			   .look = look,
			   .data = data,
			   .out = out,
			   .out_start = out->len,
			   .err = err,
			   .made = json_array() };
	struct value dot = value_of(look, data, &root, false);
	int r;

	push_variable(&run, "$", dot);
	r = walk_list(&run, template->root, &dot);
	free(run.variables);
	json_decref(run.made);
	strs_done(&run.texts);
	return r < 0 ? r : 0;
}
