-- A host that is not on this list changes or controls a device: told once for each such host.
-- Works for every protocol: ot.operation is what all dissectors of industrial protocols speak.
local may_change = {
	[addr "192.168.10.20"] = "HMI of line 1",
	[addr "192.168.10.30"] = "engineering station",
}
local told = state.set { name = "told", key = "addr" }
on("ot.operation", { category = { "change", "control" } }, function(e)
	if may_change[e.client] or not told:add(e.client) then return end
	print(e.ts:format("%H:%M:%S") .. "  stranger " .. e.client .. " changes " .. e.server .. ": " .. e.func)
end)
