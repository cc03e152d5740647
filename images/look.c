/* images/look.c - see look.h
 *
 * The work is done by a child that sees what the container sees (runtime/view.h), or
 * the image's layers; it answers with one struct. */
#include "images/look.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "images/elf.h"
#include "images/in_root.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/base/suggest.h"
#include "runtime/rootfs.h"
#include "runtime/user.h"
#include "runtime/userns.h"
#include "runtime/view.h"

struct request {
	const struct look_place *place;
	const char *name;
	const char *path_list; /* NULL: `name` is a path */
};

/* ---- one file ---- */

static void read_shebang(const char *head, struct look_file *out)
{
	size_t start = 2 + strspn(head + 2, " \t");
	size_t len = strcspn(head + start, " \t\r\n");
	const char *end = strchr(head, '\n');

	out->script = true;
	out->crlf = end && end > head && end[-1] == '\r';
	snprintf(out->interp, sizeof(out->interp), "%.*s", (int)len,
		 head + start);
}

static void read_elf(int fd, struct look_file *out)
{
	OWN_ELF struct elf elf = { 0 };
	struct err ignored = { 0 };
	unsigned char head[20] = { 0 };

	out->elf = true;
	if (pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head)) {
		out->bits = head[EI_CLASS] == ELFCLASS32 ? 32 : 64;
		out->machine = head[EI_DATA] == ELFDATA2MSB ?
				       head[18] << 8 | head[19] :
				       head[19] << 8 | head[18];
	}
	if (elf_read(fd, &elf, &ignored) == 1 && elf.interp)
		snprintf(out->interp, sizeof(out->interp), "%s", elf.interp);
}

/* The first line as it can be shown: "\\xef" for what is no plain character. */
static void write_head(const char *head, size_t len, struct look_file *out)
{
	size_t at = 0;

	for (size_t i = 0; i < len && head[i] != '\n' && head[i] != '\r' &&
			   at + sizeof("\\xff") < sizeof(out->head);
	     i++) {
		bool plain = head[i] >= ' ' && head[i] < 127;

		at += (size_t)snprintf(out->head + at, sizeof(out->head) - at,
				       plain ? "%c" : "\\x%02x",
				       (unsigned char)head[i]);
	}
}

static void read_content(int root_fd, struct look_file *out)
{
	struct err ignored = { 0 };
	OWN_FD int fd = fs_open_beneath(root_fd, out->path + 1,
					O_RDONLY | O_NONBLOCK, 0, &ignored);
	char head[LOOK_TEXT] = "";
	ssize_t len = fd < 0 ? -1 : pread(fd, head, sizeof(head) - 1, 0);

	if (len < 0)
		return;
	head[len] = '\0';
	if (len >= 4 && memcmp(head, ELFMAG, SELFMAG) == 0)
		read_elf(fd, out);
	else if (len > 2 && head[0] == '#' && head[1] == '!')
		read_shebang(head, out);
	write_head(head, (size_t)len, out);
	if (out->interp[0]) {
		OWN_FD int there = in_root_open(root_fd, out->interp);

		out->interp_code = there < 0 ? errno : 0;
	}
}

/* The first part of the path that is not there. */
static void find_missing(int root_fd, struct look_file *out)
{
	char *at = out->path;

	do {
		char part[PATH_MAX];
		OWN_FD int fd = -1;

		at = strchrnul(at + 1, '/');
		snprintf(part, sizeof(part), "%.*s", (int)(at - out->path),
			 out->path);
		fd = in_root_open(root_fd, part);
		if (fd < 0) {
			memcpy(out->missing, part, sizeof(part));
			return;
		}
	} while (*at);
}

static void find_near(int root_fd, struct look_file *out)
{
	const char *base = strrchr(out->missing, '/');
	OWN_FREE char *folder =
		base ? mem_strn(out->missing, (size_t)(base - out->missing)) :
		       NULL;
	struct err ignored = { 0 };
	OWN_FD int fd = folder ? fs_open_beneath(root_fd,
						 *folder ? folder + 1 : ".",
						 O_RDONLY | O_DIRECTORY, 0,
						 &ignored) :
				 -1;
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct suggest best = suggest_start(base ? base + 1 : "");
	struct dirent *entry;
	int count = 0;

	if (!dir)
		return;
	(void)own_give_fd(&fd);
	while ((entry = readdir(dir)) && count++ < 10000) {
		suggest_try(&best, entry->d_name);
		/* What was found lies in the entry, which is the next one soon. */
		if (best.found == entry->d_name) {
			snprintf(out->near, sizeof(out->near), "%s",
				 entry->d_name);
			best.found = out->near;
		}
	}
}

static void look_file(int root_fd, const char *path, struct look_file *out)
{
	OWN_FREE char *clean = fs_clean_path(path);
	OWN_FREE char *real = NULL;
	OWN_FD int fd = -1;
	struct err why = { 0 };
	struct stat st;
	struct statvfs fs;
	OWN_FREE char *folder = mem_strn(
		clean, strrchr(clean, '/') ?
			       (size_t)(strrchr(clean, '/') - clean) :
			       0);
	OWN_FREE char *parent = NULL;

	*out = (struct look_file){ 0 };
	if (in_root_follow(root_fd, *folder ? folder : "/", NULL, &parent,
			   &why) == 0 &&
	    strcmp(clean, "/") != 0) {
		OWN_FREE char *link = mem_fmt(
			"%s%s", strcmp(parent, "/") == 0 ? "" : parent,
			strrchr(clean, '/'));
		OWN_FD int at = openat(root_fd, parent[1] ? parent + 1 : ".",
				       O_PATH | O_DIRECTORY | O_NOFOLLOW |
					       O_CLOEXEC);
		ssize_t len = readlinkat(at, strrchr(link, '/') + 1, out->link,
					 sizeof(out->link) - 1);

		out->link[len > 0 ? len : 0] = '\0';
	}
	if (in_root_follow(root_fd, clean, NULL, &real, &why) < 0) {
		out->code = why.code;
		snprintf(out->path, sizeof(out->path), "%s", clean);
		return;
	}
	snprintf(out->path, sizeof(out->path), "%s", real);
	fd = in_root_open(root_fd, real);
	if (fd < 0 || fstat(fd, &st) < 0) {
		out->code = errno;
		find_missing(root_fd, out);
		find_near(root_fd, out);
		return;
	}
	out->mode = st.st_mode;
	out->uid = st.st_uid;
	out->gid = st.st_gid;
	out->size = st.st_size;
	out->noexec = fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_NOEXEC);
	if (S_ISREG(st.st_mode))
		read_content(root_fd, out);
}

/* ---- for whom ---- */

static unsigned rights_of(const struct user *user, const struct stat *st)
{
	if (user->uid == 0)
		return 7;
	if (st->st_uid == user->uid)
		return st->st_mode >> 6 & 7;
	if (st->st_gid == user->gid)
		return st->st_mode >> 3 & 7;
	for (size_t i = 0; i < user->group_count; i++)
		if (st->st_gid == user->groups[i])
			return st->st_mode >> 3 & 7;
	return st->st_mode & 7;
}

/* By the modes alone, folder by folder, as path_resolution(7) says. */
static void look_for_user(int root_fd, const char *name, struct look_file *out)
{
	OWN_FREE struct user *user = mem_zero(1, sizeof(*user));
	struct err ignored = { 0 };
	char *at = out->path;

	if (user_look_up(root_fd, name, user, &ignored) < 0)
		return;
	out->asked_for_user = true;
	out->user = user->uid;
	do {
		char part[PATH_MAX];
		struct stat st;
		OWN_FD int fd = -1;

		at = strchrnul(at + 1, '/');
		snprintf(part, sizeof(part), "%.*s", (int)(at - out->path),
			 out->path);
		fd = in_root_open(root_fd, part);
		if (fd < 0 || fstat(fd, &st) < 0)
			return;
		out->may = rights_of(user, &st);
		if (*at && !(out->may & 1)) {
			memcpy(out->closed, part, sizeof(part));
			out->may = 0;
			return;
		}
	} while (*at);
}

/* ---- a program ---- */

static const char *const shells[] = { "bash", "zsh", "ksh", "dash", "ash",
				      "sh", NULL };

static bool is_shell(const char *name)
{
	for (size_t i = 0; shells[i]; i++)
		if (strcmp(shells[i], name) == 0)
			return true;
	return false;
}

static void find_near_in_path(int root_fd, const char *name,
			      struct look_program *out)
{
	OWN_FREE struct look_file *file = mem_zero(1, sizeof(*file));

	out->file.near[0] = '\0';
	for (int i = 0; i < out->count && out->file.code &&
			!out->file.near[0];
	     i++) {
		if (!out->there[i])
			continue;
		snprintf(file->missing, sizeof(file->missing), "%s/%s",
			 out->folders[i], name);
		find_near(root_fd, file);
		memcpy(out->file.near, file->near, sizeof(file->near));
	}
}

static void look_program(int root_fd, const struct request *request,
			 struct look_program *out)
{
	OWN_STRS struct strs folders = { 0 };
	struct look_file file;
	const char *base = strrchr(request->name, '/');

	base = base ? base + 1 : request->name;
	if (strchr(request->name, '/')) {
		look_file(root_fd, request->name, &out->file);
	} else {
		strs_split(&folders, request->path_list, ':');
		out->file.code = ENOENT;
	}
	for (size_t i = 0; i < folders.count && i < LOOK_FOLDERS; i++) {
		OWN_FREE char *path =
			mem_fmt("%s/%s", folders.items[i], request->name);
		OWN_FD int folder = in_root_open(root_fd, folders.items[i]);

		snprintf(out->folders[i], LOOK_TEXT, "%s", folders.items[i]);
		out->there[i] = folder >= 0;
		out->count++;
		look_file(root_fd, path, &file);
		out->seen[i] = file.code == 0;
		if (out->file.code == ENOENT && (file.code == 0 || i == 0))
			out->file = file;
	}
	/* A folder of PATH that is not there has no names near to the program's. */
	if (request->path_list && !strchr(request->name, '/'))
		find_near_in_path(root_fd, request->name, out);
	for (size_t i = 0; out->file.code && is_shell(base) && shells[i]; i++) {
		OWN_FREE char *path = mem_fmt("/bin/%s", shells[i]);

		look_file(root_fd, path, &file);
		if (file.code == 0)
			snprintf(out->instead, LOOK_TEXT, "%s", shells[i]);
	}
}

/* ---- in the child ---- */

static int work(int root_fd, void *arg, struct buf *reply, struct err *err)
{
	const struct request *request = arg;
	const char *user = request->place->user;
	const bool asks = user && *user;

	(void)err;
	if (request->path_list) {
		struct look_program *found = mem_zero(1, sizeof(*found));

		look_program(root_fd, request, found);
		if (asks && !found->file.code)
			look_for_user(root_fd, user, &found->file);
		buf_add(reply, found, sizeof(*found));
		free(found);
	} else {
		struct look_file *found = mem_zero(1, sizeof(*found));

		look_file(root_fd, request->name, found);
		if (asks && !found->code)
			look_for_user(root_fd, user, found);
		buf_add(reply, found, sizeof(*found));
		free(found);
	}
	return 0;
}

static int work_in_image(void *arg, struct buf *reply, struct err *err)
{
	const struct request *request = arg;
	OWN_FD int root = rootfs_mount_image(request->place->home,
					     request->place->links, err);

	return root < 0 ? root : work(root, arg, reply, err);
}

static int ask(struct request *request, void *out, size_t size,
	       struct err *err)
{
	OWN_BUF struct buf reply = { 0 };
	const struct view_job job = { NULL, work, request };
	int r = request->place->container ?
			view_call(request->place->home,
				  request->place->container, VIEW_READ, &job,
				  &reply, err) :
			userns_call(work_in_image, request, true, &reply, err);

	if (r < 0)
		return r;
	if (reply.len != size)
		return err_set(err, EPROTO, "no answer from within the files");
	memcpy(out, reply.data, size);
	return 0;
}

int look_at(const struct look_place *place, const char *path,
	    struct look_file *out, struct err *err)
{
	struct request request = { place, path, NULL };

	return ask(&request, out, sizeof(*out), err);
}

int look_for_program(const struct look_place *place, const char *name,
		     const char *path_list, struct look_program *out,
		     struct err *err)
{
	struct request request = { place, name, path_list ? path_list : "" };

	return ask(&request, out, sizeof(*out), err);
}

/* ---- machines ---- */

bool look_is_native(const struct look_file *file)
{
#if defined(__x86_64__)
	return file->machine == EM_X86_64 || file->machine == EM_386;
#elif defined(__aarch64__)
	return file->machine == EM_AARCH64 || file->machine == EM_ARM;
#else
	return file->machine != 0;
#endif
}

const char *look_machine_name(int machine)
{
	switch (machine) {
	case EM_X86_64:
		return "x86-64";
	case EM_386:
		return "x86";
	case EM_AARCH64:
		return "arm64";
	case EM_ARM:
		return "arm";
	case EM_RISCV:
		return "riscv";
	case EM_S390:
		return "s390x";
	case EM_PPC64:
		return "ppc64";
	default:
		return "?";
	}
}
