/* deliver.c - the life of a destination: messages in order, each until the far end took it.
 *
 * Before messages are sent it is written down how far they may have reached, afterwards what became of them. So whoever is killed in
 * between knows that they may have arrived: they are sent again, with an attempt above 1. What surely failed is sent again without.
 */
#include "send.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { LOOK = 64 /* messages at a time */, ONCE_TRIES = 4 };
#define SHORTEST 0.5
#define LONGEST 60.0
#define IDLE 0.5

struct worker {
	struct service *service;
	const struct destination *d;
	const struct transport *transport;
	struct line line;
	struct queue queue;
	double wait; /* before the next try; 0: the far end is well */
	int failures;
	struct answer said; /* the last failure that people were told of */
	struct message look[LOOK];
	size_t nlook;
};

void answer(struct answer *a, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(a->text, sizeof a->text, format, args);
	va_end(args);
	for (char *c = a->text; *c; c++)
		*c = (unsigned char)*c < 0x20 ? ' ' : *c;
}

void say(const struct destination *d, const char *format, ...)
{
	static pthread_mutex_t one_line = PTHREAD_MUTEX_INITIALIZER;
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	conceal(d, text);
	pthread_mutex_lock(&one_line);
	fprintf(stderr, "otoscope-send: %s: %s\n", d->name, text);
	pthread_mutex_unlock(&one_line);
}

const struct transport *transport_of(const struct destination *d)
{
	switch (d->kind) {
	case SEND_SYSLOG:
		return strncmp(d->url, "udp:", 4) ? &stream_transport : &udp_transport;
	case SEND_MAIL:
		return &mail_transport;
	case SEND_REDIS:
		return &redis_transport;
	default:
		return &http_transport;
	}
}

/* ------------------------------------------------------------------------------------------------ choosing */

static void forget(struct worker *w)
{
	for (size_t i = 0; i < w->nlook; i++)
		message_free(&w->look[i]);
	w->nlook = 0;
}

/* The next messages for this destination, as many as go at a time; *upto: the last that was looked at. */
static size_t choose(struct worker *w, const struct message **chosen, int64_t *upto)
{
	const struct progress *at = &w->queue.at;
	int64_t lost = 0;
	size_t n = 0;

	for (size_t i = 0; i < w->nlook && n < w->transport->batch; i++) {
		struct message *m = &w->look[i];
		lost += m->lost;
		*upto = m->seq;
		if (!destination_wants(w->d, m))
			continue;
		m->attempt = m->seq <= at->reached ? (uint32_t)at->tries + 1 : 1;
		m->lost = n ? 0 : lost;
		chosen[n++] = m;
	}
	return n;
}

/* ------------------------------------------------------------------------------------------------ outcomes */

static void told_failure(struct worker *w, const struct answer *a, const char *what)
{
	if (w->failures > 1 && !strcmp(a->text, w->said.text))
		return;
	w->said = *a;
	say(w->d, "%s: %s; trying again", what, a->text);
}

static void failed(struct worker *w, const struct answer *a, const char *what)
{
	w->failures++;
	w->wait = w->wait * 2 > LONGEST ? LONGEST : w->wait ? w->wait * 2 : SHORTEST;
	told_failure(w, a, what);
	w->transport->close(&w->line);
}

static void well(struct worker *w)
{
	if (w->failures)
		say(w->d, "delivers again");
	w->failures = 0;
	w->wait = 0;
}

static void passed(struct worker *w, int64_t upto, int64_t lost)
{
	struct progress *at = &w->queue.at;

	at->position = upto;
	at->lost += lost;
	if (lost)
		say(w->d, "%lld messages were taken from the spool before they could be sent: it was full", (long long)lost);
	if (at->position >= at->reached) {
		at->reached = at->position;
		at->tries = 0;
	}
}

/* Write down what became of them. */
static bool settle(struct worker *w, enum outcome o, const struct message *const *m, size_t n, int64_t upto, int64_t reached_before,
		   const struct answer *a, struct oto_error *err)
{
	struct progress *at = &w->queue.at;

	at->flying = 0;
	switch (o) {
	case SENT:
		well(w);
		at->delivered += (int64_t)n;
		passed(w, upto, m[0]->lost);
		return queue_save(&w->queue, err);
	case REFUSED:
		well(w);
		at->refused++;
		say(w->d, "will not take message %lld and never will: %s; it is kept in delivery.db", (long long)m[0]->seq, a->text);
		passed(w, m[0]->seq, m[0]->lost);
		return queue_refuse(&w->queue, m[0], a->text, err);
	case UNCLEAR:
		at->tries++;
		failed(w, a, "unclear whether it arrived");
		return queue_save(&w->queue, err);
	case FAILED:
		at->reached = reached_before;
		failed(w, a, "not delivered");
		return queue_save(&w->queue, err);
	}
	return false;
}

static bool deliver(struct worker *w, const struct message *const *m, size_t n, int64_t upto, struct oto_error *err)
{
	struct progress *at = &w->queue.at;
	int64_t before = at->reached, last = m[n - 1]->seq;
	struct answer a = { "" };

	at->reached = last > before ? last : before;
	at->flying = 1;
	if (!queue_save(&w->queue, err))
		return false;
	enum outcome o = w->transport->send(&w->line, m, n, &a);
	if (o == REFUSED && n > 1) {
		/* one of them; which, is found out one by one */
		at->reached = before;
		for (size_t i = 0; i < n && !stopping; i++) {
			if (!deliver(w, &m[i], 1, m[i]->seq, err))
				return false;
			if (at->position < m[i]->seq)
				return true;
		}
		return true;
	}
	return settle(w, o, m, n, upto, before, &a, err);
}

/* ------------------------------------------------------------------------------------------------ the thread */

/* False: nothing is left to do for now. */
static bool step(struct worker *w, bool *idle, struct oto_error *err)
{
	const struct message *chosen[LOOK];
	bool there;
	int64_t upto = 0;

	*idle = true;
	if (!queue_look(&w->queue, &there, err))
		return false;
	if (!there)
		return true;
	if (!queue_next(&w->queue, w->queue.at.position, w->look, LOOK, &w->nlook, err))
		return false;
	bool ok = true;
	if (w->nlook) {
		size_t n = choose(w, chosen, &upto);
		*idle = false;
		if (n) {
			ok = deliver(w, chosen, n, upto, err);
		} else {
			passed(w, upto, w->look[0].lost);
			ok = queue_save(&w->queue, err);
		}
	}
	forget(w);
	return ok;
}

/* Somebody was killed while messages were on their way. */
static bool resume(struct worker *w, struct oto_error *err)
{
	struct progress *at = &w->queue.at;

	if (!at->flying)
		return true;
	at->flying = 0;
	at->tries++;
	return queue_save(&w->queue, err);
}

static void run(struct worker *w)
{
	struct oto_error err = { "" };
	bool idle = false;

	while (!stopping) {
		int64_t delivered = w->queue.at.delivered;
		if (!step(w, &idle, &err)) {
			forget(w);
			say(w->d, "%s", err.text);
			w->service->exit_code = 1;
			if (w->service->once)
				return;
			pause_for(5);
			continue;
		}
		if (idle && w->service->once)
			return;
		if (w->failures >= ONCE_TRIES && w->service->once) {
			say(w->d, "given up for now; what waits stays in the spool");
			w->service->exit_code = 1;
			return;
		}
		if (w->wait)
			pause_for(w->wait);
		else if (idle)
			pause_for(IDLE);
		else if (w->d->pause && delivered != w->queue.at.delivered)
			pause_for(w->d->pause);
	}
}

void *serve(void *service)
{
	struct service *s = service;
	struct worker *w = oto_calloc(1, sizeof *w);
	struct oto_error err = { "" };

	w->service = s;
	w->d = s->d;
	w->transport = transport_of(s->d);
	w->line.d = s->d;
	if (queue_open(&w->queue, s->dir, s->d->name, &err) && resume(w, &err)) {
		run(w);
		w->transport->close(&w->line);
	} else {
		say(w->d, "%s", err.text);
		s->exit_code = 1;
	}
	queue_close(&w->queue);
	free(w);
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ a test */

static void test_field(struct message *m, const char *name, const char *value)
{
	m->fields = oto_realloc(m->fields, (m->nfields + 1) * sizeof *m->fields);
	m->fields[m->nfields++] = (struct field){ oto_strdup(name), oto_strdup(value) };
}

static void test_message(struct message *m)
{
	struct timespec now;
	struct tm tm;
	struct oto_buf record = { 0 };
	char time[40] = "";

	clock_gettime(CLOCK_REALTIME, &now);
	strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S.000Z", gmtime_r(&now.tv_sec, &tm));
	*m = (struct message){ .test = true, .attempt = 1, .ts_ns = now.tv_sec * OTO_SECOND + now.tv_nsec };
	snprintf(m->key, sizeof m->key, "test-%lld", (long long)m->ts_ns);
	test_field(m, "time", time);
	test_field(m, "id", "test");
	test_field(m, "state", "new");
	test_field(m, "kind", "test");
	test_field(m, "severity", "info");
	test_field(m, "title", "Test of otoscope send");
	test_field(m, "text", "Somebody tries whether alerts arrive here; nothing happened.");
	test_field(m, "title_ja", "otoscope send のテスト");
	test_field(m, "text_ja", "通知の到達確認です。異常はありません。");
	for (size_t i = 0; i < m->nfields; i++) {
		oto_buf_fmt(&record, "%s\"%s\":", i ? "," : "{", m->fields[i].name);
		json_string(m->fields[i].value, &record);
	}
	oto_buf_add(&record, "}", 2);
	m->record = record.data;
}

int send_test(const struct destination *d)
{
	const struct transport *t = transport_of(d);
	struct line line = { .d = d };
	struct message m;
	const struct message *one = &m;
	struct answer a = { "" };
	static const char *const words[] = {
		[SENT] = "delivered", [FAILED] = "not delivered", [UNCLEAR] = "unclear", [REFUSED] = "refused"
	};

	if (d->kind == SEND_BLOCK) {
		say(d, "a block request cuts somebody off and has no harmless test; try it with an alert of a machine that may be cut off");
		return 2;
	}
	test_message(&m);
	enum outcome o = t->send(&line, &one, 1, &a);
	t->close(&line);
	message_free(&m);
	conceal(d, a.text);
	printf("%s: %s: %s\n", d->name, words[o], a.text);
	return o == SENT ? 0 : 1;
}
