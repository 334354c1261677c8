/* http.c - webhooks and block requests: one POST of JSON a message. What the far end answers decides: 2xx took it; 400, 413 and 422 are
 * about the message and will not change; everything else may, when somebody has mended what is wrong.
 */
#include "curl_line.h"

enum { ANSWER_MAX = 300 };

static size_t keep_answer(char *data, size_t one, size_t n, void *who)
{
	struct oto_buf *b = who;
	size_t len = one * n;

	if (b->len < ANSWER_MAX)
		oto_buf_add(b, data, len < ANSWER_MAX - b->len ? len : ANSWER_MAX - b->len);
	return len;
}

static struct curl_slist *headers_of(const struct destination *d, const struct message *m)
{
	struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json");
	struct oto_buf line = { 0 };

	oto_buf_fmt(&line, "Idempotency-Key: %s", m->key);
	oto_buf_add(&line, "", 1);
	list = curl_slist_append(list, line.data);
	line.len = 0;
	oto_buf_fmt(&line, "X-Otoscope-Attempt: %u", m->attempt);
	oto_buf_add(&line, "", 1);
	list = curl_slist_append(list, line.data);
	line.len = 0;
	if (d->secret) {
		oto_buf_fmt(&line, d->header ? "%s: %s" : "%sBearer %s", d->header ? d->header : "Authorization: ", d->secret);
		oto_buf_add(&line, "", 1);
		list = curl_slist_append(list, line.data);
		explicit_bzero(line.data, line.len);
	}
	oto_buf_free(&line);
	return curl_slist_append(list, "Expect:");
}

static enum outcome judge(CURL *c, const struct oto_buf *said, struct answer *a)
{
	long code = 0;

	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	answer(a, "HTTP %ld%s%.*s", code, said->len ? ": " : "", (int)said->len, said->data ? said->data : "");
	if (code >= 200 && code < 300)
		return SENT;
	return code == 400 || code == 413 || code == 422 ? REFUSED : FAILED;
}

static enum outcome http_send(struct line *l, const struct message *const *m, size_t n, struct answer *a)
{
	const struct destination *d = l->d;
	CURL *c = line_curl(l, a);
	struct oto_buf body = { 0 }, said = { 0 };

	(void)n;
	if (!c)
		return FAILED;
	json_message(d, m[0], &body);
	struct curl_slist *headers = headers_of(d, m[0]);
	curl_easy_setopt(c, CURLOPT_URL, d->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.data);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)body.len);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, d->method ? d->method : "POST");
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep_answer);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &said);
	CURLcode code = curl_easy_perform(c);
	enum outcome o = code == CURLE_OK ? judge(c, &said, a) : line_failed(l, code, a);
	curl_slist_free_all(headers);
	oto_buf_free(&body);
	oto_buf_free(&said);
	return o;
}

const struct transport http_transport = { .batch = 1, .send = http_send, .close = line_close_curl };
