/* shell/why_build.c - see why.h: builds: what was not in the cache, what was not found.
 *
 * The cache's reasons are those that the builder had at hand (images/build_why.h); what
 * a COPY did not find is looked for once more where it looks: in the context, less what
 * .dockerignore leaves out. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/build_why.h"
#include "images/ignore.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/userns.h"
#include "shell/cmd.h"
#include "shell/commands.h"
#include "shell/opt.h"
#include "shell/style.h"
#include "shell/why.h"

enum { MOST_STEPS = 12 }; /* of a build: more would hide the answer */

/* ---- the context ---- */

static const char *message_of(const struct why *why)
{
	return why->line.message ? why->line.message : "";
}

/* The word that names the context: options may stand behind it. NULL where the line is
 * not build's. Given. */
static char *context_word(const struct strs *line)
{
	OWN_STRS struct strs words = { 0 };
	OWN_FREE void *values = NULL;
	struct opt_shared shared = { 0 };
	struct err ignored = { 0 };
	const struct cmd *cmd;
	char *word = NULL;
	int used = 0;
	int first;

	strs_copy(&words, line);
	cmd = words.count ? command_find(words.items, &used) : NULL;
	if (!cmd || strcmp(cmd->name, "build") != 0)
		return NULL;
	values = mem_zero(1, cmd->opts_size + 1);
	first = opt_parse(cmd, (int)words.count - used + 1,
			  words.items + used - 1, values, &shared, &ignored);
	if (first > 0 && used - 1 + first < (int)words.count)
		word = mem_str(words.items[used - 1 + first]);
	opt_done(cmd, values);
	return word;
}

/* The folder that was sent: the word that names it, from where it was typed; NULL
 * where that is none of this machine (-, a URL, an archive). Given. */
static char *context_of(const struct why *why)
{
	OWN_FREE char *word = context_word(&why->line.words);
	const char *last = word ? word : "";
	OWN_FREE char *path = NULL;
	struct stat st;

	if (!*last || *last == '-' || strstr(last, "://"))
		return NULL;
	path = *last == '/' ? mem_str(last) :
			      mem_fmt("%s/%s",
				      why->line.folder ? why->line.folder : "",
				      last);
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ?
		       fs_clean_path(path) :
		       NULL;
}

/* The value of -f; NULL where it was not given. Borrowed. */
static const char *file_option(const struct why *why)
{
	const struct strs *words = &why->line.words;

	for (size_t i = 0; i + 1 < words->count; i++) {
		if (strcmp(words->items[i], "-f") == 0 ||
		    strcmp(words->items[i], "--file") == 0)
			return words->items[i + 1];
		if (strncmp(words->items[i], "--file=", 7) == 0)
			return words->items[i] + 7;
	}
	return NULL;
}

/* What COPY asked for: "... stat data/x: file does not exist". Given. */
static char *wanted_file(const struct why *why)
{
	const char *at = strstr(message_of(why), "stat ");

	return at ? mem_strn(at + 5, strcspn(at + 5, ":")) : NULL;
}

/* The line of .dockerignore that leaves the path out, 0 for none: the first from which
 * on it does and all before do not. */
static int ignore_line(const char *context, const char *path,
		       struct buf *out_text)
{
	OWN_FREE char *name = mem_fmt("%s/.dockerignore", context);
	OWN_BUF struct buf text = { 0 };
	OWN_STRS struct strs lines = { 0 };
	struct err ignored = { 0 };
	size_t len = 0;

	if (fs_read(AT_FDCWD, name, 1 << 20, &text, &ignored) < 0)
		return 0;
	strs_split(&lines, buf_text(&text), '\n');
	for (size_t i = 0; i < lines.count; i++) {
		OWN_STRS struct strs patterns = { 0 };
		struct ignore *ignore = NULL;
		bool left_out;

		len += strlen(lines.items[i]) + 1;
		if (len > text.len)
			len = text.len;
		if (ignore_lines(text.data, len, &patterns, &ignored) < 0 ||
		    ignore_new(&patterns, &ignore, &ignored) < 0)
			return 0;
		left_out = ignore_leaves_out(ignore, path);
		ignore_free(ignore);
		if (left_out) {
			buf_str(out_text, lines.items[i]);
			return (int)i + 1;
		}
	}
	return 0;
}

static enum why_answer copy_not_found(struct why *why, struct why_finding *f)
{
	OWN_FREE char *path = wanted_file(why);
	OWN_FREE char *context = context_of(why);
	OWN_BUF struct buf pattern = { 0 };
	OWN_FREE char *inside = NULL;
	const char *file = file_option(why);
	struct stat st;
	int line;

	if (!path || (strncmp(message_of(why), "COPY failed", 11) != 0 &&
		      strncmp(message_of(why), "ADD failed", 10) != 0))
		return WHY_NOT;
	why_fact(f, WHY_FROM_MESSAGE, "%.300s", message_of(why));
	why_next(f, "build --explain %s", context ? context : ".");
	if (!context) {
		why_tell(f, _("the context's files, but it was no folder of this machine"));
		return why_say_unknown(f, _("the build's context has no '%s'; whether .dockerignore left it out is unknown"),
				       path);
	}
	inside = mem_fmt("%s/%s", context, path);
	line = ignore_line(context, path, &pattern);
	if (line && lstat(inside, &st) == 0) {
		f->id = "hidden_by_dockerignore";
		why_fact(f, WHY_FROM_CONTEXT, _("%s: there"), inside);
		why_fact(f, WHY_FROM_CONTEXT, _(".dockerignore, line %d: %s"),
			 line, buf_text(&pattern));
		why_fix(f, _("take that line out, or add an exception behind it: !%s"),
			path);
		return why_say(f, _("'%s' lies in the context, but line %d of .dockerignore (%s) leaves it out"),
			       path, line, buf_text(&pattern));
	}
	if (lstat(inside, &st) == 0) {
		why_fact(f, WHY_FROM_CONTEXT, _("%s: there now"), inside);
		return why_say(f, _("'%s' was not in the context when it was built; it is there now"),
			       path);
	}
	why_fact(f, WHY_FROM_CONTEXT, _("%s: not there"), inside);
	if (file && strchr(file, '/')) {
		OWN_FREE char *beside = mem_fmt(
			"%s%s%.*s/%s", *file == '/' ? "" : why->line.folder,
			*file == '/' ? "" : "/",
			(int)(strrchr(file, '/') - file), file, path);

		if (lstat(beside, &st) == 0)
			why_fact(f, WHY_FROM_CONTEXT, _("%s: there, beside the Dockerfile"),
				 beside);
	}
	why_fix(f, _("paths of COPY begin at the context, the last word of 'build', wherever the Dockerfile lies"));
	return why_say(f, _("COPY looked for '%s' in the context %s, and it is not there"),
		       path, context);
}

/* -f counts from where the line was typed, as any path. Given. */
static char *dockerfile_of(const struct why *why, const char *context,
			   const char *file)
{
	if (!file)
		return mem_fmt("%s/Dockerfile", context);
	return *file == '/' ?
		       mem_str(file) :
		       mem_fmt("%s/%s",
			       why->line.folder ? why->line.folder : ".", file);
}

static enum why_answer no_dockerfile(struct why *why, struct why_finding *f)
{
	OWN_FREE char *context = context_of(why);
	const char *file = file_option(why);

	if (!strstr(message_of(why), "unable to prepare context") &&
	    !strstr(message_of(why), "Cannot locate"))
		return WHY_NOT;
	why_fact(f, WHY_FROM_MESSAGE, "%.300s", message_of(why));
	why_next(f, "help build");
	if (context && strstr(message_of(why), "Dockerfile")) {
		OWN_FREE char *path = dockerfile_of(why, context, file);
		struct stat st;

		why_fact(f, WHY_FROM_CONTEXT,
			 lstat(path, &st) == 0 ? _("%s: there now") :
						 _("%s: not there"),
			 path);
		why_fix(f, _("write one there, or name it: -f FILE"));
		return why_say(f, _("there is no Dockerfile where 'build' looks for it: %s"),
			       path);
	}
	f->id = "no_context";
	why_fix(f, _("the last word of 'build' is the folder to build from, often '.'"));
	return why_say(f, _("the folder to build from could not be used"));
}

/* ---- a RUN that failed ---- */

static enum why_answer run_failed(struct why *why, struct why_finding *f)
{
	const char *at = strstr(message_of(why), "returned a non-zero code: ");
	int code;

	if (!at)
		return WHY_NOT;
	code = (int)strtol(strrchr(at, ' '), NULL, 10);
	why_fact(f, WHY_FROM_MESSAGE, "%.300s", message_of(why));
	(void)why_log_facts(why, f);
	if (why->line.hint)
		why_fix(f, "%s", why->line.hint);
	why_next(f, "ps -a --filter status=exited");
	if (code == 127)
		return why_say(f, _("the RUN ended with 127: its shell did not find a command in this image"));
	if (code == 137)
		return why_say(f, _("the RUN ended with 137: SIGKILL ended it, or a program in it"));
	return why_say(f, _("the RUN ended with %d, which its program chose itself: its last lines are the reason"),
		       code);
}

/* chown to an id that this account has not. */
static enum why_answer chown_refused(struct why *why, struct why_finding *f)
{
	OWN_FREE char *log = why_log_tail(why);
	unsigned long uids = 0;
	unsigned long gids = 0;

	if (userns_kind() == USERNS_NONE || !strstr(log, "nvalid argument") ||
	    (!strstr(log, "chown") && !strstr(log, "chgrp")))
		return WHY_NOT;
	(void)why_log_facts(why, f);
	userns_subordinate(&uids, &gids);
	why_fact(f, WHY_FROM_PROC,
		 userns_kind() == USERNS_SINGLE ?
			 _("uid_map: this account has one id, which is root inside; %lu subordinate ids can be used") :
			 _("uid_map: root inside and %lu subordinate ids"),
		 userns_kind() == USERNS_SINGLE ? 0 : uids);
	why_fix(f, _("an administrator can give this account subordinate ids: 'doctor' says how"));
	why_next(f, "doctor");
	return why_say(f, _("chown failed with 'Invalid argument' because that user's number is not mapped in this container: the kernel knows no owner for it"));
}

static enum why_answer read_only(struct why *why, struct why_finding *f)
{
	OWN_FREE char *log = why_log_tail(why);

	if (!strstr(log, "ead-only file system") || !why->container)
		return WHY_NOT;
	(void)why_log_facts(why, f);
	why_fact(f, WHY_FROM_RECORD,
		 why->container->spec.read_only ?
			 _("--read-only: its root is mounted so") :
			 _("its root is writable; what was written to is a mount (:ro), or /proc or /sys"));
	why_fix(f, _("write into a volume or a --tmpfs, or leave the read-only option out"));
	why_next(f, "inspect -f '{{.HostConfig.ReadonlyRootfs}} {{json .Mounts}}' %s",
		 why_name(why));
	return why_say(f, _("%s could not write: that file system is mounted read-only"),
		       why_name(why));
}

/* ---- the cache ---- */

/* As an image's history says it: of a sum as long as "file:3815161fe469..." the first
 * twelve digits are enough to tell two apart. Given. */
static char *short_sums(const char *text)
{
	enum { WHOLE = 64, SHOWN = 12 };
	OWN_BUF struct buf out = { 0 };

	while (*text) {
		size_t digits = strspn(text, "0123456789abcdef");
		size_t taken = digits ? digits : 1;

		buf_add(&out, text, digits == WHOLE ? SHOWN : taken);
		text += taken;
	}
	return buf_give(&out);
}

static void fact_step(const struct why *why, struct why_finding *f,
		      const struct build_why_step *s, int total)
{
	OWN_FREE char *whole = short_sums(s->text);
	OWN_FREE char *text = style_cut(why->shell, whole, 80);
	OWN_FREE char *reason = short_sums(s->reason ? s->reason : "");

	if (s->cached)
		why_fact(f, WHY_FROM_BUILD, _("step %d/%d: in the cache: %s"),
			 s->number, total, text);
	else
		why_fact(f, WHY_FROM_BUILD, _("step %d/%d: built anew, %s: %s"),
			 s->number, total, reason, text);
}

/* All of a short Dockerfile; of a long one, those around the first that was missed. */
static void fact_steps(const struct why *why, struct why_finding *f,
		       const struct build_why *last,
		       const struct build_why_step *first)
{
	size_t from = 0;
	size_t to = last->count;

	if (last->count > MOST_STEPS) {
		size_t at = (size_t)(first - last->steps);

		from = at > 1 ? at - 1 : 0;
		to = from + MOST_STEPS < to ? from + MOST_STEPS : to;
	}
	for (size_t i = from; i < to; i++)
		fact_step(why, f, &last->steps[i], last->total);
	if (to - from < last->count)
		why_fact(f, WHY_FROM_BUILD, _("other steps: %zu"),
			 last->count - (to - from));
}

static enum why_answer cache(struct why *why, struct why_finding *f)
{
	OWN_BUILD_WHY struct build_why last = { 0 };
	struct err ignored = { 0 };
	const struct build_why_step *first = NULL;
	OWN_FREE char *reason = NULL;

	if (build_why_read(why->shell->home, &last, &ignored) != 1)
		return WHY_NOT;
	for (size_t i = 0; i < last.count && !first; i++)
		first = last.steps[i].cached ? NULL : &last.steps[i];
	/* It adds nothing to what the line itself says; or the line came to no build,
	 * and the last one is another's. */
	if (why->about & WHY_LINE && (!first || last.ns < why->line.begun_ns))
		return WHY_NOT;
	why_fact(f, WHY_FROM_BUILD, _("%s ago"), why_ago(last.ns));
	fact_steps(why, f, &last, first ? first : last.steps);
	if (last.failed)
		why_fact(f, WHY_FROM_MESSAGE, "%.200s", last.failed);
	if (access("Dockerfile", F_OK) == 0)
		why_next(f, "build --explain .");
	else
		why_next(f, "help build");
	if (last.failed && !first) {
		f->id = "build_failed";
		return why_say(f, _("the last build failed: %.300s"), last.failed);
	}
	if (!first) {
		f->id = "all_cached";
		return why_say(f, _("the last build took every step from the cache: nothing that a step depends on had changed"));
	}
	reason = short_sums(first->reason ? first->reason : "");
	why_fix(f, _("what changes often belongs behind what costs much: every step behind a miss is built anew"));
	if (first == &last.steps[last.count - 1])
		return why_say(f, _("step %d of the last build was not in the cache: %s"),
			       first->number, reason);
	return why_say(f, _("step %d of the last build was not in the cache: %s; the steps behind it had to follow"),
		       first->number, reason);
}

static enum why_answer no_build(struct why *why, struct why_finding *f)
{
	OWN_BUILD_WHY struct build_why last = { 0 };
	struct err ignored = { 0 };

	if (why->about & WHY_LINE ||
	    build_why_read(why->shell->home, &last, &ignored) != 0)
		return WHY_NOT;
	why_fact(f, WHY_FROM_BUILD, _("no record of a build"));
	why_next(f, "help build");
	return why_say(f, _("nothing has been built here yet"));
}

const struct why_cause why_build_causes[] = {
	{ "copy_not_found", WHY_LINE, false, copy_not_found },
	{ "no_dockerfile", WHY_LINE, false, no_dockerfile },
	{ "chown_not_mapped", WHY_LINE | WHY_END, false, chown_refused },
	{ "read_only", WHY_LINE | WHY_END, false, read_only },
	{ "run_failed", WHY_LINE, false, run_failed },
	{ "cache_miss", WHY_BUILD, false, cache },
	{ "no_build_yet", WHY_BUILD, true, no_build },
	{ 0 },
};
