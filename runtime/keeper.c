/* runtime/keeper.c - see keeper.h */
#include "runtime/keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "runtime/sys.h"

void keeper_leave_starter(const char *name, const int *keep, int count)
{
	/* NOLINTNEXTLINE(android-cloexec-open): it may be one of the three */
	int null_fd = open("/dev/null", O_RDWR);
	sigset_t pipe_only;

	(void)setsid();
	for (int i = 0; i < 3 && null_fd >= 0; i++)
		(void)dup2(null_fd, i);
	sys_close_all_but(3, keep, count);
	(void)!chdir("/");
	(void)prctl(PR_SET_NAME, name);
	/* Only blocked, not ignored: ignoring would be inherited. */
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	sigprocmask(SIG_SETMASK, &pipe_only, NULL);
}
