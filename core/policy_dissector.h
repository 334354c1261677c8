/* policy_dissector.h - inside dissectors written in Lua: what their files share.
 *
 * policy_dissector_declare.c makes one from a table, policy_dissector.c loads its file and calls its functions, policy_dissector_context.c
 * is what these get as cx, policy_dissector_note.c keeps what a request leaves for its response.
 */
#ifndef OTO_POLICY_DISSECTOR_H
#define OTO_POLICY_DISSECTOR_H

#include "policy_private.h"

struct oto_lua_context;

struct oto_lua_dissector {
	struct oto_lua_dissector *next;
	struct oto_policy *policy;
	struct oto_script *script;
	struct oto_analyzer a;
	struct oto_pairing pairing;
	struct oto_arena memory;
	struct oto_declared **declared;
	const struct oto_event_type **types;
	int probe, pdu_len, pdu, gap, unanswered; /* references */
	int context;                              /* reference of the one context object */
	int event_index;                          /* reference: event name to number */
	int channel_index;                        /* reference: channel name to number */
	char **words;                             /* keys of the tables that requests leave */
	uint32_t nwords;
	struct oto_lua_context *cx;
	bool registered;
};

/* What Lua holds as cx: valid while `now` is set. */
struct oto_lua_context {
	struct oto_ctx *now;
	struct oto_lua_dissector *d;
};

/* The value at `index` into the pairing.note bytes at `note`; raises an error when there is no room. */
void oto_dissector_pack(lua_State *L, struct oto_lua_dissector *d, int index, void *note);
/* Pushes it again; nil where note is NULL. */
void oto_dissector_unpack(lua_State *L, const struct oto_lua_dissector *d, const void *note);
void oto_dissector_words_free(struct oto_lua_dissector *d);

/* The metatables of cx and of matches. */
void oto_dissector_context_open(lua_State *L);

int oto_dissector_new(lua_State *L); /* oto.analyzer{...} */
/* Of the table on top of the stack, what no analyzer has, its near names behind it in `near`; NULL: nothing. */
const char *oto_dissector_unknown_part(lua_State *L, char *near, size_t size);

#endif
