/* shell/run_net.c - see run_net.h
 *
 * A link is two things. On a network of one's own it is one more name for another
 * container, which only this one knows: kept as "NAME:ALIAS" and looked up when it
 * is asked for. On the usual network, where nobody has a name, it is lines in
 * /etc/hosts and variables in the environment, made at the start of what the other
 * container then is: kept as "<id>:ALIAS". */
#include "shell/run_net.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/endpoint.h"
#include "runtime/namespaces.h"
#include "runtime/network.h"
#include "runtime/spec.h"
#include "runtime/subnet.h"
#include "shell/cmd.h"
#include "shell/run_checks.h"
#include "shell/run_opts.h"

/* ---- values of options ---- */

int run_check_link(const char *value, struct err *err)
{
	const char *colon = strchr(value, ':');

	if (!*value)
		return err_docker(err, ERR_BARE, EINVAL,
				  "empty string specified for links");
	if (colon && strchr(colon + 1, ':'))
		return err_docker(err, ERR_BARE, EINVAL,
				  "bad format for links: %s", value);
	return 0;
}

void run_add_link(const char *given, struct strs *out)
{
	const char *colon = strchr(given, ':');
	const char *slash = colon ? strrchr(colon, '/') : NULL;

	if (!colon)
		strs_addf(out, "%s:%s", given, given);
	else if (given[0] == '/' && slash) /* as inspect shows it: /web:/me/www */
		strs_addf(out, "%.*s:%s", (int)(colon - given - 1), given + 1,
			  slash + 1);
	else
		strs_add(out, given);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Docker's question whether fields were meant: \w=\w somewhere in it. */
static bool is_long_form(const char *value)
{
	for (const char *p = strchr(value, '='); p; p = strchr(p + 1, '='))
		if (p > value && is_word(p[-1]) && is_word(p[1]))
			return true;
	return false;
}

static char *trimmed(const char *text, size_t len)
{
	while (len && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	return mem_strn(text, len);
}

static void set_text(char **to, char *given)
{
	free(*to);
	*to = given;
}

static int read_field(const char *field, struct endpoint *out, struct err *err)
{
	size_t len = strcspn(field, "=");
	OWN_FREE char *key = trimmed(field, len);
	OWN_FREE char *value = NULL;

	if (!field[len] || len == 0)
		return err_docker(err, ERR_BARE, EINVAL, "invalid field %s",
				  field);
	value = trimmed(field + len + 1, strlen(field + len + 1));
	if (strcmp(key, "name") == 0)
		set_text(&out->network, own_give_ptr(&value));
	else if (strcmp(key, "alias") == 0)
		strs_add(&out->aliases, value);
	else if (strcmp(key, "ip") == 0)
		set_text(&out->want_ip, own_give_ptr(&value));
	else if (strcmp(key, "ip6") == 0)
		set_text(&out->want_ip6, own_give_ptr(&value));
	else if (strcmp(key, "mac-address") == 0)
		set_text(&out->want_mac, own_give_ptr(&value));
	else if (strcmp(key, "driver-opt") != 0)
		return err_docker(err, ERR_BARE, EINVAL,
				  "invalid field key %s", key);
	else if (!strchr(value, '=') || value[0] == '=')
		return err_docker(
			err, ERR_BARE, EINVAL,
			"invalid key value pair format in driver options");
	return 0;
}

/* One value of --network: a name, or "name=x,alias=y,ip=z". */
static int read_network(const char *value, struct endpoint *out,
			struct err *err)
{
	OWN_STRS struct strs fields = { 0 };
	int r = 0;

	if (!is_long_form(value)) {
		out->network = mem_str(value);
		return 0;
	}
	strs_split(&fields, value, ',');
	for (size_t i = 0; i < fields.count && r == 0; i++)
		r = read_field(fields.items[i], out, err);
	if (r == 0 && (!out->network || !*out->network))
		return err_docker(err, ERR_BARE, EINVAL,
				  "network name/id is not specified");
	return r;
}

int run_check_network(const char *value, struct err *err)
{
	struct endpoint read = { 0 };
	int r = read_network(value, &read, err);

	endpoint_done(&read);
	return r;
}

char *run_first_network(const struct run_opts *o)
{
	struct endpoint first = { 0 };
	struct err ignored = { 0 }; /* the value was checked */
	char *name;

	if (o->net.networks.count)
		(void)read_network(o->net.networks.items[0], &first, &ignored);
	name = mem_str(first.network ? first.network : "");
	endpoint_done(&first);
	return name;
}

/* ---- the client's part ---- */

static bool is_own(const char *network)
{
	return strcmp(network, "default") != 0 &&
	       strcmp(network, "bridge") != 0 &&
	       strcmp(network, "none") != 0 && strcmp(network, "host") != 0 &&
	       !namespaces_donor(network) && strcmp(network, "container") != 0;
}

/* The options without a network's name in them are about the first one. */
static int apply(const struct run_net *net, struct endpoint *e,
		 struct err *err)
{
	const char *what = e->aliases.count && net->aliases.count ?
				   "--network-alias and per-network alias" :
			   e->want_ip && net->ip ?
				   "--ip and per-network IPv4 address" :
			   e->want_ip6 && net->ip6 ?
				   "--ip6 and per-network IPv6 address" :
			   e->want_mac && net->mac ?
				   "--mac-address and per-network MAC address" :
				   NULL;

	if (what)
		return err_docker(
			err, ERR_BARE, EINVAL,
			"conflicting options: cannot specify both %s", what);
	strs_copy(&e->aliases, &net->aliases);
	for (size_t i = 0; i < net->links.count; i++)
		run_add_link(net->links.items[i], &e->links);
	if (net->ip && *net->ip)
		set_text(&e->want_ip, mem_str(net->ip));
	if (net->ip6 && *net->ip6)
		set_text(&e->want_ip6, mem_str(net->ip6));
	return 0;
}

static int check_endpoint(const struct endpoint *e, struct err *err)
{
	if (!e->network[strspn(e->network, " \t")])
		return err_docker(err, ERR_BARE, EINVAL,
				  "no name set for network");
	if (!is_own(e->network) && e->aliases.count)
		return err_docker(
			err, ERR_BARE, EINVAL,
			"network-scoped aliases are only supported for user-defined networks");
	if (!is_own(e->network) && e->links.count)
		return err_docker(
			err, ERR_BARE, EINVAL,
			"links are only supported for user-defined networks");
	return 0;
}

static int add_network(const struct run_net *net, size_t index,
		       struct endpoints *out, struct err *err)
{
	struct endpoint read = { 0 };
	int r = read_network(net->networks.items[index], &read, err);

	if (r == 0 && index == 0)
		r = apply(net, &read, err);
	if (r == 0)
		r = check_endpoint(&read, err);
	if (r == 0 && endpoints_find(out, read.network))
		r = err_docker(err, ERR_BARE, EINVAL,
			       "network \"%s\" is specified multiple times",
			       read.network);
	if (r == 0)
		endpoint_copy(endpoints_add(out, NULL), &read);
	endpoint_done(&read);
	return r;
}

/* ---- the daemon's part ---- */

/* What is to be an address is one, and of a network that gives out such. */
static int check_wishes(const struct endpoint *e, struct err *err)
{
	struct address address;
	bool lonely = strcmp(e->network, "host") == 0 ||
		      strcmp(e->network, "none") == 0;
	const char *const wishes[] = { e->want_ip, e->want_ip6 };

	for (int i = 0; i < 2; i++) {
		if (!wishes[i])
			continue;
		if (!address_parse(wishes[i], &address) ||
		    address.family != (i ? AF_INET6 : AF_INET))
			return err_docker(err, ERR_DAEMON, EINVAL,
					  "invalid IPv%d address: %s",
					  i ? 6 : 4, wishes[i]);
		if (lonely)
			return err_docker(
				err, ERR_DAEMON, EINVAL,
				"user specified IP address is supported on user defined networks only");
	}
	return 0;
}

/* "aa:bb:cc:dd:ee:ff", with ':' or '-' between. */
static bool is_mac(const char *text)
{
	char between = text[2];

	if (strlen(text) != 17 || (between != ':' && between != '-'))
		return false;
	for (size_t i = 0; i < 17; i++)
		if (i % 3 == 2 ? text[i] != between :
				 !isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* The usual network has an entry only where something is wished of it. */
static struct endpoint *usual(struct spec *spec)
{
	struct endpoint *e = endpoints_find(&spec->networks, "bridge");

	return e ? e : endpoints_add(&spec->networks, "bridge");
}

static int set_mac(const struct run_net *net, struct spec *spec,
		   struct err *err)
{
	struct endpoint *e;

	if (!net->mac || !*net->mac)
		return 0;
	if (!is_mac(net->mac))
		return err_docker(err, ERR_BARE, EINVAL,
				  "%s is not a valid mac address", net->mac);
	if (!spec_is_networked(spec))
		return 0;
	e = spec->networks.count ? &spec->networks.items[0] : usual(spec);
	set_text(&e->want_mac, mem_str(net->mac));
	return 0;
}

/* The other end of a link: whose network it is on, where that is another's. */
static int find_linked(struct shell *shell, const char *name,
		       struct container *out, struct err *err)
{
	struct err why = { 0 };
	OWN_FREE char *next = mem_str(name);
	const char *donor;
	int r;

	do {
		container_done(out);
		r = container_find(shell->home, next, out, &why);
		donor = r == 0 && out->spec.network_mode ?
				namespaces_donor(out->spec.network_mode) :
				NULL;
		if (donor)
			set_text(&next, mem_str(donor));
	} while (donor);
	if (r < 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "could not get container for %s: %s", name,
				  why.msg);
	if (namespaces_is_host(out->spec.network_mode))
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"conflicting options: host type networking can't be used with links. This would result in undefined behavior");
	return 0;
}

static int add_usual_links(struct shell *shell, const struct run_net *net,
			   struct spec *spec, struct err *err)
{
	OWN_STRS struct strs links = { 0 };
	int r = 0;

	for (size_t i = 0; i < net->links.count; i++)
		run_add_link(net->links.items[i], &links);
	for (size_t i = 0; i < links.count && r == 0; i++) {
		OWN_CONTAINER struct container other = { 0 };
		const char *colon = strchr(links.items[i], ':');
		OWN_FREE char *name =
			mem_strn(links.items[i],
				 (size_t)(colon - links.items[i]));

		r = find_linked(shell, name, &other, err);
		if (r == 0)
			strs_addf(&usual(spec)->links, "%s%s", other.spec.id,
				  colon);
	}
	return r;
}

/* A network's own name, where its id was given; one that is not there is the start's
 * to complain of, as in Docker. */
static void name_networks(struct shell *shell, struct spec *spec)
{
	for (size_t i = 0; i < spec->networks.count; i++) {
		struct endpoint *e = &spec->networks.items[i];
		OWN_NETWORK struct network network = { 0 };
		struct err ignored = { 0 };

		if (is_own(e->network) &&
		    network_find(shell->home, e->network, &network, &ignored) ==
			    0)
			set_text(&e->network, mem_str(network.name));
	}
}

static int set_mode(struct shell *shell, struct spec *spec, struct err *err)
{
	const char *mode = spec->networks.items[0].network;
	const char *donor = namespaces_donor(mode);
	OWN_CONTAINER struct container c = { 0 };
	int r;

	if (strcmp(mode, "default") == 0)
		return 0;
	if (strcmp(mode, "container") == 0 || (donor && !*donor))
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"Invalid network mode: invalid container format container:<name|id>");
	if (!donor) {
		spec->network_mode = mem_str(mode);
		return 0;
	}
	r = container_find(shell->home, donor, &c, err);
	if (r < 0) {
		err->voice = ERR_DAEMON;
		return r;
	}
	spec->network_mode = mem_fmt("container:%s", c.spec.id);
	return 0;
}

/* Of the built-in networks only a wish is kept. */
static void drop_built_in(struct spec *spec)
{
	struct endpoint *e = &spec->networks.items[0];

	if (is_own(e->network))
		return;
	if (spec_is_networked(spec) && (e->want_ip || e->want_ip6 || e->want_mac))
		set_text(&e->network, mem_str("bridge"));
	else
		endpoints_done(&spec->networks);
}

int run_fill_network(struct shell *shell, const struct run_opts *o,
		     struct spec *spec, struct err *err)
{
	const struct run_net *net = &o->net;
	size_t own = 0;
	int r = 0;

	for (size_t i = 0; i < net->networks.count && r == 0; i++)
		r = add_network(net, i, &spec->networks, err);
	for (size_t i = 0; i < spec->networks.count; i++)
		own += is_own(spec->networks.items[i].network);
	if (r == 0 && own && own < spec->networks.count)
		r = err_docker(
			err, ERR_BARE, EINVAL,
			"conflicting options: cannot attach both user-defined and non-user-defined network-modes");
	if (r == 0 && !own && spec->networks.count > 1)
		r = err_docker(
			err, ERR_DAEMON, EINVAL,
			"Container cannot be connected to network endpoints: %s, %s",
			spec->networks.items[0].network,
			spec->networks.items[1].network);
	for (size_t i = 0; i < spec->networks.count && r == 0; i++)
		r = check_wishes(&spec->networks.items[i], err);
	if (r == 0 && spec->networks.count)
		r = set_mode(shell, spec, err);
	if (r < 0)
		return r;
	if (spec->networks.count)
		drop_built_in(spec);
	if (net->networks.count == 0)
		r = add_usual_links(shell, net, spec, err);
	name_networks(shell, spec);
	return r == 0 ? set_mac(net, spec, err) : r;
}
