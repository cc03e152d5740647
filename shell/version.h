/* shell/version.h - which version this is. */
#ifndef SHELL_VERSION_H
#define SHELL_VERSION_H

#define DOCKERSHELL_VERSION "0.1.0"

/* Whose output the commands follow, and the number of that one's interface: what
 * a script is told that asks for Docker's version. */
#define DOCKER_FOLLOWED "20.10.24"
#define DOCKER_API "1.41"
#define DOCKER_VERSION DOCKER_FOLLOWED "+dockershell" DOCKERSHELL_VERSION

struct shell;

/* `--version`: one line, Docker's where it is called by that name. */
void version_line(const struct shell *shell);

#endif
