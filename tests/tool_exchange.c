/* tests/tool_exchange.c - swaps two names for ever: the attack on whoever looks a
 * path up twice.
 *
 *   tool_exchange FOLDER A B     renameat2(RENAME_EXCHANGE) until it is killed, or
 *                                until its parent is gone */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd;

	if (argc != 4)
		return 2;
	fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a convenience */
	while (fd >= 0 && renameat2(fd, argv[2], fd, argv[3],
				    RENAME_EXCHANGE) == 0)
		;
	perror(argv[1]);
	return 1;
}
