/* policy_api.c - the list of what scripts and Lua dissectors can call: what `otoscope doc lua` prints, and what a test holds against the
 * states. */
#include "policy.h"

static const struct oto_policy_api_entry entries[] = {
	/* events */
	{ "on", "on(event, [filter], handler, [alike]) -> handle",
	  "Call handler(e) for each event of that name, or of all names a wildcard matches (\"modbus.*\"). The filter runs in C before "
	  "Lua is entered: a table { func = {5, 6}, orig_h = \"10.0.0.0/8\", count = {\">\", 100} } or an expression \"func in {5, 6} "
	  "and count > 100\". Names and values are checked when the script loads. on(\"start\", f) and on(\"finish\", f) frame the "
	  "run; on(\"question\", f) comes before a command is answered and before the state is saved: write then what is kept "
	  "elsewhere meanwhile. alike is a list of fields: of events that are equal in them the handler may say something once "
	  "(echo.write)." },
	{ "handle:off", "handle:off()", "Stop listening." },
	{ "e.FIELD", "e.func, e.orig_h, e.registers[1], #e.registers",
	  "A field of the event or its head; nil when absent, an error with the near names when there is no such field (under a "
	  "wildcard: when no event that it matches has one). Named numbers read as their word. An event is over when its handler "
	  "returns." },
	{ "e:raw", "e:raw(field) -> value",
	  "The number behind a word; the nanoseconds of a time or interval; the parts of a target as a table { space, first, count, "
	  "name }." },
	{ "e:shown", "e:shown([field]) -> string",
	  "The field as a text: as tostring() makes it, but hashes and identifiers in hexadecimal, as logs have them; nil when absent. "
	  "Without one all fields that are present, as name=value with blanks between: 32 at most, and of each 160 bytes." },
	{ "e:value_of", "e:value_of(field) -> value", "The field; nil, too, when there is none of that name: for handlers of any event." },
	{ "e:joined", "e:joined { field, ... } -> string",
	  "These fields as tostring() makes them, with blanks between them and - for what is absent: a text to count by." },
	{ "e:listed", "e:listed { field, ... } -> list", "The values of these fields, and nil for false." },
	{ "e:copy", "e:copy() -> table", "All fields that are present, to keep." },
	{ "e:fields", "e:fields() -> list", "Names of the fields that are present, in the order of the reference." },
	{ "e:event_name", "e:event_name() -> string", "Which event this is; for handlers of wildcards." },
	{ "event.new", "event.new { name =, doc =, [log =], { field, type, meaning, [optional =], [names =] }, ... }",
	  "Declare an event type of your own. Types: bool u8 u16 u32 u64 count i64 int f64 double port string bytes addr mac time "
	  "interval target string[] bits u8[] u16[] u32[]." },
	{ "event.wanted", "event.wanted(name) -> boolean", "Is anybody listening? Saves the work of making what raise is given." },
	{ "raise", "raise(name, fields)", "Raise an event declared with event.new; handlers get it after the packet's own events." },
	/* values */
	{ "addr", "addr \"10.0.0.1\" -> address",
	  "An IPv4, IPv6 or MAC address. Equal addresses are the same value, also as table keys. Never equal to a string." },
	{ "mac", "mac \"00:11:22:33:44:55\" -> address", "A MAC address." },
	{ "a:within", "a:within(subnet) -> boolean", "Is the address in the subnet? subnet \"10.0.0.0/8\" or just its text." },
	{ "a:family", "a:family() -> string", "\"ipv4\", \"ipv6\" or \"mac\"." },
	{ "a:vendor", "a:vendor() -> string",
	  "Who was assigned this MAC's block by the IEEE; nil when nobody, or for a locally administered one." },
	{ "a:country", "a:country(), a:as() -> string, number",
	  "Country code, and autonomous system with its operator, of an internet address; nil where no GeoIP database is installed or "
	  "knows." },
	{ "a:special", "a:special() -> string",
	  "\"private\", \"link-local\", \"multicast\" ...: IANA's word for the range; nil for an address of the internet." },
	{ "subnet", "subnet \"10.0.0.0/8\" -> subnet", "A network." },
	{ "s:contains", "s:contains(address) -> boolean", "Is the address in it?" },
	{ "time", "time(seconds | \"2026-01-31T12:00:00Z\", [nanoseconds more]) -> time",
	  "A moment. time - time is an interval, time + interval a time." },
	{ "t:format", "t:format([format], [\"local\"]) -> string",
	  "By strftime, in UTC or in the zone of the machine; ISO 8601 without a format. Zones are for answers to people, not for rules." },
	{ "t:clock", "t:clock() -> weekday, hour, minute",
	  "In the zone of the machine (TZ), where a plant's week is meant; Monday is 1, Sunday 7." },
	{ "interval", "interval \"10s\" -> interval",
	  "A time span: \"250ms\", \"1h30m\", or seconds. Adds, subtracts, multiplies by numbers, compares." },
	{ "v:seconds", "v:seconds() -> number", "A time or interval in seconds." },
	{ "v:ns", "v:ns() -> integer", "A time or interval in nanoseconds." },
	/* time */
	{ "now", "now() -> time", "Packet time." },
	{ "every", "every(span, function(now, missed), [{ tally, ..., [least = n] }]) -> timer",
	  "Call again and again on packet time. A jump over several periods calls once; missed says how many were passed over. A time "
	  "that the function returns: it is not called before that. With tallies it is not called at the end of a span in which no key "
	  "of the first was counted least times (1) since it was taken, and what all of them counted is passed over: such a span costs "
	  "no Lua." },
	{ "timer:least", "timer:least(n)", "From now on so many, of every with tallies." },
	{ "timer:wake", "timer:wake()", "Call again each time, whatever the function of every returned." },
	{ "after", "after(span, function(now)) -> timer", "Call once." },
	{ "timer:cancel", "timer:cancel()", "Forget it." },
	/* stores */
	{ "state.set", "state.set { name =, key =, [max =], [expire =], [touch =] } -> store",
	  "A set that outlives the event, bounded (max rows, 100,000 unless said; the one written longest ago goes), expiring on "
	  "packet time, kept over runs with --state. key is a type (\"addr\") or several ({ \"addr\", \"port\" }): addr mac string "
	  "count int port time interval any. Scripts that declare the same name share it." },
	{ "state.map", "state.map { name =, key =, ... } -> store",
	  "Keys with a value each: boolean, number, string, address, time, interval, or a table of them." },
	{ "state.count", "state.count { name =, key =, ... } -> store", "Keys with a number each." },
	{ "state.sensors", "state.sensors() -> list, name",
	  "The sensors of which something is kept in the folder of --state: { { name =, last = }, ... }; and the name of this one." },
	{ "state.window", "state.window { name =, key =, span = \"10s\", [each = 4096], ... } -> store",
	  "How many events a key had within the last span." },
	{ "store:add", "store:add(key, [n])",
	  "set: true when the key is new. count: adds n (1) and returns the new number. window: one more event; returns how many in "
	  "the window. A key of several parts is a table: { e.client, e.server }." },
	{ "store:has", "store:has(key) -> boolean", "Is it there?" },
	{ "store:get", "store:get(key)",
	  "map: the value or nil. count, window: the number, 0 if never seen. A table comes as a copy: change it and set it again." },
	{ "store:set", "store:set(key, value)", "map only." },
	{ "store:fold", "store:fold(key, list, how)",
	  "map only: folds a list of values into the list that is kept, place by place. how has a letter for each: + adds, < keeps the "
	  "least, > the most, | the bits of both, = what was there. Where nothing is kept the list is." },
	{ "store:fold_bytes", "store:fold_bytes(key, from, layout, how, n, ...) -> boolean",
	  "map only: folds numbers into those that stand in a text that is kept, from that byte on, as string.pack writes them: layout "
	  "is < and for each I2, I4, f or d. how as in fold: + < > =; a whole number that has no room is the most that has. False: "
	  "there are no such bytes." },
	{ "store:remove", "store:remove(key) -> boolean", "True when it was there." },
	{ "store:forget", "store:forget(key) -> boolean",
	  "The same for what a script tidies up by itself: no tombstone tells other databases of it, and none stays on the disk." },
	{ "store:clear", "store:clear()", "Remove all." },
	{ "store:len", "store:len(), #store", "Number of rows." },
	{ "store:pairs", "for k1, ..., value in store:pairs() do",
	  "All rows in the order of insertion: the parts of the key, then the value." },
	{ "store:each", "store:each(function(k1, ..., value))", "The same as a call." },
	{ "store:keys", "store:keys([texts]) -> list",
	  "Of a store whose key is one string, all keys in that order, or those that have one of the texts in them." },
	{ "store:first", "store:first(key), store:when(key) -> time", "When the row was first and last written." },
	{ "store:evicted", "store:evicted() -> number", "Rows lost because the store was full." },
	{ "window:count",
	  "window:count { on = event, [where = filter], key = { fields }, many = n, reached = function(e, n), [among = { store, fields "
	  "}], [unless = { store, fields }], [first = tally, first_key = { fields }] } -> handle",
	  "Count events in C in a window whose key is one string: the texts of the fields, joined by blanks. reached is called for "
	  "each event from the n-th within the span on. among: only events count whose fields are a key of that store, or several "
	  "keys, one after another; unless: all others. first: of events that are equal to that tally, only the first counts. "
	  "handle:many(n) changes n." },
	{ "echo.write", "echo.write(span, [store, key, [store, key]])",
	  "Said by the handler of an on() with alike, or of a window:count: for so long events like this one are not told to it. "
	  "Instead store:add(key) is done for each, in C; the stores are sets or counts, and the rows are there already. While one of "
	  "the rows is gone, the handler hears." },
	{ "echo.forget", "echo.forget()", "What all scripts said so holds no more." },
	/* tallies */
	{ "tally.new",
	  "tally.new { keys = 2, [sum = { \"bytes\" }], [gaps = true], [expire = \"2m\"], [again = \"1m\", [rivals = 1, [apart = 2]]], "
	  "[max = 100000] } -> tally",
	  "Counts events by key in C: thousands a second cost a script nothing. keys says of how many fields a key is made, sum names "
	  "numbers to add up (of a list, each), gaps measures the time between two events of a key, again says when a key is told of "
	  "anew; with rivals only if another one that has so many first fields in common, and differs in the first fields that apart "
	  "says (all), was told of since, or new returned false. Bounded like a store (the key seen longest ago goes), and not saved." },
	{ "tally:count",
	  "tally:count { on = event, [where = filter], key = { fields }, [loose = field], [sum = { fields }], [among = { store, fields "
	  "}], [unless = { store, fields }], [new = function(e) | { set, fields }] } -> tally",
	  "Feed it with an event; with several events by several calls. A field of the key may be false: nothing stands there; "
	  "\"ts/1h\" is the number of the hour since 1970 in which a time lies. among: only events count whose fields are a key of "
	  "that store, or several keys, one after another; unless: all others. new is called for the first event of each key (again: "
	  "and for the first one so long after that), or its fields are added to that set as a key, or several; a text or a table that "
	  "it returns is the row's label. With true behind it the label is that of all keys, too, that differ in nothing but the field "
	  "loose of the key: they count in one row, where that field is nil, and new does not hear of them. loose may be what stands "
	  "behind the first of a character in a text, as \"target/:\": then they have in common what stands before it, and so has that "
	  "row." },
	{ "tally:take",
	  "for k1, ..., row in tally:take([{ least = n, gaps = n, most = m, labels = true | function(k1, ...), totals = true, add_to = "
	  "count, known = map }]) do",
	  "What was counted since it was last taken, in the order of first sight; k1 is false where it is absent, the others are nil. What "
	  "is less than least, or has fewer gaps, is passed over and counts anew. With add_to, what has a label that is a key of known is "
	  "added to that key of it, and is passed over as is what has no label. row has n, total (n since the key is known), first and "
	  "last, label, and for each sum, and gap, a table { n, sum, squares, mean, dev, min, max, latest }; of a sum of times, min and "
	  "max are times. Who reads many rows asks for one number without a table: row:total_of \"bytes\", row:latest_time_of \"seen\", n, "
	  "mean, dev = row:spread_of \"gap\". With totals, n and the total of each sum (of times the first and the last), in the order of "
	  "tally.new, and of gap n, mean, dev and max come instead of the row, with labels the label (false: there is none) instead of the "
	  "key: nothing is made for them. labels may be a function(k1, ...): what is to be the label, a table, of a row that has none." },
	{ "tally:fold", "tally:fold(map, { key = { ... }, list = { ... }, how = \"...\" })",
	  "Folds what was counted since it was last taken into rows of a map, as map:fold does, without a word to the script; it stays "
	  "counted until tally:clear(). A value of the key and of the list is 2: the second part of the tally's key; { 2, 0 }: where "
	  "that is nil, 0 ({ false, 0 }: always 0); \"bytes\": the total of that sum ({ \"sent\", \"got\" }: of both); \"n\": how many "
	  "events; \"first\" and \"last\": the times of these, or of a sum of times that is called so; \"last/1d\": the number of that "
	  "day since 1970; \"hours\": bits of the hours of the day of both; { 2, \"last/1h\", f }: what f(part, hour) returns, asked "
	  "once for the same in one call." },
	{ "tally:get", "tally:get(k1, ...) -> row",
	  "What take would give of this key, which stays counted; nil: nothing was since it was last taken." },
	{ "tally:clear", "tally:clear()", "Forget all keys: each is new again." },
	{ "tally:renew", "tally:renew(k1, ...)",
	  "With rivals: all that have their first fields in common with this key, as rivals have, are told of anew, as if new had "
	  "returned false. Something else changed what they say." },
	{ "tally:unsettle", "tally:unsettle()", "The field loose of keys matters again, until new says otherwise." },
	{ "tally:pause", "tally:pause()", "Do not measure the gap that is open now: nothing was captured meanwhile." },
	{ "tally:len", "tally:len(), #tally", "Number of keys." },
	/* several numbers measured together */
	{ "numbers.sums", "numbers.sums(k, [text]) -> sums",
	  "Sums of measurements of k numbers (up to 16), which add up: how many there were, the sum of each number, of each of their "
	  "products (upper triangle, row by row), the least and the most of each. text: those that sums:text() gave." },
	{ "sums:add", "sums:add(x) -> number", "A measurement more, a list of k numbers; how many there are." },
	{ "sums:merge", "sums:merge(other)", "Those of another site, of as many numbers, too." },
	{ "sums:count", "sums:count() -> number", "How many there are." },
	{ "sums:text", "sums:text() -> string", "To keep: doubles as string.pack \"<d\" makes them." },
	{ "sums:model", "sums:model(least) -> { n, mean, dev, low, high, value, spread, vector }",
	  "What they say: lists of the mean, deviation, least and most of each number, and of the principal components the variance "
	  "along it, its root and its direction. No deviation is less than least." },
	/* ledgers */
	{ "ledgers.new",
	  "ledgers.new { of = tally, whose = function(k1, ...) -> one, other, one = { entry, ... }, [other = { entry, ... }, [other_if "
	  "= sum]], [learn = \"log\" | \"plain\"], [max = 100000] } -> ledger",
	  "Accounts of those who make what a tally counts, as of each terminal or pair, in C: their numbers in a window of time, held "
	  "against limits or against what was learned of them. A script hears of nobody who is as usual, and a window costs what came "
	  "in it. whose is asked once for each key and says whose it is, that of the one and that of the other, each a table of the "
	  "script's own, or nil. An entry says what of a row goes into the number in its place: \"n\" the events, the name of a sum "
	  "its total, a list of those all of them, the number of a part of the key how many values of it there are in the window; "
	  "false nothing. other_if: nothing goes to the other while that sum is 0. learn: windows are learned as they are, or as "
	  "orders of magnitude, log(1 + n). A ledger takes what the tally counts, and uses its labels. max bounds the accounts (more "
	  "are counted in store_evicted of stats). Not saved. Accounts are told in the order of first sight, in one loop at a time." },
	{ "ledger:take", "ledger:take()", "What was counted since goes to the accounts. The window goes on until ledger:close()." },
	{ "ledger:close", "ledger:close()", "The window is over: all numbers are 0." },
	{ "ledger:each", "for account, n1, ... in ledger:each() do", "Those with something in this window, and their numbers." },
	{ "ledger:over", "for account, n1, ... in ledger:over() do",
	  "Of those that got something in the last take, those with a number above its limit." },
	{ "ledger:limits", "ledger:limits(n1, ...)", "The limits of all, until one gets its own." },
	{ "ledger:limit", "ledger:limit(account, n1, ...)", "Its own limits, until ledger:limits()." },
	{ "ledger:turn", "for account, numbers, [unusual] in ledger:turn(\"learning\" | \"detecting\" | \"off\") do",
	  "With learn: take and close. While learning, what was in the window is added to the sums of each account, and told is what "
	  "was far (notable) from those before; numbers are as they are learned. While detecting, told is who has a number beyond all "
	  "that was learned, with unusual: column, value and mean of the number that is furthest, far and component (deviations of "
	  "that number, and along the principal component that shows most), and windows, in how many in a row of its own one was "
	  "beyond." },
	{ "ledger:habits",
	  "ledger:habits { [least = n], [young = n], [renew = n], [spread = x], [notable = x], [margin = { x, ... }], [young_margin = "
	  "{ x, ... }], [more = { x, ... }] }",
	  "How it learns and detects: after least windows; while it has less than young ones with young_margin. What is known is "
	  "computed anew after renew windows more, and now. spread: no deviation is less; notable: deviations. Beyond is what is more "
	  "than the most or less than the least that was seen, by margin as it is learned, and by more as a number." },
	{ "ledger:changed", "for account, text in ledger:changed() do, for account, n1, ... in ledger:changed() do",
	  "Those with more to keep since this was asked: with learn the text of their sums (numbers.sums reads it), else the numbers "
	  "of this window." },
	{ "ledger:put", "ledger:put(account, text) -> boolean",
	  "With learn: know these sums of it, as changed told them; false: they are none." },
	{ "ledger:forget", "ledger:forget(account)", "With learn: forget what was learned of it." },
	{ "ledger:add", "ledger:add(account, { n1, ... })", "So much more in this window." },
	{ "ledger:anew", "ledger:anew()", "Ask again whose each key is." },
	{ "ledger:clear", "ledger:clear()", "Forget all accounts." },
	{ "ledger:len", "ledger:len(), #ledger", "How many accounts there are." },
	/* lines */
	{ "tabbed.text", "tabbed.text(values, n) -> string",
	  "The first n (up to 32) values of a list on one line, with tabs between them: - for nil, \"\" for an empty text, \\xNN for "
	  "control characters and backslashes." },
	{ "tabbed.stars", "tabbed.stars(line) -> bits",
	  "Which values of a line are *: bits, from 1 for the first value. Nil: one is perhaps another wildcard: a text with * in it, "
	  "a network, a range." },
	{ "tabbed.starred", "tabbed.starred(line, bits) -> line", "The line with * for these values." },
	{ "tabbed.part", "tabbed.part(line, bits) -> line", "These values of a line." },
	/* rhythms */
	{ "rhythms.new",
	  "rhythms.new { of = tally, [lost = tally], [late = tally], least = 6, longest = 10, [steady = true], [within = k, most = n], "
	  "[max = 20000] } -> rhythms",
	  "How evenly recurs what a tally counts (with gaps), learned in C and held against what comes, for scripts that watch many "
	  "keys. Turn by turn, what was counted of a key makes windows: of as many turns as it takes to see least gaps, longest at "
	  "most. What counts is what two windows in a row have in common: mean gaps no less and no more than so much, a spread, a "
	  "share of what was lost, a time that answers took. lost and late are tallies with the same keys, of what had no answer, and "
	  "of answers with the time they took as the sum. Rhythms take what these tallies count, and use their labels. within and "
	  "most: of keys that have the first k parts in common, so many are learned. max bounds how many are known (more are not taken "
	  "in, and are counted in store_evicted of stats). Not saved." },
	{ "rhythms:turn",
	  "for how, value, usual, k1, ... in rhythms:turn(\"learning\" | \"detecting\" | \"off\", [silence, [whole, [pauses]]]) do",
	  "A turn is over: what was counted in it is taken. While learning, new keys become known, and what they do is usual. While "
	  "detecting, what is not usual is told, as far as there are limits. With silence and whole, what did not come for twice as "
	  "long as ever is told once, silent, with the turns; without silence the turn does not count for that, without whole it is "
	  "told later. Costs what was counted, however much is known." },
	{ "rhythms:limits", "rhythms:limits { limit = number, ... }",
	  "What is told, of keys that have learned so many windows: slower and faster than factor times; irregular, a spread of more "
	  "than jitter times; lost, a share that is lost more; late, late times and more than slow seconds; with pauses, pause, a gap "
	  "of more than pause seconds and pause_factor times. And steady: fewer than young windows were learned, and it is even now "
	  "for steady turns and three times longer than ever. What is not given is not looked for." },
	{ "rhythms:interrupt", "rhythms:interrupt()",
	  "Nothing was captured meanwhile: what comes next has nothing in common with what was." },
	{ "rhythms:take", "for known, k1, ... in rhythms:take() do",
	  "What has learned a window more since it was taken, and what to keep of it: windows that were learned, least, most, dev, "
	  "lost, late, longest (turns with nothing) and steady." },
	{ "rhythms:put", "rhythms:put({ k1, ... }, known) -> boolean", "Know that of a key, as take told it; false: there is no room." },
	{ "rhythms:get", "rhythms:get { k1, ... } -> known", "What is known of it; nil: nothing." },
	{ "rhythms:news", "rhythms:news() -> time", "When a window was learned last, since this was asked; nil: none was." },
	{ "rhythms:len", "rhythms:len(), #rhythms", "How many are known." },
	/* ranges */
	{ "ranges.new", "ranges.new { [max = 100000], [most = 1000] } -> ranges",
	  "Learns in C between which values numbers stay, for scripts that hear many of them. Each is called by a group (a whole "
	  "number that the script gives to what belongs together) and its place in it, as a register by its address. max bounds how "
	  "many are known (more are not taken in, and are counted in store_evicted of stats), most how many values of a message are "
	  "looked at. Not saved." },
	{ "ranges:add", "ranges:add(group, place, values, [is_written]) -> boolean",
	  "Take in a number, or a list of an event (e.values) whose first stands at that place and whose next ones follow it, up to "
	  "one that is no number. True when there is news: a range grew, or one was seen a sixteenth more often than at its last news." },
	{ "ranges:outside", "ranges:outside(group, place, values, [from]) -> position",
	  "Which value (from 1, or from, on) is the next that is less or more than ever; nil: none. Those of which nothing is known "
	  "are not." },
	{ "ranges:count",
	  "ranges:count { on = event, [where = filter], key = { fields }, [place = field], values = field, [written = true], [once = "
	  "span], group = function(e), outside = function(e) }",
	  "Take in the values of these events in C. group(e) is called when a key is new, and says which group it is (nil: these are "
	  "passed over); anew when the mode changed or something was put in. place is where the first value stands (else 0). While "
	  "learning they are added; while detecting, outside(e) is called when one is less or more than ever. once: of each key only "
	  "the first event in so long a time (counted from the first packet on) is looked at, for what is read all day." },
	{ "ranges:mode", "ranges:mode(\"learning\" | \"detecting\" | \"off\")",
	  "What is done with the values of events; at first learning." },
	{ "ranges:news", "ranges:news() -> time", "When there was news last, since this was asked; nil: there was none." },
	{ "ranges:pass", "ranges:pass(group, place), ranges:anew()",
	  "outside passes it over until something is taken in there, or until anew is called." },
	{ "ranges:get", "ranges:get(group, place) -> table",
	  "What is known: low, high, n (values seen), writes (of these), ups and downs (writes of more, and of less, than the one "
	  "before; nil: none), rises and falls (how often it grew, at either end), swings (from the quarter at one end to that at the "
	  "other; when the range grows to f times what it was, those that were count 1 / f^2), at_top (in which of the two it was "
	  "last), hand (low and high were set by hand)." },
	{ "ranges:put", "ranges:put(group, place, table)", "Know that of it, as get told it." },
	{ "ranges:take", "for group, place, known in ranges:take([all]) do",
	  "Those that had news since they were taken, in that order; all: and those that were seen again." },
	{ "ranges:len", "ranges:len(), #ranges", "How many are known." },
	/* logs */
	{ "log.new", "log.new { name =, doc =, columns = { { name, type, meaning }, ... }, [key =], [where =], [id = true] } -> log",
	  "A log of your own. ts is the first column of every log; id = true puts uid and endpoints of the packet at hand behind it; "
	  "key = { columns } makes it an aggregated log." },
	{ "log:write", "log:write { column = value, ... }", "One row; columns left out are unset. ts is the packet's unless given." },
	{ "log.filter", "log.filter(name, function(e))", "See each row's event before it is written; false keeps it out." },
	{ "log.off", "log.off(name)", "Switch a log off." },
	{ "print", "print(...)",
	  "A line on standard output. Control characters and bytes that are no UTF-8 are shown as \\xNN; line ends and tabs stay." },
	{ "type_of", "type_of(value) -> string", "As type(), but addr, time, interval, subnet, event ... for what type() calls userdata." },
	{ "unknown_key", "unknown_key(table, { names }) -> text or nil",
	  "What a table of options has that is none of these names, with the names that are nearly it: no 'ony' (did you mean on?)." },
	{ "printable", "printable(text) -> string",
	  "Text from the wire on one line: line ends and tabs, too, become \\xNN. For what is printed within a page of several lines." },
	{ "fact_keys", "fact_keys() -> list",
	  "What can be known of a device: the keys of asset.fact, { { key =, meaning =, use =, single = }, ... }, as `otoscope doc "
	  "facts` tells them." },
	/* commands */
	{ "command.new",
	  "command.new { name =, doc =, [args = { { name, type, meaning }, ... }], [columns = { ... }], [writes = true], [rehearse = "
	  "function(args)], run = function(args) }",
	  "Offer a question or an edit on the command line: `otoscope NAME`. args come as given there, by name, or in their order; of "
	  "one of the type file comes the text of the file that it names. run returns a list of rows { column = value }, or a function "
	  "that gives one a call; without columns it prints. writes: it changes what is remembered. rehearse: is called before the "
	  "captures of -r are replayed; they may have been counted before, and nothing that they teach is kept." },
	{ "command.remark", "command.remark(text)",
	  "Within run: say something beside the answer, on standard error, so that tables, CSV and JSON stay what they are." },
	/* helpers */
	{ "pairs", "pairs(t), sorted(t)", "As Lua's, but in the order of the keys: the same in every run." },
	{ "require", "require(name) -> module",
	  "A module beside the script or in the library; \"lpeg\" and \"re\" for patterns; \"oto\" in dissectors." },
	/* dissectors */
	{ "oto.analyzer",
	  "oto.analyzer { name =, doc =, keys =, [ports =], [channels =], [any_port =], [max_pdu =], [events =], [pairing =] } -> analyzer",
	  "Declare an analyzer; the file returns it. Its functions: probe(data, cx) true, false or nil for more; pdu_len(data, cx) "
	  "bytes, 0 or nil for more, false for not mine; pdu(cx, data); gap(cx, n); unanswered(cx, note), where only cx:emit speaks." },
	{ "cx:emit", "cx:emit(event, fields)", "Emit one of the declared events." },
	{ "cx:wanted", "cx:wanted(event) -> boolean", "Is anybody listening? Saves the work of filling the table." },
	{ "cx:operation",
	  "cx:operation { command = ROW | op =, func =, [func_code =], [target =], [unit =], [sub =], [by_receiver =] } -> op_id",
	  "Speak the operation of a request. target is { space =, first =, count =, name = }." },
	{ "cx:outcome", "cx:outcome(match, [error], [operation])",
	  "Speak the outcome at the response; operation is for a response whose request was not seen." },
	{ "cx:fact", "cx:fact(key, value, [{ confidence =, whose =, ip =, mac =, sub =, source = }])",
	  "What the packet reveals of a device." },
	{ "cx:program",
	  "cx:program { direction =, result =, [kind =], [name =], [size =], [announced =], [sha256 =], [error =], [op_id =], [sub =] }",
	  "The end of a transfer. direction: upload, download, delete, insert; result: complete, aborted, cut; also by_receiver." },
	{ "cx:weird", "cx:weird(name, [detail])", "Something odd; the analyzer's name is put in front." },
	{ "cx:request", "cx:request(key, [note])", "Remember a request, with a value or flat table for whoever answers." },
	{ "cx:response", "cx:response(key) -> match",
	  "The request that this answers: match.found, .note, .latency, .retries, .unsure, .asked, .op_id." },
	{ "cx:deliver", "cx:deliver(channel, key, data)", "Hand bytes to the children that claim the channel." },
	{ "cx:assemble", "cx:assemble(fragment, last) -> data", "Put fragments together; nil until the last." },
	{ "cx:reenter", "cx:reenter(\"ethernet\" | \"ip\", frame)", "Decode a frame found inside a PDU." },
	{ "cx.FIELD",
	  "cx.is_orig, cx.src, cx.dst, cx.sport, cx.dport, cx.src_mac, cx.dst_mac, cx.transport, cx.ts, cx.uid, cx.key, cx.depth",
	  "The packet at hand, seen from its sender." },
	{ "cx.flow", "cx.flow -> table", "What the analyzer keeps for this flow; gone with it." },
};

const struct oto_policy_api_entry *oto_policy_api(uint32_t *n)
{
	*n = sizeof entries / sizeof *entries;
	return entries;
}
