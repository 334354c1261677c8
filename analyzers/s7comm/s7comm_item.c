/* s7comm_item.c - variables: how each syntax addresses them, and the data items of reads, writes and subscriptions.
 *
 * A request leaves one spot for each of its variables, and the answer, which has only values, is told with them.
 */
#include "s7comm.h"

enum { SPECIFICATION = 0x12, DB_AREAS_MAX = 32 };

/* ------------------------------------------------------------------------------------------------ specifications */

/* What a specification says beyond a spot; only the request can tell it. */
struct spec {
	struct s7_spot spot;
	struct oto_slice lids; /* 1200: the way through the symbol tree, four bytes a step */
	uint32_t more;         /* further areas of a DBREAD */
};

static void take_any(struct oto_cur *c, struct s7_spot *s)
{
	s->size = oto_u8(c);
	s->count = oto_be16(c);
	s->db = oto_be16(c);
	s->area = oto_u8(c);
	s->high = oto_u8(c);
	s->low = oto_be16(c);
}

static void take_area(struct oto_cur *c, struct s7_spot *s)
{
	s->size = 2;
	s->area = S7_AREA_DB;
	s->count = oto_u8(c);
	s->db = oto_be16(c);
	uint32_t bits = (uint32_t)oto_be16(c) << 3;
	s->high = (uint8_t)(bits >> 16);
	s->low = (uint16_t)bits;
}

static void take_nck(struct oto_cur *c, struct s7_spot *s)
{
	s->area = oto_u8(c);
	s->db = oto_be16(c);
	s->count = oto_be16(c);
	s->low = oto_u8(c);
	s->high = oto_u8(c);
}

static void take_drive(struct oto_cur *c, struct s7_spot *s)
{
	oto_skip(c, 5);
	s->db = oto_be16(c);
	s->count = oto_be16(c);
}

/* A root that is a data block or one of the areas, the CRC of the symbol, the steps to it. */
static void take_symbol(struct oto_cur *c, struct spec *out)
{
	enum { IS_DB = 0x8a0e };
	struct s7_spot *s = &out->spot;

	oto_skip(c, 1);
	bool is_db = oto_be16(c) == IS_DB;
	uint16_t root = oto_be16(c);
	s->db = is_db ? root : 0;
	s->area = is_db ? S7_AREA_DB : root >= 0x50 && root <= 0x54 ? (uint8_t[]){ 0x81, 0x82, 0x83, 0x1c, 0x1d }[root - 0x50] : 0;
	s->count = oto_be16(c);
	s->low = oto_be16(c);
	out->lids = oto_rest(c);
}

/* One specification; the areas of a DBREAD come as several (`areas` is where the further ones stand). */
static bool take_spec(struct oto_cur *c, struct spec *out, struct oto_cur *areas)
{
	*out = (struct spec){ { 0 }, { 0 }, 0 };
	uint8_t type = oto_u8(c);
	struct oto_cur body = oto_sub(c, oto_u8(c));
	struct s7_spot *s = &out->spot;

	if (type != SPECIFICATION || c->bad)
		return false;
	s->syntax = oto_u8(&body);
	switch (s->syntax) {
	case S7_ANY:
		take_any(&body, s);
		break;
	case S7_DB:
		out->more = oto_u8(&body);
		take_area(&body, s);
		out->more = out->more ? out->more - 1 : 0;
		*areas = body;
		break;
	case S7_NCK:
	case S7_NCK_M:
	case S7_NCK_I:
		take_nck(&body, s);
		break;
	case S7_DRIVE:
		take_drive(&body, s);
		break;
	case S7_SYMBOL:
		take_symbol(&body, out);
		break;
	default:
		break;
	}
	if (body.bad) /* shorter than its syntax wants: nobody knows what it says */
		*out = (struct spec){ .spot = { .syntax = s->syntax } };
	return true;
}

/* ------------------------------------------------------------------------------------------------ where it lies */

static uint32_t bits_of(const struct s7_spot *s)
{
	return (uint32_t)s->high << 16 | s->low;
}

static bool is_numbered(uint8_t area)
{
	return area == S7_AREA_C || area == S7_AREA_T;
}

static void put_nck(struct s7_text *t, const struct s7_spot *s)
{
	static const char letter[] = "NBCATVMM";

	s7_put_byte(t, (uint8_t)letter[s->area >> 5]);
	s7_put_number(t, s->area & 31);
	s7_put(t, ".0x");
	s7_put_hex(t, s->low, 2);
	s7_put_byte(t, '.');
	s7_put_number(t, s->db);
	s7_put_byte(t, '.');
	s7_put_number(t, s->count);
}

static void put_symbol(struct s7_text *t, const struct spec *spec)
{
	struct oto_cur c = oto_cur_of(spec->lids);

	s7_put(t, "crc_");
	s7_put_hex(t, (uint32_t)spec->spot.count << 16 | spec->spot.low, 8);
	for (uint32_t step = 0; oto_left(&c) >= 4 && step < 16; step++) {
		s7_put_byte(t, '.');
		s7_put_number(t, oto_be32(&c) & 0x0fffffff);
	}
}

static const char *space_of(struct s7_pdu *p, const struct s7_spot *s)
{
	const char *letter = s7_area_letter(s->area);

	if (s->area != S7_AREA_DB && s->area != S7_AREA_DI)
		return letter ? letter : "area";
	struct s7_text t = s7_text_new(p->cx, 10);
	s7_put(&t, letter);
	s7_put_number(&t, s->db);
	s7_put_byte(&t, 0);
	return t.len ? (const char *)t.at : letter;
}

static void put_bit(struct s7_text *t, uint32_t bits)
{
	s7_put_number(t, bits >> 3);
	s7_put_byte(t, '.');
	s7_put_number(t, bits & 7);
}

/* DB1:10-13, M:0.3, T:5, NCK:C1.0x71.3.1, drive:p840[0], DB5:crc_0badcafe.9.2 */
static struct oto_target target_of(struct s7_pdu *p, const struct spec *spec)
{
	const struct s7_spot *s = &spec->spot;
	struct oto_target target = { 0 };
	struct s7_text t;

	switch (s->syntax) {
	case S7_ANY:
	case S7_DB:
	case S7_WATCH:
		target.space = space_of(p, s);
		if (s->size == S7_BIT) {
			t = s7_text_new(p->cx, 32);
			put_bit(&t, bits_of(s));
			if (s->count > 1) {
				s7_put_byte(&t, '-');
				put_bit(&t, bits_of(s) + s->count - 1);
			}
			target.name = s7_text_of(&t);
			break;
		}
		uint32_t width = s7_size_width(s->size);
		target.first = is_numbered(s->area) ? bits_of(s) : bits_of(s) >> 3;
		target.count = is_numbered(s->area) || !width ? s->count : s->count * width;
		break;
	case S7_NCK:
	case S7_NCK_M:
	case S7_NCK_I:
		t = s7_text_new(p->cx, 40);
		put_nck(&t, s);
		target.space = "NCK";
		target.name = s7_text_of(&t);
		break;
	case S7_DRIVE:
		t = s7_text_new(p->cx, 24);
		s7_put_byte(&t, 'p');
		s7_put_number(&t, s->db);
		s7_put_byte(&t, '[');
		s7_put_number(&t, s->count);
		s7_put_byte(&t, ']');
		target.space = "drive";
		target.name = s7_text_of(&t);
		break;
	case S7_SYMBOL:
		t = s7_text_new(p->cx, 200);
		put_symbol(&t, spec);
		target.space = s->area ? space_of(p, s) : "symbol";
		target.name = s7_text_of(&t);
		break;
	default:
		break;
	}
	return target;
}

static void put_target(struct s7_text *t, const struct oto_target *target)
{
	if (t->len)
		s7_put_byte(t, ',');
	if (target->space)
		s7_put(t, target->space);
	s7_put_byte(t, ':');
	for (uint32_t i = 0; i < target->name.len; i++)
		s7_put_byte(t, target->name.data[i]);
	if (target->name.len)
		return;
	s7_put_number(t, (uint32_t)target->first);
	if (target->count > 1) {
		s7_put_byte(t, '-');
		s7_put_number(t, (uint32_t)target->first + target->count - 1);
	}
}

/* ------------------------------------------------------------------------------------------------ the event */

static void fill(struct s7_item *e, const struct spec *spec)
{
	const struct s7_spot *s = &spec->spot;
	bool plain = s->syntax == S7_ANY || s->syntax == S7_DB || s->syntax == S7_WATCH;
	bool symbol = s->syntax == S7_SYMBOL;

	e->syntax = s->syntax;
	e->has_syntax = s->syntax != 0;
	e->area = s->area;
	e->has_area = plain || (symbol && s->area);
	e->db = s->db;
	e->has_db = (plain || symbol) && (s->area == S7_AREA_DB || s->area == S7_AREA_DI);
	e->address = is_numbered(s->area) ? bits_of(s) : bits_of(s) >> 3;
	e->has_address = plain;
	e->bit = bits_of(s) & 7;
	e->has_bit = plain && s->size == S7_BIT;
	e->transport_size = s->size;
	e->has_size = plain;
	e->count = s->count;
	e->has_count = plain;
}

/* Values as what the request called them; without a request by the kind of data. */
static void values_of(struct s7_item *e, struct oto_slice data)
{
	static const uint8_t by_data[] = {
		[S7_DATA_BIT] = S7_BIT, [S7_DATA_BYTE] = 2, [S7_DATA_INTEGER] = 5, [S7_DATA_DINTEGER] = 7, [S7_DATA_REAL] = S7_REAL
	};
	uint8_t size = e->has_size ? e->transport_size : e->data_transport < sizeof by_data ? by_data[e->data_transport] : 2;
	uint32_t width = s7_size_width(size);
	struct oto_cur c = oto_cur_of(data);

	e->data = data;
	e->has_data = e->has_values = data.len != 0;
	if (size == S7_REAL && data.len == 4) {
		uint32_t raw = oto_be32(&c);
		float real;
		memcpy(&real, &raw, sizeof real);
		e->real = (double)real;
		e->has_real = true;
		c = oto_cur_of(data);
	}
	if ((width == 2 || width == 4) && data.len % width == 0)
		e->values = oto_take_vec(&c, width == 2 ? OTO_VEC_U16BE : OTO_VEC_U32BE, data.len / width);
	else
		e->values = oto_take_vec(&c, OTO_VEC_U8, data.len);
}

static void say(struct s7_pdu *p, struct s7_item *e, const struct spec *spec, uint8_t access, uint8_t pdu_type, uint32_t number)
{
	s7_client_server(p, pdu_type != 1, &e->client, &e->server);
	e->pdu_reference = p->m.pdu_reference;
	e->access = access;
	e->pdu_type = pdu_type;
	e->number = (uint16_t)number;
	if (spec) {
		fill(e, spec);
		e->target = target_of(p, spec);
	}
	oto_emit(p->cx, EV_ITEM, e);
}

/* ------------------------------------------------------------------------------------------------ requests */

static void remember(struct s7_pdu *p, uint32_t index, const struct s7_spot *spot)
{
	struct s7_flow *flow = p->cx->state;

	if (index < SPOTS_NOTED) {
		p->note.spot[index] = *spot;
	} else if (index - SPOTS_NOTED < SPOTS_MORE) {
		if (index == SPOTS_NOTED) {
			flow->more.reference = p->m.pdu_reference;
			flow->more.orig = p->cx->is_orig;
		}
		flow->more.spot[index - SPOTS_NOTED] = *spot;
		flow->more.count = (uint8_t)(index - SPOTS_NOTED + 1);
	}
}

static const struct s7_spot *recall(struct s7_pdu *p, uint32_t index)
{
	const struct s7_flow *flow = p->cx->state;

	if (!p->match.found || index >= p->note.items)
		return NULL;
	if (index < SPOTS_NOTED)
		return &p->note.spot[index];
	index -= SPOTS_NOTED;
	bool same = flow->more.reference == p->m.pdu_reference && flow->more.orig != p->cx->is_orig;
	return same && index < flow->more.count ? &flow->more.spot[index] : NULL;
}

/* A data item: return code, kind, length (in bits for some kinds), data, and a fill byte to an even length before the next. */
struct datum {
	uint8_t return_code, transport;
	struct oto_slice data;
};

static struct datum take_datum(struct oto_cur *c, bool last, bool answer)
{
	struct datum d = { .return_code = oto_u8(c), .transport = oto_u8(c) };
	uint32_t length = oto_be16(c);
	bool in_bits = d.transport == S7_DATA_BIT || d.transport == S7_DATA_BYTE || d.transport == S7_DATA_INTEGER;

	/* What failed has a length at times, and never data. */
	if (answer && d.return_code != 0 && d.return_code != S7_OK && d.return_code != 1)
		return d;
	d.data = oto_take(c, in_bits ? (length + 7) / 8 : length);
	if (!last && d.data.len & 1 && oto_left(c))
		oto_skip(c, 1);
	return d;
}

static void put_datum(struct s7_item *e, const struct datum *d, bool with_code)
{
	e->data_transport = d->transport;
	e->has_data_transport = true;
	e->return_code = d->return_code;
	e->has_return_code = with_code;
}

/* Every variable of a request is told, its target gathered; with `data` the values that are written. */
static void tell_request(struct s7_pdu *p, struct oto_cur *c, uint32_t count, uint8_t access, struct oto_cur *data)
{
	struct s7_text all = { 0 };
	bool wanted = oto_wanted(p->cx, EV_ITEM);

	for (uint32_t i = 0; i < count && !c->bad; i++) {
		struct spec spec;
		struct oto_cur areas = { 0 };
		struct datum datum = { 0 };
		uint32_t start = oto_tell(c);
		if (!take_spec(c, &spec, &areas)) {
			c->bad = true;
			return;
		}
		if (i + 1 < count && (oto_tell(c) - start) & 1)
			oto_skip(c, 1); /* to an even length */
		if (data)
			datum = take_datum(data, i + 1 == count, false);
		struct s7_spot several = { 0 }; /* of which the answer's data is not told apart */
		remember(p, i, spec.more ? &several : &spec.spot);
		p->note.items = (uint8_t)(i + 1 < UINT8_MAX ? i + 1 : UINT8_MAX);
		struct oto_target target = target_of(p, &spec);
		if (count == 1 && !spec.more) {
			p->op.target = target;
		} else {
			if (!all.at)
				all = s7_text_new(p->cx, 512);
			put_target(&all, &target);
		}
		if (wanted) {
			struct s7_item e = { 0 };
			if (data)
				put_datum(&e, &datum, false);
			fill(&e, &spec);
			e.target = target;
			if (data)
				values_of(&e, datum.data);
			say(p, &e, NULL, access, 1, i + 1);
		}
		for (uint32_t n = 0; n < spec.more && n < UINT8_MAX && !areas.bad; n++) {
			struct spec area = { .spot = { .syntax = S7_DB } };
			take_area(&areas, &area.spot);
			if (areas.bad)
				break;
			target = target_of(p, &area);
			put_target(&all, &target);
			if (wanted) {
				struct s7_item e = { 0 };
				say(p, &e, &area, access, 1, i + 1);
			}
		}
		if (areas.bad)
			c->bad = true;
	}
	if (all.len)
		p->op.target.name = s7_text_of(&all);
}

void s7_read_request(struct s7_pdu *p, struct oto_cur *c)
{
	tell_request(p, c, p->m.item_count, ACCESS_READ, NULL);
}

void s7_write_request(struct s7_pdu *p, struct oto_cur *c, struct oto_cur *data)
{
	tell_request(p, c, p->m.item_count, ACCESS_WRITE, data);
	if (data->bad)
		c->bad = true;
}

void s7_items_request(struct s7_pdu *p, struct oto_cur *c, uint32_t count, uint8_t access)
{
	tell_request(p, c, count, access, NULL);
}

/* ------------------------------------------------------------------------------------------------ responses */

static void note_failure(struct s7_pdu *p, uint8_t return_code)
{
	if (return_code != S7_OK && !p->failed)
		p->failed = s7_return_word(return_code);
}

static void tell_response(struct s7_pdu *p, struct oto_cur *data, uint32_t count, uint8_t access)
{
	bool wanted = oto_wanted(p->cx, EV_ITEM), push = !p->match.found && p->m.rosctr_code == USERDATA;

	for (uint32_t i = 0; i < count && !data->bad; i++) {
		struct datum d = take_datum(data, i + 1 == count, true);
		note_failure(p, d.return_code);
		if (!wanted || data->bad)
			continue;
		const struct s7_spot *spot = recall(p, i);
		struct spec spec = { 0 };
		struct s7_item e = { .matched = spot != NULL };
		if (spot)
			spec.spot = *spot;
		put_datum(&e, &d, true);
		if (spot) {
			fill(&e, &spec);
			e.target = target_of(p, &spec);
		}
		values_of(&e, d.data);
		say(p, &e, NULL, access, push ? 3 : 2, i + 1);
	}
}

void s7_read_response(struct s7_pdu *p, struct oto_cur *data, uint32_t count)
{
	tell_response(p, data, count, ACCESS_READ);
}

void s7_items_response(struct s7_pdu *p, struct oto_cur *data, uint32_t count, uint8_t access)
{
	tell_response(p, data, count, access);
}

/* A return code for each variable, nothing more. */
void s7_write_response(struct s7_pdu *p, struct oto_cur *data, uint32_t count)
{
	bool wanted = oto_wanted(p->cx, EV_ITEM);

	for (uint32_t i = 0; i < count && !data->bad; i++) {
		uint8_t code = oto_u8(data);
		const struct s7_spot *spot = recall(p, i);
		struct spec spec = { 0 };
		struct s7_item e = { .matched = spot != NULL, .return_code = code, .has_return_code = true };
		note_failure(p, code);
		if (!wanted || data->bad)
			continue;
		if (spot)
			spec.spot = *spot;
		say(p, &e, spot ? &spec : NULL, ACCESS_WRITE, 2, i + 1);
	}
}

/* The values that come with an alarm, as one run of bytes. */
struct oto_slice s7_take_values(struct oto_cur *c, uint32_t count, bool last)
{
	struct oto_cur from = *c;

	for (uint32_t i = 0; i < count && oto_left(c) >= 4; i++)
		take_datum(c, last && i + 1 == count, true);
	return oto_take(&from, oto_tell(c) - oto_tell(&from));
}

/* ------------------------------------------------------------------------------------------------ variable tables */

/* Memory and width of a row: upper half the area, lower half the width; timers and counters stand alone. */
static struct s7_spot watch_spot(uint8_t memory, uint8_t repetition, uint16_t db, uint16_t start)
{
	static const uint8_t areas[] = { 0x83, 0x81, 0x82, 0x80, 0, S7_AREA_T, S7_AREA_C, S7_AREA_DB };
	static const uint8_t sizes[] = { S7_BIT, 2, 4, 6, S7_TIMER };
	uint8_t area = memory >> 4, width = memory & 15;
	struct s7_spot s = { .syntax = S7_WATCH, .db = db, .count = repetition };

	s.area = area < sizeof areas ? areas[area] : 0;
	s.size = area == 6 ? S7_COUNTER : width < sizeof sizes ? sizes[width] : 2;
	uint32_t bits = s.area == S7_AREA_T || s.area == S7_AREA_C ? start : (uint32_t)start << 3;
	if (s.size == S7_BIT) { /* the bit stands where others repeat */
		bits |= repetition & 7;
		s.count = 1;
	}
	s.high = (uint8_t)(bits >> 16);
	s.low = (uint16_t)bits;
	return s;
}

/* Rows of a variable table, and behind them the values when they are to be changed. */
void s7_watch_request(struct s7_pdu *p, struct oto_cur *c, bool modify)
{
	enum { ROWS_MAX = 128 };
	struct oto_cur rows = *c;
	uint32_t count = oto_be16(&rows);
	struct oto_cur values = rows;
	struct s7_text all = { 0 };

	if (count > ROWS_MAX)
		count = ROWS_MAX;
	oto_skip(&values, count * 6);
	for (uint32_t i = 0; i < count && !rows.bad; i++) {
		uint8_t memory = oto_u8(&rows), repetition = oto_u8(&rows);
		uint16_t db = oto_be16(&rows), start = oto_be16(&rows);
		struct spec spec = { .spot = watch_spot(memory, repetition, db, start) };
		struct s7_item e = { 0 };
		if (rows.bad)
			return;
		fill(&e, &spec);
		e.target = target_of(p, &spec);
		if (modify && !values.bad && oto_left(&values) >= 4) {
			struct datum d = take_datum(&values, i + 1 == count, false);
			put_datum(&e, &d, false);
			values_of(&e, d.data);
		}
		if (count == 1) {
			p->op.target = e.target;
		} else {
			if (!all.at)
				all = s7_text_new(p->cx, 512);
			put_target(&all, &e.target);
		}
		say(p, &e, NULL, modify ? ACCESS_MODIFY : ACCESS_WATCH, 1, i + 1);
	}
	if (all.len)
		p->op.target.name = s7_text_of(&all);
}
