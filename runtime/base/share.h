/* runtime/base/share.h - where the files that come with the program lie.
 *
 * Owns the search for the folder that holds base/ (the base images' archives and
 * base.json, see images/base/make), lessons/ and locale/ (gettext's catalogues,
 * domain "dockershell"). It is found from the program's own place, so that an
 * installation can be moved and the program runs from where it was built. */
#ifndef RUNTIME_BASE_SHARE_H
#define RUNTIME_BASE_SHARE_H

/* The folder's absolute path; borrowed, it stays. Tried in this order, the
 * first that has a base/ counts:
 *   $DOCKERSHELL_SHARE
 *   <program>/../share/dockershell   installed: PREFIX/bin/dockershell
 *   <program>/build/share            built: ./dockershell
 *   <program>/../share               built: build/asan/dockershell
 *   <program>/../../share            built: build/asan/tests/test_x
 * where <program> is the folder of /proc/self/exe. With none of them there, the
 * one of an installation is the answer, for a message to name. */
const char *share_path(void);

/* It is to be found there from now on: for who has gone to another root. */
void share_move(const char *path);

/* "<share>/<name>"; given, to be freed. */
char *share_file(const char *name);

#endif
