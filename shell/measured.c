/* shell/measured.c - see measured.h */
#include "shell/measured.h"

#include <stdarg.h>

#include "runtime/base/buf.h"
#include "runtime/measure.h"
#include "runtime/notes.h"
#include "shell/cmd.h"

void measured_note(const struct shell *shell, const struct measured *measured,
		   const char *name, ...)
{
	const struct noted_times times = { measured->count, measured->median_ns,
					   measured->p10_ns, measured->p90_ns };
	OWN_BUF struct buf text = { 0 };
	va_list args;

	va_start(args, name);
	buf_vfmt(&text, name, args);
	va_end(args);
	if (measured->count)
		notes_measured(shell->home, buf_text(&text), &times);
}

json_t *measured_json(const struct measured *measured)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "count",
			 (json_int_t)measured->count, "median_ns",
			 (json_int_t)measured->median_ns, "p10_ns",
			 (json_int_t)measured->p10_ns, "p90_ns",
			 (json_int_t)measured->p90_ns);
}
