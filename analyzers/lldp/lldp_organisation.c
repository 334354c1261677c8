/* lldp_organisation.c - TLVs of organisations: IEEE 802.1 and 802.3, LLDP-MED (ANSI/TIA-1057), PROFINET (IEC 61158-6-10), IANA (RFC 8520).
 *
 * Each function reads one organisation's subtypes into the frame. The cursor is over the TLV alone and stands behind OUI and subtype.
 */
#include "lldp.h"

static bool ieee_8021(struct oto_ctx *cx, struct lldp_frame *f, uint32_t subtype, struct oto_cur *c)
{
	struct oto_slice name;
	uint16_t vlan;

	switch (subtype) {
	case 1:
		f->port_vlan = oto_be16(c);
		f->has_port_vlan = f->port_vlan != 0; /* 0: the port knows no VLAN of its own (802.1Q D.2.1) */
		return true;
	case 3:
		vlan = oto_be16(c);
		name = say_string(oto_take(c, oto_u8(c)));
		if (!c->bad)
			lldp_add(f, TEXTS_VLANS, say_text(cx, 48, "%u %.*s", vlan, (int)name.len, (const char *)name.data));
		return true;
	case 6:
		f->management_vlan = oto_be16(c);
		f->has_management_vlan = !c->bad;
		return true;
	case 7:
		f->has_aggregate = oto_u8(c) & 2;
		f->aggregate = oto_be32(c);
		return true;
	default:
		return false;
	}
}

/* Whole and tenths of watts as 802.3 has them: units of 0.1 W behind type, source and priority. */
static void power(struct lldp_frame *f, struct oto_cur *c)
{
	f->power_source = oto_u8(c) & 1;
	f->has_power_source = !c->bad;
	oto_skip(c, 2);
	if (oto_left(c) >= 5) {
		oto_skip(c, 1);
		uint16_t requested = oto_be16(c), allocated = oto_be16(c);
		f->power_mw = (f->power_source ? allocated : requested) * 100u;
		f->has_power = true;
	}
}

static bool ieee_8023(struct lldp_frame *f, uint32_t subtype, struct oto_cur *c)
{
	switch (subtype) {
	case 1:
		f->autonegotiation = (oto_u8(c) & 3) == 3; /* supported and enabled */
		oto_skip(c, 2);
		f->mau_type = oto_be16(c);
		f->has_phy = !c->bad;
		return true;
	case 2:
		power(f, c);
		return true;
	case 3:
		f->has_aggregate = oto_u8(c) & 2;
		f->aggregate = oto_be32(c);
		return true;
	case 4:
		f->frame_size = oto_be16(c);
		f->has_frame_size = !c->bad;
		return true;
	default:
		return false;
	}
}

/* ------------------------------------------------------------------------------------------------ LLDP-MED */

static const char *const applications[] = {
	"reserved",         "voice",           "voice_signaling", "guest_voice", "guest_voice_signaling", "softphone_voice",
	"video_conference", "streaming_video", "video_signaling"
};

static void med_policy(struct oto_ctx *cx, struct lldp_frame *f, struct oto_cur *c)
{
	uint8_t application = oto_u8(c);
	uint32_t bits = oto_be24(c), unknown = bits >> 23 & 1, vlan = bits >> 9 & 0xfff;
	const char *name = application < sizeof applications / sizeof *applications ? applications[application] : applications[0];

	if (c->bad)
		return;
	if (unknown)
		lldp_add(f, TEXTS_POLICIES, say_text(cx, 40, "%s unknown", name));
	else
		lldp_add(f, TEXTS_POLICIES, say_text(cx, 64, "%s vlan %u priority %u dscp %u", name, vlan, bits >> 6 & 7, bits & 63));
}

enum { LOCATION_CIVIC = 2, LOCATION_EMERGENCY = 3, LOCATION_MAX = 200 };

/* RFC 4776: what, country, then elements of type, length and text; told from the smallest thing to the greatest is nobody's habit: as sent.
 */
static void med_location(struct oto_ctx *cx, struct lldp_frame *f, struct oto_cur *c)
{
	uint8_t format = oto_u8(c);

	if (format == LOCATION_EMERGENCY)
		f->location = oto_rest(c);
	if (format != LOCATION_CIVIC)
		return;
	struct oto_cur civic = oto_sub(c, oto_u8(c));
	oto_skip(&civic, 1);
	struct oto_slice part = oto_take(&civic, 2);
	uint8_t *text = oto_scratch(cx, LOCATION_MAX);
	uint32_t n = 0;

	while (text && part.len && n + part.len + 2 <= LOCATION_MAX) {
		memcpy(text + n, part.data, part.len);
		n += part.len;
		if (oto_left(&civic) < 2)
			break;
		oto_skip(&civic, 1);
		part = oto_take(&civic, oto_u8(&civic));
		if (part.len) {
			text[n++] = ',';
			text[n++] = ' ';
		}
	}
	c->bad |= civic.bad;
	f->location = (struct oto_slice){ text, n };
}

static bool med(struct oto_ctx *cx, struct lldp_frame *f, uint32_t subtype, struct oto_cur *c)
{
	struct oto_slice *const inventory[] = { &f->hardware, &f->firmware, &f->software, &f->serial, &f->vendor, &f->model, &f->asset_id };

	switch (subtype) {
	case 1:
		oto_skip(c, 2);
		f->med_class = oto_u8(c);
		f->has_med = !c->bad;
		return true;
	case 2:
		med_policy(cx, f, c);
		return true;
	case 3:
		med_location(cx, f, c);
		return true;
	case 4:
		oto_skip(c, 1);
		f->power_mw = oto_be16(c) * 100u;
		f->has_power = !c->bad;
		return true;
	default:
		if (subtype < 5 || subtype > 11)
			return false;
		*inventory[subtype - 5] = say_trim(say_string(oto_rest(c)));
		return true;
	}
}

/* ------------------------------------------------------------------------------------------------ PROFINET */

static bool profinet(struct lldp_frame *f, uint32_t subtype, struct oto_cur *c)
{
	switch (subtype) {
	case 1: /* delays and synchronisation change all the time and say nothing of what the device is */
	case 6:
		return true;
	case 2:
		f->rtclass2 = oto_be16(c) & 3;
		f->rtclass3 = oto_be16(c) & 7;
		f->has_rtclass = !c->bad;
		return true;
	case 3:
		f->alias = oto_rest(c);
		return true;
	case 4:
		f->mrp_domain = oto_take(c, 16);
		f->mrrt = oto_be16(c) & 3;
		f->has_mrrt = !c->bad;
		return true;
	case 5:
		f->interface_mac = oto_take_mac(c);
		f->has_interface_mac = !c->bad;
		return true;
	default:
		return false;
	}
}

bool lldp_organisation(struct oto_ctx *cx, struct lldp_frame *f, uint32_t kind, struct oto_cur *c)
{
	uint32_t subtype = kind & 0xff;

	switch (kind >> 8) {
	case OUI_8021:
		return ieee_8021(cx, f, subtype, c);
	case OUI_8023:
		return ieee_8023(f, subtype, c);
	case OUI_MED:
		return med(cx, f, subtype, c);
	case OUI_PROFINET:
		return profinet(f, subtype, c);
	case OUI_IANA:
		if (subtype == 1)
			f->mud_url = oto_rest(c);
		return subtype == 1;
	default:
		return false;
	}
}
