/* sv_stream.c - a stream of samples over time: is each one the next, is it set as before, what did a second hold.
 *
 * Owns what is remembered of a stream, sv_change.log and sv_second.log. A stream is known by its identifier, application and group: whoever
 * wants to be believed must have all three. A test of it (IEC 61850-9-2 C.2.5, simulation) is a stream of its own.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "sv.h"

enum { CHANNELS_MAX = 24, CHANNEL_LEN = 8, PERIOD_LEAST = 80, RECENT = 16, SECOND_NS = 1000000000 };

/* ------------------------------------------------------------------------------------------------ events */

struct sv_second {
	struct oto_mac src_mac;
	struct oto_slice sv_id;
	struct oto_list peaks;
	struct oto_time begin;
	uint32_t samples, copies, missing, backward, invalid;
	uint16_t appid;
	bool has_peaks;
};
#define S(m, doc_, ...) OTO_FIELD(struct sv_second, m, doc_, __VA_ARGS__)
#define S_IF(has) .guard = OTO_IF(struct sv_second, has)
static const struct oto_field second_fields[] = {
	S(src_mac, "MAC address of the publisher"),
	S(appid, "number of the application", .flags = OTO_HEX | OTO_WIDE),
	S(sv_id, "the stream"),
	S(begin, "when the second began"),
	S(samples, "sets of samples that came"),
	S(copies, "sets that came once more, as they do on both ways of a redundant network"),
	S(missing, "sets that must lie between those that came"),
	S(backward, "sets with a lower number than the one before, or the same with other values: replayed, or of two publishers"),
	S(invalid, "sets in which a channel says that its value is not good", S_IF(has_peaks)),
	S(peaks, "each channel's greatest value, as the number that was sent; in 9-2LE four currents (mA), four voltages (10 mV)",
	  S_IF(has_peaks)),
};
static const struct oto_log second_logs[] = {
	{ .name = "sv_second",
	  .doc = "What came of each stream in a second; seconds that are alike make one row an interval.",
	  .columns = "src_mac appid sv_id begin samples copies missing backward invalid peaks vlan",
	  .key = "src_mac appid sv_id samples copies missing backward invalid vlan",
	  .form = OTO_FORM_AGGREGATE,
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK },
};
const struct oto_event_type sv_second_event = OTO_EVENT(
    "sv.second", struct sv_second, second_fields, "A second of a stream, told with the first samples after it.", OTO_LOGS(second_logs));

enum change { FIRST = 1, GAP, BACK, RESTART, PUBLISHER, CONFIGURATION, SYNCHRONISATION, SIMULATED };
static const struct oto_name change_rows[] = {
	{ FIRST, "first", 0, "nothing was heard of this stream before" },
	{ GAP, "gap", 0, "samples are missing" },
	{ BACK, "back", 0, "the number went back, or is the same with other values: a replay, or two publishers" },
	{ RESTART, "restart", 0, "numbers begin at 0 before their time: the publisher started anew, or its clock was set" },
	{ PUBLISHER, "publisher", 0, "another MAC address publishes this stream" },
	{ CONFIGURATION, "configuration", 0, "data set, revision or rate are other ones" },
	{ SYNCHRONISATION, "synchronisation", 0, "the samples follow another clock" },
	{ SIMULATED, "simulation", 0, "a test: samples of this stream that are marked so, beside it or in its place" },
};
static const struct oto_names changes = OTO_NAMES(change_rows);

struct sv_change {
	struct oto_mac src_mac, other_mac;
	struct oto_slice sv_id;
	uint32_t what, conf_rev, was_conf_rev, missing;
	uint16_t appid, smp_cnt, was_smp_cnt;
	uint8_t smp_synch, was_smp_synch;
	bool simulation, has_other, has_was, has_missing;
};
#define C(m, doc_, ...) OTO_FIELD(struct sv_change, m, doc_, __VA_ARGS__)
#define C_IF(has) .guard = OTO_IF(struct sv_change, has)
static const struct oto_field change_fields[] = {
	C(src_mac, "MAC address of the publisher"),
	C(appid, "number of the application", .flags = OTO_HEX | OTO_WIDE),
	C(sv_id, "the stream"),
	C(what, "what is other than before", .names = &changes),
	C(smp_cnt, "number of the sample now"),
	C(was_smp_cnt, "number of the sample before", C_IF(has_was)),
	C(missing, "samples that must lie in between", C_IF(has_missing)),
	C(conf_rev, "number of the configuration now"),
	C(was_conf_rev, "number of the configuration before", C_IF(has_was)),
	C(smp_synch, "the clock now", .names = &sv_synchs),
	C(was_smp_synch, "the clock before", .names = &sv_synchs, C_IF(has_was)),
	C(other_mac, "MAC address that published it before", C_IF(has_other)),
	C(simulation, "it is a test"),
};
static const struct oto_log change_logs[] = {
	{ .name = "sv_change",
	  .doc = "What is other than in the samples before: gaps, numbers that go back, settings, publishers.",
	  .columns =
	      "src_mac appid sv_id what smp_cnt was_smp_cnt missing conf_rev was_conf_rev smp_synch was_smp_synch other_mac simulation "
	      "vlan",
	  .key = "src_mac appid sv_id what conf_rev was_conf_rev smp_synch was_smp_synch other_mac simulation vlan",
	  .form = OTO_FORM_AGGREGATE, /* two publishers differ at each sample */
	  .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK },
};
const struct oto_event_type sv_change_event =
    OTO_EVENT("sv.change", struct sv_change, change_fields, "Samples that do not just follow those before.", OTO_LOGS(change_logs));

/* ------------------------------------------------------------------------------------------------ a stream */

struct second {
	int64_t begin_ns;
	uint32_t samples, copies, missing, backward, invalid, channels;
	bool opaque; /* not all of its sets were numbers with their quality */
	int32_t peak[CHANNELS_MAX];
};

struct stream {
	struct oto_mac mac;
	bool known;
	uint8_t smp_synch;
	uint16_t smp_cnt;
	uint32_t conf_rev, period; /* numbers before they begin at 0 again; 0: not seen yet */
	uint64_t settings;         /* data set and rate */
	int64_t told_ns;
	uint64_t recent[RECENT]; /* digests of the last sets */
	uint32_t newest;
	struct second second;
};
static const struct oto_memory memory = {
	.self_size = sizeof memory, .size = sizeof(struct stream), .bound = 4096, .scope = OTO_SCOPE_SEGMENT, .name = "sv"
};

static void speak(struct oto_ctx *cx, const struct sv_asdu *a, const struct stream *was, uint32_t what, uint32_t missing)
{
	struct sv_change change = { .src_mac = a->src_mac,
				    .other_mac = was->mac,
				    .sv_id = a->sv_id,
				    .what = what,
				    .conf_rev = a->conf_rev,
				    .was_conf_rev = was->conf_rev,
				    .missing = missing,
				    .appid = a->appid,
				    .smp_cnt = a->smp_cnt,
				    .was_smp_cnt = was->smp_cnt,
				    .smp_synch = a->smp_synch,
				    .was_smp_synch = was->smp_synch,
				    .simulation = a->simulation,
				    .has_other = what == PUBLISHER,
				    .has_was = was->known,
				    .has_missing = what == GAP };

	oto_emit(cx, SV_EV_CHANGE, &change);
}

/* IEC 61850-9-2 table 15: the number counts up and begins at 0 with each second, or behind 65,535 without a clock. Where it begins anew is
 * learned from the stream; until then a long way back may be that beginning, with samples lost around it. */
static void follow_number(struct oto_ctx *cx, const struct sv_asdu *a, struct stream *s)
{
	uint32_t turns = s->period > a->smp_cnt && s->period > s->smp_cnt ? s->period : UINT16_MAX + 1u;
	uint32_t ahead = (a->smp_cnt + turns - s->smp_cnt) % turns;

	if (ahead == 1)
		return;
	if (a->smp_cnt == 0 && s->smp_cnt + 1u >= PERIOD_LEAST && s->smp_cnt + 1u != s->period) {
		if (s->period)
			speak(cx, a, s, RESTART, 0);
		s->period = s->period ? 0 : s->smp_cnt + 1u;
		return;
	}
	if (ahead && ahead <= turns / 2) {
		s->second.missing += ahead - 1;
		speak(cx, a, s, GAP, ahead - 1);
		return;
	}
	if (!s->period && s->smp_cnt - a->smp_cnt >= PERIOD_LEAST)
		return;
	s->second.backward++;
	speak(cx, a, s, a->smp_cnt ? BACK : RESTART, 0);
}

static void follow_settings(struct oto_ctx *cx, const struct sv_asdu *a, const struct stream *s, uint64_t settings)
{
	if (memcmp(&s->mac, &a->src_mac, sizeof s->mac) != 0)
		speak(cx, a, s, PUBLISHER, 0);
	if (s->conf_rev != a->conf_rev || s->settings != settings)
		speak(cx, a, s, CONFIGURATION, 0);
	if (s->smp_synch != a->smp_synch)
		speak(cx, a, s, SYNCHRONISATION, 0);
}

/* Spoken once a minute and stream, as all cyclic operations. */
static void operation(struct oto_ctx *cx, const struct sv_asdu *a, struct stream *s)
{
	const int64_t minute = INT64_C(60) * SECOND_NS;

	if (s->known && cx->head->ts.ns - s->told_ns < minute)
		return;
	s->told_ns = cx->head->ts.ns;
	oto_operation(cx, &(struct oto_operation){ .self_size = sizeof(struct oto_operation),
						   .op = OTO_OP_CYCLIC,
						   .func = "sampled_values",
						   .func_code = a->appid,
						   .target = { .space = "sv", .name = a->sv_id } });
	say_fact(cx, "device_type", oto_slice_of("merging unit (IEC 61850)"), SAY_STATED);
}

/* ------------------------------------------------------------------------------------------------ seconds */

static struct oto_list peaks_of(struct oto_ctx *cx, const struct second *second)
{
	struct oto_slice *items = oto_scratch(cx, CHANNELS_MAX * sizeof *items);

	for (uint32_t i = 0; items && i < second->channels; i++)
		items[i] = say_text(cx, 12, "%" PRId32, second->peak[i]);
	return (struct oto_list){ items, items ? second->channels : 0 };
}

static void close_second(struct oto_ctx *cx, const struct sv_asdu *a, const struct second *second)
{
	if (!oto_wanted(cx, SV_EV_SECOND))
		return;
	struct sv_second e = { .src_mac = a->src_mac,
			       .sv_id = a->sv_id,
			       .begin = { second->begin_ns },
			       .samples = second->samples,
			       .copies = second->copies,
			       .missing = second->missing,
			       .backward = second->backward,
			       .invalid = second->invalid,
			       .appid = a->appid,
			       .has_peaks = !second->opaque && second->channels };
	if (e.has_peaks)
		e.peaks = peaks_of(cx, second);
	oto_emit(cx, SV_EV_SECOND, &e);
}

/* IEC 61869-9 6.904, and 9-2LE: each channel is a number of 32 bits and its quality in as many, of which the upper 18 are none. Two of the
 * lower ones tell whether it is good (IEC 61850-7-3 6.2). */
static void look_at(struct second *second, struct oto_slice sample)
{
	enum { NO_QUALITY = 0xffffc000, VALIDITY = 3 };
	struct oto_cur c = oto_cur_of(sample);
	uint32_t channels = sample.len / CHANNEL_LEN;
	bool invalid = false;

	if (sample.len % CHANNEL_LEN || channels > CHANNELS_MAX || !channels || (second->channels && second->channels != channels))
		second->opaque = true;
	if (second->opaque)
		return;
	second->channels = channels;
	for (uint32_t i = 0; i < channels; i++) {
		int32_t value = (int32_t)oto_be32(&c);
		uint32_t quality = oto_be32(&c);
		second->opaque |= (quality & NO_QUALITY) != 0;
		invalid |= quality & VALIDITY;
		if (llabs(value) > llabs(second->peak[i]))
			second->peak[i] = value;
	}
	second->invalid += invalid;
}

/* A second lasts from its first sample to the first one that is a second later. Time that was set back begins a new one. */
static void begin_second(struct oto_ctx *cx, const struct sv_asdu *a, struct stream *s)
{
	int64_t passed_ns = cx->head->ts.ns - s->second.begin_ns;

	if (passed_ns >= 0 && passed_ns < SECOND_NS)
		return;
	if (s->second.samples)
		close_second(cx, a, &s->second);
	s->second = (struct second){ .begin_ns = cx->head->ts.ns };
}

/* The same set from the same publisher, no more than a few sets later: a redundant network (IEC 62439-3) brings each frame twice. */
static bool is_copy(const struct sv_asdu *a, struct stream *s)
{
	uint64_t digest = oto_key_of(1 + (uint64_t)a->smp_cnt, a->sample);
	bool same = false;

	for (uint32_t i = 0; i < RECENT; i++)
		same |= s->recent[i] == digest;
	if (same && memcmp(&s->mac, &a->src_mac, sizeof s->mac) == 0)
		return true;
	s->recent[s->newest++ % RECENT] = digest;
	return false;
}

static struct stream *stream_of(struct oto_ctx *cx, const struct sv_asdu *a)
{
	uint64_t application = 1 + ((uint64_t)a->appid << 1 | a->simulation), group = 0;

	memcpy(&group, &a->dst_mac, sizeof a->dst_mac);
	return oto_remember(cx, &memory, oto_key_of(oto_key_mix(application, group, 0), a->sv_id));
}

void sv_follow(struct oto_ctx *cx, const struct sv_asdu *a)
{
	uint64_t settings = oto_key_of(1 + ((uint64_t)a->smp_rate << 16 | a->smp_mod), a->dataset);
	struct stream *s = stream_of(cx, a);

	if (!s)
		return;
	begin_second(cx, a, s);
	if (is_copy(a, s)) {
		s->second.copies++;
		return;
	}
	s->second.samples++;
	look_at(&s->second, a->sample);
	if (s->known) {
		follow_settings(cx, a, s, settings);
		follow_number(cx, a, s);
	} else {
		speak(cx, a, s, a->simulation ? SIMULATED : FIRST, 0);
	}
	operation(cx, a, s);
	s->mac = a->src_mac;
	s->known = true;
	s->smp_synch = a->smp_synch;
	s->smp_cnt = a->smp_cnt;
	s->conf_rev = a->conf_rev;
	s->settings = settings;
}
