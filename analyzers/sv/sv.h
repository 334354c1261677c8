/* sv.h - what the files of sampled values share: one set of samples, and what follows a stream of them.
 */
#ifndef SV_H
#define SV_H

#include "../iec61850.h"
#include "../say.h"

enum { SV_EV_ASDU, SV_EV_SECOND, SV_EV_CHANGE, SV_EV_COUNT };

struct sv_asdu {
	struct oto_mac src_mac, dst_mac;
	struct oto_slice sv_id, dataset, sample, identity;
	struct oto_time refr_tm;
	uint32_t conf_rev, asdus;
	uint16_t appid, length, smp_cnt, smp_rate, smp_mod;
	uint8_t smp_synch, local_clock, refr_tm_quality;
	bool simulation, security;
	bool has_cnt, has_conf_rev, has_synch, has_clock, has_rate, has_mod, has_refr_tm;
};

extern const struct oto_names sv_synchs;
extern const struct oto_event_type sv_second_event, sv_change_event;

/* Compares a set of samples with the one before it in its stream, and counts it in its second. */
void sv_follow(struct oto_ctx *cx, const struct sv_asdu *a);

#endif
