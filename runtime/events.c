/* runtime/events.c - see events.h
 *
 *   {"status":"die","id":"<64 hex>","from":"busybox","Type":"container",
 *    "Action":"die","Actor":{"ID":"<64 hex>","Attributes":{"exitCode":"0",
 *    "image":"busybox","name":"web"}},"scope":"local","time":1795459407,
 *    "timeNano":1795459407115128947}
 *
 * Source: docker/docker api/types/events, struct Message (API 1.41). */
#include "runtime/events.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/fs.h"
#include "runtime/base/json_text.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/endpoint.h"
#include "runtime/home.h"
#include "runtime/spec.h"

static const off_t max_bytes = 4 << 20;

/* ---- one line ---- */

/* By the name alone: "a=1" stands before "a1=0". */
static int by_name(const void *a, const void *b)
{
	const char *x = *(const char *const *)a;
	const char *y = *(const char *const *)b;
	size_t x_len = strcspn(x, "=");
	size_t y_len = strcspn(y, "=");
	int order = strncmp(x, y, x_len < y_len ? x_len : y_len);

	return order || x_len == y_len ? order : x_len < y_len ? -1 : 1;
}

/* Adds "name":"value", ... in the order of the names, as Go writes a map. The names
 * differ. `pairs` is sorted by this. */
static void add_attributes(struct buf *out, struct strs *pairs)
{
	if (pairs->count)
		qsort(pairs->items, pairs->count, sizeof(*pairs->items),
		      by_name);
	for (size_t i = 0; i < pairs->count; i++) {
		const char *pair = pairs->items[i];
		size_t len = strcspn(pair, "=");

		buf_str(out, i ? "," : "");
		json_text_add_bytes(out, pair, len);
		buf_char(out, ':');
		json_text_add(out, pair[len] ? pair + len + 1 : "");
	}
}

/* time_ns  0: now
 * from     the image that Docker names beside the id, or NULL */
struct event {
	int64_t time_ns;
	const char *type;
	const char *action;
	const char *id;
	const char *from;
};

static void add_line(struct buf *out, const struct event *event,
		     struct strs *attributes)
{
	int64_t ns = event->time_ns ? event->time_ns : clock_now_ns();
	const char *type = event->type;
	const char *action = event->action;
	const char *id = event->id;

	buf_char(out, '{');
	/* The first three are the form of before 2016; only events of containers
	 * and images have them. */
	if (strcmp(type, "container") == 0 || strcmp(type, "image") == 0) {
		buf_str(out, "\"status\":");
		json_text_add(out, action);
		buf_str(out, ",\"id\":");
		json_text_add(out, id);
		if (event->from) {
			buf_str(out, ",\"from\":");
			json_text_add(out, event->from);
		}
		buf_char(out, ',');
	}
	buf_str(out, "\"Type\":");
	json_text_add(out, type);
	buf_str(out, ",\"Action\":");
	json_text_add(out, action);
	buf_str(out, ",\"Actor\":{\"ID\":");
	json_text_add(out, id);
	buf_str(out, ",\"Attributes\":{");
	add_attributes(out, attributes);
	buf_fmt(out, "}},\"scope\":\"local\",\"time\":%lld,\"timeNano\":%lld}\n",
		(long long)(ns / 1000000000), (long long)ns);
}

/* ---- the file ---- */

static int open_file(const struct home *home)
{
	return openat(home->fd, "events",
		      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

/* The lock belongs to the file, so of two that find it too large one moves it
 * and the other sees that it has been moved. */
static void rotate(const struct home *home, int fd)
{
	struct stat held;
	struct stat named;

	if (flock(fd, LOCK_EX) < 0)
		return;
	if (fstat(fd, &held) == 0 &&
	    fstatat(home->fd, "events", &named, 0) == 0 &&
	    held.st_ino == named.st_ino && held.st_dev == named.st_dev)
		(void)renameat(home->fd, "events", home->fd, "events.1");
	(void)flock(fd, LOCK_UN);
}

void events_write_kept(const struct home *home, int *fd, struct buf *lines,
		       bool bounded)
{
	if (lines->len == 0)
		return;
	if (*fd < 0)
		*fd = open_file(home);
	/* A full disk loses the event, never the container. */
	if (*fd >= 0)
		(void)fs_write_all(*fd, lines->data, lines->len);
	buf_clear(lines);
	/* Behind a write of O_APPEND the offset is the file's length. */
	if (bounded && *fd >= 0 && lseek(*fd, 0, SEEK_CUR) > max_bytes)
		rotate(home, *fd);
}

void events_write(const struct home *home, struct buf *lines)
{
	OWN_FD int fd = -1;

	events_write_kept(home, &fd, lines, true);
}

/* ---- events ---- */

void events_add(struct buf *lines, const char *type, const char *action,
		const char *id, const struct strs *attributes)
{
	OWN_STRS struct strs sorted = { 0 };
	const struct event event = { 0, type, action, id, NULL };

	for (size_t i = 0; attributes && i < attributes->count; i++)
		strs_set_env(&sorted, attributes->items[i]);
	add_line(lines, &event, &sorted);
}

void events_note(const struct home *home, const char *type, const char *action,
		 const char *id, const struct strs *attributes)
{
	OWN_BUF struct buf line = { 0 };

	events_add(&line, type, action, id, attributes);
	events_write(home, &line);
}

void events_add_container(struct buf *lines, int64_t time_ns,
			  const struct spec *spec, const char *action,
			  const struct strs *extra)
{
	OWN_STRS struct strs attributes = { 0 };

	OWN_FREE char *image = mem_fmt("image=%s",
				       spec->image ? spec->image : "");
	OWN_FREE char *name = mem_fmt("name=%s", spec->name);
	const struct event event = { time_ns, "container", action, spec->id,
				     spec->image };

	for (size_t i = 0; i < spec->labels.count; i++)
		strs_set_env(&attributes, spec->labels.items[i]);
	strs_set_env(&attributes, image);
	strs_set_env(&attributes, name);
	for (size_t i = 0; extra && i < extra->count; i++)
		strs_set_env(&attributes, extra->items[i]);
	add_line(lines, &event, &attributes);
}

/* A container's networks are all of one kind. */
void events_add_network(struct buf *lines, const struct spec *spec,
			const struct endpoint *endpoint, const char *action)
{
	OWN_STRS struct strs attributes = { 0 };
	const struct event event = { 0, "network", action, endpoint->network_id,
				     NULL };

	strs_addf(&attributes, "container=%s", spec->id);
	strs_addf(&attributes, "name=%s", endpoint->network);
	strs_add(&attributes, "type=bridge");
	add_line(lines, &event, &attributes);
}

void events_note_container(const struct home *home, const struct spec *spec,
			   const char *action, const char *extra)
{
	OWN_BUF struct buf line = { 0 };
	OWN_STRS struct strs more = { 0 };

	if (extra)
		strs_add(&more, extra);
	events_add_container(&line, 0, spec, action, &more);
	events_write(home, &line);
}
