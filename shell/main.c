/* shell/main.c - the start of the program.
 *
 *   dockershell                  the prompt; a script, where stdin is no terminal
 *   dockershell COMMAND ...      one command
 *   dockershell -c LINE          one line
 *   dockershell FILE             a script
 *
 * Called by the name `docker`, the words are a command of Docker's and nothing
 * else. Nothing is opened here: what a command needs is opened for it. */
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <sys/auxv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/broker.h"
#include "shell/commands.h"
#include "shell/dispatch.h"
#include "shell/help.h"
#include "shell/opt.h"
#include "shell/repl.h"
#include "shell/report.h"
#include "shell/shell.h"
#include "shell/start.h"
#include "shell/style.h"

static bool called_as_docker(const char *name)
{
	const char *slash = name ? strrchr(name, '/') : NULL;

	return name && strcmp(slash ? slash + 1 : name, "docker") == 0;
}

/* Whether the first word is a script's name: no command of ours, and a file, or a path
 * that no command can have. */
static bool is_script(const struct shell *shell, char **words)
{
	struct stat st;
	int used;

	return !shell->docker_voice && words[0] &&
	       strcmp(words[0], "docker") != 0 &&
	       !command_find(words, &used) && !command_is_group(words[0]) &&
	       (strchr(words[0], '/') ||
		(stat(words[0], &st) == 0 && S_ISREG(st.st_mode)));
}

static int run(struct shell *shell, const struct start *start, int count,
	       char **words)
{
	if (start->help) {
		help_command(shell, &start_program, start_program.name);
		fputc('\n', shell->out);
		help_all(shell);
		return 0;
	}
	shell->stop = start->stop;
	if (start->stop)
		shell->kept = mem_str("set -e\n"); /* in sh's own lines too */
	if (start->line) {
		shell->script_words = count > 0 ? words : NULL;
		return repl_text(shell, start->line);
	}
	if (count > 0 && is_script(shell, words)) {
		shell->script_words = words;
		return repl_script(shell, words[0]);
	}
	if (count > 0 || shell->docker_voice)
		return dispatch(shell, count, words);
	if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
		return repl_prompt(shell);
	return repl_script(shell, NULL);
}

/* jansson would open /dev/urandom for what the kernel gave us at exec. */
static void seed_json(void)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel gives a number */
	const void *random = (const void *)getauxval(AT_RANDOM);
	size_t seed = 1;

	if (random) /* 16 bytes, wherever they happened to lie */
		memcpy(&seed, random, sizeof(seed));
	json_object_seed(seed);
}

/* What is opened later must not become standard input or output. */
static void open_streams(void)
{
	struct pollfd streams[] = { { .fd = STDIN_FILENO },
				    { .fd = STDOUT_FILENO },
				    { .fd = STDERR_FILENO } };

	(void)poll(streams, 3, 0);
	for (size_t i = 0; i < 3; i++)
		if (streams[i].revents & POLLNVAL)
			/* NOLINTNEXTLINE(android-cloexec-open): they outlive exec */
			(void)open("/dev/null", O_RDWR); /* takes the lowest */
}

int main(int argc, char **argv)
{
	struct start start = { 0 };
	struct err err = { 0 };
	struct shell shell;
	int first = 0;
	int status;

	open_streams();
	seed_json();
	if (broker_takes(argc, argv, &status))
		return status;
	shell_init(&shell);
	shell.docker_voice = called_as_docker(argv[0]);
	if (start_read(&shell, argc, argv, &start, &first, &err) < 0) {
		err.voice = ERR_OURS; /* no command of Docker's was reached */
		if (!err.hint[0])
			err_hint(&err, _("see: dockershell --help"));
		report_failure(&shell, NULL, "", &err);
		status = report_status(NULL, &err);
	} else {
		status = run(&shell, &start, argc - first, argv + first);
	}
	shell_done(&shell);
	return status;
}
