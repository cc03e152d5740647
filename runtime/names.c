/* runtime/names.c - see names.h
 *
 * A name is a quality and the surname of somebody whose work containers stand
 * on: kernels, file systems, networks, languages, and the mathematics below. */
#include "runtime/names.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "runtime/base/err.h"

static const char *const qualities[] = {
	"able",	   "amber",   "bold",	 "brave",  "bright", "brisk",  "calm",
	"candid",  "clear",   "clever",	 "cosmic", "crisp",  "curious", "deft",
	"eager",   "early",   "earnest", "fair",   "fluent", "fond",   "frank",
	"fresh",   "gentle",  "glad",	 "golden", "grand",  "happy",  "hardy",
	"honest",  "humble",  "jolly",	 "keen",   "kind",   "lively", "lucid",
	"merry",   "mild",    "modest",	 "neat",   "nimble", "noble",  "patient",
	"placid",  "plucky",  "polite",	 "proud",  "quick",  "quiet",  "ready",
	"serene",  "sharp",   "silver",	 "sincere", "smart", "steady", "sunny",
	"swift",   "tidy",    "upbeat",	 "vivid",  "warm",   "wise",   "witty",
	"zesty",
};

static const char *const people[] = {
	"allen",    "babbage",	"backus",   "bartik",	"boole",    "borg",
	"brooks",   "cerf",	"church",   "codd",	"conway",   "corbato",
	"dahl",	    "dijkstra", "easley",   "engelbart", "feinler", "floyd",
	"goldberg", "gosper",	"gray",	    "hamilton",	"hamming",  "hoare",
	"hopper",   "huffman",	"iverson",  "kahan",	"kahn",	    "karp",
	"kay",	    "keller",	"kernighan", "kilby",	"kleene",   "knuth",
	"lamport",  "lampson",	"lamarr",   "liskov",	"lovelace", "matsumoto",
	"mccarthy", "mcilroy",	"milner",   "moore",	"nakamura", "naur",
	"neumann",  "nygaard",	"perlman",  "pike",	"postel",   "rabin",
	"ritchie",  "sammet",	"shannon",  "shirley",	"sutherland", "tarjan",
	"thompson", "turing",	"wilkes",   "wirth",
};

enum {
	QUALITIES = sizeof(qualities) / sizeof(qualities[0]),
	PEOPLE = sizeof(people) / sizeof(people[0]),
};

int names_random_id(char *out, struct err *err)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[ID_LEN / 2];

	do {
		if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
			return err_errno(err, "getrandom");
		for (size_t i = 0; i < sizeof(bytes); i++) {
			out[2 * i] = digits[bytes[i] >> 4];
			out[2 * i + 1] = digits[bytes[i] & 15];
		}
		out[ID_LEN] = '\0';
	} while (strspn(out, "0123456789") >= SHORT_ID_LEN);
	return 0;
}

/* Four digits of the id as a number. */
static unsigned throw_die(const char *digits)
{
	char four[5];

	snprintf(four, sizeof(four), "%.4s", digits);
	return (unsigned)strtoul(four, NULL, 16);
}

void names_random_name(const char *id, int again, char *out)
{
	unsigned dice[3];

	/* The id is random already, and each try looks at other digits of it. */
	for (int i = 0; i < 3; i++, id += 4)
		dice[i] = throw_die(id + again % 50);
	snprintf(out, 64, "%s_%s", qualities[dice[0] % QUALITIES],
		 people[dice[1] % PEOPLE]);
	if (again > 0)
		snprintf(out + strlen(out), 4, "%d", dice[2] % 10);
}

bool names_is_valid(const char *name)
{
	size_t len = strlen(name);

	if (len < 2 || !isalnum((unsigned char)name[0]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!isalnum((unsigned char)name[i]) &&
		    !strchr("_.-", name[i]))
			return false;
	return len <= 200;
}
