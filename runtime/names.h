/* runtime/names.h - ids and names for containers that were given none. */
#ifndef RUNTIME_NAMES_H
#define RUNTIME_NAMES_H

#include <stdbool.h>

struct err;

enum { ID_LEN = 64, SHORT_ID_LEN = 12 };

/* 256 random bits as 64 hex digits. out: ID_LEN + 1 bytes. Never all decimal
 * digits in its first twelve: such an id would look like a number. */
int names_random_id(char *out, struct err *err);

/* "keen_lovelace", chosen by a random id. `again` > 0 adds a digit, for when names run out. out: 64
 * bytes. */
void names_random_name(const char *id, int again, char *out);

/* Docker's rule: [a-zA-Z0-9][a-zA-Z0-9_.-]+ */
bool names_is_valid(const char *name);

#endif
