/* cclink_ie_repeated.c - the operations of frames that repeat themselves every cycle, Field's, Control's and TSN's: spoken the first time
 * and then once a minute. Owns what was spoken of a pair of stations.
 */
#include "cclink_ie.h"

#define MINUTE INT64_C(60000000000)

void ccie_repeated(struct oto_ctx *cx, const struct oto_names *types, uint8_t type, uint32_t station)
{
	struct ccie_side *side = &((struct ccie_state *)cx->state)->side[cx->is_orig];
	uint64_t bit = UINT64_C(1) << (type & 63);

	if (cx->head->ts.ns - side->since_ns >= MINUTE) {
		memset(side->spoken, 0, sizeof side->spoken);
		side->since_ns = cx->head->ts.ns;
	}
	if (side->spoken[type >> 6] & bit)
		return;
	side->spoken[type >> 6] |= bit;
	const struct oto_name *row = oto_name_of(types, type);
	oto_operation(cx, &(struct oto_operation){ .self_size = sizeof(struct oto_operation),
						   .op = row->op,
						   .func = row->name,
						   .func_code = type,
						   .target = { .space = "station", .first = station, .count = 1 } });
}
