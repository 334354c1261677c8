/* cip_objects.c - the classes that know more than the common services. */
#include "cip_connection.h"

static const struct cip_object *const objects[] = {
	&cip_connection_manager,
};

const struct cip_object *cip_object_of(uint32_t class_id)
{
	for (uint32_t i = 0; i < sizeof objects / sizeof *objects; i++) {
		if (objects[i]->class_id == class_id)
			return objects[i];
	}
	return NULL;
}
