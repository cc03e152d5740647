/* lessons/facts_files.c - a file as a container, an image, one of its layers or a
 * volume holds it; see facts.h */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "lessons/facts_parts.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static int read_file(int fd, struct facts_file *out, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	struct facts_file file = { .kind = 'o' };
	struct stat st;
	int r = 0;

	if (fstat(fd, &st) < 0)
		return err_errno(err, "fstat");
	file.mode = st.st_mode & 07777;
	file.size_bytes = st.st_size;
	if (S_ISDIR(st.st_mode))
		file.kind = 'd';
	if (S_ISREG(st.st_mode)) {
		file.kind = 'f';
		r = fs_read_fd(fd, FACTS_FILE_MAX, &text, err);
	}
	if (r < 0 && r != -EFBIG)
		return r;
	file.text = buf_give(&text);
	*out = file;
	return 0;
}

/* A folder that shows nothing of the layers below it. */
static bool is_opaque(int layer_fd, const char *path)
{
	OWN_FD int fd = openat(layer_fd, path,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char value[1];

	return fd >= 0 &&
	       (fgetxattr(fd, "trusted.overlay.opaque", value, 1) == 1 ||
		fgetxattr(fd, "user.overlay.opaque", value, 1) == 1);
}

/* Whether something at `path`, or above it, in this layer hides what lies
 * below: a whiteout (device 0, 0), an opaque folder, or what is no folder at
 * all. *out_fd: the thing itself, opened, or -1. Links are not followed. */
static int look_in_layer(int layer_fd, const char *path, int *out_fd)
{
	OWN_FREE char *part = mem_str(path);
	bool opaque = false;
	struct stat st;

	for (char *end = part;;) {
		char cut;

		end += strspn(end, "/");
		end += strcspn(end, "/");
		cut = *end;
		*end = 0;
		if (fstatat(layer_fd, part, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return opaque; /* 0: look further down */
		if (S_ISCHR(st.st_mode) && st.st_rdev == 0)
			return 1;
		opaque = opaque || is_opaque(layer_fd, part);
		*end = cut;
		if (!cut)
			break;
		if (!S_ISDIR(st.st_mode))
			return 1;
	}
	/* A fifo must not stop us, a device must not be touched. */
	*out_fd = openat(layer_fd, path,
			 (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
				 ? O_RDONLY | O_NOFOLLOW | O_CLOEXEC
				 : O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return 1;
}

/* One layer on its own, links[0] being the highest. 0: the image has not so many,
 * or none of them shows anything there. */
static int file_in_layers(struct real *real, const struct image *image,
			  const struct facts_path *path, int *out_fd,
			  struct err *err)
{
	OWN_FREE char *clean = fs_clean_path(path->path);
	const char *below = clean + strspn(clean, "/");
	bool alone = path->where == FACTS_LAYER;

	for (size_t i = 0; i < image->links.count; i++) {
		OWN_FD int layer = -1;

		if (alone && image->links.count - i != (size_t)path->layer)
			continue;
		layer = fs_open_dir(real->home.fd, image->links.items[i], err);
		if (layer < 0)
			return layer;
		if (look_in_layer(layer, *below ? below : ".", out_fd) != 0)
			return 0;
	}
	return 0;
}

/* Lessons ask for many files of one image: it is read once. */
static int open_image(struct real *real, const char *name, struct err *err)
{
	if (real->image.id && strcmp(real->image.id, name) == 0)
		return 0;
	image_done(&real->image);
	return image_find(real->store, name, &real->image, err);
}

static int image_file(struct real *real, const struct facts_path *path,
		      struct facts_file *out, struct err *err)
{
	OWN_FD int fd = -1;
	int r = open_image(real, path->name, err);

	if (r == 0)
		r = file_in_layers(real, &real->image, path, &fd, err);
	if (r < 0)
		return r;
	if (fd >= 0)
		return read_file(fd, out, err);
	return err_set(err, ENOENT, _("no '%s' in '%s'"), path->path,
		       path->name);
}

/* Links stay below the folder. */
static int file_below(int dir_fd, const char *folder, const char *path,
		      struct facts_file *out, struct err *err)
{
	OWN_FD int root = fs_open_dir(dir_fd, folder, err);
	OWN_FD int fd = -1;

	if (root < 0)
		return root;
	fd = fs_open_beneath(root, path + strspn(path, "/"),
			     O_RDONLY | O_NONBLOCK, 0, err);
	return fd < 0 ? fd : read_file(fd, out, err);
}

static int volume_file(struct real *real, const struct facts_path *path,
		       struct facts_file *out, struct err *err)
{
	OWN_VOLUME struct volume volume = { 0 };
	OWN_FREE char *where = NULL;
	int r = volume_find(&real->home, path->name, &volume, err);

	if (r < 0)
		return r;
	where = volume_path(&real->home, &volume);
	if (!where)
		return err_set(err, ENOENT,
			       _("volume '%s' is a file system of its own"),
			       path->name);
	return file_below(AT_FDCWD, where, path->path, out, err);
}

static int file_at(struct real *real, const struct facts_path *path,
		   struct facts_file *out, struct err *err)
{
	const char *id;
	OWN_FD int fd = -1;

	if (path->where == FACTS_IMAGE || path->where == FACTS_LAYER)
		return image_file(real, path, out, err);
	if (path->where == FACTS_WORK)
		return file_below(real->home.fd, "work", path->path, out, err);
	if (path->where == FACTS_VOLUME)
		return volume_file(real, path, out, err);
	id = facts_real_id(real, path->name, err);
	if (!id)
		return -ENOENT;
	fd = container_open_file(&real->home, id, path->path, err);
	return fd < 0 ? fd : read_file(fd, out, err);
}

/* Whatever a learner's programs made of the way there is an answer, no failure of who
 * looks: where a part of it is no folder, or leads in a circle, there is no file. */
int facts_real_file(void *ctx, const struct facts_path *path,
		    struct facts_file *out, struct err *err)
{
	int r = file_at(ctx, path, out, err);

	if (r == -ENOTDIR || r == -ELOOP) {
		err->code = ENOENT;
		return -ENOENT;
	}
	if (r == -ENXIO) { /* a socket: it cannot be opened, but is there */
		*out = (struct facts_file){ .kind = 'o', .text = mem_str("") };
		return 0;
	}
	return r;
}
