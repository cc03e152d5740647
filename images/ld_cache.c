/* images/ld_cache.c - see ld_cache.h */
#include "images/ld_cache.h"

#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "images/elf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

enum { MAX_CACHE = 16 << 20 };

static const char magic[] = "glibc-ld.so.cache1.1";

/* The file's own forms, all numbers in the machine's byte order. */
struct cache_head {
	char magic[sizeof(magic) - 1];
	uint32_t count;
	uint32_t text_len;
	uint32_t more[5];
};

struct cache_entry {
	int32_t flags;
	uint32_t name;
	uint32_t path;
	uint32_t os_version;
	uint64_t hwcap;
};

void ld_cache_done(struct ld_cache *cache)
{
	buf_done(&cache->text);
}

void ld_cache_read(struct ld_cache *cache)
{
	struct err ignored = { 0 };

	if (fs_read(AT_FDCWD, "/etc/ld.so.cache", MAX_CACHE, &cache->text,
		    &ignored) < 0)
		buf_clear(&cache->text);
}

/* Whether the file is a library for the same kind of machine. */
static bool fits(const char *path, const struct elf *asks)
{
	OWN_FD int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	OWN_ELF struct elf elf = { 0 };
	struct err ignored = { 0 };

	return fd >= 0 && elf_read(fd, &elf, &ignored) == 1 &&
	       elf.bits == asks->bits && elf.machine == asks->machine;
}

static char *find_in(const char *folder, const char *name,
		     const struct elf *asks)
{
	OWN_FREE char *path = mem_fmt("%s/%s", folder, name);

	return fits(path, asks) ? own_give_ptr(&path) : NULL;
}

/* A text of the cache, which ends with a NUL for the buffer does. */
static const char *text_at(const char *base, size_t len, uint32_t offset)
{
	return offset < len ? base + offset : "";
}

static char *find_in_cache(const struct ld_cache *cache, const char *name,
			   const struct elf *asks)
{
	size_t len = cache->text.len;
	const char *base = len ? memmem(cache->text.data, len, magic,
					sizeof(magic) - 1) :
				 NULL;
	struct cache_head head;

	if (!base)
		return NULL;
	len -= (size_t)(base - cache->text.data);
	if (len < sizeof(head))
		return NULL;
	memcpy(&head, base, sizeof(head));
	for (uint32_t i = 0; i < head.count; i++) {
		struct cache_entry entry;
		size_t at = sizeof(head) + i * sizeof(entry);
		const char *path;

		if (at + sizeof(entry) > len)
			break;
		memcpy(&entry, base + at, sizeof(entry));
		path = text_at(base, len, entry.path);
		/* Variants for newer processors only are not for everybody. */
		if (entry.hwcap == 0 && path[0] == '/' &&
		    strcmp(text_at(base, len, entry.name), name) == 0 &&
		    fits(path, asks))
			return mem_str(path);
	}
	return NULL;
}

static char *find_in_folders(const char *name, const struct elf *asks)
{
	static const char *const patterns[] = {
		"/lib/*-linux-*", "/usr/lib/*-linux-*", "/lib64", "/usr/lib64",
		"/lib", "/usr/lib", "/usr/local/lib",
	};
	char *found = NULL;

	for (size_t i = 0;
	     i < sizeof(patterns) / sizeof(patterns[0]) && !found; i++) {
		glob_t folders;

		if (glob(patterns[i], 0, NULL, &folders) != 0)
			continue;
		for (size_t n = 0; n < folders.gl_pathc && !found; n++)
			found = find_in(folders.gl_pathv[n], name, asks);
		globfree(&folders);
	}
	return found;
}

char *ld_cache_find(const struct ld_cache *cache, const char *name,
		    const struct elf *asks, const struct strs *folders)
{
	char *found = NULL;

	for (size_t i = 0; i < folders->count && !found; i++)
		found = find_in(folders->items[i], name, asks);
	if (!found)
		found = find_in_cache(cache, name, asks);
	return found ? found : find_in_folders(name, asks);
}
