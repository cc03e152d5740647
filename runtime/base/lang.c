/* runtime/base/lang.c - see lang.h
 *
 * Translators work with gettext's tools (xgettext, msgmerge, msgfmt); the
 * catalogue that comes out, a .mo file, is read here and not by glibc. glibc
 * looks into no catalogue while the locale is "C", nor, from version 2.39 on,
 * "C.UTF-8"; a machine without a Japanese locale could then not speak Japanese.
 * Nor need a command that says nothing pay for setlocale(3).
 *
 * A .mo file, all numbers 32 bits in the byte order of the magic:
 *
 *     0  magic 0x950412de      12  where the table of originals begins
 *     4  revision              16  where the table of translations begins
 *     8  number N of texts
 *
 *     originals     N times (length, offset), sorted by strcmp
 *     translations  N times (length, offset), in the same order
 *
 * Each text ends in a NUL that its length does not count. Source: GNU gettext
 * manual, "The Format of GNU MO Files". */
#include "runtime/base/lang.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "runtime/base/share.h"

#define MAGIC 0x950412deU

/* The one catalogue. `tried` says that it was looked for: a missing file is not
 * looked for again at each message. */
static struct catalogue {
	bool wanted;
	bool tried;
	const unsigned char *bytes;
	size_t size;
	uint32_t count;
	uint32_t originals;
	uint32_t translations;
} catalogue;

static uint32_t number_at(size_t offset)
{
	uint32_t number;

	memcpy(&number, catalogue.bytes + offset, sizeof(number));
	return number;
}

/* The text that an entry of a table points at, or NULL where it points out of
 * the file or at something that does not end. */
static const char *text_at(uint32_t table, uint32_t index)
{
	size_t entry = (size_t)table + (size_t)index * 8;
	uint64_t length;
	uint64_t offset;

	length = number_at(entry);
	offset = number_at(entry + 4);
	if (offset + length >= catalogue.size ||
	    catalogue.bytes[offset + length] != '\0')
		return NULL;
	return (const char *)catalogue.bytes + offset;
}

/* Both tables must lie in the file. */
static bool header_fits(void)
{
	uint64_t bytes;

	if (catalogue.size < 20 || number_at(0) != MAGIC)
		return false;
	catalogue.count = number_at(8);
	catalogue.originals = number_at(12);
	catalogue.translations = number_at(16);
	bytes = (uint64_t)catalogue.count * 8;
	return catalogue.originals + bytes <= catalogue.size &&
	       catalogue.translations + bytes <= catalogue.size;
}

/* Maps the file and leaves it mapped: texts are borrowed from it for ever. */
static void open_catalogue(void)
{
	OWN_FREE char *path = NULL;
	OWN_FD int fd = -1;
	struct stat st;
	void *map;

	catalogue.tried = true;
	path = share_file("locale/ja/LC_MESSAGES/dockershell.mo");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size <= 0)
		return;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return;
	catalogue.bytes = map;
	catalogue.size = (size_t)st.st_size;
	if (!header_fits())
		catalogue.count = 0;
}

const char *lang_text(const char *text)
{
	uint32_t low = 0;
	uint32_t high;

	/* The empty text is the catalogue's own header. */
	if (!catalogue.wanted || !text || !*text)
		return text;
	lang_prepare();
	high = catalogue.count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const char *original = text_at(catalogue.originals, middle);
		int order = original ? strcmp(text, original) : -1;

		if (order == 0) {
			const char *found =
				text_at(catalogue.translations, middle);

			return found && *found ? found : text;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return text;
}

void lang_prepare(void)
{
	if (catalogue.wanted && !catalogue.tried)
		open_catalogue();
}

bool lang_choose(const char *lang)
{
	if (strcmp(lang, "ja") != 0 && strcmp(lang, "en") != 0)
		return false;
	catalogue.wanted = lang[0] == 'j';
	return true;
}

const char *lang_now(void)
{
	return catalogue.wanted ? "ja" : "en";
}

/* "ja", "ja_JP.UTF-8", "en_US": which of ours a locale's name means, or NULL. */
static const char *language_of(const char *locale)
{
	static const char *const ours[] = { "ja", "en" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strncmp(locale, ours[i], 2) == 0 &&
		    strchr("_.@:", locale[2]))
			return ours[i];
	return NULL;
}

const char *lang_of_environment(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	const char *value = getenv("DOCKERSHELL_LANG");
	const char *found = value ? language_of(value) : NULL;

	value = getenv("LANGUAGE");
	while (!found && value && *value) {
		found = language_of(value);
		value = strchr(value, ':');
		value = value ? value + 1 : NULL;
	}
	for (size_t i = 0; !found && i < 3; i++) {
		value = getenv(names[i]);
		if (!value || !*value)
			continue;
		found = language_of(value);
		break; /* the first that is set decides, whatever it says */
	}
	return found ? found : "en";
}
