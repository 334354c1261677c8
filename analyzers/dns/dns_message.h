/* dns_message.h - the wire format of DNS messages (RFC 1035 4) and of NetBIOS names in them (RFC 1001 14): header, names, questions,
 * records.
 *
 * Reads only; says nothing. Names come out in lower case as Zeek logs them (`name`), and as they were sent (`sent`).
 */
#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#include "dns_tables.h"

enum { DNS_HEADER = 12, DNS_NAME_MAX = 255, DNS_QUESTIONS_MAX = 128 };
enum dns_section { DNS_QUESTION = 0, DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL, DNS_SECTIONS };

/* A name as text: labels joined by dots, without the last dot; the root is empty. */
struct dns_name {
	uint8_t text[DNS_NAME_MAX];
	uint8_t len;
};

struct dns_message {
	struct oto_cur body; /* behind the header; its start is the message's, so that compression pointers can be followed */
	uint16_t id, flags, count[DNS_SECTIONS];
	uint8_t opcode, rcode, z;
	bool response, aa, tc, rd, ra;
	enum dns_service service;
};

struct dns_question {
	struct dns_name sent;
	uint16_t type, class;
};

struct dns_record {
	struct dns_name sent;
	uint16_t type, class;
	uint32_t ttl;
	enum dns_section section;
	struct oto_cur data; /* ends where the record ends */
};

/* Where reading stands. `odd` says what stopped it, in the words of weird.log, or is NULL. */
struct dns_reader {
	const struct dns_message *message;
	struct oto_cur at;
	enum dns_section section;
	uint32_t left;
	const char *odd;
};

enum dns_service dns_service_of(const struct oto_ctx *cx);

/* The header of the message that c holds (without TCP's length); false when it is too short. */
bool dns_read_header(struct oto_cur c, struct dns_message *m);
/* A name with compression (4.1.4). False: *odd says why. */
bool dns_read_name(struct oto_cur *c, struct dns_name *n, const char **odd);

struct dns_reader dns_reader_of(const struct dns_message *m);
/* The next question, then the next record of any section; false at the end of what can be read. Questions come first. */
bool dns_next_question(struct dns_reader *r, struct dns_question *q);
bool dns_next_record(struct dns_reader *r, struct dns_record *rr);

/* Sixteen characters of a NetBIOS name from its first-level encoding; what is missing reads as zero. `suffix` is the last. */
struct nbns_name {
	uint8_t text[16];
	uint8_t len; /* of the name without padding */
	uint8_t suffix;
};
struct nbns_name nbns_decode(struct oto_slice encoded);
/* The same for the sixteen bytes themselves. */
struct nbns_name nbns_plain(struct oto_slice sixteen);

static inline struct oto_slice dns_slice(const struct dns_name *n)
{
	return (struct oto_slice){ n->text, n->len };
}

static inline uint8_t dns_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

#endif
