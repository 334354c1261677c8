/* packets.c - fuzz target of the whole packet path. An input is a list of frames, each behind a length of two bytes and one byte that says
 * which link type it has (low four bits) and how much later it comes (next three). A capture in miniature, without headers to get wrong.
 */
#include "fuzz.h"

/* Ethernet, BSD loopback of both byte orders, raw IP, PPP, Linux cooked 1 and 2, taps, one that nobody knows. */
static const uint32_t links[] = { 1, 0, 108, 101, 9, 113, 276, 240, 241, 12, 228, 229, 50, 147, 1, 1 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f;
	struct oto_cur c = oto_cur_of((struct oto_slice){ data, (uint32_t)size });

	fuzz_begin(&f, NULL, true);
	while (oto_left(&c) >= 3) {
		uint32_t length = oto_be16(&c);
		uint8_t how = oto_u8(&c);
		struct oto_slice frame = oto_take(&c, length < oto_left(&c) ? length : oto_left(&c));
		fuzz_frame(&f, links[how & 0xf], frame, fuzz_step(how >> 4));
	}
	fuzz_end(&f);
	return 0;
}
