/* images/elf.c - see elf.h
 *
 * Files of 32 bits are read into the structs of 64, so that the rest need not
 * know of them. Every offset is the file's own word: each read is bounded, and one
 * that leads past the end finds nothing. */
#include "images/elf.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum {
	MAX_HEADERS = 512,
	MAX_DYNAMIC = 4096,
	MAX_NAME = 4096,
};

#if __BYTE_ORDER == __LITTLE_ENDIAN
static const unsigned char own_order = ELFDATA2LSB;
#else
static const unsigned char own_order = ELFDATA2MSB;
#endif

/* A file under reading. */
struct reader {
	int fd;
	bool narrow; /* of 32 bits */
	Elf64_Phdr *headers;
	size_t header_count;
	Elf64_Dyn *dynamic;
	size_t dynamic_count;
};

void elf_done(struct elf *elf)
{
	free(elf->interp);
	strs_done(&elf->needed);
	strs_done(&elf->run_paths);
	*elf = (struct elf){ 0 };
}

static int damaged(struct err *err)
{
	return err_set(err, EINVAL, _("its ELF headers are damaged"));
}

static bool read_at(const struct reader *reader, void *out, size_t len,
		    uint64_t offset)
{
	return offset <= INT64_MAX - len &&
	       pread(reader->fd, out, len, (off_t)offset) == (ssize_t)len;
}

/* ---- headers ---- */

static bool read_header(struct reader *reader, Elf64_Ehdr *out)
{
	Elf32_Ehdr narrow;

	if (!reader->narrow)
		return read_at(reader, out, sizeof(*out), 0);
	if (!read_at(reader, &narrow, sizeof(narrow), 0))
		return false;
	out->e_machine = narrow.e_machine;
	out->e_phoff = narrow.e_phoff;
	out->e_phnum = narrow.e_phnum;
	out->e_phentsize = narrow.e_phentsize;
	return true;
}

static bool read_segment(const struct reader *reader, uint64_t offset,
			 Elf64_Phdr *out)
{
	Elf32_Phdr narrow;

	if (!reader->narrow)
		return read_at(reader, out, sizeof(*out), offset);
	if (!read_at(reader, &narrow, sizeof(narrow), offset))
		return false;
	out->p_type = narrow.p_type;
	out->p_offset = narrow.p_offset;
	out->p_vaddr = narrow.p_vaddr;
	out->p_filesz = narrow.p_filesz;
	return true;
}

static bool read_segments(struct reader *reader, const Elf64_Ehdr *header)
{
	size_t size = reader->narrow ? sizeof(Elf32_Phdr) : sizeof(Elf64_Phdr);

	if (header->e_phnum > MAX_HEADERS || header->e_phentsize != size)
		return header->e_phnum == 0;
	reader->headers =
		mem_zero(header->e_phnum + 1U, sizeof(*reader->headers));
	reader->header_count = header->e_phnum;
	for (size_t i = 0; i < reader->header_count; i++)
		if (!read_segment(reader, header->e_phoff + i * size,
				  &reader->headers[i]))
			return false;
	return true;
}

static const Elf64_Phdr *segment_of(const struct reader *reader, uint32_t type)
{
	for (size_t i = 0; i < reader->header_count; i++)
		if (reader->headers[i].p_type == type)
			return &reader->headers[i];
	return NULL;
}

/* Where in the file lies what is at that address in memory; 0: nowhere. */
static uint64_t offset_of(const struct reader *reader, uint64_t address)
{
	for (size_t i = 0; i < reader->header_count; i++) {
		const Elf64_Phdr *h = &reader->headers[i];

		if (h->p_type == PT_LOAD && address >= h->p_vaddr &&
		    address - h->p_vaddr < h->p_filesz)
			return address - h->p_vaddr + h->p_offset;
	}
	return 0;
}

/* A text that ends within MAX_NAME bytes. Given, or NULL. */
static char *read_text(const struct reader *reader, uint64_t offset)
{
	char text[MAX_NAME];
	ssize_t got = offset > INT64_MAX ? -1 :
					   pread(reader->fd, text, sizeof(text),
						 (off_t)offset);

	if (got <= 0 || !memchr(text, '\0', (size_t)got))
		return NULL;
	return mem_str(text);
}

/* ---- the dynamic section ---- */

static bool read_dynamic(struct reader *reader)
{
	const Elf64_Phdr *h = segment_of(reader, PT_DYNAMIC);
	size_t size = reader->narrow ? sizeof(Elf32_Dyn) : sizeof(Elf64_Dyn);

	if (!h)
		return true;
	reader->dynamic_count = h->p_filesz / size;
	if (reader->dynamic_count > MAX_DYNAMIC)
		return false;
	reader->dynamic = mem_zero(reader->dynamic_count + 1,
				   sizeof(*reader->dynamic));
	for (size_t i = 0; i < reader->dynamic_count; i++) {
		Elf64_Dyn *d = &reader->dynamic[i];
		uint64_t offset = h->p_offset + i * size;
		Elf32_Dyn narrow = { 0 };

		if (!read_at(reader,
			     reader->narrow ? (void *)&narrow : (void *)d, size,
			     offset))
			return false;
		if (reader->narrow) {
			d->d_tag = narrow.d_tag;
			d->d_un.d_val = narrow.d_un.d_val;
		}
		if (d->d_tag == DT_NULL)
			reader->dynamic_count = i;
	}
	return true;
}

static bool take_dynamic(const struct reader *reader, struct elf *out)
{
	uint64_t strings = 0;

	for (size_t i = 0; i < reader->dynamic_count; i++)
		if (reader->dynamic[i].d_tag == DT_STRTAB)
			strings = offset_of(reader,
					    reader->dynamic[i].d_un.d_ptr);
	for (size_t i = 0; i < reader->dynamic_count; i++) {
		const Elf64_Dyn *d = &reader->dynamic[i];
		OWN_FREE char *text = NULL;

		if (d->d_tag != DT_NEEDED && d->d_tag != DT_RPATH &&
		    d->d_tag != DT_RUNPATH)
			continue;
		text = strings && d->d_un.d_val <= INT32_MAX ?
			       read_text(reader, strings + d->d_un.d_val) :
			       NULL;
		if (!text)
			return false;
		if (d->d_tag == DT_NEEDED)
			strs_add(&out->needed, text);
		else
			strs_split(&out->run_paths, text, ':');
	}
	return true;
}

static int read_all(struct reader *reader, struct elf *out, struct err *err)
{
	Elf64_Ehdr header = { 0 };
	const Elf64_Phdr *interp;

	if (!read_header(reader, &header) || !read_segments(reader, &header) ||
	    !read_dynamic(reader))
		return damaged(err);
	out->bits = reader->narrow ? 32 : 64;
	out->machine = header.e_machine;
	interp = segment_of(reader, PT_INTERP);
	if (interp)
		out->interp = read_text(reader, interp->p_offset);
	if ((interp && !out->interp) || !take_dynamic(reader, out))
		return damaged(err);
	return 1;
}

int elf_read(int fd, struct elf *out, struct err *err)
{
	struct reader reader = { .fd = fd };
	OWN_ELF struct elf elf = { 0 };
	unsigned char ident[EI_NIDENT];
	int r;

	if (!read_at(&reader, ident, sizeof(ident), 0) ||
	    memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_DATA] != own_order)
		return 0;
	reader.narrow = ident[EI_CLASS] == ELFCLASS32;
	r = read_all(&reader, &elf, err);
	free(reader.headers);
	free(reader.dynamic);
	if (r == 1) {
		*out = elf;
		elf = (struct elf){ 0 };
	}
	return r;
}
