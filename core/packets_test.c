/* packets_test.c - the ring of packets and the captures cut from it: whose packets, how many, from when to when, what is removed. */
#include "packets.h"

#include "decode.h"
#include "packet_ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <dirent.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------------------ the ring */

static void keep(struct oto_packet_ring *r, uint32_t n, uint32_t caplen)
{
	uint8_t *data = oto_calloc(1, caplen);

	memset(data, (int)n, caplen);
	oto_ring_keep(r, &(struct oto_packet){ .ts_ns = n, .data = data, .caplen = caplen, .len = caplen + 1, .link = 1 }, NULL);
	free(data);
}

static uint64_t first_of(const struct oto_packet_ring *r)
{
	uint64_t number = r->next;

	while (number && oto_ring_has(r, number - 1))
		number--;
	return number;
}

/* All that is in it is the newest packets in order, each whole. */
static void ring_holds(const struct oto_packet_ring *r, uint32_t newest)
{
	int64_t expected = -1;

	for (uint64_t number = first_of(r); number < r->next; number++) {
		const struct oto_kept *k = oto_ring_at(r, number);
		assert_true(expected < 0 || k->ts_ns == expected);
		expected = k->ts_ns + 1;
		uint32_t stored = k->len - 1 < OTO_RING_SNAP ? k->len - 1 : OTO_RING_SNAP;
		assert_int_equal(k->caplen, stored);
		const uint8_t *bytes = oto_ring_bytes(r, k);
		for (uint32_t i = 0; i < k->caplen; i += 97)
			assert_int_equal(bytes[i], (uint8_t)k->ts_ns);
	}
	assert_int_equal(expected, newest + 1);
}

static void the_ring_keeps_the_newest_whole(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 60, 1500, 1514, 9000, 17, 40000, 65535, 70000, 64, 33 };
	struct oto_packet_ring r;

	(void)state;
	oto_ring_make(&r, 0);
	for (uint32_t n = 0; n < 3000; n++) {
		keep(&r, n, sizes[(n * 7 + n / 11) % 12]);
		if (n % 50 == 0 || n > 2900)
			ring_holds(&r, n);
	}
	assert_true(r.next - first_of(&r) > 10);
	/* of small ones so many as there is room to say where they are */
	for (uint32_t n = 3000; n < 12000; n++)
		keep(&r, n, 20);
	ring_holds(&r, 11999);
	assert_int_equal(r.next - first_of(&r), r.kept_mask + 1);
	oto_ring_free(&r);
}

/* ------------------------------------------------------------------------------------------------ captures */

struct alert {
	struct oto_slice id;
	struct oto_addr source, target;
	bool has_source, has_target;
};
#define A(m, ...) OTO_FIELD(struct alert, m, "", __VA_ARGS__)
static const struct oto_field alert_fields[] = {
	A(id),
	A(source, .guard = OTO_IF(struct alert, has_source)),
	A(target, .guard = OTO_IF(struct alert, has_target)),
};
static const struct oto_event_type alert_type = OTO_EVENT("alert", struct alert, alert_fields, "");

struct fixture {
	char dir[64];
	struct oto_bus *bus;
	struct oto_event_def *alert;
	struct oto_packets *packets;
	struct oto_decoder *decoder;
	uint64_t told, gone;
};

static void on_told(void *who, const struct oto_event *e)
{
	struct fixture *f = who;
	struct oto_value v;

	oto_value_get(e, oto_field_find(e->def, "file", 4), &v);
	*(v.kind ? &f->told : &f->gone) += 1;
}

static void no_weird(void *who, const char *name, const struct oto_layers *layers)
{
	(void)who;
	(void)name;
	(void)layers;
}

static void begin(struct fixture *f, struct oto_packets_options o)
{
	struct oto_error err = { "" };

	*f = (struct fixture){ .dir = "/tmp/otoscope-packets-XXXXXX" };
	if (o.dir)
		snprintf(f->dir, sizeof f->dir, "%s", o.dir);
	else
		assert_non_null(mkdtemp(f->dir));
	o.dir = f->dir;
	f->bus = oto_bus_new();
	f->alert = oto_bus_add(f->bus, &alert_type, NULL, &err);
	struct oto_event_def *told = oto_bus_add(f->bus, &oto_packets_type, NULL, &err);
	oto_bus_listen(f->bus, told, on_told, f);
	f->packets = oto_packets_new(&o, f->bus);
	oto_packets_attach(f->packets);
	f->decoder = oto_decoder_new(&(struct oto_decode_options){ .weird = no_weird });
}

static void end(struct fixture *f)
{
	struct dirent *e;

	oto_packets_free(f->packets);
	oto_decoder_free(f->decoder);
	oto_bus_free(f->bus);
	DIR *d = opendir(f->dir);
	while ((e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	rmdir(f->dir);
}

/* As the engine does. */
static void pass_frame(struct fixture *f, const uint8_t *frame, uint32_t len, int64_t ts_ns)
{
	struct oto_packet p = { .ts_ns = ts_ns, .data = frame, .caplen = len, .len = len, .link = 1 };
	struct oto_layers l = { 0 };

	oto_packets_keep(f->packets, &p, oto_decode(f->decoder, &p, &l) ? &l : NULL);
}

/* An IPv4 datagram from 10.0.0.a to 10.0.0.b. */
static void pass(struct fixture *f, uint8_t a, uint8_t b, int64_t ts_ns)
{
	uint8_t frame[60] = {
		[5] = b, [11] = a, [12] = 8, [14] = 0x45, [17] = 46, [22] = 64, [23] = 17, [26] = 10, [29] = a, [30] = 10, [33] = b
	};

	pass_frame(f, frame, sizeof frame, ts_ns);
}

enum { PACKED = 92 };

/* UDP from 10.0.0.a to 10.0.0.b, packed into VXLAN between 10.0.0.1 and 10.0.0.2. */
static void pass_packed(struct fixture *f, uint8_t a, uint8_t b, int64_t ts_ns)
{
	static const uint8_t outer[50] = { [12] = 8,  [14] = 0x45, [17] = 78,   [22] = 64,   [23] = 17, [26] = 10, [29] = 1,
					   [30] = 10, [33] = 2,    [36] = 0x12, [37] = 0xb5, [39] = 58, [42] = 8 };
	uint8_t frame[PACKED];
	const uint8_t inner[PACKED - 50] = { [5] = b,   [11] = a,  [12] = 8, [14] = 0x45, [17] = 28, [22] = 64,
					     [23] = 17, [26] = 10, [29] = a, [30] = 10,   [33] = b,  [39] = 8 };

	memcpy(frame, outer, sizeof outer);
	memcpy(frame + sizeof outer, inner, sizeof inner);
	pass_frame(f, frame, PACKED, ts_ns);
}

static struct oto_addr host(uint8_t a)
{
	return (struct oto_addr){ { 10, 0, 0, a }, OTO_FAMILY_IPV4 };
}

static void raise_of(struct fixture *f, const char *id, const struct oto_addr *source, const struct oto_addr *target, int64_t ts_ns)
{
	struct oto_head head = { .ts = { ts_ns } };
	struct alert a = { .id = oto_slice_of(id), .has_source = source, .has_target = target };

	if (source)
		a.source = *source;
	if (target)
		a.target = *target;
	oto_bus_emit(f->bus, f->alert, &head, &a);
	oto_bus_drain(f->bus);
}

/* source, target: 0 is nobody. */
static void raise_alert(struct fixture *f, const char *id, uint8_t source, uint8_t target, int64_t ts_ns)
{
	struct oto_addr a = host(source), b = host(target);

	raise_of(f, id, source ? &a : NULL, target ? &b : NULL, ts_ns);
}

static void tick(struct fixture *f, int64_t ts_ns)
{
	oto_packets_tick(f->packets, ts_ns);
	oto_bus_drain(f->bus);
}

/* How many packets; -1: there is no such capture. first and last in ns. */
static int count(const struct fixture *f, const char *id, int64_t *first, int64_t *last)
{
	char path[160], why[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *head;
	const u_char *data;
	int n = 0;

	snprintf(path, sizeof path, "%s/%s.pcap", f->dir, id);
	pcap_t *p = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
	if (!p)
		return -1;
	for (; pcap_next_ex(p, &head, &data) == 1; n++) {
		*last = head->ts.tv_sec * OTO_SECOND + head->ts.tv_usec;
		*first = n ? *first : *last;
		assert_true(head->caplen == 60 || head->caplen == PACKED);
	}
	pcap_close(p);
	return n;
}

static void a_pair_s_packets_from_before_and_behind(void **state)
{
	struct fixture f;
	int64_t first = 0, last = 0;

	(void)state;
	begin(&f, (struct oto_packets_options){ .before_ns = 10 * OTO_SECOND, .after_ns = 2 * OTO_SECOND });
	for (int i = 0; i < 100; i++) {
		pass(&f, 1, 2, i * OTO_SECOND + 1);
		pass(&f, 2, 1, i * OTO_SECOND + 2);
		pass(&f, 1, 3, i * OTO_SECOND + 3);
		tick(&f, i * OTO_SECOND + 3);
		if (i == 50) {
			raise_alert(&f, "pair", 1, 2, i * OTO_SECOND + 3);
			raise_alert(&f, "one", 3, 0, i * OTO_SECOND + 3);
			raise_alert(&f, "all", 0, 0, i * OTO_SECOND + 3);
			raise_alert(&f, "../up", 1, 2, i * OTO_SECOND + 3);
		}
	}
	assert_int_equal(count(&f, "pair", &first, &last), 24);
	assert_int_equal(first, 41 * OTO_SECOND + 1);
	assert_int_equal(last, 52 * OTO_SECOND + 2);
	assert_int_equal(count(&f, "one", &first, &last), 13);
	assert_int_equal(count(&f, "all", &first, &last), 37);
	assert_int_equal(f.told, 3); /* an identifier that is no file name has none */
	end(&f);
}

static void packed_packets_are_theirs(void **state)
{
	struct fixture f;
	int64_t first, last;

	(void)state;
	begin(&f, (struct oto_packets_options){ 0 });
	pass(&f, 3, 4, 1 * OTO_SECOND);
	pass_packed(&f, 7, 8, 2 * OTO_SECOND);
	pass_packed(&f, 5, 6, 3 * OTO_SECOND);
	raise_alert(&f, "inside", 7, 8, 3 * OTO_SECOND);
	raise_alert(&f, "outside", 1, 2, 3 * OTO_SECOND);
	tick(&f, 60 * OTO_SECOND);
	assert_int_equal(count(&f, "inside", &first, &last), 1);
	assert_int_equal(count(&f, "outside", &first, &last), 2);
	end(&f);
}

/* Of MAC and IPv6 addresses the ring has only the ends; ARP names whom its frames are not addressed to. */
static void ends_alone_are_not_enough(void **state)
{
	static const uint8_t maker[] = { 2, 4 };
	struct oto_addr mac = { { 2, 0, 1, 2, 3, 4 }, OTO_FAMILY_MAC }, v6 = { { 0xfe, 0x80, [15] = 9 }, OTO_FAMILY_IPV6 };
	struct oto_addr asked = host(77), other = { { 0xfe, 0x80, [7] = 1, [15] = 9 }, OTO_FAMILY_IPV6 };
	struct fixture f;
	int64_t first, last;

	(void)state;
	begin(&f, (struct oto_packets_options){ 0 });
	for (uint8_t i = 0; i < 2; i++) {
		const uint8_t plain[60] = { 1, [6] = maker[i], 0, 1, 2, 3, 4, 0x88, 0xb5 };
		uint8_t six[60] = { [6] = 2, [12] = 0x86, 0xdd, 0x60, [20] = 59, 64 };
		memcpy(six + 22, i ? other.byte : v6.byte, 16);
		pass_frame(&f, plain, sizeof plain, 1 + i);
		pass_frame(&f, six, sizeof six, 1 + i);
	}
	const uint8_t arp[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, [12] = 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, [38] = 10, 0, 0, 77 };
	pass_frame(&f, arp, sizeof arp, 3);
	raise_of(&f, "mac", &mac, NULL, 3);
	raise_of(&f, "v6", NULL, &v6, 3);
	raise_of(&f, "arp", NULL, &asked, 3);
	raise_of(&f, "both", &mac, &asked, 3);
	tick(&f, INT64_MAX);
	assert_int_equal(count(&f, "mac", &first, &last), 1);
	assert_int_equal(count(&f, "v6", &first, &last), 1);
	assert_int_equal(count(&f, "arp", &first, &last), 1);
	assert_int_equal(count(&f, "both", &first, &last), 2);
	end(&f);
}

static void packets_and_bytes_are_bounded(void **state)
{
	struct fixture f;
	int64_t first, last;

	(void)state;
	begin(&f, (struct oto_packets_options){ .packets = 20 });
	for (int i = 0; i < 1000; i++) {
		pass(&f, 1, 2, i + 1);
		if (i == 500)
			raise_alert(&f, "a", 1, 2, i + 1);
	}
	tick(&f, INT64_MAX);
	assert_int_equal(count(&f, "a", &first, &last), 20);
	assert_int_equal(first, 486); /* sixteen up to the alert, four behind */
	end(&f);
	begin(&f, (struct oto_packets_options){ .bytes = 600 });
	for (int i = 0; i < 100; i++)
		pass(&f, 1, 2, i + 1);
	raise_alert(&f, "a", 1, 2, 100);
	tick(&f, INT64_MAX);
	assert_int_equal(count(&f, "a", &first, &last), 7); /* three quarters: the rest was for what did not come */
	end(&f);
}

static void what_follows_is_taken_before_the_ring_forgets_it(void **state)
{
	struct fixture f;
	int64_t first, last;

	(void)state;
	begin(&f, (struct oto_packets_options){ .memory = 1, .packets = 1000000, .bytes = 1 << 30, .after_ns = OTO_SECOND });
	pass(&f, 1, 2, 1);
	raise_alert(&f, "a", 1, 2, 1);
	for (int i = 0; i < 50000; i++) { /* 4.8 MB through half a megabyte */
		pass(&f, 1, 2, 2 + i);
		if (i == 20000)
			raise_alert(&f, "b", 1, 2, 2 + i);
	}
	tick(&f, INT64_MAX);
	assert_int_equal(count(&f, "a", &first, &last), 50001);
	assert_true(count(&f, "b", &first, &last) > 30000);
	assert_int_equal(last, 50001);
	end(&f);
}

static void the_folder_is_bounded_over_runs(void **state)
{
	struct fixture f, again;
	int64_t first, last;
	char id[8];

	(void)state;
	begin(&f, (struct oto_packets_options){ .files = 3 });
	for (int i = 0; i < 5; i++) {
		pass(&f, 1, 2, i + 1);
		snprintf(id, sizeof id, "a%d", i);
		raise_alert(&f, id, 1, 2, i + 1);
		tick(&f, INT64_MAX);
	}
	assert_int_equal(f.told, 5);
	assert_int_equal(f.gone, 2);
	assert_int_equal(count(&f, "a1", &first, &last), -1);
	assert_int_equal(count(&f, "a2", &first, &last), 3);
	begin(&again, (struct oto_packets_options){ .files = 2, .dir = f.dir });
	pass(&again, 1, 2, 9);
	raise_alert(&again, "b", 1, 2, 9);
	tick(&again, INT64_MAX);
	assert_int_equal(again.gone, 2);
	assert_int_equal(count(&f, "a2", &first, &last), -1);
	assert_int_equal(count(&f, "b", &first, &last), 1);
	oto_packets_free(again.packets);
	oto_decoder_free(again.decoder);
	oto_bus_free(again.bus);
	end(&f);
}

static void too_many_at_a_time_are_counted(void **state)
{
	struct fixture f;
	char id[8];

	(void)state;
	begin(&f, (struct oto_packets_options){ 0 });
	pass(&f, 1, 2, 1);
	for (int i = 0; i < 70; i++) {
		snprintf(id, sizeof id, "a%d", i);
		raise_alert(&f, id, 1, 2, 1);
	}
	assert_int_equal(oto_packets_stats(f.packets).refused, 6);
	tick(&f, INT64_MAX);
	assert_int_equal(f.told, 64);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ring_keeps_the_newest_whole), cmocka_unit_test(a_pair_s_packets_from_before_and_behind),
		cmocka_unit_test(packed_packets_are_theirs),       cmocka_unit_test(ends_alone_are_not_enough),
		cmocka_unit_test(packets_and_bytes_are_bounded),   cmocka_unit_test(what_follows_is_taken_before_the_ring_forgets_it),
		cmocka_unit_test(the_folder_is_bounded_over_runs), cmocka_unit_test(too_many_at_a_time_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
