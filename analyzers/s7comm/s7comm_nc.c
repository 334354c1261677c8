/* s7comm_nc.c - programs of a numeric control that go up and down (SINUMERIK, user data group 63).
 *
 * A program is announced by its path, then its parts are pushed by who has it while the other side lets through more of them. A download
 * has an end of its own; of an upload the last part says so. Each part has two bytes in front; the first one may begin with the program's
 * length and time in digits, which are not part of it.
 */
#include "s7comm.h"

enum { REQUEST_DOWNLOAD = 1, DOWNLOAD_BLOCK, DOWNLOAD_ENDED = 4, START_UPLOAD = 6, UPLOAD };
enum { PATH_MAX_SHOWN = 128, PART_HEAD = 2, LENGTH_DIGITS = 8, HEAD_DIGITS = 24 };

static bool is_path_letter(uint8_t b)
{
	return b > ' ' && b < 0x7f;
}

/* What is loaded or fetched is named by its path in the numeric control, from its first slash on. */
static struct oto_slice path_of(struct oto_cur c)
{
	struct oto_cur from = c;
	uint32_t len = 0;

	while (oto_left(&c) && oto_u8(&c) != '/')
		from = c;
	for (c = from; oto_left(&c) && is_path_letter(oto_u8(&c)) && len < PATH_MAX_SHOWN; len++)
		continue;
	return oto_take(&from, len);
}

/* The length in front of a program; false: there is none. */
static bool take_length(struct oto_cur *c, uint64_t *length)
{
	struct oto_cur ahead = *c;

	*length = 0;
	for (uint32_t i = 0; i < HEAD_DIGITS; i++) {
		uint8_t digit = oto_u8(&ahead);
		if (digit < '0' || digit > '9')
			return false;
		if (i < LENGTH_DIGITS)
			*length = *length * 10 + (uint64_t)(digit - '0');
	}
	*c = ahead;
	return !ahead.bad;
}

/* The transfer a message belongs to: the one that its answer gave this number, else the one that began first. */
static struct s7_transfer *going_on(struct s7_pdu *p, bool download, bool client_is_orig)
{
	struct s7_flow *flow = p->cx->state;
	struct s7_transfer *first = NULL;

	for (uint32_t i = 0; i < TRANSFERS_MAX; i++) {
		struct s7_transfer *t = &flow->transfer[i];
		if (!t->used || !t->is_nc || t->download != download || t->client_is_orig != client_is_orig)
			continue;
		if (p->m.has_data_unit && p->m.data_unit && t->upload_id == p->m.data_unit)
			return t;
		if (!first || t->began < first->began)
			first = t;
	}
	return first;
}

static void announce(struct s7_pdu *p, bool download, struct oto_cur body)
{
	struct oto_slice path = path_of(body);
	struct s7_transfer *t = s7_transfer_begin(p, download, path, false);

	t->is_nc = true;
	p->note->transfer = s7_transfer_slot(p->cx->state, t);
	if (path.len)
		p->op.target = (struct oto_target){ .space = "nc", .name = path };
}

/* A part of a program, from who has it. One whose beginning was not seen has no name, and no hash. */
static void take_part(struct s7_pdu *p, bool download, struct oto_cur body)
{
	bool client_is_orig = p->cx->is_orig == download;
	struct s7_transfer *t = going_on(p, download, client_is_orig);
	uint64_t length = 0;

	if (oto_left(&body) <= PART_HEAD)
		return;
	if (!t) {
		t = s7_transfer_begin(p, download, (struct oto_slice){ 0 }, true);
		t->is_nc = true;
		t->client_is_orig = client_is_orig;
	}
	oto_skip(&body, PART_HEAD);
	if (!t->size && !t->has_announced && take_length(&body, &length)) {
		t->announced = length;
		t->has_announced = true;
	}
	s7_transfer_add(t, oto_rest(&body), false);
	if (!download && p->m.last_unit)
		s7_transfer_finish(p->cx, t, OTO_PROGRAM_COMPLETE, NULL);
}

void s7_nc_request(struct s7_pdu *p, struct oto_cur body, uint8_t sub)
{
	struct s7_transfer *t;

	switch (sub) {
	case REQUEST_DOWNLOAD:
	case START_UPLOAD:
		announce(p, sub == REQUEST_DOWNLOAD, body);
		break;
	case DOWNLOAD_BLOCK:
		take_part(p, true, body);
		break;
	case DOWNLOAD_ENDED:
		t = going_on(p, true, p->cx->is_orig);
		p->note->transfer = t ? s7_transfer_slot(p->cx->state, t) : 0;
		break;
	default:
		break;
	}
	t = sub == DOWNLOAD_BLOCK || sub == DOWNLOAD_ENDED ? going_on(p, true, p->cx->is_orig) : NULL;
	if (t && t->name_len)
		p->op.target = (struct oto_target){ .space = "nc", .name = s7_transfer_name(p->cx, t) };
}

/* An answer to who announces or ends a program, or a part that is pushed; either may say that it failed. */
void s7_nc_said(struct s7_pdu *p, struct oto_cur body, uint8_t sub, bool pushed)
{
	bool download = sub < START_UPLOAD;
	struct s7_transfer *t = p->match.found ? s7_transfer_at(p->cx->state, p->note->transfer) : NULL;

	if (p->failed || sub == DOWNLOAD_ENDED) {
		if (!t)
			t = going_on(p, download, p->cx->is_orig);
		if (!t)
			t = going_on(p, download, !p->cx->is_orig);
		if (t)
			s7_transfer_finish(p->cx, t, p->failed ? OTO_PROGRAM_ABORTED : OTO_PROGRAM_COMPLETE, p->failed);
		return;
	}
	if (t && p->match.unsure)
		t->partial = true;
	if (t && p->m.has_data_unit)
		t->upload_id = p->m.data_unit;
	if (sub == UPLOAD)
		take_part(p, false, body);
	else if (sub == DOWNLOAD_BLOCK && pushed)
		take_part(p, true, body);
}
