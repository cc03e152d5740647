/* images/elf.h - what a program asks for before its first instruction runs.
 *
 * Owns the reading of an ELF file's headers: which loader starts it and which
 * libraries that loader is to bring. The file is read and never run.
 *
 *   header -> program headers -> PT_INTERP   "/lib64/ld-linux-x86-64.so.2"
 *                            \-> PT_DYNAMIC  DT_NEEDED  "libc.so.6", ...
 *                                            DT_RUNPATH "$ORIGIN/../lib", ...
 *
 * Source: elf(5); ld.so(8). */
#ifndef IMAGES_ELF_H
#define IMAGES_ELF_H

#include <stdbool.h>

#include "runtime/base/list.h"

struct err;

/* interp     the loader; NULL where the kernel starts the program itself: then it
 *            is static, or it is a library
 * needed     names of libraries
 * run_paths  folders to look for them first, as they are written there
 * bits       32 or 64; machine: EM_X86_64 ... */
struct elf {
	char *interp;
	struct strs needed;
	struct strs run_paths;
	int bits;
	int machine;
};

void elf_done(struct elf *elf);
#define OWN_ELF __attribute__((cleanup(elf_done)))

/* Returns 1, or 0 for a file that is no ELF program of this machine's byte order.
 * fd is borrowed. -EINVAL for one that is damaged. */
int elf_read(int fd, struct elf *out, struct err *err);

#endif
