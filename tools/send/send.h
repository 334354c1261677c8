/* send.h - otoscope-send: delivers what the engine put into the spool of its state folder to other systems.
 *
 * A program of its own, so that the sensor has no code that speaks to a network. config.c reads send.lua; queue.c reads the spool and keeps
 * how far each destination is; message.c writes a message in the formats that others read; deliver.c has a destination's life (order,
 * retries, marks); http.c, syslog.c, mail.c and redis.c speak to far ends; main.c is the command line.
 *
 * Everything here runs in a thread a destination, which shares nothing with the others but the configuration and the word to stop.
 */
#ifndef OTO_SEND_H
#define OTO_SEND_H

#include "core/base.h"

#include <sqlite3.h>
#include <stdatomic.h>

/* ------------------------------------------------------------------------------------------------ configuration */

enum send_kind { SEND_SYSLOG, SEND_WEBHOOK, SEND_MAIL, SEND_REDIS, SEND_BLOCK };
enum send_format { SEND_TEXT, SEND_CEF, SEND_LEEF };

/* A growing list of texts; owns them. */
struct texts {
	char **items;
	size_t n;
};

/* All that is said must fit; of each list one entry. */
struct rule {
	int severity; /* at least; 0: any */
	struct texts kinds, categories, protocols, sources, targets, assets, states;
};
struct rules {
	struct rule *items;
	size_t n;
};

struct destination {
	enum send_kind kind;
	enum send_format format;
	char *name, *where, *url; /* where: file:line of its declaration; url as given, without what is secret */
	char *secret, *user;      /* password, token */
	char *header;             /* that carries the token; NULL: Authorization: Bearer */
	char *method, *body;      /* of a webhook; body: with {field}s, NULL: the whole record */
	char *ca, *certificate, *key;
	char *from, *subject, *language, *stream, *facility, *host;
	struct texts to, never;
	struct rules rules, except;
	struct rule own; /* what the destination itself says */
	int facility_code;
	bool lines;   /* syslog over a stream: a message a line instead of counted */
	bool enabled; /* of a block request: off unless said */
	bool tls_if_there;
	double timeout, within, pause; /* seconds */
	uint64_t keep;                 /* entries of a Redis stream */
};

struct configuration {
	struct destination *items;
	size_t n;
};
/* send.lua; err has file and line. */
bool configuration_read(struct configuration *c, const char *path, struct oto_error *err);
void configuration_free(struct configuration *c);
/* Its text with what is secret made unreadable, in place. */
void conceal(const struct destination *d, char *text);

/* ------------------------------------------------------------------------------------------------ messages */

struct message {
	int64_t seq, ts_ns;
	char key[40]; /* the same for every attempt to deliver this message, and of no other */
	char *record; /* JSON */
	struct field {
		char *name, *value;
	} * fields; /* of the record's top level, as text */
	size_t nfields;
	uint32_t attempt; /* 1: it was surely never delivered; more: it may have been, so many times less one */
	int64_t lost;     /* messages before this one that the spool's bound took away */
	bool test;
};
const char *message_get(const struct message *m, const char *field); /* "" when absent */
void message_free(struct message *m);
int severity_of(const char *word); /* info 1 ... critical 5; 0: no such word */
bool rule_fits(const struct rule *r, const struct message *m);
bool destination_wants(const struct destination *d, const struct message *m);
/* Is the address in the network, or the same? Networks as 10.0.0.0/8. */
bool address_in(const char *address, const char *network);

/* The formats. `limit`: bytes; the text of the alert is cut to fit; 0: none. */
void syslog_message(const struct destination *d, const struct message *m, size_t limit, struct oto_buf *out);
void json_message(const struct destination *d, const struct message *m, struct oto_buf *out);
void mail_message(const struct destination *d, const struct message *const *m, size_t n, struct oto_buf *out);
void fill_template(const char *template, const struct message *m, struct oto_buf *out);
void json_string(const char *text, struct oto_buf *out);

/* ------------------------------------------------------------------------------------------------ the queue */

/* How far a destination is. Messages up to `position` are done; those up to `reached` may have been delivered `tries` times, and once more
 * while some are `flying`. */
struct progress {
	int64_t position, reached, tries, flying;
	int64_t delivered, refused, lost;
	char spool[24]; /* that the numbers are of */
};

struct queue {
	const char *dir, *name;
	sqlite3 *spool, *own;
	sqlite3_stmt *next, *fields, *meta, *save, *refuse;
	uint64_t inode; /* of the spool that is open */
	struct progress at;
	bool known;     /* this destination was served before */
	bool only_look; /* nothing is written */
};
bool queue_open(struct queue *q, const char *dir, const char *name, struct oto_error *err);
void queue_close(struct queue *q);
/* Before they are served, and all at once: who is new begins with what comes from now on, but the very first with all there is. */
bool queue_register(const char *dir, const struct configuration *c, struct oto_error *err);
/* Open the spool, if there is one yet (*there); and see to it that our numbers are of this spool. */
bool queue_look(struct queue *q, bool *there, struct oto_error *err);
/* Up to n messages behind `after`; *got of them. The caller frees their fields. */
bool queue_next(struct queue *q, int64_t after, struct message *out, size_t n, size_t *got, struct oto_error *err);
bool queue_save(struct queue *q, struct oto_error *err);
/* Set a message aside that the far end will never take. */
bool queue_refuse(struct queue *q, const struct message *m, const char *why, struct oto_error *err);
/* How many messages wait behind the position, and the number of the last; 0 without a spool. */
bool queue_waiting(struct queue *q, int64_t *waiting, int64_t *last, struct oto_error *err);

/* ------------------------------------------------------------------------------------------------ delivery */

enum outcome {
	SENT,
	FAILED,  /* surely not taken */
	UNCLEAR, /* may have been taken */
	REFUSED, /* surely not taken, and never will be: it is about this message, not about us */
};

/* What a far end said, for people. */
struct answer {
	char text[400];
};
void answer(struct answer *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A connection to a far end; each kind has its own behind it. */
struct line {
	const struct destination *d;
	void *state;
};
struct transport {
	size_t batch; /* messages at a time */
	enum outcome (*send)(struct line *l, const struct message *const *m, size_t n, struct answer *a);
	void (*close)(struct line *l);
};
extern const struct transport http_transport, mail_transport, udp_transport, stream_transport, redis_transport;
const struct transport *transport_of(const struct destination *d);

/* Set by a signal; everybody looks at it. */
extern atomic_int stopping;
/* Has a transfer had its time since the word to stop came? For progress callbacks. */
bool must_end(void);
/* Wait so long, or until the word to stop. */
void pause_for(double seconds);

struct service {
	const struct destination *d;
	const char *dir;
	bool once;
	int exit_code;
};
void *serve(void *service);
/* One message to try a destination with; returns the exit code and says what the far end said. */
int send_test(const struct destination *d);
/* A line on stderr about a destination. */
void say(const struct destination *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
