/* shell/notebook_list.h - what is in the notebook, at a glance. */
#ifndef SHELL_NOTEBOOK_LIST_H
#define SHELL_NOTEBOOK_LIST_H

struct notebook_page;
struct shell;
struct view_opts;

/* A line for each lesson and each note; as JSON all that is kept. */
void notebook_list_print(struct shell *shell, const struct view_opts *opts,
			 const struct notebook_page *page);

#endif
