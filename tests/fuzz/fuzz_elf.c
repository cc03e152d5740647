/* tests/fuzz/fuzz_elf.c - any file as a program: no crash, and a failure always
 * says why. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "images/elf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN_FD int fd = memfd_create("elf", MFD_CLOEXEC);
	OWN_ELF struct elf elf = { 0 };
	struct err err = { 0 };

	if (fs_write_all(fd, data, size) < 0)
		return 0;
	if (elf_read(fd, &elf, &err) < 0 && (err.code <= 0 || !err.msg[0]))
		abort();
	return 0;
}
