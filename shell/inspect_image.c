/* shell/inspect_image.c - an image, as inspect shows it.
 *
 * Source: Docker's api/types (ImageInspect), as of 20.10. */
#include <errno.h>
#include <stdlib.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/gojson.h"
#include "shell/inspect.h"
#include "shell/inspect_parts.h"

/* The highest layer is above, the others below. Nothing is mounted. */
static json_t *graph(const struct home *home, const struct image *image)
{
	OWN_FREE char *upper =
		image->links.count
			? inspect_real_path(home, image->links.items[0])
			: mem_str("");
	const struct inspect_overlay overlay = {
		.links = &image->links,
		.from = 1,
		.upper = upper,
		.work = "",
		.merged = "",
	};

	return inspect_graph(home, &overlay);
}

static json_t *rootfs(const struct image *image)
{
	json_t *json = json_object();

	gojson_put(json, "Type", "layers");
	inspect_put(json, "Layers", gojson_list(&image->layers, true));
	return json;
}

static json_t *metadata(const struct image *image)
{
	json_t *json = json_object();

	inspect_put(json, "LastTagTime", gojson_time(image->tagged_ns));
	return json;
}

static json_t *image_json(const struct home *home, const struct image *image,
			  const struct image_doc *doc)
{
	json_t *json = json_object();

	gojson_put(json, "Id", image->id);
	inspect_put(json, "RepoTags", gojson_list(&image->tags, false));
	inspect_put(json, "RepoDigests", gojson_list(&image->digests, false));
	gojson_put(json, "Parent", image->parent);
	gojson_put(json, "Comment", doc->comment);
	inspect_put(json, "Created", gojson_time(doc->created_ns));
	gojson_put(json, "Container", doc->container);
	inspect_put(json, "ContainerConfig",
		    inspect_image_config(&doc->container_config));
	gojson_put(json, "DockerVersion", doc->docker_version);
	gojson_put(json, "Author", doc->author);
	inspect_put(json, "Config", inspect_image_config(&doc->config));
	gojson_put(json, "Architecture", doc->architecture);
	gojson_put(json, "Variant", doc->variant);
	gojson_put(json, "Os", doc->os);
	inspect_put_int(json, "Size", image->size_bytes);
	inspect_put_int(json, "VirtualSize", image->size_bytes);
	inspect_put(json, "GraphDriver", graph(home, image));
	inspect_put(json, "RootFS", rootfs(image));
	inspect_put(json, "Metadata", metadata(image));
	return json;
}

int inspect_image(struct shell *shell, const struct image *image, json_t **out,
		  struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	OWN_DOC struct image_doc doc = { 0 };
	int r = store_config(shell->store, image->id, &text, err);

	if (r == 0)
		r = image_doc_read(buf_text(&text), text.len, &doc, err);
	if (r == 0)
		*out = image_json(shell->home, image, &doc);
	return r;
}
