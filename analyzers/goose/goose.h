/* goose.h - what the files of GOOSE share: the message, what is remembered of a publisher, how its data are shown.
 */
#ifndef GOOSE_H
#define GOOSE_H

#include "../iec61850.h"
#include "../say.h"

enum { GOOSE_VALUES_MAX = 32 };

struct goose_frame {
	struct oto_mac src_mac, dst_mac;
	struct oto_slice gocb_ref, dataset, go_id, all_data;
	struct oto_time t;
	uint32_t ttl_ms, st_num, sq_num, conf_rev, entries;
	uint16_t appid, length;
	uint8_t t_quality;
	bool simulation, nds_com, security;
	bool has_t, has_ttl, has_st_num, has_sq_num, has_conf_rev, has_entries, has_nds_com;
};

/* The values of the data set as words, in order; those of arrays and structures in their place. */
struct oto_list goose_values(struct oto_ctx *cx, struct oto_slice all_data, uint32_t *total);

#endif
