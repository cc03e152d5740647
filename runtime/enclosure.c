/* runtime/enclosure.c - see enclosure.h: the caller's side, from the making to the end.
 *
 *   enclosure_make.c   the usher: ids, limit of processes, the clone
 *   enclosure_tree.c   the files that are to be seen
 *   enclosure_init.c   process 1, and the engine
 *   enclosure_watch.c  the limits
 *   enclosure_disk.c   how full its disk is
 *   enclosure_memory.c, enclosure_cgroup.c  its memory, added up or counted
 *   enclosure_count.c  who runs in it */
#include "runtime/enclosure.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_parts.h"
#include "runtime/enclosure_talk.h"
#include "runtime/sys.h"
#include "runtime/userns.h"

enum { SETTLE_MS = 10000 };

const char *enclosure_limit_name(enum enclosure_limit limit)
{
	static const char *const names[ENCLOSURE_LIMITS] = {
		[ENCLOSURE_TIME] = N_("time"),
		[ENCLOSURE_PROCESSOR] = N_("processor time"),
		[ENCLOSURE_PROCESSES] = N_("processes"),
		[ENCLOSURE_MEMORY] = N_("memory"),
		[ENCLOSURE_DISK] = N_("disk"),
		[ENCLOSURE_OUTPUT] = N_("output"),
	};

	return names[limit];
}

int64_t enclosure_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the talk of those who make it ---- */

void enclosure_tell(int control, enum enclosure_news kind, int number, int fd,
		    const struct err *err)
{
	struct enclosure_news_item item = { .kind = kind, .number = number };
	struct talk talk = { .bytes = &item,
			     .len = sizeof(item),
			     .fds = { fd },
			     .count = fd >= 0 };

	if (err)
		item.err = *err;
	(void)talk_send(control, &talk);
}

int enclosure_hear(int control, struct enclosure_news_item *out, int *out_fd,
		   pid_t *out_pid)
{
	struct talk talk = { .bytes = out, .len = sizeof(*out) };
	int r = talk_receive(control, &talk);

	if (r <= 0 || talk.len != sizeof(*out)) {
		for (int i = 0; i < talk.count; i++)
			close(talk.fds[i]);
		return 0;
	}
	for (int i = 1; i < talk.count; i++)
		close(talk.fds[i]);
	*out_fd = talk.count > 0 ? talk.fds[0] : -1;
	*out_pid = talk.pid;
	return 1;
}

int enclosure_say(const struct enclosure_inside *inside, const void *bytes,
		  size_t len, struct err *err)
{
	if (len > ENCLOSURE_WORD_MAX)
		return err_set(err, EMSGSIZE, _("a message of %zu bytes is too long"),
			       len);
	if (send(inside->say_fd, bytes, len, MSG_NOSIGNAL) < 0)
		return err_errno(err, "send");
	return 0;
}

void enclosure_line_begin(const struct enclosure_inside *inside)
{
	inside->shared->hit = 0;
	inside->shared->line_until_ms =
		enclosure_now_ms() + inside->limits.line_ms;
}

/* So that what was met by one line is not told of the next one. */
static void ask_for_look(const struct enclosure_inside *inside)
{
	struct pollfd wait = { .fd = inside->answer_fd, .events = POLLIN };
	uint64_t count = 1;

	if (write(inside->ask_fd, &count, sizeof(count)) != sizeof(count))
		return;
	while (poll(&wait, 1, SETTLE_MS) < 0 && errno == EINTR)
		;
	(void)!read(inside->answer_fd, &count, sizeof(count));
}

unsigned enclosure_line_end(const struct enclosure_inside *inside)
{
	int64_t until = enclosure_now_ms() + SETTLE_MS;

	inside->shared->line_until_ms = 0;
	ask_for_look(inside);
	while (inside->shared->settling && enclosure_now_ms() < until) {
		(void)poll(NULL, 0, ENCLOSURE_LOOK_MS / 4);
		ask_for_look(inside);
	}
	return inside->shared->hit;
}

/* ---- making ---- */

static int64_t or_default(int64_t value, int64_t standard)
{
	return value > 0 ? value : standard;
}

static void fill_limits(const struct enclosure_limits *asked,
			struct enclosure_limits *out)
{
	const int64_t mega = 1 << 20;

	*out = (struct enclosure_limits){
		.time_ms = or_default(asked->time_ms, 600000),
		.processor_ms = or_default(asked->processor_ms, 300000),
		.line_ms = or_default(asked->line_ms, 120000),
		.processes = or_default(asked->processes, 256),
		.memory_bytes = or_default(asked->memory_bytes, 1024 * mega),
		.disk_bytes = or_default(asked->disk_bytes, 256 * mega),
		.files = or_default(asked->files, 65536),
		.output_bytes = or_default(asked->output_bytes, mega),
	};
}

/* An enclosure on its way, and while it runs. */
struct run {
	const struct enclosure_spec *spec;
	struct enclosure_making making;
	int control;
	int say;
	int disk_fd;
	int spare_fd;
	int pidfd;
	pid_t pid;
	bool engine_ended;
	struct err failed;
	struct enclosure_end end;
};

static int map_usher(const struct run *run, pid_t usher, struct err *err)
{
	return run->making.first ? userns_write_range(usher, run->making.first,
						      ENCLOSURE_IDS, err) :
				   userns_write_maps(usher, err);
}

/* Does what the usher asks for until the enclosure is there. */
static int attend_usher(struct run *run, pid_t usher, struct err *err)
{
	struct enclosure_news_item item;
	pid_t who;
	int fd = -1;

	while (enclosure_hear(run->control, &item, &fd, &who)) {
		if (item.kind == ENCLOSURE_FAILED) {
			*err = item.err;
			return -err->code;
		}
		if (item.kind == ENCLOSURE_BORN) {
			run->pid = item.number;
			run->disk_fd = fd;
			return 0;
		}
		if (item.kind != ENCLOSURE_MAP_ME)
			break;
		if (map_usher(run, usher, err) < 0)
			return -err->code;
		if (send(run->control, "g", 1, MSG_NOSIGNAL) != 1)
			return err_errno(err, "send");
	}
	return err_set(err, EIO, _("the helper process ended without an answer"));
}

static pid_t clone_usher(const struct run *run, struct err *err)
{
	/* Root reads what is to be copied before it gives its rights up. */
	uint64_t flags = CLONE_NEWNS | (run->making.first ? 0u : CLONE_NEWUSER);
	pid_t usher = sys_clone(flags, NULL);

	if (usher == 0) {
		close(run->control);
		close(run->say);
		if (run->spare_fd >= 0)
			close(run->spare_fd); /* the lock is the caller's alone */
		enclosure_usher(&run->making);
	}
	if (usher < 0) {
		err_errno(err, "clone(CLONE_NEWNS%s)",
			  run->making.first ? "" : " CLONE_NEWUSER");
		return userns_explain_clone(err);
	}
	return usher;
}

static int begin(struct run *run, struct err *err)
{
	OWN_FD int theirs = -1;
	OWN_FD int say = -1;
	const int yes = 1;
	int control[2];
	int words[2];
	pid_t usher;
	int r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
		return err_errno(err, "socketpair");
	run->control = control[0];
	run->making.control = theirs = control[1];
	if (setsockopt(run->control, SOL_SOCKET, SO_PASSCRED, &yes,
		       sizeof(yes)) < 0)
		return err_errno(err, "setsockopt(SO_PASSCRED)");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, words) < 0)
		return err_errno(err, "socketpair");
	run->say = words[0];
	run->making.say = say = words[1];
	usher = clone_usher(run, err);
	if (usher < 0)
		return usher;
	close(own_give_fd(&theirs)); /* or the end would never be heard */
	close(own_give_fd(&say));
	r = attend_usher(run, usher, err);
	if (r < 0)
		(void)kill(usher, SIGKILL);
	while (waitpid(usher, NULL, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return r;
	/* Its parent is who made the usher: we. Nobody else can reap it. */
	run->pidfd = sys_pidfd_open(run->pid);
	return run->pidfd < 0 ? err_errno(err, "pidfd_open") : 0;
}

static int begin_somewhere(struct run *run, struct err *err)
{
	const char *disk = run->spec->disk;
	struct err first = { 0 };
	int r = disk ? enclosure_spare_make(disk, &run->making.spare,
					    &run->spare_fd, err) :
		       0;

	r = r == 0 ? begin(run, &first) : r;
	if (r == -EOPNOTSUPP && !disk) {
		first = (struct err){ 0 };
		close(own_give_fd(&run->control));
		close(own_give_fd(&run->say));
		r = enclosure_spare_make("/var/tmp", &run->making.spare,
					 &run->spare_fd, err);
		r = r == 0 ? begin(run, &first) : r;
	}
	if (r < 0 && first.code)
		*err = first;
	return r;
}

/* ---- while it runs ---- */

static int hear_word(struct run *run, struct err *err)
{
	OWN_FREE char *bytes = mem_alloc(ENCLOSURE_WORD_MAX);
	struct talk talk = { .bytes = bytes, .len = ENCLOSURE_WORD_MAX };
	int r = talk_receive(run->say, &talk);

	for (int i = 0; i < talk.count; i++)
		close(talk.fds[i]);
	if (r <= 0) {
		close(own_give_fd(&run->say));
		return 0;
	}
	return run->spec->heard ? run->spec->heard(run->spec->ctx, bytes,
						   talk.len, err) :
				  0;
}

static void hear_news(struct run *run, struct enclosure_watch *watch)
{
	struct enclosure_news_item item = { 0 };
	pid_t who = 0;
	int fd = -1;

	if (!enclosure_hear(run->control, &item, &fd, &who)) {
		close(own_give_fd(&run->control));
		return;
	}
	if (fd >= 0)
		close(fd);
	switch (item.kind) {
	case ENCLOSURE_ENGINE:
		enclosure_watch_engine(watch, who);
		break;
	case ENCLOSURE_ENDED:
		run->engine_ended = true;
		run->end.status = item.number;
		run->failed = item.err;
		break;
	case ENCLOSURE_SIGNALED:
		run->end.how = ENCLOSURE_KILLED;
		run->end.signal = item.number;
		break;
	case ENCLOSURE_FAILED:
		run->failed = item.err;
		break;
	case ENCLOSURE_MAP_ME:
	case ENCLOSURE_BORN:
		break;
	}
}

/* By the clock, or since the engine asks (`asked`). False: all must end. */
static bool look(struct run *run, struct enclosure_watch *watch, bool asked)
{
	uint64_t count = 0;

	if (!enclosure_watch_look(watch, &run->end.limit)) {
		run->end.how = ENCLOSURE_LIMITED;
		return false;
	}
	if (asked && read(run->making.ask, &count, sizeof(count)) > 0)
		(void)!write(run->making.answer, &count, sizeof(count));
	return true;
}

/* Until process 1 has ended, or must end. */
static int attend(struct run *run, struct enclosure_watch *watch,
		  struct err *err)
{
	int64_t look_at = enclosure_now_ms();
	int r = 0;

	for (;;) {
		struct pollfd fds[] = { { .fd = run->say, .events = POLLIN },
					{ .fd = run->control, .events = POLLIN },
					{ .fd = run->pidfd, .events = POLLIN },
					{ .fd = run->making.ask,
					  .events = POLLIN } };
		int64_t left = look_at - enclosure_now_ms();

		left = left > ENCLOSURE_GLANCE_MS ? ENCLOSURE_GLANCE_MS : left;
		(void)poll(fds, 4, left > 0 ? (int)left : 0);
		if (fds[0].revents)
			r = hear_word(run, err);
		if (fds[1].revents)
			hear_news(run, watch);
		/* The last words come before the end. */
		if (r < 0 || (fds[2].revents && !fds[0].revents && !fds[1].revents))
			return r;
		if (fds[2].revents)
			continue;
		if (!fds[3].revents && enclosure_now_ms() < look_at &&
		    !enclosure_watch_glance(watch))
			continue;
		if (!look(run, watch, fds[3].revents))
			return 0;
		look_at = enclosure_now_ms() + enclosure_watch_pause_ms(watch);
	}
}

/* Nothing of it is left once process 1 has been waited for: the kernel ends everybody
 * in its pid namespace first. */
static void finish(struct run *run)
{
	int status = 0;

	if (run->pid <= 0)
		return;
	if (run->pidfd >= 0)
		(void)sys_pidfd_send_signal(run->pidfd, SIGKILL);
	else
		(void)kill(run->pid, SIGKILL);
	while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (run->end.how == ENCLOSURE_DONE && !run->engine_ended &&
	    !run->failed.code) {
		run->end.how = ENCLOSURE_KILLED;
		run->end.signal = WIFSIGNALED(status) ? WTERMSIG(status) :
							SIGKILL;
	}
}

static int run_made(struct run *run, struct err *err)
{
	struct enclosure_watch *watch =
		enclosure_watch_new(run->pid, run->disk_fd, &run->making);
	unsigned given = enclosure_watch_given(watch);
	int r;

	/* One that is gone by now has said why, for who reads on. */
	(void)!send(run->control, &given, sizeof(given), MSG_NOSIGNAL);
	r = attend(run, watch, err);
	finish(run);
	enclosure_watch_count(watch, &run->end);
	/* Whom the kernel chooses when memory is gone may be the engine. */
	if (run->end.how == ENCLOSURE_KILLED && run->end.signal == SIGKILL &&
	    enclosure_watch_was_out_of_memory(watch)) {
		run->end.how = ENCLOSURE_LIMITED;
		run->end.limit = ENCLOSURE_MEMORY;
		run->end.hit |= ENCLOSURE_BIT(ENCLOSURE_MEMORY);
	}
	/* The engine found no room before we saw that there was none. */
	if (run->failed.code == ENOSPC || run->failed.code == EDQUOT) {
		run->failed.code = 0;
		run->end.how = ENCLOSURE_LIMITED;
		run->end.limit = ENCLOSURE_DISK;
		run->end.hit |= ENCLOSURE_BIT(ENCLOSURE_DISK);
	}
	enclosure_watch_free(watch);
	if (r == 0 && run->failed.code) {
		*err = run->failed;
		r = -err->code;
	}
	return r;
}

static void close_all(const struct run *run)
{
	const int fds[] = { run->control, run->say,	   run->disk_fd,
			    run->pidfd,	  run->making.ask, run->making.answer };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

int enclosure_run(const struct enclosure_spec *spec, struct enclosure_end *out,
		  struct err *err)
{
	struct run run = { .spec = spec,
			   .making = { .spec = spec,
				       .control = -1,
				       .say = -1,
				       .ask = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
				       .answer = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) },
			   .control = -1,
			   .say = -1,
			   .disk_fd = -1,
			   .spare_fd = -1,
			   .pidfd = -1 };
	int r;

	fill_limits(&spec->limits, &run.making.limits);
	if (userns_kind() == USERNS_NONE)
		run.making.first = ENCLOSURE_FIRST_ID +
				   (unsigned long)spec->slot * ENCLOSURE_IDS;
	run.making.shared = mmap(NULL, sizeof(*run.making.shared),
				 PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (run.making.shared == MAP_FAILED) {
		(void)err_errno(err, "mmap");
		close_all(&run);
		return err_wrap(err, _("the enclosure"));
	}
	r = run.making.ask < 0 || run.making.answer < 0 ?
		    err_errno(err, "eventfd") :
		    begin_somewhere(&run, err);
	r = r == 0 ? run_made(&run, err) : r;
	close_all(&run);
	enclosure_spare_remove(run.making.spare, run.spare_fd);
	(void)munmap(run.making.shared, sizeof(*run.making.shared));
	if (r < 0)
		return err_wrap(err, _("the enclosure"));
	*out = run.end;
	return 0;
}
