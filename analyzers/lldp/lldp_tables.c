/* lldp_tables.c - LLDP's words: kinds of identifiers, TLVs of the standard and of organisations, media, classes.
 */
#include "lldp.h"

static const struct oto_name chassis_rows[] = {
	{ CHASSIS_COMPONENT, "chassis_component", 0, "entPhysicalAlias of a chassis (RFC 6933)" },
	{ CHASSIS_INTERFACE_ALIAS, "interface_alias", 0, "ifAlias (RFC 2863)" },
	{ CHASSIS_PORT_COMPONENT, "port_component", 0, "entPhysicalAlias of a port" },
	{ CHASSIS_MAC, "mac", 0, "MAC address" },
	{ CHASSIS_ADDRESS, "address", 0, "network address" },
	{ CHASSIS_INTERFACE, "interface", 0, "ifName (RFC 2863)" },
	{ CHASSIS_LOCAL, "local", 0, "given by the owner; PROFINET's name of station" },
};
const struct oto_names lldp_chassis_types = OTO_NAMES(chassis_rows);

static const struct oto_name port_rows[] = {
	{ PORT_ALIAS, "interface_alias", 0, "ifAlias (RFC 2863)" },
	{ PORT_COMPONENT, "port_component", 0, "entPhysicalAlias of a port" },
	{ PORT_MAC, "mac", 0, "MAC address" },
	{ PORT_ADDRESS, "address", 0, "network address" },
	{ PORT_INTERFACE, "interface", 0, "ifName (RFC 2863)" },
	{ PORT_CIRCUIT, "circuit", 0, "agent circuit identifier (RFC 3046)" },
	{ PORT_LOCAL, "local", 0, "given by the maker or the owner; PROFINET's port-001" },
};
const struct oto_names lldp_port_types = OTO_NAMES(port_rows);

static const struct oto_name kind_rows[] = {
	{ 0, "end", 0, "end of the LLDPDU" },
	{ 1, "chassis_id", 0, "chassis identifier" },
	{ 2, "port_id", 0, "port identifier" },
	{ 3, "ttl", 0, "time to live; 0: the neighbour leaves" },
	{ 4, "port_description", 0, "port description" },
	{ 5, "system_name", 0, "system name" },
	{ 6, "system_description", 0, "system description" },
	{ 7, "system_capabilities", 0, "what it can do, and what of it is switched on" },
	{ 8, "management_address", 0, "address where it is managed" },
	{ LLDP_KIND(OUI_8021, 1), "802.1 port_vlan", 0, "VLAN of untagged frames" },
	{ LLDP_KIND(OUI_8021, 2), "802.1 protocol_vlan", 0, "port and protocol VLAN" },
	{ LLDP_KIND(OUI_8021, 3), "802.1 vlan_name", 0, "name of a VLAN" },
	{ LLDP_KIND(OUI_8021, 4), "802.1 protocol", 0, "a protocol that the port speaks" },
	{ LLDP_KIND(OUI_8021, 5), "802.1 vid_usage_digest", 0, "digest of the VLANs in use" },
	{ LLDP_KIND(OUI_8021, 6), "802.1 management_vlan", 0, "VLAN of management" },
	{ LLDP_KIND(OUI_8021, 7), "802.1 aggregation", 0, "link aggregation" },
	{ LLDP_KIND(OUI_8021, 8), "802.1 congestion_notification", 0, "congestion notification" },
	{ LLDP_KIND(OUI_8021, 9), "802.1 ets_configuration", 0, "enhanced transmission selection in force" },
	{ LLDP_KIND(OUI_8021, 10), "802.1 ets_recommendation", 0, "enhanced transmission selection wished for" },
	{ LLDP_KIND(OUI_8021, 11), "802.1 flow_control", 0, "priority-based flow control" },
	{ LLDP_KIND(OUI_8021, 12), "802.1 application_priority", 0, "priorities of applications" },
	{ LLDP_KIND(OUI_8021, 13), "802.1 evb", 0, "edge virtual bridging" },
	{ LLDP_KIND(OUI_8021, 14), "802.1 cdcp", 0, "channels of S-VLANs" },
	{ LLDP_KIND(OUI_8023, 1), "802.3 phy", 0, "auto-negotiation and medium" },
	{ LLDP_KIND(OUI_8023, 2), "802.3 power", 0, "power over Ethernet" },
	{ LLDP_KIND(OUI_8023, 3), "802.3 aggregation", 0, "link aggregation, before 802.1 took it over" },
	{ LLDP_KIND(OUI_8023, 4), "802.3 frame_size", 0, "longest frame" },
	{ LLDP_KIND(OUI_8023, 5), "802.3 eee", 0, "energy efficient Ethernet" },
	{ LLDP_KIND(OUI_8023, 7), "802.3 additional", 0, "frame preemption" },
	{ LLDP_KIND(OUI_MED, 1), "med capabilities", 0, "LLDP-MED: class of the device" },
	{ LLDP_KIND(OUI_MED, 2), "med policy", 0, "LLDP-MED: VLAN and priority of an application" },
	{ LLDP_KIND(OUI_MED, 3), "med location", 0, "LLDP-MED: coordinates, postal address or emergency number" },
	{ LLDP_KIND(OUI_MED, 4), "med power", 0, "LLDP-MED: power over Ethernet" },
	{ LLDP_KIND(OUI_MED, 5), "med hardware", 0, "LLDP-MED inventory: hardware revision" },
	{ LLDP_KIND(OUI_MED, 6), "med firmware", 0, "LLDP-MED inventory: firmware revision" },
	{ LLDP_KIND(OUI_MED, 7), "med software", 0, "LLDP-MED inventory: software revision" },
	{ LLDP_KIND(OUI_MED, 8), "med serial", 0, "LLDP-MED inventory: serial number" },
	{ LLDP_KIND(OUI_MED, 9), "med vendor", 0, "LLDP-MED inventory: manufacturer" },
	{ LLDP_KIND(OUI_MED, 10), "med model", 0, "LLDP-MED inventory: model" },
	{ LLDP_KIND(OUI_MED, 11), "med asset_id", 0, "LLDP-MED inventory: asset identifier" },
	{ LLDP_KIND(OUI_PROFINET, 1), "profinet delay", 0, "PROFINET: measured delays of the line" },
	{ LLDP_KIND(OUI_PROFINET, 2), "profinet port_status", 0, "PROFINET: state of isochronous communication" },
	{ LLDP_KIND(OUI_PROFINET, 3), "profinet alias", 0, "PROFINET: other name of the port" },
	{ LLDP_KIND(OUI_PROFINET, 4), "profinet mrp", 0, "PROFINET: ring of the media redundancy protocol" },
	{ LLDP_KIND(OUI_PROFINET, 5), "profinet interface_mac", 0, "PROFINET: MAC address of the interface that the port belongs to" },
	{ LLDP_KIND(OUI_PROFINET, 6), "profinet ptcp", 0, "PROFINET: state of clock synchronisation" },
	{ LLDP_KIND(OUI_IANA, 1), "iana mud_url", 0, "where the manufacturer's usage description is (RFC 8520)" },
};
const struct oto_names lldp_kinds = OTO_NAMES(kind_rows);

/* IANA-MAU-MIB, dot3MauType. */
static const struct oto_name mau_rows[] = {
	{ 0, "other", 0, NULL },
	{ 1, "AUI", 0, NULL },
	{ 2, "10BASE5", 0, NULL },
	{ 3, "FOIRL", 0, NULL },
	{ 4, "10BASE2", 0, NULL },
	{ 5, "10BASE-T", 0, NULL },
	{ 6, "10BASE-FP", 0, NULL },
	{ 7, "10BASE-FB", 0, NULL },
	{ 8, "10BASE-FL", 0, NULL },
	{ 9, "10BROAD36", 0, NULL },
	{ 10, "10BASE-T half duplex", 0, NULL },
	{ 11, "10BASE-T full duplex", 0, NULL },
	{ 12, "10BASE-FL half duplex", 0, NULL },
	{ 13, "10BASE-FL full duplex", 0, NULL },
	{ 14, "100BASE-T4", 0, NULL },
	{ 15, "100BASE-TX half duplex", 0, NULL },
	{ 16, "100BASE-TX full duplex", 0, NULL },
	{ 17, "100BASE-FX half duplex", 0, NULL },
	{ 18, "100BASE-FX full duplex", 0, NULL },
	{ 19, "100BASE-T2 half duplex", 0, NULL },
	{ 20, "100BASE-T2 full duplex", 0, NULL },
	{ 21, "1000BASE-X half duplex", 0, NULL },
	{ 22, "1000BASE-X full duplex", 0, NULL },
	{ 23, "1000BASE-LX half duplex", 0, NULL },
	{ 24, "1000BASE-LX full duplex", 0, NULL },
	{ 25, "1000BASE-SX half duplex", 0, NULL },
	{ 26, "1000BASE-SX full duplex", 0, NULL },
	{ 27, "1000BASE-CX half duplex", 0, NULL },
	{ 28, "1000BASE-CX full duplex", 0, NULL },
	{ 29, "1000BASE-T half duplex", 0, NULL },
	{ 30, "1000BASE-T full duplex", 0, NULL },
	{ 31, "10GBASE-X", 0, NULL },
	{ 32, "10GBASE-LX4", 0, NULL },
	{ 33, "10GBASE-R", 0, NULL },
	{ 34, "10GBASE-ER", 0, NULL },
	{ 35, "10GBASE-LR", 0, NULL },
	{ 36, "10GBASE-SR", 0, NULL },
	{ 37, "10GBASE-W", 0, NULL },
	{ 38, "10GBASE-EW", 0, NULL },
	{ 39, "10GBASE-LW", 0, NULL },
	{ 40, "10GBASE-SW", 0, NULL },
	{ 41, "10GBASE-CX4", 0, NULL },
	{ 44, "100BASE-BX10D", 0, NULL },
	{ 45, "100BASE-BX10U", 0, NULL },
	{ 46, "100BASE-LX10", 0, NULL },
	{ 47, "1000BASE-BX10D", 0, NULL },
	{ 48, "1000BASE-BX10U", 0, NULL },
	{ 49, "1000BASE-LX10", 0, NULL },
	{ 54, "10GBASE-T", 0, NULL },
	{ 55, "10GBASE-LRM", 0, NULL },
};
const struct oto_names lldp_mau_types = OTO_NAMES(mau_rows);

static const struct oto_name med_rows[] = {
	{ 1, "endpoint", 0, "class I: any participant" },
	{ 2, "media_endpoint", 0, "class II: plays or records media" },
	{ 3, "communication_device", 0, "class III: a telephone" },
	{ 4, "network", 0, "network connectivity" },
};
const struct oto_names lldp_med_classes = OTO_NAMES(med_rows);

static const struct oto_name rtclass2_rows[] = {
	{ 0, "off", 0, NULL },
	{ 1, "sync_data_loaded", 0, NULL },
	{ 2, "up", 0, NULL },
};
const struct oto_names lldp_rtclass2 = OTO_NAMES(rtclass2_rows);

static const struct oto_name rtclass3_rows[] = {
	{ 0, "off", 0, NULL },
	{ 2, "up", 0, NULL },
	{ 3, "down", 0, NULL },
	{ 4, "run", 0, NULL },
};
const struct oto_names lldp_rtclass3 = OTO_NAMES(rtclass3_rows);

static const struct oto_name mrrt_rows[] = {
	{ 0, "off", 0, NULL },
	{ 1, "configured", 0, NULL },
	{ 2, "up", 0, NULL },
};
const struct oto_names lldp_mrrt = OTO_NAMES(mrrt_rows);
