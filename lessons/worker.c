/* lessons/worker.c - see worker.h */
#include "lessons/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lessons/any_text.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif

struct worker {
	int fd;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int message_send(int fd, const json_t *message, struct err *err)
{
	OWN_FREE char *text = json_dumps(message, JSON_COMPACT);
	size_t len = text ? strlen(text) : 0;

	if (!text)
		return err_set(err, EILSEQ,
			       _("the lesson's script made text "
				 "that is not UTF-8"));
	if (len > WORKER_MESSAGE_MAX)
		return err_set(err, EMSGSIZE,
			       _("the lesson's script made a "
				 "message of %zu bytes"),
			       len);
	/* Never blocks on a child that does not read, never raises SIGPIPE. */
	if (send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return err_errno(err, "send to the lesson's script");
	return 0;
}

/* Returns 1 with a message, 0 when the other side has gone, or -errno. */
static int message_read(int fd, json_t **out, struct err *err)
{
	OWN_FREE char *text = mem_alloc(WORKER_MESSAGE_MAX + 1);
	json_error_t why;
	ssize_t len;

	do
		len = recv(fd, text, WORKER_MESSAGE_MAX + 1, MSG_TRUNC);
	while (len < 0 && errno == EINTR);
	if (len < 0 && errno != ECONNRESET)
		return err_errno(err, "receive from the lesson's script");
	if (len <= 0)
		return 0;
	if (len > WORKER_MESSAGE_MAX)
		return err_set(err, EPROTO,
			       _("the lesson's script said too "
				 "much at once"));
	*out = json_loadb(text, (size_t)len, 0, &why);
	if (!*out || !json_is_object(*out))
		return err_set(err, EPROTO, _("the lesson's script sent what is no message: %s"), why.text);
	return 1;
}

/* ---- in the child ---- */

int worker_ask(struct worker *worker, json_t *request, json_t **out_reply,
	       struct err *err)
{
	json_t *reply = NULL;
	const json_t *error;
	int r = message_send(worker->fd, request, err);

	json_decref(request);
	if (r < 0)
		return r;
	r = message_read(worker->fd, &reply, err);
	if (r < 0)
		return r;
	if (r == 0)
		_exit(1); /* nobody is waiting for what we do any more */
	error = json_object_get(reply, "error");
	if (error) {
		r = err_set(err, EREMOTEIO, "%s", json_string_value(error));
		json_decref(reply);
		return r;
	}
	*out_reply = reply;
	return 0;
}

static void limit(int what, uint64_t soft, uint64_t hard)
{
	struct rlimit now;

	/* A limit that is stricter already, or that nobody may set, stays. */
	if (getrlimit((__rlimit_resource_t)what, &now) < 0)
		return;
	if (hard < now.rlim_max)
		now.rlim_max = hard;
	now.rlim_cur = soft < now.rlim_max ? soft : now.rlim_max;
	(void)setrlimit((__rlimit_resource_t)what, &now);
}

/* On top of what the parent has mapped, which the child shares. */
static void limit_memory(size_t more)
{
#ifdef UNDER_ASAN
	(void)more; /* its shadow memory alone is some terabytes */
#else
	OWN_BUF struct buf statm = { 0 };
	struct err ignored = { 0 };
	uint64_t bytes = 1ULL << 30;

	if (fs_read(AT_FDCWD, "/proc/self/statm", 4096, &statm, &ignored) == 0)
		bytes = strtoull(buf_text(&statm), NULL, 10) *
			(uint64_t)sysconf(_SC_PAGESIZE);
	limit(RLIMIT_AS, bytes + more, bytes + more);
#endif
}

static void child_confine(const struct worker_job *job, pid_t parent)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct sigaction plain = { .sa_handler = SIG_DFL };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	for (int s = 1; s < NSIG; s++)
		(void)sigaction(s, &plain, NULL); /* KILL and STOP refuse */
	/* Ctrl-C is for the program, which goes on; the clock ends us. */
	plain.sa_handler = SIG_IGN;
	sigaction(SIGINT, &plain, NULL);
	sigaction(SIGTSTP, &plain, NULL);
	sigaction(SIGPIPE, &plain, NULL);
	for (int fd = 0; fd < 3; fd++)
		(void)dup2(null_fd, fd); /* what a child prints goes nowhere */
	limit(RLIMIT_CORE, 0, 0);
	limit(RLIMIT_CPU, job->cpu_s, job->cpu_s + 1);
	limit_memory(job->memory_bytes);
	if (job->lang)
		(void)lang_choose(job->lang); /* else it stays as it is */
}

static void child_run(const struct worker_job *job, int fd, pid_t parent)
{
	struct worker worker = { fd };
	struct err err = { 0 };
	json_t *out = NULL;
	json_t *last;
	int r;

	child_confine(job, parent);
	r = job->work(job->work_arg, &worker, &out, &err);
	if (r == 0) {
		last = json_pack("{s:o}", "result", out);
		r = message_send(fd, last, &err);
	}
	if (r < 0) {
		last = json_pack("{s:{s:i,s:o,s:o}}", "error", "code", err.code,
				 "msg", any_text(err.msg), "hint",
				 any_text(err.hint));
		(void)message_send(fd, last, &err);
	}
	_exit(0);
}

/* ---- in the parent ---- */

/* How it ended without a last word. */
static int child_gone(int status, struct err *err)
{
	if (WIFSIGNALED(status) &&
	    (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
		return err_set(err, ETIMEDOUT,
			       _("the lesson's script used up its processor "
				 "time"));
	if (WIFSIGNALED(status))
		return err_set(err, EPROTO,
			       _("the lesson's script was ended "
				 "by signal %d (%s)"),
			       WTERMSIG(status), strsignal(WTERMSIG(status)));
	return err_set(err, EPROTO,
		       _("the lesson's script ended without a result"));
}

static int answer(const struct worker_job *job, int fd, const json_t *request,
		  struct err *err)
{
	struct err failed = { 0 };
	json_t *reply = NULL;
	int r = job->serve
			? job->serve(job->serve_arg, request, &reply, &failed)
			: err_set(&failed, EPERM, _("not to be done here"));

	if (r < 0)
		reply = json_pack("{s:o}", "error", any_text(failed.msg));
	r = message_send(fd, reply, err);
	json_decref(reply);
	return r;
}

static int child_error(const json_t *error, struct err *err)
{
	int code = (int)json_integer_value(json_object_get(error, "code"));
	const char *msg = json_string_value(json_object_get(error, "msg"));
	const char *hint = json_string_value(json_object_get(error, "hint"));

	err_set(err, code > 0 ? code : EPROTO, "%s", msg ? msg : "?");
	return err_hint(err, "%s", hint ? hint : "");
}

/* Waits for the next message, at most *left milliseconds, and takes the time
 * off. Returns 1 with a message, 0 when the child has gone, or -errno. */
static int next_message(int fd, int64_t *left, int wall_ms, json_t **out,
			struct err *err)
{
	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int64_t from = now_ms();
		int r = poll(&wait, 1, *left > 0 ? (int)*left : 0);

		*left -= now_ms() - from;
		if (r > 0)
			return message_read(fd, out, err);
		if (r < 0 && errno != EINTR)
			return err_errno(err, "poll");
		if (*left <= 0)
			return err_set(err, ETIMEDOUT,
				       _("the lesson's script did not end "
					 "within %d s"),
				       wall_ms / 1000);
	}
}

/* Talks until the last word: 1 with a result, 0 when the child has gone. */
static int converse(const struct worker_job *job, int fd, json_t **out,
		    struct err *err)
{
	int64_t left = job->wall_ms;
	int r;

	do {
		json_t *message = NULL;
		json_t *error;

		r = next_message(fd, &left, job->wall_ms, &message, err);
		if (r <= 0)
			return r;
		error = json_object_get(message, "error");
		*out = json_incref(json_object_get(message, "result"));
		if (!*out)
			r = error ? child_error(error, err)
				  : answer(job, fd, message, err);
		json_decref(message);
	} while (r >= 0 && !*out);
	return r < 0 ? r : 1;
}

int worker_run(const struct worker_job *job, json_t **out, struct err *err)
{
	int fds[2];
	json_t *result = NULL;
	pid_t parent = getpid();
	pid_t pid;
	int status = 0;
	int r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_errno(err, "socketpair");
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		child_run(job, fds[1], parent);
	}
	close(fds[1]);
	if (pid < 0) {
		r = err_errno(err, "fork for the lesson's script");
		close(fds[0]);
		return r;
	}
	r = converse(job, fds[0], &result, err);
	close(fds[0]);
	if (r < 0)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r == 0)
		r = child_gone(status, err);
	if (r < 0)
		return r;
	*out = result;
	return 0;
}
