/* bacnet_test.c - layers, services, values, segments, files, the probe, and what damaged messages do. */
#include "../testing.h"
#include "bacnet_tables.h"

extern const struct oto_analyzer *const oto_analyzer_bacnet;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_bacnet, OTO_UDP, 47808, 47808);
	return 0;
}

#define HASNT(said, text) assert_null(strstr(said, text))

/* An NPDU with its contents in hexadecimal as Original-Unicast-NPDU. */
static const char *unicast(struct test_host *t, bool is_orig, const char *npdu)
{
	char text[4096];
	uint8_t bytes[2048];

	snprintf(text, sizeof text, "810a%04x%s", 4 + test_hex(npdu, bytes, sizeof bytes).len, npdu);
	return test_pdu(t, is_orig, text);
}

static void sorted_tables(void **state)
{
	const struct oto_names *tables[] = { &bacnet_bvlc_functions, &bacnet_bvlc_results,    &bacnet_services,   &bacnet_error_codes,
					     &bacnet_object_types,   &bacnet_properties,      &bacnet_vendors,    &bacnet_units,
					     &bacnet_reliabilities,  &bacnet_program_changes, &bacnet_event_types };
	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		for (uint32_t k = 1; k < tables[i]->count; k++)
			assert_true(tables[i]->row[k - 1].value < tables[i]->row[k].value);
		assert_ptr_equal(oto_name_in_order(tables[i], tables[i]->row[tables[i]->count - 1].value),
				 &tables[i]->row[tables[i]->count - 1]);
	}
	assert_null(oto_name_in_order(&bacnet_services, 0x2ff));
}

static void reads(void **state)
{
	struct test_host *t = *state;
	const char *s = unicast(t, true, "0104 02750c0c 0c00800003 1955");
	HAS(s, "operation read read_property target=analog-value:3.present-value\n");
	HAS(s, "pdu_service=read-property-request object_type=analog-value instance_number=3 property=present-value");
	s = unicast(t, false, "0100 300c0c 0c00800003 1955 3e 44 41a80000 3f");
	HAS(s, "outcome ok");
	HAS(s, "value=21.000000 number=21");
	HAS(s, "matched=T");
	unicast(t, true, "0104 02750d0c 0c00800003 1955");
	s = unicast(t, false, "0100 500d0c 9102 9120");
	HAS(s, "outcome error unknown-property");
	HAS(s, "pdu_service=read-property-error object_type=analog-value instance_number=3");
	HAS(unicast(t, false, "0100 30990c 0c00800003 1955 3e 44 41a80000 3f"), "outcome ok unmatched read_property");
}

static const char *reads_value(struct test_host *t, const char *value)
{
	char text[512];

	snprintf(text, sizeof text, "0100 30010c 0c00800003 1955 3e %s 3f", value);
	return unicast(t, false, text);
}

static void values(void **state)
{
	struct test_host *t = *state;
	static const struct {
		const char *bytes, *value;
	} rows[] = { { "11", "value=true number=1 datatype=boolean" },
		     { "10", "value=false number=0" },
		     { "23 010203", "value=66051" },
		     { "31 80", "value=-128" },
		     { "33 fffffe", "value=-2" },
		     { "44 c1a80000", "value=-21.000000" },
		     { "44 80000000", "value=-0.000000" },
		     { "44 3dcccccd", "value=0.100000" },
		     { "44 35000000", "value=0.000000" },
		     { "44 7f800000", "value=inf" },
		     { "44 7f7fffff", "value=340282346638528859811704183484516925440.000000" },
		     { "5508 3ff8000000000000", "value=1.500000 number=1.5 datatype=double" },
		     { "63 0a0bff", "value=0a0bff" },
		     { "7506 00 68656c6c6f", "value=hello" },
		     { "7505 04 00480069", "value=Hi" },
		     { "7509 03 0000004800000069", "value=Hi" },
		     { "72 05 fc", "value=\xc3\xbc" },
		     { "71 00", "value=(empty)" },
		     { "82 04 50", "value=FTFT " },
		     { "91 02", "value=2 number=2 datatype=enumerated" },
		     { "a4 7c050d01", "value=5/13/2024" },
		     { "a4 ffffffff", "value=*/*/*" },
		     { "b4 08000563", "value=8:0:5.99" },
		     { "c4 02000064", "value=device: 100" },
		     { "29 07", "value=07 datatype=context" } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		HAS(reads_value(t, rows[i].bytes), rows[i].value);
	HAS(reads_value(t, "00"), "datatype=null item=1");
	HAS(reads_value(t, "0e 21 05 0f 21 06"), "value=6 number=6 datatype=unsigned item=2");
	HAS(reads_value(t, ""), "property=present-value item=0");
	HAS(unicast(t, false, "0100 30010c 0c00000003 1975 3e 913e 3f"), "property=units value=degrees-celsius");
	HAS(unicast(t, false, "0100 30010c 0c00000003 194b 3e c400000005 3f"), "property=object-identifier value=analog-input: 5");
	HAS(unicast(t, false, "0100 30010c 0c00000003 1924 3e 9103 3f"), "property=event-state value=high-limit");
	HAS(unicast(t, false, "0100 30010c 0c02000001 1937 3e 64 01020304 3f"), "property=list-of-session-keys value=***");
}

static void multiple(void **state)
{
	struct test_host *t = *state;
	const char *s = unicast(t, true, "0104 0275010e 0c00000003 1e 0955 09751901 1f 0c00800004 1e 0908 1f");
	HAS(s, "operation read read_property_multiple target=analog-input:3.present-value\n");
	HAS(s, "property=units array_index=1");
	HAS(s, "object_type=analog-value instance_number=4 property=all");
	s = unicast(t, false, "0100 30010e 0c00000003 1e 2955 4e 44 41a80000 4f 2975 5e 9102 9120 5f 1f");
	HAS(s, "value=21.000000");
	HAS(s, "property=units value=unknown-property item=0 is_write=F error_code=unknown-property");
	HAS(unicast(t, true, "0104 0275021a 0c05000002 198383"), "weird bad_tags");
	HAS(unicast(t, true, "0104 0275021a 0c05000002 1983 3e 2101 310a 3f"), "operation read read_range target=trend-log:2.log-buffer\n");
	HAS(unicast(t, false, "0100 30021a 0c05000002 1983 3a05e0 490a 5e 5f"), "value=item_count: 10 number=10");
}

static void writes(void **state)
{
	struct test_host *t = *state;
	const char *s = unicast(t, true, "0104 0275010f 0c00400001 1955 3e 44 42480000 3f 490a");
	HAS(s, "operation write write_property target=analog-output:1.present-value\n");
	HAS(s, "value=50.000000 number=50 datatype=real item=1 priority=10 is_write=T");
	HAS(unicast(t, false, "0100 20010f"), "outcome ok\n");
	HAS(unicast(t, true, "0104 0275020f 0c04000001 195a 3e 9103 3f"),
	    "operation stop write_property target=program:1.program-change\n");
	HAS(unicast(t, true, "0104 0275020f 0c04000001 195a 3e 9102 3f"), "operation start");
	HAS(unicast(t, true, "0104 0275020f 0c00000001 1951 3e 11 3f"), "operation mode");
	HAS(unicast(t, true, "0104 0275020f 0c02000001 1939 3e b408000000 3f"), "operation time");
	HAS(unicast(t, true, "0104 0275020f 0c02000001 194d 3e 7200 41 3f"), "operation configure");
	/* the graver of two */
	s = unicast(t, true, "0104 02750310 0c00800001 1e 0955 2e 44 42480000 2f 0951 2e 11 2f 1f");
	HAS(s, "operation mode write_property_multiple target=analog-value:1.out-of-service\n");
	HAS(unicast(t, false, "0100 500310 0e 9102 9125 0f 1e 0c00800001 1955 1f"), "outcome error value-out-of-range");
	HAS(unicast(t, true, "0104 02750408 0c02000001 1966 3e 2101 3f"), "operation configure add_list_element");
	HAS(unicast(t, true, "0104 0275050a 0e 0902 0f"), "operation configure create_object target=analog-value:4194303\n");
	HAS(unicast(t, true, "0104 0275060b c400800004"), "operation configure delete_object target=analog-value:4\n");
}

static void discovery(void **state)
{
	struct test_host *t = *state;
	const char *s = unicast(t, true, "0120ffff00ff 1008");
	HAS(s, "operation discover who_is target=device:All\n");
	HAS(s, "dnet=65535");
	HAS(unicast(t, true, "0100 1008 09 0a 19 14"), "range=10-20");
	s = unicast(t, false, "0100 1000 c40200006c 2205c4 9100 2107");
	HAS(s, "pdu_service=i-am object_type=device instance_number=108 vendor=Siemens Schweiz AG");
	HAS(s, "fact device_instance=108\n");
	HAS(s, "segmentation=segmented-both");
	s = unicast(t, false, "0108 0d5b012a 1000 c40200006c 2205c4 9100 2107");
	HAS(s, "fact device_instance=108 sub=3419:42\n");
	HAS(s, "source_sub=3419:42");
	HAS(unicast(t, true, "0100 1007 3d0600 41485531"), "weird bad_tags");
	HAS(unicast(t, true, "0100 1007 3d0500 41485531"), "object_name=AHU1");
	s = unicast(t, false, "0100 1001 c40200006c c40200006c 7500");
	HAS(s, "object_name=");
	HAS(unicast(t, true, "0100 100d 2118 7400 414141 7400 424242"), "fact serial=BBB");
}

static void device_control(void **state)
{
	struct test_host *t = *state;
	const char *s = unicast(t, true, "0104 02750111 0901 1901 2d0900 66696c6973746572");
	HAS(s, "operation mode device_communication_control target=state:disable\n");
	HAS(s, "time_duration=1 device_state=disable password=***");
	HASNT(s, "filister");
	s = unicast(t, false, "0100 200111");
	HAS(s, "outcome ok");
	HAS(s, "result=SUCCESS");
	HAS(unicast(t, true, "0104 02750211 1900"), "operation mode device_communication_control target=state:enable");
	HAS(unicast(t, true, "0104 02750314 0900"), "operation reset reinitialize_device target=state:coldstart\n");
	HAS(unicast(t, false, "0100 500314 9104 911a"), "result=ERROR result_code=password-failure");
	HAS(unicast(t, true, "0104 02750414 0902"), "operation program_read");
	HAS(unicast(t, false, "0100 6004 09"), "result=REJECT result_code=unrecognized-service");
	unicast(t, true, "0104 02750514 0904");
	HAS(unicast(t, false, "0100 7105 01"), "outcome error buffer-overflow");
}

static void alarms(void **state)
{
	struct test_host *t = *state;
	const char *s = unicast(t, true,
				"0104 02750102 0907 1c0200006c 2c00000003 3e 2e a47c050d01 b408000000 2f 3f 4903 5964 6905 7d0400 686f74 "
				"8900 9901 a900 b903 ce cf");
	HAS(s, "device_instance=108 object_type=analog-input instance_number=3 notification_class=3 priority=100 event_type=out-of-range "
	       "notify_type=alarm ack_required=T from_state=normal to_state=high-limit time_stamp=5/13/2024 8:0:0.0 message_text=hot");
	HAS(s, "operation other confirmed_event_notification");
	HAS(unicast(t, false, "0100 200102"), "outcome ok");
	s = unicast(t, true, "0100 1002 0900 1c0200006c 2c00000003 3900 4e 0955 2e 44 41a80000 2f 4f");
	HAS(s, "operation cyclic unconfirmed_cov_notification target=analog-input:3.present-value\n");
	HAS(s, "pdu_service=unconfirmed-cov-notification");
	HAS(unicast(t, false, "0100 300203 c400000003 9103 8205 60"), "to_state=high-limit");
	HAS(unicast(t, true, "0104 02750305 0912 1c00000003 2901 3a012c"), "request=subscribe");
	HAS(unicast(t, true, "0104 02750405 0912 1c00000003"), "request=cancel");
	HAS(unicast(t, true, "0100 1006 a47c050d01 b408000000"), "operation time time_synchronization\n");
	HAS(unicast(t, true, "0104 0275051b 0912 1d0300 4a4a 2904 3c05400002"), "operation clear life_safety_operation");
	s = unicast(t, true, "0104 02750617 2105 6508 7061737377726400 2100");
	HAS(s, "session=5");
	HASNT(s, "passw");
}

static void routers(void **state)
{
	struct test_host *t = *state;
	HAS(unicast(t, true, "0180 00 07d1"), "operation discover who_is_router_to_network target=network:2001\n");
	const char *s = unicast(t, false, "0180 01 07d1 07d2");
	HAS(s, "networks=2001,2002");
	HAS(s, "fact bacnet_network=2002\n");
	HAS(s, "fact role=bacnet router\n");
	HAS(unicast(t, false, "0180 03 01 07d9"), "network_reject=not_directly_connected");
	HAS(unicast(t, true, "0180 06 00"), "operation read initialize_routing_table");
	HAS(unicast(t, true, "0180 06 01 07d1 01 00"), "operation configure initialize_routing_table");
	HAS(unicast(t, false, "0180 07"), "outcome ok");
	HAS(unicast(t, true, "0180 80 0007 01"), "vendor=Siemens");
	/* the same invoke identifier to two stations behind one router */
	unicast(t, true, "0124 07d1 01 0a ff 02750c0c 0c00800003 1955");
	unicast(t, true, "0124 07d1 01 0b ff 02750c0c 0c00800004 1955");
	s = unicast(t, false, "0108 07d1 01 0a 500c0c 9102 9120");
	HAS(s, "outcome error unknown-property");
	HAS(s, "instance_number=3");
}

static void link_layer(void **state)
{
	struct test_host *t = *state;
	HAS(test_pdu(t, true, "8105 0006 003c"), "operation other Register_Foreign_Device target=bbmd");
	HAS(test_pdu(t, false, "8100 0006 0030"), "outcome error Register-Foreign-Device_NAK");
	test_pdu(t, true, "8102 0004");
	const char *s = test_pdu(t, false, "8103 000e c0a80001 bac0 ffffff00");
	HAS(s, "entries=192.168.0.1:47808/255.255.255.0");
	HAS(s, "outcome ok");
	test_pdu(t, true, "8106 0004");
	HAS(test_pdu(t, false, "8107 000e c0a80001 bac0 003c 0020"), "entries=192.168.0.1:47808 ttl 60 left 32");
	HAS(test_pdu(t, true, "8108 000a c0a80001 bac0"), "operation configure Delete_Foreign_Device_Table_Entry");
	HAS(test_pdu(t, false, "8104 0012 c0a80001 bac0 0120ffff00ff 1008"), "origin_h=192.168.0.1 origin_p=47808");
	HAS(test_pdu(t, true, "8109 0008 0100 1008"), "bvlc_function=Distribute_Broadcast_to_Network");
	HAS(test_pdu(t, true, "810c 0006 aabb"), "bvlc_function=Secure_BVLL");
	HAS(test_pdu(t, true, "8101 000e c0a80001 bac0 ffffff00"), "operation configure Write_Broadcast_Table");
	HAS(test_pdu(t, true, "8202 000b 000123 0100 1008"), "bvlc_function=Original_Broadcast_NPDU virtual_address=291");
	HAS(test_pdu(t, true, "8209 0009 000123 003c"), "bvlc_function=Register_Foreign_Device");
	HAS(test_pdu(t, false, "8200 0009 000123 0090"), "bvlc_result=Register-Foreign-Device_NAK");
	HAS(test_pdu(t, true, "8203 000a 000123 000124"), "bvlc_function=Address_Resolution");
}

static void segments(void **state)
{
	struct test_host *t = *state;
	const char *s = unicast(t, true, "0104 0275010c 0c02000001 194c");
	s = unicast(t, false, "0100 3c01 00 04 0c 0c02000001 194c 3e c400000001");
	HASNT(s, "outcome");
	HAS(s, "segmented=T more_follows=T sequence=0");
	unicast(t, false, "0100 3c01 00 04 0c 0c02000001 194c 3e c400000001"); /* sent again */
	HAS(unicast(t, true, "0100 4001 00 04"), "pdu_type=SEGMENT_ACK");
	unicast(t, false, "0100 3c01 01 04 0c c400000002");
	unicast(t, false, "0100 3c01 03 04 0c c400000004"); /* out of order */
	s = unicast(t, false, "0100 3801 02 04 0c c400000003 3f");
	HAS(s, "outcome ok");
	HAS(s, "value=analog-input: 3 datatype=object-identifier item=3");
	unicast(t, true, "0104 0275020c 0c02000001 194c");
	unicast(t, false, "0100 3c02 00 04 0c 0c02000001 194c 3e c400000001");
	s = unicast(t, false, "0100 3802 02 04 0c c400000003 3f");
	HAS(s, "weird segments_lost");
	HAS(s, "outcome ok");
	/* a request in two parts; the client is behind a router */
	unicast(t, true, "0108 07d1010a 0e7503 00 04 0f 0c00400001 1955 3e 44");
	s = unicast(t, true, "0108 07d1010a 0a7503 01 04 0f 42480000 3f");
	HAS(s, "operation write write_property target=analog-output:1.present-value\n");
	HAS(unicast(t, false, "0120 07d1010a ff 20030f"), "outcome ok");
	HASNT(unicast(t, false, "0100 3809 05 04 0c 3f"), "outcome"); /* its beginning was not seen */
}

static void files(void **state)
{
	struct test_host *t = *state;
	const char *s = unicast(t, true, "0104 02750106 c402800005 0e 3100 2103 0f");
	HAS(s, "operation program_read atomic_read_file target=file:5\n");
	s = unicast(t, false, "0100 300106 10 0e 3100 63616263 0f");
	HAS(s, "size=3 end_of_file=F");
	unicast(t, true, "0104 02750206 c402800005 0e 3103 2103 0f");
	s = unicast(t, false, "0100 300206 11 0e 3103 63646566 0f");
	HAS(s, "program upload complete file file 5 size=6 sha256=bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721");
	HAS(unicast(t, true, "0104 02750307 c402800006 0e 3100 63616263 0f"), "operation program_write atomic_write_file");
	HAS(unicast(t, false, "0100 500307 9105 9105"), "program download aborted file file 6 size=3");
	unicast(t, true, "0104 02750407 c402800007 1e 3100 2102 61 41 61 42 1f");
	HAS(test_closing(t), "program download complete file file 7 size=2");
	unicast(t, true, "0104 02750507 c402800008 0e 3105 63616263 0f");
	HAS(test_closing(t), "program download cut file file 8");
}

static void probes(void **state)
{
	struct test_host *t = *state, *odd = test_host_new(oto_analyzer_bacnet, OTO_UDP, 40000, 50000);
	assert_int_equal(test_probe(t, "810a00ff"), OTO_MINE);
	assert_int_equal(test_probe(t, "6162"), OTO_NOT_MINE);
	assert_int_equal(test_probe(odd, "810b000801001008"), OTO_MINE);
	assert_int_equal(test_probe(odd, "810b000901001008"), OTO_NOT_MINE);
	assert_int_equal(test_probe(odd, "810b000802001008"), OTO_NOT_MINE);
	assert_int_equal(test_probe(odd, "810b000801101008"), OTO_NOT_MINE);
	assert_int_equal(test_probe(odd, "810b0008010010"), OTO_NOT_MINE);
	assert_int_equal(test_probe(odd, "810b00080100f008"), OTO_NOT_MINE);
	assert_int_equal(test_probe(odd, "81050006003c"), OTO_MINE);
	assert_int_equal(test_probe(odd, "81060004"), OTO_MINE);
	assert_int_equal(test_probe(odd, "810d0004"), OTO_NOT_MINE);
	assert_int_equal(test_probe(odd, "8202000b00012301001008"), OTO_MINE);
	test_host_free(odd);
	t->cx.transport = OTO_ETH;
	assert_int_equal(test_probe(t, "82820301001008"), OTO_MINE);
	assert_int_equal(test_probe(t, "8282f301001008"), OTO_NOT_MINE);
	t->head.has_ports = false;
	HAS(test_pdu(t, true, "82820301001008"), "link=ethernet");
}

/* Whatever is cut off: no crash, and nothing made up. */
static void cut(void **state)
{
	struct test_host *t = *state;
	static const char *const whole[] = {
		"810a0011 0104 02750c0c 0c00800003 1955",
		"810a0018 0100 300c0c 0c00800003 1955 3e 44 41a80000 3f",
		"810a0024 0104 0275010e 0c00000003 1e 0955 09751901 1f 0c00800004 1e 0908 1f",
		"810a0024 0104 02750310 0c00800001 1e 0955 2e 44 42480000 2f 0951 2e 11 2f 1f",
		"810a0019 0108 0d5b012a 1000 c40200006c 2205c4 9100 2107",
		"810a001c 0104 02750111 0901 1901 2d0900 66696c6973746572",
		"810a0049 0104 02750102 0907 1c0200006c 2c00000003 3e 2e a47c050d01 b408000000 2f 3f 4903 5964 6905 7d0400 686f74 8900 "
		"9901 a900 b903 ce cf",
		"810a000f 0180 07 02 07d1 0100 07d2 020158",
		"8103 0018 c0a80001 bac0 ffffff00 c0a80002 bac0 ffffff00",
		"8208 001c 000123 fd0000000000000000000000000000 33 bac0 0100 1008",
		"810a001d 0100 300106 10 0e 3100 63616263 0f",
		"810a0027 0104 02750407 c402800007 1e 3100 2102 61 41 61 42 1f",
	};

	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		test_cut(t, i % 2 == 0, whole[i]);
	HAS(test_pdu(t, true, "810a00ff 0100 1008"), "weird wrong_length");
	HAS(unicast(t, true, "0200 1008"), "weird unknown_version");
	HAS(unicast(t, true, "0100 f008"), "weird unknown_apdu_type");
	HAS(unicast(t, true, "0104 0275010f 2101"), "weird unexpected_content");
	HAS(unicast(t, true, "0104 02750163 2101"), "weird unknown_service");
	HAS(unicast(t, true, "0104 0275010f 0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"), "weird bad_tags");
	HAS(unicast(t, true, "0104 0275010f 0d ff ffffffff"), "weird bad_tags");
	HAS(test_pdu(t, true, "8103 0005 01"), "weird bad_table");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sorted_tables, setup, test_teardown),
		cmocka_unit_test_setup_teardown(reads, setup, test_teardown),
		cmocka_unit_test_setup_teardown(values, setup, test_teardown),
		cmocka_unit_test_setup_teardown(multiple, setup, test_teardown),
		cmocka_unit_test_setup_teardown(writes, setup, test_teardown),
		cmocka_unit_test_setup_teardown(discovery, setup, test_teardown),
		cmocka_unit_test_setup_teardown(device_control, setup, test_teardown),
		cmocka_unit_test_setup_teardown(alarms, setup, test_teardown),
		cmocka_unit_test_setup_teardown(routers, setup, test_teardown),
		cmocka_unit_test_setup_teardown(link_layer, setup, test_teardown),
		cmocka_unit_test_setup_teardown(segments, setup, test_teardown),
		cmocka_unit_test_setup_teardown(files, setup, test_teardown),
		cmocka_unit_test_setup_teardown(probes, setup, test_teardown),
		cmocka_unit_test_setup_teardown(cut, setup, test_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
