/* runtime/probe_net.c - cgroups, networks, ports and helpers; see probe.h */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/cgroup_find.h"
#include "runtime/net_machine.h"
#include "runtime/net_rules.h"
#include "runtime/net_way_out.h"
#include "runtime/netlink.h"
#include "runtime/probe.h"
#include "runtime/probe_parts.h"
#include "runtime/userns.h"

/* ---- cgroups ---- */

static bool can_make_folder(const char *place)
{
	OWN_FREE char *path =
		place ? mem_fmt("%s/dockershell-doctor-%d", place, getpid())
		      : NULL;

	return path && mkdir(path, 0755) == 0 && rmdir(path) == 0;
}

static void probe_cgroups(struct probe_facts *facts)
{
	OWN_CGROUP_PLACES struct cgroup_places places = { 0 };
	OWN_BUF struct buf names = { 0 };
	unsigned bits = 0;

	cgroup_find(&places, false);
	facts->cgroup_version = cgroup_is_unified() || places.v2_only ? 2
				: access("/sys/fs/cgroup", F_OK) == 0 ? 1
								      : 0;
	if (can_make_folder(places.v2))
		bits = places.v2_has | CGROUP_BIT(CGROUP_FREEZER);
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++)
		if (can_make_folder(places.v1[i]))
			bits |= CGROUP_BIT(i);
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++)
		if ((bits & CGROUP_BIT(i)) && i != CGROUP_CPUACCT)
			buf_fmt(&names, "%s%s", names.len ? " " : "",
				i == CGROUP_IO ? "io"
					       : cgroup_controller_name(i));
	(void)snprintf(facts->cgroups, sizeof(facts->cgroups), "%s",
		       buf_text(&names));
}

/* ---- a network namespace, and what containers need in it ---- */

struct net_tries {
	int namespace;
	int bridge;
	int veth;
	int rules;
	int forward;
	int device;
};

static int try_bridge(int fd)
{
	static const unsigned char mac[NETLINK_MAC] = { 2, 0x42, 1, 2, 3, 4 };
	OWN_NETLINK struct netlink talk = { 0 };

	netlink_add_bridge(&talk, "dsh-try", mac);
	netlink_set_up(&talk, "dsh-try", "dockershell doctor");
	return -netlink_send(fd, &talk);
}

static int try_veth(int fd)
{
	static const unsigned char mac[NETLINK_MAC] = { 2, 0x42, 1, 2, 3, 5 };
	OWN_NETLINK struct netlink talk = { 0 };
	struct netlink_pair pair = { .outside = "dsh-out",
				     .inside = "dsh-in",
				     .mac = mac,
				     .bridge = netlink_index(fd, "dsh-try"),
				     .pid = getpid() };

	if (pair.bridge < 0)
		return -pair.bridge;
	netlink_add_pair(&talk, &pair);
	return -netlink_send(fd, &talk);
}

/* What pasta and slirp4netns make for themselves. */
static int try_device(void)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	OWN_FD int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "dsh-tap");
	return fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0 ? errno : 0;
}

static int try_net(void *arg)
{
	struct net_tries *tries = arg;
	struct err err = { 0 };
	OWN_FD int fd = -1;

	if (unshare(CLONE_NEWNET) < 0) {
		tries->namespace = errno;
		return 0;
	}
	tries->namespace = 0;
	fd = netlink_open(&err);
	if (fd < 0)
		return -fd;
	tries->bridge = try_bridge(fd);
	if (tries->bridge == 0)
		tries->veth = try_veth(fd);
	tries->device = try_device();
	tries->forward =
		net_machine_forwards() ? 0 : -net_machine_set_forward(true);
	tries->rules = -net_rules_try();
	return 0;
}

/* Root's bridges are in the machine's own namespace. A link that is not there cannot be
 * removed; whoever may not remove any is told that first. */
static int try_machine(void *arg)
{
	OWN_NETLINK struct netlink talk = { 0 };
	struct err err = { 0 };
	OWN_FD int fd = netlink_open(&err);
	int r;

	(void)arg;
	if (fd < 0)
		return -fd;
	netlink_delete(&talk, 0x7ffffff0);
	r = netlink_send(fd, &talk);
	return r == -EPERM ? EPERM : 0;
}

static void probe_networks(struct probe_facts *facts)
{
	const struct net_tries unknown = { -1, -1, -1, -1, -1, -1 };
	struct net_tries *tries =
		mmap(NULL, sizeof(*tries), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int r;

	if (tries == MAP_FAILED) {
		facts->netns_error = errno;
		return;
	}
	*tries = unknown;
	r = probe_as_root(try_net, tries);
	if (r == 0 && userns_kind() == USERNS_NONE)
		r = probe_in_child(try_machine, NULL);
	facts->netns_error = r ? r : tries->namespace;
	facts->bridge_error = tries->bridge;
	facts->veth_error = tries->veth;
	facts->rules_error = tries->rules;
	facts->forward_error = tries->forward;
	facts->device_error = tries->device;
	(void)munmap(tries, sizeof(*tries));
}

/* ---- ports ---- */

/* Binds the highest low port that is free; nobody hears of it. */
static int try_low_port(void *arg)
{
	(void)arg;
	for (int port = IPPORT_RESERVED - 1; port > 0; port--) {
		struct sockaddr_in to = { .sin_family = AF_INET,
					  .sin_port = htons((in_port_t)port) };
		OWN_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		if (fd < 0)
			return errno;
		if (bind(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
			return 0;
		if (errno != EADDRINUSE)
			return errno;
	}
	return EADDRINUSE;
}

static void probe_ports(struct probe_facts *facts)
{
	long long start =
		probe_number("/proc/sys/net/ipv4/ip_unprivileged_port_start");

	if (start < 0)
		start = IPPORT_RESERVED;
	facts->low_port = start;
	if (start >= IPPORT_RESERVED && probe_in_child(try_low_port, NULL) == 0)
		facts->low_port = 1; /* it has the right to all */
}

/* ---- programs ---- */

static pid_t start_program(const char *name, int out_fd)
{
	extern char **environ;
	char words[2][16];
	char *argv[] = { words[0], words[1], NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	(void)snprintf(words[0], sizeof(words[0]), "%s", name);
	(void)snprintf(words[1], sizeof(words[1]), "--version");
	if (posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	(void)posix_spawn_file_actions_adddup2(&actions, out_fd, 1);
	(void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null",
					       O_WRONLY, 0);
	if (posix_spawnp(&pid, name, &actions, NULL, argv, environ) != 0)
		pid = -1;
	(void)posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* The first line that `name --version` says, "" where it says none within a second. */
static void ask_version(const char *name, char *out, size_t size)
{
	struct pollfd ready = { .events = POLLIN };
	ssize_t len = 0;
	int pair[2];
	pid_t pid;

	out[0] = '\0';
	if (pipe2(pair, O_CLOEXEC) < 0)
		return;
	pid = start_program(name, pair[1]);
	close(pair[1]);
	ready.fd = pair[0];
	if (pid > 0 && poll(&ready, 1, 1000) > 0)
		len = read(pair[0], out, size - 1);
	out[len > 0 ? len : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	close(pair[0]);
	if (pid > 0) {
		(void)kill(pid, SIGKILL); /* it has said what we wanted */
		(void)waitpid(pid, NULL, 0);
	}
}

static void probe_programs(struct probe_facts *facts)
{
	static const char *const names[] = { "pasta", "slirp4netns",
					     "iptables" };
	OWN_BUF struct buf all = { 0 };
	const char *why = NULL;
	const char *way_out = way_out_program(&why);

	(void)snprintf(facts->way_out, sizeof(facts->way_out), "%s",
		       way_out ? way_out : "");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char line[80];

		ask_version(names[i], line, sizeof(line));
		if (line[0])
			buf_fmt(&all, "%s%s", all.len ? ", " : "", line);
	}
	(void)snprintf(facts->programs, sizeof(facts->programs), "%s",
		       buf_text(&all));
}

void probe_net(struct probe_facts *facts)
{
	probe_cgroups(facts);
	probe_networks(facts);
	probe_ports(facts);
	probe_programs(facts);
}
