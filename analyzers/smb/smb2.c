/* smb2.c - SMB2 and SMB3 (MS-SMB2): one message at a time, compounded ones too. Clauses are of MS-SMB2. */
#include "smb.h"

enum {
	NEGOTIATE,
	SESSION_SETUP,
	LOGOFF,
	TREE_CONNECT,
	TREE_DISCONNECT,
	CREATE,
	CLOSE,
	FLUSH,
	READ,
	WRITE,
	LOCK,
	IOCTL,
	CANCEL,
	ECHO,
	QUERY_DIRECTORY,
	CHANGE_NOTIFY,
	QUERY_INFO,
	SET_INFO,
	OPLOCK_BREAK,
};
enum { FLAG_RESPONSE = 1, FLAG_ASYNC = 2, FLAG_RELATED = 4 }; /* 2.2.1.2 */
enum { HEADER = 64, WHOLE_MAX = 128 << 10, HEAD_MAX = 4096 };
enum { DELETE_ON_CLOSE = 0x1000 }; /* 2.2.13 CreateOptions */
enum {
	INFO_FILE = 1,
	INFO_BASIC = 4,
	INFO_RENAME = 10,
	INFO_DISPOSITION = 13,
	INFO_DISPOSITION_EX = 64,
	INFO_RENAME_EX = 65
};                                                                 /* MS-FSCC 2.4 */
enum { SESSION_GUEST = 1, SESSION_NULL = 2, SESSION_ENCRYPT = 4 }; /* 2.2.6 */
enum { WRITE_FIXED = 48, READ_FIXED = 16, IOCTL_FIXED = 56, IOCTL_ANSWER_FIXED = 48 };
#define FSCTL_PIPE_TRANSCEIVE 0x0011c017u
#define RELATED_FILE UINT64_MAX /* the file of the request before in the compound (3.3.5.2.7.2) */

/* ------------------------------------------------------------------------------------------------ where contents begin */

struct contents {
	uint32_t offset, count;
};

/* Of commands that carry them: how far the PDU reaches. `at` is behind the header. */
static bool contents_of(uint16_t command, bool response, struct oto_cur at, uint32_t length, struct contents *d)
{
	uint32_t fixed = 0;

	if (command == WRITE && !response) {
		oto_skip(&at, 2);
		*d = (struct contents){ .offset = oto_le16(&at) };
		d->count = oto_le32(&at);
		fixed = WRITE_FIXED;
	} else if (command == READ && response) {
		oto_skip(&at, 2);
		*d = (struct contents){ .offset = oto_u8(&at) };
		oto_skip(&at, 1);
		d->count = oto_le32(&at);
		fixed = READ_FIXED;
	} else if (command == IOCTL) {
		oto_skip(&at, 4);
		if (oto_le32(&at) != FSCTL_PIPE_TRANSCEIVE)
			return false;
		oto_skip(&at, 16 + (response ? 8 : 0));
		*d = (struct contents){ .offset = oto_le32(&at) };
		d->count = oto_le32(&at);
		fixed = response ? IOCTL_ANSWER_FIXED : IOCTL_FIXED;
	} else {
		return false;
	}
	return !at.bad && d->offset >= HEADER + fixed && d->offset <= length && d->count <= length - d->offset;
}

bool smb2_head(struct oto_cur c, uint32_t length, uint32_t *head)
{
	enum { ENOUGH = HEADER + 40 };
	struct contents d;

	if (length < HEADER) {
		*head = length;
		return true;
	}
	if (oto_left(&c) < (length < ENOUGH ? length : ENOUGH)) {
		*head = 0;
		return true;
	}
	struct oto_cur at = oto_seek(&c, oto_tell(&c) + 12), body = oto_seek(&c, oto_tell(&c) + HEADER);
	uint16_t command = oto_le16(&at);
	oto_skip(&at, 2);
	bool response = oto_le32(&at) & FLAG_RESPONSE;
	uint32_t next = oto_le32(&at);
	uint32_t whole = next >= HEADER && next < length ? next : length;
	if (contents_of(command, response, body, whole, &d))
		*head = d.offset;
	else
		*head = whole <= WHOLE_MAX ? whole : HEAD_MAX;
	return true;
}

/* ------------------------------------------------------------------------------------------------ parts */

/* At an offset from the header's start. */
static struct oto_slice at_offset(struct oto_cur *c, uint32_t offset, uint32_t count)
{
	struct oto_cur there = oto_seek(c, offset);

	if (!count)
		return (struct oto_slice){ 0 };
	struct oto_slice s = oto_take(&there, count);
	c->bad |= there.bad;
	return s;
}

struct handle {
	uint64_t id[2];
};

static struct handle take_handle(struct oto_cur *c)
{
	struct handle h;

	h.id[0] = oto_le64(c);
	h.id[1] = oto_le64(c);
	return h;
}

/* The file of a handle, known or not; of a related request the one that its compound created. */
static struct smb_file *file_of(struct oto_ctx *cx, const struct handle *h)
{
	if (h->id[0] == RELATED_FILE && h->id[1] == RELATED_FILE)
		return smb_file_at(cx, smb_side_of(cx)->chained);
	return smb_file_known(cx, h->id[0], h->id[1]);
}

static struct smb_tree *tree_of(struct oto_ctx *cx, const struct smb_file *f, uint32_t tree_id)
{
	struct smb_tree *t = f ? smb_tree_at(cx, f->tree) : NULL;

	return t ? t : smb_tree_of(cx, tree_id);
}

static bool is_pipe(const struct smb_file *f, const struct smb_tree *t)
{
	return f->pipe || (t && t->share == SMB_SHARE_PIPE);
}

/* ------------------------------------------------------------------------------------------------ connecting */

static void negotiate_answer(struct oto_ctx *cx, struct oto_cur *c)
{
	oto_skip(c, 2);
	uint16_t mode = oto_le16(c), dialect = oto_le16(c);
	oto_skip(c, 2);
	struct oto_slice guid = oto_take(c, 16);
	oto_skip(c, 4 + 3 * 4 + 8 + 8);
	uint16_t offset = oto_le16(c), count = oto_le16(c);
	struct oto_slice blob = at_offset(c, offset, count);
	const struct oto_name *name = oto_name_of(&smb2_dialects, dialect);
	if (c->bad)
		return;
	smb_tell_negotiated(cx, name ? oto_slice_of(name->name) : say_text(cx, 8, "0x%04x", dialect), (uint8_t)mode, true, guid);
	smb_token(cx, blob);
}

static void session_setup(struct oto_ctx *cx, struct oto_cur *c)
{
	oto_skip(c, 2 + 1 + 1 + 4 + 4);
	uint16_t offset = oto_le16(c), count = oto_le16(c);
	struct oto_slice blob = at_offset(c, offset, count);
	if (!c->bad)
		smb_token(cx, blob);
}

static void session_setup_answer(struct oto_ctx *cx, struct oto_cur *c, const struct smb_message *m)
{
	oto_skip(c, 2);
	uint16_t flags = oto_le16(c), offset = oto_le16(c), count = oto_le16(c);
	struct oto_slice blob = at_offset(c, offset, count);
	if (c->bad)
		return;
	smb_token(cx, blob);
	if (m->status != SMB_MORE_PROCESSING)
		smb_tell_session(cx, m, flags & SESSION_GUEST, flags & SESSION_NULL, flags & SESSION_ENCRYPT);
}

static void tree_connect(struct oto_ctx *cx, struct oto_cur *c, struct smb_note *note)
{
	oto_skip(c, 2 + 2);
	uint16_t offset = oto_le16(c), count = oto_le16(c);
	struct oto_slice path = at_offset(c, offset, count);
	if (c->bad)
		return;
	struct smb_tree *t = smb_tree_begin(cx, wide_text(cx, path));
	note->tree = t ? t->serial : 0;
}

static void tree_connect_answer(struct oto_ctx *cx, struct oto_cur *c, const struct smb_message *m)
{
	static const char *const types[] = { "DISK", "DISK", "PIPE", "PRINT" }; /* 2.2.10, as Zeek says when it is neither */
	oto_skip(c, 2);
	uint8_t share = oto_u8(c);
	if (c->bad)
		return;
	struct smb_tree *t = smb_tree_at(cx, m->note.tree), *before = smb_tree_of(cx, m->tree_id);
	if (before)
		smb_tree_end(cx, before);
	if (!t)
		t = smb_tree_begin(cx, (struct oto_slice){ 0 });
	if (!t)
		return;
	t->pending = false;
	t->id = m->tree_id;
	t->share = share <= SMB_SHARE_PRINT ? share : SMB_SHARE_UNKNOWN;
	smb_tell_tree(cx, t, t->ts, (struct oto_slice){ 0 }, (struct oto_slice){ 0 }, types[t->share]);
}

/* ------------------------------------------------------------------------------------------------ files */

static void create(struct oto_ctx *cx, struct oto_cur *c, struct smb_note *note)
{
	oto_skip(c, 2 + 1 + 1 + 4 + 8 + 8 + 4 + 4 + 4 + 4);
	uint32_t options = oto_le32(c);
	uint16_t offset = oto_le16(c), count = oto_le16(c);
	struct oto_slice name = at_offset(c, offset, count);
	if (c->bad)
		return;
	struct smb_file *f = smb_file_begin(cx, wide_text(cx, name), true);
	struct smb_tree *t = smb_tree_of(cx, note->tree_id);
	if (!f)
		return;
	f->tree = t ? t->serial : 0;
	f->pipe = t && t->share == SMB_SHARE_PIPE;
	f->delete_on_close = options & DELETE_ON_CLOSE;
	note->file = f->serial;
	smb_side_of(cx)->chained = f->serial;
}

static void create_answer(struct oto_ctx *cx, struct oto_cur *c, const struct smb_message *m)
{
	oto_skip(c, 2 + 1 + 1 + 4);
	uint64_t created = oto_le64(c), accessed = oto_le64(c), modified = oto_le64(c), changed = oto_le64(c);
	oto_skip(c, 8);
	uint64_t size = oto_le64(c);
	oto_skip(c, 4 + 4);
	struct handle h = take_handle(c);
	struct smb_file *f = c->bad ? NULL : smb_file_at(cx, m->note.file);
	if (!f)
		return;
	struct smb_file *before = smb_file_of(cx, h.id[0], h.id[1]);
	if (before && before != f)
		smb_file_end(cx, before);
	f->pending = false;
	memcpy(f->id, h.id, sizeof f->id);
	f->size = size;
	f->modified = smb_filetime(modified);
	f->accessed = smb_filetime(accessed);
	f->created = smb_filetime(created);
	f->changed = smb_filetime(changed);
	f->timed = f->modified.ns > 0;
	struct smb_tree *t = tree_of(cx, f, m->note.tree_id);
	smb_tell_file(cx, f, t, SMB_FILE_OPEN, true, (struct oto_slice){ 0 });
	if (f->delete_on_close)
		smb_tell_file(cx, f, t, SMB_FILE_DELETE, true, (struct oto_slice){ 0 });
}

static void close_file(struct oto_ctx *cx, struct oto_cur *c, struct smb_note *note)
{
	oto_skip(c, 2 + 2 + 4);
	struct handle h = take_handle(c);
	if (c->bad)
		return;
	bool related = h.id[0] == RELATED_FILE && h.id[1] == RELATED_FILE;
	struct smb_file *f = related ? smb_file_at(cx, smb_side_of(cx)->chained) : smb_file_of(cx, h.id[0], h.id[1]);
	if (!f)
		return;
	smb_tell_file(cx, f, tree_of(cx, f, note->tree_id), SMB_FILE_CLOSE, true, (struct oto_slice){ 0 });
	if (!related) /* else its answer is still to come */
		smb_file_end(cx, f);
}

static void read_file(struct oto_ctx *cx, struct oto_cur *c, struct smb_note *note)
{
	oto_skip(c, 2 + 1 + 1 + 4 + 8);
	struct handle h = take_handle(c);
	struct smb_file *f = c->bad ? NULL : file_of(cx, &h);
	if (!f)
		return;
	struct smb_tree *t = tree_of(cx, f, note->tree_id);
	if (!f->read)
		smb_tell_file(cx, f, t, SMB_FILE_READ, true, (struct oto_slice){ 0 });
	f->read = true;
	note->file = f->serial;
	if (is_pipe(f, t) || (!f->named && !t))
		note->slot = smb_slot_of(cx, f);
}

static void read_answer(struct oto_ctx *cx, const struct contents *d, const struct smb_message *m)
{
	const struct smb_file *f = smb_file_at(cx, m->note.file);
	bool sure = f && is_pipe(f, tree_of(cx, f, m->note.tree_id));

	smb_contents(cx, d->count, !m->note.slot ? SMB_BODY_PASS : sure ? SMB_BODY_PIPE : SMB_BODY_MAYBE_PIPE, m->note.slot, 0);
}

static void write_file(struct oto_ctx *cx, struct oto_cur *c, const struct contents *d, struct smb_note *note)
{
	oto_skip(c, 2 + 2 + 4);
	uint64_t offset = oto_le64(c);
	struct handle h = take_handle(c);
	struct smb_file *f = c->bad ? NULL : file_of(cx, &h);
	if (!f)
		return;
	struct smb_tree *t = tree_of(cx, f, note->tree_id);
	note->file = f->serial;
	if (is_pipe(f, t) || (!f->named && !t)) {
		smb_contents(cx, d->count, is_pipe(f, t) ? SMB_BODY_PIPE : SMB_BODY_MAYBE_PIPE, smb_slot_of(cx, f), 0);
		return;
	}
	if (!f->written)
		smb_tell_file(cx, f, t, SMB_FILE_WRITE, true, (struct oto_slice){ 0 });
	bool first = !f->looked_at && f->named;
	f->written = true;
	f->looked_at = true;
	if (first && offset)
		smb_tell_executable(cx, f, NULL);
	smb_contents(cx, d->count, SMB_BODY_FILE, 0, first && !offset ? f->serial : 0);
}

static void transceive(struct oto_ctx *cx, struct oto_cur *c, const struct contents *d, struct smb_note *note)
{
	oto_skip(c, 2 + 2 + 4);
	struct handle h = take_handle(c);
	struct smb_file *f = c->bad ? NULL : file_of(cx, &h);
	if (!f)
		return;
	f->pipe = true;
	note->slot = smb_slot_of(cx, f);
	smb_contents(cx, d->count, SMB_BODY_PIPE, note->slot, 0);
}

static void renamed(struct oto_ctx *cx, struct oto_cur *c, struct smb_file *f, const struct smb_tree *t)
{
	oto_skip(c, 1 + 7 + 8);
	struct oto_slice name = oto_take(c, oto_le32(c));
	if (c->bad)
		return;
	struct oto_slice previous = f->named ? say_copy(cx, (struct oto_slice){ f->name, f->len }) : (struct oto_slice){ 0 };
	f = smb_file_rename(cx, f, wide_text(cx, name));
	if (f)
		smb_tell_file(cx, f, t, SMB_FILE_RENAME, true, previous);
}

static void set_info(struct oto_ctx *cx, struct oto_cur *c, struct smb_note *note)
{
	oto_skip(c, 2);
	uint8_t type = oto_u8(c), class = oto_u8(c);
	uint32_t count = oto_le32(c), offset = oto_le16(c);
	oto_skip(c, 2 + 4);
	struct handle h = take_handle(c);
	struct oto_cur info = oto_cur_of(at_offset(c, offset, count));
	struct smb_file *f = c->bad || type != INFO_FILE ? NULL : file_of(cx, &h);
	if (!f)
		return;
	struct smb_tree *t = tree_of(cx, f, note->tree_id);
	note->function = class;
	note->file = f->serial;
	if (class == INFO_DISPOSITION || class == INFO_DISPOSITION_EX) {
		if (oto_u8(&info) & 1)
			smb_tell_file(cx, f, t, SMB_FILE_DELETE, true, (struct oto_slice){ 0 });
	} else if (class == INFO_RENAME || class == INFO_RENAME_EX) {
		renamed(cx, &info, f, t);
	} else if (class == INFO_BASIC) {
		smb_tell_file(cx, f, t, SMB_FILE_SET_ATTRIBUTE, true, (struct oto_slice){ 0 });
	}
	c->bad |= info.bad;
}

/* ------------------------------------------------------------------------------------------------ messages */

static void request(struct oto_ctx *cx, struct oto_cur *c, const struct smb_message *m, const struct contents *d)
{
	struct smb_note note = { .is_smb2 = true, .command = m->command, .tree_id = m->tree_id };

	if (!m->related)
		smb_side_of(cx)->chained = 0;
	switch (m->command) {
	case SESSION_SETUP:
		session_setup(cx, c);
		break;
	case TREE_CONNECT:
		tree_connect(cx, c, &note);
		break;
	case CREATE:
		create(cx, c, &note);
		break;
	case CLOSE:
		close_file(cx, c, &note);
		break;
	case READ:
		read_file(cx, c, &note);
		break;
	case WRITE:
		if (d)
			write_file(cx, c, d, &note);
		break;
	case IOCTL:
		if (d)
			transceive(cx, c, d, &note);
		break;
	case SET_INFO:
		set_info(cx, c, &note);
		break;
	default:
		break;
	}
	if (m->command != CANCEL && !c->bad)
		smb_request(cx, m->id, &note);
}

static void tree_gone(struct oto_ctx *cx, const struct smb_message *m)
{
	struct smb_tree *t = smb_tree_of(cx, m->note.tree_id);

	if (t)
		smb_tree_end(cx, t);
}

static void failed(struct oto_ctx *cx, const struct smb_message *m)
{
	struct smb_file *f = m->command == CREATE ? smb_file_at(cx, m->note.file) : NULL;
	struct smb_tree *t = m->command == TREE_CONNECT ? smb_tree_at(cx, m->note.tree) : NULL;

	if (f && f->pending)
		smb_file_end(cx, f);
	if (t && t->pending)
		smb_tree_end(cx, t);
	if (m->command == SESSION_SETUP)
		smb_tell_session(cx, m, false, false, false);
}

static void response(struct oto_ctx *cx, struct oto_cur *c, struct smb_message *m, const struct contents *d)
{
	bool more = m->command == SESSION_SETUP && m->status == SMB_MORE_PROCESSING;

	if (m->status != SMB_OK && m->status != SMB_OVERFLOW && !more) {
		failed(cx, m);
		return;
	}
	switch (m->command) {
	case NEGOTIATE:
		negotiate_answer(cx, c);
		break;
	case SESSION_SETUP:
		session_setup_answer(cx, c, m);
		break;
	case TREE_CONNECT:
		tree_connect_answer(cx, c, m);
		break;
	case TREE_DISCONNECT:
		tree_gone(cx, m);
		break;
	case CREATE:
		create_answer(cx, c, m);
		break;
	case READ:
		if (d)
			read_answer(cx, d, m);
		break;
	case IOCTL:
		if (d && m->note.slot)
			smb_contents(cx, d->count, SMB_BODY_PIPE, m->note.slot, 0);
		break;
	default:
		break;
	}
}

void smb2_message(struct oto_ctx *cx, struct oto_cur *c, uint32_t length)
{
	struct smb_message m = { .is_smb2 = true, .unicode = true };
	struct contents d;

	oto_skip(c, 4 + 2 + 2);
	m.status = oto_le32(c);
	m.command = oto_le16(c);
	oto_skip(c, 2);
	uint32_t flags = oto_le32(c);
	oto_skip(c, 4);
	m.id = oto_le64(c);
	m.response = flags & FLAG_RESPONSE;
	m.async = flags & FLAG_ASYNC;
	m.related = flags & FLAG_RELATED;
	oto_skip(c, 4);
	m.tree_id = oto_le32(c);
	m.session = oto_le64(c);
	oto_skip(c, 16);
	bool has = !c->bad && contents_of(m.command, m.response, *c, length, &d);
	if (c->bad || (m.command == OPLOCK_BREAK && m.id == UINT64_MAX))
		return;
	if (!m.response) {
		request(cx, c, &m, has ? &d : NULL);
		return;
	}
	if (m.status == SMB_PENDING)
		return; /* the answer proper comes later */
	smb_response(cx, m.id, &m);
	if (m.async)
		m.tree_id = m.note.tree_id;
	response(cx, c, &m, has ? &d : NULL);
	if (!c->bad)
		smb_tell_command(cx, &m);
}
