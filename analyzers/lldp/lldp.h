/* lldp.h - what the files of LLDP share: the frame as it is told, its lists, the words of the tables.
 */
#ifndef LLDP_H
#define LLDP_H

#include "../say.h"

enum { EV_FRAME, EV_TLV, EV_COUNT };
enum { LLDP_LIST_MAX = 16 };

/* Chassis and port identifiers (IEEE 802.1AB tables 8-2 and 8-3) number the same kinds differently. */
enum {
	CHASSIS_COMPONENT = 1,
	CHASSIS_INTERFACE_ALIAS,
	CHASSIS_PORT_COMPONENT,
	CHASSIS_MAC,
	CHASSIS_ADDRESS,
	CHASSIS_INTERFACE,
	CHASSIS_LOCAL
};
enum { PORT_ALIAS = 1, PORT_COMPONENT, PORT_MAC, PORT_ADDRESS, PORT_INTERFACE, PORT_CIRCUIT, PORT_LOCAL };

enum { OUI_8021 = 0x0080c2, OUI_8023 = 0x00120f, OUI_MED = 0x0012bb, OUI_PROFINET = 0x000ecf, OUI_IANA = 0x00005e };
#define LLDP_KIND(oui, subtype) ((uint32_t)(oui) << 8 | (subtype))

struct lldp_texts {
	struct oto_slice item[LLDP_LIST_MAX];
	uint32_t count;
};

struct lldp_frame {
	struct oto_mac src_mac, chassis_mac, interface_mac;
	struct oto_slice chassis_id, port_id, port_description, system_name, system_description;
	struct oto_list capabilities, enabled, management, vlans, policies, unknown;
	struct oto_slice vendor, model, serial, asset_id, hardware, firmware, software, location, alias, mrp_domain, mud_url;
	uint32_t aggregate, power_mw;
	uint16_t ttl, port_vlan, management_vlan, mau_type, frame_size, rtclass2, rtclass3, mrrt;
	uint8_t chassis_type, port_type, med_class;
	bool autonegotiation, power_source, shutdown, first, changed;
	bool has_ttl, has_chassis_mac, has_interface_mac, has_capabilities, has_management, has_vlans, has_policies, has_unknown,
	    has_aggregate, has_power, has_port_vlan, has_management_vlan, has_phy, has_frame_size, has_rtclass, has_mrrt, has_med,
	    has_power_source;
	struct lldp_texts texts[6]; /* what the lists point at, in their order */
};
enum { TEXTS_CAPABILITIES, TEXTS_ENABLED, TEXTS_MANAGEMENT, TEXTS_VLANS, TEXTS_POLICIES, TEXTS_UNKNOWN };

struct lldp_tlv {
	uint32_t kind; /* type, or LLDP_KIND of an organisation's */
	struct oto_slice content;
};

extern const struct oto_names lldp_chassis_types, lldp_port_types, lldp_kinds, lldp_mau_types, lldp_med_classes, lldp_rtclass2,
    lldp_rtclass3, lldp_mrrt;

/* An organisation's TLV behind its OUI and subtype; false: nobody here knows it. */
bool lldp_organisation(struct oto_ctx *cx, struct lldp_frame *f, uint32_t kind, struct oto_cur *c);

/* What the frame says of its sender. */
void lldp_tell(struct oto_ctx *cx, const struct lldp_frame *f);

static inline void lldp_add(struct lldp_frame *f, uint32_t list, struct oto_slice text)
{
	struct lldp_texts *t = &f->texts[list];

	if (t->count < LLDP_LIST_MAX && text.len)
		t->item[t->count++] = text;
}

/* An address behind its IANA family number (IEEE 802.1AB 8.5.2.3, 8.5.9.3), or empty. */
struct oto_slice lldp_address(struct oto_ctx *cx, struct oto_slice s);

#endif
