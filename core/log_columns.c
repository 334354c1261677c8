/* log_columns.c - what a log consists of: a specification's words become columns with names, fields and types. See log.h.
 *
 * The writer and the reference both ask here, so that a page and a file's header agree.
 */
#include "filter.h"
#include "log.h"

struct oto_log oto_log_spec(const struct oto_event_type *type, uint32_t i)
{
	struct oto_log spec = { 0 };
	size_t known = type->log_stride < sizeof spec ? type->log_stride : sizeof spec;

	memcpy(&spec, (const char *)type->logs + (size_t)i * type->log_stride, known);
	return spec;
}

enum oto_form oto_log_form(const struct oto_log *spec, enum oto_profile profile)
{
	uint8_t absent = profile == OTO_PROFILE_SENSOR ? OTO_LOG_NOT_SENSOR : OTO_LOG_ONLY_SENSOR;

	if (spec->flags & absent || (profile == OTO_PROFILE_ZEEK && spec->flags & OTO_LOG_NOT_ZEEK))
		return OTO_FORM_OFF;
	if (profile == OTO_PROFILE_ZEEK)
		return OTO_FORM_DETAIL;
	return (enum oto_form)spec->form;
}

struct column_list {
	const struct oto_event_def *def;
	const char *log;
	struct oto_log_column *at;
	uint32_t n;
	struct oto_error *err;
};

/* Zeek calls the endpoints id.orig_h and so on. */
static bool is_endpoint(struct oto_slice name)
{
	return oto_slice_is(name, "orig_h") || oto_slice_is(name, "orig_p") || oto_slice_is(name, "resp_h") || oto_slice_is(name, "resp_p");
}

static bool add_named(struct column_list *list, struct oto_slice name, const char *prefix, struct oto_field_ref ref)
{
	if (list->n == OTO_LOG_COLUMNS)
		return oto_fail(list->err, "event %s, log %s: more than %u columns", list->def->name, list->log, OTO_LOG_COLUMNS);
	struct oto_log_column *c = &list->at[list->n++];
	size_t before = strlen(prefix), room = sizeof c->name - before - 1, n = name.len < room ? name.len : room;
	memcpy(c->name, prefix, before);
	memcpy(c->name + before, name.data, n);
	c->name[before + n] = 0;
	c->ref = ref;
	return true;
}

/* "field" or "column=field". */
static bool add_word(struct column_list *list, struct oto_slice word)
{
	const uint8_t *equals = memchr(word.data, '=', word.len);
	struct oto_slice name = word, field = word;
	char near[128], text[64];

	if (equals) {
		name.len = (uint32_t)(equals - word.data);
		field = (struct oto_slice){ equals + 1, word.len - name.len - 1 };
	}
	struct oto_field_ref ref = oto_field_find(list->def, (const char *)field.data, field.len);
	if (!ref.field) {
		snprintf(text, sizeof text, "%.*s", (int)field.len, (const char *)field.data);
		return oto_fail(list->err, "event %s, log %s: there is no field %s%s", list->def->name, list->log, text,
				oto_field_near(list->def, text, near, sizeof near));
	}
	return add_named(list, name, !equals && ref.in_head && is_endpoint(name) ? "id." : "", ref);
}

static bool add_words(struct column_list *list, const char *words)
{
	struct oto_slice word;

	while (words && (word = oto_word(&words)).len) {
		if (!add_word(list, word))
			return false;
	}
	return true;
}

static bool add_aggregate(struct column_list *list, const struct oto_log *spec)
{
	if (!spec->key || !*spec->key)
		return oto_fail(list->err, "event %s, log %s: an aggregated log needs a key", list->def->name, list->log);
	struct oto_slice number = oto_slice_of(spec->number ? spec->number : "number");

	return add_words(list, "ts") && add_words(list, spec->key) && add_named(list, number, "", (struct oto_field_ref){ 0 }) &&
	       add_named(list, oto_slice_of("ts_end"), "", (struct oto_field_ref){ 0 });
}

static bool add_detail(struct column_list *list, const struct oto_log *spec, enum oto_profile profile)
{
	const char *front = spec->flags & OTO_LOG_NO_ID ? "ts" : "ts uid id.orig_h id.orig_p id.resp_h id.resp_p";

	return add_words(list, front) && add_words(list, spec->columns ? spec->columns : spec->key) &&
	       (profile == OTO_PROFILE_ZEEK || add_words(list, spec->extra));
}

uint32_t oto_log_columns(const struct oto_event_def *def, const struct oto_log *spec, enum oto_profile profile, enum oto_form form,
			 struct oto_log_column *columns, struct oto_error *err)
{
	struct column_list list = { def, spec->name, columns, 0, err };
	bool ok = form == OTO_FORM_AGGREGATE ? add_aggregate(&list, spec) : add_detail(&list, spec, profile);

	return ok ? list.n : 0;
}

static bool name_ok(const char *name)
{
	size_t n = name ? strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") : 0;

	return n && n < 64 && !name[n] && name[0] != '.' && name[0] != '-';
}

/* Events that are said again are not looked at: what a log counts by, and its condition, must not read what their keys do not tell. */
static bool keys_tell(const struct oto_event_def *def, const struct oto_log *spec, const struct oto_log_column *columns, uint32_t n,
		      const struct oto_filter *where, struct oto_error *err)
{
	for (uint32_t i = 0; def->whole_keys && i < n; i++) {
		if (columns[i].ref.field && columns[i].ref.field->flags & OTO_VARIES)
			return oto_fail(err, "event %s, log %s: field %s varies (OTO_VARIES) and stands in the key", def->name, spec->name,
					columns[i].ref.field->name);
	}
	return !def->whole_keys || oto_filter_is_settled(where) ||
	       oto_fail(err, "event %s, log %s: the condition `%.100s` reads what its keys do not tell", def->name, spec->name,
			spec->where);
}

static bool spec_ok(const struct oto_event_def *def, const struct oto_log *spec, struct oto_error *err)
{
	struct oto_log_column columns[OTO_LOG_COLUMNS];
	struct oto_error why = { "" };

	if (!name_ok(spec->name))
		return oto_fail(err, "event %s: a log's name is made of letters, digits, _ - and ., not \"%s\"", def->name,
				spec->name ? spec->name : "");
	if (spec->form > OTO_FORM_AGGREGATE)
		return oto_fail(err, "event %s, log %s: %u is no form of enum oto_form", def->name, spec->name, spec->form);
	if (!oto_log_columns(def, spec, OTO_PROFILE_OTOSCOPE, OTO_FORM_DETAIL, columns, err))
		return false;
	bool aggregate = spec->key || spec->form == OTO_FORM_AGGREGATE;
	uint32_t n = aggregate ? oto_log_columns(def, spec, OTO_PROFILE_OTOSCOPE, OTO_FORM_AGGREGATE, columns, err) : 0;
	if (aggregate && !n)
		return false;
	struct oto_filter *where = spec->where ? oto_filter_compile(def, spec->where, &why) : NULL;
	if (spec->where && !where)
		return oto_fail(err, "event %s, log %s, condition `%.100s`: %.200s", def->name, spec->name, spec->where, why.text);
	bool ok = keys_tell(def, spec, columns, n, where, err);
	oto_filter_free(where);
	return ok;
}

bool oto_log_check(const struct oto_event_def *def, struct oto_error *err)
{
	for (uint32_t i = 0; i < def->type->nlogs; i++) {
		struct oto_log spec = oto_log_spec(def->type, i);
		if (!spec_ok(def, &spec, err))
			return false;
	}
	return true;
}

const char *oto_log_column_type(const struct oto_log_column *column)
{
	const struct oto_field *f = column->ref.field;

	if (!f)
		return strcmp(column->name, "ts_end") == 0 ? "time" : "count";
	if (strcmp(column->name, "proto") == 0) /* Zeek's transport_proto: the one enumeration whose words we share */
		return "enum";
	if (f->names)
		return f->kind == OTO_VEC ? "vector[string]" : "string";
	if (f->flags & OTO_HEX && f->kind <= OTO_U64)
		return "string";
	if (f->flags & OTO_SECONDS)
		return f->kind == OTO_VEC ? "vector[interval]" : "interval";
	if (f->flags & OTO_PORT)
		return f->kind == OTO_VEC ? "vector[port]" : "port";
	switch (f->kind) {
	case OTO_BOOL:
		return "bool";
	case OTO_I64:
		return "int";
	case OTO_F64:
		return "double";
	case OTO_ADDR:
		return "addr";
	case OTO_TIME:
		return "time";
	case OTO_INTERVAL:
		return "interval";
	case OTO_VEC:
		return "vector[count]";
	case OTO_LIST:
		return f->flags & OTO_SET ? "set[string]" : "vector[string]";
	case OTO_U8:
	case OTO_U16:
	case OTO_U32:
	case OTO_U64:
		return "count";
	default:
		return "string";
	}
}
