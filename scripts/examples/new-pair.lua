-- The first time a client changes or controls a server: kept over restarts with --state, forgotten after 90 days.
local known = state.set { name = "change_pairs", key = { "addr", "addr", "string" }, expire = "90d" }

local pairs_log = log.new {
	name = "new_pairs", doc = "Clients that change a server for the first time.",
	columns = { { "client", "addr" }, { "server", "addr" }, { "protocol", "string" }, { "func", "string" } },
}

on("ot.operation", { category = { "change", "control" } }, function(e)
	if known:add { e.client, e.server, e.protocol } then
		pairs_log:write { client = e.client, server = e.server, protocol = e.protocol, func = e.func }
	end
end)
