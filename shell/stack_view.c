/* shell/stack_view.c - see stack_view.h */
#include "shell/stack_view.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/utf8.h"
#include "shell/cmd.h"
#include "shell/progress.h"

/* ---- instructions ---- */

/* "|2 A=1 B=2 /bin/sh -c x": how many build arguments come first. */
static const char *behind_arguments(const char *text)
{
	const char *at;

	if (*text != '|' || !isdigit((unsigned char)text[1]))
		return text;
	at = strstr(text, " /bin/sh -c ");
	return at ? at + 1 : text;
}

char *stack_view_path(const char *path)
{
	OWN_BUF struct buf shown = { 0 };

	while (*path) {
		size_t len = utf8_len(path, UTF8_MOST);
		/* Those of one byte, and U+0080 to U+009F. */
		bool control = iscntrl((unsigned char)*path) ||
			       (len == 2 && (unsigned char)path[0] == 0xc2 &&
				(unsigned char)path[1] < 0xa0);

		if (!len || control)
			buf_char(&shown, '?');
		else
			buf_add(&shown, path, len);
		path += len ? len : 1;
	}
	return buf_give(&shown);
}

bool stack_view_is_plain(const char *path)
{
	OWN_FREE char *shown = stack_view_path(path);

	return strcmp(shown, path) == 0;
}

void stack_view_quote(struct buf *out, const char *text)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+";

	OWN_FREE char *shown = stack_view_path(text);
	const char *word = shown;

	if (*word && strspn(word, plain) == strlen(word)) {
		buf_str(out, word);
		return;
	}
	buf_char(out, '\'');
	for (; *word; word++)
		if (*word == '\'')
			buf_str(out, "'\\''");
		else
			buf_char(out, *word);
	buf_char(out, '\'');
}

char *stack_view_place(const char *name, const char *path)
{
	OWN_FREE char *place = mem_fmt("%s:%s", name, path);
	OWN_BUF struct buf word = { 0 };

	stack_view_quote(&word, place);
	return buf_give(&word);
}

char *stack_view_instruction(const char *created_by)
{
	static const char shell[] = "/bin/sh -c ";
	static const char nop[] = "#(nop) ";
	const char *text = behind_arguments(created_by);
	bool run = strncmp(text, shell, strlen(shell)) == 0;
	char *line;
	char *shown;

	if (run)
		text += strlen(shell);
	if (run && strncmp(text, nop, strlen(nop)) == 0) {
		run = false;
		text += strlen(nop);
	}
	text += strspn(text, " ");
	line = mem_fmt("%s%s", run ? "RUN " : "", text);
	for (char *c = line; *c; c++)
		if (isspace((unsigned char)*c))
			*c = ' ';
	shown = stack_view_path(line);
	free(line);
	return shown;
}

char *stack_view_made_by(const struct stack *stack,
			 const struct stack_layer *layer)
{
	if (layer->writable)
		return mem_fmt(_("container %s"), stack->container);
	if (!*layer->created_by)
		return mem_str(_("(nothing says what made it)"));
	return stack_view_instruction(layer->created_by);
}

/* ---- why ---- */

static const struct {
	unsigned bit;
	const char *name;
	const char *text;
} changes[] = {
	{ STACK_OWNER, "owner", N_("owner") },
	{ STACK_MODE, "mode", N_("mode") },
	{ STACK_TIME, "time", N_("time") },
};

char *stack_view_changes(unsigned change)
{
	OWN_STRS struct strs words = { 0 };

	for (size_t i = 0; i < 3; i++)
		if (change & changes[i].bit)
			strs_add(&words, _(changes[i].text));
	return words.count ? strs_join(&words, ", ") : mem_str("");
}

json_t *stack_view_changes_json(unsigned change)
{
	json_t *list = json_array();

	for (size_t i = 0; i < 3; i++)
		if (change & changes[i].bit)
			json_array_append_new(list,
					      json_string(changes[i].name));
	return list;
}

char *stack_view_why(enum stack_fate fate, unsigned change, uint32_t by)
{
	OWN_FREE char *what = stack_view_changes(change);
	unsigned number = by + 1;

	switch (fate) {
	case STACK_SEEN:
		return mem_str(_("it is what one sees"));
	case STACK_COPIED:
		return *what ? mem_fmt(_("layer %u holds the same content once more: changed was the %s"),
				       number, what) :
			       mem_fmt(_("layer %u holds the very same once more"),
				       number);
	case STACK_REWRITTEN:
		return mem_fmt(_("layer %u has another file of that name"),
			       number);
	case STACK_DELETED:
		return mem_fmt(_("layer %u deleted it: a whiteout hides it"),
			       number);
	case STACK_EMPTIED:
		return mem_fmt(_("layer %u removed the folder and made it anew: it is opaque"),
			       number);
	case STACK_COVERED:
		break;
	}
	return mem_fmt(_("layer %u has something of another kind in its place"),
		       number);
}

/* ---- JSON ---- */

json_t *stack_view_text(const char *text)
{
	OWN_BUF struct buf valid = { 0 };

	while (text && *text) {
		size_t len = utf8_len(text, UTF8_MOST);

		if (len)
			buf_add(&valid, text, len);
		else
			buf_str(&valid, "\xef\xbf\xbd");
		text += len ? len : 1;
	}
	return text ? json_string(buf_text(&valid)) : json_null();
}

json_t *stack_view_strs(const struct strs *strs)
{
	json_t *list = json_array();

	for (size_t i = 0; i < strs->count; i++)
		json_array_append_new(list, stack_view_text(strs->items[i]));
	return list;
}

json_t *stack_view_count(const struct stack_count *count)
{
	return json_pack("{s:I,s:I}", "files", (json_int_t)count->files,
			 "bytes", (json_int_t)count->bytes);
}

/* ---- reading ---- */

int stack_view_read(struct shell *shell, const char *name, struct stack *out,
		    struct err *err)
{
	struct progress progress;
	int r;

	progress_begin(&progress, shell, _("Comparing the layers' files: "),
		       false);
	out->watch = &progress.watch;
	r = stack_read(shell->store, name, STACK_OF_EITHER, out, err);
	out->watch = NULL;
	progress_end(&progress);
	return r;
}

bool stack_view_split(const char *word, char **out_name, char **out_path)
{
	const char *slash = strchr(word, '/');
	const char *colon = strstr(word, ":/");

	/* "localhost:5000/x:/etc" has a slash before its path's. */
	while (colon && colon[2] && strstr(colon + 1, ":/"))
		colon = strstr(colon + 1, ":/");
	if (!slash || !colon || colon == word)
		return false;
	*out_name = mem_strn(word, (size_t)(colon - word));
	*out_path = fs_clean_path(colon + 1);
	return true;
}
