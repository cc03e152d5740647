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
#include "runtime/processes.h"
#include "shell/broker.h"
#include "shell/cmd.h"
#include "shell/jobs.h"
#include "shell/sh_text.h"
#include "shell/shell.h"
#include "shell/told.h"

#define LARGEST_ANSWER ((size_t)1 << 20)
#define SH_WRONG 2 /* how every sh ends at what it cannot read */
/* Whether it came to the end of the line, for `... || exit`: see told.h. */
#define AT_END                                                         \
	"{ dockershell_status=$?; set +x; } 2>/dev/null; echo end >&9;"      \
	" exit $dockershell_status"

/* ---- what sh is started with ---- */

/* Where this program lies. One that was built anew has taken its place, perhaps; and
 * where there is none any more, the kernel keeps the file as long as this process runs
 * it. Given, or NULL. */
static char *own_program(struct err *err)
{
	static const char gone[] = " (deleted)"; /* so the kernel says it */
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *end;

	if (len < 0) {
		err_errno(err, "readlink /proc/self/exe");
		return NULL;
	}
	path[len] = '\0';
	end = path + len - (sizeof(gone) - 1);
	if (end <= path || strcmp(end, gone) != 0)
		return mem_str(path);
	*end = '\0';
	return access(path, X_OK) == 0
		       ? mem_str(path)
		       : mem_fmt("/proc/%d/exe", (int)getpid());
}

/* run/bin/docker in the user's own home: a link to this program, made anew when
 * the program has moved. Gives the folder. */
static char *docker_folder(const struct shell *shell, struct err *err)
{
	const struct home *home = shell->base_home;
	OWN_FREE char *program = own_program(err);
	char old[PATH_MAX];
	ssize_t len;

	if (!program)
		return NULL;
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

/* "$0 $1 ...": the script's name and words. */
static char **sh_words(const struct shell *shell, const char *script)
{
	static char name[] = "dockershell";
	static char option[] = "-c";
	char *const *given = shell->script_words;
	size_t count = 0;
	char **words;

	while (given && given[count])
		count++;
	words = mem_zero(count + 5, sizeof(*words));
	words[0] = name;
	words[1] = option;
	words[2] = mem_str(script);
	words[3] = name;
	for (size_t i = 0; i < count; i++)
		words[3 + i] = given[i];
	return words;
}

/* Runs in the child: nothing returns. folder NULL: there is no home. */
static void exec_sh(const struct shell *shell, const char *folder,
		    const char *script, int told_fd)
{
	const char *path = getenv("PATH");
	OWN_FREE char *new_path =
		mem_fmt("%s:%s", folder ? folder : "",
			path && *path ? path : "/usr/local/bin:/usr/bin:/bin");

	if (folder) {
		setenv("PATH", new_path, 1);
		setenv("DOCKERSHELL_HOME", shell->home->path, 1);
	}
	if (folder && shell->base_home != shell->home)
		setenv("DOCKERSHELL_BASE_HOME", shell->base_home->path, 1);
	dup2(shell->in_fd, STDIN_FILENO);
	dup2(fileno(shell->out), STDOUT_FILENO);
	dup2(fileno(shell->err_out), STDERR_FILENO);
	/* dup2(2) of a descriptor to itself would leave it to be closed. */
	if (told_fd == TOLD_FD)
		(void)fcntl(TOLD_FD, F_SETFD, 0);
	else if (told_fd >= 0)
		dup2(told_fd, TOLD_FD);
	execv("/bin/sh", sh_words(shell, script));
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

static int note_behind(struct shell *shell, pid_t pid)
{
	if (!shell->behind)
		shell->behind = mem_zero(1, sizeof(*shell->behind));
	pids_add(shell->behind, pid);
	return 0;
}

bool sh_runs_behind(const struct shell *shell)
{
	return shell->jobs ? jobs_running(shell->jobs) > 0
			   : shell->behind && shell->behind->count > 0;
}

int sh_wait(struct shell *shell)
{
	struct pids *behind = shell->behind;

	if (shell->jobs)
		return jobs_wait_all(shell->jobs);
	while (behind && behind->count > 0)
		(void)wait_for(behind->items[--behind->count]);
	return 0;
}

/* line  what `jobs` shows
 * text  what sh reads */
struct start_sh {
	const char *line;
	const char *text;
	bool background;
	int told_fd;
};

static int start_sh(struct shell *shell, const struct start_sh *start,
		    struct err *err)
{
	OWN_FREE char *folder = NULL;
	pid_t pid;

	if (shell->broker)
		return broker_sh(shell->broker, shell,
				 &(struct broker_line){ start->text,
							start->told_fd,
							start->background },
				 err);
	if (shell_need_home(shell, err) == 0)
		folder = docker_folder(shell, err);
	/* Without a home there is no `docker`; other programs work. */
	if (!folder && strstr(start->text, "docker"))
		return -err->code;
	fflush(shell->out);
	fflush(shell->err_out);
	pid = fork();
	if (pid < 0)
		return err_errno(err, "fork");
	if (pid == 0) {
		jobs_enter_child(shell->jobs, !start->background);
		exec_sh(shell, folder, start->text, start->told_fd);
	}
	if (!shell->jobs && start->background)
		return note_behind(shell, pid);
	if (!shell->jobs)
		return wait_for(pid);
	jobs_add(shell->jobs, pid, start->line, !start->background,
		 shell->err_out);
	return start->background ? 0 : jobs_wait(shell->jobs, shell->err_out);
}

/* What sh told us, beside its status; `ends`: its coming to the end, too. */
static void hear(struct shell *shell, int told_fd, bool ends)
{
	if (told_hear(shell, told_fd))
		shell->let_be = shell->kept && strstr(shell->kept, "set -");
	else if (ends)
		shell->want_exit = true; /* `exit`, or what sh ends at */
}

/* Whether sh might end before the line does and mean the script by it. Asking costs
 * a process more: sh would become its last program otherwise. */
static bool may_end_script(const struct shell *shell, const char *line)
{
	return shell->script &&
	       (shell->kept || strstr(line, "exit") || strstr(line, "exec") ||
		strchr(line, '?'));
}

/* Asks `sh -n`, which reads and does not run. Returns its exit status. */
static int read_only(const char *text, struct buf *out_said)
{
	struct err ignored = { 0 };
	OWN_FD int read_fd = -1;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return 127;
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
		return 127;
	(void)fs_read_fd(read_fd, 65536, out_said, &ignored);
	return wait_for(pid);
}

/* What cannot be read ends a script, as it does sh's. */
static bool is_no_sh(const char *line)
{
	OWN_BUF struct buf said = { 0 };

	return read_only(line, &said) == SH_WRONG;
}

int sh_run(struct shell *shell, const char *line, bool background,
	   struct err *err)
{
	struct start_sh start = { line, NULL, background, -1 };
	OWN_BUF struct buf text = { 0 };
	OWN_BUF struct buf front = { 0 };
	OWN_FREE char *whole = NULL;
	OWN_FD int told_fd = -1;
	bool ends = may_end_script(shell, line);
	int status;

	if (!background && (ends || told_wanted(shell, line)))
		told_fd = memfd_create("told", MFD_CLOEXEC);
	if (told_fd >= 0)
		told_front(line, &front);
	if (background)
		whole = mem_strn(line, (size_t)(strrchr(line, '&') - line));
	sh_text_make(shell, buf_text(&front), whole ? whole : line, &text);
	if (told_fd >= 0 && ends)
		buf_str(&text, AT_END "\n");
	start.text = buf_text(&text);
	start.told_fd = told_fd;
	status = start_sh(shell, &start, err);
	if (told_fd >= 0 && status >= 0)
		hear(shell, told_fd, ends);
	if (status == SH_WRONG && shell->script && is_no_sh(line))
		shell->want_exit = true;
	return status;
}

int sh_ask(struct shell *shell, const char *line, const char *question,
	   struct buf *out, struct err *err)
{
	struct start_sh start = { line, NULL, false, -1 };
	OWN_BUF struct buf text = { 0 };
	OWN_FD int told_fd = memfd_create("told", MFD_CLOEXEC);
	int status;

	if (told_fd < 0)
		return err_errno(err, "memfd_create");
	sh_text_make(shell, "", line, &text);
	buf_fmt(&text, "dockershell_status=$?\n{\n%s\n} >&9\n"
		       "exit $dockershell_status\n", question);
	start.text = buf_text(&text);
	start.told_fd = told_fd;
	status = start_sh(shell, &start, err);
	if (status < 0)
		return status;
	if (lseek(told_fd, 0, SEEK_SET) < 0 ||
	    fs_read_fd(told_fd, LARGEST_ANSWER, out, err) < 0)
		return err_wrap(err, "sh");
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

/* Whether a command of several lines may begin in it, wherever: "ls | while read x; do",
 * "test -f x || {", "name()" with its { on the next line. */
static bool may_go_on(const char *text)
{
	static const char *const words[] = { "for", "while", "until", "if",
					     "case", "{", NULL };

	for (size_t len; *text; text += len + (text[len] != '\0')) {
		len = strcspn(text, " \t\n;&|()`");
		for (size_t i = 0; words[i]; i++)
			if (strlen(words[i]) == len &&
			    strncmp(text, words[i], len) == 0)
				return true;
		if (text[len] == '(' && text[len + 1] == ')')
			return true;
	}
	return false;
}

/* Every sh says so of a text that ends too early. */
bool sh_unfinished(const char *text)
{
	OWN_BUF struct buf said = { 0 };

	if (!may_go_on(text))
		return false;
	(void)read_only(text, &said); /* no news: whole */
	return strstr(buf_text(&said), "end of file") != NULL;
}
