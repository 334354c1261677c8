/* slmp_command.c - what commands carry beside devices, by the letters of their layout (slmp_tables.c); what answers carry; the operation
 * and the facts that follow. Passwords are skipped, only the length of a remote password is told.
 */
#include "slmp.h"

#include <stdio.h>

/* ------------------------------------------------------------------------------------------------ names, nodes */

static bool is_wide(const struct slmp_message *m)
{
	return m->subcommand & 0x40;
}

/* MC 12.3: four characters of Q, 32 of L (subcommand 0004), a length and characters of iQ-R (0040); the same in both formats. The fixed
 * value of a directory's commands has the same form, without a password.
 */
static void skip_file_password(struct slmp_parse *p)
{
	if (is_wide(p->m))
		oto_skip(&p->r.c, slmp_num(&p->r, 2));
	else
		oto_skip(&p->r.c, p->m->subcommand & 4 ? 32 : 4);
}

static void take_name(struct slmp_parse *p, struct oto_slice *name, bool *has_name)
{
	uint32_t n = slmp_num(&p->r, 2);

	if (is_wide(p->m)) {
		slmp_text_begin(p);
		slmp_put_wide(p, n);
		*name = slmp_text_end(p);
	} else {
		*name = oto_take(&p->r.c, n);
	}
	*has_name = name->len != 0;
}

/* Eight characters, three behind the point, an attribute. */
static void take_short_name(struct slmp_parse *p, struct oto_slice *name, bool *has_name)
{
	struct oto_slice parts[] = { oto_take(&p->r.c, 8), oto_take(&p->r.c, 3) };

	p->m->attribute = (uint16_t)slmp_num(&p->r, 1);
	slmp_text_begin(p);
	for (uint32_t i = 0; i < 2; i++) {
		if (i)
			slmp_put_byte(p, '.');
		for (uint32_t k = 0; k < parts[i].len && parts[i].data[k] != ' '; k++)
			slmp_put_byte(p, parts[i].data[k]);
	}
	*name = slmp_text_end(p);
	*has_name = !p->r.c.bad;
}

static struct oto_mac take_mac(struct slmp_parse *p)
{
	struct oto_mac mac;

	for (uint32_t i = 6; i--;) /* the last byte comes first */
		mac.byte[p->r.ascii ? 5 - i : i] = (uint8_t)slmp_num(&p->r, 1);
	return mac;
}

static struct oto_addr take_ip(struct slmp_parse *p)
{
	uint32_t ip = slmp_num(&p->r, 4);
	uint8_t family = ip && ip != UINT32_MAX ? OTO_FAMILY_IPV4 : OTO_FAMILY_NONE;

	if (!family)
		return (struct oto_addr){ .family = OTO_FAMILY_NONE };
	return (struct oto_addr){ { (uint8_t)(ip >> 24), (uint8_t)(ip >> 16), (uint8_t)(ip >> 8), (uint8_t)ip }, family };
}

static void four_bytes_address(struct slmp_parse *p)
{
	if (slmp_num(&p->r, 1) != 4)
		p->r.c.bad = true;
}

/* Client, node, addresses: the answer to a search and the request to set addresses begin alike (SLMP 5.9). */
static void take_node(struct slmp_parse *p, bool found)
{
	struct slmp_message *m = p->m;

	take_mac(p);
	four_bytes_address(p);
	take_ip(p);
	m->node_mac = take_mac(p);
	four_bytes_address(p);
	*(found ? &m->node_ip : &m->new_ip) = take_ip(p);
	m->netmask = take_ip(p);
	m->gateway = take_ip(p);
	uint32_t n = slmp_num(&p->r, 1);
	m->name = oto_take(&p->r.c, n * (p->r.ascii ? 2 : 1));
	m->has_node_mac = true;
	m->has_name = m->name.len != 0;
}

/* Behind it, in an answer to a search: what the device is, where it may be spoken to, how it is. */
static void take_found(struct slmp_parse *p)
{
	struct slmp_message *m = p->m;

	take_node(p, true);
	m->vendor_code = (uint16_t)slmp_num(&p->r, 2);
	m->node_model = slmp_num(&p->r, 4);
	m->node_version = (uint16_t)slmp_num(&p->r, 2);
	four_bytes_address(p);
	take_ip(p);
	slmp_num(&p->r, 2); /* port of that target */
	m->node_status = (uint16_t)slmp_num(&p->r, 2);
	m->node_port = (uint16_t)slmp_num(&p->r, 2);
	slmp_num(&p->r, 1);
	m->has_node = true;
}

/* ------------------------------------------------------------------------------------------------ parts of requests */

static void take_remote(struct slmp_parse *p)
{
	struct slmp_message *m = p->m;

	m->mode = (uint16_t)slmp_num(&p->r, 2);
	m->has_mode = true;
	if (m->command != 0x1001)
		return;
	m->clear_mode = (uint8_t)slmp_num(&p->r, 1);
	m->has_clear_mode = true;
	slmp_num(&p->r, 1);
}

static void take_password(struct slmp_parse *p)
{
	p->m->password_length = slmp_num(&p->r, 2);
	p->m->has_password = true;
	oto_skip(&p->r.c, p->m->password_length);
}

/* MC 18.6: start address, length (0 is 256), module; a write's bytes follow. */
static void take_module_1e(struct slmp_parse *p)
{
	struct slmp_message *m = p->m;

	m->address = slmp_num(&p->r, 3);
	m->points = slmp_num(&p->r, 1);
	m->points = m->points ? m->points : 256;
	m->module = (uint16_t)slmp_num(&p->r, 1);
	slmp_num(&p->r, 1);
	m->has_address = m->has_points = m->has_module = true;
	if (m->command == 0x0f)
		slmp_take_bytes(p, m->points);
}

/* A part of a file, in binary; in ASCII two digits a byte, or the text itself. */
static void take_content(struct slmp_parse *p)
{
	if (p->r.ascii && oto_left(&p->r.c) == p->m->points) {
		p->content = oto_rest(&p->r.c);
		return;
	}
	slmp_take_bytes(p, p->m->points);
	p->content = (struct oto_slice){ p->m->values.data, p->m->values.count };
	p->m->values = (struct oto_vec){ 0 };
	p->m->has_values = false;
}

static void take_size(struct slmp_parse *p)
{
	p->m->size = slmp_num(&p->r, 4);
	p->m->has_size = true;
}

static void take_number(struct slmp_parse *p, uint16_t *number, bool *has)
{
	*number = (uint16_t)slmp_num(&p->r, 2);
	*has = true;
}

static void take_address(struct slmp_parse *p, uint32_t bytes)
{
	p->m->address = slmp_num(&p->r, bytes);
	p->m->has_address = true;
}

static void take_points(struct slmp_parse *p, uint32_t bytes)
{
	p->m->points = slmp_num(&p->r, bytes);
	p->m->has_points = true;
}

/* Loopback: as many bytes as it says, told with everything else. */
static void skip_echo(struct slmp_parse *p)
{
	uint32_t n = slmp_num(&p->r, p->frame_1e ? 1 : 2);

	p->m->data = oto_take(&p->r.c, p->frame_1e && p->r.ascii ? 2 * n : n);
	p->m->has_data = p->m->data.len != 0;
}

/* A monitor condition (subcommand bit 6) stands in front of devices in a form that only single modules know. */
static bool is_conditional(const struct slmp_message *m)
{
	return (m->command >> 8 == 0x04 || m->command >> 8 == 0x08) && m->subcommand & 0x40;
}

static void take_devices(struct slmp_parse *p, char part)
{
	if (is_conditional(p->m))
		return;
	switch (part) {
	case 'R':
	case 'W':
		slmp_take_range(p, part == 'W');
		break;
	case 'r':
	case 'w':
		slmp_take_random(p, part == 'w');
		break;
	case 'b':
	case 'B':
		slmp_take_blocks(p, part == 'B');
		break;
	case 'a':
	case 'A':
		slmp_take_labels(p, true, part == 'A');
		break;
	case 'l':
	case 'L':
		slmp_take_labels(p, false, part == 'L');
		break;
	case 'e':
	case 'E':
		slmp_take_extension_files(p, part == 'E');
		break;
	}
}

static void take_file_part(struct slmp_parse *p, char part)
{
	struct slmp_message *m = p->m;

	switch (part) {
	case 'p':
		skip_file_password(p);
		break;
	case 'n':
		take_name(p, &m->name, &m->has_name);
		break;
	case 'N':
		take_name(p, &m->new_name, &m->has_new_name);
		break;
	case 'm':
		take_short_name(p, &m->name, &m->has_name);
		break;
	case 'M':
		take_short_name(p, &m->new_name, &m->has_new_name);
		break;
	case 'h':
		take_number(p, &m->file_pointer, &m->has_file_pointer);
		break;
	case 'v':
		take_number(p, &m->drive, &m->has_drive);
		break;
	case 'o':
		take_number(p, &m->mode, &m->has_mode);
		break;
	case 't':
		take_number(p, &m->attribute, &m->has_attribute);
		break;
	case 'y':
		slmp_num(&p->r, is_wide(m) ? 4 : 2);
		break;
	case 'z':
		take_size(p);
		break;
	case 'F':
		take_content(p);
		break;
	}
}

void slmp_take_part(struct slmp_parse *p, char part)
{
	struct slmp_message *m = p->m;

	switch (part) {
	case 'c':
		take_remote(p);
		break;
	case 's':
		take_address(p, 4);
		break;
	case 'O':
		take_address(p, 2);
		break;
	case 'q':
		take_points(p, 2);
		break;
	case 'u':
		take_number(p, &m->module, &m->has_module);
		break;
	case 'g':
		slmp_take_bytes(p, m->points);
		break;
	case 'G':
		slmp_take_words(p, m->points);
		break;
	case 'j':
		take_module_1e(p);
		break;
	case 'k':
		skip_echo(p);
		break;
	case 'K':
	case 'Y':
		slmp_num(&p->r, 4);
		break;
	case 'x':
		slmp_num(&p->r, 2);
		break;
	case 'X':
		slmp_num(&p->r, 4);
		slmp_num(&p->r, 4);
		break;
	case 'P':
		take_password(p);
		break;
	case 'i':
		take_mac(p);
		break;
	case 'I':
		take_node(p, false);
		break;
	default:
		take_devices(p, part);
		take_file_part(p, part);
		break;
	}
}

/* ------------------------------------------------------------------------------------------------ answers */

static struct oto_slice padded(struct oto_slice s)
{
	while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == 0))
		s.len--;
	return s;
}

static void take_type_1e(struct slmp_parse *p)
{
	struct slmp_message *m = p->m;

	m->model_code = (uint16_t)slmp_num(&p->r, 1);
	slmp_num(&p->r, 1);
	const struct oto_name *row = oto_name_of(&slmp_cpu_types, m->model_code);
	m->model = oto_slice_of(row ? row->name : NULL);
	m->has_model = row != NULL;
	m->has_model_code = true;
}

static void take_type(struct slmp_parse *p)
{
	struct slmp_message *m = p->m;

	m->model = padded(oto_take(&p->r.c, 16));
	m->model_code = (uint16_t)slmp_num(&p->r, 2);
	m->has_model = m->has_model_code = true;
}

static void take_left(struct slmp_parse *p, uint32_t width)
{
	uint32_t n = oto_left(&p->r.c) / (width * (p->r.ascii ? 2 : 1));

	if (width == 1)
		slmp_take_bytes(p, n);
	else
		slmp_take_words(p, n);
}

void slmp_take_answer(struct slmp_parse *p)
{
	struct slmp_message *m = p->m;
	const struct slmp_flow *flow = p->cx->state;

	switch (m->command) {
	case 0x0401:
		if (m->has_points)
			slmp_take_values(p, m->points, slmp_by_bit(m));
		else
			take_left(p, 2);
		break;
	case 0x0000:
	case 0x0001:
		if (m->has_points)
			slmp_take_values(p, m->points, slmp_by_bit(m));
		break;
	case 0x0008:
		if (flow->monitor_points)
			slmp_take_values(p, flow->monitor_points, true);
		break;
	case 0x0403:
		slmp_take_mixed(p, m->matched ? m->doubles : 0);
		break;
	case 0x0802:
		slmp_take_mixed(p, m->matched ? flow->doubles : 0);
		break;
	case 0x0009:
	case 0x0017:
	case 0x001b:
	case 0x003b:
	case 0x0406:
	case 0x0613:
		take_left(p, 2);
		break;
	case 0x000e:
	case 0x0601:
		take_left(p, 1);
		break;
	case 0x041a:
	case 0x041c:
		slmp_take_label_values(p, m->command == 0x041a);
		break;
	case 0x0015:
		take_type_1e(p);
		break;
	case 0x0101:
		take_type(p);
		break;
	case 0x0e30:
		take_found(p);
		break;
	case 0x1827:
		take_number(p, &m->file_pointer, &m->has_file_pointer);
		break;
	case 0x1828:
		take_points(p, 2);
		take_content(p);
		break;
	case 0x0206:
		take_left(p, 1);
		m->has_values = false;
		break;
	default:
		break;
	}
}

/* ------------------------------------------------------------------------------------------------ what is said of it */

/* Files are opened to read and to write by one command; objects of CAN applications are read and written by one. */
static uint32_t op_of(const struct slmp_message *m, const struct oto_name *row)
{
	if (m->command == 0x1827 && m->has_mode && m->mode == 0x0100)
		return OTO_OP_PROGRAM_WRITE;
	if (m->command == 0x4020)
		return m->subcommand == 2 || m->subcommand == 6   ? OTO_OP_WRITE
		       : m->subcommand == 1 || m->subcommand == 5 ? OTO_OP_READ
								  : OTO_OP_OTHER;
	return row ? row->op : OTO_OP_OTHER;
}

static struct oto_target target_of(const struct slmp_message *m, const struct oto_name *device)
{
	if (m->command == 0x1619 || m->command == 0x161a)
		return (struct oto_target){ .space = "log", .name = oto_slice_of(m->command == 0x1619 ? "errors" : "events") };
	if (m->has_devices)
		return (struct oto_target){ .space = m->has_device ? "device" : "label", .name = m->devices };
	if (m->has_new_name)
		return (struct oto_target){ .space = "file", .name = m->new_name };
	if (m->has_name && (m->has_drive || m->has_file_pointer))
		return (struct oto_target){ .space = "file", .name = m->name };
	if (m->has_device)
		return (struct oto_target){ .space = device ? device->name : "device", .first = m->head_device, .count = m->extent };
	if (m->command == 0x4020 && m->has_address)
		return (struct oto_target){ .space = "object", .first = m->address, .count = 1 };
	if (m->has_module && m->has_address)
		return (struct oto_target){ .space = "module_memory", .first = m->address, .count = m->points };
	if (m->has_address && !m->has_file_pointer)
		return (struct oto_target){ .space = "memory", .first = m->address, .count = m->points };
	if (m->has_drive)
		return (struct oto_target){ .space = "drive", .first = m->drive, .count = 1 };
	return (struct oto_target){ 0 };
}

enum { STATION_ITSELF = 0xff, IO_OWN = 0x3ff };

static bool is_elsewhere(const struct slmp_message *m)
{
	return m->has_route && (m->network || m->station != STATION_ITSELF || m->module_io != IO_OWN || m->multidrop);
}

struct oto_operation slmp_operation(const struct slmp_parse *p)
{
	const struct slmp_message *m = p->m;

	return (struct oto_operation){ .self_size = sizeof(struct oto_operation),
				       .op = op_of(m, p->row),
				       .func = p->row ? p->row->name : "unknown",
				       .func_code = m->command,
				       .target = target_of(m, m->has_device ? oto_name_of(&slmp_devices, m->device_code) : NULL),
				       .unit = (uint32_t)m->network << 8 | m->station,
				       .has_unit = is_elsewhere(m) };
}

/* What stands behind the address: a station of a network, another CPU, a station on a serial line. */
static struct oto_slice sub_of(struct slmp_parse *p)
{
	const struct slmp_message *m = p->m;

	if (!is_elsewhere(m))
		return (struct oto_slice){ 0 };
	slmp_text_begin(p);
	slmp_put(p, "network ");
	slmp_put_number(p, m->network, 10);
	slmp_put(p, " station ");
	slmp_put_number(p, m->station, 10);
	if (m->module_io != IO_OWN) {
		slmp_put(p, " module 0x");
		slmp_put_number(p, m->module_io, 16);
	}
	if (m->multidrop) {
		slmp_put(p, " multidrop ");
		slmp_put_number(p, m->multidrop, 10);
	}
	return slmp_text_end(p);
}

static void tell_node(struct oto_ctx *cx, const struct slmp_message *m, const char *key, struct oto_slice value)
{
	oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact),
					 .key = key,
					 .value = value,
					 .confidence = 100,
					 .whose = OTO_OTHER,
					 .ip = m->node_ip,
					 .mac = m->node_mac,
					 .has_mac = true });
}

static void tell_node_number(struct oto_ctx *cx, const struct slmp_message *m, const char *key, uint32_t value, int digits)
{
	enum { ROOM = 16 };
	char *text = oto_scratch(cx, ROOM);

	if (!text || !value)
		return;
	snprintf(text, ROOM, "0x%0*x", digits, value);
	tell_node(cx, m, key, oto_slice_of(text));
}

static void tell_ip(struct slmp_parse *p, const struct slmp_message *m, const struct oto_addr *ip)
{
	if (ip->family != OTO_FAMILY_IPV4)
		return;
	slmp_text_begin(p);
	for (uint32_t i = 0; i < 4; i++) {
		if (i)
			slmp_put_byte(p, '.');
		slmp_put_number(p, ip->byte[i], 10);
	}
	tell_node(p->cx, m, "ip", slmp_text_end(p));
}

void slmp_tell_facts(struct slmp_parse *p)
{
	const struct slmp_message *m = p->m;

	if (m->has_model)
		oto_fact(
		    p->cx,
		    &(struct oto_fact){
			.self_size = sizeof(struct oto_fact), .key = "model", .value = m->model, .confidence = 100, .sub = sub_of(p) });
	if (m->has_node) {
		tell_ip(p, m, &m->node_ip);
		tell_node(p->cx, m, "hostname", m->name);
		tell_node_number(p->cx, m, "vendor_code", m->vendor_code, 4);
		tell_node_number(p->cx, m, "model_code", m->node_model, 8);
		tell_node_number(p->cx, m, "device_version", m->node_version, 4);
	} else if (m->command == 0x0e31 && m->has_node_mac && m->has_end_code) {
		tell_ip(p, m, &m->new_ip);
	}
}
