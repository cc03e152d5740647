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
 * healthcheck   its Test array; times in nanoseconds */
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
	char *user;
	char *working_dir;
	char *stop_signal;
	char *hostname;
	char *domainname;
	char *image;
};

void image_config_done(struct image_config *config);
void image_config_copy(struct image_config *to, const struct image_config *from);

#endif
