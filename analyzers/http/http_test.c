/* http_test.c - requests and replies in all their framings, credentials, lost bytes, facts, and damaged messages. */
#include <zlib.h>

#include "../say.h"
#include "../testing.h"
#include "http_secret.h"

extern const struct oto_analyzer *const oto_analyzer_http;

static struct test_host *host(void)
{
	return test_host_new(oto_analyzer_http, OTO_TCP, 40000, 80);
}

static const char *client(struct test_host *t, const char *text)
{
	return test_bytes(t, true, oto_slice_of(text));
}

static const char *server(struct test_host *t, const char *text)
{
	return test_bytes(t, false, oto_slice_of(text));
}

static void lose(struct test_host *t, bool is_orig, uint64_t n)
{
	t->said.len = 0;
	test_side(t, is_orig);
	if (n)
		oto_analyzer_http->lost_inside(&t->cx, n);
	oto_analyzer_http->gap(&t->cx, n);
	oto_bus_drain(t->bus);
	oto_buf_add(&t->said, "", 1);
}

#define GET(uri) "GET " uri " HTTP/1.1\r\nHost: plc1\r\n\r\n"
#define OK(body_len) "HTTP/1.1 200 OK\r\nContent-Length: " body_len "\r\n\r\n"

static void request_and_reply(void **state)
{
	(void)state;
	struct test_host *t = host();
	const char *s = client(t, "GET /a%20b?x=1%zz HTTP/1.1\r\nHost: plc1:8080\r\nUser-Agent: Mozilla/5.0 (Windows NT 6.1)\r\n"
				  "Referer: http://plc1/\r\nOrigin: http://x\r\nVia: 1.1 proxy\r\nX-Forwarded-For: 10.9.9.9\r\n\r\n");
	HAS(s, "http.request trans_depth=1 method=GET host=plc1:8080 uri=/a b?x=1%zz version=1.1 referrer=http://plc1/ "
	       "user_agent=Mozilla/5.0 (Windows NT 6.1) origin=http://x\n");
	HAS(s, "fact hostname=plc1\n");
	HAS_NOT(s, "fact os"); /* of whoever is behind the proxy */
	s = server(t, "HTTP/1.1 200 OK\r\nServer: Microsoft-IIS/7.5\r\nContent-Length: 5\r\n\r\n<html");
	HAS(s, "http.reply trans_depth=1 status_code=200 status_msg=OK version=1.1 server=Microsoft-IIS/7.5\n");
	HAS(s, "fact software=Microsoft-IIS/7.5\nfact os=Windows 7 or Server 2008 R2\n");
	HAS(s, "response_body_len=5 status_code=200 status_msg=OK");
	HAS(s, "proxied=VIA -> 1.1 proxy,X-FORWARDED-FOR -> 10.9.9.9");
	HAS(s, "resp_mime_types=text/html");
	assert_string_equal(test_closing(t), "");
	test_host_free(t);
}

static void soap(void **state)
{
	(void)state;
	struct test_host *t = host();

	HAS(client(t, "POST /d HTTP/1.1\r\nSOAPAction: \"urn:x#Set\"\r\n\r\n"), "soap_action=urn:x#Set\n");
	HAS(client(t, "POST /d HTTP/1.1\r\nsoapaction: urn:x#Get\r\n\r\n"), "soap_action=urn:x#Get\n");
	HAS(client(t, "POST /d HTTP/1.1\r\nContent-Type: application/soap+xml; action=\"urn:y\"\r\n\r\n"), "soap_action=urn:y\n");
	HAS_NOT(client(t, "POST /d HTTP/1.1\r\nContent-Type: text/xml; action=\"urn:y\"\r\n\r\n"), "soap_action");
	HAS(client(t, "POST /d HTTP/1.1\r\nSOAPAction: \"urn:z\r\n\r\n"), "soap_action=urn:z\n");
	test_host_free(t);
}

static void pipelined(void **state)
{
	(void)state;
	struct test_host *t = host();
	client(t, GET("/1") GET("/2") GET("/3"));
	const char *s =
	    server(t, OK("1") "aHTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
	HAS(s, "trans_depth=1 method=GET host=plc1 uri=/1 version=1.1 request_body_len=0 response_body_len=1 status_code=200");
	HAS(s, "trans_depth=2 method=GET host=plc1 uri=/2 version=1.1 request_body_len=0 response_body_len=0 status_code=304");
	HAS(s, "trans_depth=3 method=GET host=plc1 uri=/3 version=1.1 request_body_len=0 response_body_len=0 status_code=404");
	test_host_free(t);
}

static void without_a_body(void **state)
{
	(void)state;
	struct test_host *t = host();
	HAS(client(t, "GET /old\r\nHost: plc1\r\n\r\n"), "http.request trans_depth=1 method=GET host=plc1 uri=/old\n");
	server(t, OK("0"));
	client(t, "HEAD / HTTP/1.1\r\n\r\n");
	HAS(server(t, OK("1000")), "method=HEAD");
	client(t, GET("/"));
	HAS(server(t, "HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n"), "status_code=204");
	client(t, "PUT /f HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
	HAS_NOT(server(t, "HTTP/1.1 100 Continue\r\n\r\n"), "http.transaction");
	client(t, "abc");
	HAS(server(t, OK("0")), "request_body_len=3 response_body_len=0 status_code=200 status_msg=OK info_code=100 info_msg=Continue");
	test_host_free(t);
}

static void chunked(void **state)
{
	(void)state;
	struct test_host *t = host();
	client(t, "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n4;name=v\r\nabcd\r\n0\r\n\r\n");
	const char *s = server(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	HAS_NOT(s, "http.transaction");
	HAS_NOT(server(t, "5\r\nhello\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n"), "http.transaction");
	s = server(t, "0\r\nExpires: never\r\nX: y\r\n\r\n");
	HAS(s, "request_body_len=4 response_body_len=31 status_code=200");
	client(t, GET("/2"));
	s = server(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n");
	HAS(s, "weird bad_chunk_size");
	HAS(s, "http.transaction");
	client(t, GET("/3"));
	HAS(server(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"), "weird bad_chunk_size");
	test_host_free(t);
}

static void to_the_close(void **state)
{
	(void)state;
	struct test_host *t = host();
	client(t, "GET / HTTP/1.0\r\n\r\n");
	server(t, "HTTP/1.0 200 OK\r\n\r\nfirst ");
	server(t, "second");
	HAS(test_closing(t), "response_body_len=12 status_code=200");
	test_host_free(t);
	t = host();
	client(t, GET("/never"));
	HAS(test_closing(t), "uri=/never request_body_len=0 response_body_len=0");
	test_host_free(t);
}

static struct oto_slice compressed(const char *text, int bits, uint8_t *out, uint32_t room)
{
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)text;
	z.avail_in = (uInt)strlen(text);
	z.next_out = out;
	z.avail_out = room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return (struct oto_slice){ out, room - z.avail_out };
}

static void decompressed(void **state)
{
	static const struct {
		const char *encoding;
		int bits;
	} forms[] = { { "gzip", 31 }, { "x-gzip", 31 }, { "deflate", 15 }, { "deflate", -15 } };
	uint8_t packed[512];
	char head[128];

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct test_host *t = host();
		struct oto_slice body = compressed("<html><head><title>line 1</title></head></html>", forms[i].bits, packed, sizeof packed);
		client(t, GET("/"));
		snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %u\r\n\r\n", forms[i].encoding,
			 body.len);
		server(t, head);
		for (uint32_t n = 0; n + 1 < body.len; n++)
			test_bytes(t, false, (struct oto_slice){ &body.data[n], 1 });
		const char *s = test_bytes(t, false, (struct oto_slice){ &body.data[body.len - 1], 1 });
		HAS(s, "response_body_len=47 status_code=200");
		HAS(s, "resp_mime_types=text/html");
		assert_null(t->held); /* nothing of it stays */
		test_host_free(t);
	}
	struct test_host *t = host();
	client(t, GET("/"));
	HAS(server(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!"), "http.transaction");
	client(t, GET("/half"));
	server(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08");
	HAS(test_closing(t), "uri=/half");
	assert_null(t->held);
	test_host_free(t);
}

/* Behind these the bytes are another protocol's. */
static void tunnels(void **state)
{
	(void)state;
	struct test_host *t = host();
	client(t, "CONNECT plc1:502 HTTP/1.1\r\nHost: plc1:502\r\n\r\n");
	HAS(server(t, "HTTP/1.1 200 Connection established\r\n\r\n"), "method=CONNECT host=plc1:502 uri=plc1:502");
	assert_string_equal(client(t, "\x16\x03\x01"), "stream 0/0 160301\n");
	assert_string_equal(server(t, "GET / HTTP/1.1"), "stream 0/0 474554202f20485454502f312e31\n");
	lose(t, true, 10);
	assert_string_equal(client(t, "x"), "stream 0/0 78\n");
	test_host_free(t);
	t = host();
	client(t, "CONNECT plc1:502 HTTP/1.1\r\n\r\n");
	server(t, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
	HAS(client(t, GET("/")), "http.request trans_depth=2");
	HAS(server(t, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"), "status_code=101");
	assert_string_equal(client(t, "\x81\x01"), "stream 0/0 8101\n");
	test_host_free(t);
}

static void credentials(void **state)
{
	(void)state;
	struct test_host *t = host();
	client(t, GET("/")); /* the login comes with the second request, as browsers do it */
	server(t, "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
	const char *s = client(t, "GET / HTTP/1.1\r\nAuthorization: Basic am9lOnMzY3JldCE=\r\n\r\n");
	HAS(s, "username=joe\n");
	HAS(s, "fact cleartext_login=http basic, user joe\n");
	s = server(t, OK("0"));
	HAS(s, " username=joe");
	HAS_NOT(s, "s3cret");
	HAS_NOT(s, "password");
	HAS_NOT(client(t, "GET / HTTP/1.1\r\nAuthorization: Basic am9lOnMzY3JldCE=\r\n\r\n"), "fact"); /* told once */
	test_host_free(t);
	t = host();
	HAS(client(t, "GET / HTTP/1.1\r\nAuthorization: Basic ???\r\n\r\n"), "fact cleartext_login=http basic\n");
	test_host_free(t);
	t = host();
	HAS(client(t, "GET http://a/ HTTP/1.1\r\nProxy-Authorization: Basic am9lOnMzY3JldCE=\r\n\r\n"),
	    "fact cleartext_login=http proxy\n");
	HAS_NOT(client(t, "GET / HTTP/1.1\r\nAuthorization: Digest username=\"joe\", response=\"00\"\r\n\r\n"), "fact");
	/* "NTLMSSP", type 1, and what answers it; a scheme alone is no token */
	s = client(t, "POST /wsman HTTP/1.1\r\nAuthorization: Negotiate TlRMTVNTUAABAAAA\r\nContent-Length: 0\r\n\r\n");
	HAS(s, "deliver 1/0 4e544c4d5353500001000000\ndeliver 2/0 4e544c4d5353500001000000\n");
	HAS(server(t, "HTTP/1.1 407 \r\nProxy-Authenticate: NTLM TlRMTVNTUAACAAAA\r\nContent-Length: 0\r\n\r\n"),
	    "deliver 1/0 4e544c4d5353500002000000\n");
	HAS_NOT(client(t, "GET / HTTP/1.1\r\nAuthorization: Negotiate\r\n\r\n"), "deliver");
	HAS_NOT(client(t, "GET / HTTP/1.1\r\nAuthorization: NTLM ???\r\n\r\n"), "deliver");
	s = client(t, "GET /x?user=joe&PassWord=s3cret%21&a=b HTTP/1.1\r\nReferer: http://joe:s3cret@plc1/?pwd=s3cret\r\n\r\n");
	HAS(s, "uri=/x?user=joe&PassWord=*&a=b version=1.1 referrer=http://joe:*@plc1/?pwd=*\n");
	HAS(s, "fact cleartext_login=http uri\n");
	HAS_NOT(test_closing(t), "s3cret");
	test_host_free(t);
	t = host();
	s = client(t, "POST /login HTTP/1.1\r\nContent-Length: 29\r\n\r\nusername=joe&password=s3cret!");
	HAS(s, "fact cleartext_login=http form, user joe\n");
	HAS_NOT(s, "s3cret");
	test_host_free(t);
}

static void masks(void **state)
{
	static const struct {
		const char *uri, *shown;
	} cases[] = {
		{ "/", "/" },
		{ "/?password=", "/?password=" },
		{ "/?passport=x", "/?passport=x" },
		{ "/a?b=c#access_token=abc&d=e", "/a?b=c#access_token=*&d=e" },
		{ "/pass=x;pw=y/z", "/pass=*;pw=*" },
		{ "ftp://u:p@h/x", "ftp://u:*@h/x" },
		{ "ftp://u:p", "ftp://u:p" },
		{ "ftp://u@h/?q=a:b@c", "ftp://u@h/?q=a:b@c" },
		{ "http://h/?api_key=1?pin=2", "http://h/?api_key=*?pin=*" },
		{ "=", "=" },
		{ "", "" },
	};
	uint8_t text[64];
	struct oto_slice user;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t n = (uint32_t)strlen(cases[i].uri);
		memcpy(text, cases[i].uri, n + 1);
		assert_int_equal(http_mask_uri(text, &n), strcmp(cases[i].uri, cases[i].shown) != 0);
		assert_int_equal(n, strlen(cases[i].shown));
		assert_memory_equal(text, cases[i].shown, n);
	}
	assert_true(http_form_login(oto_slice_of("a=b&passwd=x&user=joe"), &user));
	assert_true(say_is(user, "joe"));
	assert_false(http_form_login(oto_slice_of("passwd=&user"), &user));
	assert_false(http_form_login(oto_slice_of("&&=&="), &user));
	assert_false(http_form_login(oto_slice_of("{\"password\":\"x\"}"), &user));
}

static void lost_bytes(void **state)
{
	(void)state;
	struct test_host *t = host();
	client(t, GET("/1") GET("/2"));
	server(t, OK("100") "0123456789");
	lose(t, false, 50); /* inside the body */
	HAS(server(t, "0123456789012345678901234567890123456789" OK("0")), "uri=/1 version=1.1 request_body_len=0 response_body_len=100");
	HAS(t->said.data, "uri=/2 version=1.1 request_body_len=0 response_body_len=0 status_code=200");

	client(t, GET("/3"));
	server(t, OK("100") "0123456789");
	lose(t, false, 90); /* exactly its rest */
	HAS(t->said.data, "uri=/3 version=1.1 request_body_len=0 response_body_len=100");
	client(t, GET("/4"));
	server(t, OK("100") "0123456789");
	lose(t, false, 400); /* more than that: another head may be gone as well */
	HAS(t->said.data, "uri=/4 version=1.1 request_body_len=0 response_body_len=10 status_code=200");
	client(t, GET("/5"));
	HAS(server(t, OK("0")), "uri=/5");

	client(t, GET("/6"));
	lose(t, false, 200); /* the reply */
	HAS(client(t, GET("/7")), "uri=/6 request_body_len=0 response_body_len=0");
	HAS(server(t, OK("0")), "uri=/7");
	client(t, GET("/7b"));
	client(t, GET("/7c"));
	lose(t, false, 200); /* seen only when the next reply comes */
	HAS(t->said.data, "uri=/7b request_body_len");
	HAS(server(t, OK("0")), "uri=/7c version=1.1");
	client(t, GET("/8"));
	server(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
	lose(t, false, 3); /* the rest of a chunk */
	HAS(server(t, "\r\n0\r\n\r\n"), "uri=/8 version=1.1 request_body_len=0 response_body_len=5");
	client(t, GET("/9"));
	server(t, "HTTP/1.1 200 OK\r\n\r\nab");
	lose(t, false, 3);
	server(t, "c");
	lose(t, false, 0);
	HAS(test_closing(t), "uri=/9 version=1.1 request_body_len=0 response_body_len=6");
	test_host_free(t);
}

static void replies_alone(void **state)
{
	(void)state;
	struct test_host *t = host();
	HAS(server(t, OK("2") "ab"),
	    "http.transaction ts=1.001000 trans_depth=1 version=1.1 request_body_len=0 response_body_len=2 status_code=200");
	test_host_free(t);
	t = host(); /* a server that answers before the request is all there */
	client(t, "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc");
	HAS(server(t, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"), "status_code=413");
	assert_string_equal(client(t, "defghij"), "");
	HAS(client(t, GET("/2")), "http.request trans_depth=2");
	assert_string_equal(client(t, "\r\n\r\n"), "");
	HAS(server(t, OK("0")), "uri=/2 version=1.1 request_body_len=0");
	test_host_free(t);
}

static void overlong_fields(void **state)
{
	(void)state;
	struct test_host *t = host();
	struct oto_buf text = { 0 };
	static const struct {
		const char *name;
		int length;
		bool odd;
	} fields[] = { { "From", 1025, true }, { "From", 1024, false }, { "Cookie", 5000, false }, { "X-Token", 5000, false } };
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		text.len = 0;
		oto_buf_fmt(&text, "GET / HTTP/1.1\r\n%s: %0*d\r\n\r\n", fields[i].name, fields[i].length, 0);
		const char *s = client(t, text.data);
		assert_int_equal(strstr(s, "weird long_field") != NULL, fields[i].odd);
		HAS(s, "http.request");
		server(t, OK("0"));
	}
	oto_buf_free(&text);
	test_host_free(t);
}

static void too_many(void **state)
{
	(void)state;
	struct test_host *t = host();
	for (int i = 0; i < 64; i++)
		HAS_NOT(client(t, GET("/")), "weird");
	const char *s = client(t, GET("/"));
	HAS(s, "weird too_many_requests");
	HAS(s, "http.transaction");
	test_host_free(t);
}

static void agents(void **state)
{
	static const struct {
		const char *agent, *os;
	} cases[] = {
		{ "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "fact os=Windows 10 or newer\n" },
		{ "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X)", "fact os=iOS\n" },
		{ "Mozilla/5.0 (iPad; CPU OS 13_3 like Mac OS X)", "fact os=iPadOS\n" },
		{ "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "fact os=macOS\n" },
		{ "Mozilla/5.0 (Linux; Android 13; K)", "fact os=Android\n" },
		{ "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1)", "fact os=Windows Phone\n" },
		{ "curl/7.29.0 (x86_64-redhat-linux-gnu)", "fact os=Linux\n" },
	};
	char head[256];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct test_host *t = host();
		snprintf(head, sizeof head, "GET / HTTP/1.1\r\nUser-Agent: %s\r\n\r\n", cases[i].agent);
		HAS(client(t, head), cases[i].os);
		test_host_free(t);
	}
	struct test_host *t = host();
	HAS_NOT(client(t, "GET / HTTP/1.1\r\nUser-Agent: x\r\nHost: 10.0.0.1\r\n\r\n"), "fact hostname");
	test_host_free(t);
	t = host();
	HAS_NOT(client(t, "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n"), "fact hostname"); /* the proxy is not it */
	test_host_free(t);
}

static void probes(void **state)
{
	static const struct {
		const char *bytes;
		enum oto_answer strict, on_port;
	} cases[] = {
		{ "GET / HTTP/1.1\r\n", OTO_MINE, OTO_MINE },       { "GE", OTO_NEED_MORE, OTO_NEED_MORE },
		{ "GET /x\r\nHost: y\r\n", OTO_MINE, OTO_MINE },    { "GET x\r\n", OTO_NOT_MINE, OTO_NOT_MINE },
		{ "GET / ", OTO_NEED_MORE, OTO_NEED_MORE },         { "GET / HTTQ/1.1\r\n", OTO_NOT_MINE, OTO_NOT_MINE },
		{ "BREW / HTTP/1.1\r\n", OTO_NOT_MINE, OTO_MINE },  { "get / HTTP/1.1\r\n", OTO_NOT_MINE, OTO_NOT_MINE },
		{ "HTTP/1.1 200 OK\r\n", OTO_MINE, OTO_MINE },      { "HTTP/1", OTO_NEED_MORE, OTO_NEED_MORE },
		{ "HTTP/1.1 x00", OTO_NOT_MINE, OTO_NOT_MINE },     { "\r\nGET / HTTP/1.0\r\n", OTO_MINE, OTO_MINE },
		{ "SSH-2.0-x\r\n", OTO_NOT_MINE, OTO_NOT_MINE },    { "\x16\x03\x01", OTO_NOT_MINE, OTO_NOT_MINE },
		{ "\x03\x00\x00\x16", OTO_NOT_MINE, OTO_NOT_MINE }, { "220 ftp\r\n", OTO_NOT_MINE, OTO_NOT_MINE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct test_host *t = host();
		struct oto_cur c = oto_cur_of(oto_slice_of(cases[i].bytes));
		t->cx.key = 0;
		assert_int_equal(oto_analyzer_http->probe(&t->cx, c), cases[i].strict);
		t->cx.key = 80;
		assert_int_equal(oto_analyzer_http->probe(&t->cx, c), cases[i].on_port);
		test_host_free(t);
	}
}

/* A whole conversation, each side cut at every byte: the same rows, whatever the pieces. */
static void in_pieces(void **state)
{
	static const char asked[] =
	    "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n" GET("/b");
	static const char told[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n" OK("3") "xyz";
	char whole[4096] = "";

	(void)state;
	struct test_host *t = host();
	client(t, asked);
	snprintf(whole, sizeof whole, "%s", server(t, told));
	test_host_free(t);
	for (uint32_t n = 0; n < sizeof told - 1; n++) {
		uint8_t *exact = oto_calloc(1, n + 1);
		t = host();
		client(t, asked);
		memcpy(exact, told, n);
		test_bytes(t, false, (struct oto_slice){ exact, n });
		test_closing(t);
		assert_null(t->held);
		free(exact);
		test_host_free(t);
	}
	for (uint32_t n = 0; n < sizeof asked - 1; n++) {
		uint8_t *exact = oto_calloc(1, n + 1);
		t = host();
		memcpy(exact, asked, n);
		test_bytes(t, true, (struct oto_slice){ exact, n });
		server(t, told);
		test_closing(t);
		assert_null(t->held);
		free(exact);
		test_host_free(t);
	}
	HAS(whole, "uri=/a");
	HAS(whole, "uri=/b");
}

static void malformed(void **state)
{
	static const char *const heads[] = {
		"GET\r\n\r\n",
		"GET  HTTP/1.1\r\n\r\n",
		"HTTP/1.1 000 x\r\n\r\n",
		"GET / HTTP/1.1\r\n: \r\n\r\n",
		"GET / HTTP/1.1\r\nHost\r\n:\r\nVia:\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
		"GET / HTTP/1.1\r\nAuthorization: Basic\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Disposition: attachment; filename=\"\r\n\r\n",
		"POST / HTTP/1.1\r\nTransfer-Encoding: ,\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		struct test_host *t = host();
		client(t, heads[i]);
		server(t, heads[i]);
		client(t, GET("/again"));
		test_closing(t);
		assert_null(t->held);
		test_host_free(t);
	}
	struct test_host *t = host();
	HAS(client(t, "GET / HTTP/1.1\r\nContent-Disposition: form-data; filename=\"a b.st\"\r\n\r\n"), "http.request");
	HAS(server(t, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; name=c.st\r\nContent-Length: 0\r\n\r\n"),
	    "orig_filenames=a b.st resp_filenames=c.st");
	test_host_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_and_reply),
		cmocka_unit_test(soap),
		cmocka_unit_test(pipelined),
		cmocka_unit_test(without_a_body),
		cmocka_unit_test(chunked),
		cmocka_unit_test(to_the_close),
		cmocka_unit_test(decompressed),
		cmocka_unit_test(tunnels),
		cmocka_unit_test(credentials),
		cmocka_unit_test(masks),
		cmocka_unit_test(lost_bytes),
		cmocka_unit_test(replies_alone),
		cmocka_unit_test(overlong_fields),
		cmocka_unit_test(too_many),
		cmocka_unit_test(agents),
		cmocka_unit_test(probes),
		cmocka_unit_test(in_pieces),
		cmocka_unit_test(malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
