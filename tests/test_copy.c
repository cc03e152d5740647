/* tests/test_copy.c - COPY and ADD: which files go where, and whose they are. */
#include "tests/copying.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "images/context.h"
#include "images/dockerfile.h"
#include "runtime/base/own.h"

/* ---- where things go ---- */

static void a_file_becomes_its_destination(void **state)
{
	struct shop shop;

	shop_make(*state, &shop);
	scratch_write(*state, "ctx/a", "A");
	scratch_write(*state, "ctx/d/b", "B");
	gives(&shop, &(struct ask){ .sources = "a", .dest = "/new", .on = "t" },
	      "- 644 0:0 new = A\n");
	gives(&shop,
	      &(struct ask){ .sources = "a", .dest = "/n/m/", .on = "t" },
	      "d 755 0:0 n\nd 755 0:0 n/m\n- 644 0:0 n/m/a = A\n");
	/* A folder of the image stays as it is. */
	gives(&shop, &(struct ask){ .sources = "a", .dest = "/app", .on = "t" },
	      "d 750 3:4 app\n- 644 0:0 app/a = A\n");
	gives(&shop,
	      &(struct ask){ .sources = "a", .dest = "/link/", .on = "t" },
	      "d 750 3:4 app\n- 644 0:0 app/a = A\n");
	gives(&shop,
	      &(struct ask){
		      .sources = "a", .dest = "x/y", .cwd = "/tmp", .on = "t" },
	      "d 1777 0:0 tmp\nd 755 0:0 tmp/x\n- 644 0:0 tmp/x/y = A\n");
	gives(&shop,
	      &(struct ask){
		      .sources = "a", .dest = ".", .cwd = "/app", .on = "t" },
	      "d 750 3:4 app\n- 644 0:0 app/a = A\n");
	/* A link out of the image ends in it. */
	gives(&shop, &(struct ask){ .sources = "a", .dest = "/out", .on = "t" },
	      "d 1777 0:0 tmp\n- 644 0:0 tmp/x = A\n");
	gives(&shop,
	      &(struct ask){ .sources = "a", .dest = "/../../e", .on = "t" },
	      "- 644 0:0 e = A\n");
	gives(&shop, &(struct ask){ .sources = "a", .dest = "/x" },
	      "- 644 0:0 x = A\n");
	fails(&shop,
	      &(struct ask){ .sources = "a", .dest = "/file/", .on = "t" },
	      "failed to copy files: failed to create new directory: mkdir /file: not a directory");
}

static void a_folder_gives_its_contents(void **state)
{
	struct shop shop;
	OWN_ANSWER struct answer none;

	shop_make(*state, &shop);
	scratch_write(*state, "ctx/d/b", "B");
	scratch_write(*state, "ctx/d/sub/c", "C");
	scratch_mkdir(*state, "ctx/empty");
	gives(&shop,
	      &(struct ask){ .sources = "d", .dest = "/new/x", .on = "t" },
	      "d 755 0:0 new\nd 755 0:0 new/x\n- 644 0:0 new/x/b = B\n"
	      "d 755 0:0 new/x/sub\n- 644 0:0 new/x/sub/c = C\n");
	gives(&shop,
	      &(struct ask){ .sources = "d/", .dest = "/app", .on = "t" },
	      "d 750 3:4 app\n- 644 0:0 app/b = B\nd 755 0:0 app/sub\n"
	      "- 644 0:0 app/sub/c = C\n");
	gives(&shop,
	      &(struct ask){ .sources = "d/sub", .dest = "/", .on = "t" },
	      "- 644 0:0 c = C\n");
	gives(&shop,
	      &(struct ask){ .sources = "empty", .dest = "/e", .on = "t" },
	      "d 755 0:0 e\n");
	assert_ok(ask(&shop,
		      &(struct ask){
			      .sources = "empty", .dest = "/app", .on = "t" },
		      &none),
		  &none.err);
	assert_true(none.no_layer);
	fails(&shop,
	      &(struct ask){ .sources = "d", .dest = "/file", .on = "t" },
	      "failed to copy files: failed to copy directory: mkdir /file: not a directory");
}

static void several_sources_need_a_folder(void **state)
{
	struct shop shop;

	shop_make(*state, &shop);
	scratch_write(*state, "ctx/a1", "1");
	scratch_write(*state, "ctx/a2", "2");
	scratch_write(*state, "ctx/[b]", "b");
	scratch_write(*state, "ctx/d1/x", "x");
	gives(&shop, &(struct ask){ .sources = "a?", .dest = "/n/" },
	      "d 755 0:0 n\n- 644 0:0 n/a1 = 1\n- 644 0:0 n/a2 = 2\n");
	gives(&shop, &(struct ask){ .sources = "/[[]b]", .dest = "/n" },
	      "- 644 0:0 n = b\n");
	gives(&shop, &(struct ask){ .sources = "d*|./a1", .dest = "/n/" },
	      "d 755 0:0 n\n- 644 0:0 n/x = x\n- 644 0:0 n/a1 = 1\n");
	gives(&shop, &(struct ask){ .sources = "d1/*", .dest = "/n" },
	      "- 644 0:0 n = x\n");
	fails(&shop, &(struct ask){ .sources = "a?", .dest = "/n" },
	      "When using COPY with more than one source file, the destination must be a directory and end with a /");
	fails(&shop,
	      &(struct ask){ .sources = "z*", .dest = "/n/", .add = true },
	      "ADD failed: no source files were specified");
}

/* ---- what is not found ---- */

static void nothing_outside_of_the_context_is_found(void **state)
{
	struct shop shop;
	struct scratch *scratch = *state;

	shop_make(scratch, &shop);
	scratch_write(scratch, "secret", "s");
	scratch_write(scratch, "ctx/a", "A");
	scratch_write(scratch, "ctx/.dockerignore", "ignored\n");
	scratch_write(scratch, "ctx/ignored", "i");
	assert_int_equal(symlinkat("../secret", scratch->fd, "ctx/l"), 0);
	assert_int_equal(symlinkat("..", scratch->fd, "ctx/up"), 0);
	assert_int_equal(symlinkat("ignored", scratch->fd, "ctx/i"), 0);
	assert_int_equal(symlinkat("loop", scratch->fd, "ctx/loop"), 0);
	fails(&shop, &(struct ask){ .sources = "nosuch", .dest = "/" },
	      "COPY failed: file not found in build context or excluded by .dockerignore: stat nosuch: file does not exist");
	fails(&shop, &(struct ask){ .sources = "/ignored", .dest = "/" },
	      "COPY failed: file not found in build context or excluded by .dockerignore: stat ignored: file does not exist");
	fails(&shop, &(struct ask){ .sources = "i", .dest = "/" },
	      "COPY failed: file not found in build context or excluded by .dockerignore: stat i: file does not exist");
	fails(&shop, &(struct ask){ .sources = "l", .dest = "/", .add = true },
	      "ADD failed: file not found in build context or excluded by .dockerignore: stat l: file does not exist");
	fails(&shop, &(struct ask){ .sources = "up/secret", .dest = "/" },
	      "COPY failed: file not found in build context or excluded by .dockerignore: stat up/secret: file does not exist");
	fails(&shop, &(struct ask){ .sources = "../secret", .dest = "/" },
	      "COPY failed: forbidden path outside the build context: ../secret ()");
	fails(&shop, &(struct ask){ .sources = "a/b", .dest = "/" },
	      "COPY failed: forbidden path outside the build context: a/b ()");
	fails(&shop, &(struct ask){ .sources = "loop", .dest = "/" },
	      "COPY failed: forbidden path outside the build context: loop ()");
	/* Links in a tree go along as they are; one that is named is followed. */
	gives(&shop, &(struct ask){ .sources = "up/a", .dest = "/b" },
	      "- 644 0:0 b = A\n");
	fails(&shop, &(struct ask){ .sources = "http://x/y", .dest = "/" },
	      "COPY failed: source can't be a URL for COPY");
}

static void a_socket_is_no_file_to_copy(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	OWN_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct scratch *scratch = *state;
	struct shop shop;

	shop_make(scratch, &shop);
	scratch_write(scratch, "ctx/s.txt", "S");
	(void)snprintf(address.sun_path, sizeof(address.sun_path),
		       "%.80s/ctx/s", scratch->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	fails(&shop, &(struct ask){ .sources = "s", .dest = "/x" },
	      "COPY failed: file not found in build context or excluded by .dockerignore: stat s: file does not exist");
	gives(&shop, &(struct ask){ .sources = "s*", .dest = "/x/" },
	      "d 755 0:0 x\n- 644 0:0 x/s.txt = S\n");
}

static void what_is_ignored_stays_out(void **state)
{
	struct shop shop;

	shop_make(*state, &shop);
	scratch_write(*state, "ctx/.dockerignore",
		      "*\n!docs/keep\n!src\n**/*.o\nDockerfile\n");
	scratch_write(*state, "ctx/docs/keep", "k");
	scratch_write(*state, "ctx/docs/other", "o");
	scratch_write(*state, "ctx/src/m.c", "c");
	scratch_write(*state, "ctx/src/m.o", "o");
	gives(&shop, &(struct ask){ .sources = ".", .dest = "/" },
	      "d 755 0:0 docs\n- 644 0:0 docs/keep = k\n"
	      "d 755 0:0 src\n- 644 0:0 src/m.c = c\n");
	gives(&shop, &(struct ask){ .sources = "*/*", .dest = "/x/" },
	      "d 755 0:0 x\n- 644 0:0 x/keep = k\n- 644 0:0 x/m.c = c\n");
}

/* ---- owners and modes ---- */

static void owners_are_looked_up_in_the_image(void **state)
{
	struct shop shop;
	OWN_FREE char *file = NULL;

	shop_make(*state, &shop);
	scratch_write(*state, "ctx/a", "A");
	file = scratch_path(*state, "ctx/a");
	assert_int_equal(chmod(file, 06755), 0);
	gives(&shop,
	      &(struct ask){ .sources = "a",
			     .dest = "/n/",
			     .on = "t",
			     .chown = "www" },
	      "d 755 33:34 n\n- 755 33:34 n/a = A\n");
	gives(&shop,
	      &(struct ask){
		      .sources = "a", .dest = "/n", .on = "t", .chown = "5" },
	      "- 755 5:5 n = A\n");
	gives(&shop,
	      &(struct ask){ .sources = "a",
			     .dest = "/n",
			     .on = "t",
			     .chown = "5:www",
			     .chmod = "4640" },
	      "- 640 5:34 n = A\n");
	fails(&shop,
	      &(struct ask){ .sources = "a",
			     .dest = "/n",
			     .on = "t",
			     .chown = "nosuch" },
	      "unable to convert uid/gid chown string to host mapping: can't find uid for user nosuch: no such user: nosuch");
	fails(&shop,
	      &(struct ask){
		      .sources = "a", .dest = "/n", .on = "t", .chown = ":33" },
	      "unable to convert uid/gid chown string to host mapping: can't find uid for user : no such user: ");
	fails(&shop,
	      &(struct ask){ .sources = "a", .dest = "/n", .chown = "x" },
	      "unable to convert uid/gid chown string to host mapping: can't find uid for user x: open /etc/passwd: no such file or directory");
	fails(&shop,
	      &(struct ask){ .sources = "a", .dest = "/n", .chmod = "64a" },
	      "invalid chmod parameter: '64a'. it should be octal string and between 0 and 07777");
}

static void files_of_an_image_keep_their_owners(void **state)
{
	struct shop shop;

	shop_make(*state, &shop);
	gives(&shop,
	      &(struct ask){ .sources = "/lib/f|/app/old",
			     .dest = "/n/",
			     .on = "t",
			     .from = "t" },
	      "d 755 0:0 n\n- 4755 7:8 n/f = lib\n- 644 0:0 n/old = old\n");
	gives(&shop,
	      &(struct ask){ .sources = "usr",
			     .dest = "/n",
			     .from = "t",
			     .chown = "1:2" },
	      "d 755 1:2 n\nd 755 1:2 n/lib\n- 755 1:2 n/lib/f = lib\n");
	fails(&shop,
	      &(struct ask){ .sources = "/nosuch", .dest = "/n", .from = "t" },
	      "COPY failed: stat nosuch: file does not exist");
}

static void a_tree_keeps_links_hard_links_and_fifos(void **state)
{
	struct shop shop;
	struct scratch *scratch = *state;
	OWN_FREE char *fifo = scratch_path(scratch, "ctx/d/p");

	shop_make(scratch, &shop);
	scratch_write(scratch, "ctx/d/a", "A");
	assert_int_equal(
		linkat(scratch->fd, "ctx/d/a", scratch->fd, "ctx/d/b", 0), 0);
	assert_int_equal(symlinkat("/etc/shadow", scratch->fd, "ctx/d/l"), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(chmod(fifo, 0600), 0);
	gives(&shop, &(struct ask){ .sources = "d", .dest = "/n" },
	      "d 755 0:0 n\n- 644 0:0 n/a = A\nh 644 0:0 n/b > n/a\n"
	      "l 777 0:0 n/l > /etc/shadow\np 600 0:0 n/p\n");
	gives(&shop, &(struct ask){ .sources = "d/a|d/b", .dest = "/n/" },
	      "d 755 0:0 n\n- 644 0:0 n/a = A\n- 644 0:0 n/b = A\n");
}

static void a_later_source_replaces_an_earlier_one(void **state)
{
	struct shop shop;
	struct scratch *scratch = *state;

	shop_make(scratch, &shop);
	assert_int_equal(mkdirat(scratch->fd, "ctx/1", 0755), 0);
	assert_int_equal(symlinkat("/etc", scratch->fd, "ctx/1/app"), 0);
	scratch_write(scratch, "ctx/2/app/f", "F");
	/* The link is gone when the folder comes, and nothing goes through it;
	 * the image's folder of the name, hidden by it, stays hidden. */
	gives(&shop, &(struct ask){ .sources = "1|2", .dest = "/", .on = "t" },
	      "l 777 0:0 app > /etc\nd 755 0:0 app\n"
	      "- 600 0:0 app/.wh..wh..opq\n- 644 0:0 app/f = F\n");
}

/* ---- heredocs ---- */

static void a_heredoc_is_a_file(void **state)
{
	struct shop shop;
	char name[] = "conf";
	char body[] = "a=1\n";
	struct heredoc heredoc = { .name = name, .body = body };

	shop_make(*state, &shop);
	gives(&shop,
	      &(struct ask){ .sources = "",
			     .dest = "/n/",
			     .heredoc = &heredoc,
			     .chown = "1" },
	      "d 755 1:1 n\n- 644 1:1 n/conf = a=1\n\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(a_file_becomes_its_destination),
		TEST_IN_SCRATCH(a_folder_gives_its_contents),
		TEST_IN_SCRATCH(several_sources_need_a_folder),
		TEST_IN_SCRATCH(nothing_outside_of_the_context_is_found),
		TEST_IN_SCRATCH(a_socket_is_no_file_to_copy),
		TEST_IN_SCRATCH(what_is_ignored_stays_out),
		TEST_IN_SCRATCH(owners_are_looked_up_in_the_image),
		TEST_IN_SCRATCH(files_of_an_image_keep_their_owners),
		TEST_IN_SCRATCH(a_tree_keeps_links_hard_links_and_fifos),
		TEST_IN_SCRATCH(a_later_source_replaces_an_earlier_one),
		TEST_IN_SCRATCH(a_heredoc_is_a_file),
	};

	return cmocka_run_group_tests_name("copy", tests, NULL, close_common);
}
