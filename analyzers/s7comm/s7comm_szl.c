/* s7comm_szl.c - system status lists (SZL): what a module tells of itself. Numbers and records are those of the "System Software for
 * S7-300/400, System and Standard Functions" manual. The texts of list 0x1c are kept for the row that is written when the connection ends.
 */
#include "s7comm.h"

enum { SZL_MODULE = 0x11, SZL_COMPONENT = 0x1c, SZL_MODES = 0x24, SZL_STATUS = 0x32, SZL_ETHERNET = 0x37, SZL_DIAGNOSTICS = 0xa0 };
enum { NAME_AS, NAME_MODULE, NAME_PLANT, NAME_SERIAL };

/* ------------------------------------------------------------------------------------------------ the list read */

static void say(struct s7_pdu *p, uint8_t method, uint8_t return_code, uint16_t id, uint16_t index, struct oto_cur *head)
{
	struct s7_szl e = { .pdu_reference = p->m.pdu_reference,
			    .method = method,
			    .szl_id = id,
			    .szl_id_name = id & 0xff,
			    .szl_index = index,
			    .return_code = return_code,
			    .return_code_name = return_code };

	if (head && oto_left(head) >= 4) {
		e.record_length = oto_be16(head);
		e.records = oto_be16(head);
		e.has_records = true;
	}
	s7_speakers(p->cx, &e.source_h, &e.source_p, &e.destination_h, &e.destination_p);
	oto_emit(p->cx, EV_SZL, &e);
}

/* An id and an index. A request for the next part of an answer has neither. */
void s7_szl_request(struct s7_pdu *p, struct oto_cur *data)
{
	uint8_t return_code = oto_u8(data);

	oto_skip(data, 1);
	uint32_t length = oto_be16(data);
	if (data->bad || length < 4)
		return;
	p->note->szl_id = oto_be16(data);
	p->note->szl_index = oto_be16(data);
	struct s7_text t = s7_text_new(p->cx, 16);
	s7_put(&t, "0x");
	s7_put_hex(&t, p->note->szl_id, 4);
	s7_put(&t, "/0x");
	s7_put_hex(&t, p->note->szl_index, 4);
	p->op.target = (struct oto_target){ .space = "SZL", .name = s7_text_of(&t) };
	say(p, p->m.rosctr_code == USERDATA ? 0x11 : 0, return_code, p->note->szl_id, p->note->szl_index, NULL);
}

/* `data` stands behind return code, kind and length of the answer's first part. */
void s7_szl_said(struct s7_pdu *p, struct oto_cur data, uint8_t return_code, bool first)
{
	if (!first)
		return;
	if (oto_left(&data) >= 4) {
		uint16_t id = oto_be16(&data), index = oto_be16(&data);
		say(p, 0x12, return_code, id, index, &data);
	} else if (p->match.found) {
		say(p, 0x12, return_code, p->note->szl_id, p->note->szl_index, NULL);
	}
}

/* ------------------------------------------------------------------------------------------------ facts */

/* "V3.2.6" of a 'V', 3, 2, 6; plain numbers when there is no letter. */
static void put_version(struct s7_text *t, uint16_t first, uint16_t second)
{
	if (first >> 8 == 'V' || first >> 8 == 'v' || first >> 8 == 'A' || first >> 8 == 'B') {
		s7_put_byte(t, (uint8_t)(first >> 8));
		if ((first & 255) != ' ') { /* "A 9.9" has two numbers */
			s7_put_number(t, first & 255);
			s7_put_byte(t, '.');
		}
		s7_put_number(t, second >> 8);
		s7_put_byte(t, '.');
		s7_put_number(t, second & 255);
	} else {
		s7_put_number(t, first);
	}
}

static void module_record(struct s7_pdu *p, struct oto_cur c)
{
	enum { MODULE = 1, HARDWARE = 6, FIRMWARE = 7, BOOT_LOADER = 0x81 };
	uint16_t index = oto_be16(&c);
	struct oto_slice order = s7_trimmed(oto_take(&c, 20));
	oto_skip(&c, 2);
	uint16_t first = oto_be16(&c), second = oto_be16(&c);
	struct s7_text t = s7_text_new(p->cx, 20);

	if (c.bad)
		return;
	put_version(&t, first, second);
	if (index == MODULE) {
		s7_fact(p, "order_number", order, 100);
		s7_fact(p, "vendor", oto_slice_of("Siemens"), 80);
	} else if (index == HARDWARE) {
		s7_fact(p, "hardware", s7_text_of(&t), 100);
	} else if (index == FIRMWARE) {
		s7_fact(p, "firmware", s7_text_of(&t), 100);
	} else if (index == BOOT_LOADER) {
		s7_fact(p, "boot_loader", s7_text_of(&t), 100);
	}
}

static void keep_name(struct s7_pdu *p, uint32_t which, struct oto_slice text)
{
	struct s7_flow *flow = p->cx->state;
	uint32_t len = text.len < KNOWN_TEXT ? text.len : KNOWN_TEXT;

	flow->device[which].len = (uint8_t)len;
	flow->device[which].known = true;
	if (len)
		memcpy(flow->device[which].text, text.data, len);
}

static void component_record(struct s7_pdu *p, struct oto_cur c)
{
	enum { SIEMENS = 0x002a };
	uint16_t index = oto_be16(&c) & 0xff; /* the upper half is the rack of a redundant CPU */
	struct oto_slice text = oto_take(&c, 32), name;

	if (c.bad)
		return;
	struct oto_cur parts = oto_cur_of(text);
	name = s7_trimmed(oto_take(&parts, 24));
	switch (index) {
	case 1:
		keep_name(p, NAME_AS, name);
		s7_fact(p, "station_name", name, 100);
		break;
	case 2:
		keep_name(p, NAME_MODULE, name);
		s7_fact(p, "module_name", name, 100);
		break;
	case 3:
		keep_name(p, NAME_PLANT, s7_trimmed(text));
		s7_fact(p, "plant", s7_trimmed(text), 100);
		break;
	case 5:
		keep_name(p, NAME_SERIAL, name);
		s7_fact(p, "serial", name, 100);
		break;
	case 7:
		s7_fact(p, "model", s7_trimmed(text), 100);
		break;
	case 8:
		s7_fact(p, "memory_card_serial", s7_trimmed(text), 100);
		break;
	case 9:
		parts = oto_cur_of(text);
		if (oto_be16(&parts) == SIEMENS)
			s7_fact(p, "vendor", oto_slice_of("Siemens"), 100);
		break;
	case 11:
		s7_fact(p, "location", s7_trimmed(text), 100);
		break;
	default:
		break;
	}
}

/* Event, 0xff, mode now in the lower half. */
static void mode_record(struct s7_pdu *p, struct oto_cur c)
{
	oto_skip(&c, 3);
	uint8_t state = oto_u8(&c);

	if (!c.bad)
		s7_fact(p, "mode", oto_slice_of(s7_state_word(state & 15)), 100);
}

/* Extract 4: protection level of the key switch, as set, as valid; where the switch stands. */
static void protection_record(struct s7_pdu *p, struct oto_cur c)
{
	static const char *const switches[] = { NULL, "RUN", "RUN-P", "STOP", "MRES" };
	uint16_t index = oto_be16(&c);

	oto_skip(&c, 4);
	uint16_t level = oto_be16(&c), selector = oto_be16(&c);
	if (c.bad || index != 4)
		return;
	if (level && level <= 4) {
		struct s7_text t = s7_text_new(p->cx, 4);
		s7_put_number(&t, level);
		s7_fact(p, "protection_level", s7_text_of(&t), 100);
	}
	if (selector && selector < sizeof switches / sizeof *switches)
		s7_fact(p, "mode_switch", oto_slice_of(switches[selector]), 100);
}

/* Logical address, then IP address, mask, router and MAC address of an interface. */
static void ethernet_record(struct s7_pdu *p, struct oto_cur c)
{
	oto_skip(&c, 2);
	struct oto_slice ip = oto_take(&c, 4);
	oto_skip(&c, 8);
	struct oto_slice mac = oto_take(&c, 6);
	struct s7_text a = s7_text_new(p->cx, 16), m = s7_text_new(p->cx, 18);

	if (c.bad)
		return;
	for (uint32_t i = 0; i < 4; i++) {
		if (i)
			s7_put_byte(&a, '.');
		s7_put_number(&a, ip.data[i]);
	}
	for (uint32_t i = 0; i < 6; i++) {
		if (i)
			s7_put_byte(&m, ':');
		s7_put_hex(&m, mac.data[i], 2);
	}
	if (memcmp(ip.data, "\0\0\0", 4) != 0)
		s7_fact(p, "ip", s7_text_of(&a), 100);
	if (memcmp(mac.data, "\0\0\0\0\0", 6) != 0)
		s7_fact(p, "mac", s7_text_of(&m), 100);
}

void s7_szl_facts(struct s7_pdu *p, struct oto_cur data)
{
	static void (*const readers[])(struct s7_pdu *, struct oto_cur) = {
		[SZL_MODULE] = module_record,     [SZL_COMPONENT] = component_record, [SZL_MODES] = mode_record,
		[SZL_STATUS] = protection_record, [SZL_ETHERNET] = ethernet_record,   [SZL_DIAGNOSTICS] = s7_diagnostic
	};
	uint16_t id = oto_be16(&data);
	oto_skip(&data, 2);
	uint32_t length = oto_be16(&data), count = oto_be16(&data), list = id & 0xff;

	/* The extract 0xf0 is the header alone; classes other than 0 are of communication and function modules. */
	if (data.bad || list >= sizeof readers / sizeof *readers || !readers[list] || !length || id >> 12 || (id >> 8 & 15) == 15)
		return;
	if (id == SZL_COMPONENT) /* the whole list, as ICSNPP has it */
		((struct s7_flow *)p->cx->state)->device_known = true;
	for (uint32_t i = 0; i < count && oto_left(&data) >= length; i++) {
		p->entry = (uint8_t)(i < UINT8_MAX ? i + 1 : UINT8_MAX);
		readers[list](p, oto_sub(&data, length));
	}
}

/* ------------------------------------------------------------------------------------------------ the row at the end */

static struct oto_slice name_kept(struct oto_ctx *cx, uint32_t which, bool *known)
{
	const struct s7_flow *flow = cx->state;
	uint32_t len = flow->device[which].len;
	uint8_t *copy = len ? oto_scratch(cx, len) : NULL;

	if (copy)
		memcpy(copy, flow->device[which].text, len);
	*known = flow->device[which].known;
	return copy ? (struct oto_slice){ copy, len } : oto_slice_of(""); /* known to be empty */
}

void s7_device_known(struct oto_ctx *cx)
{
	const struct s7_flow *flow = cx->state;
	struct s7_device e = { 0 };

	if (!flow->device_known)
		return;
	e.automation_system_name = name_kept(cx, NAME_AS, &e.has_as);
	e.module_name = name_kept(cx, NAME_MODULE, &e.has_module);
	e.plant_name = name_kept(cx, NAME_PLANT, &e.has_plant);
	e.module_serial = name_kept(cx, NAME_SERIAL, &e.has_serial);
	oto_emit(cx, EV_DEVICE, &e);
}
