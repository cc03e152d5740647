/* shell/env_file.c - see env_file.h */
#include "shell/env_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/utf8.h"

enum { MAX_FILE = 16 << 20 };

static int read_line(const char *line, struct strs *out, struct err *err)
{
	const char *equals = strchr(line, '=');
	OWN_FREE char *name =
		mem_strn(line, equals ? (size_t)(equals - line) : strlen(line));

	if (!*name)
		err_docker(err, ERR_CLIENT, EINVAL,
			   "poorly formatted environment: no variable name on line '%s'",
			   line);
	else if (strpbrk(name, " \t\v\f\r"))
		err_docker(err, ERR_CLIENT, EINVAL,
			   "poorly formatted environment: variable '%s' contains whitespaces",
			   name);
	else
		strs_add(out, line);
	return err->code ? err_status(err, 125) : 0;
}

static bool is_utf8(const char *text)
{
	while (*text) {
		size_t len = utf8_len(text, UTF8_MOST);

		if (len == 0)
			return false;
		text += len;
	}
	return true;
}

/* Docker's words, with the bytes as Go prints them. */
static int check_utf8(const char *path, int number, const char *line,
		      struct err *err)
{
	OWN_BUF struct buf bytes = { 0 };

	if (is_utf8(line))
		return 0;
	for (const char *c = line; *c; c++)
		buf_fmt(&bytes, "%s%u", bytes.len ? " " : "",
			(unsigned)(unsigned char)*c);
	err_docker(err, ERR_CLIENT, EILSEQ,
		   "env file %s contains invalid utf8 bytes at line %d: [%s]",
		   path, number, buf_text(&bytes));
	return err_status(err, 125);
}

static int cannot_open(const char *path, int code, struct err *err)
{
	const char *why = strerror(code);

	if (code == ENOENT)
		why = "no such file or directory";
	else if (code == EACCES)
		why = "permission denied";
	else if (code == EISDIR)
		why = "is a directory";
	err_docker(err, ERR_CLIENT, code, "%s %s: %s",
		   code == EISDIR ? "read" : "open", path, why);
	return err_status(err, 125);
}

int env_file_read(const char *path, struct strs *out, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	struct err why = { 0 };
	char *at;
	int r = fs_read(AT_FDCWD, path, MAX_FILE, &text, &why);

	if (r < 0)
		return cannot_open(path, -r, err);
	at = text.len ? text.data : NULL;
	/* Some editors begin a file with a mark of its encoding. */
	if (at && strncmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	for (int number = 1; at && *at && r == 0; number++) {
		char *end = strchrnul(at, '\n');
		char *next = *end ? end + 1 : end;

		if (end > at && end[-1] == '\r')
			end--;
		*end = '\0';
		r = check_utf8(path, number, at, err);
		at += strspn(at, " \t\v\f");
		if (r == 0 && *at && *at != '#')
			r = read_line(at, out, err);
		at = next;
	}
	return r;
}

int env_file_collect(const struct strs *files, const struct strs *words,
		     struct strs *out, struct err *err)
{
	OWN_STRS struct strs all = { 0 };
	int r = 0;

	for (size_t i = 0; i < files->count && r == 0; i++)
		r = env_file_read(files->items[i], &all, err);
	if (r < 0)
		return r;
	strs_copy(&all, words);
	for (size_t i = 0; i < all.count; i++) {
		const char *item = all.items[i];
		const char *value;

		if (item[0] == '=') {
			err_docker(err, ERR_BARE, EINVAL,
				   "invalid argument \"%s\" for \"-e, --env\" flag: invalid environment variable: %s",
				   item, item);
			return err_status(err, 125);
		}
		value = strchr(item, '=') ? NULL : getenv(item);
		if (strchr(item, '='))
			strs_set_env(out, item);
		else if (value) {
			OWN_FREE char *one = mem_fmt("%s=%s", item, value);

			strs_set_env(out, one);
		}
	}
	return 0;
}
