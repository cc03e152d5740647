/* images/oci_docs.h - descriptors, manifests and indexes of OCI's image format.
 *
 * Owns how these documents are read: what they must say, and that a document is
 * one thing only (one that is manifest and index at once would be read as either,
 * by the will of whoever wrote it). Docker's own forms of both (manifest list,
 * manifest v2) are the same with other names. Source: OCI image-spec
 * descriptor.md, manifest.md, image-index.md; CVE-2021-41190. */
#ifndef IMAGES_OCI_DOCS_H
#define IMAGES_OCI_DOCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* What a document says of a blob. Strings may be NULL, but for digest.
 *
 * os, arch, variant  for which machine, in an index
 * name      the image's name in full, where an annotation says it
 * attached  it is no image but something said of one (attestations) */
struct oci_blob {
	char *type;
	char *digest;
	int64_t size;
	char *os;
	char *arch;
	char *variant;
	char *name;
	bool attached;
};

/* is_index  then blobs are manifests or indexes; else layers, and there is a
 *           config */
struct oci_doc {
	bool is_index;
	struct oci_blob config;
	struct oci_blob *blobs;
	size_t count;
};

void oci_doc_done(struct oci_doc *doc);
#define OWN_OCI_DOC __attribute__((cleanup(oci_doc_done)))

/* type  what the descriptor calls it, or NULL: the document itself decides.
 *
 * -EINVAL names the member that is not as it should be. */
int oci_doc_read(const char *json, size_t len, const char *type,
		 struct oci_doc *out, struct err *err);

/* Whether the blob is for this machine; one that does not say is. */
bool oci_blob_fits(const struct oci_blob *blob);

#endif
