-- Somebody stops or starts a controller or switches its mode: rare, and never by surprise.
on("ot.operation", { op = { "stop", "start", "mode" } }, function(e)
	print(e.ts:format("%H:%M:%S") .. "  " .. e.client .. " sends " .. e.op .. " to " .. e.server .. ": " .. e.protocol .. " " .. e.func)
end)
