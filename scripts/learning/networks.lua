-- Which MAC addresses are routers to the internet: they carry public addresses of several networks.
local site = require "site"

local function note(e, address, mac)
	local is_outside = address and mac and site.is_public(address) and not site.is_group(mac)
	if is_outside and site.carries(mac, address) then raise("site.router", { mac = mac }) end
end

local pairs_seen = tally.new { keys = 2 }
pairs_seen:count {
	on = "flow.new", where = "orig_h and orig_mac", key = { "orig_h", "orig_mac" },
	new = function(e) note(e, e.orig_h, e.orig_mac) end,
}
pairs_seen:count {
	on = "flow.new", where = "resp_h and resp_mac", key = { "resp_h", "resp_mac" },
	new = function(e) note(e, e.resp_h, e.resp_mac) end,
}
