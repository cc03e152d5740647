/* runtime/base/err.c - see err.h */
#define ERR_C /* the functions themselves are here */
#include "runtime/base/err.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static_assert(sizeof(struct err) < PIPE_BUF, "one write must carry it whole");

static void start(struct err *err, enum err_voice voice, int code)
{
	err->code = code;
	err->status = 0;
	err->voice = voice;
	err->hint[0] = '\0';
}

int err_set(struct err *err, int code, const char *format, ...)
{
	va_list args;

	assert(code > 0);
	start(err, ERR_OURS, code);
	va_start(args, format);
	vsnprintf(err->msg, sizeof(err->msg), format, args);
	va_end(args);
	return -code;
}

int err_docker(struct err *err, enum err_voice voice, int code,
	       const char *format, ...)
{
	va_list args;

	assert(code > 0);
	start(err, voice, code);
	va_start(args, format);
	vsnprintf(err->msg, sizeof(err->msg), format, args);
	va_end(args);
	return -code;
}

int err_errno(struct err *err, const char *format, ...)
{
	int code = errno ? errno : EIO;
	size_t used;
	va_list args;

	start(err, ERR_OURS, code);
	va_start(args, format);
	vsnprintf(err->msg, sizeof(err->msg), format, args);
	va_end(args);
	used = strlen(err->msg);
	snprintf(err->msg + used, sizeof(err->msg) - used, ": %s",
		 strerror(code));
	return -code;
}

int err_wrap(struct err *err, const char *format, ...)
{
	char inner[sizeof(err->msg)];
	size_t used;
	va_list args;

	assert(err->code > 0);
	memcpy(inner, err->msg, sizeof(inner));
	va_start(args, format);
	vsnprintf(err->msg, sizeof(err->msg), format, args);
	va_end(args);
	used = strlen(err->msg);
	snprintf(err->msg + used, sizeof(err->msg) - used, ": %s", inner);
	return -err->code;
}

int err_hint(struct err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(err->hint, sizeof(err->hint), format, args);
	va_end(args);
	return -err->code;
}

int err_status(struct err *err, int status)
{
	err->status = status;
	return -err->code;
}
