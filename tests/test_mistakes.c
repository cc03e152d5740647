/* tests/test_mistakes.c - what a beginner types, and what lets him go on.
 *
 * The list is tests/cli/mistakes.tsv. Each line of it is run as the prompt runs it;
 * its answer must contain what the list says. How often "did you mean" names what
 * was meant is counted, too.
 *
 * MISTAKES_SHOW=1 prints every answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/line.h"
#include "shell/shell.h"
#include "tests/test.h"

#define LIST "tests/cli/mistakes.tsv"

/* One line of the list. */
struct mistake {
	const char *line;
	const char *status; /* a number, or * for any */
	const char *wanted; /* parts, " & " between */
	const char *meant;  /* "" where no single word was */
};

struct tally {
	int mistakes;
	int meant;
	int named; /* of `meant` */
	int wrong;
};

static FILE *memory_of_our_own(void)
{
	FILE *file = tmpfile(); /* a descriptor, since sh writes to it, too */

	assert_non_null(file);
	return file;
}

/* What was written since the last call; given. */
static char *take(FILE *file)
{
	OWN_BUF struct buf text = { 0 };
	char part[4096];
	size_t got;

	rewind(file);
	while ((got = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(&text, part, got);
	rewind(file);
	assert_int_equal(ftruncate(fileno(file), 0), 0);
	return buf_give(&text);
}

/* Runs a line and gives all it said. */
static char *answer(struct shell *shell, const char *line, int *out_status)
{
	*out_status = line_run(shell, line);
	return take(shell->out);
}

static void must(struct shell *shell, const char *line)
{
	int status;
	OWN_FREE char *said = answer(shell, line, &status);

	if (status != 0)
		fail_msg("%s\n  said %d: %s", line, status, said);
}

static void make_world(struct shell *shell)
{
	static const char *const lines[] = {
		"tag busybox mine:1",
		"network create mynet",
		"run -d --name web --network mynet -v data:/data mine:1 sleep 1000",
		"run --name old busybox true",
		"commit old only:1",
		"create --name more only:1 true",
		"tar -C / -cf bash.tar bin/bash",
		"import bash.tar alone:1",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		must(shell, lines[i]);
}

/* Breaks of lines and the blanks behind them do not count: the terminal is narrow. */
static void unwrap(char *text)
{
	char *to = text;

	for (char *from = text; *from; from++) {
		bool blank = *from == ' ' || *from == '\n';

		if (!blank || (to > text && to[-1] != ' '))
			*to++ = (char)(blank ? ' ' : *from);
	}
	*to = '\0';
}

static bool says_all(const char *said, const char *wanted)
{
	OWN_FREE char *parts = mem_str(wanted);
	char *part = parts;

	while (part) {
		char *next = strstr(part, " & ");

		if (next)
			*next = '\0';
		if (!strstr(said, part))
			return false;
		part = next ? next + 3 : NULL;
	}
	return true;
}

/* In the quotes of "did you mean '...'?". */
static bool names(const char *said, const char *meant)
{
	OWN_FREE char *quoted = mem_fmt("'%s'", meant);
	const char *hint = strstr(said, "did you mean ");

	return hint && strstr(hint, quoted);
}

static void judge(struct shell *shell, const struct mistake *m,
		  struct tally *tally)
{
	int status;
	OWN_FREE char *said = answer(shell, m->line, &status);
	bool fits;

	if (getenv("MISTAKES_SHOW"))
		printf("\n> %s\n%s[%d]\n", m->line, said, status);
	unwrap(said);
	fits = (strcmp(m->status, "*") == 0 || strtol(m->status, NULL, 10) == status) &&
	       says_all(said, m->wanted);
	tally->mistakes++;
	tally->meant += *m->meant != '\0';
	tally->named += *m->meant && names(said, m->meant);
	if (*m->meant && !names(said, m->meant))
		printf("# does not name '%s': %s\n", m->meant, m->line);
	if (fits)
		return;
	tally->wrong++;
	printf("# %s\n#   wanted %s: %s\n#   said %d: %s\n", m->line,
	       m->status, m->wanted, status, said);
}

/* Cuts the text at the next tab or its end. */
static char *cut(char **text)
{
	char *field = *text ? *text : strchr("", '\0');

	if (*text) {
		*text += strcspn(*text, "\t\n");
		if (**text == '\t')
			*(*text)++ = '\0';
		else
			**text = '\0', *text = NULL;
	}
	return field;
}

static void judge_all(struct shell *shell, FILE *list, struct tally *tally)
{
	OWN_FREE char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, list) > 0) {
		char *rest = line;
		struct mistake m;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		m.line = cut(&rest);
		m.status = cut(&rest);
		m.wanted = cut(&rest);
		m.meant = cut(&rest);
		judge(shell, &m, tally);
	}
}

/* A machine may do without a ps of its own, which an answer names: here is one. */
static void give_ps(struct scratch *scratch)
{
	OWN_FREE char *path = mem_fmt("%s:%s", scratch->path, getenv("PATH"));

	scratch_write(scratch, "ps", "#!/bin/sh\n");
	assert_int_equal(fchmodat(scratch->fd, "ps", 0755, 0), 0);
	assert_int_equal(setenv("PATH", path, 1), 0);
}

static void a_hundred_mistakes_end_in_advice(void **state)
{
	struct scratch *scratch = *state;
	OWN_FREE char *home = scratch_path(scratch, "home");
	OWN_FILE FILE *list = fopen(LIST, "re");
	struct tally tally = { 0 };
	struct err err = { 0 };
	struct shell shell;
	int status;

	need_userns();
	assert_non_null(list);
	assert_int_equal(fchdir(scratch->fd), 0);
	shell_init(&shell);
	shell.home_path = home;
	shell.out = shell.err_out = memory_of_our_own();
	shell.interactive = true;
	scratch_write(scratch, "site/Dockerfile", "FROM busybox\nCMD true\n");
	scratch_write(scratch, "notes.txt", "notes\n");
	give_ps(scratch);
	assert_ok(shell_need_store(&shell, &err), &err);
	make_world(&shell);
	judge_all(&shell, list, &tally);
	free(answer(&shell, "rm -f web", &status));
	free(answer(&shell, "network rm mynet", &status));
	(void)fclose(shell.out); /* a file that is gone already */
	shell_done(&shell);
	printf("# %d mistakes, %d without advice; did you mean: %d of %d\n",
	       tally.mistakes, tally.wrong, tally.named, tally.meant);
	assert_true(tally.mistakes >= 100);
	assert_int_equal(tally.wrong, 0);
	assert_true(tally.named * 10 >= tally.meant * 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(a_hundred_mistakes_end_in_advice),
	};

	return cmocka_run_group_tests_name("mistakes", tests, NULL, NULL);
}
