/* contract_test.c - the mistakes of an author at load, each told with its place and its remedy. */
#include "contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct message {
	uint8_t code;
	bool has_text;
	struct oto_slice text;
	double degrees;
};
static const struct oto_name codes_rows[] = { { 1, "get", OTO_OP_READ, NULL }, { 2, "set", OTO_OP_WRITE, NULL } };
static const struct oto_names codes = OTO_NAMES(codes_rows);
static const struct oto_field good_fields[] = {
	OTO_FIELD(struct message, code, "what is asked", .names = &codes),
	OTO_FIELD(struct message, text, "its text", .guard = OTO_IF(struct message, has_text)),
	OTO_FIELD(struct message, degrees, "temperature"),
};
static const struct oto_event_type type = OTO_EVENT("toy.message", struct message, good_fields, "One message.");
static const struct oto_event_type *const events[] = { &type };
static const struct oto_pairing pairing = { .self_size = sizeof pairing };

static void pdu(struct oto_ctx *cx, struct oto_cur *c)
{
	(void)cx, (void)c;
}

static enum oto_answer probe(const struct oto_ctx *cx, struct oto_cur c)
{
	(void)cx, (void)c;
	return OTO_MINE;
}

static const struct oto_analyzer good = {
	.self_size = sizeof good,
	.flags = OTO_ANY_PORT,
	.name = "toy",
	.doc = "A toy.",
	.keys = "tcp/7",
	.probe = probe,
	.pdu = pdu,
	.events = events,
	.nevents = 1,
	.pairing = &pairing,
};

static struct oto_field fields[3];
static struct oto_name rows[3];
static struct oto_names table;
static struct oto_analyzer analyzer;

static void says(bool ok, const struct oto_error *err, const char *part)
{
	assert_false(ok);
	if (!strstr(err->text, part))
		fail_msg("expected \"%s\" in: %s", part, err->text);
}

static void field_fails(const char *part)
{
	struct oto_error err = { "" };

	says(oto_contract_event(&type, fields, &err), &err, part);
	memcpy(fields, good_fields, sizeof fields);
}

static void fields_are_checked(void **state)
{
	(void)state;
	struct oto_error err = { "" };

	memcpy(fields, good_fields, sizeof fields);
	assert_true(oto_contract_event(&type, fields, &err));
	fields[1].name = NULL;
	field_fails("event toy.message: field 2 has no name");
	fields[1].name = "two words";
	field_fails("no word: \"two words\"");
	fields[1].doc = NULL;
	field_fails("field text needs a doc");
	fields[1].kind = 99;
	field_fails("field text: 99 is no type of enum oto_kind; say OTO_FIELD(struct, text");
	fields[2].kind = OTO_TARGET;
	field_fails("field degrees does not lie inside its struct");
	fields[1].guard = sizeof(struct message) + 1;
	field_fails("say OTO_IF(struct, has_text)");
	fields[2].name = "code";
	field_fails("field code is declared twice");
	fields[2].names = &codes;
	field_fails("field degrees has a value table and is not a whole number");
}

static void table_fails(const char *part)
{
	fields[0].names = &table;
	field_fails(part);
	memcpy(rows, codes_rows, sizeof codes_rows);
	table = (struct oto_names){ sizeof table, 2, sizeof *rows, rows };
}

static void value_tables_are_checked(void **state)
{
	(void)state;
	memcpy(fields, good_fields, sizeof fields);
	table = (struct oto_names){ 0, 2, sizeof *rows, rows };
	table_fails("say OTO_NAMES(rows)");
	table.row = NULL;
	table_fails("say OTO_NAMES(rows)");
	table.count = 70000;
	table_fails("at most 65536 rows");
	rows[1].name = NULL;
	table_fails("value 2 of its table has no word");
	rows[1].op = OTO_OP_COUNT;
	table_fails("set of its table has the operation 18");
	rows[1].value = 1;
	table_fails("value 1 of its table is both get and set");
}

static void analyzer_fails(const char *part)
{
	struct oto_error err = { "" };

	says(oto_contract_analyzer(&analyzer, &analyzer, &err), &err, part);
	analyzer = good;
}

static void analyzers_are_checked(void **state)
{
	(void)state;
	static const struct oto_pairing nothing = { 0 }, long_note = { .self_size = sizeof long_note, .note_size = OTO_NOTE_MAX + 1 },
					odd = { .self_size = sizeof odd, .scope = 9 };
	static const struct oto_event_type hollow = { .name = "toy.hollow", .doc = "Nothing." }, wordy = { .name = "a b", .doc = "Two." };
	static const struct oto_event_type *const none[] = { NULL }, *const hollows[] = { &hollow }, *const wordies[] = { &wordy };
	struct oto_error err = { "" };

	analyzer = good;
	assert_true(oto_contract_analyzer(&analyzer, &analyzer, &err));
	analyzer.self_size = 0;
	analyzer_fails("needs .self_size");
	analyzer.name = NULL;
	analyzer_fails("needs a name and a doc");
	analyzer.name = "toy.box";
	analyzer_fails("its name is a word");
	analyzer.keys = NULL;
	analyzer_fails("analyzer toy: needs keys");
	analyzer.pdu = NULL;
	analyzer_fails("needs a function pdu");
	analyzer.state_size = OTO_STATE_MAX + 1;
	analyzer_fails("oto_hold() keeps more");
	analyzer.probe = NULL;
	analyzer_fails("any port needs a probe");
	analyzer.keys = "eth/0x88cc cotp";
	analyzer_fails("any port of which transport?");
	analyzer.pairing = &nothing;
	analyzer_fails("its pairing needs .self_size");
	analyzer.pairing = &long_note;
	analyzer_fails("note of 513 bytes is above 512");
	analyzer.pairing = &odd;
	analyzer_fails("the scope 9 of its pairing");
	analyzer.nevents = 0;
	analyzer_fails(".events and .nevents belong together");
	analyzer.events = none;
	analyzer_fails("event 0 is NULL");
	analyzer.events = hollows;
	analyzer_fails("event toy.hollow is not filled; say OTO_EVENT");
	analyzer.events = wordies;
	analyzer_fails("as \"modbus.request\", not \"a b\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_checked),
		cmocka_unit_test(value_tables_are_checked),
		cmocka_unit_test(analyzers_are_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
