/* lessons/session_serve.c - the parent's answers to a lesson's script (session_child.c):
 * the lines it types, the files it writes, the programs it looks with.
 *
 *     {"do":"type","line":"run ...","until":"text"} -> {"status":0,"output":"..."}
 *     {"do":"copy","from":"files/site","to":"site"}    -> {}
 *     {"do":"write","to":"Dockerfile","text":"..."}    -> {}
 *     {"do":"remove","to":"site"}                      -> {}
 *     {"do":"run","where":...,"name":...,"args":[...]} -> {"exit":0,"output":"..."}
 *
 * The child may be a hostile lesson's: names stay below the lesson's folder and the
 * learner's, texts have a most. */
#include "lessons/session_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "lessons/any_text.h"
#include "lessons/facts.h"
#include "lessons/goal_wait.h"
#include "lessons/look.h"
#include "lessons/script.h"
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

static const char *text_in(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
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

/* ---- lines ---- */

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
static int run_line(const struct session_task *task, const char *line,
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

/* A line of the author's that fails is most often a slip: `lesson test` shows it. */
static void complain(struct lesson_session *session, const char *line,
		     int status, const struct buf *output)
{
	int len =
		output->len > COMPLAINT_MAX ? COMPLAINT_MAX : (int)output->len;

	strs_addf(&session->complaints, "%s\n%.*s(%d)", line, len,
		  buf_text(output), status);
}

/* What a program in a container takes a moment to do: the line is run again until its
 * output has the text (NULL: once), or the time is over. */
static int run_line_until(struct session_task *task, const char *line,
			  const char *text, struct buf *output, struct err *err)
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

static int serve_type(struct session_task *task, const char *line,
		      const char *until, json_t **out_reply, struct err *err)
{
	struct lesson_session *session = task->session;
	OWN_BUF struct buf output = { 0 };
	int64_t from = goal_wait_now_ms();
	int status = run_line_until(task, line, until, &output, err);
	/* Who types it for a room says when it begins to run. */
	struct progress_line typed = {
		lesson_step(session)->id, line, status,
		goal_wait_now_ms() -
			(session->began_ms > from ? session->began_ms : from)
	};

	session->began_ms = 0;
	if (status < 0)
		return status;
	if (status != 0)
		complain(session, line, status, &output);
	/* A start that is not whole could not be worked from. */
	if (status != 0 && task->part == SCRIPT_SETUP)
		return err_set(err, ECANCELED,
			       _("this line ended with status %d: %s: %.*s"),
			       status, line, COMPLAINT_MAX, buf_text(&output));
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

/* ---- files ---- */

/* Names below the lesson's folder and the learner's, never above them. */
static bool stays_below(const char *path)
{
	OWN_FREE char *clean = fs_clean_path(path);

	return path[0] != '/' && *path && clean[0] != '/' &&
	       strcmp(clean, "..") != 0 && strncmp(clean, "../", 3) != 0;
}

/* Makes the folders above a file in the learner's folder; *out_work: that folder,
 * opened (given). */
static int open_above(struct session_task *task, const char *to, int *out_work,
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

/* What lies in the learner's folder is in the way of what a script does there. */
static int note_blocked(struct session_task *task, int r)
{
	if (r < 0)
		task->session->blocked = -r;
	return r;
}

static int serve_write(struct session_task *task, const char *to,
		       const char *text, json_t **out_reply, struct err *err)
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
	(void)note_blocked(task, r);
	if (r == 0 && task->part == SCRIPT_SOLVE && host->wrote)
		r = host->wrote(host->ctx, to, text ? text : "", err);
	if (r == 0)
		*out_reply = json_object();
	return r;
}

static int serve_remove(struct session_task *task, const char *to,
			json_t **out_reply, struct err *err)
{
	OWN_FD int work = -1;
	int r = open_above(task, to, &work, err);

	if (r == 0)
		r = fs_remove_tree(work, to, err);
	if (r == 0)
		*out_reply = json_object();
	return note_blocked(task, r);
}

static int serve_copy(struct session_task *task, const char *from,
		      const char *to, json_t **out_reply, struct err *err)
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
		return note_blocked(task, r);
	*out_reply = json_object();
	return 0;
}

/* ---- programs ---- */

/* A look that failed is an answer: the goal says what it means. */
static int serve_run(struct session_task *task, const json_t *request,
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
		r = err_set(&failed, EINVAL,
			    _("a program needs a place and "
			      "a name"));
	if (r == 0)
		r = look_run(task->session->world.home.path, &run, &ran,
			     &failed);
	task->session->looked = true;
	buf_str(&output, ran.output ? ran.output : "");
	*out_reply = json_pack(
		"{s:i,s:i,s:b,s:o,s:o*}", "code", -r, "exit", ran.code, "late",
		ran.late, "output", output_of(&output), "failed",
		r < 0 || ran.failed ? any_text(r < 0 ? failed.msg : ran.failed)
				    : NULL);
	facts_ran_done(&ran);
	return *out_reply ? 0
			  : err_set(&failed, EILSEQ,
				    "a message that is not "
				    "UTF-8");
}

/* ---- whichever it is ---- */

int session_serve(void *arg, const json_t *request, json_t **out_reply,
		  struct err *err)
{
	struct session_task *task = arg;
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
