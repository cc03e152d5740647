/* runtime/state.c - see state.h
 *
 * The record is one flat JSON object; the table below is its only description.
 * How a value looks is state_json.h's. */
#include "runtime/state.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/calls.h"
#include "runtime/home.h"
#include "runtime/state_json.h"

enum { MAX_RECORD = 64 << 20 };

enum field_kind { TEXT, LIST, ENDPOINTS, INT, INT64, BITS, BOOL };

struct field {
	const char *key;
	enum field_kind kind;
	size_t offset;
};

#define AT(kind, key, member) { key, kind, offsetof(struct container, member) }

static const struct field fields[] = {
	AT(TEXT, "id", spec.id),
	AT(TEXT, "name", spec.name),
	AT(TEXT, "image", spec.image),
	AT(TEXT, "imageId", spec.image_id),
	AT(TEXT, "hostname", spec.hostname),
	AT(TEXT, "domainname", spec.domainname),
	AT(TEXT, "user", spec.user),
	AT(TEXT, "cwd", spec.cwd),
	AT(LIST, "layers", spec.layers),
	AT(LIST, "args", spec.args),
	AT(LIST, "env", spec.env),
	AT(LIST, "labels", spec.labels),
	AT(LIST, "capAdd", spec.cap_add),
	AT(LIST, "capDrop", spec.cap_drop),
	AT(LIST, "securityOpt", spec.security_opt),
	AT(LIST, "groupAdd", spec.group_add),
	AT(LIST, "mounts", spec.mounts),
	AT(LIST, "tmpfs", spec.tmpfs),
	AT(LIST, "volumesFrom", spec.volumes_from),
	AT(LIST, "devices", spec.devices),
	AT(LIST, "ulimits", spec.ulimits),
	AT(LIST, "sysctls", spec.sysctls),
	AT(LIST, "extraHosts", spec.extra_hosts),
	AT(LIST, "dns", spec.dns),
	AT(LIST, "dnsSearch", spec.dns_search),
	AT(LIST, "dnsOptions", spec.dns_options),
	AT(LIST, "exposed", spec.exposed),
	AT(LIST, "healthTest", spec.health_test),
	AT(LIST, "logOpts", spec.log_opts),
	AT(LIST, "ports", spec.ports),
	AT(ENDPOINTS, "networks", spec.networks),
	AT(TEXT, "networkMode", spec.network_mode),
	AT(TEXT, "networkWhy", spec.network_why),
	AT(TEXT, "seccompProfile", spec.seccomp_profile),
	AT(TEXT, "pidMode", spec.pid_mode),
	AT(TEXT, "ipcMode", spec.ipc_mode),
	AT(TEXT, "utsMode", spec.uts_mode),
	AT(TEXT, "usernsMode", spec.userns_mode),
	AT(TEXT, "cgroupnsMode", spec.cgroupns_mode),
	AT(TEXT, "logDriver", spec.log_driver),
	AT(TEXT, "volumeDriver", spec.volume_driver),
	AT(TEXT, "restartPolicy", spec.restart_policy),
	AT(TEXT, "cpusetCpus", spec.cpuset_cpus),
	AT(TEXT, "stopSignalText", spec.stop_signal_text),
	AT(TEXT, "cpusetMems", spec.cpuset_mems),
	AT(BITS, "capabilities", spec.caps),
	AT(INT64, "shmSize", spec.shm_size_bytes),
	AT(INT64, "healthInterval", spec.health_interval_ns),
	AT(INT64, "healthTimeout", spec.health_timeout_ns),
	AT(INT64, "healthStartPeriod", spec.health_start_period_ns),
	AT(INT64, "logMaxBytes", spec.log_max_bytes),
	AT(INT64, "memory", spec.memory_bytes),
	AT(INT64, "memorySwap", spec.memory_swap_bytes),
	AT(INT64, "memoryReservation", spec.memory_reservation_bytes),
	AT(INT64, "nanoCpus", spec.nano_cpus),
	AT(INT64, "cpuShares", spec.cpu_shares),
	AT(INT64, "cpuPeriod", spec.cpu_period_us),
	AT(INT64, "cpuQuota", spec.cpu_quota_us),
	AT(INT64, "pidsLimit", spec.pids_limit),
	AT(INT, "healthRetries", spec.health_retries),
	AT(INT, "restartMax", spec.restart_max),
	AT(INT, "logMaxFiles", spec.log_max_files),
	AT(INT, "oomScoreAdj", spec.oom_score_adj),
	AT(INT, "blkioWeight", spec.blkio_weight),
	AT(INT, "memorySwappiness", spec.memory_swappiness),
	AT(BOOL, "memorySwappinessGiven", spec.memory_swappiness_given),
	AT(INT, "stopSignal", spec.stop_signal),
	AT(INT, "stopTimeout", spec.stop_timeout_s),
	AT(INT, "entrypointCount", spec.entrypoint_count),
	AT(BOOL, "tty", spec.tty),
	AT(BOOL, "openStdin", spec.open_stdin),
	AT(BOOL, "autoRemove", spec.auto_remove),
	AT(BOOL, "forLayer", spec.for_layer),
	AT(BOOL, "readOnly", spec.read_only),
	AT(BOOL, "noNewPrivileges", spec.no_new_privs),
	AT(BOOL, "seccompOff", spec.seccomp_off),
	AT(BOOL, "privileged", spec.privileged),
	AT(BOOL, "init", spec.init),
	AT(BOOL, "stdinOnce", spec.stdin_once),
	AT(BOOL, "attachStdin", spec.attach_stdin),
	AT(BOOL, "attachStdout", spec.attach_stdout),
	AT(BOOL, "attachStderr", spec.attach_stderr),
	AT(BOOL, "oomKillDisable", spec.oom_kill_disable),
	AT(BOOL, "publishAll", spec.publish_all),
	AT(BOOL, "parted", spec.parted),
	AT(INT, "status", status),
	AT(INT, "pid", pid),
	AT(INT, "monitorPid", monitor_pid),
	AT(INT, "exitCode", exit_code),
	AT(BOOL, "oomKilled", oom_killed),
	AT(INT64, "created", created_ns),
	AT(INT64, "started", started_ns),
	AT(INT64, "finished", finished_ns),
	AT(INT, "restartCount", restart_count),
	AT(INT, "health", health),
	AT(INT, "healthFailing", health_failing),
	AT(BOOL, "askedToStop", asked_to_stop),
	AT(TEXT, "error", error),
	AT(LIST, "published", published),
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

/* ---- the lock and the name ---- */

int state_open_folder(const struct home *home, const char *id, struct err *err)
{
	OWN_FREE char *path = mem_fmt("containers/%s", id);

	return fs_open_dir(home->fd, path, err);
}

int state_make_folder(const struct home *home, const char *id, struct err *err)
{
	OWN_FREE char *path = mem_fmt("containers/%s", id);
	OWN_FD int fd = -1;

	if (call_mkdir_at(TRACE_CREATE, home->fd, path, 0700) < 0)
		return err_errno(err, "mkdir %s/%s", home->path, path);
	fd = fs_open_dir(home->fd, path, err);
	if (fd < 0)
		return fd;
	/* Whoever lists the containers may hold it for an instant. */
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_errno(err, "lock %s", path);
	return own_give_fd(&fd);
}

int state_lock(int folder_fd, struct err *err)
{
	enum { TRIES = 20, PATIENT_TRIES = 5000 };

	/* A lister that looks whether the lock is free holds it for an instant,
	 * so a refusal is final only when it stays; and where the machine is busy
	 * an instant may be long. */
	for (int tries = 0; tries < PATIENT_TRIES; tries++) {
		if (flock(folder_fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_errno(err, "lock the container");
		/* Whoever has it for good has it alone. */
		if (tries >= TRIES && state_is_locked(folder_fd))
			break;
		usleep(1000);
	}
	return err_set(err, EBUSY, _("the container is in use"));
}

bool state_is_locked(int folder_fd)
{
	if (flock(folder_fd, LOCK_SH | LOCK_NB) < 0)
		return true;
	(void)flock(folder_fd, LOCK_UN);
	return false;
}

void state_id_of_name(const struct home *home, const char *name, char *out_id)
{
	OWN_FREE char *path = mem_fmt("containers/by-name/%s", name);
	char target[80];
	ssize_t len = -1;

	out_id[0] = '\0';
	if (!strchr(name, '/'))
		len = readlinkat(home->fd, path, target, sizeof(target));
	if (len != 3 + 64 || memcmp(target, "../", 3) != 0)
		return;
	memcpy(out_id, target + 3, 64);
	out_id[64] = '\0';
}

/* Whether a container is behind an id: one with a record, or one that is being
 * made. A start that was killed at its first steps leaves a folder that nobody
 * has locked and no record in it. */
static bool is_container(const struct home *home, const char *id)
{
	struct err ignored = { 0 };
	OWN_FD int fd = *id ? state_open_folder(home, id, &ignored) : -1;

	return fd >= 0 && (fs_exists(fd, "state.json") || state_is_locked(fd));
}

int state_claim_name(const struct home *home, const char *name, const char *id,
		     char *out_holder, struct err *err)
{
	OWN_FREE char *path = mem_fmt("containers/by-name/%s", name);
	OWN_FREE char *target = mem_fmt("../%s", id);

	for (int tries = 0; tries < 10; tries++) {
		if (call_symlink_at(TRACE_NAME, target, home->fd, path) == 0)
			return 0;
		if (errno != EEXIST)
			return err_errno(err, "symlink %s", path);
		state_id_of_name(home, name, out_holder);
		if (is_container(home, out_holder))
			break;
		/* The container is gone and took its name along, or was killed
		 * before it could: the link is rubbish. */
		(void)unlinkat(home->fd, path, 0);
	}
	return err_set(err, EEXIST, _("the name '%s' is taken"), name);
}

void state_release_name(const struct home *home, const char *name)
{
	OWN_FREE char *path = mem_fmt("containers/by-name/%s", name);

	/* Gone already is fine. */
	(void)call_unlink_at(TRACE_NAME, home->fd, path, 0);
}

/* ---- fields ---- */

static json_t *field_to_json(const struct field *field, const void *at)
{
	switch (field->kind) {
	case TEXT:
		return *(char *const *)at ? state_json_text(*(char *const *)at) :
					    NULL;
	case LIST: /* most are empty: a record shows what was chosen */
		return ((const struct strs *)at)->count ? state_json_list(at) :
							  NULL;
	case ENDPOINTS:
		return ((const struct endpoints *)at)->count ?
			       state_json_endpoints(at) :
			       NULL;
	case INT:
		return json_integer(*(const int *)at);
	case INT64:
		return json_integer(*(const int64_t *)at);
	case BITS:
		return json_integer((json_int_t)*(const uint64_t *)at);
	case BOOL:
		return json_boolean(*(const bool *)at);
	}
	return NULL;
}

static void field_from_json(const struct field *field, const json_t *value,
			    void *at)
{
	switch (field->kind) {
	case TEXT:
		if (json_is_string(value)) {
			free(*(char **)at);
			*(char **)at = state_text_of_json(value);
		}
		break;
	case LIST:
		state_list_of_json(value, at);
		break;
	case ENDPOINTS:
		state_endpoints_of_json(value, at);
		break;
	case INT:
		*(int *)at = (int)json_integer_value(value);
		break;
	case INT64:
		*(int64_t *)at = json_integer_value(value);
		break;
	case BITS:
		*(uint64_t *)at = (uint64_t)json_integer_value(value);
		break;
	case BOOL:
		*(bool *)at = json_is_true(value);
		break;
	}
}

int state_write(int folder_fd, const struct container *container,
		struct err *err)
{
	json_t *record = json_object();
	OWN_FREE char *text = NULL;

	for (size_t i = 0; i < FIELDS; i++) {
		const void *at = (const char *)container + fields[i].offset;
		json_t *value = field_to_json(&fields[i], at);

		if (value)
			json_object_set_new_nocheck(record, fields[i].key,
						    value);
	}
	text = json_dumps(record, JSON_INDENT(1));
	json_decref(record);
	if (!text)
		return err_set(err, ENOMEM, _("write the container's record"));
	return fs_replace(folder_fd, "state.json", text, strlen(text), 0600,
			  false, err);
}

int state_read(int folder_fd, struct container *container, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	json_error_t where;
	json_t *record;
	int r = fs_read(folder_fd, "state.json", MAX_RECORD, &text, err);

	if (r < 0)
		return r;
	record = json_loadb(text.data, text.len, 0, &where);
	if (!json_is_object(record)) {
		json_decref(record);
		return err_set(err, EBADMSG, _("state.json, line %d: %s"),
			       where.line, where.text);
	}
	*container = (struct container){ 0 };
	for (size_t i = 0; i < FIELDS; i++)
		field_from_json(&fields[i],
				json_object_get(record, fields[i].key),
				(char *)container + fields[i].offset);
	json_decref(record);
	if (!container->spec.id || !container->spec.name) {
		container_done(container);
		return err_set(err, EBADMSG, _("state.json has no id or name"));
	}
	return 0;
}

int state_lock_record(int folder_fd, struct err *err)
{
	/* The folder's own lock says that a monitor lives: this one is another
	 * file's. */
	OWN_FD int lock = fs_open(folder_fd, "state.lock",
				  O_RDWR | O_CREAT | O_NOFOLLOW, 0600, err);

	if (lock < 0)
		return lock;
	while (flock(lock, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_errno(err, "lock the container's record");
	return own_give_fd(&lock);
}

int state_change(int folder_fd, state_changer *change, void *arg,
		 struct err *err)
{
	OWN_CONTAINER struct container container = { 0 };
	OWN_FD int lock = state_lock_record(folder_fd, err);
	int r;

	if (lock < 0)
		return lock;
	r = state_read(folder_fd, &container, err);
	if (r < 0 || !change(&container, arg))
		return r;
	return state_write(folder_fd, &container, err);
}
