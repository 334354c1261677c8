/* fact_keys.h - what can be known of a device: the keys of asset.fact, each with its meaning and what the inventory makes of it.
 *
 * The one list of them: the reference (otoscope doc facts) prints it, the inventory's library reads it. A test holds it against what
 * analyzers say in their golden captures. Keys of add-ons need not be in it: they are kept and shown as they are.
 */
#ifndef OTO_FACT_KEYS_H
#define OTO_FACT_KEYS_H

#include "base.h"

struct oto_fact_key {
	const char *key, *meaning;
	const char *use; /* what the inventory makes of it, see oto_fact_uses() */
	bool single;     /* a device has one: another value later is a change of the device (asset.changed) */
};

/* Keys of one use stand in the order in which they are preferred. */
const struct oto_fact_key *oto_fact_keys(uint32_t *n);
const struct oto_fact_key *oto_fact_key(const char *key); /* NULL: none of these */

struct oto_fact_use {
	const char *use, *doc;
};
const struct oto_fact_use *oto_fact_uses(uint32_t *n);

#endif
