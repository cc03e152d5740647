/* images/build_args.c - which ARG is seen where; see build_private.h
 *
 *   ARG X=1 (before FROM)   FROM $X sees it. A stage sees it only after an ARG X of
 *                           its own, which then takes this value
 *   ARG X=1 (in a stage)    from its line on, to the end of the stage
 *   --build-arg X=2         in place of the default, wherever X is declared
 *   ENV X=3                 before any of them
 *
 * HTTP_PROXY and the like are as if every stage had declared them, but leave no
 * trace in the image. Source: Docker 20.10, builder/dockerfile/buildargs.go. */
#include <stdlib.h>
#include <string.h>

#include "images/build_private.h"

static const char *const predefined[] = {
	"HTTP_PROXY",  "http_proxy",  "HTTPS_PROXY", "https_proxy",
	"FTP_PROXY",   "ftp_proxy",   "NO_PROXY",    "no_proxy",
	"ALL_PROXY",   "all_proxy",
};

enum { PREDEFINED = sizeof(predefined) / sizeof(predefined[0]) };

static bool is_predefined(const char *name)
{
	for (size_t i = 0; i < PREDEFINED; i++)
		if (strcmp(predefined[i], name) == 0)
			return true;
	return false;
}

static char *name_of(const char *pair)
{
	return mem_strn(pair, strcspn(pair, "="));
}

void build_args_init(struct build_args *args, const struct strs *given)
{
	*args = (struct build_args){ 0 };
	for (size_t i = 0; given && i < given->count; i++) {
		const char *item = given->items[i];
		const char *own = strchr(item, '=') ? NULL : getenv(item);

		OWN_FREE char *pair = own ? mem_fmt("%s=%s", item, own) : NULL;

		/* "NAME" alone takes the caller's value, if there is one. */
		if (strchr(item, '=') || pair)
			strs_set_env(&args->given, pair ? pair : item);
		else
			strs_add(&args->bare, item);
	}
}

static void forget_declared(struct build_args *args)
{
	for (size_t i = 0; i < args->declared.count; i++)
		free(args->values[i]);
	free(args->values);
	args->values = NULL;
	strs_clear(&args->declared);
}

void build_args_done(struct build_args *args)
{
	forget_declared(args);
	strs_done(&args->given);
	strs_done(&args->bare);
	strs_done(&args->global);
	strs_done(&args->global_names);
	strs_done(&args->declared);
	strs_done(&args->referenced);
}

void build_args_begin(struct build_args *args)
{
	forget_declared(args);
}

static int place_of(const struct strs *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return (int)i;
	return -1;
}

void build_args_declare(struct build_args *args, const char *name,
			const char *value)
{
	int at = place_of(&args->declared, name);

	if (at < 0) {
		at = (int)args->declared.count;
		strs_add(&args->declared, name);
		args->values = mem_grow(args->values, args->declared.count,
					sizeof(*args->values));
		args->values[at] = NULL;
	}
	free(args->values[at]);
	args->values[at] = mem_str(value);
	if (!strs_has(&args->referenced, name))
		strs_add(&args->referenced, name);
}

void build_args_declare_global(struct build_args *args, const char *name,
			       const char *value)
{
	const char *given = strs_get_env(&args->given, name);

	if (!strs_has(&args->referenced, name))
		strs_add(&args->referenced, name);
	if (!strs_has(&args->global_names, name))
		strs_add(&args->global_names, name);
	if (given)
		value = given;
	if (value) {
		OWN_FREE char *pair = mem_fmt("%s=%s", name, value);

		strs_set_env(&args->global, pair);
	}
}

/* What a declared name is worth, or NULL. */
static const char *value_of(const struct build_args *args, const char *name,
			    const char *value)
{
	const char *given = strs_get_env(&args->given, name);

	if (given)
		return given;
	return value ? value : strs_get_env(&args->global, name);
}

void build_args_list(const struct build_args *args, const struct strs *env,
		     struct strs *out)
{
	for (size_t i = 0; i < args->declared.count; i++) {
		const char *name = args->declared.items[i];
		const char *value = value_of(args, name, args->values[i]);

		if (value && !strs_get_env(env, name))
			strs_addf(out, "%s=%s", name, value);
	}
	for (size_t i = 0; i < PREDEFINED; i++) {
		const char *name = predefined[i];
		const char *value = strs_get_env(&args->given, name);

		if (value && !strs_has(&args->declared, name) &&
		    !strs_get_env(env, name))
			strs_addf(out, "%s=%s", name, value);
	}
}

void build_args_list_global(const struct build_args *args, struct strs *out)
{
	strs_copy(out, &args->global);
	for (size_t i = 0; i < PREDEFINED; i++) {
		const char *value = strs_get_env(&args->given, predefined[i]);

		if (value && !strs_has(&args->global_names, predefined[i]))
			strs_addf(out, "%s=%s", predefined[i], value);
	}
}

bool build_args_counts(const struct build_args *args, const char *pair)
{
	OWN_FREE char *name = name_of(pair);

	return strs_has(&args->declared, name) || !is_predefined(name);
}

void build_args_unused(const struct build_args *args, struct strs *out)
{
	for (size_t i = 0; i < args->given.count; i++) {
		OWN_FREE char *name = name_of(args->given.items[i]);

		if (!is_predefined(name) && !strs_has(&args->referenced, name))
			strs_add(out, name);
	}
	for (size_t i = 0; i < args->bare.count; i++)
		if (!strs_has(&args->referenced, args->bare.items[i]))
			strs_add(out, args->bare.items[i]);
}
