/* syslog.c - syslog over UDP (RFC 3164, RFC 5424): what devices write into their logs.
 *
 * Owns syslog.message and syslog.log, whose columns are Zeek's. What stands before the text (time, host, program) is taken apart where it
 * has the form of either RFC; what people's programs write besides that is only text.
 */
#include "../say.h"

enum { SEVERITIES = 8, PRIORITY_DIGITS = 3, APPS_MAX = 16 };

static const struct oto_name facility_rows[] = {
	{ 0, "KERN", 0, "kernel" },
	{ 1, "USER", 0, "programs of users" },
	{ 2, "MAIL", 0, "mail" },
	{ 3, "DAEMON", 0, "system services" },
	{ 4, "AUTH", 0, "log on and authorization" },
	{ 5, "SYSLOG", 0, "syslog itself" },
	{ 6, "LPR", 0, "printing" },
	{ 7, "NEWS", 0, "network news" },
	{ 8, "UUCP", 0, "UUCP" },
	{ 9, "CRON", 0, "clock" },
	{ 10, "AUTHPRIV", 0, "log on and authorization, private" },
	{ 11, "FTP", 0, "FTP" },
	{ 12, "NTP", 0, "NTP" },
	{ 13, "AUDIT", 0, "audit" },
	{ 14, "ALERT", 0, "alerts" },
	{ 15, "CLOCK", 0, "clock" },
	{ 16, "LOCAL0", 0, "local use" },
	{ 17, "LOCAL1", 0, "local use" },
	{ 18, "LOCAL2", 0, "local use" },
	{ 19, "LOCAL3", 0, "local use" },
	{ 20, "LOCAL4", 0, "local use" },
	{ 21, "LOCAL5", 0, "local use" },
	{ 22, "LOCAL6", 0, "local use" },
	{ 23, "LOCAL7", 0, "local use" },
	{ 999, "UNSPECIFIED", 0, "the message does not say" },
};
static const struct oto_names facilities = OTO_NAMES(facility_rows);

static const struct oto_name severity_rows[] = {
	{ 0, "EMERG", 0, "unusable" },   { 1, "ALERT", 0, "act at once" },    { 2, "CRIT", 0, "critical" },
	{ 3, "ERR", 0, "error" },        { 4, "WARNING", 0, "warning" },      { 5, "NOTICE", 0, "normal but significant" },
	{ 6, "INFO", 0, "information" }, { 7, "DEBUG", 0, "for developers" }, { 999, "UNSPECIFIED", 0, "the message does not say" },
};
static const struct oto_names severities = OTO_NAMES(severity_rows);
enum { UNSPECIFIED = 999 };

struct syslog_event {
	struct oto_slice message, timestamp, hostname, app, procid, msgid, text;
	uint16_t facility, severity;
	bool has_timestamp, has_hostname, has_app, has_procid, has_msgid;
};

#define M(m, doc_, ...) OTO_FIELD(struct syslog_event, m, doc_, __VA_ARGS__)
#define M_IF(m, doc_) M(m, doc_, .guard = OTO_IF(struct syslog_event, has_##m))
static const struct oto_field message_fields[] = {
	M(facility, "what part of the system speaks", .names = &facilities),
	M(severity, "how bad it is", .names = &severities),
	M(message, "all behind the priority"),
	M_IF(timestamp, "time as the sender writes it"),
	M_IF(hostname, "host that the message is from, as it calls itself"),
	M_IF(app, "program that the message is from"),
	M_IF(procid, "its process"),
	M_IF(msgid, "kind of message (RFC 5424)"),
	M(text, "what is left"),
};
static const struct oto_log message_logs[] = {
	{ .name = "syslog",
	  .doc = "A row per message.",
	  .columns = "proto=transport facility severity message",
	  .extra = "hostname app",
	  .form = OTO_FORM_DETAIL },
};
static const struct oto_event_type message_event =
    OTO_EVENT("syslog.message", struct syslog_event, message_fields, "A message of a device's log.", OTO_LOGS(message_logs));
static const struct oto_event_type *const events[] = { &message_event };

/* ------------------------------------------------------------------------------------------------ text */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* "<13>" at the start; *s is then behind it. */
static bool take_priority(struct oto_slice *s, uint32_t *priority)
{
	uint32_t n = 0, i = 1;

	if (!s->len || s->data[0] != '<')
		return false;
	for (; i < s->len && i <= PRIORITY_DIGITS && is_digit(s->data[i]); i++)
		n = n * 10 + (s->data[i] - '0');
	if (i == 1 || i >= s->len || s->data[i] != '>')
		return false;
	*priority = n;
	*s = say_from(*s, i + 1);
	return true;
}

static struct oto_slice take_word(struct oto_slice *s)
{
	struct oto_slice word = say_first(*s, say_find(*s, ' '));

	*s = say_from(*s, word.len + 1);
	return word;
}

/* The header of RFC 5424 6: six words, "-" where there is nothing, then structured data. */
static bool header_5424(struct syslog_event *e, struct oto_slice s)
{
	struct oto_slice words[6];

	for (uint32_t i = 0; i < 6; i++) {
		words[i] = take_word(&s);
		if (!words[i].len)
			return false;
	}
	if (!is_digit(words[0].data[0]) || words[0].len > 2 || !(is_digit(words[1].data[0]) || say_is(words[1], "-")))
		return false;
	e->timestamp = words[1];
	e->hostname = words[2];
	e->app = words[3];
	e->procid = words[4];
	e->msgid = words[5];
	e->text = s;
	return true;
}

/* "Oct 11 22:14:15 " (RFC 3164 4.1.2). */
static bool take_bsd_time(struct oto_slice *s, struct oto_slice *time)
{
	static const char form[] = "Aaa Dd Dd:Dd:Dd ";

	if (s->len < sizeof form - 1)
		return false;
	for (uint32_t i = 0; i < sizeof form - 1; i++) {
		uint8_t c = s->data[i];
		bool ok = form[i] == 'D'   ? is_digit(c) || c == ' '
			  : form[i] == 'd' ? is_digit(c)
			  : form[i] == 'A' ? c >= 'A' && c <= 'Z'
			  : form[i] == 'a' ? c >= 'a' && c <= 'z'
					   : c == (uint8_t)form[i];
		if (!ok)
			return false;
	}
	*time = say_first(*s, sizeof form - 2);
	*s = say_from(*s, sizeof form - 1);
	return true;
}

static bool is_tag_char(uint8_t c)
{
	return is_digit(c) || (say_lower(c) >= 'a' && say_lower(c) <= 'z') || c == '-' || c == '_' || c == '.' || c == '/' || c == '%';
}

/* "program[123]: " or "program: "; false when the text does not begin like that. */
static bool take_tag(struct syslog_event *e, struct oto_slice s)
{
	uint32_t n = 0;

	while (n < s.len && is_tag_char(s.data[n]))
		n++;
	if (!n || n == s.len || (s.data[n] != ':' && s.data[n] != '['))
		return false;
	struct oto_slice rest = say_from(s, n + 1);
	if (s.data[n] == '[') {
		uint32_t end = say_find(rest, ']');
		if (end == rest.len || !say_begins(say_from(rest, end), "]:"))
			return false;
		e->procid = say_first(rest, end);
		rest = say_from(rest, end + 2);
	}
	e->app = say_first(s, n);
	e->text = rest.len && rest.data[0] == ' ' ? say_from(rest, 1) : rest;
	return true;
}

/* RFC 3164: time, host, program. Many leave the host out. */
static void header_3164(struct syslog_event *e, struct oto_slice s)
{
	if (!take_bsd_time(&s, &e->timestamp))
		return;
	e->text = s;
	if (take_tag(e, s))
		return;
	struct oto_slice host = take_word(&s);
	if (host.len && host.data[host.len - 1] != ':') {
		e->hostname = host;
		e->text = s;
		take_tag(e, s);
	}
}

static void take_apart(struct syslog_event *e)
{
	struct oto_slice *parts[] = { &e->timestamp, &e->hostname, &e->app, &e->procid, &e->msgid };
	bool *has[] = { &e->has_timestamp, &e->has_hostname, &e->has_app, &e->has_procid, &e->has_msgid };

	e->text = e->message;
	if (!header_5424(e, e->message))
		header_3164(e, e->message);
	for (uint32_t i = 0; i < sizeof parts / sizeof *parts; i++)
		*has[i] = parts[i]->len && !say_is(*parts[i], "-");
	e->text = say_trim(e->text);
}

/* ------------------------------------------------------------------------------------------------ facts */

struct syslog_flow {
	bool told_host;
	uint8_t napps;
	uint32_t apps[APPS_MAX]; /* hashes of what was told */
};

static bool first_time(struct syslog_flow *flow, struct oto_slice s)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (uint32_t i = 0; i < s.len; i++)
		hash = (hash ^ s.data[i]) * 16777619u;
	for (uint32_t i = 0; i < flow->napps; i++) {
		if (flow->apps[i] == hash)
			return false;
	}
	if (flow->napps == APPS_MAX)
		return false;
	flow->apps[flow->napps++] = hash;
	return true;
}

static bool is_name(struct oto_slice s)
{
	bool letter = false;

	for (uint32_t i = 0; i < s.len; i++) {
		uint8_t c = s.data[i];
		if (!is_tag_char(c) || c == '/' || c == '%')
			return false;
		letter |= !is_digit(c) && c != '.';
	}
	return letter;
}

/* A relay sends the messages of others under its own address: an inference. */
static void facts(struct oto_ctx *cx, const struct syslog_event *e)
{
	struct syslog_flow *flow = cx->state;

	if (e->has_hostname && !flow->told_host && is_name(e->hostname)) {
		flow->told_host = true;
		say_fact(cx, "hostname", e->hostname, SAY_INFERRED);
	}
	if (e->has_app && is_name(e->app) && first_time(flow, e->app))
		say_fact(cx, "software", e->app, SAY_INFERRED);
}

static void syslog_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct syslog_event e = { .facility = UNSPECIFIED, .severity = UNSPECIFIED };
	uint32_t priority;

	e.message = oto_rest(c);
	if (take_priority(&e.message, &priority)) {
		e.facility = (uint16_t)(priority / SEVERITIES);
		e.severity = (uint16_t)(priority % SEVERITIES);
	}
	take_apart(&e);
	oto_emit(cx, 0, &e);
	facts(cx, &e);
}

/* On its port anything that begins as text: many leave the priority out. On other ports only what begins with a priority, and text behind
 * it. */
static enum oto_answer syslog_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	struct oto_slice s = oto_rest(&c);
	uint32_t priority;

	if (oto_dest_port(cx) == 514 || oto_source_port(cx) == 514)
		return s.len && s.data[0] >= ' ' ? OTO_MINE : OTO_NOT_MINE;
	if (cx->transport != OTO_UDP || !take_priority(&s, &priority) || priority >= 24 * SEVERITIES || s.len < 16)
		return OTO_NOT_MINE;
	struct syslog_event e = { .message = s };
	take_apart(&e);
	return e.has_timestamp ? OTO_MINE : OTO_NOT_MINE;
}

static const struct oto_analyzer syslog = {
	.self_size = sizeof syslog,
	.flags = OTO_ANY_PORT,
	.name = "syslog",
	.doc = "syslog over UDP",
	.keys = "udp/514",
	.probe = syslog_probe,
	.pdu = syslog_pdu,
	.state_size = sizeof(struct syslog_flow),
	.events = events,
	.nevents = sizeof events / sizeof *events,
};

OTO_ANALYZER(syslog);
