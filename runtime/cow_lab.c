/* runtime/cow_lab.c - see cow_lab.h
 *
 *   lab/lower/file    what the image has        lab/upper  work   fresh each time
 *   lab/volume/file   the same, as on a volume  lab/merged        the union */
#include "runtime/cow_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/userns.h"

enum {
	MEGA = 1000000,
	MOST_SAMPLES = 7,
	CHUNK = 1 << 16,
	BATCHES = 10,
	APPENDS = 1000, /* in a batch */
	BLOCK = 512,
	SPARE = 16 * MEGA,
};

static const int64_t BUDGET_NS =
	1000000000; /* then no more samples are taken */

const int64_t cow_lab_bytes[COW_LAB_ROWS] = { INT64_C(1000000),
					      INT64_C(10000000),
					      INT64_C(100000000) };

int64_t cow_lab_needs(int64_t bytes)
{
	return 2 * bytes + SPARE;
}

/* lower   names with colons between, as mount(2) gets them
 * path    below the union's root
 * append  -1: nothing is written */
struct job {
	const struct lab *lab;
	const char *lower;
	const char *path;
	int64_t bytes;
	int64_t append;
	bool make;
};

/* ---- files ---- */

/* Noise: a copy that skips what is empty, or packs, gains nothing. */
static int fill(int fd, int64_t bytes)
{
	OWN_FREE uint32_t *chunk = mem_alloc(CHUNK);
	uint32_t state = 2463534242;

	for (size_t i = 0; i < CHUNK / sizeof(*chunk); i++) {
		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		chunk[i] = state;
	}
	while (bytes > 0) {
		size_t len = bytes < CHUNK ? (size_t)bytes : CHUNK;
		int r = fs_write_all(fd, chunk, len);

		if (r < 0)
			return r;
		bytes -= (int64_t)len;
	}
	return 0;
}

static int make_file(const char *path, int64_t bytes, struct err *err)
{
	OWN_FD int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int r = fd < 0 ? -errno : fill(fd, bytes);

	errno = -r;
	return r < 0 ? err_errno(err, "write %s", path) : 0;
}

static int make_folders(struct err *err)
{
	static const char *const names[] = { "lower", "volume", "merged" };

	for (size_t i = 0; i < 3; i++)
		if (mkdir(names[i], 0755) < 0 && errno != EEXIST)
			return err_errno(err, "mkdir %s", names[i]);
	return 0;
}

/* ---- one open ---- */

/* Opens for writing, beneath `dir`, with its links followed inside of it. Returns the
 * descriptor. */
static int timed_open(int dir_fd, const char *path, struct measure *out,
		      struct err *err)
{
	int64_t before = measure_now_ns();
	int fd = fs_openat2(dir_fd, path, O_WRONLY | O_APPEND | O_NONBLOCK, 0,
			    RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	int64_t ns = measure_now_ns() - before;

	if (fd < 0)
		return err_errno(err, "open %s for writing", path);
	measure_add(out, ns);
	return fd;
}

struct series {
	struct measure first;
	struct measure second;
	struct measure volume;
	int64_t copied;
};

static void series_done(struct series *series)
{
	measure_done(&series->first);
	measure_done(&series->second);
	measure_done(&series->volume);
}
#define OWN_SERIES __attribute__((cleanup(series_done)))

static int open_twice(const struct job *job, int root_fd, struct series *s,
		      struct err *err)
{
	OWN_FREE char *upper = mem_fmt("upper/%s", job->path);
	OWN_FD int one = timed_open(root_fd, job->path, &s->first, err);
	OWN_FD int two = -1;
	struct stat st;
	int r = one < 0 ? one : 0;

	if (r == 0 && job->append > 0) {
		r = fill(one, job->append);
		errno = -r;
		r = r < 0 ? err_errno(err, "append") : 0;
	}
	if (r < 0)
		return r;
	close(own_give_fd(&one));
	two = timed_open(root_fd, job->path, &s->second, err);
	if (two < 0)
		return two;
	/* Where a link led elsewhere it is not there by this name. */
	if (lstat(upper, &st) == 0)
		s->copied = (int64_t)st.st_blocks * BLOCK;
	return 0;
}

static int sample(const struct job *job, struct series *s, struct buf *options,
		  struct err *err)
{
	const struct lab_overlay overlay = { job->lower, "upper", "work",
					     "merged" };
	OWN_FD int root_fd = -1;
	OWN_FD int volume_fd = -1;
	int r = lab_fresh_upper("upper", "work", err);

	if (options)
		buf_clear(options);
	if (r == 0)
		r = lab_mount(&overlay, options, err);
	if (r < 0)
		return r;
	root_fd = open("merged", O_PATH | O_DIRECTORY | O_CLOEXEC);
	volume_fd = open("volume", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = root_fd < 0 || volume_fd < 0 ? err_errno(err, "open merged")
					 : open_twice(job, root_fd, s, err);
	if (r == 0)
		r = timed_open(volume_fd, "file", &s->volume, err);
	if (r > 0)
		close(r);
	close(own_give_fd(&root_fd));
	lab_unmount("merged");
	return r < 0 ? r : 0;
}

/* ---- the child ---- */

static void put(struct buf *reply, const struct series *s)
{
	const struct measured all[3] = { measure_sum(&s->first),
					 measure_sum(&s->second),
					 measure_sum(&s->volume) };

	buf_add(reply, all, sizeof(all));
	buf_add(reply, &s->copied, sizeof(s->copied));
}

static int work(void *arg, struct buf *reply, struct err *err)
{
	const struct job *job = arg;
	OWN_SERIES struct series s = { 0 };
	OWN_BUF struct buf options = { 0 };
	int64_t until;
	int r = lab_enter(job->lab, err);

	if (r == 0)
		r = make_folders(err);
	if (r == 0 && job->make)
		r = make_file("lower/file", job->bytes, err);
	/* What is opened on the volume is as long, if not as full. */
	if (r == 0)
		r = make_file("volume/file", 1, err);
	if (r == 0 && truncate("volume/file", job->bytes) < 0)
		r = err_errno(err, "truncate");
	until = measure_now_ns() + BUDGET_NS;
	while (r == 0 && s.first.count < MOST_SAMPLES &&
	       (s.first.count < MEASURE_FEWEST || measure_now_ns() < until))
		r = sample(job, &s, &options, err);
	if (r < 0)
		return r;
	put(reply, &s);
	buf_str(reply, buf_text(&options));
	return 0;
}

static int measure(struct job *job, struct cow_row *out, struct buf *options,
		   struct err *err)
{
	OWN_BUF struct buf reply = { 0 };
	struct measured all[3];
	int r = userns_call(work, job, true, &reply, err);

	if (r < 0)
		return r;
	if (reply.len < sizeof(all) + sizeof(int64_t))
		return err_set(err, EIO, "the measurement gave no answer");
	memcpy(all, reply.data, sizeof(all));
	*out = (struct cow_row){ .bytes = job->bytes,
				 .first = all[0],
				 .second = all[1],
				 .volume = all[2] };
	memcpy(&out->copied, reply.data + sizeof(all), sizeof(int64_t));
	if (options)
		buf_str(options, reply.data + sizeof(all) + sizeof(int64_t));
	return 0;
}

int cow_lab_measure(const struct lab *lab, int64_t bytes, struct cow_row *out,
		    struct buf *options, struct err *err)
{
	struct job job = { lab, "lower", "file", bytes, -1, true };

	return measure(&job, out, options, err);
}

int cow_lab_measure_file(const struct lab *lab, const struct cow_file *file,
			 struct cow_row *out, struct buf *options,
			 struct err *err)
{
	OWN_BUF struct buf lower = { 0 };
	struct job job = { lab,         NULL,         file->path + 1,
			   file->bytes, file->append, false };

	for (size_t i = 0; i < file->layers->count; i++)
		buf_fmt(&lower, "%s../../%s", i ? ":" : "",
			file->layers->items[i]);
	job.lower = buf_text(&lower);
	return measure(&job, out, options, err);
}

/* ---- what else ---- */

static int append_often(const char *path, struct measure *out, struct err *err)
{
	OWN_FD int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "open %s", path);
	for (int i = 0; i < BATCHES; i++) {
		int64_t before = measure_now_ns();

		for (int k = 0; k < APPENDS; k++)
			if (write(fd, "x", 1) != 1)
				return err_errno(err, "append to %s", path);
		measure_add(out, (measure_now_ns() - before) / APPENDS);
	}
	return 0;
}

static int append_both(struct cow_facts *facts, struct err *err)
{
	OWN_MEASURE struct measure overlay = { 0 };
	OWN_MEASURE struct measure volume = { 0 };
	int r = append_often("merged/log", &overlay, err);

	if (r == 0)
		r = append_often("volume/log", &volume, err);
	facts->overlay_append = measure_sum(&overlay);
	facts->volume_append = measure_sum(&volume);
	return r;
}

static int try_facts(struct cow_facts *facts, struct err *err)
{
	struct stat st;

	if (chmod("merged/file", 0600) < 0)
		return err_errno(err, "chmod");
	if (lstat("upper/file", &st) == 0)
		facts->chmod_copied = (int64_t)st.st_blocks * BLOCK;
	if (unlink("merged/file") < 0)
		return err_errno(err, "unlink");
	facts->whiteout = lstat("upper/file", &st) == 0 &&
			  S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0);
	if (rename("merged/folder", "merged/moved") < 0)
		facts->rename_error = errno;
	return append_both(facts, err);
}

static int facts_work(void *arg, struct buf *reply, struct err *err)
{
	static const struct lab_overlay overlay = { "lower", "upper", "work",
						    "merged" };
	struct cow_facts facts = { 0 };
	int r = lab_enter(arg, err);

	if (r == 0)
		r = make_folders(err);
	if (r == 0)
		r = make_file("lower/file", MEGA, err);
	if (r == 0)
		r = make_file("lower/log", 1, err);
	if (r == 0)
		r = make_file("volume/log", 1, err);
	if (r == 0 && mkdir("lower/folder", 0755) < 0)
		r = err_errno(err, "mkdir folder");
	if (r == 0)
		r = lab_fresh_upper("upper", "work", err);
	if (r == 0)
		r = lab_mount(&overlay, NULL, err);
	if (r < 0)
		return r;
	r = try_facts(&facts, err);
	lab_unmount("merged");
	buf_add(reply, &facts, sizeof(facts));
	return r;
}

int cow_lab_facts(const struct lab *lab, struct cow_facts *out, struct err *err)
{
	struct lab copy = *lab;
	OWN_BUF struct buf reply = { 0 };
	int r = userns_call(facts_work, &copy, true, &reply, err);

	if (r < 0)
		return r;
	if (reply.len < sizeof(*out))
		return err_set(err, EIO, "the measurement gave no answer");
	memcpy(out, reply.data, sizeof(*out));
	return 0;
}
