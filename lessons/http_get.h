/* lessons/http_get.h - asks a web server one question, as a browser would.
 *
 * Owns a small HTTP/1.0 client: one GET, one answer, no redirect, no TLS. A lesson
 * judges a server from outside: through the published port, by the address and the
 * account that the learner has. Source: RFC 1945; RFC 9112, section 6. */
#ifndef LESSONS_HTTP_GET_H
#define LESSONS_HTTP_GET_H

#include <stdbool.h>

#include "lessons/facts.h"

struct err;

/* "http://host[:port][/path]", taken apart. All given (http_url_done). */
struct http_url {
	char *host;
	char *path;
	int port;
};
bool http_url_parse(const char *text, struct http_url *out);
void http_url_done(struct http_url *url);

/* Returns 0 with *out (facts_page_done), or -errno:
 *   -EINVAL        no http:// URL, or an answer that is no HTTP
 *   -ENOENT        no such host
 *   -ECONNREFUSED  nobody listens there
 *   -ECONNRESET    the connection was made and ended without an answer
 *   -ETIMEDOUT     no answer within timeout_ms */
int http_get(const char *text, int timeout_ms, struct facts_page *out,
	     struct err *err);

#endif
