/* lessons/scene.c - see scene.h */
#include "lessons/scene.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "lessons/progress.h"
#include "lessons/world.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

#define PLACE "lessons/progress"
#define PREFIX "demo-"
#define ALIVE ".alive"

static char *name_of(pid_t pid)
{
	return mem_fmt(PREFIX "%d", (int)pid);
}

static char *alive_path(const char *name)
{
	return mem_fmt(PLACE "/%s" ALIVE, name);
}

/* All that there is of it; the lock last, so that a kill on the way leaves it to be
 * swept again. */
static void remove_all(const struct home *home, const char *name)
{
	OWN_FREE char *alive = alive_path(name);
	OWN_FREE char *lock = mem_fmt("%s.lock", name);
	struct err err = { 0 };
	OWN_FD int progress = progress_folder(home, &err);

	if (progress >= 0) {
		(void)progress_forget(progress, name, &err);
		(void)unlinkat(progress, lock, 0); /* it need not be there */
	}
	/* What cannot be removed now stays for the next sweep. */
	if (world_remove(home, name, &err) == 0)
		(void)unlinkat(home->fd, alive, 0);
}

/* The lock, or -1 while somebody has it. One that belongs to this process alone: what
 * it has started in the world may live on. */
static int take_lock(const struct home *home, const char *name)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	OWN_FREE char *path = alive_path(name);
	OWN_FD int fd = openat(home->fd, path,
			       O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 || fcntl(fd, F_SETLK, &whole) < 0)
		return -1;
	return own_give_fd(&fd);
}

static void find_all(const struct home *home, struct strs *out)
{
	int fd = openat(home->fd, PLACE,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	OWN_DIR DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (!list)
		return;
	for (struct dirent *entry = readdir(list); entry;
	     entry = readdir(list)) {
		size_t len = strlen(entry->d_name);
		size_t end = strlen(ALIVE);

		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
		    len > end &&
		    strcmp(entry->d_name + len - end, ALIVE) == 0)
			strs_take(out, mem_strn(entry->d_name, len - end));
	}
}

void scene_sweep(const struct home *home)
{
	OWN_STRS struct strs names = { 0 };
	OWN_FREE char *mine = name_of(getpid());

	find_all(home, &names);
	for (size_t i = 0; i < names.count; i++) {
		OWN_FD int lock = -1;

		/* Opening and closing our own would let go of it. */
		if (strcmp(names.items[i], mine) == 0)
			continue;
		lock = take_lock(home, names.items[i]);
		if (lock >= 0)
			remove_all(home, names.items[i]);
	}
}

int scene_open(const struct home *home, struct scene *out, struct err *err)
{
	struct scene scene = { .home = home, .alive_fd = -1 };
	int r = fs_make_dirs(home->fd, PLACE, 0700, err);

	if (r < 0)
		return r;
	scene_sweep(home);
	scene.name = name_of(getpid());
	scene.alive_fd = take_lock(home, scene.name);
	if (scene.alive_fd < 0) {
		r = err_errno(err, "lock " PLACE "/%s" ALIVE, scene.name);
		free(scene.name);
		return r;
	}
	*out = scene;
	return 0;
}

void scene_close(struct scene *scene)
{
	if (!scene->name)
		return;
	remove_all(scene->home, scene->name);
	close(scene->alive_fd);
	free(scene->name);
	*scene = (struct scene){ .alive_fd = -1 };
}
