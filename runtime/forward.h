/* runtime/forward.h - the process that carries what comes to published ports into a
 * container.
 *
 *   client --> machine:8080 [forwarder] --> 172.17.0.2:80 (the container)
 *
 * One process a container, a child of its monitor. It listens in the machine's
 * network namespace (the sockets were opened there, publish.h) and connects in the
 * one that it is in itself, where the container's address can be reached: so no rule
 * of a firewall is needed, and no rights. To the container its visitors come from
 * the gateway's address; and a program that listens at 127.0.0.1 inside is not
 * reached, as in Docker. */
#ifndef RUNTIME_FORWARD_H
#define RUNTIME_FORWARD_H

#include <netinet/in.h>
#include <sys/types.h>

struct err;
struct publish;

/* pid        0: there is none
 * container  where it carries to */
struct forward {
	pid_t pid;
	struct in_addr container;
};

/* Starts it. `publish` is the caller's and stays so; the forwarder has copies. It
 * ends when it is told to, and when the caller ends, by whatever end. */
int forward_begin(const struct publish *publish, struct in_addr container,
		  struct forward *out, struct err *err);

/* Ends it, and each connection with it; waits for that. None is fine. */
void forward_end(struct forward *forward);

/* What the forwarder does, in the calling process: for ever. */
_Noreturn void forward_serve(const struct publish *publish,
			     struct in_addr container);

#endif
