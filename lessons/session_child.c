/* lessons/session_child.c - the parts of a session that run a lesson's script: in a
 * child with limits, which asks the parent for whatever has an effect
 * (session_serve.c). */
#include "lessons/session_parts.h"

#include <errno.h>

#include "images/store.h"
#include "lessons/any_text.h"
#include "lessons/facts.h"
#include "lessons/goal_wait.h"
#include "lessons/script.h"
#include "lessons/worker.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"

/* ---- in the child ---- */

static int open_script(const struct session_task *task, struct script **out,
		       struct err *err)
{
	const struct lesson *lesson = task->session->lesson;
	struct script_source source = { lesson->dir, lesson->seed,
					&lesson->vars, &lesson->can };

	return script_open(&source, out, err);
}

/* Programs are run by the parent: this child's limits would be theirs. */
static int run_by_parent(void *ctx, const struct facts_run *run,
			 struct facts_ran *out, struct err *err)
{
	json_t *args = json_array();
	json_t *reply = NULL;
	json_t *request;
	const char *failed;
	int r;

	for (size_t i = 0; i < run->args->count; i++)
		json_array_append_new(args, any_text(run->args->items[i]));
	request = json_pack("{s:s,s:i,s:s,s:o,s:s*,s:i}", "do", "run", "where",
			    (int)run->where, "name", run->name, "args", args,
			    "user", run->user, "timeout", run->timeout_ms);
	if (!request)
		return err_set(err, EILSEQ, _("a text that is not UTF-8"));
	r = worker_ask(ctx, request, &reply, err);
	if (r < 0)
		return r;
	r = -(int)json_integer_value(json_object_get(reply, "code"));
	failed = json_string_value(json_object_get(reply, "failed"));
	if (r < 0)
		err_set(err, -r, "%s", failed ? failed : "");
	else
		*out = (struct facts_ran){
			.code = (int)json_integer_value(
				json_object_get(reply, "exit")),
			.late = json_is_true(json_object_get(reply, "late")),
			.output = mem_str(json_string_value(
				json_object_get(reply, "output"))),
			.failed = mem_str(failed),
		};
	json_decref(reply);
	return r;
}

static int open_facts(const struct session_task *task, struct worker *worker,
		      struct facts *out, struct err *err)
{
	int r = facts_open(task->session->world.home.path, out, err);

	if (r < 0)
		return r;
	out->answers = task->session->progress.answers;
	out->seen = &task->session->progress.seen;
	out->typed = &task->typed;
	out->lines = task->lines;
	out->builds_before = task->session->progress.builds_before;
	out->run_ctx = worker;
	out->run = run_by_parent;
	if (task->check.patience_ms > 0)
		out->wait_until_ms =
			goal_wait_now_ms() + task->check.patience_ms;
	return 0;
}

static int child_play(void *arg, struct worker *worker, json_t **out,
		      struct err *err)
{
	struct session_task *task = arg;
	struct facts facts = { 0 };
	struct script_hands hands = { .worker = worker };
	const struct step *step = &task->session->lesson->steps[task->step];
	struct script_function function = { step->index,
					    (enum script_part)task->part,
					    task->index };
	struct script *script = NULL;
	int r = open_script(task, &script, err);

	if (r < 0)
		return r;
	r = open_facts(task, worker, &facts, err);
	if (r < 0)
		return r;
	hands.facts = &facts;
	if (task->part == SCRIPT_SHOW || task->rehearse)
		hands.worker = NULL;
	if (task->rehearse)
		hands.dry = json_array();
	r = script_call(script, &hands, &function, out, err);
	if (r == 0 && task->rehearse)
		*out = hands.dry;
	return r;
}

static bool needs_script(const struct step *step)
{
	for (size_t i = 0; i < step->goals_count; i++) {
		if (step->goals[i].has_check || step->goals[i].has_diagnose ||
		    step->goals[i].has_right)
			return true;
	}
	return false;
}

static int child_judge(void *arg, struct worker *worker, json_t **out,
		       struct err *err)
{
	struct session_task *task = arg;
	const struct step *step = &task->session->lesson->steps[task->step];
	struct verdicts verdicts = { 0 };
	struct script *script = NULL;
	struct facts facts = { 0 };
	int r = open_facts(task, worker, &facts, err);

	if (r == 0 && needs_script(step))
		r = open_script(task, &script, err);
	if (r < 0)
		return r;
	judge_step(&(struct judge){ .step = step,
				    .facts = &facts,
				    .script = script,
				    .met = &task->met,
				    .alone = task->check.alone },
		   &verdicts);
	*out = verdicts_to_json(&verdicts);
	return 0;
}

/* ---- in the parent ---- */

static int run_task(struct session_task *task, worker_work *work, json_t **out,
		    struct err *err)
{
	struct worker_job job = {
		.work = work,
		.work_arg = task,
		.serve = session_serve,
		.serve_arg = task,
		.lang = task->session->place.lang,
		.wall_ms = LESSON_WALL_MS + task->check.patience_ms,
		.cpu_s = LESSON_CPU_S,
		.memory_bytes = LESSON_MEMORY_BYTES,
	};

	/* The child opens the store itself; see db.h on fork. */
	store_rest(task->session->world.store);
	return worker_run(&job, out, err);
}

int session_play(struct lesson_session *session, size_t step, int part,
		 size_t index, struct err *err)
{
	struct session_task task = {
		.session = session, .step = step, .part = part, .index = index
	};
	json_t *out = NULL;
	int r;

	strs_clear(&session->complaints);
	r = run_task(&task, child_play, &out, err);
	json_decref(out);
	return r;
}

int session_rehearse(struct lesson_session *session, size_t step, size_t index,
		     json_t **out, struct err *err)
{
	struct session_task task = { .session = session,
				     .step = step,
				     .part = SCRIPT_SOLVE,
				     .index = index,
				     .rehearse = true };

	return run_task(&task, child_play, out, err);
}

/* What was typed in this step: for w:lines() and w:typed(). */
static int read_lines(struct session_task *task, struct err *err)
{
	struct lesson_session *session = task->session;
	int r = progress_log_lines(
		&(struct progress_log){ session->progress_fd, session->name },
		session->progress.log_from, lesson_step(session)->id,
		&task->lines, err);

	for (size_t i = 0; i < json_array_size(task->lines); i++)
		strs_add(&task->typed,
			 json_string_value(json_object_get(
				 json_array_get(task->lines, i), "line")));
	return r;
}

static void task_done(struct session_task *task)
{
	json_decref(task->lines);
	strs_done(&task->typed);
	strs_done(&task->met);
}

int session_show(struct lesson_session *session, struct err *err)
{
	struct session_task task = { .session = session,
				     .step = session_step_index(session),
				     .part = SCRIPT_SHOW };
	json_t *out = NULL;
	const char *name;
	json_t *value;
	int r;

	if (!lesson_step(session)->has_show)
		return 0;
	r = read_lines(&task, err);
	if (r == 0)
		r = run_task(&task, child_play, &out, err);
	task_done(&task);
	if (r < 0)
		return r;
	strs_clear(&session->shown);
	json_object_foreach(out, name, value)
	{
		if (json_is_string(value))
			strs_addf(&session->shown, "%s=%s", name,
				  json_string_value(value));
		else if (json_is_integer(value))
			strs_addf(&session->shown, "%s=%lld", name,
				  (long long)json_integer_value(value));
		else if (json_is_real(value))
			strs_addf(&session->shown, "%s=%g", name,
				  json_real_value(value));
	}
	json_decref(out);
	return 0;
}

/* Goals of this step that are met: without the step's name in front. */
static void met_of_step(const struct lesson_session *session, struct strs *out)
{
	const struct step *step = lesson_step(session);

	for (size_t i = 0; i < step->goals_count; i++) {
		if (lesson_is_met(session, &step->goals[i]))
			strs_add(out, step->goals[i].id);
	}
}

int session_judge(struct lesson_session *session,
		  const struct session_check *check, struct verdicts *out,
		  struct err *err)
{
	struct session_task task = { .session = session,
				     .step = session_step_index(session),
				     .check = *check };
	json_t *list = NULL;
	int r = read_lines(&task, err);

	session->looked = false;
	met_of_step(session, &task.met);
	if (r == 0)
		r = run_task(&task, child_judge, &list, err);
	if (r == 0)
		r = verdicts_from_json(list, out, err);
	json_decref(list);
	task_done(&task);
	return r;
}
