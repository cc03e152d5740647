/* tests/play.c - see play.h */
#include "tests/play.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "images/store.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/cgroup_find.h"
#include "runtime/home.h"
#include "shell/broker.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
#include "shell/shell.h"
#include "tests/test.h"

#define WORK ENCLOSURE_HOME "/lessons/worlds/x/work"

/* A home with the base image, made once. */
static struct {
	char *path;
	int home_fd;
	int root_fd;
} base;

/* ---- the base ---- */

static int open_home(struct home *home, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	struct store *store = NULL;
	int r = store_open(home, &store, err);

	if (r == 0)
		r = image_find(store, "busybox", &image, err);
	if (r == 0)
		r = base.root_fd = fs_open_dir(home->fd, image.links.items[0],
					       err);
	store_close(store);
	return r;
}

int play_make_base(void **state)
{
	static char path[] = "/tmp/enclosure-test.XXXXXX";
	struct home home = { .fd = -1 };
	struct err err = { 0 };
	int r;

	(void)state;
	base.path = mkdtemp(path);
	if (!base.path)
		return -1;
	r = home_open(path, &home, &err);
	if (r == 0)
		r = open_home(&home, &err);
	if (r < 0)
		print_error("%s\n", err.msg);
	base.home_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	home_close(&home);
	return r < 0 ? -1 : 0;
}

int play_remove_base(void **state)
{
	struct err err = { 0 };

	(void)state;
	close(base.root_fd);
	close(base.home_fd);
	return fs_remove_tree(AT_FDCWD, base.path, &err);
}

/* ---- the engine ---- */

static int play_line(const struct enclosure_inside *inside,
		     const struct lesson_host *host, const char *line,
		     struct err *err)
{
	OWN_BUF struct buf out = { 0 };
	struct seen *seen = mem_zero(1, sizeof(*seen));
	struct err why = { 0 };
	int r;

	enclosure_line_begin(inside);
	seen->status = host->run_line(host->ctx, line, &out, &why);
	seen->hit = enclosure_line_end(inside);
	snprintf(seen->out, sizeof(seen->out), "%s%s", buf_text(&out), why.msg);
	r = enclosure_say(inside, seen, sizeof(*seen), err);
	free(seen);
	return r;
}

static int engine(void *ctx, const struct enclosure_inside *inside,
		  struct err *err)
{
	const struct play *play = ctx;
	struct lesson_host host;
	struct shell shell;
	int r = 0;

	shell_init(&shell);
	if (fs_make_dirs(AT_FDCWD, WORK, 0755, err) < 0 || chdir(WORK) < 0)
		return -err->code;
	shell.broker = broker_new(inside, ENCLOSURE_HOME, WORK, err);
	shell_lesson_host(&shell, &host);
	for (const char *const *l = play->lines; *l && r == 0; l++)
		r = play_line(inside, &host, *l, err);
	broker_free(shell.broker);
	shell.broker = NULL;
	shell_done(&shell);
	if (r == 0 && access(PLAY_FORGED, F_OK) == 0)
		return err_set(err, EBADMSG, "something was forged");
	return r;
}

static int heard(void *ctx, const void *bytes, size_t len, struct err *err)
{
	struct play *play = ctx;

	(void)err;
	if (len == sizeof(struct seen) && play->count < PLAY_LINES)
		memcpy(&play->seen[play->count++], bytes, len);
	return 0;
}

/* ---- outside ---- */

static bool is_mounted_here(void)
{
	OWN_BUF struct buf text = { 0 };
	struct err err = { 0 };

	assert_ok(fs_read(AT_FDCWD, "/proc/self/mountinfo", 1 << 20, &text, &err),
		  &err);
	return strstr(buf_text(&text), " - tmpfs enclosure ");
}

void play_prepare(struct play *play, const char *const *lines)
{
	*play = (struct play){ .lines = lines, .spec = ENCLOSURE_SPEC_NONE };
	play->spec.root_fd = base.root_fd;
	play->spec.home_fd = base.home_fd;
	play->spec.controllers = CGROUP_BIT(CGROUP_MEMORY);
	play->spec.engine = engine;
	play->spec.heard = heard;
	play->spec.ctx = play;
}

void play_run(struct play *play)
{
	need_userns();
	play->result = enclosure_run(&play->spec, &play->end, &play->err);
	/* Nothing of it is left. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_false(is_mounted_here());
}

struct play *play_lines(const char *const *lines)
{
	struct play *play = mem_zero(1, sizeof(*play));

	play_prepare(play, lines);
	play_run(play);
	assert_ok(play->result, &play->err);
	return play;
}

void assert_said(const struct play *play, int line, const char *text)
{
	if (!strstr(play->seen[line].out, text))
		print_error("line %d (%s), status %d, said:\n%s\n", line,
			    play->lines[line], play->seen[line].status,
			    play->seen[line].out);
	assert_non_null(strstr(play->seen[line].out, text));
}

void assert_silent_on(const struct play *play, const char *text)
{
	for (int i = 0; i < play->count; i++) {
		if (strstr(play->seen[i].out, text))
			print_error("'%s' said: %s\n", play->lines[i],
				    play->seen[i].out);
		assert_null(strstr(play->seen[i].out, text));
	}
}
