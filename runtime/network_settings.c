/* runtime/network_settings.c - the settings of a network's driver; see network.h
 *
 * Source: libnetwork's drivers/bridge (parseNetworkGenericOptions), Go's strconv. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/parse.h"
#include "runtime/network.h"
#include "runtime/subnet.h"

enum { MTU_LEAST = 68, MTU_MOST = 65535 };

/* Go's strconv.ParseBool. */
static bool read_bool(const char *text, bool *out)
{
	static const char *const words[] = { "1", "t", "T", "TRUE", "true",
					     "True", "0", "f", "F", "FALSE",
					     "false", "False" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], text) == 0) {
			*out = i < 6;
			return true;
		}
	return false;
}

static bool read_number(const char *text, int64_t *out)
{
	struct err ignored = { 0 };

	return parse_int(text, INT32_MIN, INT32_MAX, out, &ignored) == 0;
}

bool network_setting(const struct network *network, const char *name,
		     bool usual)
{
	const char *text = strs_get_env(&network->options, name);
	bool set = usual;

	return text && read_bool(text, &set) ? set : usual;
}

int network_mtu(const struct network *network)
{
	const char *text = strs_get_env(&network->options, NETWORK_MTU);
	int64_t mtu = 0;

	/* One that no link can have is none. */
	if (!text || !read_number(text, &mtu) || mtu < MTU_LEAST ||
	    mtu > MTU_MOST)
		return 0;
	return (int)mtu;
}

const char *network_binding(const struct network *network)
{
	const char *text = strs_get_env(&network->options, NETWORK_BINDING);

	/* The daemon's own: its other half is "::", and is published at too. */
	return text && strcmp(text, "0.0.0.0") != 0 ? text : "";
}

static int refused(struct err *err, const char *name, const char *text,
		   const char *go)
{
	return err_docker(
		err, ERR_DAEMON, EINVAL,
		"failed to parse %s value: %s (strconv.%s: parsing \"%s\": invalid syntax)",
		name, text, go, text);
}

int network_check_settings(const struct network *network, struct err *err)
{
	static const char *const switches[] = { NETWORK_TALK,
						NETWORK_MASQUERADE };
	const char *text = strs_get_env(&network->options, NETWORK_MTU);
	struct address address;
	int64_t number;
	bool set;

	if (text && !read_number(text, &number))
		return refused(err, NETWORK_MTU, text, "Atoi");
	if (text && number < 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "invalid MTU number: %d", (int)number);
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		text = strs_get_env(&network->options, switches[i]);
		if (text && !read_bool(text, &set))
			return refused(err, switches[i], text, "ParseBool");
	}
	text = strs_get_env(&network->options, NETWORK_BINDING);
	if (text && !address_parse(text, &address))
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "failed to parse " NETWORK_BINDING
				  " value: %s (nil ip)",
				  text);
	return 0;
}
