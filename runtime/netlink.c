/* runtime/netlink.c - see netlink.h; what is asked for is netlink_dump.c's. */
#include "runtime/netlink.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/unconst.h"
#include "runtime/call_text.h"
#include "runtime/calls.h"
#include "runtime/subnet.h"

int netlink_open(struct err *err)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd < 0 ? err_errno(err, "socket(AF_NETLINK, NETLINK_ROUTE)") : fd;
}

int netlink_index(int fd, const char *name)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(fd, SIOCGIFINDEX, &request) < 0 ? -errno :
						       request.ifr_ifindex;
}

void netlink_done(struct netlink *talk)
{
	buf_done(&talk->bytes);
	*talk = (struct netlink){ 0 };
}

/* ---- sending ---- */

void netlink_add(struct netlink *talk, struct nl_msg *msg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	static const char zeros[NLMSG_ALIGNTO] = { 0 };

	header->nlmsg_flags |= NLM_F_REQUEST;
	header->nlmsg_seq = talk->count++;
	buf_add(&talk->bytes, header, header->nlmsg_len);
	buf_add(&talk->bytes, zeros,
		NLMSG_ALIGN(header->nlmsg_len) - header->nlmsg_len);
	nlmsg_free(msg);
}

static void ask_for_answer(struct netlink *talk, unsigned at)
{
	struct nlmsghdr *header = (struct nlmsghdr *)(void *)talk->bytes.data;

	for (unsigned i = 0; i < at; i++)
		header = (struct nlmsghdr *)(void *)((char *)header +
						     NLMSG_ALIGN(header->nlmsg_len));
	header->nlmsg_flags |= NLM_F_ACK;
}

/* The next answer: its error, 0 for "done"; *out_seq: whose. */
static int hear_one(int fd, unsigned *out_seq)
{
	union {
		struct nlmsghdr header;
		char space[8192];
	} in;

	for (;;) {
		ssize_t got = recv(fd, &in, sizeof(in), 0);
		const struct nlmsgerr *answer = NLMSG_DATA(&in.header);

		if (got < 0 && errno == EINTR)
			continue;
		*out_seq = UINT_MAX;
		if (got < (ssize_t)NLMSG_LENGTH(sizeof(*answer)))
			return got < 0 ? -errno : -EPROTO;
		if (in.header.nlmsg_type != NLMSG_ERROR)
			continue;
		*out_seq = in.header.nlmsg_seq;
		return answer->error;
	}
}

static int send_all(int fd, int protocol, struct netlink *talk, unsigned last)
{
	ssize_t sent;

	ask_for_answer(talk, last);
	if (talk->told)
		sent = call_netlink(talk->step, fd, protocol, talk->bytes.data,
				    talk->bytes.len);
	else
		sent = send(fd, talk->bytes.data, talk->bytes.len, 0);
	buf_clear(&talk->bytes);
	talk->count = 0;
	return sent < 0 ? -errno : 0;
}

/* The send went well: what the kernel answered is the result. */
static void tell_refusal(const struct netlink *talk, int answer)
{
	if (talk->told && answer < 0)
		trace_failed(talk->step, -answer, "the kernel answers: %s",
			     call_text_errno(-answer));
}

int netlink_send(int fd, struct netlink *talk)
{
	unsigned last = talk->count - 1;
	unsigned seq = UINT_MAX;
	int result = 0;
	int r;

	if (!talk->count)
		return 0;
	r = send_all(fd, NETLINK_ROUTE, talk, last);
	/* Messages behind one that was refused are done all the same. */
	while (r == 0 && seq != last) {
		int said = hear_one(fd, &seq);

		if (seq == UINT_MAX)
			r = said;
		else if (said && !result)
			result = said;
	}
	tell_refusal(talk, r < 0 ? r : result);
	return r < 0 ? r : result;
}

int netlink_send_batch(int fd, struct netlink *talk, unsigned last)
{
	unsigned seq = UINT_MAX;
	int r = send_all(fd, NETLINK_NETFILTER, talk, last);

	while (r == 0 && seq != last)
		r = hear_one(fd, &seq);
	tell_refusal(talk, r);
	return r;
}

/* The fixed part of a message. */
static void append(struct nl_msg *msg, const void *bytes, size_t len)
{
	(void)nlmsg_append(msg, unconst(bytes), len, NLMSG_ALIGNTO);
}

/* ---- links ---- */

static struct nl_msg *link_message(int flags, const struct ifinfomsg *link)
{
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWLINK, flags);

	append(msg, link, sizeof(*link));
	return msg;
}

void netlink_add_bridge(struct netlink *talk, const char *name,
			const unsigned char mac[NETLINK_MAC])
{
	const struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = link_message(NLM_F_CREATE | NLM_F_EXCL, &link);
	struct nlattr *info;

	(void)nla_put_string(msg, IFLA_IFNAME, name);
	(void)nla_put(msg, IFLA_ADDRESS, NETLINK_MAC, mac);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	(void)nla_put_string(msg, IFLA_INFO_KIND, "bridge");
	nla_nest_end(msg, info);
	netlink_add(talk, msg);
}

/* A link by number, or with index 0 by name. */
static void raise_link(struct netlink *talk, int index, const char *name,
		       const char *alias)
{
	const struct ifinfomsg link = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = index,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};
	struct nl_msg *msg = link_message(0, &link);

	if (name)
		(void)nla_put_string(msg, IFLA_IFNAME, name);
	if (alias)
		(void)nla_put_string(msg, IFLA_IFALIAS, alias);
	netlink_add(talk, msg);
}

/* IPv6 would make up an address by itself, and ask the others whether they have it:
 * noise where nobody asked for IPv6. It does so when the link comes up, so it is told
 * before. */
static void silence(struct netlink *talk, int index, const char *name)
{
	const struct ifinfomsg link = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = index,
	};
	struct nl_msg *msg = link_message(0, &link);
	struct nlattr *spec;
	struct nlattr *inet6;

	if (name)
		(void)nla_put_string(msg, IFLA_IFNAME, name);
	spec = nla_nest_start(msg, IFLA_AF_SPEC);
	inet6 = nla_nest_start(msg, AF_INET6);
	(void)nla_put_u8(msg, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	nla_nest_end(msg, inet6);
	nla_nest_end(msg, spec);
	netlink_add(talk, msg);
}

void netlink_set_up(struct netlink *talk, const char *name, const char *alias)
{
	silence(talk, 0, name);
	raise_link(talk, 0, name, alias);
}

void netlink_raise(struct netlink *talk, int index, bool quiet)
{
	if (quiet)
		silence(talk, index, NULL);
	raise_link(talk, index, NULL, NULL);
}

void netlink_put_away(struct netlink *talk, int index, const char *name)
{
	const struct ifinfomsg down = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = index,
		.ifi_change = IFF_UP,
	};
	const struct ifinfomsg link = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = index,
	};
	struct nl_msg *msg = link_message(0, &down);

	netlink_add(talk, msg);
	msg = link_message(0, &link);
	(void)nla_put_string(msg, IFLA_IFNAME, name);
	netlink_add(talk, msg);
}

void netlink_delete(struct netlink *talk, int index)
{
	const struct ifinfomsg link = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = index,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_DELLINK, 0);

	append(msg, &link, sizeof(link));
	netlink_add(talk, msg);
}

/* Neither end can be raised by this: a veth goes up only once it has its other end, and
 * that is not so yet while the message is being done. */
void netlink_add_pair(struct netlink *talk, const struct netlink_pair *pair)
{
	const struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = link_message(NLM_F_CREATE | NLM_F_EXCL, &link);
	struct nlattr *info;
	struct nlattr *data;
	struct nlattr *peer;

	(void)nla_put_string(msg, IFLA_IFNAME, pair->outside);
	(void)nla_put_u32(msg, IFLA_MASTER, (uint32_t)pair->bridge);
	if (pair->mtu)
		(void)nla_put_u32(msg, IFLA_MTU, (uint32_t)pair->mtu);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	(void)nla_put_string(msg, IFLA_INFO_KIND, "veth");
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	peer = nla_nest_start(msg, VETH_INFO_PEER);
	append(msg, &link, sizeof(link));
	(void)nla_put_string(msg, IFLA_IFNAME, pair->inside);
	(void)nla_put(msg, IFLA_ADDRESS, NETLINK_MAC, pair->mac);
	if (pair->mtu)
		(void)nla_put_u32(msg, IFLA_MTU, (uint32_t)pair->mtu);
	(void)nla_put_u32(msg, IFLA_NET_NS_PID, (uint32_t)pair->pid);
	nla_nest_end(msg, peer);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	netlink_add(talk, msg);
	netlink_set_up(talk, pair->outside, NULL);
}

void netlink_pin(struct netlink *talk, int port,
		 const unsigned char mac[NETLINK_MAC])
{
	const struct ndmsg entry = {
		.ndm_family = PF_BRIDGE,
		.ndm_ifindex = port,
		.ndm_state = NUD_NOARP,
		.ndm_flags = NTF_MASTER | NTF_STICKY,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(
		RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);

	append(msg, &entry, sizeof(entry));
	(void)nla_put(msg, NDA_LLADDR, NETLINK_MAC, mac);
	netlink_add(talk, msg);
}

void netlink_set_apart(struct netlink *talk, int port)
{
	const struct ifinfomsg link = {
		.ifi_family = PF_BRIDGE,
		.ifi_index = port,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_SETLINK, 0);
	struct nlattr *settings;

	append(msg, &link, sizeof(link));
	settings = nla_nest_start(msg, IFLA_PROTINFO | NLA_F_NESTED);
	(void)nla_put_u8(msg, IFLA_BRPORT_ISOLATED, 1);
	nla_nest_end(msg, settings);
	netlink_add(talk, msg);
}

/* ---- addresses and routes ---- */

static int bytes_of(const struct address *address)
{
	return address_bits(address) / 8;
}

void netlink_add_address(struct netlink *talk, int index,
			 const struct subnet *address)
{
	const struct ifaddrmsg head = {
		.ifa_family = (unsigned char)address->base.family,
		.ifa_prefixlen = (unsigned char)address->prefix,
		.ifa_flags = address->base.family == AF_INET6 ? IFA_F_NODAD : 0,
		.ifa_index = (unsigned)index,
	};
	struct nl_msg *msg =
		nlmsg_alloc_simple(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
	struct address broadcast;

	append(msg, &head, sizeof(head));
	(void)nla_put(msg, IFA_LOCAL, bytes_of(&address->base),
		      address->base.bytes);
	(void)nla_put(msg, IFA_ADDRESS, bytes_of(&address->base),
		      address->base.bytes);
	if (address->base.family == AF_INET && address->prefix < 31) {
		subnet_address(address, subnet_last(address), &broadcast);
		(void)nla_put(msg, IFA_BROADCAST, 4, broadcast.bytes);
	}
	netlink_add(talk, msg);
}

void netlink_add_default_route(struct netlink *talk, int index,
			       const struct address *gateway)
{
	const struct rtmsg head = {
		.rtm_family = (unsigned char)gateway->family,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	struct nl_msg *msg =
		nlmsg_alloc_simple(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);

	append(msg, &head, sizeof(head));
	(void)nla_put(msg, RTA_GATEWAY, bytes_of(gateway), gateway->bytes);
	(void)nla_put_u32(msg, RTA_OIF, (uint32_t)index);
	netlink_add(talk, msg);
}
