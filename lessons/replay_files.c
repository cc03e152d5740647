/* lessons/replay_files.c - see replay.h: the submission's files come into the
 * learner's folder. Nothing is written through a link that a command has made there. */
#include "lessons/replay_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lessons/files.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

struct laying {
	const struct replaying *replaying;
	int work_fd;
};

/* Beside the learner's files, where all lies in one folder. */
static bool is_ours(const struct laying *laying, const char *path)
{
	return !laying->replaying->replay->packed &&
	       (strcmp(path, "commands.dsh") == 0 ||
		strcmp(path, "evidence.jsonl") == 0);
}

static int lay_file(void *ctx, int fd, const char *path, const struct stat *st,
		    struct err *err)
{
	struct laying *laying = ctx;

	if (is_ours(laying, path))
		return 0;
	return files_put(laying->work_fd,
			 &(struct files_put){ path, fd, st->st_mode }, err);
}

static int open_learners(const struct replaying *replaying, struct err *err)
{
	return fs_open_dir(lesson_home(replaying->session)->fd, "work", err);
}

/* What cannot be laid (a folder that a command has closed, or a file where a folder
 * should be) is let be: then a goal is not met. */
int replay_lay_files(struct replaying *replaying, struct err *err)
{
	OWN_FD int work = open_learners(replaying, err);
	struct laying laying = { replaying, work };
	const struct files_each each = { .ctx = &laying, .file = lay_file };
	struct err failed = { 0 };

	if (work < 0)
		return work;
	if (replaying->files_fd < 0)
		return 0;
	if (files_walk(replaying->files_fd, &each, &failed) < 0)
		buf_fmt(&replaying->log, "%s\n", failed.msg);
	return 0;
}

int replay_one_file(struct replaying *replaying, const struct command *command,
		    struct err *err)
{
	OWN_FD int work = open_learners(replaying, err);
	OWN_FREE char *name = mem_fmt("history/%s", command->content
							    ? command->content
							    : "");
	OWN_FD int fd = -1;
	struct err failed = { 0 };
	int r;

	if (work < 0)
		return work;
	if (command->kind == COMMAND_FILE) {
		fd = fs_open_beneath(replaying->replay->folder_fd, name,
				     O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0,
				     &failed);
		r = fd < 0 ? fd
			   : files_put(work,
				       &(struct files_put){
					       command->text, fd,
					       command->program ? 0755 : 0644 },
				       &failed);
	} else {
		r = files_remove(work, command->text, &failed);
	}
	if (r < 0)
		buf_fmt(&replaying->log, "%s\n", failed.msg);
	return 0;
}

int replay_read(struct replaying *replaying, struct err *err)
{
	const struct replay *replay = replaying->replay;
	OWN_BUF struct buf text = { 0 };
	struct err none = { 0 };
	int r = 0;

	replaying->files_fd =
		openat(replay->folder_fd, replay->packed ? "files" : ".",
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (replaying->files_fd < 0 && errno != ENOENT)
		return err_errno(err, "open the submission's files");
	if (fs_exists(replay->folder_fd, "commands.dsh"))
		r = fs_read(replay->folder_fd, "commands.dsh",
			    COMMANDS_MOST_BYTES, &text, err);
	if (r < 0)
		return r;
	/* It was read once before, so that it can be read. */
	if (commands_parse(buf_text(&text), text.len, replay->unfinished,
			   &replaying->commands, &none) < 0)
		buf_fmt(&replaying->log, "%s\n", none.msg);
	return 0;
}

bool replay_has_reset(const struct replaying *replaying)
{
	const struct commands *commands = &replaying->commands;
	const char *value = "";

	for (size_t i = 0; i < commands->count; i++) {
		if (commands->items[i].kind == COMMAND_LINE &&
		    replaying->replay->about(commands->items[i].text, &value) ==
			    REPLAY_RESET)
			return true;
	}
	return false;
}
