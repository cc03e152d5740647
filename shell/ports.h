/* shell/ports.h - ports of a container, as `ps` and `port` show them. */
#ifndef SHELL_PORTS_H
#define SHELL_PORTS_H

#include <stdbool.h>
#include <stdint.h>

struct container;
struct err;
struct strs;

/* The PORTS of `ps`: what leads into it, and what is only exposed; sorted, ports
 * that follow each other folded ("0.0.0.0:8080->80/tcp, 100-102/tcp"). Given. */
char *ports_shown(const struct container *container);

/* Whether something leads to this port ("80/tcp") of a container. */
bool ports_are_published(const struct container *container, const char *inside);

/* Entries as in runtime/port_spec.h, by the port of the container. */
void ports_sort(struct strs *entries);

/* "80" or "8000-8080"; of more dashes the first two numbers count. -EINVAL with
 * Go's words for what is neither. Source: docker/go-connections, ParsePortRange. */
int ports_parse_range(const char *text, int64_t *out_first, int64_t *out_last,
		      struct err *err);

/* "80", "80/udp", "8000-8080/tcp": whether one of the exposed ports lies in it.
 * Without a protocol it is tcp. -EINVAL with Docker's words for what is no port;
 * else 0 or 1. */
int ports_fit(const struct strs *exposed, const char *wanted, struct err *err);

/* A port as `port` takes it: "80", "80/udp"; *out is "80/tcp". Given. -EINVAL with
 * Docker's words. */
int ports_read(const char *text, char **out, struct err *err);

#endif
