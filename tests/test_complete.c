/* tests/test_complete.c - what the Tab key offers, place by place. */
#include "shell/complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "images/store.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/network.h"
#include "shell/commands.h"
#include "tests/box.h"
#include "tests/test.h"

/* A shell in whose home nothing has been made. */
static struct shell shell_of(struct scratch *scratch)
{
	static char path[PATH_MAX];
	OWN_FREE char *none = scratch_path(scratch, "none");

	snprintf(path, sizeof(path), "%s", none);
	return (struct shell){ .home_path = path };
}

/* All that is offered, joined with blanks; given. */
static char *offered(struct shell *shell, const char *line, bool program)
{
	OWN_COMPLETION struct completion found = { 0 };

	complete_line(shell, line, program, &found);
	if (found.files)
		strs_add(&found.words, "(files)");
	if (found.folders)
		strs_add(&found.words, "(folders)");
	return strs_join(&found.words, " ");
}

static void assert_offers(struct shell *shell, const char *line,
			  const char *wanted)
{
	OWN_FREE char *got = offered(shell, line, false);

	if (strcmp(got, wanted) != 0)
		fail_msg("%s\n  wanted: %s\n  got:    %s", line, wanted, got);
}

static void assert_all(struct shell *shell, const char *const (*rows)[2],
		       size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_offers(shell, rows[i][0], rows[i][1]);
}

#define ASSERT_ALL(shell, rows) \
	assert_all(shell, rows, sizeof(rows) / sizeof((rows)[0]))

static void commands_and_options_are_offered(void **state)
{
	static const char *const rows[][2] = {
		{ "vers", "version" },
		{ "docker vers", "version" },
		{ "ls | docker vers", "version" },
		{ "echo \"$(docker vers", "version" },
		{ "docker ps; docker vers", "version" },
		{ "container unp", "unpause" },
		{ "container ls --al", "--all" },
		{ "run -v $PWD:/x --na", "--name" },
		{ "run --rm busybox --na", "" },
		{ "rm -- --na", "" },
		{ "help vers", "version" },
		{ "lang ", "en ja" },
		{ "complete", "" }, /* that is for programs */
		{ "build ", "(folders)" },
		{ "build -f ", "(files)" },
		{ "ps > ", "(files)" },
		{ "edit ", "(files)" },
	};
	struct shell shell = shell_of(*state);
	OWN_COMPLETION struct completion found = { 0 };

	ASSERT_ALL(&shell, rows);
	complete_line(&shell, "run --rm", false, &found);
	assert_string_equal(found.words.items[0], "--rm");
	assert_non_null(strstr(found.meanings.items[0], "Remove"));
}

static void behind_a_pipe_programs_of_the_machine_are_offered_too(void **state)
{
	static const char *const rows[][2] = {
		{ "ls | vers", "versify version" },
		{ "ls |& cat || vers", "version" },
		{ "versi", "version" },
		{ "versif", "versify" },
		{ "docker versif", "" },
	};
	struct scratch *scratch = *state;
	struct shell shell = shell_of(*state);
	OWN_FREE char *path = mem_str(getenv("PATH"));

	scratch_write(scratch, "versify", "");
	assert_int_equal(setenv("PATH", scratch->path, 1), 0);
	ASSERT_ALL(&shell, rows);
	assert_int_equal(setenv("PATH", path, 1), 0);
}

static void values_of_options_are_offered(void **state)
{
	static const char *const rows[][2] = {
		{ "run --restart u", "unless-stopped" },
		{ "run --restart=on",
		  "--restart=on-failure --restart=on-failure:" },
		{ "run --network ", "bridge container: host none" },
		{ "run --net=h", "--net=host" },
		{ "build --network ", "default host none" },
		{ "run --pull ", "missing never" },
		{ "run --log-driver ", "json-file none" },
		{ "build --progress ", "auto plain" },
		{ "inspect --type i", "image" },
		{ "kill --signal HU", "HUP" },
		{ "kill -s SIGHU", "SIGHUP" },
		{ "kill -sHU", "-sHUP" },
		{ "run --cap-add SYS_PT", "SYS_PTRACE" },
		{ "run --cap-drop CAP_SYS_PT", "CAP_SYS_PTRACE" },
		{ "run -itv ", "(files)" },
		{ "run --mount ty", "type=" },
		{ "run --mount type=tm", "type=tmpfs" },
		{ "run --mount type=bind,sou", "type=bind,source=" },
		{ "run --mount type=bind,source=/e", "(files)" },
		{ "run -e COMPLETE_ME", "COMPLETE_ME_TOO" },
		{ "ps --filter st", "status=" },
		{ "ps --filter status=ru", "status=running" },
		{ "ps --filter=status=ru", "--filter=status=running" },
		{ "ps -f dangling=", "dangling=false dangling=true" },
		{ "network ls -f driver=b", "driver=bridge" },
		{ "events -f event=unp", "event=unpause" },
		{ "ps -f nosuch=", "" },
		{ "images --filter da", "dangling=" },
		{ "ps --format j", "json" },
		{ "ps --format {{.Na", "{{.Names}}" },
		{ "ps --format \"table {{.ID}}\\t{{.Na",
		  "table {{.ID}}\\t{{.Names}}" },
		{ "images --format '{{.ID}} {{.Re", "{{.ID}} {{.Repository}}" },
		{ "history --format {{.CreatedB", "{{.CreatedBy}}" },
	};
	struct shell shell = shell_of(*state);

	setenv("COMPLETE_ME_TOO", "1", 1);
	ASSERT_ALL(&shell, rows);
}

static void options_of_the_program_stand_in_front(void **state)
{
	static const char *const rows[][2] = {
		{ "dockershell vers", "version" },
		{ "dockershell --col", "--color" },
		{ "dockershell --color a", "always auto" },
		{ "dockershell --color=n", "--color=never" },
		{ "dockershell --home x --plain vers", "version" },
		{ "dockershell --home=x docker vers", "version" },
		{ "dockershell", "" },
	};
	struct shell shell = shell_of(*state);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		OWN_FREE char *got = offered(&shell, rows[i][0], true);

		assert_string_equal(got, rows[i][1]);
	}
}

/* Not even a home where there is none. */
static void nothing_is_made_by_asking(void **state)
{
	static const char *const lines[] = { "run bus",     "stop ",
					     "cp x:/",      "volume rm ",
					     "network rm ", "inspect " };
	struct shell shell = shell_of(*state);

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		free(offered(&shell, lines[i], false));
	assert_false(scratch_has(*state, "none"));
}

static void make_stopped(struct box *box)
{
	OWN_SPEC struct spec spec = { 0 };
	struct err err = { 0 };

	box_spec(&spec, "true");
	spec.name = mem_str("still");
	strs_add(&spec.labels, "tier=back");
	strs_add(&spec.labels, "evil=\033[2J");
	assert_int_equal(container_create(&box->home, &spec, &err), 0);
}

static void make_network(struct box *box)
{
	OWN_NETWORK struct network wish = { .name = mem_str("mine"),
					    .driver = mem_str("bridge") };
	struct err err = { 0 };

	assert_int_equal(network_create(&box->home, &wish, &err), 0);
}

static void what_there_is_is_offered_where_it_fits(void **state)
{
	static const char *const rows[][2] = {
		{ "stop ", "goes" },
		{ "start ", "still" },
		{ "rm ", "goes still" },
		{ "exec go", "goes" },
		{ "run --network container:", "container:goes" },
		{ "ps -f name=st", "name=still" },
		{ "ps -f label=", "label=tier=back" },
		{ "network rm mi", "mine" },
		{ "ps -f network=mi", "network=mine" },
		{ "volume rm ", "data" },
		{ "run -v ", "data (files)" },
		{ "cp ", "goes: still: (files)" },
		{ "cp ./", "(files)" },
		{ "cp goes:/bin/busyb", "goes:/bin/busybox" },
		{ "cp still:/bin/busyb", "still:/bin/busybox" },
		{ "cp still:bi", "still:bin/" },
		{ "cp ./x still:/bi", "still:/bin/" },
		{ "cp nosuch:/", "" },
		{ "cp still:/nosuch/", "" },
		{ "exec goes cat /bin/busyb", "/bin/busybox" },
		{ "exec goes cat bin/busyb", "bin/busybox" },
		{ "exec -w /bin goes cat busyb", "busybox" },
		{ "exec goes /bi", "/bin/" },
		{ "exec goes busyb", "busybox" },
		{ "container inspect -f '{{.State.Pi", "{{.State.Pid}}" },
		{ "version -f {{.Client.Ve", "{{.Client.Version}}" },
		{ "ps --js", "--json" },
	};
	OWN_BOX struct box box = { 0 };
	OWN_SPEC struct spec spec = { 0 };
	struct shell shell;

	box_make(*state, &box);
	shell = (struct shell){ .home = &box.home, .base_home = &box.home };
	box_spec(&spec, "sleep 300");
	spec.name = mem_str("goes");
	box_start(&box, &spec);
	make_stopped(&box);
	make_network(&box);
	assert_int_equal(mkdirat(box.home.fd, "volumes/data", 0755), 0);
	ASSERT_ALL(&shell, rows);
	if (shell.store)
		store_close(shell.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(commands_and_options_are_offered),
		TEST_IN_SCRATCH(behind_a_pipe_programs_of_the_machine_are_offered_too),
		TEST_IN_SCRATCH(values_of_options_are_offered),
		TEST_IN_SCRATCH(options_of_the_program_stand_in_front),
		TEST_IN_SCRATCH(nothing_is_made_by_asking),
		TEST_IN_SCRATCH(what_there_is_is_offered_where_it_fits),
	};

	return cmocka_run_group_tests_name("complete", tests, NULL, NULL);
}
