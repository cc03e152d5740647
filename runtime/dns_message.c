/* runtime/dns_message.c - see dns_message.h
 *
 *   0      2      4      6      8      10     12
 *   +------+------+------+------+------+------+----------------+-----+------+
 *   |  id  |flags |  qd  |  an  |  ns  |  ar  | 3web5mynet0    | type| class|
 *   +------+------+------+------+------+------+----------------+-----+------+
 *                  how many records of each     the question
 *
 * A name is a row of labels, each behind its length, the empty one last. In
 * records a name may end in a pointer to an earlier place; in a question, which is
 * the first of all, there is nothing to point at. An answer repeats the question
 * and points at its name: 0xc00c. */
#include "runtime/dns_message.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	FLAG_ANSWER = 0x8000,
	FLAG_AUTHORITY = 0x0400,
	FLAG_TRUNCATED = 0x0200,
	FLAG_RECURSION = 0x0100,
	FLAG_RECURSES = 0x0080,
	MASK_KIND = 0x7800,
	MASK_CODE = 0x000f,
	POINTER = 0xc0,
	MAX_LABEL = 63,
	RECORD = 10,     /* type, class, time to live, length */
	MAX_RECORDS = 32, /* looked at, of those that may follow a question */
	TTL_S = 600,     /* Docker's */
};

static uint16_t read_16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint8_t *put_16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

uint16_t dns_id(const uint8_t *bytes)
{
	return read_16(bytes);
}

void dns_set_id(uint8_t *bytes, uint16_t id)
{
	(void)put_16(bytes, id);
}

/* ---- questions ---- */

/* The question's name as text; the place behind it, or 0 where it is garbled. */
static size_t read_name(const uint8_t *bytes, size_t len, size_t at, char *out)
{
	size_t begin = at;
	size_t n = 0;
	bool ours = true;

	while (at < len && bytes[at] != 0) {
		size_t label = bytes[at++];

		if (label > MAX_LABEL || len - at < label ||
		    at + label - begin >= DNS_MAX_NAME)
			return 0;
		if (n > 0)
			out[n++] = '.';
		for (size_t i = 0; i < label; i++, at++) {
			if (bytes[at] == 0 || bytes[at] == '.')
				ours = false;
			out[n++] = (char)tolower(bytes[at]);
		}
	}
	out[ours ? n : 0] = '\0';
	return at < len ? at + 1 : 0;
}

/* Behind a record's name, which may end in a pointer. 0 where it is garbled. */
static size_t skip_name(const uint8_t *bytes, size_t len, size_t at)
{
	while (at < len && bytes[at] != 0) {
		if ((bytes[at] & POINTER) == POINTER)
			return at + 2;
		if (bytes[at] > MAX_LABEL)
			return 0;
		at += (size_t)bytes[at] + 1;
	}
	return at < len ? at + 1 : 0;
}

/* What the client says of itself in an OPT record: how much it takes. */
static size_t read_room(const uint8_t *bytes, size_t len, size_t at)
{
	size_t count = (size_t)read_16(bytes + 6) + read_16(bytes + 8) +
		       read_16(bytes + 10);
	size_t room = DNS_SMALL;

	for (size_t i = 0; i < count && i < MAX_RECORDS; i++) {
		at = skip_name(bytes, len, at);
		if (at == 0 || len < RECORD || at > len - RECORD)
			break;
		if (read_16(bytes + at) == DNS_OPT &&
		    read_16(bytes + at + 2) > DNS_SMALL)
			room = read_16(bytes + at + 2);
		at += (size_t)RECORD + read_16(bytes + at + 8);
		if (at > len)
			break;
	}
	return room;
}

int dns_read_question(const uint8_t *bytes, size_t len,
		      struct dns_question *out)
{
	size_t at;

	*out = (struct dns_question){ .room = DNS_SMALL, .len = DNS_HEADER };
	if (len < DNS_HEADER || read_16(bytes + 2) & FLAG_ANSWER)
		return -EINVAL;
	out->id = read_16(bytes);
	out->flags = read_16(bytes + 2);
	if (read_16(bytes + 4) != 1)
		return -EBADMSG;
	at = read_name(bytes, len, DNS_HEADER, out->name);
	if (at == 0 || len - at < 4) {
		out->name[0] = '\0';
		return -EBADMSG;
	}
	out->type = read_16(bytes + at);
	out->class = read_16(bytes + at + 2);
	out->len = at + 4;
	out->room = read_room(bytes, len, out->len);
	/* Another kind (inverse, status, update) is not for us to answer. */
	if (out->flags & MASK_KIND)
		out->type = out->class = 0;
	return 0;
}

/* ---- answers ---- */

static void put_header(const struct dns_question *question, unsigned flags,
		       size_t count, uint8_t *out)
{
	bool whole = question->len > DNS_HEADER;
	uint8_t *at = put_16(out, question->id);

	at = put_16(at, FLAG_ANSWER | FLAG_RECURSES |
				(question->flags &
				 (MASK_KIND | FLAG_RECURSION)) |
				flags);
	at = put_16(at, whole);
	at = put_16(at, (unsigned)count);
	at = put_16(at, 0);
	(void)put_16(at, 0);
}

static size_t put_question(const struct dns_question *question,
			   const uint8_t *bytes, uint8_t *out)
{
	memcpy(out + DNS_HEADER, bytes + DNS_HEADER,
	       question->len - DNS_HEADER);
	return question->len;
}

static size_t put_record(const struct dns_question *question,
			 const void *data, size_t data_len, uint8_t *out)
{
	uint8_t *at = put_16(out, POINTER << 8 | DNS_HEADER);

	at = put_16(at, question->type);
	at = put_16(at, DNS_CLASS_IN);
	at = put_16(at, 0);
	at = put_16(at, TTL_S);
	at = put_16(at, (unsigned)data_len);
	memcpy(at, data, data_len);
	return 2 + (size_t)RECORD + data_len;
}

size_t dns_write_addresses(const struct dns_question *question,
			   const uint8_t *bytes,
			   const union dns_address *addresses, size_t count,
			   uint8_t *out, size_t size)
{
	size_t each = question->type == DNS_A ? sizeof(struct in_addr) :
						sizeof(struct in6_addr);
	size_t at = put_question(question, bytes, out);
	size_t fit = (size - at) / (2 + (size_t)RECORD + each);

	if (fit > count)
		fit = count;
	put_header(question, fit < count ? FLAG_TRUNCATED : 0, fit, out);
	for (size_t i = 0; i < fit; i++)
		at += put_record(question, &addresses[i], each, out + at);
	return at;
}

/* "web.mynet" as labels. Returns its length, 0 where it cannot be written so. */
static size_t write_labels(const char *name, uint8_t *out)
{
	size_t n = 0;

	while (*name) {
		size_t len = strcspn(name, ".");

		if (len == 0 || len > MAX_LABEL || n + len + 2 > DNS_MAX_NAME)
			return 0;
		out[n++] = (uint8_t)len;
		memcpy(out + n, name, len);
		n += len;
		name += len + (name[len] == '.');
	}
	out[n++] = 0;
	return n;
}

size_t dns_write_name(const struct dns_question *question, const uint8_t *bytes,
		      const char *name, uint8_t *out, size_t size)
{
	uint8_t labels[DNS_MAX_NAME + 1];
	size_t len = write_labels(name, labels);
	size_t at = put_question(question, bytes, out);
	bool fits = len && size - at >= 2 + (size_t)RECORD + len;

	put_header(question, fits ? 0 : DNS_SERVER_FAILED, fits, out);
	if (fits)
		at += put_record(question, labels, len, out + at);
	return at;
}

size_t dns_write_code(const struct dns_question *question, const uint8_t *bytes,
		      enum dns_code code, uint8_t *out, size_t size)
{
	(void)size;
	put_header(question, code, 0, out);
	return put_question(question, bytes, out);
}

/* ---- addresses as names ---- */

static bool read_reverse_4(const char *name, union dns_address *out)
{
	const char *tail = strstr(name, ".in-addr.arpa");
	struct in_addr turned;
	char text[INET_ADDRSTRLEN];
	uint8_t bytes[4];

	if (!tail || strcmp(tail, ".in-addr.arpa") != 0 ||
	    (size_t)(tail - name) >= sizeof(text))
		return false;
	memcpy(text, name, (size_t)(tail - name));
	text[tail - name] = '\0';
	if (inet_pton(AF_INET, text, &turned) != 1)
		return false;
	memcpy(bytes, &turned, sizeof(bytes));
	memcpy(&out->v4, (uint8_t[]){ bytes[3], bytes[2], bytes[1], bytes[0] },
	       sizeof(bytes));
	return true;
}

/* 32 digits, the last one first, each behind a dot. */
static bool read_reverse_6(const char *name, union dns_address *out)
{
	if (strlen(name) != 64 + strlen("ip6.arpa") ||
	    strcmp(name + 64, "ip6.arpa") != 0)
		return false;
	for (size_t i = 0; i < 16; i++) {
		const char *at = name + 4 * i; /* "low.high." */
		char digits[3] = { at[2], at[0], '\0' };

		if (!isxdigit((unsigned char)at[0]) || at[1] != '.' ||
		    !isxdigit((unsigned char)at[2]) || at[3] != '.')
			return false;
		out->v6.s6_addr[15 - i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return true;
}

bool dns_read_reverse(const char *name, int *out_family,
		      union dns_address *out)
{
	if (read_reverse_4(name, out)) {
		*out_family = AF_INET;
		return true;
	}
	*out_family = AF_INET6;
	return read_reverse_6(name, out);
}

/* ---- answers of others ---- */

bool dns_is_answer(const uint8_t *bytes, size_t len, uint16_t id,
		   const uint8_t *question, size_t question_len)
{
	if (len < DNS_HEADER || dns_id(bytes) != id ||
	    !(read_16(bytes + 2) & FLAG_ANSWER))
		return false;
	/* A server that failed may leave the question out. */
	if (read_16(bytes + 4) == 0)
		return (read_16(bytes + 2) & MASK_CODE) != DNS_OK;
	if (len < question_len)
		return false;
	/* Case apart: some servers fold it. A label's length is below any letter. */
	for (size_t i = DNS_HEADER; i < question_len; i++)
		if (tolower(bytes[i]) != tolower(question[i]))
			return false;
	return true;
}

enum dns_code dns_answer_code(const uint8_t *bytes, bool *out_authority)
{
	*out_authority = read_16(bytes + 2) & FLAG_AUTHORITY;
	return (enum dns_code)(read_16(bytes + 2) & MASK_CODE);
}
