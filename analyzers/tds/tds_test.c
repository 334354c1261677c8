/* tds_test.c - logins and their answers, statements without literals, procedures, TLS, what must never be shown, damaged messages. */
#include "../testing.h"
#include "tds_message.h"

extern const struct oto_analyzer *const oto_analyzer_tds;

static int setup(void **state)
{
	struct test_host *t = test_host_new(oto_analyzer_tds, OTO_TCP, 40000, 1433);

	t->cx.key = 1433;
	*state = t;
	return 0;
}

static void has(const char *said, const char *part)
{
	if (!said || !strstr(said, part))
		fail_msg("no \"%s\" in:\n%s", part, said ? said : "");
}

/* ------------------------------------------------------------------------------------------------ making messages */

struct message {
	uint8_t bytes[2048];
	uint32_t len;
};

static void put(struct message *m, const char *hex)
{
	m->len += test_hex(hex, &m->bytes[m->len], sizeof m->bytes - m->len).len;
}

static void put_wide(struct message *m, const char *text)
{
	for (; *text; text++) {
		m->bytes[m->len++] = (uint8_t)*text;
		m->bytes[m->len++] = 0;
	}
}

static struct message begun(uint8_t type)
{
	return (struct message){ .bytes = { type, 1, 0, 0, 0, 0, 1, 0 }, .len = 8 };
}

static struct oto_slice whole(struct message *m)
{
	m->bytes[2] = (uint8_t)(m->len >> 8);
	m->bytes[3] = (uint8_t)m->len;
	return (struct oto_slice){ m->bytes, m->len };
}

#define HEADERS "16000000 12000000 0200 0000000000000000 01000000"

/* Host, user, password, program, server and database of four characters each. */
static struct message login(void)
{
	static const char *const names[] = { "host", "user", "hush", "prog", "serv", "", "odbc", "", "base" };
	struct message m = begun(TDS_LOGIN);
	uint32_t at = 94;

	put(&m, "00000000 04000074 00100000 00000007 67120000 00000000 e0 03 00 00 00000000 09040000");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		uint32_t n = (uint32_t)strlen(names[i]);
		m.bytes[m.len++] = (uint8_t)at;
		m.bytes[m.len++] = (uint8_t)(at >> 8);
		m.bytes[m.len++] = (uint8_t)n;
		m.bytes[m.len++] = 0;
		at += 2 * n;
	}
	put(&m, "020000000020 00000000 00000000 00000000 00000000");
	assert_int_equal(m.len, 8 + 94);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		put_wide(&m, names[i]);
	return m;
}

static void prelogin(struct test_host *t)
{
	has(test_pdu(t, true, "12 01 0025 0000 01 00 00 0010 0006 01 0016 0001 02 0017 0006 ff 0b0000000000 02 504c414e5400"),
	    "tds.prelogin is_server=F version=11.0.0 encryption=not_supported instance=PLANT\n");
	const char *said = test_pdu(t, false, "04 01 001f 0000 01 00 00 0010 0006 01 0016 0001 02 0017 0000 ff 0c0010040000 02");
	has(said, "tds.prelogin is_server=T version=12.0.4100 encryption=not_supported\n");
	has(said, "fact role=sql server\nfact software=Microsoft SQL Server 2014 12.0.4100\nfact os=Windows\n");
}

/* ------------------------------------------------------------------------------------------------ tests */

static void logged_in(void **state)
{
	struct test_host *t = *state;
	struct message l = login(), a = begun(TDS_ANSWER);

	prelogin(t);
	const char *said = test_bytes(t, true, whole(&l));
	has(said, "fact hostname=host\nfact user=user\nfact software=prog\nfact hostname=serv\nfact cleartext_login=tds, user user\n");
	assert_null(strstr(said, "hush"));
	put(&a, "e3 1b00 01 04");
	put_wide(&a, "main");
	put(&a, "06");
	put_wide(&a, "master");
	a.len += 4; /* more than it needs */
	put(&a, "ad 0e00 01 74000004 02");
	put_wide(&a, "MS");
	put(&a, "0c001004 fd");
	said = test_bytes(t, false, whole(&a));
	has(said,
	    "tds.login ts=1.003000 version=7.4 encryption=not_supported client_host=host process=4711 user=user password=T integrated=F "
	    "app=prog library=odbc server_name=serv database=main server_version=MS 12.0.4100 success=T\n");
	assert_string_equal(test_closing(t), "");
}

static void refused(void **state)
{
	struct test_host *t = *state;
	struct message l = login(), a = begun(TDS_ANSWER);

	test_bytes(t, true, whole(&l));
	put(&a, "aa 1200 18480000 01 0e 0200");
	put_wide(&a, "no");
	put(&a, "00 00 01000000 fd");
	has(test_bytes(t, false, whole(&a)), "success=F error=18456 error_msg=no\n");
}

static void not_answered(void **state)
{
	struct test_host *t = *state;
	struct message l = login();

	test_bytes(t, true, whole(&l));
	has(test_closing(t), "tds.login ts=1.001000 version=7.4 client_host=host");
}

static void in_packets(void **state)
{
	struct test_host *t = *state;
	struct message l = login(), part;
	struct oto_slice bytes = whole(&l);

	part = begun(TDS_LOGIN);
	part.bytes[1] = 0;
	memcpy(&part.bytes[part.len], &bytes.data[8], 40);
	part.len += 40;
	assert_null(strstr(test_bytes(t, true, whole(&part)), "fact"));
	part = begun(TDS_LOGIN);
	memcpy(&part.bytes[part.len], &bytes.data[48], bytes.len - 48);
	part.len += bytes.len - 48;
	has(test_bytes(t, true, whole(&part)), "fact user=user\n");
}

static void executed(void **state)
{
	struct test_host *t = *state;
	struct message m = begun(TDS_BATCH);

	put(&m, HEADERS);
	put_wide(&m, "SELECT *\r\n  FROM t WHERE p = N'hush' AND q = 0xC0FFEE AND r='it''s' ");
	has(test_bytes(t, true, whole(&m)),
	    "tds.execute kind=batch name=SELECT statement=SELECT * FROM t WHERE p = N'?' AND q = 0x AND r='?''?'\n");
	m = begun(TDS_BATCH);
	put_wide(&m, "without headers 'hush");
	has(test_bytes(t, true, whole(&m)), "name=without statement=without headers '\n");
	m = begun(TDS_RPC);
	put(&m, HEADERS "ffff 0a00 0000 0000 e7 401f 0904d00034 0a00");
	put_wide(&m, "CLOSE");
	has(test_bytes(t, true, whole(&m)), "kind=rpc name=sp_executesql statement=CLOSE\n");
	m = begun(TDS_RPC);
	put(&m, HEADERS "ffff 0a00 0000 0000 63 00100000 0904d00034 0a000000");
	put_wide(&m, "CLOSE");
	has(test_bytes(t, true, whole(&m)), "kind=rpc name=sp_executesql statement=CLOSE\n");
	m = begun(TDS_RPC);
	put(&m, HEADERS "ffff 0a00 0000 0000 26 04");
	has(test_bytes(t, true, whole(&m)), "kind=rpc name=sp_executesql\n");
	m = begun(TDS_RPC);
	put(&m, HEADERS "0300");
	put_wide(&m, "run");
	put(&m, "0000");
	has(test_bytes(t, true, whole(&m)), "kind=rpc name=run\n");
	m = begun(TDS_RPC);
	put(&m, HEADERS "ffff 6300 0000");
	has(test_bytes(t, true, whole(&m)), "kind=rpc name=procedure 99\n");
	m = begun(TDS_RPC);
	put(&m, HEADERS "0000");
	has(test_bytes(t, true, whole(&m)), "weird malformed_rpc\n");
}

static void lost(void **state)
{
	struct test_host *t = *state;
	struct message m = begun(TDS_BATCH);

	put_wide(&m, "a b");
	test_side(t, true);
	t->analyzer->gap(&t->cx, 100);
	m.bytes[6] = 3;
	assert_null(strstr(test_bytes(t, true, whole(&m)), "execute"));
	m.bytes[6] = 1;
	has(test_bytes(t, true, whole(&m)), "kind=batch name=a");
}

static void tls(void **state)
{
	struct test_host *t = *state;

	has(test_pdu(t, true, "12 01 000d 0000 00 00 1603010000"), "stream 0/0 1603010000\n");
	has(test_pdu(t, true, "1703030002 0102"), "stream 0/0 17030300020102\n");
	has(test_pdu(t, true, "1709030002 0102"), "pdu_len -1\n");
	has(test_pdu(t, true, "17"), "pdu_len 0\n");
}

static void probed(void **state)
{
	struct test_host *t = *state;

	assert_int_equal(test_probe(t, "01 01 0020 0000 01 00"), OTO_MINE);
	assert_int_equal(test_probe(t, "05 01 0020 0000 01 00"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "01 01 0007 0000 01 00"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "01 ff"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "01"), OTO_NEED_MORE);
	t->cx.key = 0;
	assert_int_equal(test_probe(t, "12 01 0025 0000 01 00 00 0010 0006"), OTO_MINE);
	assert_int_equal(test_probe(t, "12 01 0025 0000 01 00 00"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "12 01 0025 0000 01 00 00 1010 0006"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "01 01 0020 0000 01 00"), OTO_NOT_MINE);
}

/* Every shorter form that says its own length. */
static void shorter(struct test_host *t, bool is_orig, struct message *m)
{
	uint32_t all = m->len;

	for (uint32_t n = 8; n < all; n++) {
		uint8_t *exact = oto_calloc(1, n);
		m->len = n;
		memcpy(exact, whole(m).data, n);
		assert_null(strstr(test_bytes(t, is_orig, (struct oto_slice){ exact, n }), "hush"));
		free(exact);
	}
	m->len = all;
}

static void damaged(void **state)
{
	struct test_host *t = *state;
	struct message m = login();

	shorter(t, true, &m);
	m = begun(TDS_RPC);
	put(&m, HEADERS "ffff 0a00 0000 0000 e7 ffff 0904d00034 ffffffffffffffff 0a000000");
	put_wide(&m, "CLOSE");
	shorter(t, true, &m);
	m = begun(TDS_ANSWER);
	put(&m, "e3 0700 01 01 6100 01 6200 aa 1200 18480000 01 0e 0200 6e006f00 0000 01000000 ad 0a00 01 74000004 00 0c001004");
	shorter(t, false, &m);
	m = begun(TDS_PRELOGIN);
	put(&m, "00 0010 0006 01 0016 0001 02 0017 0006 ff 0b0000000000 02 504c414e5400");
	shorter(t, true, &m);
	has(test_pdu(t, true, "12 01 000a 0000 01 00 00 ff"), "weird malformed_prelogin\n");
	has(test_pdu(t, true, "10 01 000c 0000 01 00 01020304"), "weird malformed_login\n");
	has(test_pdu(t, true, "10 01 0004 0000 01 00"), "pdu_len -1\n");
	has(test_pdu(t, true, "63 01 0010"), "pdu_len -1\n");
	assert_null(tds_product(99, 0));
	assert_string_equal(tds_product(10, 50), "Microsoft SQL Server 2008 R2");
	assert_null(tds_procedure(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(logged_in, setup, test_teardown),
		cmocka_unit_test_setup_teardown(refused, setup, test_teardown),
		cmocka_unit_test_setup_teardown(not_answered, setup, test_teardown),
		cmocka_unit_test_setup_teardown(in_packets, setup, test_teardown),
		cmocka_unit_test_setup_teardown(executed, setup, test_teardown),
		cmocka_unit_test_setup_teardown(lost, setup, test_teardown),
		cmocka_unit_test_setup_teardown(tls, setup, test_teardown),
		cmocka_unit_test_setup_teardown(probed, setup, test_teardown),
		cmocka_unit_test_setup_teardown(damaged, setup, test_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
