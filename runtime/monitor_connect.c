/* runtime/monitor_connect.c - how others come to a container's monitor; see monitor.h */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/home.h"
#include "runtime/monitor.h"
#include "runtime/monitor_parts.h"
#include "runtime/wire.h"

/* A socket's path may be 107 bytes long, so it is named by the descriptor of the
 * home and the container's short id. */
void monitor_address(const struct home *home, const char *id,
			   struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(address->sun_path, sizeof(address->sun_path),
		 "/proc/self/fd/%d/run/%.12s.sock", home->fd, id);
}

int monitor_connect(const struct home *home, const char *id, struct err *err)
{
	struct sockaddr_un address;
	OWN_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_errno(err, "socket");
	monitor_address(home, id, &address);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return err_set(err, ESRCH, _("the container %.12s has no monitor"),
			       id);
	/* A monitor that is gone is noticed by whoever asks it for more. */
	if (trace_is_on())
		(void)wire_send(fd, WIRE_TRACE, NULL, 0);
	return own_give_fd(&fd);
}

bool monitor_told_step(const struct wire_message *message)
{
	struct trace_event event;

	if (message->kind != WIRE_EVENT || message->len != sizeof(event))
		return false;
	memcpy(&event, message->bytes, sizeof(event));
	trace_deliver(&event);
	return true;
}

void monitor_tell_changed(const struct home *home, const char *id)
{
	struct err ignored = { 0 };
	OWN_FD int fd = monitor_connect(home, id, &ignored);

	if (fd >= 0)
		(void)wire_send(fd, WIRE_CHANGED, NULL, 0);
}
