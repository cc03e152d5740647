/* images/extract_meta.h - owner, mode and times of what was just made.
 *
 * All by the descriptor of it, never by its name: the name may be somebody else's
 * by now. See extract.h, which is the only caller. */
#ifndef IMAGES_EXTRACT_META_H
#define IMAGES_EXTRACT_META_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

struct archive_entry;
struct err;
struct extract_rules;

/* fd may be O_PATH, for what cannot be opened otherwise. */
int extract_meta_owner(const struct extract_rules *rules, int fd,
		       struct archive_entry *entry, struct err *err);

/* The mode it is to have. After the owner: chown(2) takes setuid bits away. */
mode_t extract_meta_mode(const struct extract_rules *rules,
			 struct archive_entry *entry);

/* The capabilities of a program's file, where they may be set. */
void extract_meta_capabilities(const struct extract_rules *rules, int fd,
			       struct archive_entry *entry);

/* For futimens(2); false where the archive has no time. */
bool extract_meta_times(struct archive_entry *entry, struct timespec times[2]);

#endif
