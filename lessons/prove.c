/* lessons/prove.c - see prove.h */
#include "lessons/prove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/goal_wait.h"
#include "lessons/script.h"
#include "lessons/world.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

#define WRONG_WAIT_MS 3000
#define WRONG_PAUSE_MS 50

/* One run through a lesson. */
struct proof {
	const struct prove *prove;
	struct lesson_session *session;
	int failed;
};

static void say(struct proof *proof, bool good, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void say(struct proof *proof, bool good, const char *format, ...)
{
	OWN_BUF struct buf text = { 0 };
	va_list args;

	va_start(args, format);
	buf_vfmt(&text, format, args);
	va_end(args);
	if (!good)
		proof->failed++;
	proof->prove->say(proof->prove->ctx, good, buf_text(&text));
}

/* What the author's own lines said where they failed: no proof of its own. */
static void tell_complaints(struct proof *proof)
{
	const struct strs *all = lesson_complaints(proof->session);

	for (size_t i = 0; i < all->count; i++) {
		OWN_FREE char *text =
			mem_fmt(_("this line failed: %s"), all->items[i]);

		proof->prove->say(proof->prove->ctx, false, text);
	}
}

/* ---- single proofs ---- */

static int untouched_fails(struct proof *proof, struct err *err)
{
	const struct step *step = lesson_step(proof->session);
	struct verdicts verdicts = { 0 };
	int failed = proof->failed;
	int r = lesson_judge_alone(proof->session, &verdicts, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < verdicts.count; i++) {
		const struct verdict *verdict = &verdicts.items[i];

		if (verdict->state == VERDICT_MET)
			say(proof, false,
			    _("%s: goal '%s' is met though nothing was done"),
			    step->id, verdict->goal);
		if (verdict->state == VERDICT_BROKEN)
			say(proof, false, _("%s: goal '%s' is broken: %s"),
			    step->id, verdict->goal, verdict->there_is);
	}
	verdicts_done(&verdicts);
	if (failed == proof->failed)
		say(proof, true, _("%s: untouched, every goal fails"),
		    step->id);
	return 0;
}

/* What a reset must bring back, and does. */
static int reset_is_exact(struct proof *proof, const char *start,
			  const char *after, struct err *err)
{
	OWN_BUF struct buf now = { 0 };
	int r = lesson_reset(proof->session, err);

	if (r == 0)
		r = lesson_print_world(proof->session, &now, err);
	if (r < 0)
		return r;
	if (strcmp(start, buf_text(&now)) != 0)
		say(proof, false,
		    _("%s: reset does not bring the start back after %s; it "
		      "was:\n%sit is:\n%s"),
		    lesson_step(proof->session)->id, after, start,
		    buf_text(&now));
	return 0;
}

static const char *const langs[] = { "en", "ja" };
#define LANGS (sizeof(langs) / sizeof(langs[0]))

/* What the learner is told, in each language: nothing may be left unfilled. */
static void words_are_filled(struct proof *proof, const struct wrong *wrong,
			     const struct verdict *verdict)
{
	for (size_t i = 0; i < LANGS; i++) {
		OWN_FREE char *text = NULL;

		lesson_set_lang(proof->session, langs[i]);
		text = lesson_verdict_says(proof->session, verdict);
		if (text && strstr(text, "%{"))
			say(proof, false,
			    _("%s, wrong '%s': the text of '%s' in text.%s.md "
			      "has a placeholder without a value"),
			    lesson_step(proof->session)->id, wrong->name,
			    verdict->message, langs[i]);
	}
}

static void judge_wrong(struct proof *proof, const struct wrong *wrong,
			const struct verdicts *verdicts)
{
	const char *step = lesson_step(proof->session)->id;
	const struct verdict *verdict = verdicts_of(verdicts, wrong->goal);

	if (!verdict)
		say(proof, false, _("%s, wrong '%s': there is no goal '%s'"),
		    step, wrong->name, wrong->goal);
	else if (verdict->state == VERDICT_BROKEN)
		say(proof, false, _("%s, wrong '%s': goal '%s' is broken: %s"),
		    step, wrong->name, wrong->goal, verdict->there_is);
	else if (verdict->state != VERDICT_OPEN)
		say(proof, false, _("%s, wrong '%s': goal '%s' does not fail"),
		    step, wrong->name, wrong->goal);
	else if (strcmp(verdict->message, wrong->message) != 0)
		say(proof, false,
		    _("%s, wrong '%s': goal '%s' fails with '%s', not with "
		      "'%s'"),
		    step, wrong->name, wrong->goal, verdict->message,
		    wrong->message);
	else
		say(proof, true, _("%s, wrong '%s': fails with '%s'"), step,
		    wrong->name, wrong->message);
	if (verdict && verdict->state == VERDICT_OPEN)
		words_are_filled(proof, wrong, verdict);
}

static bool fails_as_meant(const struct verdicts *verdicts,
			   const struct wrong *wrong)
{
	const struct verdict *verdict = verdicts_of(verdicts, wrong->goal);

	return verdict && verdict->state == VERDICT_OPEN &&
	       strcmp(verdict->message, wrong->message) == 0;
}

/* A program that is starting, or about to end, may need a moment until things are
 * as wrong as they are meant to be. */
static int wrong_fails(struct proof *proof, size_t index, struct err *err)
{
	const struct wrong *wrong = &lesson_step(proof->session)->wrongs[index];
	int64_t until = goal_wait_now_ms() + WRONG_WAIT_MS;
	struct lesson_news news = { 0 };
	int failed;
	int r = lesson_play(proof->session, SCRIPT_WRONG, index, err);

	if (r == 0)
		r = lesson_check(proof->session, false, &news, err);
	while (r == 0 && !fails_as_meant(&news.verdicts, wrong) &&
	       goal_wait_now_ms() < until) {
		lesson_news_done(&news);
		(void)poll(NULL, 0, WRONG_PAUSE_MS);
		r = lesson_check(proof->session, false, &news, err);
	}
	if (r < 0)
		return err_wrap(err, _("wrong '%s'"), wrong->name);
	failed = proof->failed;
	judge_wrong(proof, wrong, &news.verdicts);
	if (failed != proof->failed)
		tell_complaints(proof);
	lesson_news_done(&news);
	return 0;
}

static int solution_meets_all(struct proof *proof, size_t index,
			      struct err *err)
{
	const struct step *step = lesson_step(proof->session);
	struct lesson_news news = { 0 };
	int failed = proof->failed;
	int r = lesson_play(proof->session, SCRIPT_SOLVE, index, err);

	if (r == 0)
		r = lesson_check(proof->session, true, &news, err);
	if (r < 0)
		return err_wrap(err, _("solution %zu"), index + 1);
	for (size_t i = 0; i < news.verdicts.count; i++) {
		const struct verdict *verdict = &news.verdicts.items[i];

		if (verdict->state != VERDICT_MET)
			say(proof, false,
			    _("%s, solution %zu: goal '%s' is not met (%s): "
			      "%s"),
			    step->id, index + 1, verdict->goal,
			    verdict->message, verdict->there_is);
	}
	lesson_news_done(&news);
	if (failed != proof->failed)
		tell_complaints(proof);
	else
		say(proof, true, _("%s, solution %zu: meets every goal"),
		    step->id, index + 1);
	return 0;
}

/* ---- a step, a lesson ---- */

static int walk_step(struct proof *proof, struct err *err)
{
	const struct prove *prove = proof->prove;
	int r;

	if (prove->way)
		prove->way(prove->ctx, true);
	r = solution_meets_all(proof, 0, err);
	if (r == 0 && prove->way)
		prove->way(prove->ctx, false);
	return r;
}

static int prove_step(struct proof *proof, struct err *err)
{
	const struct step *step = lesson_step(proof->session);
	OWN_BUF struct buf start = { 0 };
	int failed = proof->failed;
	int r;

	/* Images that a wrong way has left are none of the solution's. */
	if (proof->prove->way)
		return walk_step(proof, err);
	r = lesson_print_world(proof->session, &start, err);

	if (r == 0)
		r = untouched_fails(proof, err);
	for (size_t i = 0; i < step->wrongs_count && r == 0; i++) {
		r = wrong_fails(proof, i, err);
		if (r == 0)
			r = reset_is_exact(proof, buf_text(&start),
					   step->wrongs[i].name, err);
	}
	for (int i = 0; i < step->solutions && r == 0; i++) {
		r = solution_meets_all(proof, (size_t)i, err);
		if (r == 0)
			r = reset_is_exact(proof, buf_text(&start),
					   _("a solution"), err);
	}
	if (r == 0 && failed == proof->failed)
		say(proof, true, _("%s: reset brings the start back"),
		    step->id);
	/* Once more, to go on from there. */
	if (r == 0)
		r = walk_step(proof, err);
	return r < 0 ? err_wrap(err, "%s", step->id) : 0;
}

/* Every text, as it would be shown: nothing may be left unfilled. */
static void texts_are_filled(struct proof *proof, const char *lang)
{
	static const char *const sections[] = { "step", "done" };
	const struct step *step = lesson_step(proof->session);

	lesson_set_lang(proof->session, lang);
	for (size_t i = 0; i < 2; i++) {
		OWN_FREE char *key = mem_fmt("%s %s", sections[i], step->id);
		OWN_FREE char *text = lesson_says(proof->session, key);

		if (!text || !*text)
			say(proof, false, _("text.%s.md: '@%s' is missing"),
			    lang, key);
		else if (strstr(text, "%{"))
			say(proof, false,
			    _("text.%s.md: '@%s' has a placeholder without a "
			      "value"),
			    lang, key);
	}
}

/* What happens in the world is the same in each language: it is played once, and
 * what is said of it is looked at in all. */
static int prove_once(struct proof *proof, struct err *err)
{
	size_t steps = lesson_of(proof->session)->steps_count;
	int r = lesson_begin(proof->session, err);

	for (size_t i = 0; i < steps && r == 0; i++) {
		for (size_t k = 0; k < LANGS; k++)
			texts_are_filled(proof, langs[k]);
		r = prove_step(proof, err);
		if (r == 0 && interrupt_seen())
			r = interrupt_err(err);
		if (r == 0 && i + 1 < steps)
			r = lesson_next(proof->session, err);
	}
	return r;
}

static int prove_with(const struct prove *prove, const char *name, int seed,
		      struct err *err)
{
	OWN_FREE char *scratch = mem_fmt("test-%d", (int)getpid());
	struct proof proof = { .prove = prove };
	struct lesson_place place = prove->place;
	int r;

	place.scratch = scratch;
	place.lang = langs[0];
	place.seed = (uint64_t)seed;
	place.grading = true;
	r = lesson_open(&place, name, &proof.session, err);
	if (r < 0)
		return r;
	prove->enter(prove->ctx, proof.session);
	r = prove_once(&proof, err);
	/* A step that failed cannot be gone past; what was found was said. */
	if (r == -EBUSY && proof.failed > 0)
		r = 0;
	prove->enter(prove->ctx, NULL);
	lesson_close(proof.session, true);
	return r < 0 ? r : proof.failed;
}

int prove_lesson(const struct prove *prove, const char *name, struct err *err)
{
	int failed = 0;

	for (int i = 0; i < prove->seeds; i++) {
		int seed = prove->first_seed + i;
		int r = prove_with(prove, name, seed, err);

		if (r < 0)
			return err_wrap(err, _("%s, learner %d"), name, seed);
		failed += r;
	}
	return failed;
}

/* "test-4711": of a process that is no more. */
static bool is_left(const char *name)
{
	long pid;
	char *end;

	if (strncmp(name, "test-", 5) != 0)
		return false;
	pid = strtol(name + 5, &end, 10);
	return pid > 0 && end > name + 5 && (*end == 0 || *end == '.') &&
	       kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static void names_left(const struct home *home, const char *folder,
		       struct strs *out)
{
	int fd = openat(home->fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OWN_DIR DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (!list)
		return; /* no lesson was begun here yet */
	for (struct dirent *entry = readdir(list); entry;
	     entry = readdir(list)) {
		if (is_left(entry->d_name))
			strs_add(out, entry->d_name);
	}
}

int prove_sweep(const struct home *home, struct err *err)
{
	OWN_STRS struct strs worlds = { 0 };
	OWN_STRS struct strs records = { 0 };
	int r = 0;

	names_left(home, "lessons/worlds", &worlds);
	names_left(home, "lessons/progress", &records);
	for (size_t i = 0; i < worlds.count && r == 0; i++)
		r = world_remove(home, worlds.items[i], err);
	for (size_t i = 0; i < records.count; i++) {
		OWN_FREE char *path =
			mem_fmt("lessons/progress/%s", records.items[i]);

		(void)unlinkat(home->fd, path, 0); /* the next sweep tries again */
	}
	return r;
}
