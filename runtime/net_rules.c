/* runtime/net_rules.c - see net_rules.h
 *
 *   table inet dsh-1f2e3d4c5b6 {
 *     chain forward {        type filter hook forward priority 0; policy accept;
 *       iifname != "dsh-1f2e3d4c5b6" oifname "dsh-1f2e3d4c5b6"
 *         ct state != { established, related } drop
 *     }
 *     chain postrouting {    type nat hook postrouting priority 100; policy accept;
 *       ip saddr 172.18.0.0/16 oifname != "dsh-1f2e3d4c5b6" masquerade
 *     }
 *   }
 *
 * An internal network has two rules in forward, which drop all that comes in or goes
 * out, and no second chain. `nft list ruleset` shows them. All of it is one batch: the
 * kernel takes the whole or nothing. Source: <linux/netfilter/nf_tables.h>; nft(8). */
#include "runtime/net_rules.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/net_firewall.h"
#include "runtime/netlink.h"
#include "runtime/network.h"
#include "runtime/subnet.h"

enum { NAME = 16, SOURCE_AT = 12, SOURCE_LEN = 4, PRIORITY_SOURCE_NAT = 100 };

/* ---- messages ---- */

static struct nl_msg *message(int type, int flags, int family, int resource)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);
	struct nfgenmsg head = {
		.nfgen_family = (unsigned char)family,
		.version = NFNETLINK_V0,
		.res_id = htons((uint16_t)resource),
	};

	(void)nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	return msg;
}

static struct nl_msg *table_message(int type, int flags)
{
	return message(NFNL_SUBSYS_NFTABLES << 8 | type, flags, NFPROTO_INET, 0);
}

static void add_edge(struct netlink *talk, int type)
{
	netlink_add(talk, message(type, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
}

static void put_number(struct nl_msg *msg, int attribute, uint32_t number)
{
	(void)nla_put_u32(msg, attribute, htonl(number));
}

static void add_table(struct netlink *talk, const char *name)
{
	struct nl_msg *msg = table_message(NFT_MSG_NEWTABLE,
					   NLM_F_CREATE | NLM_F_EXCL);

	(void)nla_put_string(msg, NFTA_TABLE_NAME, name);
	netlink_add(talk, msg);
}

static void add_chain(struct netlink *talk, const char *table, bool nat)
{
	struct nl_msg *msg = table_message(NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	struct nlattr *hook;

	(void)nla_put_string(msg, NFTA_CHAIN_TABLE, table);
	(void)nla_put_string(msg, NFTA_CHAIN_NAME,
			     nat ? "postrouting" : "forward");
	(void)nla_put_string(msg, NFTA_CHAIN_TYPE, nat ? "nat" : "filter");
	hook = nla_nest_start(msg, NFTA_CHAIN_HOOK);
	put_number(msg, NFTA_HOOK_HOOKNUM,
		   nat ? NF_INET_POST_ROUTING : NF_INET_FORWARD);
	put_number(msg, NFTA_HOOK_PRIORITY, nat ? PRIORITY_SOURCE_NAT : 0);
	nla_nest_end(msg, hook);
	netlink_add(talk, msg);
}

/* ---- a rule is a list of small steps, which compare what they load ---- */

struct rule {
	struct nl_msg *msg;
	struct nlattr *list;
	struct nlattr *step;
	struct nlattr *data;
};

static void rule_begin(struct rule *rule, const char *table, const char *chain)
{
	rule->msg = table_message(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	(void)nla_put_string(rule->msg, NFTA_RULE_TABLE, table);
	(void)nla_put_string(rule->msg, NFTA_RULE_CHAIN, chain);
	rule->list = nla_nest_start(rule->msg, NFTA_RULE_EXPRESSIONS);
}

static void rule_end(struct rule *rule, struct netlink *talk)
{
	nla_nest_end(rule->msg, rule->list);
	netlink_add(talk, rule->msg);
}

static void step_begin(struct rule *rule, const char *name)
{
	rule->step = nla_nest_start(rule->msg, NFTA_LIST_ELEM);
	(void)nla_put_string(rule->msg, NFTA_EXPR_NAME, name);
	rule->data = nla_nest_start(rule->msg, NFTA_EXPR_DATA);
}

static void step_end(struct rule *rule)
{
	nla_nest_end(rule->msg, rule->data);
	nla_nest_end(rule->msg, rule->step);
}

static void put_value(struct rule *rule, int attribute, const void *bytes,
		      int len)
{
	struct nlattr *value = nla_nest_start(rule->msg, attribute);

	(void)nla_put(rule->msg, NFTA_DATA_VALUE, len, bytes);
	nla_nest_end(rule->msg, value);
}

static void compare(struct rule *rule, int how, const void *bytes, int len)
{
	step_begin(rule, "cmp");
	put_number(rule->msg, NFTA_CMP_SREG, NFT_REG_1);
	put_number(rule->msg, NFTA_CMP_OP, (uint32_t)how);
	put_value(rule, NFTA_CMP_DATA, bytes, len);
	step_end(rule);
}

static void load_meta(struct rule *rule, uint32_t key)
{
	step_begin(rule, "meta");
	put_number(rule->msg, NFTA_META_KEY, key);
	put_number(rule->msg, NFTA_META_DREG, NFT_REG_1);
	step_end(rule);
}

/* key: NFT_META_IIFNAME, NFT_META_OIFNAME; how: NFT_CMP_EQ, NFT_CMP_NEQ */
static void match_link(struct rule *rule, uint32_t key, int how,
		       const char *name)
{
	char padded[NAME] = { 0 };

	memcpy(padded, name, strnlen(name, NAME - 1));
	load_meta(rule, key);
	compare(rule, how, padded, NAME);
}

static void mask(struct rule *rule, const void *bits)
{
	static const unsigned char none[4];

	step_begin(rule, "bitwise");
	put_number(rule->msg, NFTA_BITWISE_SREG, NFT_REG_1);
	put_number(rule->msg, NFTA_BITWISE_DREG, NFT_REG_1);
	put_number(rule->msg, NFTA_BITWISE_LEN, 4);
	put_value(rule, NFTA_BITWISE_MASK, bits, 4);
	put_value(rule, NFTA_BITWISE_XOR, none, 4);
	step_end(rule);
}

/* Not an answer to what went out before. */
static void match_new(struct rule *rule)
{
	const uint32_t known = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) |
			       NF_CT_STATE_BIT(IP_CT_RELATED);
	const uint32_t none = 0;

	step_begin(rule, "ct");
	put_number(rule->msg, NFTA_CT_KEY, NFT_CT_STATE);
	put_number(rule->msg, NFTA_CT_DREG, NFT_REG_1);
	step_end(rule);
	mask(rule, &known);
	compare(rule, NFT_CMP_EQ, &none, 4);
}

static void match_source(struct rule *rule, const struct subnet *range)
{
	const unsigned char family = NFPROTO_IPV4;
	struct subnet network = *range;
	struct subnet bits = { .base = { .family = AF_INET,
					 .bytes = { 255, 255, 255, 255 } },
			       .prefix = range->prefix };

	subnet_mask(&network);
	subnet_mask(&bits);
	load_meta(rule, NFT_META_NFPROTO);
	compare(rule, NFT_CMP_EQ, &family, 1);
	step_begin(rule, "payload");
	put_number(rule->msg, NFTA_PAYLOAD_DREG, NFT_REG_1);
	put_number(rule->msg, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	put_number(rule->msg, NFTA_PAYLOAD_OFFSET, SOURCE_AT);
	put_number(rule->msg, NFTA_PAYLOAD_LEN, SOURCE_LEN);
	step_end(rule);
	mask(rule, bits.base.bytes);
	compare(rule, NFT_CMP_EQ, network.base.bytes, SOURCE_LEN);
}

static void drop(struct rule *rule)
{
	struct nlattr *value;
	struct nlattr *verdict;

	step_begin(rule, "immediate");
	put_number(rule->msg, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	value = nla_nest_start(rule->msg, NFTA_IMMEDIATE_DATA);
	verdict = nla_nest_start(rule->msg, NFTA_DATA_VERDICT);
	put_number(rule->msg, NFTA_VERDICT_CODE, NF_DROP);
	nla_nest_end(rule->msg, verdict);
	nla_nest_end(rule->msg, value);
	step_end(rule);
}

/* ---- the tables ---- */

static void add_forward(struct netlink *talk, const char *bridge, bool internal)
{
	struct rule rule;

	add_chain(talk, bridge, false);
	rule_begin(&rule, bridge, "forward");
	match_link(&rule, NFT_META_IIFNAME, NFT_CMP_NEQ, bridge);
	match_link(&rule, NFT_META_OIFNAME, NFT_CMP_EQ, bridge);
	if (!internal)
		match_new(&rule);
	drop(&rule);
	rule_end(&rule, talk);
	if (!internal)
		return;
	rule_begin(&rule, bridge, "forward");
	match_link(&rule, NFT_META_IIFNAME, NFT_CMP_EQ, bridge);
	match_link(&rule, NFT_META_OIFNAME, NFT_CMP_NEQ, bridge);
	drop(&rule);
	rule_end(&rule, talk);
}

static void add_masquerade(struct netlink *talk, const char *bridge,
			   const struct subnet *range)
{
	struct rule rule;

	add_chain(talk, bridge, true);
	rule_begin(&rule, bridge, "postrouting");
	match_source(&rule, range);
	match_link(&rule, NFT_META_OIFNAME, NFT_CMP_NEQ, bridge);
	step_begin(&rule, "masq");
	step_end(&rule);
	rule_end(&rule, talk);
}

/* Sends the batch; `talk` holds its beginning and messages. */
static int send_batch(struct netlink *talk)
{
	/* No answer within a second is a kernel that does not know of tables. */
	const struct timeval patience = { .tv_sec = 1 };
	OWN_FD int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			       NETLINK_NETFILTER);
	unsigned last = talk->count - 1;

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			 sizeof(patience));
	add_edge(talk, NFNL_MSG_BATCH_END);
	return netlink_send_batch(fd, talk, last);
}

int net_rules_try(void)
{
	OWN_NETLINK struct netlink talk = { 0 };
	struct subnet range;

	(void)subnet_parse("172.17.0.0/16", &range);
	add_edge(&talk, NFNL_MSG_BATCH_BEGIN);
	add_table(&talk, "dsh-try");
	add_forward(&talk, "dsh-try", false);
	add_masquerade(&talk, "dsh-try", &range);
	return send_batch(&talk);
}

int net_rules_add(const char *bridge, const struct network *network,
		  struct err *err)
{
	OWN_NETLINK struct netlink talk = { .told = true,
					    .step = TRACE_RULES };
	struct subnet range;
	bool masks = !network->internal &&
		     network_setting(network, NETWORK_MASQUERADE, true);
	int r;

	add_edge(&talk, NFNL_MSG_BATCH_BEGIN);
	add_table(&talk, bridge);
	add_forward(&talk, bridge, network->internal);
	if (masks && network->subnet && subnet_parse(network->subnet, &range))
		add_masquerade(&talk, bridge, &range);
	trace_note("%s: %s", bridge,
		   network->internal ? _("drop what comes in or goes out") :
		   masks	     ? _("masquerade what goes out") :
				       "");
	r = send_batch(&talk);
	if (r == -EEXIST) {
		net_rules_remove(bridge); /* left by a kill -9 */
		return net_rules_add(bridge, network, err);
	}
	net_firewall_open(bridge);
	/* Without tables there is no way out; the containers reach each other. */
	return r == 0 || !network->internal ? 0 : r;
}

void net_rules_remove(const char *bridge)
{
	OWN_NETLINK struct netlink talk = { .told = true,
					    .step = TRACE_RULES };
	struct nl_msg *msg;

	net_firewall_close(bridge);
	add_edge(&talk, NFNL_MSG_BATCH_BEGIN);
	msg = table_message(NFT_MSG_DELTABLE, 0);
	(void)nla_put_string(msg, NFTA_TABLE_NAME, bridge);
	netlink_add(&talk, msg);
	(void)send_batch(&talk); /* there may be none */
}

bool net_rules_has_chain(const char *table, const char *chain)
{
	OWN_NETLINK struct netlink talk = { 0 };
	OWN_FD int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			       NETLINK_NETFILTER);
	struct nl_msg *msg = message(NFNL_SUBSYS_NFTABLES << 8 |
					     NFT_MSG_GETCHAIN,
				     0, NFPROTO_IPV4, 0);

	(void)nla_put_string(msg, NFTA_CHAIN_TABLE, table);
	(void)nla_put_string(msg, NFTA_CHAIN_NAME, chain);
	netlink_add(&talk, msg);
	return fd >= 0 && netlink_send(fd, &talk) == 0;
}
