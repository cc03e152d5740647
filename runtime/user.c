/* runtime/user.c - see user.h
 *
 * The rules are those of Docker's runtime: a name is looked up; a number counts
 * as it is, and as the passwd line with that uid where there is one; no group
 * means the passwd line's group, else 0. A numeric text that does not fit is an
 * error, never a name: an image could have a user called 4294967296 with uid 0. */
#include "runtime/user.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/userns.h"

enum { MAX_TEXT = 1 << 20 };

/* "12" to 12. Returns false for what is no number; *out_too_big: it is one that no
 * id can be. */
static bool as_number(const char *text, unsigned *out, bool *out_too_big)
{
	unsigned long value = 0;

	if (!*text)
		return false;
	if (*text == '-' && text[1] &&
	    strspn(text + 1, "0123456789") == strlen(text + 1)) {
		*out_too_big = true;
		return true;
	}
	for (const char *c = text; *c; c++) {
		if (!isdigit((unsigned char)*c))
			return false;
		value = value * 10 + (unsigned long)(*c - '0');
		if (value > INT_MAX) {
			*out_too_big = true;
			return true;
		}
	}
	*out = (unsigned)value;
	return true;
}

/* The whole file, NUL-terminated; given. "" where there is none, or where it is not a
 * plain file. Its descriptor stays open until exec: a start closes as little as it
 * can. */
static int load(int root_fd, const char *path, char **out_text,
		struct err *err)
{
	struct err none = { 0 };
	struct stat st;
	int fd = fs_open_beneath(root_fd, path, O_RDONLY | O_NONBLOCK, 0,
				 &none);
	size_t len = 0;
	ssize_t got = 0;

	*out_text = calloc(1, 1);
	if (!*out_text)
		return err_errno(err, "read %s", path);
	if (fd < 0)
		return 0;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (st.st_size > MAX_TEXT)
		return err_set(err, EFBIG, _("%s of the image is larger than 1 MiB"),
			       path);
	free(*out_text);
	*out_text = calloc(1, (size_t)st.st_size + 1);
	if (!*out_text)
		return err_errno(err, "read %s", path);
	while (len < (size_t)st.st_size &&
	       (got = read(fd, *out_text + len, (size_t)st.st_size - len)) > 0)
		len += (size_t)got;
	return got < 0 ? err_errno(err, "read %s", path) : 0;
}

/* Takes the next line of a colon-separated file apart, in place. Returns the
 * number of fields, 0 at the end. */
static int next_line(char **text, char *fields[], int most)
{
	char *line = *text;
	char *end;
	int count = 0;

	if (!*line)
		return 0;
	end = strchrnul(line, '\n');
	*text = *end ? end + 1 : end;
	*end = '\0';
	while (count < most) {
		fields[count++] = line;
		line = strchr(line, ':');
		if (!line)
			break;
		*line++ = '\0';
	}
	return count;
}

static bool fits(const char *name, const char *number, const char *wanted,
		 bool is_number, unsigned value)
{
	unsigned id = 0;
	bool too_big = false;

	if (!is_number)
		return strcmp(name, wanted) == 0;
	return as_number(number, &id, &too_big) && !too_big && id == value;
}

/* Fills uid, gid, home and the user's name from the passwd text. */
static int find_user(char *passwd, const char *wanted, struct user *out,
		     char *name, size_t name_size, struct err *err)
{
	bool too_big = false;
	unsigned value = 0;
	bool is_number = as_number(wanted, &value, &too_big);
	char *fields[7];
	int count;

	if (too_big)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "uids and gids must be in range 0-2147483647");
	while ((count = next_line(&passwd, fields, 7)) > 0) {
		unsigned uid = 0;
		unsigned gid = 0;

		if (count < 4 ||
		    !fits(fields[0], fields[2], wanted, is_number, value))
			continue;
		if (!as_number(fields[2], &uid, &too_big) ||
		    !as_number(fields[3], &gid, &too_big) || too_big)
			continue;
		out->uid = uid;
		out->gid = gid;
		if (count >= 6 && *fields[5])
			snprintf(out->home, sizeof(out->home), "%s", fields[5]);
		snprintf(name, name_size, "%s", fields[0]);
		return 0;
	}
	if (!is_number)
		return err_docker(err, ERR_DAEMON, ENOENT,
				  "unable to find user %s: no matching entries in passwd file",
				  wanted);
	out->uid = value;
	out->gid = 0;
	return 0;
}

static int find_group(char *group, const char *wanted, gid_t *out,
		      struct err *err)
{
	bool too_big = false;
	unsigned value = 0;
	bool is_number = as_number(wanted, &value, &too_big);
	char *fields[4];
	int count;

	if (too_big)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "uids and gids must be in range 0-2147483647");
	if (is_number) {
		*out = value;
		return 0;
	}
	while ((count = next_line(&group, fields, 4)) > 0) {
		unsigned gid = 0;

		if (count >= 3 && strcmp(fields[0], wanted) == 0 &&
		    as_number(fields[2], &gid, &too_big) && !too_big) {
			*out = gid;
			return 0;
		}
	}
	return err_docker(err, ERR_DAEMON, ENOENT,
			  "unable to find group %s: no matching entries in group file",
			  wanted);
}

static bool lists(char *members, const char *name)
{
	for (char *m = strtok(members, ","); m; m = strtok(NULL, ","))
		if (strcmp(m, name) == 0)
			return true;
	return false;
}

/* The groups whose lines name the user. */
static void add_memberships(char *group, const char *name, struct user *out)
{
	char *fields[4];
	int count;

	while (*name && (count = next_line(&group, fields, 4)) > 0) {
		unsigned gid = 0;
		bool too_big = false;

		if (count < 4 || !lists(fields[3], name) ||
		    !as_number(fields[2], &gid, &too_big) || too_big)
			continue;
		if (out->group_count < USER_MAX_GROUPS)
			out->groups[out->group_count++] = gid;
	}
}

int user_look_up(int root_fd, const char *text, struct user *out,
		 struct err *err)
{
	OWN_FREE char *passwd = NULL;
	OWN_FREE char *group = NULL;
	OWN_FREE char *wanted = strdup(text && *text ? text : "0");
	char name[256] = "";
	char *colon;
	int r;

	if (!wanted)
		return err_errno(err, "look up the user");
	*out = (struct user){ .home = "/" };
	colon = strchr(wanted, ':');
	if (colon) {
		*colon++ = '\0';
		colon[strcspn(colon, ":")] = '\0'; /* of "1:2:3" it is 1:2 */
	}
	r = load(root_fd, "etc/passwd", &passwd, err);
	/* Where there is one id, nobody can be put into further groups. */
	if (r == 0 && ((colon && *colon) || userns_kind() != USERNS_SINGLE))
		r = load(root_fd, "etc/group", &group, err);
	if (r < 0)
		return r;
	r = find_user(passwd, *wanted ? wanted : "0", out, name, sizeof(name),
		      err);
	if (r < 0)
		return r;
	if (colon && *colon)
		r = find_group(group, colon, &out->gid, err);
	/* The group itself stands among the further ones too, or a file that
	 * forbids it something could be reached by dropping it. CVE-2022-2989.
	 * A group that was asked for is the only one. */
	out->groups[out->group_count++] = out->gid;
	if (r == 0 && group && !(colon && *colon))
		add_memberships(group, name, out);
	return r;
}

static int add_group(int root_fd, const char *wanted, struct user *out,
		     struct err *err)
{
	OWN_FREE char *group = NULL;
	gid_t gid = 0;
	int r = load(root_fd, "etc/group", &group, err);

	if (r < 0)
		return r;
	r = find_group(group, wanted, &gid, err);
	if (r == -ENOENT)
		return err_docker(err, ERR_DAEMON, ENOENT,
				  "Unable to find group %s: no matching entries in group file",
				  wanted);
	if (r < 0)
		return r;
	for (size_t i = 0; i < out->group_count; i++)
		if (out->groups[i] == gid)
			return 0;
	if (out->group_count == USER_MAX_GROUPS)
		return err_set(err, E2BIG, _("more than %d groups"),
			       USER_MAX_GROUPS);
	out->groups[out->group_count++] = gid;
	return 0;
}

int user_add_groups(int root_fd, const struct strs *groups, struct user *out,
		    struct err *err)
{
	int r = 0;

	/* setgroups(2) is denied there, and would be silently left out. */
	if (groups->count && userns_kind() == USERNS_SINGLE) {
		err_set(err, EINVAL, _("this account has no further groups to give (--group-add %s)"),
			groups->items[0]);
		return err_hint(err, _("with subordinate ids it has; an administrator adds them by: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER"));
	}
	for (size_t i = 0; i < groups->count && r == 0; i++)
		r = add_group(root_fd, groups->items[i], out, err);
	return r;
}
