/* runtime/probe_judge.c - what follows from the facts; see probe.h
 *
 * Here: what every container stands on. Limits, networks and the rest are
 * probe_judge_net.c's. Commands are those of Debian and Ubuntu. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/probe.h"
#include "runtime/probe_parts.h"

void probe_report_done(struct probe_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		free(report->items[i].found);
		free(report->items[i].advice);
		strs_done(&report->items[i].mend);
	}
	free(report->items);
	*report = (struct probe_report){ 0 };
}

struct probe_item *probe_add(struct probe_report *out, const char *id,
			     const char *title, char *found)
{
	struct probe_item *item;

	out->items = mem_grow(out->items, out->count + 1, sizeof(*item));
	item = &out->items[out->count++];
	*item = (struct probe_item){ .id = id, .title = title, .touches = "" };
	item->found = found;
	return item;
}

enum probe_state probe_report_state(const struct probe_report *report)
{
	enum probe_state worst = PROBE_OK;

	for (size_t i = 0; i < report->count; i++)
		if (report->items[i].state > worst)
			worst = report->items[i].state;
	return worst == PROBE_NOTE ? PROBE_OK : worst;
}

static void refuse(struct probe_item *item, enum probe_state state,
		   const char *touches, char *found)
{
	free(item->found);
	item->found = found;
	item->state = state;
	item->touches = touches;
}

static const char *all_containers(void)
{
	return _("run, create, start, exec, build, and every lesson");
}

/* ---- the kernel ---- */

static void judge_kernel(const struct probe_facts *f, struct probe_report *out)
{
	struct probe_item *item =
		probe_add(out, "kernel", _("kernel"),
			  mem_fmt(_("Linux %s knows every call that is needed"),
				  f->kernel));

	if (!f->kernel_error)
		return;
	refuse(item, PROBE_NO, all_containers(),
	       mem_fmt(_("Linux %s does not know the call %s: %s"), f->kernel,
		       f->kernel_call, strerror((int)f->kernel_error)));
	if (strcmp(f->distro, "ubuntu") == 0)
		strs_addf(&item->mend, "sudo apt install linux-generic-hwe-%s",
			  f->release);
	else
		strs_add(
			&item->mend,
			"sudo apt install -t $(. /etc/os-release; echo $VERSION_CODENAME)-backports linux-image-$(dpkg --print-architecture)");
	item->advice = mem_str(_(
		"Linux 5.11 or newer is needed; restart the machine after it. In a container of somebody else's, its system call filter may be what refuses."));
}

/* ---- user namespaces ---- */

static bool apparmor_is_it(const struct probe_facts *f)
{
	return f->apparmor > 0 && !f->root && (f->userns_error || f->cap_error);
}

/* Nothing but "sudo sh" can help where one is root and is refused already. */
static void mend_userns(const struct probe_facts *f, struct probe_item *item)
{
	if (f->max_userns == 0 || f->userns_error == ENOSPC ||
	    f->userns_error == EUSERS)
		strs_add(&item->mend,
			 "sudo sysctl -w user.max_user_namespaces=15000");
	else if (f->userns_clone == 0)
		strs_add(&item->mend,
			 "sudo sysctl -w kernel.unprivileged_userns_clone=1");
	else
		item->advice = mem_str(_(
			"no switch of this kernel forbids it, so it is probably the system call filter of a container or sandbox that you are in: leave it, or let its owner start it with --privileged"));
	if (item->mend.count)
		item->advice = mem_str(_(
			"it holds until the machine is restarted; a line in a file of /etc/sysctl.d makes it stay"));
}

static void judge_userns(const struct probe_facts *f, struct probe_report *out)
{
	int code = (int)(f->userns_error ? f->userns_error : f->cap_error);
	struct probe_item *item = probe_add(
		out, "userns", _("namespaces"),
		mem_str(f->root ? _("made: root needs no user namespace for the others")
				: _("made: a user namespace, and five others in it")));

	if (!code)
		return;
	refuse(item, PROBE_NO, all_containers(),
	       f->root ? mem_fmt(_("even root may make none here: %s"),
				 strerror(code))
	       : f->userns_error
		       ? mem_fmt(_("a user namespace cannot be made: %s"),
				 strerror(code))
		       : mem_fmt(_("a user namespace gives no rights in it: %s"),
				 strerror(code)));
	if (apparmor_is_it(f))
		item->advice = mem_str(_("AppArmor is why: see below"));
	else
		mend_userns(f, item);
}

/* An AppArmor profile that gives the program what it had before Ubuntu 23.10. A path
 * may hold what a profile cannot. */
static void mend_apparmor(const struct probe_facts *f, struct probe_item *item)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+-";

	if (f->program[0] == '/' &&
	    f->program[strspn(f->program, plain)] == '\0') {
		strs_addf(
			&item->mend,
			"echo 'abi <abi/4.0>, profile dockershell %s flags=(unconfined) { userns, }' | sudo tee /etc/apparmor.d/dockershell",
			f->program);
		strs_add(&item->mend,
			 "sudo apparmor_parser -r /etc/apparmor.d/dockershell");
		item->advice = mem_str(_(
			"both commands, in this order, let this program alone do it; or let all programs do it, until the machine is restarted: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"));
	} else {
		strs_add(
			&item->mend,
			"sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
	}
}

static void judge_apparmor(const struct probe_facts *f,
			   struct probe_report *out)
{
	const char *found =
		f->apparmor < 0 ? _("does not restrict user namespaces here")
		: f->apparmor == 0
			? _("its restriction of user namespaces is off")
			: _("restricts user namespaces, but not this program's");
	struct probe_item *item =
		probe_add(out, "apparmor", "AppArmor", mem_str(found));

	if (!apparmor_is_it(f))
		return;
	refuse(item, PROBE_NO, all_containers(),
	       mem_str(_(
		       "lets only programs that it knows use user namespaces, and does not know this one")));
	mend_apparmor(f, item);
}

/* ---- ids ---- */

bool probe_is_blocked(const struct probe_facts *f)
{
	return f->userns_error || f->cap_error || f->ids_error > 0;
}

static void mend_ids(const struct probe_facts *f, struct probe_item *item)
{
	int64_t end = f->free_ids + 65535;

	if (f->root) {
		item->advice = mem_str(_(
			"root without its rights: a container or sandbox around this program has taken them"));
		return;
	}
	if (!f->id_helpers)
		strs_add(&item->mend, "sudo apt install uidmap");
	if (f->subuids <= 0 || f->subgids <= 0)
		strs_addf(&item->mend,
			  "sudo usermod --add-subuids %" PRId64 "-%" PRId64
			  " --add-subgids %" PRId64 "-%" PRId64 " $USER",
			  f->free_ids, end, f->free_ids, end);
	if (!item->mend.count && f->ids_error < 0)
		strs_add(&item->mend, "unset DOCKERSHELL_USERNS");
	if (!item->mend.count) {
		strs_add(&item->mend, "sudo apt install --reinstall uidmap");
		item->advice = mem_str(_(
			"the helpers must be setuid root, and /etc/subuid and /etc/subgid must not give the same ids twice"));
	}
}

/* Why there is one only. */
static char *one_id_because(const struct probe_facts *f)
{
	bool given = f->subuids > 0 && f->subgids > 0;

	if (f->ids_error > 0 && ((f->id_helpers && given) || f->root))
		return mem_fmt(_("a second one could not be had: %s"),
			       strerror((int)f->ids_error));
	if (!f->id_helpers && !given)
		return mem_str(_(
			"one only: newuidmap is not installed, and /etc/subuid gives this account none"));
	if (!f->id_helpers)
		return mem_str(_("one only: newuidmap is not installed"));
	if (!given)
		return mem_str(_(
			"one only: /etc/subuid or /etc/subgid gives this account none"));
	return mem_str(_("one only, as DOCKERSHELL_USERNS asks"));
}

static void judge_ids(const struct probe_facts *f, struct probe_report *out)
{
	struct probe_item *item = probe_add(out, "ids", _("user ids"), NULL);

	if (f->ids_error == 0 && f->root)
		item->found = mem_str(_("all: root becomes any other user"));
	else if (f->ids_error == 0)
		item->found = mem_fmt(
			_("%" PRId64
			  " besides your own, and a second one was used"),
			f->subuids);
	if (f->ids_error == 0)
		return;
	refuse(item, PROBE_LESS,
	       _("USER, --user, chown, and images with several users; everything else works with one id"),
	       one_id_because(f));
	/* An account that has a range uses it: without the helpers nothing starts. */
	if (f->ids_error > 0 && !f->userns_error && !f->cap_error) {
		item->state = PROBE_NO;
		item->touches = all_containers();
	}
	mend_ids(f, item);
}

/* ---- the store ---- */

static void mend_place(const struct probe_facts *f, struct probe_item *item)
{
	strs_addf(&item->mend,
		  "export DOCKERSHELL_HOME=/var/tmp/dockershell-%" PRId64,
		  f->uid);
	item->advice = mem_str(
		_("any folder of yours on a disk of this machine will do"));
}

static bool is_unfit(const char *kind)
{
	return strcmp(kind, "NFS") == 0 || strcmp(kind, "overlay") == 0;
}

static void judge_store(const struct probe_facts *f, struct probe_report *out)
{
	struct probe_item *item = probe_add(
		out, "store", _("store"),
		mem_fmt(_("%s, on %s: files and the database's log can be written"),
			f->store, f->store_kind));

	if (!f->store[0])
		refuse(item, PROBE_NO, _("every command that keeps anything"),
		       mem_str(_("no folder for it: HOME is not set")));
	else if (f->store_error)
		refuse(item, PROBE_NO, _("every command that keeps anything"),
		       mem_fmt(_("%s: nothing can be written in %s: %s"),
			       f->store, f->store_at,
			       strerror((int)f->store_error)));
	else if (is_unfit(f->store_kind))
		refuse(item, PROBE_NO, _("every command that keeps anything"),
		       mem_fmt(_("%s lies on %s, which holds neither layers nor the database's log"),
			       f->store, f->store_kind));
	else if (f->wal_error > 0)
		refuse(item, PROBE_NO, _("every command that keeps anything"),
		       mem_fmt(_("%s, on %s: the database's log cannot be kept there: %s"),
			       f->store, f->store_kind,
			       strerror((int)f->wal_error)));
	if (item->state == PROBE_NO)
		mend_place(f, item);
}

static void judge_overlay(const struct probe_facts *f, struct probe_report *out)
{
	struct probe_item *item = probe_add(
		out, "overlay", _("layers"),
		mem_str(_(
			"mounted there by overlayfs: one file removed, one changed, one folder replaced")));

	if (f->overlay_error == 0)
		return;
	refuse(item, PROBE_NO, all_containers(),
	       f->overlay_error < 0
		       ? mem_str(_(
				 "could not be tried: the store has no place"))
		       : mem_fmt(_("overlayfs does not work on the store's %s: %s"),
				 f->store_kind,
				 strerror((int)f->overlay_error)));
	if (f->overlay_error < 0 || probe_is_blocked(f)) {
		item->advice = mem_str(_(
			"mend what is said above first: this follows from it"));
	} else if (f->overlay_error == ENODEV) {
		strs_add(&item->mend, "sudo modprobe overlay");
		item->advice = mem_str(_(
			"if there is no such module, its kernel was built without: take the system's own kernel"));
	} else {
		mend_place(f, item);
	}
}

/* Under the first nothing can be unpacked, under the second not much. */
enum { SPACE_NONE = 4 << 20, SPACE_LITTLE = 500 << 20 };
enum { INODES_NONE = 500, INODES_LITTLE = 20000 };

static void judge_space(const struct probe_facts *f, struct probe_report *out)
{
	char free_text[HUMAN_SIZE];
	bool none = (f->free_bytes >= 0 && f->free_bytes < SPACE_NONE) ||
		    (f->free_inodes >= 0 && f->free_inodes < INODES_NONE);
	bool little = (f->free_bytes >= 0 && f->free_bytes < SPACE_LITTLE) ||
		      (f->free_inodes >= 0 && f->free_inodes < INODES_LITTLE);
	struct probe_item *item =
		probe_add(out, "space", _("disk space"), NULL);

	human_bytes(free_text, (double)f->free_bytes);
	if (f->free_bytes < 0)
		item->found = mem_str(_("not known: the store has no place"));
	else if (f->free_inodes < 0)
		item->found = mem_fmt(_("%s free"), free_text);
	else
		item->found = mem_fmt(
			_("%s free, and room for %" PRId64 " more files"),
			free_text, f->free_inodes);
	if (!none && !little)
		return;
	item->state = none ? PROBE_NO : PROBE_LESS;
	item->touches =
		none ? all_containers()
		     : _("build, load and import of images with many files");
	strs_add(&item->mend, "dockershell system prune");
	strs_add(&item->mend, "sudo apt clean");
}

void probe_judge(const struct probe_facts *facts, struct probe_report *out)
{
	judge_kernel(facts, out);
	judge_userns(facts, out);
	judge_apparmor(facts, out);
	judge_ids(facts, out);
	judge_store(facts, out);
	judge_overlay(facts, out);
	judge_space(facts, out);
	probe_judge_limits(facts, out);
	probe_judge_net(facts, out);
	probe_judge_rest(facts, out);
}
