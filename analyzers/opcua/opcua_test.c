/* opcua_test.c - transport, channels, chunks, services, values of every type, and what damaged messages do. */
#include "../testing.h"
#include "opcua.h"

extern const struct oto_analyzer *const oto_analyzer_opcua;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_opcua, OTO_TCP, 49152, 4840);
	return 0;
}

#define HAS_NO(said, text) assert_null(strstr(said, text))
#define POLICY "http://opcfoundation.org/UA/SecurityPolicy#"

/* ------------------------------------------------------------------------------------------------ messages in hexadecimal digits */

enum { ROOM = 16384 };

static void put(char *hex, const char *more)
{
	assert_true(strlen(hex) + strlen(more) < ROOM);
	strcat(hex, more);
}

static void put_u32(char *hex, uint32_t n)
{
	char text[9];

	snprintf(text, sizeof text, "%02x%02x%02x%02x", n & 255, n >> 8 & 255, n >> 16 & 255, n >> 24);
	put(hex, text);
}

static uint32_t octets(const char *hex)
{
	uint32_t n = 0;

	for (; *hex; hex++)
		n += *hex != ' ';
	return n / 2;
}

/* A string as the wire has it. */
static const char *text(const char *s)
{
	static char out[8][512];
	static unsigned next;
	char *hex = out[next++ % 8];

	*hex = 0;
	put_u32(hex, (uint32_t)strlen(s));
	for (; *s; s++)
		sprintf(hex + strlen(hex), "%02x", (uint8_t)*s);
	return hex;
}

/* A message with this type and what stands behind its size. */
static const char *framed(const char *type, const char *body)
{
	static char hex[ROOM];

	*hex = 0;
	for (; *type; type++)
		sprintf(hex + strlen(hex), "%02x", (uint8_t)*type);
	put_u32(hex, 8 + octets(body));
	put(hex, body);
	return hex;
}

static const char *transport(struct test_host *t, bool from_orig, const char *type, const char *body)
{
	return test_pdu(t, from_orig, framed(type, body));
}

static uint32_t sequence[2];

/* A chunk of a message with this request identifier; `rest` stands behind the sequence header. */
static const char *chunk(struct test_host *t, bool from_orig, const char *type, uint32_t request, const char *rest)
{
	static char body[ROOM];

	*body = 0;
	put(body, "0700000001000000");
	put_u32(body, ++sequence[from_orig]);
	put_u32(body, request);
	put(body, rest);
	return transport(t, from_orig, type, body);
}

static const char *with_header(uint32_t service, const char *header, const char *body)
{
	static char out[ROOM];

	snprintf(out, sizeof out, "0100%02x%02x %s %s", service & 255, service >> 8 & 255, header, body);
	return out;
}

static const char *ask(struct test_host *t, uint32_t request, uint32_t service, const char *body)
{
	return chunk(t, true, "MSGF", request,
		     with_header(service, "0501000400000074657374 0000000000000000 2a000000 00000000 ffffffff 10270000 000000", body));
}

static const char *answer_with(struct test_host *t, uint32_t request, uint32_t service, const char *status, const char *body)
{
	char header[200];

	snprintf(header, sizeof header, "0000000000000000 2a000000 %s 00 00000000 000000", status);
	return chunk(t, false, "MSGF", request, with_header(service, header, body));
}

static const char *answer(struct test_host *t, uint32_t request, uint32_t service, const char *body)
{
	return answer_with(t, request, service, "00000000", body);
}

#define NODE "0302000500000053706565 64" /* ns=2;s=Speed */
#define VALUE_ID NODE "0d000000 ffffffff 0000 ffffffff"
#define READ_ONE "0000000000000000 03000000 01000000" VALUE_ID

/* ------------------------------------------------------------------------------------------------ transport */

static void transport_messages(void **state)
{
	struct test_host *t = *state;
	char body[600];

	snprintf(body, sizeof body, "00000000 00000100 00000200 00000000 05000000 %s", text("opc.tcp://plc:4840"));
	const char *s = transport(t, true, "HELF", body);
	HAS(s, "opcua.message msg_type=HEL encrypted=F endpoint_url=opc.tcp://plc:4840 version=0 rcv_buf_size=65536 snd_buf_size=131072 "
	       "max_msg_size=0 max_chunk_cnt=5\n");
	HAS(transport(t, false, "ACKF", "00000000 00000100 00000100 00000000 00000000"), "msg_type=ACK");
	snprintf(body, sizeof body, "00001a80 %s", text("not trusted"));
	HAS(transport(t, false, "ERRF", body),
	    "msg_type=ERR encrypted=F status=BadCertificateUntrusted status_code=0x801a0000 reason=not trusted\n");
	HAS(transport(t, false, "ERRF", "0000ffff ffffffff"), "status=Bad ");
	snprintf(body, sizeof body, "%s %s", text("urn:far"), text("opc.tcp://10.0.0.1:4841"));
	s = transport(t, false, "RHEF", body);
	HAS(s, "fact application_uri=urn:far\n");
	HAS_NO(s, "hostname");
	HAS(s, "msg_type=RHE");
	HAS(transport(t, true, "HELF", "00000000 00000100 00000100 00000000 00000000 05000000"), "weird truncated\n");
}

static void channels(void **state)
{
	struct test_host *t = *state;
	char body[900];

	snprintf(
	    body, sizeof body,
	    "00000000 %s ffffffff ffffffff 01000000 01000000 0100be01 0000 0000000000000000 01000000 00000000 ffffffff 00000000 000000 "
	    "00000000 00000000 01000000 ffffffff 80ee3600",
	    text(POLICY "None"));
	const char *s = transport(t, true, "OPNF", body);
	HAS(s, "operation other OpenSecureChannel\n");
	HAS(s, "service=OpenSecureChannel sec_channel_id=0 security_mode=none security_policy=None");
	HAS(s, "values=issue version=0 lifetime=3600000\n");
	snprintf(body, sizeof body,
		 "07000000 %s ffffffff ffffffff 01000000 01000000 0100c101 0000000000000000 01000000 00000000 00 00000000 000000 "
		 "00000000 07000000 01000000 0000000000000000 80ee3600 ffffffff",
		 text(POLICY "None"));
	s = transport(t, false, "OPNF", body);
	HAS(s, "outcome ok\n");
	HAS(s, "sec_channel_id=7 token_id=1");
	snprintf(body, sizeof body, "07000000 %s 00000000 ffffffff 0102030405060708", text(POLICY "Basic256Sha256"));
	s = transport(t, true, "OPNF", body);
	HAS(s, "service=OpenSecureChannel sec_channel_id=7 security_policy=Basic256Sha256");
	HAS(s, "encrypted=T");
	snprintf(body, sizeof body, "00001a80 %s", text("no"));
	HAS(transport(t, false, "ERRF", body), "outcome error BadCertificateUntrusted\n");
	/* signed: 32 octets behind it */
	static char signed_body[ROOM];
	put(signed_body, with_header(631, "0000 0000000000000000 01000000 00000000 ffffffff 00000000 000000", READ_ONE));
	for (int i = 0; i < 32; i++)
		put(signed_body, "5a");
	s = chunk(t, true, "MSGF", 5, signed_body);
	HAS(s, "operation read Read target=ns=2;s=Speed\n");
	HAS(s, "security_mode=sign security_policy=Basic256Sha256");
	HAS_NO(s, "weird");
}

static void encrypted(void **state)
{
	struct test_host *t = *state;
	char body[600];

	snprintf(body, sizeof body, "07000000 %s 00000000 ffffffff 0102030405060708", text(POLICY "Aes256_Sha256_RsaPss"));
	transport(t, true, "OPNF", body);
	HAS(transport(t, false, "OPNF", body), "outcome ok\n");
	const char *s = chunk(t, true, "MSGF", 0x99887766, "0102030405060708090a0b0c0d0e0f");
	HAS(s, "security_mode=sign_and_encrypt security_policy=Aes256_Sha256_RsaPss encrypted=T");
	assert_string_equal(chunk(t, false, "MSGF", 0x12345678, "aabbccddeeff"), "");
	assert_string_equal(chunk(t, true, "CLOF", 0x12345678, "aabbccddeeff"), "");
}

/* ------------------------------------------------------------------------------------------------ services */

static void reads(void **state)
{
	struct test_host *t = *state;
	const char *s = ask(t, 3, 631, READ_ONE);
	HAS(s, "operation read Read target=ns=2;s=Speed\n");
	HAS(s, "pdu_type=request service=Read sec_channel_id=7 token_id=1");
	HAS(s, "session=#1");
	HAS(s, "request_id=3 request_handle=42");
	HAS(s, "nodes=ns=2;s=Speed attribute=Value number_of_items=1");
	s = answer(t, 3, 634, "01000000 010b0000000000209740 00000000");
	HAS(s, "outcome ok\n");
	HAS(s, "opcua.value client=10.0.0.1 server=10.0.0.2 access=read node_id=ns=2;s=Speed attribute=Value data_type=Double value=1480 "
	       "number=1480 status=Good");
	HAS(s, "status=Good status_code=0x00000000 failures=0 nodes=ns=2;s=Speed number_of_items=1 values=1480 latency=");
	ask(t, 4, 631, READ_ONE);
	s = answer(t, 4, 634, "01000000 0200003480 00000000");
	HAS(s, "outcome error BadNodeIdUnknown\n");
	HAS(s, "failures=1 failure=BadNodeIdUnknown");
	ask(t, 5, 631, READ_ONE);
	s = answer_with(t, 5, 397, "00000b80", "");
	HAS(s, "outcome error BadServiceUnsupported\n");
	HAS(s, "pdu_type=fault service=Read");
	HAS(answer(t, 9, 634, "00000000 00000000"), "outcome ok unmatched Read\n");
	HAS_NO(answer_with(t, 10, 397, "00000b80", ""), "outcome");
	ask(t, 6, 631, READ_ONE);
	HAS(answer(t, 6, 676, "00000000 00000000"), "weird another_service\n");
}

static void writes(void **state)
{
	struct test_host *t = *state;
	const char *s = ask(t, 3, 673, "01000000" NODE "0d000000 ffffffff 01 06fbffffff");
	HAS(s, "operation write Write target=ns=2;s=Speed\n");
	HAS(s, "access=write node_id=ns=2;s=Speed attribute=Value data_type=Int32 value=-5 number=-5");
	HAS(s, "values=-5");
	HAS(answer(t, 3, 676, "01000000 00001f80 00000000"), "outcome error BadUserAccessDenied\n");
	s = ask(t, 4, 712, "01000000 00fd 0100 56 32 01000000 0705000000"); /* RequestServerStateChange */
	HAS(s, "operation mode RequestServerStateChange target=i=12886\n");
	HAS(s, "nodes=i=12886 objects=i=253 method=RequestServerStateChange number_of_items=1 values=5");
	s = ask(t, 5, 712, "01000000 00fd 0100 f05e 02000000 0c01000000 61 0c06000000 736563726574"); /* AddUser */
	HAS(s, "operation configure AddUser target=i=24304\n");
	HAS_NO(s, "secret");
	s = ask(t, 6, 488, "01000000 0055 0023 0000 0200030000004e6577 01000000 000000 003a");
	HAS(s, "operation configure AddNodes target=i=85/2:New\n");
	HAS(answer(t, 6, 491, "01000000 00000000" NODE "00000000"), "values=ns=2;s=Speed");
}

/* What every type looks like in a log: its octets, its text. */
static void types(void **state)
{
	static const char *const cases[][2] = {
		{ "0101", "value=true number=1" },
		{ "02ff", "value=-1 number=-1" },
		{ "03ff", "value=255 number=255" },
		{ "04feff", "value=-2" },
		{ "05feff", "value=65534" },
		{ "07ffffffff", "value=4294967295" },
		{ "08ffffffffffffffff", "value=-1" },
		{ "09ffffffffffffffff", "value=18446744073709551615" },
		{ "0a0000c03f", "value=1.5 number=1.5" },
		{ "0a0000c07f", "value=nan status" },
		{ "0b000000000000f07f", "value=inf status" },
		{ "0bfca9f1d24d62503f", "value=0.001" },
		{ "0c020000004142", "value=AB" },
		{ "0cffffffff", "data_type=String status" },
		{ "0d0000000000000000", "data_type=DateTime status" },
		{ "0d00803ed5deb19d01", "value=1970-01-01T00:00:00Z" },
		{ "0d01803ed5deb19d01", "value=1970-01-01T00:00:00.0000001Z" },
		{ "0e 78563412 cdab 01ef 0123456789abcdef", "value=12345678-abcd-ef01-0123-456789abcdef" },
		{ "0f03000000010203", "value=010203" },
		{ "11 0055", "value=i=85" },
		{ "11 020300 01000100", "value=ns=3;i=65537" },
		{ "11 050100 04000000 01020304", "value=ns=1;b=AQIDBA==" },
		{ "12 c055 03000000 75726e 02000000", "value=svr=2;nsu=urn;i=85" },
		{ "1300003480", "value=BadNodeIdUnknown" },
		{ "1300000040", "value=Uncertain" },
		{ "14 0200 01000000 41", "value=2:A" },
		{ "15 03 02000000 656e 01000000 42", "value=B" },
		{ "16 01007603 01 02000000 0102", "value=i=886 0102" },
		{ "16 01007603 02 02000000 0102", "value=i=0" },
		{ "16 01007603 00", "value=i=886" },
		{ "17 01 0c01000000 41", "data_type=DataValue value=A" },
		{ "98 02000000 0307 0c01000000 41", "data_type=Variant value={7,A}" },
		{ "19 10 01000000 41", "value=A" },
		{ "1c 01000000 ff", "value=ff" },
		{ "c6 02000000 01000000 02000000 01000000 02000000", "value={1,2}" },
		{ "86 ffffffff", "value={}" },
	};
	struct test_host *t = *state;

	for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char body[300];
		snprintf(body, sizeof body, "01000000" NODE "0d000000 ffffffff 01 %s", cases[i][0]);
		const char *s = ask(t, 100 + i, 673, body);
		HAS(s, cases[i][1]);
		HAS_NO(s, "weird");
	}
}

static void subscriptions(void **state)
{
	struct test_host *t = *state;

	ask(t, 3, 751, "05000000 02000000 01000000" VALUE_ID "02000000 09000000 0000000000000000 000000 01000000 01");
	HAS(answer(t, 3, 754, "01000000 00000000 4d000000 0000000000000000 01000000 000000 00000000"), "outcome ok\n");
	HAS(ask(t, 4, 826, "00000000"), "service=Publish");
	const char *s = answer(t, 4, 829,
			       "05000000 00000000 00 01000000 0000000000000000 01000000 01002b03 01 11000000 01000000 09000000 01 0303 "
			       "00000000 00000000 00000000");
	HAS_NO(s, "outcome");
	HAS(s, "operation cyclic Publish target=ns=2;s=Speed\n");
	HAS(s, "access=notify node_id=ns=2;s=Speed attribute=Value data_type=Byte value=3");
	HAS(s, "number_of_items=1 values=3 subscription_id=5 more_notifications=F");
	HAS(ask(t, 5, 781, "05000000 01000000 4d000000"), "operation cyclic DeleteMonitoredItems target=ns=2;s=Speed\n");
	ask(t, 6, 826, "00000000");
	s = answer_with(t, 6, 397, "00007980", "");
	HAS(s, "pdu_type=fault service=Publish");
	HAS_NO(s, "outcome");
}

static void sessions(void **state)
{
	struct test_host *t = *state;
	char body[900];

	snprintf(body, sizeof body, "ffffffff ffffffff 00000000 00000000 01004401 01 28000000 %s %s %s ffffffff ffffffff ffffffff",
		 text("open"), text("operator"), text("not for logs"));
	const char *s = ask(t, 3, 467, body);
	HAS(s, "operation authenticate ActivateSession\n");
	HAS(s, "user=operator identity=user_name password_readable=T");
	HAS_NO(s, "not for logs");
	HAS(answer(t, 3, 470, "ffffffff 00000000 00000000"), "session=#1 user=operator identity=user_name");
	HAS(ask(t, 4, 631, READ_ONE), "session=#1 user=operator identity=user_name");
	s = ask(t, 5, 467, "ffffffff ffffffff 00000000 00000000 01004101 01 04000000 00000000 ffffffff ffffffff");
	HAS(s, "identity=anonymous");
	HAS(answer_with(t, 5, 397, "00002180", ""), "outcome error BadIdentityTokenRejected\n");
}

static void facts(void **state)
{
	struct test_host *t = *state;

	ask(t, 3, 631,
	    "0000000000000000 03000000 02000000 0100d508 0d000000 ffffffff 0000 ffffffff 0100d308 0d000000 ffffffff 0000 ffffffff");
	const char *s = answer(t, 3, 634, "02000000 01 0c04000000 41636d65 01 0603000000 00000000");
	HAS(s, "fact model=Acme\n");
	HAS(s, "fact state=Suspended\n");
	ask(t, 4, 631, "0000000000000000 03000000 01000000 0100d308 0d000000 ffffffff 0000 ffffffff");
	HAS_NO(answer(t, 4, 634, "01000000 01 06ffffffff 00000000"), "fact");
}

/* ------------------------------------------------------------------------------------------------ chunks */

static void chunks(void **state)
{
	struct test_host *t = *state;
	const char *whole = with_header(631, "0000 0000000000000000 01000000 00000000 ffffffff 00000000 000000", READ_ONE);
	char first[61] = "", second[300];

	memcpy(first, whole, sizeof first - 1);
	assert_true(strlen(whole + sizeof first - 1) < sizeof second);
	memcpy(second, whole + sizeof first - 1, strlen(whole + sizeof first - 1) + 1);
	ask(t, 2, 631, READ_ONE); /* that there is no signature */
	assert_string_equal(chunk(t, true, "MSGC", 3, first), "");
	const char *s = chunk(t, true, "MSGF", 3, second);
	HAS(s, "operation read Read target=ns=2;s=Speed\n");
	HAS(s, "chunks=2");
	chunk(t, false, "MSGC", 3, "01007a02");
	HAS(chunk(t, false, "MSGA", 3, "0000b980 ffffffff"), "outcome error BadResponseTooLarge\n");
	chunk(t, true, "MSGC", 4, first);
	s = chunk(t, true, "MSGF", 5, with_header(631, "0000 0000000000000000 01000000 00000000 ffffffff 00000000 000000", READ_ONE));
	HAS(s, "weird unfinished_message\n");
	HAS(s, "request_id=5");
	sequence[true] += 3;
	HAS(ask(t, 6, 631, READ_ONE), "weird wrong_sequence_number\n");
	sequence[true] = 0;
	HAS(ask(t, 7, 631, READ_ONE), "weird wrong_sequence_number\n");
	sequence[true] = UINT32_MAX - 2;
	ask(t, 8, 631, READ_ONE);
	sequence[true] = 4; /* it began again */
	HAS_NO(ask(t, 9, 631, READ_ONE), "weird");
}

/* Behind lost octets a message may go on whose begin nobody saw. */
static void lost(void **state)
{
	struct test_host *t = *state;

	ask(t, 3, 631, READ_ONE);
	oto_analyzer_opcua->gap(&t->cx, 100);
	assert_string_equal(chunk(t, true, "MSGC", 4, "0102030405060708"), "");
	sequence[true] += 9;
	const char *s = ask(t, 5, 631, READ_ONE);
	HAS(s, "operation read Read");
	HAS_NO(s, "weird");
}

/* Joined within a message: what cannot be read is not encrypted for that. */
static void joined(void **state)
{
	struct test_host *t = *state;

	HAS(chunk(t, true, "MSGF", 4, "0102030405060708"), "security_mode=sign_and_encrypt");
	HAS(ask(t, 5, 631, READ_ONE), "security_mode=none");
}

static void too_large(void **state)
{
	struct test_host *t = *state;
	char piece[4096 + 1];

	chunk(t, true, "MSGC", 3, with_header(631, "0000 0000000000000000 01000000 00000000 ffffffff 00000000 000000", "00"));
	snprintf(piece, sizeof piece, "%04096d", 0);
	for (uint32_t i = 0; i < 70; i++)
		chunk(t, true, "MSGC", 3, piece);
	const char *s = chunk(t, true, "MSGF", 3, piece);
	HAS(s, "weird message_too_large\n");
	HAS(s, "operation read Read\n");
}

/* ------------------------------------------------------------------------------------------------ what lies */

static void malformed(void **state)
{
	struct test_host *t = *state;
	const char *s = ask(t, 3, 631, "0000000000000000 03000000 ffffff7f");
	HAS(s, "weird unexpected_content\n");
	HAS(s, "operation read Read\n");
	char deep[600] = "01000000" NODE "0d000000 ffffffff 01";
	for (int i = 0; i < 12; i++)
		put(deep, "98 01000000");
	HAS(ask(t, 4, 673, deep), "weird unexpected_content\n");
	ask(t, 5, 631, READ_ONE);
	HAS(ask(t, 6, 631, READ_ONE "00"), "weird trailing_octets\n");
	HAS(ask(t, 7, 4711, ""), "weird unknown_service\n");
	HAS(chunk(t, true, "MSGF", 8, "01007702 07"), "weird truncated\n");
	char loop[900] = "0000000000000000 2a000000 00000000 ";
	for (int i = 0; i < 120; i++)
		put(loop, "40");
	HAS(chunk(t, false, "MSGF", 9, with_header(634, loop, "")), "weird truncated\n");
	test_cut(
	    t, true,
	    framed(
		"MSGF",
		"0700000001000000 01000000 01000000 01007702 0000 0000000000000000 01000000 00000000 ffffffff 00000000 000000" READ_ONE));
	test_cut(t, true, framed("HELF", "00000000 00000100 00000200 00000000 05000000 00000000"));
}

static void probes(void **state)
{
	struct test_host *t = *state;
	assert_int_equal(test_probe(t, framed("HELF", "00000000 00000100 00000200 00000000 05000000 00000000")), OTO_MINE);
	assert_int_equal(test_probe(t, framed("HELF", "00000000 00000100 00000200 00000000 05000000 01000000")), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, framed("ACKF", "00000000 00000100 00000200 00000000 05000000")), OTO_MINE);
	assert_int_equal(test_probe(t, framed("ACKF", "00000000 00000100 00000200 00000000 05000000 00")), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, framed("MSGC", "0700000001000000 01000000 01000000")), OTO_MINE);
	assert_int_equal(test_probe(t, framed("MSGX", "0700000001000000 01000000 01000000")), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, framed("OPNC", "0700000001000000 01000000 01000000 0000000000000000")), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "48454c46"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "4845"), OTO_NEED_MORE);
	assert_int_equal(test_probe(t, "474554202f"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "48454c4fffffffff"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "4d534746 ffffff7f"), OTO_NOT_MINE);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(transport_messages), TEST(channels),  TEST(encrypted), TEST(reads),  TEST(writes), TEST(types),
		TEST(subscriptions),      TEST(sessions),  TEST(facts),     TEST(chunks), TEST(lost),   TEST(joined),
		TEST(too_large),          TEST(malformed), TEST(probes)
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
