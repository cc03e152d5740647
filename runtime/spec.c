/* runtime/spec.c - see spec.h */
#include "runtime/spec.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/caps.h"

void spec_init(struct spec *spec)
{
	*spec = (struct spec){
		.cwd = mem_str("/"),
		.caps = CAPS_DOCKER,
		.stop_signal = SIGTERM,
		.stop_timeout_s = 10,
		.shm_size_bytes = 64 << 20,
	};
}

void spec_done(struct spec *spec)
{
	free(spec->id);
	free(spec->name);
	free(spec->image);
	free(spec->image_id);
	free(spec->hostname);
	free(spec->domainname);
	free(spec->user);
	free(spec->cwd);
	strs_done(&spec->layers);
	strs_done(&spec->args);
	strs_done(&spec->env);
	strs_done(&spec->labels);
	strs_done(&spec->cap_add);
	strs_done(&spec->cap_drop);
	strs_done(&spec->security_opt);
	strs_done(&spec->group_add);
	strs_done(&spec->mounts);
	strs_done(&spec->tmpfs);
	strs_done(&spec->volumes_from);
	strs_done(&spec->devices);
	strs_done(&spec->ulimits);
	strs_done(&spec->sysctls);
	strs_done(&spec->extra_hosts);
	strs_done(&spec->dns);
	strs_done(&spec->dns_search);
	strs_done(&spec->dns_options);
	strs_done(&spec->exposed);
	strs_done(&spec->health_test);
	strs_done(&spec->log_opts);
	strs_done(&spec->ports);
	strs_done(&spec->link_env);
	endpoints_done(&spec->networks);
	free(spec->network_mode);
	free(spec->network_why);
	free(spec->seccomp_profile);
	free(spec->pid_mode);
	free(spec->ipc_mode);
	free(spec->uts_mode);
	free(spec->userns_mode);
	free(spec->cgroupns_mode);
	free(spec->log_driver);
	free(spec->volume_driver);
	free(spec->restart_policy);
	free(spec->cpuset_cpus);
	free(spec->stop_signal_text);
	free(spec->cpuset_mems);
	*spec = (struct spec){ 0 };
}

bool spec_is_networked(const struct spec *spec)
{
	const char *mode = spec->network_mode;

	return !mode || (strcmp(mode, "none") != 0 &&
			 strcmp(mode, "host") != 0 &&
			 strncmp(mode, "container:", 10) != 0);
}
