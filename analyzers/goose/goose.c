/* goose.c - GOOSE (IEC 61850-8-1 18.1, annex A): a protection device tells all others of a change within milliseconds, and repeats it.
 *
 * Owns the message, goose.log, and what is remembered of each control block: who publishes it, its state and sequence numbers, its
 * configuration. Values are read only when the state changes; how they are shown is goose_values.c's.
 */
#include "goose.h"

enum { EV_FRAME, EV_CHANGE, EV_COUNT };
enum { PDU = 0x61, ALL_DATA = 0xab, SECURITY = 0xac };
enum { GOCB_REF = 0x80, TIME_ALLOWED, DATASET, GO_ID, TIME, ST_NUM, SQ_NUM, TEST, CONF_REV, NDS_COM, ENTRIES };

/* ------------------------------------------------------------------------------------------------ events */

#define F(m, doc_, ...) OTO_FIELD(struct goose_frame, m, doc_, __VA_ARGS__)
#define F_IF(has) .guard = OTO_IF(struct goose_frame, has)
static const struct oto_field frame_fields[] = {
	F(src_mac, "MAC address of the publisher"),
	F(dst_mac, "the group that it is for"),
	F(appid, "number of the application, by which receivers choose", .flags = OTO_HEX | OTO_WIDE),
	F(length, "length as the frame says"),
	F(gocb_ref, "the control block: who publishes what"),
	F(dataset, "name of the data set"),
	F(go_id, "identifier that the owner gave"),
	F(ttl_ms, "the next one comes within so many milliseconds", F_IF(has_ttl)),
	F(t, "when the state changed last, by the publisher's clock", F_IF(has_t)),
	F(t_quality, "how good that clock is", F_IF(has_t), .flags = OTO_HEX),
	F(st_num, "number of the state: grows by one at each change", F_IF(has_st_num)),
	F(sq_num, "number of the repetition: 0 at a change", F_IF(has_sq_num)),
	F(simulation, "a test: receivers in operation must not act on it"),
	F(conf_rev, "number of the configuration: grows when the data set is changed", F_IF(has_conf_rev)),
	F(nds_com, "the control block is not set up completely: needs commissioning", F_IF(has_nds_com)),
	F(entries, "number of values in the data set", F_IF(has_entries)),
	F(security, "it carries a signature"),
};
static const struct oto_log frame_logs[] = {
	{ .name = "goose",
	  .doc = "Who publishes which data set, in which state, how often.",
	  .columns = "src_mac dst_mac appid length gocb_ref ttl_ms dataset go_id t st_num sq_num simulation conf_rev nds_com entries "
		     "security vlan",
	  .key = "src_mac dst_mac appid gocb_ref dataset go_id simulation conf_rev nds_com entries security vlan",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID },
};
static const struct oto_event_type frame_event =
    OTO_EVENT("goose.frame", struct goose_frame, frame_fields, "A publisher tells the state of its data set.", OTO_LOGS(frame_logs));

enum change {
	FIRST = 1,
	STATE,
	STATE_GAP,
	STATE_BACK,
	RESTART,
	SEQUENCE_GAP,
	SEQUENCE_BACK,
	LATE,
	PUBLISHER,
	CONFIGURATION,
	COMMISSIONING,
	SIMULATED
};
static const struct oto_name change_rows[] = {
	{ FIRST, "first", 0, "nothing was heard of this control block before" },
	{ STATE, "state", 0, "something happened: the values are other ones" },
	{ STATE_GAP, "state_gap", 0, "the state's number jumped: messages were lost, or somebody else sent one" },
	{ STATE_BACK, "state_back", 0, "the state's number went back: somebody else sent the one before, or an old one was replayed" },
	{ RESTART, "restart", 0, "numbers begin at 1: the publisher started anew" },
	{ SEQUENCE_GAP, "sequence_gap", 0, "repetitions are missing" },
	{ SEQUENCE_BACK, "sequence_back", 0, "the repetition's number went back in the same state: a replay, or two publishers" },
	{ LATE, "late", 0, "the time allowed until the next one was over" },
	{ PUBLISHER, "publisher", 0, "another MAC address publishes this control block" },
	{ CONFIGURATION, "configuration", 0, "data set, identifier, application or revision are other ones" },
	{ COMMISSIONING, "commissioning", 0, "the control block says that it needs commissioning" },
	{ SIMULATED, "simulation", 0, "a test begins or ends" },
};
static const struct oto_names changes = OTO_NAMES(change_rows);

struct goose_change {
	struct oto_mac src_mac, other_mac;
	struct oto_slice gocb_ref, dataset, go_id;
	struct oto_list values;
	uint32_t what, st_num, sq_num, was_st_num, was_sq_num, conf_rev, was_conf_rev, value_count;
	uint16_t appid;
	bool simulation, has_other, has_was, has_values;
};
#define C(m, doc_, ...) OTO_FIELD(struct goose_change, m, doc_, __VA_ARGS__)
#define C_IF(has) .guard = OTO_IF(struct goose_change, has)
static const struct oto_field change_fields[] = {
	C(src_mac, "MAC address of the publisher"),
	C(appid, "number of the application", .flags = OTO_HEX | OTO_WIDE),
	C(gocb_ref, "the control block"),
	C(dataset, "name of the data set"),
	C(go_id, "identifier that the owner gave"),
	C(what, "what is other than before", .names = &changes),
	C(st_num, "number of the state now"),
	C(sq_num, "number of the repetition now"),
	C(was_st_num, "number of the state before", C_IF(has_was)),
	C(was_sq_num, "number of the repetition before", C_IF(has_was)),
	C(conf_rev, "number of the configuration now"),
	C(was_conf_rev, "number of the configuration before", C_IF(has_was)),
	C(other_mac, "MAC address that published it before", C_IF(has_other)),
	C(simulation, "it is a test"),
	C(value_count, "how many values the data set has", C_IF(has_values)),
	C(values, "the values now, 32 at most", C_IF(has_values)),
};
static const struct oto_log change_logs[] = {
	{ .name = "goose_change",
	  .doc = "What is other than in the publisher's message before: a state with its values, gaps, restarts, settings.",
	  .columns =
	      "src_mac appid gocb_ref dataset go_id what st_num sq_num was_st_num was_sq_num conf_rev was_conf_rev other_mac simulation "
	      "value_count values vlan",
	  .key = "src_mac appid gocb_ref dataset go_id what st_num sq_num was_st_num was_sq_num conf_rev was_conf_rev other_mac simulation "
		 "value_count values vlan",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type change_event = OTO_EVENT("goose.change", struct goose_change, change_fields,
							    "A message that does not just repeat the one before.", OTO_LOGS(change_logs));

static const struct oto_event_type *const events[] = { [EV_FRAME] = &frame_event, [EV_CHANGE] = &change_event };

/* ------------------------------------------------------------------------------------------------ what was said before */

struct said {
	struct oto_mac mac;
	bool known, simulation, nds_com;
	uint16_t appid;
	uint32_t st_num, sq_num, conf_rev, ttl_ms;
	uint64_t names; /* of data set and identifier */
	int64_t ns, told_ns;
};
static const struct oto_memory memory = {
	.self_size = sizeof memory, .size = sizeof(struct said), .scope = OTO_SCOPE_SEGMENT, .name = "goose"
};

static void speak(struct oto_ctx *cx, const struct goose_frame *f, const struct said *was, uint32_t what)
{
	struct goose_change c = { .src_mac = f->src_mac,
				  .appid = f->appid,
				  .gocb_ref = f->gocb_ref,
				  .dataset = f->dataset,
				  .go_id = f->go_id,
				  .what = what,
				  .st_num = f->st_num,
				  .sq_num = f->sq_num,
				  .conf_rev = f->conf_rev,
				  .simulation = f->simulation,
				  .was_st_num = was->st_num,
				  .was_sq_num = was->sq_num,
				  .was_conf_rev = was->conf_rev,
				  .has_was = was->known,
				  .other_mac = was->mac,
				  .has_other = what == PUBLISHER };

	if (!oto_wanted(cx, EV_CHANGE))
		return;
	if (what == FIRST || (what >= STATE && what <= RESTART)) {
		c.values = goose_values(cx, f->all_data, &c.value_count);
		c.has_values = c.values.count;
	}
	oto_emit(cx, EV_CHANGE, &c);
}

/* IEC 61850-8-1 18.1.2.5: state and sequence begin at 1 and 0 or 1; a new state begins its sequence at 0. A message seen twice is none of
 * it. */
static uint32_t numbers(const struct goose_frame *f, const struct said *was)
{
	if (f->st_num == was->st_num) {
		if (f->sq_num == was->sq_num || f->sq_num == was->sq_num + 1 || (f->sq_num <= 1 && was->sq_num == UINT32_MAX))
			return 0;
		if (f->sq_num > was->sq_num)
			return SEQUENCE_GAP;
		return f->st_num == 1 && f->sq_num <= 1 ? RESTART : SEQUENCE_BACK;
	}
	if (f->st_num == was->st_num + 1 || (f->st_num <= 1 && was->st_num == UINT32_MAX))
		return STATE;
	if (f->st_num > was->st_num)
		return STATE_GAP;
	return f->st_num == 1 && f->sq_num <= 1 ? RESTART : STATE_BACK;
}

static void compare(struct oto_ctx *cx, const struct goose_frame *f, const struct said *was, uint64_t names)
{
	int64_t late_ns = was->ttl_ms * INT64_C(1000000);
	uint32_t what;

	if (!was->known) {
		speak(cx, f, was, FIRST);
		return;
	}
	if (memcmp(&was->mac, &f->src_mac, sizeof was->mac) != 0)
		speak(cx, f, was, PUBLISHER);
	if (was->conf_rev != f->conf_rev || was->names != names || was->appid != f->appid)
		speak(cx, f, was, CONFIGURATION);
	if (f->nds_com && !was->nds_com)
		speak(cx, f, was, COMMISSIONING);
	if (f->simulation != was->simulation)
		speak(cx, f, was, SIMULATED);
	if (late_ns && cx->head->ts.ns - was->ns > late_ns)
		speak(cx, f, was, LATE);
	what = numbers(f, was);
	if (what)
		speak(cx, f, was, what);
}

/* Spoken once a minute and control block, as all cyclic operations. */
static void operation(struct oto_ctx *cx, const struct goose_frame *f)
{
	oto_operation(cx, &(struct oto_operation){ .self_size = sizeof(struct oto_operation),
						   .op = OTO_OP_CYCLIC,
						   .func = "goose",
						   .func_code = f->appid,
						   .target = { .space = "gocb", .name = f->gocb_ref } });
	say_fact(cx, "device_type", oto_slice_of("IED (IEC 61850)"), SAY_STATED);
}

static void follow(struct oto_ctx *cx, const struct goose_frame *f)
{
	const int64_t minute = INT64_C(60000000000);
	struct said *said = oto_remember(cx, &memory, oto_key_of(0, f->gocb_ref)), was;
	uint64_t names = oto_key_of(oto_key_of(0, f->dataset), f->go_id);

	if (!said)
		return;
	was = *said;
	*said = (struct said){ .mac = f->src_mac,
			       .known = true,
			       .simulation = f->simulation,
			       .nds_com = f->nds_com,
			       .appid = f->appid,
			       .st_num = f->st_num,
			       .sq_num = f->sq_num,
			       .conf_rev = f->conf_rev,
			       .ttl_ms = f->ttl_ms,
			       .names = names,
			       .ns = cx->head->ts.ns,
			       .told_ns = was.told_ns };
	bool due = !was.known || cx->head->ts.ns - was.told_ns >= minute;
	if (due)
		said->told_ns = cx->head->ts.ns;
	compare(cx, f, &was, names);
	if (due)
		operation(cx, f);
}

/* ------------------------------------------------------------------------------------------------ messages */

static void number(struct oto_cur *c, struct oto_slice s, uint32_t *out, bool *has)
{
	*out = iec61850_number(c, s);
	*has = true;
}

static bool flag(struct oto_slice s)
{
	return s.len && s.data[0];
}

static bool field(struct goose_frame *f, const struct ber *e, struct oto_cur *c)
{
	switch (e->tag) {
	case GOCB_REF:
		f->gocb_ref = e->value;
		return true;
	case TIME_ALLOWED:
		number(c, e->value, &f->ttl_ms, &f->has_ttl);
		return true;
	case DATASET:
		f->dataset = e->value;
		return true;
	case GO_ID:
		f->go_id = e->value;
		return true;
	case TIME:
		f->has_t = iec61850_time(e->value, &f->t, &f->t_quality);
		return true;
	case ST_NUM:
		number(c, e->value, &f->st_num, &f->has_st_num);
		return true;
	case SQ_NUM:
		number(c, e->value, &f->sq_num, &f->has_sq_num);
		return true;
	case TEST:
		f->simulation |= flag(e->value);
		return true;
	case CONF_REV:
		number(c, e->value, &f->conf_rev, &f->has_conf_rev);
		return true;
	case NDS_COM:
		f->nds_com = flag(e->value);
		f->has_nds_com = true;
		return true;
	case ENTRIES:
		number(c, e->value, &f->entries, &f->has_entries);
		return true;
	case ALL_DATA:
		f->all_data = e->value;
		return true;
	case SECURITY:
		f->security = true;
		return true;
	default:
		return false;
	}
}

static void goose_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice whole = { c->at, oto_left(c) };
	struct goose_frame f = { .src_mac = say_sender_mac(cx), .dst_mac = cx->is_orig ? cx->head->resp_mac : cx->head->orig_mac };
	struct iec61850_head head;
	struct oto_cur apdu;
	struct ber e;

	if (!iec61850_begin(cx, c, &head, &apdu))
		return;
	f.appid = head.appid;
	f.length = head.length;
	f.simulation = head.simulation;
	if (!ber_at(&apdu, PDU)) {
		oto_weird(cx, "unknown_pdu", whole);
		return;
	}
	struct oto_cur pdu = ber_enter(&apdu, PDU);
	bool unknown = false;
	while (ber_next(&pdu, &e))
		unknown |= !field(&f, &e, &pdu);
	c->bad |= pdu.bad;
	if (c->bad)
		return;
	if (unknown)
		oto_weird(cx, "unknown_field", whole);
	if (!f.gocb_ref.len || !f.dataset.len || !f.has_t || !f.has_st_num || !f.has_sq_num || !f.has_conf_rev || !f.has_entries)
		oto_weird(cx, "missing_field", whole);
	oto_emit(cx, EV_FRAME, &f);
	if (f.gocb_ref.len && f.has_st_num && f.has_sq_num)
		follow(cx, &f);
}

static const struct oto_analyzer goose = {
	.self_size = sizeof goose,
	.name = "goose",
	.doc = "GOOSE of IEC 61850: events of substations",
	.keys = "eth/0x88b8",
	.pdu = goose_pdu,
	.events = events,
	.nevents = EV_COUNT,
};

OTO_ANALYZER(goose);
