/* tftp_test.c - requests, transfers both ways, options, errors, loss, repetition, ends, and damaged messages. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_tftp;

#define RRQ "0001 612e62696e 00 6f63746574 00" /* a.bin, octet */
#define WRQ "0002 612e62696e 00 6f63746574 00"

/* The client is the originator of the request's flow; the transfer's goes from the server to the client's port. */
static struct test_host *host(void)
{
	return test_host_new(oto_analyzer_tftp, OTO_UDP, 2001, 69);
}

/* The flow of a transfer: a state of its own, the server first. */
static void transfer_flow(struct test_host *t)
{
	struct oto_addr a = t->head.orig_h;

	t->head.orig_h = t->head.resp_h;
	t->head.resp_h = a;
	t->head.orig_p = 3001;
	t->head.resp_p = 2001;
	memset(t->state, 0, sizeof t->state);
}

static const char *block(struct test_host *t, bool is_orig, uint16_t number, uint32_t len)
{
	static uint8_t bytes[4 + 2048];

	bytes[1] = 3;
	bytes[2] = (uint8_t)(number >> 8);
	bytes[3] = (uint8_t)number;
	return test_bytes(t, is_orig, (struct oto_slice){ bytes, 4 + len });
}

static void read_file(void **state)
{
	(void)state;
	struct test_host *t = host();
	SAID(test_pdu(t, true, RRQ), "tftp.request", "op=read fname=a.bin mode=octet");
	transfer_flow(t);
	const char *s = block(t, true, 1, 512);
	HAS(s, "fact role=tftp server\n");
	test_pdu(t, false, "0004 0001");
	block(t, true, 1, 512); /* sent again */
	block(t, true, 2, 3);
	s = test_pdu(t, false, "0004 0002");
	HAS(s, "op=read fname=a.bin mode=octet size=515 blocks=2 blksize=512 status=complete lost=F sha256=");
	assert_null(test_line(test_pdu(t, false, "0004 0002"), "tftp.transfer")); /* told once */
	test_host_free(t);
}

static void write_with_options(void **state)
{
	(void)state;
	struct test_host *t = host();
	const char *s = test_pdu(
	    t, true, WRQ "626c6b73697a65 00 31303234 00 7473697a65 00 3130 00 74696d656f7574 00 35 00 77696e646f7773697a65 00 34 00");
	SAID(s, "tftp.request", "op=write fname=a.bin mode=octet size=10 blksize=1024 windowsize=4 timeout=5.000000");
	transfer_flow(t);
	test_pdu(t, true, "0006 626c6b73697a65 00 31303234 00");
	block(t, false, 1, 1024);
	block(t, false, 2, 0);
	s = test_pdu(t, true, "0004 0002");
	HAS(s, "op=write fname=a.bin mode=octet size=1024 announced=10 blocks=2 blksize=1024 status=complete");
	test_host_free(t);
}

static void refused(void **state)
{
	(void)state;
	struct test_host *t = host();
	test_pdu(t, true, RRQ);
	transfer_flow(t);
	const char *s = test_pdu(t, true, "0005 0001 6e6f 00");
	HAS(s, "size=0 blocks=0 blksize=512 status=error error_code=file_not_found error_msg=no lost=F");
	test_host_free(t);
	t = host();
	test_pdu(t, true, RRQ);
	transfer_flow(t);
	HAS(test_pdu(t, true, "0005 0009"), "error_code=unknown-9 error_msg=(empty)");
	test_host_free(t);
}

static void loss_and_end(void **state)
{
	(void)state;
	struct test_host *t = host();
	test_pdu(t, true, RRQ);
	transfer_flow(t);
	block(t, true, 1, 512);
	SAID(block(t, true, 3, 512), "weird", "lost_block");
	assert_null(test_line(block(t, true, 2, 512), "weird")); /* late: no longer counted */
	oto_analyzer_tftp->closing(&t->cx);
	t->said.len = 0;
	oto_bus_drain(t->bus);
	oto_buf_add(&t->said, "", 1);
	HAS(t->said.data, "size=1024 blocks=2 blksize=512 status=incomplete lost=T");
	HAS_NOT(t->said.data, "sha256");
	test_host_free(t);
}

static void numbers_wrap(void **state)
{
	(void)state;
	struct test_host *t = host();
	test_pdu(t, true, RRQ);
	transfer_flow(t);
	for (uint32_t i = 1; i <= 65540; i++)
		block(t, true, (uint16_t)i, i < 65540 ? 512 : 1);
	HAS(test_pdu(t, false, "0004 0004"), "blocks=65540 blksize=512 status=complete lost=F");
	test_host_free(t);
}

static void strangers(void **state)
{
	(void)state;
	struct test_host *t = host();
	transfer_flow(t); /* joined after the request */
	assert_string_equal(block(t, true, 1, 512), "");
	SAID(test_pdu(t, true, "0007 0000"), "weird", "unknown_opcode");
	test_host_free(t);
}

static enum oto_answer probe(struct test_host *t, const char *hex)
{
	uint8_t bytes[64];
	return oto_analyzer_tftp->probe(&t->cx, oto_cur_of(test_hex(hex, bytes, sizeof bytes)));
}

static void damaged(void **state)
{
	(void)state;
	struct test_host *t = host();
	test_side(t, true);
	assert_int_equal(probe(t, RRQ), OTO_MINE);
	assert_int_equal(probe(t, "0001 612e62696e 00 6f637465 00"), OTO_NOT_MINE);
	assert_int_equal(probe(t, "0001 00 6f63746574 00"), OTO_NOT_MINE);
	assert_int_equal(probe(t, "0003 0001 00"), OTO_NOT_MINE);
	test_side(t, false);
	assert_int_equal(probe(t, "0003 0001 00"), OTO_MINE); /* a server that answers from its port */
	SAID(test_cut(t, true, RRQ "626c6b73697a65 00 31303234 00"), "weird", "truncated");
	test_pdu(t, true, RRQ);
	transfer_flow(t);
	SAID(test_pdu(t, true, "0006 626c6b73697a65 00 3130"), "weird", "truncated");
	SAID(test_pdu(t, true, "0003 00"), "weird", "truncated");
	SAID(test_pdu(t, true, "0004 00"), "weird", "truncated");
	SAID(test_pdu(t, true, "0005 00"), "weird", "truncated");
	test_pdu(t, true, "0006 626c6b73697a65 00 39393939393939393939393939393939393939393939 00 00 00");
	block(t, true, 1, 1);
	HAS(test_pdu(t, false, "0004 0001"), "blksize=512"); /* an impossible size is not taken */
	test_host_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_file),    cmocka_unit_test(write_with_options), cmocka_unit_test(refused),
		cmocka_unit_test(loss_and_end), cmocka_unit_test(numbers_wrap),       cmocka_unit_test(strangers),
		cmocka_unit_test(damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
