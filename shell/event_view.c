/* shell/event_view.c - see event_view.h
 *
 * Source: moby daemon/events/filter.go; docker/cli command/system/events.go. */
#include "shell/event_view.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "images/ref.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/filter.h"
#include "shell/gojson.h"
#include "shell/template.h"

const char *const event_keys[] = { "config",  "container", "daemon", "event",
				   "image",   "label",	   "network", "node",
				   "plugin",  "scope",	   "secret", "service",
				   "type",    "volume",	   NULL };

bool event_read(const char *line, struct event *out)
{
	json_t *json = json_loads(line, 0, NULL);
	json_t *time = json_object_get(json, "timeNano");

	if (!json_is_integer(time)) {
		json_decref(json);
		return false;
	}
	*out = (struct event){ line, json, json_integer_value(time) };
	return true;
}

void event_done(struct event *event)
{
	json_decref(event->json);
	event->json = NULL;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* ---- --filter ---- */

/* Whether the event is about a thing of that kind whose id or name begins as one
 * of the values. Docker does not ask whether it is of that kind at all. */
static bool about(const struct filters *filters, const char *key,
		  const char *id, const char *name)
{
	return filters_prefix(filters, key, id) ||
	       filters_prefix(filters, key, name);
}

/* health_status, exec_create and exec_start are the beginnings of actions. */
static bool action_fits(const struct filters *filters, const char *action)
{
	static const char *const beginnings[] = { "health_status",
						  "exec_create", "exec_start" };
	const char *value;

	for (size_t i = 0; (value = filters_value(filters, "event", i)); i++)
		for (size_t b = 0; b < 3; b++)
			if (strcmp(value, beginnings[b]) == 0)
				return filters_prefix(filters, "event", action);
	return filters_exact(filters, "event", action);
}

static char *without_tag(const char *image)
{
	OWN_REF struct ref ref = { 0 };
	struct err no_name = { 0 };

	return ref_parse(image, &ref, &no_name) == 0 ? ref_familiar_name(&ref) :
						       mem_str(image);
}

static bool image_fits(const struct filters *filters, const char *id,
		       const char *image)
{
	OWN_FREE char *bare_id = NULL;
	OWN_FREE char *bare_image = NULL;

	if (!filters_has(filters, "image"))
		return true;
	bare_id = without_tag(id);
	bare_image = without_tag(image);
	return filters_exact(filters, "image", id) ||
	       filters_exact(filters, "image", image) ||
	       filters_exact(filters, "image", bare_id) ||
	       filters_exact(filters, "image", bare_image);
}

static bool labels_fit(const struct filters *filters, json_t *attributes)
{
	OWN_STRS struct strs pairs = { 0 };
	const char *name;
	json_t *value;

	if (!filters_has(filters, "label"))
		return true;
	json_object_foreach(attributes, name, value)
		strs_addf(&pairs, "%s=%s", name, json_string_value(value));
	return filters_labels(filters, &pairs);
}

bool event_fits(const struct event *event, const struct filters *filters)
{
	static const char *const things[] = { "daemon",	 "container", "plugin",
					      "volume",	 "network",   "node",
					      "service", "secret",    "config" };
	const json_t *actor = json_object_get(event->json, "Actor");
	json_t *attributes = json_object_get(actor, "Attributes");
	const char *type = text_of(event->json, "Type");
	const char *id = text_of(actor, "ID");
	const char *name = text_of(attributes, "name");

	for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++)
		if (!about(filters, things[i], id, name))
			return false;
	return action_fits(filters, text_of(event->json, "Action")) &&
	       filters_exact(filters, "type", type) &&
	       filters_exact(filters, "scope", text_of(event->json, "scope")) &&
	       image_fits(filters, id,
			  strcmp(type, "image") == 0 ?
				  name :
				  text_of(attributes, "image")) &&
	       labels_fit(filters, attributes);
}

/* ---- how it is shown ---- */

/* Nanoseconds always, the zone as the machine has it. */
static void print_time(int64_t ns, FILE *out)
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;
	char text[40];
	char zone[8] = "";

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%z", &tm);
	fprintf(out, "%s.%09d", text, (int)(ns % 1000000000));
	if (tm.tm_gmtoff == 0)
		fputs("Z ", out);
	else
		fprintf(out, "%.3s:%s ", zone, zone + 3);
}

void event_print(const struct event *event, FILE *out)
{
	const json_t *actor = json_object_get(event->json, "Actor");
	json_t *attributes = json_object_get(actor, "Attributes");
	const char *between = " (";
	const char *name;
	json_t *value;

	print_time(event->time_ns, out);
	fprintf(out, "%s %s %s", text_of(event->json, "Type"),
		text_of(event->json, "Action"), text_of(actor, "ID"));
	/* They were written in the order of their names. */
	json_object_foreach(attributes, name, value) {
		fprintf(out, "%s%s=%s", between, name,
			json_string_value(value));
		between = ", ";
	}
	fputs(json_object_size(attributes) ? ")\n" : "\n", out);
}

/* ---- --format ---- */

static const struct template_type types[] = {
	{ .field = "Attributes",
	  .kind = TEMPLATE_MAP,
	  .element = TEMPLATE_TEXT },
	{ .field = NULL },
};

/* With the names that Go's struct has; those of its JSON differ in case. */
static json_t *as_struct(const json_t *json)
{
	json_t *out = json_object();
	json_t *actor = json_object_get(json, "Actor");

	gojson_put(out, "Status", text_of(json, "status"));
	gojson_put(out, "ID", text_of(json, "id"));
	gojson_put(out, "From", text_of(json, "from"));
	gojson_put(out, "Type", text_of(json, "Type"));
	gojson_put(out, "Action", text_of(json, "Action"));
	json_object_set_new(out, "Actor",
			    actor ? json_incref(actor) :
				    json_pack("{s:s, s:{}}", "ID", "",
					      "Attributes"));
	gojson_put(out, "Scope", text_of(json, "scope"));
	json_object_set_new(out, "Time",
			    json_integer(json_integer_value(
				    json_object_get(json, "time"))));
	json_object_set_new(out, "TimeNano",
			    json_integer(json_integer_value(
				    json_object_get(json, "timeNano"))));
	return out;
}

static int run_template(const struct template *template, const json_t *json,
			struct buf *out, struct err *err)
{
	json_t *data = as_struct(json);
	const struct template_look look = {
		.types = types,
		.type_name = "*events.Message",
		.document = json,
	};
	int r = template_run(template, &look, data, out, err);

	json_decref(data);
	return r;
}

int event_template(const char *text, struct template **out, bool *out_whole,
		   struct err *err)
{
	OWN_BUF struct buf tried = { 0 };
	struct template *template = NULL;
	struct err why = { 0 };
	int r;

	*out_whole = text && (strcmp(text, "json") == 0 ||
			      strcmp(text, "{{json .}}") == 0);
	if (!text || !*text || *out_whole)
		return 0;
	r = template_parse(text, &template, &why);
	if (r == 0)
		r = run_template(template, NULL, &tried, &why);
	if (r == 0) {
		*out = template;
		return 0;
	}
	template_free(template);
	err_docker(err, ERR_BARE, EINVAL, "Error parsing format: %s", why.msg);
	return err_status(err, 64);
}

int event_print_as(const struct event *event, const struct template *template,
		   FILE *out, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	int r = run_template(template, event->json, &text, err);

	fprintf(out, "%s\n", buf_text(&text));
	return r;
}
