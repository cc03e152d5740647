/* shell/volume_spec.h - the language of -v and --volumes-from.
 *
 * Owns the grammar "SOURCE:/target[:ro,z,...]" and what Docker says of texts that
 * do not follow it. What a mount must be like, however it was asked for, is
 * run_mounts.c's. */
#ifndef SHELL_VOLUME_SPEC_H
#define SHELL_VOLUME_SPEC_H

#include <stdbool.h>

struct err;
struct mount_spec;

/* Whether it is a place alone ("/data"): a volume without a name. */
bool volume_spec_is_place(const char *text);

/* Reads one that has a source. -EINVAL with the daemon's sentence; *out is
 * initialised either way. "./x" is below the current folder. */
int volume_spec_read(const char *text, struct mount_spec *out, struct err *err);

/* "web", "web:ro": the container (given), and whether all is to be read only. */
int volume_spec_from(const char *text, char **out_container,
		     bool *out_read_only, struct err *err);

#endif
