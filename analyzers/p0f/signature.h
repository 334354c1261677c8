/* signature.h - a TCP handshake packet in the terms of p0f version 3, and the base of known ones that it is looked up in.
 *
 * Terms as p0f's README describes them (section 5): what of the IP and TCP headers tells stacks apart, and how a known signature leaves
 * parts of it open. Knows bytes and text; nothing of events.
 */
#ifndef OTO_P0F_SIGNATURE_H
#define OTO_P0F_SIGNATURE_H

#include "oto_plugin.h"

/* Quirks, in the order in which they are printed. */
enum p0f_quirk {
	P0F_DF = 1 << 0,          /* df: don't fragment */
	P0F_ID_PLUS = 1 << 1,     /* id+: don't fragment, and yet an identification */
	P0F_ID_MINUS = 1 << 2,    /* id-: may be fragmented, and yet identification 0 */
	P0F_ECN = 1 << 3,         /* ecn: explicit congestion notification */
	P0F_RESERVED = 1 << 4,    /* 0+: the bit that must be zero is not */
	P0F_FLOW = 1 << 5,        /* flow: IPv6 flow label */
	P0F_SEQ_ZERO = 1 << 6,    /* seq-: sequence number 0 */
	P0F_ACK_PLUS = 1 << 7,    /* ack+: acknowledgment number without its flag */
	P0F_ACK_MINUS = 1 << 8,   /* ack-: its flag with number 0 */
	P0F_URG_PLUS = 1 << 9,    /* uptr+: urgent pointer without its flag */
	P0F_URG = 1 << 10,        /* urgf+: urgent flag */
	P0F_PUSH = 1 << 11,       /* pushf+: push flag */
	P0F_TS1_ZERO = 1 << 12,   /* ts1-: own timestamp 0 */
	P0F_TS2_PLUS = 1 << 13,   /* ts2+: a peer's timestamp on the first packet */
	P0F_OPT_PLUS = 1 << 14,   /* opt+: something behind the end of options */
	P0F_SCALE_HIGH = 1 << 15, /* exws: window scale above 14 */
	P0F_BAD_OPT = 1 << 16,    /* bad: malformed options */
};

enum { P0F_OPTIONS_MAX = 24, P0F_ANY = -1 };
enum p0f_window { P0F_WINDOW_ANY, P0F_WINDOW_IS, P0F_WINDOW_MSS, P0F_WINDOW_MTU, P0F_WINDOW_MODULO };

struct p0f_signature {
	int8_t version;      /* 4, 6 or P0F_ANY */
	uint8_t ttl;         /* seen, or known initial one */
	uint8_t ip_options;  /* bytes */
	bool bad_ttl;        /* of a known one: any lower TTL fits */
	int32_t mss;         /* P0F_ANY; seen: 0 without the option */
	int32_t window;      /* seen: as it is; known: by window_kind */
	uint8_t window_kind; /* enum p0f_window */
	int16_t scale;       /* P0F_ANY; seen: 0 without the option */
	uint8_t options[P0F_OPTIONS_MAX], noptions;
	uint8_t eol_padding; /* bytes behind the end of options */
	uint32_t quirks;     /* enum p0f_quirk */
	int8_t payload;      /* 0, 1 or P0F_ANY */
};

/* A packet with SYN, in p0f's terms and what else is needed of it. */
struct p0f_packet {
	struct p0f_signature sig;
	bool response; /* SYN and ACK */
	bool has_ts;   /* an own timestamp that is not 0 */
	uint16_t header;
	/* How the window hangs together with the segment size: window = multiple * (MSS or MTU). 0: not */
	int32_t multiple;
	bool of_mtu;
};

/* From the IP header on. Bad cursor: not a whole TCP header. `peer_mss` is what the other side's SYN announced, 0 when unknown. */
void p0f_read(struct oto_cur *c, uint16_t peer_mss, struct p0f_packet *p);
/* Text as p0f writes it, NUL-terminated; returns its length. */
enum { P0F_TEXT_MAX = 256 };
uint32_t p0f_text(const struct p0f_packet *p, char out[P0F_TEXT_MAX]);

struct p0f_label {
	const char *os; /* "Linux 3.11 and newer"; NUL-terminated */
	bool generic;   /* of a family, not of a version */
	bool userland;  /* a program with a stack of its own (a scanner), no system */
};
struct p0f_base;

/* Reads p0f.fp. NULL and *line with *why: the place and what is wrong with it. Memory comes from `how`. */
struct p0f_base *p0f_base_read(const struct oto_setup *how, struct oto_slice text, uint32_t *line, const char **why);
/* The label that fits best, or NULL. *fuzzy: only with a few differences overlooked. */
const struct p0f_label *p0f_base_find(struct p0f_base *base, const struct p0f_packet *p, bool *fuzzy);

#endif
