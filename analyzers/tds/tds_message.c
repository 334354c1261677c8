/* tds_message.c - see tds_message.h. Clauses are those of MS-TDS. */
#include "tds_message.h"

#include "../say.h"
#include "../wide.h"

static const struct oto_name type_rows[] = {
	{ TDS_BATCH, "batch", 0, "statements" },
	{ TDS_OLD_LOGIN, "old_login", 0, "login before version 7" },
	{ TDS_RPC, "rpc", 0, "a procedure is called" },
	{ TDS_ANSWER, "answer", 0, "tokens from the server" },
	{ TDS_ATTENTION, "attention", 0, "the client cancels" },
	{ TDS_BULK, "bulk", 0, "rows are loaded" },
	{ TDS_FEDERATED, "federated", 0, "a token of federated authentication" },
	{ TDS_TRANSACTION, "transaction", 0, "a transaction begins, ends, or is distributed" },
	{ TDS_LOGIN, "login", 0, "login since version 7" },
	{ TDS_SSPI, "sspi", 0, "a step of Windows' authentication" },
	{ TDS_PRELOGIN, "prelogin", 0, "options before the login, and TLS's handshake" },
};
const struct oto_names tds_types = OTO_NAMES(type_rows);

static const struct oto_name encryption_rows[] = {
	{ 0, "off", 0, "the login alone is encrypted" },
	{ 1, "on", 0, "everything is encrypted" },
	{ 2, "not_supported", 0, "nothing is encrypted" },
	{ 3, "required", 0, "everything must be encrypted" },
};
const struct oto_names tds_encryptions = OTO_NAMES(encryption_rows);

/* ------------------------------------------------------------------------------------------------ before the login */

bool tds_prelogin_read(struct oto_slice message, struct tds_prelogin *p)
{
	enum { VERSION = 0, ENCRYPTION = 1, INSTANCE = 2, END = 0xff, OPTIONS_MAX = 16 };
	struct oto_cur c = oto_cur_of(message);

	*p = (struct tds_prelogin){ 0 };
	for (int i = 0; i < OPTIONS_MAX; i++) {
		uint8_t option = oto_u8(&c);
		if (option == END || c.bad)
			return !c.bad && p->has_version;
		uint16_t offset = oto_be16(&c), len = oto_be16(&c);
		struct oto_cur at = oto_seek(&c, offset);
		struct oto_slice data = oto_take(&at, len);
		c.bad |= at.bad;
		if (option == VERSION && data.len == sizeof p->version) {
			memcpy(p->version, data.data, data.len);
			p->has_version = true;
		} else if (option == ENCRYPTION && data.len == 1) {
			p->encryption = data.data[0] & 3;
			p->has_encryption = true;
		} else if (option == INSTANCE) {
			p->instance = say_string(data);
		}
	}
	return false;
}

const char *tds_product(uint8_t major, uint8_t minor)
{
	static const struct {
		uint8_t major, minor;
		const char *name;
	} products[] = {
		{ 7, 0, "Microsoft SQL Server 7" },         { 8, 0, "Microsoft SQL Server 2000" },  { 9, 0, "Microsoft SQL Server 2005" },
		{ 10, 50, "Microsoft SQL Server 2008 R2" }, { 10, 0, "Microsoft SQL Server 2008" }, { 11, 0, "Microsoft SQL Server 2012" },
		{ 12, 0, "Microsoft SQL Server 2014" },     { 13, 0, "Microsoft SQL Server 2016" }, { 14, 0, "Microsoft SQL Server 2017" },
		{ 15, 0, "Microsoft SQL Server 2019" },     { 16, 0, "Microsoft SQL Server 2022" }, { 17, 0, "Microsoft SQL Server 2025" },
	};

	for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
		if (products[i].major == major && minor >= products[i].minor)
			return products[i].name;
	}
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ login */

/* Offset and length in characters. */
static struct oto_slice take_place(struct oto_cur *c, uint16_t *characters)
{
	uint16_t offset = oto_le16(c);

	*characters = oto_le16(c);
	struct oto_cur at = oto_seek(c, offset);
	struct oto_slice text = oto_take(&at, *characters * 2u);
	c->bad |= at.bad;
	return text;
}

bool tds_login_read(struct oto_slice message, struct tds_login *l)
{
	enum { PACKET_SIZE = 4, CLIENT_VERSION = 4, CONNECTION = 4, ZONE_AND_LOCALE = 8, INTEGRATED = 0x80, MAC = 6 };
	struct oto_cur c = oto_cur_of(message);
	uint16_t n;

	oto_skip(&c, 4);
	*l = (struct tds_login){ .version = oto_le32(&c) };
	oto_skip(&c, PACKET_SIZE + CLIENT_VERSION);
	l->process = oto_le32(&c);
	oto_skip(&c, CONNECTION + 1);
	l->integrated = oto_u8(&c) & INTEGRATED;
	oto_skip(&c, 2 + ZONE_AND_LOCALE);
	l->host = take_place(&c, &n);
	l->user = take_place(&c, &n);
	take_place(&c, &l->password_len);
	l->app = take_place(&c, &n);
	l->server = take_place(&c, &n);
	oto_skip(&c, 4); /* extension: its length counts bytes */
	l->library = take_place(&c, &n);
	l->language = take_place(&c, &n);
	l->database = take_place(&c, &n);
	l->mac = oto_take(&c, MAC);
	return !c.bad;
}

/* ------------------------------------------------------------------------------------------------ statements and procedures */

/* ALL_HEADERS (2.2.5.3) stand in front since version 7.2; the login that tells may not have been seen. */
static struct oto_cur behind_headers(struct oto_slice message)
{
	enum { TYPE_MAX = 3, HEADERS_MAX = 512 };
	struct oto_cur c = oto_cur_of(message), whole = c;
	uint32_t total = oto_le32(&c), first = oto_le32(&c);
	uint16_t type = oto_le16(&c);
	bool fits = !c.bad && total >= 4 + 6 && total <= HEADERS_MAX && first >= 6 && first <= total - 4 && type >= 1 && type <= TYPE_MAX;

	if (fits)
		oto_skip(&whole, total);
	return whole;
}

struct oto_slice tds_batch_text(struct oto_slice message)
{
	struct oto_cur c = behind_headers(message);
	return oto_rest(&c);
}

static const struct oto_name procedure_rows[] = {
	{ 1, "sp_cursor", 0, NULL },        { 2, "sp_cursoropen", 0, NULL },     { 3, "sp_cursorprepare", 0, NULL },
	{ 4, "sp_cursorexecute", 0, NULL }, { 5, "sp_cursorprepexec", 0, NULL }, { 6, "sp_cursorunprepare", 0, NULL },
	{ 7, "sp_cursorfetch", 0, NULL },   { 8, "sp_cursoroption", 0, NULL },   { 9, "sp_cursorclose", 0, NULL },
	{ 10, "sp_executesql", 0, NULL },   { 11, "sp_prepare", 0, NULL },       { 12, "sp_execute", 0, NULL },
	{ 13, "sp_prepexec", 0, NULL },     { 14, "sp_prepexecrpc", 0, NULL },   { 15, "sp_unprepare", 0, NULL },
};
static const struct oto_names procedures = OTO_NAMES(procedure_rows);

const char *tds_procedure(uint16_t number)
{
	const struct oto_name *row = oto_name_of(&procedures, number);
	return row ? row->name : NULL;
}

/* A parameter of a text type (2.2.5.4, 2.2.5.5). */
static struct oto_slice take_text_parameter(struct oto_cur *c)
{
	enum { NVARCHAR = 0xe7, NTEXT = 0x63, COLLATION = 5, IN_PARTS = 0xffff };

	oto_skip(c, oto_u8(c) * 2u + 1); /* name, status */
	uint8_t type = oto_u8(c);
	if (type == NTEXT) {
		oto_skip(c, 4 + COLLATION);
		return oto_take(c, oto_le32(c));
	}
	if (type != NVARCHAR) {
		c->bad = true;
		return (struct oto_slice){ 0 };
	}
	bool parts = oto_le16(c) == IN_PARTS;
	oto_skip(c, COLLATION);
	if (!parts)
		return oto_take(c, oto_le16(c));
	oto_skip(c, 8);
	uint32_t n = oto_le32(c);
	return oto_take(c, n < oto_left(c) ? n : oto_left(c));
}

bool tds_rpc_read(struct oto_slice message, struct tds_rpc *r)
{
	enum { BY_NUMBER = 0xffff, FLAGS = 2, EXECUTESQL = 10, NAME_MAX_CHARACTERS = 1046 };
	struct oto_cur c = behind_headers(message);
	uint16_t n = oto_le16(&c);

	*r = (struct tds_rpc){ 0 };
	if (n == BY_NUMBER)
		r->number = oto_le16(&c);
	else if (n && n <= NAME_MAX_CHARACTERS)
		r->name = oto_take(&c, n * 2u);
	else
		return false;
	if (c.bad)
		return false;
	oto_skip(&c, FLAGS);
	if (r->number != EXECUTESQL)
		return true;
	struct oto_slice text = take_text_parameter(&c);
	if (!c.bad)
		r->statement = text;
	return true;
}

static bool is_hex_digit(uint32_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* White space becomes one blank, a literal a question mark in its quotes. */
uint32_t tds_statement(struct oto_slice wide, uint8_t *out, uint32_t room)
{
	enum { CHARACTER_MOST = 5 };
	struct oto_cur c = oto_cur_of(wide);
	bool quoted = false, hexadecimal = false;
	uint32_t n = 0, before = ' ';

	while (oto_left(&c) >= 2 && n + CHARACTER_MOST <= room) {
		uint32_t code = wide_next(&c);
		if (code == '\'') {
			if (quoted)
				out[n++] = '?';
			out[n++] = '\'';
			quoted = !quoted;
			hexadecimal = false;
		} else if (quoted || (hexadecimal && is_hex_digit(code))) {
			continue;
		} else if (code > ' ') {
			hexadecimal = before == '0' && (code == 'x' || code == 'X');
			n += wide_put(&out[n], code);
		} else {
			hexadecimal = false;
			if (before > ' ')
				out[n++] = ' ';
		}
		before = code;
	}
	while (n && out[n - 1] == ' ')
		n--;
	return n;
}

/* ------------------------------------------------------------------------------------------------ answers */

static struct oto_slice take_short_text(struct oto_cur *c)
{
	return oto_take(c, oto_u8(c) * 2u);
}

static void login_ack(struct oto_cur c, struct tds_answer *a)
{
	oto_skip(&c, 1);
	uint32_t version = oto_be32(&c);
	struct oto_slice program = take_short_text(&c), numbers = oto_take(&c, 4);

	if (c.bad)
		return;
	a->accepted = true;
	a->tds_version = version;
	a->program = program;
	memcpy(a->program_version, numbers.data, 4);
}

static void error(struct oto_cur c, struct tds_answer *a)
{
	uint32_t number = oto_le32(&c);
	oto_skip(&c, 2);
	struct oto_slice text = oto_take(&c, oto_le16(&c) * 2u);

	if (c.bad || a->has_error)
		return;
	a->has_error = true;
	a->error = number;
	a->error_text = text;
}

static void change(struct oto_cur c, struct tds_answer *a)
{
	enum { DATABASE = 1 };

	if (oto_u8(&c) != DATABASE)
		return;
	struct oto_slice now = take_short_text(&c);
	if (!c.bad)
		a->database = now;
}

/* Up to the first token whose length only its columns tell. */
void tds_answer_read(struct oto_slice message, struct tds_answer *a)
{
	enum { ERROR = 0xaa, INFO = 0xab, LOGINACK = 0xad, ENVCHANGE = 0xe3, SSPI = 0xed, ORDER = 0xa9, TOKENS_MAX = 64 };
	struct oto_cur c = oto_cur_of(message);

	*a = (struct tds_answer){ 0 };
	for (int i = 0; i < TOKENS_MAX && oto_left(&c); i++) {
		uint8_t token = oto_u8(&c);
		if (token != ERROR && token != INFO && token != LOGINACK && token != ENVCHANGE && token != SSPI && token != ORDER)
			return;
		struct oto_cur inner = oto_sub(&c, oto_le16(&c));
		if (c.bad)
			return;
		if (token == LOGINACK)
			login_ack(inner, a);
		else if (token == ERROR)
			error(inner, a);
		else if (token == ENVCHANGE)
			change(inner, a);
	}
}
