/* shell/cmd_version.c - `version`: what this is, and what it is not.
 *
 * Laid out as Docker lays out its own: scripts ask for .Server.Version and the
 * like, and get the version of Docker that is followed here. That there is no
 * server is said, too. */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/answer.h"
#include "shell/cmd.h"
#include "shell/gojson.h"
#include "shell/platform.h"
#include "shell/shown.h"
#include "shell/version.h"

struct version_opts {
	const char *format;
};

static const struct opt opts[] = {
	{ "format", 'f', OPT_TEXT, "string",
	  N_("Only what a template asks for"), NULL,
	  offsetof(struct version_opts, format), 0 },
	{ 0 },
};

static void put_name(json_t *json, const char *name)
{
	json_object_set_new(json, "Platform", json_pack("{s:s}", "Name", name));
}

static json_t *client(void)
{
	json_t *json = json_object();

	put_name(json, "dockershell");
	gojson_put(json, "Version", DOCKER_VERSION);
	gojson_put(json, "ApiVersion", DOCKER_API);
	gojson_put(json, "DefaultAPIVersion", DOCKER_API);
	gojson_put(json, "GitCommit", "");
	gojson_put(json, "GoVersion", "");
	gojson_put(json, "Os", "linux");
	gojson_put(json, "Arch", platform_arch());
	gojson_put(json, "BuildTime", "");
	gojson_put(json, "Context", "default");
	json_object_set_new(json, "Experimental", json_false());
	return json;
}

static json_t *server(const struct utsname *system)
{
	json_t *json = json_object();
	json_t *engine = json_object();

	gojson_put(engine, "Name", "Engine");
	gojson_put(engine, "Version", DOCKER_VERSION);
	json_object_set_new(engine, "Details",
			    json_pack("{s:s, s:s, s:s}", "ApiVersion",
				      DOCKER_API, "Arch", platform_arch(), "Os",
				      "linux"));
	put_name(json, "dockershell");
	json_object_set_new(json, "Components", json_pack("[o]", engine));
	gojson_put(json, "Version", DOCKER_VERSION);
	gojson_put(json, "ApiVersion", DOCKER_API);
	gojson_put(json, "MinAPIVersion", "1.12");
	gojson_put(json, "GitCommit", "");
	gojson_put(json, "GoVersion", "");
	gojson_put(json, "Os", "linux");
	gojson_put(json, "Arch", platform_arch());
	gojson_put(json, "KernelVersion", system->release);
	gojson_put(json, "BuildTime", "");
	return json;
}

static void print(FILE *out, const struct utsname *system)
{
	fprintf(out, "Client: dockershell\n");
	fprintf(out, " Version:           %s\n", DOCKER_VERSION);
	fprintf(out, " API version:       %s\n", DOCKER_API);
	fprintf(out, " OS/Arch:           %s\n", platform_name());
	fprintf(out, " Context:           default\n");
	fprintf(out, " Experimental:      false\n");
	fprintf(out, "\nServer: none\n");
	fprintf(out, " Engine:\n");
	fprintf(out, "  Version:          %s\n", DOCKER_VERSION);
	fprintf(out, "  API version:      %s (minimum version 1.12)\n",
		DOCKER_API);
	fprintf(out, "  OS/Arch:          %s\n", platform_name());
	fprintf(out, "  Kernel:           %s\n", system->release);
	fprintf(out, "\n%s\n",
		_("There is no server: each command does its work itself."));
}

/* Docker calls this template by a name, which Go's messages repeat. */
static void name_template(struct err *err)
{
	static const char *const names[][2] = {
		{ "template: :", "template: version:" },
		{ "executing \"\"", "executing \"version\"" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *at = strstr(err->msg, names[i][0]);
		OWN_FREE char *before =
			at ? mem_strn(err->msg, (size_t)(at - err->msg)) : NULL;
		OWN_FREE char *after =
			at ? mem_str(at + strlen(names[i][0])) : NULL;

		if (at)
			snprintf(err->msg, sizeof(err->msg), "%s%s%s", before,
				 names[i][1], after);
	}
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct version_opts *o = args->opts;
	struct utsname system;
	json_t *json;
	int r;

	if (uname(&system) < 0)
		return err_errno(err, "uname");
	if ((!o->format || !*o->format) && !shown_otherwise(shell)) {
		print(shell->out, &system);
		return 0;
	}
	json = json_pack("{s:o, s:o}", "Client", client(), "Server",
			 server(&system));
	if (!o->format || !*o->format) {
		shown_object(shell, json);
		return 0;
	}
	r = answer_with(shell, o->format, "system.versionInfo", json, err);
	if (r < 0)
		name_template(err);
	return r;
}

void version_line(const struct shell *shell)
{
	if (shell->docker_voice)
		fprintf(shell->out,
			"Docker version %s, build dockershell%s\n",
			DOCKER_FOLLOWED, DOCKERSHELL_VERSION);
	else
		fprintf(shell->out, _("dockershell %s, with the commands of Docker %s\n"),
			DOCKERSHELL_VERSION, DOCKER_FOLLOWED);
}

static const char *const examples[] = { "version",
					"version -f '{{.Server.Version}}'",
					NULL };

const struct cmd cmd_version = {
	.name = "version",
	.group = N_("Shell"),
	.synopsis = "[OPTIONS]",
	.summary = N_("Show the version of this program"),
	.docker_summary = "Show the Docker version information",
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct version_opts),
	.examples = examples,
	.run = run,
	.pages = true,
	.needs = CMD_NEEDS_NOTHING,
	.shows = true,
};
