/* images/store_remove.c - rmi: names and images taken away by Docker's rules.
 *
 *   by name   the name goes; with the last name goes the image, and then, from
 *             below, every nameless image that it was made from
 *   by id     names that are all of one repository go with it; several
 *             repositories want -f
 *
 *   in the way           can be forced
 *   child images         no       (named here: they were made from it)
 *   running containers   no
 *   stopped containers   yes
 *   further names        yes
 *
 * Source: Docker 20.10, daemon/images/image_delete.go. */
#include "images/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/ref.h"
#include "images/store_private.h"
#include "runtime/base/buf.h"
#include "runtime/base/db.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/container.h"
#include "runtime/events.h"

enum conflict {
	CHILDREN = 1 << 0,
	RUNNING = 1 << 1,
	NAMES = 1 << 2,
	STOPPED = 1 << 3,
	HARD = CHILDREN | RUNNING,
	SOFT = NAMES | STOPPED,
};

/* What `events` is told once it is true. action: "untag" or "delete"; pairs: the
 * image's labels as long as it had any, and its name. */
struct happened {
	const char *action;
	char *id;
	struct strs pairs;
};

/* One rmi. The transaction is under way, db is the store's. */
struct removal {
	struct store *store;
	struct db *db;
	const struct containers *containers;
	struct strs *lines;
	struct happened *events;
	size_t event_count;
	bool force;
	bool prune;
};

/* ---- what is in the way ---- */

static bool is_running(const struct container *container)
{
	return container->status == CONTAINER_RUNNING ||
	       container->status == CONTAINER_PAUSED ||
	       container->status == CONTAINER_RESTARTING;
}

/* Docker's "First": of those that fit, any. */
static const struct container *user_of(const struct removal *removal,
				       const char *id, bool running,
				       bool stopped)
{
	for (size_t i = 0; i < removal->containers->count; i++) {
		const struct container *container =
			&removal->containers->items[i];

		if (container->spec.image_id &&
		    strcmp(container->spec.image_id, id) == 0 &&
		    (is_running(container) ? running : stopped))
			return container;
	}
	return NULL;
}

static int count_rows(struct removal *removal, const char *sql, const char *id,
		      struct err *err)
{
	OWN_STRS struct strs rows = { 0 };
	int r = store_column(removal->db, sql, id, &rows, err);

	return r < 0 ? r : (int)rows.count;
}

static int conflict(const char *id, bool forceable, const char *message,
		    const struct container *container, struct err *err)
{
	return err_docker(err, ERR_DAEMON, EBUSY,
			  "conflict: unable to delete %.12s (%s be forced) - %s%s%.12s",
			  digest_hex(id), forceable ? "must" : "cannot",
			  message, container ? " " : "",
			  container ? container->spec.id : "");
}

/* Looks for the conflicts in `mask`. *out_used: it is a container's. */
static int check(struct removal *removal, const char *id, unsigned mask,
		 bool *out_used, struct err *err)
{
	const struct container *container;
	int children = count_rows(removal,
				  "SELECT id FROM images WHERE parent = ?", id,
				  err);
	int names = count_rows(removal,
			       "SELECT name FROM tags WHERE image = ?", id,
			       err);

	if (children < 0 || names < 0)
		return -err->code;
	*out_used = true;
	container = user_of(removal, id, true, false);
	if ((mask & RUNNING) && container)
		return conflict(id, false,
				"image is being used by running container",
				container, err);
	*out_used = false;
	if ((mask & CHILDREN) && children)
		return conflict(id, false, "image has dependent child images",
				NULL, err);
	if ((mask & NAMES) && names)
		return conflict(id, true,
				"image is referenced in multiple repositories",
				NULL, err);
	container = user_of(removal, id, false, true);
	*out_used = container != NULL;
	if ((mask & STOPPED) && container)
		return conflict(id, true,
				"image is being used by stopped container",
				container, err);
	return 0;
}

/* ---- taking away ---- */

/* The full names of an image, in order. */
static int names_of(struct removal *removal, const char *id, struct strs *out,
		    struct err *err)
{
	return store_column(removal->db,
			    "SELECT name FROM tags WHERE image = ? ORDER BY name",
			    id, out, err);
}

static void add_event(struct removal *removal, const char *action,
		      const char *id)
{
	struct happened *event;

	removal->events = mem_grow(removal->events, removal->event_count + 1,
				   sizeof(*removal->events));
	event = &removal->events[removal->event_count++];
	*event = (struct happened){ .action = action, .id = mem_str(id) };
	store_labels(removal->store, id, &event->pairs);
	strs_addf(&event->pairs, "name=%s", id);
}

static int untag(struct removal *removal, const char *id, const char *full,
		 struct err *err)
{
	OWN_REF struct ref ref = { 0 };
	OWN_FREE char *shown = NULL;
	int r = ref_parse(full, &ref, err);

	trace_begin();
	if (r == 0)
		r = db_run(removal->db, err, "DELETE FROM tags WHERE name = ?",
			   "s", full);
	if (r < 0)
		return r;
	shown = ref_familiar(&ref);
	trace_step(TRACE_UNTAG, "DELETE FROM tags: %s -> %.19s", shown, id);
	strs_addf(removal->lines, "Untagged: %s", shown);
	add_event(removal, "untag", id);
	return 0;
}

static int untag_all(struct removal *removal, const char *id, struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	int r = names_of(removal, id, &names, err);

	for (size_t i = 0; i < names.count && r == 0; i++)
		r = untag(removal, id, names.items[i], err);
	return r;
}

/* A layer is shown as deleted once no image stands on it, the highest first, and
 * as long as a container does, it stays. */
static int report_layers(struct removal *removal, const struct image *image,
			 struct err *err)
{
	for (size_t i = image->chains.count; i-- > 0;) {
		const char *link = image->links.items[image->chains.count - 1 -
						      i];
		int uses = count_rows(removal,
				      "SELECT image FROM image_layers WHERE chain = ?",
				      image->chains.items[i], err);

		if (uses < 0)
			return uses;
		for (size_t n = 0; n < removal->containers->count; n++)
			uses += strs_has(&removal->containers->items[n].spec.layers,
					 link);
		if (uses)
			return 0;
		strs_addf(removal->lines, "Deleted: %s",
			  image->chains.items[i]);
	}
	return 0;
}

/* `quiet`: a conflict only means that the image stays. */
static int delete_image(struct removal *removal, const char *id, bool force,
			bool quiet, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	struct err in_the_way = { 0 };
	bool used = false;
	int names;
	int r = check(removal, id, force ? HARD : HARD | SOFT, &used,
		      &in_the_way);

	if (r == -EBUSY && quiet) {
		names = count_rows(removal,
				   "SELECT name FROM tags WHERE image = ?1 UNION"
				   " SELECT id FROM images WHERE parent = ?1",
				   id, err);
		if (names != 0 || used)
			return names < 0 ? names : 0;
	}
	if (r < 0) {
		*err = in_the_way;
		return r;
	}
	r = store_load(removal->store, removal->db, id, &image, err);
	if (r == 0)
		r = untag_all(removal, id, err);
	if (r == 0)
		r = store_drop_image(removal->store, id, err);
	if (r < 0)
		return r;
	strs_addf(removal->lines, "Deleted: %s", id);
	add_event(removal, "delete", id);
	r = report_layers(removal, &image, err);
	if (r < 0 || !removal->prune || !image.parent)
		return r;
	return delete_image(removal, image.parent, false, true, err);
}

/* ---- by name, by id ---- */

/* Docker's isSingleReference: at most one tag, and digests of its repository
 * alone. */
static bool is_single(const struct strs *names)
{
	OWN_FREE char *repository = NULL;
	size_t tags = 0;

	for (size_t i = 0; i < names->count; i++) {
		OWN_REF struct ref ref = { 0 };
		OWN_FREE char *name = NULL;
		struct err ignored = { 0 };

		if (ref_parse(names->items[i], &ref, &ignored) < 0)
			return false;
		name = ref_full_name(&ref);
		if (repository && strcmp(repository, name) != 0)
			return false;
		tags += !ref.digest;
		if (!repository)
			repository = own_give_ptr(&name);
	}
	return tags <= 1;
}

/* With the last tag of a repository its digests go too. */
static int untag_digests(struct removal *removal, const char *id,
			 const struct ref *gone, struct err *err)
{
	OWN_FREE char *repository = ref_full_name(gone);
	OWN_STRS struct strs names = { 0 };
	int r = names_of(removal, id, &names, err);
	size_t len = strlen(repository);

	for (size_t i = 0; i < names.count && r == 0; i++)
		if (strncmp(names.items[i], repository, len) == 0 &&
		    names.items[i][len] == ':')
			return 0; /* one of its tags is still there */
	for (size_t i = 0; i < names.count && r == 0; i++)
		if (strncmp(names.items[i], repository, len) == 0 &&
		    names.items[i][len] == '@')
			r = untag(removal, id, names.items[i], err);
	return r;
}

static int remove_name(struct removal *removal, const char *name,
		       const char *id, struct err *err)
{
	OWN_REF struct ref ref = { 0 };
	OWN_STRS struct strs names = { 0 };
	OWN_FREE char *full = NULL;
	const struct container *user = user_of(removal, id, true, true);
	int r = names_of(removal, id, &names, err);

	if (r < 0)
		return r;
	if (!removal->force && is_single(&names) && user)
		return err_docker(err, ERR_DAEMON, EBUSY,
				  "conflict: unable to remove repository reference \"%s\" (must force) - container %.12s is using its referenced image %.12s",
				  name, user->spec.id, digest_hex(id));
	r = ref_parse(name, &ref, err);
	if (r < 0)
		return r;
	ref_tag_latest(&ref);
	if (ref.digest) { /* a tag beside it says nothing more */
		free(ref.tag);
		ref.tag = NULL;
	}
	full = ref_full(&ref);
	r = untag(removal, id, full, err);
	if (r == 0 && !ref.digest)
		r = untag_digests(removal, id, &ref, err);
	strs_clear(&names);
	if (r == 0)
		r = names_of(removal, id, &names, err);
	if (r < 0 || names.count)
		return r;
	return delete_image(removal, id, removal->force, true, err);
}

static int remove_id(struct removal *removal, const char *id, struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	bool used;
	int r = names_of(removal, id, &names, err);

	if (r == 0 && is_single(&names)) {
		r = check(removal, id,
			  removal->force ? HARD : HARD | STOPPED, &used, err);
		if (r == 0)
			r = untag_all(removal, id, err);
	}
	return r < 0 ? r :
		       delete_image(removal, id, removal->force, false, err);
}

static bool is_id_prefix(const char *id, const char *name)
{
	size_t len = strlen(name);

	return strncmp(id, name, len) == 0 ||
	       strncmp(digest_hex(id), name, len) == 0;
}

static int remove_one(struct removal *removal, const char *name,
		      struct err *err)
{
	char id[DIGEST_SIZE];
	int r = store_resolve(removal->db, name, id, NULL, err);

	if (r == -ENOENT)
		return err_docker(err, ERR_CLIENT, ENOENT,
				  "No such image: %s", name);
	if (r < 0)
		return r;
	return is_id_prefix(id, name) ? remove_id(removal, id, err) :
					remove_name(removal, name, id, err);
}

/* Notes what happened, if it is true, and forgets it. */
static void end_events(struct removal *removal, bool true_now)
{
	for (size_t i = 0; i < removal->event_count; i++) {
		struct happened *event = &removal->events[i];

		if (true_now)
			events_note(store_home(removal->store), "image",
				    event->action, event->id, &event->pairs);
		free(event->id);
		strs_done(&event->pairs);
	}
	free(removal->events);
}

int image_remove(struct store *store, const char *name, bool force,
		 bool no_prune, struct strs *out_lines, struct err *err)
{
	OWN_CONTAINERS struct containers containers = { 0 };
	OWN_STRS struct strs lines = { 0 };
	struct removal removal = {
		.store = store,
		.containers = &containers,
		.lines = &lines,
		.force = force,
		.prune = !no_prune,
	};
	int r = container_list(store_home(store), &containers, err);

	if (r == 0 && store->removes_many)
		r = store_db(store, err) ? db_set_lazy(store->db, true, err) :
					   -err->code;
	if (r == 0)
		r = store_begin(store, err);
	if (r < 0)
		return r;
	removal.db = store_db(store, err);
	r = store_end(store, remove_one(&removal, name, err), err);
	end_events(&removal, r == 0);
	if (r < 0)
		return r;
	strs_copy(out_lines, &lines);
	store->has_removed = true;
	return store->removes_many ? 0 : store_clear_away(store, err);
}

void image_removals_begin(struct store *store)
{
	store->removes_many = true;
	store->has_removed = false;
}

/* A transaction that waits for the disk takes those before it along. Only then may what
 * they spoke of go: they must not come back after a power cut, and find it gone. */
int image_removals_end(struct store *store, struct err *err)
{
	int r = store->db ? db_set_lazy(store->db, false, err) : 0;

	store->removes_many = false;
	if (r < 0 || !store->has_removed)
		return r;
	r = store_begin(store, err);
	if (r == 0)
		r = store_end(store, 0, err);
	return r < 0 ? r : store_clear_away(store, err);
}
