/* tests/test_probe.c - what is said of a machine, from facts that are made up; and the
 * facts of this one. */
#include "runtime/probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "tests/test.h"

/* A plain user's machine on which all is well. */
static const struct probe_facts healthy = {
	.uid = 1000,
	.kernel = "6.1.0",
	.distro = "debian",
	.program = "/usr/local/bin/dockershell",
	.userns_clone = 1,
	.max_userns = 1000,
	.apparmor = -1,
	.subuids = 65536,
	.subgids = 65536,
	.free_ids = 165536,
	.id_helpers = 1,
	.store = "/home/a/.local/share/dockershell",
	.store_at = "/home/a",
	.store_kind = "ext4",
	.free_bytes = 1LL << 40,
	.free_inodes = 1 << 20,
	.cgroup_version = 2,
	.cgroups = "memory cpu cpuset pids io freezer",
	.systemd = 1,
	.way_out = "pasta",
	.low_port = 80,
	.utf8 = 1,
	.drawing = 1,
	.programs = "pasta 1",
};

/* One thing that is not as it should be, and what is then said.
 *
 * facts     name=value lines, put over the healthy ones
 * mend      the first command, or a part of it; NULL: there is none, but advice */
static const struct {
	const char *facts;
	const char *id;
	enum probe_state state;
	enum probe_state whole;
	const char *mend;
} cases[] = {
	{ "kernel_error=38\nkernel_call=openat2", "kernel", PROBE_NO, PROBE_NO,
	  "-backports linux-image-" },
	{ "kernel_error=38\ndistro=ubuntu\nrelease=20.04", "kernel", PROBE_NO,
	  PROBE_NO, "sudo apt install linux-generic-hwe-20.04" },
	{ "userns_error=1\nuserns_clone=0", "userns", PROBE_NO, PROBE_NO,
	  "sudo sysctl -w kernel.unprivileged_userns_clone=1" },
	{ "userns_error=28\nmax_userns=0", "userns", PROBE_NO, PROBE_NO,
	  "sudo sysctl -w user.max_user_namespaces=15000" },
	{ "userns_error=1", "userns", PROBE_NO, PROBE_NO, NULL },
	{ "root=1\ncap_error=1", "userns", PROBE_NO, PROBE_NO, NULL },
	{ "cap_error=1\napparmor=1", "userns", PROBE_NO, PROBE_NO, NULL },
	{ "cap_error=1\napparmor=1", "apparmor", PROBE_NO, PROBE_NO,
	  "profile dockershell /usr/local/bin/dockershell flags=(unconfined)" },
	{ "cap_error=1\napparmor=1\nprogram=/a b/x", "apparmor", PROBE_NO,
	  PROBE_NO,
	  "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" },
	{ "ids_error=-1\nid_helpers=0", "ids", PROBE_LESS, PROBE_LESS,
	  "sudo apt install uidmap" },
	{ "ids_error=-1\nsubuids=0\nsubgids=0", "ids", PROBE_LESS, PROBE_LESS,
	  "sudo usermod --add-subuids 165536-231071 --add-subgids 165536-231071 $USER" },
	{ "ids_error=1", "ids", PROBE_NO, PROBE_NO,
	  "sudo apt install --reinstall uidmap" },
	{ "ids_error=1\noverlay_error=1", "overlay", PROBE_NO, PROBE_NO, NULL },
	{ "ids_error=-1", "ids", PROBE_LESS, PROBE_LESS,
	  "unset DOCKERSHELL_USERNS" },
	{ "root=1\nids_error=1", "ids", PROBE_NO, PROBE_NO, NULL },
	{ "store_error=13", "store", PROBE_NO, PROBE_NO,
	  "export DOCKERSHELL_HOME=/var/tmp/dockershell-1000" },
	{ "store=\nstore_error=2", "store", PROBE_NO, PROBE_NO,
	  "export DOCKERSHELL_HOME=" },
	{ "store_kind=NFS", "store", PROBE_NO, PROBE_NO,
	  "export DOCKERSHELL_HOME=" },
	{ "store_kind=overlay", "store", PROBE_NO, PROBE_NO,
	  "export DOCKERSHELL_HOME=" },
	{ "wal_error=95", "store", PROBE_NO, PROBE_NO,
	  "export DOCKERSHELL_HOME=" },
	{ "overlay_error=19", "overlay", PROBE_NO, PROBE_NO,
	  "sudo modprobe overlay" },
	{ "overlay_error=22", "overlay", PROBE_NO, PROBE_NO,
	  "export DOCKERSHELL_HOME=" },
	{ "overlay_error=-1", "overlay", PROBE_NO, PROBE_NO, NULL },
	{ "free_bytes=1000", "space", PROBE_NO, PROBE_NO,
	  "dockershell system prune" },
	{ "free_inodes=5000", "space", PROBE_LESS, PROBE_LESS,
	  "dockershell system prune" },
	{ "free_inodes=-1", "space", PROBE_OK, PROBE_OK, NULL },
	{ "cgroups=", "limits", PROBE_LESS, PROBE_LESS,
	  "systemd-run --user --scope -p Delegate=yes dockershell" },
	{ "cgroups=memory pids freezer", "limits", PROBE_LESS, PROBE_LESS,
	  "sudo mkdir -p /etc/systemd/system/user@.service.d" },
	{ "cgroups=\ncgroup_version=1", "limits", PROBE_LESS, PROBE_LESS,
	  "sudo mkdir -p /etc/default/grub.d" },
	{ "cgroups=\nsystemd=0", "limits", PROBE_LESS, PROBE_LESS, NULL },
	{ "cgroups=\nroot=1", "limits", PROBE_LESS, PROBE_LESS, NULL },
	{ "netns_error=28", "networks", PROBE_NO, PROBE_NO,
	  "sudo sysctl -w user.max_net_namespaces=15000" },
	{ "bridge_error=95", "networks", PROBE_LESS, PROBE_LESS,
	  "sudo modprobe bridge" },
	{ "veth_error=95", "networks", PROBE_LESS, PROBE_LESS,
	  "sudo modprobe veth" },
	{ "rules_error=2", "way-out", PROBE_LESS, PROBE_LESS,
	  "sudo modprobe -a nf_tables" },
	{ "root=1\nforward_error=30", "way-out", PROBE_LESS, PROBE_LESS,
	  "sudo sysctl -w net.ipv4.ip_forward=1" },
	{ "way_out=", "way-out", PROBE_LESS, PROBE_LESS,
	  "sudo apt install passt" },
	{ "device_error=2", "way-out", PROBE_LESS, PROBE_LESS,
	  "sudo modprobe tun" },
	{ "device_error=13", "way-out", PROBE_LESS, PROBE_LESS,
	  "sudo chmod 666 /dev/net/tun" },
	{ "root=1\nway_out=\ndevice_error=2", "way-out", PROBE_OK, PROBE_OK,
	  NULL },
	{ "low_port=1024", "ports", PROBE_NOTE, PROBE_OK,
	  "sudo sysctl -w net.ipv4.ip_unprivileged_port_start=80" },
	{ "utf8=0", "terminal", PROBE_NOTE, PROBE_OK, "export LC_ALL=C.UTF-8" },
	{ "drawing=0", "terminal", PROBE_NOTE, PROBE_OK, NULL },
	{ "programs=", "programs", PROBE_OK, PROBE_OK, NULL },
};

static const struct probe_item *item_of(const struct probe_report *report,
					const char *id)
{
	for (size_t i = 0; i < report->count; i++)
		if (strcmp(report->items[i].id, id) == 0)
			return &report->items[i];
	fail_msg("there is no item '%s'", id);
	return &report->items[0];
}

static void a_healthy_machine_is_well_in_all_points(void **state)
{
	OWN_PROBE_REPORT struct probe_report report = { 0 };

	(void)state;
	probe_judge(&healthy, &report);
	assert_true(report.count >= 13);
	for (size_t i = 0; i < report.count; i++) {
		assert_int_equal(report.items[i].state, PROBE_OK);
		assert_true(report.items[i].found[0] != '\0');
		assert_true(report.items[i].mend.count == 0);
	}
	assert_int_equal(probe_report_state(&report), PROBE_OK);
}

static void each_fault_is_told_with_what_it_touches_and_mends_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OWN_PROBE_REPORT struct probe_report report = { 0 };
		struct probe_facts facts = healthy;
		const struct probe_item *item;
		struct err err = { 0 };

		assert_ok(probe_facts_read(&facts, cases[i].facts, &err), &err);
		probe_judge(&facts, &report);
		item = item_of(&report, cases[i].id);
		if (item->state != cases[i].state ||
		    probe_report_state(&report) != cases[i].whole)
			fail_msg("%s: %s is %d", cases[i].facts, item->id,
				 (int)item->state);
		if (item->state == PROBE_OK)
			continue;
		if (!item->found[0] || !item->touches[0])
			fail_msg("%s: nothing is said", cases[i].facts);
		if (cases[i].mend
			    ? !item->mend.count || !strstr(item->mend.items[0],
							   cases[i].mend)
			    : item->mend.count || !item->advice)
			fail_msg("%s: mended by '%s'", cases[i].facts,
				 item->mend.count ? item->mend.items[0] : "");
	}
}

static void a_line_that_is_no_fact_is_refused(void **state)
{
	static const char *const bad[] = { "nonsense=1",
					   "uid",
					   "uid=",
					   "uid=1x",
					   "uid=99999999999999999999",
					   NULL };

	(void)state;
	for (const char *const *line = bad; *line; line++) {
		struct probe_facts facts = healthy;
		struct err err = { 0 };

		assert_int_equal(probe_facts_read(&facts, *line, &err),
				 -EINVAL);
		assert_non_null(strstr(err.msg, *line));
	}
}

static void measuring_knows_this_account_and_leaves_nothing(void **state)
{
	struct scratch *scratch = *state;
	OWN_PROBE_REPORT struct probe_report report = { 0 };
	struct probe_facts facts;
	char home[PATH_MAX + 16];

	(void)snprintf(home, sizeof(home), "%s/a/home", scratch->path);
	probe_measure(home, &facts);
	assert_int_equal(facts.uid, geteuid());
	assert_string_equal(facts.store, home);
	assert_string_equal(facts.store_at, scratch->path);
	assert_int_equal(facts.store_error, 0);
	assert_int_equal(facts.kernel_error, 0);
	assert_true(facts.free_bytes > 0);
	probe_judge(&facts, &report);
	assert_int_equal(rmdir(scratch->path), 0); /* it was empty */
}

static void a_place_that_cannot_be_written_is_a_fact(void **state)
{
	struct probe_facts facts;

	(void)state;
	probe_measure("/proc/none/home", &facts);
	assert_int_not_equal(facts.store_error, 0);
	assert_int_equal(facts.overlay_error, -1);
	assert_string_equal(facts.store_at, "/proc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_healthy_machine_is_well_in_all_points),
		TEST(each_fault_is_told_with_what_it_touches_and_mends_it),
		TEST(a_line_that_is_no_fact_is_refused),
		TEST_IN_SCRATCH(
			measuring_knows_this_account_and_leaves_nothing),
		TEST(a_place_that_cannot_be_written_is_a_fact),
	};

	return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
