/* lessons/commands.c - see commands.h */
#include "lessons/commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/utf8.h"

static void command_done(struct command *command)
{
	free(command->step);
	free(command->text);
	free(command->content);
}

void commands_done(struct commands *commands)
{
	for (size_t i = 0; i < commands->count; i++)
		command_done(&commands->items[i]);
	free(commands->items);
	*commands = (struct commands){ 0 };
}

/* ---- reading ---- */

/* What the comments said that the next command is told. */
struct reading {
	commands_unfinished *unfinished;
	struct commands *out;
	char *step;
	int number;
	int status;
	long long ms;
	long long time_s;
};

static struct command *add(struct reading *reading, enum command_kind kind,
			   const char *text)
{
	struct commands *out = reading->out;
	struct command *command;

	out->items = mem_grow(out->items, out->count + 1, sizeof(*out->items));
	command = &out->items[out->count++];
	*command = (struct command){
		.kind = kind,
		.step = mem_str(reading->step ? reading->step : ""),
		.text = mem_str(text),
		.number = reading->number,
		.status = -1,
		.ms = -1,
	};
	return command;
}

/* "2026-11-26T01:49:34Z exit 0, 12 ms": whatever else it is, it is a remark. */
static bool take_ending(struct reading *reading, const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	char *end;

	if (!rest || strncmp(rest, " exit ", 6) != 0)
		return false;
	reading->time_s = timegm(&tm);
	reading->status = (int)(strtol(rest + 6, &end, 10) & 255);
	reading->ms = strncmp(end, ", ", 2) == 0 ? strtoll(end + 2, NULL, 10)
						 : -1;
	if (reading->ms < -1)
		reading->ms = -1;
	return true;
}

static void take_file(struct reading *reading, const char *text, bool program)
{
	OWN_FREE char *content = NULL;
	struct command *command;

	if (strlen(text) < DIGEST_HEX + 2 || text[DIGEST_HEX] != ' ')
		return;
	content = mem_fmt("sha256:%.64s", text);
	if (!digest_is_valid(content))
		return;
	command = add(reading, COMMAND_FILE, text + DIGEST_HEX + 1);
	command->content = mem_str(digest_hex(content));
	command->program = program;
	reading->out->history = true;
}

/* "image HEX", "container HEX NAME". */
static void take_made(struct reading *reading, const char *text)
{
	const char *id = text + strcspn(text, " ");

	if ((strncmp(text, "image ", 6) == 0 ||
	     strncmp(text, "container ", 10) == 0) &&
	    strspn(id + 1, "0123456789abcdef") == DIGEST_HEX)
		(void)add(reading, COMMAND_MADE, text);
}

static void take_comment(struct reading *reading, const char *text)
{
	text += 1 + (text[1] == ' ');
	if (strncmp(text, "step ", 5) == 0) {
		free(reading->step);
		reading->step = mem_str(text + 5);
		reading->out->steps = true;
	} else if (strncmp(text, "file ", 5) == 0) {
		take_file(reading, text + 5, false);
	} else if (strncmp(text, "program ", 8) == 0) {
		take_file(reading, text + 8, true);
	} else if (strncmp(text, "made ", 5) == 0) {
		take_made(reading, text + 5);
	} else if (strncmp(text, "gone ", 5) == 0) {
		(void)add(reading, COMMAND_GONE, text + 5);
		reading->out->history = true;
	} else {
		(void)take_ending(reading, text);
	}
}

static void take_command(struct reading *reading, const char *text)
{
	struct command *command = add(reading, COMMAND_LINE, text);

	command->status = reading->status;
	command->ms = reading->ms;
	command->time_s = reading->time_s;
	reading->status = -1;
	reading->ms = -1;
	reading->time_s = 0;
}

static int check_bytes(const char *text, size_t len, struct err *err)
{
	int line = 1;

	if (len > COMMANDS_MOST_BYTES)
		return err_set(err, EFBIG,
			       _("commands.dsh has more than %d KiB, the limit"),
			       COMMANDS_MOST_BYTES >> 10);
	for (size_t at = 0; at < len;) {
		size_t n = utf8_len(text + at, len - at);

		line += text[at] == '\n';
		if (n == 0 || text[at] == '\0')
			return err_set(err, EINVAL,
				       _("commands.dsh, line %d: that is no "
					 "UTF-8 text"),
				       line);
		at += n;
	}
	return 0;
}

static int check_bounds(const struct reading *reading, size_t len,
			struct err *err)
{
	if (len > COMMAND_MOST_BYTES)
		return err_set(err, EFBIG,
			       _("commands.dsh, line %d: a command of more "
				 "than %d KiB, the limit"),
			       reading->number, COMMAND_MOST_BYTES >> 10);
	if (reading->out->count > COMMANDS_MOST)
		return err_set(err, EFBIG,
			       _("commands.dsh has more than %d commands, the "
				 "limit"),
			       COMMANDS_MOST);
	return 0;
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

/* Line by line; what is begun goes on with the next one. */
static int parse(struct reading *reading, const char *text, struct err *err)
{
	OWN_BUF struct buf command = { 0 };
	int number = 0;
	int r = 0;

	for (const char *at = text; *at && r == 0;) {
		size_t len = strcspn(at, "\n");
		size_t kept = len > 0 && at[len - 1] == '\r' ? len - 1 : len;

		number++;
		if (command.len > 0)
			buf_char(&command, '\n');
		else
			reading->number = number;
		buf_add(&command, at, kept);
		at += len + (at[len] == '\n');
		r = check_bounds(reading, command.len, err);
		if (r < 0 || (command.data[0] != '#' && *at &&
			      reading->unfinished &&
			      reading->unfinished(buf_text(&command))))
			continue;
		if (command.len > 0 && command.data[0] == '#')
			take_comment(reading, buf_text(&command));
		else if (!is_blank(buf_text(&command)))
			take_command(reading, buf_text(&command));
		buf_clear(&command);
	}
	return r;
}

int commands_parse(const char *text, size_t len,
		   commands_unfinished *unfinished, struct commands *out,
		   struct err *err)
{
	struct commands commands = { 0 };
	struct reading reading = { .unfinished = unfinished,
				   .out = &commands,
				   .status = -1,
				   .ms = -1 };
	OWN_FREE char *whole = mem_strn(text ? text : "", len);
	int r = check_bytes(whole, len, err);
	/* In front of what some editors write. */
	const char *begin = strncmp(whole, "\xEF\xBB\xBF", 3) == 0 ? whole + 3
								 : whole;

	if (r == 0)
		r = parse(&reading, begin, err);
	free(reading.step);
	if (r < 0)
		commands_done(&commands);
	else
		*out = commands;
	return r;
}

uint64_t commands_seed(const char *text)
{
	while (*text == '#') {
		if (strncmp(text, "# seed ", 7) == 0)
			return strtoull(text + 7, NULL, 16);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return 0;
}

bool commands_machine(const char *text, struct strs *out)
{
	static const char key[] = "# machine";
	OWN_FREE char *words = NULL;

	for (; *text == '#'; text += *text == '\n') {
		size_t len = strcspn(text, "\n");

		if (strncmp(text, key, sizeof(key) - 1) == 0 &&
		    (len == sizeof(key) - 1 || text[sizeof(key) - 1] == ' ')) {
			words = mem_strn(text + sizeof(key) - 1,
					 len - (sizeof(key) - 1));
			strs_split(out, words, ' ');
			return true;
		}
		text += len;
	}
	return false;
}

/* ---- writing ---- */

void commands_begin(struct buf *out, const char *lesson, uint64_t seed,
		    const struct strs *can)
{
	buf_fmt(out,
		"# What was typed in a lesson of dockershell, to be handed in.\n"
		"# lesson %s\n# seed %" PRIx64 "\n# machine",
		lesson, seed);
	for (size_t i = 0; i < can->count; i++)
		buf_fmt(out, " %.*s", (int)strcspn(can->items[i], "="),
			can->items[i]);
	buf_str(out, "\n\n");
}

/* Whole seconds: nobody types faster. */
static void add_ending(struct buf *out, const struct command *command)
{
	char utc[CLOCK_UTC];

	if (command->time_s <= 0 || command->status < 0)
		return;
	(void)clock_utc(utc, (int64_t)command->time_s * 1000000000);
	buf_fmt(out, "# %.19sZ exit %d", utc, command->status);
	if (command->ms >= 0)
		buf_fmt(out, ", %lld ms", command->ms);
	buf_char(out, '\n');
}

void commands_add(struct buf *out, const struct command *command,
		  const char *before)
{
	if (!before || strcmp(before, command->step) != 0)
		buf_fmt(out, "%s# step %s\n", before ? "\n" : "",
			command->step);
	if (command->kind == COMMAND_FILE)
		buf_fmt(out, "# %s %s %s\n",
			command->program ? "program" : "file",
			command->content, command->text);
	else if (command->kind == COMMAND_GONE)
		buf_fmt(out, "# gone %s\n", command->text);
	else if (command->kind == COMMAND_MADE)
		buf_fmt(out, "# made %s\n", command->text);
	else {
		add_ending(out, command);
		buf_fmt(out, "%s\n", command->text);
	}
}
