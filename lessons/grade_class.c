/* lessons/grade_class.c - see grade_class.h */
#include "lessons/grade_class.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lessons/clean.h"
#include "lessons/files.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* One submission. end_fd: open in its child alone, so that its end is seen
 * path   in the folder; name: in the result; of: what exactly is graded
 * pid    of its child, 0: none */
struct entry {
	char *path;
	char *name;
	char *file;
	char *of;
	pid_t pid;
	int end_fd;
	unsigned slot;
	bool done;
};

struct classing {
	const struct grade_class *class;
	struct grade_results *out;
	struct entry *items;
	size_t count;
	size_t begun;
	size_t done;
	size_t running;
	int results_fd;
	bool *slots; /* taken */
};

static void classing_done(struct classing *classing)
{
	for (size_t i = 0; i < classing->count; i++) {
		free(classing->items[i].path);
		free(classing->items[i].name);
		free(classing->items[i].file);
		free(classing->items[i].of);
	}
	free(classing->items);
	free(classing->slots);
	if (classing->results_fd >= 0)
		close(classing->results_fd);
}

/* ---- which there are ---- */

static int list_folder(const char *dir, struct strs *out, struct err *err)
{
	OWN_DIR DIR *list = opendir(dir);

	if (!list)
		return err_errno(err, "open %s", dir);
	for (struct dirent *entry = readdir(list); entry;
	     entry = readdir(list)) {
		if (entry->d_name[0] != '.')
			strs_add(out, entry->d_name);
	}
	strs_sort(out);
	return 0;
}

/* All that go by the name of another one get the name that `longer` gives. */
static void tell_apart(const struct strs *paths, struct strs *names,
		       char *(*longer)(const char *path))
{
	bool *same = mem_zero(names->count + 1, sizeof(*same));

	for (size_t i = 0; i < names->count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(names->items[i], names->items[k]) == 0)
				same[i] = same[k] = true;
		}
	}
	for (size_t i = 0; i < names->count; i++) {
		if (!same[i])
			continue;
		free(names->items[i]);
		names->items[i] = longer(paths->items[i]);
	}
	free(same);
}

static char *with_digest(const char *path)
{
	OWN_FREE char *clean = clean_line(path);
	char digest[DIGEST_SIZE];

	if (*clean && strcmp(clean, path) == 0)
		return mem_str(path); /* it is called so */
	digest_of(path, strlen(path), digest);
	return mem_fmt("%s~%.8s", clean, digest_hex(digest));
}

/* "ann.tar" is ann; where there is ann/ as well, both keep their whole names. A name is
 * as reports show it, without a terminal's escapes, so that nobody goes by the name of
 * another one. */
static void name_all(const struct strs *paths, struct strs *out)
{
	for (size_t i = 0; i < paths->count; i++) {
		OWN_FREE char *name = grade_name_of(paths->items[i]);

		char *clean = clean_line(name);

		if (!*clean) {
			free(clean);
			clean = with_digest(paths->items[i]);
		}
		strs_take(out, clean);
	}
	tell_apart(paths, out, clean_line);
	tell_apart(paths, out, with_digest);
}

int grade_class_names(const char *dir, struct strs *out, struct err *err)
{
	OWN_STRS struct strs paths = { 0 };
	int r = list_folder(dir, &paths, err);

	if (r == 0)
		name_all(&paths, out);
	return r;
}

/* What is in it, without looking at it any closer: a number of its bytes. What cannot
 * be read, or is too large, is graded each time. */
static void digest_of_entry(const char *path, char out[DIGEST_SIZE])
{
	struct err ignored = { 0 };
	struct stat st;
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	out[0] = '\0';
	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if (S_ISDIR(st.st_mode))
		(void)files_digest(fd, FILES_ALL, out, &ignored);
	else if (S_ISREG(st.st_mode) && st.st_size / 2 <= FILES_MOST_BYTES)
		(void)digest_of_fd(fd, out, &ignored);
}

/* What makes a result that is there the one that is wanted. */
static char *key_of(const struct classing *classing, const char *path)
{
	const struct grade *grade = &classing->class->grade;
	char digest[DIGEST_SIZE];

	digest_of_entry(path, digest);
	if (!*digest)
		return mem_str("");
	return mem_fmt("%s %s %s %llu", digest, grade->version,
		       grade->lang ? grade->lang : "-",
		       (unsigned long long)grade->seed);
}

static int list_entries(struct classing *classing, struct err *err)
{
	const struct grade_class *class = classing->class;
	OWN_STRS struct strs paths = { 0 };
	OWN_STRS struct strs names = { 0 };
	int r = list_folder(class->dir, &paths, err);

	name_all(&paths, &names);
	classing->items = mem_zero(paths.count + 1, sizeof(struct entry));
	for (size_t i = 0; i < paths.count && r == 0; i++) {
		struct entry *entry = &classing->items[classing->count];

		if ((int)(i % (size_t)class->shards) != class->shard - 1)
			continue;
		classing->count++;
		entry->path = mem_fmt("%s/%s", class->dir, paths.items[i]);
		entry->name = mem_str(names.items[i]);
		entry->file = grade_result_name(entry->name);
		entry->of = key_of(classing, entry->path);
		entry->end_fd = -1;
	}
	return r;
}

/* ---- in a child ---- */

struct child {
	const struct classing *classing;
	const struct entry *entry;
	struct grade_result *result;
};

static void write_result(void *ctx, const struct grade_result *now)
{
	struct child *child = ctx;
	struct err err = { 0 };

	child->result->of = child->entry->of; /* lent */
	if (grade_result_write(child->classing->results_fd, child->entry->file,
			       now, &err) < 0)
		_exit(2); /* seen as a child that has died */
	child->result->of = NULL;
}

static _Noreturn void grade_and_leave(const struct classing *classing,
				      const struct entry *entry, pid_t parent)
{
	struct grade_result result = { 0 };
	struct child child = { classing, entry, &result };
	struct grade grade = classing->class->grade;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	(void)signal(SIGINT, SIG_DFL);
	grade.slot = entry->slot;
	grade.ctx = &child;
	grade.told = write_result;
	grade_submission(&grade, entry->path, entry->name, &result);
	_exit(0);
}

/* ---- in the parent ---- */

/* The result that is there already, if it is the one that is wanted: 1. */
static int take_kept(struct classing *classing, struct entry *entry)
{
	struct grade_results there = { 0 };
	struct err ignored = { 0 };
	int taken = 0;

	if (classing->class->again || !*entry->of ||
	    !fs_exists(classing->results_fd, entry->file) ||
	    grade_results_read(classing->results_fd, entry->file, &there,
			       &ignored) < 0)
		return 0;
	if (there.count == 1 && strcmp(there.items[0].of, entry->of) == 0 &&
	    (graded_counts(&there.items[0].graded) ||
	     graded_refused(&there.items[0].graded))) {
		classing->out->items =
			mem_grow(classing->out->items,
				 classing->out->count + 1,
				 sizeof(*classing->out->items));
		classing->out->items[classing->out->count++] = there.items[0];
		there.count = 0;
		taken = 1;
	}
	grade_results_done(&there);
	return taken;
}

static void tell(struct classing *classing, struct entry *entry, bool kept)
{
	const struct grade_class *class = classing->class;

	entry->done = true;
	classing->done++;
	if (class->line)
		class->line(class->ctx,
			    &classing->out->items[classing->out->count - 1]
				     .graded,
			    classing->done, classing->count, kept);
}

/* Its child has died without a word: that is nobody's result. */
static void take_dead(struct classing *classing, const struct entry *entry)
{
	struct grade_results *out = classing->out;
	const struct grade *grade = &classing->class->grade;
	struct grade_result *result;

	out->items = mem_grow(out->items, out->count + 1, sizeof(*out->items));
	result = &out->items[out->count++];
	*result = (struct grade_result){
		.graded = { .lesson = mem_str(grade->lesson),
			    .version = mem_str(grade->version),
			    .submission = mem_str(entry->name),
			    .state = GRADED_NOT,
			    .fault = GRADED_FAULT_GRADER,
			    .note = mem_str(_("the grader's own process "
					      "ended before it was done")) },
	};
}

static void end_one(struct classing *classing, struct entry *entry)
{
	struct err failed = { 0 };
	int status = 0;
	size_t before = classing->out->count;

	while (waitpid(entry->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(entry->end_fd);
	entry->end_fd = -1;
	entry->pid = 0;
	classing->slots[entry->slot] = false;
	classing->running--;
	if (status != 0 ||
	    grade_results_read(classing->results_fd, entry->file,
			       classing->out, &failed) < 0 ||
	    classing->out->count != before + 1)
		take_dead(classing, entry);
	tell(classing, entry, false);
}

static int begin_one(struct classing *classing, struct entry *entry,
		     struct err *err)
{
	pid_t parent = getpid();
	int fds[2];

	while (classing->slots[entry->slot])
		entry->slot++;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	lang_prepare();
	entry->pid = fork();
	if (entry->pid == 0) {
		close(fds[0]);
		grade_and_leave(classing, entry, parent);
	}
	close(fds[1]);
	if (entry->pid < 0) {
		entry->pid = 0;
		close(fds[0]);
		return err_errno(err, "fork");
	}
	entry->end_fd = fds[0];
	classing->slots[entry->slot] = true;
	classing->running++;
	return 0;
}

static void wait_for_one(struct classing *classing)
{
	struct pollfd *fds = mem_zero(classing->count + 1, sizeof(*fds));

	for (size_t i = 0; i < classing->count; i++)
		fds[i] = (struct pollfd){ .fd = classing->items[i].end_fd,
					  .events = POLLIN };
	if (poll(fds, (nfds_t)classing->count, -1) > 0) {
		for (size_t i = 0; i < classing->count; i++) {
			if (fds[i].revents)
				end_one(classing, &classing->items[i]);
		}
	}
	free(fds);
}

static void kill_all(struct classing *classing)
{
	for (size_t i = 0; i < classing->count; i++) {
		struct entry *entry = &classing->items[i];

		if (entry->pid <= 0)
			continue;
		(void)kill(entry->pid, SIGKILL);
		while (waitpid(entry->pid, NULL, 0) < 0 && errno == EINTR)
			;
		close(entry->end_fd);
		entry->end_fd = -1;
		entry->pid = 0;
	}
}

static int run_all(struct classing *classing, struct err *err)
{
	int r = 0;

	while (r == 0 && classing->done < classing->count) {
		while (r == 0 && classing->begun < classing->count &&
		       classing->running < (size_t)classing->class->jobs) {
			struct entry *entry =
				&classing->items[classing->begun++];

			if (take_kept(classing, entry))
				tell(classing, entry, true);
			else
				r = begin_one(classing, entry, err);
		}
		if (r == 0 && classing->running > 0)
			wait_for_one(classing);
		if (r == 0 && interrupt_seen())
			r = interrupt_err(err);
	}
	kill_all(classing);
	return r;
}

int grade_class_run(const struct grade_class *class,
		    struct grade_results *out, struct strs *missing,
		    struct err *err)
{
	struct classing classing = { .class = class, .out = out,
				     .results_fd = -1 };
	int r = fs_make_dirs(AT_FDCWD, class->results, 0755, err);

	if (r == 0) {
		classing.results_fd =
			fs_open_dir(AT_FDCWD, class->results, err);
		r = classing.results_fd < 0 ? classing.results_fd : 0;
	}
	if (r == 0)
		r = list_entries(&classing, err);
	classing.slots = mem_zero((size_t)class->jobs + 1, sizeof(bool));
	if (r == 0)
		r = run_all(&classing, err);
	for (size_t i = 0; i < classing.count; i++) {
		if (!classing.items[i].done)
			strs_add(missing, classing.items[i].name);
	}
	classing_done(&classing);
	grade_results_merge(out);
	return r;
}
