/* images/sent.c - see sent.h
 *
 * What is sent is told while the context is measured; only where .dockerignore hides
 * something is there a walk of our own, for what is hidden.
 *
 * Order of the file: the files, the lines of .dockerignore, the walk. What the Dockerfile takes of
 * it is sent_copy.c's. */
#include "images/sent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/archive.h"
#include "images/context.h"
#include "images/go_match.h"
#include "images/ignore.h"
#include "images/sent_private.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum { MAX_IGNORE = 4 << 20 };

static const char ignore_name[] = ".dockerignore";

void sent_done(struct sent *sent)
{
	for (size_t i = 0; i < sent->rule_count; i++)
		free(sent->rules[i].text);
	for (size_t i = 0; i < sent->file_count; i++)
		free(sent->files[i].path);
	for (size_t i = 0; i < sent->copy_count; i++) {
		free(sent->copies[i].text);
		strs_done(&sent->copies[i].sources);
	}
	for (size_t i = 0; i < sent->wish_count; i++)
		free(sent->wishes[i].text);
	free(sent->rules);
	free(sent->files);
	free(sent->copies);
	free(sent->wishes);
	free(sent->dockerfile);
	strs_done(&sent->warnings);
	*sent = (struct sent){ 0 };
}

/* ---- the files ---- */

/* The rule of a file is not known yet: the lines are read later. */
enum { RULE_LATER = -2 };

/* room    of sent->files
 * closed  the rule that hides the whole folder under way, or -1 */
struct walk {
	struct sent *sent;
	const struct ignore *ignore;
	size_t room;
	int closed;
	struct err *err;
};

static void add_file(struct walk *walk, const char *path, int64_t size,
		     int rule)
{
	struct sent *sent = walk->sent;

	if (sent->file_count == walk->room) {
		walk->room = walk->room ? walk->room * 2 : 256;
		sent->files = mem_grow(sent->files, walk->room,
				       sizeof(*sent->files));
	}
	sent->files[sent->file_count++] = (struct sent_file){
		.path = mem_str(path), .size = size, .rule = rule
	};
}

static void add_sent(void *arg, const char *path, int64_t size)
{
	add_file(arg, path, size, RULE_LATER);
}

static void count(struct sent_count *what, int64_t bytes)
{
	what->files++;
	what->bytes += bytes;
}

/* What each line has done. */
static void count_files(struct sent *sent, const struct ignore *ignore)
{
	for (size_t i = 0; i < sent->file_count; i++) {
		struct sent_file *file = &sent->files[i];
		struct sent_rule *rule;

		file->sent = file->rule == RULE_LATER;
		if (file->sent)
			file->rule = ignore_rule_of(ignore, file->path);
		rule = file->rule < 0 ? NULL : &sent->rules[file->rule];
		count(file->sent ? &sent->sent : &sent->hidden, file->size);
		if (rule)
			count(&rule->what, file->size);
	}
}

/* ---- the lines ---- */

static void add_rule(struct sent *sent, int line, const char *pattern)
{
	if (!pattern[strspn(pattern, " \t")])
		return; /* ignore_new has none for it either */
	sent->rules = mem_grow(sent->rules, sent->rule_count + 1,
			       sizeof(*sent->rules));
	sent->rules[sent->rule_count++] = (struct sent_rule){
		line, mem_str(pattern), pattern[0] == '!', { 0 }
	};
}

/* Line by line, so that each pattern's number is known. */
static int read_rules(struct sent *sent, int root_fd, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	struct err none = { 0 };
	const char *at;
	const char *end;
	int r = 0;

	/* context_open has read it: whatever is wrong with it was said there. */
	if (fs_read(root_fd, ignore_name, MAX_IGNORE, &text, &none) < 0)
		return 0;
	at = buf_text(&text);
	end = at + text.len;
	for (int line = 1; at < end && r == 0; line++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((newline ? newline : end) - at);
		OWN_STRS struct strs patterns = { 0 };

		r = ignore_lines(at, len, &patterns, err);
		for (size_t i = 0; i < patterns.count; i++)
			add_rule(sent, line, patterns.items[i]);
		at += len + 1;
	}
	return r;
}

/* As Docker's client: the builder needs these two, ignored or not. */
static int make_ignore(struct sent *sent, const struct context *context,
		       struct ignore **out, struct err *err)
{
	OWN_STRS struct strs patterns = { 0 };
	OWN_FREE char *first = mem_fmt("!%s", ignore_name);
	OWN_FREE char *second = mem_fmt("!%s", sent->dockerfile);

	if (ignore_matches(context_ignore(context), ignore_name))
		add_rule(sent, 0, first);
	if (ignore_matches(context_ignore(context), sent->dockerfile))
		add_rule(sent, 0, second);
	for (size_t i = 0; i < sent->rule_count; i++)
		strs_add(&patterns, sent->rules[i].text);
	return ignore_new(&patterns, out, err);
}

/* ---- the walk, for what is hidden ---- */

static int walk_folder(struct walk *walk, int dir_fd, const char *name,
		       const char *path, int depth);

static int walk_below(struct walk *walk, int dir_fd, const char *name,
		      const char *path, int depth)
{
	int before = walk->closed;
	int r;

	if (walk->closed < 0 && ignore_matches(walk->ignore, path) &&
	    !ignore_looks_into(walk->ignore, path))
		walk->closed = ignore_rule_of(walk->ignore, path);
	r = walk_folder(walk, dir_fd, name, path, depth + 1);
	walk->closed = before;
	return r;
}

static int walk_entry(struct walk *walk, int dir_fd,
		      const struct dirent *entry, const char *path, int depth)
{
	bool sent = walk->closed < 0 && !ignore_matches(walk->ignore, path);
	struct stat st;

	if (entry->d_type == DT_DIR)
		return walk_below(walk, dir_fd, entry->d_name, path, depth);
	if (sent && entry->d_type != DT_UNKNOWN)
		return 0;
	if (fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 :
					 err_errno(walk->err, "stat %s", path);
	if (S_ISDIR(st.st_mode))
		return walk_below(walk, dir_fd, entry->d_name, path, depth);
	if (!sent && !S_ISSOCK(st.st_mode))
		add_file(walk, path, st.st_size,
			 walk->closed >= 0 ? walk->closed :
					     ignore_rule_of(walk->ignore, path));
	return 0;
}

static int walk_folder(struct walk *walk, int dir_fd, const char *name,
		       const char *path, int depth)
{
	int fd = openat(dir_fd, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	/* What may not be read and is not sent is of no interest. */
	if (!dir)
		return walk->closed >= 0 || errno == ENOENT ?
			       0 :
			       err_errno(walk->err, "open %s", path);
	if (interrupt_seen())
		return interrupt_err(walk->err);
	if (depth > TAR_MAX_DEPTH)
		return err_set(walk->err, ELOOP, _("folders more than %d deep"),
			       TAR_MAX_DEPTH);
	while (r == 0 && (entry = readdir(dir))) {
		OWN_FREE char *child = NULL;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		child = *path ? mem_fmt("%s/%s", path, entry->d_name) :
				mem_str(entry->d_name);
		r = walk_entry(walk, dirfd(dir), entry, child, depth);
	}
	return r;
}

static int compare_files(const void *a, const void *b)
{
	const struct sent_file *x = a;
	const struct sent_file *y = b;

	return strcmp(x->path, y->path);
}

static int walk_context(struct walk *walk, const struct context *context)
{
	struct sent *sent = walk->sent;
	struct ignore *ignore = NULL;
	int r = read_rules(sent, context_root(context), walk->err);

	if (r == 0)
		r = make_ignore(sent, context, &ignore, walk->err);
	walk->ignore = ignore;
	if (r == 0 && sent->rule_count)
		r = walk_folder(walk, context_root(context), ".", "", 0);
	if (r == 0)
		count_files(sent, ignore);
	ignore_free(ignore);
	if (r == 0 && sent->file_count)
		qsort(sent->files, sent->file_count, sizeof(*sent->files),
		      compare_files);
	return r;
}

/* ---- all of it ---- */

static int depth_of(const char *path)
{
	int depth = 0;

	for (const char *at = path; (at = strchr(at, '/')); at++)
		depth++;
	return depth;
}

static bool is_sent_folder(const struct context *context, const char *path)
{
	struct stat st;

	return fstatat(context_root(context), path, &st,
		       AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode) &&
	       !ignore_matches(context_ignore(context), path);
}

/* No part of a pattern is about more than one name: it is looked as deep as it is. */
static bool has_folder(const struct context *context, const char *folder,
		       const char *pattern)
{
	int fd = openat(context_root(context), *folder ? folder : ".",
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		OWN_FREE char *path =
			mem_fmt("%s%s%s", folder, *folder ? "/" : "",
				entry->d_name);

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (depth_of(path) < depth_of(pattern) ?
			    has_folder(context, path, pattern) :
			    go_match(pattern, path) == 1 &&
				    is_sent_folder(context, path))
			return true;
	}
	return false;
}

/* A folder without a file in it is sent, and taken, too. */
static void find_folder(struct sent_copy *copy, const struct context *context)
{
	for (size_t i = 0; i < copy->sources.count && !copy->folder; i++) {
		const char *path = copy->sources.items[i];

		copy->folder = go_match_is_pattern(path) ?
				       has_folder(context, "", path) :
				       is_sent_folder(context, path);
	}
}

static int fill(struct walk *walk, struct context *context)
{
	struct sent *sent = walk->sent;
	OWN_BUF struct buf text = { 0 };
	int r;

	sent->dockerfile = mem_str(context_dockerfile_name(context));
	sent->tar_bytes = context_tar_bytes(context);
	strs_copy(&sent->warnings, context_warnings(context));
	r = walk_context(walk, context);
	if (r == 0)
		r = context_dockerfile(context, &text, walk->err);
	if (r == 0)
		r = sent_read_copies(sent, &text, walk->err);
	for (size_t i = 0; r == 0 && i < sent->copy_count; i++)
		find_folder(&sent->copies[i], context);
	return r;
}

int sent_read(const struct home *home, const struct context_choice *choice,
	      struct sent *out, struct err *err)
{
	OWN_SENT struct sent sent = { 0 };
	struct walk walk = { .sent = &sent, .closed = -1, .err = err };
	struct context_seen seen = { add_sent, &walk };
	struct context_choice told = *choice;
	struct context *context = NULL;
	int r;

	told.seen = &seen;
	r = context_open(home, &told, &context, err);
	if (r == 0)
		r = fill(&walk, context);
	context_close(context);
	if (r < 0)
		return r;
	*out = sent;
	sent = (struct sent){ 0 };
	return 0;
}
