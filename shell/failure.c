/* shell/failure.c - see failure.h */
#include "shell/failure.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "shell/cmd.h"
#include "shell/stack_view.h"

static const char file_name[] = "failures";
enum { MAX_BYTES = 1 << 20 };

void failure_done(struct failure *failure)
{
	strs_done(&failure->words);
	free(failure->folder);
	free(failure->message);
	free(failure->hint);
	*failure = (struct failure){ 0 };
}

/* ---- writing ---- */

/* "-e", "PASSWORD=x" and "--env=PASSWORD=x": what stands behind the name goes. */
static void hide_values(struct strs *words)
{
	static const char *const names[] = { "-e", "--env", "--build-arg",
					     NULL };

	for (size_t i = 0; i < words->count; i++)
		for (size_t n = 0; names[n]; n++) {
			size_t len = strlen(names[n]);
			char *word = words->items[i];
			char *at = NULL;

			if (strncmp(word, names[n], len) != 0)
				continue;
			if (word[len] == '=')
				at = strchr(word + len + 1, '=');
			else if (word[len] == '\0' && i + 1 < words->count)
				at = strchr(words->items[i + 1], '=');
			if (at)
				at[1] = '\0';
		}
}

static json_t *to_json(const struct strs *given, bool by_sh, int64_t begun_ns,
		       int status, const struct err *err)
{
	OWN_STRS struct strs words = { 0 };
	json_t *list = json_array();
	OWN_FREE char *folder = getcwd(NULL, 0);

	strs_copy(&words, given);
	hide_values(&words);
	for (size_t i = 0; i < words.count; i++)
		json_array_append_new(list, stack_view_text(words.items[i]));
	return json_pack("{s:I, s:I, s:i, s:b, s:o, s:o, s:i, s:i, s:o, s:o}",
			 "begun", (json_int_t)begun_ns, "ended",
			 (json_int_t)clock_now_ns(), "session",
			 (int)getsid(0), "sh", by_sh, "words", list, "folder",
			 stack_view_text(folder), "status", status, "errno",
			 err->code, "message",
			 stack_view_text(err->code ? err->msg : NULL), "hint",
			 stack_view_text(err->code && err->hint[0] ? err->hint
								   : NULL));
}

/* What is behind the last FAILURES_KEPT - 1 lines. */
static const char *newest_lines(const struct buf *text)
{
	const char *at = buf_text(text) + text->len;
	int count = 0;

	while (at > buf_text(text)) {
		if (at[-1] == '\n' && count++ == FAILURES_KEPT - 1)
			break;
		at--;
	}
	return at;
}

static void write_line(const struct home *home, const char *line)
{
	OWN_BUF struct buf old = { 0 };
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };

	(void)fs_read(home->fd, file_name, MAX_BYTES, &old, &ignored);
	buf_str(&text, newest_lines(&old));
	buf_fmt(&text, "%s\n", line);
	(void)fs_replace(home->fd, file_name, text.data, text.len, 0600, false,
			 &ignored);
}

void failure_note(struct shell *shell, const struct strs *words, bool by_sh,
		  int64_t begun_ns, int status)
{
	static const char *const not_kept[] = { "why", "goal", "help", "exit",
						 "complete", "hint",
						"answer", NULL };
	struct home own = { .fd = -1 };
	struct err ignored = { 0 };
	const struct home *home = shell->home;
	OWN_FREE char *line = NULL;
	json_t *json;

	for (size_t i = 0; not_kept[i]; i++)
		if (!words->count || strcmp(words->items[0], not_kept[i]) == 0)
			return;
	if (!home && home_exists(shell->home_path) &&
	    home_open(shell->home_path, &own, &ignored) == 0)
		home = &own;
	/* What failed in a line of sh's and was one of ours has been noted by itself. */
	if (!home || (by_sh && failure_newest_ns(home) >= begun_ns)) {
		home_close(&own);
		return;
	}
	json = to_json(words, by_sh, begun_ns, status, &shell->failed);
	line = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (line)
		write_line(home, line);
	/* A goal that is not met is asked about from outside of the world, too. */
	if (line && shell->base_home && shell->base_home != home &&
	    strcmp(words->items[0], "check") == 0)
		write_line(shell->base_home, line);
	home_close(&own);
}

/* ---- reading ---- */

static void from_json(const json_t *json, struct failure *out)
{
	const json_t *words = json_object_get(json, "words");

	*out = (struct failure){
		.begun_ns = json_integer_value(json_object_get(json, "begun")),
		.ended_ns = json_integer_value(json_object_get(json, "ended")),
		.session = (int)json_integer_value(
			json_object_get(json, "session")),
		.by_sh = json_is_true(json_object_get(json, "sh")),
		.status = (int)json_integer_value(
			json_object_get(json, "status")),
		.code = (int)json_integer_value(json_object_get(json, "errno")),
		.folder = mem_str(
			json_string_value(json_object_get(json, "folder"))),
		.message = mem_str(
			json_string_value(json_object_get(json, "message"))),
		.hint = mem_str(
			json_string_value(json_object_get(json, "hint"))),
	};
	for (size_t i = 0; i < json_array_size(words); i++) {
		const char *word = json_string_value(json_array_get(words, i));

		strs_add(&out->words, word ? word : "");
	}
}

int failure_last(const struct home *home, bool session, struct failure *out,
		 struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	OWN_STRS struct strs lines = { 0 };
	struct err why = { 0 };
	int r = fs_read(home->fd, file_name, MAX_BYTES, &text, &why);

	if (r < 0 && why.code != ENOENT) {
		*err = why;
		return r;
	}
	strs_split(&lines, buf_text(&text), '\n');
	for (size_t i = lines.count; i-- > 0;) {
		json_t *json = json_loads(lines.items[i], 0, NULL);
		bool fits = json_is_object(json);

		if (fits)
			from_json(json, out);
		json_decref(json);
		if (fits && (!session || out->session == (int)getsid(0)) &&
		    out->words.count)
			return 1;
		if (fits)
			failure_done(out);
	}
	return 0;
}

int64_t failure_newest_ns(const struct home *home)
{
	OWN_FAILURE struct failure last = { 0 };
	struct err ignored = { 0 };

	return failure_last(home, false, &last, &ignored) == 1 ?
		       last.ended_ns :
		       0;
}
