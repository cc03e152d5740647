/* shell/inspect_parts.h - what the files of inspect share.
 *
 *   inspect.c            the command itself: finding, templates, failures
 *   inspect_container.c  a container
 *   inspect_host.c       its HostConfig
 *   inspect_net.c        its NetworkSettings
 *   inspect_network.c    a network
 *   inspect_ports.c      ports, in both
 *   inspect_config.c     Config, of containers and images
 *   inspect_image.c      an image
 *
 * All values are given. */
#ifndef SHELL_INSPECT_PARTS_H
#define SHELL_INSPECT_PARTS_H

#include <jansson.h>
#include <stdint.h>

struct container;
struct home;
struct image;
struct image_config;
struct strs;

void inspect_put(json_t *object, const char *key, json_t *value); /* takes */
void inspect_put_int(json_t *object, const char *key, int64_t value);
void inspect_put_bool(json_t *object, const char *key, int value);

/* {"Data": {...}, "Name": "overlay2"}: folders of an overlay. `links` are names
 * below the home ("l/3749d"), the highest first, from which `from` on they lie
 * below; upper, work, merged are paths or "". */
struct inspect_overlay {
	const struct strs *links;
	size_t from;
	const char *init; /* a layer above the links, or NULL */
	const char *upper;
	const char *work;
	const char *merged;
};
json_t *inspect_graph(const struct home *home,
		      const struct inspect_overlay *overlay);

/* The place on disk that a name below the home leads to; given. */
char *inspect_real_path(const struct home *home, const char *name);

json_t *inspect_host_config(const struct home *home,
			    const struct container *container);

/* NetworkSettings; HostConfig's Links; the EndpointID of a container whose record
 * has none (`host`, `none`): given. */
json_t *inspect_network_settings(const struct home *home,
				 const struct container *container);
json_t *inspect_links(const struct home *home,
		      const struct container *container);
char *inspect_endpoint_id(const struct container *container);

/* {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]} of entries as in
 * runtime/port_spec.h; null for what is exposed (may be NULL) and not among them. */
json_t *inspect_ports(const struct strs *entries, const struct strs *exposed);

/* Config of an image, or ContainerConfig. */
json_t *inspect_image_config(const struct image_config *config);

/* Config of a container; `image` is what it was made from, or NULL. */
json_t *inspect_container_config(const struct container *container,
				 const struct image *image);

#endif
