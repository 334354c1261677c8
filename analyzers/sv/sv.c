/* sv.c - sampled values (IEC 61850-9-2, 61869-9): a merging unit sends currents and voltages, thousands of times a second, to all who
 * protect by them.
 *
 * Owns the message, its sets of samples and sv.log. What is other than before, and what a second held, is sv_stream.c's.
 */
#include "sv.h"

enum { PDU = 0x60, COUNT = 0x80, SECURITY = 0x81, SECURITY_CONSTRUCTED = 0xa1, SEQUENCE = 0xa2 };
enum { SV_ID = 0x80, DATASET, SMP_CNT, CONF_REV, REFR_TM, SMP_SYNCH, SMP_RATE, SAMPLE, SMP_MOD, IDENTITY };

enum { SYNCH_RESERVED = 3, SYNCH_NUMBERED = 5 };
static const struct oto_name synch_rows[] = {
	{ 0, "none", 0, "the samples follow no common clock: values of two merging units cannot be compared" },
	{ 1, "local", 0, "they follow a clock of the station that is not tied to the time of day" },
	{ 2, "global", 0, "they follow the time of day" },
	{ SYNCH_RESERVED, "reserved", 0, "a number that means nothing yet" },
	{ SYNCH_NUMBERED, "numbered", 0, "they follow the local clock whose number local_clock is" },
};
const struct oto_names sv_synchs = OTO_NAMES(synch_rows);

static const struct oto_name mod_rows[] = {
	{ 0, "samples_per_period", 0, "smp_rate counts samples in a period of the mains" },
	{ 1, "samples_per_second", 0, NULL },
	{ 2, "seconds_per_sample", 0, NULL },
};
static const struct oto_names mods = OTO_NAMES(mod_rows);

/* ------------------------------------------------------------------------------------------------ events */

#define F(m, doc_, ...) OTO_FIELD(struct sv_asdu, m, doc_, __VA_ARGS__)
#define F_IF(has) .guard = OTO_IF(struct sv_asdu, has)
static const struct oto_field asdu_fields[] = {
	F(src_mac, "MAC address of the publisher"),
	F(dst_mac, "the group that it is for"),
	F(appid, "number of the application, by which receivers choose", .flags = OTO_HEX | OTO_WIDE),
	F(length, "length as the frame says"),
	F(asdus, "sets of samples in the frame"),
	F(sv_id, "the stream: who measures what"),
	F(dataset, "name of the data set"),
	F(smp_cnt, "number of the sample; begins at 0 with each second where clocks agree", F_IF(has_cnt), .flags = OTO_VARIES),
	F(conf_rev, "number of the configuration: grows when the data set is changed", F_IF(has_conf_rev)),
	F(refr_tm, "when the samples were refreshed, by the publisher's clock", F_IF(has_refr_tm), .flags = OTO_VARIES),
	F(refr_tm_quality, "how good that clock is", F_IF(has_refr_tm), .flags = OTO_HEX | OTO_VARIES),
	F(smp_synch, "which clock the samples follow", .names = &sv_synchs, F_IF(has_synch)),
	F(local_clock, "number of a local clock: 5 to 254", F_IF(has_clock)),
	F(smp_rate, "how many samples there are, in what smp_mod says", F_IF(has_rate)),
	F(smp_mod, "what smp_rate counts", .names = &mods, F_IF(has_mod)),
	F(sample, "the values as sent: their types stand in the station's configuration alone", .flags = OTO_HEX | OTO_VARIES),
	F(identity, "identity of the master of the clocks", .flags = OTO_HEX),
	F(simulation, "a test: receivers in operation must not act on it"),
	F(security, "it carries a signature"),
};
static const struct oto_log asdu_logs[] = {
	{ .name = "sv",
	  .doc = "Who publishes which stream of samples, how it is set, how often.",
	  .columns =
	      "src_mac dst_mac appid length asdus sv_id dataset smp_cnt conf_rev refr_tm smp_synch local_clock smp_rate smp_mod sample "
	      "identity simulation security vlan",
	  .key = "src_mac dst_mac appid length asdus sv_id dataset conf_rev smp_synch local_clock smp_rate smp_mod identity simulation "
		 "security vlan",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID },
};
static const struct oto_event_type asdu_event =
    OTO_EVENT("sv.asdu", struct sv_asdu, asdu_fields, "A set of samples, taken at one time.", OTO_LOGS(asdu_logs), .whole_keys = true);

static const struct oto_event_type *const events[] = {
	[SV_EV_ASDU] = &asdu_event, [SV_EV_SECOND] = &sv_second_event, [SV_EV_CHANGE] = &sv_change_event
};

/* All but what counts on or is measured. */
static uint64_t key_of(struct oto_ctx *cx, const struct sv_asdu *a)
{
	uint64_t flags = a->simulation | a->security << 1 | a->has_cnt << 2 | a->has_conf_rev << 3 | a->has_refr_tm << 4 |
			 a->has_synch << 5 | a->has_rate << 6 | a->has_mod << 7 | a->has_clock << 12 | (a->sample.data != NULL) << 8 |
			 (a->dataset.data != NULL) << 9 | (a->identity.data != NULL) << 10 | (a->sv_id.data != NULL) << 11;
	uint64_t key = oto_key_mix(oto_ends(cx), (uint64_t)a->appid << 48 | (uint64_t)a->length << 32 | a->asdus,
				   (uint64_t)a->conf_rev << 32 | (uint64_t)a->smp_rate << 16 | a->smp_mod);

	key = oto_key_mix(key, flags, (uint64_t)a->smp_synch << 8 | a->local_clock);
	return oto_key_of(oto_key_of(oto_key_of(key, a->sv_id), a->dataset), a->identity);
}

/* ------------------------------------------------------------------------------------------------ messages */

static uint16_t short_number(struct oto_cur *c, struct oto_slice s)
{
	uint32_t n = iec61850_number(c, s);

	c->bad |= n > UINT16_MAX;
	return (uint16_t)n;
}

/* IEC 61850-9-2 table 14. */
static void synch(struct sv_asdu *a, uint16_t n)
{
	a->has_synch = true;
	a->has_clock = n >= 5 && n <= 254;
	a->local_clock = a->has_clock ? (uint8_t)n : 0;
	a->smp_synch = n <= 2 ? (uint8_t)n : a->has_clock ? SYNCH_NUMBERED : SYNCH_RESERVED;
}

static bool field(struct sv_asdu *a, const struct ber *e, struct oto_cur *c)
{
	switch (e->tag) {
	case SV_ID:
		a->sv_id = e->value;
		return true;
	case DATASET:
		a->dataset = e->value;
		return true;
	case SMP_CNT:
		a->smp_cnt = short_number(c, e->value);
		a->has_cnt = true;
		return true;
	case CONF_REV:
		a->conf_rev = iec61850_number(c, e->value);
		a->has_conf_rev = true;
		return true;
	case REFR_TM:
		a->has_refr_tm = iec61850_time(e->value, &a->refr_tm, &a->refr_tm_quality);
		return true;
	case SMP_SYNCH:
		synch(a, short_number(c, e->value));
		return true;
	case SMP_RATE:
		a->smp_rate = short_number(c, e->value);
		a->has_rate = true;
		return true;
	case SAMPLE:
		a->sample = e->value;
		return true;
	case SMP_MOD:
		a->smp_mod = short_number(c, e->value);
		a->has_mod = true;
		return true;
	case IDENTITY:
		a->identity = e->value;
		return true;
	default:
		return false;
	}
}

/* What is wrong with a frame, told once for all of its sets. */
struct faults {
	bool unknown, missing;
};

static bool read_asdu(struct sv_asdu *a, struct oto_slice s, struct faults *faults)
{
	struct oto_cur c = oto_cur_of(s);
	struct ber e;

	while (ber_next(&c, &e))
		faults->unknown |= !field(a, &e, &c);
	faults->missing |= !a->sv_id.len || !a->has_cnt || !a->has_conf_rev || !a->has_synch || !a->sample.len;
	return !c.bad;
}

static void speak(struct oto_ctx *cx, const struct sv_asdu *a)
{
	if (oto_wanted(cx, SV_EV_ASDU)) {
		uint64_t key = key_of(cx, a);
		if (!oto_again(cx, SV_EV_ASDU, key))
			oto_emit_as(cx, SV_EV_ASDU, a, key);
	}
	if (a->sv_id.len && a->has_cnt)
		sv_follow(cx, a);
}

/* The sets of a frame have its head in common. All are read before the first one speaks. */
static bool read_asdus(struct oto_ctx *cx, const struct sv_asdu *frame, struct oto_slice sets, struct faults *faults, bool tell)
{
	struct oto_cur c = oto_cur_of(sets);
	bool good = true;
	struct ber e;

	while (good && ber_next(&c, &e)) {
		struct sv_asdu a = *frame;
		faults->unknown |= e.tag != BER_SEQUENCE;
		good = e.tag != BER_SEQUENCE || read_asdu(&a, e.value, faults);
		if (tell && good && e.tag == BER_SEQUENCE)
			speak(cx, &a);
	}
	return good && !c.bad;
}

static uint32_t count(struct oto_slice sets)
{
	struct oto_cur c = oto_cur_of(sets);
	uint32_t n = 0;
	struct ber e;

	while (ber_next(&c, &e))
		n += e.tag == BER_SEQUENCE;
	return n;
}

static void sv_pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct oto_slice whole = { c->at, oto_left(c) }, sets = { 0 };
	struct sv_asdu frame = { .src_mac = say_sender_mac(cx), .dst_mac = cx->is_orig ? cx->head->resp_mac : cx->head->orig_mac };
	struct faults faults = { 0 };
	struct iec61850_head head;
	struct oto_cur apdu;
	uint32_t said = 0;
	struct ber e;

	if (!iec61850_begin(cx, c, &head, &apdu))
		return;
	if (!ber_at(&apdu, PDU)) {
		oto_weird(cx, "unknown_pdu", whole);
		return;
	}
	struct oto_cur pdu = ber_enter(&apdu, PDU);
	while (ber_next(&pdu, &e)) {
		if (e.tag == COUNT)
			said = iec61850_number(&pdu, e.value);
		else if (e.tag == SECURITY || e.tag == SECURITY_CONSTRUCTED)
			frame.security = true;
		else if (e.tag == SEQUENCE)
			sets = e.value;
		else
			faults.unknown = true;
	}
	frame.appid = head.appid;
	frame.length = head.length;
	frame.simulation = head.simulation;
	frame.asdus = count(sets);
	c->bad |= pdu.bad || !read_asdus(cx, &frame, sets, &faults, false);
	if (c->bad)
		return;
	if (faults.unknown)
		oto_weird(cx, "unknown_field", whole);
	if (faults.missing || !sets.data)
		oto_weird(cx, "missing_field", whole);
	if (said != frame.asdus)
		oto_weird(cx, "asdu_count", whole);
	read_asdus(cx, &frame, sets, &faults, true);
}

static const struct oto_analyzer sv = {
	.self_size = sizeof sv,
	.name = "sv",
	.doc = "Sampled values of IEC 61850: currents and voltages as merging units measure them",
	.keys = "eth/0x88ba",
	.pdu = sv_pdu,
	.events = events,
	.nevents = SV_EV_COUNT,
};

OTO_ANALYZER(sv);
