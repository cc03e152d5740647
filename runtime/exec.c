/* runtime/exec.c - see exec.h */
#include "runtime/exec.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/go_text.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/call_text.h"

int exec_failed(enum exec_kind kind, struct err *err, int code,
		const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (kind == EXEC_START)
		err_docker(err, ERR_DAEMON, code,
			   "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: %s: unknown",
			   text);
	else
		err_docker(err, ERR_BARE, code,
			   "OCI runtime exec failed: exec failed: unable to start container process: %s: unknown",
			   text);
	return err_status(err, code == ENOENT ? 127 : 126);
}

const char *exec_reason(int code)
{
	static char text[128];

	switch (code) {
	case ENOENT:
		return "no such file or directory";
	case EACCES:
		return "permission denied";
	case ENOTDIR:
		return "not a directory";
	case ENOEXEC:
		return "exec format error";
	case EINVAL:
		return "invalid argument";
	default:
		break;
	}
	/* Go begins them with a small letter, but for names ("RPC ..."). */
	snprintf(text, sizeof(text), "%s", strerror(code));
	if (islower((unsigned char)text[1]))
		text[0] = (char)tolower((unsigned char)text[0]);
	return text;
}

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

/* As Go's %q; given. */
static char *quote(const char *name)
{
	struct buf out = { 0 };

	go_quote(&out, name);
	return buf_give(&out);
}

static void explain_exec(enum exec_kind kind, const char *path,
			 const char *name, struct err *err)
{
	int code = errno;
	char interpreter[128] = "";
	OWN_FREE char *quoted = quote(name);

	if (code == ENOENT)
		name_interpreter(path, interpreter, sizeof(interpreter));
	(void)exec_failed(kind, err, code, "exec: %s: %s", quoted,
			  exec_reason(code));
	if (*interpreter)
		(void)err_hint(err, "%s: #!%s", path, interpreter);
}

/* Where the program is: in PATH, or where its name says. Returns 0, or the
 * failure. */
static int locate(enum exec_kind kind, const char *name, const char *path_list,
		  char path[PATH_MAX], struct err *err)
{
	OWN_FREE char *quoted = quote(name);
	struct stat st;
	int found;

	if (strchr(name, '/')) {
		snprintf(path, PATH_MAX, "%s", name);
		if (stat(path, &st) < 0) {
			int code = errno;

			trace_failed(TRACE_EXEC, code, "stat(\"%s\"): %s", name,
				     exec_reason(code));
			exec_failed(kind, err, code, "exec: %s: stat %s: %s",
				    quoted, name, exec_reason(code));
			return err_status(err, 127);
		}
		return S_ISDIR(st.st_mode) ?
			       exec_failed(kind, err, EACCES,
					   "exec: %s: permission denied",
					   quoted) :
			       0;
	}
	found = find(name, path_list, path, PATH_MAX);
	if (found)
		trace_failed(TRACE_EXEC, found,
			     "stat(): '%s' in each folder of PATH=%s: %s", name,
			     path_list ? path_list : "", exec_reason(found));
	if (found == ENOENT)
		return exec_failed(kind, err, ENOENT,
				   "exec: %s: executable file not found in $PATH",
				   quoted);
	if (found == EACCES) {
		errno = EACCES;
		explain_exec(kind, path, name, err);
		return -EACCES;
	}
	return 0;
}

/* Told before it is done, for afterwards nobody is left to do so; and once more where
 * it fails. */
static void tell_exec(const char *path, const struct strs *args,
		      const struct strs *env, int result)
{
	int code = errno;
	OWN_BUF struct buf text = { 0 };

	if (!trace_is_on())
		return;
	call_text_execve(&text, path, strs_vector(args), env->count);
	if (result == 0)
		trace_begin(); /* no time: it is only about to happen */
	if (result == 0)
		trace_note("%s", _("where it succeeds nobody is left to say how long it took"));
	errno = code;
	(void)trace_call(TRACE_EXEC, result, "%s", buf_text(&text));
}

/* The kernel gives a script without #! back (ENOEXEC); a shell would run it, a
 * container runtime does not. */
void exec_program(enum exec_kind kind, const struct strs *args,
		  const struct strs *env, struct err *err)
{
	const char *name = args->items[0];
	char path[PATH_MAX];

	if (locate(kind, name, strs_get_env(env, "PATH"), path, err) < 0)
		return;
	tell_exec(path, args, env, 0);
	trace_begin();
	execve(path, strs_vector(args), strs_vector(env));
	tell_exec(path, args, env, -1);
	explain_exec(kind, path, name, err);
}
