/* runtime/syscalls_profile.c - see syscalls_profile.h */
#include "runtime/syscalls_profile.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/caps.h"

enum { MAX_ARGS = 6 };

static char *lower_case(const char *text)
{
	char *lower = mem_str(text ? text : "");

	for (char *c = lower; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return lower;
}

static int refuse(struct err *err, const char *what, const char *value)
{
	err_docker(err, ERR_DAEMON, EINVAL,
		   "Decoding seccomp profile failed: %s%s%s%s", what,
		   value ? " \"" : "", value ? value : "", value ? "\"" : "");
	return err_status(err, 125);
}

/* ---- words ---- */

static int read_action(const char *name, unsigned errno_code, uint32_t *out,
		       struct err *err)
{
	const struct {
		const char *name;
		uint32_t action;
	} actions[] = {
		{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW },
		{ "SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(errno_code) },
		{ "SCMP_ACT_KILL", SCMP_ACT_KILL },
		{ "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS },
		{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP },
		{ "SCMP_ACT_TRACE", SCMP_ACT_TRACE(errno_code) },
		{ "SCMP_ACT_LOG", SCMP_ACT_LOG },
	};

	for (size_t i = 0; name && i < sizeof(actions) / sizeof(actions[0]);
	     i++) {
		if (strcmp(actions[i].name, name) != 0)
			continue;
		*out = actions[i].action;
		return 0;
	}
	return refuse(err, "unknown or unsupported action", name ? name : "");
}

static int read_operator(const char *name, enum scmp_compare *out,
			 struct err *err)
{
	static const struct {
		const char *name;
		enum scmp_compare op;
	} operators[] = {
		{ "SCMP_CMP_NE", SCMP_CMP_NE },
		{ "SCMP_CMP_LT", SCMP_CMP_LT },
		{ "SCMP_CMP_LE", SCMP_CMP_LE },
		{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
		{ "SCMP_CMP_GE", SCMP_CMP_GE },
		{ "SCMP_CMP_GT", SCMP_CMP_GT },
		{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
	};

	for (size_t i = 0; name && i < sizeof(operators) / sizeof(operators[0]);
	     i++) {
		if (strcmp(operators[i].name, name) != 0)
			continue;
		*out = operators[i].op;
		return 0;
	}
	return refuse(err, "unknown operator", name ? name : "");
}

/* ---- for whom a rule is meant ---- */

static bool has_cap(const char *name, uint64_t caps)
{
	cap_value_t value;
	OWN_FREE char *lower = lower_case(name);

	return cap_from_name(lower, &value) == 0 &&
	       (caps & CAPS_BIT(value)) != 0;
}

/* Docker names machines as Go does. */
static bool is_this_machine(const char *name)
{
	static const char *const names[][2] = {
		{ "amd64", "x86_64" },    { "arm64", "aarch64" },
		{ "arm", "armv7l" },      { "386", "i686" },
		{ "ppc64le", "ppc64le" }, { "s390x", "s390x" },
		{ "riscv64", "riscv64" },
	};
	struct utsname machine;

	if (!name || uname(&machine) < 0)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i][0], name) == 0)
			return strcmp(names[i][1], machine.machine) == 0;
	return strcmp(name, machine.machine) == 0;
}

/* "6.1.0-50-cloud" to 6 and 1; what is no number is 0. */
static void read_version(const char *text, long out[2])
{
	char *end = NULL;

	out[0] = strtol(text, &end, 10);
	out[1] = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
}

static bool is_kernel_at_least(const char *text)
{
	struct utsname machine;
	long wanted[2];
	long here[2];

	if (uname(&machine) < 0)
		return false;
	read_version(machine.release, here);
	read_version(text, wanted);
	return here[0] > wanted[0] ||
	       (here[0] == wanted[0] && here[1] >= wanted[1]);
}

static bool any_of(json_t *list, bool (*holds)(const char *, uint64_t),
		   uint64_t arg)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item) if (holds(json_string_value(item),
						    arg)) return true;
	return false;
}

static bool machine_holds(const char *name, uint64_t unused)
{
	(void)unused;
	return is_this_machine(name);
}

static bool all_caps(json_t *list, uint64_t caps)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item) if (!has_cap(json_string_value(item),
						       caps)) return false;
	return true;
}

static bool applies(json_t *rule, uint64_t caps)
{
	json_t *with = json_object_get(rule, "includes");
	json_t *without = json_object_get(rule, "excludes");
	const char *kernel =
		json_string_value(json_object_get(with, "minKernel"));
	const char *never =
		json_string_value(json_object_get(without, "minKernel"));

	if (json_array_size(json_object_get(with, "arches")) &&
	    !any_of(json_object_get(with, "arches"), machine_holds, 0))
		return false;
	if (!all_caps(json_object_get(with, "caps"), caps))
		return false;
	if (kernel && !is_kernel_at_least(kernel))
		return false;
	if (any_of(json_object_get(without, "arches"), machine_holds, 0) ||
	    any_of(json_object_get(without, "caps"), has_cap, caps))
		return false;
	return !never || !is_kernel_at_least(never);
}

/* ---- rules ---- */

static int read_args(json_t *list, struct scmp_arg_cmp args[MAX_ARGS],
		     unsigned *out_count, struct err *err)
{
	size_t i;
	json_t *item;

	*out_count = 0;
	json_array_foreach(list, i, item)
	{
		json_int_t index =
			json_integer_value(json_object_get(item, "index"));
		struct scmp_arg_cmp *arg = &args[*out_count];
		int r;

		if (index < 0 || index >= MAX_ARGS || *out_count >= MAX_ARGS)
			return refuse(err, "an argument's index is over 5",
				      NULL);
		r = read_operator(
			json_string_value(json_object_get(item, "op")),
			&arg->op, err);
		if (r < 0)
			return r;
		arg->arg = (unsigned)index;
		arg->datum_a = (scmp_datum_t)json_integer_value(
			json_object_get(item, "value"));
		arg->datum_b = (scmp_datum_t)json_integer_value(
			json_object_get(item, "valueTwo"));
		(*out_count)++;
	}
	return 0;
}

static bool same_argument_twice(const struct scmp_arg_cmp *args, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		for (unsigned j = i + 1; j < count; j++)
			if (args[i].arg == args[j].arg)
				return true;
	return false;
}

/* A rule of several comparisons wants all of them; libseccomp takes each argument
 * once only, so one that comes twice makes a rule each: any of them then, as in
 * Docker's runtime. */
static int add_call(scmp_filter_ctx ctx, const char *name, uint32_t action,
		    const struct scmp_arg_cmp *args, unsigned count)
{
	int number = seccomp_syscall_resolve_name(name);
	int r = 0;

	if (number == __NR_SCMP_ERROR)
		return 0;
	if (!same_argument_twice(args, count))
		return seccomp_rule_add_array(ctx, action, number, count, args);
	for (unsigned i = 0; i < count && r == 0; i++)
		r = seccomp_rule_add_array(ctx, action, number, 1, &args[i]);
	return r;
}

static int add_rule(scmp_filter_ctx ctx, json_t *rule, uint32_t usual,
		    struct err *err)
{
	json_t *code = json_object_get(rule, "errnoRet");
	json_t *names = json_object_get(rule, "names");
	const char *single = json_string_value(json_object_get(rule, "name"));
	struct scmp_arg_cmp args[MAX_ARGS] = { 0 };
	unsigned count = 0;
	uint32_t action = 0;
	json_t *item;
	size_t i;
	int r = read_action(json_string_value(json_object_get(rule, "action")),
			    json_is_integer(code)
				    ? (unsigned)json_integer_value(code)
				    : EPERM,
			    &action, err);

	if (r == 0)
		r = read_args(json_object_get(rule, "args"), args, &count, err);
	if (r < 0)
		return r;
	if (action == usual)
		return 0; /* libseccomp refuses what changes nothing */
	if (single)
		r = add_call(ctx, single, action, args, count);
	json_array_foreach(names, i, item) if (r == 0 && json_is_string(item))
		r = add_call(ctx, json_string_value(item), action, args, count);
	return r < 0 ? err_set(err, -r, "seccomp_rule_add: %s", strerror(-r))
		     : 0;
}

static int export_code(scmp_filter_ctx ctx, struct syscalls_filter *out,
		       struct err *err)
{
	enum { MAX_BYTES = BPF_MAXINSNS * sizeof(struct sock_filter) };
	OWN_FD int fd = memfd_create("seccomp", MFD_CLOEXEC);
	OWN_BUF struct buf code = { 0 };
	int r;

	if (fd < 0)
		return err_errno(err, "memfd_create");
	r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return err_set(err, -r, "seccomp_export_bpf: %s", strerror(-r));
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, "lseek");
	r = fs_read_fd(fd, MAX_BYTES, &code, err);
	if (r < 0)
		return r;
	out->count = code.len / sizeof(struct sock_filter);
	out->owned = (struct sock_filter *)(void *)buf_give(&code);
	out->code = out->owned;
	return 0;
}

/* "SCMP_ARCH_X86" to libseccomp's "x86". */
static int add_machine(scmp_filter_ctx ctx, const char *name, struct err *err)
{
	static const char prefix[] = "SCMP_ARCH_";
	OWN_FREE char *lower = lower_case(name);
	uint32_t token = 0;
	int r;

	if (name && strncmp(name, prefix, strlen(prefix)) == 0)
		token = seccomp_arch_resolve_name(lower + strlen(prefix));
	if (token == 0)
		return refuse(err, "unknown architecture", name ? name : "");
	r = seccomp_arch_add(ctx, token);
	return r < 0 && r != -EEXIST
		       ? err_set(err, -r, "seccomp_arch_add: %s", strerror(-r))
		       : 0;
}

static int add_machines(scmp_filter_ctx ctx, json_t *list, struct err *err)
{
	json_t *item;
	size_t i;
	int r = 0;

	json_array_foreach(list, i, item) if (r == 0) r =
		add_machine(ctx, json_string_value(item), err);
	return r;
}

/* Which further kinds of programs this machine may run: those that the profile
 * lists, all of them or by this machine's kind. */
static int add_all_machines(scmp_filter_ctx ctx, json_t *profile,
			    struct err *err)
{
	json_t *map = json_object_get(profile, "archMap");
	json_t *entry;
	size_t i;
	int r = add_machines(ctx, json_object_get(profile, "architectures"),
			     err);

	json_array_foreach(map, i, entry)
	{
		const char *name = json_string_value(
			json_object_get(entry, "architecture"));
		json_t *more = json_object_get(entry, "subArchitectures");
		OWN_FREE char *lower =
			lower_case(name && strlen(name) > 10 ? name + 10 : "");

		if (r == 0 &&
		    seccomp_arch_resolve_name(lower) == seccomp_arch_native())
			r = add_machines(ctx, more, err);
	}
	return r;
}

static int compile(json_t *profile, uint64_t caps, struct syscalls_filter *out,
		   struct err *err)
{
	json_t *code = json_object_get(profile, "defaultErrnoRet");
	uint32_t usual = 0;
	scmp_filter_ctx ctx;
	json_t *rule;
	size_t i;
	int r = read_action(
		json_string_value(json_object_get(profile, "defaultAction")),
		json_is_integer(code) ? (unsigned)json_integer_value(code)
				      : EPERM,
		&usual, err);

	if (r < 0)
		return r;
	ctx = seccomp_init(usual);
	if (!ctx)
		return err_set(err, ENOMEM, "seccomp_init");
	/* Calls in the manner of another machine: as in our own filter. */
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
			       SCMP_ACT_ERRNO(ENOSYS));
	r = add_all_machines(ctx, profile, err);
	json_array_foreach(json_object_get(profile, "syscalls"), i,
			   rule) if (r == 0 && applies(rule, caps)) r =
		add_rule(ctx, rule, usual, err);
	if (r == 0)
		r = export_code(ctx, out, err);
	seccomp_release(ctx);
	return r;
}

int syscalls_compile_profile(const char *json, uint64_t caps,
			     struct syscalls_filter *out, struct err *err)
{
	json_error_t where;
	json_t *profile = json_loads(json, 0, &where);
	int r;

	if (!json_is_object(profile)) {
		json_decref(profile);
		return refuse(err, profile ? "not an object" : where.text,
			      NULL);
	}
	r = compile(profile, caps, out, err);
	json_decref(profile);
	return r;
}
