/* tests/test_enclosure.c - strangers' lines in an enclosure: what works there, what is not
 * to be seen from there, and how each limit ends.
 *
 * Each test plays some lines as the engine of a grader would, and looks at how each ended
 * and what it said. After each the machine is as it was. */
#include "runtime/enclosure.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "images/store.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/cgroup_find.h"
#include "runtime/home.h"
#include "shell/broker.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
#include "shell/shell.h"
#include "tests/test.h"

#define WORK ENCLOSURE_HOME "/lessons/worlds/x/work"
#define FORGED ENCLOSURE_HOME "/lessons/forged"

/* Of the machine's; of a name that no path leads to. */
#define CANARY_SOCKET "\0dockershell-canary"
#define CANARY_SIZE \
	(offsetof(struct sockaddr_un, sun_path) + sizeof(CANARY_SOCKET) - 1)

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif

/* What the engine has by itself must fit. */
#ifdef UNDER_ASAN
enum { LITTLE_MEMORY = 500 << 20 };
#else
enum { LITTLE_MEMORY = 40 << 20 };
#endif

enum { MOST_LINES = 40 };

/* What came of a line. */
struct seen {
	int status;
	unsigned hit;
	char out[8192];
};

struct play {
	const char *const *lines;
	struct enclosure_spec spec;
	struct seen seen[MOST_LINES];
	int count;
	struct enclosure_end end;
	int result;
	struct err err;
};

/* A home with the base image, made once. */
static struct {
	char *path;
	int home_fd;
	int root_fd;
} base;

/* ---- the engine ---- */

static int play_line(const struct enclosure_inside *inside,
		     const struct lesson_host *host, const char *line,
		     struct err *err)
{
	OWN_BUF struct buf out = { 0 };
	struct seen *seen = mem_zero(1, sizeof(*seen));
	struct err why = { 0 };
	int r;

	enclosure_line_begin(inside);
	seen->status = host->run_line(host->ctx, line, &out, &why);
	seen->hit = enclosure_line_end(inside);
	snprintf(seen->out, sizeof(seen->out), "%s%s", buf_text(&out), why.msg);
	r = enclosure_say(inside, seen, sizeof(*seen), err);
	free(seen);
	return r;
}

static int engine(void *ctx, const struct enclosure_inside *inside,
		  struct err *err)
{
	const struct play *play = ctx;
	struct lesson_host host;
	struct shell shell;
	int r = 0;

	shell_init(&shell);
	if (fs_make_dirs(AT_FDCWD, WORK, 0755, err) < 0 || chdir(WORK) < 0)
		return -err->code;
	shell.broker = broker_new(inside, ENCLOSURE_HOME, WORK, err);
	shell_lesson_host(&shell, &host);
	for (const char *const *l = play->lines; *l && r == 0; l++)
		r = play_line(inside, &host, *l, err);
	broker_free(shell.broker);
	shell.broker = NULL;
	shell_done(&shell);
	if (r == 0 && access(FORGED, F_OK) == 0)
		return err_set(err, EBADMSG, "something was forged");
	return r;
}

static int heard(void *ctx, const void *bytes, size_t len, struct err *err)
{
	struct play *play = ctx;

	(void)err;
	if (len == sizeof(struct seen) && play->count < MOST_LINES)
		memcpy(&play->seen[play->count++], bytes, len);
	return 0;
}

/* ---- an attacker ---- */

/* Tries, as a program in there, what should not be possible. Silent where all holds.
 * filtered: the usual filter of system calls is on. */
static int attack(bool filtered)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, CANARY_SOCKET, sizeof(CANARY_SOCKET) - 1);
	if (connect(fd, (struct sockaddr *)&at, CANARY_SIZE) == 0)
		puts("pierced: an abstract socket of the machine");
	close(fd);
	for (pid_t pid = 1; pid < 40; pid++) {
		OWN_FREE char *mem = mem_fmt("/proc/%d/mem", pid);
		OWN_FREE char *root = mem_fmt("/proc/%d/root" ENCLOSURE_HOME
					      "/store.db", pid);

		if (pid == getpid() || pid == getppid())
			continue;
		if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0)
			printf("pierced: ptrace of %d\n", pid);
		if (open(mem, O_RDWR | O_CLOEXEC) >= 0)
			printf("pierced: %s\n", mem);
		if (open(root, O_RDONLY | O_CLOEXEC) >= 0)
			printf("pierced: %s\n", root);
	}
	if (syscall(SYS_io_uring_setup, 1, NULL) >= 0 || errno != EPERM)
		puts("pierced: io_uring");
	if (syscall(SYS_keyctl, 0L, -3L, 1L) >= 0 || errno != EPERM)
		puts("pierced: keys");
	if (socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0)
		puts("pierced: a socket to the host of a virtual machine");
	if (filtered && unshare(CLONE_NEWUSER) == 0)
		puts("pierced: namespaces of its own");
	puts("attacked");
	return 0;
}

/* ---- outside ---- */

static bool is_mounted_here(void)
{
	OWN_BUF struct buf text = { 0 };
	struct err err = { 0 };

	assert_ok(fs_read(AT_FDCWD, "/proc/self/mountinfo", 1 << 20, &text, &err),
		  &err);
	return strstr(buf_text(&text), " - tmpfs enclosure ");
}

static void play_prepare(struct play *play, const char *const *lines)
{
	*play = (struct play){ .lines = lines, .spec = ENCLOSURE_SPEC_NONE };
	play->spec.root_fd = base.root_fd;
	play->spec.home_fd = base.home_fd;
	play->spec.controllers = CGROUP_BIT(CGROUP_MEMORY);
	play->spec.engine = engine;
	play->spec.heard = heard;
	play->spec.ctx = play;
}

static void play_run(struct play *play)
{
	need_userns();
	play->result = enclosure_run(&play->spec, &play->end, &play->err);
	/* Nothing of it is left. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_false(is_mounted_here());
}

static struct play *play_lines(const char *const *lines)
{
	struct play *play = mem_zero(1, sizeof(*play));

	play_prepare(play, lines);
	play_run(play);
	assert_ok(play->result, &play->err);
	return play;
}

static void assert_said(const struct play *play, int line, const char *text)
{
	if (!strstr(play->seen[line].out, text))
		print_error("line %d (%s), status %d, said:\n%s\n", line,
			    play->lines[line], play->seen[line].status,
			    play->seen[line].out);
	assert_non_null(strstr(play->seen[line].out, text));
}

static void assert_silent_on(const struct play *play, const char *text)
{
	for (int i = 0; i < play->count; i++) {
		if (strstr(play->seen[i].out, text))
			print_error("'%s' said: %s\n", play->lines[i],
				    play->seen[i].out);
		assert_null(strstr(play->seen[i].out, text));
	}
}

/* ---- what works ---- */

/* Whether this account may make a cgroup for it. */
static bool memory_is_limited(void)
{
	OWN_CGROUP_PLACES struct cgroup_places places = { 0 };

	cgroup_find(&places, false);
	return cgroup_places_have(&places) & CGROUP_BIT(CGROUP_MEMORY);
}

static void builds_containers_and_networks_work_there(void **state)
{
	static const char *const lines[] = {
		"echo hi | tr a-z A-Z",
		"printf 'FROM busybox\\nRUN echo built > /f\\n' > Dockerfile",
		"build -q -t mine .",
		"docker run --rm mine cat /f | tr a-z A-Z",
		"run -d --name web -p 8099:80 busybox httpd -f -h /etc",
		"until wget -qO- http://127.0.0.1:8099/passwd 2>/dev/null; do sleep 0.1; done",
		"network create lan",
		"run -d --name other --network lan busybox httpd -f -h /etc",
		"run --rm --network lan busybox sh -c 'until wget -qO- http://other/group 2>/dev/null; do sleep 0.1; done'",
		"run --rm -v $PWD:/x busybox sh -c 'echo kept > /x/kept'",
		"cat kept",
		"docker nosuch; exit 7",
		"V=1 docker run --rm -e V busybox sh -c 'echo v=$V'",
		"(sleep 100 &) ; echo gone on",
		"run --rm --privileged busybox id -u",
		"docker rm -f web other; docker rmi -f busybox ubuntu; docker images -q busybox; check && echo checked",
		"docker image restore busybox; docker run --rm busybox echo again",
		"run --rm --privileged busybox sh -c 'for t in cgroup2 cgroup; do mount -t $t -o pids x /tmp 2>/dev/null && echo seen; done; echo none'",
		"ls /sys/fs/cgroup",
		"run --name hog -m 20m busybox dd if=/dev/zero of=/dev/null bs=100M count=1; inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}}' hog",
		NULL,
	};
	struct play *play = play_lines(lines);

	(void)state;
	assert_int_equal(play->end.how, ENCLOSURE_DONE);
	assert_int_equal(play->end.hit, 0);
	assert_int_equal(play->count, 20);
	assert_string_equal(play->seen[0].out, "HI\n");
	assert_string_equal(play->seen[3].out, "BUILT\n");
	assert_said(play, 5, "root:");
	assert_said(play, 8, "root:");
	assert_string_equal(play->seen[10].out, "kept\n");
	assert_int_equal(play->seen[11].status, 7);
	assert_said(play, 11, "is not a docker command");
	assert_string_equal(play->seen[12].out, "v=1\n");
	assert_string_equal(play->seen[13].out, "gone on\n");
	assert_string_equal(play->seen[14].out, "0\n");
	assert_said(play, 15, "\nchecked\n");
	assert_said(play, 16, "again\n");
	/* The machine's cgroups are nobody's business, whoever is root of what. */
	assert_string_equal(play->seen[17].out, "none\n");
	assert_string_equal(play->seen[18].out, "");
	if (memory_is_limited())
		assert_said(play, 19, "137 true\n");
	free(play);
}

static void the_submission_is_a_copy_at_work(void **state)
{
	static const char *const lines[] = { "cat /work/a; echo b > /work/a",
					     NULL };
	struct scratch *scratch = *state;
	struct play *play = mem_zero(1, sizeof(*play));

	scratch_write(scratch, "a", "mine\n");
	play_prepare(play, lines);
	play->spec.work_fd = scratch->fd;
	play_run(play);
	assert_ok(play->result, &play->err);
	assert_string_equal(play->seen[0].out, "mine\n");
	assert_int_equal(play->seen[0].status, 0);
	assert_string_equal(scratch_read(scratch, "a"), "mine\n");
	free(play);
}

/* ---- what is not to be seen, reached or forged ---- */

static void nothing_else_of_the_machine_is_seen(void **state)
{
	struct scratch *scratch = *state;
	OWN_FREE char *canary = mem_fmt("cat %s/canary", scratch->path);
	const char *const lines[] = {
		canary,
		"ls /home /etc /proc/1/root/ /var/lib",
		"cat /proc/*/environ | tr '\\0' '\\n'",
		"cat /proc/[0-9]*/cmdline | tr '\\0' '\\n'",
		"command kill -9 -1; echo still here",
		"ls /proc | grep -c '^[0-9]'",
		"run --rm --pid host busybox sh -c 'cat /proc/*/environ; ls /proc/1/root /proc/2/fd'",
		"import /proc/self/fd/3 stolen",
		"echo x > " FORGED " ; mkdir " ENCLOSURE_HOME "/x",
		"ls -a " ENCLOSURE_HOME "/lessons/worlds/x " ENCLOSURE_HOME,
		"mount -t tmpfs t /tmp; umount " ENCLOSURE_HOME,
		"unshare -m true",
		"mount | grep " ENCLOSURE_HOME " | cut -d ' ' -f 1",
		NULL,
	};
	struct play *play;

	scratch_write(scratch, "canary", "the canary sings\n");
	setenv("A_TEACHERS_TOKEN", "the secret token", 1);
	play = play_lines(lines);
	unsetenv("A_TEACHERS_TOKEN");
	assert_int_equal(play->end.how, ENCLOSURE_DONE);
	assert_silent_on(play, "sings");
	assert_silent_on(play, "the secret token");
	assert_silent_on(play, "test_enclosure");
	assert_silent_on(play, "store.db");
	assert_int_not_equal(play->seen[0].status, 0);
	assert_int_not_equal(play->seen[1].status, 0);
	assert_said(play, 1, "/proc/1/root/: Permission denied");
	assert_said(play, 4, "still here");
	assert_true(strtol(play->seen[5].out, NULL, 10) < 6);
	assert_int_not_equal(play->seen[7].status, 0);
	assert_said(play, 8, "Read-only file system");
	assert_said(play, 10, "ermitted");
	assert_said(play, 11, "ermitted");
	free(play);
}

static void attackers_find_nothing(void **state)
{
	static const char *const lines[] = {
		ENCLOSURE_PROGRAM " attack; :",
		"run --rm -v /usr/lib:/usr/lib -v /lib:/lib -v /lib64:/lib64 busybox " ENCLOSURE_PROGRAM
		" attack",
		"run --rm -v /usr/lib:/usr/lib -v /lib:/lib -v /lib64:/lib64 --cap-add SYS_PTRACE --security-opt seccomp=unconfined busybox " ENCLOSURE_PROGRAM
		" attack unfiltered",
		"run --rm --pid host busybox ps",
		NULL,
	};
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	OWN_FD int canary = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct play *play;

	(void)state;
	memcpy(at.sun_path, CANARY_SOCKET, sizeof(CANARY_SOCKET) - 1);
	assert_int_equal(bind(canary, (struct sockaddr *)&at, CANARY_SIZE), 0);
	assert_int_equal(listen(canary, 1), 0);
	play = play_lines(lines);
	assert_int_equal(play->end.how, ENCLOSURE_DONE);
	for (int i = 0; i < 3; i++)
		assert_said(play, i, "attacked");
	assert_said(play, 3, "out of bounds");
	assert_silent_on(play, "pierced");
	free(play);
}

static void no_path_of_a_command_leads_into_the_home(void **state)
{
	static const char *const refused[] = {
		"run --rm -v /:/x busybox ls /x",
		"run --rm -v /var:/x busybox ls /x",
		"run --rm -v " ENCLOSURE_HOME ":/x busybox ls /x",
		"run --rm -v $PWD/../..:/x busybox ls /x",
		"run --rm -v $PWD/link:/x busybox touch /x/forged",
		"run --rm --mount type=bind,source=" ENCLOSURE_HOME
		"/lessons,target=/x busybox touch /x/forged",
		"run --rm -v /proc:/x busybox ls /x",
		"docker run --rm -v link:/x busybox touch /x/forged; docker run --rm -v $PWD/link:/x busybox touch /x/forged",
		"cp box:/etc/passwd " FORGED,
		"cp box:/etc/passwd link/forged",
		"cp box:/etc/passwd hanging",
		"cp " ENCLOSURE_HOME "/store.db box:/",
		"cp / box:/tmp",
		"cp /proc/1/environ box:/tmp",
		"save -o link/forged busybox",
		"export -o " FORGED " box",
		"create --cidfile link/forged busybox",
		"run --rm --env-file link/../../store.db busybox true",
		"build " ENCLOSURE_HOME,
		"build /",
		"build -f link/../../store.db .",
		"docker volume create -o type=none -o o=bind -o device=" ENCLOSURE_HOME
		" vol",
		"volume create -o type=overlay -o device=overlay -o o=lowerdir=" ENCLOSURE_HOME
		" vol",
		"cd link && docker cp box:/etc/passwd forged",
		NULL,
	};
	const char *lines[MOST_LINES] = {
		"ln -s " ENCLOSURE_HOME "/lessons link; ln -s " FORGED
		" hanging; ln -s link/forged hanging2",
		"run -d --name box busybox sleep 1000",
	};
	struct play *play;
	int count = 2;

	(void)state;
	for (const char *const *r = refused; *r; r++)
		lines[count++] = *r;
	play = play_lines(lines);
	assert_int_equal(play->end.how, ENCLOSURE_DONE);
	assert_int_equal(play->count, count);
	assert_int_equal(play->seen[1].status, 0);
	for (int i = 2; i < count; i++) {
		if (play->seen[i].status == 0)
			print_error("'%s' did not fail: %s\n", lines[i],
				    play->seen[i].out);
		assert_int_not_equal(play->seen[i].status, 0);
	}
	assert_silent_on(play, "store.db-wal");
	free(play);
}

/* ---- limits ---- */

static void what_meets_a_limit_is_ended_and_the_rest_goes_on(void **state)
{
	static const char *const lines[] = {
		"f() { f | f & }; f; sleep 100",
		"echo after",
		"run --rm busybox sh -c 'f() { f | f & }; f; sleep 100'",
		"sleep 100",
		"events",
		"yes",
		"echo whole; dd if=/dev/zero of=big bs=1M count=100; sleep 100",
		"command rm big; echo room again",
		NULL,
	};
	struct play *play = mem_zero(1, sizeof(*play));

	(void)state;
	play_prepare(play, lines);
	play->spec.limits = (struct enclosure_limits){
		.line_ms = 300,
		.processes = 96,
		.disk_bytes = 32 << 20,
		.output_bytes = 4000,
	};
	play_run(play);
	assert_ok(play->result, &play->err);
	assert_int_equal(play->end.how, ENCLOSURE_DONE);
	assert_int_equal(play->count, 8);
	assert_int_not_equal(play->seen[0].status, 0);
	assert_said(play, 1, "after");
	assert_int_not_equal(play->seen[2].status, 0);
	for (int i = 3; i < 5; i++) {
		assert_int_not_equal(play->seen[i].status, 0);
		assert_int_equal(play->seen[i].hit, ENCLOSURE_BIT(ENCLOSURE_TIME));
	}
	/* Who prints and prints does not have all the time there is. */
	assert_int_equal(play->seen[5].hit, ENCLOSURE_BIT(ENCLOSURE_OUTPUT));
	assert_int_equal(strlen(play->seen[5].out), 4000);
	assert_said(play, 6, "whole");
	assert_true(play->seen[6].hit & ENCLOSURE_BIT(ENCLOSURE_DISK));
	assert_said(play, 7, "room again");
	assert_true(play->seen[0].hit & ENCLOSURE_BIT(ENCLOSURE_PROCESSES));
	free(play);
}

static void who_takes_too_much_memory_is_ended(void **state)
{
	static const char *const lines[] = {
		"echo before; tail /dev/zero & tail /dev/zero; wait",
		"run --rm busybox tail /dev/zero",
		"run --rm --shm-size 1g busybox dd if=/dev/zero of=/dev/shm/x bs=1M count=1000",
		"run --rm --privileged busybox sh -c 'mount -t tmpfs t /mnt; dd if=/dev/zero of=/mnt/x bs=1M count=1000'",
		"echo after",
		NULL,
	};
	struct play *play = mem_zero(1, sizeof(*play));

	(void)state;
	play_prepare(play, lines);
	play->spec.limits.memory_bytes = LITTLE_MEMORY;
	play_run(play);
	assert_ok(play->result, &play->err);
	assert_int_equal(play->end.how, ENCLOSURE_DONE);
	assert_int_equal(play->count, 5);
	assert_said(play, 0, "before");
	for (int i = 0; i < 4; i++)
		assert_int_equal(play->seen[i].hit & ~ENCLOSURE_BIT(ENCLOSURE_MEMORY),
				 0);
	for (int i = 1; i < 4; i++)
		assert_int_not_equal(play->seen[i].status, 0);
	assert_string_equal(play->seen[4].out, "after\n");
	assert_true(play->end.hit & ENCLOSURE_BIT(ENCLOSURE_MEMORY));
	free(play);
}

static void the_disk_may_be_a_folder_of_the_machine(void **state)
{
	static const char *const lines[] = {
		"printf 'FROM busybox\nRUN rm -r /var && mkdir /var && echo built > /var/f\n' > Dockerfile; docker build -q .",
		"dd if=/dev/zero of=big bs=1M count=100; sleep 100",
		"command rm big; echo room again",
		NULL,
	};
	struct scratch *scratch = *state;
	struct play *play = mem_zero(1, sizeof(*play));
	OWN_FREE char *disk = scratch_path(scratch, "disk");

	scratch_mkdir(scratch, "disk");
	play_prepare(play, lines);
	play->spec.disk = disk;
	play->spec.limits.disk_bytes = 32 << 20;
	play_run(play);
	assert_ok(play->result, &play->err);
	assert_int_equal(play->end.how, ENCLOSURE_DONE);
	assert_int_equal(play->seen[0].status, 0);
	assert_int_equal(play->seen[1].hit, ENCLOSURE_BIT(ENCLOSURE_DISK));
	assert_int_equal(play->seen[1].status, 137);
	assert_string_equal(play->seen[2].out, "room again\n");
	assert_int_equal(rmdir(disk), 0); /* empty again */
	free(play);
}

static void all_of_it_ends_at_its_time(void **state)
{
	static const char *const lines[] = {
		"run -d --name server busybox httpd -f", "sleep 100", NULL
	};
	struct play *play = mem_zero(1, sizeof(*play));

	(void)state;
	play_prepare(play, lines);
	play->spec.limits.time_ms = 400;
	play_run(play);
	assert_ok(play->result, &play->err);
	assert_int_equal(play->end.how, ENCLOSURE_LIMITED);
	assert_int_equal(play->end.limit, ENCLOSURE_TIME);
	assert_int_equal(play->count, 1);
	free(play);
}

/* ---- the engine's own end ---- */

static int fails(void *ctx, const struct enclosure_inside *inside,
		 struct err *err)
{
	(void)ctx;
	(void)inside;
	err_set(err, EBADMSG, "the lesson is broken");
	return err_hint(err, "mend it");
}

static int crashes(void *ctx, const struct enclosure_inside *inside,
		   struct err *err)
{
	const struct rlimit none = { 0 };

	(void)ctx;
	(void)inside;
	(void)err;
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)signal(SIGSEGV, SIG_DFL);
	(void)raise(SIGSEGV);
	return 0;
}

static void a_fault_of_the_engine_is_told_apart(void **state)
{
	struct play play;

	(void)state;
	play_prepare(&play, NULL);
	play.spec.engine = fails;
	play_run(&play);
	assert_int_equal(play.result, -EBADMSG);
	assert_non_null(strstr(play.err.msg, "the lesson is broken"));
	assert_string_equal(play.err.hint, "mend it");

	play_prepare(&play, NULL);
	play.spec.engine = crashes;
	play_run(&play);
	assert_ok(play.result, &play.err);
	assert_int_equal(play.end.how, ENCLOSURE_KILLED);
	assert_int_equal(play.end.signal, SIGSEGV);
}

static int waits(void *ctx, const struct enclosure_inside *inside,
		 struct err *err)
{
	const int *fd = ctx;

	(void)inside;
	(void)err;
	if (write(*fd, "b", 1) == 1)
		(void)poll(NULL, 0, 60000);
	return 0;
}

/* Whoever is in there holds the pipe's other end: its closing tells that all are gone. */
static void it_ends_with_the_caller(void **state)
{
	struct play play;
	int ends[2];
	char byte;
	pid_t caller;

	(void)state;
	need_userns();
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	play_prepare(&play, NULL);
	play.spec.engine = waits;
	play.spec.ctx = &ends[1];
	play.spec.keep_fds = &ends[1];
	play.spec.keep_count = 1;
	caller = fork();
	if (caller == 0) {
		close(ends[0]);
		(void)enclosure_run(&play.spec, &play.end, &play.err);
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(kill(caller, SIGKILL), 0);
	assert_int_equal(child_status(caller), 128 + SIGKILL);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}

/* ---- the base ---- */

static int open_home(struct home *home, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	struct store *store = NULL;
	int r = store_open(home, &store, err);

	if (r == 0)
		r = image_find(store, "busybox", &image, err);
	if (r == 0)
		r = base.root_fd = fs_open_dir(home->fd, image.links.items[0],
					       err);
	store_close(store);
	return r;
}

static int make_base(void **state)
{
	static char path[] = "/tmp/enclosure-test.XXXXXX";
	struct home home = { .fd = -1 };
	struct err err = { 0 };
	int r;

	(void)state;
	base.path = mkdtemp(path);
	if (!base.path)
		return -1;
	r = home_open(path, &home, &err);
	if (r == 0)
		r = open_home(&home, &err);
	if (r < 0)
		print_error("%s\n", err.msg);
	base.home_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	home_close(&home);
	return r < 0 ? -1 : 0;
}

static int remove_base(void **state)
{
	struct err err = { 0 };

	(void)state;
	close(base.root_fd);
	close(base.home_fd);
	return fs_remove_tree(AT_FDCWD, base.path, &err);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(builds_containers_and_networks_work_there),
		TEST_IN_SCRATCH(the_submission_is_a_copy_at_work),
		TEST_IN_SCRATCH(nothing_else_of_the_machine_is_seen),
		TEST(attackers_find_nothing),
		TEST(no_path_of_a_command_leads_into_the_home),
		TEST(what_meets_a_limit_is_ended_and_the_rest_goes_on),
		TEST(who_takes_too_much_memory_is_ended),
		TEST_IN_SCRATCH(the_disk_may_be_a_folder_of_the_machine),
		TEST(all_of_it_ends_at_its_time),
		TEST(a_fault_of_the_engine_is_told_apart),
		TEST(it_ends_with_the_caller),
	};
	int status;

	/* In there `docker` is this program. */
	if (broker_takes(argc, argv, &status))
		return status;
	if (argc >= 2 && strcmp(argv[1], "attack") == 0)
		return attack(argc == 2);
	return cmocka_run_group_tests_name("enclosure", tests, make_base,
					   remove_base);
}
