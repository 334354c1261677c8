/* curl_line.c - see curl_line.h. */
#include "curl_line.h"

#include <stdlib.h>

struct curl_state {
	CURL *curl;
	char why[CURL_ERROR_SIZE];
};

static int progress(void *who, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)who;
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return must_end();
}

static void tls_options(CURL *c, const struct destination *d)
{
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (d->ca)
		curl_easy_setopt(c, CURLOPT_CAINFO, d->ca);
	if (d->certificate)
		curl_easy_setopt(c, CURLOPT_SSLCERT, d->certificate);
	if (d->key)
		curl_easy_setopt(c, CURLOPT_SSLKEY, d->key);
}

CURL *line_curl(struct line *l, struct answer *a)
{
	struct curl_state *s = l->state;
	const struct destination *d = l->d;

	if (!s) {
		s = oto_calloc(1, sizeof *s);
		s->curl = curl_easy_init();
		l->state = s;
	}
	if (!s->curl) {
		answer(a, "libcurl cannot begin");
		return NULL;
	}
	curl_easy_reset(s->curl);
	/* On a connection that died meanwhile libcurl sends again by itself, unmarked: each message has its own. */
	curl_easy_setopt(s->curl, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(s->curl, CURLOPT_FORBID_REUSE, 1L);
	s->why[0] = 0;
	curl_easy_setopt(s->curl, CURLOPT_ERRORBUFFER, s->why);
	curl_easy_setopt(s->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(s->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)(d->timeout * 500));
	curl_easy_setopt(s->curl, CURLOPT_TIMEOUT_MS, (long)(d->timeout * 1000));
	curl_easy_setopt(s->curl, CURLOPT_USERAGENT, "otoscope/" OTO_VERSION);
	curl_easy_setopt(s->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(s->curl, CURLOPT_XFERINFOFUNCTION, progress);
	tls_options(s->curl, d);
	return s->curl;
}

enum outcome line_failed(struct line *l, CURLcode code, struct answer *a)
{
	struct curl_state *s = l->state;
	curl_off_t sent = 0;
	long request = 0;

	answer(a, "%s", s->why[0] ? s->why : curl_easy_strerror(code));
	curl_easy_getinfo(s->curl, CURLINFO_SIZE_UPLOAD_T, &sent);
	curl_easy_getinfo(s->curl, CURLINFO_REQUEST_SIZE, &request);
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_LOGIN_DENIED:
	case CURLE_USE_SSL_FAILED:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return FAILED;
	default:
		return sent || request ? UNCLEAR : FAILED;
	}
}

void line_close_curl(struct line *l)
{
	struct curl_state *s = l->state;

	if (!s)
		return;
	curl_easy_cleanup(s->curl);
	free(s);
	l->state = NULL;
}
