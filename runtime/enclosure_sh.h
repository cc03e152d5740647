/* runtime/enclosure_sh.h - a compartment in an enclosure, for a learner's line of sh.
 *
 * The engine and what it keeps are in the same enclosure as what learners type, so a line
 * gets views of its own once more: of processes (the engine is not to be seen, ended or
 * traced), of users (no right over anything of the enclosure's), of mounts (the home is
 * covered, but for the learner's own folder) and of messages between processes. The
 * network is the enclosure's: a line may ask a server in a container. It has the rights
 * of a container's root and the same system call filter.
 *
 *   engine                  process 1 of the compartment         the line
 *   clone3(PARENT) -------> mounts, gives up rights
 *                           fork ------------------------------> exec sh
 *          <-- status ----- its end
 *                           stays while something that it
 *                           started still runs (a server)
 *
 * Process 1 is a copy of the engine that nobody in there can look into: it is not
 * dumpable. It is no child of the engine's but of the enclosure's process 1. */
#ifndef RUNTIME_ENCLOSURE_SH_H
#define RUNTIME_ENCLOSURE_SH_H

#include <stdint.h>

struct err;

/* All borrowed.
 *
 * args, env   of the program; args[0] is its path
 * stdio       its streams; told_fd: what becomes its descriptor 9, or -1
 * home        a folder that is covered; work: a folder in it that is not, or NULL
 * processes   how many the whole enclosure may have before this compartment is refused
 * data_bytes, file_bytes   of each process, of each file that it writes */
struct enclosure_sh {
	char *const *args;
	char *const *env;
	int stdio[3];
	int told_fd;
	const char *home;
	const char *work;
	int64_t processes;
	int64_t data_bytes;
	int64_t file_bytes;
};

/* Starts it, in the current folder. *out_fd (given): becomes readable once it has ended. */
int enclosure_sh_start(const struct enclosure_sh *sh, int *out_fd,
		       struct err *err);

/* Reads how it ended from that descriptor: *out_status, 128 + n for signal n, 137 also
 * where the whole compartment was ended. -errno: it could not be made. */
int enclosure_sh_status(int fd, int *out_status, struct err *err);

#endif
