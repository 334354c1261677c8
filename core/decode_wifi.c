/* decode_wifi.c - frames of IEEE 802.11 as a radio captures them: what is carried in the clear goes on as an Ethernet frame would. See
 * decode.h.
 *
 * Management and control frames, encrypted data and pieces of data make no flow: they are counted with the frames without IP. Of several
 * packets in one frame (A-MSDU) the first is read.
 */
#include "decode_pass.h"

enum {
	LINK_WIFI = 105,
	TO_STATION_SYSTEM = 1, /* flags of the frame control field, 9.2.4.1 */
	FROM_STATION_SYSTEM = 2,
	MORE_PIECES = 4,
	PROTECTED = 0x40,
	ORDER = 0x80,
	WITHOUT_DATA = 4, /* bits of a data frame's subtype */
	QUALITY = 8,
	AGGREGATE = 0x80, /* of the field of quality of service */
	SHORTEST = 24,
	FCS = 4,
};

static uint16_t get16_little(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32_little(const uint8_t *p)
{
	return get16_little(p) | (uint32_t)get16_little(p + 2) << 16;
}

static bool without_flow(struct oto_pass *p)
{
	p->d->stats.non_ip++;
	return false;
}

static void ends(struct oto_layers *l, const uint8_t *dst, const uint8_t *src)
{
	memcpy(l->dst_mac.byte, dst, 6);
	memcpy(l->src_mac.byte, src, 6);
	l->has_mac = true;
}

/* 9.3.2.2: the first packet of several, with addresses and a length of its own. */
static bool first_of_several(struct oto_pass *p)
{
	if (!oto_pass_need(p, 14))
		return false;
	ends(p->l, p->at, p->at + 6);
	uint32_t length = oto_get16(p->at + 12);
	oto_pass_skip(p, 14);
	oto_pass_trim(p, length);
	return oto_decode_ethertype(p, 0);
}

/* 9.3.2.1: which address is whose depends on the way to or from the distribution system. */
static bool data_frame(struct oto_pass *p)
{
	const uint8_t *h = p->at;
	const bool relayed = (h[1] & 3) == (TO_STATION_SYSTEM | FROM_STATION_SYSTEM), quality = h[0] >> 4 & QUALITY;
	const uint32_t fourth = SHORTEST, addresses = relayed ? SHORTEST + 6 : SHORTEST;
	const uint32_t header = addresses + (quality ? (h[1] & ORDER ? 6 : 2) : 0);
	if (h[0] >> 4 & WITHOUT_DATA || h[1] & (PROTECTED | MORE_PIECES) || get16_little(h + 22) & 15)
		return without_flow(p);
	if (!oto_pass_need(p, header + 8))
		return false;
	ends(p->l, h[1] & TO_STATION_SYSTEM ? h + 16 : h + 4, relayed ? h + fourth : h[1] & FROM_STATION_SYSTEM ? h + 16 : h + 10);
	oto_pass_skip(p, header);
	if (quality && h[addresses] & AGGREGATE)
		return first_of_several(p);
	return oto_decode_ethertype(p, 0); /* 802.2 and SNAP, as behind a length */
}

static bool wifi(struct oto_pass *p, bool has_fcs)
{
	enum { VERSION = 3, TYPE = 0x0c, DATA = 0x08 };
	if (has_fcs && p->wire > FCS)
		oto_pass_trim(p, p->wire - FCS);
	if (p->cap < SHORTEST || (p->at[0] & (VERSION | TYPE)) != DATA)
		return without_flow(p);
	return data_frame(p);
}

/* radiotap.org: a length, words of bits that say which fields there are, the fields. Of these the second tells whether the check sequence
 * is there as well. */
static bool radiotap(struct oto_pass *p)
{
	enum { HAS_TIME = 1, HAS_FLAGS = 2, HAS_FCS = 0x10 };
	if (!oto_pass_need(p, 8))
		return false;
	const uint32_t length = get16_little(p->at + 2), fields = get32_little(p->at + 4);
	if (length < 8)
		return oto_pass_weird(p, "bad_radio_header");
	if (!oto_pass_need(p, length))
		return false;
	uint32_t at = 8;
	while (at + 4 <= length && get32_little(p->at + at - 4) >> 31)
		at += 4;
	if (fields & HAS_TIME)
		at = ((at + 7) & ~7u) + 8;
	bool has_fcs = fields & HAS_FLAGS && at < length && p->at[at] & HAS_FCS;
	oto_pass_skip(p, length);
	return wifi(p, has_fcs);
}

/* CACE PPI 3: version, flags, length, link type of what follows. */
static bool ppi(struct oto_pass *p)
{
	if (!oto_pass_need(p, 8))
		return false;
	const uint32_t length = get16_little(p->at + 2), link = get32_little(p->at + 4);
	if (length < 8 || link != LINK_WIFI)
		return oto_pass_weird(p, "bad_radio_header");
	if (!oto_pass_need(p, length))
		return false;
	oto_pass_skip(p, length);
	return wifi(p, false);
}

bool oto_decode_wifi(struct oto_pass *p, enum oto_frame frame)
{
	switch (frame) {
	case OTO_FRAME_RADIOTAP:
		return radiotap(p);
	case OTO_FRAME_PPI:
		return ppi(p);
	default:
		return wifi(p, false);
	}
}
