/* s7comm_item.c - variables: the data items of reads, writes and subscriptions.
 *
 * A request leaves one spot for each of its variables, and the answer, which has only values, is told with them.
 */
#include "s7comm.h"

/* ------------------------------------------------------------------------------------------------ the event */

static bool has_plain_address(const struct s7_spot *s)
{
	return s->syntax == S7_ANY || s->syntax == S7_DB || s->syntax == S7_WATCH;
}

static void fill(struct s7_item *e, const struct s7_spec *spec)
{
	const struct s7_spot *s = &spec->spot;
	bool plain = has_plain_address(s);
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

/* Type of the elements of values that nobody was seen asking for. */
static uint8_t size_by_data(uint8_t transport)
{
	static const uint8_t by_data[] = {
		[S7_DATA_BIT] = S7_BIT, [S7_DATA_BYTE] = 2, [S7_DATA_INTEGER] = 5, [S7_DATA_DINTEGER] = 7, [S7_DATA_REAL] = S7_REAL
	};

	return transport < sizeof by_data ? by_data[transport] : 2;
}

/* Values as what the request called them; without a request by the kind of data. */
static void values_of(struct s7_item *e, struct oto_slice data)
{
	uint8_t size = e->has_size ? e->transport_size : size_by_data(e->data_transport);
	uint32_t width = s7_size_width(size);
	struct oto_cur c = oto_cur_of(data);

	e->data = data;
	e->has_data = e->has_values = data.len != 0;
	e->has_real = size == S7_REAL && data.len == 4;
	if (e->has_real) {
		uint32_t raw = oto_be32(&c);
		float real;
		memcpy(&real, &raw, sizeof real);
		e->real = (double)real;
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

enum { VOICES = 64 }; /* more are rare */

/* How items are told that differ in nothing but their variable and its value. */
struct manner {
	uint8_t access, pdu_type, return_code;
	bool has_return_code, heard;
	uint64_t key; /* of all that stands in the key of the log beside the variable */
};

static void set_key(const struct s7_pdu *p, struct manner *m)
{
	m->key = oto_key_mix(
	    p->ends, (uint64_t)m->access << 24 | (uint64_t)m->pdu_type << 16 | (uint64_t)m->has_return_code << 8 | m->return_code, 3);
}

/* Of a datum all that an event holds but the value: its kind, whether there is one, and whether it may be a single real number. */
static inline uint64_t shape_of(const struct datum *d)
{
	enum { IS_DATUM = 8, REAL_BYTES = 4, OTHERS };

	return (uint64_t)d->transport << 8 | IS_DATUM | (d->data.len > REAL_BYTES ? OTHERS : d->data.len);
}

/* Of all that the event of an item holds but its value, its place in its PDU and the reference of that. Where there is more to a variable
 * than its spot, the rest is mixed in. */
static inline uint64_t key_of(const struct manner *m, const struct s7_spot *s, const struct datum *d)
{
	enum { HAS_SPOT = 1 << 16 };
	uint64_t first = 0, last = 0;

	_Static_assert(offsetof(struct s7_spot, area) == sizeof first, "all in front of it is in the first");
	if (s) {
		memcpy(&first, s, sizeof first);
		last = HAS_SPOT | (uint64_t)s->area << 8 | s->syntax;
	}
	if (d)
		last |= shape_of(d) << 32;
	return oto_key_mix(m->key, first, last);
}

/* Whoever polls asks for the same variables in the same way each time: then the keys of all that a PDU has to say are gathered first, with
 * what varies where somebody may sum it up, and all of it is said again at once. */
struct chorus {
	bool listens; /* what is to be said is only gathered for now */
	bool varies;
	uint32_t n;
	uint64_t all, key[VOICES];
	struct s7_item varying[VOICES];
};

static void begin_chorus(struct chorus *ch, const struct s7_pdu *p, bool listens)
{
	ch->listens = listens;
	ch->varies = false;
	ch->n = 0;
	ch->all = p->ends;
}

static inline void join(struct chorus *ch, uint64_t key)
{
	if (ch->n < VOICES)
		ch->key[ch->n] = key;
	ch->n++;
	ch->all = oto_key_mix(ch->all, key, 1);
}

/* False: each must be said by itself this time. */
static bool said_by_all(struct s7_pdu *p, struct chorus *ch)
{
	ch->listens = false;
	if (ch->n < 2)
		return !ch->n || oto_again_with(p->cx, EV_ITEM, ch->key[0], ch->varies ? ch->varying : NULL);
	if (ch->n > VOICES)
		return false;
	return ch->varies ? oto_again_each(p->cx, EV_ITEM, ch->all, ch->varying, ch->n) : oto_again_all(p->cx, EV_ITEM, ch->all, ch->n);
}

static void rehearse(struct s7_pdu *p, const struct chorus *ch)
{
	if (ch->n > 1 && ch->n <= VOICES)
		oto_together(p->cx, EV_ITEM, ch->all, ch->key, ch->n);
}

/* Of an item no more than what varies. */
static inline void put_varying(struct s7_item *e, const struct s7_pdu *p, const struct s7_spot *spot, const struct datum *d)
{
	e->pdu_reference = p->m.pdu_reference;
	e->has_size = spot && has_plain_address(spot);
	e->transport_size = spot ? spot->size : 0;
	e->data_transport = d ? d->transport : 0;
	values_of(e, d ? d->data : (struct oto_slice){ 0 });
}

static bool said_with_values(struct s7_pdu *p, const struct s7_spot *spot, const struct datum *d, uint64_t key)
{
	struct s7_item e;

	put_varying(&e, p, spot, d);
	return oto_again_with(p->cx, EV_ITEM, key, &e);
}

/* One variable, and what was written or read where that is known. */
static __attribute__((noinline)) void say_anew(struct s7_pdu *p, const struct manner *m, const struct s7_spot *spot, uint32_t number,
					       const struct datum *d, uint64_t key)
{
	struct s7_item e = { .matched = spot && m->pdu_type != 1 };

	if (d)
		put_datum(&e, d);
	e.return_code = m->return_code;
	e.has_return_code = m->has_return_code;
	if (spot) {
		struct s7_spec spec = { .spot = *spot };
		fill(&e, &spec);
		e.target = s7_target_of(p, &spec);
	}
	values_of(&e, d ? d->data : (struct oto_slice){ 0 });
	begin(p, &e, m->access, m->pdu_type, number);
	oto_emit_as(p->cx, EV_ITEM, &e, key);
}

/* What was said of it before is only counted. */
static inline void say(struct s7_pdu *p, struct chorus *ch, const struct manner *m, const struct s7_spot *spot, uint32_t number,
		       const struct datum *d)
{
	uint64_t key = key_of(m, spot, d);

	if (ch->listens && ch->varies && ch->n < VOICES)
		put_varying(&ch->varying[ch->n], p, spot, d);
	if (ch->listens)
		join(ch, key);
	else if (!(d && d->data.len ? said_with_values(p, spot, d, key) : oto_again(p->cx, EV_ITEM, key)))
		say_anew(p, m, spot, number, d, key);
}

/* ------------------------------------------------------------------------------------------------ requests */

static inline void remember(struct s7_pdu *p, const struct s7_spot *spot)
{
	struct s7_flow *flow = p->cx->state;
	uint32_t index = p->left.items;

	p->left.items += index < UINT8_MAX;
	if (index < SPOTS_NOTED) {
		p->left.spot[index] = *spot;
	} else if (index - SPOTS_NOTED < SPOTS_MORE) {
		if (index == SPOTS_NOTED) {
			flow->more.reference = p->m.pdu_reference;
			flow->more.orig = p->cx->is_orig;
		}
		flow->more.spot[index - SPOTS_NOTED] = *spot;
		flow->more.count = (uint8_t)(index - SPOTS_NOTED + 1);
	}
}

/* What the items of an answer are: the variables of its request, those in the note and those in the flow, or of its subscription. */
struct spots {
	const struct s7_spot *first, *more;
	uint32_t nfirst, n;
};

static struct spots spots_of(const struct s7_pdu *p)
{
	const struct s7_flow *flow = p->cx->state;
	const struct s7_cyclic *job = p->subscribed;
	uint32_t n = p->match.found ? p->note->items : 0;

	if (job)
		return (struct spots){ .first = job->spot, .nfirst = job->count, .n = job->count };
	if (n <= SPOTS_NOTED)
		return (struct spots){ .first = p->note->spot, .nfirst = n, .n = n };
	bool kept = flow->more.reference == p->m.pdu_reference && flow->more.orig != p->cx->is_orig;
	uint32_t more = kept ? flow->more.count : 0;
	n = more < n - SPOTS_NOTED ? SPOTS_NOTED + more : n;
	return (struct spots){ p->note->spot, flow->more.spot, SPOTS_NOTED, n };
}

static inline const struct s7_spot *spot_at(const struct spots *s, uint32_t index)
{
	if (index < s->nfirst)
		return &s->first[index];
	return index < s->n ? &s->more[index - s->nfirst] : NULL;
}

const struct s7_spot *s7_spot_of(const struct s7_pdu *p, uint32_t index)
{
	struct spots spots = spots_of(p);

	return spot_at(&spots, index);
}

static inline struct datum take_datum(struct oto_cur *c, bool last, bool answer)
{
	enum { HEAD = 4 };
	const uint8_t *head = oto_take(c, HEAD).data;

	if (!head)
		return (struct datum){ .cut = !answer };
	struct datum d = { .return_code = head[0], .transport = head[1] };
	uint32_t length = (uint32_t)head[2] << 8 | head[3], left = oto_left(c);
	/* What failed has a length at times, and never data. */
	if (answer && d.return_code != 0 && d.return_code != S7_OK && d.return_code != 1)
		return d;
	if (d.transport == S7_DATA_BIT || d.transport == S7_DATA_BYTE || d.transport == S7_DATA_INTEGER)
		length = (length + 7) / 8;
	d.cut = length > left && (last || !answer);
	d.data = oto_take(c, d.cut ? left : length);
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
static inline void judge_datum(struct s7_pdu *p, struct datum d)
{
	bool plain = d.transport >= S7_DATA_BIT && d.transport <= S7_DATA_REAL;

	if (d.cut)
		s7_note_odd(p, "data_item_cut");
	else if (!plain && !oto_name_of(&s7_data_sizes, d.transport))
		s7_note_odd(p, "unknown_data_transport_size");
}

/* A request while its variables are told. */
struct asking {
	struct manner manner;
	struct chorus *chorus;
	bool wanted, single; /* single: somebody looks at each of them */
};

/* One variable that was not asked for before, or that somebody looks at. */
static __attribute__((noinline)) void ask_anew(struct s7_pdu *p, const struct asking *a, const struct s7_spec *spec, uint32_t number,
					       const struct datum *d, uint64_t key)
{
	struct s7_item e = { 0 };

	begin(p, &e, a->manner.access, 1, number);
	if (d)
		put_datum(&e, d);
	fill(&e, spec);
	e.target = s7_target_of(p, spec);
	if (d && a->single)
		values_of(&e, d->data);
	oto_emit_as(p->cx, EV_ITEM, &e, key);
}

/* What was asked before is only counted. */
static inline void ask(struct s7_pdu *p, const struct asking *a, const struct s7_spec *spec, uint32_t number, const struct datum *d)
{
	uint64_t key = key_of(&a->manner, &spec->spot, d);

	if (spec->spot.syntax == S7_SYMBOL)
		key = oto_key_of(key, spec->rest);
	if (a->chorus->listens)
		join(a->chorus, key);
	else if (a->wanted && !oto_again(p->cx, EV_ITEM, key))
		ask_anew(p, a, spec, number, d, key);
}

/* The next of the further areas of a DBREAD; false when there is none. */
static bool take_further(struct oto_cur *c, struct s7_spec *out)
{
	*out = (struct s7_spec){ .spot = { .syntax = S7_DB } };
	s7_take_area(c, &out->spot);
	return !c->bad;
}

static bool ask_areas(struct s7_pdu *p, const struct asking *a, const struct s7_spec *spec, uint32_t number)
{
	struct oto_cur c = oto_cur_of(spec->rest);
	struct s7_spec area;

	for (uint32_t n = 0; n < spec->more && n < UINT8_MAX; n++) {
		if (!take_further(&c, &area))
			return false;
		remember(p, &area.spot);
		ask(p, a, &area, number, NULL);
	}
	return true;
}

static bool take_other(struct oto_cur *c, struct s7_spec *spec, bool last)
{
	uint32_t start = oto_tell(c);

	if (!s7_take_spec(c, spec))
		return false;
	if (!last && (oto_tell(c) - start) & 1)
		oto_skip(c, 1); /* to an even length */
	spec->spot.areas = spec->spot.syntax == S7_DB ? (uint8_t)(spec->more + 1) : 0;
	return true;
}

/* One specification and what fills it up. */
static inline bool take_one(struct oto_cur *c, struct s7_spec *spec, bool last)
{
	*spec = (struct s7_spec){ .more = 0 };
	return s7_take_any(c, &spec->spot) || take_other(c, spec, last);
}

/* What is polled are plain addresses, one behind the other: nothing but they themselves are read. False, and nothing is done, where there
 * are others. */
static bool hear_plain(struct s7_pdu *p, struct chorus *ch, uint64_t manner, struct oto_cur *from, uint32_t count)
{
	struct oto_cur c = *from;
	struct oto_slice all = oto_take(&c, count * S7_PLAIN);
	struct oto_cur items = oto_cur_of(all);

	if (!all.len || count > SPOTS_NOTED)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *b = oto_take(&items, S7_PLAIN).data;
		if (!b || !s7_is_plain(b))
			return false;
		p->left.spot[i].areas = 0;
		s7_put_any(&p->left.spot[i], (struct oto_slice){ b + S7_PLAIN - S7_ANY_BYTES, S7_ANY_BYTES });
	}
	p->left.items = (uint8_t)count;
	ch->all = oto_key_of(manner, all);
	ch->n = count;
	*from = c;
	return true;
}

static void name_plain(const struct s7_pdu *p, const struct manner *m, struct chorus *ch)
{
	for (uint32_t i = 0; i < ch->n; i++)
		ch->key[i] = key_of(m, &p->left.spot[i], NULL);
}

static void ask_each(struct s7_pdu *p, const struct asking *a, struct oto_cur *c, uint32_t count, struct oto_cur *data)
{
	struct s7_spec spec;
	struct datum datum;

	p->left.items = 0;
	for (uint32_t i = 0; i < count && !c->bad; i++) {
		if (!take_one(c, &spec, i + 1 == count)) {
			c->bad = true;
			break;
		}
		if (spec.odd)
			s7_note_odd(p, spec.odd);
		if (data) {
			datum = take_written(data, i + 1 == count);
			judge_datum(p, datum);
		}
		remember(p, &spec.spot);
		ask(p, a, &spec, i + 1, data ? &datum : NULL);
		if (spec.more && !ask_areas(p, a, &spec, i + 1))
			c->bad = true;
	}
}

/* The targets of all variables, one behind the other. */
static struct oto_slice targets_of(struct s7_pdu *p, struct oto_cur c, uint32_t count)
{
	enum { LONGEST = 512 };
	struct s7_text all = s7_text_new(p->cx, LONGEST);
	struct s7_spec spec, area;

	for (uint32_t i = 0; i < count && take_one(&c, &spec, i + 1 == count); i++) {
		struct oto_target target = s7_target_of(p, &spec);
		s7_put_target(&all, &target);
		struct oto_cur rest = oto_cur_of(spec.rest);
		for (uint32_t n = 0; n < spec.more && n < UINT8_MAX && take_further(&rest, &area); n++) {
			target = s7_target_of(p, &area);
			s7_put_target(&all, &target);
		}
	}
	return s7_text_of(&all);
}

/* The same of who polls, who asks for the same all the time. What is kept may go while the packet is at hand, so it is copied. */
static struct oto_slice targets_again(struct s7_pdu *p, struct oto_slice specs, uint32_t count)
{
	struct s7_shared *shared = p->cx->shared;
	uint64_t key = oto_key_of(p->ends, specs);
	__typeof__(*shared->request) *kept = &shared->request[key % REQUESTS];

	if (kept->key == key) {
		struct s7_text t = s7_text_new(p->cx, kept->len);
		s7_put_slice(&t, (struct oto_slice){ kept->text, kept->len });
		return s7_text_of(&t);
	}
	struct oto_slice text = targets_of(p, oto_cur_of(specs), count);
	if (!text.len || text.len > sizeof kept->text)
		return text;
	kept->key = key;
	kept->len = (uint8_t)text.len;
	memcpy(kept->text, text.data, text.len);
	return text;
}

/* What the operation touches: one variable, or several. */
static void name_target(struct s7_pdu *p, struct oto_slice specs, uint32_t count)
{
	struct oto_cur c = oto_cur_of(specs);
	struct s7_spec spec;

	if (count == 1 && take_one(&c, &spec, true) && !spec.more)
		p->op.target = s7_target_of(p, &spec);
	else if (count)
		p->op.target.name = targets_again(p, specs, count);
}

/* Every variable of a request is told; with `data` the values that are written. */
static void tell_request(struct s7_pdu *p, struct oto_cur *from, uint32_t count, uint8_t access, struct oto_cur *data)
{
	struct chorus chorus;
	struct asking a = { .manner = { .access = access, .pdu_type = 1 },
			    .chorus = &chorus,
			    .wanted = oto_wanted(p->cx, EV_ITEM),
			    .single = oto_single(p->cx, EV_ITEM) };
	struct oto_cur c = *from, written = data ? *data : c;

	set_key(p, &a.manner);
	begin_chorus(&chorus, p, a.wanted && !(a.single && data)); /* values are looked at one by one */
	bool plain = chorus.listens && !data && count > 1 && hear_plain(p, &chorus, a.manner.key, &c, count);
	if (!plain)
		ask_each(p, &a, &c, count, data ? &written : NULL);
	if (chorus.listens && !said_by_all(p, &chorus)) {
		if (plain)
			name_plain(p, &a.manner, &chorus);
		c = *from;
		written = data ? *data : c;
		ask_each(p, &a, &c, count, data ? &written : NULL);
		rehearse(p, &chorus);
	}
	if (a.single && !c.bad)
		name_target(p, oto_take(from, oto_tell(&c) - oto_tell(from)), count);
	*from = c;
	if (data)
		*data = written;
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

static inline void note_failure(struct s7_pdu *p, uint8_t return_code)
{
	if (return_code != S7_OK && return_code != S7_UNCHANGED && !p->failed)
		p->failed = s7_return_word(return_code);
}

/* An answer while its items are told: those that went well, and those that did not. */
struct answering {
	struct manner manner[2];
	bool counted; /* nobody looks at each of them */
	struct chorus *chorus;
	struct spots spots;
};

/* The conditions of logs ask for no more. What was read or written as asked is in none that only counts (see s7comm_events.c): then nobody
 * is asked. */
static __attribute__((noinline)) void learn_manner(struct s7_pdu *p, struct manner *m, uint8_t return_code, bool counted)
{
	m->return_code = return_code;
	m->has_return_code = true;
	if (counted && return_code == S7_OK && m->pdu_type == 2)
		return;
	struct s7_item e = { .pdu_type = m->pdu_type, .return_code = return_code, .has_return_code = true };
	m->heard = oto_heard(p->cx, EV_ITEM, &e);
	set_key(p, m);
}

/* How an item is told; NULL: nobody wants to hear of it. */
static inline const struct manner *manner_of(struct s7_pdu *p, struct answering *a, uint8_t return_code)
{
	struct manner *m = &a->manner[return_code == S7_OK];

	if (!m->has_return_code || m->return_code != return_code)
		learn_manner(p, m, return_code, a->counted);
	return m->heard ? m : NULL;
}

/* Each area of a DBREAD has a return code and, when that is good, its bytes, one behind the other. Change driven messages leave out what
 * has not changed. */
static inline struct datum take_part(struct oto_cur *c, const struct s7_spot *spot, uint8_t transport)
{
	struct datum d = { .return_code = oto_u8(c), .transport = transport };

	d.data = oto_take(c, d.return_code == S7_OK ? spot->count : 0);
	return d;
}

/* False when that is not how it lies. */
static bool areas_fit(const struct spots *spots, uint32_t index, uint32_t areas, struct oto_slice data)
{
	struct oto_cur c = oto_cur_of(data);

	for (uint32_t i = 0; i < areas; i++) {
		const struct s7_spot *spot = spot_at(spots, index + i);
		if (!spot)
			return false;
		take_part(&c, spot, 0);
	}
	return !c.bad && !oto_left(&c);
}

/* False when the data are not those of areas. */
static __attribute__((noinline)) bool say_areas(struct s7_pdu *p, struct answering *a, uint32_t index, uint32_t areas, struct datum whole,
						uint32_t number)
{
	struct oto_cur c = oto_cur_of(whole.data);

	if (!areas_fit(&a->spots, index, areas, whole.data))
		return false;
	for (uint32_t i = 0; i < areas; i++) {
		const struct s7_spot *spot = spot_at(&a->spots, index + i);
		struct datum d = take_part(&c, spot, whole.transport);
		note_failure(p, d.return_code);
		const struct manner *m = manner_of(p, a, d.return_code);
		if (m)
			say(p, a->chorus, m, spot, number, &d);
	}
	return true;
}

static void read_each(struct s7_pdu *p, struct answering *a, struct oto_cur *c, uint32_t count)
{
	uint32_t index = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct datum d = take_datum(c, i + 1 == count, true);
		if (c->bad)
			break;
		const struct s7_spot *spot = spot_at(&a->spots, index);
		uint32_t areas = spot ? spot->areas : 0;
		note_failure(p, d.return_code);
		judge_datum(p, d);
		const struct manner *m = areas && say_areas(p, a, index, areas, d, i + 1) ? NULL : manner_of(p, a, d.return_code);
		if (m)
			say(p, a->chorus, m, areas ? NULL : spot, i + 1, &d);
		index += areas ? areas : 1;
	}
}

/* A return code for each variable, nothing more. */
static void written_each(struct s7_pdu *p, struct answering *a, struct oto_cur *c, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint8_t code = oto_u8(c);
		if (c->bad)
			break;
		note_failure(p, code);
		const struct manner *m = manner_of(p, a, code);
		if (m)
			say(p, a->chorus, m, spot_at(&a->spots, i), i + 1, NULL);
	}
}

typedef void answer_items(struct s7_pdu *p, struct answering *a, struct oto_cur *c, uint32_t count);

static void tell_answer(struct s7_pdu *p, struct oto_cur *data, uint32_t count, uint8_t access, answer_items *each)
{
	bool push = p->m.rosctr_code == USERDATA && !p->match.found;
	struct manner m = { .access = access, .pdu_type = push ? 3 : 2 };
	struct chorus chorus;
	struct answering a = { .manner = { m, m }, .counted = !oto_single(p->cx, EV_ITEM), .chorus = &chorus, .spots = spots_of(p) };
	struct oto_cur c = *data;

	begin_chorus(&chorus, p, true);
	chorus.varies = !a.counted && each != written_each;
	each(p, &a, &c, count);
	if (chorus.listens && !said_by_all(p, &chorus)) {
		c = *data;
		each(p, &a, &c, count);
		rehearse(p, &chorus);
	}
	*data = c;
}

void s7_read_response(struct s7_pdu *p, struct oto_cur *data, uint32_t count)
{
	tell_answer(p, data, count, ACCESS_READ, read_each);
}

void s7_items_response(struct s7_pdu *p, struct oto_cur *data, uint32_t count, uint8_t access)
{
	tell_answer(p, data, count, access, read_each);
}

void s7_write_response(struct s7_pdu *p, struct oto_cur *data, uint32_t count)
{
	tell_answer(p, data, count, ACCESS_WRITE, written_each);
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
