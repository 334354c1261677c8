/* s7comm_plus_values.c - reads values and objects. Knows their form on the wire, and nothing of what they mean.
 *
 * Nothing recurses but structs within structs, and those as deep as S7P_DEPTH_MAX. Every element takes at least a byte, so the
 * length of the message bounds the work.
 */
#include "s7comm_plus_values.h"
#include "s7comm_plus_tables.h"

enum { START_OBJECT = 0xa1, END_OBJECT, ATTRIBUTE, RELATION, START_TAG = 0xa7, END_TAG, TYPE_LIST = 0xab, NAME_LIST };

/* A ninth byte has all of its eight bits. */
uint64_t s7p_long_vlq(struct oto_cur *c)
{
	uint64_t value = 0;
	for (int i = 0; i < 8; i++) {
		uint8_t byte = oto_u8(c);
		value = value << 7 | (byte & 0x7f);
		if (!(byte & 0x80))
			return value;
	}
	return value << 8 | oto_u8(c);
}

/* Signed: the first byte's second bit is the sign. */
static int64_t signed_vlq(struct oto_cur *c)
{
	bool negative = oto_left(c) && *c->at & 0x40;
	uint32_t before = oto_tell(c);
	uint64_t value = s7p_vlq64(c);
	uint32_t bytes = oto_tell(c) - before;

	if (negative && bytes < 9)
		value |= ~0ULL << (7 * bytes);
	return (int64_t)value;
}

/* Bytes of the types whose elements are all of one width; 0: they are not. */
static uint32_t width_of(uint8_t type)
{
	static const uint8_t width[] = {
		[S7P_BOOL] = 1,  [S7P_USINT] = 1, [S7P_UINT] = 2, [S7P_SINT] = 1,  [S7P_INT] = 2, [S7P_BYTE] = 1,     [S7P_WORD] = 2,
		[S7P_DWORD] = 4, [S7P_LWORD] = 8, [S7P_REAL] = 4, [S7P_LREAL] = 8, [S7P_RID] = 4, [S7P_TIMESTAMP] = 8
	};
	return type < sizeof width ? width[type] : 0;
}

static void take_fixed(struct oto_cur *c, struct s7p_value *value, uint32_t width)
{
	uint64_t number = width == 1 ? oto_u8(c) : width == 2 ? oto_be16(c) : width == 4 ? oto_be32(c) : oto_be64(c);

	if (value->type == S7P_SINT)
		number = (uint64_t)(int8_t)number;
	else if (value->type == S7P_INT)
		number = (uint64_t)(int16_t)number;
	value->number = (int64_t)number;
	value->has_number = value->type != S7P_REAL && value->type != S7P_LREAL;
}

/* A blob with an identifier has eight bytes more and a kind, but in a sparse array. */
static struct oto_slice take_blob(struct oto_cur *c, bool in_sparse)
{
	if (s7p_vlq32(c) > 1 && !in_sparse) {
		oto_skip(c, 8);
		uint8_t kind = oto_u8(c);
		if (kind != 2 && kind != 3)
			c->bad = true;
	}
	return oto_take(c, s7p_vlq32(c));
}

/* Data types of the system come packed: a time, flags, the size (twice with bit 10), the bytes. */
static bool is_packed(uint32_t id)
{
	return (id > 0x90000000 && id < 0x9fffffff) || (id > 0x02000000 && id < 0x02ffffff);
}

static void take_packed(struct oto_cur *c, struct s7p_value *value)
{
	enum { SIZE_TWICE = 0x400 };
	oto_skip(c, 8);
	uint32_t flags = s7p_vlq32(c), size = s7p_vlq32(c);
	if (flags & SIZE_TWICE)
		size = s7p_vlq32(c);
	value->bytes = oto_take(c, size);
}

static void take_value(struct oto_cur *c, struct s7p_value *value, const struct s7p_visitor *v, const struct s7p_place *at, unsigned depth);

/* Apart, so that the many values that are none do not save what only this one needs. */
static __attribute__((noinline)) void take_struct(struct oto_cur *c, struct s7p_value *value, const struct s7p_visitor *v,
						  const struct s7p_place *at, unsigned depth)
{
	uint32_t id = oto_be32(c);

	if (is_packed(id)) {
		take_packed(c, value);
		return;
	}
	if (depth >= S7P_DEPTH_MAX) {
		c->bad = true;
		return;
	}
	for (id = s7p_vlq32(c); id && !c->bad; id = s7p_vlq32(c)) {
		struct s7p_value member;
		take_value(c, &member, v, at, depth + 1);
		if (!c->bad && v && v->attribute)
			v->attribute(v->who, at, id, &member);
	}
}

static void take_element(struct oto_cur *c, struct s7p_value *value, const struct s7p_visitor *v, const struct s7p_place *at,
			 unsigned depth)
{
	uint32_t width = width_of(value->type);

	if (width) {
		take_fixed(c, value, width);
		return;
	}
	switch (value->type) {
	case S7P_NULL:
		break;
	case S7P_UDINT:
	case S7P_AID:
	case S7P_VARIANT:
		value->number = s7p_vlq32(c);
		value->has_number = true;
		break;
	case S7P_ULINT:
		value->number = (int64_t)s7p_vlq64(c);
		value->has_number = true;
		break;
	case S7P_DINT:
	case S7P_LINT:
	case S7P_TIMESPAN:
		value->number = signed_vlq(c);
		value->has_number = true;
		break;
	case S7P_BLOB:
		value->bytes = take_blob(c, value->flags & S7P_SPARSE_ARRAY);
		break;
	case S7P_WSTRING:
	case S7P_STRING:
		value->bytes = oto_take(c, s7p_vlq32(c));
		break;
	case S7P_STRUCT:
		take_struct(c, value, v, at, depth);
		break;
	default:
		c->bad = true;
	}
}

static void keep_elements(struct s7p_value *value, const struct oto_cur *c, uint32_t first)
{
	struct oto_cur elements = oto_seek(c, first);

	value->has_number = false;
	value->bytes = c->bad ? (struct oto_slice){ 0 } : oto_take(&elements, oto_tell(c) - first);
}

static void take_sparse(struct oto_cur *c, struct s7p_value *value, const struct s7p_visitor *v, const struct s7p_place *at, unsigned depth)
{
	while (s7p_vlq32(c) && !c->bad)
		take_element(c, value, v, at, depth);
}

static void take_dense(struct oto_cur *c, struct s7p_value *value, const struct s7p_visitor *v, const struct s7p_place *at, unsigned depth,
		       uint32_t count)
{
	uint32_t width = width_of(value->type);
	uint64_t bytes = (uint64_t)count * width;

	if (width)
		oto_skip(c, bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes);
	else
		for (uint32_t i = 0; i < count && !c->bad && value->type != S7P_NULL; i++)
			take_element(c, value, v, at, depth);
}

/* Apart, as structs are. */
static __attribute__((noinline)) void take_elements(struct oto_cur *c, struct s7p_value *value, const struct s7p_visitor *v,
						    const struct s7p_place *at, unsigned depth)
{
	bool sparse = value->flags & S7P_SPARSE_ARRAY;
	uint32_t count = sparse ? 0 : s7p_vlq32(c), first = oto_tell(c);

	if (sparse)
		take_sparse(c, value, v, at, depth);
	else
		take_dense(c, value, v, at, depth, count);
	keep_elements(value, c, first);
}

static void take_value(struct oto_cur *c, struct s7p_value *value, const struct s7p_visitor *v, const struct s7p_place *at, unsigned depth)
{
	uint16_t flags_and_type = oto_be16(c);

	*value = (struct s7p_value){ .flags = (uint8_t)(flags_and_type >> 8), .type = (uint8_t)flags_and_type };
	if (value->flags & (S7P_ARRAY | S7P_ADDRESS_ARRAY | S7P_SPARSE_ARRAY))
		take_elements(c, value, v, at, depth);
	else
		take_element(c, value, v, at, depth);
}

void s7p_take_value(struct oto_cur *c, struct s7p_value *value, const struct s7p_visitor *v, const struct s7p_place *at)
{
	static const struct s7p_place nowhere;
	take_value(c, value, v, at ? at : &nowhere, 0);
}

/* The description of a variable: its name and type, then numbers, how many by the kind of its offset. */
static void skip_tag(struct oto_cur *c)
{
	static const uint8_t numbers[] = { 2, 4, 6, 0, 4, 6, 8, 6 };
	enum { ARRAY_OF_DIMENSIONS = 7 };
	uint8_t kind = oto_u8(c);

	oto_skip(c, s7p_vlq32(c));
	oto_skip(c, 2);
	s7p_vlq32(c);
	oto_skip(c, 4);
	s7p_vlq32(c);
	s7p_vlq32(c);
	if (kind >= sizeof numbers) {
		c->bad = true;
		return;
	}
	for (int i = 0; i < numbers[kind]; i++)
		s7p_vlq32(c);
	if (kind == ARRAY_OF_DIMENSIONS)
		for (uint32_t n = s7p_vlq32(c); n && !c->bad; n--) {
			s7p_vlq32(c);
			s7p_vlq32(c);
		}
	if (oto_u8(c) != END_TAG)
		c->bad = true;
}

static void skip_list(struct oto_cur *c)
{
	for (uint32_t len = oto_be16(c); len && !c->bad; len = oto_be16(c))
		oto_skip(c, len);
}

static void take_start(struct oto_cur *c, struct s7p_place *place, uint32_t start)
{
	*place = (struct s7p_place){ .start = start };
	place->object = oto_be32(c);
	place->class = s7p_vlq32(c);
	s7p_vlq32(c);     /* its flags */
	if (s7p_vlq32(c)) /* an attribute of the parent it belongs to, with flags */
		s7p_vlq32(c);
}

static void take_attribute(struct oto_cur *c, const struct s7p_visitor *v, struct s7p_place *place)
{
	uint32_t id = s7p_vlq32(c);
	struct s7p_value value;

	take_value(c, &value, v, place, 0);
	if (c->bad)
		return;
	place->has_code |= id == S7P_ATTR_CODE || id == S7P_ATTR_VALUE_INITIAL;
	if (v->attribute)
		v->attribute(v->who, place, id, &value);
}

void s7p_walk_object(struct oto_cur *c, const struct s7p_visitor *v)
{
	struct s7p_place stack[S7P_DEPTH_MAX];
	unsigned depth = 0;

	do {
		uint32_t start = oto_tell(c);
		uint8_t element = oto_u8(c);
		if (element == START_OBJECT && depth < S7P_DEPTH_MAX) {
			take_start(c, &stack[depth], start);
			if (!c->bad && v->object)
				v->object(v->who, &stack[depth]);
			depth++;
			continue;
		}
		if (!depth) {
			c->bad = true;
			return;
		}
		struct s7p_place *place = &stack[depth - 1];
		switch (element) {
		case END_OBJECT:
			if (!c->bad && v->object_end)
				v->object_end(v->who, place, oto_tell(c) - place->start);
			depth--;
			break;
		case ATTRIBUTE:
			take_attribute(c, v, place);
			break;
		case RELATION:
			s7p_vlq32(c);
			oto_skip(c, 4);
			break;
		case START_TAG:
			skip_tag(c);
			break;
		case TYPE_LIST:
		case NAME_LIST:
			skip_list(c);
			break;
		default:
			c->bad = true;
		}
	} while (depth && !c->bad);
}
