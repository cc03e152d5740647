/* tests/fuzz/fuzz_dockerfile.c - a Dockerfile that somebody else wrote: read,
 * checked, shown as a tree, and everything in it that changes a config applied. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "images/changes.h"
#include "images/dockerfile.h"
#include "images/manifest.h"
#include "images/words.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A failure says what it is. */
static void expect_reason(int r, const struct err *err)
{
	if (r < 0 && (err->code <= 0 || !*err->msg))
		abort();
}

static void use(struct changes *changes, const struct instruction *item)
{
	OWN_STRS struct strs sources = { 0 };
	OWN_BUF struct buf comment = { 0 };
	OWN_FREE char *script = NULL;
	struct err err = { 0 };
	const char *dest;
	bool program;
	int r = instruction_check(item, &err);

	expect_reason(r, &err);
	if (r < 0)
		return;
	script = instruction_script(item, &program);
	instruction_sources(item, &sources, &dest);
	if (changes_knows(item->name))
		expect_reason(changes_apply(changes, item, &comment, &err),
			      &err);
}

/* What a build would put into the words of an instruction. */
static void expand(const struct dockerfile *file,
		   const struct instruction *item, const struct strs *env)
{
	const struct word_rules rules = { .env = env, .escape = file->escape };
	const struct word_rules body = { .env = env, .plain_quotes = true };

	for (size_t i = 0; i < item->args.count; i++) {
		OWN_FREE char *word = NULL;
		struct err err = { 0 };

		expect_reason(words_expand_by(item->args.items[i], &rules,
					      &word, &err),
			      &err);
	}
	for (size_t i = 0; i < item->heredoc_count; i++) {
		OWN_FREE char *text = heredoc_text(&item->heredocs[i]);
		OWN_FREE char *word = NULL;
		struct err err = { 0 };

		expect_reason(words_expand_by(text, &body, &word, &err), &err);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	OWN_CONFIG struct image_config config = { 0 };
	OWN_BUF struct buf tree = { 0 };
	struct changes changes = { .config = &config };
	struct err err = { 0 };
	int r = dockerfile_parse((const char *)data, size, &file, &err);

	expect_reason(r, &err);
	if (r < 0)
		return 0;
	expect_reason(dockerfile_check(&file, &err), &err);
	dockerfile_dump(&file, &tree);
	changes.escape = file.escape;
	for (size_t i = 0; i < file.count; i++) {
		use(&changes, &file.items[i]);
		expand(&file, &file.items[i], &config.env);
	}
	return 0;
}
