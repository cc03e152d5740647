/* shell/broker_client.c - `docker` in a compartment; see broker.h
 *
 * It knows nothing but where the broker is. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_talk.h"
#include "shell/broker.h"
#include "shell/broker_parts.h"

/* A signal on its way to the command; the handler writes it into this. */
static int broker_fd = -1;

static void pass_on(int signal)
{
	int code = errno;

	(void)send(broker_fd, &signal, sizeof(signal),
		   MSG_NOSIGNAL | MSG_DONTWAIT);
	errno = code;
}

static int fail(const char *what)
{
	fprintf(stderr, "docker: %s: %s\n", what, strerror(errno));
	return BROKER_NOBODY;
}

static void add_text(struct buf *request, const char *text)
{
	buf_add(request, text, strlen(text) + 1);
}

static void fill_request(struct buf *request, int count, char **words)
{
	extern char **environ;
	OWN_FREE char *folder = getcwd(NULL, 0);
	OWN_FREE char *number = mem_fmt("%d", count - 1);

	add_text(request, folder ? folder : "/");
	add_text(request, number);
	for (int i = 1; i < count; i++)
		add_text(request, words[i]);
	for (char **e = environ; *e; e++)
		if (strchr(*e, '=') && request->len + strlen(*e) < BROKER_MOST / 2)
			add_text(request, *e);
}

static int wait_for_status(void)
{
	int status = BROKER_NOBODY;
	ssize_t got;

	do
		got = recv(broker_fd, &status, sizeof(status), 0);
	while (got < 0 && errno == EINTR);
	return got == sizeof(status) ? status : BROKER_NOBODY;
}

static int be_client(int count, char **words)
{
	static const int passed[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
				      SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT };
	struct sockaddr_un at = { .sun_family = AF_UNIX,
				  .sun_path = BROKER_SOCKET };
	struct sigaction action = { .sa_handler = pass_on,
				    .sa_flags = SA_RESTART };
	OWN_BUF struct buf request = { 0 };
	struct talk talk = { .fds = { 0, 1, 2 }, .count = 3 };
	int r;

	broker_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (broker_fd < 0 ||
	    connect(broker_fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return fail("connect to " BROKER_SOCKET);
	fill_request(&request, count, words);
	if (request.len > BROKER_MOST) {
		errno = E2BIG;
		return fail("run");
	}
	talk.bytes = request.data;
	talk.len = request.len;
	r = talk_send(broker_fd, &talk);
	if (r < 0) {
		errno = -r;
		return fail("send");
	}
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		(void)sigaction(passed[i], &action, NULL);
	return wait_for_status();
}

bool broker_takes(int count, char **words, int *out_status)
{
	const char *slash = count > 0 ? strrchr(words[0], '/') : NULL;

	if (count < 1 || strcmp(slash ? slash + 1 : words[0], "docker") != 0)
		return false;
	if (broker_serves(count, words, out_status))
		return true;
	if (access(BROKER_SOCKET, F_OK) < 0)
		return false;
	*out_status = be_client(count, words);
	return true;
}
