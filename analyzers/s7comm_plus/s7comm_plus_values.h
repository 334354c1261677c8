/* s7comm_plus_values.h - the typed values of S7comm-plus and the trees of objects they stand in, read with limits. */
#ifndef OTO_S7COMM_PLUS_VALUES_H
#define OTO_S7COMM_PLUS_VALUES_H

#include "oto_plugin.h"

enum { S7P_DEPTH_MAX = 16 };

enum s7p_type {
	S7P_NULL,
	S7P_BOOL,
	S7P_USINT,
	S7P_UINT,
	S7P_UDINT,
	S7P_ULINT,
	S7P_SINT,
	S7P_INT,
	S7P_DINT,
	S7P_LINT,
	S7P_BYTE,
	S7P_WORD,
	S7P_DWORD,
	S7P_LWORD,
	S7P_REAL,
	S7P_LREAL,
	S7P_TIMESTAMP,
	S7P_TIMESPAN,
	S7P_RID,
	S7P_AID,
	S7P_BLOB,
	S7P_WSTRING,
	S7P_VARIANT,
	S7P_STRUCT,
	S7P_STRING = 0x19,
};
enum { S7P_ARRAY = 0x10, S7P_ADDRESS_ARRAY = 0x20, S7P_SPARSE_ARRAY = 0x40 };

/* One value. A scalar whole number has `number`, text and blobs have `bytes`; of an array all its elements are there, as they stand. */
struct s7p_value {
	uint8_t flags, type;
	bool has_number;
	int64_t number;
	struct oto_slice bytes;
};

/* Where an attribute stands: the object around it; `class` 0 outside of any. */
struct s7p_place {
	uint32_t object, class;
	uint32_t start; /* of the object, bytes from the cursor's start */
	bool has_code;
};

/* Told what a tree holds, in the order of the wire. `who` is the walker's own. Each may be NULL. */
struct s7p_visitor {
	void *who;
	void (*attribute)(void *who, const struct s7p_place *at, uint32_t id, const struct s7p_value *value);
	void (*object)(void *who, const struct s7p_place *at);                      /* begins */
	void (*object_end)(void *who, const struct s7p_place *at, uint32_t length); /* ends; bytes of all of it */
};

/* Whole numbers of variable length: seven bits a byte, most significant first; one of a byte or two, as most are, is read here. */
uint64_t s7p_long_vlq(struct oto_cur *c);
static inline uint64_t s7p_vlq64(struct oto_cur *c)
{
	uint32_t left = oto_left(c);

	if (left && c->at[0] < 0x80)
		return oto_u8(c);
	if (left < 2 || c->at[1] >= 0x80)
		return s7p_long_vlq(c);
	uint16_t both = oto_be16(c);
	return (both >> 1 & 0x3f80u) | (both & 0x7fu);
}
static inline uint32_t s7p_vlq32(struct oto_cur *c)
{
	return (uint32_t)s7p_vlq64(c);
}

/* Reads one value; struct members are told to the visitor (which may be NULL) as attributes of `at`. The cursor goes bad on what cannot be
 * read: an unknown type, more than S7P_DEPTH_MAX levels. */
void s7p_take_value(struct oto_cur *c, struct s7p_value *value, const struct s7p_visitor *v, const struct s7p_place *at);

/* Reads one object with its children, from its start mark on. */
void s7p_walk_object(struct oto_cur *c, const struct s7p_visitor *v);

#endif
