/* tests/fuzz/fuzz_template.c - any text as a template: no crash, no end that
 * does not come, and a failure always says why. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "shell/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct template_type types[] = {
	{ "L", TEMPLATE_MAP, TEMPLATE_TEXT, false },
	{ "P", TEMPLATE_MAP, TEMPLATE_LIST, false },
	{ "H", TEMPLATE_POINTER, TEMPLATE_STRUCT, true },
	{ NULL },
};

static void run(const struct template *template, json_t *json, bool raw)
{
	struct template_look look = { .types = types, .raw = raw, .row = !raw };
	OWN_BUF struct buf out = { 0 };
	struct err err = { 0 };

	if (template_run(template, &look, json, &out, &err) < 0 &&
	    (err.code <= 0 || !*err.msg))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN_FREE char *text = mem_strn((const char *)data, size);
	struct template *template = NULL;
	struct err err = { 0 };
	json_t *json;

	if (template_parse(text, &template, &err) < 0) {
		if (err.code <= 0 || !*err.msg)
			abort();
		return 0;
	}
	json = json_loads("{\"A\": \"a,b\", \"B\": 3, \"C\": {\"D\": true},"
			  " \"Env\": [\"x\", \"y\"], \"L\": {\"k\": \"v\"},"
			  " \"P\": {\"80/tcp\": null}, \"H\": null,"
			  " \"Label\": {\"k\": \"v\"}, \"R\": 1.5}",
			  0, NULL);
	run(template, json, false);
	run(template, json, true);
	json_decref(json);
	template_free(template);
	return 0;
}
