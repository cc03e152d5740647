/* tests/test_inspect.c - settings as inspect and ps show them. */
#include "shell/inspect_parts.h"

#include <stdlib.h>
#include <string.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "shell/container_row.h"
#include "shell/inspect.h"
#include "shell/mount_view.h"
#include "shell/ports.h"
#include "shell/template.h"
#include "tests/test.h"

/* The member as JSON on one line; given. `json` is taken. */
static char *member(json_t *json, const char *key)
{
	struct buf out = { 0 };

	template_json(json_object_get(json, key), &inspect_look, "", false,
		      &out);
	json_decref(json);
	return buf_give(&out);
}

static void assert_member(json_t *json, const char *key, const char *expected)
{
	OWN_FREE char *text = member(json, key);

	if (strcmp(text, expected) != 0)
		fail_msg("%s is %s and not %s", key, text, expected);
}

static void settings_come_out_as_they_went_in(void **state)
{
	OWN_CONTAINER struct container c = { 0 };

	(void)state;
	spec_init(&c.spec);
	strs_add(&c.spec.cap_add, "SYS_PTRACE");
	strs_add(&c.spec.tmpfs, "/scratch:size=1m");
	strs_add(&c.spec.tmpfs, "/plain");
	strs_add(&c.spec.sysctls, "net.core.somaxconn=1024");
	strs_add(&c.spec.ulimits, "nofile=1024:2048");
	strs_add(&c.spec.ulimits, "core=5");
	strs_add(&c.spec.devices, "/dev/fuse:/dev/fuse:rw");
	strs_add(&c.spec.devices, "/dev/kvm");
	c.spec.memory_bytes = 314572800;
	c.spec.pids_limit = 5;
	c.spec.restart_policy = mem_str("on-failure");
	c.spec.restart_max = 3;
	strs_add(&c.spec.log_opts, "max-size=1k");
	c.spec.init = true;
	c.spec.pid_mode = mem_str("host");
#define HOST(key, text) \
	assert_member(inspect_host_config(NULL, &c), key, text)
	HOST("CapAdd", "[\"SYS_PTRACE\"]");
	HOST("CapDrop", "null");
	HOST("Tmpfs", "{\"/scratch\":\"size=1m\",\"/plain\":\"\"}");
	HOST("Sysctls", "{\"net.core.somaxconn\":\"1024\"}");
	HOST("Ulimits",
	     "[{\"Name\":\"nofile\",\"Hard\":2048,\"Soft\":1024},{\"Name\":\"core\",\"Hard\":5,\"Soft\":5}]");
	HOST("Devices",
	     "[{\"PathOnHost\":\"/dev/fuse\",\"PathInContainer\":\"/dev/fuse\",\"CgroupPermissions\":\"rw\"},"
	     "{\"PathOnHost\":\"/dev/kvm\",\"PathInContainer\":\"/dev/kvm\",\"CgroupPermissions\":\"rwm\"}]");
	HOST("Memory", "314572800");
	HOST("MemorySwap", "629145600");
	HOST("PidsLimit", "5");
	HOST("RestartPolicy",
	     "{\"Name\":\"on-failure\",\"MaximumRetryCount\":3}");
	HOST("LogConfig",
	     "{\"Type\":\"json-file\",\"Config\":{\"max-size\":\"1k\"}}");
	HOST("Init", "true");
	HOST("PidMode", "\"host\"");
	HOST("IpcMode", "\"private\"");
	HOST("SecurityOpt", "[\"label=disable\"]");
	c.spec.privileged = true;
	HOST("MaskedPaths", "null");
}

/* JSON has numbers and objects where Docker's own types print themselves. */
static void templates_show_docker_s_types(void **state)
{
	static const struct {
		const char *template;
		const char *shown;
	} cases[] = {
		{ "{{.Healthcheck.Interval}} {{.Healthcheck.Timeout}} {{.Healthcheck.StartPeriod}}",
		  "1m30.5s 1.5ms 0s" },
		{ "{{json .Healthcheck}}",
		  "{\"Test\":[\"CMD\",\"x\"],\"Interval\":90500000000,\"Timeout\":1500000}" },
		{ "{{printf \"%v %s\" .Healthcheck.Interval .Healthcheck.Timeout}}",
		  "1m30.5s 1.5ms" },
		{ "{{.MacAddress}}|{{.StopTimeout}}|{{.NetworkDisabled}}",
		  "|<nil>|false" },
		{ "{{.Host.Ulimits}} {{.Host.LogConfig.Config}}",
		  "[nofile=1:2] map[max-size:1k]" },
		{ "{{index .Host.LogConfig.Config \"nosuch\"}}|{{.Host.StorageOpt}}|{{.Host.Mounts}}",
		  "|map[]|[]" },
		{ "{{.Host.Tmpfs}} {{json .Host.Tmpfs}}", "map[] null" },
	};
	OWN_CONTAINER struct container c = { 0 };
	json_t *json;

	(void)state;
	spec_init(&c.spec);
	strs_add(&c.spec.health_test, "CMD");
	strs_add(&c.spec.health_test, "x");
	c.spec.health_interval_ns = 90500000000;
	c.spec.health_timeout_ns = 1500000;
	strs_add(&c.spec.ulimits, "nofile=1:2");
	strs_add(&c.spec.log_opts, "max-size=1k");
	json = inspect_container_config(&c, NULL);
	json_object_set_new(json, "Host", inspect_host_config(NULL, &c));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct template *template = NULL;
		OWN_BUF struct buf out = { 0 };
		struct err err = { 0 };

		assert_ok(template_parse(cases[i].template, &template, &err),
			  &err);
		assert_ok(template_run(template, &inspect_look, json, &out,
				       &err),
			  &err);
		assert_string_equal(buf_text(&out), cases[i].shown);
		template_free(template);
	}
	json_decref(json);
}

static void what_was_not_chosen_has_docker_s_nothing(void **state)
{
	OWN_CONTAINER struct container c = { 0 };

	(void)state;
	spec_init(&c.spec);
	HOST("RestartPolicy", "{\"Name\":\"no\",\"MaximumRetryCount\":0}");
	HOST("Binds", "null");
	HOST("Dns", "[]");
	HOST("PidsLimit", "null");
	HOST("MemorySwap", "0");
	HOST("ShmSize", "67108864");
}

static void entrypoint_and_command_are_told_apart(void **state)
{
	OWN_CONTAINER struct container c = { 0 };

	(void)state;
	spec_init(&c.spec);
	strs_add(&c.spec.args, "sh");
	strs_add(&c.spec.args, "-c");
	strs_add(&c.spec.args, "ls");
	c.spec.entrypoint_count = 1;
	strs_add(&c.spec.exposed, "80/tcp");
	c.spec.stop_signal_text = mem_str("9");
	strs_add(&c.spec.health_test, "CMD-SHELL");
	strs_add(&c.spec.health_test, "true");
	c.spec.health_retries = 3;
#define CONFIG(key, text) \
	assert_member(inspect_container_config(&c, NULL), key, text)
	CONFIG("Entrypoint", "[\"sh\"]");
	CONFIG("Cmd", "[\"-c\",\"ls\"]");
	CONFIG("ExposedPorts", "{\"80/tcp\":{}}");
	CONFIG("StopSignal", "\"9\"");
	CONFIG("StopTimeout", "null");
	CONFIG("WorkingDir", "\"\"");
	CONFIG("Healthcheck",
	       "{\"Test\":[\"CMD-SHELL\",\"true\"],\"Retries\":3}");
	c.spec.entrypoint_count = 0;
	CONFIG("Entrypoint", "null");
}

static void mounts_are_taken_apart(void **state)
{
	OWN_FREE char *path = mem_str("/h");
	const struct home home = { .path = path, .fd = -1 };
	OWN_CONTAINER struct container c = { 0 };
	OWN_FREE char *names = NULL;
	struct buf text = { 0 };
	json_t *json;

	(void)state;
	spec_init(&c.spec);
	strs_add(&c.spec.mounts,
		 "type=bind,source=/tmp,target=/hosttmp,readonly,mode=ro");
	strs_add(&c.spec.mounts, "type=volume,src=fmtvol,dst=/vol");
	strs_add(&c.spec.mounts,
		 "\"type=bind\",\"source=/a,b\",destination=/c,ro=false");
	json = mount_view_json(&home, &c.spec);
	template_json(json, &inspect_look, "", false, &text);
	json_decref(json);
	assert_string_equal(
		buf_text(&text),
		"[{\"Type\":\"bind\",\"Source\":\"/tmp\",\"Destination\":\"/hosttmp\",\"Mode\":\"ro\",\"RW\":false,\"Propagation\":\"rprivate\"},"
		"{\"Type\":\"volume\",\"Name\":\"fmtvol\",\"Source\":\"/h/volumes/fmtvol/_data\",\"Destination\":\"/vol\",\"Driver\":\"local\",\"Mode\":\"z\",\"RW\":true,\"Propagation\":\"\"},"
		"{\"Type\":\"bind\",\"Source\":\"/a,b\",\"Destination\":\"/c\",\"Mode\":\"\",\"RW\":true,\"Propagation\":\"rprivate\"}]");
	buf_done(&text);
	HOST("Binds", "[\"/tmp:/hosttmp:ro\",\"fmtvol:/vol\",\"/a,b:/c\"]");
	names = mount_view_names(&c.spec, false);
	assert_string_equal(names, "/tmp,fmtvol,/a,b");
	assert_int_equal(mount_view_volumes(&c.spec), 1);
	assert_true(mount_view_has(&c.spec, "fmtvol"));
	assert_true(mount_view_has(&c.spec, "/hosttmp"));
	assert_false(mount_view_has(&c.spec, "/tmp"));
}

static void ports_that_follow_each_other_are_folded(void **state)
{
	static const struct {
		const char *exposed, *published, *shown;
	} cases[] = {
		{ "", "", "" },
		{ "8080/tcp", "", "8080/tcp" },
		{ "101/tcp 100/tcp 102/tcp", "", "100-102/tcp" },
		{ "8080/tcp 53/udp", "", "53/udp, 8080/tcp" },
		{ "80/tcp 81/tcp 90/tcp 80/udp", "",
		  "80-81/tcp, 90/tcp, 80/udp" },
		{ "9/tcp 100/tcp", "", "9/tcp, 100/tcp" },
		{ "8080/tcp 53/udp",
		  "0.0.0.0:18080:8080/tcp :::18080:8080/tcp 127.0.0.1:15353:53/udp",
		  "127.0.0.1:15353->53/udp, 0.0.0.0:18080->8080/tcp, :::18080->8080/tcp" },
		{ "80/tcp 90/tcp", ":::80:80/tcp 0.0.0.0:80:80/tcp",
		  "0.0.0.0:80->80/tcp, :::80->80/tcp, 90/tcp" },
		{ "",
		  "0.0.0.0:3001:3001/tcp 0.0.0.0:3000:3000/tcp 0.0.0.0:3002:3002/tcp",
		  "0.0.0.0:3000-3002->3000-3002/tcp" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OWN_CONTAINER struct container c = { 0 };
		OWN_FREE char *shown = NULL;

		strs_split(&c.spec.exposed, cases[i].exposed, ' ');
		strs_split(&c.published, cases[i].published, ' ');
		shown = ports_shown(&c);
		assert_string_equal(shown, cases[i].shown);
	}
}

static void a_status_says_how_long_and_how_well(void **state)
{
	const int64_t second = 1000000000;
	const int64_t now = 1000 * second;
	static const struct {
		enum container_status status;
		enum container_health health;
		const char *shown;
	} cases[] = {
		{ CONTAINER_CREATED, HEALTH_NONE, "Created" },
		{ CONTAINER_RUNNING, HEALTH_NONE, "Up 5 seconds" },
		{ CONTAINER_RUNNING, HEALTH_HEALTHY, "Up 5 seconds (healthy)" },
		{ CONTAINER_RUNNING, HEALTH_STARTING,
		  "Up 5 seconds (health: starting)" },
		{ CONTAINER_RUNNING, HEALTH_UNHEALTHY,
		  "Up 5 seconds (unhealthy)" },
		{ CONTAINER_PAUSED, HEALTH_HEALTHY, "Up 5 seconds (Paused)" },
		{ CONTAINER_RESTARTING, HEALTH_NONE,
		  "Restarting (3) 2 seconds ago" },
		{ CONTAINER_EXITED, HEALTH_HEALTHY,
		  "Exited (3) 2 seconds ago" },
		{ CONTAINER_REMOVING, HEALTH_NONE, "Removal In Progress" },
		{ CONTAINER_DEAD, HEALTH_NONE, "Dead" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct container c = {
			.status = cases[i].status,
			.health = cases[i].health,
			.exit_code = 3,
			.started_ns = now - 5 * second,
			.finished_ns = now - 2 * second,
		};
		OWN_FREE char *shown = container_status_shown(&c, now);

		assert_string_equal(shown, cases[i].shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(settings_come_out_as_they_went_in),
		TEST(templates_show_docker_s_types),
		TEST(what_was_not_chosen_has_docker_s_nothing),
		TEST(entrypoint_and_command_are_told_apart),
		TEST(mounts_are_taken_apart),
		TEST(ports_that_follow_each_other_are_folded),
		TEST(a_status_says_how_long_and_how_well),
	};

	return cmocka_run_group_tests_name("inspect", tests, NULL, NULL);
}
