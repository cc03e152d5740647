/* shell/inspect.h - inspect: everything that is known of a thing, as JSON.
 *
 * Owns what all commands of that name share: an array of objects, or one line a
 * thing with -f; what is not found is said at the end, and the rest is shown.
 *
 *	static int find(struct shell *shell, const char *name, void *arg,
 *			json_t **out, struct err *err);
 *	...
 *	const struct inspect_how how = { opts->format, find, NULL };
 *
 *	return inspect_run(shell, args, &how, err);
 *
 * With -f, a template that is wrong ends with status 64 and one that fails on a
 * thing with 1. Source: Docker's cli/command/inspect. */
#ifndef SHELL_INSPECT_H
#define SHELL_INSPECT_H

#include <jansson.h>
#include <stdbool.h>

struct args;
struct container;
struct err;
struct image;
struct network;
struct shell;

/* Makes the object of one thing, its keys in Docker's order; *out is given.
 * Empty things that Docker leaves out are null: inspect_look knows them.
 * -ENOENT: there is none of that name, in Docker's words. */
typedef int inspect_find(struct shell *shell, const char *name, void *arg,
			 json_t **out, struct err *err);

/* format  what -f was given, or NULL
 * arg     for find */
struct inspect_how {
	const char *format;
	inspect_find *find;
	void *arg;
};

/* Shows the things that args' words name. */
int inspect_run(struct shell *shell, const struct args *args,
		const struct inspect_how *how, struct err *err);

/* A container's object. `size`: SizeRw and SizeRootFs are in it. */
int inspect_container(struct shell *shell, const struct container *container,
		      bool size, json_t **out, struct err *err);

/* An image's. */
int inspect_image(struct shell *shell, const struct image *image, json_t **out,
		  struct err *err);

/* A network's. */
int inspect_network(struct shell *shell, const struct network *network,
		    json_t **out, struct err *err);

/* How Go's types of all these objects look; for templates. */
struct template_look;
extern const struct template_look inspect_look;

#endif
