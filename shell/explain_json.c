/* shell/explain_json.c - the steps of a command as one JSON object; see
 * explain_view.h. */
#include "runtime/base/own.h"
#include "runtime/call_text.h"
#include "shell/explain.h"
#include "shell/explain_view.h"

static const char *match_name(enum tracer_match match)
{
	static const char *const names[] = {
		[TRACER_NOT_ASKED] = NULL,    [TRACER_SAME] = "same",
		[TRACER_ENTERED] = "entered", [TRACER_HIDDEN] = "hidden",
		[TRACER_OTHER] = "different", [TRACER_UNSEEN] = "unseen",
		[TRACER_NO_CALL] = "no_call",
	};

	return names[match];
}

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

/* Texts are the kernel's and may be no UTF-8: then they are left out. */
static json_t *call_json(const struct explain_call *call)
{
	const struct trace_event *event = &call->event;
	json_t *object = json_object();
	json_t *text = json_string(event->detail);

	json_object_set_new(object, event->is_call ? "call" : "fact",
			    text ? text : json_null());
	if (event->is_call)
		json_object_set_new(object, "result",
				    json_integer(event->result));
	json_object_set_new(object, "error",
			    event->error
				    ? json_string(call_text_errno(event->error))
				    : json_null());
	json_object_set_new(object, "took_ns",
			    json_integer((json_int_t)event->took_ns));
	json_object_set_new(object, "note", text_or_null(event->note));
	if (match_name(call->match))
		json_object_set_new(object, "kernel",
				    json_string(match_name(call->match)));
	if (call->seen)
		json_object_set_new(object, "kernel_saw",
				    text_or_null(call->seen));
	return object;
}

static json_t *step_json(const struct explain *explain, size_t index,
			 bool planned)
{
	const struct explain_step *step = &explain->steps[index];
	const struct explain_call *last =
		&explain->calls[step->first + step->count - 1];
	OWN_BUF struct buf detail = { 0 };
	json_t *object = json_object();
	json_t *calls = json_array();

	for (size_t i = 0; i < step->count; i++) {
		const struct explain_call *call =
			&explain->calls[step->first + i];

		buf_fmt(&detail, "%s%s", i ? "; " : "", call->event.detail);
		json_array_append_new(calls, call_json(call));
	}
	json_object_set_new(object, "number",
			    json_integer((json_int_t)index + 1));
	json_object_set_new(object, "name", json_string(step->info->name));
	json_object_set_new(object, "call", json_string(step->info->call));
	json_object_set_new(object, "page", json_string(step->info->page));
	json_object_set_new(object, "detail", text_or_null(buf_text(&detail)));
	json_object_set_new(object, "result",
			    last->event.is_call && !planned
				    ? json_integer(last->event.result)
				    : json_null());
	if (!planned)
		json_object_set_new(
			object, "took_ns",
			explain_is_timed(explain, step)
				? json_integer((json_int_t)step->took_ns)
				: json_null());
	if (!planned)
		json_object_set_new(object, "pid", json_integer(step->pid));
	json_object_set_new(object, "process",
			    json_string(explain_process_name(step->process)));
	json_object_set_new(object, "why", json_string(_(step->info->why)));
	json_object_set_new(object, "calls", calls);
	return object;
}

static json_t *verified_json(const struct explain *explain)
{
	const struct tracer_report *report = &explain->report;
	struct explain_tally tally = explain_count(explain);
	json_t *untold = json_array();

	for (size_t i = tracer_next_untold(report, 0); i < report->count;
	     i = tracer_next_untold(report, i + 1))
		json_array_append_new(untold,
				      text_or_null(report->calls[i].text));
	return json_pack(
		"{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "calls",
		(json_int_t)tally.calls, "same", (json_int_t)tally.same,
		"entered", (json_int_t)tally.begun, "hidden",
		(json_int_t)tally.hidden, "not_watched",
		(json_int_t)tally.elsewhere, "wrong", (json_int_t)tally.wrong,
		"others", (json_int_t)explain_others(explain), "processes",
		(json_int_t)report->process_count, "untold", untold);
}

static void put_times(json_t *object, const struct explain *explain)
{
	const struct {
		const char *name;
		uint64_t value;
	} times[] = { { "total_ns", explain->total_ns },
		      { "steps_ns", explain->steps_ns },
		      { "overlap_ns", explain->overlap_ns },
		      { "program_ns", explain->program_ns },
		      { "between_ns", explain->between_ns } };

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		json_object_set_new(object, times[i].name,
				    json_integer((json_int_t)times[i].value));
}

void explain_json(struct view *view, const struct explain *explain,
		  const struct explain_wish *wish, const char *next)
{
	json_t *object = json_object();
	json_t *steps = json_array();

	json_object_set_new(object, "command", text_or_null(wish->line));
	json_object_set_new(object, "done", json_boolean(!wish->planned));
	if (!wish->planned) {
		json_object_set_new(object, "status",
				    json_integer(explain->status));
		put_times(object, explain);
	}
	for (size_t i = 0; i < explain->step_count; i++)
		json_array_append_new(steps,
				      step_json(explain, i, wish->planned));
	json_object_set_new(object, "steps", steps);
	if (explain->verified)
		json_object_set_new(object, "verified", verified_json(explain));
	else if (*explain->why_not)
		json_object_set_new(object, "not_verified",
				    json_string(explain->why_not));
	view_json(view, object, next);
}
