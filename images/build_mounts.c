/* images/build_mounts.c - RUN --mount: what a step sees and does not keep.
 *
 *   type=bind   files of the context, a stage or an image. A copy of them, made as
 *               COPY would, so that .dockerignore counts and nothing that the step
 *               does reaches the originals
 *   type=cache  build-cache/<id>/data below the home, there again at the next build
 *   type=tmpfs  memory
 *
 * The cache folders have a lock each: shared by those who build, or (sharing=locked)
 * one after the other, or (sharing=private) a folder for each. Source: Dockerfile
 * reference, "RUN --mount". Reading a flag is build_mount.c's. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/build_copy.h"
#include "images/build_mount.h"
#include "images/build_private.h"
#include "images/stage.h"
#include "runtime/base/digest.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/home.h"
#include "runtime/mount_spec.h"
#include "runtime/userns.h"

/* So many builds may use a cache with sharing=private at once. */
enum { PRIVATE_MAX = 64 };

/* ---- bind ---- */

static void add_mount(struct build_mounts *mounts, const struct build *build,
		      const char *folder, const struct build_mount *wish)
{
	OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
	struct buf text = { 0 };

	mount_spec_init(&mount);
	mount.type = mem_str("bind");
	mount.source = mem_fmt("%s/%s", store_home(build->store)->path, folder);
	mount.target = fs_clean_path(wish->target);
	mount.readonly = !wish->write;
	mount_spec_write(&mount, &text);
	strs_take(&mounts->mounts, buf_give(&text));
}

/* Where it lies ("layers/tmp-.../diff/m/x"; NULL: nothing came), and its
 * checksum. */
struct copied {
	char *folder;
	char *sum;
};

static void copied_done(struct copied *copied)
{
	free(copied->folder);
	free(copied->sum);
}

static int copy_to_stage(struct build *build,
			 const struct copy_request *request,
			 struct build_mounts *mounts, struct copied *out,
			 struct err *err)
{
	struct copy_found *found = NULL;
	int place = -1;
	int r = 0;

	if (!mounts->stage)
		r = stage_open(store_home(build->store), &mounts->stage, err);
	if (r == 0)
		r = copy_find(build->store, request, &found, err);
	if (r == 0)
		r = copy_layer(build->store, found, NULL, mounts->stage, &place,
			       err);
	if (r == 0 && place >= 0) {
		OWN_FREE char *layer = stage_layer_folder(mounts->stage, place);

		out->folder = mem_fmt("%s/m/x", layer);
		out->sum = mem_str(copy_checksum(found));
	}
	copy_free(found);
	return r;
}

/* What the mount is to show. */
static int copy_source(struct build *build, const struct build_mount *wish,
		       struct build_mounts *mounts, struct copied *out,
		       struct err *err)
{
	OWN_STRS struct strs sources = { 0 };
	OWN_IMAGE struct image from = { 0 };
	struct copy_request request = {
		.sources = &sources,
		.dest = "/m/x",
		.context = build->choice->context,
	};
	int r = 0;

	strs_add(&sources, wish->source && *wish->source ? wish->source : ".");
	if (wish->from && *wish->from) {
		r = build_find_image(build, wish->from, &from, err);
		request.from = &from;
	}
	return r < 0 ? r : copy_to_stage(build, &request, mounts, out, err);
}

static int add_bind(struct build *build, const struct build_mount *wish,
		    struct build_mounts *mounts, struct err *err)
{
	struct copied copied = { 0 };
	int r = copy_source(build, wish, mounts, &copied, err);

	if (r == 0 && copied.folder) {
		strs_add(&mounts->key, copied.sum);
		add_mount(mounts, build, copied.folder, wish);
	}
	copied_done(&copied);
	return r;
}

/* ---- cache ---- */

struct folder {
	const struct home *home;
	const char *path;
	const struct build_mount *wish;
};

/* Its owner is one of the container's users. */
static int give_owner(void *arg, struct buf *reply, struct err *err)
{
	const struct folder *folder = arg;
	OWN_FD int fd = fs_open_dir(folder->home->fd, folder->path, err);

	(void)reply;
	if (fd < 0)
		return fd;
	if (fchown(fd, (uid_t)folder->wish->uid, (gid_t)folder->wish->gid) <
		    0 ||
	    fchmod(fd, (mode_t)folder->wish->mode) < 0)
		return err_errno(err, "chown %s", folder->path);
	return 0;
}

/* What it begins with: a copy of from=, source=. Of builds that share a new cache one is
 * first, and the others take what it made. */
static int fill_cache(struct build *build, const struct build_mount *wish,
		      struct build_mounts *mounts, const char *path,
		      struct err *err)
{
	const struct home *home = store_home(build->store);
	struct folder folder = { home, path, wish };
	struct copied copied = { 0 };
	int r = 0;

	if (wish->from || wish->source)
		r = copy_source(build, wish, mounts, &copied, err);
	if (r == 0 && copied.folder &&
	    renameat(home->fd, copied.folder, home->fd, path) < 0 &&
	    errno != ENOTEMPTY && errno != EEXIST)
		r = err_errno(err, "rename %s", copied.folder);
	if (r == 0 && !copied.folder) {
		r = fs_make_dirs(home->fd, path, 0755, err);
		if (r == 0)
			r = userns_call(give_owner, &folder, false, NULL, err);
	}
	copied_done(&copied);
	return r;
}

/* Takes the lock of one folder as `how` says. 0: somebody else has it. */
static int lock_cache(const struct home *home, const char *path, int how,
		      struct build_mounts *mounts, struct err *err)
{
	OWN_FD int fd = -1;
	int r = fs_make_dirs(home->fd, path, 0700, err);

	if (r < 0)
		return r;
	fd = fs_open_dir(home->fd, path, err);
	if (fd < 0)
		return fd;
	while (flock(fd, how) < 0) {
		if (errno == EWOULDBLOCK)
			return 0;
		if (errno != EINTR)
			return err_errno(err, "lock %s", path);
		if (interrupt_seen())
			return interrupt_err(err);
	}
	mounts->locks = mem_grow(mounts->locks, mounts->lock_count + 1,
				 sizeof(*mounts->locks));
	mounts->locks[mounts->lock_count++] = own_give_fd(&fd);
	return 1;
}

/* The folder of that id; with sharing=private the first that nobody uses. */
static int choose_cache(const struct home *home, const struct build_mount *wish,
			struct build_mounts *mounts, char **out_path,
			struct err *err)
{
	bool alone = wish->sharing && strcmp(wish->sharing, "private") == 0;
	bool in_turn = wish->sharing && strcmp(wish->sharing, "locked") == 0;
	OWN_FREE char *target = fs_clean_path(wish->target);
	const char *id = wish->id ? wish->id : target;
	char digest[DIGEST_SIZE];

	if (wish->sharing && !alone && !in_turn &&
	    strcmp(wish->sharing, "shared") != 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "unsupported sharing value \"%s\"",
				  wish->sharing);
	for (int i = 0; i < PRIVATE_MAX; i++) {
		OWN_FREE char *name = mem_fmt("%s %d", id, i);
		OWN_FREE char *path = NULL;
		int r;

		digest_of(name, strlen(name), digest);
		path = mem_fmt("build-cache/%.32s", digest_hex(digest));
		r = lock_cache(home, path,
			       alone   ? LOCK_EX | LOCK_NB :
			       in_turn ? LOCK_EX :
					 LOCK_SH,
			       mounts, err);
		if (r == 1)
			*out_path = own_give_ptr(&path);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return err_set(err, EBUSY, _("%d builds use the cache '%s' at once"),
		       PRIVATE_MAX, id);
}

static int add_cache(struct build *build, const struct build_mount *wish,
		     struct build_mounts *mounts, struct err *err)
{
	const struct home *home = store_home(build->store);
	OWN_FREE char *path = NULL;
	OWN_FREE char *data = NULL;
	int r = choose_cache(home, wish, mounts, &path, err);

	if (r < 0)
		return r;
	data = mem_fmt("%s/data", path);
	if (!fs_exists(home->fd, data))
		r = fill_cache(build, wish, mounts, data, err);
	if (r == 0)
		add_mount(mounts, build, data, wish);
	return r;
}

/* ---- all of them ---- */

/* Unlike in `run --tmpfs`, programs may be run from it: builds make some there. */
static void add_tmpfs(const struct build_mount *wish, struct build_mounts *mounts)
{
	OWN_FREE char *target = fs_clean_path(wish->target);

	if (wish->size_bytes)
		strs_addf(&mounts->tmpfs, "%s:exec,size=%" PRId64, target,
			  wish->size_bytes);
	else
		strs_addf(&mounts->tmpfs, "%s:exec", target);
}

static int add_one(struct build *build, const char *flag,
		   const struct instruction *instruction,
		   struct build_mounts *mounts, struct err *err)
{
	struct build_mount wish;
	int r = build_mount_read(build, flag, instruction, &wish, err);

	strs_addf(&mounts->key, "--mount=%s", flag);
	if (r == 0 && strcmp(wish.type, "bind") == 0)
		r = add_bind(build, &wish, mounts, err);
	else if (r == 0 && strcmp(wish.type, "cache") == 0)
		r = add_cache(build, &wish, mounts, err);
	else if (r == 0)
		add_tmpfs(&wish, mounts);
	build_mount_done(&wish);
	return r;
}

/* RUN <<EOF with "#!": a file that the step alone sees. The text is what counts. */
static int add_script(struct build *build,
		      const struct instruction *instruction,
		      struct build_mounts *mounts, struct err *err)
{
	const struct heredoc *heredoc = &instruction->heredocs[0];
	bool program = false;
	OWN_FREE char *body = instruction_script(instruction, &program);
	OWN_STRS struct strs none = { 0 };
	struct heredoc file = *heredoc;
	struct build_mount wish = {
		.target = mem_fmt(BUILD_SCRIPTS "/%s", heredoc->name),
	};
	const struct copy_request request = {
		.sources = &none,
		.dest = "/m/x",
		.heredocs = &file,
		.heredoc_count = 1,
		.chmod = "0755",
	};
	struct copied copied = { 0 };
	int r = 0;

	file.body = body;
	file.strip_tabs = false;
	if (program)
		r = copy_to_stage(build, &request, mounts, &copied, err);
	if (r == 0 && copied.folder) {
		strs_add(&mounts->key, copied.sum);
		add_mount(mounts, build, copied.folder, &wish);
	}
	copied_done(&copied);
	build_mount_done(&wish);
	return r;
}

int build_mounts_read(struct build *build,
		      const struct instruction *instruction,
		      struct build_mounts *out, struct err *err)
{
	static const char prefix[] = "--mount=";
	int r = 0;

	for (size_t i = 0; i < instruction->flags.count && r == 0; i++) {
		const char *flag = instruction->flags.items[i];

		if (strncmp(flag, prefix, strlen(prefix)) == 0)
			r = add_one(build, flag + strlen(prefix), instruction,
				    out, err);
	}
	if (r == 0 && instruction->heredoc_count)
		r = add_script(build, instruction, out, err);
	return r;
}

void build_mounts_done(struct build_mounts *mounts)
{
	for (size_t i = 0; i < mounts->lock_count; i++)
		close(mounts->locks[i]);
	free(mounts->locks);
	stage_close(mounts->stage);
	strs_done(&mounts->key);
	strs_done(&mounts->mounts);
	strs_done(&mounts->tmpfs);
	*mounts = (struct build_mounts){ 0 };
}
