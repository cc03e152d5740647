/* shell/why_ask.c - see why_ask.h */
#include "shell/why_ask.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "shell/cmd.h"
#include "shell/why.h"

static const char layers_file[] = "run/last-layers";

/* ---- the last failure ---- */

/* The container that was made, or ended, while the line ran. */
static int find_container(struct why *why, struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	const struct failure *line = &why->line;
	struct ending ending;
	int r;

	if (!line->code) {
		r = ending_find(why->shell->home, line->status,
				line->begun_ns, &ending, err);
		return r == 1 ? why_take_container(why, ending.id, err) : r;
	}
	r = container_list(why->shell->home, &all, err);
	for (size_t i = 0; r == 0 && i < all.count; i++)
		if (all.items[i].created_ns >= line->begun_ns &&
		    all.items[i].created_ns <= line->ended_ns)
			return why_take_container(why, all.items[i].spec.id,
						  err);
	return r;
}

static bool is_command(const struct why *why, const char *name)
{
	const struct strs *words = &why->line.words;

	return !why->line.by_sh && words->count &&
	       (strcmp(words->items[0], name) == 0 ||
		(words->count > 1 &&
		 strcmp(words->items[0], "container") == 0 &&
		 strcmp(words->items[1], name) == 0));
}

static bool is_build(const struct why *why)
{
	const struct strs *words = &why->line.words;

	return is_command(why, "build") ||
	       (!why->line.by_sh && words->count > 1 &&
		strcmp(words->items[0], "image") == 0 &&
		strcmp(words->items[1], "build") == 0);
}

/* `exec web ...`, `start web`, `run busybox ...`: the first word that is one. */
static int find_named(struct why *why, struct err *err)
{
	const struct strs *words = &why->line.words;
	int r = 0;

	for (size_t i = 1; r == 0 && i < words->count; i++) {
		struct container c;
		struct err ignored = { 0 };

		if (words->items[i][0] == '-')
			continue;
		if (is_command(why, "run") || is_command(why, "create")) {
			r = why_take_image(why, words->items[i], err);
		} else if (container_find(why->shell->home, words->items[i],
					  &c, &ignored) == 0) {
			container_done(&c);
			r = why_take_container(why, words->items[i], err);
		}
	}
	return r < 0 ? r : 0;
}

/* "Bind for 0.0.0.0:8080 failed", "listen tcp4 0.0.0.0:80: bind:" */
static void find_port(struct why *why)
{
	const char *message = why->line.message;
	const char *at = message ? strstr(message, "Bind for ") : NULL;

	if (message && !at)
		at = strstr(message, ": listen ");
	if (!at || !strstr(message, "external connectivity"))
		return;
	while (*at && !(at[0] == ':' && at[1] >= '0' && at[1] <= '9'))
		at++;
	why->port = *at ? (int)strtol(at + 1, NULL, 10) : 0;
	why->about |= why->port ? WHY_PORT : 0;
}

/* "No such container:path: web:/x": then it is a question of that file. */
static int find_path(struct why *why, struct err *err)
{
	static const char mark[] = "No such container:path: ";
	const char *at = why->line.message ? strstr(why->line.message, mark) :
					     NULL;
	const char *colon;
	int r = 0;

	at = at ? at + strlen(mark) : "";
	colon = strstr(at, ":/");
	if (!colon)
		return 0;
	if (!why->container) {
		OWN_FREE char *name = mem_strn(at, (size_t)(colon - at));

		r = why_take_container(why, name, err);
	}
	if (r < 0 || !why->container)
		return r;
	why->path = mem_strn(colon + 1, strcspn(colon + 1, "\n"));
	why->about = WHY_FILE;
	return 1;
}

/* Where there is no room, what failed last could not be noted. */
static int ask_disk(struct why *why)
{
	enum { A_NOTE = 16384 };
	struct statvfs fs;

	if (statvfs(why->shell->home->path, &fs) < 0 ||
	    (fs.f_bavail * fs.f_frsize >= A_NOTE &&
	     (!fs.f_files || fs.f_favail)))
		return 0;
	why->about = WHY_DISK;
	free(why->word);
	why->word = mem_str(why->shell->home->path);
	return 1;
}

int why_ask_last(struct why *why, struct err *err)
{
	bool session = why->shell->interactive;
	int r;

	if (ask_disk(why))
		return 1;
	/* In a lesson, where the last line did not fail, what is open is meant. */
	if (session && why->shell->lesson && why->shell->last_status == 0)
		return why_ask_goal(why);
	r = failure_last(why->shell->home, session, &why->line, err);
	if (r == 0 && session)
		r = failure_last(why->shell->home, false, &why->line, err);
	if (r < 0)
		return r;
	if (r == 0 || is_command(why, "check"))
		return why_ask_goal(why);
	why->word = strs_join(&why->line.words, " ");
	why->about = WHY_LINE;
	if (is_command(why, "run") || is_command(why, "create") ||
	    is_command(why, "start") || is_build(why))
		r = find_container(why, err);
	/* The words of a build are folders and tags: a container whose number begins
	 * so has no part in it. */
	if (r >= 0 && !why->container && !why->ending.id[0] && !is_build(why))
		r = find_named(why, err);
	why->about |= WHY_LINE;
	if (is_command(why, "exec"))
		why->about &= ~(unsigned)(WHY_STATE | WHY_END);
	if (why->line.message) {
		free(why->message);
		why->message = mem_str(why->line.message);
		why->about |= WHY_START;
		why->about &= ~(unsigned)(WHY_STATE | WHY_END);
	}
	if (is_build(why))
		why->about |= WHY_BUILD;
	find_port(why);
	if (r >= 0)
		r = find_path(why, err);
	return r < 0 ? r : 1;
}

/* ---- numbers ---- */

void why_note_layers(struct shell *shell, const char *name)
{
	struct err ignored = { 0 };

	(void)fs_replace(shell->home->fd, layers_file, name, strlen(name), 0600,
			 false, &ignored);
}

/* The name that `layers` showed last; "" for none, or where something failed since:
 * then a number is more likely a status. */
static void last_layers(const struct shell *shell, struct buf *out)
{
	struct err ignored = { 0 };
	struct stat st;

	if (fstatat(shell->home->fd, layers_file, &st, 0) < 0 ||
	    (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec <
		    failure_newest_ns(shell->home))
		return;
	(void)fs_read(shell->home->fd, layers_file, 1024, out, &ignored);
}

/* How many layers the image or container has; 0 where there is none of that name. */
static long layers_of(const struct shell *shell, const char *name)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_IMAGE struct image image = { 0 };
	struct err ignored = { 0 };
	bool container = container_find(shell->home, name, &c, &ignored) == 0;

	if (!shell->store ||
	    image_find(shell->store, container ? c.spec.image_id : name, &image,
		       &ignored) < 0)
		return 0;
	return (long)image.chains.count + container;
}

int why_ask_layer(struct why *why, const char *name, const char *number,
		  struct err *err)
{
	char *end;
	long layer = strtol(number, &end, 10);
	int r;

	if (*end || layer < 1)
		return err_set(err, EINVAL, _("'%s' is no number of a layer"),
			       number);
	r = why_take_container(why, name, err);
	if (r == 0)
		r = why_take_image(why, name, err);
	if (r < 0)
		return r;
	if (!why->image.id)
		return err_set(err, ENOENT, _("nothing here is called '%s'"),
			       name);
	why->layer = (int)layer;
	why->about = WHY_LAYER;
	free(why->word);
	why->word = mem_str(name);
	return 1;
}

/* Docker's own numbers, and how the kernel's become numbers. Given. */
static char *meaning_of(int status)
{
	switch (status) {
	case 0:
		return mem_str(_("0: the program ended well"));
	case 125:
		return mem_str(_("125: the container could not be made or started; no program ran"));
	case 126:
		return mem_str(_("126: the program was found and may not be executed"));
	case 127:
		return mem_str(_("127: the program was not found, or its interpreter was not"));
	default:
		break;
	}
	if (status > 128 && status <= 128 + 64)
		return mem_fmt(_("%d = 128 + %d: the program was ended by %s, or says so of one of its own"),
			       status, status - 128,
			       why_signal_name(status - 128));
	return mem_fmt(_("%d: the program itself chose this number; it means what the program says it means"),
		       status);
}

/* One whose program could not start has died in no event: its record has the number. */
static int find_unstarted(struct why *why, int status, struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	int r = container_list(why->shell->home, &all, err);

	for (size_t i = 0; r == 0 && i < all.count; i++)
		if (all.items[i].error && all.items[i].exit_code == status)
			return why_take_container(why, all.items[i].spec.id,
						  err);
	return r;
}

int why_ask_status(struct why *why, int status, struct err *err)
{
	OWN_BUF struct buf name = { 0 };
	OWN_FREE char *number = mem_fmt("%d", status);
	struct ending ending;
	int r;

	last_layers(why->shell, &name);
	if (name.len && status > 0 &&
	    status <= layers_of(why->shell, buf_text(&name)) &&
	    why_ask_layer(why, buf_text(&name), number, err) == 1)
		return 1;
	*err = (struct err){ 0 };
	why->status = status;
	why->meaning = meaning_of(status);
	r = ending_find(why->shell->home, status, 0, &ending, err);
	if (r == 1)
		r = why_take_container(why, ending.id, err);
	else if (r == 0)
		r = find_unstarted(why, status, err);
	why->about &= ~(unsigned)(WHY_STATE | WHY_GONE);
	why->about |= WHY_STATUS;
	return r < 0 ? r : 1;
}

int why_ask_stop(struct why *why, struct err *err)
{
	struct ending ending;
	int r = ending_of_stop(why->shell->home, &ending, err);

	if (r == 1)
		r = why_take_container(why, ending.id, err);
	why->about = WHY_STOP;
	return r < 0 ? r : 1;
}

/* ---- nothing ---- */

int why_nothing_failed(struct shell *shell, const struct view_opts *opts)
{
	OWN_VIEW struct view view;

	style_locale();
	view_begin(&view, shell, opts);
	if (view.form == VIEW_JSON) {
		view_json(&view,
			  json_pack("{s:n, s:b, s:s}", "cause", "known", 1,
				    "sentence", _("nothing has failed here yet")),
			  "why 137");
		return 0;
	}
	view_answer(&view, "%s", _("nothing has failed here yet"));
	view_say(&view, 0, "%s", _("You can ask: why NAME (a container, an image, a network, a volume), why NAME:/path, why 137 (a status), why :8080 (a port), why build, why stop"));
	view_next(&view, "why 137");
	view_end(&view);
	return 0;
}
