/* images/build_mount.c - see build_mount.h. Source: Dockerfile reference, "RUN --mount". */
#include "images/build_mount.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "images/build_private.h"
#include "runtime/base/parse.h"

void build_mount_done(struct build_mount *mount)
{
	free(mount->type);
	free(mount->target);
	free(mount->source);
	free(mount->from);
	free(mount->id);
	free(mount->sharing);
}

static int bad(const struct instruction *instruction, const char *flag,
	       const char *what, struct err *err)
{
	err_docker(err, ERR_DAEMON, EINVAL, "%s", what);
	return err_hint(err, _("line %d: RUN --mount=%s"), instruction->line,
			flag);
}

static bool take_text(struct build_mount *mount, const char *key,
		      const char *value)
{
	static const struct {
		const char *key;
		size_t offset;
	} texts[] = {
		{ "type", offsetof(struct build_mount, type) },
		{ "target", offsetof(struct build_mount, target) },
		{ "dst", offsetof(struct build_mount, target) },
		{ "destination", offsetof(struct build_mount, target) },
		{ "source", offsetof(struct build_mount, source) },
		{ "src", offsetof(struct build_mount, source) },
		{ "from", offsetof(struct build_mount, from) },
		{ "id", offsetof(struct build_mount, id) },
		{ "sharing", offsetof(struct build_mount, sharing) },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i].key, key) == 0) {
			char **where =
				(char **)((char *)mount + texts[i].offset);

			free(*where);
			*where = mem_str(value);
			return true;
		}
	return false;
}

/* "rw", "readonly=false" ...: whether the step may write. */
static int take_bool(struct build_mount *mount, const char *key,
		     const char *value, struct err *err)
{
	bool writes = strcmp(key, "rw") == 0 || strcmp(key, "readwrite") == 0;
	bool yes = true;
	int r = value ? parse_bool(value, &yes, err) : 0;

	mount->write = yes == writes;
	return r;
}

static bool take_number(struct build_mount *mount, const char *key,
			const char *value, int *out_r, struct err *err)
{
	if (strcmp(key, "uid") == 0)
		*out_r = parse_int(value, 0, UINT32_MAX - 1, &mount->uid, err);
	else if (strcmp(key, "gid") == 0)
		*out_r = parse_int(value, 0, UINT32_MAX - 1, &mount->gid, err);
	else if (strcmp(key, "size") == 0)
		*out_r = parse_bytes(value, &mount->size_bytes, err);
	else if (strcmp(key, "mode") == 0)
		mount->mode = strtol(value, NULL, 8) & 07777;
	else
		return false;
	return true;
}

static bool is_bool(const char *key)
{
	static const char *const names[] = { "rw", "readwrite", "ro",
					     "readonly" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], key) == 0)
			return true;
	return false;
}

static int take_key(struct build_mount *mount, const char *item,
		    struct err *err)
{
	OWN_FREE char *key = mem_strn(item, strcspn(item, "="));
	const char *equals = strchr(item, '=');
	int r = 0;

	if (is_bool(key))
		return take_bool(mount, key, equals ? equals + 1 : NULL, err);
	if (!equals)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "invalid field '%s' must be a key=value pair",
				  item);
	if (take_text(mount, key, equals + 1) ||
	    take_number(mount, key, equals + 1, &r, err))
		return r;
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "unexpected key '%s' in '%s'", key, item);
}

static int refuse_type(const struct instruction *instruction, const char *type,
		       struct err *err)
{
	if (strcmp(type, "secret") == 0)
		err_set(err, ENOTSUP,
			_("RUN --mount=type=secret is not here: a secret would have to be kept from whoever can read this account's files, and nothing here can"));
	else if (strcmp(type, "ssh") == 0)
		err_set(err, ENOTSUP,
			_("RUN --mount=type=ssh is not here: it lends your keys to the step, and a step has no network to use them on"));
	else
		err_docker(err, ERR_DAEMON, EINVAL,
			   "unsupported mount type \"%s\"", type);
	return err_hint(
		err,
		_("line %d: bind, cache and tmpfs are the types that work"),
		instruction->line);
}

int build_mount_read(struct build *build, const char *flag,
		     const struct instruction *instruction,
		     struct build_mount *mount, struct err *err)
{
	OWN_FREE char *text = NULL;
	OWN_STRS struct strs items = { 0 };
	int r = build_expand(build, flag, &text, err);

	*mount = (struct build_mount){ .mode = 0755 };
	if (r < 0)
		return r;
	strs_split(&items, text, ',');
	take_text(mount, "type", "bind");
	for (size_t i = 0; i < items.count && r == 0; i++)
		if (strncmp(items.items[i], "type=", 5) == 0)
			r = take_key(mount, items.items[i], err);
	mount->write = strcmp(mount->type, "bind") != 0;
	for (size_t i = 0; i < items.count && r == 0; i++)
		r = take_key(mount, items.items[i], err);
	if (r < 0)
		return r;
	if (strcmp(mount->type, "bind") != 0 &&
	    strcmp(mount->type, "cache") != 0 &&
	    strcmp(mount->type, "tmpfs") != 0)
		return refuse_type(instruction, mount->type, err);
	if (!mount->target || !*mount->target)
		return bad(instruction, flag, "target is required", err);
	if (mount->target[0] != '/') {
		OWN_FREE char *joined = mem_fmt(
			"%s/%s",
			build->config.working_dir ? build->config.working_dir
						  : "",
			mount->target);

		take_text(mount, "target", joined);
	}
	return 0;
}
