/* contract.h - what the author of an analyzer may have got wrong, said at load in words that name the place and the remedy.
 *
 * Knows oto_plugin.h and nothing of flows or packets. A mistake that only a call shows (a request without a pairing) is analyzer.c's.
 */
#ifndef OTO_CONTRACT_H
#define OTO_CONTRACT_H

#include "base.h"

/* Fields are the copy with this build's stride. */
bool oto_contract_event(const struct oto_event_type *type, const struct oto_field *fields, struct oto_error *err);
/* One analyzer by itself, completed to this build's struct; `given` is what its author filled. */
bool oto_contract_analyzer(const struct oto_analyzer *a, const struct oto_analyzer *given, struct oto_error *err);

#endif
