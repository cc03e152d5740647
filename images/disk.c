/* images/disk.c - see disk.h
 *
 * Order of the file: things, the images' parts, the rest, what a removal frees. */
#include "images/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "images/disk_private.h"
#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/db.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/volume.h"

void disk_done(struct disk *disk)
{
	for (size_t i = 0; i < disk->count; i++) {
		free(disk->things[i].name);
		strs_done(&disk->things[i].users);
	}
	free(disk->things);
	*disk = (struct disk){ 0 };
}

/* What is known while the parts are given out. first_volume: index of its thing;
 * containers and images: in the order of their things. */
struct work {
	struct store *store;
	struct image_list images;
	struct containers containers;
	struct volumes volumes;
	struct disk_parts parts;
	struct disk *disk;
	size_t first_container;
	size_t first_volume;
	size_t first_single;
};

static void work_done(struct work *work)
{
	image_list_done(&work->images);
	containers_done(&work->containers);
	volumes_done(&work->volumes);
	disk_parts_done(&work->parts);
}

/* ---- things ---- */

/* Takes the name. */
static struct disk_thing *add_thing(struct disk *disk, enum disk_kind kind,
				    char *name)
{
	struct disk_thing *thing;

	disk->things = mem_grow(disk->things, disk->count + 1, sizeof(*thing));
	thing = &disk->things[disk->count++];
	*thing = (struct disk_thing){ .kind = kind };
	thing->name = own_give_ptr(&name);
	return thing;
}

static struct disk_thing *single(struct work *work, enum disk_kind kind)
{
	return &work->disk->things[work->first_single + kind - DISK_SHARED];
}

static void add_images(struct work *work)
{
	for (size_t i = 0; i < work->images.count; i++) {
		const struct image *image = &work->images.items[i];
		struct disk_thing *thing = add_thing(
			work->disk, DISK_IMAGE,
			image->tags.count ?
				mem_str(image->tags.items[0]) :
				mem_fmt("%.12s", digest_hex(image->id)));

		thing->usual = image->size_bytes;
		for (size_t c = 0; c < work->containers.count; c++) {
			const struct spec *spec =
				&work->containers.items[c].spec;

			if (spec->image_id &&
			    strcmp(spec->image_id, image->id) == 0)
				strs_add(&thing->users, spec->name);
		}
	}
}

static int add_containers(struct work *work, struct err *err)
{
	const struct home *home = store_home(work->store);
	int r = 0;

	work->first_container = work->disk->count;
	for (size_t i = 0; i < work->containers.count && r == 0; i++) {
		const struct spec *spec = &work->containers.items[i].spec;
		struct disk_thing *thing = add_thing(
			work->disk, DISK_CONTAINER, mem_str(spec->name));

		r = container_size(home, spec->id, &thing->usual, err);
		if (r == -ENOENT)
			r = 0; /* removed just now */
	}
	return r;
}

static int add_volumes(struct work *work, struct err *err)
{
	const struct home *home = store_home(work->store);
	int r = 0;

	work->first_volume = work->disk->count;
	for (size_t i = 0; i < work->volumes.count && r == 0; i++) {
		const char *name = work->volumes.items[i].name;
		struct disk_thing *thing =
			add_thing(work->disk, DISK_VOLUME, mem_str(name));
		OWN_STRS struct strs ids = { 0 };

		volume_users(&work->containers, name, &ids);
		for (size_t c = 0; c < work->containers.count; c++)
			if (strs_has(&ids, work->containers.items[c].spec.id))
				strs_add(&thing->users,
					 work->containers.items[c].spec.name);
		r = volume_size(home, name, &thing->usual, err);
		if (r == -ENOENT)
			r = 0;
	}
	return r;
}

/* ---- whose a part is ---- */

/* A layer, or a layer's blob: of the one image that stands on it, or of all that do
 * together. `chains` are those it belongs to. */
static void give_layer(struct work *work, const struct strs *chains,
		       int64_t bytes)
{
	struct disk_thing *owner = NULL;
	size_t owners = 0;

	for (size_t i = 0; i < work->images.count; i++) {
		const struct strs *own = &work->images.items[i].chains;
		bool stands = false;

		for (size_t c = 0; c < chains->count && !stands; c++)
			stands = strs_has(own, chains->items[c]);
		if (!stands)
			continue;
		owners++;
		owner = &work->disk->things[i];
		owner->shared += bytes;
	}
	if (owners == 1) {
		owner->shared -= bytes;
		owner->own += bytes;
	} else {
		single(work, owners ? DISK_SHARED : DISK_LEFT)->own += bytes;
	}
}

static int give_blob(struct work *work, const char *hex, int64_t bytes,
		     struct err *err)
{
	OWN_FREE char *digest = mem_fmt("sha256:%s", hex);
	OWN_STRS struct strs chains = { 0 };
	struct db *db = store_db(work->store, err);
	OWN_STMT struct sqlite3_stmt *stmt =
		db ? db_query(db, err,
			      "SELECT chain FROM layers WHERE blob = ?", "s",
			      digest) :
		     NULL;
	int r = stmt ? 0 : -err->code;

	while (stmt && (r = db_next(db, stmt, err)) == 1)
		strs_add(&chains, db_text(stmt, 0));
	if (r < 0)
		return r;
	if (chains.count) {
		give_layer(work, &chains, bytes);
		return 0;
	}
	for (size_t i = 0; i < work->images.count; i++)
		if (strcmp(work->images.items[i].id, digest) == 0) {
			work->disk->things[i].own += bytes;
			return 0;
		}
	single(work, DISK_STEPS)->own += bytes;
	return 0;
}

static bool give_container(struct work *work, const char *id, int64_t bytes)
{
	for (size_t i = 0; i < work->containers.count; i++)
		if (strcmp(work->containers.items[i].spec.id, id) == 0) {
			work->disk->things[work->first_container + i].own +=
				bytes;
			return true;
		}
	return false;
}

static bool give_volume(struct work *work, const char *name, int64_t bytes)
{
	for (size_t i = 0; i < work->volumes.count; i++)
		if (strcmp(work->volumes.items[i].name, name) == 0) {
			work->disk->things[work->first_volume + i].own += bytes;
			return true;
		}
	return false;
}

static int give(struct work *work, const struct disk_part *part,
		struct err *err)
{
	const char *slash = strrchr(part->path, '/');
	const char *name = slash ? slash + 1 : "";
	bool given = false;

	if (strncmp(part->path, "layers/", 7) == 0) {
		OWN_STRS struct strs chains = { 0 };

		strs_addf(&chains, "sha256:%s", name);
		give_layer(work, &chains, part->bytes);
		given = true;
	} else if (strncmp(part->path, "blobs/", 6) == 0) {
		return give_blob(work, name, part->bytes, err);
	} else if (strncmp(part->path, "containers/", 11) == 0) {
		given = give_container(work, name, part->bytes);
	} else if (strncmp(part->path, "volumes/", 8) == 0) {
		given = give_volume(work, name, part->bytes);
	}
	if (!given)
		single(work, DISK_OWN)->own += part->bytes;
	return 0;
}

/* ---- all of it ---- */

static int read_all(struct work *work, struct err *err)
{
	const struct home *home = store_home(work->store);
	/* First, while the database has no files beside it that go with this program. */
	int r = disk_walk(home, &work->parts, err);

	if (r == 0)
		r = container_list(home, &work->containers, err);
	if (r == 0)
		r = image_list(work->store, false, &work->images, err);
	if (r == 0)
		r = volume_list(home, &work->volumes, err);
	if (r < 0)
		return r;
	add_images(work);
	r = add_containers(work, err);
	if (r == 0)
		r = add_volumes(work, err);
	work->first_single = work->disk->count;
	for (int kind = DISK_SHARED; kind < DISK_KINDS; kind++)
		add_thing(work->disk, (enum disk_kind)kind, mem_str(""));
	return r;
}

/* An image goes only when its containers have gone, a volume likewise. */
static void sum_up(struct disk *disk)
{
	for (size_t i = 0; i < disk->count; i++) {
		struct disk_thing *thing = &disk->things[i];

		disk->total += thing->own;
		disk->sums[thing->kind] += thing->own;
		if (thing->kind <= DISK_VOLUME && !thing->users.count)
			thing->frees = thing->own;
	}
}

int disk_read(struct store *store, struct disk *out, struct err *err)
{
	OWN_DISK struct disk disk = { 0 };
	struct work work = { .store = store, .disk = &disk };
	struct stat st;
	int r = read_all(&work, err);

	for (size_t i = 0; i < work.parts.count && r == 0; i++)
		r = give(&work, &work.parts.items[i], err);
	disk.refused = work.parts.refused;
	work_done(&work);
	if (r < 0)
		return r;
	sum_up(&disk);
	disk.elsewhere = fstatat(store_home(store)->fd, "layers", &st,
				 AT_SYMLINK_NOFOLLOW) == 0 &&
			 S_ISLNK(st.st_mode);
	*out = disk;
	disk = (struct disk){ 0 };
	return 0;
}
