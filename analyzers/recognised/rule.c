/* rule.c - see rule.h. */
#include "rule.h"

#include "../say.h"

static struct oto_slice word(struct oto_slice *rest, char separator)
{
	uint32_t n = say_find(*rest, separator);
	struct oto_slice w = say_first(*rest, n);

	*rest = say_from(*rest, n + 1);
	return w;
}

static int digit(uint8_t c)
{
	c = say_lower(c);
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decimal, or hexadecimal behind 0x. */
static bool number(struct oto_slice s, uint32_t most, uint32_t *out)
{
	uint32_t base = say_begins(s, "0x") ? 16 : 10, n = 0;

	s = base == 16 ? say_from(s, 2) : s;
	for (uint32_t i = 0; i < s.len; i++) {
		int d = digit(s.data[i]);
		if (d < 0 || (uint32_t)d >= base || n > most)
			return false;
		n = n * base + (uint32_t)d;
	}
	*out = n;
	return s.len && n <= most;
}

/* ------------------------------------------------------------------------------------------------ reading */

static const char *read_ports(struct oto_slice ports, struct rule *r)
{
	uint32_t from, to;

	r->anywhere = say_is(ports, "-");
	if (r->anywhere)
		return NULL;
	while (ports.len) {
		struct oto_slice range = word(&ports, ','), low = word(&range, '-');
		if (say_is(low, "*")) {
			r->anywhere = true;
			continue;
		}
		if (r->nranges == RULE_RANGES)
			return "too many ports";
		if (!number(low, 65535, &from))
			return "a port is a number, N-N, * or -";
		to = from;
		if (range.len && (!number(range, 65535, &to) || to < from))
			return "a range of ports goes from the lower to the higher";
		r->range[r->nranges].from = (uint16_t)from;
		r->range[r->nranges++].to = (uint16_t)to;
	}
	return r->nranges ? NULL : "a port is a number, N-N, * or -";
}

struct pattern {
	struct rule *r;
	uint32_t offset; /* offset of the next byte */
	uint32_t fixed;  /* bytes that are said exactly */
};

static const char *add(struct pattern *p, struct rule_step step)
{
	if (p->r->nsteps == RULE_STEPS)
		return "the pattern is too long";
	if (p->offset + step.width > 255)
		return "the pattern reaches too far";
	step.offset = (uint8_t)p->offset;
	p->r->step[p->r->nsteps++] = step;
	p->offset += step.width;
	return NULL;
}

/* "text" as it stands, 'text' in either case. */
static const char *read_quoted(struct pattern *p, struct oto_slice *rest)
{
	uint8_t quote = rest->data[0];
	const char *why = NULL;

	*rest = say_from(*rest, 1);
	uint32_t end = say_find(*rest, (char)quote);
	if (end == rest->len || !end)
		return "a quoted text ends with its quote and is not empty";
	for (uint32_t i = 0; i < end && !why; i++) {
		uint8_t c = quote == '\'' ? say_lower(rest->data[i]) : rest->data[i];
		p->fixed++;
		why = add(p, (struct rule_step){ .kind = quote == '\'' ? STEP_LETTER : STEP_BYTE, .width = 1, .low = c, .high = c });
	}
	*rest = say_from(*rest, end + 1);
	return why;
}

/* 16, 160301, 80-8f, ?? */
static const char *read_bytes(struct pattern *p, struct oto_slice w)
{
	static const char wrong[] = "bytes are two hexadecimal digits each, a range as in 80-8f, or ??";

	while (w.len) {
		if (say_begins(w, "??")) {
			p->offset++;
			w = say_from(w, 2);
			continue;
		}
		if (w.len < 2 || digit(w.data[0]) < 0 || digit(w.data[1]) < 0)
			return wrong;
		uint8_t low = (uint8_t)(digit(w.data[0]) << 4 | digit(w.data[1])), high = low;
		w = say_from(w, 2);
		if (w.len && w.data[0] == '-') {
			if (w.len < 3 || digit(w.data[1]) < 0 || digit(w.data[2]) < 0)
				return wrong;
			high = (uint8_t)(digit(w.data[1]) << 4 | digit(w.data[2]));
			w = say_from(w, 3);
		}
		p->fixed += low == high;
		const char *why =
		    low > high ? wrong : add(p, (struct rule_step){ .kind = STEP_BYTE, .width = 1, .low = low, .high = high });
		if (why)
			return why;
	}
	return NULL;
}

/* be16=len, le24=rest-1: a number here is the length of all, or of what follows it. */
static const char *read_length(struct pattern *p, struct oto_slice w)
{
	static const char wrong[] = "a length is be or le, 16, 24 or 32, =len or =rest, and +N or -N";
	struct rule_step s = { .little = say_begins(w, "le") };
	uint32_t bits = 0, add_ = 0;

	struct oto_slice left = word(&w, '=');
	if (!number(say_from(left, 2), 32, &bits) || (bits != 16 && bits != 24 && bits != 32))
		return wrong;
	s.width = (uint8_t)(bits / 8);
	s.kind = say_begins(w, "len") ? STEP_TOTAL : STEP_REST;
	if (!say_begins(w, "len") && !say_begins(w, "rest"))
		return wrong;
	w = say_from(w, s.kind == STEP_TOTAL ? 3 : 4);
	if (w.len && ((w.data[0] != '+' && w.data[0] != '-') || !number(say_from(w, 1), 255, &add_)))
		return wrong;
	s.add = (int16_t)(w.len && w.data[0] == '-' ? -(int)add_ : (int)add_);
	p->fixed += 2;
	return add(p, s);
}

/* len=148, len>20: of all bytes. */
static const char *read_total(struct pattern *p, struct oto_slice w)
{
	uint32_t n = 0;
	bool exact = w.len > 3 && w.data[3] == '=';

	if (w.len < 5 || (!exact && w.data[3] != '>') || !number(say_from(w, 4), 255, &n))
		return "the length of all bytes is len=N or len>N, N at most 255";
	p->fixed += exact ? 2 : 0;
	return add(p, (struct rule_step){ .kind = exact ? STEP_EXACT : STEP_LONGER, .low = (uint8_t)n });
}

static const char *read_word(struct pattern *p, struct oto_slice w)
{
	uint32_t offset;

	if (w.data[0] == '@') {
		if (!number(say_from(w, 1), 255, &offset))
			return "an offset is @N, N at most 255";
		p->offset = offset;
		return NULL;
	}
	if (say_find(w, '=') < w.len && (say_begins(w, "be") || say_begins(w, "le")) && !say_begins(w, "len"))
		return read_length(p, w);
	if (say_begins(w, "len"))
		return read_total(p, w);
	return read_bytes(p, w);
}

static const char *read_pattern(struct oto_slice bytes, struct pattern *p)
{
	const char *why = NULL;

	if (say_is(bytes, "-"))
		return NULL;
	while (bytes.len && !why) {
		if (bytes.data[0] == ' ') {
			bytes = say_from(bytes, 1);
			continue;
		}
		if (bytes.data[0] == '"' || bytes.data[0] == '\'') {
			why = read_quoted(p, &bytes);
			continue;
		}
		struct oto_slice w = word(&bytes, ' ');
		why = read_word(p, w);
	}
	return why;
}

static const char *const transports[] = {
	[RULE_TCP] = "tcp", [RULE_UDP] = "udp", [RULE_ETH] = "eth", [RULE_LLC] = "llc", [RULE_IP] = "ip"
};
static const char *const sides[] = { [RULE_ANY_SIDE] = "any", [RULE_CLIENT] = "client", [RULE_SERVER] = "server" };

/* The index of a word, or `n`. */
static uint8_t index_of(struct oto_slice w, const char *const *words, uint8_t n)
{
	uint8_t i = 0;

	while (i < n && !(words[i] && say_is(w, words[i])))
		i++;
	return i;
}

const char *rule_read(const struct rule_text *text, const char *name, struct rule *r)
{
	enum { TRANSPORTS = sizeof transports / sizeof *transports, SIDES = sizeof sides / sizeof *sides };
	struct pattern p = { .r = r };

	*r = (struct rule){ .name = name };
	r->transport = index_of(text->transport, transports, TRANSPORTS);
	if (r->transport == TRANSPORTS)
		return "the transport is tcp, udp, eth, llc or ip";
	r->side = index_of(text->side, sides, SIDES);
	if (r->side == SIDES)
		return "who speaks is client, server or any";
	const char *why = read_ports(text->ports, r);
	why = why ? why : read_pattern(text->bytes, &p);
	if (!why && r->anywhere && p.fixed < RULE_FIXED_MIN)
		why = "for any port, three bytes at least must be said exactly";
	return why;
}

bool rule_next(struct oto_slice *rest, uint32_t *line, struct rule_text *text, const char **why)
{
	struct oto_slice row;

	*why = NULL;
	while (say_line(rest, &row)) {
		++*line;
		row = say_trim(row);
		if (!row.len || row.data[0] == '#')
			continue;
		*text = (struct rule_text){ word(&row, '\t'), word(&row, '\t'), word(&row, '\t'), word(&row, '\t'), row };
		if (!text->name.len || !text->bytes.len || say_find(text->bytes, '\t') < text->bytes.len)
			*why = "a row is name, transport, ports, who speaks and bytes, with tabs between them";
		return true;
	}
	return false;
}

/* ------------------------------------------------------------------------------------------------ matching */

static bool length_is(const struct rule_step *s, struct oto_slice bytes)
{
	uint64_t n = 0;
	uint32_t behind = (uint32_t)s->offset + s->width;

	if (bytes.len < behind)
		return false;
	for (uint32_t i = 0; i < s->width; i++)
		n = n << 8 | bytes.data[s->little ? behind - 1 - i : s->offset + i];
	int64_t wanted = (s->kind == STEP_TOTAL ? bytes.len : bytes.len - behind) + s->add;
	return (int64_t)n == wanted;
}

static bool step_fits(const struct rule_step *s, struct oto_slice bytes)
{
	switch ((enum rule_step_kind)s->kind) {
	case STEP_LONGER:
		return bytes.len > s->low;
	case STEP_EXACT:
		return bytes.len == s->low;
	case STEP_TOTAL:
	case STEP_REST:
		return length_is(s, bytes);
	case STEP_LETTER:
		return s->offset < bytes.len && say_lower(bytes.data[s->offset]) == s->low;
	default:
		return s->offset < bytes.len && bytes.data[s->offset] >= s->low && bytes.data[s->offset] <= s->high;
	}
}

static bool in_ranges(const struct rule *r, uint16_t port)
{
	for (uint32_t i = 0; i < r->nranges; i++) {
		if (port >= r->range[i].from && port <= r->range[i].to)
			return true;
	}
	return false;
}

bool rule_on_port(const struct rule *r, enum rule_side side, const struct rule_flow *f)
{
	return (side != RULE_SERVER && in_ranges(r, f->destination)) || (side != RULE_CLIENT && in_ranges(r, f->source));
}

/* Where a port is known, it tells the sides: a capture may begin with the answer. */
static bool place_fits(const struct rule *r, const struct rule_flow *f)
{
	if (rule_on_port(r, (enum rule_side)r->side, f))
		return true;
	return r->anywhere && (r->side == RULE_ANY_SIDE || (r->side == RULE_CLIENT) == f->from_orig);
}

bool rule_fits(const struct rule *r, const struct rule_flow *f)
{
	if (r->transport != f->transport)
		return false;
	for (uint32_t i = 0; i < r->nsteps; i++) {
		if (!step_fits(&r->step[i], f->bytes))
			return false;
	}
	return place_fits(r, f);
}
