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
#include <sys/syscall.h>
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
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	long fd = syscall(SYS_openat2, layer_fd, *path ? path : ".", &how,
			  sizeof(how));

	/* The last name may be a link: then its folder is opened. */
	if (fd < 0 && errno == ELOOP) {
		how.resolve = RESOLVE_BENEATH;
		fd = syscall(SYS_openat2, layer_fd, path, &how, sizeof(how));
	}
	return (int)fd;
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

/* Asks all layers for one name. *st: of the thing that is seen; *out_layer: where. */
static enum lookup_end ask(struct walk *walk, const char *path, char *answers,
			   struct stat *st, size_t *out_layer)
{
	enum lookup_end end = LOOKUP_MISSING;
	bool over = false;

	for (size_t i = 0; i < walk->count; i++) {
		struct stat here;
		enum lookup_answer answer = look(walk, i, path, &here);
		bool shown = answer == LOOKUP_FOLDER || answer == LOOKUP_OPAQUE;

		if (over || !walk->parts[i]) {
			answers[i] = answer == LOOKUP_NO ||
						     answer == LOOKUP_WHITEOUT ?
					     LOOKUP_NOT_ASKED :
					     LOOKUP_HIDDEN;
			walk->parts[i] = false;
			continue;
		}
		answers[i] = (char)answer;
		/* A file below a folder ends the merging, and is not seen. */
		if (answer == LOOKUP_FILE && end == LOOKUP_MERGED)
			answers[i] = LOOKUP_HIDDEN;
		if ((shown || answer == LOOKUP_FILE) && end == LOOKUP_MISSING) {
			*st = here;
			*out_layer = i;
			end = shown ? LOOKUP_MERGED : LOOKUP_FOUND;
		}
		if (answer == LOOKUP_WHITEOUT && end == LOOKUP_MISSING)
			end = LOOKUP_DELETED;
		over = answer == LOOKUP_FILE || answer == LOOKUP_WHITEOUT ||
		       answer == LOOKUP_OPAQUE;
		walk->parts[i] = shown;
	}
	return end;
}

/* What is shown on a terminal steers none. */
static void put_text(struct buf *reply, const char *text)
{
	for (; *text; text++)
		buf_char(reply, (unsigned char)*text < ' ' || *text == 127 ?
					'?' :
					*text);
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
	struct stat st;
	size_t layer = 0;

	for (size_t i = 0; i < walk->count; i++)
		walk->parts[i] = true;
	put_step(walk, "/", answers,
		 ask(walk, "", answers, &st, &layer) == LOOKUP_MERGED ?
			 LOOKUP_MERGED :
			 LOOKUP_MISSING,
		 "");
}

/* The target of the link at `path`. Given. */
static char *read_link(const struct walk *walk, size_t layer, const char *path)
{
	OWN_FD int fd = open_in(walk->fds[layer], path);
	char target[LINK_SIZE];
	ssize_t len = fd < 0 ? -1 :
			       readlinkat(fd, "", target, sizeof(target) - 1);

	return mem_strn(target, len < 0 ? 0 : (size_t)len);
}

/* "/a/b" with its link b to "../c", then "/d": "/c/d". Given. */
static char *follow(const char *folder, const char *target, const char *rest)
{
	OWN_FREE char *whole = mem_fmt("%s%s/%s%s",
				       target[0] == '/' ? "" : folder,
				       target[0] == '/' ? "" : "/", target,
				       rest);

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
		enum lookup_end end;
		struct stat st;
		size_t layer = 0;

		buf_fmt(&done, "/%s", name);
		end = ask(walk, buf_text(&done) + 1, answers, &st, &layer);
		at += len;
		if (end == LOOKUP_FOUND && S_ISLNK(st.st_mode))
			target = read_link(walk, layer, buf_text(&done) + 1);
		if (target && *at)
			end = LOOKUP_LINK;
		put_step(walk, name, answers, end, target ? target : "");
		if (end == LOOKUP_LINK) {
			*out_next = follow(folder, target, at);
			return;
		}
		if (!*at && (end == LOOKUP_FOUND || end == LOOKUP_MERGED))
			buf_fmt(walk->reply, "T%o %lld %u\n", st.st_mode,
				(long long)st.st_size, st.st_uid);
		if (end != LOOKUP_MERGED)
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
