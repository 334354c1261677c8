/* tds_message.h - what lies in TDS messages: options before the login, the login, statements and procedures, tokens of answers.
 *
 * Pure functions on cursors. The password of a login is passed over: only its length comes out. Statements come without their literals.
 */
#ifndef OTO_TDS_MESSAGE_H
#define OTO_TDS_MESSAGE_H

#include "oto_plugin.h"

enum tds_type {
	TDS_BATCH = 1,
	TDS_OLD_LOGIN = 2,
	TDS_RPC = 3,
	TDS_ANSWER = 4,
	TDS_ATTENTION = 6,
	TDS_BULK = 7,
	TDS_FEDERATED = 8,
	TDS_TRANSACTION = 14,
	TDS_LOGIN = 16,
	TDS_SSPI = 17,
	TDS_PRELOGIN = 18
};
enum { TDS_HEADER = 8, TDS_VERSION_72 = 0x72 };

extern const struct oto_names tds_types;
extern const struct oto_names tds_encryptions;

/* Options of PRELOGIN (MS-TDS 2.2.6.5). */
struct tds_prelogin {
	uint8_t version[6];
	uint8_t encryption;
	struct oto_slice instance;
	bool has_version, has_encryption;
};
bool tds_prelogin_read(struct oto_slice message, struct tds_prelogin *p);
/* The product that goes with a major version of the server, constant, or NULL. */
const char *tds_product(uint8_t major, uint8_t minor);

/* LOGIN7 (2.2.6.4); texts are UTF-16. */
struct tds_login {
	uint32_t version; /* of TDS, as 0x74000004 */
	uint32_t process;
	uint16_t password_len; /* characters */
	struct oto_slice host, user, app, server, library, language, database, mac;
	bool integrated; /* Windows' authentication */
};
bool tds_login_read(struct oto_slice message, struct tds_login *l);

/* The text of a batch (2.2.6.7), UTF-16. */
struct oto_slice tds_batch_text(struct oto_slice message);

/* A remote procedure call (2.2.6.6). */
struct tds_rpc {
	struct oto_slice name; /* UTF-16; empty: a number */
	uint16_t number;
	struct oto_slice statement; /* UTF-16, the first parameter of those that execute one */
};
bool tds_rpc_read(struct oto_slice message, struct tds_rpc *r);
/* The name of a numbered procedure, constant, or NULL. */
const char *tds_procedure(uint16_t number);

/* A statement as UTF-8 without what stands in quotes and without hexadecimal constants, cut to `room`; returns its length. */
uint32_t tds_statement(struct oto_slice wide, uint8_t *out, uint32_t room);

/* What the first tokens of an answer say (2.2.7). */
struct tds_answer {
	bool accepted; /* LOGINACK */
	uint32_t tds_version, error;
	uint8_t program_version[4];
	struct oto_slice program, error_text, database; /* UTF-16 */
	bool has_error;
};
void tds_answer_read(struct oto_slice message, struct tds_answer *a);

#endif
