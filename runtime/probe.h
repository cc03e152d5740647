/* runtime/probe.h - what this machine lets us do, found out by doing it.
 *
 * Two halves. probe_measure tries each thing in a child process, in namespaces of its
 * own, and writes down what the kernel said: plain facts. probe_judge reads facts, and
 * nothing else, and says what follows: what works, what does not, which commands that
 * touches, and what mends it. So a judgement can be tried with facts that are made up,
 * and the facts of one machine be judged on another. Nothing is printed here, nothing
 * stays behind, and no store is needed. */
#ifndef RUNTIME_PROBE_H
#define RUNTIME_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/list.h"

struct err;

enum { PROBE_TEXT = 256 };

/* What was found. Names that end in _error hold an errno, 0 where it worked. -1 in
 * any number: there is no such thing here, or it could not be tried.
 *
 * root              1: the machine's own root. Root of a user namespace is none
 * distro, release   ID and VERSION_ID of os-release(5)
 * kernel_call       the first call that the kernel has not ("" : it has all)
 * cap_error         a new user namespace was made, but it gives no rights
 * max_userns,
 * userns_clone,
 * apparmor          the three switches: user.max_user_namespaces,
 *                   kernel.unprivileged_userns_clone,
 *                   kernel.apparmor_restrict_unprivileged_userns
 * subuids, subgids  ids that /etc/subuid and /etc/subgid give
 * free_ids          the first that nobody in these files has
 * id_helpers        newuidmap and newgidmap are there
 * ids_error         becoming the second id in a namespace
 * store_exists      the folder is there already
 * store_at          the nearest folder that is there: the tries were made in it
 * cgroups           names of the controllers that containers can have
 * systemd           it runs this machine
 * device_error      a device of /dev/net/tun
 * way_out           pasta, slirp4netns or ""
 * low_port          the lowest port that this account may have
 * utf8, drawing     of the terminal, found out by the shell; drawing -1: no terminal
 * programs          "pasta 0.1, curl 8.0" */
struct probe_facts {
	int64_t uid;
	int64_t root;
	char kernel[PROBE_TEXT];
	char distro[PROBE_TEXT];
	char release[PROBE_TEXT];
	char program[PROBE_TEXT];
	int64_t kernel_error;
	char kernel_call[PROBE_TEXT];
	int64_t userns_error;
	int64_t cap_error;
	int64_t max_userns;
	int64_t userns_clone;
	int64_t apparmor;
	int64_t subuids;
	int64_t subgids;
	int64_t free_ids;
	int64_t id_helpers;
	int64_t ids_error;
	char store[PROBE_TEXT];
	char store_at[PROBE_TEXT];
	char store_kind[PROBE_TEXT];
	int64_t store_error;
	int64_t wal_error;
	int64_t overlay_error;
	int64_t free_bytes;
	int64_t free_inodes;
	int64_t cgroup_version;
	char cgroups[PROBE_TEXT];
	int64_t systemd;
	int64_t netns_error;
	int64_t bridge_error;
	int64_t veth_error;
	int64_t rules_error;
	int64_t forward_error;
	int64_t device_error;
	char way_out[PROBE_TEXT];
	int64_t low_port;
	int64_t utf8;
	int64_t drawing;
	char programs[PROBE_TEXT];
};

/* The facts by name, for whoever writes or reads them. The table ends with a NULL
 * name. is_text: char[PROBE_TEXT], else int64_t. */
struct probe_fact {
	const char *name;
	bool is_text;
	size_t offset;
};
extern const struct probe_fact probe_fact_table[];

/* Tries all. `home`: as for home_open; a folder that cannot be had is a fact, not a
 * failure. Takes some 50 ms. */
void probe_measure(const char *home, struct probe_facts *out);

/* Puts facts of a text, "name=value" lines, in the place of those measured. -EINVAL
 * names a line that is none. */
int probe_facts_read(struct probe_facts *facts, const char *text,
		     struct err *err);

/* PROBE_NOTE  worth knowing; everything works, or there is an easy way round
 * PROBE_LESS  some commands do not work, or not fully
 * PROBE_NO    no container can be started */
enum probe_state { PROBE_OK, PROBE_NOTE, PROBE_LESS, PROBE_NO };

/* One judgement. id and title are borrowed, the rest owned.
 *
 * id       "limits": stays the same in all languages
 * title    the same in the language chosen
 * found    what is so, in a sentence
 * touches  which commands and options it concerns; "" where all is well
 * mend     commands that mend it, to be typed as they stand; the best first
 * advice   what cannot be said in a command, or NULL */
struct probe_item {
	const char *id;
	const char *title;
	enum probe_state state;
	char *found;
	const char *touches;
	struct strs mend;
	char *advice;
};

struct probe_report {
	struct probe_item *items;
	size_t count;
};
void probe_report_done(struct probe_report *report);
#define OWN_PROBE_REPORT __attribute__((cleanup(probe_report_done)))

void probe_judge(const struct probe_facts *facts, struct probe_report *out);

/* The worst state of all, PROBE_NOTE counted as PROBE_OK. */
enum probe_state probe_report_state(const struct probe_report *report);

#endif
