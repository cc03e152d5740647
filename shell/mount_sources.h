/* shell/mount_sources.h - folders of the machine that -v names and that are not there.
 *
 * Docker makes them, as root; here they are made as whoever runs the program. Source:
 * Docker 20.10, volume/mounts. */
#ifndef SHELL_MOUNT_SOURCES_H
#define SHELL_MOUNT_SOURCES_H

struct err;
struct strs;

/* Makes each of these absolute paths, as far as it is not there, mode 0755. Fails with
 * Docker's words; in an enclosure with -EPERM where a submission has no business
 * (enclosure_guard.h). */
int mount_sources_make(const struct strs *paths, struct err *err);

#endif
