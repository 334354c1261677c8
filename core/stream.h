/* stream.h - TCP reassembly: segments in any order to bytes in order, each once, with gaps told as lengths.
 *
 * Owns the out-of-order segments it holds (bounded per direction and in all). The first copy of a byte wins; a differing overlap is a
 * weird. Delivers to oto_analyzer_bytes and oto_analyzer_gap. One-sided and mid-stream captures are normal.
 */
#ifndef OTO_STREAM_H
#define OTO_STREAM_H

#include "flow.h"

struct oto_engine;
struct oto_streams;

struct oto_stream_options {
	uint32_t max_held_per_side; /* bytes; 0: 1 MiB. Beyond it the hole is declared a gap */
	uint64_t max_held;          /* bytes over all flows; 0: 256 MiB */
};
struct oto_streams *oto_streams_new(struct oto_engine *engine, const struct oto_stream_options *options);
void oto_streams_free(struct oto_streams *ss);
/* One segment of a TCP flow; after oto_conns_packet. */
void oto_stream_segment(struct oto_streams *ss, struct oto_flow *f, enum oto_dir dir, const struct oto_layers *l);
/* The flow ends: what is held is delivered behind its gaps. */
void oto_stream_end(struct oto_streams *ss, struct oto_flow *f);
struct oto_stream_stats {
	uint64_t held, held_peak, out_of_order, retransmitted, overlaps, gaps, gap_bytes;
} oto_stream_stats(const struct oto_streams *ss);

#endif
