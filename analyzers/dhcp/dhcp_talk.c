/* dhcp_talk.c - see dhcp_talk.h. */
#include "dhcp_talk.h"

#include "../say.h"

enum talk_has { HAS_CLIENT = 1, HAS_SERVER = 2, HAS_REQUESTED = 4, HAS_ASSIGNED = 8, HAS_LEASE = 16, HAS_MAC = 32, HAS_CHADDR = 64 };
enum { HAS_TEXT = 128, CLIENT_PORT = 68, SERVER_PORT = 67, HW_ETHERNET = 1 };
#define SECOND INT64_C(1000000000)
#define TALK_LONGEST (30 * SECOND)
#define TALK_SHORTEST (10 * SECOND)
#define TALK_PAUSE (5 * SECOND)

/* ------------------------------------------------------------------------------------------------ dhcp.conversation */

struct dhcp_conversation {
	struct oto_time ts;
	struct oto_list uids, msg_types;
	struct oto_addr client_addr, server_addr, requested_addr, assigned_addr;
	struct oto_slice mac, host_name, client_fqdn, domain, client_message, server_message;
	uint32_t lease_time;
	struct oto_interval duration;
	bool has_mac, has_lease_time, has_text[TALK_TEXTS];
};

#define C(m, doc_, ...) OTO_FIELD(struct dhcp_conversation, m, doc_, __VA_ARGS__)
#define C_TEXT(m, which, doc_) C(m, doc_, .guard = (uint16_t)(offsetof(struct dhcp_conversation, has_text) + (which) + 1))
static const struct oto_field conversation_fields[] = {
	C(ts, "time of the first message"),
	C(uids, "the flows that the messages belong to", .flags = OTO_SET),
	C(client_addr, "address that the client had, or the assigned one"),
	C(server_addr, "address of the server that assigned one"),
	C(mac, "the client's hardware address", .guard = OTO_IF(struct dhcp_conversation, has_mac)),
	C_TEXT(host_name, TALK_HOST_NAME, "host name that the client gives (option 12)"),
	C_TEXT(client_fqdn, TALK_FQDN, "full name that the client gives (option 81)"),
	C_TEXT(domain, TALK_DOMAIN, "domain that the server gives (option 15)"),
	C(requested_addr, "address that the client asks for (option 50)"),
	C(assigned_addr, "address that the server assigns"),
	C(lease_time, "how long it may be used", .guard = OTO_IF(struct dhcp_conversation, has_lease_time), .flags = OTO_SECONDS),
	C_TEXT(client_message, TALK_CLIENT_MESSAGE, "the client's words (option 56), as a rule why it declines"),
	C_TEXT(server_message, TALK_SERVER_MESSAGE, "the server's words (option 56), as a rule why it refuses"),
	C(msg_types, "types of the messages, in order"),
	C(duration, "time between the first and the last message"),
};
static const struct oto_log conversation_logs[] = {
	{ .name = "dhcp",
	  .doc = "A row per conversation: the messages of one transaction identifier, until a sweep finds five seconds without one.",
	  .columns = "uids client_addr server_addr mac host_name client_fqdn domain requested_addr assigned_addr lease_time client_message "
		     "server_message msg_types duration",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_SENSOR },
};
const struct oto_event_type dhcp_conversation_event =
    OTO_EVENT("dhcp.conversation", struct dhcp_conversation, conversation_fields,
	      "What the messages of one transaction identifier say together, told when no more come.", OTO_LOGS(conversation_logs));

/* ------------------------------------------------------------------------------------------------ texts */

static uint32_t text_offset(const struct dhcp_talk *t, uint32_t which)
{
	uint32_t offset = 0;

	for (uint32_t i = 0; i < which; i++)
		offset += t->text_len[i];
	return offset;
}

struct oto_slice dhcp_talk_text(const struct dhcp_talk *t, enum dhcp_text which)
{
	return (struct oto_slice){ &t->text[text_offset(t, which)], t->text_len[which] };
}

/* The last one said counts; what does not fit is cut off. */
static void set_text(struct dhcp_talk *t, enum dhcp_text which, struct oto_slice s)
{
	if (!s.data)
		return;
	uint32_t at = text_offset(t, which), old = t->text_len[which], end = text_offset(t, TALK_TEXTS), tail = end - at - old;
	uint32_t room = (uint32_t)sizeof t->text - (end - old), n = s.len < room ? s.len : room;

	n = n < UINT8_MAX ? n : UINT8_MAX;
	memmove(&t->text[at + n], &t->text[at + old], tail);
	if (n)
		memcpy(&t->text[at], s.data, n);
	t->text_len[which] = (uint8_t)n;
	t->has |= (uint16_t)(HAS_TEXT << which);
}

/* ------------------------------------------------------------------------------------------------ what messages add */

void dhcp_talk_begin(struct dhcp_talk *t, int64_t now_ns)
{
	*t = (struct dhcp_talk){ .first_ns = now_ns, .last_ns = now_ns };
}

bool dhcp_talk_over(const struct dhcp_talk *t, struct oto_sweeps sweeps)
{
	int64_t age = sweeps.last.ns - t->first_ns, idle = sweeps.last.ns - t->last_ns;
	int64_t fraction = (t->first_ns - sweeps.first.ns) % SECOND; /* the age of a row is in whole seconds of the capture */

	return idle > 0 && age + fraction > TALK_SHORTEST && (idle > TALK_PAUSE || age > TALK_LONGEST);
}

static void add_uid(struct dhcp_talk *t, const char *uid)
{
	for (uint32_t i = 0; i < t->nuids; i++) {
		if (strncmp(t->uids[i], uid, sizeof t->uids[i] - 1) == 0)
			return;
	}
	if (t->nuids < TALK_UIDS_MAX)
		memcpy(t->uids[t->nuids++], uid, sizeof t->uids[0] - 1); /* zeroed when it began */
}

static void set_address(struct dhcp_talk *t, uint8_t *to, const struct oto_addr *a, enum talk_has what)
{
	memcpy(to, a->byte, 4);
	t->has |= (uint16_t)what;
}

/* Six bytes, or eight where the last two are not both zero; others are not shown. */
static void set_mac(struct dhcp_talk *t, uint8_t *to, uint8_t *to_len, struct oto_slice s, enum talk_has what)
{
	uint32_t n = s.len == 6 || (s.len >= 8 && !s.data[6] && !s.data[7]) ? 6 : s.len >= 8 ? 8 : 0;

	if (n)
		memcpy(to, s.data, n);
	*to_len = (uint8_t)n;
	t->has |= (uint16_t)what;
}

static void from_client(struct dhcp_talk *t, const struct oto_ctx *cx, const struct dhcp_message *m)
{
	const struct oto_addr *sender = &cx->head->orig_h;

	if (say_is_set(sender) && !oto_addr_is_group(sender))
		set_address(t, t->client, sender, HAS_CLIENT);
	set_text(t, TALK_CLIENT_MESSAGE, m->message);
	set_text(t, TALK_HOST_NAME, m->host_name);
	set_text(t, TALK_FQDN, m->fqdn);
	if (m->client_id.len && m->client_id.data[0] == HW_ETHERNET)
		set_mac(t, t->mac, &t->mac_len, say_from(m->client_id, 1), HAS_MAC);
	else
		set_mac(t, t->chaddr, &t->chaddr_len, m->chaddr, HAS_CHADDR);
	if (m->requested.family)
		set_address(t, t->requested, &m->requested, HAS_REQUESTED);
}

static struct oto_slice without_zeros(struct oto_slice s)
{
	while (s.len && s.data[s.len - 1] == 0)
		s.len--;
	return s;
}

static void from_server(struct dhcp_talk *t, const struct oto_ctx *cx, const struct dhcp_message *m)
{
	bool assigns = say_is_set(&m->yiaddr);

	set_text(t, TALK_SERVER_MESSAGE, m->message);
	if (assigns) {
		set_address(t, t->server, cx->is_orig ? &cx->head->orig_h : &cx->head->resp_h, HAS_SERVER);
		set_address(t, t->assigned, &m->yiaddr, HAS_ASSIGNED);
	}
	if (!(t->has & HAS_MAC))
		set_mac(t, t->mac, &t->mac_len, m->chaddr, HAS_MAC);
	if (!(t->has & HAS_CLIENT) && t->has & HAS_ASSIGNED) {
		memcpy(t->client, t->assigned, sizeof t->client);
		t->has |= HAS_CLIENT;
	}
	set_text(t, TALK_DOMAIN, without_zeros(m->domain));
	if (m->has_lease_time) {
		t->lease_time = m->lease_time;
		t->has |= HAS_LEASE;
	}
}

bool dhcp_talk_add(struct dhcp_talk *t, const struct oto_ctx *cx, const struct dhcp_message *m)
{
	const struct oto_head *h = cx->head;
	bool client = cx->is_orig && (!say_is_set(&h->orig_h) || h->orig_p == CLIENT_PORT || h->resp_p == SERVER_PORT);

	t->last_ns = h->ts.ns;
	add_uid(t, h->uid);
	if (t->ntypes < TALK_TYPES_MAX)
		t->types[t->ntypes++] = m->type;
	if (client)
		from_client(t, cx, m);
	else
		from_server(t, cx, m);
	return t->nuids == TALK_UIDS_MAX || t->ntypes == TALK_TYPES_MAX;
}

/* ------------------------------------------------------------------------------------------------ the row */

static struct oto_list list_of_types(struct oto_ctx *cx, const struct dhcp_talk *t)
{
	struct oto_slice *items = oto_scratch(cx, t->ntypes * sizeof *items);

	for (uint32_t i = 0; items && i < t->ntypes; i++) {
		const struct oto_name *row = oto_name_of(&dhcp_message_types, t->types[i]);
		items[i] = row ? oto_slice_of(row->name) : say_text(cx, 24, "unknown-message-type-%u", t->types[i]);
	}
	return (struct oto_list){ items, items ? t->ntypes : 0 };
}

static struct oto_list list_of_uids(struct oto_ctx *cx, const struct dhcp_talk *t)
{
	struct oto_slice *items = oto_scratch(cx, t->nuids * sizeof *items);

	for (uint32_t i = 0; items && i < t->nuids; i++)
		items[i] = say_copy(cx, oto_slice_of(t->uids[i]));
	return (struct oto_list){ items, items ? t->nuids : 0 };
}

static struct oto_slice mac_text(struct oto_ctx *cx, const uint8_t *b, uint32_t n)
{
	if (n == 8)
		return say_text(cx, 23, "%02x:%02x:%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
	return n ? say_mac(cx, b) : (struct oto_slice){ 0 };
}

static struct oto_addr address(const struct dhcp_talk *t, const uint8_t *from, enum talk_has what)
{
	struct oto_addr a = { { 0 }, t->has & what ? OTO_FAMILY_IPV4 : OTO_FAMILY_NONE };

	if (a.family)
		memcpy(a.byte, from, 4);
	return a;
}

/* The talk may be a note that goes away before the row is written: everything is copied. */
void dhcp_talk_tell(struct oto_ctx *cx, uint32_t event, const struct dhcp_talk *t)
{
	struct dhcp_conversation c = { .ts = { t->first_ns }, .duration = { t->last_ns - t->first_ns } };
	struct oto_slice *texts[TALK_TEXTS] = { &c.host_name, &c.client_fqdn, &c.domain, &c.client_message, &c.server_message };

	if (!oto_wanted(cx, event))
		return;
	c.uids = list_of_uids(cx, t);
	c.msg_types = list_of_types(cx, t);
	c.client_addr = address(t, t->client, HAS_CLIENT);
	c.server_addr = address(t, t->server, HAS_SERVER);
	c.requested_addr = address(t, t->requested, HAS_REQUESTED);
	c.assigned_addr = address(t, t->assigned, HAS_ASSIGNED);
	c.has_mac = t->has & (HAS_MAC | HAS_CHADDR);
	c.mac = t->has & HAS_MAC ? mac_text(cx, t->mac, t->mac_len) : mac_text(cx, t->chaddr, t->chaddr_len);
	c.lease_time = t->lease_time;
	c.has_lease_time = t->has & HAS_LEASE;
	for (uint32_t i = 0; i < TALK_TEXTS; i++) {
		*texts[i] = say_copy(cx, dhcp_talk_text(t, (enum dhcp_text)i));
		c.has_text[i] = t->has & HAS_TEXT << i;
	}
	oto_emit(cx, event, &c);
}
