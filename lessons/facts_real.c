/* lessons/facts_real.c - the facts of a real home; see facts.h */
#include "lessons/facts.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/facts_parts.h"
#include "lessons/http_get.h"
#include "lessons/listens.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/ending.h"
#include "runtime/home.h"
#include "runtime/log_read.h"
#include "runtime/notes.h"
#include "runtime/processes.h"

/* ---- containers ---- */

static int real_containers(void *ctx, const struct containers **out,
			   struct err *err)
{
	struct real *real = ctx;

	if (!real->listed) {
		int r = container_list(&real->home, &real->containers, err);

		if (r < 0)
			return r;
		real->listed = true;
	}
	*out = &real->containers;
	return 0;
}

const char *facts_real_id(struct real *real, const char *name, struct err *err)
{
	struct facts facts = { .ctx = real, .containers = real_containers };
	const struct container *found = facts_container(&facts, name);

	if (!found)
		err_set(err, ENOENT, _("no container '%s'"), name);
	return found ? found->spec.id : NULL;
}

static int real_diff(void *ctx, const char *container, struct changes *out,
		     struct err *err)
{
	struct real *real = ctx;
	const char *id = facts_real_id(real, container, err);

	return id ? container_diff(&real->home, id, out, err) : -ENOENT;
}

static int real_upper(void *ctx, const char *container, char **out,
		      struct err *err)
{
	struct real *real = ctx;
	const char *id = facts_real_id(real, container, err);

	if (!id)
		return -ENOENT;
	*out = mem_fmt("%s/containers/%s/upper", real->home.path, id);
	return 0;
}

static int add_entry(void *arg, const struct log_entry *entry)
{
	struct buf *out = arg;

	if (out->len + entry->len > FACTS_FILE_MAX)
		return 1;
	buf_add(out, entry->text, entry->len);
	return 0;
}

static int real_log(void *ctx, const char *container, struct buf *out,
		    struct err *err)
{
	static const struct log_choice all = { .tail = -1 };
	struct real *real = ctx;
	const char *id = facts_real_id(real, container, err);
	OWN_FREE char *path = NULL;
	OWN_FD int fd = -1;

	if (!id)
		return -ENOENT;
	path = mem_fmt("containers/%s", id);
	fd = fs_open_dir(real->home.fd, path, err);
	return fd < 0 ? fd : log_read(fd, &all, add_entry, out, err);
}

/* ---- processes: all that share process 1's pid namespace ---- */

static bool pid_namespace(const char *pid, char out[64])
{
	OWN_FREE char *path = mem_fmt("/proc/%s/ns/pid", pid);
	ssize_t len = readlink(path, out, 63);

	if (len < 0)
		return false;
	out[len] = 0;
	return true;
}

static void add_command_line(const char *pid, struct strs *out)
{
	OWN_FREE char *path = mem_fmt("/proc/%s/cmdline", pid);
	OWN_BUF struct buf line = { 0 };
	struct err ignored = { 0 }; /* it may just have ended */
	struct process process;

	if (fs_read(AT_FDCWD, path, 64 << 10, &line, &ignored) < 0)
		return;
	/* As ps(1) shows what has ended and was not waited for. */
	if (line.len == 0 &&
	    process_read((pid_t)strtol(pid, NULL, 10), &process) == 0)
		strs_addf(out, process.state == 'Z' ? "[%s] <defunct>" : "[%s]",
			  process.name);
	if (line.len == 0)
		return;
	for (size_t i = 0; i + 1 < line.len; i++) {
		if (line.data[i] == 0)
			line.data[i] = ' ';
	}
	strs_add(out, buf_text(&line));
}

static int real_processes(void *ctx, const struct container *container,
			  struct strs *out, struct err *err)
{
	OWN_DIR DIR *proc = opendir("/proc");
	OWN_FREE char *first = mem_fmt("%d", container->pid);
	char wanted[64];
	char there[64];

	(void)ctx;
	if (!proc)
		return err_errno(err, "opendir /proc");
	if (container->pid <= 0 || !pid_namespace(first, wanted))
		return 0;
	add_command_line(first, out);
	for (struct dirent *entry = readdir(proc); entry;
	     entry = readdir(proc)) {
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    strcmp(entry->d_name, first) != 0 &&
		    pid_namespace(entry->d_name, there) &&
		    strcmp(there, wanted) == 0)
			add_command_line(entry->d_name, out);
	}
	return 0;
}

/* ---- images ---- */

static int real_image(void *ctx, const char *name, struct image *out,
		      struct err *err)
{
	struct real *real = ctx;

	return image_find(real->store, name, out, err);
}

static int real_images(void *ctx, struct image_list *out, struct err *err)
{
	struct real *real = ctx;

	return image_list(real->store, false, out, err);
}

static int real_past(void *ctx, const char *image, struct past *out,
		     struct err *err)
{
	struct real *real = ctx;

	return past_read(real->store, image, out, err);
}

/* ---- volumes, networks, what is to be reached ---- */

static int real_volume(void *ctx, const char *name, struct volume *out,
		       struct err *err)
{
	struct real *real = ctx;

	return volume_find(&real->home, name, out, err);
}

static int real_networks(void *ctx, const struct networks **out,
			 struct err *err)
{
	struct real *real = ctx;

	if (!real->listed_networks) {
		/* The folder is made when the first network is asked for. */
		int r = fs_exists(real->home.fd, "networks")
				? network_list_made(&real->home,
						    &real->networks, err)
				: 0;

		if (r < 0)
			return r;
		real->listed_networks = true;
	}
	*out = &real->networks;
	return 0;
}

static int real_listens(void *ctx, const struct container *container,
			struct strs *out, struct err *err)
{
	(void)ctx;
	(void)err;
	if (container->pid > 0)
		listens_read(container->pid, out);
	return 0;
}

static int real_ending(void *ctx, const char *id, struct ending *out,
		       struct err *err)
{
	struct real *real = ctx;

	return ending_read(&real->home, id, out, err);
}

static int real_page(void *ctx, const char *url, int timeout_ms,
		     struct facts_page *out, struct err *err)
{
	(void)ctx;
	return http_get(url, timeout_ms, out, err);
}

static void real_forget(void *ctx)
{
	struct real *real = ctx;

	containers_done(&real->containers);
	networks_done(&real->networks);
	real->containers = (struct containers){ 0 };
	real->networks = (struct networks){ 0 };
	real->listed = false;
	real->listed_networks = false;
}

static json_t *real_note(void *ctx, const char *name)
{
	struct real *real = ctx;

	return notes_read(&real->home, name);
}

/* ---- */

int facts_open(const char *home_path, struct facts *out, struct err *err)
{
	struct real *real = mem_zero(1, sizeof(*real));
	int r = home_open(home_path, &real->home, err);

	if (r < 0) {
		free(real);
		return r;
	}
	r = store_open(&real->home, &real->store, err);
	if (r < 0) {
		home_close(&real->home);
		free(real);
		return r;
	}
	*out = (struct facts){
		.ctx = real,
		.containers = real_containers,
		.diff = real_diff,
		.image = real_image,
		.images = real_images,
		.file = facts_real_file,
		.search = facts_real_search,
		.log = real_log,
		.processes = real_processes,
		.upper = real_upper,
		.past = real_past,
		.volume = real_volume,
		.networks = real_networks,
		.listens = real_listens,
		.ending = real_ending,
		.page = real_page,
		.note = real_note,
		.forget = real_forget,
	};
	return 0;
}
