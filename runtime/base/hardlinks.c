/* runtime/base/hardlinks.c - see hardlinks.h */
#include "runtime/base/hardlinks.h"

#include <search.h>
#include <stdlib.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"

struct file {
	dev_t device;
	ino_t inode;
	char *name;
};

static int compare(const void *a, const void *b)
{
	const struct file *x = a;
	const struct file *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static void free_file(void *arg)
{
	struct file *file = arg;

	free(file->name);
	free(file);
}

const char *hardlinks_first(struct hardlinks *links, const struct stat *st,
			    const char *name)
{
	struct file *file = mem_zero(1, sizeof(*file));
	struct file **found;

	file->device = st->st_dev;
	file->inode = st->st_ino;
	found = tsearch(file, &links->tree, compare);
	if (found && *found != file) {
		free(file);
		return (*found)->name;
	}
	file->name = mem_str(name);
	return NULL;
}

bool hardlinks_met(struct hardlinks *links, const struct stat *st)
{
	return hardlinks_first(links, st, "");
}

void hardlinks_done(struct hardlinks *links)
{
	tdestroy(own_give_ptr(&links->tree), free_file);
}
