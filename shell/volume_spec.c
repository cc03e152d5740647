/* shell/volume_spec.c - see volume_spec.h
 *
 * Source: moby volume/mounts/linux_parser.go. */
#include "shell/volume_spec.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/mount_spec.h"

/* ---- sections ---- */

/* All of them, empty ones too. */
static void split(const char *text, struct strs *out)
{
	for (;;) {
		size_t len = strcspn(text, ":");

		strs_take(out, mem_strn(text, len));
		if (!text[len])
			return;
		text += len + 1;
	}
}

bool volume_spec_is_place(const char *text)
{
	return !strchr(text, ':');
}

/* ---- ":ro,z" ---- */

/* The kinds of words there are: of each kind one at most. */
enum word_kind { WORD_WRITE, WORD_LABEL, WORD_PROPAGATION, WORD_COPY,
		 WORD_CONSISTENCY, WORD_KINDS };

static const struct {
	const char *word;
	enum word_kind kind;
} words[] = {
	{ "ro", WORD_WRITE },
	{ "rw", WORD_WRITE },
	{ "z", WORD_LABEL },
	{ "Z", WORD_LABEL },
	{ "private", WORD_PROPAGATION },
	{ "rprivate", WORD_PROPAGATION },
	{ "slave", WORD_PROPAGATION },
	{ "rslave", WORD_PROPAGATION },
	{ "shared", WORD_PROPAGATION },
	{ "rshared", WORD_PROPAGATION },
	{ "nocopy", WORD_COPY },
	{ "consistent", WORD_CONSISTENCY },
	{ "cached", WORD_CONSISTENCY },
	{ "delegated", WORD_CONSISTENCY },
	{ "default", WORD_CONSISTENCY },
};

/* Returns WORD_KINDS for what is none of them. */
static enum word_kind kind_of(const char *word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].kind;
	return WORD_KINDS;
}

static bool modes_are_valid(const char *text)
{
	OWN_STRS struct strs list = { 0 };
	int seen[WORD_KINDS] = { 0 };
	size_t len = strlen(text);

	if (*text == ',' || (len && text[len - 1] == ',') || strstr(text, ",,"))
		return false;
	strs_split(&list, text, ',');
	for (size_t i = 0; i < list.count; i++) {
		enum word_kind kind = kind_of(list.items[i]);

		if (kind == WORD_KINDS || seen[kind]++)
			return false;
	}
	return true;
}

static void set_modes(struct mount_spec *mount, const char *text)
{
	OWN_STRS struct strs list = { 0 };

	strs_split(&list, text, ',');
	for (size_t i = 0; i < list.count; i++) {
		const char *word = list.items[i];
		enum word_kind kind = kind_of(word);

		if (strcmp(word, "ro") == 0)
			mount->readonly = true;
		if (kind == WORD_COPY)
			mount->no_copy = mount->volume_options = true;
		if (kind != WORD_PROPAGATION)
			continue;
		mount->bind_options = true;
		free(mount->propagation);
		mount->propagation = mem_str(word);
	}
	mount->words = mem_str(text);
}

static int bad_mode(const char *mode, struct err *err)
{
	return err_docker(err, ERR_DAEMON, EINVAL, "invalid mode: %s", mode);
}

/* ---- -v ---- */

static char *absolute(const char *source)
{
	char here[PATH_MAX];
	OWN_FREE char *joined = NULL;

	if ((strncmp(source, "./", 2) != 0 && strcmp(source, ".") != 0) ||
	    !getcwd(here, sizeof(here)))
		return mem_str(source);
	joined = mem_fmt("%s/%s", here, source);
	return fs_clean_path(joined);
}

int volume_spec_read(const char *text, struct mount_spec *out, struct err *err)
{
	OWN_STRS struct strs parts = { 0 };

	mount_spec_init(out);
	split(text, &parts);
	if (parts.count < 2 || parts.count > 3 || !*parts.items[0] ||
	    (parts.count == 2 && modes_are_valid(parts.items[1])))
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "invalid volume specification: '%s'", text);
	if (parts.count == 3 && !modes_are_valid(parts.items[2]))
		return bad_mode(parts.items[2], err);
	out->source = absolute(parts.items[0]);
	out->target = mem_str(parts.items[1]);
	out->type = mem_str(out->source[0] == '/' ? "bind" : "volume");
	if (parts.count == 3)
		set_modes(out, parts.items[2]);
	return 0;
}

/* ---- --volumes-from ---- */

int volume_spec_from(const char *text, char **out_container,
		     bool *out_read_only, struct err *err)
{
	size_t len = strcspn(text, ":");
	const char *mode = text[len] ? text + len + 1 : "rw";
	OWN_MOUNT_SPEC struct mount_spec mount = { 0 };

	if (!*text)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"volumes-from specification cannot be an empty string");
	if (!modes_are_valid(mode))
		return bad_mode(mode, err);
	mount_spec_init(&mount);
	set_modes(&mount, mode);
	if (mount.propagation || mount.no_copy)
		return bad_mode(mode, err);
	*out_read_only = mount.readonly;
	*out_container = mem_strn(text, len);
	return 0;
}
