/* shell/platform.h - the machine, in the words that images and Docker use. */
#ifndef SHELL_PLATFORM_H
#define SHELL_PLATFORM_H

/* "linux/amd64" */
const char *platform_name(void);

/* "amd64", "arm64": Go's name of the processor. */
const char *platform_arch(void);

#endif
