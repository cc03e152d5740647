/* tests/test_sides.c - maps of ids, one process from both sides, and a tree of them. */
#include "runtime/sides.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/process_tree.h"
#include "runtime/processes.h"
#include "tests/test.h"

static void an_id_is_found_on_the_other_side_or_is_not_there(void **state)
{
	static struct id_map map;

	(void)state;
	id_map_parse("         0       1000          1\n"
		     "         1     100000      65536\n",
		     &map);
	assert_int_equal(map.count, 2);
	assert_int_equal(id_map_outside(&map, 0), 1000);
	assert_int_equal(id_map_outside(&map, 33), 100032);
	assert_int_equal(id_map_outside(&map, 65536), 165535);
	assert_int_equal(id_map_outside(&map, 65537), -1);
	assert_int_equal(id_map_inside(&map, 1000), 0);
	assert_int_equal(id_map_inside(&map, 999), -1);
	assert_int_equal(id_map_size(&map), 65537);
	id_map_parse("0 0 4294967295\n", &map);
	assert_int_equal(id_map_outside(&map, 4294967294), 4294967294);
	id_map_parse("not a map", &map);
	assert_int_equal(map.count, 0);
}

static void this_process_is_seen_as_it_is(void **state)
{
	OWN_SIDES struct sides me = { 0 };
	OWN_SIDES struct sides gone = { 0 };
	struct side_namespace all[SIDES_NAMESPACES];

	(void)state;
	assert_int_equal(sides_read(getpid(), &me), 0);
	assert_int_equal(me.pid, getpid());
	assert_int_equal(me.parent, getppid());
	assert_int_equal(me.uid, geteuid());
	assert_int_equal(me.inside, 0); /* no pid namespace of its own */
	assert_non_null(strstr(me.command, "test_sides"));
	assert_int_equal(sides_read(0x3ffffff, &gone), -ESRCH);
	sides_namespaces(getpid(), all);
	for (int i = 0; i < SIDES_NAMESPACES; i++)
		assert_int_equal(all[i].its, all[i].ours);
}

static void a_child_is_among_the_children(void **state)
{
	OWN_PIDS struct pids children = { 0 };
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		(void)pause();
		_exit(0);
	}
	sides_children(getpid(), &children);
	assert_true(pids_have(&children, child));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void add(struct process_tree *found, pid_t pid, pid_t parent)
{
	found->items =
		mem_grow(found->items, found->count + 1, sizeof(*found->items));
	found->items[found->count++] = (struct tree_node){
		.process = { .pid = pid, .parent = parent },
	};
}

static void parents_come_before_children_and_the_last_is_marked(void **state)
{
	static const struct {
		pid_t pid;
		int depth;
		bool last;
	} wanted[] = { { 10, 0, false },
		       { 20, 1, false },
		       { 40, 2, true },
		       { 30, 1, true },
		       { 50, 0, true } };
	OWN_PROCESS_TREE struct process_tree tree = { 0 };
	struct process_tree found = { 0 };

	(void)state;
	add(&found, 10, 1);
	add(&found, 20, 10);
	add(&found, 30, 10);
	add(&found, 40, 20);
	add(&found, 50, 3); /* joined from elsewhere */
	process_tree_arrange(&found, &tree);
	assert_int_equal(tree.count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(tree.items[i].process.pid, wanted[i].pid);
		assert_int_equal(tree.items[i].depth, wanted[i].depth);
		assert_int_equal(tree.items[i].last, wanted[i].last);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_id_is_found_on_the_other_side_or_is_not_there),
		cmocka_unit_test(this_process_is_seen_as_it_is),
		cmocka_unit_test(a_child_is_among_the_children),
		cmocka_unit_test(
			parents_come_before_children_and_the_last_is_marked),
	};

	return cmocka_run_group_tests_name("sides", tests, NULL, NULL);
}
