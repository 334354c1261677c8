/* mqtt_packet.h - the form of MQTT's control packets: where they begin and end, and what lies in each.
 *
 * Pure functions on cursors; state (versions, aliases, what waits for an answer) is mqtt.c's. Passwords and payloads are passed over:
 * only their lengths come out.
 */
#ifndef OTO_MQTT_PACKET_H
#define OTO_MQTT_PACKET_H

#include "oto_plugin.h"

enum { MQTT_LEVEL_311 = 4, MQTT_LEVEL_5 = 5, MQTT_TOPICS_MAX = 32 };

/* The fixed header (2.2 of 3.1.1). */
struct mqtt_header {
	uint8_t type, flags;
	uint32_t size; /* of the header itself */
	uint32_t rest; /* bytes behind it */
};
/* 1: read; 0: more bytes needed; -1: none. */
int mqtt_header_read(struct oto_cur c, struct mqtt_header *h);

/* What matters of the properties of version 5. */
struct mqtt_properties {
	struct oto_slice assigned_id, auth_method, reason;
	uint16_t alias;
	bool has_alias;
};

struct mqtt_connect_packet {
	struct oto_slice name, client_id, will_topic, user, auth_method;
	uint8_t level, will_qos;
	uint16_t keep_alive;
	uint32_t will_len, password_len;
	bool clean, will, will_retain, has_user, has_password;
};
/* The cursor stands behind the fixed header, and ends with the packet. */
void mqtt_connect_read(struct oto_cur *c, struct mqtt_connect_packet *p);
/* Is this, behind a fixed header, the beginning of CONNECT? Asks for the name and level alone. */
enum oto_answer mqtt_is_connect(struct oto_cur c);

struct mqtt_publish_packet {
	struct oto_slice topic;
	uint16_t id, alias;
	uint8_t qos, level; /* level: as given, or what the packet itself tells; 0: it fits every version */
	bool retain, dup, has_alias;
	uint32_t head; /* bytes up to the payload, behind the fixed header */
};
/* Level 0: not known; properties that fit are taken for properties. What is cut inside of them makes the cursor bad. */
void mqtt_publish_read(struct oto_cur *c, const struct mqtt_header *h, uint8_t level, struct mqtt_publish_packet *p);

/* SUBSCRIBE and UNSUBSCRIBE. */
struct mqtt_topics {
	uint16_t id;
	uint8_t level;  /* that it was read as */
	uint32_t count; /* of them all */
	struct oto_slice topic[MQTT_TOPICS_MAX];
	uint8_t qos[MQTT_TOPICS_MAX];
};
/* Level 0: not known; the one whose form fits is taken. */
void mqtt_topics_read(struct oto_cur *c, bool subscribe, uint8_t level, struct mqtt_topics *t);

/* Properties of version 5, with their length in front. */
void mqtt_properties_read(struct oto_cur *c, struct mqtt_properties *p);

#endif
