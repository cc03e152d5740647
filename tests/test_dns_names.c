/* tests/test_dns_names.c - who is found by which name, told from records; and what
 * a link tells of another container. The records are written here. */
#include "runtime/dns_names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/endpoint.h"
#include "runtime/home.h"
#include "runtime/links.h"
#include "runtime/state.h"
#include "tests/test.h"

enum { MOST = 4 };

/* folders  of the containers, each with its lock */
struct world {
	struct home home;
	struct container containers[MOST];
	int folders[MOST];
	int count;
};

static void write_record(struct world *w, int i)
{
	struct err err = { 0 };

	assert_ok(state_write(w->folders[i], &w->containers[i], &err), &err);
}

/* Containers are told apart by the digit that their ids are made of. */
static struct container *add_container(struct world *w, const char *name)
{
	struct container *c = &w->containers[w->count];
	struct err err = { 0 };
	char id[ID_LEN + 1];

	memset(id, 'a' + w->count, ID_LEN);
	id[ID_LEN] = '\0';
	*c = (struct container){ .status = CONTAINER_RUNNING };
	spec_init(&c->spec);
	c->spec.id = mem_str(id);
	c->spec.name = mem_str(name);
	c->spec.hostname = mem_strn(id, SHORT_ID_LEN);
	w->folders[w->count] = state_make_folder(&w->home, id, &err);
	assert_ok(w->folders[w->count], &err);
	assert_ok(state_claim_name(&w->home, name, id, (char[ID_LEN + 1]){ 0 },
				   &err),
		  &err);
	w->count++;
	return c;
}

static struct endpoint *put_on(struct container *c, const char *network,
			       const char *ip)
{
	struct endpoint *e = endpoints_add(&c->spec.networks, network);
	char id[ID_LEN + 1];

	memset(id, network[0], ID_LEN);
	id[ID_LEN] = '\0';
	e->network_id = mem_str(id);
	e->device = mem_str("eth0");
	e->ip = mem_str(ip);
	e->prefix = 16;
	return e;
}

static void open_world(struct world *w, void **state)
{
	OWN_FREE char *path = scratch_path(*state, "home");
	struct err err = { 0 };

	*w = (struct world){ .count = 0 };
	assert_ok(home_open(path, &w->home, &err), &err);
}

static void close_world(struct world *w)
{
	for (int i = 0; i < w->count; i++) {
		container_done(&w->containers[i]);
		close(w->folders[i]);
	}
	home_close(&w->home);
}

/* The addresses of a name, as `self` hears them: "172.18.0.3", "" for a name
 * without any, "?" for one that nobody has. Given. */
static char *found(struct dns_names *names, const char *name)
{
	const struct dns_source source = dns_names_source(names);
	union dns_address out[DNS_ADDRESSES];
	bool known = false;
	size_t count = source.find_name(source.arg, name, AF_INET, out,
					DNS_ADDRESSES, &known);
	char text[INET_ADDRSTRLEN];
	struct buf all = { 0 };

	for (size_t i = 0; i < count; i++)
		buf_fmt(&all, "%s%s", i ? " " : "",
			inet_ntop(AF_INET, &out[i], text, sizeof(text)));
	if (!known)
		buf_char(&all, '?');
	return buf_give(&all);
}

static void expect(struct dns_names *names, const char *name,
		   const char *wanted)
{
	OWN_FREE char *got = found(names, name);

	if (strcmp(got, wanted) != 0)
		fail_msg("'%s' is at '%s', not '%s'", name, got, wanted);
}

static void finds_by_name_alias_id_and_link(void **state)
{
	struct world w;
	struct dns_names names;
	struct container *web;
	struct container *me;

	open_world(&w, state);
	me = add_container(&w, "me");
	strs_add(&put_on(me, "mynet", "172.18.0.2")->links, "web:www");
	put_on(me, "bridge", "172.17.0.2");
	web = add_container(&w, "Web");
	strs_add(&put_on(web, "mynet", "172.18.0.3")->aliases, "front");
	(void)add_container(&w, "elsewhere");
	put_on(&w.containers[2], "other", "172.19.0.2");
	put_on(&w.containers[2], "bridge", "172.17.0.3");
	for (int i = 0; i < w.count; i++)
		write_record(&w, i);
	dns_names_init(&names, &w.home, me->spec.id);
	expect(&names, "web", "172.18.0.3");
	expect(&names, "web.mynet", "172.18.0.3");
	expect(&names, "web.other", "?");
	expect(&names, "front", "172.18.0.3");
	expect(&names, "bbbbbbbbbbbb", "172.18.0.3");
	expect(&names, "www", "172.18.0.3");
	expect(&names, "www.mynet", "172.18.0.3");
	expect(&names, "me", "172.18.0.2");
	/* On another network, and on the usual one, which has no names. */
	expect(&names, "elsewhere", "?");
	expect(&names, "nosuch", "?");
	/* The link is of the one who asks alone. */
	dns_names_done(&names);
	dns_names_init(&names, &w.home, web->spec.id);
	expect(&names, "www", "?");
	dns_names_done(&names);
	close_world(&w);
}

static void hears_of_changes_and_of_ends(void **state)
{
	struct world w;
	struct dns_names names;
	struct container *web;
	struct dns_source source;
	union dns_address address;
	char name[DNS_MAX_NAME + 1];

	open_world(&w, state);
	put_on(add_container(&w, "me"), "mynet", "172.18.0.2");
	web = add_container(&w, "web");
	put_on(web, "mynet", "172.18.0.3");
	write_record(&w, 0);
	write_record(&w, 1);
	dns_names_init(&names, &w.home, w.containers[0].spec.id);
	source = dns_names_source(&names);
	expect(&names, "web", "172.18.0.3");
	inet_pton(AF_INET, "172.18.0.3", &address.v4);
	assert_true(source.find_address(source.arg, AF_INET, &address, name));
	assert_string_equal(name, "web.mynet");
	/* Another name, another address, one more of them. */
	free(web->spec.name);
	web->spec.name = mem_str("api");
	write_record(&w, 1);
	expect(&names, "web", "?");
	expect(&names, "api", "172.18.0.3");
	/* Its monitor was killed: the record cannot know, the lock does. */
	close(w.folders[1]);
	expect(&names, "api", "?");
	assert_false(source.find_address(source.arg, AF_INET, &address, name));
	w.folders[1] = -1;
	dns_names_done(&names);
	close_world(&w);
}

/* ---- links on the usual network ---- */

static void links_become_hosts_and_variables(void **state)
{
	struct world w;
	struct container *me;
	struct container *db;
	OWN_BUF struct buf hosts = { 0 };
	OWN_STRS struct strs env = { 0 };
	OWN_FREE char *joined = NULL;
	struct err err = { 0 };

	open_world(&w, state);
	me = add_container(&w, "me");
	db = add_container(&w, "db");
	put_on(db, "bridge", "172.17.0.2");
	strs_add(&db->spec.exposed, "3306/tcp");
	strs_add(&db->spec.exposed, "53/udp");
	strs_add(&db->spec.env, "E=1=2");
	strs_add(&db->spec.env, "PATH=/bin");
	strs_addf(&put_on(me, "bridge", "172.17.0.3")->links, "%s:my-sql",
		  db->spec.id);
	write_record(&w, 0);
	write_record(&w, 1);
	assert_ok(links_resolve(&w.home, &me->spec, &hosts, &env, &err), &err);
	assert_string_equal(buf_text(&hosts),
			    "172.17.0.2\tmy-sql bbbbbbbbbbbb db\n");
	joined = strs_join(&env, "\n");
	assert_string_equal(joined, "MY_SQL_PORT=udp://172.17.0.2:53\n"
				    "MY_SQL_PORT_53_UDP=udp://172.17.0.2:53\n"
				    "MY_SQL_PORT_53_UDP_ADDR=172.17.0.2\n"
				    "MY_SQL_PORT_53_UDP_PORT=53\n"
				    "MY_SQL_PORT_53_UDP_PROTO=udp\n"
				    "MY_SQL_PORT_3306_TCP=tcp://172.17.0.2:3306\n"
				    "MY_SQL_PORT_3306_TCP_ADDR=172.17.0.2\n"
				    "MY_SQL_PORT_3306_TCP_PORT=3306\n"
				    "MY_SQL_PORT_3306_TCP_PROTO=tcp\n"
				    "MY_SQL_NAME=/me/my-sql\n"
				    "MY_SQL_ENV_E=1=2");
	close_world(&w);
}

static void links_follow_an_address_and_need_one(void **state)
{
	struct scratch *scratch = *state;
	struct world w;
	struct container *me;
	struct container *db;
	struct endpoint *e;
	struct err err = { 0 };
	OWN_FREE char *hosts = NULL;

	open_world(&w, state);
	me = add_container(&w, "me");
	db = add_container(&w, "db");
	e = put_on(db, "bridge", "172.17.0.2");
	strs_addf(&put_on(me, "bridge", "172.17.0.3")->links, "%s:db",
		  db->spec.id);
	write_record(&w, 0);
	write_record(&w, 1);
	hosts = mem_fmt("home/containers/%s/hosts", me->spec.id);
	scratch_write(scratch, hosts, "172.17.0.2\tdb bbbbbbbbbbbb\n"
				      "172.17.0.2\tdbx\n172.17.0.3\tme\n");
	links_note(&w.home, &me->spec);
	links_note(&w.home, &me->spec); /* once is enough */
	free(e->ip);
	e->ip = mem_str("172.17.0.9");
	links_follow(&w.home, w.folders[1], &db->spec);
	assert_string_equal(scratch_read(scratch, hosts),
			    "172.17.0.9\tdb bbbbbbbbbbbb\n"
			    "172.17.0.2\tdbx\n172.17.0.3\tme\n");
	db->status = CONTAINER_EXITED;
	endpoint_clear(e);
	write_record(&w, 1);
	assert_int_equal(links_resolve(&w.home, &me->spec, NULL, NULL, &err),
			 -ESRCH);
	assert_string_equal(
		err.msg,
		"Cannot link to a non running container: /db AS /me/db");
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(finds_by_name_alias_id_and_link),
		TEST_IN_SCRATCH(hears_of_changes_and_of_ends),
		TEST_IN_SCRATCH(links_become_hosts_and_variables),
		TEST_IN_SCRATCH(links_follow_an_address_and_need_one),
	};

	return cmocka_run_group_tests_name("dns_names", tests, NULL, NULL);
}
