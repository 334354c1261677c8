/* fuzz.h - what the fuzz targets share: an engine of their own for each input, in which events are read and every log row is written.
 */
#ifndef OTO_FUZZ_H
#define OTO_FUZZ_H

#include "engine.h"

struct fuzz {
	struct oto_engine *engine;
	struct oto_packet packet; /* number and time go on with each frame */
	struct oto_buf text;
};

/* With these analyzers alone (names with commas between; NULL: all), every event heard or only those that rows are made of. Ends the
 * process when the engine cannot be made. */
void fuzz_begin(struct fuzz *f, const char *only, bool hear);
/* One frame, `after_ns` behind the last. */
void fuzz_frame(struct fuzz *f, uint32_t link, struct oto_slice frame, int64_t after_ns);
void fuzz_end(struct fuzz *f);

/* The time that three bits of an input stand for: from nothing to longer than every timeout, and a step back. */
int64_t fuzz_step(unsigned bits);

/* libFuzzer's entry. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
