-- PROFINET below IP (EtherType 0x8892): DCP, cyclic data, alarms, delays of lines. From IEC 61158-6-10.

local profinet = {}
local pack = string.pack

local ETHERTYPE <const>, SMALLEST <const> = 0x8892, 46
profinet.ALL_DEVICES = { mac = "01:0e:cf:00:00:00", mac_bytes = "\x01\x0e\xcf\0\0\0", group = true }
profinet.NEIGHBOUR = { mac = "01:80:c2:00:00:0e", mac_bytes = "\x01\x80\xc2\0\0\x0e", group = true }

local function send(w, src, dst, frame_id, body)
  local payload = pack(">I2", frame_id) .. body
  w:frame(src, dst, ETHERTYPE, payload .. ("\0"):rep(SMALLEST - #payload))
end

-- ------------------------------------------------------------------------------------------------ DCP

local OPTION <const> = {
  mac = { 1, 1 }, ip = { 1, 2 }, vendor_value = { 2, 1 }, station_name = { 2, 2 }, device_id = { 2, 3 }, role = { 2, 4 },
  device_options = { 2, 5 }, alias = { 2, 6 }, instance = { 2, 7 }, oem_id = { 2, 8 }, dhcp = { 3, 61 },
  start_transaction = { 5, 1 }, end_transaction = { 5, 2 }, signal = { 5, 3 }, response = { 5, 4 }, factory_reset = { 5, 5 },
  reset_to_factory = { 5, 6 }, initiative = { 6, 1 }, all = { 255, 255 },
}
local SERVICE <const> = { get = 3, set = 4, identify = 5, hello = 6 }

-- A block: { name, data, what stands before the data }.
local function block(b)
  local option, data = OPTION[b[1]], (b[3] and pack(">I2", b[3]) or "") .. (b[2] or "")
  return pack(">BBI2", option[1], option[2], #data) .. data .. (#data % 2 == 1 and "\0" or "")
end

local function message(w, src, dst, frame_id, service, kind, xid, delay, blocks)
  local out = {}
  for i, b in ipairs(blocks) do out[i] = type(b) == "string" and b or block(b) end
  local data = table.concat(out)
  w.truth:add("profinet_dcp", { src_mac = src.mac, dst_mac = dst.mac, service = service, response = kind ~= 0 }, { number = 1 })
  send(w, src, dst, frame_id, pack(">BBI4I2I2", SERVICE[service], kind, xid, delay, #data) .. data)
end

local last_xid = 0x03000000
local function xid()
  last_xid = last_xid + 1
  return last_xid
end

function profinet.identify(w, src, blocks)
  local id = xid()
  message(w, src, profinet.ALL_DEVICES, 0xfefe, "identify", 0, id, 128, blocks)
  return id
end

-- What a device says of itself: { name, model, vendor, device, role, ip = bytes, more = blocks }.
function profinet.self(d)
  local blocks = {
    { "device_options", "\2\1\2\2\2\3\2\4", 0 }, { "vendor_value", d.model, 0 }, { "station_name", d.name, 0 },
    { "device_id", pack(">I2I2", d.vendor or 0x02a, d.device or 0x0313), 0 }, { "role", pack("BB", d.role or 1, 0), 0 },
    { "ip", (d.ip or ("\0"):rep(4)) .. "\xff\xff\xff\0" .. (d.ip or ("\0"):rep(4)), d.ip and (d.status or 1) or 0 },
  }
  for _, b in ipairs(d.more or {}) do blocks[#blocks + 1] = b end
  return blocks
end

function profinet.identified(w, src, dst, id, blocks)
  message(w, src, dst, 0xfeff, "identify", 1, id, 0, blocks)
end

function profinet.hello(w, src, blocks)
  message(w, src, { mac = "01:0e:cf:00:00:01", mac_bytes = "\x01\x0e\xcf\0\0\1", group = true }, 0xfefc, "hello", 0, xid(), 0, blocks)
end

function profinet.set(w, src, dst, blocks)
  local id = xid()
  message(w, src, dst, 0xfefd, "set", 0, id, 0, blocks)
  return id
end

-- Codes of errors by the name of the block; 0: it was done.
function profinet.set_answer(w, src, dst, id, results)
  local blocks = {}
  for i, r in ipairs(results) do
    blocks[i] = { "response", pack("BBB", OPTION[r[1]][1], OPTION[r[1]][2], r[2]) }
  end
  message(w, src, dst, 0xfefd, "set", 1, id, 0, blocks)
end

function profinet.get(w, src, dst, names)
  local id, asked = xid(), {}
  for i, name in ipairs(names) do asked[i] = pack("BB", OPTION[name][1], OPTION[name][2]) end
  message(w, src, dst, 0xfefd, "get", 0, id, 0, asked)
  return id
end

function profinet.get_answer(w, src, dst, id, blocks, kind)
  message(w, src, dst, 0xfefd, "get", kind or 1, id, 0, blocks)
end

-- ------------------------------------------------------------------------------------------------ data, alarms, delays

-- status: 0x35 valid, primary, running, no problem; 0x25 in stop; 0x15 with a problem.
function profinet.cyclic(w, src, dst, frame_id, counter, status)
  send(w, src, dst, frame_id, ("\x80"):rep(40) .. pack(">I2BB", counter % 65536, status or 0x35, 0))
end

function profinet.alarm(w, src, dst, o)
  local body = o.type and pack(">I2I2BBI2I4I2I2I4I4I2", o.high and 1 or 2, 24, 1, 0, o.type, 0, o.slot, o.subslot or 1, 0x30, 1, 0x8801)
    or ""
  send(w, src, dst, o.high and 0xfc01 or 0xfe01, pack(">I2I2BBI2I2I2", 1, 2, 0x10 | (o.pdu or 1), 0x11, 1, 0xffff, #body) .. body)
end

function profinet.delay(w, src)
  send(w, src, profinet.NEIGHBOUR, 0xff40, ("\0"):rep(40))
end

return profinet
