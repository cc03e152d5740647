/* runtime/relay.c - see relay.h */
#include "runtime/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/log.h"

enum {
	QUEUE_HIGH = 256 << 10, /* stop reading output above this */
	INPUT_HIGH = 64 << 10,	/* stop reading a client above this */
	CHUNK = 32 << 10,
	DRAIN_MS = 500, /* how long output may linger after the end */
	FOLLOW_MS = 2000,
};

/* ---- clients ---- */

void relay_add_client(struct relay *m, int fd, struct wire_attach streams,
		      bool starter)
{
	if (m->client_count == RELAY_MAX_CLIENTS) {
		close(fd);
		return;
	}
	m->clients[m->client_count++] = (struct relay_client){
		.fd = fd,
		.streams = streams,
		.starter = starter,
	};
}

/* The end of a client's input is the end of the program's, as if the pipe had been
 * its own, if it is the client that it was started with. A terminal stays open. */
static void end_input(struct relay *m, const struct relay_client *client)
{
	if (client->streams.input && !m->tty &&
	    (client->starter || m->stdin_once))
		m->input_ends = true;
}

static void drop_client(struct relay *m, int index)
{
	struct relay_client *client = &m->clients[index];

	end_input(m, client);
	close(client->fd);
	buf_done(&client->in);
	buf_done(&client->queue);
	m->clients[index] = m->clients[--m->client_count];
}

/* One who reads all the time, and is always a little behind, never empties its
 * queue: what it has had is forgotten all the same. */
static void forget_sent(struct relay_client *client)
{
	if (client->sent < QUEUE_HIGH)
		return;
	client->queue.len -= client->sent;
	memmove(client->queue.data, client->queue.data + client->sent,
		client->queue.len);
	client->sent = 0;
}

static void flush_client(struct relay *m, int index)
{
	struct relay_client *client = &m->clients[index];

	while (client->sent < client->queue.len) {
		ssize_t put = send(client->fd,
				   client->queue.data + client->sent,
				   client->queue.len - client->sent,
				   MSG_NOSIGNAL | MSG_DONTWAIT);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EAGAIN) {
			forget_sent(client);
			return;
		}
		if (put < 0) {
			drop_client(m, index);
			return;
		}
		client->sent += (size_t)put;
	}
	buf_clear(&client->queue);
	client->sent = 0;
}

bool relay_has_starter(const struct relay *m)
{
	for (int i = 0; i < m->client_count; i++)
		if (m->clients[i].starter)
			return true;
	return false;
}

void relay_tell(struct relay *m, int index, enum wire_kind kind,
		const void *bytes, size_t len)
{
	wire_queue(&m->clients[index].queue, kind, bytes, len);
	flush_client(m, index);
}

void relay_tell_all(struct relay *m, enum wire_kind kind, const void *bytes,
		    size_t len)
{
	/* Backwards: a client that is dropped is replaced by the last one. */
	for (int i = m->client_count - 1; i >= 0; i--)
		relay_tell(m, i, kind, bytes, len);
}

/* ---- output and input ---- */

static void give_output(struct relay *m, int stream, const char *bytes,
			size_t len)
{
	if (m->log)
		log_write(m->log, stream == 0 ? LOG_STDOUT : LOG_STDERR, bytes,
			  len);
	for (int i = m->client_count - 1; i >= 0; i--)
		if (stream == 0 ? m->clients[i].streams.output :
				  m->clients[i].streams.error)
			relay_tell(m, i, stream == 0 ? WIRE_OUTPUT : WIRE_ERROR,
			     bytes, len);
}

static bool is_followed(const struct relay *m)
{
	for (int i = 0; m->log && i < m->client_count; i++)
		if (m->clients[i].follows)
			return true;
	return false;
}

/* Whether somebody who follows the log has not yet come to the file that the next
 * rotation would remove. */
static bool follower_is_behind(struct relay *m)
{
	bool late = m->give_up_ms && clock_ms() >= m->give_up_ms;
	bool behind = false;

	for (int i = 0; m->log && i < m->client_count; i++) {
		struct relay_client *client = &m->clients[i];

		if (!client->follows || !log_must_wait(m->log, client->file))
			continue;
		if (late)
			client->follows = false; /* it does not go on reading */
		else
			behind = true;
	}
	if (!behind)
		m->give_up_ms = 0;
	else if (!m->give_up_ms)
		m->give_up_ms = clock_ms() + FOLLOW_MS;
	return behind;
}

static void close_stream(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* To be called when poll says that there is something. */
static void read_output(struct relay *m, int stream)
{
	char bytes[CHUNK];
	ssize_t got = read(m->output[stream], bytes,
			   is_followed(m) ? log_one_read(m->log, CHUNK) : CHUNK);

	if (got > 0)
		give_output(m, stream, bytes, (size_t)got);
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		/* The end. A terminal says EIO when its last program is gone:
		 * that is process 1 or nothing ever more. */
		close_stream(&m->output[stream]);
}

static bool awaits_terminal(const struct relay *m)
{
	return m->tty && !m->seen_terminal;
}

static void write_input(struct relay *m)
{
	if (awaits_terminal(m))
		return;
	while (m->input >= 0 && m->written < m->pending.len) {
		ssize_t put = write(m->input, m->pending.data + m->written,
				    m->pending.len - m->written);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EAGAIN)
			return;
		if (put < 0) { /* the program reads no more */
			m->input_ends = true;
			break;
		}
		m->written += (size_t)put;
	}
	buf_clear(&m->pending);
	m->written = 0;
	if (m->input_ends && !m->tty)
		close_stream(&m->input);
}

static void resize(struct relay *m, const struct wire_size *size)
{
	struct winsize win = { .ws_row = size->rows, .ws_col = size->columns };

	if (awaits_terminal(m))
		m->early_size = *size;
	if (m->tty && m->output[0] >= 0)
		(void)ioctl(m->output[0], TIOCSWINSZ, &win);
}

static void follow(struct relay *m, int index,
		   const struct wire_message *message)
{
	struct relay_client *client = &m->clients[index];
	int32_t heard = 0;

	if (message->len != sizeof(client->file))
		return;
	memcpy(&client->file, message->bytes, message->len);
	client->follows = true;
	m->give_up_ms = 0; /* progress */
	relay_tell(m, index, WIRE_DONE, &heard, sizeof(heard));
}

/* Messages are as long as their struct says, or are not ours to understand. */
static void obey(struct relay *m, int index,
		 const struct wire_message *message)
{
	struct relay_client *client = &m->clients[index];
	struct wire_size size;

	switch (message->kind) {
	case WIRE_ATTACH:
		if (message->len == sizeof(struct wire_attach))
			memcpy(&client->streams, message->bytes, message->len);
		break;
	case WIRE_INPUT:
		if ((m->input >= 0 || awaits_terminal(m)) && !m->input_ends)
			buf_add(&m->pending, message->bytes, message->len);
		break;
	case WIRE_INPUT_END:
		end_input(m, client);
		break;
	case WIRE_RESIZE:
		if (message->len == sizeof(size)) {
			memcpy(&size, message->bytes, sizeof(size));
			resize(m, &size);
		}
		break;
	case WIRE_FOLLOW:
		follow(m, index, message);
		return;
	case WIRE_BROKEN:
		if (client->starter) {
			close_stream(&m->output[0]);
			if (!m->tty)
				close_stream(&m->output[1]);
		}
		break;
	case WIRE_STARTED:
	case WIRE_FAILED:
	case WIRE_OUTPUT:
	case WIRE_ERROR:
	case WIRE_EXIT:
	case WIRE_EVENT:
	case WIRE_DONE:
	case WIRE_ANSWER:
	case WIRE_WORD:
		return; /* ours to say */
	case WIRE_SIGNAL:
	case WIRE_END:
	case WIRE_CHANGED:
	case WIRE_LEAVE:
	case WIRE_PAUSE:
	case WIRE_UNPAUSE:
	case WIRE_UPDATE:
	case WIRE_NETWORKS:
	case WIRE_TRACE:
		break;
	}
	if (m->obey)
		m->obey(m->arg, index, message);
}

void relay_end_streams(struct relay *m)
{
	for (int i = 0; i < m->client_count; i++) {
		m->clients[i].streams = (struct wire_attach){ 0 };
		m->clients[i].starter = false;
	}
}

static void hear_client(struct relay *m, int index)
{
	int fd = m->clients[index].fd;
	struct wire_message message;
	size_t at = 0;
	bool bad = false;
	int r = wire_read(fd, &m->clients[index].in);

	if (r == -EAGAIN)
		return;
	while (r > 0 && wire_next(&m->clients[index].in, &at, &message, &bad)) {
		obey(m, index, &message);
		if (index >= m->client_count || m->clients[index].fd != fd)
			return; /* it was dropped while being answered */
	}
	if (r <= 0 || bad)
		drop_client(m, index);
	write_input(m);
}

static void welcome(struct relay *m)
{
	struct wire_attach none = { 0 };
	int fd = accept4(m->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		relay_add_client(m, fd, none, false);
}

/* ---- the loop ---- */

/* No client has so much unread that the program has to wait. */
static bool keeps_up(const struct relay *m)
{
	for (int i = 0; i < m->client_count; i++)
		if (m->clients[i].queue.len - m->clients[i].sent > QUEUE_HIGH)
			return false;
	return true;
}

static bool may_read(struct relay *m)
{
	return keeps_up(m) && !follower_is_behind(m);
}

int relay_watch(struct relay *m, struct pollfd *fds)
{
	bool read_more = may_read(m);
	bool input_waits = m->written < m->pending.len;

	for (int i = 0; i < 2; i++)
		fds[RELAY_AT_OUT + i] = (struct pollfd){
			read_more ? m->output[i] : -1, POLLIN, 0
		};
	fds[RELAY_AT_IN] =
		(struct pollfd){ input_waits ? m->input : -1, POLLOUT, 0 };
	fds[RELAY_AT_LISTEN] = (struct pollfd){ m->listener, POLLIN, 0 };
	for (int i = 0; i < m->client_count; i++) {
		struct relay_client *c = &m->clients[i];
		short events = 0;

		if (m->pending.len < INPUT_HIGH)
			events |= POLLIN;
		if (c->sent < c->queue.len)
			events |= POLLOUT;
		fds[RELAY_AT_CLIENTS + i] = (struct pollfd){ c->fd, events, 0 };
	}
	return RELAY_AT_CLIENTS + m->client_count;
}

static void serve_clients(struct relay *m, const struct pollfd *fds)
{
	for (int i = m->client_count - 1; i >= 0; i--) {
		short got = fds[RELAY_AT_CLIENTS + i].revents;
		int fd = m->clients[i].fd;

		if (fd != fds[RELAY_AT_CLIENTS + i].fd)
			continue; /* the list has changed: next round */
		if (got & POLLOUT)
			flush_client(m, i);
		if (i < m->client_count && m->clients[i].fd == fd &&
		    (got & (POLLIN | POLLHUP | POLLERR)))
			hear_client(m, i);
	}
}

void relay_serve(struct relay *m, const struct pollfd *fds)
{
	for (int i = 0; i < 2; i++) {
		if (fds[RELAY_AT_OUT + i].revents & POLLIN)
			read_output(m, i);
		else if (fds[RELAY_AT_OUT + i].revents)
			close_stream(&m->output[i]); /* all writers left */
	}
	if (fds[RELAY_AT_IN].revents)
		write_input(m);
	if (fds[RELAY_AT_LISTEN].revents)
		welcome(m);
	serve_clients(m, fds);
	if (m->input_ends)
		write_input(m);
}

/* ---- the end ---- */

/* Both output streams have ended. */
static bool is_drained(const struct relay *m)
{
	return m->output[0] < 0 && m->output[1] < 0;
}

void relay_close_streams(struct relay *m)
{
	close_stream(&m->output[0]);
	close_stream(&m->output[1]);
	close_stream(&m->input);
	buf_clear(&m->pending);
	m->written = 0;
	m->input_ends = false;
}

static int wait_for_news(struct relay *m, struct pollfd *fds, int timeout_ms)
{
	int n = poll(fds, (nfds_t)relay_watch(m, fds), timeout_ms);

	return n < 0 && errno == EINTR ? 0 : n;
}

void relay_drain(struct relay *m, int at_most_ms)
{
	struct pollfd fds[RELAY_MAX_FDS];
	int64_t end = at_most_ms < 0 ? INT64_MAX : clock_ms() + at_most_ms;

	while (!is_drained(m) &&
	       (end == INT64_MAX || clock_ms() < end)) {
		int n = wait_for_news(m, fds, DRAIN_MS);

		if (n == 0 && may_read(m))
			break;
		if (n > 0)
			relay_serve(m, fds);
	}
}

bool relay_is_behind(const struct relay *m)
{
	for (int i = 0; i < m->client_count; i++)
		if (m->clients[i].sent < m->clients[i].queue.len)
			return true;
	return false;
}

void relay_flush(struct relay *m)
{
	struct pollfd fds[RELAY_MAX_FDS];

	while (relay_is_behind(m))
		if (wait_for_news(m, fds, -1) > 0)
			serve_clients(m, fds);
}

/* ---- the beginning ---- */

void relay_init(struct relay *m)
{
	*m = (struct relay){
		.output = { -1, -1 },
		.input = -1,
		.listener = -1,
	};
}

void relay_take_terminal(struct relay *m, int master)
{
	(void)fcntl(master, F_SETFL, O_NONBLOCK);
	m->output[0] = master;
	m->input = fcntl(master, F_DUPFD_CLOEXEC, 3);
	m->seen_terminal = true;
	if (m->early_size.rows)
		resize(m, &m->early_size);
	write_input(m);
}
