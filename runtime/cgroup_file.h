/* runtime/cgroup_file.h - numbers in and out of the files of a cgroup.
 *
 * A cgroup is a folder of small files, one number or one list of "key number"
 * lines in each. Which file means what is for cgroup_memory.h and its sisters;
 * this is how each of them reads and writes. A folder's descriptor is borrowed
 * everywhere. */
#ifndef RUNTIME_CGROUP_FILE_H
#define RUNTIME_CGROUP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* Writes one new value with one write(2): a cgroup file takes each write as a
 * whole value, so half a number would be a wrong number.
 *
 * -ENOENT  the controller is not there, or the kernel has not got the file
 * -EBUSY, -EINVAL ...  what the kernel says of the value */
int cgroup_file_write(int folder_fd, const char *file, const char *value,
		      struct err *err);
int cgroup_file_number(int folder_fd, const char *file, int64_t value,
		       struct err *err);

/* Reads up to size - 1 bytes, without the last newline. Returns 0 or -errno;
 * out is "" then. */
int cgroup_file_read(int folder_fd, const char *file, char *out, size_t size);

/* Reads a file of one number; "max" is UINT64_MAX. -errno where there is none. */
int cgroup_file_get(int folder_fd, const char *file, uint64_t *out);

/* The number behind `key` in a file of "key number" lines; -ENOENT: no such
 * line. */
int cgroup_file_key(int folder_fd, const char *file, const char *key,
		    uint64_t *out);

bool cgroup_file_exists(int folder_fd, const char *file);

#endif
