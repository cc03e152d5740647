/* images/commit.c - see commit.h; the config is commit_config.c's
 *
 *   child                                    we
 *   pack containers/<id>/upper  --- tar -->  stage_layer: layers/tmp-*, blob
 *                                            config, blob
 *                                            stage_commit, database
 *
 * The child is root among the account's ids, so that each file has the owner in
 * the tar that it has in the container. */
#include "images/commit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "images/archive.h"
#include "images/commit_config.h"
#include "images/manifest.h"
#include "images/pack.h"
#include "images/ref.h"
#include "images/stage.h"
#include "images/store.h"
#include "images/transfer.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/container_control.h"
#include "runtime/events.h"
#include "runtime/home.h"
#include "runtime/rootfs.h"
#include "runtime/userns.h"

/* All that a commit works with.
 *
 * doc    its image's document at first, then the new one's
 * chain  chain id of the image's layers */
struct commit {
	struct store *store;
	const struct commit_choice *choice;
	struct container container;
	struct image_doc doc;
	struct ref name;
	char chain[DIGEST_SIZE];
};

/* ---- the layer ---- */

/* left_out      mount points, where they lie in this layer (rootfs.h: a store that
 *               may only be read); else NULL: what is of that name was changed
 * mine, theirs  the ends of the socket: the child's and the caller's */
struct request {
	const struct home *home;
	const char *id;
	const char *const *left_out;
	int mine;
	int theirs;
};

static struct request request_for(const struct commit *commit)
{
	const struct home *home = store_home(commit->store);
	const struct spec *spec = &commit->container.spec;
	OWN_FREE char *init = mem_fmt("%s/../init", spec->layers.items[0]);
	struct request request = { home, spec->id, NULL, -1, -1 };

	if (!fs_exists(home->fd, init))
		request.left_out = rootfs_mount_points;
	return request;
}

static int open_upper(const struct request *request, struct err *err)
{
	OWN_FREE char *path = mem_fmt("containers/%s/upper", request->id);

	return fs_open_dir(request->home->fd, path, err);
}

static int pack_work(void *arg, struct buf *reply, struct err *err)
{
	const struct request *request = arg;
	const struct pack_rules rules = {
		.layer = true,
		.attributes = true,
		.noted_owners = userns_kind() != USERNS_NONE,
		.left_out = request->left_out,
	};
	OWN_FD int fd = open_upper(request, err);
	struct pack *pack = NULL;
	int r;

	(void)reply;
	if (fd < 0)
		return fd;
	close(request->theirs);
	archive_prepare();
	if (fchdir(fd) < 0 || chroot(".") < 0)
		return err_errno(err, "chroot to the container's layer");
	r = pack_open(request->mine, &rules, &pack, err);
	if (r == 0)
		r = pack_add_inside(pack, fd, err);
	if (r == 0)
		r = pack_end(pack, NULL, err);
	pack_free(pack);
	return r;
}

/* One byte of reply where there is anything that goes into a layer. */
static int look_work(void *arg, struct buf *reply, struct err *err)
{
	const struct request *request = arg;
	OWN_FD int fd = open_upper(request, err);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir)
		return fd < 0 ? fd : err_errno(err, "read the layer");
	(void)own_give_fd(&fd);
	while ((entry = readdir(dir)) && !reply->len) {
		bool counts = strcmp(entry->d_name, ".") != 0 &&
			      strcmp(entry->d_name, "..") != 0;

		for (const char *const *p = request->left_out; p && *p; p++)
			counts = counts && strcmp(*p, entry->d_name) != 0;
		if (counts)
			buf_char(reply, '+');
	}
	return 0;
}

/* Packs the layer in a child and stages it here. Returns its place. */
static int stage_upper(struct commit *commit, struct stage *stage,
		       struct err *err)
{
	struct request request = request_for(commit);
	struct userns_child child = { -1, -1 };
	struct err ours = { 0 };
	int pair[2];
	int place;
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, "socketpair");
	request.theirs = pair[0];
	request.mine = pair[1];
	r = userns_start(pack_work, &request, USERNS_IDS, &child, err);
	close(pair[1]);
	if (r < 0) {
		close(pair[0]);
		return r;
	}
	place = stage_layer(stage, pair[0],
			    commit->chain[0] ? commit->chain : NULL, &ours);
	r = transfer_end(&child, pair[0], true, &ours, err);
	return r < 0 ? r : place;
}

/* ---- standing still ---- */

/* Whether it is to be let go again. A pause that was asked for when Ctrl-C came
 * may still come about. */
static bool hold(const struct commit *commit)
{
	struct err ignored = { 0 };
	int r;

	if (!commit->choice->pause ||
	    commit->container.status != CONTAINER_RUNNING)
		return false;
	r = container_pause(store_home(commit->store),
			    commit->container.spec.id, &ignored);
	return r == 0 || r == -EINTR;
}

static void let_go(const struct commit *commit)
{
	struct err ignored = { 0 };

	/* Once more where a Ctrl-C came between question and answer; one that
	 * has ended is fine. */
	for (int tries = 0; tries < 2; tries++)
		if (container_unpause(store_home(commit->store),
				      commit->container.spec.id,
				      &ignored) != -EINTR)
			return;
}

static int stage_upper_at_rest(struct commit *commit, struct stage *stage,
			       struct err *err)
{
	bool held = hold(commit);
	int place = stage_upper(commit, stage, err);

	if (held)
		let_go(commit);
	return place;
}

/* ---- the image ---- */

static void note_events(const struct commit *commit, const char *id)
{
	const struct home *home = store_home(commit->store);
	const char *message = commit->choice->message;
	OWN_FREE char *name =
		commit->name.path ? ref_familiar(&commit->name) : mem_str("");
	OWN_STRS struct strs pairs = { 0 };
	OWN_BUF struct buf line = { 0 };

	if (*name)
		store_note_event(commit->store, "tag", id, name);
	strs_addf(&pairs, "comment=%s", message ? message : "");
	strs_addf(&pairs, "imageID=%s", id);
	strs_addf(&pairs, "imageRef=%s", name);
	events_add_container(&line, 0, &commit->container.spec, "commit",
			     &pairs);
	events_write(home, &line);
}

static int enter(struct commit *commit, const struct buf *config,
		 char out_id[DIGEST_SIZE], struct err *err)
{
	char id[DIGEST_SIZE];
	int r = store_begin(commit->store, err);

	if (r < 0)
		return r;
	r = store_add_image(commit->store, config->data, config->len,
			    commit->container.spec.image_id, id, err);
	if (r == 0 && commit->name.path)
		r = store_set_tag(commit->store, &commit->name, id, err);
	r = store_end(commit->store, r, err);
	if (r < 0)
		return r;
	memcpy(out_id, id, DIGEST_SIZE);
	note_events(commit, id);
	return 0;
}

static int make_image(struct commit *commit, struct stage *stage,
		      bool with_layer, char out_id[DIGEST_SIZE],
		      struct err *err)
{
	OWN_BUF struct buf config = { 0 };
	char digest[DIGEST_SIZE];
	int r = 0;

	if (with_layer) {
		int place = stage_upper_at_rest(commit, stage, err);

		if (place < 0)
			return place;
		strs_add(&commit->doc.diffs,
			 stage_layer_at(stage, place)->diff);
	}
	commit_config_step(&commit->doc, commit->choice, !with_layer);
	image_doc_write(&commit->doc, &config);
	r = stage_blob(stage, config.data, config.len, digest, err);
	if (r == 0)
		r = stage_commit(stage, err);
	return r < 0 ? r : enter(commit, &config, out_id, err);
}

/* ---- before ---- */

/* The client's work in Docker, so the sentences stand alone. */
static int parse_name(const char *text, struct ref *out, struct err *err)
{
	int r = ref_parse(text, out, err);

	if (r == 0 && out->digest)
		r = err_docker(err, ERR_BARE, EINVAL,
			       "refusing to create a tag with a digest reference");
	if (r == 0)
		ref_tag_latest(out);
	else
		err->voice = ERR_BARE;
	return r;
}

static int read_image(struct commit *commit, struct err *err)
{
	const char *id = commit->container.spec.image_id;
	OWN_BUF struct buf text = { 0 };
	struct err lost = { 0 };
	char chain[DIGEST_SIZE] = "";
	int r = store_config(commit->store, id, &text, &lost);

	if (r < 0) {
		err_docker(err, ERR_DAEMON, ENOENT, "No such image: %s", id);
		return err_hint(err, "%s", lost.msg);
	}
	r = image_doc_read(text.data, text.len, &commit->doc, err);
	if (r < 0)
		return err_wrap(err, _("the config of %.19s"), id);
	for (size_t i = 0; i < commit->doc.diffs.count; i++) {
		digest_chain(i ? chain : NULL, commit->doc.diffs.items[i],
			     commit->chain);
		memcpy(chain, commit->chain, DIGEST_SIZE);
	}
	return 0;
}

static int prepare(struct commit *commit, struct err *err)
{
	const struct commit_choice *choice = commit->choice;
	int r = choice->name ? parse_name(choice->name, &commit->name, err) : 0;

	if (r == 0)
		r = container_find(store_home(commit->store),
				   choice->container, &commit->container, err);
	if (r < 0) {
		err->voice = err->voice == ERR_CLIENT ? ERR_DAEMON :
							err->voice;
		return r;
	}
	r = read_image(commit, err);
	return r < 0 ? r :
		       commit_config_fill(&commit->doc, &commit->container.spec,
					  choice, err);
}

static int has_changes(const struct commit *commit, struct err *err)
{
	struct request request = request_for(commit);
	OWN_BUF struct buf reply = { 0 };
	int r = userns_call(look_work, &request, false, &reply, err);

	return r < 0 ? r : reply.len > 0;
}

int commit_container(struct store *store, const struct commit_choice *choice,
		     char out_id[DIGEST_SIZE], struct err *err)
{
	struct commit commit = { .store = store, .choice = choice };
	struct stage *stage = NULL;
	struct err ignored = { 0 };
	int changed = 0;
	int r = prepare(&commit, err);

	if (r == 0 && !store_db(store, err))
		r = -err->code;
	if (r == 0)
		r = changed = has_changes(&commit, err);
	if (r >= 0)
		r = stage_open(store_home(store), &stage, err);
	if (r >= 0)
		r = make_image(&commit, stage, changed > 0, out_id, err);
	stage_close(stage);
	/* What gave way to it, or was left by a failure. */
	if (r == 0 && commit.name.path)
		(void)store_clear_away(store, &ignored);
	image_doc_done(&commit.doc);
	ref_done(&commit.name);
	container_done(&commit.container);
	return r < 0 ? r : 0;
}
