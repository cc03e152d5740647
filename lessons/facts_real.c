/* lessons/facts_real.c - the facts of a real home; see facts.h */
#include "lessons/facts.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/log_read.h"

struct real {
	struct home home;
	struct store *store;
	struct containers containers;
	bool listed;
};

/* ---- containers ---- */

static int real_containers(void *ctx, const struct containers **out,
			   struct err *err)
{
	struct real *real = ctx;

	if (!real->listed) {
		int r = container_list(&real->home, &real->containers, err);

		if (r < 0)
			return r;
		real->listed = true;
	}
	*out = &real->containers;
	return 0;
}

/* The full id of a name: whatever a script hands in never becomes a path. */
static const char *id_of(struct real *real, const char *name, struct err *err)
{
	struct facts facts = { .ctx = real, .containers = real_containers };
	const struct container *found = facts_container(&facts, name);

	if (!found)
		err_set(err, ENOENT, _("no container '%s'"), name);
	return found ? found->spec.id : NULL;
}

static int real_diff(void *ctx, const char *container, struct changes *out,
		     struct err *err)
{
	struct real *real = ctx;
	const char *id = id_of(real, container, err);

	return id ? container_diff(&real->home, id, out, err) : -ENOENT;
}

static int real_upper(void *ctx, const char *container, char **out,
		      struct err *err)
{
	struct real *real = ctx;
	const char *id = id_of(real, container, err);

	if (!id)
		return -ENOENT;
	*out = mem_fmt("%s/containers/%s/upper", real->home.path, id);
	return 0;
}

static int add_entry(void *arg, const struct log_entry *entry)
{
	struct buf *out = arg;

	if (out->len + entry->len > FACTS_FILE_MAX)
		return 1;
	buf_add(out, entry->text, entry->len);
	return 0;
}

static int real_log(void *ctx, const char *container, struct buf *out,
		    struct err *err)
{
	static const struct log_choice all = { .tail = -1 };
	struct real *real = ctx;
	const char *id = id_of(real, container, err);
	OWN_FREE char *path = NULL;
	OWN_FD int fd = -1;

	if (!id)
		return -ENOENT;
	path = mem_fmt("containers/%s", id);
	fd = fs_open_dir(real->home.fd, path, err);
	return fd < 0 ? fd : log_read(fd, &all, add_entry, out, err);
}

/* ---- processes: all that share process 1's pid namespace ---- */

static bool pid_namespace(const char *pid, char out[64])
{
	OWN_FREE char *path = mem_fmt("/proc/%s/ns/pid", pid);
	ssize_t len = readlink(path, out, 63);

	if (len < 0)
		return false;
	out[len] = 0;
	return true;
}

static void add_command_line(const char *pid, struct strs *out)
{
	OWN_FREE char *path = mem_fmt("/proc/%s/cmdline", pid);
	OWN_BUF struct buf line = { 0 };
	struct err ignored = { 0 }; /* it may just have ended */

	if (fs_read(AT_FDCWD, path, 64 << 10, &line, &ignored) < 0 ||
	    line.len == 0)
		return;
	for (size_t i = 0; i + 1 < line.len; i++) {
		if (line.data[i] == 0)
			line.data[i] = ' ';
	}
	strs_add(out, buf_text(&line));
}

static int real_processes(void *ctx, const struct container *container,
			  struct strs *out, struct err *err)
{
	OWN_DIR DIR *proc = opendir("/proc");
	OWN_FREE char *first = mem_fmt("%d", container->pid);
	char wanted[64];
	char there[64];

	(void)ctx;
	if (!proc)
		return err_errno(err, "opendir /proc");
	if (container->pid <= 0 || !pid_namespace(first, wanted))
		return 0;
	add_command_line(first, out);
	for (struct dirent *entry = readdir(proc); entry;
	     entry = readdir(proc)) {
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    strcmp(entry->d_name, first) != 0 &&
		    pid_namespace(entry->d_name, there) &&
		    strcmp(there, wanted) == 0)
			add_command_line(entry->d_name, out);
	}
	return 0;
}

/* ---- images ---- */

static int real_image(void *ctx, const char *name, struct image *out,
		      struct err *err)
{
	struct real *real = ctx;

	return image_find(real->store, name, out, err);
}

static int real_images(void *ctx, struct image_list *out, struct err *err)
{
	struct real *real = ctx;

	return image_list(real->store, false, out, err);
}

/* ---- files ---- */

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

static int image_file(struct real *real, const char *name, const char *path,
		      struct facts_file *out, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	OWN_FREE char *clean = fs_clean_path(path);
	const char *below = clean + strspn(clean, "/");
	int r = image_find(real->store, name, &image, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < image.links.count; i++) {
		OWN_FD int layer =
			fs_open_dir(real->home.fd, image.links.items[i], err);
		OWN_FD int fd = -1;

		if (layer < 0)
			return layer;
		if (look_in_layer(layer, *below ? below : ".", &fd) == 0)
			continue;
		if (fd >= 0)
			return read_file(fd, out, err);
		break;
	}
	return err_set(err, ENOENT, _("no '%s' in '%s'"), path, name);
}

static int real_file(void *ctx, const struct facts_path *path,
		     struct facts_file *out, struct err *err)
{
	struct real *real = ctx;
	const char *id;
	OWN_FD int fd = -1;

	if (path->where == FACTS_IMAGE)
		return image_file(real, path->name, path->path, out, err);
	id = id_of(real, path->name, err);
	if (!id)
		return -ENOENT;
	fd = container_open_file(&real->home, id, path->path, err);
	return fd < 0 ? fd : read_file(fd, out, err);
}

/* ---- */

int facts_open(const char *home_path, struct facts *out, struct err *err)
{
	struct real *real = mem_zero(1, sizeof(*real));
	int r = home_open(home_path, &real->home, err);

	if (r < 0) {
		free(real);
		return r;
	}
	r = store_open(&real->home, &real->store, err);
	if (r < 0) {
		home_close(&real->home);
		free(real);
		return r;
	}
	*out = (struct facts){
		.ctx = real,
		.containers = real_containers,
		.diff = real_diff,
		.image = real_image,
		.images = real_images,
		.file = real_file,
		.log = real_log,
		.processes = real_processes,
		.upper = real_upper,
	};
	return 0;
}

void facts_close(struct facts *facts)
{
	struct real *real = facts->ctx;

	if (!real)
		return;
	containers_done(&real->containers);
	store_close(real->store);
	home_close(&real->home);
	free(real);
	*facts = (struct facts){ 0 };
}
