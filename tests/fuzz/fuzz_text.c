/* tests/fuzz/fuzz_text.c - the text of a lesson that somebody handed in. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/text.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN_FREE char *markdown = mem_strn((const char *)data, size);
	OWN_STRS struct strs names = { 0 };
	OWN_BUF struct buf out = { 0 };
	struct text text = { 0 };
	struct err err = { 0 };

	if (text_parse(markdown, "fuzz", &text, &err) < 0) {
		if (err.code <= 0)
			abort();
		return 0;
	}
	for (size_t i = 0; i < text.count; i++) {
		const struct text_section *section = &text.sections[i];
		OWN_FREE char *choice = text_choice(section->body, 2);

		(void)choice;
		text_names(section->body, &names);
		text_fill(section->body, &names, &out);
		/* no key that a lesson could ask for is that long */
		if (strlen(section->key) < 256 &&
		    !text_get(&text, "%s", section->key))
			abort();
	}
	text_done(&text);
	return 0;
}
