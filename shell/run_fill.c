/* shell/run_fill.c - see run_fill.h */
#include "shell/run_fill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>

#include "images/base.h"
#include "images/ref.h"
#include "images/run_spec.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/namespaces.h"
#include "runtime/spec.h"
#include "shell/env_file.h"
#include "shell/near.h"

static char *copy_of(const char *text)
{
	return text && *text ? mem_str(text) : NULL;
}

/* ---- the image ---- */

/* "nosuch" as Docker names it: "nosuch:latest". Given. */
static char *full_name(const char *name)
{
	OWN_REF struct ref ref = { 0 };
	struct err bad = { 0 };

	if (ref_parse(name, &ref, &bad) < 0)
		return mem_str(name);
	ref_tag_latest(&ref);
	return ref_familiar(&ref);
}

/* There is no registry to ask: what is here is all there is. */
static int no_image(struct shell *shell, const struct run_opts *o,
		    const char *name, struct err *err)
{
	OWN_FREE char *shown = full_name(name);

	if (o->pull && strcmp(o->pull, "never") == 0)
		return err_docker(err, ERR_DAEMON, ENOENT, "No such image: %s",
				  shown);
	if (!o->quiet)
		fprintf(shell->err_out, "Unable to find image '%s' locally\n",
			shown);
	err_set(err, ENOENT,
		_("there is no image '%s', and no registry to get it from"),
		shown);
	if (strncmp(name, "host:", 5) == 0)
		return err_hint(err, _("`image recipe %s` makes it of this machine's own programs"),
				name);
	if (base_has(name))
		return err_hint(err, _("it comes with the program: 'image restore %s' brings it back"),
				name);
	near_image(shell, name,
		   _("'images' lists those that are here; 'load -i FILE' brings in one that was saved elsewhere"),
		   err);
	return -err->code;
}

static int check_pull(const char *pull, struct err *err)
{
	if (!pull || !*pull || strcmp(pull, "missing") == 0 ||
	    strcmp(pull, "never") == 0)
		return 0;
	if (strcmp(pull, "always") != 0)
		return err_docker(
			err, ERR_BARE, EINVAL,
			"invalid pull option: '%s': must be one of \"always\", \"missing\" or \"never\"",
			pull);
	err_set(err, ENOTSUP,
		_("'--pull always' asks a registry for the image, and none is asked here"));
	return err_hint(err, _("without it the image that is here is taken"));
}

/* Images are for the machine they are on. */
static int check_platform(const char *name, const char *platform,
			  struct err *err)
{
	struct utsname machine = { 0 };
	OWN_FREE char *here = NULL;
	const char *kind;

	if (!platform || !*platform)
		return 0;
	(void)uname(&machine);
	kind = strcmp(machine.machine, "x86_64") == 0    ? "amd64"
	       : strcmp(machine.machine, "aarch64") == 0 ? "arm64"
							 : machine.machine;
	here = mem_fmt("linux/%s", kind);
	if (strcasecmp(platform, here) == 0 ||
	    strcasecmp(platform, "linux") == 0 ||
	    strcasecmp(platform, kind) == 0 ||
	    strcasecmp(platform, machine.machine) == 0)
		return 0;
	return err_docker(
		err, ERR_DAEMON, EINVAL,
		"image with reference %s was found but does not match the specified platform: wanted %s, actual: %s",
		name, platform, here);
}

static int find_image(struct shell *shell, const struct run_opts *o,
		      const char *name, struct image *image, struct err *err)
{
	int r = check_pull(o->pull, err);

	if (r == 0)
		r = image_find_for_run(shell->store, name, image, err);
	if (r == -ENOENT)
		return no_image(shell, o, name, err);
	return r == 0 ? check_platform(name, o->platform, err) : r;
}

/* ---- names ---- */

static void fill_names(struct shell *shell, const struct run_opts *o,
		       struct spec *spec)
{
	spec->name = copy_of(o->name);
	spec->hostname = copy_of(o->hostname);
	spec->domainname = copy_of(o->domainname);
	strs_copy(&spec->extra_hosts, &o->add_host);
	strs_copy(&spec->dns, &o->dns);
	strs_copy(&spec->dns_search, &o->dns_search);
	strs_copy(&spec->dns_options, &o->dns_option);
	for (size_t i = 0; i < o->dns.count; i++)
		if (strncmp(o->dns.items[i], "127.", 4) == 0 ||
		    strcmp(o->dns.items[i], "::1") == 0) {
			fprintf(shell->err_out,
				"WARNING: Localhost DNS setting (--dns=%s) may fail in containers.\n",
				o->dns.items[i]);
			return;
		}
}

/* ---- streams ---- */

static bool has_stream(const struct strs *streams, const char *name)
{
	for (size_t i = 0; i < streams->count; i++)
		if (strcasecmp(streams->items[i], name) == 0)
			return true;
	return false;
}

/* Without -a both outputs, and the input with -i; with it just those. */
static void fill_streams(const struct run_opts *o, struct spec *spec)
{
	bool all = o->attach.count == 0 && !o->detach;

	spec->tty = o->tty;
	spec->open_stdin = o->interactive;
	spec->attach_stdin =
		all ? o->interactive : has_stream(&o->attach, "stdin");
	spec->attach_stdout = all || has_stream(&o->attach, "stdout");
	spec->attach_stderr = all || has_stream(&o->attach, "stderr");
	spec->stdin_once = spec->open_stdin && spec->attach_stdin;
}

/* ---- the whole ---- */

static int fill_from_image(struct shell *shell, const struct args *args,
			   struct spec *spec, struct err *err)
{
	const struct run_opts *o = args->opts;
	OWN_IMAGE struct image image = { 0 };
	OWN_STRS struct strs words = { 0 };
	OWN_STRS struct strs env = { 0 };
	OWN_STRS struct strs labels = { 0 };
	struct run_choice choice = {
		.image = args->words[0],
		.args = &words,
		.entrypoint = o->entrypoint,
		.entrypoint_given = o->entrypoint,
		.env = &env,
		.labels = &labels,
		.user = o->user,
		.cwd = o->workdir,
		.stop_signal = o->stop_signal,
	};
	int r = env_file_collect(&o->env_files, &o->env, &env, err);

	for (size_t i = 0; i < o->label_files.count && r == 0; i++)
		r = env_file_read(o->label_files.items[i], &labels, err);
	/* As in Docker, a name alone is a label on the line and none in a file. */
	for (size_t i = labels.count; i-- > 0;)
		if (!strchr(labels.items[i], '='))
			strs_remove(&labels, i);
	strs_copy(&labels, &o->labels);
	if (r == 0)
		r = find_image(shell, o, args->words[0], &image, err);
	for (int i = 1; i < args->count; i++)
		strs_add(&words, args->words[i]);
	if (r == 0)
		r = run_spec_fill(spec, &image, &choice, err);
	return r == 0 ? run_fill_mounts(shell, o, &image, spec, err) : r;
}

int run_fill(struct shell *shell, const struct args *args, struct spec *spec,
	     struct err *err)
{
	const struct run_opts *o = args->opts;
	int r = run_fill_ports(o, spec, err);

	fill_streams(o, spec);
	spec->auto_remove = o->remove;
	spec->read_only = o->read_only;
	spec->init = o->init;
	if (o->stop_timeout.given)
		spec->stop_timeout_s = (int)o->stop_timeout.value;
	if (r == 0)
		r = run_fill_life(o, spec, err);
	if (r == 0)
		r = run_fill_limits(shell, o, spec, err);
	if (r == 0)
		r = run_fill_rights(shell, o, spec, err);
	if (r == 0)
		r = run_fill_modes(shell, o, spec, err);
	if (r == 0)
		fill_names(shell, o, spec);
	if (r == 0)
		r = fill_from_image(shell, args, spec, err);
	if (r == 0 && spec->ports.count &&
	    namespaces_is_host(spec->network_mode))
		fprintf(shell->err_out,
			"WARNING: Published ports are discarded when using host network mode\n");
	return r;
}
