/* cip_attributes.c - objects that are a set of attributes: what of them tells who a device is, and what setting them does.
 *
 * Volume 1, chapter 5 (Identity 5-2, Parameter 5-14 ...), volume 2, chapter 5 (TCP/IP Interface, Ethernet Link, DLR, QoS),
 * volume 5 (safety), volume 8 (security); 0x64 is Rockwell's. An attribute is read the same in Get_Attribute_Single, _List and
 * _All; a table says how wide it is and what it is worth.
 */
#include "cip_objects.h"

enum form {
	STOP = 0, /* of unknown width: nothing behind it can be read */
	BYTES,    /* `width` bytes that nobody wants */
	VENDOR,
	DEVICE_TYPE,
	NUMBER, /* decimal, `width` bytes */
	HEX,    /* hexadecimal, `width` bytes */
	REVISION,
	SHORT_TEXT, /* a byte of length */
	TEXT,       /* two bytes of length */
	PADDED_TEXT,
	MAC,
	PATH,      /* its length in words, two bytes */
	ADDRESSES, /* interface configuration: IP, mask, gateway, two name servers, domain */
};

struct attribute {
	uint8_t number, form, width, confidence;
	const char *fact;
};
struct attributes {
	const struct attribute *row;
	uint32_t count;
	bool in_order; /* Get_Attributes_All gives the rows in this order */
};
#define ATTRIBUTES(rows, ordered)                                                                                                          \
	{                                                                                                                                  \
		(rows), sizeof(rows) / sizeof *(rows), ordered                                                                             \
	}

/* ------------------------------------------------------------------------------------------------ text of values */

enum { TEXT_MAX = 24 };

struct text {
	uint8_t *at;
	uint32_t len;
};

static void put(struct text *t, char c)
{
	if (t->at && t->len < TEXT_MAX)
		t->at[t->len++] = (uint8_t)c;
}

static void put_decimal(struct text *t, uint64_t n)
{
	char reversed[20];
	uint32_t len = 0;

	do
		reversed[len++] = (char)('0' + n % 10);
	while (n /= 10);
	while (len)
		put(t, reversed[--len]);
}

static void put_hex(struct text *t, uint64_t n, uint32_t digits)
{
	for (uint32_t i = digits; i; i--)
		put(t, "0123456789abcdef"[n >> 4 * (i - 1) & 15]);
}

static uint64_t take_number(struct oto_cur *c, uint8_t width)
{
	return width == 1 ? oto_u8(c) : width == 2 ? oto_le16(c) : width == 4 ? oto_le32(c) : oto_le64(c);
}

static struct text new_text(struct cip_talk *t)
{
	return (struct text){ oto_scratch(t->cx, TEXT_MAX), 0 };
}

static struct oto_slice slice_of(struct text text)
{
	return (struct oto_slice){ text.at, text.len };
}

/* An address in the order of a number: the first byte of 10.0.0.1 is its last on the wire. */
static struct oto_slice address_text(struct cip_talk *t, uint32_t address)
{
	struct text text = new_text(t);

	for (int shift = 24; shift >= 0; shift -= 8) {
		put_decimal(&text, address >> shift & 0xff);
		if (shift)
			put(&text, '.');
	}
	return slice_of(text);
}

static struct oto_slice trimmed(struct oto_slice s)
{
	while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == 0))
		s.len--;
	return s;
}

/* ------------------------------------------------------------------------------------------------ one attribute */

static void number_fact(struct cip_talk *t, const struct attribute *a, uint64_t n)
{
	struct text text = new_text(t);

	if (a->form == HEX) {
		put(&text, '0');
		put(&text, 'x');
		put_hex(&text, n, 2u * a->width);
	} else {
		put_decimal(&text, n);
	}
	cip_fact(t, a->fact, slice_of(text), a->confidence);
}

/* A number without a word is told as it is. */
static void word_fact(struct cip_talk *t, const struct attribute *a, const struct oto_names *names, uint16_t n)
{
	const char *word = cip_word(names, n);

	if (word)
		cip_fact(t, a->fact, oto_slice_of(word), a->confidence);
	else
		number_fact(t, a, n);
}

static void revision_fact(struct cip_talk *t, const struct attribute *a, uint8_t major, uint8_t minor)
{
	struct text text = new_text(t);

	put_decimal(&text, major);
	put(&text, '.');
	put_decimal(&text, minor);
	cip_fact(t, a->fact, slice_of(text), a->confidence);
}

static void mac_fact(struct cip_talk *t, const struct attribute *a, struct oto_mac mac)
{
	struct text text = new_text(t);

	for (uint32_t i = 0; i < sizeof mac.byte; i++) {
		if (i)
			put(&text, ':');
		put_hex(&text, mac.byte[i], 2);
	}
	cip_fact(t, a->fact, slice_of(text), a->confidence);
}

static struct oto_slice take_padded_text(struct oto_cur *c)
{
	uint16_t len = oto_le16(c);
	struct oto_slice s = oto_take(c, len);

	if (len % 2 && oto_left(c))
		oto_skip(c, 1);
	return s;
}

static void take_addresses(struct cip_talk *t, struct oto_cur *c, uint8_t confidence)
{
	static const char *const facts[] = { "ip", "netmask", "gateway", "dns", "dns" };

	for (uint32_t i = 0; i < sizeof facts / sizeof *facts; i++) {
		uint32_t address = oto_le32(c);
		if (address && !c->bad)
			cip_fact(t, facts[i], address_text(t, address), confidence);
	}
	cip_fact(t, "domain", trimmed(take_padded_text(c)), confidence);
}

static void text_fact(struct cip_talk *t, const struct attribute *a, struct oto_slice s)
{
	s = trimmed(s);
	cip_show_name(t, s);
	if (a->fact)
		cip_fact(t, a->fact, s, a->confidence);
}

/* Reads one attribute; false when its width is not known. Class attributes (instance 0) are other ones: they have no row. */
static bool take_attribute(struct cip_talk *t, struct oto_cur *c, const struct attribute *a)
{
	uint8_t major;
	struct oto_cur before = *c;

	switch (a->form) {
	case STOP:
		return false;
	case BYTES:
		oto_skip(c, a->width);
		return true;
	case PATH:
		oto_skip(c, 2u * oto_le16(c));
		return true;
	case MAC:
	case ADDRESSES:
	case VENDOR:
	case DEVICE_TYPE:
	case NUMBER:
	case HEX:
		oto_skip(c, a->form == MAC ? 6 : a->form == ADDRESSES ? 20 : a->width);
		break;
	default:
		break;
	}
	if (c->bad)
		return false;
	*c = before;
	switch (a->form) {
	case VENDOR:
		word_fact(t, a, &cip_vendors, oto_le16(c));
		break;
	case DEVICE_TYPE:
		word_fact(t, a, &cip_device_types, oto_le16(c));
		break;
	case NUMBER:
	case HEX:
		number_fact(t, a, take_number(c, a->width));
		break;
	case REVISION:
		major = oto_u8(c);
		revision_fact(t, a, major, oto_u8(c));
		break;
	case SHORT_TEXT:
		text_fact(t, a, oto_take(c, oto_u8(c)));
		break;
	case TEXT:
		text_fact(t, a, oto_take(c, oto_le16(c)));
		break;
	case PADDED_TEXT:
		text_fact(t, a, take_padded_text(c));
		break;
	case MAC:
		mac_fact(t, a, oto_take_mac(c));
		break;
	case ADDRESSES:
		take_addresses(t, c, a->confidence);
		break;
	default:
		break;
	}
	return !c->bad;
}

/* ------------------------------------------------------------------------------------------------ the three ways to ask */

static const struct attribute *row_of(const struct attributes *all, uint32_t number)
{
	for (uint32_t i = 0; i < all->count; i++) {
		if (all->row[i].number == number)
			return &all->row[i];
	}
	return NULL;
}

static void take_list(struct cip_talk *t, struct oto_cur *c, const struct attributes *all)
{
	for (uint16_t n = oto_le16(c); n && !c->bad; n--) {
		uint16_t number = oto_le16(c), status = oto_le16(c);
		const struct attribute *a = row_of(all, number);
		if (!status && (!a || !take_attribute(t, c, a)))
			return;
	}
}

static void take_all(struct cip_talk *t, struct oto_cur *c, const struct attributes *all)
{
	for (uint32_t i = 0; all->in_order && i < all->count && oto_left(c); i++) {
		if (!take_attribute(t, c, &all->row[i]))
			return;
	}
}

static void take_single(struct cip_talk *t, struct oto_cur *c, const struct attributes *all)
{
	const struct attribute *a = row_of(all, t->path.attribute_id);

	if (a && t->path.has_attribute)
		take_attribute(t, c, a);
}

/* Instance 0 is the class itself, whose attributes are others. The data stays unread: it is shown as it came. */
static void take_response(struct cip_talk *t, const struct attributes *all)
{
	struct oto_cur c = t->data;

	if (t->status || !t->asked || !t->path.instance_id || !oto_left(&c))
		return;
	if (t->service == CIP_GET_ATTRIBUTES_ALL)
		take_all(t, &c, all);
	else if (t->service == CIP_GET_ATTRIBUTE_LIST)
		take_list(t, &c, all);
	else if (t->service == CIP_GET_ATTRIBUTE_SINGLE)
		take_single(t, &c, all);
}

/* ------------------------------------------------------------------------------------------------ what the objects hold */

static const struct attribute identity_rows[] = {
	{ 1, VENDOR, 2, 100, "vendor" },
	{ 2, DEVICE_TYPE, 2, 100, "device_type" },
	{ 3, NUMBER, 2, 100, "product_code" },
	{ 4, REVISION, 0, 100, "firmware" },
	{ 5, BYTES, 2, 0, NULL }, /* status */
	{ 6, HEX, 4, 100, "serial" },
	{ 7, SHORT_TEXT, 0, 100, "model" },
	{ 8, BYTES, 1, 0, NULL }, /* state */
};
static const struct attributes identity_attributes = ATTRIBUTES(identity_rows, true);

static const struct attribute tcp_ip_rows[] = {
	{ 1, BYTES, 4, 0, NULL },  { 2, BYTES, 4, 0, NULL },       { 3, BYTES, 4, 0, NULL },
	{ 4, PATH, 0, 0, NULL },   { 5, ADDRESSES, 0, 100, NULL }, { 6, PADDED_TEXT, 0, 100, "hostname" },
	{ 7, BYTES, 6, 0, NULL },  { 8, BYTES, 1, 0, NULL },       { 9, BYTES, 8, 0, NULL },
	{ 10, BYTES, 1, 0, NULL }, { 11, BYTES, 35, 0, NULL },     { 12, BYTES, 1, 0, NULL },
	{ 13, BYTES, 2, 0, NULL },
};
static const struct attributes tcp_ip_attributes = ATTRIBUTES(tcp_ip_rows, true);

static const struct attribute ethernet_rows[] = {
	{ 1, NUMBER, 4, 80, "link_speed" }, /* Mbit/s */
	{ 2, BYTES, 4, 0, NULL },
	{ 3, MAC, 6, 100, "mac" },
};
static const struct attributes ethernet_attributes = ATTRIBUTES(ethernet_rows, true);

static const struct attribute port_rows[] = {
	{ 1, BYTES, 2, 0, NULL },
	{ 2, BYTES, 2, 0, NULL },
	{ 3, PATH, 0, 0, NULL },
	{ 4, SHORT_TEXT, 0, 0, NULL },
};
static const struct attributes port_attributes = ATTRIBUTES(port_rows, true);

static const struct attribute parameter_rows[] = {
	{ 7, SHORT_TEXT, 0, 0, NULL },
};
static const struct attributes parameter_attributes = ATTRIBUTES(parameter_rows, false);

static const struct attribute program_name_rows[] = {
	{ 1, TEXT, 0, 100, "program" },
};
static const struct attributes program_name_attributes = ATTRIBUTES(program_name_rows, true);

/* Facts are about the device: only its first Identity speaks for it. */
static void identity_response(struct cip_talk *t)
{
	if (t->path.instance_id == 1)
		take_response(t, &identity_attributes);
}

static void tcp_ip_response(struct cip_talk *t)
{
	take_response(t, &tcp_ip_attributes);
}

static void ethernet_response(struct cip_talk *t)
{
	take_response(t, &ethernet_attributes);
}

static void port_response(struct cip_talk *t)
{
	take_response(t, &port_attributes);
}

static void parameter_response(struct cip_talk *t)
{
	take_response(t, &parameter_attributes);
}

static void program_name_response(struct cip_talk *t)
{
	take_response(t, &program_name_attributes);
	cip_program_named(t);
}

/* A download gives the controller the name of its new program: attribute 1, before others. */
static void program_name_request(struct cip_talk *t)
{
	struct oto_cur c = t->data;

	if (t->service != CIP_SET_ATTRIBUTE_LIST)
		return;
	if (oto_le16(&c) && oto_le16(&c) == 1)
		cip_show_name(t, oto_take(&c, oto_le16(&c)));
	cip_program_named(t);
	cip_program_part(t);
}

/* ------------------------------------------------------------------------------------------------ what setting them does */

/* Of configuration: a device behaves otherwise from then on, or after its restart. */
#define SETS(op, what)                                                                                                                     \
	{ CIP_SET_ATTRIBUTES_ALL, "Set Attributes All", op, what }, { CIP_SET_ATTRIBUTE_LIST, "Set Attribute List", op, what },            \
	{                                                                                                                                  \
		CIP_SET_ATTRIBUTE_SINGLE, "Set Attributes Single", op, what                                                                \
	}

static const struct oto_name configure_rows[] = {
	SETS(OTO_OP_CONFIGURE, "the device's configuration"),
};
static const struct oto_names configure_services = OTO_NAMES(configure_rows);

static const struct oto_name program_name_services_rows[] = {
	SETS(OTO_OP_PROGRAM_WRITE, "the name of the program"),
};
static const struct oto_names program_name_services = OTO_NAMES(program_name_services_rows);

static const struct oto_name identity_services_rows[] = {
	SETS(OTO_OP_CONFIGURE, "the device's configuration"),
	{ 0x4b, "Flash LEDs", OTO_OP_OTHER, "the device shows where it is" },
};
static const struct oto_names identity_services = OTO_NAMES(identity_services_rows);

static const struct oto_name connection_rows[] = {
	SETS(OTO_OP_CONFIGURE, "a connection's parameters"),
	{ 0x4b, "Connection Bind", OTO_OP_CONFIGURE, "two connections belong together" },
	{ 0x4c, "Producing Application Lookup", OTO_OP_DISCOVER, "which connections produce" },
	{ 0x4e, "Safety Close", OTO_OP_CONFIGURE, "a safety connection ends" },
	{ 0x54, "Safety Open", OTO_OP_CONFIGURE, "a safety connection begins" },
};
static const struct oto_names connection_services = OTO_NAMES(connection_rows);

static const struct oto_name parameter_rows_of[] = {
	SETS(OTO_OP_CONFIGURE, "a parameter"),
	{ 0x4b, "Get Enum String", OTO_OP_READ, "the word for a parameter's value" },
};
static const struct oto_names parameter_services = OTO_NAMES(parameter_rows_of);

static const struct oto_name supervisor_rows[] = {
	SETS(OTO_OP_CONFIGURE, "the safety configuration"),
	{ CIP_RESET, "Reset", OTO_OP_RESET, "the safety device restarts" },
	{ 0x4b, "Safety Reset", OTO_OP_RESET, "the safety device restarts, or loses ownership and configuration" },
	{ 0x4c, "Recover", OTO_OP_START, "leaves a state of failure" },
	{ 0x4d, "Perform Diagnostics", OTO_OP_DIAGNOSE, "tests itself" },
	{ 0x4e, "Configure Request", OTO_OP_CONFIGURE, "configuration begins; the safety device stops" },
	{ 0x4f, "Validate Configuration", OTO_OP_CONFIGURE, "the configuration is checked" },
	{ 0x50, "Set Password", OTO_OP_CONFIGURE, "the password of the configuration" },
	{ 0x51, "Configuration Lock/Unlock", OTO_OP_CONFIGURE, "the configuration is locked or not" },
	{ 0x52, "Mode Change", OTO_OP_MODE, "the safety device becomes idle or executes" },
	{ 0x54, "Apply", OTO_OP_CONFIGURE, "the configuration comes into force" },
	{ 0x55, "Safety Reset Password", OTO_OP_CONFIGURE, "the password of the configuration is forgotten" },
	{ 0x56, "Propose TUNID", OTO_OP_CONFIGURE, "the device's safety address" },
	{ 0x57, "Apply TUNID", OTO_OP_CONFIGURE, "the device's safety address comes into force" },
};
static const struct oto_names supervisor_services = OTO_NAMES(supervisor_rows);

static const struct oto_name validator_rows[] = {
	SETS(OTO_OP_CONFIGURE, "the safety configuration"),
	{ 0x4b, "Reset Errors", OTO_OP_CLEAR, "the counters of errors" },
};
static const struct oto_names validator_services = OTO_NAMES(validator_rows);

static const struct oto_name ring_rows[] = {
	SETS(OTO_OP_CONFIGURE, "the ring"),
	{ 0x4b, "Verify Fault Location", OTO_OP_DIAGNOSE, "where the ring is broken" },
	{ 0x4c, "Clear Rapid Faults", OTO_OP_CLEAR, "the ring is used again after many faults" },
	{ 0x4d, "Restart Sign On", OTO_OP_DISCOVER, "who is in the ring" },
	{ 0x4e, "Clear Gateway Partial Fault", OTO_OP_CLEAR, "a redundant gateway is used again" },
};
static const struct oto_names ring_services = OTO_NAMES(ring_rows);

static const struct oto_name ethernet_services_rows[] = {
	SETS(OTO_OP_CONFIGURE, "the Ethernet port"),
	{ 0x4c, "Get and Clear", OTO_OP_READ, "reads counters and sets them to zero" },
};
static const struct oto_names ethernet_services = OTO_NAMES(ethernet_services_rows);

static const struct oto_name security_rows[] = {
	SETS(OTO_OP_CONFIGURE, "security"),
	{ CIP_RESET, "Reset", OTO_OP_RESET, "security goes back to what it was when the device left the factory" },
	{ 0x4b, "Begin Configuration", OTO_OP_CONFIGURE, "security is being configured" },
	{ 0x4c, "Kick Timer", OTO_OP_NONE, "keeps the configuration session alive" },
	{ 0x4d, "End Configuration", OTO_OP_CONFIGURE, "security is configured" },
	{ 0x4e, "Object Cleanup", OTO_OP_CONFIGURE, "certificates that nobody uses go" },
};
static const struct oto_names security_services = OTO_NAMES(security_rows);

static const struct oto_name certificate_rows[] = {
	SETS(OTO_OP_CONFIGURE, "certificates"),
	{ CIP_CREATE, "Create", OTO_OP_CONFIGURE, "a certificate comes to be" },
	{ CIP_DELETE, "Delete", OTO_OP_CONFIGURE, "a certificate goes" },
	{ 0x4b, "Create CSR", OTO_OP_CONFIGURE, "asks for a certificate to be signed" },
	{ 0x4c, "Verify Certificate", OTO_OP_CONFIGURE, "a certificate is checked and used" },
};
static const struct oto_names certificate_services = OTO_NAMES(certificate_rows);

/* Passwords stand in these requests: nothing of them is shown. */
static void hide_request(struct cip_talk *t)
{
	if (t->op != OTO_OP_READ)
		(void)oto_rest(&t->data);
}

const struct cip_object cip_identity = { .class_id = 0x01, .services = &identity_services, .response = identity_response };
const struct cip_object cip_assembly = { .class_id = 0x04 };
const struct cip_object cip_connection_object = { .class_id = 0x05, .services = &connection_services };
const struct cip_object cip_parameter = { .class_id = 0x0f, .services = &parameter_services, .response = parameter_response };
const struct cip_object cip_safety_supervisor = { .class_id = 0x39, .services = &supervisor_services, .request = hide_request };
const struct cip_object cip_safety_validator = { .class_id = 0x3a, .services = &validator_services };
const struct cip_object cip_ring = { .class_id = 0x47, .services = &ring_services };
const struct cip_object cip_qos = { .class_id = 0x48, .services = &configure_services };
const struct cip_object cip_security = { .class_id = 0x5d, .services = &security_services };
const struct cip_object cip_ethernet_security = { .class_id = 0x5e, .services = &security_services };
const struct cip_object cip_certificate = { .class_id = 0x5f, .services = &certificate_services };
const struct cip_object cip_password = { .class_id = 0x61, .services = &security_services, .request = hide_request };
const struct cip_object cip_program_name = { .class_id = 0x64,
					     .name = "Program Name",
					     .services = &program_name_services,
					     .request = program_name_request,
					     .response = program_name_response };
const struct cip_object cip_port = { .class_id = 0xf4, .services = &configure_services, .response = port_response };
const struct cip_object cip_tcp_ip = { .class_id = 0xf5, .services = &configure_services, .response = tcp_ip_response };
const struct cip_object cip_ethernet_link = { .class_id = 0xf6, .services = &ethernet_services, .response = ethernet_response };
