/* shell/cmd_inspect.c - inspect: all that is known of containers, images and networks. */
#include <errno.h>
#include <string.h>

#include "images/store.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/container.h"
#include "runtime/network.h"
#include "shell/cmd.h"
#include "shell/commands.h"
#include "shell/inspect.h"
#include "shell/network_view.h"
#include "shell/report.h"
#include "shell/volume_row.h"

struct inspect_opts {
	const char *format;
	const char *type;
	bool size;
};

#define AT(member) offsetof(struct inspect_opts, member)

#define FORMAT_OPT \
	{ \
		"format", 'f', OPT_TEXT, "string", \
			N_("Only what a template asks for, one line each"), \
			NULL, AT(format), 0 \
	}
#define SIZE_OPT \
	{ \
		"size", 's', OPT_FLAG, NULL, \
			N_("Of containers: how much each wrote, too"), NULL, \
			AT(size), 0 \
	}

static const struct opt opts[] = {
	FORMAT_OPT,
	SIZE_OPT,
	{ "type", 0, OPT_TEXT, "string",
	  N_("Only things of this kind: container, image, network ..."), NULL, AT(type),
	  0,
	  .values = "container image network volume" },
	{ 0 },
};
static const struct opt container_opts[] = { FORMAT_OPT, SIZE_OPT, { 0 } };
static const struct opt image_opts[] = { FORMAT_OPT, { 0 } };

/* ---- the kinds of things there are ---- */

static int find_container(struct shell *shell, const char *name, void *arg,
			  json_t **out, struct err *err)
{
	const struct inspect_opts *o = arg;
	OWN_CONTAINER struct container container = { 0 };
	int r = container_find(shell->home, name, &container, err);

	return r < 0 ? r
		     : inspect_container(shell, &container, o->size, out, err);
}

static int find_image(struct shell *shell, const char *name, void *arg,
		      json_t **out, struct err *err)
{
	const struct inspect_opts *o = arg;
	OWN_IMAGE struct image image = { 0 };
	int r = image_find(shell->store, name, &image, err);

	if (r == -ENOENT)
		return err_docker(err, ERR_CLIENT, ENOENT, "No such image: %s",
				  name);
	if (r == 0)
		r = inspect_image(shell, &image, out, err);
	if (r == 0 && o->size)
		fprintf(shell->err_out, "WARNING: --size ignored for image\n");
	return r;
}

static int find_network(struct shell *shell, const char *name, void *arg,
			json_t **out, struct err *err)
{
	const struct inspect_opts *o = arg;
	OWN_NETWORK struct network network = { 0 };
	int r = network_view_find(shell, name, &network, err);

	if (r == 0)
		r = inspect_network(shell, &network, out, err);
	if (r == 0 && o->size)
		fprintf(shell->err_out,
			"WARNING: --size ignored for network\n");
	return r;
}

/* In the order in which a name is looked up without --type. */
static const struct kind {
	const char *name;
	inspect_find *find;
} kinds[] = {
	{ "container", find_container },
	{ "image", find_image },
	{ "network", find_network },
	{ "volume", volume_inspect },
	{ NULL, NULL },
};

static int find_any(struct shell *shell, const char *name, void *arg,
		    json_t **out, struct err *err)
{
	for (const struct kind *k = kinds; k->name; k++) {
		int r = k->find(shell, name, arg, out, err);

		if (r != -ENOENT)
			return r;
	}
	return err_docker(err, ERR_CLIENT, ENOENT, "No such object: %s", name);
}

/* ---- the three commands ---- */

static int run_with(struct shell *shell, struct args *args, inspect_find *find,
		    struct err *err)
{
	struct inspect_opts *o = args->opts;
	const struct inspect_how how = { o->format, find, o };

	return inspect_run(shell, args, &how, err);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct inspect_opts *o = args->opts;
	const struct kind *k = kinds;

	if (!o->type || !*o->type)
		return run_with(shell, args, find_any, err);
	while (k->name && strcmp(k->name, o->type) != 0)
		k++;
	if (k->name)
		return run_with(shell, args, k->find, err);
	err_docker(err, ERR_BARE, EINVAL,
		   "\"%s\" is not a valid value for --type", o->type);
	return err_status(err, 1);
}

static int run_container(struct shell *shell, struct args *args,
			 struct err *err)
{
	return run_with(shell, args, find_container, err);
}

static int run_image(struct shell *shell, struct args *args, struct err *err)
{
	return run_with(shell, args, find_image, err);
}

static const char *const examples[] = { "inspect busybox",
					"inspect -f '{{json .Config}}' busybox",
					NULL };
static const char *const container_examples[] = {
	"run --name box busybox true",
	"container inspect -f '{{.State.Status}}' box", NULL
};
static const char *const image_examples[] = {
	"image inspect busybox",
	"image inspect -f '{{json .RootFS.Layers}}' busybox", NULL
};

const struct cmd cmd_inspect = {
	.name = "inspect",
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] NAME|ID [NAME|ID...]",
	.summary = N_("Show all that is known of containers or images"),
	.docker_summary = "Return low-level information on Docker objects",
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct inspect_opts),
	.examples = examples,
	.lesson = "image-container",
	.run = run,
	.pages = true,
	.first = COMPLETE_OBJECTS,
	.rest = COMPLETE_OBJECTS,
	.shows = true,
};

const struct cmd cmd_container_inspect = {
	.name = "container inspect",
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] CONTAINER [CONTAINER...]",
	.summary = N_("Show all that is known of containers"),
	.docker_summary = "Display detailed information on one or more containers",
	.min_args = 1,
	.max_args = -1,
	.opts = container_opts,
	.opts_size = sizeof(struct inspect_opts),
	.examples = container_examples,
	.lesson = "life",
	.run = run_container,
	.pages = true,
	.first = COMPLETE_CONTAINERS,
	.rest = COMPLETE_CONTAINERS,
	.shows = true,
};

const struct cmd cmd_image_inspect = {
	.name = "image inspect",
	.group = N_("Images"),
	.synopsis = "[OPTIONS] IMAGE [IMAGE...]",
	.summary = N_("Show all that is known of images"),
	.docker_summary = "Display detailed information on one or more images",
	.min_args = 1,
	.max_args = -1,
	.opts = image_opts,
	.opts_size = sizeof(struct inspect_opts),
	.examples = image_examples,
	.lesson = "image-container",
	.run = run_image,
	.pages = true,
	.first = COMPLETE_IMAGES,
	.rest = COMPLETE_IMAGES,
	.shows = true,
};
