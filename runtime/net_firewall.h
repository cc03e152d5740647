/* runtime/net_firewall.h - beside a firewall that lets nothing through.
 *
 * Docker, ufw and others let the chain FORWARD of iptables drop what it does not know,
 * and no other table can say otherwise; with br_netfilter, which Docker loads, that even
 * holds between two ports of one bridge. So a bridge of ours is made known there, where
 * there is such a chain, and taken out again. net_rules.h's own. */
#ifndef RUNTIME_NET_FIREWALL_H
#define RUNTIME_NET_FIREWALL_H

#include <stdbool.h>

/* Whether there is one that is to be asked. */
bool net_firewall_is_there(void);

/* iptables -I FORWARD -i BRIDGE -j ACCEPT, and -o; and -D. Nothing depends on them:
 * where there is no iptables there is mostly no such chain. */
void net_firewall_open(const char *bridge);
void net_firewall_close(const char *bridge);

#endif
