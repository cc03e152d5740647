/* shell/limit_notes.c - see limit_notes.h */
#include "shell/limit_notes.h"

#include "runtime/base/lang.h"
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
	if (report_shows_hints(shell))
		report_hint(shell, hint);
}

void limit_notes_print(struct shell *shell, const struct spec *spec)
{
	limits_notes(spec, print, shell);
}

void limit_notes_kernel_memory(struct shell *shell)
{
	print(shell,
	      "Your kernel does not support kernel memory limit capabilities or the cgroup is not mounted. Limitation discarded.",
	      _("Linux counts its own memory as part of a container's since 5.4: --memory limits both"));
}
