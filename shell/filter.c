/* shell/filter.c - see filter.h */
#include "shell/filter.h"

#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"

void filters_done(struct filters *filters)
{
	strs_done(&filters->items);
}

/* ---- reading ---- */

static bool is_blank(char c)
{
	return isspace((unsigned char)c);
}

static char *trimmed(const char *text, size_t len)
{
	for (; len && is_blank(*text); len--)
		text++;
	while (len && is_blank(text[len - 1]))
		len--;
	return mem_strn(text, len);
}

static char *lower_case(char *text)
{
	for (char *c = text; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c | 0x20);
	return text;
}

static bool is_known(const char *const *keys, const char *key)
{
	for (; keys && *keys; keys++)
		if (strcmp(*keys, key) == 0)
			return true;
	return !keys;
}

int filters_read(struct filters *filters, const struct strs *given,
		 const char *const *keys, struct err *err)
{
	for (size_t i = 0; i < given->count; i++) {
		const char *text = given->items[i];
		size_t len = strcspn(text, "=");
		OWN_FREE char *key = lower_case(trimmed(text, len));
		OWN_FREE char *value = NULL;

		if (!*text)
			continue;
		if (!is_known(keys, key)) {
			err_docker(err, ERR_DAEMON, EINVAL,
				   "Invalid filter '%s'", key);
			return err_status(err, 1);
		}
		if (text[len])
			text += len + 1;
		value = trimmed(text, strlen(text));
		strs_addf(&filters->items, "%s=%s", key, value);
	}
	return 0;
}

/* ---- asking ---- */

bool filters_has(const struct filters *filters, const char *key)
{
	return filters_value(filters, key, 0) != NULL;
}

const char *filters_value(const struct filters *filters, const char *key,
			  size_t index)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < filters->items.count; i++) {
		const char *item = filters->items.items[i];

		if (strncmp(item, key, len) != 0 || item[len] != '=')
			continue;
		if (index-- == 0)
			return item + len + 1;
	}
	return NULL;
}

static bool is_same(const char *value, const char *text)
{
	return strcmp(value, text) == 0;
}

static bool is_prefix(const char *value, const char *text)
{
	return strncmp(text, value, strlen(value)) == 0;
}

static bool is_match(const char *value, const char *text)
{
	regex_t regex;
	bool found;

	if (strcmp(value, text) == 0)
		return true;
	if (regcomp(&regex, value, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	found = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

/* Whether one value of the key fits, or there is none. */
static bool any_fits(const struct filters *filters, const char *key,
		     const char *text,
		     bool (*fits)(const char *value, const char *text))
{
	const char *value = filters_value(filters, key, 0);

	if (!value)
		return true;
	for (size_t i = 0; value; value = filters_value(filters, key, ++i))
		if (fits(value, text ? text : ""))
			return true;
	return false;
}

bool filters_exact(const struct filters *filters, const char *key,
		   const char *text)
{
	return any_fits(filters, key, text, is_same);
}

bool filters_prefix(const struct filters *filters, const char *key,
		    const char *text)
{
	return any_fits(filters, key, text, is_prefix);
}

bool filters_match(const struct filters *filters, const char *key,
		   const char *text)
{
	return any_fits(filters, key, text, is_match);
}

/* "name" or "name=value" among "name=value"s. */
static bool has_label(const struct strs *labels, const char *wanted)
{
	size_t len = strcspn(wanted, "=");

	for (size_t i = 0; i < labels->count; i++) {
		const char *label = labels->items[i];
		size_t own = strcspn(label, "=");

		if (own == len && strncmp(label, wanted, len) == 0)
			return !wanted[len] ||
			       strcmp(label[own] ? label + own : "=",
				      wanted + len) == 0;
	}
	return false;
}

bool filters_labels(const struct filters *filters, const struct strs *labels)
{
	const char *value;

	for (size_t i = 0; (value = filters_value(filters, "label", i)); i++)
		if (!has_label(labels, value))
			return false;
	for (size_t i = 0; (value = filters_value(filters, "label!", i)); i++)
		if (has_label(labels, value))
			return false;
	return true;
}

int filters_bool(const struct filters *filters, const char *key, bool *out,
		 struct err *err)
{
	const char *value = filters_value(filters, key, 0);

	if (!value)
		return 0;
	if (strcmp(value, "true") == 0 || strcmp(value, "1") == 0) {
		*out = true;
		return 0;
	}
	if (strcmp(value, "false") == 0 || strcmp(value, "0") == 0) {
		*out = false;
		return 0;
	}
	err_docker(err, ERR_DAEMON, EINVAL, "Invalid filter '%s=[%s]'", key,
		   value);
	return err_status(err, 1);
}

/* ---- times ---- */

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* "1700000000", "1700000000.5": seconds since 1970. */
static bool take_seconds(const char *text, int64_t *out_ns)
{
	size_t len = strspn(text, "0123456789");
	const char *rest = text + len;
	int64_t digit_ns = 100000000;
	int64_t ns;

	if (len == 0 || len > 10)
		return false;
	ns = strtoll(text, NULL, 10) * 1000000000;
	if (*rest == '.' && rest[1]) {
		for (rest++; isdigit((unsigned char)*rest); rest++) {
			ns += (*rest - '0') * digit_ns;
			digit_ns /= 10;
		}
	}
	if (*rest)
		return false;
	*out_ns = ns;
	return true;
}

/* A date as far as it was typed: "2026-11-23", "2026-11-23T18", "...T18:44",
 * "...T18:44:36", "...:36.5", and a zone ("Z", "+09:00") or local time. */
static bool take_date(const char *text, int64_t *out_ns)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%S",
					     "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H",
					     "%Y-%m-%d" };
	struct err ignored = { 0 };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, forms[i], &tm);
		size_t decimals = 0;
		char whole[64];
		char date[32];

		if (!end)
			continue;
		if (i == 0 && *end == '.')
			decimals = 1 + strspn(end + 1, "0123456789");
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
		snprintf(whole, sizeof(whole), "%s%.*s%.6s", date,
			 decimals > 10 ? 10 : (int)decimals, end,
			 end[decimals] ? end + decimals : "Z");
		if (strlen(end + decimals) > 6 ||
		    parse_time(whole, out_ns, &ignored) < 0)
			return false;
		if (!end[decimals]) /* no zone: it was local time */
			*out_ns = (int64_t)mktime(&tm) * 1000000000 +
				  *out_ns % 1000000000;
		return true;
	}
	return false;
}

int filter_time(const char *text, int64_t *out_ns, struct err *err)
{
	struct err ignored = { 0 };
	int64_t ago;

	if (strcmp(text, "0") != 0 &&
	    parse_duration(text, &ago, &ignored) == 0) {
		*out_ns = now_ns() - ago;
		return 0;
	}
	if (take_seconds(text, out_ns) || take_date(text, out_ns))
		return 0;
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "failed to parse value as time or duration: \"%s\"",
			  text);
}

int filters_time(const struct filters *filters, const char *key,
		 int64_t *out_ns, struct err *err)
{
	const char *value = filters_value(filters, key, 0);

	return value ? filter_time(value, out_ns, err) : 0;
}
