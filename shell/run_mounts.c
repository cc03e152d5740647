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
#include "runtime/volumes.h"
#include "shell/run_fill.h"

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
};

/* ---- one for each target ---- */

static struct wanted *at_target(const struct mounting *m, const char *target)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->items[i].mount.target, target) == 0)
			return &m->items[i];
	return NULL;
}

static bool is_tmpfs(const struct spec *spec, const char *target)
{
	size_t len = strlen(target);

	for (size_t i = 0; i < spec->tmpfs.count; i++)
		if (strncmp(spec->tmpfs.items[i], target, len) == 0 &&
		    (spec->tmpfs.items[i][len] == ':' ||
		     !spec->tmpfs.items[i][len]))
			return true;
	return false;
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
	if (must_exist && access(mount->source, F_OK) < 0 && errno == ENOENT)
		return invalid(mount, err,
			       "bind source path does not exist: %s",
			       mount->source);
	return 0;
}

static int check_volume(const struct mount_spec *mount, struct err *err)
{
	bool named = mount->source && *mount->source;

	if (!named && mount->readonly)
		return invalid(
			mount, err,
			"must not set ReadOnly mode when using anonymous volumes");
	for (size_t i = 0; i < mount->other_options.count; i++) {
		const char *option = mount->other_options.items[i];

		if (strcmp(option, "volume-driver=local") != 0)
			return err_set(
				err, ENOTSUP,
				_("'%s' is Docker's, but not ours: volumes are folders of this machine, below the home"),
				option);
	}
	return named ? volumes_check_name(mount->source, err) : 0;
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
	if (mount->source && *mount->source)
		return invalid(mount, err,
			       "field Source must not be specified");
	return 0;
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

/* One word of ":ro,z". Returns false for what Docker does not know there. */
static bool set_mode(struct mount_spec *mount, const char *word)
{
	static const char *const others[] = {
		/* marks for SELinux, and for Docker on other systems */
		"rw", "z", "Z", "consistent", "cached", "delegated",
	};

	if (strcmp(word, "ro") == 0)
		mount->readonly = true;
	else if (strcmp(word, "nocopy") == 0)
		mount->no_copy = true;
	else if (is_propagation(word))
		take(&mount->propagation, mem_str(word));
	else {
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			if (strcmp(others[i], word) == 0)
				return true;
		return false;
	}
	return true;
}

static bool set_modes(struct mount_spec *mount, const char *text)
{
	OWN_STRS struct strs words = { 0 };

	strs_split(&words, text, ',');
	for (size_t i = 0; i < words.count; i++)
		if (!set_mode(mount, words.items[i]))
			return false;
	return true;
}

static int bad_volume(const char *text, struct err *err)
{
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "invalid volume specification: '%s'", text);
}

/* "./x" is below the folder one stands in. */
static char *absolute(const char *source)
{
	char here[PATH_MAX];
	OWN_FREE char *joined = NULL;

	if ((strncmp(source, "./", 2) != 0 && strcmp(source, ".") != 0) ||
	    !getcwd(here, sizeof(here)))
		return mem_str(source);
	joined = mem_fmt("%s/%s", here, source);
	return fs_clean_path(joined);
}

static int parse_volume(const char *text, struct mount_spec *out,
			struct err *err)
{
	OWN_STRS struct strs parts = { 0 };
	struct mount_spec ignored;
	bool mode_for_target;

	mount_spec_init(out);
	mount_spec_init(&ignored);
	strs_split(&parts, text, ':');
	if (parts.count == 0 || parts.count > 3 || !*parts.items[0])
		return bad_volume(text, err);
	mode_for_target =
		parts.count == 2 && set_modes(&ignored, parts.items[1]);
	mount_spec_done(&ignored);
	if (mode_for_target)
		return bad_volume(text, err);
	if (parts.count > 1)
		out->source = absolute(parts.items[0]);
	out->target = mem_str(parts.items[parts.count > 1 ? 1 : 0]);
	out->type = mem_str(out->source && out->source[0] == '/' ? "bind"
								 : "volume");
	if (parts.count == 3 && !set_modes(out, parts.items[2]))
		return err_docker(err, ERR_DAEMON, EINVAL, "invalid mode: %s",
				  parts.items[2]);
	return 0;
}

static int add_volume(struct mounting *m, const char *text, struct err *err)
{
	OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
	struct err why = { 0 };
	bool bind;
	int r = parse_volume(text, &mount, err);

	if (r < 0)
		return r;
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
	r = check(&mount, false, err);
	if (r == 0)
		r = name_it(&mount, err);
	return r == 0 ? add(m, &mount, false, err) : r;
}

/* ---- --mount, --volumes-from, --tmpfs ---- */

static int add_mount(struct mounting *m, const char *text, struct err *err)
{
	OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
	int r = mount_spec_parse(text, &mount, err);

	if (r == 0)
		r = check(&mount, true, err);
	if (r == 0)
		r = name_it(&mount, err);
	return r == 0 ? add(m, &mount, true, err) : r;
}

/* "web", "web:ro": all that another container mounts. */
static int add_from(struct mounting *m, const char *text, struct err *err)
{
	OWN_FREE char *name = mem_strn(text, strcspn(text, ":"));
	const char *mode = text + strlen(name);
	OWN_CONTAINER struct container c = { 0 };
	bool read_only = strcmp(mode, ":ro") == 0;
	int r;

	if (!*name)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"volumes-from specification cannot be an empty string");
	if (*mode && !read_only && strcmp(mode, ":rw") != 0 &&
	    strcmp(mode, ":z") != 0 && strcmp(mode, ":Z") != 0)
		return err_docker(err, ERR_DAEMON, EINVAL, "invalid mode: %s",
				  mode + 1);
	r = container_find(m->shell->home, name, &c, err);
	if (r < 0) {
		err->voice = ERR_DAEMON;
		return r;
	}
	for (size_t i = 0; i < c.spec.mounts.count && r == 0; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };

		r = mount_spec_read(c.spec.mounts.items[i], &mount, err);
		if (r < 0 || mount_spec_is(&mount, "tmpfs"))
			continue;
		mount.readonly = mount.readonly || read_only;
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
		strs_addf(&spec->tmpfs, "%s%s", clean, text + len);
	}
	return 0;
}

/* ---- the whole ---- */

static int gather(struct mounting *m, const struct run_opts *o,
		  const struct image *image, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < o->volumes_from.count && r == 0; i++)
		r = add_from(m, o->volumes_from.items[i], err);
	for (size_t i = 0; i < o->volumes.count && r == 0; i++)
		if (strchr(o->volumes.items[i], ':'))
			r = add_volume(m, o->volumes.items[i], err);
	for (size_t i = 0; i < o->mounts.count && r == 0; i++)
		r = add_mount(m, o->mounts.items[i], err);
	for (size_t i = 0; i < o->volumes.count && r == 0; i++)
		if (!strchr(o->volumes.items[i], ':'))
			r = add_anonymous(m, o->volumes.items[i], err);
	for (size_t i = 0; i < image->config.volumes.count && r == 0; i++)
		r = add_anonymous(m, image->config.volumes.items[i], err);
	return r;
}

/* Docker makes a folder that -v names and that is not there. */
static int make_folders(const struct mounting *m, struct err *err)
{
	for (size_t i = 0; i < m->to_make.count; i++) {
		const char *path = m->to_make.items[i];
		struct err why = { 0 };

		if (access(path, F_OK) == 0 ||
		    fs_make_dirs(AT_FDCWD, path, 0755, &why) == 0)
			continue;
		return err_docker(
			err, ERR_DAEMON, why.code,
			"error while creating mount source path '%s': mkdir %s: %s",
			path, path,
			why.code == EACCES    ? "permission denied"
			: why.code == EROFS   ? "read-only file system"
			: why.code == ENOTDIR ? "not a directory"
					      : strerror(why.code));
	}
	return 0;
}

int run_fill_mounts(struct shell *shell, const struct run_opts *o,
		    const struct image *image, struct spec *spec,
		    struct err *err)
{
	struct mounting m = { .shell = shell, .spec = spec };
	int r = fill_tmpfs(&o->tmpfs, spec, err);

	if (r == 0)
		r = gather(&m, o, image, err);
	if (r == 0)
		r = make_folders(&m, err);
	for (size_t i = 0; i < m.count; i++) {
		struct buf text = { 0 };

		mount_spec_write(&m.items[i].mount, &text);
		strs_take(&spec->mounts, buf_give(&text));
		mount_spec_done(&m.items[i].mount);
	}
	free(m.items);
	strs_done(&m.to_make);
	return r;
}
