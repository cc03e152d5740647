/* runtime/port_spec.h - which port of the machine leads to which of a container's.
 *
 * Owns the grammar of `-p`, and the form in which its answers lie in a spec and a
 * record. Listening is port_listen.h's, carrying the bytes forward.h's.
 *
 *   8080:80   80   127.0.0.1::80   [::1]:8080:80/udp   8000-8010:80
 *   3000-3003:3000-3003   published=8080,target=80,protocol=tcp */
#ifndef RUNTIME_PORT_SPEC_H
#define RUNTIME_PORT_SPEC_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct strs;

enum { PORT_HIGHEST = 65535, PORT_IP_SIZE = 46, PORT_PROTO_SIZE = 5 };

/* One port of a container and where it is to be reached.
 *
 * ip     "": at each address of the machine
 * first, last  the ports of the machine that will do; 0 and 0: any that is free
 * port   of the container
 * proto  "tcp", "udp", "sctp" */
struct port_spec {
	char ip[PORT_IP_SIZE];
	uint16_t first;
	uint16_t last;
	uint16_t port;
	char proto[PORT_PROTO_SIZE];
};

/* What one -p says, as an entry for each port of the container: "IP:HOST:PORT/PROTO",
 * IP and HOST empty where nothing was said, IP without brackets, HOST "8000-8010"
 * where any of these will do. -EINVAL with Docker's words.
 *
 * Source: docker/go-connections nat.ParsePortSpec (0.4.0), docker/cli
 * convertToStandardNotation. */
int port_spec_parse(const char *text, struct strs *out, struct err *err);

/* Reads such an entry. false: it is none (a record that somebody changed). */
bool port_spec_read(const char *entry, struct port_spec *out);

/* "80/tcp" of an entry, "" of what is none. Borrowed from it. */
const char *port_spec_inside(const char *entry);

#endif
