/* cip_io_table.h - the I/O connections that a flow has shown: a table that grows with them, found by the connection's identifier. */
#ifndef OTO_ANALYZERS_CIP_IO_TABLE_H
#define OTO_ANALYZERS_CIP_IO_TABLE_H

#include "oto_plugin.h"

enum { CIP_IO_NOTHING = 1, CIP_IO_IDLE, CIP_IO_RUN };

struct cip_io_row {
	uint32_t id;
	uint8_t mode; /* what a safety producer last said; 0: the row is free */
};
struct cip_io_table {
	struct cip_io_row *rows;
	uint32_t count;
	uint8_t bits; /* 1 << bits rows */
	bool full;    /* one more has no place: what is new is not told any more */
};

/* A row stands where its identifier says or a few behind: a stranger who chooses identifiers makes the table grow to its end, not slow. */
enum { CIP_IO_REACH = 16 };

static inline uint32_t cip_io_home(uint32_t id, uint8_t bits)
{
	return (uint32_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits));
}

/* NULL: it was not seen. */
static inline struct cip_io_row *cip_io_row_of(const struct cip_io_table *t, uint32_t id)
{
	if (!t->rows)
		return NULL;
	for (uint32_t i = 0, at = cip_io_home(id, t->bits); i < CIP_IO_REACH; i++, at++) {
		struct cip_io_row *row = &t->rows[at & ((1u << t->bits) - 1)];
		if (!row->mode)
			return NULL;
		if (row->id == id)
			return row;
	}
	return NULL;
}

/* NULL and `full`: there is no place for it. */
struct cip_io_row *cip_io_row_new(struct oto_ctx *cx, struct cip_io_table *t, uint32_t id);

#endif
