/* http_facts.c - see http_facts.h. A browser says which system it runs on because it was asked to nowhere: it is stated in passing, and
 * programs copy each other's words, so the system is inferred at most. */
#include "http_facts.h"

#include "../say.h"

/* Marks in a User-Agent field, the more special first. Windows NT 10.0 is what Windows 11 says as well. */
static const struct {
	const char *mark, *os;
} systems[] = {
	{ "Windows NT 10.0", "Windows 10 or newer" },
	{ "Windows NT 6.3", "Windows 8.1" },
	{ "Windows NT 6.2", "Windows 8" },
	{ "Windows NT 6.1", "Windows 7" },
	{ "Windows NT 6.0", "Windows Vista" },
	{ "Windows NT 5.2", "Windows Server 2003" },
	{ "Windows NT 5.1", "Windows XP" },
	{ "Windows NT 5.0", "Windows 2000" },
	{ "Windows NT 4.0", "Windows NT 4.0" },
	{ "Windows CE", "Windows CE" },
	{ "Windows 98", "Windows 98" },
	{ "Windows 95", "Windows 95" },
	{ "Android", "Android" },
	{ "iPhone OS", "iOS" },
	{ "Mac OS X", "macOS" },
	{ "CrOS", "ChromeOS" },
	{ "Linux", "Linux" },
};

static bool holds(struct oto_slice s, const char *mark)
{
	for (; s.len; s = say_from(s, 1)) {
		if (s.data[0] == (uint8_t)mark[0] && say_begins(s, mark))
			return true;
	}
	return false;
}

static void tell_system(struct oto_ctx *cx, struct oto_slice agent)
{
	for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
		if (holds(agent, systems[i].mark)) {
			say_fact(cx, "os", oto_slice_of(systems[i].os), SAY_INFERRED);
			return;
		}
	}
}

/* "plc1.example:8080" names the server, "10.0.0.1" does not. */
static void tell_name(struct oto_ctx *cx, const struct http_head *h)
{
	struct oto_slice name = say_first(h->host, say_find(h->host, ':'));
	bool letters = false;

	for (uint32_t i = 0; i < name.len; i++)
		letters |= say_lower(name.data[i]) >= 'a' && say_lower(name.data[i]) <= 'z';
	bool to_a_proxy = h->uri.len && h->uri.data[0] != '/';
	if (!letters || to_a_proxy || h->host.data[0] == '[')
		return;
	oto_fact(cx, &(struct oto_fact){ .self_size = sizeof(struct oto_fact),
					 .key = "hostname",
					 .value = name,
					 .whose = OTO_RECEIVER,
					 .confidence = SAY_INFERRED });
}

void http_tell_client(struct oto_ctx *cx, const struct http_head *h, struct oto_slice user)
{
	say_fact(cx, "software", h->user_agent, SAY_STATED);
	tell_system(cx, say_first(h->user_agent, 512));
	tell_name(cx, h);
	if (h->authorization.len && say_begins(h->authorization, "basic "))
		say_fact(cx, "cleartext_login", say_text(cx, 160, "http basic, user %.*s", (int)user.len, (const char *)user.data),
			 SAY_SURE);
}
