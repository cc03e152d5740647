/* tests/test_dockerfile_data.c - the parser and the words of Dockerfiles against
 * cases that other projects wrote, with Docker's answers.
 *
 * The cases lie beside the project (../shared/conformance/data), not in it. Where
 * they are not there, that is said and nothing is tested; test_dockerfile and
 * test_variables have cases of our own. */
#include <fcntl.h>
#include <string.h>

#include <jansson.h>

#include "images/changes.h"
#include "images/dockerfile.h"
#include "images/dockerfile_private.h"
#include "images/manifest.h"
#include "images/words.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "tests/test.h"

/* One case: NULL, or what is wrong, given. */
typedef char *judge(const json_t *c);

static const char *text_of(const json_t *c, const char *key)
{
	return json_string_value(json_object_get(c, key));
}

/* A text of the data; JSON's \u0000 as the parser keeps it. Given. */
static char *plain_text(const json_t *value)
{
	const char *text = json_string_value(value);
	struct buf out = { 0 };

	for (size_t i = 0; i < json_string_length(value); i++)
		if (text[i])
			buf_char(&out, text[i]);
		else
			buf_add(&out, "\xc0\x80", 2);
	return buf_give(&out);
}

/* Lines are cut off where they are long. */
static void judge_line(const char *line, size_t len, judge *judge_one,
		       size_t *bad)
{
	json_error_t error;
	json_t *c = json_loadb(line, len, JSON_ALLOW_NUL, &error);
	OWN_FREE char *why = NULL;

	assert_non_null(c);
	why = judge_one(c);
	if (why) {
		print_error("%s: %s\n", text_of(c, "id"), why);
		(*bad)++;
	}
	json_decref(c);
}

static void judge_file(const char *name, judge *judge_one)
{
	OWN_FREE char *path = mem_fmt("../shared/conformance/data/%s", name);
	OWN_BUF struct buf text = { 0 };
	struct err err = { 0 };
	size_t bad = 0;

	if (fs_read(AT_FDCWD, path, 16 << 20, &text, &err) < 0) {
		print_message("# %s is not beside this tree\n", path);
		return;
	}
	for (const char *p = text.data; *p;) {
		size_t len = strcspn(p, "\n");

		judge_line(p, len, judge_one, &bad);
		p += len + (p[len] == '\n');
	}
	assert_int_equal(bad, 0);
}

/* ---- trees ---- */

static void decode_base64(const char *text, struct buf *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned held = 0;
	int bits = 0;

	for (; *text && *text != '='; text++) {
		held = held << 6 | (unsigned)(strchr(digits, *text) - digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_char(out, (char)(held >> bits));
		}
	}
}

static char *judge_lines(const struct dockerfile *file, const json_t *lines)
{
	if (file->count != json_array_size(lines))
		return mem_fmt("%zu instructions", file->count);
	for (size_t i = 0; i < file->count; i++) {
		const json_t *pair = json_array_get(lines, i);

		if (file->items[i].line !=
			    json_integer_value(json_array_get(pair, 0)) ||
		    file->items[i].last_line !=
			    json_integer_value(json_array_get(pair, 1)))
			return mem_fmt("instruction %zu: lines %d to %d", i,
				       file->items[i].line,
				       file->items[i].last_line);
	}
	return NULL;
}

static char *judge_tree(const json_t *c)
{
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	OWN_BUF struct buf text = { 0 };
	OWN_BUF struct buf tree = { 0 };
	struct err err = { 0 };
	int r;

	decode_base64(text_of(c, "dockerfile_b64"), &text);
	r = dockerfile_parse(buf_text(&text), text.len, &file, &err);
	if (json_is_true(json_object_get(c, "error")))
		return r < 0 ? NULL : mem_str("no error");
	if (r < 0)
		return mem_str(err.msg);
	if (json_object_get(c, "lines"))
		return judge_lines(&file, json_object_get(c, "lines"));
	dockerfile_dump(&file, &tree);
	return strcmp(buf_text(&tree), text_of(c, "ast")) == 0
		       ? NULL
		       : buf_give(&tree);
}

static void trees_are_dockers(void **state)
{
	(void)state;
	judge_file("dockerfile_ast.jsonl", judge_tree);
}

/* ---- errors ---- */

static char *judge_strings(const struct strs *got, const json_t *wanted)
{
	if (got->count != json_array_size(wanted))
		return mem_fmt("%zu strings", got->count);
	for (size_t i = 0; i < got->count; i++) {
		OWN_FREE char *text = plain_text(json_array_get(wanted, i));

		if (strcmp(got->items[i], text) != 0)
			return mem_fmt("string %zu is '%s'", i, got->items[i]);
	}
	return NULL;
}

/* Each is one instruction, which Docker's parser was given without a FROM. */
static char *judge_error(const json_t *c)
{
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	OWN_FREE char *text = plain_text(json_object_get(c, "dockerfile"));
	const char *wanted = text_of(c, "error");
	struct err err = { 0 };
	int r = dockerfile_parse(text, strlen(text), &file, &err);

	for (size_t i = 0; i < file.count && r == 0; i++)
		r = instruction_check(&file.items[i], &err);
	/* Docker's own test wants an error for these, and so does
	 * "shykes-nested-json" of the trees. */
	if (json_object_get(c, "shell_form"))
		wanted = "arrays must be comprised of strings only";
	/* These are a newer Docker's. */
	if (wanted && strcmp(wanted, "unknown flag: --boo") == 0)
		wanted = "Unknown flag: boo";
	if (wanted && strcmp(wanted, "unknown instruction: foo") == 0)
		wanted = "unknown instruction: FOO";
	if (wanted && strstr(wanted, "could not be determined."))
		wanted = "Destination could not be determined";
	if (wanted)
		return r < 0 && strstr(err.msg, wanted)
			       ? NULL
			       : mem_fmt("'%s'", err.msg);
	if (r < 0)
		return mem_str(err.msg);
	if (!file.items[1].json)
		return mem_str("no JSON");
	return judge_strings(&file.items[1].args,
			     json_object_get(c, "exec_form"));
}

static void errors_are_dockers(void **state)
{
	(void)state;
	judge_file("dockerfile_errors.jsonl", judge_error);
}

/* ---- heredocs ---- */

static char *judge_heredoc(const struct heredoc *got, const json_t *wanted)
{
	const json_t *fd = json_object_get(wanted, "FileDescriptor");

	if (strcmp(got->name, text_of(wanted, "Name")) != 0)
		return mem_fmt("name '%s'", got->name);
	if (strcmp(got->body, text_of(wanted, "Content")) != 0)
		return mem_fmt("body '%s'", got->body);
	if (got->expand != json_is_true(json_object_get(wanted, "Expand")) ||
	    got->strip_tabs != json_is_true(json_object_get(wanted, "Chomp")) ||
	    got->fd != (fd ? json_integer_value(fd) : 0))
		return mem_fmt("expand %d, strip_tabs %d, fd %d of '%s'",
			       got->expand, got->strip_tabs, got->fd,
			       got->name);
	return NULL;
}

static char *judge_all_heredocs(const struct dockerfile *file,
				const json_t *wanted)
{
	for (size_t i = 0; i < json_array_size(wanted); i++) {
		const json_t *list = json_array_get(wanted, i);
		/* The first is FROM. */
		const struct instruction *item = &file->items[i + 1];

		if (item->heredoc_count != json_array_size(list))
			return mem_fmt("%zu heredocs in: %s",
				       item->heredoc_count, item->text);
		for (size_t n = 0; n < item->heredoc_count; n++) {
			char *why = judge_heredoc(&item->heredocs[n],
						  json_array_get(list, n));

			if (why)
				return why;
		}
	}
	return NULL;
}

static char *judge_word(const json_t *c)
{
	struct heredoc heredoc = { 0 };
	struct err err = { 0 };
	const char *kind = text_of(c, "kind");
	int r = heredoc_read(text_of(c, "in"), &heredoc, &err);

	heredoc_done(&heredoc);
	if ((strcmp(kind, "validHeredocs") == 0 && r == 1) ||
	    (strcmp(kind, "invalidHeredocs") == 0 && r < 0) ||
	    (strcmp(kind, "notHeredocs") == 0 && r == 0))
		return NULL;
	return mem_fmt("%d for %s", r, kind);
}

static char *judge_names(const json_t *c)
{
	OWN_INSTRUCTION struct instruction item = { 0 };
	OWN_STRS struct strs names = { 0 };
	struct err err = { 0 };

	if (heredocs_find(text_of(c, "in"), &item, &err) < 0)
		return mem_str(err.msg);
	for (size_t i = 0; i < item.heredoc_count; i++)
		strs_add(&names, item.heredocs[i].name);
	return judge_strings(&names, json_object_get(c, "names"));
}

static char *judge_sources(const struct instruction *item, const json_t *wanted)
{
	OWN_STRS struct strs sources = { 0 };
	const json_t *contents = json_object_get(wanted, "SourceContents");
	const char *dest;

	instruction_sources(item, &sources, &dest);
	if (strcmp(dest, text_of(wanted, "DestPath")) != 0)
		return mem_fmt("to %s", dest);
	if (item->heredoc_count != json_array_size(contents))
		return mem_fmt("%zu heredocs", item->heredoc_count);
	for (size_t i = 0; i < item->heredoc_count; i++) {
		const json_t *one = json_array_get(contents, i);
		OWN_FREE char *body = heredoc_text(&item->heredocs[i]);

		if (strcmp(item->heredocs[i].name, text_of(one, "Path")) != 0 ||
		    strcmp(body, text_of(one, "Data")) != 0 ||
		    item->heredocs[i].expand !=
			    json_is_true(json_object_get(one, "Expand")))
			return mem_fmt("heredoc %s: '%s'",
				       item->heredocs[i].name, body);
	}
	return judge_strings(&sources, json_object_get(wanted, "SourcePaths"));
}

static char *judge_command(const struct instruction *item, const json_t *c)
{
	const json_t *files = json_object_get(c, "files");

	if (item->json == json_is_true(json_object_get(c, "shell")))
		return mem_str(item->json ? "JSON" : "no JSON");
	if (item->heredoc_count != json_array_size(files))
		return mem_fmt("%zu heredocs", item->heredoc_count);
	for (size_t i = 0; i < item->heredoc_count; i++) {
		const json_t *one = json_array_get(files, i);

		if (strcmp(item->heredocs[i].name, text_of(one, "Name")) != 0 ||
		    strcmp(item->heredocs[i].body, text_of(one, "Data")) != 0 ||
		    item->heredocs[i].strip_tabs !=
			    json_is_true(json_object_get(one, "Chomp")))
			return mem_fmt("heredoc %s: '%s'",
				       item->heredocs[i].name,
				       item->heredocs[i].body);
	}
	return judge_strings(&item->args, json_object_get(c, "command"));
}

static char *judge_heredocs(const json_t *c)
{
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	const char *text = text_of(c, "dockerfile");
	struct err err = { 0 };

	if (json_object_get(c, "kind"))
		return judge_word(c);
	if (json_object_get(c, "names"))
		return judge_names(c);
	if (dockerfile_parse(text, strlen(text), &file, &err) < 0)
		return mem_str(err.msg);
	if (json_object_get(c, "command"))
		return judge_command(&file.items[0], c);
	if (json_object_get(c, "sourcesAndDest"))
		return judge_sources(&file.items[0],
				     json_object_get(c, "sourcesAndDest"));
	return judge_all_heredocs(
		&file,
		json_object_get(c, "heredocs_of_each_instruction_after_FROM"));
}

static void heredocs_are_dockers(void **state)
{
	(void)state;
	judge_file("heredoc.jsonl", judge_heredocs);
}

/* ---- words ---- */

static char *judge_words(const json_t *c)
{
	OWN_STRS struct strs env = { 0 };
	OWN_STRS struct strs words = { 0 };
	OWN_FREE char *word = NULL;
	struct word_rules rules = { .env = &env };
	struct err err = { 0 };
	bool many = strcmp(text_of(c, "kind"), "words") == 0;
	json_t *value;
	const char *name;
	int r;

	json_object_foreach(json_object_get(c, "env"), name, value)
		strs_addf(&env, "%s=%s", name, json_string_value(value));
	r = many ? words_cut(text_of(c, "in"), &rules, &words, &err)
		 : words_expand(text_of(c, "in"), &env, &word, &err);
	if (json_is_true(json_object_get(c, "error")))
		return r < 0 ? NULL : mem_fmt("no error, but '%s'", word);
	if (r < 0)
		return mem_str(err.msg);
	if (many)
		return judge_strings(&words, json_object_get(c, "out"));
	return strcmp(word, text_of(c, "out")) == 0 ? NULL
						    : mem_fmt("'%s'", word);
}

static void words_are_dockers(void **state)
{
	(void)state;
	judge_file("lexer.jsonl", judge_words);
}

/* ---- whole Dockerfiles of FROM and ENV ---- */

static int apply_all(const char *text, struct image_config *config,
		     struct err *err)
{
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	struct changes changes = { .config = config };
	int r = dockerfile_parse(text, strlen(text), &file, err);

	if (r == 0)
		r = dockerfile_check(&file, err);
	for (size_t i = 1; i < file.count && r == 0; i++)
		r = changes_apply(&changes, &file.items[i], NULL, err);
	return r;
}

static char *judge_env(const json_t *c)
{
	OWN_CONFIG struct image_config config = { 0 };
	json_t *expect = json_object_get(c, "expect");
	struct err err = { 0 };
	const char *name;
	json_t *value;
	int r = apply_all(text_of(c, "dockerfile"), &config, &err);

	if (json_is_string(json_object_get(expect, "rc")))
		return r < 0 ? NULL : mem_str("no error");
	if (r < 0)
		return mem_str(err.msg);
	json_object_foreach(json_object_get(expect, "env"), name, value)
	{
		const char *got = strs_get_env(&config.env, name);

		if (!got || strcmp(got, json_string_value(value)) != 0)
			return mem_fmt("%s is '%s'", name, got ? got : "");
	}
	return NULL;
}

static void environments_are_dockers(void **state)
{
	(void)state;
	judge_file("lexer_build.jsonl", judge_env);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(trees_are_dockers),        TEST(errors_are_dockers),
		TEST(heredocs_are_dockers),     TEST(words_are_dockers),
		TEST(environments_are_dockers),
	};

	return cmocka_run_group_tests_name("dockerfile_data", tests, NULL,
					   NULL);
}
