/* cclink_ie_tables.c - the words of CC-Link IE: frame types, services, commands, node and device types. The words are those of NTT's Zeek
 * parsers; codes of frame types and of TSN also stand in the dissector that the CC-Link Partner Association publishes. Knows no layout.
 */
#include "cclink_ie.h"

/* What repeats most comes first: tables are searched in order. */
static const struct oto_name frame_type_rows[] = {
	{ 0x82, "cyclicDataRWw", OTO_OP_CYCLIC, "Field: words that the master sets in the other stations, every link scan" },
	{ 0x83, "cyclicDataRY", OTO_OP_CYCLIC, "Field: bits that the master sets in the other stations, every link scan" },
	{ 0x84, "cyclicDataRWr", OTO_OP_CYCLIC, "Field: words that a station gives, every link scan" },
	{ 0x85, "cyclicDataRX", OTO_OP_CYCLIC, "Field: bits that a station gives, every link scan" },
	{ 0x80, "cyclicDataW", OTO_OP_CYCLIC, "Control: link registers that all stations share" },
	{ 0x81, "cyclicDataB", OTO_OP_CYCLIC, "Control: link relays that all stations share" },
	{ 0x8c, "cyclicDataOut1", OTO_OP_CYCLIC, "Control: outputs (LY), first network range" },
	{ 0x8d, "cyclicDataOut2", OTO_OP_CYCLIC, "Control: outputs (LY), second network range" },
	{ 0x8e, "cyclicDataIn1", OTO_OP_CYCLIC, "Control: inputs (LX), first network range" },
	{ 0x8f, "cyclicDataIn2", OTO_OP_CYCLIC, "Control: inputs (LX), second network range" },
	{ CCIE_TOKEN_M, "tokenM", OTO_OP_NONE, "passes the right to send to the next station" },
	{ 0x06, "token", OTO_OP_NONE, "Control: passes the right to send to the next station" },
	{ CCIE_MY_STATUS, "myStatus", OTO_OP_NONE, "a station tells its state" },
	{ 0x40, "measure", OTO_OP_NONE, "synchronization: the master measures the way to a station" },
	{ 0x41, "measureAck", OTO_OP_NONE, "synchronization: answer to measure" },
	{ 0x42, "offset", OTO_OP_NONE, "synchronization: the master tells a station its delay" },
	{ 0x43, "update", OTO_OP_NONE, "synchronization: stations refresh their clocks" },
	{ CCIE_PERSUASION, "persuasion", OTO_OP_NONE, "a station claims to be master, or submits" },
	{ CCIE_TEST_DATA, "testData", OTO_OP_DIAGNOSE, "the master finds out who is connected to whom" },
	{ CCIE_TEST_DATA_ACK, "testDataAck", OTO_OP_NONE, "answer to testData" },
	{ CCIE_SETUP, "setup", OTO_OP_CONFIGURE, "the master gives a station its place in the order of sending" },
	{ CCIE_SETUP_ACK, "setupAck", OTO_OP_NONE, "answer to setup" },
	{ CCIE_TIMER, "timer", OTO_OP_TIME, "sets the clocks of stations" },
	{ CCIE_TRANSIENT1, "transient1", OTO_OP_OTHER, "a message to a station; its command decides" },
	{ CCIE_TRANSIENT_ACK, "transientAck", OTO_OP_NONE, "a transient arrived; says nothing of its outcome" },
	{ CCIE_TRANSIENT2, "transient2", OTO_OP_OTHER, "a message of CC-Link's own transient service; its command decides" },
	{ CCIE_IP_TRANSIENT, "ipTransient", OTO_OP_OTHER, "carries IP packets over the network" },
	{ CCIE_PARAM_CHECK, "paramCheck", OTO_OP_DIAGNOSE, "the master asks whether a station has its parameters" },
	{ CCIE_PARAMETER, "parameter", OTO_OP_CONFIGURE, "the master gives a station its parameters" },
	{ 0x00, "connect", OTO_OP_NONE, "Control: a station wants to join" },
	{ 0x01, "connectAck", OTO_OP_NONE, "Control: answer to connect" },
	{ 0x02, "scan", OTO_OP_NONE, "Control: looks for stations" },
	{ 0x03, "collect", OTO_OP_NONE, "Control: collects who was found" },
	{ 0x04, "select", OTO_OP_NONE, "Control: selects who manages" },
	{ 0x05, "launch", OTO_OP_NONE, "Control: starts sending by turns" },
	{ 0x24, "dummy", OTO_OP_NONE, "Control: fills" },
	{ 0x2f, "nTNTest", OTO_OP_DIAGNOSE, "Control: tests the way between two stations" },
};
const struct oto_names ccie_frame_types = OTO_NAMES(frame_type_rows);

static const struct oto_name service_rows[] = {
	{ CCIE_CONTROL, "cclink_ie_control", 0, "CC-Link IE Control: controller to controller" },
	{ CCIE_FIELD, "cclink_ie_field", 0, "CC-Link IE Field: controller to devices" },
	{ CCIE_TSN, "cclink_ie_tsn", 0, "CC-Link IE TSN" },
	{ CCIE_TSN_FIELD, "cclink_ie_tsn&field", 0, "CC-Link IE TSN that also carries Field with one master" },
	{ CCIE_UNKNOWN, "unknown", 0, "protocolVerType names none of these" },
};
const struct oto_names ccie_services = OTO_NAMES(service_rows);

/* High byte: the data type of a transient1; 2 for the CC-Link compatible commands, which transient2 and data type 5 share. */
static const struct oto_name command_rows[] = {
	{ 0x0204, "getMemoryAccessInfo", OTO_OP_DISCOVER, "asks which memory can be reached" },
	{ 0x0208, "run", OTO_OP_START, "starts the controller" },
	{ 0x0209, "stop", OTO_OP_STOP, "stops the controller" },
	{ 0x0210, "readMemory", OTO_OP_READ, "reads the station's memory" },
	{ 0x0212, "writeMemory", OTO_OP_WRITE, "writes the station's memory" },
	{ 0x0220, "messageTransfer", OTO_OP_OTHER, "hands a message over; Field only" },
	{ 0x0530, "slmpTransmit", OTO_OP_OTHER, "carries an SLMP request" },
	{ 0x0701, "deliverNodeInformation", OTO_OP_NONE, "a station tells what it is" },
	{ 0x0703, "getStatisticalInformation", OTO_OP_DIAGNOSE, "reads error and traffic counters" },
	{ 0x0704, "acquiresDetailedNodeInformation", OTO_OP_DISCOVER, "asks a station what it is" },
	{ 0x070a, "acquiresOptionalInformation", OTO_OP_DISCOVER, "asks a station what it offers" },
	{ 0x0801, "communicationCycleSetting", OTO_OP_CONFIGURE, "sets the cycle of communication" },
	{ 0x0802, "objectRead", OTO_OP_READ, "reads an object of the station" },
	{ 0x0803, "objectWrite", OTO_OP_WRITE, "writes an object of the station" },
};
const struct oto_names ccie_commands = OTO_NAMES(command_rows);

static const struct oto_name node_type_rows[] = {
	{ 0x30, "master node", 0, NULL },
	{ 0x32, "local node", 0, NULL },
	{ 0x33, "intelligent device node", 0, NULL },
	{ 0x34, "remote device node", 0, NULL },
	{ 0x35, "remote I/O node", 0, NULL },
	{ CCIE_CONTROL_NODES | 0x00, "management node", 0, "Control" },
	{ CCIE_CONTROL_NODES | 0x02, "normal node", 0, "Control" },
	{ CCIE_CONTROL_NODES | 0x21, "master node in the Node-to-node test", 0, "Control" },
};
const struct oto_names ccie_node_types = OTO_NAMES(node_type_rows);

static const struct oto_name tsn_frame_type_rows[] = {
	{ CCIE_TSN_CYCLIC_M, "cyclicM/cyclicMs", OTO_OP_CYCLIC, "data of the master, every cycle" },
	{ CCIE_TSN_CYCLIC_S, "cyclicS/cyclicSs", OTO_OP_CYCLIC, "data of a station, every cycle" },
	{ CCIE_TSN_DATA, "acyclicData", OTO_OP_NONE, "carries SLMP, whose command decides" },
	{ CCIE_TSN_PRIORITY, "acyclicPriority", OTO_OP_NONE, "masters settle who manages the network" },
	{ CCIE_TSN_DETECTION, "acyclicDetection", OTO_OP_DISCOVER, "the master looks for stations" },
	{ CCIE_TSN_DETECTION_ACK, "acyclicDetectionAck", OTO_OP_NONE, "a station tells what it is" },
	{ CCIE_TEST_DATA, "acyclicTestData", OTO_OP_DIAGNOSE, "the master finds out who is connected to whom" },
	{ CCIE_TEST_DATA_ACK, "acyclicTestDataAck", OTO_OP_NONE, "answer to acyclicTestData" },
};
const struct oto_names ccie_tsn_frame_types = OTO_NAMES(tsn_frame_type_rows);

/* Bit 7: the station knows transient transmission alone. */
#define STATION(code, name)                                                                                                                \
	{ code, name, 0, NULL },                                                                                                           \
	{                                                                                                                                  \
		0x80 | (code), name, 0, "transient transmission only"                                                                      \
	}
static const struct oto_name tsn_node_type_rows[] = {
	STATION(0, "master station"), STATION(1, "slave station"),      STATION(2, "managed switch"),
	STATION(3, "use prohibited"), STATION(4, "sub-master station"),
};
const struct oto_names ccie_tsn_node_types = OTO_NAMES(tsn_node_type_rows);

static const struct oto_name device_type_rows[] = {
	{ 0x00, "not applicable", 0, NULL },
	{ 0x01, "PLC", 0, NULL },
	{ 0x02, "personal computer", 0, NULL },
	{ 0x03, "digital I/O", 0, NULL },
	{ 0x04, "analog I/O", 0, NULL },
	{ 0x05, "positioning controller", 0, NULL },
	{ 0x06, "temperature controller", 0, NULL },
	{ 0x07, "HMI", 0, NULL },
	{ 0x08, "ID", 0, NULL },
	{ 0x09, "serial conversion module", 0, NULL },
	{ 0x1d, "cc-link to cc-link/LT bridge", 0, NULL },
	{ 0x1f, "service converter module", 0, NULL },
	{ 0x20, "inverter", 0, NULL },
	{ 0x21, "servo", 0, NULL },
	{ 0x22, "CNC", 0, NULL },
	{ 0x23, "robot", 0, NULL },
	{ 0x24, "power distribution control device", 0, NULL },
	{ 0x30, "sensor", 0, NULL },
	{ 0x31, "actuator", 0, NULL },
	{ 0x32, "barcode reader", 0, NULL },
	{ 0x33, "indicator (weight)", 0, NULL },
	{ 0x34, "high-speed counter", 0, NULL },
	{ 0x35, "switch", 0, NULL },
	{ 0x36, "service analyzer", 0, NULL },
	{ 0x37, "space transmission module", 0, NULL },
	{ 0x38, "transport control module", 0, NULL },
	{ 0x39, "power supply control module", 0, NULL },
	{ 0x3b, "gas detectorr", 0, NULL },
	{ 0x3c, "solenoid valve", 0, NULL },
	{ 0x3d, "robot (general-purpose)", 0, NULL },
	{ 0x3e, "printer control module", 0, NULL },
	{ 0x3f, "motor control module", 0, NULL },
	{ 0x40, "vacuum pump", 0, NULL },
	{ 0x41, "multi-axis controller", 0, NULL },
	{ 0x42, "general-purpose VME board", 0, NULL },
	{ 0x43, "mass flow power supply module", 0, NULL },
	{ 0x44, "mass flow controller", 0, NULL },
	{ 0x45, "received power distribution device", 0, NULL },
	{ 0x46, "control center", 0, NULL },
	{ 0x47, "welding control module", 0, NULL },
	{ 0x48, "indicator (general-purpose)", 0, NULL },
	{ 0x49, "PID control module", 0, NULL },
	{ 0x4a, "vacuum meter", 0, NULL },
	{ 0x4b, "wireless module", 0, NULL },
	{ 0x4c, "digital/analog I/O", 0, NULL },
	{ 0x4d, "vacuum valve", 0, NULL },
	{ 0x4e, "tension controller", 0, NULL },
	{ 0x4f, "measuring machiner", 0, NULL },
	{ 0x7f, "generic Device", 0, NULL },
};
const struct oto_names ccie_device_types = OTO_NAMES(device_type_rows);
