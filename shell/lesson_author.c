/* shell/lesson_author.c - see lesson_author.h */
#include "shell/lesson_author.h"

#include <errno.h>
#include <unistd.h>

#include "lessons/measure.h"
#include "lessons/scene.h"
#include "lessons/script.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
#include "shell/live.h"
#include "shell/style.h"

#define LONGEST_MS 30000
/* Another one than any learner's or demo's, so that ports differ. */
#define SEED 4711

struct author {
	struct shell *shell;
	bool setting;
	int64_t until_ms;
	long long commands;
	long long ms;
	struct measure most;
};

static int run_line(void *ctx, const char *line, struct buf *out,
		    struct err *err)
{
	struct author *author = ctx;
	int64_t from = clock_ms();
	int status;

	if (interrupt_seen() || from > author->until_ms)
		return err_set(err, ECANCELED, _("it took too long"));
	status = live_run(author->shell, line, NULL, out, err);
	if (!author->setting) {
		author->commands++;
		author->ms += clock_ms() - from;
	}
	return status;
}

static int run_again(void *ctx, const char *line, struct buf *out,
		     struct err *err)
{
	struct author *author = ctx;

	if (interrupt_seen() || clock_ms() > author->until_ms)
		return err_set(err, ECANCELED, _("it took too long"));
	return live_run(author->shell, line, NULL, out, err);
}

static int play_step(struct author *author, struct lesson_session *session,
		     size_t step, struct err *err)
{
	struct lesson_news news = { 0 };
	struct measure now = { 0 };
	int r;

	author->setting = true;
	r = step == 0 ? lesson_begin(session, err)
		      : lesson_go(session, step, err);
	author->setting = false;
	if (r == 0)
		r = lesson_play(session, SCRIPT_SOLVE, 0, err);
	if (r == 0)
		r = lesson_check(session, false, &news, err);
	lesson_news_done(&news);
	if (r == 0)
		r = measure_world(lesson_home(session), lesson_store(session),
				  &now, err);
	measure_most(&author->most, &now);
	return r;
}

static int play(struct author *author, const char *lesson, const char *scene,
		struct err *err)
{
	struct shell *shell = author->shell;
	struct lesson_session *before = shell->lesson;
	struct lesson_session *session = NULL;
	struct lesson_place place;
	int r;

	lesson_view_place(shell, &place);
	place.scratch = scene;
	place.seed = SEED;
	place.host = (struct lesson_host){ .ctx = author,
					   .run_line = run_line,
					   .run_again = run_again };
	r = lesson_open(&place, lesson, &session, err);
	if (r < 0)
		return r;
	lesson_view_enter(shell, session);
	for (size_t i = 0; i < lesson_of(session)->steps_count && r == 0; i++)
		r = play_step(author, session, i, err);
	lesson_view_enter(shell, before);
	lesson_close(session, true);
	return r;
}

bool lesson_author_measure(struct shell *shell, const char *lesson,
			   json_t **out)
{
	struct author author = { .shell = shell,
				 .until_ms = clock_ms() + LONGEST_MS };
	struct scene scene = { 0 };
	struct err err = { 0 };
	int r = scene_open(shell->base_home, &scene, &err);

	if (r < 0)
		return false;
	if (shell->interactive) {
		fprintf(shell->err_out, "%s%s%s\n", style_on(shell, STYLE_DIM),
			_("(playing the author's way, to compare; Ctrl-C "
			  "skips it)"),
			style_off(shell));
		fflush(shell->err_out);
	}
	r = play(&author, lesson, scene.name, &err);
	scene_close(&scene);
	interrupt_clear();
	if (r < 0)
		return false;
	*out = json_pack("{s:I,s:I,s:o}", "commands",
			 (json_int_t)author.commands, "ms",
			 (json_int_t)author.ms, "world",
			 measure_to_json(&author.most));
	return *out != NULL;
}
