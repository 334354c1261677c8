/* mms_service.c - what the requests, responses and reports of each service carry (ISO 9506-2 clauses 10 to 21, and annexes for files). */
#include "mms.h"

static void put_identifier(struct mms_parse *p, struct oto_slice s)
{
	if (mms_text_begin(p, &p->name))
		mms_put_slice(&p->name, s);
}

bool mms_number_of(struct oto_slice s, uint32_t *out)
{
	uint64_t n;

	if (!ber_unsigned_of(s, &n) || n > UINT32_MAX)
		return false;
	*out = (uint32_t)n;
	return true;
}

static void take_handle(struct mms_parse *p, struct oto_slice s)
{
	p->m->has_handle = mms_number_of(s, &p->m->handle);
}

/* ------------------------------------------------------------------------------------------------ requests */

static void name_list(struct mms_parse *p, struct oto_cur *c)
{
	struct mms_message *m = p->m;

	for (struct ber e; ber_next(c, &e);) {
		struct oto_cur inner = oto_cur_of(e.value);
		struct ber what;
		uint32_t n = 0;
		if (e.tag == BER_CONTEXT_PRIMITIVE(2)) {
			m->continue_after = e.value;
		} else if (ber_next(&inner, &what) && e.tag == BER_CONTEXT(0)) {
			m->has_class = mms_number_of(what.value, &n);
			m->object_class = (uint8_t)n;
		} else if (e.tag == BER_CONTEXT(1)) {
			m->scope = what.tag == BER_CONTEXT_PRIMITIVE(1)   ? "domain"
				   : what.tag == BER_CONTEXT_PRIMITIVE(2) ? "association"
									  : "vmd";
			if (what.tag == BER_CONTEXT_PRIMITIVE(1)) {
				m->domain = what.value;
				put_identifier(p, what.value);
			}
		}
	}
}

static void read_request(struct mms_parse *p, struct oto_cur *c)
{
	for (struct ber e; ber_next(c, &e);) {
		struct oto_cur inner = oto_cur_of(e.value);
		if (e.tag == BER_CONTEXT(1)) {
			mms_take_variables(p, &inner);
			c->bad |= inner.bad;
		}
	}
}

/* The variables, then what each gets. */
static void write_request(struct mms_parse *p, struct oto_cur *c)
{
	mms_take_variables(p, c);
	struct oto_cur values = ber_enter(c, BER_CONTEXT(0));
	mms_take_values(p, &values);
	ber_leave(c, &values);
}

static void names_of(struct mms_parse *p, struct oto_cur *c)
{
	for (struct ber e; ber_next(c, &e);) {
		struct oto_cur names = oto_cur_of(e.value);
		if (e.tag != BER_CONTEXT(1))
			continue;
		for (bool first = true; oto_left(&names) && !names.bad; first = false) {
			if (!first)
				mms_put(&p->name, ",");
			mms_take_name(p, &names);
		}
		c->bad |= names.bad;
	}
}

static void files(struct mms_parse *p, struct oto_cur *c, uint32_t from, uint32_t to)
{
	for (struct ber e; ber_next(c, &e);) {
		struct oto_cur inner = oto_cur_of(e.value);
		if (e.tag == BER_CONTEXT(from))
			p->m->file_name = mms_take_file(p, &inner);
		else if (e.tag == BER_CONTEXT(to))
			p->m->new_file_name = mms_take_file(p, &inner);
		else if (e.tag == BER_CONTEXT_PRIMITIVE(1))
			p->m->has_position = mms_number_of(e.value, &p->m->file_position);
		c->bad |= inner.bad;
	}
}

/* Services whose first field names what they touch: an identifier, or an object's name. */
static void first_name(struct mms_parse *p, struct oto_cur *c)
{
	struct ber e;
	struct oto_cur look = *c;

	if (!ber_next(&look, &e))
		return;
	if (e.tag == BER_CONTEXT(1)) {
		mms_take_name(p, c);
	} else if (e.tag & BER_CONSTRUCTED) {
		struct oto_cur inner = oto_cur_of(e.value);
		mms_take_name(p, &inner);
	} else {
		put_identifier(p, e.value);
	}
}

/* A file that a domain is loaded from or stored to: domain [0], file name [1] or [4]. */
static void domain_and_file(struct mms_parse *p, struct oto_cur *c)
{
	for (struct ber e; ber_next(c, &e);) {
		struct oto_cur inner = oto_cur_of(e.value);
		if (e.tag == BER_CONTEXT_PRIMITIVE(0))
			put_identifier(p, e.value);
		else if (e.tag == BER_CONTEXT(4) || e.tag == BER_CONTEXT(1))
			p->m->new_file_name = mms_take_file(p, &inner);
	}
}

void mms_take_request(struct mms_parse *p, uint32_t service, struct oto_slice content)
{
	struct oto_cur c = oto_cur_of(content);

	switch (service) {
	case MMS_STATUS:
	case MMS_IDENTIFY:
	case MMS_ALARM_SUMMARY:
	case MMS_ENROLLMENT_SUMMARY: /* whom they ask for, not what */
		break;
	case MMS_GET_NAME_LIST:
		name_list(p, &c);
		break;
	case MMS_READ:
		read_request(p, &c);
		break;
	case MMS_WRITE:
		write_request(p, &c);
		break;
	case MMS_DELETE_LIST:
		names_of(p, &c);
		break;
	case MMS_DOWNLOAD_SEGMENT:
	case MMS_INITIATE_UPLOAD:
	case MMS_DELETE_DOMAIN:
	case 37:
	case 39:
	case 45:
		put_identifier(p, content); /* an identifier, no more */
		break;
	case MMS_UPLOAD_SEGMENT:
	case MMS_TERMINATE_UPLOAD:
	case MMS_FILE_READ:
	case MMS_FILE_CLOSE:
		take_handle(p, content);
		break;
	case MMS_LOAD_DOMAIN:
	case MMS_STORE_DOMAIN:
	case MMS_REQUEST_DOWNLOAD:
	case MMS_REQUEST_UPLOAD:
		domain_and_file(p, &c);
		break;
	case MMS_OBTAIN_FILE:
		files(p, &c, 1, 2);
		break;
	case MMS_FILE_OPEN:
	case MMS_FILE_RENAME:
	case MMS_FILE_DIRECTORY:
		files(p, &c, 0, 1);
		break;
	case MMS_FILE_DELETE:
		p->m->file_name = mms_take_file(p, &c);
		break;
	case MMS_GET_LIST:
		mms_take_name(p, &c);
		break;
	default:
		first_name(p, &c);
		break;
	}
	if (c.bad)
		oto_weird(p->cx, "unexpected_content", (struct oto_slice){ 0 });
}

/* ------------------------------------------------------------------------------------------------ responses */

static void status(struct mms_parse *p, struct oto_cur *c)
{
	uint32_t logical = 0, physical = 0;

	p->m->has_status = mms_number_of(ber_take(c, BER_CONTEXT_PRIMITIVE(0)), &logical) &&
			   mms_number_of(ber_take(c, BER_CONTEXT_PRIMITIVE(1)), &physical) && !c->bad;
	p->m->logical_status = (uint8_t)logical;
	p->m->physical_status = (uint8_t)physical;
}

static void identify(struct mms_parse *p, struct oto_cur *c)
{
	for (struct ber e; ber_next(c, &e);) {
		if (e.tag == BER_CONTEXT_PRIMITIVE(0))
			p->m->vendor = e.value;
		else if (e.tag == BER_CONTEXT_PRIMITIVE(1))
			p->m->model = e.value;
		else if (e.tag == BER_CONTEXT_PRIMITIVE(2))
			p->m->revision = e.value;
	}
}

static void take_more(struct mms_parse *p, struct oto_slice s)
{
	p->m->more_follows = s.len && s.data[0];
	p->m->has_more = true;
}

static void identifiers(struct mms_parse *p, struct oto_cur *c)
{
	uint32_t n = 0;

	for (struct ber e; ber_next(c, &e);) {
		struct oto_cur inner = oto_cur_of(e.value);
		if (e.tag == BER_CONTEXT_PRIMITIVE(1)) {
			take_more(p, e.value);
			continue;
		}
		if (e.tag != BER_CONTEXT(0) || !mms_text_begin(p, &p->value))
			continue;
		for (struct ber name; ber_next(&inner, &name); n++) {
			mms_put(&p->value, n ? "," : "");
			mms_put_slice(&p->value, name.value);
		}
		c->bad |= inner.bad;
	}
	p->m->number_of_items = n;
	p->m->has_items = true;
}

/* Result of a read: the specification again if it was wanted, then the values. */
static void read_response(struct mms_parse *p, struct oto_cur *c)
{
	for (struct ber e; ber_next(c, &e);) {
		struct oto_cur inner = oto_cur_of(e.value);
		if (e.tag == BER_CONTEXT(1))
			mms_take_values(p, &inner);
		else if (e.tag == BER_CONTEXT(0) && !p->name.len)
			mms_take_variables(p, &inner);
		c->bad |= inner.bad;
	}
}

/* A failure or a success for each. */
static void write_response(struct mms_parse *p, struct oto_cur *c)
{
	if (!mms_text_begin(p, &p->value))
		return;
	for (struct ber e; ber_next(c, &e);) {
		mms_put(&p->value, p->value.len ? "," : "");
		if (e.tag == BER_CONTEXT_PRIMITIVE(0))
			mms_put_failure(p, e.value);
		else
			mms_put(&p->value, "ok");
	}
}

/* loadData or fileData [0], moreFollows [1], true when it is missing. */
static void piece(struct mms_parse *p, struct oto_cur *c)
{
	struct mms_message *m = p->m;

	m->more_follows = m->has_more = true;
	for (struct ber e; ber_next(c, &e);) {
		if (e.tag == BER_CONTEXT_PRIMITIVE(0)) {
			m->data = e.value;
			m->has_data = true;
		} else if (e.tag == BER_CONTEXT_PRIMITIVE(1)) {
			take_more(p, e.value);
		}
	}
}

/* Entries of a journal are not read. */
static void journal(struct mms_parse *p, struct oto_cur *c)
{
	for (struct ber e; ber_next(c, &e);) {
		if (e.tag == BER_CONTEXT_PRIMITIVE(1))
			take_more(p, e.value);
	}
}

static void opened(struct mms_parse *p, struct oto_cur *c)
{
	take_handle(p, ber_take(c, BER_CONTEXT_PRIMITIVE(0)));
	struct oto_cur attributes;
	struct ber e;
	if (ber_enter_if(c, BER_CONTEXT(1), &attributes) && ber_next(&attributes, &e) && e.tag == BER_CONTEXT_PRIMITIVE(0))
		p->m->has_size = mms_number_of(e.value, &p->m->file_size);
}

/* listOfDirectoryEntry: names and sizes. */
static void directory(struct mms_parse *p, struct oto_cur *c)
{
	struct ber e, list;
	uint32_t n = 0;

	if (!ber_next(c, &e) || e.tag != BER_CONTEXT(0) || !mms_text_begin(p, &p->value))
		return;
	struct oto_cur entries = oto_cur_of(e.value);
	if (ber_at(&entries, BER_SEQUENCE)) { /* one more level where the list is tagged explicitly */
		struct oto_cur look = entries;
		if (ber_next(&look, &list) && !oto_left(&look)) {
			struct oto_cur inside = oto_cur_of(list.value);
			if (ber_at(&inside, BER_SEQUENCE))
				entries = inside;
		}
	}
	for (struct ber entry; ber_next(&entries, &entry); n++) {
		struct oto_cur parts = oto_cur_of(entry.value);
		struct ber name;
		mms_put(&p->value, n ? "," : "");
		if (!ber_next(&parts, &name))
			continue;
		struct oto_cur words = oto_cur_of(name.value);
		for (struct ber word; ber_next(&words, &word);)
			mms_put_slice(&p->value, word.value);
	}
	c->bad |= entries.bad;
	p->m->number_of_items = n;
	p->m->has_items = true;
}

void mms_take_response(struct mms_parse *p, uint32_t service, struct oto_slice content)
{
	struct oto_cur c = oto_cur_of(content);
	struct ber e;

	switch (service) {
	case MMS_STATUS:
		status(p, &c);
		break;
	case MMS_IDENTIFY:
		identify(p, &c);
		break;
	case MMS_GET_NAME_LIST:
		identifiers(p, &c);
		break;
	case MMS_READ:
		read_response(p, &c);
		break;
	case MMS_WRITE:
		write_response(p, &c);
		break;
	case MMS_INITIATE_UPLOAD:
		if (ber_next(&c, &e) && e.tag == BER_CONTEXT_PRIMITIVE(0))
			take_handle(p, e.value);
		break;
	case MMS_DOWNLOAD_SEGMENT:
	case MMS_UPLOAD_SEGMENT:
	case MMS_FILE_READ:
		piece(p, &c);
		break;
	case MMS_READ_JOURNAL:
		journal(p, &c);
		break;
	case MMS_FILE_OPEN:
		opened(p, &c);
		break;
	case MMS_FILE_DIRECTORY:
		directory(p, &c);
		break;
	default:
		break;
	}
	if (c.bad)
		oto_weird(p->cx, "unexpected_content", (struct oto_slice){ 0 });
}

void mms_take_unconfirmed(struct mms_parse *p, uint32_t service, struct oto_slice content)
{
	struct oto_cur c = oto_cur_of(content);

	if (service == MMS_INFORMATION_REPORT) {
		mms_take_variables(p, &c);
		struct oto_cur values = ber_enter(&c, BER_CONTEXT(0));
		mms_take_values(p, &values);
		ber_leave(&c, &values);
	} else if (service == MMS_UNSOLICITED_STATUS) {
		status(p, &c);
	}
	if (c.bad)
		oto_weird(p->cx, "unexpected_content", (struct oto_slice){ 0 });
}
