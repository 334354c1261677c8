/* config.c - send.lua: who is told what. A Lua state with nothing in it but the words below runs the file, so that a message about a
 * mistake has its line. Each word takes one table; one list here says which fields it may have. */
#include "send.h"

#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { MOST_STEPS = 10000000, MOST_DESTINATIONS = 64, LONGEST_SECRET = 4096 };
enum type { TEXT, TEXTS, SECRET, FLAG, SECONDS, NUMBER, RULES };

#define SYSLOG (1u << SEND_SYSLOG)
#define WEBHOOK (1u << SEND_WEBHOOK)
#define MAIL (1u << SEND_MAIL)
#define REDIS (1u << SEND_REDIS)
#define BLOCK (1u << SEND_BLOCK)
#define ALL 31u

static const struct option {
	const char *name;
	enum type type;
	size_t offset;
	unsigned kinds;
} options[] = {
#define O(name_, type_, member, kinds_)                                                                                                    \
	{                                                                                                                                  \
		name_, type_, offsetof(struct destination, member), kinds_                                                                 \
	}
	O("name", TEXT, name, ALL),
	O("to", TEXT, url, SYSLOG | WEBHOOK | REDIS | BLOCK),
	O("server", TEXT, url, MAIL),
	O("to", TEXTS, to, MAIL),
	O("from", TEXT, from, MAIL),
	O("subject", TEXT, subject, MAIL),
	O("language", TEXT, language, MAIL),
	O("user", TEXT, user, MAIL | REDIS),
	O("password", SECRET, secret, MAIL | REDIS),
	O("token", SECRET, secret, WEBHOOK | BLOCK),
	O("header", TEXT, header, WEBHOOK | BLOCK),
	O("method", TEXT, method, WEBHOOK | BLOCK),
	O("body", TEXT, body, WEBHOOK | BLOCK),
	O("format", TEXT, subject, SYSLOG), /* read into `format` when checked */
	O("facility", TEXT, facility, SYSLOG),
	O("host", TEXT, host, SYSLOG),
	O("lines", FLAG, lines, SYSLOG),
	O("stream", TEXT, stream, REDIS),
	O("keep", NUMBER, keep, REDIS),
	O("pause", SECONDS, pause, MAIL),
	O("tls_if_offered", FLAG, tls_if_there, MAIL),
	O("ca", TEXT, ca, SYSLOG | WEBHOOK | MAIL | BLOCK),
	O("certificate", TEXT, certificate, SYSLOG | WEBHOOK | MAIL | BLOCK),
	O("key", TEXT, key, SYSLOG | WEBHOOK | MAIL | BLOCK),
	O("timeout", SECONDS, timeout, ALL),
	O("enabled", FLAG, enabled, BLOCK),
	O("never", TEXTS, never, BLOCK),
	O("within", SECONDS, within, BLOCK),
	O("rules", RULES, rules, ALL),
	O("except", RULES, except, ALL),
#undef O
};
#define NOPTIONS (sizeof options / sizeof *options)

static const struct {
	const char *name;
	size_t offset;
} conditions[] = {
	{ "kind", offsetof(struct rule, kinds) },          { "protocol", offsetof(struct rule, protocols) },
	{ "category", offsetof(struct rule, categories) }, { "source", offsetof(struct rule, sources) },
	{ "target", offsetof(struct rule, targets) },      { "asset", offsetof(struct rule, assets) },
	{ "state", offsetof(struct rule, states) },
};
#define NCONDITIONS (sizeof conditions / sizeof *conditions)
static const char *const kind_names[] = { "syslog", "webhook", "mail", "redis", "block" };

/* ------------------------------------------------------------------------------------------------ values */

static void add_text(struct texts *t, const char *text)
{
	t->items = oto_realloc(t->items, (t->n + 1) * sizeof(*t->items));
	t->items[t->n++] = oto_strdup(text);
}

/* One text or a list of them at the stack top. */
static void read_texts(lua_State *L, const char *name, struct texts *out)
{
	if (lua_type(L, -1) == LUA_TSTRING) {
		add_text(out, lua_tostring(L, -1));
		return;
	}
	if (!lua_istable(L, -1) || !lua_rawlen(L, -1))
		luaL_error(L, "%s is a text or a list of texts, not %s", name, luaL_typename(L, -1));
	for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, -1); i <= n; i++) {
		if (lua_rawgeti(L, -1, i) != LUA_TSTRING)
			luaL_error(L, "%s: entry %d is no text", name, (int)i);
		add_text(out, lua_tostring(L, -1));
		lua_pop(L, 1);
	}
}

static double read_seconds(lua_State *L, const char *name)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = { { "s", 1 }, { "ms", 0.001 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };
	char *end = NULL;

	if (lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) > 0)
		return lua_tonumber(L, -1);
	double value = lua_type(L, -1) == LUA_TSTRING ? strtod(lua_tostring(L, -1), &end) : 0;
	for (size_t i = 0; value > 0 && i < sizeof units / sizeof *units; i++) {
		if (!strcmp(units[i].unit, end))
			return value * units[i].seconds;
	}
	return luaL_error(L, "%s is a time such as 30s or 10m", name), 0;
}

static void read_rule(lua_State *L, const char *name, struct rule *r);

static void read_rules(lua_State *L, const char *name, struct rules *out)
{
	if (!lua_istable(L, -1) || !lua_rawlen(L, -1))
		luaL_error(L, "%s is a list of conditions: { { severity = \"high\" }, { kind = \"port_scan\" } }", name);
	for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, -1); i <= n; i++) {
		lua_rawgeti(L, -1, i);
		out->items = oto_realloc(out->items, (out->n + 1) * sizeof *out->items);
		out->items[out->n++] = (struct rule){ 0 };
		read_rule(L, name, &out->items[out->n - 1]);
		lua_pop(L, 1);
	}
}

/* A secret is a table that only file and env make, so that nobody writes one into the configuration. */
static char *read_secret(lua_State *L, const char *name)
{
	if (!lua_istable(L, -1) || lua_rawgetp(L, -1, options) != LUA_TSTRING)
		luaL_error(L, "%s = file \"PATH\" or env \"NAME\": what is secret is not written here", name);
	char *secret = oto_strdup(lua_tostring(L, -1));
	lua_pop(L, 1);
	return secret;
}

static void read_option(lua_State *L, struct destination *d, const struct option *o)
{
	void *at = (char *)d + o->offset;

	switch (o->type) {
	case TEXT:
		if (lua_type(L, -1) != LUA_TSTRING)
			luaL_error(L, "%s is a text, not %s", o->name, luaL_typename(L, -1));
		*(char **)at = oto_strdup(lua_tostring(L, -1));
		break;
	case TEXTS:
		read_texts(L, o->name, at);
		break;
	case SECRET:
		*(char **)at = read_secret(L, o->name);
		break;
	case FLAG:
		if (!lua_isboolean(L, -1))
			luaL_error(L, "%s is true or false", o->name);
		*(bool *)at = lua_toboolean(L, -1);
		break;
	case SECONDS:
		*(double *)at = read_seconds(L, o->name);
		break;
	case NUMBER:
		if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1)
			luaL_error(L, "%s is a whole number from 1", o->name);
		*(uint64_t *)at = (uint64_t)lua_tointeger(L, -1);
		break;
	case RULES:
		read_rules(L, o->name, at);
		break;
	}
}

/* ------------------------------------------------------------------------------------------------ rules */

/* The condition called `name` at the stack top; false: there is none of that name. */
static bool read_condition(lua_State *L, const char *name, struct rule *r)
{
	if (!strcmp(name, "severity")) {
		r->severity = lua_type(L, -1) == LUA_TSTRING ? severity_of(lua_tostring(L, -1)) : 0;
		if (!r->severity)
			luaL_error(L, "severity is info, low, medium, high or critical: that grave, or graver");
		return true;
	}
	for (size_t i = 0; i < NCONDITIONS; i++) {
		if (strcmp(conditions[i].name, name))
			continue;
		struct texts *t = (struct texts *)(void *)((char *)r + conditions[i].offset);
		read_texts(L, name, t);
		bool networks = !strcmp(name, "source") || !strcmp(name, "target") || !strcmp(name, "asset");
		for (size_t k = 0; networks && k < t->n; k++) {
			if (!address_in(NULL, t->items[k]))
				luaL_error(L, "%s: %s is no address and no network such as 10.0.0.0/8", name, t->items[k]);
		}
		return true;
	}
	return false;
}

static void read_rule(lua_State *L, const char *name, struct rule *r)
{
	if (!lua_istable(L, -1))
		luaL_error(L, "%s: a condition is a table such as { severity = \"high\" }", name);
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "1";
		if (!read_condition(L, key, r))
			luaL_error(
			    L, "%s: there is no condition %s; there are severity, kind, category, protocol, source, target, asset, state",
			    name, key);
	}
}

/* ------------------------------------------------------------------------------------------------ destinations */

static bool begins(const char *text, const char *with)
{
	return text && !strncmp(text, with, strlen(with));
}

static void check_syslog(lua_State *L, struct destination *d)
{
	static const char *const formats[] = { [SEND_TEXT] = "text", [SEND_CEF] = "cef", [SEND_LEEF] = "leef" };
	static const char *const facilities[] = { "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
						  "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
						  "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7" };
	bool known = !d->subject;

	for (size_t i = 0; d->subject && i < sizeof formats / sizeof *formats; i++) {
		if (!strcmp(formats[i], d->subject)) {
			d->format = (enum send_format)i;
			known = true;
		}
	}
	if (!known)
		luaL_error(L, "format is text, cef or leef, not %s", d->subject);
	d->facility_code = d->facility ? -1 : 16;
	for (int i = 0; d->facility && i < (int)(sizeof facilities / sizeof *facilities); i++) {
		if (!strcmp(facilities[i], d->facility))
			d->facility_code = i;
	}
	if (d->facility_code < 0)
		luaL_error(L, "there is no facility %s; local0 to local7 are for programs like this one", d->facility);
	if (!begins(d->url, "udp://") && !begins(d->url, "tcp://") && !begins(d->url, "tls://"))
		luaL_error(L, "to is udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT");
}

static void check_http(lua_State *L, struct destination *d)
{
	if (!begins(d->url, "https://") && !begins(d->url, "http://"))
		luaL_error(L, "to is https://HOST/PATH");
	if (d->secret && begins(d->url, "http://"))
		luaL_error(L, "to begins with http://: the token would travel in clear; use https://");
	if (d->header && strpbrk(d->header, ":\r\n "))
		luaL_error(L, "header is the name of a header alone, as X-Api-Key");
	if (d->kind != SEND_BLOCK)
		return;
	bool kinds = d->own.kinds.n > 0;
	for (size_t i = 0; i < d->rules.n; i++)
		kinds = d->rules.items[i].kinds.n > 0 && (kinds || i == 0);
	if (!kinds)
		luaL_error(L, "a block request says for which kinds of alert: kind = { \"port_scan\" }");
	for (size_t i = 0; i < d->never.n; i++) {
		if (!address_in(NULL, d->never.items[i]))
			luaL_error(L, "never: %s is no address and no network such as 10.0.0.0/8", d->never.items[i]);
	}
}

static void check_mail(lua_State *L, struct destination *d)
{
	if (!begins(d->url, "smtp://") && !begins(d->url, "smtps://"))
		luaL_error(L, "server is smtp://HOST:PORT or smtps://HOST:PORT");
	if (!d->from || !strchr(d->from, '@') || !d->to.n)
		luaL_error(L, "a mail has from = \"otoscope@example.com\" and to = { \"somebody@example.com\" }");
	for (size_t i = 0; i <= d->to.n; i++) {
		const char *address = i < d->to.n ? d->to.items[i] : d->from;
		if (!strchr(address, '@') || strpbrk(address, " \r\n<>"))
			luaL_error(L, "%s is no mail address", address);
	}
	if (d->secret && d->tls_if_there)
		luaL_error(L, "tls_if_offered with a password: it could travel in clear");
	if (d->language && strcmp(d->language, "en") && strcmp(d->language, "ja"))
		luaL_error(L, "language is en or ja");
	if (d->subject && strpbrk(d->subject, "\r\n"))
		luaL_error(L, "subject is one line");
}

static void check(lua_State *L, struct destination *d, const struct configuration *c)
{
	if (!d->name || !d->name[0] || strlen(d->name) > 64)
		luaL_error(L, "%s needs a name", kind_names[d->kind]);
	for (size_t i = 0; i + 1 < c->n; i++) {
		if (!strcmp(c->items[i].name, d->name))
			luaL_error(L, "%s is already there, at %s", d->name, c->items[i].where);
	}
	if (!d->url)
		luaL_error(L, "%s: where to? %s = ...", d->name, d->kind == SEND_MAIL ? "server" : "to");
	if (strchr(d->url, '@'))
		luaL_error(L, "%s: no user and no password in an address; user = ..., password = file \"PATH\"", d->name);
	if (d->kind == SEND_SYSLOG)
		check_syslog(L, d);
	else if (d->kind == SEND_MAIL)
		check_mail(L, d);
	else if (d->kind != SEND_REDIS)
		check_http(L, d);
	else if (!begins(d->url, "redis://") && !begins(d->url, "unix:/"))
		luaL_error(L, "to is redis://HOST:PORT or unix:/PATH");
	if (d->user && !d->secret)
		luaL_error(L, "user without a password: password = file \"PATH\"");
	if (!d->timeout)
		d->timeout = 20;
	if (!d->within)
		d->within = 600;
	if (!d->keep)
		d->keep = 100000;
}

static void unknown_option(lua_State *L, enum send_kind kind, const char *key)
{
	const char *names[NOPTIONS + NCONDITIONS + 1];
	size_t n = 0;
	char near[256];

	for (size_t i = 0; i < NOPTIONS; i++) {
		if (options[i].kinds & 1u << kind)
			names[n++] = options[i].name;
	}
	for (size_t i = 0; i < NCONDITIONS; i++)
		names[n++] = conditions[i].name;
	names[n++] = "severity";
	luaL_error(L, "%s knows no %s%s", kind_names[kind], key, oto_near(near, sizeof near, key, names, n));
}

static bool take(lua_State *L, struct destination *d, const char *key)
{
	for (size_t i = 0; i < NOPTIONS; i++) {
		if ((options[i].kinds & 1u << d->kind) && !strcmp(options[i].name, key)) {
			read_option(L, d, &options[i]);
			return true;
		}
	}
	return read_condition(L, key, &d->own);
}

static int declare(lua_State *L)
{
	struct configuration *c = lua_touserdata(L, lua_upvalueindex(1));
	enum send_kind kind = (enum send_kind)lua_tointeger(L, lua_upvalueindex(2));

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	if (c->n == MOST_DESTINATIONS)
		return luaL_error(L, "more than %d destinations", MOST_DESTINATIONS);
	c->items = oto_realloc(c->items, (c->n + 1) * sizeof *c->items);
	struct destination *d = &c->items[c->n++];
	*d = (struct destination){ .kind = kind };
	luaL_where(L, 1);
	d->where = oto_strdup(lua_tostring(L, -1));
	if (strlen(d->where) > 2)
		d->where[strlen(d->where) - 2] = 0; /* ": " */
	lua_settop(L, 1);
	for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "entry without a name";
		if (!take(L, d, key))
			unknown_option(L, kind, key);
	}
	check(L, d, c);
	return 0;
}

/* ------------------------------------------------------------------------------------------------ secrets */

static int push_secret(lua_State *L, const char *text)
{
	size_t n = strcspn(text, "\r\n");

	if (!n)
		return luaL_error(L, "the secret is empty");
	lua_newtable(L);
	lua_pushlstring(L, text, n);
	lua_rawsetp(L, -2, options);
	return 1;
}

static int secret_file(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	char text[LONGEST_SECRET + 1];
	struct stat st;
	FILE *f = fopen(path, "r");

	if (!f || fstat(fileno(f), &st)) {
		if (f)
			fclose(f);
		return luaL_error(L, "%s cannot be read", path);
	}
	size_t n = fread(text, 1, LONGEST_SECRET, f);
	text[n] = 0;
	fclose(f);
	if (st.st_mode & S_IROTH)
		return luaL_error(L, "%s can be read by everybody: chmod 600 it", path);
	return push_secret(L, text);
}

static int secret_env(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1), *text = getenv(name);

	if (!text)
		return luaL_error(L, "the environment has no %s", name);
	return push_secret(L, text);
}

void conceal(const struct destination *d, char *text)
{
	size_t n = d->secret ? strlen(d->secret) : 0;

	for (char *at = text; n && (at = strstr(at, d->secret)); at += n)
		memset(at, '*', n);
}

/* ------------------------------------------------------------------------------------------------ the file */

static void too_long(lua_State *L, lua_Debug *ar)
{
	lua_getinfo(L, "Sl", ar);
	luaL_error(L, "%s:%d: this does not end", ar->short_src, ar->currentline);
}

static int no_such_word(lua_State *L)
{
	static const char *const words[] = { "syslog", "webhook", "mail", "redis", "block", "file", "env" };
	const char *key = luaL_tolstring(L, 2, NULL);
	char near[256];

	return luaL_error(L, "there is no %s%s; there are syslog, webhook, mail, redis, block, file, env", key,
			  oto_near(near, sizeof near, key, words, sizeof words / sizeof *words));
}

static void words(lua_State *L, struct configuration *c)
{
	lua_newtable(L);
	for (int i = 0; i < (int)(sizeof kind_names / sizeof *kind_names); i++) {
		lua_pushlightuserdata(L, c);
		lua_pushinteger(L, i);
		lua_pushcclosure(L, declare, 2);
		lua_setfield(L, -2, kind_names[i]);
	}
	lua_pushcfunction(L, secret_file);
	lua_setfield(L, -2, "file");
	lua_pushcfunction(L, secret_env);
	lua_setfield(L, -2, "env");
	lua_newtable(L);
	lua_pushcfunction(L, no_such_word);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
}

bool configuration_read(struct configuration *c, const char *path, struct oto_error *err)
{
	lua_State *L = luaL_newstate();

	*c = (struct configuration){ 0 };
	if (!L)
		return oto_fail(err, "%s: no memory", path);
	lua_sethook(L, too_long, LUA_MASKCOUNT, MOST_STEPS);
	bool ok = luaL_loadfilex(L, path, "t") == LUA_OK;
	if (ok) {
		words(L, c);
		lua_setupvalue(L, -2, 1);
		ok = lua_pcall(L, 0, 0, 0) == LUA_OK;
	}
	if (!ok)
		oto_fail(err, "%s", lua_tostring(L, -1));
	else if (!c->n)
		ok = oto_fail(err, "%s: says nobody to send to", path);
	lua_close(L);
	if (!ok)
		configuration_free(c);
	return ok;
}

static void free_texts(struct texts *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->items[i]);
	free(t->items);
}

static void free_rule(struct rule *r)
{
	for (size_t i = 0; i < NCONDITIONS; i++)
		free_texts((struct texts *)(void *)((char *)r + conditions[i].offset));
}

static void free_rules(struct rules *r)
{
	for (size_t i = 0; i < r->n; i++)
		free_rule(&r->items[i]);
	free(r->items);
}

void configuration_free(struct configuration *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct destination *d = &c->items[i];
		for (size_t k = 0; k < NOPTIONS; k++) {
			char **text = (char **)(void *)((char *)d + options[k].offset);
			if ((options[k].type != TEXT && options[k].type != SECRET) || !*text)
				continue;
			if (options[k].type == SECRET)
				explicit_bzero(*text, strlen(*text));
			free(*text);
			*text = NULL; /* several words may mean one member */
		}
		free(d->where);
		free_texts(&d->to);
		free_texts(&d->never);
		free_rules(&d->rules);
		free_rules(&d->except);
		free_rule(&d->own);
	}
	free(c->items);
	*c = (struct configuration){ 0 };
}
