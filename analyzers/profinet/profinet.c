/* profinet.c - PROFINET's frames below IP (IEC 61158-6-10 4.7): cyclic data, alarms, clock synchronisation; and the way to DCP.
 *
 * Owns the frame identifier, the status behind cyclic data, the head of alarms and profinet.log. What the data mean stands in the
 * controller's project and in no frame. DCP is profinet_dcp's.
 */
#include "../say.h"

enum { EV_FRAME, EV_ALARM, EV_COUNT };
enum { CHANNEL_DCP };
enum { ALARM_HIGH = 0xfc01 };

/* Kinds of frames by their identifier: the first that is not below the row before it. */
enum frame_kind { SYNC = 1, RT_CLASS_3, RT_CLASS_1, RT_GROUP, ALARM, DCP, PTCP, FRAGMENT, RESERVED };

static const struct oto_name kind_rows[] = {
	{ SYNC, "sync", 0, "clock synchronisation of isochronous networks: 0x0000 to 0x00ff" },
	{ RT_CLASS_3, "rt_class_3", OTO_OP_CYCLIC, "isochronous data (IRT): 0x0100 to 0x0fff; outputs follow what the controller sends" },
	{ RT_CLASS_1, "rt_class_1", OTO_OP_CYCLIC,
	  "cyclic data between controller and device: 0x8000 to 0xbbff, of older devices 0xc000 to 0xf7ff" },
	{ RT_GROUP, "rt_multicast", OTO_OP_CYCLIC, "cyclic data to several: 0xbc00 to 0xbfff, 0xf800 to 0xfbff" },
	{ ALARM, "alarm", OTO_OP_DIAGNOSE, "an alarm, high or low: 0xfc01, 0xfe01" },
	{ DCP, "dcp", 0, "discovery and configuration, see profinet_dcp: 0xfefc to 0xfeff" },
	{ PTCP, "ptcp", 0, "clocks and delays of lines between neighbours: 0xff00 to 0xff43" },
	{ FRAGMENT, "fragment", 0, "part of a frame that was cut for the sake of isochronous data: 0xff80 to 0xff8f" },
	{ RESERVED, "reserved", 0, "an identifier that means nothing yet" },
};
static const struct oto_names kinds = OTO_NAMES(kind_rows);

static const struct oto_name alarm_rows[] = {
	{ 0x01, "diagnosis", 0, "a fault appears" },
	{ 0x02, "process", 0, "the process wants attention" },
	{ 0x03, "pull", 0, "a submodule was pulled" },
	{ 0x04, "plug", 0, "a module was plugged" },
	{ 0x05, "status", 0, NULL },
	{ 0x06, "update", 0, NULL },
	{ 0x07, "redundancy", 0, NULL },
	{ 0x08, "controlled_by_supervisor", 0, "a tool takes the outputs from the controller" },
	{ 0x09, "released", 0, "a tool gives the outputs back" },
	{ 0x0a, "plug_wrong", 0, "another module than the project says was plugged" },
	{ 0x0b, "return_of_submodule", 0, NULL },
	{ 0x0c, "diagnosis_disappears", 0, "a fault is gone" },
	{ 0x0d, "multicast_mismatch", 0, NULL },
	{ 0x0e, "port_data_change", 0, "a line was plugged, pulled, or its neighbour is another one" },
	{ 0x0f, "sync_data_changed", 0, NULL },
	{ 0x10, "isochronous_problem", 0, NULL },
	{ 0x11, "network_problem", 0, NULL },
	{ 0x12, "time_data_changed", 0, NULL },
	{ 0x13, "dynamic_frame_packing_problem", 0, NULL },
	{ 0x14, "mrpd_problem", 0, NULL },
	{ 0x15, "multiple_interface_mismatch", 0, NULL },
	{ 0x1e, "upload_and_retrieval", 0, "a device wants its settings kept or given back" },
	{ 0x1f, "pull_module", 0, "a module was pulled" },
};
static const struct oto_names alarm_types = OTO_NAMES(alarm_rows);

static const struct oto_name pdu_rows[] = {
	{ 1, "data", 0, "the alarm itself" },
	{ 2, "nack", 0, "not taken" },
	{ 3, "ack", 0, "arrived" },
	{ 4, "error", 0, "the alarm channel ends" },
};
static const struct oto_names alarm_pdus = OTO_NAMES(pdu_rows);

/* ------------------------------------------------------------------------------------------------ events */

struct profinet_frame {
	struct oto_mac src_mac, dst_mac;
	uint16_t frame_id, cycle_counter;
	uint8_t kind, data_status;
	bool has_status, valid, run, primary, problem;
};

#define F(m, doc_, ...) OTO_FIELD(struct profinet_frame, m, doc_, __VA_ARGS__)
#define F_IF(has) .guard = OTO_IF(struct profinet_frame, has)
static const struct oto_field frame_fields[] = {
	F(src_mac, "MAC address of the sender"),
	F(dst_mac, "MAC address of the receiver, or a group"),
	F(frame_id, "frame identifier; of cyclic data it names the connection", .flags = OTO_HEX | OTO_WIDE),
	F(kind, "kind of frame", .names = &kinds),
	F(cycle_counter, "when the data were sent, in units of 31.25 microseconds", F_IF(has_status)),
	F(data_status, "status of cyclic data as sent", F_IF(has_status), .flags = OTO_HEX),
	F(valid, "the data are valid", F_IF(has_status)),
	F(run, "the provider of the data runs; a controller in stop sends F", F_IF(has_status)),
	F(primary, "they come from the primary of a redundant pair", F_IF(has_status)),
	F(problem, "the sender tells of a problem at itself", F_IF(has_status)),
};
static const struct oto_log frame_logs[] = {
	{ .name = "profinet",
	  .doc = "Frames of PROFINET below IP: who sends what to whom, in which state, how often.",
	  .columns = "src_mac dst_mac frame_id kind cycle_counter data_status valid run primary problem vlan",
	  .key = "src_mac dst_mac frame_id kind data_status valid run primary problem vlan",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID },
};
static const struct oto_event_type frame_event =
    OTO_EVENT("profinet.frame", struct profinet_frame, frame_fields, "Any frame of PROFINET below IP.", OTO_LOGS(frame_logs));

struct profinet_alarm {
	struct oto_mac src_mac, dst_mac;
	uint32_t api, module, submodule;
	uint16_t type, slot, subslot, specifier;
	uint8_t pdu;
	bool high, has_alarm, has_module;
};
#define A(m, doc_, ...) OTO_FIELD(struct profinet_alarm, m, doc_, __VA_ARGS__)
#define A_IF(has) .guard = OTO_IF(struct profinet_alarm, has)
static const struct oto_field alarm_fields[] = {
	A(src_mac, "MAC address of the sender"),
	A(dst_mac, "MAC address of the receiver"),
	A(high, "of high priority"),
	A(pdu, "an alarm, or its confirmation", .names = &alarm_pdus),
	A(type, "what it is about", .names = &alarm_types, A_IF(has_alarm)),
	A(api, "application profile", A_IF(has_alarm), .flags = OTO_HEX),
	A(slot, "slot that it is about", A_IF(has_alarm)),
	A(subslot, "subslot that it is about", A_IF(has_alarm), .flags = OTO_HEX | OTO_WIDE),
	A(module, "identification of the module", A_IF(has_module), .flags = OTO_HEX | OTO_WIDE),
	A(submodule, "identification of the submodule", A_IF(has_module), .flags = OTO_HEX | OTO_WIDE),
	A(specifier, "number of the alarm and what kinds of fault there are", A_IF(has_module), .flags = OTO_HEX | OTO_WIDE),
};
static const struct oto_log alarm_logs[] = {
	{ .name = "profinet_alarm",
	  .doc = "Alarms of PROFINET devices.",
	  .columns = "src_mac dst_mac high pdu type api slot subslot module submodule specifier vlan",
	  .key = "src_mac dst_mac high pdu type api slot subslot module submodule specifier vlan",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NO_ID },
};
static const struct oto_event_type alarm_event =
    OTO_EVENT("profinet.alarm", struct profinet_alarm, alarm_fields, "A device tells its controller of an alarm, or that is confirmed.",
	      OTO_LOGS(alarm_logs));

static const struct oto_event_type *const events[] = { [EV_FRAME] = &frame_event, [EV_ALARM] = &alarm_event };

/* ------------------------------------------------------------------------------------------------ frames */

static uint8_t kind_of(uint16_t id)
{
	static const struct {
		uint16_t last;
		uint8_t kind;
	} ranges[] = {
		{ 0x00ff, SYNC },       { 0x0fff, RT_CLASS_3 }, { 0x7fff, RESERVED }, { 0xbbff, RT_CLASS_1 }, { 0xbfff, RT_GROUP },
		{ 0xf7ff, RT_CLASS_1 }, { 0xfbff, RT_GROUP },   { 0xfc00, RESERVED }, { 0xfc01, ALARM },      { 0xfe00, RESERVED },
		{ 0xfe01, ALARM },      { 0xfefb, RESERVED },   { 0xfeff, DCP },      { 0xff43, PTCP },       { 0xff7f, RESERVED },
		{ 0xff8f, FRAGMENT },   { 0xffff, RESERVED },
	};
	uint32_t i = 0;

	while (id > ranges[i].last)
		i++;
	return ranges[i].kind;
}

/* An operation a connection and direction that repeats by itself: at its first frame, then once a minute. Two connections fit; who has more
 * speaks more often. */
struct said {
	int64_t ns;
	uint16_t frame_id;
};
struct profinet_state {
	struct said side[2][2];
};

static void cyclic(struct oto_ctx *cx, const struct profinet_frame *f)
{
	const int64_t minute = INT64_C(60000000000);
	struct said *said = &((struct profinet_state *)cx->state)->side[cx->is_orig][f->frame_id & 1];
	const struct oto_name *row = oto_name_of(&kinds, f->kind);

	if (said->ns && said->frame_id == f->frame_id && cx->head->ts.ns - said->ns < minute)
		return;
	*said = (struct said){ cx->head->ts.ns, f->frame_id };
	oto_operation(cx, &(struct oto_operation){ .self_size = sizeof(struct oto_operation),
						   .op = row->op,
						   .func = row->name,
						   .func_code = f->frame_id,
						   .target = { .space = "frame_id", .first = f->frame_id, .count = 1 } });
}

/* The last four octets: cycle counter, data status, transfer status (IEC 61158-6-10 4.7.2.1). */
static void status(struct profinet_frame *f, struct oto_cur *c)
{
	if (!oto_need(c, 4))
		return;
	oto_skip(c, oto_left(c) - 4);
	f->cycle_counter = oto_be16(c);
	f->data_status = oto_u8(c);
	f->has_status = true;
	f->primary = f->data_status & 0x01;
	f->valid = f->data_status & 0x04;
	f->run = f->data_status & 0x10;
	f->problem = !(f->data_status & 0x20);
}

static void alarm(struct oto_ctx *cx, const struct profinet_frame *f, struct oto_cur *c)
{
	struct profinet_alarm a = { .src_mac = f->src_mac, .dst_mac = f->dst_mac, .high = f->frame_id == ALARM_HIGH };

	oto_skip(c, 4); /* endpoints */
	a.pdu = oto_u8(c) & 0x0f;
	oto_skip(c, 5);
	struct oto_cur part = oto_sub(c, oto_be16(c));
	if (c->bad)
		return;
	if (a.pdu == 1) {
		uint16_t block = oto_be16(&part);
		oto_skip(&part, 4);
		a.type = oto_be16(&part);
		a.api = oto_be32(&part);
		a.slot = oto_be16(&part);
		a.subslot = oto_be16(&part);
		a.has_alarm = !part.bad;
		if (block < 0x8000 && oto_left(&part) >= 10) { /* not of an acknowledgement, whose status stands here */
			a.module = oto_be32(&part);
			a.submodule = oto_be32(&part);
			a.specifier = oto_be16(&part);
			a.has_module = true;
		}
		c->bad |= part.bad;
		if (c->bad)
			return;
	}
	oto_emit(cx, EV_ALARM, &a);
	if (a.has_module)
		oto_operation(cx, &(struct oto_operation){ .self_size = sizeof(struct oto_operation),
							   .op = OTO_OP_DIAGNOSE,
							   .func = "alarm",
							   .func_code = a.type,
							   .target = { .space = "slot", .first = a.slot, .count = 1 } });
}

static void profinet_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct profinet_frame f = { .src_mac = cx->is_orig ? cx->head->orig_mac : cx->head->resp_mac,
				    .dst_mac = cx->is_orig ? cx->head->resp_mac : cx->head->orig_mac };

	f.frame_id = oto_be16(c);
	if (c->bad)
		return;
	f.kind = kind_of(f.frame_id);
	bool is_cyclic = f.kind >= RT_CLASS_3 && f.kind <= RT_GROUP;
	if (is_cyclic)
		status(&f, c);
	if (c->bad)
		return;
	if (oto_wanted(cx, EV_FRAME))
		oto_emit(cx, EV_FRAME, &f);
	if (is_cyclic)
		cyclic(cx, &f);
	else if (f.kind == ALARM)
		alarm(cx, &f, c);
	else if (f.kind == DCP)
		oto_deliver(cx, CHANNEL_DCP, f.frame_id, oto_rest(c));
}

static const struct oto_analyzer profinet = {
	.self_size = sizeof profinet,
	.name = "profinet",
	.doc = "PROFINET's frames below IP: cyclic data, alarms, clock synchronisation",
	.keys = "eth/0x8892",
	.channels = "profinet.dcp",
	.pdu = profinet_pdu,
	.state_size = sizeof(struct profinet_state),
	.events = events,
	.nevents = EV_COUNT,
};

OTO_ANALYZER(profinet);
