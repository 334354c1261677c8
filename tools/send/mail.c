/* mail.c - SMTP. What waits goes in one mail, so that a flood of alerts is no flood of mails. A number of the server's from 400 on says
 * that the mail was not taken; 552 and 554 behind the text are about the mail itself.
 */
#include "curl_line.h"

enum { REPLY_MAX = 300 };

struct text {
	const char *data;
	size_t left;
};

static size_t read_text(char *to, size_t one, size_t n, void *who)
{
	struct text *t = who;
	size_t len = one * n < t->left ? one * n : t->left;

	memcpy(to, t->data, len);
	t->data += len;
	t->left -= len;
	return len;
}

/* Of the server's lines the last one counts, its good-bye aside. */
static size_t keep_reply(char *data, size_t one, size_t n, void *who)
{
	struct oto_buf *b = who;
	size_t len = one * n;

	if (len >= 3 && !memcmp(data, "221", 3))
		return len;
	b->len = 0;
	oto_buf_add(b, data, len < REPLY_MAX ? len : REPLY_MAX);
	return len;
}

static enum outcome judge(struct line *l, CURL *c, CURLcode code, const struct oto_buf *reply, struct answer *a)
{
	long number = 0;

	if (code == CURLE_OK) {
		answer(a, "%.*s", (int)strcspn(reply->data ? reply->data : "", "\r\n"), reply->data ? reply->data : "");
		return SENT;
	}
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &number);
	enum outcome o = line_failed(l, code, a);
	if (number < 400)
		return o;
	if (reply->len)
		answer(a, "%.*s", (int)strcspn(reply->data, "\r\n"), reply->data);
	return (number == 552 || number == 554) && o == UNCLEAR ? REFUSED : FAILED;
}

static enum outcome mail_send(struct line *l, const struct message *const *m, size_t n, struct answer *a)
{
	const struct destination *d = l->d;
	CURL *c = line_curl(l, a);
	struct oto_buf body = { 0 }, reply = { 0 };
	struct curl_slist *to = NULL;

	if (!c)
		return FAILED;
	mail_message(d, m, n, &body);
	oto_buf_add(&reply, "", 1);
	reply.len = 0;
	struct text text = { body.data, body.len };
	for (size_t i = 0; i < d->to.n; i++)
		to = curl_slist_append(to, d->to.items[i]);
	curl_easy_setopt(c, CURLOPT_URL, d->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(d->tls_if_there ? CURLUSESSL_TRY : CURLUSESSL_ALL));
	if (d->user)
		curl_easy_setopt(c, CURLOPT_USERNAME, d->user);
	if (d->secret)
		curl_easy_setopt(c, CURLOPT_PASSWORD, d->secret);
	curl_easy_setopt(c, CURLOPT_MAIL_FROM, d->from);
	curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, read_text);
	curl_easy_setopt(c, CURLOPT_READDATA, &text);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, keep_reply);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, &reply);
	enum outcome o = judge(l, c, curl_easy_perform(c), &reply, a);
	curl_slist_free_all(to);
	oto_buf_free(&body);
	oto_buf_free(&reply);
	return o;
}

const struct transport mail_transport = { .batch = 50, .send = mail_send, .close = line_close_curl };
