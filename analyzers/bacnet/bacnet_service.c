/* bacnet_service.c - parameters of services (clauses 13 to 17): discovery, device control, alarms, time, messages, terminals.
 *
 * Each reader gets a cursor over tags that are known to fit; it says false where they are not those of the service. Properties and files
 * are read by files of their own.
 */
#include "bacnet.h"

enum { BOOLEAN = 1, UNSIGNED = 2, OCTETS = 6, STRING = 7, ENUMERATED = 9, DATE = 10, TIME = 11, OBJECT = 12 };

static bool take_number(struct oto_cur *c, uint32_t number, uint32_t *value)
{
	struct bacnet_tag tag;

	if (!bacnet_take_context(c, number, &tag))
		return false;
	*value = (uint32_t)bacnet_unsigned(tag.data);
	return true;
}

static bool take_plain(struct oto_cur *c, uint32_t type, uint32_t *value)
{
	struct bacnet_tag tag;

	if (!bacnet_take_application(c, type, &tag))
		return false;
	*value = (uint32_t)bacnet_unsigned(tag.data);
	return true;
}

static bool take_object(struct oto_cur *c, uint32_t number, struct bacnet_place *place)
{
	struct bacnet_tag tag;

	return bacnet_take_context(c, number, &tag) && bacnet_object(tag.data, place);
}

static bool take_plain_object(struct oto_cur *c, struct bacnet_place *place)
{
	struct bacnet_tag tag;

	return bacnet_take_application(c, OBJECT, &tag) && bacnet_object(tag.data, place);
}

static struct oto_slice take_plain_string(struct oto_ctx *cx, struct oto_cur *c)
{
	struct bacnet_tag tag;

	return bacnet_take_application(c, STRING, &tag) ? bacnet_string(cx, tag.data) : (struct oto_slice){ 0 };
}

/* ------------------------------------------------------------------------------------------------ discovery, 16.9 to 16.11 */

static struct oto_slice take_range(struct bacnet_parse *p, struct oto_cur *c, bool *limited)
{
	uint32_t low, high = 0;

	*limited = take_number(c, 0, &low);
	if (!*limited)
		return oto_slice_of("All");
	take_number(c, 1, &high);
	return say_text(p->cx, 24, "%u-%u", low, high);
}

static bool who_is(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_discovery e = { .ends = p->m->ends, .pdu_service = "who-is" };

	e.range = take_range(p, c, &e.has_limits);
	p->op.target = (struct oto_target){ .space = "device", .name = e.range };
	oto_emit(p->cx, EV_DISCOVERY, &e);
	return !oto_left(c);
}

static bool who_has(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_discovery e = { .ends = p->m->ends, .pdu_service = "who-has" };
	struct bacnet_tag name;

	e.range = take_range(p, c, &e.has_limits);
	e.has_object = take_object(c, 2, &p->place);
	e.object_type = p->place.object_type;
	e.instance_number = p->place.instance;
	bool named = bacnet_take_context(c, 3, &name);
	e.object_name = named ? bacnet_string(p->cx, name.data) : oto_slice_of("N/A");
	oto_emit(p->cx, EV_DISCOVERY, &e);
	return e.has_object || named;
}

static void tell_vendor(struct bacnet_parse *p, uint32_t vendor)
{
	const struct oto_name *row = oto_name_in_order(&bacnet_vendors, vendor);

	if (row)
		bacnet_fact(p, "vendor", oto_slice_of(row->name), SAY_SURE);
}

static void tell_instance(struct bacnet_parse *p, const struct bacnet_place *device)
{
	if (device->object_type == BACNET_DEVICE)
		bacnet_fact(p, "device_instance", say_text(p->cx, 8, "%u", device->instance), SAY_SURE);
}

static bool i_am(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_discovery e = { .ends = p->m->ends, .pdu_service = "i-am", .has_object = true, .has_vendor = true };
	uint32_t segmentation, vendor;

	if (!take_plain_object(c, &p->place) || !take_plain(c, UNSIGNED, &e.max_apdu) || !take_plain(c, ENUMERATED, &segmentation) ||
	    !take_plain(c, UNSIGNED, &vendor))
		return false;
	e.object_type = p->place.object_type;
	e.instance_number = p->place.instance;
	e.segmentation = (uint8_t)segmentation;
	e.vendor = (uint16_t)vendor;
	tell_instance(p, &p->place);
	tell_vendor(p, vendor);
	oto_emit(p->cx, EV_DISCOVERY, &e);
	return true;
}

static bool i_have(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_discovery e = { .ends = p->m->ends, .pdu_service = "i-have", .has_object = true, .has_device = true };
	struct bacnet_place device = { 0 };

	if (!take_plain_object(c, &device) || !take_plain_object(c, &p->place))
		return false;
	e.device_id_type = device.object_type;
	e.device_id_number = device.instance;
	e.object_type = p->place.object_type;
	e.instance_number = p->place.instance;
	e.object_name = take_plain_string(p->cx, c);
	tell_instance(p, &device);
	if (p->place.object_type == BACNET_DEVICE)
		bacnet_fact(p, "hostname", e.object_name, SAY_STATED);
	oto_emit(p->cx, EV_DISCOVERY, &e);
	return e.object_name.data;
}

/* A device that has no instance yet, and who gives it one: 16.11. */
static bool who_am_i(struct bacnet_parse *p, struct oto_cur *c, bool asks)
{
	struct bacnet_discovery e = { .ends = p->m->ends, .pdu_service = asks ? "who-am-i" : "you-are", .has_vendor = true };
	uint32_t vendor;

	if (!take_plain(c, UNSIGNED, &vendor))
		return false;
	e.vendor = (uint16_t)vendor;
	e.model = take_plain_string(p->cx, c);
	e.serial = take_plain_string(p->cx, c);
	e.has_object = !asks && take_plain_object(c, &p->place);
	e.object_type = p->place.object_type;
	e.instance_number = p->place.instance;
	if (asks) {
		tell_vendor(p, vendor);
		bacnet_fact(p, "model", e.model, SAY_SURE);
		bacnet_fact(p, "serial", e.serial, SAY_SURE);
	}
	oto_emit(p->cx, EV_DISCOVERY, &e);
	return e.serial.data;
}

/* ------------------------------------------------------------------------------------------------ device control, 16.1 and 16.4 */

static bool device_control(struct bacnet_parse *p, struct oto_cur *c, bool communication)
{
	struct bacnet_device_control e = { .ends = p->m->ends, .invoke_id = p->m->invoke_id, .pdu_service = p->m->pdu_service };
	const struct oto_names *states = communication ? &bacnet_communication_states : &bacnet_reinitialize_states;
	uint32_t at = communication ? 1 : 0, state;
	struct bacnet_tag password;

	e.has_duration = communication && take_number(c, 0, &e.time_duration);
	if (!take_number(c, at, &state))
		return false;
	const struct oto_name *row = oto_name_in_order(states, state);
	e.device_state = row ? row->name : "unknown";
	e.password = bacnet_take_context(c, at + 1, &password) ? "***" : NULL;
	p->op.op = row ? row->op : (uint32_t)OTO_OP_RESET;
	p->op.target = (struct oto_target){ .space = "state", .name = oto_slice_of(e.device_state) };
	p->note.state = e.device_state;
	oto_emit(p->cx, EV_DEVICE_CONTROL, &e);
	return !oto_left(c);
}

static void device_controlled(struct bacnet_parse *p, const char *result)
{
	struct bacnet_device_control e = { .ends = p->m->ends,
					   .invoke_id = p->m->invoke_id,
					   .pdu_service = p->m->pdu_service,
					   .result = result,
					   .result_code = p->m->result_code };

	if (p->note.state)
		p->op.target = (struct oto_target){ .space = "state", .name = oto_slice_of(p->note.state) };
	oto_emit(p->cx, EV_DEVICE_CONTROL, &e);
}

/* ------------------------------------------------------------------------------------------------ alarms, clause 13 */

/* A choice of time, sequence number, or date and time. */
static struct oto_slice take_time_stamp(struct bacnet_parse *p, struct oto_cur *c, uint32_t number)
{
	struct bacnet_tag date, time;
	double ignored;
	bool has_number;

	if (!bacnet_take_opening(c, number))
		return (struct oto_slice){ 0 };
	struct oto_cur in = bacnet_inside(c);
	if (bacnet_take_opening(&in, 2) && bacnet_take_application(&in, DATE, &date) && bacnet_take_application(&in, TIME, &time))
		return bacnet_time_text(p->cx, date.data, time.data);
	if (!bacnet_next(&in, &date) || date.opening)
		return (struct oto_slice){ 0 };
	date.context = false;
	date.number = date.number == 0 ? TIME : UNSIGNED;
	return bacnet_text(p->cx, &date, UINT32_MAX, &ignored, &has_number);
}

static bool take_byte(struct oto_cur *c, uint32_t number, uint8_t *value)
{
	uint32_t wide;
	bool has = take_number(c, number, &wide);

	if (has)
		*value = (uint8_t)wide;
	return has;
}

static bool take_short(struct oto_cur *c, uint32_t number, uint16_t *value)
{
	uint32_t wide;
	bool has = take_number(c, number, &wide);

	if (has)
		*value = (uint16_t)wide;
	return has;
}

static bool event_notification(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_alarm e = { .ends = p->m->ends, .pdu_service = p->m->pdu_service };
	struct bacnet_place device = { 0 };
	struct bacnet_tag text;
	uint32_t ack;

	e.has_process = take_number(c, 0, &e.process_identifier);
	e.has_device = take_object(c, 1, &device);
	e.device_instance = device.instance;
	e.has_object = take_object(c, 2, &p->place);
	e.object_type = p->place.object_type;
	e.instance_number = p->place.instance;
	e.time_stamp = take_time_stamp(p, c, 3);
	e.has_class = take_number(c, 4, &e.notification_class);
	e.has_priority = take_byte(c, 5, &e.priority);
	e.has_event_type = take_number(c, 6, &e.event_type);
	if (bacnet_take_context(c, 7, &text))
		e.message_text = bacnet_string(p->cx, text.data);
	e.has_notify = take_byte(c, 8, &e.notify_type);
	e.has_ack = take_number(c, 9, &ack);
	e.ack_required = e.has_ack && ack;
	e.has_from = take_short(c, 10, &e.from_state);
	e.has_to = take_short(c, 11, &e.to_state);
	if (!e.has_device || !e.has_object)
		return false;
	tell_instance(p, &device);
	oto_emit(p->cx, EV_ALARM, &e);
	return e.has_to;
}

static void tell_state(struct bacnet_parse *p, const struct bacnet_place *place, uint32_t state)
{
	oto_emit(p->cx, EV_ALARM,
		 &(struct bacnet_alarm){ .ends = p->m->ends,
					 .pdu_service = p->m->pdu_service,
					 .object_type = place->object_type,
					 .instance_number = place->instance,
					 .to_state = (uint16_t)state,
					 .has_object = true,
					 .has_to = true });
}

static bool alarm_summary(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_place place;
	struct bacnet_tag transitions;
	uint32_t state;

	while (oto_left(c)) {
		place = (struct bacnet_place){ 0 };
		if (!take_plain_object(c, &place) || !take_plain(c, ENUMERATED, &state) || !bacnet_take_application(c, 8, &transitions))
			return false;
		tell_state(p, &place, state);
	}
	return true;
}

static bool event_information(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_place place = { 0 };
	uint32_t state;

	if (!bacnet_take_opening(c, 0))
		return false;
	struct oto_cur in = bacnet_inside(c);
	while (oto_left(&in)) {
		if (!take_object(&in, 0, &place) || !take_number(&in, 1, &state))
			return false;
		tell_state(p, &place, state);
		for (uint32_t left = 5; left; left--) /* transitions, time stamps, notify type, enables, priorities */
			bacnet_skip(&in);
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ other commands */

static struct bacnet_command command_of(const struct bacnet_parse *p)
{
	return (struct bacnet_command){ .ends = p->m->ends, .pdu_service = p->m->pdu_service };
}

static void tell_command(struct bacnet_parse *p, struct bacnet_command *e)
{
	e->has_object = p->place.has_object;
	e->object_type = p->place.object_type;
	e->instance_number = p->place.instance;
	oto_emit(p->cx, EV_COMMAND, e);
}

static bool acknowledge_alarm(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_command e = command_of(p);
	struct bacnet_tag source;
	uint32_t state;

	e.has_process = take_number(c, 0, &e.process_identifier);
	bool object = take_object(c, 1, &p->place);
	const struct oto_name *row = take_number(c, 2, &state) ? oto_name_in_order(&bacnet_event_states, state) : NULL;
	e.request = row ? row->name : NULL;
	e.time = take_time_stamp(p, c, 3);
	if (bacnet_take_context(c, 4, &source))
		e.source = bacnet_string(p->cx, source.data);
	tell_command(p, &e);
	return object;
}

static bool synchronize(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_command e = command_of(p);
	struct bacnet_tag date, time;

	if (!bacnet_take_application(c, DATE, &date) || !bacnet_take_application(c, TIME, &time))
		return false;
	e.time = bacnet_time_text(p->cx, date.data, time.data);
	tell_command(p, &e);
	return true;
}

static bool private_transfer(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_command e = command_of(p);

	e.has_vendor = take_short(c, 0, &e.vendor);
	if (!e.has_vendor || !take_number(c, 1, &e.service_number))
		return false;
	p->op.target = (struct oto_target){ .space = "private", .name = say_text(p->cx, 24, "%u.%u", e.vendor, e.service_number) };
	tell_command(p, &e);
	return true;
}

static bool text_message(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_command e = command_of(p);
	struct bacnet_tag text;

	if (!take_object(c, 0, &p->place))
		return false;
	if (bacnet_take_opening(c, 1))
		bacnet_inside(c);
	e.has_priority = take_byte(c, 2, &e.priority);
	bool has = bacnet_take_context(c, 3, &text);
	e.text = has ? bacnet_string(p->cx, text.data) : (struct oto_slice){ 0 };
	tell_command(p, &e);
	return has;
}

static bool life_safety(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_command e = command_of(p);
	struct bacnet_tag source;
	uint32_t request;

	e.has_process = take_number(c, 0, &e.process_identifier);
	if (bacnet_take_context(c, 1, &source))
		e.source = bacnet_string(p->cx, source.data);
	if (!take_number(c, 2, &request))
		return false;
	take_object(c, 3, &p->place);
	const struct oto_name *row = oto_name_in_order(&bacnet_life_safety_operations, request);
	e.request = row ? row->name : "unknown";
	p->op.op = row ? row->op : (uint32_t)OTO_OP_MODE;
	tell_command(p, &e);
	return true;
}

/* Clause 17. What is typed may be a password: it is not looked at. */
static bool terminal(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_command e = command_of(p);
	uint32_t class;

	if (p->m->pdu_service == VT_OPEN && p->is_request && !take_plain(c, ENUMERATED, &class))
		return false;
	e.has_session = take_plain(c, UNSIGNED, &e.session);
	tell_command(p, &e);
	return e.has_session;
}

static bool write_group(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_command e = command_of(p);
	uint32_t group;

	if (!take_number(c, 0, &group))
		return false;
	e.has_priority = take_byte(c, 1, &e.priority);
	p->op.target = (struct oto_target){ .space = "group", .name = say_text(p->cx, 12, "%u", group) };
	tell_command(p, &e);
	return true;
}

/* 13.14 to 13.16. */
static bool subscribe(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_command e = command_of(p);
	bool several = p->m->pdu_service == SUBSCRIBE_COV_PROPERTY_MULTIPLE;
	struct bacnet_tag confirmed;
	bool has = true;

	e.has_process = take_number(c, 0, &e.process_identifier);
	if (!several)
		has = take_object(c, 1, &p->place);
	bool renews = bacnet_take_context(c, several ? 1 : 2, &confirmed);
	e.has_lifetime = take_number(c, several ? 2 : 3, &e.lifetime);
	e.request = renews || e.has_lifetime ? "subscribe" : "cancel";
	if (several) {
		bacnet_take_context(c, 3, &confirmed); /* longest delay */
		has = bacnet_take_opening(c, 4) && take_object(c, 0, &p->place);
	} else if (p->m->pdu_service == SUBSCRIBE_COV_PROPERTY) {
		has = has && bacnet_take_opening(c, 4) && take_number(c, 0, &p->place.property);
		p->place.has_property = has;
		p->place.has_index = has && take_number(c, 1, &p->place.array_index);
	}
	tell_command(p, &e);
	return has;
}

/* ------------------------------------------------------------------------------------------------ by service */

bool bacnet_service_request(struct bacnet_parse *p)
{
	struct oto_cur c = oto_cur_of(p->content);

	switch (p->m->pdu_service) {
	case WHO_IS:
		return who_is(p, &c);
	case WHO_HAS:
		return who_has(p, &c);
	case I_AM:
		return i_am(p, &c);
	case I_HAVE:
		return i_have(p, &c);
	case WHO_AM_I:
	case YOU_ARE:
		return who_am_i(p, &c, p->m->pdu_service == WHO_AM_I);
	case DEVICE_COMMUNICATION_CONTROL:
	case REINITIALIZE_DEVICE:
		return device_control(p, &c, p->m->pdu_service == DEVICE_COMMUNICATION_CONTROL);
	case CONFIRMED_EVENT_NOTIFICATION:
	case UNCONFIRMED_EVENT_NOTIFICATION:
		return event_notification(p, &c);
	case ACKNOWLEDGE_ALARM:
		return acknowledge_alarm(p, &c);
	case TIME_SYNCHRONIZATION:
	case UTC_TIME_SYNCHRONIZATION:
		return synchronize(p, &c);
	case CONFIRMED_PRIVATE_TRANSFER:
	case UNCONFIRMED_PRIVATE_TRANSFER:
		return private_transfer(p, &c);
	case CONFIRMED_TEXT_MESSAGE:
	case UNCONFIRMED_TEXT_MESSAGE:
		return text_message(p, &c);
	case LIFE_SAFETY_OPERATION:
		return life_safety(p, &c);
	case VT_OPEN:
	case VT_CLOSE:
	case VT_DATA:
		return terminal(p, &c);
	case WRITE_GROUP:
		return write_group(p, &c);
	case SUBSCRIBE_COV:
	case SUBSCRIBE_COV_PROPERTY:
	case SUBSCRIBE_COV_PROPERTY_MULTIPLE:
		return subscribe(p, &c);
	case ATOMIC_READ_FILE:
	case ATOMIC_WRITE_FILE:
		return bacnet_file_request(p, &c);
	default:
		return bacnet_property_request(p, &c);
	}
}

bool bacnet_service_ack(struct bacnet_parse *p)
{
	struct oto_cur c = oto_cur_of(p->content);

	switch (p->m->pdu_service) {
	case DEVICE_COMMUNICATION_CONTROL:
	case REINITIALIZE_DEVICE:
		device_controlled(p, "SUCCESS");
		return true;
	case GET_ALARM_SUMMARY:
		return alarm_summary(p, &c);
	case GET_EVENT_INFORMATION:
		return event_information(p, &c);
	case VT_OPEN:
		return terminal(p, &c);
	case CREATE_OBJECT:
		return take_plain_object(&c, &p->place);
	case ATOMIC_READ_FILE:
	case ATOMIC_WRITE_FILE:
		return bacnet_file_ack(p, &c);
	default:
		return bacnet_property_ack(p, &c);
	}
}

void bacnet_service_refused(struct bacnet_parse *p)
{
	switch (p->m->pdu_service) {
	case DEVICE_COMMUNICATION_CONTROL:
	case REINITIALIZE_DEVICE:
		device_controlled(p, p->m->has_error || p->m->pdu_type == BACNET_ERROR ? "ERROR" : p->m->has_reject ? "REJECT" : "ABORT");
		return;
	case ATOMIC_READ_FILE:
	case ATOMIC_WRITE_FILE:
		bacnet_file_refused(p);
		return;
	default:
		bacnet_property_error(p);
	}
}
