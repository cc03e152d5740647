/* tests/test_enclosure.c - strangers' lines in an enclosure: what works there, and what is
 * not to be seen, reached or forged from there. How it ends: test_enclosure_ends.c. */
#include "runtime/enclosure.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "runtime/cgroup_find.h"
#include "shell/broker.h"
#include "tests/play.h"
#include "tests/test.h"

/* Of the machine's; of a name that no path leads to. */
#define CANARY_SOCKET "\0dockershell-canary"
#define CANARY_SIZE \
	(offsetof(struct sockaddr_un, sun_path) + sizeof(CANARY_SOCKET) - 1)

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
		"echo x > " PLAY_FORGED " ; mkdir " ENCLOSURE_HOME "/x",
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

/* Where the image's layer is. */
#define UPPER "$(docker inspect -f '{{.GraphDriver.Data.UpperDir}}' busybox)"

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
	"cp box:/etc/passwd " PLAY_FORGED,
	"cp box:/etc/passwd link/forged",
	"cp box:/etc/passwd hanging",
	"cp " ENCLOSURE_HOME "/store.db box:/",
	"cp / box:/tmp",
	"cp /proc/1/environ box:/tmp",
	"save -o link/forged busybox",
	"export -o " PLAY_FORGED " box",
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
	"docker run --rm -v " UPPER "/volumes/v/_data:/x busybox touch /x/forged",
	"docker run --rm -v " UPPER
	"/forged/a/b:/x busybox true; docker run --rm busybox ls /forged",
	"image recipe -t stolen host:/tmp/asks",
	/* The old file is gone: the way was looked at, and leads elsewhere now. */
	"mkdir d; touch d/id; mkfifo p; docker build -q --iidfile d/id - < p & "
	"{ while [ -e d/id ]; do sleep 0.01; done; command rm -r d; ln -s link d; echo FROM busybox; } > p; command wait $!",
	NULL,
};

static void no_path_of_a_command_leads_into_the_home(void **state)
{
	const char *lines[PLAY_LINES] = {
		"ln -s " ENCLOSURE_HOME "/lessons link; ln -s " PLAY_FORGED
		" hanging; ln -s link/forged hanging2; ln -s " ENCLOSURE_HOME
		"/store.db /tmp/ab.x; sed 's|libc.so.6|/tmp/ab.x|' $(command -v env) > /tmp/asks; chmod 755 /tmp/asks",
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(builds_containers_and_networks_work_there),
		TEST_IN_SCRATCH(the_submission_is_a_copy_at_work),
		TEST_IN_SCRATCH(nothing_else_of_the_machine_is_seen),
		TEST(attackers_find_nothing),
		TEST(no_path_of_a_command_leads_into_the_home),
	};
	int status;

	/* In there `docker` is this program. */
	if (broker_takes(argc, argv, &status))
		return status;
	if (argc >= 2 && strcmp(argv[1], "attack") == 0)
		return attack(argc == 2);
	return cmocka_run_group_tests_name("enclosure", tests, play_make_base,
					   play_remove_base);
}
