/* runtime/relay_pipes.c - the program's streams where it has no terminal; see relay.h */
#include <fcntl.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/relay.h"

static int make_pipe(int *ours, int *theirs, bool we_read, struct err *err)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	*ours = pair[we_read ? 0 : 1];
	*theirs = pair[we_read ? 1 : 0];
	/* Reading waits for poll to say that there is something; how much a
	 * pipe takes, only trying can tell. */
	if (!we_read && fcntl(*ours, F_SETFL, O_NONBLOCK) < 0)
		return err_errno(err, "fcntl");
	return 0;
}

int relay_make_pipes(struct relay *m, bool with_input, int stdio[3],
		     struct err *err)
{
	int r = 0;

	if (with_input)
		r = make_pipe(&m->input, &stdio[0], false, err);
	for (int i = 0; i < 2 && r == 0; i++)
		r = make_pipe(&m->output[i], &stdio[i + 1], true, err);
	return r;
}
