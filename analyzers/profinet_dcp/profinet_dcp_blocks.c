/* profinet_dcp_blocks.c - blocks of PROFINET DCP (IEC 61158-6-10 4.3.1.4).
 *
 * A block is option, suboption, length and data, padded to an even length. What stands before the data depends on the service: a qualifier
 * in what is to be set, information in what is answered, nothing in what is asked for. A question lists options without any length.
 */
#include "profinet_dcp.h"

static void push(struct oto_slice *items, struct oto_list *list, uint32_t most, struct oto_slice text)
{
	if (list->count < most && text.len) {
		items[list->count++] = text;
		list->items = items;
	}
}

static struct oto_slice block_name(struct oto_ctx *cx, uint32_t block)
{
	const struct oto_name *row = oto_name_of(&dcp_blocks, block);

	return row ? oto_slice_of(row->name) : say_text(cx, 12, "%u/%u", block >> 8, block & 0xff);
}

static void add_block(struct oto_ctx *cx, struct dcp_message *m, uint32_t block)
{
	push(m->block_item, &m->blocks, DCP_LIST_MAX, block_name(cx, block));
}

static void command(struct dcp_message *m, uint32_t which)
{
	if (which > m->command)
		m->command = (uint16_t)which;
}

static void roles(struct dcp_message *m, uint8_t bits)
{
	static const char *const words[] = { "profinet io device", "profinet io controller", "profinet multidevice",
					     "profinet io supervisor" };

	for (uint32_t i = 0; i < 4; i++) {
		if (bits >> i & 1)
			push(m->role_item, &m->roles, 4, oto_slice_of(words[i]));
	}
}

/* A control block of an answer: which block it is about, and what became of it. */
static void response(struct oto_ctx *cx, struct dcp_message *m, struct oto_cur *c)
{
	uint32_t about = DCP_BLOCK(oto_u8(c), 0);
	about |= oto_u8(c);
	uint8_t code = oto_u8(c);
	const struct oto_name *row = oto_name_of(&dcp_errors, code);
	struct oto_slice name = block_name(cx, about);

	if (c->bad || !code)
		return;
	if (!m->error)
		m->error = row ? row->name : "unknown error";
	push(m->error_item, &m->errors, DCP_LIST_MAX,
	     say_text(cx, 64, "%.*s: %s", (int)name.len, (const char *)name.data, row ? row->name : "unknown error"));
}

static void control(struct oto_ctx *cx, struct dcp_message *m, uint32_t block, uint16_t qualifier, struct oto_cur *c)
{
	switch (block) {
	case BLOCK_SIGNAL:
		m->signal = oto_be16(c);
		m->has_signal = !c->bad;
		command(m, COMMAND_SIGNAL);
		break;
	case BLOCK_RESPONSE:
		response(cx, m, c);
		break;
	case BLOCK_FACTORY_RESET:
		command(m, COMMAND_FACTORY_RESET);
		break;
	case BLOCK_RESET_TO_FACTORY:
		m->reset_mode = qualifier >> 1;
		m->has_reset_mode = true;
		command(m, COMMAND_RESET_TO_FACTORY);
		break;
	default:
		break;
	}
}

static void device(struct dcp_message *m, uint32_t block, struct oto_cur *c)
{
	switch (block) {
	case BLOCK_VENDOR_VALUE:
		m->vendor_value = say_trim(say_string(oto_rest(c)));
		break;
	case BLOCK_STATION_NAME:
		m->station_name = oto_rest(c);
		command(m, COMMAND_SET_NAME);
		break;
	case BLOCK_DEVICE_ID:
		m->vendor_id = oto_be16(c);
		m->device_id = oto_be16(c);
		m->has_device_id = !c->bad;
		break;
	case BLOCK_ROLE:
		roles(m, oto_u8(c));
		break;
	case BLOCK_ALIAS:
		m->alias = oto_rest(c);
		break;
	case BLOCK_INSTANCE:
		m->instance = oto_be16(c);
		m->has_instance = !c->bad;
		break;
	case BLOCK_OEM_ID:
		m->oem_vendor_id = oto_be16(c);
		m->oem_device_id = oto_be16(c);
		m->has_oem_id = !c->bad;
		break;
	default:
		break;
	}
}

static void address(struct dcp_message *m, uint32_t block, uint16_t information, struct oto_cur *c)
{
	if (block == BLOCK_MAC) {
		m->mac = oto_take_mac(c);
		m->has_mac = !c->bad;
	} else if (block == BLOCK_IP || block == BLOCK_IP_SUITE) {
		struct oto_addr ip = oto_take_ipv4(c), netmask = oto_take_ipv4(c), gateway = oto_take_ipv4(c);
		if (c->bad)
			return;
		m->ip = ip;
		m->netmask = netmask;
		m->gateway = gateway;
		m->has_ip_status = m->response || m->service == SERVICE_HELLO;
		m->ip_status = information & 0x7f;
		m->ip_conflict = m->has_ip_status && (information & 0x80);
		command(m, COMMAND_SET_IP);
	}
}

static void block(struct oto_ctx *cx, struct dcp_message *m, uint32_t which, struct oto_cur *c)
{
	bool tells = m->response || m->service == SERVICE_HELLO, sets = m->service == SERVICE_SET && !m->response;
	uint16_t before = (tells && which != BLOCK_RESPONSE) || sets ? oto_be16(c) : 0;

	if (sets && which >> 8 != 5) {
		m->permanent |= before & 1;
		m->has_permanent = true;
	}
	add_block(cx, m, which);
	switch (which >> 8) {
	case 1:
		address(m, which, before, c);
		break;
	case 2:
		device(m, which, c);
		break;
	case 3:
		command(m, COMMAND_SET_DHCP);
		break;
	case 5:
		control(cx, m, which, before, c);
		break;
	case 255:
		if (which == BLOCK_ALL && m->service == SERVICE_IDENTIFY)
			command(m, COMMAND_IDENTIFY_ALL);
		break;
	default:
		break;
	}
}

void dcp_read_blocks(struct oto_ctx *cx, struct dcp_message *m, struct oto_cur *c)
{
	bool lists = m->service == SERVICE_GET && !m->response;

	while (oto_left(c) >= 2 && !c->bad) {
		uint32_t which = DCP_BLOCK(oto_u8(c), 0);
		which |= oto_u8(c);
		if (lists) {
			add_block(cx, m, which);
			continue;
		}
		uint16_t length = oto_be16(c);
		struct oto_cur body = oto_sub(c, length);
		if (c->bad)
			return;
		block(cx, m, which, &body);
		if (body.bad)
			oto_weird(cx, "block_too_short", (struct oto_slice){ 0 });
		if (length & 1 && oto_left(c))
			oto_skip(c, 1);
	}
}
