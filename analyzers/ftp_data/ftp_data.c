/* ftp_data.c - the data connections of FTP: how much they carried, what its first bytes show, and what it was asked for as.
 *
 * The control connection announces each (analyzers/ftp), and both share a slot by the announced endpoint. Without it, because it is
 * encrypted or was not captured, only port 20 tells (RFC 959 3.2: the server's data port). Content is counted and looked at, never kept.
 */
#include "../ftp/ftp_data.h"
#include "../media.h"

struct ftp_data_transfer {
	struct oto_time ts;
	const char *command, *mime_type;
	struct oto_slice path;
	uint64_t bytes;
	bool to_server, lost, has_direction;
};
#define T(m, doc_, ...) OTO_FIELD(struct ftp_data_transfer, m, doc_, __VA_ARGS__)
static const struct oto_field transfer_fields[] = {
	T(ts, "of the first byte"),
	T(command, "that asked for it"),
	T(path, "file or directory, as seen from where the client was"),
	T(to_server, "the client sent", .guard = OTO_IF(struct ftp_data_transfer, has_direction)),
	T(bytes, "carried"),
	T(lost, "some of them were not seen"),
	T(mime_type, "what the first bytes show"),
};
static const struct oto_log transfer_logs[] = {
	{ .name = "ftp_data",
	  .doc = "A row a data connection that carried something.",
	  .columns = "command path to_server bytes lost mime_type",
	  .form = OTO_FORM_DETAIL,
	  .flags = OTO_LOG_NOT_ZEEK | OTO_LOG_NOT_SENSOR },
};
static const struct oto_event_type transfer_event =
    OTO_EVENT("ftp_data.transfer", struct ftp_data_transfer, transfer_fields, "What a data connection carried, told when it ends.",
	      OTO_LOGS(transfer_logs));
static const struct oto_event_type *const events[] = { &transfer_event };
enum { EV_TRANSFER };

struct state {
	struct oto_time first;
	uint64_t bytes;
	uint16_t sniffed;
	bool begun, lost;
	uint8_t sniff[FTP_SNIFF];
};

/* The slot of whichever end was announced. */
static struct ftp_channel *channel_of(struct oto_ctx *cx)
{
	struct ftp_channel *at = oto_recall(cx, &ftp_channels, ftp_channel_key(&cx->head->resp_h, cx->head->resp_p));

	return at ? at : oto_recall(cx, &ftp_channels, ftp_channel_key(&cx->head->orig_h, cx->head->orig_p));
}

static const char *type_of(const struct state *st)
{
	return media_type((struct oto_slice){ st->sniff, st->sniffed });
}

/* Zeek knows the type when it has this much, or all. */
static void share(struct oto_ctx *cx, const struct state *st, bool whole)
{
	struct ftp_channel *at = channel_of(cx);

	if (!at)
		return;
	at->opened = true;
	at->size = st->bytes;
	at->lost = st->lost;
	if (at->sniffed || (!whole && st->sniffed < FTP_SNIFF))
		return;
	at->sniffed = true;
	at->type = type_of(st);
	if (!at->type && st->sniffed)
		at->type = "<unknown>";
}

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	struct state *st = cx->state;
	struct oto_slice bytes = oto_rest(c);
	uint32_t room = FTP_SNIFF - st->sniffed, taken = bytes.len < room ? bytes.len : room;

	if (!st->begun) {
		st->begun = true;
		st->first = cx->head->ts;
		oto_service(cx, "ftp-data");
	}
	memcpy(&st->sniff[st->sniffed], bytes.data, taken);
	st->sniffed = (uint16_t)(st->sniffed + taken);
	st->bytes += bytes.len;
	if (!channel_of(cx))
		oto_remember(cx, &ftp_channels, ftp_channel_key(&cx->head->resp_h, cx->head->resp_p));
	share(cx, st, false);
}

/* Every byte belongs to the file: there is no place to find again. */
static bool lost_inside(struct oto_ctx *cx, uint64_t n)
{
	struct state *st = cx->state;

	st->lost = true;
	st->bytes += n;
	return true;
}

static void closing(struct oto_ctx *cx)
{
	const struct state *st = cx->state;

	share(cx, st, true);
	if (!st->begun || !oto_wanted(cx, EV_TRANSFER))
		return;
	const struct ftp_channel *at = channel_of(cx);
	bool known = at && at->command;
	struct ftp_data_transfer e = {
		.ts = st->first, .bytes = st->bytes, .lost = st->lost, .mime_type = type_of(st), .command = known ? at->command : NULL
	};
	if (known) {
		e.path = say_copy(cx, (struct oto_slice){ at->path, at->path_len });
		e.has_direction = true;
		e.to_server = at->command[0] == 'S' || at->command[0] == 'A'; /* STOR, STOU, APPE */
	}
	oto_emit(cx, EV_TRANSFER, &e);
}

static const struct oto_analyzer ftp_data = {
	.self_size = sizeof ftp_data,
	.name = "ftp_data",
	.doc = "The File Transfer Protocol's data connections: announced by its control connection, or from port 20.",
	.keys = "tcp/20",
	.pdu = pdu,
	.lost_inside = lost_inside,
	.closing = closing,
	.state_size = sizeof(struct state),
	.events = events,
	.nevents = sizeof events / sizeof *events,
};
OTO_ANALYZER(ftp_data);
