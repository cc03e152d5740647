/* runtime/enclosure_filter.c - system calls that nobody in an enclosure has.
 *
 * A container may be asked for with --privileged, or without a filter of its own: then all
 * of the kernel is open to what runs in it, as far as the enclosure's ids reach. Some of
 * it is no part of what containers are for, and has let programs out of their namespaces
 * before. It stays closed for all, engine and containers, below whatever filter they have:
 *
 *   io_uring_*, userfaultfd, bpf, perf_event_open    ways into the kernel's inside
 *   keyctl, add_key, request_key    keys of whoever grades: no namespace is around them
 *   socket of an unusual family     AF_VSOCK leads to the host of a virtual machine past
 *                                   each network namespace
 *
 * The program is put together by hand: it says no to a few, and is loaded once.
 *
 *   arch? --native--> the number: one of ours? --> EPERM
 *     |                socket: one of the families? --> EAFNOSUPPORT
 *     '--i386, which an x86-64 kernel takes as well: other numbers, the same
 *
 * Source: seccomp(2); userspace-api/seccomp_filter.rst; address_families(7). */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/enclosure_parts.h"
#include "runtime/syscalls.h"

enum { MOST_CODE = 128, X32_BIT = 0x40000000 };

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#elif defined(__riscv)
#define NATIVE AUDIT_ARCH_RISCV64
#else
#define NATIVE 0
#endif

static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK,
				AF_PACKET };

/* What is said of one kind of programs.
 *
 * arch     of the kernel's AUDIT_ARCH_...
 * closed   numbers, closed by -1
 * socket   its number
 * old      the number of a call that does many, whose words cannot be looked at: it is
 *          not there; -1: there is no such */
struct kind {
	unsigned arch;
	int closed[16];
	int socket;
	int old;
};

static const struct kind kinds[] = {
	{ NATIVE,
	  { SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
	    SYS_userfaultfd, SYS_bpf, SYS_perf_event_open, SYS_keyctl,
	    SYS_add_key, SYS_request_key, -1 },
	  SYS_socket,
	  -1 },
#if defined(__x86_64__)
	{ AUDIT_ARCH_I386,
	  { 425, 426, 427, 374, 357, 336, 288, 286, 287, -1 },
	  359,
	  102 /* socketcall */ },
#endif
};

struct program {
	struct sock_filter code[MOST_CODE];
	size_t count;
};

static void add(struct program *p, unsigned what, unsigned value,
		unsigned char jump_true, unsigned char jump_false)
{
	if (p->count < MOST_CODE)
		p->code[p->count++] = (struct sock_filter){
			(unsigned short)what, jump_true, jump_false, value
		};
}

static void answer(struct program *p, int code)
{
	add(p, BPF_RET | BPF_K,
	    code ? SECCOMP_RET_ERRNO | (unsigned)code : SECCOMP_RET_ALLOW, 0, 0);
}

static void load(struct program *p, size_t offset)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0);
}

/* Where it is that number, that is the answer. */
static void answer_to(struct program *p, int number, int code)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1);
	answer(p, code);
}

static void add_kind(struct program *p, const struct kind *kind)
{
	size_t skip;

	load(p, offsetof(struct seccomp_data, arch));
	skip = p->count;
	add(p, BPF_JMP | BPF_JEQ | BPF_K, kind->arch, 0, 0);
	load(p, offsetof(struct seccomp_data, nr));
	if (kind->arch == NATIVE)
		add(p, BPF_ALU | BPF_AND | BPF_K, ~(unsigned)X32_BIT, 0, 0);
	for (const int *number = kind->closed; *number >= 0; number++)
		answer_to(p, *number, EPERM);
	if (kind->old >= 0)
		answer_to(p, kind->old, ENOSYS);
	/* Not a socket: behind the families. */
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)kind->socket, 0,
	    (unsigned char)(2 * sizeof(families) / sizeof(families[0]) + 2));
	load(p, offsetof(struct seccomp_data, args[0]));
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		answer_to(p, families[i], 0);
	answer(p, EAFNOSUPPORT);
	answer(p, 0);
	p->code[skip].jf = (unsigned char)(p->count - skip - 1);
}

int enclosure_close_calls(struct err *err)
{
	struct program p = { 0 };
	struct syscalls_filter filter = { .code = p.code };
	int r;

	/* Ours has none of the caller's keys; one for all is enough. */
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		add_kind(&p, &kinds[i]);
	answer(&p, 0);
	filter.count = p.count;
	r = syscalls_load(&filter);
	/* A kernel without filters: containers have none either, and doctor says so. */
	return r < 0 && r != -EINVAL
		       ? err_set(err, -r, "seccomp: %d instructions",
				 (int)p.count)
		       : 0;
}
