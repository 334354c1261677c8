-- Learned value ranges: between which values each register, data block word and tag stays. A value outside is told.
--
-- Writes are all looked at; of values that are read all the time one in ten seconds is enough. How far outside a value must be depends on
-- how well its range is known: after n independent values of an even spread, the range is wider than (n / p) ^ (1 / (n - 1)) times what was
-- seen with probability p. Values that follow each other are not independent: what counts are the swings from one end of the range to the
-- other; of independent values every fourth makes one, of values that move in steps fewer are needed, so a swing counts as three. So what
-- grows all the time, as counters and clocks do, has no range, and what wanders slowly a wide one. A counter goes back seldom, when it is
-- reset; a set point goes to and fro, also where its range happened to grow at one end only.
--
-- A set point that is moved out of its range in small steps is told of before it is far outside: what is written for the first time in
-- such a place is there once or twice, and goes on to and fro; so many values in a few hours, each further out than all before, are a way
-- out. Measurements do that with the weather.
local below = require "below"
local alert = require "alert"
local learn = require "learn"

local MOST = 50000 -- ranges
local stored = state.map { name = "values.ranges", key = { "addr", "string" }, max = MOST } -- device, point -> as known:get tells
local ways = state.map { name = "values.ways", key = { "addr", "string" }, max = 10000, expire = "2h" } -- device, point -> as in goes_out
local ignored = state.set { name = "values.ignored", key = { "addr", "string" }, max = 10000 }
local known = ranges.new { max = MOST, most = 125 }
local detection = learn.detection {
	name = "values", doc = "Between which values registers, data blocks and tags stay.", news = function() return known:news() end,
}

local outside = alert.kind {
	name = "values", severity = "medium", category = "process", attack = { "T0836", "T0831" },
	settings = { least = 30, margin = 0.1, read_margin = 0.25, steps = 6, steps_within = "8h", quiet = "1h" },
	en = { "Value outside its range", "{point}{more} of {target} is {value} ({how} {source}); learned is {threshold}.",
		"A setpoint or a measurement left the range that it kept while this was learned: a disturbance, a changed recipe, " ..
			"or manipulation.",
		"Look at the process; ask who changed the setpoint. If the new range is right, learn the alert." },
	ja = { "値の範囲逸脱", "{target} の {point}{more} の値が {value} です ({source} による{how})。学習範囲は {threshold} です。",
		"設定値または測定値が学習範囲を外れました。プロセスの異常、レシピ変更、または改ざんの可能性があります。",
		"プロセスの状態と設定値の変更者を確認してください。正しい変更であれば学習に追加してください。" },
}

local WRITTEN, READ = { en = "written by", ja = "書込み" }, { en = "read by", ja = "読取り" }
local STEPPED = { en = "moved there step by step by", ja = "段階的な書込み" }

local LEAST, EACH_SWING = 10, 3 -- values; independent ones for a swing
local FAR_WRITE, FAR_READ = 2, 5 -- what does not only grow, is not so many ranges away all at once
local UNSURE_WRITE, UNSURE_READ = 0.01, 0.001
local SELDOM = 0.2 -- of its values, those with which a counter goes back

-- How far outside, as a share of the range, a value is no longer normal; nil: its range is not known.
local function margin_of(r)
	if r.hand then return 0 end
	if r.low == r.high then return r.n >= outside.least * (r.writes > 0 and 1 or 10) and 0 or nil end
	local one_way = (r.rises == 0 or r.falls == 0) and r.swings < 2 and math.min(r.ups or 0, r.downs or 0) < SELDOM * r.n
	if r.n < LEAST or one_way or r.rises + r.falls > r.n / 2 then return nil end
	local n, is_written = math.min(r.n, EACH_SWING * r.swings), r.writes > 0
	local unsure, far = is_written and UNSURE_WRITE or UNSURE_READ, is_written and FAR_WRITE or FAR_READ
	local wider = n > 2 and (n / unsure) ^ (1 / (n - 1)) - 1 or far
	return math.max(is_written and outside.margin or outside.read_margin, math.min(wider, far))
end

-- In memory: which group of `known` a device and the name of its points are, and the other way round. What has news goes to the store
-- before the state is saved and before somebody asks; that a range was seen some more times, in itself, only when that is a share of all,
-- and at the end.
local groups, owners = {}, {}

-- Where there is no room for another range, what is new has no name here either, and is counted by `known` as refused.
local NOBODY = 0

local function group_of(device, name)
	local names = groups[device]
	local group = names and names[name]
	if group then return group end
	if #known >= MOST then return NOBODY end
	group = #owners + 1
	below(groups, device)[name], owners[group] = group, { device = device, name = name }
	return group
end

-- What a damaged disk left of a row is of no use.
local function is_whole(r)
	for _, name in ipairs { "low", "high", "n", "writes", "rises", "falls", "swings" } do
		if type(r[name]) ~= "number" then return false end
	end
	return true
end

local function parts_of(point)
	local name, number = point:match "^(.*) (%d+)$"
	return name, math.tointeger(tonumber(number))
end

for device, point, r in stored:pairs() do
	local name, number = parts_of(point)
	if number and is_whole(r) then known:put(group_of(device, name), number, r) end
end

local function write(all)
	for group, number, r in known:take(all) do
		local owner = owners[group]
		stored:set({ owner.device, owner.name .. " " .. number }, r)
	end
end
on("question", function() write(false) end)
on("finish", function() write(true) end)

-- Whether a value that is written outside the range is the last of many steps, each further out: when they were, and how far the last.
local function goes_out(e, r, key, value)
	local is_above = value > r.high
	local way = ways:get(key)
	if not way or way.is_above ~= is_above then way = { is_above = is_above, steps = {} } end
	local last, steps = way.last, way.steps
	if last and (is_above and value <= last or not is_above and value >= last) then return false end
	way.last, steps[#steps + 1] = value, e.ts
	while #steps > outside.steps do table.remove(steps, 1) end
	ways:set(key, way)
	return #steps == outside.steps and e.ts - steps[1] <= outside.steps_within
end

-- What to tell of a value outside of what was seen, if anything. What has no range has none until settings change.
local function judge(e, group, number, value, how)
	local r = known:get(group, number)
	local share = margin_of(r)
	if not share then return known:pass(group, number) end
	local owner, margin = owners[group], (r.high - r.low) * share
	local point = owner.name .. " " .. number
	local key = { owner.device, point }
	if ignored:has(key) then return end
	local is_far = value < r.low - margin or value > r.high + margin
	if not is_far and not (how == WRITTEN and goes_out(e, r, key, value)) then return end
	return {
		event = e, target = owner.device, key = key, point = point, how = is_far and how or STEPPED, value = value,
		threshold = string.format("%s to %s", r.low, r.high),
	}
end
on("alert.changed", { kind = "values" }, function() known:anew() end)

local function and_more(n)
	return n > 1 and { en = string.format(" (and %d more)", n - 1), ja = string.format(" (他 %d 件)", n - 1) } or ""
end

-- Those of one message are told of together.
local function watch(e, group, first, values, how)
	local told, n = nil, 0
	local i = known:outside(group, first, values)
	while i do
		local tell = judge(e, group, first + i - 1, type(values) == "number" and values or values[i], how)
		if tell then told, n = told or tell, n + 1 end
		i = known:outside(group, first, values, i + 1)
	end
	if told then
		told.more = and_more(n)
		outside(told)
	end
end

-- The group of a device and name; while nothing is learned, only of those that are known.
local function known_group(device, name)
	if detection.mode == "learning" then return group_of(device, name) end
	local names = groups[device]
	return names and names[name]
end

known:mode(detection.mode)
detection.turned = function() known:mode(detection.mode) end

-- ---------------------------------------------------------------------------- who has values

-- In which events, the fields of the device and of what makes the name of its points, and where the first value stands. name(e) makes that
-- name where it is not the text of the second field; nil: these have no range.
local function hear(of, how, once)
	local name = of.name or function(e) return tostring(e[of.key[2]]) end
	local function group(e)
		local called = name(e)
		return called and known_group(e[of.key[1]], called)
	end
	known:count {
		on = of.on, where = of.where, key = of.key, place = of.place, values = of.values, written = how == WRITTEN,
		once = once, group = group,
		outside = function(e) watch(e, group(e), of.place and e[of.place] or 0, e[of.values], how) end,
	}
end

local function written(of) hear(of, WRITTEN) end
local function read(of) hear(of, READ, "10s") end

-- The names of what the 256 units have.
local holding, input = {}, {}
for unit = 0, 255 do holding[unit], input[unit] = "unit " .. unit .. " holding", "unit " .. unit .. " input" end

local function holding_of(e) return holding[e.unit] end
written {
	on = "modbus.request", where = "func in {6, 16} and address and values",
	key = { "resp_h", "unit" }, name = holding_of, place = "address", values = "values",
}
written {
	on = "modbus.request", where = "func == 23 and write_address and values",
	key = { "resp_h", "unit" }, name = holding_of, place = "write_address", values = "values",
}

local S7COMM = "access == write and pdu_type == request and server and target"
written { on = "s7comm.item", where = S7COMM .. " and real", key = { "server", "target" }, values = "real" }
written { on = "s7comm.item", where = S7COMM .. " and values and not real", key = { "server", "target" }, values = "values" }

written {
	on = "cip.message", where = "values and symbol and direction == request", key = { "destination_h", "symbol" }, values = "values",
}

written {
	on = "slmp.message", where = "pdu_type == request and values and device_code and head_device and unit_size == word",
	key = { "resp_h", "device_code" }, place = "head_device", values = "values",
}

written {
	on = "fins.message",
	where = "command_code == memory_area_write and icf_data_type == command and values and memory_area_code and beginning_address",
	key = { "resp_h", "memory_area_code" }, place = "beginning_address", values = "values",
	name = function(e) return not e.memory_area_code:find "_bit$" and e.memory_area_code or nil end,
}

-- The present values of objects, of a station behind a router with its address.
local function object_of(sub, e) return (sub and sub .. " " or "") .. e.object_type end
local PRESENT = "number and item == 1 and property == 'present-value' and datatype in {real, double, unsigned, signed}"

written {
	on = "bacnet.property", where = "is_write and " .. PRESENT, key = { "destination_h", "destination_sub", "object_type" },
	name = function(e) return object_of(e.destination_sub, e) end, place = "instance_number", values = "number",
}

-- Set points and measured values; points and commands have no range.
local IEC104 = { "server", "common_address", "direction" }
local function object_at(e) return "common address " .. e.common_address .. " object" end

written {
	on = "iec104.object", key = IEC104, name = object_at, place = "info_obj_addr", values = "value",
	where = "direction == control and cause_tx == activation and not select and type_id in "
		.. "{C_SE_NA_1, C_SE_NB_1, C_SE_NC_1, C_SE_TA_1, C_SE_TB_1, C_SE_TC_1}",
}

read {
	on = "iec104.object", key = { "server", "common_address", "info_obj_addr", "vlan" },
	name = object_at, place = "info_obj_addr", values = "value",
	where = "direction == monitor and not invalid and type_id in {M_ME_NA_1, M_ME_TA_1, M_ME_NB_1, M_ME_TB_1, M_ME_NC_1, "
		.. "M_ME_TC_1, M_ME_ND_1, M_ME_TD_1, M_ME_TE_1, M_ME_TF_1}",
}

local TAG = "number and node_id and attribute == Value and data_type != Boolean and access "
local NODE = { "server", "node_id" }
written { on = "opcua.value", where = TAG .. "== write", key = NODE, values = "number" }
read { on = "opcua.value", where = TAG .. "in {read, notify}", key = NODE, values = "number" }

read {
	on = "modbus.response", where = "func in {3, 4} and address and values", key = { "resp_h", "unit", "func", "address" },
	place = "address", values = "values",
	name = function(e) return (e.func == "READ_INPUT_REGISTERS" and input or holding)[e.unit] end,
}
read {
	on = "bacnet.property", where = PRESENT .. " and pdu_service in {'read-property-ack', 'read-property-multiple-ack'}",
	key = { "source_h", "source_sub", "object_type", "instance_number", "vlan" }, place = "instance_number", values = "number",
	name = function(e) return object_of(e.source_sub, e) end,
}

-- Points of DNP3, with the address of their station: set points that are written, measurements that are read or told.
local DNP3 = { "server", "outstation", "point_type", "index" }
local function point_of(e) return e.outstation .. " " .. e.point_type end
written {
	on = "dnp3.point", where = "request and server and values and index and point_type in {analog_output, deadband}", key = DNP3,
	name = point_of, place = "index", values = "values",
}
read {
	on = "dnp3.point", where = "not request and server and values and index and point_type in {analog_input, analog_output}",
	key = DNP3, name = point_of, place = "index", values = "values",
}

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
		for device, point, r in stored:pairs() do
			if not args.device or args.device == device then
				out[#out + 1] = {
					device = device, point = point, low = r.low, high = r.high, n = r.n, settled = margin_of(r) ~= nil,
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
		local name, number = parts_of(args.point or "")
		if not number then error("a value is called as otoscope values shows it, such as unit 1 holding 10", 0) end
		local group = group_of(args.device, name)
		known:put(group, number, { low = args.low, high = args.high, hand = true })
		if not known:get(group, number) then error("there is no room for another range", 0) end
		known:add(group, number, args.low)
		learn.changed "values"
		write(false)
	end,
}
command.new {
	name = "values watch", doc = "Watch a value, or no longer.", writes = true,
	args = { point_args[1], point_args[2], { "watch", "bool", "yes or no" } },
	run = function(args)
		local key = { args.device, args.point }
		if not stored:get(key) then error("nothing was learned of " .. tostring(args.point) .. " of " .. tostring(args.device),
			0) end
		if args.watch == false then ignored:add(key) else ignored:remove(key) end
	end,
}
