/* runtime/call_text.h - a system call as text, the way strace(1) prints it.
 *
 * Owns the words for flags and the quoting of strings. Both sides use it: the code
 * that makes a call and tells of it (calls.h), and the tracer that reads the same
 * call out of another process's registers (tracer.h). */
#ifndef RUNTIME_CALL_TEXT_H
#define RUNTIME_CALL_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

struct sockaddr;

/* "text" with escapes, at most 400 bytes of it and then ...; NULL for none. */
void call_text_quote(struct buf *out, const char *text, size_t len);
void call_text_string(struct buf *out, const char *text);

/* "MS_NOSUID|MS_NODEV"; "0" for none; what has no word in hexadecimal. */
void call_text_umount_flags(struct buf *out, uint64_t flags);
void call_text_clone_flags(struct buf *out, uint64_t flags);

void call_text_mount(struct buf *out, const char *source, const char *target,
		     const char *type, uint64_t flags, const char *options);

/* The program, its words and how many variables it gets. */
void call_text_execve(struct buf *out, const char *path, char *const *words,
		      size_t variables);

/* "CAP_CHOWN", or its number. */
void call_text_cap(struct buf *out, int cap);

/* capset(2) of the calling process, with each set's names: "1<<CAP_CHOWN|..." */
void call_text_capset(struct buf *out, uint64_t effective, uint64_t permitted,
		      uint64_t inheritable);

/* A socket's address as "127.0.0.1:80", "[::]:80", "/path", "@" for none. */
void call_text_address(struct buf *out, const struct sockaddr *address,
		       size_t len);

/* What a netlink socket of this protocol is told: the types of the messages, and
 * the names of links and tables in them: "RTM_NEWLINK dsh0, RTM_NEWADDR". */
void call_text_netlink(struct buf *out, int protocol, const void *bytes,
		       size_t len);

/* "SIGTERM"; the number of one that has no name. */
void call_text_signal(struct buf *out, int signal);

/* "EPERM"; "errno 999" where the number has no name. Static. */
const char *call_text_errno(int code);

#endif
