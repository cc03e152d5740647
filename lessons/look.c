/* lessons/look.c - see look.h */
#include "lessons/look.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "images/run_spec.h"
#include "lessons/goal_wait.h"
#include "runtime/attach.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/join.h"
#include "runtime/names.h"
#include "runtime/spec.h"

/* What the looker says at its end: one write, under PIPE_BUF. */
struct last_word {
	int r;
	int exit;
	struct err err;
};

/* ---- in the looker ---- */

static int look_in_container(const struct home *home,
			     const struct facts_run *run,
			     const struct attach *attach, int *out_exit,
			     struct err *err)
{
	const struct join join = { .args = run->args, .user = run->user };
	struct attach_end end = { 0 };
	int r = join_run(home, run->name, &join, attach, &end, err);

	if (r == 0)
		*out_exit = end.exit_code;
	return r;
}

static int fill_spec(const struct home *home, const struct facts_run *run,
		     struct spec *spec, struct err *err)
{
	struct run_choice choice = { .image = run->name,
				     .args = run->args,
				     .entrypoint = "",
				     .entrypoint_given = true,
				     .user = run->user };
	OWN_IMAGE struct image image = { 0 };
	struct store *store = NULL;
	char id[ID_LEN + 1];
	int r = store_open(home, &store, err);

	if (r == 0)
		r = image_find(store, run->name, &image, err);
	if (r == 0)
		r = run_spec_fill(spec, &image, &choice, err);
	/* What its config says lets nothing run: an answer, too. */
	if (r < 0 && image.id)
		(void)err_status(err, 126);
	store_close(store);
	if (r == 0)
		r = names_random_id(id, err);
	if (r < 0)
		return r;
	spec->id = mem_str(id);
	spec->network_mode = mem_str("none");
	spec->auto_remove = true;
	strs_clear(&spec->health_test);
	return 0;
}

/* As a step of a build: it ends with its starter, and nothing of it stays. */
static int look_in_image(const struct home *home, const struct facts_run *run,
			 const struct attach *attach, int *out_exit,
			 struct err *err)
{
	OWN_SPEC struct spec spec;
	int lock_fd = -1;
	int r;

	spec_init(&spec);
	r = fill_spec(home, run, &spec, err);
	if (r == 0)
		r = container_run_for_layer(home, &spec, attach, out_exit,
					    &lock_fd, err);
	if (lock_fd >= 0)
		container_clear(home, &spec, lock_fd);
	return r;
}

static _Noreturn void look_and_leave(const char *home_path,
				     const struct facts_run *run, int output_fd,
				     int word_fd)
{
	const struct attach attach = { .in_fd = -1,
				       .out_fd = output_fd,
				       .err_fd = output_fd };
	struct last_word word = { 0 };
	struct home home = { .fd = -1 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	word.r = home_open(home_path, &home, &word.err);
	if (word.r == 0)
		word.r = run->where == FACTS_IMAGE
				 ? look_in_image(&home, run, &attach,
						 &word.exit, &word.err)
				 : look_in_container(&home, run, &attach,
						     &word.exit, &word.err);
	(void)!write(word_fd, &word, sizeof(word));
	_exit(0);
}

/* ---- in the parent ---- */

/* Reads what is printed until the last word comes. Returns 1 with it, 0 when the
 * looker has gone without, -ETIMEDOUT, -EINTR. */
static int listen_to(int output_fd, int word_fd, int64_t until,
		     struct buf *output, struct last_word *word)
{
	bool more = true;

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = word_fd, .events = POLLIN },
			{ .fd = more ? output_fd : -1, .events = POLLIN },
		};
		int64_t left = until - goal_wait_now_ms();
		int r = left > 0 ? poll(fds, 2, (int)left) : 0;

		if (r == 0)
			return -ETIMEDOUT;
		if (r < 0 && interrupt_seen())
			return -EINTR;
		if (r < 0)
			continue;
		if (fds[1].revents) {
			char *room = buf_room(output, 4096);
			ssize_t len = read(output_fd, room, 4096);

			more = len > 0;
			/* More than is looked at is read and dropped. */
			if (len > 0 && output->len < FACTS_OUTPUT_MAX)
				output->len += (size_t)len;
		} else if (fds[0].revents) {
			return read(word_fd, word, sizeof(*word)) ==
			       sizeof(*word);
		}
	}
}

static int report(int heard, const struct last_word *word, struct buf *output,
		  struct facts_ran *out, struct err *err)
{
	struct facts_ran ran = { .late = heard == -ETIMEDOUT,
				 .code = word->exit };

	if (heard == -EINTR)
		return interrupt_err(err);
	if (heard == 0)
		return err_set(err, EPROTO,
			       _("the helper process that runs the check's programs has ended"));
	if (heard == 1 && word->r < 0) {
		/* No such program, or none that may run: an answer, too. */
		if (word->err.status != 126 && word->err.status != 127) {
			*err = word->err;
			return word->r;
		}
		ran.code = word->err.status;
		ran.failed = mem_str(word->err.msg);
	}
	/* Zero bytes end a text here. */
	buf_char(output, 0);
	ran.output = buf_give(output);
	*out = ran;
	return 0;
}

int look_run(const char *home_path, const struct facts_run *run,
	     struct facts_ran *out, struct err *err)
{
	int64_t until = goal_wait_now_ms() + run->timeout_ms;
	OWN_BUF struct buf output = { 0 };
	struct last_word word = { 0 };
	int output_fds[2];
	int word_fds[2];
	pid_t pid;
	int heard;

	if (pipe2(output_fds, O_CLOEXEC) < 0)
		return err_errno(err, "pipe2");
	if (pipe2(word_fds, O_CLOEXEC) < 0) {
		close(output_fds[0]);
		close(output_fds[1]);
		return err_errno(err, "pipe2");
	}
	lang_prepare();
	pid = fork();
	if (pid == 0)
		look_and_leave(home_path, run, output_fds[1], word_fds[1]);
	close(output_fds[1]);
	close(word_fds[1]);
	heard = pid < 0 ? err_errno(err, "fork")
			: listen_to(output_fds[0], word_fds[0], until, &output,
				    &word);
	close(output_fds[0]);
	close(word_fds[0]);
	if (pid < 0)
		return heard;
	if (heard != 1)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return report(heard, &word, &output, out, err);
}
