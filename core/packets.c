/* packets.c - see packets.h. An alert looks back at no more packets than came in its time, and at what the ring says of each: only of few
 * it looks at the bytes. A capture that is open is fed from the ring before its packets are overwritten. */
#include "packets.h"

#include "decode.h"
#include "packet_ring.h"

#include <dirent.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MOST_OPEN = 64,      /* captures being written at a time; alerts beyond them get none */
	LOOKED_AT = 256,     /* bytes of a packet in which addresses stand, in tunnels too */
	MOST_BEFORE = 16384, /* packets before an alert, whatever was asked for */
	LONGEST_ID = 64,
	WELL_AGAIN = 10, /* captures without a failure, after which trouble counts as over */
};

/* Two ends, or one, as the ring has them: who sends and to whom in one number, and the other way round; the bits of an end that may be
 * anybody do not matter. */
struct pair {
	uint32_t speaks, at; /* speaks: which ends, a bit of enum oto_speaks; 0: nobody. at: where they stand in struct oto_kept */
	uint64_t there, back, there_matters, back_matters;
};

/* Whose packets: both ends, or one; or of the flow that the alert is about. */
struct hosts {
	struct oto_addr source, target, orig, resp;
	uint32_t end[3], nends; /* the last four bytes of those that some packet must have one of, as they stand in it */
	struct pair alert, flow;
};

struct cut {
	char id[LONGEST_ID + 1];
	struct hosts hosts;
	pcap_t *dead;
	pcap_dumper_t *file;
	uint32_t link;
	uint64_t next; /* number of the first packet that was not looked at */
	int64_t until_ns, first_ns, last_ns;
	uint64_t packets, bytes;
};

struct kept_file {
	char id[LONGEST_ID + 1];
	uint64_t bytes;
	int64_t order;
};

struct oto_packets {
	struct oto_packets_options options;
	char *dir;
	struct oto_packet_ring ring;
	uint64_t serve_at, serve_next; /* position and number in the ring at which open captures must be fed */
	struct cut *cuts[MOST_OPEN];
	uint32_t ncuts;
	uint64_t *found; /* numbers of packets before an alert */
	struct oto_decoder *decoder;
	struct oto_bus *bus;
	struct oto_event_def *told;
	struct oto_field_ref id, source, target;
	struct kept_file *files;
	size_t nfiles, cap_files;
	uint64_t files_bytes;
	bool ready; /* the folder is there and was counted */
	struct oto_packets_stats stats;
	struct oto_trouble trouble;
};

/* ------------------------------------------------------------------------------------------------ the event */

struct packets_event {
	const char *id;
	struct oto_slice file;
	uint64_t packets, bytes;
	struct oto_time first, last;
	bool has_file;
};
#define P(m, doc, ...) OTO_FIELD(struct packets_event, m, doc, __VA_ARGS__)
static const struct oto_field fields[] = {
	P(id, "of the alert"),
	P(file, "name of the capture in the folder of captures; absent: it was removed to make room",
	  .guard = OTO_IF(struct packets_event, has_file)),
	P(packets, "in it"),
	P(bytes, "of them"),
	P(first, "time of the first packet"),
	P(last, "time of the last packet"),
};
const struct oto_event_type oto_packets_type =
    OTO_EVENT("alert.packets", struct packets_event, fields,
	      "The packets around an alert were written to a capture of their own, or it was removed.");

/* ------------------------------------------------------------------------------------------------ birth and end */

static uint64_t or_else(uint64_t value, uint64_t otherwise)
{
	return value ? value : otherwise;
}

/* Before half of what is now the newest is overwritten. */
static void serve_later(struct oto_packets *k)
{
	k->serve_at = k->ncuts ? k->ring.end + k->ring.mask / 2 : UINT64_MAX;
	k->serve_next = k->ncuts ? k->ring.next + k->ring.kept_mask / 2 : UINT64_MAX;
}

static void no_weird(void *who, const char *name, const struct oto_layers *layers)
{
	(void)who;
	(void)name;
	(void)layers;
}

struct oto_packets *oto_packets_new(const struct oto_packets_options *o, struct oto_bus *bus)
{
	struct oto_packets *k = oto_calloc(1, sizeof *k);

	k->options = *o;
	k->dir = oto_strdup(o->dir);
	oto_ring_make(&k->ring, or_else(o->memory, UINT64_C(16) << 20));
	k->options.before_ns = o->before_ns ? o->before_ns : 30 * OTO_SECOND;
	k->options.after_ns = o->after_ns ? o->after_ns : 5 * OTO_SECOND;
	k->options.packets = or_else(o->packets, 500);
	k->options.bytes = or_else(o->bytes, 512 << 10);
	k->options.files = or_else(o->files, 500);
	k->options.all_bytes = or_else(o->all_bytes, UINT64_C(64) << 20);
	k->found = oto_calloc(MOST_BEFORE, sizeof *k->found);
	serve_later(k);
	k->decoder = oto_decoder_new(&(struct oto_decode_options){ .weird = no_weird });
	k->bus = bus;
	k->told = oto_bus_find(bus, oto_packets_type.name);
	return k;
}

static void close_cut(struct cut *c)
{
	if (c->file)
		pcap_dump_close(c->file);
	if (c->dead)
		pcap_close(c->dead);
	free(c);
}

static void path_of(const struct oto_packets *k, const char *id, const char *ending, struct oto_buf *out)
{
	oto_buf_fmt(out, "%s/%s.pcap%s", k->dir, id, ending);
	oto_buf_add(out, "", 1);
}

static void unlink_of(const struct oto_packets *k, const char *id, const char *ending)
{
	struct oto_buf path = { 0 };

	path_of(k, id, ending, &path);
	unlink(path.data);
	oto_buf_free(&path);
}

void oto_packets_free(struct oto_packets *k)
{
	if (!k)
		return;
	for (uint32_t i = 0; i < k->ncuts; i++) {
		unlink_of(k, k->cuts[i]->id, ".part");
		close_cut(k->cuts[i]);
	}
	oto_decoder_free(k->decoder);
	free(k->files);
	free(k->found);
	oto_ring_free(&k->ring);
	free(k->dir);
	free(k);
}

struct oto_packets_stats oto_packets_stats(const struct oto_packets *k)
{
	return k->stats;
}

/* ------------------------------------------------------------------------------------------------ whose packets */

static bool same(const struct oto_addr *a, const struct oto_addr *b)
{
	return a->family == b->family && oto_addr_equal(a, b);
}

static struct oto_addr of_mac(const struct oto_mac *mac)
{
	struct oto_addr a = { .family = OTO_FAMILY_MAC };

	memcpy(a.byte, mac->byte, sizeof mac->byte);
	return a;
}

/* Either or both may be absent. */
static bool between(const struct oto_addr *a, const struct oto_addr *b, const struct oto_addr *src, const struct oto_addr *dst)
{
	bool there = !a->family || same(a, src), back = !a->family || same(a, dst);

	return (there && (!b->family || same(b, dst))) || (back && (!b->family || same(b, src)));
}

static bool layer_is(const struct hosts *h, const struct oto_layers *l)
{
	struct oto_addr src_mac = of_mac(&l->src_mac), dst_mac = of_mac(&l->dst_mac);

	if (h->orig.family == OTO_FAMILY_MAC && l->has_mac && between(&h->orig, &h->resp, &src_mac, &dst_mac))
		return true;
	if (h->orig.family && h->orig.family != OTO_FAMILY_MAC && l->has_ip && between(&h->orig, &h->resp, &l->src, &l->dst))
		return true;
	bool source_mac = h->source.family == OTO_FAMILY_MAC, target_mac = h->target.family == OTO_FAMILY_MAC;
	const struct oto_addr none = { 0 };
	if (source_mac || target_mac) {
		if (!l->has_mac)
			return false;
		return between(source_mac ? &h->source : &none, target_mac ? &h->target : &none, &src_mac, &dst_mac);
	}
	return (h->source.family || h->target.family) && l->has_ip && between(&h->source, &h->target, &l->src, &l->dst);
}

static uint32_t looked_at(const struct oto_kept *r)
{
	return r->caplen < LOOKED_AT ? r->caplen : LOOKED_AT;
}

static uint32_t bytes_of(const struct oto_addr *a)
{
	return a->family == OTO_FAMILY_IPV4 ? 4 : a->family == OTO_FAMILY_MAC ? 6 : 16;
}

static bool holds(const uint8_t *bytes, uint32_t len, const struct oto_addr *a)
{
	return a->family && memmem(bytes, len, a->byte, bytes_of(a)) != NULL;
}

static void add_end(struct hosts *h, const struct oto_addr *a)
{
	uint32_t end = oto_ring_end(a);

	if (!a->family)
		return;
	for (uint32_t i = 0; i < h->nends; i++) {
		if (h->end[i] == end)
			return;
	}
	h->end[h->nends++] = end;
}

/* As two that stand side by side are read at once. */
static uint64_t both(uint32_t first, uint32_t second)
{
	uint32_t ends[2] = { first, second };
	uint64_t two;

	memcpy(&two, ends, sizeof two);
	return two;
}

static struct pair pair_of(const struct oto_addr *a, const struct oto_addr *b)
{
	uint8_t family = a->family ? a->family : b->family;
	uint32_t ends[2] = { oto_ring_end(a), oto_ring_end(b) }, matter[2] = { a->family ? UINT32_MAX : 0, b->family ? UINT32_MAX : 0 };
	struct pair p = { .there = both(ends[0], ends[1]),
			  .back = both(ends[1], ends[0]),
			  .there_matters = both(matter[0], matter[1]),
			  .back_matters = both(matter[1], matter[0]) };

	if (a->family && b->family && a->family != b->family)
		return (struct pair){ 0 };
	p.speaks = family == OTO_FAMILY_IPV4 ? OTO_SPEAKS_IPV4 : family == OTO_FAMILY_MAC ? OTO_SPEAKS_MAC : family ? OTO_SPEAKS_IPV6 : 0;
	p.at = family == OTO_FAMILY_MAC ? offsetof(struct oto_kept, src_mac) : offsetof(struct oto_kept, src);
	return p;
}

static bool same_pair(const struct pair *p, const struct pair *q)
{
	return p->speaks == q->speaks && (p->there == q->there || p->there == q->back) &&
	       (p->there_matters & p->back_matters & q->there_matters & q->back_matters) == UINT64_MAX;
}

static inline bool may_be(const struct pair *p, const struct oto_kept *r)
{
	uint64_t ends;

	memcpy(&ends, (const char *)r + p->at, sizeof ends);
	bool is = !((ends ^ p->there) & p->there_matters) | !((ends ^ p->back) & p->back_matters);
	return is && p->speaks & r->speaks;
}

/* Whether the end of one of the addresses stands anywhere: without a branch, that the compiler may look at many places at once. */
static bool may_hold(const uint8_t *p, uint32_t len, const struct hosts *h)
{
	uint8_t any = 0;

	for (uint32_t k = 0; k < h->nends; k++) {
		uint8_t end[4];
		memcpy(end, &h->end[k], sizeof end);
		const uint8_t a = end[0], b = end[1], c = end[2], d = end[3];
		for (uint32_t i = 0; i + 4 <= len; i++)
			any |= (uint8_t)((p[i] == a) & (p[i + 1] == b) & (p[i + 2] == c) & (p[i + 3] == d));
	}
	return any;
}

/* Decoded anew. ARP names hosts that its frames are not addressed to. */
static bool is_of(struct oto_packets *k, const struct hosts *h, const struct oto_kept *r)
{
	const uint8_t *bytes = oto_ring_bytes(&k->ring, r);
	struct oto_packet p = { .ts_ns = r->ts_ns, .data = bytes, .caplen = r->caplen, .len = r->len, .link = r->link };
	struct oto_layers l = { 0 };
	bool ok = oto_decode(k->decoder, &p, &l);

	for (int depth = 0; depth < 8; depth++) {
		bool is_arp = ok && l.ethertype == 0x0806;
		if (layer_is(h, &l) || (is_arp && (holds(bytes, looked_at(r), &h->source) || holds(bytes, looked_at(r), &h->target))))
			return true;
		struct oto_layers inner = { 0 };
		if (!ok || l.inner_tunnel == OTO_TUNNEL_NONE || !oto_decode_inner(k->decoder, &l, &inner))
			return false;
		l = inner;
	}
	return false;
}

/* Most packets are others': what the ring has of their ends says so. Of IPv4 addresses it has all. */
static inline bool belongs(struct oto_packets *k, const struct hosts *h, const struct oto_kept *r)
{
	if (!h->nends)
		return true;
	if (r->speaks & OTO_SPEAKS_LOOK)
		return may_hold(oto_ring_bytes(&k->ring, r), looked_at(r), h) && is_of(k, h, r);
	const bool of_alert = may_be(&h->alert, r), of_flow = h->flow.speaks && may_be(&h->flow, r);
	if ((of_alert && h->alert.speaks == OTO_SPEAKS_IPV4) || (of_flow && h->flow.speaks == OTO_SPEAKS_IPV4))
		return true;
	return (of_alert || of_flow) && is_of(k, h, r);
}

/* ------------------------------------------------------------------------------------------------ one capture */

static bool full(const struct oto_packets *k, const struct cut *c)
{
	return c->packets >= k->options.packets || c->bytes >= k->options.bytes;
}

static void write_record(struct oto_packets *k, struct cut *c, const struct oto_kept *r)
{
	struct pcap_pkthdr head = { .caplen = r->caplen, .len = r->len };

	/* a file has one link type: that of the interface where the alert's packet came from */
	if (r->link != c->link || full(k, c))
		return;
	head.ts.tv_sec = (time_t)(r->ts_ns / OTO_SECOND);
	head.ts.tv_usec = (suseconds_t)(r->ts_ns % OTO_SECOND); /* nanoseconds: the file says so */
	pcap_dump((u_char *)c->file, &head, oto_ring_bytes(&k->ring, r));
	if (!c->packets++)
		c->first_ns = r->ts_ns;
	c->last_ns = r->ts_ns;
	c->bytes += r->caplen;
}

/* The newest packets before the alert, up to three quarters of what a capture may hold: some must be left for what comes behind. */
static uint32_t look_back(struct oto_packets *k, const struct hosts *h, int64_t from_ns)
{
	uint64_t packets = k->options.packets * 3 / 4 + 1, bytes = k->options.bytes * 3 / 4 + 1;
	uint32_t n = 0;

	for (uint64_t number = k->ring.next; number-- && oto_ring_has(&k->ring, number) && n < packets && n < MOST_BEFORE;) {
		const struct oto_kept *r = oto_ring_at(&k->ring, number);
		if (r->ts_ns < from_ns)
			break;
		if (!belongs(k, h, r))
			continue;
		if (r->caplen > bytes)
			break;
		bytes -= r->caplen;
		k->found[n++] = number;
	}
	return n;
}

/* What came since, up to now or to the capture's end. */
static void feed(struct oto_packets *k, struct cut *c)
{
	while (c->next < k->ring.next && !oto_ring_has(&k->ring, c->next))
		c->next++;
	for (; c->next < k->ring.next; c->next++) {
		const struct oto_kept *r = oto_ring_at(&k->ring, c->next);
		if (!full(k, c) && r->ts_ns <= c->until_ns && belongs(k, &c->hosts, r))
			write_record(k, c, r);
	}
}

/* Half a ring before what the oldest has not seen is overwritten. */
static void serve(struct oto_packets *k)
{
	for (uint32_t i = 0; i < k->ncuts; i++)
		feed(k, k->cuts[i]);
	serve_later(k);
}

void oto_packets_keep(struct oto_packets *k, const struct oto_packet *p, const struct oto_layers *l)
{
	oto_ring_keep(&k->ring, p, l);
	if (__builtin_expect(k->ring.end >= k->serve_at || k->ring.next >= k->serve_next, 0))
		serve(k);
}

/* ------------------------------------------------------------------------------------------------ the folder */

static int by_age(const void *a, const void *b)
{
	const struct kept_file *x = a, *y = b;

	return x->order != y->order ? (x->order > y->order) - (x->order < y->order) : strcmp(x->id, y->id);
}

static void list_file(struct oto_packets *k, const char *id, uint64_t bytes, int64_t order)
{
	if (k->nfiles == k->cap_files) {
		k->cap_files = k->cap_files ? 2 * k->cap_files : 64;
		k->files = oto_realloc(k->files, k->cap_files * sizeof *k->files);
	}
	struct kept_file *f = &k->files[k->nfiles++];
	*f = (struct kept_file){ .bytes = bytes, .order = order };
	snprintf(f->id, sizeof f->id, "%s", id);
	k->files_bytes += bytes;
}

static bool ends_in(const char *name, size_t len, const char *ending)
{
	size_t n = strlen(ending);
	return len > n && strcmp(name + len - n, ending) == 0;
}

/* What earlier runs left: whole captures count, parts of captures go. */
static void count_files(struct oto_packets *k)
{
	DIR *dir = opendir(k->dir);
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		size_t len = strlen(e->d_name);
		struct stat st;
		if (ends_in(e->d_name, len, ".pcap.part"))
			unlinkat(dirfd(dir), e->d_name, 0);
		if (!ends_in(e->d_name, len, ".pcap") || len - 5 > LONGEST_ID || fstatat(dirfd(dir), e->d_name, &st, 0))
			continue;
		char id[LONGEST_ID + 1];
		snprintf(id, sizeof id, "%.*s", (int)(len - 5), e->d_name);
		list_file(k, id, (uint64_t)st.st_size, st.st_mtim.tv_sec * OTO_SECOND + st.st_mtim.tv_nsec);
	}
	if (dir)
		closedir(dir);
	if (k->nfiles)
		qsort(k->files, k->nfiles, sizeof *k->files, by_age);
}

static void not_kept(struct oto_packets *k, const char *path, const char *why)
{
	k->stats.failed++;
	oto_trouble_again(&k->trouble, "%s: packets around alerts are not kept: %s", path, why);
}

static bool prepare_folder(struct oto_packets *k)
{
	if (k->ready)
		return true;
	if (mkdir(k->dir, 0700) && errno != EEXIST) {
		not_kept(k, k->dir, strerror(errno));
		return false;
	}
	count_files(k);
	k->ready = true;
	return true;
}

static void tell(struct oto_packets *k, const struct packets_event *e)
{
	static const struct oto_head nobody;
	struct packets_event mine = *e;
	size_t len = strlen(e->id);
	char *id = oto_bus_scratch(k->bus, len + 1), *file = oto_bus_scratch(k->bus, e->file.len + 1);

	if (!id || !file || !oto_event_wanted(k->told))
		return;
	mine.id = memcpy(id, e->id, len);
	if (e->file.len)
		mine.file.data = memcpy(file, e->file.data, e->file.len);
	oto_bus_emit(k->bus, k->told, &nobody, &mine);
}

static void remove_oldest(struct oto_packets *k)
{
	while (k->nfiles > 1 && (k->nfiles > k->options.files || k->files_bytes > k->options.all_bytes)) {
		struct kept_file old = k->files[0];
		k->files_bytes -= old.bytes;
		memmove(k->files, k->files + 1, --k->nfiles * sizeof *k->files);
		unlink_of(k, old.id, "");
		k->stats.removed++;
		tell(k, &(struct packets_event){ .id = old.id });
	}
}

static bool same_id(const struct oto_packets *k, const char *id)
{
	for (size_t i = 0; i < k->nfiles; i++) {
		if (!strcmp(k->files[i].id, id))
			return true;
	}
	return false;
}

/* The capture is whole: it gets its name. */
static void finish_cut(struct oto_packets *k, struct cut *c)
{
	struct oto_buf part = { 0 }, whole = { 0 };
	struct stat st;

	path_of(k, c->id, ".part", &part);
	path_of(k, c->id, "", &whole);
	bool ok = pcap_dump_flush(c->file) == 0 && c->packets && rename(part.data, whole.data) == 0 && stat(whole.data, &st) == 0;
	int why = errno;
	if (!ok)
		unlink(part.data);
	if (ok && !same_id(k, c->id))
		list_file(k, c->id, (uint64_t)st.st_size, 0);
	if (ok) {
		char name[LONGEST_ID + 8];
		snprintf(name, sizeof name, "%s.pcap", c->id);
		k->stats.captures++;
		k->stats.packets += c->packets;
		tell(k, &(struct packets_event){ .id = c->id,
						 .file = oto_slice_of(name),
						 .has_file = true,
						 .packets = c->packets,
						 .bytes = c->bytes,
						 .first = { c->first_ns },
						 .last = { c->last_ns } });
		remove_oldest(k);
		oto_trouble_over(&k->trouble, WELL_AGAIN, "%s: packets around alerts are kept again", k->dir);
	} else if (c->packets) {
		not_kept(k, part.data, strerror(why));
	}
	oto_buf_free(&part);
	oto_buf_free(&whole);
	close_cut(c);
}

void oto_packets_tick(struct oto_packets *k, int64_t now_ns)
{
	for (uint32_t i = 0; i < k->ncuts;) {
		struct cut *c = k->cuts[i];
		if (now_ns <= c->until_ns && !full(k, c)) {
			i++;
			continue;
		}
		feed(k, c);
		memmove(&k->cuts[i], &k->cuts[i + 1], (--k->ncuts - i) * sizeof(*k->cuts));
		finish_cut(k, c);
	}
	if (!k->ncuts)
		serve_later(k);
}

/* ------------------------------------------------------------------------------------------------ an alert */

static void address_of(const struct oto_event *e, struct oto_field_ref ref, struct oto_addr *out)
{
	struct oto_value v = { 0 };

	if (ref.field)
		oto_value_get(e, ref, &v);
	if (v.kind == OTO_ADDR)
		*out = *v.addr;
	else if (v.kind == OTO_MAC)
		*out = of_mac(v.mac);
}

static struct hosts hosts_of(const struct oto_packets *k, const struct oto_event *e)
{
	struct hosts h = { 0 };

	address_of(e, k->source, &h.source);
	address_of(e, k->target, &h.target);
	if (e->head->has_flow && e->head->transport != OTO_ETH) {
		h.orig = e->head->orig_h;
		h.resp = e->head->resp_h;
	} else if (e->head->has_flow) {
		h.orig = of_mac(&e->head->orig_mac);
		h.resp = of_mac(&e->head->resp_mac);
	}
	add_end(&h, &h.source);
	add_end(&h, &h.target);
	add_end(&h, &h.orig);
	/* of a MAC address and another one only the former stands in every packet */
	static const struct oto_addr none;
	bool has_mac = h.source.family == OTO_FAMILY_MAC || h.target.family == OTO_FAMILY_MAC;
	h.alert = pair_of(has_mac && h.source.family != OTO_FAMILY_MAC ? &none : &h.source,
			  has_mac && h.target.family != OTO_FAMILY_MAC ? &none : &h.target);
	h.flow = pair_of(&h.orig, &h.resp);
	if (same_pair(&h.flow, &h.alert))
		h.flow.speaks = 0;
	return h;
}

/* Identifiers are made by scripts; file names are not. */
static bool id_of(const struct oto_packets *k, const struct oto_event *e, char *out)
{
	struct oto_value v = { 0 };

	if (k->id.field)
		oto_value_get(e, k->id, &v);
	if (v.kind != OTO_BYTES || !v.bytes.len || v.bytes.len > LONGEST_ID)
		return false;
	for (uint32_t i = 0; i < v.bytes.len; i++) {
		uint8_t c = v.bytes.data[i];
		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '-' && c != '_')
			return false;
	}
	memcpy(out, v.bytes.data, v.bytes.len);
	out[v.bytes.len] = 0;
	return true;
}

static struct cut *open_cut(struct oto_packets *k, const char *id, uint32_t link)
{
	struct cut *c = oto_calloc(1, sizeof *c);
	struct oto_buf path = { 0 };

	snprintf(c->id, sizeof c->id, "%s", id);
	c->link = link;
	path_of(k, id, ".part", &path);
	c->dead = pcap_open_dead_with_tstamp_precision((int)link, OTO_RING_SNAP, PCAP_TSTAMP_PRECISION_NANO);
	c->file = c->dead ? pcap_dump_open(c->dead, path.data) : NULL;
	if (!c->file)
		not_kept(k, path.data, c->dead ? pcap_geterr(c->dead) : "no memory");
	oto_buf_free(&path);
	if (c->file)
		return c;
	close_cut(c);
	return NULL;
}

static bool is_open(const struct oto_packets *k, const char *id)
{
	for (uint32_t i = 0; i < k->ncuts; i++) {
		if (!strcmp(k->cuts[i]->id, id))
			return true;
	}
	return false;
}

static void on_alert(void *who, const struct oto_event *e)
{
	struct oto_packets *k = who;
	char id[LONGEST_ID + 1];

	if (!id_of(k, e, id) || !k->ring.next || is_open(k, id) || !prepare_folder(k))
		return;
	if (k->ncuts == MOST_OPEN) {
		k->stats.refused++;
		return;
	}
	const struct oto_kept *newest = oto_ring_at(&k->ring, k->ring.next - 1);
	struct hosts h = hosts_of(k, e);
	int64_t now_ns = e->head->ts.ns > newest->ts_ns ? e->head->ts.ns : newest->ts_ns;
	uint32_t n = look_back(k, &h, now_ns - k->options.before_ns);
	struct cut *c = open_cut(k, id, n ? oto_ring_at(&k->ring, k->found[0])->link : newest->link);
	if (!c)
		return;
	c->hosts = h;
	c->until_ns = now_ns + k->options.after_ns;
	while (n)
		write_record(k, c, oto_ring_at(&k->ring, k->found[--n]));
	c->next = k->ring.next;
	k->cuts[k->ncuts++] = c;
	if (k->ncuts == 1)
		serve_later(k);
}

void oto_packets_attach(struct oto_packets *k)
{
	struct oto_event_def *def = oto_bus_find(k->bus, "alert");

	if (!def)
		return;
	k->id = oto_field_find(def, "id", 2);
	k->source = oto_field_find(def, "source", 6);
	k->target = oto_field_find(def, "target", 6);
	oto_bus_listen(k->bus, def, on_alert, k);
}
