/* capture.c - the timeline of files, the live interface, and the packet filter. See capture.h. */
#include "capture.h"
#include "capture_file.h"

#include <pcap/pcap.h>
#include <poll.h>
#include <stdlib.h>

enum {
	WINDOW_FEW = 256 << 10, /* window of a file; smaller when many files may be open at a time */
	WINDOW_MANY = 64 << 10,
	MANY_FILES = 16,
	LIVE_BUFFER = 64 << 20,
	LIVE_SNAPLEN = 262144,
	POLL_MS = 100,
};
#define GAP_NS OTO_SECOND

/* One file of the timeline: closed until its first packet is due, then open with the next packet in hand. */
struct part {
	const char *path;
	struct oto_capture_file *file;
	struct oto_packet next;
	int64_t first_ns;
	size_t order;                       /* in the arguments: breaks ties */
	enum oto_capture_file_result first; /* what asking for the first packet gave, */
	struct oto_error error;             /* and said */
};

/* A BPF program, one per link type. */
struct filter {
	uint32_t link;
	struct bpf_program program;
};

struct oto_capture {
	volatile sig_atomic_t stop;
	struct oto_capture_stats stats;
	struct oto_capture_gap gap;
	struct oto_capture_names names;
	char *filter_text;
	struct filter *filters;
	size_t nfilters;
	bool filter_failed;
	struct oto_error filter_error;

	/* files */
	struct part *parts; /* sorted by first packet; those without one in front */
	char **paths;
	size_t npaths, nparts, waiting; /* parts[waiting..] are not yet due */
	struct part **open;             /* a heap: open[0] has the earliest packet in hand */
	size_t nopen;
	bool taken; /* open[0]'s packet in hand was handed out */
	bool pipe;  /* one of them may keep us waiting */
	bool gap_told, any;
	int64_t last_ns;

	/* live */
	pcap_t *live;
	char *interface;
	uint32_t live_link;
};

/* ------------------------------------------------------------------------------------------------ filter */

static bool compile(struct oto_capture *c, uint32_t link, struct bpf_program *program, struct oto_error *err)
{
	const char *name = pcap_datalink_val_to_name((int)link);
	pcap_t *dead = pcap_open_dead((int)link, LIVE_SNAPLEN);
	if (!dead)
		return oto_fail(err, "filter '%s': libpcap could not be started", c->filter_text);
	bool ok = pcap_compile(dead, program, c->filter_text, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!ok)
		oto_fail(err, "filter '%s' (link type %s): %s", c->filter_text, name ? name : "unknown", pcap_geterr(dead));
	pcap_close(dead);
	return ok;
}

static const struct bpf_program *filter_of(struct oto_capture *c, uint32_t link, struct oto_error *err)
{
	for (size_t i = 0; i < c->nfilters; i++)
		if (c->filters[i].link == link)
			return &c->filters[i].program;
	struct filter made = { .link = link };
	if (!compile(c, link, &made.program, err))
		return NULL;
	c->filters = oto_realloc(c->filters, (c->nfilters + 1) * sizeof *c->filters);
	c->filters[c->nfilters] = made;
	return &c->filters[c->nfilters++].program;
}

static bool wanted(struct oto_capture *c, const struct oto_packet *p)
{
	const struct bpf_program *program = filter_of(c, p->link, &c->filter_error);
	if (!program) {
		c->filter_failed = true;
		return false;
	}
	return bpf_filter(program->bf_insns, p->data, p->len, p->caplen) != 0;
}

/* ------------------------------------------------------------------------------------------------ files */

static bool link_supported(const struct part *part, struct oto_error *err)
{
	if (oto_frame_of(part->next.link) != OTO_FRAME_UNKNOWN)
		return true;
	const char *name = pcap_datalink_val_to_name((int)part->next.link);
	return oto_fail(err, "%s: link type %u (%s) is not supported", strcmp(part->path, "-") == 0 ? "standard input" : part->path,
			part->next.link, name ? name : "unknown");
}

/* Open and take the first packet in hand. */
static bool part_open(struct oto_capture *c, struct part *part)
{
	struct oto_source *s = oto_source_open(part->path, c->npaths > MANY_FILES ? WINDOW_MANY : WINDOW_FEW, &c->stop, &part->error);
	if (s)
		part->file = oto_capture_file_open(s, part->path, &c->names, &part->error);
	part->first = part->file ? oto_capture_file_next(part->file, &part->next, &part->error) : OTO_FILE_DAMAGED;
	return part->file;
}

static void part_close(struct part *part)
{
	oto_capture_file_close(part->file);
	part->file = NULL;
}

/* At the start: is it a capture, and when does it begin? A regular file is closed again, so that a thousand files cost no memory. A capture
 * that ends or breaks before its first packet is told when the timeline comes to it, as any other damage. */
static bool part_begin(struct oto_capture *c, struct part *part, struct oto_error *err)
{
	if (!part_open(c, part)) {
		if (err)
			*err = part->error;
		return false;
	}
	struct oto_source *source = oto_capture_file_source(part->file);
	c->stats.file_bytes += oto_source_size(source);
	part->first_ns = INT64_MIN;
	if (part->first != OTO_FILE_PACKET)
		return true;
	part->first_ns = part->next.ts_ns;
	if (!link_supported(part, err) || (c->filter_text && !filter_of(c, part->next.link, err)))
		return false;
	c->pipe = c->pipe || !oto_source_again(source);
	if (c->npaths > 1 && oto_source_again(source))
		part_close(part);
	return true;
}

static int by_first(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	if (x->first_ns != y->first_ns)
		return x->first_ns < y->first_ns ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static bool before(const struct part *a, const struct part *b)
{
	return a->next.ts_ns != b->next.ts_ns ? a->next.ts_ns < b->next.ts_ns : a->order < b->order;
}

static void heap_down(struct oto_capture *c, size_t i)
{
	for (;;) {
		size_t least = i;
		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < c->nopen; child++)
			if (before(c->open[child], c->open[least]))
				least = child;
		if (least == i)
			return;
		struct part *swap = c->open[i];
		c->open[i] = c->open[least];
		c->open[least] = swap;
		i = least;
	}
}

static void heap_add(struct oto_capture *c, struct part *part)
{
	size_t i = c->nopen++;
	for (; i && before(part, c->open[(i - 1) / 2]); i = (i - 1) / 2)
		c->open[i] = c->open[(i - 1) / 2];
	c->open[i] = part;
}

/* A file is over: its end may be a message. */
static enum oto_capture_result part_ended(struct oto_capture *c, struct part *part, enum oto_capture_file_result r)
{
	if (part->file)
		c->stats.file_read += oto_source_position(oto_capture_file_source(part->file));
	part_close(part);
	c->stats.truncated_files += r == OTO_FILE_CUT;
	return r == OTO_FILE_END ? OTO_CAPTURE_END : OTO_CAPTURE_ERROR;
}

/* Put the next packet of the file at the top of the heap in hand. END: go on; ERROR: that file said something; IDLE: ask again. */
static enum oto_capture_result advance(struct oto_capture *c, struct oto_error *err)
{
	struct part *part = c->open[0];
	if (c->pipe && oto_source_waits(oto_capture_file_source(part->file), POLL_MS))
		return OTO_CAPTURE_IDLE;
	c->taken = false;
	enum oto_capture_file_result r = oto_capture_file_next(part->file, &part->next, err);
	if (__builtin_expect(r == OTO_FILE_PACKET, 1)) {
		if (c->nopen > 1)
			heap_down(c, 0);
		return OTO_CAPTURE_END;
	}
	c->open[0] = c->open[--c->nopen];
	if (c->nopen > 1)
		heap_down(c, 0);
	return part_ended(c, part, r);
}

/* Is the next waiting file due before what is in hand? */
static bool due(const struct oto_capture *c)
{
	return c->waiting < c->nparts && (c->nopen == 0 || c->parts[c->waiting].first_ns <= c->open[0]->next.ts_ns);
}

static enum oto_capture_result begin_part(struct oto_capture *c, struct oto_error *err)
{
	struct part *part = &c->parts[c->waiting];
	bool silence = c->nopen == 0 && c->any && part->first == OTO_FILE_PACKET && part->first_ns - GAP_NS > c->last_ns;
	if (silence && !c->gap_told) {
		c->gap_told = true;
		c->gap = (struct oto_capture_gap){ c->last_ns, part->first_ns };
		return OTO_CAPTURE_GAP;
	}
	c->waiting++;
	c->gap_told = false;
	if (!part->file)
		part_open(c, part);
	if (part->first == OTO_FILE_PACKET) {
		heap_add(c, part);
		return OTO_CAPTURE_END;
	}
	if (err)
		*err = part->error;
	return part_ended(c, part, part->first);
}

static enum oto_capture_result next_file(struct oto_capture *c, struct oto_packet *packet, struct oto_error *err)
{
	while (!c->stop) {
		enum oto_capture_result r = OTO_CAPTURE_END;
		if (c->taken)
			r = advance(c, err);
		else if (due(c))
			r = begin_part(c, err);
		else if (c->nopen == 0)
			return OTO_CAPTURE_END;
		if (r != OTO_CAPTURE_END)
			return r;
		if (c->nopen == 0 || due(c))
			continue;

		c->taken = true;
		*packet = c->open[0]->next;
		packet->number = ++c->stats.packets;
		c->stats.bytes += packet->len;
		if (!c->any || packet->ts_ns > c->last_ns)
			c->last_ns = packet->ts_ns;
		c->any = true;
		if (!c->filter_text || wanted(c, packet))
			return OTO_CAPTURE_PACKET;
		if (c->filter_failed) {
			if (err)
				*err = c->filter_error;
			c->stop = true;
			return OTO_CAPTURE_ERROR;
		}
	}
	return OTO_CAPTURE_END;
}

struct oto_capture *oto_capture_files(const char *const *paths, size_t n, const char *filter, struct oto_error *err)
{
	struct oto_capture *c = oto_calloc(1, sizeof *c);
	c->npaths = n;
	c->filter_text = filter && *filter ? oto_strdup(filter) : NULL;
	c->paths = oto_calloc(n + 1, sizeof *c->paths);
	c->parts = oto_calloc(n + 1, sizeof *c->parts);
	c->open = oto_calloc(n + 1, sizeof *c->open);
	for (size_t i = 0; i < n; i++) {
		c->paths[i] = oto_strdup(paths[i]);
		c->parts[i] = (struct part){ .path = c->paths[i], .order = i };
		c->nparts++;
		if (!part_begin(c, &c->parts[i], err)) {
			oto_capture_close(c);
			return NULL;
		}
	}
	qsort(c->parts, n, sizeof *c->parts, by_first);
	return c;
}

/* ------------------------------------------------------------------------------------------------ live */

static bool live_start(struct oto_capture *c, struct oto_error *err)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	c->live = pcap_create(c->interface, text);
	if (!c->live)
		return oto_fail(err, "%s: %s", c->interface, text);
	pcap_set_snaplen(c->live, LIVE_SNAPLEN);
	pcap_set_promisc(c->live, 1);
	pcap_set_timeout(c->live, POLL_MS);
	pcap_set_buffer_size(c->live, LIVE_BUFFER);
	pcap_set_tstamp_precision(c->live, PCAP_TSTAMP_PRECISION_NANO);
	int rc = pcap_activate(c->live);
	if (rc == PCAP_ERROR_NO_SUCH_DEVICE || rc == PCAP_ERROR_IFACE_NOT_UP)
		return oto_fail(err, "%s: %s; 'ip link' lists the interfaces", c->interface, pcap_statustostr(rc));
	if (rc == PCAP_ERROR_PERM_DENIED || rc == PCAP_ERROR_PROMISC_PERM_DENIED)
		return oto_fail(err, "%s: capturing needs CAP_NET_RAW (run as root, or setcap cap_net_raw+ep on the program)",
				c->interface);
	if (rc < 0)
		return oto_fail(err, "%s: %s: %s", c->interface, pcap_statustostr(rc), pcap_geterr(c->live));
	c->live_link = (uint32_t)pcap_datalink(c->live);
	if (oto_frame_of(c->live_link) == OTO_FRAME_UNKNOWN)
		return oto_fail(err, "%s: link type %u is not supported", c->interface, c->live_link);
	if (pcap_setnonblock(c->live, 1, text) < 0)
		return oto_fail(err, "%s: %s", c->interface, text);
	if (c->filter_text) {
		const struct bpf_program *program = filter_of(c, c->live_link, err);
		if (!program)
			return false;
		if (pcap_setfilter(c->live, (struct bpf_program *)program) < 0)
			return oto_fail(err, "%s: filter '%s': %s", c->interface, c->filter_text, pcap_geterr(c->live));
	}
	return true;
}

struct oto_capture *oto_capture_live(const char *interface, const char *filter, struct oto_error *err)
{
	struct oto_capture *c = oto_calloc(1, sizeof *c);
	c->interface = oto_strdup(interface);
	c->filter_text = filter && *filter ? oto_strdup(filter) : NULL;
	if (live_start(c, err))
		return c;
	oto_capture_close(c);
	return NULL;
}

static enum oto_capture_result next_live(struct oto_capture *c, struct oto_packet *packet, struct oto_error *err)
{
	struct pcap_pkthdr *h;
	const u_char *data;
	if (c->stop)
		return OTO_CAPTURE_END;
	int rc = pcap_next_ex(c->live, &h, &data);
	if (rc == 1) {
		/* Nanoseconds: that is what live_start asked for, and Linux always grants. */
		*packet = (struct oto_packet){ .ts_ns = h->ts.tv_sec * OTO_SECOND + h->ts.tv_usec,
					       .number = ++c->stats.packets,
					       .data = data,
					       .caplen = h->caplen,
					       .len = h->len,
					       .link = c->live_link,
					       .interface = c->interface };
		c->stats.bytes += h->len;
		return OTO_CAPTURE_PACKET;
	}
	if (rc < 0) {
		c->stop = true;
		oto_fail(err, "%s: %s", c->interface, pcap_geterr(c->live));
		return OTO_CAPTURE_ERROR;
	}
	/* Poll ourselves: with TPACKET_V3 libpcap's own wait does not end while the wire is silent. Idle even when packets came: on a wire
	 * that is never silent there must be time for what else is due. */
	struct pollfd fd = { .fd = pcap_get_selectable_fd(c->live), .events = POLLIN };
	poll(&fd, 1, POLL_MS);
	return OTO_CAPTURE_IDLE;
}

/* ------------------------------------------------------------------------------------------------ both */

enum oto_capture_result oto_capture_next(struct oto_capture *c, struct oto_packet *packet, struct oto_error *err)
{
	return c->live ? next_live(c, packet, err) : next_file(c, packet, err);
}

void oto_capture_stop(struct oto_capture *c)
{
	c->stop = true;
}

void oto_capture_close(struct oto_capture *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->nparts; i++)
		part_close(&c->parts[i]);
	for (size_t i = 0; i < c->npaths && c->paths; i++)
		free(c->paths[i]);
	for (size_t i = 0; i < c->nfilters; i++)
		pcap_freecode(&c->filters[i].program);
	if (c->live)
		pcap_close(c->live);
	oto_capture_names_free(&c->names);
	free(c->filters);
	free(c->filter_text);
	free(c->interface);
	free(c->paths);
	free(c->parts);
	free(c->open);
	free(c);
}

struct oto_capture_gap oto_capture_last_gap(const struct oto_capture *c)
{
	return c->gap;
}

struct oto_capture_stats oto_capture_stats(const struct oto_capture *c)
{
	struct oto_capture_stats stats = c->stats;
	for (size_t i = 0; i < c->nopen; i++)
		stats.file_read += oto_source_position(oto_capture_file_source(c->open[i]->file));
	struct pcap_stat kernel;
	if (c->live && pcap_stats(c->live, &kernel) == 0) {
		stats.kernel_received = kernel.ps_recv;
		stats.kernel_dropped = kernel.ps_drop;
		stats.interface_dropped = kernel.ps_ifdrop;
	}
	return stats;
}
