/* syslog.c - RFC 5424 over UDP (RFC 5426), TCP (RFC 6587) and TLS (RFC 5425).
 *
 * None of them has an answer. Over a stream a message counts as delivered when the far host's system has acknowledged its bytes and the
 * connection still stood a moment later; what was on its way when it broke is sent again, marked. Over UDP it counts when nobody said that
 * nobody listens.
 */
#include "curl_line.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { UDP_MOST = 2048 /* what every receiver takes, RFC 5426 3.2 */, UDP_WAIT_MS = 10, STANDING_MS = 200, STEP_MS = 5 };

/* "udp://host:514" or "udp://[::1]:514". */
static void split_url(const char *url, const char *otherwise, char host[256], char port[16])
{
	const char *at = strstr(url, "://") + 3, *end = at + strcspn(at, "/");
	const char *colon = memrchr(at, ':', (size_t)(end - at)), *bracket = memchr(at, ']', (size_t)(end - at));

	if (colon && bracket && colon < bracket)
		colon = NULL;
	snprintf(port, 16, "%.*s", colon ? (int)(end - colon - 1) : 15, colon ? colon + 1 : otherwise);
	if (colon)
		end = colon;
	if (*at == '[' && bracket) {
		at++;
		end = bracket;
	}
	snprintf(host, 256, "%.*s", (int)(end - at), at);
}

/* ------------------------------------------------------------------------------------------------ UDP */

struct udp_state {
	int fd;
};

static int udp_connect(const struct destination *d, struct answer *a)
{
	char host[256], port[16];
	struct addrinfo *found = NULL, hints = { .ai_socktype = SOCK_DGRAM };
	int fd = -1;

	split_url(d->url, "514", host, port);
	int problem = getaddrinfo(host, port, &hints, &found);
	if (problem) {
		answer(a, "%s: %s", host, gai_strerror(problem));
		return -1;
	}
	for (struct addrinfo *i = found; i && fd < 0; i = i->ai_next) {
		fd = socket(i->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (fd >= 0 && connect(fd, i->ai_addr, i->ai_addrlen)) {
			close(fd);
			fd = -1;
		}
	}
	if (fd < 0)
		answer(a, "%s: %s", host, strerror(errno));
	freeaddrinfo(found);
	return fd;
}

static enum outcome udp_send(struct line *l, const struct message *const *m, size_t n, struct answer *a)
{
	struct udp_state *s = l->state;
	struct oto_buf text = { 0 };

	(void)n;
	if (!s) {
		int fd = udp_connect(l->d, a);
		if (fd < 0)
			return FAILED;
		s = oto_calloc(1, sizeof *s);
		s->fd = fd;
		l->state = s;
	}
	syslog_message(l->d, m[0], UDP_MOST, &text);
	ssize_t sent = send(s->fd, text.data, text.len, MSG_NOSIGNAL);
	oto_buf_free(&text);
	struct pollfd p = { .fd = s->fd };
	int problem = sent < 0 ? errno : 0;
	socklen_t size = sizeof problem;
	if (!problem && poll(&p, 1, UDP_WAIT_MS) > 0)
		getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &problem, &size);
	if (!problem) {
		answer(a, "%zd bytes sent; UDP has no answer, and nobody refused them", sent);
		return SENT;
	}
	answer(a, "%s", strerror(problem));
	return FAILED;
}

static void udp_close(struct line *l)
{
	struct udp_state *s = l->state;

	if (!s)
		return;
	close(s->fd);
	free(s);
	l->state = NULL;
}

const struct transport udp_transport = { .batch = 1, .send = udp_send, .close = udp_close };

/* ------------------------------------------------------------------------------------------------ TCP and TLS */

struct stream_state {
	struct line curl; /* libcurl makes the connection and its TLS; bytes are ours */
	CURL *handle;
	curl_socket_t fd;
};

static bool stream_connect(struct line *l, struct answer *a)
{
	struct stream_state *s = oto_calloc(1, sizeof *s);
	bool tls = !strncmp(l->d->url, "tls:", 4);
	char host[256], port[16], url[320];

	s->curl.d = l->d;
	l->state = s;
	split_url(l->d->url, tls ? "6514" : "601", host, port);
	snprintf(url, sizeof url, strchr(host, ':') ? "%s://[%s]:%s" : "%s://%s:%s", tls ? "https" : "http", host, port);
	s->handle = line_curl(&s->curl, a);
	if (!s->handle)
		return false;
	curl_easy_setopt(s->handle, CURLOPT_URL, url);
	curl_easy_setopt(s->handle, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(s->handle, CURLOPT_FORBID_REUSE, 0L);
	curl_easy_setopt(s->handle, CURLOPT_PROXY, "");
	curl_easy_setopt(s->handle, CURLOPT_SSL_ENABLE_ALPN, 0L);
	CURLcode code = curl_easy_perform(s->handle);
	if (code == CURLE_OK)
		code = curl_easy_getinfo(s->handle, CURLINFO_ACTIVESOCKET, &s->fd);
	if (code == CURLE_OK && s->fd != CURL_SOCKET_BAD)
		return true;
	line_failed(&s->curl, code, a);
	return false;
}

/* Has the far end closed, or said something? What it says means nothing in syslog. */
static bool still_open(struct stream_state *s, struct answer *a)
{
	char piece[512];
	size_t n;

	for (;;) {
		CURLcode code = curl_easy_recv(s->handle, piece, sizeof piece, &n);
		if (code == CURLE_AGAIN)
			return true;
		if (code == CURLE_OK && n)
			continue;
		answer(a, "the far end closed the connection%s%s", code ? ": " : "", code ? curl_easy_strerror(code) : "");
		return false;
	}
}

static bool send_all(struct stream_state *s, const char *data, size_t len, double seconds, struct answer *a)
{
	struct pollfd p = { .fd = s->fd, .events = POLLOUT };

	while (len) {
		size_t n = 0;
		CURLcode code = curl_easy_send(s->handle, data, len, &n);
		data += n;
		len -= n;
		if (code == CURLE_AGAIN && !must_end() && poll(&p, 1, (int)(seconds * 1000)) > 0)
			continue;
		if (code == CURLE_OK)
			continue;
		answer(a, "%s", code == CURLE_AGAIN ? "the far end takes nothing" : curl_easy_strerror(code));
		return false;
	}
	return true;
}

/* All bytes acknowledged, and the connection stands. */
static bool settled(struct stream_state *s, double seconds, struct answer *a)
{
	int left = 1;

	for (int waited = 0; left > 0; waited += STEP_MS) {
		if (ioctl(s->fd, SIOCOUTQ, &left))
			left = -1;
		if (left > 0 && (must_end() || waited > seconds * 1000)) {
			answer(a, "the far host acknowledges nothing");
			return false;
		}
		if (left > 0)
			poll(NULL, 0, STEP_MS);
	}
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	poll(&p, 1, STANDING_MS);
	return left == 0 && still_open(s, a);
}

static void frame(const struct destination *d, const struct message *m, struct oto_buf *out)
{
	struct oto_buf text = { 0 };

	syslog_message(d, m, 0, &text);
	if (!d->lines)
		oto_buf_fmt(out, "%zu ", text.len);
	oto_buf_add(out, text.data, text.len);
	if (d->lines)
		oto_buf_chr(out, '\n');
	oto_buf_free(&text);
}

static enum outcome stream_send(struct line *l, const struct message *const *m, size_t n, struct answer *a)
{
	struct stream_state *s = l->state;

	if (s && !still_open(s, a)) {
		stream_transport.close(l); /* before anything was sent: a new one will do */
		s = NULL;
	}
	if (!s && !stream_connect(l, a))
		return FAILED;
	s = l->state;
	struct oto_buf bytes = { 0 };
	for (size_t i = 0; i < n; i++)
		frame(l->d, m[i], &bytes);
	bool ok = send_all(s, bytes.data, bytes.len, l->d->timeout, a) && settled(s, l->d->timeout, a);
	if (ok) {
		char *host = NULL;
		curl_easy_getinfo(s->handle, CURLINFO_PRIMARY_IP, &host);
		answer(a, "%s acknowledged %zu bytes; syslog has no other answer", host ? host : "the far host", bytes.len);
	}
	oto_buf_free(&bytes);
	return ok ? SENT : UNCLEAR;
}

static void stream_close(struct line *l)
{
	struct stream_state *s = l->state;

	if (!s)
		return;
	line_close_curl(&s->curl);
	free(s);
	l->state = NULL;
}

const struct transport stream_transport = { .batch = 64, .send = stream_send, .close = stream_close };
