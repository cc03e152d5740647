/* shell/run_checks.c - see run_checks.h */
#include "shell/run_checks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/mount_spec.h"
#include "runtime/rlimits.h"

int run_check_stream(const char *value, struct err *err)
{
	if (strcasecmp(value, "stdin") == 0 ||
	    strcasecmp(value, "stdout") == 0 ||
	    strcasecmp(value, "stderr") == 0)
		return 0;
	return err_docker(err, ERR_BARE, EINVAL,
			  "valid streams are STDIN, STDOUT and STDERR");
}

int run_check_env(const char *value, struct err *err)
{
	if (value[0] && value[0] != '=')
		return 0;
	return err_docker(err, ERR_BARE, EINVAL,
			  "invalid environment variable: %s", value);
}

int run_check_label(const char *value, struct err *err)
{
	static const char blanks[] = " \t\n\v\f\r";
	const char *start = value + strspn(value, blanks);
	OWN_FREE char *name = mem_strn(start, strcspn(start, "="));

	if (!*name)
		return err_docker(err, ERR_BARE, EINVAL,
				  "invalid label '%s': empty name", value);
	if (strpbrk(name, blanks))
		return err_docker(err, ERR_BARE, EINVAL,
				  "label '%s' contains whitespaces", name);
	return 0;
}

static bool is_address(const char *text)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, bytes) == 1 ||
	       inet_pton(AF_INET6, text, bytes) == 1;
}

int run_check_address(const char *value, struct err *err)
{
	if (is_address(value))
		return 0;
	return err_docker(err, ERR_BARE, EINVAL, "%s is not an ip address",
			  value);
}

int run_check_host(const char *value, struct err *err)
{
	const char *colon = strchr(value, ':');

	if (!colon || colon == value)
		return err_docker(err, ERR_BARE, EINVAL,
				  "bad format for add-host: \"%s\"", value);
	if (strcmp(colon + 1, "host-gateway") != 0 && !is_address(colon + 1))
		return err_docker(err, ERR_BARE, EINVAL,
				  "invalid IP address in add-host: \"%s\"",
				  colon + 1);
	return 0;
}

/* Labels of letters, digits, '-' and '_', with dots between; "." is none. */
int run_check_domain(const char *value, struct err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t len = strlen(value);

	if (strcmp(value, ".") == 0)
		return 0;
	if (len > 0 && len < 255 && value[0] != '.' && value[0] != '-' &&
	    !strstr(value, "..") && strspn(value, allowed) == len &&
	    strspn(value, "0123456789.") != len)
		return 0;
	return err_docker(err, ERR_BARE, EINVAL, "%s is not a valid domain",
			  value);
}

int run_check_mount(const char *value, struct err *err)
{
	OWN_MOUNT_SPEC struct mount_spec mount = { 0 };

	return mount_spec_parse(value, &mount, err);
}

/* "/dev/x[:/dev/y][:rwm]". */
int run_check_device(const char *value, struct err *err)
{
	OWN_STRS struct strs parts = { 0 };
	const char *mode = NULL;

	strs_split(&parts, value, ':');
	if (parts.count == 0 || parts.count > 3)
		return err_docker(err, ERR_BARE, EINVAL,
				  "bad format for path: %s", value);
	if (parts.count == 3)
		mode = parts.items[2];
	else if (parts.count == 2 && parts.items[1][0] != '/')
		mode = parts.items[1];
	if (mode && (!*mode || strspn(mode, "rwm") != strlen(mode)))
		return err_docker(err, ERR_BARE, EINVAL,
				  "bad mode specified: %s", mode);
	if (parts.items[0][0] != '/')
		return err_docker(err, ERR_BARE, EINVAL,
				  "%s is not an absolute path", parts.items[0]);
	return 0;
}

int run_check_duration(const char *value, struct err *err)
{
	int64_t ns;

	return parse_duration(value, &ns, err);
}

int run_check_cpus(const char *value, struct err *err)
{
	int64_t nano;

	return parse_nano(value, &nano, err);
}

int run_check_swap(const char *value, struct err *err)
{
	int64_t bytes;

	return strcmp(value, "-1") == 0 ? 0 : parse_bytes(value, &bytes, err);
}

int run_check_ulimit(const char *value, struct err *err)
{
	struct rlimit_wish wish;

	return rlimits_parse(value, &wish, err);
}
