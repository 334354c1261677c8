-- An alert of one's own: a controller is stopped by somebody who is not an engineering station.
local alert = require "alert"

local engineering = { [addr "192.168.10.30"] = true }

local stopped = alert.kind {
	name = "stop_by_stranger", severity = "high", attack = { "T0858" }, settings = { quiet = "10m" },
	en = { "A stranger stops a controller", "{client} stops {server}: {func} ({protocol}).", "Production may stand still.",
		"Ask who works at the machine; look for {client} on the network plan." },
}

on("ot.operation", { op = "stop" }, function(e)
	if not engineering[e.client] then stopped { event = e } end
end)
