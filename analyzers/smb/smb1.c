/* smb1.c - SMB1 (MS-CIFS, MS-SMB): commands with their parameter words and bytes, and those chained to them. Clauses are of MS-CIFS. */
#include "smb.h"

enum {
	DELETE_DIRECTORY = 0x01,
	CLOSE = 0x04,
	DELETE = 0x06,
	RENAME = 0x07,
	LOCKING_ANDX = 0x24,
	TRANSACTION = 0x25,
	TRANSACTION_SECONDARY = 0x26,
	OPEN_ANDX = 0x2d,
	READ_ANDX = 0x2e,
	WRITE_ANDX = 0x2f,
	TRANSACTION2 = 0x32,
	TREE_DISCONNECT = 0x71,
	NEGOTIATE = 0x72,
	SESSION_SETUP = 0x73,
	LOGOFF_ANDX = 0x74,
	TREE_CONNECT = 0x75,
	NT_CREATE_ANDX = 0xa2,
	NT_CANCEL = 0xa4,
	NO_MORE = 0xff,
};
enum { HEADER = 32, WHOLE_MAX = 128 << 10, HEAD_MAX = 4096, CHAIN_MAX = 8 };
enum { FLAG_REPLY = 0x80, FLAGS2_UNICODE = 0x8000 }; /* 2.2.3.1 */
enum { TRANSACT_NMPIPE = 0x26, SET_PATH_INFORMATION = 6, SET_FILE_INFORMATION = 8 };
enum { LEVEL_DISPOSITION = 0x102, PASS_RENAME = 1010, PASS_DISPOSITION = 1013 }; /* 2.2.2.3.4, MS-SMB 2.2.2.3.5 */
enum { CAP_EXTENDED_SECURITY = 1u << 31, CAP_UNICODE = 4, DELETE_ON_CLOSE = 0x1000 };

/* One command of a message: parameter words and bytes, as cursors that count from the header's start. */
struct block {
	uint8_t words;
	struct oto_cur p, b;
};

struct contents {
	uint32_t offset, count;
};

/* ------------------------------------------------------------------------------------------------ where contents begin */

/* 2.2.4.42.2 and 2.2.4.43.1; `p` is at the parameter words. */
static bool contents_of(uint8_t command, bool reply, uint8_t words, struct oto_cur p, uint32_t length, struct contents *d)
{
	uint32_t low, high;

	if (command == READ_ANDX && reply && words >= 10) {
		oto_skip(&p, 4 + 2 + 2 + 2);
		low = oto_le16(&p);
		d->offset = oto_le16(&p);
		high = oto_le16(&p);
	} else if (command == WRITE_ANDX && !reply && words >= 12) {
		oto_skip(&p, 4 + 2 + 4 + 4 + 2 + 2);
		high = oto_le16(&p);
		low = oto_le16(&p);
		d->offset = oto_le16(&p);
	} else {
		return false;
	}
	d->count = high << 16 | low;
	return !p.bad && d->offset > HEADER + words * 2u && d->offset <= length && d->count <= length - d->offset;
}

bool smb1_head(struct oto_cur c, uint32_t length, uint32_t *head)
{
	enum { ENOUGH = HEADER + 1 + 28 };
	struct contents d;

	if (length < HEADER + 3)
		return false;
	if (oto_left(&c) < (length < ENOUGH ? length : ENOUGH)) {
		*head = 0;
		return true;
	}
	struct oto_cur at = oto_seek(&c, oto_tell(&c) + 4), p = oto_seek(&c, oto_tell(&c) + HEADER);
	uint8_t command = oto_u8(&at);
	oto_skip(&at, 4);
	bool reply = oto_u8(&at) & FLAG_REPLY;
	uint8_t words = oto_u8(&p);
	if (contents_of(command, reply, words, p, length, &d))
		*head = d.offset;
	else
		*head = length <= WHOLE_MAX ? length : HEAD_MAX;
	return true;
}

/* ------------------------------------------------------------------------------------------------ texts */

/* 2.2.1.1: Unicode begins at an even place, counted from the header. `n` bytes, or up to the zero with UINT32_MAX. */
static struct oto_slice text(struct oto_ctx *cx, struct oto_cur *c, bool unicode, uint32_t n)
{
	if (unicode && oto_tell(c) % 2)
		oto_skip(c, oto_left(c) ? 1 : 0);
	struct oto_cur from = *c;
	if (n != UINT32_MAX) {
		struct oto_slice s = oto_take(c, n);
		return unicode ? wide_text(cx, s) : say_string(s);
	}
	n = 0;
	if (unicode) {
		while (oto_left(c) >= 2 && oto_le16(c))
			n += 2;
	} else {
		while (oto_left(c) && oto_u8(c))
			n++;
	}
	struct oto_slice s = oto_take(&from, n);
	return unicode ? wide_text(cx, s) : s;
}

/* 2.2.2.5: names in old commands have a byte in front that says so. */
static struct oto_slice marked(struct oto_ctx *cx, struct oto_cur *c, bool unicode)
{
	if (oto_u8(c) != 4)
		c->bad = true;
	return text(cx, c, unicode, UINT32_MAX);
}

/* ------------------------------------------------------------------------------------------------ connecting */

/* 2.2.4.52.2, MS-SMB 2.2.4.5.2. */
static void negotiate_answer(struct oto_ctx *cx, struct block *k)
{
	if (k->words != 17)
		return; /* older than NT LAN Manager */
	oto_skip(&k->p, 2);
	uint8_t mode = oto_u8(&k->p);
	oto_skip(&k->p, 2 + 2 + 4 + 4 + 4);
	uint32_t capabilities = oto_le32(&k->p);
	oto_skip(&k->p, 8 + 2);
	uint8_t key = oto_u8(&k->p);
	if (k->p.bad)
		return;
	bool extended = capabilities & CAP_EXTENDED_SECURITY;
	struct oto_slice guid = extended ? oto_take(&k->b, 16) : (struct oto_slice){ 0 };
	smb_tell_negotiated(cx, oto_slice_of("NT LM 0.12"), mode, false, guid);
	if (extended) {
		smb_token(cx, oto_rest(&k->b));
		return;
	}
	oto_skip(&k->b, key);
	/* Without padding, whatever else Unicode needs here. */
	struct oto_cur names = oto_cur_of(oto_rest(&k->b));
	struct oto_slice domain = text(cx, &names, capabilities & CAP_UNICODE, UINT32_MAX),
			 server = text(cx, &names, capabilities & CAP_UNICODE, UINT32_MAX);
	say_fact(cx, "domain", domain, SAY_STATED);
	say_fact(cx, "hostname", server, SAY_STATED);
}

/* 2.2.4.53.1, MS-SMB 2.2.4.6.1. Passwords, in clear or not, are stepped over. */
static void session_setup(struct oto_ctx *cx, struct block *k, bool unicode)
{
	oto_skip(&k->p, 4 + 2 + 2 + 2 + 4);
	uint16_t first = oto_le16(&k->p);
	struct oto_slice user = { 0 }, domain = { 0 };

	if (k->words == 12) {
		struct oto_slice blob = oto_take(&k->b, first);
		if (k->b.bad)
			return;
		smb_token(cx, blob);
	} else if (k->words == 13) {
		oto_skip(&k->b, first);
		oto_skip(&k->b, oto_le16(&k->p));
		user = text(cx, &k->b, unicode, UINT32_MAX);
		domain = text(cx, &k->b, unicode, UINT32_MAX);
	} else {
		return;
	}
	struct oto_slice os = text(cx, &k->b, unicode, UINT32_MAX), lan_manager = text(cx, &k->b, unicode, UINT32_MAX);
	if (k->b.bad)
		return;
	if (user.len)
		say_fact(cx, "user",
			 domain.len ? say_text(cx, domain.len + user.len + 1, "%.*s\\%.*s", (int)domain.len, (const char *)domain.data,
					       (int)user.len, (const char *)user.data)
				    : user,
			 SAY_STATED);
	smb_tell_system(cx, false, os, lan_manager, (struct oto_slice){ 0 });
}

static void session_setup_answer(struct oto_ctx *cx, struct block *k, const struct smb_message *m)
{
	bool extended = k->words == 4;

	oto_skip(&k->p, 4);
	uint16_t action = oto_le16(&k->p);
	if (extended) {
		struct oto_slice blob = oto_take(&k->b, oto_le16(&k->p));
		if (k->b.bad)
			return;
		smb_token(cx, blob);
	}
	struct oto_slice os = text(cx, &k->b, m->unicode, UINT32_MAX), lan_manager = text(cx, &k->b, m->unicode, UINT32_MAX),
			 domain = text(cx, &k->b, m->unicode, UINT32_MAX);
	smb_tell_system(cx, true, os, lan_manager, domain);
	if (m->status == SMB_OK)
		smb_tell_session(cx, m, action & 1, false, false);
}

static void tree_connect(struct oto_ctx *cx, struct block *k, bool unicode, struct smb_note *note)
{
	oto_skip(&k->p, 4 + 2);
	oto_skip(&k->b, oto_le16(&k->p));
	struct oto_slice path = text(cx, &k->b, unicode, UINT32_MAX);
	if (k->b.bad || k->p.bad)
		return;
	struct smb_tree *t = smb_tree_begin(cx, path);
	note->tree = t ? t->serial : 0;
}

static void tree_connect_answer(struct oto_ctx *cx, struct block *k, const struct smb_message *m)
{
	struct oto_slice service = text(cx, &k->b, false, UINT32_MAX), filesystem = text(cx, &k->b, m->unicode, UINT32_MAX);
	struct smb_tree *t = smb_tree_at(cx, m->note.tree), *before = smb_tree_of(cx, m->tree_id);

	if (k->b.bad)
		return;
	if (before && before != t)
		smb_tree_end(cx, before);
	if (!t)
		t = smb_tree_begin(cx, (struct oto_slice){ 0 });
	if (!t)
		return;
	t->pending = false;
	t->id = m->tree_id;
	t->share = say_is(service, "IPC") ? SMB_SHARE_PIPE : say_begins(service, "LPT") ? SMB_SHARE_PRINT : SMB_SHARE_DISK;
	smb_tell_tree(cx, t, m->asked, service, filesystem.len ? filesystem : (struct oto_slice){ 0 },
		      t->share == SMB_SHARE_PIPE ? "PIPE" : "DISK");
}

/* ------------------------------------------------------------------------------------------------ files */

static void open_file(struct oto_ctx *cx, struct oto_slice name, uint32_t options, struct smb_note *note)
{
	struct smb_tree *t = smb_tree_of(cx, note->tree_id);
	struct smb_file *f = smb_file_begin(cx, name, true);

	if (!f)
		return;
	f->tree = t ? t->serial : 0;
	f->pipe = t && t->share == SMB_SHARE_PIPE;
	f->delete_on_close = options & DELETE_ON_CLOSE;
	note->file = f->serial;
}

static void nt_create(struct oto_ctx *cx, struct block *k, bool unicode, struct smb_note *note)
{
	oto_skip(&k->p, 4 + 1);
	uint16_t count = oto_le16(&k->p);
	oto_skip(&k->p, 4 + 4 + 4 + 8 + 4 + 4 + 4);
	uint32_t options = oto_le32(&k->p);
	struct oto_slice name = text(cx, &k->b, unicode, count);
	if (!k->p.bad && !k->b.bad)
		open_file(cx, name, options, note);
}

static void opened(struct oto_ctx *cx, struct smb_file *f, uint16_t id)
{
	struct smb_file *before = smb_file_of(cx, id, 0);
	struct smb_tree *t = smb_tree_at(cx, f->tree);

	if (before && before != f)
		smb_file_end(cx, before);
	f->pending = false;
	f->id[0] = id;
	f->timed = f->modified.ns > 0;
	smb_tell_file(cx, f, t, SMB_FILE_OPEN, false, (struct oto_slice){ 0 });
	if (f->delete_on_close)
		smb_tell_file(cx, f, t, SMB_FILE_DELETE, false, (struct oto_slice){ 0 });
}

static void nt_create_answer(struct oto_ctx *cx, struct block *k, const struct smb_message *m)
{
	oto_skip(&k->p, 4 + 1);
	uint16_t id = oto_le16(&k->p);
	oto_skip(&k->p, 4);
	uint64_t created = oto_le64(&k->p), accessed = oto_le64(&k->p), modified = oto_le64(&k->p), changed = oto_le64(&k->p);
	oto_skip(&k->p, 4 + 8);
	uint64_t size = oto_le64(&k->p);
	struct smb_file *f = k->p.bad ? NULL : smb_file_at(cx, m->note.file);
	if (!f)
		return;
	f->created = smb_filetime(created);
	f->accessed = smb_filetime(accessed);
	f->modified = smb_filetime(modified);
	f->changed = smb_filetime(changed);
	f->size = size;
	opened(cx, f, id);
}

static void open_andx(struct oto_ctx *cx, struct block *k, bool unicode, struct smb_note *note)
{
	struct oto_slice name = text(cx, &k->b, unicode, UINT32_MAX);

	if (!k->b.bad)
		open_file(cx, name, 0, note);
}

static void open_andx_answer(struct oto_ctx *cx, struct block *k, const struct smb_message *m)
{
	oto_skip(&k->p, 4);
	uint16_t id = oto_le16(&k->p);
	oto_skip(&k->p, 2 + 4);
	uint32_t size = oto_le32(&k->p);
	struct smb_file *f = k->p.bad ? NULL : smb_file_at(cx, m->note.file);
	if (!f)
		return;
	f->size = size;
	opened(cx, f, id);
}

static void close_file(struct oto_ctx *cx, struct block *k)
{
	struct smb_file *f = smb_file_of(cx, oto_le16(&k->p), 0);

	if (!f || k->p.bad)
		return;
	smb_tell_file(cx, f, smb_tree_at(cx, f->tree), SMB_FILE_CLOSE, false, (struct oto_slice){ 0 });
	smb_file_end(cx, f);
}

static void read_file(struct oto_ctx *cx, struct block *k, struct smb_note *note)
{
	oto_skip(&k->p, 4);
	struct smb_file *f = smb_file_known(cx, oto_le16(&k->p), 0);
	if (!f || k->p.bad)
		return;
	if (!f->read)
		smb_tell_file(cx, f, smb_tree_at(cx, f->tree), SMB_FILE_READ, false, (struct oto_slice){ 0 });
	f->read = true;
	note->file = f->serial;
	if (f->pipe || !f->named)
		note->slot = smb_slot_of(cx, f);
}

static void read_answer(struct oto_ctx *cx, const struct contents *d, const struct smb_message *m)
{
	const struct smb_file *f = smb_file_at(cx, m->note.file);

	smb_contents(cx, d->count, !m->note.slot ? SMB_BODY_PASS : f && f->pipe ? SMB_BODY_PIPE : SMB_BODY_MAYBE_PIPE, m->note.slot, 0);
}

static void write_file(struct oto_ctx *cx, struct block *k, const struct contents *d, struct smb_note *note)
{
	oto_skip(&k->p, 4);
	struct smb_file *f = smb_file_known(cx, oto_le16(&k->p), 0);
	uint32_t offset = oto_le32(&k->p);
	if (!f || k->p.bad)
		return;
	note->file = f->serial;
	if (f->pipe || !f->named) {
		smb_contents(cx, d->count, f->pipe ? SMB_BODY_PIPE : SMB_BODY_MAYBE_PIPE, smb_slot_of(cx, f), 0);
		return;
	}
	if (!f->written)
		smb_tell_file(cx, f, smb_tree_at(cx, f->tree), SMB_FILE_WRITE, false, (struct oto_slice){ 0 });
	bool first = !f->looked_at;
	f->written = true;
	f->looked_at = true;
	if (first && offset)
		smb_tell_executable(cx, f, NULL);
	smb_contents(cx, d->count, SMB_BODY_FILE, 0, first && !offset ? f->serial : 0);
}

static void delete_file(struct oto_ctx *cx, struct block *k, const struct smb_message *m)
{
	struct oto_slice name = marked(cx, &k->b, m->unicode);

	if (!k->b.bad)
		smb_tell_path(cx, smb_tree_of(cx, m->tree_id), SMB_FILE_DELETE, name, (struct oto_slice){ 0 });
}

static void rename_file(struct oto_ctx *cx, struct block *k, const struct smb_message *m)
{
	struct oto_slice from = marked(cx, &k->b, m->unicode), to = marked(cx, &k->b, m->unicode);

	if (!k->b.bad)
		smb_tell_path(cx, smb_tree_of(cx, m->tree_id), SMB_FILE_RENAME, to, from);
}

/* ------------------------------------------------------------------------------------------------ transactions */

/* 2.2.4.33: the parts of a transaction, wherever in the bytes they are. */
struct transaction {
	struct oto_slice parameters, data;
	uint16_t setup[2];
};

static struct oto_slice at_offset(struct oto_cur *c, uint32_t offset, uint32_t count)
{
	struct oto_cur there = oto_seek(c, offset);

	if (!count)
		return (struct oto_slice){ 0 };
	struct oto_slice s = oto_take(&there, count);
	c->bad |= there.bad;
	return s;
}

static bool read_transaction(struct block *k, bool reply, struct transaction *t)
{
	uint16_t count, offset;

	oto_skip(&k->p, 2 + 2 + (reply ? 2 : 2 + 2 + 1 + 1 + 2 + 4 + 2));
	count = oto_le16(&k->p);
	offset = oto_le16(&k->p);
	if (reply)
		oto_skip(&k->p, 2);
	t->parameters = at_offset(&k->b, offset, count);
	count = oto_le16(&k->p);
	offset = oto_le16(&k->p);
	if (reply)
		oto_skip(&k->p, 2);
	t->data = at_offset(&k->b, offset, count);
	uint8_t setup = oto_u8(&k->p);
	oto_skip(&k->p, 1);
	for (uint8_t i = 0; i < setup && i < 2; i++)
		t->setup[i] = oto_le16(&k->p);
	return !k->p.bad && !k->b.bad;
}

static void transaction(struct oto_ctx *cx, struct block *k, struct smb_note *note)
{
	struct smb_flow *flow = cx->state;
	struct transaction t = { 0 };

	if (!read_transaction(k, false, &t) || t.setup[0] != TRANSACT_NMPIPE)
		return;
	struct smb_file *f = smb_file_known(cx, t.setup[1], 0);
	if (!f)
		return;
	f->pipe = true;
	note->slot = flow->trans_slot = smb_slot_of(cx, f);
	smb_to_pipe(cx, note->slot, t.data);
}

/* 2.2.4.34.1: what did not fit into the first message. */
static void transaction_secondary(struct oto_ctx *cx, struct block *k)
{
	struct smb_flow *flow = cx->state;

	oto_skip(&k->p, 2 + 2 + 2 + 2 + 2);
	uint16_t count = oto_le16(&k->p), offset = oto_le16(&k->p);
	struct oto_slice data = at_offset(&k->b, offset, count);
	if (!k->p.bad && !k->b.bad && flow->trans_slot)
		smb_to_pipe(cx, flow->trans_slot, data);
}

static void transaction_answer(struct oto_ctx *cx, struct block *k, const struct smb_message *m)
{
	struct transaction t = { 0 };

	if (k->words >= 10 && read_transaction(k, true, &t) && m->note.slot)
		smb_to_pipe(cx, m->note.slot, t.data);
}

/* 2.2.6.9: of an open file; MS-SMB 2.2.2.3.5: the numbers of NT's own levels, with 1000 added. */
static void set_file_information(struct oto_ctx *cx, struct transaction *t)
{
	struct oto_cur p = oto_cur_of(t->parameters), d = oto_cur_of(t->data);
	struct smb_file *f = smb_file_of(cx, oto_le16(&p), 0);
	uint16_t level = oto_le16(&p);

	if (p.bad || !f)
		return;
	struct smb_tree *tree = smb_tree_at(cx, f->tree);
	if (level == LEVEL_DISPOSITION || level == PASS_DISPOSITION) {
		if (oto_u8(&d))
			smb_tell_file(cx, f, tree, SMB_FILE_DELETE, false, (struct oto_slice){ 0 });
	} else if (level == PASS_RENAME) {
		oto_skip(&d, 4 + 4);
		struct oto_slice name = oto_take(&d, oto_le32(&d)), previous = say_copy(cx, (struct oto_slice){ f->name, f->len });
		f = d.bad ? NULL : smb_file_rename(cx, f, wide_text(cx, name));
		if (f)
			smb_tell_file(cx, f, tree, SMB_FILE_RENAME, false, previous);
	}
}

/* 2.2.6.7: of a file by its name. */
static void set_path_information(struct oto_ctx *cx, struct transaction *t, const struct smb_message *m)
{
	struct oto_cur p = oto_cur_of(t->parameters), d = oto_cur_of(t->data);
	uint16_t level = oto_le16(&p);

	oto_skip(&p, 4);
	struct oto_slice name = text(cx, &p, m->unicode, UINT32_MAX);
	if (!p.bad && (level == LEVEL_DISPOSITION || level == PASS_DISPOSITION) && oto_u8(&d))
		smb_tell_path(cx, smb_tree_of(cx, m->tree_id), SMB_FILE_DELETE, name, (struct oto_slice){ 0 });
}

static void transaction2(struct oto_ctx *cx, struct block *k, const struct smb_message *m, struct smb_note *note)
{
	struct transaction t = { 0 };

	if (!read_transaction(k, false, &t))
		return;
	note->function = t.setup[0];
	if (t.setup[0] == SET_FILE_INFORMATION)
		set_file_information(cx, &t);
	else if (t.setup[0] == SET_PATH_INFORMATION)
		set_path_information(cx, &t, m);
}

/* ------------------------------------------------------------------------------------------------ messages */

static void request(struct oto_ctx *cx, uint8_t command, struct block *k, const struct smb_message *m, const struct contents *d,
		    struct smb_note *note)
{
	switch (command) {
	case SESSION_SETUP:
		session_setup(cx, k, m->unicode);
		break;
	case TREE_CONNECT:
		tree_connect(cx, k, m->unicode, note);
		break;
	case NT_CREATE_ANDX:
		nt_create(cx, k, m->unicode, note);
		break;
	case OPEN_ANDX:
		open_andx(cx, k, m->unicode, note);
		break;
	case CLOSE:
		close_file(cx, k);
		break;
	case READ_ANDX:
		read_file(cx, k, note);
		break;
	case WRITE_ANDX:
		if (d)
			write_file(cx, k, d, note);
		break;
	case DELETE:
		oto_skip(&k->p, 2);
		delete_file(cx, k, m);
		break;
	case DELETE_DIRECTORY:
		delete_file(cx, k, m);
		break;
	case RENAME:
		rename_file(cx, k, m);
		break;
	case TRANSACTION:
		transaction(cx, k, note);
		break;
	case TRANSACTION_SECONDARY:
		transaction_secondary(cx, k);
		break;
	case TRANSACTION2:
		transaction2(cx, k, m, note);
		break;
	default:
		break;
	}
}

static void tree_gone(struct oto_ctx *cx, const struct smb_message *m)
{
	struct smb_tree *t = smb_tree_of(cx, m->tree_id);

	if (t)
		smb_tree_end(cx, t);
}

static void response(struct oto_ctx *cx, uint8_t command, struct block *k, const struct smb_message *m, const struct contents *d)
{
	switch (command) {
	case NEGOTIATE:
		negotiate_answer(cx, k);
		break;
	case SESSION_SETUP:
		session_setup_answer(cx, k, m);
		break;
	case TREE_CONNECT:
		tree_connect_answer(cx, k, m);
		break;
	case TREE_DISCONNECT:
		tree_gone(cx, m);
		break;
	case NT_CREATE_ANDX:
		nt_create_answer(cx, k, m);
		break;
	case OPEN_ANDX:
		open_andx_answer(cx, k, m);
		break;
	case READ_ANDX:
		if (d)
			read_answer(cx, d, m);
		break;
	case TRANSACTION:
		transaction_answer(cx, k, m);
		break;
	default:
		break;
	}
}

static void failed(struct oto_ctx *cx, const struct smb_message *m)
{
	struct smb_file *f = m->command == NT_CREATE_ANDX || m->command == OPEN_ANDX ? smb_file_at(cx, m->note.file) : NULL;
	struct smb_tree *t = smb_tree_at(cx, m->note.tree);

	if (f && f->pending)
		smb_file_end(cx, f);
	if (t && t->pending)
		smb_tree_end(cx, t);
	if (m->command == SESSION_SETUP)
		smb_tell_session(cx, m, false, false, false);
}

static bool has_andx(uint8_t command)
{
	return command == LOCKING_ANDX || (command >= OPEN_ANDX && command <= WRITE_ANDX) ||
	       (command >= SESSION_SETUP && command <= TREE_CONNECT) || command == NT_CREATE_ANDX;
}

/* 2.2.3.2 and 2.2.3.3. Bytes may be more than are here, where contents follow, and where old servers miscount. */
static void take_block(struct oto_cur *c, struct block *k)
{
	k->words = oto_u8(c);
	k->p = *c;
	oto_skip(c, k->words * 2u);
	k->b = *c;
	uint32_t bytes = oto_le16(&k->b);
	struct oto_cur behind = k->b;
	oto_skip(&behind, bytes);
	if (!behind.bad)
		k->b.end = behind.at;
}

/* A command and those chained to it (2.2.3.4). */
static void commands(struct oto_ctx *cx, struct oto_cur *c, struct smb_message *m, uint32_t length, struct smb_note *note)
{
	uint8_t command = (uint8_t)m->command;

	for (int n = 0; n < CHAIN_MAX && command != NO_MORE; n++) {
		struct contents d = { 0 };
		struct oto_cur andx;
		struct block k;
		take_block(c, &k);
		if (c->bad)
			return;
		bool has = contents_of(command, m->response, k.words, k.p, length, &d);
		andx = k.p;
		if (m->response)
			response(cx, command, &k, m, has ? &d : NULL);
		else
			request(cx, command, &k, m, has ? &d : NULL, note);
		c->bad |= k.p.bad || k.b.bad;
		if (!has_andx(command) || k.words < 2 || c->bad)
			return;
		command = oto_u8(&andx);
		oto_skip(&andx, 1);
		uint16_t offset = oto_le16(&andx);
		if (command == NO_MORE || offset <= oto_tell(c) - 1u || offset >= length)
			return;
		*c = oto_seek(c, offset);
	}
}

void smb1_message(struct oto_ctx *cx, struct oto_cur *c, uint32_t length)
{
	struct smb_message m = { 0 };

	oto_skip(c, 4);
	m.command = oto_u8(c);
	m.status = oto_le32(c);
	m.response = oto_u8(c) & FLAG_REPLY;
	m.unicode = oto_le16(c) & FLAGS2_UNICODE;
	uint64_t pid = (uint64_t)oto_le16(c) << 16;
	oto_skip(c, 8 + 2);
	m.tree_id = oto_le16(c);
	pid |= oto_le16(c);
	m.session = oto_le16(c);
	uint16_t mid = oto_le16(c);
	m.id = pid << 16 | mid;
	if (c->bad || mid == UINT16_MAX)
		return; /* a server's own message: a lock is to be broken */
	struct smb_note note = { .command = m.command, .tree_id = m.tree_id };
	if (!m.response) {
		commands(cx, c, &m, length, &note);
		if (m.command != NT_CANCEL && m.command != TRANSACTION_SECONDARY && !c->bad)
			smb_request(cx, m.id, &note);
		return;
	}
	smb_response(cx, m.id, &m);
	if (m.status == SMB_OK || m.status == SMB_OVERFLOW || (m.command == SESSION_SETUP && m.status == SMB_MORE_PROCESSING))
		commands(cx, c, &m, length, &note);
	else
		failed(cx, &m);
	if (!c->bad)
		smb_tell_command(cx, &m);
}
