/* policy_hook.h - between what scripts say they want to hear (policy_on.c) and who makes sure that they do (policy_hook.c). */
#ifndef OTO_POLICY_HOOK_H
#define OTO_POLICY_HOOK_H

#include "filter.h"
#include "policy_private.h"
#include "tally.h"

enum { OTO_WINDOW_KEYS = 8 }; /* at most */

/* { store, field, ... }: keys of a store, each made of so many fields of an event as that has parts. */
struct oto_keys {
	struct oto_lua_store *store; /* NULL: nobody asked */
	char *part[OTO_WINDOW_KEYS]; /* interned */
	uint32_t n;                  /* of all keys */
};

/* What a script said. Lives as long as the policy. */
struct oto_handler {
	struct oto_handler *next;
	struct oto_script *script;
	char *event, *expression, *where;
	bool wildcard;                                   /* the event is a pattern */
	struct oto_tally *tally;                         /* counts; the function hears the first of each key, and may be missing */
	char *key[OTO_TALLY_KEYS], *sum[OTO_TALLY_SUMS]; /* of the tally; interned */
	uint32_t loose;                                  /* part of that key, from 1; 0: none */
	char loose_behind;                               /* only what stands behind the first of these; 0: all */
	struct oto_store *window;                        /* counts, too; the function hears from `many` on */
	char *per[OTO_WINDOW_KEYS];                      /* of the window; interned */
	uint32_t nper, many;
	struct oto_keys among, unless; /* only events all of whose keys are there; not those */
	struct oto_keys adds;          /* instead of the function: the keys of the first event of each key are added */
	struct oto_store *alike;       /* instead of a window: `per` tells only which events are, for echoes */
	struct oto_ranges *ranges;     /* take in values; the function says which group a key is, `outside` hears of those outside */
	char *place, *values;          /* fields; interned */
	bool written;
	int64_t once_ns; /* of a key, the values of one event in each span of this are taken in; 0: of all */
	int outside;
	struct oto_condition *conditions;
	int function;
	bool off, pseudo;
	struct oto_cost *cost;
};

struct oto_listener;
struct remembered;
struct oto_handlers {
	struct oto_handler *first, **end;
	struct oto_listener *listeners;
	struct remembered **waiting; /* what has events that are still to be counted */
	uint32_t nwaiting, waiting_room;
	int64_t caught_up_ns;
};
/* All that waits to be counted is: before a script reads a tally. */
void oto_hooks_catch_up(struct oto_handlers *all);

/* The handler hears events of this type from now on, those that the filter (taken in any case) lets pass. */
bool oto_hook_attach(struct oto_policy *p, struct oto_handler *h, struct oto_event_def *def, struct oto_filter *filter,
		     struct oto_error *err);
/* A function of the handler, in Lua, is given the event. */
bool oto_hook_call(struct oto_policy *p, const struct oto_handler *h, int function, const struct oto_event *event, int nresults);

/* policy_ranged.c: what ranges:count{...} said, on one event type; NULL: that has no such fields. */
struct oto_ranged *oto_ranged_new(const struct oto_handler *h, const struct oto_event_def *def, struct oto_error *err);
/* The values of one that its filter let pass. `known`: where its key was found. */
void oto_ranged_hear(const struct oto_ranged *r, struct oto_policy *p, const struct oto_tally_source *source, const struct oto_event *event,
		     struct oto_row_ref *known);
/* For keys of n fields; freed with the others. */
struct oto_tally *oto_ranged_keys(struct oto_policy *p, const struct oto_ranges *rs, uint32_t n);

/* It hears no more. */
void oto_hook_off(struct oto_policy *p, struct oto_handler *h);
void oto_hooks_free(struct oto_handlers *all);

#endif
