/* base.c - the base of known signatures: p0f.fp read into tables, and the look-up. See signature.h.
 *
 * Only the sections [tcp:request] and [tcp:response] are used. What a line may say: p0f's README, section 6.
 */
#include "../say.h"
#include "signature.h"

#include <stdlib.h>

enum { TTL_DISTANCE_MAX = 35, CACHE = 1024 };

struct known {
	struct p0f_signature sig;
	const struct p0f_label *label;
	bool response;
};

struct p0f_base {
	struct known *known; /* in the order of the file */
	uint32_t count;
	/* What was found for a packet like this one: fleets of equal stations knock with equal packets. */
	struct cached {
		struct p0f_packet packet;
		const struct p0f_label *label;
		bool used, fuzzy;
	} cache[CACHE];
};

/* ------------------------------------------------------------------------------------------------ words */

static struct oto_slice trimmed(struct oto_slice s)
{
	while (s.len && s.data[0] <= ' ')
		s = say_from(s, 1);
	return say_trim(s);
}

/* The text up to `separator`, which is passed over. */
static struct oto_slice next_word(struct oto_slice *rest, char separator)
{
	uint32_t n = say_find(*rest, separator);
	struct oto_slice word = say_first(*rest, n);

	*rest = say_from(*rest, n + 1);
	return trimmed(word);
}

/* Passes over a beginning, when it is there. */
static bool begins(struct oto_slice *s, const char *text)
{
	if (!say_begins(*s, text))
		return false;
	*s = say_from(*s, (uint32_t)strlen(text));
	return true;
}

static bool number(struct oto_slice s, uint32_t most, int32_t *out)
{
	uint32_t v = 0;

	for (uint32_t i = 0; i < s.len; i++) {
		if (s.data[i] < '0' || s.data[i] > '9' || v > most)
			return false;
		v = v * 10 + (s.data[i] - '0');
	}
	*out = (int32_t)v;
	return s.len && v <= most;
}

static bool number_or_any(struct oto_slice s, uint32_t most, int32_t *out)
{
	*out = P0F_ANY;
	return say_is(s, "*") || number(s, most, out);
}

/* ------------------------------------------------------------------------------------------------ a signature */

static bool read_ttl(struct oto_slice s, struct p0f_signature *sig)
{
	struct oto_slice first = next_word(&s, '+'); /* as p0f prints it: what was seen, and the distance */
	int32_t ttl, hops = 0;

	if (first.len && first.data[first.len - 1] == '-') {
		sig->bad_ttl = true;
		first.len--;
	}
	if (!number(first, 255, &ttl) || (s.len && !number(trimmed(s), 255, &hops)))
		return false;
	sig->ttl = (uint8_t)(ttl + hops > 255 ? 255 : ttl + hops);
	return ttl > 0;
}

static bool read_window(struct oto_slice s, struct p0f_signature *sig)
{
	struct oto_slice size = next_word(&s, ',');
	int32_t scale = 0;

	sig->window_kind = P0F_WINDOW_IS;
	if (say_is(size, "*"))
		sig->window_kind = P0F_WINDOW_ANY;
	else if (begins(&size, "mss*"))
		sig->window_kind = P0F_WINDOW_MSS;
	else if (begins(&size, "mtu*"))
		sig->window_kind = P0F_WINDOW_MTU;
	else if (begins(&size, "%"))
		sig->window_kind = P0F_WINDOW_MODULO;
	if (sig->window_kind != P0F_WINDOW_ANY && !number(size, 65535, &sig->window))
		return false;
	if (sig->window_kind == P0F_WINDOW_MODULO && !sig->window)
		return false;
	if (!number_or_any(trimmed(s), 255, &scale))
		return false;
	sig->scale = (int16_t)scale;
	return true;
}

static bool read_layout(struct oto_slice s, struct p0f_signature *sig)
{
	static const struct {
		const char *word;
		uint8_t kind;
	} kinds[] = { { "nop", 1 }, { "mss", 2 }, { "ws", 3 }, { "sok", 4 }, { "sack", 5 }, { "ts", 8 } };
	int32_t n;

	while (s.len) {
		struct oto_slice word = next_word(&s, ',');
		if (sig->noptions == P0F_OPTIONS_MAX)
			return false;
		uint8_t *kind = &sig->options[sig->noptions++];
		if (begins(&word, "eol+")) {
			if (!number(word, 40, &n))
				return false;
			sig->eol_padding = (uint8_t)n;
			continue;
		}
		if (begins(&word, "?")) {
			if (!number(word, 255, &n))
				return false;
			*kind = (uint8_t)n;
			continue;
		}
		for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !*kind; i++)
			*kind = say_is(word, kinds[i].word) ? kinds[i].kind : 0;
		if (!*kind)
			return false;
	}
	return true;
}

static bool read_quirks(struct oto_slice s, struct p0f_signature *sig)
{
	static const struct {
		const char *word;
		uint32_t bit;
	} quirks[] = {
		{ "df", P0F_DF },          { "id+", P0F_ID_PLUS },    { "id-", P0F_ID_MINUS },  { "ecn", P0F_ECN },
		{ "0+", P0F_RESERVED },    { "flow", P0F_FLOW },      { "seq-", P0F_SEQ_ZERO }, { "ack+", P0F_ACK_PLUS },
		{ "ack-", P0F_ACK_MINUS }, { "uptr+", P0F_URG_PLUS }, { "urgf+", P0F_URG },     { "pushf+", P0F_PUSH },
		{ "ts1-", P0F_TS1_ZERO },  { "ts2+", P0F_TS2_PLUS },  { "opt+", P0F_OPT_PLUS }, { "exws", P0F_SCALE_HIGH },
		{ "bad", P0F_BAD_OPT },
	};

	while (s.len) {
		struct oto_slice word = next_word(&s, ',');
		uint32_t bit = 0;
		for (size_t i = 0; i < sizeof quirks / sizeof *quirks; i++)
			bit |= say_is(word, quirks[i].word) ? quirks[i].bit : 0;
		if (!bit)
			return false;
		sig->quirks |= bit;
	}
	return true;
}

static const char *read_signature(struct oto_slice text, struct p0f_signature *sig)
{
	int32_t n = 0;

	*sig = (struct p0f_signature){ 0 };
	if (!number_or_any(next_word(&text, ':'), 6, &n) || (n != P0F_ANY && n != 4 && n != 6))
		return "the version is 4, 6 or *";
	sig->version = (int8_t)n;
	if (!read_ttl(next_word(&text, ':'), sig))
		return "the initial TTL is a number from 1 to 255, with - behind it when it may be anything below";
	if (!number(next_word(&text, ':'), 255, &n))
		return "the length of IP options is a number";
	sig->ip_options = (uint8_t)n;
	if (!number_or_any(next_word(&text, ':'), 65535, &sig->mss))
		return "the maximum segment size is a number or *";
	if (!read_window(next_word(&text, ':'), sig))
		return "the window is a number, mss*N, mtu*N, %N or *, a comma and the scale";
	if (!read_layout(next_word(&text, ':'), sig))
		return "options are eol+N, nop, mss, ws, sok, sack, ts or ?N";
	if (!read_quirks(next_word(&text, ':'), sig))
		return "an unknown quirk";
	struct oto_slice payload = trimmed(text);
	if (!say_is(payload, "0") && !say_is(payload, "+") && !say_is(payload, "*"))
		return "the payload is 0, + or *";
	sig->payload = say_is(payload, "*") ? P0F_ANY : say_is(payload, "+");
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ the file */

/* "s:unix:Linux:3.11 and newer" */
static const struct p0f_label *read_label(const struct oto_setup *how, struct oto_slice text)
{
	struct oto_slice kind = next_word(&text, ':'), class = next_word(&text, ':'), name = next_word(&text, ':'), flavor = trimmed(text);

	if ((!say_is(kind, "s") && !say_is(kind, "g")) || !name.len)
		return NULL;
	struct p0f_label *label = how->keep(how, sizeof *label);
	char *os = how->keep(how, name.len + 1 + flavor.len + 1);
	memcpy(os, name.data, name.len);
	if (flavor.len) {
		os[name.len] = ' ';
		memcpy(os + name.len + 1, flavor.data, flavor.len);
	}
	*label = (struct p0f_label){ .os = os, .generic = say_is(kind, "g"), .userland = say_is(class, "!") };
	return label;
}

static uint32_t count_signatures(struct oto_slice text)
{
	uint32_t n = 0;

	while (text.len) {
		struct oto_slice line = next_word(&text, '\n');
		n += begins(&line, "sig");
	}
	return n;
}

enum section { SECTION_OTHER, SECTION_REQUEST, SECTION_RESPONSE };

/* One line; NULL or what is wrong with it. */
static const char *read_line(const struct oto_setup *how, struct oto_slice line, enum section *section, const struct p0f_label **label,
			     struct p0f_base *base)
{
	if (!line.len || line.data[0] == ';')
		return NULL;
	if (line.data[0] == '[') {
		*section = say_is(line, "[tcp:request]")    ? SECTION_REQUEST
			   : say_is(line, "[tcp:response]") ? SECTION_RESPONSE
							    : SECTION_OTHER;
		*label = NULL;
		return NULL;
	}
	if (*section == SECTION_OTHER)
		return NULL;
	struct oto_slice key = next_word(&line, '='), value = trimmed(line);
	if (say_is(key, "label"))
		return (*label = read_label(how, value)) ? NULL
							 : "a label is s or g, a class, a name and a flavor, with colons between them";
	if (!say_is(key, "sig"))
		return NULL;
	if (!*label)
		return "a signature before the first label";
	struct known *k = &base->known[base->count++];
	k->label = *label;
	k->response = *section == SECTION_RESPONSE;
	return read_signature(value, &k->sig);
}

struct p0f_base *p0f_base_read(const struct oto_setup *how, struct oto_slice text, uint32_t *line, const char **why)
{
	struct p0f_base *base = how->keep(how, sizeof *base);
	enum section section = SECTION_OTHER;
	const struct p0f_label *label = NULL;

	base->known = how->keep(how, (count_signatures(text) + 1) * sizeof *base->known);
	for (*line = 1; text.len; ++*line) {
		*why = read_line(how, next_word(&text, '\n'), &section, &label, base);
		if (*why)
			return NULL;
	}
	return base;
}

/* ------------------------------------------------------------------------------------------------ the look-up */

static bool window_fits(const struct p0f_signature *k, const struct p0f_packet *p)
{
	switch ((enum p0f_window)k->window_kind) {
	case P0F_WINDOW_IS:
		return k->window == p->sig.window;
	case P0F_WINDOW_MODULO:
		return p->sig.window % k->window == 0;
	case P0F_WINDOW_MSS:
		return p->multiple == k->window && !p->of_mtu;
	case P0F_WINDOW_MTU:
		return p->multiple == k->window && p->of_mtu;
	default:
		return true;
	}
}

static bool shape_fits(const struct p0f_signature *k, const struct p0f_packet *p)
{
	const struct p0f_signature *s = &p->sig;

	return (k->version == P0F_ANY || k->version == s->version) && k->noptions == s->noptions &&
	       memcmp(k->options, s->options, s->noptions) == 0 && k->eol_padding == s->eol_padding && k->ip_options == s->ip_options &&
	       (k->mss == P0F_ANY || k->mss == s->mss) && (k->scale == P0F_ANY || k->scale == s->scale) &&
	       (k->payload == P0F_ANY || k->payload == s->payload) && window_fits(k, p);
}

/* Equal, or different in what routers and settings change: an identification filled in or cleared, ECN asked for. */
static bool quirks_fit(const struct p0f_signature *k, const struct p0f_signature *s, bool *fuzzy)
{
	/* a signature of any version names the quirks of both */
	uint32_t of_version = k->version != P0F_ANY ? ~0u
			      : s->version == 6     ? ~(uint32_t)(P0F_DF | P0F_ID_PLUS | P0F_ID_MINUS)
						    : ~(uint32_t)P0F_FLOW;
	uint32_t known = k->quirks & of_version, deleted = known & ~s->quirks, added = s->quirks & ~known;

	if (deleted & ~(uint32_t)(P0F_DF | P0F_ID_PLUS) || added & ~(uint32_t)(P0F_ID_MINUS | P0F_ECN))
		return false;
	*fuzzy |= deleted || added;
	return true;
}

static bool ttl_fits(const struct p0f_signature *k, const struct p0f_signature *s, bool *fuzzy)
{
	bool far = k->ttl < s->ttl || k->ttl - s->ttl > TTL_DISTANCE_MAX;

	if (k->bad_ttl)
		return k->ttl >= s->ttl;
	*fuzzy |= far;
	return true;
}

static const struct p0f_label *find(const struct p0f_base *base, const struct p0f_packet *p, bool *fuzzy)
{
	const struct p0f_label *generic = NULL, *near = NULL;

	for (uint32_t i = 0; i < base->count; i++) {
		const struct known *k = &base->known[i];
		bool differs = false;
		if (k->response != p->response || !shape_fits(&k->sig, p) || !quirks_fit(&k->sig, &p->sig, &differs) ||
		    !ttl_fits(&k->sig, &p->sig, &differs))
			continue;
		if (!differs && !k->label->generic) {
			*fuzzy = false;
			return k->label;
		}
		if (!differs && !generic)
			generic = k->label;
		if (differs && !near)
			near = k->label;
	}
	*fuzzy = !generic && near;
	return generic ? generic : near;
}

const struct p0f_label *p0f_base_find(struct p0f_base *base, const struct p0f_packet *p, bool *fuzzy)
{
	uint32_t mix = (uint32_t)(p->sig.window * 31 + p->sig.ttl * 7 + p->sig.mss + p->sig.quirks + p->sig.noptions * 131u + p->response);
	struct cached *c = &base->cache[mix % CACHE];

	if (!c->used || memcmp(&c->packet, p, sizeof *p) != 0) {
		c->packet = *p;
		c->used = true;
		c->label = find(base, p, &c->fuzzy);
	}
	*fuzzy = c->fuzzy;
	return c->label;
}
