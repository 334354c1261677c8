/* s7comm_item.c - variables: the data items of reads, writes and subscriptions.
 *
 * A request leaves one spot for each of its variables, and the answer, which has only values, is told with them.
 */
#include "s7comm.h"

/* ------------------------------------------------------------------------------------------------ the event */

static void fill(struct s7_item *e, const struct s7_spec *spec)
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
	e->address = s7_is_numbered(s->area) ? s7_bits_of(s) : s7_bits_of(s) >> 3;
	e->has_address = plain;
	e->bit = s7_bits_of(s) & 7;
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

static void begin(const struct s7_pdu *p, struct s7_item *e, uint8_t access, uint8_t pdu_type, uint32_t number)
{
	s7_client_server(p, pdu_type != 1, &e->client, &e->server);
	e->pdu_reference = p->m.pdu_reference;
	e->access = access;
	e->pdu_type = pdu_type;
	e->number = (uint16_t)number;
}

/* A data item: return code, kind, length (in bits for some kinds), data, and a fill byte to an even length before the next. */
struct datum {
	uint8_t return_code, transport;
	bool cut;
	struct oto_slice data;
};

static void put_datum(struct s7_item *e, const struct datum *d)
{
	e->data_transport = d->transport;
	e->has_data_transport = true;
	e->return_code = d->return_code;
}

/* What of an item stands in the key of the log, beside the variable. */
struct manner {
	uint8_t access, pdu_type, return_code;
	bool has_return_code;
};

static uint64_t key_of(const struct s7_pdu *p, struct manner m, const struct s7_spot *s)
{
	uint64_t how = (uint64_t)m.access << 24 | (uint64_t)m.pdu_type << 16 | (uint64_t)m.has_return_code << 8 | m.return_code;
	uint64_t key = oto_key_mix(oto_ends(p->cx), how, s ? 3 : 2);

	if (!s)
		return key;
	return oto_key_mix(key, (uint64_t)s->low << 32 | (uint64_t)s->db << 16 | s->count,
			   (uint64_t)s->high << 24 | (uint64_t)s->size << 16 | (uint64_t)s->area << 8 | s->syntax);
}

/* One variable, and what was written or read where that is known; what was said of it before is only counted. */
static void say(struct s7_pdu *p, struct manner m, const struct s7_spot *spot, uint32_t number, const struct datum *d)
{
	uint64_t key = key_of(p, m, spot);

	if (oto_again(p->cx, EV_ITEM, key))
		return;
	struct s7_item e = { .matched = spot && m.pdu_type != 1 };
	if (d)
		put_datum(&e, d);
	e.return_code = m.return_code;
	e.has_return_code = m.has_return_code;
	if (spot) {
		struct s7_spec spec = { .spot = *spot };
		fill(&e, &spec);
		e.target = s7_target_of(p, &spec);
	}
	values_of(&e, d ? d->data : (struct oto_slice){ 0 });
	begin(p, &e, m.access, m.pdu_type, number);
	oto_emit_as(p->cx, EV_ITEM, &e, key);
}

/* ------------------------------------------------------------------------------------------------ requests */

static void remember(struct s7_pdu *p, const struct s7_spot *spot)
{
	struct s7_flow *flow = p->cx->state;
	uint32_t index = p->note.items;

	p->note.items += p->note.items < UINT8_MAX;
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

const struct s7_spot *s7_spot_of(const struct s7_pdu *p, uint32_t index)
{
	const struct s7_flow *flow = p->cx->state;

	if (p->subscribed)
		return index < p->subscribed->count ? &p->subscribed->spot[index] : NULL;
	if (!p->match.found || index >= p->note.items)
		return NULL;
	if (index < SPOTS_NOTED)
		return &p->note.spot[index];
	index -= SPOTS_NOTED;
	bool same = flow->more.reference == p->m.pdu_reference && flow->more.orig != p->cx->is_orig;
	return same && index < flow->more.count ? &flow->more.spot[index] : NULL;
}

static struct datum take_datum(struct oto_cur *c, bool last, bool answer)
{
	struct datum d = { .return_code = oto_u8(c), .transport = oto_u8(c) };
	uint32_t length = oto_be16(c);
	bool in_bits = d.transport == S7_DATA_BIT || d.transport == S7_DATA_BYTE || d.transport == S7_DATA_INTEGER;

	/* What failed has a length at times, and never data. */
	if (answer && d.return_code != 0 && d.return_code != S7_OK && d.return_code != 1)
		return d;
	if (in_bits)
		length = (length + 7) / 8;
	d.cut = (last || !answer) && length > oto_left(c);
	d.data = oto_take(c, d.cut ? oto_left(c) : length);
	if (!last && d.data.len & 1 && oto_left(c))
		oto_skip(c, 1);
	return d;
}

/* What is written. A controller writes what it can read and refuses the rest, so what cannot be read keeps nothing from being told. */
static struct datum take_written(struct oto_cur *c, bool last)
{
	enum { DATUM_HEAD = 4 };

	return oto_left(c) < DATUM_HEAD ? (struct datum){ .cut = true } : take_datum(c, last, false);
}

/* Nobody knows how long what it counts is. Nothing was there when it says nothing. */
static void judge_datum(struct s7_pdu *p, const struct datum *d)
{
	bool plain = d->transport >= S7_DATA_BIT && d->transport <= S7_DATA_REAL;

	if (d->cut)
		s7_note_odd(p, "data_item_cut");
	else if (!plain && !oto_name_of(&s7_data_sizes, d->transport))
		s7_note_odd(p, "unknown_data_transport_size");
}

/* Every variable of a request is told, its target gathered; with `data` the values that are written. */
static void tell_request(struct s7_pdu *p, struct oto_cur *c, uint32_t count, uint8_t access, struct oto_cur *data)
{
	struct s7_text all = { 0 };
	bool wanted = oto_wanted(p->cx, EV_ITEM), single = oto_single(p->cx, EV_ITEM);
	struct manner asked = { .access = access, .pdu_type = 1 };

	for (uint32_t i = 0; i < count && !c->bad; i++) {
		struct s7_spec spec;
		struct oto_cur areas = { 0 };
		struct datum datum = { 0 };
		uint32_t start = oto_tell(c);
		if (!s7_take_spec(c, &spec, &areas)) {
			c->bad = true;
			return;
		}
		if (spec.odd)
			s7_note_odd(p, spec.odd);
		if (i + 1 < count && (oto_tell(c) - start) & 1)
			oto_skip(c, 1); /* to an even length */
		if (data) {
			datum = take_written(data, i + 1 == count);
			judge_datum(p, &datum);
		}
		spec.spot.areas = spec.spot.syntax == S7_DB ? (uint8_t)(spec.more + 1) : 0;
		remember(p, &spec.spot);
		uint64_t key = key_of(p, asked, &spec.spot);
		if (spec.lids.len)
			key = oto_key_of(key, spec.lids);
		bool told = wanted && oto_again(p->cx, EV_ITEM, key);
		struct oto_target target = { 0 };
		if (single || (wanted && !told))
			target = s7_target_of(p, &spec);
		if (count == 1 && !spec.more) {
			p->op.target = target;
		} else if (single) {
			if (!all.at)
				all = s7_text_new(p->cx, 512);
			s7_put_target(&all, &target);
		}
		if (wanted && !told) {
			struct s7_item e = { 0 };
			begin(p, &e, access, 1, i + 1);
			if (data)
				put_datum(&e, &datum);
			fill(&e, &spec);
			e.target = target;
			if (data && single)
				values_of(&e, datum.data);
			oto_emit_as(p->cx, EV_ITEM, &e, key);
		}
		for (uint32_t n = 0; n < spec.more && n < UINT8_MAX && !areas.bad; n++) {
			struct s7_spec area = { .spot = { .syntax = S7_DB } };
			s7_take_area(&areas, &area.spot);
			if (areas.bad)
				break;
			remember(p, &area.spot);
			if (single) {
				target = s7_target_of(p, &area);
				s7_put_target(&all, &target);
			}
			if (wanted)
				say(p, asked, &area.spot, i + 1, NULL);
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
}

void s7_items_request(struct s7_pdu *p, struct oto_cur *c, uint32_t count, uint8_t access)
{
	tell_request(p, c, count, access, NULL);
}

/* ------------------------------------------------------------------------------------------------ responses */

static void note_failure(struct s7_pdu *p, uint8_t return_code)
{
	if (return_code != S7_OK && return_code != S7_UNCHANGED && !p->failed)
		p->failed = s7_return_word(return_code);
}

/* An answer's items mostly have the same return code, and the conditions of logs ask for no more. */
static bool is_heard(struct s7_pdu *p, const struct manner *m)
{
	uint16_t code = m->return_code + 1;

	if (p->heard == code || p->unheard == code)
		return p->heard == code;
	struct s7_item e = { .pdu_type = m->pdu_type, .return_code = m->return_code, .has_return_code = true };
	bool heard = oto_heard(p->cx, EV_ITEM, &e);
	*(heard ? &p->heard : &p->unheard) = code;
	return heard;
}

static void say_answer(struct s7_pdu *p, const struct s7_spot *spot, const struct datum *d, uint8_t access, uint32_t number)
{
	bool push = p->m.rosctr_code == USERDATA && !p->match.found;
	struct manner m = { access, push ? 3 : 2, d->return_code, true };

	if (is_heard(p, &m))
		say(p, m, spot, number, d);
}

/* Each area of a DBREAD has a return code and, when that is good, its bytes, one behind the other. Change driven messages leave out what
 * has not changed. */
static struct datum take_part(struct oto_cur *c, const struct s7_spot *spot, uint8_t transport)
{
	struct datum d = { .return_code = oto_u8(c), .transport = transport };

	d.data = oto_take(c, d.return_code == S7_OK ? spot->count : 0);
	return d;
}

/* False when that is not how it lies. */
static bool areas_fit(const struct s7_pdu *p, uint32_t index, uint32_t areas, struct oto_cur c)
{
	for (uint32_t i = 0; i < areas; i++) {
		const struct s7_spot *spot = s7_spot_of(p, index + i);
		if (!spot)
			return false;
		take_part(&c, spot, 0);
	}
	return !c.bad && !oto_left(&c);
}

static void say_areas(struct s7_pdu *p, uint32_t index, uint32_t areas, const struct datum *whole, uint8_t access, uint32_t number)
{
	struct oto_cur c = oto_cur_of(whole->data);

	for (uint32_t i = 0; i < areas; i++) {
		const struct s7_spot *spot = s7_spot_of(p, index + i);
		struct datum d = take_part(&c, spot, whole->transport);
		note_failure(p, d.return_code);
		say_answer(p, spot, &d, access, number);
	}
}

static void tell_response(struct s7_pdu *p, struct oto_cur *data, uint32_t count, uint8_t access)
{
	bool wanted = oto_wanted(p->cx, EV_ITEM);
	uint32_t index = 0;

	for (uint32_t i = 0; i < count && !data->bad; i++) {
		struct datum d = take_datum(data, i + 1 == count, true);
		const struct s7_spot *spot = s7_spot_of(p, index);
		uint32_t areas = spot ? spot->areas : 0;
		note_failure(p, d.return_code);
		judge_datum(p, &d);
		if (wanted && !data->bad && areas && areas_fit(p, index, areas, oto_cur_of(d.data)))
			say_areas(p, index, areas, &d, access, i + 1);
		else if (wanted && !data->bad)
			say_answer(p, areas ? NULL : spot, &d, access, i + 1);
		index += areas ? areas : 1;
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
		const struct s7_spot *spot = s7_spot_of(p, i);
		struct manner m = { ACCESS_WRITE, 2, code, true };
		note_failure(p, code);
		if (wanted && !data->bad && is_heard(p, &m))
			say(p, m, spot, i + 1, NULL);
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
		struct s7_spec spec = { .spot = watch_spot(memory, repetition, db, start) };
		struct s7_item e = { 0 };
		if (rows.bad)
			return;
		fill(&e, &spec);
		e.target = s7_target_of(p, &spec);
		if (modify && !values.bad && oto_left(&values) >= 4) {
			struct datum d = take_datum(&values, i + 1 == count, false);
			put_datum(&e, &d);
			values_of(&e, d.data);
		}
		if (count == 1) {
			p->op.target = e.target;
		} else {
			if (!all.at)
				all = s7_text_new(p->cx, 512);
			s7_put_target(&all, &e.target);
		}
		begin(p, &e, modify ? ACCESS_MODIFY : ACCESS_WATCH, 1, i + 1);
		oto_emit(p->cx, EV_ITEM, &e);
	}
	if (all.len)
		p->op.target.name = s7_text_of(&all);
}
