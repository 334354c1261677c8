/* capture.h - packets from files and interfaces behind one interface, numbered, in time order.
 *
 * Files: pcap in all byte orders and precisions and pcapng with several interfaces (own link type, resolution and name each), plain
 * or gzipped, from a path or standard input. Several files make one timeline, sorted by first packet and merged. Live capture is libpcap.
 */
#ifndef OTO_CAPTURE_H
#define OTO_CAPTURE_H

#include "base.h"
#include "packet.h"

struct oto_capture;

enum oto_capture_result {
	OTO_CAPTURE_PACKET, /* *packet is set */
	OTO_CAPTURE_IDLE,   /* it had to wait, live or for a pipe: do what else is due; live, run timers by the wall clock */
	OTO_CAPTURE_GAP,    /* timeline: no packet was captured between the end of one file and the begin of the next */
	OTO_CAPTURE_END,
	OTO_CAPTURE_ERROR, /* *err says which file and where; what came before is good. Ask on: the other files still come, then END */
};

/* One timeline over n paths ("-" is standard input). filter: BPF text or NULL. Fails if any file cannot be opened or is no capture; the
 * message says which of missing, unreadable, empty, not a capture, unknown link type it is. */
struct oto_capture *oto_capture_files(const char *const *paths, size_t n, const char *filter, struct oto_error *err);
struct oto_capture *oto_capture_live(const char *interface, const char *filter, struct oto_error *err);
enum oto_capture_result oto_capture_next(struct oto_capture *c, struct oto_packet *packet, struct oto_error *err);
/* From a signal handler: the next oto_capture_next answers END, a waiting one within the poll interval. */
void oto_capture_stop(struct oto_capture *c);
void oto_capture_close(struct oto_capture *c);

/* After OTO_CAPTURE_GAP: last packet before and first after. */
struct oto_capture_gap {
	int64_t from_ns, to_ns;
} oto_capture_last_gap(const struct oto_capture *c);

struct oto_capture_stats {
	uint64_t packets, bytes;                                     /* read so far */
	uint64_t file_bytes, file_read;                              /* size of all files and position, for progress; 0 where unknown */
	uint64_t kernel_received, kernel_dropped, interface_dropped; /* live */
	uint64_t truncated_files;                                    /* a file that ends inside a record: its whole packets were read */
} oto_capture_stats(const struct oto_capture *c);

#endif
