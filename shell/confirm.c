/* shell/confirm.c - see confirm.h */
#include "shell/confirm.h"

#include <errno.h>
#include <strings.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "shell/cmd.h"

/* Byte by byte: what stands behind the line is for whoever reads next. */
int confirm(struct shell *shell, const char *question, struct err *err)
{
	char answer[8] = "";
	size_t len = 0;
	char c;

	fprintf(shell->out, "%s [y/N] ", question);
	fflush(shell->out);
	for (;;) {
		ssize_t n = read(shell->in_fd, &c, 1);

		if (n < 0 && errno == EINTR) {
			if (!interrupt_seen())
				continue;
			fputc('\n', shell->out); /* behind the "^C" */
			return interrupt_err(err);
		}
		if (n <= 0 || c == '\n')
			break;
		if (len + 1 < sizeof(answer) && c != '\r')
			answer[len++] = c;
	}
	answer[len] = '\0';
	return strcasecmp(answer, "y") == 0;
}
