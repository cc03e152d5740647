/* shell/run_mounts.c - -v, --mount, --volumes-from, --tmpfs and the image's own
 * volumes become the mounts of a container.
 *
 * All become struct mount_spec first, one for each target; who comes later takes
 * the place of what another container or the image had there. The rules and words
 * are those of Docker's volume/mounts and daemon/volumes.go. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/mount_spec.h"
#include "runtime/names.h"
#include "runtime/spec.h"
#include "runtime/volume.h"
#include "shell/cmd.h"
#include "shell/mount_sources.h"
#include "shell/report.h"
#include "shell/run_fill.h"
#include "shell/volume_spec.h"

/* fixed: asked for by -v or --mount; a second one on the target is an error */
struct wanted {
	struct mount_spec mount;
	bool fixed;
};

struct mounting {
	struct shell *shell;
	struct wanted *items;
	size_t count;
	struct strs to_make; /* folders of the machine */
	const struct spec *spec;
	const char *driver;
	bool labelled; /* z or Z was among the words */
};

/* ---- one for each target ---- */

static struct wanted *at_target(const struct mounting *m, const char *target)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->items[i].mount.target, target) == 0)
			return &m->items[i];
	return NULL;
}

/* Where the list of them has the target; its count: nowhere. */
static size_t find_tmpfs(const struct spec *spec, const char *target)
{
	size_t len = strlen(target);
	size_t i = 0;

	for (; i < spec->tmpfs.count; i++)
		if (strncmp(spec->tmpfs.items[i], target, len) == 0 &&
		    (spec->tmpfs.items[i][len] == ':' ||
		     !spec->tmpfs.items[i][len]))
			break;
	return i;
}

static bool is_tmpfs(const struct spec *spec, const char *target)
{
	return find_tmpfs(spec, target) < spec->tmpfs.count;
}

static void take(char **where, char *text)
{
	free(*where);
	*where = text;
}

/* Takes what is in *mount; it is empty afterwards. */
static int add(struct mounting *m, struct mount_spec *mount, bool fixed,
	       struct err *err)
{
	struct wanted *there;

	take(&mount->target, fs_clean_path(mount->target));
	there = at_target(m, mount->target);
	if (fixed &&
	    ((there && there->fixed) || is_tmpfs(m->spec, mount->target)))
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Duplicate mount point: %s", mount->target);
	if (!there) {
		m->items = mem_grow(m->items, m->count + 1, sizeof(*m->items));
		there = &m->items[m->count++];
	} else {
		mount_spec_done(&there->mount);
	}
	*there = (struct wanted){ *mount, fixed };
	mount_spec_init(mount);
	return 0;
}

/* ---- what the daemon checks ---- */

static int invalid(const struct mount_spec *mount, struct err *err,
		   const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int invalid(const struct mount_spec *mount, struct err *err,
		   const char *format, ...)
{
	OWN_BUF struct buf text = { 0 };
	va_list args;

	va_start(args, format);
	buf_vfmt(&text, format, args);
	va_end(args);
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "invalid mount config for type \"%s\": %s",
			  mount->type, buf_text(&text));
}

static int extra_field(const struct mount_spec *mount, const char *field,
		       struct err *err)
{
	return invalid(mount, err, "field %s must not be specified", field);
}

static bool is_propagation(const char *text)
{
	static const char *const known[] = { "private", "rprivate", "slave",
					     "rslave",  "shared",   "rshared" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], text) == 0)
			return true;
	return false;
}

static int check_target(const struct mount_spec *mount, struct err *err)
{
	OWN_FREE char *clean = NULL;

	if (!mount->target || !*mount->target)
		return invalid(mount, err, "field Target must not be empty");
	clean = fs_clean_path(mount->target);
	if (strcmp(clean, "/") == 0)
		return invalid(
			mount, err,
			"invalid specification: destination can't be '/'");
	if (mount->target[0] != '/')
		return invalid(
			mount, err,
			"invalid mount path: '%s' mount path must be absolute",
			mount->target);
	return 0;
}

static int check_bind(const struct mount_spec *mount, bool must_exist,
		      struct err *err)
{
	const char *wish = mount->propagation;

	if (!mount->source || !*mount->source)
		return invalid(mount, err, "field Source must not be empty");
	if (wish && *wish && !is_propagation(wish))
		return invalid(mount, err, "invalid propagation mode: %s",
			       wish);
	if (mount->source[0] != '/')
		return invalid(
			mount, err,
			"invalid mount path: '%s' mount path must be absolute",
			mount->source);
	if (mount->volume_options)
		return extra_field(mount, "VolumeOptions", err);
	if (must_exist && access(mount->source, F_OK) < 0 && errno == ENOENT)
		return invalid(mount, err,
			       "bind source path does not exist: %s",
			       mount->source);
	return 0;
}

static int check_volume(const struct mount_spec *mount, struct err *err)
{
	bool named = mount->source && *mount->source;
	int r = 0;

	if (mount->bind_options)
		return extra_field(mount, "BindOptions", err);
	if (!named && mount->readonly)
		return invalid(
			mount, err,
			"must not set ReadOnly mode when using anonymous volumes");
	if (named)
		r = volume_check_name(mount->source, err);
	if (r == 0)
		r = volume_check_driver(named ? mount->source : "",
					mount->driver, err);
	if (r == 0)
		r = volume_check_options(named ? mount->source : "",
					 &mount->driver_options, err);
	return r;
}

static int check(const struct mount_spec *mount, bool must_exist,
		 struct err *err)
{
	int r = check_target(mount, err);

	if (r < 0)
		return r;
	if (mount_spec_is(mount, "bind"))
		return check_bind(mount, must_exist, err);
	if (mount_spec_is(mount, "volume"))
		return check_volume(mount, err);
	if (!mount_spec_is(mount, "tmpfs"))
		return invalid(mount, err, "mount type unknown");
	return mount->source && *mount->source ?
		       extra_field(mount, "Source", err) :
		       0;
}

/* A volume without a name gets 64 digits for one. */
static int name_it(struct mount_spec *mount, struct err *err)
{
	char name[ID_LEN + 1];
	int r;

	if (!mount_spec_is(mount, "volume") ||
	    (mount->source && *mount->source))
		return 0;
	r = names_random_id(name, err);
	if (r < 0)
		return r;
	take(&mount->source, mem_str(name));
	mount->anonymous = true;
	return 0;
}

/* ---- -v ---- */

static int add_volume(struct mounting *m, const char *text, struct err *err)
{
	OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
	struct err why = { 0 };
	bool bind;
	int r = volume_spec_read(text, &mount, err);

	if (r < 0)
		return r;
	if (mount_spec_is(&mount, "volume") && m->driver)
		take(&mount.driver, mem_str(m->driver));
	r = check(&mount, false, &why);
	if (r < 0 && why.voice == ERR_DAEMON &&
	    strncmp(why.msg, "create ", 7) != 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "invalid volume specification: '%s': %s",
				  text, why.msg);
	if (r < 0) {
		*err = why;
		return r;
	}
	bind = mount_spec_is(&mount, "bind");
	if (bind)
		strs_add(&m->to_make, mount.source);
	m->labelled = m->labelled || (mount.words && strpbrk(mount.words, "zZ"));
	return add(m, &mount, true, err);
}

/* "/data" alone: a volume without a name, unless something is there already. */
static int add_anonymous(struct mounting *m, const char *target,
			 struct err *err)
{
	OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
	OWN_FREE char *clean = fs_clean_path(target);
	int r;

	if (at_target(m, clean) || is_tmpfs(m->spec, clean))
		return 0;
	mount_spec_init(&mount);
	mount.type = mem_str("volume");
	mount.target = mem_str(target);
	mount.by = MOUNT_BY_PLACE;
	r = check(&mount, false, err);
	if (r == 0)
		r = name_it(&mount, err);
	return r == 0 ? add(m, &mount, false, err) : r;
}

/* `VOLUME data` of a Dockerfile is at /data, wherever WORKDIR is. */
static int add_of_image(struct mounting *m, const char *target, struct err *err)
{
	OWN_FREE char *place = mem_fmt("/%s", target);
	OWN_FREE char *clean = fs_clean_path(place);

	return add_anonymous(m, *target == '/' ? target : clean, err);
}

/* ---- --mount, --volumes-from, --tmpfs ---- */

static int add_mount(struct mounting *m, const char *text, struct err *err)
{
	OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
	int r = mount_spec_parse(text, &mount, err);

	mount.by = MOUNT_BY_MOUNT;
	if (r == 0)
		r = check(&mount, true, err);
	if (r == 0)
		r = name_it(&mount, err);
	return r == 0 ? add(m, &mount, true, err) : r;
}

/* "web", "web:ro": all that another container mounts. Nothing is copied into its
 * volumes a second time. */
static int add_from(struct mounting *m, const char *text, struct err *err)
{
	OWN_FREE char *name = NULL;
	OWN_CONTAINER struct container c = { 0 };
	bool read_only = false;
	int r = volume_spec_from(text, &name, &read_only, err);

	if (r < 0)
		return r;
	r = container_find(m->shell->home, name, &c, err);
	if (r < 0) {
		err->voice = ERR_DAEMON;
		return r;
	}
	for (size_t i = 0; i < c.spec.mounts.count && r == 0; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };

		r = mount_spec_read(c.spec.mounts.items[i], &mount, err);
		if (r < 0)
			continue;
		mount.readonly = mount.readonly || read_only;
		mount.by = MOUNT_BY_FROM;
		mount.no_copy = true;
		take(&mount.words, NULL);
		r = add(m, &mount, false, err);
	}
	return r;
}

static int fill_tmpfs(const struct strs *wishes, struct spec *spec,
		      struct err *err)
{
	for (size_t i = 0; i < wishes->count; i++) {
		const char *text = wishes->items[i];
		size_t len = strcspn(text, ":");
		OWN_FREE char *target = mem_strn(text, len);
		OWN_FREE char *clean = fs_clean_path(target);

		if (target[0] != '/')
			return err_docker(
				err, ERR_DAEMON, EINVAL,
				"invalid mount path: '%s' mount path must be absolute",
				target);
		if (strcmp(clean, "/") == 0)
			return err_docker(
				err, ERR_DAEMON, EINVAL,
				"invalid specification: destination can't be '/'");
		/* One place is one mount: what is said last counts. */
		if (is_tmpfs(spec, clean))
			strs_remove(&spec->tmpfs, find_tmpfs(spec, clean));
		strs_addf(&spec->tmpfs, "%s%s", clean, text + len);
	}
	return 0;
}

/* ---- the whole ---- */

static int gather(struct mounting *m, const struct run_opts *o,
		  const struct image *image, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < o->volumes.count && r == 0; i++)
		if (!*o->volumes.items[i])
			r = err_docker(err, ERR_BARE, EINVAL,
				       "invalid empty volume spec");
	for (size_t i = 0; i < o->volumes_from.count && r == 0; i++)
		r = add_from(m, o->volumes_from.items[i], err);
	for (size_t i = 0; i < o->volumes.count && r == 0; i++)
		if (!volume_spec_is_place(o->volumes.items[i]))
			r = add_volume(m, o->volumes.items[i], err);
	for (size_t i = 0; i < o->mounts.count && r == 0; i++)
		r = add_mount(m, o->mounts.items[i], err);
	for (size_t i = 0; i < o->volumes.count && r == 0; i++)
		if (volume_spec_is_place(o->volumes.items[i]))
			r = add_anonymous(m, o->volumes.items[i], err);
	for (size_t i = 0; i < image->config.volumes.count && r == 0; i++)
		r = add_of_image(m, image->config.volumes.items[i], err);
	return r;
}

int run_fill_mounts(struct shell *shell, const struct run_opts *o,
		    const struct image *image, struct spec *spec,
		    struct err *err)
{
	struct mounting m = {
		.shell = shell,
		.spec = spec,
		.driver = o->volume_driver && *o->volume_driver ?
				  o->volume_driver :
				  NULL,
	};
	int r = fill_tmpfs(&o->tmpfs, spec, err);

	if (r == 0)
		r = gather(&m, o, image, err);
	if (r == 0 && !o->planned)
		r = mount_sources_make(&m.to_make, err);
	for (size_t i = 0; i < m.count; i++) {
		struct buf text = { 0 };

		mount_spec_write(&m.items[i].mount, &text);
		strs_take(&spec->mounts, buf_give(&text));
		mount_spec_done(&m.items[i].mount);
	}
	free(m.items);
	strs_done(&m.to_make);
	strs_copy(&spec->volumes_from, &o->volumes_from);
	if (m.driver)
		spec->volume_driver = mem_str(m.driver);
	if (r == 0 && m.labelled && shell->interactive)
		report_hint(shell, _("z and Z mark files for SELinux, which keeps containers apart on some systems; they change nothing here"));
	return r;
}
