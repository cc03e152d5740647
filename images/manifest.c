/* images/manifest.c - see manifest.h; writing is manifest_write.c's */
#include "images/manifest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <jansson.h>

#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"

void image_config_done(struct image_config *config)
{
	strs_done(&config->env);
	strs_done(&config->cmd);
	strs_done(&config->entrypoint);
	strs_done(&config->labels);
	strs_done(&config->exposed);
	strs_done(&config->volumes);
	strs_done(&config->onbuild);
	strs_done(&config->shell);
	strs_done(&config->health_test);
	free(config->user);
	free(config->working_dir);
	free(config->stop_signal);
	free(config->hostname);
	free(config->domainname);
	free(config->image);
	*config = (struct image_config){ 0 };
}

void image_config_copy(struct image_config *to, const struct image_config *from)
{
	struct image_config copy = {
		.health_interval_ns = from->health_interval_ns,
		.health_timeout_ns = from->health_timeout_ns,
		.health_start_ns = from->health_start_ns,
		.health_retries = from->health_retries,
		.has_cmd = from->has_cmd,
		.has_entrypoint = from->has_entrypoint,
		.args_escaped = from->args_escaped,
		.attach_stdin = from->attach_stdin,
		.attach_stdout = from->attach_stdout,
		.attach_stderr = from->attach_stderr,
		.tty = from->tty,
		.open_stdin = from->open_stdin,
		.stdin_once = from->stdin_once,
		.user = mem_str(from->user),
		.working_dir = mem_str(from->working_dir),
		.stop_signal = mem_str(from->stop_signal),
		.hostname = mem_str(from->hostname),
		.domainname = mem_str(from->domainname),
		.image = mem_str(from->image),
	};

	strs_copy(&copy.env, &from->env);
	strs_copy(&copy.cmd, &from->cmd);
	strs_copy(&copy.entrypoint, &from->entrypoint);
	strs_copy(&copy.labels, &from->labels);
	strs_copy(&copy.exposed, &from->exposed);
	strs_copy(&copy.volumes, &from->volumes);
	strs_copy(&copy.onbuild, &from->onbuild);
	strs_copy(&copy.shell, &from->shell);
	strs_copy(&copy.health_test, &from->health_test);
	*to = copy;
}

static void step_done(struct image_step *step)
{
	free(step->author);
	free(step->created_by);
	free(step->comment);
}

void image_doc_done(struct image_doc *doc)
{
	free(doc->author);
	free(doc->comment);
	free(doc->architecture);
	free(doc->variant);
	free(doc->os);
	free(doc->docker_version);
	free(doc->container);
	image_config_done(&doc->container_config);
	image_config_done(&doc->config);
	strs_done(&doc->diffs);
	for (size_t i = 0; i < doc->step_count; i++)
		step_done(&doc->steps[i]);
	free(doc->steps);
	*doc = (struct image_doc){ 0 };
}

/* uname's word for the machine in Go's words. */
static const char *go_arch(const char *machine)
{
	static const char *const names[][2] = {
		{ "x86_64", "amd64" },	 { "aarch64", "arm64" },
		{ "armv6l", "arm" },	 { "armv7l", "arm" },
		{ "armv8l", "arm" },	 { "i686", "386" },
		{ "i586", "386" },	 { "loongarch64", "loong64" },
		{ "mips64", "mips64le" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(machine, names[i][0]) == 0)
			return names[i][1];
	return machine; /* riscv64, ppc64le, s390x */
}

void image_doc_init(struct image_doc *doc)
{
	struct utsname uts;

	*doc = (struct image_doc){ 0 };
	if (uname(&uts) == 0)
		doc->architecture = mem_str(go_arch(uts.machine));
	doc->os = mem_str("linux");
	/* The version whose rules are followed, and who followed them. */
	doc->docker_version = mem_str("20.10.24-dockershell");
}

struct image_step *image_doc_add_step(struct image_doc *doc)
{
	doc->steps = mem_grow(doc->steps, doc->step_count + 1,
			      sizeof(*doc->steps));
	doc->steps[doc->step_count] = (struct image_step){ 0 };
	return &doc->steps[doc->step_count++];
}

void image_doc_copy_step(struct image_doc *doc, const struct image_step *step)
{
	*image_doc_add_step(doc) = (struct image_step){
		.created_ns = step->created_ns,
		.author = mem_str(step->author),
		.created_by = mem_str(step->created_by),
		.comment = mem_str(step->comment),
		.empty_layer = step->empty_layer,
	};
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_step(const struct image_step *a, const struct image_step *b)
{
	return a->created_ns == b->created_ns &&
	       a->empty_layer == b->empty_layer &&
	       same_text(a->author, b->author) &&
	       same_text(a->created_by, b->created_by) &&
	       same_text(a->comment, b->comment);
}

bool image_doc_same_steps(const struct image_doc *a, const struct image_doc *b,
			  size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!same_step(&a->steps[i], &b->steps[i]))
			return false;
	return true;
}

/* ---- reading ---- */

static int bad_member(const char *name, const char *what, struct err *err)
{
	return err_set(err, EINVAL, _("the image's config is of no use: '%s' is not %s"),
		       name, _(what));
}

/* Absent and null leave *out NULL; so does "", as in Docker. */
static int read_text(json_t *object, const char *name, char **out,
		     struct err *err)
{
	json_t *value = json_object_get(object, name);

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_string(value))
		return bad_member(name, N_("a string"), err);
	if (json_string_length(value))
		*out = mem_str(json_string_value(value));
	return 0;
}

static int read_list(json_t *object, const char *name, struct strs *out,
		     bool *out_there, struct err *err)
{
	json_t *list = json_object_get(object, name);
	json_t *value;
	size_t i;

	if (!list || json_is_null(list))
		return 0;
	/* A bare string was allowed for Cmd and Entrypoint once. */
	if (json_is_string(list)) {
		strs_add(out, json_string_value(list));
	} else if (!json_is_array(list)) {
		return bad_member(name, N_("a list of strings"), err);
	}
	json_array_foreach(list, i, value) {
		if (!json_is_string(value))
			return bad_member(name, N_("a list of strings"), err);
		strs_add(out, json_string_value(value));
	}
	if (out_there)
		*out_there = true;
	return 0;
}

/* {"b": ..., "a": ...} to "a", "b", with "=value" behind where `values`. */
static int read_names(json_t *object, const char *name, bool values,
		      struct strs *out, struct err *err)
{
	json_t *map = json_object_get(object, name);
	json_t *value;
	const char *key;

	if (!map || json_is_null(map))
		return 0;
	if (!json_is_object(map))
		return bad_member(name, N_("an object"), err);
	json_object_foreach(map, key, value) {
		if (!values)
			strs_add(out, key);
		else if (json_is_string(value))
			strs_addf(out, "%s=%s", key, json_string_value(value));
		else
			return bad_member(name, N_("an object of strings"), err);
	}
	strs_sort(out);
	return 0;
}

static int read_number(json_t *object, const char *name, int64_t *out,
		       struct err *err)
{
	json_t *value = json_object_get(object, name);

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_integer(value))
		return bad_member(name, N_("a whole number"), err);
	*out = json_integer_value(value);
	return 0;
}

static int read_health(json_t *config, struct image_config *out,
		       struct err *err)
{
	json_t *health = json_object_get(config, "Healthcheck");
	int64_t retries = 0;

	if (!health || json_is_null(health))
		return 0;
	if (!json_is_object(health))
		return bad_member("Healthcheck", N_("an object"), err);
	if (read_list(health, "Test", &out->health_test, NULL, err) < 0 ||
	    read_number(health, "Interval", &out->health_interval_ns, err) < 0 ||
	    read_number(health, "Timeout", &out->health_timeout_ns, err) < 0 ||
	    read_number(health, "StartPeriod", &out->health_start_ns, err) < 0 ||
	    read_number(health, "Retries", &retries, err) < 0)
		return -err->code;
	if (retries < 0 || retries > 1000000)
		return bad_member("Retries", N_("a small number"), err);
	out->health_retries = (int)retries;
	return 0;
}

static void read_flags(json_t *config, struct image_config *out)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{ "ArgsEscaped", &out->args_escaped },
		{ "AttachStdin", &out->attach_stdin },
		{ "AttachStdout", &out->attach_stdout },
		{ "AttachStderr", &out->attach_stderr },
		{ "Tty", &out->tty },
		{ "OpenStdin", &out->open_stdin },
		{ "StdinOnce", &out->stdin_once },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		*flags[i].flag =
			json_is_true(json_object_get(config, flags[i].name));
}

static int read_config(json_t *doc, const char *name, struct image_config *out,
		       struct err *err)
{
	json_t *config = json_object_get(doc, name);

	if (!config || json_is_null(config))
		return 0;
	if (!json_is_object(config))
		return bad_member(name, N_("an object"), err);
	if (read_list(config, "Env", &out->env, NULL, err) < 0 ||
	    read_list(config, "Cmd", &out->cmd, &out->has_cmd, err) < 0 ||
	    read_list(config, "Entrypoint", &out->entrypoint,
		      &out->has_entrypoint, err) < 0 ||
	    read_names(config, "Labels", true, &out->labels, err) < 0 ||
	    read_names(config, "ExposedPorts", false, &out->exposed, err) < 0 ||
	    read_names(config, "Volumes", false, &out->volumes, err) < 0 ||
	    read_list(config, "OnBuild", &out->onbuild, NULL, err) < 0 ||
	    read_list(config, "Shell", &out->shell, NULL, err) < 0 ||
	    read_text(config, "User", &out->user, err) < 0 ||
	    read_text(config, "WorkingDir", &out->working_dir, err) < 0 ||
	    read_text(config, "StopSignal", &out->stop_signal, err) < 0 ||
	    read_text(config, "Hostname", &out->hostname, err) < 0 ||
	    read_text(config, "Domainname", &out->domainname, err) < 0 ||
	    read_text(config, "Image", &out->image, err) < 0)
		return -err->code;
	read_flags(config, out);
	return read_health(config, out, err);
}

static int read_time(json_t *object, int64_t *out_ns, struct err *err)
{
	OWN_FREE char *text = NULL;
	struct err ignored = { 0 };
	int r = read_text(object, "created", &text, err);

	if (r < 0 || !text)
		return r;
	/* A date that cannot be read makes an image of no date. */
	(void)parse_time(text, out_ns, &ignored);
	return 0;
}

static int read_step(json_t *entry, struct image_doc *out, struct err *err)
{
	struct image_step *step = image_doc_add_step(out);

	if (!json_is_object(entry))
		return bad_member("history", N_("a list of objects"), err);
	step->empty_layer =
		json_is_true(json_object_get(entry, "empty_layer"));
	if (read_time(entry, &step->created_ns, err) < 0 ||
	    read_text(entry, "author", &step->author, err) < 0 ||
	    read_text(entry, "created_by", &step->created_by, err) < 0 ||
	    read_text(entry, "comment", &step->comment, err) < 0)
		return -err->code;
	return 0;
}

static int read_rest(json_t *doc, struct image_doc *out, struct err *err)
{
	json_t *rootfs = json_object_get(doc, "rootfs");
	json_t *history = json_object_get(doc, "history");
	json_t *entry;
	size_t i;

	if (!json_is_object(rootfs))
		return bad_member("rootfs", N_("an object"), err);
	if (read_list(rootfs, "diff_ids", &out->diffs, NULL, err) < 0)
		return -err->code;
	for (i = 0; i < out->diffs.count; i++)
		if (!digest_is_valid(out->diffs.items[i]))
			return bad_member("diff_ids", N_("a list of digests"), err);
	json_array_foreach(history, i, entry) {
		if (read_step(entry, out, err) < 0)
			return -err->code;
	}
	return 0;
}

int image_doc_read(const char *json, size_t len, struct image_doc *out,
		   struct err *err)
{
	OWN_DOC struct image_doc doc = { 0 };
	json_error_t problem;
	json_t *root;
	int r;

	if (len > IMAGE_DOC_MAX)
		return err_set(err, EFBIG,
			       _("the image's config has %zu bytes, %d are the limit"),
			       len, IMAGE_DOC_MAX);
	root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &problem);
	if (!json_is_object(root)) {
		json_decref(root);
		return err_set(err, EINVAL,
			       _("the image's config is no JSON object: %s"),
			       problem.text);
	}
	if (read_time(root, &doc.created_ns, err) < 0 ||
	    read_text(root, "author", &doc.author, err) < 0 ||
	    read_text(root, "comment", &doc.comment, err) < 0 ||
	    read_text(root, "architecture", &doc.architecture, err) < 0 ||
	    read_text(root, "variant", &doc.variant, err) < 0 ||
	    read_text(root, "os", &doc.os, err) < 0 ||
	    read_text(root, "docker_version", &doc.docker_version, err) < 0 ||
	    read_text(root, "container", &doc.container, err) < 0 ||
	    read_config(root, "container_config", &doc.container_config,
			err) < 0 ||
	    read_config(root, "config", &doc.config, err) < 0 ||
	    read_rest(root, &doc, err) < 0)
		r = -err->code;
	else
		r = 0;
	json_decref(root);
	if (r < 0)
		return r;
	*out = doc;
	doc = (struct image_doc){ 0 };
	return 0;
}
