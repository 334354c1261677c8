/* s7comm_plus.c - S7comm-plus, the protocol of S7-1200 and S7-1500 on ISO transport: protocol identifier 0x72, versions 1 to 3, system
 * events (0xfe) and keep-alives (0xff).
 *
 * Owns the frames: length, the digest in front (version 3), fragments, the trailer that the last fragment has; the header of a message;
 * the pairing by sequence number; the log. What requests mean is in s7comm_plus_request.c, what they reveal in
 * s7comm_plus_facts.c. After an accepted InitSsl the transport carries TLS, which is handed on as a stream.
 */
#include "s7comm_plus.h"

/* ------------------------------------------------------------------------------------------------ the events */

struct tls_begins {
	bool negotiated;
};

#define M(m, doc, ...) OTO_FIELD(struct s7p_message, m, doc, __VA_ARGS__)
#define M_IF(has) .guard = OTO_IF(struct s7p_message, has)
static const struct oto_field message_fields[] = {
	M(source_h, "sender"),
	M(source_p, "its port", .flags = OTO_PORT),
	M(destination_h, "receiver"),
	M(destination_p, "its port", .flags = OTO_PORT),
	M(version, "protocol version: 1 opens a session, 2 and 3 carry data; 254 is a system event, 255 a keep-alive"),
	M(opcode, "opcode; 0 in system events and keep-alives", .flags = OTO_HEX),
	M(opcode_name, "what the message is", .names = &s7p_opcodes),
	M(function_code, "function", .flags = OTO_HEX | OTO_WIDE, M_IF(has_function)),
	M(function_name, "what the function is", .names = &s7p_functions, M_IF(has_function)),
	M(sequence, "sequence number, which the response repeats", M_IF(has_sequence)),
	M(session, "session identifier", .flags = OTO_HEX, M_IF(has_session)),
	M(transport_flags, "transport flags; 0x40: no response is wanted", .flags = OTO_HEX, M_IF(has_flags)),
	M(object, "identifier of the object (RID), the first of several", .flags = OTO_HEX, M_IF(has_object)),
	M(class, "class of an object that is created", .names = &s7p_classes, M_IF(has_class)),
	M(attribute, "identifier of the attribute (AID), the first of several", .names = &s7p_attributes, M_IF(has_attribute)),
	M(target, "what is touched, in words", M_IF(has_target)),
	M(name, "name of the object that is created; text of a system event", M_IF(has_name)),
	M(count, "how many variables or attributes", M_IF(has_count)),
	M(value, "the number that is written, read alone, or the first one that is told, if it is one and no secret", M_IF(has_value)),
	M(number, "of a notification, counted by the controller: one that is left out was lost", M_IF(has_number)),
	M(credit, "notifications that were sent of those that a client lets through; 0: it lets through all", M_IF(has_credit)),
	M(clock, "when a notification was sent, by the clock of the PLC", M_IF(has_clock)),
	M(return_code, "of a response: 0 is success, above 0 a warning, below 0 an error", M_IF(has_return)),
	M(error, "what is wrong; with the first variable that could not be read or written"),
	M(warning, "what was done otherwise than asked for"),
	M(failed, "how many variables could not be read or written", M_IF(has_failed)),
	M(confirmed, "bytes that a system event confirms", M_IF(has_confirmed)),
	M(partial, "longer than 64 KiB: only its beginning was read"),
	M(digest, "an integrity part was there, and skipped"),
	M(fragments, "frames that the message came in"),
	M(length, "bytes of the message without frames, digest and trailer"),
};
static const struct oto_log message_logs[] = {
	{ .name = "s7comm_plus",
	  .doc = "S7comm-plus: requests, responses and notifications, ICSNPP's columns.",
	  .form = OTO_FORM_AGGREGATE,
	  .columns = "is_orig source_h source_p destination_h destination_p version opcode opcode_name function_code function_name",
	  .extra = "session sequence object class attribute target name count value number return_code error warning failed "
		   "fragments length",
	  .key = "orig_h resp_h resp_p is_orig version opcode_name function_name target error" },
};
static const struct oto_event_type message_type =
    OTO_EVENT("s7comm_plus.message", struct s7p_message, message_fields, "One S7comm-plus message.", OTO_LOGS(message_logs));

static const struct oto_field tls_fields[] = {
	OTO_FIELD(struct tls_begins, negotiated, "the InitSsl before it was seen"),
};
static const struct oto_event_type tls_type =
    OTO_EVENT("s7comm_plus.tls", struct tls_begins, tls_fields, "From here on the connection is encrypted; spoken once.");

#define A(m, doc, ...) OTO_FIELD(struct s7p_alarm, m, doc, __VA_ARGS__)
#define A_IF(has) .guard = OTO_IF(struct s7p_alarm, has)
static const struct oto_field alarm_fields[] = {
	A(source_h, "sender"),
	A(destination_h, "receiver"),
	A(alarm_id, "number of the alarm in the CPU: where it comes from, and which one", .flags = OTO_HEX, A_IF(has_id)),
	A(number, "a number that counts alarms up", A_IF(has_number)),
	A(state, "what happened", .names = &s7p_alarm_states, A_IF(has_state)),
	A(states, "all states of the alarm", .flags = OTO_HEX, A_IF(has_states)),
	A(domain, "domain: who displays it", A_IF(has_domain)),
	A(name, "name of the object that stands for it", A_IF(has_name)),
	A(text, "its text in the first of the languages, else its information", A_IF(has_text)),
	A(clock, "when it came, by the clock of the PLC", A_IF(has_clock)),
	A(gone, "when it went, by the same clock", A_IF(has_gone)),
	A(acknowledged, "when it was acknowledged, by the same clock", A_IF(has_acknowledged)),
	A(values, "associated values, as they stand", .flags = OTO_HEX, A_IF(has_values)),
};
static const struct oto_log alarm_logs[] = {
	{ .name = "s7comm_plus_alarm",
	  .doc = "Alarms of S7-1200 and S7-1500: told when they come and go, or asked for.",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NOT_ZEEK,
	  .columns = "source_h destination_h alarm_id state states domain text clock gone acknowledged",
	  .extra = "number name values",
	  .key = "source_h destination_h alarm_id state states text" },
};
static const struct oto_event_type alarm_type =
    OTO_EVENT("s7comm_plus.alarm", struct s7p_alarm, alarm_fields, "An alarm.", OTO_LOGS(alarm_logs));

static const struct oto_event_type *const events[] = { [EV_MESSAGE] = &message_type, [EV_TLS] = &tls_type, [EV_ALARM] = &alarm_type };
enum { CHANNEL_STREAM };

/* ------------------------------------------------------------------------------------------------ frames */

enum { PROTOCOL_ID = 0x72, VERSION_MAX = 3, SYSTEM_EVENT = 0xfe, KEEP_ALIVE = 0xff, HEADER = 4, TRAILER = 4, DIGEST = 32 };
enum { NO_RESPONSE_WANTED = 0x40 };

struct state {
	uint16_t fragments[2]; /* of the message that is being put together, per direction */
	uint32_t length[2];
	uint8_t head[2][64]; /* its first bytes: all that is left of one that is too long */
	bool skipping[2];    /* its beginning was not seen: told once */
	bool ssl_asked, ssl, tls_told;
	struct s7p_watched watched;
};

/* A record of TLS: type, version 3.x, a length. */
static bool is_tls(struct oto_cur c)
{
	uint8_t type = oto_u8(&c), major = oto_u8(&c), minor = oto_u8(&c);
	uint16_t length = oto_be16(&c);

	return !c.bad && type >= 20 && type <= 23 && major == 3 && minor <= 4 && length && length <= 0x4800;
}

/* A frame fills its TSDU, but for the trailer. */
static bool is_frame(struct oto_cur c)
{
	uint8_t id = oto_u8(&c), version = oto_u8(&c);
	uint16_t length = oto_be16(&c);

	if (c.bad || id != PROTOCOL_ID)
		return false;
	if (version == KEEP_ALIVE)
		return true;
	if (version == SYSTEM_EVENT)
		return oto_left(&c) == length || oto_left(&c) + HEADER == length || oto_left(&c) >= 12;
	return version >= 1 && version <= VERSION_MAX && (oto_left(&c) == length || oto_left(&c) == length + (uint32_t)TRAILER);
}

static enum oto_answer s7comm_plus_probe(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx;
	return is_frame(c) || is_tls(c) ? OTO_MINE : OTO_NOT_MINE;
}

/* Can a message begin so? Data in the middle of a lost one seldom does. */
static bool begins_message(struct oto_slice data)
{
	struct oto_cur c = oto_cur_of(data);
	uint8_t opcode = oto_u8(&c);
	uint16_t zero = oto_be16(&c), function = oto_be16(&c);

	if (c.bad)
		return false;
	if (opcode == S7P_NOTIFICATION)
		return true;
	return (opcode == S7P_REQUEST || opcode == S7P_RESPONSE || opcode == S7P_RESPONSE2) && !zero && function >= 0x0400 &&
	       function < 0x0700;
}

/* ------------------------------------------------------------------------------------------------ messages */

/* Has the same been said before, so that it need not be built? Key columns of the log are in the key. */
static uint64_t key_of(struct oto_ctx *cx, const struct s7p_message *m, uint64_t target)
{
	uint64_t what = (uint64_t)m->version << 24 | (uint64_t)m->opcode << 16 | m->function_code;
	uint64_t key = oto_key_mix(oto_ends(cx), what, (uint64_t)m->has_function << 1 | 1);

	return oto_key_of(oto_key_mix(key, target, 0), oto_slice_of(m->error));
}

static void put_target(struct oto_ctx *cx, struct s7p_message *m, const struct s7p_text *target)
{
	if (target->count && !m->target.len)
		m->target = s7p_text_words(cx, target, S7P_TEXT_MAX);
}

/* The target (NULL: there is none) is put into words when it is to be read. */
static void speak(struct oto_ctx *cx, struct s7p_message *m, const struct s7p_text *target)
{
	const struct oto_head *h = cx->head;
	uint64_t key = key_of(cx, m, target ? target->key : 0);

	if (!oto_wanted(cx, EV_MESSAGE) || oto_again(cx, EV_MESSAGE, key))
		return;
	if (target)
		put_target(cx, m, target);
	m->source_h = oto_sender(cx);
	m->destination_h = cx->is_orig ? h->resp_h : h->orig_h;
	m->source_p = oto_source_port(cx);
	m->destination_p = oto_dest_port(cx);
	m->opcode_name = m->opcode;
	m->has_target = m->target.len > 0;
	m->has_name = m->name.len > 0;
	m->function_name = m->function_code;
	oto_emit_as(cx, EV_MESSAGE, m, key);
}

static const char *function_word(uint16_t function)
{
	const struct oto_name *row = oto_name_in_order(&s7p_functions, function);
	return row ? row->name : "unknown_function";
}

static struct oto_operation operation_of(const struct s7p_message *m, uint32_t op, const char *space)
{
	return (struct oto_operation){ .self_size = sizeof(struct oto_operation),
				       .op = op,
				       .func = function_word(m->function_code),
				       .func_code = m->function_code,
				       .target = { m->target.len ? space : NULL, m->target, 0, 0 } };
}

static void request(struct oto_ctx *cx, struct oto_cur *c, struct s7p_message *m)
{
	struct s7p_text target;
	struct s7p_told told;
	struct s7p_request r = { .target = &target, .told = &told };

	s7p_text_begin(&target);
	m->session = oto_be32(c);
	m->transport_flags = oto_u8(c);
	m->has_session = m->has_flags = true;
	if (c->bad)
		return;
	struct oto_cur body = *c;
	s7p_read_request(&body, m, &r);
	/* what is loaded and deleted is told by name */
	if (m->function_code == S7P_CREATE_OBJECT || m->function_code == S7P_DELETE_OBJECT || oto_single(cx, EV_MESSAGE))
		put_target(cx, m, &target);
	if (m->function_code == S7P_CREATE_OBJECT && r.object.len)
		s7p_facts_of_request(cx, m, &told, r.object);
	if (m->function_code == S7P_INIT_SSL)
		((struct state *)cx->state)->ssl_asked = true;
	if (r.state_reference)
		s7p_watch(&((struct state *)cx->state)->watched, r.state_reference);
	speak(cx, m, &target);
	struct s7p_note note = { .object = m->object,
				 .class = m->class,
				 .attribute = m->attribute,
				 .member = r.member,
				 .session = m->session,
				 .function = m->function_code,
				 .op = (uint8_t)r.op };
	s7p_transfer_begins(m, &r, &note);
	if (!(m->transport_flags & NO_RESPONSE_WANTED))
		oto_request(cx, m->sequence, &note);
	struct oto_operation o = operation_of(m, r.op, r.space);
	oto_operation(cx, &o);
	if (r.unreadable && !m->partial)
		oto_weird(cx, "unreadable_request", oto_slice_of(function_word(m->function_code)));
}

static const char *error_word(int64_t code)
{
	const struct oto_name *row = oto_name_of(&s7p_errors, (uint16_t)code);
	return row ? row->name : "error";
}

/* Negative, or without a function to answer; a password that was wrong is answered by a session without rights. */
static const char *error_of(const struct s7p_message *m, const struct s7p_note *note)
{
	enum { DELEGITIMATED = 22 };

	if (m->function_code == S7P_ERROR || m->function_code == S7P_ERROR2)
		return "error";
	if (m->return_code < 0 || (m->return_code == DELEGITIMATED && note->op == OTO_OP_AUTHENTICATE))
		return error_word(m->return_code);
	return NULL;
}

static const char *warning_of(const struct s7p_message *m)
{
	const struct oto_name *row = m->return_code > 0 && !m->error ? oto_name_of(&s7p_errors, (uint16_t)m->return_code) : NULL;
	return row ? row->name : NULL;
}

static void on_member(void *who, const struct s7p_place *at, uint32_t id, const struct s7p_value *value)
{
	(void)at;
	s7p_tell_state(who, id, value);
}

/* Behind the values of those variables that could be read stand the others, each with its error. */
static void take_item_errors(struct oto_ctx *cx, struct oto_cur c, struct s7p_message *m)
{
	const struct s7p_visitor visitor = { cx, on_member, NULL, NULL };
	struct s7p_value unused;

	if (m->function_code == S7P_GET_MULTI_VARIABLES)
		for (uint32_t item = s7p_vlq32(&c); item && !c.bad; item = s7p_vlq32(&c))
			s7p_take_value(&c, &unused, &visitor, NULL);
	for (uint32_t item = s7p_vlq32(&c); item && !c.bad; item = s7p_vlq32(&c)) {
		int64_t code = (int16_t)s7p_vlq64(&c);
		if (c.bad || code >= 0)
			return;
		if (!m->failed++) {
			m->return_code = code;
			m->error = error_word(code);
		}
	}
}

static void tell_outcome(struct oto_ctx *cx, const struct s7p_message *m, const struct oto_match *match)
{
	const enum oto_outcome_code code = m->error ? OTO_OUTCOME_ERROR : OTO_OUTCOME_OK;

	if (match->found) {
		oto_outcome(cx, match, code, m->error, NULL);
		return;
	}
	const struct oto_name *row = oto_name_in_order(&s7p_functions, m->function_code);
	struct oto_operation unmatched = operation_of(m, row ? row->op : OTO_OP_NONE, NULL);
	oto_outcome(cx, match, code, m->error, &unmatched);
}

static void response(struct oto_ctx *cx, struct oto_cur *c, struct s7p_message *m)
{
	struct state *state = cx->state;
	struct oto_match match = { .self_size = sizeof match };
	struct s7p_text target;
	struct s7p_note note;

	s7p_text_begin(&target);
	m->transport_flags = oto_u8(c);
	m->return_code = (int16_t)s7p_vlq64(c); /* above are the line of the source and other things of the maker's */
	m->has_flags = m->has_return = true;
	if (c->bad)
		return;
	if (m->opcode == S7P_RESPONSE)
		oto_response(cx, m->sequence, &match);
	memcpy(&note, match.note, sizeof note);
	if (match.found && note.function != m->function_code && m->function_code != S7P_ERROR && m->function_code != S7P_ERROR2)
		match.found = false;
	m->error = error_of(m, &note);
	m->warning = warning_of(m);
	if (!m->error && (m->function_code == S7P_GET_MULTI_VARIABLES || m->function_code == S7P_SET_MULTI_VARIABLES))
		take_item_errors(cx, *c, m);
	m->has_failed = m->failed > 0;
	if (match.found && note.object)
		s7p_recall_target(m, &note, &target);
	if (m->partial || oto_single(cx, EV_MESSAGE)) /* the end of an upload names what it was */
		put_target(cx, m, &target);
	if (!m->error)
		s7p_facts_of_response(cx, m, &note, &match, *c);
	if (m->function_code == S7P_INIT_SSL && !m->error)
		state->ssl = true;
	speak(cx, m, &target);
	if (m->opcode == S7P_RESPONSE2)
		return;
	tell_outcome(cx, m, &match);
	if (match.found)
		s7p_transfer_ends(cx, &note, &match, m->error);
}

static void message(struct oto_ctx *cx, struct oto_slice bytes, struct s7p_message *m)
{
	struct oto_cur c = oto_cur_of(bytes);

	m->opcode = oto_u8(&c);
	if (m->version < VERSION_MAX && bytes.len > DIGEST)
		m->digest = bytes.data[bytes.len - DIGEST - 1] == DIGEST;
	if (m->opcode == S7P_NOTIFICATION) {
		s7p_read_notification(cx, &c, m, &((struct state *)cx->state)->watched);
		speak(cx, m, NULL);
		if (c.bad && !m->partial)
			oto_weird(cx, "unreadable_notification", bytes);
		return;
	}
	oto_skip(&c, 2);
	m->function_code = oto_be16(&c);
	oto_skip(&c, 2);
	m->sequence = oto_be16(&c);
	m->has_function = m->has_sequence = true;
	if (m->opcode == S7P_REQUEST)
		request(cx, &c, m);
	else
		response(cx, &c, m);
	if (c.bad)
		oto_weird(cx, "short_message", bytes);
}

/* Four numbers of four bytes; then perhaps text, or a structure. Its length counts its own frame header in some firmware. */
static void system_event(struct oto_ctx *cx, struct oto_cur *c, struct s7p_message *m)
{
	m->length = oto_left(c);
	oto_skip(c, 4);
	m->confirmed = oto_be32(c);
	m->has_confirmed = true;
	if (oto_left(c) >= 8) {
		oto_skip(c, 8);
		struct oto_slice text = oto_rest(c);
		if (text.len && text.data[0] >= ' ' && text.data[0] < 0x7f)
			m->name = text;
	}
	if (!c->bad)
		speak(cx, m, NULL);
}

/* The trailer is a frame header without length. */
static bool take_trailer(struct oto_ctx *cx, struct oto_cur *c, uint8_t version)
{
	struct oto_slice rest = oto_rest(c);
	struct oto_cur t = oto_cur_of(rest);

	if (!rest.len)
		return false;
	if (oto_u8(&t) != PROTOCOL_ID || oto_u8(&t) != version || oto_be16(&t) || t.bad || oto_left(&t))
		oto_weird(cx, "bad_trailer", rest);
	return true;
}

static void keep_head(uint8_t *head, struct oto_slice part)
{
	uint32_t n = part.len < sizeof((struct state *)0)->head[0] ? part.len : sizeof((struct state *)0)->head[0];
	memset(head, 0, sizeof((struct state *)0)->head[0]);
	memcpy(head, part.data, n);
}

static struct oto_slice head_of(struct oto_ctx *cx, const uint8_t *head)
{
	uint8_t *copy = oto_scratch(cx, sizeof((struct state *)0)->head[0]);
	if (!copy)
		return (struct oto_slice){ 0 };
	memcpy(copy, head, sizeof((struct state *)0)->head[0]);
	return (struct oto_slice){ copy, sizeof((struct state *)0)->head[0] };
}

static void data_frame(struct oto_ctx *cx, struct oto_cur *c, struct s7p_message *m)
{
	struct state *state = cx->state;
	uint16_t *fragments = &state->fragments[cx->is_orig];
	bool *skipping = &state->skipping[cx->is_orig];
	struct oto_cur data = oto_sub(c, oto_be16(c));

	if (c->bad)
		return;
	if (m->version == VERSION_MAX) {
		uint8_t digest = oto_u8(&data);
		oto_skip(&data, digest);
		m->digest = digest > 0;
		if (data.bad) {
			oto_weird(cx, "bad_digest", oto_slice_of(NULL));
			return;
		}
	}
	struct oto_slice part = oto_rest(&data);
	bool last = take_trailer(cx, c, m->version);
	if (!*fragments && !begins_message(part)) {
		if (!*skipping)
			oto_weird(cx, "no_message", part);
		*skipping = !last;
		return;
	}
	*skipping = false;
	if (!*fragments && !last)
		keep_head(state->head[cx->is_orig], part);
	state->length[cx->is_orig] = part.len + (*fragments ? state->length[cx->is_orig] : 0);
	m->fragments = ++*fragments;
	struct oto_slice whole = oto_assemble(cx, part, last);
	if (!last)
		return;
	*fragments = 0;
	m->partial = !whole.len;
	m->length = state->length[cx->is_orig];
	message(cx, m->partial ? head_of(cx, state->head[cx->is_orig]) : whole, m);
}

static void s7comm_plus_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct state *state = cx->state;
	struct s7p_message m = { 0 };

	if (is_tls(*c) || state->tls_told) {
		struct tls_begins begins = { state->ssl || state->ssl_asked };
		if (!state->tls_told)
			oto_emit(cx, EV_TLS, &begins);
		state->tls_told = true;
		oto_stream(cx, CHANNEL_STREAM, 0, oto_rest(c));
		return;
	}
	if (oto_u8(c) != PROTOCOL_ID) {
		oto_weird(cx, "not_s7comm_plus", oto_rest(c));
		return;
	}
	m.version = oto_u8(c);
	if (m.version == KEEP_ALIVE) {
		oto_skip(c, 2); /* a number, a zero */
		if (!c->bad)
			speak(cx, &m, NULL);
	} else if (m.version == SYSTEM_EVENT) {
		oto_skip(c, 2);
		system_event(cx, c, &m);
	} else if (m.version && m.version <= VERSION_MAX) {
		data_frame(cx, c, &m);
	} else {
		oto_weird(cx, "unknown_version", (struct oto_slice){ c->start, (uint32_t)(c->end - c->start) });
	}
}

/* What was put together so far is forgotten by the engine. */
static void s7comm_plus_gap(struct oto_ctx *cx, uint64_t n)
{
	(void)n;
	((struct state *)cx->state)->fragments[cx->is_orig] = 0;
}

static const struct oto_pairing pairing = { .self_size = sizeof pairing, .note_size = sizeof(struct s7p_note), .keyed = true };

static const struct oto_analyzer s7comm_plus = {
	.self_size = sizeof s7comm_plus,
	.name = "s7comm_plus",
	.doc = "S7comm-plus: S7-1200 and S7-1500",
	.keys = "cotp",
	.channels = "stream",
	.probe = s7comm_plus_probe,
	.pdu = s7comm_plus_pdu,
	.gap = s7comm_plus_gap,
	.state_size = sizeof(struct state),
	.events = events,
	.nevents = sizeof events / sizeof *events,
	.pairing = &pairing,
};

OTO_ANALYZER(s7comm_plus);
