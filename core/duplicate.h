/* duplicate.h - packets that a mirror port shows twice: on their way into the switch and out of it again.
 *
 * A packet is a copy when the very same bytes came within the window. VLAN tags do not count: a trunk shows a packet tagged, an access port
 * untagged. Of IP the addresses of the link and the hops that are left do not count either when both differ: a mirror may show the link
 * before a router and the one behind it. The first is kept, with the sender's own address.
 *
 * That alone would also drop what is sent again on purpose: CC-Link IE and EtherCAT repeat an unchanged frame every cycle, a flood of equal
 * ARP frames is an attack, a host answers every segment to a closed port with the same RST. So only packets that are numbered can prove
 * a mirror:
 *
 *   IPv4        TCP, UDP and ICMP with a living identification, which their sender counts up with every packet (RFC 6864 4). 0 means that
 *               the sender does not count, and 1 is what tools that craft packets leave there
 *   without IP  cyclic PROFINET (CycleCounter, IEC 61158-6-10), GOOSE (sqNum, IEC 61850-8-1), sampled values (smpCnt, IEC 61850-9-2), PTP
 *               (sequenceId, IEEE 1588 7.3.7). Whoever sends the same cycle again must have counted on; the counters come round after
 *               seconds at the earliest
 *
 * Of the second kind a single copy proves nothing: who replays a frame does not count on, and a counter may stand still against its
 * standard. Those, and all packets without such a number, are dropped only while the numbered ones prove that this port shows its traffic
 * twice (at least every eighth of late was a copy; one sent on and on counts once), and only when they follow as closely as those copies
 * do. A segment without any numbered packets proves nothing, and nothing is dropped there. Of no packet more copies are dropped than a
 * switch has ports: a loop in the network shows.
 *
 * Of each packet a keyed hash of 64 bits is remembered, not the bytes: those of the latest packets would push half of what the engine needs
 * out of the processor's cache. 4,096 packets are remembered; where more come within the window it is shorter, and real copies follow
 * within microseconds.
 */
#ifndef OTO_DUPLICATE_H
#define OTO_DUPLICATE_H

#include "packet.h"

struct oto_duplicates;

struct oto_duplicates *oto_duplicates_new(int64_t window_ns);
void oto_duplicates_free(struct oto_duplicates *d);
/* Is it a copy of an earlier packet? Otherwise it is remembered, if it is of a kind that can be told. */
bool oto_duplicates_seen(struct oto_duplicates *d, const struct oto_packet *p);
/* The clock was set: the same times come again, of other packets. */
void oto_duplicates_forget(struct oto_duplicates *d);
struct oto_duplicates_stats {
	uint64_t numbered; /* packets that can prove copies */
	uint64_t late;     /* of these, equal to one that came less than a second before, but longer ago than the window */
} oto_duplicates_stats(const struct oto_duplicates *d);

#endif
