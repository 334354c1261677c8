-- A machine that has another address of the DHCP server is the same one: what was usual of it stays so.
local usual = require "usual"

-- The key with the other address; nil: it has nothing to do with it.
local function with_address(key, was, is)
  local parts, found = {}, false
  for part in key:gmatch "%S+" do
    found = found or part == was
    parts[#parts + 1] = part == was and is or part
  end
  return found and table.concat(parts, " ") or nil
end

on("asset.moved", "what == ip and evidence ~ 'dhcp gives'", function(e)
  local moved = {}
  for rule, key in usual:pairs() do
    local other = with_address(key, e.was, e.is)
    if other then moved[#moved + 1] = { rule, other } end
  end
  for _, row in ipairs(moved) do usual:add(row) end
end)
