/* shell/main.c - the start of the program.
 *
 *   dockershell                  the prompt (a script, when stdin is no terminal)
 *   dockershell COMMAND ...      one command
 *   dockershell -c LINE          one line
 *   dockershell FILE             a script
 *
 * Called by the name `docker`, words are a command of Docker's and nothing
 * else. */
#include <stdlib.h>
#include <string.h>

#include "shell/cmd.h"
#include "shell/dispatch.h"
#include "shell/shell.h"

int main(int argc, char **argv)
{
	struct shell shell;
	int status;

	shell_init(&shell);
	status = dispatch(&shell, argc - 1, argv + 1);
	shell_done(&shell);
	return status;
}
