/* modbus_test.c - every public function both ways, exceptions, pairing, directions, the probe, and what damaged PDUs do. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_modbus;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_modbus, OTO_TCP, 49152, 502);
	return 0;
}

/* One exchange with transaction identifier 1, unit 7: the header is put in front. */
static const char *say(struct test_host *t, bool is_orig, const char *body)
{
	char hex[2048];
	size_t n = 0;

	for (const char *p = body; *p; p++)
		n += *p != ' ';
	snprintf(hex, sizeof hex, "0001 0000 %04zx 07 %s", n / 2 + 1, body);
	return test_pdu(t, is_orig, hex);
}

static void reads(void **state)
{
	struct test_host *t = *state;
	const char *s = say(t, true, "01 0013 0013");
	SAID(s, "modbus.message", "tid=1 unit=7 func=READ_COILS code=READ_COILS pdu_type=REQ");
	SAID(s, "modbus.request", "tid=1 unit=7 func=READ_COILS address=19 quantity=19");
	SAID(s, "operation", "read READ_COILS target=coil:19-37 unit=7");
	s = say(t, false, "01 03 cd6b05");
	SAID(s, "modbus.response",
	     "tid=1 unit=7 func=READ_COILS matched=T latency=0.001000 unsure=F address=19 quantity=19 "
	     "values=1,0,1,1,0,0,1,1,1,1,0,1,0,1,1,0,1,0,1");
	SAID(s, "outcome", "ok");
	SAID(s, "modbus.transaction",
	     "tid=1 unit=7 func=READ_COILS address=19 quantity=19 response_values=1,0,1,1,0,0,1,1,1,1,0,1,0,1,1,0,1,0,1 matched=T "
	     "answered=T "
	     "latency=0.001000");
	assert_null(test_line(s, "weird"));

	say(t, true, "02 00c4 0016");
	SAID(say(t, false, "02 03 acdb35"), "modbus.response",
	     "tid=1 unit=7 func=READ_DISCRETE_INPUTS matched=T latency=0.001000 unsure=F address=196 quantity=22 "
	     "values=0,0,1,1,0,1,0,1,1,1,0,1,1,0,1,1,1,0,1,0,1,1");
	say(t, true, "03 006b 0003");
	SAID(say(t, false, "03 06 022b 0000 0064"), "modbus.response",
	     "tid=1 unit=7 func=READ_HOLDING_REGISTERS matched=T latency=0.001000 unsure=F address=107 quantity=3 values=555,0,100");
	SAID(say(t, true, "04 0008 0001"), "operation", "read READ_INPUT_REGISTERS target=input_register:8 unit=7");
	SAID(say(t, false, "04 02 000a"), "modbus.response",
	     "tid=1 unit=7 func=READ_INPUT_REGISTERS matched=T latency=0.001000 unsure=F address=8 quantity=1 values=10");
}

static void writes(void **state)
{
	struct test_host *t = *state;
	const char *s = say(t, true, "05 00ac ff00");
	SAID(s, "modbus.request", "tid=1 unit=7 func=WRITE_SINGLE_COIL address=172 quantity=1 values=1");
	SAID(s, "operation", "write WRITE_SINGLE_COIL target=coil:172 unit=7");
	SAID(say(t, false, "05 00ac ff00"), "modbus.transaction",
	     "tid=1 unit=7 func=WRITE_SINGLE_COIL address=172 quantity=1 request_values=1 response_values=1 matched=T answered=T "
	     "latency=0.001000");
	SAID(say(t, true, "05 00ac 1234"), "weird", "illegal_coil_value");
	say(t, false, "05 00ac 1234");
	SAID(say(t, true, "06 0001 0003"), "modbus.request", "tid=1 unit=7 func=WRITE_SINGLE_REGISTER address=1 quantity=1 values=3");
	say(t, false, "06 0001 0003");
	s = say(t, true, "0f 0013 000a 02 cd01");
	SAID(s, "modbus.request", "tid=1 unit=7 func=WRITE_MULTIPLE_COILS address=19 quantity=10 values=1,0,1,1,0,0,1,1,1,0");
	SAID(say(t, false, "0f 0013 000a"), "modbus.transaction",
	     "tid=1 unit=7 func=WRITE_MULTIPLE_COILS address=19 quantity=10 request_values=1,0,1,1,0,0,1,1,1,0 matched=T answered=T "
	     "latency=0.001000");
	SAID(say(t, true, "10 0001 0002 04 000a 0102"), "modbus.request",
	     "tid=1 unit=7 func=WRITE_MULTIPLE_REGISTERS address=1 quantity=2 values=10,258");
	SAID(say(t, false, "10 0001 0002"), "modbus.transaction",
	     "tid=1 unit=7 func=WRITE_MULTIPLE_REGISTERS address=1 quantity=2 request_values=10,258 matched=T answered=T latency=0.001000");
	assert_null(test_line(say(t, true, "16 0004 00f2 0025"), "weird"));
	s = say(t, false, "16 0004 00f2 0025");
	SAID(s, "modbus.response",
	     "tid=1 unit=7 func=MASK_WRITE_REGISTER matched=T latency=0.001000 unsure=F address=4 and_mask=242 or_mask=37");
	assert_non_null(strstr(test_line(s, "modbus.compound"), "modbus_detailed_link_id=12-1 tid=1 unit=7 func=MASK_WRITE_REGISTER "
								"request_response=RESPONSE address=4 and_mask=242 or_mask=37"));
	s = say(t, true, "17 0003 0006 000e 0003 06 00ff 00fe 00fd");
	SAID(s, "modbus.request",
	     "tid=1 unit=7 func=READ_WRITE_MULTIPLE_REGISTERS address=3 quantity=6 values=255,254,253 write_address=14 write_quantity=3");
	SAID(s, "operation", "write READ_WRITE_MULTIPLE_REGISTERS target=holding_register:14-16 unit=7");
	s = say(t, false, "17 0c 00fe 0acd 0001 0003 000d 00ff");
	SAID(s, "modbus.response",
	     "tid=1 unit=7 func=READ_WRITE_MULTIPLE_REGISTERS matched=T latency=0.001000 unsure=F address=3 quantity=6 "
	     "values=254,2765,1,3,13,255");
	assert_null(test_line(s, "weird"));
}

static void long_writes_keep_their_values(void **state)
{
	struct test_host *t = *state;
	char body[1000] = "10 0001 007b f6", *at = body + strlen(body);

	for (int i = 0; i < 123; i++)
		at += sprintf(at, " 0009");
	assert_null(test_line(say(t, true, body), "weird"));
	const char *line = test_line(say(t, false, "10 0001 007b"), "modbus.transaction");
	assert_non_null(strstr(line, "quantity=123 request_values=9,9,9,"));
	assert_non_null(strstr(line, ",9,9 matched=T answered=T"));
}

static void status_and_diagnostics(void **state)
{
	struct test_host *t = *state;
	SAID(say(t, true, "07"), "operation", "diagnose READ_EXCEPTION_STATUS unit=7");
	SAID(say(t, false, "07 6d"), "modbus.response",
	     "tid=1 unit=7 func=READ_EXCEPTION_STATUS matched=T latency=0.001000 unsure=F exception_status=109");
	SAID(say(t, true, "08 0001 ff00"), "operation", "reset Restart Communications Option unit=7");
	SAID(say(t, false, "08 0001 ff00"), "modbus.response",
	     "tid=1 unit=7 func=DIAGNOSTICS matched=T latency=0.001000 unsure=F subfunction=Restart Communications Option data=ff00");
	SAID(say(t, true, "08 0004 0000"), "operation", "mode Force Listen Only Mode unit=7");
	say(t, true, "0b");
	SAID(say(t, false, "0b ffff 0108"), "modbus.response",
	     "tid=1 unit=7 func=GET_COMM_EVENT_COUNTER matched=T latency=0.001000 unsure=F status=65535 event_count=264");
	say(t, true, "0c");
	SAID(say(t, false, "0c 08 0000 0108 0121 20 00"), "modbus.response",
	     "tid=1 unit=7 func=GET_COMM_EVENT_LOG matched=T latency=0.001000 unsure=F status=0 event_count=264 message_count=289 "
	     "events=32,0");
}

static void identity(void **state)
{
	struct test_host *t = *state;
	const char *s = say(t, true, "2b 0e 01 00");
	SAID(s, "operation", "discover READ-DEVICE-IDENTIFICATION unit=7");
	SAID(s, "modbus.request",
	     "tid=1 unit=7 func=ENCAP_INTERFACE_TRANSPORT mei_type=READ-DEVICE-IDENTIFICATION device_id_code=basic object_id=VendorName");
	s = say(t, false, "2b 0e 01 01 00 00 03 00 03 414243 01 02 5831 02 04 56322e31");
	SAID(s, "fact vendor=ABC", "sub=unit 7");
	SAID(s, "fact model=X1", "sub=unit 7");
	SAID(s, "fact firmware=V2.1", "sub=unit 7");
	assert_non_null(strstr(s, "conformity=Basic Identification (Stream) more_follows=F next_object=VendorName objects=3"));
	assert_non_null(strstr(s, "object_id_code=2 object_id=MajorMinorVersion object_value=V2.1"));
	say(t, true, "11");
	s = say(t, false, "11 09 02 ff 50 4c 43 2d 41 42 43");
	SAID(s, "modbus.response",
	     "tid=1 unit=7 func=REPORT_SLAVE_ID matched=T latency=0.001000 unsure=F server_id=02ff504c432d414243 running=T");
	SAID(s, "fact server_id=PLC-ABC", "sub=unit 7");
	say(t, true, "11");
	SAID(say(t, false, "11 06 4c 31 2d 58 39 ff"), "fact server_id=L1-X9", "sub=unit 7");
	say(t, true, "5a 00 02");
	s = say(t, false, "5a 00 fe 10ff5a010100000070020000270009000800000000 00 0e 313430204350552033313120 3130 0101");
	SAID(s, "fact model=140 CPU 311 10", "sub=unit 7");
	SAID(s, "fact vendor=Schneider Electric", "sub=unit 7");
	say(t, true, "5a 00 0a 54");
	assert_null(test_line(say(t, false, "5a 00 fe 10ff5a010100000070020000270009000800000000 00 0e 313430204350552033313120 3130 0101"),
			      "fact model"));
	say(t, true, "2b 0d 0102");
	SAID(say(t, false, "2b 0d 0304"), "modbus.response",
	     "tid=1 unit=7 func=ENCAP_INTERFACE_TRANSPORT matched=T latency=0.001000 unsure=F data=0304 mei_type=CANOPEN");
}

static void files_and_queues(void **state)
{
	struct test_host *t = *state;
	const char *s = say(t, true, "14 0e 06 0004 0001 0002 06 0003 0009 0002");
	SAID(s, "modbus.request", "tid=1 unit=7 func=READ_FILE_RECORD records=2");
	SAID(s, "modbus.file_record", "tid=1 unit=7 func=READ_FILE_RECORD pdu_type=REQ index=1 file=4 record=1 length=2");
	SAID(s, "operation", "read READ_FILE_RECORD target=file:4 unit=7");
	s = say(t, false, "14 0c 05 06 0dfe 0020 05 06 33cd 0040");
	SAID(s, "modbus.file_record", "tid=1 unit=7 func=READ_FILE_RECORD pdu_type=RESP index=1 length=2 values=3582,32");
	assert_non_null(strstr(s, "index=2 length=2 values=13261,64"));
	s = say(t, true, "15 0d 06 0004 0007 0003 06af 04be 100d");
	SAID(s, "modbus.file_record",
	     "tid=1 unit=7 func=WRITE_FILE_RECORD pdu_type=REQ index=1 file=4 record=7 length=3 values=1711,1214,4109");
	say(t, true, "18 04de");
	SAID(say(t, false, "18 0006 0002 01b8 1284"), "modbus.response",
	     "tid=1 unit=7 func=READ_FIFO_QUEUE matched=T latency=0.001000 unsure=F address=1246 quantity=2 values=440,4740");
}

static void exceptions_and_odd_functions(void **state)
{
	struct test_host *t = *state;
	say(t, true, "03 0258 000a");
	const char *s = say(t, false, "83 02");
	SAID(s, "modbus.exception",
	     "tid=1 unit=7 func=READ_HOLDING_REGISTERS exception=ILLEGAL_DATA_ADDRESS matched=T latency=0.001000 unsure=F address=600 "
	     "quantity=10");
	SAID(s, "modbus.message",
	     "tid=1 unit=7 func=READ_HOLDING_REGISTERS code=READ_HOLDING_REGISTERS_EXCEPTION pdu_type=RESP exception=ILLEGAL_DATA_ADDRESS");
	SAID(s, "outcome", "error ILLEGAL_DATA_ADDRESS");
	assert_null(test_line(s, "modbus.response"));
	SAID(say(t, false, "83 02"), "outcome", "error ILLEGAL_DATA_ADDRESS unmatched READ_HOLDING_REGISTERS");
	say(t, true, "06 0001 0001");
	SAID(say(t, false, "86 05"), "outcome", "ok");
	SAID(say(t, true, "83 02"), "weird", "exception_by_client");
	SAID(say(t, true, "00"), "weird", "function_code_zero");
	SAID(say(t, true, "41 aabb"), "modbus.request", "tid=1 unit=7 func=unknown-65 data=aabb");
	s = say(t, true, "5a 00 41 ff");
	SAID(s, "operation", "stop UMAS_STOP_PLC unit=7");
	SAID(s, "modbus.request", "tid=1 unit=7 func=PROGRAM_UNITY data=0041ff umas_function=UMAS_STOP_PLC");
	say(t, true, "04 0000 0001");
	SAID(say(t, false, "03 02 0001"), "modbus.response", "tid=1 unit=7 func=READ_HOLDING_REGISTERS matched=F unsure=F values=1");
}

static void damage(void **state)
{
	struct test_host *t = *state;
	SAID(say(t, true, "03 00"), "weird", "malformed");
	SAID(say(t, true, "03 00"), "modbus.message", "tid=1 unit=7 func=READ_HOLDING_REGISTERS code=READ_HOLDING_REGISTERS pdu_type=REQ");
	SAID(say(t, true, "03 0000 0000"), "weird", "quantity_out_of_range");
	SAID(say(t, true, "03 0000 007e"), "weird", "quantity_out_of_range");
	SAID(say(t, true, "01 0000 07d1"), "weird", "quantity_out_of_range");
	SAID(say(t, true, "10 0000 0002 02 0001 0002"), "weird", "byte_count_mismatch");
	SAID(say(t, true, "10 0000 0002 06 0001"), "weird", "byte_count_mismatch");
	SAID(say(t, true, "06 0000 0001 99"), "weird", "trailing_bytes");
	SAID(say(t, false, "03 ff 0001"), "weird", "byte_count_mismatch");
	SAID(say(t, false, "14 ff 0506"), "weird", "malformed");
	SAID(say(t, false, "2b 0e 01 01 00 00 05 00 ff 41"), "weird", "malformed");
	SAID(test_pdu(t, true, "0001 0001 0006 07 03 0000 0001"), "pdu_len", "-1");
	SAID(test_pdu(t, true, "0001 0000 0001 07"), "pdu_len", "-1");
	SAID(test_pdu(t, true, "0001 0000 0006 07 03"), "pdu_len", "0");
}

/* Each PDU of this list, cut to each length with a header that says so, and with each byte set to FF: nothing may be read past its end (the
 * sanitizers look on), and whatever has a function code is counted. */
static void cut_and_bent(void **state)
{
	static const char *const pdus[] = { "01 0013 0013",
					    "01 03 cd6b05",
					    "10 0001 0002 04 000a 0102",
					    "0f 0013 000a 02 cd01",
					    "17 0003 0006 000e 0003 06 00ff 00fe 00fd",
					    "2b 0e 01 01 00 00 03 00 03 414243 01 02 5831 02 04 56322e31",
					    "14 0e 06 0004 0001 0002 06 0003 0009 0002",
					    "14 0c 05 06 0dfe 0020 05 06 33cd 0040",
					    "15 0d 06 0004 0007 0003 06af 04be 100d",
					    "18 0006 0002 01b8 1284",
					    "0c 08 0000 0108 0121 20 00",
					    "11 09 02 ff 50 4c 43 2d 41 42 43",
					    "08 0001 ff00",
					    "5a 00 41 ff",
					    "83 02" };
	struct test_host *t = *state;
	uint8_t whole[64] = { 0, 1, 0, 0, 0, 0, 7 }, body[57];

	for (size_t i = 0; i < sizeof pdus / sizeof *pdus; i++) {
		struct oto_slice b = test_hex(pdus[i], body, sizeof body);
		for (uint32_t cut = 1; cut <= b.len; cut++) {
			for (uint32_t bent = 0; bent <= cut; bent++) {
				uint8_t *exact = malloc(7 + cut); /* so that a byte too far is seen */
				whole[5] = (uint8_t)(cut + 1);
				memcpy(exact, whole, 7);
				memcpy(exact + 7, b.data, cut);
				if (bent < cut)
					exact[7 + bent] = 0xff;
				struct oto_slice in = { exact, 7 + cut };
				assert_non_null(test_line(test_bytes(t, false, in), "modbus.message"));
				assert_non_null(test_line(test_bytes(t, true, in), "modbus.message"));
				free(exact);
			}
		}
	}
}

static void several_in_a_segment(void **state)
{
	struct test_host *t = *state;
	test_pdu(t, true, "0001 0000 0006 01 03 0000 0001  0002 0000 0006 01 03 0010 0001");
	const char *s = test_pdu(t, false, "0002 0000 0005 01 03 02 0007  0001 0000 0005 01 03 02 0008");
	assert_non_null(
	    strstr(s, "tid=2 unit=1 func=READ_HOLDING_REGISTERS matched=T latency=0.001000 unsure=F address=16 quantity=1 values=7"));
	assert_non_null(
	    strstr(s, "tid=1 unit=1 func=READ_HOLDING_REGISTERS matched=T latency=0.001000 unsure=F address=0 quantity=1 values=8"));
}

static void unanswered(void **state)
{
	struct test_host *t = *state;
	say(t, true, "06 0001 0002");
	t->said.len = 0;
	t->analyzer->unanswered(&t->cx, t->asked[0].note);
	oto_bus_drain(t->bus);
	oto_buf_add(&t->said, "", 1);
	SAID(t->said.data, "modbus.transaction",
	     "tid=1 unit=7 func=WRITE_SINGLE_REGISTER address=1 quantity=1 request_values=2 matched=F answered=F");
}

/* Port 502 says who the client is; elsewhere a PDU's form does, and the originator until one has told. */
static void directions(void **state)
{
	(void)state;
	struct test_host *t = test_host_new(oto_analyzer_modbus, OTO_TCP, 502, 40000);
	assert_non_null(test_line(say(t, true, "03 02 0001"), "modbus.response"));
	assert_non_null(test_line(say(t, false, "03 0000 0001"), "modbus.request"));
	test_host_free(t);
	t = test_host_new(oto_analyzer_modbus, OTO_TCP, 5020, 40000);
	assert_non_null(test_line(say(t, true, "06 0000 0001"), "modbus.request"));
	assert_non_null(test_line(say(t, true, "03 02 0001"), "modbus.response"));
	assert_non_null(test_line(say(t, true, "06 0000 0001"), "modbus.response"));
	assert_non_null(test_line(say(t, false, "06 0000 0001"), "modbus.request"));
	test_host_free(t);
}

static enum oto_answer probe(uint16_t port, uint8_t transport, const char *hex)
{
	uint8_t bytes[300];
	struct test_host *t = test_host_new(oto_analyzer_modbus, transport, 40000, port);
	enum oto_answer answer = t->analyzer->probe(&t->cx, oto_cur_of(test_hex(hex, bytes, sizeof bytes)));
	test_host_free(t);
	return answer;
}

static void probes(void **state)
{
	(void)state;
	assert_int_equal(probe(502, OTO_TCP, "0001 0000 0006 01 63 00"), OTO_MINE);
	assert_int_equal(probe(502, OTO_TCP, "0001 00"), OTO_NEED_MORE);
	assert_int_equal(probe(502, OTO_TCP, "4745 5420"), OTO_NOT_MINE);
	assert_int_equal(probe(5020, OTO_TCP, "0001 0000 0006 01 03 0000 0001"), OTO_MINE);
	assert_int_equal(probe(5020, OTO_TCP, "0001 0000 0006 01 03 0000"), OTO_NEED_MORE);
	assert_int_equal(probe(5020, OTO_UDP, "0001 0000 0006 01 03 0000"), OTO_NOT_MINE);
	assert_int_equal(probe(5020, OTO_TCP, "0001 0000 0006 01 03 0000 0000"), OTO_NOT_MINE);
	assert_int_equal(probe(5020, OTO_TCP, "0001 0000 0006 01 63 0000 0001"), OTO_NOT_MINE);
	assert_int_equal(probe(5020, OTO_TCP, "0001 0000 0006 01 03 0000 0001 0002 0100"), OTO_NOT_MINE);
	assert_int_equal(probe(5020, OTO_TCP, "0001 0000 0003 01 83 02"), OTO_MINE);
	assert_int_equal(probe(5020, OTO_TCP, "0001 0000 0005 01 03 02 0001"), OTO_MINE);
	assert_int_equal(probe(5020, OTO_TCP, "0001 0000 0105 01 03 02 0001"), OTO_NOT_MINE);
}

static void udp(void **state)
{
	(void)state;
	struct test_host *t = test_host_new(oto_analyzer_modbus, OTO_UDP, 40000, 502);
	assert_non_null(test_line(say(t, true, "03 0000 0001"), "modbus.request"));
	SAID(test_pdu(t, true, "0001 0000 0009 01 03 0000 0001"), "weird", "illegal_length");
	test_host_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads, setup, test_teardown),
		cmocka_unit_test_setup_teardown(writes, setup, test_teardown),
		cmocka_unit_test_setup_teardown(long_writes_keep_their_values, setup, test_teardown),
		cmocka_unit_test_setup_teardown(status_and_diagnostics, setup, test_teardown),
		cmocka_unit_test_setup_teardown(identity, setup, test_teardown),
		cmocka_unit_test_setup_teardown(files_and_queues, setup, test_teardown),
		cmocka_unit_test_setup_teardown(exceptions_and_odd_functions, setup, test_teardown),
		cmocka_unit_test_setup_teardown(damage, setup, test_teardown),
		cmocka_unit_test_setup_teardown(cut_and_bent, setup, test_teardown),
		cmocka_unit_test_setup_teardown(several_in_a_segment, setup, test_teardown),
		cmocka_unit_test_setup_teardown(unanswered, setup, test_teardown),
		cmocka_unit_test(directions),
		cmocka_unit_test(probes),
		cmocka_unit_test(udp),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
