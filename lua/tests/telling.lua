-- telling.lua - for the tests of alert rules and learning lists: how many alerts a rule raises on a capture or on packets, and packets of
-- kinds that lua/test.lua has no words for.
--
--   local told = dofile(folder .. "/../../lua/tests/telling.lua")(replay)
--   assert.equal(3, told("controller_stop", { capture = "s7comm" }))
--
--   telling.learned(replay)("new_terminal", { packets = ..., till = 100, ... }) -- learns until then, and detects from then on
--
-- Options: capture (of testdata/captures) or packets; settings = { many = 2 } of the rule; code; scripts (others than the rule).

local telling = {}

local function set_code(rule, settings)
  local code = { "local set = state.map { name = 'alerts.settings', key = { 'string', 'string' } }" }
  for name, value in pairs(settings or {}) do
    local text = type(value) == "string" and string.format("%q", value) or tostring(value)
    code[#code + 1] = string.format("set:set({ %q, %q }, %s)", rule, name, text)
  end
  code[#code + 1] = string.format("on('start', function() raise('alert.changed', { kind = %q }) end)", rule)
  return settings and table.concat(code, "\n") .. "\n" or ""
end

local function frame(source, target, ethertype, payload)
  return target .. source .. string.pack(">I2", ethertype) .. payload
end

local function octets(ip)
  local a, b, c, d = ip:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  return string.char(a, b, c, d)
end

local function mac(ip)
  return "\2\0" .. octets(ip)
end

-- An IPv4 packet; macs of the two where they are not made of their addresses.
local function ip(from, to, protocol, payload, macs)
  macs = macs or {}
  local header = string.pack(">BBI2 I2I2 BBI2", 0x45, 0, 20 + #payload, 0, 0x4000, 64, protocol, 0) .. octets(from) .. octets(to)
  return frame(macs.from or mac(from), macs.to or mac(to), 0x0800, header .. payload)
end
telling.ip = ip

-- One TCP segment: flags 2 is SYN, 18 SYN and ACK.
function telling.segment(from, fport, to, tport, flags, macs)
  return ip(from, to, 6, string.pack(">I2I2I4I4BBI2I2I2", fport, tport, 1000, flags == 2 and 0 or 1001, 0x50, flags, 65535, 0, 0), macs)
end

function telling.ping(from, to, number)
  return ip(from, to, 1, string.pack(">BBI2I2I2", 8, 0, 0, 1, number) .. "payload")
end

-- ARP: who has `wanted`?
function telling.arp(from, wanted)
  local body = string.pack(">I2I2BBI2", 1, 0x0800, 6, 4, 1) .. mac(from) .. octets(from) .. string.rep("\0", 6) .. octets(wanted)
  return frame(mac(from), string.rep("\255", 6), 0x0806, body)
end

-- n requests of a connection each for a page ("#" in its name: the number), each answered with `status`; tcp: of lua/test.lua.
function telling.pages(tcp, n, page, status, agent, body)
  local packets = {}
  for i = 1, n do
    local asked = "GET /" .. page:gsub("#", i) .. " HTTP/1.1\r\nHost: plc\r\nUser-Agent: " .. (agent or "x") .. "\r\n\r\n"
    local reply = "HTTP/1.1 " .. status .. " X\r\nContent-Length: " .. #(body or "") .. "\r\n\r\n" .. (body or "")
    packets[i] = tcp("10.0.0.9:" .. 2000 + i, "10.0.0.7:80", { ">", asked }, { "<", reply })
  end
  return packets
end

-- Requests to a web server, each by its first lines, answered, two hours after the other. With telling.FIRST_HOUR as code the lists learn
-- from the first alone.
function telling.requests(tcp, heads)
  local packets = {}
  for i, head in ipairs(heads) do
    packets[i] = { tcp("10.0.0.9:" .. 2000 + i, "10.0.0.7:80", { ">", head .. "\r\nHost: plc\r\n\r\n" },
      { "<", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" }), at = 7200 * i }
  end
  return packets
end
telling.FIRST_HOUR = "\non('http.reply', function() after(60, function() require('learn').set_mode('ot_behaviour', 'detecting') end) end)"

-- n packets, `every` seconds apart, made by f(i).
function telling.many(n, every, f)
  local list = {}
  for i = 1, n do list[i] = { f(i), at = i * every } end
  return list
end

-- A packet much later, so that what waits for time to pass comes to pass.
function telling.later(at)
  return { telling.ping("10.99.0.1", "10.99.0.2", 1), at = at }
end

-- Code after which what was usual while the lists learned is known, so that all else is told of: { code = telling.detecting }.
telling.detecting = [[on("start", function() require("learn").set_mode("ot_behaviour", "detecting") end)]] .. "\n"

-- How many alerts after `till` seconds of learning, which are as many from the first packet on; till = 0: it detects from the start.
function telling.learned(replay)
  local told = telling(replay)
  return function(list, options)
    options.code = (options.code or "") .. string.format([[

local learn = require "learn"
after(%d, function() learn.set_mode(%q, "detecting") end)]], options.till or 100, list)
    return told(list, options)
  end
end

return setmetatable(telling, {
  __call = function(_, replay)
    return function(rule, options)
      local r = replay {
        capture = options.capture and "../../testdata/captures/" .. options.capture .. ".pcap", packets = options.packets,
        scripts = options.scripts or { rule .. ".lua" }, code = set_code(rule, options.settings) .. (options.code or ""), events = "alert",
      }
      assert(#r.errors == 0, r.errors[1])
      local n = 0
      for _, a in ipairs(r.events.alert) do if a.kind == rule then n = n + 1 end end
      return n, r.events.alert, r
    end
  end,
})
