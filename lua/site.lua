-- site.lua - whose an address is: the plant's own, or the internet's behind a router. Plants use public ranges inside, too.
--
-- A MAC address that carries public addresses of three networks or more is a router's: what comes through it is the internet. A public
-- address that comes from a MAC address of its own is a terminal like any other. scripts/learning/networks.lua fills the store.

local memo = require "memo"

local site = {}

local MANY = 3

site.carried = state.map { name = "site.carried", key = "mac", max = 20000 } -- MAC -> public networks it carried, as many as tell

event.new { name = "site.router", doc = "A MAC address turned out to be a router to the internet.", { "mac", "mac", "which" } }

site.network = memo(function(a)
  local text = tostring(a)
  return a:family() == "ipv4" and text:match("^(.*)%.%d+$") or text:match("^(%x*:%x*:%x*)") or text
end)

local routers = {} -- once one, always one

function site.is_router(mac)
  if not mac or routers[mac] then return mac ~= nil end
  local networks = site.carried:get(mac)
  if not networks or #networks < MANY then return false end
  routers[mac] = true
  return true
end

-- Calls f soon after routers were found, once for all that were, with a function that says whether an address, as text, is of the networks
-- by which they were known, and a list of texts of which each such address has one in it.
function site.each_router(f)
  local networks
  local function look(text)
    local network = text:match "^(%d+%.%d+%.%d+)%.%d+$"
    if not network then
      local ok, a = pcall(addr, text)
      network = ok and a:family() ~= "mac" and site.network(a)
    end
    return network and networks[network]
  end
  local function tell()
    local texts = {}
    for network in sorted(networks or {}) do texts[#texts + 1] = network end
    if networks then f(memo(look), texts) end
    networks = nil
  end
  on("site.router", function(e)
    if not networks then
      networks = {}
      after("10s", tell)
    end
    for _, network in ipairs(site.carried:get(e.mac) or {}) do networks[network] = true end
  end)
  on("finish", tell)
end

-- True when that made the MAC address a router's.
function site.carries(mac, a)
  local networks, network = site.carried:get(mac) or {}, site.network(a)
  if #networks >= MANY then return false end
  for _, known in ipairs(networks) do if known == network then return false end end
  networks[#networks + 1] = network
  site.carried:set(mac, networks)
  return #networks >= MANY
end

local own = { private = true, ["link-local"] = true, shared = true, benchmarking = true }
local groups = { multicast = true, broadcast = true, ["limited broadcast"] = true }

site.is_group = memo(function(a)
  if a:family() == "mac" then return tonumber(tostring(a):sub(1, 2), 16) & 1 == 1 end
  return groups[a:special() or ""] or tostring(a):find("%.255$") ~= nil
end)

-- Documentation ranges stand for the internet in examples.
local is_public = memo(function(a)
  local special = a:special()
  return special == nil or special == "documentation"
end)
site.is_public = is_public

local OWN, PUBLIC, NONE = 1, 2, 3

local kind_of = memo(function(a)
  if a:family() == "mac" then return not site.is_group(a) and tostring(a) ~= "00:00:00:00:00:00" and OWN or NONE end
  if site.is_group(a) then return NONE end
  return own[a:special() or ""] and OWN or is_public(a) and PUBLIC or NONE
end)

-- Somebody on the internet; `mac` is who brought the packet, or where it was sent.
function site.is_internet(a, mac)
  return a:family() ~= "mac" and is_public(a) and site.is_router(mac)
end

-- A terminal of the plant: has an address that stations have.
function site.is_terminal(a, mac)
  local kind = kind_of(a)
  return kind == OWN or kind == PUBLIC and not site.is_router(mac)
end

return site
