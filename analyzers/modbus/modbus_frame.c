/* modbus_frame.c - framing of Modbus/TCP, and what the form of a PDU alone tells: probe and length. Clauses as in modbus.c. */
#include "modbus.h"

bool modbus_on_port(const struct oto_ctx *cx)
{
	return cx->head->has_ports && (cx->head->orig_p == MODBUS_PORT || cx->head->resp_p == MODBUS_PORT);
}

static uint16_t quantity_limit(uint8_t func)
{
	switch (func) {
	case READ_COILS:
	case READ_DISCRETE_INPUTS:
		return 2000;
	case READ_HOLDING_REGISTERS:
	case READ_INPUT_REGISTERS:
	case READ_WRITE_MULTIPLE_REGISTERS:
		return 125;
	case WRITE_MULTIPLE_COILS:
		return 1968;
	case WRITE_MULTIPLE_REGISTERS:
		return 123;
	default:
		return 0xffff;
	}
}

bool modbus_quantity_fits(uint8_t func, uint16_t quantity)
{
	return quantity >= 1 && quantity <= quantity_limit(func);
}

/* Byte number `at` from here, 0 past the end. */
static uint8_t peek(struct oto_cur c, uint32_t at)
{
	oto_skip(&c, at);
	return oto_u8(&c);
}

/* The form of the n bytes after a public function code; none for other codes, of which anything may be expected. */
enum shape modbus_shape_of(uint8_t code, struct oto_cur c)
{
	uint32_t n = oto_left(&c);
	uint8_t first = peek(c, 0);
	uint16_t second = (uint16_t)(peek(c, 2) << 8 | peek(c, 3)); /* a quantity or a value */
	unsigned shape = SHAPE_NONE;

	if (code & 0x80)
		return n == 1 && first >= 1 && first <= 11 && oto_name_of(&modbus_functions, code & 0x7f) ? SHAPE_RESPONSE : SHAPE_NONE;
	switch (code) {
	case READ_COILS:
	case READ_DISCRETE_INPUTS:
	case READ_HOLDING_REGISTERS:
	case READ_INPUT_REGISTERS:
		if (n == 4 && modbus_quantity_fits(code, second))
			shape |= SHAPE_REQUEST;
		if (n >= 2 && n == 1u + first && (code <= READ_DISCRETE_INPUTS || first % 2 == 0))
			shape |= SHAPE_RESPONSE;
		return shape;
	case WRITE_SINGLE_COIL:
		return n == 4 && (second == 0 || second == 0xff00) ? SHAPE_EITHER : SHAPE_NONE;
	case WRITE_SINGLE_REGISTER:
		return n == 4 ? SHAPE_EITHER : SHAPE_NONE;
	case MASK_WRITE_REGISTER:
		return n == 6 ? SHAPE_EITHER : SHAPE_NONE;
	case DIAGNOSTICS:
		return n >= 4 && n % 2 == 0 && first == 0 ? SHAPE_EITHER : SHAPE_NONE;
	case READ_EXCEPTION_STATUS:
		return n == 0 ? SHAPE_REQUEST : n == 1 ? SHAPE_RESPONSE : SHAPE_NONE;
	case GET_COMM_EVENT_COUNTER:
		return n == 0 ? SHAPE_REQUEST : n == 4 ? SHAPE_RESPONSE : SHAPE_NONE;
	case GET_COMM_EVENT_LOG:
	case REPORT_SLAVE_ID:
		return n == 0 ? SHAPE_REQUEST : n == 1u + first ? SHAPE_RESPONSE : SHAPE_NONE;
	case WRITE_MULTIPLE_COILS:
	case WRITE_MULTIPLE_REGISTERS:
		if (!modbus_quantity_fits(code, second))
			return SHAPE_NONE;
		return n == 4 ? SHAPE_RESPONSE : n > 5 && n == 5u + peek(c, 4) ? SHAPE_REQUEST : SHAPE_NONE;
	case READ_FILE_RECORD: /* every record begins with reference type 6; a response's record length is odd */
		if (n < 3 || n != 1u + first)
			return SHAPE_NONE;
		return peek(c, 1) == 6 && first % 7 == 0 ? SHAPE_REQUEST : peek(c, 2) == 6 ? SHAPE_RESPONSE : SHAPE_NONE;
	case WRITE_FILE_RECORD:
		return n > 8 && n == 1u + first && peek(c, 1) == 6 ? SHAPE_EITHER : SHAPE_NONE;
	case READ_WRITE_MULTIPLE_REGISTERS:
		if (n > 9 && n == 9u + peek(c, 8) && modbus_quantity_fits(code, second))
			return SHAPE_REQUEST;
		return n >= 3 && n == 1u + first && first % 2 == 0 ? SHAPE_RESPONSE : SHAPE_NONE;
	case READ_FIFO_QUEUE:
		return n == 2 ? SHAPE_REQUEST : n >= 4 && n == 2u + (first << 8 | peek(c, 1)) ? SHAPE_RESPONSE : SHAPE_NONE;
	case ENCAP_INTERFACE_TRANSPORT:
		if (first != MEI_DEVICE_IDENTIFICATION)
			return SHAPE_NONE;
		return n == 3 ? SHAPE_REQUEST : n >= 6 ? SHAPE_RESPONSE : SHAPE_NONE;
	default:
		return SHAPE_NONE;
	}
}

/* On port 502 the header decides. Elsewhere all of the first PDU must be consistent, and what follows it must be a header too. */
enum oto_answer modbus_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	if (peek(c, 2) | peek(c, 3)) /* the protocol identifier, as far as it is here */
		return OTO_NOT_MINE;
	oto_skip(&c, MBAP_LENGTH_AT);
	uint16_t length = oto_be16(&c);
	if (c.bad)
		return OTO_NEED_MORE;
	if (length < LENGTH_MIN)
		return OTO_NOT_MINE;
	if (modbus_on_port(cx))
		return OTO_MINE;
	if (length > LENGTH_MAX)
		return OTO_NOT_MINE;
	if (oto_left(&c) < length)
		return cx->transport == OTO_TCP ? OTO_NEED_MORE : OTO_NOT_MINE;

	struct oto_cur pdu = oto_sub(&c, length);
	oto_skip(&pdu, 1);
	uint8_t code = oto_u8(&pdu);
	if (modbus_shape_of(code, pdu) == SHAPE_NONE)
		return OTO_NOT_MINE;
	if (oto_left(&c) >= 4 && (peek(c, 2) | peek(c, 3)) != 0)
		return OTO_NOT_MINE;
	return OTO_MINE;
}

/* A datagram is one PDU, whatever its length field says. */
int64_t modbus_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	uint32_t left = oto_left(&c);

	oto_skip(&c, 2);
	uint16_t protocol = oto_be16(&c), length = oto_be16(&c);
	if (c.bad)
		return cx->transport == OTO_TCP ? 0 : -1;
	if (protocol != 0 || length < LENGTH_MIN || (length > LENGTH_MAX && !modbus_on_port(cx)))
		return -1;
	return cx->transport == OTO_TCP ? (int64_t)MBAP_COUNTED + length : (int64_t)left;
}
