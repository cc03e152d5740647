/* lessons/http_get.c - see http_get.h */
#include "lessons/http_get.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* ---- the URL ---- */

void http_url_done(struct http_url *url)
{
	free(url->host);
	free(url->path);
	*url = (struct http_url){ 0 };
}

bool http_url_parse(const char *text, struct http_url *out)
{
	static const char scheme[] = "http://";
	struct http_url url = { .port = 80 };
	const char *host = text + sizeof(scheme) - 1;
	const char *end;
	const char *port;
	char *rest = NULL;

	if (strncmp(text, scheme, sizeof(scheme) - 1) != 0)
		return false;
	end = host + strcspn(host, "/");
	port = *host == '[' ? memchr(host, ']', (size_t)(end - host)) : host;
	port = port ? memchr(port, ':', (size_t)(end - port)) : NULL;
	if (port) {
		url.port = (int)strtol(port + 1, &rest, 10);
		if (rest != end || url.port < 1 || url.port > 65535)
			return false;
	}
	if (!port)
		port = end;
	url.host = *host == '[' ? mem_strn(host + 1, (size_t)(port - host - 2))
				: mem_strn(host, (size_t)(port - host));
	url.path = mem_str(*end ? end : "/");
	if (!*url.host || strpbrk(text, " \r\n\t")) {
		http_url_done(&url);
		return false;
	}
	*out = url;
	return true;
}

/* ---- with a bound on time ---- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int wait_for(int fd, short events, int64_t until, struct err *err)
{
	for (;;) {
		struct pollfd wait = { .fd = fd, .events = events };
		int64_t left = until - now_ms();
		int r = poll(&wait, 1, left > 0 ? (int)left : 0);

		if (r > 0)
			return 0;
		if (r == 0)
			return err_set(err, ETIMEDOUT, _("no answer in time"));
		if (errno != EINTR)
			return err_errno(err, "poll");
	}
}

static int connect_one(const struct addrinfo *to, int64_t until, int *out_fd,
		       struct err *err)
{
	OWN_FD int fd = socket(to->ai_family,
			       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int failed = 0;
	socklen_t size = sizeof(failed);
	int r = 0;

	if (fd < 0)
		return err_errno(err, "socket");
	if (connect(fd, to->ai_addr, to->ai_addrlen) < 0) {
		if (errno != EINPROGRESS)
			return err_errno(err, "connect");
		r = wait_for(fd, POLLOUT, until, err);
		if (r < 0)
			return r;
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) == 0 &&
		    failed)
			return err_set(err, failed, "connect: %s",
				       strerror(failed));
	}
	*out_fd = own_give_fd(&fd);
	return 0;
}

/* "localhost" may be ::1 and 127.0.0.1: the first that answers. */
static int connect_any(const struct http_url *url, int64_t until,
		       struct err *err)
{
	struct addrinfo wish = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	char port[12];
	int fd = -1;
	int r;

	(void)snprintf(port, sizeof(port), "%d", url->port);
	r = getaddrinfo(url->host, port, &wish, &list);
	if (r != 0)
		return err_set(err, ENOENT, "%s: %s", url->host,
			       gai_strerror(r));
	r = -ENOENT;
	for (struct addrinfo *at = list; at && fd < 0; at = at->ai_next)
		r = connect_one(at, until, &fd, err);
	freeaddrinfo(list);
	return fd < 0 ? r : fd;
}

/* ---- the question and the answer ---- */

static int ask(int fd, const struct http_url *url, struct err *err)
{
	OWN_FREE char *text =
		mem_fmt("GET %s HTTP/1.0\r\nHost: %s:%d\r\n"
			"User-Agent: dockershell\r\nConnection: close\r\n\r\n",
			url->path, url->host, url->port);

	/* A few hundred bytes always fit an empty socket. */
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		return err_errno(err, "send");
	return 0;
}

static int read_all(int fd, int64_t until, struct buf *out, struct err *err)
{
	for (;;) {
		ssize_t len;
		int r = wait_for(fd, POLLIN, until, err);

		if (r < 0)
			return r;
		len = recv(fd, buf_room(out, 16 << 10), 16 << 10, 0);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return err_errno(err, "receive");
		if (len == 0)
			return 0;
		out->len += (size_t)len;
		if (out->len > FACTS_FILE_MAX)
			return 0; /* as much as anyone looks at */
	}
}

static int read_answer(const struct buf *text, struct facts_page *out,
		       struct err *err)
{
	const char *all = buf_text(text);
	const char *body = strstr(all, "\r\n\r\n");
	int status = 0;

	if (text->len == 0)
		return err_set(err, ECONNRESET,
			       _("the connection ended without an answer"));
	if (strncmp(all, "HTTP/1.", 7) != 0 || strlen(all) < 12)
		return err_set(err, EINVAL, _("what answers is no web server"));
	status = (int)strtol(all + 9, NULL, 10);
	*out = (struct facts_page){ .status = status,
				    .body = mem_str(body ? body + 4 : "") };
	return 0;
}

int http_get(const char *text, int timeout_ms, struct facts_page *out,
	     struct err *err)
{
	int64_t until = now_ms() + timeout_ms;
	struct http_url url = { 0 };
	OWN_BUF struct buf answer = { 0 };
	OWN_FD int fd = -1;
	int r = 0;

	if (!http_url_parse(text, &url))
		return err_set(err, EINVAL,
			       _("'%s' is no URL: http://127.0.0.1:8080/"),
			       text);
	fd = connect_any(&url, until, err);
	if (fd < 0)
		r = fd;
	if (r == 0)
		r = ask(fd, &url, err);
	if (r == 0)
		r = read_all(fd, until, &answer, err);
	http_url_done(&url);
	/* A server that keeps the line open has answered all the same. */
	if (r == -ETIMEDOUT && answer.len > 0)
		r = 0;
	buf_char(&answer, 0);
	answer.len--;
	return r < 0 ? r : read_answer(&answer, out, err);
}
