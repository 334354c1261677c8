/* packets.h - the packets around an alert, kept as a small capture that people open in their own tools.
 *
 * The latest packets lie in a ring of bytes. When an alert comes, those of its hosts that came shortly before are written to ID.pcap in a
 * folder, and those that follow within a moment behind them. The folder is bounded: the oldest captures go.
 *
 * Owns the ring and the folder. Knows of alerts only the event "alert" (id, source, target) and its head; tells "alert.packets" when a
 * capture is whole, or gone.
 */
#ifndef OTO_PACKETS_H
#define OTO_PACKETS_H

#include "event.h"
#include "packet.h"

struct oto_packets_options {
	const char *dir;    /* NULL: off. Made when the first alert comes */
	uint64_t memory;    /* of the ring; 0: 16 MiB */
	int64_t before_ns;  /* 0: 30 s */
	int64_t after_ns;   /* 0: 5 s */
	uint64_t packets;   /* of one capture; 0: 500 */
	uint64_t bytes;     /* of one capture; 0: 512 KiB */
	uint64_t files;     /* in the folder; 0: 500 */
	uint64_t all_bytes; /* in the folder; 0: 64 MiB */
};
struct oto_packets;
extern const struct oto_event_type oto_packets_type; /* alert.packets: registered before */
struct oto_packets *oto_packets_new(const struct oto_packets_options *options, struct oto_bus *bus);
void oto_packets_free(struct oto_packets *k);
/* After the scripts are loaded: listen to alerts. */
void oto_packets_attach(struct oto_packets *k);
/* On every packet: a copy into the ring. What it was decoded to; NULL: it could not be. */
void oto_packets_keep(struct oto_packets *k, const struct oto_packet *p, const struct oto_layers *l);
/* Now and then: captures whose time is over are closed. INT64_MAX: all of them. */
void oto_packets_tick(struct oto_packets *k, int64_t now_ns);

struct oto_packets_stats {
	uint64_t captures, packets, refused, failed, removed; /* refused: alerts while too many captures were open */
} oto_packets_stats(const struct oto_packets *k);

#endif
