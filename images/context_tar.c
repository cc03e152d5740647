/* images/context_tar.c - a context on standard input; see context.h
 *
 *   child                                    we
 *   extract into layers/tmp-* <--- bytes --- standard input
 *
 * What the bytes are is seen from the first block: a compressed file, a tar, or
 * else a Dockerfile. The folder is one that a later build sweeps away, should this
 * one be killed (stage.h). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/archive.h"
#include "images/context.h"
#include "images/context_private.h"
#include "images/context_size.h"
#include "images/dockerfile.h"
#include "images/extract.h"
#include "images/transfer.h"
#include "runtime/base/amount.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/userns.h"

enum { CHECKSUM_AT = 148, CHECKSUM_LEN = 8 };

static const char default_name[] = "Dockerfile";

/* ---- what it is ---- */

struct magic {
	const char *bytes;
	size_t len;
};

static const struct magic compressed[] = {
	{ "BZh", 3 },
	{ "\x1F\x8B\x08", 3 },
	{ "\xFD\x37\x7A\x58\x5A\x00", 6 },
	{ "\x28\xB5\x2F\xFD", 4 },
};

/* The sum of a tar header's bytes, its own field taken for blanks. */
static bool is_tar_header(const unsigned char *block)
{
	char field[CHECKSUM_LEN + 1] = "";
	unsigned long sum = 0;

	for (int i = 0; i < TAR_BLOCK; i++)
		sum += i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_LEN
			       ? ' '
			       : block[i];
	memcpy(field, block + CHECKSUM_AT, CHECKSUM_LEN);
	return block[0] && strtoul(field, NULL, 8) == sum;
}

static bool is_archive(const struct buf *head)
{
	for (size_t i = 0; i < sizeof(compressed) / sizeof(*compressed); i++)
		if (head->len >= compressed[i].len &&
		    memcmp(head->data, compressed[i].bytes,
			   compressed[i].len) == 0)
			return true;
	return head->len == TAR_BLOCK &&
	       is_tar_header((const unsigned char *)head->data);
}

static int read_head(int fd, struct buf *head, struct err *err)
{
	char *room = buf_room(head, TAR_BLOCK);

	while (head->len < TAR_BLOCK) {
		ssize_t got = interrupt_seen() ? -1
					       : read(fd, room + head->len,
						      TAR_BLOCK - head->len);

		if (interrupt_seen())
			return interrupt_err(err);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_docker(
				err, ERR_BARE, errno,
				"unable to prepare context: failed to peek context header from STDIN: %s",
				strerror(errno));
		if (got == 0)
			break;
		head->len += (size_t)got;
	}
	head->data[head->len] = '\0';
	return 0;
}

/* ---- where it goes ---- */

static int make_folder(struct context *context, struct err *err)
{
	unsigned long long random = 0;

	(void)!getrandom(&random, sizeof(random), 0); /* mkdir finds clashes */
	context->lock_fd = fs_open_dir(context->home->fd, "layers", err);
	if (context->lock_fd < 0)
		return context->lock_fd;
	if (flock(context->lock_fd, LOCK_SH) < 0)
		return err_errno(err, "lock the layers");
	context->tmp = mem_fmt("tmp-%016llx", random);
	if (mkdirat(context->lock_fd, context->tmp, 0700) < 0)
		return err_errno(err, "mkdir layers/%s", context->tmp);
	context->root_fd = fs_open_dir(context->lock_fd, context->tmp, err);
	return context->root_fd < 0 ? context->root_fd : 0;
}

void context_remove_files(struct context *context)
{
	struct err ignored = { 0 };

	/* What could not be removed is swept by a later build. */
	if (context->tmp)
		(void)fs_remove_tree(context->lock_fd, context->tmp, &ignored);
	if (context->lock_fd >= 0)
		close(context->lock_fd);
	free(context->tmp);
}

/* ---- a Dockerfile alone ---- */

/* It is the one file of its context. */
static int keep_dockerfile(struct context *context, struct buf *head, int fd,
			   struct err *err)
{
	int r = fs_read_fd(fd, DOCKERFILE_MAX, head, err);

	if (r == 0)
		r = make_folder(context, err);
	if (r == 0)
		r = fs_replace(context->root_fd, default_name, buf_text(head),
			       head->len, 0644, false, err);
	context->dockerfile = mem_str(default_name);
	context->bytes =
		context_size_entry(default_name, "", (int64_t)head->len) +
		TAR_END;
	return r;
}

/* ---- a tar ---- */

struct request {
	int root_fd;
	int mine;
	int theirs;
};

static int extract_work(void *arg, struct buf *reply, struct err *err)
{
	const struct request *request = arg;
	const struct extract_rules rules = {
		.base_fd = request->root_fd,
		.base = "/",
		.root_fd = request->root_fd,
		.owner = EXTRACT_MINE,
		.daemon = true,
	};

	(void)reply;
	close(request->theirs);
	return extract(request->mine, &rules, err);
}

/* Counts what goes over, behind the head. */
struct counter {
	struct context *context;
	const struct archive_watch *watch;
	int64_t head;
};

static void count(void *arg, int64_t bytes)
{
	struct counter *counter = arg;

	counter->context->bytes = counter->head + bytes;
	if (counter->watch && counter->watch->moved)
		counter->watch->moved(counter->watch->arg,
				      counter->context->bytes);
	else
		amount_set(counter->context->bytes);
}

static int send_all(int fd, const struct buf *head, int input_fd,
		    const struct archive_watch *watch, struct err *err)
{
	if (send(fd, head->data, head->len, MSG_NOSIGNAL) < 0)
		return err_errno(err, "write the archive");
	return transfer_pump(input_fd, fd, watch, err);
}

static int keep_tar(struct context *context, const struct buf *head,
		    const struct context_choice *choice, struct err *err)
{
	struct request request = { -1, -1, -1 };
	struct counter counter = { context, choice->watch, (int64_t)head->len };
	const struct archive_watch watch = { count, &counter };
	struct userns_child child = { -1, -1 };
	struct err ours = { 0 };
	const struct transfer_work work = { extract_work, &request, USERNS_HERE,
					    &request.mine, &request.theirs };
	int r = make_folder(context, err);

	context->bytes = counter.head;
	request.root_fd = context->root_fd;
	if (r == 0)
		r = transfer_start(&work, &child, err);
	if (r < 0)
		return r;
	(void)send_all(request.theirs, head, choice->input_fd, &watch, &ours);
	return transfer_end(&child, request.theirs, false, &ours, err);
}

int context_from_input(struct context *context,
		       const struct context_choice *choice, struct err *err)
{
	OWN_BUF struct buf head = { 0 };
	int r = read_head(choice->input_fd, &head, err);

	if (r < 0)
		return r;
	context->from_tar = true;
	if (!is_archive(&head))
		return keep_dockerfile(context, &head, choice->input_fd, err);
	context->dockerfile = fs_clean_path(
		choice->dockerfile ? choice->dockerfile : default_name);
	return keep_tar(context, &head, choice, err);
}
