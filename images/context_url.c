/* images/context_url.c - a build context that lies on a server: a tar, or a Dockerfile
 * alone. It is fetched whole, and then taken as if it came from standard input. What is
 * an address of Git's, Docker's client tells by its text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "images/context.h"
#include "images/context_private.h"
#include "images/fetch.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* "https://host/path.git", also with "#branch:folder" behind it; "git@host:path". */
static bool is_git(const char *path)
{
	size_t len = strcspn(path, "#");

	if (begins(path, "git://") || begins(path, "github.com/") ||
	    begins(path, "git@"))
		return true;
	return fetch_is_url(path) && len > 4 &&
	       strncmp(path + len - 4, ".git", 4) == 0;
}

bool context_is_elsewhere(const char *path)
{
	return fetch_is_url(path) || is_git(path);
}

static int refuse_git(const char *path, struct err *err)
{
	err_set(err, ENOTSUP,
		_("'%s' is a Git repository, and none is fetched here"), path);
	return err_hint(
		err,
		_("git clone it into a folder, and build that: git clone --depth 1 URL site; build site"));
}

int context_from_url(struct context *context,
		     const struct context_choice *choice, struct err *err)
{
	struct context_choice fetched_choice = *choice;
	struct fetched fetched = { 0 };
	OWN_FD int fd = -1;
	int r;

	if (is_git(choice->path))
		return refuse_git(choice->path, err);
	fd = fetch_open_file(context->home, err);
	if (fd < 0)
		return fd;
	r = fetch(choice->path, fd, choice->watch, &fetched, err);
	free(fetched.name);
	if (r < 0)
		return err->voice == ERR_OURS || r == -EINTR
			       ? r
			       : err_wrap(
					 err,
					 "unable to prepare context: unable to download remote context %s",
					 choice->path);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, "lseek");
	fetched_choice.path = "-";
	fetched_choice.input_fd = fd;
	return context_from_input(context, &fetched_choice, err);
}
