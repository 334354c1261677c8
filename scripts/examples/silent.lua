-- A client that asked a server all the time and then stopped: told once it has been silent for a minute.
local last = state.map { name = "last_asked", key = { "addr", "addr" }, max = 10000 }
local many = state.count { name = "times_asked", key = { "addr", "addr" }, max = 10000 }

on("ot.operation", { category = "observe" }, function(e)
	last:set({ e.client, e.server }, e.ts)
	many:add { e.client, e.server }
end)

every("10s", function(now)
	for client, server, ts in last:pairs() do
		if now - ts > interval "1m" then
			if many:get { client, server } > 20 then
				print(now:format("%H:%M:%S") .. "  " .. client .. " no longer asks " .. server)
			end
			last:remove { client, server }
			many:remove { client, server }
		end
	end
end)

-- Silence in a hole of the recording means nothing.
on("capture.gap", function()
	last:clear()
	many:clear()
end)
