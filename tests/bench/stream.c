/* tests/bench/stream.c - how fast bytes come through a port.
 *
 *   stream serve PORT BYTES       gives each visitor that many bytes, for ever
 *   stream fetch HOST PORT RUNS   takes them all, so many times; prints the seconds
 *                                 that each took
 *
 * Linked by itself, so that it runs in a container whose image has no libc. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char bytes[256 << 10];

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static void give(int fd, long long left)
{
	while (left > 0) {
		size_t len = left < (long long)sizeof(bytes) ? (size_t)left
							     : sizeof(bytes);
		ssize_t put = send(fd, bytes, len, MSG_NOSIGNAL);

		if (put <= 0)
			return;
		left -= put;
	}
}

static int serve(int port, long long total)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	at.sin_port = htons((unsigned short)port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(fd, 16) < 0)
		return fail("listen");
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client < 0)
			return fail("accept");
		give(client, total);
		close(client);
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int fetch(const char *host, int port, int runs)
{
	struct sockaddr_in at = { .sin_family = AF_INET };

	at.sin_port = htons((unsigned short)port);
	if (inet_pton(AF_INET, host, &at.sin_addr) != 1)
		return fail(host);
	for (int i = 0; i < runs; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		double start = now();
		long long total = 0;
		ssize_t got;

		if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
			return fail("connect");
		while ((got = recv(fd, bytes, sizeof(bytes), 0)) > 0)
			total += got;
		if (got < 0 || total == 0)
			return fail("recv");
		printf("%.4f\n", now() - start);
		fflush(stdout);
		close(fd);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "serve") == 0)
		return serve(atoi(argv[2]), atoll(argv[3]));
	if (argc == 5 && strcmp(argv[1], "fetch") == 0)
		return fetch(argv[2], atoi(argv[3]), atoi(argv[4]));
	fputs("stream serve PORT BYTES | stream fetch HOST PORT RUNS\n", stderr);
	return 2;
}
