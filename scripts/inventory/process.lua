-- process.lua - the process as the network shows it: which registers, tags, blocks and objects of a controller are read and written, by
-- whom, how often, in which range; and which programs went in and out.
--
-- One row for each controller, unit, target and kind of access. Values come from the protocols whose events carry them.
local inventory = require "inventory"

local targets, programs, shown_number = inventory.targets, inventory.programs, inventory.shown_number
local MOST_CLIENTS, MOST_OF_SERVER = 16, 2000

-- ---------------------------------------------------------------------------- counting

local touched = tally.new { keys = 7, max = 50000 }
local kept_of = state.count { name = "inventory_target_rows", key = "addr", max = 10000 }

touched:count {
	on = "ot.operation", where = "server and target", key = { "server", "vlan", "unit", "protocol", "op", "client", "target" },
}

-- Which of its many requests name several at a time, and where the next begins: each is one, and read or written once. A node of OPC UA may
-- have a comma in its name.
local names_several = { s7comm = ",()", dnp3 = ",()", ads = ",()", opcua = ",()%f[nisgb][ns=%d;]*[isgb]=" }

local kept, made = {}, {} -- of each server, as long as rows are written: how many it has, and how many of them are new

local function has_room(server)
	local n = kept[server] or kept_of:get(server)
	if n >= MOST_OF_SERVER then return false end
	kept[server], made[server] = n + 1, (made[server] or 0) + 1
	return true
end

local function write_target(key, client, seen)
	local row, last = targets:get(key), seen.last
	if row then
		row.count = row.count + seen.n
		if last > row.last then row.last = last end
		if #row.clients < MOST_CLIENTS then inventory.add_once(row.clients, client) end
	elseif has_room(key[1]) then
		row = { count = seen.n, first = seen.first, last = last, clients = { client } }
	else
		return
	end
	targets:set(key, row)
end

-- The parts of a target; all of it where no comma divides it.
local function each_of(target, comma)
	local at = 1
	return function()
		if not at then return nil end
		local last, _, next_at = target:find(comma or "^$", at)
		local one = target:sub(at, last and last - 1)
		at = next_at
		return one
	end
end

local function write_touched()
	for server, vlan, unit, protocol, op, client, target, seen in touched:take() do
		for one in each_of(target, names_several[protocol]) do
			write_target({ server, vlan or 0, unit or -1, protocol, one, op }, client, seen)
		end
	end
	for server, n in sorted(made) do kept_of:add(server, n) end
	kept, made = {}, {}
end

-- ---------------------------------------------------------------------------- values

-- Of whose address nobody knows nothing is kept.
local function write_values(key, seen)
	local value = seen.value
	local row = key[1] and value.n > 0 and targets:get(key)
	if not row then return end
	row.least, row.most = math.min(row.least or value.min, value.min), math.max(row.most or value.max, value.max)
	row.latest, row.samples = value.latest, (row.samples or 0) + seen.n
	targets:set(key, row)
end

local sources = {} -- what writes the values that were counted, of each protocol whose events carry some

-- Least, most and latest are kept in C. `from` are events, which of them, and the field with the value; what `label` makes of the first
-- event with a key is the label of its row. write(counted) makes rows of what was counted.
local function values(of)
	local counted = tally.new { keys = #of.key, sum = { "value" }, max = 20000 }
	for _, from in ipairs(of.from) do
		counted:count { on = from[1], where = from[2], key = of.key, sum = { from[3] }, new = of.label }
	end
	sources[#sources + 1] = function() of.write(counted) end
end

local function write_counted()
	write_touched()
	for _, write in ipairs(sources) do write() end
end

inventory.when_asked(write_counted, touched)
every("1d", write_counted) -- rows expire by when they were written

local function range(space, first, n)
	return space .. ":" .. first .. (n > 1 and "-" .. first + n - 1 or "")
end

local modbus_spaces = {
	[1] = "coil", [2] = "discrete_input", [3] = "holding_register", [4] = "input_register", [5] = "coil", [6] = "holding_register",
	[15] = "coil", [16] = "holding_register",
}

values {
	key = { "resp_h", "vlan", "unit", "func", "address", "quantity" },
	from = {
		{ "modbus.request", "func in {5, 6, 15, 16} and values and address", "values" },
		{ "modbus.response", "func in {1, 2, 3, 4} and values and address", "values" },
	},
	label = function(e)
		return range(modbus_spaces[e:raw("func")], e.address, e.quantity or e.is_orig == false and #e.values or 1)
	end,
	write = function(counted)
		for server, vlan, unit, func, _, _, row in counted:take() do
			local op = func:find "^READ" and "read" or "write"
			write_values({ server, vlan or 0, unit or -1, "modbus", row.label, op }, row)
		end
	end,
}

values {
	key = { "server", "vlan", "access", "target" },
	from = { { "s7comm.item", "target and real", "real" }, { "s7comm.item", "target and values and not real", "values" } },
	write = function(counted)
		for server, vlan, access, target, row in counted:take() do
			local op = (access == "write" or access == "modify") and "write" or "read"
			write_values({ server, vlan or 0, -1, "s7comm", target, op }, row)
		end
	end,
}

local BACNET = "number and item == 1 and "
values {
	key = { "source_h", "destination_h", "vlan", "object_type", "instance_number", "property", "array_index", "is_write" },
	from = {
		{ "bacnet.property", BACNET .. "is_write", "number" },
		{ "bacnet.property", BACNET .. "pdu_service in {'read-property-ack', 'read-property-multiple-ack'}", "number" },
	},
	label = function(e)
		local index = e.array_index and "[" .. e.array_index .. "]" or ""
		return e.object_type .. ":" .. e.instance_number .. "." .. e.property .. index
	end,
	write = function(counted)
		for source, destination, vlan, _, _, _, _, is_write, row in counted:take() do
			local server, op = is_write and destination or source, is_write and "write" or "read"
			write_values({ server, vlan or 0, -1, "bacnet", row.label, op }, row)
		end
	end,
}

-- What a station tells by itself is an operation for all of a message, not for each of its objects.
values {
	key = { "server", "client", "vlan", "common_address", "info_obj_addr", "direction" },
	from = {
		{ "iec104.object", "value and direction == monitor and type_id < C_SC_NA_1", "value" },
		{ "iec104.object", "value and direction == control and cause_tx == activation and not select", "value" },
	},
	write = function(counted)
		for server, client, vlan, unit, address, direction, row in counted:take() do
			local op = direction == "control" and "write" or "cyclic"
			local key = { server, vlan or 0, unit, "iec104", "object:" .. address, op }
			if op == "cyclic" then write_target(key, client, row) end
			write_values(key, row)
		end
	end,
}

-- What an outstation tells was asked for by class, not by its name.
values {
	key = { "server", "vlan", "outstation", "point_type", "index", "count", "client", "request" },
	from = { { "dnp3.point", "server and values and index", "values" } },
	label = function(e) return range(e.point_type, e.index, e.count) end,
	write = function(counted)
		for server, vlan, outstation, _, _, _, client, request, row in counted:take() do
			local key = { server, vlan or 0, outstation, "dnp3", row.label, request and "write" or "read" }
			if not request then write_target(key, client, row) end
			write_values(key, row)
		end
	end,
}

values {
	key = { "server", "vlan", "access", "node_id" },
	from = { { "opcua.value", "number and node_id and attribute == Value and access != history", "number" } },
	write = function(counted)
		for server, vlan, access, node, row in counted:take() do
			local op = access == "notify" and "cyclic" or access
			write_values({ server, vlan or 0, -1, "opcua", node, op }, row)
		end
	end,
}

local ADS_OPS <const> = { read = "read", write = "write", notification = "cyclic" }
values {
	key = { "server", "vlan", "unit", "access", "target" },
	from = { { "ads.value", "number", "number" } },
	write = function(counted)
		for server, vlan, unit, access, target, row in counted:take() do
			write_values({ server, vlan or 0, unit, "ads", target, ADS_OPS[access] }, row)
		end
	end,
}

-- ---------------------------------------------------------------------------- programs

local number = 0

on("program.transfer", function(e)
	number = number + 1
	while programs:has { e.ts, number } do number = number + 1 end
	programs:set({ e.ts, number }, {
		client = e.client, server = e.server, vlan = e.vlan or 0, protocol = e.protocol, direction = e.direction, kind = e.kind,
		name = e.name,
		size = e.size, sha256 = e:shown "sha256", result = e.result, error = e.error, duration = e.duration,
	})
end)

-- ---------------------------------------------------------------------------- questions

command.new {
	name = "view process",
	doc = "Registers, tags, blocks and objects of controllers: read and written by whom, how often, in which range.",
	args = { { "who", "string", "of one controller only" } },
	columns = {
		{ "server", "addr", "the controller" }, { "name", "string", "its name" }, { "unit", "count", "station behind it" },
		{ "protocol", "string", "protocol" }, { "target", "string", "what is touched" }, { "op", "string", "read, write ..." },
		{ "count", "count", "how often" }, { "every", "interval", "mean time between two" }, { "clients", "string[]", "by whom" },
		{ "least", "string", "smallest value seen" }, { "most", "string", "largest" }, { "latest", "string", "the last one" },
		{ "first", "time", "first seen" }, { "last", "time", "last seen" }, { "id", "string", "the asset" },
	},
	run = function(args)
		local list, by_id = inventory.records()
		local wanted = args.who and inventory.find(args.who, list).id
		local rows = {}
		for server, vlan, unit, protocol, target, op, row in targets:pairs() do
			local id = inventory.owner(server, vlan, row.last)
			if not wanted or id == wanted then
				local r = id and by_id[id]
				local seconds = (row.last - row.first):seconds()
				rows[#rows + 1] = {
					server = server, name = r and inventory.name(r), unit = unit >= 0 and unit or nil,
					protocol = protocol, target = target, op = op,
					count = row.count, every = row.count > 2 and interval(seconds / (row.count - 1)) or nil,
					clients = inventory.texts(row.clients), least = shown_number(row.least),
					most = shown_number(row.most),
					latest = shown_number(row.latest), first = row.first, last = row.last, id = id,
				}
			end
		end
		return rows
	end,
}

-- The transfer before this one of the same thing whose content is known.
local function compared(seen, at, p)
	if not p.sha256 or not p.name then return nil end
	local key = tostring(p.server) .. "\0" .. p.name
	local before = seen[key]
	seen[key] = { sha256 = p.sha256, at = at, direction = p.direction }
	if not before then return "first seen" end
	local when = before.at:format("%Y-%m-%d %H:%M:%S", "local")
	return (before.sha256 == p.sha256 and "same as " or "differs from ") .. before.direction .. " of " .. when
end

command.new {
	name = "view programs", doc = "Programs, blocks and firmware that went into or out of controllers, as a timeline.",
	args = { { "who", "string", "of one controller only" } },
	columns = {
		{ "time", "time", "when it ended" }, { "client", "addr", "who" }, { "server", "addr", "the controller" },
		{ "direction", "string", "upload out of it, download into it, delete, insert" },
		{ "kind", "string", "block, file, firmware" },
		{ "program", "string", "its name" }, { "size", "count", "bytes" }, { "result", "string", "complete, aborted, cut" },
		{ "compared", "string", "with the transfer of it before" }, { "protocol", "string", "protocol" },
		{ "duration", "interval", "how long it took" }, { "sha256", "string", "of its content" },
	},
	run = function(args)
		local wanted = args.who and inventory.find(args.who).id
		local rows, seen = {}, {}
		for at, _, p in programs:pairs() do
			if not wanted or inventory.owner(p.server, p.vlan, at) == wanted
				or inventory.owner(p.client, p.vlan, at) == wanted then
				rows[#rows + 1] = {
					time = at, client = p.client, server = p.server, direction = p.direction, kind = p.kind,
					program = p.name, size = p.size,
					result = p.result, compared = compared(seen, at, p), protocol = p.protocol, duration = p.duration,
					sha256 = p.sha256,
				}
			end
		end
		return rows
	end,
}
