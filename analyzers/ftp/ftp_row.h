/* ftp_row.h - what the control connection remembers: commands that wait for a reply, who is logged in and where, and the rows they become.
 *
 * ftp.c reads lines and decides; this keeps and tells. Texts lie in memory that the flow holds.
 */
#ifndef OTO_FTP_ROW_H
#define OTO_FTP_ROW_H

#include "ftp_data.h"
#include "ftp_text.h"

/* ------------------------------------------------------------------------------------------------ events */

struct ftp_request {
	struct oto_slice command, arg;
};

struct ftp_reply {
	uint16_t code;
	struct oto_slice msg;
	bool more;
};

enum { EV_REQUEST, EV_REPLY, EV_COMMAND, FTP_EVENTS };
extern const struct oto_event_type *const ftp_events[FTP_EVENTS];

/* ------------------------------------------------------------------------------------------------ state */

enum { PENDING_MAX = 20, VERB_MAX = 100, NAME_MAX_LEN = 12, USER_MAX = 128, TEXT_MAX = 4096, PATH_MAX_LEN = 1024, LINE_MAX_LEN = 16384 };

/* A text in memory that the flow holds. */
struct ftp_words {
	uint32_t len, room;
	uint8_t bytes[];
};

/* A command that waits, with the reply that seems to be its. */
struct ftp_waiting {
	struct oto_time ts;
	const struct ftp_verb *verb; /* NULL: one that nobody knows */
	struct ftp_words *arg;
	uint32_t seq;
	uint8_t name_len;
	char name[NAME_MAX_LEN];
	bool moved; /* its reply changed the directory */
};

struct ftp_announced {
	struct oto_addr orig, resp;
	uint16_t port;
	bool is_set, passive;
};

struct ftp_flow {
	struct ftp_waiting pending[PENDING_MAX];
	uint32_t npending, next_seq, matched; /* matched: the command of the last reply; 0: none */
	struct ftp_words *user, *directory, *words;
	struct ftp_announced channel;         /* announced by the command at hand */
	struct oto_addr data_host;            /* the last one announced */
	uint16_t data_port, reply_code, more; /* more: code of a reply whose last line is still to come */
	uint64_t file_size;
	bool has_data, begun, has_user, has_password, has_file_size, wants_tls, tls, tls_ended, told_software, told_login, told_role;
};
_Static_assert(sizeof(struct ftp_flow) <= OTO_STATE_MAX, "the state must fit");

/* Who is who: on a port of FTP's whoever sends to it is the client. */
bool ftp_from_client(const struct oto_ctx *cx);
const struct oto_addr *ftp_server_of(const struct oto_ctx *cx);
const struct oto_addr *ftp_client_of(const struct oto_ctx *cx);

void ftp_keep(struct oto_ctx *cx, struct ftp_words **at, struct oto_slice s);
struct oto_slice ftp_kept(const struct ftp_words *t);
struct oto_slice ftp_or_absent(struct oto_slice s);
uint32_t ftp_flags_of(const struct ftp_waiting *c);
/* Where the client is; "." when that was not seen. */
struct oto_slice ftp_directory_of(const struct ftp_flow *st);
/* What the data connection announced last says, or NULL. */
struct ftp_channel *ftp_channel_of(struct oto_ctx *cx, const struct ftp_flow *st);

/* A command waits; the oldest is told when too many do. */
struct ftp_waiting *ftp_wait_for(struct oto_ctx *cx, const struct ftp_verb *verb, struct oto_slice name, struct oto_slice arg);
/* The server's greeting answers the connection itself. */
void ftp_begin(struct oto_ctx *cx);
struct ftp_waiting *ftp_find(struct ftp_flow *st, uint32_t seq);
void ftp_tell_and_forget(struct oto_ctx *cx, struct ftp_waiting *c);
void ftp_tell_all(struct oto_ctx *cx);

#endif
