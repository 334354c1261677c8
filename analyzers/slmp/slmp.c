/* slmp.c - MELSEC communication protocol and SLMP: frames 1E, 3E and 4E, binary and ASCII, TCP and UDP, any port by a strict probe.
 *
 * Clauses: MC is SH-080008 "MELSEC Communication Protocol Reference Manual", SLMP is SH-080956 "SLMP Reference Manual". Owns per flow what
 * frame 1E leaves unsaid in its responses. Passwords are never kept, only their length.
 */
#include "slmp_tables.h"

/* ------------------------------------------------------------------------------------------------ 1. what is said */

struct slmp_message {
	const char *frame, *format, *pdu_type, *unit_size, *end_word;
	uint16_t serial, module_io, monitoring_timer, command, subcommand, device_code, end_code, mode, model_code, drive, file_pointer;
	uint8_t network, station, multidrop, clear_mode;
	uint32_t head_device, points, address, password_length;
	struct oto_vec values;
	struct oto_slice devices, model, name, data;
	struct oto_addr node_ip, new_ip, netmask;
	struct oto_mac node_mac;
	struct oto_interval latency;
	bool has_serial, has_route, has_timer, has_command, has_subcommand, has_device, has_points, has_values, has_devices, has_end_code,
	    has_mode, has_clear_mode, has_model, has_model_code, has_address, has_password, has_drive, has_name, has_file_pointer, has_data,
	    has_node_mac, matched;
};

#define F(m, doc, ...) OTO_FIELD(struct slmp_message, m, doc, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct slmp_message, has)
static const struct oto_field message_fields[] = {
	F(frame, "1E, 3E or 4E"),
	F(format, "binary or ascii"),
	F(pdu_type, "request or response"),
	F(serial, "joins request and response of a 4E frame", IF(has_serial)),
	F(network, "network number, 0 the own network", IF(has_route)),
	F(station, "station or PC number, 255 the addressed device itself", IF(has_route)),
	F(module_io, "module I/O number, 1023 the own CPU", IF(has_route)),
	F(multidrop, "station behind a serial module", IF(has_route)),
	F(monitoring_timer, "how long the device may take, in 250 ms; 0 for ever", IF(has_timer)),
	F(command, "command; in a response that of its request", .names = &slmp_commands, IF(has_command)),
	F(subcommand, "subcommand", IF(has_subcommand)),
	F(unit_size, "bit or word, how the devices are read or written"),
	F(device_code, "device", .names = &slmp_devices, IF(has_device)),
	F(head_device, "number of the first device", IF(has_device)),
	F(points, "how many devices, or words of memory", IF(has_points)),
	F(devices, "devices of a random, block or monitor command, labels of a label command", IF(has_devices)),
	F(values, "values written or read", IF(has_values)),
	F(end_code, "0 is success", .names = &slmp_end_codes, IF(has_end_code)),
	F(end_word, "what the end code means, or of whom it is"),
	F(mode, "of a remote command: 1 normal, 3 force; of an opened file: 0 read, 256 write", IF(has_mode)),
	F(clear_mode, "of remote run: 0 keeps devices, 1 clears all but latched ones, 2 all", IF(has_clear_mode)),
	F(model, "model name of the CPU", IF(has_model)),
	F(model_code, "model code of the CPU", IF(has_model_code)),
	F(address, "first word of a memory, or position in a file", IF(has_address)),
	F(password_length, "length of the password that was sent", IF(has_password)),
	F(drive, "drive of the CPU", IF(has_drive)),
	F(name, "file name or path, host name", IF(has_name)),
	F(file_pointer, "stands for an open file", IF(has_file_pointer)),
	F(node_mac, "MAC address of the node found or set", IF(has_node_mac)),
	F(node_ip, "IP address of the node found"),
	F(new_ip, "IP address that the node is given"),
	F(netmask, "its network mask"),
	F(data, "everything else", .flags = OTO_HEX, IF(has_data)),
	F(latency, "time since the request", IF(matched)),
};
static const struct oto_log message_logs[] = {
	{ .name = "slmp",
	  .doc = "MELSEC communication protocol and SLMP, requests and responses.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "frame format pdu_type serial network station command subcommand unit_size device_code head_device points devices "
		     "values end_code end_word mode clear_mode model address name",
	  .extra = "latency data",
	  .key = "orig_h resp_h resp_p frame format pdu_type network station command device_code head_device points devices mode name "
		 "end_code" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("slmp.message", struct slmp_message, message_fields, "One request or response.", OTO_LOGS(message_logs));
static const struct oto_event_type *const events[] = { &message_type };
enum { EV_MESSAGE };

/* ------------------------------------------------------------------------------------------------ 2. numbers, binary or ASCII */

/* Binary numbers are little endian, ASCII ones hexadecimal digits, most significant first. */
struct reader {
	struct oto_cur c;
	bool ascii;
};

static int digit(uint8_t b)
{
	return b >= '0' && b <= '9' ? b - '0' : b >= 'A' && b <= 'F' ? b - 'A' + 10 : b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
}

static uint32_t digits(struct reader *r, uint32_t n)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < n; i++) {
		int d = digit(oto_u8(&r->c));
		if (d < 0)
			r->c.bad = true;
		value = value << 4 | (uint32_t)(d & 15);
	}
	return r->c.bad ? 0 : value;
}

static uint32_t num(struct reader *r, uint32_t bytes)
{
	uint32_t value = 0;

	if (r->ascii)
		return digits(r, 2 * bytes);
	for (uint32_t i = 0; i < bytes; i++)
		value |= (uint32_t)oto_u8(&r->c) << 8 * i;
	return r->c.bad ? 0 : value;
}

/* ------------------------------------------------------------------------------------------------ 3. frames */

struct shape {
	uint8_t frame; /* 1, 3, 4, or 0 for none */
	bool ascii, response;
};

static bool is_1e_command(uint32_t code)
{
	return code < 0x40 && oto_name_of(&slmp_commands, code);
}

/* MC 5: the first bytes tell the frame; no code of one form begins another. Reads the subheader. */
static struct shape take_subheader(struct reader *r)
{
	struct shape s = { 0 };
	struct oto_cur look = r->c;
	uint8_t first = oto_u8(&look), second = oto_u8(&look);

	r->ascii = false;
	if (first == 0x50 || first == 0xd0 || first == 0x54 || first == 0xd4) {
		s.frame = second ? 0 : first & 4 ? 4 : 3;
		s.response = first & 0x80;
		oto_skip(&r->c, 2);
	} else if (first == '5' || first == 'D') {
		uint8_t third = oto_u8(&look), fourth = oto_u8(&look);
		s.ascii = r->ascii = true;
		s.frame = third != '0' || fourth != '0' ? 0 : second == '0' ? 3 : second == '4' ? 4 : 0;
		s.response = first == 'D';
		oto_skip(&r->c, 4);
	} else if (digit(first) >= 0 && digit(second) >= 0) {
		uint32_t code = (uint32_t)(digit(first) << 4 | digit(second));
		s.ascii = r->ascii = true;
		s.frame = is_1e_command(code & 0x7f);
		s.response = code & 0x80;
	} else if (is_1e_command(first & 0x7f)) {
		s.frame = 1;
		s.response = first & 0x80;
	}
	return s;
}

enum { ROUTE_IO_OWN = 0x3ff, LENGTH_MAX = 8194, REQUEST_MIN = 6, ANSWER_MIN = 2 };

/* MC 4.2: control CPUs and multiple CPUs are 03d0-03d3 and 03e0-03e3. */
static bool plausible_io(uint32_t io)
{
	return io == ROUTE_IO_OWN || io < 0x200 || (io >= 0x3d0 && io <= 0x3d3) || (io >= 0x3e0 && io <= 0x3e3);
}

/* Serial of 4E, route and length: what stands between subheader and timer or end code. False when this is none. */
static bool take_route(struct reader *r, const struct shape *s, struct slmp_message *m, uint32_t *length)
{
	uint32_t zero = 0;

	if (s->frame == 4) {
		m->serial = (uint16_t)num(r, 2);
		zero = num(r, 2);
		m->has_serial = true;
	}
	m->network = (uint8_t)num(r, 1);
	m->station = (uint8_t)num(r, 1);
	m->module_io = (uint16_t)num(r, 2);
	m->multidrop = (uint8_t)num(r, 1);
	m->has_route = true;
	*length = num(r, 2);
	bool station_fits = m->station <= 120 || m->station == 0x7d || m->station == 0x7e || m->station >= 0xfe;
	uint32_t unit = s->ascii ? 2 : 1;
	return !zero && m->network != 0xff && station_fits && plausible_io(m->module_io) && m->multidrop <= 31 &&
	       *length <= LENGTH_MAX * unit && *length >= (s->response ? ANSWER_MIN : REQUEST_MIN) * unit;
}

/* What frame 1E asked on this flow: its responses tell neither length nor points. */
enum { ASKED_MAX = 8 };
struct slmp_flow {
	struct {
		uint8_t command;
		uint16_t answer; /* bytes of data in binary */
	} asked[ASKED_MAX];
	uint8_t count;
	uint16_t monitored; /* bytes that the monitor command answers */
};

static uint32_t points_of(uint32_t raw)
{
	return raw ? raw : 256; /* MC 18.3: 0 stands for 256 */
}

/* Bytes of data after the header of a 1E request, -1 when only the datagram or segment tells. `r` stands behind the header. */
static int32_t request_1e_length(struct reader r, uint8_t command, uint16_t *answer)
{
	bool by_bit = !(command & 1);
	uint32_t n;

	*answer = 0;
	switch (command) {
	case 0x00:
	case 0x01:
	case 0x02:
	case 0x03:
		oto_skip(&r.c, r.ascii ? 12 : 6);
		n = points_of(num(&r, 1));
		if (command < 2)
			*answer = (uint16_t)(by_bit ? (n + 1) / 2 : 2 * n);
		return r.c.bad ? -2 : command < 2 ? 8 : (int32_t)(8 + (by_bit ? (n + 1) / 2 : 2 * n));
	case 0x04:
	case 0x05:
		n = points_of(num(&r, 1));
		return r.c.bad ? -2 : (int32_t)(2 + n * (by_bit ? 7 : 8));
	case 0x06:
	case 0x07:
		n = points_of(num(&r, 1));
		return r.c.bad ? -2 : (int32_t)(2 + n * 6);
	case 0x08:
	case 0x09:
	case 0x13:
	case 0x14:
		return 0;
	case 0x15:
		*answer = 2;
		return 0;
	default:
		return -1;
	}
}

static int64_t length_1e(const struct oto_ctx *cx, struct reader r, const struct shape *s)
{
	const struct slmp_flow *flow = cx->state;
	uint32_t unit = s->ascii ? 2 : 1, left = oto_left(&r.c);
	uint16_t answer;

	if (left < (s->response ? 2 : 4) * unit)
		return 0;
	uint8_t command = (uint8_t)num(&r, 1) & 0x7f;
	if (!s->response) {
		oto_skip(&r.c, 3 * unit);
		int32_t n = request_1e_length(r, command, &answer);
		return n == -2 ? 0 : n < 0 ? (int64_t)left : (int64_t)(4 + (uint32_t)n) * unit;
	}
	uint32_t end = num(&r, 1);
	if (end)
		return (int64_t)(end == 0x5b ? 4 : 2) * unit;
	for (uint32_t i = 0; flow && i < flow->count; i++) { /* a probe has no state */
		if (flow->asked[i].command == command && flow->asked[i].answer != UINT16_MAX)
			return (int64_t)(2u + flow->asked[i].answer) * unit;
	}
	return left;
}

/* Where the message ends; 0: more is needed to tell; negative: this is none. */
static int64_t message_length(const struct oto_ctx *cx, struct oto_cur c)
{
	struct reader r = { c, false };
	struct slmp_message m = { 0 };
	uint32_t length;

	if (oto_left(&c) < 4)
		return 0;
	struct shape s = take_subheader(&r);
	if (!s.frame)
		return -1;
	if (s.frame == 1)
		return length_1e(cx, r, &s);
	uint32_t need = (s.frame == 4 ? 13 : 9) * (s.ascii ? 2 : 1);
	if (oto_left(&c) < need)
		return 0;
	if (!take_route(&r, &s, &m, &length) || r.c.bad)
		return -1;
	return (int64_t)need + length;
}

static int64_t slmp_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	int64_t length = message_length(cx, c);

	if (cx->transport == OTO_TCP || length < 0)
		return length;
	return oto_left(&c); /* a datagram is one message */
}

static bool port_in(uint16_t p)
{
	return (p >= 5000 && p <= 5010) || p == 5562 || p == 61451 || p == 2000 || p == 1025;
}

static bool on_known_port(const struct oto_ctx *cx)
{
	return port_in(cx->head->orig_p) || port_in(cx->head->resp_p);
}

/* A whole 1E request with a device that exists: the frame has no other mark. */
static enum oto_answer probe_1e(const struct oto_ctx *cx, struct oto_cur c, struct reader r, const struct shape *s, int64_t length)
{
	uint32_t unit = s->ascii ? 2 : 1;

	if (s->response)
		return on_known_port(cx) && length == oto_left(&c) && oto_left(&c) > 4 * unit ? OTO_MINE : OTO_NOT_MINE;
	uint8_t command = (uint8_t)num(&r, 1), pc = (uint8_t)num(&r, 1);
	uint32_t timer = num(&r, 2);
	if (r.c.bad || pc != 0xff || timer > 0x1ff || length != oto_left(&c))
		return OTO_NOT_MINE;
	if (command > 0x07)
		return on_known_port(cx) && command >= 0x08 && command <= 0x15 && length == 4 * unit ? OTO_MINE : OTO_NOT_MINE;
	if (command >= 0x04)
		num(&r, 2);
	uint32_t number = s->ascii ? 0 : num(&r, 4);
	uint16_t letters = (uint16_t)num(&r, 2);
	return slmp_device_of_1e(letters) && !r.c.bad && number < 0x10000 ? OTO_MINE : OTO_NOT_MINE;
}

static enum oto_answer slmp_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	static const uint16_t others[] = { 61450, 45237, 45238, 45239 }; /* CC-Link IE Field Basic and TSN have headers of their own kind */
	struct reader r = { c, false };
	struct slmp_message m = { 0 };
	uint32_t length;

	for (uint32_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (cx->head->orig_p == others[i] || cx->head->resp_p == others[i])
			return OTO_NOT_MINE;
	}
	if (oto_left(&c) < 4)
		return cx->transport == OTO_TCP ? OTO_NEED_MORE : OTO_NOT_MINE;
	struct shape s = take_subheader(&r);
	int64_t whole = message_length(cx, c);
	if (whole == 0 && cx->transport == OTO_TCP && s.frame != 1)
		return OTO_NEED_MORE;
	if (whole <= 0 || (cx->transport != OTO_TCP && whole != oto_left(&c)))
		return OTO_NOT_MINE;
	if (s.frame == 1)
		return probe_1e(cx, c, r, &s, whole);
	take_route(&r, &s, &m, &length);
	if (s.response) {
		uint32_t end = num(&r, 2);
		bool known = end == 0 || oto_name_of(&slmp_end_codes, end) || (end >= 0x4000 && on_known_port(cx));
		return r.c.bad ? OTO_NEED_MORE : known ? OTO_MINE : OTO_NOT_MINE;
	}
	num(&r, 2);
	uint32_t command = num(&r, 2), subcommand = num(&r, 2);
	if (r.c.bad)
		return OTO_NEED_MORE;
	return command >= 0x100 && oto_name_of(&slmp_commands, command) && subcommand <= 0xff ? OTO_MINE : OTO_NOT_MINE;
}

/* ------------------------------------------------------------------------------------------------ 4. devices and values */

/* What a request leaves for its response. */
struct slmp_note {
	uint32_t head_device, points;
	uint16_t command, subcommand, device_code;
	bool has_device, has_points, has_subcommand;
};

struct parse {
	struct oto_ctx *cx;
	struct slmp_message *m;
	struct reader r;
	bool frame_1e, text_wanted;
	struct { /* the devices in words */
		uint8_t *at;
		uint32_t len;
	} text;
};
enum { TEXT_MAX = 1024, DEVICE_TEXT_MAX = 32, POINTS_MAX = 16384 };

static bool by_bit(const struct slmp_message *m)
{
	return m->command < 0x100 ? m->command <= 0x08 && !(m->command & 1) : m->subcommand & 1;
}

/* SLMP 5.3: subcommand bit 1 has devices of iQ-R, four bytes of number and two of code; bit 7 has extensions for modules and links. */
static void take_device(struct parse *p, uint16_t *code, uint32_t *number)
{
	struct reader *r = &p->r;
	bool iqr = !p->frame_1e && p->m->subcommand & 2, extended = !p->frame_1e && p->m->subcommand & 0x80;

	if (p->frame_1e && r->ascii) {
		*code = slmp_device_of_1e((uint16_t)num(r, 2));
		*number = num(r, 4);
	} else if (p->frame_1e) {
		*number = num(r, 4);
		*code = slmp_device_of_1e((uint16_t)num(r, 2));
	} else if (r->ascii) {
		if (extended)
			oto_skip(&r->c, iqr ? 10 : 9);
		*code = slmp_device_code(oto_take(&r->c, iqr ? 4 : 2));
		const struct slmp_device *d = slmp_device_of(*code);
		uint32_t n = iqr ? 8 : 6;
		*number = 0;
		if (d && d->hex) {
			*number = digits(r, n);
		} else {
			for (uint32_t i = 0; i < n; i++)
				*number = *number * 10 + digits(r, 1);
		}
		if (extended)
			oto_skip(&r->c, iqr ? 5 : 3);
	} else {
		if (extended)
			oto_skip(&r->c, 2);
		*number = num(r, iqr ? 4 : 3);
		*code = (uint16_t)num(r, iqr ? 2 : 1);
		if (extended)
			oto_skip(&r->c, 5);
	}
}

static void put_byte(struct parse *p, uint8_t b)
{
	if (p->text.at && p->text.len < TEXT_MAX)
		p->text.at[p->text.len++] = b;
}

static void put_number(struct parse *p, uint32_t n, uint32_t base)
{
	uint8_t reversed[10];
	uint32_t len = 0;

	do {
		reversed[len++] = (uint8_t) "0123456789ABCDEF"[n % base];
		n /= base;
	} while (n);
	while (len)
		put_byte(p, reversed[--len]);
}

static void put_blank(struct parse *p)
{
	if (p->text_wanted && !p->text.at)
		p->text.at = oto_scratch(p->cx, TEXT_MAX);
	if (p->text.len)
		put_byte(p, ' ');
}

static void put_device(struct parse *p, uint16_t code, uint32_t number, uint32_t count)
{
	const struct oto_name *row = oto_name_of(&slmp_devices, code);
	const struct slmp_device *d = slmp_device_of(code);
	uint32_t base = d && d->hex ? 16 : 10;

	if (p->text.len + DEVICE_TEXT_MAX > TEXT_MAX)
		return;
	put_blank(p);
	for (const char *s = row ? row->name : "?"; *s; s++)
		put_byte(p, (uint8_t)*s);
	put_number(p, number, base);
	if (count > 1) {
		put_byte(p, '-');
		put_number(p, number + count - 1, base);
	}
}

static void tell_text(struct parse *p)
{
	p->m->devices = (struct oto_slice){ p->text.at, p->text.len };
	p->m->has_devices = p->text.len != 0;
}

/* Words stay on the wire in binary; ASCII ones are turned into the same form. */
static void take_words(struct parse *p, uint32_t n)
{
	struct slmp_message *m = p->m;

	if (!p->r.ascii) {
		m->values = oto_take_vec(&p->r.c, OTO_VEC_U16LE, n);
	} else if (oto_need(&p->r.c, 4 * n)) {
		uint8_t *out = oto_scratch(p->cx, 2 * (size_t)n + 1);
		for (uint32_t i = 0; out && i < n; i++) {
			uint32_t word = num(&p->r, 2);
			out[2 * i] = (uint8_t)word;
			out[2 * i + 1] = (uint8_t)(word >> 8);
		}
		m->values = (struct oto_vec){ out, out ? n : 0, OTO_VEC_U16LE };
	}
	m->has_values = !p->r.c.bad && m->values.count;
}

/* Bits are a half byte each, the first in the upper half; in ASCII a character each. */
static void take_bits(struct parse *p, uint32_t n)
{
	struct slmp_message *m = p->m;
	struct oto_slice raw = oto_take(&p->r.c, p->r.ascii ? n : (n + 1) / 2);
	uint8_t *out = raw.len ? oto_scratch(p->cx, n) : NULL;

	for (uint32_t i = 0; out && i < n; i++)
		out[i] = p->r.ascii ? raw.data[i] == '1' : raw.data[i / 2] >> (i % 2 ? 0 : 4) & 1;
	m->values = (struct oto_vec){ out, out ? n : 0, OTO_VEC_U8 };
	m->has_values = out != NULL;
}

static void take_values(struct parse *p, uint32_t points, bool bits)
{
	if (points > POINTS_MAX)
		p->r.c.bad = true;
	else if (bits)
		take_bits(p, points);
	else
		take_words(p, points);
}

static void take_range(struct parse *p, bool writes)
{
	struct slmp_message *m = p->m;

	take_device(p, &m->device_code, &m->head_device);
	m->points = p->frame_1e ? points_of(num(&p->r, 1)) : num(&p->r, 2);
	if (p->frame_1e)
		num(&p->r, 1);
	m->has_device = m->has_points = !p->r.c.bad;
	if (writes)
		take_values(p, m->points, by_bit(m));
}

/* Single devices: words, then double words; or bits. A write has each value behind its device. */
static void take_random(struct parse *p, bool writes)
{
	struct slmp_message *m = p->m;
	bool bits = by_bit(m);
	uint32_t words = num(&p->r, 1), doubles = 0;

	if (p->frame_1e) {
		words = points_of(words);
		num(&p->r, 1);
	} else if (!bits) {
		doubles = num(&p->r, 1);
	}
	m->points = words + doubles;
	m->has_points = true;
	for (uint32_t i = 0; i < words + doubles && !p->r.c.bad; i++) {
		uint16_t code;
		uint32_t number;
		take_device(p, &code, &number);
		put_device(p, code, number, i < words ? 1 : 2);
		if (i == 0) {
			m->device_code = code;
			m->head_device = number;
			m->has_device = true;
		}
		if (writes)
			num(&p->r, i >= words ? 4 : !bits || (!p->frame_1e && m->subcommand & 2) ? 2 : 1);
	}
	tell_text(p);
}

/* Blocks of words, then blocks of bits in units of sixteen. A write has each block's data behind it. */
static void take_blocks(struct parse *p, bool writes)
{
	struct slmp_message *m = p->m;
	uint32_t words = num(&p->r, 1), bits = num(&p->r, 1);

	for (uint32_t i = 0; i < words + bits && !p->r.c.bad; i++) {
		uint16_t code;
		uint32_t number;
		take_device(p, &code, &number);
		uint32_t n = num(&p->r, 2);
		put_device(p, code, number, i < words ? n : 16 * n);
		if (i == 0) {
			m->device_code = code;
			m->head_device = number;
			m->has_device = true;
		}
		m->points += n;
		if (writes)
			oto_skip(&p->r.c, n * (p->r.ascii ? 4 : 2));
	}
	m->has_points = true;
	tell_text(p);
}

/* A name of UTF-16 characters, shown as far as it is ASCII. */
static void take_wide(struct parse *p, uint32_t characters)
{
	for (uint32_t i = 0; i < characters && !p->r.c.bad; i++) {
		uint32_t character = num(&p->r, 2);
		if (character)
			put_byte(p, character > 0x20 && character < 0x7f ? (uint8_t)character : '?');
	}
}

/* SLMP 5.7: labels by name, after abbreviations of which %1, %2 ... in the names stand for. */
static void take_labels(struct parse *p, bool arrays, bool writes)
{
	uint32_t labels = num(&p->r, 2), abbreviations = num(&p->r, 2);

	for (uint32_t i = 0; i < abbreviations + labels && !p->r.c.bad; i++) {
		uint32_t characters = num(&p->r, 2);
		put_blank(p);
		if (i < abbreviations)
			put_byte(p, '%');
		take_wide(p, characters);
		if (i < abbreviations)
			continue;
		uint32_t length = 0;
		if (arrays) {
			uint32_t unit = num(&p->r, 1);
			num(&p->r, 1);
			length = num(&p->r, 2);
			length = unit ? length : (length + 15) / 16 * 2; /* bits come in words */
		} else if (writes) {
			length = num(&p->r, 2);
		}
		if (writes)
			oto_skip(&p->r.c, length * (p->r.ascii ? 2 : 1));
	}
	p->m->points = labels;
	p->m->has_points = true;
	tell_text(p);
}

static struct oto_mac take_mac(struct parse *p)
{
	struct oto_mac mac;

	for (uint32_t i = 6; i--;) /* the last byte comes first */
		mac.byte[p->r.ascii ? 5 - i : i] = (uint8_t)num(&p->r, 1);
	return mac;
}

static struct oto_addr take_ip(struct parse *p)
{
	uint32_t ip = num(&p->r, 4);

	return (struct oto_addr){ { (uint8_t)(ip >> 24), (uint8_t)(ip >> 16), (uint8_t)(ip >> 8), (uint8_t)ip }, OTO_FAMILY_IPV4 };
}

/* Client, node, addresses: request and response of node search and address setting begin alike (SLMP 5.9). */
static void take_node(struct parse *p, bool found)
{
	struct slmp_message *m = p->m;

	take_mac(p);
	if (num(&p->r, 1) != 4)
		p->r.c.bad = true;
	take_ip(p);
	m->node_mac = take_mac(p);
	if (num(&p->r, 1) != 4)
		p->r.c.bad = true;
	struct oto_addr ip = take_ip(p), mask = take_ip(p);
	take_ip(p); /* default gateway */
	uint32_t n = num(&p->r, 1);
	m->name = oto_take(&p->r.c, n * (p->r.ascii ? 2 : 1));
	if (p->r.c.bad)
		return;
	*(found ? &m->node_ip : &m->new_ip) = ip;
	m->netmask = mask;
	m->has_node_mac = true;
	m->has_name = m->name.len != 0;
}

/* ------------------------------------------------------------------------------------------------ 5. requests and responses */

static void take_name(struct parse *p)
{
	struct slmp_message *m = p->m;
	uint32_t n = num(&p->r, 2);

	if (m->subcommand & 0x40) {
		put_blank(p);
		take_wide(p, n);
		m->name = (struct oto_slice){ p->text.at, p->text.len };
	} else {
		m->name = oto_take(&p->r.c, n);
	}
	m->has_name = !p->r.c.bad && m->name.len;
}

static void take_rest(struct parse *p)
{
	p->m->data = oto_rest(&p->r.c);
	p->m->has_data = p->m->data.len != 0;
}

static void take_remote(struct parse *p)
{
	struct slmp_message *m = p->m;

	m->mode = (uint16_t)num(&p->r, 2);
	m->has_mode = true;
	if (m->command != 0x1001)
		return;
	m->clear_mode = (uint8_t)num(&p->r, 1);
	m->has_clear_mode = true;
	num(&p->r, 1);
}

static void take_part(struct parse *p, char part)
{
	struct slmp_message *m = p->m;

	switch (part) {
	case 'R':
	case 'W':
		take_range(p, part == 'W');
		break;
	case 'r':
	case 'w':
		take_random(p, part == 'w');
		break;
	case 'b':
	case 'B':
		take_blocks(p, part == 'B');
		break;
	case 'a':
	case 'A':
		take_labels(p, true, part == 'A');
		break;
	case 'l':
	case 'L':
		take_labels(p, false, part == 'L');
		break;
	case 'c':
		take_remote(p);
		break;
	case 's':
		m->address = num(&p->r, 4);
		m->has_address = true;
		break;
	case 'q':
		m->points = num(&p->r, 2);
		m->has_points = true;
		break;
	case 'k':
		oto_skip(&p->r.c, 4);
		break;
	case 'o':
		m->mode = (uint16_t)num(&p->r, 2);
		m->has_mode = true;
		break;
	case 'v':
		m->drive = (uint16_t)num(&p->r, 2);
		m->has_drive = true;
		break;
	case 'z':
		num(&p->r, 4);
		break;
	case 'n':
		take_name(p);
		break;
	case 'h':
		m->file_pointer = (uint16_t)num(&p->r, 2);
		m->has_file_pointer = true;
		break;
	case 'P':
		m->password_length = num(&p->r, 2);
		oto_skip(&p->r.c, m->password_length);
		m->has_password = true;
		break;
	case 'x':
		num(&p->r, 2);
		break;
	case 'i':
		take_mac(p);
		break;
	case 'I':
		take_node(p, false);
		break;
	case 'D':
		take_rest(p);
		break;
	}
}

static bool writes_file(const struct slmp_message *m)
{
	return m->command == 0x1827 && m->mode == 0x0100;
}

static struct oto_operation operation_of(const struct slmp_message *m)
{
	const struct oto_name *row = oto_name_of(&slmp_commands, m->command), *device = oto_name_of(&slmp_devices, m->device_code);
	struct oto_operation o = { .self_size = sizeof o,
				   .op = writes_file(m) ? OTO_OP_PROGRAM_WRITE
					 : row          ? row->op
							: OTO_OP_OTHER,
				   .func = row ? row->name : "unknown",
				   .func_code = m->command,
				   .unit = (uint32_t)m->network << 8 | m->station,
				   .has_unit = m->has_route && (m->network || m->station != 0xff) };

	if (m->has_devices)
		o.target = (struct oto_target){ .space = m->has_device ? "device" : "label", .name = m->devices };
	else if (m->has_name && m->has_drive)
		o.target = (struct oto_target){ .space = "file", .name = m->name };
	else if (m->has_device)
		o.target = (struct oto_target){ .space = device ? device->name : "device", .first = m->head_device, .count = m->points };
	else if (m->has_address)
		o.target = (struct oto_target){ .space = "memory", .first = m->address, .count = m->points };
	return o;
}

/* 4E by its serial. 3E and 1E have none: first in, first out for the same station, or the same command. */
static uint64_t key_of(const struct slmp_message *m, const struct shape *s)
{
	if (s->frame == 4)
		return UINT64_C(4) << 32 | m->serial;
	if (s->frame == 3)
		return UINT64_C(3) << 60 | (uint64_t)m->module_io << 32 | (uint32_t)m->network << 16 | (uint32_t)m->station << 8 |
		       m->multidrop;
	return UINT64_C(1) << 60 | m->command;
}

static void remember_1e(struct oto_ctx *cx, struct reader r, const struct slmp_message *m)
{
	struct slmp_flow *flow = cx->state;
	uint16_t answer;
	int32_t length = request_1e_length(r, (uint8_t)m->command, &answer);

	if (m->command == 0x06 || m->command == 0x07)
		flow->monitored = (uint16_t)(m->command == 0x06 ? (m->points + 1) / 2 : 2 * m->points);
	if (m->command == 0x08 || m->command == 0x09)
		answer = flow->monitored ? flow->monitored : UINT16_MAX;
	if (flow->count == ASKED_MAX) {
		memmove(flow->asked, &flow->asked[1], sizeof flow->asked - sizeof *flow->asked);
		flow->count--;
	}
	flow->asked[flow->count].command = (uint8_t)m->command;
	flow->asked[flow->count++].answer = length < 0 ? UINT16_MAX : answer;
}

/* What was asked before and never answered goes with it. */
static void forget_1e(struct oto_ctx *cx, uint16_t command)
{
	struct slmp_flow *flow = cx->state;

	for (uint8_t i = 0; i < flow->count; i++) {
		if (flow->asked[i].command != command)
			continue;
		flow->count = (uint8_t)(flow->count - i - 1);
		memmove(flow->asked, &flow->asked[i + 1], flow->count * sizeof *flow->asked);
		return;
	}
}

static void request(struct parse *p, const struct shape *s, struct oto_cur *c)
{
	struct slmp_message *m = p->m;

	m->has_command = true;
	struct reader data = p->r;
	const char *layout = slmp_layout(m->command);
	for (; *layout && !p->r.c.bad; layout++)
		take_part(p, *layout);
	if (m->has_device)
		m->unit_size = by_bit(m) ? "bit" : "word";
	if (!oto_name_of(&slmp_commands, m->command))
		oto_weird(p->cx, "unknown_command", p->r.c.bad ? (struct oto_slice){ 0 } : m->data);
	if (p->r.c.bad) {
		c->bad = true;
		return;
	}
	if (s->frame == 1)
		remember_1e(p->cx, data, m);
	struct slmp_note note = { m->head_device, m->points,     m->command,    m->subcommand,
				  m->device_code, m->has_device, m->has_points, m->has_subcommand };
	struct oto_operation o = operation_of(m);
	if (m->command != 0x0e30 && m->command != 0x2101) /* many answer a search, to other flows; nobody an on-demand message */
		oto_request(p->cx, key_of(m, s), &note);
	oto_operation(p->cx, &o);
	oto_emit(p->cx, EV_MESSAGE, m);
}

static struct oto_slice padded(struct oto_slice s)
{
	while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == 0))
		s.len--;
	return s;
}

static void fact(struct oto_ctx *cx, const char *key, struct oto_slice value, const struct slmp_message *m)
{
	struct oto_fact f = { .self_size = sizeof f, .key = key, .value = value, .confidence = 100 };

	if (m->has_node_mac) {
		f.whose = OTO_OTHER;
		f.ip = m->node_ip;
		f.mac = m->node_mac;
		f.has_mac = true;
	}
	oto_fact(cx, &f);
}

/* Another station's model is told of that station: its number stands behind the address. */
static void tell_model(struct parse *p)
{
	struct slmp_message *m = p->m;
	struct oto_fact f = { .self_size = sizeof f, .key = "model", .value = m->model, .confidence = 100 };

	if (m->has_route && (m->network || m->station != 0xff)) {
		p->text.len = 0;
		p->text_wanted = true;
		put_blank(p);
		for (const char *s = "network "; *s; s++)
			put_byte(p, (uint8_t)*s);
		put_number(p, m->network, 10);
		for (const char *s = " station "; *s; s++)
			put_byte(p, (uint8_t)*s);
		put_number(p, m->station, 10);
		f.sub = (struct oto_slice){ p->text.at, p->text.len };
	}
	oto_fact(p->cx, &f);
}

static void answer_data(struct parse *p)
{
	struct slmp_message *m = p->m;
	uint32_t left = oto_left(&p->r.c), word = p->r.ascii ? 4 : 2;

	switch (m->command) {
	case 0x0000:
	case 0x0008:
	case 0x0401:
	case 0x0001:
	case 0x0009:
		if (m->has_points && (m->command == 0x0401 || m->command < 2))
			take_values(p, m->points, by_bit(m));
		else if (m->command != 0x0008)
			take_words(p, left / word);
		break;
	case 0x0403:
	case 0x0406:
	case 0x0802:
	case 0x0613:
		take_words(p, left / word);
		break;
	case 0x0015:
		m->model_code = (uint16_t)num(&p->r, 1);
		m->has_model_code = true;
		const struct oto_name *row = oto_name_of(&slmp_cpu_types, m->model_code);
		m->model = oto_slice_of(row ? row->name : NULL);
		m->has_model = row != NULL;
		num(&p->r, 1);
		break;
	case 0x0101:
		m->model = padded(oto_take(&p->r.c, 16));
		m->model_code = (uint16_t)num(&p->r, 2);
		m->has_model = m->has_model_code = true;
		break;
	case 0x0e30:
		take_node(p, true);
		break;
	case 0x1827:
		m->file_pointer = (uint16_t)num(&p->r, 2);
		m->has_file_pointer = true;
		break;
	default:
		break;
	}
	if (!p->r.c.bad)
		take_rest(p);
}

/* SLMP 4.3: behind an error's end code stand the route of who found it, command and subcommand. */
static void error_information(struct parse *p)
{
	struct reader *r = &p->r;

	num(r, 2);
	num(r, 2);
	num(r, 1);
	uint16_t command = (uint16_t)num(r, 2), subcommand = (uint16_t)num(r, 2);
	if (r->c.bad) {
		r->c.bad = false; /* optional: old modules send none */
		return;
	}
	p->m->command = command;
	p->m->subcommand = subcommand;
	p->m->has_command = p->m->has_subcommand = true;
}

static void response(struct parse *p, const struct shape *s, struct oto_cur *c)
{
	struct slmp_message *m = p->m;
	struct oto_match match;

	oto_response(p->cx, key_of(m, s), &match);
	if (match.unsure && s->frame != 4)
		match.found = false; /* which request it was cannot be told across a gap */
	struct slmp_note note = { 0 };
	if (match.found)
		memcpy(&note, match.note, sizeof note);
	m->matched = match.found;
	m->latency = match.latency;
	if (match.found) {
		m->command = note.command;
		m->subcommand = note.subcommand;
		m->device_code = note.device_code;
		m->head_device = note.head_device;
		m->points = note.points;
		m->has_device = note.has_device;
		m->has_points = note.has_points;
		m->has_subcommand = note.has_subcommand;
		m->has_command = true;
		m->unit_size = note.has_device ? by_bit(m) ? "bit" : "word" : NULL;
	} else if (s->frame == 4 && !m->end_code && p->cx->transport == OTO_UDP && oto_left(&p->r.c) >= 51) {
		m->command = 0x0e30; /* the answer to a broadcast is on a flow of its own */
		m->has_command = true;
	}
	if (m->end_code && s->frame != 1)
		error_information(p);
	else if (!m->end_code && m->has_command)
		answer_data(p);
	else
		take_rest(p);
	if (p->r.c.bad) {
		c->bad = true;
		return;
	}
	struct oto_operation o = operation_of(m);
	if (!m->has_command)
		o.op = OTO_OP_NONE;
	if (match.found || m->has_command)
		oto_outcome(p->cx, &match, m->end_code ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK,
			    m->end_code ? slmp_end_word(m->end_code) : NULL, &o);
	if (m->has_model)
		tell_model(p);
	if (m->has_node_mac && m->command == 0x0e30)
		fact(p->cx, "hostname", m->name, m);
	oto_emit(p->cx, EV_MESSAGE, m);
}

static void slmp_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct slmp_message m = { 0 };
	struct parse p = { .cx = cx, .m = &m, .r = { *c, false }, .text_wanted = true };
	struct reader *r = &p.r;
	uint32_t length;

	struct shape s = take_subheader(r);
	p.frame_1e = s.frame == 1;
	m.frame = s.frame == 1 ? "1E" : s.frame == 3 ? "3E" : "4E";
	m.format = s.ascii ? "ascii" : "binary";
	m.pdu_type = s.response ? "response" : "request";
	if (s.frame == 1) {
		m.command = (uint16_t)(num(r, 1) & 0x7f);
		m.has_command = true;
		if (!s.response) {
			num(r, 1);
			m.monitoring_timer = (uint16_t)num(r, 2);
			m.has_timer = true;
		} else {
			m.end_code = (uint16_t)num(r, 1);
			forget_1e(cx, m.command);
		}
	} else {
		if (!s.frame || !take_route(r, &s, &m, &length)) {
			oto_weird(cx, "bad_header", (struct oto_slice){ 0 });
			return;
		}
		if (s.response) {
			m.end_code = (uint16_t)num(r, 2);
		} else {
			m.monitoring_timer = (uint16_t)num(r, 2);
			m.command = (uint16_t)num(r, 2);
			m.subcommand = (uint16_t)num(r, 2);
			m.has_timer = m.has_subcommand = true;
		}
	}
	m.has_end_code = s.response;
	m.end_word = s.response ? slmp_end_word(m.end_code) : NULL;
	if (r->c.bad) {
		c->bad = true;
		return;
	}
	if (s.response)
		response(&p, &s, c);
	else
		request(&p, &s, c);
}

/* What was asked before lost bytes no longer says how long an answer is. */
static void slmp_gap(struct oto_ctx *cx, uint64_t n)
{
	struct slmp_flow *flow = cx->state;

	(void)n;
	flow->count = 0;
}

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing, .note_size = sizeof(struct slmp_note), .scope = OTO_SCOPE_FLOW, .keyed = true
};

static const struct oto_analyzer slmp = {
	.self_size = sizeof slmp,
	.flags = OTO_ANY_PORT,
	.name = "slmp",
	.doc = "MELSEC communication protocol and SLMP, frames 1E, 3E and 4E",
	.keys =
	    "tcp/5000 tcp/5001 tcp/5002 tcp/5003 tcp/5004 tcp/5005 tcp/5006 tcp/5007 tcp/5008 tcp/5009 tcp/5010 tcp/5562 tcp/2000 tcp/1025 "
	    "udp/5000 udp/5001 udp/5002 udp/5003 udp/5004 udp/5005 udp/5006 udp/5007 udp/5008 udp/5009 udp/5010 udp/5562 udp/61451",
	.probe = slmp_probe,
	.pdu_len = slmp_pdu_len,
	.pdu = slmp_pdu,
	.gap = slmp_gap,
	.state_size = sizeof(struct slmp_flow),
	.max_pdu = 20000,
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(slmp);
