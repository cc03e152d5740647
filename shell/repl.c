/* shell/repl.c - see repl.h: the prompt
 *
 * readline's callback interface is used, so that the program waits in its own
 * poll(2) and can be told of Ctrl-C there: a signal handler may do next to
 * nothing, the loop may do everything. */
#include "shell/repl.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/complete.h"
#include "shell/jobs.h"
#include "shell/lesson_view.h"
#include "shell/line.h"
#include "shell/past.h"
#include "shell/report.h"
#include "shell/sh.h"
#include "shell/style.h"
#include "shell/welcome.h"
#include "shell/words.h"

/* What readline's callback, which takes no argument of ours, fills in.
 *
 * line   what was typed; NULL with `done` at the end of input */
static struct typed {
	bool done;
	char *line;
} typed;

static volatile sig_atomic_t want_end; /* SIGTERM or SIGHUP came */

static void on_end(int number)
{
	(void)number;
	want_end = 1;
}

static void catch_end(void)
{
	struct sigaction action = { .sa_handler = on_end };

	sigemptyset(&action.sa_mask);
	(void)sigaction(SIGTERM, &action, NULL); /* fails on bad numbers only */
	(void)sigaction(SIGHUP, &action, NULL);
}

static void on_line(char *line)
{
	typed.done = true;
	typed.line = line;
	/* Gone at once: the command gets the terminal as it was. */
	rl_callback_handler_remove();
}

/* ---- the prompt's text ---- */

/* readline must not count what has no width: between \001 and \002. */
static void add_styled(const struct shell *shell, struct buf *out,
		       enum style style, const char *text)
{
	if (shell->color)
		buf_fmt(out, "\001%s\002%s\001%s\002", style_on(shell, style),
			text, style_off(shell));
	else
		buf_str(out, text);
}

static void make_prompt(const struct shell *shell, struct buf *out)
{
	OWN_BUF struct buf lesson = { 0 };
	OWN_FREE char *status = NULL;

	add_styled(shell, out, STYLE_BOLD, "dockershell");
	lesson_view_prompt(shell, &lesson);
	if (lesson.len > 0) {
		buf_char(out, ' ');
		add_styled(shell, out, STYLE_NAME, buf_text(&lesson));
	}
	if (shell->last_status != 0) {
		status = mem_fmt("[%d]", shell->last_status);
		buf_char(out, ' ');
		add_styled(shell, out, STYLE_BAD, status);
	}
	buf_str(out, "> ");
}

/* ---- reading ---- */

/* Ctrl-C: what was typed is dropped, a new prompt comes. */
static void drop_line(void)
{
	interrupt_clear();
	/* A search is left first, and the cursor goes behind the last row: what
	 * readline draws begins where it believes the cursor to be. */
	rl_callback_sigcleanup();
	rl_point = rl_end;
	rl_redisplay();
	fputs("^C", rl_outstream);
	rl_free_line_state();
	rl_replace_line("", 0);
	rl_crlf();
}

/* At each line readline asks the environment for the locale, and reads no wide
 * character where that is "C", or one that this machine has not got. It gets to
 * see the one that style_locale has found; what we start does not. */
static void begin_line(const char *prompt)
{
	bool own = style_locale();
	const char *value = getenv("LC_ALL");
	OWN_FREE char *before = mem_str(value);

#if RL_READLINE_VERSION >= 0x0802
	rl_eof_found = 0; /* else each line behind a Ctrl-D ends with an empty one */
#endif
	if (!own)
		setenv("LC_ALL", "C.UTF-8", 1);
	rl_callback_handler_install(prompt, on_line);
	if (!own && before)
		setenv("LC_ALL", before, 1);
	else if (!own)
		unsetenv("LC_ALL");
}

enum reading {
	READ_LINE,
	READ_DROPPED, /* Ctrl-C */
	READ_END,
};

/* Keys that came while the terminal was asked something (learn_drawing). */
static struct {
	struct buf keys;
	size_t at;
} early;

static bool early_key_left(void)
{
	return early.at < early.keys.len;
}

static int next_key(FILE *in)
{
	return early_key_left() ? (unsigned char)early.keys.data[early.at++]
				: rl_getc(in);
}

/* Waits for a key (true) or a signal. Signals are held back from the look at what they
 * have left until ppoll(2) lets them in: none falls between the two, and waits there for
 * the next key. */
static bool key_comes(void)
{
	struct pollfd ready = { .fd = STDIN_FILENO, .events = POLLIN };
	sigset_t held;
	sigset_t before;
	int n = 0;

	if (early_key_left())
		return true;
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGWINCH);
	(void)sigprocmask(SIG_BLOCK, &held, &before);
	if (!interrupt_seen() && !want_end)
		n = ppoll(&ready, 1, NULL, &before);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (n < 0)
		rl_check_signals();
	return n > 0;
}

/* One line of the terminal into typed.line. */
static enum reading read_typed(const char *prompt)
{
	typed = (struct typed){ 0 };
	begin_line(prompt);
	while (!typed.done && !want_end) {
		if (interrupt_seen()) {
			drop_line();
			rl_callback_handler_remove();
			return READ_DROPPED;
		}
		if (key_comes())
			rl_callback_read_char();
	}
	if (!typed.done)
		rl_callback_handler_remove();
	return typed.line ? READ_LINE : READ_END;
}

/* A whole command: more lines are asked for with "> " while a quote is open. */
static enum reading read_command(const struct shell *shell, struct buf *out)
{
	OWN_BUF struct buf prompt = { 0 };
	enum reading got;

	make_prompt(shell, &prompt);
	got = read_typed(buf_text(&prompt));
	while (got == READ_LINE) {
		buf_str(out, typed.line);
		free(typed.line);
		if (!words_unfinished(buf_text(out)) &&
		    !sh_unfinished(buf_text(out)))
			return READ_LINE;
		buf_char(out, '\n');
		got = read_typed("> ");
		if (got == READ_END && out->len > 0)
			return READ_DROPPED; /* the end of what was begun */
	}
	return got;
}

/* ---- the loop ---- */

/* Stopped jobs are lost by leaving: the first `exit` only says so. */
static bool may_leave(struct shell *shell, bool *warned)
{
	int stopped = jobs_stopped(shell->jobs);

	if (stopped == 0 || *warned)
		return true;
	*warned = true;
	report_line(shell, _("a job is stopped here ('jobs' shows it); leave again to end it"));
	return false;
}

/* Before the first line that is run, and not before the first prompt: a terminal
 * that does not answer makes us wait. */
static void learn_drawing(struct shell *shell)
{
	static bool asked;

	if (asked || shell->ascii)
		return;
	asked = true;
	shell->ascii = !style_probe_drawing(STDIN_FILENO, STDERR_FILENO,
					    &early.keys);
}

static void run_typed(struct shell *shell, const char *typed_text)
{
	OWN_FREE char *bare = words_without_prompts(typed_text);
	OWN_FREE char *text = past_recall(shell, bare);
	int status;

	if (!text || *words_begin(text) == '\0')
		return;
	learn_drawing(shell);
	past_add(shell, text);
	lesson_view_before(shell);
	status = line_run(shell, text);
	/* The terminal has shown ^C or ^\ and is still on that line. */
	if (status == 128 + SIGINT || status == 128 + SIGQUIT)
		fputc('\n', shell->err_out);
	lesson_view_after(shell, text, status);
	interrupt_clear();
}

static void loop(struct shell *shell)
{
	bool warned = false;

	while (!want_end) {
		OWN_BUF struct buf text = { 0 };
		enum reading got;

		jobs_report(shell->jobs, shell->err_out);
		fflush(shell->err_out);
		got = read_command(shell, &text);
		if (got == READ_DROPPED) {
			shell->last_status = 130;
			continue;
		}
		if (got == READ_END) {
			fputs(want_end ? "\n" : "exit\n", shell->err_out);
			if (want_end || may_leave(shell, &warned))
				return;
			continue;
		}
		run_typed(shell, buf_text(&text));
		welcome_settle(false);
		if (shell->want_exit && may_leave(shell, &warned))
			return;
		if (!shell->want_exit)
			warned = false;
		shell->want_exit = false;
	}
}

static void set_up_readline(struct shell *shell)
{
	const char *term = getenv("TERM");
	bool dumb = !term || !*term || strcmp(term, "dumb") == 0;

	rl_readline_name = "dockershell"; /* for $if in ~/.inputrc */
	rl_catch_signals = 0;             /* they are ours; see drop_line */
	rl_change_environment = 0;        /* no COLUMNS that grows stale */
	rl_outstream = stderr;
	rl_getc_function = next_key;
	/* ~/.inputrc is read later and may say otherwise. */
	rl_variable_bind("enable-bracketed-paste", dumb ? "off" : "on");
	rl_variable_bind("colored-stats", "off");
	complete_set_up(shell);
}

/* ---- one line, asked for by a command ---- */

static const char *offered_line;

static int insert_offered(void)
{
	rl_insert_text(offered_line);
	return 0;
}

enum repl_asked repl_ask(struct shell *shell, const char *prompt,
			 const char *offered, char **out)
{
	OWN_BUF struct buf styled = { 0 };
	enum reading got;

	if (!shell->interactive) {
		interrupt_catch();
		set_up_readline(shell);
	}
	add_styled(shell, &styled, STYLE_BOLD, prompt);
	fflush(shell->out);
	offered_line = offered;
	rl_startup_hook = insert_offered;
	got = read_typed(buf_text(&styled));
	rl_startup_hook = NULL;
	if (got != READ_LINE) {
		fputc('\n', shell->err_out);
		return REPL_LEFT;
	}
	*out = typed.line;
	return REPL_TYPED;
}

int repl_prompt(struct shell *shell)
{
	shell->interactive = true;
	shell->jobs = jobs_new(STDIN_FILENO, &want_end);
	interrupt_catch();
	catch_end();
	set_up_readline(shell);
	welcome(shell);
	past_load(shell);
	lesson_view_resume(shell);
	loop(shell);
	lesson_view_close(shell);
	jobs_free(shell->jobs);
	shell->jobs = NULL;
	welcome_settle(true);
	return shell->last_status;
}
