/* shell/lesson_view.c - see lesson_view.h */
#include "shell/lesson_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lessons/scene.h"
#include "lessons/session.h"
#include "lessons/text.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "shell/cmd.h"
#include "shell/lesson_found.h"
#include "shell/lesson_path.h"
#include "shell/markdown.h"
#include "shell/report.h"
#include "shell/shell.h"
#include "shell/style.h"

/* A line wider than this is hard to read, however wide the terminal is. */
#define MAX_WIDTH 80

/* ---- joining shell and session ---- */

void lesson_view_place(struct shell *shell, struct lesson_place *out)
{
	*out = (struct lesson_place){
		.base = shell->base_home,
		.store = shell->base_store,
		.dirs = shell->lessons_dirs,
		.lang = shell->lang,
	};
	shell_lesson_host(shell, &out->host);
}

void lesson_view_enter(struct shell *shell, struct lesson_session *session)
{
	shell->lesson = session;
	shell->home = session ? lesson_home(session) : shell->base_home;
	shell->store = session ? lesson_store(session) : shell->base_store;
}

static int go_in(struct shell *shell, struct lesson_session *session,
		 struct err *err)
{
	int r;

	lesson_view_enter(shell, session);
	r = lesson_begin(session, err);
	if (r < 0)
		lesson_view_leave(shell, 0);
	return r;
}

/* left: where none is under way, the one that was left last will do. */
static int find_lesson(struct shell *shell, bool left, struct err *err)
{
	struct lesson_session *session = NULL;
	struct lesson_place place;
	int r;

	if (shell->lesson)
		return 0;
	r = shell_need_store(shell, err);
	if (r < 0)
		return r;
	lesson_view_place(shell, &place);
	r = lesson_resume(&place, &session, err);
	if (r == 0 && !session && left)
		r = lesson_return(&place, &session, err);
	return r == 0 && session ? go_in(shell, session, err) : r;
}

static int say_none(struct shell *shell, struct err *err)
{
	err_set(err, ENOENT, _("no lesson is under way"));
	return lesson_path_hint(shell, err);
}

static int need(struct shell *shell, bool left, struct err *err)
{
	int r = find_lesson(shell, left, err);

	if (r == 0 && !shell->lesson)
		return say_none(shell, err);
	if (r == 0)
		lesson_set_lang(shell->lesson, shell->lang);
	return r;
}

int lesson_view_need(struct shell *shell, struct err *err)
{
	return need(shell, false, err);
}

int lesson_view_return(struct shell *shell, struct err *err)
{
	return need(shell, true, err);
}

void lesson_view_leave(struct shell *shell, int for_good)
{
	struct lesson_session *session = shell->lesson;

	if (!session)
		return;
	lesson_view_enter(shell, NULL);
	lesson_close(session, for_good != 0);
}

void lesson_view_close(struct shell *shell)
{
	lesson_view_leave(shell, 0);
}

void lesson_view_prompt(const struct shell *shell, struct buf *out)
{
	if (shell->lesson)
		buf_str(out, lesson_prompt(shell->lesson));
}

/* ---- text ---- */

static int width_of(FILE *to)
{
	int width = style_columns(to);

	return width > MAX_WIDTH ? MAX_WIDTH : width;
}

void lesson_view_text(const struct shell *shell, FILE *to, const char *markdown)
{
	struct markdown_look look = {
		.width = width_of(to),
		.color = shell->color,
		.ascii = shell->ascii,
		.plain = shell->plain,
	};
	OWN_BUF struct buf text = { 0 };

	if (!markdown_render(markdown, &look, &text))
		fprintf(to, "%s\n",
			_("(libmd4c is missing: the text is shown "
			  "as it is written)"));
	fputs(buf_text(&text), to);
}

void lesson_view_marked(FILE *to, const char *mark, const char *text)
{
	OWN_BUF struct buf line = { 0 };
	int indent = style_width(mark);
	int width = width_of(to);

	buf_str(&line, mark);
	if (indent > width / 3) { /* a long mark has a line of its own */
		buf_fmt(&line, "\n%*s", 7, "");
		indent = 7;
	}
	style_wrap(&line, text, indent, indent, width);
	fputs(buf_text(&line), to);
}

void lesson_view_line(FILE *to, const char *text)
{
	lesson_view_marked(to, "", text);
}

/* Markdown, too: the first line gets the mark, the others are indented as far. */
static void put_goal(const struct shell *shell, FILE *to, bool met,
		     const char *title)
{
	enum { INDENT = 5 };
	struct markdown_look look = {
		.width = width_of(to) - INDENT,
		.color = shell->color,
		.ascii = shell->ascii,
		.plain = shell->plain,
	};
	OWN_BUF struct buf text = { 0 };
	const char *line;

	(void)markdown_render(title, &look, &text); /* else as it stands */
	line = buf_text(&text);
	if (met)
		fprintf(to, " %s[x]%s ", style_on(shell, STYLE_GOOD),
			style_off(shell));
	else
		fputs(" [ ] ", to);
	do {
		size_t len = strcspn(line, "\n");

		fprintf(to, "%.*s\n", (int)len, line);
		line += len + (line[len] == '\n');
		if (*line)
			fprintf(to, "%*s", INDENT, "");
	} while (*line);
}

void lesson_view_goal(struct shell *shell, FILE *to, const struct goal *goal,
		      bool met)
{
	OWN_FREE char *title = lesson_goal_title(shell->lesson, goal);

	put_goal(shell, to, met, title);
}

static void put_title(const struct shell *shell, FILE *to)
{
	struct lesson_session *session = shell->lesson;
	OWN_FREE char *key = mem_fmt("step %s", lesson_step(session)->id);
	OWN_FREE char *title = mem_fmt("# %s  %s", lesson_prompt(session),
				       lesson_title(session, key));

	lesson_view_text(shell, to, title);
}

static void put_section(struct shell *shell, FILE *to, const char *kind,
			const char *id)
{
	OWN_FREE char *key = id ? mem_fmt("%s %s", kind, id) : mem_str(kind);
	OWN_FREE char *text = lesson_says(shell->lesson, key);

	if (!text)
		return;
	fputc('\n', to);
	lesson_view_text(shell, to, text);
}

/* ---- a page ---- */

static void put_checklist(struct shell *shell, FILE *to)
{
	const struct step *step = lesson_step(shell->lesson);

	fputc('\n', to);
	for (size_t i = 0; i < step->goals_count; i++) {
		const struct goal *goal = &step->goals[i];

		lesson_view_goal(shell, to, goal,
				 lesson_is_met(shell->lesson, goal));
	}
}

static const char *how_to_answer(const struct goal *goal)
{
	if (goal_has(goal, "choices"))
		return _("Answer with its number: answer 1, answer 2 ...");
	if (json_is_number(json_object_get(goal->want, "right")))
		return _("Answer with a number: answer 12");
	return _("Answer with: answer ...");
}

void lesson_view_question(struct shell *shell, FILE *to)
{
	const struct goal *goal = lesson_question(shell->lesson);
	OWN_FREE char *id = NULL;

	if (!goal)
		return;
	id = mem_fmt("%s/%s", goal->step, goal->id);
	put_section(shell, to, "ask", id);
	fprintf(to, "\n%s%s%s\n", style_on(shell, STYLE_NAME),
		how_to_answer(goal), style_off(shell));
}

static void put_finished(const struct shell *shell, FILE *to)
{
	OWN_FREE char *text =
		mem_fmt(_("This lesson is done: 'next' shows what you know now, "
			  "'next lesson' goes on to another, 'learn --again %s' "
			  "begins it once more."),
			lesson_of(shell->lesson)->id);

	fputc('\n', to);
	lesson_view_line(to, text);
}

/* Whoever went away with `cd` does not find what the task speaks of. */
static void put_elsewhere(const struct shell *shell, FILE *to)
{
	OWN_FREE char *here = getcwd(NULL, 0);
	OWN_FREE char *work =
		mem_fmt("%s/work", lesson_home(shell->lesson)->path);
	OWN_FREE char *there = realpath(work, NULL);
	OWN_FREE char *text = NULL;
	size_t len = there ? strlen(there) : 0;

	if (!shell->interactive || !here || !there ||
	    (strncmp(here, there, len) == 0 &&
	     (here[len] == '/' || !here[len])))
		return;
	text = mem_fmt(_("You are in %s, and the lesson's files are elsewhere: 'learn %s' goes back to them."),
		       here, lesson_of(shell->lesson)->id);
	fputc('\n', to);
	lesson_view_line(to, text);
}

/* How many lines a section takes, with the empty one in front of it. */
static int height_of(struct shell *shell, int width, const char *kind,
		     const char *id)
{
	struct markdown_look look = { .width = width, .ascii = shell->ascii };
	OWN_FREE char *key = mem_fmt("%s %s", kind, id);
	OWN_FREE char *says = lesson_says(shell->lesson, key);
	OWN_BUF struct buf text = { 0 };
	int height = 1;

	(void)markdown_render(says ? says : "", &look, &text);
	for (const char *at = buf_text(&text); *at; at++)
		height += *at == '\n';
	return height;
}

/* On a low terminal the top of the page, with what is to be typed, would have gone by
 * the time that the question can be read. The checklist can wait for the answer: each
 * goal has its line when its turn comes, and `goal` shows them all. */
static bool has_room(struct shell *shell, FILE *to)
{
	enum { AROUND = 5 }; /* title, rule, how to answer, prompt, empty lines */
	const struct step *step = lesson_step(shell->lesson);
	const struct goal *asked = lesson_question(shell->lesson);
	OWN_FREE char *id =
		asked ? mem_fmt("%s/%s", asked->step, asked->id) : NULL;
	struct winsize size = { 0 };
	int height;

	if (!asked || asked != step->goals || !shell->interactive ||
	    ioctl(fileno(to), TIOCGWINSZ, &size) < 0 || size.ws_row == 0)
		return true;
	height = AROUND + 1 + (int)step->goals_count +
		 height_of(shell, width_of(to), "step", step->id) +
		 height_of(shell, width_of(to), "ask", id);
	return height <= size.ws_row;
}

static void put_page(struct shell *shell, FILE *to, bool checklist)
{
	struct lesson_at at;

	lesson_where(shell->lesson, &at);
	put_title(shell, to);
	put_section(shell, to, "step", lesson_step(shell->lesson)->id);
	if (checklist)
		put_checklist(shell, to);
	if (!at.step_done)
		lesson_view_question(shell, to);
	else if (!at.finished)
		fprintf(to, "\n%s\n", _("This step is done: 'next' goes on."));
	else
		put_finished(shell, to);
	put_elsewhere(shell, to);
	lesson_view_outside(shell, to);
}

void lesson_view_page(struct shell *shell, FILE *to)
{
	put_page(shell, to, true);
}

void lesson_view_begin(struct shell *shell, FILE *to)
{
	put_page(shell, to, has_room(shell, to));
}

void lesson_view_outside(const struct shell *shell, FILE *to)
{
	OWN_FREE char *line = NULL;
	OWN_FREE char *text = NULL;

	/* A script goes on by itself; a line of sh at the prompt has one around it. */
	if (shell->interactive || (shell->script && *shell->script) ||
	    shell->docker_voice || getenv("DOCKERSHELL_BASE_HOME"))
		return;
	line = mem_fmt("dockershell%s%s%s%s", shell->home_path ? " --home " : "",
		       shell->home_path ? shell->home_path : "",
		       shell->lessons_dirs ? " --lessons " : "",
		       shell->lessons_dirs ? shell->lessons_dirs : "");
	text = mem_fmt(_("The lesson goes on at the prompt of dockershell: "
			 "start it with '%s'. A command that is typed here "
			 "runs outside of the lesson."),
		       line);
	fputc('\n', to);
	lesson_view_line(to, text);
}

void lesson_view_head(struct shell *shell, FILE *to)
{
	put_title(shell, to);
	put_checklist(shell, to);
}

/* ---- the prompt ---- */

/* Words that are about the lesson: they change nothing in its world, and are no
 * part of the learner's way. */
static bool is_about_lesson(const char *line)
{
	static const char *const words[] = {
		"lessons", "learn",    "goal",   "hint",     "check", "next",
		"reset",   "solution", "help",   "progress", "leave", "answer",
		"lesson",  "lang",     "exit",   "notebook", "note",  "card",
		"demo",    "tour",     "submit", "grade",    NULL,
	};
	size_t len;

	line += strspn(line, " \t$");
	len = strcspn(line, " \t\n");
	for (const char *const *word = words; *word; word++) {
		if (strlen(*word) == len && strncmp(line, *word, len) == 0)
			return true;
	}
	return false;
}

void lesson_view_before(const struct shell *shell)
{
	if (shell->lesson)
		lesson_before_command(shell->lesson);
}

void lesson_view_after(struct shell *shell, const char *line, int status)
{
	struct lesson_news news = { 0 };
	struct err err = { 0 };

	if (!shell->lesson || is_about_lesson(line))
		return;
	if (lesson_after_command(shell->lesson, line, status, &news, &err) < 0)
		report_failure(shell, NULL, "", &err);
	else
		lesson_found_show(shell, shell->err_out, &news, 0);
	lesson_news_done(&news);
}

void lesson_view_resume(struct shell *shell)
{
	struct lesson_session *session = NULL;
	struct lesson_place place;
	struct err err = { 0 };
	OWN_FREE char *current = NULL;
	int r;

	if (shell->lesson || shell_need_store(shell, &err) < 0)
		return; /* whoever needs the store next says why */
	scene_sweep(shell->base_home);
	lesson_view_place(shell, &place);
	r = lesson_resume(&place, &session, &err);
	if (r == 0 && !session)
		return;
	if (r == 0)
		r = go_in(shell, session, &err);
	if (r < 0) {
		report_failure(shell, NULL, "", &err);
		return;
	}
	current = mem_fmt(_("Going on with lesson '%s'. 'goal' shows the "
			    "task, 'leave' leaves the lesson."),
			  lesson_of(session)->id);
	lesson_view_marked(shell->err_out, "", current);
}
