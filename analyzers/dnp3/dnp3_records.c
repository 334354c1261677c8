/* dnp3_records.c - objects that are records of their own: files (g70), secure authentication (g120), device attributes (g0). */
#include "dnp3.h"

enum { NUMBER = 24 }; /* digits, and words before them */

/* ------------------------------------------------------------------------------------------------ files (A.25) */

/* The name stands at an offset from the begin of the object. */
static struct oto_slice name_at(struct oto_cur *c, uint16_t offset, uint16_t length)
{
	struct oto_cur there = oto_seek(c, offset);
	struct oto_slice name = oto_take(&there, length);

	c->bad |= there.bad && length;
	return name;
}

static void take_status(struct oto_cur *c, struct dnp3_file *f)
{
	f->status = oto_u8(c);
	f->has_status = !c->bad;
	f->text = oto_rest(c);
}

static void take_command(struct oto_cur *c, struct dnp3_file *f)
{
	uint16_t offset = oto_le16(c), length = oto_le16(c);

	f->has_created = dnp3_take_time(c, &f->created.ns);
	f->permissions = oto_le16(c);
	oto_skip(c, 4); /* the key of an authentication */
	f->size = oto_le32(c);
	f->mode = oto_le16(c);
	f->max_block_size = oto_le16(c);
	f->request_id = oto_le16(c);
	f->file_name = name_at(c, offset, length);
	f->has_permissions = f->has_size = f->has_mode = f->has_max = f->has_id = true;
}

static void take_descriptor(struct oto_cur *c, struct dnp3_file *f)
{
	uint16_t offset = oto_le16(c), length = oto_le16(c);

	f->file_type = oto_le16(c);
	f->size = oto_le32(c);
	f->has_created = dnp3_take_time(c, &f->created.ns);
	f->permissions = oto_le16(c);
	f->request_id = oto_le16(c);
	f->file_name = name_at(c, offset, length);
	f->has_type = f->has_size = f->has_permissions = f->has_id = true;
}

/* Of name and password only that there is one. */
static void take_user(struct oto_cur *c, struct dnp3_file *f)
{
	oto_skip(c, 2 + 2 + 2);
	f->password = oto_le16(c) != 0;
}

static void take_block(struct oto_cur *c, struct dnp3_file *f)
{
	enum { LAST = 0x80000000u };

	f->handle = oto_le32(c);
	f->block = oto_le32(c);
	f->last = f->block & LAST;
	f->block &= ~LAST;
	f->has_handle = f->has_block = true;
}

bool dnp3_take_file(const struct dnp3_parse *p, uint8_t variation, struct oto_cur c, struct dnp3_file *f, struct oto_slice *data)
{
	const struct dnp3_message *m = &p->m;

	*f = (struct dnp3_file){ .source = m->source,
				 .destination = m->destination,
				 .outstation = m->outstation,
				 .object_type = (uint16_t)(GROUP_FILE << 8 | variation),
				 .function = m->function };
	*data = (struct oto_slice){ 0 };
	switch (variation) {
	case FILE_AUTHENTICATION:
		take_user(&c, f);
		break;
	case FILE_COMMAND:
		take_command(&c, f);
		break;
	case FILE_COMMAND_STATUS:
		f->handle = oto_le32(&c);
		f->size = oto_le32(&c);
		f->max_block_size = oto_le16(&c);
		f->request_id = oto_le16(&c);
		f->has_handle = f->has_size = f->has_max = f->has_id = true;
		take_status(&c, f);
		break;
	case FILE_TRANSPORT:
		take_block(&c, f);
		*data = oto_rest(&c);
		break;
	case FILE_TRANSPORT_STATUS:
		take_block(&c, f);
		take_status(&c, f);
		break;
	case FILE_DESCRIPTOR:
		take_descriptor(&c, f);
		break;
	case FILE_SPECIFICATION:
		f->file_name = oto_rest(&c);
		break;
	default:
		break;
	}
	return !c.bad;
}

/* ------------------------------------------------------------------------------------------------ secure authentication (A.45) */

static void take_sequence(struct oto_cur *c, struct dnp3_authentication *a)
{
	a->sequence = oto_le32(c);
	a->user = oto_le16(c);
	a->has_sequence = a->has_user = true;
}

static void take_error(struct oto_cur *c, struct dnp3_authentication *a)
{
	take_sequence(c, a);
	a->association = oto_le16(c);
	a->error_code = oto_u8(c);
	oto_skip(c, 6); /* when */
	a->text = oto_rest(c);
	a->has_error = true;
}

static void take_user_change(struct oto_cur *c, struct dnp3_authentication *a)
{
	a->key_change = oto_u8(c);
	a->operation = oto_u8(c);
	a->sequence = oto_le32(c);
	oto_skip(c, 2 + 2); /* role, and for how long */
	uint16_t length = oto_le16(c);
	oto_skip(c, 2 + 2); /* lengths of keys and certificates behind the name */
	a->text = oto_take(c, length);
	a->has_change = a->has_operation = a->has_sequence = true;
}

bool dnp3_take_authentication(const struct dnp3_parse *p, uint8_t variation, struct oto_cur c, struct dnp3_authentication *a)
{
	const struct dnp3_message *m = &p->m;

	*a = (struct dnp3_authentication){ .roles = m->roles,
					   .source = m->source,
					   .destination = m->destination,
					   .outstation = m->outstation,
					   .function = m->function,
					   .message = variation };
	switch (variation) {
	case AUTH_CHALLENGE:
		take_sequence(&c, a);
		a->mac_algorithm = oto_u8(&c);
		a->reason = oto_u8(&c);
		a->has_mac = a->has_reason = true;
		break;
	case AUTH_KEY_STATUS_REQUEST:
		a->user = oto_le16(&c);
		a->has_user = true;
		break;
	case AUTH_KEY_STATUS:
		take_sequence(&c, a);
		a->key_wrap = oto_u8(&c);
		a->key_status = oto_u8(&c);
		a->mac_algorithm = oto_u8(&c);
		a->has_wrap = a->has_status = a->has_mac = true;
		break;
	case AUTH_ERROR:
		take_error(&c, a);
		break;
	case AUTH_CERTIFICATE:
		a->key_change = oto_u8(&c);
		a->has_change = true;
		break;
	case AUTH_USER_STATUS:
		take_user_change(&c, a);
		break;
	case AUTH_UPDATE_REQUEST:
		a->key_change = oto_u8(&c);
		uint16_t length = oto_le16(&c);
		oto_skip(&c, 2);
		a->text = oto_take(&c, length);
		a->has_change = true;
		break;
	case AUTH_REPLY:
	case AUTH_AGGRESSIVE:
	case AUTH_KEY_CHANGE:
	case AUTH_UPDATE_REPLY:
	case AUTH_UPDATE_CHANGE:
		take_sequence(&c, a);
		break;
	default:
		break;
	}
	return !c.bad;
}

/* ------------------------------------------------------------------------------------------------ device attributes (A.1) */

static struct oto_slice text_of(struct oto_ctx *cx, uint8_t kind, struct oto_cur c)
{
	enum { TEXT = 1, UNSIGNED, SIGNED, FLOAT, OCTETS, BITS, TIME };
	uint32_t n = oto_left(&c);
	uint64_t bits = 0;

	if (kind == TEXT || kind == OCTETS || kind == BITS || kind > TIME || n > 8)
		return oto_rest(&c);
	for (uint32_t i = 0; i < n; i++)
		bits |= (uint64_t)oto_u8(&c) << (8 * i);
	if (kind == SIGNED && n && n < 8 && bits >> (8 * n - 1))
		bits |= UINT64_MAX << (8 * n);
	if (kind == SIGNED)
		return say_text(cx, NUMBER, "%lld", (long long)bits);
	if (kind != FLOAT)
		return say_text(cx, NUMBER, "%llu", (unsigned long long)bits);
	float single;
	double whole;
	uint32_t low = (uint32_t)bits;
	memcpy(&single, &low, sizeof single);
	memcpy(&whole, &bits, sizeof whole);
	return say_text(cx, NUMBER, "%.9g", n == 4 ? (double)single : whole);
}

/* Set 0 is that of the standard; a maker's own sets mean what he wants. Of several stations behind an address each has its own. */
static void tell_attribute(struct dnp3_parse *p, uint8_t variation, uint32_t set, struct oto_cur c)
{
	const struct dnp3_message *m = &p->m;
	struct dnp3_attribute e = { .source = m->source,
				    .destination = m->destination,
				    .outstation = m->outstation,
				    .function = m->function,
				    .attribute = variation,
				    .set = set,
				    .data_type = oto_u8(&c) };

	oto_skip(&c, 1);
	e.value = text_of(p->cx, e.data_type, c);
	oto_emit(p->cx, EV_ATTRIBUTE, &e);
	const char *key = p->is_response && !set ? dnp3_attribute_fact(variation) : NULL;
	if (!key)
		return;
	bool other = p->flow->has_outstation && p->flow->first_outstation != m->outstation;
	oto_fact(p->cx,
		 &(struct oto_fact){ .self_size = sizeof(struct oto_fact),
				     .key = key,
				     .value = say_trim(e.value),
				     .confidence = SAY_SURE,
				     .sub = other ? say_text(p->cx, NUMBER, "outstation %u", m->outstation) : (struct oto_slice){ 0 } });
}

void dnp3_tell_records(struct dnp3_parse *p, const struct dnp3_header *h)
{
	struct oto_cur c = h->objects;
	struct dnp3_item item;

	for (uint32_t n = 0; dnp3_next(&c, h, &n, &item);) {
		if (h->group == GROUP_FILE) {
			struct dnp3_file f;
			struct oto_slice data;
			dnp3_take_file(p, h->variation, item.body, &f, &data);
			oto_emit(p->cx, EV_FILE, &f);
		} else if (h->group == GROUP_AUTHENTICATION) {
			struct dnp3_authentication a;
			dnp3_take_authentication(p, h->variation, item.body, &a);
			oto_emit(p->cx, EV_AUTHENTICATION, &a);
		} else {
			tell_attribute(p, h->variation, item.index, item.body);
		}
	}
}
