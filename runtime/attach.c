/* runtime/attach.c - see attach.h
 *
 *   keyboard --> in_fd --> [detach keys?] --> INPUT --------> monitor
 *   screen   <-- out_fd, err_fd <------------ OUTPUT, ERROR <-
 *   SIGWINCH --> RESIZE     SIGINT, SIGTERM ... --> SIGNAL
 *
 * Signals are taken through a descriptor, so that each byte and each signal is
 * one turn of the same loop and nothing happens in a handler. */
#include "runtime/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/monitor.h"
#include "runtime/wire.h"

enum { CHUNK = 32 << 10, MAX_KEYS = 16 };

struct talk {
	int fd;
	const struct attach *attach;
	struct attach_end *end;
	struct buf in;
	struct buf queue;
	size_t sent;
	bool input_open;
	bool broken; /* nobody reads what we print */
	int lost;    /* or it cannot be written: why */
	bool done;
	int interrupts; /* Ctrl-C that the program did not heed */
	unsigned char keys[MAX_KEYS];
	int key_count;
	int key_at; /* how many of them were just typed */
	int signals;
	sigset_t old_mask;
	struct termios old_mode;
	bool raw;
};

struct winsize attach_size(int fd)
{
	struct winsize size = { 0 };

	if (fd < 0 || ioctl(fd, TIOCGWINSZ, &size) < 0)
		return (struct winsize){ 0 };
	return size;
}

/* "ctrl-p,ctrl-q", "ctrl-a", "a,b" to bytes. Returns their number, -EINVAL for what is
 * no such list. */
static int parse_keys(const char *text, unsigned char keys[MAX_KEYS],
		      struct err *err)
{
	OWN_STRS struct strs parts = { 0 };
	int count = 0;

	strs_split(&parts, text, ',');
	for (size_t i = 0; i < parts.count; i++) {
		const char *part = parts.items[i];
		char key = part[0];

		if (strncmp(part, "ctrl-", 5) == 0 && part[5] && !part[6])
			key = (char)(part[5] & 0x1f);
		else if (strlen(part) != 1)
			count = MAX_KEYS;
		if (count >= MAX_KEYS)
			return err_docker(err, ERR_DAEMON, EINVAL,
					  "Invalid detach keys (%s) provided",
					  text);
		keys[count++] = (unsigned char)key;
	}
	return count;
}

int attach_check_keys(const char *text, struct err *err)
{
	unsigned char keys[MAX_KEYS];
	int r = text && *text ? parse_keys(text, keys, err) : 0;

	return r < 0 ? r : 0;
}

/* ---- the terminal ---- */

static void enter_raw(struct talk *t)
{
	struct termios mode;

	if (!t->attach || !t->attach->raw_terminal || t->raw ||
	    tcgetattr(t->attach->in_fd, &t->old_mode) < 0)
		return;
	mode = t->old_mode;
	cfmakeraw(&mode);
	t->raw = tcsetattr(t->attach->in_fd, TCSADRAIN, &mode) == 0;
}

static void leave_raw(struct talk *t)
{
	if (t->raw)
		(void)tcsetattr(t->attach->in_fd, TCSADRAIN, &t->old_mode);
	t->raw = false;
}

static void take_signals(struct talk *t)
{
	static const int passed[] = { SIGINT,  SIGTERM, SIGHUP,	 SIGQUIT,
				      SIGUSR1, SIGUSR2, SIGALRM };
	sigset_t set;

	t->signals = -1;
	sigemptyset(&set);
	if (t->attach && t->attach->raw_terminal) {
		sigaddset(&set, SIGWINCH);
		sigaddset(&set, SIGCONT);
	}
	for (size_t i = 0; i < sizeof(passed) / sizeof(int); i++)
		sigaddset(&set, passed[i]);
	sigprocmask(SIG_BLOCK, &set, &t->old_mask);
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	/* Ctrl-C that came before: nobody would wake us up for it. */
	if (interrupt_seen() && (!t->attach || !t->attach->pass_signals)) {
		t->end->interrupted = true;
		t->done = true;
	}
}

static void give_signals_back(struct talk *t)
{
	if (t->signals >= 0)
		close(t->signals);
	sigprocmask(SIG_SETMASK, &t->old_mask, NULL);
}

/* ---- to the monitor ---- */

static void flush_queue(struct talk *t)
{
	while (t->sent < t->queue.len) {
		ssize_t put = send(t->fd, t->queue.data + t->sent,
				   t->queue.len - t->sent,
				   MSG_NOSIGNAL | MSG_DONTWAIT);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return; /* full, or gone: then reading tells */
		t->sent += (size_t)put;
	}
	buf_clear(&t->queue);
	t->sent = 0;
}

static void say(struct talk *t, enum wire_kind kind, const void *bytes,
		size_t len)
{
	wire_queue(&t->queue, kind, bytes, len);
	flush_queue(t);
}

static void say_signal(struct talk *t, int signal)
{
	struct wire_signal message = { signal, WIRE_PROXY };

	say(t, WIRE_SIGNAL, &message, sizeof(message));
}

/* Looks for the detach keys. What turns out not to be one goes along with what
 * was held back. Returns true when they were all typed. */
static bool pass_keys(struct talk *t, const unsigned char *bytes, size_t len,
		      struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		if (t->key_count && bytes[i] == t->keys[t->key_at]) {
			if (++t->key_at == t->key_count)
				return true;
			continue;
		}
		buf_add(out, t->keys, (size_t)t->key_at);
		t->key_at = t->key_count && bytes[i] == t->keys[0] ? 1 : 0;
		if (t->key_at == 0)
			buf_char(out, (char)bytes[i]);
	}
	return false;
}

static void read_keyboard(struct talk *t)
{
	unsigned char bytes[CHUNK];
	OWN_BUF struct buf out = { 0 };
	ssize_t got = read(t->attach->in_fd, bytes, sizeof(bytes));

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		t->input_open = false;
		say(t, WIRE_INPUT_END, NULL, 0);
		return;
	}
	if (!t->attach->raw_terminal) {
		say(t, WIRE_INPUT, bytes, (size_t)got);
		return;
	}
	if (pass_keys(t, bytes, (size_t)got, &out)) {
		t->end->detached = true;
		t->done = true;
	}
	if (out.len)
		say(t, WIRE_INPUT, out.data, out.len);
	if (t->done)
		say(t, WIRE_LEAVE, NULL, 0);
}

static void say_size(struct talk *t)
{
	struct winsize size = attach_size(t->attach ? t->attach->in_fd : -1);
	struct wire_size message = { size.ws_row, size.ws_col };

	if (size.ws_row)
		say(t, WIRE_RESIZE, &message, sizeof(message));
}

/* What the second Ctrl-C in a row answers. */
static const char *deaf_text(const struct attach *attach)
{
	if (attach->further)
		return _("dockershell: the program ignores SIGINT; Ctrl-C once more kills it");
	return attach->joined ?
		       _("dockershell: process 1 of the container ignores SIGINT\n"
			  "  (the kernel shields process 1 from signals that it does\n"
			  "  not handle); Ctrl-C once more leaves it running")
		      : _("dockershell: process 1 of the container ignores SIGINT\n"
			  "  (the kernel shields process 1 from signals that it does\n"
			  "  not handle); Ctrl-C once more kills it");
}

/* Process 1 is deaf to signals that it does not handle: the kernel spares it.
 * After the second Ctrl-C the user is told, the third does what was meant: it ends
 * what was started here, and leaves what others rely on. */
static void interrupt(struct talk *t)
{
	t->interrupts++;
	if (t->attach->err_fd >= 0 && isatty(t->attach->err_fd)) {
		/* Behind the ^C that the terminal has shown. */
		if (t->interrupts == 2)
			(void)!dprintf(t->attach->err_fd, "\n%s\n",
				       deaf_text(t->attach));
		else if (t->interrupts > 2)
			(void)!write(t->attach->err_fd, "\n", 1);
	}
	if (t->interrupts >= 3 && t->attach->joined) {
		t->end->interrupted = true;
		t->done = true;
		return;
	}
	say_signal(t, t->interrupts >= 3 ? SIGKILL : SIGINT);
}

static void read_signals(struct talk *t)
{
	struct signalfd_siginfo info;

	while (read(t->signals, &info, sizeof(info)) == sizeof(info)) {
		int signal = (int)info.ssi_signo;

		if (signal == SIGWINCH) {
			say_size(t);
		} else if (signal == SIGCONT) {
			t->raw = false; /* whoever ran meanwhile changed it */
			enter_raw(t);
			say_size(t);
		} else if (!t->attach || !t->attach->pass_signals) {
			t->end->interrupted = true;
			t->done = true;
		} else if (signal == SIGINT) {
			interrupt(t);
		} else {
			say_signal(t, signal);
		}
	}
}

/* ---- from the monitor ---- */

static void print(struct talk *t, int fd, const struct wire_message *message)
{
	int r;

	if (fd < 0 || t->broken)
		return;
	t->interrupts = 0; /* it lives and prints: not deaf, just busy */
	r = fs_write_all(fd, message->bytes, message->len);
	if (r == 0)
		return;
	t->broken = true;
	if (r != -EPIPE)
		t->lost = -r;
	say(t, WIRE_BROKEN, NULL, 0);
}

/* As Docker's daemon marks it for `build`. */
static void print_error(struct talk *t, const struct wire_message *message)
{
	static const struct wire_message begin = { .bytes = "\033[91m",
						   .len = 5 };
	static const struct wire_message end = { .bytes = "\033[0m", .len = 4 };
	int fd = t->attach ? t->attach->err_fd : -1;
	bool red = t->attach && t->attach->red_errors;

	if (red)
		print(t, fd, &begin);
	print(t, fd, message);
	if (red)
		print(t, fd, &end);
}

static int understand(struct talk *t, const struct wire_message *message,
		      struct err *err)
{
	int32_t number = 0;
	struct err failure;

	if (message->len >= sizeof(number))
		memcpy(&number, message->bytes, sizeof(number));
	switch (message->kind) {
	case WIRE_STARTED:
		t->end->started = true;
		t->end->pid = number;
		t->done = !t->attach;
		break;
	case WIRE_FAILED:
		if (message->len == sizeof(failure)) {
			memcpy(&failure, message->bytes, sizeof(failure));
			*err = failure;
		}
		t->done = true;
		return -err->code;
	case WIRE_OUTPUT:
		print(t, t->attach ? t->attach->out_fd : -1, message);
		break;
	case WIRE_ERROR:
		print_error(t, message);
		break;
	case WIRE_EXIT:
		t->end->exit_code = number;
		t->end->started = true;
		t->done = true;
		break;
	case WIRE_EVENT:
		(void)monitor_told_step(message);
		break;
	case WIRE_WORD:
		snprintf(t->end->word, sizeof(t->end->word), "%.*s",
			 (int)message->len, (const char *)message->bytes);
		break;
	case WIRE_NETWORKS:
	case WIRE_TRACE:
	case WIRE_ATTACH:
	case WIRE_INPUT:
	case WIRE_INPUT_END:
	case WIRE_RESIZE:
	case WIRE_SIGNAL:
	case WIRE_BROKEN:
	case WIRE_LEAVE:
	case WIRE_PAUSE:
	case WIRE_UNPAUSE:
	case WIRE_UPDATE:
	case WIRE_ANSWER:
	case WIRE_DONE:
	case WIRE_END:
	case WIRE_CHANGED:
	case WIRE_FOLLOW:
		break;
	}
	return 0;
}

static int hear_monitor(struct talk *t, struct err *err)
{
	struct wire_message message;
	size_t at = 0;
	int r = wire_read(t->fd, &t->in);
	int failed = 0;

	if (r == -EAGAIN)
		return 0;
	if (r <= 0)
		return err_set(err, EPIPE,
			       _("the container's monitor ended without a word"));
	while (failed == 0 && wire_next(&t->in, &at, &message, NULL))
		failed = understand(t, &message, err);
	return failed;
}

/* ---- the loop ---- */

static int talk_loop(struct talk *t, struct err *err)
{
	int r = 0;

	while (!t->done && r == 0) {
		bool room = t->queue.len - t->sent < CHUNK;
		struct pollfd fds[3] = {
			{ t->fd, POLLIN, 0 },
			{ t->signals, POLLIN, 0 },
			{ t->input_open && room ? t->attach->in_fd : -1, POLLIN,
			  0 },
		};

		if (t->sent < t->queue.len)
			fds[0].events |= POLLOUT;
		if (poll(fds, 3, -1) < 0)
			continue; /* EINTR */
		if (fds[0].revents & POLLOUT)
			flush_queue(t);
		if (fds[1].revents)
			read_signals(t);
		if (fds[2].revents)
			read_keyboard(t);
		if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
			r = hear_monitor(t, err);
	}
	return r;
}

int attach_talk(int fd, const struct attach *attach, struct attach_end *out,
		struct err *err)
{
	struct talk t = {
		.fd = fd,
		.attach = attach,
		.end = out,
		.input_open = attach && attach->in_fd >= 0,
	};
	int r = 0;

	*out = (struct attach_end){ 0 };
	if (attach && attach->raw_terminal) {
		r = parse_keys(attach->detach_keys ? attach->detach_keys :
						     "ctrl-p,ctrl-q",
			       t.keys, err);
		if (r < 0)
			return r;
		t.key_count = r;
	}
	take_signals(&t);
	enter_raw(&t);
	r = talk_loop(&t, err);
	leave_raw(&t);
	give_signals_back(&t);
	buf_done(&t.in);
	buf_done(&t.queue);
	if (r < 0 || !t.lost)
		return r;
	errno = t.lost;
	err_errno(err, "write the output");
	return err_status(err, 1);
}
