/* runtime/probe_judge_net.c - judgements on limits, networks, ports, the terminal; see
 * probe.h */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/probe.h"
#include "runtime/probe_parts.h"

/* ---- limits ---- */

static const char *const wanted[] = { "memory", "cpu",     "pids", "cpuset",
				      "io",     "freezer", NULL };

/* "cpu io": those that are not there. */
static char *missing_of(const char *cgroups)
{
	OWN_STRS struct strs have = { 0 };
	OWN_STRS struct strs missing = { 0 };

	strs_split(&have, cgroups, ' ');
	for (const char *const *w = wanted; *w; w++)
		if (!strs_has(&have, *w))
			strs_add(&missing, *w);
	return strs_join(&missing, " ");
}

static void mend_version_2(const struct probe_facts *f, struct probe_item *item)
{
	/* A login from elsewhere has a cgroup of root's; one that the user's own service
	 * manager makes is the user's. */
	if (!f->cgroups[0])
		strs_add(
			&item->mend,
			"systemd-run --user --scope -p Delegate=yes dockershell");
	if (f->cgroups[0]) {
		strs_add(&item->mend,
			 "sudo mkdir -p /etc/systemd/system/user@.service.d");
		strs_add(
			&item->mend,
			"printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf");
		strs_add(&item->mend, "sudo systemctl daemon-reload");
		item->advice = mem_str(_(
			"all three in this order, then log out and in again"));
	} else {
		item->advice = mem_str(_(
			"it starts the shell in a cgroup of your own; which controllers that has, doctor says in there"));
	}
}

static void mend_version_1(struct probe_item *item)
{
	strs_add(&item->mend, "sudo mkdir -p /etc/default/grub.d");
	strs_add(
		&item->mend,
		"echo 'GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX systemd.unified_cgroup_hierarchy=1\"' | sudo tee /etc/default/grub.d/cgroup2.cfg");
	strs_add(&item->mend, "sudo update-grub");
	item->advice = mem_str(_(
		"version 1 of cgroups cannot be given to users safely; this makes it version 2 from the next start of the machine on"));
}

static void mend_limits(const struct probe_facts *f, struct probe_item *item)
{
	if (f->root && f->cgroups[0])
		item->advice = mem_str(_(
			"the kernel was built or started without them; some need cgroup_enable=memory on its command line"));
	else if (f->root)
		item->advice = mem_str(_(
			"this root may not make cgroups: it is probably one of a container; start that with --privileged, or leave it"));
	else if (!f->systemd)
		item->advice = mem_str(_(
			"systemd does not run here, so nobody hands cgroups out: the limits work for root (sudo dockershell)"));
	else if (f->cgroup_version == 2)
		mend_version_2(f, item);
	else
		mend_version_1(item);
}

void probe_judge_limits(const struct probe_facts *f, struct probe_report *out)
{
	OWN_FREE char *missing = missing_of(f->cgroups);
	struct probe_item *item =
		probe_add(out, "limits", _("limits"),
			  mem_fmt(_("cgroups of version %" PRId64
				    " can be made, with %s"),
				  f->cgroup_version, f->cgroups));

	if (!*missing)
		return;
	free(item->found);
	item->state = PROBE_LESS;
	item->touches = _(
		"--memory, --cpus, --pids-limit, --cpuset-cpus, --blkio-weight; update, stats and pause");
	if (f->cgroups[0])
		item->found =
			mem_fmt(_("cgroups of version %" PRId64
				  " can be made with %s, but not with %s"),
				f->cgroup_version, f->cgroups, missing);
	else if (f->cgroup_version)
		item->found = mem_fmt(
			_("this machine has cgroups of version %" PRId64
			  ", but none in which this account may make its own"),
			f->cgroup_version);
	else
		item->found =
			mem_str(_("there are no cgroups at /sys/fs/cgroup"));
	mend_limits(f, item);
}

/* ---- networks ---- */

static void judge_networks(const struct probe_facts *f,
			   struct probe_report *out)
{
	const char *what = f->netns_error    ? _("a network namespace")
			   : f->bridge_error ? _("a bridge")
					     : _("a veth pair");
	int64_t code = f->netns_error    ? f->netns_error
		       : f->bridge_error ? f->bridge_error
					 : f->veth_error;
	struct probe_item *item = probe_add(
		out, "networks", _("networks"),
		mem_str(_(
			"made: a network namespace, a bridge and a veth pair")));

	if (!code)
		return;
	free(item->found);
	item->found = mem_fmt(_("%s cannot be made: %s"), what,
			      code > 0 ? strerror((int)code) : "?");
	item->state = f->netns_error ? PROBE_NO : PROBE_LESS;
	item->touches =
		f->netns_error
			? _("run and build without --network host")
			: _("network, -p, and containers that reach each other; --network none and host work");
	if (probe_is_blocked(f))
		item->advice = mem_str(_(
			"mend what is said above first: this follows from it"));
	else if (f->netns_error == ENOSPC)
		strs_add(&item->mend,
			 "sudo sysctl -w user.max_net_namespaces=15000");
	else if (f->netns_error)
		item->advice = mem_str(_(
			"a container or sandbox around this program forbids it: leave it, or let its owner start it with --privileged"));
	else
		strs_add(&item->mend, f->bridge_error ? "sudo modprobe bridge"
						      : "sudo modprobe veth");
}

static bool way_out_is_open(const struct probe_facts *f)
{
	if (f->netns_error || f->bridge_error || f->veth_error ||
	    f->rules_error || f->forward_error)
		return false;
	return f->root || (f->way_out[0] && f->device_error == 0);
}

/* Each thing that is missing, with what brings it. */
static void say_way_out(const struct probe_facts *f, struct probe_item *item)
{
	if (f->netns_error || f->bridge_error || f->veth_error) {
		item->found = mem_str(_("there are no networks to leave"));
		item->advice = mem_str(_(
			"mend what is said above first: this follows from it"));
	} else if (f->rules_error) {
		item->found = mem_fmt(
			_("nftables refuses the rules that give packets this machine's address: %s"),
			f->rules_error > 0 ? strerror((int)f->rules_error)
					   : "?");
		strs_add(&item->mend,
			 "sudo modprobe -a nf_tables nft_masq nft_ct");
	} else if (f->forward_error) {
		item->found = mem_fmt(_("packets are not passed on: %s"),
				      strerror((int)f->forward_error));
		strs_add(&item->mend, "sudo sysctl -w net.ipv4.ip_forward=1");
	} else if (!f->way_out[0]) {
		item->found = mem_str(
			_("neither pasta nor slirp4netns is installed"));
		strs_add(&item->mend, "sudo apt install passt");
		strs_add(&item->mend, "sudo apt install slirp4netns");
		item->advice = mem_str(_(
			"one is enough; the first is quicker and in Debian 12, Ubuntu 22.10 and newer"));
	} else {
		item->found = mem_fmt(
			_("%s is there, but a device of /dev/net/tun cannot be made: %s"),
			f->way_out, strerror((int)f->device_error));
		strs_add(&item->mend, f->device_error == EACCES
					      ? "sudo chmod 666 /dev/net/tun"
					      : "sudo modprobe tun");
	}
}

static void judge_way_out(const struct probe_facts *f, struct probe_report *out)
{
	struct probe_item *item = probe_add(out, "way-out", _("way out"), NULL);

	if (way_out_is_open(f)) {
		item->found =
			f->root ? mem_str(_("nftables takes the rules for it"))
				: mem_fmt(_("%s, with a device of /dev/net/tun; nftables takes the rules"),
					  f->way_out);
		return;
	}
	item->state = PROBE_LESS;
	item->touches = _(
		"what containers fetch from the internet (RUN apt-get, wget); they reach each other all the same");
	say_way_out(f, item);
}

static void judge_ports(const struct probe_facts *f, struct probe_report *out)
{
	struct probe_item *item = probe_add(
		out, "ports", _("ports"),
		mem_str(_("all can be published, those under 1024 too")));

	if (f->low_port <= 80)
		return;
	free(item->found);
	item->found =
		mem_fmt(_("those under %" PRId64 " are root's"), f->low_port);
	item->state = PROBE_NOTE;
	item->touches = _("-p 80:80; -p 8080:80 works");
	strs_add(&item->mend,
		 "sudo sysctl -w net.ipv4.ip_unprivileged_port_start=80");
}

void probe_judge_net(const struct probe_facts *facts, struct probe_report *out)
{
	judge_networks(facts, out);
	judge_way_out(facts, out);
	judge_ports(facts, out);
}

/* ---- the terminal, and the programs of others ---- */

static void judge_terminal(const struct probe_facts *f,
			   struct probe_report *out)
{
	struct probe_item *item = probe_add(
		out, "terminal", _("terminal"),
		mem_str(f->drawing < 0
				? _("the locale is UTF-8; not on a terminal now, so nothing was drawn")
				: _("UTF-8, and lines are drawn one column wide")));

	if (f->utf8 && f->drawing != 0)
		return;
	free(item->found);
	item->state = PROBE_NOTE;
	item->touches = _("how views are drawn: with ASCII instead of lines");
	if (!f->utf8) {
		item->found = mem_str(_("the locale is not UTF-8"));
		strs_add(&item->mend, "export LC_ALL=C.UTF-8");
		return;
	}
	item->found = mem_str(
		_("it draws lines two columns wide, or does not say how"));
	item->advice = mem_str(_(
		"in its settings, let characters of ambiguous width be narrow"));
}

void probe_judge_rest(const struct probe_facts *facts, struct probe_report *out)
{
	judge_terminal(facts, out);
	(void)probe_add(
		out, "programs", _("helpers"),
		facts->programs[0]
			? mem_str(facts->programs)
			: mem_str(_(
				  "none of pasta, slirp4netns and iptables is installed")));
}
