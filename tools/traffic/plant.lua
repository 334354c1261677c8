-- Hosts of a plant: names, roles, addresses, makers, and how their operating system writes a TCP SYN.
--
-- Knows the address blocks of real makers (IEEE MA-L), so that an inventory built from the traffic names them.

local wire = require "wire"

local plant = {}

plant.OUI = {
  advantech = "00:d0:c9", allied_telesis = "00:00:cd", brother = "00:80:77", dell = "00:14:22",
  hewlett_packard = "00:17:a4", intel = "00:1b:21", mitsubishi = "00:26:92", moxa = "00:90:e8", omron = "00:00:0a",
  phoenix_contact = "00:a0:45", raspberry_pi = "b8:27:eb", rockwell = "00:00:bc", schneider = "00:80:f4",
  siemens = "00:1b:1b",
  vmware = "00:0c:29", wago = "00:30:de", wistron = "54:ee:75", yamaha = "00:a0:de",
}

local option = wire.tcp_option

-- The SYN of each kind of host: time to live, window and options in their order. Timestamps and window scale are
-- used by both sides or not at all (RFC 7323).
plant.OS = {
  linux = { ttl = 64, window = 64240, mss = 1460, sack = true, timestamps = true, scale = 7,
    syn = function(os, clock, echo)
      return option.mss(os.mss) .. option.sack_permitted .. option.timestamps(clock, echo or 0) .. option.nop
        .. option.window_scale(os.scale)
    end },
  windows = { ttl = 128, window = 64240, mss = 1460, sack = true, scale = 8,
    syn = function(os)
      return option.mss(os.mss) .. option.nop .. option.window_scale(os.scale) .. option.nop .. option.nop
        .. option.sack_permitted
    end },
  controller = { ttl = 64, window = 8192, mss = 1460, syn = function(os) return option.mss(os.mss) end },
}

local FIRST_EPHEMERAL <const> = 49152 -- RFC 6335, 6

-- spec: name, role, ip; one of mac and vendor; optional ip6, vlan, os, beyond (the router it is behind), facts
-- (what the host tells of itself, for the truth file only). RNG draws what the maker's block leaves open.
function plant.host(spec, rng)
  local host = setmetatable({}, { __index = spec })
  if not spec.mac then
    local oui = assert(plant.OUI[spec.vendor], "no address block for vendor " .. tostring(spec.vendor))
    host.mac = ("%s:%02x:%02x:%02x"):format(oui, rng:below(256), rng:below(256), rng:below(256))
  end
  host.mac_bytes = wire.mac(host.mac)
  host.ip_bytes = spec.ip and wire.ip(spec.ip)
  host.ip6 = spec.ip6 or plant.link_local(host.mac)
  host.ip6_bytes = wire.ip(host.ip6)
  host.os = plant.OS[spec.os or "controller"]
  host.ip_id = rng:below(65536)
  host.port = rng:range(FIRST_EPHEMERAL, 60000)
  return host
end

function plant.next_ip_id(host)
  host.ip_id = (host.ip_id + 1) & 0xffff
  return host.ip_id
end

-- The host's next ephemeral port.
function plant.next_port(host)
  host.port = FIRST_EPHEMERAL + (host.port + 1 - FIRST_EPHEMERAL) % (65536 - FIRST_EPHEMERAL)
  return host.port
end

-- The link-local address made from a MAC (RFC 4291, appendix A).
function plant.link_local(mac)
  local m = wire.mac(mac)
  local identifier = string.char(m:byte(1) ~ 2) .. m:sub(2, 3) .. "\xff\xfe" .. m:sub(4)
  return wire.ip_text("\xfe\x80" .. ("\0"):rep(6) .. identifier)
end

return plant
