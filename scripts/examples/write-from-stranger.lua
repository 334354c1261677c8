-- A host that is not on this list changes or controls a device. Told once for each such host.
local may_change = {
	[addr "192.168.10.20"] = "HMI of line 1",
	[addr "192.168.10.30"] = "engineering station",
}
local told = {}
on("ot.operation", { category = { "change", "control" } }, function(e)
	if may_change[e.client] or told[e.client] then return end
	told[e.client] = true
	print(e.ts:format("%H:%M:%S") .. "  stranger " .. e.client .. " changes " .. e.server .. ": " .. e.func)
end)
