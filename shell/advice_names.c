/* shell/advice_names.c - see advice.h: a name that is none
 *
 * Pages write `exec -it <container> sh`, where a name of one's own is to stand; and
 * `all`, or two names with a comma between, look like names and are not. */
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/advice.h"
#include "shell/advice_parts.h"
#include "shell/cmd.h"
#include "shell/near.h"

static const char *called(const struct shell *shell)
{
	return shell->args && shell->args->called ? shell->args->called : "";
}

bool advice_stands_for_another(const char *word)
{
	static const char *const words[] = { "CONTAINER", "CONTAINER_ID",
					     "CONTAINERID", "ID", "IMAGE",
					     "IMAGE_ID", "IMAGEID", "NAME",
					     "NETWORK", "VOLUME", NULL };
	size_t len = strlen(word);

	if (len > 2 && ((word[0] == '[' && word[len - 1] == ']') ||
			(word[0] == '{' && word[len - 1] == '}') ||
			(word[0] == '<' && word[len - 1] == '>')))
		return true;
	for (size_t i = 0; words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

void advice_on_stand_in(const char *word, struct err *err)
{
	err_hint(err, _("'%s' stands for a name or an id: put the one you mean in its place"),
		 word);
}

/* ---- containers ---- */

/* `rm`, `stop` and their like take any number of names, and no word for all. Nobody is
 * led to remove everything from within a lesson. */
bool advice_on_all(const struct shell *shell, const char *called_as,
		   struct err *err)
{
	bool removes = strcmp(called_as, "rm") == 0 ||
		       strcmp(called_as, "container rm") == 0;

	if (removes && shell->lesson)
		return false;
	if (removes)
		err_hint(err, _("all that have ended: 'container prune'; all there are: 'rm -f $(docker ps -aq)'"));
	else
		err_hint(err, _("all that run: '%s $(docker ps -q)'"),
			 called_as);
	return true;
}

bool advice_on_no_name(const struct shell *shell, const char *typed,
		       struct err *err)
{
	if (advice_stands_for_another(typed)) {
		advice_on_stand_in(typed, err);
	} else if (strcmp(typed, "all") == 0 || strcmp(typed, "*") == 0) {
		return advice_on_all(shell, called(shell), err);
	} else if (strchr(typed, ',')) {
		OWN_FREE char *apart = mem_str(typed);

		for (char *p = apart; *p; p++)
			if (*p == ',')
				*p = ' ';
		err_hint(err, _("names stand apart, with a blank between: '%s %s'"),
			 called(shell), apart);
	} else {
		return false;
	}
	return true;
}

/* ---- images ---- */

/* `-v data /data busybox`: the place in the container was torn off. */
static const char *half_of_volume(const struct shell *shell)
{
	char *const *words = shell->said;

	for (; words && words[0] && words[1]; words++)
		if ((strcmp(words[0], "-v") == 0 ||
		     strcmp(words[0], "--volume") == 0) &&
		    !strchr(words[1], ':') && words[1][0] != '/')
			return words[1];
	return NULL;
}

void advice_on_reference(const struct shell *shell, struct err *err)
{
	const char *first = shell->args && shell->args->count > 0
				    ? shell->args->words[0]
				    : "";
	const char *half = half_of_volume(shell);

	if (advice_stands_for_another(first))
		advice_on_stand_in(first, err);
	else if (strcmp(first, "=") == 0)
		err_hint(err, _("no blank stands around '=': NAME=value is one word"));
	else if (half)
		err_hint(err, _("'%s' was taken for all of -v, which is one word: -v data:/data; a folder of this machine begins with / or ./"),
			 half);
	else
		err_hint(err, _("an image is NAME or NAME:TAG, as in busybox:latest; flags stand before it"));
}

/* ---- places ---- */

static bool says_mount(const struct shell *shell)
{
	for (char *const *w = shell->said; w && *w; w++)
		if (strncmp(*w, "--mount", strlen("--mount")) == 0)
			return true;
	return false;
}

void advice_on_mount(const struct shell *shell, struct err *err)
{
	if (says_mount(shell))
		err_hint(err, _("as in --mount type=volume,src=data,dst=/data; a folder: --mount type=bind,src=$PWD,dst=/data"));
	else
		err_hint(err, _("-v wants two names, of the volume or folder and of the place in the container, which begins with /: -v data:/data"));
}

/* "no such directory": cp does not look whether there is such a container. */
void advice_on_place(const struct shell *shell, struct err *err)
{
	const char *to = shell->args && shell->args->count > 1
				 ? shell->args->words[1]
				 : "";
	OWN_FREE char *name = mem_strn(to, strcspn(to, ":"));

	if (strchr(to, ':') && !near_is_container(shell, name))
		near_container(shell, name, err);
	else
		err_hint(err, _("a place that ends in / is a folder, which must be there; without the / it is the file's new name"));
}
