/* tests/test_elf.c - what a program asks for, read from its file. */
#include "images/elf.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "images/ld_cache.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "tests/test.h"

/* Of the bytes, as a file. */
static int read_bytes(const char *bytes, size_t len, struct elf *out,
		      struct err *err)
{
	OWN_FD int fd = memfd_create("elf", MFD_CLOEXEC);

	assert_int_equal(fs_write_all(fd, bytes, len), 0);
	return elf_read(fd, out, err);
}

static void this_program_asks_for_its_loader_and_libc(void **state)
{
	OWN_FD int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	OWN_ELF struct elf elf = { 0 };
	struct ld_cache cache = { 0 };
	OWN_STRS struct strs none = { 0 };
	OWN_FREE char *libc = NULL;
	const char *name = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(elf_read(fd, &elf, &err), 1);
	assert_non_null(elf.interp);
	assert_int_equal(elf.interp[0], '/');
	for (size_t i = 0; i < elf.needed.count; i++)
		if (strncmp(elf.needed.items[i], "libc.", 5) == 0)
			name = elf.needed.items[i];
	assert_non_null(name);
	ld_cache_read(&cache);
	libc = ld_cache_find(&cache, name, &elf, &none);
	assert_non_null(libc);
	assert_int_equal(access(libc, R_OK), 0);
	assert_null(ld_cache_find(&cache, "libno-such.so.9", &elf, &none));
	ld_cache_done(&cache);
}

static void anything_else_is_no_program(void **state)
{
	OWN_ELF struct elf elf = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(read_bytes("", 0, &elf, &err), 0);
	assert_int_equal(read_bytes("#!/bin/sh\necho", 14, &elf, &err), 0);
	assert_int_equal(read_bytes("\x7f" "ELF", 4, &elf, &err), 0);
}

/* Every byte of its headers once wrong: an answer or a failure with a message. */
static void damaged_headers_lead_nowhere(void **state)
{
	OWN_BUF struct buf whole = { 0 };
	OWN_FD int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	OWN_FD int fd = memfd_create("elf", MFD_CLOEXEC);
	char *bytes = buf_room(&whole, 64 << 10);
	ssize_t len = read(self, bytes, 64 << 10);

	(void)state;
	assert_true(len > 1024);
	assert_int_equal(fs_write_all(fd, bytes, (size_t)len), 0);
	for (off_t i = 4; i < 1024; i++) {
		OWN_ELF struct elf elf = { 0 };
		struct err err = { 0 };
		char wrong = (char)~bytes[i];
		int r;

		assert_int_equal(pwrite(fd, &wrong, 1, i), 1);
		r = elf_read(fd, &elf, &err);
		assert_true(r >= 0 || (err.code > 0 && err.msg[0]));
		assert_int_equal(pwrite(fd, &bytes[i], 1, i), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(this_program_asks_for_its_loader_and_libc),
		TEST(anything_else_is_no_program),
		TEST(damaged_headers_lead_nowhere),
	};

	return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
