/* runtime/resolv.h - resolv.conf: which name servers are asked.
 *
 * Owns what the machine's file says and what a container's is to say. resolv.conf(5).
 * Source: docker/libnetwork, resolvconf and sandbox_dns_unix.go. */
#ifndef RUNTIME_RESOLV_H
#define RUNTIME_RESOLV_H

#include <stdbool.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"

struct spec;

/* The name servers that the machine asks, its own (127.0.0.53) among them. */
void resolv_servers(struct strs *out);

/* Whether "ndots:N" is among the options. */
bool resolv_has_ndots(const struct strs *options);

/* What the container's file says. `named`: it is on a network of the user's own and
 * asks the name server at 127.0.0.11. */
void resolv_write(const struct spec *spec, bool named, struct buf *out);

#endif
