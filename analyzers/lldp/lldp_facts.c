/* lldp_facts.c - what a frame of LLDP says of its sender, in the common tongue of facts.
 *
 * Facts stand under the MAC address that sent: the port's. Where the device says to which chassis or interface the port belongs, that is a
 * fact of its own (chassis_mac), and whoever keeps the inventory joins them.
 */
#include "../describe.h"
#include "lldp.h"

static bool is_profinet(const struct lldp_frame *f)
{
	return f->has_interface_mac || f->has_rtclass || f->has_mrrt;
}

/* PROFINET's port identifier is "port-001", or with the name of the station behind it "port-001.pump-3" (IEC 61158-6-10 4.11); then, and
 * where the chassis identifier is a text of the device's own, that name is known. A device without one puts its identification in that
 * place. */
static struct oto_slice station_name(const struct lldp_frame *f)
{
	uint32_t dot = say_find(f->port_id, '.');

	if (!is_profinet(f))
		return (struct oto_slice){ 0 };
	if (dot < f->port_id.len)
		return say_from(f->port_id, dot + 1);
	bool is_name = f->chassis_type == CHASSIS_LOCAL && say_find(f->chassis_id, ' ') == f->chassis_id.len;
	return is_name ? f->chassis_id : (struct oto_slice){ 0 };
}

/* "port-001 (Siemens, SIMATIC NET, Ethernet Switch Port 01)" */
static struct oto_slice port_text(struct oto_ctx *cx, const struct lldp_frame *f)
{
	struct oto_slice id = describe_line(cx, f->port_id), text = describe_line(cx, f->port_description);

	if (!text.len || (text.len == id.len && memcmp(text.data, id.data, id.len) == 0))
		return id;
	return say_text(cx, 255, "%.*s (%.*s)", (int)id.len, (const char *)id.data, (int)(text.len > 160 ? 160 : text.len),
			(const char *)text.data);
}

/* What is switched on: a bridge that can route and does not is no router. */
static void roles(struct oto_ctx *cx, const struct lldp_frame *f)
{
	for (uint32_t i = 0; i < f->enabled.count; i++) {
		if (!say_is(f->enabled.items[i], "station") && !say_is(f->enabled.items[i], "other"))
			say_fact(cx, "role", f->enabled.items[i], SAY_SURE);
	}
}

static void chassis_mac(struct oto_ctx *cx, const struct lldp_frame *f)
{
	const struct oto_mac *mac = f->has_interface_mac ? &f->interface_mac : &f->chassis_mac;

	if ((f->has_interface_mac || f->has_chassis_mac) && say_is_station(mac) && memcmp(mac, &f->src_mac, sizeof *mac) != 0)
		say_fact(cx, "chassis_mac", say_mac(cx, mac->byte), SAY_SURE);
}

/* What switches send before anybody gave them a name. */
static struct oto_slice given_name(struct oto_slice name)
{
	return say_is(name, "sysName Not Set") ? (struct oto_slice){ 0 } : name;
}

void lldp_tell(struct oto_ctx *cx, const struct lldp_frame *f)
{
	const struct {
		const char *key;
		struct oto_slice value;
	} texts[] = { { "hostname", given_name(f->system_name) },
		      { "vendor", f->vendor },
		      { "model", f->model },
		      { "serial", f->serial },
		      { "hardware", f->hardware },
		      { "firmware", f->firmware },
		      { "software", f->software },
		      { "asset_id", f->asset_id },
		      { "location", f->location },
		      { "mud_url", f->mud_url },
		      { "port_alias", f->alias },
		      { "station_name", station_name(f) } };
	struct oto_slice description = describe_line(cx, f->system_description);

	chassis_mac(cx, f);
	for (uint32_t i = 0; i < sizeof texts / sizeof *texts; i++)
		say_fact(cx, texts[i].key, describe_line(cx, texts[i].value), SAY_SURE);
	say_fact(cx, "description", description, SAY_SURE);
	describe_facts(cx, description);
	say_fact(cx, "port", port_text(cx, f), SAY_SURE);
	roles(cx, f);
	for (uint32_t i = 0; i < f->management.count; i++) {
		if (!say_is(f->management.items[i], "0.0.0.0"))
			say_fact(cx, "management_address", f->management.items[i], SAY_SURE);
	}
}
