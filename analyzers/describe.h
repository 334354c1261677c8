/* describe.h - what a device is, read from the line in which it describes itself (sysDescr of SNMP, the system description of LLDP, the
 * version of CDP).
 *
 * Header only, for folders of analyzers/. Tells maker, model, order number, serial number, versions and system where the line has a form
 * that its maker keeps to, and nothing where it has not.
 */
#ifndef OTO_ANALYZERS_DESCRIBE_H
#define OTO_ANALYZERS_DESCRIBE_H

#include "say.h"

enum { DESCRIBE_MAX = 256 };

/* A line of plain text: what is no character of a text becomes a blank. */
static inline struct oto_slice describe_line(struct oto_ctx *cx, struct oto_slice s)
{
	s = say_trim(say_string(say_first(s, DESCRIBE_MAX)));
	uint8_t *text = s.len ? oto_scratch(cx, s.len) : NULL;

	for (uint32_t i = 0; text && i < s.len; i++)
		text[i] = s.data[i] < ' ' || s.data[i] == 0x7f ? ' ' : s.data[i];
	return (struct oto_slice){ text, text ? s.len : 0 };
}

/* Offset behind the next character that a word can follow. */
static inline uint32_t describe_next(struct oto_slice s, uint32_t i)
{
	while (i < s.len && s.data[i] != ' ' && s.data[i] != ',' && s.data[i] != '(')
		i++;
	return i + 1;
}

/* Offset behind a word (case does not matter) that begins where a word can, or 0. */
static inline uint32_t describe_behind(struct oto_slice s, const char *word)
{
	for (uint32_t i = 0; i < s.len; i = describe_next(s, i)) {
		if (say_begins(say_from(s, i), word))
			return i + (uint32_t)strlen(word);
	}
	return 0;
}

static inline struct oto_slice describe_until(struct oto_slice s, const char *ends)
{
	uint32_t n = 0;

	while (n < s.len && s.data[n] == ' ')
		n++;
	s = say_from(s, n);
	for (n = 0; n < s.len && !strchr(ends, s.data[n]); n++)
		;
	return say_trim(say_first(s, n));
}

/* 6GK5 212-2BB00-2AA3, 6ES7 315-2EH14-0AB0: Siemens' order numbers begin with a digit, two letters and a digit or letter. */
static inline bool describe_is_order(struct oto_slice s)
{
	return s.len >= 10 && s.data[0] >= '1' && s.data[0] <= '9' && s.data[1] >= 'A' && s.data[1] <= 'Z' && s.data[2] >= 'A' &&
	       s.data[2] <= 'Z' && say_find(s, '-') < s.len;
}

/* "V4.02", "Version V04.01.00" */
static inline struct oto_slice describe_version(struct oto_slice s)
{
	s = describe_until(s, "");
	return say_begins(s, "Version ") ? describe_until(say_from(s, 8), "") : s;
}

/* Siemens, SIMATIC NET, SCALANCE X212-2, 6GK5 212-2BB00-2AA3, HW: 7, FW: V4.02: parts between commas, the model before its number; the
 * serial number behind, as S C-C5U430162012, SVPLN128756 or SN: S C-K7NP32952018. */
static inline void describe_siemens(struct oto_ctx *cx, struct oto_slice s)
{
	struct oto_slice before = { 0 };
	bool has_firmware = false;

	say_fact(cx, "vendor", oto_slice_of("Siemens"), SAY_SURE);
	for (uint32_t i = 0; s.len && i < 16; i++) {
		uint32_t comma = say_find(s, ',');
		struct oto_slice part = describe_until(say_first(s, comma), "");
		s = say_from(s, comma + 1);
		if (say_begins(part, "HW:")) {
			say_fact(cx, "hardware", describe_version(say_from(part, 3)), SAY_SURE);
		} else if (say_begins(part, "FW:")) {
			say_fact(cx, "firmware", describe_version(say_from(part, 3)), SAY_SURE);
			has_firmware = true;
		} else if (say_begins(part, "SN:")) {
			say_fact(cx, "serial", describe_until(say_from(part, 3), ""), SAY_SURE);
		} else if (has_firmware && part.len > 4 && part.data[0] == 'S') {
			say_fact(cx, "serial", part, SAY_SURE);
		} else if (describe_is_order(part)) {
			say_fact(cx, "order_number", part, SAY_SURE);
			say_fact(cx, "model", before, SAY_SURE);
		}
		before = part;
	}
}

/* Cisco IOS Software, C3560 Software (C3560-ADVIPSERVICESK9-M), Version 12.2(44)SE, RELEASE SOFTWARE (fc1) */
static inline void describe_cisco(struct oto_ctx *cx, struct oto_slice s)
{
	uint32_t at = describe_behind(s, "Version ");
	struct oto_slice version = describe_until(say_from(s, at), " ,");

	say_fact(cx, "vendor", oto_slice_of("Cisco"), SAY_STATED);
	if (!at)
		return;
	say_fact(cx, "firmware", version, SAY_STATED);
	const char *system = describe_behind(s, "IOS-XE") ? "Cisco IOS-XE" : describe_behind(s, "NX-OS") ? "Cisco NX-OS" : "Cisco IOS";
	say_fact(cx, "os", say_text(cx, 64, "%s %.*s", system, (int)version.len, (const char *)version.data), SAY_STATED);
}

static inline void describe_computer(struct oto_ctx *cx, struct oto_slice s)
{
	uint32_t windows = describe_behind(s, "Windows ");

	/* "Hardware: Intel64 Family 6 ... - Software: Windows Version 6.1 (Build 7601)", "Debian GNU/Linux 12 Linux 6.1.0-18-amd64 #1 SMP"
	 */
	say_fact(cx, "os", windows ? say_from(s, windows - 8) : describe_until(s, "#"), SAY_STATED);
}

/* Makers that write "Version 7.4e.1", "revision H.08.89", "FW: 2.1" or "SW: HiOS-2S-04.0.00" somewhere. */
static inline void describe_versions(struct oto_ctx *cx, struct oto_slice s)
{
	static const char *const words[] = { "FW:",       "Firmware:",         "SW:",      "firmware version ",
					     "firmware ", "software version ", "version ", "revision " };
	uint32_t hardware = describe_behind(s, "HW:");

	if (hardware)
		say_fact(cx, "hardware", describe_until(say_from(s, hardware), " ,;"), SAY_STATED);
	for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
		uint32_t at = describe_behind(s, words[i]);
		struct oto_slice version = describe_until(say_from(s, at), " ,;");
		bool has_digit = false;
		for (uint32_t k = 0; k < version.len; k++)
			has_digit |= version.data[k] >= '0' && version.data[k] <= '9';
		if (at && has_digit) {
			say_fact(cx, "firmware", version, SAY_STATED);
			return;
		}
	}
}

/* Facts of the sender, beside the description itself; `line` as describe_line() gave it. */
static inline void describe_facts(struct oto_ctx *cx, struct oto_slice line)
{
	if (say_begins(line, "Siemens,") || say_begins(line, "Siemens AG,"))
		describe_siemens(cx, line);
	else if (say_begins(line, "Cisco ") && describe_behind(line, "Software"))
		describe_cisco(cx, line);
	else if (describe_behind(line, "Linux ") || describe_behind(line, "Windows ") || describe_behind(line, "FreeBSD ") ||
		 describe_behind(line, "Darwin "))
		describe_computer(cx, line);
	else
		describe_versions(cx, line);
}

#endif
