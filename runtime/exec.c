/* runtime/exec.c - see exec.h */
#include "runtime/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"

#define DOCKER_PREFIX                                                        \
	"failed to create shim task: OCI runtime create failed: runc create " \
	"failed: unable to start container process: exec: "

/* Finds a program the way execvp(3) does. Returns 0 with the path in `out`,
 * ENOENT, or EACCES where something of that name may not be executed. */
static int find(const char *name, const char *path, char *out, size_t size)
{
	int seen = ENOENT;

	while (path && *path) {
		const char *end = strchrnul(path, ':');
		struct stat st;

		snprintf(out, size, "%.*s/%s", (int)(end - path), path, name);
		if (stat(out, &st) == 0 && S_ISREG(st.st_mode)) {
			if (st.st_mode & 0111)
				return 0; /* execve has the last word */
			seen = EACCES;
		}
		path = *end ? end + 1 : end;
	}
	return seen;
}

/* The program is there and the kernel says "no such file": what is missing is
 * the interpreter that its first line (or its ELF header) names. */
static void name_interpreter(const char *path, char *out, size_t size)
{
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	char head[128] = "";
	ssize_t got = fd < 0 ? 0 : read(fd, head, sizeof(head) - 1);
	size_t start;
	size_t len;

	out[0] = '\0';
	if (got < 3 || strncmp(head, "#!", 2) != 0)
		return;
	start = 2 + strspn(head + 2, " \t");
	len = strcspn(head + start, " \t\n");
	/* A line end of Windows is part of the name for the kernel. */
	if (len && head[start + len - 1] == '\r')
		snprintf(out, size, "%.*s\\r", (int)len - 1, head + start);
	else
		snprintf(out, size, "%.*s", (int)len, head + start);
}

static void explain_exec(const char *path, const char *name, struct err *err)
{
	int code = errno;
	char interpreter[128];

	if (code == ENOENT) {
		name_interpreter(path, interpreter, sizeof(interpreter));
		err_docker(err, ERR_DAEMON, code,
			   DOCKER_PREFIX "\"%s\": no such file or directory: unknown.",
			   name);
		(void)err_status(err, 127);
		if (*interpreter)
			(void)err_hint(err, "%s: #!%s", path, interpreter);
		return;
	}
	err_docker(err, ERR_DAEMON, code, DOCKER_PREFIX "\"%s\": %s: unknown.",
		   name,
		   code == EACCES  ? "permission denied" :
		   code == ENOEXEC ? "exec format error" :
				     strerror(code));
	(void)err_status(err, 126);
}

/* The kernel gives a script without #! back (ENOEXEC); a shell would run it, a
 * container runtime does not. */
void exec_program(const struct strs *args, const struct strs *env,
		  struct err *err)
{
	const char *name = args->items[0];
	char path[PATH_MAX];
	int found;

	if (strchr(name, '/')) {
		struct stat st;

		snprintf(path, sizeof(path), "%s", name);
		if (stat(path, &st) < 0) {
			err_docker(err, ERR_DAEMON, errno,
				   DOCKER_PREFIX "\"%s\": stat %s: no such file or directory: unknown.",
				   name, name);
			(void)err_status(err, 127);
			return;
		}
		if (S_ISDIR(st.st_mode)) {
			err_docker(err, ERR_DAEMON, EACCES,
				   DOCKER_PREFIX "\"%s\": is a directory: unknown.",
				   name);
			(void)err_status(err, 126);
			return;
		}
	} else {
		found = find(name, strs_get_env(env, "PATH"), path,
			     sizeof(path));
		if (found == ENOENT) {
			err_docker(err, ERR_DAEMON, ENOENT,
				   DOCKER_PREFIX "\"%s\": executable file not found in $PATH: unknown.",
				   name);
			(void)err_status(err, 127);
			return;
		}
		if (found == EACCES) {
			errno = EACCES;
			explain_exec(path, name, err);
			return;
		}
	}
	trace_step(TRACE_EXEC, "execve(\"%s\")", path);
	execve(path, strs_vector(args), strs_vector(env));
	explain_exec(path, name, err);
}
