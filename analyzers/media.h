/* media.h - what kind of content the first bytes of a file or body are: the names that Zeek gives.
 *
 * Header only, for folders of analyzers/. Knows first bytes and no protocol. A few hundred bytes are enough; the more special is asked
 * first.
 */
#ifndef OTO_ANALYZERS_MEDIA_H
#define OTO_ANALYZERS_MEDIA_H

#include "say.h"

struct media_magic {
	const char *bytes;
	uint8_t n, offset;
	const char *type;
};
#define MEDIA_MAGIC(text, type_)                                                                                                           \
	{                                                                                                                                  \
		text, sizeof(text) - 1, 0, type_                                                                                           \
	}
static const struct media_magic media_magics[] = {
	MEDIA_MAGIC("\xff\xd8\xff", "image/jpeg"),
	MEDIA_MAGIC("\x89PNG\r\n\x1a\n", "image/png"),
	MEDIA_MAGIC("GIF8", "image/gif"),
	MEDIA_MAGIC("BM", "image/x-ms-bmp"),
	MEDIA_MAGIC("\0\0\1\0", "image/x-icon"),
	MEDIA_MAGIC("RIFF", "image/webp"),
	MEDIA_MAGIC("II*\0", "image/tiff"),
	MEDIA_MAGIC("MM\0*", "image/tiff"),
	MEDIA_MAGIC("%PDF-", "application/pdf"),
	MEDIA_MAGIC("%!PS", "application/postscript"),
	MEDIA_MAGIC("PK\3\4", "application/zip"),
	MEDIA_MAGIC("\x1f\x8b", "application/x-gzip"),
	MEDIA_MAGIC("BZh", "application/x-bzip2"),
	MEDIA_MAGIC("7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
	MEDIA_MAGIC("Rar!", "application/x-rar"),
	MEDIA_MAGIC("MSCF", "application/vnd.ms-cab-compressed"),
	MEDIA_MAGIC("MZ", "application/x-dosexec"),
	MEDIA_MAGIC("\x7f"
		    "ELF",
		    "application/x-executable"),
	MEDIA_MAGIC("\xd0\xcf\x11\xe0", "application/msword"),
	MEDIA_MAGIC("{\\rtf", "text/rtf"),
	MEDIA_MAGIC("FWS", "application/x-shockwave-flash"),
	MEDIA_MAGIC("CWS", "application/x-shockwave-flash"),
	MEDIA_MAGIC("\xca\xfe\xba\xbe", "application/x-java-applet"),
	MEDIA_MAGIC("wOFF", "application/font-woff"),
	MEDIA_MAGIC("OggS", "application/ogg"),
	MEDIA_MAGIC("ID3", "audio/mpeg"),
	MEDIA_MAGIC("\x1a\x45\xdf\xa3", "video/webm"),
	MEDIA_MAGIC("FLV", "video/x-flv"),
	{ "ftyp", 4, 4, "video/mp4" },
};

static inline bool media_is_text(struct oto_slice s)
{
	enum { ENOUGH = 10 };

	for (uint32_t i = 0; i < ENOUGH; i++) {
		if (i >= s.len || !((s.data[i] >= ' ' && s.data[i] < 0x7f) || (s.data[i] >= '\t' && s.data[i] <= '\r')))
			return false;
	}
	return true;
}

static inline struct oto_slice media_behind_blanks(struct oto_slice s)
{
	while (s.len && (s.data[0] == ' ' || (s.data[0] >= '\t' && s.data[0] <= '\r')))
		s = say_from(s, 1);
	return s;
}

/* Offset behind the text, or 0 when it is not there. */
static inline uint32_t media_behind(struct oto_slice s, const char *text)
{
	for (uint32_t i = 0; i < s.len; i++) {
		if (say_begins(say_from(s, i), text))
			return i + (uint32_t)strlen(text);
	}
	return 0;
}

/* Blanks and comments of markup. */
static inline struct oto_slice media_behind_comments(struct oto_slice s)
{
	for (s = media_behind_blanks(s); say_begins(s, "<!--"); s = media_behind_blanks(s)) {
		uint32_t end = media_behind(s, "-->");
		if (!end)
			break;
		s = say_from(s, end);
	}
	return s;
}

static inline const char *media_type_of_markup(struct oto_slice s)
{
	static const struct {
		const char *begins, *type;
	} elements[] = {
		{ "<!doctype html", "text/html" },
		{ "<html", "text/html" },
		{ "<head", "text/html" },
		{ "<title", "text/html" },
		{ "<body", "text/html" },
		{ "<soap-env:envelope", "application/soap+xml" },
		{ "<rss", "text/rss" },
		{ "<script", "application/javascript" },
	};
	bool xml = say_begins(s, "<?xml ");
	struct oto_slice element = xml ? media_behind_comments(say_from(s, media_behind(s, "?>"))) : s;

	for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
		if (say_begins(element, elements[i].begins))
			return elements[i].type;
	}
	return xml ? "application/xml" : NULL;
}

/* An object whose first member is named, in quotes or, as scripts write it, without. */
static inline bool media_is_json(struct oto_slice s)
{
	uint32_t n = 0;

	if (!s.len || s.data[0] != '{')
		return false;
	s = media_behind_blanks(say_from(s, 1));
	if (s.len && s.data[0] == '"')
		return true;
	while (n < s.len && say_lower(s.data[n]) >= 'a' && say_lower(s.data[n]) <= 'z')
		n++;
	return n && n < s.len && s.data[n] == ':';
}

/* The media type that the first bytes show, constant; NULL: none that is known. */
static inline const char *media_type(struct oto_slice s)
{
	static const char mark[] = "\xef\xbb\xbf";

	for (size_t i = 0; i < sizeof media_magics / sizeof *media_magics; i++) {
		const struct media_magic *m = &media_magics[i];
		if (s.len >= m->offset + m->n && memcmp(&s.data[m->offset], m->bytes, m->n) == 0)
			return m->type;
	}
	if (s.len >= 3 && memcmp(s.data, mark, 3) == 0)
		s = say_from(s, 3);
	const char *markup = media_type_of_markup(media_behind_comments(s));
	if (markup)
		return markup;
	if (media_is_json(media_behind_blanks(s)))
		return "text/json";
	if (say_begins(media_behind_blanks(s), "document.write"))
		return "application/javascript";
	return media_is_text(s) ? "text/plain" : NULL;
}

#undef MEDIA_MAGIC

#endif
