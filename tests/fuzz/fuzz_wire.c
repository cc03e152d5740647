/* tests/fuzz/fuzz_wire.c - what comes over a container's socket, in pieces. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN_BUF struct buf in = { 0 };
	struct wire_message message;
	size_t at = 0;

	while (size > 0) {
		size_t piece = 1 + data[0] % 64;
		bool bad = false;

		piece = piece < size ? piece : size;
		buf_add(&in, data, piece);
		data += piece;
		size -= piece;
		while (wire_next(&in, &at, &message, &bad)) {
			volatile unsigned char sum = 0;

			if (message.len > WIRE_MAX)
				abort();
			for (size_t i = 0; i < message.len; i++)
				sum += ((const unsigned char *)
						message.bytes)[i];
		}
		if (bad)
			return 0;
	}
	return 0;
}
