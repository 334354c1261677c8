/* smb_contents.c - what the commands of both versions have in common: contents of files and pipes that follow a message or lie in it,
 * security tokens, requests and their responses. See smb.h.
 *
 * Contents are looked at and passed on, never kept.
 */
#include "smb.h"

/* ------------------------------------------------------------------------------------------------ contents */

static const char *executable_kind(const uint8_t start[4])
{
	if (start[0] == 'M' && start[1] == 'Z')
		return "windows";
	return memcmp(start, "\177ELF", 4) == 0 ? "elf" : NULL;
}

/* The first bytes that are written to a file tell what it is. */
static void look_at_start(struct oto_ctx *cx, struct smb_side *s, struct oto_slice bytes)
{
	for (uint32_t i = 0; i < bytes.len && s->seen < sizeof s->start; i++)
		s->start[s->seen++] = bytes.data[i];
	if (!s->file || (s->seen < sizeof s->start && s->body > bytes.len))
		return;
	struct smb_file *f = smb_file_at(cx, s->file);
	s->file = 0;
	if (f)
		smb_tell_executable(cx, f, executable_kind(s->start));
}

void smb_to_pipe(struct oto_ctx *cx, uint8_t slot, struct oto_slice bytes)
{
	if (!bytes.len)
		return;
	oto_stream(cx, SMB_CHANNEL_PIPE, slot, bytes);
	oto_service(cx, "smb"); /* not what is inside of it */
}

void smb_piece(struct oto_ctx *cx, struct oto_slice bytes)
{
	struct smb_side *s = smb_side_of(cx);

	if (s->kind == SMB_BODY_MAYBE_PIPE) /* a handle from before the capture: remote procedure calls begin with their version */
		s->kind = bytes.len && bytes.data[0] == 5 ? SMB_BODY_PIPE : SMB_BODY_PASS;
	if (s->kind == SMB_BODY_PIPE)
		smb_to_pipe(cx, s->slot, bytes);
	else if (s->kind == SMB_BODY_FILE && s->file)
		look_at_start(cx, s, bytes);
	s->body -= bytes.len < s->body ? bytes.len : s->body;
}

void smb_contents(struct oto_ctx *cx, uint32_t count, enum smb_body kind, uint8_t slot, uint32_t file)
{
	struct smb_side *s = smb_side_of(cx);

	s->body = count;
	s->kind = (uint8_t)kind;
	s->slot = slot;
	s->file = file;
	s->seen = 0;
	memset(s->start, 0, sizeof s->start);
}

void smb_token(struct oto_ctx *cx, struct oto_slice blob)
{
	if (!blob.len)
		return;
	oto_deliver(cx, SMB_CHANNEL_NTLM, 0, blob);
	oto_deliver(cx, SMB_CHANNEL_KERBEROS, 0, blob);
	oto_service(cx, "smb");
}

/* ------------------------------------------------------------------------------------------------ requests, responses */

void smb_request(struct oto_ctx *cx, uint64_t key, const struct smb_note *note)
{
	oto_request(cx, key, note);
}

void smb_response(struct oto_ctx *cx, uint64_t key, struct smb_message *m)
{
	struct oto_match match;

	oto_response(cx, key, &match);
	m->paired = match.found;
	m->asked = match.found ? match.asked : cx->head->ts;
	m->latency = match.latency;
	m->has_latency = match.found;
	if (match.found)
		memcpy(&m->note, match.note, sizeof m->note);
}
