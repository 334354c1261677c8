/* http_facts.c - see http_facts.h. A browser says which system it runs on because it was asked to nowhere: it is stated in passing, and
 * programs copy each other's words, so the system is inferred at most. */
#include "http_facts.h"

#include "../say.h"
#include "http_secret.h"

/* Marks in a User-Agent field, the more special first. Windows NT 10.0 is what Windows 11 says as well. */
static const struct {
	const char *mark, *os;
} systems[] = {
	{ "Windows Phone", "Windows Phone" },
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
	{ "iPhone", "iOS" },
	{ "iPad", "iPadOS" },
	{ "Mac OS X", "macOS" },
	{ "; CrOS ", "ChromeOS" },
	{ "Windows-Update-Agent/10", "Windows 10 or newer" },
	{ "Microsoft-CryptoAPI/10", "Windows 10 or newer" },
	{ "Microsoft-CryptoAPI/6.3", "Windows 8.1" },
	{ "Microsoft-CryptoAPI/6.2", "Windows 8" },
	{ "Microsoft-CryptoAPI/6.1", "Windows 7" },
	{ "Microsoft-CryptoAPI/5.131.2600", "Windows XP" },
	{ "Microsoft-CryptoAPI", "Windows" },
	{ "Windows-Update-Agent", "Windows" },
	{ "Microsoft WinRM", "Windows" },
	{ "Microsoft NCSI", "Windows" },
	{ "Microsoft BITS", "Windows" },
	{ "Microsoft-WebDAV-MiniRedir", "Windows" },
	{ "Linux", "Linux" },
};

/* Marks in a Server field. A web server of Windows has its number from the system that it comes with. */
static const struct {
	const char *mark, *os;
} servers[] = {
	{ "IIS/10.0", "Windows 10 or newer" },
	{ "IIS/8.5", "Windows 8.1 or Server 2012 R2" },
	{ "IIS/8.0", "Windows 8 or Server 2012" },
	{ "IIS/7.5", "Windows 7 or Server 2008 R2" },
	{ "IIS/7.0", "Windows Vista or Server 2008" },
	{ "IIS/6.0", "Windows Server 2003" },
	{ "IIS/5.1", "Windows XP" },
	{ "IIS/5.0", "Windows 2000" },
	{ "IIS/4.0", "Windows NT 4.0" },
	{ "WindowsCE", "Windows CE" },
	{ "Windows CE", "Windows CE" },
	{ "Microsoft-HTTPAPI", "Windows" },
	{ "(Win", "Windows" },
	{ "(Ubuntu", "Ubuntu" },
	{ "(Debian", "Debian" },
	{ "(CentOS", "CentOS" },
	{ "(Red Hat", "Red Hat" },
	{ "(Fedora", "Fedora" },
	{ "(FreeBSD", "FreeBSD" },
	{ "VxWorks", "VxWorks" },
	{ "QNX", "QNX" },
	{ "Linux", "Linux" },
};

enum { AGENT_MAX = 512, USER_MAX = 120, LOGIN_MAX = 160 };

static bool holds(struct oto_slice s, const char *mark)
{
	for (; s.len; s = say_from(s, 1)) {
		if (say_lower(s.data[0]) == say_lower((uint8_t)mark[0]) && say_begins(s, mark))
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

void http_tell_client(struct oto_ctx *cx, const struct http_head *h)
{
	if (!h->nproxied) { /* a proxy passes on what others say of themselves */
		say_fact(cx, "software", h->user_agent, SAY_STATED);
		tell_system(cx, say_first(h->user_agent, AGENT_MAX));
	}
	tell_name(cx, h);
}

void http_tell_server(struct oto_ctx *cx, struct oto_slice server)
{
	say_fact(cx, "software", server, SAY_STATED);
	for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
		if (holds(say_first(server, AGENT_MAX), servers[i].mark)) {
			say_fact(cx, "os", oto_slice_of(servers[i].os), SAY_INFERRED);
			return;
		}
	}
}

static void tell_login(struct oto_ctx *cx, const char *how, struct oto_slice user)
{
	struct oto_slice shown = say_first(user, USER_MAX);
	const char *with = shown.len ? ", user " : "";

	say_fact(cx, "cleartext_login",
		 say_text(cx, LOGIN_MAX, "http %s%s%.*s", how, with, (int)shown.len, shown.len ? (const char *)shown.data : ""), SAY_SURE);
}

uint8_t http_tell_login(struct oto_ctx *cx, const struct http_head *h, struct oto_slice user, bool secret, uint8_t told)
{
	if (!(told & HTTP_LOGIN_BASIC) && h->authorization.len > sizeof "basic" && say_begins(h->authorization, "basic ")) {
		tell_login(cx, "basic", user);
		told |= HTTP_LOGIN_BASIC;
	}
	if (!(told & HTTP_LOGIN_PROXY) && h->proxy_authorization.len > sizeof "basic" && say_begins(h->proxy_authorization, "basic ")) {
		tell_login(cx, "proxy", (struct oto_slice){ 0 });
		told |= HTTP_LOGIN_PROXY;
	}
	if (!(told & HTTP_LOGIN_URI) && secret) {
		tell_login(cx, "uri", (struct oto_slice){ 0 });
		told |= HTTP_LOGIN_URI;
	}
	return told;
}

uint8_t http_tell_form(struct oto_ctx *cx, struct oto_slice body, uint8_t told)
{
	struct oto_slice user;

	if (told & HTTP_LOGIN_FORM || !http_form_login(body, &user))
		return told;
	tell_login(cx, "form", user);
	return told | HTTP_LOGIN_FORM;
}
