/* shell/limit_notes.c - see limit_notes.h */
#include "shell/limit_notes.h"

#include "runtime/limits.h"
#include "shell/cmd.h"
#include "shell/report.h"

static void print(void *arg, const char *warning, const char *hint)
{
	struct shell *shell = arg;

	if (warning)
		fprintf(shell->err_out, "WARNING: %s\n", warning);
	/* Nothing of ours stands under Docker's words where another program may
	 * read them. */
	if (shell->interactive)
		report_hint(shell, hint);
}

void limit_notes_print(struct shell *shell, const struct spec *spec)
{
	limits_notes(spec, print, shell);
}
