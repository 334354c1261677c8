/* ssh_test.c - version lines, negotiation, HASSH, host keys of every exchange, who got in, SSH 1, damaged messages. */
#include "../testing.h"
#include "ssh_kex.h"

extern const struct oto_analyzer *const oto_analyzer_ssh;

static int setup(void **state)
{
	struct test_host *t = test_host_new(oto_analyzer_ssh, OTO_TCP, 40000, 22);

	t->cx.key = 22;
	*state = t;
	return 0;
}

static const char *client(struct test_host *t, const char *line)
{
	return test_bytes(t, true, oto_slice_of(line));
}

static const char *server(struct test_host *t, const char *line)
{
	return test_bytes(t, false, oto_slice_of(line));
}

static void has(const char *said, const char *part)
{
	if (!said || !strstr(said, part))
		fail_msg("no \"%s\" in:\n%s", part, said ? said : "");
}

/* ------------------------------------------------------------------------------------------------ making packets */

struct packet {
	uint8_t bytes[4096];
	uint32_t len;
};

static void put32(struct packet *p, uint32_t n)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		p->bytes[p->len++] = (uint8_t)(n >> shift);
}

static void put_text(struct packet *p, const char *text)
{
	put32(p, (uint32_t)strlen(text));
	memcpy(&p->bytes[p->len], text, strlen(text));
	p->len += (uint32_t)strlen(text);
}

static struct packet begun(uint8_t message)
{
	return (struct packet){ .bytes = { 0, 0, 0, 0, 4, message }, .len = 6 };
}

static struct oto_slice whole(struct packet *p)
{
	uint32_t n = p->len; /* behind the length, with four bytes of padding */

	p->len += 4;
	p->bytes[0] = (uint8_t)(n >> 24);
	p->bytes[1] = (uint8_t)(n >> 16);
	p->bytes[2] = (uint8_t)(n >> 8);
	p->bytes[3] = (uint8_t)n;
	return (struct oto_slice){ p->bytes, p->len };
}

static struct packet kexinit(const char *kex, const char *cipher_up, const char *cipher_down, const char *compression)
{
	const char *const lists[] = { kex,         "ssh-rsa,ssh-dss", cipher_up,   cipher_down, "hmac-sha1",
				      "hmac-sha1", compression,       compression, "",          "" };
	struct packet p = begun(20);

	p.len += 16;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		put_text(&p, lists[i]);
	p.len += 5;
	return p;
}

static void exchange(struct test_host *t, const char *kex, const char *compression)
{
	struct packet c = kexinit(kex, "aes128-ctr,3des-cbc", "aes128-ctr", compression),
		      s = kexinit(kex, "3des-cbc", "aes128-ctr", compression);

	client(t, "SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.1\r\n");
	server(t, "SSH-2.0-OpenSSH_7.4\r\n");
	has(test_bytes(t, true, whole(&c)), "fact hassh=");
	has(test_bytes(t, false, whole(&s)), "ssh.capabilities is_server=T kex=");
}

static void encrypt(struct test_host *t)
{
	struct packet a = begun(21), b = begun(21);

	test_bytes(t, true, whole(&a));
	test_bytes(t, false, whole(&b));
}

static const char *send_encrypted(struct test_host *t, bool is_orig, uint32_t n)
{
	static const uint8_t bytes[4096];
	return test_bytes(t, is_orig, (struct oto_slice){ bytes, n });
}

/* ------------------------------------------------------------------------------------------------ tests */

static void versions(void **state)
{
	struct test_host *t = *state;

	has(client(t, "SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.1\r\n"), "fact software=OpenSSH_8.9p1\nfact os=Ubuntu 22.04\n");
	assert_string_equal(server(t, "Welcome\r\n"), "");
	const char *said = server(t, "SSH-2.0-Cisco-1.25\n");
	has(said, "fact os=Cisco IOS\n");
	has(said, "fact vendor=Cisco\n");
	has(said, "fact role=ssh server\n");
	has(test_closing(t), "version=2 auth_attempts=0 client=SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.1 server=SSH-2.0-Cisco-1.25\n");
}

static void disagree(void **state)
{
	struct test_host *t = *state;

	client(t, "SSH-2.0-a\n");
	server(t, "SSH-1.5-b\n");
	has(test_closing(t), "version=0 ");
}

static void negotiated(void **state)
{
	struct test_host *t = *state;
	struct packet reply = begun(31);

	exchange(t, "curve25519-sha256", "none");
	put_text(&reply, "a key");
	has(test_bytes(t, false, whole(&reply)), "fact ssh_host_key=SHA256:");
	has(test_closing(t), "cipher_alg=To server: 3des-cbc, to client: aes128-ctr mac_alg=hmac-sha1 compression_alg=none "
			     "kex_alg=curve25519-sha256 host_key_alg=ssh-rsa host_key=");
}

static void nothing_in_common(void **state)
{
	struct test_host *t = *state;
	struct packet c = kexinit("a", "aes", "aes", "none"), s = kexinit("b", "aes", "aes", "none");

	client(t, "SSH-2.0-a\n");
	server(t, "SSH-2.0-b\n");
	test_bytes(t, true, whole(&c));
	test_bytes(t, false, whole(&s));
	has(test_closing(t), "kex_alg=Algorithm negotiation failed ");
}

static void got_in(void **state)
{
	struct test_host *t = *state;

	exchange(t, "curve25519-sha256", "none");
	encrypt(t);
	send_encrypted(t, false, 500); /* before the client spoke: ignored */
	send_encrypted(t, true, 48);
	send_encrypted(t, false, 48);
	send_encrypted(t, true, 64);
	send_encrypted(t, false, 48 + 300); /* a text for the user */
	send_encrypted(t, false, 80);
	send_encrypted(t, true, 144);
	send_encrypted(t, false, 80);
	has(send_encrypted(t, true, 144), "ssh.auth success=F attempts=1\n");
	send_encrypted(t, false, 32);
	const char *said = send_encrypted(t, true, 100);
	has(said, "ssh.auth success=T attempts=2\n");
	has(said, "auth_success=T auth_attempts=2 ");
	assert_string_equal(test_closing(t), "");
}

static void kept_out(void **state)
{
	struct test_host *t = *state;

	exchange(t, "curve25519-sha256", "none");
	encrypt(t);
	for (int i = 0; i < 4; i++) {
		send_encrypted(t, true, 48);
		send_encrypted(t, false, i ? 80 : 48);
	}
	has(test_closing(t), "auth_success=F auth_attempts=2 ");
}

static void not_told(void **state)
{
	struct test_host *t = *state;

	exchange(t, "curve25519-sha256", "zlib");
	encrypt(t);
	send_encrypted(t, true, 48);
	send_encrypted(t, false, 48);
	send_encrypted(t, false, 32);
	has(test_closing(t), "version=2 auth_attempts=0 ");
}

static void lost(void **state)
{
	struct test_host *t = *state;

	exchange(t, "curve25519-sha256", "none");
	encrypt(t);
	send_encrypted(t, true, 48);
	send_encrypted(t, false, 48);
	test_side(t, false);
	assert_true(t->analyzer->lost_inside(&t->cx, 100));
	t->analyzer->gap(&t->cx, 100);
	send_encrypted(t, false, 32);
	send_encrypted(t, true, 32);
	has(test_closing(t), "version=2 auth_attempts=0 ");
}

static void version_1(void **state)
{
	struct test_host *t = *state;

	has(client(t, "SSH-1.5-PuTTY\n"), "fact weakness=ssh 1\n");
	server(t, "SSH-1.5-1.2.27\n");
	/* length 35: padding of 5, type 2, cookie, 4 octets, two numbers, 4 octets, two numbers, flags, check */
	has(test_pdu(t, false, "00000023 0000000000 02 0101010101010101 00000010 0008 23 0008 8d 00000010 0008 23 0008 c7 0000 00000000"),
	    "fact ssh_host_key=");
	test_pdu(t, true, "0000000c 00000000 03 03 0101010101 00000000");
	has(test_closing(t), "version=1 auth_attempts=0 client=SSH-1.5-PuTTY server=SSH-1.5-1.2.27 host_key=");
}

static void joined_late(void **state)
{
	struct test_host *t = *state;
	struct packet c = kexinit("curve25519-sha256", "aes", "aes", "none");

	has(test_bytes(t, true, whole(&c)), "fact hassh=");
	has(test_closing(t), "hassh=");
}

static void keys(void **state)
{
	static const struct {
		const char *kex;
		uint8_t message;
	} exchanges[] = { { "diffie-hellman-group14-sha256", 31 },
			  { "diffie-hellman-group-exchange-sha256", 33 },
			  { "rsa2048-sha256", 30 },
			  { "gss-group14-sha1-", 33 },
			  { "mlkem768x25519-sha256", 31 } };
	struct oto_slice payload = { (const uint8_t *)"\0\0\0\3key", 7 }, a, b;
	char md5[SSH_MD5_TEXT], sha256[SSH_SHA256_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++) {
		struct oto_slice kex = oto_slice_of(exchanges[i].kex);
		assert_int_equal(ssh_host_key(kex, exchanges[i].message, payload).len, 3);
		assert_int_equal(ssh_host_key(kex, 32, payload).len, 0);
		for (uint32_t n = 0; n < payload.len; n++)
			assert_int_equal(ssh_host_key(kex, exchanges[i].message, (struct oto_slice){ payload.data, n }).len, 0);
	}
	ssh_md5_text(oto_slice_of("ab"), oto_slice_of("c"), md5);
	assert_memory_equal(md5, "90:01:50:98:3c:d2:4f:b0:d6:96:3f:7d:28:e1:7f:72", SSH_MD5_TEXT);
	ssh_sha256_text(oto_slice_of("abc"), sha256);
	assert_memory_equal(sha256, "SHA256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0", SSH_SHA256_TEXT);
	assert_false(ssh1_host_key(payload, &a, &b));
}

static void probed(void **state)
{
	struct test_host *t = *state;

	assert_int_equal(test_probe_text(t, "SSH-2.0-x"), OTO_MINE);
	assert_int_equal(test_probe_text(t, "SSH-"), OTO_NEED_MORE);
	assert_int_equal(test_probe_text(t, "Welcome\r\nSSH-2.0-x\r\n"), OTO_MINE);
	assert_int_equal(test_probe_text(t, "\x16\x03\x01"), OTO_NOT_MINE);
	t->cx.key = 0;
	assert_int_equal(test_probe_text(t, "SSH-1.5-x"), OTO_MINE);
	assert_int_equal(test_probe_text(t, "SSH-9.0-x"), OTO_NOT_MINE);
	assert_int_equal(test_probe_text(t, "Welcome\r\n"), OTO_NOT_MINE);
}

static void damaged(void **state)
{
	struct test_host *t = *state;
	struct packet c = kexinit("curve25519-sha256", "aes", "aes", "none");
	char hex[8192] = "";

	has(client(t, "nonsense\r\n"), "weird malformed_version\n");
	has(client(t, "SSH-2.0\r\n"), "weird malformed_version\n");
	test_cut(t, false, "5353482d322e302d61 20 62 0d0a");
	struct oto_slice bytes = whole(&c);
	for (uint32_t i = 0; i < bytes.len; i++)
		snprintf(&hex[2 * i], 3, "%02x", c.bytes[i]);
	test_cut(t, false, hex);
	server(t, "SSH-2.0-a\r\n");
	has(test_pdu(t, false, "0000000c 04 14 00000000 00000000 0000"), "weird malformed_kexinit\n");
	has(test_pdu(t, false, "00000003 09 14 00"), "weird truncated\n");
	has(test_pdu(t, false, "ffffffff 0000"), "pdu_len -1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(versions, setup, test_teardown),
		cmocka_unit_test_setup_teardown(disagree, setup, test_teardown),
		cmocka_unit_test_setup_teardown(negotiated, setup, test_teardown),
		cmocka_unit_test_setup_teardown(nothing_in_common, setup, test_teardown),
		cmocka_unit_test_setup_teardown(got_in, setup, test_teardown),
		cmocka_unit_test_setup_teardown(kept_out, setup, test_teardown),
		cmocka_unit_test_setup_teardown(not_told, setup, test_teardown),
		cmocka_unit_test_setup_teardown(lost, setup, test_teardown),
		cmocka_unit_test_setup_teardown(version_1, setup, test_teardown),
		cmocka_unit_test_setup_teardown(joined_late, setup, test_teardown),
		cmocka_unit_test_setup_teardown(probed, setup, test_teardown),
		cmocka_unit_test_setup_teardown(damaged, setup, test_teardown),
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
