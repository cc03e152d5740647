/* images/stack_look.c - questions about a stack that was read; see stack.h */
#include "images/stack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/userns.h"

enum { MAX_LINKS = 40 }; /* as the kernel */

const char *stack_fate_name(enum stack_fate fate)
{
	static const char *const names[STACK_FATES] = {
		[STACK_SEEN] = "seen",		 [STACK_COPIED] = "copied",
		[STACK_REWRITTEN] = "rewritten", [STACK_DELETED] = "deleted",
		[STACK_EMPTIED] = "emptied",	 [STACK_COVERED] = "covered",
	};

	return names[fate];
}

char *stack_place(struct store *store, const struct stack *stack, int32_t item)
{
	const struct stack_item *it = &stack->items[item];
	const char *path = stack->paths[it->path].path;

	return mem_fmt("%s/%s%s", store_home(store)->path,
		       stack->layers[it->layer].folder, path[1] ? path : "");
}

void stack_count_seen(const struct stack *stack, int32_t path,
		      struct stack_count *count)
{
	int32_t seen = stack_seen(stack, path);

	if (seen >= 0 && stack->items[seen].kind != STACK_FOLDER) {
		count->files++;
		count->bytes += stack->items[seen].bytes;
	}
	if (path < 0)
		return;
	for (int32_t at = stack->paths[path].child; at >= 0;
	     at = stack->paths[at].next)
		stack_count_seen(stack, at, count);
}

/* ---- what lies on the disk ---- */

struct look {
	const struct home *home;
	const char *folder;
	const char *path;
	bool link;
	size_t limit;
};

static int look_up(void *arg, struct buf *reply, struct err *err)
{
	const struct look *look = arg;
	OWN_FD int folder_fd = fs_open_dir(look->home->fd, look->folder, err);
	OWN_FD int fd = -1;
	char target[PATH_MAX];
	struct stat st;
	ssize_t len;

	if (folder_fd < 0)
		return folder_fd;
	fd = fs_open_beneath(folder_fd, look->path + 1,
			     O_NOFOLLOW | (look->link ? O_PATH :
							O_RDONLY | O_NONBLOCK |
								O_NOCTTY),
			     0, err);
	if (fd < 0)
		return fd;
	if (look->link) {
		len = readlinkat(fd, "", target, sizeof(target));
		if (len < 0)
			return err_errno(err, "readlink %s", look->path);
		buf_add(reply, target, (size_t)len);
		return 0;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, EINVAL, _("'%s' is not a plain file"),
			       look->path);
	return fs_read_fd(fd, look->limit, reply, err);
}

static int look_at(struct store *store, const struct stack *stack, int32_t item,
		   struct look *look, struct buf *out, struct err *err)
{
	const struct stack_item *it = &stack->items[item];
	struct err why = { 0 };
	int r;

	look->home = store_home(store);
	look->folder = stack->layers[it->layer].folder;
	look->path = stack->paths[it->path].path;
	r = look_up(look, out, &why);
	if (r == -EACCES && userns_kind() != USERNS_NONE) {
		buf_clear(out);
		return userns_call(look_up, look, false, out, err);
	}
	if (r < 0)
		*err = why;
	return r;
}

int stack_link(struct store *store, const struct stack *stack, int32_t item,
	       char **out, struct err *err)
{
	struct look look = { .link = true };
	OWN_BUF struct buf text = { 0 };
	int r = look_at(store, stack, item, &look, &text, err);

	if (r == 0)
		*out = buf_give(&text);
	return r;
}

int stack_content(struct store *store, const struct stack *stack, int32_t item,
		  size_t limit, struct buf *out, struct err *err)
{
	struct look look = { .limit = limit };

	return look_at(store, stack, item, &look, out, err);
}

/* ---- links ---- */

/* One name further: `so_far` gets it, or what a link in its place says is put in front
 * of the rest. Returns 1 where a link was followed. */
static int step(struct store *store, const struct stack *stack,
		struct buf *so_far, char **rest, bool last, struct err *err)
{
	OWN_FREE char *all = own_give_ptr(rest);
	const char *from = all + strspn(all, "/");
	size_t len = strcspn(from, "/");
	bool end = !from[len + strspn(from + len, "/")];
	OWN_FREE char *target = NULL;
	OWN_FREE char *here = mem_fmt("%s/%.*s", buf_text(so_far), (int)len,
				      from);
	OWN_FREE char *clean = fs_clean_path(here);
	int32_t item = stack_seen(stack, stack_find(stack, clean));
	int r = 0;

	if (item >= 0 && stack->items[item].kind == STACK_LINK &&
	    (last || !end))
		r = stack_link(store, stack, item, &target, err);
	if (r < 0)
		return r;
	if (target) {
		if (target[0] == '/')
			buf_clear(so_far);
		*rest = mem_fmt("%s%s", target, from + len);
		return 1;
	}
	buf_clear(so_far);
	buf_str(so_far, clean[1] ? clean : "");
	*rest = mem_str(from + len);
	return 0;
}

int stack_follow(struct store *store, const struct stack *stack,
		 const char *path, bool last, char **out, struct err *err)
{
	OWN_BUF struct buf so_far = { 0 };
	OWN_FREE char *rest = mem_str(path);
	int links = 0;

	while (rest[strspn(rest, "/")]) {
		int r = step(store, stack, &so_far, &rest, last, err);

		if (r < 0)
			return r;
		links += r;
		if (links > MAX_LINKS)
			return err_set(err, ELOOP,
				       _("'%s' leads through more than %d links"),
				       path, MAX_LINKS);
	}
	*out = mem_fmt("%s", so_far.len ? buf_text(&so_far) : "/");
	return 0;
}
