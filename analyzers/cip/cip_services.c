/* cip_services.c - the common services of volume 1, appendix A, and what each does to a device. */
#include "cip.h"

static const struct oto_name rows[] = {
	{ CIP_GET_ATTRIBUTES_ALL, "Get Attributes All", OTO_OP_READ, "all attributes of an object" },
	{ CIP_SET_ATTRIBUTES_ALL, "Set Attributes All", OTO_OP_WRITE, "all attributes of an object" },
	{ CIP_GET_ATTRIBUTE_LIST, "Get Attribute List", OTO_OP_READ, "chosen attributes" },
	{ CIP_SET_ATTRIBUTE_LIST, "Set Attribute List", OTO_OP_WRITE, "chosen attributes" },
	{ CIP_RESET, "Reset", OTO_OP_RESET,
	  "of the Identity object: the device restarts, or returns to what it was when it left the factory" },
	{ CIP_START, "Start", OTO_OP_START, "the object, of a controller its program, runs" },
	{ CIP_STOP, "Stop", OTO_OP_STOP, "the object, of a controller its program, stops" },
	{ CIP_CREATE, "Create", OTO_OP_CONFIGURE, "an instance of a class comes to be" },
	{ CIP_DELETE, "Delete", OTO_OP_CONFIGURE, "an instance of a class goes" },
	{ CIP_MULTIPLE_SERVICE, "Multiple Service Packet", OTO_OP_NONE, "carries other services, which speak for themselves" },
	{ CIP_APPLY_ATTRIBUTES, "Apply Attributes", OTO_OP_CONFIGURE, "attributes that were set come into force" },
	{ CIP_GET_ATTRIBUTE_SINGLE, "Get Attributes Single", OTO_OP_READ, "one attribute" },
	{ CIP_SET_ATTRIBUTE_SINGLE, "Set Attributes Single", OTO_OP_WRITE, "one attribute" },
	{ 0x11, "Find Next Object Instance", OTO_OP_DISCOVER, "which instances there are" },
	{ 0x14, "Error Response", OTO_OP_NONE, "DeviceNet's way to say that a service failed" },
	{ 0x15, "Restore", OTO_OP_CONFIGURE, "attributes come back from non-volatile memory" },
	{ 0x16, "Save", OTO_OP_CONFIGURE, "attributes go to non-volatile memory" },
	{ CIP_NOP, "No Operation", OTO_OP_NONE, "nothing" },
	{ 0x18, "Get Member", OTO_OP_READ, "a member of an attribute" },
	{ 0x19, "Set Member", OTO_OP_WRITE, "a member of an attribute" },
	{ 0x1a, "Insert Member", OTO_OP_CONFIGURE, "a member more" },
	{ 0x1b, "Remove Member", OTO_OP_CONFIGURE, "a member less" },
	{ 0x1c, "Group Sync", OTO_OP_TIME, "members of a group act at one time" },
};
const struct oto_names cip_services = OTO_NAMES(rows);

/* Services without a name are told apart by number. */
#define N(h, d) "Service 0x" #h #d
#define SIXTEEN(h)                                                                                                                         \
	N(h, 0), N(h, 1), N(h, 2), N(h, 3), N(h, 4), N(h, 5), N(h, 6), N(h, 7), N(h, 8), N(h, 9), N(h, a), N(h, b), N(h, c), N(h, d),      \
	    N(h, e), N(h, f)
static const char *const numbered[CIP_RESPONSE] = { SIXTEEN(0), SIXTEEN(1), SIXTEEN(2), SIXTEEN(3),
						    SIXTEEN(4), SIXTEEN(5), SIXTEEN(6), SIXTEEN(7) };

struct cip_meaning cip_meaning_of(const struct cip_object *object, uint8_t service)
{
	const struct oto_name *row = object ? oto_name_of(object->services, service) : NULL;
	bool common = service < CIP_COMMON_END;

	if (!row && common)
		row = oto_name_of(&cip_services, service);
	if (row)
		return (struct cip_meaning){ row->name, row->op };
	return (struct cip_meaning){ numbered[service & (CIP_RESPONSE - 1)], OTO_OP_OTHER };
}
