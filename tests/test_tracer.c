/* tests/test_tracer.c - the tracer watches this very program. */
#include "runtime/tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/calls.h"
#include "tests/test.h"

/* ---- registers to text ---- */

/* The other process is this one. */
static size_t read_own(void *arg, uint64_t address, void *bytes, size_t len)
{
	(void)arg;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): it is an address of ours */
	memcpy(bytes, (const void *)(uintptr_t)address, len);
	return len;
}

static size_t read_nothing(void *arg, uint64_t address, void *bytes, size_t len)
{
	(void)arg;
	(void)address;
	(void)bytes;
	(void)len;
	return 0;
}

static uint64_t at(const void *where)
{
	return (uint64_t)(uintptr_t)where;
}

#define EXPECT_TEXT(wanted, syscall_number, ...) \
	do { \
		OWN_BUF struct buf text = { 0 }; \
		bool blind = false; \
		const struct tracer_entry entry = { \
			.number = (syscall_number), \
			.args = { __VA_ARGS__ }, \
			.read = read_own, \
		}; \
\
		assert_true(tracer_decode(&entry, &text, &blind)); \
		assert_string_equal(buf_text(&text), wanted); \
		assert_false(blind); \
	} while (0)

static void calls_read_as_strace_prints_them(void **state)
{
	/* Strings are read in pieces of up to 256 bytes. */
	static const char proc[512] = "proc";
	static const char where[512] = "/a \"b\"\n";
	static const char name[] = "web";

	(void)state;
	EXPECT_TEXT(
		"mount(\"proc\", \"/a \\\"b\\\"\\n\", \"proc\", MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL)",
		SYS_mount, at(proc), at(where), at(proc),
		MS_NOSUID | MS_NODEV | MS_NOEXEC, 0);
	EXPECT_TEXT("umount2(\"proc\", MNT_DETACH)", SYS_umount2, at(proc),
		    MNT_DETACH);
	EXPECT_TEXT("setns(7, CLONE_NEWUSER|CLONE_NEWPID)", SYS_setns, 7,
		    CLONE_NEWPID | CLONE_NEWUSER);
	EXPECT_TEXT("unshare(CLONE_NEWCGROUP)", SYS_unshare, CLONE_NEWCGROUP);
	EXPECT_TEXT("sethostname(\"web\", 3)", SYS_sethostname, at(name), 3);
	EXPECT_TEXT("prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN)", SYS_prctl,
		    PR_CAPBSET_DROP, CAP_SYS_ADMIN);
	EXPECT_TEXT("setresuid(1, 1, 1)", SYS_setresuid, 1, 1, 1);
	EXPECT_TEXT("mkdirat(5, \"proc\", 0700)", SYS_mkdirat, 5, at(proc),
		    0700);
}

static void other_calls_are_no_steps(void **state)
{
	OWN_BUF struct buf text = { 0 };
	bool blind = false;
	struct tracer_entry entry = { .number = SYS_read, .read = read_own };

	(void)state;
	assert_false(tracer_decode(&entry, &text, &blind));
	/* getrlimit(3) */
	entry.number = SYS_prlimit64;
	assert_false(tracer_decode(&entry, &text, &blind));
	entry.number = SYS_prctl;
	entry.args[0] = PR_SET_NAME;
	assert_false(tracer_decode(&entry, &text, &blind));
	assert_int_equal(text.len, 0);
}

static void memory_that_cannot_be_read_is_said_to_be_hidden(void **state)
{
	OWN_BUF struct buf text = { 0 };
	bool blind = false;
	const struct tracer_entry entry = {
		.number = SYS_umount2,
		.args = { 4096, 0 },
		.read = read_nothing,
	};

	(void)state;
	assert_true(tracer_decode(&entry, &text, &blind));
	assert_true(blind);
}

/* ---- what we say beside what was seen ---- */

static void keep(void *arg, const struct trace_event *event)
{
	*(struct trace_event *)arg = *event;
}

/* One call that is told of, watched; false where nobody may watch here. */
static bool watch_mkdir(struct scratch *scratch, struct trace_event *event,
			struct tracer_report *report)
{
	OWN_FREE char *path = mem_fmt("/proc/self/fd/%d/x", scratch->fd);
	struct tracer tracer;
	struct err err = { 0 };

	if (tracer_begin(&tracer, &err) < 0) {
		print_message("not here: %s\n", err.msg);
		assert_true(err.hint[0]);
		return false;
	}
	assert_int_equal(trace_add_sink(keep, event), 0);
	assert_int_equal(call_mkdir(TRACE_CREATE, path, 0700), 0);
	trace_remove_sink(keep, event);
	assert_int_equal(tracer_end(&tracer, report, &err), 0);
	return true;
}

static void the_kernel_saw_what_was_done(void **state)
{
	struct tracer_report report = { 0 };
	struct trace_event event = { 0 };

	if (!watch_mkdir(*state, &event, &report))
		return;
	assert_int_equal(tracer_match_event(&report, &event, NULL),
			 TRACER_SAME);
	/* One call, one step: it is not there for a second one. */
	assert_int_equal(tracer_match_event(&report, &event, NULL),
			 TRACER_UNSEEN);
	assert_true(report.others > 0);
	tracer_report_done(&report);
}

static void a_step_that_was_not_done_is_noticed(void **state)
{
	struct tracer_report report = { 0 };
	struct trace_event event = { 0 };
	struct trace_event claim;
	const struct tracer_call *seen = NULL;

	if (!watch_mkdir(*state, &event, &report))
		return;
	claim = event;
	snprintf(claim.detail, sizeof(claim.detail),
		 "pivot_root(\".\", \".\")");
	assert_int_equal(tracer_match_event(&report, &claim, NULL),
			 TRACER_UNSEEN);
	/* Another argument, and another result. */
	claim = event;
	snprintf(claim.detail, sizeof(claim.detail), "mkdir(\"/y\", 0700)");
	assert_int_equal(tracer_match_event(&report, &claim, &seen),
			 TRACER_OTHER);
	assert_string_equal(seen->text, event.detail);
	claim = event;
	claim.result = -1;
	claim.error = EEXIST;
	assert_int_equal(tracer_match_event(&report, &claim, NULL),
			 TRACER_OTHER);
	/* By somebody whom nobody watched: it cannot be known. */
	claim = event;
	claim.pid = getppid();
	assert_int_equal(tracer_match_event(&report, &claim, NULL),
			 TRACER_ELSEWHERE);
	claim = event;
	claim.is_call = false;
	assert_int_equal(tracer_match_event(&report, &claim, NULL),
			 TRACER_NO_CALL);
	tracer_report_done(&report);
}

static void children_are_followed_until_they_start_a_program(void **state)
{
	struct tracer tracer;
	struct tracer_report report = { 0 };
	struct err err = { 0 };
	bool exec = false;
	bool inside = false;
	int status = -1;
	pid_t pid;

	(void)state;
	if (tracer_begin(&tracer, &err) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c",
		      "mkdir /proc/x 2>/dev/null; exit 3", (char *)NULL);
		_exit(1);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	assert_int_equal(tracer_end(&tracer, &report, &err), 0);
	assert_int_equal(WEXITSTATUS(status), 3);
	for (size_t i = 0; i < report.count; i++) {
		exec = exec ||
		       (report.calls[i].pid == pid && report.calls[i].ended &&
			strncmp(report.calls[i].text, "execve(\"/bin/sh\"",
				16) == 0);
		inside = inside ||
			 strncmp(report.calls[i].text, "mkdir", 5) == 0;
	}
	assert_true(exec);
	assert_false(inside);
	/* The program that nobody told of. */
	assert_true(tracer_next_untold(&report, 0) < report.count);
	tracer_report_done(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(calls_read_as_strace_prints_them),
		TEST(other_calls_are_no_steps),
		TEST(memory_that_cannot_be_read_is_said_to_be_hidden),
		TEST_IN_SCRATCH(the_kernel_saw_what_was_done),
		TEST_IN_SCRATCH(a_step_that_was_not_done_is_noticed),
		TEST(children_are_followed_until_they_start_a_program),
	};

	return cmocka_run_group_tests_name("tracer", tests, NULL, NULL);
}
