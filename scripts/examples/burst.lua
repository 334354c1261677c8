-- A client that tries more than ten functions on a device within ten seconds, none of which it used in the hour before: a scan.
local used = state.set { name = "functions_used", key = { "addr", "addr", "string" }, expire = "1h" }
local fresh = state.window { name = "functions_new", key = { "addr", "addr" }, span = "10s" }
local told = state.set { name = "told_of_scan", key = { "addr", "addr" }, expire = "10m" }

on("ot.operation", function(e)
	if not used:add { e.client, e.server, e.func } then return end
	local pair = { e.client, e.server }
	if fresh:add(pair) > 10 and told:add(pair) then
		print(e.ts:format("%H:%M:%S") .. "  " .. e.client .. " tries one function after another on " .. e.server)
	end
end)
