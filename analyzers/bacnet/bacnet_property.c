/* bacnet_property.c - properties of objects: read, written, told when they change (clauses 13.1 to 13.16, 15). A row for each value.
 *
 * Knows which properties say what a device is, what writing one does to it, and which must not be shown.
 */
#include "bacnet.h"

enum { UNSIGNED = 2, STRING = 7, ENUMERATED = 9, OBJECT = 12, CONTEXT_TYPE = 13 };
enum { OBJECT_IDENTIFIER = 75, SESSION_KEYS = 55, AUTHENTICATION_FACTORS = 257, KEY_SETS = 330 };

/* What ICSNPP calls a service's requests and answers. */
static const struct words {
	uint16_t service;
	const char *request, *ack, *error; /* what has an error and no answer of its own changes something */
} words[] = {
	{ READ_PROPERTY, "read-property-request", "read-property-ack", "read-property-error" },
	{ READ_PROPERTY_MULTIPLE, "read-property-multiple-request", "read-property-multiple-ack", "read-property-multiple-error" },
	{ WRITE_PROPERTY, "write-property", NULL, "write-property-error" },
	{ WRITE_PROPERTY_MULTIPLE, "write-property-multiple", NULL, "write-property-multiple-error" },
	{ READ_RANGE, "read-range-request", "read-range-ack", "read-range-error" },
	{ ADD_LIST_ELEMENT, "add-list-element", NULL, "add-list-element-error" },
	{ REMOVE_LIST_ELEMENT, "remove-list-element", NULL, "remove-list-element-error" },
	{ CREATE_OBJECT, "create-object", NULL, "create-object-error" },
	{ DELETE_OBJECT, "delete-object", NULL, "delete-object-error" },
	{ CONFIRMED_COV_NOTIFICATION, "confirmed-cov-notification", NULL, NULL },
	{ UNCONFIRMED_COV_NOTIFICATION, "unconfirmed-cov-notification", NULL, NULL },
	{ CONFIRMED_COV_NOTIFICATION_MULTIPLE, "confirmed-cov-notification-multiple", NULL, NULL },
	{ UNCONFIRMED_COV_NOTIFICATION_MULTIPLE, "unconfirmed-cov-notification-multiple", NULL, NULL },
};

static const struct words *words_of(uint16_t service)
{
	for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (words[i].service == service)
			return &words[i];
	}
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ rows */

struct rows {
	struct bacnet_parse *p;
	const char *word;
	struct bacnet_place place;
	uint8_t priority;
	bool has_priority, tells_facts, writes;
};

static struct bacnet_property row_of(const struct rows *r)
{
	return (struct bacnet_property){ .ends = r->p->m->ends,
					 .pdu_service = r->word,
					 .place = r->place,
					 .invoke_id = r->p->m->invoke_id,
					 .has_invoke = r->p->m->has_invoke,
					 .priority = r->priority,
					 .has_priority = r->has_priority,
					 .is_write = r->writes };
}

static void tell_bare(const struct rows *r)
{
	struct bacnet_property e = row_of(r);

	oto_emit(r->p->cx, EV_PROPERTY, &e);
}

/* What properties of the device object say of the device. */
static void tell_fact(const struct rows *r, const struct bacnet_tag *tag, struct oto_slice value)
{
	const char *key = NULL;
	uint32_t type = STRING;

	switch (r->place.property) {
	case BACNET_MODEL_NAME:
		key = "model";
		break;
	case BACNET_FIRMWARE_REVISION:
		key = "firmware";
		break;
	case BACNET_APPLICATION_SOFTWARE_VERSION:
		key = "application_software";
		break;
	case BACNET_OBJECT_NAME:
		key = "hostname";
		break;
	case BACNET_DESCRIPTION:
		key = "description";
		break;
	case BACNET_LOCATION:
		key = "location";
		break;
	case BACNET_SERIAL_NUMBER:
		key = "serial";
		break;
	case BACNET_VENDOR_NAME:
		key = "vendor";
		break;
	case BACNET_PROTOCOL_REVISION:
		key = "protocol_revision";
		type = UNSIGNED;
		break;
	case BACNET_VENDOR_IDENTIFIER: {
		const struct oto_name *row = oto_name_in_order(&bacnet_vendors, (uint32_t)bacnet_unsigned(tag->data));
		key = "vendor";
		type = UNSIGNED;
		value = oto_slice_of(row ? row->name : NULL);
		break;
	}
	case OBJECT_IDENTIFIER:
		key = "device_instance";
		type = OBJECT;
		value = say_text(r->p->cx, 8, "%u", (uint32_t)bacnet_unsigned(tag->data) & 0x3fffff);
		break;
	default:
		break;
	}
	if (key && !tag->context && tag->number == type)
		bacnet_fact(r->p, key, say_trim(value), SAY_SURE);
}

static bool is_secret(uint32_t property)
{
	return property == SESSION_KEYS || property == AUTHENTICATION_FACTORS || property == KEY_SETS;
}

/* A row for each simple value, wherever in lists and structures it stands; one without a value when there is none. */
static void tell_values(const struct rows *r, struct oto_cur c)
{
	struct bacnet_property e = row_of(r);
	bool facts = r->tells_facts && r->place.object_type == BACNET_DEVICE, wanted = oto_wanted(r->p->cx, EV_PROPERTY);
	struct bacnet_tag tag;

	if (!facts && !wanted)
		return;
	while (bacnet_next(&c, &tag)) {
		e.depth = (uint8_t)(e.depth + tag.opening - tag.closing);
		if (tag.opening || tag.closing)
			continue;
		e.item++;
		e.has_type = true;
		e.datatype = tag.context || tag.number > OBJECT ? CONTEXT_TYPE : (uint8_t)tag.number;
		e.value = bacnet_text(r->p->cx, &tag, r->place.property, &e.number, &e.has_number);
		if (facts && !e.depth)
			tell_fact(r, &tag, e.value);
		if (is_secret(r->place.property)) {
			e.value = oto_slice_of("***");
			e.has_number = false;
		}
		oto_emit(r->p->cx, EV_PROPERTY, &e);
	}
	if (!e.item)
		oto_emit(r->p->cx, EV_PROPERTY, &e);
}

/* ------------------------------------------------------------------------------------------------ places */

static bool take_object(struct oto_cur *c, uint32_t number, struct bacnet_place *place)
{
	struct bacnet_tag tag;

	return bacnet_take_context(c, number, &tag) && bacnet_object(tag.data, place);
}

/* A property, and maybe which element of its array, under this number and the next. */
static bool take_property(struct oto_cur *c, uint32_t number, struct bacnet_place *place)
{
	struct bacnet_tag tag;

	if (!bacnet_take_context(c, number, &tag))
		return false;
	place->property = (uint32_t)bacnet_unsigned(tag.data);
	place->has_property = true;
	place->has_index = bacnet_take_context(c, number + 1, &tag);
	place->array_index = place->has_index ? (uint32_t)bacnet_unsigned(tag.data) : 0;
	return true;
}

static bool take_place(struct oto_cur *c, struct bacnet_place *place)
{
	return take_object(c, 0, place) && take_property(c, 1, place);
}

static void take_priority(struct oto_cur *c, uint32_t number, struct rows *r)
{
	struct bacnet_tag tag;

	r->has_priority = bacnet_take_context(c, number, &tag);
	r->priority = r->has_priority ? (uint8_t)bacnet_unsigned(tag.data) : 0;
}

/* The first place is the operation's target. */
static void keep_place(struct bacnet_parse *p, const struct bacnet_place *place)
{
	if (p->place.has_object)
		p->note.several = true;
	else
		p->place = *place;
}

/* ------------------------------------------------------------------------------------------------ writing */

/* What it does to the device is told by the property, of a program by what it is told to do. Among several the first that is more than a
 * value counts. */
static void keep_write(const struct rows *r, struct oto_cur value)
{
	struct bacnet_parse *p = r->p;
	const struct oto_name *row = oto_name_in_order(&bacnet_properties, r->place.property);
	uint32_t op = row ? row->op : OTO_OP_NONE;
	struct bacnet_tag tag;

	if (r->place.property == BACNET_PROGRAM_CHANGE && bacnet_next(&value, &tag)) {
		const struct oto_name *change = oto_name_in_order(&bacnet_program_changes, (uint32_t)bacnet_unsigned(tag.data));
		op = change ? change->op : OTO_OP_MODE;
	}
	if (op && !p->op.op) {
		p->op.op = op;
		p->note.several = p->note.several || p->place.has_object;
		p->place = r->place;
	}
	keep_place(p, &r->place);
}

static bool take_write(struct rows *r, struct oto_cur *c, uint32_t value, uint32_t priority)
{
	if (!bacnet_take_opening(c, value))
		return false;
	struct oto_cur in = bacnet_inside(c);
	take_priority(c, priority, r);
	if (r->p->m->pdu_service == WRITE_PROPERTY || r->p->m->pdu_service == WRITE_PROPERTY_MULTIPLE)
		keep_write(r, in);
	else
		keep_place(r->p, &r->place);
	tell_values(r, in);
	return true;
}

/* Properties with values, 21 BACnetPropertyValue: [0] property, [1] index, [2] value, [3] priority or time. */
static bool take_property_values(struct rows *r, struct oto_cur c)
{
	while (oto_left(&c)) {
		if (!take_property(&c, 0, &r->place) || !take_write(r, &c, 2, 3))
			return false;
	}
	return true;
}

static bool write_multiple(struct rows *r, struct oto_cur *c)
{
	while (oto_left(c)) {
		r->place = (struct bacnet_place){ 0 };
		if (!take_object(c, 0, &r->place) || !bacnet_take_opening(c, 1) || !take_property_values(r, bacnet_inside(c)))
			return false;
	}
	return true;
}

/* 15.3: by identifier, or by type, then the device chooses the number. */
static bool create(struct rows *r, struct oto_cur *c)
{
	struct bacnet_tag type;

	if (!bacnet_take_opening(c, 0))
		return false;
	struct oto_cur in = bacnet_inside(c);
	if (bacnet_take_context(&in, 0, &type)) {
		r->place.object_type = (uint16_t)bacnet_unsigned(type.data);
		r->place.instance = 0x3fffff;
		r->place.has_object = true;
	} else if (!take_object(&in, 1, &r->place)) {
		return false;
	}
	keep_place(r->p, &r->place);
	if (!bacnet_take_opening(c, 1)) {
		tell_bare(r);
		return true;
	}
	return take_property_values(r, bacnet_inside(c));
}

static bool remove_object(struct rows *r, struct oto_cur *c)
{
	struct bacnet_tag tag;

	if (!bacnet_take_application(c, OBJECT, &tag) || !bacnet_object(tag.data, &r->place))
		return false;
	keep_place(r->p, &r->place);
	tell_bare(r);
	return true;
}

/* ------------------------------------------------------------------------------------------------ reading */

static bool read_multiple(struct rows *r, struct oto_cur *c)
{
	while (oto_left(c)) {
		r->place = (struct bacnet_place){ 0 };
		if (!take_object(c, 0, &r->place) || !bacnet_take_opening(c, 1))
			return false;
		struct oto_cur in = bacnet_inside(c);
		while (oto_left(&in)) {
			if (!take_property(&in, 0, &r->place))
				return false;
			keep_place(r->p, &r->place);
			tell_bare(r);
		}
	}
	return true;
}

static void tell_refusal(const struct rows *r, uint32_t code)
{
	struct bacnet_property e = row_of(r);

	e.error_code = (uint16_t)code;
	e.has_error = true;
	e.value = bacnet_word(r->p->cx, &bacnet_error_codes, code);
	oto_emit(r->p->cx, EV_PROPERTY, &e);
}

/* [4] value or [5] error of each property. */
static bool take_result(struct rows *r, struct oto_cur *c)
{
	struct bacnet_tag class, code;

	if (bacnet_take_opening(c, 4)) {
		tell_values(r, bacnet_inside(c));
		return true;
	}
	if (!bacnet_take_opening(c, 5))
		return false;
	struct oto_cur in = bacnet_inside(c);
	if (!bacnet_take_application(&in, ENUMERATED, &class) || !bacnet_take_application(&in, ENUMERATED, &code))
		return false;
	tell_refusal(r, (uint32_t)bacnet_unsigned(code.data));
	return true;
}

static bool multiple_ack(struct rows *r, struct oto_cur *c)
{
	while (oto_left(c)) {
		r->place = (struct bacnet_place){ 0 };
		if (!take_object(c, 0, &r->place) || !bacnet_take_opening(c, 1))
			return false;
		struct oto_cur in = bacnet_inside(c);
		while (oto_left(&in)) {
			if (!take_property(&in, 2, &r->place) || !take_result(r, &in))
				return false;
			keep_place(r->p, &r->place);
		}
	}
	return true;
}

/* 15.8: of what is in a list or log so many were sent; they are records of many kinds and not looked into. */
static bool range_ack(struct rows *r, struct oto_cur *c)
{
	struct bacnet_property e;
	struct bacnet_tag flags, count;

	if (!take_place(c, &r->place) || !bacnet_take_context(c, 3, &flags) || !bacnet_take_context(c, 4, &count))
		return false;
	keep_place(r->p, &r->place);
	e = row_of(r);
	e.number = (double)bacnet_unsigned(count.data);
	e.has_number = true;
	e.value = say_text(r->p->cx, 40, "item_count: %u", (uint32_t)bacnet_unsigned(count.data));
	oto_emit(r->p->cx, EV_PROPERTY, &e);
	return true;
}

/* ------------------------------------------------------------------------------------------------ change of value, 13.1 and 13.13 */

static bool notification(struct rows *r, struct oto_cur *c)
{
	struct bacnet_tag tag;
	struct bacnet_place device;

	bacnet_take_context(c, 0, &tag);
	if (!take_object(c, 1, &device) || !take_object(c, 2, &r->place))
		return false;
	bacnet_take_context(c, 3, &tag);
	return bacnet_take_opening(c, 4) && take_property_values(r, bacnet_inside(c));
}

static bool notification_multiple(struct rows *r, struct oto_cur *c)
{
	struct bacnet_tag tag;
	struct bacnet_place device;

	bacnet_take_context(c, 0, &tag);
	if (!take_object(c, 1, &device))
		return false;
	bacnet_take_context(c, 2, &tag);
	if (bacnet_take_opening(c, 3))
		bacnet_inside(c);
	if (!bacnet_take_opening(c, 4))
		return false;
	struct oto_cur in = bacnet_inside(c);
	while (oto_left(&in)) {
		r->place = (struct bacnet_place){ 0 };
		if (!take_object(&in, 0, &r->place) || !bacnet_take_opening(&in, 1) || !take_property_values(r, bacnet_inside(&in)))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ by service */

bool bacnet_property_request(struct bacnet_parse *p, struct oto_cur *c)
{
	const struct words *w = words_of(p->m->pdu_service);
	uint16_t service = p->m->pdu_service;
	struct rows r = { .p = p, .word = w ? w->request : NULL, .writes = w && !w->ack && w->error };

	switch (service) {
	case READ_PROPERTY:
	case READ_RANGE:
		if (!take_place(c, &r.place))
			return false;
		keep_place(p, &r.place);
		tell_bare(&r);
		return true;
	case READ_PROPERTY_MULTIPLE:
		return read_multiple(&r, c);
	case WRITE_PROPERTY:
	case ADD_LIST_ELEMENT:
	case REMOVE_LIST_ELEMENT:
		return take_place(c, &r.place) && take_write(&r, c, 3, 4);
	case WRITE_PROPERTY_MULTIPLE:
		return write_multiple(&r, c);
	case CREATE_OBJECT:
		return create(&r, c);
	case DELETE_OBJECT:
		return remove_object(&r, c);
	case CONFIRMED_COV_NOTIFICATION:
	case UNCONFIRMED_COV_NOTIFICATION:
		return notification(&r, c);
	case CONFIRMED_COV_NOTIFICATION_MULTIPLE:
	case UNCONFIRMED_COV_NOTIFICATION_MULTIPLE:
		return notification_multiple(&r, c);
	default:
		if (!oto_name_in_order(&bacnet_services, service))
			oto_weird(p->cx, "unknown_service", (struct oto_slice){ 0 });
		return true;
	}
}

bool bacnet_property_ack(struct bacnet_parse *p, struct oto_cur *c)
{
	const struct words *w = words_of(p->m->pdu_service);
	struct rows r = { .p = p, .word = w ? w->ack : NULL, .tells_facts = true };

	switch (p->m->pdu_service) {
	case READ_PROPERTY:
		if (!take_place(c, &r.place) || !bacnet_take_opening(c, 3))
			return false;
		keep_place(p, &r.place);
		tell_values(&r, bacnet_inside(c));
		return true;
	case READ_PROPERTY_MULTIPLE:
		return multiple_ack(&r, c);
	case READ_RANGE:
		return range_ack(&r, c);
	default:
		return true;
	}
}

/* The place is the request's. */
void bacnet_property_error(struct bacnet_parse *p)
{
	const struct words *w = words_of(p->m->pdu_service);
	struct rows r = { .p = p, .word = w ? w->error : NULL, .place = p->place };

	if (!r.word)
		return;
	struct bacnet_property e = row_of(&r);
	e.error_code = p->m->error_code;
	e.has_error = p->m->has_error;
	e.value = p->m->result_code;
	oto_emit(p->cx, EV_PROPERTY, &e);
}
