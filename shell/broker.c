/* shell/broker.c - see broker.h: the engine's side. */
#include "shell/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_guard.h"
#include "runtime/enclosure_sh.h"
#include "shell/broker_parts.h"
#include "shell/cmd.h"
#include "shell/shell.h"

enum { BLOCK = 65536, BACKLOG = 64, AGAIN_TIMES = 60, AGAIN_MS = 50 };

struct broker *broker_new(const struct enclosure_inside *inside,
			  const char *home, const char *work, struct err *err)
{
	struct broker *broker = mem_zero(1, sizeof(*broker));

	(void)err;
	broker->inside = *inside;
	broker->home = mem_str(home);
	broker->work = mem_str(work);
	guard_set(home, work);
	return broker;
}

static void end_server(struct broker *broker)
{
	if (broker->pid > 0) {
		(void)kill(broker->pid, SIGKILL);
		while (waitpid(broker->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	broker->pid = 0;
	free(own_give_ptr(&broker->serving));
	free(own_give_ptr(&broker->base));
}

void broker_free(struct broker *broker)
{
	if (!broker)
		return;
	end_server(broker);
	(void)unlink(BROKER_SOCKET);
	free(broker->home);
	free(broker->work);
	free(broker);
}

/* ---- the broker's process ---- */

static int open_socket(struct err *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX,
				  .sun_path = BROKER_SOCKET };
	OWN_FD int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)unlink(BROKER_SOCKET);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(fd, BACKLOG) < 0)
		return err_errno(err, "listen on " BROKER_SOCKET);
	(void)chmod(BROKER_SOCKET, 0666); /* for `setpriv` and the like in there */
	return own_give_fd(&fd);
}

/* Serves the home that the shell is in: a lesson's world, once there is one. */
static int need_server(struct broker *broker, struct shell *shell,
		       struct err *err)
{
	OWN_FD int fd = -1;
	pid_t parent = getpid();
	int r = shell_need_home(shell, err);

	if (r < 0)
		return r;
	if (broker->pid > 0 && strcmp(broker->serving, shell->home->path) == 0 &&
	    waitpid(broker->pid, NULL, WNOHANG) == 0)
		return 0;
	end_server(broker);
	fd = open_socket(err);
	if (fd < 0)
		return fd;
	broker->serving = mem_str(shell->home->path);
	if (shell->base_home != shell->home)
		broker->base = mem_str(shell->base_home->path);
	fflush(shell->out);
	fflush(shell->err_out);
	broker->pid = fork();
	if (broker->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		broker_serve(broker, fd);
	}
	return broker->pid < 0 ? err_errno(err, "fork") : 0;
}

/* ---- a line ---- */

/* FLOOD  so many times as much as is kept may be printed before nobody reads any more */
enum { FLOOD = 64 };

/* What each sh says whose fork(2) failed. The kernel tells nobody else, and a line that
 * takes all processes may be over before the watch has looked. */
static const char *const no_forks[] = {
	"fork: Resource temporarily unavailable", /* busybox, bash */
	"Cannot fork",				  /* dash */
};
enum { LONGEST = sizeof("fork: Resource temporarily unavailable") - 1 };

/* The streams of a line on their way to the shell's own: so many bytes of both
 * together. tail: the last bytes that went by. */
struct pump {
	int from[2]; /* standard output, standard error or -1: the same */
	int to[2];
	int64_t left;
	int64_t patience; /* bytes that may get lost before nobody reads any more */
	char tail[LONGEST];
	struct enclosure_shared *shared;
};

static bool says_no_fork(const char *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof(no_forks) / sizeof(no_forks[0]); i++) {
		if (memmem(bytes, len, no_forks[i], strlen(no_forks[i])))
			return true;
	}
	return false;
}

static void listen_for_forks(struct pump *pump, const char *block, size_t len)
{
	const size_t kept = len < LONGEST ? len : LONGEST;
	char border[2 * LONGEST];

	memcpy(border, pump->tail, LONGEST);
	memcpy(border + LONGEST, block, kept);
	if (says_no_fork(block, len) || says_no_fork(border, LONGEST + kept))
		pump->shared->hit |= ENCLOSURE_BIT(ENCLOSURE_PROCESSES);
	memcpy(pump->tail, border + kept, LONGEST);
	if (len > LONGEST)
		memcpy(pump->tail, block + len - LONGEST, LONGEST);
}

/* Returns false at the end of that stream. */
static bool pump_once(struct pump *pump, int which)
{
	char block[BLOCK];
	ssize_t got = read(pump->from[which], block, sizeof(block));

	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	if (got == 0)
		return false;
	listen_for_forks(pump, block, (size_t)got);
	if (got > pump->left) {
		pump->shared->hit |= ENCLOSURE_BIT(ENCLOSURE_OUTPUT);
		pump->patience -= got - pump->left;
		got = (ssize_t)pump->left;
	}
	(void)fs_write_all(pump->to[which], block, (size_t)got);
	pump->left -= got;
	return true;
}

/* What is there by now. A server that the line left behind may hold the other end for
 * long. */
static void pump_rest(struct pump *pump)
{
	for (int i = 0; i < 2; i++) {
		struct pollfd wait = { .fd = pump->from[i], .events = POLLIN };

		while (pump->from[i] >= 0 && poll(&wait, 1, 0) > 0 &&
		       pump_once(pump, i) && pump->left > 0)
			;
	}
}

/* A line that prints and prints would do so until its time is over: it is ended as by
 * `| head`. */
static void stop_flood(struct pump *pump)
{
	for (int i = 0; i < 2; i++)
		if (pump->from[i] >= 0)
			close(own_give_fd(&pump->from[i]));
}

static void pump_until(struct pump *pump, int end_fd)
{
	for (;;) {
		struct pollfd fds[] = { { .fd = pump->from[0], .events = POLLIN },
					{ .fd = pump->from[1], .events = POLLIN },
					{ .fd = end_fd, .events = POLLIN } };

		if (poll(fds, 3, -1) < 0)
			continue; /* a Ctrl-C of the watch, which ends the line too */
		for (int i = 0; i < 2; i++)
			if (fds[i].revents && !pump_once(pump, i))
				close(own_give_fd(&pump->from[i]));
		if (pump->patience < 0)
			stop_flood(pump);
		if (fds[2].revents)
			break;
	}
	pump_rest(pump);
}

/* The environment of the engine, without what only concerns itself. */
static void fill_environment(struct strs *env)
{
	extern char **environ;

	for (char **e = environ; *e; e++)
		if (strncmp(*e, "DOCKERSHELL_", 12) != 0)
			strs_add(env, *e);
}

static int open_pipe(int *out_read, int *out_write, struct err *err)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	*out_read = pair[0];
	*out_write = pair[1];
	return 0;
}

/* Starts it with pipes for its output, one where both streams go to one place. */
static int start_piped(const struct enclosure_sh *wish, struct pump *pump,
		       int *out_fd, struct err *err)
{
	struct enclosure_sh sh = *wish;
	OWN_FD int out = -1;
	OWN_FD int err_out = -1;
	int r = open_pipe(&pump->from[0], &out, err);

	if (r == 0 && pump->to[0] != pump->to[1])
		r = open_pipe(&pump->from[1], &err_out, err);
	if (r < 0)
		return r;
	sh.stdio[1] = out;
	sh.stdio[2] = err_out >= 0 ? err_out : out;
	return enclosure_sh_start(&sh, out_fd, err);
}

static int run_once(struct broker *broker, const struct enclosure_sh *sh,
		    struct err *err)
{
	struct pump pump = { .from = { -1, -1 },
			     .to = { sh->stdio[1], sh->stdio[2] },
			     .left = broker->inside.limits.output_bytes,
			     .patience = FLOOD *
					 broker->inside.limits.output_bytes,
			     .shared = broker->inside.shared };
	OWN_FD int end_fd = -1;
	int status = 0;
	int r = start_piped(sh, &pump, &end_fd, err);

	if (r == 0) {
		pump_until(&pump, end_fd);
		r = enclosure_sh_status(end_fd, &status, err);
	}
	for (int i = 0; i < 2; i++)
		if (pump.from[i] >= 0)
			close(pump.from[i]);
	return r < 0 ? r : status;
}

/* What the line before left behind may have taken all processes; the watch is about to
 * end it. */
static int run_piped(struct broker *broker, const struct enclosure_sh *sh,
		     struct err *err)
{
	int r = run_once(broker, sh, err);

	for (int i = 0; r == -EAGAIN && i < AGAIN_TIMES; i++) {
		(void)poll(NULL, 0, AGAIN_MS);
		*err = (struct err){ 0 };
		r = run_once(broker, sh, err);
	}
	return r;
}

int broker_sh(struct broker *broker, struct shell *shell,
	      const struct broker_line *line, struct err *err)
{
	OWN_STRS struct strs env = { 0 };
	OWN_FREE char *text = mem_str(line->text);
	/* The machine's own is shown there (lessons/grade_tools.h), if at all. */
	static char shown[] = "/usr/local/bin/sh";
	static char usual[] = "/bin/sh";
	char *program = access(shown, X_OK) == 0 ? shown : usual;
	char option[] = "-c";
	char name[] = "dockershell";
	char *const args[] = { program, option, text, name, NULL };
	struct enclosure_sh sh = {
		.args = args,
		.stdio = { shell->in_fd, fileno(shell->out),
			   fileno(shell->err_out) },
		.told_fd = line->told_fd,
		.home = broker->home,
		.work = broker->work,
		.processes = broker->inside.limits.processes * 3 / 4,
		/* Above the limit itself, so that it is seen how it is met. */
		.data_bytes = broker->inside.limits.memory_bytes * 5 / 4,
		.file_bytes = broker->inside.limits.disk_bytes,
	};
	OWN_FD int end_fd = -1;
	int r;

	/* A command that sh has called is no place for more of sh. */
	if (broker->pid < 0)
		return err_set(err, ENOTSUP, _("this command runs lines of sh, and cannot be called in one where answers are graded"));
	r = need_server(broker, shell, err);
	if (r < 0)
		return r;
	fill_environment(&env);
	sh.env = strs_vector(&env);
	fflush(shell->out);
	fflush(shell->err_out);
	if (line->background)
		return enclosure_sh_start(&sh, &end_fd, err);
	return run_piped(broker, &sh, err);
}
