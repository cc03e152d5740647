/* shell/grade_engine.c - see grade_engine.h */
#include "shell/grade_engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/grade.h"
#include "lessons/replay.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/broker.h"
#include "shell/cmd.h"
#include "shell/commands.h"
#include "shell/grade_lines.h"
#include "shell/lesson_view.h"
#include "shell/sh.h"
#include "shell/shell.h"
#include "shell/words.h"

/* The enclosure ends a line at its limit; LATER the warden would. */
enum { LATER_MS = 10000, OUTPUT_BYTES = 4 << 20 };

struct engine {
	struct shell shell;
	struct grade_lines lines;
	const struct enclosure_inside *inside;
};

/* From here on what goes to /bin/sh runs in a compartment, which sees of the home the
 * learner's folder alone. */
static int enter(void *ctx, struct lesson_session *session, struct err *err)
{
	struct engine *engine = ctx;
	struct shell *shell = &engine->shell;
	OWN_FREE char *work = NULL;

	lesson_view_enter(shell, session);
	if (!session) {
		broker_free(shell->broker);
		shell->broker = NULL;
		return 0;
	}
	work = mem_fmt("%s/work", shell->home->path);
	shell->broker = broker_new(engine->inside, shell->base_home->path, work,
				   err);
	return shell->broker ? grade_lines_begin(&engine->lines, err)
			     : -err->code;
}

static int run_line(void *ctx, const struct replay_line *line, struct buf *out,
		    struct replay_ran *ran, struct err *err)
{
	/* What met one limit often meets others, and in the end that of time: the
	 * one that says most about it comes first. */
	static const int order[] = { ENCLOSURE_PROCESSES, ENCLOSURE_MEMORY,
				     ENCLOSURE_DISK,      ENCLOSURE_OUTPUT,
				     ENCLOSURE_PROCESSOR, ENCLOSURE_TIME, -1 };
	struct engine *engine = ctx;
	unsigned hit;
	int r;

	enclosure_line_begin(engine->inside);
	r = grade_lines_run(&engine->lines, line, out, ran, err);
	hit = enclosure_line_end(engine->inside);
	for (size_t i = 0; order[i] >= 0 && !ran->ended; i++) {
		if (hit & ENCLOSURE_BIT(order[i]))
			ran->ended = enclosure_limit_name(
				(enum enclosure_limit)order[i]);
	}
	return r;
}

static int say(void *ctx, const json_t *word, struct err *err)
{
	struct engine *engine = ctx;
	OWN_FREE char *text = json_dumps(word, JSON_COMPACT);

	return enclosure_say(engine->inside, text ? text : "",
			     text ? strlen(text) : 0, err);
}

/* ---- what a line is about ---- */

/* The command that a line without any shell syntax calls, or NULL; *first: which of
 * the words is its first argument. */
static const struct cmd *command_of(const struct words *words, int *first)
{
	char *const *items = words->words.items;
	int skip = 0;
	const struct cmd *cmd;

	if (words->words.count == 0 || words->quoted_first)
		return NULL;
	while (items[skip] && strcmp(items[skip], "docker") == 0)
		skip++;
	cmd = command_find(items + skip, first);
	*first += skip;
	return cmd;
}

/* These are about the lesson, or about this program: nothing in the world changes by
 * them, and the lesson under way is not theirs to leave. */
static bool is_about_lesson(const struct cmd *cmd)
{
	return cmd->ours && (strcmp(cmd->group, "Lessons") == 0 ||
			     strcmp(cmd->name, "exit") == 0 ||
			     strcmp(cmd->name, "lang") == 0 ||
			     strcmp(cmd->name, "help") == 0);
}

static const char *behind_words(const char *line, int count)
{
	for (int i = 0; i < count; i++) {
		line += strspn(line, " \t\n");
		line += strcspn(line, " \t\n");
	}
	return line + strspn(line, " \t\n");
}

static enum replay_about about(const char *line, const char **out_value)
{
	OWN_WORDS struct words words = { 0 };
	int first = 0;
	const struct cmd *cmd;

	line = words_begin(line);
	words_read(line, &words);
	cmd = command_of(&words, &first);
	if (!cmd || !is_about_lesson(cmd))
		return REPLAY_WORK;
	*out_value = behind_words(line, first);
	if (cmd == &cmd_answer)
		return REPLAY_ANSWER;
	if (cmd == &cmd_next)
		return REPLAY_NEXT;
	return cmd == &cmd_reset ? REPLAY_RESET : REPLAY_NOTHING;
}

static bool unfinished(const char *text)
{
	return words_unfinished(text) || sh_unfinished(text);
}

/* ---- all of it ---- */

/* What is said, and where things are looked for, is the same whoever grades. */
static void clean_environment(void)
{
	static const char *const names[] = {
		"DOCKERSHELL_HOME", "DOCKERSHELL_BASE_HOME",
		"DOCKERSHELL_LESSONS", "DOCKERSHELL_LANG", "DOCKER_HOST",
		"DOCKER_BUILDKIT", "COLUMNS", "LINES", "LANGUAGE", "ENV",
		"BASH_ENV", "http_proxy", "https_proxy", "HTTP_PROXY",
		"HTTPS_PROXY", "FTP_PROXY", "ftp_proxy", "NO_PROXY",
		"no_proxy", NULL,
	};

	for (const char *const *name = names; *name; name++)
		unsetenv(*name);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TERM", "dumb", 1);
	setenv("TZ", "UTC", 1);
}

static void make_place(struct engine *engine, const struct grade_work *work,
		       struct lesson_place *out)
{
	*out = (struct lesson_place){
		.base = engine->shell.base_home,
		.store = engine->shell.base_store,
		.dir = work->lesson_dir,
		.lang = engine->shell.lang,
		.scratch = "graded",
		.grading = true,
		.seed = work->seed,
	};
}

static int replay(struct engine *engine, const struct grade_work *work,
		  struct err *err)
{
	OWN_FD int folder = fs_open_dir(AT_FDCWD, work->folder, err);
	struct replay replay = {
		.lesson = work->lesson,
		.version = work->version,
		.folder_fd = folder,
		.packed = work->packed,
		.ctx = engine,
		.enter = enter,
		.run = run_line,
		.about = about,
		.unfinished = unfinished,
		.say = say,
	};

	if (folder < 0)
		return folder;
	make_place(engine, work, &replay.place);
	return replay_run(&replay, err);
}

int grade_engine_run(void *ctx, const struct grade_work *work,
		     const struct enclosure_inside *inside, struct err *err)
{
	struct engine engine = { .inside = inside };
	struct shell *shell = &engine.shell;
	int r;

	(void)ctx;
	clean_environment();
	(void)setsid(); /* Ctrl-C is for us and what we start */
	shell_init(shell);
	(void)lang_choose(work->lang); /* one of ours: it was looked at */
	shell->lang = lang_now();
	shell->color = false;
	shell->home_path = work->home;
	interrupt_catch();
	engine.lines = (struct grade_lines){
		.shell = shell,
		.line_ms = LATER_MS + (1 + (long long)ENCLOSURE_PUT_OFF) *
					      inside->limits.line_ms,
		.output_bytes = OUTPUT_BYTES,
	};
	r = shell_need_store(shell, err);
	if (r == 0)
		r = replay(&engine, work, err);
	grade_lines_done(&engine.lines);
	shell_done(shell);
	return r;
}
