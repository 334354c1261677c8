/* conn_tcp.h - the TCP half of conn: endpoint states, history letters, sizes from sequence numbers and gaps, with Zeek's meaning.
 *
 * Owns struct oto_tcp. Keeps ranges, never bytes: delivery of bytes is stream.h's, whose place in each direction is kept here too, so that
 * a connection costs one block. Sequence numbers called relative count from the SYN (which is 0), wrap-arounds included.
 */
#ifndef OTO_CONN_TCP_H
#define OTO_CONN_TCP_H

#include "flow.h"
#include "pool.h"

enum oto_tcp_state {
	OTO_TCP_INACTIVE = 0, /* nothing seen */
	OTO_TCP_SYN_SENT,
	OTO_TCP_SYN_ACK_SENT, /* by the originator: its SYN was missed or comes later */
	OTO_TCP_PARTIAL,      /* data without a SYN */
	OTO_TCP_ESTABLISHED,
	OTO_TCP_CLOSED, /* FIN seen */
	OTO_TCP_RESET,  /* RST seen */
};

/* What only troubled or closing directions need. */
struct oto_tcp_range {
	struct oto_tcp_range *next;
	uint64_t from, to;
};
struct oto_tcp_trouble {
	struct oto_tcp_range *ranges;   /* received above a hole, ascending, apart */
	uint64_t missed_bytes, fin_seq; /* fin_seq relative: one past the FIN, with has_fin */
	uint32_t retransmitted, zero_windows, gaps;
	uint32_t last_syn, last_fin, last_rst; /* relative: of the last one told in the history */
};

struct oto_stream_hole; /* stream.c: segments held behind a hole */

/* One cache line. */
struct oto_tcp_side {
	uint64_t delivered; /* relative: the first byte not seen in order */
	uint64_t acked;     /* relative: all below is done with */
	uint64_t seen_end;  /* relative: end of the highest segment kept; 0: none */
	struct oto_tcp_trouble *trouble;
	struct oto_stream_hole *hole;
	uint32_t start_seq, last_seq, ack_seq; /* absolute: SYN, one past the last byte, highest ACK from the peer */
	uint32_t stream_next;                  /* absolute: the next byte to deliver */
	uint16_t seq_wraps, ack_wraps;
	uint8_t state, prev_state; /* enum oto_tcp_state */
	uint8_t letters;           /* history letters that come once */
	bool has_fin : 1, did_close : 1, at_end : 1, skip : 1, stream_joined : 1, stream_midstream : 1;
};

enum oto_tcp_timer { OTO_TCP_NO_TIMER = 0, OTO_TCP_ATTEMPT, OTO_TCP_HALF_CLOSED, OTO_TCP_DELETE };

struct oto_tcp {
	struct oto_tcp_side side[2];
	int64_t timer_ns; /* when `timer` is due */
	uint32_t weirds;  /* each is told once a connection */
	uint8_t timer;    /* enum oto_tcp_timer */
	bool partial : 1, close_deferred : 1, inactive : 1, patient : 1;
	bool first_orig : 1, first_resp : 1;
	bool calm; /* as the last segment that was looked at closely left it */
};

/* Tells an oddity of the connection; name is constant. */
typedef void oto_tcp_weird(void *who, const struct oto_flow *f, enum oto_dir dir, const char *name);
struct oto_tcp_tracker {
	struct oto_slab *slab; /* of struct oto_tcp */
	struct oto_pool *pool; /* of what some of them need besides */
	oto_tcp_weird *weird;
	void *who;
	bool long_way; /* no segment is taken for plain at a glance: for the test that both ways are one */
};

struct oto_tcp *oto_tcp_make(const struct oto_tcp_tracker *tr);
void oto_tcp_release(const struct oto_tcp_tracker *tr, struct oto_tcp *t);
/* This SYN begins another connection between the same ports. */
bool oto_tcp_reuse(const struct oto_tcp_tracker *tr, const struct oto_flow *f, enum oto_dir dir, const struct oto_layers *l);
/* Bring state, history, sizes, gaps and last_ns up to date. May flip the flow. */
void oto_tcp_packet(const struct oto_tcp_tracker *tr, struct oto_flow *f, enum oto_dir dir, const struct oto_layers *l);
/* The timer is due: true when the connection ends now. */
bool oto_tcp_timer_due(struct oto_flow *f, int64_t now_ns);
/* Payload bytes of a direction, from sequence numbers. */
uint64_t oto_tcp_size(const struct oto_tcp *t, enum oto_dir dir);
/* Payload bytes of both directions that were lost in gaps. */
uint64_t oto_tcp_missed(const struct oto_tcp *t);
/* "SF", "S0" ...: constant. */
const char *oto_tcp_conn_state(const struct oto_flow *f);

#endif
