/* tests/tool_remove.c - removes folders that hold files of subordinate ids.
 *
 * What a container of a plain user wrote may belong to ids that rm cannot touch;
 * the tests clean up after themselves with this. */
#include <fcntl.h>
#include <stdio.h>

#include "runtime/base/err.h"
#include "runtime/userns.h"

int main(int argc, char **argv)
{
	struct err err = { 0 };
	int status = 0;

	for (int i = 1; i < argc; i++) {
		if (userns_remove_tree(AT_FDCWD, argv[i], &err) < 0) {
			fprintf(stderr, "remove %s: %s\n", argv[i], err.msg);
			status = 1;
		}
	}
	return status;
}
