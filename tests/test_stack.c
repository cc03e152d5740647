/* tests/test_stack.c - what hides what: layers made for the purpose, one tar each. */
#include "images/stack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "images/layer.h"
#include "images/manifest.h"
#include "images/ref.h"
#include "images/stage.h"
#include "images/store.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/tarball.h"

static int add_layers(struct stage *stage,
		      const struct tar_entry *const *layers,
		      struct image_doc *doc, struct err *err)
{
	char parent[DIGEST_SIZE] = "";

	for (size_t i = 0; layers[i]; i++) {
		OWN_BUF struct buf tar = { 0 };
		OWN_FD int fd = -1;
		struct image_step *step = image_doc_add_step(doc);
		int place;

		tarball_make(&tar, layers[i]);
		fd = tarball_fd(&tar);
		place = stage_layer(stage, fd, *parent ? parent : NULL, err);
		if (place < 0)
			return place;
		memcpy(parent, stage_layer_at(stage, place)->chain,
		       sizeof(parent));
		strs_add(&doc->diffs, stage_layer_at(stage, place)->diff);
		step->created_by = mem_fmt("step %zu", i + 1);
	}
	return 0;
}

/* An image of these layers, the lowest first, NULL at the end; each is a step, and a
 * step without a layer follows. */
static void image_of(struct shop *shop, const char *name,
		     const struct tar_entry *const *layers)
{
	OWN_DOC struct image_doc doc = { 0 };
	OWN_BUF struct buf config = { 0 };
	OWN_REF struct ref ref = { 0 };
	struct stage *stage = NULL;
	struct image_step *last;
	char id[DIGEST_SIZE];
	struct err err = { 0 };
	int r;

	image_doc_init(&doc);
	assert_ok(stage_open(&shop->home, &stage, &err), &err);
	assert_ok(add_layers(stage, layers, &doc, &err), &err);
	last = image_doc_add_step(&doc);
	last->created_by = mem_str("CMD");
	last->empty_layer = true;
	image_doc_write(&doc, &config);
	assert_ok(stage_blob(stage, config.data, config.len, id, &err), &err);
	assert_ok(stage_commit(stage, &err), &err);
	assert_ok(ref_parse(name, &ref, &err), &err);
	ref_tag_latest(&ref);
	assert_ok(store_begin(shop->store, &err), &err);
	r = store_add_image(shop->store, config.data, config.len, NULL, id,
			    &err);
	if (r == 0)
		r = store_set_tag(shop->store, &ref, id, &err);
	assert_ok(store_end(shop->store, r, &err), &err);
	stage_close(stage);
}

static void read_image(struct shop *shop, const char *name, struct stack *out)
{
	struct err err = { 0 };

	assert_ok(stack_read(shop->store, name, STACK_OF_EITHER, out, &err),
		  &err);
	for (size_t i = 0; i < out->layer_count; i++) {
		const struct stack_layer *layer = &out->layers[i];

		/* What the store says, what was counted, what it consists of. */
		assert_int_equal(layer->size_bytes, layer->counted_bytes);
		assert_int_equal(layer->size_bytes,
				 layer->added.bytes + layer->copied.bytes +
					 layer->rewritten.bytes);
	}
}

/* What became of `path` in layer `number` (from 1), as "fate by by_path", or "-". */
static const char *fate(const struct stack *stack, unsigned number,
			const char *path)
{
	static char text[256];
	int32_t index = stack_find(stack, path);
	int32_t item = index < 0 ? -1 : stack->paths[index].top;

	while (item >= 0 && stack->items[item].layer + 1 != number)
		item = stack->items[item].below;
	if (item < 0)
		return "-";
	if (stack->items[item].fate == STACK_SEEN)
		return "seen";
	snprintf(text, sizeof(text), "%s %u %s",
		 stack_fate_name(stack->items[item].fate),
		 stack->items[item].by + 1,
		 stack->paths[stack->items[item].by_path].path);
	return text;
}

static const struct tar_entry lower[] = {
	{ .name = "a", .type = '0', .content = "12345" },
	{ .name = "b", .type = '0', .content = "123456" },
	{ .name = "c", .type = '0', .content = "1234567", .mtime = 1000 },
	{ .name = "d/x", .type = '0', .content = "12" },
	{ .name = "d/y", .type = '0', .content = "123" },
	{ .name = "d/e/z", .type = '0', .content = "1" },
	{ .name = "f/x", .type = '0', .content = "1234" },
	{ .name = "g", .type = '0', .content = "12345678" },
	{ .name = "h", .type = '2', .link = "d/x" },
	{ .name = "k", .type = '2', .link = "d" },
	{ 0 },
};

static const struct tar_entry upper[] = {
	{ .name = "a", .type = '0', .content = "54321" },
	{ .name = ".wh.b", .type = '0' },
	{ .name = "c", .type = '0', .content = "1234567", .mtime = 1000,
	  .mode = 0600 },
	{ .name = "d/", .type = '5' },
	{ .name = "d/.wh..wh..opq", .type = '0' },
	{ .name = "d/y", .type = '0', .content = "123" },
	{ .name = "f", .type = '0', .content = "now a file" },
	{ .name = "g/in", .type = '0', .content = "now a folder" },
	{ .name = "h", .type = '2', .link = "d/x" },
	{ .name = "new", .type = '0', .content = "123" },
	{ 0 },
};

static void each_way_of_hiding_is_told_apart(void **state)
{
	const struct tar_entry *const layers[] = { lower, upper, NULL };
	OWN_SHOP struct shop shop;
	OWN_STACK struct stack stack = { 0 };
	const struct stack_layer *low;
	const struct stack_layer *top;

	shop_open(*state, &shop);
	image_of(&shop, "t", layers);
	read_image(&shop, "t", &stack);
	assert_string_equal(fate(&stack, 1, "/a"), "rewritten 2 /a");
	assert_string_equal(fate(&stack, 1, "/b"), "deleted 2 /b");
	assert_string_equal(fate(&stack, 1, "/c"), "copied 2 /c");
	assert_string_equal(fate(&stack, 1, "/d/x"), "emptied 2 /d");
	assert_string_equal(fate(&stack, 1, "/d/y"), "emptied 2 /d");
	assert_string_equal(fate(&stack, 1, "/d/e/z"), "emptied 2 /d");
	assert_string_equal(fate(&stack, 2, "/d/y"), "seen");
	assert_string_equal(fate(&stack, 1, "/f/x"), "covered 2 /f");
	assert_string_equal(fate(&stack, 1, "/g"), "covered 2 /g");
	assert_string_equal(fate(&stack, 1, "/h"), "copied 2 /h");
	assert_string_equal(fate(&stack, 2, "/g/in"), "seen");
	assert_string_equal(fate(&stack, 1, "/nothing"), "-");
	assert_int_equal(stack_seen(&stack, stack_find(&stack, "/b")), -1);
	low = &stack.layers[0];
	top = &stack.layers[1];
	/* a b c d/x d/y d/e/z f/x g h k: 5+6+7+2+3+1+4+8+3+1 */
	assert_int_equal(low->size_bytes, 40);
	assert_int_equal(low->added.files, 10);
	assert_int_equal(low->hidden.files, 9);
	assert_int_equal(low->hidden.bytes, 39); /* all but k */
	assert_int_equal(top->whiteouts, 1);
	assert_int_equal(top->opaques, 1);
	assert_int_equal(top->copied.files, 2); /* c and h */
	assert_int_equal(top->copied.bytes, 10);
	assert_int_equal(top->rewritten.files, 2); /* a and f */
	assert_int_equal(top->added.files, 3);	   /* d/y g/in new */
	assert_int_equal(top->deletes.files, 6); /* b d/x d/y d/e/z f/x g */
	assert_int_equal(top->deletes.bytes, 24);
	assert_int_equal(stack.hidden_bytes, 39);
	assert_int_equal(stack.step_count, 3);
	assert_int_equal(stack.steps[1].layer, 1);
	assert_int_equal(stack.steps[2].layer, -1);
	assert_string_equal(top->created_by, "step 2");
}

static void a_copy_tells_what_was_changed(void **state)
{
	static const struct tar_entry one[] = {
		{ .name = "mode", .type = '0', .content = "1", .mtime = 5 },
		{ .name = "owner", .type = '0', .content = "2", .mtime = 5 },
		{ .name = "time", .type = '0', .content = "3", .mtime = 5 },
		{ .name = "none", .type = '0', .content = "4", .mtime = 5 },
		{ 0 },
	};
	static const struct tar_entry two[] = {
		{ .name = "mode", .type = '0', .content = "1", .mtime = 5,
		  .mode = 0755 },
		{ .name = "owner", .type = '0', .content = "2", .mtime = 5,
		  .uid = 33, .gid = 33 },
		{ .name = "time", .type = '0', .content = "3", .mtime = 6 },
		{ .name = "none", .type = '0', .content = "4", .mtime = 5 },
		{ 0 },
	};
	static const char *const names[] = { "/mode", "/owner", "/time",
					     "/none" };
	static const int changes[] = { STACK_MODE, STACK_OWNER, STACK_TIME, 0 };
	const struct tar_entry *const layers[] = { one, two, NULL };
	OWN_SHOP struct shop shop;
	OWN_STACK struct stack stack = { 0 };

	shop_open(*state, &shop);
	image_of(&shop, "t", layers);
	read_image(&shop, "t", &stack);
	for (size_t i = 0; i < 4; i++) {
		int32_t top = stack.paths[stack_find(&stack, names[i])].top;
		const struct stack_item *below =
			&stack.items[stack.items[top].below];

		assert_int_equal(below->fate, STACK_COPIED);
		assert_int_equal(below->change, changes[i]);
	}
	assert_int_equal(stack.hiding_count, 1);
	assert_int_equal(stack.hidings[0].what.files, 4);
	assert_int_equal(stack.hidings[0].change,
			 STACK_MODE | STACK_OWNER | STACK_TIME);
}

static void names_of_one_file_count_once_and_hide_together(void **state)
{
	static const struct tar_entry one[] = {
		{ .name = "a", .type = '0', .content = "12345678" },
		{ .name = "b", .type = '1', .link = "a" },
		{ .name = "c", .type = '1', .link = "a" },
		{ 0 },
	};
	static const struct tar_entry two[] = {
		{ .name = ".wh.a", .type = '0' },
		{ .name = ".wh.b", .type = '0' },
		{ 0 },
	};
	static const struct tar_entry three[] = {
		{ .name = ".wh.c", .type = '0' },
		{ 0 },
	};
	const struct tar_entry *const some[] = { one, two, NULL };
	const struct tar_entry *const all[] = { one, two, three, NULL };
	OWN_SHOP struct shop shop;
	OWN_STACK struct stack two_gone = { 0 };
	OWN_STACK struct stack three_gone = { 0 };

	shop_open(*state, &shop);
	image_of(&shop, "some", some);
	image_of(&shop, "all", all);
	read_image(&shop, "some", &two_gone);
	assert_int_equal(two_gone.size_bytes, 8);
	assert_int_equal(two_gone.layers[0].hidden.files, 2);
	assert_int_equal(two_gone.hidden_bytes, 0);
	read_image(&shop, "all", &three_gone);
	assert_int_equal(three_gone.layers[0].hidden.files, 3);
	assert_int_equal(three_gone.hidden_bytes, 8);
	assert_int_equal(three_gone.hidings[1].by, 2);
	assert_int_equal(three_gone.hidings[1].what.bytes, 8);
}

static void what_was_deleted_may_come_back(void **state)
{
	static const struct tar_entry one[] = {
		{ .name = "d/a", .type = '0', .content = "1" },
		{ .name = "d/b", .type = '0', .content = "22" },
		{ 0 },
	};
	static const struct tar_entry two[] = {
		{ .name = ".wh.d", .type = '0' },
		{ 0 },
	};
	static const struct tar_entry three[] = {
		{ .name = "d/a", .type = '0', .content = "333" },
		{ 0 },
	};
	const struct tar_entry *const layers[] = { one, two, three, two, NULL };
	OWN_SHOP struct shop shop;
	OWN_STACK struct stack stack = { 0 };

	shop_open(*state, &shop);
	image_of(&shop, "t", layers);
	read_image(&shop, "t", &stack);
	assert_string_equal(fate(&stack, 1, "/d/a"), "deleted 2 /d");
	assert_string_equal(fate(&stack, 1, "/d/b"), "deleted 2 /d");
	assert_string_equal(fate(&stack, 3, "/d/a"), "deleted 4 /d");
	assert_int_equal(stack.layers[2].added.files, 1);
	assert_int_equal(stack.hidden_bytes, 6);
	assert_int_equal(stack.layers[1].deletes.bytes, 3);
	assert_int_equal(stack.layers[3].deletes.bytes, 3);
}

static void layers_name_the_other_images_on_them(void **state)
{
	static const struct tar_entry more[] = {
		{ .name = "more", .type = '0', .content = "1" },
		{ 0 },
	};
	const struct tar_entry *const one[] = { lower, upper, NULL };
	const struct tar_entry *const two[] = { lower, more, NULL };
	OWN_SHOP struct shop shop;
	OWN_STACK struct stack stack = { 0 };

	shop_open(*state, &shop);
	image_of(&shop, "one", one);
	image_of(&shop, "two", two);
	read_image(&shop, "one", &stack);
	assert_int_equal(stack.layers[0].images.count, 1);
	assert_string_equal(stack.layers[0].images.items[0], "two:latest");
	assert_int_equal(stack.layers[1].images.count, 0);
}

static void links_lead_on_inside_the_image_only(void **state)
{
	static const struct tar_entry one[] = {
		{ .name = "bin", .type = '2', .link = "usr/bin" },
		{ .name = "usr/bin/sh", .type = '2', .link = "../../real" },
		{ .name = "out", .type = '2', .link = "../../../etc/passwd" },
		{ .name = "round", .type = '2', .link = "round" },
		{ .name = "real", .type = '0', .content = "secret" },
		{ 0 },
	};
	const struct tar_entry *const layers[] = { one, NULL };
	OWN_SHOP struct shop shop;
	OWN_STACK struct stack stack = { 0 };
	OWN_FREE char *sh = NULL;
	OWN_FREE char *itself = NULL;
	OWN_FREE char *out = NULL;
	OWN_FREE char *round = NULL;
	OWN_BUF struct buf text = { 0 };
	struct err err = { 0 };

	shop_open(*state, &shop);
	image_of(&shop, "t", layers);
	read_image(&shop, "t", &stack);
	assert_ok(stack_follow(shop.store, &stack, "/bin/sh", true, &sh, &err),
		  &err);
	assert_string_equal(sh, "/real");
	assert_ok(stack_follow(shop.store, &stack, "/bin/sh", false, &itself,
			       &err),
		  &err);
	assert_string_equal(itself, "/usr/bin/sh");
	assert_ok(stack_follow(shop.store, &stack, "/out", true, &out, &err),
		  &err);
	assert_string_equal(out, "/etc/passwd");
	assert_int_equal(stack_follow(shop.store, &stack, "/round", true,
				      &round, &err),
			 -ELOOP);
	assert_ok(stack_content(shop.store, &stack,
				stack_seen(&stack, stack_find(&stack, "/real")),
				100, &text, &err),
		  &err);
	assert_string_equal(buf_text(&text), "secret");
}

static void an_answer_kept_beside_the_layer_is_the_same_answer(void **state)
{
	struct tar_entry one[41] = { 0 };
	struct tar_entry two[41] = { 0 };
	const struct tar_entry *const layers[] = { one, two, NULL };
	OWN_SHOP struct shop shop;
	OWN_FREE char *kept = NULL;
	char names[40][16];
	struct err err = { 0 };

	for (int i = 0; i < 40; i++) {
		snprintf(names[i], sizeof(names[i]), "f%d", i);
		one[i] = two[i] = (struct tar_entry){ .name = names[i],
						      .type = '0',
						      .content = "same" };
		two[i].mode = 0600;
	}
	two[7].content = "else";
	shop_open(*state, &shop);
	image_of(&shop, "t", layers);
	for (int turn = 0; turn < 4; turn++) {
		OWN_STACK struct stack stack = { 0 };

		read_image(&shop, "t", &stack);
		assert_int_equal(stack.layers[1].copied.files, 39);
		assert_int_equal(stack.layers[1].rewritten.files, 1);
		assert_int_equal(stack.hidings[0].change, STACK_MODE);
		if (!kept)
			kept = mem_fmt("home/layers/%s/copies",
				       digest_hex(stack.layers[1].chain));
		assert_true(scratch_has(*state, kept));
		if (turn == 1) /* as a power cut leaves it */
			scratch_write(*state, kept, "");
		if (turn == 2)
			scratch_write(*state, kept, "copies 1 40\n0/f1");
	}
	assert_int_equal(err.code, 0);
}

static void what_is_not_there_is_said(void **state)
{
	OWN_SHOP struct shop shop;
	OWN_STACK struct stack stack = { 0 };
	struct err err = { 0 };

	shop_open(*state, &shop);
	assert_int_equal(stack_read(shop.store, "nothing", STACK_OF_EITHER,
				    &stack, &err),
			 -ENOENT);
	assert_string_equal(err.msg, "No such object: nothing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(each_way_of_hiding_is_told_apart),
		TEST_IN_SCRATCH(a_copy_tells_what_was_changed),
		TEST_IN_SCRATCH(names_of_one_file_count_once_and_hide_together),
		TEST_IN_SCRATCH(what_was_deleted_may_come_back),
		TEST_IN_SCRATCH(layers_name_the_other_images_on_them),
		TEST_IN_SCRATCH(links_lead_on_inside_the_image_only),
		TEST_IN_SCRATCH(an_answer_kept_beside_the_layer_is_the_same_answer),
		TEST_IN_SCRATCH(what_is_not_there_is_said),
	};

	return cmocka_run_group_tests_name("stack", tests, NULL, NULL);
}
