/* tests/test_load.c - archives of images, honest and not: what comes in has the id
 * it had, and what is wrong leaves nothing behind. */
#include "images/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "images/past.h"
#include "images/save.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "tests/tarball.h"

/* An image of one layer in the making: its layer's tar, its config. */
struct pieces {
	struct buf layer;
	struct buf config;
	struct buf manifest; /* OCI's */
	char diff[DIGEST_SIZE];
	char id[DIGEST_SIZE];
	char manifest_id[DIGEST_SIZE];
};

static void pieces_done(struct pieces *pieces)
{
	buf_done(&pieces->layer);
	buf_done(&pieces->config);
	buf_done(&pieces->manifest);
}
#define OWN_PIECES __attribute__((cleanup(pieces_done)))

#define OCI "application/vnd.oci.image."

static void make_pieces(struct pieces *out, const char *os)
{
	static const struct tar_entry files[] = {
		{ .name = "hello", .content = "hi", .type = '0' },
		{ .name = NULL },
	};

	*out = (struct pieces){ 0 };
	tarball_make(&out->layer, files);
	digest_of(out->layer.data, out->layer.len, out->diff);
	buf_fmt(&out->config,
		"{ \"os\":\"%s\",\"architecture\":\"x\",\"config\":{\"Cmd\":[\"/hello\"]},"
		"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]},"
		"\"history\":[{\"created_by\":\"made up\"}]}",
		os, out->diff);
	digest_of(out->config.data, out->config.len, out->id);
	buf_fmt(&out->manifest,
		"{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" OCI
		"config.v1+json\",\"digest\":\"%s\",\"size\":%zu},\"layers\":[{\"mediaType\":\"" OCI
		"layer.v1.tar\",\"digest\":\"%s\",\"size\":%zu}]}",
		out->id, out->config.len, out->diff, out->layer.len);
	digest_of(out->manifest.data, out->manifest.len, out->manifest_id);
}

static void add_text(struct buf *tar, const char *name, const char *text)
{
	struct buf bytes = { 0 };

	buf_str(&bytes, text);
	tarball_add_file(tar, name, &bytes);
	buf_done(&bytes);
}

static void add_blob(struct buf *tar, const char *digest,
		     const struct buf *bytes)
{
	OWN_FREE char *name = mem_fmt("blobs/sha256/%s", digest_hex(digest));

	tarball_add_file(tar, name, bytes);
}

static int load(struct shop *shop, struct buf *tar, struct strs *lines,
		struct err *err)
{
	OWN_FD int fd = -1;

	tarball_end(tar);
	fd = tarball_fd(tar);
	return load_images(shop->store, fd, NULL, lines, err);
}

/* The archive is refused with these words, and the store is as it was. */
static void refused(struct scratch *scratch, struct buf *tar,
		    const char *words)
{
	OWN_SHOP struct shop shop;
	OWN_STRS struct strs lines = { 0 };
	struct image_list list = { 0 };
	struct err err = { 0 };

	shop_open(scratch, &shop);
	assert_true(load(&shop, tar, &lines, &err) < 0);
	if (!strstr(err.msg, words))
		fail_msg("'%s' is not in: %s", words, err.msg);
	assert_int_equal(lines.count, 0);
	assert_ok(image_list(shop.store, true, &list, &err), &err);
	assert_int_equal(list.count, 0);
	assert_int_equal(test_shell("test -z \"$(ls -A home/layers home/blobs/sha256 | grep '[0-9a-f]\\{5\\}')\""),
			 0);
	buf_clear(tar);
}

static void in_scratch(struct scratch *scratch)
{
	assert_int_equal(chdir(scratch->path), 0);
}

/* ---- Docker's form ---- */

static void docker_s_archive_keeps_the_id_and_follows_its_links(void **state)
{
	OWN_SHOP struct shop shop;
	OWN_PIECES struct pieces p;
	OWN_BUF struct buf tar = { 0 };
	OWN_STRS struct strs lines = { 0 };
	OWN_IMAGE struct image image = { 0 };
	const struct tar_entry link = { .name = "b/layer.tar",
					.link = "../a/layer.tar",
					.type = '2' };
	struct err err = { 0 };

	shop_open(*state, &shop);
	make_pieces(&p, "linux");
	/* As 20.10 writes a layer that another image has brought already. */
	tarball_add(&tar, &link);
	tarball_add_file(&tar, "./a/layer.tar", &p.layer);
	tarball_add_file(&tar, "any.json", &p.config);
	add_text(&tar, "manifest.json",
		 "[{\"Config\":\"any.json\",\"RepoTags\":[\"x:1\",\"x:2\"],\"Layers\":[\"b/layer.tar\"]}]");
	assert_ok(load(&shop, &tar, &lines, &err), &err);
	assert_int_equal(lines.count, 2);
	assert_string_equal(lines.items[0], "Loaded image: x:1");
	assert_ok(image_find(shop.store, "x:2", &image, &err), &err);
	assert_string_equal(image.id, p.id);
	assert_string_equal(image.layers.items[0], p.diff);
	assert_string_equal(scratch_read(shop.scratch,
					 shop_file(&shop, "x:1", "hello")),
			    "hi");
}

static void what_is_wrong_is_named_and_nothing_enters(void **state)
{
	OWN_PIECES struct pieces p;
	OWN_BUF struct buf tar = { 0 };
	OWN_FREE char *name = NULL;
	OWN_FREE char *list = NULL;
	struct tar_entry entry = { .name = "../x", .type = '0' };

	in_scratch(*state);
	make_pieces(&p, "linux");
	add_text(&tar, "files", "are no image");
	refused(*state, &tar, "no archive of images");
	tarball_add(&tar, &entry);
	refused(*state, &tar, "leads out of it: '../x'");
	entry = (struct tar_entry){ .name = "l",
				    .link = "../../etc/passwd",
				    .type = '2' };
	tarball_add(&tar, &entry);
	refused(*state, &tar, "leads out of it");
	add_text(&tar, "manifest.json", "{}");
	refused(*state, &tar, "it is no list");
	add_text(&tar, "manifest.json", "[{\"Config\":1}]");
	refused(*state, &tar, "'Config' is missing");
	add_text(&tar, "manifest.json", "[{\"Config\":\"/etc/passwd\"}]");
	refused(*state, &tar, "leads out of it: '/etc/passwd'");
	/* Links that lead to each other. */
	entry = (struct tar_entry){ .name = "c", .link = "d", .type = '2' };
	tarball_add(&tar, &entry);
	entry = (struct tar_entry){ .name = "d", .link = "c", .type = '1' };
	tarball_add(&tar, &entry);
	add_text(&tar, "manifest.json", "[{\"Config\":\"c\"}]");
	refused(*state, &tar, "link without end");
	/* A digest in a name that is not the file's. */
	name = mem_fmt("%s.json", digest_hex(p.diff));
	list = mem_fmt("[{\"Config\":\"%s\"}]", name);
	tarball_add_file(&tar, name, &p.config);
	add_text(&tar, "manifest.json", list);
	refused(*state, &tar, "is damaged: its digest is sha256:");
}

static void a_layer_that_is_not_the_one_is_refused(void **state)
{
	OWN_PIECES struct pieces p;
	OWN_PIECES struct pieces windows;
	OWN_BUF struct buf tar = { 0 };
	OWN_BUF struct buf big = { 0 };

	in_scratch(*state);
	make_pieces(&p, "linux");
	make_pieces(&windows, "windows");
	tarball_add_file(&tar, "c", &p.config);
	add_text(&tar, "manifest.json",
		 "[{\"Config\":\"c\",\"Layers\":[\"l\"]}]");
	refused(*state, &tar, "names the file 'l' and does not have it");
	tarball_add_file(&tar, "c", &p.config);
	add_text(&tar, "manifest.json", "[{\"Config\":\"c\",\"Layers\":[]}]");
	refused(*state, &tar,
		"invalid manifest, layers length mismatch: expected 0, got 1");
	p.layer.data[512] = 'H';
	tarball_add_file(&tar, "c", &p.config);
	tarball_add_file(&tar, "l", &p.layer);
	add_text(&tar, "manifest.json",
		 "[{\"Config\":\"c\",\"Layers\":[\"l\"]}]");
	refused(*state, &tar, "invalid diffID for layer 0: expected \"sha256:");
	tarball_add_file(&tar, "c", &windows.config);
	add_text(&tar, "manifest.json",
		 "[{\"Config\":\"c\",\"Layers\":[\"l\"]}]");
	refused(*state, &tar, "cannot load windows image on linux");
	tarball_add_file(&tar, "c", &p.config);
	add_text(&tar, "manifest.json",
		 "[{\"Config\":\"c\",\"RepoTags\":[\"UP:1\"],\"Layers\":[\"l\"]}]");
	refused(*state, &tar, "repository name must be lowercase");
	buf_room(&big, 5 << 20);
	memset(big.data, ' ', 5 << 20);
	big.len = 5 << 20;
	tarball_add_file(&tar, "manifest.json", &big);
	refused(*state, &tar, "bytes, the limit");
}

/* ---- OCI's form ---- */

static char *index_of(const struct pieces *p, const char *more)
{
	return mem_fmt("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"" OCI
		       "manifest.v1+json\",\"digest\":\"%s\",\"size\":%zu%s}]}",
		       p->manifest_id, p->manifest.len, more);
}

static void add_oci(struct buf *tar, const struct pieces *p, const char *more)
{
	OWN_FREE char *index = index_of(p, more);

	add_text(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
	add_text(tar, "index.json", index);
	add_blob(tar, p->manifest_id, &p->manifest);
	add_blob(tar, p->id, &p->config);
	add_blob(tar, p->diff, &p->layer);
}

static void an_oci_layout_is_loaded_by_the_name_it_carries(void **state)
{
	OWN_SHOP struct shop shop;
	OWN_PIECES struct pieces p;
	OWN_BUF struct buf tar = { 0 };
	OWN_STRS struct strs lines = { 0 };
	struct err err = { 0 };

	shop_open(*state, &shop);
	make_pieces(&p, "linux");
	add_oci(&tar, &p,
		",\"annotations\":{\"org.opencontainers.image.ref.name\":\"me/y:3\"}");
	assert_ok(load(&shop, &tar, &lines, &err), &err);
	assert_string_equal(lines.items[0], "Loaded image: me/y:3");
	/* A word alone is a tag of nobody knows what. */
	buf_clear(&tar);
	strs_clear(&lines);
	add_oci(&tar, &p,
		",\"annotations\":{\"org.opencontainers.image.ref.name\":\"latest\"}");
	assert_ok(load(&shop, &tar, &lines, &err), &err);
	assert_int_equal(lines.count, 1);
	assert_memory_equal(lines.items[0], "Loaded image ID: sha256:", 24);
}

/* The index leads to an index with this machine's image and another's. */
static void of_several_machines_this_one_s_is_taken(void **state)
{
	OWN_SHOP struct shop shop;
	OWN_PIECES struct pieces p;
	OWN_DOC struct image_doc mine;
	OWN_BUF struct buf tar = { 0 };
	OWN_BUF struct buf inner = { 0 };
	OWN_FREE char *index = NULL;
	OWN_STRS struct strs lines = { 0 };
	struct err err = { 0 };
	char digest[DIGEST_SIZE];

	shop_open(*state, &shop);
	image_doc_init(&mine);
	make_pieces(&p, "linux");
	buf_fmt(&inner,
		"{\"schemaVersion\":2,\"manifests\":["
		"{\"digest\":\"%s\",\"size\":1,\"platform\":{\"os\":\"linux\",\"architecture\":\"pdp11\"}},"
		"{\"digest\":\"%s\",\"size\":%zu,\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}},"
		"{\"digest\":\"%s\",\"size\":1,\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}}]}",
		p.id, p.manifest_id, p.manifest.len, mine.architecture, p.id);
	digest_of(inner.data, inner.len, digest);
	index = mem_fmt("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"" OCI
			"index.v1+json\",\"digest\":\"%s\",\"size\":%zu,\"annotations\":{\"io.containerd.image.name\":\"docker.io/library/z:1\"}}]}",
			digest, inner.len);
	add_text(&tar, "index.json", index);
	add_blob(&tar, digest, &inner);
	add_blob(&tar, p.manifest_id, &p.manifest);
	add_blob(&tar, p.id, &p.config);
	add_blob(&tar, p.diff, &p.layer);
	assert_ok(load(&shop, &tar, &lines, &err), &err);
	assert_int_equal(lines.count, 1);
	assert_string_equal(lines.items[0], "Loaded image: z:1");
}

static void an_oci_layout_is_not_trusted(void **state)
{
	OWN_PIECES struct pieces p;
	OWN_BUF struct buf tar = { 0 };

	in_scratch(*state);
	make_pieces(&p, "linux");
	add_oci(&tar, &p,
		",\"platform\":{\"os\":\"linux\",\"architecture\":\"pdp11\"}");
	refused(*state, &tar, "only for linux/pdp11");
	p.config.data[0] = ' ';
	p.config.data[1] = '{';
	add_oci(&tar, &p, "");
	refused(*state, &tar, "is damaged: its digest is sha256:");
	pieces_done(&p);
	make_pieces(&p, "linux");
	buf_char(&p.layer, 'x');
	add_oci(&tar, &p, "");
	refused(*state, &tar, "were announced");
	add_text(&tar, "index.json",
		 "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}");
	refused(*state, &tar, "manifest and index at once");
	add_text(&tar, "index.json",
		 "{\"manifests\":[{\"digest\":\"sha256:../../x\",\"size\":1}]}");
	refused(*state, &tar, "no digest that can be checked");
	add_text(&tar, "index.json", "{\"manifests\":[]}");
	refused(*state, &tar, "its index is empty");
}

/* An index that names itself: by its digest it cannot, so by way of the size of a
 * tree of them. */
static void an_index_of_indexes_has_an_end(void **state)
{
	OWN_BUF struct buf tar = { 0 };
	OWN_BUF struct buf text = { 0 };
	char digest[DIGEST_SIZE];

	in_scratch(*state);
	buf_str(&text, "{\"manifests\":[]}");
	for (int depth = 0; depth < 3; depth++) {
		size_t len = text.len;

		digest_of(text.data, text.len, digest);
		add_blob(&tar, digest, &text);
		buf_clear(&text);
		buf_str(&text, "{\"manifests\":[");
		for (int i = 0; i < 500; i++)
			buf_fmt(&text, "%s{\"digest\":\"%s\",\"size\":%zu}",
				i ? "," : "", digest, len);
		buf_str(&text, "]}");
	}
	tarball_add_file(&tar, "index.json", &text);
	refused(*state, &tar, "images, the limit");
}

/* ---- parents, and back again ---- */

static void a_parent_in_the_same_archive_stays_one(void **state)
{
	OWN_SHOP struct shop shop;
	OWN_PIECES struct pieces p;
	OWN_BUF struct buf tar = { 0 };
	OWN_BUF struct buf child = { 0 };
	OWN_BUF struct buf list = { 0 };
	OWN_STRS struct strs lines = { 0 };
	OWN_PAST struct past past = { 0 };
	struct err err = { 0 };

	shop_open(*state, &shop);
	make_pieces(&p, "linux");
	buf_fmt(&child,
		"{\"os\":\"linux\",\"rootfs\":{\"diff_ids\":[\"%s\"]},\"history\":["
		"{\"created_by\":\"made up\"},{\"created_by\":\"step\",\"empty_layer\":true}]}",
		p.diff);
	buf_fmt(&list,
		"[{\"Config\":\"p\",\"Layers\":[\"l\"]},"
		"{\"Config\":\"c\",\"RepoTags\":[\"child:1\"],\"Layers\":[\"l\"],\"Parent\":\"%s\"}]",
		p.id);
	tarball_add_file(&tar, "p", &p.config);
	tarball_add_file(&tar, "c", &child);
	tarball_add_file(&tar, "l", &p.layer);
	tarball_add_file(&tar, "manifest.json", &list);
	assert_ok(load(&shop, &tar, &lines, &err), &err);
	assert_int_equal(lines.count, 2);
	assert_ok(past_read(shop.store, "child:1", &past, &err), &err);
	assert_int_equal(past.count, 2);
	assert_int_equal(past.steps[0].size_bytes, 0);
	assert_string_equal(past.steps[0].created_by, "step");
	assert_string_equal(past.steps[1].id, p.id);
	assert_int_equal(past.steps[1].size_bytes, 2);
}

static void what_was_saved_is_the_same_again(void **state)
{
	OWN_SHOP struct shop shop;
	OWN_PIECES struct pieces p;
	OWN_BUF struct buf tar = { 0 };
	OWN_STRS struct strs lines = { 0 };
	OWN_STRS struct strs names = { 0 };
	OWN_IMAGE struct image image = { 0 };
	struct err err = { 0 };
	OWN_FD int fd = memfd_create("saved", MFD_CLOEXEC);

	shop_open(*state, &shop);
	make_pieces(&p, "linux");
	add_oci(&tar, &p,
		",\"annotations\":{\"io.containerd.image.name\":\"back:1\"}");
	assert_ok(load(&shop, &tar, &lines, &err), &err);
	strs_add(&names, "back"); /* all of its tags */
	assert_ok(save_images(shop.store, &names, fd, NULL, &err), &err);
	strs_clear(&lines);
	assert_ok(image_remove(shop.store, "back:1", false, false, &lines,
			       &err),
		  &err);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	strs_clear(&lines);
	assert_ok(load_images(shop.store, fd, NULL, &lines, &err), &err);
	assert_string_equal(lines.items[0], "Loaded image: back:1");
	assert_ok(image_find(shop.store, "back:1", &image, &err), &err);
	assert_string_equal(image.id, p.id);
}

/* The blob is gone: the files of a tar made elsewhere do not make it again, and
 * that is said. */
static void a_layer_without_its_archive_is_never_another_one(void **state)
{
	OWN_SHOP struct shop shop;
	OWN_PIECES struct pieces p;
	OWN_BUF struct buf tar = { 0 };
	OWN_STRS struct strs lines = { 0 };
	OWN_STRS struct strs names = { 0 };
	struct err err = { 0 };
	OWN_FD int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	in_scratch(*state);
	shop_open(*state, &shop);
	make_pieces(&p, "linux");
	add_oci(&tar, &p,
		",\"annotations\":{\"io.containerd.image.name\":\"back:1\"}");
	assert_ok(load(&shop, &tar, &lines, &err), &err);
	assert_int_equal(test_shell("rm $(grep -rlv '^[{ ]' home/blobs/sha256)"),
			 0);
	strs_add(&names, "back:1");
	assert_true(save_images(shop.store, &names, fd, NULL, &err) < 0);
	assert_non_null(strstr(err.msg, "cannot be given"));
	assert_non_null(strstr(err.hint, "is gone"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(
			docker_s_archive_keeps_the_id_and_follows_its_links),
		TEST_IN_SCRATCH(what_is_wrong_is_named_and_nothing_enters),
		TEST_IN_SCRATCH(a_layer_that_is_not_the_one_is_refused),
		TEST_IN_SCRATCH(an_oci_layout_is_loaded_by_the_name_it_carries),
		TEST_IN_SCRATCH(of_several_machines_this_one_s_is_taken),
		TEST_IN_SCRATCH(an_oci_layout_is_not_trusted),
		TEST_IN_SCRATCH(an_index_of_indexes_has_an_end),
		TEST_IN_SCRATCH(a_parent_in_the_same_archive_stays_one),
		TEST_IN_SCRATCH(what_was_saved_is_the_same_again),
		TEST_IN_SCRATCH(a_layer_without_its_archive_is_never_another_one),
	};

	return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
