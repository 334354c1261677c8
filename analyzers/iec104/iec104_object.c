/* iec104_object.c - information objects: their elements one after the other, as the layout of their type has them (101, 7.2.6 and 7.3). */
#include "iec104.h"

/* ------------------------------------------------------------------------------------------------ time */

enum { MS_PER_MINUTE = 60000, NS_PER_MS = 1000000, INVALID = 0x80, SUMMER = 0x80 };

/* Days from 1970-01-01 of a date of the Gregorian calendar: years that begin in March have their leap day at the end. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	enum { DAYS_400_YEARS = 146097, DAYS_TO_1970 = 719468 };

	year -= month <= 2;
	int64_t era = year / 400, of_era = year % 400, of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * DAYS_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970;
}

struct clock {
	struct oto_time time;
	bool valid, invalid, summer; /* valid: it is a time; invalid: the station says that it is not to be trusted */
};

/* CP56Time2a (7.2.6.18): whether it is local time or UTC is for the site to know. Two digits of the year; three from stations that count as
 * C does, from 1900. */
static struct clock take_clock(struct oto_cur *c)
{
	uint16_t ms = oto_le16(c);
	uint8_t minute = oto_u8(c), hour = oto_u8(c), day = oto_u8(c) & 0x1f, month = oto_u8(c) & 0x0f, year = oto_u8(c) & 0x7f;
	struct clock clock = { .invalid = minute & INVALID, .summer = hour & SUMMER };

	minute &= 0x3f;
	hour &= 0x1f;
	clock.valid = ms < MS_PER_MINUTE && minute < 60 && hour < 24 && day && month && month <= 12;
	int64_t minutes = (days_of(year + (year < 100 ? 2000 : 1900), month ? month : 1, day) * 24 + hour) * 60 + minute;
	clock.time.ns = (minutes * MS_PER_MINUTE + ms) * NS_PER_MS;
	return clock;
}

static void take_time(struct oto_cur *c, struct iec104_object *o)
{
	struct clock clock = take_clock(c);

	o->time = clock.time;
	o->has_time = clock.valid;
	o->time_invalid = clock.invalid;
	o->summer_time = clock.summer;
}

/* CP24Time2a (7.2.6.19): minutes of an hour that nobody names. */
static void take_hour_time(struct oto_cur *c, struct iec104_object *o)
{
	uint16_t ms = oto_le16(c);
	uint8_t minute = oto_u8(c);

	o->has_hour_time = ms < MS_PER_MINUTE && (minute & 0x3f) < 60;
	o->hour_time.ns = ((int64_t)(minute & 0x3f) * MS_PER_MINUTE + ms) * NS_PER_MS;
	o->time_invalid = minute & INVALID;
}

/* ------------------------------------------------------------------------------------------------ elements */

/* IV, NT, SB and BL stand in the upper bits wherever they are; what the lower ones mean differs. */
static uint16_t quality_of(uint8_t bits, uint8_t lowest, uint16_t flag)
{
	return (uint16_t)((bits & 0x80 ? FLAG_IV : 0) | (bits & 0x40 ? FLAG_NT : 0) | (bits & 0x20 ? FLAG_SB : 0) |
			  (bits & 0x10 ? FLAG_BL : 0) | (bits & lowest ? flag : 0));
}

static void set(struct iec104_object *o, double value)
{
	o->value = value;
	o->has_value = true;
}

static void qualify(struct iec104_object *o, uint8_t element, uint8_t qualifier)
{
	o->qualifier = qualifier;
	o->qualifier_name = iec104_qualifier_word(element, qualifier);
	o->has_qualifier = true;
}

static void take_real(struct oto_cur *c, struct iec104_object *o)
{
	uint32_t bits = oto_le32(c);
	float real;

	memcpy(&real, &bits, sizeof real);
	set(o, (double)real);
}

/* 7.2.6.9: the reading, then its sequence number with flags. */
static void take_counter(struct oto_cur *c, struct iec104_object *o)
{
	set(o, (int32_t)oto_le32(c));
	uint8_t bits = oto_u8(c);
	o->counter_sequence = bits & 0x1f;
	o->has_counter = true;
	o->flags |= (uint16_t)((bits & 0x80 ? FLAG_IV : 0) | (bits & 0x40 ? FLAG_CA : 0) | (bits & 0x20 ? FLAG_CY : 0));
}

/* 7.2.6.15 to 17: the state, the qualifier of command and select or execute. */
static void take_command(struct oto_cur *c, uint8_t element, struct iec104_object *o)
{
	uint8_t bits = oto_u8(c);

	set(o, bits & (element == SCO ? 0x01 : 0x03));
	qualify(o, element, bits >> 2 & 0x1f);
	o->select = bits & 0x80;
	o->has_select = true;
}

static void take_setpoint(struct oto_cur *c, struct iec104_object *o)
{
	uint8_t bits = oto_u8(c);

	qualify(o, QOS, bits & 0x7f);
	o->select = bits & 0x80;
	o->has_select = true;
}

static void take_value(struct oto_cur *c, uint8_t element, struct iec104_object *o)
{
	uint8_t bits;

	switch (element) {
	case SIQ:
		bits = oto_u8(c);
		set(o, bits & 0x01);
		o->flags |= quality_of(bits, 0, 0);
		break;
	case DIQ:
		bits = oto_u8(c);
		set(o, bits & 0x03);
		o->flags |= quality_of(bits, 0, 0);
		break;
	case SEP:
		bits = oto_u8(c);
		set(o, bits & 0x03);
		o->flags |= quality_of(bits, 0x08, FLAG_EI);
		break;
	case VTI:
		bits = oto_u8(c);
		set(o, (bits & 0x3f) - (bits & 0x40));
		o->flags |= bits & 0x80 ? FLAG_T : 0;
		break;
	case BSI:
		set(o, oto_le32(c));
		break;
	case NVA:
		set(o, (int16_t)oto_le16(c) / 32768.0);
		break;
	case SVA:
		set(o, (int16_t)oto_le16(c));
		break;
	case R32:
		take_real(c, o);
		break;
	case BCR:
		take_counter(c, o);
		break;
	case SPE:
	case OCI:
		set(o, oto_u8(c));
		break;
	case SCD:
		set(o, oto_le16(c));
		o->changes = oto_le16(c);
		o->has_changes = true;
		break;
	default: /* FBP, TSC */
		set(o, oto_le16(c));
		break;
	}
}

static void take_qualifier(struct oto_cur *c, uint8_t element, struct iec104_object *o)
{
	uint8_t bits = oto_u8(c);

	switch (element) {
	case QDS:
		o->flags |= quality_of(bits, 0x01, FLAG_OV);
		break;
	case QDP:
		o->flags |= quality_of(bits, 0x08, FLAG_EI);
		break;
	case QCC:
		qualify(o, QCC, bits & 0x3f);
		o->freeze = bits >> 6;
		o->has_freeze = true;
		break;
	case QPM:
		qualify(o, QPM, bits & 0x3f);
		o->flags |= (uint16_t)((bits & 0x40 ? FLAG_LPC : 0) | (bits & 0x80 ? FLAG_POP : 0));
		break;
	case COI:
		qualify(o, COI, bits & 0x7f);
		o->flags |= bits & 0x80 ? FLAG_LPC : 0;
		break;
	default: /* QOI, QRP, QPA */
		qualify(o, element, bits);
		break;
	}
}

static void take_element(struct oto_cur *c, uint8_t element, struct iec104_object *o)
{
	switch (element) {
	case SCO:
	case DCO:
	case RCO:
		take_command(c, element, o);
		break;
	case QOS:
		take_setpoint(c, o);
		break;
	case CP16:
		o->elapsed.ns = (int64_t)oto_le16(c) * NS_PER_MS;
		o->has_elapsed = true;
		break;
	case CP24:
		take_hour_time(c, o);
		break;
	case CP56:
		take_time(c, o);
		break;
	case QDS:
	case QDP:
	case QOI:
	case QCC:
	case QRP:
	case QPM:
	case QPA:
	case COI:
		take_qualifier(c, element, o);
		break;
	default:
		take_value(c, element, o);
		break;
	}
}

/* ------------------------------------------------------------------------------------------------ objects */

void iec104_take_object(const struct iec104_parse *p, struct oto_cur *c, uint32_t address, struct iec104_object *o)
{
	const struct iec104_apdu *m = p->m;

	*o = (struct iec104_object){ .client = m->client,
				     .server = m->server,
				     .type_id = m->type_id,
				     .cause_tx = m->cause_tx,
				     .direction = m->direction,
				     .negative = m->negative,
				     .test = m->test,
				     .originator_address = m->originator_address,
				     .common_address = m->common_address,
				     .info_obj_addr = address };
	for (uint32_t i = 0; i < IEC104_ELEMENTS_MAX && p->layout->element[i]; i++)
		take_element(c, p->layout->element[i], o);
	o->invalid = o->flags & FLAG_IV;
	o->has_command = o->has_value && p->is_client;
	o->command = o->has_command ? o->value : 0;
}

struct oto_slice iec104_quality_text(struct oto_ctx *cx, uint16_t flags)
{
	static const char words[FLAG_COUNT][4] = { "IV", "NT", "SB", "BL", "OV", "EI", "CA", "CY", "T", "LPC", "POP" };
	uint8_t *text = flags ? oto_scratch(cx, sizeof words) : NULL;
	uint32_t n = 0;

	for (uint32_t i = 0; text && i < FLAG_COUNT; i++) {
		if (!(flags & 1u << i))
			continue;
		if (n)
			text[n++] = ',';
		for (const char *s = words[i]; *s; s++)
			text[n++] = (uint8_t)*s;
	}
	return (struct oto_slice){ text, n };
}

bool iec104_is_file(uint8_t type)
{
	return type >= F_FR_NA_1 && type <= F_SC_NB_1;
}

static void file_time(struct oto_cur *c, struct iec104_file *f)
{
	struct clock clock = take_clock(c);

	if (f->type_id == F_SC_NB_1 && f->has_time) {
		f->until = clock.time;
		f->has_until = clock.valid;
	} else {
		f->time = clock.time;
		f->has_time = clock.valid;
	}
}

static const char *error_of(uint8_t high)
{
	const struct oto_name *row = high ? oto_name_of(&iec104_file_errors, high) : NULL;

	return row ? row->name : high ? "error" : NULL;
}

/* 7.2.6.27 to 38. */
static void file_element(struct oto_cur *c, uint8_t element, struct iec104_file *f)
{
	uint8_t bits = 0;

	switch (element) {
	case NOF:
		f->file = oto_le16(c);
		return;
	case LOF:
		f->length = (uint32_t)oto_le16(c);
		f->length |= (uint32_t)oto_u8(c) << 16;
		f->has_length = true;
		return;
	case LOS:
		f->data = oto_take(c, oto_u8(c));
		f->has_data = true;
		return;
	case CP56:
		file_time(c, f);
		return;
	default:
		bits = oto_u8(c);
		break;
	}
	switch (element) {
	case NOS:
		f->section = bits;
		f->has_section = true;
		break;
	case FRQ: /* bit 8: the file is not */
	case SRQ:
		f->ready = !(bits & 0x80);
		f->has_ready = true;
		break;
	case SCQ:
		f->call = bits & 0x0f;
		f->has_call = true;
		f->error = error_of(bits >> 4);
		break;
	case AFQ:
		f->ack = bits & 0x0f;
		f->has_ack = true;
		f->error = error_of(bits >> 4);
		break;
	case LSQ:
		f->end = bits;
		f->has_end = true;
		break;
	case CHS:
		f->checksum = bits;
		f->has_checksum = true;
		break;
	default: /* SOF */
		f->status = bits;
		f->has_status = true;
		break;
	}
}

void iec104_take_file(const struct iec104_parse *p, struct oto_cur *c, uint32_t address, struct iec104_file *f)
{
	const struct iec104_apdu *m = p->m;

	*f = (struct iec104_file){ .client = m->client,
				   .server = m->server,
				   .type_id = m->type_id,
				   .cause_tx = m->cause_tx,
				   .direction = m->direction,
				   .common_address = m->common_address,
				   .info_obj_addr = address };
	for (uint32_t i = 0; i < IEC104_ELEMENTS_MAX && p->layout->element[i]; i++)
		file_element(c, p->layout->element[i], f);
}
