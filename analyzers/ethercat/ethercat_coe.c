/* ethercat_coe.c - CANopen's objects over EtherCAT (CoE, IEC 61158-6-12 5.6): objects read and written in one message or in several, what
 * objects there are, faults. Some objects say what the slave is.
 */
#include "ethercat.h"

enum { SEGMENT_LEAST = 7, COMPLETE = 0x10, EXPEDITED = 2, SIZED = 1 };
enum sdo_client { DOWNLOAD_SEGMENT, DOWNLOAD, UPLOAD, UPLOAD_SEGMENT, ABORT };
enum sdo_server { UPLOADED_SEGMENT, DOWNLOADED_SEGMENT, UPLOADED, DOWNLOADED };

/* What writing an object does (IEC 61158-6-12 5.6.7, CiA 301, CiA 302). */
static const struct {
	uint16_t first, last;
	uint8_t op;
} written[] = {
	{ 0x1011, 0x1011, OTO_OP_RESET },                                      /* default values come back */
	{ 0x1f50, 0x1f50, OTO_OP_FIRMWARE },  { 0x1f51, 0x1f51, OTO_OP_MODE }, /* its programme starts or stops */
	{ 0x1000, 0x1fff, OTO_OP_CONFIGURE }, { 0x0000, 0xffff, OTO_OP_WRITE },
};

static uint32_t write_op(uint16_t object)
{
	uint32_t i = 0;

	while (object < written[i].first || object > written[i].last)
		i++;
	return written[i].op;
}

static struct oto_operation operation_of(struct ecat_message *e, bool upload, uint16_t object, uint8_t subindex)
{
	struct oto_operation o = ecat_mailbox_operation(e, upload ? OTO_OP_READ : write_op(object), upload ? "sdo_upload" : "sdo_download");

	o.target = (struct oto_target){ .space = "object", .name = say_text(e->cx, 12, "0x%04x:%02u", object, subindex) };
	return o;
}

static uint64_t key_of(const struct ecat_message *e)
{
	return ecat_wait_key(WAIT_SDO, &e->who, 0);
}

/* ------------------------------------------------------------------------------------------------ what an object says */

/* Profiles by the lower half of object 0x1000. */
static const struct oto_name profile_rows[] = {
	{ 401, "I/O module (CiA 401)", 0, NULL },
	{ 402, "drive (CiA 402)", 0, NULL },
	{ 406, "encoder (CiA 406)", 0, NULL },
	{ 5001, "modular device (ETG.5001)", 0, NULL },
};
static const struct oto_names profiles = OTO_NAMES(profile_rows);

static void identity(struct ecat_message *e, uint8_t subindex, uint32_t n)
{
	switch (subindex) {
	case 1:
		ecat_vendor_fact(e->cx, &e->who, n);
		break;
	case 2:
		ecat_number_fact(e->cx, &e->who, "product_code", n, true);
		break;
	case 3:
		ecat_number_fact(e->cx, &e->who, "revision", n, true);
		break;
	case 4:
		if (n)
			ecat_number_fact(e->cx, &e->who, "serial", n, false);
		break;
	default:
		break;
	}
}

static void tell_object(struct ecat_message *e, uint16_t object, uint8_t subindex, bool complete, struct oto_slice value)
{
	struct oto_slice text = say_copy(e->cx, say_trim(say_string(value)));
	struct oto_cur c = oto_cur_of(value);

	if (object == 0x1008)
		ecat_slave_fact(e->cx, &e->who, "model", text);
	else if (object == 0x1009)
		ecat_slave_fact(e->cx, &e->who, "hardware", text);
	else if (object == 0x100a)
		ecat_slave_fact(e->cx, &e->who, "firmware", text);
	else if (object == 0x1000 && value.len >= 4) {
		const struct oto_name *row = oto_name_of(&profiles, oto_le32(&c) & 0xffff);
		if (row)
			ecat_slave_fact(e->cx, &e->who, "device_type", oto_slice_of(row->name));
	} else if (object == 0x1018) {
		if (complete && !subindex)
			oto_skip(&c, 2);
		for (uint8_t i = complete ? 1 : subindex; oto_left(&c) >= 4; i++)
			identity(e, i, oto_le32(&c));
	}
}

/* ------------------------------------------------------------------------------------------------ a transfer */

static void begin(struct ecat_message *e, bool upload)
{
	const struct ecat_mailbox *m = e->m;
	struct ecat_slave *slave = ecat_slave_of(e->cx, &e->who);

	if (slave)
		slave->sdo = (struct ecat_sdo){ .open = true,
						.upload = upload,
						.complete = m->complete_access,
						.object = m->object,
						.subindex = m->subindex,
						.size = m->has_size ? m->sdo_size : 0,
						.seen = m->data.len };
	struct oto_operation o = operation_of(e, upload, m->object, m->subindex);
	ecat_ask(e, key_of(e), &o);
}

static void end(struct ecat_message *e, struct ecat_sdo *sdo, const char *error)
{
	sdo->open = false;
	ecat_answer(e, key_of(e), error, operation_of(e, sdo->upload, sdo->object, sdo->subindex));
	if (!error && sdo->upload)
		tell_object(e, sdo->object, sdo->subindex, sdo->complete, (struct oto_slice){ sdo->value, sdo->value_len });
}

/* An answer whose question was not captured says what it was about, but for segments. */
static struct ecat_sdo transfer_of(struct ecat_message *e, bool initial, bool upload)
{
	const struct ecat_mailbox *m = e->m;
	const struct ecat_slave *slave = ecat_slave_of(e->cx, &e->who);
	struct ecat_sdo sdo = slave ? slave->sdo : (struct ecat_sdo){ 0 };

	if (initial && (!sdo.open || sdo.upload != upload || sdo.object != m->object))
		sdo = (struct ecat_sdo){
			.open = true, .upload = upload, .object = m->object, .subindex = m->subindex, .complete = m->complete_access
		};
	return sdo;
}

static void go_on(struct ecat_message *e, const struct ecat_sdo *sdo)
{
	struct ecat_slave *slave = ecat_slave_of(e->cx, &e->who);

	if (slave)
		slave->sdo = *sdo;
}

static void add(struct ecat_sdo *sdo, struct oto_slice piece)
{
	struct oto_slice fits = say_first(piece, (uint32_t)(ECAT_VALUE_MAX - sdo->value_len));

	if (fits.len)
		memcpy(sdo->value + sdo->value_len, fits.data, fits.len);
	sdo->value_len += (uint8_t)fits.len;
	sdo->seen += piece.len;
}

static void object_of(struct ecat_mailbox *m, struct oto_cur *c)
{
	m->object = oto_le16(c);
	m->subindex = oto_u8(c);
	m->has_object = true;
	m->complete_access = m->sdo_command & COMPLETE;
}

/* Four bytes at once, or a size and what follows (IEC 61158-6-12 5.6.2.1). */
static void content_of(struct ecat_mailbox *m, struct oto_cur *c)
{
	m->expedited = m->sdo_command & EXPEDITED;
	if (m->expedited) {
		uint32_t unused = m->sdo_command & SIZED ? m->sdo_command >> 2 & 3 : 0;
		m->data = say_first(oto_take(c, 4), 4 - unused);
		return;
	}
	m->sdo_size = oto_le32(c);
	m->has_size = true;
	m->data = say_first(oto_rest(c), m->sdo_size);
}

/* A segment has seven bytes at least, of which some may be unused (5.6.2.3). */
static void segment_of(struct ecat_mailbox *m, struct oto_cur *c)
{
	m->data = oto_rest(c);
	m->last = m->sdo_command & 1;
	if (m->data.len == SEGMENT_LEAST)
		m->data.len -= m->sdo_command >> 1 & 7;
}

static void abort_transfer(struct ecat_message *e, struct oto_cur *c)
{
	struct ecat_mailbox *m = e->m;

	object_of(m, c);
	m->complete_access = false;
	m->error_code = oto_le32(c);
	m->has_error = true;
	if (c->bad)
		return;
	m->error = ecat_word(&ecat_sdo_aborts, m->error_code, "abort");
	struct ecat_sdo sdo = transfer_of(e, false, false);
	if (!sdo.open)
		return;
	sdo.open = false;
	if (!m->to_slave) /* a master that gives up got no answer */
		end(e, &sdo, m->error);
	go_on(e, &sdo);
}

static void sdo_request(struct ecat_message *e, struct oto_cur *c)
{
	struct ecat_mailbox *m = e->m;
	struct ecat_sdo sdo;

	switch (m->sdo_command >> 5) {
	case DOWNLOAD:
		object_of(m, c);
		content_of(m, c);
		if (!c->bad)
			begin(e, false);
		break;
	case UPLOAD:
		object_of(m, c);
		if (!c->bad)
			begin(e, true);
		break;
	case DOWNLOAD_SEGMENT:
		segment_of(m, c);
		sdo = transfer_of(e, false, false);
		if (!e->quiet)
			add(&sdo, m->data);
		if (m->last)
			sdo.size = sdo.seen;
		go_on(e, &sdo);
		break;
	case ABORT:
		abort_transfer(e, c);
		break;
	default:
		break; /* go on with the upload */
	}
}

static void sdo_response(struct ecat_message *e, struct oto_cur *c)
{
	struct ecat_mailbox *m = e->m;
	uint8_t command = m->sdo_command >> 5;
	bool upload = command == UPLOADED || command == UPLOADED_SEGMENT, initial = command == UPLOADED || command == DOWNLOADED, done;

	if (command == ABORT) {
		abort_transfer(e, c);
		return;
	}
	if (command > ABORT)
		return;
	if (initial)
		object_of(m, c);
	if (command == UPLOADED)
		content_of(m, c);
	else if (command == UPLOADED_SEGMENT)
		segment_of(m, c);
	if (c->bad)
		return;
	struct ecat_sdo sdo = transfer_of(e, initial, upload);
	if (upload)
		add(&sdo, m->data);
	if (command == UPLOADED)
		done = m->expedited || sdo.seen >= m->sdo_size;
	else
		done = command == UPLOADED_SEGMENT ? m->last : sdo.seen >= sdo.size;
	if (done && sdo.open)
		end(e, &sdo, NULL);
	go_on(e, &sdo);
}

/* ------------------------------------------------------------------------------------------------ what objects there are */

static void information(struct ecat_message *e, struct oto_cur *c)
{
	enum { INCOMPLETE = 0x80, OBJECT = 3, ENTRY_RESPONSE = 6, OBJECT_RESPONSE = 4, ENTRY = 5, ERROR = 7 };
	struct ecat_mailbox *m = e->m;
	uint8_t opcode = oto_u8(c);
	const char *error = NULL;

	m->opcode = opcode & 0x7f;
	m->incomplete = opcode & INCOMPLETE;
	oto_skip(c, 1);
	m->fragments_left = oto_le16(c);
	m->has_fragments = true;
	m->info_opcode = ecat_word(&ecat_info_opcodes, m->opcode, "unknown");
	if (m->opcode >= OBJECT && m->opcode <= ENTRY_RESPONSE) {
		m->object = oto_le16(c);
		m->has_object = true;
		m->subindex = m->opcode >= ENTRY ? oto_u8(c) : 0;
	}
	if (m->opcode == OBJECT_RESPONSE) { /* data type, number of entries, kind; then its name */
		oto_skip(c, 4);
		m->name = say_trim(oto_rest(c));
	} else if (m->opcode == ERROR) {
		m->error_code = oto_le32(c);
		m->has_error = true;
		error = ecat_word(&ecat_sdo_aborts, m->error_code, "abort");
	}
	m->data = oto_rest(c);
	if (c->bad)
		return;
	const struct oto_name *row = oto_name_of(&ecat_info_opcodes, m->opcode);
	struct oto_operation o = ecat_mailbox_operation(e, OTO_OP_DISCOVER, "sdo_information");
	if (m->has_object)
		o.target = (struct oto_target){ .space = "object", .first = m->object, .count = 1 };
	if (m->to_slave && row && row->op)
		ecat_ask(e, ecat_wait_key(WAIT_INFORMATION, &e->who, 0), &o);
	else if (!m->to_slave && !m->fragments_left)
		ecat_answer(e, ecat_wait_key(WAIT_INFORMATION, &e->who, 0), error, o);
}

static void emergency(struct ecat_mailbox *m, struct oto_cur *c)
{
	m->emergency_code = oto_le16(c);
	m->data = oto_rest(c); /* error register, then what the maker put there */
	m->has_emergency = true;
}

/* Process data in the mailbox, and what asks for them. */
static void process_data(struct ecat_message *e, struct oto_cur *c)
{
	const struct oto_name *row = oto_name_of(&ecat_coe_services, e->m->service);

	e->m->data = oto_rest(c);
	if (!row || !row->op || !e->m->to_slave || e->quiet)
		return;
	struct oto_operation o = ecat_mailbox_operation(e, row->op, row->name);
	oto_operation(e->cx, &o);
}

void ecat_coe(struct ecat_message *e, struct oto_cur *c)
{
	struct ecat_mailbox *m = e->m;
	uint16_t head = oto_le16(c);

	m->coe_number = head & 0x01ff;
	m->service = (uint8_t)(head >> 12);
	m->has_coe = true;
	if (m->service == COE_SDO_REQUEST || m->service == COE_SDO_RESPONSE) {
		m->sdo_command = oto_u8(c);
		m->has_sdo = true;
		if (m->service == COE_SDO_REQUEST)
			sdo_request(e, c);
		else
			sdo_response(e, c);
	} else if (m->service == COE_INFORMATION) {
		information(e, c);
	} else if (m->service == COE_EMERGENCY) {
		emergency(m, c);
	} else {
		process_data(e, c);
	}
}
