/* images/cp_path.h - what the end of a path means to `cp`.
 *
 * A '/' or '/.' at the end says "this is a folder", and "/." also "what is in it,
 * not itself". Cleaning a path loses both, so they are put back. By the text
 * alone. Source: Docker 20.10, pkg/archive/copy.go. All strings are given. */
#ifndef IMAGES_CP_PATH_H
#define IMAGES_CP_PATH_H

#include <stdbool.h>
#include <sys/types.h>

struct err;

/* `cleaned` with the end that `original` had. */
char *cp_path_keep_end(const char *cleaned, const char *original);

/* "." or ".../."; "x/" or "x/." */
bool cp_path_is_dot(const char *path);
bool cp_path_says_folder(const char *path);

/* "/a/b/" to "/a" and "b"; "/a/." to "/a" and "." . */
void cp_path_split(const char *path, char **out_dir, char **out_base);

/* Its last word: "/a/b/" gives "b", "/" itself. */
char *cp_path_base(const char *path);

/* `resolved` with the end of `path`, and in *out_rebase the name that the archive
 * is to have for it where that is another one; NULL where not. */
char *cp_path_rebase(const char *path, const char *resolved,
		     char **out_rebase);

/* Source or destination of a copy: what is known of it. */
struct cp_info {
	char *path;
	char *rebase; /* or NULL */
	bool exists;
	bool folder;
};
void cp_info_done(struct cp_info *info);
#define OWN_CP_INFO __attribute__((cleanup(cp_info_done)))

/* The rules: to which folder the archive goes, and under which name its first
 * entry. Docker's refusals: "cannot copy directory" (onto a file), "no such
 * directory" (a file to "nosuch/"). */
int cp_path_decide(const struct cp_info *from, const struct cp_info *to,
		   char **out_dir, char **out_name, struct err *err);

#endif
