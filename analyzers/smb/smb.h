/* smb.h - what the files of this folder share: a flow's state, one message, what is open.
 *
 *   smb.c           the analyzer: frames and messages
 *   smb1.c          commands of SMB1 (MS-CIFS, MS-SMB)
 *   smb2.c          commands of SMB2 and SMB3 (MS-SMB2)
 *   smb_contents.c  contents of files and pipes, tokens, requests and their responses
 *   smb_open.c      shares and files that are open
 *   smb_tell.c      events, logs and facts
 *   smb_names.c     words
 */
#ifndef OTO_SMB_H
#define OTO_SMB_H

#include "../say.h"
#include "../wide.h"
#include "smb_names.h"

enum { SMB_CHANNEL_PIPE, SMB_CHANNEL_NTLM, SMB_CHANNEL_KERBEROS };
enum { SMB_RECENT = 96, SMB_FILES_MAX = 192, SMB_TREES_MAX = 48, SMB_NAME_MAX = 1024, SMB_PIPE_SLOTS = 40 };
enum smb_share { SMB_SHARE_UNKNOWN = 0, SMB_SHARE_DISK, SMB_SHARE_PIPE, SMB_SHARE_PRINT };

struct smb_text {
	uint16_t len;
	uint8_t text[SMB_NAME_MAX];
};

/* A share that is connected, or shall be: `pending` until the answer gives its number. */
struct smb_tree {
	struct smb_tree *next;
	struct oto_time ts;
	uint32_t serial, id;
	bool pending;
	uint8_t share; /* enum smb_share */
	uint16_t len;
	uint8_t path[];
};

/* A file or pipe that is open, or shall be. */
struct smb_file {
	struct smb_file *next;
	struct oto_time ts;
	uint64_t id[2];
	uint32_t serial, tree;
	bool pending, named, pipe, timed, looked_at, delete_on_close, read, written;
	uint8_t slot; /* of a pipe: under which key its bytes go on, from 1 */
	uint64_t size;
	struct oto_time modified, accessed, created, changed;
	uint16_t len;
	uint8_t name[];
};

enum smb_body { SMB_BODY_PASS = 0, SMB_BODY_PIPE, SMB_BODY_MAYBE_PIPE, SMB_BODY_FILE };

/* One direction: where it is inside a frame. Contents are never kept. */
struct smb_side {
	uint32_t frame; /* bytes of further messages in this frame */
	uint32_t body;  /* of contents */
	uint32_t rest;  /* behind them in the message */
	uint8_t kind;   /* enum smb_body */
	uint8_t slot;
	uint8_t seen, start[4]; /* the contents' first bytes */
	uint32_t file;          /* serial of the file that is written */
	bool inside;            /* lost bytes were accounted for */
	bool told_encrypted;
	uint32_t chained; /* SMB2: serial of the file that this compound created */
};

struct smb_flow {
	struct smb_tree *trees;
	struct smb_file *files;
	uint32_t ntrees, nfiles, serial;
	uint8_t next_slot, trans_slot;
	bool told_netbios, told_server, told_client, told_role;
	struct smb_side side[2];
	struct {
		uint64_t hash;
		int64_t ts;
	} recent[SMB_RECENT];
	uint32_t nrecent;
};

/* What a request leaves for its response. */
struct smb_note {
	uint16_t command, function;
	uint32_t tree_id, tree, file; /* serials, 0: none */
	uint8_t slot;
	bool is_smb2;
};

/* One message: its header, and a cursor that counts from the header's start. */
struct smb_message {
	bool is_smb2, response, unicode;
	uint16_t command;
	uint32_t status, tree_id;
	uint64_t id, session;
	bool related, async;
	struct smb_note note; /* of the request, with `paired` */
	bool paired, has_latency;
	struct oto_time asked;
	struct oto_interval latency;
};

enum { SMB_OK = 0, SMB_PENDING = 0x103, SMB_OVERFLOW = 0x80000005u, SMB_MORE_PROCESSING = 0xc0000016u };

static inline struct smb_side *smb_side_of(const struct oto_ctx *cx)
{
	struct smb_flow *f = cx->state;
	return &f->side[cx->is_orig ? 0 : 1];
}

/* smb1.c, smb2.c: a message (of `length` bytes) whose first bytes are here. *head: how many of them its PDU needs, the rest being contents
 * that are passed over; 0: more must be seen to tell. False: not such a message. */
bool smb1_head(struct oto_cur c, uint32_t length, uint32_t *head);
bool smb2_head(struct oto_cur c, uint32_t length, uint32_t *head);
void smb1_message(struct oto_ctx *cx, struct oto_cur *c, uint32_t length);
void smb2_message(struct oto_ctx *cx, struct oto_cur *c, uint32_t length);

/* smb_contents.c */
void smb_request(struct oto_ctx *cx, uint64_t key, const struct smb_note *note);
void smb_response(struct oto_ctx *cx, uint64_t key, struct smb_message *m);
/* `count` bytes of contents follow the PDU at hand. */
void smb_contents(struct oto_ctx *cx, uint32_t count, enum smb_body kind, uint8_t slot, uint32_t file);
/* A piece of a pipe's or file's contents that lies in the PDU itself. */
void smb_piece(struct oto_ctx *cx, struct oto_slice bytes);
void smb_to_pipe(struct oto_ctx *cx, uint8_t slot, struct oto_slice bytes);
void smb_token(struct oto_ctx *cx, struct oto_slice blob);

/* smb_open.c */
struct smb_tree *smb_tree_begin(struct oto_ctx *cx, struct oto_slice path);
struct smb_tree *smb_tree_at(struct oto_ctx *cx, uint32_t serial);
struct smb_tree *smb_tree_of(struct oto_ctx *cx, uint32_t id);
void smb_tree_end(struct oto_ctx *cx, struct smb_tree *t);
struct smb_file *smb_file_begin(struct oto_ctx *cx, struct oto_slice name, bool named);
struct smb_file *smb_file_at(struct oto_ctx *cx, uint32_t serial);
struct smb_file *smb_file_of(struct oto_ctx *cx, uint64_t first, uint64_t second);
/* The same, made without a name when it was opened before the capture began. */
struct smb_file *smb_file_known(struct oto_ctx *cx, uint64_t first, uint64_t second);
struct smb_file *smb_file_rename(struct oto_ctx *cx, struct smb_file *f, struct oto_slice name);
void smb_file_end(struct oto_ctx *cx, struct smb_file *f);
uint8_t smb_slot_of(struct oto_ctx *cx, struct smb_file *f);
bool smb_is_new(struct oto_ctx *cx, uint64_t hash);

/* smb_tell.c */
enum { SMB_EVENTS = 8 };
extern const struct oto_event_type *const smb_events[SMB_EVENTS];
enum smb_action {
	SMB_FILE_OPEN,
	SMB_FILE_READ,
	SMB_FILE_WRITE,
	SMB_FILE_CLOSE,
	SMB_FILE_DELETE,
	SMB_FILE_RENAME,
	SMB_FILE_SET_ATTRIBUTE,
};
struct oto_time smb_filetime(uint64_t ticks);
void smb_tell_command(struct oto_ctx *cx, const struct smb_message *m);
void smb_tell_file(struct oto_ctx *cx, const struct smb_file *f, const struct smb_tree *t, enum smb_action action, bool is_smb2,
		   struct oto_slice previous);
/* A file that is named in the command itself (SMB1). */
void smb_tell_path(struct oto_ctx *cx, const struct smb_tree *t, enum smb_action action, struct oto_slice name, struct oto_slice previous);
void smb_tell_tree(struct oto_ctx *cx, const struct smb_tree *t, struct oto_time ts, struct oto_slice service, struct oto_slice filesystem,
		   const char *share_type);
void smb_tell_negotiated(struct oto_ctx *cx, struct oto_slice dialect, uint8_t security_mode, bool is_smb2, struct oto_slice guid);
void smb_tell_session(struct oto_ctx *cx, const struct smb_message *m, bool guest, bool anonymous, bool encrypt);
void smb_tell_encrypted(struct oto_ctx *cx, uint64_t session);
void smb_tell_netbios(struct oto_ctx *cx, struct oto_slice called, struct oto_slice calling);
void smb_tell_executable(struct oto_ctx *cx, const struct smb_file *f, const char *kind);
void smb_tell_system(struct oto_ctx *cx, bool server, struct oto_slice os, struct oto_slice lan_manager, struct oto_slice domain);

#endif
