/* runtime/lookup_lab.c - see lookup_lab.h */
#include "runtime/lookup_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/userns.h"

/* How much more the most layers must cost than one for a growth to be stated. */
static const double GROWS = 3;
static const double SLOWER = 3;

const int lookup_lab_layers[LOOKUP_LAB_ROWS] = { 1, 2, 4, 8, 16, 32, 64, 100 };

enum { MOST_LAYERS = 100, NAME_SIZE = 32 };

/* ---- the layers ---- */

/* Names are what is asked for: they are links to one file, which is quicker made than
 * a file for each. */
static int make_names(const char *folder, int names, struct err *err)
{
	OWN_FD int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "open %s", folder);
	if (mknodat(fd, "file", S_IFREG | 0644, 0) < 0)
		return err_errno(err, "make a file");
	for (int row = 0; row < LOOKUP_LAB_ROWS; row++)
		for (int i = 0; i < names; i++) {
			char name[NAME_SIZE];

			snprintf(name, sizeof(name), "f%d-%d", row, i);
			if (linkat(fd, "file", fd, name, 0) < 0)
				return err_errno(err, "link %s", name);
		}
	return 0;
}

static int make_layers(void *arg, struct buf *reply, struct err *err)
{
	int r = lab_enter(arg, err);

	(void)reply;
	if (r < 0)
		return r;
	for (int i = 1; i <= MOST_LAYERS; i++) {
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), "%d", i);
		if (mkdir(name, 0755) < 0)
			return err_errno(err, "mkdir %s", name);
		snprintf(name, sizeof(name), "%d/many", i);
		if (mkdir(name, 0755) < 0)
			return err_errno(err, "mkdir %s", name);
	}
	if (mkdir("1/one", 0755) < 0 || mkdir("upper", 0755) < 0 ||
	    mkdir("work", 0755) < 0 || mkdir("merged", 0755) < 0)
		return err_errno(err, "mkdir upper");
	r = make_names("1/many", LOOKUP_LAB_NAMES, err);
	return r < 0 ? r : make_names("1/one", LOOKUP_LAB_ONE, err);
}

int lookup_lab_prepare(const struct lab *lab, struct err *err)
{
	struct lab copy = *lab;

	return userns_call(make_layers, &copy, false, NULL, err);
}

/* ---- one row ---- */

struct job {
	const struct lab *lab;
	int row;
};

/* The folder is known before: it is the name in it that is asked for. */
static int ask_all(const char *folder, int row, struct measure *out,
		   struct err *err)
{
	int names = strstr(folder, "one") ? LOOKUP_LAB_ONE : LOOKUP_LAB_NAMES;
	OWN_FD int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "open %s", folder);
	for (int i = 0; i < names; i++) {
		char name[NAME_SIZE];
		struct stat st;
		int64_t before;
		int r;

		snprintf(name, sizeof(name), "f%d-%d", row, i);
		before = measure_now_ns();
		r = fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW);
		measure_add(out, measure_now_ns() - before);
		if (r < 0)
			return err_errno(err, "stat %s/%s", folder, name);
	}
	return 0;
}

static int ask_twice(const char *folder, int row, struct buf *reply,
		     struct err *err)
{
	for (int i = 0; i < 2; i++) {
		OWN_MEASURE struct measure m = { 0 };
		struct measured sum;
		int r = ask_all(folder, row, &m, err);

		if (r < 0)
			return r;
		sum = measure_sum(&m);
		buf_add(reply, &sum, sizeof(sum));
	}
	return 0;
}

static int measure_row(void *arg, struct buf *reply, struct err *err)
{
	const struct job *job = arg;
	OWN_BUF struct buf lower = { 0 };
	OWN_BUF struct buf options = { 0 };
	struct lab_overlay overlay = { NULL, "upper", "work", "merged" };
	int r = lab_enter(job->lab, err);

	for (int i = lookup_lab_layers[job->row]; i >= 1; i--)
		buf_fmt(&lower, "%s%d", lower.len ? ":" : "", i);
	overlay.lower = buf_text(&lower);
	if (r == 0)
		r = lab_fresh_upper("upper", "work", err);
	if (r == 0)
		r = lab_mount(&overlay, &options, err);
	if (r < 0)
		return r;
	r = ask_twice("merged/many", job->row, reply, err);
	if (r == 0)
		r = ask_twice("merged/one", job->row, reply, err);
	lab_unmount("merged");
	buf_str(reply, buf_text(&options));
	return r;
}

int lookup_lab_measure(const struct lab *lab, int row, struct lookup_row *out,
		       struct buf *options, struct err *err)
{
	struct job job = { lab, row };
	struct measured all[4];
	OWN_BUF struct buf reply = { 0 };
	int r = userns_call(measure_row, &job, true, &reply, err);

	if (r < 0)
		return r;
	if (reply.len < sizeof(all))
		return err_set(err, EIO, "the measurement gave no answer");
	memcpy(all, reply.data, sizeof(all));
	*out = (struct lookup_row){ lookup_lab_layers[row], all[0], all[1],
				    all[2], all[3] };
	if (options)
		buf_str(options, reply.data + sizeof(all));
	return 0;
}

/* ---- what follows ---- */

void lookup_lab_judge(const struct lookup_row rows[LOOKUP_LAB_ROWS],
		      struct lookup_verdict *out)
{
	struct measured many[LOOKUP_LAB_ROWS];
	struct measured one[LOOKUP_LAB_ROWS];
	struct measured again[LOOKUP_LAB_ROWS];
	const struct lookup_row *last = &rows[LOOKUP_LAB_ROWS - 1];

	for (int i = 0; i < LOOKUP_LAB_ROWS; i++) {
		many[i] = rows[i].many_first;
		one[i] = rows[i].one_first;
		again[i] = rows[i].many_again;
	}
	*out = (struct lookup_verdict){
		.many_grows = measure_growth(many, LOOKUP_LAB_ROWS, GROWS),
		.one_grows = measure_growth(one, LOOKUP_LAB_ROWS, GROWS),
		.again_grows = measure_growth(again, LOOKUP_LAB_ROWS, GROWS),
		.first_over_again = measure_compare(&last->many_first,
						    &last->many_again, SLOWER),
	};
}
