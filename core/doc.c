/* doc.c - `otoscope doc`: arguments, and the pages of events, logs and analyzers. See doc.h. */
#include "doc.h"

#include "doc_coverage.h"
#include "doc_facts.h"
#include "doc_lua.h"
#include "doc_page.h"
#include "doc_schema.h"

#include <stdlib.h>

struct doc {
	struct oto_engine *engine;
	struct oto_page page;
	const char *topic, *name, *source;
	char *default_source;
	bool schema;
};

/* ------------------------------------------------------------------------------------------------ fields */

/* A field's kind in words of people who write scripts. */
static const char *kind_word(const struct oto_field *f)
{
	static const char *const words[] = {
		[OTO_BOOL] = "bool",         [OTO_U8] = "number",         [OTO_U16] = "number", [OTO_U32] = "number",
		[OTO_U64] = "number",        [OTO_I64] = "signed number", [OTO_F64] = "double", [OTO_STR] = "word",
		[OTO_BYTES] = "text",        [OTO_ADDR] = "address",      [OTO_MAC] = "MAC",    [OTO_TIME] = "time",
		[OTO_INTERVAL] = "interval", [OTO_VEC] = "numbers",       [OTO_LIST] = "texts", [OTO_TARGET] = "target"
	};

	if (f->flags & OTO_HEX && !f->names)
		return f->kind == OTO_LIST ? "hex texts" : f->kind == OTO_BYTES ? "hex bytes" : "hex number";
	if (f->names)
		return f->kind == OTO_VEC ? "named numbers" : "named number";
	if (f->flags & OTO_SECONDS)
		return f->kind == OTO_VEC ? "intervals" : "interval";
	if (f->flags & OTO_PORT)
		return "port";
	return f->kind < sizeof words / sizeof *words && words[f->kind] ? words[f->kind] : "?";
}

static bool is_optional(const struct oto_field *f)
{
	return f->guard || f->kind == OTO_STR || f->kind == OTO_ADDR || f->kind == OTO_TARGET;
}

static void fields_table(struct doc *d, const struct oto_field *fields, uint32_t n)
{
	oto_page_table(&d->page, "field|type|may be absent|meaning");
	for (uint32_t i = 0; i < n; i++) {
		oto_page_cell(&d->page, "%s", fields[i].name);
		oto_page_cell(&d->page, "%s", kind_word(&fields[i]));
		oto_page_cell(&d->page, "%s", is_optional(&fields[i]) ? "yes" : "");
		oto_page_cell(&d->page, "%s", fields[i].doc ? fields[i].doc : "");
	}
	oto_page_table_end(&d->page);
}

static const struct oto_name *name_at(const struct oto_names *names, uint32_t i)
{
	return (const void *)((const char *)names->row + (size_t)i * names->stride);
}

static void words_table(struct doc *d, const struct oto_names *names)
{
	oto_page_table(&d->page, "value|word|operation|meaning");
	for (uint32_t i = 0; i < names->count; i++) {
		const struct oto_name *row = name_at(names, i);
		oto_page_cell(&d->page, "%u", row->value);
		oto_page_cell(&d->page, "%s", row->name);
		oto_page_cell(&d->page, "%s", row->op ? oto_op_name(row->op) : "");
		oto_page_cell(&d->page, "%s", row->doc ? row->doc : "");
	}
	oto_page_table_end(&d->page);
}

/* Was the value table of field k of event i shown before? */
static bool words_shown(const struct oto_event_def *const *defs, uint32_t i, uint32_t k)
{
	const struct oto_names *names = defs[i]->fields[k].names;

	for (uint32_t e = 0; e <= i; e++) {
		for (uint32_t f = 0; f < (e < i ? defs[e]->nfields : k); f++) {
			if (defs[e]->fields[f].names == names)
				return true;
		}
	}
	return false;
}

/* Each value table of these events once, under the first field that uses it. */
static void words_of_events(struct doc *d, const struct oto_event_def *const *defs, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < defs[i]->nfields; k++) {
			const struct oto_field *f = &defs[i]->fields[k];
			if (!f->names || words_shown(defs, i, k))
				continue;
			oto_page_head(&d->page, 3, "Words of %s.%s", defs[i]->name, f->name);
			words_table(d, f->names);
		}
	}
}

/* ------------------------------------------------------------------------------------------------ events */

static const char *const form_words[] = { [OTO_FORM_OFF] = "off", [OTO_FORM_DETAIL] = "detail", [OTO_FORM_AGGREGATE] = "aggregate" };

static void logs_of_event(struct doc *d, const struct oto_event_def *def)
{
	for (uint32_t i = 0; i < def->type->nlogs; i++) {
		struct oto_log spec = oto_log_spec(def->type, i);
		oto_page_text(&d->page, "Logged in %s.log (%s)%s%s.", spec.name, form_words[oto_log_form(&spec, OTO_PROFILE_OTOSCOPE)],
			      spec.where ? " where " : "", spec.where ? spec.where : "");
	}
}

static void event_page(struct doc *d, const struct oto_event_def *def)
{
	oto_page_head(&d->page, 2, "%s", def->name);
	oto_page_text(&d->page, "%s", def->doc);
	if (def->analyzer)
		oto_page_text(&d->page, "From the analyzer %s.", def->analyzer);
	logs_of_event(d, def);
	if (def->nfields)
		fields_table(d, def->fields, def->nfields);
}

static void head_page(struct doc *d)
{
	uint32_t n;
	const struct oto_field *head = oto_head_fields(&n);

	oto_page_head(&d->page, 2, "Fields of every event");
	oto_page_text(&d->page, "From the packet that completed the message, and its flow. `id.orig_h` and so on are accepted for orig_h.");
	fields_table(d, head, n);
}

static bool events_topic(struct doc *d)
{
	uint32_t n, shown = 0;
	struct oto_event_def *const *types = oto_bus_types(d->engine->bus, &n);

	if (!d->name) {
		oto_page_head(&d->page, 1, "Events");
		head_page(d);
	}
	for (uint32_t i = 0; i < n; i++) {
		if (d->name && strcmp(types[i]->name, d->name) != 0)
			continue;
		event_page(d, types[i]);
		words_of_events(d, (const struct oto_event_def *const *)&types[i], 1);
		shown++;
	}
	return shown || !d->name;
}

/* ------------------------------------------------------------------------------------------------ logs */

static void columns_table(struct doc *d, const struct oto_event_def *def, const struct oto_log *spec, enum oto_profile profile,
			  enum oto_form form)
{
	struct oto_log_column columns[OTO_LOG_COLUMNS];
	struct oto_error err = { "" };
	uint32_t n = oto_log_columns(def, spec, profile, form, columns, &err);

	if (!n) {
		oto_page_text(&d->page, "%s", err.text);
		return;
	}
	oto_page_table(&d->page, "column|type|field|meaning");
	for (uint32_t i = 0; i < n; i++) {
		const struct oto_field *f = columns[i].ref.field;
		bool last = strcmp(columns[i].name, "ts_end") == 0;
		oto_page_cell(&d->page, "%s", columns[i].name);
		oto_page_cell(&d->page, "%s", oto_log_column_type(&columns[i]));
		oto_page_cell(&d->page, "%s", f ? f->name : "");
		oto_page_cell(&d->page, "%s", f ? f->doc : last ? "time of the last of them" : "events in this row");
	}
	oto_page_table_end(&d->page);
}

static void log_page(struct doc *d, const struct oto_event_def *def, const struct oto_log *spec)
{
	enum oto_form ours = oto_log_form(spec, OTO_PROFILE_OTOSCOPE), zeek = oto_log_form(spec, OTO_PROFILE_ZEEK);

	oto_page_head(&d->page, 2, "%s.log of %s", spec->name, def->name);
	oto_page_text(&d->page, "%s", spec->doc ? spec->doc : "");
	oto_page_text(&d->page, "%s; under profile zeek %s.%s%s", form_words[ours], form_words[zeek], spec->where ? " Condition: " : "",
		      spec->where ? spec->where : "");
	if (ours != OTO_FORM_OFF)
		columns_table(d, def, spec, OTO_PROFILE_OTOSCOPE, ours);
	if (spec->flags & OTO_LOG_ONLY_SENSOR) {
		oto_page_head(&d->page, 3, "Columns under profile sensor");
		columns_table(d, def, spec, OTO_PROFILE_SENSOR, oto_log_form(spec, OTO_PROFILE_SENSOR));
	}
	if (zeek == OTO_FORM_OFF)
		return;
	oto_page_head(&d->page, 3, "Columns under profile zeek");
	columns_table(d, def, spec, OTO_PROFILE_ZEEK, zeek);
}

static bool logs_topic(struct doc *d)
{
	uint32_t n, shown = 0;
	struct oto_event_def *const *types = oto_bus_types(d->engine->bus, &n);

	if (!d->name)
		oto_page_head(&d->page, 1, "Logs");
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < types[i]->type->nlogs; k++) {
			struct oto_log spec = oto_log_spec(types[i]->type, k);
			if (d->name && strcmp(spec.name, d->name) != 0)
				continue;
			log_page(d, types[i], &spec);
			shown++;
		}
	}
	return shown || !d->name;
}

/* ------------------------------------------------------------------------------------------------ analyzers */

static void seen_cells(struct doc *d, const struct oto_seen_sum *sum)
{
	if (sum->orig)
		oto_page_cell(&d->page, "%llu", (unsigned long long)sum->orig);
	else
		oto_page_cell(&d->page, "%s", "");
	if (sum->resp)
		oto_page_cell(&d->page, "%llu", (unsigned long long)sum->resp);
	else
		oto_page_cell(&d->page, "%s", "");
	if (!sum->example)
		oto_page_cell(&d->page, "never seen");
	else if (sum->captures > 1)
		oto_page_cell(&d->page, "%s and %u more", sum->example, sum->captures - 1);
	else
		oto_page_cell(&d->page, "%s", sum->example);
}

static void seen_row(struct doc *d, const struct oto_seen *seen, const char *event, const char *field, const char *value)
{
	struct oto_seen_sum sum = oto_seen_sum(seen, event, field, value);

	oto_page_cell(&d->page, "%s", event);
	oto_page_cell(&d->page, "%s", strcmp(field, "-") == 0 ? "" : field);
	oto_page_cell(&d->page, "%s", value ? value : "");
	seen_cells(d, &sum);
}

/* Every event, field and named value, seen or not. */
static void coverage_table(struct doc *d, const struct oto_seen *seen, const struct oto_event_def *const *defs, uint32_t n)
{
	oto_page_table(&d->page, "event|field|value|from originator|from responder|seen in");
	for (uint32_t i = 0; i < n; i++) {
		seen_row(d, seen, defs[i]->name, "-", NULL);
		for (uint32_t k = 0; k < defs[i]->nfields; k++) {
			const struct oto_field *f = &defs[i]->fields[k];
			seen_row(d, seen, defs[i]->name, f->name, NULL);
			for (uint32_t w = 0; f->names && w < f->names->count; w++) {
				const struct oto_name *row = (const void *)((const char *)f->names->row + (size_t)w * f->names->stride);
				seen_row(d, seen, defs[i]->name, f->name, row->name);
			}
		}
	}
	oto_page_table_end(&d->page);
}

static void pairing_text(struct doc *d, const struct oto_pairing *p)
{
	static const char *const scopes[] = { "flow", "pair of hosts", "segment" };

	oto_page_text(&d->page, "Requests and responses are paired within a %s, %s%s; a request waits %lld s.",
		      p->scope < 3 ? scopes[p->scope] : "?", p->keyed ? "by key" : "first in, first out",
		      p->many ? ", several answers to one request" : "",
		      (long long)((p->expiry_ns ? p->expiry_ns : 10 * OTO_SECOND) / OTO_SECOND));
}

static void analyzer_page(struct doc *d, const struct oto_analyzer *a)
{
	const struct oto_event_def **defs = oto_calloc(a->nevents, sizeof *defs);
	struct oto_seen seen;
	uint32_t n = 0;

	for (uint32_t i = 0; i < a->nevents; i++) {
		const struct oto_event_def *def = oto_bus_find(d->engine->bus, a->events[i]->name);
		if (def)
			defs[n++] = def;
	}
	oto_page_head(&d->page, 1, "%s", a->name);
	oto_page_text(&d->page, "%s", a->doc ? a->doc : "");
	oto_page_text(&d->page, "Keys: %s.%s", a->keys ? a->keys : "none",
		      a->flags & OTO_ANY_PORT ? " Also offered to streams and datagrams that no port claims." : "");
	if (a->channels)
		oto_page_text(&d->page, "Delivers to children: %s.", a->channels);
	if (a->pairing)
		pairing_text(d, a->pairing);
	for (uint32_t i = 0; i < n; i++)
		event_page(d, defs[i]);
	words_of_events(d, defs, n);
	oto_seen_read(&seen, d->source, a->name);
	oto_page_head(&d->page, 2, "Coverage of %s", a->name);
	if (!seen.n)
		oto_page_text(&d->page, "No coverage data in %s/analyzers/%s/golden.", d->source, a->name);
	else
		coverage_table(d, &seen, defs, n);
	oto_seen_free(&seen);
	free(defs);
}

static bool analyzers_topic(struct doc *d)
{
	uint32_t n, shown = 0;
	const struct oto_analyzer *const *all = oto_analyzers_all(d->engine->analyzers, &n);

	for (uint32_t i = 0; i < n; i++) {
		if (d->name && strcmp(all[i]->name, d->name) != 0)
			continue;
		analyzer_page(d, all[i]);
		shown++;
	}
	return shown || !d->name;
}

/* ------------------------------------------------------------------------------------------------ the list of all */

/* The first of them; the analyzer's own page has all. */
static void some_keys(struct doc *d, const char *keys)
{
	enum { ROOM = 36 };
	size_t n = strlen(keys);

	if (n > ROOM) {
		for (n = ROOM - 4; n && keys[n] != ' '; n--)
			;
	}
	oto_page_cell(&d->page, "%.*s%s", (int)n, keys, keys[n] ? " ..." : "");
}

static bool list_topic(struct doc *d)
{
	uint32_t n;
	const struct oto_analyzer *const *all = oto_analyzers_all(d->engine->analyzers, &n);

	oto_page_head(&d->page, 1, "Reference");
	oto_page_text(
	    &d->page,
	    "More of each by `otoscope doc NAME`; whatever speaks of something by `doc find WORD`; all of a kind by `doc events`, "
	    "`doc logs`, `doc analyzers`, `doc lua`, `doc filters`.");
	oto_page_head(&d->page, 2, "Analyzers");
	oto_page_table(&d->page, "name|keys|what");
	for (uint32_t i = 0; i < n; i++) {
		oto_page_cell(&d->page, "%s", all[i]->name);
		some_keys(d, all[i]->keys ? all[i]->keys : "");
		oto_page_cell(&d->page, "%s", all[i]->doc ? all[i]->doc : "");
	}
	oto_page_table_end(&d->page);
	struct oto_event_def *const *types = oto_bus_types(d->engine->bus, &n);
	oto_page_head(&d->page, 2, "Events");
	oto_page_table(&d->page, "name|from|what");
	for (uint32_t i = 0; i < n; i++) {
		oto_page_cell(&d->page, "%s", types[i]->name);
		oto_page_cell(&d->page, "%s", types[i]->analyzer ? types[i]->analyzer : "core");
		oto_page_cell(&d->page, "%s", types[i]->doc);
	}
	oto_page_table_end(&d->page);
	oto_page_head(&d->page, 2, "Logs");
	oto_page_table(&d->page, "name|event|form|what");
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < types[i]->type->nlogs; k++) {
			struct oto_log spec = oto_log_spec(types[i]->type, k);
			oto_page_cell(&d->page, "%s", spec.name);
			oto_page_cell(&d->page, "%s", types[i]->name);
			oto_page_cell(&d->page, "%s", form_words[oto_log_form(&spec, OTO_PROFILE_OTOSCOPE)]);
			oto_page_cell(&d->page, "%s", spec.doc ? spec.doc : "");
		}
	}
	oto_page_table_end(&d->page);
	return true;
}

/* ------------------------------------------------------------------------------------------------ whatever speaks of something */

static bool speaks(const char *word, const char *name, const char *doc)
{
	return strcasestr(name, word) || (doc && strcasestr(doc, word));
}

static uint32_t found(struct doc *d, const char *of, const char *name, const char *doc)
{
	if (!speaks(d->name, name, doc))
		return 0;
	oto_page_cell(&d->page, of ? "%s %s" : "%s%s", of ? of : "", name);
	oto_page_cell(&d->page, "%s", doc ? doc : "");
	return 1;
}

static uint32_t found_in_words(struct doc *d, const struct oto_event_def *def, const struct oto_field *f)
{
	uint32_t rows = 0;

	for (uint32_t i = 0; f->names && i < f->names->count; i++) {
		const struct oto_name *row = name_at(f->names, i);
		if (!speaks(d->name, row->name, row->doc))
			continue;
		oto_page_cell(&d->page, "%s %s = %s", def->name, f->name, row->name);
		oto_page_cell(&d->page, "%s", row->doc ? row->doc : "");
		rows++;
	}
	return rows;
}

/* Events, fields, words of value tables and logs. */
static bool find_topic(struct doc *d)
{
	uint32_t n, rows = 0;
	struct oto_event_def *const *types = oto_bus_types(d->engine->bus, &n);

	oto_page_table(&d->page, "name|what");
	for (uint32_t i = 0; i < n; i++) {
		rows += found(d, NULL, types[i]->name, types[i]->doc);
		for (uint32_t k = 0; k < types[i]->nfields; k++) {
			const struct oto_field *f = &types[i]->fields[k];
			rows += found(d, types[i]->name, f->name, f->doc);
			rows += found_in_words(d, types[i], f);
		}
		for (uint32_t k = 0; k < types[i]->type->nlogs; k++) {
			struct oto_log spec = oto_log_spec(types[i]->type, k);
			rows += found(d, "log", spec.name, spec.doc);
		}
	}
	oto_page_table_end(&d->page);
	return rows > 0;
}

/* ------------------------------------------------------------------------------------------------ schemas */

static void schema_member(struct oto_buf *out, const char *name)
{
	if (out->data[out->len - 1] != '{')
		oto_buf_chr(out, ',');
	oto_buf_chr(out, '\n');
	oto_json_text(oto_slice_of(name), out);
	oto_buf_chr(out, ':');
}

/* Does no type before number `type`, and no specification before number `k` of it, write the same log? */
static bool first_of_log(struct oto_event_def *const *types, uint32_t type, uint32_t k)
{
	const char *name = oto_log_spec(types[type]->type, k).name;

	for (uint32_t i = 0; i <= type; i++) {
		for (uint32_t c = 0; c < (i < type ? types[i]->type->nlogs : k); c++) {
			if (strcmp(oto_log_spec(types[i]->type, c).name, name) == 0)
				return false;
		}
	}
	return true;
}

static uint32_t event_schemas(const struct doc *d, struct oto_event_def *const *types, uint32_t n, struct oto_buf *out)
{
	uint32_t shown = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (d->name && strcmp(d->name, types[i]->name) != 0)
			continue;
		schema_member(out, types[i]->name);
		oto_schema_event(types[i], out);
		shown++;
	}
	return shown;
}

/* A log that several types write is defined by the first. */
static uint32_t log_schemas(const struct doc *d, struct oto_event_def *const *types, uint32_t n, struct oto_buf *out)
{
	uint32_t shown = 0;

	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < types[i]->type->nlogs; k++) {
			struct oto_log spec = oto_log_spec(types[i]->type, k);
			if (!first_of_log(types, i, k) || (d->name && strcmp(d->name, spec.name) != 0))
				continue;
			schema_member(out, spec.name);
			oto_schema_log(types[i], &spec, out);
			shown++;
		}
	}
	return shown;
}

/* One document: a definition for each event or log. */
static bool schemas(struct doc *d)
{
	struct oto_buf out = { 0 };
	uint32_t n;
	struct oto_event_def *const *types = oto_bus_types(d->engine->bus, &n);

	oto_buf_str(&out, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$defs\":{");
	uint32_t shown = (strcmp(d->topic, "logs") == 0 ? log_schemas : event_schemas)(d, types, n, &out);
	oto_buf_str(&out, "\n}}\n");
	if (shown || !d->name)
		fputs(out.data, d->page.out);
	oto_buf_free(&out);
	return shown || !d->name;
}

/* ------------------------------------------------------------------------------------------------ arguments */

/* What filter.h says to programmers, said to people who write conditions. */
static bool filters_topic(struct doc *d)
{
	static const char *const rows[][2] = {
		{ "func == 5, func = 5, func != 5", "equal, not equal" },
		{ "quantity < 10, <=, >, >=", "smaller, greater: numbers, times, time spans" },
		{ "func == WRITE_SINGLE_COIL", "a named number by its word; an unknown word is refused with the near ones" },
		{ "func in {5, 6, 15..23}", "one of these; a..b is a range" },
		{ "orig_h in 10.0.0.0/8, orig_h in {10.0.0.1, fe80::/10}", "addresses by subnet" },
		{ "orig_mac == 00:80:f4", "MAC addresses whole or by their first octets" },
		{ "query ~ \"example\", func ~ WRITE", "text, or a word, that contains this" },
		{ "#query > 60, #registers == 2", "how long text (in bytes) or a list is" },
		{ "latency > 100ms", "time spans: ns us ms s m h d" },
		{ "registers == 7, answers == \"10.0.0.1\"", "a list: any of its elements" },
		{ "exception, not exception", "present, and true where it is true or false" },
		{ "a and b or not (c)", "not binds before and, and before or; && || ! are the same" },
	};

	oto_page_head(&d->page, 1, "Filters");
	oto_page_text(
	    &d->page,
	    "Conditions of on(\"event\", \"filter\", handler) and of logs. Every field of the event and its head can be asked. An "
	    "absent field makes every comparison false, != too, and `not` of it true.");
	oto_page_table(&d->page, "example|meaning");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		oto_page_cell(&d->page, "%s", rows[i][0]);
		oto_page_cell(&d->page, "%s", rows[i][1]);
	}
	oto_page_table_end(&d->page);
	return !d->name;
}

static bool lua_topic(struct doc *d)
{
	return oto_doc_lua(&d->page, d->engine->options.policy.library, d->name) || !d->name;
}

static bool facts_topic(struct doc *d)
{
	return oto_doc_facts(&d->page, d->source, d->name);
}

static const struct topic {
	const char *name;
	bool (*show)(struct doc *d);
	const char *doc;
} topics[] = { { "events", events_topic, "event types with their fields, for on()" },
	       { "logs", logs_topic, "logs with their columns" },
	       { "analyzers", analyzers_topic, "protocols: what finds them, and which functions and fields were seen in which capture" },
	       { "lua", lua_topic, "what scripts and Lua dissectors can call" },
	       { "find", find_topic, "all that speaks of a word" },
	       { "filters", filters_topic, "how conditions on events are written" },
	       { "facts", facts_topic, "what is told of assets, by which protocol" } };
#define NTOPICS (sizeof topics / sizeof *topics)

static int help(void)
{
	printf("Shows the reference, made from the descriptions in the code: without a NAME all of it, in short.\n\n"
	       "usage: otoscope doc [TOPIC] [NAME] [options]\n\ntopics\n");
	for (size_t i = 0; i < NTOPICS; i++)
		printf("  %-15s %s\n", topics[i].name, topics[i].doc);
	printf("\noptions\n"
	       "  --markdown      as a page instead of for the screen\n"
	       "  --json-schema   of events or logs: what a row is made of, for programs\n"
	       "  --plugin FILE   with the dissector in this file; may be repeated\n"
	       "  --source DIR    the project's folder, where what was seen stands; otherwise the one beside the program\n"
	       "  -h, --help      print this\n\n"
	       "examples\n"
	       "  otoscope doc modbus.request         an event\n"
	       "  otoscope doc analyzers s7comm       a protocol\n"
	       "  otoscope doc find firmware          whatever knows of firmware\n");
	return 0;
}

static int wrong(const char *what, const char *word)
{
	fprintf(stderr, "otoscope: doc: %s %s; otoscope doc --help tells what there is\n", what, word);
	return 2;
}

static bool asked_for(const struct doc *d, const char *topic)
{
	return !d->topic || strcmp(d->topic, topic) == 0;
}

/* What the topic, or any, could have shown under another name. */
static int unknown_name(const struct doc *d)
{
	const char **names = NULL;
	char near[256];
	uint32_t n, count = 0;
	struct oto_event_def *const *types = oto_bus_types(d->engine->bus, &n);
	uint32_t nall;
	const struct oto_analyzer *const *all = oto_analyzers_all(d->engine->analyzers, &nall);

	names = oto_calloc(n * 8 + nall, sizeof *names);
	for (uint32_t i = 0; i < n && asked_for(d, "events"); i++)
		names[count++] = types[i]->name;
	for (uint32_t i = 0; i < nall && asked_for(d, "analyzers"); i++)
		names[count++] = all[i]->name;
	for (uint32_t i = 0; i < n && asked_for(d, "logs"); i++) {
		for (uint32_t k = 0; k < types[i]->type->nlogs && k < 8; k++) {
			if (first_of_log(types, i, k))
				names[count++] = oto_log_spec(types[i]->type, k).name;
		}
	}
	oto_near(near, sizeof near, d->name, names, count);
	free(names);
	fprintf(stderr, "otoscope: doc%s%s: there is no %s%s\n", d->topic ? " " : "", d->topic ? d->topic : "", d->name,
		*near ? near : "; `otoscope doc find WORD` looks for a word, `otoscope doc` lists all");
	return 2;
}

/* `doc NAME`: all that has this name. */
static int show_any(struct doc *d)
{
	bool shown = false;

	d->name = d->topic;
	d->topic = NULL;
	shown |= events_topic(d);
	shown |= analyzers_topic(d);
	shown |= logs_topic(d);
	shown |= lua_topic(d);
	return shown ? 0 : unknown_name(d);
}

static int show(struct doc *d)
{
	if (!d->topic)
		return d->schema ? wrong("--json-schema needs", "events or logs") : !list_topic(d);
	for (size_t i = 0; i < NTOPICS; i++) {
		if (strcmp(topics[i].name, d->topic) != 0)
			continue;
		if (d->schema && i > 1)
			return wrong("--json-schema needs events or logs, not", d->topic);
		if (topics[i].show == find_topic && !d->name)
			return wrong("find", "what? doc find WORD");
		return (d->schema ? schemas(d) : topics[i].show(d)) ? 0 : unknown_name(d);
	}
	return d->schema ? wrong("--json-schema needs events or logs, not", d->topic) : show_any(d);
}

/* The Lua library lies beside the analyzers, in the tree as when installed. */
static void find_source(struct doc *d)
{
	const char *library = d->engine->options.policy.library, *slash = library ? strrchr(library, '/') : NULL;

	d->default_source = slash ? strndup(library, (size_t)(slash - library)) : oto_strdup(".");
	if (!d->source)
		d->source = d->default_source;
}

int oto_doc_main(struct oto_engine *engine, int argc, char **argv)
{
	struct doc d = { .engine = engine, .page.out = stdout };
	int code = 0;

	for (int i = 1; i < argc && !code; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return help();
		if (strcmp(argv[i], "--markdown") == 0)
			d.page.markdown = true;
		else if (strcmp(argv[i], "--json-schema") == 0)
			d.schema = true;
		else if (strcmp(argv[i], "--source") == 0 && i + 1 < argc)
			d.source = argv[++i];
		else if (argv[i][0] == '-')
			code = wrong("there is no option", argv[i]);
		else if (!d.topic)
			d.topic = argv[i];
		else if (!d.name)
			d.name = argv[i];
		else
			code = wrong("one name at a time, not", argv[i]);
	}
	if (code)
		return code;
	find_source(&d);
	code = show(&d);
	free(d.default_source);
	return code;
}
