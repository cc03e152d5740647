/* shell/inspect.c - see inspect.h */
#include "shell/inspect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/report.h"
#include "shell/shown.h"
#include "shell/template.h"

/* Fields that are no plain structs, wherever they stand, and those that are left
 * out while empty. Source: Docker's api/types, as of 20.10. */
static const struct template_type types[] = {
	/* containers */
	{ "Args", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "ExecIDs", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "Mounts", TEMPLATE_LIST, TEMPLATE_STRUCT, false, true },
	{ "Health", TEMPLATE_POINTER, TEMPLATE_STRUCT, true },
	{ "Log", TEMPLATE_LIST, TEMPLATE_POINTER, false },
	{ "SizeRw", TEMPLATE_POINTER, TEMPLATE_POINTER, true },
	{ "SizeRootFs", TEMPLATE_POINTER, TEMPLATE_POINTER, true },
	{ "Name", TEMPLATE_TEXT, TEMPLATE_TEXT, false, true },
	{ "Driver", TEMPLATE_TEXT, TEMPLATE_TEXT, false, true },
	{ "Data", TEMPLATE_MAP, TEMPLATE_TEXT, false },
	/* Config */
	{ "ExposedPorts", TEMPLATE_MAP, TEMPLATE_STRUCT, true },
	{ "Env", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "Cmd", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "Healthcheck", TEMPLATE_POINTER, TEMPLATE_STRUCT, true },
	{ "Test", TEMPLATE_LIST, TEMPLATE_TEXT, true },
	{ "Interval", TEMPLATE_DURATION, TEMPLATE_TEXT, true },
	{ "Timeout", TEMPLATE_DURATION, TEMPLATE_TEXT, true },
	{ "StartPeriod", TEMPLATE_DURATION, TEMPLATE_TEXT, true },
	{ "Retries", TEMPLATE_TEXT, TEMPLATE_TEXT, true },
	{ "ArgsEscaped", TEMPLATE_TEXT, TEMPLATE_TEXT, true },
	{ "Volumes", TEMPLATE_MAP, TEMPLATE_STRUCT, false },
	{ "Entrypoint", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "NetworkDisabled", TEMPLATE_TEXT, TEMPLATE_TEXT, true },
	{ "MacAddress", TEMPLATE_TEXT, TEMPLATE_TEXT, false, true },
	{ "OnBuild", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "Labels", TEMPLATE_MAP, TEMPLATE_TEXT, false },
	{ "StopSignal", TEMPLATE_TEXT, TEMPLATE_TEXT, true },
	{ "StopTimeout", TEMPLATE_POINTER, TEMPLATE_POINTER, true },
	{ "Shell", TEMPLATE_LIST, TEMPLATE_TEXT, true },
	/* HostConfig */
	{ "LogConfig", TEMPLATE_STRUCT, TEMPLATE_STRUCT, false },
	{ "LogConfig.Config", TEMPLATE_MAP, TEMPLATE_TEXT, false },
	{ "Binds", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "PortBindings", TEMPLATE_MAP, TEMPLATE_LIST, false },
	{ "VolumesFrom", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "CapAdd", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "CapDrop", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "Dns", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "DnsOptions", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "DnsSearch", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "ExtraHosts", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "GroupAdd", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "Links", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "SecurityOpt", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "StorageOpt", TEMPLATE_MAP, TEMPLATE_TEXT, true },
	{ "Tmpfs", TEMPLATE_MAP, TEMPLATE_TEXT, true },
	{ "Sysctls", TEMPLATE_MAP, TEMPLATE_TEXT, true },
	{ "BlkioWeightDevice", TEMPLATE_LIST, TEMPLATE_POINTER, false },
	{ "BlkioDeviceReadBps", TEMPLATE_LIST, TEMPLATE_POINTER, false },
	{ "BlkioDeviceWriteBps", TEMPLATE_LIST, TEMPLATE_POINTER, false },
	{ "BlkioDeviceReadIOps", TEMPLATE_LIST, TEMPLATE_POINTER, false },
	{ "BlkioDeviceWriteIOps", TEMPLATE_LIST, TEMPLATE_POINTER, false },
	{ "Devices", TEMPLATE_LIST, TEMPLATE_STRUCT, false },
	{ "DeviceCgroupRules", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "DeviceRequests", TEMPLATE_LIST, TEMPLATE_STRUCT, false },
	{ "Ulimits", TEMPLATE_LIST, TEMPLATE_POINTER, false },
	{ "MaskedPaths", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "ReadonlyPaths", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "Init", TEMPLATE_POINTER, TEMPLATE_POINTER, true },
	/* NetworkSettings, networks, volumes */
	{ "Ports", TEMPLATE_MAP, TEMPLATE_LIST, false },
	{ "SecondaryIPAddresses", TEMPLATE_LIST, TEMPLATE_STRUCT, false },
	{ "SecondaryIPv6Addresses", TEMPLATE_LIST, TEMPLATE_STRUCT, false },
	{ "Networks", TEMPLATE_MAP, TEMPLATE_POINTER, false },
	{ "Aliases", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "DriverOpts", TEMPLATE_MAP, TEMPLATE_TEXT, false },
	{ "Containers", TEMPLATE_MAP, TEMPLATE_STRUCT, false },
	{ "Options", TEMPLATE_MAP, TEMPLATE_TEXT, false },
	{ "IPAMConfig", TEMPLATE_POINTER, TEMPLATE_STRUCT, false },
	{ "IPRange", TEMPLATE_TEXT, TEMPLATE_TEXT, true },
	{ "AuxiliaryAddresses", TEMPLATE_MAP, TEMPLATE_TEXT, true },
	/* images */
	{ "RepoTags", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "RepoDigests", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "Variant", TEMPLATE_TEXT, TEMPLATE_TEXT, true },
	{ "Layers", TEMPLATE_LIST, TEMPLATE_TEXT, true },
	{ NULL },
};

const struct template_look inspect_look = { .types = types };

/* ---- one thing with -f ---- */

/* Docker runs the template on its own types first. Where that fails, on the JSON
 * behind them, in which an object is a map and a key that is not there a failure:
 * what is said of the second failure is what one gets to read. */
static int show(const struct template *template, json_t *json, struct buf *out,
		struct err *err)
{
	const struct template_look raw = { .types = types, .raw = true };
	struct err first = { 0 };
	size_t before = out->len;
	int r = template_run(template, &inspect_look, json, out, &first);

	if (r < 0) {
		out->len = before;
		r = template_run(template, &raw, json, out, err);
	}
	if (r < 0) {
		out->len = before;
		if (err->code == EFBIG)
			return r; /* a bound of ours */
		return err_wrap(err, "template parsing error");
	}
	buf_char(out, '\n');
	return 0;
}

/* ---- all of them ---- */

/* failures  what is said after the things that were found */
struct inspection {
	struct shell *shell;
	struct template *template;
	json_t *found;
	struct buf lines;
	struct err *failures;
	size_t failure_count;
};

static void add_failure(struct inspection *in, struct err *err)
{
	in->failures = mem_grow(in->failures, in->failure_count + 1,
				sizeof(*in->failures));
	in->failures[in->failure_count++] = *err;
}

static void inspect_one(struct inspection *in, const char *name,
			const struct inspect_how *how)
{
	json_t *json = NULL;
	struct err err = { 0 };
	int r = how->find(in->shell, name, how->arg, &json, &err);

	if (r == 0 && in->template)
		r = show(in->template, json, &in->lines, &err);
	else if (r == 0)
		json_array_append(in->found, json);
	json_decref(json);
	if (r < 0)
		add_failure(in, &err);
}

static int finish(struct inspection *in, const char *format)
{
	OWN_BUF struct buf text = { 0 };
	size_t failed = in->failure_count;
	json_t *one;
	size_t i;

	if (in->template)
		buf_str(&text, in->lines.len ? buf_text(&in->lines) : "\n");
	else
		template_json(in->found, &inspect_look, format ? "" : "    ",
			      false, &text);
	if (!in->template && in->shell->plain) {
		json_array_foreach(in->found, i, one)
			shown_row(in->shell, json_incref(one));
	} else {
		fputs(buf_text(&text), in->shell->out);
	}
	if (!in->template && !in->shell->plain)
		fputc('\n', in->shell->out);
	fflush(in->shell->out);
	for (i = 0; i < failed; i++)
		report_failure(in->shell, NULL, NULL, &in->failures[i]);
	free(in->failures);
	buf_done(&in->lines);
	json_decref(in->found);
	template_free(in->template);
	return failed ? 1 : 0;
}

int inspect_run(struct shell *shell, const struct args *args,
		const struct inspect_how *how, struct err *err)
{
	struct inspection in = { .shell = shell };
	const char *format = how->format && *how->format ? how->format : NULL;

	if (format && strcmp(format, "json") != 0 &&
	    template_parse(format, &in.template, err) < 0) {
		err_wrap(err, "template parsing error");
		return err_status(err, 64);
	}
	in.found = json_array();
	for (int i = 0; i < args->count; i++)
		inspect_one(&in, args->words[i], how);
	return finish(&in, format);
}
