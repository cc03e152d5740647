/* runtime/caps.h - which rights process 1 keeps, and why.
 *
 * Root's power is cut into some forty capabilities. Docker leaves a container
 * fourteen of them: enough for what packages do when they are installed and
 * started (change owners, take a low port, become another user), nothing that
 * touches the kernel or the machine. Source: capabilities(7); Docker's
 * oci/caps/defaults.go names the same fourteen. */
#ifndef RUNTIME_CAPS_H
#define RUNTIME_CAPS_H

#include <linux/capability.h>
#include <stdint.h>

struct err;

#define CAPS_BIT(cap) (UINT64_C(1) << (cap))

/* 00000000a80425fb, as /proc/self/status shows it in a container of Docker's */
#define CAPS_DOCKER                                                         \
	(CAPS_BIT(CAP_CHOWN) | CAPS_BIT(CAP_DAC_OVERRIDE) |                 \
	 CAPS_BIT(CAP_FOWNER) | CAPS_BIT(CAP_FSETID) | CAPS_BIT(CAP_KILL) | \
	 CAPS_BIT(CAP_SETGID) | CAPS_BIT(CAP_SETUID) |                      \
	 CAPS_BIT(CAP_SETPCAP) | CAPS_BIT(CAP_NET_BIND_SERVICE) |           \
	 CAPS_BIT(CAP_NET_RAW) | CAPS_BIT(CAP_SYS_CHROOT) |                 \
	 CAPS_BIT(CAP_MKNOD) | CAPS_BIT(CAP_AUDIT_WRITE) |                  \
	 CAPS_BIT(CAP_SETFCAP))

/* Every capability that can be had here: all that the kernel knows in a user
 * namespace, else what our own bounding set has left. */
uint64_t caps_all(void);

/* The number of "CAP_SYS_PTRACE", or -1; and back, "CAP_42" where it has no name.
 * The name is given, to be freed. */
int caps_from_name(const char *name);
char *caps_name(int cap);

/* Takes every capability that is not in `keep` out of the bounding set: from
 * here on no program started, setuid or not, can get it back. The calling thread
 * itself still has what it had: it needs some of it for what comes next. */
int caps_bound(uint64_t keep, struct err *err);

/* The last step: effective and permitted become `keep` (nothing at all when uid
 * is not 0), inheritable and ambient empty. */
int caps_keep(uint64_t keep, struct err *err);

#endif
