/* runtime/base/interrupt.c - see interrupt.h */
#include "runtime/base/interrupt.h"

#include <errno.h>
#include <signal.h>

#include "runtime/base/err.h"

static volatile sig_atomic_t seen;

static void on_signal(int number)
{
	(void)number;
	seen = 1;
}

void interrupt_catch(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	/* No SA_RESTART: a read that waits is to come back. */
	sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL); /* fails on bad arguments only */
}

void interrupt_clear(void)
{
	seen = 0;
}

bool interrupt_seen(void)
{
	return seen != 0;
}

int interrupt_err(struct err *err)
{
	err_set(err, EINTR, "%s", "");
	return err_status(err, 130);
}
