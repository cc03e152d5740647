/* shell/complete_values.c - see complete_parts.h: values of options */
#include <string.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/network.h"
#include "runtime/volume.h"
#include "shell/commands.h"
#include "shell/complete_parts.h"
#include "shell/format.h"

/* ---- --filter ---- */

/* What a key's value may be. The first row that fits counts.
 *
 * cmd    only of this command; NULL: of all
 * words  blanks between; NULL: what there is of the kind */
struct filter_value {
	const struct cmd *cmd;
	const char *key;
	enum complete_kind kind;
	const char *words;
};

static const struct filter_value filter_values[] = {
	{ &cmd_images, "before", COMPLETE_IMAGES, NULL },
	{ &cmd_images, "since", COMPLETE_IMAGES, NULL },
	{ &cmd_network_ls, "driver", 0, "bridge host null" },
	{ &cmd_network_ls, "name", COMPLETE_NETWORKS, NULL },
	{ &cmd_network_ls, "scope", 0, "local" },
	{ &cmd_network_ls, "type", 0, "builtin custom" },
	{ &cmd_volume_ls, "name", COMPLETE_VOLUMES, NULL },
	{ &cmd_events, "type", 0, "container image network volume" },
	{ NULL, "ancestor", COMPLETE_IMAGES, NULL },
	{ NULL, "before", COMPLETE_CONTAINERS, NULL },
	{ NULL, "container", COMPLETE_CONTAINERS, NULL },
	{ NULL, "dangling", 0, "false true" },
	{ NULL, "driver", 0, "local" },
	{ NULL, "event", 0,
	  "attach commit connect create delete destroy detach die disconnect exec_create exec_die exec_start export health_status import kill load mount oom pause prune rename resize restart save start stop tag top unmount unpause untag update" },
	{ NULL, "health", 0, "healthy none starting unhealthy" },
	{ NULL, "image", COMPLETE_IMAGES, NULL },
	{ NULL, "is-task", 0, "false true" },
	{ NULL, "name", COMPLETE_CONTAINERS, NULL },
	{ NULL, "network", COMPLETE_NETWORKS, NULL },
	{ NULL, "reference", COMPLETE_IMAGES, NULL },
	{ NULL, "since", COMPLETE_CONTAINERS, NULL },
	{ NULL, "status", 0,
	  "created dead exited paused removing restarting running" },
	{ NULL, "volume", COMPLETE_VOLUMES, NULL },
	{ NULL, NULL, 0, NULL },
};

static void offer_all(struct place *place, const struct strs *words)
{
	for (size_t i = 0; i < words->count; i++)
		offer(place, words->items[i]);
}

static void offer_image_labels(struct place *place)
{
	struct image_list all = { 0 };
	struct err ignored = { 0 };

	if (!place_store(place) ||
	    image_list(place->shell->store, false, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++)
		offer_all(place, &all.items[i].config.labels);
	image_list_done(&all);
}

/* "name=value" of what the command lists. */
static void offer_labels(struct place *place)
{
	OWN_CONTAINERS struct containers containers = { 0 };
	OWN_NETWORKS struct networks networks = { 0 };
	OWN_VOLUMES struct volumes volumes = { 0 };
	struct err ignored = { 0 };
	const struct home *home = place_home(place);

	if (!home)
		return;
	if (strncmp(place->cmd->name, "network ", strlen("network ")) == 0)
		(void)network_list_made(home, &networks, &ignored);
	else if (place->cmd == &cmd_ps || place->cmd == &cmd_container_prune ||
		 place->cmd == &cmd_system_prune || place->cmd == &cmd_events)
		(void)container_list(home, &containers, &ignored);
	if (place->cmd->first == COMPLETE_IMAGES ||
	    place->cmd == &cmd_image_prune || place->cmd == &cmd_system_prune)
		offer_image_labels(place);
	if (strncmp(place->cmd->name, "volume ", strlen("volume ")) == 0)
		(void)volume_list(home, &volumes, &ignored);
	for (size_t i = 0; i < volumes.count; i++)
		offer_all(place, &volumes.items[i].labels);
	for (size_t i = 0; i < networks.count; i++)
		offer_all(place, &networks.items[i].labels);
	for (size_t i = 0; i < containers.count; i++)
		offer_all(place, &containers.items[i].spec.labels);
}

static const struct filter_value *value_of_key(const struct cmd *cmd,
					       const char *key)
{
	const struct filter_value *v = filter_values;

	while (v->key &&
	       (strcmp(v->key, key) != 0 || (v->cmd && v->cmd != cmd)))
		v++;
	return v;
}

void complete_filter_words(const struct cmd *cmd, const char *key,
			   struct strs *out)
{
	const struct filter_value *v = value_of_key(cmd, key);

	if (v->words)
		strs_split(out, v->words, ' ');
}

static void offer_filter_value(struct place *place, const char *key)
{
	const struct filter_value *v = value_of_key(place->cmd, key);

	if (strncmp(key, "label", strlen("label")) == 0) {
		offer_labels(place);
		return;
	}
	if (v->words)
		offer_words(place, v->words);
	else if (v->key)
		offer_kind(place, v->kind);
}

static void offer_filter(struct place *place)
{
	const char *text = place_text(place);
	size_t len = strcspn(text, "=");
	const char *const *keys = place->cmd->filter_keys;

	if (text[len]) {
		OWN_FREE char *key = mem_strn(text, len);

		place_skip(place, len + 1);
		offer_filter_value(place, key);
		return;
	}
	for (; keys && *keys; keys++) {
		OWN_FREE char *word = mem_fmt("%s=", *keys);

		offer(place, word);
	}
}

/* ---- --format ---- */

static void offer_fields(struct place *place)
{
	if (!place->cmd->rows) {
		offer_asked_fields(place);
		return;
	}
	for (const struct format_field *f = place->cmd->rows->fields; f->name;
	     f++) {
		OWN_FREE char *word = mem_fmt("{{.%s}}", f->name);

		offer(place, word);
	}
}

/* The last {{ that no }} follows, or NULL. */
static const char *open_braces(const char *text)
{
	const char *open = NULL;

	for (const char *p = text; (p = strstr(p, "{{")); p += 2)
		open = p;
	return open && !strstr(open, "}}") ? open : NULL;
}

static bool ends_a_piece(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && (strchr(" }\t", text[len - 1]) ||
			   (len > 1 && strcmp(text + len - 2, "\\t") == 0));
}

static void offer_format(struct place *place)
{
	const char *text = place_text(place);
	const char *open = open_braces(text);

	if (open) {
		place_skip(place, (size_t)(open - text));
	} else if (ends_a_piece(text)) {
		place_skip(place, strlen(text));
	} else {
		offer_words(place, place->cmd->rows ? "json table" : "json");
		if (place->cmd->rows && place->cmd->rows->raw)
			offer(place, "raw");
	}
	offer_fields(place);
}

/* ---- --mount, -v ---- */

void offer_mount(struct place *place)
{
	const char *comma = strrchr(place_text(place), ',');
	const char *equals;
	OWN_FREE char *key = NULL;

	if (comma)
		place_skip(place, (size_t)(comma - place_text(place)) + 1);
	equals = strchr(place_text(place), '=');
	if (!equals) {
		offer_words(
			place,
			"type= source= target= readonly bind-propagation= tmpfs-mode= tmpfs-size= volume-driver= volume-label= volume-nocopy volume-opt=");
		return;
	}
	key = mem_strn(place_text(place), (size_t)(equals - place_text(place)));
	place_skip(place, strlen(key) + 1);
	if (strcmp(key, "type") == 0) {
		offer_words(place, "bind tmpfs volume");
	} else if (strcmp(key, "source") == 0 || strcmp(key, "src") == 0) {
		offer_kind(place, COMPLETE_VOLUMES);
		offer_files(place, false);
	} else if (strcmp(key, "bind-propagation") == 0) {
		offer_words(place,
			    "private rprivate rshared rslave shared slave");
	}
}

/* A path of the machine, or a volume's name; behind its colon nobody knows. */
static void offer_volume_source(struct place *place)
{
	const char *text = place_text(place);

	if (strchr(text, ':'))
		return;
	if (!strchr("/.~", *text) || !*text)
		offer_kind(place, COMPLETE_VOLUMES);
	offer_files(place, false);
}

/* ---- all others ---- */

static bool holds(const char *text, const char *word)
{
	return text && strstr(text, word);
}

static enum complete_kind kind_of_value(const struct opt *opt)
{
	if (strcmp(opt->name, "volumes-from") == 0)
		return COMPLETE_CONTAINERS;
	if (opt->complete != COMPLETE_DEFAULT)
		return opt->complete;
	if (opt->values)
		return COMPLETE_NOTHING;
	if (holds(opt->name, "file") || holds(opt->placeholder, "file"))
		return COMPLETE_FILES;
	if (strcmp(opt->placeholder ? opt->placeholder : "", "DIR") == 0)
		return COMPLETE_FOLDERS;
	return COMPLETE_NOTHING;
}

static void offer_listed(struct place *place, const struct opt *opt)
{
	static const char container[] = "container:";
	OWN_STRS struct strs choice = { 0 };

	if (holds(opt->values, container) &&
	    strncmp(place_text(place), container, strlen(container)) == 0) {
		place_skip(place, strlen(container));
		offer_kind(place, COMPLETE_RUNNING);
		return;
	}
	if (opt->values)
		offer_words(place, opt->values);
	if (holds(opt->placeholder, "|")) { /* "auto|always|never" */
		strs_split(&choice, opt->placeholder, '|');
		offer_all(place, &choice);
	}
	offer_kind(place, kind_of_value(opt));
}

void offer_value(struct place *place, const struct opt *opt)
{
	if (opt->flags & OPT_FILTER)
		offer_filter(place);
	else if (strcmp(opt->name, "format") == 0)
		offer_format(place);
	else if (strcmp(opt->name, "volume") == 0)
		offer_volume_source(place);
	else
		offer_listed(place, opt);
}
