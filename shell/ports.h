/* shell/ports.h - ports of a container, as `ps` and `port` show them. */
#ifndef SHELL_PORTS_H
#define SHELL_PORTS_H

#include <stdbool.h>

struct err;
struct strs;

/* "80/tcp" each, in any order, to the PORTS of `ps`: sorted, ports that follow
 * each other folded ("100-102/tcp, 53/udp"). Given. */
char *ports_shown(const struct strs *exposed);

/* "80", "80/udp", "8000-8080/tcp": whether one of the exposed ports lies in it.
 * Without a protocol it is tcp. -EINVAL with Docker's words for what is no port;
 * else 0 or 1. */
int ports_fit(const struct strs *exposed, const char *wanted, struct err *err);

/* A port as `port` takes it: "80", "80/udp"; *out is "80/tcp". Given. -EINVAL with
 * Docker's words. */
int ports_read(const char *text, char **out, struct err *err);

#endif
