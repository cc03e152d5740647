/* runtime/base/clock.c - see clock.h */
#include "runtime/base/clock.h"

#include <time.h>

int64_t clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* `digits` of a number, zeros in front, and the mark behind them. */
static char *put(char *out, int64_t number, int digits, char mark)
{
	for (int i = digits - 1; i >= 0; i--) {
		out[i] = (char)('0' + number % 10);
		number /= 10;
	}
	out[digits] = mark;
	return out + digits + 1;
}

/* gmtime(3) reads /etc/localtime the first time, seven system calls that UTC does
 * not need. Days since 1970 to a date, by years that begin in March: the day that
 * a leap year adds is the last of one. */
char *clock_utc(char out[CLOCK_UTC], int64_t ns)
{
	int64_t seconds = ns / 1000000000;
	int64_t days = seconds / 86400 + 719468; /* since 1 March of the year 0 */
	int64_t era = days / 146097;		 /* of 400 years */
	int64_t day = days % 146097;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153; /* 0 is March */
	char *at = out;

	at = put(at, year + era * 400 + (month >= 10), 4, '-');
	at = put(at, month < 10 ? month + 3 : month - 9, 2, '-');
	at = put(at, of_year - (153 * month + 2) / 5 + 1, 2, 'T');
	at = put(at, seconds / 3600 % 24, 2, ':');
	at = put(at, seconds / 60 % 60, 2, ':');
	at = put(at, seconds % 60, 2, '.');
	at = put(at, ns % 1000000000, 9, 'Z');
	*at = '\0';
	return out;
}
