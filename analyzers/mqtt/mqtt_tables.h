/* mqtt_tables.h - MQTT's numbers and their words: control packets, versions, qualities of service, codes. */
#ifndef OTO_MQTT_TABLES_H
#define OTO_MQTT_TABLES_H

#include "oto_plugin.h"

enum mqtt_type {
	MQTT_CONNECT = 1,
	MQTT_CONNACK,
	MQTT_PUBLISH,
	MQTT_PUBACK,
	MQTT_PUBREC,
	MQTT_PUBREL,
	MQTT_PUBCOMP,
	MQTT_SUBSCRIBE,
	MQTT_SUBACK,
	MQTT_UNSUBSCRIBE,
	MQTT_UNSUBACK,
	MQTT_PINGREQ,
	MQTT_PINGRESP,
	MQTT_DISCONNECT,
	MQTT_AUTH
};

extern const struct oto_names mqtt_types;
extern const struct oto_names mqtt_versions;     /* protocol levels */
extern const struct oto_names mqtt_qos;          /* Zeek's words */
extern const struct oto_names mqtt_return_codes; /* of CONNACK before version 5, Zeek's words */
extern const struct oto_names mqtt_reasons;      /* MQTT 5.0 2.4 */

#endif
