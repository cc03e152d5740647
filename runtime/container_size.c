/* runtime/container_size.c - how much a container wrote.
 *
 * The sum of the lengths of what lies in its writable layer, as Docker counts:
 * folders and whiteouts are nothing, a file with several names is counted once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/state.h"
#include "runtime/userns.h"

static int measure(void *arg, struct buf *reply, struct err *err)
{
	unsigned long long bytes = 0;
	int r = fs_tree_size(*(const int *)arg, "upper", &bytes, NULL, err);

	if (r == 0)
		buf_add(reply, &bytes, sizeof(bytes));
	return r;
}

int container_size(const struct home *home, const char *id, int64_t *out_bytes,
		   struct err *err)
{
	OWN_FD int folder_fd = state_open_folder(home, id, err);
	OWN_BUF struct buf reply = { 0 };
	struct err first = { 0 };
	unsigned long long bytes;
	int r;

	if (folder_fd < 0)
		return folder_fd;
	/* Most trees can be read as they are. A folder that belongs to another
	 * of the container's ids is open to its root alone. */
	r = measure(&folder_fd, &reply, &first);
	if (r < 0) {
		buf_clear(&reply);
		r = userns_call(measure, &folder_fd, false, &reply, err);
	}
	if (r < 0)
		return r;
	if (reply.len != sizeof(bytes))
		return err_set(err, EIO, "measure %s", id);
	memcpy(&bytes, reply.data, sizeof(bytes));
	*out_bytes = (int64_t)bytes;
	return 0;
}
