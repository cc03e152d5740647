/* shell/cmd_ns.c - ns: one process, seen from this machine and from inside.
 *
 * What each side sees is runtime/outlook.h's; that there is only one process, with two
 * numbers, is runtime/sides.h's. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/outlook.h"
#include "runtime/sides.h"
#include "shell/account.h"
#include "shell/cmd.h"
#include "shell/ns_peers.h"
#include "shell/running.h"
#include "shell/stack_view.h"
#include "shell/view.h"

enum {
	LABEL_COLUMNS = 9,
	LAST_COLUMNS = 8,
	GAP = 2,
	MOST_ROWS = 12,
	MOST_DEVICES = 3
};

struct ns_opts {
	struct view_opts view;
};

static const struct opt opts[] = {
	VIEW_OPTS(struct ns_opts, view),
	{ 0 },
};

enum separate {
	SEPARATE_YES,
	SEPARATE_NO,
	SEPARATE_MAPPED,
	SEPARATE_LIMIT,
	SEPARATE_UNKNOWN,
	SEPARATE_SHARED /* not the machine's, and another container's too */
};

/* key  in no language; label  in the reader's. Both borrowed. */
struct row {
	const char *key;
	const char *label;
	char *outside;
	char *inside;
	enum separate separate;
};

struct facts {
	struct side_namespace namespaces[SIDES_NAMESPACES];
	struct ns_peers peers;
	struct outlook here;
	struct outlook inside;
	struct sides process;
	struct row rows[MOST_ROWS];
	size_t count;
};

static void facts_done(struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++) {
		free(facts->rows[i].outside);
		free(facts->rows[i].inside);
	}
	ns_peers_done(&facts->peers);
	outlook_done(&facts->here);
	outlook_done(&facts->inside);
	sides_done(&facts->process);
}
#define OWN_FACTS __attribute__((cleanup(facts_done)))

/* ---- gathering ---- */

static enum separate separate_at(const struct facts *facts, size_t index)
{
	const struct side_namespace *n = &facts->namespaces[index];

	return !n->its || !n->ours ? SEPARATE_UNKNOWN
	       : n->its == n->ours ? SEPARATE_NO
	       : ns_peers_share(&facts->peers, index) ? SEPARATE_SHARED
						      : SEPARATE_YES;
}

static enum separate separate_in(const struct facts *facts, const char *name)
{
	for (size_t i = 0; i < SIDES_NAMESPACES; i++)
		if (strcmp(facts->namespaces[i].name, name) == 0)
			return separate_at(facts, i);
	return SEPARATE_UNKNOWN;
}

/* outside and inside are taken. */
static void add(struct facts *facts, struct row row)
{
	facts->rows[facts->count++] = row;
}

static char *ns_text(const struct facts *facts, const char *name, bool inside)
{
	for (size_t i = 0; i < SIDES_NAMESPACES; i++) {
		const struct side_namespace *n = &facts->namespaces[i];
		unsigned long number = inside ? n->its : n->ours;

		if (strcmp(n->name, name) == 0 && number)
			return mem_fmt("%s:[%lu]", name, number);
	}
	return mem_str(_("unknown"));
}

static void add_processes(struct facts *facts)
{
	const struct sides *p = &facts->process;
	enum separate pid = separate_in(facts, "pid");
	size_t here = facts->here.processes;
	size_t sees = pid == SEPARATE_NO ? here : facts->inside.processes;

	add(facts,
	    (struct row){ "pid", N_("pid"), mem_fmt("%d", p->pid),
			  mem_fmt("%d", p->inside ? p->inside : p->pid), pid });
	add(facts, (struct row){ "processes", N_("sees"),
				 mem_fmt(_("processes: %zu"), here),
				 mem_fmt(_("processes: %zu"), sees), pid });
}

static void add_user(struct shell *shell, const struct container *c,
		     struct facts *facts)
{
	const struct sides *p = &facts->process;
	OWN_BUF struct buf passwd = { 0 };
	bool same = separate_in(facts, "user") == SEPARATE_NO;

	account_read(shell, c->spec.id, "/etc/passwd", &passwd);
	add(facts, (struct row){ "user", N_("user"), account_outside(p->uid),
				 account_inside(&passwd, p->inside_uid),
				 same ? SEPARATE_NO : SEPARATE_MAPPED });
}

static char *mounts_text(const struct outlook *outlook)
{
	return outlook->mounts ? mem_fmt(_("/ is %s, %zu mounts"),
					 outlook->root_kind, outlook->mounts)
			       : mem_str(_("unknown"));
}

/* A machine has many devices that only join others (veth, bridges): the first with an
 * address are named. */
static char *devices_text(const struct outlook *outlook)
{
	OWN_STRS struct strs named = { 0 };
	OWN_FREE char *list = NULL;
	size_t others = 0;

	if (!outlook->networked)
		return mem_str(_("unknown"));
	for (size_t i = 0; i < outlook->devices.count; i++) {
		const char *device = outlook->devices.items[i];

		if (strcmp(device, "lo ::1") == 0)
			continue;
		if (strchr(device, ' ') && named.count < MOST_DEVICES)
			strs_add(&named, device);
		else
			others++;
	}
	list = strs_join(&named, ", ");
	if (!others)
		return mem_str(list);
	return mem_fmt(_("%s; others: %zu"), list, others);
}

static void add_places(struct facts *facts)
{
	const struct outlook *here = &facts->here;
	const struct outlook *inside = &facts->inside;
	enum separate cgroups = separate_in(facts, "cgroup");
	bool own_cgroups = cgroups == SEPARATE_YES ||
			   cgroups == SEPARATE_SHARED;

	add(facts,
	    (struct row){ "mounts", N_("files"), mounts_text(here),
			  mounts_text(inside), separate_in(facts, "mnt") });
	add(facts,
	    (struct row){ "network", N_("network"), devices_text(here),
			  devices_text(inside), separate_in(facts, "net") });
	add(facts,
	    (struct row){
		    "hostname", N_("hostname"), mem_str(here->host),
		    mem_str(inside->host[0] ? inside->host : _("unknown")),
		    separate_in(facts, "uts") });
	add(facts, (struct row){ "ipc", "ipc", ns_text(facts, "ipc", false),
				 ns_text(facts, "ipc", true),
				 separate_in(facts, "ipc") });
	add(facts, (struct row){ "cgroup", "cgroup", mem_str(inside->cgroup),
				 mem_str(own_cgroups ? "/" : inside->cgroup),
				 separate_in(facts, "cgroup") });
	add(facts,
	    (struct row){ "time", N_("clock"), ns_text(facts, "time", false),
			  ns_text(facts, "time", true),
			  separate_in(facts, "time") });
}

static void add_shared(struct facts *facts)
{
	char installed[HUMAN_SIZE];
	char limit[HUMAN_SIZE];

	human_bytes(installed, (double)facts->here.memory);
	human_bytes(limit, (double)facts->inside.memory);
	add(facts,
	    (struct row){ "memory", N_("memory"),
			  mem_fmt(_("%s installed"), installed),
			  facts->inside.limited
				  ? mem_fmt(_("limit %s"), limit)
				  : mem_fmt(_("%s, no limit"), installed),
			  facts->inside.limited ? SEPARATE_LIMIT
						: SEPARATE_NO });
	add(facts,
	    (struct row){ "kernel", N_("kernel"), mem_str(facts->here.kernel),
			  mem_str(facts->inside.kernel[0] ? facts->inside.kernel
							  : facts->here.kernel),
			  SEPARATE_NO });
}

static int gather(struct shell *shell, const struct container *c,
		  struct facts *out, struct err *err)
{
	int r = sides_read(c->pid, &out->process);

	if (r < 0)
		return err_set(err, -r, _("the container %s has just ended"),
			       c->spec.name);
	sides_namespaces(c->pid, out->namespaces);
	ns_peers_find(shell->home, c, out->namespaces, &out->peers);
	outlook_here(&out->here);
	r = outlook_inside(shell->home, c, &out->inside, err);
	if (r < 0)
		return r;
	add_processes(out);
	add_user(shell, c, out);
	add_places(out);
	add_shared(out);
	return 0;
}

/* ---- words ---- */

static const char *separate_text(enum separate separate)
{
	static const char *const texts[] = { N_("yes"), N_("no"), N_("mapped"),
					     N_("limit"), N_("unknown"),
					     N_("shared") };

	return _(texts[separate]);
}

static const char *separate_name(enum separate separate)
{
	static const char *const names[] = { "yes",   "no",	 "mapped",
					     "limit", "unknown", "shared" };

	return names[separate];
}

/* "mnt, ipc" of the namespaces that are its own, or the machine's. */
static void list_of(const struct facts *facts, enum separate separate,
		    struct strs *out)
{
	for (size_t i = 0; i < SIDES_NAMESPACES; i++)
		if (separate_at(facts, i) == separate)
			strs_add(out, facts->namespaces[i].name);
}

static void say_peers(struct view *view, const struct facts *facts)
{
	for (size_t i = 0; i < facts->peers.count; i++) {
		const struct ns_peer *peer = &facts->peers.items[i];
		OWN_FREE char *list = ns_peer_list(peer, facts->namespaces);

		view_say(view, 1, _("Shared with the container %s: %s"),
			 peer->name, list);
	}
}

/* ---- drawn ---- */

static void put_cells(struct view *view, const struct strs cells[3],
		      const int widths[3], const struct row *row)
{
	size_t lines = 1;

	for (int i = 0; i < 3; i++)
		lines = cells[i].count > lines ? cells[i].count : lines;
	for (size_t line = 0; line < lines; line++) {
		buf_char(&view->out, ' ');
		for (int i = 0; i < 3; i++) {
			view_pad(view,
				 line < cells[i].count ? cells[i].items[line]
						       : "",
				 widths[i], true);
			buf_fmt(&view->out, "%*s", GAP, "");
		}
		if (line == 0 && row)
			view_styled(view,
				    row->separate == SEPARATE_NO ? STYLE_NOTE
								 : STYLE_GOOD,
				    separate_text(row->separate));
		else if (line == 0)
			buf_str(&view->out, _("separate?"));
		while (view->out.len &&
		       view->out.data[view->out.len - 1] == ' ')
			view->out.data[--view->out.len] = '\0';
		buf_char(&view->out, '\n');
	}
}

static void draw_row(struct view *view, const char *const texts[3],
		     const struct row *row)
{
	int room = (view->columns - 1 - LABEL_COLUMNS - LAST_COLUMNS - 3 * GAP -
		    1) /
		   2;
	const int widths[3] = { LABEL_COLUMNS, room, room };
	struct strs cells[3] = { 0 };

	for (int i = 0; i < 3; i++) {
		OWN_BUF struct buf wrapped = { 0 };

		style_wrap(&wrapped, texts[i], 0, 0, widths[i]);
		strs_split(&cells[i], buf_text(&wrapped), '\n');
	}
	put_cells(view, cells, widths, row);
	for (int i = 0; i < 3; i++)
		strs_done(&cells[i]);
}

static void draw(struct view *view, const struct facts *facts)
{
	const char *const heads[3] = { "", _("outside (machine)"),
				       _("inside (container)") };

	draw_row(view, heads, NULL);
	for (size_t i = 0; i < facts->count; i++) {
		const struct row *row = &facts->rows[i];
		const char *const texts[3] = { _(row->label), row->outside,
					       row->inside };

		draw_row(view, texts, row);
	}
}

static void say_rows(struct view *view, const struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++) {
		const struct row *row = &facts->rows[i];

		view_say(view, 0, _("%s: outside %s; inside %s; separate: %s"),
			 _(row->label), row->outside, row->inside,
			 separate_text(row->separate));
	}
}

static void show_text(struct view *view, const struct container *c,
		      const struct facts *facts)
{
	const struct sides *p = &facts->process;
	OWN_STRS struct strs own = { 0 };
	OWN_STRS struct strs machine = { 0 };
	OWN_STRS struct strs shared = { 0 };
	OWN_FREE char *owned = NULL;
	OWN_FREE char *rest = NULL;

	list_of(facts, SEPARATE_YES, &own);
	list_of(facts, SEPARATE_NO, &machine);
	list_of(facts, SEPARATE_SHARED, &shared);
	owned = strs_join(&own, ", ");
	rest = strs_join(&machine, ", ");
	view_answer(
		view,
		_("%s is one process with two views: %d outside, %d inside. Namespaces of its own: %zu of %zu."),
		c->spec.name, p->pid, p->inside ? p->inside : p->pid,
		own.count, own.count + shared.count + machine.count);
	if (view->form == VIEW_PLAIN)
		say_rows(view, facts);
	else
		draw(view, facts);
	if (own.count)
		view_say(view, 1, _("Its own: %s"), owned);
	say_peers(view, facts);
	if (machine.count)
		view_say(view, 1, _("The machine's: %s"), rest);
	if (c->spec.privileged)
		view_say(
			view, 1,
			_("--privileged: its views are its own, its rights are not cut: it may mount, and use devices"));
	view_next(view, "tree %s", c->spec.name);
	view_end(view);
}

/* ---- JSON ---- */

static void show_json(struct view *view, const struct container *c,
		      const struct facts *facts)
{
	json_t *rows = json_array();
	json_t *namespaces = json_array();
	const struct sides *p = &facts->process;
	OWN_FREE char *next = mem_fmt("tree %s", c->spec.name);

	for (size_t i = 0; i < facts->count; i++) {
		const struct row *row = &facts->rows[i];

		json_array_append_new(
			rows, json_pack("{s:s, s:o, s:o, s:s}", "view",
					row->key, "outside",
					stack_view_text(row->outside), "inside",
					stack_view_text(row->inside), "separate",
					separate_name(row->separate)));
	}
	for (size_t i = 0; i < SIDES_NAMESPACES; i++) {
		const struct side_namespace *n = &facts->namespaces[i];

		if (n->its)
			json_array_append_new(
				namespaces,
				json_pack("{s:s, s:I, s:I, s:b, s:o}", "name",
					  n->name, "outside",
					  (json_int_t)n->ours, "inside",
					  (json_int_t)n->its, "separate",
					  n->its != n->ours, "shared_with",
					  ns_peers_json(&facts->peers, i)));
	}
	view_json(view,
		  json_pack("{s:s, s:s, s:i, s:i, s:i, s:I, s:o, s:o}",
			    "container", c->spec.name, "id", c->spec.id,
			    "pid_outside", (int)p->pid, "pid_inside",
			    (int)(p->inside ? p->inside : p->pid),
			    "uid_outside", (int)p->uid, "uid_inside",
			    (json_int_t)p->inside_uid, "views", rows,
			    "namespaces", namespaces),
		  next);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct ns_opts *o = args->opts;
	OWN_CONTAINER struct container c = { 0 };
	OWN_FACTS struct facts facts = { 0 };
	OWN_VIEW struct view view;
	int r;

	view_begin(&view, shell, &o->view);
	r = running_find(shell, args->words[0], &c, err);
	if (r == 0)
		r = gather(shell, &c, &facts, err);
	if (r < 0)
		return r;
	if (view.form == VIEW_JSON)
		show_json(&view, &c, &facts);
	else
		show_text(&view, &c, &facts);
	return 0;
}

static const char *const examples[] = {
	"run -d --name web busybox sleep 1000",
	"ns web",
	NULL,
};

const struct cmd cmd_ns = {
	.name = "ns",
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS] CONTAINER",
	.summary = N_(
		"Show one process from outside and inside, and which of its views are its own"),
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct ns_opts),
	.examples = examples,
	.lesson = "views",
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_RUNNING,
	.rest = COMPLETE_NOTHING,
};
