/* shell/inspect_host.c - HostConfig: what of the machine a container may have.
 *
 * Source: Docker's api/types/container/host_config.go, as of 20.10. Keys of things
 * that are not here have the value that says so. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "shell/gojson.h"
#include "shell/inspect_parts.h"
#include "shell/mount_view.h"

static void put_null(json_t *json, const char *key)
{
	inspect_put(json, key, json_null());
}

static void put_empty(json_t *json, const char *key)
{
	inspect_put(json, key, json_array());
}

/* ---- what several words make ---- */

static json_t *log_config(const struct spec *spec)
{
	json_t *json = json_object();
	OWN_STRS struct strs options = { 0 };

	strs_copy(&options, &spec->log_opts);
	strs_sort(&options);
	gojson_put(json, "Type",
		   spec->log_driver ? spec->log_driver : "json-file");
	inspect_put(json, "Config", gojson_map(&options));
	return json;
}

static const char *network_mode(const struct spec *spec)
{
	return spec->network_mode ? spec->network_mode : "default";
}

static json_t *restart_policy(const struct spec *spec)
{
	json_t *json = json_object();

	gojson_put(json, "Name",
		   spec->restart_policy ? spec->restart_policy : "no");
	inspect_put_int(json, "MaximumRetryCount", spec->restart_max);
	return json;
}

static bool is_host(const char *mode)
{
	return mode && strcmp(mode, "host") == 0;
}

/* Docker adds a word for SELinux to what shares the machine's processes or all of
 * its rights. */
static json_t *security_opt(const struct spec *s)
{
	OWN_STRS struct strs words = { 0 };

	strs_copy(&words, &s->security_opt);
	if (s->privileged || is_host(s->pid_mode) ||
	    is_host(s->ipc_mode))
		strs_add(&words, "label=disable");
	return gojson_list(&words, true);
}

/* "/path:options" each: {"/path": "options"}. */
static json_t *tmpfs(const struct spec *spec)
{
	OWN_STRS struct strs pairs = { 0 };

	for (size_t i = 0; i < spec->tmpfs.count; i++) {
		const char *item = spec->tmpfs.items[i];
		size_t len = strcspn(item, ":");

		strs_addf(&pairs, "%.*s=%s", (int)len, item,
			  item[len] ? item + len + 1 : "");
	}
	return pairs.count ? gojson_map(&pairs) : json_null();
}

/* "host:inside:rwm" each. */
static json_t *devices(const struct spec *spec)
{
	static const char *const keys[] = { "PathOnHost", "PathInContainer",
					    "CgroupPermissions" };
	json_t *array = json_array();

	for (size_t i = 0; i < spec->devices.count; i++) {
		OWN_STRS struct strs parts = { 0 };
		json_t *json = json_object();

		strs_split(&parts, spec->devices.items[i], ':');
		for (size_t k = 0; k < 3; k++)
			gojson_put(json, keys[k],
				   k < parts.count ? parts.items[k]
				   : k == 1        ? parts.items[0]
						   : "rwm");
		json_array_append_new(array, json);
	}
	return array;
}

/* "nofile=1024:2048" each. */
static json_t *ulimits(const struct spec *spec)
{
	json_t *array;

	if (spec->ulimits.count == 0)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < spec->ulimits.count; i++) {
		const char *item = spec->ulimits.items[i];
		size_t len = strcspn(item, "=");
		OWN_FREE char *name = mem_strn(item, len);
		const char *soft = item[len] ? item + len + 1 : "0";
		const char *hard = strchr(soft, ':');
		json_t *json = json_object();

		gojson_put(json, "Name", name);
		inspect_put_int(json, "Hard",
				strtoll(hard ? hard + 1 : soft, NULL, 10));
		inspect_put_int(json, "Soft", strtoll(soft, NULL, 10));
		json_array_append_new(array, json);
	}
	return array;
}

static json_t *paths(const char *const *list, bool none)
{
	OWN_STRS struct strs strs = { 0 };

	for (; *list; list++)
		strs_add(&strs, *list);
	return none ? json_null() : gojson_list(&strs, false);
}

/* ---- the parts, in Docker's order ---- */

static void put_common(json_t *json, const struct spec *s)
{
	inspect_put(json, "Binds", mount_view_binds(s));
	gojson_put(json, "ContainerIDFile", "");
	inspect_put(json, "LogConfig", log_config(s));
	gojson_put(json, "NetworkMode", network_mode(s));
	inspect_put(json, "PortBindings", inspect_ports(&s->ports, NULL));
	inspect_put(json, "RestartPolicy", restart_policy(s));
	inspect_put_bool(json, "AutoRemove", s->auto_remove);
	gojson_put(json, "VolumeDriver", s->volume_driver);
	inspect_put(json, "VolumesFrom", gojson_list(&s->volumes_from, true));
}

static void put_unix(json_t *json, const struct home *home,
		     const struct container *c)
{
	const struct spec *s = &c->spec;

	inspect_put(json, "CapAdd", gojson_list(&s->cap_add, true));
	inspect_put(json, "CapDrop", gojson_list(&s->cap_drop, true));
	gojson_put(json, "CgroupnsMode", "private");
	inspect_put(json, "Dns", gojson_list(&s->dns, false));
	inspect_put(json, "DnsOptions", gojson_list(&s->dns_options, false));
	inspect_put(json, "DnsSearch", gojson_list(&s->dns_search, false));
	inspect_put(json, "ExtraHosts", gojson_list(&s->extra_hosts, true));
	inspect_put(json, "GroupAdd", gojson_list(&s->group_add, true));
	gojson_put(json, "IpcMode", s->ipc_mode ? s->ipc_mode : "private");
	gojson_put(json, "Cgroup", "");
	inspect_put(json, "Links", inspect_links(home, c));
	inspect_put_int(json, "OomScoreAdj", s->oom_score_adj);
	gojson_put(json, "PidMode", s->pid_mode);
	inspect_put_bool(json, "Privileged", s->privileged);
	inspect_put_bool(json, "PublishAllPorts", s->publish_all);
	inspect_put_bool(json, "ReadonlyRootfs", s->read_only);
	inspect_put(json, "SecurityOpt", security_opt(s));
	inspect_put(json, "StorageOpt", json_null());
	inspect_put(json, "Tmpfs", tmpfs(s));
	gojson_put(json, "UTSMode", s->uts_mode);
	gojson_put(json, "UsernsMode", s->userns_mode);
	inspect_put_int(json, "ShmSize", s->shm_size_bytes);
	inspect_put(json, "Sysctls",
		    s->sysctls.count ? gojson_map(&s->sysctls) : json_null());
	gojson_put(json, "Runtime", "dockershell");
	inspect_put(json, "ConsoleSize", json_pack("[i, i]", 0, 0));
	gojson_put(json, "Isolation", "");
}

/* Docker sets as much swap as memory where only memory was asked for. */
static int64_t swap_of(const struct spec *s)
{
	return s->memory_swap_bytes || !s->memory_bytes ? s->memory_swap_bytes
							: 2 * s->memory_bytes;
}

static void put_cpu(json_t *json, const struct spec *s)
{
	inspect_put_int(json, "CpuShares", s->cpu_shares);
	inspect_put_int(json, "Memory", s->memory_bytes);
	inspect_put_int(json, "NanoCpus", s->nano_cpus);
	gojson_put(json, "CgroupParent", "");
	inspect_put_int(json, "BlkioWeight", s->blkio_weight);
	put_empty(json, "BlkioWeightDevice");
	put_null(json, "BlkioDeviceReadBps");
	put_null(json, "BlkioDeviceWriteBps");
	put_null(json, "BlkioDeviceReadIOps");
	put_null(json, "BlkioDeviceWriteIOps");
	inspect_put_int(json, "CpuPeriod", s->cpu_period_us);
	inspect_put_int(json, "CpuQuota", s->cpu_quota_us);
	inspect_put_int(json, "CpuRealtimePeriod", 0);
	inspect_put_int(json, "CpuRealtimeRuntime", 0);
	gojson_put(json, "CpusetCpus", s->cpuset_cpus);
	gojson_put(json, "CpusetMems", s->cpuset_mems);
}

static void put_memory(json_t *json, const struct spec *s)
{
	inspect_put(json, "Devices", devices(s));
	put_null(json, "DeviceCgroupRules");
	put_null(json, "DeviceRequests");
	inspect_put_int(json, "KernelMemory", 0);
	inspect_put_int(json, "KernelMemoryTCP", 0);
	inspect_put_int(json, "MemoryReservation", s->memory_reservation_bytes);
	inspect_put_int(json, "MemorySwap", swap_of(s));
	inspect_put(json, "MemorySwappiness",
		    s->memory_swappiness_given ?
			    json_integer(s->memory_swappiness) :
			    json_null());
	inspect_put_bool(json, "OomKillDisable", s->oom_kill_disable);
	inspect_put(json, "PidsLimit",
		    s->pids_limit ? json_integer(s->pids_limit > 0 ?
							 s->pids_limit :
							 0) :
				    json_null());
	inspect_put(json, "Ulimits", ulimits(s));
	inspect_put_int(json, "CpuCount", 0);
	inspect_put_int(json, "CpuPercent", 0);
	inspect_put_int(json, "IOMaximumIOps", 0);
	inspect_put_int(json, "IOMaximumBandwidth", 0);
}

json_t *inspect_host_config(const struct home *home,
			    const struct container *container)
{
	/* What runtime/mounts.c covers, or leaves to be read only. */
	static const char *const masked[] = {
		"/proc/asound",     "/proc/acpi",
		"/proc/interrupts", "/proc/kcore",
		"/proc/keys",       "/proc/latency_stats",
		"/proc/timer_list", "/proc/sched_debug",
		"/proc/scsi",       "/sys/devices/virtual/powercap",
		"/sys/firmware",    NULL,
	};
	static const char *const read_only[] = {
		"/proc/bus",           "/proc/fs", "/proc/irq", "/proc/sys",
		"/proc/sysrq-trigger", NULL
	};
	const struct spec *s = &container->spec;
	json_t *json = json_object();
	json_t *mounts;

	put_common(json, s);
	put_unix(json, home, container);
	put_cpu(json, s);
	put_memory(json, s);
	mounts = mount_view_mounts(s);
	inspect_put(json, "Mounts", mounts ? mounts : json_null());
	inspect_put(json, "MaskedPaths", paths(masked, s->privileged));
	inspect_put(json, "ReadonlyPaths", paths(read_only, s->privileged));
	inspect_put(json, "Init", s->init ? json_true() : json_null());
	return json;
}
