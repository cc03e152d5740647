/* runtime/log_line.h - one line of a log's file, taken apart.
 *
 * The form is runtime/log.h's. */
#ifndef RUNTIME_LOG_LINE_H
#define RUNTIME_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct log_entry;

/* Takes a line (`len` bytes, a NUL where its newline was) apart where it stands:
 * *entry points into it. False for one that a crash cut short. */
bool log_line_parse(char *line, size_t len, struct log_entry *entry);

#endif
