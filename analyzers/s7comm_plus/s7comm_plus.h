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

/* What a client tells of itself and of the device in an object that it creates: kept until that was read to its end, because what is
 * damaged tells nothing. */
struct s7p_told {
	struct oto_slice name; /* of the first object that has one */
	struct {
		uint32_t class, id;
		struct oto_slice text;
	} item[8];
	uint32_t count;
	bool more; /* there is something else in it: it is read once more */
};

/* What is known of a request besides what is told. */
struct s7p_request {
	struct s7p_text *target; /* set by the caller, empty */
	struct s7p_told *told;   /* set by the caller, not read; of who creates an object */
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

/* s7comm_plus_text.c: names of objects and addresses, kept as the pieces that they are made of, and put into words when somebody reads
 * them. The key is the same for the same text. Each piece has a character at least: what there is no room for would not be read either. */
enum { S7P_TEXT_MAX = 192 };
enum s7p_piece_kind { S7P_WORD_PIECE = 1, S7P_NUMBER_PIECE, S7P_ELEMENT_PIECE, S7P_OBJECT_PIECE, S7P_ATTRIBUTE_PIECE };

struct s7p_piece {
	const char *word; /* constant; of a word */
	uint32_t number;
	uint8_t kind; /* enum s7p_piece_kind */
};

struct s7p_text {
	uint64_t key;
	uint32_t count;
	struct s7p_piece piece[S7P_TEXT_MAX]; /* only those that count are ever set */
};

static inline void s7p_text_begin(struct s7p_text *t)
{
	t->key = 0;
	t->count = 0;
}

static inline void s7p_text_add(struct s7p_text *t, enum s7p_piece_kind kind, uint32_t number, const char *word)
{
	t->key = oto_key_mix(t->key, number, kind);
	if (t->count < S7P_TEXT_MAX)
		t->piece[t->count++] = (struct s7p_piece){ word, number, (uint8_t)kind };
}

/* A key has only that there is a word: `number` tells it from others that could stand there. */
static inline void s7p_text_word(struct s7p_text *t, const char *word, uint32_t number)
{
	s7p_text_add(t, S7P_WORD_PIECE, number, word);
}
static inline void s7p_text_number(struct s7p_text *t, uint32_t n)
{
	s7p_text_add(t, S7P_NUMBER_PIECE, n, NULL);
}
/* .12 */
static inline void s7p_text_element(struct s7p_text *t, uint32_t n)
{
	s7p_text_add(t, S7P_ELEMENT_PIECE, n, NULL);
}
static inline void s7p_text_object(struct s7p_text *t, uint32_t object)
{
	s7p_text_add(t, S7P_OBJECT_PIECE, object, NULL);
}
static inline void s7p_text_attribute(struct s7p_text *t, uint32_t attribute)
{
	s7p_text_add(t, S7P_ATTRIBUTE_PIECE, attribute, NULL);
}
/* In scratch memory, cut behind `most` characters; empty when that is used up. */
struct oto_slice s7p_text_words(struct oto_ctx *cx, const struct s7p_text *t, uint32_t most);

/* s7comm_plus_request.c: reads what stands behind the header of a request; says in a response what was asked. */
void s7p_read_request(struct oto_cur *c, struct s7p_message *m, struct s7p_request *r);
void s7p_recall_target(struct s7p_message *m, const struct s7p_note *note, struct s7p_text *target);

/* s7comm_plus_notification.c: what a controller tells by itself. Attributes and members of an alarm are taken one at a time. */
void s7p_read_notification(struct oto_ctx *cx, struct oto_cur *c, struct s7p_message *m, const struct s7p_watched *watched);
void s7p_watch(struct s7p_watched *watched, uint32_t reference);
void s7p_tell_state(struct oto_ctx *cx, uint32_t id, const struct s7p_value *value);
void s7p_take_alarm(struct s7p_alarm_taker *t, uint32_t id, const struct s7p_value *value);
void s7p_tell_alarm(struct oto_ctx *cx, struct s7p_alarm_taker *t);

/* s7comm_plus_facts.c: what messages tell of devices, and what of a program goes in and out. */
void s7p_begin_told(struct s7p_told *told);
void s7p_keep_told(struct s7p_told *told, const struct s7p_place *at, uint32_t id, const struct s7p_value *value);
void s7p_facts_of_request(struct oto_ctx *cx, struct s7p_message *m, const struct s7p_told *told, struct oto_slice object);
void s7p_facts_of_response(struct oto_ctx *cx, struct s7p_message *m, const struct s7p_note *note, const struct oto_match *match,
			   struct oto_cur body);
void s7p_transfer_begins(const struct s7p_message *m, const struct s7p_request *r, struct s7p_note *note);
void s7p_transfer_ends(struct oto_ctx *cx, const struct s7p_note *note, const struct oto_match *match, const char *error);

#endif
