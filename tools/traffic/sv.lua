-- Sampled values (IEC 61850-9-2, EtherType 0x88ba): a merging unit with its streams.

local ber = require "ber"

local sv = {}
local pack, element = string.pack, ber.element

local ETHERTYPE <const>, TURN <const> = 0x88ba, 2 * math.pi

-- Channels as in 9-2LE: three currents and their sum (mA), three voltages and theirs (10 mV), each with its quality. PHASE is
-- where in a period the sample was taken, 0 to 1; options: current (A), voltage (V), quality.
function sv.channels(phase, o)
  local out, sums = {}, { 0, 0 }
  for kind, peak in ipairs { (o.current or 400) * 1000 * 2 ^ 0.5, (o.voltage or 38105) * 100 * 2 ^ 0.5 } do
    for phase_of = 0, 2 do
      local value = math.floor(peak * math.sin(TURN * (phase - phase_of / 3)))
      sums[kind] = sums[kind] + value
      out[#out + 1] = pack(">i4I4", value, o.quality or 0)
    end
    out[#out + 1] = pack(">i4I4", sums[kind], (o.quality or 0) | 0x2000)
  end
  return table.concat(out)
end

-- A stream: { src, appid, group (last byte of the address), id, rate (samples a second), ... }; anything of `set` can be given.
function sv.stream(o)
  return setmetatable(o, { __index = { count = 0, conf_rev = 1, synch = 2, group = 1, rate = 100, appid = 0x4000 } })
end

-- One set of samples, by its number. dataset, refr_tm, smp_rate, smp_mod, identity are there when they are given.
local function set(s, o)
  local function of(name) return o[name] == nil and s[name] or o[name] end
  local count = of "count"
  return element(0x30, element(0x80, of "id"), of "dataset" and element(0x81, of "dataset") or "", element(0x82, pack(">I2", count)),
    element(0x83, pack(">I4", of "conf_rev")), of "refr_tm" and element(0x84, pack(">I4", of "refr_tm") .. "\0\0\0\10") or "",
    element(0x85, string.char(of "synch")), of "smp_rate" and element(0x86, pack(">I2", of "smp_rate")) or "",
    element(0x87, of "sample" or sv.channels(count / (s.rate / 5), { current = of "current", quality = of "quality" })),
    of "smp_mod" and element(0x88, pack(">I2", of "smp_mod")) or "", of "identity" and element(0x89, of "identity") or "")
end

-- The next set, or `sets` in one frame. options: what the stream has, for this frame; src (another sender), simulation, signature,
-- says (a wrong number of sets), short (the length lacks so much), tail (bytes). With `count` the stream's own number stays.
function sv.send(w, s, options)
  local o = options or {}
  local sets = {}
  for i = 1, o.sets or s.sets or 1 do
    sets[i] = set(s, o)
    if not o.count then s.count = (s.count + 1) % s.rate end
  end
  local pdu = element(0x60, ber.int(o.says or #sets, 0x80), o.signature and element(0xa1, element(4, o.signature)) or "",
    element(0xa2, table.concat(sets)), o.tail or "")
  local src = o.src or s.src
  w.truth:add("sv", { src_mac = src.mac, sv_id = o.id or s.id, appid = ("0x%04x"):format(s.appid) }, { number = #sets })
  local group = { mac_bytes = "\1\12\205\4\0" .. string.char(s.group), group = true }
  w:frame(src, group, ETHERTYPE, pack(">I2I2I2I2", s.appid, #pdu + 8 - (o.short or 0), o.simulation and 0x8000 or 0, 0) .. pdu)
end

return sv
