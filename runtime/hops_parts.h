/* runtime/hops_parts.h - what the files of the judgement share (hops.h). */
#ifndef RUNTIME_HOPS_PARTS_H
#define RUNTIME_HOPS_PARTS_H

#include <stdbool.h>

#include "runtime/hops.h"

struct endpoint;

/* Adds a hop; behind one that failed it is marked as not reached. */
void hops_add(struct port_way *way, enum hop_kind kind, enum hop_state state,
	      const char *where, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Says why the way ends; the first that says so is right. fix and command are
 * taken. */
void hops_blame(struct port_way *way, enum hop_cause cause, char *fix,
		char *command);

/* The container's name. Borrowed. */
const char *hops_name(const struct hops_facts *facts);

/* "80/tcp". Given. */
char *hops_proto_port(const struct port_way *way);

/* Its first place on a network with an address, or NULL. Borrowed. */
const struct endpoint *hops_endpoint(const struct hops_facts *facts);

/* The name server, which stands for itself in every container on a network of the
 * user's own. */
bool hops_is_name_server(const struct listener *listener);

void hops_judge_socket(const struct hops_facts *facts, struct port_way *way);

#endif
