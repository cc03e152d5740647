/* runtime/caps.c - see caps.h
 *
 * libcap's own types keep the kernel's two halves of 32 bits out of sight; the
 * set is handed over by number, so no text is parsed on the way of `run`. */
#include "runtime/caps.h"

#include <errno.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/call_text.h"
#include "runtime/userns.h"

uint64_t caps_all(void)
{
	int known = cap_max_bits();
	uint64_t all = 0;

	for (int cap = 0; cap < known; cap++)
		if (userns_kind() != USERNS_NONE ||
		    cap_get_bound((cap_value_t)cap) > 0)
			all |= CAPS_BIT(cap);
	return all;
}

int caps_from_name(const char *name)
{
	OWN_FREE char *lower = mem_str(name);
	cap_value_t value;

	for (char *c = lower; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	/* libcap takes any number for a name */
	if (strncmp(lower, "cap_", 4) != 0 || lower[4] < 'a' ||
	    cap_from_name(lower, &value) < 0)
		return -1;
	return value;
}

char *caps_name(int cap)
{
	char *lower = cap_to_name((cap_value_t)cap);
	char *name = lower && strncmp(lower, "cap_", 4) == 0 ?
			     mem_str(lower) :
			     mem_fmt("cap_%d", cap);

	(void)cap_free(lower);
	for (char *c = name; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return name;
}

static int drop_bound(int cap)
{
	OWN_FREE char *name = trace_is_on() ? caps_name(cap) : NULL;

	return TRACED(TRACE_CAPS, cap_drop_bound((cap_value_t)cap),
		      "prctl(PR_CAPBSET_DROP, %s)", name ? name : "");
}

int caps_bound(uint64_t keep, struct err *err)
{
	int known = cap_max_bits(); /* by this kernel, not by its headers */

	for (int cap = 0; cap < known; cap++)
		if (!(keep & CAPS_BIT(cap)) &&
		    drop_bound(cap) < 0)
			return err_errno(err, "prctl(PR_CAPBSET_DROP, %d)",
					 cap);
	return 0;
}

int caps_keep(uint64_t keep, struct err *err)
{
	cap_t set = cap_init();
	OWN_BUF struct buf text = { 0 };
	cap_value_t values[64];
	int count = 0;
	int r = 0;

	if (!set)
		return err_errno(err, "cap_init");
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (keep & CAPS_BIT(cap))
			values[count++] = (cap_value_t)cap;
	if (count &&
	    (cap_set_flag(set, CAP_EFFECTIVE, count, values, CAP_SET) < 0 ||
	     cap_set_flag(set, CAP_PERMITTED, count, values, CAP_SET) < 0))
		r = err_errno(err, "cap_set_flag");
	/* Ambient rights would survive an exec as another user. */
	if (r == 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L,
			    0L) < 0 && errno != EINVAL)
		r = err_errno(err, "clear the ambient capabilities");
	if (trace_is_on())
		call_text_capset(&text, keep, keep, 0);
	if (r == 0 && TRACED(TRACE_CAPS, cap_set_proc(set), "%s",
			     buf_text(&text)) < 0)
		r = err_errno(err, "capset");
	(void)cap_free(set);
	return r;
}
