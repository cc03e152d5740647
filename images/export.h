/* images/export.h - all files of a container as one tar.
 *
 * What `export` gives and `import` takes: the whole tree as the container sees it
 * (layers and what it wrote, no volumes), users' ids as in there, among them the
 * empty files that the runtime mounts upon (/dev/console, /etc/hosts ...), as in
 * Docker. */
#ifndef IMAGES_EXPORT_H
#define IMAGES_EXPORT_H

struct archive_watch;
struct err;
struct home;

/* out_fd  where it goes; borrowed. -ENOENT: no such container (the daemon's
 *         voice). */
int export_container(const struct home *home, const char *container,
		     int out_fd, const struct archive_watch *watch,
		     struct err *err);

#endif
