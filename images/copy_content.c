/* images/copy_content.c - sources that are no files: heredocs and URLs; see
 * copy_private.h */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/context.h"
#include "images/copy_private.h"
#include "images/dockerfile.h"
#include "images/fetch.h"
#include "images/tarsum.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

static const char unnamed[] = "__unnamed__"; /* Docker's */

/* One item, of which there is only the content. */
static int add_text(struct copy_found *found, struct copy_source *source,
		    const struct stat *st, bool of_image)
{
	const struct tarsum_file file = { .name = *source->name ? source->name
								: unnamed,
					  .st = st,
					  .of_image = of_image };
	struct copy_item *item;
	struct digest *digest = tarsum_begin(&file);
	char sum[DIGEST_SIZE];
	char block[4096];
	off_t at = 0;
	ssize_t got;

	if (source->text)
		digest_add(digest, source->text, (size_t)st->st_size);
	while (source->fd >= 0 &&
	       (got = pread(source->fd, block, sizeof(block), at)) > 0) {
		digest_add(digest, block, (size_t)got);
		at += got;
	}
	digest_end(digest, sum);
	item = copy_add_item(found, file.name, st);
	item->sum = mem_str(digest_hex(sum));
	source->count = 1;
	source->path = mem_str("");
	/* Docker forgets the "file:" of what it has fetched. */
	source->sum = source->text ? mem_fmt("file:%s", item->sum)
				   : mem_str(item->sum);
	return 0;
}

int copy_add_heredoc(struct copy_found *found, const struct heredoc *heredoc)
{
	const struct context *context = found->request.context;
	struct copy_source *source =
		copy_add_source(found, COPY_TEXT, heredoc->name);
	const struct stat st = {
		.st_mode = S_IFREG | 0644,
		.st_size = (off_t)strlen(heredoc->body),
		.st_mtim.tv_sec =
			context ? context_dockerfile_time(context) : 0,
	};

	source->text = heredoc->body;
	return add_text(found, source, &st, false);
}

int copy_add_url(struct copy_found *found, const struct home *home,
		 const char *url, struct err *err)
{
	const struct copy_request *request = &found->request;
	size_t len = strlen(request->dest);
	OWN_FD int fd = fetch_open_file(home, err);
	struct fetched fetched = { 0 };
	struct copy_source *source;
	struct stat st = { .st_mode = S_IFREG | 0600 };
	struct stat file;
	int r;

	if (fd < 0)
		return fd;
	r = fetch(url, fd, request->watch, &fetched, err);
	if (r < 0)
		return err->voice == ERR_OURS || r == -EINTR
			       ? r
			       : err_wrap(err, "ADD failed");
	found->fetched++;
	if (!fetched.name && len && request->dest[len - 1] == '/')
		return err_docker(
			err, ERR_BARE, EINVAL,
			"ADD failed: cannot determine filename for source %s",
			url);
	if (fstat(fd, &file) < 0)
		return err_errno(err, "stat what was fetched");
	st.st_size = file.st_size;
	st.st_mtim.tv_sec = fetched.mtime;
	source = copy_add_source(found, COPY_FETCHED,
				 fetched.name ? fetched.name : unnamed);
	free(fetched.name);
	source->fd = own_give_fd(&fd);
	return add_text(found, source, &st, true);
}
