-- The learning lists on the command line: otoscope learn ...
local alert = require "alert"
local learn = require "learn"
local rows = require "rows"
local rowfile = require "rowfile"

local lists = learn.store.lists

local function known(name)
	local list = lists:get(name)
	if list then return list end
	local names = {}
	for other in lists:pairs() do names[#names + 1] = other end
	error("there is no list " .. tostring(name) .. "; there are " .. table.concat(names, ", "), 0)
end

-- A row as people type it: values separated by tabs or commas.
local function row_of(name, typed)
	if not typed then error("which row? Values separated by commas", 0) end
	local columns = known(name).columns
	local text = typed:find("\t") and typed or typed:gsub("%s*,%s*", "\t")
	if #rows.split(text) ~= #columns then
		error(name .. " has the columns " .. table.concat(columns, ", ") .. ", and the row " .. #rows.split(text) .. " values", 0)
	end
	return text
end

local function shown(text)
	return (text:gsub("\t", ", "))
end

local function each_list(name, f)
	if name ~= "all" then return f(name, known(name)) end
	for other, list in lists:pairs() do f(other, list) end
end

local function edited(name)
	raise("learn.edited", { list = name })
end

-- ---------------------------------------------------------------------------- questions

command.new {
	name = "learn", doc = "The learning lists: what each does, since when, and how much it knows.",
	columns = {
		{ "list", "string", "its name" }, { "mode", "string", "learning, detecting or off" }, { "since", "time",
			"when that was set" },
		{ "till", "time", "when learning ends and detecting begins" }, { "stable", "time", "when something was learned last" },
		{ "rows", "count", "rows it has" }, { "told", "count", "keys it told of" }, { "doc", "string", "what it is" },
	},
	run = function()
		local out = {}
		for name, list in lists:pairs() do
			local mode, m = learn.told_mode(name)
			local store = not list.model and learn.open(name)
			out[#out + 1] = {
				list = name, mode = mode, since = m and m.since, till = m and m.till, stable = m and m.stable,
					doc = list.doc,
				rows = store and #store.rows or nil, told = store and #store.told or nil,
			}
		end
		return out
	end,
}

command.new {
	name = "learn show", doc = "The rows of a list, with who made each, when and why.",
	args = { { "list", "string", "which" }, { "removed", "bool", "those that were removed instead" } },
	columns = {
		{ "row", "string", "its values" }, { "how", "string", "learned, added, imported or removed" }, { "who", "string",
			"by whom" },
		{ "when", "time", "when" }, { "why", "string", "the reason given" }, { "seen", "count", "how often it was needed" },
		{ "last", "time", "when last" },
	},
	run = function(args)
		known(args.list)
		local store, out = learn.open(args.list), {}
		for text, row in (args.removed and store.gone or store.rows):pairs() do
			out[#out + 1] = {
				row = shown(text), how = row.how or "removed", who = row.who, when = row.when, why = row.why,
				seen = store.seen:get(text), last = store.seen:when(text),
			}
		end
		return out
	end,
}

-- ---------------------------------------------------------------------------- edits

command.new {
	name = "learn mode", doc = "Let a list (or all) learn, detect, or do nothing.", writes = true,
	args = {
		{ "list", "string", "which, or all" }, { "mode", "string", "learning, detecting or off" },
		{ "from", "time", "learn from then on; detect before" }, { "till", "time", "learn until then; detect afterwards" },
	},
	run = function(args)
		if not ({ learning = true, detecting = true, off = true })[args.mode] then error("the mode is learning, detecting or off",
			0) end
		each_list(args.list, function(name)
			learn.set_mode(name, args.mode, args.from, args.till)
			local till = args.till and " until " .. args.till:format("%Y-%m-%d %H:%M:%S", "local") or ""
			print(name .. " is " .. args.mode .. till)
		end)
	end,
}

local edit_args = {
	{ "list", "string", "which" }, { "row", "string", "its values, separated by commas; * , networks and ranges are understood" },
	{ "who", "string", "who wants it" }, { "why", "string", "the reason" },
}

command.new {
	name = "learn add", doc = "Add a row to a list.", writes = true, args = edit_args,
	run = function(args)
		learn.put(learn.open(args.list), row_of(args.list, args.row), "added", args.who, args.why)
		edited(args.list)
	end,
}

command.new {
	name = "learn remove", doc = "Remove a row from a list: what it covered is unknown again.", writes = true, args = edit_args,
	run = function(args)
		local store, text = learn.open(args.list), row_of(args.list, args.row)
		if not learn.drop(store, text, args.who, args.why) then error(args.list .. " has no row " .. shown(text), 0) end
		store.told:remove(text)
		edited(args.list)
	end,
}

command.new {
	name = "learn edit", doc = "Change a row, for instance into one with a range.", writes = true,
	args = {
		{ "list", "string", "which" }, { "row", "string", "the row as it is" }, { "new", "string", "as it shall be" },
		{ "who", "string", "who wants it" }, { "why", "string", "the reason" },
	},
	run = function(args)
		local store, old, new = learn.open(args.list), row_of(args.list, args.row), row_of(args.list, args.new)
		if not store.rows:get(old) then error(args.list .. " has no row " .. shown(old), 0) end
		learn.drop(store, old, args.who, args.why)
		learn.put(store, new, "added", args.who, args.why)
		edited(args.list)
	end,
}

command.new {
	name = "learn clear", doc = "Forget all rows of a list; it learns anew.", writes = true,
	args = { { "list", "string", "which, or all" } },
	run = function(args)
		each_list(args.list, function(name)
			for _, store in sorted(learn.open(name)) do store:clear() end
			learn.set_mode(name, "learning")
		end)
	end,
}

-- ---------------------------------------------------------------------------- as text

local function line_of(row, gone)
	return { gone = gone, who = row.who or row.how, when = row.when and row.when:format(), why = row.why }
end

local function exported(name, list)
	local store, out = learn.open(name), { name = name, columns = list.columns, rows = {} }
	for text, row in store.gone:pairs() do out.rows[text] = line_of(row, true) end
	for text, row in store.rows:pairs() do out.rows[text] = line_of(row) end
	return out
end

command.new {
	name = "learn export", doc = "A list as text: sorted, a row a line, to keep, compare and merge.",
	args = { { "list", "string", "which; all unless said" } },
	run = function(args)
		local out = {}
		each_list(args.list or "all", function(name, list) if not list.model then out[#out + 1] = exported(name, list) end end)
		print(rowfile.write(out):sub(1, -2))
	end,
}

-- The later of two statements about a row wins, whether it adds or removes.
local function import_row(store, text, row, have)
	if have and rowfile.later(have, row) == have then return 0 end
	local when = row.when and time(row.when)
	if not row.gone then
		learn.put(store, text, "imported", row.who, row.why, when)
	elseif not learn.drop(store, text, row.who, row.why, when) then
		store.gone:set(text, { who = row.who, why = row.why, when = when or alert.now() })
	end
	return 1
end

command.new {
	name = "learn import", writes = true,
	doc = "Take in lists as learn export wrote them, here or elsewhere: the later of two statements wins.",
	args = { { "lists", "file", "the text" } },
	run = function(args)
		for _, list in ipairs(rowfile.read(args.lists)) do
			local n, have = 0, exported(list.name, known(list.name)).rows
			for text, row in sorted(list.rows) do n = n + import_row(learn.open(list.name), row_of(list.name, text), row,
				have[text]) end
			edited(list.name)
			print(list.name .. ": " .. n .. " rows taken in")
		end
	end,
}

command.new {
	name = "learn merge", doc = "Two exports as one, as of two sites with the same machines; prints it.",
	args = { { "one", "file", "an export" }, { "other", "file", "another" } },
	run = function(args)
		print(rowfile.write(rowfile.merge(rowfile.read(args.one), rowfile.read(args.other))):sub(1, -2))
	end,
}

-- ---------------------------------------------------------------------------- what if

local before, only -- alerts that were there; the list that is asked about

command.new {
	name = "learn whatif", doc = "Which alerts captures (-r) would raise against the lists as they are now. Nothing is kept of it.",
	args = {
		{ "list", "string", "only of this one, unless its rows are edited" },
		{ "without", "string", "if it had not this row" }, { "with", "string", "if it had this row" },
	},
	columns = {
		{ "kind", "string", "of the alert" }, { "severity", "string", "its severity" }, { "list", "string", "list it broke" },
		{ "row", "string", "what is not in it" }, { "count", "count", "how often" }, { "text", "string", "what happened" },
		{ "first", "time", "when" }, { "last", "time", "when it counted last" },
	},
	rehearse = function(args)
		local s = alert.store
		if args.without then learn.drop(learn.open(args.list), row_of(args.list, args.without)) end
		if args.with then learn.put(learn.open(args.list), row_of(args.list, args.with), "added") end
		only = not args.without and not args.with and args.list
		for name, list in lists:pairs() do
			learn.set_mode(name, (not only or only == name) and "detecting" or "off")
			if not list.model then learn.open(name).told:clear() end
		end
		for kind, key, id in s.open:pairs() do
			local how = s.states:get(id)
			if not how or how.state ~= "learned" and how.state ~= "muted" then
				s.open:remove { kind, key }
				for _, store in ipairs { s.alerts, s.states, s.counts } do store:remove(id) end
			end
		end
		before = {}
		for id in s.alerts:pairs() do before[id] = true end
	end,
	run = function(args)
		local out, s = {}, alert.store
		for id, a in s.alerts:pairs() do
			if not (before or {})[id] and (not only or a.list == only) then
				out[#out + 1] = {
					kind = a.kind, severity = a.severity, list = a.list, row = a.row and shown(a.row),
						count = s.counts:get(id), text = a.text, first = a.first, last = s.counts:when(id),
				}
			end
		end
		return out
	end,
}
