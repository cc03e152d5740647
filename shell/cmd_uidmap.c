/* shell/cmd_uidmap.c - uidmap: which id inside is which outside, and whose the files
 * are. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/file_owners.h"
#include "runtime/sides.h"
#include "runtime/userns.h"
#include "shell/account.h"
#include "shell/cmd.h"
#include "shell/view.h"

enum {
	RANGE_COLUMNS = 22,
	COUNT_COLUMNS = 11,
	ID_COLUMNS = 20,
	MAX_MAP = 1 << 16
};

struct uidmap_opts {
	struct view_opts view;
};

static const struct opt opts[] = {
	VIEW_OPTS(struct uidmap_opts, view),
	{ 0 },
};

/* named  a container was asked for; runs: the map is that of its process 1, else what
 *        it would get */
struct facts {
	struct container container;
	bool named;
	bool runs;
	enum userns_kind kind;
	struct id_map uids;
	struct id_map gids;
	struct file_owners owners;
	struct buf passwd;
};

static void facts_done(struct facts *facts)
{
	container_done(&facts->container);
	file_owners_done(&facts->owners);
	buf_done(&facts->passwd);
}
#define OWN_FACTS __attribute__((cleanup(facts_done)))

/* ---- gathering ---- */

static int read_own_maps(void *arg, struct buf *reply, struct err *err)
{
	int r = fs_read(AT_FDCWD, "/proc/self/uid_map", MAX_MAP, reply, err);

	(void)arg;
	buf_char(reply, '|');
	return r < 0 ? r
		     : fs_read(AT_FDCWD, "/proc/self/gid_map", MAX_MAP, reply,
			       err);
}

/* What a container of this account would get: tried out. */
static int read_account(struct facts *facts, struct err *err)
{
	OWN_BUF struct buf both = { 0 };
	int r = userns_call(read_own_maps, NULL, false, &both, err);
	char *middle;

	if (r < 0)
		return r;
	middle = both.len ? strchr(both.data, '|') : NULL;
	if (!middle)
		return 0;
	*middle = '\0';
	id_map_parse(both.data, &facts->uids);
	id_map_parse(middle + 1, &facts->gids);
	return 0;
}

static int gather(struct shell *shell, const struct args *args,
		  struct facts *facts, struct err *err)
{
	OWN_FREE char *upper = NULL;
	int r = 0;

	facts->kind = userns_kind();
	facts->named = args->count > 0;
	if (facts->named)
		r = container_find(shell->home, args->words[0],
				   &facts->container, err);
	facts->runs = r == 0 && facts->container.pid > 0;
	if (r == 0 && facts->runs)
		r = id_map_read(facts->container.pid, "uid_map", &facts->uids,
				err);
	if (r == 0 && facts->runs)
		r = id_map_read(facts->container.pid, "gid_map", &facts->gids,
				err);
	if (r == 0 && !facts->runs)
		r = read_account(facts, err);
	if (r < 0 || !facts->named)
		return r;
	account_read(shell, facts->container.spec.id, "/etc/passwd",
		     &facts->passwd);
	upper = mem_fmt("containers/%s/upper", facts->container.spec.id);
	return file_owners_read(shell->home, upper, &facts->owners, err);
}

/* ---- words ---- */

static char *range_text(uint32_t first, uint32_t count)
{
	return count <= 1 ? mem_fmt("%u", first)
			  : mem_fmt("%u-%u", first, first + (count - 1));
}

static bool is_whole(const struct id_map *map)
{
	return map->count == 1 && map->ranges[0].inside == 0 &&
	       map->ranges[0].outside == 0 &&
	       map->ranges[0].count == UINT32_MAX;
}

/* Whose the outside ids of a range are. Given. */
static char *whose(const struct facts *facts, const struct id_range *range)
{
	OWN_FREE char *us = account_outside(getuid());

	if (facts->kind == USERNS_NONE)
		return mem_str(_("the machine's own"));
	if (range->count == 1 && range->outside == getuid())
		return mem_fmt(_("you (%s)"), us);
	return mem_str(_("yours by /etc/subuid, nobody's account"));
}

static const char *what_cannot_be(const struct facts *facts)
{
	switch (facts->kind) {
	case USERNS_NONE:
		return _(
			"Nothing is cut: root inside is root outside, held back by its capabilities and its views alone");
	case USERNS_SINGLE:
		return _(
			"There is one id only: chown to another, or a user other than root, fails with EINVAL; who owns what in an image is kept beside it as a note");
	case USERNS_RANGE:
		break;
	}
	return _(
		"An id that is in no range does not exist inside: chown to it fails with EINVAL, and files of such ids show as 65534 nobody");
}

static void say_answer(struct view *view, const struct facts *facts)
{
	const char *name =
		facts->named ? facts->container.spec.name : _("a container");
	int64_t root = id_map_outside(&facts->uids, 0);
	OWN_FREE char *outside = NULL;

	if (is_whole(&facts->uids)) {
		view_answer(
			view,
			_("%s has the machine's own ids: root inside is root outside."),
			name);
		return;
	}
	if (root < 0) {
		view_answer(view, _("%s has no root: id 0 is not mapped."),
			    name);
		return;
	}
	outside = account_outside((uid_t)root);
	view_answer(view, _("%s: root inside is %s outside; ids inside: %llu."),
		    name, outside,
		    (unsigned long long)id_map_size(&facts->uids));
}

/* ---- drawn and plain ---- */

static void put_range(struct view *view, const struct facts *facts,
		      const struct id_range *range, const char *kind)
{
	OWN_FREE char *inside = range_text(range->inside, range->count);
	OWN_FREE char *outside = range_text(range->outside, range->count);
	OWN_FREE char *owner = whose(facts, range);
	OWN_FREE char *count = mem_fmt("%u", range->count);
	int narrow = view->columns < 76 ? 4 : 0;

	if (view->form == VIEW_PLAIN) {
		view_say(view, 0,
			 _("%s inside %s, outside %s, how many: %s, %s"), kind,
			 inside, outside, count, owner);
		return;
	}
	buf_fmt(&view->out, " %s ", kind);
	view_pad(view, inside, RANGE_COLUMNS - narrow - 4, false);
	view_pad(view, outside, RANGE_COLUMNS - narrow, false);
	view_pad(view, count, COUNT_COLUMNS, false);
	style_wrap(&view->out, owner,
		   1 + 2 * (RANGE_COLUMNS - narrow) + COUNT_COLUMNS,
		   1 + 2 * (RANGE_COLUMNS - narrow) + COUNT_COLUMNS,
		   view->columns);
}

static void put_head(struct view *view)
{
	int narrow = view->columns < 76 ? 4 : 0;

	if (view->form == VIEW_PLAIN)
		return;
	buf_char(&view->out, ' ');
	view_pad(view, _("inside"), RANGE_COLUMNS - narrow, true);
	view_pad(view, _("outside"), RANGE_COLUMNS - narrow, true);
	view_pad(view, _("how many"), COUNT_COLUMNS, true);
	buf_fmt(&view->out, "%s\n", _("whose"));
}

static void put_owner(struct view *view, const struct facts *facts,
		      const struct file_owner *owner)
{
	OWN_FREE char *inside = account_inside(&facts->passwd, owner->uid);
	int64_t id = id_map_outside(&facts->uids, owner->uid);
	OWN_FREE char *outside =
		id < 0 ? mem_str(_("not mapped")) : account_outside((uid_t)id);
	OWN_FREE char *size = view_size(view, (int64_t)owner->bytes);

	if (view->form == VIEW_PLAIN) {
		view_say(view, 0,
			 _("files of %s inside belong to %s outside: %llu, %s"),
			 inside, outside, (unsigned long long)owner->files,
			 size);
		return;
	}
	buf_str(&view->out, "   ");
	view_pad(view, inside, ID_COLUMNS, true);
	view_pad(view, outside, ID_COLUMNS, true);
	buf_fmt(&view->out, "%llu, %s\n", (unsigned long long)owner->files,
		size);
}

static void say_owners(struct view *view, const struct facts *facts)
{
	if (!facts->named)
		return;
	if (!facts->owners.count) {
		view_say(view, 1, _("It has written no files yet."));
		return;
	}
	view_say(
		view, 1,
		_("Files in its writable layer, by owner inside and outside:"));
	for (size_t i = 0; i < facts->owners.count; i++)
		put_owner(view, facts, &facts->owners.items[i]);
	if (facts->owners.more)
		view_say(view, 3, _("   only the first %d were looked at"),
			 FILE_OWNERS_LOOKED);
}

static void show_text(struct view *view, const struct facts *facts,
		      const char *next)
{
	say_answer(view, facts);
	put_head(view);
	for (size_t i = 0; i < facts->uids.count; i++)
		put_range(view, facts, &facts->uids.ranges[i], "uid");
	for (size_t i = 0; i < facts->gids.count; i++)
		put_range(view, facts, &facts->gids.ranges[i], "gid");
	say_owners(view, facts);
	view_say(view, 1, _("%s."), what_cannot_be(facts));
	view_next(view, "%s", next);
	view_end(view);
}

/* ---- JSON ---- */

static json_t *map_json(const struct id_map *map)
{
	json_t *list = json_array();

	for (size_t i = 0; i < map->count; i++)
		json_array_append_new(
			list,
			json_pack("{s:I, s:I, s:I}", "inside",
				  (json_int_t)map->ranges[i].inside, "outside",
				  (json_int_t)map->ranges[i].outside, "count",
				  (json_int_t)map->ranges[i].count));
	return list;
}

static void show_json(struct view *view, const struct facts *facts,
		      const char *next)
{
	static const char *const kinds[] = { "none", "range", "single" };
	json_t *files = json_array();

	for (size_t i = 0; i < facts->owners.count; i++) {
		const struct file_owner *owner = &facts->owners.items[i];
		int64_t id = id_map_outside(&facts->uids, owner->uid);

		json_array_append_new(
			files, json_pack("{s:I, s:I, s:I, s:I}", "inside",
					 (json_int_t)owner->uid, "outside",
					 (json_int_t)id, "files",
					 (json_int_t)owner->files, "bytes",
					 (json_int_t)owner->bytes));
	}
	view_json(view,
		  json_pack("{s:s?, s:s, s:b, s:o, s:o, s:o}", "container",
			    facts->named ? facts->container.spec.name : NULL,
			    "user_namespace", kinds[facts->kind], "running",
			    facts->runs, "uids", map_json(&facts->uids), "gids",
			    map_json(&facts->gids), "files", files),
		  next);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct uidmap_opts *o = args->opts;
	OWN_FACTS struct facts facts = { 0 };
	OWN_FREE char *next = NULL;
	OWN_VIEW struct view view;
	int r;

	view_begin(&view, shell, &o->view);
	r = gather(shell, args, &facts, err);
	if (r < 0)
		return r;
	next = !facts.named ? mem_str("run --rm busybox cat /proc/self/uid_map")
	       : facts.runs ? mem_fmt("exec %s cat /proc/self/uid_map",
				      facts.container.spec.name)
			    : mem_fmt("start %s", facts.container.spec.name);
	if (view.form == VIEW_JSON)
		show_json(&view, &facts, next);
	else
		show_text(&view, &facts, next);
	return 0;
}

static const char *const examples[] = {
	"run --name web busybox touch /tmp/mine",
	"uidmap web",
	NULL,
};

const struct cmd cmd_uidmap = {
	.name = "uidmap",
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS] [CONTAINER]",
	.summary = N_(
		"Show which user ids inside are which outside, and whose the files are"),
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct uidmap_opts),
	.examples = examples,
	.lesson = "safety",
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_CONTAINERS,
	.rest = COMPLETE_NOTHING,
};
