/* images/export.c - see export.h */
#include "images/export.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "images/archive.h"
#include "images/owners.h"
#include "images/pack.h"
#include "images/transfer.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/container.h"
#include "runtime/events.h"
#include "runtime/home.h"
#include "runtime/userns.h"
#include "runtime/view.h"

/* mine, theirs  the ends of the socket: the child's and the caller's */
struct request {
	struct owners *owners;
	int mine;
	int theirs;
};

static int export_work(int root_fd, void *arg, struct buf *reply,
		       struct err *err)
{
	const struct request *request = arg;
	const struct pack_rules rules = {
		.attributes = true,
		.noted_owners = userns_kind() != USERNS_NONE,
		.owners = request->owners,
	};
	struct pack *pack = NULL;
	OWN_FD int fd = -1;
	int r;

	(void)reply;
	close(request->theirs);
	fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "open the container's root");
	r = pack_open(request->mine, &rules, &pack, err);
	if (r == 0)
		r = pack_add_inside(pack, fd, err);
	if (r == 0)
		r = pack_end(pack, NULL, err);
	pack_free(pack);
	return r;
}

static int read_notes(const struct home *home, const struct container *c,
		      struct owners **out, struct err *err)
{
	OWN_FREE char *upper = mem_fmt("containers/%s/upper", c->spec.id);

	if (userns_kind() == USERNS_NONE)
		return 0;
	return owners_read(home, upper, &c->spec.layers, out, err);
}

static int start(const struct home *home, const struct container *c,
		 struct request *request, struct userns_child *child,
		 struct err *err)
{
	const struct view_job job = { archive_prepare, export_work, request };
	int pair[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, "socketpair");
	request->mine = pair[1];
	request->theirs = pair[0];
	r = view_start(home, c->spec.id, VIEW_LAYERS, &job, child, err);
	close(pair[1]);
	if (r < 0)
		close(pair[0]);
	return r;
}

int export_container(const struct home *home, const char *container,
		     int out_fd, const struct archive_watch *watch,
		     struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	struct request request = { 0 };
	struct userns_child child = { -1, -1 };
	struct err ours = { 0 };
	int r = container_find(home, container, &c, err);

	if (r < 0) {
		err->voice = err->voice == ERR_CLIENT ? ERR_DAEMON :
							err->voice;
		return r;
	}
	r = read_notes(home, &c, &request.owners, err);
	if (r == 0)
		r = start(home, &c, &request, &child, err);
	if (r == 0) /* once it begins, as in Docker */
		events_note_container(home, &c.spec, "export", NULL);
	owners_free(request.owners);
	if (r < 0)
		return r;
	trace_begin();
	if (transfer_pump(request.theirs, out_fd, watch, &ours) == 0)
		trace_step(TRACE_TAR, "%s:/ -> %d", c.spec.name, out_fd);
	return transfer_end(&child, request.theirs, true, &ours, err);
}
