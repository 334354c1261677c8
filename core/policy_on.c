/* policy_on.c - on(event, filter, handler) and count{...}: who wants to hear what, checked at load. policy_hook.c sees to it.
 *
 * A name that is not known yet (a dissector that loads later) is looked up when the engine starts, and its error still names the line of
 * the on(). The conditions of a table filter are kept as text until then, because they are compiled against each event type that a wildcard
 * finds.
 */
#include "policy_hook.h"

#include <fnmatch.h>
#include <stdlib.h>

#define MOST_ALIKE 4096u
#define ALIKE_FOR (60 * OTO_SECOND)

/* field OP value, or field one of several values. */
struct oto_condition {
	struct oto_condition *next;
	char *field, *op; /* op NULL: one of values */
	char **values;
	size_t nvalues;
};

/* ------------------------------------------------------------------------------------------------ finding the events */

static bool condition_compile(const struct oto_event_def *def, const struct oto_condition *c, struct oto_filter **filter,
			      struct oto_error *err)
{
	struct oto_filter *one = c->op ? oto_filter_compare(def, c->field, c->op, c->values[0], err)
				       : oto_filter_any_of(def, c->field, (const char *const *)c->values, c->nvalues, err);
	if (!one)
		return false;
	*filter = oto_filter_all(*filter, one);
	return true;
}

static bool filter_compile(const struct oto_event_def *def, const struct oto_handler *h, struct oto_filter **filter, struct oto_error *err)
{
	*filter = NULL;
	if (h->expression) {
		*filter = oto_filter_compile(def, h->expression, err);
		return *filter != NULL;
	}
	for (const struct oto_condition *c = h->conditions; c; c = c->next) {
		if (condition_compile(def, c, filter, err))
			continue;
		oto_filter_free(*filter);
		return false;
	}
	return true;
}

static bool attach(struct oto_policy *p, struct oto_handler *h, struct oto_event_def *def, struct oto_error *err)
{
	struct oto_filter *filter;
	struct oto_error why = { "" };

	if (!filter_compile(def, h, &filter, &why))
		return oto_fail(err, "%s: on(\"%s\"): %s", h->where, h->event, why.text);
	return oto_hook_attach(p, h, def, filter, err);
}

/* A wildcard hears all types that match and know the filter's fields; that none does is an error: the filter is misspelt. */
static bool attach_wildcard(struct oto_policy *p, struct oto_handler *h, struct oto_error *err)
{
	uint32_t n, matching = 0, heard = 0;
	struct oto_event_def *const *types = oto_bus_types(p->engine->bus, &n);
	struct oto_error first = { "" }, why;

	for (uint32_t i = 0; i < n; i++) {
		if (fnmatch(h->event, types[i]->name, 0) != 0)
			continue;
		if (attach(p, h, types[i], &why))
			heard++;
		else if (!matching)
			first = why;
		matching++;
	}
	if (!matching)
		return oto_fail(err, "%s: on(\"%s\"): no event type matches", h->where, h->event);
	return heard || oto_fail(err, "%s", first.text);
}

static bool resolve(struct oto_policy *p, struct oto_handler *h, struct oto_error *err)
{
	char near[256];
	struct oto_event_def *def;

	h->cost = oto_cost_of(p, h->ranges ? "ranges" : h->tally ? "tally" : h->window ? "window" : "on", h->event, h->where);
	if (h->pseudo)
		return true;
	h->wildcard = strpbrk(h->event, "*?[") != NULL;
	if (h->wildcard)
		return attach_wildcard(p, h, err);
	def = oto_bus_find(p->engine->bus, h->event);
	if (!def)
		return oto_fail(err, "%s: on(\"%s\"): there is no such event%s", h->where, h->event,
				oto_bus_near(p->engine->bus, h->event, near, sizeof near));
	return attach(p, h, def, err);
}

bool oto_handlers_start(struct oto_policy *p, struct oto_error *err)
{
	for (struct oto_handler *h = p->handlers->first; h; h = h->next) {
		if (!resolve(p, h, err))
			return false;
	}
	return true;
}

void oto_handlers_pseudo(struct oto_policy *p, const char *name)
{
	for (struct oto_handler *h = p->handlers->first; h; h = h->next) {
		if (!h->pseudo || h->off || strcmp(h->event, name) != 0)
			continue;
		uint64_t begin = h->cost ? oto_cost_begin(p, h->cost) : 0;
		lua_rawgeti(p->scripts.L, LUA_REGISTRYINDEX, h->function);
		oto_lua_run(&p->scripts, h->script, 0, 0);
		if (h->cost)
			oto_cost_end(p, h->cost, begin);
	}
}

void oto_handlers_end(struct oto_policy *p, const struct oto_script *script)
{
	for (struct oto_handler *h = p->handlers->first; h; h = h->next) {
		if (h->script != script)
			continue;
		oto_hook_off(p, h);
		luaL_unref(p->scripts.L, LUA_REGISTRYINDEX, h->function);
		luaL_unref(p->scripts.L, LUA_REGISTRYINDEX, h->outside);
		h->function = h->outside = LUA_NOREF;
	}
}

/* ------------------------------------------------------------------------------------------------ filters from Lua */

static void condition_free(struct oto_condition *c)
{
	for (struct oto_condition *next; c; c = next) {
		next = c->next;
		for (size_t i = 0; i < c->nvalues; i++)
			free(c->values[i]);
		free(c->values);
		free(c->field);
		free(c->op);
		free(c);
	}
}

static void handler_free(struct oto_handler *h)
{
	condition_free(h->conditions);
	free(h->event);
	free(h->expression);
	free(h->where);
	oto_store_free(h->alike);
	free(h);
}

static int bad_value(lua_State *L, const char *field)
{
	return luaL_error(L, "on(): field '%s' of the filter takes a value, a list of values, or { \">\", value }", field);
}

static void add_value(lua_State *L, struct oto_condition *c, int index)
{
	const char *text = oto_push_text(L, index);

	if (!text) {
		bad_value(L, c->field);
		return;
	}
	c->values = oto_realloc(c->values, (c->nvalues + 1) * sizeof *c->values);
	c->values[c->nvalues++] = oto_strdup(text);
	lua_settop(L, -2);
}

static bool is_operator(const char *s)
{
	static const char *const ops[] = { "==", "=", "!=", "<", "<=", ">", ">=", "~", "~=" };

	for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
		if (strcmp(s, ops[i]) == 0)
			return true;
	}
	return false;
}

/* The list at `index`: { 5, 6 } or { ">", 100 }. */
static void add_list(lua_State *L, struct oto_condition *c, int index)
{
	lua_Integer n = luaL_len(L, index);

	lua_geti(L, index, 1);
	if (n == 2 && lua_type(L, -1) == LUA_TSTRING && is_operator(lua_tostring(L, -1))) {
		const char *op = lua_tostring(L, -1);
		c->op = oto_strdup(strcmp(op, "~=") == 0 ? "!=" : strcmp(op, "=") == 0 ? "==" : op);
		lua_geti(L, index, 2);
		add_value(L, c, lua_gettop(L));
		lua_settop(L, -3);
		return;
	}
	lua_settop(L, -2);
	if (n < 1)
		bad_value(L, c->field);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_geti(L, index, i);
		add_value(L, c, lua_gettop(L));
		lua_settop(L, -2);
	}
}

static int by_field(const void *a, const void *b)
{
	return strcmp((*(struct oto_condition *const *)a)->field, (*(struct oto_condition *const *)b)->field);
}

/* Sorted by field, so that which of two errors is told does not depend on the order of a Lua table. */
static void sort_conditions(struct oto_handler *h)
{
	struct oto_condition *all[64];
	size_t n = 0;

	for (struct oto_condition *c = h->conditions; c && n < 64; c = c->next)
		all[n++] = c;
	qsort(all, n, sizeof *all, by_field);
	for (size_t i = 0; i < n; i++)
		all[i]->next = i + 1 < n ? all[i + 1] : NULL;
	h->conditions = n ? all[0] : NULL;
}

static void read_table_filter(lua_State *L, struct oto_handler *h, int index)
{
	size_t n = 0;

	for (lua_pushnil(L); lua_next(L, index); lua_settop(L, -2)) {
		if (lua_type(L, -2) != LUA_TSTRING)
			luaL_error(L, "on(): a filter table has field = value; for a list write field = { a, b }");
		if (++n > 64)
			luaL_error(L, "on(): a filter has at most 64 conditions");
		struct oto_condition *c = oto_calloc(1, sizeof *c);
		*c = (struct oto_condition){ .next = h->conditions, .field = oto_strdup(lua_tostring(L, -2)) };
		h->conditions = c;
		if (lua_istable(L, -1))
			add_list(L, c, lua_gettop(L));
		else
			add_value(L, c, lua_gettop(L));
	}
	sort_conditions(h);
}

/* ------------------------------------------------------------------------------------------------ on() */

static int handler_off(lua_State *L)
{
	struct oto_handler **h = oto_type_check(L, 1, OTO_TYPE_HANDLER);

	oto_hook_off(oto_lua_of(L)->policy, *h);
	return 0;
}

/* From how many on the function of window:count{...} hears. */
static int handler_many(lua_State *L)
{
	struct oto_handler **h = oto_type_check(L, 1, OTO_TYPE_HANDLER);
	lua_Integer many = luaL_checkinteger(L, 2);

	(*h)->many = many > 0 && many < UINT32_MAX ? (uint32_t)many : 1;
	return 0;
}

/* In the list at once: whatever fails later, it is freed with the policy. */
static struct oto_handler *handler_new(lua_State *L, const char *event)
{
	struct oto_policy *p = oto_lua_of(L)->policy;
	struct oto_handler *h = oto_calloc(1, sizeof *h);
	char where[256];

	*h = (struct oto_handler){ .script = oto_lua_of(L)->now,
				   .event = oto_strdup(event),
				   .where = oto_strdup(oto_lua_where(L, where, sizeof where)),
				   .function = LUA_NOREF,
				   .outside = LUA_NOREF,
				   .off = true,
				   .pseudo = true };
	*p->handlers->end = h;
	p->handlers->end = &h->next;
	return h;
}

static void read_filter(lua_State *L, struct oto_handler *h, int index)
{
	if (lua_type(L, index) == LUA_TSTRING)
		h->expression = oto_strdup(lua_tostring(L, index));
	else if (lua_istable(L, index))
		read_table_filter(L, h, index);
	else if (!lua_isnil(L, index))
		luaL_error(L, "on(): the filter is a table or an expression, not a %s", luaL_typename(L, index));
}

/* What is known already is checked at its line; the rest at the start. */
static void begin(lua_State *L, struct oto_handler *h, bool pseudo)
{
	struct oto_policy *p = oto_lua_of(L)->policy;
	struct oto_error err = { "" };

	h->off = false;
	h->pseudo = pseudo;
	if (!p->started || resolve(p, h, &err))
		return;
	h->off = true;
	lua_pushstring(L, err.text);
	lua_error(L);
}

static int push_handler(lua_State *L, struct oto_handler *h)
{
	*(struct oto_handler **)lua_newuserdatauv(L, sizeof h, 0) = h;
	oto_type_give(L, OTO_TYPE_HANDLER);
	return 1;
}

/* Fields that make events alike: the list at the top. What is not seen for a while is new again. */
static void read_alike(lua_State *L, struct oto_handler *h)
{
	h->nper = lua_istable(L, -1) ? (uint32_t)lua_rawlen(L, -1) : 0;
	if (h->nper < 1 || h->nper > OTO_WINDOW_KEYS)
		luaL_error(L, "on(\"%s\"): what makes events alike is a list of 1 to %d fields", h->event, (int)OTO_WINDOW_KEYS);
	for (uint32_t i = 0; i < h->nper; i++) {
		if (lua_rawgeti(L, -1, i + 1) != LUA_TSTRING)
			luaL_error(L, "on(\"%s\"): what makes events alike is a list of fields", h->event);
		h->per[i] = (char *)(uintptr_t)oto_intern(L, lua_gettop(L));
		lua_settop(L, -2);
	}
	h->alike = oto_store_new(
	    &(struct oto_store_spec){ .name = "alike", .shape = "", .kind = OTO_STORE_SET, .max = MOST_ALIKE, .expire_ns = ALIKE_FOR });
}

static int on(lua_State *L)
{
	const char *event = luaL_checkstring(L, 1);
	int function = lua_isfunction(L, 2) ? 2 : 3;

	if (lua_gettop(L) > 4)
		return luaL_error(L, "on(event, [filter], handler, [alike]) takes at most four arguments");
	if (!lua_isfunction(L, function))
		return luaL_error(L, "on(\"%s\"): the handler is missing: on(event, [filter], function(e) ... end)", event);
	struct oto_handler *h = handler_new(L, event);
	bool pseudo = strcmp(event, "start") == 0 || strcmp(event, "finish") == 0 || strcmp(event, "question") == 0;
	if (function == 3 && pseudo)
		return luaL_error(L, "on(\"%s\") takes no filter", event);
	if (function == 3)
		read_filter(L, h, 2);
	if (lua_gettop(L) > function)
		read_alike(L, h);
	lua_pushvalue(L, function);
	h->function = luaL_ref(L, LUA_REGISTRYINDEX);
	begin(L, h, pseudo);
	return push_handler(L, h);
}

/* The names in the table's field `option`, exactly n of them where `all`; false stands for none. */
static void read_names(lua_State *L, const char *option, char **out, uint32_t n, bool all)
{
	if (lua_getfield(L, 2, option) != LUA_TTABLE || (all && lua_rawlen(L, -1) != n) || lua_rawlen(L, -1) > n)
		luaL_error(L, "count{...} needs %s = a list of %d fields", option, (int)n);
	for (uint32_t i = 0; i < n; i++) {
		if (lua_rawgeti(L, -1, i + 1) == LUA_TSTRING) /* false: there is none */
			out[i] = (char *)(uintptr_t)oto_intern(L, lua_gettop(L));
		lua_settop(L, -2);
	}
	lua_settop(L, -2);
}

/* Which part of the key it is, or, as in "target/:", what of it. */
static void read_loose(lua_State *L, struct oto_handler *h)
{
	const char *name = lua_getfield(L, 2, "loose") == LUA_TNIL ? NULL : luaL_checkstring(L, -1);
	size_t len = name ? strcspn(name, "/") : 0;
	uint32_t i = 0;

	while (name && i < h->tally->nkeys && (!h->key[i] || strlen(h->key[i]) != len || strncmp(h->key[i], name, len) != 0))
		i++;
	if (name && (i == h->tally->nkeys || (name[len] && strlen(name + len) != 2)))
		luaL_error(L, "count{...}: loose is a field of its key, or that and a character, as target/: is, and %s is none", name);
	if (name) {
		h->loose = i + 1;
		h->loose_behind = name[len] ? name[len + 1] : 0;
	}
	lua_settop(L, -2);
}

/* option = { store, field, ... }: the fields of one key, or of several one after another. */
static void read_keys(lua_State *L, const char *option, struct oto_keys *out)
{
	lua_settop(L, 2);
	if (lua_getfield(L, 2, option) == LUA_TNIL)
		return;
	if (lua_type(L, 3) != LUA_TTABLE || lua_rawgeti(L, 3, 1) != LUA_TUSERDATA)
		luaL_error(L, "count{...} takes %s = { store, field, ... }", option);
	out->store = oto_check_store(L, 4);
	uint32_t parts = oto_store_parts(out->store), n = (uint32_t)lua_rawlen(L, 3) - 1;
	if (!n || n % parts || n > OTO_WINDOW_KEYS)
		luaL_error(L, "count{...}: %s = { store, field, ... } has %d fields for each key of its store, and at most %d", option,
			   (int)parts, (int)OTO_WINDOW_KEYS);
	for (; out->n < n; out->n++) {
		if (lua_rawgeti(L, 3, (lua_Integer)out->n + 2) != LUA_TSTRING)
			luaL_error(L, "count{...} takes %s = { store, field, ... }", option);
		out->part[out->n] = (char *)(uintptr_t)oto_intern(L, lua_gettop(L));
	}
	lua_settop(L, 2);
}

static void read_among(lua_State *L, struct oto_handler *h)
{
	read_keys(L, "among", &h->among);
	read_keys(L, "unless", &h->unless);
}

/* Who hears of the first event of each key: a function, or a set that gets keys. */
static void read_new(lua_State *L, struct oto_handler *h)
{
	if (lua_getfield(L, 2, "new") == LUA_TFUNCTION) {
		h->function = luaL_ref(L, LUA_REGISTRYINDEX);
		return;
	}
	read_keys(L, "new", &h->adds);
	if (h->adds.store && !oto_store_is_set(h->adds.store))
		luaL_error(L, "count{...}: new = function(e), or { set, field, ... }");
}

/* tally:count { on = event, [where = filter], key = { fields }, [loose = field], [sum = { fields }], [among = { store, fields }],
 * [unless = { store, fields }], [new = function(e) | { set, fields }] } */
int oto_on_tally(lua_State *L)
{
	struct oto_tally *tally = oto_check_tally(L, 1);

	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	OTO_CHECK_KEYS(L, 2, false, "tally:count", "on", "where", "key", "loose", "sum", "among", "unless", "new");
	lua_getfield(L, 2, "on");
	struct oto_handler *h = handler_new(L, luaL_checkstring(L, 3));
	h->tally = tally;
	lua_getfield(L, 2, "where");
	read_filter(L, h, 4);
	read_names(L, "key", h->key, tally->nkeys, true);
	read_loose(L, h);
	if (tally->nsums && lua_getfield(L, 2, "sum") != LUA_TNIL)
		read_names(L, "sum", h->sum, tally->nsums, false);
	read_among(L, h);
	read_new(L, h);
	begin(L, h, false);
	lua_settop(L, 1);
	return 1;
}

/* window:count { on = event, [where = filter], key = { fields }, many = n, reached = function(e, n), [among = { store, fields }],
 * [unless = { store, fields }], [first = tally, first_key = { fields }] } `first`: only the first event of each of its keys counts. */
int oto_on_window(lua_State *L)
{
	struct oto_store *window = oto_check_window(L, 1);

	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	OTO_CHECK_KEYS(L, 2, false, "window:count", "on", "where", "key", "many", "reached", "among", "unless", "first", "first_key");
	lua_getfield(L, 2, "on");
	struct oto_handler *h = handler_new(L, luaL_checkstring(L, 3));
	h->window = window;
	lua_getfield(L, 2, "where");
	read_filter(L, h, 4);
	if (lua_getfield(L, 2, "key") != LUA_TTABLE)
		return luaL_error(L, "count{...} needs key = a list of fields");
	h->nper = (uint32_t)lua_rawlen(L, -1);
	if (h->nper > sizeof h->per / sizeof *h->per)
		return luaL_error(L, "a window's key has at most %d fields", (int)(sizeof h->per / sizeof *h->per));
	read_names(L, "key", h->per, h->nper, true);
	h->many = (uint32_t)oto_option_whole(L, 2, "many", 0, 1, UINT32_MAX);
	if (lua_getfield(L, 2, "first") != LUA_TNIL) {
		h->tally = oto_check_tally(L, lua_gettop(L));
		read_names(L, "first_key", h->key, h->tally->nkeys, true);
	}
	read_among(L, h);
	if (lua_getfield(L, 2, "reached") != LUA_TFUNCTION)
		return luaL_error(L, "count{...} needs reached = function(e, n)");
	h->function = luaL_ref(L, LUA_REGISTRYINDEX);
	begin(L, h, false);
	return push_handler(L, h);
}

static char *optional_name(lua_State *L, const char *option)
{
	char *name = lua_getfield(L, 2, option) == LUA_TNIL ? NULL : (char *)(uintptr_t)oto_intern(L, lua_gettop(L));

	lua_settop(L, -2);
	return name;
}

static int function_of(lua_State *L, const char *option)
{
	if (lua_getfield(L, 2, option) != LUA_TFUNCTION)
		luaL_error(L, "count{...} needs %s = function(e)", option);
	return luaL_ref(L, LUA_REGISTRYINDEX);
}

/* ranges:count { on = event, [where = filter], key = { fields }, [place = field], values = field, [written = true], [once = span],
 * group = function(e), outside = function(e) } */
int oto_on_ranges(lua_State *L, struct oto_ranges *ranges)
{
	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	OTO_CHECK_KEYS(L, 2, false, "ranges:count", "on", "where", "key", "place", "values", "written", "once", "group", "outside");
	lua_getfield(L, 2, "on");
	struct oto_handler *h = handler_new(L, luaL_checkstring(L, 3));
	h->ranges = ranges;
	lua_getfield(L, 2, "where");
	read_filter(L, h, 4);
	uint32_t nkeys = lua_getfield(L, 2, "key") == LUA_TTABLE ? (uint32_t)lua_rawlen(L, -1) : 0;
	if (nkeys < 1 || nkeys > OTO_TALLY_KEYS)
		return luaL_error(L, "ranges:count needs key = a list of 1 to %d fields", (int)OTO_TALLY_KEYS);
	read_names(L, "key", h->key, nkeys, true);
	h->tally = oto_ranged_keys(oto_lua_of(L)->policy, ranges, nkeys);
	h->place = optional_name(L, "place");
	h->values = optional_name(L, "values");
	if (!h->values)
		return luaL_error(L, "ranges:count needs values = a field");
	h->written = oto_option_flag(L, 2, "written");
	h->once_ns = oto_option_span(L, 2, "once");
	h->function = function_of(L, "group");
	h->outside = function_of(L, "outside");
	begin(L, h, false);
	lua_settop(L, 1);
	return 1;
}

void oto_lua_handlers(struct oto_lua *lua)
{
	static const luaL_Reg methods[] = { { "off", handler_off }, { "many", handler_many }, { 0 } };
	lua_State *L = lua->L;

	lua->policy->handlers = oto_calloc(1, sizeof *lua->policy->handlers);
	lua->policy->handlers->end = &lua->policy->handlers->first;
	oto_type_define(L, OTO_TYPE_HANDLER, "oto.handler", NULL, methods);
	lua_register(L, "on", on);
}

void oto_handlers_free(struct oto_policy *p)
{
	if (!p->handlers)
		return;
	oto_hooks_free(p->handlers);
	for (struct oto_handler *h = p->handlers->first, *next; h; h = next) {
		next = h->next;
		handler_free(h);
	}
	free(p->handlers->waiting);
	free(p->handlers);
}
