/* shell/ps_view.c - see ps_view.h */
#include "shell/ps_view.h"

#include <errno.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/ps_columns.h"
#include "shell/table.h"

/* "name" or "name=HEADING" each. */
static const char *const whole_format[] = { "user=UID", "pid",  "ppid",
					    "c",	"stime", "tname",
					    "time",	"cmd",	NULL };
static const char *const short_format[] = { "pid", "tname", "time", "ucmd",
					    NULL };
static const char *const user_format[] = {
	"user", "pid",	"pcpu", "pmem",	      "vsz",	 "rss",
	"tname",	"stat", "start_time", "bsdtime", "args", NULL,
};
static const char *const bsd_format[] = { "pid",     "tname",  "stat",
					  "bsdtime", "args", NULL };

void ps_view_done(struct ps_view *view)
{
	strs_done(&view->headings);
}

static int not_understood(const char *option, struct err *err)
{
	err_set(err, EINVAL, _("top: the ps option '%s' is not understood"),
		option);
	return err_hint(err, _("understood are -ef, -e, aux, ax, and -o LIST with a list like user,pid,pcpu,rss,etime,args"));
}

/* One column of a list. */
static int add_column(struct ps_view *view, const char *text, struct err *err)
{
	const char *equals = strchr(text, '=');
	OWN_FREE char *name =
		mem_strn(text, equals ? (size_t)(equals - text) : strlen(text));
	const struct ps_column *column = ps_column_named(name);

	if (!column) {
		err_docker(err, ERR_DAEMON, EINVAL,
			   "ps: error: unknown user-defined format specifier \"%s\"",
			   name);
		return err_hint(err, _("there are pid, ppid, pgid, sid, user, uid, group, gid, c, pcpu, pmem, vsz, rss, tty, stat, stime, start, time, etime, ni, pri, nlwp, psr, comm, args"));
	}
	/* Docker's: the column of process ids must be the one called PID. */
	if (equals && strncmp(equals + 1, "PID", 3) == 0 &&
	    strcmp(name, "pid") != 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "specifying \"%s=%s\" is not allowed", name,
				  equals + 1);
	if (view->headings.count == PS_MOST_COLUMNS)
		return err_set(err, E2BIG, _("top: more than %d columns"),
			       PS_MOST_COLUMNS);
	view->columns[view->headings.count] = column;
	strs_add(&view->headings, equals ? equals + 1 : column->heading);
	return 0;
}

static int add_list(struct ps_view *view, const char *list, struct err *err)
{
	OWN_FREE char *copy = mem_str(list);
	char *rest = NULL;
	int r = 0;

	for (const char *word = strtok_r(copy, ", ", &rest); word && r == 0;
	     word = strtok_r(NULL, ", ", &rest))
		r = add_column(view, word, err);
	return r;
}

/* What the letters so far ask for. */
struct choice {
	bool full;   /* -f */
	bool user;   /* u */
	bool bsd;    /* letters without a dash */
	bool listed; /* -o */
};

/* Returns how many further words the list took: 0 or 1. */
static int read_list(struct ps_view *view, struct choice *choice,
		     const char *list, bool is_next, struct err *err)
{
	if (!list)
		return not_understood("-o", err);
	choice->listed = true;
	return add_list(view, list, err) < 0 ? -err->code : is_next;
}

/* One word of letters; those behind an "o" are its list, else the next word is.
 * Returns how many further words it took. */
static int read_letters(struct ps_view *view, struct choice *choice,
			const char *word, const char *next, struct err *err)
{
	/* "-aux" is what people type, and ps takes it for "aux". */
	bool dash = word[0] == '-' && strcmp(word, "-aux") != 0;
	const char *letters = word + (word[0] == '-');

	choice->bsd |= !dash;
	if (!*letters)
		return not_understood(word, err);
	for (const char *c = letters; *c; c++) {
		if (*c == 'o')
			return read_list(view, choice, c[1] ? c + 1 : next,
					 c[1] == '\0', err);
		if (!strchr(dash ? "eAadxwf" : "axwu", *c))
			return not_understood(word, err);
		choice->full |= dash && *c == 'f';
		choice->user |= !dash && *c == 'u';
	}
	return 0;
}

static int read_word(struct ps_view *view, struct choice *choice,
		     const char *word, const char *next, struct err *err)
{
	static const char format[] = "--format";
	size_t len = sizeof(format) - 1;
	const char *list = NULL;

	if (strncmp(word, "--", 2) != 0)
		return read_letters(view, choice, word, next, err);
	if (strcmp(word, format) == 0)
		list = next;
	else if (strncmp(word, format, len) == 0 && word[len] == '=')
		list = word + len + 1;
	return list ? read_list(view, choice, list, list == next, err) :
		      not_understood(word, err);
}

int ps_view_read(struct ps_view *view, int count, char *const *words,
		 struct err *err)
{
	struct choice choice = { .full = count == 0 };
	const char *const *names;
	int r = 0;

	*view = (struct ps_view){ 0 };
	for (int i = 0; i < count; i++) {
		r = read_word(view, &choice, words[i],
			      i + 1 < count ? words[i + 1] : NULL, err);
		if (r < 0)
			return r;
		i += r;
	}
	if (choice.listed)
		return view->headings.count ? 0 : not_understood("-o", err);
	names = choice.full ? whole_format :
		choice.user ? user_format :
		choice.bsd  ? bsd_format :
			      short_format;
	for (; *names && r >= 0; names++)
		r = add_column(view, *names, err);
	return r < 0 ? r : 0;
}

void ps_view_head(const struct ps_view *view, struct table *table)
{
	for (size_t i = 0; i < view->headings.count; i++)
		table_cell(table, view->headings.items[i]);
	table_end_row(table);
}

bool ps_view_row(const struct ps_view *view, pid_t pid, struct table *table)
{
	OWN_PS_FACTS struct ps_facts facts;

	if (ps_facts_read(pid, &facts) < 0)
		return false;
	for (size_t i = 0; i < view->headings.count; i++) {
		OWN_BUF struct buf cell = { 0 };

		view->columns[i]->show(&facts, &cell);
		table_cell(table, buf_text(&cell));
	}
	table_end_row(table);
	return true;
}

bool ps_view_has(const struct ps_view *view, const char *text)
{
	return strs_has(&view->headings, text);
}
