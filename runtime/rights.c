/* runtime/rights.c - see rights.h */
#include "runtime/rights.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/trace.h"
#include "runtime/caps.h"
#include "runtime/spec.h"
#include "runtime/syscalls_profile.h"
#include "runtime/user.h"
#include "runtime/userns.h"

int rights_filter(const struct spec *spec, struct syscalls_filter *out,
		  struct err *err)
{
	*out = (struct syscalls_filter){ 0 };
	if (spec->seccomp_off || spec->privileged)
		return 0;
	if (spec->seccomp_profile)
		return syscalls_compile_profile(spec->seccomp_profile,
						spec->caps, out, err);
	return syscalls_prepare(spec->caps, out, err);
}

static int load_filter(const struct rights *rights, struct err *err)
{
	int r;

	if (rights->filter.count == 0)
		return 0;
	trace_begin();
	r = syscalls_load(&rights->filter);
	errno = -r;
	(void)trace_call(TRACE_SECCOMP, r < 0 ? -1 : 0,
			 "seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=%zu})",
			 rights->filter.count);
	if (r < 0)
		return err_errno(err, "seccomp(SECCOMP_SET_MODE_FILTER)");
	return 0;
}

static int set_groups(const struct user *user)
{
	OWN_BUF struct buf text = { 0 };

	for (size_t i = 0; trace_is_on() && i < user->group_count; i++)
		buf_fmt(&text, "%s%u", i ? ", " : "", user->groups[i]);
	return TRACED(TRACE_SETUID,
		      setgroups(user->group_count, user->groups),
		      "setgroups(%zu, [%s])", user->group_count,
		      buf_text(&text));
}

static int become(const struct user *user, struct err *err)
{
	bool single = userns_kind() == USERNS_SINGLE;

	/* One id in the namespace: setgroups is denied, there is no group to be
	 * had or lost, and whoever stays root is it already. */
	if (single && user->uid == 0 && user->gid == 0)
		return 0;
	if ((!single && set_groups(user) < 0) ||
	    TRACED(TRACE_SETUID, setresgid(user->gid, user->gid, user->gid),
		   "setresgid(%u, %u, %u)", user->gid, user->gid,
		   user->gid) < 0 ||
	    TRACED(TRACE_SETUID, setresuid(user->uid, user->uid, user->uid),
		   "setresuid(%u, %u, %u)", user->uid, user->uid,
		   user->uid) < 0) {
		err_errno(err, "become user %u, group %u", user->uid,
			  user->gid);
		if (err->code == EINVAL)
			err_wrap(err, _("this account has no id %u to give"),
				 user->uid ? user->uid : user->gid);
		return -err->code;
	}
	return 0;
}

/* Rights go in an order of their own: the bounding set needs CAP_SETPCAP, the
 * filter CAP_SYS_ADMIN (or no_new_privs), the change of user CAP_SETUID; each
 * step gives up what only the steps before it needed. */
int rights_drop(const struct rights *rights, const struct user *user,
		struct err *err)
{
	int r = caps_bound(rights->caps, err);

	if (r == 0 && !rights->no_new_privs)
		r = load_filter(rights, err);
	if (r == 0)
		r = become(user, err);
	if (r == 0)
		r = caps_keep(user->uid == 0 ? rights->caps : 0, err);
	if (r < 0)
		return r;
	/* The change of ids has cleared it. */
	if (user->uid != 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_errno(err, "prctl(PR_SET_PDEATHSIG)");
	if (rights->no_new_privs) {
		if (TRACED(TRACE_NO_NEW_PRIVS,
			   prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L),
			   "prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)") < 0)
			return err_errno(err, "prctl(PR_SET_NO_NEW_PRIVS)");
		r = load_filter(rights, err);
	}
	return r;
}
