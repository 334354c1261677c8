/* cip_io.c - implicit messages: I/O data over UDP port 2222, volume 2, 2-6 and 3-4.
 *
 * What an I/O packet is for stands in the Forward Open that opened its connection, seen on another flow; without it there is the connection
 * identifier alone. A flow speaks once of each connection: what repeats thousands of times a second costs next to nothing.
 */
#include "analyzers/enip/enip.h"
#include "cip_connection.h"

struct cip_io {
	struct oto_addr source_h, destination_h, originator, target;
	uint64_t packet_correlation_id;
	uint16_t source_p, destination_p, cip_sequence_count;
	uint32_t connection_id, sequence_number, data_length, rpi, class_id, instance_id;
	struct oto_slice io_data, route;
	const char *direction;
	uint8_t transport_class, safety_message, ping_count;
	uint16_t time_stamp;
	bool run, safety, has_sequence, has_count, has_run, has_open, has_class, has_instance, has_route, has_safety_message;
};

#define F(m, doc, ...) OTO_FIELD(struct cip_io, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct cip_io, has)
static const struct oto_field fields[] = {
	F(source_h, "sender"),
	F(source_p, "its port", .flags = OTO_PORT),
	F(destination_h, "receiver, maybe a multicast group"),
	F(destination_p, "its port", .flags = OTO_PORT),
	F(packet_correlation_id, "the same for everything that a message carries", .flags = OTO_HEX | OTO_WIDE),
	F(connection_id, "connection that the data belongs to", .flags = OTO_HEX | OTO_WIDE),
	F(sequence_number, "counts packets of the connection", IF(has_sequence)),
	F(data_length, "bytes of data"),
	F(io_data, "the data", .flags = OTO_HEX),
	F(direction, "O->T or T->O, from the Forward Open"),
	F(originator, "who opened the connection"),
	F(target, "who was asked to"),
	F(transport_class, "0 or 1, from the Forward Open", IF(has_open)),
	F(cip_sequence_count, "counts new data (class 1)", IF(has_count)),
	F(run, "the originator runs (real time header), or a safety producer (mode byte); false: it idles", IF(has_run)),
	F(rpi, "microseconds between packets, from the Forward Open", IF(has_open)),
	F(class_id, "class that is connected to", .names = &cip_classes, IF(has_class)),
	F(instance_id, "its instance or connection point", IF(has_instance)),
	F(route, "way to the target behind the addressed device", IF(has_route)),
	F(safety, "CIP Safety, from the Forward Open", IF(has_open)),
	F(safety_message, "what a safety message is", .names = &cip_safety_kinds, IF(has_safety_message)),
	F(ping_count, "counts what the producer of safety data asks its consumers for their time", IF(has_safety_message)),
	F(time_stamp, "of safety data, or the time of its consumer, in units of 128 microseconds", IF(has_safety_message)),
};
static const struct oto_log logs[] = {
	{ .name = "cip_io",
	  .doc = "CIP I/O data; ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns =
	      "is_orig source_h source_p destination_h destination_p packet_correlation_id connection_id sequence_number data_length "
	      "io_data",
	  .extra = "direction transport_class cip_sequence_count run rpi class_id instance_id route safety safety_message ping_count "
		   "time_stamp",
	  .key = "source_h destination_h connection_id data_length direction run class_id instance_id route safety" },
};
const struct oto_event_type cip_io_type =
    OTO_EVENT("cip.io", struct cip_io, fields, "Data of an I/O connection, one packet.", OTO_LOGS(logs));

/* Volume 2, 2-6.2: an address item of connected data, and the data. */
enum { ITEMS_MIN = 2, ITEMS_MAX = 4 };

enum oto_answer cip_io_probe(struct oto_cur c)
{
	uint16_t items = oto_le16(&c), type = oto_le16(&c), size = oto_le16(&c);
	bool sequenced = type == CPF_SEQUENCED_ADDRESS && size == 8, plain = type == CPF_CONNECTED_ADDRESS && size == 4;

	oto_skip(&c, size);
	bool data = oto_le16(&c) == CPF_CONNECTED_DATA;
	uint16_t length = oto_le16(&c);
	bool fits = !c.bad && items >= ITEMS_MIN && items <= ITEMS_MAX && data && length <= oto_left(&c);
	return fits && (sequenced || plain) ? OTO_MINE : OTO_NOT_MINE;
}

/* The first packet of a connection on this flow. Nothing is said of data to the originator: who opened it has spoken for both. */
static void speak_once(struct oto_ctx *cx, const struct cip_io_open *open)
{
	struct oto_operation o = { .self_size = sizeof o, .op = OTO_OP_CYCLIC, .func = "I/O", .by_receiver = !open && !cx->is_orig };

	if (open && !open->to_target)
		return;
	if (open && open->has_class) {
		o.target.space = cip_word(&cip_classes, open->class_id);
		o.target.first = open->instance_id;
		o.target.count = open->has_instance;
		o.unit = open->slot;
		o.has_unit = open->has_slot;
		o.sub = cip_borrow(cx, (struct oto_slice){ open->route, open->route_len });
	}
	oto_operation(cx, &o);
}

static void show_open(struct oto_ctx *cx, struct cip_io *io, const struct cip_io_open *open)
{
	io->has_open = true;
	io->direction = open->to_target ? "O->T" : "T->O";
	io->originator = open->originator;
	io->target = open->target;
	io->transport_class = open->transport_class;
	io->rpi = open->rpi;
	io->class_id = open->class_id;
	io->has_class = open->has_class;
	io->instance_id = open->instance_id;
	io->has_instance = open->has_instance;
	io->safety = open->safety;
	io->route = cip_borrow(cx, (struct oto_slice){ open->route, open->route_len });
	io->has_route = io->route.len != 0;
}

/* Volume 1, 3-6.1: class 1 counts; a header of 32 bits with the run bit alone stands before data of a controller. That it is there is
 * nowhere said on the wire: it is taken for one when it can be one. */
static void take_header(struct cip_io *io, struct oto_cur data, const struct cip_io_open *open)
{
	if (!open || open->safety)
		return;
	if (open->transport_class == 1) {
		io->cip_sequence_count = oto_le16(&data);
		io->has_count = !data.bad;
	}
	if (!open->to_target || oto_left(&data) < 4)
		return;
	uint32_t header = oto_le32(&data);
	io->run = header & 1;
	io->has_run = header < 4;
}

/* A safety producer says in each message whether what it sends is to be used. Told when it changes. */
static void tell_mode(struct oto_ctx *cx, struct cip_io_row *row, const struct cip_io *io)
{
	uint8_t mode = io->run ? CIP_IO_RUN : CIP_IO_IDLE;

	if (!row || row->mode == mode)
		return;
	row->mode = mode;
	struct oto_fact f = {
		.self_size = sizeof f, .key = "safety_mode", .value = oto_slice_of(io->run ? "run" : "idle"), .sub = io->route
	};
	oto_fact(cx, &f);
}

static void take_safety(struct oto_ctx *cx, struct cip_io_row *row, struct cip_io *io, const struct cip_io_open *open)
{
	struct oto_cur c = oto_cur_of(io->io_data);

	if (open->transport_class == 1)
		oto_skip(&c, 2);
	struct cip_safety_message m = cip_safety_read(&open->way, oto_rest(&c));
	io->safety_message = m.kind;
	io->has_safety_message = m.kind != CIP_SAFETY_NOTHING;
	io->ping_count = m.ping;
	io->time_stamp = m.time;
	io->run = m.run;
	io->has_run = m.kind == CIP_SAFETY_DATA;
	if (m.odd)
		oto_weird(cx, m.odd, io->io_data);
	else if (io->has_run)
		tell_mode(cx, row, io);
}

void cip_io_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct cip_io io = { 0 };
	uint16_t items = oto_le16(c);

	for (uint32_t i = 0; i < items && i < ITEMS_MAX && !c->bad; i++) {
		struct cpf_item item = cpf_take_item(c);
		struct oto_cur data = oto_cur_of(item.data);
		if (item.type == CPF_SEQUENCED_ADDRESS || item.type == CPF_CONNECTED_ADDRESS) {
			io.connection_id = oto_le32(&data);
			io.has_sequence = item.type == CPF_SEQUENCED_ADDRESS;
			io.sequence_number = io.has_sequence ? oto_le32(&data) : 0;
		} else if (item.type == CPF_CONNECTED_DATA) {
			io.io_data = item.data;
		}
		c->bad |= data.bad;
	}
	if (c->bad)
		return;
	struct cip_flow *flow = cx->state;
	struct cip_io_row *row = cip_io_row_of(&flow->io, io.connection_id);
	bool seen = row || flow->io.full;
	if (seen && !oto_wanted(cx, CIP_EV_IO))
		return;
	/* Some produce before they have said that they will: asked anew for each packet. */
	const struct cip_io_open *open = cip_io_open_of(cx, io.connection_id);
	if (!seen) {
		row = cip_io_row_new(cx, &flow->io, io.connection_id);
		speak_once(cx, open);
		if (flow->io.full)
			oto_weird(cx, "too_many_io_connections", io.io_data);
	}
	io.source_h = oto_sender(cx);
	io.destination_h = cx->is_orig ? cx->head->resp_h : cx->head->orig_h;
	io.source_p = oto_source_port(cx);
	io.destination_p = oto_dest_port(cx);
	io.packet_correlation_id = enip_correlation(cx, (struct oto_slice){ c->start, (uint32_t)(c->end - c->start) });
	io.data_length = io.io_data.len;
	take_header(&io, oto_cur_of(io.io_data), open);
	if (open)
		show_open(cx, &io, open);
	if (open && open->safety)
		take_safety(cx, row, &io, open);
	oto_emit(cx, CIP_EV_IO, &io);
}
