/* runtime/base/digest.h - SHA-256: the names of everything that never changes.
 *
 * Owns the one digest that images use (OCI image-spec descriptor.md, "Digests")
 * and its text form "sha256:<64 hex digits>". The work is libcrypto's; it is set
 * up at the first digest and not before, so that `run`, which needs none, does
 * not pay for it. */
#ifndef RUNTIME_BASE_DIGEST_H
#define RUNTIME_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

struct err;

#define DIGEST_HEX 64
/* Room for "sha256:", the digits and the closing NUL. */
#define DIGEST_SIZE (7 + DIGEST_HEX + 1)

/* A digest under way. */
struct digest;

/* Sets libcrypto up. Calls itself from digest_new; a process that is about to
 * chroot(2) calls it before. */
void digest_prepare(void);

struct digest *digest_new(void);
void digest_add(struct digest *digest, const void *bytes, size_t len);

/* Writes the text form of what was added and frees the digest. */
void digest_end(struct digest *digest, char out[DIGEST_SIZE]);
void digest_free(struct digest *digest); /* NULL is fine */

/* Of a buffer; of what can be read from fd until its end. */
void digest_of(const void *bytes, size_t len, char out[DIGEST_SIZE]);
int digest_of_fd(int fd, char out[DIGEST_SIZE], struct err *err);

/* Exactly "sha256:" and 64 lower-case hex digits. Whatever becomes part of a
 * path was asked this first. */
bool digest_is_valid(const char *text);

/* The 64 digits behind "sha256:"; text must be valid. Borrowed. */
const char *digest_hex(const char *text);

/* OCI image-spec config.md, "Layer ChainID": the digest of the chain below (NULL
 * for the lowest layer) and of the layer's diff id. */
void digest_chain(const char *below, const char *diff, char out[DIGEST_SIZE]);

#endif
