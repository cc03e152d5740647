/* runtime/base/parse.c - see parse.h */
#include "runtime/base/parse.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "runtime/base/err.h"

/* ---- whole numbers ---- */

int parse_int(const char *text, int64_t min, int64_t max, int64_t *out,
	      struct err *err)
{
	long long value;
	char *end;

	/* strtoll takes white space and '+' too; Docker does not. */
	if (!isdigit((unsigned char)text[text[0] == '-']))
		return err_set(err, EINVAL, "'%s' is not a whole number", text);
	errno = 0;
	value = strtoll(text, &end, 10);
	if (*end)
		return err_set(err, EINVAL, "'%s' is not a whole number", text);
	if (errno == ERANGE || value < min || value > max)
		return err_set(err, ERANGE,
			       "%s is not between %" PRId64 " and %" PRId64,
			       text, min, max);
	*out = value;
	return 0;
}

int parse_range(const char *text, int64_t min, int64_t max, int64_t *out_first,
		int64_t *out_last, struct err *err)
{
	char first_text[24];
	const char *dash = text[0] ? strchr(text + 1, '-') : NULL;
	size_t len = dash ? (size_t)(dash - text) : strlen(text);
	int64_t first;
	int64_t last;
	int r;

	if (len >= sizeof(first_text))
		return err_set(err, EINVAL, "'%s' is not a range", text);
	memcpy(first_text, text, len);
	first_text[len] = '\0';
	r = parse_int(first_text, min, max, &first, err);
	if (r < 0)
		return r;
	last = first;
	if (dash)
		r = parse_int(dash + 1, min, max, &last, err);
	if (r < 0)
		return r;
	if (last < first)
		return err_set(err, EINVAL, "the range %s ends before it begins",
			       text);
	*out_first = first;
	*out_last = last;
	return 0;
}

/* ---- sizes: docker/go-units, parseSize ---- */

static int bad_size(const char *text, struct err *err)
{
	return err_docker(err, ERR_BARE, EINVAL, "invalid size: '%s'", text);
}

/* "-32.5": digits around at most one point, at least one of them. */
static bool is_plain_number(const char *text, size_t len)
{
	size_t digits = 0;
	size_t points = 0;

	for (size_t i = text[0] == '-'; i < len; i++) {
		digits += isdigit((unsigned char)text[i]) ? 1 : 0;
		points += text[i] == '.' ? 1 : 0;
		if (!isdigit((unsigned char)text[i]) && text[i] != '.')
			return false;
	}
	return digits > 0 && points <= 1;
}

/* What a unit multiplies with: "", "b", "k", "kb", "kib"; 0 for none. */
static double unit_value(const char *unit, double step)
{
	static const char letters[] = "kmgtp";
	size_t len = strlen(unit);
	const char *letter;
	double value = 1;

	if (len == 0 || strcasecmp(unit, "b") == 0)
		return 1;
	letter = strchr(letters, tolower((unsigned char)unit[0]));
	if (!letter || (len == 2 && strcasecmp(unit + 1, "b") != 0) ||
	    (len == 3 && strcasecmp(unit + 1, "ib") != 0) || len > 3)
		return 0;
	for (const char *l = letters; l <= letter; l++)
		value *= step;
	return value;
}

static int parse_size(const char *text, double step, int64_t *out,
		      struct err *err)
{
	size_t number_len = 0;
	const char *unit;
	double value;

	/* The number ends at the last digit, point or blank; the blank may
	 * stand between it and the unit. */
	for (size_t i = 0; text[i]; i++)
		if (isdigit((unsigned char)text[i]) || strchr(". ", text[i]))
			number_len = i + 1;
	unit = text + number_len;
	if (number_len && text[number_len - 1] == ' ')
		number_len--;
	if (!is_plain_number(text, number_len))
		return bad_size(text, err);
	value = strtod(text, NULL);
	if (value < 0 || unit_value(unit, step) <= 0)
		return bad_size(text, err);
	value *= unit_value(unit, step);
	if (value >= 9223372036854775808.0)
		return bad_size(text, err);
	*out = (int64_t)value;
	return 0;
}

int parse_bytes(const char *text, int64_t *out, struct err *err)
{
	return parse_size(text, 1024, out, err);
}

int parse_bytes_decimal(const char *text, int64_t *out, struct err *err)
{
	return parse_size(text, 1000, out, err);
}

int parse_nano(const char *text, int64_t *out, struct err *err)
{
	const char *number = text + (*text == '-');
	const char *point = strchr(number, '.');
	size_t whole = point ? (size_t)(point - number) : strlen(number);
	int64_t value = 0;

	if (!is_plain_number(number, strlen(number)) || *number == '-')
		return err_docker(err, ERR_BARE, EINVAL,
				  "failed to parse %s as a rational number",
				  text);
	if (point && strlen(point + 1) > 9)
		return err_docker(err, ERR_BARE, EINVAL,
				  "value is too precise");
	if (whole > 9)
		return err_set(err, ERANGE, "%s is too much", text);
	for (size_t i = 0; i < whole; i++)
		value = value * 10 + (number[i] - '0');
	for (size_t i = 0; i < 9; i++) {
		value *= 10;
		if (point && *++point)
			value += *point - '0';
		else
			point = NULL;
	}
	*out = number == text ? value : -value;
	return 0;
}

/* ---- times ---- */

static const struct {
	const char *name;
	int64_t ns;
} units_of_time[] = {
	/* Longer names first: "ms" is not minutes and a rest. */
	{ "ns", 1 },
	{ "us", 1000 },
	{ "\302\265s", 1000 }, /* micro sign */
	{ "\316\274s", 1000 }, /* Greek mu */
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", 60 * 1000000000LL },
	{ "h", 3600 * 1000000000LL },
};

static int64_t take_unit(const char **p)
{
	for (size_t i = 0; i < sizeof(units_of_time) / sizeof(units_of_time[0]);
	     i++) {
		size_t len = strlen(units_of_time[i].name);

		if (strncmp(*p, units_of_time[i].name, len) == 0) {
			*p += len;
			return units_of_time[i].ns;
		}
	}
	return 0;
}

int parse_duration(const char *text, int64_t *out_ns, struct err *err)
{
	const char *p = text;
	bool negative = *p == '-';
	double total = 0;

	if (*p == '-' || *p == '+')
		p++;
	if (strcmp(p, "0") == 0) {
		*out_ns = 0;
		return 0;
	}
	if (!*p)
		return err_docker(err, ERR_BARE, EINVAL,
				  "time: invalid duration \"%s\"", text);
	while (*p) {
		size_t len = strspn(p, "0123456789.");
		double value;
		int64_t unit;

		if (!len || !is_plain_number(p, len))
			return err_docker(err, ERR_BARE, EINVAL,
					  "time: invalid duration \"%s\"",
					  text);
		value = strtod(p, NULL);
		p += len;
		if (!*p)
			return err_docker(err, ERR_BARE, EINVAL,
					  "time: missing unit in duration \"%s\"",
					  text);
		unit = take_unit(&p);
		if (!unit)
			return err_docker(err, ERR_BARE, EINVAL,
					  "time: unknown unit \"%.*s\" in duration \"%s\"",
					  (int)strcspn(p, "0123456789."), p,
					  text);
		total += value * (double)unit;
	}
	if (total >= 9223372036854775807.0)
		return err_docker(err, ERR_BARE, ERANGE,
				  "time: invalid duration \"%s\"", text);
	*out_ns = llround(negative ? -total : total);
	return 0;
}

/* Two digits as a number, -1 where there are none. */
static int two_digits(const char *p)
{
	if (!isdigit((unsigned char)p[0]) || !isdigit((unsigned char)p[1]))
		return -1;
	return (p[0] - '0') * 10 + (p[1] - '0');
}

/* "Z", "+09:00" */
static bool take_zone(const char *p, int *out_seconds)
{
	int hours;
	int minutes;

	if (strcmp(p, "Z") == 0) {
		*out_seconds = 0;
		return true;
	}
	if ((*p != '+' && *p != '-') || strlen(p) != 6 || p[3] != ':')
		return false;
	hours = two_digits(p + 1);
	minutes = two_digits(p + 4);
	if (hours < 0 || minutes < 0)
		return false;
	*out_seconds = (hours * 3600 + minutes * 60) * (*p == '-' ? -1 : 1);
	return true;
}

/* timegm(3) without its look into /etc/localtime: seven system calls that UTC
 * does not need. Days since 1970 by the years that begin in March. */
static int64_t seconds_of(const struct tm *tm)
{
	int64_t month = (tm->tm_mon + 10) % 12;
	int64_t year = tm->tm_year + 1900 - (tm->tm_mon < 2);
	int64_t days = 365 * year + year / 4 - year / 100 + year / 400 +
		       (month * 306 + 5) / 10 + tm->tm_mday - 1 - 719468;

	return ((days * 24 + tm->tm_hour) * 60 + tm->tm_min) * 60 +
	       tm->tm_sec;
}

int parse_time(const char *text, int64_t *out_ns, struct err *err)
{
	struct tm tm = { 0 };
	const char *p = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t ns = 0;
	int64_t seconds;
	int zone = 0;

	if (p && *p == '.') {
		int64_t digit_ns = 100000000;

		for (p++; isdigit((unsigned char)*p); p++, digit_ns /= 10)
			ns += (*p - '0') * digit_ns;
	}
	if (!p || !take_zone(p, &zone))
		return err_set(err, EINVAL, "'%s' is not a date of RFC 3339",
			       text);
	seconds = seconds_of(&tm) - zone;
	/* What does not fit (the year 1, Go's zero time) is as good as 1970. */
	if (seconds > INT64_MAX / 1000000000 - 1 ||
	    seconds < INT64_MIN / 1000000000 + 1)
		seconds = ns = 0;
	*out_ns = seconds * 1000000000 + ns;
	return 0;
}

/* ---- words ---- */

int parse_signal(const char *text, int *out, struct err *err)
{
	const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
	struct err ignored = { 0 };
	int64_t number;

	if (parse_int(text, 1, SIGRTMAX, &number, &ignored) == 0) {
		*out = (int)number;
		return 0;
	}
	for (int i = 1; i < SIGRTMIN; i++) {
		const char *known = sigabbrev_np(i);

		if (known && strcasecmp(name, known) == 0) {
			*out = i;
			return 0;
		}
	}
	if (strncasecmp(name, "RTMIN", 5) == 0 &&
	    (!name[5] || (name[5] == '+' && parse_int(name + 6, 0, 15, &number,
						      &ignored) == 0))) {
		*out = SIGRTMIN + (name[5] ? (int)number : 0);
		return 0;
	}
	if (strncasecmp(name, "RTMAX", 5) == 0 &&
	    (!name[5] || (name[5] == '-' && parse_int(name + 6, 0, 14, &number,
						      &ignored) == 0))) {
		*out = SIGRTMAX - (name[5] ? (int)number : 0);
		return 0;
	}
	return err_docker(err, ERR_DAEMON, EINVAL, "Invalid signal: %s", text);
}

int parse_bool(const char *text, bool *out, struct err *err)
{
	static const char *const words[] = { "1", "t", "T", "TRUE",  "true",
					     "True", "0", "f", "F", "FALSE",
					     "false", "False" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i]) == 0) {
			*out = i < 6;
			return 0;
		}
	}
	return err_docker(err, ERR_BARE, EINVAL,
			  "strconv.ParseBool: parsing \"%s\": invalid syntax",
			  text);
}

/* ---- and back ---- */

static char *scaled(char out[HUMAN_SIZE], double value, double step,
		    const char *const *units, int digits)
{
	size_t i = 0;

	while (value >= step && units[i + 1]) {
		value /= step;
		i++;
	}
	snprintf(out, HUMAN_SIZE, "%.*g%s", digits, value, units[i]);
	return out;
}

char *human_size(char out[HUMAN_SIZE], double bytes, int digits)
{
	static const char *const units[] = { "B",  "kB", "MB", "GB", "TB",
					     "PB", "EB", "ZB", "YB", NULL };

	return scaled(out, bytes, 1000, units, digits);
}

char *human_bytes(char out[HUMAN_SIZE], double bytes)
{
	static const char *const units[] = { "B",   "KiB", "MiB", "GiB", "TiB",
					     "PiB", "EiB", "ZiB", "YiB", NULL };

	return scaled(out, bytes, 1024, units, 4);
}

char *human_duration(char out[HUMAN_SIZE], int64_t ns)
{
	long seconds = (long)(ns / 1000000000);
	long minutes = seconds / 60;
	long hours = lround((double)ns / 3.6e12);

	if (seconds < 1)
		snprintf(out, HUMAN_SIZE, "Less than a second");
	else if (seconds == 1)
		snprintf(out, HUMAN_SIZE, "1 second");
	else if (seconds < 60)
		snprintf(out, HUMAN_SIZE, "%ld seconds", seconds);
	else if (minutes == 1)
		snprintf(out, HUMAN_SIZE, "About a minute");
	else if (minutes < 60)
		snprintf(out, HUMAN_SIZE, "%ld minutes", minutes);
	else if (hours == 1)
		snprintf(out, HUMAN_SIZE, "About an hour");
	else if (hours < 48)
		snprintf(out, HUMAN_SIZE, "%ld hours", hours);
	else if (hours < 24L * 7 * 2)
		snprintf(out, HUMAN_SIZE, "%ld days", hours / 24);
	else if (hours < 24L * 30 * 2)
		snprintf(out, HUMAN_SIZE, "%ld weeks", hours / 24 / 7);
	else if (hours < 24L * 365 * 2)
		snprintf(out, HUMAN_SIZE, "%ld months", hours / 24 / 30);
	else
		snprintf(out, HUMAN_SIZE, "%ld years", seconds / 3600 / 24 / 365);
	return out;
}

char *human_time(char out[HUMAN_TIME], int64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	long rest = (long)(ns % 1000000000);
	struct tm tm;
	char *end;

	if (rest < 0) {
		rest += 1000000000;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	end = out + strftime(out, HUMAN_TIME - 12, "%Y-%m-%dT%H:%M:%S", &tm);
	if (rest) {
		end += sprintf(end, ".%09ld", rest);
		while (end[-1] == '0')
			end--;
	}
	memcpy(end, "Z", 2);
	return out;
}
