/* images/owners.c - see owners.h */
#include "images/owners.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <archive_entry.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

#define LARGEST_NOTES ((size_t)64 << 20)

/* layer  which of the layers it lies in, counted from the highest */
struct note {
	const char *path;
	size_t layer;
	int64_t uid;
	int64_t gid;
	unsigned mode;
	unsigned major;
	unsigned minor;
	char kind;
};

/* layers  the writable one first; names below the home
 * texts   what the notes' paths point into */
struct owners {
	int home_fd;
	struct strs layers;
	struct buf *texts;
	size_t text_count;
	struct note *notes;
	size_t count;
};

void owners_free(struct owners *owners)
{
	if (!owners)
		return;
	for (size_t i = 0; i < owners->text_count; i++)
		buf_done(&owners->texts[i]);
	free(owners->texts);
	free(owners->notes);
	strs_done(&owners->layers);
	free(owners);
}

/* "c 0 0 666 1 3 dev/null"; anything else is left alone. */
static void take_line(struct owners *owners, const char *line, size_t layer)
{
	struct note note = { .kind = line[0], .layer = layer };
	long long numbers[5] = { 0 };
	const char *at = line[0] ? line + 1 : line;

	for (size_t i = 0; i < 5; i++) {
		char *end;

		numbers[i] = strtoll(at, &end, i == 2 ? 8 : 10);
		if (end == at)
			return;
		at = end;
	}
	if (*at != ' ')
		return;
	note.uid = numbers[0];
	note.gid = numbers[1];
	note.mode = (unsigned)numbers[2];
	note.major = (unsigned)numbers[3];
	note.minor = (unsigned)numbers[4];
	note.path = at + 1;
	owners->notes = mem_grow(owners->notes, owners->count + 1,
				 sizeof(*owners->notes));
	owners->notes[owners->count++] = note;
}

static int read_layer(struct owners *owners, const char *link, size_t layer,
		      struct err *err)
{
	OWN_FREE char *path = mem_fmt("%s/../owners", link);
	struct buf text = { 0 };
	int r;

	if (!fs_exists(owners->home_fd, path))
		return 0;
	r = fs_read(owners->home_fd, path, LARGEST_NOTES, &text, err);
	if (r < 0) {
		buf_done(&text);
		return r;
	}
	for (const char *at = text.data; at < text.data + text.len;
	     at += strlen(at) + 1)
		take_line(owners, at, layer);
	owners->texts = mem_grow(owners->texts, owners->text_count + 1,
				 sizeof(*owners->texts));
	owners->texts[owners->text_count++] = text;
	return 0;
}

static int by_path(const void *a, const void *b)
{
	const struct note *x = a;
	const struct note *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : (x->layer > y->layer) - (x->layer < y->layer);
}

int owners_read(const struct home *home, const char *upper,
		const struct strs *layers, struct owners **out,
		struct err *err)
{
	struct owners *owners = mem_zero(1, sizeof(*owners));
	int r = 0;

	owners->home_fd = home->fd;
	strs_add(&owners->layers, upper);
	strs_copy(&owners->layers, layers);
	for (size_t i = 0; i < layers->count && r == 0; i++)
		r = read_layer(owners, layers->items[i], i + 1, err);
	if (r < 0 || !owners->count) {
		owners_free(owners);
		*out = r < 0 ? *out : NULL;
		return r;
	}
	qsort(owners->notes, owners->count, sizeof(*owners->notes), by_path);
	*out = owners;
	return 0;
}

/* Whether a layer above has something of that name, which then is what the tree
 * shows. */
static bool is_covered(const struct owners *owners, const struct note *note)
{
	for (size_t i = 0; i < note->layer; i++) {
		struct err ignored = { 0 };
		OWN_FD int layer_fd = fs_open_dir(
			owners->home_fd, owners->layers.items[i], &ignored);
		OWN_FD int fd = layer_fd < 0 ?
					-1 :
					fs_open_beneath(layer_fd, note->path,
							O_PATH | O_NOFOLLOW, 0,
							&ignored);

		if (fd >= 0)
			return true;
	}
	return false;
}

static const struct note *find(const struct owners *owners, const char *path)
{
	size_t low = 0;
	size_t high = owners->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(owners->notes[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == owners->count || strcmp(owners->notes[low].path, path) != 0)
		return NULL;
	return &owners->notes[low]; /* of several the highest layer's */
}

void owners_apply(struct owners *owners, const char *path,
		  struct archive_entry *entry)
{
	const struct note *note = find(owners, path);

	if (!note || is_covered(owners, note))
		return;
	if (note->kind == 'c' || note->kind == 'b') {
		archive_entry_set_filetype(entry, note->kind == 'c' ? AE_IFCHR :
								      AE_IFBLK);
		archive_entry_set_rdev(entry, makedev(note->major, note->minor));
		archive_entry_set_size(entry, 0);
		archive_entry_set_perm(entry, note->mode);
	}
	archive_entry_set_uid(entry, note->uid);
	archive_entry_set_gid(entry, note->gid);
}
