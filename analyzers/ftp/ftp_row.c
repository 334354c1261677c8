/* ftp_row.c - see ftp_row.h. */
#include "ftp_row.h"

#include "../say.h"

/* ------------------------------------------------------------------------------------------------ events */

#define Q(m, doc_) OTO_FIELD(struct ftp_request, m, doc_)
static const struct oto_field request_fields[] = {
	Q(command, "verb, in capitals"),
	Q(arg, "its argument; of a secret <hidden>"),
};
static const struct oto_event_type request_event =
    OTO_EVENT("ftp.request", struct ftp_request, request_fields, "A command, as it is sent.");

#define P(m, doc_) OTO_FIELD(struct ftp_reply, m, doc_)
static const struct oto_field reply_fields[] = {
	P(code, "three digits"),
	P(msg, "words behind them"),
	P(more, "first line of several"),
};
static const struct oto_event_type reply_event =
    OTO_EVENT("ftp.reply", struct ftp_reply, reply_fields, "A reply: of several lines the first and the last.");

struct ftp_command {
	struct oto_time ts;
	struct oto_slice user, command, arg, reply_msg;
	const char *password, *mime_type, *fuid;
	uint64_t file_size;
	uint16_t reply_code, port;
	struct oto_addr channel_orig, channel_resp;
	bool logged, passive, has_file_size, has_reply, has_channel;
};
#define C(m, doc_, ...) OTO_FIELD(struct ftp_command, m, doc_, __VA_ARGS__)
#define IF(has) .guard = OTO_IF(struct ftp_command, has)
static const struct oto_field command_fields[] = {
	C(ts, "of the command"),
	C(user, "who is logged in, <unknown> when that was not seen"),
	C(password, "<hidden> when one was given"),
	C(command, "verb, in capitals"),
	C(arg, "its argument, of files as a URL"),
	C(mime_type, "what the first bytes of the file show"),
	C(file_size, "as the server says", IF(has_file_size)),
	C(reply_code, "three digits", IF(has_reply)),
	C(reply_msg, "words behind them"),
	C(passive, "the server waits for the data connection", IF(has_channel)),
	C(channel_orig, "who opens the data connection", IF(has_channel)),
	C(channel_resp, "who waits for it", IF(has_channel)),
	C(port, "at which port", IF(has_channel), .flags = OTO_PORT),
	C(fuid, "none; Zeek's column"),
	C(logged, "moves files or announces where data flows: has a row in the log"),
};
static const struct oto_log command_logs[] = {
	{ .name = "ftp",
	  .doc = "Files moved and deleted, and data connections announced: Zeek's columns.",
	  .columns = "user password command arg mime_type file_size reply_code reply_msg data_channel.passive=passive "
		     "data_channel.orig_h=channel_orig data_channel.resp_h=channel_resp data_channel.resp_p=port fuid",
	  .where = "logged",
	  .form = OTO_FORM_DETAIL },
};
static const struct oto_event_type command_event =
    OTO_EVENT("ftp.command", struct ftp_command, command_fields,
	      "A command with its reply, told at the next command or when the connection ends.", OTO_LOGS(command_logs));

const struct oto_event_type *const ftp_events[FTP_EVENTS] = { &request_event, &reply_event, &command_event };

/* ------------------------------------------------------------------------------------------------ what is kept */

bool ftp_from_client(const struct oto_ctx *cx)
{
	return cx->key ? oto_dest_port(cx) == cx->key : cx->is_orig;
}

const struct oto_addr *ftp_server_of(const struct oto_ctx *cx)
{
	return cx->key && cx->head->orig_p == cx->key ? &cx->head->orig_h : &cx->head->resp_h;
}

const struct oto_addr *ftp_client_of(const struct oto_ctx *cx)
{
	return ftp_server_of(cx) == &cx->head->resp_h ? &cx->head->orig_h : &cx->head->resp_h;
}

void ftp_keep(struct oto_ctx *cx, struct ftp_words **at, struct oto_slice s)
{
	enum { ROOM_LEAST = 64 };
	struct ftp_words *t = *at;

	if (!t || t->room < s.len) {
		uint32_t room = s.len > ROOM_LEAST ? s.len : ROOM_LEAST;
		if (t)
			oto_let_go(cx, t);
		t = *at = oto_hold(cx, (uint32_t)sizeof *t + room);
		if (!t)
			return;
		t->room = room;
	}
	t->len = s.len;
	if (s.len)
		memcpy(t->bytes, s.data, s.len);
}

struct oto_slice ftp_kept(const struct ftp_words *t)
{
	return t ? (struct oto_slice){ t->bytes, t->len } : (struct oto_slice){ 0 };
}

/* ------------------------------------------------------------------------------------------------ a command is told */

uint32_t ftp_flags_of(const struct ftp_waiting *c)
{
	return c->verb ? c->verb->flags : 0;
}

struct oto_slice ftp_directory_of(const struct ftp_flow *st)
{
	return st->directory && st->directory->len ? ftp_kept(st->directory) : oto_slice_of(".");
}

/* "ftp://10.0.0.1/./name", as Zeek writes it: the dot stands for a directory that was not seen. */
static struct oto_slice url_of(struct oto_ctx *cx, const struct ftp_flow *st, struct oto_slice name)
{
	const struct oto_addr *server = ftp_server_of(cx);
	uint8_t *path = oto_scratch(cx, PATH_MAX_LEN);
	struct oto_slice host = say_addr(cx, server);
	bool v6 = server->family == OTO_FAMILY_IPV6;

	if (!path)
		return (struct oto_slice){ 0 };
	uint32_t n = ftp_path(ftp_directory_of(st), name, path, PATH_MAX_LEN);
	uint8_t *url = oto_scratch(cx, n + host.len + 16);
	if (!url)
		return (struct oto_slice){ 0 };
	struct oto_slice front = say_text(cx, host.len + 16, "ftp://%s%.*s%s%s", v6 ? "[" : "", (int)host.len, (const char *)host.data,
					  v6 ? "]" : "", n && path[0] == '/' ? "" : "/");
	memcpy(url, front.data, front.len);
	memcpy(&url[front.len], path, n);
	return (struct oto_slice){ url, front.len + n };
}

static struct oto_slice shown_arg(struct oto_ctx *cx, const struct ftp_waiting *c)
{
	struct oto_slice arg = ftp_kept(c->arg);

	if (ftp_flags_of(c) & FTP_SECRET)
		return arg.len ? oto_slice_of("<hidden>") : arg;
	if (ftp_flags_of(c) & FTP_PATH)
		return url_of(cx, cx->state, arg);
	return say_copy(cx, arg);
}

struct oto_slice ftp_or_absent(struct oto_slice s)
{
	return s.len ? s : (struct oto_slice){ 0 };
}

static struct oto_slice name_of(struct oto_ctx *cx, const struct ftp_waiting *c)
{
	return c->verb ? oto_slice_of(c->verb->name) : say_copy(cx, (struct oto_slice){ (const uint8_t *)c->name, c->name_len });
}

struct ftp_channel *ftp_channel_of(struct oto_ctx *cx, const struct ftp_flow *st)
{
	return st->has_data ? oto_recall(cx, &ftp_channels, ftp_channel_key(&st->data_host, st->data_port)) : NULL;
}

static void tell(struct oto_ctx *cx, const struct ftp_waiting *c)
{
	struct ftp_flow *st = cx->state;
	bool answered = st->matched == c->seq;

	if (c->verb != ftp_greeting() && oto_wanted(cx, EV_COMMAND)) {
		bool moves = ftp_flags_of(c) & (FTP_GET | FTP_PUT);
		const struct ftp_channel *data = moves ? ftp_channel_of(cx, st) : NULL;
		struct ftp_command e = {
			.ts = c->ts,
			.user = st->has_user ? say_copy(cx, ftp_kept(st->user)) : oto_slice_of("<unknown>"),
			.password = st->has_password ? "<hidden>" : NULL,
			.command = name_of(cx, c),
			.arg = ftp_or_absent(shown_arg(cx, c)),
			.mime_type = data ? data->type : NULL,
			.file_size = st->file_size,
			.has_file_size = st->has_file_size,
			.reply_code = st->reply_code,
			.has_reply = answered,
			.reply_msg = answered ? ftp_or_absent(say_copy(cx, ftp_kept(st->words))) : (struct oto_slice){ 0 },
			.logged = ftp_flags_of(c) & FTP_LOGGED,
			.has_channel = st->channel.is_set,
			.passive = st->channel.passive,
			.channel_orig = st->channel.orig,
			.channel_resp = st->channel.resp,
			.port = st->channel.port,
		};
		oto_emit(cx, EV_COMMAND, &e);
	}
	st->has_file_size = false;
	st->channel.is_set = false;
}

struct ftp_waiting *ftp_find(struct ftp_flow *st, uint32_t seq)
{
	for (uint32_t i = 0; seq && i < st->npending; i++) {
		if (st->pending[i].seq == seq)
			return &st->pending[i];
	}
	return NULL;
}

void ftp_tell_and_forget(struct oto_ctx *cx, struct ftp_waiting *c)
{
	struct ftp_flow *st = cx->state;
	uint32_t i = (uint32_t)(c - st->pending);

	tell(cx, c);
	if (c->arg)
		oto_let_go(cx, c->arg);
	st->npending--;
	memmove(c, c + 1, (st->npending - i) * sizeof *c);
}

void ftp_tell_all(struct oto_ctx *cx)
{
	struct ftp_flow *st = cx->state;

	while (st->npending)
		ftp_tell_and_forget(cx, &st->pending[0]);
}

struct ftp_waiting *ftp_wait_for(struct oto_ctx *cx, const struct ftp_verb *verb, struct oto_slice name, struct oto_slice arg)
{
	struct ftp_flow *st = cx->state;

	if (st->npending == PENDING_MAX) {
		oto_weird(cx, "too_many_pending_commands", (struct oto_slice){ 0 });
		ftp_tell_and_forget(cx, &st->pending[0]);
	}
	struct ftp_waiting *c = &st->pending[st->npending++];
	*c = (struct ftp_waiting){ .ts = cx->head->ts, .verb = verb, .seq = ++st->next_seq };
	c->name_len = (uint8_t)(name.len < NAME_MAX_LEN ? name.len : NAME_MAX_LEN);
	if (c->name_len)
		memcpy(c->name, name.data, c->name_len);
	if (arg.len) /* what is secret is not even held */
		ftp_keep(cx, &c->arg, verb && verb->flags & FTP_SECRET ? oto_slice_of("*") : say_first(arg, TEXT_MAX));
	return c;
}

void ftp_begin(struct oto_ctx *cx)
{
	struct ftp_flow *st = cx->state;

	if (!st->begun)
		ftp_wait_for(cx, ftp_greeting(), (struct oto_slice){ 0 }, (struct oto_slice){ 0 });
	st->begun = true;
}
