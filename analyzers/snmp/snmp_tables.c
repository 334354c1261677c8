/* snmp_tables.c - see snmp_tables.h. Objects from RFC 1213, 2863, 4133, 1628, 3805, 3621, 3414, 3415, 3584, IEEE 802.1AB; numbers of
 * enterprises from IANA's registry, those that devices of a plant and its network are made by.
 */
#include "snmp_tables.h"

static const struct oto_name version_rows[] = {
	{ SNMP_V1, "1", 0, "RFC 1157: community in clear" },
	{ SNMP_V2C, "2c", 0, "RFC 1901: community in clear" },
	{ SNMP_V3, "3", 0, "RFC 3412: users, perhaps authenticated and encrypted" },
};
const struct oto_names snmp_versions = OTO_NAMES(version_rows);

static const struct oto_name pdu_rows[] = {
	{ SNMP_GET, "get-request", OTO_OP_READ, "reads objects" },
	{ SNMP_GET_NEXT, "get-next-request", OTO_OP_READ, "reads the objects behind those named: a walk" },
	{ SNMP_RESPONSE, "response", 0, "the answer" },
	{ SNMP_SET, "set-request", OTO_OP_WRITE, "sets objects: changes the device's configuration or state" },
	{ SNMP_TRAP, "trap", 0, "the device tells of something (version 1)" },
	{ SNMP_GET_BULK, "get-bulk-request", OTO_OP_READ, "reads many objects behind those named" },
	{ SNMP_INFORM, "inform-request", 0, "a trap that wants an answer" },
	{ SNMP_TRAP_V2, "snmpV2-trap", 0, "the device tells of something" },
	{ SNMP_REPORT, "report", 0, "an engine refuses a message of version 3, or gives its identifier and time" },
	{ SNMP_UNKNOWN, "unknown", 0, "no such PDU" },
	{ SNMP_ENCRYPTED, "encrypted", 0, "cannot be seen" },
};
const struct oto_names snmp_pdus = OTO_NAMES(pdu_rows);

/* RFC 3416 3. */
static const struct oto_name error_rows[] = {
	{ 0, "noError", 0, NULL },
	{ 1, "tooBig", 0, "the answer does not fit into a message" },
	{ 2, "noSuchName", 0, "no such object, or not for this community (version 1)" },
	{ 3, "badValue", 0, "the value has a wrong type or length (version 1)" },
	{ 4, "readOnly", 0, "cannot be set (version 1)" },
	{ 5, "genErr", 0, "something else" },
	{ 6, "noAccess", 0, "not accessible" },
	{ 7, "wrongType", 0, "the value has a wrong type" },
	{ 8, "wrongLength", 0, "the value has a wrong length" },
	{ 9, "wrongEncoding", 0, "the value is wrongly encoded" },
	{ 10, "wrongValue", 0, "the value can never be set" },
	{ 11, "noCreation", 0, "cannot be created" },
	{ 12, "inconsistentValue", 0, "the value cannot be set now" },
	{ 13, "resourceUnavailable", 0, "no room" },
	{ 14, "commitFailed", 0, "set in part, and undone" },
	{ 15, "undoFailed", 0, "set in part, and not undone" },
	{ 16, "authorizationError", 0, "not allowed" },
	{ 17, "notWritable", 0, "cannot be set" },
	{ 18, "inconsistentName", 0, "cannot be created now" },
};
const struct oto_names snmp_errors = OTO_NAMES(error_rows);

/* RFC 1157 4.1.6. */
static const struct oto_name trap_rows[] = {
	{ 0, "coldStart", 0, "restarted, and its configuration may be another" },
	{ 1, "warmStart", 0, "restarted" },
	{ 2, "linkDown", 0, "a link went down" },
	{ 3, "linkUp", 0, "a link came up" },
	{ 4, "authenticationFailure", 0, "somebody asked with a wrong community or key" },
	{ 5, "egpNeighborLoss", 0, "a neighbour is gone" },
	{ SNMP_ENTERPRISE_SPECIFIC, "enterpriseSpecific", 0, "what the maker defined" },
};
const struct oto_names snmp_traps = OTO_NAMES(trap_rows);

/* RFC 2578 7.1, RFC 3416 3. */
static const struct oto_name type_rows[] = {
	{ 0x02, "integer", 0, NULL },           { 0x04, "octet-string", 0, NULL }, { 0x05, "null", 0, NULL },
	{ 0x06, "object-identifier", 0, NULL }, { 0x40, "ip-address", 0, NULL },   { 0x41, "counter32", 0, NULL },
	{ 0x42, "gauge32", 0, NULL },           { 0x43, "timeticks", 0, NULL },    { 0x44, "opaque", 0, NULL },
	{ 0x46, "counter64", 0, NULL },         { 0x80, "noSuchObject", 0, NULL }, { 0x81, "noSuchInstance", 0, NULL },
	{ 0x82, "endOfMibView", 0, NULL },
};
const struct oto_names snmp_types = OTO_NAMES(type_rows);

static const struct oto_name enterprise_rows[] = {
	{ 2, "IBM", 0, NULL },
	{ 9, "Cisco", 0, NULL },
	{ 11, "Hewlett-Packard", 0, NULL },
	{ 42, "Sun Microsystems", 0, NULL },
	{ 43, "3Com", 0, NULL },
	{ 52, "Enterasys", 0, NULL },
	{ 171, "D-Link", 0, NULL },
	{ 207, "Allied Telesis", 0, NULL },
	{ 232, "Compaq", 0, NULL },
	{ 248, "Hirschmann", 0, NULL },
	{ 253, "Xerox", 0, NULL },
	{ 311, "Microsoft", 0, NULL },
	{ 318, "APC", 0, NULL },
	{ 343, "Intel", 0, NULL },
	{ 367, "Ricoh", 0, NULL },
	{ 368, "Axis", 0, NULL },
	{ 476, "Emerson Network Power", 0, NULL },
	{ 534, "Eaton", 0, NULL },
	{ 674, "Dell", 0, NULL },
	{ 705, "MGE UPS Systems", 0, NULL },
	{ 890, "Zyxel", 0, NULL },
	{ 1248, "Epson", 0, NULL },
	{ 1347, "Kyocera", 0, NULL },
	{ 1588, "Brocade", 0, NULL },
	{ 1602, "Canon", 0, NULL },
	{ 1916, "Extreme Networks", 0, NULL },
	{ 1991, "Foundry Networks", 0, NULL },
	{ 2011, "Huawei", 0, NULL },
	{ 2021, "UCD-SNMP", 0, NULL },
	{ 2435, "Brother", 0, NULL },
	{ 2606, "Rittal", 0, NULL },
	{ 2636, "Juniper", 0, NULL },
	{ 3224, "NetScreen", 0, NULL },
	{ 3375, "F5", 0, NULL },
	{ 3833, "Schneider Electric", 0, NULL },
	{ 4196, "Siemens", 0, NULL },
	{ 4329, "Siemens", 0, NULL },
	{ 4346, "Phoenix Contact", 0, NULL },
	{ 4413, "Broadcom", 0, NULL },
	{ 4526, "Netgear", 0, NULL },
	{ 5624, "Enterasys", 0, NULL },
	{ 6486, "Alcatel-Lucent", 0, NULL },
	{ 6574, "Synology", 0, NULL },
	{ 6876, "VMware", 0, NULL },
	{ 8072, "Net-SNMP", 0, NULL },
	{ 8691, "Moxa", 0, NULL },
	{ 12356, "Fortinet", 0, NULL },
	{ 13742, "Raritan", 0, NULL },
	{ 14823, "Aruba", 0, NULL },
	{ 14988, "MikroTik", 0, NULL },
	{ 15004, "RuggedCom", 0, NULL },
	{ 16177, "Westermo", 0, NULL },
	{ 24681, "QNAP", 0, NULL },
	{ 25461, "Palo Alto Networks", 0, NULL },
	{ 25506, "H3C", 0, NULL },
	{ 30065, "Arista", 0, NULL },
	{ 39165, "Hikvision", 0, NULL },
	{ 41112, "Ubiquiti", 0, NULL },
};
const struct oto_names snmp_enterprises = OTO_NAMES(enterprise_rows);

/* ------------------------------------------------------------------------------------------------ objects */

#define OID(octets)                                                                                                                        \
	{                                                                                                                                  \
		(const uint8_t *)(octets), sizeof(octets) - 1                                                                              \
	}
#define MIB_2 "\x2b\x06\x01\x02\x01"
#define ENTERPRISES "\x2b\x06\x01\x04\x01"
#define MODULES "\x2b\x06\x01\x06\x03"
#define LLDP "\x28\xc4\x62\x01\x01\x02"

/* Both tables are sorted by octets, and none of their rows lies under another: that is what the search relies on. */
static const struct snmp_object objects[] = {
	{ OID(LLDP "\x01\x03\x03"), "lldpLocSysName", SNMP_TEXT, "hostname", NULL },
	{ OID(LLDP "\x01\x03\x04"), "lldpLocSysDesc", SNMP_TEXT, "description", NULL },
	{ OID(LLDP "\x01\x04"), "lldpRemote", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x01\x01"), "sysDescr", SNMP_TEXT, "description", NULL },
	{ OID(MIB_2 "\x01\x02"), "sysObjectID", SNMP_ENTERPRISE, NULL, NULL },
	{ OID(MIB_2 "\x01\x03"), "sysUpTime", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x01\x04"), "sysContact", SNMP_TEXT, "contact", NULL },
	{ OID(MIB_2 "\x01\x05"), "sysName", SNMP_TEXT, "hostname", NULL },
	{ OID(MIB_2 "\x01\x06"), "sysLocation", SNMP_TEXT, "location", NULL },
	{ OID(MIB_2 "\x01\x07"), "sysServices", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x02\x01"), "ifNumber", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x02\x02\x01\x01"), "ifIndex", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x02\x02\x01\x02"), "ifDescr", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x02\x02\x01\x05"), "ifSpeed", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x02\x02\x01\x06"), "ifPhysAddress", SNMP_MAC, "mac", "interface " },
	{ OID(MIB_2 "\x02\x02\x01\x07"), "ifAdminStatus", SNMP_SWITCH, NULL, NULL },
	{ OID(MIB_2 "\x02\x02\x01\x08"), "ifOperStatus", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x02\x02\x01\x09"), "ifLastChange", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x02\x02\x01\x0a"), "ifInOctets", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x02\x02\x01\x0e"), "ifInErrors", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x02\x02\x01\x10"), "ifOutOctets", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x04\x01"), "ipForwarding", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x04\x14\x01\x01"), "ipAdEntAddr", SNMP_IPV4, "ip", NULL },
	{ OID(MIB_2 "\x04\x16\x01\x02"), "ipNetToMediaPhysAddress", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x11\x01\x01"), "dot1dBaseBridgeAddress", SNMP_MAC, "mac", NULL },
	{ OID(MIB_2 "\x19\x01\x01"), "hrSystemUptime", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x19\x03\x02\x01\x03"), "hrDeviceDescr", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x1f\x01\x01\x01\x01"), "ifName", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x1f\x01\x01\x01\x06"), "ifHCInOctets", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x1f\x01\x01\x01\x0a"), "ifHCOutOctets", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x1f\x01\x01\x01\x12"), "ifAlias", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x21\x01\x01\x01"), "upsIdentManufacturer", SNMP_TEXT, "vendor", NULL },
	{ OID(MIB_2 "\x21\x01\x01\x02"), "upsIdentModel", SNMP_TEXT, "model", NULL },
	{ OID(MIB_2 "\x21\x01\x01\x03"), "upsIdentUPSSoftwareVersion", SNMP_TEXT, "firmware", NULL },
	{ OID(MIB_2 "\x21\x01\x01\x05"), "upsIdentName", SNMP_TEXT, "hostname", NULL },
	{ OID(MIB_2 "\x21\x01\x08\x02"), "upsShutdownAfterDelay", SNMP_STOP, NULL, NULL },
	{ OID(MIB_2 "\x21\x01\x08\x03"), "upsStartupAfterDelay", SNMP_START, NULL, NULL },
	{ OID(MIB_2 "\x21\x01\x08\x04"), "upsRebootWithDuration", SNMP_RESET, NULL, NULL },
	{ OID(MIB_2 "\x2b\x05\x01\x01\x10"), "prtGeneralPrinterName", SNMP_TEXT, "hostname", NULL },
	{ OID(MIB_2 "\x2b\x05\x01\x01\x11"), "prtGeneralSerialNumber", SNMP_TEXT, "serial", NULL },
	{ OID(MIB_2 "\x2f\x01\x01\x01\x01\x02"), "entPhysicalDescr", SNMP_TEXT, "description", "entity " },
	{ OID(MIB_2 "\x2f\x01\x01\x01\x01\x08"), "entPhysicalHardwareRev", SNMP_TEXT, "hardware", "entity " },
	{ OID(MIB_2 "\x2f\x01\x01\x01\x01\x09"), "entPhysicalFirmwareRev", SNMP_TEXT, "firmware", "entity " },
	{ OID(MIB_2 "\x2f\x01\x01\x01\x01\x0a"), "entPhysicalSoftwareRev", SNMP_TEXT, "software", "entity " },
	{ OID(MIB_2 "\x2f\x01\x01\x01\x01\x0b"), "entPhysicalSerialNum", SNMP_TEXT, "serial", "entity " },
	{ OID(MIB_2 "\x2f\x01\x01\x01\x01\x0c"), "entPhysicalMfgName", SNMP_TEXT, "vendor", "entity " },
	{ OID(MIB_2 "\x2f\x01\x01\x01\x01\x0d"), "entPhysicalModelName", SNMP_TEXT, "model", "entity " },
	{ OID(MIB_2 "\x69\x01\x01\x01\x03"), "pethPsePortAdminEnable", SNMP_SWITCH, NULL, NULL },
	{ OID(ENTERPRISES "\x09\x02\x09\x09"), "tsMsgSend", SNMP_RESET, NULL, NULL },
	{ OID(ENTERPRISES "\x09\x09\x60\x01\x01\x01\x01\x08"), "ccCopyUserPassword", SNMP_SECRET, NULL, NULL },
	{ OID(ENTERPRISES "\x82\x3e\x01\x01\x01\x01\x01\x01"), "upsBasicIdentModel", SNMP_TEXT, "model", NULL },
	{ OID(ENTERPRISES "\x82\x3e\x01\x01\x01\x01\x02\x01"), "upsAdvIdentFirmwareRevision", SNMP_TEXT, "firmware", NULL },
	{ OID(ENTERPRISES "\x82\x3e\x01\x01\x01\x01\x02\x03"), "upsAdvIdentSerialNumber", SNMP_TEXT, "serial", NULL },
	{ OID(ENTERPRISES "\xbf\x08\x01\x03\x02"), "nsExtend", SNMP_NO_FACT, NULL, NULL },
	{ OID(MODULES "\x01\x01\x04\x01"), "snmpTrapOID", SNMP_NO_FACT, NULL, NULL },
	{ OID(MODULES "\x01\x01\x04\x03"), "snmpTrapEnterprise", SNMP_NO_FACT, NULL, NULL },
	{ OID(MODULES "\x0f\x01\x01\x01"), "usmStatsUnsupportedSecLevels", SNMP_NO_FACT, NULL, NULL },
	{ OID(MODULES "\x0f\x01\x01\x02"), "usmStatsNotInTimeWindows", SNMP_NO_FACT, NULL, NULL },
	{ OID(MODULES "\x0f\x01\x01\x03"), "usmStatsUnknownUserNames", SNMP_NO_FACT, NULL, NULL },
	{ OID(MODULES "\x0f\x01\x01\x04"), "usmStatsUnknownEngineIDs", SNMP_NO_FACT, NULL, NULL },
	{ OID(MODULES "\x0f\x01\x01\x05"), "usmStatsWrongDigests", SNMP_NO_FACT, NULL, NULL },
	{ OID(MODULES "\x0f\x01\x01\x06"), "usmStatsDecryptionErrors", SNMP_NO_FACT, NULL, NULL },
	{ OID(MODULES "\x0f\x01\x02"), "usmUser", SNMP_SECRET, NULL, NULL },
	{ OID(MODULES "\x10"), "vacm", SNMP_SECRET, NULL, NULL },
	{ OID(MODULES "\x12"), "snmpCommunity", SNMP_SECRET, NULL, NULL },
};

static const struct snmp_object groups[] = {
	{ OID(LLDP), "lldpMIB", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x01"), "system", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x02"), "interfaces", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x03"), "at", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x04"), "ip", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x05"), "icmp", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x06"), "tcp", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x07"), "udp", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x0a"), "transmission", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x0b"), "snmp", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x0e"), "ospf", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x0f"), "bgp", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x10"), "rmon", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x11"), "dot1dBridge", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x19"), "host", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x1a"), "snmpDot3MauMgt", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x1f"), "ifMIB", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x21"), "upsMIB", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x2b"), "printmib", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x2f"), "entityMIB", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x63"), "entitySensorMIB", SNMP_NO_FACT, NULL, NULL },
	{ OID(MIB_2 "\x69"), "powerEthernetMIB", SNMP_NO_FACT, NULL, NULL },
	{ OID(ENTERPRISES), "enterprises", SNMP_NO_FACT, NULL, NULL },
	{ OID(MODULES), "snmpModules", SNMP_NO_FACT, NULL, NULL },
	{ OID("\x2b\x6f\x02\x86\x22"), "ieee802", SNMP_NO_FACT, NULL, NULL },
};

static int compare(struct oto_slice a, struct oto_slice b)
{
	int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
	return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

/* The last row that is not behind the object identifier is the only one it can lie under. */
static const struct snmp_object *search(const struct snmp_object *rows, uint32_t count, struct oto_slice oid)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (compare(rows[middle].oid, oid) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	const struct snmp_object *row = &rows[low - 1];
	return row->oid.len <= oid.len && memcmp(row->oid.data, oid.data, row->oid.len) == 0 ? row : NULL;
}

const struct snmp_object *snmp_object_of(struct oto_slice oid)
{
	if (!oid.len)
		return NULL;
	const struct snmp_object *found = search(objects, sizeof objects / sizeof *objects, oid);
	return found ? found : search(groups, sizeof groups / sizeof *groups, oid);
}
