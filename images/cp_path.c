/* images/cp_path.c - see cp_path.h */
#include "images/cp_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

static bool ends_with_slash(const char *path)
{
	size_t len = strlen(path);

	return len > 0 && path[len - 1] == '/';
}

/* As Go's filepath.Base: "" is ".", slashes at the end do not count. */
char *cp_path_base(const char *path)
{
	size_t len = strlen(path);
	size_t start;

	if (len == 0)
		return mem_str(".");
	while (len > 0 && path[len - 1] == '/')
		len--;
	if (len == 0)
		return mem_str("/");
	for (start = len; start > 0 && path[start - 1] != '/'; start--)
		;
	return mem_strn(path + start, len - start);
}

bool cp_path_is_dot(const char *path)
{
	OWN_FREE char *base = cp_path_base(path);

	return strcmp(base, ".") == 0;
}

bool cp_path_says_folder(const char *path)
{
	return ends_with_slash(path) || cp_path_is_dot(path);
}

char *cp_path_keep_end(const char *cleaned, const char *original)
{
	struct buf out = { 0 };

	buf_str(&out, cleaned);
	if (!cp_path_is_dot(cleaned) && cp_path_is_dot(original)) {
		if (!ends_with_slash(out.data))
			buf_char(&out, '/');
		buf_char(&out, '.');
	}
	if (!ends_with_slash(out.data) && ends_with_slash(original))
		buf_char(&out, '/');
	return buf_give(&out);
}

void cp_path_split(const char *path, char **out_dir, char **out_base)
{
	OWN_FREE char *cleaned = fs_clean_path(path);
	OWN_FREE char *whole = cp_path_is_dot(path) ?
				       mem_fmt("%s/.", cleaned) :
				       mem_str(cleaned);
	const char *slash = strrchr(whole, '/');
	OWN_FREE char *dir = slash ? mem_strn(whole, (size_t)(slash - whole) + 1) :
				     mem_str(".");

	*out_dir = fs_clean_path(dir);
	*out_base = cp_path_base(whole);
}

char *cp_path_rebase(const char *path, const char *resolved, char **out_rebase)
{
	struct buf out = { 0 };
	OWN_FREE char *base = cp_path_base(path);
	OWN_FREE char *resolved_base = NULL;

	buf_str(&out, resolved);
	if (cp_path_is_dot(path) && !cp_path_is_dot(resolved))
		buf_str(&out, "/.");
	if (ends_with_slash(path) && !ends_with_slash(resolved))
		buf_char(&out, '/');
	resolved_base = cp_path_base(out.data);
	*out_rebase = strcmp(base, resolved_base) != 0 ? mem_str(base) : NULL;
	return buf_give(&out);
}

void cp_info_done(struct cp_info *info)
{
	free(info->path);
	free(info->rebase);
	*info = (struct cp_info){ 0 };
}

int cp_path_decide(const struct cp_info *from, const struct cp_info *to,
		   char **out_dir, char **out_name, struct err *err)
{
	OWN_FREE char *from_dir = NULL;
	OWN_FREE char *from_base = NULL;
	OWN_FREE char *to_dir = NULL;
	OWN_FREE char *to_base = NULL;

	cp_path_split(from->path, &from_dir, &from_base);
	cp_path_split(to->path, &to_dir, &to_base);
	if (to->exists && to->folder) {
		*out_dir = mem_str(to->path);
		*out_name = mem_str(from->rebase ? from->rebase : from_base);
		return 0;
	}
	if (to->exists && from->folder)
		return err_docker(err, ERR_BARE, ENOTDIR,
				  "cannot copy directory");
	if (!to->exists && !from->folder && cp_path_says_folder(to->path))
		return err_docker(err, ERR_BARE, ENOENT, "no such directory");
	*out_dir = own_give_ptr(&to_dir);
	*out_name = own_give_ptr(&to_base);
	return 0;
}
