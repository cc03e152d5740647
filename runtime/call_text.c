/* runtime/call_text.c - see call_text.h */
#include "runtime/call_text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/un.h>

#include "runtime/base/own.h"
#include "runtime/caps.h"

enum { MOST_TEXT = 400 };

/* ---- strings ---- */

static void quote_one(struct buf *out, unsigned char c)
{
	switch (c) {
	case '"':
		buf_str(out, "\\\"");
		break;
	case '\\':
		buf_str(out, "\\\\");
		break;
	case '\n':
		buf_str(out, "\\n");
		break;
	case '\t':
		buf_str(out, "\\t");
		break;
	case '\r':
		buf_str(out, "\\r");
		break;
	default:
		if (c >= ' ' && c < 0x7f)
			buf_fmt(out, "%c", c);
		else
			buf_fmt(out, "\\%03o", c);
	}
}

void call_text_quote(struct buf *out, const char *text, size_t len)
{
	buf_str(out, "\"");
	for (size_t i = 0; i < len && i < MOST_TEXT; i++)
		quote_one(out, (unsigned char)text[i]);
	buf_str(out, len > MOST_TEXT ? "\"..." : "\"");
}

void call_text_string(struct buf *out, const char *text)
{
	if (text)
		call_text_quote(out, text, strlen(text));
	else
		buf_str(out, "NULL");
}

/* ---- flags ---- */

struct word {
	uint64_t bits;
	const char *name;
};

static void put_flags(struct buf *out, uint64_t flags, const struct word *words)
{
	size_t begin = out->len;

	for (; words->name; words++) {
		if ((flags & words->bits) != words->bits)
			continue;
		buf_fmt(out, "%s%s", out->len > begin ? "|" : "", words->name);
		flags &= ~words->bits;
	}
	if (flags)
		buf_fmt(out, "%s0x%llx", out->len > begin ? "|" : "",
			(unsigned long long)flags);
	else if (out->len == begin)
		buf_str(out, "0");
}

#define WORD(flag) \
	{ \
		(uint64_t)(flag), #flag \
	}

static void put_mount_flags(struct buf *out, uint64_t flags)
{
	static const struct word words[] = {
		WORD(MS_RDONLY),     WORD(MS_NOSUID),      WORD(MS_NODEV),
		WORD(MS_NOEXEC),     WORD(MS_SYNCHRONOUS), WORD(MS_REMOUNT),
		WORD(MS_MANDLOCK),   WORD(MS_DIRSYNC),     WORD(MS_NOATIME),
		WORD(MS_NODIRATIME), WORD(MS_BIND),        WORD(MS_MOVE),
		WORD(MS_REC),        WORD(MS_SILENT),      WORD(MS_POSIXACL),
		WORD(MS_UNBINDABLE), WORD(MS_PRIVATE),     WORD(MS_SLAVE),
		WORD(MS_SHARED),     WORD(MS_RELATIME),    WORD(MS_STRICTATIME),
		WORD(MS_LAZYTIME),   { 0, NULL },
	};

	put_flags(out, flags, words);
}

void call_text_umount_flags(struct buf *out, uint64_t flags)
{
	static const struct word words[] = {
		WORD(MNT_FORCE),       WORD(MNT_DETACH), WORD(MNT_EXPIRE),
		WORD(UMOUNT_NOFOLLOW), { 0, NULL },
	};

	put_flags(out, flags, words);
}

/* In strace's order. The signal at the end is in the lowest byte. */
void call_text_clone_flags(struct buf *out, uint64_t flags)
{
	static const struct word words[] = {
		WORD(CLONE_VM),
		WORD(CLONE_FS),
		WORD(CLONE_FILES),
		WORD(CLONE_SIGHAND),
		{ 0x1000, "CLONE_PIDFD" },
		WORD(CLONE_PTRACE),
		WORD(CLONE_VFORK),
		WORD(CLONE_PARENT),
		WORD(CLONE_THREAD),
		WORD(CLONE_NEWNS),
		WORD(CLONE_SYSVSEM),
		WORD(CLONE_SETTLS),
		WORD(CLONE_PARENT_SETTID),
		WORD(CLONE_CHILD_CLEARTID),
		WORD(CLONE_UNTRACED),
		WORD(CLONE_CHILD_SETTID),
		WORD(CLONE_NEWCGROUP),
		WORD(CLONE_NEWUTS),
		WORD(CLONE_NEWIPC),
		WORD(CLONE_NEWUSER),
		WORD(CLONE_NEWPID),
		WORD(CLONE_NEWNET),
		WORD(CLONE_IO),
		{ 0x200000000ULL, "CLONE_INTO_CGROUP" },
		{ 0, NULL },
	};

	put_flags(out, flags, words);
}

void call_text_mount(struct buf *out, const char *source, const char *target,
		     const char *type, uint64_t flags, const char *options)
{
	buf_str(out, "mount(");
	call_text_string(out, source);
	buf_str(out, ", ");
	call_text_string(out, target);
	buf_str(out, ", ");
	call_text_string(out, type);
	buf_str(out, ", ");
	put_mount_flags(out, flags);
	buf_str(out, ", ");
	call_text_string(out, options);
	buf_str(out, ")");
}

void call_text_execve(struct buf *out, const char *path, char *const *words,
		      size_t variables)
{
	buf_str(out, "execve(");
	call_text_string(out, path);
	buf_str(out, ", [");
	for (size_t i = 0; words[i]; i++) {
		buf_str(out, i ? ", " : "");
		call_text_string(out, words[i]);
	}
	buf_fmt(out, "], /* %zu vars */)", variables);
}

void call_text_cap(struct buf *out, int cap)
{
	OWN_FREE char *name = caps_name(cap);

	buf_str(out, name);
}

static void put_set(struct buf *out, const char *name, uint64_t set)
{
	bool first = true;

	buf_fmt(out, "%s=%s", name, set ? "" : "0");
	for (int cap = 0; cap < 64; cap++) {
		if (!(set & CAPS_BIT(cap)))
			continue;
		buf_str(out, first ? "1<<" : "|1<<");
		call_text_cap(out, cap);
		first = false;
	}
}

void call_text_capset(struct buf *out, uint64_t effective, uint64_t permitted,
		      uint64_t inheritable)
{
	buf_str(out, "capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {");
	put_set(out, "effective", effective);
	buf_str(out, ", ");
	put_set(out, "permitted", permitted);
	buf_str(out, ", ");
	put_set(out, "inheritable", inheritable);
	buf_str(out, "})");
}

/* ---- addresses ---- */

void call_text_address(struct buf *out, const struct sockaddr *address,
		       size_t len)
{
	char text[INET6_ADDRSTRLEN] = "?";

	if (len >= sizeof(struct sockaddr_in) &&
	    address->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		(void)inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
		buf_fmt(out, "%s:%d", text, ntohs(in.sin_port));
	} else if (len >= sizeof(struct sockaddr_in6) &&
		   address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		(void)inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof(text));
		buf_fmt(out, "[%s]:%d", text, ntohs(in6.sin6_port));
	} else if (len > 2 && address->sa_family == AF_UNIX) {
		struct sockaddr_un un = { 0 };

		memcpy(&un, address, len < sizeof(un) ? len : sizeof(un));
		call_text_quote(out, un.sun_path,
				strnlen(un.sun_path, sizeof(un.sun_path)));
	} else {
		buf_str(out, "@");
	}
}

/* ---- netlink ---- */

static const char *route_name(unsigned type)
{
	static const struct word words[] = {
		WORD(RTM_NEWLINK),  WORD(RTM_DELLINK),  WORD(RTM_GETLINK),
		WORD(RTM_SETLINK),  WORD(RTM_NEWADDR),  WORD(RTM_DELADDR),
		WORD(RTM_GETADDR),  WORD(RTM_NEWROUTE), WORD(RTM_DELROUTE),
		WORD(RTM_GETROUTE), WORD(RTM_NEWNEIGH), WORD(RTM_DELNEIGH),
		{ 0, NULL },
	};

	for (const struct word *w = words; w->name; w++)
		if (w->bits == type)
			return w->name;
	return "RTM";
}

/* enum nf_tables_msg_types of <linux/netfilter/nf_tables.h>, from 0. */
static const char *table_name(unsigned type)
{
	static const char *const names[] = {
		"NFT_MSG_NEWTABLE", "NFT_MSG_GETTABLE", "NFT_MSG_DELTABLE",
		"NFT_MSG_NEWCHAIN", "NFT_MSG_GETCHAIN", "NFT_MSG_DELCHAIN",
		"NFT_MSG_NEWRULE",  "NFT_MSG_GETRULE",  "NFT_MSG_DELRULE",
		"NFT_MSG_NEWSET",   "NFT_MSG_GETSET",   "NFT_MSG_DELSET",
	};

	if (type == NFNL_MSG_BATCH_BEGIN)
		return "NFNL_MSG_BATCH_BEGIN";
	if (type == NFNL_MSG_BATCH_END)
		return "NFNL_MSG_BATCH_END";
	type &= 0xff;
	return type < sizeof(names) / sizeof(names[0]) ? names[type]
						       : "NFT_MSG";
}

/* The name that a link's message carries, or NULL. */
static const char *name_of_link(const struct nlmsghdr *header, size_t *out_len)
{
	int left = (int)header->nlmsg_len -
		   (int)NLMSG_LENGTH(sizeof(struct ifinfomsg));
	const struct rtattr *at;

	if (header->nlmsg_type != RTM_NEWLINK || left < 0)
		return NULL;
	at = (const void *)((const char *)header +
			    NLMSG_SPACE(sizeof(struct ifinfomsg)));
	for (; left >= (int)sizeof(*at) && at->rta_len >= sizeof(*at) &&
	       at->rta_len <= left;
	     left -= (int)RTA_ALIGN(at->rta_len),
	     at = (const void *)((const char *)at + RTA_ALIGN(at->rta_len))) {
		if (at->rta_type != IFLA_IFNAME)
			continue;
		*out_len = strnlen((const char *)at + RTA_LENGTH(0),
				   at->rta_len - RTA_LENGTH(0));
		return (const char *)at + RTA_LENGTH(0);
	}
	return NULL;
}

void call_text_netlink(struct buf *out, int protocol, const void *bytes,
		       size_t len)
{
	const struct nlmsghdr *header = bytes;
	bool first = true;

	while (len >= sizeof(*header) && header->nlmsg_len >= sizeof(*header) &&
	       header->nlmsg_len <= len) {
		size_t step = NLMSG_ALIGN(header->nlmsg_len);
		size_t name_len = 0;
		const char *name = NULL;

		buf_fmt(out, "%s%s", first ? "" : ", ",
			protocol == NETLINK_ROUTE
				? route_name(header->nlmsg_type)
				: table_name(header->nlmsg_type));
		if (protocol == NETLINK_ROUTE)
			name = name_of_link(header, &name_len);
		if (name)
			buf_fmt(out, " %.*s", (int)name_len, name);
		first = false;
		len -= step < len ? step : len;
		header = (const void *)((const char *)header + step);
	}
}

void call_text_signal(struct buf *out, int signal)
{
	const char *name = sigabbrev_np(signal);

	if (name)
		buf_fmt(out, "SIG%s", name);
	else
		buf_fmt(out, "%d", signal);
}

const char *call_text_errno(int code)
{
	static char other[24];
	const char *name = strerrorname_np(code);

	if (name)
		return name;
	snprintf(other, sizeof(other), "errno %d", code);
	return other;
}
