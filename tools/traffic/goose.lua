-- GOOSE (IEC 61850-8-1 annex A, EtherType 0x88b8): a publisher with its control block, its states and repetitions.

local ber = require "ber"

local goose = {}
local pack = string.pack

local ETHERTYPE <const>, SMALLEST <const> = 0x88b8, 46

local element = ber.element
local function number(tag, n) return ber.int(n, tag) end

function goose.bool(v) return element(0x83, v and "\255" or "\0") end
function goose.bits(v, unused) return element(0x84, string.char(unused or 0) .. v) end
function goose.int(n) return element(0x85, pack(">i4", n)) end
function goose.real(x) return element(0x87, "\8" .. pack(">f", x)) end
function goose.text(s) return element(0x8a, s) end
function goose.structure(...) return element(0xa2, table.concat { ... }) end

-- A publisher: { src, appid, group (last byte of the address), gocb, dataset, go_id, conf_rev, values = list of elements }.
function goose.publisher(o)
  return setmetatable(o, { __index = { st = 1, sq = 0, conf_rev = 1, ttl = 2000, appid = 0x3001, group = 1, changed = 0 } })
end

-- options: src (another sender), st, sq, simulation, nds_com, leave_out (a tag), tail (bytes), seconds (of t)
function goose.send(w, p, options)
  local o = options or {}
  local fields = {
    element(0x80, p.gocb), number(0x81, p.ttl), element(0x82, p.dataset), element(0x83, p.go_id),
    element(0x84, pack(">I4", 1715587200 + p.changed) .. "\0\0\0\10"), number(0x85, o.st or p.st), number(0x86, o.sq or p.sq),
    element(0x87, o.simulation and "\255" or "\0"), number(0x88, p.conf_rev), element(0x89, o.nds_com and "\255" or "\0"),
    number(0x8a, #p.values), element(0xab, table.concat(p.values)),
  }
  if o.leave_out then table.remove(fields, o.leave_out) end
  local pdu = element(0x61, table.concat(fields) .. (o.tail or ""))
  local group = { mac_bytes = "\1\12\205\1\0" .. string.char(p.group), group = true }
  local src = o.src or p.src
  w.truth:add("goose", { src_mac = src.mac, gocb_ref = p.gocb, appid = ("0x%04x"):format(p.appid) }, { number = 1 })
  local payload = pack(">I2I2I2I2", p.appid, #pdu + 8, o.simulation and 0x8000 or 0, 0) .. pdu
  w:frame(src, group, ETHERTYPE, payload .. ("\0"):rep(SMALLEST - #payload))
  if not options or not options.src then p.sq = (o.sq or p.sq) + 1 end
end

-- Another state: the values, then repetitions that come slower and slower.
function goose.change(w, p, values)
  p.st, p.sq, p.values, p.changed = p.st + 1, 0, values, p.changed + 1
  for _, pause in ipairs { 0.002, 0.004, 0.008, 0.016, 0.5 } do
    goose.send(w, p)
    w:sleep(pause)
  end
end

return goose
