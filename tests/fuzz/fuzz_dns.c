/* tests/fuzz/fuzz_dns.c - any bytes as a question to the name server: no crash, and
 * an answer that stays within its bounds and is the answer to what was asked. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/dns_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct dns_question *q, const uint8_t *data,
		  const uint8_t *out, size_t len, size_t size)
{
	if (len < DNS_HEADER || len > size)
		abort();
	if (q->len > DNS_HEADER &&
	    !dns_is_answer(out, len, q->id, data, q->len))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[DNS_LARGEST];
	union dns_address many[40];
	struct dns_question q;
	int family;
	int r = dns_read_question(data, size, &q);

	if (r == -22)
		return 0;
	if (q.len > size || q.room < DNS_SMALL || q.room > sizeof(out) ||
	    strlen(q.name) > DNS_MAX_NAME)
		abort();
	memset(many, 7, sizeof(many));
	check(&q, data, out,
	      dns_write_code(&q, data, DNS_NO_SUCH_NAME, out, q.room), q.room);
	if (r < 0)
		return 0;
	check(&q, data, out,
	      dns_write_addresses(&q, data, many, 40, out, q.room), q.room);
	check(&q, data, out, dns_write_name(&q, data, q.name, out, q.room),
	      q.room);
	(void)dns_read_reverse(q.name, &family, many);
	return 0;
}
