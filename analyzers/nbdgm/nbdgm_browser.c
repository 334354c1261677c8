/* nbdgm_browser.c - the computer browser service (MS-BRWS 2.2) and LAN Manager's older announcements: nbdgm.browser, mswin-browser.log, and
 * what hosts say of themselves.
 */
#include "nbdgm.h"

#include "../say.h"

enum { NAME_LEN = 16 };

struct browser_event {
	struct oto_addr src_ip;
	struct oto_mac src_mac;
	struct oto_slice server_name, os_version, server_type, browser_version, signature, host_comment, group;
	struct oto_list roles;
	uint32_t server_bits, periodicity, criteria, uptime;
	uint8_t command;
	bool has_mac, has_host, has_browser, has_group, has_election;
};

#define B(m, doc_, ...) OTO_FIELD(struct browser_event, m, doc_, __VA_ARGS__)
#define B_IF(m, has, doc_, ...) B(m, doc_, .guard = OTO_IF(struct browser_event, has), __VA_ARGS__)
static const struct oto_field browser_fields[] = {
	B(command, "what is said", .names = &browser_commands),
	B(src_ip, "address that sent it"),
	B_IF(src_mac, has_mac, "MAC address that sent it"),
	B(server_name, "the host that is announced, or asks; the master browser of a domain announcement"),
	B_IF(group, has_group, "workgroup or domain announced"),
	B_IF(os_version, has_host, "version of the operating system"),
	B_IF(server_type, has_host, "what the host is, as its 32 bits"),
	B_IF(roles, has_host, "the words for these bits", .flags = OTO_SET),
	B_IF(browser_version, has_browser, "version of the browser protocol"),
	B_IF(signature, has_browser, "aa55 where a browser speaks"),
	B_IF(host_comment, has_host, "what people wrote of the host"),
	B_IF(periodicity, has_host, "milliseconds to the next announcement"),
	B_IF(criteria, has_election, "what counts in an election"),
	B_IF(uptime, has_election, "milliseconds that the host has been up"),
};
static const struct oto_log browser_logs[] = {
	{ .name = "mswin-browser",
	  .doc = "Hosts that announce themselves to the computer browser service.",
	  .key = "src_ip src_mac server_name os_version server_type browser_version signature host_comment",
	  .where = "command in {1, 15}",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK },
};
const struct oto_event_type nbdgm_browser_event =
    OTO_EVENT("nbdgm.browser", struct browser_event, browser_fields, "A message of the computer browser service.", OTO_LOGS(browser_logs));

/* ------------------------------------------------------------------------------------------------ facts */

static void role_facts(struct oto_ctx *cx, const struct browser_event *e)
{
	for (uint32_t i = 0; i < nserver_bits; i++) {
		if (e->server_bits & server_bits[i].bit)
			say_fact(cx, "role", oto_slice_of(server_bits[i].role), SAY_SURE);
	}
	if (e->command == BROWSER_LOCAL_MASTER && !(e->server_bits & SV_MASTER))
		say_fact(cx, "role", oto_slice_of("master browser"), SAY_SURE);
}

/* MS-BRWS 2.2.1: Windows speaks version 15.1 of the protocol, its old line 21.4. Macs, printers and recorders announce a Windows in the
 * other one's version, or in none's.
 */
static bool is_windows(const struct browser_event *e, uint8_t browser_major, uint8_t browser_minor)
{
	bool old = e->server_bits & SV_WINDOWS95;

	return old ? browser_major == 21 && browser_minor == 4 : browser_major == 15 && browser_minor == 1;
}

static void host_facts(struct oto_ctx *cx, const struct browser_event *e, const char *os, bool windows)
{
	say_fact(cx, "hostname", e->server_name, SAY_SURE);
	if (e->server_bits & SV_UNIX) {
		say_fact(cx, "os", oto_slice_of(os), SAY_STATED);
	} else if (windows) {
		say_fact(cx, "os", oto_slice_of(os), SAY_SURE);
		say_fact(cx, "os_version", e->os_version, SAY_SURE);
	}
	say_fact(cx, "description", e->host_comment, SAY_SURE);
	role_facts(cx, e);
}

/* ------------------------------------------------------------------------------------------------ messages */

static struct oto_slice text(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice s = say_string((struct oto_slice){ c->at, oto_left(c) });

	oto_skip(c, s.len < oto_left(c) ? s.len + 1 : s.len);
	return oto_oem(cx, s);
}

static struct oto_list role_list(struct oto_ctx *cx, uint32_t bits)
{
	struct oto_slice *items = oto_scratch(cx, nserver_bits * sizeof *items);
	uint32_t n = 0;

	for (uint32_t i = 0; items && i < nserver_bits; i++) {
		if (bits & server_bits[i].bit)
			items[n++] = oto_slice_of(server_bits[i].name);
	}
	return (struct oto_list){ items, n };
}

static void set_host(struct oto_ctx *cx, struct browser_event *e, uint8_t major, uint8_t minor, uint32_t bits)
{
	e->has_host = true;
	e->server_bits = bits;
	e->os_version = say_text(cx, 7, "%u.%u", major, minor);
	e->server_type = say_text(cx, 10, "0x%x", bits);
	e->roles = role_list(cx, bits);
}

/* MS-BRWS 2.2.1, 2.2.6, 2.2.10: of a domain, the name is the group's and the text behind names its master. */
static bool announcement(struct oto_ctx *cx, struct oto_cur *c, struct browser_event *e)
{
	oto_skip(c, 1);
	e->periodicity = oto_le32(c);
	struct oto_slice name = oto_oem(cx, say_trim(say_string(oto_take(c, NAME_LEN))));
	uint8_t major = oto_u8(c), minor = oto_u8(c);
	uint32_t bits = oto_le32(c);
	uint8_t browser_major = oto_u8(c), browser_minor = oto_u8(c);
	uint16_t signature = oto_le16(c);
	struct oto_slice last = text(cx, c);
	if (c->bad)
		return false;
	set_host(cx, e, major, minor, bits);
	e->has_browser = true;
	e->browser_version = say_text(cx, 7, "%u.%u", browser_major, browser_minor);
	e->signature = say_text(cx, 6, "0x%04x", signature);
	if (e->command == BROWSER_DOMAIN) {
		e->has_group = true;
		e->group = name;
		e->server_name = last;
		say_fact(cx, "workgroup", name, SAY_SURE);
		say_fact(cx, "hostname", last, SAY_STATED);
		say_fact(cx, "role", oto_slice_of("master browser"), SAY_SURE);
		return true;
	}
	e->server_name = name;
	e->host_comment = last;
	host_facts(cx, e, browser_os(major, minor, bits), is_windows(e, browser_major, browser_minor));
	return true;
}

/* MS-BRWS 2.2.3 */
static void election(struct oto_ctx *cx, struct oto_cur *c, struct browser_event *e)
{
	oto_skip(c, 1);
	e->criteria = oto_le32(c);
	e->uptime = oto_le32(c);
	oto_skip(c, 4);
	e->server_name = text(cx, c);
	e->has_election = !c->bad;
	if (!c->bad)
		say_fact(cx, "hostname", e->server_name, SAY_STATED);
}

static void other(struct oto_ctx *cx, struct oto_cur *c, struct browser_event *e)
{
	switch (e->command) {
	case BROWSER_ANNOUNCE_REQUEST:
		oto_skip(c, 1);
		e->server_name = text(cx, c);
		break;
	case BROWSER_BECOME_BACKUP:
	case BROWSER_MASTER:
		e->server_name = text(cx, c);
		break;
	case BROWSER_BACKUP_RESPONSE:
		oto_skip(c, 5);
		e->server_name = text(cx, c);
		break;
	default:
		break;
	}
}

static struct browser_event event_of(const struct oto_ctx *cx)
{
	return (struct browser_event){ .src_ip = oto_sender(cx), .src_mac = say_sender_mac(cx), .has_mac = cx->head->has_mac };
}

void nbdgm_browser(struct oto_ctx *cx, struct oto_cur c)
{
	struct browser_event e = event_of(cx);
	struct oto_slice whole = { c.at, oto_left(&c) };

	e.command = oto_u8(&c);
	if (!oto_name_of(&browser_commands, e.command))
		oto_weird(cx, "unknown_browser_command", whole);
	else if (e.command == BROWSER_HOST || e.command == BROWSER_LOCAL_MASTER || e.command == BROWSER_DOMAIN)
		announcement(cx, &c, &e);
	else if (e.command == BROWSER_ELECTION)
		election(cx, &c, &e);
	else
		other(cx, &c, &e);
	if (c.bad)
		oto_weird(cx, "truncated_browser_message", whole);
	else
		oto_emit(cx, NBDGM_EV_BROWSER, &e);
}

/* LAN Manager's host announcement, the only message of its mailslot that says who somebody is. */
void nbdgm_lanman(struct oto_ctx *cx, struct oto_cur c)
{
	struct browser_event e = event_of(cx);

	e.command = oto_u8(&c);
	if (e.command != BROWSER_HOST)
		return;
	oto_skip(&c, 1);
	uint32_t bits = oto_le32(&c);
	uint8_t major = oto_u8(&c), minor = oto_u8(&c);
	e.periodicity = oto_le16(&c) * 1000u;
	e.server_name = text(cx, &c);
	e.host_comment = text(cx, &c);
	if (c.bad)
		return;
	set_host(cx, &e, major, minor, bits);
	host_facts(cx, &e, browser_os(major, minor, bits), true);
	oto_emit(cx, NBDGM_EV_BROWSER, &e);
}
