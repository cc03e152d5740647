/* shell/cmd_doctor.c - `doctor`: what this machine can and cannot do, and what mends it.
 *
 * runtime/probe.h tries and judges; the terminal alone is looked at here. It works
 * without a store, and leaves nothing behind. --facts judges another machine: its
 * facts, as `doctor --json` names them, are put in the place of this one's. */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/probe.h"
#include "shell/cmd.h"
#include "shell/doctor_view.h"
#include "shell/style.h"

enum { MOST_FACTS = 64 << 10 };

struct doctor_opts {
	bool json;
	bool plain;
	const char *facts;
};

#define AT(field) offsetof(struct doctor_opts, field)

static const struct opt opts[] = {
	{ "facts", 0, OPT_TEXT, "file",
	  N_("Judge the facts in a file (name=value lines) in place of this machine's"),
	  NULL, AT(facts), 0, COMPLETE_FILES },
	{ "json", 0, OPT_FLAG, NULL,
	  N_("Print one JSON object, with all facts"), NULL, AT(json), 0 },
	{ "plain", 0, OPT_FLAG, NULL, N_("Print one fact a line, not drawn"),
	  NULL, AT(plain), 0 },
	{ 0 },
};

/* At the prompt it is known already. Else the terminal is asked, unless something was
 * typed in advance: that is for the next program. */
static void look_at_terminal(const struct shell *shell,
			     struct probe_facts *facts)
{
	int out_fd = fileno(shell->out);
	struct pollfd typed = { .fd = shell->in_fd, .events = POLLIN };
	OWN_BUF struct buf lost = { 0 };

	facts->utf8 = style_is_utf8();
	if (shell->interactive)
		facts->drawing = !shell->ascii;
	else if (isatty(shell->in_fd) && out_fd >= 0 && isatty(out_fd) &&
		 poll(&typed, 1, 0) == 0)
		facts->drawing =
			style_probe_drawing(shell->in_fd, out_fd, &lost);
}

static int read_facts(const char *path, struct probe_facts *facts,
		      struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	int r = fs_read(AT_FDCWD, path, MOST_FACTS, &text, err);

	if (r == 0)
		r = probe_facts_read(facts, buf_text(&text), err);
	if (r < 0) {
		err_wrap(err, "%s", path);
		return err_hint(
			err,
			_("each line is name=value, with the names that 'doctor --json' shows under \"facts\""));
	}
	return 0;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct doctor_opts *o = args->opts;
	OWN_PROBE_REPORT struct probe_report report = { 0 };
	struct probe_facts facts;

	probe_measure(shell->home_path, &facts);
	look_at_terminal(shell, &facts);
	if (o->facts && read_facts(o->facts, &facts, err) < 0)
		return -err->code;
	probe_judge(&facts, &report);
	if (o->json || shell->json)
		doctor_view_json(shell, &report, &facts);
	else if (o->plain || shell->plain)
		doctor_view_plain(shell, &report);
	else
		doctor_view_print(shell, &report);
	return probe_report_state(&report) == PROBE_OK ? 0 : 1;
}

static const char *const examples[] = { "doctor", "doctor --plain", NULL };

const struct cmd cmd_doctor = {
	.name = "doctor",
	.group = N_("Shell"),
	.synopsis = "[OPTIONS]",
	.summary =
		N_("Try what this machine can do, and say what mends the rest"),
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct doctor_opts),
	.examples = examples,
	.run = run,
	.pages = true,
	.ours = true,
	.needs = CMD_NEEDS_NOTHING,
};
