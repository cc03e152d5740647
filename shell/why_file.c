/* shell/why_file.c - see why.h: NAME:/path, and files of the machine.
 *
 *   is something mounted over it?         the container's mounts
 *   what does the container see?          images/look.h
 *   which layer hides it, or has it?      images/stack.h */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/stack.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/mount_spec.h"
#include "runtime/userns.h"
#include "shell/cmd.h"
#include "shell/stack_view.h"
#include "shell/why.h"

enum { OVERFLOW_ID = 65534 }; /* what an id that is not mapped shows as */

/* What is known of the path; looked up by each cause anew, which costs a millisecond. */
static bool look(const struct why *why, struct look_file *out)
{
	struct look_place place;
	struct err ignored = { 0 };

	if (!why_place(why, &place))
		return false;
	place.user = why->container ? why->container->spec.user :
				      why->image.config.user;
	return look_at(&place, why->path, out, &ignored) == 0;
}

static int read_stack(const struct why *why, struct stack *out)
{
	struct err ignored = { 0 };

	return why->container ?
		       stack_read(why->shell->store, why->container->spec.id,
				  STACK_OF_CONTAINER, out, &ignored) :
		       stack_read(why->shell->store, why->image.id,
				  STACK_OF_IMAGE, out, &ignored);
}

/* "layer 3 (RUN rm -r /x)"; given. Counted from the lowest, 1, as `layers` does. */
static char *layer_text(const struct stack *stack, uint32_t layer)
{
	const struct stack_layer *l = &stack->layers[layer];

	return l->writable ?
		       mem_fmt(_("layer %u, the container's own"), layer + 1) :
		       mem_fmt(_("layer %u (%.80s)"), layer + 1,
			       *l->created_by ? l->created_by : "?");
}

/* ---- mounts ---- */

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 &&
	       (path[len] == '\0' || path[len] == '/') && len > 1;
}

static bool find_mount(const struct why *why, const char *path,
		       struct mount_spec *out)
{
	const struct strs *mounts = &why->container->spec.mounts;
	struct err ignored = { 0 };

	for (size_t i = mounts->count; i-- > 0;) {
		if (mount_spec_read(mounts->items[i], out, &ignored) == 0 &&
		    out->target && is_below(path, out->target))
			return true;
		mount_spec_done(out);
	}
	return false;
}

static enum why_answer covered(struct why *why, struct why_finding *f)
{
	OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
	OWN_STACK struct stack stack = { 0 };
	OWN_FREE struct look_file *file = mem_zero(1, sizeof(*file));
	int32_t at = -1;

	if (!why->container || !find_mount(why, why->path, &mount) ||
	    !look(why, file))
		return WHY_NOT;
	if (read_stack(why, &stack) == 0)
		at = stack_find(&stack, why->path);
	if (at >= 0)
		at = stack_seen(&stack, at);
	why_fact(f, WHY_FROM_RECORD, _("a %s is mounted on %s: %s"), mount.type,
		 mount.target, mount.source ? mount.source : mount.type);
	why_next(f, "inspect -f '{{json .Mounts}}' %s", why_name(why));
	if (file->code == 0) {
		why_fact(f, WHY_FROM_FILES, _("%s: there, from that mount, owner %u, mode %04o"),
			 file->path, file->uid, file->mode & 07777);
		if (at < 0)
			return why_say(f, _("%s comes from the %s that is mounted on %s, not from the image"),
				       why->path, mount.type, mount.target);
	} else {
		why_fact(f, WHY_FROM_FILES, _("%s: not there"), why->path);
	}
	if (at < 0)
		return why_say(f, _("%s is not in the %s that is mounted on %s; the image does not have it either"),
			       why->path, mount.type, mount.target);
	{
		OWN_FREE char *layer =
			layer_text(&stack, stack.items[at].layer);

		why_fact(f, WHY_FROM_IMAGE, _("%s has it"), layer);
	}
	why_fix(f, _("the image's own file is unharmed: without that mount it is seen again"));
	return why_say(f, _("%s of the image is covered: a %s is mounted on %s, and what lies below a mount is not seen"),
		       why->path, mount.type, mount.target);
}

/* What the runtime mounts itself at each start is not among the layers, and what lies
 * in it is the running container's alone. */
static enum why_answer kernels_own(struct why *why, struct why_finding *f)
{
	static const char *const folders[] = { "/proc", "/sys", "/dev" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (!is_below(why->path, folders[i]))
			continue;
		why_fact(f, WHY_FROM_PROC, _("%s is mounted anew at each start; no layer holds what is in it"),
			 folders[i]);
		if (why->container && why->container->status == CONTAINER_RUNNING)
			why_next(f, "exec %s ls -ld %s", why_name(why),
				 why->path);
		else
			why_next(f, "run --rm busybox ls -ld %s", why->path);
		return why_say(f, _("%s is no file of an image: %s shows the running kernel's own, as this container may see it"),
			       why->path, folders[i]);
	}
	return WHY_NOT;
}

static enum why_answer in_tmpfs(struct why *why, struct why_finding *f)
{
	const struct strs *tmpfs =
		why->container ? &why->container->spec.tmpfs : NULL;

	for (size_t i = 0; tmpfs && i < tmpfs->count; i++) {
		OWN_FREE char *folder = mem_strn(
			tmpfs->items[i], strcspn(tmpfs->items[i], ":"));

		if (!is_below(why->path, folder))
			continue;
		why_fact(f, WHY_FROM_RECORD, _("--tmpfs %s"), tmpfs->items[i]);
		why_next(f, "inspect -f '{{json .HostConfig.Tmpfs}}' %s",
			 why_name(why));
		return why_say(f, _("%s lies in a tmpfs, which is memory: it covers what the image has there, and is empty at each start"),
			       why->path);
	}
	return WHY_NOT;
}

/* ---- not there ---- */

/* The word as it was given, or the container that a line was about. */
static void next_whose(const struct why *why, struct why_finding *f)
{
	OWN_BUF struct buf word = { 0 };
	OWN_FREE char *place = NULL;

	if (why->container)
		place = stack_view_place(why_name(why), why->path);
	else
		stack_view_quote(&word, why->word);
	why_next(f, "whose %s", place ? place : buf_text(&word));
}

static enum why_answer dangling(struct why *why, struct why_finding *f)
{
	OWN_FREE struct look_file *file = mem_zero(1, sizeof(*file));

	if (!look(why, file) || file->code != ENOENT || !file->link[0])
		return WHY_NOT;
	why_fact(f, WHY_FROM_FILES, _("%s: a link to '%s'"), why->path,
		 file->link);
	why_fact(f, WHY_FROM_FILES, _("%s: not there"), file->missing);
	if (file->link[0] == '/')
		why_fix(f, _("a link is followed inside the container: '%s' there is not that of this machine"),
			file->link);
	next_whose(why, f);
	return why_say(f, _("%s is a link that leads nowhere: '%s' is not there"),
		       why->path, file->missing);
}

static enum why_answer hidden(struct why *why, struct why_finding *f)
{
	OWN_STACK struct stack stack = { 0 };
	OWN_FREE struct look_file *file = mem_zero(1, sizeof(*file));
	OWN_FREE char *has = NULL;
	OWN_FREE char *hides = NULL;
	const struct stack_item *item;
	int32_t at;

	if (!look(why, file) || file->code != ENOENT ||
	    read_stack(why, &stack) < 0)
		return WHY_NOT;
	at = stack_find(&stack, why->path);
	for (at = at < 0 ? -1 : stack.paths[at].top;
	     at >= 0 && stack.items[at].kind == STACK_WHITEOUT;)
		at = stack.items[at].below;
	if (at < 0 || stack.items[at].fate == STACK_SEEN)
		return WHY_NOT;
	item = &stack.items[at];
	has = layer_text(&stack, item->layer);
	hides = layer_text(&stack, item->by);
	why_fact(f, WHY_FROM_IMAGE, _("%s has it, %lld bytes"), has,
		 (long long)item->size);
	why_fact(f, WHY_FROM_IMAGE, _("%s hides it: %s"), hides,
		 item->fate == STACK_DELETED ? _("a whiteout, the mark of a deletion") :
		 item->fate == STACK_EMPTIED ? _("an opaque folder, made anew") :
					       _("something else in its place"));
	if (item->fate == STACK_DELETED)
		why_fix(f, _("it was deleted, but its bytes stay in the lower layer: an image does not shrink by it, and a secret is not gone"));
	next_whose(why, f);
	return why_say(f,
		       item->fate == STACK_DELETED ?
			       _("%s is not seen because it was deleted in %s") :
			       _("%s is not seen because %s hides it"),
		       why->path, hides);
}

static enum why_answer never_there(struct why *why, struct why_finding *f)
{
	OWN_FREE struct look_file *file = mem_zero(1, sizeof(*file));

	if (!look(why, file) || (file->code != ENOENT && file->code != ENOTDIR))
		return WHY_NOT;
	why_fact(f, WHY_FROM_FILES, _("%s: not there"),
		 file->missing[0] ? file->missing : why->path);
	why_fact(f, WHY_FROM_IMAGE, _("no layer has it, and no layer has deleted it"));
	if (file->near[0])
		why_fix(f, _("did you mean '%s'?"), file->near);
	why_next(f, "layers %s", why->container ? why_name(why) :
						  why->image.tags.count ?
						  why->image.tags.items[0] :
						  why->word);
	return why_say(f, _("%s was never there: no layer has it"), why->path);
}

/* ---- there ---- */

static enum why_answer owner_not_mapped(struct why *why,
					struct why_finding *f)
{
	OWN_FREE struct look_file *file = mem_zero(1, sizeof(*file));

	if (!look(why, file) || file->code || file->uid != OVERFLOW_ID ||
	    userns_kind() == USERNS_NONE)
		return WHY_NOT;
	why_fact(f, WHY_FROM_FILES, _("%s: owner %u, which stands for an id that is not mapped"),
		 file->path, file->uid);
	why_fact(f, WHY_FROM_PROC, userns_kind() == USERNS_SINGLE ?
					   _("uid_map: this account has one id, which is root inside") :
					   _("uid_map: root inside and this account's subordinate ids"));
	why_next(f, "doctor");
	return why_say(f, _("the owner of %s is not known in this container: its id is not mapped, so nobody inside counts as its owner"),
		       why->path);
}

static enum why_answer not_for_user(struct why *why, struct why_finding *f)
{
	OWN_FREE struct look_file *file = mem_zero(1, sizeof(*file));
	const char *user = why->container ? why->container->spec.user :
					    why->image.config.user;

	if (!look(why, file) || file->code || !user || !*user ||
	    !file->asked_for_user || (file->may & 4))
		return WHY_NOT;
	why_fact(f, WHY_FROM_RECORD, _("it runs as '%s', uid %u"), user,
		 file->user);
	if (file->closed[0])
		why_fact(f, WHY_FROM_FILES, _("%s: a folder that this user may not enter"),
			 file->closed);
	why_fact(f, WHY_FROM_FILES, _("%s: owner %u, group %u, mode %04o"),
		 file->path, file->uid, file->gid, file->mode & 07777);
	why_fix(f, _("give it to the user as it is copied (COPY --chown=%s), or open its mode (chmod)"),
		user);
	next_whose(why, f);
	return why_say(f, _("%s is there, and the user '%s' may not read it"),
		       why->path, user);
}

static enum why_answer is_there(struct why *why, struct why_finding *f)
{
	OWN_STACK struct stack stack = { 0 };
	OWN_FREE struct look_file *file = mem_zero(1, sizeof(*file));
	OWN_FREE char *clean = NULL;
	int32_t at = -1;

	if (!look(why, file) || file->code)
		return WHY_NOT;
	clean = fs_clean_path(file->path);
	why_fact(f, WHY_FROM_FILES, _("%s: owner %u, group %u, mode %04o, %lld bytes"),
		 file->path, file->uid, file->gid, file->mode & 07777,
		 (long long)file->size);
	if (read_stack(why, &stack) == 0)
		at = stack_find(&stack, clean);
	if (at >= 0)
		at = stack_seen(&stack, at);
	if (at >= 0) {
		OWN_FREE char *layer =
			layer_text(&stack, stack.items[at].layer);

		why_fact(f, WHY_FROM_IMAGE, _("%s serves it"), layer);
	}
	if (file->interp[0])
		why_fact(f, WHY_FROM_FILES, _("it is started by %s: %s"),
			 file->interp,
			 file->interp_code ? _("not there") : _("there"));
	next_whose(why, f);
	if (file->interp_code) {
		f->id = file->crlf ? "crlf" : "interpreter_missing";
		return why_say(f, _("%s is there, but what starts it is not: %s"),
			       why->path, file->interp);
	}
	if (file->elf && !look_is_native(file)) {
		f->id = "wrong_machine";
		why_fact(f, WHY_FROM_FILES, _("its ELF header: for %s, %d bits"),
			 look_machine_name(file->machine), file->bits);
		return why_say(f, _("%s is there, but it is a program for another kind of processor (%s)"),
			       why->path, look_machine_name(file->machine));
	}
	return why_say(f, _("%s is there"), why->path);
}

static enum why_answer file_unknown(struct why *why, struct why_finding *f)
{
	OWN_FREE struct look_file *file = mem_zero(1, sizeof(*file));
	bool looked = look(why, file);

	if (looked && file->code == ELOOP) {
		why_fact(f, WHY_FROM_FILES, "%s: ELOOP", why->path);
		next_whose(why, f);
		f->id = "link_loop";
		return why_say(f, _("%s is a link that leads round in a circle"),
			       why->path);
	}
	if (looked)
		return WHY_NOT;
	why_tell(f, _("the container's files, once they can be seen: start it, then look with exec"));
	return why_say_unknown(f, _("%s: unknown: the container's files cannot be seen now"),
			       why->path);
}

/* ---- files of the machine ---- */

static enum why_answer host_file(struct why *why, struct why_finding *f)
{
	OWN_CONTAINERS struct containers all = { 0 };
	OWN_FREE char *real = realpath(why->path, NULL);
	struct err ignored = { 0 };
	struct stat st;

	if (!real || lstat(real, &st) < 0 ||
	    container_list(why->shell->home, &all, &ignored) < 0)
		return WHY_NOT;
	why_fact(f, WHY_FROM_DISK, _("%s: owner %u, group %u, mode %04o"), real,
		 st.st_uid, st.st_gid, st.st_mode & 07777);
	for (size_t i = 0; i < all.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
		struct why at = { .container = &all.items[i] };
		const struct strs *mounts = &all.items[i].spec.mounts;

		for (size_t n = 0; n < mounts->count; n++) {
			mount_spec_done(&mount);
			if (mount_spec_read(mounts->items[n], &mount,
					    &ignored) < 0 ||
			    !mount_spec_is(&mount, "bind") ||
			    !is_below(real, mount.source))
				continue;
			why_fact(f, WHY_FROM_RECORD, _("%s has its folder %s mounted on %s, and runs as %s"),
				 why_name(&at), mount.source, mount.target,
				 at.container->spec.user &&
						 *at.container->spec.user ?
					 at.container->spec.user :
					 "root");
			why_fix(f, _("run it with -u %u:%u, or give the file back (chown)"),
				(unsigned)getuid(), (unsigned)getgid());
			why_next(f, "inspect -f '{{json .Mounts}}' %s",
				 why_name(&at));
			f->id = "written_through_bind";
			return st.st_uid == getuid() ?
				       why_say(f, _("%s is yours: it lies in a folder that %s has mounted, and root in there is you out here"),
					       why->path, why_name(&at)) :
				       why_say(f, _("%s belongs to %u: it lies in a folder that %s has mounted, and what a user in there writes belongs to that user's number out here"),
					       why->path, st.st_uid,
					       why_name(&at));
		}
	}
	why_fact(f, WHY_FROM_RECORD, _("no container has its folder mounted"));
	why_next(f, "ps -a");
	return why_say(f, _("%s is a file of this machine that no container has to do with"),
		       why->path);
}

const struct why_cause why_file_causes[] = {
	{ "kernels_own", WHY_FILE, false, kernels_own },
	{ "in_tmpfs", WHY_FILE, false, in_tmpfs },
	{ "covered_by_mount", WHY_FILE, false, covered },
	{ "dangling_link", WHY_FILE, false, dangling },
	{ "deleted_in_layer", WHY_FILE, false, hidden },
	{ "owner_not_mapped", WHY_FILE, false, owner_not_mapped },
	{ "denied_to_user", WHY_FILE, false, not_for_user },
	{ "never_there", WHY_FILE, true, never_there },
	{ "there", WHY_FILE, true, is_there },
	{ "file_unknown", WHY_FILE, true, file_unknown },
	{ "host_file", WHY_HOST_FILE, true, host_file },
	{ 0 },
};
