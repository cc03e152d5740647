/* tests/test_context.c - what a build is given, and how much of it Docker's client
 * would say it sends. */
#include "images/context.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "images/context_size.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "tests/tarball.h"

static int open_folder(struct shop *shop, const char *folder,
		       const char *dockerfile, struct context **out,
		       struct err *err)
{
	OWN_FREE char *path = scratch_path(shop->scratch, folder);
	OWN_FREE char *file = dockerfile && strcmp(dockerfile, "-") != 0
				      ? scratch_path(shop->scratch, dockerfile)
				      : mem_str(dockerfile);
	OWN_FD int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const struct context_choice choice = { .path = path,
					       .dockerfile = file,
					       .input_fd = input };

	return context_open(&shop->home, &choice, out, err);
}

static int open_bytes(struct shop *shop, const struct buf *bytes,
		      const char *dockerfile, struct context **out,
		      struct err *err)
{
	OWN_FD int fd = tarball_fd(bytes);
	const struct context_choice choice = { .path = "-",
					       .dockerfile = dockerfile,
					       .input_fd = fd };

	return context_open(&shop->home, &choice, out, err);
}

static int64_t size_of(struct shop *shop, const char *folder,
		       const char *dockerfile)
{
	struct context *context = NULL;
	struct err err = { 0 };
	int64_t bytes;

	assert_ok(open_folder(shop, folder, dockerfile, &context, &err), &err);
	bytes = context_tar_bytes(context);
	context_close(context);
	return bytes;
}

static void dockerfile_is(struct context *context, const char *text)
{
	OWN_BUF struct buf out = { 0 };
	struct err err = { 0 };

	assert_ok(context_dockerfile(context, &out, &err), &err);
	assert_string_equal(buf_text(&out), text);
}

/* ---- sizes ---- */

static void a_dockerfile_alone_is_two_kilobytes(void **state)
{
	OWN_SHOP struct shop shop;
	struct scratch *scratch = *state;

	shop_open(scratch, &shop);
	scratch_write(scratch, "c/Dockerfile", "FROM scratch\n");
	assert_int_equal(size_of(&shop, "c", NULL), 2048);
	scratch_write(scratch, "c/a", "a");
	assert_int_equal(size_of(&shop, "c", NULL), 3072);
	scratch_mkdir(scratch, "c/d");
	assert_int_equal(size_of(&shop, "c", NULL), 3584);
	/* A second name has no content; what is ignored does not count, but the
	 * Dockerfile and .dockerignore do. */
	assert_int_equal(linkat(scratch->fd, "c/a", scratch->fd, "c/b", 0), 0);
	assert_int_equal(size_of(&shop, "c", NULL), 4096);
	scratch_write(scratch, "c/.dockerignore", "*\n");
	assert_int_equal(size_of(&shop, "c", NULL), 3072);
	/* One from elsewhere is put in, and a line of .dockerignore with it. */
	scratch_write(scratch, "other", "FROM scratch\n");
	assert_int_equal(size_of(&shop, "c", "other"), 3072);
	assert_int_equal(unlinkat(scratch->fd, "c/.dockerignore", 0), 0);
	assert_int_equal(size_of(&shop, "c", "other"), 4096 + 2048);
}

/* Source: Go 1.19, archive/tar. */
static void long_names_need_a_header_more(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[100] = '\0';
	assert_int_equal(context_size_entry(name, "", 1), 1024);
	name[100] = 'x';
	name[101] = '\0';
	assert_int_equal(context_size_entry(name, "", 1), 2048);
	name[50] = '/'; /* goes into two fields */
	assert_int_equal(context_size_entry(name, "", 1), 1024);
	assert_int_equal(context_size_entry("\xC3\xA4", "", 0), 1536);
	assert_int_equal(context_size_entry("l", name, 0), 1536);
	assert_int_equal(context_size_entry("big", "", (int64_t)8 << 30),
			 1536 + ((int64_t)8 << 30));
}

/* ---- folders ---- */

static void refuses_in_docker_s_words(void **state)
{
	static const char *const cases[][3] = {
		{ "nosuch", NULL, "path \"%s/nosuch\" not found" },
		{ "file", NULL, "context must be a directory: %s/file" },
		{ "empty", NULL,
		  "unable to evaluate symlinks in Dockerfile path: lstat %s/empty/Dockerfile: no such file or directory" },
		{ "c", "nosuch",
		  "unable to evaluate symlinks in Dockerfile path: lstat %s/nosuch: no such file or directory" },
	};
	OWN_SHOP struct shop shop;
	struct scratch *scratch = *state;

	shop_open(scratch, &shop);
	scratch_write(scratch, "file", "");
	scratch_mkdir(scratch, "empty");
	scratch_write(scratch, "c/Dockerfile", "FROM scratch\n");
	for (size_t i = 0; i < 4; i++) {
		const char *mark = strstr(cases[i][2], "%s");
		OWN_FREE char *want =
			mem_fmt("unable to prepare context: %.*s%s%s",
				(int)(mark - cases[i][2]), cases[i][2],
				scratch->path, mark + 2);
		struct context *context = NULL;
		struct err err = { 0 };

		assert_true(open_folder(&shop, cases[i][0], cases[i][1],
					&context, &err) < 0);
		assert_string_equal(err.msg, want);
		assert_null(context);
	}
}

static void a_git_repository_is_refused_by_name(void **state)
{
	static const char *const paths[] = { "https://host/a.git",
					     "http://host/a.git#main:sub",
					     "git@host:a", "git://host/a" };
	OWN_SHOP struct shop shop;

	shop_open(*state, &shop);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct context_choice choice = { .path = paths[i],
						       .input_fd = -1 };
		struct context *context = NULL;
		struct err err = { 0 };

		assert_int_equal(
			context_open(&shop.home, &choice, &context, &err),
			-ENOTSUP);
		assert_non_null(strstr(err.msg, paths[i]));
		assert_non_null(strstr(err.hint, "git clone"));
	}
}

static void checks_what_it_would_send(void **state)
{
	OWN_SHOP struct shop shop;
	struct scratch *scratch = *state;
	OWN_FREE char *secret = scratch_path(scratch, "c/secret");
	OWN_FREE char *want = mem_fmt(
		"error checking context: no permission to read from '%s'",
		secret);
	struct context *context = NULL;
	struct err err = { 0 };

	shop_open(scratch, &shop);
	scratch_write(scratch, "c/Dockerfile", "FROM scratch\n");
	scratch_write(scratch, "c/.dockerignore", "[\n");
	assert_int_equal(open_folder(&shop, "c", NULL, &context, &err),
			 -EINVAL);
	assert_string_equal(err.msg,
			    "error checking context: syntax error in pattern");
	assert_int_equal(unlinkat(scratch->fd, "c/.dockerignore", 0), 0);
	if (geteuid() == 0)
		return; /* root may read everything */
	scratch_write(scratch, "c/secret", "s");
	assert_int_equal(chmod(secret, 0), 0);
	assert_int_equal(open_folder(&shop, "c", NULL, &context, &err),
			 -EACCES);
	assert_string_equal(err.msg, want);
	/* Ignored, it is not asked for. */
	scratch_write(scratch, "c/.dockerignore", "secret\n");
	assert_true(size_of(&shop, "c", NULL) > 0);
}

static void finds_the_dockerfile(void **state)
{
	OWN_SHOP struct shop shop;
	struct scratch *scratch = *state;
	struct context *context = NULL;
	struct err err = { 0 };
	OWN_BUF struct buf out = { 0 };

	shop_open(scratch, &shop);
	scratch_write(scratch, "c/dockerfile", "FROM lower\n");
	scratch_write(scratch, "c/.dockerignore", "**\n");
	assert_ok(open_folder(&shop, "c", NULL, &context, &err), &err);
	dockerfile_is(context, "FROM lower\n");
	assert_int_equal(context_read(context, "dockerfile", 100, &out, &err),
			 -ENOENT);
	context_close(context);
	scratch_write(scratch, "c/sub/D", "FROM sub\n");
	assert_ok(open_folder(&shop, "c", "c/sub/D", &context, &err), &err);
	assert_string_equal(context_dockerfile_name(context), "sub/D");
	dockerfile_is(context, "FROM sub\n");
	context_close(context);
	/* A link that leads out is not followed by itself, only with -f. */
	scratch_write(scratch, "outside", "FROM outside\n");
	assert_int_equal(unlinkat(scratch->fd, "c/dockerfile", 0), 0);
	assert_int_equal(symlinkat("../outside", scratch->fd, "c/Dockerfile"),
			 0);
	assert_int_equal(open_folder(&shop, "c", NULL, &context, &err), -EXDEV);
	assert_non_null(strstr(err.msg, "leads out of the build context"));
	assert_ok(open_folder(&shop, "c", "c/Dockerfile", &context, &err),
		  &err);
	dockerfile_is(context, "FROM outside\n");
	context_close(context);
	/* So with .dockerignore. */
	assert_int_equal(unlinkat(scratch->fd, "c/.dockerignore", 0), 0);
	assert_int_equal(
		symlinkat("../outside", scratch->fd, "c/.dockerignore"), 0);
	assert_int_equal(open_folder(&shop, "c", "outside", &context, &err),
			 -EXDEV);
}

static void an_empty_dockerfile_is_none(void **state)
{
	OWN_SHOP struct shop shop;
	struct context *context = NULL;
	OWN_BUF struct buf out = { 0 };
	struct err err = { 0 };

	shop_open(*state, &shop);
	scratch_mkdir(*state, "c");
	assert_ok(open_folder(&shop, "c", "-", &context, &err), &err);
	assert_true(context_dockerfile(context, &out, &err) < 0);
	assert_string_equal(err.msg, "the Dockerfile (-) cannot be empty");
	context_close(context);
}

static void sockets_are_left_out_with_a_word(void **state)
{
	OWN_SHOP struct shop shop;
	struct scratch *scratch = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	OWN_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct context *context = NULL;
	struct err err = { 0 };

	shop_open(scratch, &shop);
	scratch_write(scratch, "c/Dockerfile", "FROM scratch\n");
	snprintf(address.sun_path, sizeof(address.sun_path), "%.80s/c/s",
		 scratch->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	assert_ok(open_folder(&shop, "c", NULL, &context, &err), &err);
	assert_int_equal(context_warnings(context)->count, 1);
	assert_non_null(
		strstr(context_warnings(context)->items[0],
		       "/c/s to tar: archive/tar: sockets not supported"));
	assert_int_equal(context_tar_bytes(context), 2048);
	context_close(context);
}

/* ---- standard input ---- */

static void a_tar_is_unpacked_and_gone_afterwards(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "./", .type = '5' },
		{ .name = "./Dockerfile", .type = '0', .content = "FROM x\n" },
		{ .name = "./d/a", .type = '0', .content = "A", .uid = 7 },
		{ .name = ".dockerignore",
		  .type = '0',
		  .content = "Dockerfile\nd\n" },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	OWN_BUF struct buf tar = { 0 };
	OWN_BUF struct buf out = { 0 };
	struct context *context = NULL;
	struct err err = { 0 };
	char command[PATH_MAX + 60];

	shop_open(*state, &shop);
	tarball_make(&tar, entries);
	assert_ok(open_bytes(&shop, &tar, NULL, &context, &err), &err);
	assert_int_equal(context_tar_bytes(context), (int64_t)tar.len);
	dockerfile_is(context, "FROM x\n");
	/* Who made the tar chose what is in it; only what made the build goes. */
	assert_ok(context_read(context, "/d/a", 10, &out, &err), &err);
	assert_string_equal(buf_text(&out), "A");
	assert_int_equal(context_read(context, "Dockerfile", 10, &out, &err),
			 -ENOENT);
	context_close(context);
	snprintf(command, sizeof(command), "test -z \"$(ls -A %s/layers)\"",
		 shop.home.path);
	assert_int_equal(test_shell(command), 0);
}

static void anything_else_is_a_dockerfile(void **state)
{
	OWN_SHOP struct shop shop;
	OWN_BUF struct buf text = { 0 };
	struct context *context = NULL;
	struct err err = { 0 };

	shop_open(*state, &shop);
	buf_str(&text, "FROM x\n");
	assert_ok(open_bytes(&shop, &text, NULL, &context, &err), &err);
	assert_int_equal(context_tar_bytes(context), 2048);
	dockerfile_is(context, "FROM x\n");
	context_close(context);
	assert_int_equal(open_bytes(&shop, &text, "-", &context, &err),
			 -EINVAL);
	assert_string_equal(
		err.msg,
		"invalid argument: can't use stdin for both build context and dockerfile");
}

static void hostile_tars_are_refused(void **state)
{
	static const struct tar_entry up[] = {
		{ .name = "../evil", .type = '0', .content = "e" }, { 0 }
	};
	static const struct tar_entry through[] = {
		{ .name = "l", .type = '2', .link = "../.." },
		{ .name = "l/evil", .type = '0', .content = "e" },
		{ .name = "Dockerfile", .type = '2', .link = "/etc/passwd" },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	OWN_BUF struct buf first = { 0 };
	OWN_BUF struct buf second = { 0 };
	OWN_BUF struct buf out = { 0 };
	struct context *context = NULL;
	struct err err = { 0 };

	shop_open(*state, &shop);
	tarball_make(&first, up);
	tarball_make(&second, through);
	assert_true(open_bytes(&shop, &first, NULL, &context, &err) < 0);
	assert_string_equal(
		err.msg,
		"Error processing tar file(exit status 1): \"../evil\" is outside of \"/\"");
	assert_ok(open_bytes(&shop, &second, NULL, &context, &err), &err);
	assert_ok(context_read(context, "evil", 10, &out, &err), &err);
	assert_true(context_dockerfile(context, &out, &err) < 0);
	context_close(context);
	assert_false(scratch_has(*state, "home/layers/evil"));
	assert_false(scratch_has(*state, "evil"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(a_dockerfile_alone_is_two_kilobytes),
		TEST(long_names_need_a_header_more),
		TEST_IN_SCRATCH(refuses_in_docker_s_words),
		TEST_IN_SCRATCH(a_git_repository_is_refused_by_name),
		TEST_IN_SCRATCH(checks_what_it_would_send),
		TEST_IN_SCRATCH(finds_the_dockerfile),
		TEST_IN_SCRATCH(an_empty_dockerfile_is_none),
		TEST_IN_SCRATCH(sockets_are_left_out_with_a_word),
		TEST_IN_SCRATCH(a_tar_is_unpacked_and_gone_afterwards),
		TEST_IN_SCRATCH(anything_else_is_a_dockerfile),
		TEST_IN_SCRATCH(hostile_tars_are_refused),
	};

	return cmocka_run_group_tests_name("context", tests, NULL, NULL);
}
