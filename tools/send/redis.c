/* redis.c - a Redis stream: XADD of the fields people filter by, and the whole record. The entry's number is the answer. */
#include "send.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

static bool authenticate(redisContext *c, const struct destination *d, struct answer *a)
{
	redisReply *r;

	if (!d->secret)
		return true;
	if (d->user)
		r = redisCommand(c, "AUTH %s %s", d->user, d->secret);
	else
		r = redisCommand(c, "AUTH %s", d->secret);
	bool ok = r && r->type != REDIS_REPLY_ERROR;
	if (!ok)
		answer(a, "%s", r ? r->str : c->errstr);
	if (r)
		freeReplyObject(r);
	return ok;
}

static redisContext *connect_to(const struct destination *d, struct answer *a)
{
	struct timeval most = { .tv_sec = (time_t)d->timeout, .tv_usec = (suseconds_t)((d->timeout - (time_t)d->timeout) * 1e6) };
	redisContext *c;

	if (!strncmp(d->url, "unix:", 5)) {
		c = redisConnectUnixWithTimeout(d->url + 5, most);
	} else {
		char host[256];
		const char *at = d->url + strlen("redis://"), *colon = strrchr(at, ':');
		snprintf(host, sizeof host, "%.*s", colon ? (int)(colon - at) : 255, at);
		c = redisConnectWithTimeout(host, colon ? atoi(colon + 1) : 6379, most);
	}
	if (!c || c->err) {
		answer(a, "%s", c ? c->errstr : "no memory");
	} else {
		redisSetTimeout(c, most);
		redisEnableKeepAlive(c);
		if (authenticate(c, d, a))
			return c;
	}
	if (c)
		redisFree(c);
	return NULL;
}

static redisReply *add(redisContext *c, const struct destination *d, const struct message *m)
{
	static const char *const names[] = { "id", "state", "kind", "severity", "source", "target", "time", "text" };
	const char *words[64];
	char keep[24], attempt[24], seq[24], lost[24];
	int n = 0;

	snprintf(keep, sizeof keep, "%llu", (unsigned long long)d->keep);
	snprintf(attempt, sizeof attempt, "%u", m->attempt);
	snprintf(seq, sizeof seq, "%lld", (long long)m->seq);
	snprintf(lost, sizeof lost, "%lld", (long long)m->lost);
	const char *const fixed[] = {
		"XADD", d->stream ? d->stream : "otoscope", "MAXLEN", "~", keep, "*", "key", m->key, "seq", seq, "attempt", attempt
	};
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		words[n++] = fixed[i];
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = message_get(m, names[i]);
		if (value[0]) {
			words[n++] = names[i];
			words[n++] = value;
		}
	}
	if (m->lost) {
		words[n++] = "lost";
		words[n++] = lost;
	}
	if (m->test) {
		words[n++] = "test";
		words[n++] = "true";
	}
	words[n++] = "record";
	words[n++] = m->record;
	return redisCommandArgv(c, n, words, NULL);
}

static enum outcome redis_send(struct line *l, const struct message *const *m, size_t n, struct answer *a)
{
	(void)n;
	if (!l->state && !(l->state = connect_to(l->d, a)))
		return FAILED;
	redisContext *c = l->state;
	redisReply *r = add(c, l->d, m[0]);
	if (!r) {
		answer(a, "%s", c->errstr);
		return UNCLEAR;
	}
	bool ok = r->type == REDIS_REPLY_STRING || r->type == REDIS_REPLY_STATUS;
	answer(a, ok ? "entry %s" : "%s", r->str ? r->str : "no answer that is understood");
	freeReplyObject(r);
	return ok ? SENT : FAILED;
}

static void redis_close(struct line *l)
{
	if (l->state)
		redisFree(l->state);
	l->state = NULL;
}

const struct transport redis_transport = { .batch = 1, .send = redis_send, .close = redis_close };
