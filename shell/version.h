/* shell/version.h - which version this is. */
#ifndef SHELL_VERSION_H
#define SHELL_VERSION_H

#define DOCKERSHELL_VERSION "0.1.0"

/* Whose output the commands follow. */
#define DOCKER_FOLLOWED "20.10"

#endif
