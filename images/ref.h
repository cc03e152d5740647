/* images/ref.h - the grammar of "name:tag@digest".
 *
 * Owns how images are named. Source: OCI distribution-spec and Docker's
 * distribution/reference package, as of Docker 20.10: what it accepts, how it
 * completes a short name ("busybox" is docker.io/library/busybox), how it shows
 * a full one, and its sentences for what is no name.
 *
 *   docker.io / library/busybox : latest @ sha256:0123...
 *   domain      path              tag      digest */
#ifndef IMAGES_REF_H
#define IMAGES_REF_H

#include <stdbool.h>

struct err;

/* domain, path  always there; tag, digest NULL where not given. Owned. */
struct ref {
	char *domain;
	char *path;
	char *tag;
	char *digest;
};

void ref_done(struct ref *ref);
#define OWN_REF __attribute__((cleanup(ref_done)))

/* A name as a user types it. No tag is added (see ref_tag_latest). -EINVAL with
 * Docker's bare sentence: "invalid reference format: repository name must be
 * lowercase". */
int ref_parse(const char *text, struct ref *out, struct err *err);

/* A name or an image id in full, as what most commands take: 64 hex digits or
 * "sha256:<64 hex>" leave domain and path NULL and come out in digest. */
int ref_parse_any(const char *text, struct ref *out, struct err *err);

/* Adds ":latest" where neither tag nor digest is given. */
void ref_tag_latest(struct ref *ref);

/* "docker.io/library/busybox:latest"; "docker.io/library/busybox". Given. */
char *ref_full(const struct ref *ref);
char *ref_full_name(const struct ref *ref);

/* As Docker shows it: "busybox:latest"; "busybox". Given. */
char *ref_familiar(const struct ref *ref);
char *ref_familiar_name(const struct ref *ref);

/* Whether a pattern of `images PATTERN` or --filter reference= fits: go_match.h's
 * wildcards on the familiar name, with or without its tag. */
bool ref_matches(const struct ref *ref, const char *pattern);

#endif
