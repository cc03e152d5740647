/* runtime/volume.c - see volume.h
 *
 * A volume is made as volumes/.new-RANDOM, under a lock on that folder, and gets its
 * name by a rename that fails where the name is taken. A folder of such a name whose
 * lock is free belongs to a program that was killed. */
#include "runtime/volume.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/json_text.h"
#include "runtime/base/own.h"
#include "runtime/calls.h"
#include "runtime/events.h"
#include "runtime/home.h"
#include "runtime/names.h"

enum { RECORD_MAX = 1 << 20, TRIES = 5 };

void volume_done(struct volume *volume)
{
	if (!volume)
		return;
	free(volume->name);
	strs_done(&volume->labels);
	strs_done(&volume->options);
	*volume = (struct volume){ 0 };
}

void volumes_done(struct volumes *volumes)
{
	for (size_t i = 0; i < volumes->count; i++)
		volume_done(&volumes->items[i]);
	free(volumes->items);
	*volumes = (struct volumes){ 0 };
}

/* ---- Docker's rules ---- */

int volume_check_name(const char *name, struct err *err)
{
	if (strlen(name) == 1)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"create %s: volume name is too short, names should be at least two alphanumeric characters",
			name);
	if (!names_is_valid(name))
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"create %s: \"%s\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path",
			name, name);
	return 0;
}

static int bad_option(const char *name, const char *what, const char *option,
		      struct err *err)
{
	return err_docker(err, ERR_DAEMON, EINVAL, "create %s: %s: \"%s\"",
			  name, what, option);
}

/* Source: Docker's volume/local/local_unix.go, validateOpts. */
int volume_check_options(const char *name, const struct strs *options,
			 struct err *err)
{
	static const char *const needs[][2] = {
		{ "device", "type" },
		{ "type", "device" },
		{ "o", "device" },
		{ "o", "type" },
	};

	for (size_t i = 0; i < options->count; i++) {
		OWN_FREE char *key = mem_strn(options->items[i],
					      strcspn(options->items[i], "="));

		if (strcmp(key, "size") == 0)
			return err_docker(
				err, ERR_DAEMON, EINVAL,
				"create %s: quota size requested but no quota support",
				name);
		if (strcmp(key, "type") != 0 && strcmp(key, "device") != 0 &&
		    strcmp(key, "o") != 0)
			return bad_option(name, "invalid option", key, err);
	}
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (strs_get_env(options, needs[i][0]) &&
		    !strs_get_env(options, needs[i][1]))
			return bad_option(name, "missing required option",
					  needs[i][1], err);
	return 0;
}

int volume_check_driver(const char *name, const char *driver, struct err *err)
{
	if (!driver || !*driver || strcmp(driver, "local") == 0)
		return 0;
	return err_docker(
		err, ERR_DAEMON, ENOENT,
		"create %s: error looking up volume plugin %s: plugin \"%s\" not found",
		name, driver, driver);
}

/* ---- what options mean ---- */

static bool has_word(const char *list, const char *word)
{
	OWN_STRS struct strs words = { 0 };

	strs_split(&words, list ? list : "", ',');
	return strs_has(&words, word);
}

enum volume_kind volume_kind(const struct volume *volume)
{
	const char *type = strs_get_env(&volume->options, "type");
	const char *o = strs_get_env(&volume->options, "o");

	if (!type || !*type)
		return VOLUME_FOLDER;
	return strcmp(type, "bind") == 0 || has_word(o, "bind") ||
			       has_word(o, "rbind") ?
		       VOLUME_BIND :
		       VOLUME_FILE_SYSTEM;
}

char *volume_path(const struct home *home, const struct volume *volume)
{
	switch (volume_kind(volume)) {
	case VOLUME_FOLDER:
		break;
	case VOLUME_BIND:
		return mem_str(strs_get_env(&volume->options, "device"));
	case VOLUME_FILE_SYSTEM:
		return NULL;
	}
	return mem_fmt("%s/volumes/%s/_data", home->path, volume->name);
}

/* ---- the record ---- */

static void add_map(struct buf *out, const char *key, const struct strs *pairs)
{
	buf_fmt(out, ",\n \"%s\": {", key);
	for (size_t i = 0; i < pairs->count; i++) {
		const char *pair = pairs->items[i];
		size_t len = strcspn(pair, "=");

		buf_str(out, i ? ", " : "");
		json_text_add_bytes(out, pair, len);
		buf_str(out, ": ");
		json_text_add(out, pair[len] ? pair + len + 1 : "");
	}
	buf_char(out, '}');
}

static void write_record(const struct volume *volume, struct buf *out)
{
	buf_fmt(out, "{\n \"created_ns\": %lld,\n \"anonymous\": %s,\n \"implied\": %s",
		(long long)volume->created_ns,
		volume->anonymous ? "true" : "false",
		volume->implied ? "true" : "false");
	add_map(out, "labels", &volume->labels);
	add_map(out, "options", &volume->options);
	buf_str(out, "\n}\n");
}

static void read_map(json_t *map, struct strs *out)
{
	const char *key;
	const json_t *value;

	json_object_foreach(map, key, value)
		if (json_is_string(value))
			strs_addf(out, "%s=%s", key, json_string_value(value));
}

/* A folder without a record is as good: it was made by hand. */
static void read_record(int folder_fd, const char *name, struct volume *out)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	struct stat st = { 0 };
	json_t *json = NULL;

	*out = (struct volume){ .name = mem_str(name) };
	if (fs_read(folder_fd, "volume.json", RECORD_MAX, &text, &ignored) == 0)
		json = json_loadb(text.data, text.len, 0, NULL);
	if (!json_is_object(json)) {
		json_decref(json);
		(void)fstat(folder_fd, &st); /* the year 1970, then */
		out->created_ns = (int64_t)st.st_ctim.tv_sec * 1000000000 +
				  st.st_ctim.tv_nsec;
		out->implied = true;
		return;
	}
	out->created_ns =
		json_integer_value(json_object_get(json, "created_ns"));
	out->anonymous = json_is_true(json_object_get(json, "anonymous"));
	out->implied = json_is_true(json_object_get(json, "implied"));
	read_map(json_object_get(json, "labels"), &out->labels);
	read_map(json_object_get(json, "options"), &out->options);
	json_decref(json);
}

/* ---- making ---- */

int volume_open_folder(const struct home *home, struct err *err)
{
	return fs_open_dir(home->fd, "volumes", err);
}

int volume_hold_all(const struct home *home, struct err *err)
{
	OWN_FD int fd = volume_open_folder(home, err);

	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_SH) < 0)
		return err_errno(err, "lock volumes");
	return own_give_fd(&fd);
}

/* The folder, its lock and what is in it. -ENOENT: whoever sweeps took it for one
 * that was left behind, between its making and its lock. */
static int make_whole(int volumes_fd, const char *half,
		      const struct volume *wish, struct err *err)
{
	OWN_BUF struct buf record = { 0 };
	OWN_FD int fd = -1;

	if (call_mkdir_at(TRACE_VOLUME, volumes_fd, half, 0700) < 0)
		return err_errno(err, "mkdir volumes/%s", half);
	fd = fs_open_dir(volumes_fd, half, err);
	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX) < 0)
		return err_errno(err, "lock volumes/%s", half);
	/* Whatever the umask: programs of other users are to get in. */
	if (call_mkdir_at(TRACE_VOLUME, fd, "_data", 0755) < 0 ||
	    fchmodat(fd, "_data", 0755, 0) < 0)
		return err_errno(err, "mkdir volumes/%s/_data", half);
	write_record(wish, &record);
	if (fs_replace(fd, "volume.json", record.data, record.len, 0600,
		       !wish->anonymous, err) < 0)
		return -err->code;
	return own_give_fd(&fd);
}

/* Returns 1 where it was made, 0 where the name was there. */
static int make_named(int volumes_fd, const struct volume *wish,
		      struct err *err)
{
	char random[ID_LEN + 1];
	char half[32];
	struct err ignored = { 0 };
	OWN_FD int fd = -1;
	int r = names_random_id(random, err);

	if (r < 0)
		return r;
	snprintf(half, sizeof(half), ".new-%.16s", random);
	fd = make_whole(volumes_fd, half, wish, err);
	if (fd < 0)
		return fd;
	if (call_rename_new(TRACE_VOLUME, volumes_fd, half, wish->name) == 0)
		r = 1;
	else if (errno != EEXIST && errno != ENOTEMPTY)
		r = err_errno(err, "rename volumes/%s to %s", half, wish->name);
	if (r < 1)
		(void)fs_remove_tree(volumes_fd, half, &ignored);
	else if (!wish->anonymous && fsync(volumes_fd) < 0)
		r = err_errno(err, "fsync volumes");
	return r;
}

static void note_create(const struct home *home, const char *name)
{
	OWN_STRS struct strs pairs = { 0 };

	strs_add(&pairs, "driver=local");
	events_note(home, "volume", "create", name, &pairs);
}

static int name_it(struct volume *wish, struct err *err)
{
	char id[ID_LEN + 1];
	int r;

	if (wish->name && *wish->name)
		return volume_check_name(wish->name, err);
	r = names_random_id(id, err);
	if (r < 0)
		return r;
	free(wish->name);
	wish->name = mem_str(id);
	wish->anonymous = true;
	return 0;
}

int volume_make(const struct home *home, struct volume *wish, struct err *err)
{
	OWN_FD int volumes_fd = -1;
	int r = name_it(wish, err);

	if (r == 0)
		r = volume_check_options(wish->name, &wish->options, err);
	if (r < 0)
		return r;
	volumes_fd = volume_open_folder(home, err);
	if (volumes_fd < 0)
		return volumes_fd;
	if (fs_exists(volumes_fd, wish->name))
		return 0;
	wish->created_ns = clock_now_ns();
	r = -ENOENT;
	for (int i = 0; i < TRIES && r == -ENOENT; i++)
		r = make_named(volumes_fd, wish, err);
	if (r < 0)
		return err_wrap(err, "make the volume %s", wish->name);
	if (r > 0)
		note_create(home, wish->name);
	return 0;
}

/* ---- finding ---- */

int volume_find(const struct home *home, const char *name, struct volume *out,
		struct err *err)
{
	OWN_FD int volumes_fd = volume_open_folder(home, err);
	OWN_FD int fd = -1;
	struct err why = { 0 };

	if (volumes_fd < 0)
		return volumes_fd;
	if (names_is_valid(name))
		fd = fs_open_dir(volumes_fd, name, &why);
	if (fd < 0)
		return err_docker(err, ERR_CLIENT, ENOENT,
				  "No such volume: %s", name);
	read_record(fd, name, out);
	return 0;
}

/* "data2" before "data10": digits as the numbers that they are. */
static int by_name(const void *a, const void *b)
{
	const char *x = ((const struct volume *)a)->name;
	const char *y = ((const struct volume *)b)->name;
	int order = strverscmp(x, y);

	return order ? order : strcmp(x, y);
}

int volume_list(const struct home *home, struct volumes *out, struct err *err)
{
	OWN_FD int volumes_fd = volume_open_folder(home, err);
	int own = volumes_fd < 0 ? -1 :
				   fcntl(volumes_fd, F_DUPFD_CLOEXEC, 0);
	OWN_DIR DIR *dir = own < 0 ? NULL : fdopendir(own);
	struct dirent *entry;

	if (volumes_fd < 0)
		return volumes_fd;
	if (!dir)
		return err_errno(err, "open volumes");
	while ((entry = readdir(dir))) {
		OWN_FD int fd = -1;
		struct err gone = { 0 };

		if (entry->d_name[0] == '.') {
			volume_sweep(home, volumes_fd, entry->d_name);
			continue;
		}
		fd = fs_open_dir(volumes_fd, entry->d_name, &gone);
		if (fd < 0)
			continue; /* removed meanwhile, or no folder at all */
		out->items = mem_grow(out->items, out->count + 1,
				      sizeof(*out->items));
		read_record(fd, entry->d_name, &out->items[out->count++]);
	}
	if (out->count)
		qsort(out->items, out->count, sizeof(*out->items), by_name);
	return 0;
}
