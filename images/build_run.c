/* images/build_run.c - RUN: a container, and what its program wrote.
 *
 *   command    the words of the JSON form, or the text for the SHELL
 *   cache      asked by the command with the ARGs in use in front of it:
 *              "|1 WHO=you /bin/sh -c make"
 *   container  of the image so far: its user, folder and environment, and the
 *              ARGs; no entrypoint, no input, no terminal
 *   layer      what it wrote (upper.h), if it ended with 0
 *
 * Source: Docker 20.10, builder/dockerfile/dispatchers.go, dispatchRun; of heredocs
 * docker/buildkit, frontend/dockerfile/dockerfile2llb. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "images/build_private.h"
#include "images/run_spec.h"
#include "images/stage.h"
#include "images/upper.h"
#include "runtime/base/amount.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/mount_spec.h"
#include "runtime/names.h"
#include "runtime/spec.h"

/* ---- the spec ---- */

/* What a program writes below a VOLUME goes to a volume that is thrown away: no
 * later step sees it, as in Docker. `VOLUME data` is at /data, wherever WORKDIR is. */
static int add_volume(struct spec *spec, const char *path, struct err *err)
{
	OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
	OWN_FREE char *place = mem_fmt("/%s", path);
	char name[ID_LEN + 1];
	struct buf text = { 0 };
	int r = names_random_id(name, err);

	if (r < 0)
		return r;
	mount_spec_init(&mount);
	mount.type = mem_str("volume");
	mount.source = mem_str(name);
	mount.target = fs_clean_path(place);
	mount.anonymous = true;
	mount_spec_write(&mount, &text);
	strs_take(&spec->mounts, buf_give(&text));
	return 0;
}

static int find_present(struct build *build, struct image *image,
			struct err *err)
{
	if (build->image_id)
		return image_find(build->store, build->image_id, image, err);
	image->id = mem_str("");
	return 0;
}

int build_fill_spec(struct build *build, const struct image_config *step,
		    struct spec *spec, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	struct run_choice choice = {
		.image = build->image_id ? build->image_id : "",
		.args = &step->cmd,
		.entrypoint_given = step->cmd.count > 0,
	};
	int r = find_present(build, &image, err);

	if (r < 0)
		return r;
	image_config_done(&image.config);
	image_config_copy(&image.config, step);
	strs_clear(&image.config.health_test);
	r = run_spec_fill(spec, &image, &choice, err);
	for (size_t i = 0; i < step->volumes.count && r == 0; i++)
		r = add_volume(spec, step->volumes.items[i], err);
	if (r == 0 && build->choice->prepare)
		r = build->choice->prepare(build->choice->arg, spec, err);
	return r;
}

int build_make_container(struct build *build, const struct image_config *step,
			 char **out_id, struct err *err)
{
	OWN_SPEC struct spec spec;
	char id[ID_LEN + 1];
	int r = names_random_id(id, err);

	spec_init(&spec);
	if (r < 0)
		return r;
	spec.id = mem_str(id);
	if (build->choice->keep) {
		r = build_fill_spec(build, step, &spec, err);
		if (r == 0)
			r = container_create(store_home(build->store), &spec,
					     err);
	}
	if (r == 0)
		*out_id = mem_str(id);
	return r;
}

/* ---- the command ---- */

static void take_command(struct build *build,
			 const struct instruction *instruction,
			 struct strs *out)
{
	OWN_FREE char *script = NULL;
	bool program = false;

	if (instruction->json) {
		strs_copy(out, &instruction->args);
		return;
	}
	script = instruction_script(instruction, &program);
	if (program) {
		strs_addf(out, BUILD_SCRIPTS "/%s",
			  instruction->heredocs[0].name);
		return;
	}
	if (build->config.shell.count) {
		strs_copy(out, &build->config.shell);
	} else {
		strs_add(out, "/bin/sh");
		strs_add(out, "-c");
	}
	if (*script)
		strs_add(out, script);
}

/* ---- one RUN ---- */

/* args     the ARGs in use
 * command  as it runs
 * network  RUN --network, or NULL */
struct running {
	struct build *build;
	struct build_mounts mounts;
	struct strs args;
	struct strs command;
	const char *network;
	char *id;
};

/* What the cache is asked by, and the history shows. */
static void fill_step(const struct running *running, struct image_config *step)
{
	OWN_STRS struct strs counted = { 0 };

	image_config_copy(step, &running->build->config);
	for (size_t i = 0; i < running->args.count; i++)
		if (build_args_counts(&running->build->args,
				      running->args.items[i]))
			strs_add(&counted, running->args.items[i]);
	strs_sort(&counted);
	strs_clear(&step->cmd);
	/* With nothing but a proxy Docker writes "|0". */
	if (running->args.count)
		strs_addf(&step->cmd, "|%zu", counted.count);
	strs_copy(&step->cmd, &counted);
	strs_copy(&step->cmd, &running->mounts.key);
	strs_copy(&step->cmd, &running->command);
	step->has_cmd = true;
	if (step->cmd.count) {
		strs_clear(&step->entrypoint);
		step->has_entrypoint = false;
	}
}

static int take_network(const struct running *running, struct spec *spec,
			struct err *err)
{
	const char *network = running->network;

	if (!network || strcmp(network, "default") == 0)
		return 0;
	if (strcmp(network, "none") != 0 && strcmp(network, "host") != 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "network mode \"%s\" is not supported by buildkit",
				  network);
	endpoints_done(&spec->networks);
	free(spec->network_mode);
	spec->network_mode = mem_str(network);
	return 0;
}

static int fill_running(const struct running *running, struct spec *spec,
			struct err *err)
{
	OWN_CONFIG struct image_config step = { 0 };
	int r;

	image_config_copy(&step, &running->build->config);
	/* RUN [] runs the CMD, as in Docker. */
	if (running->command.count)
		strs_clear(&step.cmd);
	strs_copy(&step.cmd, &running->command);
	strs_copy(&step.env, &running->args);
	r = build_fill_spec(running->build, &step, spec, err);
	strs_copy(&spec->mounts, &running->mounts.mounts);
	strs_copy(&spec->tmpfs, &running->mounts.tmpfs);
	if (r == 0)
		r = take_network(running, spec, err);
	spec->id = mem_str(running->id);
	spec->attach_stdout = true;
	spec->attach_stderr = true;
	spec->auto_remove = running->build->choice->force_remove;
	return r;
}

static int fail(const struct running *running, int code, struct err *err)
{
	const struct build *build = running->build;
	OWN_FREE char *shell = NULL;
	const char *id;
	OWN_FREE char *command = strs_join(&running->command, " ");

	err_docker(err, ERR_BARE, ECHILD,
		   "The command '%s' returned a non-zero code: %d", command,
		   code);
	(void)err_status(err, code);
	if (!build->image_id)
		return -err->code;
	id = digest_hex(build->image_id);
	shell = build->config.entrypoint.count ?
			mem_fmt("run --rm -it --entrypoint sh %.12s", id) :
			mem_fmt("run --rm -it %.12s sh", id);
	if (build->choice->force_remove)
		return err_hint(err, _("'%s' shows the files as this step found them"),
				shell);
	return err_hint(err, _("'%s' shows the files as this step found them, 'diff %.12s' what it wrote"),
			shell, running->id);
}

static int make_layer(const struct build *build, const struct upper *upper,
		      struct stage *stage, const char *below, struct err *err)
{
	int place;

	if (!*below)
		below = NULL;
	amount_begin(N_("Making the layer - "), 0);
	place = build->choice->keep ? upper_stage(upper, stage, below, err)
				    : upper_take(upper, stage, below, err);
	amount_end();
	return place;
}

/* The layer of what it wrote, and with it the image. */
static int finish(struct running *running, const struct spec *spec,
		  const struct image_config *step, struct err *err)
{
	struct build *build = running->build;
	const struct upper upper = {
		store_home(build->store), spec->id,
		spec->layers.count ? spec->layers.items[0] : NULL
	};
	struct build_result result = {
		.step = step,
		.container = spec->id,
		.layer = -1,
	};
	char below[DIGEST_SIZE];
	int r = upper_has_changes(&upper, err);

	if (r > 0) {
		r = stage_open(store_home(build->store), &result.stage, err);
		if (r == 0)
			r = build_chain(build, below, err);
		if (r == 0)
			r = result.layer = make_layer(build, &upper,
						      result.stage, below, err);
	}
	if (r >= 0)
		r = build_finish(build, &result, err);
	stage_close(result.stage);
	return r;
}

/* A program that could not be started: 126 and 127 are the statuses of `run`. */
static void as_step(const struct build *build, struct err *err)
{
	(void)err_status(err, 1);
	if (!build->image_id)
		(void)err_hint(err, _("FROM scratch begins with no file at all: COPY a program into it first, one that needs no libraries"));
}

static int run_it(struct running *running, const struct image_config *step,
		  struct err *err)
{
	struct build *build = running->build;
	const struct home *home = store_home(build->store);
	const struct attach attach = {
		.in_fd = -1,
		.out_fd = fileno(build->out),
		.err_fd = fileno(build->out),
		.red_errors = true,
	};
	OWN_SPEC struct spec spec;
	int lock_fd = -1;
	int code = 0;
	int r;

	spec_init(&spec);
	r = fill_running(running, &spec, err);
	if (r == 0 && build->choice->keep)
		r = container_run(home, &spec, &attach, &code, err);
	else if (r == 0)
		r = container_run_for_layer(home, &spec, &attach, &code,
					    &lock_fd, err);
	if (r == 0)
		r = code ? fail(running, code, err) :
			   finish(running, &spec, step, err);
	if (lock_fd >= 0)
		container_clear(home, &spec, lock_fd);
	if (r < 0 && r != -EINTR && !code)
		as_step(build, err);
	return r;
}

static int choose_id(struct running *running, struct err *err)
{
	char id[ID_LEN + 1];
	int r = names_random_id(id, err);

	if (r == 0)
		running->id = mem_str(id);
	return r;
}

/* Flags that ask for what is not here. */
static int check_flags(const struct instruction *instruction, struct err *err)
{
	const char *security = instruction_flag(instruction, "security");

	if (!security || strcmp(security, "sandbox") == 0)
		return 0;
	err_set(err, ENOTSUP, _("RUN --security=%s: a step with all rights could do to this account what it likes"),
		security);
	return err_hint(err, _("line %d: leave it out; 'run --privileged' shows what such rights are"),
			instruction->line);
}

int build_run_step(struct build *build, const struct instruction *instruction,
		   struct err *err)
{
	OWN_CONFIG struct image_config step = { 0 };
	struct running running = {
		.build = build,
		.network = instruction_flag(instruction, "network"),
	};
	int r = check_flags(instruction, err);

	if (r == 0)
		r = build_mounts_read(build, instruction, &running.mounts, err);
	if (r == 0) {
		take_command(build, instruction, &running.command);
		build_args_list(&build->args, &build->config.env,
				&running.args);
		fill_step(&running, &step);
		r = build_cache_use(build, &step, err);
	}
	if (r == 0)
		r = choose_id(&running, err);
	if (r == 0 && running.id) {
		build_show_container(build, running.id);
		r = run_it(&running, &step, err);
	}
	build_mounts_done(&running.mounts);
	strs_done(&running.args);
	strs_done(&running.command);
	free(running.id);
	return r < 0 ? r : 0;
}
