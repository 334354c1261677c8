/* oto_plugin.h - the analyzer contract: the only header a dissector includes, built in or loaded.
 *
 * An analyzer is one `struct oto_analyzer`: where its bytes come from (`keys`), how to recognise them (`probe`), where a
 * message ends (`pdu_len`), what it says (`pdu`), and the field tables of the events it emits. The engine owns buffering,
 * fragments, several PDUs in a segment, gaps, resynchronisation and the pairing of requests with responses.
 *
 * Ownership: every slice and cursor borrows packet bytes that live until the packet's events have been dispatched. Nothing an
 * analyzer receives may be kept longer; what must outlive the packet goes, by value, into the analyzer's flow state or the note
 * of a request. An event may point at PDU bytes, at oto_scratch() memory and at constants, never at the C stack.
 *
 * ABI: a loaded object exports one function, oto_plugin_init. `struct oto_host` only grows at its end, every struct the
 * author fills starts with its own size, arrays carry their stride, enum numbers are never reused. What an older object
 * did not know is read as zero. A service that an object needs and the host lacks is refused at load (OTO_NEEDS).
 */
#ifndef OTO_PLUGIN_H
#define OTO_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define OTO_ABI 1u

/* ------------------------------------------------------------------------------------------------ values */

/* Borrowed bytes. An empty slice has len 0; data may then be NULL. */
struct oto_slice {
	const uint8_t *data;
	uint32_t len;
};

struct oto_mac {
	uint8_t byte[6];
};

/* An address of any family. IPv4 uses byte[0..3], a MAC byte[0..5], the rest is zero, so that two addresses are equal exactly
 * when their bytes are (memcmp over the whole struct). A host without IP is named by its MAC: non-IP hosts are first class. */
enum oto_family { OTO_FAMILY_NONE = 0, OTO_FAMILY_IPV4 = 4, OTO_FAMILY_IPV6 = 6, OTO_FAMILY_MAC = 48 };
struct oto_addr {
	uint8_t byte[16];
	uint8_t family;
};

struct oto_time {
	int64_t ns; /* since 1970-01-01T00:00:00Z, packet time */
};
struct oto_interval {
	int64_t ns;
};

/* Numbers still in wire form, each read when asked for. Bits are least significant first, as Modbus packs coils. */
enum oto_vec_kind {
	OTO_VEC_BITS = 0,
	OTO_VEC_U8,
	OTO_VEC_U16BE,
	OTO_VEC_U16LE,
	OTO_VEC_U32BE,
	OTO_VEC_U32LE,
	OTO_VEC_U64LE,
	OTO_VEC_I8,
	OTO_VEC_I16LE,
	OTO_VEC_I32LE,
	OTO_VEC_I64LE,
	OTO_VEC_F32LE, /* IEEE 754; a filter compares the whole part */
	OTO_VEC_F64LE,
	OTO_VEC_KINDS
};
struct oto_vec {
	const uint8_t *data;
	uint32_t count; /* elements, not bytes */
	uint8_t kind;   /* enum oto_vec_kind */
};

/* A list of byte strings; `items` is oto_scratch() memory or constant. */
struct oto_list {
	const struct oto_slice *items;
	uint32_t count;
};

/* What an operation touches: `space` names the address space ("holding_register", "DB1"), then either a numeric range
 * (count > 0) or a name. Rendered "holding_register:100-109" or "tag:Motor1" only when somebody reads it. */
struct oto_target {
	const char *space; /* constant, or NULL */
	struct oto_slice name;
	uint64_t first;
	uint32_t count;
};

static inline struct oto_slice oto_slice_of(const char *s)
{
	return (struct oto_slice){ (const uint8_t *)s, s ? (uint32_t)strlen(s) : 0 };
}

/* ------------------------------------------------------------------------------------------------ cursor */

/* The one way to read wire bytes. A read past the end gives zero and sets `bad` for good; the engine looks at `bad` when
 * pdu() returns, drops whatever the PDU said and raises the weird "<analyzer>.truncated". So a dissector reads on without checks and
 * checks `bad` once, before it speaks. Copying a cursor is a cheap look-ahead. */
struct oto_cur {
	const uint8_t *start, *at, *end;
	bool bad;
};

static inline struct oto_cur oto_cur_of(struct oto_slice s)
{
	return (struct oto_cur){ s.data, s.data, s.len ? s.data + s.len : s.data, false };
}

/* None once a read failed: what reads on while bytes are left ends then. */
static inline uint32_t oto_left(const struct oto_cur *c)
{
	return c->bad ? 0 : (uint32_t)(c->end - c->at);
}

/* Offset of the next byte from the start of the PDU. */
static inline uint32_t oto_tell(const struct oto_cur *c)
{
	return (uint32_t)(c->at - c->start);
}

/* True when n more bytes can be read; otherwise marks the cursor bad. */
static inline bool oto_need(struct oto_cur *c, uint32_t n)
{
	if (!c->bad && (uint32_t)(c->end - c->at) >= n)
		return true;
	c->bad = true;
	return false;
}

static inline void oto_skip(struct oto_cur *c, uint32_t n)
{
	if (n && oto_need(c, n))
		c->at += n;
}

static inline uint8_t oto_u8(struct oto_cur *c)
{
	return oto_need(c, 1) ? *c->at++ : 0;
}

static inline uint16_t oto_be16(struct oto_cur *c)
{
	if (!oto_need(c, 2))
		return 0;
	c->at += 2;
	return (uint16_t)(c->at[-2] << 8 | c->at[-1]);
}

static inline uint16_t oto_le16(struct oto_cur *c)
{
	if (!oto_need(c, 2))
		return 0;
	c->at += 2;
	return (uint16_t)(c->at[-1] << 8 | c->at[-2]);
}

static inline uint32_t oto_be24(struct oto_cur *c)
{
	if (!oto_need(c, 3))
		return 0;
	c->at += 3;
	return (uint32_t)c->at[-3] << 16 | (uint32_t)c->at[-2] << 8 | c->at[-1];
}

static inline uint32_t oto_be32(struct oto_cur *c)
{
	if (!oto_need(c, 4))
		return 0;
	c->at += 4;
	return (uint32_t)c->at[-4] << 24 | (uint32_t)c->at[-3] << 16 | (uint32_t)c->at[-2] << 8 | c->at[-1];
}

static inline uint32_t oto_le32(struct oto_cur *c)
{
	if (!oto_need(c, 4))
		return 0;
	c->at += 4;
	return (uint32_t)c->at[-1] << 24 | (uint32_t)c->at[-2] << 16 | (uint32_t)c->at[-3] << 8 | c->at[-4];
}

static inline uint64_t oto_be64(struct oto_cur *c)
{
	uint64_t high = oto_be32(c);
	return high << 32 | oto_be32(c);
}

static inline uint64_t oto_le64(struct oto_cur *c)
{
	uint64_t low = oto_le32(c);
	return (uint64_t)oto_le32(c) << 32 | low;
}

/* The next n bytes as a slice; an empty slice and `bad` when there are fewer. */
static inline struct oto_slice oto_take(struct oto_cur *c, uint32_t n)
{
	if (!oto_need(c, n))
		return (struct oto_slice){ 0 };
	if (!n)
		return (struct oto_slice){ c->at, 0 }; /* at may be NULL, which C lets nobody add to */
	c->at += n;
	return (struct oto_slice){ c->at - n, n };
}

static inline struct oto_slice oto_rest(struct oto_cur *c)
{
	return oto_take(c, oto_left(c));
}

/* A cursor over the next n bytes, which the outer cursor skips; bad in both when there are fewer. */
static inline struct oto_cur oto_sub(struct oto_cur *c, uint32_t n)
{
	struct oto_cur sub = oto_cur_of(oto_take(c, n));
	sub.bad = c->bad;
	return sub;
}

/* A cursor at `offset` of the same PDU, for formats with pointers (DNS names, RFC 1035 4.1.4). Bad when outside. */
static inline struct oto_cur oto_seek(const struct oto_cur *c, uint32_t offset)
{
	struct oto_cur there = *c;
	if (offset > (uint32_t)(c->end - c->start))
		there.bad = true;
	else
		there.at = offset ? c->start + offset : c->start; /* may be NULL, as in oto_take() */
	return there;
}

/* n elements of a numeric vector, still in wire form. */
static inline struct oto_vec oto_take_vec(struct oto_cur *c, enum oto_vec_kind kind, uint32_t count)
{
	static const uint8_t width[OTO_VEC_KINDS] = { 0, 1, 2, 2, 4, 4, 8, 1, 2, 4, 8, 4, 8 };
	uint64_t bytes = kind == OTO_VEC_BITS ? ((uint64_t)count + 7) / 8 : (uint64_t)count * width[kind];
	struct oto_slice s = oto_take(c, bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes);
	return (struct oto_vec){ s.data, c->bad ? 0 : count, (uint8_t)kind };
}

static inline struct oto_mac oto_take_mac(struct oto_cur *c)
{
	struct oto_mac mac = { { 0 } };
	struct oto_slice s = oto_take(c, 6);
	if (s.len)
		memcpy(mac.byte, s.data, 6);
	return mac;
}

static inline struct oto_addr oto_take_ipv4(struct oto_cur *c)
{
	struct oto_addr addr = { { 0 }, OTO_FAMILY_IPV4 };
	struct oto_slice s = oto_take(c, 4);
	if (s.len)
		memcpy(addr.byte, s.data, 4);
	return addr;
}

static inline struct oto_addr oto_take_ipv6(struct oto_cur *c)
{
	struct oto_addr addr = { { 0 }, OTO_FAMILY_IPV6 };
	struct oto_slice s = oto_take(c, 16);
	if (s.len)
		memcpy(addr.byte, s.data, 16);
	return addr;
}

/* A broadcast or multicast (RFC 919 7, RFC 5771, RFC 4291 2.7; IEEE 802 8.2): it goes to nobody in particular; nobody sends from there. */
static inline bool oto_mac_is_group(const struct oto_mac *mac)
{
	return mac->byte[0] & 1;
}

static inline bool oto_addr_is_group(const struct oto_addr *a)
{
	switch (a->family) {
	case OTO_FAMILY_IPV4:
		return a->byte[0] >> 4 == 14 || memcmp(a->byte, "\xff\xff\xff\xff", 4) == 0;
	case OTO_FAMILY_IPV6:
		return a->byte[0] == 0xff;
	case OTO_FAMILY_MAC:
		return a->byte[0] & 1;
	default:
		return false;
	}
}

/* ------------------------------------------------------------------------------------------------ what a command does */

/* The closed list of what an operation does to a device. `category` follows: observe (read, program_read, discover, diagnose,
 * cyclic, other, authenticate), change (write, program_write, firmware, configure, time, clear), control (start, stop, reset,
 * mode). */
enum oto_op {
	OTO_OP_NONE = 0, /* not an operation: a keep-alive, a response */
	OTO_OP_READ,
	OTO_OP_WRITE,
	OTO_OP_START,
	OTO_OP_STOP,
	OTO_OP_RESET,
	OTO_OP_MODE,
	OTO_OP_PROGRAM_READ,
	OTO_OP_PROGRAM_WRITE,
	OTO_OP_FIRMWARE,
	OTO_OP_CONFIGURE,
	OTO_OP_AUTHENTICATE,
	OTO_OP_DISCOVER,
	OTO_OP_DIAGNOSE,
	OTO_OP_TIME,
	OTO_OP_CYCLIC,
	OTO_OP_OTHER,
	OTO_OP_CLEAR, /* counters, faults and logs are forgotten; nothing stops: of a device or its process it is OTO_OP_RESET */
	OTO_OP_COUNT
};

/* A value table: code, word, what it does to the device, and a line for the reference. Sorted or not, at most 65,536 rows. */
struct oto_name {
	uint32_t value;
	const char *name;
	uint32_t op; /* enum oto_op */
	const char *doc;
};
struct oto_names {
	uint32_t self_size, count, stride;
	const struct oto_name *row;
};
#define OTO_NAMES(rows)                                                                                                                    \
	{                                                                                                                                  \
		sizeof(struct oto_names), sizeof(rows) / sizeof(*(rows)), sizeof(struct oto_name), (rows)                                  \
	}

static inline const struct oto_name *oto_name_at(const struct oto_names *names, uint32_t index)
{
	return (const struct oto_name *)(const void *)((const char *)names->row + (size_t)index * names->stride);
}

/* Where the value stands when the table has no gaps before it, as most have; NULL: it does not stand there. */
static inline const struct oto_name *oto_name_guess(const struct oto_names *names, uint32_t value)
{
	uint32_t guess = names->count ? value - names->row->value : 0;
	const struct oto_name *row = guess < names->count ? oto_name_at(names, guess) : NULL;

	return row && row->value == value ? row : NULL;
}

/* The row for a value, or NULL. Linear over small tables; dispatch on the value itself where it matters. */
static inline const struct oto_name *oto_name_of(const struct oto_names *names, uint32_t value)
{
	const struct oto_name *row = names ? oto_name_guess(names, value) : NULL;

	for (uint32_t i = 0; !row && names && i < names->count; i++)
		row = oto_name_at(names, i)->value == value ? oto_name_at(names, i) : NULL;
	return row;
}

/* The same by halves, for large tables whose values rise. */
static inline const struct oto_name *oto_name_in_order(const struct oto_names *names, uint32_t value)
{
	const struct oto_name *row = names ? oto_name_guess(names, value) : NULL;
	uint32_t low = 0;

	if (row || !names || !names->count)
		return row;
	for (uint32_t n = names->count; n > 1;) {
		uint32_t half = n / 2;
		low = oto_name_at(names, low + half)->value <= value ? low + half : low;
		n -= half;
	}
	row = oto_name_at(names, low);
	return row->value == value ? row : NULL;
}

/* ------------------------------------------------------------------------------------------------ events */

enum oto_kind {
	OTO_BOOL = 1,
	OTO_U8,
	OTO_U16,
	OTO_U32,
	OTO_U64,
	OTO_I64,
	OTO_F64,
	OTO_STR,   /* const char *: a constant, NULL is absent */
	OTO_BYTES, /* struct oto_slice: text from the wire, or hex with OTO_HEX; data NULL is absent, other empty text is there */
	OTO_ADDR,  /* family NONE is absent */
	OTO_MAC,
	OTO_TIME,
	OTO_INTERVAL,
	OTO_VEC,
	OTO_LIST,
	OTO_TARGET,
};

#define OTO_KIND(x)                                                                                                                        \
	_Generic((x), bool: OTO_BOOL, uint8_t: OTO_U8, uint16_t: OTO_U16, uint32_t: OTO_U32, uint64_t: OTO_U64, int64_t: OTO_I64,    \
		 double: OTO_F64, const char *: OTO_STR, struct oto_slice: OTO_BYTES, struct oto_addr: OTO_ADDR,                     \
		 struct oto_mac: OTO_MAC, struct oto_time: OTO_TIME, struct oto_interval: OTO_INTERVAL, struct oto_vec: OTO_VEC,     \
		 struct oto_list: OTO_LIST, struct oto_target: OTO_TARGET)

enum oto_field_flags {
	OTO_HEX = 1, /* bytes are not text, or a number that people write so: print as hexadecimal, a number as 0x and two digits or more */
	OTO_SECONDS = 2, /* whole numbers that count seconds: an interval to Lua and logs (DNS TTLs) */
	OTO_PORT = 4,    /* a transport port */
	OTO_SET = 8,     /* a list whose order means nothing (Zeek's set[string]) */
	OTO_WIDE = 16,   /* a hexadecimal number with all digits of its type: 0x0005 */
	OTO_VARIES = 32, /* counts on or is measured: the keys of oto_emit_as() tell no more than whether it is there */
};

/* One field of an event. Absent is not zero: an optional field names the bool that guards it. */
struct oto_field {
	const char *name, *doc;
	const struct oto_names *names; /* the words its numbers stand for, or NULL */
	uint16_t kind, offset;
	uint16_t guard; /* offset of a bool member plus one; 0: always present */
	uint16_t flags; /* enum oto_field_flags */
};

/* OTO_FIELD(struct, member, "doc", .names = &table, .guard = OTO_IF(struct, has_member), .flags = OTO_HEX) */
#define OTO_FIELD(s, m, doc_, ...)                                                                                                         \
	{                                                                                                                                  \
		.name = #m, .doc = doc_, .kind = OTO_KIND(((s *)0)->m), .offset = offsetof(s, m), __VA_ARGS__                              \
	}
#define OTO_IF(s, has) (uint16_t)(offsetof(s, has) + 1)

/* How an event is logged. `columns` are field names of the event or its head, "column=field" to rename; the
 * common "ts uid id.orig_h id.orig_p id.resp_h id.resp_p" stand in front of a detail log by themselves.
 *   detail     a row an event: `columns`, then (except under profile zeek) `extra`
 *   aggregate  a row per distinct `key` and interval: ts, the key, `number` of events (under that column's name), ts_end. An interval (60 s
 *              of packet time) begins with the log's first event after the interval before it ended; a rotation ends it, too */
enum oto_form { OTO_FORM_OFF = 0, OTO_FORM_DETAIL, OTO_FORM_AGGREGATE };
enum oto_log_flags {
	OTO_LOG_NO_ID = 1,       /* no uid and endpoints in front: only ts, then the columns */
	OTO_LOG_NOT_ZEEK = 2,    /* absent under profile zeek: Zeek has no such log */
	OTO_LOG_NOT_SENSOR = 4,  /* absent under profile sensor */
	OTO_LOG_ONLY_SENSOR = 8, /* under profile sensor alone: its name for what others log under another */
};
struct oto_log {
	const char *name, *doc;
	const char *columns, *extra, *key;
	const char *where;  /* a filter expression on the event, or NULL for all */
	uint8_t form;       /* enum oto_form, under profile otoscope; zeek always logs in detail */
	uint8_t flags;      /* enum oto_log_flags */
	const char *number; /* what an aggregate calls its count of events; NULL: "number" */
};

/* An event type: a plain struct and the table of its fields. Lua access, filters, columns, JSON, schema and reference follow. */
struct oto_event_type {
	uint32_t self_size;
	uint32_t size;          /* of the struct */
	const char *name, *doc; /* "modbus.request" */
	const struct oto_field *fields;
	uint32_t nfields, field_stride;
	const struct oto_log *logs;
	uint32_t nlogs, log_stride;
	bool whole_keys; /* keys of oto_emit_as() tell apart all of its fields but those that vary (OTO_VARIES), not only what its logs hold
			  */
};
#define OTO_EVENT(name_, s, fields_, doc_, ...)                                                                                            \
	{                                                                                                                                  \
		.self_size = sizeof(struct oto_event_type), .size = sizeof(s), .name = name_, .doc = doc_, .fields = fields_,              \
		.nfields = sizeof(fields_) / sizeof(*(fields_)), .field_stride = sizeof(struct oto_field), __VA_ARGS__                     \
	}
#define OTO_LOGS(l) .logs = (l), .nlogs = sizeof(l) / sizeof(*(l)), .log_stride = sizeof(struct oto_log)

enum oto_transport { OTO_ETH = 0, OTO_ICMP = 1, OTO_TCP = 6, OTO_UDP = 17, OTO_ICMP6 = 58, OTO_IP = 255 /* any other IP protocol */ };

/* The head that the engine puts in front of every event: the packet that completed the PDU, and its flow. `orig` opened the
 * flow, `resp` answered; addresses are of family NONE on a non-IP flow, where the MACs are the endpoints. */
struct oto_head {
	struct oto_time ts;
	uint64_t packet; /* number of the packet in the capture, from 1 */
	char uid[20];    /* of the flow, NUL-terminated; the same in every run */
	struct oto_addr orig_h, resp_h;
	uint16_t orig_p, resp_p;
	uint16_t vlan, inner_vlan; /* valid with has_vlan, has_inner_vlan */
	uint16_t ethertype;
	uint8_t transport; /* enum oto_transport */
	bool has_flow, has_ports, has_vlan, has_inner_vlan, has_mac;
	bool is_orig; /* the originator sent the packet */
	struct oto_mac orig_mac, resp_mac;
	const char *interface, *sensor;
};

/* ------------------------------------------------------------------------------------------------ the analyzer */

struct oto_ctx;
struct oto_analyzer;

/* The three answers of a probe. */
enum oto_answer { OTO_NOT_MINE = -1, OTO_NEED_MORE = 0, OTO_MINE = 1 };

/* Which open requests a response may belong to. */
enum oto_scope { OTO_SCOPE_FLOW = 0, OTO_SCOPE_PAIR /* the two hosts, any ports */, OTO_SCOPE_SEGMENT /* anybody in the VLAN */ };

struct oto_pairing {
	uint32_t self_size;
	uint32_t note_size; /* bytes a request leaves for its response; at most OTO_NOTE_MAX */
	uint8_t scope;      /* enum oto_scope */
	bool keyed;         /* false: first in, first out, and nothing is paired across a gap */
	bool many;          /* several responses to one request (a broadcast question) */
	uint32_t bound;     /* open requests in a scope; 0: 64. The oldest is given up, counted */
	int64_t expiry_ns;  /* 0: 10 s */
	bool repeats;       /* the same key asked again is another request, not a retry that takes the older one's place */
};
#define OTO_NOTE_MAX 512u

enum oto_analyzer_flags {
	OTO_ANY_PORT = 1, /* offered to flows that no port claims: the probe must be strict */
};

/* What an analyzer may do once, when the engine starts. */
struct oto_setup {
	uint32_t self_size;
	/* The text of a data file: `name` in the folder that --data gives; without --data `path`, where the system keeps it. Empty when
	 * there is none. Lives until setup() returns. */
	struct oto_slice (*read)(const struct oto_setup *, const char *name, const char *path);
	void *(*keep)(const struct oto_setup *, size_t size); /* zeroed memory that lives as long as the engine */
	bool (*fail)(const struct oto_setup *, const char *format, ...) __attribute__((format(printf, 2, 3))); /* say why; returns false */
};

struct oto_analyzer {
	uint32_t self_size;
	uint32_t flags;         /* enum oto_analyzer_flags */
	const char *name, *doc; /* "modbus"; also conn.log's service, the prefix of its weirds, `protocol` of its operations */
	/* Whose bytes: "tcp/502 udp/502", "eth/0x0806", "cotp", "cip.class/6"; space separated. "tcp.syn": every TCP packet with SYN, from
	 * its IP header on, whatever the flow belongs to; there is no state then. "last": flows of any transport that nobody else takes. It
	 * gets one PDU, the first bytes (2 KiB at most) that its probe took for its own, when everybody else has refused or the flow ends;
	 * cx->key is then the responder's port, the EtherType, 0x10000 and both service access points of LLC, or the number of the IP
	 * protocol. */
	const char *keys;
	const char *channels; /* what it delivers to children: "cotp"; space separated, or NULL */

	/* Is this the protocol? Sees the first bytes of a flow in one direction (or of what a parent delivers); must not keep state.
	 * NULL: the key alone decides. */
	enum oto_answer (*probe)(const struct oto_ctx *cx, struct oto_cur c);

	/* Length in bytes of the PDU that starts here, including what was read; 0: more bytes needed to tell; negative: not a PDU
	 * (the engine skips to the next plausible one). NULL: a datagram or segment is one PDU. */
	int64_t (*pdu_len)(const struct oto_ctx *cx, struct oto_cur c);

	/* One whole PDU. Parse whole, then speak. */
	void (*pdu)(struct oto_ctx *cx, struct oto_cur *c);

	/* n bytes of this direction are lost (0: unknown). Open unkeyed requests are already unsure. May be NULL. */
	void (*gap)(struct oto_ctx *cx, uint64_t n);

	/* A request found no answer in time, or its flow ended; the note it left. May be NULL. */
	void (*unanswered)(struct oto_ctx *cx, const void *note);

	uint32_t state_size; /* bytes of state per flow, zeroed; at most OTO_STATE_MAX */
	uint32_t max_pdu;    /* longest PDU to be buffered; 0: 65,536. A longer one is a weird and is skipped */
	const struct oto_event_type *const *events;
	uint32_t nevents;
	const struct oto_pairing *pairing;

	/* The flow and this state end: give back what the state refers to outside of itself. Nothing may be spoken. May be NULL. */
	void (*ended)(struct oto_ctx *cx);

	/* The flow ends, and at least one PDU was understood: the last chance to speak (a log row that is written once a connection). Comes
	 * before open requests are given up and before `ended`; deliver, stream and reenter do nothing here. May be NULL. */
	void (*closing)(struct oto_ctx *cx);

	/* What all flows share (a table of fingerprints): shared_size zeroed bytes, cx->shared, filled by setup() before the first packet.
	 * False: a data file is wrong, and the engine does not start. Both may be left out. */
	uint32_t shared_size;
	bool (*setup)(const struct oto_setup *how, void *shared);

	/* n bytes (never 0) of this direction are lost where a PDU would begin. True: they lie inside something whose length is known (a
	 * body that is passed over), and what follows them is where pdu_len goes on. Without it, or when false, the next PDU is looked for.
	 */
	bool (*lost_inside)(struct oto_ctx *cx, uint64_t n);
};
#define OTO_STATE_MAX 4096u

/* What one flow tells another: fixed-size slots found by key among two hosts or a whole segment (a CIP connection opened over TCP and its
 * I/O over UDP). Declared once, constant; analyzers that name the same table share it. The slot unused for longest goes when the
 * table is full, counted. */
struct oto_memory {
	uint32_t self_size;
	uint32_t size;  /* bytes of a slot; at most OTO_MEMORY_MAX */
	uint32_t bound; /* slots; 0: 16,384 */
	uint8_t scope;  /* enum oto_scope, PAIR or SEGMENT */
	const char *name;
};
#define OTO_MEMORY_MAX 1024u

/* ------------------------------------------------------------------------------------------------ services */

/* What was done to whom. The sender of the PDU is the client unless `by_receiver`. */
struct oto_operation {
	uint32_t self_size;
	uint32_t op;      /* enum oto_op; OTO_OP_NONE is not spoken */
	const char *func; /* the protocol's word for the command, constant */
	uint32_t func_code;
	struct oto_target target;
	uint32_t unit; /* station behind the address: Modbus unit identifier, node, slave */
	bool has_unit, by_receiver;
	struct oto_slice
	    sub; /* what hides behind the address, as facts name it: "rack 0 slot 2", "1/0"; an outcome keeps OTO_SUB_MAX bytes */
};
#define OTO_SUB_MAX 48u

/* What the response to a request turned out to be. */
struct oto_match {
	uint32_t self_size;
	bool found;       /* an open request matches */
	bool unsure;      /* bytes were lost in between */
	uint32_t retries; /* how often the same key was asked before */
	struct oto_interval latency;
	struct oto_time asked;
	uint64_t op_id; /* of the operation spoken with the request, 0 if none */
	/* the request's note_size bytes, when found */
	uint8_t note[OTO_NOTE_MAX] __attribute__((aligned(16)));
};

enum oto_outcome_code { OTO_OUTCOME_OK = 1, OTO_OUTCOME_ERROR, OTO_OUTCOME_NO_ANSWER };

enum oto_whose { OTO_SENDER = 0, OTO_RECEIVER, OTO_OTHER };

/* What a packet reveals of a device. An empty value is no fact, nor is one with control characters (the weird fact_not_text). Confidence in
 * percent: 100 the device says so itself in a protocol made for that, 80 stated in passing, 50 inferred, 20 a hint. */
struct oto_fact {
	uint32_t self_size;
	const char *key; /* "model", "serial", "firmware", "vendor", "hostname", ...: constant */
	struct oto_slice value;
	const char *source; /* NULL: the analyzer's name */
	uint8_t confidence; /* 0: 80 */
	uint8_t whose;      /* enum oto_whose; OTO_OTHER reads ip and mac below */
	struct oto_addr ip;
	struct oto_mac mac;
	bool has_mac;
	struct oto_slice sub; /* what hides behind the address: "unit 3", "rack 0 slot 2" */
};

/* How a transfer of program, configuration or firmware ended. CUT: it is not known whether it did, because bytes were lost or the capture
 * starts or ends within it. */
enum oto_program_direction { OTO_PROGRAM_UPLOAD = 1 /* out of the device */, OTO_PROGRAM_DOWNLOAD, OTO_PROGRAM_DELETE, OTO_PROGRAM_INSERT };
enum oto_program_result { OTO_PROGRAM_COMPLETE = 1, OTO_PROGRAM_ABORTED, OTO_PROGRAM_CUT };

/* One block, file or image that went into or out of a device, or was deleted or put in force (inserted) there; spoken once, at its end.
 * The sender of the PDU is the client unless `by_receiver`. */
struct oto_program {
	uint32_t self_size;
	uint32_t direction;           /* enum oto_program_direction */
	uint32_t result;              /* enum oto_program_result */
	const char *kind;             /* what it is, constant: "block", "file", "firmware", "program", ... */
	struct oto_slice name;        /* the protocol's name of it: "DB1", "/LDA/prog.st" */
	const char *error;            /* why it was aborted, constant, or NULL */
	uint64_t size;                /* bytes seen, with has_size */
	uint64_t announced;           /* bytes that were said to come, with has_announced */
	struct oto_slice sha256;      /* 32 bytes over all of the content; empty when some of it was not seen */
	struct oto_interval duration; /* from its first request, with has_duration */
	uint64_t op_id;               /* of the operation that began it, 0 if none */
	bool has_size, has_announced, has_duration, by_receiver;
	struct oto_slice sub; /* what hides behind the address, as of operations */
};

enum oto_link { OTO_LINK_ETHERNET = 1, OTO_LINK_IP = 2 };

/* When packet time is swept for what is over: with the capture's first packet, and then with each first packet that comes ten seconds or
 * more after the sweep before. Zeek's tables expire so, and what it puts into one row of a log depends on it. */
struct oto_sweeps {
	struct oto_time first, last;
};

/* The service table. Functions are called through the inline wrappers below. */
struct oto_host {
	uint32_t self_size, abi;
	bool (*add_analyzer)(const struct oto_host *, const struct oto_analyzer *);
	bool (*wanted)(struct oto_ctx *, uint32_t event);
	void (*emit)(struct oto_ctx *, uint32_t event, const void *data);
	uint64_t (*operation)(struct oto_ctx *, const struct oto_operation *);
	void (*outcome)(struct oto_ctx *, const struct oto_match *, uint32_t code, const char *error,
			const struct oto_operation *unmatched);
	void (*fact)(struct oto_ctx *, const struct oto_fact *);
	void (*weird)(struct oto_ctx *, const char *name, struct oto_slice detail);
	void *(*scratch)(struct oto_ctx *, size_t size);
	void (*deliver)(struct oto_ctx *, uint32_t channel, uint64_t key, struct oto_slice pdu);
	void (*request)(struct oto_ctx *, uint64_t key, const void *note);
	void (*response)(struct oto_ctx *, uint64_t key, struct oto_match *);
	void (*reenter)(struct oto_ctx *, enum oto_link link, struct oto_slice frame);
	struct oto_slice (*assemble)(struct oto_ctx *, struct oto_slice fragment, bool last);
	void (*program)(struct oto_ctx *, const struct oto_program *);
	void (*stream)(struct oto_ctx *, uint32_t channel, uint64_t key, struct oto_slice bytes);
	void *(*remember)(struct oto_ctx *, const struct oto_memory *, uint64_t key);
	void *(*recall)(struct oto_ctx *, const struct oto_memory *, uint64_t key);
	void (*expect)(struct oto_ctx *, uint32_t transport, const struct oto_addr *host, uint16_t port, const char *analyzer);
	void *(*hold)(struct oto_ctx *, uint32_t size);
	void (*let_go)(struct oto_ctx *, void *held);
	void (*service)(struct oto_ctx *, const char *name);
	struct oto_slice (*oem)(struct oto_ctx *, struct oto_slice text);
	struct oto_sweeps (*sweeps)(struct oto_ctx *);
	bool (*single)(struct oto_ctx *, uint32_t event);
	void (*alike)(struct oto_ctx *, uint32_t n);
	bool (*heard)(struct oto_ctx *, uint32_t event, const void *data);
	void (*emit_as)(struct oto_ctx *, uint32_t event, const void *data, uint64_t key);
	bool (*again)(struct oto_ctx *, uint32_t event, uint64_t key);
	uint64_t (*ends)(struct oto_ctx *);
	void (*together)(struct oto_ctx *, uint32_t event, uint64_t key, const uint64_t *keys, uint32_t n);
	bool (*again_with)(struct oto_ctx *, uint32_t event, uint64_t key, const void *data);
	bool (*again_each)(struct oto_ctx *, uint32_t event, uint64_t key, const void *data, uint32_t n);
};
#define OTO_NEEDS(host, member) ((host)->self_size >= offsetof(struct oto_host, member) + sizeof((host)->member))

/* The context of one call: who is speaking, where, and the state kept for this flow. */
struct oto_ctx {
	const struct oto_host *host;
	const struct oto_analyzer *self;
	const struct oto_head *head;
	void *state;       /* state_size bytes of this analyzer on this flow; const to a probe by agreement */
	bool is_orig;      /* sent by the flow's originator */
	uint8_t transport; /* enum oto_transport */
	uint16_t depth;    /* 0 directly on the transport */
	uint64_t key;      /* the key under which a parent delivered this */
	void *shared;      /* shared_size bytes of this analyzer, the same for every flow */
};

static inline struct oto_addr oto_sender(const struct oto_ctx *cx)
{
	return cx->is_orig ? cx->head->orig_h : cx->head->resp_h;
}

static inline uint16_t oto_dest_port(const struct oto_ctx *cx)
{
	return cx->is_orig ? cx->head->resp_p : cx->head->orig_p;
}

static inline uint16_t oto_source_port(const struct oto_ctx *cx)
{
	return cx->is_orig ? cx->head->orig_p : cx->head->resp_p;
}

/* Is anybody listening to the event (index into .events)? Saves the work of filling it; emit() asks again by itself. */
static inline bool oto_wanted(struct oto_ctx *cx, uint32_t event)
{
	return cx->host->wanted(cx, event);
}

/* Emit event number `event` of the analyzer's list. The struct is copied; what it points at is borrowed (see the top). */
static inline void oto_emit(struct oto_ctx *cx, uint32_t event, const void *data)
{
	cx->host->emit(cx, event, data);
}

/* Speak the operation of a request: at the request, because an alert must not wait. After oto_request() of the same PDU the two
 * are tied, and a request without an answer gives the outcome no_answer by itself. Returns the op_id. */
static inline uint64_t oto_operation(struct oto_ctx *cx, const struct oto_operation *o)
{
	return cx->host->operation(cx, o);
}

/* Speak the outcome at the response. `error` is the protocol's word (constant) with OTO_OUTCOME_ERROR, else NULL. When no request
 * was found, `unmatched` says what the operation must have been, and both are spoken (client is then the receiver). */
static inline void oto_outcome(struct oto_ctx *cx, const struct oto_match *m, enum oto_outcome_code code, const char *error,
			       const struct oto_operation *unmatched)
{
	cx->host->outcome(cx, m, code, error, unmatched);
}

static inline void oto_fact(struct oto_ctx *cx, const struct oto_fact *f)
{
	cx->host->fact(cx, f);
}

/* Speak the end of a program transfer, so that a timeline of changes can be kept. */
static inline void oto_program(struct oto_ctx *cx, const struct oto_program *p)
{
	cx->host->program(cx, p);
}

/* Something odd that is not a plain truncation; `name` is constant and gets the analyzer's name in front. */
static inline void oto_weird(struct oto_ctx *cx, const char *name, struct oto_slice detail)
{
	cx->host->weird(cx, name, detail);
}

/* Zeroed memory until the packet's events are dispatched; NULL when the packet has used up its 256 KiB (counted). */
static inline void *oto_scratch(struct oto_ctx *cx, size_t size)
{
	return cx->host->scratch(cx, size);
}

/* The number that a textual key stands for ("dcerpc/367abb81-9844-35f1-ad32-98f038001003"), as a parent must name it: FNV-1a. */
static inline uint64_t oto_text_key(struct oto_slice text)
{
	uint64_t key = UINT64_C(0xcbf29ce484222325);

	for (uint32_t i = 0; i < text.len; i++)
		key = (key ^ text.data[i]) * UINT64_C(0x100000001b3);
	return key;
}

/* Hand a slice to the children that claim channel number `channel` (of .channels) under `key` (0: the channel itself). */
static inline void oto_deliver(struct oto_ctx *cx, uint32_t channel, uint64_t key, struct oto_slice pdu)
{
	cx->host->deliver(cx, channel, key, pdu);
}

/* Remember a request, with note_size bytes for whoever answers. */
static inline void oto_request(struct oto_ctx *cx, uint64_t key, const void *note)
{
	cx->host->request(cx, key, note);
}

/* Find the request that this response answers. m->found tells; the note is in m->note. */
static inline void oto_response(struct oto_ctx *cx, uint64_t key, struct oto_match *m)
{
	cx->host->response(cx, key, m);
}

/* A whole frame or IP packet found inside a PDU: decoded after this PDU like any other, depth bounded. */
static inline void oto_reenter(struct oto_ctx *cx, enum oto_link link, struct oto_slice frame)
{
	cx->host->reenter(cx, link, frame);
}

/* Put a message together that its protocol sends in fragments, per flow and direction: keeps `fragment` behind those before it, and
 * with `last` returns the whole (borrowed like a PDU) and keeps nothing. Empty while more is to come, and when more than 64 KiB came
 * (the weird "<analyzer>.too_many_fragments"; what follows is dropped up to the last). A gap forgets what was kept. A message in one
 * fragment costs no copy. */
static inline struct oto_slice oto_assemble(struct oto_ctx *cx, struct oto_slice fragment, bool last)
{
	return cx->host->assemble(cx, fragment, last);
}

/* Bytes of a stream inside this one (behind STARTTLS, CONNECT, in a named pipe): the child frames them itself by its pdu_len, cut wherever
 * they are. On a channel named "stream" every analyzer that takes any TCP port is asked as well. */
static inline void oto_stream(struct oto_ctx *cx, uint32_t channel, uint64_t key, struct oto_slice bytes)
{
	cx->host->stream(cx, channel, key, bytes);
}

/* The slot under `key` of a memory, made (zeroed) when it is new. Valid until the next call. NULL after a read past the PDU's end. */
static inline void *oto_remember(struct oto_ctx *cx, const struct oto_memory *memory, uint64_t key)
{
	return cx->host->remember(cx, memory, key);
}

/* The slot under `key`, or NULL. Valid until the next call; may be written. */
static inline void *oto_recall(struct oto_ctx *cx, const struct oto_memory *memory, uint64_t key)
{
	return cx->host->recall(cx, memory, key);
}

/* The next flow from or to this endpoint, within five minutes, belongs to the analyzer of that name (FTP's data, TFTP's transfer): no probe
 * is asked. `analyzer` is constant; a name that is not in this build is ignored. */
static inline void oto_expect(struct oto_ctx *cx, enum oto_transport transport, struct oto_addr host, uint16_t port, const char *analyzer)
{
	cx->host->expect(cx, transport, &host, port, analyzer);
}

/* Zeroed memory that lives until oto_let_go(), or until the flow ends by itself: for what a row must remember and is too long for the
 * flow's state (a URI, a decompressor's window). NULL when the flow holds 256 KiB or all flows together 256 MiB (counted): do without. */
static inline void *oto_hold(struct oto_ctx *cx, uint32_t size)
{
	return cx->host->hold(cx, size);
}

static inline void oto_let_go(struct oto_ctx *cx, void *held)
{
	cx->host->let_go(cx, held);
}

/* What conn.log calls the flow's service, when that is not the analyzer's name: for one that knows many protocols by their first bytes, or
 * that of the two it found. `name` lives as long as the engine. */
static inline void oto_service(struct oto_ctx *cx, const char *name)
{
	cx->host->service(cx, name);
}

/* Text of a machine's own code page (names and comments of Windows stations) as UTF-8: unchanged where it is UTF-8 already, or where it is
 * not text of the site's code page either (--oem, CP932 unless said). Borrowed like scratch memory. */
static inline struct oto_slice oto_oem(struct oto_ctx *cx, struct oto_slice text)
{
	return cx->host->oem(cx, text);
}

/* The sweeps so far. */
static inline struct oto_sweeps oto_sweeps(struct oto_ctx *cx)
{
	return cx->host->sweeps(cx);
}

/* Would anybody take this event? `data` is its struct, in which at least those fields are filled that the conditions (.where) of its logs
 * read. Saves the work of filling the others. */
static inline bool oto_heard(struct oto_ctx *cx, uint32_t event, const void *data)
{
	return cx->host->heard(cx, event, data);
}

/* Machines repeat themselves. An event that was emitted by oto_emit_as() is said again by oto_again() with the same key, without being
 * built. False: emit it, because somebody looks at it, or it is not known any more. The key must tell apart all that the keys of the
 * event's logs hold: begin with oto_ends(), which stands for who speaks to whom and over which link, and mix bytes into it by oto_key_of().
 * Where scripts listen it works for event types whose keys are whole (.whole_keys): they tell apart all fields but those that vary, so that
 * no condition need be asked again. */
static inline bool oto_again(struct oto_ctx *cx, uint32_t event, uint64_t key)
{
	return cx->host->again(cx, event, key);
}

/* The same where somebody may sum up what varies: `data` is the event's struct, in which no more need be filled than fields that vary or
 * are numbers of 64 bits, times, vectors or lists. It is copied; what it points at is borrowed (see the top). */
static inline bool oto_again_with(struct oto_ctx *cx, uint32_t event, uint64_t key, const void *data)
{
	return cx->host->again_with(cx, event, key, data);
}

static inline void oto_emit_as(struct oto_ctx *cx, uint32_t event, const void *data, uint64_t key)
{
	cx->host->emit_as(cx, event, data, key);
}

/* What one PDU says is often said together again: from now on `key` stands for all of the n events that were said with these keys, and
 * oto_again_all() says them. The key must be no other event's: mix theirs. */
static inline void oto_together(struct oto_ctx *cx, uint32_t event, uint64_t key, const uint64_t *keys, uint32_t n)
{
	cx->host->together(cx, event, key, keys, n);
}

static inline bool oto_again_all(struct oto_ctx *cx, uint32_t event, uint64_t key, uint32_t n)
{
	cx->host->alike(cx, n);
	bool said = cx->host->again(cx, event, key);
	cx->host->alike(cx, 1);
	return said;
}

/* The same where somebody may sum up what varies: `data` are n structs, of the events in the order of their keys, as oto_again_with() wants
 * one. */
static inline bool oto_again_each(struct oto_ctx *cx, uint32_t event, uint64_t key, const void *data, uint32_t n)
{
	return cx->host->again_each(cx, event, key, data, n);
}

/* Who speaks to whom and over which link, but for the port that the originator took, which is another one with each connection: a log that
 * counts by it must mix it in, and an event that shows it says that it varies. */
static inline uint64_t oto_ends(struct oto_ctx *cx)
{
	return cx->host->ends(cx);
}

static inline uint64_t oto_key_mix(uint64_t key, uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)(key ^ a ^ 0x9e3779b97f4a7c15u) * ((key >> 32 | key << 32) ^ b);

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint64_t oto_key_of(uint64_t key, struct oto_slice s)
{
	uint64_t last = 0;
	uint32_t at = 0, low, high;

	for (; s.len - at >= 8; at += 8) {
		memcpy(&last, s.data + at, 8);
		key = oto_key_mix(key, last, at + 1); /* never 0: with a key of 0 the bytes would be multiplied away */
	}
	last = 0;
	if (s.len - at >= 4) { /* two halves that may overlap */
		memcpy(&low, s.data + at, 4);
		memcpy(&high, s.data + s.len - 4, 4);
		last = (uint64_t)high << 32 | low;
	} else {
		for (; at < s.len; at++)
			last = last << 8 | s.data[at];
	}
	return oto_key_mix(key, last, s.len);
}

/* Does anybody look at each single one of these events, of operations and outcomes? If not, they are only counted by the keys of their
 * logs: what a PDU says many times over (the services of one packet) may be said once for all that have the same key. See oto_alike(). */
static inline bool oto_single(struct oto_ctx *cx, uint32_t event)
{
	return cx->host->single(cx, event);
}

/* From here on what is emitted, operations, outcomes and requests stand for n that are alike each; 1 again ends it. */
static inline void oto_alike(struct oto_ctx *cx, uint32_t n)
{
	cx->host->alike(cx, n);
}

/* The last line of a dissector. The same file is built in (the build defines OTO_BUILTIN) or becomes a loadable object. */
#ifdef OTO_BUILTIN
#define OTO_ANALYZER(a) const struct oto_analyzer *const oto_analyzer_##a = &a
#else
#define OTO_ANALYZER(a)                                                                                                                    \
	__attribute__((visibility("default"))) bool oto_plugin_init(const struct oto_host *host);                                          \
	bool oto_plugin_init(const struct oto_host *host)                                                                                  \
	{                                                                                                                                  \
		return OTO_NEEDS(host, again_each) && host->abi == OTO_ABI && host->add_analyzer(host, &a);                                \
	}                                                                                                                                  \
	struct oto_ctx
#endif

#endif
