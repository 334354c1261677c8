/* dnp3_test.c - frames and checksums, segments, every kind of object, commands, files, secure authentication; and what damaged ones do. */
#include "../testing.h"
#include "dnp3.h"

extern const struct oto_analyzer *const oto_analyzer_dnp3;

static int setup(void **state)
{
	struct test_host *t = test_host_new(oto_analyzer_dnp3, OTO_TCP, 49152, 20000);

	t->cx.shared = t->shared = oto_calloc(1, DNP3_SHARED);
	assert_true(oto_analyzer_dnp3->setup(NULL, t->cx.shared));
	*state = t;
	return 0;
}

/* The checksum of 9.2.5 bit by bit: not the way of the analyzer. */
static void add_crc(uint8_t *block, uint32_t n)
{
	uint16_t crc = 0;

	for (uint32_t i = 0; i < n; i++) {
		crc ^= block[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xa6bc : crc >> 1);
	}
	block[n] = (uint8_t)~crc;
	block[n + 1] = (uint8_t)(~crc >> 8);
}

enum { MASTER = 1, OUTSTATION = 10, SIZE = 300 };

/* A frame with the control octet and user data; returns its length. */
static uint32_t frame(uint8_t *out, bool from_master, uint8_t function, struct oto_slice data)
{
	uint8_t to = from_master ? OUTSTATION : MASTER, from = from_master ? MASTER : OUTSTATION;
	uint8_t header[] = { 0x05, 0x64, (uint8_t)(5 + data.len), (uint8_t)((from_master ? 0x80 : 0) | function), to, 0, from, 0 };
	uint32_t n = sizeof header;

	memcpy(out, header, n);
	add_crc(out, n);
	n += 2;
	for (uint32_t at = 0; at < data.len; at += 16) {
		uint32_t more = data.len - at < 16 ? data.len - at : 16;
		memcpy(out + n, data.data + at, more);
		add_crc(out + n, more);
		n += more + 2;
	}
	return n;
}

/* A segment: its octet in front of the fragment's bytes. */
static const char *segment(struct test_host *t, bool from_master, uint8_t transport, const char *hex)
{
	uint8_t data[SIZE] = { transport }, bytes[2 * SIZE];
	struct oto_slice rest = test_hex(hex, data + 1, SIZE - 51);
	uint32_t n = frame(bytes, from_master, 0x44, (struct oto_slice){ data, rest.len + 1 });

	return test_bytes(t, from_master, (struct oto_slice){ bytes, n });
}

static const char *master(struct test_host *t, const char *hex)
{
	return segment(t, true, 0xc0, hex);
}

static const char *outstation(struct test_host *t, const char *hex)
{
	return segment(t, false, 0xc0, hex);
}

static void links(void **state)
{
	static const struct {
		uint8_t control;
		const char *said;
	} cases[] = {
		{ 0x40, "RESET_LINK_STATES" },
		{ 0x41, "RESET_USER_PROCESS" },
		{ 0x72, "TEST_LINK_STATES" },
		{ 0x49, "REQUEST_LINK_STATUS" },
		{ 0x00, "ACK" },
		{ 0x01, "NACK" },
		{ 0x0b, "LINK_STATUS" },
		{ 0x0e, "NOT_FUNCTIONING" },
		{ 0x0f, "NOT_SUPPORTED" },
	};
	struct test_host *t = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t bytes[SIZE];
		uint32_t n = frame(bytes, cases[i].control & 0x40, cases[i].control, (struct oto_slice){ 0 });
		const char *s = test_bytes(t, cases[i].control & 0x40, (struct oto_slice){ bytes, n });
		HAS(s, cases[i].said);
		HAS_NOT(s, "dnp3.message");
	}
	HAS(test_pdu(t, true, "0564 05 f2 0100 efff bf b5"),
	    "dnp3.link source=65519 destination=1 from_master=T primary=T function=TEST_LINK_STATES "
	    "fcb=T fcv=T length=5\n");
}

static void checksums(void **state)
{
	struct test_host *t = *state;
	uint8_t bytes[SIZE], data[] = { 0xc0, 0xc1, 1, 60, 1, 6 };
	uint32_t n = frame(bytes, true, 0x44, (struct oto_slice){ data, sizeof data });

	HAS(test_bytes(t, true, (struct oto_slice){ bytes, n }), "operation read READ target=class:0 unit=10\n");
	bytes[12] ^= 1;
	assert_string_equal(test_bytes(t, true, (struct oto_slice){ bytes, n }), "weird wrong_checksum\n");
	bytes[12] ^= 1;
	bytes[4] ^= 1;
	assert_string_equal(test_bytes(t, true, (struct oto_slice){ bytes, n }), "weird wrong_checksum\n");
	HAS(test_pdu(t, true, "0564 04 c4 0100 0200 0000"), "weird impossible_length\n");
	/* what is no frame ends where one begins */
	const char *s = test_pdu(t, true, "ffff 0564 05 f2 0100 efff bf b5");
	HAS(s, "weird not_a_frame\n");
	HAS(s, "TEST_LINK_STATES");
	HAS(test_pdu(t, true, "0564 05"), "pdu_len 0\n");
}

static void probes(void **state)
{
	struct test_host *t = *state;

	assert_int_equal(test_probe(t, "0564 05 f2 0100 efff bf b5"), OTO_MINE);
	assert_int_equal(test_probe(t, "0564 05 f2 0100 efff 0000"), OTO_MINE); /* its own port */
	assert_int_equal(test_probe(t, "05"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "0564 05"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "0664 05"), OTO_NOT_MINE);
	t->head.resp_p = 4000;
	assert_int_equal(test_probe(t, "0564 05 f2 0100 efff bf b5"), OTO_MINE);
	assert_int_equal(test_probe(t, "0564 05 f2 0100 efff 0000"), OTO_NOT_MINE);
	t->cx.transport = OTO_UDP;
	assert_int_equal(test_probe(t, "0564 05"), OTO_NOT_MINE);
}

static void segments(void **state)
{
	struct test_host *t = *state;

	assert_null(strstr(segment(t, false, 0x41, "c5 81 0000 0102 00"), "message"));
	HAS_NOT(segment(t, false, 0x41, "c5 81 0000 0102 00"), "weird message_not_ended\nweird"); /* begins anew */
	HAS_NOT(segment(t, false, 0x02, "01 02"), "message");
	HAS_NOT(segment(t, false, 0x02, "01 02"), "weird"); /* sent again */
	const char *s = segment(t, false, 0x83, "81 01");
	HAS(s, "objects=g1v2");
	HAS(s, "index=1 count=2 values=1,0 flags=129,1");
	HAS(segment(t, false, 0x89, "00"), "weird segment_out_of_order\n");
	HAS(outstation(t, "e6 81 9000"), "iin=0x9000 indications=need_time,device_restart");
	HAS(segment(t, true, 0xc0, "c0"), "weird short_fragment\n");
	t->analyzer->gap(&t->cx, 1);
	HAS_NOT(segment(t, true, 0x80, "c0 01"), "weird");
	HAS(segment(t, true, 0xc0, "c1 01 01 02 00 05 04"), "weird range_reversed\n");
}

static void confirmations(void **state)
{
	struct test_host *t = *state;
	const char *s = outstation(t, "f2 82 8000 02 02 28 0100 0700 81 00a0724e1801");

	HAS(s, "operation cyclic UNSOLICITED_RESPONSE target=binary_input:7 unit=10\n");
	HAS(s, "pdu_type=unsolicited function=UNSOLICITED_RESPONSE fir=T fin=T con=T uns=T seq=2");
	HAS(s, "point_type=binary_input index=7 count=1 values=1 flags=129 time=");
	HAS(s, "is_event=T");
	s = master(t, "d2 00");
	HAS(s, "pdu_type=confirm function=CONFIRM");
	HAS(s, "matched=T latency=0.001000");
	HAS(s, "outstation=10");
	HAS_NOT(s, "operation");
	HAS(master(t, "d2 00"), "matched=F");
	HAS(outstation(t, "c2 00"), "outstation=10");
}

/* Every layout, and which words and numbers come of it. */
static void points(void **state)
{
	static const char *const cases[][2] = {
		{ "01 01 00 00 09 ff02", "point_type=binary_input index=0 count=10 values=1,1,1,1,1,1,1,1,0,1" },
		{ "03 01 00 00 04 e4 01", "point_type=double_bit_input index=0 count=5 values=0,1,2,3,1" },
		{ "03 02 00 02 02 81", "values=2 flags=129" },
		{ "04 03 17 01 05 41 e803", "index=5 count=1 values=1 flags=65" },
		{ "0a 02 01 0100 0200 01 81", "point_type=binary_output index=1 count=2 values=0,1 flags=1,129" },
		{ "0d 02 17 01 03 84 00a0724e1801", "index=3 count=1 values=1 time=1203906977" },
		{ "14 01 00 00 00 01 ffffffff", "point_type=counter index=0 count=1 values=4294967295 flags=1" },
		{ "14 06 02 00000000 00000000 ffff", "values=65535" },
		{ "15 05 17 01 00 01 05000000 00a0724e1801", "point_type=frozen_counter" },
		{ "1e 01 00 00 00 01 feffffff", "values=-2 flags=1" },
		{ "1e 02 00 00 01 01 feff 01 0100", "values=-2,1 flags=1,1" },
		{ "1e 03 00 00 00 00000080", "values=-2147483648" },
		{ "1e 05 00 00 00 01 0000c03f", "values=1.5" },
		{ "20 08 28 0100 0100 01 000000000000f83f 00a0724e1801", "values=1.5 flags=1 time=" },
		{ "22 01 00 03 03 0a00", "point_type=deadband index=3 count=1 values=10" },
		{ "2b 05 17 01 00 04 0000c03f", "values=1.5" },
		{ "32 01 07 01 00a0724e1801", "point_type=time count=1 time=" },
		{ "34 02 07 01 2c01", "point_type=delay count=1 values=300" },
		{ "50 01 00 07 07 01", "point_type=internal_indication index=7 count=1 values=1" },
		{ "64 02 00 00 00 01 000000000000f83f", "point_type=floating_point index=0 count=1 values=1.5 flags=1" },
		{ "65 01 00 00 00 3412", "point_type=bcd" },
		{ "66 01 00 00 00 07", "point_type=unsigned_integer index=0 count=1 values=7" },
		{ "6e 03 00 02 02 414243", "point_type=octet_string index=2 count=1 data=ABC" },
		{ "70 02 17 01 00 6869", "point_type=virtual_terminal index=0 count=1 data=hi" },
		{ "57 01 5b 01 0300 010203", "point_type=data_set count=1 data=" },
		{ "79 01 00 01 01 01 0100 05000000", "point_type=security_statistic index=1 count=1 values=5 flags=1" },
		{ "51 01 07 01 00 0102", "point_type=storage" },
	};
	struct test_host *t = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char hex[200];
		snprintf(hex, sizeof hex, "c0 81 0000 %s", cases[i][0]);
		const char *s = outstation(t, hex);
		HAS(s, cases[i][1]);
		HAS_NOT(s, "weird");
	}
	const char *s = outstation(t, "c0 81 0000 33 01 07 01 00a0724e1801 02 03 17 01 00 81 e803"); /* common time, and one second more */
	HAS(s, "object_type=Binary Input Change With Relative Time");
	HAS(s, "flags=129 time=1203906978.792000");
}

static void requests(void **state)
{
	static const char *const cases[][2] = {
		{ "02 50 01 00 07 07 00", "operation clear WRITE target=internal_indication:7" },
		{ "02 32 01 07 01 00a0724e1801", "operation time WRITE target=time" },
		{ "02 22 01 00 03 03 0a00", "operation configure WRITE target=deadband:3" },
		{ "02 0a 01 00 00 00 01", "operation write WRITE target=binary_output:0" },
		{ "07 14 00 06", "operation write IMMED_FREEZE target=counter" },
		{ "09 14 00 00 00 03", "operation clear FREEZE_CLEAR target=counter:0-3" },
		{ "0b 32 02 07 01 00a0724e1801 e8030000 14 00 06", "operation configure FREEZE_AT_TIME target=time,counter" },
		{ "0d", "operation reset COLD_RESTART" },
		{ "0e", "operation reset WARM_RESTART" },
		{ "0f", "operation reset INITIALIZE_DATA" },
		{ "11 5a 01 5b 01 0200 4142", "operation start START_APPL target=application" },
		{ "12 5a 01 5b 01 0200 4142", "operation stop STOP_APPL target=application" },
		{ "13", "operation configure SAVE_CONFIG" },
		{ "14 3c 02 06 3c 03 06", "operation configure ENABLE_UNSOLICITED target=class:1,class:2" },
		{ "16 3c 02 06 01 00 06", "operation configure ASSIGN_CLASS target=class:1,binary_input" },
		{ "17", "operation diagnose DELAY_MEASURE" },
		{ "18", "operation other RECORD_CURRENT_TIME" },
		{ "01 32 01 07 01", "operation read READ target=time" },
		{ "01 1e 00 17 02 04 07", "operation read READ target=analog_input:4,analog_input:7" },
		{ "01 1e 02 17 02 04 07", "operation read READ target=analog_input:4,analog_input:7" },
		{ "70", "operation other unknown" },
	};
	struct test_host *t = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char hex[200];
		snprintf(hex, sizeof hex, "c0 %s", cases[i][0]);
		HAS(master(t, hex), cases[i][1]);
	}
	HAS(master(t, "c0 70"), "weird reserved_function\n");
	HAS(outstation(t, "c0 01 3c 01 06"), "weird request_by_outstation\n");
	HAS(segment(t, true, 0xc0, "c0 81 0000"), "weird response_by_master\n");
	HAS(master(t, "c0 01 01 02 7a"), "weird reserved_qualifier\n");
	HAS(master(t, "c0 02 01 02 00 00 05 01"), "weird malformed_object\n");
	HAS(master(t, "c0 02 c8 01 00 00 00 01"), "weird unknown_object\n");
	HAS(outstation(t, "c0 81 0000 56 01 00 00 00"), "weird unknown_object\n");
}

static void answers(void **state)
{
	struct test_host *t = *state;

	master(t, "c1 01 3c 02 06 3c 01 06");
	const char *s = outstation(t, "c1 81 0000 1e 02 00 00 00 01 0500");
	HAS(s, "outcome ok\n");
	HAS(s, "request=READ");
	master(t, "c2 01 c9 01 06");
	HAS(outstation(t, "c2 81 0002"), "outcome error object_unknown\n");
	HAS(outstation(t, "c3 81 0000 1e 02 00 00 00 01 0500"), "unmatched READ");
	HAS_NOT(outstation(t, "c3 81 0000"), "outcome");
	master(t, "c4 01 3c 01 06");
	HAS(outstation(t, "84 81 0000 01 02 00 00 00 01"), "outcome ok\n"); /* the first of two fragments */
	HAS_NOT(outstation(t, "45 81 0000 01 02 00 01 01 01"), "outcome");
}

static void commands(void **state)
{
	struct test_host *t = *state;
	const char *s = master(t, "c1 03 0c 01 28 0100 0300 61 02 e8030000 f4010000 00");

	HAS(s, "operation other SELECT target=binary_output:3 unit=10\n");
	HAS(s, "block_type=Control Relay Output Block function_code=SELECT index_number=3 trip_control_code=Close operation_type=Pulse On "
	       "clear_bit=T "
	       "execute_count=2 on_time=1000 off_time=500 request=T");
	s = outstation(t, "c1 81 0000 0c 01 28 0100 0300 61 02 e8030000 f4010000 07");
	HAS(s, "outcome error Local\n");
	HAS(s, "status_code=Local");
	s = master(t, "c2 05 29 02 17 02 01 e803 00 04 0100 00");
	HAS(s, "operation write DIRECT_OPERATE target=analog_output:1,analog_output:4 unit=10\n");
	HAS(s, "block_type=Analog Output Block function_code=DIRECT_OPERATE index_number=4 value=1");
	HAS(outstation(t, "c2 81 0000 29 02 17 02 01 e803 00 04 0100 00"), "outcome ok\n");
	HAS(master(t, "c3 04 0c 02 07 01 61 02 e8030000 f4010000 00 0c 03 00 00 02 05"), "block_type=Pattern Control Block");
	HAS(master(t, "c4 06 0c 01 17 01 03 41 01 00000000 00000000 00"), "DIRECT_OPERATE_NR");
}

/* Name at offset 26; created, permissions, key, size, mode, block size, request. */
#define OPEN(mode) "19 46 03 5b 01 1e00 1a00 0400 00a0724e1801 ff01 00000000 06000000 " mode "00 0004 0500 612e7478"

static void files(void **state)
{
	struct test_host *t = *state;

	HAS(master(t, "c1 " OPEN("02")), "operation program_write OPEN_FILE target=file:a.tx unit=10\n");
	HAS(outstation(t, "c1 81 0000 46 04 5b 01 0d00 07000000 00000000 0004 0500 00"), "outcome ok\n");
	HAS(master(t, "c2 02 46 05 5b 01 0b00 07000000 00000000 616263"), "operation program_write WRITE target=file:a.tx");
	HAS(outstation(t, "c2 81 0000 46 06 5b 01 0900 07000000 00000000 00"), "status=success");
	master(t, "c2 02 46 05 5b 01 0b00 07000000 00000000 616263"); /* sent again */
	master(t, "c3 02 46 05 5b 01 0b00 07000000 01000080 646566");
	HAS(master(t, "c4 1a 46 04 5b 01 0d00 07000000 00000000 0000 0600 00"), "operation other CLOSE_FILE target=file:a.tx");
	HAS(outstation(t, "c4 81 0000 46 04 5b 01 0d00 07000000 00000000 0000 0600 00"),
	    "program download complete file a.tx size=6 announced=6 sha256=bef57ec7");
	/* out of it, in pieces of which one is missing */
	HAS(master(t, "c1 " OPEN("01")), "operation read OPEN_FILE");
	outstation(t, "c1 81 0000 46 04 5b 01 0d00 08000000 06000000 0004 0500 00");
	master(t, "c9 01 46 05 5b 01 0800 08000000 00000000");
	HAS(outstation(t, "c9 81 0000 46 05 5b 01 0b00 08000000 01000080 616263"), "block=1 last=T");
	master(t, "cb 1a 46 04 5b 01 0d00 08000000 00000000 0000 0600 00");
	HAS(outstation(t, "cb 81 0000"), "program upload cut file a.tx size=3");
	/* refused, aborted, deleted, put in force */
	master(t, "c1 " OPEN("01"));
	HAS(outstation(t, "c1 81 0000 46 04 5b 01 0d00 00000000 00000000 0000 0500 03"), "outcome error file_not_found\n");
	master(t, "c1 " OPEN("02"));
	outstation(t, "c1 81 0000 46 04 5b 01 0d00 09000000 00000000 0004 0500 00");
	HAS(master(t, "c2 1e 46 04 5b 01 0d00 09000000 00000000 0000 0600 00"), "program download aborted file a.tx");
	master(t, "c1 1b 46 03 5b 01 1e00 1a00 0400 00a0724e1801 ff01 00000000 00000000 0000 0000 0500 612e7478");
	HAS(outstation(t, "c1 81 0000 46 04 5b 01 0d00 00000000 00000000 0000 0500 01"),
	    "program delete aborted file a.tx error=permission_denied");
	HAS(master(t, "c1 1f 46 08 5b 01 0400 612e7478"), "operation program_write ACTIVATE_CONFIG target=file:a.tx");
	HAS(outstation(t, "c1 81 0000"), "program insert complete file a.tx");
	HAS(master(t, "c1 1d 46 02 5b 01 0e00 0c00 0100 0d00 0100 00000000 4142"), "password=T");
	HAS(outstation(t, "c1 81 0000 46 07 5b 01 1800 1400 0400 0100 06000000 00a0724e1801 ff01 0500 612e7478"), "file_type=file size=6");
	HAS(master(t, "c1 1c 46 07 5b 01 0200 1400"), "weird malformed_object\n");
	master(t, "ce " OPEN("03"));
	outstation(t, "ce 81 0000 46 04 5b 01 0d00 0a000000 00000000 0004 0500 00");
	t->analyzer->gap(&t->cx, 1);
	HAS(test_closing(t), "program download cut file a.tx size=0");
}

static void authentication(void **state)
{
	static const char *const messages[][2] = {
		{ "20 78 04 07 01 0100", "message=session_key_status_request user=1" },
		{ "20 78 06 5b 01 0800 01000000 0100 aabb", "message=session_key_change sequence=1 user=1" },
		{ "20 78 08 5b 01 0300 43 00 aa", "message=user_certificate" },
		{ "20 78 0a 5b 01 1600 04 01 02000000 0100 0100 0300 0000 0000 626f62 000000",
		  "key_change=aes_256_sha256 operation=add text=bob" },
		{ "20 78 0b 5b 01 0800 04 0300 0000 626f62", "message=update_key_change_request" },
		{ "20 78 0d 5b 01 0800 01000000 0100 0000", "message=update_key_change" },
		{ "20 78 0e 5b 01 0200 aabb", "message=update_key_change_signature" },
	};
	struct test_host *t = *state;

	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		char hex[200];
		snprintf(hex, sizeof hex, "c0 %s", messages[i][0]);
		HAS(master(t, hex), messages[i][1]);
	}
	HAS(outstation(t, "c0 83 0000 78 05 5b 01 0b00 01000000 0100 01 02 04 0000"), "key_wrap=aes_128 key_status=not_init");
	master(t, "c1 0d");
	HAS_NOT(outstation(t, "c1 83 0000 78 01 5b 01 0c00 05000000 0100 04 01 aabbccdd"), "outcome"); /* challenged: wait for it */
	HAS(master(t, "c1 20 78 02 5b 01 0800 05000000 0100 aabb"), "message=reply");
	const char *s = outstation(t, "c1 83 0000 78 07 5b 01 1200 05000000 0100 0000 01 00a0724e1801 6e6f21");
	HAS(s, "error_code=authentication_failed");
	HAS(s, "outcome error authentication_failed unmatched AUTHENTICATE_REQ\noutcome error authentication_failed\n");
	s = master(t, "c2 05 78 03 07 01 01000000 0100 0c 01 17 01 03 41 01 00000000 00000000 00 78 09 5b 01 0400 aabbccdd");
	HAS(s, "operation write DIRECT_OPERATE target=binary_output:3");
	HAS(s, "message=aggressive_mode_request");
	HAS(s, "message=mac");
	HAS(master(t, "c3 01 78 01 07 01"), "weird unknown_object\n");
	HAS(master(t, "c3 20 78 05 5b 01 0100 01"), "weird malformed_object\n");
}

static void attributes(void **state)
{
	struct test_host *t = *state;
	const char *s = outstation(t, "c0 81 0000 00 fc 00 00 00 01 04 41434d45 00 fa 00 00 00 01 03 525431 00 f0 00 00 00 02 02 0008 "
				      "00 da 00 00 00 03 01 fe 00 cd 00 00 00 04 04 0000c03f");
	HAS(s, "fact vendor=ACME\nfact model=RT1\n");
	HAS(s, "attribute=max_transmit_fragment data_type=unsigned value=2048");
	HAS(s, "data_type=signed value=-2");
	HAS(s, "attribute=latitude data_type=float value=1.5");
	HAS_NOT(outstation(t, "c0 81 0000 00 fc 00 01 01 01 04 41434d45"), "fact vendor"); /* a maker's own set */
	HAS(outstation(t, "c0 81 0000 00 fc 00 00 00 01"), "weird malformed_object\n");
	HAS(master(t, "c0 01 00 fe 00 00 00"), "operation read READ target=attribute:0");
}

static void malformed(void **state)
{
	static const char *const messages[] = {
		"c5 81 0000 0102 00 0102 8101 0201 28 0100 0700 81",
		"c1 03 0c 01 28 0100 0300 61 02 e8030000 f4010000 00",
		"c1 " OPEN("02"),
		"c0 20 78 0a 5b 01 1300 04 01 02000000 0100 0100 0300 0000 0000 626f62 00",
		"c0 81 0000 00 fc 00 00 00 01 04 41434d45",
	};
	struct test_host *t = *state;

	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		uint8_t data[SIZE];
		struct oto_slice all = test_hex(messages[i], data, sizeof data);
		for (uint32_t n = 0; n < all.len; n++) {
			char hex[2 * SIZE + 1] = "";
			for (uint32_t k = 0; k < n; k++)
				snprintf(hex + 2 * k, 3, "%02x", data[k]);
			segment(t, i % 2, 0xc0, hex);
		}
	}
	test_cut(t, true, "0564 14 c4 0200 0300 4503 c7c8 01 3c0206 3c0306 3c0406 3c0106 42ac");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	static const struct CMUnitTest tests[] = { TEST(links),         TEST(checksums), TEST(probes),         TEST(segments),
						   TEST(confirmations), TEST(points),    TEST(requests),       TEST(answers),
						   TEST(commands),      TEST(files),     TEST(authentication), TEST(attributes),
						   TEST(malformed) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
