/* shell/each.c - see each.h */
#include "shell/each.h"

#include <errno.h>

#include "runtime/base/err.h"
#include "shell/cmd.h"
#include "shell/report.h"

int each_container(struct shell *shell, const struct args *args,
		   each_work *work, void *arg, int daemon, int *out_failed)
{
	int failed = 0;

	for (int i = 0; i < args->count; i++) {
		struct err err = { 0 };
		int r = work(shell, args->words[i], arg, &err);

		if (r == 0) {
			fprintf(shell->out, "%s\n", args->words[i]);
			fflush(shell->out);
			continue;
		}
		failed++;
		if (daemon && err.voice == ERR_CLIENT)
			err.voice = ERR_DAEMON;
		report_failure(shell, NULL, NULL, &err);
		if (err.code == EINTR)
			return 130;
	}
	if (out_failed)
		*out_failed = failed;
	return failed ? 1 : 0;
}
