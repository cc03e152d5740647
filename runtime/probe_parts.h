/* runtime/probe_parts.h - what the files of probe.h share; nobody else includes it. */
#ifndef RUNTIME_PROBE_PARTS_H
#define RUNTIME_PROBE_PARTS_H

#include <stdbool.h>

struct probe_facts;
struct probe_report;

/* Runs `work` in a child process, which ends with what it returns: 0 or an errno. One
 * that does not end within two seconds is ETIMEDOUT. */
typedef int probe_work(void *arg);
int probe_in_child(probe_work *work, void *arg);

/* As probe_in_child, in a child that is root among this account's ids (a user namespace
 * where it is not root already), with mounts of its own. */
int probe_as_root(probe_work *work, void *arg);

/* A number in a file of /proc or /sys; -1 where there is none. */
long long probe_number(const char *path);

void probe_ids(struct probe_facts *facts); /* probe_ids.c */
void probe_store(const char *home,
		 struct probe_facts *facts); /* probe_store.c */
void probe_net(struct probe_facts *facts);   /* probe_net.c */

/* The second half of the judgements: probe_judge_net.c */
void probe_judge_limits(const struct probe_facts *facts,
			struct probe_report *out);
void probe_judge_net(const struct probe_facts *facts, struct probe_report *out);
void probe_judge_rest(const struct probe_facts *facts,
		      struct probe_report *out);

/* Whether no process becomes root among this account's ids: then what needs that could
 * not be tried, and follows from it. */
bool probe_is_blocked(const struct probe_facts *facts);

/* Adds an item that is well; the caller says what is not. `found` is taken. */
struct probe_item *probe_add(struct probe_report *out, const char *id,
			     const char *title, char *found);

#endif
