/* pccc.h - what the files of the PCCC analyzer share: the event, what a command leaves for its reply, and a message while it is read. */
#ifndef OTO_ANALYZERS_PCCC_H
#define OTO_ANALYZERS_PCCC_H

#include <nettle/sha2.h>

#include "analyzers/cip/cip.h"
#include "pccc_tables.h"

struct pccc_message {
	const char *direction, *function, *mode;
	uint8_t command, function_code, status, extended_status, file_type;
	uint16_t transaction, vendor;
	uint32_t serial;
	uint32_t file, element, sub_element, offset, size, node;
	uint16_t mask;
	struct oto_slice address, model, revision, text, data;
	struct oto_vec values;
	struct oto_interval latency;
	bool has_node; /* behind DH+ */
	bool has_function, has_status, has_extended, has_file_type, has_file, has_element, has_sub, has_offset, has_size, has_requestor,
	    has_address, has_model, has_data, has_values, has_mask, has_text, matched;
};
enum { EV_MESSAGE, EV_COUNT };
extern const struct oto_event_type *const pccc_events[EV_COUNT];

enum { ADDRESS_MAX = 32 };

struct pccc_note {
	uint32_t code;
	uint32_t node;
	uint8_t file_type, address_len;
	uint8_t inner; /* commands inside of Execute multiple commands */
	bool has_file_type, has_node;
	uint8_t address[ADDRESS_MAX];
};

/* A program on its way: from "all request" to "completed". */
struct pccc_transfer {
	struct sha256_ctx sha;
	uint64_t size;
	int64_t began;
	uint16_t asked; /* transaction that began it */
	uint32_t last;  /* transaction, and place in it, that was counted last: a repeated one is not counted again */
	bool used, whole;
};
struct pccc_state {
	struct pccc_transfer upload, download;
};

/* One message while it is read. */
struct pccc_talk {
	struct oto_ctx *cx;
	struct pccc_message m;
	struct oto_cur data;
	uint16_t place; /* inside of another command, from 1 on */
	uint32_t code;  /* of tables: command and function */
	uint32_t op;
	struct pccc_note note;
};

struct pccc_text {
	uint8_t *at;
	uint32_t len;
};

/* pccc_request.c */
void pccc_put_word(struct pccc_text *t, const char *word);
void pccc_put_number(struct pccc_text *t, uint32_t n);
void pccc_read_request(struct pccc_talk *t);

/* pccc_values.c: of a file of that type; behind a type/data parameter, which stays unread when it says something else */
void pccc_take_values(struct pccc_talk *t, bool has_type, uint8_t type);
void pccc_take_typed(struct pccc_talk *t);

/* pccc_transfer.c */
void pccc_transfer_ask(struct pccc_talk *t);
void pccc_transfer_follow(struct pccc_talk *t, bool ok, const char *error);
void pccc_transfer_gap(struct oto_ctx *cx, uint64_t n);
void pccc_transfer_closing(struct oto_ctx *cx);

#endif
