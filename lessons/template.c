/* lessons/template.c - see template.h. In the texts below `@ID@` stands for the
 * lesson's id. */
#include "lessons/template.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static const char script[] =
	"-- What the learner does is judged by what is there afterwards, never\n"
	"-- by what was typed. `lesson test @ID@` proves all of it; that it can be graded,\n"
	"-- `lesson test --keep kept @ID@`, then `grade @ID@ --submission kept/@ID@.1`.\n"
	"-- Programs of the machine itself that its lines start (not those of sh and of\n"
	"-- containers) are named: programs = { \"bash\" }.\n"
	"lesson{ format = 1, id = \"@ID@\", needs = {}, minutes = 5, points = 1 }\n"
	"\n"
	"step{ id = \"first\", points = 1,\n"
	"  goals = {\n"
	"    container{ id = \"ran\", name = \"box\", exit = 0 },\n"
	"    diff{ id = \"made\", after = \"ran\", container = \"box\",\n"
	"      has = { \"A /tmp/hello\" } },\n"
	"  },\n"
	"  solve = {\n"
	"    function(w) w:type(\"run --name box busybox touch /tmp/hello\") end,\n"
	"  },\n"
	"  wrong = {\n"
	"    { name = \"another file\",\n"
	"      run = function(w) w:type(\"run --name box busybox touch /tmp/hullo\") end,\n"
	"      expect = { goal = \"made\", message = \"missing\" } },\n"
	"  },\n"
	"}\n";

static const char english[] =
	"---\n"
	"revision: 1\n"
	"---\n"
	"## @lesson A title\n"
	"\n"
	"What this is about, in two or three lines.\n"
	"\n"
	"## @step first The first step\n"
	"\n"
	"Make a container that makes a file:\n"
	"\n"
	"    run --name box busybox touch /tmp/hello\n"
	"\n"
	"### @goal first/ran\n"
	"A container called `box` has run\n"
	"### @goal first/made\n"
	"It has made `/tmp/hello`\n"
	"### @hint first 1\n"
	"A nudge.\n"
	"### @hint first 2\n"
	"Where to look.\n"
	"### @hint first 3\n"
	"Nearly the answer.\n"
	"### @msg first/made.missing\n"
	"The file is to be called `/tmp/hello`. `rm box`, then once more.\n"
	"### @done first\n"
	"What has happened, and what it is called in Docker.\n"
	"## @end What you know now\n"
	"\n"
	"- One thing.\n"
	"\n"
	"## @card\n"
	"- What was learnt, in one line.\n"
	"  `docker diff box`\n";

static const char japanese[] =
	"---\n"
	"follows: 1\n"
	"---\n"
	"## @lesson 題名\n"
	"\n"
	"何の話かを2、3行で。\n"
	"\n"
	"## @step first 最初のステップ\n"
	"\n"
	"ファイルを作るコンテナを作ります。\n"
	"\n"
	"    run --name box busybox touch /tmp/hello\n"
	"\n"
	"### @goal first/ran\n"
	"コンテナ `box` を実行した\n"
	"### @goal first/made\n"
	"その中に `/tmp/hello` ができた\n"
	"### @hint first 1\n"
	"小さなきっかけ。\n"
	"### @hint first 2\n"
	"どこを見ればよいか。\n"
	"### @hint first 3\n"
	"ほとんど答え。\n"
	"### @msg first/made.missing\n"
	"作るファイルは `/tmp/hello` です。`rm box` して、もう一度どうぞ。\n"
	"### @done first\n"
	"何が起きたか、Dockerでは何と呼ぶか。\n"
	"## @end 分かったこと\n"
	"\n"
	"- 1つのこと。\n"
	"\n"
	"## @card\n"
	"- 分かったことを1行で。\n"
	"  `docker diff box`\n";

static const struct {
	const char *name;
	const char *text;
} files[] = {
	{ "lesson.lua", script },
	{ "text.en.md", english },
	{ "text.ja.md", japanese },
};

/* "07-ports" is the lesson "ports". */
static const char *id_of(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	return digits > 0 && name[digits] == '-' ? name + digits + 1 : name;
}

static bool is_plain(const char *id)
{
	return *id && strlen(id) <= 40 && *id != '-' &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-_") ==
		       strlen(id);
}

static int write_file(int folder, const char *name, const char *text,
		      const char *id, struct err *err)
{
	static const char mark[] = "@ID@";
	OWN_BUF struct buf filled = { 0 };

	for (const char *at = strstr(text, mark); at; at = strstr(text, mark)) {
		buf_add(&filled, text, (size_t)(at - text));
		buf_str(&filled, id);
		text = at + strlen(mark);
	}
	buf_str(&filled, text);
	return fs_replace(folder, name, buf_text(&filled), filled.len, 0644,
			  false, err);
}

int template_write(const char *dir, const char *name, struct err *err)
{
	OWN_FREE char *path = mem_fmt("%s/%s", dir, name);
	const char *id = id_of(name);
	OWN_FD int folder = -1;
	int r;

	if (strchr(name, '/') || !is_plain(id))
		return err_set(err, EINVAL,
			       _("'%s': a lesson is called by a-z, 0-9 and -, "
				 "with a number and - in front or not"),
			       name);
	r = fs_make_dirs(AT_FDCWD, dir, 0755, err);
	if (r < 0)
		return r;
	if (mkdir(path, 0755) < 0)
		return err_errno(err, "mkdir %s", path);
	folder = fs_open_dir(AT_FDCWD, path, err);
	if (folder < 0)
		return folder;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && r == 0; i++)
		r = write_file(folder, files[i].name, files[i].text, id, err);
	if (r == 0)
		r = fs_make_dirs(folder, "files", 0755, err);
	return r;
}
