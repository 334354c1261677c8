/* smb.c - Server Message Block, all versions, over NetBIOS sessions (RFC 1002 4.3) and TCP itself (MS-SMB2 2.1): frames and messages.
 *
 * A frame holds one message or several. What a message says is one PDU, contents of files behind it are PDUs of whatever came with a
 * segment: counted, passed on when they belong to a named pipe, and never kept. Knows nothing of commands; smb1.c and smb2.c do.
 */
#include "smb.h"

enum { FRAME_HEADER = 4, MAGIC = 4, TRANSFORM_HEADER = 52, COMPRESSION_HEADER = 16, MAX_PDU = 160 << 10 };
enum { NB_MESSAGE = 0, NB_REQUEST = 0x81, NB_POSITIVE, NB_NEGATIVE, NB_RETARGET, NB_KEEPALIVE };
enum { PROTOCOL_SMB1 = 0xff, PROTOCOL_SMB2 = 0xfe, PROTOCOL_ENCRYPTED = 0xfd, PROTOCOL_COMPRESSED = 0xfc };

static const struct oto_pairing pairing = {
	.self_size = sizeof pairing,
	.note_size = sizeof(struct smb_note),
	.scope = OTO_SCOPE_FLOW,
	.keyed = true,
	.repeats = true,
	.bound = 1024, /* as many credits as servers give */
	.expiry_ns = INT64_C(300000000000),
};

/* ------------------------------------------------------------------------------------------------ framing */

static uint8_t magic_of(struct oto_cur c)
{
	uint8_t protocol = oto_u8(&c);

	return oto_be24(&c) == 0x534d42 && !c.bad && protocol >= PROTOCOL_COMPRESSED ? protocol : 0; /* "SMB" */
}

/* How much of a message must be here as one PDU. 0: cannot be told yet, negative: not a message. */
static int64_t head_of(struct oto_cur c, uint32_t length)
{
	uint32_t head = 0;
	bool ok = true;

	if (length < MAGIC)
		return -1;
	if (oto_left(&c) < MAGIC)
		return 0;
	switch (magic_of(c)) {
	case PROTOCOL_SMB1:
		ok = smb1_head(c, length, &head);
		break;
	case PROTOCOL_SMB2:
		ok = smb2_head(c, length, &head);
		break;
	case PROTOCOL_ENCRYPTED:
		head = length < TRANSFORM_HEADER ? length : TRANSFORM_HEADER;
		break;
	case PROTOCOL_COMPRESSED:
		head = length < COMPRESSION_HEADER ? length : COMPRESSION_HEADER;
		break;
	default:
		return -1;
	}
	return ok ? (int64_t)head : -1;
}

static int64_t frame_head(struct oto_cur c)
{
	if (oto_left(&c) < FRAME_HEADER)
		return 0;
	uint8_t type = oto_u8(&c);
	uint32_t length = oto_be24(&c);

	if (type >= NB_REQUEST && type <= NB_KEEPALIVE)
		return length <= 512 ? FRAME_HEADER + (int64_t)length : -1;
	if (type != NB_MESSAGE)
		return -1;
	if (!length)
		return FRAME_HEADER;
	int64_t head = head_of(c, length);
	return head > 0 ? FRAME_HEADER + head : head;
}

static int64_t smb_pdu_len(const struct oto_ctx *cx, struct oto_cur c)
{
	struct smb_side *s = smb_side_of(cx);
	uint32_t here = oto_left(&c), passing = s->body ? s->body : s->rest;

	if (passing)
		return passing < here ? passing : here;
	int64_t n = s->frame ? head_of(c, s->frame) : frame_head(c);
	if (n < 0)
		s->frame = 0; /* the place is lost */
	return n;
}

static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	uint8_t type = oto_u8(&c);
	uint32_t length = oto_be24(&c);

	if (c.bad)
		return type == NB_MESSAGE || (type >= NB_REQUEST && type <= NB_KEEPALIVE) ? OTO_NEED_MORE : OTO_NOT_MINE;
	if (type == NB_REQUEST) { /* two encoded names of 34 bytes */
		if (length != 68)
			return OTO_NOT_MINE;
		return !oto_left(&c) ? OTO_NEED_MORE : oto_u8(&c) == 0x20 ? OTO_MINE : OTO_NOT_MINE;
	}
	if (type == NB_POSITIVE || type == NB_NEGATIVE || type == NB_KEEPALIVE)
		return cx->key && length == (type == NB_NEGATIVE) ? OTO_MINE : OTO_NOT_MINE;
	if (type != NB_MESSAGE || length < 32)
		return OTO_NOT_MINE;
	if (oto_left(&c) < MAGIC)
		return OTO_NEED_MORE;
	return magic_of(c) ? OTO_MINE : OTO_NOT_MINE;
}

/* ------------------------------------------------------------------------------------------------ messages */

/* MS-SMB2 2.2.41. */
static void encrypted(struct oto_ctx *cx, struct oto_cur *c)
{
	struct smb_side *s = smb_side_of(cx);

	oto_skip(c, 4 + 16 + 16 + 4 + 2 + 2);
	uint64_t session = oto_le64(c);
	if (c->bad || s->told_encrypted)
		return;
	s->told_encrypted = true;
	smb_tell_encrypted(cx, session);
}

/* `length` bytes of the frame are this message's and those behind it. */
static void message(struct oto_ctx *cx, struct oto_cur *c, uint32_t length)
{
	struct smb_side *s = smb_side_of(cx);
	uint32_t head = oto_left(c);
	struct oto_cur at = oto_sub(c, head);

	s->body = s->rest = s->frame = 0;
	switch (magic_of(at)) {
	case PROTOCOL_SMB1:
		s->rest = length - head;
		smb1_message(cx, &at, length);
		break;
	case PROTOCOL_SMB2: {
		struct oto_cur look = oto_seek(&at, 20);
		uint32_t next = oto_le32(&look);
		bool chain = next >= 64 && next < length && next >= head && !look.bad;
		s->rest = (chain ? next : length) - head;
		s->frame = chain ? length - next : 0;
		smb2_message(cx, &at, chain ? next : length);
		break;
	}
	case PROTOCOL_ENCRYPTED:
		s->rest = length - head;
		encrypted(cx, &at);
		break;
	default:
		s->rest = length - head;
		break;
	}
	if (s->body > s->rest)
		s->body = s->rest;
	s->rest -= s->body;
	c->bad |= at.bad;
}

/* RFC 1001 14.1: every half byte of 15 characters and a suffix, as a letter from A on. */
static struct oto_slice netbios_name(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice coded = oto_take(c, 34);
	uint8_t *name = coded.len ? oto_scratch(cx, 16) : NULL;

	for (uint32_t i = 0; name && i < 15; i++)
		name[i] = (uint8_t)((coded.data[1 + 2 * i] - 'A') * 16 + ((coded.data[2 + 2 * i] - 'A') & 15));
	return name ? say_trim((struct oto_slice){ name, 15 }) : (struct oto_slice){ 0 };
}

static void session_request(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice called = netbios_name(cx, c), calling = netbios_name(cx, c);

	if (!c->bad)
		smb_tell_netbios(cx, called, calling);
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct smb_side *s = smb_side_of(cx);

	if (s->body) {
		smb_piece(cx, oto_rest(c));
		return;
	}
	if (s->rest) {
		s->rest -= oto_left(c) < s->rest ? oto_left(c) : s->rest;
		oto_skip(c, oto_left(c));
		return;
	}
	if (s->frame) {
		message(cx, c, s->frame);
		return;
	}
	uint8_t type = oto_u8(c);
	uint32_t length = oto_be24(c);
	if (type == NB_REQUEST)
		session_request(cx, c);
	else if (type == NB_MESSAGE && oto_left(c) && length >= oto_left(c))
		message(cx, c, length);
}

/* ------------------------------------------------------------------------------------------------ lost bytes */

/* Within a frame it is known how much is left; of what was lost with it only contents are passed over without harm, the rest goes with the
 * frame. */
static bool lost_inside(struct oto_ctx *cx, uint64_t n)
{
	struct smb_side *s = smb_side_of(cx);
	uint64_t left = (uint64_t)s->body + s->rest + s->frame;

	if (!left || n > left)
		return false;
	s->inside = true;
	if (n <= s->body) {
		s->body -= (uint32_t)n;
		return true;
	}
	n -= s->body;
	s->body = 0;
	if (n <= s->rest) {
		s->rest -= (uint32_t)n;
		return true;
	}
	s->rest += s->frame - (uint32_t)n;
	s->frame = 0;
	return true;
}

static void gap(struct oto_ctx *cx, uint64_t n)
{
	struct smb_side *s = smb_side_of(cx);

	(void)n;
	if (!s->inside)
		s->frame = s->body = s->rest = 0;
	s->inside = false;
}

static const struct oto_analyzer smb = {
	.self_size = sizeof smb,
	.flags = OTO_ANY_PORT,
	.name = "smb",
	.doc = "Server Message Block 1, 2 and 3: shares, files, pipes, sign-ins.",
	.keys = "tcp/445 tcp/139",
	.channels = "smb.pipe ntlm kerberos",
	.probe = probe,
	.pdu_len = smb_pdu_len,
	.pdu = pdu,
	.gap = gap,
	.lost_inside = lost_inside,
	.state_size = sizeof(struct smb_flow),
	.max_pdu = MAX_PDU,
	.events = smb_events,
	.nevents = SMB_EVENTS,
	.pairing = &pairing,
};
OTO_ANALYZER(smb);
