/* shell/jobs.c - see jobs.h */
#include "shell/jobs.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum job_state {
	JOB_RUNNING,
	JOB_STOPPED,
	JOB_ENDED,
};

/* group  process group and pid of its leader, sh
 * modes  the terminal as the job left it, when it stopped */
struct job {
	struct job *next;
	int number;
	pid_t group;
	char *line;
	enum job_state state;
	int status;
	bool foreground;
	bool has_modes;
	struct termios modes;
};

/* first  the latest job first
 * modes  the terminal as the program wants it
 * end    becomes true when the program is told to end */
struct jobs {
	int tty_fd;
	const volatile sig_atomic_t *end;
	pid_t group;
	struct termios modes;
	struct job *first;
};

/* Caught and not ignored: what is ignored stays so over exec(3), and the
 * programs of a container shall be stopped by Ctrl-Z. */
static void on_nothing(int number)
{
	(void)number;
}

static void set_handler(int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler,
				    .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	(void)sigaction(number, &action, NULL); /* fails on bad numbers only */
}

/* A process that is not in the foreground is stopped when it calls
 * tcsetpgrp(3), unless SIGTTOU is blocked. */
static void give_terminal(const struct jobs *jobs, pid_t group)
{
	sigset_t block;
	sigset_t old;

	sigemptyset(&block);
	sigaddset(&block, SIGTTOU);
	sigprocmask(SIG_BLOCK, &block, &old);
	(void)tcsetpgrp(jobs->tty_fd, group); /* gone: nothing to give it to */
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static void set_modes(const struct jobs *jobs, const struct termios *modes)
{
	sigset_t block;
	sigset_t old;

	sigemptyset(&block);
	sigaddset(&block, SIGTTOU);
	sigprocmask(SIG_BLOCK, &block, &old);
	(void)tcsetattr(jobs->tty_fd, TCSADRAIN, modes); /* as it is, then */
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* Started in the background: waits until brought to the front. False where that never
 * comes: the terminal is another session's, or the shell that would do it has ended. */
static bool comes_to_front(int tty_fd)
{
	enum { MOST = 100 };
	pid_t front = 0;

	for (int i = 0; i < MOST && front >= 0; i++) {
		front = tcgetpgrp(tty_fd);
		if (front == getpgrp())
			return true;
		if (front >= 0)
			(void)kill(0, SIGTTIN); /* it stops us here */
	}
	return false;
}

struct jobs *jobs_new(int tty_fd, const volatile sig_atomic_t *end)
{
	struct jobs *jobs = mem_zero(1, sizeof(*jobs));

	jobs->tty_fd = -1;
	jobs->end = end;
	jobs->group = getpgrp();
	if (tty_fd < 0 || !comes_to_front(tty_fd))
		return jobs;
	jobs->tty_fd = tty_fd;
	set_handler(SIGTSTP, on_nothing);
	set_handler(SIGQUIT, on_nothing);
	if (getpid() != getpgrp() && setpgid(0, 0) == 0) {
		jobs->group = getpgrp();
		give_terminal(jobs, jobs->group);
	}
	if (tcgetattr(tty_fd, &jobs->modes) < 0)
		jobs->tty_fd = -1;
	return jobs;
}

static void job_free(struct job *job)
{
	free(job->line);
	free(job);
}

/* What has stopped must go on to hear that it is over. */
static void hang_up(const struct job *job)
{
	if (job->state == JOB_ENDED)
		return;
	kill(-job->group, SIGHUP);
	kill(-job->group, SIGCONT);
}

void jobs_free(struct jobs *jobs)
{
	if (!jobs)
		return;
	while (jobs->first) {
		struct job *job = jobs->first;

		jobs->first = job->next;
		/* The terminal is gone: nobody is there for any of them. */
		if (job->state == JOB_STOPPED || *jobs->end)
			hang_up(job);
		job_free(job);
	}
	free(jobs);
}

void jobs_enter_child(const struct jobs *jobs, bool foreground)
{
	static const int defaults[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTERM,
					SIGHUP, SIGCHLD, SIGWINCH };

	if (jobs && jobs->tty_fd >= 0) {
		(void)setpgid(0, 0);
		if (foreground)
			give_terminal(jobs, getpid());
	}
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		signal(defaults[i], SIG_DFL);
}

void jobs_add(struct jobs *jobs, pid_t pid, const char *line, bool foreground,
	      FILE *out)
{
	struct job *job = mem_zero(1, sizeof(*job));

	job->number = jobs->first ? jobs->first->number + 1 : 1;
	job->group = pid;
	job->line = mem_strn(line, strcspn(line, "\n"));
	job->foreground = foreground;
	job->next = jobs->first;
	jobs->first = job;
	if (jobs->tty_fd >= 0) {
		/* In the child as well: whichever comes first. */
		(void)setpgid(pid, pid);
		if (foreground)
			give_terminal(jobs, pid);
	}
	if (!foreground && jobs->tty_fd >= 0)
		fprintf(out, "[%d] %d\n", job->number, (int)pid);
}

static void note_status(struct job *job, int status)
{
	if (WIFSTOPPED(status)) {
		job->state = JOB_STOPPED;
		job->status = 128 + WSTOPSIG(status);
	} else if (WIFCONTINUED(status)) {
		job->state = JOB_RUNNING;
	} else {
		job->state = JOB_ENDED;
		job->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
						  : WEXITSTATUS(status);
	}
}

static void print_job(const struct job *job, FILE *out)
{
	const char *state = _("running");
	OWN_FREE char *failed = NULL;

	if (job->state == JOB_STOPPED) {
		state = _("stopped");
	} else if (job->state == JOB_ENDED && job->status) {
		failed = mem_fmt("%s [%d]", _("failed"), job->status);
		state = failed;
	} else if (job->state == JOB_ENDED) {
		state = _("done");
	}
	fprintf(out, "[%d]  %s  %s\n", job->number, state, job->line);
}

static void forget(struct jobs *jobs, struct job *job)
{
	struct job **at = &jobs->first;

	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	job_free(job);
}

static struct job *find_foreground(const struct jobs *jobs)
{
	struct job *job = jobs->first;

	while (job && !job->foreground)
		job = job->next;
	return job;
}

static int after_wait(struct jobs *jobs, struct job *job, bool by_signal,
		      FILE *out)
{
	int status = job->status;

	job->foreground = false;
	if (jobs->tty_fd >= 0) {
		give_terminal(jobs, jobs->group);
		if (job->state == JOB_STOPPED)
			job->has_modes =
				tcgetattr(jobs->tty_fd, &job->modes) == 0;
		/* One that ended well may have meant what it did (stty). */
		if (job->state == JOB_STOPPED || by_signal)
			set_modes(jobs, &jobs->modes);
	}
	if (job->state == JOB_STOPPED) {
		fputc('\n', out);
		print_job(job, out);
	} else {
		forget(jobs, job);
	}
	return status;
}

int jobs_wait(struct jobs *jobs, FILE *out)
{
	struct job *job = find_foreground(jobs);
	int status = 0;

	if (!job)
		return 0;
	while (waitpid(job->group, &status, WUNTRACED) < 0) {
		if (errno == EINTR && *jobs->end)
			return 128 + SIGHUP; /* jobs_free tells it */
		if (errno == EINTR)
			continue;
		status = 0; /* somebody else's: it has ended, unknown how */
		break;
	}
	note_status(job, status);
	return after_wait(jobs, job, WIFSIGNALED(status), out);
}

/* The status stays to be had: jobs_report tells of it. */
static int wait_for_end(const struct jobs *jobs, const struct job *job)
{
	siginfo_t info;

	while (waitid(P_PID, (id_t)job->group, &info,
		      WEXITED | WSTOPPED | WNOWAIT) < 0) {
		if (errno != EINTR)
			return 0;
		if (interrupt_seen() || *jobs->end)
			return 128 + SIGINT;
	}
	return 0;
}

int jobs_wait_all(struct jobs *jobs)
{
	int status = 0;

	for (struct job *job = jobs->first; job && status == 0; job = job->next)
		if (job->state == JOB_RUNNING)
			status = wait_for_end(jobs, job);
	return status;
}

void jobs_report(struct jobs *jobs, FILE *out)
{
	struct job *next;

	for (struct job *job = jobs->first; job; job = next) {
		int status;

		next = job->next;
		if (waitpid(job->group, &status,
			    WNOHANG | WUNTRACED | WCONTINUED) <= 0)
			continue;
		note_status(job, status);
		if (job->state == JOB_RUNNING)
			continue;
		if (jobs->tty_fd >= 0)
			print_job(job, out);
		if (job->state == JOB_ENDED)
			forget(jobs, job);
	}
}

void jobs_list(struct jobs *jobs, FILE *out)
{
	/* The oldest first: they are linked the other way round. */
	int highest = jobs->first ? jobs->first->number : 0;

	jobs_report(jobs, out);
	for (int number = 1; number <= highest; number++)
		for (struct job *job = jobs->first; job; job = job->next)
			if (job->number == number)
				print_job(job, out);
}

static struct job *find(const struct jobs *jobs, int number, struct err *err)
{
	struct job *job = jobs->first;

	while (job && number != 0 && job->number != number)
		job = job->next;
	if (!job && number == 0)
		err_set(err, ESRCH, _("there is no job"));
	else if (!job)
		err_set(err, ESRCH, _("there is no job %d"), number);
	if (!job)
		err_hint(err, _("'jobs' lists what was started here and has not ended"));
	return job;
}

int jobs_foreground(struct jobs *jobs, int number, FILE *out, struct err *err)
{
	struct job *job = find(jobs, number, err);

	if (!job)
		return -err->code;
	fprintf(out, "%s\n", job->line);
	fflush(out);
	job->foreground = true;
	if (jobs->tty_fd >= 0) {
		if (job->has_modes)
			set_modes(jobs, &job->modes);
		give_terminal(jobs, job->group);
	}
	job->state = JOB_RUNNING;
	kill(-job->group, SIGCONT);
	return jobs_wait(jobs, out);
}

int jobs_background(struct jobs *jobs, int number, FILE *out, struct err *err)
{
	struct job *job = find(jobs, number, err);

	if (!job)
		return -err->code;
	job->state = JOB_RUNNING;
	kill(-job->group, SIGCONT);
	print_job(job, out);
	return 0;
}

/* A stopped one goes on, to hear of it. */
int jobs_signal(struct jobs *jobs, int number, int signal, struct err *err)
{
	const struct job *job = find(jobs, number, err);

	if (!job)
		return -err->code;
	if (kill(-job->group, signal) < 0)
		return err_errno(err, "kill the job %d", number);
	if (job->state == JOB_STOPPED && signal != SIGSTOP &&
	    signal != SIGTSTP)
		kill(-job->group, SIGCONT);
	return 0;
}

static int count(const struct jobs *jobs, enum job_state state)
{
	int found = 0;

	for (const struct job *job = jobs->first; job; job = job->next)
		found += job->state == state;
	return found;
}

int jobs_stopped(const struct jobs *jobs)
{
	return count(jobs, JOB_STOPPED);
}

int jobs_running(const struct jobs *jobs)
{
	return count(jobs, JOB_RUNNING);
}

void jobs_facts(const struct jobs *jobs,
		void (*each)(int number, const char *state, const char *line,
			     void *arg),
		void *arg)
{
	for (const struct job *job = jobs->first; job; job = job->next)
		each(job->number,
		     job->state == JOB_STOPPED ? "stopped" : "running",
		     job->line, arg);
}
