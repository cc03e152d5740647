/* images/manifest.h - OCI image config, manifest and index documents.
 *
 * Turns JSON into plain structs and back. Source: OCI image-spec config.md,
 * manifest.md, image-index.md; Docker's additions (container_config,
 * Healthcheck, OnBuild, Shell) as Docker 20.10 writes them. */
#ifndef IMAGES_MANIFEST_H
#define IMAGES_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/list.h"

struct err;

/* The `config` object: how a container of the image runs. Absent strings are
 * NULL. has_cmd, has_entrypoint tell "[]" and null apart.
 * labels        "name=value", sorted by name
 * exposed       "80/tcp", sorted
 * volumes       paths, sorted
 * healthcheck   its Test array; times in nanoseconds
 * attach_...    of a container's config: who is connected to it */
struct image_config {
	struct strs env;
	struct strs cmd;
	struct strs entrypoint;
	struct strs labels;
	struct strs exposed;
	struct strs volumes;
	struct strs onbuild;
	struct strs shell;
	struct strs health_test;
	int64_t health_interval_ns;
	int64_t health_timeout_ns;
	int64_t health_start_ns;
	int health_retries;
	bool has_cmd;
	bool has_entrypoint;
	bool args_escaped;
	bool attach_stdin;
	bool attach_stdout;
	bool attach_stderr;
	bool tty;
	bool open_stdin;
	bool stdin_once;
	char *user;
	char *working_dir;
	char *stop_signal;
	char *hostname;
	char *domainname;
	char *image;
};

void image_config_done(struct image_config *config);
void image_config_copy(struct image_config *to, const struct image_config *from);
#define OWN_CONFIG __attribute__((cleanup(image_config_done)))

/* How one layer, or one line of a Dockerfile, came to be. Strings may be NULL. */
struct image_step {
	int64_t created_ns;
	char *author;
	char *created_by;
	char *comment;
	bool empty_layer;
};

/* A whole config document. Its digest is the image's id, so what came from
 * elsewhere is kept as the bytes that came and never written anew.
 *
 * container, container_config  of the container that a build or a commit made
 *                              the image from; Docker's own additions
 * diffs      diff ids, lowest first; each is a valid digest
 * steps      oldest first */
struct image_doc {
	int64_t created_ns;
	char *author;
	char *comment;
	char *architecture;
	char *variant;
	char *os;
	char *docker_version;
	char *container;
	struct image_config container_config;
	struct image_config config;
	struct strs diffs;
	struct image_step *steps;
	size_t step_count;
};

void image_doc_done(struct image_doc *doc);
#define OWN_DOC __attribute__((cleanup(image_doc_done)))

/* Sets what every image made here says: architecture, operating system and which
 * program made it. */
void image_doc_init(struct image_doc *doc);

/* Adds a step at the end and returns it, for the caller to fill. */
struct image_step *image_doc_add_step(struct image_doc *doc);
void image_doc_copy_step(struct image_doc *doc, const struct image_step *step);

/* Whether the first `count` steps of both are the same to the letter and the
 * nanosecond. Both have that many. */
bool image_doc_same_steps(const struct image_doc *a, const struct image_doc *b,
			  size_t count);

/* Reads a document of at most IMAGE_DOC_MAX bytes. -EINVAL names the member that
 * is not as it should be; *out is then empty. */
enum {
	IMAGE_DOC_MAX = 4 << 20,
};
int image_doc_read(const char *json, size_t len, struct image_doc *out,
		   struct err *err);

/* Adds the document to `out` as Docker 20.10 writes it, byte by byte: members
 * sorted, config's in Docker's order, Go's escapes. */
struct buf;
void image_doc_write(const struct image_doc *doc, struct buf *out);

/* A string as Go's encoding/json writes it, quotes included: <, > and & as
 * \u003c ..., what is no UTF-8 as \ufffd. */
void manifest_add_string(struct buf *out, const char *text);

#endif
