/* message.c - whose message it is (rules), and how it is written: RFC 5424 with text, CEF or LEEF; JSON; mail. Each format has its own
 * words for what must not stand in a value as it is; everything here comes from the wire at some time. */
#include "send.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

const char *message_get(const struct message *m, const char *field)
{
	for (size_t i = 0; i < m->nfields; i++) {
		if (!strcmp(m->fields[i].name, field))
			return m->fields[i].value;
	}
	return "";
}

void message_free(struct message *m)
{
	for (size_t i = 0; i < m->nfields; i++) {
		free(m->fields[i].name);
		free(m->fields[i].value);
	}
	free(m->fields);
	free(m->record);
	*m = (struct message){ 0 };
}

/* ------------------------------------------------------------------------------------------------ rules */

int severity_of(const char *word)
{
	static const char *const words[] = { "info", "low", "medium", "high", "critical" };

	for (int i = 0; i < 5; i++) {
		if (!strcmp(words[i], word))
			return i + 1;
	}
	return 0;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return !memcmp(a, b, whole) && (!rest || !((a[whole] ^ b[whole]) >> (8 - rest)));
}

static bool is_mac(const char *text)
{
	return strlen(text) == 17 && strspn(text, "0123456789abcdefABCDEF:-") == 17;
}

bool address_in(const char *address, const char *network)
{
	char base[INET6_ADDRSTRLEN];
	uint8_t a[16], b[16];
	const char *slash = strchr(network, '/');
	size_t len = slash ? (size_t)(slash - network) : strlen(network);

	if (is_mac(network))
		return !address || !strcasecmp(address, network);
	if (len >= sizeof base)
		return false;
	memcpy(base, network, len);
	base[len] = 0;
	int family = strchr(base, ':') ? AF_INET6 : AF_INET;
	unsigned most = family == AF_INET ? 32 : 128, bits = most;
	char *end = NULL;
	if (slash)
		bits = (unsigned)strtoul(slash + 1, &end, 10);
	if (inet_pton(family, base, b) != 1 || bits > most || (slash && (end == slash + 1 || *end)))
		return false;
	return !address || (inet_pton(family, address, a) == 1 && same_bits(a, b, bits));
}

static bool any_name(const struct texts *patterns, const char *name)
{
	for (size_t i = 0; i < patterns->n; i++) {
		if (!fnmatch(patterns->items[i], name, 0))
			return true;
	}
	return patterns->n == 0;
}

static bool any_network(const struct texts *networks, const char *a, const char *b)
{
	for (size_t i = 0; i < networks->n; i++) {
		if ((a[0] && address_in(a, networks->items[i])) || (b[0] && address_in(b, networks->items[i])))
			return true;
	}
	return networks->n == 0;
}

static bool fits_state(const struct rule *r, const struct message *m)
{
	if (r->states.n == 1 && !strcmp(r->states.items[0], "all"))
		return true;
	return any_name(&r->states, message_get(m, "state"));
}

bool rule_fits(const struct rule *r, const struct message *m)
{
	const char *source = message_get(m, "source"), *target = message_get(m, "target");

	return severity_of(message_get(m, "severity")) >= r->severity && any_name(&r->kinds, message_get(m, "kind")) &&
	       any_name(&r->categories, message_get(m, "category")) && any_name(&r->protocols, message_get(m, "protocol")) &&
	       any_network(&r->sources, source, "") && any_network(&r->targets, "", target) && any_network(&r->assets, source, target) &&
	       fits_state(r, m);
}

static bool any_rule(const struct rules *list, const struct message *m)
{
	for (size_t i = 0; i < list->n; i++) {
		if (rule_fits(&list->items[i], m))
			return true;
	}
	return false;
}

static bool says_state(const struct destination *d)
{
	bool says = d->own.states.n > 0;

	for (size_t i = 0; i < d->rules.n; i++)
		says |= d->rules.items[i].states.n > 0;
	return says;
}

/* May this alert's source be cut off? Not when its owner or the configuration says never, and not long after the fact. */
static bool may_block(const struct destination *d, const struct message *m)
{
	const char *source = message_get(m, "source");
	double age = (double)time(NULL) - (double)m->ts_ns / 1e9;

	return d->enabled && source[0] && !message_get(m, "block")[0] && !strcmp(message_get(m, "state"), "new") &&
	       (!d->never.n || !any_network(&d->never, source, "")) && age <= d->within;
}

bool destination_wants(const struct destination *d, const struct message *m)
{
	if (d->kind == SEND_BLOCK && !may_block(d, m))
		return false;
	/* what people do with alerts is news for those who ask for it */
	if (!says_state(d) && strcmp(message_get(m, "state"), "new") != 0)
		return false;
	return rule_fits(&d->own, m) && (!d->rules.n || any_rule(&d->rules, m)) && !any_rule(&d->except, m);
}

/* ------------------------------------------------------------------------------------------------ escaping */

/* Bytes of `special` get a backslash; line ends become what the format has for them, other control characters a space. */
static void escaped(const char *text, const char *special, const char *line_end, struct oto_buf *out)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			oto_buf_chr(out, '\\');
		if (*text == '\n')
			oto_buf_str(out, line_end);
		else
			oto_buf_chr(out, (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text);
	}
}

void json_string(const char *text, struct oto_buf *out)
{
	oto_buf_chr(out, '"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			oto_buf_chr(out, '\\');
		if (c < 0x20)
			oto_buf_fmt(out, "\\u%04x", c);
		else
			oto_buf_chr(out, (char)c);
	}
	oto_buf_chr(out, '"');
}

/* As json_string without the quotes: templates have their own. */
void fill_template(const char *template, const struct message *m, struct oto_buf *out)
{
	for (const char *at = template; *at; at++) {
		size_t n = *at == '{' ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_") : 0;
		char name[32], number[24];
		if (!n || at[1 + n] != '}' || n >= sizeof name) {
			oto_buf_chr(out, *at);
			continue;
		}
		memcpy(name, at + 1, n);
		name[n] = 0;
		const char *value = message_get(m, name);
		snprintf(number, sizeof number, "%lld", !strcmp(name, "attempt") ? (long long)m->attempt : (long long)m->seq);
		if (!strcmp(name, "attempt") || !strcmp(name, "seq"))
			value = number;
		if (!strcmp(name, "key"))
			value = m->key;
		struct oto_buf quoted = { 0 };
		json_string(value, &quoted);
		oto_buf_add(out, quoted.data + 1, quoted.len - 2);
		oto_buf_free(&quoted);
		at += n + 1;
	}
}

/* ------------------------------------------------------------------------------------------------ syslog */

static void iso_time(int64_t ns, struct oto_buf *out)
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;
	char text[32] = "";

	if (gmtime_r(&seconds, &tm))
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	oto_buf_fmt(out, "%s.%03d", text, (int)(ns / 1000000 % 1000));
}

/* RFC 5424 6: printable ASCII without spaces, "-" for nothing. */
static void header_word(const char *text, size_t most, struct oto_buf *out)
{
	size_t n = 0;

	for (; *text && n < most; text++, n++)
		oto_buf_chr(out, *text > 32 && *text < 127 ? *text : '_');
	if (!n)
		oto_buf_chr(out, '-');
}

static void parameter(const char *name, const char *value, struct oto_buf *out)
{
	if (!value[0])
		return;
	oto_buf_fmt(out, " %s=\"", name);
	escaped(value, "\"\\]", " ", out); /* 6.3.3 */
	oto_buf_chr(out, '"');
}

static const char *number(char out[24], int64_t n)
{
	snprintf(out, 24, "%lld", (long long)n);
	return out;
}

static void structured_data(const struct message *m, struct oto_buf *out)
{
	static const char *const names[] = { "id",          "kind",   "severity",    "state",  "category", "protocol", "source",
					     "source_name", "target", "target_name", "attack", "uid",      "who" };
	char text[24];

	/* 32473: the number that examples and those without one of their own use (RFC 5612) */
	oto_buf_str(out, "[alert@32473");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		parameter(names[i], message_get(m, names[i]), out);
	parameter("key", m->key, out);
	parameter("attempt", number(text, m->attempt), out);
	parameter("lost", m->lost ? number(text, m->lost) : "", out);
	parameter("test", m->test ? "true" : "", out);
	oto_buf_chr(out, ']');
}

/* Key and value of a CEF extension: only \, = and line ends are special there. */
static void cef(const char *key, const char *value, struct oto_buf *out)
{
	if (!value[0])
		return;
	oto_buf_fmt(out, " %s=", key);
	escaped(value, "\\=", "\\n", out);
}

static void cef_labelled(const char *key, const char *label, const char *value, struct oto_buf *out)
{
	char name[32];

	cef(key, value, out);
	snprintf(name, sizeof name, "%sLabel", key);
	cef(name, value[0] ? label : "", out);
}

/* CEF has a key for each kind of address. */
static void cef_address(const char *value, bool source, struct oto_buf *out)
{
	if (is_mac(value))
		cef(source ? "smac" : "dmac", value, out);
	else if (strchr(value, ':'))
		cef_labelled(source ? "c6a2" : "c6a3", source ? "Source IPv6 Address" : "Destination IPv6 Address", value, out);
	else
		cef(source ? "src" : "dst", value, out);
}

static int out_of_ten(const struct message *m)
{
	static const int scale[] = { 0, 1, 3, 5, 8, 10 };

	return scale[severity_of(message_get(m, "severity"))];
}

static void cef_message(const struct message *m, const char *text, struct oto_buf *out)
{
	char n[24];

	oto_buf_str(out, "CEF:0|Otoscope|Otoscope|" OTO_VERSION "|");
	escaped(message_get(m, "kind"), "|\\", " ", out);
	oto_buf_chr(out, '|');
	escaped(message_get(m, "title"), "|\\", " ", out);
	oto_buf_fmt(out, "|%d|", out_of_ten(m));
	oto_buf_fmt(out, "rt=%lld", (long long)(m->ts_ns / 1000000));
	cef_address(message_get(m, "source"), true, out);
	cef("shost", message_get(m, "source_name"), out);
	cef_address(message_get(m, "target"), false, out);
	cef("dhost", message_get(m, "target_name"), out);
	cef("externalId", message_get(m, "id"), out);
	cef("cat", message_get(m, "category"), out);
	cef("app", message_get(m, "protocol"), out);
	cef("deviceExternalId", message_get(m, "sensor"), out);
	cef_labelled("cs1", "ATT&CK for ICS", message_get(m, "attack"), out);
	cef_labelled("cs2", "State", message_get(m, "state"), out);
	cef_labelled("cs3", "Key", m->key, out);
	cef_labelled("cn1", "Attempt", number(n, m->attempt), out);
	cef_labelled("cn2", "Lost before", m->lost ? number(n, m->lost) : "", out);
	cef("msg", text, out);
}

/* LEEF knows no escape: what separates must not occur. */
static void leef(const char *key, const char *value, struct oto_buf *out)
{
	if (!value[0])
		return;
	oto_buf_fmt(out, "\t%s=", key);
	escaped(value, "", " ", out);
}

static void leef_header(const char *value, struct oto_buf *out)
{
	for (; *value; value++)
		oto_buf_chr(out, *value == '|' || (unsigned char)*value < 0x20 ? '_' : *value);
}

static void leef_message(const struct message *m, const char *text, struct oto_buf *out)
{
	const char *source = message_get(m, "source"), *target = message_get(m, "target");
	char n[24];
	int sev = out_of_ten(m);

	oto_buf_str(out, "LEEF:2.0|Otoscope|Otoscope|" OTO_VERSION "|");
	leef_header(message_get(m, "kind"), out);
	oto_buf_str(out, "|x09|devTime=");
	iso_time(m->ts_ns, out);
	oto_buf_str(out, "+0000");
	leef("devTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSZ", out);
	leef("sev", number(n, sev ? sev : 1), out);
	leef("cat", message_get(m, "category"), out);
	leef(is_mac(source) ? "srcMAC" : "src", source, out);
	leef(is_mac(target) ? "dstMAC" : "dst", target, out);
	leef("srcName", message_get(m, "source_name"), out);
	leef("dstName", message_get(m, "target_name"), out);
	leef("protocol", message_get(m, "protocol"), out);
	leef("title", message_get(m, "title"), out);
	leef("msg", text, out);
	leef("alertId", message_get(m, "id"), out);
	leef("state", message_get(m, "state"), out);
	leef("attack", message_get(m, "attack"), out);
	leef("sensor", message_get(m, "sensor"), out);
	leef("key", m->key, out);
	leef("attempt", number(n, m->attempt), out);
	leef("lost", m->lost ? number(n, m->lost) : "", out);
}

static void whole_syslog(const struct destination *d, const struct message *m, const char *text, struct oto_buf *out)
{
	static const int severities[] = { 6, 6, 5, 4, 3, 2 }; /* RFC 5424 6.2.1: informational ... critical */
	char host[256] = "";

	if (!d->host)
		gethostname(host, sizeof host - 1);
	oto_buf_fmt(out, "<%d>1 ", d->facility_code * 8 + severities[severity_of(message_get(m, "severity"))]);
	iso_time(m->ts_ns, out);
	oto_buf_str(out, "Z ");
	header_word(d->host ? d->host : host, 255, out);
	oto_buf_str(out, " otoscope - ");
	header_word(message_get(m, "kind"), 32, out);
	oto_buf_chr(out, ' ');
	if (d->format == SEND_TEXT) {
		structured_data(m, out);
		oto_buf_str(out, " \xef\xbb\xbf"); /* 6.4: UTF-8 */
		escaped(message_get(m, "title"), "", " ", out);
		oto_buf_str(out, ": ");
		escaped(text, "", " ", out);
		return;
	}
	/* Readers of these look for their first word: nothing may stand before it. */
	oto_buf_str(out, "- ");
	(d->format == SEND_CEF ? cef_message : leef_message)(m, text, out);
}

void syslog_message(const struct destination *d, const struct message *m, size_t limit, struct oto_buf *out)
{
	const char *text = message_get(m, "text");
	size_t begin = out->len;

	whole_syslog(d, m, text, out);
	size_t n = strlen(text);
	for (size_t over; limit && out->len - begin > limit && n;) {
		over = out->len - begin - limit + 3;
		n = over < n ? n - over : 0;
		while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
		struct oto_buf cut = { 0 };
		oto_buf_add(&cut, text, n);
		oto_buf_add(&cut, "...", 4);
		out->len = begin;
		whole_syslog(d, m, cut.data, out);
		oto_buf_free(&cut);
	}
}

/* ------------------------------------------------------------------------------------------------ JSON */

void json_message(const struct destination *d, const struct message *m, struct oto_buf *out)
{
	if (d->body) {
		fill_template(d->body, m, out);
		return;
	}
	oto_buf_fmt(out, "{\"key\":\"%s\",\"seq\":%lld,\"attempt\":%u", m->key, (long long)m->seq, m->attempt);
	if (m->lost)
		oto_buf_fmt(out, ",\"lost\":%lld", (long long)m->lost);
	if (m->test)
		oto_buf_str(out, ",\"test\":true");
	if (d->kind == SEND_BLOCK) {
		oto_buf_str(out, ",\"action\":\"block\",\"address\":");
		json_string(message_get(m, "source"), out);
	}
	oto_buf_fmt(out, ",\"alert\":%s}", m->record);
}

/* ------------------------------------------------------------------------------------------------ mail */

static void base64(const char *data, size_t len, size_t per_line, struct oto_buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t column = 0;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t three = 0;
		for (size_t k = 0; k < 3; k++)
			three = three << 8 | (i + k < len ? (unsigned char)data[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			oto_buf_chr(out, k > len - i ? '=' : digits[three >> (18 - 6 * k) & 63]);
		column += 4;
		if (per_line && column >= per_line) {
			oto_buf_str(out, "\r\n");
			column = 0;
		}
	}
	if (per_line && column)
		oto_buf_str(out, "\r\n");
}

/* RFC 2047: encoded words of at most 75 characters, cut between characters. */
static void subject_line(const char *text, struct oto_buf *out)
{
	for (size_t n, first = 1; *text; text += n, first = 0) {
		for (n = strlen(text) > 42 ? 42 : strlen(text); n && ((unsigned char)text[n] & 0xc0) == 0x80;)
			n--;
		if (!n)
			n = 1;
		oto_buf_str(out, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
		base64(text, n, 0, out);
		oto_buf_str(out, "?=");
	}
}

static const char *in_language(const struct destination *d, const struct message *m, const char *field)
{
	char name[48];

	snprintf(name, sizeof name, "%s_ja", field);
	const char *text = d->language && !strcmp(d->language, "ja") ? message_get(m, name) : "";
	return text[0] ? text : message_get(m, field);
}

static void mail_line(const char *label, const char *value, struct oto_buf *out)
{
	if (!value[0])
		return;
	oto_buf_fmt(out, "%s: ", label);
	escaped(value, "", " ", out);
	oto_buf_str(out, "\n");
}

static void mail_end(const struct message *m, const char *which, const char *label, struct oto_buf *out)
{
	char name[32];
	struct oto_buf text = { 0 };

	snprintf(name, sizeof name, "%s_name", which);
	const char *address = message_get(m, which), *called = message_get(m, name);
	oto_buf_fmt(&text, "%s%s%s%s", address, called[0] ? " (" : "", called, called[0] ? ")" : "");
	oto_buf_add(&text, "", 1);
	mail_line(label, address[0] ? text.data : "", out);
	oto_buf_free(&text);
}

static void mail_alert(const struct destination *d, const struct message *m, struct oto_buf *out)
{
	bool ja = d->language && !strcmp(d->language, "ja");
	char n[24];

	escaped(in_language(d, m, "title"), "", " ", out);
	oto_buf_fmt(out, " (%s)\n", message_get(m, "severity"));
	escaped(in_language(d, m, "text"), "", " ", out);
	oto_buf_str(out, "\n\n");
	if (m->attempt > 1)
		oto_buf_fmt(out, ja ? "再送 %u 回目: すでに届いている場合があります。\n" : "Attempt %u: you may have got this before.\n",
			    m->attempt);
	mail_line(ja ? "失われた通知" : "Lost before this one", m->lost ? number(n, m->lost) : "", out);
	mail_line(ja ? "時刻" : "Time", message_get(m, "time"), out);
	mail_end(m, "source", ja ? "送信元" : "Source", out);
	mail_end(m, "target", ja ? "宛先" : "Target", out);
	mail_line(ja ? "意味" : "What it means", in_language(d, m, "meaning"), out);
	mail_line(ja ? "対処" : "What to do", in_language(d, m, "advice"), out);
	mail_line("ATT&CK for ICS", message_get(m, "attack"), out);
	mail_line(ja ? "状態" : "State", message_get(m, "state"), out);
	mail_line(ja ? "担当" : "By", message_get(m, "who"), out);
	mail_line(ja ? "コメント" : "Comment", message_get(m, "comment"), out);
	mail_line(ja ? "センサー" : "Sensor", message_get(m, "sensor"), out);
	oto_buf_fmt(out, "otoscope alerts show %s\n\n", message_get(m, "id"));
}

static void mail_subject(const struct destination *d, const struct message *m, size_t n, struct oto_buf *out)
{
	struct oto_buf text = { 0 };

	if (d->subject)
		fill_template(d->subject, m, &text);
	else
		oto_buf_fmt(&text, "[otoscope] %s: %s", message_get(m, "severity"), in_language(d, m, "title"));
	if (n > 1)
		oto_buf_fmt(&text, " (+%zu)", n - 1);
	if (m->attempt > 1)
		oto_buf_fmt(&text, " (%u)", m->attempt);
	oto_buf_add(&text, "", 1);
	for (char *c = text.data; *c; c++)
		*c = (unsigned char)*c < 0x20 ? ' ' : *c;
	oto_buf_str(out, "Subject: ");
	subject_line(text.data, out);
	oto_buf_str(out, "\r\n");
	oto_buf_free(&text);
}

void mail_message(const struct destination *d, const struct message *const *m, size_t n, struct oto_buf *out)
{
	struct oto_buf body = { 0 };
	struct tm tm;
	time_t now = time(NULL);
	char date[64];
	size_t gravest = 0;

	for (size_t i = 1; i < n; i++) {
		if (severity_of(message_get(m[i], "severity")) > severity_of(message_get(m[gravest], "severity")))
			gravest = i;
	}
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", gmtime_r(&now, &tm));
	oto_buf_fmt(out, "Date: %s\r\nFrom: <%s>\r\nTo: ", date, d->from);
	for (size_t i = 0; i < d->to.n; i++)
		oto_buf_fmt(out, "%s<%s>", i ? ",\r\n " : "", d->to.items[i]);
	/* the same for each attempt, so that mail programs know a copy */
	oto_buf_fmt(out, "\r\nMessage-ID: <%s@otoscope.invalid>\r\nX-Otoscope-Attempt: %u\r\n", m[0]->key, m[0]->attempt);
	mail_subject(d, m[gravest], n, out);
	oto_buf_str(out, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
	for (size_t i = 0; i < n; i++)
		mail_alert(d, m[i], &body);
	base64(body.data, body.len, 76, out);
	oto_buf_free(&body);
}
