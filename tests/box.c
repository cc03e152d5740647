/* tests/box.c - see box.h */
#include "tests/box.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/log_read.h"
#include "runtime/state.h"

static const char *const applets[] = {
	"cat", "chmod", "chown", "echo", "env",	  "false", "grep", "hostname",
	"id",  "kill",	"ln",	 "ls",	 "mkdir", "mount", "mv",   "nc",
	"ps",  "pwd",	"rm",	 "sh",	 "sleep", "stat",  "sync", "test",
	"touch", "true", "tty",	 "wc",	 "yes",	  "mknod", "head", "seq",
	"dd",	"readlink", "mkfifo", "umount", "cut", "sort", "tr", NULL,
};

static void copy_program(int dir_fd)
{
	struct err err = { 0 };
	OWN_BUF struct buf bytes = { 0 };
	OWN_FD int fd = -1;

	assert_ok(fs_read(AT_FDCWD, "/bin/busybox", 16 << 20, &bytes, &err),
		  &err);
	fd = openat(dir_fd, "bin/busybox", O_WRONLY | O_CREAT | O_CLOEXEC,
		    0755);
	assert_true(fd >= 0);
	assert_int_equal(fs_write_all(fd, bytes.data, bytes.len), 0);
	for (const char *const *a = applets; *a; a++) {
		OWN_FREE char *name = mem_fmt("bin/%s", *a);

		assert_int_equal(symlinkat("busybox", dir_fd, name), 0);
	}
}

void box_make(struct scratch *scratch, struct box *box)
{
	static const char *const folders[] = { "bin", "etc", "tmp", "root",
					       "home", "var/log", "srv/deep" };
	OWN_FREE char *path = scratch_path(scratch, "home");
	struct err err = { 0 };
	OWN_FD int root = -1;

	need_program("busybox");
	if (geteuid() != 0)
		need_overlay_in_userns();
	box->scratch = scratch;
	assert_ok(home_open(path, &box->home, &err), &err);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		OWN_FREE char *name =
			mem_fmt("home/layers/aa/diff/%s", folders[i]);

		scratch_mkdir(scratch, name);
	}
	root = fs_open_dir(box->home.fd, "layers/aa/diff", &err);
	assert_ok(root, &err);
	assert_int_equal(fchmodat(root, "tmp", 01777, 0), 0);
	copy_program(root);
	scratch_write(scratch, "home/layers/aa/diff/etc/passwd",
		      "root:x:0:0:root:/root:/bin/sh\n"
		      "app:x:1000:1000::/home:/bin/sh\n"
		      "4294967296:x:0:0::/:/bin/sh\n");
	scratch_write(scratch, "home/layers/aa/diff/etc/group",
		      "root:x:0:\nwheel:x:10:root\napp:x:1000:\n");
	scratch_write(scratch, "home/layers/aa/diff/srv/deep/file", "below\n");
	assert_int_equal(symlinkat("../layers/aa/diff", box->home.fd, "l/AA"),
			 0);
}

void box_done(struct box *box)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err err = { 0 };

	if (container_list(&box->home, &all, &err) == 0)
		for (size_t i = 0; i < all.count; i++)
			(void)container_remove(&box->home,
					       all.items[i].spec.id, true,
					       &err);
	home_close(&box->home);
}

void box_spec(struct spec *spec, const char *script)
{
	spec_init(spec);
	strs_add(&spec->layers, "l/AA");
	strs_add(&spec->args, "sh");
	strs_add(&spec->args, "-c");
	strs_add(&spec->args, script);
}

void box_run_done(struct box_run *run)
{
	buf_done(&run->out);
	buf_done(&run->err_out);
}

void box_run(struct box *box, struct spec *spec, const char *input,
	     struct box_run *run)
{
	int in[2];
	int out[2];
	int err_out[2];
	struct attach attach;

	*run = (struct box_run){ 0 };
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err_out, O_CLOEXEC), 0);
	if (input)
		assert_int_equal(write(in[1], input, strlen(input)),
				 (ssize_t)strlen(input));
	close(in[1]);
	attach = (struct attach){
		.in_fd = input ? in[0] : -1,
		.out_fd = out[1],
		.err_fd = err_out[1],
		.pass_signals = true,
	};
	spec->open_stdin = input;
	run->result = container_run(&box->home, spec, &attach, &run->exit_code,
				    &run->err);
	close(in[0]);
	close(out[1]);
	close(err_out[1]);
	(void)fs_read_fd(out[0], 1 << 20, &run->out, &run->err);
	(void)fs_read_fd(err_out[0], 1 << 20, &run->err_out, &run->err);
	close(out[0]);
	close(err_out[0]);
}

void box_start(struct box *box, struct spec *spec)
{
	struct err err = { 0 };

	assert_ok(container_run(&box->home, spec, NULL, NULL, &err), &err);
}

void box_changed(struct box *box, const char *name, const char *expected)
{
	OWN_CHANGES struct changes changes = { 0 };
	OWN_BUF struct buf shown = { 0 };
	struct err err = { 0 };

	assert_ok(container_diff(&box->home, name, &changes, &err), &err);
	for (size_t i = 0; i < changes.count; i++)
		buf_fmt(&shown, "%c %s\n", changes.items[i].kind,
			changes.items[i].path);
	assert_string_equal(buf_text(&shown), expected);
}

void box_says(struct box *box, const char *script, const char *expected)
{
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_spec(&spec, script);
	spec.auto_remove = true;
	box_run(box, &spec, NULL, &run);
	assert_ok(run.result, &run.err);
	assert_string_equal(buf_text(&run.out), expected);
}

static int append(void *arg, const struct log_entry *entry)
{
	buf_add(arg, entry->text, entry->len);
	return 0;
}

void box_log(struct box *box, const char *id, struct buf *out)
{
	const struct log_choice all = { .tail = -1 };
	struct err err = { 0 };
	OWN_FD int folder = state_open_folder(&box->home, id, &err);

	assert_ok(folder, &err);
	assert_ok(log_read(folder, &all, append, out, &err), &err);
}
