/* nbdgm_netlogon.c - the mailslots by which hosts find their domain's controllers (MS-ADTS 6.3.1): nbdgm.netlogon. */
#include "nbdgm.h"

#include "../say.h"

struct netlogon_event {
	struct oto_slice computer, user, domain, server, reply_mailslot;
	uint16_t op;
	bool has_user;
};

#define L(m, doc_, ...) OTO_FIELD(struct netlogon_event, m, doc_, __VA_ARGS__)
static const struct oto_field netlogon_fields[] = {
	L(op, "what is asked or answered", .names = &netlogon_ops),
	L(computer, "the computer that asks"),
	L(user, "the user it asks for", .guard = OTO_IF(struct netlogon_event, has_user)),
	L(domain, "the domain of the controller that answers"),
	L(server, "the controller that answers"),
	L(reply_mailslot, "where the answer shall go"),
};
const struct oto_event_type nbdgm_netlogon_event =
    OTO_EVENT("nbdgm.netlogon", struct netlogon_event, netlogon_fields, "A host looks for a domain controller, or one answers.");

static struct oto_slice narrow(struct oto_cur *c)
{
	struct oto_slice s = say_string((struct oto_slice){ c->at, oto_left(c) });

	oto_skip(c, s.len + 1);
	return s;
}

static uint32_t put_utf8(uint8_t *out, uint32_t code)
{
	if (code < 0x80) {
		out[0] = (uint8_t)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (uint8_t)(0xc0 | code >> 6);
		out[1] = (uint8_t)(0x80 | (code & 0x3f));
		return 2;
	}
	out[0] = (uint8_t)(0xe0 | code >> 12);
	out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
	out[2] = (uint8_t)(0x80 | (code & 0x3f));
	return 3;
}

/* UTF-16 up to a zero, at an even offset of the message; halves of a pair become the replacement character. */
static struct oto_slice wide(struct oto_ctx *cx, struct oto_cur *c)
{
	oto_skip(c, oto_tell(c) % 2);
	uint32_t units = 0, len = 0;
	struct oto_cur ahead = *c;
	while (oto_left(&ahead) >= 2 && oto_le16(&ahead))
		units++;
	uint8_t *out = oto_scratch(cx, units * 3u + 1);
	for (uint32_t i = 0; i < units; i++) {
		uint32_t code = oto_le16(c);
		if (out)
			len += put_utf8(&out[len], code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
	}
	oto_skip(c, 2);
	return (struct oto_slice){ out, len };
}

static struct oto_slice without_slashes(struct oto_slice s)
{
	while (s.len && s.data[0] == '\\')
		s = say_from(s, 1);
	return s;
}

static void controller(struct oto_ctx *cx, const struct netlogon_event *e)
{
	say_fact(cx, "role", oto_slice_of("domain controller"), SAY_SURE);
	say_fact(cx, "hostname", e->server, SAY_STATED);
	say_fact(cx, "domain", e->domain, SAY_STATED);
}

static void read(struct oto_ctx *cx, struct oto_cur *c, struct netlogon_event *e)
{
	switch (e->op) {
	case NETLOGON_REQUEST:
		e->computer = narrow(c);
		e->user = narrow(c);
		e->has_user = true;
		e->reply_mailslot = narrow(c);
		break;
	case NETLOGON_RESPONSE2:
		e->server = without_slashes(narrow(c));
		break;
	case NETLOGON_PRIMARY_QUERY:
		e->computer = narrow(c);
		e->reply_mailslot = narrow(c);
		break;
	case NETLOGON_PRIMARY_RESPONSE:
		e->server = narrow(c);
		wide(cx, c);
		e->domain = wide(cx, c);
		break;
	case NETLOGON_SAM_REQUEST:
		oto_skip(c, 2);
		e->computer = wide(cx, c);
		e->user = wide(cx, c);
		e->has_user = true;
		e->reply_mailslot = narrow(c);
		break;
	case NETLOGON_SAM_RESPONSE:
	case NETLOGON_SAM_USER_UNKNOWN:
		e->server = without_slashes(wide(cx, c));
		e->user = wide(cx, c);
		e->has_user = true;
		e->domain = wide(cx, c);
		break;
	default:
		break;
	}
}

void nbdgm_netlogon(struct oto_ctx *cx, struct oto_cur c)
{
	struct netlogon_event e = { 0 };
	struct oto_slice whole = { c.at, oto_left(&c) };

	e.op = oto_le16(&c);
	read(cx, &c, &e);
	if (c.bad) {
		oto_weird(cx, "truncated_netlogon_message", whole);
		return;
	}
	oto_emit(cx, NBDGM_EV_NETLOGON, &e);
	if (e.server.len)
		controller(cx, &e);
	say_fact(cx, "hostname", e.computer, SAY_STATED);
	if (e.op == NETLOGON_REQUEST || e.op == NETLOGON_SAM_REQUEST)
		say_fact(cx, "user", e.user, SAY_STATED);
}
