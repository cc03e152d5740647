/* images/health.c - see health.h */
#include "images/health.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "images/dockerfile.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/go_text.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"

enum {
	SHORTEST_NS = 1000000, /* 1ms */
};

void health_done(struct health *health)
{
	strs_done(&health->test);
	*health = (struct health){ 0 };
}

/* ---- reading ---- */

static int read_time(const struct instruction *instruction, const char *flag,
		     int64_t *out_ns, struct err *err)
{
	const char *text = instruction_flag(instruction, flag);
	int r;

	if (!text || !*text)
		return 0;
	r = parse_duration(text, out_ns, err);
	if (r == 0 && *out_ns < SHORTEST_NS)
		r = err_docker(err, ERR_DAEMON, EINVAL,
			       "Interval \"%s\" cannot be less than 1ms", flag);
	if (r < 0)
		err_hint(err, _("expected for --%s a time: 30s, 1m30s, 500ms"),
			 flag);
	return r;
}

static int read_retries(const struct instruction *instruction, int *out,
			struct err *err)
{
	const char *text = instruction_flag(instruction, "retries");
	OWN_BUF struct buf quoted = { 0 };
	struct err ignored = { 0 };
	int64_t number;

	if (!text || !*text)
		return 0;
	if (parse_int(text + (*text == '+'), INT32_MIN, INT32_MAX, &number,
		      &ignored) < 0) {
		go_quote(&quoted, text);
		err_docker(err, ERR_DAEMON, EINVAL,
			   "strconv.ParseInt: parsing %s: %s",
			   buf_text(&quoted),
			   ignored.code == ERANGE ? "value out of range"
						  : "invalid syntax");
		return err_hint(err, _("expected for --retries a number"));
	}
	if (number < 1)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "--retries must be at least 1 (not %" PRId64
				  ")",
				  number);
	*out = (int)number;
	return 0;
}

static int read_test(const struct instruction *instruction, struct strs *out,
		     struct err *err)
{
	const struct strs *args = &instruction->args;
	OWN_FREE char *kind = mem_str(args->items[0]);
	OWN_BUF struct buf quoted = { 0 };

	for (char *p = kind; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	if (strcmp(kind, "CMD") != 0) {
		go_quote(&quoted, kind);
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Unknown type %s in HEALTHCHECK (try CMD)",
				  buf_text(&quoted));
	}
	if (args->count < 2)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Missing command after HEALTHCHECK CMD");
	strs_add(out, instruction->json ? "CMD" : "CMD-SHELL");
	for (size_t i = 1; i < args->count; i++)
		strs_add(out, args->items[i]);
	return 0;
}

/* NONE has no flags, and no words behind it. */
static int read_none(const struct instruction *instruction, struct strs *out,
		     struct err *err)
{
	if (instruction->args.count > 1)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "HEALTHCHECK NONE takes no arguments");
	strs_add(out, "NONE");
	return 0;
}

int health_read(const struct instruction *instruction, struct health *out,
		struct err *err)
{
	int r;

	*out = (struct health){ 0 };
	if (strcasecmp(instruction->args.items[0], "NONE") == 0)
		return read_none(instruction, &out->test, err);
	r = read_test(instruction, &out->test, err);
	if (r == 0)
		r = read_time(instruction, "interval", &out->interval_ns, err);
	if (r == 0)
		r = read_time(instruction, "timeout", &out->timeout_ns, err);
	if (r == 0)
		r = read_time(instruction, "start-period", &out->start_ns, err);
	if (r == 0)
		r = read_retries(instruction, &out->retries, err);
	if (r < 0)
		health_done(out);
	return r;
}

/* ---- showing ---- */

/* A time as Go writes it: "1h0m5s", "1.5s", "300ms". */
static void show_time(int64_t ns, struct buf *out)
{
	const char *unit = "s";
	int64_t part = 1000000000;
	char digits[16];
	size_t len;

	if (ns >= 3600 * part)
		buf_fmt(out, "%" PRId64 "h", ns / (3600 * part));
	if (ns >= 60 * part)
		buf_fmt(out, "%" PRId64 "m", ns / (60 * part) % 60);
	if (ns && ns < part) {
		part = ns < 1000000 ? 1000 : 1000000;
		unit = ns < 1000000 ? "\xc2\xb5s" : "ms";
	} else {
		ns %= 60 * part;
	}
	buf_fmt(out, "%" PRId64, ns / part);
	if (ns % part) {
		/* As many places as the unit has, without zeros at the end. */
		snprintf(digits, sizeof(digits), "%0*" PRId64,
			 part == 1000000000 ? 9
			 : part == 1000000  ? 6
					    : 3,
			 ns % part);
		for (len = strlen(digits); digits[len - 1] == '0'; len--)
			;
		buf_fmt(out, ".%.*s", (int)len, digits);
	}
	buf_str(out, unit);
}

/* Docker lets %q loose on a number, which to Go is a character. */
static void show_number(int number, struct buf *out)
{
	OWN_BUF struct buf quoted = { 0 };
	char utf8[4] = { (char)number };

	if (number == 0 || number > 0x7ff) {
		buf_str(out, number ? "'\\ufffd'" : "'\\x00'");
		return;
	}
	if (number > 0x7f) {
		utf8[0] = (char)(0xc0 | number >> 6);
		utf8[1] = (char)(0x80 | (number & 0x3f));
	}
	if (number == '\'' || number == '"') {
		buf_str(out, number == '"' ? "'\"'" : "'\\''");
		return;
	}
	go_quote(&quoted, utf8);
	buf_fmt(out, "'%.*s'", (int)quoted.len - 2, quoted.data + 1);
}

void health_show(const struct health *health, struct buf *out)
{
	buf_str(out, "&{");
	go_quote_list(out, &health->test);
	buf_str(out, " \"");
	show_time(health->interval_ns, out);
	buf_str(out, "\" \"");
	show_time(health->timeout_ns, out);
	buf_str(out, "\" \"");
	show_time(health->start_ns, out);
	buf_str(out, "\" ");
	show_number(health->retries, out);
	buf_char(out, '}');
}
