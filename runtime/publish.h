/* runtime/publish.h - the ports of this machine that lead into a container.
 *
 * Owns the sockets that listen for a container (which ports, at which addresses)
 * and Docker's words where one cannot be had. What comes in there is carried on by
 * forward.h.
 *
 * A socket belongs to the network namespace that it was opened in, wherever the
 * process that holds it goes: so the monitor opens these while it is still in the
 * machine's own (net.h). */
#ifndef RUNTIME_PUBLISH_H
#define RUNTIME_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct home;
struct spec;
struct strs;

/* fd      non-blocking; of TCP it listens
 * inside  the port of the container */
struct publish_socket {
	int fd;
	bool udp;
	uint16_t inside;
};

/* rests  see publish_rest */
struct publish {
	struct publish_socket *items;
	size_t count;
	bool rests;
};

/* Whether anything is to be listened on for it: it wishes for ports and is on a
 * network (with --network none or host the wish is without effect). */
bool publish_is_wanted(const struct spec *spec);

/* Opens them all, or none: spec->ports and, with publish_all, what else is
 * exposed. Where no port of the machine was named, the next free one of its range
 * for such purposes is taken.
 *
 * out_entries  what was opened, as in port_spec.h, one an address: "0.0.0.0:8080:80/tcp"
 *              and ":::8080:80/tcp"
 *
 * Failures are Docker's: -EADDRINUSE, -EADDRNOTAVAIL, -EACCES (a port that only
 * root may have). */
int publish_open(const struct home *home, const struct spec *spec,
		 struct publish *out, struct strs *out_entries,
		 struct err *err);
void publish_close(struct publish *publish);

/* What publish_open would open now, and whether it could: the kernel is asked by a socket
 * that is bound and let go, on which nobody listens. */
int publish_foresee(const struct home *home, const struct spec *spec,
		    struct strs *out_entries, struct err *err);

/* Nobody is let in any more, but the ports stay ours; and again. For a monitor that
 * cannot open others, being in another namespace by now. Each may be called twice. */
void publish_rest(struct publish *publish);
int publish_resume(struct publish *publish, struct err *err);

#endif
