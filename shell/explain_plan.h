/* shell/explain_plan.h - which steps a command would take; none of them is done.
 *
 * Made from what is known beforehand: the words, the store, this account. What is
 * known only later stands in capitals (ID, PID). Nothing is written, made or waited
 * for. */
#ifndef SHELL_EXPLAIN_PLAN_H
#define SHELL_EXPLAIN_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/trace.h"

struct args;
struct err;
struct explain;
struct shell;

/* Returns 0, or -errno: the words are wrong, what they name is not there, or this
 * command's steps cannot be told beforehand (-ENOTSUP). */
int explain_plan(struct shell *shell, int count, char *const *words,
		 struct explain *out, struct err *err);

/* One step to come. */
void plan_add(struct explain *plan, enum trace_process process,
	      enum trace_step step, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The commands, one or a few a file. */
typedef int plan_command(struct shell *shell, const struct args *args,
			 struct explain *plan, struct err *err);
plan_command plan_run, plan_create;
plan_command plan_exec, plan_start, plan_stop, plan_restart, plan_remove;
plan_command plan_build, plan_commit, plan_copy, plan_diff;
plan_command plan_network_create, plan_network_remove;
plan_command plan_network_connect, plan_network_disconnect;
plan_command plan_volume_create, plan_volume_remove;
plan_command plan_tag, plan_rmi, plan_rename;

/* The way of a container from its monitor to its program. monitored: a new monitor is
 * made for it; else the one that is there goes on. */
struct spec;
void plan_container(struct shell *shell, const struct spec *spec,
		    bool monitored, struct explain *plan);

/* How many variables its program finds. */
size_t plan_env_count(const struct spec *spec);

/* Whether there is a plan for this command. */
struct cmd;
bool plan_has(const struct cmd *cmd);

#endif
