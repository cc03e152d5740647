/* shell/platform.c - see platform.h */
#include "shell/platform.h"

#include <string.h>
#include <sys/utsname.h>

static const struct {
	const char *kernel;
	const char *platform;
} names[] = {
	{ "x86_64", "linux/amd64" },    { "aarch64", "linux/arm64" },
	{ "armv7l", "linux/arm" },      { "i686", "linux/386" },
	{ "ppc64le", "linux/ppc64le" }, { "s390x", "linux/s390x" },
	{ "riscv64", "linux/riscv64" },
};

const char *platform_name(void)
{
	struct utsname system;

	if (uname(&system) == 0)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (strcmp(names[i].kernel, system.machine) == 0)
				return names[i].platform;
	return "linux/unknown";
}

const char *platform_arch(void)
{
	return platform_name() + strlen("linux/");
}
