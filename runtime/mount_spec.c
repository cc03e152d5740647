/* runtime/mount_spec.c - see mount_spec.h
 *
 * The text is one line of CSV: a field that holds a comma or a quote stands in
 * quotes, and a quote in there is doubled. Keys and messages are those of
 * Docker's opts/mount.go. */
#include "runtime/mount_spec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"

void mount_spec_init(struct mount_spec *mount)
{
	*mount = (struct mount_spec){ .mode = -1 };
}

void mount_spec_done(struct mount_spec *mount)
{
	if (!mount)
		return;
	free(mount->type);
	free(mount->source);
	free(mount->target);
	free(mount->propagation);
	free(mount->driver);
	free(mount->words);
	strs_done(&mount->labels);
	strs_done(&mount->driver_options);
	mount_spec_init(mount);
}

bool mount_spec_is(const struct mount_spec *mount, const char *type)
{
	return mount->type && strcmp(mount->type, type) == 0;
}

int mount_spec_depth(const char *path)
{
	int depth = 0;

	for (const char *c = path; *c; c++)
		if (*c == '/' && c[1] && c[1] != '/')
			depth++;
	return depth;
}

/* ---- CSV ---- */

static int bad_quote(size_t column, struct err *err)
{
	return err_docker(
		err, ERR_BARE, EINVAL,
		"parse error on line 1, column %zu: bare \" in non-quoted-field",
		column);
}

/* One field from *at on, which ends up at the comma or the end. */
static int take_field(const char *text, const char **at, struct buf *field,
		      struct err *err)
{
	const char *c = *at;

	buf_clear(field);
	if (*c != '"') {
		for (; *c && *c != ','; c++) {
			if (*c == '"')
				return bad_quote((size_t)(c - text) + 1, err);
			buf_char(field, *c);
		}
		*at = c;
		return 0;
	}
	for (c++; *c && (*c != '"' || c[1] == '"'); c++) {
		if (*c == '"')
			c++;
		buf_char(field, *c);
	}
	if (!*c || (c[1] && c[1] != ','))
		return err_docker(
			err, ERR_BARE, EINVAL,
			"parse error on line 1, column %zu: extraneous or missing \" in quoted-field",
			(size_t)(c - text) + 1);
	*at = c + 1;
	return 0;
}

static int split_fields(const char *text, struct strs *out, struct err *err)
{
	OWN_BUF struct buf field = { 0 };
	const char *at = text;

	if (!*text)
		return err_docker(err, ERR_BARE, EINVAL, "EOF");
	for (;;) {
		int r = take_field(text, &at, &field, err);

		if (r < 0)
			return r;
		strs_add(out, buf_text(&field));
		if (!*at)
			return 0;
		at++;
	}
}

static void add_field(struct buf *out, const char *key, const char *value)
{
	OWN_FREE char *field =
		value ? mem_fmt("%s=%s", key, value) : mem_str(key);

	if (out->len)
		buf_char(out, ',');
	if (!strpbrk(field, "\",\n")) {
		buf_str(out, field);
		return;
	}
	buf_char(out, '"');
	for (const char *c = field; *c; c++) {
		if (*c == '"')
			buf_char(out, '"');
		buf_char(out, *c);
	}
	buf_char(out, '"');
}

/* ---- keys ---- */

static void replace(char **where, const char *text, bool lower)
{
	free(*where);
	*where = mem_str(text);
	for (char *c = *where; lower && *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
}

/* "name" alone is "name=". */
static void set_pair(struct strs *pairs, const char *text)
{
	OWN_FREE char *pair = mem_fmt("%s%s", text, strchr(text, '=') ? "" : "=");

	strs_set_env(pairs, pair);
}

static int bad_value(const char *key, const char *value, struct err *err)
{
	return err_docker(err, ERR_BARE, EINVAL, "invalid value for %s: %s",
			  key, value);
}

static int set_switch(const char *key, const char *value, bool *out,
		      struct err *err)
{
	struct err why = { 0 };

	if (!value) {
		*out = true;
		return 0;
	}
	return parse_bool(value, out, &why) < 0 ? bad_value(key, value, err)
						: 0;
}

static int set_size(struct mount_spec *mount, const char *key,
		    const char *value, struct err *err)
{
	struct err why = { 0 };

	mount->tmpfs_options = true;
	return parse_bytes(value, &mount->size_bytes, &why) < 0
		       ? bad_value(key, value, err)
		       : 0;
}

static int set_mode(struct mount_spec *mount, const char *key,
		    const char *value, struct err *err)
{
	char *end;
	unsigned long mode = strtoul(value, &end, 8);

	mount->tmpfs_options = true;
	if (!*value || *end || strspn(value, "01234567") != strlen(value) ||
	    mode > 07777)
		return bad_value(key, value, err);
	mount->mode = (int)mode;
	return 0;
}

/* The keys that may stand alone. Returns 1 where it is none of them. */
static int set_flag_key(struct mount_spec *mount, const char *key,
			const char *value, struct err *err)
{
	if (strcmp(key, "readonly") == 0 || strcmp(key, "ro") == 0)
		return set_switch(key, value, &mount->readonly, err);
	if (strcmp(key, "volume-nocopy") == 0) {
		mount->volume_options = true;
		return set_switch(key, value, &mount->no_copy, err);
	}
	if (strcmp(key, "bind-nonrecursive") == 0) {
		mount->bind_options = true;
		return set_switch(key, value, &mount->nonrecursive, err);
	}
	return 1;
}

static bool is_one_of(const char *key, const char *a, const char *b,
		      const char *c)
{
	return strcmp(key, a) == 0 || strcmp(key, b) == 0 ||
	       strcmp(key, c) == 0;
}

static int set_value_key(struct mount_spec *mount, const char *key,
			 const char *value, const char *field, struct err *err)
{
	if (strcmp(key, "type") == 0)
		replace(&mount->type, value, true);
	else if (is_one_of(key, "source", "src", "src"))
		replace(&mount->source, value, false);
	else if (is_one_of(key, "target", "dst", "destination"))
		replace(&mount->target, value, false);
	else if (strcmp(key, "bind-propagation") == 0) {
		mount->bind_options = true;
		replace(&mount->propagation, value, true);
	} else if (is_one_of(key, "volume-label", "volume-driver",
			     "volume-opt")) {
		mount->volume_options = true;
		if (strcmp(key, "volume-label") == 0)
			set_pair(&mount->labels, value);
		else if (strcmp(key, "volume-opt") == 0)
			set_pair(&mount->driver_options, value);
		else
			replace(&mount->driver, value, false);
	} else if (strcmp(key, "tmpfs-size") == 0)
		return set_size(mount, key, value, err);
	else if (strcmp(key, "tmpfs-mode") == 0)
		return set_mode(mount, key, value, err);
	else if (strcmp(key, "consistency") != 0) /* it is for macOS only */
		return err_docker(err, ERR_BARE, EINVAL,
				  "unexpected key '%s' in '%s'", key, field);
	return 0;
}

static int set_field(struct mount_spec *mount, const char *field,
		     struct err *err)
{
	const char *equals = strchr(field, '=');
	OWN_FREE char *raw = mem_strn(field, strcspn(field, "="));
	OWN_FREE char *key = NULL;
	int r;

	replace(&key, raw, true);
	r = set_flag_key(mount, key, equals ? equals + 1 : NULL, err);
	if (r <= 0)
		return r;
	if (!equals)
		return err_docker(err, ERR_BARE, EINVAL,
				  "invalid field '%s' must be a key=value pair",
				  field);
	return set_value_key(mount, key, equals + 1, field, err);
}

/* ---- our own ---- */

static const char *const by_names[] = {
	[MOUNT_BY_V] = "-v",
	[MOUNT_BY_MOUNT] = "--mount",
	[MOUNT_BY_FROM] = "--volumes-from",
	[MOUNT_BY_PLACE] = "place",
};

static bool set_our_own(struct mount_spec *mount, const char *field)
{
	if (strcmp(field, "anonymous") == 0)
		mount->anonymous = true;
	else if (strncmp(field, "mode=", 5) == 0)
		replace(&mount->words, field + 5, false);
	else if (strncmp(field, "by=", 3) == 0)
		for (int i = MOUNT_BY_V; i <= MOUNT_BY_PLACE; i++) {
			if (strcmp(by_names[i], field + 3) == 0)
				mount->by = (enum mount_by)i;
		}
	else
		return false;
	return true;
}

/* ---- the whole ---- */

static int not_of_type(const char *kind, const struct mount_spec *mount,
		       struct err *err)
{
	return err_docker(err, ERR_BARE, EINVAL,
			  "cannot mix '%s-*' options with mount type '%s'",
			  kind, mount->type);
}

static int parse(const char *text, bool ours, struct mount_spec *out,
		 struct err *err)
{
	OWN_STRS struct strs fields = { 0 };
	int r;

	mount_spec_init(out);
	out->type = mem_str("volume");
	r = split_fields(text, &fields, err);
	for (size_t i = 0; i < fields.count && r == 0; i++) {
		if (!ours || !set_our_own(out, fields.items[i]))
			r = set_field(out, fields.items[i], err);
	}
	return r;
}

int mount_spec_parse(const char *text, struct mount_spec *out, struct err *err)
{
	int r = parse(text, false, out, err);

	if (r < 0)
		return r;
	if (!*out->type)
		return err_docker(err, ERR_BARE, EINVAL, "type is required");
	if (!out->target || !*out->target)
		return err_docker(err, ERR_BARE, EINVAL, "target is required");
	if (out->volume_options && !mount_spec_is(out, "volume"))
		return not_of_type("volume", out, err);
	if (out->bind_options && !mount_spec_is(out, "bind"))
		return not_of_type("bind", out, err);
	if (out->tmpfs_options && !mount_spec_is(out, "tmpfs"))
		return not_of_type("tmpfs", out, err);
	return 0;
}

int mount_spec_read(const char *text, struct mount_spec *out, struct err *err)
{
	int r = parse(text, true, out, err);

	if (r == 0 && (!out->target || out->target[0] != '/'))
		r = err_set(err, EBADMSG,
			    _("the record has a mount without a target: %s"),
			    text);
	return r;
}

static void write_volume(const struct mount_spec *mount, struct buf *out)
{
	if (mount->no_copy)
		add_field(out, "volume-nocopy", NULL);
	for (size_t i = 0; i < mount->labels.count; i++)
		add_field(out, "volume-label", mount->labels.items[i]);
	if (mount->driver && *mount->driver)
		add_field(out, "volume-driver", mount->driver);
	for (size_t i = 0; i < mount->driver_options.count; i++)
		add_field(out, "volume-opt", mount->driver_options.items[i]);
}

void mount_spec_write(const struct mount_spec *mount, struct buf *out)
{
	char number[32];

	add_field(out, "type", mount->type);
	if (mount->source && *mount->source)
		add_field(out, "source", mount->source);
	add_field(out, "target", mount->target);
	if (mount->readonly)
		add_field(out, "readonly", NULL);
	if (mount->propagation && *mount->propagation)
		add_field(out, "bind-propagation", mount->propagation);
	if (mount->nonrecursive)
		add_field(out, "bind-nonrecursive", NULL);
	write_volume(mount, out);
	if (mount->size_bytes) {
		snprintf(number, sizeof(number), "%" PRId64, mount->size_bytes);
		add_field(out, "tmpfs-size", number);
	}
	if (mount->mode >= 0) {
		snprintf(number, sizeof(number), "%o", (unsigned)mount->mode);
		add_field(out, "tmpfs-mode", number);
	}
	if (mount->anonymous)
		add_field(out, "anonymous", NULL);
	if (mount->words && *mount->words)
		add_field(out, "mode", mount->words);
	if (mount->by != MOUNT_BY_V)
		add_field(out, "by", by_names[mount->by]);
}
