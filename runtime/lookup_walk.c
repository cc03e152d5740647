/* runtime/lookup_walk.c - see lookup.h: the walk, name by name.
 *
 *   layers       /       scripts      app.js
 *   7 (rw)       part    no           -
 *   6            part    folder       FILE      the search ends here
 *   5            part    no           -
 *   4            part    folder       hidden    it has one, and is not asked
 *
 * A layer has a part in a folder if all folders above are its own too, none of them
 * hidden by an opaque folder, a file or a whiteout of a higher layer. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/lookup.h"
#include "runtime/lookup_parts.h"

enum { MOST_LINKS = 40, LINK_SIZE = 4096 };

/* fds    the layers' folders, the highest first
 * parts  whether layer i has a part in the folder we are in */
struct walk {
	int *fds;
	bool *parts;
	size_t count;
	struct buf *reply;
	struct err *err;
};

/* O_PATH on `path` ("a/b", "" for the folder itself) of one layer; no link is followed
 * on the way: it would lead out of the layer. */
static int open_in(int layer_fd, const char *path)
{
	int fd = fs_openat2(layer_fd, *path ? path : ".", O_PATH | O_NOFOLLOW,
			    0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

	/* The last name may be a link: then its folder is opened. */
	if (fd < 0 && errno == ELOOP)
		fd = fs_openat2(layer_fd, path, O_PATH | O_NOFOLLOW, 0,
				RESOLVE_BENEATH);
	return fd;
}

/* A file of no length with this mark is a whiteout, too (Linux 6.7). */
static bool has_mark(int fd, const char *name, const char *value)
{
	static const char *const spaces[] = { "trusted", "user" };
	OWN_FREE char *path = mem_fmt("/proc/self/fd/%d", fd);

	for (size_t i = 0; i < 2; i++) {
		OWN_FREE char *key = mem_fmt("%s.overlay.%s", spaces[i], name);
		char got[8] = "";
		ssize_t len = getxattr(path, key, got, sizeof(got) - 1);

		if (len >= 0 && (!value || strcmp(got, value) == 0))
			return true;
	}
	return false;
}

static enum lookup_answer answer_of(int fd, const struct stat *st)
{
	if (S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0))
		return LOOKUP_WHITEOUT;
	if (S_ISREG(st->st_mode) && st->st_size == 0 &&
	    has_mark(fd, "whiteout", NULL))
		return LOOKUP_WHITEOUT;
	if (!S_ISDIR(st->st_mode))
		return LOOKUP_FILE;
	return has_mark(fd, "opaque", "y") ? LOOKUP_OPAQUE : LOOKUP_FOLDER;
}

/* What layer i has at `path`, asked or not. */
static enum lookup_answer look(const struct walk *walk, size_t i,
			       const char *path, struct stat *st)
{
	OWN_FD int fd = open_in(walk->fds[i], path);

	if (fd < 0 || fstat(fd, st) < 0)
		return LOOKUP_NO;
	return answer_of(fd, st);
}

/* One name, while the layers are asked for it.
 *
 * over   the search has ended
 * layer  where the thing lies that is seen; st: what it is */
struct asking {
	enum lookup_end end;
	bool over;
	size_t layer;
	struct stat st;
};

/* Layer i is not asked: what it says all the same. */
static char unasked(enum lookup_answer answer)
{
	return answer == LOOKUP_NO || answer == LOOKUP_WHITEOUT
		       ? (char)LOOKUP_NOT_ASKED
		       : (char)LOOKUP_HIDDEN;
}

static char take_answer(struct asking *a, size_t i, enum lookup_answer answer,
			const struct stat *st)
{
	bool folder = answer == LOOKUP_FOLDER || answer == LOOKUP_OPAQUE;
	bool merged = a->end == LOOKUP_MERGED;

	a->over = answer == LOOKUP_FILE || answer == LOOKUP_WHITEOUT ||
		  answer == LOOKUP_OPAQUE;
	if (a->end == LOOKUP_MISSING && answer == LOOKUP_WHITEOUT)
		a->end = LOOKUP_DELETED;
	if (a->end == LOOKUP_MISSING && (folder || answer == LOOKUP_FILE)) {
		a->st = *st;
		a->layer = i;
		a->end = folder ? LOOKUP_MERGED : LOOKUP_FOUND;
	}
	/* A file below a folder ends the merging, and is not seen. */
	if (merged && answer == LOOKUP_FILE)
		return LOOKUP_HIDDEN;
	return (char)answer;
}

/* Asks all layers for one name. */
static enum lookup_end ask(struct walk *walk, const char *path, char *answers,
			   struct asking *out)
{
	*out = (struct asking){ .end = LOOKUP_MISSING };
	for (size_t i = 0; i < walk->count; i++) {
		struct stat st = { 0 };
		enum lookup_answer answer = look(walk, i, path, &st);

		if (out->over || !walk->parts[i]) {
			answers[i] = unasked(answer);
			walk->parts[i] = false;
			continue;
		}
		answers[i] = take_answer(out, i, answer, &st);
		walk->parts[i] =
			answer == LOOKUP_FOLDER || answer == LOOKUP_OPAQUE;
	}
	return out->end;
}

/* What is shown on a terminal steers none. */
static void put_text(struct buf *reply, const char *text)
{
	for (; *text; text++) {
		bool steers = (unsigned char)*text < ' ' || *text == 127;

		if (steers)
			buf_char(reply, '?');
		else
			buf_char(reply, *text);
	}
}

static void put_step(struct walk *walk, const char *name, const char *answers,
		     enum lookup_end end, const char *target)
{
	buf_fmt(walk->reply, "S%c%s\t", (char)end, answers);
	put_text(walk->reply, name);
	buf_char(walk->reply, '\t');
	put_text(walk->reply, target);
	buf_char(walk->reply, '\n');
}

static void begin_at_root(struct walk *walk)
{
	OWN_FREE char *answers = mem_zero(walk->count + 1, 1);
	struct asking asking;

	for (size_t i = 0; i < walk->count; i++)
		walk->parts[i] = true;
	(void)ask(walk, "", answers, &asking);
	put_step(walk, "/", answers, asking.end, "");
}

/* The target of the link that was found at `path`, "" where it is none. Given. */
static char *link_of(const struct walk *walk, const struct asking *asking,
		     const char *path)
{
	OWN_FD int fd = -1;
	char target[LINK_SIZE] = "";

	if (asking->end == LOOKUP_FOUND && S_ISLNK(asking->st.st_mode))
		fd = open_in(walk->fds[asking->layer], path);
	if (fd >= 0 && readlinkat(fd, "", target, sizeof(target) - 1) < 0)
		target[0] = '\0';
	return mem_str(target);
}

static void put_thing(struct walk *walk, const struct asking *asking)
{
	if (asking->end == LOOKUP_FOUND || asking->end == LOOKUP_MERGED)
		buf_fmt(walk->reply, "T%o %lld %u\n", asking->st.st_mode,
			(long long)asking->st.st_size, asking->st.st_uid);
}

/* "/a/b" with its link b to "../c", then "/d": "/c/d". Given. */
static char *follow(const char *folder, const char *target, const char *rest)
{
	OWN_FREE char *whole =
		mem_fmt("%s%s/%s%s", target[0] == '/' ? "" : folder,
			target[0] == '/' ? "" : "/", target, rest);

	return fs_clean_path(whole);
}

/* One pass from the root. *out_next: where a link leads (given), or NULL when it is
 * over. */
static void pass(struct walk *walk, const char *path, char **out_next)
{
	OWN_BUF struct buf done = { 0 };
	OWN_FREE char *answers = mem_zero(walk->count + 1, 1);
	const char *at = path + 1;

	*out_next = NULL;
	begin_at_root(walk);
	while (*at) {
		size_t len = strcspn(at, "/");
		OWN_FREE char *name = mem_strn(at, len);
		OWN_FREE char *folder = mem_str(buf_text(&done));
		OWN_FREE char *target = NULL;
		struct asking asking;

		buf_fmt(&done, "/%s", name);
		(void)ask(walk, buf_text(&done) + 1, answers, &asking);
		at += len;
		target = link_of(walk, &asking, buf_text(&done) + 1);
		if (*target && *at)
			asking.end = LOOKUP_LINK;
		put_step(walk, name, answers, asking.end, target);
		if (asking.end == LOOKUP_LINK)
			*out_next = follow(folder, target, at);
		else if (!*at)
			put_thing(walk, &asking);
		if (asking.end != LOOKUP_MERGED)
			return;
		at += *at == '/';
	}
	/* The root itself. */
	if (!done.len)
		buf_fmt(walk->reply, "T%o 0 0\n", (unsigned)S_IFDIR | 0755u);
}

static int open_layers(struct walk *walk, const struct home *home,
		       const struct strs *layers)
{
	walk->fds = mem_alloc(layers->count * sizeof(int));
	walk->parts = mem_zero(layers->count, sizeof(bool));
	for (walk->count = 0; walk->count < layers->count; walk->count++) {
		walk->fds[walk->count] =
			openat(home->fd, layers->items[walk->count],
			       O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (walk->fds[walk->count] < 0)
			return err_errno(walk->err, "open the layer %s",
					 layers->items[walk->count]);
	}
	return 0;
}

static void close_layers(struct walk *walk)
{
	for (size_t i = 0; i < walk->count; i++)
		close(walk->fds[i]);
	free(walk->fds);
	free(walk->parts);
}

int lookup_walk(const struct home *home, const struct strs *layers,
		const char *path, struct buf *reply, char **out_resolved,
		struct err *err)
{
	struct walk walk = { .reply = reply, .err = err };
	OWN_FREE char *at = mem_str(path);
	int r = open_layers(&walk, home, layers);

	for (int i = 0; r == 0; i++) {
		char *next = NULL;

		if (i > MOST_LINKS) {
			r = err_set(err, ELOOP, _("%s: too many links"), path);
			break;
		}
		pass(&walk, at, &next);
		if (!next)
			break;
		free(at);
		at = next;
	}
	close_layers(&walk);
	if (r == 0)
		*out_resolved = own_give_ptr(&at);
	return r;
}
