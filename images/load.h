/* images/load.h - images out of an archive that somebody saved.
 *
 * Owns what `load` does: Docker's archives, of 20.10 and before as of 25 and
 * later, and OCI's image layout, as a tar (also compressed) or as a folder. Every
 * digest is checked: of manifests, configs and layers. A config is kept byte by
 * byte, so that an image has the same id here as where it came from.
 *
 *   bundle.h       files by name
 *   load_docker.c  manifest.json  ---> the list of images: config, names, layers
 *   load_oci.c     index.json     --/
 *   load.c         layers and configs staged, then all entered at once
 *
 * Source: Docker 20.10, image/tarexport/load.go; OCI image-spec image-layout.md. */
#ifndef IMAGES_LOAD_H
#define IMAGES_LOAD_H

struct archive_watch;
struct err;
struct store;
struct strs;

/* fd         the archive, or a folder; borrowed
 * watch      told of what was read; may be NULL
 * out_lines  what Docker says: "Loaded image: x:y", "Loaded image ID: sha256:..."
 *
 * All of it is entered, or nothing. -EINVAL, -ENOENT, -EFBIG name what is wrong
 * in the archive; -EINTR after Ctrl-C. */
int load_images(struct store *store, int fd, const struct archive_watch *watch,
		struct strs *out_lines, struct err *err);

#endif
