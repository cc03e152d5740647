/* shell/shell.c - see shell.h */
#include "shell/shell.h"

#include <stdlib.h>
#include <unistd.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/processes.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
#include "shell/style.h"

void shell_init(struct shell *shell)
{
	*shell = (struct shell){
		.out = stdout,
		.err_out = stderr,
		.in_fd = STDIN_FILENO,
	};
	(void)lang_choose(lang_of_environment()); /* always one of ours */
	shell->lang = lang_now();
	shell->color = style_wants_color(NULL, stdout);
}

void shell_done(struct shell *shell)
{
	lesson_view_close(shell); /* the home in use may be the lesson's */
	shell_close_homes(shell);
	free(shell->kept);
	free(shell->at_end);
	if (shell->own_words)
		strs_done(shell->own_words);
	free(shell->own_words);
	if (shell->behind)
		pids_done(shell->behind);
	free(shell->behind);
	shell->own_words = NULL;
	shell->behind = NULL;
	shell->kept = NULL;
	shell->at_end = NULL;
}

/* In the sh line of a lesson `docker` is told the lesson's world as its home
 * and, beside it, whose lesson it is (see sh.h). */
static int open_world(struct shell *shell, const char *base, struct err *err)
{
	struct home *home = mem_zero(1, sizeof(*home));
	int r = home_open(base, home, err);

	if (r < 0) {
		free(home);
		return r;
	}
	shell->base_home = home;
	return 0;
}

int shell_need_home(struct shell *shell, struct err *err)
{
	const char *base = getenv("DOCKERSHELL_BASE_HOME");
	struct home *home;
	int r;

	if (shell->home)
		return 0;
	home = mem_zero(1, sizeof(*home));
	r = home_open(shell->home_path, home, err);
	if (r < 0) {
		free(home);
		return r;
	}
	shell->home = home;
	if (base && *base && !shell->home_path)
		return open_world(shell, base, err);
	shell->base_home = home;
	return 0;
}

int shell_need_store(struct shell *shell, struct err *err)
{
	int r = shell_need_home(shell, err);

	if (r < 0 || shell->store)
		return r;
	r = store_open(shell->home, &shell->store, err);
	if (r < 0)
		return r;
	if (shell->base_home == shell->home)
		shell->base_store = shell->store;
	else if (!shell->base_store)
		r = store_open(shell->base_home, &shell->base_store, err);
	return r;
}

static void free_home(struct home *home)
{
	if (home)
		home_close(home);
	free(home);
}

void shell_close_homes(struct shell *shell)
{
	if (shell->base_store != shell->store && shell->base_store)
		store_close(shell->base_store);
	if (shell->store)
		store_close(shell->store);
	if (shell->base_home != shell->home)
		free_home(shell->base_home);
	free_home(shell->home);
	shell->store = NULL;
	shell->base_store = NULL;
	shell->home = NULL;
	shell->base_home = NULL;
}
