-- The status of all detections: learning lists, models and rules, with their modes and settings.
local alert = require "alert"
local learn = require "learn"

local store = alert.store

local function alerts_by_kind()
	local n = {}
	for id, a in store.alerts:pairs() do
		local how = store.states:get(id)
		if not how or how.state == "new" then n[a.kind] = (n[a.kind] or 0) + 1 end
	end
	return n
end

local function setting(kind, name, given)
	local value = store.settings:get { kind, name }
	if value == nil then return given end
	return value
end

local function settings_text(kind, given)
	local parts = {}
	for name, value in sorted(given) do
		if name ~= "on" then parts[#parts + 1] = name .. "=" .. tostring(setting(kind, name, value)) end
	end
	return table.concat(parts, " ")
end

local function of_list(name, list, new)
	local mode, m = learn.told_mode(name)
	local kind = store.kinds:get(list.kind or name)
	return {
		detection = name, type = list.model and "model" or "list", mode = mode, since = m and m.since, stable = m and m.stable,
		rows = not list.model and #learn.open(name).rows or nil, alerts = new[list.kind or name] or 0,
			severity = kind and kind.severity,
		settings = kind and settings_text(list.kind or name, kind.settings), doc = list.doc,
	}
end

command.new {
	name = "detections", doc = "All detections: what each is set to, and what it told.",
	args = { { "type", "string", "only lists, models or rules: list, model or rule" } },
	columns = {
		{ "detection", "string", "its name" }, { "type", "string", "list, model or rule" },
		{ "mode", "string", "learning, detecting or off" }, { "since", "time", "when that was set" },
		{ "stable", "time", "when it learned something last" }, { "rows", "count", "rows of its list" },
		{ "alerts", "count", "new alerts" }, { "severity", "string", "of its alerts" }, { "settings", "string", "its thresholds" },
		{ "doc", "string", "what it is" },
	},
	run = function(args)
		local out, new, listed = {}, alerts_by_kind(), {}
		for name, list in learn.store.lists:pairs() do
			out[#out + 1] = of_list(name, list, new)
			listed[list.kind or name] = true
		end
		for name, kind in store.kinds:pairs() do
			if not listed[name] and not kind.list then
				out[#out + 1] = {
					detection = name, type = "rule", mode = setting(name, "on",
						kind.settings.on) and "detecting" or "off", alerts = new[name] or 0,
					severity = kind.severity, settings = settings_text(name, kind.settings),
						doc = kind.doc or kind.en[1],
				}
			end
		end
		if not args.type then return out end
		local some = {}
		for _, row in ipairs(out) do if row.type == args.type then some[#some + 1] = row end end
		return some
	end,
}

-- "25" is a number, "off" a switch, "2m" a span that the rule reads.
local function value_of(text)
	if text == "on" or text == "true" then return true end
	if text == "off" or text == "false" then return false end
	return math.tointeger(tonumber(text)) or tonumber(text) or text
end

command.new {
	name = "detections set", doc = "Change a setting of a detection: on, quiet, or one of its thresholds.", writes = true,
	args = {
		{ "detection", "string", "which" }, { "name", "string", "of the setting" },
		{ "value", "string", "the new value; default takes it back" },
	},
	run = function(args)
		local kind = store.kinds:get(args.detection or "")
		if not kind then error("there is no detection " .. tostring(args.detection) .. " with settings", 0) end
		local given, names = kind.settings[args.name], {}
		for name in sorted(kind.settings) do names[#names + 1] = name end
		if given == nil then error(args.detection .. " has the settings " .. table.concat(names, ", "), 0) end
		local value = value_of(args.value or "default")
		if value == "default" then
			store.settings:remove { args.detection, args.name }
		elseif type(value) ~= type(given) then
			error(args.name .. " is a " .. type(given) .. ", such as " .. tostring(given), 0)
		else
			store.settings:set({ args.detection, args.name }, value)
		end
		raise("alert.changed", { kind = args.detection })
	end,
}
