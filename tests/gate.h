/* tests/gate.h - a published port, and both sides of it.
 *
 * 127.0.0.2 stands in for a container: an address of this machine like any of
 * 127.0.0.0/8. What fails here fails the test. */
#ifndef TESTS_GATE_H
#define TESTS_GATE_H

#include <netinet/in.h>
#include <stdbool.h>

#include "runtime/base/list.h"
#include "runtime/forward.h"
#include "runtime/home.h"
#include "runtime/publish.h"
#include "runtime/spec.h"
#include "tests/test.h"

struct err;

#define GATE_INSIDE "127.0.0.2"

struct gate {
	struct home home;
	struct spec spec;
	struct publish publish;
	struct strs entries;
	struct forward forward;
	int port;
};

/* Listens on what is wished for ("127.0.0.1::80/tcp ..."), as publish_open does. */
int gate_open_ports(struct scratch *s, struct gate *gate, const char *wish,
		    struct err *err);

/* Listens at any port of `ip`, and forwards to the port of `server`. */
void gate_open(struct scratch *s, struct gate *gate, const char *ip, int server,
	       bool udp);
void gate_close(struct gate *gate);

/* ---- sockets ---- */

struct sockaddr_in gate_at(const char *ip, int port);
int gate_port_of(int fd);

/* A server inside, at any port. type: SOCK_STREAM or SOCK_DGRAM. */
int gate_serve(int type);
int gate_dial(int type, const char *ip, int port);

/* The next visitor of a server; the test fails where none comes. */
int gate_welcome(int server);
void gate_say(int fd, const char *text);
void gate_hear(int fd, const char *text);

#endif
