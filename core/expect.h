/* expect.h - flows that were announced: the endpoint that one flow named for the next (FTP's data port), and whose it will be.
 *
 * Owned by the analyzer stage. Bounded, and forgotten after five minutes of packet time; see oto_expect() in oto_plugin.h.
 */
#ifndef OTO_EXPECT_H
#define OTO_EXPECT_H

#include "base.h"

struct oto_expected;

struct oto_expected *oto_expected_new(uint64_t seed);
void oto_expected_free(struct oto_expected *x);
void oto_expected_add(struct oto_expected *x, uint8_t transport, const struct oto_addr *host, uint16_t port, void *who, int64_t now_ns);
/* Who was announced for this endpoint, taken out; NULL: nobody. */
void *oto_expected_take(struct oto_expected *x, uint8_t transport, const struct oto_addr *host, uint16_t port, int64_t now_ns);
/* Announced flows whose place a newer one took. */
uint64_t oto_expected_evicted(const struct oto_expected *x);

#endif
