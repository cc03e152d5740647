/* lessons/session_child.c - the parts of a session that run a lesson's script:
 * in a child with limits, which asks the parent for whatever has an effect. */
#include "lessons/any_text.h"
#include "lessons/session_parts.h"

#include <errno.h>
#include <stdint.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "images/store.h"
#include "lessons/facts.h"
#include "lessons/goal_wait.h"
#include "lessons/look.h"
#include "lessons/script.h"
#include "lessons/worker.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/copy.h"

/* The most of a command's output that a script gets to see. */
#define OUTPUT_MAX ((size_t)32 << 10)
#define COMPLAINT_MAX 600

#define UNTIL_MS 10000
#define UNTIL_PAUSE_MS 20

/* What a child is to do; read there, made here. */
struct task {
	struct lesson_session *session;
	size_t step;
	int part;
	size_t index;
	bool rehearse;
	struct session_check check;
	json_t *lines;
	struct strs typed;
	struct strs met;
};

/* ---- in the child ---- */

static int open_script(const struct task *task, struct script **out,
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

static int open_facts(const struct task *task, struct worker *worker,
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
	struct task *task = arg;
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
		if (step->goals[i].has_check ||
		    step->goals[i].has_diagnose ||
		    step->goals[i].has_right)
			return true;
	}
	return false;
}

static int child_judge(void *arg, struct worker *worker, json_t **out,
		       struct err *err)
{
	struct task *task = arg;
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

static int check_and_tell(struct lesson_session *session, bool wait,
			  struct err *err)
{
	const struct lesson_host *host = &session->place.host;
	struct lesson_news news = { 0 };
	int r = lesson_check(session, wait, &news, err);

	if (r == 0 && host->news)
		host->news(host->ctx, &news);
	lesson_news_done(&news);
	return r;
}

/* A question opens once the goals before it are met, and the next one once this
 * is. They may wait for a container that is about to end. */
static int answer(struct lesson_session *session, const char *value,
		  struct err *err)
{
	const struct lesson_host *host = &session->place.host;
	OWN_BUF struct buf given = { 0 };
	int r = check_and_tell(session, false, err);

	if (r == 0 && !lesson_question(session))
		r = check_and_tell(session, true, err);
	buf_str(&given, value);
	if (r == 0 && host->answer)
		r = host->answer(host->ctx, &given, err);
	if (r == 0)
		r = lesson_answer(session, buf_text(&given), err);
	return r < 0 ? r : check_and_tell(session, false, err);
}

/* "answer 2" is the engine's own; the shell runs the rest. A setup has no
 * question to answer (and holds the lock that an answer takes). */
static int run_line(const struct task *task, const char *line,
		    struct buf *output, struct err *err)
{
	static const char word[] = "answer ";
	struct lesson_session *session = task->session;

	if (strncmp(line, word, sizeof(word) - 1) != 0)
		return session->place.host.run_line(session->place.host.ctx,
						    line, output, err);
	if (task->part == SCRIPT_SETUP)
		return err_set(err, EINVAL, _("a setup cannot answer"));
	return answer(session, line + sizeof(word) - 1, err);
}

/* Whatever a container prints may come here. One byte may be six in JSON, and all of it
 * is one message. */
static json_t *output_of(const struct buf *output)
{
	OWN_FREE char *whole = any_text_utf8(buf_text(output), output->len);
	json_t *text = NULL;
	size_t len = SIZE_MAX;

	for (size_t most = OUTPUT_MAX; len > 3 * OUTPUT_MAX; most /= 2) {
		json_decref(text);
		text = any_text_most(whole, most);
		len = json_dumpb(text, NULL, 0, JSON_ENCODE_ANY);
	}
	return text;
}

/* A line of the author's that fails is most often a slip: `lesson test` shows it. */
static void complain(struct lesson_session *session, const char *line,
		     int status, const struct buf *output)
{
	int len = output->len > COMPLAINT_MAX ? COMPLAINT_MAX
					      : (int)output->len;

	strs_addf(&session->complaints, "%s\n%.*s(%d)", line, len,
		  buf_text(output), status);
}

/* What a program in a container takes a moment to do: the line is run again until its
 * output has the text (NULL: once), or the time is over. */
static int run_line_until(struct task *task, const char *line,
			  const char *text, struct buf *output,
			  struct err *err)
{
	const struct lesson_host *host = &task->session->place.host;
	int64_t end = goal_wait_now_ms() + UNTIL_MS;
	int status = run_line(task, line, output, err);

	while (text && status >= 0 && !strstr(buf_text(output), text) &&
	       goal_wait_now_ms() < end) {
		(void)poll(NULL, 0, UNTIL_PAUSE_MS);
		buf_clear(output);
		status = (host->run_again ? host->run_again : host->run_line)(
			host->ctx, line, output, err);
	}
	return status;
}

static int serve_type(struct task *task, const char *line, const char *until,
		      json_t **out_reply, struct err *err)
{
	struct lesson_session *session = task->session;
	OWN_BUF struct buf output = { 0 };
	int64_t from = goal_wait_now_ms();
	int status = run_line_until(task, line, until, &output, err);
	/* Who types it for a room says when it begins to run. */
	struct progress_line typed = {
		lesson_step(session)->id, line, status,
		goal_wait_now_ms() - (session->began_ms > from
					      ? session->began_ms
					      : from)
	};

	session->began_ms = 0;
	if (status < 0)
		return status;
	if (status != 0)
		complain(session, line, status, &output);
	/* A start that is not whole could not be worked from. */
	if (status != 0 && task->part == SCRIPT_SETUP)
		return err_set(err, ECANCELED,
			       _("this line ended with status %d: %s: %.*s"), status,
			       line, COMPLAINT_MAX, buf_text(&output));
	if (task->part != SCRIPT_SETUP)
		(void)progress_log_add(
			&(struct progress_log){ session->progress_fd,
						session->name },
			&typed, err);
	(void)session_note_seen(session, err);
	*out_reply = json_pack("{s:i,s:o}", "status", status, "output",
			       output_of(&output));
	return 0;
}

/* Names below the lesson's folder and the learner's, never above them. */
static bool stays_below(const char *path)
{
	OWN_FREE char *clean = fs_clean_path(path);

	return path[0] != '/' && *path && clean[0] != '/' &&
	       strcmp(clean, "..") != 0 && strncmp(clean, "../", 3) != 0;
}

/* Makes the folders above a file in the learner's folder; *out_work: that folder,
 * opened (given). */
static int open_above(struct task *task, const char *to, int *out_work,
		      struct err *err)
{
	OWN_FREE char *parents = mem_str(to);
	char *last = strrchr(parents, '/');
	OWN_FD int work = -1;
	int r = 0;

	if (!stays_below(to))
		return err_set(err, EINVAL,
			       _("'%s' is not in the learner's folder"), to);
	work = world_work(&task->session->world, err);
	if (work < 0)
		return work;
	if (last && last != parents) {
		*last = 0;
		r = fs_make_dirs(work, parents, 0755, err);
	}
	if (r == 0)
		*out_work = own_give_fd(&work);
	return r;
}

static int serve_write(struct task *task, const char *to, const char *text,
		       json_t **out_reply, struct err *err)
{
	const struct lesson_host *host = &task->session->place.host;
	OWN_FD int work = -1;
	struct stat there;
	mode_t mode = 0644;
	int r = open_above(task, to, &work, err);

	/* An editor leaves a script one that can be run. */
	if (r == 0 && fstatat(work, to, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(there.st_mode))
		mode = there.st_mode & 0777;
	if (r == 0)
		r = fs_replace(work, to, text ? text : "",
			       text ? strlen(text) : 0, mode, false, err);
	if (r == 0 && task->part == SCRIPT_SOLVE && host->wrote)
		r = host->wrote(host->ctx, to, text ? text : "", err);
	if (r == 0)
		*out_reply = json_object();
	return r;
}

static int serve_remove(struct task *task, const char *to, json_t **out_reply,
			struct err *err)
{
	OWN_FD int work = -1;
	int r = open_above(task, to, &work, err);

	if (r == 0)
		r = fs_remove_tree(work, to, err);
	if (r == 0)
		*out_reply = json_object();
	return r;
}

static int serve_copy(struct task *task, const char *from, const char *to,
		      json_t **out_reply, struct err *err)
{
	OWN_FD int lesson = -1;
	OWN_FD int work = -1;
	int r;

	if (!stays_below(from))
		return err_set(err, EINVAL,
			       _("copy '%s' to '%s': only from the lesson's "
				 "folder into the learner's"),
			       from, to);
	lesson = fs_open_dir(AT_FDCWD, task->session->lesson->dir, err);
	if (lesson < 0)
		return lesson;
	if (!fs_exists(lesson, from))
		return err_set(err, ENOENT, _("the lesson has no '%s'"), from);
	r = open_above(task, to, &work, err);
	if (r == 0)
		r = fs_remove_tree(work, to, err);
	if (r == 0)
		r = copy_for_us(lesson, from, work, to, err);
	if (r < 0)
		return r;
	*out_reply = json_object();
	return 0;
}

static const char *text_in(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

/* A look that failed is an answer: the goal says what it means. */
static int serve_run(struct task *task, const json_t *request,
		     json_t **out_reply)
{
	const json_t *list = json_object_get(request, "args");
	OWN_STRS struct strs args = { 0 };
	struct facts_run run = {
		.where = (enum facts_where)json_integer_value(
			json_object_get(request, "where")),
		.name = text_in(request, "name"),
		.args = &args,
		.user = text_in(request, "user"),
		.timeout_ms = (int)json_integer_value(
			json_object_get(request, "timeout")),
	};
	struct facts_ran ran = { 0 };
	struct err failed = { 0 };
	OWN_BUF struct buf output = { 0 };
	int r = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		strs_add(&args, json_string_value(json_array_get(list, i)));
	if (!run.name || args.count == 0)
		r = err_set(&failed, EINVAL, _("a program needs a place and "
					       "a name"));
	if (r == 0)
		r = look_run(task->session->world.home.path, &run, &ran,
			     &failed);
	task->session->looked = true;
	buf_str(&output, ran.output ? ran.output : "");
	*out_reply = json_pack("{s:i,s:i,s:b,s:o,s:o*}", "code", -r, "exit",
			       ran.code, "late", ran.late, "output",
			       output_of(&output), "failed",
			       r < 0 || ran.failed
				       ? any_text(r < 0 ? failed.msg : ran.failed)
				       : NULL);
	facts_ran_done(&ran);
	return *out_reply ? 0
			  : err_set(&failed, EILSEQ, "a message that is not "
						     "UTF-8");
}

static int serve(void *arg, const json_t *request, json_t **out_reply,
		 struct err *err)
{
	struct task *task = arg;
	const char *what = text_in(request, "do");
	const char *line = text_in(request, "line");
	const char *from = text_in(request, "from");
	const char *to = text_in(request, "to");

	if (what && strcmp(what, "run") == 0)
		return serve_run(task, request, out_reply);
	if (what && strcmp(what, "type") == 0 && line)
		return serve_type(task, line, text_in(request, "until"),
				  out_reply, err);
	if (what && strcmp(what, "copy") == 0 && from && to)
		return serve_copy(task, from, to, out_reply, err);
	if (what && strcmp(what, "write") == 0 && to)
		return serve_write(task, to, text_in(request, "text"),
				   out_reply, err);
	if (what && strcmp(what, "remove") == 0 && to)
		return serve_remove(task, to, out_reply, err);
	return err_set(err, EINVAL, _("the lesson's script asked for '%s'"),
		       what ? what : "");
}

static int run_task(struct task *task, worker_work *work, json_t **out,
		    struct err *err)
{
	struct worker_job job = {
		.work = work,
		.work_arg = task,
		.serve = serve,
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
	struct task task = {
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
	struct task task = { .session = session,
			     .step = step,
			     .part = SCRIPT_SOLVE,
			     .index = index,
			     .rehearse = true };

	return run_task(&task, child_play, out, err);
}

/* What was typed in this step: for w:lines() and w:typed(). */
static int read_lines(struct task *task, struct err *err)
{
	struct lesson_session *session = task->session;
	int r = progress_log_lines(
		&(struct progress_log){ session->progress_fd, session->name },
		session->progress.log_from, lesson_step(session)->id,
		&task->lines, err);

	for (size_t i = 0; i < json_array_size(task->lines); i++)
		strs_add(&task->typed,
			 text_in(json_array_get(task->lines, i), "line"));
	return r;
}

static void task_done(struct task *task)
{
	json_decref(task->lines);
	strs_done(&task->typed);
	strs_done(&task->met);
}

int session_show(struct lesson_session *session, struct err *err)
{
	struct task task = { .session = session,
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
	struct task task = { .session = session,
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
