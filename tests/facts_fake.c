/* tests/facts_fake.c - see facts_fake.h */
#include "tests/facts_fake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"

static int containers(void *ctx, const struct containers **out, struct err *err)
{
	struct fake *fake = ctx;

	(void)err;
	*out = &fake->containers;
	return 0;
}

static size_t index_of(const struct fake *fake, const char *name)
{
	const struct container *found = facts_container(&fake->facts, name);

	return found ? (size_t)(found - fake->items) : 8;
}

static int diff(void *ctx, const char *container, struct changes *out,
		struct err *err)
{
	struct fake *fake = ctx;
	size_t at = index_of(fake, container);

	if (at == 8)
		return err_set(err, ENOENT, "no %s", container);
	*out = (struct changes){ 0 };
	for (const char *const *c = fake->changes[at]; c && *c; c++) {
		out->items = mem_grow(out->items, out->count + 1,
				      sizeof(*out->items));
		out->items[out->count++] =
			(struct change){ (enum change_kind)(*c)[0],
					 mem_str(*c + 2) };
	}
	return 0;
}

static int image(void *ctx, const char *name, struct image *out,
		 struct err *err)
{
	struct fake *fake = ctx;

	for (size_t i = 0; i < fake->images_count; i++) {
		const struct image *from = &fake->images[i];

		if (!strs_has(&from->tags, name))
			continue;
		*out = (struct image){ .id = mem_str(from->id),
				       .size_bytes = from->size_bytes };
		strs_copy(&out->tags, &from->tags);
		strs_copy(&out->layers, &from->layers);
		image_config_copy(&out->config, &from->config);
		return 0;
	}
	return err_set(err, ENOENT, "No such image: %s", name);
}

static int file(void *ctx, const struct facts_path *path,
		struct facts_file *out, struct err *err)
{
	struct fake *fake = ctx;

	if (!fake->file_path || strcmp(path->path, fake->file_path) != 0)
		return err_set(err, ENOENT, "no %s", path->path);
	*out = fake->file;
	out->text = mem_str(fake->file.text);
	return 0;
}

static int log_of(void *ctx, const char *container, struct buf *out,
		  struct err *err)
{
	struct fake *fake = ctx;
	size_t at = index_of(fake, container);

	(void)err;
	if (at < 8 && fake->log[at])
		buf_str(out, fake->log[at]);
	return 0;
}

static int processes(void *ctx, const struct container *container,
		     struct strs *out, struct err *err)
{
	struct fake *fake = ctx;
	size_t at = (size_t)(container - fake->items);

	(void)err;
	strs_split(out, fake->processes[at] ? fake->processes[at] : "", '\n');
	return 0;
}

static int past(void *ctx, const char *name, struct past *out, struct err *err)
{
	struct fake *fake = ctx;
	struct image found = { 0 };
	int r = image(ctx, name, &found, err);

	image_done(&found);
	if (r < 0)
		return r;
	out->steps = mem_zero(fake->past.count + 1, sizeof(*out->steps));
	for (size_t i = 0; i < fake->past.count; i++) {
		out->steps[i] = fake->past.steps[i];
		out->steps[i].created_by = mem_str(out->steps[i].created_by);
	}
	out->count = fake->past.count;
	return 0;
}

static int volume(void *ctx, const char *name, struct volume *out,
		  struct err *err)
{
	struct fake *fake = ctx;

	if (!fake->volume || strcmp(fake->volume, name) != 0)
		return err_set(err, ENOENT, "no %s", name);
	*out = (struct volume){ .name = mem_str(name) };
	return 0;
}

static int networks(void *ctx, const struct networks **out, struct err *err)
{
	struct fake *fake = ctx;

	(void)err;
	fake->networks.items = &fake->network;
	fake->networks.count = fake->network.name ? 1 : 0;
	*out = &fake->networks;
	return 0;
}

static int listens(void *ctx, const struct container *container,
		   struct strs *out, struct err *err)
{
	struct fake *fake = ctx;
	const char *all = fake->listens[container - fake->items];

	(void)err;
	if (all)
		strs_split(out, all, '\n');
	return 0;
}

static int ending(void *ctx, const char *id, struct ending *out,
		  struct err *err)
{
	struct fake *fake = ctx;

	(void)id;
	(void)err;
	*out = fake->ending;
	return fake->ending.id[0] != 0;
}

static int page(void *ctx, const char *url, int timeout_ms,
		struct facts_page *out, struct err *err)
{
	struct fake *fake = ctx;

	(void)timeout_ms;
	if (fake->page_error)
		return err_set(err, fake->page_error, "get %s", url);
	*out = (struct facts_page){ fake->page.status,
				    mem_str(fake->page.body) };
	return 0;
}

static json_t *note(void *ctx, const char *name)
{
	struct fake *fake = ctx;

	return json_incref(json_object_get(fake->note, name));
}

static int run(void *ctx, const struct facts_run *what, struct facts_ran *out,
	       struct err *err)
{
	struct fake *fake = ctx;

	if (fake->run_error)
		return err_set(err, fake->run_error, "run in %s", what->name);
	*out = fake->ran;
	out->output = mem_str(fake->ran.output);
	out->failed = mem_str(fake->ran.failed);
	return 0;
}

void fake_init(struct fake *fake)
{
	*fake = (struct fake){ .containers.items = fake->items };
	fake->containers.items = fake->items;
	fake->facts = (struct facts){
		.ctx = fake,
		.containers = containers,
		.diff = diff,
		.image = image,
		.file = file,
		.log = log_of,
		.processes = processes,
		.past = past,
		.volume = volume,
		.networks = networks,
		.listens = listens,
		.ending = ending,
		.page = page,
		.note = note,
		.run_ctx = fake,
		.run = run,
	};
}

void fake_done(struct fake *fake)
{
	for (size_t i = 0; i < fake->containers.count; i++)
		container_done(&fake->items[i]);
	for (size_t i = 0; i < fake->images_count; i++)
		image_done(&fake->images[i]);
}

size_t fake_container(struct fake *fake, const char *name, const char *image,
		      int exit_code)
{
	size_t at = fake->containers.count++;
	struct container *one = &fake->items[at];

	spec_init(&one->spec);
	one->spec.id = mem_fmt("%064zx", 0xabc0 + at);
	one->spec.name = mem_str(name);
	one->spec.image = mem_str(image);
	strs_add(&one->spec.args, "touch");
	strs_add(&one->spec.args, "/tmp/hoge.txt");
	one->status = CONTAINER_EXITED;
	one->exit_code = exit_code;
	return at;
}

struct image *fake_image(struct fake *fake, const char *tag, int layers)
{
	struct image *one = &fake->images[fake->images_count++];

	one->id = mem_fmt("sha256:%s", tag);
	strs_add(&one->tags, tag);
	for (int i = 0; i < layers; i++)
		strs_addf(&one->layers, "layer %d", i);
	return one;
}
