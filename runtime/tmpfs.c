/* runtime/tmpfs.c - see tmpfs.h */
#include "runtime/tmpfs.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

/* Words without a value. A flag of 0 is accepted and changes nothing here: how
 * mounts pass on to others is not a matter of a new one. */
static const struct {
	const char *word;
	bool clear;
	unsigned long flag;
} words[] = {
	{ "defaults", false, 0 },
	{ "ro", false, MS_RDONLY },
	{ "rw", true, MS_RDONLY },
	{ "suid", true, MS_NOSUID },
	{ "nosuid", false, MS_NOSUID },
	{ "dev", true, MS_NODEV },
	{ "nodev", false, MS_NODEV },
	{ "exec", true, MS_NOEXEC },
	{ "noexec", false, MS_NOEXEC },
	{ "sync", false, MS_SYNCHRONOUS },
	{ "async", true, MS_SYNCHRONOUS },
	{ "dirsync", false, MS_DIRSYNC },
	{ "atime", true, MS_NOATIME },
	{ "noatime", false, MS_NOATIME },
	{ "diratime", true, MS_NODIRATIME },
	{ "nodiratime", false, MS_NODIRATIME },
	{ "relatime", false, MS_RELATIME },
	{ "norelatime", true, MS_RELATIME },
	{ "strictatime", false, MS_STRICTATIME },
	{ "nostrictatime", true, MS_STRICTATIME },
	{ "mand", false, 0 },
	{ "nomand", false, 0 },
	{ "private", false, 0 },
	{ "rprivate", false, 0 },
	{ "shared", false, 0 },
	{ "rshared", false, 0 },
	{ "slave", false, 0 },
	{ "rslave", false, 0 },
	{ "unbindable", false, 0 },
	{ "runbindable", false, 0 },
};

static bool set_word(const char *option, unsigned long *flags)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, option) != 0)
			continue;
		if (words[i].clear)
			*flags &= ~words[i].flag;
		else
			*flags |= words[i].flag;
		return true;
	}
	return false;
}

static bool is_of_tmpfs(const char *option)
{
	static const char *const keys[] = { "size", "mode",      "uid",
					    "gid",  "nr_inodes", "nr_blocks",
					    "mpol" };
	size_t len = strcspn(option, "=");

	for (size_t i = 0; option[len] && i < sizeof(keys) / sizeof(keys[0]);
	     i++)
		if (strlen(keys[i]) == len &&
		    strncmp(keys[i], option, len) == 0)
			return true;
	return false;
}

static int refuse(const char *option, struct err *err)
{
	const char *equals = strchr(option, '=');

	if (!equals)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "invalid tmpfs option [\"%s\"]", option);
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "invalid tmpfs option [\"%.*s\" \"%s\"]",
			  (int)(equals - option), option, equals + 1);
}

int tmpfs_options(const char *text, unsigned long *out_flags,
		  struct buf *out_data, struct err *err)
{
	unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	OWN_STRS struct strs options = { 0 };
	OWN_STRS struct strs data = { 0 };
	OWN_FREE char *joined = NULL;

	strs_split(&options, text, ',');
	for (size_t i = 0; i < options.count; i++) {
		const char *option = options.items[i];

		if (set_word(option, &flags))
			continue;
		if (!is_of_tmpfs(option))
			return refuse(option, err);
		strs_set_env(&data, option); /* the last word counts */
	}
	joined = strs_join(&data, ",");
	buf_str(out_data, joined);
	*out_flags = flags;
	return 0;
}

void tmpfs_split_options(const char *text, unsigned long *out_flags,
			 struct buf *out_data)
{
	OWN_STRS struct strs options = { 0 };

	*out_flags = 0;
	strs_split(&options, text, ',');
	for (size_t i = 0; i < options.count; i++)
		if (!set_word(options.items[i], out_flags))
			buf_fmt(out_data, "%s%s", out_data->len ? "," : "",
				options.items[i]);
}
