/* images/recipe.c - see recipe.h; how files are gathered is recipe_gather.c's, the
 * image recipe_make.c's */
#include "images/recipe.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/elf.h"
#include "images/ld_cache.h"
#include "images/recipe_parts.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum {
	MAX_SCRIPTS = 5, /* a script whose interpreter is a script ... */
	MAX_FIRST_LINE = 256,
};

/* Programs that are of no use without a folder of theirs. Patterns of fnmatch(3)
 * and glob(3); "%" is where the program is installed: /usr of /usr/bin/x.
 *
 * without  names that are left out of the folders: tests, caches, what draws
 *          windows, and packages that were added to this machine */
static const struct companion {
	const char *program;
	const char *folders[4];
	const char *without[16];
} companions[] = {
	{ "python[0-9].[0-9]*",
	  { "%/lib/{}", "%/lib64/{}" },
	  { "__pycache__", "test", "tests", "idlelib", "idle_test", "tkinter",
	    "turtledemo", "ensurepip", "lib2to3", "config-*", "site-packages",
	    "dist-packages", "_tkinter.*", "_test*.so", NULL } },
	{ "perl*",
	  { "%/lib/*/perl-base", "%/lib/*/perl/5.*", "%/share/perl/5.*",
	    "%/lib/perl5/5.*" },
	  { "*.pod", NULL } },
	{ "node*",
	  { "%/share/nodejs/acorn*", "%/share/nodejs/cjs-module-lexer",
	    "%/share/nodejs/undici", "%/share/nodejs/minimatch" },
	  { "test", "tests", NULL } },
};

/* A search under way. run_folders: run paths of all that was looked at. */
struct search {
	struct recipe *out;
	struct gather gather;
	struct ld_cache cache;
	struct strs run_folders;
	struct strs real_libraries;
};

void recipe_done(struct recipe *recipe)
{
	for (size_t i = 0; i < recipe->program_count; i++) {
		free(recipe->programs[i].name);
		free(recipe->programs[i].path);
		free(recipe->programs[i].interpreter);
	}
	free(recipe->programs);
	strs_done(&recipe->libraries);
	strs_done(&recipe->folders);
	strs_done(&recipe->paths);
	*recipe = (struct recipe){ 0 };
}

static int open_file(const char *path)
{
	return open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? mem_strn(path, (size_t)(slash - path)) : mem_str("");
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* ---- where a program lies ---- */

static bool is_program(const char *path, bool *out_elf)
{
	OWN_FD int fd = -1;
	OWN_ELF struct elf elf = { 0 };
	struct err ignored = { 0 };
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
	    access(path, X_OK) < 0)
		return false;
	fd = open_file(path);
	*out_elf = fd >= 0 && elf_read(fd, &elf, &ignored) == 1;
	return true;
}

static int no_program(const char *name, struct err *err)
{
	err_set(err, ENOENT, _("there is no program '%s' on this machine"),
		name);
	return err_hint(err, _("see what the PATH has (command -v %s), or name the file: host:/path/to/it"),
			name);
}

/* The first one on the PATH, but one that is no script before one that is: a
 * script of a program's name in front of it starts that program by ways of its
 * own (pyenv and the like). */
static int find_program(const char *name, char **out, struct err *err)
{
	const char *path = getenv("PATH");
	OWN_STRS struct strs folders = { 0 };
	OWN_FREE char *script = NULL;
	bool is_elf = false;

	if (strchr(name, '/')) {
		if (name[0] != '/' || !is_program(name, &is_elf))
			return no_program(name, err);
		*out = mem_str(name);
		return 0;
	}
	strs_split(&folders, path ? path : "/usr/local/bin:/usr/bin:/bin", ':');
	for (size_t i = 0; i < folders.count; i++) {
		OWN_FREE char *file =
			mem_fmt("%s/%s", folders.items[i], name);

		if (file[0] != '/' || !is_program(file, &is_elf))
			continue;
		if (is_elf) {
			*out = own_give_ptr(&file);
			return 0;
		}
		if (!script)
			script = own_give_ptr(&file);
	}
	if (!script)
		return no_program(name, err);
	*out = own_give_ptr(&script);
	return 0;
}

/* ---- scripts ---- */

/* "#!/usr/bin/env -S python3 -u": the first two words that count. 0: no script. */
static int read_first_line(const char *path, struct strs *out, struct err *err)
{
	OWN_FD int fd = open_file(path);
	char line[MAX_FIRST_LINE + 1];
	ssize_t got;

	if (fd < 0)
		return err_errno(err, "open %s", path);
	got = read(fd, line, MAX_FIRST_LINE);
	if (got < 0)
		return err_errno(err, "read %s", path);
	line[got] = '\0';
	if (strncmp(line, "#!", 2) != 0)
		return 0;
	line[strcspn(line, "\r\n")] = '\0';
	for (char *rest = line + 2, *word; (word = strtok_r(NULL, " \t", &rest));)
		if (word[0] != '-' || out->count == 0)
			strs_add(out, word);
	return out->count > 0;
}

static int take_program(struct search *search, const char *path, int scripts,
			struct recipe_program *out, struct err *err);

static int take_interpreter(struct search *search, const struct strs *words,
			    int scripts, struct err *err)
{
	const char *program = words->items[0];
	struct recipe_program ignored = { 0 };
	OWN_FREE char *called = NULL;
	int r = take_program(search, program, scripts + 1, &ignored, err);

	free(ignored.interpreter);
	ignored.interpreter = NULL;
	if (r == 0 && strcmp(base_of(program), "env") == 0 &&
	    words->count > 1) {
		r = find_program(words->items[1], &called, err);
		if (called)
			r = take_program(search, called, scripts + 1, &ignored,
					 err);
		free(ignored.interpreter);
	}
	return r;
}

/* ---- library folders ---- */

/* "%/lib/{}" for /usr/bin/python3.11: "/usr/lib/python3.11". Given. */
static char *fill_in(const char *pattern, const char *prefix, const char *base)
{
	struct buf out = { 0 };

	for (const char *c = pattern; *c; c++) {
		if (*c == '%')
			buf_str(&out, prefix);
		else if (strncmp(c, "{}", 2) == 0)
			buf_str(&out, base), c++;
		else
			buf_char(&out, *c);
	}
	return buf_give(&out);
}

static int take_folders(struct search *search, const char *pattern,
			const char *const *without, struct err *err)
{
	glob_t found;
	int r = 0;

	if (glob(pattern, 0, NULL, &found) != 0)
		return 0; /* not installed this way */
	for (size_t i = 0; i < found.gl_pathc && r == 0; i++) {
		const char *folder = found.gl_pathv[i];
		OWN_FREE char *real = realpath(folder, NULL);
		struct stat st;

		if (!real || stat(real, &st) < 0 || !S_ISDIR(st.st_mode))
			continue;
		r = gather_take_tree(&search->gather, folder, without, err);
		if (!strs_has(&search->out->folders, real))
			strs_add(&search->out->folders, real);
	}
	globfree(&found);
	return r;
}

static int take_companions(struct search *search, const char *real,
			   struct err *err)
{
	OWN_FREE char *bin = folder_of(real);
	OWN_FREE char *prefix = folder_of(bin);
	const char *base = base_of(real);
	int r = 0;

	for (size_t i = 0; i < sizeof(companions) / sizeof(companions[0]); i++) {
		const struct companion *c = &companions[i];

		if (fnmatch(c->program, base, 0) != 0)
			continue;
		for (size_t n = 0; n < 4 && c->folders[n] && r == 0; n++) {
			OWN_FREE char *pattern =
				fill_in(c->folders[n], prefix, base);

			r = take_folders(search, pattern, c->without, err);
		}
	}
	return r;
}

/* ---- one program ---- */

static int take_script(struct search *search, const char *path, int scripts,
		       struct recipe_program *out, struct err *err)
{
	OWN_STRS struct strs words = { 0 };
	int r = read_first_line(path, &words, err);

	if (r < 0)
		return r;
	if (words.count == 0) {
		err_set(err, ENOEXEC, _("'%s' is neither an ELF program nor a script with '#!'"),
			path);
		return err_hint(err, _("only what the kernel can start by itself can stand in an image alone"));
	}
	if (scripts == MAX_SCRIPTS)
		return err_set(err, ELOOP,
			       _("'%s': its interpreter is a script, and so on, more than %d deep"),
			       path, MAX_SCRIPTS);
	out->interpreter = mem_str(words.items[0]);
	return take_interpreter(search, &words, scripts, err);
}

static int take_program(struct search *search, const char *path, int scripts,
			struct recipe_program *out, struct err *err)
{
	OWN_FD int fd = open_file(path);
	OWN_FREE char *real = NULL;
	OWN_ELF struct elf elf = { 0 };
	int r;

	if (fd < 0)
		return err_errno(err, "open %s", path);
	r = elf_read(fd, &elf, err);
	if (r < 0)
		return err_wrap(err, "%s", path);
	out->is_static = r == 1 && !elf.interp && elf.needed.count == 0;
	if (gather_take(&search->gather, path, true, &real, err) < 0)
		return -err->code;
	return r == 1 ? take_companions(search, real, err) :
			take_script(search, path, scripts, out, err);
}

static int add_program(struct search *search, const char *name,
		       struct err *err)
{
	struct recipe *out = search->out;
	struct recipe_program *program;
	OWN_FREE char *path = NULL;
	int r = find_program(name, &path, err);

	if (r < 0)
		return r;
	out->programs = mem_grow(out->programs, out->program_count + 1,
				 sizeof(*out->programs));
	program = &out->programs[out->program_count++];
	*program = (struct recipe_program){ .name = mem_str(name),
					    .path = mem_str(path) };
	return take_program(search, path, 0, program, err);
}

/* ---- libraries ---- */

/* A run path with $ORIGIN resolved; what else a '$' may mean only the loader
 * knows. */
static void add_run_folders(struct search *search, const struct elf *elf,
			    const char *path)
{
	OWN_FREE char *origin = folder_of(path);

	for (size_t i = 0; i < elf->run_paths.count; i++) {
		const char *text = elf->run_paths.items[i];
		const char *rest = NULL;
		OWN_FREE char *folder = NULL;

		if (strncmp(text, "$ORIGIN", 7) == 0)
			rest = text + 7;
		else if (strncmp(text, "${ORIGIN}", 9) == 0)
			rest = text + 9;
		folder = rest ? mem_fmt("%s%s", origin, rest) : mem_str(text);
		if (folder[0] == '/' && !strchr(folder, '$') &&
		    !strs_has(&search->run_folders, folder))
			strs_add(&search->run_folders, folder);
	}
}

static int take_library(struct search *search, const char *path, bool must,
			struct err *err)
{
	OWN_FREE char *real = NULL;
	int r = gather_take(&search->gather, path, must, &real, err);

	/* The loader is asked for by two names. */
	if (r < 0 || strs_has(&search->real_libraries, real))
		return r;
	strs_add(&search->real_libraries, real);
	strs_add(&search->out->libraries, path);
	return 0;
}

static int take_libraries(struct search *search, const struct elf *elf,
			  const struct gather_file *file, struct err *err)
{
	/* The list of files grows meanwhile, and may move. */
	OWN_FREE char *asks = mem_str(file->path);
	bool must = file->must;
	int r = 0;

	add_run_folders(search, elf, asks);
	if (elf->interp)
		r = take_library(search, elf->interp, must, err);
	for (size_t i = 0; i < elf->needed.count && r == 0; i++) {
		const char *name = elf->needed.items[i];
		OWN_FREE char *found =
			name[0] == '/' ?
				mem_str(name) :
				ld_cache_find(&search->cache, name, elf,
					      &search->run_folders);

		if (found)
			r = take_library(search, found, must, err);
		else if (must)
			return err_set(err, ENOENT,
				       _("the library '%s' that %s asks for is not on this machine"),
				       name, asks);
	}
	return r;
}

/* Every file that is ELF, also those that come in by this. */
static int take_all_libraries(struct search *search, struct err *err)
{
	for (size_t i = 0; i < search->gather.file_count; i++) {
		const struct gather_file *file = &search->gather.files[i];
		OWN_FD int fd = open_file(file->path);
		OWN_ELF struct elf elf = { 0 };
		int r;

		if (fd < 0)
			return err_errno(err, "open %s", file->path);
		r = elf_read(fd, &elf, err);
		if (r == 1)
			r = take_libraries(search, &elf, file, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What every program may look for by name. Where /bin is a link, scripts and
 * Dockerfiles count on it. */
static int take_system(struct search *search, struct err *err)
{
	static const char *const names[] = { "/bin",   "/sbin", "/lib",
					     "/lib64", "/etc/ld.so.cache" };
	int r = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && r == 0; i++)
		if (access(names[i], F_OK) == 0)
			r = gather_take(&search->gather, names[i], false, NULL,
					err);
	return r;
}

static int count_bytes(const struct search *search, struct recipe *out,
		       struct err *err)
{
	for (size_t i = 0; i < search->gather.file_count; i++) {
		struct stat st;

		if (stat(search->gather.files[i].path, &st) < 0)
			return err_errno(err, "stat %s",
					 search->gather.files[i].path);
		out->bytes += st.st_size;
	}
	return 0;
}

int recipe_find(const struct strs *names, struct recipe *out, struct err *err)
{
	OWN_RECIPE struct recipe found = { 0 };
	struct search search = { .out = &found };
	int r = 0;

	ld_cache_read(&search.cache);
	for (size_t i = 0; i < names->count && r == 0; i++)
		r = add_program(&search, names->items[i], err);
	if (r == 0)
		r = take_all_libraries(&search, err);
	if (r == 0)
		r = take_system(&search, err);
	if (r == 0)
		r = count_bytes(&search, &found, err);
	if (r == 0) {
		strs_copy(&found.paths, &search.gather.paths);
		strs_sort(&found.paths);
		*out = found;
		found = (struct recipe){ 0 };
	}
	gather_done(&search.gather);
	ld_cache_done(&search.cache);
	strs_done(&search.run_folders);
	strs_done(&search.real_libraries);
	return r;
}
