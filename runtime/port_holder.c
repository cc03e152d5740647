/* runtime/port_holder.c - see port_holder.h */
#include "runtime/port_holder.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/own.h"

enum { LISTENS = 0x0A };

/* An address as /proc/net writes it: words of 32 bits, as the machine has them in
 * memory. IPv4 has one, IPv6 four. */
struct place {
	unsigned words[4];
	int count;
	unsigned port;
};

static void place_of(const struct sockaddr_storage *address, struct place *out)
{
	*out = (struct place){ .count = 1 };
	if (address->ss_family == AF_INET6) {
		struct sockaddr_in6 six;

		memcpy(&six, address, sizeof(six));
		memcpy(out->words, &six.sin6_addr, sizeof(six.sin6_addr));
		out->count = 4;
		out->port = ntohs(six.sin6_port);
	} else {
		struct sockaddr_in four;

		memcpy(&four, address, sizeof(four));
		memcpy(out->words, &four.sin_addr, sizeof(four.sin_addr));
		out->port = ntohs(four.sin_port);
	}
}

static bool is_any(const struct place *place)
{
	for (int i = 0; i < place->count; i++)
		if (place->words[i])
			return false;
	return true;
}

/* One socket at every address leaves no room for another at any; one of IPv6 at
 * every address usually takes IPv4 along. */
static bool collide(const struct place *a, const struct place *b)
{
	if (a->port != b->port)
		return false;
	if (a->count != b->count)
		return is_any(a->count == 4 ? a : b);
	return is_any(a) || is_any(b) ||
	       memcmp(a->words, b->words, sizeof(a->words)) == 0;
}

struct found {
	struct place place;
	unsigned state;
	unsigned uid;
	unsigned long inode;
};

/* "  0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000
 *     0        0 12345 ..." */
static bool read_line(const char *line, int words, struct found *out)
{
	const char *at = strchr(line, ':');
	int used = 0;

	*out = (struct found){ .place.count = words };
	at = at ? at + 1 + strspn(at + 1, " ") : NULL;
	for (int i = 0; at && i < words; i++) {
		char digits[9] = "";

		memcpy(digits, at, strnlen(at, 8));
		out->place.words[i] = (unsigned)strtoul(digits, NULL, 16);
		at += strlen(digits);
	}
	if (!at)
		return false;
	/* NOLINTNEXTLINE(cert-err34-c): numbers that the kernel wrote */
	return sscanf(at, ":%x %*s %x %*s %*s %*s %u %*u %lu%n",
		      &out->place.port, &out->state, &out->uid, &out->inode,
		      &used) == 4;
}

static bool look_in(const char *path, int words, const struct place *wanted,
		    struct found *out)
{
	OWN_FILE FILE *file = fopen(path, "re");
	OWN_FREE char *line = NULL;
	size_t size = 0;
	bool tcp = strstr(path, "tcp") != NULL;

	while (file && getline(&line, &size, file) > 0)
		if (read_line(line, words, out) &&
		    (!tcp || out->state == LISTENS) &&
		    collide(&out->place, wanted))
			return true;
	return false;
}

/* ---- the process ---- */

static bool has_socket(const char *pid, unsigned long inode)
{
	char path[64];
	char wanted[40];
	OWN_DIR DIR *dir = NULL;
	struct dirent *entry;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		char target[40];
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target,
					 sizeof(target));

		if (len == (ssize_t)strlen(wanted) &&
		    memcmp(target, wanted, (size_t)len) == 0)
			return true;
	}
	return false;
}

static void read_name(struct port_holder *holder)
{
	char path[40];
	OWN_FILE FILE *file = NULL;

	snprintf(path, sizeof(path), "/proc/%d/comm", holder->pid);
	file = fopen(path, "re");
	if (!file || !fgets(holder->name, sizeof(holder->name), file))
		holder->name[0] = '\0';
	holder->name[strcspn(holder->name, "\n")] = '\0';
}

static void find_process(unsigned long inode, struct port_holder *holder)
{
	OWN_DIR DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    has_socket(entry->d_name, inode)) {
			holder->pid = (pid_t)strtol(entry->d_name, NULL, 10);
			read_name(holder);
			return;
		}
}

bool port_holder_find(const struct sockaddr_storage *address, bool udp,
		      struct port_holder *out)
{
	struct place wanted;
	struct found found;

	place_of(address, &wanted);
	if (!look_in(udp ? "/proc/net/udp" : "/proc/net/tcp", 1, &wanted,
		     &found) &&
	    !look_in(udp ? "/proc/net/udp6" : "/proc/net/tcp6", 4, &wanted,
		     &found))
		return false;
	*out = (struct port_holder){ .uid = found.uid };
	find_process(found.inode, out);
	return true;
}
