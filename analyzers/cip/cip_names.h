/* cip_names.h - words of CIP's numbers. Sorted tables, nothing else: EtherNet/IP uses them, too. */
#ifndef OTO_ANALYZERS_CIP_NAMES_H
#define OTO_ANALYZERS_CIP_NAMES_H

#include "oto_plugin.h"

extern const struct oto_names cip_services, cip_classes, cip_statuses, cip_extended_statuses, cip_logix_statuses, cip_vendors,
    cip_device_types;

/* The word of a value in a sorted table, or NULL. */
const char *cip_word(const struct oto_names *names, uint32_t value);

#endif
