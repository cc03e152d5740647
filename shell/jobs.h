/* shell/jobs.h - what the prompt started: foreground, background, stopped.
 *
 * Each line that sh runs is a job: a process group of its own. At a terminal the
 * one in the foreground owns it, so that Ctrl-C and Ctrl-Z go to it and to
 * nothing else. Source: glibc manual, "Implementing a Job Control Shell". */
#ifndef SHELL_JOBS_H
#define SHELL_JOBS_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct err;
struct jobs;

/* Takes the terminal for the program (tty_fd, borrowed) and ignores what would
 * stop it. -1, or a terminal that is not this session's: none, jobs are only waited for.
 *
 * end  a signal handler makes it true (borrowed): the job in the foreground is
 *      waited for no longer, and jobs_free tells all jobs that it is over. What
 *      has stopped is told so in any case. */
struct jobs *jobs_new(int tty_fd, const volatile sig_atomic_t *end);
void jobs_free(struct jobs *jobs);

/* In the child, between fork and exec: its own group, the terminal where it is
 * in the foreground, default signals. */
void jobs_enter_child(const struct jobs *jobs, bool foreground);

/* In the parent: notes the child as a job of its own. `line` is copied. A
 * background job is announced on `out`. */
void jobs_add(struct jobs *jobs, pid_t pid, const char *line, bool foreground,
	      FILE *out);

/* Waits until the job in the foreground has ended or stopped; gives the terminal
 * back to the program. Returns its exit status, 128+n for signal n. */
int jobs_wait(struct jobs *jobs, FILE *out);

/* `wait`: until no job runs in the background, or Ctrl-C comes: 130. */
int jobs_wait_all(struct jobs *jobs);

/* Tells, and forgets, the background jobs that have ended meanwhile. */
void jobs_report(struct jobs *jobs, FILE *out);

/* `jobs`, `fg`, `bg`: number 0 means the latest. -ESRCH: no such job. */
void jobs_list(struct jobs *jobs, FILE *out);
void jobs_facts(const struct jobs *jobs,
		void (*each)(int number, const char *state, const char *line,
			     void *arg),
		void *arg);
int jobs_foreground(struct jobs *jobs, int number, FILE *out,
		    struct err *err);
int jobs_background(struct jobs *jobs, int number, FILE *out,
		    struct err *err);

/* `kill %1`. */
int jobs_signal(struct jobs *jobs, int number, int signal, struct err *err);

/* How many have stopped: `exit` asks before it leaves them. How many go on. */
int jobs_stopped(const struct jobs *jobs);
int jobs_running(const struct jobs *jobs);

#endif
