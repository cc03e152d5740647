/* runtime/oci_spec.h - a container's settings as the OCI runtime-spec says them.
 *
 * containers/<id>/config.json is for whoever wants to look: what we start is what
 * any OCI runtime (runc, crun) would be told. It is written, never read back.
 * Source: OCI runtime-spec config.md, config-linux.md. */
#ifndef RUNTIME_OCI_SPEC_H
#define RUNTIME_OCI_SPEC_H

struct err;
struct home;
struct spec;

int oci_spec_write(int folder_fd, const struct home *home,
		   const struct spec *spec, struct err *err);

#endif
