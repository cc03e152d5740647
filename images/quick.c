/* images/quick.c - see quick.h
 *
 * The file is a row a name: a line "NAME ID LINKS LENGTH", then the document of
 * that many bytes, then a newline. LINKS are names below the home, the highest
 * first, with ':' between. */
#include "images/quick.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "images/manifest.h"
#include "images/store.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

enum { MAX_FILE = 1 << 20, MAX_DOCUMENT = 64 << 10 };

/* One row, in the text of the file. */
struct row {
	const char *name;
	size_t name_len;
	const char *id;
	size_t id_len;
	const char *links;
	size_t links_len;
	const char *json;
	size_t json_len;
};

/* Takes a word that ends at `end` ('\n' or ' '). Returns what follows, or NULL. */
static const char *take(const char *at, char end, const char **out,
			size_t *out_len)
{
	const char *stop = at ? strchr(at, end) : NULL;

	if (!stop)
		return NULL;
	*out = at;
	*out_len = (size_t)(stop - at);
	return stop + 1;
}

static const char *next_row(const char *at, const char *end, struct row *row)
{
	const char *length;
	size_t len;

	at = take(at, ' ', &row->name, &row->name_len);
	at = take(at, ' ', &row->id, &row->id_len);
	at = take(at, ' ', &row->links, &row->links_len);
	at = take(at, '\n', &length, &len);
	if (!at)
		return NULL;
	row->json = at;
	row->json_len = strtoul(length, NULL, 10);
	if (row->json_len + 1 > (size_t)(end - at))
		return NULL;
	return at + row->json_len + 1;
}

static int fill(const struct row *row, struct image *out)
{
	OWN_DOC struct image_doc doc = { 0 };
	OWN_FREE char *links = mem_strn(row->links, row->links_len);
	struct err ignored = { 0 };

	if (image_doc_read(row->json, row->json_len, &doc, &ignored) < 0)
		return -ENOENT;
	*out = (struct image){ 0 };
	out->id = mem_strn(row->id, row->id_len);
	strs_split(&out->links, links, ':');
	out->config = doc.config;
	doc.config = (struct image_config){ 0 };
	return 0;
}

int quick_find(const struct home *home, const char *name, struct image *out)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	struct row row;
	const char *at;
	const char *end;

	if (fs_read(home->fd, "run/images", MAX_FILE, &text, &ignored) < 0)
		return -ENOENT;
	at = text.data;
	end = text.data + text.len;
	while (at < end && (at = next_row(at, end, &row)))
		if (row.name_len == strlen(name) &&
		    memcmp(row.name, name, row.name_len) == 0)
			return fill(&row, out);
	return -ENOENT;
}

/* The lock is on the folder itself: no file of its own to be left behind. */
static int lock_run(const struct home *home, int how)
{
	OWN_FD int fd = openat(home->fd, "run",
			       O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	while (flock(fd, how) < 0)
		if (errno != EINTR)
			return -errno;
	return own_give_fd(&fd);
}

int quick_forget(const struct home *home, struct err *err)
{
	int lock = lock_run(home, LOCK_EX);

	if (lock < 0) {
		errno = -lock;
		return err_errno(err, "lock %s/run", home->path);
	}
	if (unlinkat(home->fd, "run/images", 0) < 0 && errno != ENOENT) {
		err_errno(err, "remove %s/run/images", home->path);
		close(lock);
		return -err->code;
	}
	return lock;
}

int quick_lock(const struct home *home)
{
	return lock_run(home, LOCK_SH | LOCK_NB);
}

void quick_add(struct buf *text, const char *name, const char *id,
	       const char *links, const char *json, size_t len)
{
	if (len > MAX_DOCUMENT || text->len + len > MAX_FILE / 2)
		return;
	buf_fmt(text, "%s %s %s %zu\n", name, id, links, len);
	buf_add(text, json, len);
	buf_char(text, '\n');
}

void quick_write(const struct home *home, const struct buf *text)
{
	struct err ignored = { 0 };

	(void)fs_replace(home->fd, "run/images", buf_text(text), text->len,
			 0600, false, &ignored);
}
