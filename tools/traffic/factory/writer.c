/* writer.c - plays templates. Owns hosts, templates, conversations and the queue of what comes next; all of it for the whole run.
 * Knows Ethernet, ARP, IPv4, TCP and UDP well enough to put other numbers into a frame.
 */
#include "writer.h"

#include <stdlib.h>
#include <string.h>

#define ETHERNET 14u
#define IPV4 20u
#define ARP_MEMORY 600000000000u /* a station remembers an address for ten minutes */
#define ARP_LEAD 400000u         /* and asks this long before it speaks */
#define ARP_ANSWER 180000u
#define ARP 0 /* the first template */
#define WAITING_MOST 16u
#define POLLS_MOST 32u
#define VALUES_MOST 16u

struct host {
	uint8_t mac[6], ip[4], hops;
	int asked;
	uint16_t ip_id;
	uint32_t clock;
};

struct frame {
	uint64_t after;
	uint32_t at, length; /* in the bytes of all frames */
	uint32_t patch, n_patches;
	uint16_t timestamps; /* where the TCP option's values are; 0: there is none */
	uint8_t from, proto; /* proto 0: not IPv4 */
};

struct template
{
	uint32_t first, n;
	uint32_t advance[2];
};

struct polls {
	size_t n;
	int template[POLLS_MOST], every[POLLS_MOST], muted[POLLS_MOST];
	uint64_t start, cycle;
	size_t next;
};

struct conversation {
	int host[2];
	uint16_t port[2];
	uint32_t seq[2], echo[2];
	uint32_t chance, count, generation;
	int template, frame; /* what is being said; -1: nothing */
	uint64_t begun;
	struct rhythm rhythm;
	struct polls *polls; /* a lasting one's */
	struct value *values;
	size_t n_values;
	int waiting[WAITING_MOST];
	uint64_t waiting_time[WAITING_MOST];
	size_t n_waiting;
	uint8_t *params;
	size_t n_params;
	bool lasting, used;
	int next_free;
};

struct entry {
	uint64_t time, number;
	int conversation;
	uint32_t generation;
};

struct vector {
	void *item;
	size_t n, room;
};

struct heard {
	uint32_t pair[2]; /* of hosts, the lower one first; both 0: empty */
	uint64_t time;
};

struct writer {
	FILE *out;
	bool failed;
	struct vector hosts, frames, patches, bytes, templates, conversations, heap, heard;
	size_t n_heard;
	uint64_t number, chance;
	int free;
	double loss;
	int64_t shift;
	struct writer_totals totals;
	uint8_t buffer[65536];
};

/* ---------------------------------------------------------------------------- memory and chance */

static void *grow(struct vector *v, size_t size, size_t more)
{
	if (v->n + more > v->room) {
		v->room = v->room ? v->room * 2 : 64;
		while (v->n + more > v->room)
			v->room *= 2;
		v->item = realloc(v->item, v->room * size);
		if (!v->item)
			abort(); /* a maker without memory has nothing to say */
	}
	v->n += more;
	return (uint8_t *)v->item + (v->n - more) * size;
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next_chance(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint32_t chance_of(struct conversation *c)
{
	uint32_t x = c->chance; /* xorshift32: a conversation's own, so that no other changes it */
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return c->chance = x;
}

static double share(uint32_t chance)
{
	return (double)chance / 4294967296.0;
}

static struct host *host_at(struct writer *w, int i)
{
	return (struct host *)w->hosts.item + i;
}

static struct template *template_at(struct writer *w, int i)
{
	return (struct template *)w->templates.item + i;
}

static struct frame *frame_at(struct writer *w, uint32_t i)
{
	return (struct frame *)w->frames.item + i;
}

static struct conversation *conversation_at(struct writer *w, int i)
{
	return (struct conversation *)w->conversations.item + i;
}

/* ---------------------------------------------------------------------------- bytes */

static uint32_t get(const uint8_t *p, unsigned n)
{
	uint32_t v = 0;
	for (unsigned i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static void put(uint8_t *p, unsigned n, uint64_t v)
{
	for (unsigned i = n; i--; v >>= 8)
		p[i] = (uint8_t)v;
}

static uint32_t sum_of(const uint8_t *p, size_t n, uint32_t sum)
{
	uint64_t wide = sum;
	size_t i = 0;
	for (; i + 1 < n; i += 2)
		wide += (uint32_t)p[i] << 8 | p[i + 1];
	if (i < n)
		wide += (uint32_t)p[i] << 8;
	while (wide >> 16)
		wide = (wide & 0xffff) + (wide >> 16);
	return (uint32_t)wide;
}

static void write_out(struct writer *w, const void *bytes, size_t n)
{
	if (!w->failed && fwrite(bytes, 1, n, w->out) != n)
		w->failed = true;
}

static void little(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void write_packet(struct writer *w, uint64_t time, const uint8_t *bytes, size_t n)
{
	if (w->loss > 0 && share((uint32_t)next_chance(&w->chance)) < w->loss)
		return;
	uint8_t head[16];
	uint64_t shown = time + (uint64_t)w->shift;
	little(head, (uint32_t)(shown / 1000000000u));
	little(head + 4, (uint32_t)(shown % 1000000000u / 1000u));
	little(head + 8, (uint32_t)n);
	little(head + 12, (uint32_t)n);
	write_out(w, head, sizeof head);
	write_out(w, bytes, n);
	w->totals.packets++;
	w->totals.bytes += n;
}

/* ---------------------------------------------------------------------------- queue */

static bool earlier(const struct entry *a, const struct entry *b)
{
	return a->time != b->time ? a->time < b->time : a->number < b->number;
}

static void queue(struct writer *w, uint64_t time, int conversation)
{
	struct entry new = { time, w->number++, conversation, ++conversation_at(w, conversation)->generation };
	grow(&w->heap, sizeof new, 1);
	struct entry *heap = w->heap.item;
	size_t i = w->heap.n - 1;
	for (; i && earlier(&new, &heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = new;
}

static struct entry take(struct writer *w)
{
	struct entry *heap = w->heap.item, first = heap[0], last = heap[--w->heap.n];
	size_t i = 0;
	for (size_t child; (child = 2 * i + 1) < w->heap.n; i = child) {
		if (child + 1 < w->heap.n && earlier(&heap[child + 1], &heap[child]))
			child++;
		if (!earlier(&heap[child], &last))
			break;
		heap[i] = heap[child];
	}
	heap[i] = last;
	return first;
}

/* ---------------------------------------------------------------------------- hosts and ARP */

int writer_host(struct writer *w, const uint8_t mac[6], const uint8_t ip[4], uint8_t hops, int asked)
{
	struct host *h = grow(&w->hosts, sizeof *h, 1);
	int id = (int)w->hosts.n - 1;
	*h = (struct host){ .hops = hops,
			    .asked = asked == -2 ? id : asked,
			    .ip_id = (uint16_t)next_chance(&w->chance),
			    .clock = (uint32_t)next_chance(&w->chance) >> 4 };
	writer_move_host(w, id, mac, ip);
	return id;
}

void writer_move_host(struct writer *w, int host, const uint8_t mac[6], const uint8_t ip[4])
{
	memcpy(host_at(w, host)->mac, mac, 6);
	memcpy(host_at(w, host)->ip, ip, 4);
}

static struct heard *heard_slot(struct heard *table, size_t room, uint32_t a, uint32_t b)
{
	size_t i = (a * 2654435761u ^ b * 2246822519u) & (room - 1);
	while ((table[i].pair[0] || table[i].pair[1]) && (table[i].pair[0] != a || table[i].pair[1] != b))
		i = (i + 1) & (room - 1);
	return &table[i];
}

static struct heard *heard_of(struct writer *w, uint32_t a, uint32_t b)
{
	if (w->n_heard * 2 >= w->heard.room) {
		size_t room = w->heard.room ? w->heard.room * 2 : 1024;
		struct heard *table = calloc(room, sizeof *table), *old = w->heard.item;
		if (!table)
			abort();
		for (size_t i = 0; i < w->heard.room; i++)
			if (old[i].pair[0] || old[i].pair[1])
				*heard_slot(table, room, old[i].pair[0], old[i].pair[1]) = old[i];
		free(old);
		w->heard = (struct vector){ table, room, room };
	}
	struct heard *h = heard_slot(w->heard.item, w->heard.room, a, b);
	if (!h->pair[0] && !h->pair[1]) {
		*h = (struct heard){ { a, b }, 0 };
		w->n_heard++;
	}
	return h;
}

/* ---------------------------------------------------------------------------- templates */

static uint16_t timestamps_of(const uint8_t *tcp, size_t length)
{
	size_t end = (size_t)(tcp[12] >> 4) * 4;
	for (size_t i = 20; i < end && i < length;) {
		if (tcp[i] == 0)
			break;
		if (tcp[i] == 8)
			return (uint16_t)(i + 2);
		i += tcp[i] == 1 ? 1 : tcp[i + 1] ? tcp[i + 1] : end;
	}
	return 0;
}

int writer_template(struct writer *w, const struct recorded *list, size_t n, const uint32_t advance[2])
{
	struct template *t = grow(&w->templates, sizeof *t, 1);
	*t = (struct template){ (uint32_t)w->frames.n, (uint32_t)n, { advance[0], advance[1] } };
	for (size_t i = 0; i < n; i++) {
		const struct recorded *r = &list[i];
		struct frame *f = grow(&w->frames, sizeof *f, 1);
		*f = (struct frame){ .after = r->after,
				     .at = (uint32_t)w->bytes.n,
				     .length = (uint32_t)r->length,
				     .patch = (uint32_t)w->patches.n,
				     .n_patches = (uint32_t)r->n_patches,
				     .from = (uint8_t)r->from };
		if (r->length >= ETHERNET + IPV4 && get(r->bytes + 12, 2) == 0x0800)
			f->proto = r->bytes[ETHERNET + 9];
		if (f->proto == 6) {
			uint16_t at = timestamps_of(r->bytes + ETHERNET + IPV4, r->length - ETHERNET - IPV4);
			f->timestamps = at ? (uint16_t)(ETHERNET + IPV4 + at) : 0;
		}
		memcpy(grow(&w->bytes, 1, r->length), r->bytes, r->length);
		if (r->n_patches)
			memcpy(grow(&w->patches, sizeof *r->patches, r->n_patches), r->patches, r->n_patches * sizeof *r->patches);
	}
	return (int)w->templates.n - 1;
}

/* ---------------------------------------------------------------------------- a frame with its own numbers */

static int64_t walk(struct conversation *c, size_t i)
{
	if (i >= c->n_values)
		return 0;
	struct value *v = &c->values[i];
	if (v->step) {
		v->now += (int64_t)(share(chance_of(c)) * (double)(2 * v->step + 1)) - v->step;
		v->now = v->now < v->low ? v->low : v->now > v->high ? v->high : v->now;
	}
	return v->now;
}

static void apply(struct conversation *c, const struct patch *p, uint8_t *f, size_t length)
{
	uint8_t *at = f + p->at;
	if ((size_t)p->at + p->length > length)
		return;
	switch (p->kind) {
	case PATCH_COUNT_BE:
		put(at, p->length, c->count + p->arg);
		break;
	case PATCH_COUNT_LE:
		for (unsigned i = 0; i < p->length; i++)
			at[i] = i < 4 ? (uint8_t)((c->count + p->arg) >> 8 * i) : 0;
		break;
	case PATCH_PARAM:
		if ((size_t)p->arg + p->length <= c->n_params)
			memcpy(at, c->params + p->arg, p->length);
		break;
	case PATCH_VALUE:
		put(at, p->length, (uint64_t)walk(c, p->arg));
		break;
	case PATCH_VALUE_LE: {
		int64_t v = walk(c, p->arg);
		for (unsigned i = 0; i < p->length; i++)
			at[i] = (uint8_t)(v >> 8 * i);
		break;
	}
	case PATCH_CHANCE:
		for (unsigned i = 0; i < p->length; i++)
			at[i] = (uint8_t)chance_of(c);
		break;
	}
}

static void checksum(uint8_t *f, const struct frame *frame)
{
	uint8_t *ip = f + ETHERNET, *up = ip + IPV4;
	size_t length = get(ip + 2, 2) - IPV4;
	put(ip + 10, 2, 0);
	put(ip + 10, 2, ~sum_of(ip, IPV4, 0) & 0xffff);
	unsigned at = frame->proto == 6 ? 16 : frame->proto == 17 ? 6 : 2;
	bool pseudo = frame->proto == 6 || frame->proto == 17;
	put(up + at, 2, 0);
	uint32_t sum = ~sum_of(up, length, pseudo ? sum_of(ip + 12, 8, (uint32_t)(frame->proto + length)) : 0) & 0xffff;
	put(up + at, 2, sum || frame->proto != 17 ? sum : 0xffff);
}

static void number_tcp(struct conversation *c, const struct frame *frame, uint8_t *f, uint32_t ticks, const struct host *hosts[2])
{
	uint8_t *tcp = f + ETHERNET + IPV4;
	enum side from = frame->from;
	put(tcp + 4, 4, get(tcp + 4, 4) + c->seq[from]);
	if (tcp[13] & 0x10)
		put(tcp + 8, 4, get(tcp + 8, 4) + c->seq[!from]);
	if (frame->timestamps) {
		put(f + frame->timestamps, 4, hosts[from]->clock + ticks);
		put(f + frame->timestamps + 4, 4, tcp[13] & 0x10 ? c->echo[!from] : 0);
		c->echo[from] = hosts[from]->clock + ticks;
	}
}

static void number_ip(struct conversation *c, const struct frame *frame, uint8_t *f, uint64_t time, struct host *hosts[2])
{
	uint8_t *ip = f + ETHERNET, *up = ip + IPV4;
	enum side from = frame->from;
	memcpy(ip + 12, hosts[from]->ip, 4);
	memcpy(ip + 16, hosts[!from]->ip, 4);
	put(ip + 4, 2, ++hosts[from]->ip_id);
	if (ip[8] > hosts[from]->hops)
		ip[8] = (uint8_t)(ip[8] - hosts[from]->hops);
	if (frame->proto == 6 || frame->proto == 17) {
		if (c->port[from])
			put(up, 2, c->port[from]);
		if (c->port[!from])
			put(up + 2, 2, c->port[!from]);
	}
	if (frame->proto == 6)
		number_tcp(c, frame, f, (uint32_t)(time / 1000000u), (const struct host *[]){ hosts[CLIENT], hosts[SERVER] });
}

static void play(struct writer *w, struct conversation *c, uint64_t time)
{
	struct template *t = template_at(w, c->template);
	const struct frame *frame = frame_at(w, t->first + (uint32_t)c->frame);
	uint8_t *f = w->buffer;
	struct host *hosts[2] = { host_at(w, c->host[CLIENT]), host_at(w, c->host[SERVER]) };
	memcpy(f, (uint8_t *)w->bytes.item + frame->at, frame->length);
	static const uint8_t everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	if (memcmp(f, everybody, 6) != 0)
		memcpy(f, hosts[!frame->from]->mac, 6);
	memcpy(f + 6, hosts[frame->from]->mac, 6);
	const struct patch *patches = (const struct patch *)w->patches.item + frame->patch;
	for (uint32_t i = 0; i < frame->n_patches; i++)
		apply(c, &patches[i], f, frame->length);
	if (frame->proto) {
		number_ip(c, frame, f, time, hosts);
		checksum(f, frame);
	}
	write_packet(w, time, f, frame->length);
}

/* ---------------------------------------------------------------------------- conversations */

int writer_conversation(struct writer *w, const int hosts[2], const uint16_t ports[2], const uint8_t *params, size_t length, bool lasting)
{
	int id = w->free;
	if (id >= 0)
		w->free = conversation_at(w, id)->next_free;
	else {
		memset(grow(&w->conversations, sizeof(struct conversation), 1), 0, sizeof(struct conversation));
		id = (int)w->conversations.n - 1;
	}
	struct conversation *c = conversation_at(w, id);
	uint32_t generation = c->generation; /* goes on, so that an old entry never fits a new conversation */
	*c = (struct conversation){ .host = { hosts[0], hosts[1] },
				    .port = { ports[0], ports[1] },
				    .template = -1,
				    .lasting = lasting,
				    .used = true,
				    .generation = generation,
				    .n_params = length };
	c->chance = (uint32_t)next_chance(&w->chance) | 1;
	c->seq[CLIENT] = chance_of(c);
	c->seq[SERVER] = chance_of(c);
	c->count = chance_of(c) & 0x3fff;
	if (length) {
		c->params = malloc(length);
		if (!c->params)
			abort();
		memcpy(c->params, params, length);
	}
	w->totals.conversations++;
	return id;
}

void writer_value(struct writer *w, int id, struct value value)
{
	struct conversation *c = conversation_at(w, id);
	if (!c->values && !(c->values = calloc(VALUES_MOST, sizeof *c->values)))
		abort();
	if (c->n_values < VALUES_MOST)
		c->values[c->n_values++] = value;
}

static void forget(struct writer *w, int id)
{
	struct conversation *c = conversation_at(w, id);
	free(c->polls);
	free(c->values);
	free(c->params);
	c->polls = NULL;
	c->values = NULL;
	c->params = NULL;
	c->generation++;
	c->used = false;
	c->next_free = w->free;
	w->free = id;
}

void writer_stop(struct writer *w, int id)
{
	if (conversation_at(w, id)->used)
		forget(w, id);
}

static void begin(struct writer *w, int id, int template, uint64_t time)
{
	struct conversation *c = conversation_at(w, id);
	c->template = template;
	c->frame = 0;
	c->begun = time;
	queue(w, c->begun + frame_at(w, template_at(w, template)->first)->after, id);
}

/* Who has not spoken with the other one for a while asks for it first; returns when it may speak. */
static uint64_t resolve(struct writer *w, uint64_t time, const int hosts[2])
{
	int both[2] = { host_at(w, hosts[CLIENT])->asked, host_at(w, hosts[SERVER])->asked };
	int a = both[CLIENT], b = both[SERVER];
	if (a < 0 || b < 0 || a == b)
		return time;
	struct heard *h = heard_of(w, (uint32_t)(a < b ? a : b) + 1, (uint32_t)(a < b ? b : a) + 1);
	bool known = h->time && time - h->time < ARP_MEMORY;
	h->time = time;
	if (known)
		return time;
	uint8_t params[20];
	for (int i = 0; i < 2; i++) {
		memcpy(params + 10 * i, host_at(w, both[i])->mac, 6);
		memcpy(params + 10 * i + 6, host_at(w, both[i])->ip, 4);
	}
	begin(w, writer_conversation(w, both, (uint16_t[]){ 0, 0 }, params, sizeof params, false), ARP, time);
	return time + ARP_LEAD;
}

static void start_saying(struct writer *w, int id, int template, uint64_t time)
{
	const int hosts[2] = { conversation_at(w, id)->host[CLIENT], conversation_at(w, id)->host[SERVER] };
	begin(w, id, template, resolve(w, time, hosts));
}

/* Request and answer; the stations are the conversation's parameters. */
static void record_arp(struct writer *w)
{
	static const uint8_t head[] = { 8, 6, 0, 1, 8, 0, 6, 4, 0, 1 };
	static const struct patch patches[2][3] = {
		{ { 22, 10, PATCH_PARAM, 0 }, { 38, 4, PATCH_PARAM, 16 } },
		{ { 22, 10, PATCH_PARAM, 10 }, { 32, 10, PATCH_PARAM, 0 } },
	};
	uint8_t frames[2][60] = { { 0 } };
	for (int i = 0; i < 2; i++) {
		memcpy(frames[i] + 12, head, sizeof head);
		frames[i][21] = (uint8_t)(i + 1);
	}
	memset(frames[0], 0xff, 6);
	const struct recorded list[2] = {
		{ 0, frames[0], 60, patches[0], 2, CLIENT },
		{ ARP_ANSWER, frames[1], 60, patches[1], 2, SERVER },
	};
	writer_template(w, list, 2, (uint32_t[]){ 0, 0 });
}

bool writer_say(struct writer *w, int id, int template, uint64_t time)
{
	struct conversation *c = conversation_at(w, id);
	if (c->n_waiting == WAITING_MOST)
		return false;
	c->waiting[c->n_waiting] = template;
	c->waiting_time[c->n_waiting++] = time;
	if (c->template <0 && c->n_waiting == 1)
		queue(w, time, id);
	return true;
}

bool writer_poll(struct writer *w, int id, const int *templates, const int *every, const int *muted, size_t n, uint64_t start)
{
	struct conversation *c = conversation_at(w, id);
	if (n > POLLS_MOST || !(c->polls = calloc(1, sizeof *c->polls)))
		return false;
	c->polls->n = n;
	c->polls->start = start;
	memcpy(c->polls->template, templates, n * sizeof *templates);
	memcpy(c->polls->every, every, n * sizeof *every);
	memcpy(c->polls->muted, muted, n * sizeof *muted);
	if (c->template <0 && !c->n_waiting)
		queue(w, start, id);
	return true;
}

void writer_resume(struct writer *w, int id, uint64_t start)
{
	struct conversation *c = conversation_at(w, id);
	if (!c->polls)
		return;
	c->polls->start = start;
	c->polls->next = 0;
	if (c->template <0 && !c->n_waiting)
		queue(w, start, id);
}

struct rhythm *writer_rhythm(struct writer *w, int id)
{
	return &conversation_at(w, id)->rhythm;
}

/* The next template of this cycle, or of the next one, and when it is due. */
static uint64_t next_poll(struct conversation *c, uint64_t now)
{
	struct polls *p = c->polls;
	for (size_t tried = 0; tried <= 64 * p->n; tried++) {
		if (p->next == p->n) {
			p->next = 0;
			p->cycle++;
			p->start += c->rhythm.period;
		}
		if (p->cycle % (uint64_t)p->every[p->next] == 0)
			break;
		p->next++;
	}
	if (p->next)
		return now + 500000u;
	uint64_t due = p->start + (uint64_t)(c->rhythm.jitter * share(chance_of(c)) * (double)c->rhythm.period);
	if (due <= now) { /* behind: the grid begins anew */
		p->start = now;
		due = now + 500000u;
	}
	return due;
}

static void poll(struct writer *w, int id, uint64_t now)
{
	struct conversation *c = conversation_at(w, id);
	size_t i = c->polls->next++;
	bool mute = c->rhythm.mute > 0 && c->polls->muted[i] >= 0 && share(chance_of(c)) < c->rhythm.mute;
	start_saying(w, id, mute ? c->polls->muted[i] : c->polls->template[i], now);
}

/* Nothing is being said: what waits comes first, then the next poll, and who has neither is done. */
static void idle(struct writer *w, int id, uint64_t now)
{
	struct conversation *c = conversation_at(w, id);
	if (c->n_waiting)
		queue(w, c->waiting_time[0] > now ? c->waiting_time[0] : now, id);
	else if (c->polls && c->rhythm.period)
		queue(w, next_poll(c, now), id);
	else if (!c->lasting)
		forget(w, id);
}

static void finish(struct writer *w, int id, uint64_t now)
{
	struct conversation *c = conversation_at(w, id);
	const struct template *t = template_at(w, c->template);
	c->seq[CLIENT] += t->advance[CLIENT];
	c->seq[SERVER] += t->advance[SERVER];
	c->count++;
	c->template = -1;
	idle(w, id, now);
}

static void act(struct writer *w, int id, uint64_t now)
{
	struct conversation *c = conversation_at(w, id);
	if (c->template <0) {
		if (!c->n_waiting) {
			if (c->polls && c->rhythm.period)
				poll(w, id, now);
			return;
		}
		int template = c->waiting[0];
		c->n_waiting--;
		memmove(c->waiting, c->waiting + 1, c->n_waiting * sizeof *c->waiting);
		memmove(c->waiting_time, c->waiting_time + 1, c->n_waiting * sizeof *c->waiting_time);
		start_saying(w, id, template, now);
		return;
	}
	play(w, c, now);
	const struct template *t = template_at(w, c->template);
	if ((uint32_t)++c->frame == t->n) {
		finish(w, id, now);
		return;
	}
	const struct frame *next = frame_at(w, t->first + (uint32_t)c->frame);
	if (next->from == SERVER && c->rhythm.slow && next[-1].from == CLIENT)
		c->begun += c->rhythm.slow;
	queue(w, c->begun + next->after > now ? c->begun + next->after : now, id);
}

bool writer_advance(struct writer *w, uint64_t until)
{
	while (w->heap.n && ((struct entry *)w->heap.item)->time <= until) {
		struct entry e = take(w);
		const struct conversation *c = conversation_at(w, e.conversation);
		if (c->used && c->generation == e.generation)
			act(w, e.conversation, e.time);
	}
	return !w->failed;
}

/* ---------------------------------------------------------------------------- the capture */

bool writer_frame(struct writer *w, uint64_t time, const uint8_t *bytes, size_t length)
{
	write_packet(w, time, bytes, length);
	return !w->failed;
}

void writer_capture(struct writer *w, double loss, int64_t shift)
{
	w->loss = loss;
	w->shift = shift;
}

struct writer_totals writer_totals(const struct writer *w)
{
	return w->totals;
}

struct writer *writer_open(FILE *out, uint64_t seed)
{
	struct writer *w = calloc(1, sizeof *w);
	if (!w)
		abort();
	w->out = out;
	w->chance = seed;
	w->free = -1;
	uint8_t head[24] = { 0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4 };
	little(head + 16, 262144);
	little(head + 20, 1);
	write_out(w, head, sizeof head);
	record_arp(w);
	return w;
}

bool writer_close(struct writer *w)
{
	bool ok = fflush(w->out) == 0 && !w->failed;
	for (size_t i = 0; i < w->conversations.n; i++)
		if (conversation_at(w, (int)i)->used)
			forget(w, (int)i);
	struct vector *all[] = { &w->hosts, &w->frames, &w->patches, &w->bytes, &w->templates, &w->conversations, &w->heap, &w->heard };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		free(all[i]->item);
	free(w);
	return ok;
}
