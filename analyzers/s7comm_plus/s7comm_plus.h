/* s7comm_plus.h - what the parts of the analyzer share: a message as it is told, what a request leaves for its response. */
#ifndef OTO_S7COMM_PLUS_H
#define OTO_S7COMM_PLUS_H

#include "s7comm_plus_tables.h"
#include "s7comm_plus_values.h"

/* One message, request or response; also a system event, which has neither opcode nor function. */
struct s7p_message {
	struct oto_addr source_h, destination_h;
	uint16_t source_p, destination_p, sequence, function_code, function_name, fragments;
	uint8_t version, opcode, opcode_name, transport_flags, credit;
	uint32_t session, object, class, attribute, count, failed, length, confirmed, number;
	int64_t value, return_code;
	uint64_t target_key; /* stands for the target, which is only put into words when somebody reads them */
	struct oto_time clock;
	const char *error, *warning;
	struct oto_slice target, name;
	bool digest, partial, has_function, has_session, has_sequence, has_object, has_class, has_attribute, has_count, has_value,
	    has_return;
	bool has_flags, has_confirmed, has_failed, has_target, has_name, has_number, has_clock, has_credit;
};

/* An alarm, told when it happens or asked for. */
struct s7p_alarm {
	struct oto_addr source_h, destination_h;
	uint64_t alarm_id;
	uint32_t number;
	uint16_t domain, state;
	uint8_t states;
	struct oto_time clock, gone, acknowledged;
	struct oto_slice name, text, values;
	bool has_id, has_number, has_domain, has_state, has_states, has_clock, has_gone, has_acknowledged, has_name, has_text, has_values;
};

/* One that is being read, and the time in it that was read last. */
struct s7p_alarm_taker {
	struct s7p_alarm alarm;
	struct oto_time clock;
};

/* The numbers under which the operating state is told, of the subscriptions of a connection. */
struct s7p_watched {
	uint32_t reference[4];
	uint8_t count, next;
};

enum { EV_MESSAGE, EV_TLS, EV_ALARM };

/* What is known of a request besides what is told. */
struct s7p_request {
	bool aloud; /* set by the caller: the target is wanted in words */
	uint32_t op;
	const char *space;        /* of the target */
	struct oto_slice object;  /* the bytes of the object that is created */
	uint32_t member;          /* of the attribute, the last one named */
	uint32_t state_reference; /* the number of a subscription that tells the operating state; 0: none does */
	bool unreadable;          /* something in it could not be read to its end */
};

enum s7p_transfer { S7P_NO_TRANSFER, S7P_LOADS, S7P_DELETES };

/* Left by a request for its response. */
struct s7p_note {
	uint32_t object, class, attribute, member, session, size;
	uint16_t function;
	uint8_t op, transfer; /* enum s7p_transfer */
	bool is_block;
	uint8_t name_len;
	char name[31];
	uint8_t sha256[32];
};

/* s7comm_plus_request.c: reads what stands behind the header of a request; says in a response what was asked. */
void s7p_recall_target(struct oto_ctx *cx, struct s7p_message *m, const struct s7p_note *note, bool aloud);
void s7p_read_request(struct oto_ctx *cx, struct oto_cur *c, struct s7p_message *m, struct s7p_request *r);

/* s7comm_plus_text.c: names of objects and addresses, in scratch memory; empty when that is used up. Without memory only a key is made of
 * the numbers, the same for the same text. */
struct s7p_text {
	char *at;
	uint32_t len, size;
	uint64_t key;
};
void s7p_text_str(struct s7p_text *t, const char *s);
void s7p_text_number(struct s7p_text *t, uint32_t n);
void s7p_text_object(struct s7p_text *t, uint32_t object);
void s7p_text_attribute(struct s7p_text *t, uint32_t attribute);
static inline struct oto_slice s7p_text_slice(const struct s7p_text *t)
{
	return (struct oto_slice){ (const uint8_t *)t->at, t->len };
}

/* s7comm_plus_notification.c: what a controller tells by itself. Attributes and members of an alarm are taken one at a time. */
void s7p_read_notification(struct oto_ctx *cx, struct oto_cur *c, struct s7p_message *m, const struct s7p_watched *watched);
void s7p_watch(struct s7p_watched *watched, uint32_t reference);
void s7p_tell_state(struct oto_ctx *cx, uint32_t id, const struct s7p_value *value);
void s7p_take_alarm(struct s7p_alarm_taker *t, uint32_t id, const struct s7p_value *value);
void s7p_tell_alarm(struct oto_ctx *cx, struct s7p_alarm_taker *t);

/* s7comm_plus_facts.c: what messages tell of devices, and what of a program goes in and out. */
void s7p_facts_of_request(struct oto_ctx *cx, struct s7p_message *m, struct oto_slice object);
void s7p_facts_of_response(struct oto_ctx *cx, struct s7p_message *m, const struct s7p_note *note, const struct oto_match *match,
			   struct oto_cur body);
void s7p_transfer_begins(const struct s7p_message *m, const struct s7p_request *r, struct s7p_note *note);
void s7p_transfer_ends(struct oto_ctx *cx, const struct s7p_note *note, const struct oto_match *match, const char *error);

#endif
