/* cip_transfer.c - what goes into and out of a device: files, firmware, and the program of a Logix controller; its modes and locks.
 *
 * The File object (0x37) is volume 1, 5-42: a transfer is announced, then moved in numbered packets, the last with a checksum. Firmware
 * goes through Rockwell's nonvolatile storage (0xa1). A Logix controller has no transfer of its program as such: a download makes tags,
 * types, routines, tasks and their contents one by one (0x68 to 0x70), then notes the change (0xac); so what is told is all of that
 * together. Owns the transfers under way on a flow.
 */
#include <nettle/sha2.h>

#include "cip_connection.h"
#include "cip_objects.h"

enum { SLOTS = 6, NAME_MAX = 40, DIGEST = SHA256_DIGEST_SIZE };
#define QUIET_NS 10000000000 /* parts of a program that follow each other later than this are of another change */

struct transfer {
	struct sha256_ctx sha;
	uint64_t size, announced;
	int64_t began, last;
	uint32_t class_id, instance_id; /* whose, with the route */
	uint16_t sum;                   /* of the bytes, as the File object counts them */
	uint8_t next, direction, name_len, route_len;
	bool used, whole, has_announced;
	bool noted; /* a program: its download made the record of changes, its upload read a routine */
	uint8_t name[NAME_MAX];
	uint8_t route[CIP_NOTE_ROUTE];
};
struct transfers {
	struct transfer slot[SLOTS];
	uint8_t turn, program_len;
	uint8_t program[NAME_MAX];
};
_Static_assert(sizeof(struct transfers) <= CIP_FLOW_OBJECT, "fits into what a flow keeps for objects");

enum { CLASS_FILE = 0x37, CLASS_STORAGE = 0xa1, CLASS_PROGRAM = 0x68 };

/* ------------------------------------------------------------------------------------------------ transfers under way */

static uint8_t route_len(const struct cip_talk *t)
{
	return (uint8_t)(t->m->route.len < CIP_NOTE_ROUTE ? t->m->route.len : CIP_NOTE_ROUTE);
}

static bool same_route(const struct transfer *x, const struct cip_talk *t)
{
	return x->route_len == route_len(t) && (!x->route_len || !memcmp(x->route, t->m->route.data, x->route_len));
}

static const char *kind_of(const struct transfer *x)
{
	return x->class_id == CLASS_FILE ? "file" : x->class_id == CLASS_STORAGE ? "firmware" : "program";
}

/* A file without a name is called by its instance. */
static struct oto_slice name_of(struct oto_ctx *cx, const struct transfer *x)
{
	uint32_t n = x->instance_id, len = 0;
	uint8_t *text = oto_scratch(cx, NAME_MAX), reversed[10];

	if (!text)
		return (struct oto_slice){ 0 };
	if (x->class_id == CLASS_PROGRAM) {
		const struct transfers *all = cip_flow_object(cx);
		memcpy(text, all->program, all->program_len);
		return (struct oto_slice){ text, all->program_len };
	}
	if (x->name_len) {
		memcpy(text, x->name, x->name_len);
		return (struct oto_slice){ text, x->name_len };
	}
	do
		reversed[len++] = (uint8_t)('0' + n % 10);
	while (n /= 10);
	for (uint32_t i = 0; i < len; i++)
		text[i] = reversed[len - 1 - i];
	return (struct oto_slice){ text, len };
}

static void finish(struct oto_ctx *cx, struct transfer *x, enum oto_program_result result, const char *error, bool by_receiver)
{
	struct oto_program p = { .self_size = sizeof p,
				 .direction = x->direction,
				 .result = result == OTO_PROGRAM_COMPLETE && !x->whole ? OTO_PROGRAM_CUT : result,
				 .kind = kind_of(x),
				 .name = name_of(cx, x),
				 .error = error,
				 .size = x->size,
				 .announced = x->announced,
				 .duration = { (x->class_id == CLASS_FILE ? cx->head->ts.ns : x->last) - x->began },
				 .has_size = true,
				 .has_announced = x->has_announced,
				 .has_duration = true,
				 .by_receiver = by_receiver,
				 .sub = cip_borrow(cx, (struct oto_slice){ x->route, x->route_len }) };
	bool known = result == OTO_PROGRAM_COMPLETE || (result == OTO_PROGRAM_CUT && x->class_id == CLASS_STORAGE);
	uint8_t *digest = x->whole && known ? oto_scratch(cx, DIGEST) : NULL;

	if (digest) {
		sha256_digest(&x->sha, DIGEST, digest);
		p.sha256 = (struct oto_slice){ digest, DIGEST };
	}
	oto_program(cx, &p);
	x->used = false;
}

static struct transfer *find(struct cip_talk *t, uint32_t class_id, uint32_t instance_id, uint8_t direction)
{
	struct transfers *all = cip_flow_object(t->cx);

	for (uint32_t i = 0; i < SLOTS; i++) {
		struct transfer *x = &all->slot[i];
		if (x->used && x->class_id == class_id && x->instance_id == instance_id && x->direction == direction && same_route(x, t))
			return x;
	}
	return NULL;
}

/* A new one; it takes the place of the oldest when there are too many, or of the same one begun anew. */
static struct transfer *begin(struct cip_talk *t, uint32_t class_id, uint32_t instance_id, uint8_t direction)
{
	struct transfers *all = cip_flow_object(t->cx);
	struct transfer *x = find(t, class_id, instance_id, direction);

	for (uint32_t i = 0; i < SLOTS && !x; i++) {
		if (!all->slot[i].used)
			x = &all->slot[i];
	}
	if (!x)
		x = &all->slot[all->turn++ % SLOTS];
	if (x->used && x->size)
		finish(t->cx, x, OTO_PROGRAM_CUT, NULL, t->response);
	*x = (struct transfer){ .used = true,
				.whole = true,
				.direction = direction,
				.class_id = class_id,
				.instance_id = instance_id,
				.route_len = route_len(t),
				.began = t->cx->head->ts.ns,
				.last = t->cx->head->ts.ns };
	if (x->route_len)
		memcpy(x->route, t->m->route.data, x->route_len);
	sha256_init(&x->sha);
	return x;
}

static void add(struct transfer *x, struct oto_slice bytes)
{
	if (!bytes.len)
		return;
	sha256_update(&x->sha, bytes.len, bytes.data);
	x->size += bytes.len;
}

static void set_name(struct transfer *x, struct oto_slice name)
{
	x->name_len = (uint8_t)(name.len < NAME_MAX ? name.len : NAME_MAX);
	if (x->name_len)
		memcpy(x->name, name.data, x->name_len);
}

/* What follows now belongs to another one. */
static bool is_quiet(const struct oto_ctx *cx, const struct transfer *x)
{
	return cx->head->ts.ns - x->last > QUIET_NS;
}

void cip_transfer_gap(struct oto_ctx *cx)
{
	struct transfers *all = cip_flow_object(cx);

	for (uint32_t i = 0; i < SLOTS; i++)
		all->slot[i].whole = false;
}

void cip_transfer_closing(struct oto_ctx *cx)
{
	struct transfers *all = cip_flow_object(cx);

	for (uint32_t i = 0; i < SLOTS; i++) {
		struct transfer *x = &all->slot[i];
		bool only_data = x->class_id == CLASS_PROGRAM && x->direction == OTO_PROGRAM_UPLOAD && !x->noted;
		bool ended = x->class_id == CLASS_PROGRAM && is_quiet(cx, x);
		if (x->used && x->size && !only_data)
			finish(cx, x, ended ? OTO_PROGRAM_COMPLETE : OTO_PROGRAM_CUT, NULL, !cx->is_orig);
	}
}

static const char *error_of(const struct cip_talk *t)
{
	const char *word = cip_word(&cip_statuses, t->status);

	return word ? word : "unknown status";
}

/* ------------------------------------------------------------------------------------------------ files */

enum {
	BEGIN_UPLOAD = 0x4b,
	BEGIN_DOWNLOAD,
	BEGIN_PARTIAL_READ,
	BEGIN_PARTIAL_WRITE,
	UPLOAD_TRANSFER,
	DOWNLOAD_TRANSFER,
	CLEAR_FILE,
};
enum { FIRST = 0, MIDDLE, LAST, ABORT, ONLY };

static const struct oto_name file_rows[] = {
	{ BEGIN_UPLOAD, "Initiate Upload", OTO_OP_PROGRAM_READ, "a file will be read" },
	{ BEGIN_DOWNLOAD, "Initiate Download", OTO_OP_PROGRAM_WRITE, "a file will be written" },
	{ BEGIN_PARTIAL_READ, "Initiate Partial Read", OTO_OP_PROGRAM_READ, "part of a file will be read" },
	{ BEGIN_PARTIAL_WRITE, "Initiate Partial Write", OTO_OP_PROGRAM_WRITE, "part of a file will be written" },
	{ UPLOAD_TRANSFER, "Upload Transfer", OTO_OP_PROGRAM_READ, "a piece of the file is read" },
	{ DOWNLOAD_TRANSFER, "Download Transfer", OTO_OP_PROGRAM_WRITE, "a piece of the file is written" },
	{ CLEAR_FILE, "Clear File", OTO_OP_PROGRAM_WRITE, "the file is emptied" },
	{ CIP_CREATE, "Create", OTO_OP_PROGRAM_WRITE, "a file comes to be" },
	{ CIP_DELETE, "Delete", OTO_OP_PROGRAM_WRITE, "a file goes" },
};
static const struct oto_names file_services = OTO_NAMES(file_rows);

/* An international string (volume 1, C-5.6): how many languages, then each with its language, kind of string, character set and text. */
static struct oto_slice take_international(struct oto_cur *c)
{
	enum { SHORT_STRING = 0xda };

	if (!oto_u8(c))
		return (struct oto_slice){ 0 };
	oto_skip(c, 3);
	uint8_t kind = oto_u8(c);
	oto_skip(c, 2);
	return oto_take(c, kind == SHORT_STRING ? oto_u8(c) : oto_le16(c));
}

static struct transfer *begin_file(struct cip_talk *t, uint8_t direction, uint32_t size)
{
	struct transfer *x = begin(t, CLASS_FILE, t->path.instance_id, direction);

	x->announced = t->m->size = size;
	x->has_announced = t->m->has_size = true;
	return x;
}

static void begin_download(struct cip_talk *t)
{
	struct oto_cur c = t->data;
	uint32_t size = oto_le32(&c);

	if (c.bad)
		return;
	oto_skip(&c, 4); /* format version, file revision */
	struct oto_slice name = take_international(&c);
	struct transfer *x = begin_file(t, OTO_PROGRAM_DOWNLOAD, size);
	if (c.bad || !name.len)
		return;
	set_name(x, name);
	cip_show_name(t, name);
	t->data = c;
}

/* A packet: its number, its kind, the content; the last ends in the two's complement of the sum of all bytes. True at the end. */
static bool take_packet(struct cip_talk *t, struct transfer *x, uint8_t number, uint8_t kind, struct oto_slice content)
{
	uint16_t checksum = 0;

	if ((kind == LAST || kind == ONLY) && content.len >= 2) {
		struct oto_cur tail = oto_cur_of(content);
		content = oto_take(&tail, content.len - 2);
		checksum = oto_le16(&tail);
	}
	if (x->size && number == (uint8_t)(x->next - 1))
		return false; /* asked again */
	x->whole = x->whole && number == x->next;
	x->next = (uint8_t)(number + 1);
	for (uint32_t i = 0; i < content.len; i++)
		x->sum = (uint16_t)(x->sum + content.data[i]);
	add(x, content);
	if (kind != LAST && kind != ONLY)
		return false;
	if (x->whole && (uint16_t)(x->sum + checksum))
		t->odd = "wrong_file_checksum";
	return true;
}

static struct transfer *file_under_way(struct cip_talk *t, uint8_t direction, uint8_t kind)
{
	struct transfer *x = find(t, CLASS_FILE, t->path.instance_id, direction);

	if (x)
		return x;
	x = begin(t, CLASS_FILE, t->path.instance_id, direction);
	x->whole = kind == FIRST || kind == ONLY;
	return x;
}

/* What a download's packet tells its response. */
struct file_note {
	uint8_t kind;
};

static void file_request(struct cip_talk *t)
{
	struct file_note *note = (void *)t->note->object;
	struct oto_cur c = t->data;

	if (t->service == BEGIN_DOWNLOAD) {
		begin_download(t);
	} else if (t->service == DOWNLOAD_TRANSFER) {
		uint8_t number = oto_u8(&c), kind = oto_u8(&c);
		if (c.bad)
			return;
		note->kind = kind;
		struct transfer *x = file_under_way(t, OTO_PROGRAM_DOWNLOAD, kind);
		if (kind == ABORT)
			finish(t->cx, x, OTO_PROGRAM_ABORTED, "aborted by the client", false);
		else
			take_packet(t, x, number, kind, oto_rest(&c));
	}
}

static void upload_packet(struct cip_talk *t)
{
	struct oto_cur c = t->data;
	uint8_t number = oto_u8(&c), kind = oto_u8(&c);

	if (c.bad || !t->asked)
		return;
	struct transfer *x = file_under_way(t, OTO_PROGRAM_UPLOAD, kind);
	if (kind == ABORT)
		finish(t->cx, x, OTO_PROGRAM_ABORTED, "aborted by the device", true);
	else if (take_packet(t, x, number, kind, oto_rest(&c)))
		finish(t->cx, x, OTO_PROGRAM_COMPLETE, NULL, true);
}

static void file_failed(struct cip_talk *t)
{
	bool upload = t->service == UPLOAD_TRANSFER || t->service == BEGIN_UPLOAD;
	struct transfer *x = find(t, CLASS_FILE, t->path.instance_id, upload ? OTO_PROGRAM_UPLOAD : OTO_PROGRAM_DOWNLOAD);

	if (x && t->service != BEGIN_UPLOAD)
		finish(t->cx, x, OTO_PROGRAM_ABORTED, error_of(t), true);
}

static void file_response(struct cip_talk *t)
{
	const struct file_note *note = t->asked ? (const void *)t->asked->object : NULL;
	struct oto_cur c = t->data;

	if (!note)
		return;
	if (t->status) {
		file_failed(t);
	} else if (t->service == BEGIN_UPLOAD) {
		uint32_t size = oto_le32(&c);
		if (!c.bad)
			begin_file(t, OTO_PROGRAM_UPLOAD, size);
	} else if (t->service == UPLOAD_TRANSFER) {
		upload_packet(t);
	} else if (t->service == DOWNLOAD_TRANSFER && (note->kind == LAST || note->kind == ONLY)) {
		struct transfer *x = find(t, CLASS_FILE, t->path.instance_id, OTO_PROGRAM_DOWNLOAD);
		if (x)
			finish(t->cx, x, OTO_PROGRAM_COMPLETE, NULL, true);
	}
}

/* ------------------------------------------------------------------------------------------------ firmware */

enum { STORAGE_UPDATE = 0x4b, STORAGE_TRANSFER = 0x4d };

static const struct oto_name storage_rows[] = {
	{ STORAGE_UPDATE, "Update", OTO_OP_FIRMWARE, "firmware will be replaced: the device stops what it does" },
	{ STORAGE_TRANSFER, "Transfer", OTO_OP_FIRMWARE, "a piece of firmware" },
};
static const struct oto_names storage_services = OTO_NAMES(storage_rows);

/* How an image is cut into pieces, and how its end is known, is not published. The hash covers the data of the services in their order: of
 * the same image sent by the same tool it is the same. */
static void storage_request(struct cip_talk *t)
{
	struct transfer *x = find(t, CLASS_STORAGE, t->path.instance_id, OTO_PROGRAM_DOWNLOAD);
	struct oto_cur c = t->data;

	if (t->service == STORAGE_UPDATE) {
		begin(t, CLASS_STORAGE, t->path.instance_id, OTO_PROGRAM_DOWNLOAD);
	} else if (t->service == STORAGE_TRANSFER) {
		if (!x) {
			x = begin(t, CLASS_STORAGE, t->path.instance_id, OTO_PROGRAM_DOWNLOAD);
			x->whole = false; /* its beginning was not seen */
		}
		add(x, oto_rest(&c));
		x->last = t->cx->head->ts.ns;
	}
}

/* What is refused is not part of the image. */
static void storage_response(struct cip_talk *t)
{
	struct transfer *x = t->status ? find(t, CLASS_STORAGE, t->path.instance_id, OTO_PROGRAM_DOWNLOAD) : NULL;

	if (x && t->asked && (t->service == STORAGE_TRANSFER || t->service == STORAGE_UPDATE))
		x->whole = false;
}

/* ------------------------------------------------------------------------------------------------ the program of a controller */

void cip_program_named(struct cip_talk *t)
{
	struct transfers *all = cip_flow_object(t->cx);

	if (!t->m->has_name)
		return;
	all->program_len = (uint8_t)(t->m->name.len < NAME_MAX ? t->m->name.len : NAME_MAX);
	memcpy(all->program, t->m->name.data, all->program_len);
}

/* The program's transfer in this direction, if there is one; what follows long after it belongs to another. */
static struct transfer *program_under_way(struct cip_talk *t, uint8_t direction)
{
	struct transfer *x = find(t, CLASS_PROGRAM, 0, direction);

	if (!x || !is_quiet(t->cx, x))
		return x;
	if (x->noted || direction == OTO_PROGRAM_DOWNLOAD)
		finish(t->cx, x, OTO_PROGRAM_COMPLETE, NULL, t->response);
	x->used = false;
	return NULL;
}

/* A part is what it is of, what is done and the data: the hash covers all three. */
static void add_part(struct cip_talk *t, struct transfer *x)
{
	struct oto_cur c = t->data;
	uint32_t i = t->path.instance_id;
	const uint8_t head[] = { t->service,        (uint8_t)t->path.class_id, (uint8_t)i,
				 (uint8_t)(i >> 8), (uint8_t)(i >> 16),        (uint8_t)(i >> 24) };

	sha256_update(&x->sha, sizeof head, head);
	add(x, oto_rest(&c));
	x->last = t->cx->head->ts.ns;
}

/* Something made begins a download; something only set is an operation, and a part of a download that is under way. */
void cip_program_part(struct cip_talk *t)
{
	struct transfer *x = program_under_way(t, OTO_PROGRAM_DOWNLOAD);

	if (!x && t->service == CIP_CREATE)
		x = begin(t, CLASS_PROGRAM, 0, OTO_PROGRAM_DOWNLOAD);
	if (x)
		add_part(t, x);
}

enum { READ_PART = 0x4c, READ_CONTENT = 0x4f, WRITE_CONTENT };

/* Routines, tasks, modules and maps: how they are made and read is not published, what it does is plain from what changes. */
static const struct oto_name logic_rows[] = {
	{ CIP_SET_ATTRIBUTE_LIST, "Set Attribute List", OTO_OP_PROGRAM_WRITE, "a part of the program" },
	{ CIP_CREATE, "Create", OTO_OP_PROGRAM_WRITE, "a part of the program comes to be" },
	{ CIP_DELETE, "Delete", OTO_OP_PROGRAM_WRITE, "a part of the program goes" },
	{ READ_PART, "Read", OTO_OP_PROGRAM_READ, "a part of the program" },
};
static const struct oto_names logic_services = OTO_NAMES(logic_rows);

static const struct oto_name backing_rows[] = {
	{ CIP_SET_ATTRIBUTE_LIST, "Set Attribute List", OTO_OP_PROGRAM_WRITE, "a part of the program's data" },
	{ CIP_CREATE, "Create", OTO_OP_PROGRAM_WRITE, "room for data of the program" },
	{ CIP_DELETE, "Delete", OTO_OP_PROGRAM_WRITE, "data of the program go" },
	{ READ_CONTENT, "Read Content", OTO_OP_PROGRAM_READ, "data of the program" },
	{ WRITE_CONTENT, "Write Content", OTO_OP_PROGRAM_WRITE, "data of the program" },
};
static const struct oto_names backing_services = OTO_NAMES(backing_rows);

/* Tools set attributes of programs that they only look at (to watch them): that alone is no change of the program. */
static const struct oto_name program_rows[] = {
	{ CIP_CREATE, "Create", OTO_OP_PROGRAM_WRITE, "a program comes to be" },
	{ CIP_DELETE, "Delete", OTO_OP_PROGRAM_WRITE, "a program goes" },
	{ CIP_SET_ATTRIBUTE_LIST, "Set Attribute List", OTO_OP_CONFIGURE, "a program's attributes" },
};
static const struct oto_names program_services = OTO_NAMES(program_rows);

static void logic_request(struct cip_talk *t)
{
	if (t->op == OTO_OP_PROGRAM_WRITE)
		cip_program_part(t);
}

/* Responses to reads of routines, and of data around them, are an upload; data alone, empty answers and refusals are none. */
static void logic_response(struct cip_talk *t)
{
	if (t->op != OTO_OP_PROGRAM_READ || !t->asked || !cip_succeeded(t) || !oto_left(&t->data))
		return;
	struct transfer *x = program_under_way(t, OTO_PROGRAM_UPLOAD);
	if (!x)
		x = begin(t, CLASS_PROGRAM, 0, OTO_PROGRAM_UPLOAD);
	x->noted = x->noted || t->service == READ_PART;
	add_part(t, x);
}

/* Programming tools and panels make lists of values, then read them again and again. */
static const struct oto_name watch_rows[] = {
	{ CIP_CREATE, "Create", OTO_OP_OTHER, "a list of values to watch comes to be" },
	{ CIP_DELETE, "Delete", OTO_OP_OTHER, "a list of values to watch goes" },
	{ READ_PART, "Read", OTO_OP_READ, "values that somebody watches" },
};
static const struct oto_names watch_services = OTO_NAMES(watch_rows);

static const struct oto_name changes_rows[] = {
	{ CIP_CREATE, "Create", OTO_OP_PROGRAM_WRITE, "the record of changes: the last thing that a download makes" },
	{ CIP_SET_ATTRIBUTE_LIST, "Set Attribute List", OTO_OP_CONFIGURE, "the record of changes" },
};
static const struct oto_names changes_services = OTO_NAMES(changes_rows);

/* A download makes the record of changes and then sets it: there it ends. */
static void changes_request(struct cip_talk *t)
{
	struct transfer *x = program_under_way(t, OTO_PROGRAM_DOWNLOAD);

	if (!x)
		return;
	if (t->service == CIP_CREATE) {
		add_part(t, x);
		x->noted = true;
	} else if (t->service == CIP_SET_ATTRIBUTE_LIST && x->noted) {
		t->op = OTO_OP_PROGRAM_WRITE;
		add_part(t, x);
		finish(t->cx, x, OTO_PROGRAM_COMPLETE, NULL, false);
	}
}

static const struct oto_name controller_rows[] = {
	{ CIP_RESET, "Reset", OTO_OP_RESET, "the controller" },
	{ CIP_START, "Start", OTO_OP_START, "the controller runs" },
	{ CIP_STOP, "Stop", OTO_OP_STOP, "the controller stops: program mode" },
	{ CIP_SET_ATTRIBUTE_LIST, "Set Attribute List", OTO_OP_CONFIGURE, "the controller's attributes" },
	{ CIP_SET_ATTRIBUTE_SINGLE, "Set Attributes Single", OTO_OP_CONFIGURE, "an attribute of the controller" },
};
static const struct oto_names controller_services = OTO_NAMES(controller_rows);

static const struct oto_name semaphore_rows[] = {
	{ 0x4b, "Lock", OTO_OP_CONFIGURE, "the controller is kept for one programming tool" },
	{ 0x4c, "Unlock", OTO_OP_CONFIGURE, "the controller is free again" },
};
static const struct oto_names semaphore_services = OTO_NAMES(semaphore_rows);

const struct cip_object cip_file = {
	.class_id = CLASS_FILE, .services = &file_services, .request = file_request, .response = file_response
};
const struct cip_object cip_storage = {
	.class_id = CLASS_STORAGE,
	.name = "Nonvolatile Storage",
	.services = &storage_services,
	.request = storage_request,
	.response = storage_response,
};
const struct cip_object cip_controller = { .class_id = 0x8e, .name = "Controller", .services = &controller_services };
const struct cip_object cip_semaphore = { .class_id = 0x74, .name = "Semaphore", .services = &semaphore_services };
const struct cip_object cip_program = { .class_id = CLASS_PROGRAM, .services = &program_services, .request = logic_request };
const struct cip_object cip_logic = { .class_id = 0x6d, .services = &logic_services, .request = logic_request, .response = logic_response };
const struct cip_object cip_backing = {
	.class_id = 0x6a, .name = "Data Table", .services = &backing_services, .request = logic_request, .response = logic_response
};
const struct cip_object cip_watch = { .class_id = 0xb2, .services = &watch_services };
const struct cip_object cip_changes = { .class_id = 0xac, .name = "Changes", .services = &changes_services, .request = changes_request };
