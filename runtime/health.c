/* runtime/health.c - see health.h
 *
 *   idle --due--> a check runs --its end, or too late--> result --> idle
 *
 *   result is 0:    streak = 0, healthy
 *   anything else:  in the start period while "starting" it does not count; else
 *                   streak + 1, and at `retries` in a row unhealthy
 *
 * Source: moby daemon/health.go (20.10). */
#include "runtime/health.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/json_text.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/events.h"
#include "runtime/join.h"
#include "runtime/names.h"
#include "runtime/state.h"
#include "runtime/wire.h"

enum { DEFAULT_RETRIES = 3, MOST_TEXT = 1 << 20 };
static const int64_t default_ns = 30LL * 1000000000;

bool health_is_wanted(const struct spec *spec)
{
	return spec->health_test.count > 1 &&
	       (strcmp(spec->health_test.items[0], "CMD") == 0 ||
		strcmp(spec->health_test.items[0], "CMD-SHELL") == 0);
}

static const char *health_name(enum container_health health)
{
	switch (health) {
	case HEALTH_NONE:
		break;
	case HEALTH_STARTING:
		return "starting";
	case HEALTH_HEALTHY:
		return "healthy";
	case HEALTH_UNHEALTHY:
		return "unhealthy";
	}
	return "none";
}

static int64_t or_default(int64_t ns)
{
	return ns > 0 ? ns : default_ns;
}

static int64_t in_ms(int64_t ns)
{
	return clock_ms() + (ns + 999999) / 1000000;
}

/* As Go prints a duration: "1m30s", "1.5s", "500ms". */
static void format_duration(char out[48], int64_t ns)
{
	int64_t minutes = ns / 60000000000;
	double seconds = (double)(ns % 60000000000) / 1e9;
	int len = 0;

	if (ns < 1000000000) {
		snprintf(out, 48, "%gms", (double)ns / 1e6);
		return;
	}
	if (minutes >= 60)
		len = snprintf(out, 48, "%lldh", (long long)(minutes / 60));
	if (minutes)
		len += snprintf(out + len, 48 - (size_t)len, "%lldm",
				(long long)(minutes % 60));
	snprintf(out + len, 48 - (size_t)len, "%.9gs", seconds);
}

/* ---- what lies in health.json ---- */

static void add_result(struct buf *out, const struct health_result *result)
{
	char time[HUMAN_TIME];

	buf_str(out, "{\"Start\":");
	json_text_add(out, human_time(time, result->start_ns));
	buf_str(out, ",\"End\":");
	json_text_add(out, human_time(time, result->end_ns));
	buf_fmt(out, ",\"ExitCode\":%d,\"Output\":", result->exit_code);
	json_text_add_bytes(out, buf_text(&result->output),
			    result->output.len);
	buf_char(out, '}');
}

static void write_file(const struct health *h)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };

	buf_char(&text, '[');
	for (int i = 0; i < h->result_count; i++) {
		buf_str(&text, i ? "," : "");
		add_result(&text, &h->results[i]);
	}
	buf_str(&text, "]\n");
	/* A full disk: the record has the state, the outputs are missing. */
	(void)fs_replace(h->folder_fd, "health.json", text.data, text.len, 0600,
			 false, &ignored);
}

/* One of them that was written before; nothing is taken of what is none. */
static void take_result(struct health *h, json_t *json)
{
	const char *start = json_string_value(json_object_get(json, "Start"));
	const char *end = json_string_value(json_object_get(json, "End"));
	json_t *output = json_object_get(json, "Output");
	struct health_result result = {
		.exit_code = (int)json_integer_value(
			json_object_get(json, "ExitCode")),
	};
	struct err ignored = { 0 };

	if (!start || !end || !json_is_string(output) ||
	    parse_time(start, &result.start_ns, &ignored) < 0 ||
	    parse_time(end, &result.end_ns, &ignored) < 0)
		return;
	buf_add(&result.output, json_string_value(output),
		json_string_length(output));
	h->results[h->result_count++] = result;
}

/* The results of the runs before: they stay until newer ones take their place. */
static void read_file(struct health *h)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	json_t *list = NULL;
	json_t *json;
	size_t i;

	if (fs_read(h->folder_fd, "health.json", MOST_TEXT, &text, &ignored) <
	    0)
		return; /* the first run */
	list = json_loadb(text.data, text.len, 0, NULL);
	json_array_foreach(list, i, json)
		if (h->result_count < HEALTH_RESULTS)
			take_result(h, json);
	json_decref(list);
}

/* ---- a check ---- */

static void note(const struct health *h, const char *action, const char *extra)
{
	OWN_BUF struct buf line = { 0 };
	OWN_STRS struct strs more = { 0 };

	strs_addf(&more, "execID=%s", h->exec_id);
	if (extra)
		strs_add(&more, extra);
	events_add_container(&line, 0, &h->container->spec, action, &more);
	events_write(h->home, &line);
}

static void make_words(const struct spec *spec, struct strs *words)
{
	if (strcmp(spec->health_test.items[0], "CMD-SHELL") == 0) {
		strs_add(words, "/bin/sh");
		strs_add(words, "-c");
	}
	for (size_t i = 1; i < spec->health_test.count; i++)
		strs_add(words, spec->health_test.items[i]);
}

/* The output of a check that was not to be run at all. */
static void fail(struct health *h, const char *why)
{
	h->now.exit_code = -1;
	buf_clear(&h->now.output);
	buf_str(&h->now.output, why);
}

/* A keeper may take a while to end: it waits for what its program left behind.
 * That must not hold the monitor up, but for one who has many of them. */
static void reap_keepers(struct health *h)
{
	int left = 0;

	for (int i = 0; i < h->keeper_count; i++)
		if (waitpid(h->keepers[i], NULL, WNOHANG) == 0)
			h->keepers[left++] = h->keepers[i];
	if (left == HEALTH_KEEPERS) {
		(void)waitpid(h->keepers[0], NULL, 0);
		left--;
		memmove(h->keepers, h->keepers + 1,
			(size_t)left * sizeof(h->keepers[0]));
	}
	h->keeper_count = left;
}

static void close_check(struct health *h)
{
	/* The keeper ends its program when its caller is gone. */
	own_close_fd(&h->fd);
	h->fd = -1;
	buf_done(&h->in);
	reap_keepers(h);
}

/* Frozen programs answer nothing: no check, no failure. */
static bool is_paused(const struct health *h)
{
	OWN_CONTAINER struct container now = { 0 };
	struct err ignored = { 0 };

	return state_read(h->folder_fd, &now, &ignored) == 0 &&
	       now.status == CONTAINER_PAUSED;
}

/* Begins a check; false where it failed before it ran. */
static bool begin_check(struct health *h)
{
	const struct spec *spec = &h->container->spec;
	OWN_STRS struct strs words = { 0 };
	OWN_FREE char *line = NULL;
	OWN_FREE char *create = NULL;
	OWN_FREE char *start = NULL;
	struct join join = { .args = &words };
	const struct join_place place = { h->container, h->folder_fd,
					  h->pidfd };
	struct err err = { 0 };
	pid_t keeper = 0;

	reap_keepers(h);
	make_words(spec, &words);
	line = strs_join(&words, " ");
	create = mem_fmt("exec_create: %s", line);
	start = mem_fmt("exec_start: %s", line);
	h->now = (struct health_result){ .start_ns = clock_now_ns() };
	h->output_cut = false;
	if (names_random_id(h->exec_id, &err) < 0 ||
	    join_begin(&place, &join, &h->fd, &keeper, &err) < 0) {
		fail(h, err.msg);
		return false;
	}
	h->keepers[h->keeper_count++] = keeper;
	note(h, create, NULL);
	note(h, start, NULL);
	h->due_ms = in_ms(or_default(spec->health_timeout_ns));
	return true;
}

static void add_output(struct health *h, const struct wire_message *message)
{
	size_t room = HEALTH_OUTPUT - h->now.output.len;
	size_t len = message->len < room ? message->len : room;

	buf_add(&h->now.output, message->bytes, len);
	h->output_cut |= len < message->len;
}

/* Returns true when the check has ended. */
static bool understand(struct health *h, const struct wire_message *message)
{
	int32_t code = 0;
	struct err failure;

	if (message->kind == WIRE_OUTPUT || message->kind == WIRE_ERROR) {
		add_output(h, message);
		return false;
	}
	if (message->kind == WIRE_EXIT && message->len == sizeof(code)) {
		memcpy(&code, message->bytes, sizeof(code));
		h->now.exit_code = code;
		return true;
	}
	if (message->kind == WIRE_FAILED && message->len == sizeof(failure)) {
		memcpy(&failure, message->bytes, sizeof(failure));
		fail(h, failure.msg);
		return true;
	}
	return false;
}

/* What the keeper says. Returns true when the check has ended. */
static bool hear(struct health *h)
{
	struct wire_message message;
	size_t at = 0;
	bool over = false;
	int got = wire_read(h->fd, &h->in);

	while (got > 0 && wire_next(&h->in, &at, &message, NULL))
		over = over || understand(h, &message);
	if (!over && got <= 0 && got != -EAGAIN) {
		fail(h, "the health check's process was killed");
		over = true;
	}
	return over;
}

static void give_up(struct health *h)
{
	char limit[48];
	char why[96];

	format_duration(limit,
			or_default(h->container->spec.health_timeout_ns));
	snprintf(why, sizeof(why), "Health check exceeded timeout (%s)", limit);
	fail(h, why);
}

/* ---- what a result means ---- */

static void judge(struct health *h)
{
	struct container *c = h->container;
	const struct spec *spec = &c->spec;
	int retries = spec->health_retries > 0 ? spec->health_retries :
						 DEFAULT_RETRIES;

	if (h->now.exit_code == 0) {
		c->health_failing = 0;
		c->health = HEALTH_HEALTHY;
		return;
	}
	if (c->health == HEALTH_STARTING &&
	    h->now.start_ns - c->started_ns < spec->health_start_period_ns)
		return;
	if (++c->health_failing >= retries)
		c->health = HEALTH_UNHEALTHY;
}

static void keep_result(struct health *h)
{
	if (h->output_cut)
		buf_str(&h->now.output, "...");
	if (h->result_count == HEALTH_RESULTS) {
		buf_done(&h->results[0].output);
		memmove(h->results, h->results + 1,
			(HEALTH_RESULTS - 1) * sizeof(h->results[0]));
		h->result_count--;
	}
	h->results[h->result_count++] = h->now;
	h->now = (struct health_result){ 0 };
}

/* Returns whether the container's health is another than before. */
static bool finish(struct health *h)
{
	struct container *c = h->container;
	enum container_health health = c->health;
	int failing = c->health_failing;
	char extra[32];

	snprintf(extra, sizeof(extra), "exitCode=%d", h->now.exit_code);
	if (h->fd >= 0)
		note(h, "exec_die", extra);
	close_check(h);
	h->now.end_ns = clock_now_ns();
	judge(h);
	keep_result(h);
	write_file(h);
	h->due_ms = in_ms(or_default(c->spec.health_interval_ns));
	if (health != c->health) {
		OWN_FREE char *action =
			mem_fmt("health_status: %s",
				health_name(c->health));

		events_note_container(h->home, &c->spec, action, NULL);
	}
	return health != c->health || failing != c->health_failing;
}

bool health_serve(struct health *h)
{
	struct pollfd news = { h->fd, POLLIN, 0 };
	bool late = h->due_ms && clock_ms() >= h->due_ms;

	if (h->fd < 0) {
		if (!late)
			return false;
		if (is_paused(h)) {
			h->due_ms = in_ms(or_default(
				h->container->spec.health_interval_ns));
			return false;
		}
		return begin_check(h) ? false : finish(h);
	}
	if (poll(&news, 1, 0) > 0 && hear(h))
		return finish(h);
	if (!late)
		return false;
	give_up(h);
	return finish(h);
}

/* ---- the run ---- */

void health_begin(struct health *h, const struct home *home,
		  struct container *container, int folder_fd, int pidfd)
{
	h->home = home;
	h->container = container;
	h->folder_fd = folder_fd;
	h->pidfd = pidfd;
	h->fd = -1;
	if (!health_is_wanted(&container->spec))
		return;
	h->due_ms = in_ms(or_default(container->spec.health_interval_ns));
	read_file(h);
	write_file(h);
}

/* Nobody looks any more. */
static void stop_looking(struct health *h)
{
	if (h->fd >= 0)
		close_check(h);
	buf_done(&h->now.output);
	if (h->container && h->container->health != HEALTH_NONE)
		h->container->health = HEALTH_UNHEALTHY;
}

void health_pause(struct health *h)
{
	stop_looking(h);
	if (h->due_ms)
		h->due_ms = in_ms(or_default(
			h->container->spec.health_interval_ns));
}

void health_end(struct health *h)
{
	stop_looking(h);
	for (int i = 0; i < h->result_count; i++)
		buf_done(&h->results[i].output);
	h->result_count = 0;
	h->due_ms = 0;
}
