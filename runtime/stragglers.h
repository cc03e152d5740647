/* runtime/stragglers.h - what process 1 leaves running.
 *
 * The end of process 1 is the end of its pid namespace, by the kernel's hand. A
 * container that shares the machine's pids, or another container's (--pid), has
 * no such namespace: its other processes are found by their mount namespace,
 * which they all share, and ended one by one. */
#ifndef RUNTIME_STRAGGLERS_H
#define RUNTIME_STRAGGLERS_H

#include <stdint.h>

/* The number of the calling process's mount namespace. 0: not known. */
uint64_t stragglers_mount_namespace(void);

/* Ends all processes in the mount namespace of that number. The caller holds it open:
 * the number of one that is gone is soon another's. */
void stragglers_end(uint64_t mount_namespace);

#endif
