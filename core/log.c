/* log.c - events to rows: log specifications become streams, streams write Zeek-style TSV or JSON lines, in detail or aggregated. See
 * log.h.
 *
 * A stream is one log; a feed is one event type's specification that writes into it. Owns streams, feeds and the clock of intervals and
 * rotation, all on packet time. What a log's columns are is log_columns.c's; counting log_aggregate.c's; disks log_file.c's.
 */
#include "log.h"

#include "filter.h"
#include "log_aggregate.h"
#include "log_file.h"
#include "log_row.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#define INTERVAL_NS (60 * OTO_SECOND)
#define FLUSH_NS OTO_SECOND

/* Where the columns of a row stand: in an event, or in what the aggregate shows of a row. */
struct reader {
	struct oto_row_step *columns;
	bool fronted; /* behind the first of them, those of a front */
};

struct stream {
	struct oto_logs *logs;
	char *name;
	struct oto_log_column *columns;
	uint32_t ncolumns;
	struct oto_log_file *file;       /* NULL: nothing is written */
	struct oto_aggregate *aggregate; /* NULL: in detail */
	struct reader shown;             /* of a row of the aggregate */
	int64_t interval_end_ns;         /* of the aggregate; INT64_MIN: it has not begun */
	uint64_t rows, events, early;
};

/* What most rows in detail begin with, behind their time: the flow and its ends. The text of the flows of late is kept. */
struct front {
	struct oto_head of;
	uint32_t len; /* 0: none */
	char text[160];
};
enum { FRONTS = 64, FRONT_COLUMNS = 5 };

struct feed {
	struct stream *stream;
	const struct oto_event_def *def;
	struct reader row;                /* in detail */
	struct oto_aggregate_step *steps; /* aggregated: of the key */
	struct oto_filter *where;
};

struct oto_logs {
	struct oto_log_options options;
	char *dir, *only, *off;
	struct oto_bus *bus;
	struct oto_log_place *place;
	struct oto_log_file *standard_output; /* shared by all streams when dir is "-", so that rows keep the order of events */
	struct stream **streams;
	uint32_t nstreams;
	struct feed **feeds;
	uint32_t nfeeds, nattached;
	struct oto_log_count *counts;
	oto_log_filter *filter;
	void *filter_who;
	uint64_t seed;
	int64_t now_ns, due_ns, interval_due_ns, rotate_at_ns, flush_at_ns;
	int64_t flushed_wall_ns;
	bool closed;
	struct front front[FRONTS];
};

/* ------------------------------------------------------------------------------------------------ rows */

static struct oto_buf *row_begin(struct stream *s, int64_t ns)
{
	struct oto_buf *out = oto_log_file_row(s->file, ns);

	if (!s->logs->options.json)
		return out;
	oto_buf_chr(out, '{');
	if (s->logs->standard_output) {
		oto_buf_str(out, "\"_path\":");
		oto_json_text(oto_slice_of(s->name), out);
	}
	return out;
}

static void row_end(struct stream *s, struct oto_buf *out, int64_t ns)
{
	struct oto_logs *logs = s->logs;

	if (logs->options.json)
		oto_buf_chr(out, '}');
	oto_buf_chr(out, '\n');
	s->rows++;
	oto_log_file_row_done(s->file);
	if (logs->options.rotate_bytes && !logs->standard_output && oto_log_file_size(s->file) >= logs->options.rotate_bytes)
		oto_log_file_finish(s->file, ns);
}

/* The five columns that every flow's rows have in common are a front's when they are the head's own, as text. */
static bool has_front(const struct stream *s, const struct oto_row_step *columns)
{
	static const char *const names[FRONT_COLUMNS] = { "uid", "orig_h", "orig_p", "resp_h", "resp_p" };

	if (s->logs->options.json || s->ncolumns <= FRONT_COLUMNS)
		return false;
	for (uint32_t i = 0; i < FRONT_COLUMNS; i++) {
		if (!columns[i + 1].ref.in_head || strcmp(columns[i + 1].ref.field->name, names[i]) != 0)
			return false;
	}
	return true;
}

static bool is_front_of(const struct front *f, const struct oto_head *h)
{
	return f->len && h->has_flow == f->of.has_flow && h->has_ports == f->of.has_ports && h->orig_p == f->of.orig_p &&
	       h->resp_p == f->of.resp_p && memcmp(h->uid, f->of.uid, sizeof h->uid) == 0 &&
	       memcmp(&h->orig_h, &f->of.orig_h, sizeof h->orig_h) == 0 && memcmp(&h->resp_h, &f->of.resp_h, sizeof h->resp_h) == 0;
}

static void write_front(struct stream *s, struct oto_row_step *columns, const struct oto_event *event, struct oto_buf *out)
{
	const struct oto_head *h = event->head;
	uint64_t uid;

	memcpy(&uid, h->uid + sizeof h->uid - 12, sizeof uid); /* its last letters differ most */
	struct front *f = &s->logs->front[oto_mix(uid, 0) % FRONTS];
	if (is_front_of(f, h)) {
		oto_buf_add(out, f->text, f->len);
		return;
	}
	size_t start = out->len;
	oto_row_write(columns, FRONT_COLUMNS, event, out);
	f->len = 0;
	if (out->len - start > sizeof f->text)
		return;
	f->of = *h;
	f->len = (uint32_t)(out->len - start);
	memcpy(f->text, out->data + start, f->len);
}

static void row_tsv(struct stream *s, const struct reader *r, const struct oto_event *event, struct oto_buf *out)
{
	uint32_t n = s->ncolumns;

	if (r->fronted && event->head) {
		oto_row_write(r->columns, 1, event, out);
		write_front(s, r->columns + 1, event, out);
		oto_row_write(r->columns + 1 + FRONT_COLUMNS, n - 1 - FRONT_COLUMNS, event, out);
	} else {
		oto_row_write(r->columns, n, event, out);
	}
	out->len--; /* the line ends where the last tab stands */
}

/* Absent fields are left out, as in Zeek's JSON logs. Column names are words of our own: they need no escapes. */
static void row_json(const struct stream *s, const struct reader *r, const struct oto_event *event, struct oto_buf *out)
{
	struct oto_value v;

	for (uint32_t i = 0; i < s->ncolumns; i++) {
		oto_value_get(event, r->columns[i].ref, &v);
		if (!v.kind)
			continue;
		if (out->data[out->len - 1] != '{')
			oto_buf_chr(out, ',');
		oto_buf_chr(out, '"');
		oto_buf_str(out, s->columns[i].name);
		oto_buf_add(out, "\":", 2);
		oto_value_json(&v, out);
	}
}

/* The row of an event, or of several from the first to the last. */
static void write_row(struct stream *s, const struct reader *r, const struct oto_event *event, int64_t first_ns, int64_t last_ns)
{
	struct oto_buf *out = row_begin(s, first_ns);

	if (s->logs->options.json)
		row_json(s, r, event, out);
	else
		row_tsv(s, r, event, out);
	row_end(s, out, last_ns);
}

/* ------------------------------------------------------------------------------------------------ detail */

static bool row_allowed(const struct stream *s, const struct oto_event *event)
{
	return !s->logs->filter || s->logs->filter(s->logs->filter_who, s->name, event);
}

static void write_detail(const struct feed *feed, const struct oto_event *event)
{
	struct stream *s = feed->stream;
	int64_t ns = event->head ? event->head->ts.ns : s->logs->now_ns;

	if (row_allowed(s, event))
		write_row(s, &feed->row, event, ns, ns);
}

/* ------------------------------------------------------------------------------------------------ aggregate */

static void write_aggregate_row(struct stream *s, uint32_t row_number)
{
	struct oto_event event;
	const struct oto_aggregate_row *row = oto_aggregate_get(s->aggregate, row_number, &event);

	if (!row->refused)
		write_row(s, &s->shown, &event, row->first_ns, row->last_ns);
}

static void write_aggregate(struct stream *s)
{
	uint32_t n = oto_aggregate_count(s->aggregate);

	if (!n)
		return;
	oto_aggregate_settle(s->aggregate);
	for (uint32_t i = 0; i < n; i++)
		write_aggregate_row(s, i);
	oto_aggregate_reset(s->aggregate);
}

/* The event's time, held to the second that the last tick began: a packet with a wild time must not keep an interval open. */
static int64_t event_ns(const struct oto_logs *logs, const struct oto_head *head)
{
	int64_t ns = head ? head->ts.ns : logs->now_ns;

	return ns < logs->now_ns ? logs->now_ns : ns > logs->now_ns + OTO_SECOND ? logs->now_ns + OTO_SECOND : ns;
}

static __attribute__((noinline)) void interval_end(struct stream *s)
{
	write_aggregate(s);
	s->interval_end_ns = INT64_MIN;
}

/* An interval begins with a log's first event after the interval before it ended: what a log says does not depend on where in a minute a
 * capture began, and one shorter than an interval gives one row a key. */
static __attribute__((noinline)) void interval_begin(struct stream *s, int64_t ns)
{
	struct oto_logs *logs = s->logs;

	interval_end(s);
	s->interval_end_ns = ns + logs->options.interval_ns;
	if (s->interval_end_ns < logs->interval_due_ns)
		logs->interval_due_ns = s->interval_end_ns;
	if (s->interval_end_ns < logs->due_ns)
		logs->due_ns = s->interval_end_ns;
}

static void count_event(const struct feed *feed, const struct oto_event *event)
{
	struct stream *s = feed->stream;
	int64_t ns = event_ns(s->logs, event->head);

	if (ns >= s->interval_end_ns)
		interval_begin(s, ns);
	struct oto_aggregate_row *row = oto_aggregate_add(s->aggregate, feed->steps, event);
	if (!row) { /* full: this interval gets its rows in parts */
		s->early++;
		write_aggregate(s);
		row = oto_aggregate_add(s->aggregate, feed->steps, event);
	}
	if (row->number == (uint64_t)event->more + 1)
		row->refused = !row_allowed(s, event);
}

static uint32_t known(void *who, const struct oto_repeat *again, uint64_t key)
{
	struct stream *s = ((const struct feed *)who)->stream;

	if (s->logs->closed)
		return 0;
	if (event_ns(s->logs, again->head) >= s->interval_end_ns)
		interval_end(s); /* nothing is known before the first event of the next */
	return oto_aggregate_known(s->aggregate, key);
}

static void repeated(void *who, uint32_t row, const struct oto_repeat *again)
{
	struct stream *s = ((const struct feed *)who)->stream;

	s->events += (uint64_t)again->more + 1;
	oto_aggregate_again(s->aggregate, row, again->more, again->head->ts.ns);
}

static void joined(void *who, uint64_t key, const uint64_t *keys, uint32_t n)
{
	oto_aggregate_together(((const struct feed *)who)->stream->aggregate, key, keys, n);
}

static bool accepts(const void *who, const struct oto_event *event)
{
	return oto_filter_match(((const struct feed *)who)->where, event);
}

static void on_event(void *who, const struct oto_event *event)
{
	const struct feed *feed = who;

	if (feed->stream->logs->closed)
		return;
	feed->stream->events += (uint64_t)event->more + 1;
	if (feed->stream->aggregate)
		count_event(feed, event);
	else
		write_detail(feed, event);
}

/* ------------------------------------------------------------------------------------------------ which logs */

static bool listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; p && *p; p += strcspn(p, ","), p += *p == ',') {
		if (strcspn(p, ",") == n && memcmp(p, name, n) == 0)
			return true;
	}
	return false;
}

/* Every log name that the registered types declare. */
static const char **all_names(const struct oto_logs *logs, uint32_t *n)
{
	uint32_t ntypes;
	struct oto_event_def *const *types = oto_bus_types(logs->bus, &ntypes);
	const char **names = NULL;

	*n = 0;
	for (uint32_t i = 0; i < ntypes; i++) {
		for (uint32_t k = 0; k < types[i]->type->nlogs; k++) {
			const char *name = oto_log_spec(types[i]->type, k).name;
			names = oto_realloc(names, (*n + 1) * sizeof *names);
			names[(*n)++] = name ? name : "";
		}
	}
	return names;
}

static bool names_known(const struct oto_logs *logs, const char *list, struct oto_error *err)
{
	char name[64], near[128];
	uint32_t n;
	const char **names = all_names(logs, &n);
	bool ok = true;

	for (const char *p = list; ok && p && *p; p += strcspn(p, ","), p += *p == ',') {
		snprintf(name, sizeof name, "%.*s", (int)strcspn(p, ","), p);
		ok = false;
		for (uint32_t i = 0; i < n && !ok; i++)
			ok = strcmp(names[i], name) == 0;
		if (!ok)
			oto_fail(err, "there is no log %s%s; `otoscope doc logs` lists them", name,
				 oto_near(near, sizeof near, name, names, n));
	}
	free(names);
	return ok;
}

/* Does any type write that log without being asked? */
static bool on_by_itself(const struct oto_logs *logs, const char *name)
{
	uint32_t ntypes;
	struct oto_event_def *const *types = oto_bus_types(logs->bus, &ntypes);

	for (uint32_t i = 0; i < ntypes; i++) {
		for (uint32_t k = 0; k < types[i]->type->nlogs; k++) {
			struct oto_log spec = oto_log_spec(types[i]->type, k);
			if (spec.name && strcmp(spec.name, name) == 0 && oto_log_form(&spec, logs->options.profile) != OTO_FORM_OFF)
				return true;
		}
	}
	return false;
}

static enum oto_form form_of(const struct oto_logs *logs, const struct oto_log *spec)
{
	enum oto_form form = oto_log_form(spec, logs->options.profile);

	if (listed(logs->off, spec->name) || (logs->only && !listed(logs->only, spec->name)))
		return OTO_FORM_OFF;
	if (form == OTO_FORM_OFF && logs->only && !on_by_itself(logs, spec->name))
		return OTO_FORM_DETAIL;
	return form;
}

/* ------------------------------------------------------------------------------------------------ streams */

static void header_line(struct oto_buf *out, const char *word, const struct oto_log_column *columns, uint32_t n, bool types)
{
	oto_buf_str(out, word);
	for (uint32_t i = 0; i < n; i++) {
		oto_buf_chr(out, '\t');
		oto_buf_str(out, types ? oto_log_column_type(&columns[i]) : columns[i].name);
	}
	oto_buf_chr(out, '\n');
}

static struct oto_log_file *file_new(struct oto_logs *logs, const struct stream *s)
{
	struct oto_buf before = { 0 }, after = { 0 };
	struct oto_log_file *file;

	if (!logs->place || logs->standard_output)
		return logs->standard_output;
	if (logs->options.json)
		return oto_log_file_new(logs->place, s->name, NULL, NULL);
	oto_buf_fmt(&before, "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t%s\n", s->name);
	header_line(&after, "#fields", s->columns, s->ncolumns, false);
	header_line(&after, "#types", s->columns, s->ncolumns, true);
	file = oto_log_file_new(logs->place, s->name, before.data, after.data);
	oto_buf_free(&before);
	oto_buf_free(&after);
	return file;
}

static struct stream *stream_named(const struct oto_logs *logs, const char *name)
{
	for (uint32_t i = 0; i < logs->nstreams; i++) {
		if (strcmp(logs->streams[i]->name, name) == 0)
			return logs->streams[i];
	}
	return NULL;
}

static void reader_init(struct reader *r, const struct stream *s, const struct oto_field_ref *refs)
{
	r->columns = oto_calloc(s->ncolumns, sizeof *r->columns);
	oto_row_steps(refs, s->ncolumns, r->columns);
	r->fronted = has_front(s, r->columns);
}

/* Of an aggregate's n columns the first and the last two are its own. */
static void key_of(const struct oto_log_column *columns, uint32_t n, struct oto_field_ref *key)
{
	for (uint32_t i = 0; i + 3 < n; i++)
		key[i] = columns[i + 1].ref;
}

static struct stream *stream_new(struct oto_logs *logs, const char *name, enum oto_form form, const struct oto_log_column *columns,
				 uint32_t n)
{
	struct stream *s = oto_calloc(1, sizeof *s);
	struct oto_field_ref refs[OTO_LOG_COLUMNS];

	s->logs = logs;
	s->name = oto_strdup(name);
	s->columns = oto_calloc(n, sizeof *columns);
	memcpy(s->columns, columns, n * sizeof *columns);
	s->ncolumns = n;
	s->file = file_new(logs, s);
	if (form == OTO_FORM_AGGREGATE) {
		key_of(columns, n, refs);
		s->interval_end_ns = INT64_MIN;
		s->aggregate = oto_aggregate_new(refs, n - 3, logs->seed);
		oto_aggregate_shows(s->aggregate, refs);
		reader_init(&s->shown, s, refs);
	}
	logs->streams = oto_realloc(logs->streams, (logs->nstreams + 1) * sizeof *logs->streams);
	logs->streams[logs->nstreams++] = s;
	logs->counts = oto_realloc(logs->counts, logs->nstreams * sizeof *logs->counts);
	return s;
}

static void stream_free(struct stream *s)
{
	if (s->file != s->logs->standard_output)
		oto_log_file_free(s->file);
	oto_aggregate_free(s->aggregate);
	free(s->shown.columns);
	free(s->columns);
	free(s->name);
	free(s);
}

/* Two event types may write one log when a reader cannot tell them apart; in an aggregate their keys must be equal in memory, too. */
static bool same_columns(const struct stream *s, const struct oto_log_column *columns, uint32_t n)
{
	if (s->ncolumns != n)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		const struct oto_field *a = s->columns[i].ref.field, *b = columns[i].ref.field;
		if (strcmp(s->columns[i].name, columns[i].name) != 0 || !a != !b)
			return false;
		if (strcmp(oto_log_column_type(&s->columns[i]), oto_log_column_type(&columns[i])) != 0)
			return false;
		if (s->aggregate && a && (a->kind != b->kind || a->flags != b->flags))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ feeds */

static struct feed *feed_new(struct oto_logs *logs, const struct oto_event_def *def)
{
	struct feed *feed = oto_calloc(1, sizeof *feed);

	feed->def = def;
	logs->feeds = oto_realloc(logs->feeds, (logs->nfeeds + 1) * sizeof *logs->feeds);
	logs->feeds[logs->nfeeds++] = feed;
	return feed;
}

/* Where the feed finds its values. */
static void feed_reads(struct feed *feed, const struct oto_log_column *columns, uint32_t n)
{
	struct oto_field_ref refs[OTO_LOG_COLUMNS];

	if (feed->stream->aggregate) {
		key_of(columns, n, refs);
		feed->steps = oto_calloc(n, sizeof *feed->steps);
		oto_aggregate_steps(refs, n - 3, feed->steps);
	} else {
		for (uint32_t i = 0; i < n; i++)
			refs[i] = columns[i].ref;
		reader_init(&feed->row, feed->stream, refs);
	}
}

/* What rows are told apart by. */
static void tell_fields(struct oto_bus *bus, struct oto_event_def *def, const struct oto_log_column *columns, uint32_t n,
			const struct oto_filter *where)
{
	oto_filter_tell(where, bus, def);
	for (uint32_t i = 0; i < n; i++)
		oto_bus_tell(bus, def, &columns[i].ref, 1);
}

static bool attach_spec(struct oto_logs *logs, struct oto_event_def *def, const struct oto_log *spec, struct oto_error *err)
{
	struct oto_log_column columns[OTO_LOG_COLUMNS] = { 0 };
	const char *name = spec->name;

	enum oto_form form = form_of(logs, spec);
	if (form == OTO_FORM_OFF)
		return true;
	uint32_t n = oto_log_columns(def, spec, logs->options.profile, form, columns, err);
	if (!n)
		return false;
	if (form == OTO_FORM_AGGREGATE && n - 3 > OTO_AGGREGATE_FIELDS)
		return oto_fail(err, "event %s, log %s: more than %u fields in the key", def->name, name, OTO_AGGREGATE_FIELDS);
	struct stream *s = stream_named(logs, name);
	if (s && !same_columns(s, columns, n))
		return oto_fail(err, "event %s declares other columns for log %s than the event before it: give it another name", def->name,
				name);
	struct oto_filter *where = spec->where ? oto_filter_compile(def, spec->where, err) : NULL;
	if (spec->where && !where)
		return false;
	struct feed *feed = feed_new(logs, def);
	feed->where = where;
	if (form == OTO_FORM_AGGREGATE)
		tell_fields(logs->bus, def, columns, n, where);
	feed->stream = s ? s : stream_new(logs, name, form, columns, n);
	feed_reads(feed, columns, n);
	if (!feed->stream->file)
		return true;
	if (form == OTO_FORM_AGGREGATE)
		oto_bus_count(logs->bus, def, where ? accepts : NULL, on_event, known, repeated, joined, feed);
	else
		oto_bus_listen_if(logs->bus, def, where ? accepts : NULL, on_event, feed);
	return true;
}

bool oto_logs_attach(struct oto_logs *logs, struct oto_error *err)
{
	uint32_t n;
	struct oto_event_def *const *types = oto_bus_types(logs->bus, &n);

	if (!logs->nattached && (!names_known(logs, logs->only, err) || !names_known(logs, logs->off, err)))
		return false;
	for (; logs->nattached < n; logs->nattached++) {
		struct oto_event_def *def = types[logs->nattached];
		if (!def->analyzer && !oto_log_check(def, err)) /* an analyzer's was looked at when it was added */
			return false;
		for (uint32_t k = 0; k < def->type->nlogs; k++) {
			struct oto_log spec = oto_log_spec(def->type, k);
			if (!attach_spec(logs, def, &spec, err))
				return false;
		}
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ all logs */

struct oto_logs *oto_logs_new(const struct oto_log_options *options, struct oto_bus *bus, struct oto_error *err)
{
	struct oto_logs *logs = oto_calloc(1, sizeof *logs);

	logs->options = *options;
	logs->bus = bus;
	logs->only = options->only ? oto_strdup(options->only) : NULL;
	logs->off = options->off ? oto_strdup(options->off) : NULL;
	logs->dir = options->dir ? oto_strdup(options->dir) : NULL;
	if (logs->options.interval_ns <= 0)
		logs->options.interval_ns = INTERVAL_NS;
	if (getrandom(&logs->seed, sizeof logs->seed, GRND_NONBLOCK) != sizeof logs->seed)
		logs->seed = (uint64_t)(uintptr_t)logs; /* of a hash whose order nobody sees */
	if (!options->dir)
		return logs;
	logs->place = oto_log_place_new(options->dir, options->rotate_ns > 0 || options->rotate_bytes, options->gzip, err);
	if (!logs->place) {
		oto_logs_free(logs);
		return NULL;
	}
	if (strcmp(options->dir, "-") == 0) {
		logs->options.json = true;
		logs->standard_output = oto_log_file_new(logs->place, "-", NULL, NULL);
	}
	return logs;
}

void oto_logs_filter(struct oto_logs *logs, oto_log_filter *filter, void *who)
{
	logs->filter = filter;
	logs->filter_who = who;
}

/* The end of the aligned span of time that holds ns. */
static int64_t span_end(int64_t ns, int64_t span)
{
	int64_t rest = ns % span;

	return ns - (rest < 0 ? rest + span : rest) + span;
}

/* Write the intervals that ended by now; returns when the next one ends. */
static int64_t write_intervals(struct oto_logs *logs, int64_t now_ns)
{
	int64_t next_ns = INT64_MAX;

	for (uint32_t i = 0; i < logs->nstreams; i++) {
		struct stream *s = logs->streams[i];
		if (!s->aggregate || !oto_aggregate_count(s->aggregate))
			continue;
		if (now_ns >= s->interval_end_ns)
			interval_end(s);
		else if (s->interval_end_ns < next_ns)
			next_ns = s->interval_end_ns;
	}
	return next_ns;
}

static void finish_files(struct oto_logs *logs, int64_t now_ns)
{
	for (uint32_t i = 0; i < logs->nstreams; i++) {
		if (logs->streams[i]->file)
			oto_log_file_finish(logs->streams[i]->file, now_ns);
	}
}

/* The wall clock only decides when buffers are given to the disk, never what is in them: a replay of a year must not flush each second. */
static void flush_files(struct oto_logs *logs)
{
	struct timespec wall;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &wall);
	int64_t wall_ns = wall.tv_sec * OTO_SECOND + wall.tv_nsec;
	if (wall_ns - logs->flushed_wall_ns < FLUSH_NS)
		return;
	logs->flushed_wall_ns = wall_ns;
	for (uint32_t i = 0; i < logs->nstreams; i++) {
		if (logs->streams[i]->file)
			oto_log_file_flush(logs->streams[i]->file);
	}
}

static void tick(struct oto_logs *logs, int64_t now_ns)
{
	if (now_ns >= logs->interval_due_ns)
		logs->interval_due_ns = write_intervals(logs, now_ns);
	if (logs->options.rotate_ns > 0 && now_ns >= logs->rotate_at_ns) {
		write_intervals(logs, INT64_MAX); /* a file holds the rows of its own time */
		if (logs->rotate_at_ns && !logs->standard_output)
			finish_files(logs, now_ns);
		logs->rotate_at_ns = span_end(now_ns, logs->options.rotate_ns);
	}
	if (now_ns >= logs->flush_at_ns) {
		flush_files(logs);
		logs->flush_at_ns = now_ns + FLUSH_NS;
	}
	logs->due_ns = logs->interval_due_ns < logs->flush_at_ns ? logs->interval_due_ns : logs->flush_at_ns;
	if (logs->options.rotate_ns > 0 && logs->rotate_at_ns < logs->due_ns)
		logs->due_ns = logs->rotate_at_ns;
}

void oto_logs_tick(struct oto_logs *logs, int64_t now_ns)
{
	logs->now_ns = now_ns;
	if (now_ns >= logs->due_ns && logs->place && !logs->closed)
		tick(logs, now_ns);
}

void oto_logs_set_back(struct oto_logs *logs, int64_t now_ns)
{
	if (logs->place && !logs->closed) {
		write_intervals(logs, INT64_MAX);
		if (logs->options.rotate_ns > 0 && !logs->standard_output)
			finish_files(logs, logs->now_ns);
	}
	logs->now_ns = now_ns;
	logs->due_ns = logs->interval_due_ns = logs->rotate_at_ns = logs->flush_at_ns = 0;
}

bool oto_logs_close(struct oto_logs *logs, struct oto_error *err)
{
	if (!logs->place)
		return true;
	if (!logs->closed) {
		write_intervals(logs, INT64_MAX);
		finish_files(logs, logs->now_ns);
		logs->closed = true;
	}
	return oto_log_place_close(logs->place, err);
}

void oto_logs_free(struct oto_logs *logs)
{
	if (!logs)
		return;
	oto_logs_close(logs, NULL);
	for (uint32_t i = 0; i < logs->nfeeds; i++) {
		oto_filter_free(logs->feeds[i]->where);
		free(logs->feeds[i]->row.columns);
		free(logs->feeds[i]->steps);
		free(logs->feeds[i]);
	}
	for (uint32_t i = 0; i < logs->nstreams; i++)
		stream_free(logs->streams[i]);
	oto_log_file_free(logs->standard_output);
	oto_log_place_free(logs->place);
	free(logs->feeds);
	free(logs->streams);
	free(logs->counts);
	free(logs->dir);
	free(logs->only);
	free(logs->off);
	free(logs);
}

uint32_t oto_logs_counts(const struct oto_logs *logs, const struct oto_log_count **counts)
{
	for (uint32_t i = 0; i < logs->nstreams; i++) {
		const struct stream *s = logs->streams[i];
		logs->counts[i] = (struct oto_log_count){ .name = s->name, .rows = s->rows, .events = s->events, .early = s->early };
		if (!s->file)
			continue;
		logs->counts[i].bytes = oto_log_file_bytes(s->file);
		logs->counts[i].lost = oto_log_file_lost(s->file);
	}
	*counts = logs->counts;
	return logs->nstreams;
}
