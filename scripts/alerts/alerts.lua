-- The alerts on the command line: otoscope alerts ..., and what their life needs: packet time saved, old ones closed.
local alert = require "alert"
local learn = require "learn"
local rows = require "rows"

local store = alert.store
local OLD = interval "90d" -- nothing more for so long: closed

-- A command without captures asks, too: it has no time.
local function note_time()
	if now():ns() > 0 then store.clock:set("packet", now()) end
end
on("question", note_time)
on("finish", note_time)

-- Not before one may be old enough again: one that is counted again only comes later, and a new one is younger than all of these.
every("1h", function(t)
	local oldest = t
	for id, how in store.states:pairs() do
		local last = how.state == "new" and store.counts:when(id)
		if last and t - last > OLD then
			store.states:set(id, { state = "closed", why = "nothing for 90 days" })
		elseif last and last < oldest then
			oldest = last
		end
	end
	return oldest + OLD + interval "1us"
end)

-- The capture around an alert was written, or made room for others.
on("alert.packets", function(e)
	if e.file then store.packets:set(e.id, e.packets) else store.packets:forget(e.id) end
end)

-- ---------------------------------------------------------------------------- finding

-- The beginning of an identifier is enough while it is the only one.
local function find(id)
	local a, found = id and store.alerts:get(id), id
	if a then return a, id end
	local n = 0
	for other, row in store.alerts:pairs() do
		if id and other:sub(1, #id) == id then a, found, n = row, other, n + 1 end
	end
	if n ~= 1 then error(n == 0 and "there is no alert " .. tostring(id) or id .. " is the beginning of " .. n .. " alerts", 0) end
	return a, found
end

local function in_language(a, name, language)
	return language == "ja" and a[name .. "_ja"] or a[name]
end

local order = { critical = 5, high = 4, medium = 3, low = 2, info = 1 }

local function rank(a)
	return order[a.severity] or 0
end

local STATES <const>, LANGUAGES <const> = { "new", "acknowledged", "learned", "muted", "closed" }, { "en", "ja" }

-- What a command was given, if anything, is one of these.
local function check(what, word, list)
	for _, one in ipairs(list) do
		if word == nil or word == one then return end
	end
	error(what .. " is one of " .. table.concat(list, ", ") .. ", not " .. word, 0)
end

-- Those in that state, or all; the gravest first, else in the order in which they came.
local function chosen(args)
	local state, list = args.state, {}
	check("a state", state, STATES)
	check("a language", args.language, LANGUAGES)
	for id, a in store.alerts:pairs() do
		local how = store.states:get(id) or { state = "new" }
		if not state or state == how.state then list[#list + 1] = { id = id, a = a, how = how, place = #list } end
	end
	table.sort(list, function(x, y)
		if rank(x.a) ~= rank(y.a) then return rank(x.a) > rank(y.a) end
		return x.place < y.place
	end)
	return list
end

local function row_of(id, a, how, language)
	return {
		id = id, state = how.state, severity = a.severity, kind = a.kind, count = store.counts:get(id), first = a.first,
		last = store.counts:when(id), source = a.source, target = a.target, text = in_language(a, "text", language),
		owner = how.owner, due = how.due, overdue = how.due and how.state ~= "closed" and alert.now() > how.due or nil,
		attack = table.concat(a.attack or {}, " "),
	}
end

local language_arg = { "language", "string", table.concat(LANGUAGES, " or ") }
local chosen_by = { { "state", "string", "only those that are: " .. table.concat(STATES, ", ") }, language_arg }
local columns = {
	{ "id", "string", "names it in other commands" }, { "severity", "string", "how grave" }, { "last", "time", "the latest" },
	{ "count", "count", "how many equal ones" }, { "text", "string", "what happened" },
	{ "kind", "string", "which rule or list" }, { "source", "addr", "who" }, { "target", "addr", "to whom" },
	{ "state", "string", "what people did with it" }, { "first", "time", "when it began" },
	{ "owner", "string", "who looks after it" }, { "due", "time", "until when" },
	{ "overdue", "bool", "and it is later than that" }, { "attack", "string", "techniques of MITRE ATT&CK for ICS" },
}

command.new {
	name = "alerts", doc = "What rules and learning lists told, the gravest first.", args = chosen_by, columns = columns,
	run = function(args)
		local out = {}
		for i, x in ipairs(chosen(args)) do out[i] = row_of(x.id, x.a, x.how, args.language) end
		for kind, n in store.given_up:pairs() do
			command.remark("There were too many alerts of the kind " .. kind .. ": its " .. n .. " oldest were given up")
		end
		return out
	end,
}

local all_columns = { table.unpack(columns) }
for _, column in ipairs {
	{ "title", "string", "what it is" }, { "category", "string", "what it is about" }, { "meaning", "string", "what it means" },
	{ "advice", "string", "what to do" }, { "list", "string", "learning list that it broke" },
	{ "row", "string", "what is not in that list" }, { "threshold", "string", "what was allowed" },
	{ "value", "string", "what was seen" }, { "event", "string", "the event that shows it" },
	{ "evidence", "string", "its fields" }, { "uid", "string", "its connection, as in conn.log" },
	{ "script", "string", "line that raised it" }, { "history", "string", "what people said, and when" },
} do all_columns[#all_columns + 1] = column end

-- What it means and what to do, filled in where that names somebody.
local function explained(a, language)
	local kind = store.kinds:get(a.kind)
	local texts = kind and (kind[language] or kind.en) or {}
	return table.unpack(a["advice_" .. language] or { texts[3], texts[4] })
end

command.new {
	name = "alerts full", doc = "All alerts with every column: for --csv, --json and --where.",
	args = chosen_by, columns = all_columns,
	run = function(args)
		local out, language = {}, args.language or "en"
		for i, x in ipairs(chosen(args)) do
			local a, row = x.a, row_of(x.id, x.a, x.how, language)
			row.title, row.category = in_language(a, "title", language), a.category
			row.meaning, row.advice = explained(a, language)
			row.list, row.row, row.threshold, row.value = a.list, a.row and a.row:gsub("\t", ", "), a.threshold, a.value
			row.event, row.evidence, row.uid, row.script = a.event, a.evidence, a.uid, a.script
			row.history = x.how.comments and table.concat(x.how.comments, "; ")
			out[i] = row
		end
		return out
	end,
}

local words = {
	en = {
		what = "What it means", todo = "What to do", evidence = "Evidence", attack = "ATT&CK for ICS", list = "Not in the list",
		raised = "Raised by", filter = "Filter for a router (nothing is sent)",
		threshold = "Allowed", value = "Seen", count = "Times", state = "State", history = "History", packets = "Packets",
		in_folder = "%d in packets/%s.pcap of the state folder",
	},
	ja = {
		what = "意味", todo = "対処", evidence = "証拠", attack = "ATT&CK for ICS", list = "リスト外", raised = "発生元",
		filter = "ルータ用フィルタ (送信されません)", threshold = "許容値",
		value = "実測値", count = "回数", state = "状態", history = "履歴", packets = "パケット",
		in_folder = "%d 個、状態フォルダの packets/%s.pcap",
	},
}

local function line(name, text)
	if text ~= nil and text ~= "" then print(string.format("%s: %s", name, printable(text))) end
end

-- What would keep the source of a flood or scan away from its target, as an access list says it.
local function filter_of(a)
	if a.category ~= "denial of service" and a.category ~= "scan" or not (a.source or a.target) then return nil end
	local function side(address)
		if not address then return "any" end
		return address:family() ~= "mac" and "host " .. tostring(address) or nil
	end
	local from, to = side(a.source), side(a.target)
	return from and to and string.format("deny ip %s %s", from, to)
end

local function show(id, language)
	local a, key = find(id)
	local w, how = words[language] or words.en, store.states:get(key) or { state = "new" }
	local meaning, advice = explained(a, language)
	print(string.format("%s  %s  %s  %s", key, a.severity, a.kind, printable(in_language(a, "title", language))))
	print(printable(in_language(a, "text", language)))
	line(w.what, meaning)
	line(w.todo, advice)
	line(w.filter, filter_of(a))
	line(w.list, a.list and a.list .. ": " .. a.row:gsub("\t", ", "))
	line(w.threshold, a.threshold)
	line(w.value, a.value)
	line(w.attack, table.concat(a.attack or {}, " "))
	line(w.evidence, a.event and a.event .. " " .. (a.evidence or ""))
	line("uid", a.uid)
	local kept = store.packets:get(key)
	line(w.packets, kept and w.in_folder:format(kept, key))
	line(w.raised, a.script)
	line(w.count, string.format("%d, %s - %s", store.counts:get(key), a.first:format("%Y-%m-%d %H:%M:%S", "local"),
		store.counts:when(key):format("%Y-%m-%d %H:%M:%S", "local")))
	line(w.state, how.state .. (how.owner and ", " .. how.owner or "") .. (how.due and ", " .. how.due:format("%Y-%m-%d",
		"local") or ""))
	for _, c in ipairs(how.comments or {}) do line(w.history, c) end
end

command.new {
	name = "alerts show", doc = "All about an alert: what it means, what to do, and what shows it.",
	args = { { "id", "string", "which; its beginning is enough" }, language_arg },
	run = function(args)
		check("a language", args.language, LANGUAGES)
		show(args.id, args.language or "en")
	end,
}

-- ---------------------------------------------------------------------------- what people do with them

local function note(how, what, who, comment)
	how.comments = how.comments or {}
	if #how.comments >= 100 then table.remove(how.comments, 1) end
	local text = alert.now():format() .. " " .. (who or "-") .. ": " .. what .. (comment and ", " .. comment or "")
	how.comments[#how.comments + 1] = text
end

local function change(id, what, who, comment, values)
	local a, key = find(id)
	local how = store.states:get(key) or { state = "new" }
	local was = how.state
	for name, value in sorted(values) do how[name] = value end
	note(how, what, who, comment)
	store.states:set(key, how)
	raise("alert.state", { id = key, state = what:match "^%a+", who = who, comment = comment })
	print(key .. ": " .. (what == "says" and "comment kept" or what) .. (was ~= "new" and was ~= how.state and ", was " .. was or ""))
	return a, key
end

-- What was told of is told again when it comes back.
local function tell_again(a, id)
	if not a.list then return end
	local told = learn.open(a.list).told
	for text, told_by in told:pairs() do
		if told_by == id then told:remove(text) end
	end
	raise("learn.edited", { list = a.list })
end

local who = { { "who", "string", "who says so" }, { "comment", "string", "what there is to say" } }
local function arguments(...)
	local list = { { "id", "string", "which; its beginning is enough" }, ... }
	for _, one in ipairs(who) do list[#list + 1] = one end
	return list
end

command.new {
	name = "alerts ack", doc = "Somebody looks after it.", writes = true, args = arguments(),
	run = function(args) change(args.id, "acknowledged", args.who, args.comment, { state = "acknowledged", owner = args.who }) end,
}
command.new {
	name = "alerts close", doc = "It is dealt with; if it comes back it is a new alert.", writes = true, args = arguments(),
	run = function(args) tell_again(change(args.id, "closed", args.who, args.comment, { state = "closed" })) end,
}
command.new {
	name = "alerts mute", doc = "Equal alerts are only counted, for a time or for good.", writes = true,
	args = arguments({ "span", "interval", "for how long" }),
	run = function(args)
		change(args.id, "muted", args.who, args.comment, { state = "muted", till = args.span and alert.now() + args.span })
	end,
}
command.new {
	name = "alerts assign", doc = "Who looks after it, and until when.", writes = true,
	args = arguments({ "owner", "string", "who" }, { "due", "time", "until when" }),
	run = function(args)
		change(args.id, "assigned to " .. tostring(args.owner), args.who, args.comment, { owner = args.owner, due = args.due })
	end,
}
command.new {
	name = "alerts comment", doc = "Write something down.", writes = true, args = { { "id", "string", "which" },
		{ "comment", "string", "what" }, { "who", "string", "who says so" } },
	run = function(args) change(args.id, "says", args.who, args.comment, {}) end,
}

-- ---------------------------------------------------------------------------- learning from an alert

-- Open alerts of the list that the row would cover, beside the alert itself.
local function silenced(list, row, id)
	local out = {}
	for other, a in store.alerts:pairs() do
		local how = store.states:get(other) or { state = "new" }
		local open = how.state == "new" or how.state == "acknowledged"
		if other ~= id and a.list == list and open and rows.covers(row, a.row) then out[#out + 1] = { id = other,
			text = a.text } end
	end
	return out
end

-- The row of an alert and those that were counted with it, without what the wider row covers.
local function rows_of(a, id, wider)
	local list = { wider or a.row }
	for text, told_by in learn.open(a.list).told:pairs() do
		if told_by == id and text ~= a.row and not rows.covers(list[1], text) then list[#list + 1] = text end
	end
	return list
end

local function learn_rows(a, id, wanted, args)
	local list = learn.open(a.list)
	for _, row in ipairs(wanted) do
		learn.put(list, row, "learned", args.who, args.comment or "alert " .. id)
		list.told:remove(row)
	end
	raise("learn.edited", { list = a.list })
	for _, other in ipairs(silenced(a.list, wanted[1], id)) do
		change(other.id, "learned with " .. id, args.who, nil, { state = "learned" })
	end
end

local function show_rows(a, id, wanted, preview)
	for _, row in ipairs(wanted) do
		print((preview and "would add to " or "added to ") .. a.list .. ": " .. printable((row:gsub("\t", ", "))))
	end
	for _, other in ipairs(silenced(a.list, wanted[1], id)) do print("  silences " .. other.id .. "  " .. printable(other.text)) end
end

command.new {
	name = "alerts learn", doc = "What it tells of is normal: rows of its list, or for good no alert of this rule and key.",
		writes = true,
	args = arguments({ "row", "string", "a wider row instead, values separated by commas" },
		{ "preview", "bool", "only show which other alerts this would silence" }),
	run = function(args)
		local a, id = find(args.id)
		if a.list then
			local wider = args.row and args.row:gsub("%s*,%s*", "\t")
			if wider and not rows.covers(wider, a.row) then error("this row does not cover " .. a.row:gsub("\t", ", "), 0) end
			local wanted = rows_of(a, id, wider)
			show_rows(a, id, wanted, args.preview)
			if not args.preview then learn_rows(a, id, wanted, args) end
		end
		if not args.preview then change(id, "learned", args.who, args.comment, { state = "learned" }) end
	end,
}

-- Rows that were learned from this alert, or from one whose row covers its own.
local function unlearn_rows(a, args)
	local list, gone = learn.open(a.list), {}
	for text, row in list.rows:pairs() do
		if row.how == "learned" and row.why and rows.covers(text, a.row) then gone[#gone + 1] = text end
	end
	for _, text in ipairs(gone) do
		learn.drop(list, text, args.who, args.comment)
		print("taken from " .. a.list .. ": " .. printable((text:gsub("\t", ", "))))
	end
end

command.new {
	name = "alerts unlearn", doc = "It is not normal after all: what was learned from it leaves the list, and it is told of again.",
	writes = true, args = arguments(),
	run = function(args)
		local a, id = find(args.id)
		local how = store.states:get(id)
		if not how or how.state ~= "learned" then error(id .. " was not learned", 0) end
		if a.list then unlearn_rows(a, args) end
		tell_again(change(id, "closed, not normal after all", args.who, args.comment, { state = "closed" }))
	end,
}

-- ---------------------------------------------------------------------------- exclusions

local exclusion = { { "kind", "string", "of alert, or *" }, { "source", "string", "an address, a network, or *" } }

command.new {
	name = "alerts exclude", doc = "Tell nothing of this kind about this source.", writes = true,
	args = { exclusion[1], exclusion[2], { "who", "string", "who wants it" }, { "why", "string", "the reason" } },
	run = function(args)
		if args.kind ~= "*" and not store.kinds:get(args.kind) then error("there is no kind of alert " .. tostring(args.kind),
			0) end
		if not args.source then error("which source? An address, a network, or *", 0) end
		store.excluded:set({ args.kind, args.source }, { who = args.who, why = args.why, when = alert.now() })
	end,
}
command.new {
	name = "alerts include", doc = "Take an exclusion back.", writes = true, args = exclusion,
	run = function(args)
		if not store.excluded:remove { args.kind, args.source } then error("this is not excluded", 0) end
	end,
}
command.new {
	name = "alerts exclusions", doc = "What is not told of.",
	columns = {
		{ "kind", "string", "of alert" }, { "source", "string", "whose" }, { "who", "string", "who wanted it" }, { "when", "time",
			"since" },
		{ "why", "string", "the reason" },
	},
	run = function()
		local out = {}
		for kind, source, row in store.excluded:pairs() do
			out[#out + 1] = { kind = kind, source = source, who = row.who, when = row.when, why = row.why }
		end
		return out
	end,
}
