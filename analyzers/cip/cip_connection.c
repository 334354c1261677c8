/* cip_connection.c - class 0x06, the Connection Manager: Forward Open, Large Forward Open, Forward Close and their like.
 *
 * Volume 1, 3-5. Owns the event of a connection; remembers what messages and I/O need to be understood later: on the flow for messages, in
 * a memory of the whole segment for I/O, whose T->O half may go to a multicast group.
 */
#include "cip_connection.h"

/* ------------------------------------------------------------------------------------------------ 1. what is said */

enum { MULTICAST = 1 };
static const struct oto_name type_rows[] = {
	{ 0, "null", 0, "no data in this direction; both null: the device is only configured" },
	{ MULTICAST, "multicast", 0, "to all who listen" },
	{ 2, "point to point", 0, "to one" },
	{ 3, "reserved", 0, NULL },
};
static const struct oto_names types = OTO_NAMES(type_rows);
static const struct oto_name priority_rows[] = {
	{ 0, "low", 0, NULL },
	{ 1, "high", 0, NULL },
	{ 2, "scheduled", 0, NULL },
	{ 3, "urgent", 0, NULL },
};
static const struct oto_names priorities = OTO_NAMES(priority_rows);
static const struct oto_name trigger_rows[] = {
	{ 0, "cyclic", 0, NULL },
	{ 1, "change of state", 0, NULL },
	{ 2, "application object", 0, NULL },
};
static const struct oto_names triggers = OTO_NAMES(trigger_rows);

/* One direction of a connection: volume 1, 3-5.5.1.1. */
struct half {
	uint32_t id, interval, parameters;
	uint32_t size;
	uint8_t type, priority;
	bool variable, redundant;
};

struct cip_connection {
	const char *service, *direction;
	uint8_t status;
	const char *error;
	uint16_t connection_serial, originator_vendor, originator_vendor_name;
	uint32_t originator_serial;
	uint32_t ot_connection_id, to_connection_id;
	uint32_t ot_rpi, to_rpi, ot_size, to_size;
	uint8_t ot_type, to_type, ot_priority, to_priority;
	bool ot_variable, to_variable, redundant_owner;
	uint32_t timeout_multiplier;
	uint8_t transport_class, trigger;
	bool is_server, safety;
	uint8_t safety_format;
	uint32_t safety_configuration_crc;
	struct oto_slice safety_target, safety_originator;
	uint32_t class_id, class_name, instance_id, consumed_point, produced_point, production_inhibit;
	struct oto_slice route, symbol;
	uint16_t key_vendor, key_device_type, key_product;
	uint8_t key_major, key_minor;
	bool has_status, has_triad, has_ids, has_parameters, has_intervals, has_class, has_instance, has_consumed, has_produced,
	    has_inhibit, has_key, has_route, has_symbol, has_safety_format, has_safety_nodes;
};

#define F(m, doc, ...) OTO_FIELD(struct cip_connection, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct cip_connection, has)
static const struct oto_field fields[] = {
	F(service, "Forward Open, Large Forward Open or Forward Close"),
	F(direction, "request or response"),
	F(status, "general status of a response", .names = &cip_statuses, IF(has_status)),
	F(error, "extended status in words"),
	F(connection_serial, "with vendor and serial number of the originator: the connection's identity", .flags = OTO_HEX | OTO_WIDE,
	  IF(has_triad)),
	F(originator_vendor, "vendor of the originator", IF(has_triad)),
	F(originator_vendor_name, "its name", .names = &cip_vendors, IF(has_triad)),
	F(originator_serial, "serial number of the originator", .flags = OTO_HEX | OTO_WIDE, IF(has_triad)),
	F(ot_connection_id, "identifies data to the target", .flags = OTO_HEX | OTO_WIDE, IF(has_ids)),
	F(to_connection_id, "identifies data to the originator", .flags = OTO_HEX | OTO_WIDE, IF(has_ids)),
	F(ot_rpi, "microseconds between data to the target, requested or, in a response, actual", IF(has_intervals)),
	F(to_rpi, "microseconds between data to the originator", IF(has_intervals)),
	F(ot_size, "longest data to the target in bytes", IF(has_parameters)),
	F(to_size, "longest data to the originator in bytes", IF(has_parameters)),
	F(ot_type, "to whom data to the target goes", .names = &types, IF(has_parameters)),
	F(to_type, "to whom data to the originator goes", .names = &types, IF(has_parameters)),
	F(ot_priority, "of data to the target", .names = &priorities, IF(has_parameters)),
	F(to_priority, "of data to the originator", .names = &priorities, IF(has_parameters)),
	F(ot_variable, "data to the target varies in length", IF(has_parameters)),
	F(to_variable, "data to the originator varies in length", IF(has_parameters)),
	F(redundant_owner, "several originators may send", IF(has_parameters)),
	F(timeout_multiplier, "intervals without data after which the connection is given up", IF(has_parameters)),
	F(transport_class, "0 and 1 carry I/O, 2 and 3 messages", IF(has_parameters)),
	F(trigger, "when data is produced", .names = &triggers, IF(has_parameters)),
	F(is_server, "the target is the server of the transport", IF(has_parameters)),
	F(class_id, "class that is connected to", .flags = OTO_HEX, IF(has_class)),
	F(class_name, "its word", .names = &cip_classes, IF(has_class)),
	F(instance_id, "instance, of an assembly that of the configuration", IF(has_instance)),
	F(consumed_point, "connection point or instance that takes data to the target", IF(has_consumed)),
	F(produced_point, "connection point or instance that gives data to the originator", IF(has_produced)),
	F(symbol, "produced tag", IF(has_symbol)),
	F(route, "way to the target behind the addressed device", IF(has_route)),
	F(key_vendor, "electronic key: vendor that the target must have", IF(has_key)),
	F(key_device_type, "electronic key: device type", IF(has_key)),
	F(key_product, "electronic key: product code", IF(has_key)),
	F(key_major, "electronic key: major revision; 128 more: a compatible one will do", IF(has_key)),
	F(key_minor, "electronic key: minor revision", IF(has_key)),
	F(production_inhibit, "microseconds that must pass between two productions", IF(has_inhibit)),
	F(safety, "CIP Safety"),
	F(safety_format, "how safety messages prove themselves", .names = &cip_safety_formats, IF(has_safety_format)),
	F(safety_configuration_crc, "checksum of the configuration that the originator wants the target to have",
	  .flags = OTO_HEX | OTO_WIDE, IF(has_safety_nodes)),
	F(safety_target, "safety network number and address of the target", .flags = OTO_HEX, IF(has_safety_nodes)),
	F(safety_originator, "safety network number and address of the originator", .flags = OTO_HEX, IF(has_safety_nodes)),
};
static const struct oto_log logs[] = {
	{ .name = "cip_connection",
	  .doc = "CIP connections: opened, refused, closed.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "is_orig service direction status error connection_serial originator_vendor_name originator_serial ot_connection_id "
		     "to_connection_id ot_rpi to_rpi ot_size to_size ot_type to_type ot_priority to_priority timeout_multiplier "
		     "transport_class trigger class_name instance_id consumed_point produced_point symbol route safety",
	  .extra = "ot_variable to_variable redundant_owner is_server production_inhibit key_vendor key_device_type key_product key_major "
		   "key_minor safety_format safety_configuration_crc safety_target safety_originator",
	  .key = "orig_h resp_h service direction status error originator_serial ot_rpi to_rpi ot_size to_size ot_type to_type "
		 "transport_class trigger class_name instance_id consumed_point produced_point symbol route safety" },
};
const struct oto_event_type cip_connection_type =
    OTO_EVENT("cip.connection", struct cip_connection, fields, "A connection is opened, refused or closed.", OTO_LOGS(logs));

/* ------------------------------------------------------------------------------------------------ 2. requests */

/* What a Forward Open leaves for its response. */
struct opening {
	uint32_t class_id, instance_id, produced, slot; /* produced: where data to the originator comes from */
	uint16_t ot_size, to_size;
	uint8_t transport_class, route_len;
	bool has_class, has_instance, has_slot, safety, is_server, multicast, ot_multicast;
	bool consumes; /* what takes data to the target is a connection point, beside the instance */
	uint8_t safety_format;
	uint8_t sender[CIP_SAFETY_SENDER]; /* of a safety originator */
	uint8_t route[CIP_NOTE_ROUTE];
};
_Static_assert(sizeof(struct opening) <= CIP_NOTE_OBJECT, "an opening fits into the note");

/* Volume 1, 3-5.5.1.1: a word, in a Large Forward Open a double word with a size of its own. */
static struct half take_half(struct oto_cur *c, bool large)
{
	struct half h = { .interval = oto_le32(c) };
	uint32_t bits = large ? oto_le32(c) : oto_le16(c);
	uint32_t upper = large ? bits >> 16 : bits;

	h.size = large ? bits & 0xffff : bits & 0x1ff;
	h.variable = upper >> 9 & 1;
	h.priority = upper >> 10 & 3;
	h.type = upper >> 13 & 3;
	h.redundant = upper >> 15 & 1;
	return h;
}

static void take_triad(struct cip_connection *k, struct oto_cur *c)
{
	k->connection_serial = oto_le16(c);
	k->originator_vendor = k->originator_vendor_name = oto_le16(c);
	k->originator_serial = oto_le32(c);
	k->has_triad = !c->bad;
}

static void show_path(struct cip_connection *k, const struct cip_path *p)
{
	/* Three points begin with the configuration, of which two are in and out; volume 1, 3-5.5.1.10. */
	uint8_t first = p->points > 2 ? 1 : 0;

	k->class_id = k->class_name = p->class_id;
	k->has_class = p->has_class;
	k->instance_id = p->instance_id;
	k->has_instance = p->has_instance;
	k->has_consumed = p->points > first;
	k->consumed_point = p->point[first];
	k->has_produced = p->points > first + 1;
	k->produced_point = p->points > first + 1 ? p->point[first + 1] : 0;
	k->route = p->route;
	k->has_route = p->route.len != 0;
	k->symbol = p->symbol;
	k->has_symbol = p->symbol.len != 0;
	k->has_key = p->has_key;
	k->key_vendor = p->key.vendor;
	k->key_device_type = p->key.device_type;
	k->key_product = p->key.product;
	k->key_major = p->key.major;
	k->key_minor = p->key.minor;
	k->production_inhibit = p->production_inhibit;
	k->has_inhibit = p->has_inhibit;
	k->safety = p->safety;
	if (!p->safety)
		return;
	struct cip_safety_segment s = cip_safety_take_segment(p->safety_segment);
	k->safety_format = s.format;
	k->has_safety_format = p->safety_segment.len != 0;
	k->safety_configuration_crc = s.configuration_crc;
	k->safety_target = s.target;
	k->safety_originator = s.originator;
	k->has_safety_nodes = s.has_nodes;
}

static void show_halves(struct cip_connection *k, const struct half *ot, const struct half *to)
{
	k->ot_rpi = ot->interval;
	k->to_rpi = to->interval;
	k->ot_size = ot->size;
	k->to_size = to->size;
	k->ot_type = ot->type;
	k->to_type = to->type;
	k->ot_priority = ot->priority;
	k->to_priority = to->priority;
	k->ot_variable = ot->variable;
	k->to_variable = to->variable;
	k->redundant_owner = ot->redundant || to->redundant;
	k->has_parameters = k->has_intervals = true;
}

/* As it stands in the checksums: little endian. */
static void put_sender(uint8_t out[CIP_SAFETY_SENDER], uint16_t vendor, uint32_t serial, uint16_t connection)
{
	for (uint32_t i = 0; i < 2; i++) {
		out[i] = (uint8_t)(vendor >> 8 * i);
		out[6 + i] = (uint8_t)(connection >> 8 * i);
	}
	for (uint32_t i = 0; i < 4; i++)
		out[2 + i] = (uint8_t)(serial >> 8 * i);
}

static void leave(struct cip_talk *t, const struct cip_connection *k, const struct cip_path *p)
{
	struct opening o = { .class_id = p->class_id,
			     .instance_id = k->has_consumed ? k->consumed_point : p->instance_id,
			     .produced = k->has_produced   ? k->produced_point
					 : k->has_consumed ? k->consumed_point
							   : p->instance_id,
			     .slot = p->slot,
			     .ot_size = (uint16_t)k->ot_size,
			     .to_size = (uint16_t)k->to_size,
			     .transport_class = k->transport_class,
			     .has_class = p->has_class,
			     .has_instance = p->has_instance || k->has_consumed,
			     .has_slot = p->has_slot,
			     .consumes = k->has_consumed,
			     .safety = p->safety,
			     .is_server = k->is_server,
			     .multicast = k->to_type == MULTICAST,
			     .ot_multicast = k->ot_type == MULTICAST,
			     .safety_format = k->safety_format };

	put_sender(o.sender, k->originator_vendor, k->originator_serial, k->connection_serial);
	o.route_len = (uint8_t)(p->route.len < sizeof o.route ? p->route.len : sizeof o.route);
	if (o.route_len)
		memcpy(o.route, p->route.data, o.route_len);
	memcpy(t->note->object, &o, sizeof o);
}

/* The operation is about what is connected to, not about the Connection Manager. */
static void aim(struct cip_talk *t, const struct cip_connection *k, const struct cip_path *p)
{
	const char *word = p->has_class ? cip_word(&cip_classes, p->class_id) : NULL;

	if (p->symbol.len)
		t->target = (struct oto_target){ .space = "tag", .name = p->symbol };
	else if (word)
		t->target = (struct oto_target){ .space = word,
						 .first = k->has_consumed ? k->consumed_point : p->instance_id,
						 .count = p->has_instance || k->has_consumed };
}

static void forward_open(struct cip_talk *t, bool large)
{
	struct cip_connection k = { .service = t->func, .direction = "request" };
	struct cip_path path = { 0 };
	struct oto_cur c = t->data;

	oto_skip(&c, 2); /* priority and ticks of the request itself */
	k.ot_connection_id = oto_le32(&c);
	k.to_connection_id = oto_le32(&c);
	k.has_ids = true;
	take_triad(&k, &c);
	k.timeout_multiplier = 4u << (oto_u8(&c) & 7);
	oto_skip(&c, 3);
	struct half ot = take_half(&c, large), to = take_half(&c, large);
	show_halves(&k, &ot, &to);
	uint8_t transport = oto_u8(&c);
	k.transport_class = transport & 15;
	k.trigger = transport >> 4 & 7;
	k.is_server = transport >> 7;
	struct oto_slice bytes = oto_take(&c, oto_u8(&c) * 2u);
	if (c.bad) {
		t->odd = "malformed_forward_open";
		return;
	}
	t->data = c;
	if (!cip_path_read(t->cx, bytes, true, &path))
		t->odd = "malformed_connection_path";
	show_path(&k, &path);
	leave(t, &k, &path);
	aim(t, &k, &path);
	oto_emit(t->cx, CIP_EV_CONNECTION, &k);
}

static void forward_close(struct cip_talk *t)
{
	struct cip_connection k = { .service = t->func, .direction = "request" };
	struct cip_path path = { 0 };
	struct oto_cur c = t->data;

	oto_skip(&c, 2);
	take_triad(&k, &c);
	uint32_t words = oto_u8(&c);
	oto_skip(&c, 1);
	struct oto_slice bytes = oto_take(&c, 2 * words);
	if (c.bad) {
		t->odd = "malformed_forward_close";
		return;
	}
	t->data = c;
	if (!cip_path_read(t->cx, bytes, true, &path))
		t->odd = "malformed_connection_path";
	show_path(&k, &path);
	aim(t, &k, &path);
	oto_emit(t->cx, CIP_EV_CONNECTION, &k);
}

static void on_request(struct cip_talk *t)
{
	if (t->service == CIP_FORWARD_OPEN || t->service == CIP_LARGE_FORWARD_OPEN)
		forward_open(t, t->service == CIP_LARGE_FORWARD_OPEN);
	else if (t->service == CIP_FORWARD_CLOSE)
		forward_close(t);
}

/* ------------------------------------------------------------------------------------------------ 3. responses, and what is kept */

static const struct oto_memory io_memory = {
	.self_size = sizeof io_memory, .size = sizeof(struct cip_io_open), .scope = OTO_SCOPE_SEGMENT, .name = "cip.io"
};

/* An identifier is unique at the one who chose it: who receives it, of a multicast who sends it. Volume 1, 3-5.4. */
static uint64_t io_key(const struct oto_addr *chooser, uint32_t id)
{
	uint64_t half[2];

	memcpy(half, chooser->byte, sizeof half);
	return oto_key_mix(id, half[0], half[1]);
}

const struct cip_io_open *cip_io_open_of(struct oto_ctx *cx, uint32_t id)
{
	const struct oto_addr *sender = cx->is_orig ? &cx->head->orig_h : &cx->head->resp_h;
	const struct oto_addr *receiver = cx->is_orig ? &cx->head->resp_h : &cx->head->orig_h;

	return oto_recall(cx, &io_memory, io_key(oto_addr_is_group(receiver) ? sender : receiver, id));
}

/* Who produces is said by the direction of the transport's trigger; the other half answers. Volume 5, 3-3.3: a target that takes a safety
 * connection says who it is behind a number of its own. */
static struct cip_safety_way way_of(const struct opening *o, struct oto_slice reply, bool to_target)
{
	struct cip_safety_way way = { .format = o->safety_format,
				      .produces = to_target == o->is_server,
				      .multicast = o->multicast && !to_target && !o->is_server };
	struct oto_cur c = oto_cur_of(reply);

	oto_skip(&c, 2);
	struct oto_slice target = oto_take(&c, CIP_SAFETY_SENDER);
	if (to_target)
		cip_safety_sender(&way, o->sender);
	else if (!c.bad)
		cip_safety_sender(&way, target.data);
	return way;
}

static void remember_half(struct cip_talk *t, const struct opening *o, const struct cip_connection *k, struct oto_slice reply,
			  bool to_target)
{
	const struct oto_addr *target = t->cx->is_orig ? &t->cx->head->orig_h : &t->cx->head->resp_h;
	const struct oto_addr *originator = t->cx->is_orig ? &t->cx->head->resp_h : &t->cx->head->orig_h;
	bool by_target = to_target != (to_target ? o->ot_multicast : o->multicast);
	uint32_t id = to_target ? k->ot_connection_id : k->to_connection_id;
	struct cip_io_open *io = oto_remember(t->cx, &io_memory, io_key(by_target ? target : originator, id));

	if (!io)
		return;
	*io = (struct cip_io_open){ .originator = *originator,
				    .target = *target,
				    .rpi = to_target ? k->ot_rpi : k->to_rpi,
				    .size = to_target ? o->ot_size : o->to_size,
				    .transport_class = o->transport_class,
				    .to_target = to_target,
				    .safety = o->safety,
				    .class_id = o->class_id,
				    .instance_id = to_target ? o->instance_id : o->produced,
				    .has_class = o->has_class,
				    .has_instance = o->has_instance,
				    .slot = o->slot,
				    .has_slot = o->has_slot,
				    .route_len = o->route_len };
	memcpy(io->route, o->route, sizeof io->route);
	if (o->safety)
		io->way = way_of(o, reply, to_target);
}

/* Its own place, when an identifier is used anew; else the oldest's. */
static struct cip_open *place_on_flow(struct cip_flow *flow, uint32_t to_target, uint32_t to_originator)
{
	for (uint32_t i = 0; i < CIP_OPEN_MAX && i < flow->opened; i++) {
		struct cip_open *open = &flow->open[i];
		if (open->to_target == to_target || open->to_originator == to_originator)
			return open;
	}
	return &flow->open[flow->opened++ % CIP_OPEN_MAX];
}

static void keep_on_flow(struct cip_flow *flow, const struct opening *o, const struct cip_connection *k)
{
	struct cip_open *open = place_on_flow(flow, k->ot_connection_id, k->to_connection_id);

	*open = (struct cip_open){ .to_target = k->ot_connection_id,
				   .to_originator = k->to_connection_id,
				   .class_id = o->class_id,
				   .has_class = o->has_class,
				   .slot = o->slot,
				   .has_slot = o->has_slot,
				   .route_len = o->route_len,
				   .seen = true };
	memcpy(open->route, o->route, sizeof open->route);
	flow->others |= cip_is_other(open);
}

void cip_open_learn(struct cip_flow *flow, uint32_t to_target, uint32_t to_originator)
{
	*place_on_flow(flow, to_target, to_originator) = (struct cip_open){ .to_target = to_target, .to_originator = to_originator };
}

const struct cip_open *cip_open_of(const struct cip_flow *flow, uint32_t id, bool to_target)
{
	for (uint32_t i = 0; i < CIP_OPEN_MAX && i < flow->opened; i++) {
		const struct cip_open *open = &flow->open[i];
		if ((to_target ? open->to_target : open->to_originator) == id)
			return open;
	}
	return NULL;
}

/* Volume 1, 3-4.4.3: transport classes 2 and 3; 0 and 1 carry I/O. */
enum { CARRIES_MESSAGES = 2 };

static void opened(struct cip_talk *t, struct cip_connection *k, const struct opening *o)
{
	struct oto_cur c = t->data;

	k->ot_connection_id = oto_le32(&c);
	k->to_connection_id = oto_le32(&c);
	k->has_ids = true;
	take_triad(k, &c);
	k->ot_rpi = oto_le32(&c);
	k->to_rpi = oto_le32(&c);
	k->has_intervals = true;
	uint32_t words = oto_u8(&c);
	oto_skip(&c, 1);
	struct oto_slice reply = oto_take(&c, 2 * words);
	if (c.bad) {
		t->odd = "malformed_forward_open";
		return;
	}
	t->data = c;
	if (!o)
		return;
	if (o->transport_class >= CARRIES_MESSAGES) {
		keep_on_flow(t->cx->state, o, k);
	} else {
		remember_half(t, o, k, reply, true);
		remember_half(t, o, k, reply, false);
	}
}

static void on_response(struct cip_talk *t)
{
	bool opens = t->service == CIP_FORWARD_OPEN || t->service == CIP_LARGE_FORWARD_OPEN;
	struct cip_connection k = {
		.service = t->func, .direction = "response", .status = t->status, .error = t->m->cip_extended_status, .has_status = true
	};
	struct opening o = { 0 };

	if (!opens && t->service != CIP_FORWARD_CLOSE)
		return;
	if (t->asked && opens) {
		memcpy(&o, t->asked->object, sizeof o);
		k.class_id = k.class_name = o.class_id;
		k.has_class = o.has_class;
		k.consumed_point = k.instance_id = o.instance_id;
		k.has_consumed = o.consumes;
		k.has_instance = o.has_instance && !o.consumes;
		k.transport_class = o.transport_class;
		k.safety = o.safety;
	}
	if (opens && t->status == 0)
		opened(t, &k, t->asked ? &o : NULL);
	else if (oto_left(&t->data)) /* some say only that they refuse */
		take_triad(&k, &t->data);
	if (t->data.bad)
		t->odd = "malformed_connection_response";
	if (!t->odd)
		oto_emit(t->cx, CIP_EV_CONNECTION, &k);
}

static const struct oto_name service_rows[] = {
	{ CIP_FORWARD_OPEN, "Forward Open", OTO_OP_OTHER, "a connection for messages or I/O; of I/O the originator takes the outputs" },
	{ CIP_LARGE_FORWARD_OPEN, "Large Forward Open", OTO_OP_OTHER, "the same for data longer than 511 bytes" },
	{ CIP_FORWARD_CLOSE, "Forward Close", OTO_OP_OTHER, "the connection ends; outputs fall into the state for that case" },
	{ CIP_UNCONNECTED_SEND, "Unconnected Send", OTO_OP_NONE, "carries another service over a route; that one speaks for itself" },
	{ CIP_GET_CONNECTION_DATA, "Get Connection Data", OTO_OP_DIAGNOSE, "what is known of a connection, by its number" },
	{ CIP_SEARCH_CONNECTION_DATA, "Search Connection Data", OTO_OP_DIAGNOSE, "the same, by its identity" },
	{ CIP_GET_CONNECTION_OWNER, "Get Connection Owner", OTO_OP_DIAGNOSE, "who owns the outputs" },
};
static const struct oto_names services = OTO_NAMES(service_rows);

const struct cip_object cip_connection_manager = {
	.class_id = CIP_CLASS_CONNECTION_MANAGER,
	.name = "Connection Manager",
	.services = &services,
	.request = on_request,
	.response = on_response,
};
