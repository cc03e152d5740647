/* lessons/commands.h - commands.dsh: what a learner typed, as it is handed in.
 *
 * A script with one command after the other, as at the prompt. Lines that begin with
 * '#' are comments; some of them mean something:
 *
 *     # lesson diff
 *     # seed 7c3a
 *     # machine ids image:node             what the learner's machine could (machine.h)
 *     # step touch                         what follows was typed in that step
 *     # file 5f0c...  site/Dockerfile      the file was so from here on: its content
 *                                          is history/5f0c... of the submission
 *     # program 5f0c...  site/start.sh     the same, and it may be executed
 *     # made image 5f0c...                 by the command above (made.h)
 *     # made container 77aa... kind_kay
 *     # gone site/Dockerfile               the file was no more
 *     # 2026-11-26T01:49:34Z exit 0, 12 ms the next command: when it ended, how, and
 *                                          how long it took
 *     run --name hoge busybox touch /tmp/hoge.txt
 *     answer 2
 *
 * Without a `# step` the commands are one long way: when a step is done, the next
 * one begins. Owns reading and writing that. */
#ifndef LESSONS_COMMANDS_H
#define LESSONS_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

enum {
	COMMANDS_MOST_BYTES = 1 << 20,
	COMMANDS_MOST = 5000,	  /* commands */
	COMMAND_MOST_BYTES = 65536, /* of one */
};

enum command_kind {
	COMMAND_LINE,
	COMMAND_FILE,
	COMMAND_GONE,
	COMMAND_MADE,
};

/* step     "" where none was named
 * text     the line, or a path, or what was made
 * content  of COMMAND_FILE: 64 hexadecimal digits
 * program  of COMMAND_FILE: it may be executed
 * number   where it stands, from 1
 * status   how it ended, -1: nobody says
 * ms       how long it took, -1: nobody says
 * time_s   when it ended, 0: nobody says */
struct command {
	enum command_kind kind;
	char *step;
	char *text;
	char *content;
	bool program;
	int number;
	int status;
	long long ms;
	long long time_s;
};

/* steps: a step is named. history: a file is. seed: 0 where none is named. */
struct commands {
	struct command *items;
	size_t count;
	bool steps;
	bool history;
};

void commands_done(struct commands *commands);
#define OWN_COMMANDS __attribute__((cleanup(commands_done)))

/* Whether more lines belong to a command: a quote is open, a here-document has not
 * ended. The shell knows. */
typedef bool commands_unfinished(const char *text);

/* -EINVAL, -EFBIG: what is wrong, and in which line. `unfinished` NULL: a line is a
 * command. */
int commands_parse(const char *text, size_t len,
		   commands_unfinished *unfinished, struct commands *out,
		   struct err *err);

/* The seed that its first comments name; 0: none. */
uint64_t commands_seed(const char *text);

/* What its first comments say that the learner's machine could (words of machine.h).
 * False: they say nothing of it. */
struct strs;
bool commands_machine(const char *text, struct strs *out);

/* Adds the first comments. can: as machine.h keeps it, "ids=yes" */
void commands_begin(struct buf *out, const char *lesson, uint64_t seed,
		    const struct strs *can);

/* Adds one, with the comments in front of it. `before`: the step of the one before,
 * or NULL. */
void commands_add(struct buf *out, const struct command *command,
		  const char *before);

#endif
