/* runtime/news.h - what a child on its way to exec tells its parent.
 *
 * A socket that keeps each message whole (SOCK_SEQPACKET) and is close-on-exec:
 * its end without a message is the good news. */
#ifndef RUNTIME_NEWS_H
#define RUNTIME_NEWS_H

struct err;
struct trace_event;

enum news {
	NEWS_EXEC,   /* the program runs */
	NEWS_FAILED, /* *err says why; the child is ending */
	NEWS_TTY,    /* *out_fd is the terminal's master (given) */
	NEWS_EVENT,  /* *event */
	NEWS_NOTHING /* nothing yet */
};

/* Reads one piece of news without waiting. */
enum news news_receive(int control, int *out_fd, struct trace_event *event,
		       struct err *err);

/* The child's side. arg of news_send_event (a trace sink): int *, the socket. */
void news_send_event(void *arg, const struct trace_event *event);
void news_send_terminal(int control, int master);
_Noreturn void news_fail(int control, const struct err *err);

#endif
