/* shell/keys.c - see keys.h */
#include "shell/keys.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/interrupt.h"

/* The rest of a key that is several bytes is there at once. */
#define REST_MS 30

bool keys_open(struct keys *keys, int fd)
{
	struct termios now;

	*keys = (struct keys){ .fd = fd };
	if (tcgetattr(fd, &keys->before) < 0)
		return false;
	now = keys->before;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	keys->open = tcsetattr(fd, TCSAFLUSH, &now) == 0;
	return keys->open;
}

void keys_drop(struct keys *keys)
{
	if (keys->open)
		(void)tcflush(keys->fd, TCIFLUSH); /* a terminal, we looked */
}

void keys_close(struct keys *keys)
{
	if (keys->open)
		(void)tcsetattr(keys->fd, TCSAFLUSH, &keys->before);
	keys->open = false;
}

/* One byte; KEY_NONE or KEY_END. */
static int read_byte(struct keys *keys, int ms)
{
	int64_t until = clock_ms() + ms;
	unsigned char c;

	for (;;) {
		struct pollfd wait = { .fd = keys->fd, .events = POLLIN };
		int64_t left = ms < 0 ? -1 : until - clock_ms();
		int r;

		if (interrupt_seen())
			return KEY_END;
		r = poll(&wait, 1, ms >= 0 && left < 0 ? 0 : (int)left);
		if (r == 0)
			return KEY_NONE;
		if (r < 0 && errno == EINTR)
			return KEY_END; /* a signal that wants us to end */
		if (r < 0 || read(keys->fd, &c, 1) != 1)
			return KEY_END;
		return c;
	}
}

/* Behind an Escape. */
static int read_sequence(struct keys *keys)
{
	static const struct {
		const char *bytes;
		int key;
	} known[] = { { "[C", ' ' },  { "OC", ' ' },  { "[6~", ' ' },
		      { "[D", 'b' },  { "OD", 'b' },  { "[5~", 'b' } };
	char bytes[8] = "";
	int len = 0;
	int c;

	while (len < 7 && (c = read_byte(keys, REST_MS)) >= 0)
		bytes[len++] = (char)c;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(bytes, known[i].bytes) == 0)
			return known[i].key;
	}
	return 0;
}

int keys_wait(struct keys *keys, int ms)
{
	int c = read_byte(keys, ms);

	if (c == 0x1b)
		return read_sequence(keys);
	if (c == 0x03) /* where the terminal makes no signal of it */
		return KEY_END;
	if (c == 0x04)
		return KEY_END;
	if (c == '\r')
		return '\n';
	return c >= 0x80 || (c >= 0 && c < ' ' && c != '\n') ? 0 : c;
}
