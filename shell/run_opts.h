/* shell/run_opts.h - the options of `run` and `create`.
 *
 * One table: what only `run` takes stands first, so that `create` begins behind
 * it. How the values become a spec is run_fill.h's. */
#ifndef SHELL_RUN_OPTS_H
#define SHELL_RUN_OPTS_H

#include <stdbool.h>

#include "runtime/base/list.h"
#include "shell/cmd.h"

/* Limits of the whole container, kept by its cgroup. */
struct run_limits {
	struct opt_number memory;
	struct opt_number memory_reservation;
	struct opt_number cpu_shares;
	struct opt_number cpu_period;
	struct opt_number cpu_quota;
	struct opt_number blkio_weight;
	struct opt_number pids;
	struct opt_number swappiness;
	struct opt_number kernel_memory;
	const char *memory_swap;
	const char *cpus;
	const char *cpuset_cpus;
	const char *cpuset_mems;
	bool oom_kill_disable;
};

struct run_health {
	const char *cmd;
	const char *interval;
	const char *timeout;
	const char *start_period;
	struct opt_number retries;
	bool none;
};

/* Views that may be shared: NULL, "host", "container:NAME" ... */
struct run_modes {
	const char *pid;
	const char *ipc;
	const char *uts;
	const char *userns;
	const char *cgroupns;
};

/* On which networks, and how it is found there. */
struct run_net {
	struct strs networks;
	struct strs aliases;
	struct strs links;
	const char *ip;
	const char *ip6;
	const char *mac;
};

/* planned  no option: nothing may be made, not even a folder that -v names */
struct run_opts {
	bool detach;
	bool interactive;
	bool tty;
	bool remove;
	bool read_only;
	bool init;
	bool privileged;
	bool sig_proxy;
	bool quiet;
	bool publish_all;
	bool trust; /* nothing is signed here: taken, and of no effect */
	const char *name;
	const char *hostname;
	const char *domainname;
	const char *workdir;
	const char *user;
	const char *entrypoint;
	const char *stop_signal;
	const char *detach_keys;
	const char *cidfile;
	const char *restart;
	const char *pull;
	const char *platform;
	const char *log_driver;
	struct opt_number stop_timeout;
	struct opt_number shm_size;
	struct opt_number oom_score_adj;
	struct run_limits limits;
	struct run_health health;
	struct run_modes modes;
	struct run_net net;
	struct strs attach;
	struct strs env;
	struct strs env_files;
	struct strs labels;
	struct strs label_files;
	struct strs cap_add;
	struct strs cap_drop;
	struct strs security_opt;
	struct strs group_add;
	struct strs add_host;
	struct strs dns;
	struct strs dns_search;
	struct strs dns_option;
	struct strs expose;
	struct strs publish;
	struct strs volumes;
	struct strs volumes_from;
	const char *volume_driver;
	struct strs mounts;
	struct strs tmpfs;
	struct strs devices;
	struct strs ulimits;
	struct strs sysctls;
	struct strs log_opts;
	bool planned;
};

enum { RUN_ONLY_OPTIONS = 3 };
extern const struct opt run_options[];

#endif
