/* bacnet_file.c - files read and written piece by piece (clause 14): a row for each piece, and one transfer told at the end.
 *
 * Content is hashed, never shown. Reading ends with the device's word that it was the last piece; writing has no such word: it ends when
 * the file is begun anew or the flow is over, and is complete when every piece was there in order and none was refused.
 */
#include "bacnet.h"

enum { BOOLEAN = 1, UNSIGNED = 2, SIGNED = 3, OCTETS = 6, OBJECT = 12 };

/* ------------------------------------------------------------------------------------------------ transfers */

static struct oto_slice sub_of(const struct bacnet_parse *p)
{
	return say_first(p->is_request ? p->m->ends.destination_sub : p->m->ends.source_sub, SUB_TEXT);
}

static bool is_client_orig(const struct bacnet_parse *p)
{
	return p->is_request == p->cx->is_orig;
}

static struct bacnet_transfer *find(const struct bacnet_parse *p, uint32_t direction, uint32_t instance)
{
	struct bacnet_flow *flow = p->cx->state;
	struct oto_slice sub = sub_of(p);

	for (uint32_t i = 0; i < FILES_MAX; i++) {
		struct bacnet_transfer *t = &flow->files[i];
		if (t->open && t->direction == direction && t->instance == instance && t->client_is_orig == is_client_orig(p) &&
		    t->sub_len == sub.len && (!sub.len || memcmp(t->sub, sub.data, sub.len) == 0))
			return t;
	}
	return NULL;
}

static void end(struct oto_ctx *cx, struct bacnet_transfer *t, enum oto_program_result result, const char *error)
{
	struct oto_slice sub = say_copy(cx, (struct oto_slice){ t->sub, t->sub_len });

	oto_program(cx, &(struct oto_program){ .self_size = sizeof(struct oto_program),
					       .direction = t->direction,
					       .result = result,
					       .kind = "file",
					       .name = say_text(cx, 16, "file %u", t->instance),
					       .error = error,
					       .size = t->content.size,
					       .has_size = true,
					       .sha256 = content_digest(cx, &t->content),
					       .duration = { t->last_ns - t->since_ns },
					       .has_duration = true,
					       .op_id = t->op_id,
					       .by_receiver = t->client_is_orig != cx->is_orig,
					       .sub = sub });
	*t = (struct bacnet_transfer){ 0 };
}

static void end_write(struct oto_ctx *cx, struct bacnet_transfer *t)
{
	bool whole = t->direction == OTO_PROGRAM_DOWNLOAD && !t->content.broken;

	end(cx, t, whole ? OTO_PROGRAM_COMPLETE : OTO_PROGRAM_CUT, NULL);
}

static struct bacnet_transfer *begin(struct bacnet_parse *p, uint32_t direction, uint32_t instance)
{
	struct bacnet_flow *flow = p->cx->state;
	struct bacnet_transfer *t = &flow->files[0];
	struct oto_slice sub = sub_of(p);

	for (uint32_t i = 0; i < FILES_MAX && t->open; i++) {
		if (!flow->files[i].open || flow->files[i].age < t->age)
			t = &flow->files[i];
	}
	if (t->open)
		end_write(p->cx, t);
	*t = (struct bacnet_transfer){ .open = true,
				       .client_is_orig = is_client_orig(p),
				       .direction = (uint8_t)direction,
				       .instance = instance,
				       .since_ns = p->cx->head->ts.ns,
				       .op_id = p->match.op_id,
				       .sub_len = (uint8_t)sub.len,
				       .age = ++flow->clock };
	if (sub.len)
		memcpy(t->sub, sub.data, sub.len);
	if (p->is_request)
		p->begun = t;
	return t;
}

/* A piece that stands at `start`: of a record file this counts records, and what lies before them is not known in bytes. */
static struct bacnet_transfer *piece(struct bacnet_parse *p, uint32_t direction, const struct bacnet_file *e, int64_t at,
				     struct oto_slice data)
{
	struct bacnet_transfer *t = find(p, direction, e->instance_number);
	bool by_record = e->count && strcmp(e->access, "record") == 0;

	if (t && at == 0 && t->content.size > data.len) {
		end_write(p->cx, t);
		t = NULL;
	}
	if (!t)
		t = begin(p, direction, e->instance_number);
	t->last_ns = p->cx->head->ts.ns;
	if (at < 0 || at > INT32_MAX) {
		t->content.broken = true;
		return t;
	}
	if (!by_record) {
		content_add(&t->content, (uint32_t)at, data);
		return t;
	}
	if (at == t->records) {
		content_add(&t->content, t->content.size, data);
		t->records++;
	} else if (at > t->records) {
		t->content.broken = true;
	}
	return t;
}

/* ------------------------------------------------------------------------------------------------ what stands in them */

static bool take_start(struct oto_cur *c, struct bacnet_file *e)
{
	struct bacnet_tag tag;

	e->has_start = bacnet_take_application(c, SIGNED, &tag);
	e->start = e->has_start ? bacnet_signed(tag.data) : 0;
	return e->has_start;
}

static bool take_count(struct oto_cur *c, struct bacnet_file *e)
{
	struct bacnet_tag tag;

	e->has_count = bacnet_take_application(c, UNSIGNED, &tag);
	e->count = e->has_count ? (uint32_t)bacnet_unsigned(tag.data) : 0;
	return e->has_count;
}

static bool take_access(struct oto_cur *c, struct oto_cur *in, struct bacnet_file *e)
{
	bool stream = bacnet_take_opening(c, 0);

	e->access = stream ? "stream" : "record";
	if (!stream && !bacnet_take_opening(c, 1))
		return false;
	*in = bacnet_inside(c);
	return true;
}

/* Data of one stream access, or of records one by one. */
static bool take_data(struct bacnet_parse *p, struct oto_cur *in, struct bacnet_file *e, uint32_t direction, struct bacnet_transfer **t)
{
	bool stream = strcmp(e->access, "stream") == 0;
	struct bacnet_tag tag;

	if (!take_start(in, e) || (!stream && !take_count(in, e)))
		return false;
	e->has_size = true;
	int64_t at = e->start;
	while (bacnet_take_application(in, OCTETS, &tag)) {
		e->size += tag.data.len;
		if (e->has_file)
			*t = piece(p, direction, e, at, tag.data);
		at += !stream && at >= 0;
	}
	return !oto_left(in);
}

static struct bacnet_file file_of(const struct bacnet_parse *p, const char *pdu_type)
{
	return (struct bacnet_file){ .ends = p->m->ends,
				     .invoke_id = p->m->invoke_id,
				     .pdu_service = p->m->pdu_service,
				     .pdu_type = pdu_type,
				     .instance_number = p->place.instance,
				     .has_file = p->place.has_object };
}

bool bacnet_file_request(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_transfer *t = NULL;
	struct bacnet_tag object;
	struct oto_cur in;

	if (!bacnet_take_application(c, OBJECT, &object) || !bacnet_object(object.data, &p->place))
		return false;
	struct bacnet_file e = file_of(p, "request");
	bool reads = p->m->pdu_service == ATOMIC_READ_FILE;
	if (!take_access(c, &in, &e))
		return false;
	bool ok = reads ? take_start(&in, &e) && take_count(&in, &e) : take_data(p, &in, &e, OTO_PROGRAM_DOWNLOAD, &t);
	oto_emit(p->cx, EV_FILE, &e);
	return ok;
}

bool bacnet_file_ack(struct bacnet_parse *p, struct oto_cur *c)
{
	struct bacnet_file e = file_of(p, "ack");
	struct bacnet_transfer *t = NULL;
	struct bacnet_tag tag;
	struct oto_cur in;

	if (p->m->pdu_service == ATOMIC_WRITE_FILE) {
		e.access = bacnet_take_context(c, 0, &tag) ? "stream" : "record";
		bool ok = e.access[0] == 's' || bacnet_take_context(c, 1, &tag);
		e.start = ok ? bacnet_signed(tag.data) : 0;
		e.has_start = ok;
		oto_emit(p->cx, EV_FILE, &e);
		return ok;
	}
	if (!bacnet_take_application(c, BOOLEAN, &tag))
		return false;
	e.end_of_file = tag.value;
	e.has_eof = true;
	if (!take_access(c, &in, &e) || !take_data(p, &in, &e, OTO_PROGRAM_UPLOAD, &t))
		return false;
	oto_emit(p->cx, EV_FILE, &e);
	if (t && e.end_of_file)
		end(p->cx, t, t->content.broken ? OTO_PROGRAM_CUT : OTO_PROGRAM_COMPLETE, NULL);
	return true;
}

void bacnet_file_refused(struct bacnet_parse *p)
{
	bool reads = p->m->pdu_service == ATOMIC_READ_FILE;
	struct bacnet_transfer *t =
	    p->place.has_object ? find(p, reads ? OTO_PROGRAM_UPLOAD : OTO_PROGRAM_DOWNLOAD, p->place.instance) : NULL;

	if (t)
		end(p->cx, t, OTO_PROGRAM_ABORTED, p->why);
}

void bacnet_files_end(struct oto_ctx *cx)
{
	struct bacnet_flow *flow = cx->state;

	for (uint32_t i = 0; i < FILES_MAX; i++) {
		if (flow->files[i].open)
			end_write(cx, &flow->files[i]);
	}
}
