/* shell/broker_serve.c - the broker's process; see broker.h
 *
 * One process waits for all clients; each command runs in a child, as each `docker` of a
 * line outside of an enclosure is a process. A client that goes away takes its command
 * along; a signal that it got goes to the command. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_guard.h"
#include "runtime/namespaces.h"
#include "runtime/enclosure_talk.h"
#include "runtime/process.h"
#include "runtime/sys.h"
#include "shell/broker.h"
#include "shell/broker_parts.h"
#include "shell/cmd.h"
#include "shell/commands.h"
#include "shell/dispatch.h"
#include "shell/shell.h"

enum { MOST_VISITS = 64, MOST_WORDS = 8192 };

/* One client. pid 0: its request has not come yet. */
struct visit {
	int fd;
	int pidfd;
	pid_t pid;
};

struct server {
	const struct broker *broker;
	int listen_fd;
	struct visit visits[MOST_VISITS];
	int count;
};

/* ---- a command, in a child ---- */

/* What a client says of the environment: for `-e NAME`, and what a command shows. */
static void add_to_environment(const char *entry)
{
	OWN_FREE char *name = mem_str(entry);
	char *equals = strchr(name, '=');

	if (!equals || equals == name)
		return;
	*equals = '\0';
	if (guard_env(name))
		(void)setenv(name, equals + 1, 1);
}

/* Cuts a request into its texts. Returns how many words it has, or -1. */
static int read_request(const char *bytes, size_t len, struct strs *texts)
{
	long words;

	if (len == 0 || bytes[len - 1] != '\0')
		return -1;
	for (size_t at = 0; at < len; at += strlen(bytes + at) + 1) {
		if (texts->count > MOST_WORDS)
			return -1;
		strs_add(texts, bytes + at);
	}
	words = texts->count < 2 ? -1 : strtol(texts->items[1], NULL, 10);
	return words < 0 || (size_t)words + 2 > texts->count ? -1 : (int)words;
}

/* Becomes the program anew, called `docker`, as in a line outside of an enclosure: a copy
 * of the engine has connections to databases that a child must not use. */
static void exec_command(const struct broker *broker, const struct strs *texts,
			 int words)
{
	OWN_FREE char *served = mem_fmt("%s\n%s", broker->home,
					broker->work ? broker->work : "");
	char **argv = mem_zero((size_t)words + 2, sizeof(*argv));
	char name[] = "docker";
	struct err err = { 0 };

	for (size_t i = (size_t)words + 2; i < texts->count; i++)
		add_to_environment(texts->items[i]);
	(void)setenv("DOCKERSHELL_HOME", broker->serving, 1);
	if (broker->base)
		(void)setenv("DOCKERSHELL_BASE_HOME", broker->base, 1);
	(void)setenv(BROKER_SERVED, served, 1);
	argv[0] = name;
	for (int i = 0; i < words; i++)
		argv[i + 1] = texts->items[i + 2];
	if (guard_path(texts->items[0], false, &err) < 0)
		dprintf(STDERR_FILENO, "docker: %s\n", err.msg);
	else if (chdir(texts->items[0]) < 0)
		dprintf(STDERR_FILENO, "docker: chdir %s: %s\n",
			texts->items[0], strerror(errno));
	else
		execv(ENCLOSURE_PROGRAM, argv);
	free(argv);
}

static _Noreturn void command_main(const struct server *server,
				   const struct talk *talk)
{
	OWN_STRS struct strs texts = { 0 };
	int words = read_request(talk->bytes, talk->len, &texts);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	process_reset_signals();
	if (words < 0 || talk->count != 3)
		_exit(BROKER_NOBODY);
	for (int fd = 0; fd < 3; fd++)
		if (dup2(talk->fds[fd], fd) < 0)
			_exit(BROKER_NOBODY);
	sys_close_all_but(3, NULL, 0);
	exec_command(server->broker, &texts, words);
	_exit(BROKER_NOBODY);
}

/* What is about the lesson is for the engine alone, and changes nothing in the world:
 * `docker build . && check` is to go on. */
static bool is_about_lesson(char **words)
{
	int used = 0;
	const struct cmd *cmd = *words ? command_find(words, &used) : NULL;

	return cmd && cmd->ours && strcmp(cmd->group, "Lessons") == 0;
}

bool broker_serves(int count, char **words, int *out_status)
{
	const char *served = getenv(BROKER_SERVED);
	OWN_FREE char *home = mem_str(served);
	char *work = home ? strchr(home, '\n') : NULL;
	struct broker broker = { .pid = -1 };
	struct shell shell;

	if (!work || getpid() == 1)
		return false;
	*work++ = '\0';
	(void)unsetenv(BROKER_SERVED);
	guard_set(home, *work ? work : NULL);
	namespaces_share_cgroup();
	shell_init(&shell);
	shell.docker_voice = true;
	shell.broker = &broker;
	*out_status = is_about_lesson(words + 1) ?
			      0 :
			      dispatch(&shell, count - 1, words + 1);
	shell_done(&shell);
	return true;
}

/* ---- the server ---- */

static void end_visit(struct visit *visit)
{
	if (visit->pid > 0) {
		(void)kill(visit->pid, SIGKILL);
		(void)waitpid(visit->pid, NULL, 0);
	}
	if (visit->pidfd >= 0)
		close(visit->pidfd);
	close(visit->fd);
	visit->fd = -1;
}

static void command_ended(struct visit *visit)
{
	int status = 0;
	int told;

	while (waitpid(visit->pid, &status, 0) < 0 && errno == EINTR)
		;
	visit->pid = 0;
	told = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				     WEXITSTATUS(status);
	(void)send(visit->fd, &told, sizeof(told), MSG_NOSIGNAL | MSG_DONTWAIT);
	end_visit(visit);
}

static void begin_command(const struct server *server, struct visit *visit,
			  const struct talk *talk)
{
	visit->pid = fork();
	if (visit->pid == 0)
		command_main(server, talk);
	if (visit->pid > 0)
		visit->pidfd = sys_pidfd_open(visit->pid);
	if (visit->pid <= 0 || visit->pidfd < 0)
		end_visit(visit);
}

/* The request, later signals, or the end. */
static void hear(const struct server *server, struct visit *visit)
{
	static char bytes[BROKER_MOST];
	struct talk talk = { .bytes = bytes, .len = sizeof(bytes) };
	int r = talk_receive(visit->fd, &talk);
	int signal;

	if (r <= 0)
		end_visit(visit);
	else if (visit->pid == 0)
		begin_command(server, visit, &talk);
	else if (talk.len == sizeof(signal)) {
		memcpy(&signal, bytes, sizeof(signal));
		if (signal > 0 && signal < NSIG)
			(void)kill(visit->pid, signal);
	}
	for (int i = 0; i < talk.count; i++)
		close(talk.fds[i]);
}

static void let_in(struct server *server)
{
	int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	server->visits[server->count++] = (struct visit){ fd, -1, 0 };
}

static void forget_ended(struct server *server)
{
	int kept = 0;

	for (int i = 0; i < server->count; i++)
		if (server->visits[i].fd >= 0)
			server->visits[kept++] = server->visits[i];
	server->count = kept;
}

static void serve_once(struct server *server)
{
	struct pollfd fds[2 * MOST_VISITS + 1];
	nfds_t count = (nfds_t)server->count;

	for (nfds_t i = 0; i < count; i++) {
		const struct visit *visit = &server->visits[i];

		fds[i] = (struct pollfd){ visit->fd, POLLIN, 0 };
		fds[count + i] = (struct pollfd){ visit->pidfd, POLLIN, 0 };
	}
	/* A full house waits before the door. */
	fds[count + count] = (struct pollfd){
		count < MOST_VISITS ? server->listen_fd : -1, POLLIN, 0
	};
	if (poll(fds, count + count + 1, -1) <= 0)
		return;
	for (nfds_t i = 0; i < count; i++) {
		if (fds[count + i].revents)
			command_ended(&server->visits[i]);
		else if (fds[i].revents)
			hear(server, &server->visits[i]);
	}
	if (fds[count + count].revents)
		let_in(server);
	forget_ended(server);
}

_Noreturn void broker_serve(const struct broker *broker, int listen_fd)
{
	struct server server = { .broker = broker, .listen_fd = listen_fd };

	process_reset_signals();
	(void)signal(SIGINT, SIG_IGN); /* the watch's, for the engine */
	for (;;)
		serve_once(&server);
}
