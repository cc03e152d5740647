/* shell/complete_programs.c - see complete_parts.h: programs of an image, stages of a
 * Dockerfile
 *
 * What an image has is read from its layers as they lie on disk; names are all that is
 * taken from there, and no link is followed. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "shell/complete_parts.h"
#include "shell/shell.h"

enum {
	MOST_ENTRIES = 20000,
	LARGEST_FILE = 1 << 20,
};

/* ---- of an image ---- */

static bool is_program(int dir_fd, const char *name)
{
	struct stat st;

	if (name[0] == '.' ||
	    fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	return S_ISLNK(st.st_mode) ||
	       (S_ISREG(st.st_mode) && (st.st_mode & 0111));
}

/* "usr/bin" below a layer, each part a folder and no link. */
static int open_folder(int layer_fd, const char *path)
{
	OWN_STRS struct strs parts = { 0 };
	OWN_FD int fd = fcntl(layer_fd, F_DUPFD_CLOEXEC, 0);

	strs_split(&parts, path, '/');
	for (size_t i = 0; i < parts.count && fd >= 0; i++) {
		int next;

		if (!*parts.items[i])
			continue; /* the slash in front, or at the end */
		next = openat(fd, parts.items[i],
			      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		own_close_fd(&fd);
		fd = next;
	}
	return own_give_fd(&fd);
}

static void offer_programs_in(struct place *place, int layer_fd,
			      const char *folder)
{
	OWN_FD int fd = open_folder(layer_fd, folder);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir)
		return;
	(void)own_give_fd(&fd); /* the DIR has it now */
	for (int i = 0; i < MOST_ENTRIES && (entry = readdir(dir)); i++)
		if (is_program(dirfd(dir), entry->d_name))
			offer(place, entry->d_name);
}

void offer_image_programs(struct place *place, const char *name)
{
	static const char *const folders[] = { "bin",	  "sbin", "usr/bin",
					       "usr/sbin", "usr/local/bin",
					       NULL };
	OWN_IMAGE struct image image = { 0 };
	struct err ignored = { 0 };

	if (!place_store(place) || image_find(place->shell->store, name,
					      &image, &ignored) < 0)
		return;
	for (size_t i = 0; i < image.links.count; i++) {
		OWN_FD int fd = openat(place->shell->home->fd,
				       image.links.items[i],
				       O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		for (const char *const *f = folders; fd >= 0 && *f; f++)
			offer_programs_in(place, fd, *f);
	}
}

/* What is a whiteout hides a name, and is none. */
static void offer_path(struct place *place, int dir_fd, const char *folder,
		       const char *name)
{
	OWN_FREE char *path = NULL;
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (S_ISCHR(st.st_mode) && st.st_rdev == 0))
		return;
	path = mem_fmt("%s%s%s", folder, name, S_ISDIR(st.st_mode) ? "/" : "");
	offer(place, path);
}

static void offer_files_in(struct place *place, int layer_fd,
			   const char *folder, const char *begin)
{
	OWN_FD int fd = open_folder(layer_fd, folder);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir)
		return;
	(void)own_give_fd(&fd); /* the DIR has it now */
	for (int i = 0; i < MOST_ENTRIES && (entry = readdir(dir)); i++) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
		    (name[0] != '.' || begin[0] == '.') &&
		    strncmp(name, begin, strlen(begin)) == 0)
			offer_path(place, dirfd(dir), folder, name);
	}
}

void offer_image_files(struct place *place, const char *name)
{
	const char *text = place_text(place);
	const char *slash = strrchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) + 1 : 0;
	OWN_FREE char *folder = mem_strn(text, len);
	OWN_IMAGE struct image image = { 0 };
	struct err ignored = { 0 };

	place->out->inside = true;
	if (!place_store(place) || image_find(place->shell->store, name,
					      &image, &ignored) < 0)
		return;
	for (size_t i = 0; i < image.links.count; i++) {
		OWN_FD int fd = openat(place->shell->home->fd,
				       image.links.items[i],
				       O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd >= 0)
			offer_files_in(place, fd, folder, text + len);
	}
}

/* ---- of a Dockerfile ---- */

/* "FROM busybox AS build": the stage's name, given, or NULL. */
static char *stage_of(const char *line)
{
	OWN_STRS struct strs words = { 0 };
	OWN_FREE char *text = mem_str(line);

	for (char *p = text; *p; p++)
		if (isspace((unsigned char)*p))
			*p = ' ';
	strs_split(&words, text, ' ');
	for (size_t i = words.count; i-- > 0;)
		if (!*words.items[i])
			strs_remove(&words, i);
	if (words.count < 4 || strcasecmp(words.items[0], "FROM") != 0 ||
	    strcasecmp(words.items[words.count - 2], "AS") != 0)
		return NULL;
	return mem_str(words.items[words.count - 1]);
}

/* The value of -f in the line so far, or NULL; borrowed. */
static const char *file_of(char *const *words)
{
	for (; words && *words; words++) {
		if (strncmp(*words, "--file=", 7) == 0)
			return *words + 7;
		if ((strcmp(*words, "-f") == 0 ||
		     strcmp(*words, "--file") == 0) &&
		    words[1])
			return words[1];
	}
	return NULL;
}

void offer_stages(struct place *place)
{
	const char *file = file_of(place->before);
	OWN_FREE char *usual =
		mem_fmt("%s/Dockerfile", place->first ? place->first : ".");
	OWN_BUF struct buf text = { 0 };
	OWN_STRS struct strs lines = { 0 };
	struct err ignored = { 0 };

	if (fs_read(AT_FDCWD, file ? file : usual, LARGEST_FILE, &text,
		    &ignored) < 0)
		return;
	strs_split(&lines, buf_text(&text), '\n');
	for (size_t i = 0; i < lines.count; i++) {
		OWN_FREE char *stage = stage_of(lines.items[i]);

		if (stage)
			offer(place, stage);
	}
}
