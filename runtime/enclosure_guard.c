/* runtime/enclosure_guard.c - see enclosure_guard.h */
#include "runtime/enclosure_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum { MOST_LINKS = 40, FIRST_TO_GO = 500 };

static struct {
	char *home;
	char *work;
} guarded;

void guard_set(const char *home, const char *work)
{
	free(guarded.home);
	free(guarded.work);
	guarded.home = mem_str(home);
	guarded.work = mem_str(work);
}

bool guard_is_on(void)
{
	return guarded.home;
}

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	if (len == 1)
		return true; /* "/" */
	return strncmp(path, folder, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0');
}

/* The rest of a path behind as many parts of it; NULL where it has not got so many. */
static const char *behind(const char *path, int parts)
{
	while (path && parts-- > 0)
		path = *path ? strchr(path + 1, '/') : NULL;
	return path;
}

/* volumes/NAME/_data and below, in the home or in a world of it: what a volume's name
 * leads to as well. A layer may hold folders of the same names, and is none. */
static bool is_volume(const char *path)
{
	const char *rest = path + strlen(guarded.home);
	const char *name;

	if (is_below(rest, "/lessons/worlds"))
		rest = behind(rest, 3);
	name = rest && is_below(rest, "/volumes") ? behind(rest, 2) : NULL;
	return name && is_below(name, "/_data");
}

static int refuse(const char *path, struct err *err)
{
	err_set(err, EPERM, _("'%s' is out of bounds here"), path);
	return err_hint(err, _("this runs where answers are graded: commands may name the files of the lesson's folder, /tmp and the programs, and nothing else"));
}

static bool in_home(const char *path)
{
	return is_below(path, guarded.home) && !is_volume(path) &&
	       !(guarded.work && is_below(path, guarded.work));
}

int guard_fd(int fd, bool whole, struct err *err)
{
	OWN_FREE char *path = NULL;
	struct statfs fs;

	if (!guard_is_on())
		return 0;
	if (fs_path_of(fd, &path, err) < 0)
		return -err->code;
	if (in_home(path) || (whole && is_below(guarded.home, path)))
		return refuse(path, err);
	if (fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC)
		return refuse(path, err);
	return 0;
}

/* Opens what a path leads to, or the folder that it would be made in. */
static int open_place(const char *path)
{
	OWN_FREE char *folder = mem_str(path);
	char *slash = strrchr(folder, '/');
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (slash && slash[1] == '\0')
		return -1;
	if (slash == folder)
		return open("/", O_PATH | O_CLOEXEC);
	if (slash)
		*slash = '\0';
	return open(slash ? folder : ".", O_PATH | O_CLOEXEC);
}

int guard_path(const char *path, bool whole, struct err *err)
{
	OWN_FD int fd = -1;

	if (!guard_is_on())
		return 0;
	fd = open_place(path);
	return fd < 0 ? 0 : guard_fd(fd, whole, err); /* not there: no danger */
}

/* A link of /proc's to what the engine has open has no name in here: it is not what
 * stands where its name says. */
static bool leads_elsewhere(int fd, const char *path)
{
	struct stat there;
	struct stat named;

	/* A folder that was removed has no name any more, and nothing can be made in it. */
	if (fstat(fd, &there) < 0 || (S_ISDIR(there.st_mode) && !there.st_nlink) ||
	    (!S_ISREG(there.st_mode) && !S_ISDIR(there.st_mode)))
		return false;
	return stat(path, &named) < 0 || named.st_dev != there.st_dev ||
	       named.st_ino != there.st_ino;
}

static bool leads_home(const char *word, int depth);

/* A link that leads nowhere yet is where a new file would come to lie. */
static bool link_leads_home(const char *word, int depth)
{
	char target[PATH_MAX];
	ssize_t len = readlink(word, target, sizeof(target) - 1);
	const char *slash = strrchr(word, '/');
	OWN_FREE char *full = NULL;

	if (len <= 0 || depth > MOST_LINKS || access(word, F_OK) == 0)
		return false;
	target[len] = '\0';
	full = target[0] == '/' || !slash ?
		       mem_str(target) :
		       mem_fmt("%.*s/%s", (int)(slash - word), word, target);
	return leads_home(full, depth + 1);
}

static bool leads_home(const char *word, int depth)
{
	OWN_FREE char *path = NULL;
	struct err ignored = { 0 };
	OWN_FD int fd = open_place(word);

	if (fd >= 0 && fs_path_of(fd, &path, &ignored) == 0 &&
	    (in_home(path) || leads_elsewhere(fd, path)))
		return true;
	return link_leads_home(word, depth);
}

static int guard_word(const char *word, struct err *err)
{
	if (leads_home(word, 0))
		return refuse(word, err);
	for (const char *at = word; *at; at++) {
		size_t len = strcspn(at, "=:,");
		OWN_FREE char *part = mem_strn(at, len);

		if (len > 0 && leads_home(part, 0))
			return refuse(part, err);
		at += len;
		if (!*at)
			break;
	}
	return 0;
}

int guard_words(int count, char *const *words, struct err *err)
{
	for (int i = 0; guard_is_on() && i < count && words[i]; i++)
		if (guard_word(words[i], err) < 0)
			return -err->code;
	return 0;
}

/* The loader's, the C library's, those of libraries that it is linked with, and what says
 * where programs and files of the user's are. LANGUAGE may be a path, and what lies there
 * a catalogue with other formats of printf(3) than ours. One that ends in '_' stands for
 * all that begin so.
 *
 * Source: ld.so(8), environ(7), gettext(3), openssl-env(7), curl(1). */
bool guard_env(const char *name)
{
	static const char *const closed[] = {
		"DOCKERSHELL_", "DOCKER_HOST", "LD_", "GLIBC_", "MALLOC_",
		"GCONV_PATH", "GETCONF_DIR", "LOCPATH", "NLSPATH", "TZDIR",
		"LANG", "LANGUAGE", "LC_", "OUTPUT_CHARSET", "TEXTDOMAIN",
		"TEXTDOMAINDIR", "HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS",
		"RESOLV_HOST_CONF", "NSS_", "OPENSSL_", "SSL_CERT_FILE",
		"SSL_CERT_DIR", "SSLKEYLOGFILE", "CURL_", "KRB5_", "KRB5CCNAME",
		"GSS_", "P11_KIT_", "SQLITE_", "LUA_", "ASAN_", "LSAN_",
		"UBSAN_", "TSAN_", "MSAN_", "XDG_", "TMPDIR", "PATH", "HOME",
		"SHELL", "ENV", "BASH_", "PAGER", "LESS", "EDITOR", "VISUAL",
		"INPUTRC", "TERM", "TERMCAP", "TERMINFO", "TERMINFO_DIRS",
	};

	for (size_t i = 0; guard_is_on() && i < sizeof(closed) / sizeof(closed[0]);
	     i++) {
		size_t len = strlen(closed[i]);

		if (closed[i][len - 1] == '_' ?
			    strncmp(name, closed[i], len) == 0 :
			    strcmp(name, closed[i]) == 0)
			return false;
	}
	return true;
}

int guard_oom_score(int asked)
{
	return guard_is_on() && asked < FIRST_TO_GO ? FIRST_TO_GO : asked;
}

int guard_file_system(const char *type, struct err *err)
{
	if (!guard_is_on() || strcmp(type, "tmpfs") == 0)
		return 0;
	return refuse(type, err);
}

int guard_namespace(const char *option, const char *mode, struct err *err)
{
	if (!guard_is_on() || !mode || strcmp(mode, "host") != 0)
		return 0;
	err_set(err, EPERM, _("%s host is out of bounds here"), option);
	return err_hint(err, _("this runs where answers are graded: the grader's own processes are none of a container's business"));
}
