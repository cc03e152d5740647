/* runtime/dns_message.h - one question of the name service, and its answer.
 *
 * Owns the form of the messages: bytes to a question, addresses and names to
 * bytes. Knows no socket and no container. What comes in is written by programs
 * in a container: any bytes at all. Sources: RFC 1035 (sections 3 and 4), RFC 3596
 * (AAAA), RFC 6891 (EDNS). */
#ifndef RUNTIME_DNS_MESSAGE_H
#define RUNTIME_DNS_MESSAGE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_HEADER = 12,
	DNS_MAX_NAME = 255,   /* bytes, as they travel */
	DNS_SMALL = 512,      /* what any client takes over UDP */
	DNS_LARGEST = 65535,  /* what TCP's length can say */
};

enum dns_type { DNS_A = 1, DNS_PTR = 12, DNS_MX = 15, DNS_AAAA = 28, DNS_OPT = 41 };
enum { DNS_CLASS_IN = 1 };

enum dns_code {
	DNS_OK = 0,
	DNS_GARBLED = 1,
	DNS_SERVER_FAILED = 2,
	DNS_NO_SUCH_NAME = 3,
	DNS_NOT_DONE = 4,
};

/* id, flags   of the header, in the machine's byte order
 * type, class of the one question
 * name        in lower case, dots between the labels and none at the end; "" for
 *             the root, and for a name whose labels hold dots or zeros: nobody of
 *             ours is called so
 * len         how many bytes header and question take
 * room        how large an answer over UDP may be */
struct dns_question {
	uint16_t id;
	uint16_t flags;
	uint16_t type;
	uint16_t class;
	char name[DNS_MAX_NAME + 1];
	size_t len;
	size_t room;
};

/* Returns 0; -EINVAL where there is not even a header, or it is no question: not to
 * be answered; -EBADMSG, with out->id and flags set, where the rest makes no sense:
 * to be answered with DNS_GARBLED. */
int dns_read_question(const uint8_t *bytes, size_t len,
		      struct dns_question *out);

/* An address, of the family that the question's type asks for. */
union dns_address {
	struct in_addr v4;
	struct in6_addr v6;
};

/* Writes the answer to a question: its header and question (from `bytes`, as
 * they came in) and a record for each address, as many as there is room for; less
 * than all sets "truncated". For anything but DNS_OK, count is 0. Returns its
 * length, at most size; size is at least DNS_SMALL. */
size_t dns_write_addresses(const struct dns_question *question,
			   const uint8_t *bytes,
			   const union dns_address *addresses, size_t count,
			   uint8_t *out, size_t size);
size_t dns_write_name(const struct dns_question *question, const uint8_t *bytes,
		      const char *name, uint8_t *out, size_t size);
size_t dns_write_code(const struct dns_question *question, const uint8_t *bytes,
		      enum dns_code code, uint8_t *out, size_t size);

/* "2.0.18.172.in-addr.arpa" or the ip6.arpa form: the address that is asked after,
 * *out_family AF_INET or AF_INET6. False where it is neither. */
bool dns_read_reverse(const char *name, int *out_family,
		      union dns_address *out);

/* Whether a message is an answer to a question that went out with this id, and
 * repeats it: what somebody else sent is not passed on. */
bool dns_is_answer(const uint8_t *bytes, size_t len, uint16_t id,
		   const uint8_t *question, size_t question_len);

/* The code of an answer (dns_is_answer), and whether it says that it speaks for
 * its domain. */
enum dns_code dns_answer_code(const uint8_t *bytes, bool *out_authority);

/* Reads and writes the id of a message. */
uint16_t dns_id(const uint8_t *bytes);
void dns_set_id(uint8_t *bytes, uint16_t id);

#endif
