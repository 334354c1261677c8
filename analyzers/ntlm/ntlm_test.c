/* ntlm_test.c - the three messages, bare and in SPNEGO, versions, several sign-ins on one connection, damage; and that no proof of a
 * password gets out. */
#include "../testing.h"

#include "ntlm_windows.h"

extern const struct oto_analyzer *const oto_analyzer_ntlm;

static int setup(void **state)
{
	*state = test_host_new(oto_analyzer_ntlm, OTO_TCP, 40000, 445);
	return 0;
}

#define SIGNATURE "4e544c4d53535000"
/* Domain "PLANT" and host "PC1" in bytes, Windows 10.0.19041. */
#define NEGOTIATE SIGNATURE "01000000 07b20002 0500 0500 28000000 0300 0300 2d000000 0a00614a0000000f 504c414e54 504331"
/* Target "D", with NetBIOS names D and S, DNS names s.d, d and the forest d; 10.0.17763. */
#define CHALLENGE                                                                                                                          \
	SIGNATURE "02000000 0200 0200 38000000 01008202 c0ffeec0ffeec0ff 0000000000000000 2600 2600 3a000000 0a0063450000000f 4400"        \
		  "0200 0200 4400 0100 0200 5300 0400 0200 6400 0300 0600 73002e006400 0500 0200 6400 0000 0000"
/* User u of D at W, an NTLMv2 response of 28 bytes. */
#define AUTHENTICATE                                                                                                                       \
	SIGNATURE                                                                                                                          \
	"03000000 0200 0200 48000000 1c00 1c00 4a000000 0200 0200 66000000 0200 0200 68000000 0200 0200 6a000000 0000 0000 6c000000"       \
	"01008202 0a00614a0000000f bbbb cafecafecafecafecafecafecafecafecafecafecafecafecafecafe 4400 7500 5700"
#define ACCEPTED "a1 07 30 05 a0 03 0a 01 00"
#define REJECTED "a1 07 30 05 a0 03 0a 01 02"

static void bare(void **state)
{
	struct test_host *t = *state;
	const char *said = test_pdu(t, true, NEGOTIATE);

	SAID(said, "ntlm.message",
	     "type=negotiate flags=0x0200b207 hostname=PC1 domainname=PLANT version=10.0.19041 os=Windows 10 2004 to 22H2, or Server 2004 "
	     "or 20H2");
	HAS(said, "fact os_version=10.0.19041");
	said = test_pdu(t, false, CHALLENGE);
	SAID(said, "ntlm.message",
	     "type=challenge flags=0x02820001 server_nb_computer_name=S server_nb_domain_name=D server_dns_computer_name=s.d "
	     "server_dns_domain_name=d server_tree_name=d version=10.0.17763 os=Windows 10 1809 or Server 2019");
	HAS(said, "fact hostname=S\nfact fqdn=s.d\nfact domain=d\n");
	assert_null(strstr(said, "c0ffee"));
	said = test_pdu(t, true, AUTHENTICATE);
	HAS(said, "username=u hostname=W domainname=D");
	HAS(said, "response=NTLMv2");
	HAS(said, "fact user=D\\u\n");
	assert_null(strstr(said, "cafe"));
	SAID(test_closing(t), "ntlm.session",
	     "ts=1.001000 username=u hostname=W domainname=D server_nb_computer_name=S server_dns_computer_name=s.d server_tree_name=d");
}

static void in_spnego(void **state)
{
	struct test_host *t = *state;

	/* NegTokenInit with NTLM's identifier and message. */
	HAS(test_pdu(t, true,
		     "60 48 06062b0601050502 a0 3e 30 3c a0 0e 30 0c 060a2b06010401823702020a a2 2a 04 28" SIGNATURE
		     "01000000 07b20002 0000 0000 00000000 0000 0000 00000000 0a00614a0000000f"),
	    "type=negotiate");
	/* Incomplete, with a challenge. */
	HAS(test_pdu(t, false,
		     "a1 35 30 33 a0 03 0a 01 01 a2 2c 04 2a" SIGNATURE
		     "02000000 0200 0200 28000000 01008202 c0ffeec0ffeec0ff 0000000000000000 4400"),
	    "type=challenge");
	test_pdu(t, true, AUTHENTICATE);
	HAS(test_pdu(t, false, ACCEPTED), "success=T");
	assert_null(test_line(test_closing(t), "ntlm.session"));
}

/* Guesses over one connection are rows of their own. */
static void again(void **state)
{
	struct test_host *t = *state;

	test_pdu(t, true, NEGOTIATE);
	test_pdu(t, true, AUTHENTICATE);
	HAS(test_pdu(t, false, REJECTED), "success=F");
	test_pdu(t, true, NEGOTIATE);
	test_pdu(t, true, AUTHENTICATE);
	HAS(test_pdu(t, true, NEGOTIATE), "ntlm.session ts=1.004000");
	test_pdu(t, true, AUTHENTICATE);
	HAS(test_pdu(t, false, ACCEPTED), "success=T");
}

static void anonymous(void **state)
{
	HAS(test_pdu(*state, true,
		     SIGNATURE
		     "03000000 0100 0100 40000000 0000 0000 40000000 0000 0000 40000000 0000 0000 40000000 0000 0000 40000000 0000 0000 "
		     "40000000 01000000 00"),
	    "response=anonymous");
}

static void probes(void **state)
{
	struct test_host *t = *state;
	uint8_t bytes[256];

	assert_int_equal(t->analyzer->probe(&t->cx, oto_cur_of(test_hex(NEGOTIATE, bytes, sizeof bytes))), OTO_MINE);
	assert_int_equal(t->analyzer->probe(&t->cx, oto_cur_of(test_hex("a1ff4e4e" NEGOTIATE, bytes, sizeof bytes))), OTO_MINE);
	assert_int_equal(t->analyzer->probe(&t->cx, oto_cur_of(test_hex("600a 0608", bytes, sizeof bytes))), OTO_NOT_MINE);
	assert_int_equal(t->analyzer->probe(&t->cx, oto_cur_of((struct oto_slice){ 0 })), OTO_NOT_MINE);
}

static void versions(void **state)
{
	(void)state;
	assert_string_equal(ntlm_windows(5, 1, 2600), "Windows XP");
	assert_string_equal(ntlm_windows(10, 0, 26100), "Windows 11 24H2 or 25H2, or Server 2025");
	assert_string_equal(ntlm_windows(10, 0, 40000), "Windows 10/11 or Server 2016+");
	assert_null(ntlm_windows(6, 1, 0)); /* Samba */
	assert_null(ntlm_windows(1, 2, 7601));
}

static void damage(void **state)
{
	struct test_host *t = *state;

	test_cut(t, true, NEGOTIATE);
	test_cut(t, false, CHALLENGE);
	test_cut(t, true, AUTHENTICATE);
	test_cut(t, false, ACCEPTED);
	HAS(test_pdu(t, true, SIGNATURE "03000000 ffff ffff 48000000"), "truncated");
	HAS(test_pdu(t, true, "a1 7f 30"), "truncated");
	assert_null(test_line(test_pdu(t, true, SIGNATURE "09000000"), "ntlm.message"));
	assert_null(test_line(test_pdu(t, true, "6006 0604 01020304"), "ntlm.message"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bare, setup, test_teardown),
		cmocka_unit_test_setup_teardown(in_spnego, setup, test_teardown),
		cmocka_unit_test_setup_teardown(again, setup, test_teardown),
		cmocka_unit_test_setup_teardown(anonymous, setup, test_teardown),
		cmocka_unit_test_setup_teardown(probes, setup, test_teardown),
		cmocka_unit_test(versions),
		cmocka_unit_test_setup_teardown(damage, setup, test_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
