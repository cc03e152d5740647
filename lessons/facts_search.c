/* lessons/facts_search.c - where in an image's layers a text lies, be it hidden by a
 * later layer or not; see facts.h */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lessons/facts_parts.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

#define CHUNK (64 << 10)
#define MAX_TEXT 256
#define MAX_DEPTH 64

/* layer: 1 is the lowest. */
struct search {
	const char *text;
	size_t len;
	int layer;
	struct strs *out;
};

/* Chunk by chunk: the last bytes of one are looked at again with the next, as the text
 * may begin there. */
static bool file_holds(const struct search *search, int fd)
{
	char bytes[MAX_TEXT + CHUNK];
	size_t kept = 0;

	for (;;) {
		ssize_t got = read(fd, bytes + kept, CHUNK);
		size_t have;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		have = kept + (size_t)got;
		if (memmem(bytes, have, search->text, search->len))
			return true;
		kept = have < search->len ? have : search->len - 1;
		memmove(bytes, bytes + have - kept, kept);
	}
}

static void search_folder(const struct search *search, int fd,
			  const char *path, int depth);

/* What this account may not read, or what is gone by now, has nothing to say. */
static void search_one(const struct search *search, int dir_fd,
		       const char *name, const char *folder, int depth)
{
	OWN_FREE char *path = mem_fmt("%s/%s", folder, name);
	OWN_FD int fd = -1;
	struct stat st;

	/* A link's target and a file's name are bytes of the layer as well; both are
	 * short, and no place for what a lesson plants. */
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return;
	fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	if (S_ISDIR(st.st_mode))
		search_folder(search, own_give_fd(&fd), path, depth + 1);
	else if (file_holds(search, fd))
		strs_addf(search->out, "%d %s", search->layer, path);
}

/* Takes fd. */
static void search_folder(const struct search *search, int fd,
			  const char *path, int depth)
{
	OWN_DIR DIR *list = depth > MAX_DEPTH ? NULL : fdopendir(fd);

	if (!list) {
		close(fd);
		return;
	}
	for (struct dirent *entry = readdir(list); entry;
	     entry = readdir(list)) {
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			search_one(search, dirfd(list), entry->d_name, path,
				   depth);
	}
}

int facts_real_search(void *ctx, const struct facts_text *wanted,
		      struct strs *out, struct err *err)
{
	struct real *real = ctx;
	struct search search = { .text = wanted->text,
				 .len = strlen(wanted->text),
				 .out = out };
	OWN_IMAGE struct image image = { 0 };
	int r = image_find(real->store, wanted->image, &image, err);

	if (r < 0)
		return r;
	if (search.len == 0 || search.len > MAX_TEXT)
		return 0;
	/* links[0] is the highest. */
	for (size_t i = image.links.count; i-- > 0;) {
		int fd;

		search.layer = (int)(image.links.count - i);
		if (search.layer < wanted->first_layer)
			continue;
		fd = fs_open_dir(real->home.fd, image.links.items[i], err);
		if (fd < 0)
			return fd;
		search_folder(&search, fd, "", 0);
	}
	return 0;
}
