/* tests/test_container_files.c - the files of real containers: what they change, what they
 * leave alone, and who can look at it. */
#include "runtime/container.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "tests/box.h"

static void shows_what_it_changed_and_no_more(void **state)
{
	static const char expected[] =
		"C /etc\nC /etc/passwd\nC /root\nA /root/new\nA /root/new/x\n"
		"C /srv\nC /srv/deep\nD /srv/deep/file\nA /srv/deep/other\n"
		"C /tmp\nA /tmp/hoge.txt\nC /var\nA /var/journal\nD /var/log\n";
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "touch /tmp/hoge.txt; echo x >>/etc/passwd; mkdir /root/new; echo 1 >/root/new/x; rm /srv/deep/file; echo 2 >/srv/deep/other; mv /var/log /var/journal; touch /home; touch /tmp/gone; rm /tmp/gone; echo 3 >/dev/shm/x; echo 4 >>/etc/hosts");
	box_run(&box, &spec, NULL, &run);
	assert_ok(run.result, &run.err);
	assert_string_equal(buf_text(&run.err_out), "");
	box_changed(&box, spec.name, expected);
}

static void shows_a_replaced_folder_as_changed(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "rm -r /srv/deep; mkdir /srv/deep; touch /srv/deep/new; rm -r /home; echo f >/home");
	box_run(&box, &spec, NULL, &run);
	box_changed(&box, spec.id,
		    "C /home\nC /srv\nC /srv/deep\nD /srv/deep/file\nA /srv/deep/new\n");
}

static void leaves_the_image_untouched(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "echo gone >/srv/deep/file; rm /etc/group");
	box_run(&box, &spec, NULL, &run);
	assert_ok(run.result, &run.err);
	box_says(&box, "cat /srv/deep/file; ls /etc/group",
		      "below\n/etc/group\n");
	assert_string_equal(scratch_read(*state,
					 "home/layers/aa/diff/srv/deep/file"),
			    "below\n");
}

static void keeps_its_files_over_a_second_start(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };
	struct err err = { 0 };
	int code = -1;

	box_make(*state, &box);
	box_spec(&spec, "test -e /tmp/mark && exit 5; touch /tmp/mark");
	box_run(&box, &spec, NULL, &run);
	assert_int_equal(run.exit_code, 0);
	assert_ok(container_start(&box.home, spec.id, NULL, NULL, &err), &err);
	assert_ok(container_wait(&box.home, spec.id, &code, &err), &err);
	assert_int_equal(code, 5);
}

static void opens_its_files_running_or_not(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "echo mine >/tmp/f; ln -s /../../tmp/f /link; touch /ready; sleep 1000");
	box_start(&box, &spec);
	for (int i = 0; i < 2; i++) {
		OWN_BUF struct buf text = { 0 };
		OWN_FD int ready = -1;
		OWN_FD int fd = -1;

		for (int tries = 0; tries < 1000 && ready < 0; tries++) {
			ready = container_open_file(&box.home, spec.id,
						    "/ready", &err);
			usleep(2000);
		}
		fd = container_open_file(&box.home, spec.id, "/link", &err);
		assert_ok(fd, &err);
		assert_ok(fs_read_fd(fd, 100, &text, &err), &err);
		assert_string_equal(buf_text(&text), "mine\n");
		assert_int_equal(container_open_file(&box.home, spec.id,
						     "/nope", &err),
				 -ENOENT);
		assert_ok(container_stop(&box.home, spec.id, 0, &err), &err);
	}
}

static void refuses_an_image_with_links_for_its_mount_points(void **state)
{
	static const char *const points[] = { "proc", "sys", "dev" };
	OWN_BOX struct box box;
	OWN_FREE char *canary = scratch_path(*state, "canary");

	box_make(*state, &box);
	scratch_mkdir(*state, "canary");
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		OWN_SPEC struct spec spec = { 0 };
		OWN_RUN struct box_run run = { 0 };
		OWN_FREE char *layer = mem_fmt("layers/bad%zu/diff", i);
		OWN_FREE char *link = mem_fmt("%s/%s", layer, points[i]);
		OWN_FREE char *target = mem_fmt("../%s", layer);
		OWN_FREE char *name = mem_fmt("l/B%zu", i);
		struct err err = { 0 };

		assert_ok(fs_make_dirs(box.home.fd, layer, 0755, &err), &err);
		assert_int_equal(symlinkat(canary, box.home.fd, link), 0);
		assert_int_equal(symlinkat(target, box.home.fd, name), 0);
		spec_init(&spec);
		strs_add(&spec.layers, name);
		strs_add(&spec.layers, "l/AA");
		strs_add(&spec.args, "true");
		box_run(&box, &spec, NULL, &run);
		assert_true(run.result < 0);
		assert_non_null(strstr(run.err.msg, points[i]));
	}
	assert_int_equal(rmdir(canary), 0); /* still empty */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(shows_what_it_changed_and_no_more),
		TEST_IN_SCRATCH(shows_a_replaced_folder_as_changed),
		TEST_IN_SCRATCH(leaves_the_image_untouched),
		TEST_IN_SCRATCH(keeps_its_files_over_a_second_start),
		TEST_IN_SCRATCH(opens_its_files_running_or_not),
		TEST_IN_SCRATCH(
			refuses_an_image_with_links_for_its_mount_points),
	};

	return cmocka_run_group_tests_name("container_files", tests, NULL, NULL);
}
