/* tests/test_ref.c - names of images against the cases of Docker's own reference
 * package.
 *
 * The cases lie beside the project (../shared/conformance/data), not in it. Where
 * they are not there, that is said and only our own few are tried. */
#include "images/ref.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/test.h"

static const char *text_of(const json_t *c, const char *key)
{
	const char *text = json_string_value(json_object_get(c, key));

	return text ? text : "";
}

static bool same(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool takes(const char *text, struct ref *out)
{
	struct err ignored = { 0 };

	return ref_parse(text, out, &ignored) == 0;
}

/* ---- the kinds of cases ---- */

/* Docker's sentences; for no name at all its parser of full names has another
 * one, which no command shows. */
static bool refuses(const json_t *c)
{
	OWN_REF struct ref ref = { 0 };
	const char *input = text_of(c, "input");
	struct err err = { 0 };

	return ref_parse(input, &ref, &err) < 0 &&
	       (!*input || strstr(err.msg, text_of(c, "err")));
}

/* What was taken is shown again as it was typed. */
static bool parses(const json_t *c)
{
	OWN_REF struct ref ref = { 0 };
	OWN_FREE char *name = NULL;
	OWN_FREE char *whole = NULL;
	const char *repository = text_of(c, "repository");

	if (json_object_get(c, "err"))
		return refuses(c);
	if (!takes(text_of(c, "input"), &ref))
		return false;
	name = ref_familiar_name(&ref);
	whole = ref_familiar(&ref);
	return same(whole, text_of(c, "input")) &&
	       same(name, *repository ? repository : text_of(c, "name")) &&
	       same(ref.tag, text_of(c, "tag")) &&
	       same(ref.digest, text_of(c, "digest"));
}

/* A name alone: neither tag nor digest is part of one. */
static bool is_no_name(const json_t *c)
{
	OWN_REF struct ref ref = { 0 };

	return !takes(text_of(c, "input"), &ref) || ref.tag || ref.digest;
}

static bool splits(const json_t *c)
{
	OWN_REF struct ref ref = { 0 };
	const char *domain = text_of(c, "domain");

	if (!takes(text_of(c, "input"), &ref))
		return false;
	if (!*domain) /* Docker's default is put there */
		return same(ref.domain, "docker.io") &&
		       strstr(ref.path, text_of(c, "path"));
	return same(ref.domain, domain) && same(ref.path, text_of(c, "path"));
}

static bool combines(const json_t *c)
{
	OWN_REF struct ref ref = { 0 };
	OWN_FREE char *whole = NULL;

	if (!takes(text_of(c, "name"), &ref))
		return false;
	ref.tag = mem_str(json_string_value(json_object_get(c, "tag")));
	ref.digest = mem_str(json_string_value(json_object_get(c, "digest")));
	whole = ref_familiar(&ref);
	return same(whole, text_of(c, "combined"));
}

static bool validates(const json_t *c)
{
	OWN_REF struct ref ref = { 0 };

	return takes(text_of(c, "in"), &ref) ==
	       json_is_true(json_object_get(c, "ok"));
}

static bool names_repository(const json_t *c, const char *spelling)
{
	OWN_REF struct ref ref = { 0 };
	OWN_FREE char *full = NULL;
	OWN_FREE char *familiar = NULL;

	if (!*spelling)
		return true;
	if (!takes(spelling, &ref))
		return false;
	full = ref_full_name(&ref);
	familiar = ref_familiar_name(&ref);
	return same(full, text_of(c, "FullName")) &&
	       same(familiar, text_of(c, "FamiliarName")) &&
	       same(ref.path, text_of(c, "RemoteName")) &&
	       same(ref.domain, text_of(c, "Domain"));
}

static bool names_repositories(const json_t *c)
{
	return names_repository(c, text_of(c, "FullName")) &&
	       names_repository(c, text_of(c, "FamiliarName")) &&
	       names_repository(c, text_of(c, "AmbiguousName"));
}

static bool is_equivalent(const json_t *c)
{
	OWN_REF struct ref ref = { 0 };
	OWN_FREE char *full = NULL;
	struct err ignored = { 0 };

	if (ref_parse_any(text_of(c, "Reference"), &ref, &ignored) < 0)
		return false;
	full = ref_full(&ref);
	return same(full, text_of(c, "Equivalent"));
}

static bool matches(const json_t *c)
{
	OWN_REF struct ref ref = { 0 };

	return takes(text_of(c, "reference"), &ref) &&
	       ref_matches(&ref, text_of(c, "pattern")) ==
		       json_is_true(json_object_get(c, "expected"));
}

/* With a digest the tag says nothing more, without one it is completed. */
static bool completes(const json_t *c)
{
	OWN_REF struct ref ref = { 0 };
	OWN_FREE char *full = NULL;

	if (!takes(text_of(c, "input"), &ref))
		return false;
	if (ref.digest) {
		free(ref.tag);
		ref.tag = NULL;
	}
	ref_tag_latest(&ref);
	full = ref_full(&ref);
	return same(full, text_of(c, "expected"));
}

/* ParseNamed takes full names only, which no command asks for: of what it refuses
 * the cases say nothing. */
static const struct kind {
	const char *prefix;
	bool (*try)(const json_t *c);
} kinds[] = {
	{ "ref/TestReferenceParse", parses },
	{ "ref/TestSerialization", parses },
	{ "ref/TestWithNameFailure", is_no_name },
	{ "ref/TestDomainAndPath", splits },
	{ "ref/TestParseNamed", splits },
	{ "ref/TestNormalizedSplitHostname", splits },
	{ "ref/TestWithTag", combines },
	{ "ref/TestWithDigest", combines },
	{ "ref/TestValidate", validates },
	{ "ref/TestParseRepositoryInfo", names_repositories },
	{ "ref/TestParseAnyReference", is_equivalent },
	{ "ref/TestMatch", matches },
	{ "ref/TestParseDockerRef", completes },
};

static void try_line(const char *line, int *bad)
{
	json_t *c = json_loads(line, 0, NULL);
	const char *id = text_of(c, "id");
	const struct kind *found = NULL;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(id, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			found = &kinds[i];
	if (!found || !found->try(c)) {
		print_error("%s", line);
		(*bad)++;
	}
	json_decref(c);
}

static void agrees_with_docker_s_own_cases(void **state)
{
	const char *folder = getenv("DOCKERSHELL_CONFORMANCE");
	OWN_FREE char *path =
		mem_fmt("%s/data/reference.jsonl",
			folder ? folder : "../shared/conformance");
	OWN_FILE FILE *file = fopen(path, "re");
	char line[4096];
	int tried = 0;
	int bad = 0;

	(void)state;
	if (!file) {
		print_message("# no cases at %s\n", path);
		return;
	}
	for (; fgets(line, sizeof(line), file); tried++)
		try_line(line, &bad);
	assert_int_equal(bad, 0);
	assert_true(tried > 200);
}

static void a_short_name_is_completed_and_shown_short(void **state)
{
	OWN_REF struct ref ref = { 0 };
	OWN_FREE char *full = NULL;
	OWN_FREE char *shown = NULL;
	struct err err = { 0 };

	(void)state;
	assert_ok(ref_parse("busybox", &ref, &err), &err);
	ref_tag_latest(&ref);
	full = ref_full(&ref);
	shown = ref_familiar(&ref);
	assert_string_equal(full, "docker.io/library/busybox:latest");
	assert_string_equal(shown, "busybox:latest");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_short_name_is_completed_and_shown_short),
		TEST(agrees_with_docker_s_own_cases),
	};

	return cmocka_run_group_tests_name("ref", tests, NULL, NULL);
}
