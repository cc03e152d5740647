/* runtime/netlink_dump.c - which bridges and routes there are; see netlink.h */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/unconst.h"
#include "runtime/netlink.h"
#include "runtime/subnet.h"

enum { ROOM = 1 << 16 };

typedef void see_message(void *arg, struct nlmsghdr *header);

/* One buffer's messages. Returns 1 at the end of the list. *out_torn: somebody changed
 * what is listed meanwhile, so some of it may not have come. */
static int walk(struct nlmsghdr *header, int left, see_message *see, void *arg,
		bool *out_torn)
{
	for (; nlmsg_ok(header, left); header = nlmsg_next(header, &left)) {
		const struct nlmsgerr *answer;

		*out_torn |= header->nlmsg_flags & NLM_F_DUMP_INTR;
		if (header->nlmsg_type == NLMSG_DONE)
			return 1;
		if (header->nlmsg_type == NLMSG_ERROR) {
			answer = nlmsg_data(header);
			return answer->error ? answer->error : 1;
		}
		see(arg, header);
	}
	return 0;
}

static int dump_once(int fd, const struct nlmsghdr *question, see_message *see,
		     void *arg, bool *out_torn)
{
	OWN_FREE char *in = mem_alloc(ROOM);
	int r = 0;

	*out_torn = false;
	if (send(fd, question, question->nlmsg_len, 0) < 0)
		return -errno;
	while (r == 0) {
		ssize_t got = recv(fd, in, ROOM, 0);

		if (got < 0 && errno == EINTR)
			continue;
		r = got < 0 ? -errno :
			      walk((struct nlmsghdr *)(void *)in, (int)got, see,
				   arg, out_torn);
	}
	return r < 0 ? r : 0;
}

/* What was torn is asked for again: what comes twice is seen twice. */
static int dump(int fd, struct nl_msg *question, see_message *see, void *arg,
		struct err *err)
{
	enum { TRIES = 20 };
	struct nlmsghdr *header = nlmsg_hdr(question);
	bool torn = true;
	int r = 0;

	header->nlmsg_flags |= NLM_F_REQUEST | NLM_F_DUMP;
	for (int i = 0; i < TRIES && torn && r == 0; i++)
		r = dump_once(fd, header, see, arg, &torn);
	nlmsg_free(question);
	errno = -r;
	return r < 0 ? err_errno(err, "ask for the machine's networks") : 0;
}

/* ---- bridges ---- */

struct bridge_view {
	netlink_see_bridge *see;
	void *arg;
};

static void see_link(void *arg, struct nlmsghdr *header)
{
	const struct bridge_view *view = arg;
	const struct ifinfomsg *link = nlmsg_data(header);
	struct nlattr *attrs[IFLA_MAX + 1];
	struct nlattr *info[IFLA_INFO_MAX + 1];

	if (header->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse(header, sizeof(*link), attrs, IFLA_MAX, NULL) < 0 ||
	    !attrs[IFLA_IFNAME] || !attrs[IFLA_IFALIAS] ||
	    !attrs[IFLA_LINKINFO] ||
	    nla_parse_nested(info, IFLA_INFO_MAX, attrs[IFLA_LINKINFO], NULL) <
		    0 ||
	    !info[IFLA_INFO_KIND] ||
	    strcmp(nla_get_string(info[IFLA_INFO_KIND]), "bridge") != 0)
		return;
	view->see(view->arg, link->ifi_index,
		  nla_get_string(attrs[IFLA_IFNAME]),
		  nla_get_string(attrs[IFLA_IFALIAS]));
}

int netlink_bridges(int fd, netlink_see_bridge *see, void *arg,
		    struct err *err)
{
	const struct ifinfomsg all = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, 0);
	struct bridge_view view = { see, arg };

	(void)nlmsg_append(msg, unconst(&all), sizeof(all), NLMSG_ALIGNTO);
	return dump(fd, msg, see_link, &view, err);
}

/* ---- routes ---- */

struct route_view {
	netlink_see_route *see;
	void *arg;
};

static void see_route(void *arg, struct nlmsghdr *header)
{
	const struct route_view *view = arg;
	const struct rtmsg *route = nlmsg_data(header);
	struct nlattr *attrs[RTA_MAX + 1];
	struct subnet to = { 0 };

	if (header->nlmsg_type != RTM_NEWROUTE ||
	    route->rtm_type != RTN_UNICAST ||
	    nlmsg_parse(header, sizeof(*route), attrs, RTA_MAX, NULL) < 0)
		return;
	to.base.family = route->rtm_family;
	to.prefix = route->rtm_dst_len;
	if (attrs[RTA_DST])
		memcpy(to.base.bytes, nla_data(attrs[RTA_DST]),
	       (size_t)nla_len(attrs[RTA_DST]) < sizeof(to.base.bytes) ?
		       (size_t)nla_len(attrs[RTA_DST]) :
		       sizeof(to.base.bytes));
	view->see(view->arg, &to,
		  attrs[RTA_OIF] ? (int)nla_get_u32(attrs[RTA_OIF]) : 0);
}

int netlink_routes(int fd, netlink_see_route *see, void *arg, struct err *err)
{
	const struct rtmsg all = { .rtm_family = AF_UNSPEC };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, 0);
	struct route_view view = { see, arg };

	(void)nlmsg_append(msg, unconst(&all), sizeof(all), NLMSG_ALIGNTO);
	return dump(fd, msg, see_route, &view, err);
}
