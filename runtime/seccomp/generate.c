/* runtime/seccomp/generate.c - writes the precompiled filter as a C header.
 *
 * A program of the build, not a part of dockershell: it compiles syscalls.def
 * for a container without added capabilities and prints the result as an array
 * for syscalls.c. tests/test_syscalls.c checks that the two still agree. */
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/err.h"
#include "runtime/syscalls_compile.h"

int main(void)
{
	struct sock_filter *code;
	struct err err = { 0 };
	size_t count;

	if (syscalls_compile(0, &code, &count, &err) < 0) {
		fprintf(stderr, "generate: %s\n", err.msg);
		return 1;
	}
	printf("/* Made by runtime/seccomp/generate.c from runtime/syscalls.def. */\n"
	       "static const struct sock_filter syscalls_default[] = {\n");
	for (size_t i = 0; i < count; i++)
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", code[i].code,
		       code[i].jt, code[i].jf, code[i].k);
	printf("};\n");
	free(code);
	return fflush(stdout) == 0 ? 0 : 1;
}
