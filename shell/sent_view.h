/* shell/sent_view.h - how `sent` is shown. */
#ifndef SHELL_SENT_VIEW_H
#define SHELL_SENT_VIEW_H

struct sent;
struct view;

/* path        the folder, as it was typed
 * dockerfile  the same of -f, or NULL */
void sent_view(struct view *view, const struct sent *sent, const char *path,
	       const char *dockerfile);

#endif
