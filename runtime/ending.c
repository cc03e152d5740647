/* runtime/ending.c - see ending.h */
#include "runtime/ending.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/events.h"

const char *const heed_names[] = { "unknown", "default", "caught", "ignored",
				   "blocked" };
static const char *const asker_names[] = { "unknown", "kill", "stop", "grace",
					   "terminal" };

static int place_of(const char *const *names, int count, const char *name)
{
	for (int i = 1; name && i < count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return 0;
}

/* ---- what a process does with a signal ---- */

/* Bit n-1 of the mask is signal n. The key stands behind a line's end, so that it is
 * not what a program calls itself, in the first line. Source: proc(5),
 * /proc/pid/status. */
static bool has_signal(const char *status, const char *key, int signal)
{
	const char *at = strstr(status, key);

	return at && (strtoull(at + strlen(key), NULL, 16) >>
		      (unsigned)(signal - 1)) & 1;
}

/* A thread in sigwait(3) takes signals as they come; meanwhile the kernel shows them as
 * neither blocked nor caught. */
static bool waits_for_signals(pid_t pid)
{
	char path[40];
	char text[32] = "";
	OWN_FILE FILE *file = NULL;

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	file = fopen(path, "re");
	return file && fgets(text, sizeof(text), file) &&
	       strtol(text, NULL, 10) == SYS_rt_sigtimedwait &&
	       text[0] >= '0' && text[0] <= '9';
}

enum heed heed_of(pid_t pid, int signal)
{
	char path[40];
	char status[8192];
	OWN_FILE FILE *file = NULL;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = signal > 0 && signal <= 64 ? fopen(path, "re") : NULL;
	len = file ? fread(status, 1, sizeof(status) - 1, file) : 0;
	status[len] = '\0';
	if (!strstr(status, "\nSigCgt:"))
		return HEED_UNKNOWN;
	if (has_signal(status, "\nSigIgn:", signal))
		return HEED_IGNORED;
	if (has_signal(status, "\nSigBlk:", signal))
		return HEED_BLOCKED;
	return has_signal(status, "\nSigCgt:", signal) || waits_for_signals(pid) ?
		       HEED_CAUGHT :
		       HEED_DEFAULT;
}

/* ---- writing ---- */

void ending_note_signal(struct buf *lines, const char *id, int signal,
			enum asker by, enum heed heed)
{
	buf_fmt(lines,
		"{\"note\":\"signal\",\"id\":\"%s\",\"signal\":%d,\"by\":\"%s\",\"heed\":\"%s\",\"ns\":%" PRId64
		"}\n",
		id, signal, asker_names[by], heed_names[heed], clock_now_ns());
}

void ending_note_end(struct buf *lines, const char *id,
		     const struct ending_seen *seen)
{
	buf_fmt(lines, "{\"note\":\"end\",\"id\":\"%s\",\"signal\":%d", id,
		seen->signal);
	if (seen->oom_kills >= 0)
		buf_fmt(lines, ",\"oomKills\":%" PRId64, seen->oom_kills);
	if (seen->memory_limit)
		buf_fmt(lines, ",\"limit\":%" PRId64, seen->memory_limit);
	buf_str(lines, "}\n");
}

/* ---- reading ---- */

static const char *text_at(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

static int64_t number_at(const json_t *json, const char *key, int64_t absent)
{
	const json_t *value = json_object_get(json, key);

	return json_is_integer(value) ? json_integer_value(value) : absent;
}

static const json_t *attributes_of(const json_t *json)
{
	return json_object_get(json_object_get(json, "Actor"), "Attributes");
}

/* A new run: what was said of the one before is of no interest. */
static void begin_run(struct ending *e, int64_t ns)
{
	e->started_ns = ns;
	e->stopped_ns = e->died_ns = 0;
	e->exit_code = 0;
	e->oom = false;
	e->starts++;
	e->seen = (struct ending_seen){ -1, -1, 0 };
	e->signal_count = 0;
}

static void take_signal(struct ending *e, const json_t *json)
{
	struct ending_signal *at;

	if (e->signal_count == ENDING_SIGNALS) {
		memmove(e->signals, e->signals + 1,
			sizeof(e->signals) - sizeof(e->signals[0]));
		e->signal_count--;
	}
	at = &e->signals[e->signal_count++];
	at->number = (int)number_at(json, "signal", 0);
	at->by = (enum asker)place_of(asker_names, 5, text_at(json, "by"));
	at->heed = (enum heed)place_of(heed_names, 5, text_at(json, "heed"));
	at->ns = number_at(json, "ns", 0);
}

static void take_note(struct ending *e, const json_t *json, const char *note)
{
	if (strcmp(note, "signal") == 0)
		take_signal(e, json);
	else
		e->seen = (struct ending_seen){
			(int)number_at(json, "signal", -1),
			number_at(json, "oomKills", -1),
			number_at(json, "limit", 0),
		};
}

static void take_event(struct ending *e, const json_t *json)
{
	const char *action = text_at(json, "Action");
	const json_t *attributes = attributes_of(json);
	int64_t ns = number_at(json, "timeNano", 0);

	snprintf(e->name, sizeof(e->name), "%s", text_at(attributes, "name"));
	snprintf(e->image, sizeof(e->image), "%s", text_at(attributes, "image"));
	if (strcmp(action, "create") == 0) {
		e->created_ns = ns;
	} else if (strcmp(action, "start") == 0) {
		begin_run(e, ns);
	} else if (strcmp(action, "oom") == 0) {
		e->oom = true;
	} else if (strcmp(action, "stop") == 0) {
		e->stopped_ns = ns;
	} else if (strcmp(action, "die") == 0) {
		e->died_ns = ns;
		e->exit_code = (int)strtol(text_at(attributes, "exitCode"),
					   NULL, 10);
	} else if (strcmp(action, "destroy") == 0) {
		e->destroyed_ns = ns;
	}
}

/* Calls `each` for every line that has `text` in it. */
static int each_line(const struct home *home, const char *text,
		     void (*each)(void *arg, const json_t *json), void *arg,
		     struct err *err)
{
	struct events_reader reader;
	const char *line;
	int r = events_open(home, true, &reader, err);

	if (r < 0)
		return r;
	while ((r = events_next(&reader, &line, err)) > 0) {
		json_t *json = strstr(line, text) ? json_loads(line, 0, NULL) :
						    NULL;

		if (json)
			each(arg, json);
		json_decref(json);
	}
	events_close(&reader);
	return r;
}

/* found   the id, once it is known
 * wanted  a name or an id; NULL: by exit_code; that -1: by a stop */
struct search {
	const char *wanted;
	int exit_code;
	int64_t since_ns;
	char found[65];
};

static void look_for(void *arg, const json_t *json)
{
	struct search *s = arg;
	const json_t *attributes = attributes_of(json);
	const char *id = text_at(json_object_get(json, "Actor"), "ID");
	bool fits;

	if (s->exit_code < 0 && strcmp(text_at(json, "by"), "stop") == 0)
		snprintf(s->found, sizeof(s->found), "%s",
			 text_at(json, "id"));
	if (s->exit_code < 0 ||
	    strcmp(text_at(json, "Type"), "container") != 0)
		return;
	if (s->wanted)
		fits = strcmp(text_at(attributes, "name"), s->wanted) == 0 ||
		       (strlen(s->wanted) >= 4 &&
			strncmp(id, s->wanted, strlen(s->wanted)) == 0);
	else
		fits = strcmp(text_at(json, "Action"), "die") == 0 &&
		       number_at(json, "timeNano", 0) >= s->since_ns &&
		       strtol(text_at(attributes, "exitCode"), NULL, 10) ==
			       s->exit_code;
	if (fits)
		snprintf(s->found, sizeof(s->found), "%s", id);
}

static void take_line(void *arg, const json_t *json)
{
	struct ending *e = arg;
	const char *note = text_at(json, "note");

	if (*note) {
		if (strcmp(text_at(json, "id"), e->id) == 0)
			take_note(e, json, note);
	} else if (strcmp(text_at(json_object_get(json, "Actor"), "ID"),
			  e->id) == 0) {
		take_event(e, json);
	}
}

static int read_found(const struct home *home, const struct search *search,
		      struct ending *out, struct err *err)
{
	int r;

	*out = (struct ending){ .seen = { -1, -1, 0 } };
	if (!search->found[0])
		return 0;
	memcpy(out->id, search->found, sizeof(out->id));
	r = each_line(home, out->id, take_line, out, err);
	return r < 0 ? r : 1;
}

int ending_read(const struct home *home, const char *id_or_name,
		struct ending *out, struct err *err)
{
	struct search search = { .wanted = id_or_name };
	int r = each_line(home, id_or_name, look_for, &search, err);

	return r < 0 ? r : read_found(home, &search, out, err);
}

int ending_find(const struct home *home, int exit_code, int64_t since_ns,
		struct ending *out, struct err *err)
{
	struct search search = { NULL, exit_code, since_ns, "" };
	OWN_FREE char *text = mem_fmt("\"exitCode\":\"%d\"", exit_code);
	int r = each_line(home, text, look_for, &search, err);

	return r < 0 ? r : read_found(home, &search, out, err);
}

int ending_of_stop(const struct home *home, struct ending *out,
		   struct err *err)
{
	struct search search = { .exit_code = -1 };
	int r = each_line(home, "\"by\":\"stop\"", look_for, &search, err);

	return r < 0 ? r : read_found(home, &search, out, err);
}

struct gone {
	const char *name;
	int64_t ns;
};

static void look_for_volume(void *arg, const json_t *json)
{
	struct gone *gone = arg;

	if (strcmp(text_at(json, "Type"), "volume") != 0 ||
	    strcmp(text_at(json_object_get(json, "Actor"), "ID"), gone->name) != 0)
		return;
	if (strcmp(text_at(json, "Action"), "destroy") == 0)
		gone->ns = number_at(json, "timeNano", 0);
	else if (strcmp(text_at(json, "Action"), "create") == 0)
		gone->ns = 0;
}

int64_t ending_of_volume(const struct home *home, const char *name)
{
	struct gone gone = { name, 0 };
	struct err ignored = { 0 };

	(void)each_line(home, name, look_for_volume, &gone, &ignored);
	return gone.ns;
}
