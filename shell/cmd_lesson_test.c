/* shell/cmd_lesson_test.c - `lesson test`: lessons proved by doing them, several at
 * once.
 *
 * Each lesson is played once for each learner (seed), in a world of its own, so all
 * of these are independent: each is one child process, and as many run at once as
 * --jobs says. A child's words go to a file in memory and are shown when it has
 * ended, in the order of the lessons. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lessons/course.h"
#include "lessons/prove.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_keep.h"
#include "shell/lesson_view.h"
#include "shell/shell.h"

#define MOST_OUTPUT ((size_t)4 << 20)

struct test_opts {
	struct opt_number seeds;
	struct opt_number first;
	struct opt_number jobs;
	struct strs without;
	const char *keep;
	bool verbose;
};

/* What a child says at its end: one write. */
struct last_word {
	int r;
	int proofs;
	struct err err;
};

/* One lesson for one learner. pid 0: not begun, -1: ended. */
struct unit {
	const struct course_entry *entry;
	int seed;
	pid_t pid;
	int words_fd;
	int word_fd;
	struct last_word word;
	double seconds;
	struct timespec from;
};

/* All of them, lesson by lesson. shown: how many were printed already. */
struct run {
	struct shell *shell;
	const struct test_opts *opts;
	struct unit *units;
	size_t count;
	size_t begun;
	size_t running;
	size_t shown;
	int seeds;
	int first_seed;
	int proofs;
	int failed;
	double seconds;
	int status;
};

/* ---- in the child ---- */

struct test {
	struct shell *shell;
	const struct test_opts *opts;
	const char *id;
	int proofs;
	struct lesson_keep keep;
};

static void enter(void *ctx, struct lesson_session *session)
{
	struct test *test = ctx;

	lesson_view_enter(test->shell, session);
	test->keep.session = session;
}

static void say(void *ctx, bool good, const char *sentence)
{
	struct test *test = ctx;

	test->proofs++;
	if (good && !test->opts->verbose)
		return;
	fprintf(test->shell->out, "%s %s: %s\n", good ? "ok  " : "FAIL",
		test->id, sentence);
}

static void way(void *ctx, bool begins)
{
	struct test *test = ctx;

	lesson_keep_way(&test->keep, begins);
}

/* Each learner's in a folder of its own: "folder/diff.2". */
static int keep_solution(const struct test *test, const struct unit *unit,
			 struct err *err)
{
	OWN_FREE char *name = mem_fmt("%s.%d", unit->entry->id, unit->seed);

	return lesson_keep_write(&test->keep, test->opts->keep, name, err);
}

/* The connections to databases are the parent's: they are left alone, not closed,
 * and new ones opened (sqlite.org/howtocorrupt.html, "Carrying an open database
 * connection across a fork"). */
static int open_anew(struct shell *shell, int words_fd, struct err *err)
{
	shell->lesson = NULL;
	shell->home = shell->base_home;
	shell->store = NULL;
	shell->base_store = NULL;
	shell->jobs = NULL;
	shell->interactive = false;
	shell->out = fdopen(words_fd, "w");
	if (!shell->out)
		return err_errno(err, "fdopen");
	return shell_need_store(shell, err);
}

static _Noreturn void prove_and_leave(const struct run *run,
				      const struct unit *unit, int words_fd,
				      int word_fd)
{
	struct shell shell = *run->shell;
	struct test test = { .shell = &shell,
			     .opts = run->opts,
			     .id = unit->entry->id };
	struct prove prove = {
		.first_seed = unit->seed,
		.seeds = 1,
		.ctx = &test,
		.enter = enter,
		.say = say,
	};
	struct lesson_host usual;
	struct last_word word = { 0 };

	word.r = open_anew(&shell, words_fd, &word.err);
	if (word.r == 0) {
		lesson_view_place(&shell, &prove.place);
		prove.place.without = &run->opts->without;
		if (run->opts->keep) {
			usual = prove.place.host;
			test.keep.inner = &usual;
			lesson_keep_host(&test.keep, &prove.place.host);
			prove.way = way;
		}
		word.r = prove_lesson(&prove, unit->entry->id, &word.err);
		if (word.r == 0 && run->opts->keep)
			word.r = keep_solution(&test, unit, &word.err);
		word.proofs = test.proofs;
		fflush(shell.out);
	}
	(void)!write(word_fd, &word, sizeof(word));
	_exit(0);
}

/* ---- in the parent ---- */

static double seconds_since(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - from->tv_sec) +
	       (double)(now.tv_nsec - from->tv_nsec) / 1e9;
}

static int begin_unit(struct run *run, struct unit *unit, struct err *err)
{
	OWN_FD int words = memfd_create("words", MFD_CLOEXEC);
	int fds[2];
	pid_t pid;

	if (words < 0)
		return err_errno(err, "memfd_create");
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_errno(err, "pipe2");
	clock_gettime(CLOCK_MONOTONIC, &unit->from);
	fflush(run->shell->out);
	lang_prepare();
	pid = fork();
	if (pid == 0)
		prove_and_leave(run, unit, words, fds[1]);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return err_errno(err, "fork");
	}
	unit->pid = pid;
	unit->word_fd = fds[0];
	unit->words_fd = own_give_fd(&words);
	run->running++;
	return 0;
}

/* Its last word is there, or it has gone without. */
static void end_unit(struct run *run, struct unit *unit)
{
	if (read(unit->word_fd, &unit->word, sizeof(unit->word)) !=
	    sizeof(unit->word))
		unit->word.r = err_set(&unit->word.err, EPROTO,
				       _("the test of '%s' has died"),
				       unit->entry->id);
	while (waitpid(unit->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(unit->word_fd);
	unit->pid = -1;
	unit->seconds = seconds_since(&unit->from);
	run->running--;
}

static void wait_for_one(struct run *run)
{
	struct pollfd *fds = mem_zero(run->count + 1, sizeof(*fds));

	for (size_t i = 0; i < run->count; i++)
		fds[i] = (struct pollfd){
			.fd = run->units[i].pid > 0 ? run->units[i].word_fd
						    : -1,
			.events = POLLIN,
		};
	/* After Ctrl-C the children end by themselves, and clean up. */
	if (poll(fds, (nfds_t)run->count, -1) > 0) {
		for (size_t i = 0; i < run->count; i++) {
			if (fds[i].revents)
				end_unit(run, &run->units[i]);
		}
	}
	free(fds);
}

static void show_words(const struct run *run, struct unit *unit)
{
	OWN_BUF struct buf words = { 0 };
	struct err ignored = { 0 };

	if (lseek(unit->words_fd, 0, SEEK_SET) == 0 &&
	    fs_read_fd(unit->words_fd, MOST_OUTPUT, &words, &ignored) == 0)
		fwrite(buf_text(&words), 1, words.len, run->shell->out);
	close(unit->words_fd);
}

/* The last unit of a lesson brings the lesson's line. */
static void show_unit(struct run *run, struct unit *unit)
{
	bool last = run->shown % (size_t)run->seeds == (size_t)run->seeds - 1;

	show_words(run, unit);
	run->proofs += unit->word.proofs;
	run->seconds += unit->seconds;
	if (unit->word.r > 0)
		run->failed += unit->word.r;
	if (unit->word.r < 0 && unit->word.err.msg[0]) {
		fprintf(run->shell->out, "FAIL %s: %s\n", unit->entry->id,
			unit->word.err.msg);
		run->failed++;
	}
	if (last) {
		fprintf(run->shell->out,
			_("%s: %d proofs, %d failed (2 languages, seeds: %d, "
			  "%.1f s)"),
			unit->entry->id, run->proofs, run->failed, run->seeds,
			run->seconds);
		fputc('\n', run->shell->out);
		run->status = run->failed ? 1 : run->status;
		run->proofs = run->failed = 0;
		run->seconds = 0;
	}
	fflush(run->shell->out);
	run->shown++;
}

static int run_units(struct run *run, size_t jobs, struct err *err)
{
	int r = 0;

	while (run->shown < run->count && (r == 0 || run->running > 0)) {
		while (r == 0 && run->begun < run->count &&
		       run->running < jobs && !interrupt_seen())
			r = begin_unit(run, &run->units[run->begun++], err);
		if (run->running > 0)
			wait_for_one(run);
		else if (interrupt_seen())
			return interrupt_err(err);
		while (run->shown < run->count &&
		       run->units[run->shown].pid < 0)
			show_unit(run, &run->units[run->shown]);
	}
	return r < 0 ? r : run->status;
}

/* ---- the command ---- */

static int add_lesson(struct run *run, const struct course_entry *entry)
{
	run->units = mem_grow(run->units, run->count + (size_t)run->seeds,
			      sizeof(*run->units));
	for (int i = 0; i < run->seeds; i++)
		run->units[run->count++] =
			(struct unit){ .entry = entry,
				       .seed = run->first_seed + i };
	return 0;
}

static int choose(struct run *run, const struct args *args,
		  const struct course *course, struct err *err)
{
	for (int i = 0; i < args->count; i++) {
		const struct course_entry *entry = NULL;
		int r = course_find(course, args->words[i], &entry, err);

		if (r < 0)
			return r;
		add_lesson(run, entry);
	}
	for (size_t i = 0; i < course->count && args->count == 0; i++)
		add_lesson(run, &course->items[i]);
	return 0;
}

static int run_test(struct shell *shell, struct args *args, struct err *err)
{
	const struct test_opts *opts = args->opts;
	long long jobs = opts->jobs.given ? opts->jobs.value
					  : sysconf(_SC_NPROCESSORS_ONLN);
	struct run run = {
		.shell = shell,
		.opts = opts,
		.seeds = opts->seeds.given ? (int)opts->seeds.value : 3,
		.first_seed = opts->first.given ? (int)opts->first.value : 1,
	};
	struct course course = { 0 };
	int r;

	if (run.seeds < 1 || run.seeds > 100)
		return err_set(err, EINVAL, _("--seeds: from 1 to 100"));
	if (run.first_seed < 1 || run.first_seed > 1000000)
		return err_set(err, EINVAL, _("--first: from 1 to 1000000"));
	if (jobs < 1 || jobs > 64)
		return err_set(err, EINVAL, _("--jobs: from 1 to 64"));
	r = prove_sweep(shell->base_home, err);
	if (r == 0)
		r = course_open(shell->lessons_dirs, &course, err);
	if (r == 0)
		r = choose(&run, args, &course, err);
	if (r == 0)
		r = run_units(&run, (size_t)jobs, err);
	free(run.units);
	course_done(&course);
	return r;
}

static const struct opt test_opts[] = {
	{ .name = "seeds",
	  .kind = OPT_COUNT,
	  .placeholder = "number",
	  .help = N_("For how many learners it is proved (default 3)"),
	  .offset = offsetof(struct test_opts, seeds) },
	{ .name = "first",
	  .kind = OPT_COUNT,
	  .placeholder = "number",
	  .help = N_("Number of the first learner (default 1)"),
	  .offset = offsetof(struct test_opts, first) },
	{ .name = "jobs",
	  .letter = 'j',
	  .kind = OPT_COUNT,
	  .placeholder = "number",
	  .help = N_("How many are played at once (default: one a processor)"),
	  .offset = offsetof(struct test_opts, jobs) },
	{ .name = "without",
	  .kind = OPT_LIST,
	  .placeholder = "word",
	  .help = N_("As on a machine that cannot do this: memory, image:node ..."),
	  .offset = offsetof(struct test_opts, without) },
	{ .name = "keep",
	  .kind = OPT_TEXT,
	  .placeholder = "folder",
	  .help = N_("Only walk the first solutions, and write them there, to be graded"),
	  .offset = offsetof(struct test_opts, keep),
	  .complete = COMPLETE_FOLDERS },
	{ .name = "verbose",
	  .letter = 'v',
	  .kind = OPT_FLAG,
	  .help = N_("Show each proof, not only what fails"),
	  .offset = offsetof(struct test_opts, verbose) },
	{ .name = NULL },
};

static const char *const test_examples[] = { "lesson test diff",
					     "lesson test --seeds 5", NULL };

const struct cmd cmd_lesson_test = {
	.name = "lesson test",
	.group = N_("Lessons"),
	.synopsis = "[OPTIONS] [LESSON...]",
	.summary = N_("For authors: prove a lesson by doing it"),
	.max_args = -1,
	.opts = test_opts,
	.opts_size = sizeof(struct test_opts),
	.examples = test_examples,
	.run = run_test,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.first = COMPLETE_LESSONS,
	.rest = COMPLETE_LESSONS,
};
