/* runtime/spec.h - what to run, as plain data.
 *
 * Owns the settings of one container: everything that can be chosen before it
 * starts, nothing that happens afterwards (state.h). The runtime takes folders
 * and plain data and has never heard of an image: whoever knows images fills
 * this in. */
#ifndef RUNTIME_SPEC_H
#define RUNTIME_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/list.h"
#include "runtime/endpoint.h"

/* Owned; all strings may be NULL where "nothing given" makes sense.
 *
 * id           64 hex digits
 * name         without Docker's leading slash
 * image        as given ("busybox"); image_id "sha256:..."; both for show
 * layers       names below the home, HIGHEST first, at least one
 * args         argv of process 1, at least one word
 * entrypoint_count  how many of args came from the entrypoint (inspect: Path)
 * env          "NAME=value"; the runtime adds PATH, HOSTNAME, TERM, HOME
 * user         "", "name", "uid", "name:group" ...: looked up inside the root
 * cwd          absolute; made where missing
 * labels       "name=value"
 * caps         bits by capability number; CAP_... of <linux/capability.h>
 * stop_signal  number; stop_signal_text as it was given ("9", "SIGINT") or NULL;
 *              stop_timeout_s seconds of grace before SIGKILL
 *
 * What follows is kept as it was given (checked, and names of other containers
 * turned into ids), for `inspect` to show and the runtime to act upon:
 *
 * cap_add, cap_drop, security_opt   what `caps`, no_new_privs, seccomp_off and
 *              seccomp_profile (the text of a profile) came from
 * group_add    names or numbers
 * mounts       further mounts, one --mount value each ("type=bind,source=/x,
 *              target=/y,readonly"), targets cleaned
 * tmpfs        "/path" or "/path:options"
 * volumes_from "name" or "name:ro", as given; what they bring is among mounts
 * devices      "host:inside:rwm"
 * ulimits      "nofile=1024:2048"
 * sysctls      "net.core.somaxconn=1024"
 * extra_hosts  "name:address"; dns, dns_search, dns_options lines of resolv.conf
 * exposed      "80/tcp"
 * network_mode NULL or "default" (the network `bridge`), "bridge", "none", "host",
 *              "container:<id>", or a network's name or id as it was given
 * network_why  set by a start: why it has no network though it should, or NULL
 * networks     those it is on: for a network of the user's own that one, and what
 *              `network connect` added; with mode NULL, "default" or "bridge" the
 *              entry of `bridge` may be left out where nothing is wished of it
 * parted       it was taken off its last network, and is on none until it is connected
 * ports        published: "HOSTIP:HOSTPORT:PORT/PROTO", one a container port; an
 *              empty HOSTPORT is chosen at the start
 * publish_all  -P: what is exposed too
 * link_env     what links on the usual network add to the environment: made anew at
 *              each start, not recorded
 * pid_mode, ipc_mode, uts_mode, userns_mode, cgroupns_mode   NULL (a namespace
 *              of its own), "host", "container:<id>"; ipc_mode also "private",
 *              "shareable", "none"
 * shm_size_bytes  of /dev/shm
 * restart_policy  NULL or "no", "always", "unless-stopped", "on-failure";
 *              restart_max tries of the last one, 0: no bound
 * health_test  NULL-free list as in an image's config ("CMD-SHELL", "..."), empty
 *              or "NONE": none; times in nanoseconds, 0: Docker's default
 * volume_driver  NULL or "local", as given
 * log_driver   NULL ("json-file") or "none": nothing is kept
 * log_opts     --log-opt as given ("max-size=10m", "labels=a,b", "env=X"): of the
 *              labels and variables named there --details shows the values
 * log_max_bytes, log_max_files   when a log is rotated; 0: the default
 * memory_bytes ... pids_limit    limits; 0: none, memory_swap_bytes -1: no bound
 * for_layer    the step of a build (container_run_for_layer), until it has failed */
struct spec {
	char *id;
	char *name;
	char *image;
	char *image_id;
	char *hostname;
	char *domainname;
	char *user;
	char *cwd;
	struct strs layers;
	struct strs args;
	struct strs env;
	struct strs labels;
	struct strs cap_add;
	struct strs cap_drop;
	struct strs security_opt;
	struct strs group_add;
	struct strs mounts;
	struct strs tmpfs;
	struct strs volumes_from;
	struct strs devices;
	struct strs ulimits;
	struct strs sysctls;
	struct strs extra_hosts;
	struct strs dns;
	struct strs dns_search;
	struct strs dns_options;
	struct strs exposed;
	struct strs health_test;
	struct strs log_opts;
	struct strs ports;
	struct strs link_env;
	struct endpoints networks;
	char *network_mode;
	char *network_why;
	char *seccomp_profile;
	char *pid_mode;
	char *ipc_mode;
	char *uts_mode;
	char *userns_mode;
	char *cgroupns_mode;
	char *log_driver;
	char *volume_driver;
	char *stop_signal_text;
	char *restart_policy;
	char *cpuset_cpus;
	char *cpuset_mems;
	uint64_t caps;
	int64_t shm_size_bytes;
	int64_t health_interval_ns;
	int64_t health_timeout_ns;
	int64_t health_start_period_ns;
	int64_t log_max_bytes;
	int64_t memory_bytes;
	int64_t memory_swap_bytes;
	int64_t memory_reservation_bytes;
	int64_t nano_cpus;
	int64_t cpu_shares;
	int64_t cpu_period_us;
	int64_t cpu_quota_us;
	int64_t pids_limit;
	int health_retries;
	int restart_max;
	int log_max_files;
	int oom_score_adj;
	int blkio_weight;
	int memory_swappiness;
	int stop_signal;
	int stop_timeout_s;
	int entrypoint_count;
	bool tty;
	bool open_stdin;
	bool auto_remove;
	bool read_only;
	bool no_new_privs;
	bool seccomp_off;
	bool privileged;
	bool init;
	bool stdin_once;
	bool attach_stdin;
	bool attach_stdout;
	bool attach_stderr;
	bool oom_kill_disable;
	bool for_layer;
	bool publish_all;
	bool parted;
	bool memory_swappiness_given; /* 0 is a wish like others */
};

/* Docker's defaults: its fourteen capabilities, SIGTERM, ten seconds, "/". */
void spec_init(struct spec *spec);
void spec_done(struct spec *spec);
#define OWN_SPEC __attribute__((cleanup(spec_done)))

/* Whether it is on networks: not "none", not "host", not another container's. */
bool spec_is_networked(const struct spec *spec);

#endif
