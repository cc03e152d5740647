/* shell/why_disk.c - see why.h: a disk that is full, and which one it was.
 *
 * Containers, images and volumes lie in the home. What `cp`, `save` and `export` write
 * to the machine lies where the line says; what went to standard output, nobody here
 * knows where. */
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/home.h"
#include "shell/why.h"

/* ---- which disk ---- */

enum place { IN_HOME, ON_MACHINE, ON_STREAM };

static const char *word_of(const struct why *why, size_t i)
{
	return i < why->line.words.count ? why->line.words.items[i] : "";
}

/* "-o FILE", "--output=FILE"; NULL where there is none. Borrowed. */
static const char *output_option(const struct why *why)
{
	for (size_t i = 1; i < why->line.words.count; i++) {
		const char *word = word_of(why, i);

		if (strcmp(word, "-o") == 0 || strcmp(word, "--output") == 0)
			return word_of(why, i + 1);
		if (strncmp(word, "--output=", 9) == 0)
			return word + 9;
		if (strncmp(word, "-o", 2) == 0)
			return word + 2;
	}
	return NULL;
}

/* "web:/path" as `cp` reads it. */
static bool is_inside(const char *word)
{
	const char *colon = strchr(word, ':');

	return *word != '/' && *word != '.' && colon && colon != word;
}

/* Where the line wrote to; *out_file (borrowed) is what it named there. */
static enum place written_place(const struct why *why, const char **out_file)
{
	size_t count = why->line.words.count;
	size_t at = strcmp(word_of(why, 0), "container") == 0 ||
		    strcmp(word_of(why, 0), "image") == 0;
	const char *command = word_of(why, at);

	if (strcmp(command, "cp") == 0) {
		*out_file = count ? word_of(why, count - 1) : "";
		if (strcmp(*out_file, "-") == 0)
			return ON_STREAM;
		return is_inside(*out_file) ? IN_HOME : ON_MACHINE;
	}
	if (strcmp(command, "save") == 0 || strcmp(command, "export") == 0) {
		*out_file = output_option(why);
		return *out_file ? ON_MACHINE : ON_STREAM;
	}
	return IN_HOME;
}

/* The file's folder, which is there even where the file is not. Given. */
static char *folder_of(const struct why *why, const char *file)
{
	OWN_FREE char *whole =
		*file == '/' || !why->line.folder
			? mem_str(file)
			: mem_fmt("%s/%s", why->line.folder, file);
	char *slash = strrchr(whole, '/');

	if (!slash)
		return mem_str(".");
	slash[slash == whole] = '\0';
	return own_give_ptr(&whole);
}

/* ---- evidence ---- */

/* Some file systems do not count their files. */
static bool fact_room(struct why_finding *f, const char *place)
{
	struct statvfs fs;
	char left[HUMAN_SIZE];

	if (statvfs(place, &fs) < 0)
		return false;
	human_size(left, (double)fs.f_bavail * (double)fs.f_frsize, 3);
	if (fs.f_files)
		why_fact(f, WHY_FROM_DISK,
			 _("%s: %s are free now, %llu files more fit"), place,
			 left, (unsigned long long)fs.f_favail);
	else
		why_fact(f, WHY_FROM_DISK, _("%s: %s are free now"), place,
			 left);
	return true;
}

static bool was_full(const struct why *why)
{
	return why->line.code == ENOSPC || why->line.code == EDQUOT ||
	       (why->line.message &&
		strstr(why->line.message, "o space left on device"));
}

static void fact_message(const struct why *why, struct why_finding *f)
{
	if (why->line.message)
		why_fact(f, WHY_FROM_MESSAGE, "%.300s", why->line.message);
}

/* ---- causes ---- */

static enum why_answer on_machine(struct why *why, struct why_finding *f,
				  const char *file)
{
	OWN_FREE char *folder = folder_of(why, file);

	fact_message(why, f);
	if (!fact_room(f, folder))
		return WHY_NOT;
	why_fact(f, WHY_FROM_LINE, "%s", why->word);
	why_fix(f, _("make room there, or name another place"));
	why_next(f, "system df");
	return why_say(f, _("the disk that '%s' was to be written to was full"),
		       file);
}

static enum why_answer on_stream(struct why *why, struct why_finding *f)
{
	fact_message(why, f);
	why_fact(f, WHY_FROM_LINE, "%s", why->word);
	why_tell(f, _("'df' of the place that the output was sent to"));
	why_next(f, "system df");
	return why_say_unknown(f, _("the disk that was written to was full; it went to the standard output, so which one is unknown"));
}

static enum why_answer no_space(struct why *why, struct why_finding *f)
{
	const char *file = NULL;
	enum place place = written_place(why, &file);

	if (!was_full(why))
		return WHY_NOT;
	if (place == ON_MACHINE)
		return on_machine(why, f, file);
	if (place == ON_STREAM)
		return on_stream(why, f);
	fact_message(why, f);
	if (!fact_room(f, why->shell->home->path))
		return WHY_NOT;
	why_fix(f, _("'system df' shows what takes the room, 'system prune' removes what nothing uses"));
	why_next(f, "system df");
	return why_say(f, _("the disk that holds %s was full"),
		       why->shell->home->path);
}

/* Then not even the record of what failed could be written. */
static enum why_answer disk_full(struct why *why, struct why_finding *f)
{
	if (!fact_room(f, why->shell->home->path))
		return WHY_NOT;
	why_fix(f, _("'system df' shows what takes the room, 'system prune' removes what nothing uses"));
	why_next(f, "system df");
	return why_say(f, _("the disk that holds %s is full: nothing can be written there, not even a note of what failed"),
		       why->shell->home->path);
}

const struct why_cause why_disk_causes[] = {
	{ "no_space", WHY_LINE, false, no_space },
	{ "no_space", WHY_DISK, false, disk_full },
	{ 0 },
};
