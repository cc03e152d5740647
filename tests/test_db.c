/* tests/test_db.c */
#include "runtime/base/db.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/test.h"

static const char *const scripts[] = {
	"CREATE TABLE t(k TEXT PRIMARY KEY, v INTEGER)",
	"ALTER TABLE t ADD COLUMN w TEXT",
	"CREATE TABLE u(x)",
};

static char *where(struct scratch *dir)
{
	return scratch_path(dir, "a b?#%/test.db");
}

static struct db *open_db(struct scratch *dir)
{
	OWN_FREE char *path = where(dir);
	struct err err = { 0 };
	struct db *db = NULL;

	scratch_mkdir(dir, "a b?#%");
	assert_ok(db_open(path, &db, &err), &err);
	return db;
}

static void put(struct db *db, const char *key, int64_t value)
{
	struct err err = { 0 };
	int r;

	assert_ok(db_begin(db, &err), &err);
	r = db_run(db, &err, "INSERT OR REPLACE INTO t(k, v) VALUES(?, ?)",
		   "si", key, value);
	assert_ok(db_end(db, r, &err), &err);
}

static int64_t get(struct db *db, const char *key)
{
	struct err err = { 0 };
	OWN_STMT struct sqlite3_stmt *stmt =
		db_query(db, &err, "SELECT v FROM t WHERE k = ?", "s", key);

	assert_non_null(stmt);
	return db_next(db, stmt, &err) == 1 ? db_int(stmt, 0) : -1;
}

static struct db *open_with_table(struct scratch *dir)
{
	struct db *db = open_db(dir);
	struct err err = { 0 };

	assert_ok(db_begin(db, &err), &err);
	assert_ok(db_end(db, db_migrate(db, scripts, 1, &err), &err), &err);
	return db;
}

static void a_new_one_is_private_and_of_version_0(void **state)
{
	struct db *db = open_db(*state);
	OWN_FREE char *path = where(*state);
	struct err err = { 0 };
	struct stat st;
	int version = -1;

	assert_ok(db_version(db, &version, &err), &err);
	assert_int_equal(version, 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	db_close(db);
	db_close(NULL);
}

static void migrations_go_on_from_where_they_were(void **state)
{
	struct db *db = open_with_table(*state);
	struct err err = { 0 };
	int version = 0;

	assert_ok(db_begin(db, &err), &err);
	assert_ok(db_end(db, db_migrate(db, scripts, 3, &err), &err), &err);
	assert_ok(db_version(db, &version, &err), &err);
	assert_int_equal(version, 3);
	assert_true(db_run(db, &err, "UPDATE t SET w = ?", "s", NULL) >= 0);
	/* An older program does not touch a newer database. */
	assert_int_equal(db_migrate(db, scripts, 2, &err), -EPROTO);
	assert_true(err.hint[0]);
	db_close(db);
}

static void what_fails_is_taken_back_whole(void **state)
{
	struct db *db = open_with_table(*state);
	struct err err = { 0 };
	int r;

	put(db, "a", 1);
	assert_ok(db_begin(db, &err), &err);
	r = db_run(db, &err, "UPDATE t SET v = 2", "");
	assert_int_equal(r, 1);
	assert_int_equal(db_end(db, -EINVAL, &err), -EINVAL);
	assert_int_equal(get(db, "a"), 1);
	assert_int_equal(db_run(db, &err, "INSERT INTO t(k) VALUES('a')", ""),
			 -EEXIST);
	assert_true(db_run(db, &err, "no SQL", "") < 0);
	assert_null(db_query(db, &err, "SELECT nothing FROM nowhere", ""));
	db_close(db);
}

static void a_damaged_file_says_how_to_mend_it(void **state)
{
	OWN_FREE char *path = where(*state);
	struct err err = { 0 };
	struct db *db = NULL;

	scratch_write(*state, "a b?#%/test.db",
		      "this is no database, whatever its name may be");
	assert_int_equal(db_open(path, &db, &err), -EUCLEAN);
	assert_non_null(strstr(err.hint, "move this file"));
	assert_null(db);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
	OWN_FREE char *path = scratch_path(*state, "none/test.db");
	struct err err = { 0 };
	struct db *db = NULL;

	assert_true(db_open(path, &db, &err) < 0);
	assert_non_null(strstr(err.msg, path));
	assert_int_equal(db_glance(path, &db, &err), -ENOENT);
}

/* ---- glances ---- */

/* Another program that writes, and keeps the file open until it is told to end. */
struct other {
	pid_t pid;
	int to;
	int from;
};

static void other_start(const char *path, int64_t value, struct other *out)
{
	int in[2];
	int back[2];
	char byte = 0;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(back, O_CLOEXEC), 0);
	out->pid = fork();
	assert_true(out->pid >= 0);
	if (out->pid == 0) {
		struct err err = { 0 };
		struct db *db = NULL;

		close(in[1]);
		if (db_open(path, &db, &err) < 0)
			_exit(1);
		put(db, "a", value);
		(void)!write(back[1], "w", 1);
		(void)!read(in[0], &byte, 1);
		db_close(db);
		_exit(0);
	}
	close(in[0]);
	close(back[1]);
	out->to = in[1];
	out->from = back[0];
	assert_int_equal(read(out->from, &byte, 1), 1);
}

static void other_end(struct other *other)
{
	close(other->to);
	close(other->from);
	assert_int_equal(child_status(other->pid), 0);
}

static void a_glance_sees_what_was_committed(void **state)
{
	OWN_FREE char *path = where(*state);
	struct db *glance = NULL;
	struct err err = { 0 };
	struct other other;

	db_close(open_with_table(*state));
	other_start(path, 1, &other);
	/* With the writer still open: its log is empty between transactions. */
	assert_ok(db_glance(path, &glance, &err), &err);
	assert_int_equal(get(glance, "a"), 1);
	assert_true(db_glance_held(glance));
	db_close(glance);
	other_end(&other);
	assert_ok(db_glance(path, &glance, &err), &err);
	assert_int_equal(get(glance, "a"), 1);
	assert_true(db_glance_held(glance));
	db_close(glance);
}

static void a_glance_does_not_count_when_somebody_wrote(void **state)
{
	struct db *db = open_with_table(*state);
	OWN_FREE char *path = where(*state);
	struct db *glance = NULL;
	struct err err = { 0 };
	struct other other;

	put(db, "a", 1);
	db_close(db);
	assert_ok(db_glance(path, &glance, &err), &err);
	assert_int_equal(get(glance, "a"), 1);
	/* The same row, the same page, the same size. */
	other_start(path, 2, &other);
	assert_false(db_glance_held(glance));
	db_close(glance);
	other_end(&other);
}

/* Many small writers against many glances: none may see half of a transaction,
 * and every one that counts sees both numbers equal. */
static void no_glance_sees_half_a_transaction(void **state)
{
	struct db *db = open_with_table(*state);
	OWN_FREE char *path = where(*state);
	int wrong = 0;
	int counted = 0;
	pid_t child;

	put(db, "a", 0);
	put(db, "z", 0);
	db_close(db);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct err err = { 0 };
		struct db *writer = NULL;

		if (db_open(path, &writer, &err) < 0)
			_exit(1);
		for (int64_t i = 1; i <= 60; i++) {
			int r = db_begin(writer, &err);

			if (r == 0)
				r = db_run(writer, &err, "UPDATE t SET v = ?",
					   "i", i);
			if (db_end(writer, r, &err) < 0)
				_exit(1);
		}
		_exit(0);
	}
	while (waitpid(child, NULL, WNOHANG) == 0) {
		struct err err = { 0 };
		struct db *glance = NULL;
		int64_t a;
		int64_t z;

		if (db_glance(path, &glance, &err) < 0)
			continue;
		a = get(glance, "a");
		z = get(glance, "z");
		if (db_glance_held(glance)) {
			counted++;
			wrong += a != z || a < 0;
		}
		db_close(glance);
	}
	assert_int_equal(wrong, 0);
	print_message("# %d glances counted\n", counted);
}

static int add_one_twenty_times(const char *path)
{
	struct err err = { 0 };
	struct db *writer = NULL;
	int r = db_open(path, &writer, &err);

	for (int i = 0; i < 20 && r >= 0; i++) {
		r = db_begin(writer, &err);
		if (r == 0)
			r = db_end(writer,
				   db_run(writer, &err, "UPDATE t SET v = v + 1",
					  ""),
				   &err);
	}
	return r;
}

static void two_writers_wait_for_each_other(void **state)
{
	struct db *db = open_with_table(*state);
	OWN_FREE char *path = where(*state);
	pid_t children[2];

	put(db, "n", 0);
	db_close(db);
	for (int c = 0; c < 2; c++) {
		children[c] = fork();
		assert_true(children[c] >= 0);
		if (children[c] == 0)
			_exit(add_one_twenty_times(path) < 0);
	}
	assert_int_equal(child_status(children[0]), 0);
	assert_int_equal(child_status(children[1]), 0);
	db = open_db(*state);
	assert_int_equal(get(db, "n"), 40);
	db_close(db);
}

/* Whether another process could have the file to itself. In a child: a process sees
 * no lock of its own. */
static bool can_be_locked_whole(const char *path)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct flock whole = { .l_type = F_WRLCK };
		int fd = open(path, O_RDWR | O_CLOEXEC);

		_exit(fd < 0 || fcntl(fd, F_GETLK, &whole) < 0
			      ? 2
			      : whole.l_type == F_UNLCK);
	}
	return child_status(child) != 0;
}

static void locks_outlive_a_glance_and_a_second_opening(void **state)
{
	struct db *db = open_with_table(*state);
	OWN_FREE char *path = where(*state);
	struct db *second = NULL;
	struct db *glance = NULL;
	struct err err = { 0 };

	put(db, "n", 1);
	assert_false(can_be_locked_whole(path));
	assert_ok(db_open(path, &second, &err), &err);
	db_close(second);
	assert_false(can_be_locked_whole(path));
	assert_int_equal(db_glance(path, &glance, &err), -EAGAIN);
	assert_false(can_be_locked_whole(path));
	db_close(db);
	assert_true(can_be_locked_whole(path));
	assert_ok(db_glance(path, &glance, &err), &err);
	db_close(glance);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(a_new_one_is_private_and_of_version_0),
		TEST_IN_SCRATCH(migrations_go_on_from_where_they_were),
		TEST_IN_SCRATCH(what_fails_is_taken_back_whole),
		TEST_IN_SCRATCH(a_damaged_file_says_how_to_mend_it),
		TEST_IN_SCRATCH(a_folder_that_is_not_there_is_named),
		TEST_IN_SCRATCH(a_glance_sees_what_was_committed),
		TEST_IN_SCRATCH(a_glance_does_not_count_when_somebody_wrote),
		TEST_IN_SCRATCH(no_glance_sees_half_a_transaction),
		TEST_IN_SCRATCH(two_writers_wait_for_each_other),
		TEST_IN_SCRATCH(locks_outlive_a_glance_and_a_second_opening),
	};

	return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
