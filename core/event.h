/* event.h - the event bus: types by name, values by field, emission in packet order, dispatch to listeners.
 *
 * Everything that shows an event (Lua view, filter, log column, JSON, reference page) reads it through oto_value_get() over the
 * type's field table; there is no second list. An event emitted during a packet waits in the packet's arena and is dispatched when
 * the packet's decoding is done; what scripts raise is queued behind and drained in bounded rounds.
 */
#ifndef OTO_EVENT_H
#define OTO_EVENT_H

#include "base.h"

struct oto_event;
struct oto_field_ref;
typedef void oto_listener(void *who, const struct oto_event *event);
typedef bool oto_accepts(const void *who, const struct oto_event *event);
/* What was said again: 1 + more events, alike in all but their time and what varies. */
struct oto_repeat {
	const struct oto_head *head;
	uint32_t more;
	bool each;        /* there is one `data` for each, side by side; else the same for all */
	const void *data; /* the type's struct, in which only fields of which no two are alike need be filled; NULL: none is */
};
/* What an event is counted under that was emitted with this key before; 0: not known. Stays so until the packet is done. */
typedef uint32_t oto_known(void *who, const struct oto_repeat *again, uint64_t key);
/* They are counted under that. */
typedef void oto_repeated(void *who, uint32_t row, const struct oto_repeat *again);
/* `key` stands for all events of these keys from now on. */
typedef void oto_joined(void *who, uint64_t key, const uint64_t *keys, uint32_t n);

/* A registered type. Fields are a private copy with this build's stride. `id` is dense, from 0, in order of registration. */
struct oto_event_def {
	const struct oto_event_type *type;
	const char *name, *doc;
	const struct oto_field *fields;
	uint32_t nfields, size, id;
	uint32_t nlisteners;
	struct oto_event_listener {
		oto_listener *call;
		void *who;
		oto_accepts *accepts; /* NULL: all */
		oto_known *known;     /* NULL: looks at each single event */
		oto_repeated *repeated;
		oto_joined *joined;      /* NULL: knows nothing but single events */
		bool alike;              /* heeds `more`; else it is told so many times */
		uint64_t (*unwanted)[4]; /* keys of events that it did not accept, in sets; NULL: none yet */
	} * listeners;
	uint32_t ncounting;   /* listeners that only count */
	bool whole_keys;      /* as its type says; of an older object's no */
	bool picky;           /* no listener accepts all */
	uint64_t queued_in;   /* the round of the bus in which one was queued last */
	bool tells_ends;      /* keys tell whose packet it was; false: nobody reads that who is not told each single event */
	uint64_t emitted;     /* to somebody who listens, since start; what a malformed PDU said before it was dropped counts too */
	const char *analyzer; /* who emits it; NULL for the core and scripts */
};

/* An event on its way. Valid until the listener returns. */
struct oto_event {
	const struct oto_event_def *def;
	const struct oto_head *head;
	const void *data;
	uint32_t more; /* further ones that are alike, for listeners that only count */
	uint64_t key;  /* under which its author may say it again; 0: none */
};

struct oto_bus;
struct oto_bus *oto_bus_new(void);
void oto_bus_free(struct oto_bus *bus);

/* Register a type (borrowed for the life of the bus). Fails on a duplicate or ill-formed name or field; the very same table again is the
 * event that is there already, so that several analyzers may speak it. */
struct oto_event_def *oto_bus_add(struct oto_bus *bus, const struct oto_event_type *type, const char *analyzer, struct oto_error *err);
struct oto_event_def *oto_bus_find(const struct oto_bus *bus, const char *name);
/* All types, in order of registration; *n their number. */
struct oto_event_def *const *oto_bus_types(const struct oto_bus *bus, uint32_t *n);
/* " (did you mean ...?)" for an unknown event name. */
const char *oto_bus_near(const struct oto_bus *bus, const char *name, char *out, size_t size);

/* Listeners are called in the order in which they were added. */
void oto_bus_listen(struct oto_bus *bus, struct oto_event_def *def, oto_listener *call, void *who);
/* The same for those events alone that `accepts` (NULL: all of them). It is asked before the event is copied: what nobody accepts costs
 * little. */
void oto_bus_listen_if(struct oto_bus *bus, struct oto_event_def *def, oto_accepts *accepts, oto_listener *call, void *who);
/* The same for who counts events by nothing but fields in which those that are told together are alike, and heeds `more`. */
void oto_bus_count(struct oto_bus *bus, struct oto_event_def *def, oto_accepts *accepts, oto_listener *call, oto_known *known,
		   oto_repeated *repeated, oto_joined *joined, void *who);
/* For who looks at each single event, but only counts some that were there before. Their keys must be whole. Those that are said again are
 * counted before the others of their packet, so once one of a type waits to be told all that follow it do: their order stays. */
void oto_bus_listen_known(struct oto_bus *bus, struct oto_event_def *def, oto_listener *call, oto_known *known, oto_repeated *repeated,
			  oto_joined *joined, void *who);
static inline bool oto_event_wanted(const struct oto_event_def *def)
{
	return def->nlisteners != 0;
}
/* Does anybody look at each single one? */
static inline bool oto_event_single(const struct oto_event_def *def)
{
	return def->nlisteners != def->ncounting;
}

/* Queue an event: `data` (def->size bytes) is copied, what it points at must live until the packet is done (oto_bus_scratch).
 * head likewise. Nobody who listens to it: counted and dropped. */
void oto_bus_emit(struct oto_bus *bus, struct oto_event_def *def, const struct oto_head *head, const void *data);
/* Would anybody take it? Asks who is choosy; of `data` no more than what their conditions read need be filled in. */
bool oto_bus_heard(const struct oto_event_def *def, const struct oto_head *head, const void *data);
/* The same for 1 + more events that are alike. Who looks at each single one is told so many times. */
void oto_bus_emit_more(struct oto_bus *bus, struct oto_event_def *def, const struct oto_head *head, const void *data, uint32_t more,
		       uint64_t key);
/* The event that was emitted with this key is said again; false: it must be emitted, because somebody looks at each or nobody knows it.
 * What `again` has as data is copied, what that points at must live until the packet is done. */
bool oto_bus_again(struct oto_bus *bus, struct oto_event_def *def, uint64_t key, const struct oto_repeat *again);
/* From now on `key` stands for all that was emitted with these keys, and oto_bus_again() for as many events. */
void oto_bus_together(const struct oto_event_def *def, uint64_t key, const uint64_t *keys, uint32_t n);
/* Does one of the type wait to be told? */
bool oto_bus_queues(const struct oto_bus *bus, const struct oto_event_def *def);
/* Somebody reads these n fields who is not told each single event of the type. Of a head, the port that the originator takes is another one
 * with each connection, a fact is the same whoever its packet went to, and hardly anybody asks: keys tell such from then on. */
void oto_bus_tell(struct oto_bus *bus, struct oto_event_def *def, const struct oto_field_ref *fields, uint32_t n);
bool oto_bus_tells_port(const struct oto_bus *bus);
/* Zeroed memory until the end of the packet; NULL beyond 256 KiB a packet (counted). */
void *oto_bus_scratch(struct oto_bus *bus, size_t size);
/* The same for what scripts raise: 8 MiB. */
void *oto_bus_raised(struct oto_bus *bus, size_t size);

/* The same for the engine's own needs (heads, assembled PDUs), bounded only by the packet's arena of 16 MiB; not zeroed. NULL beyond it. */
void *oto_bus_bytes(struct oto_bus *bus, size_t size);
void *oto_bus_copy(struct oto_bus *bus, const void *data, size_t size);

/* Forget everything emitted since the mark: how "parse whole, then speak" is enforced. */
struct oto_bus_mark {
	uint32_t queued, repeats;
	struct oto_arena_mark arena;
};
struct oto_bus_mark oto_bus_mark(const struct oto_bus *bus);
void oto_bus_rewind(struct oto_bus *bus, struct oto_bus_mark mark);

/* Dispatch all that is queued, then what listeners raised meanwhile, at most 8 rounds (the rest is dropped, counted), then
 * empty the arena. Called once a packet, and after timers. */
void oto_bus_drain(struct oto_bus *bus);
struct oto_bus_stats {
	uint64_t emitted, unheard, dispatched, overflow, scratch_refused;
} oto_bus_stats(const struct oto_bus *bus);

/* ------------------------------------------------------------------------------------------------ values */

/* A field's value, borrowed from the event. kind 0: absent. Bool, U8..U64 are in u; names is set when the number has words. */
struct oto_value {
	uint16_t kind, flags;
	const struct oto_names *names;
	union {
		uint64_t u;
		int64_t i; /* I64, TIME, INTERVAL in ns */
		double f;
		const char *str;
		struct oto_slice bytes;
		const struct oto_addr *addr;
		const struct oto_mac *mac;
		struct oto_vec vec;
		struct oto_list list;
		const struct oto_target *target;
	};
};

/* Beside enum oto_field_flags, for the head's table only: an OTO_STR whose characters stand in the struct itself (uid). */
#define OTO_INLINE 0x8000u

/* Numbers that are measured, times, lists and what is said to vary: of these no two are alike. A flow's uid likewise. */
static inline bool oto_never_repeats(uint16_t kind, uint16_t flags)
{
	switch (kind) {
	case OTO_U64:
	case OTO_I64:
	case OTO_F64:
	case OTO_TIME:
	case OTO_INTERVAL:
	case OTO_VEC:
	case OTO_LIST:
		return true;
	}
	return flags & (OTO_INLINE | OTO_VARIES);
}

/* Where a value is read: a field of the event's own struct or of the head. */
struct oto_field_ref {
	const struct oto_field *field; /* NULL: not found */
	bool in_head;
};

/* The head's own table: ts packet uid orig_h orig_p resp_h resp_p transport is_orig vlan inner_vlan ethertype orig_mac resp_mac interface
 * sensor. */
const struct oto_field *oto_head_fields(uint32_t *n);
const struct oto_field *oto_head_port(void);               /* orig_p */
bool oto_head_is_of_ends(const struct oto_field *of_head); /* which sides and what between them: not when, nor where it was seen */

/* Look a field up: the event's own first, then the head's. "id.orig_h" is accepted for orig_h, and so on. */
struct oto_field_ref oto_field_find(const struct oto_event_def *def, const char *name, size_t len);
const char *oto_field_near(const struct oto_event_def *def, const char *name, char *out, size_t size);

void oto_value_get(const struct oto_event *event, struct oto_field_ref ref, struct oto_value *out);
/* Its guard says so; what has none may be absent by its value. */
static inline bool oto_value_is_absent(const struct oto_event *event, struct oto_field_ref ref)
{
	const char *base = ref.in_head ? (const char *)event->head : (const char *)event->data;
	return !base || (ref.field->guard && !*(const bool *)(base + ref.field->guard - 1));
}
uint64_t oto_vec_at(const struct oto_vec *v, uint32_t index); /* index < v->count; signed numbers extended, of reals the whole part */

/* Which member of an oto_value an element belongs into: OTO_U64, OTO_I64 or OTO_F64. */
enum oto_kind oto_vec_item_kind(const struct oto_vec *v);
double oto_vec_real(const struct oto_vec *v, uint32_t index); /* an element of kind OTO_F64 */

/* Text as logs and Lua's tostring show it. Addresses, MACs lower case; time as seconds with 6 decimals; bytes as valid UTF-8 with \xNN for
 * the rest; a named number as its word, "unknown-N" when it has none. */
void oto_value_text(const struct oto_value *v, struct oto_buf *out);

/* Kept inside what 64 bits of nanoseconds can say (some 292 years). */
int64_t oto_ns_from_seconds(double seconds);
/* "10s", "1.5m", "1h30m", "250ms": numbers with units, added up. */
bool oto_interval_parse(const char *text, int64_t *ns);
/* One JSON value; absent gives null. Times and intervals are numbers of seconds, vectors arrays. */
void oto_value_json(const struct oto_value *v, struct oto_buf *out);
/* Text for people: valid UTF-8 as it is, \xNN for the rest. */
void oto_plain_text(struct oto_slice s, struct oto_buf *out);
void oto_plain_lines(struct oto_slice s, struct oto_buf *out); /* the same, but line ends and tabs stay */
/* A quoted JSON string; bytes that are not UTF-8 and controls become \\xNN inside it, as in Zeek's JSON logs. */
void oto_json_text(struct oto_slice s, struct oto_buf *out);
void oto_addr_text(const struct oto_addr *a, struct oto_buf *out);
bool oto_is_utf8(struct oto_slice text);                     /* RFC 3629: no overlong forms, no surrogates */
bool oto_addr_parse(const char *text, struct oto_addr *out); /* IPv4, IPv6 or MAC */

const char *oto_op_name(uint32_t op); /* "read" ... ; "none" */
enum oto_category { OTO_CATEGORY_OBSERVE, OTO_CATEGORY_CHANGE, OTO_CATEGORY_CONTROL };
uint32_t oto_op_category(uint32_t op); /* enum oto_category */

#endif
