/* mqtt_tables.c - see mqtt_tables.h. MQTT 3.1.1 2.2.1, 3.2.2.3; MQTT 5.0 2.1.2, 2.4. */
#include "mqtt_tables.h"

static const struct oto_name type_rows[] = {
	{ MQTT_CONNECT, "connect", OTO_OP_AUTHENTICATE, "a client says who it is" },
	{ MQTT_CONNACK, "connack", 0, "the broker takes it or not" },
	{ MQTT_PUBLISH, "publish", OTO_OP_WRITE, "a message on a topic: from a client it changes what others read" },
	{ MQTT_PUBACK, "puback", 0, "a message at least once has arrived" },
	{ MQTT_PUBREC, "pubrec", 0, "a message exactly once has arrived" },
	{ MQTT_PUBREL, "pubrel", 0, "its sender forgets it" },
	{ MQTT_PUBCOMP, "pubcomp", 0, "its receiver, too" },
	{ MQTT_SUBSCRIBE, "subscribe", OTO_OP_READ, "a client wants to get what others publish" },
	{ MQTT_SUBACK, "suback", 0, "granted or not" },
	{ MQTT_UNSUBSCRIBE, "unsubscribe", 0, "no longer" },
	{ MQTT_UNSUBACK, "unsuback", 0, "done" },
	{ MQTT_PINGREQ, "pingreq", 0, "still there" },
	{ MQTT_PINGRESP, "pingresp", 0, "so am I" },
	{ MQTT_DISCONNECT, "disconnect", 0, "ends the connection" },
	{ MQTT_AUTH, "auth", 0, "a step of extended authentication" },
};
const struct oto_names mqtt_types = OTO_NAMES(type_rows);

static const struct oto_name version_rows[] = {
	{ 3, "3.1", 0, NULL },
	{ 4, "3.1.1", 0, NULL },
	{ 5, "5.0", 0, NULL },
};
const struct oto_names mqtt_versions = OTO_NAMES(version_rows);

static const struct oto_name qos_rows[] = {
	{ 0, "at most once", 0, "may get lost" },
	{ 1, "at least once", 0, "acknowledged" },
	{ 2, "exactly once", 0, "acknowledged in two steps" },
};
const struct oto_names mqtt_qos = OTO_NAMES(qos_rows);

static const struct oto_name return_rows[] = {
	{ 0, "Connection Accepted", 0, NULL },
	{ 1, "Refused: unacceptable protocol version", 0, NULL },
	{ 2, "Refused: identifier rejected", 0, NULL },
	{ 3, "Refused: server unavailable", 0, NULL },
	{ 4, "Refused: bad user name or password", 0, NULL },
	{ 5, "Refused: not authorized", 0, NULL },
};
const struct oto_names mqtt_return_codes = OTO_NAMES(return_rows);

static const struct oto_name reason_rows[] = {
	{ 0x00, "Success", 0, "or granted with the least quality of service" },
	{ 0x01, "Granted QoS 1", 0, NULL },
	{ 0x02, "Granted QoS 2", 0, NULL },
	{ 0x04, "Disconnect with Will Message", 0, NULL },
	{ 0x10, "No matching subscribers", 0, NULL },
	{ 0x11, "No subscription existed", 0, NULL },
	{ 0x18, "Continue authentication", 0, NULL },
	{ 0x19, "Re-authenticate", 0, NULL },
	{ 0x80, "Unspecified error", 0, "before version 5: a subscription is refused" },
	{ 0x81, "Malformed Packet", 0, NULL },
	{ 0x82, "Protocol Error", 0, NULL },
	{ 0x83, "Implementation specific error", 0, NULL },
	{ 0x84, "Unsupported Protocol Version", 0, NULL },
	{ 0x85, "Client Identifier not valid", 0, NULL },
	{ 0x86, "Bad User Name or Password", 0, NULL },
	{ 0x87, "Not authorized", 0, NULL },
	{ 0x88, "Server unavailable", 0, NULL },
	{ 0x89, "Server busy", 0, NULL },
	{ 0x8a, "Banned", 0, NULL },
	{ 0x8b, "Server shutting down", 0, NULL },
	{ 0x8c, "Bad authentication method", 0, NULL },
	{ 0x8d, "Keep Alive timeout", 0, NULL },
	{ 0x8e, "Session taken over", 0, NULL },
	{ 0x8f, "Topic Filter invalid", 0, NULL },
	{ 0x90, "Topic Name invalid", 0, NULL },
	{ 0x91, "Packet Identifier in use", 0, NULL },
	{ 0x92, "Packet Identifier not found", 0, NULL },
	{ 0x93, "Receive Maximum exceeded", 0, NULL },
	{ 0x94, "Topic Alias invalid", 0, NULL },
	{ 0x95, "Packet too large", 0, NULL },
	{ 0x96, "Message rate too high", 0, NULL },
	{ 0x97, "Quota exceeded", 0, NULL },
	{ 0x98, "Administrative action", 0, NULL },
	{ 0x99, "Payload format invalid", 0, NULL },
	{ 0x9a, "Retain not supported", 0, NULL },
	{ 0x9b, "QoS not supported", 0, NULL },
	{ 0x9c, "Use another server", 0, NULL },
	{ 0x9d, "Server moved", 0, NULL },
	{ 0x9e, "Shared Subscriptions not supported", 0, NULL },
	{ 0x9f, "Connection rate exceeded", 0, NULL },
	{ 0xa0, "Maximum connect time", 0, NULL },
	{ 0xa1, "Subscription Identifiers not supported", 0, NULL },
	{ 0xa2, "Wildcard Subscriptions not supported", 0, NULL },
};
const struct oto_names mqtt_reasons = OTO_NAMES(reason_rows);
