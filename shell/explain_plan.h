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

/* The same by one of several helpers at a time: `which` tells them apart. */
void plan_add_by(struct explain *plan, int which, enum trace_step step,
		 const char *what);

/* What was done to the store's rows is made to last. */
void plan_commit_store(struct explain *plan);

/* The last: it would fail, and say this. `tells` is what to type to see more. */
void plan_refuse(struct explain *plan, const char *tells, const char *why);

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

/* Volumes that are missing are made, and empty ones filled; those without a name go with
 * their container. */
void plan_volumes(struct shell *shell, const struct spec *spec,
		  struct explain *plan);
void plan_volumes_gone(const struct spec *spec, struct explain *plan);

/* Whether the user mounts something on just this path. */
bool plan_has_mount(const struct spec *spec, const char *target);

/* Its first process is born: in what namespaces, with what ids and limits. */
void plan_birth(const struct spec *spec, struct explain *plan);

/* Before the container's namespaces: its networks' keeper and bridges; and after: how it
 * gets onto them. */
void plan_net_place(struct shell *shell, const struct spec *spec,
		    struct explain *plan);
void plan_network(struct shell *shell, const struct spec *spec,
		  struct explain *plan);

/* Their parts: a network's bridge that is not there yet, a name server in the container,
 * and a bridge that goes with its network. */
struct network;
void plan_net_bridge(struct shell *shell, const char *name,
		     struct explain *plan);
void plan_names(struct explain *plan);
void plan_bridge_gone(struct shell *shell, const struct network *network,
		      struct explain *plan);

/* The folder that its program starts in, where it is missing. */
void plan_cwd(struct shell *shell, const struct spec *spec,
	      struct explain *plan);

/* The program at last; -ENOENT in Docker's words where it is not there. */
int plan_program(struct shell *shell, const struct spec *spec,
		 struct explain *plan, struct err *err);

/* Devices, and what the user mounts. A device that is none is -errno. */
int plan_mounts(struct shell *shell, const struct spec *spec,
		struct explain *plan, struct err *err);

/* How a small process comes to see the layers of one that does not run. */
void plan_enter_layers(struct explain *plan);

/* The value of an option, by its long name, where the command's own struct is not known
 * here: a bool for a flag, else what its kind says. The command's name is one word. */
const void *plan_option(const struct args *args, const char *name);
bool plan_flag(const struct args *args, const char *name);

/* How many variables its program finds. */
size_t plan_env_count(const struct spec *spec);

/* Whether there is a plan for this command. */
struct cmd;
bool plan_has(const struct cmd *cmd);

#endif
