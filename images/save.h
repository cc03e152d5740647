/* images/save.h - images as one archive, to be taken elsewhere.
 *
 * Owns what `save` writes: one tar that is two things at once, the archive that
 * Docker's `load` takes and an OCI image layout, so that docker, podman, skopeo
 * and others read it. Every blob is in it once, however many images share it.
 *
 *   blobs/sha256/<digest>    configs, manifests, layers (as tars)
 *   index.json, oci-layout   OCI's way in: the manifests
 *   manifest.json            Docker's way in: names, config and layers
 *   <id>.json, <diff id>/layer.tar   links, where Docker up to 24 has the files
 *   repositories             names to layers, as in the oldest form
 *
 * Source: OCI image-spec image-layout.md, manifest.md; Docker 20.10 and 25,
 * image/tarexport/save.go. */
#ifndef IMAGES_SAVE_H
#define IMAGES_SAVE_H

struct archive_watch;
struct err;
struct store;
struct strs;

/* names   as a user types them. A name without a tag means all tags of it, an id
 *         none, as in Docker.
 * out_fd  where it goes; borrowed
 * watch   may be NULL
 *
 * -ENOENT: "No such image: x", "reference does not exist" before anything is
 * written; -EIO for a layer that is damaged on disk: what was written then is of
 * no use. */
int save_images(struct store *store, const struct strs *names, int out_fd,
		const struct archive_watch *watch, struct err *err);

#endif
