/* images/build_copy.c - see build_copy.h
 *
 * Order of the file: finding, the checksum, the layer. Who sees what:
 *
 *                        a build context         an image (--from)
 *   sources found by     us                      a child that mounts it
 *   layer written by     a child that mounts the image below, and that one */
#include "images/build_copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/archive.h"
#include "images/context.h"
#include "images/copy_layer.h"
#include "images/copy_owner.h"
#include "images/copy_private.h"
#include "images/dockerfile.h"
#include "images/fetch.h"
#include "images/owners.h"
#include "images/stage.h"
#include "images/store.h"
#include "images/tarsum.h"
#include "images/transfer.h"
#include "runtime/base/amount.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/rootfs.h"
#include "runtime/userns.h"

void copy_free(struct copy_found *found)
{
	if (!found)
		return;
	for (size_t i = 0; i < found->item_count; i++) {
		free(found->items[i].path);
		free(found->items[i].sum);
	}
	for (size_t i = 0; i < found->source_count; i++) {
		struct copy_source *source = &found->sources[i];

		free(source->name);
		free(source->path);
		free(source->sum);
		if (source->fd >= 0)
			close(source->fd);
	}
	free(found->items);
	free(found->sources);
	free(found->files);
	free(found->checksum);
	free(found);
}

/* ---- finding ---- */

static int find_in_context(struct copy_found *found, const struct home *home,
			   struct err *err)
{
	const struct copy_request *request = &found->request;
	const struct copy_root root = {
		.root_fd =
			request->context ? context_root(request->context) : -1,
		.ignore = request->context ? context_ignore(request->context)
					   : NULL,
		.late = request->late,
	};
	int r = 0;

	for (size_t i = 0; i < request->sources->count && r == 0; i++) {
		const char *source = request->sources->items[i];

		if (!fetch_is_url(source))
			r = copy_find_source(found, &root, source, err);
		else if (request->add)
			r = copy_add_url(found, home, source, err);
		else
			r = err_docker(
				err, ERR_BARE, EINVAL,
				"COPY failed: source can't be a URL for COPY");
	}
	return r;
}

/* What the child knows. */
struct looking {
	const struct home *home;
	struct copy_found *found;
};

static int find_work(void *arg, struct buf *reply, struct err *err)
{
	const struct looking *looking = arg;
	const struct copy_request *request = &looking->found->request;
	struct copy_root root = { .root_fd = -1,
				  .of_image = true,
				  .late = request->late };
	int r = 0;

	archive_prepare();
	if (request->from->links.count) {
		root.root_fd = rootfs_mount_image(looking->home,
						  &request->from->links, err);
		r = root.root_fd < 0 ? root.root_fd : 0;
	}
	for (size_t i = 0; i < request->sources->count && r == 0; i++)
		r = copy_find_source(looking->found, &root,
				     request->sources->items[i], err);
	if (r == 0)
		copy_found_write(looking->found, reply);
	return r;
}

static int find_in_image(struct copy_found *found, const struct home *home,
			 struct err *err)
{
	struct looking looking = { home, found };
	OWN_BUF struct buf reply = { 0 };
	int r = userns_call(find_work, &looking, true, &reply, err);

	return r < 0 ? r : copy_found_read(found, &reply, err);
}

static bool is_octal(const char *text)
{
	size_t len = strlen(text);

	return len && strspn(text, "01234567") == len &&
	       strtoul(text, NULL, 8) <= 07777;
}

static int check(const struct copy_found *found, struct err *err)
{
	const struct copy_request *request = &found->request;
	const char *verb = copy_verb(request);
	size_t len = strlen(request->dest);

	if (found->source_count == 0)
		return err_docker(err, ERR_BARE, ENOENT,
				  "%s failed: no source files were specified",
				  verb);
	if (found->source_count > 1 && (!len || request->dest[len - 1] != '/'))
		return err_docker(
			err, ERR_BARE, EINVAL,
			"When using %s with more than one source file, the destination must be a directory and end with a /",
			verb);
	return 0;
}

int copy_find(struct store *store, const struct copy_request *request,
	      struct copy_found **out, struct err *err)
{
	const struct home *home = store_home(store);
	struct copy_found *found;
	int r;

	if (request->chmod && !is_octal(request->chmod))
		return err_docker(
			err, ERR_BARE, EINVAL,
			"invalid chmod parameter: '%s'. it should be octal string and between 0 and 07777",
			request->chmod);
	found = mem_zero(1, sizeof(*found));
	found->request = *request;
	r = request->from ? find_in_image(found, home, err)
			  : find_in_context(found, home, err);
	for (size_t i = 0; i < request->heredoc_count && r == 0; i++)
		r = copy_add_heredoc(found, &request->heredocs[i]);
	if (r == 0)
		r = check(found, err);
	if (r < 0) {
		copy_free(found);
		return r;
	}
	if (!request->late)
		copy_sum_up(found);
	*out = found;
	return 0;
}

const char *copy_checksum(const struct copy_found *found)
{
	return found->checksum;
}

int copy_fetched(const struct copy_found *found)
{
	return found->fetched;
}

static int by_path(const void *a, const void *b)
{
	const struct copy_file *x = a;
	const struct copy_file *y = b;

	return strcmp(x->path, y->path);
}

const struct copy_file *copy_files(struct copy_found *found, size_t *out_count)
{
	if (!found->files && found->item_count) {
		found->files =
			mem_alloc(found->item_count * sizeof(*found->files));
		for (size_t i = 0; i < found->item_count; i++)
			found->files[i] =
				(struct copy_file){ found->items[i].path,
						    found->items[i].sum };
		qsort(found->files, found->item_count, sizeof(*found->files),
		      by_path);
	}
	*out_count = found->item_count;
	return found->files;
}

/* ---- the layer ---- */

/* What the child is told.
 *
 * on            links of the image below, or NULL
 * mine, theirs  the ends of the socket: the child's and the caller's */
struct writing {
	const struct home *home;
	struct copy_found *found;
	const struct strs *on;
	struct owners *owners;
	int mine;
	int theirs;
};

/* Absolute; a '/' at its end says that it is a folder, and stays. Given. */
static char *whole_dest(const struct copy_request *request)
{
	const char *cwd = request->cwd ? request->cwd : "";
	size_t len = strlen(request->dest);
	OWN_FREE char *joined = request->dest[0] == '/'
					? mem_str(request->dest)
					: mem_fmt("/%s/%s", cwd, request->dest);
	OWN_FREE char *clean = fs_clean_path(joined);
	bool folder =
		len && request->dest[len - 1] == '/' && strcmp(clean, "/") != 0;

	return mem_fmt("%s%s", clean, folder ? "/" : "");
}

static int mount_roots(const struct writing *w, int *out_on,
		       struct copy_layering *l, struct err *err)
{
	const struct copy_request *request = &w->found->request;

	if (w->on && w->on->count) {
		*out_on = rootfs_mount_image(w->home, w->on, err);
		if (*out_on < 0)
			return *out_on;
	}
	l->root.of_image = request->from != NULL;
	if (request->from && request->from->links.count) {
		l->root.root_fd =
			rootfs_mount_image(w->home, &request->from->links, err);
		return l->root.root_fd < 0 ? l->root.root_fd : 0;
	}
	l->root.root_fd =
		request->context ? context_root(request->context) : -1;
	return 0;
}

static int write_work(void *arg, struct buf *reply, struct err *err)
{
	const struct writing *w = arg;
	const struct copy_request *request = &w->found->request;
	OWN_FREE char *dest = whole_dest(request);
	struct copy_layering l = {
		.found = w->found,
		.dest = dest,
		.owners = w->owners,
		.root.root_fd = -1,
		.keep_owner = request->from && !request->chown,
		.has_chmod = request->chmod != NULL,
	};
	int on_fd = -1;
	int r;

	close(w->theirs);
	archive_prepare();
	r = mount_roots(w, &on_fd, &l, err);
	if (r == 0 && request->chown)
		r = copy_owner(request->chown, on_fd, &l.owner.uid,
			       &l.owner.gid, err);
	if (r < 0)
		return r;
	if (request->chmod)
		/* The other bits get lost in Docker too: Go counts them
		 * elsewhere. */
		l.chmod = (mode_t)strtoul(request->chmod, NULL, 8) & 0777;
	l.tar = copy_tar_new(w->mine, on_fd);
	if (request->late)
		l.sums = mem_zero(w->found->item_count + 1, sizeof(*l.sums));
	r = copy_layer_write(&l, err);
	copy_tar_free(l.tar);
	/* Whoever reads the tar sees its end before the answer is read. */
	close(w->mine);
	for (size_t i = 0; l.sums && r == 0 && i < w->found->item_count; i++)
		buf_fmt(reply, "%s\n", l.sums[i] ? l.sums[i] : "");
	return r; /* the child's end frees the sums */
}

/* Fills in what the child has summed up. */
static int take_sums(struct copy_found *found, const struct buf *sums,
		     struct err *err)
{
	const char *at = buf_text(sums);

	for (size_t i = 0; i < found->item_count; i++) {
		size_t len = strcspn(at, "\n");

		if (len && !found->items[i].sum)
			found->items[i].sum = mem_strn(at, len);
		if (!at[len] || !found->items[i].sum)
			return err_set(
				err, EIO,
				_("the helper process ended without an answer"));
		at += len + 1;
	}
	copy_sum_up(found);
	return 0;
}

/* Whether anything comes at all. The child writes nothing where there is no entry,
 * and what it writes first waits in the socket. */
static int anything_comes(int fd, struct err *err)
{
	char first;
	ssize_t got;

	do {
		if (interrupt_seen())
			return interrupt_err(err);
		got = recv(fd, &first, 1, MSG_PEEK);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? err_errno(err, "read the layer") : got == 1;
}

static int read_owners(const struct writing *w, struct owners **out,
		       struct err *err)
{
	const struct image *from = w->found->request.from;

	if (!from || userns_kind() != USERNS_SINGLE)
		return 0;
	return owners_read(w->home, "none", &from->links, out, err);
}

static int stage_it(struct writing *w, const char *parent, struct stage *stage,
		    int *out_place, struct err *err)
{
	struct userns_child child = { -1, -1 };
	OWN_BUF struct buf sums = { 0 };
	struct err ours = { 0 };
	const struct transfer_work work = { write_work, w, USERNS_WITH_MOUNTS,
					    &w->mine, &w->theirs };
	int place = -1;
	int r = transfer_start(&work, &child, err);

	if (r < 0)
		return r;
	if (anything_comes(w->theirs, &ours) == 1)
		place = stage_layer(stage, w->theirs, parent, &ours);
	r = transfer_end_reply(&child, w->theirs, &ours, &sums, err);
	if (r == 0 && w->found->request.late && !w->found->checksum)
		r = take_sums(w->found, &sums, err);
	if (r == 0)
		*out_place = place;
	return r;
}

int copy_layer(struct store *store, struct copy_found *found,
	       const struct image *on, struct stage *stage, int *out_place,
	       struct err *err)
{
	struct writing w = { .home = store_home(store),
			     .found = found,
			     .on = on ? &on->links : NULL };
	const char *parent = on && on->chains.count
				     ? on->chains.items[on->chains.count - 1]
				     : NULL;
	int64_t total = 0;
	int r = read_owners(&w, &w.owners, err);

	for (size_t i = 0; i < found->item_count; i++)
		total += found->items[i].size;
	amount_begin(N_("Copying - "), total);
	if (r == 0)
		r = stage_it(&w, parent, stage, out_place, err);
	amount_end();
	owners_free(w.owners);
	return r;
}
