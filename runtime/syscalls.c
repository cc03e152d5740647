/* runtime/syscalls.c - see syscalls.h */
#include "runtime/syscalls.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/syscalls_compile.h"

/* Made by runtime/seccomp/generate.c when the program is built:
 * static const struct sock_filter syscalls_default[] = { ... }; */
#include "runtime/syscalls_default.h"

int syscalls_prepare(uint64_t caps, struct syscalls_filter *out,
		     struct err *err)
{
	struct sock_filter *code;
	size_t count;
	int r;

	if ((caps & syscalls_caps_that_open()) == 0) {
		*out = (struct syscalls_filter){
			.code = syscalls_default,
			.count = sizeof(syscalls_default) /
				 sizeof(syscalls_default[0]),
		};
		return 0;
	}
	r = syscalls_compile(caps, &code, &count, err);
	if (r < 0)
		return r;
	*out = (struct syscalls_filter){
		.code = code,
		.owned = code,
		.count = count,
	};
	return 0;
}

void syscalls_done(struct syscalls_filter *filter)
{
	if (!filter)
		return;
	free(filter->owned);
	*filter = (struct syscalls_filter){ 0 };
}

int syscalls_load(const struct syscalls_filter *filter)
{
	struct {
		unsigned short len;
		const struct sock_filter *filter;
	} program = { (unsigned short)filter->count, filter->code };

	/* struct sock_fprog, but for the const that it lacks. */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0UL, &program) < 0)
		return -errno;
	return 0;
}

int syscalls_install(uint64_t caps, struct err *err)
{
	OWN_SYSCALLS struct syscalls_filter filter = { 0 };
	int r = syscalls_prepare(caps, &filter, err);

	if (r < 0)
		return r;
	r = syscalls_load(&filter);
	if (r < 0) {
		errno = -r;
		return err_errno(err, "seccomp(SECCOMP_SET_MODE_FILTER)");
	}
	return 0;
}
