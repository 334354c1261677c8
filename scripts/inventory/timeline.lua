-- timeline.lua - things over time: traffic, what happened to assets, events of the owner; and what he should know of the inventory itself.
local inventory = require "inventory"
local screen = require "screen"
local period = require "period"

command.new {
	name = "view traffic",
	doc = "Packets and bytes over time: of everything on the wire, and of each service (bytes of IP packets, or of frames without IP).",
	args = { { "by", "string", "minute, hour or day" }, { "service", "string", "only of this service; total for all" }, screen.PERIOD },
	columns = {
		{ "time", "time", "begin of the interval" }, { "service", "string", "total for everything on the wire" },
		{ "packets", "count", "in the interval" }, { "bytes", "count", "in the interval" }, { "bits_per_second", "count", "mean" },
	},
	run = function(args)
		local from, to = screen.times(args.period)
		local rows, level = {}, nil
		for _, one in ipairs(inventory.series) do
			if one.name == (args.by or "minute") then level = one end
		end
		if not level then error("view traffic by minute, hour or day", 0) end
		for number, service, row in level.rows:pairs() do
			local at, name = time(number * level.seconds), service == "" and "total" or service
			local inside = not from or at + interval(level.seconds) > from and at < to
			if inside and (not args.service or name == args.service) then
				rows[#rows + 1] = { time = at, service = name, packets = row[1], bytes = row[2],
					bits_per_second = row[2] * 8 // level.seconds | 0 }
			end
		end
		table.sort(rows, function(a, b)
			if a.time ~= b.time then return a.time < b.time end
			return a.service < b.service
		end)
		return rows
	end,
}

-- ---------------------------------------------------------------------------- history

command.new {
	name = "view history", doc = "What happened to assets, as a timeline.",
	args = { { "who", "string", "of one asset only" }, screen.PERIOD },
	columns = {
		{ "time", "time", "when" }, { "event", "string", "new, changed, moved, silent, merged, split, note" },
		{ "id", "string", "the asset" }, { "ip", "addr", "its first address" }, { "name", "string", "its name" },
		{ "what", "string", "what changed" }, { "was", "string", "until now" }, { "is", "string", "from now on" },
		{ "evidence", "string", "how we know" },
	},
	run = function(args)
		local from, to = screen.times(args.period)
		local list, by_id = inventory.records()
		local wanted = args.who and inventory.find(args.who, list).id
		local rows = {}
		for at, _, e in inventory.history:pairs() do
			if (not wanted or e.id == wanted) and (not from or at >= from and at < to) then
				local r = e.id and by_id[e.id]
				rows[#rows + 1] = {
					time = at, event = e.event, id = e.id, ip = r and r.ips[1], name = r and inventory.name(r),
					what = e.what, was = e.was, is = e.is, evidence = e.evidence, order = #rows,
				}
			end
		end
		-- what the owner wrote down later may have happened before
		table.sort(rows, function(x, y)
			if x.time ~= y.time then return x.time < y.time end
			return x.order < y.order
		end)
		for _, row in ipairs(rows) do row.order = nil end
		return rows
	end,
}

command.new {
	name = "inventory note", doc = "Put an event of your own into the timeline: maintenance, a visit, a test.", writes = true,
	args = {
		{ "text", "string", "what" }, { "time", "string", "when, as 2026-01-31 08:00; the last packet unless given" },
		{ "who", "string", "of an asset" },
	},
	run = function(args)
		if not args.text then error("inventory note TEXT [TIME]", 0) end
		local first, last = inventory.time_span()
		local id = args.who and inventory.find(args.who).id or nil
		local at = args.time and period.parse(args.time, first or now(), last or now()) or last or now()
		inventory.note({ event = "note", id = id, what = args.text, evidence = "says the owner" }, at)
		print("noted")
	end,
}

command.new {
	name = "view messages", doc = "What the owner should know of the inventory itself: limits that were met, rows that were lost.",
	columns = { { "severity", "string", "warning or information" }, { "text", "string", "what" } },
	run = function()
		local rows = {}
		for i, text in ipairs(inventory.warnings()) do rows[i] = { severity = "warning", text = text } end
		return rows
	end,
}
