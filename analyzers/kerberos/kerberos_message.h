/* kerberos_message.h - reads Kerberos 5 messages (RFC 4120 5): what may be shown of requests, replies, errors and tickets. */
#ifndef OTO_KERBEROS_MESSAGE_H
#define OTO_KERBEROS_MESSAGE_H

#include "oto_plugin.h"

/* The application tags' numbers, which the messages repeat as msg-type. */
enum {
	KRB_AS_REQ = 10,
	KRB_AS_REP = 11,
	KRB_TGS_REQ = 12,
	KRB_TGS_REP = 13,
	KRB_AP_REQ = 14,
	KRB_AP_REP = 15,
	KRB_SAFE = 20,
	KRB_PRIV = 21,
	KRB_CRED = 22,
	KRB_ERROR = 30
};
enum { KRB_NAME_MAX = 256, KRB_ETYPES_MAX = 32 };

struct kerberos_name {
	bool present;
	uint32_t len;
	uint8_t text[KRB_NAME_MAX]; /* the components with slashes between; what is longer is cut */
};

struct kerberos_message {
	uint8_t type;
	struct kerberos_name client, service;
	struct oto_slice client_realm, realm, error_text;
	struct oto_slice netbios;                /* name among the addresses that the client gives */
	struct oto_slice client_cms, server_cms; /* of public key authentication (RFC 4556), signed data with certificates */
	struct oto_time from, till, renew_till, server_time;
	uint32_t options; /* kdc-options or ap-options, first bit highest */
	int64_t error_code, cipher;
	uint8_t netypes;
	uint8_t etypes[KRB_ETYPES_MAX][4]; /* offered, in the client's order, big-endian */
	bool has_options, has_from, has_till, has_renew_till, has_server_time, has_cipher, has_error_text, has_error, has_preauth;
};
enum { KRB_FORWARDABLE = 0x40000000, KRB_RENEWABLE = 0x00800000 };

/* False when the bytes are no message, or are not well formed. */
bool kerberos_read(struct oto_cur c, struct kerberos_message *m);

#endif
