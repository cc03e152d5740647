/* runtime/cgroup_file.c - see cgroup_file.h */
#include "runtime/cgroup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/calls.h"

enum { WHOLE = 1024, MAX_FILE = 8192 }; /* memory.stat is the longest, some 2 kB */

int cgroup_file_write(int folder_fd, const char *file, const char *value,
		      struct err *err)
{
	OWN_FD int fd = openat(folder_fd, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "open %s of the cgroup", file);
	if (call_write(TRACE_CGROUP, fd, file, value) < 0)
		return err_errno(err, "write '%s' to %s", value, file);
	return 0;
}

int cgroup_file_number(int folder_fd, const char *file, int64_t value,
		       struct err *err)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	return cgroup_file_write(folder_fd, file, text, err);
}

int cgroup_file_read(int folder_fd, const char *file, char *out, size_t size)
{
	OWN_FD int fd = openat(folder_fd, file, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got = WHOLE;

	out[0] = '\0';
	if (fd < 0)
		return -errno;
	/* The kernel gives such a file in pages: less than that is its end. */
	while (got >= WHOLE && len + 1 < size) {
		got = read(fd, out + len, size - 1 - len);
		if (got > 0)
			len += (size_t)got;
	}
	if (got < 0) {
		out[0] = '\0';
		return -errno;
	}
	if (len > 0 && out[len - 1] == '\n')
		len--;
	out[len] = '\0';
	return 0;
}

static int read_number(const char *text, uint64_t *out)
{
	char *end;

	if (strncmp(text, "max", 3) == 0) {
		*out = UINT64_MAX;
		return 0;
	}
	errno = 0;
	*out = strtoull(text, &end, 10);
	return end == text || errno ? -EINVAL : 0;
}

int cgroup_file_get(int folder_fd, const char *file, uint64_t *out)
{
	char text[64];
	int r = cgroup_file_read(folder_fd, file, text, sizeof(text));

	return r < 0 ? r : read_number(text, out);
}

int cgroup_file_key(int folder_fd, const char *file, const char *key,
		    uint64_t *out)
{
	char text[MAX_FILE];
	size_t len = strlen(key);
	char *rest = NULL;
	int r = cgroup_file_read(folder_fd, file, text, sizeof(text));

	if (r < 0)
		return r;
	for (const char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (strncmp(line, key, len) == 0 && line[len] == ' ')
			return read_number(line + len + 1, out);
	return -ENOENT;
}

bool cgroup_file_exists(int folder_fd, const char *file)
{
	return faccessat(folder_fd, file, F_OK, 0) == 0;
}
