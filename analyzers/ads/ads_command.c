/* ads_command.c - what stands behind the AMS header, command by command ("ADS Commands"): the request's parameters, and what comes back.
 *
 * A response is read with what its request asked for. Sum commands are read by ads_sum.c.
 */
#include "ads.h"

/* ------------------------------------------------------------------------------------------------ requests */

static void take_place(struct ads_parse *p, struct oto_cur *c, struct ads_note *note)
{
	struct ads_message *m = p->m;

	m->index_group = oto_le32(c);
	m->index_offset = oto_le32(c);
	m->has_index = note->has_index = true;
	note->at = (struct ads_symbol){ .group = m->index_group, .offset = m->index_offset };
	p->group = ads_group_of(m->port, m->index_group);
}

/* Files are in the state of the flow, everything else in the symbols. */
static bool is_file_handle(const struct ads_parse *p)
{
	uint32_t group = p->m->index_group;

	return p->m->port == ADS_SYSTEM_SERVICE && group >= ADS_FCLOSE && group <= ADS_FEOF;
}

static bool takes_file_name(const struct ads_parse *p)
{
	uint32_t group = p->m->index_group;

	return p->m->port == ADS_SYSTEM_SERVICE &&
	       (group == ADS_FOPEN || (group >= ADS_FDELETE && group <= ADS_RMDIR && group != ADS_FSIZE_BY_HANDLE) ||
		(group >= ADS_OPEN_CREATE && group <= ADS_OPEN_WRITE));
}

static bool takes_symbol_name(uint32_t group)
{
	return group == ADS_HANDLE_BY_NAME || group == ADS_VALUE_BY_NAME || group == ADS_INFO_BY_NAME || group == ADS_INFO_BY_NAME_EX ||
	       group == ADS_TYPE_BY_NAME;
}

/* "boot_project/CurrentPlc_1.wbp" */
static struct oto_slice file_name(struct ads_parse *p, struct oto_slice name)
{
	const char *folder = p->m->index_group == ADS_FOPEN ? ads_folder_of(p->m->index_offset) : NULL;

	name = oto_oem(p->cx, say_string(name));
	if (!folder)
		return name;
	return say_text(p->cx, ADS_NAME, "%s/%.*s", folder, (int)say_first(name, ADS_NAME).len, (const char *)name.data);
}

/* STARTPROCESS: three lengths, then path, directory and arguments, each with a zero behind it. */
static struct oto_slice process_of(struct ads_parse *p, struct oto_slice s)
{
	enum { MOST = 300 };
	struct oto_cur c = oto_cur_of(s);
	uint32_t path = oto_le32(&c), folder = oto_le32(&c), arguments = oto_le32(&c);
	struct oto_slice program = say_string(oto_take(&c, path));

	oto_skip(&c, 1);
	oto_skip(&c, folder);
	oto_skip(&c, 1);
	struct oto_slice behind = say_first(say_string(oto_take(&c, arguments)), MOST);
	if (c.bad)
		return (struct oto_slice){ 0 };
	struct text t = text_new(p->cx, 2 * MOST + 1);
	text_put_slice(&t, say_first(program, MOST));
	if (behind.len)
		text_put(&t, " ");
	text_put_slice(&t, behind);
	return oto_oem(p->cx, text_end(&t));
}

/* Key, a zero, the value's name: what of the registry is meant. */
static struct oto_slice registry_of(struct ads_parse *p, struct oto_slice s)
{
	struct oto_slice key = say_string(s), value = say_string(say_from(s, key.len + 1));
	struct text t = text_new(p->cx, ADS_NAME);

	text_put_slice(&t, key);
	if (value.len)
		text_put(&t, "\\");
	text_put_slice(&t, value);
	return text_end(&t);
}

bool ads_is_registry(const struct ads_parse *p)
{
	return p->m->port == ADS_SYSTEM_SERVICE && p->m->index_group >= ADS_REGISTRY && p->m->index_group <= ADS_REGISTRY_LAST;
}

static bool names_password(struct oto_slice name)
{
	for (uint32_t i = 0; i < name.len; i++) {
		if (say_begins(say_from(name, i), "password"))
			return true;
	}
	return false;
}

/* Passwords stay where they are. */
static void hide_secret(struct ads_parse *p, const struct ads_symbol *s)
{
	bool is_default = s->group == ADS_DEFAULT_PASSWORD,
	     is_value = ads_is_registry(p) && names_password((struct oto_slice){ s->name, s->name_len });

	if (p->m->port != ADS_SYSTEM_SERVICE || (!is_default && !is_value))
		return;
	p->m->data = (struct oto_slice){ 0 };
	p->m->has_data = false;
}

/* What a request carries, by its index group. */
static void take_written(struct ads_parse *p, struct ads_note *note)
{
	struct ads_message *m = p->m;
	struct ads_symbol *s = &note->at;

	if (takes_symbol_name(s->group)) {
		ads_name_symbol(s, p->payload);
		ads_find(p, s);
	} else if (s->group == ADS_RELEASE_HANDLE && p->payload.len == 4) {
		struct oto_cur c = oto_cur_of(p->payload);
		struct ads_symbol behind = { .group = ADS_VALUE_BY_HANDLE, .offset = oto_le32(&c) };
		ads_find(p, &behind);
		ads_name_symbol(s, (struct oto_slice){ behind.name, behind.name_len });
	} else if (takes_file_name(p)) {
		m->file_name = file_name(p, p->payload);
		ads_name_symbol(s, m->file_name);
	} else if (ads_is_registry(p)) {
		ads_name_symbol(s, registry_of(p, p->payload));
	} else if (m->port == ADS_SYSTEM_SERVICE && s->group == ADS_START_PROCESS) {
		m->program = process_of(p, p->payload);
	} else if (m->command == ADS_WRITE && s->group > ADS_LAST_SERVICE) {
		ads_tell_value(p, s, p->payload, ADS_IS_WRITTEN);
	}
}

static void take_data(struct ads_parse *p, struct oto_cur *c, uint32_t length)
{
	p->payload = oto_take(c, length);
	p->m->data = p->payload;
	p->m->has_data = p->payload.len;
}

static void take_access(struct ads_parse *p, struct oto_cur *c, struct ads_note *note)
{
	struct ads_message *m = p->m;

	take_place(p, c, note);
	if (m->command != ADS_WRITE) {
		m->read_length = note->at.length = oto_le32(c);
		m->has_read = true;
	}
	if (m->command != ADS_READ) {
		m->write_length = oto_le32(c);
		m->has_write = true;
		if (m->command == ADS_WRITE)
			note->at.length = m->write_length;
		take_data(p, c, m->write_length);
	}
	if (c->bad)
		return;
	if (is_file_handle(p))
		m->file_name = ads_transfer_name(p, m->index_offset);
	else
		ads_find(p, &note->at);
	if (m->command == ADS_READ_WRITE && ads_is_sum(m->index_group))
		ads_take_sum_request(p, note);
	else if (m->has_write)
		take_written(p, note);
	hide_secret(p, &note->at);
}

static void take_subscription(struct ads_parse *p, struct oto_cur *c, struct ads_note *note)
{
	enum { RESERVED = 16, TICK_NS = 100 };
	struct ads_message *m = p->m;

	take_place(p, c, note);
	m->read_length = note->at.length = oto_le32(c);
	m->has_read = true;
	m->transmission_mode = oto_le32(c);
	m->max_delay.ns = (int64_t)oto_le32(c) * TICK_NS;
	m->cycle_time.ns = (int64_t)oto_le32(c) * TICK_NS;
	m->has_mode = true;
	oto_skip(c, RESERVED);
	ads_find(p, &note->at);
}

void ads_take_request(struct ads_parse *p, struct oto_cur *c, struct ads_note *note)
{
	struct ads_message *m = p->m;

	switch (m->command) {
	case ADS_READ:
	case ADS_WRITE:
	case ADS_READ_WRITE:
		take_access(p, c, note);
		break;
	case ADS_WRITE_CONTROL:
		m->ads_state = note->ads_state = oto_le16(c);
		m->device_state = oto_le16(c);
		m->has_state = true;
		m->write_length = oto_le32(c);
		m->has_write = true;
		take_data(p, c, m->write_length);
		break;
	case ADS_ADD_NOTIFICATION:
		take_subscription(p, c, note);
		break;
	case ADS_DELETE_NOTIFICATION:
		m->notification_handle = oto_le32(c);
		m->has_handle = true;
		ads_find_notification(p, m->notification_handle, &note->at);
		break;
	default: /* the others ask without parameters */
		break;
	}
}

/* ------------------------------------------------------------------------------------------------ responses */

static void put_back(struct ads_parse *p, const struct ads_note *note)
{
	struct ads_message *m = p->m;

	if (note->has_index) {
		m->index_group = note->at.group;
		m->index_offset = note->at.offset;
		m->has_index = true;
		p->group = ads_group_of(m->port, m->index_group);
		if (is_file_handle(p))
			m->file_name = ads_transfer_name(p, m->index_offset);
		else if (takes_file_name(p))
			m->file_name = say_copy(p->cx, (struct oto_slice){ note->at.name, note->at.name_len });
	}
	if (m->command == ADS_WRITE_CONTROL && m->matched) {
		m->ads_state = note->ads_state;
		m->has_state = true;
	}
}

static void learn_entries(const struct ads_parse *p, struct oto_cur c)
{
	while (ads_learn_entry(p, &c))
		;
}

static void take_read(struct ads_parse *p, const struct ads_note *note)
{
	struct oto_cur c = oto_cur_of(p->payload);

	switch (note->at.group) {
	case ADS_HANDLE_BY_NAME:
		ads_learn_handle(p, p->payload, &note->at);
		break;
	case ADS_INFO_BY_NAME: {
		uint32_t group = oto_le32(&c), offset = oto_le32(&c);
		if (!c.bad && note->at.name_len)
			ads_learn_address(p, (struct oto_slice){ note->at.name, note->at.name_len }, group, offset);
		break;
	}
	case ADS_INFO_BY_NAME_EX:
	case ADS_SYMBOL_UPLOAD:
		learn_entries(p, c);
		break;
	default:
		if (note->has_items)
			ads_take_sum_response(p, note);
		else if (p->group && (p->group->space || note->at.group == ADS_VALUE_BY_HANDLE || note->at.group == ADS_VALUE_BY_NAME))
			ads_tell_value(p, &note->at, p->payload, ADS_IS_READ);
		else if (note->at.name_len && note->at.group > ADS_LAST_SERVICE)
			ads_tell_value(p, &note->at, p->payload, ADS_IS_READ); /* an address that the symbol table named */
		break;
	}
}

static void take_device_info(struct ads_parse *p, struct oto_cur *c)
{
	enum { NAME = 16 };
	uint8_t major = oto_u8(c), minor = oto_u8(c);
	uint16_t build = oto_le16(c);

	p->m->device_name = say_trim(say_string(oto_take(c, NAME)));
	p->m->version = say_text(p->cx, 16, "%u.%u.%u", major, minor, build);
}

/* What is refused brings its result alone; of some servers, not even that. */
void ads_take_response(struct ads_parse *p, struct oto_cur *c, const struct ads_note *note)
{
	struct ads_message *m = p->m;

	put_back(p, note);
	if (m->error_code && !oto_left(c))
		return;
	m->result = oto_le32(c);
	m->has_result = true;
	if (m->result && oto_left(c) < 4)
		return;
	switch (m->command) {
	case ADS_READ_DEVICE_INFO:
		take_device_info(p, c);
		break;
	case ADS_READ:
	case ADS_READ_WRITE:
		m->read_length = oto_le32(c);
		m->has_read = true;
		take_data(p, c, m->read_length);
		if (!c->bad && !m->result && note->has_index)
			take_read(p, note);
		hide_secret(p, &note->at);
		break;
	case ADS_READ_STATE:
		m->ads_state = oto_le16(c);
		m->device_state = oto_le16(c);
		m->has_state = true;
		break;
	case ADS_ADD_NOTIFICATION:
		m->notification_handle = oto_le32(c);
		m->has_handle = true;
		if (!c->bad && !m->result && note->has_index)
			ads_learn_notification(p, m->notification_handle, &note->at);
		break;
	default: /* the result is all there is */
		break;
	}
}

/* ------------------------------------------------------------------------------------------------ notifications */

static void take_sample(struct ads_parse *p, struct oto_cur *stream)
{
	struct ads_message *m = p->m;
	uint32_t handle = oto_le32(stream), size = oto_le32(stream);
	struct oto_slice data = oto_take(stream, size);
	struct ads_symbol s = { 0 };

	if (stream->bad)
		return;
	if (!m->items++)
		m->notification_handle = handle;
	if (!ads_find_notification(p, handle, &s))
		return;
	ads_list_symbol(p, &s);
	ads_tell_value(p, &s, data, ADS_IS_NOTIFIED);
}

/* 100 ns since 1601. */
static struct oto_time time_of(uint64_t ticks)
{
	enum { TICK_NS = 100 };
	const uint64_t until_1970 = 116444736000000000, since = ticks - until_1970;

	return (struct oto_time){ since < (uint64_t)INT64_MAX / TICK_NS ? (int64_t)since * TICK_NS : 0 };
}

/* A length, the number of stamps; of each its time, the number of samples; of each its handle, size and data. */
void ads_take_notification(struct ads_parse *p, struct oto_cur *c)
{
	struct ads_message *m = p->m;
	struct oto_cur stream = oto_sub(c, oto_le32(c));

	m->stamps = oto_le32(&stream);
	m->has_stamps = m->has_items = true;
	for (uint32_t i = 0; i < m->stamps && !stream.bad; i++) {
		struct oto_time time = time_of(oto_le64(&stream));
		if (!i)
			m->time = time;
		for (uint32_t n = oto_le32(&stream); n && !stream.bad; n--)
			take_sample(p, &stream);
	}
	m->has_time = m->stamps;
	m->has_handle = m->items;
	c->bad |= stream.bad;
}
