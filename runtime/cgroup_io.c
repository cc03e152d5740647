/* runtime/cgroup_io.c - see cgroup_io.h */
#include "runtime/cgroup_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/cgroup_file.h"

enum { MAX_STAT = 16384 };

const char *cgroup_io_weight_file(int folder_fd, bool v2)
{
	static const char *const names[2][2] = {
		{ "blkio.weight", "blkio.bfq.weight" },
		{ "io.weight", "io.bfq.weight" },
	};

	for (int i = 0; i < 2; i++)
		if (cgroup_file_exists(folder_fd, names[v2][i]))
			return names[v2][i];
	return NULL;
}

bool cgroup_io_may_weigh(const char *path)
{
	static const char *const signs[] = {
		"blkio.weight",	    "blkio.bfq.weight",
		"io.weight",	    "io.bfq.weight",
		"io.cost.qos",	    "blkio.bfq.io_service_bytes",
	};
	struct err ignored = { 0 };
	OWN_FD int fd = fs_open_dir(AT_FDCWD, path, &ignored);

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]) && fd >= 0; i++)
		if (cgroup_file_exists(fd, signs[i]))
			return true;
	return false;
}

int cgroup_io_set_weight(int folder_fd, bool v2, int weight, struct err *err)
{
	const char *file = cgroup_io_weight_file(folder_fd, v2);
	int64_t value = weight;

	if (!file)
		return err_set(err, ENOENT, _("the kernel has no weights for disks"));
	/* io.weight counts from 1 to 10000; BFQ's own file as Docker does. */
	if (strcmp(file, "io.weight") == 0)
		value = 1 + ((int64_t)weight - 10) * 9999 / 990;
	return cgroup_file_number(folder_fd, file, value, err);
}

/* A number behind `word` in a line, 0 where it is not. */
static uint64_t number_after(const char *line, const char *word)
{
	const char *at = strstr(line, word);

	return at ? strtoull(at + strlen(word), NULL, 10) : 0;
}

/* v2: "8:0 rbytes=4096 wbytes=0 rios=1 ..." a device; v1: "8:0 Read 4096". */
int cgroup_io_moved(int folder_fd, bool v2, uint64_t *out_read,
		    uint64_t *out_written)
{
	char text[MAX_STAT];
	char *rest = NULL;
	uint64_t in = 0;
	uint64_t out = 0;
	int r = cgroup_file_read(
		folder_fd,
		v2 ? "io.stat" : "blkio.throttle.io_service_bytes_recursive",
		text, sizeof(text));

	if (r < 0)
		return r;
	for (const char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		in += number_after(line, v2 ? " rbytes=" : " Read ");
		out += number_after(line, v2 ? " wbytes=" : " Write ");
	}
	*out_read = in;
	*out_written = out;
	return 0;
}
