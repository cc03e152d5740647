/* runtime/stages_parts.h - what stages.c and usher.c share. */
#ifndef RUNTIME_STAGES_PARTS_H
#define RUNTIME_STAGES_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct spec;
struct stages;

/* The container's process 1, from its birth to its exec. */
_Noreturn void stages_child_main(const struct stages *stages, int control,
				 bool traced);

/* How readily the kernel ends it when memory runs out. */
int stages_set_oom_score(const struct spec *spec, struct err *err);

/* Tells of the clone3(2) that made it. */
void stages_tell_clone(const struct stages *stages, uint64_t flags, pid_t pid);

/* errno says why it could not be made. Returns -errno. */
pid_t stages_cannot_clone(uint64_t flags, struct err *err);

/* Has it made by an usher. control: both ends of the talk; the child has the second.
 * Returns its number, and a pidfd of it. */
pid_t usher_clone(const struct stages *stages, uint64_t flags,
		  const int control[2], int *out_pidfd, struct err *err);

#endif
