/* kerberos_tables.h - words for message types, errors and types of encryption. */
#ifndef OTO_KERBEROS_TABLES_H
#define OTO_KERBEROS_TABLES_H

#include "oto_plugin.h"

extern const struct oto_names kerberos_types, kerberos_errors, kerberos_ciphers;

#endif
