/* tests/test_port_spec.c - what -p takes, and Docker's words for what it does not. */
#include "runtime/port_spec.h"

#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "tests/test.h"

static void assert_entries(const char *text, const char *wanted)
{
	OWN_STRS struct strs entries = { 0 };
	OWN_FREE char *joined = NULL;
	struct err err = { 0 };

	assert_ok(port_spec_parse(text, &entries, &err), &err);
	joined = strs_join(&entries, " ");
	assert_string_equal(joined, wanted);
}

static void assert_refused(const char *text, const char *message)
{
	OWN_STRS struct strs entries = { 0 };
	struct err err = { 0 };

	assert_true(port_spec_parse(text, &entries, &err) < 0);
	assert_string_equal(err.msg, message);
	assert_int_equal(entries.count, 0);
}

static void all_of_dockers_forms_are_read(void **state)
{
	(void)state;
	assert_entries("80", "::80/tcp");
	assert_entries(":80", "::80/tcp");
	assert_entries("::80", "::80/tcp");
	assert_entries("8080:80", ":8080:80/tcp");
	assert_entries("8080:53/UDP", ":8080:53/udp");
	assert_entries("08080:080/", ":8080:80/tcp");
	assert_entries("0:80", ":0:80/tcp");
	assert_entries("127.0.0.1::80", "127.0.0.1::80/tcp");
	assert_entries("127.0.0.1:8080:80/sctp", "127.0.0.1:8080:80/sctp");
	assert_entries("[::1]:8080:80", "::1:8080:80/tcp");
	assert_entries("[::]::80", ":::" ":80/tcp");
	assert_entries("[]:1:2", ":1:2/tcp");
}

static void a_range_is_an_entry_for_each_port(void **state)
{
	(void)state;
	assert_entries("3300-3302:80-82/tcp",
		       ":3300:80/tcp :3301:81/tcp :3302:82/tcp");
	assert_entries("80-81", "::80/tcp ::81/tcp");
	assert_entries("80-80", "::80/tcp");
	/* one port of the container: any of the machine's will do */
	assert_entries("8000-8010:80", ":8000-8010:80/tcp");
	assert_entries("0.0.0.0:8000-8010:80/udp", "0.0.0.0:8000-8010:80/udp");
}

static void the_long_form_is_the_same_in_words(void **state)
{
	(void)state;
	assert_entries("published=8080,target=80", ":8080:80/tcp");
	assert_entries("target=53,protocol=udp", "::53/udp");
	assert_refused("published=8080,80",
		       "invalid publish opts format (should be name=value but got '80')");
	assert_refused("published=8080", "No port specified: 8080:/tcp<empty>");
}

static void mistakes_are_told_in_dockers_words(void **state)
{
	(void)state;
	assert_refused("99999:80", "Invalid hostPort: 99999");
	assert_refused("80:99999", "Invalid containerPort: 99999");
	assert_refused("", "No port specified: <empty>");
	assert_refused("80:", "No port specified: 80:<empty>");
	assert_refused("80:/udp", "No port specified: 80:/udp<empty>");
	assert_refused("-1:80", "Invalid hostPort: -1");
	assert_refused("+1:80", "Invalid hostPort: +1");
	assert_refused("http:80", "Invalid hostPort: http");
	assert_refused("80:82-81", "Invalid containerPort: 82-81");
	assert_refused("80/abc", "Invalid proto: abc");
	assert_refused("256.0.0.1:80:80", "Invalid ip address: 256.0.0.1");
	assert_refused("localhost:80:80", "Invalid ip address: localhost");
	assert_refused("[::1:80:80",
		       "Invalid ip address [::1: address [::1:: missing ']' in address");
	assert_refused("::1:80:80",
		       "Invalid ip address ::1: address ::1:: too many colons in address");
	assert_refused(
		"8000-8010:80-81",
		"Invalid ranges specified for container and host Ports: 80-81 and 8000-8010");
}

static void entries_are_read_back(void **state)
{
	struct port_spec port = { 0 };

	(void)state;
	assert_true(port_spec_read("::1:8080:80/udp", &port));
	assert_string_equal(port.ip, "::1");
	assert_int_equal(port.first, 8080);
	assert_int_equal(port.last, 8080);
	assert_int_equal(port.port, 80);
	assert_string_equal(port.proto, "udp");
	assert_true(port_spec_read(":8000-8010:80/tcp", &port));
	assert_string_equal(port.ip, "");
	assert_int_equal(port.last, 8010);
	assert_true(port_spec_read("::80/tcp", &port));
	assert_int_equal(port.first, 0);
	assert_false(port_spec_read("nonsense", &port));
	assert_false(port_spec_read("1.2.3:1:2/tcp", &port));
	assert_string_equal(port_spec_inside("::1:8080:80/udp"), "80/udp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_of_dockers_forms_are_read),
		TEST(a_range_is_an_entry_for_each_port),
		TEST(the_long_form_is_the_same_in_words),
		TEST(mistakes_are_told_in_dockers_words),
		TEST(entries_are_read_back),
	};

	return cmocka_run_group_tests_name("port_spec", tests, NULL, NULL);
}
