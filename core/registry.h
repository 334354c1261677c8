/* registry.h - what registries say of an address: the vendor of a MAC (IEEE), the country and operator of an internet address (MaxMind
 * databases), the special ranges (IANA).
 *
 * Read when first asked, from the folder of --data or from where the system keeps them (Debian's ieee-data; GeoIP databases of one's own).
 * Knows addresses only. Texts live as long as the registry.
 */
#ifndef OTO_REGISTRY_H
#define OTO_REGISTRY_H

#include "base.h"

struct oto_registry;

struct oto_registry *oto_registry_new(const char *data_dir);
void oto_registry_free(struct oto_registry *r);

/* Who was assigned the MAC's block (MA-L, MA-M or MA-S, the longest that fits); NULL: nobody known, locally administered, or a group. */
const char *oto_registry_vendor(struct oto_registry *r, const struct oto_addr *mac);
/* ISO 3166 code of the country, and the autonomous system; NULL and 0 where no database knows. */
const char *oto_registry_country(struct oto_registry *r, const struct oto_addr *ip);
uint32_t oto_registry_as(struct oto_registry *r, const struct oto_addr *ip, const char **operator_name);
/* "private", "link-local", "multicast" ...: what IANA's special-purpose registries call the range; NULL: an address of the internet. */
const char *oto_registry_special(const struct oto_addr *ip);

#endif
