/* shell/sh.c - see sh.h */
#include "shell/sh.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "shell/commands.h"
#include "shell/jobs.h"
#include "shell/shell.h"

/* Where sh writes the folder in which it ended, for `cd x && run ...`. */
#define FOLDER_FD 9

/* ---- the line of aliases ---- */

static void add_alias(struct buf *out, const char *word)
{
	buf_fmt(out, " %s='docker %s'", word, word);
}

/* First words of two-word names: once each. */
static void add_groups(struct buf *out, const char *const *aliases,
		       struct strs *seen)
{
	for (; aliases && *aliases; aliases++) {
		size_t len = strcspn(*aliases, " ");
		OWN_FREE char *group = mem_strn(*aliases, len);

		if ((*aliases)[len] == '\0' || strs_has(seen, group))
			continue;
		strs_add(seen, group);
		add_alias(out, group);
	}
}

/* `export` and `wait` are sh's own words as well: they are Docker's where they
 * are called as Docker's are. All in one line, so that sh counts one. */
static void add_aliases(struct buf *out)
{
	OWN_STRS struct strs groups = { 0 };

	buf_str(out, "dockershell_export() { case $* in ''|*=*|-p) command export \"$@\";; *) docker export \"$@\";; esac; };"
		     " dockershell_wait() { case $* in ''|%*) command wait \"$@\";; *) docker wait \"$@\";; esac; };"
		     " alias");
	for (size_t i = 0; commands[i]; i++) {
		const struct cmd *cmd = commands[i];
		const char *const names[] = { cmd->name, NULL };

		if (cmd->inside_only || cmd->hidden)
			continue;
		add_groups(out, names, &groups);
		add_groups(out, cmd->aliases, &groups);
		if (strchr(cmd->name, ' '))
			continue;
		if (strcmp(cmd->name, "export") == 0 ||
		    strcmp(cmd->name, "wait") == 0)
			buf_fmt(out, " %s=dockershell_%s", cmd->name,
				cmd->name);
		else
			add_alias(out, cmd->name);
	}
}

/* ---- what sh is started with ---- */

/* run/bin/docker in the user's own home: a link to this program, made anew when
 * the program has moved. Gives the folder. */
static char *docker_folder(const struct shell *shell, struct err *err)
{
	const struct home *home = shell->base_home;
	char program[PATH_MAX];
	char old[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (len < 0) {
		err_errno(err, "readlink /proc/self/exe");
		return NULL;
	}
	program[len] = '\0';
	len = readlinkat(home->fd, "run/bin/docker", old, sizeof(old) - 1);
	old[len > 0 ? len : 0] = '\0';
	if (strcmp(old, program) != 0) {
		if (fs_make_dirs(home->fd, "run/bin", 0755, err) < 0)
			return NULL;
		/* A name of our own first: two programs may do this at once. */
		OWN_FREE char *made = mem_fmt("run/bin/.%d", (int)getpid());

		if (symlinkat(program, home->fd, made) < 0 ||
		    renameat(home->fd, made, home->fd, "run/bin/docker") < 0) {
			err_errno(err, "make the link %s/run/bin/docker",
				  home->path);
			return NULL;
		}
	}
	return mem_fmt("%s/run/bin", home->path);
}

/* Runs in the child: nothing returns. */
static void exec_sh(const struct shell *shell, const char *folder,
		    const char *script, int state_fd)
{
	const char *path = getenv("PATH");
	OWN_FREE char *new_path =
		mem_fmt("%s:%s", folder,
			path && *path ? path : "/usr/local/bin:/usr/bin:/bin");

	setenv("PATH", new_path, 1);
	setenv("DOCKERSHELL_HOME", shell->home->path, 1);
	if (shell->base_home != shell->home)
		setenv("DOCKERSHELL_BASE_HOME", shell->base_home->path, 1);
	dup2(shell->in_fd, STDIN_FILENO);
	dup2(fileno(shell->out), STDOUT_FILENO);
	dup2(fileno(shell->err_out), STDERR_FILENO);
	if (state_fd >= 0)
		dup2(state_fd, FOLDER_FD);
	execl("/bin/sh", "dockershell", "-c", script, "dockershell",
	      (char *)NULL);
	_exit(127);
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 127;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/* Follows sh to the folder in which it ended. */
static void follow(int state_fd)
{
	char folder[PATH_MAX + 1];
	ssize_t len = pread(state_fd, folder, PATH_MAX, 0);
	OWN_FREE char *before = getcwd(NULL, 0);

	if (len <= 1)
		return;
	folder[len] = '\0';
	folder[strcspn(folder, "\n")] = '\0';
	if (before && strcmp(before, folder) == 0)
		return;
	if (chdir(folder) < 0)
		return; /* gone already: we stay */
	if (before)
		setenv("OLDPWD", before, 1);
	setenv("PWD", folder, 1);
}

int sh_run(struct shell *shell, const char *line, bool background,
	   struct err *err)
{
	OWN_BUF struct buf script = { 0 };
	OWN_FREE char *folder = NULL;
	OWN_FD int state_fd = -1;
	pid_t pid;
	int status;

	if (shell_need_home(shell, err) < 0)
		return -err->code;
	folder = docker_folder(shell, err);
	if (!folder)
		return -err->code;
	if (strstr(line, "cd") && !background)
		state_fd = memfd_create("folder", MFD_CLOEXEC);
	add_aliases(&script);
	if (state_fd >= 0)
		buf_fmt(&script, "; trap 'pwd >&%d' 0", FOLDER_FD);
	buf_fmt(&script, "\n%.*s\n",
		background ? (int)(strrchr(line, '&') - line)
			   : (int)strlen(line),
		line);

	fflush(shell->out);
	fflush(shell->err_out);
	pid = fork();
	if (pid < 0)
		return err_errno(err, "fork");
	if (pid == 0) {
		jobs_enter_child(shell->jobs, !background);
		exec_sh(shell, folder, buf_text(&script), state_fd);
	}
	if (!shell->jobs) {
		status = background ? 0 : wait_for(pid);
	} else {
		jobs_add(shell->jobs, pid, line, !background, shell->err_out);
		status = background ? 0
				    : jobs_wait(shell->jobs, shell->err_out);
	}
	if (state_fd >= 0)
		follow(state_fd);
	return status;
}

/* ---- what sh knows ---- */

bool sh_knows(const char *word)
{
	static const char *const known[] = {
		".",	    ":",      "!",	"[",	    "{",      "}",
		"alias",    "break",  "case",	"command",  "continue",
		"do",	    "done",   "echo",	"elif",	    "else",   "esac",
		"eval",	    "exec",   "false",	"fi",	    "for",
		"getopts",  "hash",   "if",	"local",    "printf", "read",
		"readonly", "return", "set",	"shift",    "test",   "then",
		"times",    "trap",   "true",	"type",	    "ulimit", "umask",
		"unalias",  "unset",  "until",	"wait",	    "while",  NULL,
	};

	for (size_t i = 0; known[i]; i++)
		if (strcmp(known[i], word) == 0)
			return true;
	return strchr(word, '=') != NULL;
}

bool sh_finds(const char *word)
{
	OWN_STRS struct strs folders = { 0 };
	const char *path = getenv("PATH");

	strs_split(&folders, path ? path : "/usr/local/bin:/usr/bin:/bin", ':');
	for (size_t i = 0; i < folders.count; i++) {
		OWN_FREE char *file =
			mem_fmt("%s/%s", folders.items[i], word);

		if (access(file, X_OK) == 0)
			return true;
	}
	return false;
}

static bool begins_compound(const char *text)
{
	static const char *const words[] = { "for", "while", "until", "if",
					     "case", "{", NULL };
	size_t len = strcspn(text, " \t\n;");

	for (size_t i = 0; words[i]; i++)
		if (strlen(words[i]) == len &&
		    strncmp(text, words[i], len) == 0)
			return true;
	/* name() { */
	return strstr(text, "()") && strchr(text, '{');
}

/* Asks `sh -n`, which reads and does not run, and looks for what every sh says
 * of a text that ends too early. */
bool sh_unfinished(const char *text)
{
	OWN_BUF struct buf said = { 0 };
	struct err ignored = { 0 };
	OWN_FD int read_fd = -1;
	int ends[2];
	pid_t pid;

	if (!begins_compound(text) || pipe2(ends, O_CLOEXEC) < 0)
		return false;
	read_fd = ends[0];
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		setenv("LC_ALL", "C", 1);
		execl("/bin/sh", "sh", "-n", "-c", text, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	if (pid < 0)
		return false;
	(void)fs_read_fd(read_fd, 65536, &said, &ignored); /* no news: whole */
	wait_for(pid);
	return strstr(buf_text(&said), "end of file") != NULL;
}
