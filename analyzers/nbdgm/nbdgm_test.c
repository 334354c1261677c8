/* nbdgm_test.c - datagrams, mailslots, every browser and Netlogon message, fragments, facts, and what damaged messages do. */
#include "../testing.h"

extern const struct oto_analyzer *const oto_analyzer_nbdgm;

/* A datagram of a kind from 10.0.0.1, "PC"<20> to "LAN"<1d>, with its data. */
struct datagram {
	uint8_t bytes[1024];
	uint32_t len;
};

static void put(struct datagram *d, const void *bytes, uint32_t n)
{
	memcpy(&d->bytes[d->len], bytes, n);
	d->len += n;
}

static void put_name(struct datagram *d, const char *name, uint8_t suffix)
{
	uint8_t encoded[34] = { 32 };

	for (uint32_t i = 0; i < 16; i++) {
		uint8_t c = i == 15 ? suffix : i < strlen(name) ? (uint8_t)name[i] : ' ';
		encoded[1 + 2 * i] = (uint8_t)('A' + (c >> 4));
		encoded[2 + 2 * i] = (uint8_t)('A' + (c & 15));
	}
	put(d, encoded, sizeof encoded);
}

static void begin(struct datagram *d, uint8_t type, uint8_t flags, uint16_t offset)
{
	uint8_t head[] = { type, flags, 0x80, 1, 10, 0, 0, 1, 0, 138, 0, 0, (uint8_t)(offset >> 8), (uint8_t)offset };

	d->len = 0;
	put(d, head, sizeof head);
	put_name(d, "PC", 0x20);
	put_name(d, "LAN", 0x1d);
}

/* The SMB transaction that writes to a mailslot. */
static struct oto_slice smb(const char *slot, struct oto_slice data, bool wide)
{
	static uint8_t out[1024];
	uint32_t name = (uint32_t)strlen(slot), at = 69 + (wide ? 2 * name + 3 : name + 1);

	memset(out, 0, sizeof out);
	memcpy(out, "\xffSMB\x25", 5);
	out[11] = wide ? 0x80 : 0;
	out[32] = 17;
	out[55] = (uint8_t)data.len;
	out[57] = (uint8_t)at;
	for (uint32_t i = 0; i < name; i++)
		out[wide ? 70 + 2 * i : 69 + i] = (uint8_t)slot[i];
	memcpy(&out[at], data.data, data.len);
	return (struct oto_slice){ out, at + data.len };
}

static const char *say(struct test_host *t, const char *slot, const char *hex)
{
	uint8_t bytes[512];
	struct datagram d;
	struct oto_slice s = smb(slot, test_hex(hex, bytes, sizeof bytes), false);

	begin(&d, 0x11, 2, 0);
	put(&d, s.data, s.len);
	return test_bytes(t, true, (struct oto_slice){ d.bytes, d.len });
}

#define BROWSE "\\MAILSLOT\\BROWSE"
#define NETLOGON "\\MAILSLOT\\NET\\NETLOGON"
#define SRV16 "53525600000000000000000000000000"
#define ANNOUNCE(command, version, type) command "00 60ea0000" SRV16 version type "0f01 55aa 6869 00"

static struct test_host *host(void)
{
	struct test_host *t = test_host_new(oto_analyzer_nbdgm, OTO_UDP, 138, 138);
	t->head.has_mac = true;
	t->head.orig_mac = (struct oto_mac){ { 2, 0, 0, 0, 0, 1 } };
	return t;
}

static void announcements(void **state)
{
	(void)state;
	struct test_host *t = host();
	const char *s = say(t, BROWSE, ANNOUNCE("01", "0500", "03100000"));
	SAID(s, "nbdgm.datagram",
	     "type=direct_group id=32769 source_ip=10.0.0.1 source_name=PC source_suffix=server dest_name=LAN dest_suffix=master_browser "
	     "mailslot=\\\\MAILSLOT\\\\BROWSE");
	SAID(s, "nbdgm.browser",
	     "command=host_announcement src_ip=10.0.0.1 src_mac=02:00:00:00:00:01 server_name=SRV os_version=5.0 server_type=0x1003 "
	     "roles=workstation,server,nt_workstation browser_version=15.1 signature=0xaa55 host_comment=hi periodicity=60000");
	HAS(s, "fact hostname=PC\nfact workgroup=LAN\nfact hostname=SRV\nfact os=Windows 2000\nfact os_version=5.0\nfact description=hi\n");
	s = say(t, BROWSE, ANNOUNCE("0f", "0601", "0b900100"));
	HAS(s, "command=local_master_announcement");
	HAS(s, "fact os=Windows Server 2008 R2\n");
	HAS(s, "fact role=domain controller\nfact role=master browser\n");
	HAS_NOT(s, "fact hostname=PC"); /* told before */
	s = say(t, BROWSE, ANNOUNCE("0c", "0500", "00100080"));
	HAS(s, "command=domain_announcement");
	HAS(s, "server_name=hi group=SRV os_version=5.0");
	HAS(s, "fact workgroup=SRV\nfact hostname=hi\nfact role=master browser\n");
	test_host_free(t);
}

static void systems(void **state)
{
	static const struct {
		const char *version, *type, *os, *browser;
	} rows[] = {
		{ "0400", "02900000", "Windows NT 4.0", NULL },
		{ "0400", "03004000", "Windows 95", "1504" },
		{ "040a", "03004000", "Windows 98", "1504" },
		{ "045a", "03004000", "Windows Me", "1504" },
		{ "0400", "03224100", NULL, "0f01" }, /* a printer */
		{ "0601", "03100000", NULL, "1501" }, /* a Mac */
		{ "0501", "03100000", "Windows XP", NULL },
		{ "0502", "03900000", "Windows Server 2003", NULL },
		{ "0600", "03100000", "Windows Vista", NULL },
		{ "0601", "03100000", "Windows 7", NULL },
		{ "0602", "03900000", "Windows Server 2012", NULL },
		{ "0603", "03100000", "Windows 8.1", NULL },
		{ "0a00", "03100000", "Windows 10 or later", NULL },
		{ "0601", "039a0000", "Unix with Samba", NULL },
		{ "0601", "03000000", NULL, NULL },
		{ "0909", "03100000", NULL, NULL },
	};
	(void)state;
	struct test_host *t = host();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char hex[256], fact[64];
		snprintf(hex, sizeof hex, "01 00 60ea0000" SRV16 "%s%s %s 55aa 00", rows[i].version, rows[i].type,
			 rows[i].browser ? rows[i].browser : "0f01");
		snprintf(fact, sizeof fact, "fact os=%s\n", rows[i].os ? rows[i].os : "");
		const char *s = say(t, BROWSE, hex);
		if (rows[i].os)
			HAS(s, fact);
		else
			HAS_NOT(s, "fact os=");
	}
	test_host_free(t);
}

static void other_commands(void **state)
{
	static const struct {
		const char *hex, *said;
	} rows[] = {
		{ "02 00 5043 00", "command=announcement_request src_ip=10.0.0.1 src_mac=02:00:00:00:00:01 server_name=PC\n" },
		{ "08 01 010f1400 60ea0000 00000000 5043 00", "server_name=PC criteria=1314561 uptime=60000\n" },
		{ "09 04 01000000", "command=get_backup_list_request src_ip=10.0.0.1 src_mac=02:00:00:00:00:01\n" },
		{ "0a 01 01000000 5043 00", "command=get_backup_list_response src_ip=10.0.0.1 src_mac=02:00:00:00:00:01 server_name=PC\n" },
		{ "0b 5043 00", "command=become_backup src_ip=10.0.0.1 src_mac=02:00:00:00:00:01 server_name=PC\n" },
		{ "0d 5043", "command=master_announcement src_ip=10.0.0.1 src_mac=02:00:00:00:00:01 server_name=PC\n" },
		{ "0e 01", "command=reset_state" },
		{ "63", "weird unknown_browser_command\n" },
		{ "01 00 60", "weird truncated_browser_message\n" },
		{ "08 01", "weird truncated_browser_message\n" },
	};
	(void)state;
	struct test_host *t = host();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		HAS(say(t, BROWSE, rows[i].hex), rows[i].said);
	const char *s = say(t, "\\MAILSLOT\\LANMAN", "01 00 03080000 0409 3c00 5043 00 6e6173 00");
	HAS(s, "server_name=PC os_version=4.9 server_type=0x803 roles=workstation,server,unix_server host_comment=nas periodicity=60000\n");
	HAS(s, "fact os=Unix with Samba\n");
	HAS_NOT(s, "fact os_version");
	HAS_NOT(say(t, "\\MAILSLOT\\LANMAN", "02 00"), "nbdgm.browser");
	HAS_NOT(say(t, "\\MAILSLOT\\LANMAN", "01 00 03"), "nbdgm.browser");
	test_host_free(t);
}

static void netlogon(void **state)
{
	static const struct {
		const char *hex, *said;
	} rows[] = {
		{ "0000 5043 00 6d65 00 5c78 00", "op=logon_request computer=PC user=me reply_mailslot=\\\\x\n" },
		{ "0600 5c5c5352 00", "op=logon_response server=SR" },
		{ "0700 5043 00 5c78 00", "op=primary_query computer=PC" },
		{ "0c00 5352 00 00 53005200 0000 4400 0000", "domain=D server=SR" },
		{ "1200 0000 50004300 0000 6d00 0000 5c78 00", "op=sam_logon_request computer=PC user=m" },
		{ "1300 5c005c005300 0000 6d00e9000000 4400 0000", "user=m\xc3\xa9 domain=D server=S" },
		{ "1700 00", "op=sam_logon_response_ex" },
		{ "1200 0000 5000", "weird truncated_netlogon_message\n" },
	};
	(void)state;
	struct test_host *t = host();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		HAS(say(t, NETLOGON, rows[i].hex), rows[i].said);
	const char *s = say(t, "\\MAILSLOT\\NET\\GETDC1", rows[3].hex);
	HAS(s, "fact role=domain controller\nfact hostname=SR\nfact domain=D\n");
	HAS(say(t, NETLOGON, rows[4].hex), "fact hostname=PC\nfact user=m\n");
	HAS(say(t, NETLOGON, "1300 3dd8ac20 0000 0000 0000"), "server=\xef\xbf\xbd\xe2\x82\xac"); /* half a pair, a euro sign */
	test_host_free(t);
}

static void datagrams(void **state)
{
	(void)state;
	struct test_host *t = host();
	uint8_t bytes[512];
	struct datagram d;
	struct oto_slice whole = smb(BROWSE, test_hex(ANNOUNCE("01", "0501", "03100000"), bytes, sizeof bytes), true);
	begin(&d, 0x10, 3, 0);
	put(&d, whole.data, 50);
	HAS_NOT(test_bytes(t, true, (struct oto_slice){ d.bytes, d.len }), "mailslot");
	begin(&d, 0x10, 0, 50);
	put(&d, &whole.data[50], whole.len - 50);
	const char *s = test_bytes(t, true, (struct oto_slice){ d.bytes, d.len });
	HAS(s, "mailslot=\\\\MAILSLOT\\\\BROWSE");
	HAS(s, "fact os=Windows XP\n");
	SAID(test_pdu(t, true, "13 02 0001 0a000001 008a 82"), "nbdgm.datagram", "type=error id=1 source_ip=10.0.0.1");
	SAID(test_pdu(t, true, "20 02 0001 0a000001 008a"), "weird", "unknown_type");
	SAID(test_pdu(t, true, "11 02 0001 0a000001 008a 0000 0000 01 41 00 01 41 00"), "weird", "wrong_name_length");
	begin(&d, 0x11, 2, 0); /* a router passes on what another station says */
	d.bytes[4] = 11;
	s = test_bytes(t, true, (struct oto_slice){ d.bytes, d.len });
	HAS(s, "source_ip=11.0.0.1 source_name=PC");
	HAS_NOT(s, "fact");
	test_host_free(t);
}

static void damaged(void **state)
{
	(void)state;
	struct test_host *t = host();
	uint8_t bytes[512];
	struct datagram d;
	struct oto_slice s = smb(BROWSE, test_hex(ANNOUNCE("01", "0501", "03100000"), bytes, sizeof bytes), false);
	begin(&d, 0x11, 2, 0);
	put(&d, s.data, s.len);
	for (uint32_t n = 0; n < d.len - 1; n++) { /* the last byte ends the comment */
		uint8_t *exact = oto_calloc(1, n + 1);
		memcpy(exact, d.bytes, n);
		HAS_NOT(test_bytes(t, true, (struct oto_slice){ exact, n }), "description=hi");
		free(exact);
	}
	for (uint32_t i = 14; i < d.len; i++) { /* every byte wrong once */
		uint8_t was = d.bytes[i];
		d.bytes[i] ^= 0xff;
		test_bytes(t, true, (struct oto_slice){ d.bytes, d.len });
		d.bytes[i] = was;
	}
	uint8_t first[10] = { 0x11 };
	assert_int_equal(oto_analyzer_nbdgm->probe(&t->cx, oto_cur_of((struct oto_slice){ first, 10 })), OTO_MINE);
	assert_int_equal(oto_analyzer_nbdgm->probe(&t->cx, oto_cur_of((struct oto_slice){ first, 9 })), OTO_NOT_MINE);
	first[0] = 0x30;
	assert_int_equal(oto_analyzer_nbdgm->probe(&t->cx, oto_cur_of((struct oto_slice){ first, 10 })), OTO_NOT_MINE);
	test_host_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(announcements), cmocka_unit_test(systems),   cmocka_unit_test(other_commands),
		cmocka_unit_test(netlogon),      cmocka_unit_test(datagrams), cmocka_unit_test(damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
