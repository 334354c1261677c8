/* http_secret.c - see http_secret.h. */
#include "http_secret.h"

#include "../say.h"

static bool holds(struct oto_slice s, const char *word)
{
	for (; s.len; s = say_from(s, 1)) {
		if (say_begins(s, word))
			return true;
	}
	return false;
}

/* "password", "old_passwd", "j_password", "api-key", "access_token" */
static bool is_secret(struct oto_slice name)
{
	static const char *const parts[] = {
		"passw", "passphrase", "pwd", "secret", "token", "apikey", "api_key", "api-key", "credential"
	};
	static const char *const words[] = { "pass", "pw", "psw", "pin", "kennwort" };

	if (name.len > 64)
		name = say_from(name, name.len - 64);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (holds(name, parts[i]))
			return true;
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (say_is(name, words[i]))
			return true;
	}
	return false;
}

static bool is_user(struct oto_slice name)
{
	static const char *const words[] = { "user",    "username", "user_name", "userid",     "login",
					     "account", "name",     "uname",     "j_username", "email" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (say_is(name, words[i]))
			return true;
	}
	return false;
}

static bool ends_parameter(uint8_t c)
{
	return c == '&' || c == ';' || c == '#' || c == '?';
}

/* Where the password of "scheme://user:password@host" begins and ends; false: there is none. */
static bool userinfo(const uint8_t *text, uint32_t len, uint32_t *from, uint32_t *to)
{
	uint32_t at = 0, colon = 0;

	while (at + 3 <= len && memcmp(&text[at], "://", 3) != 0)
		at++;
	if (at + 3 > len)
		return false;
	for (at += 3; at < len && text[at] != '/' && text[at] != '?'; at++) {
		if (text[at] == ':' && !colon)
			colon = at;
		if (text[at] != '@')
			continue;
		*from = colon + 1;
		*to = at;
		return colon && at > colon + 1;
	}
	return false;
}

/* Passes over a value; how many bytes it has. */
static uint32_t value_length(const uint8_t *text, uint32_t len)
{
	uint32_t n = 0;

	while (n < len && !ends_parameter(text[n]))
		n++;
	return n;
}

bool http_mask_uri(uint8_t *text, uint32_t *len)
{
	uint32_t from = 0, to = 0, out = 0, name = 0, n;
	bool login = userinfo(text, *len, &from, &to), masked = login;

	for (uint32_t i = 0; i < *len; i += n) {
		uint8_t c = text[i];
		n = 1;
		if (login && i == from) {
			text[out++] = '*';
			n = to - from;
			continue;
		}
		text[out++] = c;
		if (ends_parameter(c) || c == '/')
			name = out;
		uint32_t value = c == '=' ? value_length(&text[i + 1], *len - i - 1) : 0;
		if (value && is_secret((struct oto_slice){ &text[name], out - 1 - name })) {
			text[out++] = '*';
			n += value;
			masked = true;
		}
	}
	*len = out;
	return masked;
}

bool http_form_login(struct oto_slice form, struct oto_slice *user)
{
	bool found = false;

	*user = (struct oto_slice){ 0 };
	while (form.len) {
		uint32_t end = say_find(form, '&'), equals = say_find(say_first(form, end), '=');
		struct oto_slice name = say_first(form, equals), value = say_from(say_first(form, end), equals + 1);
		found |= value.len && is_secret(name);
		if (value.len && !user->len && is_user(name))
			*user = value;
		form = say_from(form, end + 1);
	}
	return found;
}
