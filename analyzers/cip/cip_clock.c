/* cip_clock.c - the clocks of devices, as they are read and set: Rockwell's Wall Clock Time (0x8b) and Time Sync (volume 1, 5-47). */
#include "cip_objects.h"

enum form {
	UNKNOWN = 0, /* of unknown width: nothing behind it can be read */
	OTHER,       /* `width` bytes that are no clock */
	MICROSECONDS,
	NANOSECONDS, /* both since 1970 */
	FIELDS,      /* year, month, day, hour, minute, second, microsecond */
};
struct attribute {
	uint16_t number;
	uint8_t form, width;
};
struct clock {
	const struct attribute *row;
	uint32_t count;
};

static const struct attribute wall_rows[] = {
	{ 5, FIELDS, 0 },        /* local time */
	{ 6, MICROSECONDS, 0 },  /* what tools set */
	{ 11, MICROSECONDS, 0 }, /* what tools read */
};
static const struct attribute sync_rows[] = {
	{ 1, OTHER, 1 }, /* switched on */
	{ 2, OTHER, 1 }, /* in step */
	{ 3, MICROSECONDS, 0 }, { 4, NANOSECONDS, 0 }, { 5, OTHER, 8 }, { 6, OTHER, 8 }, { 7, OTHER, 8 }, { 8, OTHER, 24 },
};
static const struct clock wall_clock = { wall_rows, sizeof wall_rows / sizeof *wall_rows };
static const struct clock sync_clock = { sync_rows, sizeof sync_rows / sizeof *sync_rows };

/* Days since 1970, by the calendar that repeats every 400 years; its years begin in March. */
static int64_t days_of(uint32_t year, uint32_t month, uint32_t day)
{
	uint32_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

	return (int64_t)y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static void show(struct cip_talk *t, int64_t ns)
{
	t->m->clock.ns = ns;
	t->m->has_clock = true;
}

/* A controller without a clock says zeros. */
static void take_fields(struct cip_talk *t, struct oto_cur *c)
{
	uint32_t f[7];

	for (uint32_t i = 0; i < 7; i++)
		f[i] = oto_le32(c);
	if (c->bad || f[0] < 1970 || f[0] > 2200 || f[1] - 1 > 11 || f[2] - 1 > 30 || f[3] > 23 || f[4] > 59 || f[5] > 60 || f[6] > 999999)
		return;
	int64_t seconds = ((days_of(f[0], f[1], f[2]) * 24 + f[3]) * 60 + f[4]) * 60 + f[5];
	show(t, seconds * 1000000000 + (int64_t)f[6] * 1000);
}

static void take_count(struct cip_talk *t, struct oto_cur *c, uint32_t unit)
{
	uint64_t n = oto_le64(c);

	if (!c->bad && n && n <= INT64_MAX / unit)
		show(t, (int64_t)(n * unit));
}

/* False: nothing behind it can be read. */
static bool take_one(struct cip_talk *t, struct oto_cur *c, const struct clock *clock, uint32_t number)
{
	const struct attribute *a = NULL;

	for (uint32_t i = 0; i < clock->count && !a; i++)
		a = clock->row[i].number == number ? &clock->row[i] : NULL;
	switch (a ? a->form : UNKNOWN) {
	case OTHER:
		oto_skip(c, a->width);
		break;
	case MICROSECONDS:
		take_count(t, c, 1000);
		break;
	case NANOSECONDS:
		take_count(t, c, 1);
		break;
	case FIELDS:
		take_fields(t, c);
		break;
	default:
		return false;
	}
	return !c->bad;
}

/* A list: of a response each attribute has a status of its own. */
static void take_list(struct cip_talk *t, struct oto_cur *c, const struct clock *clock)
{
	for (uint16_t n = oto_le16(c); n && !c->bad; n--) {
		uint16_t number = oto_le16(c), status = t->response ? oto_le16(c) : 0;
		if (!status && !take_one(t, c, clock, number))
			return;
	}
}

static void take_clock(struct cip_talk *t, const struct clock *clock)
{
	bool single = t->service == (t->response ? CIP_GET_ATTRIBUTE_SINGLE : CIP_SET_ATTRIBUTE_SINGLE);
	bool list = t->service == (t->response ? CIP_GET_ATTRIBUTE_LIST : CIP_SET_ATTRIBUTE_LIST);
	struct oto_cur c = t->data;

	if (t->status || !t->path.instance_id || !oto_left(&c) || (t->response && !t->asked))
		return;
	if (single && t->path.has_attribute)
		take_one(t, &c, clock, t->path.attribute_id);
	else if (list)
		take_list(t, &c, clock);
}

static void wall_data(struct cip_talk *t)
{
	take_clock(t, &wall_clock);
}

static void sync_data(struct cip_talk *t)
{
	take_clock(t, &sync_clock);
}

static const struct oto_name time_rows[] = {
	{ CIP_SET_ATTRIBUTES_ALL, "Set Attributes All", OTO_OP_TIME, "the device's clock" },
	{ CIP_SET_ATTRIBUTE_LIST, "Set Attribute List", OTO_OP_TIME, "the device's clock" },
	{ CIP_SET_ATTRIBUTE_SINGLE, "Set Attributes Single", OTO_OP_TIME, "the device's clock" },
};
static const struct oto_names time_services = OTO_NAMES(time_rows);

const struct cip_object cip_wall_clock = { .class_id = 0x8b, .services = &time_services, .request = wall_data, .response = wall_data };
const struct cip_object cip_time_sync = { .class_id = 0x43, .services = &time_services, .request = sync_data, .response = sync_data };
