-- What goes out of the plant's sensor: an alert, or what people did with one, as a message that says all that its reader needs.
--
-- The engine puts these events into the spool of the state folder, where `otoscope send` takes them.
local alert = require "alert"
local inventory = require "inventory"
local memo = require "memo"

local store = alert.store

event.new {
	name = "alert.message", doc = "An alert, or a change of its state, as it is told to other systems (otoscope send).",
	{ "at", "time", "packet time" },
	{ "id", "string", "of the alert" },
	{ "state", "string", "new, or what people did: acknowledged, learned, muted, closed, assigned, says" },
	{ "kind", "string", "which rule or list" },
	{ "severity", "string", "info, low, medium, high or critical" },
	{ "category", "string", "what it is about", optional = true },
	{ "protocol", "string", "that was spoken, where the event says so", optional = true },
	{ "source", "addr", "who does it", optional = true },
	{ "source_name", "string", "what its owner calls it", optional = true },
	{ "target", "addr", "to whom", optional = true },
	{ "target_name", "string", "what its owner calls it", optional = true },
	{ "title", "string", "what it is" },
	{ "text", "string", "what happened" },
	{ "meaning", "string", "what it means", optional = true },
	{ "advice", "string", "what to do", optional = true },
	{ "title_ja", "string", "the same in Japanese", optional = true },
	{ "text_ja", "string", "the same in Japanese", optional = true },
	{ "meaning_ja", "string", "the same in Japanese", optional = true },
	{ "advice_ja", "string", "the same in Japanese", optional = true },
	{ "attack", "string", "techniques of MITRE ATT&CK for ICS", optional = true },
	{ "event", "string", "the event that shows it", optional = true },
	{ "evidence", "string", "its fields", optional = true },
	{ "list", "string", "learning list that it broke", optional = true },
	{ "row", "string", "what is not in that list", optional = true },
	{ "threshold", "string", "what was allowed", optional = true },
	{ "value", "string", "what was seen", optional = true },
	{ "uid", "string", "of the connection", optional = true },
	{ "script", "string", "line that raised it", optional = true },
	{ "who", "string", "who changed its state", optional = true },
	{ "comment", "string", "what there is to say", optional = true },
	{ "block", "string", "never: the source must not be cut off, says its owner", optional = true },
}

-- Said in the owner's list of devices or by inventory set: all but a plain yes means never. It is better to miss a block than a machine.
local yes = { yes = true, allowed = true, ok = true, ["可"] = true, ["○"] = true }

local function must_stay(a)
	if not a then return nil end
	for _, said in ipairs(inventory.owner_says(a, "block")) do
		if not yes[said:lower()] then return "never" end
	end
end

local function name_of(a)
	return a and inventory.owner_says(a, "name")[1]
end

-- An event of all protocols names its own; a protocol's event has its name in front; a connection has what it carried.
local shared = { ot = true, asset = true, alert = true, inventory = true, learn = true, capture = true }

local function protocol_of(a)
	local evidence, family = " " .. (a.evidence or ""), (a.event or ""):match "^(.-)%."
	return evidence:match " protocol=(%S+)" or evidence:match " service=(%S+)" or family and not shared[family] and family or nil
end

local taken_over = {
	"kind", "severity", "category", "source", "target", "title", "text", "title_ja", "text_ja", "event", "evidence", "list", "row",
	"threshold", "value", "uid", "script",
}

-- They are said while scripts load.
local kind_of = memo(function(name) return store.kinds:get(name) or { en = {}, ja = {} } end)

local function tell(id, state, who, comment)
	local a = event.wanted "alert.message" and store.alerts:get(id)
	if not a then return end
	local kind = kind_of(a.kind)
	local en, ja = a.advice_en or { kind.en[3], kind.en[4] }, a.advice_ja or { kind.ja[3], kind.ja[4] }
	local m = {
		at = state == "new" and a.first or alert.now(), id = id, state = state, who = who, comment = comment,
		block = must_stay(a.source), protocol = protocol_of(a), source_name = name_of(a.source), target_name = name_of(a.target),
		attack = table.concat(a.attack or {}, " "),
		meaning = en[1], advice = en[2], meaning_ja = ja[1], advice_ja = ja[2],
	}
	for _, name in ipairs(taken_over) do m[name] = a[name] end
	raise("alert.message", m)
end

on("alert", function(e) tell(e.id, "new") end)
on("alert.state", function(e) tell(e.id, e.state, e.who, e.comment) end)
