/* images/build_explain.c - why a step was not in the cache; see build_private.h
 *
 * Docker only says "Using cache", or nothing. Here the images that the last build of
 * the same Dockerfile (build_past.c) made upon the same parent are looked through for
 * the nearest one, and what differs from it is named:
 *
 *   RUN      an argument, or the command itself
 *   COPY     files: changed, new, gone. The checksum of each is kept with the image
 *            (table build_files: "<64 digits> <path>", a line each)
 *   others   what the instruction was
 *
 * The first miss of a stage is told to whoever sits at a terminal; --explain tells
 * of every step what was compared. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/build_copy.h"
#include "images/build_private.h"
#include "runtime/base/db.h"

enum { NAMED_FILES = 3 };

/* ---- the nearest ---- */

/* How near a built step is to the one looked for. */
enum nearness { OTHER, SAME_KIND, SAME_PLACE, SAME_WORDS };

struct nearest {
	struct build *build;
	const struct image_config *step;
	enum nearness nearness;
	char id[DIGEST_SIZE];
	struct image_config config;
	size_t count;  /* how many were looked at */
	size_t others; /* and how many there are of other builds */
};

static const char *last_of(const struct strs *list)
{
	return list->count ? list->items[list->count - 1] : "";
}

/* "COPY file:1 in /x " of "#(nop) COPY file:1 in /x "; NULL for a RUN. */
static const char *nop_of(const struct image_config *config)
{
	for (size_t i = 0; i < config->cmd.count; i++) {
		const char *word = config->cmd.items[i];

		if (strncmp(word, "#(nop) ", 7) == 0)
			return word[7] ? word + 7 : last_of(&config->cmd);
	}
	return NULL;
}

static bool same_first_word(const char *a, const char *b)
{
	size_t len = strcspn(a, " ");

	return strcspn(b, " ") == len && strncmp(a, b, len) == 0;
}

static enum nearness compare_nops(const char *a, const char *b)
{
	const char *a_in = strstr(a, " in ");
	const char *b_in = strstr(b, " in ");

	if (!same_first_word(a, b))
		return OTHER;
	if (strcmp(a, b) == 0)
		return SAME_WORDS;
	return a_in && b_in && strcmp(a_in, b_in) == 0 ? SAME_PLACE : SAME_KIND;
}

static enum nearness compare(const struct image_config *built,
			     const struct image_config *step)
{
	const char *a = nop_of(built);
	const char *b = nop_of(step);

	if (!a != !b || !built->cmd.count)
		return OTHER;
	if (a)
		return compare_nops(a, b);
	return strcmp(last_of(&built->cmd), last_of(&step->cmd)) == 0 ?
		       SAME_WORDS :
		       SAME_KIND;
}

static bool look(struct build_cached *cached, void *arg)
{
	struct nearest *nearest = arg;
	enum nearness how;

	/* Another Dockerfile's is no answer to what has changed in this one. */
	if (!build_past_has(nearest->build, cached->id)) {
		nearest->others++;
		return true;
	}
	how = compare(&cached->config, nearest->step);
	nearest->count++;
	if (how > nearest->nearness) {
		nearest->nearness = how;
		memcpy(nearest->id, cached->id, DIGEST_SIZE);
		image_config_done(&nearest->config);
		image_config_copy(&nearest->config, &cached->config);
	}
	return true;
}

/* ---- files ---- */

int build_explain_keep(struct build *build, const char *id, struct err *err)
{
	OWN_BUF struct buf lines = { 0 };
	struct db *db = store_db(build->store, err);
	size_t count = 0;
	const struct copy_file *files = copy_files(build->found, &count);
	int r;

	for (size_t i = 0; i < count; i++)
		buf_fmt(&lines, "%s %s\n", files[i].sum, files[i].path);
	if (!db)
		return -err->code;
	r = db_run(db, err,
		   "INSERT OR REPLACE INTO build_files(image, files) VALUES(?, ?)",
		   "ss", id, buf_text(&lines));
	return r < 0 ? r : 0;
}

static void read_kept(struct build *build, const char *id, struct strs *out)
{
	struct err ignored = { 0 };
	struct db *db = store_db(build->store, &ignored);
	OWN_STMT struct sqlite3_stmt *stmt =
		db ? db_query(db, &ignored,
			      "SELECT files FROM build_files WHERE image = ?",
			      "s", id) :
		     NULL;

	if (stmt && db_next(db, stmt, &ignored) == 1)
		strs_split(out, db_text(stmt, 0), '\n');
}

/* "<64 digits> <path>" */
static const char *path_of(const char *line)
{
	return strlen(line) > DIGEST_HEX ? line + DIGEST_HEX + 1 : "";
}

static void name_file(struct strs *out, const char *format, const char *path)
{
	OWN_BUF struct buf text = { 0 };
	const char *at = strstr(format, "%s");

	buf_add(&text, format, (size_t)(at - format));
	buf_fmt(&text, "'%s'%s", path, at + 2);
	strs_add(out, buf_text(&text));
}

/* Both lists are in order of their paths. */
static void compare_files(const struct copy_file *now, size_t count,
			  const struct strs *before, struct strs *out)
{
	size_t n = 0;
	size_t b = 0;

	while (n < count || b < before->count) {
		const char *line = b < before->count ? before->items[b] : "";
		int order = n == count	       ? 1 :
			    b == before->count ? -1 :
						 strcmp(now[n].path,
							path_of(line));

		if (b < before->count && !*line) {
			b++;
			continue;
		}
		if (order < 0)
			name_file(out, _("%s is new"), now[n].path);
		else if (order > 0)
			name_file(out, _("%s is gone"), path_of(line));
		else if (strncmp(line, now[n].sum, DIGEST_HEX) != 0)
			name_file(out, _("%s has changed"), now[n].path);
		n += order <= 0;
		b += order >= 0;
	}
}

static bool explain_files(struct build *build, const struct nearest *nearest,
			  struct buf *out)
{
	OWN_STRS struct strs before = { 0 };
	OWN_STRS struct strs differ = { 0 };
	size_t count = 0;
	const struct copy_file *files;

	if (!build->found || nearest->nearness < SAME_PLACE)
		return false;
	files = copy_files(build->found, &count);
	read_kept(build, nearest->id, &before);
	if (!before.count)
		return false;
	compare_files(files, count, &before, &differ);
	for (size_t i = 0; i < differ.count && i < NAMED_FILES; i++)
		buf_fmt(out, "%s%s", i ? ", " : "", differ.items[i]);
	if (differ.count > NAMED_FILES)
		buf_fmt(out, _(", and %zu more"), differ.count - NAMED_FILES);
	return differ.count;
}

/* ---- arguments ---- */

/* "|2", "A=1", "B=2", command ...: the arguments alone. */
static void take_args(const struct image_config *config, struct strs *out)
{
	const struct strs *cmd = &config->cmd;
	size_t count = cmd->count && cmd->items[0][0] == '|' ?
			       (size_t)strtoul(cmd->items[0] + 1, NULL, 10) :
			       0;

	for (size_t i = 1; i <= count && i < cmd->count; i++)
		strs_add(out, cmd->items[i]);
}

static bool explain_args(const struct nearest *nearest, struct buf *out)
{
	OWN_STRS struct strs now = { 0 };
	OWN_STRS struct strs before = { 0 };
	OWN_STRS struct strs names = { 0 };

	if (nearest->nearness < SAME_WORDS)
		return false;
	take_args(nearest->step, &now);
	take_args(&nearest->config, &before);
	strs_copy(&names, &now);
	strs_copy(&names, &before);
	for (size_t i = 0; i < names.count; i++) {
		OWN_FREE char *name = mem_strn(names.items[i],
					       strcspn(names.items[i], "="));
		const char *a = strs_get_env(&before, name);
		const char *b = strs_get_env(&now, name);

		if (a && b && strcmp(a, b) == 0)
			continue;
		if (a && b)
			buf_fmt(out, _("the argument %s was '%s' and is '%s'"),
				name, a, b);
		else if (b)
			buf_fmt(out, _("the argument %s ('%s') is new"), name,
				b);
		else
			buf_fmt(out, _("the argument %s is gone"), name);
		return true;
	}
	return false;
}

/* ---- in words ---- */

static char *words_of(const struct image_config *config)
{
	const char *nop = nop_of(config);

	return nop ? mem_str(nop) : strs_join(&config->cmd, " ");
}

static void explain_miss(struct build *build, const struct nearest *nearest,
			 struct buf *out)
{
	OWN_FREE char *was = words_of(&nearest->config);

	if (!build_past_known(build))
		buf_str(out, _("this Dockerfile is built for the first time"));
	else if (nearest->nearness == OTHER)
		buf_str(out, nearest->count ?
				     _("it is new at this place") :
			     nearest->others ?
				     _("what was built upon the image before it is another than now, and not of this Dockerfile's last build") :
				     _("nothing has been built upon the image before it yet"));
	else if (explain_args(nearest, out) ||
		 explain_files(build, nearest, out))
		return;
	else if (nearest->nearness == SAME_WORDS)
		buf_str(out, _("what it begins with (environment, user, labels, ports or volumes) has changed"));
	else
		buf_fmt(out, _("it was '%.200s' before"), was);
}

/* Whether it could have been found but for this. */
static bool find_reason(struct build *build, const struct image_config *step,
			struct buf *out)
{
	struct nearest nearest = { .build = build, .step = step };
	struct err ignored = { 0 };

	if (build->choice->no_cache) {
		buf_str(out, _("--no-cache was given"));
	} else if (build->missed) {
		buf_str(out, _("a step before it is new"));
	} else if (build->sources) {
		build_sources_explain(build, step, out);
		return true;
	} else {
		(void)build_cache_each(build, look, &nearest, &ignored);
		explain_miss(build, &nearest, out);
	}
	image_config_done(&nearest.config);
	return nearest.nearness != OTHER;
}

/* ---- --explain ---- */

static void show_compared(struct build *build, const struct image_config *step)
{
	FILE *to = build->choice->notes;
	OWN_FREE char *command = strs_join(&step->cmd, " ");
	size_t count = 0;
	const struct copy_file *files =
		build->found ? copy_files(build->found, &count) : NULL;

	fprintf(to, _("step %zu\n"), build->step);
	fprintf(to, _("  upon      %.12s\n"),
		build->image_id ? digest_hex(build->image_id) : "scratch");
	fprintf(to, _("  command   %s\n"), command);
	for (size_t i = 0; i < count; i++)
		fprintf(to, "  %.12s  %s\n", files[i].sum, files[i].path);
}

void build_explain(struct build *build, const struct image_config *step,
		   bool found)
{
	FILE *to = build->choice->notes;
	const char *giver = build_sources_giver(build->sources);
	OWN_BUF struct buf reason = { 0 };
	bool whole = build->choice->explain;
	bool changed = !found && find_reason(build, step, &reason);

	build_why_note(build, step, found, buf_text(&reason));
	if (!to || (!whole && (found || build->missed ||
			       build->choice->no_cache)))
		return;
	fflush(build->out);
	if (whole)
		show_compared(build, step);
	if (whole && found && giver)
		fprintf(to, _("  in the cache: a step of '%s'\n"), giver);
	else if (whole && found)
		fprintf(to, _("  in the cache\n"));
	else if (whole)
		fprintf(to, _("  not in the cache: %s\n"), buf_text(&reason));
	else if (changed)
		fprintf(to, _("dockershell: step %zu is built anew: %s\n"),
			build->step, buf_text(&reason));
	fflush(to);
}
