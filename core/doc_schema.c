/* doc_schema.c - field tables as JSON Schema. See doc_schema.h. What is absent is left out of a row, so nothing but ts is required. */
#include "doc_schema.h"

static void put_words(const struct oto_names *names, struct oto_buf *out)
{
	oto_buf_str(out, "\"type\":\"string\",\"anyOf\":[{\"enum\":[");
	for (uint32_t i = 0; i < names->count; i++) {
		const struct oto_name *row = (const void *)((const char *)names->row + (size_t)i * names->stride);
		oto_buf_str(out, i ? "," : "");
		oto_json_text(oto_slice_of(row->name), out);
	}
	oto_buf_str(out, "]},{\"pattern\":\"^unknown-[0-9]+$\"}]");
}

static void put_number(const struct oto_field *f, struct oto_buf *out)
{
	if (f->names)
		put_words(f->names, out);
	else if (f->flags & OTO_SECONDS)
		oto_buf_str(out, "\"type\":\"number\"");
	else if (f->flags & OTO_HEX && f->kind != OTO_VEC)
		oto_buf_str(out, "\"type\":\"string\",\"pattern\":\"^0x[0-9a-f]{2,16}$\"");
	else
		oto_buf_str(out, "\"type\":\"integer\",\"minimum\":0");
}

static void put_type(const struct oto_field *f, struct oto_buf *out)
{
	switch (f->kind) {
	case OTO_BOOL:
		oto_buf_str(out, "\"type\":\"boolean\"");
		break;
	case OTO_U8:
	case OTO_U16:
	case OTO_U32:
	case OTO_U64:
		put_number(f, out);
		break;
	case OTO_I64:
		oto_buf_str(out, f->flags & OTO_SECONDS ? "\"type\":\"number\"" : "\"type\":\"integer\"");
		break;
	case OTO_F64:
		oto_buf_str(out, "\"type\":[\"number\",\"null\"]");
		break;
	case OTO_TIME:
	case OTO_INTERVAL:
		oto_buf_str(out, "\"type\":\"number\"");
		break;
	case OTO_VEC:
		oto_buf_str(out, "\"type\":\"array\",\"items\":{");
		put_number(f, out);
		oto_buf_chr(out, '}');
		break;
	case OTO_LIST:
		oto_buf_str(out, "\"type\":\"array\",\"items\":{\"type\":\"string\"}");
		break;
	case OTO_BYTES:
		oto_buf_str(out, f->flags & OTO_HEX ? "\"type\":\"string\",\"pattern\":\"^([0-9a-f]{2})*$\"" : "\"type\":\"string\"");
		break;
	default:
		oto_buf_str(out, "\"type\":\"string\"");
	}
}

static void put_property(const char *name, const struct oto_field *f, bool first, struct oto_buf *out)
{
	oto_buf_str(out, first ? "" : ",");
	oto_json_text(oto_slice_of(name), out);
	oto_buf_str(out, ":{");
	put_type(f, out);
	if (f->doc && *f->doc) {
		oto_buf_str(out, ",\"description\":");
		oto_json_text(oto_slice_of(f->doc), out);
	}
	oto_buf_chr(out, '}');
}

static void put_begin(const char *title, const char *doc, struct oto_buf *out)
{
	oto_buf_str(out, "{\"title\":");
	oto_json_text(oto_slice_of(title), out);
	oto_buf_str(out, ",\"description\":");
	oto_json_text(oto_slice_of(doc), out);
	oto_buf_str(out, ",\"type\":\"object\",\"required\":[\"ts\"],\"properties\":{");
}

void oto_schema_event(const struct oto_event_def *def, struct oto_buf *out)
{
	uint32_t nhead;
	const struct oto_field *head = oto_head_fields(&nhead);

	put_begin(def->name, def->doc, out);
	for (uint32_t i = 0; i < def->nfields; i++)
		put_property(def->fields[i].name, &def->fields[i], i == 0, out);
	for (uint32_t i = 0; i < nhead; i++) {
		if (!oto_field_find(def, head[i].name, strlen(head[i].name)).in_head)
			continue; /* the event has its own of that name */
		put_property(head[i].name, &head[i], def->nfields == 0 && i == 0, out);
	}
	oto_buf_str(out, "}}");
}

void oto_schema_log(const struct oto_event_def *def, const struct oto_log *spec, struct oto_buf *out)
{
	static const struct oto_field number = { .kind = OTO_U64, .doc = "events in this row" };
	static const struct oto_field ts_end = { .kind = OTO_TIME, .doc = "time of the last of them" };
	struct oto_log_column columns[OTO_LOG_COLUMNS];
	enum oto_form form = spec->form == OTO_FORM_OFF ? OTO_FORM_DETAIL : (enum oto_form)spec->form;
	uint32_t n = oto_log_columns(def, spec, OTO_PROFILE_OTOSCOPE, form, columns, NULL);

	put_begin(spec->name, spec->doc ? spec->doc : "", out);
	for (uint32_t i = 0; i < n; i++) {
		const struct oto_field *own = strcmp(oto_log_column_type(&columns[i]), "time") == 0 ? &ts_end : &number;
		put_property(columns[i].name, columns[i].ref.field ? columns[i].ref.field : own, i == 0, out);
	}
	oto_buf_str(out, "}}");
}
