/* runtime/base/unconst.h - for libraries that forgot a `const`.
 *
 * Some take a pointer that is not const to what they only read: struct iovec of
 * sendmsg(2), Lua's light userdata, jansson's reference counts. A cast would be
 * refused (-Wcast-qual), and one by way of an integer hides from the compiler
 * what the pointer points to. */
#ifndef RUNTIME_BASE_UNCONST_H
#define RUNTIME_BASE_UNCONST_H

/* The same pointer; nobody writes through it. */
static inline void *unconst(const void *pointer)
{
	union {
		const void *given;
		void *taken;
	} both = { .given = pointer };

	return both.taken;
}

#endif
