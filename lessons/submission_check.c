/* lessons/submission_check.c - see submission_check.h
 *
 *   "diff sha256:... 7c3a"  --digest-->  prev of line 1
 *   line 1                  --digest-->  prev of line 2 ...
 *   the last line           --digest-->  head, in submission.json */
#include "lessons/submission_check.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/commands.h"
#include "lessons/files.h"
#include "lessons/similar.h"
#include "lessons/submission.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum {
	ABOUT_MOST = 64 << 10,
	EVIDENCE_MOST = 8 << 20,
	MARKED_MOST = 256 << 10,
	MARKS_MOST = 2000,
};

struct checking {
	int fd;
	json_t *about;
	json_t *remarks;
	struct buf commands;
};

static const char *text_in(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

static void remark(struct checking *checking, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void remark(struct checking *checking, const char *format, ...)
{
	OWN_BUF struct buf text = { 0 };
	va_list args;

	va_start(args, format);
	buf_vfmt(&text, format, args);
	va_end(args);
	json_array_append_new(checking->remarks, json_string(buf_text(&text)));
}

/* Not there: 0, and nothing is added. */
static int read_if_there(struct checking *checking, const char *name, size_t most,
			 struct buf *out, struct err *err)
{
	if (!fs_exists(checking->fd, name))
		return 0;
	return fs_read(checking->fd, name, most, out, err);
}

static int read_about(struct checking *checking, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	int r = read_if_there(checking, "submission.json", ABOUT_MOST, &text,
			      err);

	if (r < 0 || text.len == 0)
		return r;
	checking->about = json_loadb(buf_text(&text), text.len, 0, NULL);
	if (!json_is_object(checking->about))
		return err_set(err, EINVAL,
			       _("submission.json in it is damaged"));
	if (strcmp(text_in(checking->about, "format"), SUBMISSION_FORMAT) != 0)
		return err_set(err, EINVAL,
			       _("submission.json in it is of another kind "
				 "than '%s'"),
			       SUBMISSION_FORMAT);
	return 0;
}

/* ---- the chain ---- */

/* Whether command `at` is the line of that link; moves on to the next line. */
static bool same_line(const struct commands *commands, size_t *at,
		      const json_t *link)
{
	const struct command *command;

	while (*at < commands->count &&
	       commands->items[*at].kind != COMMAND_LINE)
		(*at)++;
	if (*at == commands->count)
		return false;
	command = &commands->items[(*at)++];
	return strcmp(command->text, text_in(link, "line")) == 0 &&
	       strcmp(command->step, text_in(link, "step")) == 0 &&
	       command->status ==
		       (int)json_integer_value(json_object_get(link, "status"));
}

static bool lines_left(const struct commands *commands, size_t at)
{
	while (at < commands->count &&
	       commands->items[at].kind != COMMAND_LINE)
		at++;
	return at < commands->count;
}

static void check_files(struct checking *checking, const json_t *link)
{
	char files[DIGEST_SIZE] = "";
	struct err err = { 0 };
	OWN_FD int fd = openat(checking->fd, "files",
			       O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || files_digest(fd, FILES_PLAIN, files, &err) < 0 ||
	    strcmp(files, text_in(link, "files")) != 0)
		remark(checking,
		       _("the files are not those that were packed"));
}

static void check_links(struct checking *checking, const struct strs *links,
			const struct commands *commands)
{
	char prev[DIGEST_SIZE];
	size_t at = 0;

	submission_chain_begin(
		text_in(checking->about, "lesson"),
		text_in(checking->about, "version"),
		strtoull(text_in(checking->about, "seed"), NULL, 16), prev);
	for (size_t i = 0; i < links->count; i++) {
		json_t *link = json_loads(links->items[i], 0, NULL);
		bool is_last = i + 1 == links->count;
		bool holds = link && strcmp(text_in(link, "prev"),
				       digest_hex(prev)) == 0;
		digest_of(links->items[i], strlen(links->items[i]), prev);
		if (!holds)
			remark(checking,
			       _("the record of commands was changed: its "
				 "chain breaks at %zu"),
			       i + 1);
		else if (is_last)
			check_files(checking, link);
		else if (!same_line(commands, &at, link))
			remark(checking,
			       _("commands.dsh is not what was recorded: it "
				 "differs at command %zu"),
			       i + 1);
		json_decref(link);
		if (json_array_size(checking->remarks) > 0)
			return;
	}
	if (lines_left(commands, at))
		remark(checking, _("commands.dsh has commands that were not "
				   "recorded"));
	else if (strcmp(prev, text_in(checking->about, "head")) != 0)
		remark(checking, _("the end of the record of commands is missing"));
}

/* A command of several lines is one only for who knows the shell; the record knows
 * how long each is. */
static const struct strs *known_lines;
static size_t known_at;

static bool unfinished(const char *text)
{
	OWN_FREE char *wanted = NULL;
	json_t *link = known_at < known_lines->count
			       ? json_loads(known_lines->items[known_at], 0,
					    NULL)
			       : NULL;
	size_t len = strlen(text);
	bool more;

	wanted = mem_str(text_in(link, "line"));
	json_decref(link);
	more = strlen(wanted) > len && strncmp(wanted, text, len) == 0 &&
	       wanted[len] == '\n';
	if (!more && text[strspn(text, " \t\r\n")])
		known_at++;
	return more;
}

static int check_chain(struct checking *checking, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	OWN_STRS struct strs links = { 0 };
	OWN_COMMANDS struct commands commands = { 0 };
	int r = read_if_there(checking, "evidence.jsonl", EVIDENCE_MOST, &text,
			      err);

	if (r < 0)
		return r;
	strs_split(&links, buf_text(&text), '\n');
	known_lines = &links;
	known_at = 0;
	r = commands_parse(buf_text(&checking->commands),
			   checking->commands.len, unfinished, &commands, err);
	if (r < 0)
		return r;
	if (links.count == 0 && checking->about)
		remark(checking, _("there is no record of when the commands "
				   "were typed"));
	else if (links.count > 0)
		check_links(checking, &links, &commands);
	return 0;
}

/* ---- marks of its files ---- */

static int mark_file(void *ctx, int fd, const char *path, const struct stat *st,
		     struct err *err)
{
	OWN_BUF struct buf text = { 0 };

	(void)path;
	if (st->st_size > MARKED_MOST)
		return 0; /* no file that somebody has written */
	if (fs_read_fd(fd, MARKED_MOST, &text, err) < 0)
		return -err->code;
	if (memchr(buf_text(&text), '\0', text.len))
		return 0;
	for (const char *at = buf_text(&text); *at;) {
		size_t len = strcspn(at, "\n");

		similar_mark(ctx, at, len);
		at += len + (at[len] == '\n');
	}
	return 0;
}

static json_t *marks_of(const struct checking *checking)
{
	struct similar_marks marks = { 0 };
	const struct files_each each = { .ctx = &marks, .file = mark_file };
	struct err ignored = { 0 }; /* some of them are as good */
	json_t *json = json_array();
	OWN_FD int fd = checking->about
				? openat(checking->fd, "files",
					 O_RDONLY | O_DIRECTORY | O_CLOEXEC)
				: -1;

	(void)files_walk(fd >= 0 ? fd : checking->fd, &each, &ignored);
	for (size_t i = 0; i < marks.count && i < MARKS_MOST; i++)
		json_array_append_new(json, json_integer(marks.items[i]));
	similar_marks_done(&marks);
	return json;
}

/* ---- all of it ---- */

static int look(struct checking *checking, char digest[DIGEST_SIZE],
		struct err *err)
{
	int r = read_about(checking, err);

	if (r == 0)
		r = read_if_there(checking, "commands.dsh",
				  COMMANDS_MOST_BYTES, &checking->commands,
				  err);
	if (r == 0 && !fs_exists(checking->fd, "commands.dsh"))
		remark(checking, _("there is no commands.dsh in it: no "
				   "command was run"));
	if (r == 0)
		r = check_chain(checking, err);
	return r < 0 ? r : files_digest(checking->fd, FILES_PLAIN, digest, err);
}

int submission_look(int folder_fd, json_t **out, struct err *err)
{
	struct checking checking = { .fd = folder_fd,
				     .remarks = json_array() };
	char digest[DIGEST_SIZE];
	int r = look(&checking, digest, err);
	OWN_FREE char *seed = mem_str(text_in(checking.about, "seed"));

	if (r == 0 && !*seed) {
		free(seed);
		seed = mem_fmt("%" PRIx64,
			       commands_seed(buf_text(&checking.commands)));
	}
	if (r == 0)
		*out = json_pack(
			"{s:b,s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:O}", "packed",
			checking.about != NULL, "lesson",
			text_in(checking.about, "lesson"), "version",
			text_in(checking.about, "version"), "lang",
			text_in(checking.about, "lang"), "student",
			text_in(checking.about, "student"), "seed", seed,
			"digest", digest, "marks", marks_of(&checking),
			"remarks", checking.remarks);
	json_decref(checking.about);
	json_decref(checking.remarks);
	buf_done(&checking.commands);
	return r;
}
