/* ftp_text.c - see ftp_text.h. RFC 959, 2228, 2389, 2428, 3659. */
#include "ftp_text.h"

#include "../say.h"

/* ------------------------------------------------------------------------------------------------ verbs */

#define TRANSFER_REPLIES 110, 125, 150, 226, 250, 421, 425, 426, 450, 451, 500, 501, 530, 550
#define STORE_REPLIES TRANSFER_REPLIES, 551, 552, 532, 452, 553

static const struct ftp_verb verbs[] = {
	{ "USER", "name of the user", 0, { 230, 331, 332, 421, 530, 500, 501 } },
	{ "PASS", "password", FTP_SECRET, { 230, 202, 332, 421, 530, 500, 501, 503 } },
	{ "ACCT", "account, a second secret", FTP_LOGGED | FTP_SECRET, { 230, 202, 421, 530, 500, 501, 503 } },
	{ "CWD", "change directory", FTP_PATH, { 250, 421, 500, 501, 502, 530, 550 } },
	{ "XCWD", "change directory", FTP_PATH, { 250, 421, 500, 501, 502, 530, 550 } },
	{ "CDUP", "directory above", 0, { 200, 250, 421, 500, 501, 502, 530, 550 } },
	{ "XCUP", "directory above", 0, { 200, 250, 421, 500, 501, 502, 530, 550 } },
	{ "SMNT", "mount", 0, { 202, 250, 421, 500, 501, 502, 530, 550 } },
	{ "REIN", "begin anew", 0, { 120, 220, 421, 500, 502 } },
	{ "QUIT", "end", 0, { 221, 500 } },
	{ "PORT", "client waits here for data", FTP_LOGGED, { 200, 421, 500, 501, 530 } },
	{ "PASV", "where does the server wait for data?", FTP_LOGGED, { 227, 421, 500, 501, 502, 530 } },
	{ "EPRT", "as PORT, any family", FTP_LOGGED, { 200, 500, 501, 522 } },
	{ "EPSV", "as PASV, any family", FTP_LOGGED, { 229, 500, 501 } },
	{ "LPRT", "long PORT", 0, { 500, 501, 521 } },
	{ "LPSV", "long PASV", 0, { 228, 500, 501 } },
	{ "TYPE", "representation", 0, { 200, 421, 500, 501, 504, 530 } },
	{ "MODE", "transfer mode", 0, { 200, 421, 500, 501, 502, 504, 530 } },
	{ "STRU", "file structure", 0, { 200, 421, 500, 501, 504, 530 } },
	{ "ALLO", "room for a file", 0, { 200, 202, 421, 500, 501, 504, 530 } },
	{ "REST", "begin in the middle", 0, { 200, 350, 421, 500, 501, 502, 530 } },
	{ "RETR", "read a file", FTP_LOGGED | FTP_PATH | FTP_GET, { TRANSFER_REPLIES } },
	{ "STOR", "write a file", FTP_LOGGED | FTP_PATH | FTP_PUT, { STORE_REPLIES } },
	{ "STOU", "write a file under a name of the server's", FTP_LOGGED | FTP_PATH | FTP_PUT, { STORE_REPLIES } },
	{ "APPE", "append to a file", FTP_LOGGED | FTP_PATH | FTP_PUT, { STORE_REPLIES } },
	{ "LIST", "list", FTP_LIST, { TRANSFER_REPLIES, 502 } },
	{ "NLST", "list names", FTP_LIST, { TRANSFER_REPLIES, 502 } },
	{ "MLSD", "list for programs", FTP_LIST, { 150, 226, 250, 500, 501, 550 } },
	{ "MLST", "facts of a file", 0, { 150, 226, 250, 500, 501, 550 } },
	{ "RNFR", "rename from", FTP_PATH, { 350, 421, 450, 550, 500, 501, 502, 530 } },
	{ "RNTO", "rename to", FTP_PATH, { 250, 421, 532, 553, 500, 501, 502, 503, 530 } },
	{ "DELE", "delete a file", FTP_LOGGED | FTP_PATH, { 250, 421, 450, 550, 500, 501, 502, 530 } },
	{ "RMD", "remove a directory", FTP_PATH, { 250, 421, 500, 501, 502, 530, 550 } },
	{ "XRMD", "remove a directory", FTP_PATH, { 250, 421, 500, 501, 502, 530, 550 } },
	{ "MKD", "make a directory", FTP_PATH, { 257, 421, 500, 501, 502, 530, 550 } },
	{ "XMKD", "make a directory", FTP_PATH, { 257, 421, 500, 501, 502, 530, 550 } },
	{ "PWD", "which directory?", 0, { 257, 421, 500, 501, 502, 550 } },
	{ "XPWD", "which directory?", 0, { 257, 421, 500, 501, 502, 550 } },
	{ "ABOR", "abort", 0, { 225, 226, 421, 500, 501, 502 } },
	{ "SYST", "which system?", 0, { 215, 421, 500, 501, 502, 530 } },
	{ "STAT", "status", 0, { 211, 212, 213, 421, 450, 500, 501, 502, 530 } },
	{ "HELP", "help", 0, { 200, 211, 214, 421, 500, 501, 502 } },
	{ "SITE", "what only this server knows", 0, { 200, 202, 214, 500, 501, 502, 530 } },
	{ "NOOP", "nothing", 0, { 200, 421, 500 } },
	{ "FEAT", "which extensions?", 0, { 211, 500, 502 } },
	{ "OPTS", "options of a command", 0, { 200, 451, 501 } },
	{ "SIZE", "how long is a file?", FTP_PATH, { 213, 500, 501, 550 } },
	{ "MDTM", "when was a file changed?", FTP_PATH, { 213, 500, 501, 550 } },
	{ "MFMT", "set when a file was changed", 0, { 213, 500, 501, 550 } },
	{ "HASH", "digest of a file", 0, { 213, 500, 501, 550 } },
	{ "HOST", "which of the servers", 0, { 220, 500, 501, 504 } },
	{ "LANG", "language", 0, { 200, 500, 501, 504 } },
	{ "CLNT", "the client's software", 0, { 200, 500 } },
	{ "MACB", "MacBinary", 0, { 200, 500, 550 } },
	{ "AUTH", "security mechanism", 0, { 234, 334, 431, 500, 502, 504, 530, 534 } },
	{ "ADAT", "security data", FTP_SECRET, { 235, 335, 421, 500, 501, 503, 535 } },
	{ "PBSZ", "protection buffer", 0, { 200, 421, 500, 501, 503, 530 } },
	{ "PROT", "protection of data", 0, { 200, 421, 431, 500, 501, 503, 504, 534, 536 } },
	{ "CCC", "control in clear again", 0, { 200, 421, 500, 501, 533, 534 } },
};

static const struct ftp_verb greeting = { "<init>", "the connection itself", 0, { 120, 220, 421 } };

const struct ftp_verb *ftp_verb_of(struct oto_slice name)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if (say_is(name, verbs[i].name))
			return &verbs[i];
	}
	/* "PASSsecret": a word run together with what nobody may see. */
	return say_begins(name, "PASS") ? &verbs[1] : NULL;
}

bool ftp_fits(const struct ftp_verb *verb, uint16_t code)
{
	for (size_t i = 0; verb && verb->replies[i]; i++) {
		if (verb->replies[i] == code)
			return true;
	}
	return code == 500; /* a syntax error may answer anything */
}

const struct ftp_verb *ftp_greeting(void)
{
	return &greeting;
}

/* ------------------------------------------------------------------------------------------------ numbers and addresses */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

uint16_t ftp_code(struct oto_slice line)
{
	if (line.len < 3 || !is_digit(line.data[0]) || !is_digit(line.data[1]) || !is_digit(line.data[2]))
		return 0;
	uint32_t code = (line.data[0] - '0') * 100u + (line.data[1] - '0') * 10u + (line.data[2] - '0');
	return code < 100 ? 0 : (uint16_t)code;
}

/* A number of at most five digits; *rest moves behind it. */
static bool take_number(struct oto_slice *rest, uint32_t *n)
{
	uint32_t i = 0;

	for (*n = 0; i < rest->len && i < 5 && is_digit(rest->data[i]); i++)
		*n = *n * 10 + (rest->data[i] - '0');
	*rest = say_from(*rest, i);
	return i > 0;
}

static bool take_byte(struct oto_slice *rest, uint8_t wanted)
{
	if (!rest->len || rest->data[0] != wanted)
		return false;
	*rest = say_from(*rest, 1);
	return true;
}

/* Behind the parenthesis where there is one; some servers have none (RFC 1123 4.1.2.6). */
static struct oto_slice where_it_begins(struct oto_slice text)
{
	uint32_t open = say_find(text, '('), digits = say_find(text, ',');

	if (open < text.len)
		return say_from(text, open + 1);
	if (digits == text.len)
		return (struct oto_slice){ 0 };
	while (digits && is_digit(text.data[digits - 1]))
		digits--;
	return say_from(text, digits);
}

bool ftp_port(struct oto_slice text, struct ftp_endpoint *at)
{
	struct oto_slice rest = where_it_begins(text);
	uint32_t part[6];

	for (int i = 0; i < 6; i++) {
		if ((i && !take_byte(&rest, ',')) || !take_number(&rest, &part[i]) || part[i] > 255)
			return false;
	}
	*at = (struct ftp_endpoint){ .addr.family = OTO_FAMILY_IPV4, .port = (uint16_t)(part[4] << 8 | part[5]) };
	for (int i = 0; i < 4; i++)
		at->addr.byte[i] = (uint8_t)part[i];
	return true;
}

static bool read_address(struct oto_slice text, struct oto_addr *addr)
{
	char plain[INET6_ADDRSTRLEN] = { 0 };
	bool colons = say_find(text, ':') < text.len;

	*addr = (struct oto_addr){ .family = OTO_FAMILY_NONE };
	if (!text.len)
		return true;
	if (text.len >= sizeof plain)
		return false;
	memcpy(plain, text.data, text.len);
	addr->family = colons ? OTO_FAMILY_IPV6 : OTO_FAMILY_IPV4;
	return inet_pton(colons ? AF_INET6 : AF_INET, plain, addr->byte) == 1;
}

bool ftp_extended_port(struct oto_slice text, struct ftp_endpoint *at)
{
	uint32_t open = say_find(text, '('), port;
	struct oto_slice rest = open < text.len ? say_from(text, open + 1) : text;

	if (!rest.len || rest.data[0] <= ' ' || is_digit(rest.data[0]))
		return false;
	char mark = (char)rest.data[0];
	rest = say_from(rest, 1);
	rest = say_from(rest, say_find(rest, mark) + 1); /* the family: the address tells */
	struct oto_slice addr = say_first(rest, say_find(rest, mark));
	rest = say_from(rest, addr.len + 1);
	if (!read_address(addr, &at->addr) || !take_number(&rest, &port) || !port || port > UINT16_MAX)
		return false;
	at->port = (uint16_t)port;
	return take_byte(&rest, (uint8_t)mark);
}

bool ftp_last_number(struct oto_slice text, uint64_t *n)
{
	uint32_t end = text.len;

	while (end && !is_digit(text.data[end - 1]))
		end--;
	uint32_t from = end;
	while (from && is_digit(text.data[from - 1]))
		from--;
	*n = 0;
	for (uint32_t i = from; i < end && i < from + 19; i++)
		*n = *n * 10 + (text.data[i] - '0');
	return end;
}

/* ------------------------------------------------------------------------------------------------ paths */

static bool has_drive(struct oto_slice s)
{
	return s.len > 2 && say_lower(s.data[0]) >= 'a' && say_lower(s.data[0]) <= 'z' && s.data[1] == ':' &&
	       (s.data[2] == '/' || s.data[2] == '\\');
}

static bool is_absolute(struct oto_slice s)
{
	return (s.len && s.data[0] == '/') || has_drive(s);
}

struct oto_slice ftp_directory(struct oto_slice text)
{
	while (text.len && !is_absolute(text))
		text = say_from(text, 1);
	uint32_t n = 0;
	while (n < text.len && text.data[n] != '"' && (text.data[n] != ' ' || (n && text.data[n - 1] == '\\')))
		n++;
	return say_first(text, n);
}

struct path {
	uint8_t *out;
	uint32_t len, room;
};

static void put(struct path *p, struct oto_slice s)
{
	uint32_t n = s.len < p->room - p->len ? s.len : p->room - p->len;

	if (n)
		memcpy(&p->out[p->len], s.data, n);
	p->len += n;
}

/* One step back, unless nothing is known of what lies above. */
static bool step_up(struct path *p)
{
	struct oto_slice here = { p->out, p->len };
	uint32_t slash = p->len;

	while (slash && p->out[slash - 1] != '/')
		slash--;
	struct oto_slice last = say_from(here, slash);
	if (!p->len || (last.len == 2 && say_is(last, "..")))
		return false;
	p->len = slash > 1 ? slash - 1 : slash;
	return true;
}

static void walk(struct path *p, struct oto_slice s)
{
	while (s.len) {
		struct oto_slice step = say_first(s, say_find(s, '/'));
		s = say_from(s, step.len + 1);
		if (!step.len || (p->len && say_is(step, ".")) || (say_is(step, "..") && step_up(p)))
			continue;
		if (p->len && p->out[p->len - 1] != '/')
			put(p, oto_slice_of("/"));
		put(p, step);
	}
}

uint32_t ftp_path(struct oto_slice directory, struct oto_slice name, uint8_t *out, uint32_t room)
{
	struct path p = { out, 0, room };
	struct oto_slice from = is_absolute(name) ? name : directory;

	if (from.len && from.data[0] == '/')
		put(&p, oto_slice_of("/"));
	walk(&p, from);
	if (!is_absolute(name))
		walk(&p, name);
	return p.len;
}
