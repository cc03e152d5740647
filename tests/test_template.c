/* tests/test_template.c - templates and what Go makes of them. */
#include "shell/template.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/test.h"

static const struct template_type types[] = {
	{ "Labels", TEMPLATE_MAP, TEMPLATE_TEXT, false },
	{ "Ports", TEMPLATE_MAP, TEMPLATE_LIST, false },
	{ "Networks", TEMPLATE_MAP, TEMPLATE_POINTER, false },
	{ "Cmd", TEMPLATE_LIST, TEMPLATE_TEXT, false },
	{ "Health", TEMPLATE_POINTER, TEMPLATE_STRUCT, true },
	{ NULL },
};

static const char data[] =
	"{\"Id\": \"abc\", \"State\": {\"Status\": \"exited\", \"Running\":"
	" false, \"ExitCode\": 3, \"Health\": null}, \"Name\": \"/web\","
	" \"Env\": [\"A=1\", \"B=2\"], \"Cmd\": null,"
	" \"Labels\": {\"b\": \"<2>\", \"a.x\": \"1\"},"
	" \"Ports\": {\"80/tcp\": [{\"HostIp\": \"0.0.0.0\","
	" \"HostPort\": \"8080\"}], \"9/udp\": null},"
	" \"Networks\": {\"bridge\": {\"IPAddress\": \"172.17.0.2\"}},"
	" \"Mounts\": [], \"Memory\": 314572800, \"Swappiness\": null}";

/* Runs a template; the text, or the message of its failure. Given. */
static char *result(const char *text, bool raw, bool row)
{
	struct template_look look = { .types = types,
				      .raw = raw,
				      .row = row,
				      .type_name = "*formatter.X" };
	json_t *json = json_loads(data, 0, NULL);
	struct template *template = NULL;
	struct buf out = { 0 };
	struct err err = { 0 };
	int r;

	assert_non_null(json);
	r = template_parse(text, &template, &err);
	if (r == 0)
		r = template_run(template, &look, json, &out, &err);
	if (r < 0) {
		assert_int_equal(r, -err.code);
		assert_int_equal(err.voice,
				 err.code == EFBIG ? ERR_OURS : ERR_BARE);
		buf_clear(&out);
		buf_str(&out, err.msg);
	}
	template_free(template);
	json_decref(json);
	return buf_give(&out);
}

struct example {
	const char *template;
	const char *text;
};

static void assert_all(const struct example *examples, size_t count, bool raw,
		       bool row)
{
	for (size_t i = 0; i < count; i++) {
		OWN_FREE char *got = result(examples[i].template, raw, row);

		if (strcmp(got, examples[i].text) != 0)
			fail_msg("%s\n  is       %s\n  and not  %s",
				 examples[i].template, got, examples[i].text);
	}
}

#define ASSERT_ALL(list, raw, row) \
	assert_all(list, sizeof(list) / sizeof(*(list)), raw, row)

static void prints_values_as_go_does(void **state)
{
	static const struct example list[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "{{.Id}} {{.State.ExitCode}} {{.State.Running}}",
		  "abc 3 false" },
		{ "'{{.Name}}'", "'/web'" },
		{ "{{.Env}}", "[A=1 B=2]" },
		{ "{{.Labels}}", "map[a.x:1 b:<2>]" },
		{ "{{.Cmd}} {{.Mounts}} {{.Swappiness}}", "[] [] <nil>" },
		{ "{{.Ports}}", "map[80/tcp:[{0.0.0.0 8080}] 9/udp:[]]" },
		{ "{{.State}}", "{exited false 3 <nil>}" },
		{ "{{.Labels.b}}{{.Labels.nosuch}}", "<2><no value>" },
		{ "{{index .Labels \"a.x\"}}|{{index .Labels \"no\"}}|", "1||" },
		{ "{{.Networks.bridge.IPAddress}}", "172.17.0.2" },
		{ "{{.Networks.nosuch.IPAddress}}", "<no value>" },
		{ "{{index .Ports \"80/tcp\" 0 \"HostPort\"}}",
		  "template: :1:2: executing \"\" at <index .Ports \"80/tcp\" 0 \"HostPort\">: error calling index: can't index item of type struct" },
		{ "{{(index (index .Ports \"80/tcp\") 0).HostPort}}", "8080" },
		{ "{{.Memory}}", "314572800" },
		{ "{{1.5}} {{0x10}} {{'a'}} {{-3}} {{true}}",
		  "1.5 16 97 -3 true" },
		{ "{{\"a\\tb\\u3042\"}}{{`r\\n`}}", "a\tb\xe3\x81\x82r\\n" },
	};

	(void)state;
	ASSERT_ALL(list, false, false);
}

static void chooses_and_repeats(void **state)
{
	static const struct example list[] = {
		{ "{{if .State.Running}}up{{else}}down{{end}}", "down" },
		{ "{{if .Mounts}}m{{else if .Env}}e{{else}}n{{end}}", "e" },
		{ "{{if .State.Health}}h{{else}}none{{end}}", "none" },
		{ "{{if and .Env (eq .State.ExitCode 3)}}y{{end}}", "y" },
		{ "{{if or .Mounts (not .State.Running)}}y{{end}}", "y" },
		{ "{{and .Mounts .NoSuch}}", "[]" },
		{ "{{range .Env}}<{{.}}>{{end}}", "<A=1><B=2>" },
		{ "{{range $i, $v := .Env}}{{$i}}={{$v}};{{end}}",
		  "0=A=1;1=B=2;" },
		{ "{{range $k, $v := .Labels}}{{$k}}:{{$v}} {{end}}",
		  "a.x:1 b:<2> " },
		{ "{{range .Mounts}}x{{else}}empty{{end}}", "empty" },
		{ "{{range $p, $c := .Ports}}{{$p}}->{{if $c}}{{(index $c 0).HostPort}}{{end}} {{end}}",
		  "80/tcp->8080 9/udp-> " },
		{ "{{range .Networks}}{{println .IPAddress}}{{end}}",
		  "172.17.0.2\n" },
		{ "{{range .Env}}{{break}}x{{end}}", "" },
		{ "{{range .Env}}{{continue}}x{{end}}", "" },
		{ "{{range .Env}}{{$.Id}}{{end}}", "abcabc" },
		{ "{{with .State}}{{.Status}}{{end}}", "exited" },
		{ "{{with $x := .Id}}{{$x}}{{end}}", "abc" },
		{ "{{with .Mounts}}x{{else}}y{{end}}", "y" },
		{ "{{$n := 1}}{{if true}}{{$n = 2}}{{end}}{{$n}}", "2" },
		{ "a {{- 3 -}} b", "a3b" },
		{ "a{{/* no */}}b {{- /* c */ -}} d", "abd" },
	};

	(void)state;
	ASSERT_ALL(list, false, false);
}

static void has_the_functions(void **state)
{
	static const struct example list[] = {
		{ "{{json .Labels}}", "{\"a.x\":\"1\",\"b\":\"<2>\"}" },
		{ "{{json .State}}",
		  "{\"Status\":\"exited\",\"Running\":false,\"ExitCode\":3}" },
		{ "{{json .Cmd}} {{json .Mounts}} {{json .Id}}",
		  "null [] \"abc\"" },
		{ "{{.Env | json}}", "[\"A=1\",\"B=2\"]" },
		{ "{{join .Env \", \"}}", "A=1, B=2" },
		{ "{{index (split .Name \"/\") 1}}", "web" },
		{ "{{split \"a,b\" \",\"}}{{len (split \"\" \",\")}}",
		  "[a b]1" },
		{ "{{upper .Id}}{{lower \"ABC\"}}{{title \"ab cd\"}}",
		  "ABCabcAb Cd" },
		{ "[{{pad .Id 2 1}}][{{pad \"\" 2 1}}]", "[  abc ][]" },
		{ "{{truncate .Id 2}}{{truncate .Id 9}}", "ab""abc" },
		{ "{{len .Env}}{{len .Labels}}{{len .Id}}{{len .Cmd}}",
		  "2230" },
		{ "{{slice .Id 1}}{{slice .Id 0 1}}{{slice .Env 1}}",
		  "bca[B=2]" },
		{ "{{slice .Id 2 9}}",
		  "template: :1:2: executing \"\" at <slice .Id 2 9>: error calling slice: index out of range: 9" },
		{ "{{print 1 2 \"x\" 3}}|{{println \"a\" 1}}", "1 2x3|a 1\n" },
		{ "{{eq .Id \"x\" \"abc\"}}{{ne 1 2}}{{lt 1 2}}{{le 2 2}}{{gt \"b\" \"a\"}}{{ge 1 2}}",
		  "truetruetruetruetruefalse" },
		{ "{{html \"<a & 'b'>\"}}", "&lt;a &amp; &#39;b&#39;&gt;" },
		{ "{{js \"<'\\\"\"}} {{urlquery \"a b&c\"}}",
		  "\\u003C\\'\\\" a+b%26c" },
		{ "{{printf \"%s-%d-%q-%v-%t-%x\" .Id 7 \"a\\\"\" .Env true 255}}",
		  "abc-7-\"a\\\"\"-[A=1 B=2]-true-ff" },
		{ "{{printf \"%-5s|%5s|%05d|%.2s|%x|%%\" \"a\" \"b\" 42 \"xyz\" \"hi\"}}",
		  "a    |    b|00042|xy|6869|%" },
		{ "{{printf \"%d %s\" \"x\"}}{{printf \"a\" 1}}",
		  "%!d(string=x) %!s(MISSING)a%!(EXTRA int=1)" },
		{ "{{.Id | printf \"%s:%s\" \"x\"}}", "x:abc" },
		{ "{{printf \"%.2f\" 1.239}} {{printf \"%T\" 1}}", "1.24 int" },
	};

	(void)state;
	ASSERT_ALL(list, false, false);
}

static void refuses_with_the_words_of_go(void **state)
{
	static const struct example list[] = {
		{ "{{.ID", "template: :1: unclosed action" },
		{ "a\n{{", "template: :2: unclosed action" },
		{ "{{}}", "template: :1: missing value for command" },
		{ "{{if}}{{end}}", "template: :1: missing value for if" },
		{ "{{if .X}}", "template: :1: unexpected EOF" },
		{ "{{end}}", "template: :1: unexpected {{end}}" },
		{ "{{else}}", "template: :1: unexpected {{else}}" },
		{ "{{nosuch .Id}}",
		  "template: :1: function \"nosuch\" not defined" },
		{ "{{$x}}", "template: :1: undefined variable \"$x\"" },
		{ "{{\"a}}", "template: :1: unterminated quoted string" },
		{ "{{(.Id}}", "template: :1: unclosed left paren" },
		{ "{{.Id)}}", "template: :1: unexpected right paren" },
		{ "{{.Id | 3}}",
		  "template: :1: non executable command in pipeline stage 2" },
		{ "{{break}}", "template: :1: {{break}} outside {{range}}" },
		{ "{{/* x}}", "template: :1: unclosed comment" },
		{ "{{.Id.}}", NULL },
		{ "{{.Nosuch}}",
		  "template: :1:2: executing \"\" at <.Nosuch>: can't evaluate field Nosuch in type *formatter.X" },
		{ "{{.State.Nosuch}}",
		  "template: :1:8: executing \"\" at <.State.Nosuch>: can't evaluate field Nosuch in type struct" },
		{ "{{.id}}",
		  "template: :1:2: executing \"\" at <.id>: can't evaluate field id in type *formatter.X" },
		{ "{{len 3}}",
		  "template: :1:2: executing \"\" at <len 3>: error calling len: len of type int" },
		{ "{{lt 1 \"a\"}}",
		  "template: :1:2: executing \"\" at <lt 1 \"a\">: error calling lt: incompatible types for comparison" },
		{ "{{range .Id}}{{end}}",
		  "template: :1:8: executing \"\" at <.Id>: range can't iterate over abc" },
		{ "{{call .Id}}",
		  "template: :1:2: executing \"\" at <call .Id>: error calling call: non-function of type string" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		if (list[i].text)
			assert_all(&list[i], 1, false, false);
}

static void misses_keys_of_raw_json(void **state)
{
	static const struct example list[] = {
		{ "{{.Foo}}",
		  "template: :1:2: executing \"\" at <.Foo>: map has no entry for key \"Foo\"" },
		{ "{{.State.Health.Status}}",
		  "template: :1:8: executing \"\" at <.State.Health.Status>: map has no entry for key \"Health\"" },
		{ "{{index .Ports \"80/tcp\" 0 \"HostPort\"}}", "8080" },
		{ "{{.Cmd}}", "<no value>" },
		{ "{{.State}}", "map[ExitCode:3 Running:false Status:exited]" },
	};

	(void)state;
	ASSERT_ALL(list, true, false);
}

static void a_row_is_sorted_and_has_label(void **state)
{
	static const struct template_look look = { .row = true };
	json_t *row = json_pack("{s:s, s:s, s:{s:s}}", "Names", "w", "Image",
				"<none>", "Label", "x", "y");
	struct template *template = NULL;
	OWN_BUF struct buf out = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_ok(template_parse("{{json .}} {{.Label \"x\"}}{{.Label \"n\"}} {{json .Image}}",
				 &template, &err),
		  &err);
	assert_ok(template_run(template, &look, row, &out, &err), &err);
	assert_string_equal(buf_text(&out),
			    "{\"Image\":\"\\u003cnone\\u003e\",\"Names\":\"w\"} y \"<none>\"");
	assert_true(template_has_field(template, "Image"));
	assert_false(template_has_field(template, "Size"));
	template_free(template);
	json_decref(row);
}

static void stops_what_grows_without_end(void **state)
{
	OWN_BUF struct buf text = { 0 };
	OWN_BUF struct buf deep = { 0 };
	OWN_FREE char *grown = NULL;
	OWN_FREE char *nested = NULL;

	(void)state;
	buf_str(&text, "{{$x := \"0123456789\"}}");
	for (int i = 0; i < 60; i++)
		buf_str(&text, "{{$x = print $x $x}}");
	grown = result(buf_text(&text), false, false);
	assert_string_equal(grown, "the template makes more than 16 MB");
	buf_str(&deep, "{{");
	for (int i = 0; i < 5000; i++)
		buf_char(&deep, '(');
	nested = result(buf_text(&deep), false, false);
	assert_string_equal(nested, "template: :1: nested more than 100 deep");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(prints_values_as_go_does),
		TEST(chooses_and_repeats),
		TEST(has_the_functions),
		TEST(refuses_with_the_words_of_go),
		TEST(misses_keys_of_raw_json),
		TEST(a_row_is_sorted_and_has_label),
		TEST(stops_what_grows_without_end),
	};

	return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
