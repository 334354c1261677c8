/* lldp_test.c - identifiers, the TLVs of the standard and of each organisation, facts, what changes, and what damaged frames do.
 */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_lldp;

static int setup(void **state)
{
	*state = test_host_frames(oto_analyzer_lldp, (struct oto_mac){ { 0x01, 0x80, 0xc2, 0, 0, 0x0e } });
	return 0;
}

#define CHASSIS "0207 04 020000000002 "
#define PORT "0404 07 702d31 " /* p-1 */
#define TTL "0602 0078 "
#define HEAD CHASSIS PORT TTL

static void smallest(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, HEAD "0000 000000000000");

	HAS(s, "lldp.frame src_mac=02:00:00:00:00:01 chassis_type=mac chassis_id=02:00:00:00:00:02 chassis_mac=02:00:00:00:00:02 ");
	HAS(s, " port_type=local port_id=p-1 ttl=120");
	HAS(s, " shutdown=F first=T changed=F\n");
	HAS(s, "fact chassis_mac=02:00:00:00:00:02\n");
	HAS(s, "fact port=p-1\n");
	HAS(s, "lldp.tlv kind=ttl content=0078\n");
	s = test_pdu(t, true, HEAD); /* the end may be left out */
	HAS(s, " first=F changed=F\n");
	HAS_NOT(s, "fact");
	t->head.ts.ns += INT64_C(60000000000);
	HAS(test_pdu(t, true, HEAD), "fact port=p-1\n");
	s = test_pdu(t, true, HEAD "0a 03 617879");
	HAS(s, " system_name=axy ");
	HAS(s, " first=F changed=T\n");
	HAS(s, "fact hostname=axy\n");
	s = test_pdu(t, true, CHASSIS PORT "0602 0000 0000");
	HAS(s, " ttl=0");
	HAS(s, " shutdown=T first=F changed=F\n");
	HAS_NOT(s, "fact");
	HAS(test_pdu(t, true, CHASSIS PORT "0602 0009 0a 03 617879"), " changed=F\n"); /* time to live is no setting */
}

static void identifiers(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true, "0206 05 01 0a000001 0406 04 01 0a000002 0602 0001");

	HAS(s, "chassis_type=address chassis_id=10.0.0.1 port_type=address port_id=10.0.0.2 ");
	HAS(test_pdu(t, true, "0204 06 657430 0407 03 020000000009 0602 0001"), "chassis_id=et0 port_type=mac port_id=02:00:00:00:00:09 ");
	HAS(test_pdu(t, true, "0205 07 00000101 0403 02 0001 0602 0001"), "chassis_id=00000101 port_type=port_component port_id=0001 ");
	HAS(test_pdu(t, true, "0212 05 02 fe800000000000000000000000000001 0403 07 6100 0602 0001"),
	    "chassis_id=fe80::1 port_type=local port_id=a ");
	HAS(test_pdu(t, true, "0203 04 0102 0402 07 61 0602 0001"), "chassis_type=mac chassis_id=0102 port_type");
	HAS(test_pdu(t, true, "0203 05 0109 0402 07 61 0602 0001"), "chassis_type=address chassis_id=0109 ");
}

static void basic(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true,
				 HEAD "0803 506f31 0a03 537731 0c04 61620a63 0e04 0014 0004 100c 05 01 0a000001 02 00000001 00"
				      "1007 05 01 0a000002 02 1003 02 10 61");

	HAS(s, " port_description=Po1 system_name=Sw1 system_description=ab\\x0ac capabilities=bridge,router enabled=bridge "
	       "management=10.0.0.1 ");
	HAS(s, "fact hostname=Sw1\n");
	HAS(s, "fact description=ab c\n");
	HAS(s, "fact port=p-1 (Po1)\n");
	HAS(s, "fact role=bridge\nfact management_address=10.0.0.1\n");
	HAS(s, "weird tlv_too_short\n"); /* the addresses without their interface */
	HAS_NOT(test_pdu(t, true, HEAD "0a0f 7379734e616d65204e6f7420536574 100c 05 01 00000000 02 00000001 00"), "fact hostname");
	s = test_pdu(t, true, HEAD "100e 07 06 020000000007 02 00000001 00 1203 616263");
	HAS(s, " management=02:00:00:00:00:07 unknown=9 ");
}

static void ieee(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true,
				 HEAD "fe06 0080c2 01 0011 fe0c 0080c2 03 0011 05 68616c6c33 fe06 0080c2 06 0012 fe09 0080c2 07 03 00000007"
				      "fe09 00120f 01 03 6c00 0010 fe07 00120f 02 07 01 00 fe06 00120f 04 05f2 fe05 00120f 05 01");

	HAS(s,
	    " port_vlan=17 management_vlan=18 vlans=17 hall3 autonegotiation=T mau_type=100BASE-TX full duplex frame_size=1522 aggregate=7 "
	    "power_source=T unknown=00:12:0f/5 ");
	HAS(s, "lldp.tlv kind=802.1 port_vlan content=0011\n");
	s = test_pdu(t, true, HEAD "fe0c 00120f 02 02 01 03 00 0032 0040 fe09 00120f 03 01 00000007 fe06 0080c2 01 0000");
	HAS(s, " power_source=F power_mw=5000 "); /* what it asked for; aggregation is not in force */
	HAS_NOT(s, "aggregate");
	HAS_NOT(s, "port_vlan=");
}

static void med(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true,
				 HEAD "fe07 0012bb 01 003f 03 fe08 0012bb 02 01 40c96e fe08 0012bb 02 02 800000"
				      "fe14 0012bb 03 02 0e 02 4a50 03 06 4e61676f7961 13 01 37 fe07 0012bb 04 03 0041"
				      "fe06 0012bb 05 5231 fe06 0012bb 06 4631 fe06 0012bb 07 5331 fe06 0012bb 08 4e31"
				      "fe06 0012bb 09 4d6b fe06 0012bb 0a 4d31 fe06 0012bb 0b 4131");

	HAS(s, " power_mw=6500 med_class=communication_device policies=voice vlan 100 priority 5 dscp 46,voice_signaling unknown vendor=Mk "
	       "model=M1 "
	       "serial=N1 asset_id=A1 hardware=R1 firmware=F1 software=S1 location=JP, Nagoya, 7 ");
	HAS(s, "fact vendor=Mk\nfact model=M1\nfact serial=N1\nfact hardware=R1\nfact firmware=F1\nfact software=S1\nfact asset_id=A1\n"
	       "fact location=JP, Nagoya, 7\n");
	HAS(test_pdu(t, true, HEAD "fe08 0012bb 03 03 313139"), " location=119 ");
	HAS(test_pdu(t, true, HEAD "fe08 0012bb 03 02 20 0241"), "weird tlv_too_short\n"); /* longer than the TLV */
	HAS(test_pdu(t, true, HEAD "fe0a 0012bb 03 02 05 024a50 0309"), "weird tlv_too_short\n");
}

#define LOCAL "0208 07 73776974636831 " /* switch1 */
#define STATUS "fe08 000ecf 02 0000 0000 "

static void profinet(void **state)
{
	struct test_host *t = *state;
	const char *s = test_pdu(t, true,
				 LOCAL PORT TTL STATUS "fe0a 000ecf 05 020000000010 fe16 000ecf 04 00112233445566778899aabbccddeeff 0001"
						       "fe05 000ecf 03 61");

	HAS(s, " interface_mac=02:00:00:00:00:10 alias=a rtclass2=off rtclass3=off mrp_domain=00112233445566778899aabbccddeeff "
	       "mrrt=configured ");
	HAS(s, "fact chassis_mac=02:00:00:00:00:10\n");
	HAS(s, "fact port_alias=a\n");
	HAS(s, "fact station_name=switch1\n");
	HAS(test_pdu(t, true, LOCAL "040e 07 706f72742d3030312e70756d70 " TTL STATUS), "fact station_name=pump\n");
	HAS_NOT(test_pdu(t, true, "0204 07 612062 " PORT TTL STATUS), "station_name"); /* "a b": an identification */
	HAS_NOT(test_pdu(t, true, LOCAL PORT TTL), "station_name");
	HAS(test_pdu(t, true, LOCAL PORT TTL "fe18 000ecf 01 00000001 00000002 00000003 00000004 00000005"), " changed=F\n");
	HAS(test_pdu(t, true, HEAD "fe0d 00005e 01 68747470733a2f2f61"), " mud_url=https://a ");
	HAS(test_pdu(t, true, HEAD "fe05 0026e1 01 01"), " unknown=00:26:e1/1 ");
	HAS(test_pdu(t, true, HEAD "fe04 0026e1 01"), " unknown=00:26:e1/1 ");
	HAS(test_pdu(t, true, HEAD "fe03 0026e1"), "weird tlv_too_short\n");
}

static void description(void **state, const char *text, const char *facts)
{
	char hex[1200] = HEAD;
	size_t n = strlen(hex);

	n += (size_t)snprintf(hex + n, sizeof hex - n, "0c%02x", (unsigned)strlen(text));
	for (const char *c = text; *c; c++)
		n += (size_t)snprintf(hex + n, sizeof hex - n, "%02x", (unsigned char)*c);
	HAS(test_pdu(*state, true, hex), facts);
}

static void descriptions(void **state)
{
	description(state, "Siemens, SIMATIC NET, SCALANCE X212-2, 6GK5 212-2BB00-2AA3, HW: 7, FW: V4.02",
		    "fact vendor=Siemens\nfact order_number=6GK5 212-2BB00-2AA3\nfact model=SCALANCE X212-2\nfact hardware=7\nfact "
		    "firmware=V4.02\n");
	description(state, "Siemens, SIMATIC S7, CPU315-2 PN/DP, 6ES7 315-2EH14-0AB0 , HW: 4, FW: V3.2.8, S C-C5U430162012",
		    "fact order_number=6ES7 315-2EH14-0AB0\nfact model=CPU315-2 PN/DP\nfact hardware=4\nfact firmware=V3.2.8\nfact "
		    "serial=S C-C5U430162012\n");
	description(state, "Siemens, SIMATIC NET, SCALANCE XB208, 6GK5 208-0BA00-2AB2, HW: Version 3, FW: Version V04.01.00, SVPLN128756",
		    "fact model=SCALANCE XB208\nfact hardware=3\nfact firmware=V04.01.00\nfact serial=SVPLN128756\n");
	description(state, "Siemens, SIMATIC S7, IM155-6PN HF, 6ES7 155-6AU00-0CN0 , HW: V 5. 0. 0, FW: V4.2.0, SN: S C-K7NP32952018",
		    "fact hardware=V 5. 0. 0\nfact firmware=V4.2.0\nfact serial=S C-K7NP32952018\n");
	description(state, "Cisco IOS Software, C3560 Software (C3560-ADVIPSERVICESK9-M), Version 12.2(44)SE, RELEASE SOFTWARE (fc1)",
		    "fact vendor=Cisco\nfact firmware=12.2(44)SE\nfact os=Cisco IOS 12.2(44)SE\n");
	description(state, "Ubuntu 14.04.5 LTS Linux 3.13.0-106-generic #153-Ubuntu SMP",
		    "fact os=Ubuntu 14.04.5 LTS Linux 3.13.0-106-generic\n");
	description(state, "Summit300-48 - Version 7.4e.1 (Build 5) by Release_Master", "fact firmware=7.4e.1\n");
	description(state, "ProCurve J8762A Switch 2600-8-PWR, revision H.08.89, ROM H.08.5X", "fact firmware=H.08.89\n");
	description(state, "Hirschmann RSP - SW: HiOS-2S-04.0.00", "fact firmware=HiOS-2S-04.0.00\n");
	description(state, "Example Works, EX-8, HW: 4, FW: 2.4.1", "fact hardware=4\nfact firmware=2.4.1\n");
}

static void damaged(void **state)
{
	static const uint8_t whole[] = { 2, 7, 4, 2,   0,    0, 0, 0,    2,    4, 4, 7,  'p', '-', '1',
					 6, 2, 0, 120, 0xfe, 7, 0, 0x12, 0xbb, 1, 0, 63, 3,   0,   0 };
	struct test_host *t = *state;

	for (uint32_t n = 1; n < sizeof whole; n++) {
		char hex[3 * sizeof whole + 1] = "";
		for (uint32_t i = 0; i < n; i++)
			snprintf(hex + strlen(hex), sizeof hex - strlen(hex), "%02x", whole[i]);
		const char *s = test_pdu(t, true, hex);
		assert_true(strstr(s, "weird truncated") || strstr(s, "weird mandatory_tlv_missing") ||
			    (n >= 19 && strstr(s, "lldp.frame")));
	}
	HAS(test_pdu(t, true, PORT CHASSIS TTL), "weird mandatory_tlv_missing\n");
	HAS(test_pdu(t, true, CHASSIS PORT "0000"), "weird mandatory_tlv_missing\n");
	HAS(test_pdu(t, true, CHASSIS PORT "0601 05 0000"), "weird mandatory_tlv_missing\n"); /* half a time to live */
	const char *s = test_pdu(t, true, HEAD "0602 0001 0a03 616263");
	HAS(s, "weird mandatory_tlv_repeated\n");
	HAS(s, " ttl=120");
	HAS(s, " system_name=abc ");
	HAS(test_pdu(t, true, HEAD "0a03 616263 0a03 646566"), " system_name=abc ");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(smallest), TEST(identifiers), TEST(basic), TEST(ieee), TEST(med), TEST(profinet), TEST(descriptions), TEST(damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
