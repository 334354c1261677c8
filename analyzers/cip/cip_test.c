/* cip_test.c - messages on and off connections, services inside of services, paths, connections, I/O, and what damaged bytes do. */
#include "../testing.h"
#include "cip_connection.h"

extern const struct oto_analyzer *const oto_analyzer_cip;

static int setup(void **state)
{
	struct test_host *t = test_host_new(oto_analyzer_cip, OTO_TCP, 49152, 44818);
	t->cx.depth = 1;
	*state = t;
	return 0;
}

static int setup_io(void **state)
{
	*state = test_host_new(oto_analyzer_cip, OTO_UDP, 2222, 2222);
	return 0;
}

static uint32_t put_le(uint8_t *out, uint64_t value, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		out[i] = (uint8_t)(value >> 8 * i);
	return bytes;
}

static uint32_t encapsulate(uint8_t *out, uint16_t command, uint8_t context, uint32_t connection, int32_t sequence, struct oto_slice cip)
{
	bool connected = sequence >= 0;
	uint32_t n = 24, data = cip.len + (connected ? 2 : 0);

	memset(out, 0, 64);
	put_le(out, command, 2);
	put_le(out + 4, 0x11223344, 4);
	out[12] = context;
	n += 6;
	n += put_le(out + n, 2, 2);
	n += put_le(out + n, connected ? 0xa1 : 0, 2);
	n += put_le(out + n, connected ? 4 : 0, 2);
	if (connected)
		n += put_le(out + n, connection, 4);
	n += put_le(out + n, connected ? 0xb1 : 0xb2, 2);
	n += put_le(out + n, data, 2);
	if (connected)
		n += put_le(out + n, (uint64_t)sequence, 2);
	if (cip.len)
		memcpy(out + n, cip.data, cip.len);
	n += cip.len;
	put_le(out + 2, n - 24, 2);
	return n;
}

static uint8_t packet[70000], bytes[66000];

/* A message outside of connections. */
static const char *rr(struct test_host *t, bool is_orig, uint8_t context, const char *hex)
{
	uint32_t n = encapsulate(packet, 0x6f, context, 0, -1, test_hex(hex, bytes, sizeof bytes));
	return test_bytes(t, is_orig, (struct oto_slice){ packet, n });
}

/* A message of a connection. */
static const char *unit(struct test_host *t, bool is_orig, uint32_t connection, uint16_t sequence, const char *hex)
{
	uint32_t n = encapsulate(packet, 0x70, 0, connection, sequence, test_hex(hex, bytes, sizeof bytes));
	return test_bytes(t, is_orig, (struct oto_slice){ packet, n });
}

#define OPEN_IO "54 02 2006 2401 0a0e 00000000 0400c641 0100 0100 78563412 02 000000 10270000 0748 10270000 0340 01 04 2004 2401 2c65 2c6b"
#define OPENED "d4 00 00 00 c87ac103 0400c641 0100 0100 78563412 10270000 10270000 00 00"
#define LARGE_OPEN                                                                                                                         \
	"5b 02 2006 2401 0a0e 00000000 01000000 0200 0100 78563412 00 000000 80841e00 a20f0042 80841e00 a20f0042 a3 03 0100 2002 2401"
#define LARGE_OPENED "db 00 00 00 44332211 01000000 0200 0100 78563412 80841e00 80841e00 00 00"

/* ------------------------------------------------------------------------------------------------ messages */

static void attacks_need_no_start(void **state)
{
	struct test_host *t = *state;

	HAS(unit(t, true, 0x7fe0017, 5, "07 02 208e 2401"), "operation stop Stop");
	HAS(unit(t, true, 0x7fe0017, 6, "06 02 208e 2401"), "operation start Start");
	HAS(rr(t, true, 1, "05 02 2001 2401 00"), "operation reset Reset target=Identity:1\n");
	HAS(rr(t, true, 2, "10 03 20f5 2401 3005 c0a80101"), "Single target=TCP/IP Interface:1/5\n");
	HAS(rr(t, false, 1, "85 00 00 00"), "outcome ok\n");
	HAS(rr(t, false, 3, "8700 0f 00"), "outcome error Privilege violation unmatched Stop");
}

/* What public tools send to Logix controllers: stop, crash, reset. */
static void attacks_of_public_tools(void **state)
{
	struct test_host *t = *state;

	const char *s = rr(t, true, 1, "52 02 2006 2401 03 f0 0c00 07 02 2064 2401 deadbeefcafe 01 00 01 00");
	HAS(s, "operation stop Stop");
	HAS(s, "unit=0");
	s = rr(t, true, 2, "52 02 2006 2401 03 f0 0c00 0a 02 2002 2401 f4f0 0909 8804 01 00 01 00");
	HAS(s, "operation other Multiple Service Packet");
	HAS(s, "weird malformed_multiple_service");
	s = rr(t, true, 3, "0e 03 20f5 2401 1043 2401 1043");
	HAS(s, "target=TCP/IP Interface:1\n");
	HAS(s, "weird malformed_path");
	HAS(rr(t, true, 4, "05 03 2001 2401 3003"), "operation reset Reset target=Identity:1/3\n");
}

static void pairs_by_context(void **state)
{
	struct test_host *t = *state;

	rr(t, true, 1, "0e 03 2001 2401 3001");
	rr(t, true, 2, "0e 03 2001 2401 3007");
	const char *s = rr(t, false, 2, "8e 00 00 00 0b 31373536");
	HAS(s, "class_id=0x01 class_name=Identity instance_id=0x01 attribute_id=0x07");
	HAS_NOT(s, "path_class");
	HAS(rr(t, false, 1, "8e 00 14 00"), "outcome error Attribute not supported\n");
}

static void a_repeated_context_is_not_believed(void **state)
{
	struct test_host *t = *state;

	rr(t, true, 0, "01 02 2001 2401");
	rr(t, true, 0, "0e 03 2001 2401 3001");
	const char *s = rr(t, false, 0, "8e 00 00 00 0100");
	HAS(s, "attribute_id=0x01");
	HAS(s, "outcome ok\n");
}

static void pairs_on_connections(void **state)
{
	struct test_host *t = *state;

	unit(t, true, 0x100, 1, "4c 02 206b 2501");
	HAS(unit(t, true, 0x100, 2, "0e 03 2001 2401 3006"), "cip_sequence_count=2");
	HAS(unit(t, false, 0x200, 2, "8e 00 00 00 01020304"), "attribute_id=0x06");
	HAS(unit(t, false, 0x200, 9, "8e 00 00 00 01020304"), "unmatched");
	assert_string_equal(unit(t, true, 0x100, 3, ""), "");
}

/* Two connections whose opening was not seen: an answer that could belong to both is told apart by its service, or not at all; the first
 * one that is clear shows which identifiers belong together. */
static void connections_of_unknown_opening(void **state)
{
	struct test_host *t = *state;

	unit(t, true, 0x100, 1, "0e 03 2001 2401 3006");
	unit(t, true, 0x300, 1, "0e 03 20f5 2401 3005");
	HAS(unit(t, false, 0x400, 1, "8e 00 00 00 01"), "unmatched");
	unit(t, true, 0x300, 2, "0e 03 20f5 2401 3005");
	HAS(unit(t, false, 0x400, 2, "8e 00 00 00 01"), "class_id=0xf5");
	unit(t, true, 0x100, 3, "0e 03 2001 2401 3006");
	unit(t, true, 0x300, 3, "0e 03 20f5 2401 3005");
	HAS(unit(t, false, 0x400, 3, "8e 00 00 00 01"), "class_id=0xf5");
	HAS(unit(t, false, 0x200, 3, "8e 00 00 00 01"), "class_id=0x01");
	unit(t, true, 0x500, 4, "0e 03 2001 2401 3006");
	unit(t, true, 0x600, 4, "01 02 20f6 2401");
	HAS(unit(t, false, 0x700, 4, "81 00 00 00 01"), "class_id=0xf6");
}

/* What was learned from an answer whose request had got lost is learned anew. */
static void a_wrong_partner_is_forgotten(void **state)
{
	struct test_host *t = *state;

	unit(t, true, 0x100, 1, "0e 03 2001 2401 3006");
	HAS(unit(t, false, 0x400, 1, "8e 00 00 00 01"), "class_id=0x01");
	unit(t, true, 0x300, 2, "0e 03 20f5 2401 3005");
	HAS(unit(t, false, 0x400, 2, "8e 00 00 00 01"), "class_id=0xf5");
	unit(t, true, 0x100, 3, "0e 03 2001 2401 3006");
	HAS(unit(t, false, 0x200, 3, "8e 00 00 00 01"), "class_id=0x01");
}

/* Many connections are opened for I/O beside one for messages: that is known all the same. */
static void messages_beside_much_io(void **state)
{
	struct test_host *t = *state;

	rr(t, true, 1, LARGE_OPEN);
	rr(t, false, 1, LARGE_OPENED);
	for (uint8_t i = 0; i < 40; i++) {
		rr(t, true, i, OPEN_IO);
		rr(t, false, i, OPENED);
	}
	HAS(unit(t, true, 0x11223344, 1, "07 02 208e 2401"), "route=1/0");
	HAS(unit(t, false, 1, 1, "87 00 00 00"), "outcome ok\n");
}

static void several_in_one(void **state)
{
	struct test_host *t = *state;

	const char *s = unit(t, true, 1, 1, "0a 02 2002 2401 0200 0600 0c00  0e 02 2001 2401  07 02 208e 2401");
	HAS(s, "cip_service=Multiple Service Packet");
	HAS(s, "operation read Get Attributes Single target=Identity:1\n");
	HAS(s, "operation stop Stop");
	s = unit(t, false, 2, 1, "8a 00 1e 00 0200 0600 0a00  8e 00 00 00  87 00 0c 00");
	HAS(s, "outcome ok\n");
	HAS(s, "outcome error Object state conflict\n");
	HAS_NOT(s, "unmatched");
}

static void all_are_refused(void **state)
{
	struct test_host *t = *state;

	unit(t, true, 1, 1, "0a 02 2002 2401 0200 0600 0c00  0e 02 2001 2401  07 02 208e 2401");
	const char *s = unit(t, false, 2, 1, "8a 00 08 00");
	const char *first = strstr(s, "outcome error Service not supported\n");
	assert_non_null(first);
	assert_non_null(strstr(first + 1, "outcome error Service not supported\n"));
}

static void nested_too_deep(void **state)
{
	struct test_host *t = *state;
	char hex[600] = "";

	for (int i = 0; i < 8; i++)
		strcat(hex, "0a 02 2002 2401 0100 0400 ");
	HAS(unit(t, true, 1, 1, hex), "weird nested_too_deep");
	HAS(unit(t, true, 1, 2, "0a 02 2002 2401 0200 0800 0400 0e 02 2001 2401"), "weird malformed_multiple_service");
}

static void behind_a_route(void **state)
{
	struct test_host *t = *state;

	const char *s = rr(t, true, 7, "52 02 2006 2401 05 9d 0600 07 02 208e 2401 01 00 01 02");
	HAS(s, "cip_service=Unconnected Send");
	HAS(s, "unit=2");
	HAS(s, "operation stop Stop");
	HAS(s, "route=1/2");
	s = rr(t, false, 7, "87 00 00 00");
	HAS(s, "route=1/2");
	HAS(s, "outcome ok\n");
	rr(t, true, 8, "52 02 2006 2401 05 9d 0600 07 02 208e 2401 01 00 01 02");
	s = rr(t, false, 8, "d2 00 01 01 0402 02");
	HAS(s, "outcome error Unconnected request timed out\n");
	HAS(s, "cip_extended_status_code=0x0204");
	HAS(s, "cip_service=Unconnected Send");
	HAS(rr(t, true, 9, "52 02 2006 2401 05 9d 0700 0e 03 2001 2401"), "weird malformed_unconnected_send");
}

/* ------------------------------------------------------------------------------------------------ paths */

static struct cip_path path(struct test_host *t, const char *hex)
{
	static uint8_t in[256];
	struct cip_path p = { 0 };
	bool read = cip_path_read(&t->cx, test_hex(hex, in, sizeof in), true, &p);

	assert_int_equal(read, !p.odd);
	return p;
}

static void text_is(struct oto_slice s, const char *text)
{
	assert_int_equal(s.len, strlen(text));
	assert_memory_equal(s.data, text, s.len);
}

static void logical_segments(void **state)
{
	struct test_host *t = *state;
	struct cip_path p = path(t, "2100 5003 2600 01000000 2d00 0102 3005");

	assert_int_equal(p.class_id, 0x350);
	assert_int_equal(p.instance_id, 1);
	assert_int_equal(p.point_id, 0x201);
	assert_int_equal(p.attribute_id, 5);
	p = path(t, "2004 2497 2c65 2c66");
	assert_int_equal(p.points, 2);
	assert_int_equal(p.point[1], 0x66);
	p = path(t, "3404 0100 0c00 3a00 84 03 2002 2401");
	assert_true(p.has_key);
	assert_int_equal(p.key.vendor, 1);
	assert_int_equal(p.key.product, 58);
	assert_int_equal(p.key.major, 0x84);
	p = path(t, "384b 2001");
	assert_int_equal(p.service_id, 0x4b);
	assert_true(path(t, "23 00").odd);
	assert_true(path(t, "34 09").odd);
	assert_true(path(t, "e0 00").odd);
	assert_true(path(t, "21 00 01").odd);
}

static void symbols(void **state)
{
	struct test_host *t = *state;
	struct cip_path p = path(t, "91 05 4d6f746f7200");

	text_is(p.symbol, "Motor");
	assert_int_equal(p.class_id, CIP_CLASS_TAG);
	p = path(t, "91 05 4d6f746f7200 2803 2804 91 05 537065656400 2a00 01000100");
	text_is(p.symbol, "Motor[3,4].Speed[65537]");
	p = path(t, "63 414243 91 02 6465");
	text_is(p.symbol, "ABC.de");
	assert_int_equal(path(t, "60 22 41004200").symbol.len, 4);
}

static void routes(void **state)
{
	struct test_host *t = *state;
	struct cip_path p = path(t, "01 03");

	text_is(p.route, "1/3");
	assert_true(p.has_slot);
	assert_int_equal(p.slot, 3);
	p = path(t, "01 03 12 0c 3139322e3136382e302e3130 01 00");
	text_is(p.route, "1/3/2/192.168.0.10/1/0");
	assert_false(p.has_slot);
	text_is(path(t, "12 0d 3139322e3136382e302e31303000").route, "2/192.168.0.100");
	text_is(path(t, "0f 1200 05").route, "18/5");
	text_is(path(t, "14 02 0102").route, "4/1.2");
}

static void other_segments(void **state)
{
	struct test_host *t = *state;

	assert_int_equal(path(t, "430a").production_inhibit, 10000);
	assert_int_equal(path(t, "5102 e8030000").production_inhibit, 1000);
	assert_true(path(t, "5002 00000000 2004").safety);
	assert_int_equal(path(t, "8002 00000000 2004").class_id, 4);
	assert_false(path(t, "c1 a0 01 05 2004").odd);
	text_is(path(t, "6006 2a00").symbol, "42");
	text_is(path(t, "6007 3412").symbol, "4660");
	text_is(path(t, "6008 78563412").symbol, "305419896");
	assert_true(path(t, "8f 00").odd);
}

/* ------------------------------------------------------------------------------------------------ connections and I/O */

static void forward_open(void **state)
{
	struct test_host *t = *state;

	const char *s = rr(t, true, 1, OPEN_IO);
	HAS(s, "operation other Forward Open target=Assembly:101\n");
	HAS(s, "ot_rpi=10000");
	HAS(s, "ot_size=7 to_size=3 ot_type=point to point");
	HAS(s, "timeout_multiplier=16 transport_class=1 trigger=cyclic");
	HAS(s, "consumed_point=101 produced_point=107");
	s = rr(t, false, 1, OPENED);
	HAS(s, "ot_connection_id=0x03c17ac8 to_connection_id=0x41c60004");
	t->cx.is_orig = true;
	assert_non_null(cip_io_open_of(&t->cx, 0x03c17ac8));
	assert_null(cip_io_open_of(&t->cx, 0x41c60004));
	rr(t, true, 2, OPEN_IO);
	s = rr(t, false, 2, "d4 00 01 01 0601 0100 0100 78563412 00 00");
	HAS(s, "error=Ownership conflict");
	HAS(s, "outcome error Ownership conflict\n");
	HAS(rr(t, true, 3, "4e 02 2006 2401 0a0e 0100 0100 78563412 04 00 2004 2401 2c65 2c6b"), "cip.connection service=Forward Close");
	HAS(rr(t, false, 3, "ce 00 00 00 0100 0100 78563412 00 00"), "outcome ok");
}

static void large_forward_open(void **state)
{
	struct test_host *t = *state;

	const char *s = rr(t, true, 1, LARGE_OPEN);
	HAS(s, "service=Large Forward Open");
	HAS(s, "ot_size=4002 to_size=4002");
	HAS(s, "transport_class=3 trigger=application object is_server=T");
	HAS(s, "route=1/0");
	rr(t, false, 1, LARGE_OPENED);
	s = unit(t, true, 0x11223344, 1, "07 02 208e 2401");
	HAS(s, "unit=0");
	HAS(s, "route=1/0");
	HAS(unit(t, false, 1, 1, "87 00 00 00"), "outcome ok\n");
}

static void other_objects_messages(void **state)
{
	struct test_host *t = *state;

	rr(t, true, 1,
	   "54 02 2006 2401 0a0e 00000000 01000000 0200 0100 78563412 00 000000 80841e00 f443 80841e00 f443 a3 03 20a6 2401 2c01");
	rr(t, false, 1, "d4 00 00 00 44332211 01000000 0200 0100 78563412 80841e00 80841e00 00 00");
	HAS(unit(t, true, 0x11223344, 1, "0000 0100 0000 0000 0f00 0100"), "deliver 0/166 0000010000000000");
	HAS(unit(t, false, 1, 1, "0000 0000 0000 0100 4f00 0100"), "deliver 0/166 0000000000000100");
}

static void io(void **state)
{
	struct test_host *t = *state;

	const char *s = test_pdu(t, true, "0200 0280 0800 c87ac103 01000000 b100 0700 0500 01000000 2a");
	HAS(s, "operation cyclic I/O\n");
	HAS(s, "connection_id=0x03c17ac8 sequence_number=1 data_length=7 io_data=0500010000002a\n");
	HAS_NOT(test_pdu(t, true, "0200 0280 0800 c87ac103 02000000 b100 0700 0500 01000000 2a"), "operation");
	HAS(test_pdu(t, false, "0200 a100 0400 c87ac104 b100 0000"), "data_length=0");
}

static const char *io_of(struct test_host *t, uint32_t connection)
{
	char hex[80];

	snprintf(hex, sizeof hex, "0200 0280 0800 %08x 01000000 b100 0200 0500", __builtin_bswap32(connection));
	return test_pdu(t, true, hex);
}

/* A plant has hundreds of connections between two hosts: each is told once. What a stranger makes up is told to an end. */
static void each_io_connection_once(void **state)
{
	struct test_host *t = *state;

	for (uint32_t i = 0; i < 600; i++)
		HAS(io_of(t, 0x00510000 + i * 0x10001), "operation cyclic");
	for (uint32_t i = 0; i < 600; i++)
		HAS_NOT(io_of(t, 0x00510000 + i * 0x10001), "operation");
	uint32_t odd = 0, told = 0;
	for (uint32_t i = 0; i < 10000; i++) {
		const char *s = io_of(t, 0x80000000 + i);
		odd += strstr(s, "weird too_many_io_connections") != NULL;
		told += strstr(s, "operation") != NULL;
	}
	assert_int_equal(odd, 1);
	assert_in_range(told, 4000, 8192);
}

static void io_knows_its_connection(void **state)
{
	struct test_host *t = *state;

	t->cx.depth = 1;
	rr(t, true, 1, OPEN_IO);
	rr(t, false, 1, OPENED);
	t->cx.depth = 0;
	const char *s = test_pdu(t, true, "0200 0280 0800 c87ac103 01000000 b100 0700 0500 01000000 2a");
	HAS(s, "operation cyclic I/O target=Assembly:101\n");
	HAS(s, "direction=O->T");
	HAS(s, "cip_sequence_count=5 run=T rpi=10000");
	s = test_pdu(t, false, "0200 0280 0800 0400c641 01000000 b100 0300 0700 2a");
	HAS(s, "direction=T->O");
	HAS(s, "cip_sequence_count=7");
	HAS_NOT(s, "operation");
}

static void io_probe(void **state)
{
	struct test_host *t = *state;

	assert_int_equal(test_probe(t, "0200 0280 0800 c87ac103 01000000 b100 0100 05"), OTO_MINE);
	assert_int_equal(test_probe(t, "0200 0280 0800 c87ac103 01000000 b100 0200 05"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "0200 0280 0400 c87ac103 b100 0000"), OTO_NOT_MINE);
	assert_int_equal(test_probe(t, "534554464c4f57"), OTO_NOT_MINE);
}

/* ------------------------------------------------------------------------------------------------ damage */

/* Each message cut at each byte, in memory of just that size; then each byte turned over. */
static void damage(void **state)
{
	static const char *const messages[] = { OPEN_IO,
						OPENED,
						"52 02 2006 2401 05 9d 0600 07 02 208e 2401 01 00 01 02",
						"0a 02 2002 2401 0200 0600 0c00  0e 02 2001 2401  07 02 208e 2401",
						"8a 00 1e 00 0200 0600 0a00  8e 00 00 00  87 00 0c 00",
						"4e 02 2006 2401 0a0e 0100 0100 78563412 04 00 2004 2401 2c65 2c6b",
						"52 09 91 05 4d6f746f7200 2803 2804 91 05 537065656400 0100 00000000",
						"d2 00 00 00 c400 01000000" };
	struct test_host *t = *state;

	for (uint32_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		struct oto_slice whole = test_hex(messages[i], bytes, sizeof bytes);
		for (uint32_t cut = 0; cut <= whole.len; cut++) {
			uint32_t n = encapsulate(packet, 0x6f, (uint8_t)cut, 0, -1, (struct oto_slice){ whole.data, cut });
			for (uint32_t end = n - cut; end <= n; end += cut ? cut : 1) {
				uint8_t *exact = malloc(end ? end : 1);
				memcpy(exact, packet, end);
				test_bytes(t, i != 1 && i != 4, (struct oto_slice){ exact, end });
				free(exact);
			}
		}
		for (uint32_t at = 0; at < whole.len; at++) {
			uint32_t n = encapsulate(packet, 0x6f, 1, 0, -1, whole);
			packet[n - whole.len + at] ^= 0xff;
			test_bytes(t, i != 1 && i != 4, (struct oto_slice){ packet, n });
		}
	}
}

static void tables_are_sorted(void **state)
{
	static const struct oto_names *const tables[] = { &cip_classes, &cip_statuses, &cip_extended_statuses, &cip_vendors,
							  &cip_device_types };

	(void)state;
	for (uint32_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		for (uint32_t k = 1; k < tables[i]->count; k++)
			assert_true(tables[i]->row[k - 1].value < tables[i]->row[k].value);
		assert_null(cip_word(tables[i], 0xfffffff));
	}
	assert_string_equal(cip_word(&cip_vendors, 1), "Rockwell Automation/Allen-Bradley");
	assert_string_equal(cip_meaning_of(NULL, 0x7f).word, "Service 0x7f");
}

/* ------------------------------------------------------------------------------------------------ counted */

/* Three reads of the same class, one of another, and one more of the first. */
#define FIVE_READS                                                                                                                         \
	"0a 02 2002 2401 0500 0c00 1400 1c00 2400 2c00 "                                                                                   \
	"4c 02 2072 2400 0101 4c 02 2072 2400 0202 4c 02 2072 2400 0303 4c 02 20b2 2400 0404 4c 02 2072 2400 0505"

static uint32_t times(const char *said, const char *text)
{
	uint32_t n = 0;

	while ((said = strstr(said, text))) {
		said++;
		n++;
	}
	return n;
}

static void services_that_are_alike_are_told_once(void **state)
{
	struct test_host *t = *state;

	t->counting = true;
	const char *s = unit(t, true, 1, 7, FIVE_READS);
	assert_int_equal(times(s, "cip_service=Read "), 3);
	HAS(s, "alike 3\n");
	/* The second of the three is refused. */
	s = unit(t, false, 1, 7,
		 "8a 00 1e 00 0500 0c00 1200 1600 1c00 2200 cc000000 0101 cc000500 cc000000 0303 cc000000 0404 cc000000 0505");
	assert_int_equal(times(s, "direction=response"), 6);
	assert_int_equal(times(s, "outcome ok\n"), 5);
	assert_int_equal(times(s, "outcome error"), 1);
	HAS_NOT(s, "unmatched");
	HAS_NOT(s, "alike 2");
}

static void what_is_said_again_is_counted_together(void **state)
{
	struct test_host *t = *state;

	t->repeats = true; /* and somebody looks at single events */
	const char *s = unit(t, true, 1, 7, FIVE_READS);
	assert_int_equal(times(s, "alike 3\n"), 1);
	assert_int_equal(times(s, "operation "), 3);
	s = unit(t, false, 1, 7,
		 "8a 00 00 00 0500 0c00 1200 1800 1e00 2400 cc000000 0101 cc000000 0202 cc000000 0303 cc000000 0404 cc000000 0505");
	assert_int_equal(times(s, "alike 3\n"), 1);
	assert_int_equal(times(s, "outcome ok\n"), 3 + 1); /* and of the packet itself */
	/* What was not is told one by one. */
	t->repeats = false;
	s = unit(t, true, 1, 8, FIVE_READS);
	assert_int_equal(times(s, "operation "), 5);
}

static void what_a_packet_leaves_unanswered_is_said(void **state)
{
	struct test_host *t = *state;

	t->counting = true;
	unit(t, true, 1, 8, FIVE_READS);
	const char *s = unit(t, false, 1, 8, "8a 00 00 00 0200 0600 0c00 cc000000 0101 cc000000 0202");
	HAS(s, "alike 2\n");
	HAS(s, "alike 1\noutcome error\nalike 1\n"); /* the fake host has one word for all that is no success */
	HAS_NOT(s, "unmatched");
}

static void a_refused_packet_refuses_all_that_are_alike(void **state)
{
	struct test_host *t = *state;

	t->counting = true;
	unit(t, true, 1, 9, FIVE_READS);
	HAS(unit(t, false, 1, 9, "8a 00 08 00"), "alike 3\noutcome error Service not supported\nalike 1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(attacks_need_no_start, setup, test_teardown),
		cmocka_unit_test_setup_teardown(attacks_of_public_tools, setup, test_teardown),
		cmocka_unit_test_setup_teardown(pairs_by_context, setup, test_teardown),
		cmocka_unit_test_setup_teardown(a_repeated_context_is_not_believed, setup, test_teardown),
		cmocka_unit_test_setup_teardown(pairs_on_connections, setup, test_teardown),
		cmocka_unit_test_setup_teardown(connections_of_unknown_opening, setup, test_teardown),
		cmocka_unit_test_setup_teardown(a_wrong_partner_is_forgotten, setup, test_teardown),
		cmocka_unit_test_setup_teardown(messages_beside_much_io, setup, test_teardown),
		cmocka_unit_test_setup_teardown(several_in_one, setup, test_teardown),
		cmocka_unit_test_setup_teardown(all_are_refused, setup, test_teardown),
		cmocka_unit_test_setup_teardown(nested_too_deep, setup, test_teardown),
		cmocka_unit_test_setup_teardown(behind_a_route, setup, test_teardown),
		cmocka_unit_test_setup_teardown(logical_segments, setup, test_teardown),
		cmocka_unit_test_setup_teardown(symbols, setup, test_teardown),
		cmocka_unit_test_setup_teardown(routes, setup, test_teardown),
		cmocka_unit_test_setup_teardown(other_segments, setup, test_teardown),
		cmocka_unit_test_setup_teardown(forward_open, setup, test_teardown),
		cmocka_unit_test_setup_teardown(large_forward_open, setup, test_teardown),
		cmocka_unit_test_setup_teardown(other_objects_messages, setup, test_teardown),
		cmocka_unit_test_setup_teardown(io, setup_io, test_teardown),
		cmocka_unit_test_setup_teardown(each_io_connection_once, setup_io, test_teardown),
		cmocka_unit_test_setup_teardown(io_knows_its_connection, setup_io, test_teardown),
		cmocka_unit_test_setup_teardown(io_probe, setup_io, test_teardown),
		cmocka_unit_test_setup_teardown(damage, setup, test_teardown),
		cmocka_unit_test(tables_are_sorted),
		cmocka_unit_test_setup_teardown(services_that_are_alike_are_told_once, setup, test_teardown),
		cmocka_unit_test_setup_teardown(what_is_said_again_is_counted_together, setup, test_teardown),
		cmocka_unit_test_setup_teardown(what_a_packet_leaves_unanswered_is_said, setup, test_teardown),
		cmocka_unit_test_setup_teardown(a_refused_packet_refuses_all_that_are_alike, setup, test_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
