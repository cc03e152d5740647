/* images/save_pick.c - see save_pick.h */
#include "images/save_pick.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/base.h"
#include "images/ref.h"
#include "runtime/base/buf.h"
#include "runtime/base/db.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"

void save_list_done(struct save_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		image_done(&list->items[i].image);
		strs_done(&list->items[i].names);
	}
	free(list->items);
	*list = (struct save_list){ 0 };
}

/* name  full, or NULL for an image that was asked for by its id */
static int add(struct store *store, struct save_list *list, const char *id,
	       const char *name, struct err *err)
{
	struct save_image *item = NULL;
	int r = 0;

	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].image.id, id) == 0)
			item = &list->items[i];
	if (!item) {
		list->items = mem_grow(list->items, list->count + 1,
				       sizeof(*list->items));
		item = &list->items[list->count];
		*item = (struct save_image){ 0 };
		r = image_find(store, id, &item->image, err);
		list->count += r == 0;
	}
	if (r == 0 && name && !strs_has(&item->names, name))
		strs_add(&item->names, name);
	return r;
}

static int add_by_id(struct store *store, struct save_list *list,
		     const char *text, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	int r = image_find(store, text, &image, err);

	if (r == -ENOENT)
		return err_docker(err, ERR_DAEMON, ENOENT, "No such image: %s",
				  text);
	return r < 0 ? r : add(store, list, image.id, NULL, err);
}

/* Rows of the names from `first` on and before `end`. Returns how many. */
static int add_range(struct store *store, struct save_list *list,
		     const char *first, const char *end, struct err *err)
{
	struct db *db = store_db(store, err);
	OWN_STMT struct sqlite3_stmt *stmt =
		db ? db_query(db, err,
			      "SELECT name, image FROM tags WHERE name >= ? AND name < ?"
			      " ORDER BY name",
			      "ss", first, end) :
		     NULL;
	int count = 0;
	int r;

	if (!stmt)
		return -err->code;
	while ((r = db_next(db, stmt, err)) == 1) {
		const char *name = db_text(stmt, 0);

		r = add(store, list, db_text(stmt, 1),
			strchr(name, '@') ? NULL : name, err);
		if (r < 0)
			break;
		count++;
	}
	return r < 0 ? r : count;
}

static int add_name(struct store *store, struct save_list *list,
		    const struct ref *ref, struct err *err)
{
	OWN_FREE char *name = ref_full_name(ref);
	OWN_FREE char *first = NULL;
	OWN_FREE char *end = NULL;
	int count;

	if (ref->digest)
		first = mem_fmt("%s@%s", name, ref->digest);
	else
		first = mem_fmt("%s:%s", name, ref->tag ? ref->tag : "");
	/* ASCII: ' ' comes before whatever a tag may go on with, ';' behind ':',
	 * 'A' behind '@'. */
	end = ref->digest || ref->tag ? mem_fmt("%s ", first) :
					mem_fmt("%s;", name);
	count = add_range(store, list, first, end, err);
	if (count == 0 && !ref->digest && !ref->tag) {
		OWN_FREE char *digests = mem_fmt("%s@", name);
		OWN_FREE char *behind = mem_fmt("%sA", name);

		count = add_range(store, list, digests, behind, err);
	}
	return count;
}

static int pick(struct store *store, struct save_list *list, const char *text,
		struct err *err)
{
	OWN_REF struct ref ref = { 0 };
	OWN_FREE char *familiar = NULL;
	int r = ref_parse_any(text, &ref, err);

	if (r < 0) {
		err->voice = ERR_DAEMON;
		return r;
	}
	if (!ref.path)
		return add_by_id(store, list, text, err);
	familiar = ref_familiar_name(&ref);
	if (strcmp(familiar, "sha256") == 0)
		return add_by_id(store, list, text, err);
	r = add_name(store, list, &ref, err);
	if (r == 0 && base_find_again(store, err) == 0)
		r = add_name(store, list, &ref, err);
	if (r != 0)
		return r;
	if (!ref.tag && !ref.digest)
		return add_by_id(store, list, text, err);
	return err_docker(err, ERR_DAEMON, ENOENT, "reference does not exist");
}

int save_pick(struct store *store, const struct strs *names,
	      struct save_list *out, struct err *err)
{
	struct save_list list = { 0 };
	int r = 0;

	for (size_t i = 0; i < names->count && r >= 0; i++)
		r = pick(store, &list, names->items[i], err);
	if (r < 0) {
		save_list_done(&list);
		return r;
	}
	*out = list;
	return 0;
}
