/* lessons/submission_take.c - see submission.h: a stranger's archive comes in
 *
 * All of it happens in a child with limits of its own; what leaves the child are
 * files in one folder and one message. An archive is taken to be hostile: each name
 * is looked at before a byte of it is written, what is neither file nor folder is
 * refused by its name, and how much is written has a bound however small it came. */
#include "lessons/submission.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "images/archive.h"
#include "lessons/commands.h"
#include "lessons/files.h"
#include "lessons/submission_check.h"
#include "lessons/worker.h"
#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* By the clock it may take long: a busy machine is no fault of whoever hands in. */
enum {
	TAKE_WALL_MS = 600000,
	TAKE_CPU_S = 60,
	TAKE_MEMORY = 256 << 20,
};

/* whole_fd  a file without a name: one of the archive's is there as a whole before its
 *           name is */
struct taking {
	int from_fd;
	int into_fd;
	int whole_fd;
	bool is_folder;
	int entries;
	long long bytes;
};

/* ---- an archive ---- */

static int refuse(const char *path, const char *what, struct err *err)
{
	return err_set(err, EINVAL,
		       _("'%.200s' is %s: a submission has only files and "
			 "folders in it"),
		       path, what);
}

/* "./a/b/" is "a/b"; *out "" for the root itself. Given. */
static int entry_path(struct archive_entry *entry, char **out, struct err *err)
{
	const char *name = archive_entry_pathname(entry);
	char *path;
	size_t len;

	if (!name)
		return err_set(err, EINVAL,
			       _("a name in the archive cannot be read"));
	while (name[0] == '.' && name[1] == '/')
		name += 2;
	len = strlen(name);
	while (len > 1 && name[len - 1] == '/')
		len--;
	if (len == 1 && *name == '.')
		len = 0;
	path = mem_strn(name, len);
	if (len > 0 && files_check_path(path, err) < 0) {
		free(path);
		return -err->code;
	}
	*out = path;
	return 0;
}

static int check_entry(struct taking *taking, struct archive_entry *entry,
		       const char *path, struct err *err)
{
	mode_t type = archive_entry_filetype(entry);

	if (++taking->entries > FILES_MOST)
		return err_set(err, EFBIG,
			       _("more than %d files and folders, the limit"),
			       FILES_MOST);
	if (archive_entry_hardlink(entry))
		return refuse(path, _("a hard link to another file"), err);
	if (type != AE_IFREG && type != AE_IFDIR)
		return refuse(path, files_what(type), err);
	if (type == AE_IFREG)
		taking->bytes += archive_entry_size(entry);
	if (archive_entry_size(entry) > FILES_MOST_BYTES ||
	    taking->bytes > FILES_MOST_BYTES)
		return err_set(err, EFBIG,
			       _("'%.200s': with it, the files have more than "
				 "%d MiB, the limit"),
			       path, FILES_MOST_BYTES >> 20);
	return 0;
}

static int take_file(struct taking *taking, struct tar_in *in,
		     struct archive_entry *entry, const char *path,
		     struct err *err)
{
	const struct files_put put = { .path = path,
				       .from_fd = taking->whole_fd,
				       .mode = archive_entry_perm(entry) };
	int r;

	if (ftruncate(taking->whole_fd, 0) < 0 ||
	    lseek(taking->whole_fd, 0, SEEK_SET) < 0)
		return err_errno(err, "ftruncate");
	r = tar_in_copy(in, taking->whole_fd, err);
	if (r == 0 && lseek(taking->whole_fd, 0, SEEK_SET) < 0)
		r = err_errno(err, "seek");
	return r < 0 ? r : files_put(taking->into_fd, &put, err);
}

static int take_entry(struct taking *taking, struct tar_in *in,
		      struct archive_entry *entry, struct err *err)
{
	OWN_FREE char *path = NULL;
	int r = entry_path(entry, &path, err);

	if (r == 0)
		r = check_entry(taking, entry, path, err);
	if (r < 0 || !path || !*path)
		return r;
	if (archive_entry_filetype(entry) == AE_IFDIR)
		return fs_make_dirs(taking->into_fd, path, 0755, err);
	return take_file(taking, in, entry, path, err);
}

static int take_archive(struct taking *taking, struct err *err)
{
	OWN_FD int whole_fd = memfd_create("submission", MFD_CLOEXEC);
	struct archive_entry *entry;
	struct tar_in *in = NULL;
	int r;

	if (whole_fd < 0)
		return err_errno(err, "memfd_create");
	taking->whole_fd = whole_fd;
	r = tar_in_open(taking->from_fd, TAR_NO_DIGESTS, &in, err);
	if (r < 0)
		return r;
	while ((r = tar_in_next(in, &entry, err)) > 0) {
		r = take_entry(taking, in, entry, err);
		if (r < 0)
			break;
	}
	tar_in_close(in);
	/* What was sent was cut short, or is something else. */
	if (r == 0 && taking->entries == 0)
		return err_set(err, EINVAL,
			       _("this archive is empty: there is no file in it"));
	return r;
}

/* ---- a folder ---- */

static int copy_file(void *ctx, int fd, const char *path, const struct stat *st,
		     struct err *err)
{
	struct taking *taking = ctx;

	return files_put(taking->into_fd,
			 &(struct files_put){ path, fd, st->st_mode }, err);
}

static int copy_folder(void *ctx, const char *path, struct err *err)
{
	struct taking *taking = ctx;

	if (strcmp(path, ".git") == 0)
		return 1;
	return fs_make_dirs(taking->into_fd, path, 0755, err);
}

static int copy_other(void *ctx, const char *path, const char *what,
		      struct err *err)
{
	(void)ctx;
	return refuse(path, what, err);
}

static int take_folder(struct taking *taking, struct err *err)
{
	const struct files_each each = { .ctx = taking,
					 .file = copy_file,
					 .folder = copy_folder,
					 .other = copy_other };

	return files_walk(taking->from_fd, &each, err);
}

/* ---- in the child ---- */

/* A file may be as long as all may be together. */
static void limit_files(void)
{
	const struct rlimit most = { FILES_MOST_BYTES + 1,
				     FILES_MOST_BYTES + 1 };

	(void)setrlimit(RLIMIT_FSIZE, &most); /* each name is checked anyway */
	(void)signal(SIGXFSZ, SIG_IGN);
}

/* What this machine has not enough of is no fault of the submission's. */
static bool is_ours(int code)
{
	return code == ENOSPC || code == EDQUOT || code == EIO ||
	       code == EROFS || code == ENOMEM || code == EMFILE ||
	       code == ENFILE;
}

static int work(void *arg, struct worker *worker, json_t **out, struct err *err)
{
	struct taking *taking = arg;
	struct err failed = { 0 };
	int r;

	(void)worker;
	limit_files();
	r = taking->is_folder ? take_folder(taking, &failed)
			      : take_archive(taking, &failed);
	if (r == 0)
		r = submission_look(taking->into_fd, out, &failed);
	if (r == 0)
		return 0;
	if (is_ours(failed.code)) {
		*err = failed;
		return r;
	}
	*out = json_pack("{s:s}", "refused", failed.msg);
	if (!*out) /* a name that is no UTF-8 */
		*out = json_pack("{s:s}", "refused",
				 _("a name in it is not UTF-8"));
	return 0;
}

/* ---- outside ---- */

static char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return mem_str(text ? text : "");
}

static void read_result(const json_t *json, struct submission *out)
{
	const json_t *remarks = json_object_get(json, "remarks");
	const json_t *marks = json_object_get(json, "marks");
	OWN_FREE char *seed = text_of(json, "seed");
	OWN_FREE char *digest = text_of(json, "digest");

	*out = (struct submission){
		.packed = json_is_true(json_object_get(json, "packed")),
		.lesson = text_of(json, "lesson"),
		.version = text_of(json, "version"),
		.lang = text_of(json, "lang"),
		.student = text_of(json, "student"),
		.seed = strtoull(seed, NULL, 16),
	};
	if (digest_is_valid(digest))
		memcpy(out->digest, digest, DIGEST_SIZE);
	out->marks.items = mem_zero(json_array_size(marks) + 1,
				    sizeof(*out->marks.items));
	out->marks.count = json_array_size(marks);
	for (size_t i = 0; i < out->marks.count; i++)
		out->marks.items[i] =
			(uint32_t)json_integer_value(json_array_get(marks, i));
	for (size_t i = 0; i < json_array_size(remarks); i++)
		strs_add(&out->remarks,
			 json_string_value(json_array_get(remarks, i)));
}

/* Gives the descriptor. */
static int open_source(const char *path, struct taking *taking,
		       bool *submissions_fault, struct err *err)
{
	/* A pipe would keep us waiting for its other end. */
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return err_errno(err, "open %s", path);
	if (fstat(fd, &st) < 0)
		return err_errno(err, "stat %s", path);
	taking->is_folder = S_ISDIR(st.st_mode);
	if (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode))
		return own_give_fd(&fd);
	*submissions_fault = true;
	return err_set(err, EINVAL, _("'%s' is %s, not a submission"), path,
		       files_what(st.st_mode));
}

/* What the child was ended for. */
static int ended(int r, int64_t took_ms, bool *submissions_fault,
		 struct err *err)
{
	if (r != -ETIMEDOUT && r != -EPROTO)
		return r;
	if (r == -ETIMEDOUT && took_ms >= TAKE_WALL_MS)
		return err_set(err, ETIMEDOUT,
			       _("unpacking it did not end within %d s: this "
				 "machine has too much to do"),
			       TAKE_WALL_MS / 1000);
	*submissions_fault = true;
	return err_set(err, -r,
		       r == -ETIMEDOUT
			       ? _("unpacking it takes too long: more than %d s")
			       : _("unpacking it needs more memory, or time, "
				   "than a submission may (%d s)"),
		       TAKE_CPU_S);
}

int submission_take(const char *path, int into_fd, struct submission *out,
		    bool *submissions_fault, struct err *err)
{
	struct taking taking = { .from_fd = -1,
				 .into_fd = into_fd,
				 .whole_fd = -1 };
	struct worker_job job = { .work = work,
				  .work_arg = &taking,
				  .wall_ms = TAKE_WALL_MS,
				  .cpu_s = TAKE_CPU_S,
				  .memory_bytes = TAKE_MEMORY };
	OWN_FD int from = open_source(path, &taking, submissions_fault, err);
	int64_t began = clock_ms();
	json_t *json = NULL;
	const char *refused;
	int r;

	if (from < 0)
		return from;
	taking.from_fd = from;
	archive_prepare();
	r = worker_run(&job, &json, err);
	if (r < 0)
		return ended(r, clock_ms() - began, submissions_fault, err);
	refused = json_string_value(json_object_get(json, "refused"));
	if (refused) {
		*submissions_fault = true;
		r = err_set(err, EINVAL, "%s", refused);
	} else {
		read_result(json, out);
	}
	json_decref(json);
	return r;
}
