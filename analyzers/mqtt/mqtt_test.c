/* mqtt_test.c - each control packet in each version, acknowledgements, aliases, long messages, what must never be shown, damaged packets.
 */
#include "../testing.h"
#include "mqtt_packet.h"

extern const struct oto_analyzer *const oto_analyzer_mqtt;

static int setup(void **state)
{
	struct test_host *t = test_host_new(oto_analyzer_mqtt, OTO_TCP, 40000, 1883);

	t->cx.key = 1883;
	*state = t;
	return 0;
}

static void has(const char *said, const char *part)
{
	if (!said || !strstr(said, part))
		fail_msg("no \"%s\" in:\n%s", part, said ? said : "");
}

#define CONNECT_31 "10 10 0006 4d5149736470 03 02 003c 0002 6162"
#define CONNECT_311 "10 1c 0004 4d515454 04 c2 003c 0002 6162 0004 75736572 0006 736563726574"
/* will, user and password; session expiry; empty identifier */
#define CONNECT_5 "10 2c 0004 4d515454 05 ec 001e 05 110000003c 0000 00 0006 612f676f6e65 0004 676f6e65 0001 75 0006 736563726574"

static const char *client(struct test_host *t, const char *hex)
{
	return test_pdu(t, true, hex);
}

static const char *server(struct test_host *t, const char *hex)
{
	return test_pdu(t, false, hex);
}

static void connect_old(void **state)
{
	struct test_host *t = *state;

	has(client(t, CONNECT_31), "fact mqtt_client_id=ab\nmqtt.message type=connect length=16 from_client=T\n");
	has(server(t, "20 02 0000"),
	    "mqtt.connect ts=1.001000 proto_name=MQIsdp proto_version=3.1 client_id=ab connect_status=Connection Accepted");
	const char *said = client(t, CONNECT_311);
	has(said, "operation authenticate connect target=user:user\n");
	has(said, "fact cleartext_login=mqtt, user user\n");
	assert_null(strstr(said, "secret"));
	said = server(t, "20 02 0004");
	has(said, "outcome error Refused: bad user name or password\n");
	has(said, "proto_version=3.1.1 client_id=ab connect_status=Refused: bad user name or password user=user password=T clean=T "
		  "keep_alive=60.");
}

static void connect_5(void **state)
{
	struct test_host *t = *state;

	client(t, CONNECT_5);
	const char *said = server(t, "20 0c 00 00 09 12 0006 6175746f2d31");
	has(said, "proto_version=5.0 client_id=auto-1 connect_status=Connection Accepted will_topic=a/gone will_payload_len=4 will_qos=at "
		  "least once "
		  "will_retain=T user=u password=T");
	has(said, "outcome ok\n");
	assert_null(strstr(said, "secret"));
	has(server(t, "e0 02 8b 00"), "mqtt.disconnect from_client=F reason=Server shutting down\n");
	has(client(t, "e0 00"), "reason=Success\n");
	has(server(t, "f0 02 18 00"), "mqtt.message type=auth length=2 from_client=F\n");
}

static void not_answered(void **state)
{
	struct test_host *t = *state;

	client(t, CONNECT_31);
	has(test_closing(t), "mqtt.connect ts=1.001000 proto_name=MQIsdp proto_version=3.1 client_id=ab password=F");
}

static void publish(void **state)
{
	struct test_host *t = *state;

	client(t, CONNECT_311);
	const char *said = client(t, "31 08 0003 612f62 313233");
	has(said, "operation write publish target=topic:a/b\nmqtt.publish ts=1.002000 from_client=T retain=T dup=F qos=at most once "
		  "status=ok topic=a/b "
		  "payload_len=3\n");
	assert_null(strstr(said, "123"));
	assert_null(strstr(client(t, "32 0a 0003 612f62 0007 313233"), "mqtt.publish"));
	said = server(t, "40 02 0007");
	has(said, "outcome ok\n");
	has(said, "mqtt.publish ts=1.003000 from_client=T retain=F dup=F qos=at least once status=ok topic=a/b payload_len=3\n");
	assert_null(strstr(server(t, "30 05 0003 612f62"), "operation"));
	assert_null(strstr(server(t, "40 02 0009"), "publish ts"));
}

static void exactly_once(void **state)
{
	struct test_host *t = *state;

	client(t, CONNECT_311);
	client(t, "3c 0a 0003 612f62 0008 313233");
	has(server(t, "50 02 0008"), "outcome ok\n");
	client(t, "62 02 0008");
	has(server(t, "70 02 0008"), "dup=T qos=exactly once status=ok topic=a/b");
	client(t, "34 0a 0003 612f62 0009 313233");
	has(server(t, "70 02 0009"), "status=incomplete_qos");
}

static void refused_5(void **state)
{
	struct test_host *t = *state;

	client(t, CONNECT_5);
	client(t, "32 08 0003 612f62 0007 00");
	const char *said = server(t, "40 03 0007 87");
	has(said, "outcome error Not authorized\n");
	has(said, "status=incomplete_qos");
}

static void aliases(void **state)
{
	struct test_host *t = *state;

	client(t, CONNECT_5);
	has(client(t, "30 09 0003 612f62 03 230001"), "topic=a/b payload_len=0\n");
	has(client(t, "30 06 0000 03 230001"), "operation write publish target=topic:a/b\n");
	has(client(t, "30 09 0003 632f64 03 230001"), "topic=c/d");
	has(client(t, "30 06 0000 03 230001"), "topic=c/d");
	assert_null(strstr(client(t, "30 06 0000 03 2300ff"), "topic="));
	assert_null(strstr(server(t, "30 06 0000 03 230001"), "topic="));
}

static void subscribe(void **state)
{
	struct test_host *t = *state;

	client(t, CONNECT_311);
	has(client(t, "82 0e 0001 0003 612f23 01 0003 2b2f62 02"),
	    "operation read subscribe target=topic:a/#\noperation read subscribe target=topic:+/b\n");
	has(server(t, "90 04 0001 01 02"),
	    "mqtt.subscribe ts=1.002000 action=MQTT::SUBSCRIBE topics=a/#,+/b qos_levels=1,2 granted_qos_level=1 ack=T count=2\n");
	client(t, "a2 07 0002 0003 612f23");
	has(server(t, "b0 02 0002"), "action=MQTT::UNSUBSCRIBE topics=a/# ack=T count=1\n");
	client(t, "82 08 0003 0003 612f23 01");
	has(server(t, "90 03 0003 80"), "outcome error Unspecified error\n");
}

/* Without CONNECT only the form tells the version. */
static void joined_late(void **state)
{
	struct test_host *t = *state;

	client(t, "82 08 0001 0003 612f23 01");
	has(server(t, "90 03 0001 01"), "topics=a/# qos_levels=1 granted_qos_level=1");
	has(client(t, "82 09 0002 00 0003 612f23 01"), "operation read subscribe target=topic:a/#\n");
	has(server(t, "20 03 00 00 00"), "mqtt.connect ts=1.004000 connect_status=Connection Accepted\n");
}

static void forget_version(struct test_host *t)
{
	memset(t->state, 0, sizeof t->state);
}

/* Whether properties stand before the payload is seen from the first message that can be read in one way only. */
static void joined_late_publish(void **state)
{
	struct test_host *t = *state;

	has(client(t, "30 06 0003 612f62 00"), "topic=a/b payload_len=0\n"); /* no properties, or a zero byte */
	has(client(t, "30 07 0003 612f62 0001"), "payload_len=1\n");
	has(client(t, "30 0c 0003 612f62 03 230007 313233"), "topic=a/b payload_len=3\n");
	has(client(t, "30 08 0000 03 230007 3132"), "topic=a/b payload_len=2\n");
	forget_version(t);
	has(client(t, "30 10 0003 612f62 09 26 0001 6b 0001 76 01 01 78"), "payload_len=1\n");
	forget_version(t);
	has(client(t, "30 08 0003 612f62 7b7d20"), "payload_len=3\n"); /* from now on of 3.1.1 */
	has(client(t, "30 06 0003 612f62 00"), "payload_len=1\n");
	forget_version(t);
	has(client(t, "30 05 0003 612f62"), "payload_len=0\n");
	has(client(t, "30 06 0003 612f62 00"), "payload_len=1\n");
	forget_version(t);
	has(client(t, "30 07 0003 612f62 01 21"), "payload_len=2\n"); /* 0x21 is a property, but none of PUBLISH */
	forget_version(t);
	has(client(t, "30 06 0003 612f62 80"), "payload_len=1\n");
}

static void joined_late_answers(void **state)
{
	struct test_host *t = *state;

	server(t, "40 03 0007 00");
	has(client(t, "30 06 0003 612f62 00"), "payload_len=0\n");
	forget_version(t);
	server(t, "b0 02 0007");
	has(client(t, "30 06 0003 612f62 00"), "payload_len=1\n");
	forget_version(t);
	server(t, "b0 04 0007 00 11");
	has(client(t, "30 06 0003 612f62 00"), "payload_len=0\n");
	forget_version(t);
	server(t, "90 03 0007 01");
	has(client(t, "30 06 0003 612f62 00"), "payload_len=1\n");
	forget_version(t);
	server(t, "e0 02 8b 00");
	has(client(t, "30 06 0003 612f62 00"), "payload_len=0\n");
	forget_version(t);
	client(t, "f0 02 18 00");
	has(client(t, "30 06 0003 612f62 00"), "payload_len=0\n");
}

/* The head of a long message ends before what would be properties, or behind them. */
static void joined_late_long(void **state)
{
	struct test_host *t = *state;
	static uint8_t bytes[9000];
	struct oto_slice five = test_hex("30 a09c01 0003 612f62 03 230007 3132", bytes, sizeof bytes);

	assert_int_equal(t->analyzer->pdu_len(&t->cx, oto_cur_of(five)), 13);
	assert_int_equal(t->analyzer->pdu_len(&t->cx, oto_cur_of((struct oto_slice){ bytes, 11 })), 0);
	assert_int_equal(t->analyzer->pdu_len(&t->cx, oto_cur_of((struct oto_slice){ bytes, 9 })), 0);
	has(test_bytes(t, true, (struct oto_slice){ bytes, sizeof bytes }), "topic=a/b payload_len=19991\n");
	forget_version(t);
	struct oto_slice before = test_hex("30 a09c01 0003 612f62 7b22", bytes, sizeof bytes);
	assert_int_equal(t->analyzer->pdu_len(&t->cx, oto_cur_of(before)), 9);
	has(test_bytes(t, true, (struct oto_slice){ bytes, sizeof bytes }), "topic=a/b payload_len=19995\n");
}

static void long_message(void **state)
{
	struct test_host *t = *state;
	static uint8_t bytes[9000];

	client(t, CONNECT_311);
	/* 20,000 bytes behind the header, of which 9,000 come, 10,000 are lost, and the rest */
	struct oto_slice head = test_hex("30 a09c01 0003 612f62", bytes, sizeof bytes);
	assert_int_equal(head.len, 9);
	has(test_bytes(t, true, (struct oto_slice){ bytes, sizeof bytes }), "topic=a/b payload_len=19995\n");
	assert_true(t->analyzer->lost_inside(&t->cx, 10000));
	t->analyzer->gap(&t->cx, 10000);
	assert_string_equal(test_bytes(t, true, (struct oto_slice){ &bytes[20], 1004 }), "");
	has(client(t, "c0 00"), "type=pingreq");
	assert_false(t->analyzer->lost_inside(&t->cx, 1));
	t->analyzer->gap(&t->cx, 1);
	has(client(t, "c0 00"), "type=pingreq");
}

static void silent(void **state)
{
	struct test_host *t = *state;

	client(t, CONNECT_311);
	client(t, "32 0a 0003 612f62 0007 313233");
	for (int i = 0; i < TEST_OPEN_MAX; i++) {
		if (t->asked[i].open)
			t->analyzer->unanswered(&t->cx, t->asked[i].note);
	}
	t->said.len = 0;
	oto_bus_drain(t->bus);
	oto_buf_add(&t->said, "", 1);
	has(t->said.data, "status=incomplete_qos topic=a/b");
	client(t, "a2 07 0002 0003 612f23");
	t->said.len = 0;
	for (int i = 0; i < TEST_OPEN_MAX; i++) {
		if (t->asked[i].open)
			t->analyzer->unanswered(&t->cx, t->asked[i].note);
	}
	oto_bus_drain(t->bus);
	oto_buf_add(&t->said, "", 1);
	has(t->said.data, "action=MQTT::UNSUBSCRIBE topics=a/# ack=F count=1\n");
}

static void probed(void **state)
{
	struct test_host *t = *state;

	assert_int_equal(test_probe(t, "30 05 0003 612f62"), OTO_MINE);
	assert_int_equal(test_probe(t, "30 05 0003 612f23"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "c0 00"), OTO_MINE);
	assert_int_equal(test_probe(t, "c0 01"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "36 05"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "00 05"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "30 ffffffff"), OTO_NOT_MINE);
	t->cx.key = 0;
	assert_int_equal(test_probe(t, CONNECT_311), OTO_MINE);
	assert_int_equal(test_probe(t, CONNECT_31), OTO_MINE);
	assert_int_equal(test_probe(t, "10 1c 0004 4d51"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "10 1c 0004 4d515458 04"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "c0 00"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "10"), OTO_NEED_MORE);
}

/* Every length, with the length field as it was, and with one that fits the bytes. */
static void shorter(struct test_host *t, bool is_orig, const char *hex)
{
	static uint8_t bytes[256];
	struct oto_slice all = test_hex(hex, bytes, sizeof bytes);

	test_cut(t, is_orig, hex);
	for (uint32_t n = all.len; n >= 2; n--) {
		uint8_t *exact = oto_calloc(1, n);
		memcpy(exact, bytes, n);
		exact[1] = (uint8_t)(n - 2);
		test_bytes(t, is_orig, (struct oto_slice){ exact, n });
		free(exact);
	}
}

static void damaged(void **state)
{
	struct test_host *t = *state;

	shorter(t, true, CONNECT_31);
	shorter(t, true, CONNECT_311);
	shorter(t, true, CONNECT_5);
	shorter(t, false, "20 0c 00 00 09 12 0006 6175746f2d31");
	shorter(t, true, "32 0b 0003 612f62 0007 03 230001");
	shorter(t, false, "40 03 0007 10");
	shorter(t, true, "82 10 0001 02 0b01 0003 612f23 01 0003 2b2f62 02");
	shorter(t, false, "90 05 0001 00 01 02");
	shorter(t, true, "a2 08 0002 00 0003 612f23");
	shorter(t, false, "b0 04 0002 00 11");
	has(client(t, "82 08 0003 0003 612f23 03"), "weird truncated\n");
	has(client(t, "20 05 00 00 02 7f 00"), "weird truncated\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(connect_old, setup, test_teardown),
		cmocka_unit_test_setup_teardown(connect_5, setup, test_teardown),
		cmocka_unit_test_setup_teardown(not_answered, setup, test_teardown),
		cmocka_unit_test_setup_teardown(publish, setup, test_teardown),
		cmocka_unit_test_setup_teardown(exactly_once, setup, test_teardown),
		cmocka_unit_test_setup_teardown(refused_5, setup, test_teardown),
		cmocka_unit_test_setup_teardown(aliases, setup, test_teardown),
		cmocka_unit_test_setup_teardown(subscribe, setup, test_teardown),
		cmocka_unit_test_setup_teardown(joined_late, setup, test_teardown),
		cmocka_unit_test_setup_teardown(joined_late_publish, setup, test_teardown),
		cmocka_unit_test_setup_teardown(joined_late_answers, setup, test_teardown),
		cmocka_unit_test_setup_teardown(joined_late_long, setup, test_teardown),
		cmocka_unit_test_setup_teardown(long_message, setup, test_teardown),
		cmocka_unit_test_setup_teardown(silent, setup, test_teardown),
		cmocka_unit_test_setup_teardown(probed, setup, test_teardown),
		cmocka_unit_test_setup_teardown(damaged, setup, test_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
