/* dcerpc_interfaces.h - what remote interfaces and their operations are called. */
#ifndef OTO_DCERPC_INTERFACES_H
#define OTO_DCERPC_INTERFACES_H

#include "oto_plugin.h"

enum { DCERPC_UUID = 16 };

struct dcerpc_interface {
	uint8_t uuid[DCERPC_UUID]; /* in little endian form, as most senders write it */
	const char *text, *name;
	const char *const *operation;
	uint32_t noperations;
};

/* NULL when it is not in the table. */
const struct dcerpc_interface *dcerpc_interface(const uint8_t uuid[DCERPC_UUID]);
/* NULL when it has no name here. */
const char *dcerpc_operation(const struct dcerpc_interface *i, uint16_t opnum);

#endif
