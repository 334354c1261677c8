/* contract.c - see contract.h. */
#include "contract.h"
#include "event.h"

#define MOST_WORDS 65536u
#define SMALL_TABLE 1024u /* rows up to which a table need not be sorted to be searched for doubles */

/* What stands in filters, columns and Lua: a letter first. */
static bool is_word(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

	return name && *name && strchr(letters, *name) &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-.")];
}

/* ------------------------------------------------------------------------------------------------ value tables */

static const struct oto_name *row_at(const struct oto_names *names, uint32_t i)
{
	return (const struct oto_name *)(const void *)((const char *)names->row + (size_t)i * names->stride);
}

static const struct oto_name *said_before(const struct oto_names *names, uint32_t n)
{
	uint32_t value = row_at(names, n)->value;

	for (uint32_t i = names->count > SMALL_TABLE ? n - 1 : 0; i < n; i++) {
		if (row_at(names, i)->value == value)
			return row_at(names, i);
	}
	return NULL;
}

static bool names_ok(const char *event, const struct oto_field *f, struct oto_error *err)
{
	const struct oto_names *names = f->names;

	if (!names)
		return true;
	if (f->kind == OTO_F64 || (f->kind > OTO_I64 && f->kind != OTO_VEC))
		return oto_fail(err, "event %s: field %s has a value table and is not a whole number", event, f->name);
	if (!names->self_size || names->stride < offsetof(struct oto_name, op) || (names->count && !names->row))
		return oto_fail(err, "event %s: field %s: its value table is not filled; say OTO_NAMES(rows)", event, f->name);
	if (names->count > MOST_WORDS)
		return oto_fail(err, "event %s: field %s: a value table has at most %u rows", event, f->name, MOST_WORDS);
	bool rising = true; /* so far; then no value came before, and long tables are checked in no time */
	for (uint32_t i = 0; i < names->count; i++) {
		const struct oto_name *row = row_at(names, i);
		rising = rising && (!i || row->value > row_at(names, i - 1)->value);
		const struct oto_name *before = rising ? NULL : said_before(names, i);
		if (!row->name || !*row->name)
			return oto_fail(err, "event %s: field %s: value %u of its table has no word", event, f->name, row->value);
		if (names->stride > offsetof(struct oto_name, op) && row->op >= OTO_OP_COUNT)
			return oto_fail(err, "event %s: field %s: %s of its table has the operation %u, which enum oto_op lacks", event,
					f->name, row->name, row->op);
		if (before)
			return oto_fail(err, "event %s: field %s: value %u of its table is both %s and %s", event, f->name, row->value,
					before->name, row->name);
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ events */

static uint32_t kind_size(uint16_t kind)
{
	static const uint32_t size[] = {
		[OTO_BOOL] = sizeof(bool),
		[OTO_U8] = 1,
		[OTO_U16] = 2,
		[OTO_U32] = 4,
		[OTO_U64] = 8,
		[OTO_I64] = 8,
		[OTO_F64] = sizeof(double),
		[OTO_STR] = sizeof(char *),
		[OTO_BYTES] = sizeof(struct oto_slice),
		[OTO_ADDR] = sizeof(struct oto_addr),
		[OTO_MAC] = sizeof(struct oto_mac),
		[OTO_TIME] = sizeof(struct oto_time),
		[OTO_INTERVAL] = sizeof(struct oto_interval),
		[OTO_VEC] = sizeof(struct oto_vec),
		[OTO_LIST] = sizeof(struct oto_list),
		[OTO_TARGET] = sizeof(struct oto_target),
	};
	return kind < sizeof size / sizeof *size ? size[kind] : 0;
}

static bool field_ok(const struct oto_event_type *type, const struct oto_field *fields, uint32_t i, struct oto_error *err)
{
	const struct oto_field *f = &fields[i];
	uint32_t size = kind_size(f->kind);

	if (!is_word(f->name))
		return oto_fail(err, "event %s: field %u has no name, or one that is no word: \"%s\"", type->name, i + 1,
				f->name ? f->name : "");
	if (!f->doc)
		return oto_fail(err, "event %s: field %s needs a doc, a few words for the reference", type->name, f->name);
	if (!size)
		return oto_fail(err, "event %s: field %s: %u is no type of enum oto_kind; say OTO_FIELD(struct, %s, \"...\")", type->name,
				f->name, f->kind, f->name);
	if (f->offset + size > type->size)
		return oto_fail(err, "event %s: field %s does not lie inside its struct of %u bytes", type->name, f->name, type->size);
	if (f->guard > type->size)
		return oto_fail(err, "event %s: the guard of field %s does not lie inside its struct; say OTO_IF(struct, has_%s)",
				type->name, f->name, f->name);
	for (uint32_t k = 0; k < i; k++) {
		if (strcmp(fields[k].name, f->name) == 0)
			return oto_fail(err, "event %s: field %s is declared twice", type->name, f->name);
	}
	return names_ok(type->name, f, err);
}

bool oto_contract_event(const struct oto_event_type *type, const struct oto_field *fields, struct oto_error *err)
{
	for (uint32_t i = 0; i < type->nfields; i++) {
		if (!field_ok(type, fields, i, err))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ analyzers */

static bool speaks_of(const struct oto_analyzer *a, const char *transport)
{
	const char *keys = a->keys;

	for (struct oto_slice word; (word = oto_word(&keys)).len;) {
		if (word.len >= 3 && memcmp(word.data, transport, 3) == 0 && (word.len == 3 || word.data[3] == '/'))
			return true;
	}
	return false;
}

static bool pairing_ok(const struct oto_analyzer *a, struct oto_error *err)
{
	const struct oto_pairing *p = a->pairing;

	if (!p)
		return true;
	if (!p->self_size)
		return oto_fail(err, "analyzer %s: its pairing needs .self_size, or nothing of it is read", a->name);
	if (p->note_size > OTO_NOTE_MAX)
		return oto_fail(err, "analyzer %s: note of %u bytes is above %u", a->name, p->note_size, OTO_NOTE_MAX);
	if (p->scope > OTO_SCOPE_SEGMENT)
		return oto_fail(err, "analyzer %s: the scope %u of its pairing is none of enum oto_scope", a->name, p->scope);
	return true;
}

static bool events_ok(const struct oto_analyzer *a, struct oto_error *err)
{
	if (!a->events != !a->nevents)
		return oto_fail(err, "analyzer %s: .events and .nevents belong together", a->name);
	for (uint32_t i = 0; i < a->nevents; i++) {
		if (!a->events[i])
			return oto_fail(err, "analyzer %s: .nevents is %u and event %u is NULL", a->name, a->nevents, i);
		if (!is_word(a->events[i]->name) || !a->events[i]->doc)
			return oto_fail(err,
					"analyzer %s: event %u needs a doc and a name that is a word, as \"modbus.request\", not \"%s\"",
					a->name, i, a->events[i]->name ? a->events[i]->name : "");
		if (!a->events[i]->self_size || (a->events[i]->nfields && !a->events[i]->field_stride))
			return oto_fail(err, "analyzer %s: event %s is not filled; say OTO_EVENT(\"%s\", struct, fields, \"...\")", a->name,
					a->events[i]->name, a->events[i]->name);
	}
	return true;
}

bool oto_contract_analyzer(const struct oto_analyzer *a, const struct oto_analyzer *given, struct oto_error *err)
{
	if (given->self_size < offsetof(struct oto_analyzer, pdu))
		return oto_fail(err, "an analyzer needs .self_size: begin with .self_size = sizeof and its own name");
	if (!a->name || !*a->name || !a->doc || !*a->doc)
		return oto_fail(err, "an analyzer needs a name and a doc");
	if (!is_word(a->name) || strchr(a->name, '.'))
		return oto_fail(err, "analyzer \"%s\": its name is a word of letters, digits, _ and -", a->name);
	if (!a->keys || !*a->keys)
		return oto_fail(
		    err, "analyzer %s: needs keys that tell whose bytes it reads: \"tcp/502 udp/502\", \"eth/0x88cc\", \"cotp\"", a->name);
	if (!a->pdu)
		return oto_fail(err, "analyzer %s: needs a function pdu, which reads a message", a->name);
	if (a->state_size > OTO_STATE_MAX)
		return oto_fail(err, "analyzer %s: state of %u bytes a flow is above %u; oto_hold() keeps more", a->name, a->state_size,
				OTO_STATE_MAX);
	if ((a->flags & OTO_ANY_PORT) && !a->probe)
		return oto_fail(err, "analyzer %s: any port needs a probe", a->name);
	if ((a->flags & OTO_ANY_PORT) && !speaks_of(a, "tcp") && !speaks_of(a, "udp"))
		return oto_fail(err, "analyzer %s: any port of which transport? Its keys name no tcp/ and no udp/", a->name);
	return pairing_ok(a, err) && events_ok(a, err);
}
