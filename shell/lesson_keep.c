/* shell/lesson_keep.c - see lesson_keep.h */
#include "shell/lesson_keep.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/commands.h"
#include "lessons/lesson.h"
#include "lessons/made.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

/* What ends a file's text; no line that a lesson writes. */
#define END "END-OF-FILE"

static void add(struct lesson_keep *keep, enum command_kind kind,
		const char *text, int status)
{
	const struct lesson *lesson = lesson_of(keep->session);
	const char *step = lesson_step(keep->session)->id;
	OWN_FREE char *line = mem_str(text);
	struct command command = {
		.kind = kind,
		.text = line,
		.status = status,
		.ms = 0,
		.time_s = clock_now_ns() / 1000000000,
	};

	if (keep->lines.len == 0)
		commands_begin(&keep->lines, lesson->id, lesson->seed,
			       &lesson->can);
	command.step = mem_str(step);
	commands_add(&keep->lines, &command, keep->step);
	free(keep->step);
	keep->step = command.step;
}

/* What is there and was not noted yet: the line before has made it, or the step. */
static int note_made(struct lesson_keep *keep, struct err *err)
{
	OWN_STRS struct strs made = { 0 };
	int r = made_look(lesson_home(keep->session),
			  lesson_store(keep->session), &keep->known, &made,
			  err);

	for (size_t i = 0; r == 0 && i < made.count; i++) {
		strs_add(&keep->known, made.items[i]);
		add(keep, COMMAND_MADE, made.items[i], -1);
	}
	return r;
}

static int run_line(void *ctx, const char *line, struct buf *out,
		    struct err *err)
{
	struct lesson_keep *keep = ctx;
	int r = keep->on ? note_made(keep, err) : 0;

	if (r == 0)
		r = keep->inner->run_line(keep->inner->ctx, line, out, err);
	if (keep->on && r >= 0)
		add(keep, COMMAND_LINE, line, r);
	return r;
}

/* Asked again, because it did not show yet what it will: that is no line of its own. */
static int run_again(void *ctx, const char *line, struct buf *out,
		     struct err *err)
{
	struct lesson_keep *keep = ctx;

	return keep->inner->run_line(keep->inner->ctx, line, out, err);
}

static int answer(void *ctx, struct buf *value, struct err *err)
{
	struct lesson_keep *keep = ctx;
	OWN_FREE char *line = mem_fmt("answer %s", buf_text(value));

	(void)err;
	if (keep->on)
		add(keep, COMMAND_LINE, line, 0);
	return 0;
}

static int wrote(void *ctx, const char *path, const char *text, struct err *err)
{
	struct lesson_keep *keep = ctx;
	const char *slash = strrchr(path, '/');
	size_t len = strlen(text);
	/* What does not end with a line's end is not made longer by one. */
	bool whole = len == 0 || text[len - 1] == '\n';
	OWN_FREE char *folder =
		mem_fmt("mkdir -p '%.*s'", slash ? (int)(slash - path) : 0, path);
	OWN_FREE char *file = mem_fmt("%s > '%s' <<'" END "'\n%s%s" END,
				      whole ? "cat" : "head -c -1", path, text,
				      whole ? "" : "\n");

	(void)err;
	if (keep->on && slash)
		add(keep, COMMAND_LINE, folder, 0);
	if (keep->on)
		add(keep, COMMAND_LINE, file, 0);
	return 0;
}

void lesson_keep_host(struct lesson_keep *keep, struct lesson_host *out)
{
	*out = (struct lesson_host){ .ctx = keep,
				     .run_line = run_line,
				     .run_again = run_again,
				     .answer = answer,
				     .wrote = wrote };
}

void lesson_keep_way(struct lesson_keep *keep, bool begins)
{
	keep->on = begins;
}

int lesson_keep_write(const struct lesson_keep *keep, const char *folder,
		      const char *name, struct err *err)
{
	OWN_FREE char *path = mem_fmt("%s/%s", folder, name);
	OWN_FD int fd = -1;
	int r = fs_make_dirs(AT_FDCWD, path, 0755, err);

	if (r < 0)
		return r;
	fd = fs_open_dir(AT_FDCWD, path, err);
	if (fd < 0)
		return fd;
	return fs_replace(fd, "commands.dsh", buf_text(&keep->lines),
			  keep->lines.len, 0644, false, err);
}

void lesson_keep_done(struct lesson_keep *keep)
{
	free(keep->step);
	strs_done(&keep->known);
	buf_done(&keep->lines);
}
