/* key_check.h - does the key of an event (oto_emit_as()) tell apart all that .whole_keys promises?
 *
 * Of what is said again nobody builds the event, so a key that tells too little is not seen in any output: it makes one event pass for
 * another. Runs that look at each event (--coverage) compare.
 */
#ifndef OTO_KEY_CHECK_H
#define OTO_KEY_CHECK_H

#include "event.h"

struct oto_key_check;
/* For events of one type; borrowed. */
struct oto_key_check *oto_key_check_new(const struct oto_event_def *def);
void oto_key_check_free(struct oto_key_check *c);
/* The name of a field, of the event or its head, that differs from the latest event with this key and is not said to vary; NULL: none.
 * Of few keys nothing is known any more. */
const char *oto_key_check(struct oto_key_check *c, const struct oto_event *event);

#endif
