/* smb_open.c - the shares and files of a flow that are open: bounded lists, the last used in front, the one unused for longest goes first.
 */
#include "smb.h"

static uint32_t next_serial(struct smb_flow *f)
{
	return ++f->serial ? f->serial : ++f->serial; /* 0 is nobody */
}

/* ------------------------------------------------------------------------------------------------ shares */

struct smb_tree *smb_tree_begin(struct oto_ctx *cx, struct oto_slice path)
{
	struct smb_flow *f = cx->state;
	uint32_t len = path.len < SMB_NAME_MAX ? path.len : SMB_NAME_MAX;

	if (f->ntrees >= SMB_TREES_MAX) {
		struct smb_tree *last = f->trees;
		while (last->next)
			last = last->next;
		smb_tree_end(cx, last);
	}
	struct smb_tree *t = oto_hold(cx, (uint32_t)sizeof *t + len);
	if (!t)
		return NULL;
	t->serial = next_serial(f);
	t->pending = true;
	t->ts = cx->head->ts;
	t->len = (uint16_t)len;
	if (len)
		memcpy(t->path, path.data, len);
	t->next = f->trees;
	f->trees = t;
	f->ntrees++;
	return t;
}

struct smb_tree *smb_tree_at(struct oto_ctx *cx, uint32_t serial)
{
	struct smb_flow *f = cx->state;

	for (struct smb_tree *t = f->trees; serial && t; t = t->next) {
		if (t->serial == serial)
			return t;
	}
	return NULL;
}

struct smb_tree *smb_tree_of(struct oto_ctx *cx, uint32_t id)
{
	struct smb_flow *f = cx->state;

	for (struct smb_tree *t = f->trees; t; t = t->next) {
		if (!t->pending && t->id == id)
			return t;
	}
	return NULL;
}

void smb_tree_end(struct oto_ctx *cx, struct smb_tree *t)
{
	struct smb_flow *f = cx->state;
	struct smb_tree **link = &f->trees;

	while (*link && *link != t)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = t->next;
	f->ntrees--;
	oto_let_go(cx, t);
}

/* ------------------------------------------------------------------------------------------------ files */

static struct smb_file **link_of(struct smb_flow *f, const struct smb_file *wanted)
{
	struct smb_file **link = &f->files;

	while (*link && *link != wanted)
		link = &(*link)->next;
	return link;
}

static struct smb_file *to_front(struct smb_flow *f, struct smb_file **link)
{
	struct smb_file *found = *link;

	if (!found)
		return NULL;
	*link = found->next;
	found->next = f->files;
	f->files = found;
	return found;
}

struct smb_file *smb_file_begin(struct oto_ctx *cx, struct oto_slice name, bool named)
{
	struct smb_flow *f = cx->state;
	uint32_t len = name.len < SMB_NAME_MAX ? name.len : SMB_NAME_MAX;

	if (f->nfiles >= SMB_FILES_MAX) {
		struct smb_file *last = f->files;
		while (last->next)
			last = last->next;
		smb_file_end(cx, last);
	}
	struct smb_file *n = oto_hold(cx, (uint32_t)sizeof *n + len);
	if (!n)
		return NULL;
	n->serial = next_serial(f);
	n->pending = true;
	n->named = named;
	n->ts = cx->head->ts;
	n->len = (uint16_t)len;
	if (len)
		memcpy(n->name, name.data, len);
	n->next = f->files;
	f->files = n;
	f->nfiles++;
	return n;
}

struct smb_file *smb_file_at(struct oto_ctx *cx, uint32_t serial)
{
	struct smb_flow *f = cx->state;
	struct smb_file **link = &f->files;

	while (*link && (*link)->serial != serial)
		link = &(*link)->next;
	return serial ? to_front(f, link) : NULL;
}

struct smb_file *smb_file_of(struct oto_ctx *cx, uint64_t first, uint64_t second)
{
	struct smb_flow *f = cx->state;
	struct smb_file **link = &f->files;

	while (*link && ((*link)->pending || (*link)->id[0] != first || (*link)->id[1] != second))
		link = &(*link)->next;
	return to_front(f, link);
}

struct smb_file *smb_file_known(struct oto_ctx *cx, uint64_t first, uint64_t second)
{
	struct smb_file *f = smb_file_of(cx, first, second);

	if (f)
		return f;
	f = smb_file_begin(cx, (struct oto_slice){ 0 }, false);
	if (f) {
		f->pending = false;
		f->id[0] = first;
		f->id[1] = second;
	}
	return f;
}

/* The same file under another name: it keeps its serial. */
struct smb_file *smb_file_rename(struct oto_ctx *cx, struct smb_file *f, struct oto_slice name)
{
	struct smb_file *n = smb_file_begin(cx, name, true);

	if (!n)
		return NULL;
	struct smb_file renamed = *f;
	renamed.next = n->next;
	renamed.len = n->len;
	renamed.named = true;
	memcpy(n, &renamed, offsetof(struct smb_file, name));
	smb_file_end(cx, f);
	return n;
}

void smb_file_end(struct oto_ctx *cx, struct smb_file *gone)
{
	struct smb_flow *f = cx->state;
	struct smb_file **link = link_of(f, gone);

	if (!*link)
		return;
	*link = gone->next;
	f->nfiles--;
	oto_let_go(cx, gone);
}

/* Pipes that follow each other share places, so that a flow that lives for months does not run out of them. */
uint8_t smb_slot_of(struct oto_ctx *cx, struct smb_file *f)
{
	struct smb_flow *flow = cx->state;

	if (!f->slot) {
		f->slot = (uint8_t)(flow->next_slot + 1);
		flow->next_slot = (uint8_t)((flow->next_slot + 1) % SMB_PIPE_SLOTS);
	}
	return f->slot;
}

/* ------------------------------------------------------------------------------------------------ rows told lately */

/* As Zeek: what was told and asked for again within three minutes is not told again. */
bool smb_is_new(struct oto_ctx *cx, uint64_t hash)
{
	enum { FORGOTTEN_AFTER = 180 };
	struct smb_flow *f = cx->state;
	int64_t now = cx->head->ts.ns, limit = FORGOTTEN_AFTER * INT64_C(1000000000);

	for (uint32_t i = 0; i < SMB_RECENT; i++) {
		bool same = f->recent[i].hash == hash && f->recent[i].ts && now - f->recent[i].ts < limit;
		if (same) {
			f->recent[i].ts = now;
			return false;
		}
	}
	f->recent[f->nrecent % SMB_RECENT].hash = hash;
	f->recent[f->nrecent++ % SMB_RECENT].ts = now;
	return true;
}
