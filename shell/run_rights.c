/* shell/run_rights.c - capabilities, filters, devices: what the program may do. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/caps.h"
#include "runtime/spec.h"
#include "shell/run_checks.h"
#include "shell/run_fill.h"

enum { MAX_PROFILE = 4 << 20 };

/* ---- capabilities ---- */

/* "sys_ptrace" to "CAP_SYS_PTRACE"; "all" to "ALL". Given. */
static char *full_name(const char *word)
{
	OWN_BUF struct buf upper = { 0 };
	bool whole;

	for (const char *c = word; *c; c++)
		buf_char(&upper, (char)toupper((unsigned char)*c));
	whole = strncmp(buf_text(&upper), "CAP_", 4) == 0 ||
		strcmp(buf_text(&upper), "ALL") == 0;
	return mem_fmt("%s%s", whole ? "" : "CAP_", buf_text(&upper));
}

/* The set that the words name; *all: ALL is one of them. */
static int read_caps(const struct strs *words, const char *option,
		     uint64_t *out, bool *all, struct err *err)
{
	for (size_t i = 0; i < words->count; i++) {
		OWN_FREE char *name = full_name(words->items[i]);
		int cap = caps_from_name(name);

		if (cap >= 0)
			*out |= CAPS_BIT(cap);
		else if (strcmp(name, "ALL") == 0)
			*all = true;
		else
			return err_docker(
				err, ERR_DAEMON, EINVAL,
				"invalid %s: unknown capability: \"%s\"",
				option, name);
	}
	return 0;
}

/* Docker's rule: ALL added is all but the dropped, ALL dropped leaves just the
 * added ones. */
static uint64_t lay_over(uint64_t usual, uint64_t add, bool add_all,
			 uint64_t drop, bool drop_all)
{
	if (add_all)
		return caps_all() & ~drop;
	if (drop_all)
		return add;
	return (usual & ~drop) | add;
}

static int fill_caps(const struct run_opts *o, struct spec *spec,
		     struct err *err)
{
	uint64_t add = 0;
	uint64_t drop = 0;
	uint64_t lacking;
	bool add_all = false;
	bool drop_all = false;
	int r = read_caps(&o->cap_add, "CapAdd", &add, &add_all, err);

	if (r == 0)
		r = read_caps(&o->cap_drop, "CapDrop", &drop, &drop_all, err);
	if (r < 0)
		return r;
	/* As they were typed: so does Docker show them. */
	strs_copy(&spec->cap_add, &o->cap_add);
	strs_copy(&spec->cap_drop, &o->cap_drop);
	spec->privileged = o->privileged;
	if (o->privileged) {
		spec->caps = caps_all();
		return 0;
	}
	spec->caps = lay_over(spec->caps, add, add_all, drop, drop_all);
	/* Asking the kernel for each costs a plain start forty calls. */
	lacking = add ? add & ~caps_all() : 0;
	for (int cap = 0; lacking && cap < 64; cap++) {
		OWN_FREE char *name = NULL;

		if (!(lacking & CAPS_BIT(cap)))
			continue;
		name = caps_name(cap);
		err_set(err, EPERM,
			_("%s cannot be given: it was taken from this program by whoever started it"),
			name);
		return err_hint(
			err,
			_("`grep CapBnd /proc/self/status` shows what is left to give"));
	}
	return 0;
}

/* ---- --security-opt ---- */

static int read_profile(const char *path, char **out, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	struct err why = { 0 };
	json_error_t where;
	json_t *json;
	int r = fs_read(AT_FDCWD, path, MAX_PROFILE, &text, &why);

	if (r < 0)
		return err_docker(
			err, ERR_BARE, -r,
			"opening seccomp profile (%s) failed: open %s: %s",
			path, path,
			r == -ENOENT   ? "no such file or directory"
			: r == -EACCES ? "permission denied"
				       : strerror(-r));
	json = json_loadb(buf_text(&text), text.len, 0, &where);
	if (!json && json_error_code(&where) == json_error_premature_end_of_input)
		return err_docker(
			err, ERR_BARE, EINVAL,
			"compacting json for seccomp profile (%s) failed: unexpected end of JSON input",
			path);
	if (!json)
		return err_docker(
			err, ERR_BARE, EINVAL,
			"compacting json for seccomp profile (%s) failed: line %d: %s",
			path, where.line, where.text);
	free(*out);
	*out = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return 0;
}

static int fill_seccomp(const char *value, struct spec *spec, struct err *err)
{
	spec->seccomp_off = strcmp(value, "unconfined") == 0;
	if (!spec->seccomp_off)
		return read_profile(value, &spec->seccomp_profile, err);
	free(spec->seccomp_profile);
	spec->seccomp_profile = NULL;
	return 0;
}

static int invalid(const char *option, struct err *err)
{
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "invalid --security-opt 2: \"%s\"", option);
}

/* A machine may have AppArmor or SELinux, and then Docker has a profile for
 * it. */
static void warn_unused(struct shell *shell, const char *option)
{
	bool apparmor = strncmp(option, "apparmor", 8) == 0;
	const char *sign = apparmor ? "/sys/module/apparmor/parameters/enabled"
				    : "/sys/fs/selinux/enforce";

	if (!strstr(option, "unconfined") && !strstr(option, "disable") &&
	    access(sign, F_OK) == 0)
		fprintf(shell->err_out,
			_("WARNING: --security-opt %s has no effect: containers here get no %s profile\n"),
			option, apparmor ? "AppArmor" : "SELinux");
}

static int fill_security_opt(struct shell *shell, const char *option,
			     struct spec *spec, struct err *err)
{
	OWN_FREE char *key = mem_strn(option, strcspn(option, "=:"));
	const char *value = option + strlen(key);
	struct err ignored = { 0 };
	int r = 0;

	if (strcmp(option, "no-new-privileges") == 0)
		spec->no_new_privs = true;
	else if (!*value)
		return err_docker(err, ERR_BARE, EINVAL,
				  "Invalid --security-opt: \"%s\"", option);
	else if (strcmp(key, "no-new-privileges") == 0)
		r = parse_bool(value + 1, &spec->no_new_privs, &ignored) < 0
			    ? invalid(option, err)
			    : 0;
	else if (strcmp(key, "seccomp") == 0)
		r = fill_seccomp(value + 1, spec, err);
	else if (strcmp(key, "apparmor") == 0 || strcmp(key, "label") == 0)
		warn_unused(shell, option);
	else if (strcmp(option, "systempaths=unconfined") != 0)
		r = invalid(option, err);
	if (r == 0)
		strs_add(&spec->security_opt, option);
	return r;
}

/* ---- devices ---- */

/* "host:inside:rwm". What may be done with a device, the kernel would have to be
 * told by a cgroup of devices, which is not to be had everywhere. */
static void fill_device(struct shell *shell, const char *value,
			struct spec *spec)
{
	OWN_STRS struct strs parts = { 0 };
	const char *inside;
	const char *mode = "rwm";

	strs_split(&parts, value, ':');
	inside = parts.items[0];
	if (parts.count == 3)
		mode = parts.items[2];
	if (parts.count >= 2 && parts.items[1][0] == '/')
		inside = parts.items[1];
	else if (parts.count == 2)
		mode = parts.items[1];
	strs_addf(&spec->devices, "%s:%s:%s", parts.items[0], inside, mode);
	if (!strchr(mode, 'r') || !strchr(mode, 'w'))
		fprintf(shell->err_out,
			_("WARNING: the mode '%s' of %s is not kept: what its file allows counts\n"),
			mode, inside);
}

int run_fill_rights(struct shell *shell, const struct run_opts *o,
		    struct spec *spec, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < o->security_opt.count && r == 0; i++)
		r = fill_security_opt(shell, o->security_opt.items[i], spec,
				      err);
	if (r == 0)
		r = fill_caps(o, spec, err);
	for (size_t i = 0; i < o->devices.count && r == 0; i++) {
		r = run_check_device(o->devices.items[i], err);
		if (r == 0)
			fill_device(shell, o->devices.items[i], spec);
	}
	strs_copy(&spec->group_add, &o->group_add);
	strs_copy(&spec->ulimits, &o->ulimits);
	strs_copy(&spec->sysctls, &o->sysctls);
	return r;
}
