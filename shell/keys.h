/* shell/keys.h - single keys of a terminal, for who plays a lesson for a room.
 *
 * While the keys are open nothing that is pressed is shown, and no line is put
 * together of it; what nobody waited for is dropped, so that a key pressed at the
 * wrong moment reaches no command and not the prompt. Ctrl-C stays Ctrl-C. */
#ifndef SHELL_KEYS_H
#define SHELL_KEYS_H

#include <stdbool.h>
#include <termios.h>

struct keys {
	int fd; /* borrowed */
	struct termios before;
	bool open;
};

/* False where `fd` is no terminal: then there are no keys. */
bool keys_open(struct keys *keys, int fd);
void keys_close(struct keys *keys);

enum {
	KEY_NONE = -1, /* the time is over */
	KEY_END = -2,  /* Ctrl-C, or nobody can press one any more */
};

/* Waits for one; ms < 0: for ever. Page Down and the right arrow (the keys of a
 * presenter's remote) are ' ', Page Up and the left one 'b'; any other that is no
 * letter, digit or sign is 0. */
int keys_wait(struct keys *keys, int ms);

/* Forgets what was pressed so far. */
void keys_drop(struct keys *keys);

#endif
