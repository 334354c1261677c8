-- Learned value ranges: between which values each register, data block word and tag stays. A value outside is told.
--
-- Writes are all looked at; of values that are read all the time one in ten seconds is enough. A range counts once it has been stable: for
-- the latter half of at least 30 values. What grows all the time, as counters and clocks do, has no range.
local alert = require "alert"
local learn = require "learn"

local ranges = state.map { name = "values.ranges", key = { "addr", "string" }, max = 50000 } -- device, point -> low, high, n, widened
local ignored = state.set { name = "values.ignored", key = { "addr", "string" }, max = 10000 }
local detection = learn.detection { name = "values", doc = "Between which values registers, data blocks and tags stay." }

local outside = alert.kind {
	name = "values", severity = "medium", category = "process", attack = { "T0836", "T0831" },
	settings = { least = 30, margin = 0.25, quiet = "1h" },
	en = { "Value outside its range", "{point} of {target} is {value} ({how} {source}); learned is {threshold}.",
		"A setpoint or a measurement left the range that it kept while this was learned: a disturbance, a changed recipe, " ..
			"or manipulation.",
		"Look at the process; ask who changed the setpoint. If the new range is right, learn the alert." },
	ja = { "値の範囲逸脱", "{target} の {point} の値が {value} です ({source} による{how})。学習範囲は {threshold} です。",
		"設定値または測定値が学習範囲を外れました。プロセスの異常、レシピ変更、または改ざんの可能性があります。",
		"プロセスの状態と設定値の変更者を確認してください。正しい変更であれば学習に追加してください。" },
}

local WRITTEN, READ = { en = "written by", ja = "書込み" }, { en = "read by", ja = "読取り" }

-- Stable for its latter half, and not because it grows all the time.
local function is_settled(r)
	return r.n >= outside.least and r.widened <= r.n / 2
end

-- In memory: device -> name -> number -> range; what changed goes to the store now and then.
local book, changed = {}, {}

local function below(t, key)
	local inner = t[key]
	if not inner then
		inner = {}
		t[key] = inner
	end
	return inner
end

local function remember(device, name, number, r)
	r.device, r.name, r.number = device, name, number
	below(below(book, device), name)[number] = r
	return r
end

for device, point, r in ranges:pairs() do
	local name, number = point:match "^(.*) (%d+)$"
	remember(device, name or point, tonumber(number) or 0, r)
end

local function write_changed()
	for _, r in ipairs(changed) do
		ranges:set({ r.device, r.name .. " " .. r.number }, { low = r.low, high = r.high, n = r.n, widened = r.widened })
		r.changed = nil
	end
	if changed[1] then learn.changed "values" end
	changed = {}
end
every("1m", write_changed)
on("finish", write_changed)

local function take_in(r, value)
	r.n = r.n + 1
	if value < r.low or value > r.high then
		r.low, r.high, r.widened = math.min(r.low, value), math.max(r.high, value), r.n
	end
	if not r.changed then
		r.changed, changed[#changed + 1] = true, r
	end
end

local function judge(e, r, value, how)
	local margin = (r.high - r.low) * outside.margin
	if value >= r.low - margin and value <= r.high + margin or not is_settled(r) then return end
	local point = r.name .. " " .. r.number
	if ignored:has { r.device, point } then return end
	outside {
		event = e, target = r.device, key = { r.device, point }, point = point, how = how, value = value,
		threshold = string.format("%s to %s", r.low, r.high),
	}
end

local MOST = 125 -- values of one message

-- Values of a device, from number `first` on.
local function see_all(e, device, name, first, values, how)
	if detection.mode == "off" then return end
	local learning, known = detection.mode == "learning", below(below(book, device), name)
	for i = 1, math.min(#values, MOST) do
		local value, r = values[i], known[first + i - 1]
		if type(value) ~= "number" or value ~= value then return end
		if not learning then
			if r then judge(e, r, value, how) end
		else
			r = r or remember(device, name, first + i - 1, { low = value, high = value, n = 0, widened = 1 })
			take_in(r, value)
		end
	end
end

-- ---------------------------------------------------------------------------- who has values

on("modbus.request", { func = { 6, 16, 23 } }, function(e)
	local first = e.write_address or e.address
	if e.values and first then see_all(e, e.resp_h, "unit " .. e.unit .. " holding", first, e.values, WRITTEN) end
end)

on("s7comm.item", "access == write and pdu_type == request and server", function(e)
	local point = e.target and tostring(e.target)
	if not point then return end
	if e.real then return see_all(e, e.server, point, 0, { e.real }, WRITTEN) end
	if e.values then see_all(e, e.server, point, 0, e.values, WRITTEN) end
end)

on("cip.message", "symbol and values and direction == request", function(e)
	see_all(e, e.destination_h, e.symbol, 0, e.values, WRITTEN)
end)

on("slmp.message", "pdu_type == request and values and device_code and head_device and unit_size == word", function(e)
	see_all(e, e.resp_h, e.device_code, e.head_device, e.values, WRITTEN)
end)

local reads = tally.new { keys = 4, max = 20000 }
reads:count {
	on = "modbus.response", where = "func in {3, 4} and address and values", key = { "resp_h", "unit", "func", "address" },
	new = function(e)
		see_all(e, e.resp_h, "unit " .. e.unit .. (e:raw "func" == 4 and " input" or " holding"), e.address, e.values, READ)
	end,
}
every("10s", function() reads:clear() end)

-- ---------------------------------------------------------------------------- on the command line

command.new {
	name = "values", doc = "The ranges that were learned.",
	args = { { "device", "addr", "only of this one" } },
	columns = {
		{ "device", "addr", "whose" }, { "point", "string", "which value" }, { "low", "double", "the least seen" },
		{ "high", "double", "the most seen" }, { "n", "count", "values seen" }, { "settled", "bool",
			"whether it is held against new values" },
		{ "watched", "bool", "whether people want that" },
	},
	run = function(args)
		local out = {}
		for device, point, r in ranges:pairs() do
			if not args.device or args.device == device then
				out[#out + 1] = {
					device = device, point = point, low = r.low, high = r.high, n = r.n, settled = is_settled(r),
					watched = not ignored:has { device, point },
				}
			end
		end
		return out
	end,
}
local point_args = { { "device", "addr", "whose" }, { "point", "string", "which value" } }
command.new {
	name = "values range", doc = "Set the range of a value by hand.", writes = true,
	args = { point_args[1], point_args[2], { "low", "double", "from" }, { "high", "double", "to" } },
	run = function(args)
		if not args.low or not args.high or args.low > args.high then error("a range goes from low to high", 0) end
		local name, number = (args.point or ""):match "^(.*) (%d+)$"
		if not name then error("a value is called as otoscope values shows it, such as unit 1 holding 10", 0) end
		take_in(remember(args.device, name, tonumber(number), { low = args.low, high = args.high, n = outside.least,
			widened = 1 }), args.low)
		write_changed()
	end,
}
command.new {
	name = "values watch", doc = "Watch a value, or no longer.", writes = true,
	args = { point_args[1], point_args[2], { "watch", "bool", "yes or no" } },
	run = function(args)
		local key = { args.device, args.point }
		if not ranges:get(key) then error("nothing was learned of " .. tostring(args.point) .. " of " .. tostring(args.device),
			0) end
		if args.watch == false then ignored:add(key) else ignored:remove(key) end
	end,
}
