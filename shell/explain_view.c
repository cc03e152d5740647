/* shell/explain_view.c - see explain_view.h
 *
 *    3  uid_map      [child 4711]                            0.02 ms
 *       write(5, "0 1000 1\n", 9) = 9
 *         5: /proc/4711/uid_map
 *       why: root inside is an ordinary user outside ...
 *
 * Calls stand as they are, in no language; what is said about them is. */
#include "shell/explain_view.h"

#include <string.h>

#include "runtime/base/own.h"
#include "runtime/call_text.h"
#include "shell/explain.h"

enum {
	INDENT = 5,
	TIME_WIDTH = 10,
	FEW = 4, /* calls of a step that are shown without --all */
	LONG_ID = 64,
};

/* ---- one call ---- */

/* " = 0", " = -1 ENOENT (No such file or directory)"; "" for a fact. */
static void add_result(struct buf *out, const struct trace_event *event)
{
	if (!event->is_call)
		return;
	if (event->error)
		buf_fmt(out, " = -1 %s (%s)", call_text_errno(event->error),
			strerror(event->error));
	else
		buf_fmt(out, " = %lld", (long long)event->result);
}

static const char *match_word(enum tracer_match match)
{
	switch (match) {
	case TRACER_SAME:
		return N_("the kernel saw the same");
	case TRACER_ENTERED:
		return N_(
			"the kernel saw it begin; it was let go there, for under a tracer a setuid program has no power");
	case TRACER_HIDDEN:
		return N_(
			"the kernel saw such a call with this result; its texts are hidden from tracers");
	case TRACER_OTHER:
		return N_("NOT THE SAME: the kernel saw");
	case TRACER_UNSEEN:
		return N_("NOT SEEN by the kernel");
	case TRACER_ELSEWHERE: /* said once of all */
	case TRACER_NOT_ASKED:
	case TRACER_NO_CALL:
		break;
	}
	return NULL;
}

/* Whether it is to be said of the call itself: what holds of all is said once. */
static bool is_worth_a_word(const struct view *view,
			    const struct explain_call *call)
{
	return match_word(call->match) &&
	       (view->form == VIEW_PLAIN || call->match != TRACER_SAME);
}

/* A container's id in a path: twelve digits of it are enough to know it by. */
static void shorten_ids(const char *text, struct buf *out)
{
	while (*text) {
		size_t hex = strspn(text, "0123456789abcdef");

		if (hex == LONG_ID)
			buf_fmt(out, "%.12s...", text);
		else
			buf_add(out, text, hex ? hex : 1);
		text += hex ? hex : 1;
	}
}

/* How much of `text` goes on a line of `room` columns: up to behind the last comma or
 * bar there, else a slash, else a blank, else as much as fits. */
static size_t fit_line(const char *text, int room)
{
	static const char *const behind[] = { ",|:", "/", " " };
	size_t most = style_fit(text, room);

	if (!text[most])
		return most;
	for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
		size_t len = most;

		while (len > most / 2 && !strchr(behind[i], text[len - 1]))
			len--;
		if (len > most / 2)
			return len;
	}
	return most;
}

/* A call has no words to break a line between, but its arguments. */
static void put_call(struct view *view, int indent, const char *text, bool all)
{
	OWN_BUF struct buf brief = { 0 };
	int first = indent;

	if (view->form == VIEW_PLAIN) {
		buf_fmt(&view->out, "%*s%s\n", indent, "", text);
		return;
	}
	if (!all) {
		shorten_ids(text, &brief);
		text = buf_text(&brief);
	}
	while (*text) {
		size_t len = fit_line(text, view->columns - indent - 1);

		size_t shown = len;

		while (shown > 1 && text[shown - 1] == ' ')
			shown--;
		buf_fmt(&view->out, "%*s%.*s\n", indent, "", (int)shown, text);
		text += len;
		text += strspn(text, " ");
		indent = first + 2;
	}
}

static void show_call(struct view *view, const struct explain_call *call,
		      const char *note_before, bool all)
{
	const struct trace_event *event = &call->event;
	OWN_BUF struct buf text = { 0 };

	buf_str(&text, event->detail);
	if (text.len == sizeof(event->detail) - 1)
		buf_str(&text, "..."); /* it filled its room */
	add_result(&text, event);
	if (event->error && view->form == VIEW_DRAWN)
		buf_str(&view->out, style_on(view->shell, STYLE_NOTE));
	if (event->step == TRACE_REFUSED)
		view_say(view, INDENT + 2, "%*s%s", INDENT, "", event->detail);
	else
		put_call(view, INDENT, buf_text(&text), all);
	if (event->error && view->form == VIEW_DRAWN)
		buf_str(&view->out, style_off(view->shell));
	if (*event->note &&
	    (!note_before || strcmp(note_before, event->note) != 0))
		put_call(view, INDENT + 2, event->note, all);
	if (!is_worth_a_word(view, call))
		return;
	view_say(view, INDENT + 4, "%*s%s%s%s", INDENT + 2, "",
		 _(match_word(call->match)), call->seen ? ": " : "",
		 call->seen ? call->seen : "");
}

/* ---- one step ---- */

/* A refusal that the step did not end with was nothing bad: what is not there needs
 * no cover. */
static bool is_bad(const struct explain_step *step, size_t i,
		   const struct explain_call *call)
{
	return (call->event.error && i + 1 == step->count) ||
	       call->match == TRACER_OTHER || call->match == TRACER_UNSEEN;
}

static void show_calls(struct view *view, const struct explain *explain,
		       const struct explain_step *step, bool all)
{
	bool each = all || view->form == VIEW_PLAIN || step->count <= FEW + 1;
	const char *note = NULL;
	size_t left = 0;

	for (size_t i = 0; i < step->count; i++) {
		const struct explain_call *call =
			&explain->calls[step->first + i];

		if (each || i < FEW || is_bad(step, i, call)) {
			show_call(view, call, note, all);
			note = call->event.note;
		} else {
			left++;
		}
	}
	if (left)
		view_say(
			view, INDENT + 2,
			left == 1 ?
				_("%*s... and %zu more such call: --all shows it") :
				_("%*s... and %zu more such calls: --all shows them"),
			INDENT, "", left);
}

/* With --verify: what the kernel saw of a step, where it is the same for all of it. */
static void show_match(struct view *view, const struct explain *explain,
		       const struct explain_step *step)
{
	size_t same = 0;
	size_t calls = 0;

	for (size_t i = 0; i < step->count; i++) {
		const struct explain_call *call =
			&explain->calls[step->first + i];

		calls += call->event.is_call;
		same += call->match == TRACER_SAME;
	}
	if (view->form == VIEW_PLAIN && same)
		return; /* it was said of each */
	if (!calls)
		view_say(
			view, INDENT + 2,
			_("%*skernel: nothing to see, this is a fact and no call"),
			INDENT, "");
	else if (same)
		view_say(
			view, INDENT + 2,
			same == 1 ?
				_("%*skernel: saw %zu call of these, with the same arguments and result") :
				_("%*skernel: saw %zu calls of these, with the same arguments and results"),
			INDENT, "", same);
}

static const char *who(enum trace_process process)
{
	switch (process) {
	case TRACE_PARENT:
		return N_("this program");
	case TRACE_MONITOR:
		return N_("monitor");
	case TRACE_CHILD:
		return N_("child");
	case TRACE_HELPER:
		return N_("helper");
	}
	return "";
}

static void add_time(struct view *view, struct buf *out, uint64_t ns)
{
	OWN_FREE char *time = view_time(view, (int64_t)ns);

	buf_str(out, time);
}

static void head_drawn(struct view *view, const struct explain_step *step,
		       size_t number, const char *took, bool planned)
{
	OWN_FREE char *where =
		mem_fmt("%s %d", _(who(step->process)), step->pid);
	int room = view->columns - INDENT - TIME_WIDTH;
	int name = room > 44 ? 18 : 15;

	buf_fmt(&view->out, "%3zu  ", number);
	buf_str(&view->out, style_on(view->shell, STYLE_BOLD));
	view_pad(view, step->info->name, name, false);
	buf_str(&view->out, style_off(view->shell));
	if (planned) {
		buf_str(&view->out, _(who(step->process)));
	} else {
		view_pad(view, where, room - name, true);
		view_right(view, took, TIME_WIDTH);
	}
	buf_char(&view->out, '\n');
}

static void show_step(struct view *view, const struct explain *explain,
		      size_t index, const struct explain_wish *wish)
{
	const struct explain_step *step = &explain->steps[index];
	OWN_BUF struct buf time = { 0 };

	if (explain_is_timed(explain, step))
		add_time(view, &time, step->took_ns);
	else
		buf_str(&time, view->form == VIEW_PLAIN
				       ? _("its time cannot be known")
				       : "?");
	if (view->form == VIEW_DRAWN)
		head_drawn(view, step, index + 1, buf_text(&time),
			   wish->planned);
	else if (wish->planned)
		view_say(view, 0, _("step %zu: %s, by %s"), index + 1,
			 step->info->name, _(who(step->process)));
	else
		view_say(view, 0, _("step %zu: %s, by %s, process %d, %s"),
			 index + 1, step->info->name, _(who(step->process)),
			 step->pid, buf_text(&time));
	show_calls(view, explain, step, wish->all);
	if (explain->verified)
		show_match(view, explain, step);
	if (view->form == VIEW_DRAWN)
		buf_str(&view->out, style_on(view->shell, STYLE_DIM));
	view_say(view, INDENT + 2, _("%*swhy: %s"), INDENT, "",
		 _(step->info->why));
	if (view->form == VIEW_DRAWN)
		buf_str(&view->out, style_off(view->shell));
}

/* ---- around them ---- */

/* Hundredths of a millisecond. */
static long long rounded(uint64_t ns)
{
	return (long long)((ns + 5000) / 10000);
}

struct times {
	double total;
	double steps;
	double between;
	double program;
	double overlap;
};

/* In milliseconds, rounded so that they still add up: what is between is the rest. */
static struct times times_of(const struct explain *explain)
{
	long long total = rounded(explain->total_ns);
	long long steps = rounded(explain->steps_ns);
	long long overlap = rounded(explain->overlap_ns);
	long long program = rounded(explain->program_ns);
	long long between = total - steps + overlap - program;

	return (struct times){ (double)total / 100, (double)steps / 100,
			       (double)between / 100, (double)program / 100,
			       (double)overlap / 100 };
}

static void show_times(struct view *view, const struct explain *explain)
{
	struct times ms = times_of(explain);

	if (ms.program <= 0 && ms.overlap <= 0)
		view_say(
			view, 2,
			_("Total %.2f ms = %.2f ms in these steps + %.2f ms between them."),
			ms.total, ms.steps, ms.between);
	else
		view_say(
			view, 2,
			_("Total %.2f ms = %.2f ms in these steps + %.2f ms between them + %.2f ms while the program ran - %.2f ms that two processes worked at the same time."),
			ms.total, ms.steps, ms.between, ms.program, ms.overlap);
}

static void show_untold(struct view *view, const struct explain *explain)
{
	const struct tracer_report *report = &explain->report;

	for (size_t i = tracer_next_untold(report, 0); i < report->count;
	     i = tracer_next_untold(report, i + 1))
		view_say(view, INDENT + 2,
			 _("%*sno step tells of: %s (process %d)"), INDENT, "",
			 report->calls[i].text, report->calls[i].pid);
}

static void show_verified(struct view *view, const struct explain *explain)
{
	struct explain_tally tally = explain_count(explain);

	if (*explain->why_not) {
		view_say(view, 2, _("Not verified: %s"), explain->why_not);
		return;
	}
	if (!explain->verified)
		return;
	if (tally.calls > tally.elsewhere)
		view_say(
			view, 2,
			_("Verified with ptrace(2): the kernel saw %zu of the %zu calls that these steps name."),
			tally.same + tally.begun + tally.hidden,
			tally.calls - tally.elsewhere);
	else
		view_say(
			view, 2, "%s",
			_("Watched with ptrace(2): there is no call of a step that could be compared."));
	if (tally.begun + tally.hidden)
		view_say(
			view, 2,
			_("%zu with all they have; of %zu only the beginning; of %zu not the texts."),
			tally.same, tally.begun, tally.hidden);
	if (tally.elsewhere)
		view_say(
			view, 2,
			tally.elsewhere == 1 ?
				_("%zu call was made by a process that was there before (the container's monitor): it cannot be watched from here.") :
				_("%zu calls were made by processes that were there before (the container's monitor): they cannot be watched from here."),
			tally.elsewhere);
	if (tally.facts)
		view_say(
			view, 2,
			tally.facts == 1 ?
				_("%zu of what is told is a fact and no call: nothing for the kernel to see.") :
				_("%zu of what is told are facts and no calls: nothing for the kernel to see."),
			tally.facts);
	view_say(
		view, 2,
		_("It also saw calls that are no steps (read, mmap ...): %zu; processes in all: %zu. Watching costs time: the times are longer than without."),
		explain_others(explain), explain->report.process_count);
	show_untold(view, explain);
}

static bool is_refused(const struct explain *explain)
{
	return explain->step_count &&
	       explain->steps[explain->step_count - 1].step == TRACE_REFUSED;
}

static void show_answer(struct view *view, const struct explain *explain,
			const struct explain_wish *wish)
{
	struct explain_tally tally = explain_count(explain);
	OWN_BUF struct buf time = { 0 };

	if (wish->planned && is_refused(explain)) {
		view_answer(
			view,
			_("`%s` would fail in the last of these %zu steps; nothing was done."),
			wish->line, explain->step_count);
		return;
	}
	if (wish->planned) {
		view_answer(
			view,
			explain->step_count == 1 ?
				_("`%s` would take this %zu step; nothing was done.") :
				_("`%s` would take these %zu steps; nothing was done."),
			wish->line, explain->step_count);
		return;
	}
	add_time(view, &time, explain->total_ns);
	view_answer(
		view,
		_("`%s` ended with status %d after %s. Steps: %zu, calls: %zu, processes: %d."),
		wish->line, explain->status, buf_text(&time),
		explain->step_count, tally.calls, explain->processes);
}

static void add_next(struct buf *next, const struct explain *explain,
		     const struct explain_wish *wish)
{
	if (wish->planned && is_refused(explain))
		buf_str(next, explain->tells);
	else if (wish->planned)
		buf_fmt(next, "explain %s", wish->line);
	else if (is_refused(explain))
		buf_str(next, "why");
	else if (explain->step_count == 0)
		buf_str(next, "explain run --rm busybox true");
	else if (!explain->verified && !*explain->why_not && wish->again)
		buf_fmt(next, "explain --verify %s", wish->line);
	else
		buf_fmt(next, "explain --docker %s", wish->line);
}

void explain_view(struct view *view, const struct explain *explain,
		  const struct explain_wish *wish)
{
	OWN_BUF struct buf next = { 0 };

	add_next(&next, explain, wish);
	if (view->form == VIEW_JSON) {
		explain_json(view, explain, wish, buf_text(&next));
		return;
	}
	show_answer(view, explain, wish);
	for (size_t i = 0; i < explain->step_count; i++)
		show_step(view, explain, i, wish);
	if (!wish->planned && explain->step_count == 0)
		view_say(
			view, 0, "%s",
			_("Nothing in it is a step of how a container is made, changed or ended."));
	else if (!wish->planned)
		show_times(view, explain);
	show_verified(view, explain);
	view_next(view, "%s", buf_text(&next));
	view_end(view);
}
