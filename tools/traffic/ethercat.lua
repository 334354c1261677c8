-- EtherCAT (IEC 61158-4-12, -6-12, EtherType 0x88a4): a master whose frames go through its slaves and come back.

local ethercat = {}
local pack = string.pack

local ETHERTYPE <const>, SMALLEST <const>, LOCAL <const> = 0x88a4, 46, 2
local COMMANDS <const> = { NOP = 0, APRD = 1, APWR = 2, APRW = 3, FPRD = 4, FPWR = 5, FPRW = 6, BRD = 7, BWR = 8, BRW = 9, LRD = 10,
  LWR = 11, LRW = 12, ARMW = 13, FRMW = 14 }
local GROUP <const> = { mac_bytes = "\1\1\5\1\0\0", group = true }

-- A master: { src, slaves = how many }.
function ethercat.master(o)
  local mac = o.src.mac_bytes
  o.back = { mac_bytes = string.char(mac:byte() | LOCAL) .. mac:sub(2), vlan = o.src.vlan }
  return setmetatable(o, { __index = { slaves = 1, index = 0, counter = 0 } })
end

-- A frame's bytes; type 1 are commands. says: a wrong length.
function ethercat.frame(kind, body, says)
  return pack("<I2", kind << 12 | (says or #body)) .. body
end

-- A datagram, as sent or back. Position (0 the first), station or logical address by the command; back: what was read; wkc.
local function datagram(m, d, returned, more)
  local command = COMMANDS[d[1]] or d[1]
  local data = returned and d.back or d.data or ("\0"):rep(#(d.back or ""))
  local address = pack("<I4", d[2])
  if d[1]:find "^L" == nil then
    local adp = d[2]
    if d[1]:find "^A" then adp = -d[2] & 0xffff end
    if returned and d[1]:find "^[AB]" then adp = adp + m.slaves & 0xffff end
    address = pack("<I2I2", adp, d[3])
  end
  return string.char(command, m.index) .. address .. pack("<I2I2", #data | (more and 0x8000 or 0), returned and d.irq or 0) .. data
    .. pack("<I2", returned and (d.wkc or 1) or 0)
end

-- A frame of datagrams, out and back. Each is { command, address, offset, data =, back =, wkc = }; only: "sent" or "back".
function ethercat.send(w, m, datagrams, only)
  m.index = m.index % 255 + 1
  for _, returned in ipairs { false, true } do
    local parts = {}
    for i, d in ipairs(datagrams) do parts[i] = datagram(m, d, returned, i < #datagrams) end
    local frame = ethercat.frame(1, table.concat(parts))
    if only ~= (returned and "sent" or "back") then
      w:frame(returned and m.back or m.src, GROUP, ETHERTYPE, frame .. ("\0"):rep(SMALLEST - #frame))
    end
    w:sleep(0.0001)
  end
end

-- Any bytes from any host.
function ethercat.raw(w, src, bytes) w:frame(src, GROUP, ETHERTYPE, bytes .. ("\0"):rep(SMALLEST - #bytes)) end

-- Mailboxes ------------------------------------------------------------------------------------------------------------

local PROTOCOLS <const> = { error = 0, aoe = 1, eoe = 2, coe = 3, foe = 4, soe = 5, voe = 15 }
local OUT <const>, IN <const>, SIZE <const> = 0x1000, 0x1080, 128

local function message(m, kind, body, address)
  m.counter = m.counter % 7 + 1
  return pack("<I2I2BB", #body, address or 0, 0, m.counter << 4 | PROTOCOLS[kind]) .. body
end

local function filled(bytes) return bytes .. ("\0"):rep(SIZE - #bytes) end

-- Where a slave's mailboxes are.
function ethercat.set_mailboxes(w, m, station)
  local managers = pack("<I2I2I4I2I2I4", OUT, SIZE, 0x00010026, IN, SIZE, 0x00010022)
  ethercat.send(w, m, { { "FPWR", station, 0x800, data = managers } })
end

-- A message to a slave, and its answer. full: its mailbox takes the message at the second attempt.
function ethercat.ask(w, m, station, kind, body, answer, full)
  local out = filled(message(m, kind, body))
  if full then ethercat.send(w, m, { { "FPWR", station, OUT, data = out, wkc = 0 } }) end
  ethercat.send(w, m, { { "FPWR", station, OUT, data = out } })
  if answer then
    ethercat.send(w, m, { { "FPRD", station, IN, back = ("\0"):rep(SIZE), wkc = 0 } })
    ethercat.tell(w, m, station, kind, answer)
  end
end

-- A message of a slave.
function ethercat.tell(w, m, station, kind, body)
  ethercat.send(w, m, { { "FPRD", station, IN, back = filled(message(m, kind, body)) } })
end

-- A message as it stands in a frame of the mailbox gateway.
function ethercat.gateway(m, station, kind, body) return ethercat.frame(5, message(m, kind, body, station)) end

function ethercat.coe(service, body) return pack("<I2", service << 12) .. body end
function ethercat.sdo(command, object, subindex, rest) return pack("<BI2B", command, object, subindex) .. (rest or "\0\0\0\0") end

-- A file into a slave, in packets of a full mailbox.
function ethercat.write_file(w, m, station, name, content)
  local room, packet = SIZE - 12, 0
  ethercat.ask(w, m, station, "foe", pack("<BBI4", 2, 0, 0x1234) .. name, pack("<BBI4", 4, 0, 0), true)
  repeat
    packet = packet + 1
    local piece = content:sub((packet - 1) * room + 1, packet * room)
    if packet == 2 then ethercat.tell(w, m, station, "foe", pack("<BBI2I2", 6, 0, 50, 100) .. "erasing") end
    ethercat.ask(w, m, station, "foe", pack("<BBI4", 3, 0, packet) .. piece, pack("<BBI4", 4, 0, packet))
  until #piece < room
end

-- A file out of a slave.
function ethercat.read_file(w, m, station, name, content)
  local room, packet = SIZE - 12, 0
  local ask = pack("<BBI4", 1, 0, 0) .. name
  repeat
    packet = packet + 1
    local piece = content:sub((packet - 1) * room + 1, packet * room)
    ethercat.ask(w, m, station, "foe", ask, pack("<BBI4", 3, 0, packet) .. piece)
    ask = pack("<BBI4", 4, 0, packet)
  until #piece < room
end

-- An Ethernet frame to a slave, in pieces of at most PIECE bytes (a multiple of 32).
function ethercat.tunnel(w, m, station, frame, piece)
  local number, at = 0, 0
  m.frames = ((m.frames or 0) + 1) % 16
  while at < #frame do
    local part = frame:sub(at + 1, at + piece)
    local second = number | (number == 0 and (#frame + 31) // 32 or at // 32) << 6 | m.frames << 12
    ethercat.ask(w, m, station, "eoe", pack("<I2I2", at + #part == #frame and 0x100 or 0, second) .. part)
    number, at = number + 1, at + #part
  end
end

return ethercat
