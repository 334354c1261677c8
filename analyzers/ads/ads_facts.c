/* ads_facts.c - what answers reveal of a device: servers with their versions and states, and what the system service says of the machine.
 */
#include "ads.h"

/* The content of <tag>, without markup inside. */
static struct oto_slice element(struct oto_slice xml, const char *tag)
{
	uint32_t len = (uint32_t)strlen(tag);

	for (uint32_t at = say_find(xml, '<'); at < xml.len; at += 1 + say_find(say_from(xml, at + 1), '<')) {
		struct oto_slice rest = say_from(xml, at + 1);
		if (say_begins(rest, tag) && rest.len > len && rest.data[len] == '>') {
			rest = say_from(rest, len + 1);
			return say_first(rest, say_find(rest, '<'));
		}
	}
	return (struct oto_slice){ 0 };
}

static struct oto_slice joined(struct oto_ctx *cx, struct oto_slice a, const char *between, struct oto_slice b)
{
	enum { MOST = 100 };
	struct text t = text_new(cx, MOST);

	if (!a.len || !b.len)
		return a;
	text_put_slice(&t, a);
	text_put(&t, between);
	text_put_slice(&t, b);
	return text_end(&t);
}

/* TARGETINFO: "<TcTargetDesc><TargetType>CX1020-CE</TargetType>..." */
static void tell_target(struct oto_ctx *cx, struct oto_slice xml)
{
	struct oto_slice version = joined(cx, element(xml, "Version"), ".", element(xml, "Revision"));

	if (!say_begins(xml, "<TcTargetDesc"))
		return;
	say_fact(cx, "vendor", oto_slice_of("Beckhoff"), SAY_STATED);
	say_fact(cx, "model", element(xml, "TargetType"), SAY_SURE);
	say_fact(cx, "serial", element(xml, "SerialNo"), SAY_SURE);
	say_fact(cx, "firmware", joined(cx, version, ".", element(xml, "Build")), SAY_SURE);
	say_fact(cx, "hardware", element(xml, "CPUVersion"), SAY_SURE);
	say_fact(cx, "os", joined(cx, element(xml, "OsName"), " ", element(xml, "OsVersion")), SAY_SURE);
	say_fact(cx, "ams_net_id", element(xml, "NetId"), SAY_SURE);
}

static void tell_server(struct ads_parse *p, const char *key, struct oto_slice value)
{
	oto_fact(p->cx, &(struct oto_fact){
			    .self_size = sizeof(struct oto_fact), .key = key, .value = value, .confidence = SAY_SURE, .sub = ads_sub(p) });
}

/* SYSSERV_STATE: state of TwinCAT and of its device, how often it was restarted, then its version. */
static void tell_version(struct oto_ctx *cx, struct oto_slice state)
{
	struct oto_cur c = oto_cur_of(state);

	oto_skip(&c, 6);
	uint8_t major = oto_u8(&c), minor = oto_u8(&c);
	uint16_t build = oto_le16(&c);
	if (!c.bad && major)
		say_fact(cx, "firmware", say_text(cx, 16, "%u.%u.%u", major, minor, build), SAY_SURE);
}

static void tell_machine(struct ads_parse *p)
{
	enum { DESCRIPTION = 8192 };

	if (p->m->index_group == ADS_TARGET_INFO)
		tell_target(p->cx, say_first(say_string(p->payload), DESCRIPTION));
	else if (p->m->index_group == ADS_SERVICE_STATE)
		tell_version(p->cx, p->payload);
	else if (p->m->index_group == ADS_HOST_NAME)
		say_fact(p->cx, "hostname", say_trim(say_string(p->payload)), SAY_SURE);
}

void ads_tell_facts(struct ads_parse *p)
{
	const struct ads_message *m = p->m;

	if (m->error_code || m->result)
		return;
	if (m->command == ADS_READ_DEVICE_INFO) {
		tell_server(p, "service", m->device_name);
		tell_server(p, "firmware", m->version);
	} else if (m->command == ADS_READ_STATE) {
		const struct oto_name *state = oto_name_of(&ads_states, m->ads_state);
		tell_server(p, "state", oto_slice_of(state ? state->name : NULL));
	} else if (m->port == ADS_SYSTEM_SERVICE && m->has_index && m->command == ADS_READ) {
		tell_machine(p);
	}
}
