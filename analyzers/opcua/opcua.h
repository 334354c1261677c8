/* opcua.h - what the files of this folder share: the message, what a flow remembers, how the built-in types and the services are read.
 *
 * Clauses: transport and encoding are of OPC 10000-6 (version 1.05), services of OPC 10000-4.
 */
#ifndef OTO_OPCUA_H
#define OTO_OPCUA_H

#include "analyzers/say.h"
#include "analyzers/text.h"

/* ------------------------------------------------------------------------------------------------ opcua_tables.c, opcua_status.c */

/* Services are told by the encoding id of their request (OPC 10000-6 annex A); a response's is three higher, of the two latest by one. */
enum opcua_service {
	OPCUA_SERVICE_FAULT = 397,
	OPCUA_FIND_SERVERS = 422,
	OPCUA_GET_ENDPOINTS = 428,
	OPCUA_REGISTER_SERVER = 437,
	OPCUA_OPEN_CHANNEL = 446,
	OPCUA_CLOSE_CHANNEL = 452,
	OPCUA_CREATE_SESSION = 461,
	OPCUA_ACTIVATE_SESSION = 467,
	OPCUA_CLOSE_SESSION = 473,
	OPCUA_READ = 631,
	OPCUA_HISTORY_READ = 664,
	OPCUA_WRITE = 673,
	OPCUA_HISTORY_UPDATE = 700,
	OPCUA_CALL = 712,
	OPCUA_CREATE_ITEMS = 751,
	OPCUA_MODIFY_ITEMS = 763,
	OPCUA_PUBLISH = 826,
	OPCUA_REPUBLISH = 832,
	OPCUA_REGISTER_SERVER_2 = 12211,
};
enum opcua_attribute { OPCUA_VALUE = 13 };
enum opcua_mode { OPCUA_MODE_UNKNOWN, OPCUA_MODE_NONE, OPCUA_MODE_SIGN, OPCUA_MODE_ENCRYPT };
enum opcua_identity { OPCUA_ANONYMOUS, OPCUA_USER_NAME, OPCUA_CERTIFICATE, OPCUA_ISSUED };
enum opcua_policy { OPCUA_POLICY_NONE = 1 };

extern const struct oto_names opcua_services, opcua_modes, opcua_policies, opcua_identities, opcua_attributes, opcua_states, opcua_methods,
    opcua_types, opcua_applications;

/* What a service's parameters look like: see opcua_walk(). */
struct opcua_form {
	uint16_t service; /* or the encoding id of what an extension object holds */
	const char *request, *response;
};
/* NULL: its parameters are read elsewhere, or not known. */
const struct opcua_form *opcua_form_of(uint32_t service);
const char *opcua_content_of(uint32_t encoding);
/* The number of the policy that a URI names, 0: unknown. */
uint32_t opcua_policy_of(struct oto_slice uri);
/* Octets of the signature behind each chunk that is signed. */
uint32_t opcua_signature_of(uint32_t policy);
/* "BadNodeIdUnknown"; of codes nobody knows how grave they are. Only the upper 16 bits name a code (OPC 10000-4 7.39.1). */
const char *opcua_status_word(uint32_t code);

static inline bool opcua_is_bad(uint32_t code)
{
	return code >> 31;
}

/* ------------------------------------------------------------------------------------------------ text, opcua_text.c */

enum { OPCUA_TEXT = 480, OPCUA_VALUE_TEXT = 240 };
void opcua_put_signed(struct text *t, int64_t n);
void opcua_put_base64(struct text *t, struct oto_slice s);
void opcua_put_guid(struct text *t, struct oto_slice s);
void opcua_put_real(struct text *t, double value, int digits);
void opcua_put_time(struct text *t, int64_t ticks);
static inline void opcua_put_comma(struct text *t)
{
	if (t->len)
		text_put_byte(t, ',');
}

/* ------------------------------------------------------------------------------------------------ built-in types, opcua_value.c */

/* NodeId and ExpandedNodeId, 5.2.2.9 and 5.2.2.10. */
struct opcua_node {
	uint8_t kind; /* of the identifier: 'i', 's', 'g' or 'b'; 0: none was read */
	uint16_t space;
	uint32_t number, server;
	struct oto_slice id, uri;
};
struct opcua_node opcua_take_node(struct oto_cur *c);
/* As OPC 10000-6 5.3.1.10 writes it: "i=2258", "ns=2;s=Machine.Speed". */
void opcua_put_node(struct text *t, const struct opcua_node *n);
static inline bool opcua_is_null(const struct opcua_node *n)
{
	return !n->kind || (n->kind == 'i' && !n->number && !n->space);
}

/* Strings and byte strings, 5.2.2.4 and 5.2.2.7: data NULL for null. */
struct oto_slice opcua_take_string(struct oto_cur *c);
/* QualifiedName "2:Name", 5.2.2.13. */
void opcua_take_name(struct oto_cur *c, struct text *t);
/* The text of a LocalizedText, 5.2.2.14. */
struct oto_slice opcua_take_localized(struct oto_cur *c);
/* DateTime, 5.2.2.5, as packet time; 0: none is given. */
struct oto_time opcua_take_time(struct oto_cur *c);
/* The length of an array, 5.2.5: 0 for null; bad when there are fewer octets than elements. */
uint32_t opcua_take_count(struct oto_cur *c);

/* An extension object, 5.2.2.15: what it is by its number in namespace 0, and its octets. */
struct opcua_extension {
	uint32_t type;
	struct oto_slice body;
};
struct opcua_extension opcua_take_extension(struct oto_cur *c);

struct opcua_value {
	uint8_t type; /* built-in type, 5.1.2; 0: null */
	bool has_type, has_number, is_array;
	double number;
	struct oto_slice text; /* of a string that stands alone */
	struct opcua_extension extension;
};
/* A Variant, 5.2.2.16, its text put to `t`. */
void opcua_take_variant(struct oto_cur *c, struct text *t, struct opcua_value *v);

struct opcua_data {
	struct opcua_value value;
	uint32_t status;
	struct oto_time source_time;
	bool has_time;
};
/* A DataValue, 5.2.2.17. */
void opcua_take_data(struct oto_cur *c, struct text *t, struct opcua_data *d);

/* DiagnosticInfo, 5.2.2.12: the first additional information found, and the innermost status. */
struct opcua_diagnostic {
	struct oto_slice info;
	uint32_t status;
	bool has_status;
};
void opcua_take_diagnostic(struct oto_cur *c, struct opcua_diagnostic *d);

/* ------------------------------------------------------------------------------------------------ what is said, opcua_events.c */

enum { EV_MESSAGE, EV_VALUE, EV_ENDPOINT, EV_CERTIFICATE, EV_COUNT };
extern const struct oto_event_type *const opcua_events[EV_COUNT];

struct opcua_message {
	const char *msg_type, *pdu_type, *status, *failure;
	uint32_t sec_channel_id, token_id, seq_number, request_id, request_handle, status_code, number_of_items, failures, subscription_id,
	    version, rcv_buf_size, snd_buf_size, max_msg_size, max_chunk_cnt, chunks, lifetime, method;
	uint16_t service, attribute;
	uint8_t security_mode, security_policy, identity, application_type;
	struct oto_slice sec_policy_uri, thumbprint, session, user, nodes, objects, values, diagnostics, reason, endpoint_url, server_uri,
	    application_uri, application_name, product_uri, session_name;
	struct oto_interval latency;
	bool encrypted, password_readable, more_notifications;
	bool has_channel, has_token, has_sequence, has_request, has_service, has_handle, has_status, has_items, has_failures, has_attribute,
	    has_subscription, has_version, has_sizes, has_lifetime, has_identity, has_password, has_method, has_more, has_application,
	    has_mode, has_policy, matched;
};

/* A value that was read, written or reported. */
struct opcua_value_event {
	struct oto_addr client, server;
	const char *access, *status;
	uint16_t attribute;
	uint8_t data_type;
	uint32_t status_code, subscription_id, client_handle;
	struct oto_slice node_id, index_range, value, user;
	double number;
	struct oto_time source_time;
	bool has_type, has_number, has_time, has_subscription, has_handle;
};

/* An endpoint that a server offers. */
struct opcua_endpoint {
	struct oto_addr client, server;
	uint8_t security_mode, security_policy, security_level;
	bool has_policy;
	struct oto_slice endpoint_url, sec_policy_uri, identities, application_uri, application_name, product_uri;
};

/* ------------------------------------------------------------------------------------------------ what is remembered */

enum { OPCUA_NAME = 120, OPCUA_KEPT = 200, OPCUA_USER = 64, OPCUA_SESSION = 64 };

/* What a request leaves for its response: whom it names, and the first octets of its items, or the numbers that it gave to them. */
struct opcua_note {
	uint64_t session; /* key of the session */
	uint32_t subscription, method;
	uint16_t service, items_len;
	uint8_t slot, name_len, identity, user_len; /* slot: of the flow's list of longer requests plus one */
	bool has_subscription, has_identity;
	uint8_t name[OPCUA_NAME], user[OPCUA_USER];
	uint8_t items[OPCUA_KEPT] __attribute__((aligned(4)));
};

/* A session, found by a hash of its authentication token, over all connections of two hosts. */
struct opcua_session {
	uint8_t id_len, user_len, identity;
	bool has_identity;
	uint8_t id[OPCUA_SESSION], user[OPCUA_USER];
};

/* Pieces of a message, OPC 10000-6 6.7.3: chunks of one follow each other. */
enum { OPCUA_ROOM = 120 * 1024, OPCUA_CHUNKS = 256, OPCUA_ASKED = 8, OPCUA_POLLS = 64 };
struct opcua_side {
	void *held; /* OPCUA_ROOM octets while more is to come */
	uint32_t len, request_id, chunks, sequence;
	bool open, too_large, has_sequence, lost; /* lost: the begin of what comes next may be */
};
struct opcua_asked {
	void *items;
	uint32_t request_id, len;
};
struct opcua_flow {
	struct opcua_side side[2];
	struct opcua_asked asked[OPCUA_ASKED];
	uint32_t polls[OPCUA_POLLS]; /* publish requests that wait, by the number of their request plus one */
	uint32_t channel, next_asked, next_poll, unknown_sessions;
	uint8_t mode, policy, signature; /* signature: octets behind each chunk */
	bool client_known, client_is_orig, policy_known, signature_known, opaque_told;
	uint64_t session; /* used last */
};

/* ------------------------------------------------------------------------------------------------ a message on its way */

/* The item of a list that is being read. */
struct opcua_item {
	struct opcua_node node;
	struct opcua_data data;
	struct text value; /* in `text` */
	struct oto_slice range;
	uint32_t attribute, handle, id, status;
	bool touched, has_data, has_handle, has_id, secret;
	uint8_t text[OPCUA_VALUE_TEXT];
};

struct opcua_parse {
	struct oto_ctx *cx;
	struct opcua_flow *flow;
	struct opcua_message *m;
	struct opcua_note note; /* of a request its own, of a response that of the request found */
	struct oto_match match;
	bool is_request, by_client; /* by_client: the sender is the client */
	bool tells_values;
	const char *access;
	struct text nodes, objects, values;
	struct opcua_item item;
	struct oto_cur asked;   /* items of the request that is answered */
	struct oto_slice list;  /* the items of this request, as far as they were read */
	uint32_t index, inside; /* of the item; extension objects around it */
	bool certificate_told;  /* of this message */
};

/* opcua_walk.c: reads parameters as a form tells them. Each letter is a field; small ones are passed over:
 *   1 2 4 8  so many octets    s  string    q  qualified name   l  localized text   n  node   e  extension object   v  variant   g
 * diagnostics N  node that is touched    B  browse name below it          O  object of a method          A  attribute        R  index range
 *   D  data value              V  argument                      S  result of an operation      I  subscription     H  client handle
 *   M  monitored item          E  extension object, read by its own form                       W  browse name found
 *   w  string found            T  node that the answer names    P  more notifications          [ ]  any number of what is between */
void opcua_walk(struct opcua_parse *p, struct oto_cur *c, const char *form);

/* opcua_item.c: what is done with each item of a list; `c` stands behind it. */
void opcua_list_begins(struct opcua_parse *p, const struct oto_cur *c);
void opcua_item_begins(struct opcua_parse *p);
void opcua_item_ends(struct opcua_parse *p, const struct oto_cur *c);
/* The items of a request, kept for its answer. */
void opcua_keep_items(struct opcua_parse *p);
void opcua_find_items(struct opcua_parse *p);
void opcua_drop_items(struct oto_ctx *cx, struct opcua_asked *a);

/* opcua_session.c: discovery, channels and sessions. False: it is another service. */
bool opcua_session_request(struct opcua_parse *p, struct oto_cur *c);
bool opcua_session_response(struct opcua_parse *p, struct oto_cur *c);
/* Who uses a session, by the authentication token in front of a request. */
void opcua_find_session(struct opcua_parse *p, struct oto_slice token);
void opcua_show_session(struct opcua_parse *p, uint64_t key);
void opcua_tell_certificate(struct opcua_parse *p, struct oto_slice certificate);

/* opcua_facts.c: what values of namespace 0 tell of a server. */
void opcua_tell_value(struct opcua_parse *p, const struct opcua_node *node, const struct opcua_value *v);
void opcua_tell_host(struct opcua_parse *p, struct oto_slice url, uint8_t confidence);

/* opcua_message.c: one whole message, from its type on. */
void opcua_message(struct opcua_parse *p, struct oto_cur *body, bool whole);
/* A channel is refused, or a message given up: what was asked in it has failed. */
void opcua_refused(struct opcua_parse *p, uint64_t key);
uint64_t opcua_key_of(const struct opcua_parse *p);
/* Which service a message is, by its first octets; 0: none that is known. */
uint32_t opcua_encoding_of(struct oto_cur c);
const struct oto_name *opcua_service_of(uint32_t encoding, bool *is_request);

#endif
