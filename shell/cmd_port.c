/* shell/cmd_port.c - port: which ports of the machine lead into a container. */
#include <errno.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/port_spec.h"
#include "shell/cmd.h"
#include "shell/ports.h"
#include "shell/shown.h"

/* "0.0.0.0:8080" of "0.0.0.0:8080:80/tcp". */
static int outside(const char *entry)
{
	return (int)(strlen(entry) - strlen(port_spec_inside(entry)) - 1);
}

/* {"ContainerPort":"80/tcp","HostIp":"0.0.0.0","HostPort":"8080"} */
static void show_one(struct shell *shell, const char *entry)
{
	OWN_FREE char *host = mem_strn(entry, (size_t)outside(entry));
	char *port = strrchr(host, ':');

	if (port)
		*port++ = '\0';
	shown_row(shell,
		  json_pack("{s:s, s:s, s:s}", "ContainerPort",
			    port_spec_inside(entry), "HostIp", host,
			    "HostPort", port ? port : ""));
}

static void print_all(struct shell *shell, const struct strs *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		const char *entry = entries->items[i];

		if (shown_otherwise(shell))
			show_one(shell, entry);
		else
			fprintf(shell->out, "%s -> %.*s\n",
				port_spec_inside(entry), outside(entry), entry);
	}
}

static int print_one(struct shell *shell, const struct strs *entries,
		     const char *port, const char *name, struct err *err)
{
	bool any = false;

	for (size_t i = 0; i < entries->count; i++) {
		const char *entry = entries->items[i];

		if (strcmp(port_spec_inside(entry), port) != 0)
			continue;
		if (shown_otherwise(shell))
			show_one(shell, entry);
		else
			fprintf(shell->out, "%.*s\n", outside(entry), entry);
		any = true;
	}
	if (any)
		return 0;
	err_docker(err, ERR_CLIENT, ENOENT,
		   "No public port '%s' published for %s", port, name);
	return err_hint(err, _("`port %s` lists those that are published; -p and -P of `run` publish them"),
			name);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	OWN_CONTAINER struct container container = { 0 };
	OWN_FREE char *port = NULL;
	int r = container_find(shell->home, args->words[0], &container, err);

	if (r == 0 && args->count > 1)
		r = ports_read(args->words[1], &port, err);
	if (r < 0)
		return r;
	ports_sort(&container.published);
	if (port)
		return print_one(shell, &container.published, port,
				 args->words[0], err);
	print_all(shell, &container.published);
	return 0;
}

static const char *const examples[] = {
	"run -d --name web -p 127.0.0.1::80 busybox sleep 60", "port web", NULL
};
static const char *const aliases[] = { "container port", NULL };

const struct cmd cmd_port = {
	.name = "port",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "CONTAINER [PRIVATE_PORT[/PROTO]]",
	.summary = N_("List the ports that lead into a container"),
	.docker_summary = "List port mappings or a specific mapping for the container",
	.min_args = 1,
	.max_args = 2,
	.examples = examples,
	.lesson = "ports",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_CONTAINERS,
	.rest = COMPLETE_NOTHING,
	.shows = true,
};
