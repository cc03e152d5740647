/* shell/broker.h - learners' own lines for /bin/sh, in an enclosure.
 *
 * A shell with a broker (shell->broker) runs what goes to /bin/sh in a compartment
 * (runtime/enclosure_sh.h): processes, users and mounts of its own, the home not to be
 * seen, and no descriptor but its three streams. `docker` in there is a client: it hands
 * its words, its folder and its three streams to the broker, a process beside the engine,
 * which runs the command as if it had been typed and gives back the exit status.
 *
 *   sh -c LINE (compartment)        broker                 a child of it
 *   docker ps --- socket ---------> accept, fork --------> dispatch("docker ps")
 *             <-- exit status ----------------------------- _exit
 *
 * For the engine in the enclosure:
 *
 *   shell_init(&shell); ... lesson_open ...      the world's home is known
 *   shell.broker = broker_new(inside, work);     work: the learner's folder
 *   enclosure_line_begin(inside);                its time runs
 *   line_run(&shell, line)                       as ever; sh_run comes to us
 *   enclosure_line_end(inside)                   limits that this line met
 *   broker_free(shell.broker)
 */
#ifndef SHELL_BROKER_H
#define SHELL_BROKER_H

#include <stdbool.h>

struct broker;
struct enclosure_inside;
struct err;
struct shell;

/* The place where `docker` in a compartment finds the broker. */
#define BROKER_SOCKET "/run/dockershell.sock"

/* work  the one folder in the home that lines may see, or NULL. Both borrowed. Also
 *       switches on the guard of enclosure_guard.h: no path of a command's leads into
 *       the rest of the home. */
struct broker *broker_new(const struct enclosure_inside *inside,
			  const char *home, const char *work, struct err *err);
void broker_free(struct broker *broker);

/* Runs the text as `sh -c` in a compartment, with the shell's streams, at most
 * limits.line_ms and limits.output_bytes. told_fd: what descriptor 9 is in there, or -1.
 * background: is not waited for. Returns the exit status, 137 where a limit ended it. */
struct broker_line {
	const char *text;
	int told_fd;
	bool background;
};
int broker_sh(struct broker *broker, struct shell *shell,
	      const struct broker_line *line, struct err *err);

/* For main(): whether this program is the `docker` of a compartment, or the command that
 * the broker runs for it, and its work. To be asked by every program that makes
 * enclosures: the one in there is the same. */
bool broker_takes(int count, char **words, int *out_status);

#endif
