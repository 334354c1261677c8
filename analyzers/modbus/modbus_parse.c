/* modbus_parse.c - what requests and responses of each function hold. Clauses as in modbus.c. */
#include "modbus.h"

void modbus_odd(struct modbus_pdu *p, const char *what)
{
	if (!p->odd)
		p->odd = what;
}

static void take_range(struct modbus_pdu *p, struct oto_cur *c)
{
	p->address = oto_be16(c);
	p->quantity = oto_be16(c);
	p->has_address = p->has_quantity = true;
	if (p->request && !modbus_quantity_fits(p->func, p->quantity))
		modbus_odd(p, "quantity_out_of_range");
}

static void take_values(struct modbus_pdu *p, struct oto_cur *c, enum oto_vec_kind kind, uint32_t count)
{
	p->values = oto_take_vec(c, kind, count);
	p->has_values = true;
}

static void take_data(struct modbus_pdu *p, struct oto_cur *c)
{
	p->data = oto_rest(c);
	p->has_data = p->data.len != 0;
}

/* MAP 6.5: FF00 is on, 0000 off, anything else is illegal. Shown as one bit. */
static void take_coil(struct modbus_pdu *p, struct oto_cur *c)
{
	static const uint8_t off_on[] = { 0, 1 };

	p->address = oto_be16(c);
	uint16_t value = oto_be16(c);
	p->quantity = 1;
	p->has_address = p->has_quantity = true;
	p->values = (struct oto_vec){ &off_on[value == 0xff00], 1, OTO_VEC_BITS };
	p->has_values = true;
	if (value != 0xff00 && value != 0)
		modbus_odd(p, "illegal_coil_value");
}

static void take_register(struct modbus_pdu *p, struct oto_cur *c)
{
	p->address = oto_be16(c);
	p->quantity = 1;
	p->has_address = p->has_quantity = true;
	take_values(p, c, OTO_VEC_U16BE, 1);
}

static void take_masks(struct modbus_pdu *p, struct oto_cur *c)
{
	p->address = oto_be16(c);
	p->and_mask = oto_be16(c);
	p->or_mask = oto_be16(c);
	p->has_address = p->has_masks = true;
}

static void take_diagnostics(struct modbus_pdu *p, struct oto_cur *c)
{
	p->subfunction = oto_be16(c);
	p->has_subfunction = true;
	take_data(p, c);
}

/* The values of functions 15 and 16: a byte count that must agree with the quantity. */
static void take_written(struct modbus_pdu *p, struct oto_cur *c, enum oto_vec_kind kind)
{
	take_range(p, c);
	uint8_t bytes = oto_u8(c);
	uint32_t needed = kind == OTO_VEC_BITS ? (p->quantity + 7u) / 8 : p->quantity * 2u;
	if (bytes != needed)
		modbus_odd(p, "byte_count_mismatch");
	if (bytes < needed || oto_left(c) < needed)
		take_values(p, c, OTO_VEC_U8, oto_left(c) < bytes ? oto_left(c) : bytes);
	else
		take_values(p, c, kind, p->quantity);
	oto_skip(c, oto_left(c) && bytes > needed ? oto_left(c) : 0);
}

static void take_read_write(struct modbus_pdu *p, struct oto_cur *c)
{
	take_range(p, c);
	p->write_address = oto_be16(c);
	p->write_quantity = oto_be16(c);
	p->has_write = true;
	uint8_t bytes = oto_u8(c);
	if (p->write_quantity < 1 || p->write_quantity > 121)
		modbus_odd(p, "quantity_out_of_range");
	if (bytes != p->write_quantity * 2u)
		modbus_odd(p, "byte_count_mismatch");
	take_values(p, c, OTO_VEC_U16BE, bytes / 2u);
}

/* What a file record says, and where the next one begins: MAP 6.14, 6.15. */
void modbus_take_file_record(const struct modbus_pdu *p, struct oto_cur *c, struct modbus_file_record *r)
{
	uint8_t bytes = 0;

	*r = (struct modbus_file_record){ .tid = p->tid, .unit = p->unit, .func = p->func, .pdu_type = p->request ? "REQ" : "RESP" };
	if (p->func == READ_FILE_RECORD && !p->request)
		bytes = oto_u8(c);
	if (oto_u8(c) != 6)
		c->bad = true; /* the only reference type there is */
	if (p->func == READ_FILE_RECORD && !p->request) {
		r->length = bytes ? (bytes - 1u) / 2 : 0;
		r->values = oto_take_vec(c, OTO_VEC_U16BE, r->length);
		r->has_values = true;
		return;
	}
	r->file = oto_be16(c);
	r->record = oto_be16(c);
	r->length = oto_be16(c);
	r->has_place = true;
	if (p->func == WRITE_FILE_RECORD) {
		r->values = oto_take_vec(c, OTO_VEC_U16BE, r->length);
		r->has_values = true;
	}
}

/* Records stay in p->data; they are told one by one when somebody listens. */
static void take_file_records(struct modbus_pdu *p, struct oto_cur *c)
{
	uint8_t bytes = oto_u8(c);
	if (bytes != oto_left(c))
		modbus_odd(p, "byte_count_mismatch");
	p->data = oto_take(c, bytes < oto_left(c) ? bytes : oto_left(c));
	struct oto_cur records = oto_cur_of(p->data);
	struct modbus_file_record r;
	while (oto_left(&records) && !records.bad && p->items < UINT8_MAX) {
		modbus_take_file_record(p, &records, &r);
		p->items++;
	}
	c->bad |= records.bad;
	p->has_records = true;
}

/* MAP 6.21. Objects stay in p->data. */
static void take_device_id(struct modbus_pdu *p, struct oto_cur *c)
{
	p->device_id_code = oto_u8(c);
	p->has_object = true;
	if (p->request) {
		p->object_id = oto_u8(c);
		return;
	}
	p->conformity = oto_u8(c);
	p->more_follows = oto_u8(c) != 0;
	p->next_object = oto_u8(c);
	p->items = oto_u8(c);
	p->has_objects = true;
	struct oto_cur start = *c;
	for (unsigned i = 0; i < p->items && !c->bad; i++) {
		oto_skip(c, 1);
		oto_skip(c, oto_u8(c));
	}
	p->data = oto_take(&start, oto_tell(c) - oto_tell(&start));
}

static void take_encapsulated(struct modbus_pdu *p, struct oto_cur *c)
{
	p->mei_type = oto_u8(c);
	p->has_mei = true;
	if (p->mei_type == MEI_DEVICE_IDENTIFICATION)
		take_device_id(p, c);
	else
		take_data(p, c);
}

/* Session key, function, data; in a response the function is OK or ERROR. */
static void take_umas(struct modbus_pdu *p, struct oto_cur *c)
{
	struct oto_cur look = *c;

	oto_skip(&look, 1);
	p->umas_function = oto_u8(&look);
	p->has_umas = !look.bad;
	take_data(p, c);
}

static void parse_request(struct modbus_pdu *p, struct oto_cur *c)
{
	switch (p->func) {
	case READ_COILS:
	case READ_DISCRETE_INPUTS:
	case READ_HOLDING_REGISTERS:
	case READ_INPUT_REGISTERS:
		take_range(p, c);
		break;
	case WRITE_SINGLE_COIL:
		take_coil(p, c);
		break;
	case WRITE_SINGLE_REGISTER:
		take_register(p, c);
		break;
	case DIAGNOSTICS:
		take_diagnostics(p, c);
		break;
	case WRITE_MULTIPLE_COILS:
		take_written(p, c, OTO_VEC_BITS);
		break;
	case WRITE_MULTIPLE_REGISTERS:
		take_written(p, c, OTO_VEC_U16BE);
		break;
	case READ_FILE_RECORD:
	case WRITE_FILE_RECORD:
		take_file_records(p, c);
		break;
	case MASK_WRITE_REGISTER:
		take_masks(p, c);
		break;
	case READ_WRITE_MULTIPLE_REGISTERS:
		take_read_write(p, c);
		break;
	case READ_FIFO_QUEUE:
		p->address = oto_be16(c);
		p->has_address = true;
		break;
	case ENCAP_INTERFACE_TRANSPORT:
		take_encapsulated(p, c);
		break;
	case PROGRAM_UNITY:
		take_umas(p, c);
		break;
	case READ_EXCEPTION_STATUS:
	case GET_COMM_EVENT_COUNTER:
	case GET_COMM_EVENT_LOG:
	case REPORT_SLAVE_ID:
		break;
	default:
		take_data(p, c);
	}
}

/* Values read, counted in bytes. Bits are cut to the quantity asked for when the request is known. */
static void take_read(struct modbus_pdu *p, struct oto_cur *c, enum oto_vec_kind kind)
{
	uint8_t bytes = oto_u8(c);

	if (bytes != oto_left(c))
		modbus_odd(p, "byte_count_mismatch");
	if (bytes > oto_left(c))
		bytes = (uint8_t)oto_left(c);
	take_values(p, c, kind, kind == OTO_VEC_BITS ? bytes * 8u : bytes / 2u);
}

/* MAP 6.9, 6.10. */
static void take_event_log(struct modbus_pdu *p, struct oto_cur *c)
{
	uint8_t bytes = oto_u8(c);

	p->status = oto_be16(c);
	p->event_count = oto_be16(c);
	p->message_count = oto_be16(c);
	p->events = oto_take_vec(c, OTO_VEC_U8, bytes < 6 ? 0 : bytes - 6u);
	p->has_event_count = p->has_event_log = true;
}

/* MAP 6.13 leaves the length of the identifier to the device; nearly all send one byte, then the run indicator, then text. */
static void take_server_id(struct modbus_pdu *p, struct oto_cur *c)
{
	uint8_t bytes = oto_u8(c);

	if (bytes != oto_left(c))
		modbus_odd(p, "byte_count_mismatch");
	p->server_id = oto_take(c, bytes < oto_left(c) ? bytes : oto_left(c));
	p->has_server_id = true;
	struct oto_cur id = oto_cur_of(p->server_id);
	oto_skip(&id, 1);
	uint8_t run = oto_u8(&id);
	p->has_running = !id.bad && (run == 0xff || run == 0);
	p->running = run == 0xff;
}

/* MAP 6.18. */
static void take_fifo(struct modbus_pdu *p, struct oto_cur *c)
{
	uint16_t bytes = oto_be16(c);

	p->quantity = oto_be16(c);
	p->has_quantity = true;
	if (bytes != 2u + p->quantity * 2u)
		modbus_odd(p, "byte_count_mismatch");
	if (p->quantity > 31)
		modbus_odd(p, "quantity_out_of_range");
	take_values(p, c, OTO_VEC_U16BE, p->quantity);
}

static void parse_response(struct modbus_pdu *p, struct oto_cur *c)
{
	switch (p->func) {
	case READ_COILS:
	case READ_DISCRETE_INPUTS:
		take_read(p, c, OTO_VEC_BITS);
		break;
	case READ_HOLDING_REGISTERS:
	case READ_INPUT_REGISTERS:
	case READ_WRITE_MULTIPLE_REGISTERS:
		take_read(p, c, OTO_VEC_U16BE);
		break;
	case READ_EXCEPTION_STATUS:
		p->exception_status = oto_u8(c);
		p->has_exception_status = true;
		break;
	case GET_COMM_EVENT_COUNTER:
		p->status = oto_be16(c);
		p->event_count = oto_be16(c);
		p->has_event_count = true;
		break;
	case GET_COMM_EVENT_LOG:
		take_event_log(p, c);
		break;
	case REPORT_SLAVE_ID:
		take_server_id(p, c);
		break;
	case WRITE_MULTIPLE_COILS:
	case WRITE_MULTIPLE_REGISTERS:
		take_range(p, c);
		break;
	case READ_FIFO_QUEUE:
		take_fifo(p, c);
		break;
	default:
		parse_request(p, c); /* the response has the form of the request */
	}
}

/* Fields that a damaged body left behind say nothing: only the header is kept. */
void modbus_parse(struct modbus_pdu *p, struct oto_cur c)
{
	if (p->code & 0x80) {
		p->exception = oto_u8(&c);
		p->has_exception = !c.bad;
	} else if (p->request) {
		parse_request(p, &c);
	} else {
		parse_response(p, &c);
	}
	if (c.bad) {
		*p = (struct modbus_pdu){
			.tid = p->tid, .unit = p->unit, .code = p->code, .func = p->func, .request = p->request, .odd = "malformed"
		};
	} else if (oto_left(&c)) {
		modbus_odd(p, "trailing_bytes");
	}
}
