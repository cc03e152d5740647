/* images/manifest_write.c - config documents as Docker 20.10 writes them.
 *
 * By hand and not by jansson: an image's id is the digest of these very bytes,
 * so the order of members, which of them are left out when empty, and how a
 * string is escaped are all part of the result. Docker sorts the members at the
 * top and leaves those of config in the order of its Go struct. */
#include "images/manifest.h"

#include <inttypes.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/base/utf8.h"

void manifest_add_string(struct buf *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	buf_char(out, '"');
	while (*p) {
		size_t len = utf8_len((const char *)p, UTF8_MOST);

		if (len == 0)
			buf_str(out, "\\ufffd");
		else if (*p == '"' || *p == '\\')
			buf_fmt(out, "\\%c", *p);
		else if (*p == '\n')
			buf_str(out, "\\n");
		else if (*p == '\r')
			buf_str(out, "\\r");
		else if (*p == '\t')
			buf_str(out, "\\t");
		else if (*p < 0x20 || strchr("<>&", *p))
			buf_fmt(out, "\\u%04x", *p);
		else if (memcmp(p, "\xe2\x80\xa8", len) == 0 && len == 3)
			buf_str(out, "\\u2028");
		else if (memcmp(p, "\xe2\x80\xa9", len) == 0 && len == 3)
			buf_str(out, "\\u2029");
		else
			buf_add(out, p, len);
		p += len ? len : 1;
	}
	buf_char(out, '"');
}

/* Members are written with a comma behind each; the last one goes. */
static void end_object(struct buf *out)
{
	if (out->data[out->len - 1] == ',')
		out->data[--out->len] = '\0';
	buf_str(out, "},");
}

static void add_text(struct buf *out, const char *name, const char *value)
{
	buf_fmt(out, "\"%s\":", name);
	manifest_add_string(out, value ? value : "");
	buf_char(out, ',');
}

static void add_text_if(struct buf *out, const char *name, const char *value)
{
	if (value && *value)
		add_text(out, name, value);
}

static void add_list(struct buf *out, const char *name, const struct strs *list,
		     bool there)
{
	buf_fmt(out, "\"%s\":", name);
	if (!there && list->count == 0) {
		buf_str(out, "null,");
		return;
	}
	buf_char(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			buf_char(out, ',');
		manifest_add_string(out, list->items[i]);
	}
	buf_str(out, "],");
}

/* "a=1", "b=2" to {"a":"1","b":"2"}; without `values` to {"a=1":{},...}. */
static void add_names(struct buf *out, const char *name,
		      const struct strs *list, bool values)
{
	buf_fmt(out, "\"%s\":", name);
	if (list->count == 0) {
		buf_str(out, "null,");
		return;
	}
	buf_char(out, '{');
	for (size_t i = 0; i < list->count; i++) {
		const char *item = list->items[i];
		OWN_FREE char *key =
			mem_strn(item, values ? strcspn(item, "=") :
						strlen(item));

		manifest_add_string(out, key);
		if (values)
			buf_char(out, ':');
		else
			buf_str(out, ":{}");
		item += strlen(key);
		if (values)
			manifest_add_string(out, *item ? item + 1 : "");
		buf_char(out, ',');
	}
	end_object(out);
}

static void add_number_if(struct buf *out, const char *name, int64_t value)
{
	if (value)
		buf_fmt(out, "\"%s\":%" PRId64 ",", name, value);
}

static void add_flag(struct buf *out, const char *name, bool value)
{
	buf_fmt(out, "\"%s\":%s,", name, value ? "true" : "false");
}

static void add_health(struct buf *out, const struct image_config *config)
{
	if (config->health_test.count == 0 && !config->health_interval_ns &&
	    !config->health_timeout_ns && !config->health_start_ns &&
	    !config->health_retries)
		return;
	buf_str(out, "\"Healthcheck\":{");
	if (config->health_test.count)
		add_list(out, "Test", &config->health_test, true);
	add_number_if(out, "Interval", config->health_interval_ns);
	add_number_if(out, "Timeout", config->health_timeout_ns);
	add_number_if(out, "StartPeriod", config->health_start_ns);
	add_number_if(out, "Retries", config->health_retries);
	end_object(out);
}

static void add_config(struct buf *out, const char *name,
		       const struct image_config *config)
{
	buf_fmt(out, "\"%s\":{", name);
	add_text(out, "Hostname", config->hostname);
	add_text(out, "Domainname", config->domainname);
	add_text(out, "User", config->user);
	add_flag(out, "AttachStdin", config->attach_stdin);
	add_flag(out, "AttachStdout", config->attach_stdout);
	add_flag(out, "AttachStderr", config->attach_stderr);
	if (config->exposed.count)
		add_names(out, "ExposedPorts", &config->exposed, false);
	add_flag(out, "Tty", config->tty);
	add_flag(out, "OpenStdin", config->open_stdin);
	add_flag(out, "StdinOnce", config->stdin_once);
	add_list(out, "Env", &config->env, false);
	add_list(out, "Cmd", &config->cmd, config->has_cmd);
	add_health(out, config);
	if (config->args_escaped)
		add_flag(out, "ArgsEscaped", true);
	add_text(out, "Image", config->image);
	add_names(out, "Volumes", &config->volumes, false);
	add_text(out, "WorkingDir", config->working_dir);
	add_list(out, "Entrypoint", &config->entrypoint,
		 config->has_entrypoint);
	add_list(out, "OnBuild", &config->onbuild, false);
	add_names(out, "Labels", &config->labels, true);
	add_text_if(out, "StopSignal", config->stop_signal);
	if (config->shell.count)
		add_list(out, "Shell", &config->shell, true);
	end_object(out);
}

static void add_steps(struct buf *out, const struct image_doc *doc)
{
	char time[HUMAN_TIME];

	buf_str(out, "\"history\":[");
	for (size_t i = 0; i < doc->step_count; i++) {
		const struct image_step *step = &doc->steps[i];

		buf_char(out, '{');
		add_text(out, "created", human_time(time, step->created_ns));
		add_text_if(out, "author", step->author);
		add_text_if(out, "created_by", step->created_by);
		add_text_if(out, "comment", step->comment);
		if (step->empty_layer)
			buf_str(out, "\"empty_layer\":true,");
		end_object(out);
	}
	if (doc->step_count)
		out->data[--out->len] = '\0';
	buf_str(out, "],");
}

void image_doc_write(const struct image_doc *doc, struct buf *out)
{
	char time[HUMAN_TIME];

	buf_char(out, '{');
	add_text(out, "architecture", doc->architecture);
	add_text_if(out, "author", doc->author);
	add_text_if(out, "comment", doc->comment);
	add_config(out, "config", &doc->config);
	add_text_if(out, "container", doc->container);
	add_config(out, "container_config", &doc->container_config);
	add_text(out, "created", human_time(time, doc->created_ns));
	add_text_if(out, "docker_version", doc->docker_version);
	if (doc->step_count)
		add_steps(out, doc);
	add_text(out, "os", doc->os);
	buf_str(out, "\"rootfs\":{\"type\":\"layers\",");
	if (doc->diffs.count)
		add_list(out, "diff_ids", &doc->diffs, true);
	end_object(out);
	add_text_if(out, "variant", doc->variant);
	end_object(out);
	out->data[--out->len] = '\0'; /* the comma behind the whole */
}
