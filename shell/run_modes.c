/* shell/run_modes.c - which views are shared, with the machine or with another
 * container. */
#include <errno.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/namespaces.h"
#include "runtime/spec.h"
#include "runtime/userns.h"
#include "shell/run_fill.h"
#include "shell/run_net.h"

static bool is_given(const char *mode)
{
	return mode && *mode;
}

static bool is_mode(const char *mode, bool donors)
{
	return !is_given(mode) || strcmp(mode, "host") == 0 ||
	       (donors && namespaces_donor(mode) && *namespaces_donor(mode));
}

/* "container:web" to "container:<id>". */
static int resolve(struct shell *shell, const char *mode, char **out,
		   struct err *err)
{
	const char *donor = namespaces_donor(mode);
	OWN_CONTAINER struct container c = { 0 };
	int r;

	if (!is_given(mode))
		return 0;
	if (!donor) {
		*out = mem_str(mode);
		return 0;
	}
	r = container_find(shell->home, donor, &c, err);
	if (r < 0) {
		err->voice = ERR_DAEMON;
		return r;
	}
	*out = mem_fmt("container:%s", c.spec.id);
	return 0;
}

/* What Docker refuses together with another container's network. */
static int check_conflicts(const struct run_opts *o, struct err *err)
{
	OWN_FREE char *network = run_first_network(o);
	const char *donor = namespaces_donor(network);
	bool joined = donor && *donor;
	const char *what = NULL;

	if (joined && is_given(o->hostname))
		what = "hostname and the network mode";
	else if (is_given(o->hostname) && is_given(o->modes.uts))
		what = "hostname and the UTS mode";
	else if (joined && o->dns.count)
		what = "dns and the network mode";
	else if (joined && o->add_host.count)
		what = "custom host-to-IP mapping and the network mode";
	else if ((joined || namespaces_is_host(network)) &&
		 is_given(o->net.mac))
		what = "mac-address and the network mode";
	else if (joined && (o->publish.count || o->publish_all))
		what = "port publishing and the container type network mode";
	else if (joined && o->expose.count)
		what = "port exposing and the container type network mode";
	if (!what)
		return 0;
	return err_docker(err, ERR_DAEMON, EINVAL, "conflicting options: %s",
			  what);
}

static int check_modes(const struct run_modes *m, struct err *err)
{
	bool ipc = is_mode(m->ipc, true) || strcmp(m->ipc, "private") == 0 ||
		   strcmp(m->ipc, "shareable") == 0 ||
		   strcmp(m->ipc, "none") == 0;

	if (!is_mode(m->pid, true)) {
		err_docker(err, ERR_BARE, EINVAL, "--pid: invalid PID mode");
		return err_hint(err, _("'--pid container:NAME' shares the "
				       "processes of a container, '--pid host' "
				       "those of the machine"));
	}
	if (!is_mode(m->uts, true))
		return err_docker(err, ERR_BARE, EINVAL,
				  "--uts: invalid UTS mode");
	if (!is_mode(m->userns, false))
		return err_docker(err, ERR_BARE, EINVAL,
				  "--userns: invalid USER mode");
	if (!is_mode(m->cgroupns, false) && strcmp(m->cgroupns, "private") != 0)
		return err_docker(err, ERR_BARE, EINVAL,
				  "--cgroupns: invalid CGROUP mode");
	if (!ipc)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Invalid IPC mode: %s", m->ipc);
	return 0;
}

int run_fill_modes(struct shell *shell, const struct run_opts *o,
		   struct spec *spec, struct err *err)
{
	const struct run_modes *m = &o->modes;
	int r = check_modes(m, err);

	if (r == 0)
		r = check_conflicts(o, err);
	if (r == 0)
		r = run_fill_network(shell, o, spec, err);
	if (r == 0)
		r = resolve(shell, m->pid, &spec->pid_mode, err);
	if (r == 0)
		r = resolve(shell, m->ipc, &spec->ipc_mode, err);
	if (r == 0)
		r = resolve(shell, m->uts, &spec->uts_mode, err);
	if (r == 0)
		r = resolve(shell, m->userns, &spec->userns_mode, err);
	if (r == 0)
		r = resolve(shell, m->cgroupns, &spec->cgroupns_mode, err);
	if (r == 0 && spec->userns_mode && userns_kind() != USERNS_NONE) {
		err_set(err, EPERM,
			_("--userns host: without a user namespace only the machine's root may start a container"));
		return err_hint(
			err,
			_("leave it out: root in the container is you outside"));
	}
	return r;
}
