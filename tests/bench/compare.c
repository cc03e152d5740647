/* tests/bench/compare.c - times whole processes against each other.
 *
 *   compare [-n RUNS] [-p PAUSE_S] [-j] NAME COMMAND... [-- NAME COMMAND...]...
 *
 * The commands take turns, so that whatever else the machine does hurts them
 * alike. A run is timed from before its process is made until it has been waited
 * for. Prints medians, minima and 90th percentiles, and each median against the
 * first one's; -j as JSON. A command that fails ends the comparison. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { MAX_SIDES = 8 };

struct side {
	const char *name;
	char **argv;
	double *ms;
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double time_one(const struct side *side,
		       posix_spawn_file_actions_t *actions)
{
	double start = now_ms();
	int status = 0;
	pid_t pid;
	int r = posix_spawn(&pid, side->argv[0], actions, NULL, side->argv,
			    environ);

	if (r != 0) {
		fprintf(stderr, "%s: %s\n", side->argv[0], strerror(r));
		exit(1);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0) {
		fprintf(stderr, "%s: ended with status 0x%x\n", side->name,
			(unsigned)status);
		exit(1);
	}
	return now_ms() - start;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Cuts the words at "--" into sides. */
static int read_sides(char **words, struct side *sides, int runs)
{
	int count = 0;

	while (*words && count < MAX_SIDES) {
		struct side *side = &sides[count++];

		side->name = *words++;
		side->argv = words;
		side->ms = calloc((size_t)runs, sizeof(double));
		if (!side->ms)
			exit(1);
		while (*words && strcmp(*words, "--") != 0)
			words++;
		if (*words)
			*words++ = NULL;
	}
	return count;
}

static void measure(const struct side *sides, int count, int runs,
		    double pause_s)
{
	struct timespec pause = {
		.tv_sec = (time_t)pause_s,
		.tv_nsec = (long)((pause_s - (double)(time_t)pause_s) * 1e9),
	};
	posix_spawn_file_actions_t actions;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	for (int i = -1; i < runs; i++) { /* the first round warms up */
		for (int s = 0; s < count; s++) {
			double took;

			if (pause_s > 0)
				nanosleep(&pause, NULL);
			took = time_one(&sides[s], &actions);
			if (i >= 0)
				sides[s].ms[i] = took;
		}
	}
	posix_spawn_file_actions_destroy(&actions);
}

static void report(const struct side *sides, int count, int runs,
		   double pause_s, bool json)
{
	double first = 0;

	if (json)
		printf("{\"runs\": %d, \"pause_s\": %g, \"sides\": [", runs,
		       pause_s);
	else
		printf("%-24s %8s %8s %8s %8s   (ms, %d runs, %g s apart)\n",
		       "", "median", "min", "p90", "ratio", runs, pause_s);
	for (int s = 0; s < count; s++) {
		const double *ms = sides[s].ms;
		double median;

		qsort(sides[s].ms, (size_t)runs, sizeof(double), by_size);
		median = (ms[runs / 2] + ms[(runs - 1) / 2]) / 2;
		if (s == 0)
			first = median;
		printf(json ? "%s{\"name\": \"%s\", \"median_ms\": %.3f, \"min_ms\": %.3f, \"p90_ms\": %.3f, \"first_to_this\": %.3f}"
			    : "%s%-24s %8.2f %8.2f %8.2f %8.2f\n",
		       json && s ? ", " : "", sides[s].name, median, ms[0],
		       ms[runs * 9 / 10], first / median);
	}
	if (json)
		printf("]}\n");
}

int main(int argc, char **argv)
{
	struct side sides[MAX_SIDES] = { 0 };
	double pause_s = 0;
	bool json = false;
	int runs = 100;
	int count;
	int opt;

	while ((opt = getopt(argc, argv, "+n:p:j")) != -1) {
		if (opt == 'n')
			runs = atoi(optarg) > 0 ? atoi(optarg) : 1;
		else if (opt == 'p')
			pause_s = strtod(optarg, NULL);
		else if (opt == 'j')
			json = true;
		else
			return 2;
	}
	count = read_sides(argv + optind, sides, runs);
	measure(sides, count, runs, pause_s);
	report(sides, count, runs, pause_s, json);
	for (int s = 0; s < count; s++)
		free(sides[s].ms);
	return 0;
}
