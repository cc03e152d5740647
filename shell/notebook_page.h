/* shell/notebook_page.h - the notebook as a page to keep: Markdown or HTML.
 *
 * Both are whole by themselves: the HTML needs no other file and no network, and is
 * laid out for paper as well. Everything in it that somebody typed is text there,
 * whatever it looks like. */
#ifndef SHELL_NOTEBOOK_PAGE_H
#define SHELL_NOTEBOOK_PAGE_H

#include <jansson.h>

struct buf;

enum page_form {
	PAGE_MARKDOWN,
	PAGE_HTML,
	PAGE_TERMINAL, /* Markdown for lesson_view_text: no tables */
};

/* entries  those of the lessons (lessons/notebook.h), in their order
 * notes    the learner's own
 * lang     "en" or "ja" */
struct notebook_page {
	enum page_form form;
	const char *lang;
	json_t *entries;
	json_t *notes;
};

/* The whole notebook. */
void notebook_page_all(const struct notebook_page *page, struct buf *out);

/* One lesson of it, and the notes made in it. */
void notebook_page_one(const struct notebook_page *page, const json_t *entry,
		       struct buf *out);

/* "2026-11-25", in local time. */
#define PAGE_DAY sizeof("2026-11-25")
void notebook_day(long long ns, char out[PAGE_DAY]);

#endif
