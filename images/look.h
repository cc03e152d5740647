/* images/look.h - one path, or one program, as a container would find it.
 *
 * Owns the looking alone: what lies there, what is missing on the way, what the
 * kernel would read first if it were to run it. Why that is so and what to do is for
 * whoever asked. Nothing is run, and nothing outside of the root is seen. */
#ifndef IMAGES_LOOK_H
#define IMAGES_LOOK_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/list.h"

struct err;
struct home;
struct image;

/* Where to look: a container by its id, or (id NULL) an image's files; user: for whom
 * ("app", "1000:1000"), NULL or "" for root. */
struct look_place {
	const struct home *home;
	const char *container;
	const struct strs *links; /* of the image, highest first */
	const char *user;
};

enum { LOOK_FOLDERS = 12, LOOK_TEXT = 256 };

/* code     0, or the errno of finding it (ENOENT, ENOTDIR, ELOOP)
 * path     where it leads with all links followed
 * link     what the link at its end says; "" for what is none
 * missing  code ENOENT: the first part of `path` that is not there
 * near     a name beside it that differs little, "" for none
 * noexec   its file system is mounted so that nothing runs from it
 * interp   what the first line or the ELF header names as the program's own starter,
 *          "" for none; interp_code: 0, or the errno of finding that
 * crlf     the first line ends as Windows ends lines
 * script   it begins with #!; elf: it is an ELF file; machine, bits: for which
 * head     its first line, as it can be shown ("\xef" for what is no plain character)
 * asked_for_user  place.user was found: user, his number; may: bits of what he may do
 *          (4 read, 2 write, 1 execute), closed: a folder on the way that he may not
 *          enter, "" for none */
struct look_file {
	int code;
	char path[PATH_MAX];
	char link[PATH_MAX];
	char missing[PATH_MAX];
	char near[LOOK_TEXT];
	mode_t mode;
	uid_t uid;
	gid_t gid;
	int64_t size;
	bool noexec;
	bool script;
	bool crlf;
	bool elf;
	int machine;
	int bits;
	char interp[LOOK_TEXT];
	int interp_code;
	char head[64];
	bool asked_for_user;
	uid_t user;
	unsigned may;
	char closed[PATH_MAX];
};

int look_at(const struct look_place *place, const char *path,
	    struct look_file *out, struct err *err);

/* A program, as execvp(3) finds it.
 *
 * folders  those of PATH, in order; seen: whether something of that name lies in
 *          it; file: what was found at last, or the file its name says
 * instead  another program that is there and does the same (sh for bash), or "" */
struct look_program {
	int count;
	char folders[LOOK_FOLDERS][LOOK_TEXT];
	bool there[LOOK_FOLDERS]; /* the folder itself */
	bool seen[LOOK_FOLDERS];
	char instead[LOOK_TEXT];
	struct look_file file;
};

int look_for_program(const struct look_place *place, const char *name,
		     const char *path_list, struct look_program *out,
		     struct err *err);

/* Whether its ELF machine is this one's; the name of one ("aarch64"). */
bool look_is_native(const struct look_file *file);
const char *look_machine_name(int machine);

#endif
