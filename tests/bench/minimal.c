/* tests/bench/minimal.c - the least that a container is.
 *
 *   minimal ROOT SCRATCH PROGRAM [ARG...]
 *
 * Runs PROGRAM over the folder ROOT with the namespaces, mounts, covers, rights
 * and the filter that dockershell gives it, and nothing else: no image, no
 * record, no log, no name, no check of what it mounts upon. What it takes is what
 * the kernel takes; `make bench` measures dockershell against it. Whatever fails
 * ends it with the line's number: it is a measuring rod, not a tool. */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/syscalls_default.h"

#define QUIET (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static const uint64_t DOCKERS_CAPS = UINT64_C(0xa80425fb);

static _Noreturn void fail(int line)
{
	fprintf(stderr, "minimal.c:%d: %m\n", line);
	_exit(125);
}

static void must(long r, int line)
{
	if (r < 0)
		fail(line);
}
#define MUST(call) must((call), __LINE__)

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	MUST(fd);
	MUST(write(fd, text, strlen(text)));
	close(fd);
}

static void make_root(const char *root, bool user)
{
	char options[1024];

	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	snprintf(options, sizeof(options),
		 "lowerdir=%s,upperdir=upper,workdir=work,%s", root,
		 user ? "userxattr,volatile" : "index=off,volatile");
	MUST(mount("overlay", "merged", "overlay", MS_NODEV, options));
	MUST(chdir("merged"));
}

static void make_dev(bool user)
{
	static const char *const nodes[] = { "null",   "zero",    "full",
					     "random", "urandom", "tty" };
	static const char *const links[][2] = {
		{ "/proc/self/fd", "dev/fd" },
		{ "/proc/self/fd/0", "dev/stdin" },
		{ "/proc/self/fd/1", "dev/stdout" },
		{ "/proc/self/fd/2", "dev/stderr" },
		{ "pts/ptmx", "dev/ptmx" },
	};
	char from[32];

	MUST(mount("tmpfs", "dev", "tmpfs",
		   MS_NOSUID | MS_NODEV | MS_STRICTATIME,
		   "mode=755,size=65536k"));
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		snprintf(from, sizeof(from), "/dev/%s", nodes[i]);
		MUST(mknod(from + 1, S_IFREG | 0666, 0));
		MUST(mount(from, from + 1, NULL, MS_BIND, NULL));
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		MUST(symlink(links[i][0], links[i][1]));
	MUST(mkdir("dev/pts", 0755));
	MUST(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		   user ? "newinstance,ptmxmode=0666,mode=0620"
			: "newinstance,ptmxmode=0666,mode=0620,gid=5"));
	MUST(mkdir("dev/shm", 01777));
	MUST(mount("shm", "dev/shm", "tmpfs", QUIET, "mode=1777,size=65536k"));
	MUST(mkdir("dev/mqueue", 0755));
	MUST(mount("mqueue", "dev/mqueue", "mqueue", QUIET, NULL));
}

static void cover(void)
{
	static const char *const files[] = {
		"proc/interrupts",    "proc/kcore",       "proc/keys",
		"proc/latency_stats", "proc/sched_debug", "proc/timer_list",
		"proc/timer_stats",
	};
	static const char *const folders[] = {
		"proc/acpi",    "proc/asound",
		"proc/scsi",    "sys/devices/virtual/powercap",
		"sys/firmware",
	};
	static const char *const fixed[] = { "proc/bus", "proc/fs", "proc/irq",
					     "proc/sys", "proc/sysrq-trigger" };

	/* What a kernel does not have needs no cover. */
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)mount("dev/null", files[i], NULL, MS_BIND, NULL);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		(void)mount("tmpfs", folders[i], "tmpfs", QUIET | MS_RDONLY,
			    "size=0k");
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (mount(fixed[i], fixed[i], NULL, MS_BIND | MS_REC, NULL) ==
		    0)
			MUST(mount(NULL, fixed[i], NULL,
				   MS_REMOUNT | MS_BIND | MS_RDONLY | QUIET,
				   NULL));
}

/* /etc/hosts, hostname and resolv.conf come from outside. */
static void make_etc(void)
{
	static const char *const names[] = { "hosts", "hostname",
					     "resolv.conf" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char from[32];
		char to[32];

		snprintf(from, sizeof(from), "../%s", names[i]);
		snprintf(to, sizeof(to), "etc/%s", names[i]);
		close(open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
		MUST(mount(from, to, NULL, MS_BIND, NULL));
	}
}

static void set_up_lo(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	MUST(fd);
	MUST(ioctl(fd, SIOCSIFFLAGS, &lo));
	close(fd);
}

static void drop_rights(bool user)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)DOCKERS_CAPS,
		  .permitted = (uint32_t)DOCKERS_CAPS },
		{ .effective = (uint32_t)(DOCKERS_CAPS >> 32),
		  .permitted = (uint32_t)(DOCKERS_CAPS >> 32) },
	};
	struct {
		unsigned short len;
		const struct sock_filter *filter;
	} program = { sizeof(syscalls_default) / sizeof(syscalls_default[0]),
		      syscalls_default };

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!(DOCKERS_CAPS >> cap & 1))
			MUST(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0));
	if (!user)
		MUST(setgroups(0, NULL));
	MUST(setresgid(0, 0, 0));
	MUST(setresuid(0, 0, 0));
	/* The filter first: it wants CAP_SYS_ADMIN, which goes with the rest. */
	MUST(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0UL, &program));
	MUST(syscall(SYS_capset, &head, data));
}

static _Noreturn void be_container(char **argv, bool user, int go)
{
	char byte;

	if (read(go, &byte, 1) != 1)
		_exit(125);
	MUST(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
	make_root(argv[1], user);
	MUST(mount("proc", "proc", "proc", QUIET, NULL));
	put("proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
	make_dev(user);
	MUST(mount("sysfs", "sys", "sysfs", QUIET | MS_RDONLY, NULL));
	make_etc();
	cover();
	MUST(syscall(SYS_pivot_root, ".", "."));
	MUST(umount2(".", MNT_DETACH));
	MUST(chdir("/"));
	MUST(sethostname("minimal", 7));
	set_up_lo();
	MUST(setsid());
	drop_rights(user);
	MUST(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC));
	execv(argv[3], argv + 3);
	fail(__LINE__);
}

static void write_maps(pid_t pid)
{
	char path[48];
	char map[32];

	snprintf(path, sizeof(path), "/proc/%d/setgroups", pid);
	put(path, "deny");
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	snprintf(map, sizeof(map), "0 %u 1", getuid());
	put(path, map);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	snprintf(map, sizeof(map), "0 %u 1", getgid());
	put(path, map);
}

/* The container's folder: upper, work, and the files of /etc. */
static void make_folder(const char *scratch)
{
	static const char *const folders[] = { "upper", "work", "merged" };
	char name[64];

	MUST(chdir(scratch));
	snprintf(name, sizeof(name), "%d", getpid());
	MUST(mkdir(name, 0700));
	MUST(chdir(name));
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		MUST(mkdir(folders[i], 0755));
	put("hosts", "127.0.0.1\tlocalhost\n");
	put("hostname", "minimal\n");
	put("resolv.conf", "");
}

/* What a run of `true` leaves in there is known. */
static void remove_folder(void)
{
	char name[64];

	/* The kernel made them with a mode that stops their owner, not root. */
	(void)chmod("work/work", 0700);
	(void)chmod("work/work/incompat", 0700);
	(void)chmod("work/work/incompat/volatile", 0700);
	(void)unlink("work/work/incompat/volatile/dirty");
	(void)rmdir("work/work/incompat/volatile");
	(void)rmdir("work/work/incompat");
	MUST(rmdir("work/work"));
	MUST(rmdir("work"));
	(void)unlink("upper/etc/hosts");
	(void)unlink("upper/etc/hostname");
	(void)unlink("upper/etc/resolv.conf");
	(void)rmdir("upper/etc");
	MUST(rmdir("upper"));
	MUST(rmdir("merged"));
	MUST(unlink("hosts"));
	MUST(unlink("hostname"));
	MUST(unlink("resolv.conf"));
	snprintf(name, sizeof(name), "../%d", getpid());
	MUST(rmdir(name));
}

int main(int argc, char **argv)
{
	bool user = geteuid() != 0;
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
			 CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP |
			 (user ? CLONE_NEWUSER : 0),
		.exit_signal = SIGCHLD,
	};
	int status = 0;
	int go[2];
	long pid;

	if (argc < 4) {
		fprintf(stderr,
			"usage: minimal ROOT SCRATCH PROGRAM [ARG...]\n");
		return 2;
	}
	make_folder(argv[2]);
	MUST(pipe2(go, O_CLOEXEC));
	pid = syscall(SYS_clone3, &args, sizeof(args));
	MUST(pid);
	if (pid == 0)
		be_container(argv, user, go[0]);
	if (user)
		write_maps((pid_t)pid);
	MUST(write(go[1], "", 1));
	MUST(waitpid((pid_t)pid, &status, 0));
	remove_folder();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
