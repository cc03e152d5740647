/* shell/build_opts.h - the options of `build`.
 *
 * Docker 20.10's; those that only BuildKit or an experimental daemon has are refused
 * by name, and say why. */
#ifndef SHELL_BUILD_OPTS_H
#define SHELL_BUILD_OPTS_H

#include <stdbool.h>

#include "runtime/base/list.h"
#include "shell/cmd.h"

/* ignored  taken, and of no effect: what it asks for is so anyway, or cannot be */
struct build_opts {
	const char *file;
	const char *target;
	const char *iidfile;
	const char *network;
	const char *progress;
	const char *isolation;
	const char *platform;
	const char *memory_swap;
	const char *cpuset_cpus;
	const char *cpuset_mems;
	struct strs tags;
	struct strs args;
	struct strs labels;
	struct strs add_host;
	struct strs cache_from;
	struct strs security_opt;
	struct strs ulimits;
	struct opt_number memory;
	struct opt_number cpu_shares;
	struct opt_number cpu_period;
	struct opt_number cpu_quota;
	struct opt_number shm_size;
	bool remove;
	bool force_remove;
	bool no_cache;
	bool quiet;
	bool ignored;
	bool explain;
	bool ast;
};

extern const struct opt build_options[];

struct err;

/* What values must be like that depend on nothing else. */
int build_opts_check(const struct build_opts *opts, struct err *err);

/* The names in all --cache-from: one value may hold several, with commas between. */
void build_opts_cache_from(const struct build_opts *opts, struct strs *out);

#endif
