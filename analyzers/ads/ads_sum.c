/* ads_sum.c - sum commands: many reads, writes or notifications in one ReadWrite, whose index offset is their number (AdsDef.h).
 *
 * A request is a list of heads and then of what is written; a response a list of results (with lengths, or handles), then what was read.
 * What each part asks for is kept until its answer.
 */
#include "ads.h"

enum { MOST = 500 }; /* as many as Beckhoff allows in one */

/* How the parts of each sum command look. */
static const struct form {
	uint32_t group, head, result; /* index group; bytes of a head, of a result */
	bool writes;                  /* data of each follow in the request */
} forms[] = {
	{ ADS_SUM_READ, 12, 4, false },
	{ ADS_SUM_WRITE, 12, 4, true },
	{ ADS_SUM_READ_WRITE, 16, 8, true },
	{ ADS_SUM_READ_EX, 12, 8, false },
	{ ADS_SUM_READ_EX2, 12, 8, false },
	{ ADS_SUM_ADD_NOTIFICATION, 40, 8, false },
	{ ADS_SUM_DELETE_NOTIFICATION, 4, 4, false },
};

static const struct form *form_of(uint32_t group)
{
	for (uint32_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (forms[i].group == group)
			return &forms[i];
	}
	return NULL;
}

bool ads_is_sum(uint32_t group)
{
	return group >= ADS_SUM_READ && group <= ADS_SUM_DELETE_NOTIFICATION;
}

/* One head, and the length of what it writes. */
static uint32_t take_head(const struct ads_parse *p, const struct form *form, struct oto_cur *heads, struct ads_symbol *s)
{
	struct oto_cur head = oto_sub(heads, form->head);

	if (form->group == ADS_SUM_DELETE_NOTIFICATION) {
		ads_find_notification(p, oto_le32(&head), s);
		return 0;
	}
	s->group = oto_le32(&head);
	s->offset = oto_le32(&head);
	s->length = oto_le32(&head);
	if (form->group == ADS_SUM_WRITE)
		return s->length;
	return form->writes ? oto_le32(&head) : 0;
}

static void take_part(struct ads_parse *p, const struct form *form, struct ads_symbol *s, struct oto_slice data)
{
	if (form->group == ADS_SUM_READ_WRITE &&
	    (s->group == ADS_HANDLE_BY_NAME || s->group == ADS_INFO_BY_NAME_EX || s->group == ADS_VALUE_BY_NAME))
		ads_name_symbol(s, data);
	ads_find(p, s);
	ads_list_symbol(p, s);
	if (form->group == ADS_SUM_WRITE)
		ads_tell_value(p, s, data, ADS_IS_WRITTEN);
}

/* Of what does not change from poll to poll: the heads, and names behind them. */
static uint64_t sum_of(const struct ads_parse *p, const struct form *form, uint32_t items)
{
	const struct ads_flow *flow = p->cx->state;
	struct oto_slice same = form->group == ADS_SUM_READ_WRITE ? p->payload : say_first(p->payload, items * form->head);

	return oto_key_of(oto_key_mix(p->talk, form->group, flow->changes), same);
}

static void take_parts(struct ads_parse *p, const struct form *form, const struct ads_note *note)
{
	struct oto_cur heads = oto_cur_of(p->payload), data = oto_seek(&heads, note->items * form->head);

	for (uint32_t i = 0; i < note->items; i++) {
		struct ads_symbol s = { 0 };
		uint32_t written = take_head(p, form, &heads, &s);
		struct oto_slice bytes = oto_take(&data, written);
		if (data.bad) {
			oto_weird(p->cx, "sum_too_short", (struct oto_slice){ 0 });
			return;
		}
		take_part(p, form, &s, bytes);
		if (form->group != ADS_SUM_WRITE) /* whose answer has no values */
			ads_keep_item(p, note->sum, i, &s);
	}
	ads_keep_list(p, note->sum);
}

void ads_take_sum_request(struct ads_parse *p, struct ads_note *note)
{
	const struct form *form = form_of(p->m->index_group);

	p->m->items = note->items = p->m->index_offset;
	p->m->has_items = note->has_items = true;
	if (note->items > MOST || note->items > p->payload.len / form->head) {
		oto_weird(p->cx, "sum_too_long", (struct oto_slice){ 0 });
		note->items = 0;
		return;
	}
	note->sum = sum_of(p, form, note->items);
	if (form->group == ADS_SUM_WRITE || !ads_kept_list(p, note->sum))
		take_parts(p, form, note);
}

/* What came back for one part: `bytes` is its data, `number` its handle. */
static void take_answer(struct ads_parse *p, const struct form *form, const struct ads_symbol *s, struct oto_slice bytes, uint32_t number)
{
	struct oto_cur c = oto_cur_of(bytes);

	if (form->group == ADS_SUM_ADD_NOTIFICATION)
		ads_learn_notification(p, number, s);
	else if (form->group == ADS_SUM_READ_WRITE && s->group == ADS_HANDLE_BY_NAME)
		ads_learn_handle(p, bytes, s);
	else if (form->group == ADS_SUM_READ_WRITE && s->group == ADS_INFO_BY_NAME_EX)
		ads_learn_entry(p, &c);
	else
		ads_tell_value(p, s, bytes, ADS_IS_READ);
}

/* With lengths of their own only what was read follows, else as much as was asked for, also of what failed. */
static uint32_t length_of(const struct form *form, const struct ads_symbol *s, uint32_t told)
{
	if (form->group == ADS_SUM_READ || form->group == ADS_SUM_READ_EX)
		return s->length;
	return form->group == ADS_SUM_READ_WRITE || form->group == ADS_SUM_READ_EX2 ? told : 0;
}

/* Is there anything to be learned or told from what came back? */
static bool has_values(const struct ads_parse *p, const struct form *form)
{
	if (form->group == ADS_SUM_ADD_NOTIFICATION || form->group == ADS_SUM_READ_WRITE)
		return true;
	return form->group != ADS_SUM_WRITE && form->group != ADS_SUM_DELETE_NOTIFICATION && (p->wants_values || p->wants_text);
}

void ads_take_sum_response(struct ads_parse *p, const struct ads_note *note)
{
	const struct form *form = form_of(note->at.group);
	struct oto_cur results = oto_cur_of(p->payload);

	p->m->items = note->at.offset;
	p->m->has_items = true;
	if (note->items > p->payload.len / form->result)
		return; /* refused as a whole, or cut */
	struct oto_cur data = oto_seek(&results, note->items * form->result);
	bool all_known = ads_kept_list(p, note->sum) && has_values(p, form); /* else nobody knows where the data of the next begins */
	for (uint32_t i = 0; i < note->items; i++) {
		struct ads_symbol s = { 0 };
		uint32_t result = oto_le32(&results), number = form->result == 8 ? oto_le32(&results) : 0;
		all_known = all_known && ads_kept_item(p, note->sum, i, &s);
		struct oto_slice bytes = oto_take(&data, length_of(form, &s, number));
		if (result) {
			p->first_error = p->first_error ? p->first_error : ads_error_word(result);
			p->m->failures++;
		} else if (all_known && !data.bad) {
			take_answer(p, form, &s, bytes, number);
		}
	}
}
