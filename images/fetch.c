/* images/fetch.c - see fetch.h */
#include "images/fetch.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <curl/curl.h>

#include "images/archive.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

/* What is used of libcurl. */
static struct {
	bool there;
	CURL *(*easy_init)(void);
	CURLcode (*easy_setopt)(CURL *curl, CURLoption option, ...);
	CURLcode (*easy_perform)(CURL *curl);
	CURLcode (*easy_getinfo)(CURL *curl, CURLINFO info, ...);
	void (*easy_cleanup)(CURL *curl);
	const char *(*easy_strerror)(CURLcode code);
	time_t (*getdate)(const char *text, const time_t *unused);
} lib;

/* One download.
 *
 * status, disposition, modified  of the last answer: "404 Not Found", and what
 *                                those headers say; or NULL
 * refusal                        the beginning of what came with a refusal
 * err                            what a callback ran into */
struct download {
	CURL *curl;
	const struct archive_watch *watch;
	int fd;
	int64_t bytes;
	char *status;
	char *disposition;
	char *modified;
	struct buf refusal;
	struct err err;
};

enum {
	MAX_REDIRECTIONS = 10,
	CONNECT_SECONDS = 30,
	STALLED_SECONDS = 60,
	FIRST_REFUSAL = 400,
	MAX_REFUSAL = 1024,
};

bool fetch_is_url(const char *text)
{
	return strncmp(text, "http://", 7) == 0 ||
	       strncmp(text, "https://", 8) == 0;
}

/* ---- the library ---- */

/* A function's address goes through memory: ISO C has no other way from a
 * pointer to data to one to a function. */
static bool look_up(void *library, const char *name, void *where)
{
	void *found = dlsym(library, name);

	memcpy(where, &found, sizeof(found));
	return found;
}

static int open_library(struct err *err)
{
	static const char *const names[] = { "libcurl.so.4",
					     "libcurl-gnutls.so.4" };
	void *library = NULL;

	if (lib.there)
		return 0;
	for (size_t i = 0; i < 2 && !library; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		err_set(err, ENOPKG,
			_("a URL needs libcurl, which is not on this machine"));
		return err_hint(
			err,
			_("an administrator can add it (apt-get install libcurl4); or fetch the file first and ADD it from the build context"));
	}
	lib.there =
		look_up(library, "curl_easy_init", &lib.easy_init) &&
		look_up(library, "curl_easy_setopt", &lib.easy_setopt) &&
		look_up(library, "curl_easy_perform", &lib.easy_perform) &&
		look_up(library, "curl_easy_getinfo", &lib.easy_getinfo) &&
		look_up(library, "curl_easy_cleanup", &lib.easy_cleanup) &&
		look_up(library, "curl_easy_strerror", &lib.easy_strerror) &&
		look_up(library, "curl_getdate", &lib.getdate);
	return lib.there
		       ? 0
		       : err_set(err, ENOPKG, _("libcurl lacks a function: %s"),
				 dlerror());
}

/* ---- what libcurl calls ---- */

static bool is_refused(const struct download *download)
{
	long status = 0;

	(void)lib.easy_getinfo(download->curl, CURLINFO_RESPONSE_CODE, &status);
	return status >= FIRST_REFUSAL;
}

static size_t take_bytes(char *bytes, size_t one, size_t len, void *arg)
{
	struct download *download = arg;

	(void)one;
	if (is_refused(download)) {
		if (download->refusal.len < MAX_REFUSAL)
			buf_add(&download->refusal, bytes, len);
		return len;
	}
	download->bytes += (int64_t)len;
	if (download->bytes > (int64_t)TAR_MAX_GIB << 30) {
		err_set(&download->err, EFBIG,
			_("the file has more than %d GiB, the limit of a layer"),
			TAR_MAX_GIB);
		return 0;
	}
	if (fs_write_all(download->fd, bytes, len) < 0) {
		err_errno(&download->err, "write what is fetched");
		return 0;
	}
	if (download->watch && download->watch->moved)
		download->watch->moved(download->watch->arg, download->bytes);
	return len;
}

/* The value of the header line if it is the header `name`; given. */
static char *header_value(const char *line, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	if (len <= name_len || strncasecmp(line, name, name_len) != 0)
		return NULL;
	line += name_len;
	len -= name_len;
	while (len && isspace((unsigned char)*line)) {
		line++;
		len--;
	}
	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	return mem_strn(line, len);
}

static void keep(char **where, char *value)
{
	if (!value)
		return;
	free(*where);
	*where = value;
}

static size_t take_header(char *line, size_t one, size_t len, void *arg)
{
	struct download *download = arg;
	const char *space;

	(void)one;
	/* Another answer begins: what the one before said is void. */
	if (len > 5 && strncmp(line, "HTTP/", 5) == 0) {
		free(own_give_ptr(&download->disposition));
		free(own_give_ptr(&download->modified));
		space = memchr(line, ' ', len);
		keep(&download->status,
		     space ? header_value(space, (size_t)(line + len - space),
					  " ")
			   : NULL);
	}
	keep(&download->disposition,
	     header_value(line, len, "content-disposition:"));
	keep(&download->modified, header_value(line, len, "last-modified:"));
	return len;
}

static int look_around(void *arg, curl_off_t total, curl_off_t now,
		       curl_off_t up_total, curl_off_t up)
{
	(void)arg;
	(void)total;
	(void)now;
	(void)up_total;
	(void)up;
	return interrupt_seen();
}

/* ---- the name ---- */

/* The last word of the URL's path; NULL where it ends with a '/' or has none. */
static char *name_in_url(const char *url)
{
	const char *path = strchr(strstr(url, "://") + 3, '/');
	size_t len = path ? strcspn(path, "?#") : 0;
	OWN_FREE char *clean = len ? mem_strn(path, len) : NULL;
	const char *slash;

	if (!clean || clean[len - 1] == '/')
		return NULL;
	slash = strrchr(clean, '/');
	return mem_str(slash + 1);
}

/* attachment; filename="a.txt" */
static char *name_in_header(const char *value)
{
	const char *at = value ? strcasestr(value, "filename=") : NULL;
	const char *slash;
	OWN_FREE char *name = NULL;

	if (!at)
		return NULL;
	at += strlen("filename=");
	name = *at == '"' ? mem_strn(at + 1, strcspn(at + 1, "\""))
			  : mem_strn(at, strcspn(at, "; \t"));
	slash = strrchr(name, '/');
	/* A server names a file, never a place. */
	return mem_str(slash ? slash + 1 : name);
}

static bool is_name(const char *name)
{
	return name && *name && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

static void fill(const struct download *download, const char *url,
		 struct fetched *out)
{
	char *name = name_in_url(url);
	time_t mtime =
		download->modified ? lib.getdate(download->modified, NULL) : 0;

	if (!is_name(name)) {
		free(name);
		name = name_in_header(download->disposition);
	}
	if (!is_name(name))
		free(own_give_ptr(&name));
	out->name = name;
	out->mtime = mtime > 0 ? mtime : 0;
}

/* ---- all of it ---- */

static void set_up(struct download *download, const char *url)
{
	CURL *curl = download->curl;

	lib.easy_setopt(curl, CURLOPT_URL, url);
	lib.easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	lib.easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	/* Older than 7.85, libcurl knows these instead. */
	lib.easy_setopt(curl, (CURLoption)181, 3L);
	lib.easy_setopt(curl, (CURLoption)182, 3L);
	lib.easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	lib.easy_setopt(curl, CURLOPT_MAXREDIRS, (long)MAX_REDIRECTIONS);
	lib.easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	lib.easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	lib.easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	lib.easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)STALLED_SECONDS);
	lib.easy_setopt(curl, CURLOPT_USERAGENT, "Go-http-client/1.1");
	lib.easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	lib.easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_around);
	lib.easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	lib.easy_setopt(curl, CURLOPT_WRITEDATA, download);
	lib.easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	lib.easy_setopt(curl, CURLOPT_HEADERDATA, download);
}

/* Without blanks and newlines at its end, and no more than a message may have. */
static size_t text_len(const struct buf *text)
{
	size_t len = text->len < MAX_REFUSAL ? text->len : MAX_REFUSAL;

	while (len && isspace((unsigned char)text->data[len - 1]))
		len--;
	return len;
}

static int check(const struct download *download, CURLcode code,
		 const char *url, struct err *err)
{
	const struct buf *said = &download->refusal;

	if (interrupt_seen())
		return interrupt_err(err);
	if (download->err.code) {
		*err = download->err;
		return -err->code;
	}
	if (code != CURLE_OK) {
		err_docker(err, ERR_BARE, EHOSTUNREACH, "Get \"%s\": %s", url,
			   lib.easy_strerror(code));
		return err_hint(
			err,
			_("ADD fetches it from this machine: can it be reached from here (curl -I %s)? Or fetch it once and ADD it from the build context"),
			url);
	}
	if (is_refused(download))
		return err_docker(err, ERR_BARE, ENOENT,
				  "failed to GET %s with status %s: %.*s", url,
				  download->status ? download->status : "",
				  (int)text_len(said), buf_text(said));
	return 0;
}

int fetch(const char *url, int fd, const struct archive_watch *watch,
	  struct fetched *out, struct err *err)
{
	struct download download = { .fd = fd, .watch = watch };
	int r = open_library(err);

	if (r < 0)
		return r;
	download.curl = lib.easy_init();
	if (!download.curl)
		return err_set(err, ENOMEM, _("libcurl does not start"));
	set_up(&download, url);
	r = check(&download, lib.easy_perform(download.curl), url, err);
	if (r == 0)
		fill(&download, url, out);
	lib.easy_cleanup(download.curl);
	free(download.status);
	free(download.disposition);
	free(download.modified);
	buf_done(&download.refusal);
	return r;
}

int fetch_open_file(const struct home *home, struct err *err)
{
	OWN_FD int fd =
		openat(home->fd, "run", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	unsigned long long random = 0;
	char name[40];

	if (fd >= 0)
		return own_give_fd(&fd);
	(void)!getrandom(&random, sizeof(random), 0); /* O_EXCL finds clashes */
	snprintf(name, sizeof(name), "run/tmp-%016llx", random);
	fd = fs_open(home->fd, name, O_RDWR | O_CREAT | O_EXCL, 0600, err);
	if (fd >= 0)
		(void)unlinkat(home->fd, name, 0);
	return own_give_fd(&fd);
}
