/* runtime/spec.h - what to run, as plain data.
 *
 * Owns the settings of one container: everything that can be chosen before it
 * starts, nothing that happens afterwards (state.h). The runtime takes folders
 * and plain data and has never heard of an image: whoever knows images fills
 * this in. */
#ifndef RUNTIME_SPEC_H
#define RUNTIME_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/list.h"

enum spec_network {
	SPEC_NET_DEFAULT, /* for now a namespace with lo only */
	SPEC_NET_NONE,
	SPEC_NET_HOST,
};

/* Owned; all strings may be NULL where "nothing given" makes sense.
 *
 * id           64 hex digits
 * name         without Docker's leading slash
 * image        as given ("busybox"); image_id "sha256:..."; both for show
 * layers       names below the home, HIGHEST first, at least one
 * args         argv of process 1, at least one word
 * entrypoint_count  how many of args came from the entrypoint (inspect: Path)
 * env          "NAME=value"; the runtime adds PATH, HOSTNAME, TERM, HOME
 * user         "", "name", "uid", "name:group" ...: looked up inside the root
 * cwd          absolute; made where missing
 * labels       "name=value"
 * caps         bits by capability number; CAP_... of <linux/capability.h>
 * stop_signal  number; stop_timeout_s seconds of grace before SIGKILL */
struct spec {
	char *id;
	char *name;
	char *image;
	char *image_id;
	char *hostname;
	char *domainname;
	char *user;
	char *cwd;
	struct strs layers;
	struct strs args;
	struct strs env;
	struct strs labels;
	uint64_t caps;
	enum spec_network network;
	int stop_signal;
	int stop_timeout_s;
	bool tty;
	bool open_stdin;
	bool auto_remove;
	bool read_only;
	bool no_new_privs;
	bool seccomp_off;
	bool privileged;
	bool init;
};

/* Docker's defaults: its fourteen capabilities, SIGTERM, ten seconds, "/". */
void spec_init(struct spec *spec);
void spec_done(struct spec *spec);
#define OWN_SPEC __attribute__((cleanup(spec_done)))

#endif
