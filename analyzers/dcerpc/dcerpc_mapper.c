/* dcerpc_mapper.c - the endpoint mapper's answers: at which port or pipe an interface is served (C706 appendix L and O).
 *
 * A tower is a list of floors: the interface, the transfer syntax, the protocol, then its addresses. Reads answers of ept_map; the towers
 * of ept_lookup have the same form, but lie behind entries that nobody needs read.
 */
#include "../say.h"
#include "dcerpc_flow.h"

enum { EPT_MAP = 3, HANDLE = 20, TOWERS_MAX = 64, FLOORS_MAX = 8 };
enum { FLOOR_UUID = 0x0d, FLOOR_TCP = 0x07, FLOOR_UDP = 0x08, FLOOR_IP = 0x09, FLOOR_PIPE = 0x0f };

static void align(struct oto_cur *c)
{
	oto_skip(c, (4 - oto_tell(c) % 4) % 4);
}

/* Numbers in towers are little endian, ports and addresses in network order. */
static bool tower(struct oto_cur *c, struct dcerpc_endpoint *e)
{
	uint16_t floors = oto_le16(c);

	for (uint16_t i = 0; i < floors && i < FLOORS_MAX && !c->bad; i++) {
		struct oto_cur left = oto_sub(c, oto_le16(c));
		struct oto_cur right = oto_sub(c, oto_le16(c));
		uint8_t protocol = oto_u8(&left);
		if (i == 0 && protocol == FLOOR_UUID)
			dcerpc_take_uuid(&left, true, e->uuid);
		else if (protocol == FLOOR_TCP || protocol == FLOOR_UDP) {
			e->transport = protocol == FLOOR_TCP ? OTO_TCP : OTO_UDP;
			e->port = oto_be16(&right);
		} else if (protocol == FLOOR_IP) {
			e->host = oto_take_ipv4(&right);
		} else if (protocol == FLOOR_PIPE) {
			e->pipe = say_string(oto_rest(&right));
		}
	}
	return !c->bad && (e->port || e->pipe.len);
}

void dcerpc_mapper(struct oto_ctx *cx, const struct dcerpc_message *m, dcerpc_endpoint_seen *seen)
{
	struct oto_cur c = oto_cur_of(m->stub);
	const struct dcerpc_interface *i = m->context->interface;

	if (!i || !m->call.has_opnum || m->call.opnum != EPT_MAP || !m->call.little_endian || strcmp(i->name, "epmapper") != 0)
		return;
	oto_skip(&c, HANDLE + 4 + 4 + 4); /* handle, number of towers, room, offset */
	uint32_t count = oto_le32(&c);
	if (count > TOWERS_MAX)
		return;
	oto_skip(&c, count * 4);
	for (; count && !c.bad; count--) {
		struct dcerpc_endpoint e = { 0 };
		oto_skip(&c, 4);
		struct oto_cur t = oto_sub(&c, oto_le32(&c));
		align(&c);
		if (!c.bad && tower(&t, &e))
			seen(cx, &e);
	}
}
