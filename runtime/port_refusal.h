/* runtime/port_refusal.h - why a port of the machine cannot be had.
 *
 * Docker's words, and under them who has the port: another container of this home,
 * a process of the machine; or what to do where only root may have it. */
#ifndef RUNTIME_PORT_REFUSAL_H
#define RUNTIME_PORT_REFUSAL_H

#include <stdbool.h>

struct err;
struct home;
struct port_spec;
struct sockaddr_storage;
struct spec;

/* Binding to `address` failed with `code`. Returns -code. */
int port_refusal(const struct home *home, const struct spec *spec,
		 const struct port_spec *port,
		 const struct sockaddr_storage *address, int code,
		 struct err *err);

/* The same container has it already: -p twice. */
int port_refusal_twice(const struct spec *spec,
		       const struct sockaddr_storage *address,
		       struct err *err);

/* Of a range, or of all, none is free. */
int port_refusal_none_left(const struct spec *spec, struct err *err);

/* SCTP is a third protocol beside TCP and UDP, which nothing here carries. */
int port_refusal_sctp(const struct spec *spec, struct err *err);

/* The lowest port that who is not root may have. */
int port_refusal_lowest(void);

/* Whether an opened entry (port_spec.h) is of just this protocol, address and
 * port. */
bool port_refusal_is_held(const char *entry, const char *proto,
			  const struct sockaddr_storage *address);

#endif
