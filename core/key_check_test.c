/* key_check_test.c - a key that tells too little is found, and one that tells enough is not blamed for what varies. */
#include "key_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct toy {
	struct oto_slice name;
	uint32_t unit, serial;
	bool has_unit, has_serial;
};
static const struct oto_field toy_fields[] = {
	OTO_FIELD(struct toy, name, "who"),
	OTO_FIELD(struct toy, unit, "which", .guard = OTO_IF(struct toy, has_unit)),
	OTO_FIELD(struct toy, serial, "counts on", .flags = OTO_VARIES, .guard = OTO_IF(struct toy, has_serial)),
};
static const struct oto_event_type toy_type = OTO_EVENT("toy.message", struct toy, toy_fields, "One message.", .whole_keys = true);

enum { KEY = 77, OTHER };

static void what_a_key_does_not_tell_is_named(void **state)
{
	struct oto_error err = { "" };
	struct oto_bus *bus = oto_bus_new();
	struct oto_event_def *def = oto_bus_add(bus, &toy_type, NULL, &err);
	struct oto_key_check *c = oto_key_check_new(def);
	struct oto_head head = { .ts.ns = 1, .has_ports = true, .resp_p = 502 };
	struct toy toy = { .name = oto_slice_of("pump"), .has_serial = true };
	struct oto_event e = { .def = def, .head = &head, .data = &toy, .key = KEY };

	(void)state;
	assert_null(oto_key_check(c, &e));
	toy.serial = 5;
	head.ts.ns = 2;
	assert_null(oto_key_check(c, &e));
	toy.has_serial = false; /* whether it is there is told */
	assert_string_equal(oto_key_check(c, &e), "serial");
	assert_null(oto_key_check(c, &e));
	toy.has_unit = true; /* 0 is not the same as absent */
	assert_string_equal(oto_key_check(c, &e), "unit");
	toy.name = oto_slice_of("valve");
	assert_string_equal(oto_key_check(c, &e), "name");
	head.resp_p = 503;
	assert_string_equal(oto_key_check(c, &e), "resp_p");
	toy.name = oto_slice_of("pump");
	e.key = OTHER;
	assert_null(oto_key_check(c, &e));
	toy.unit = 1;
	e.key = 0; /* it will not be said again */
	assert_null(oto_key_check(c, &e));
	oto_key_check_free(c);
	oto_bus_free(bus);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_key_does_not_tell_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
