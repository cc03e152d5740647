/* runtime/init/program.c - the program that process 1 becomes with --init.
 *
 * It stands alone: no C library, so that it is small (a container has it in memory)
 * and starts in any image. The build puts its bytes into dockershell; init.h hands
 * them to the kernel. It finds all signals blocked, and its one child, the program
 * that the user asked for, by the number in $CHILD.
 *
 *   wait for a signal <----------+
 *     SIGCHLD: reap all that ended; was it the child, end as it did
 *     any other: to the child ---+
 *
 * That is what tini does, which Docker has there. */
#include <asm/unistd.h>
#include <linux/prctl.h>
#include <linux/signal.h>
#include <linux/wait.h>

/* The entry: the stack holds argc, the arguments, NULL, the environment, NULL. */
#if defined(__x86_64__)
__asm__(".globl _start\n"
	"_start:\n"
	"	xor	%ebp, %ebp\n"
	"	mov	%rsp, %rdi\n"
	"	and	$-16, %rsp\n"
	"	call	begin\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n"
	"_start:\n"
	"	mov	x29, #0\n"
	"	mov	x0, sp\n"
	"	bl	begin\n");
#elif defined(__riscv)
__asm__(".globl _start\n"
	"_start:\n"
	"	mv	a0, sp\n"
	"	call	begin\n");
#else
#error "two lines are missing here: the entry and the system call of this machine"
#endif

static long kernel(long number, long a, long b, long c, long d)
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3)
			 : "memory");
	return x0;
#elif defined(__riscv)
	register long a7 __asm__("a7") = number;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;

	__asm__ volatile("ecall"
			 : "+r"(a0)
			 : "r"(a7), "r"(a1), "r"(a2), "r"(a3)
			 : "memory");
	return a0;
#endif
}

/* "CHILD=2" to 2. */
static long child_of(char *const *environment)
{
	const char *at = environment[0] ? environment[0] : "";
	long number = 0;

	while (*at && *at++ != '=')
		;
	while (*at >= '0' && *at <= '9')
		number = number * 10 + (*at++ - '0');
	return number;
}

static void leave(int status)
{
	int signal = status & 0x7f;

	(void)kernel(__NR_exit_group,
		     signal ? 128 + signal : (status >> 8) & 0xff, 0, 0, 0);
}

/* All that ended, before the end of the child becomes ours. */
static void reap(long child)
{
	int status = 0;
	int ended = -1;
	long pid;

	while ((pid = kernel(__NR_wait4, -1, (long)&status, WNOHANG, 0)) > 0)
		if (pid == child)
			ended = status;
	if (ended >= 0)
		leave(ended);
}

void begin(const long *stack);
void begin(const long *stack)
{
	char *const *environment = (char *const *)(stack + 1 + stack[0] + 1);
	const unsigned long all = ~0UL;
	long child = child_of(environment);

	(void)kernel(__NR_prctl, PR_SET_NAME, (long)"docker-init", 0, 0);
	(void)kernel(__NR_kill, child, SIGCONT, 0, 0); /* see init.c */
	for (;;) {
		long signal = kernel(__NR_rt_sigtimedwait, (long)&all, 0, 0,
				     sizeof(all));

		if (signal == SIGCHLD)
			reap(child);
		else if (signal > 0 && signal != SIGTTIN && signal != SIGTTOU)
			(void)kernel(__NR_kill, child, signal, 0, 0);
	}
}
