/* dhcp_test.c - messages, conversations as Zeek's rows, facts, relays, overload, and what damaged messages do. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_dhcp;

enum { FIXED = 236 };

struct message {
	uint8_t bytes[1024];
	uint32_t len;
};

static void put_be32(uint8_t *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* The fixed part of a client with MAC 02:00:00:00:00:01, then the cookie and options in hexadecimal. */
static struct message message(uint8_t op, uint32_t xid, const char *options)
{
	struct message m = { .len = FIXED };
	uint8_t more[512];
	static const uint8_t mac[] = { 2, 0, 0, 0, 0, 1 };

	m.bytes[0] = op;
	m.bytes[1] = 1;
	m.bytes[2] = 6;
	put_be32(&m.bytes[4], xid);
	memcpy(&m.bytes[28], mac, sizeof mac);
	if (!options)
		return m;
	put_be32(&m.bytes[FIXED], 0x63825363);
	struct oto_slice s = test_hex(options, more, sizeof more);
	memcpy(&m.bytes[FIXED + 4], more, s.len);
	m.len = FIXED + 4 + s.len;
	return m;
}

static const char *say(struct test_host *t, bool is_orig, const struct message *m)
{
	return test_bytes(t, is_orig, (struct oto_slice){ m->bytes, m->len });
}

static struct test_host *host(void)
{
	struct test_host *t = test_host_new(oto_analyzer_dhcp, OTO_UDP, 68, 67);
	t->head.has_mac = true;
	t->head.orig_mac = (struct oto_mac){ { 2, 0, 0, 0, 0, 1 } };
	return t;
}

/* What the conversation that is open says at its end. */
static const char *row(struct test_host *t, int number)
{
	t->said.len = 0;
	oto_analyzer_dhcp->unanswered(&t->cx, t->asked[number].note);
	oto_bus_drain(t->bus);
	oto_buf_add(&t->said, "", 1);
	return t->said.data;
}

static void lease(void **state)
{
	(void)state;
	struct test_host *t = host();
	struct message m = message(1, 7, "350101 0c0470632d31 51050000006162 3c084d53465420352e30 3d0701020000000001 370401030641 ff");
	const char *s = say(t, true, &m);
	HAS(s, "op=request msg_type=DISCOVER xid=7 to_server=T src_ip=10.0.0.1 src_mac=02:00:00:00:00:01 client_mac=02:00:00:00:00:01");
	HAS(s, "hostname=pc-1 fqdn=ab ");
	HAS(s, "parameter_list=1,3,6,65 class_id=MSFT 5.0 client_id=01020000000001");
	HAS(s, "options=53,12,81,60,61,55\n");
	HAS(s, "fact hostname=pc-1\nfact fqdn=ab\nfact vendor_class=MSFT 5.0\nfact os=Windows 2000 or later\nfact "
	       "dhcp_fingerprint=1,3,6,65\n");
	m = message(2, 7, "350102 36040a000002 330400000e10 0f05706c616e74 03040a000001 06080a0000020a000003 ff");
	memcpy(&m.bytes[16], "\x0a\x00\x00\x09", 4);
	s = say(t, false, &m);
	HAS(s, "to_server=F");
	HAS(s, "yiaddr=10.0.0.9");
	HAS(s, "routers=10.0.0.1 dns_servers=10.0.0.2,10.0.0.3");
	HAS(s, "fact role=dhcp server\nfact role=router\nfact role=dns server\nfact role=dns server\n");
	m.bytes[FIXED + 4 + 2] = 5;
	s = say(t, false, &m);
	HAS(s, "fact ip=10.0.0.9\nfact hostname=pc-1\nfact domain=plant\n");
	SAID(row(t, 0), "dhcp.conversation",
	     "ts=1.001000 uids=Ctest client_addr=10.0.0.1 server_addr=10.0.0.2 mac=02:00:00:00:00:01 host_name=pc-1 client_fqdn=ab "
	     "domain=plant "
	     "assigned_addr=10.0.0.9 lease_time=3600.000000 msg_types=DISCOVER,OFFER,ACK duration=0.002000");
	test_host_free(t);
}

static void pause(struct test_host *t, int64_t ms)
{
	t->head.ts.ns += ms * 1000000;
}

static void sweep(struct test_host *t)
{
	t->sweeps.last = t->head.ts;
}

static void conversations_end(void **state)
{
	(void)state;
	struct test_host *t = host();
	struct message m = message(1, 7, "350103 32040a000009 ff");
	assert_null(test_line(say(t, true, &m), "dhcp.conversation"));
	pause(t, 11000);
	assert_null(test_line(say(t, true, &m), "dhcp.conversation")); /* nobody has swept in between */
	pause(t, 11000);
	sweep(t);
	const char *s = say(t, true, &m);
	HAS(s, "requested_addr=10.0.0.9 msg_types=REQUEST,REQUEST duration=11.001000");
	for (int i = 0; i < 7; i++) { /* never idle for long, but longer than half a minute */
		pause(t, 4000);
		sweep(t);
		assert_null(test_line(say(t, true, &m), "dhcp.conversation"));
	}
	pause(t, 4000);
	sweep(t);
	assert_non_null(test_line(say(t, true, &m), "dhcp.conversation"));
	pause(t, 9000);
	sweep(t); /* too young */
	assert_null(test_line(say(t, true, &m), "dhcp.conversation"));
	pause(t, 500);
	t->sweeps.first.ns = t->head.ts.ns - INT64_C(10200000000); /* it began 700 ms into a second of the capture */
	sweep(t);
	assert_null(test_line(say(t, true, &m), "dhcp.conversation")); /* but something has just come */
	pause(t, 6000);
	sweep(t);
	assert_non_null(test_line(say(t, true, &m), "dhcp.conversation"));
	pause(t, 9500);
	t->sweeps.first.ns = t->head.ts.ns - INT64_C(10200000000);
	sweep(t);
	assert_non_null(test_line(say(t, true, &m), "dhcp.conversation"));
	for (int i = 0; i < 48; i++)
		assert_null(test_line(say(t, true, &m), "dhcp.conversation"));
	assert_non_null(test_line(say(t, true, &m), "dhcp.conversation")); /* fifty messages fill a row */
	test_host_free(t);
}

static void many_flows(void **state)
{
	(void)state;
	struct test_host *t = host();
	struct message m = message(1, 7, "350199 ff");
	for (int i = 0; i < 10; i++) {
		snprintf(t->head.uid, sizeof t->head.uid, "Cuid%d", i);
		const char *s = say(t, true, &m);
		if (i == 9)
			HAS(s, "uids=Cuid0,Cuid1,Cuid2,Cuid3,Cuid4,Cuid5,Cuid6,Cuid7,Cuid8,Cuid9 ");
	}
	HAS(t->said.data, "msg_types=unknown-message-type-153,");
	test_host_free(t);
}

static void long_texts(void **state)
{
	(void)state;
	struct test_host *t = host();
	char options[1024] = "350104 0cc8";
	for (int i = 0; i < 200; i++)
		strcat(options, "61");
	strcat(options, "3804 6e6f7065 ff");
	struct message m = message(1, 7, options);
	HAS(say(t, true, &m), "message=nope");
	const char *s = row(t, 0);
	HAS(s, "client_message=nope"); /* kept first, so it has room */
	assert_true(strlen(test_line(s, "dhcp.conversation")) > 180);
	test_host_free(t);
}

static void relayed(void **state)
{
	(void)state;
	struct test_host *t = host();
	t->head.orig_p = 67;
	struct message m = message(1, 7, "350101 5208 0102abcd 02026162 7c09 00001234 04 03 612d62 ff");
	memcpy(&m.bytes[24], "\x0a\x00\x00\x01", 4);
	const char *s = say(t, true, &m);
	HAS(s, "giaddr=10.0.0.1");
	HAS(s, "enterprise_number=4660 vendor_class=a-b");
	HAS(s, "circuit_id=abcd remote_id=6162");
	HAS(s, "fact role=dhcp relay\nfact vendor_class=a-b\n");
	m = message(2, 7, "350105 36040a000063 ff");
	memcpy(&m.bytes[16], "\x0a\x00\x00\x09", 4);
	HAS(say(t, false, &m), "fact role=dhcp server\n"); /* of the server that is named, not of the relay */
	test_host_free(t);
}

static void overload(void **state)
{
	(void)state;
	struct test_host *t = host();
	struct message m = message(1, 7, "350101 340103 0c0161 ff");
	static const uint8_t file[] = { 12, 1, 'b', 15, 1, 'd', 255 }, sname[] = { 66, 2, 't', 's', 255 };
	memcpy(&m.bytes[108], file, sizeof file);
	memcpy(&m.bytes[44], sname, sizeof sname);
	const char *s = say(t, true, &m);
	HAS(s, "hostname=a domain=d");
	HAS(s, "tftp_server=ts");
	HAS_NOT(s, "boot_file");
	m = message(1, 8, NULL);
	m.len += 4;
	memcpy(&m.bytes[108], "boot.img", 8);
	memcpy(&m.bytes[44], "srv", 3);
	s = say(t, true, &m); /* BOOTP */
	HAS(s, "server_name=srv boot_file=boot.img");
	HAS_NOT(s, "msg_type=");
	HAS_NOT(s, "fact");
	test_host_free(t);
}

static void classes(void **state)
{
	static const struct {
		const char *hex, *facts;
	} rows[] = {
		{ "6468637063642d392e342e313a4c696e75782d352e31303a61726d", "fact software=dhcpcd-9.4.1\nfact os=Linux-5.10\n" },
		{ "616e64726f69642d646863702d3133", "fact os=Android\nfact software=android-dhcp-13\n" },
		{ "4d534654203938", "fact os=Windows 98\n" },
		{ "505845436c69656e743a41726368", "fact role=network boot client\n" },
		{ "7965616c696e6b", "fact role=phone\nfact vendor=Yealink\n" },
	};
	(void)state;
	struct test_host *t = host();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char options[128];
		snprintf(options, sizeof options, "350101 3c%02zx %s ff", strlen(rows[i].hex) / 2, rows[i].hex);
		struct message m = message(1, 7, options);
		const char *s = say(t, true, &m);
		if (!strstr(s, rows[i].facts))
			assert_string_equal(s, rows[i].facts);
	}
	struct message m = message(1, 7, "350101 3c03 010203 370b 010f03062c2e2f1f21f92b ff");
	const char *s = say(t, true, &m);
	HAS_NOT(s, "fact vendor_class"); /* no text */
	HAS(s, "fact os=Windows 2000 or XP\n");
	m = message(1, 7, "350107 0c0161 ff");
	HAS_NOT(say(t, true, &m), "fact"); /* a client that leaves */
	test_host_free(t);
}

static void damaged(void **state)
{
	(void)state;
	struct test_host *t = host();
	struct message m = message(1, 7, "350101 0c0470632d31 36040a000002 520601041234 7c0500001234 00 3300 ff");
	for (uint32_t n = 1; n <= m.len; n++) {
		uint8_t *exact = oto_calloc(1, n + 1);
		memcpy(exact, m.bytes, n);
		const char *s = test_bytes(t, true, (struct oto_slice){ exact, n });
		if (n < FIXED)
			SAID(s, "weird", "truncated");
		else
			assert_non_null(test_line(s, "dhcp.message"));
		free(exact);
	}
	SAID(say(t, true, &m), "weird", "malformed_option");
	m = message(3, 7, "350101 ff");
	SAID(say(t, true, &m), "weird", "unknown_operation");
	assert_int_equal(oto_analyzer_dhcp->probe(&t->cx, oto_cur_of((struct oto_slice){ m.bytes, m.len })), OTO_NOT_MINE);
	m.bytes[0] = 2;
	assert_int_equal(oto_analyzer_dhcp->probe(&t->cx, oto_cur_of((struct oto_slice){ m.bytes, m.len })), OTO_MINE);
	assert_int_equal(oto_analyzer_dhcp->probe(&t->cx, oto_cur_of((struct oto_slice){ m.bytes, 239 })), OTO_NOT_MINE);
	t->head.resp_p = t->head.orig_p = 9999;
	m.bytes[FIXED] = 0;
	assert_int_equal(oto_analyzer_dhcp->probe(&t->cx, oto_cur_of((struct oto_slice){ m.bytes, m.len })), OTO_NOT_MINE);
	test_host_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lease),      cmocka_unit_test(conversations_end), cmocka_unit_test(many_flows), cmocka_unit_test(relayed),
		cmocka_unit_test(long_texts), cmocka_unit_test(overload),          cmocka_unit_test(classes),    cmocka_unit_test(damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
