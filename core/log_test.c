/* log_test.c - events to files: header, rows, profiles, aggregation, rotation, compression, full disks. */
#include "log.h"

#include "log_aggregate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define START (INT64_C(1646154201) * OTO_SECOND)

static const struct oto_name func_rows[] = { { 3, "READ", OTO_OP_READ, "" }, { 6, "WRITE", OTO_OP_WRITE, "" } };
static const struct oto_names func_names = OTO_NAMES(func_rows);

struct message {
	uint8_t func;
	bool has_unit;
	uint8_t unit;
	struct oto_slice text;
	const char *word;
	struct oto_list names;
	struct oto_vec regs;
	struct oto_target target;
	struct oto_interval latency;
};
#define F(m, ...) OTO_FIELD(struct message, m, #m, __VA_ARGS__)
static const struct oto_field message_fields[] = {
	F(func, .names = &func_names),
	F(unit, .guard = OTO_IF(struct message, has_unit)),
	F(text),
	F(word),
	F(names, .flags = OTO_SET),
	F(regs),
	F(target),
	F(latency),
};
static const struct oto_log detail_logs[] = {
	{ .name = "toy", .doc = "each message", .columns = "function=func unit text", .extra = "latency", .form = OTO_FORM_DETAIL }
};
static const struct oto_log aggregate_logs[] = {
	{ .name = "toy",
	  .doc = "messages",
	  .columns = "func unit text",
	  .key = "orig_h resp_h resp_p func unit word names regs target",
	  .form = OTO_FORM_AGGREGATE,
	  .where = "func == WRITE",
	  .number = "pkts" },
	{ .name = "other", .doc = "off", .columns = "func", .form = OTO_FORM_OFF, .flags = OTO_LOG_NOT_ZEEK },
	{ .name = "ours", .doc = "another form of ours", .columns = "func word", .form = OTO_FORM_OFF, .flags = OTO_LOG_NOT_ZEEK },
	{ .name = "ours", .doc = "ours alone", .columns = "func", .form = OTO_FORM_DETAIL, .flags = OTO_LOG_NO_ID | OTO_LOG_NOT_ZEEK },
};
static const struct oto_event_type detail_type =
    OTO_EVENT("toy.message", struct message, message_fields, "a message", OTO_LOGS(detail_logs));
static const struct oto_event_type aggregate_type =
    OTO_EVENT("toy.message", struct message, message_fields, "a message", OTO_LOGS(aggregate_logs));
static const struct oto_event_type second_type =
    OTO_EVENT("toy.answer", struct message, message_fields, "a message", OTO_LOGS(detail_logs));

/* ------------------------------------------------------------------------------------------------ the stage */

struct stage {
	char dir[64];
	struct oto_bus *bus;
	struct oto_logs *logs;
	struct oto_event_def *def;
	struct oto_head head;
	struct message message;
};

static void remove_tree(const char *dir)
{
	char path[512];
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d))) {
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

static int setup(void **state)
{
	struct stage *s = oto_calloc(1, sizeof *s);

	strcpy(s->dir, "/tmp/oto_log_test_XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	s->bus = oto_bus_new();
	s->head =
	    (struct oto_head){ .ts = { START }, .uid = "CtestuidA", .orig_p = 1025, .resp_p = 502, .has_flow = true, .has_ports = true };
	oto_addr_parse("10.0.0.1", &s->head.orig_h);
	oto_addr_parse("10.0.0.2", &s->head.resp_h);
	s->message = (struct message){ .func = 3, .text = oto_slice_of("a\tb"), .latency = { 1500000 } };
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct stage *s = *state;

	oto_logs_free(s->logs);
	oto_bus_free(s->bus);
	remove_tree(s->dir);
	free(s);
	return 0;
}

static struct oto_event_def *add(struct stage *s, const struct oto_event_type *type)
{
	struct oto_error err = { "" };
	struct oto_event_def *def = oto_bus_add(s->bus, type, NULL, &err);

	if (!def)
		fail_msg("%s", err.text);
	return def;
}

static void attach(struct stage *s, struct oto_log_options options)
{
	struct oto_error err = { "" };

	options.dir = options.dir ? options.dir : s->dir;
	s->logs = oto_logs_new(&options, s->bus, &err);
	if (!s->logs || !oto_logs_attach(s->logs, &err))
		fail_msg("%s", err.text);
}

static void begin(struct stage *s, const struct oto_event_type *type, struct oto_log_options options)
{
	s->def = add(s, type);
	attach(s, options);
}

/* One event at `ns` after the start. */
static void say(struct stage *s, int64_t ns)
{
	s->head.ts.ns = START + ns;
	oto_logs_tick(s->logs, s->head.ts.ns);
	oto_bus_emit(s->bus, s->def, &s->head, &s->message);
	oto_bus_drain(s->bus);
}

static void end(struct stage *s)
{
	struct oto_error err = { "" };

	if (!oto_logs_close(s->logs, &err))
		fail_msg("%s", err.text);
}

static bool exists(struct stage *s, const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", s->dir, name);
	return access(path, F_OK) == 0;
}

/* gzopen reads plain files, too. */
static void check_file(struct stage *s, const char *name, const char *content)
{
	char path[512], text[16384];

	snprintf(path, sizeof path, "%s/%s", s->dir, name);
	gzFile f = gzopen(path, "rb");
	if (!f)
		fail_msg("%s is missing", name);
	int n = gzread(f, text, sizeof text - 1);
	gzclose(f);
	assert_true(n >= 0);
	text[n] = '\0';
	assert_string_equal(text, content);
}

#define HEAD(path, open) "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t" path "\n#open\t" open "\n"
#define OPEN "2022-03-01-17-03-21"
#define ID_FIELDS "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p"
#define ID_TYPES "#types\ttime\tstring\taddr\tport\taddr\tport"
#define ID_ROW(ts) ts "\tCtestuidA\t10.0.0.1\t1025\t10.0.0.2\t502"

/* ------------------------------------------------------------------------------------------------ detail */

static void detail_as_zeek_writes_it(void **state)
{
	struct stage *s = *state;

	begin(s, &detail_type, (struct oto_log_options){ 0 });
	say(s, 0);
	s->message.has_unit = true;
	s->message.unit = 7;
	s->message.text.len = 0;
	say(s, 1234567);
	end(s);
	check_file(s, "toy.log",
		   HEAD("toy", OPEN) ID_FIELDS "\tfunction\tunit\ttext\tlatency\n" ID_TYPES "\tstring\tcount\tstring\tinterval\n" ID_ROW(
		       "1646154201.000000") "\tREAD\t-\ta\\x09b\t0.001500\n" ID_ROW("1646154201.001234") "\tREAD\t7\t(empty)\t0.001500\n"
													 "#close\t" OPEN "\n");
}

/* The text of flows is kept: every row has its own flow's all the same, where flows take turns, and where ends alone are other. */
static void each_row_has_its_flow(void **state)
{
	struct stage *s = *state;
	struct oto_buf expected = { 0 };

	begin(s, &detail_type, (struct oto_log_options){ 0 });
	oto_buf_str(&expected,
		    HEAD("toy", OPEN) ID_FIELDS "\tfunction\tunit\ttext\tlatency\n" ID_TYPES "\tstring\tcount\tstring\tinterval\n");
	for (int i = 0; i < 140; i++) {
		const int flow = i % 70;
		snprintf(s->head.uid, sizeof s->head.uid, "Cflow%d", flow / 7);
		s->head.orig_p = (uint16_t)(flow % 7);
		s->head.has_ports = flow % 5 != 0;
		s->head.has_flow = flow % 11 != 0;
		say(s, 0);
		oto_buf_fmt(&expected, "1646154201.000000\t%s\t10.0.0.1", s->head.has_flow ? s->head.uid : "-");
		if (s->head.has_ports)
			oto_buf_fmt(&expected, "\t%d\t10.0.0.2\t502", flow % 7);
		else
			oto_buf_str(&expected, "\t-\t10.0.0.2\t-");
		oto_buf_str(&expected, "\tREAD\t-\ta\\x09b\t0.001500\n");
	}
	end(s);
	oto_buf_str(&expected, "#close\t" OPEN "\n");
	check_file(s, "toy.log", expected.data);
	oto_buf_free(&expected);
}

static void json_lines(void **state)
{
	struct stage *s = *state;

	begin(s, &detail_type, (struct oto_log_options){ .json = true });
	say(s, 0);
	end(s);
	check_file(s, "toy.log",
		   "{\"ts\":1646154201.000000,\"uid\":\"CtestuidA\",\"id.orig_h\":\"10.0.0.1\",\"id.orig_p\":1025,"
		   "\"id.resp_h\":\"10.0.0.2\",\"id.resp_p\":502,\"function\":\"READ\",\"text\":\"a\\u0009b\",\"latency\":0.001500}\n");
}

static void standard_output_carries_the_path(void **state)
{
	struct stage *s = *state;
	char path[128], text[1024] = "";

	snprintf(path, sizeof path, "%s/out", s->dir);
	fflush(stdout);
	int keep = dup(STDOUT_FILENO);
	assert_non_null(freopen(path, "w", stdout));
	begin(s, &detail_type, (struct oto_log_options){ .dir = "-" });
	say(s, 0);
	end(s);
	fflush(stdout);
	dup2(keep, STDOUT_FILENO);
	close(keep);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof text, f));
	fclose(f);
	assert_ptr_equal(strstr(text, "{\"_path\":\"toy\",\"ts\":1646154201.000000,"), text);
}

static void no_row_no_file(void **state)
{
	struct stage *s = *state;
	const struct oto_log_count *counts;

	begin(s, &detail_type, (struct oto_log_options){ 0 });
	oto_logs_tick(s->logs, START);
	oto_logs_tick(s->logs, START + 3600 * OTO_SECOND);
	end(s);
	assert_false(exists(s, "toy.log"));
	assert_int_equal(oto_logs_counts(s->logs, &counts), 1);
	assert_string_equal(counts[0].name, "toy");
	assert_int_equal(counts[0].rows, 0);
}

static void no_folder_nobody_listens(void **state)
{
	struct stage *s = *state;
	struct oto_error err;

	s->def = add(s, &detail_type);
	s->logs = oto_logs_new(&(struct oto_log_options){ 0 }, s->bus, &err);
	assert_true(oto_logs_attach(s->logs, &err));
	assert_false(oto_event_wanted(s->def));
	end(s);
}

static void an_earlier_run_is_replaced(void **state)
{
	struct stage *s = *state;
	char path[128];

	snprintf(path, sizeof path, "%s/toy.log", s->dir);
	fclose(fopen(path, "w"));
	begin(s, &detail_type, (struct oto_log_options){ 0 });
	end(s);
	assert_false(exists(s, "toy.log"));
}

static void two_types_share_a_log(void **state)
{
	struct stage *s = *state;
	struct oto_event_def *second = add(s, &second_type);

	begin(s, &detail_type, (struct oto_log_options){ .profile = OTO_PROFILE_ZEEK });
	say(s, 0);
	s->def = second;
	say(s, 1000000);
	end(s);
	check_file(s, "toy.log",
		   HEAD("toy", OPEN) ID_FIELDS "\tfunction\tunit\ttext\n" ID_TYPES "\tstring\tcount\tstring\n" ID_ROW(
		       "1646154201.000000") "\tREAD\t-\ta\\x09b\n" ID_ROW("1646154201.001000") "\tREAD\t-\ta\\x09b\n#close\t" OPEN "\n");
}

/* ------------------------------------------------------------------------------------------------ which logs */

static bool attach_fails(struct stage *s, const struct oto_event_type *type, struct oto_log_options options, const char *message)
{
	struct oto_error err = { "" };

	options.dir = s->dir;
	add(s, type);
	s->logs = oto_logs_new(&options, s->bus, &err);
	assert_non_null(s->logs);
	bool ok = oto_logs_attach(s->logs, &err);
	assert_string_equal(err.text, message);
	return !ok;
}

static void unknown_names_are_told(void **state)
{
	assert_true(attach_fails(*state, &detail_type, (struct oto_log_options){ .off = "toy,toi" },
				 "there is no log toi (did you mean toy?); `otoscope doc logs` lists them"));
}

static void unknown_fields_are_told(void **state)
{
	static const struct oto_log logs[] = { { .name = "bad", .doc = "", .columns = "funk", .form = OTO_FORM_DETAIL } };
	static const struct oto_event_type type = OTO_EVENT("bad", struct message, message_fields, "", OTO_LOGS(logs));

	assert_true(
	    attach_fails(*state, &type, (struct oto_log_options){ 0 }, "event bad, log bad: there is no field funk (did you mean func?)"));
}

static void bad_conditions_are_told(void **state)
{
	static const struct oto_log logs[] = {
		{ .name = "bad", .doc = "", .columns = "func", .form = OTO_FORM_DETAIL, .where = "func = REED" }
	};
	static const struct oto_event_type type = OTO_EVENT("bad", struct message, message_fields, "", OTO_LOGS(logs));

	assert_true(attach_fails(*state, &type, (struct oto_log_options){ 0 },
				 "event bad, log bad, condition `func = REED`: column 8: func knows no word REED (did you mean READ?)"));
}

/* What keys do not tell must not decide about what is said again. */
static void logs_read_no_more_than_keys_tell(void **state)
{
	static const struct oto_field varies[] = { F(func, .names = &func_names), F(unit, .flags = OTO_VARIES) };
	static const struct oto_log
	    key[] = { { .name = "bad", .doc = "", .columns = "func", .key = "func unit", .form = OTO_FORM_AGGREGATE } },
	    where[] = { { .name = "bad", .doc = "", .columns = "func", .key = "func", .form = OTO_FORM_AGGREGATE, .where = "unit > 3" } },
	    good[] = { { .name = "good", .doc = "", .columns = "func", .key = "func", .form = OTO_FORM_AGGREGATE, .where = "unit" } };
	static const struct oto_event_type bad_key = OTO_EVENT("bad.key", struct message, varies, "", OTO_LOGS(key), .whole_keys = true),
					   bad_where =
					       OTO_EVENT("bad.where", struct message, varies, "", OTO_LOGS(where), .whole_keys = true),
					   fine = OTO_EVENT("fine", struct message, varies, "", OTO_LOGS(good), .whole_keys = true);
	struct oto_error err = { "" };

	assert_false(oto_log_check(add(*state, &bad_key), &err));
	assert_string_equal(err.text, "event bad.key, log bad: field unit varies (OTO_VARIES) and stands in the key");
	assert_false(oto_log_check(add(*state, &bad_where), &err));
	assert_string_equal(err.text, "event bad.where, log bad: the condition `unit > 3` reads what its keys do not tell");
	assert_true(oto_log_check(add(*state, &fine), &err));
}

static void names_cannot_leave_the_folder(void **state)
{
	static const struct oto_log logs[] = { { .name = "../x", .doc = "", .columns = "func", .form = OTO_FORM_DETAIL } };
	static const struct oto_event_type type = OTO_EVENT("bad", struct message, message_fields, "", OTO_LOGS(logs));

	struct oto_error err = { "" };

	assert_false(oto_log_check(add(*state, &type), &err));
	assert_string_equal(err.text, "event bad: a log's name is made of letters, digits, _ - and ., not \"../x\"");
}

static void only_and_off(void **state)
{
	struct stage *s = *state;

	begin(s, &aggregate_type, (struct oto_log_options){ .only = "other,ours", .off = "ours" });
	say(s, 0);
	end(s);
	assert_true(exists(s, "other.log"));
	assert_false(exists(s, "ours.log"));
	assert_false(exists(s, "toy.log"));
}

static void a_log_of_two_forms_asked_for_by_name(void **state)
{
	struct stage *s = *state;

	begin(s, &aggregate_type, (struct oto_log_options){ .only = "ours" });
	say(s, 0);
	end(s);
	check_file(s, "ours.log",
		   HEAD("ours", OPEN) "#fields\tts\tfunc\n#types\ttime\tstring\n1646154201.000000\tREAD\n#close\t" OPEN "\n");
}

static void zeek_profile_is_detail_without_ours(void **state)
{
	struct stage *s = *state;

	begin(s, &aggregate_type, (struct oto_log_options){ .profile = OTO_PROFILE_ZEEK });
	s->message.func = 6;
	say(s, 0);
	end(s);
	assert_false(exists(s, "ours.log"));
	check_file(s, "toy.log",
		   HEAD("toy", OPEN) ID_FIELDS "\tfunc\tunit\ttext\n" ID_TYPES
					       "\tstring\tcount\tstring\n" ID_ROW("1646154201.000000") "\tWRITE\t-\ta\\x09b\n#close\t" OPEN
												       "\n");
}

static void flags_choose_profiles(void **state)
{
	(void)state;
	static const struct {
		uint8_t flags;
		enum oto_form otoscope, zeek, sensor;
	} kinds[] = {
		{ 0, OTO_FORM_AGGREGATE, OTO_FORM_DETAIL, OTO_FORM_AGGREGATE },
		{ OTO_LOG_NOT_ZEEK, OTO_FORM_AGGREGATE, OTO_FORM_OFF, OTO_FORM_AGGREGATE },
		{ OTO_LOG_NOT_SENSOR, OTO_FORM_AGGREGATE, OTO_FORM_DETAIL, OTO_FORM_OFF },
		{ OTO_LOG_NOT_ZEEK | OTO_LOG_ONLY_SENSOR, OTO_FORM_OFF, OTO_FORM_OFF, OTO_FORM_AGGREGATE },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct oto_log spec = { .form = OTO_FORM_AGGREGATE, .flags = kinds[i].flags };
		assert_int_equal(oto_log_form(&spec, OTO_PROFILE_OTOSCOPE), kinds[i].otoscope);
		assert_int_equal(oto_log_form(&spec, OTO_PROFILE_ZEEK), kinds[i].zeek);
		assert_int_equal(oto_log_form(&spec, OTO_PROFILE_SENSOR), kinds[i].sensor);
	}
}

static bool refuse_reads(void *who, const char *log, const struct oto_event *event)
{
	++*(int *)who;
	assert_string_equal(log, "toy");
	return ((const struct message *)event->data)->func != 3;
}

static void filter_sees_detail_rows(void **state)
{
	struct stage *s = *state;
	int calls = 0;

	begin(s, &detail_type, (struct oto_log_options){ 0 });
	oto_logs_filter(s->logs, refuse_reads, &calls);
	say(s, 0);
	s->message.func = 6;
	say(s, 1);
	end(s);
	const struct oto_log_count *counts;
	oto_logs_counts(s->logs, &counts);
	assert_int_equal(calls, 2);
	assert_int_equal(counts[0].rows, 1);
	assert_int_equal(counts[0].events, 2);
}

/* ------------------------------------------------------------------------------------------------ aggregate */

static void equal_events_are_counted(void **state)
{
	static const uint8_t wire[] = { 0, 1, 0, 2 };
	static const struct oto_slice names[] = { { (const uint8_t *)"a", 1 }, { (const uint8_t *)"b", 1 } };
	struct stage *s = *state;

	begin(s, &aggregate_type, (struct oto_log_options){ .off = "ours" });
	say(s, 0); /* a READ: the condition leaves it out */
	s->message.func = 6;
	say(s, OTO_SECOND);
	s->message = (struct message){ .func = 6,
				       .has_unit = true,
				       .unit = 1,
				       .word = "w",
				       .names = { names, 2 },
				       .regs = { wire, 2, OTO_VEC_U16BE },
				       .target = { .space = "register", .first = 5, .count = 2 } };
	say(s, 2 * OTO_SECOND);
	s->message.text = oto_slice_of("not in the key");
	say(s, 61 * OTO_SECOND - 1); /* a minute of the clock later, and still within one of the first row */
	say(s, 61 * OTO_SECOND);
	end(s);
	check_file(
	    s, "toy.log",
	    HEAD(
		"toy",
		"2022-03-01-17-03-22") "#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\tfunc\tunit\tword\tnames\tregs\ttarget\tpkts\tts_end\n"
				       "#types\ttime\taddr\taddr\tport\tstring\tcount\tstring\tset[string]\tvector[count]"
				       "\tstring\tcount\ttime\n"
				       "1646154202.000000\t10.0.0.1\t10.0.0.2\t502\tWRITE\t-\t-\t(empty)\t(empty)\t-\t1\t1646154202."
				       "000000\n"
				       "1646154203.000000\t10.0.0.1\t10.0.0.2\t502\tWRITE\t1\tw\ta,b\t1,2\tregister:5-6\t2\t1646154261."
				       "999999\n"
				       "1646154262.000000\t10.0.0.1\t10.0.0.2\t502\tWRITE\t1\tw\ta,b\t1,2\tregister:5-6\t1\t1646154262."
				       "000000\n"
				       "#close\t2022-03-01-17-04-22\n");
}

static void each(void *who, const struct oto_event *event)
{
	(void)event;
	++*(uint32_t *)who;
}

static bool again_more(struct stage *s, uint64_t key, uint32_t more)
{
	const struct oto_repeat repeat = { .head = &s->head, .more = more };

	return oto_bus_again(s->bus, s->def, key, &repeat);
}

/* Of the log of events that are counted. */
#define COUNTED_HEAD(opened)                                                                                                               \
	HEAD("toy", opened)                                                                                                                \
	"#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\tfunc\tunit\tword\tnames\tregs\ttarget\tpkts\tts_end\n"                              \
	"#types\ttime\taddr\taddr\tport\tstring\tcount\tstring\tset[string]\tvector[count]\tstring\tcount\ttime\n"

static bool again(struct stage *s, uint64_t key)
{
	return again_more(s, key, 0);
}

/* Without being built, as long as all it does is count, and its row is there. */
static void what_is_said_again_is_counted(void **state)
{
	enum { KEY = 77 };
	struct stage *s = *state;
	uint32_t heard = 0;

	begin(s, &aggregate_type, (struct oto_log_options){ .off = "ours" });
	s->head.ts.ns = START;
	s->message.func = 6;
	assert_false(oto_event_single(s->def));
	assert_false(again(s, KEY));
	oto_bus_emit_more(s->bus, s->def, &s->head, &s->message, 2, KEY);
	oto_bus_drain(s->bus);
	assert_true(again(s, KEY));
	assert_false(again(s, KEY + 1));
	oto_bus_drain(s->bus);
	struct oto_bus_mark mark = oto_bus_mark(s->bus);
	assert_true(again(s, KEY));
	oto_bus_rewind(s->bus, mark); /* the PDU was malformed after all */
	oto_bus_drain(s->bus);
	s->head.ts.ns = START + 61 * OTO_SECOND; /* its row was written by now */
	oto_logs_tick(s->logs, s->head.ts.ns);
	assert_false(again(s, KEY));
	oto_bus_listen(s->bus, s->def, each, &heard);
	assert_true(oto_event_single(s->def));
	oto_bus_emit_more(s->bus, s->def, &s->head, &s->message, 2, KEY);
	oto_bus_drain(s->bus);
	assert_false(again(s, KEY));
	assert_int_equal(heard, 3);
	end(s);
	check_file(s, "toy.log",
		   COUNTED_HEAD(
		       "2022-03-01-17-03-21") "1646154201.000000\t10.0.0.1\t10.0.0.2\t502\tWRITE\t-\t-\t(empty)\t(empty)\t-\t4\t1646154201."
					      "000000\n"
					      "1646154262.000000\t10.0.0.1\t10.0.0.2\t502\tWRITE\t-\t-\t(empty)\t(empty)\t-\t3\t1646154262."
					      "000000\n"
					      "#close\t2022-03-01-17-04-22\n");
}

/* What is said together is counted for all at once, and stands in each row when the rows are written, where it was told late, too. */
static void what_is_said_together_is_counted(void **state)
{
	enum { FIRST = 77, SECOND, BOTH, MORE };
	static const uint64_t keys[] = { FIRST, SECOND }, unknown[] = { FIRST, 99 };
	struct stage *s = *state;

	begin(s, &aggregate_type, (struct oto_log_options){ .off = "ours" });
	for (int minute = 0; minute < 2; minute++) {
		s->head.ts.ns = START + minute * 61 * OTO_SECOND;
		oto_logs_tick(s->logs, s->head.ts.ns);
		assert_false(again_more(s, BOTH, 1));
		s->message = (struct message){ .func = 6, .has_unit = true, .unit = 1 };
		oto_bus_emit_more(s->bus, s->def, &s->head, &s->message, 0, FIRST);
		s->message.unit = 2;
		oto_bus_emit_more(s->bus, s->def, &s->head, &s->message, 0, SECOND);
		oto_bus_together(s->def, BOTH, keys, 2);
		oto_bus_together(s->def, MORE, unknown, 2);
		oto_bus_drain(s->bus);
		assert_true(again(s, SECOND));
		s->head.ts.ns += OTO_SECOND;
		oto_bus_drain(s->bus);
		assert_true(again_more(s, BOTH, 1));
		assert_false(again_more(s, MORE, 1));
		s->head.ts.ns += OTO_SECOND;
		assert_true(again_more(s, BOTH, 1));
		oto_bus_drain(s->bus);
	}
	const struct oto_log_count *counts;
	oto_logs_counts(s->logs, &counts);
	assert_int_equal(counts[0].events, 14);
	end(s);
	check_file(s, "toy.log",
		   COUNTED_HEAD(
		       "2022-03-01-17-03-21") "1646154201.000000\t10.0.0.1\t10.0.0.2\t502\tWRITE\t1\t-\t(empty)\t(empty)\t-\t3\t1646154203."
					      "000000\n"
					      "1646154201.000000\t10.0.0.1\t10.0.0.2\t502\tWRITE\t2\t-\t(empty)\t(empty)\t-\t4\t1646154203."
					      "000000\n"
					      "1646154262.000000\t10.0.0.1\t10.0.0.2\t502\tWRITE\t1\t-\t(empty)\t(empty)\t-\t3\t1646154264."
					      "000000\n"
					      "1646154262.000000\t10.0.0.1\t10.0.0.2\t502\tWRITE\t2\t-\t(empty)\t(empty)\t-\t4\t1646154264."
					      "000000\n"
					      "#close\t2022-03-01-17-04-22\n");
}

/* No row is cut where a minute of the clock ends, an interval begins when there is something to count, and silence does not shift it. */
static void intervals_begin_with_a_row(void **state)
{
	static const struct oto_log logs[] = { { .name = "toy", .doc = "", .key = "func", .form = OTO_FORM_AGGREGATE } };
	static const struct oto_event_type type = OTO_EVENT("t", struct message, message_fields, "", OTO_LOGS(logs));
	static const int64_t at[] = { 0, 59, 60, 119, 120, 500, 559, 560 };
	struct stage *s = *state;

	begin(s, &type, (struct oto_log_options){ 0 });
	for (size_t i = 0; i < sizeof at / sizeof *at; i++)
		say(s, at[i] * OTO_SECOND);
	end(s);
	check_file(s, "toy.log",
		   HEAD("toy", OPEN) "#fields\tts\tfunc\tnumber\tts_end\n#types\ttime\tstring\tcount\ttime\n"
				     "1646154201.000000\tREAD\t2\t1646154260.000000\n"
				     "1646154261.000000\tREAD\t2\t1646154320.000000\n"
				     "1646154321.000000\tREAD\t1\t1646154321.000000\n"
				     "1646154701.000000\tREAD\t2\t1646154760.000000\n"
				     "1646154761.000000\tREAD\t1\t1646154761.000000\n"
				     "#close\t2022-03-01-17-12-41\n");
}

static void a_rotation_ends_an_interval(void **state)
{
	static const struct oto_log logs[] = { { .name = "toy", .doc = "", .key = "func", .form = OTO_FORM_AGGREGATE } };
	static const struct oto_event_type type = OTO_EVENT("t", struct message, message_fields, "", OTO_LOGS(logs));
	struct stage *s = *state;
	const struct oto_log_count *counts;

	begin(s, &type, (struct oto_log_options){ .rotate_ns = 60 * OTO_SECOND });
	say(s, 0);               /* 17:03:21 */
	say(s, 38 * OTO_SECOND); /* 17:03:59 */
	say(s, 39 * OTO_SECOND); /* 17:04:00, another file */
	end(s);
	oto_logs_counts(s->logs, &counts);
	assert_int_equal(counts[0].rows, 2);
	assert_true(exists(s, "toy-20220301T170321Z.log"));
	assert_true(exists(s, "toy-20220301T170400Z.log"));
}

static void filter_answers_once_a_key(void **state)
{
	static const struct oto_log logs[] = { { .name = "toy", .doc = "", .key = "func", .form = OTO_FORM_AGGREGATE } };
	static const struct oto_event_type type = OTO_EVENT("t", struct message, message_fields, "", OTO_LOGS(logs));
	struct stage *s = *state;
	const struct oto_log_count *counts;
	int calls = 0;

	begin(s, &type, (struct oto_log_options){ 0 });
	oto_logs_filter(s->logs, refuse_reads, &calls);
	for (int i = 0; i < 5; i++)
		say(s, i);
	s->message.func = 6;
	for (int i = 5; i < 9; i++)
		say(s, i);
	end(s);
	oto_logs_counts(s->logs, &counts);
	assert_int_equal(calls, 2);
	assert_int_equal(counts[0].rows, 1);
}

static void a_full_table_is_written_early(void **state)
{
	static const struct oto_log logs[] = { { .name = "toy", .doc = "", .key = "orig_h", .form = OTO_FORM_AGGREGATE } };
	static const struct oto_event_type type = OTO_EVENT("t", struct message, message_fields, "", OTO_LOGS(logs));
	struct stage *s = *state;
	const struct oto_log_count *counts;
	uint32_t n = OTO_AGGREGATE_ROWS + 10;

	begin(s, &type, (struct oto_log_options){ 0 });
	for (uint32_t i = 0; i < n; i++) {
		memcpy(s->head.orig_h.byte, &i, 4);
		say(s, i);
	}
	end(s);
	oto_logs_counts(s->logs, &counts);
	assert_int_equal(counts[0].rows, n);
	assert_int_equal(counts[0].early, 1);
}

static void long_keys_are_bounded(void **state)
{
	static const struct oto_log logs[] = { { .name = "toy", .doc = "", .key = "text", .form = OTO_FORM_AGGREGATE } };
	static const struct oto_event_type type = OTO_EVENT("t", struct message, message_fields, "", OTO_LOGS(logs));
	struct stage *s = *state;
	const struct oto_log_count *counts;
	static uint8_t text[60000];

	begin(s, &type, (struct oto_log_options){ 0 });
	for (uint32_t i = 0; i < 300; i++) {
		memcpy(text, &i, 4);
		s->message.text = (struct oto_slice){ text, sizeof text };
		say(s, i);
		say(s, i);
	}
	end(s);
	oto_logs_counts(s->logs, &counts);
	assert_int_equal(counts[0].rows, 300);
	assert_int_equal(counts[0].early, 2);
}

/* ------------------------------------------------------------------------------------------------ files */

#define ROW_HEAD "#fields\tts\tfunc\n#types\ttime\tstring\n"
static const struct oto_log plain_logs[] = {
	{ .name = "toy", .doc = "", .columns = "func", .form = OTO_FORM_DETAIL, .flags = OTO_LOG_NO_ID }
};
static const struct oto_event_type plain_type = OTO_EVENT("t", struct message, message_fields, "", OTO_LOGS(plain_logs));

static void rotation_by_time(void **state)
{
	struct stage *s = *state;

	begin(s, &plain_type, (struct oto_log_options){ .rotate_ns = 3600 * OTO_SECOND, .gzip = true });
	say(s, 0);
	say(s, 3600 * OTO_SECOND); /* 18:03:21 */
	say(s, 3 * 3600 * OTO_SECOND);
	end(s);
	assert_false(exists(s, "toy.log"));
	assert_false(exists(s, "toy-20220301T170321Z.log"));
	check_file(s, "toy-20220301T170321Z.log.gz", HEAD("toy", OPEN) ROW_HEAD "1646154201.000000\tREAD\n#close\t2022-03-01-18-03-21\n");
	check_file(s, "toy-20220301T180321Z.log.gz",
		   HEAD("toy", "2022-03-01-18-03-21") ROW_HEAD "1646157801.000000\tREAD\n#close\t2022-03-01-20-03-21\n");
	assert_true(exists(s, "toy-20220301T200321Z.log.gz"));
}

static void rotation_by_size(void **state)
{
	struct stage *s = *state;

	begin(s, &plain_type, (struct oto_log_options){ .rotate_bytes = 160 });
	for (int i = 0; i < 3; i++)
		say(s, 0);
	say(s, OTO_SECOND);
	end(s);
	check_file(s, "toy-20220301T170321Z.log", HEAD("toy", OPEN) ROW_HEAD "1646154201.000000\tREAD\n#close\t" OPEN "\n");
	assert_true(exists(s, "toy-20220301T170321Z-2.log"));
	assert_true(exists(s, "toy-20220301T170321Z-3.log"));
	assert_true(exists(s, "toy-20220301T170322Z.log"));
	assert_false(exists(s, "toy.log"));
}

static void what_a_crash_left_is_kept_when_rotating(void **state)
{
	struct stage *s = *state;
	char path[128];

	snprintf(path, sizeof path, "%s/toy.log", s->dir);
	FILE *f = fopen(path, "w");
	fputs("rows", f);
	fclose(f);
	struct stat st;
	stat(path, &st);
	begin(s, &plain_type, (struct oto_log_options){ .rotate_ns = OTO_SECOND });
	end(s);
	char stamp[64];
	strftime(stamp, sizeof stamp, "toy-%Y%m%dT%H%M%SZ.log", gmtime(&st.st_mtime));
	check_file(s, stamp, "rows");
}

static void the_same_rows_the_same_bytes(void **state)
{
	struct stage *s = *state;
	char text[2][4096];

	for (int run = 0; run < 2; run++) {
		char path[128];
		if (!run)
			begin(s, &plain_type, (struct oto_log_options){ 0 });
		else
			attach(s, (struct oto_log_options){ 0 });
		say(s, 0);
		end(s);
		snprintf(path, sizeof path, "%s/toy.log", s->dir);
		FILE *f = fopen(path, "r");
		text[run][fread(text[run], 1, 4095, f)] = '\0';
		fclose(f);
		oto_logs_free(s->logs);
		s->logs = NULL;
		oto_bus_free(s->bus);
		s->bus = oto_bus_new();
		s->def = add(s, &plain_type);
	}
	assert_string_equal(text[0], text[1]);
}

static void a_full_disk_is_told(void **state)
{
	struct stage *s = *state;
	char path[128];
	struct oto_error err = { "" };
	const struct oto_log_count *counts;

	begin(s, &plain_type, (struct oto_log_options){ 0 });
	snprintf(path, sizeof path, "%s/toy.log.part", s->dir);
	if (symlink("/dev/full", path) != 0)
		skip();
	fflush(stderr);
	int keep = dup(STDERR_FILENO);
	assert_non_null(freopen("/dev/null", "w", stderr));
	say(s, 0);
	assert_false(oto_logs_close(s->logs, &err));
	fflush(stderr);
	dup2(keep, STDERR_FILENO);
	close(keep);
	char want[256];
	snprintf(want, sizeof want, "cannot write %s/toy.log: No space left on device", s->dir);
	assert_string_equal(err.text, want);
	oto_logs_counts(s->logs, &counts);
	assert_int_equal(counts[0].lost, 1);
}

static void an_unusable_folder_is_told(void **state)
{
	struct stage *s = *state;
	struct oto_error err = { "" };
	char path[128], want[256];

	snprintf(path, sizeof path, "%s/file", s->dir);
	fclose(fopen(path, "w"));
	assert_null(oto_logs_new(&(struct oto_log_options){ .dir = path }, s->bus, &err));
	snprintf(want, sizeof want, "the log folder %s is not a folder", path);
	assert_string_equal(err.text, want);
	strcat(path, "/below");
	assert_null(oto_logs_new(&(struct oto_log_options){ .dir = path }, s->bus, &err));
	snprintf(want, sizeof want, "cannot make the log folder %s: Not a directory", path);
	assert_string_equal(err.text, want);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(detail_as_zeek_writes_it),
		T(each_row_has_its_flow),
		T(json_lines),
		T(standard_output_carries_the_path),
		T(no_row_no_file),
		T(no_folder_nobody_listens),
		T(an_earlier_run_is_replaced),
		T(two_types_share_a_log),
		T(unknown_names_are_told),
		T(unknown_fields_are_told),
		T(bad_conditions_are_told),
		T(logs_read_no_more_than_keys_tell),
		T(names_cannot_leave_the_folder),
		T(only_and_off),
		T(a_log_of_two_forms_asked_for_by_name),
		T(zeek_profile_is_detail_without_ours),
		T(flags_choose_profiles),
		T(filter_sees_detail_rows),
		T(equal_events_are_counted),
		T(what_is_said_again_is_counted),
		T(what_is_said_together_is_counted),
		T(intervals_begin_with_a_row),
		T(a_rotation_ends_an_interval),
		T(filter_answers_once_a_key),
		T(a_full_table_is_written_early),
		T(long_keys_are_bounded),
		T(rotation_by_time),
		T(rotation_by_size),
		T(what_a_crash_left_is_kept_when_rotating),
		T(the_same_rows_the_same_bytes),
		T(a_full_disk_is_told),
		T(an_unusable_folder_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
