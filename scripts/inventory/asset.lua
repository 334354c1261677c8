-- asset.lua - everything that is known of one asset, on one page.
local inventory = require "inventory"

command.new {
	name = "asset", doc = "Everything that is known of one asset, on one page.",
	args = { { "who", "string", "its address, MAC address, name or id" } },
	run = function(args)
		if not args.who then error("asset of whom? an address, MAC address, name or id", 0) end
		local list, by_id = inventory.records()
		local page = require "page"
		for _, line in ipairs(page.lines(inventory.find(args.who, list), by_id, args["terminal.width"])) do print(line) end
	end,
}
