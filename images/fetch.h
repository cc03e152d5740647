/* images/fetch.h - a file by its URL, for ADD and for a build's context.
 *
 * Owns the one place where something is fetched from the network. libcurl does the
 * work; it is opened (dlopen) when the first URL is, so that nothing else pays for
 * it, and a machine without it is told so. */
#ifndef IMAGES_FETCH_H
#define IMAGES_FETCH_H

#include <stdbool.h>
#include <stdint.h>

struct archive_watch;
struct err;
struct home;

/* name      what it is called: the last word of the URL's path, else what the
 *           server calls it, else NULL; given
 * mtime     when it was changed last, as the server says; 0 where it does not */
struct fetched {
	char *name;
	int64_t mtime;
};

/* "http://..." or "https://...": what ADD takes for a URL. */
bool fetch_is_url(const char *text);

/* Writes what the URL gives into the empty file fd. Redirections are followed, to
 * http and https alone. -ENOENT for an answer that refuses it, in Docker's
 * words; -EFBIG for more than a layer may hold; -EINTR after Ctrl-C. */
int fetch(const char *url, int fd, const struct archive_watch *watch,
	  struct fetched *out, struct err *err);

/* An empty file for it, without a name in the home: it is gone when it is closed. */
int fetch_open_file(const struct home *home, struct err *err);

#endif
