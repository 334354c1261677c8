/* rule.h - what a protocol is recognised by, as a line of text: transport, ports, who speaks, first bytes. Read once, matched often.
 *
 * The language of patterns is described in README.md. Knows text and bytes; nothing of flows or events.
 */
#ifndef OTO_RECOGNISED_RULE_H
#define OTO_RECOGNISED_RULE_H

#include "oto_plugin.h"

enum rule_transport { RULE_TCP = 1, RULE_UDP, RULE_ETH, RULE_LLC, RULE_IP, RULE_TRANSPORTS };
enum rule_side { RULE_ANY_SIDE, RULE_CLIENT, RULE_SERVER };
enum { RULE_RANGES = 8, RULE_STEPS = 28, RULE_FIXED_MIN = 3 };

/* A row as it is written down. `ports` and `bytes` may be "-": any port, any bytes. */
struct rule_text {
	struct oto_slice name, transport, ports, side, bytes;
};

/* One thing that is looked at. */
struct rule_step {
	uint8_t kind; /* enum rule_step_kind */
	uint8_t offset, width;
	uint8_t low, high;
	bool little;
	int16_t add;
};
enum rule_step_kind { STEP_BYTE, STEP_LETTER /* in either case */, STEP_TOTAL, STEP_REST, STEP_LONGER, STEP_EXACT };

struct rule {
	const char *name;
	struct rule *next;       /* the reader's own: where it goes on */
	uint8_t transport, side; /* enum rule_transport, rule_side */
	uint8_t nranges, nsteps;
	bool anywhere; /* on other ports as well */
	struct {
		uint16_t from, to;
	} range[RULE_RANGES]; /* of ports, EtherTypes, pairs of service access points, protocol numbers */
	struct rule_step step[RULE_STEPS];
};

/* What is to be named. */
struct rule_flow {
	uint8_t transport;
	bool from_orig;
	uint16_t source, destination; /* ports; both the same number for transports without ports */
	struct oto_slice bytes;
};

/* NULL, or what is wrong with the row. `name` is kept as it is given. */
const char *rule_read(const struct rule_text *text, const char *name, struct rule *r);
bool rule_fits(const struct rule *r, const struct rule_flow *f);
/* Is one of the flow's ports, on the side of `side`, among the rule's? */
bool rule_on_port(const struct rule *r, enum rule_side side, const struct rule_flow *f);
/* The next row of a table of rows with tabs between columns; passes over comments and empty lines and counts all lines. False: no more.
 * *why: the row is not one. */
bool rule_next(struct oto_slice *rest, uint32_t *line, struct rule_text *text, const char **why);

#endif
