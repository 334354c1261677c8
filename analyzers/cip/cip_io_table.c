/* cip_io_table.c - see cip_io_table.h. */
#include "cip_io_table.h"

enum { BITS_MIN = 4, BITS_MAX = 13 }; /* 64 KiB */

static struct cip_io_row *free_row(const struct cip_io_table *t, uint32_t id)
{
	for (uint32_t i = 0, at = cip_io_home(id, t->bits); i < CIP_IO_REACH; i++, at++) {
		struct cip_io_row *row = &t->rows[at & ((1u << t->bits) - 1)];
		if (!row->mode)
			return row;
	}
	return NULL;
}

/* All rows of `from`; false: some have no place within reach. */
static bool move_rows(struct cip_io_table *to, const struct cip_io_table *from)
{
	for (uint32_t i = 0; from->rows && i < 1u << from->bits; i++) {
		if (!from->rows[i].mode)
			continue;
		struct cip_io_row *row = free_row(to, from->rows[i].id);
		if (!row)
			return false;
		*row = from->rows[i];
	}
	return true;
}

static bool grow(struct oto_ctx *cx, struct cip_io_table *t)
{
	for (uint8_t bits = t->rows ? t->bits + 1 : BITS_MIN; bits <= BITS_MAX; bits++) {
		struct cip_io_table more = { .rows = oto_hold(cx, (uint32_t)sizeof *t->rows << bits), .count = t->count, .bits = bits };
		if (!more.rows)
			return false;
		if (move_rows(&more, t)) {
			if (t->rows)
				oto_let_go(cx, t->rows);
			*t = more;
			return true;
		}
		oto_let_go(cx, more.rows);
	}
	return false;
}

struct cip_io_row *cip_io_row_new(struct oto_ctx *cx, struct cip_io_table *t, uint32_t id)
{
	bool crowded = !t->rows || t->count >= (3u << t->bits) / 4;
	struct cip_io_row *row = crowded ? NULL : free_row(t, id);

	while (!row && grow(cx, t))
		row = free_row(t, id);
	if (row) {
		*row = (struct cip_io_row){ id, CIP_IO_NOTHING };
		t->count++;
	}
	t->full = !row;
	return row;
}
