/* shell/run_life.c - restart policy, health checks, logs: what the monitor does
 * with a container as it runs. Here they are only checked and written down. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/spec.h"
#include "shell/run_fill.h"

static int refuse(enum err_voice voice, struct err *err, const char *message)
{
	return err_docker(err, voice, EINVAL, "%s", message);
}

/* ---- --restart ---- */

static int read_policy(const char *text, char **out_name, int *out_max,
		       struct err *err)
{
	size_t len = strcspn(text, ":");
	struct err ignored = { 0 };
	int64_t count = 0;

	if (text[len] && strchr(text + len + 1, ':'))
		return refuse(ERR_BARE, err, "invalid restart policy format");
	if (text[len] &&
	    parse_int(text + len + 1, INT_MIN, INT_MAX, &count, &ignored) < 0)
		return refuse(ERR_BARE, err,
			      "maximum retry count must be an integer");
	*out_name = mem_strn(text, len);
	*out_max = (int)count;
	return 0;
}

static int check_policy(const char *name, int max, struct err *err)
{
	if (strcmp(name, "on-failure") == 0)
		return max < 0 ? refuse(ERR_DAEMON, err,
					"maximum retry count cannot be negative")
			       : 0;
	if (strcmp(name, "always") != 0 && strcmp(name, "no") != 0 &&
	    strcmp(name, "unless-stopped") != 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "invalid restart policy '%s'", name);
	if (max != 0)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"maximum retry count cannot be used with restart policy '%s'",
			name);
	return 0;
}

static int fill_restart(const struct run_opts *o, struct spec *spec,
			struct err *err)
{
	OWN_FREE char *name = NULL;
	int r;

	if (!o->restart || !*o->restart)
		return 0;
	r = read_policy(o->restart, &name, &spec->restart_max, err);
	if (r < 0 || !name)
		return r;
	if (o->remove && strcmp(name, "no") != 0)
		return refuse(ERR_BARE, err,
			      "Conflicting options: --restart and --rm");
	r = check_policy(name, spec->restart_max, err);
	if (r == 0)
		spec->restart_policy = own_give_ptr(&name);
	return r;
}

/* ---- --health-* ---- */

static int fill_duration(const char *option, const char *in_healthcheck,
			 const char *text, int64_t *out, struct err *err)
{
	if (!text || parse_duration(text, out, err) < 0)
		return 0; /* it was looked at when it was read */
	if (*out < 0)
		return err_docker(err, ERR_BARE, EINVAL,
				  "--health-%s cannot be negative", option);
	if (*out && *out < 1000000)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "%s in Healthcheck cannot be less than 1ms",
				  in_healthcheck);
	return 0;
}

static int fill_health(const struct run_health *o, struct spec *spec,
		       struct err *err)
{
	bool any = (o->cmd && *o->cmd) || o->interval || o->timeout ||
		   o->start_period || o->retries.value;
	int r;

	if (o->none && any)
		return refuse(
			ERR_BARE, err,
			"--no-healthcheck conflicts with --health-* options");
	if (o->none)
		strs_add(&spec->health_test, "NONE");
	if (o->cmd && *o->cmd) {
		strs_add(&spec->health_test, "CMD-SHELL");
		strs_add(&spec->health_test, o->cmd);
	}
	r = fill_duration("interval", "Interval", o->interval,
			  &spec->health_interval_ns, err);
	if (r == 0)
		r = fill_duration("timeout", "Timeout", o->timeout,
				  &spec->health_timeout_ns, err);
	if (r == 0 && o->retries.value < 0)
		r = refuse(ERR_BARE, err,
			   "--health-retries cannot be negative");
	if (r == 0)
		r = fill_duration("start-period", "StartPeriod",
				  o->start_period,
				  &spec->health_start_period_ns, err);
	spec->health_retries = (int)o->retries.value;
	return r;
}

/* ---- --log-driver, --log-opt ---- */

static int cannot_log(const char *why, struct err *err)
{
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "failed to initialize logging driver: %s", why);
}

static int fill_log_opt(const char *option, const char *driver,
			struct spec *spec, struct err *err)
{
	OWN_FREE char *key = mem_strn(option, strcspn(option, "="));
	const char *value = strchr(option, '=') ? strchr(option, '=') + 1 : "";
	struct err why = { 0 };
	int64_t files = 0;

	strs_add(&spec->log_opts, option);
	if ((strcmp(key, "labels") == 0 || strcmp(key, "env") == 0) &&
	    strcmp(driver, "none") != 0)
		return 0; /* the log's writer looks them up */
	if (strcmp(key, "max-size") == 0 && strcmp(driver, "none") != 0) {
		if (parse_bytes_decimal(value, &spec->log_max_bytes, &why) < 0)
			return cannot_log(why.msg, err);
		if (spec->log_max_bytes <= 0)
			return cannot_log("max-size must be a positive number",
					  err);
		return 0;
	}
	if (strcmp(key, "max-file") == 0 && strcmp(driver, "none") != 0) {
		if (parse_int(value, INT_MIN, INT_MAX, &files, &why) < 0)
			return err_docker(
				err, ERR_DAEMON, EINVAL,
				"failed to initialize logging driver: strconv.Atoi: parsing \"%s\": invalid syntax",
				value);
		if (files < 1)
			return cannot_log("max-file cannot be less than 1",
					  err);
		spec->log_max_files = (int)files;
		return 0;
	}
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "unknown log opt '%s' for %s log driver", key,
			  driver);
}

/* Docker's other drivers send the output to programs that are not here. */
static int check_driver(const char *name, struct err *err)
{
	static const char *const others[] = {
		"local",   "syslog", "journald", "gelf",    "fluentd",
		"awslogs", "splunk", "etwlogs",  "gcplogs", "logentries",
	};

	if (strcmp(name, "json-file") == 0 || strcmp(name, "none") == 0)
		return 0;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i], name) == 0)
			return err_set(
				err, ENOTSUP,
				_("the log driver '%s' is Docker's, but not ours: output is kept beside the container (json-file) or not at all (none)"),
				name);
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "error looking up logging plugin %s: plugin \"%s\" not found",
			  name, name);
}

static int fill_log(const struct run_opts *o, struct spec *spec,
		    struct err *err)
{
	const char *driver =
		o->log_driver && *o->log_driver ? o->log_driver : "json-file";
	int r = check_driver(driver, err);

	if (r == 0 && strcmp(driver, "none") == 0) {
		spec->log_driver = mem_str(driver);
		if (o->log_opts.count)
			return refuse(ERR_BARE, err,
				      "invalid logging opts for driver none");
	}
	for (size_t i = 0; i < o->log_opts.count && r == 0; i++)
		r = fill_log_opt(o->log_opts.items[i], driver, spec, err);
	return r;
}

int run_fill_life(const struct run_opts *o, struct spec *spec, struct err *err)
{
	int r = fill_restart(o, spec, err);

	if (r == 0)
		r = fill_health(&o->health, spec, err);
	if (r == 0)
		r = fill_log(o, spec, err);
	return r;
}
