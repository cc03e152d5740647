/* runtime/rlimits.c - see rlimits.h */
#include "runtime/rlimits.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/base/trace.h"

static const struct {
	const char *name;
	int resource;
} known[] = {
	{ "core", RLIMIT_CORE },         { "cpu", RLIMIT_CPU },
	{ "data", RLIMIT_DATA },         { "fsize", RLIMIT_FSIZE },
	{ "locks", RLIMIT_LOCKS },       { "memlock", RLIMIT_MEMLOCK },
	{ "msgqueue", RLIMIT_MSGQUEUE }, { "nice", RLIMIT_NICE },
	{ "nofile", RLIMIT_NOFILE },     { "nproc", RLIMIT_NPROC },
	{ "rss", RLIMIT_RSS },           { "rtprio", RLIMIT_RTPRIO },
	{ "rttime", RLIMIT_RTTIME },     { "sigpending", RLIMIT_SIGPENDING },
	{ "stack", RLIMIT_STACK },
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static int read_number(const char *text, int64_t *out, struct err *err)
{
	struct err why = { 0 };

	if (parse_int(text, INT64_MIN, INT64_MAX, out, &why) == 0)
		return 0;
	return err_docker(err, ERR_BARE, EINVAL,
			  "strconv.ParseInt: parsing \"%s\": %s", text,
			  why.code == ERANGE ? "value out of range"
					     : "invalid syntax");
}

static int read_values(const char *text, int64_t *soft, int64_t *hard,
		       struct err *err)
{
	const char *colon = strchr(text, ':');
	OWN_FREE char *first = mem_strn(text, strcspn(text, ":"));
	int r = 0;

	if (colon && strchr(colon + 1, ':'))
		return err_docker(
			err, ERR_BARE, EINVAL,
			"too many limit value arguments - %s, can only have up to two, `soft[:hard]`",
			text);
	if (colon)
		r = read_number(colon + 1, hard, err);
	if (r == 0)
		r = read_number(first, soft, err);
	if (r < 0)
		return r;
	if (!colon)
		*hard = *soft;
	if (*hard == -1)
		return 0;
	if (*soft == -1)
		return err_docker(
			err, ERR_BARE, EINVAL,
			"ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: %" PRId64,
			*hard);
	if (*soft > *hard)
		return err_docker(
			err, ERR_BARE, EINVAL,
			"ulimit soft limit must be less than or equal to hard limit: %" PRId64
			" > %" PRId64,
			*soft, *hard);
	return 0;
}

int rlimits_parse(const char *text, struct rlimit_wish *out, struct err *err)
{
	size_t len = strcspn(text, "=");
	int64_t soft = 0;
	int64_t hard = 0;
	size_t i = 0;
	int r;

	if (!text[len])
		return err_docker(err, ERR_BARE, EINVAL,
				  "invalid ulimit argument: %s", text);
	while (i < KNOWN && (strlen(known[i].name) != len ||
			     strncmp(known[i].name, text, len) != 0))
		i++;
	if (i == KNOWN)
		return err_docker(err, ERR_BARE, EINVAL,
				  "invalid ulimit type: %.*s", (int)len, text);
	r = read_values(text + len + 1, &soft, &hard, err);
	if (r < 0)
		return r;
	/* -1 and RLIM_INFINITY are the same bits. */
	*out = (struct rlimit_wish){
		.name = known[i].name,
		.resource = known[i].resource,
		.value = { (rlim_t)soft, (rlim_t)hard },
	};
	return 0;
}

static int set_one(const struct rlimit_wish *wish, struct err *err)
{
	struct rlimit now = { 0 };
	int code;

	if (TRACED(TRACE_RLIMIT,
		   setrlimit((__rlimit_resource_t)wish->resource, &wish->value),
		   "prlimit64(0, %d, {rlim_cur=%lld, rlim_max=%lld}, NULL)",
		   wish->resource, (long long)wish->value.rlim_cur,
		   (long long)wish->value.rlim_max) == 0)
		return 0;
	code = errno;
	(void)getrlimit((__rlimit_resource_t)wish->resource, &now);
	err_docker(
		err, ERR_DAEMON, code,
		"failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error setting rlimits for ready process: error setting rlimit type %d: %s: unknown",
		wish->resource,
		code == EPERM ? "operation not permitted" : strerror(code));
	if (code == EPERM)
		(void)err_hint(
			err,
			_("the hard limit '%s' is %lld here, and only CAP_SYS_RESOURCE on the machine may raise it: ask for no more"),
			wish->name, (long long)now.rlim_max);
	return err_status(err, 125);
}

int rlimits_set(const struct strs *ulimits, struct err *err)
{
	for (size_t i = 0; i < ulimits->count; i++) {
		struct rlimit_wish wish = { 0 };
		int r = rlimits_parse(ulimits->items[i], &wish, err);

		if (r == 0)
			r = set_one(&wish, err);
		if (r < 0)
			return r;
	}
	return 0;
}
