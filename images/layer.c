/* images/layer.c - see layer.h */
#include "images/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "images/archive.h"
#include "images/unpack.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/userns.h"

/* What the child is told, and what it answers. */
struct job {
	int fd;
	int root_fd;
	int blob_fd;
	int owners_fd;
	struct unpack_rules rules;
};

struct answer {
	struct tar_facts facts;
	int64_t size_bytes;
};

static int unpack_all(const struct job *job, struct answer *answer,
		      struct tar_in *in, struct err *err)
{
	struct unpack *unpack =
		unpack_new(job->root_fd, job->owners_fd, job->rules);
	struct archive_entry *entry;
	unsigned long long bytes = 0;
	int r;

	while ((r = tar_in_next(in, &entry, err)) == 1) {
		r = unpack_entry(unpack, entry, in, err);
		if (r < 0)
			break;
	}
	if (r == 0)
		r = unpack_end(unpack, err);
	unpack_free(unpack);
	if (r == 0)
		r = tar_in_end(in, &answer->facts, err);
	if (r == 0)
		r = fs_tree_size(job->root_fd, ".", &bytes, NULL, err);
	answer->size_bytes = (int64_t)bytes;
	return r;
}

static int unpack_in_child(void *arg, struct buf *reply, struct err *err)
{
	const struct job *job = arg;
	struct answer answer = { 0 };
	struct tar_in *in = NULL;
	int r;

	archive_prepare();
	if (fchdir(job->root_fd) < 0 || chroot(".") < 0)
		return err_errno(err, "chroot to the new layer");
	r = tar_in_open(job->fd, job->blob_fd, &in, err);
	if (r == 0)
		r = unpack_all(job, &answer, in, err);
	tar_in_close(in);
	if (r == 0)
		buf_add(reply, &answer, sizeof(answer));
	return r;
}

static int make_root(int dir_fd, struct err *err)
{
	if (mkdirat(dir_fd, "diff", 0755) < 0)
		return err_errno(err, "mkdir diff");
	/* Whatever the umask: this is the / of containers. */
	if (fchmodat(dir_fd, "diff", 0755, 0) < 0)
		return err_errno(err, "chmod diff");
	return fs_open_dir(dir_fd, "diff", err);
}

int layer_unpack(int fd, int dir_fd, int blob_fd, struct layer *out,
		 struct err *err)
{
	enum userns_kind kind = userns_kind();
	struct job job = {
		.fd = fd,
		.blob_fd = blob_fd,
		.rules = { .single = kind == USERNS_SINGLE,
			   .userxattr = kind != USERNS_NONE },
	};
	OWN_FD int root_fd = make_root(dir_fd, err);
	OWN_FD int owners_fd = -1;
	OWN_BUF struct buf reply = { 0 };
	struct answer answer;
	struct stat st;
	int r;

	if (root_fd < 0)
		return root_fd;
	owners_fd = fs_open(dir_fd, "owners", O_WRONLY | O_CREAT | O_APPEND,
			    0644, err);
	if (owners_fd < 0)
		return owners_fd;
	job.root_fd = root_fd;
	job.owners_fd = owners_fd;
	r = userns_call(unpack_in_child, &job, false, &reply, err);
	if (r < 0)
		return r;
	memcpy(&answer, reply.data, sizeof(answer));
	if (fstat(owners_fd, &st) == 0 && st.st_size == 0)
		(void)unlinkat(dir_fd, "owners", 0); /* empty says nothing */
	memcpy(out->diff, answer.facts.diff, sizeof(out->diff));
	memcpy(out->blob, answer.facts.blob, sizeof(out->blob));
	memcpy(out->blob_type, answer.facts.blob_type, sizeof(out->blob_type));
	out->tar_bytes = answer.facts.tar_bytes;
	out->blob_bytes = answer.facts.blob_bytes;
	out->size_bytes = answer.size_bytes;
	trace_step(TRACE_LAYER_UNPACK, "%" PRId64 " entries, %" PRId64 " bytes, %.19s",
		   answer.facts.entries, out->tar_bytes, out->diff);
	return 0;
}

/* ---- layer.json ---- */

void layer_write(const struct layer *layer, struct buf *out)
{
	/* Digests and types are of our own making: nothing to escape. */
	buf_fmt(out,
		"{\"diff\":\"%s\",\"chain\":\"%s\",\"parent\":\"%s\",\"blob\":\"%s\",\"blob_type\":\"%s\",\"size\":%" PRId64
		",\"tar_size\":%" PRId64 ",\"blob_size\":%" PRId64 "}\n",
		layer->diff, layer->chain, layer->parent, layer->blob,
		layer->blob_type, layer->size_bytes, layer->tar_bytes,
		layer->blob_bytes);
}

int layer_read(int dir_fd, struct layer *out, struct err *err)
{
	struct layer layer = { 0 };
	OWN_BUF struct buf text = { 0 };
	const char *diff;
	const char *chain;
	const char *parent;
	const char *blob;
	const char *type;
	json_int_t size;
	json_int_t tar_size;
	json_int_t blob_size;
	json_t *root;
	int r = fs_read(dir_fd, "layer.json", 64 << 10, &text, err);

	if (r < 0)
		return r;
	root = json_loadb(buf_text(&text), text.len, 0, NULL);
	r = json_unpack(root, "{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I}", "diff",
			&diff, "chain", &chain, "parent", &parent, "blob",
			&blob, "blob_type", &type, "size", &size, "tar_size",
			&tar_size, "blob_size", &blob_size);
	if (r == 0 && digest_is_valid(diff) && digest_is_valid(chain) &&
	    (!*parent || digest_is_valid(parent)) &&
	    (!*blob || digest_is_valid(blob)) &&
	    strlen(type) < sizeof(layer.blob_type)) {
		snprintf(layer.diff, sizeof(layer.diff), "%s", diff);
		snprintf(layer.chain, sizeof(layer.chain), "%s", chain);
		snprintf(layer.parent, sizeof(layer.parent), "%s", parent);
		snprintf(layer.blob, sizeof(layer.blob), "%s", blob);
		snprintf(layer.blob_type, sizeof(layer.blob_type), "%s", type);
		layer.size_bytes = size;
		layer.tar_bytes = tar_size;
		layer.blob_bytes = blob_size;
		*out = layer;
	} else {
		r = err_set(err, EINVAL, _("layer.json is damaged"));
	}
	json_decref(root);
	return r;
}
