/* shell/answer.c - see answer.h */
#include "shell/answer.h"

#include <errno.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "shell/cmd.h"
#include "shell/template.h"

/* Source: Docker's api/types (Info, Version). */
static const struct template_type types[] = {
	{ "Details", TEMPLATE_MAP, TEMPLATE_TEXT, false },
	{ "Runtimes", TEMPLATE_MAP, TEMPLATE_STRUCT, false },
	{ "DriverStatus", TEMPLATE_LIST, TEMPLATE_LIST, false },
	{ "Volume", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "Network", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "Log", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "Labels", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "SecurityOptions", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "Warnings", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ NULL },
};

int answer_with(struct shell *shell, const char *format, const char *type_name,
		json_t *json, struct err *err)
{
	const struct template_look look = { .types = types,
					    .type_name = type_name };
	struct template *template = NULL;
	OWN_BUF struct buf out = { 0 };
	int r;

	if (strcmp(format, "json") == 0)
		format = "{{json .}}";
	r = template_parse(format, &template, err);
	if (r < 0) {
		err_wrap(err, "template parsing error");
		r = err_status(err, 64);
	} else {
		r = template_run(template, &look, json, &out, err);
		if (r < 0)
			err_status(err, 1);
		fprintf(shell->out, "%s\n", buf_text(&out));
	}
	template_free(template);
	json_decref(json);
	return r;
}
