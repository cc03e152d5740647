/* tests/test.c - see test.h */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

int scratch_setup(void **state)
{
	const char *where = getenv("TMPDIR");
	struct scratch *scratch = mem_zero(1, sizeof(*scratch));

	snprintf(scratch->path, sizeof(scratch->path), "%s/dockershell.XXXXXX",
		 where && *where ? where : "/tmp");
	scratch->fd = -1;
	*state = scratch;
	if (!mkdtemp(scratch->path))
		return -1;
	scratch->fd = open(scratch->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return scratch->fd < 0 ? -1 : 0;
}

int scratch_teardown(void **state)
{
	struct scratch *scratch = *state;
	struct err err = { 0 };
	int r = fs_remove_tree(AT_FDCWD, scratch->path, &err);

	if (r < 0)
		print_error("scratch folder: %s\n", err.msg);
	own_close_fd(&scratch->fd);
	free(scratch->text);
	free(scratch);
	return r;
}

void scratch_mkdir(struct scratch *scratch, const char *path)
{
	struct err err = { 0 };

	assert_ok(fs_make_dirs(scratch->fd, path, 0755, &err), &err);
}

void scratch_write(struct scratch *scratch, const char *path, const char *text)
{
	const char *slash = strrchr(path, '/');
	OWN_FD int fd = -1;

	if (slash) {
		OWN_FREE char *folder = mem_strn(path, (size_t)(slash - path));

		scratch_mkdir(scratch, folder);
	}
	fd = openat(scratch->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		    0644);
	if (fd < 0)
		fail_msg("open %s: %s", path, strerror(errno));
	assert_int_equal(fs_write_all(fd, text, strlen(text)), 0);
}

const char *scratch_read(struct scratch *scratch, const char *path)
{
	struct buf buf = { 0 };
	struct err err = { 0 };
	int r = fs_read(scratch->fd, path, 64 << 20, &buf, &err);

	free(scratch->text);
	scratch->text = buf_give(&buf);
	assert_ok(r, &err);
	return scratch->text;
}

bool scratch_has(struct scratch *scratch, const char *path)
{
	return fs_exists(scratch->fd, path);
}

char *scratch_path(const struct scratch *scratch, const char *path)
{
	return mem_fmt("%s/%s", scratch->path, path);
}

int child_status(pid_t pid)
{
	int status = 0;

	if (pid < 0)
		fail_msg("fork: %s", strerror(errno));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			fail_msg("waitpid: %s", strerror(errno));
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

int test_shell(const char *line)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", line, NULL);
		_exit(127);
	}
	return child_status(pid);
}

void assert_ok(int r, const struct err *err)
{
	if (r < 0)
		fail_msg("%s%s%s (%s)", err->msg, *err->hint ? "; hint: " : "",
			 err->hint, strerror(-r));
}

/* account  whom this is for: "root", "subids", "plain" (any but root), NULL:
 *          everybody */
static void skip_because(const char *account, const char *reason)
{
	const char *must_work = getenv("DOCKERSHELL_MUST_WORK");
	const char *meant = getenv("DOCKERSHELL_ACCOUNT");
	bool excused = account && meant && strcmp(account, meant) != 0;

	if (excused && strcmp(account, "plain") == 0)
		excused = strcmp(meant, "root") == 0;

	if (must_work && strcmp(must_work, "1") == 0 && !excused)
		fail_msg("must work here, but %s", reason);
	print_message("skipped: %s\n", reason);
	skip();
}

void need_root(void)
{
	if (geteuid() != 0)
		skip_because("root", "only root may do this");
}

void need_plain_user(void)
{
	if (geteuid() == 0)
		skip_because("plain", "root is not held by what this tests");
}

static int write_proc(const char *path, const char *text)
{
	OWN_FD int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fs_write_all(fd, text, strlen(text));
}

/* Root's id maps of one line; without both nothing can be made on a tmpfs. */
static int map_root(uid_t uid, gid_t gid)
{
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (write_proc("/proc/self/uid_map", map) < 0 ||
	    write_proc("/proc/self/setgroups", "deny") < 0)
		return -1;
	snprintf(map, sizeof(map), "0 %u 1", gid);
	return write_proc("/proc/self/gid_map", map);
}

/* 0 where a child may make a user namespace and, if asked, mount an overlay in
 * it. Its /tmp is a private one, so nothing is left behind. */
static int try_in_userns(bool overlay)
{
	pid_t pid = fork();

	if (pid == 0) {
		uid_t uid = geteuid();
		gid_t gid = getegid();

		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
			_exit(1);
		if (map_root(uid, gid) < 0)
			_exit(2);
		if (!overlay)
			_exit(0);
		if (mount("none", "/tmp", "tmpfs", 0, NULL) < 0)
			_exit(3);
		if (chdir("/tmp") < 0 || mkdir("l", 0755) < 0 ||
		    mkdir("u", 0755) < 0 || mkdir("w", 0755) < 0 ||
		    mkdir("m", 0755) < 0)
			_exit(4);
		if (mount("overlay", "m", "overlay", 0,
			  "lowerdir=l,upperdir=u,workdir=w,userxattr") < 0)
			_exit(5);
		_exit(0);
	}
	return child_status(pid);
}

void need_userns(void)
{
	if (try_in_userns(false) != 0)
		skip_because(NULL, "the kernel refuses user namespaces");
}

void need_overlay_in_userns(void)
{
	need_userns();
	if (try_in_userns(true) != 0)
		skip_because(NULL, "overlayfs cannot be mounted in a user "
				   "namespace");
}

/* Whether `file` has a line "name:first:count" for this account. */
static bool has_range(const char *file)
{
	const struct passwd *self = getpwuid(getuid());
	OWN_FILE FILE *in = fopen(file, "re");
	char line[256];
	char number[24];

	if (!in)
		return false;
	snprintf(number, sizeof(number), "%u", getuid());
	while (fgets(line, sizeof(line), in)) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon = '\0';
		if (strcmp(line, number) == 0 ||
		    (self && strcmp(line, self->pw_name) == 0))
			return true;
	}
	return false;
}

static bool on_path(const char *name)
{
	const char *path = getenv("PATH");
	OWN_FREE char *copy = mem_str(path ? path : "/usr/bin:/bin");
	char *rest = copy;
	const char *folder;

	while ((folder = strsep(&rest, ":"))) {
		OWN_FREE char *file = mem_fmt("%s/%s", folder, name);

		if (access(file, X_OK) == 0)
			return true;
	}
	return false;
}

void need_program(const char *name)
{
	char reason[128];

	if (on_path(name))
		return;
	snprintf(reason, sizeof(reason), "there is no program '%s'", name);
	skip_because(NULL, reason);
}

void need_subids(void)
{
	if (geteuid() == 0)
		skip_because("subids", "root needs no subordinate ids");
	need_userns();
	if (!on_path("newuidmap") || !has_range("/etc/subuid") ||
	    !has_range("/etc/subgid"))
		skip_because("subids", "the account has no subordinate ids");
}
