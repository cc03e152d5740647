/* runtime/cgroup.c - see cgroup.h. Removing is cgroup_remove.c's. */
#include "runtime/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/calls.h"
#include "runtime/cgroup_cpu.h"
#include "runtime/cgroup_file.h"
#include "runtime/cgroup_note.h"
#include "runtime/processes.h"

#define LATE "late "

enum { TAKE_IN_PASSES = 50 };

void cgroup_init(struct cgroup *cgroup)
{
	*cgroup = (struct cgroup){ .v2 = -1 };
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++)
		cgroup->v1[i] = -1;
}

void cgroup_done(struct cgroup *cgroup)
{
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++)
		if (cgroup->v1[i] >= 0)
			close(cgroup->v1[i]);
	if (cgroup->v2 >= 0)
		close(cgroup->v2);
	strs_done(&cgroup->record);
	cgroup_init(cgroup);
}

static bool in_v1(const struct cgroup *cgroup)
{
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++)
		if (cgroup->v1[i] >= 0)
			return true;
	return false;
}

bool cgroup_is_there(const struct cgroup *cgroup)
{
	return cgroup->v2 >= 0 || in_v1(cgroup);
}

int cgroup_folder(const struct cgroup *cgroup,
		  enum cgroup_controller controller, bool *out_v2)
{
	*out_v2 = cgroup->v2 >= 0 &&
		  (cgroup->v2_has & CGROUP_BIT(controller)) != 0;
	return *out_v2 ? cgroup->v2 : cgroup->v1[controller];
}

int cgroup_list_fds(const struct cgroup *cgroup, int *fds, int count)
{
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++)
		if (cgroup->v1[i] >= 0)
			fds[count++] = cgroup->v1[i];
	if (cgroup->v2 >= 0)
		fds[count++] = cgroup->v2;
	return count;
}

/* ---- the note ---- */

/* Takes the descriptor. */
static void take_v2(struct cgroup *cgroup, int fd)
{
	cgroup->v2 = fd;
	/* These two are in every folder of version 2. */
	cgroup->v2_has = cgroup_v2_listed(fd, "cgroup.controllers") |
			 CGROUP_BIT(CGROUP_CPUACCT) |
			 CGROUP_BIT(CGROUP_FREEZER);
}

static void open_line(struct cgroup *cgroup, const char *line, const char *id)
{
	bool late = strncmp(line, LATE, strlen(LATE)) == 0;
	int fd = cgroup_note_folder(cgroup_note_path(line), id);

	if (fd < 0)
		return;
	line += late ? strlen(LATE) : 0;
	if (strncmp(line, "v2 ", 3) == 0 && cgroup->v2 < 0) {
		take_v2(cgroup, fd);
		cgroup->late |= late ? cgroup->v2_has : 0;
		return;
	}
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++) {
		const char *name = cgroup_controller_name(i);
		size_t len = strlen(name);

		if (strncmp(line, name, len) == 0 && line[len] == ' ' &&
		    cgroup->v1[i] < 0) {
			cgroup->v1[i] = fd;
			cgroup->late |= late ? CGROUP_BIT(i) : 0;
			return;
		}
	}
	close(fd);
}

/* The container's id is the name of its folder. */
static char *id_of(int folder_fd)
{
	OWN_FREE char *path = NULL;
	struct err ignored = { 0 };
	const char *slash;

	if (fs_path_of(folder_fd, &path, &ignored) < 0)
		return mem_str("");
	slash = strrchr(path, '/');
	return mem_str(slash ? slash + 1 : path);
}

void cgroup_open(struct cgroup *cgroup, int folder_fd)
{
	OWN_FREE char *id = NULL;

	cgroup_init(cgroup);
	id = id_of(folder_fd);
	if (!cgroup_note_read(folder_fd, id, &cgroup->record))
		return;
	for (size_t i = 0; i < cgroup->record.count; i++)
		open_line(cgroup, cgroup->record.items[i], id);
}

/* ---- making ---- */

/* What is to be made, as lines of the note: version 2 where it is the machine's
 * only one or has what is wanted, version 1 for the rest. */
static void plan(const struct cgroup *cgroup, const struct cgroup_places *places,
		 const char *id, unsigned wanted, struct strs *lines)
{
	const char *late = wanted & CGROUP_LATE ? LATE : "";
	unsigned v2 = places->v2_has & wanted;

	/* The freezer of version 2 lets a killed process go; the one of version
	 * 1 holds on to it until it is thawed. */
	if (places->v2 && (wanted & CGROUP_BIT(CGROUP_FREEZER)))
		v2 |= CGROUP_BIT(CGROUP_FREEZER);
	if (places->v2 && places->v2_only)
		v2 |= wanted & CGROUP_BIT(CGROUP_CPUACCT);
	if (cgroup->v2 < 0 && places->v2 && (v2 || places->v2_only))
		strs_addf(lines, "%sv2 %s/" CGROUP_PREFIX "%s", late,
			  strcmp(places->v2, "/") == 0 ? "" : places->v2, id);
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++)
		if (cgroup->v1[i] < 0 && places->v1[i] &&
		    (wanted & ~v2 & CGROUP_BIT(i)))
			strs_addf(lines, "%s%s %s/" CGROUP_PREFIX "%s", late,
				  cgroup_controller_name(i), places->v1[i],
				  id);
}

static int make_folders(struct cgroup *cgroup, const struct strs *lines,
			const char *id, struct err *err)
{
	for (size_t i = 0; i < lines->count; i++) {
		const char *path = cgroup_note_path(lines->items[i]);

		/* There already: from a life before this one, or the same
		 * folder for a second controller. */
		if (call_mkdir(TRACE_CGROUP, path, 0755) < 0 && errno != EEXIST)
			return err_errno(err, "mkdir %s", path);
		open_line(cgroup, lines->items[i], id);
	}
	/* An empty set of processors or memory nodes lets nobody in. */
	if (cgroup->v1[CGROUP_CPUSET] >= 0)
		return cgroup_cpu_fill_set(cgroup->v1[CGROUP_CPUSET], err);
	return 0;
}

/* Whether it has each controller that the top has. */
static bool has_all(const struct cgroup *cgroup)
{
	OWN_FD int top = -1;

	if ((cgroup->v2_has & CGROUP_ALL) == CGROUP_ALL)
		return true;
	top = openat(cgroup->v2, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return top >= 0 &&
	       !(cgroup_v2_listed(top, "cgroup.controllers") & ~cgroup->v2_has);
}

/* The common case, and cheap: root, and version 2 alone. The folder lies at the top
 * of the tree, and has all controllers there where another container, or a service
 * manager, has switched them on before. Where it has not, it is taken away again:
 * the long way knows what to do. */
static bool make_implied(struct cgroup *cgroup, const char *id)
{
	OWN_FREE char *line = cgroup_note_implied(id);
	const char *path = line ? cgroup_note_path(line) : NULL;
	int fd;

	if (!path || call_mkdir(TRACE_CGROUP, path, 0755) < 0)
		return false;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		take_v2(cgroup, fd);
	if (fd < 0 || !has_all(cgroup)) {
		cgroup_done(cgroup);
		(void)call_rmdir(TRACE_CGROUP, path);
		return false;
	}
	strs_take(&cgroup->record, own_give_ptr(&line));
	cgroup->implied = true;
	return true;
}

int cgroup_make(struct cgroup *cgroup, int folder_fd, const char *id,
		unsigned wanted, struct err *err)
{
	OWN_CGROUP_PLACES struct cgroup_places places = { 0 };
	OWN_STRS struct strs lines = { 0 };
	int r;

	if (!cgroup_is_there(cgroup) && !(wanted & CGROUP_LATE) &&
	    make_implied(cgroup, id))
		return 0;
	cgroup_find(&places, true);
	plan(cgroup, &places, id, wanted, &lines);
	if (lines.count == 0)
		return 0;
	cgroup_sweep(&places, wanted);
	strs_copy(&cgroup->record, &lines);
	cgroup->implied = false;
	r = cgroup_note_write(folder_fd, &cgroup->record, err);
	return r < 0 ? r : make_folders(cgroup, &lines, id, err);
}

/* ---- joining ---- */

static int join(int folder_fd, pid_t pid, struct err *err)
{
	return cgroup_file_number(folder_fd, "cgroup.procs", pid, err);
}

static int join_all(const struct cgroup *cgroup, bool with_v2, pid_t pid,
		    struct err *err)
{
	int r = with_v2 && cgroup->v2 >= 0 ? join(cgroup->v2, pid, err) : 0;

	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS && r == 0; i++)
		if (cgroup->v1[i] >= 0)
			r = join(cgroup->v1[i], pid, err);
	return r;
}

int cgroup_enter(const struct cgroup *cgroup, bool born, bool own_view,
		 struct err *err)
{
	int r;

	if (!cgroup_is_there(cgroup))
		return 0;
	born = born && cgroup->v2 >= 0;
	r = join_all(cgroup, !born, 0, err); /* 0: whoever writes it */
	if (r < 0)
		return err_wrap(err, "join the container's cgroup");
	/* The namespace that clone3 made has as its root the cgroup of birth. */
	if (!own_view || (born && !in_v1(cgroup)))
		return 0;
	if (call_unshare(TRACE_CGROUP_VIEW, CLONE_NEWCGROUP) < 0)
		return err_errno(err, "unshare(CLONE_NEWCGROUP)");
	return 0;
}

/* Those who are in already, by every folder: one that joined some of them only
 * (version 1 has several) is not. */
static void members(const struct cgroup *cgroup, struct pids *out)
{
	bool first = cgroup->v2 < 0;

	if (cgroup->v2 >= 0)
		processes_of_cgroup(cgroup->v2, out);
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++) {
		OWN_PIDS struct pids in = { 0 };
		OWN_PIDS struct pids both = { 0 };

		if (cgroup->v1[i] < 0)
			continue;
		processes_of_cgroup(cgroup->v1[i], &in);
		for (size_t k = 0; k < in.count; k++)
			if (first || pids_have(out, in.items[k]))
				pids_add(&both, in.items[k]);
		pids_done(out);
		*out = both;
		both = (struct pids){ 0 };
		first = false;
	}
}

/* A dead process is listed until its parent looks, but is in no cgroup. */
static bool has_ended(pid_t pid)
{
	struct process process;

	return process_read(pid, &process) < 0 || process.state == 'Z' ||
	       process.state == 'X';
}

/* One look at all processes; returns how many had to be taken in. */
static int take_in_once(const struct cgroup *cgroup, pid_t pid, struct err *err)
{
	OWN_PIDS struct pids all = { 0 };
	OWN_PIDS struct pids in = { 0 };
	int taken = 0;
	int r = processes_find(pid, -1, &all, err);

	if (r < 0)
		return r;
	members(cgroup, &in);
	for (size_t i = 0; i < all.count; i++) {
		struct err why = { 0 };

		if (pids_have(&in, all.items[i]))
			continue;
		r = join_all(cgroup, true, all.items[i], &why);
		if (r == -ESRCH || has_ended(all.items[i]))
			continue;
		if (r < 0) {
			*err = why;
			return err_wrap(err, "take process %d into the cgroup",
					all.items[i]);
		}
		taken++;
	}
	return taken;
}

int cgroup_take_in(const struct cgroup *cgroup, pid_t pid, struct err *err)
{
	int r = 1;

	/* A child is born where its parent is, so once a look finds nobody
	 * outside, nobody will be. */
	for (int pass = 0; pass < TAKE_IN_PASSES && r > 0; pass++)
		r = take_in_once(cgroup, pid, err);
	if (r > 0)
		return err_set(err, EAGAIN,
			       _("processes are born faster than they can be taken into a cgroup"));
	return r;
}
