/* dnp3_points.c - what objects say: which there are, values and events of points, commands for outputs. */
#include "dnp3.h"

/* ------------------------------------------------------------------------------------------------ one object */

struct element {
	double number;
	int64_t time_ns;
	uint16_t relative;
	uint8_t flags, status, control, count;
	uint32_t on_time, off_time;
	bool has_number, has_time, has_relative, has_flags, has_status;
};

static double signed_of(uint32_t n, uint32_t sign)
{
	return n & sign ? (double)n - 2.0 * sign : n;
}

static double float_of(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof f);
	return (double)f;
}

static double double_of(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof d);
	return d;
}

/* The value that stands in the uppermost bits of the flags, or of a status. */
static void take_state(struct element *e, char kind, uint8_t byte)
{
	e->number = kind == 'd' ? byte >> 6 : byte >> 7;
	if (kind == 'c') {
		e->status = byte & 0x7f;
		e->has_status = true;
	} else {
		e->flags = byte;
		e->has_flags = true;
	}
}

static void take_block(struct element *e, struct oto_cur *c)
{
	e->control = oto_u8(c);
	e->count = oto_u8(c);
	e->on_time = oto_le32(c);
	e->off_time = oto_le32(c);
	e->status = oto_u8(c) & 0x7f;
	e->has_status = true;
}

static void take_element(struct element *e, char kind, struct oto_cur *c)
{
	switch (kind) {
	case 'F':
		e->flags = oto_u8(c);
		e->has_flags = true;
		return;
	case 'S':
		e->status = oto_u8(c) & 0x7f;
		e->has_status = true;
		return;
	case 't':
		e->has_time = dnp3_take_time(c, &e->time_ns);
		return;
	case 'r':
		e->relative = oto_le16(c);
		e->has_relative = true;
		return;
	case 'C':
		take_block(e, c);
		return;
	case 'b':
	case 'c':
	case 'd':
		take_state(e, kind, oto_u8(c));
		break;
	case 'i':
		e->number = signed_of(oto_le32(c), 0x80000000u);
		break;
	case 's':
		e->number = signed_of(oto_le16(c), 0x8000);
		break;
	case 'u':
		e->number = oto_le32(c);
		break;
	case 'w':
		e->number = oto_le16(c);
		break;
	case 'k':
		e->number = oto_u8(c);
		break;
	case 'f':
		e->number = float_of(oto_le32(c));
		break;
	case 'g':
		e->number = double_of(oto_le64(c));
		break;
	default:
		oto_skip(c, kind == 'a' ? 2 : 1);
		return;
	}
	e->has_number = true;
}

static struct element take_object(const struct dnp3_header *h, struct oto_cur c)
{
	struct element e = { 0 };

	for (const char *at = h->type->layout; *at; at++)
		take_element(&e, *at, &c);
	return e;
}

uint8_t dnp3_refused(const struct dnp3_header *h)
{
	struct oto_cur c = h->objects;
	struct dnp3_item item;

	for (uint32_t n = 0; h->type && dnp3_next(&c, h, &n, &item);) {
		struct element e = take_object(h, item.body);
		if (e.has_status && e.status)
			return e.status;
	}
	return 0;
}

/* ------------------------------------------------------------------------------------------------ dnp3.object */

struct dnp3_ends dnp3_ends_of(const struct oto_ctx *cx)
{
	const struct oto_head *h = cx->head;

	return (struct dnp3_ends){ cx->is_orig ? h->orig_h : h->resp_h, cx->is_orig ? h->resp_h : h->orig_h, oto_source_port(cx),
				   oto_dest_port(cx) };
}

/* ICSNPP tells numbers of replies alone: of a range its ends, of a count the count, 65535 for all. */
static void tell_header(struct dnp3_parse *p, const struct dnp3_header *h)
{
	enum { ALL = 6, NO_RANGE = 0xffff };
	const struct dnp3_message *m = &p->m;
	uint64_t stations = (uint64_t)m->source << 48 | (uint64_t)m->destination << 32 | (uint64_t)m->outstation << 16 | m->function;
	uint64_t what = (uint64_t)h->group << 24 | (uint64_t)h->variation << 16 | (uint64_t)h->prefix << 8 | h->range;
	uint64_t key = oto_key_mix(oto_key_mix(oto_ends(p->cx), stations, what), (uint64_t)h->low << 32 | h->count, EV_OBJECT);

	if (oto_again(p->cx, EV_OBJECT, key))
		return;
	struct dnp3_object e = { .ends = dnp3_ends_of(p->cx),
				 .source = m->source,
				 .destination = m->destination,
				 .outstation = m->outstation,
				 .object_type = (uint16_t)(h->type ? h->type->name.value : (uint32_t)h->group << 8 | h->variation),
				 .function_code = m->function,
				 .group = h->group,
				 .variation = h->variation,
				 .prefix_code = h->prefix,
				 .range_code = h->range,
				 .object_count = h->count,
				 .range_low = h->low,
				 .range_high = h->low + h->count - 1,
				 .has_count = h->has_count,
				 .has_range = h->has_range,
				 .told = p->is_response };
	e.told_low = h->has_range ? e.range_low : h->range == ALL ? NO_RANGE : h->count;
	e.told_high = h->has_range ? e.range_high : h->range == ALL ? NO_RANGE : 0;
	oto_emit_as(p->cx, EV_OBJECT, &e, key);
}

/* ------------------------------------------------------------------------------------------------ dnp3.point */

static struct dnp3_point point_of(const struct dnp3_parse *p, const struct dnp3_header *h)
{
	const struct dnp3_message *m = &p->m;
	uint8_t g = h->group;

	return (struct dnp3_point){ .roles = m->roles,
				    .source = m->source,
				    .destination = m->destination,
				    .outstation = m->outstation,
				    .object_type = (uint16_t)h->type->name.value,
				    .function = m->function,
				    .group = g,
				    .variation = h->variation,
				    .point_type = h->type->space,
				    .index = h->low,
				    .count = h->count,
				    .has_index = h->has_range,
				    .is_event = g == 2 || g == 4 || g == 11 || g == 13 || g == 22 || g == 23 || g == 32 || g == 33 ||
						g == 42 || g == 43 || g == 88 || g == 111 || g == 113 || g == 122,
				    .is_command = g == GROUP_COMMAND || g == GROUP_ANALOG_COMMAND,
				    .request = !p->is_response };
}

static void set_time(const struct dnp3_parse *p, struct dnp3_point *e, const struct element *x)
{
	enum { NS_OF_MS = 1000000 };

	e->has_time = x->has_time || (x->has_relative && p->has_cto);
	e->time.ns = x->has_time ? x->time_ns : p->cto_ns + (int64_t)x->relative * NS_OF_MS;
}

/* Two bits a point. */
static void tell_pairs(struct dnp3_parse *p, const struct dnp3_header *h)
{
	struct dnp3_point e = point_of(p, h);
	struct oto_cur c = h->objects;
	uint8_t *values = oto_scratch(p->cx, h->count), byte = 0;

	for (uint32_t n = 0; values && n < h->count; n++, byte >>= 2) {
		if (n % 4 == 0)
			byte = oto_u8(&c);
		values[n] = byte & 3;
	}
	e.values = (struct oto_vec){ values, h->count, OTO_VEC_U8 };
	e.has_values = values != NULL;
	oto_emit(p->cx, EV_POINT, &e);
}

/* Points one behind the other in one event: their numbers, and flags where they have some. */
static void tell_run(struct dnp3_parse *p, const struct dnp3_header *h)
{
	struct dnp3_point e = point_of(p, h);
	struct oto_cur c = h->objects;
	struct dnp3_item item;
	double *values = oto_scratch(p->cx, h->count * sizeof *values);
	uint8_t *flags = values ? oto_scratch(p->cx, h->count) : NULL;
	bool has_flags = false;

	for (uint32_t n = 0, i = 0; flags && dnp3_next(&c, h, &n, &item); i++) {
		struct element x = take_object(h, item.body);
		values[i] = x.number;
		flags[i] = x.flags;
		has_flags = x.has_flags;
	}
	if (!flags)
		return;
	e.values = (struct oto_vec){ (const uint8_t *)values, h->count, OTO_VEC_F64LE };
	e.flags = (struct oto_vec){ flags, h->count, OTO_VEC_U8 };
	e.has_values = true;
	e.has_flags = has_flags;
	oto_emit(p->cx, EV_POINT, &e);
}

/* Events, commands, times and texts: an event for each. */
static void tell_each(struct dnp3_parse *p, const struct dnp3_header *h)
{
	bool is_bytes = *h->type->layout == '*' || *h->type->layout == 'n';
	struct dnp3_point e = point_of(p, h);
	struct oto_cur c = h->objects;
	struct dnp3_item item;

	e.count = 1;
	for (uint32_t n = 0; dnp3_next(&c, h, &n, &item);) {
		struct element x = is_bytes ? (struct element){ 0 } : take_object(h, item.body);
		double *number = x.has_number ? oto_scratch(p->cx, sizeof *number) : NULL;
		uint8_t *flags = x.has_flags ? oto_scratch(p->cx, 1) : NULL;
		if (number)
			*number = x.number;
		if (flags)
			*flags = x.flags;
		e.index = item.index;
		e.has_index = item.has_index;
		e.values = (struct oto_vec){ (const uint8_t *)number, 1, OTO_VEC_F64LE };
		e.flags = (struct oto_vec){ flags, 1, OTO_VEC_U8 };
		e.has_values = number != NULL;
		e.has_flags = flags != NULL;
		set_time(p, &e, &x);
		e.data = oto_rest(&item.body);
		e.has_data = is_bytes;
		oto_emit(p->cx, EV_POINT, &e);
	}
}

static void tell_points(struct dnp3_parse *p, const struct dnp3_header *h)
{
	const char *layout = h->type->layout;

	if (*layout == 'B') {
		struct dnp3_point e = point_of(p, h);
		e.values = (struct oto_vec){ h->objects.at, h->count, OTO_VEC_BITS };
		e.has_values = true;
		oto_emit(p->cx, EV_POINT, &e);
	} else if (*layout == 'D') {
		tell_pairs(p, h);
	} else if (h->has_range && !h->prefix && !strpbrk(layout, "*nt1")) {
		tell_run(p, h);
	} else {
		tell_each(p, h);
	}
}

/* ------------------------------------------------------------------------------------------------ dnp3.control */

static void tell_controls(struct dnp3_parse *p, const struct dnp3_header *h)
{
	enum { TYPE = 0x0f, CLEAR = 0x20, PATTERN = 2 };
	bool is_block = h->group == GROUP_COMMAND;
	struct oto_cur c = h->objects;
	struct dnp3_item item;

	for (uint32_t n = 0; dnp3_next(&c, h, &n, &item);) {
		struct element x = take_object(h, item.body);
		struct dnp3_control e = { .ends = dnp3_ends_of(p->cx),
					  .source = p->m.source,
					  .destination = p->m.destination,
					  .outstation = p->m.outstation,
					  .block_type = !is_block                 ? "Analog Output Block"
							: h->variation == PATTERN ? "Pattern Control Block"
										  : "Control Relay Output Block",
					  .function_code = p->m.function,
					  .trip_control_code = x.control >> 6,
					  .operation_type = x.control & TYPE,
					  .clear_bit = x.control & CLEAR,
					  .execute_count = x.count,
					  .on_time = x.on_time,
					  .off_time = x.off_time,
					  .status_code = x.status,
					  .index_number = item.index,
					  .value = x.number,
					  .has_index = item.has_index,
					  .is_block = is_block,
					  .has_value = x.has_number,
					  .has_status = p->is_response,
					  .request = !p->is_response };
		oto_emit(p->cx, EV_CONTROL, &e);
	}
}

void dnp3_tell_objects(struct dnp3_parse *p, const struct dnp3_header *h)
{
	if (oto_wanted(p->cx, EV_OBJECT))
		tell_header(p, h);
	if (!h->has_data || !h->type || !h->count)
		return;
	if (h->group == GROUP_CTO) {
		struct dnp3_item item;
		struct oto_cur c = h->objects;
		uint32_t n = 0;
		p->has_cto = dnp3_next(&c, h, &n, &item) && dnp3_take_time(&item.body, &p->cto_ns);
	}
	if (*h->type->layout == 'C' || h->group == GROUP_ANALOG_COMMAND)
		tell_controls(p, h);
	if (h->group == GROUP_FILE || h->group == GROUP_AUTHENTICATION || h->group == GROUP_ATTRIBUTE)
		dnp3_tell_records(p, h);
	else if (*h->type->layout && *h->type->layout != 'C' && oto_wanted(p->cx, EV_POINT))
		tell_points(p, h);
}
