/* shell/grade_lines.c - see grade_lines.h
 *
 *     line_run --> [ pipe ] --> the warden: the last of it, how much, until when
 *        ^                         |
 *        +---- SIGINT at a limit --+
 *
 * The pipe stays the same for all lines: what one has left running may go on printing
 * and does not die of it. */
#include "shell/grade_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lessons/replay.h"
#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "shell/cmd.h"
#include "shell/line.h"

enum {
	KEPT = 16 << 10,
	PATIENCE_MS = 2000, /* between Ctrl-C and the next stronger means */
	DRAIN_MOST = 1 << 20,
};

enum ended { ENDED_NOT, ENDED_STOP, ENDED_TIME, ENDED_OUTPUT };

/* text, len  the last of what was printed; total: all of it */
struct warden_said {
	enum ended ended;
	size_t len;
	long long total;
	char text[KEPT];
};

/* What the warden is told: a line begins, until when (CLOCK_MONOTONIC) and whether
 * ending it then is as it should be; or, until_ms 0, that it has ended. */
struct told {
	int64_t until_ms;
	long long output_bytes;
	bool stop;
};

/* ---- the warden ---- */

/* tries  how often it was tried to end the line
 * since_ns  when it began: containers from then on are its own */
struct warden {
	struct warden_said *said;
	const struct home *home;
	int from_fd;
	int told_fd;
	struct told line;
	int tries;
	int64_t since_ns;
};

static void keep(struct warden_said *said, const char *bytes, size_t len)
{
	said->total += (long long)len;
	if (len > KEPT) {
		bytes += len - KEPT;
		len = KEPT;
	}
	if (said->len + len > KEPT) {
		size_t over = said->len + len - KEPT;

		memmove(said->text, said->text + over, said->len - over);
		said->len -= over;
	}
	memcpy(said->text + said->len, bytes, len);
	said->len += len;
}

static void kill_containers(const struct warden *warden)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };

	if (container_list(warden->home, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++) {
		if (all.items[i].status == CONTAINER_RUNNING &&
		    all.items[i].started_ns >= warden->since_ns)
			(void)container_kill(warden->home, all.items[i].spec.id,
					     SIGKILL, &ignored);
	}
}

/* First as the learner would have, then by force. */
static void end_line(struct warden *warden, enum ended why)
{
	if (warden->tries == 0)
		warden->said->ended = why;
	if (warden->tries > 0)
		kill_containers(warden);
	(void)kill(0, SIGINT); /* all of our group, the engine too */
	warden->tries++;
	warden->line.until_ms = clock_ms() + PATIENCE_MS;
}

/* Returns false where nobody has the other end any more. */
static bool take_some(struct warden *warden)
{
	char bytes[65536];
	ssize_t got = read(warden->from_fd, bytes, sizeof(bytes));

	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	keep(warden->said, bytes, (size_t)got);
	if (warden->line.until_ms && warden->tries == 0 &&
	    warden->said->total > warden->line.output_bytes)
		end_line(warden, ENDED_OUTPUT);
	return got > 0;
}

/* What is in the pipe already, not what goes on being written to it. */
static void drain(struct warden *warden)
{
	struct pollfd from = { .fd = warden->from_fd, .events = POLLIN };
	long long most = warden->said->total + DRAIN_MOST;

	while (warden->said->total < most && poll(&from, 1, 0) > 0 &&
	       take_some(warden))
		;
}

static void hear(struct warden *warden)
{
	struct told told;

	if (recv(warden->told_fd, &told, sizeof(told), 0) != sizeof(told))
		_exit(0); /* the engine has ended */
	warden->line = told;
	if (told.until_ms == 0) {
		drain(warden);
		(void)!send(warden->told_fd, "", 1, MSG_NOSIGNAL);
		return;
	}
	drain(warden); /* of the line before: not this one's */
	warden->tries = 0;
	warden->since_ns = clock_now_ns();
	warden->said->ended = ENDED_NOT;
	warden->said->len = 0;
	warden->said->total = 0;
	(void)!send(warden->told_fd, "", 1, MSG_NOSIGNAL);
}

static int time_left(const struct warden *warden)
{
	int64_t left = warden->line.until_ms - clock_ms();

	if (warden->line.until_ms == 0)
		return -1;
	return left > 0 ? (int)left : 0;
}

static _Noreturn void watch(struct warden *warden)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGINT, SIG_IGN);
	(void)fcntl(warden->from_fd, F_SETFL, O_NONBLOCK);
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = warden->told_fd, .events = POLLIN },
			{ .fd = warden->from_fd, .events = POLLIN },
		};
		int n = poll(fds, 2, time_left(warden));

		if (n > 0 && fds[1].revents)
			(void)take_some(warden); /* the engine has it open */
		if (n > 0 && fds[0].revents)
			hear(warden);
		if (warden->line.until_ms &&
		    clock_ms() >= warden->line.until_ms)
			end_line(warden,
				 warden->line.stop ? ENDED_STOP : ENDED_TIME);
	}
}

int grade_lines_begin(struct grade_lines *lines, struct err *err)
{
	int ends[2];
	int out[2];

	lines->said = mmap(NULL, sizeof(*lines->said), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (lines->said == MAP_FAILED) {
		lines->said = NULL;
		return err_errno(err, "mmap");
	}
	lines->nothing_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (lines->nothing_fd < 0)
		return err_errno(err, "open /dev/null");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 ||
	    pipe2(out, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	lines->warden = fork();
	if (lines->warden == 0) {
		struct warden warden = { .said = lines->said,
					 .home = lines->shell->home,
					 .from_fd = out[0],
					 .told_fd = ends[1] };

		close(ends[0]);
		close(out[1]);
		watch(&warden);
	}
	if (lines->warden < 0)
		return err_errno(err, "fork");
	close(ends[1]);
	close(out[0]);
	lines->tell_fd = ends[0];
	lines->out = fdopen(out[1], "w");
	if (!lines->out)
		return err_errno(err, "fdopen");
	setvbuf(lines->out, NULL, _IONBF, 0);
	return 0;
}

/* ---- the engine ---- */

static int tell(const struct grade_lines *lines, const struct told *told,
		struct err *err)
{
	char answer;
	ssize_t got;

	if (send(lines->tell_fd, told, sizeof(*told), MSG_NOSIGNAL) < 0)
		return err_errno(err, "tell the warden");
	do
		got = recv(lines->tell_fd, &answer, 1, 0);
	while (got < 0 && errno == EINTR);
	return got == 1 ? 0 : err_errno(err, "hear the warden");
}

/* As a script's line is run: no job of the prompt, no tips. */
static int run_line(struct grade_lines *lines, const char *line)
{
	struct shell *shell = lines->shell;
	struct shell before = *shell;
	int status;

	shell->out = lines->out;
	shell->err_out = lines->out;
	shell->in_fd = lines->nothing_fd;
	status = line_run(shell, line);
	shell->out = before.out;
	shell->err_out = before.err_out;
	shell->in_fd = before.in_fd;
	shell->want_exit = before.want_exit;
	interrupt_clear();
	return status;
}

int grade_lines_run(struct grade_lines *lines, const struct replay_line *line,
		    struct buf *out, struct replay_ran *ran, struct err *err)
{
	static const char *const names[] = { NULL, NULL, "time", "output" };
	struct told begin = {
		.until_ms = clock_ms() + (line->stop_ms > 0 ? line->stop_ms
							    : lines->line_ms),
		.output_bytes = lines->output_bytes,
		.stop = line->stop_ms > 0,
	};
	int r = tell(lines, &begin, err);

	if (r < 0)
		return r;
	ran->status = run_line(lines, line->line);
	r = tell(lines, &(struct told){ 0 }, err);
	if (r < 0)
		return r;
	ran->ended = names[lines->said->ended];
	buf_add(out, lines->said->text, lines->said->len);
	return 0;
}

void grade_lines_done(struct grade_lines *lines)
{
	if (lines->warden <= 0)
		return;
	if (lines->out)
		(void)fclose(lines->out);
	close(lines->tell_fd); /* it ends then */
	close(lines->nothing_fd);
	(void)munmap(lines->said, sizeof(*lines->said));
	lines->warden = 0;
}
