-- The CC-Link IE family: frames of Control, Field and TSN, TSN's clock synchronization and SLMP, Field Basic.
-- Written from the field descriptions that NTT's parsers and the CC-Link Partner Association's dissector
-- publish. Layouts of transient data follow CC-Link's transient transmission. Counts each frame in the truth: a row per
-- (protocol, what, sender).

local pack = string.pack

local cclink = {
  ETHERTYPE = 0x890f, PTP_ETHERTYPE = 0x88f7, BASIC_PORT = 61450, SLMP_PORT = 45238,
}

local function count(w, protocol, what, src)
  w.truth:add("cclink", { protocol = protocol, frame = what, src_mac = src.mac }, { frames = 1 })
end

local function padded(bytes, size) return bytes .. ("\0"):rep(size - #bytes) end

-- Field and Control ---------------------------------------------------------------------------------------------------

cclink.FRAME = {
  connect = 0x00, connectAck = 0x01, scan = 0x02, collect = 0x03, select = 0x04, launch = 0x05, token = 0x06,
  persuasion = 0x10, testData = 0x11, testDataAck = 0x12, setup = 0x13, setupAck = 0x14, tokenM = 0x15, timer = 0x1c,
  myStatus = 0x20, transient1 = 0x22, transientAck = 0x23, dummy = 0x24, transient2 = 0x25, ipTransient = 0x26,
  paramCheck = 0x28, parameter = 0x29, nTNTest = 0x2f, measure = 0x40, measureAck = 0x41, offset = 0x42, update = 0x43,
  cyclicDataW = 0x80, cyclicDataB = 0x81, cyclicDataRWw = 0x82, cyclicDataRY = 0x83, cyclicDataRWr = 0x84,
  cyclicDataRX = 0x85, cyclicDataOut1 = 0x8c, cyclicDataOut2 = 0x8d, cyclicDataIn1 = 0x8e, cyclicDataIn2 = 0x8f,
}
cclink.NETWORK = { control = 0x00, field = 0x01, tsn = 0x02, tsn_field = 0x03 }

-- options: network (a NETWORK), data_type, middle (bytes 2 to 5), source (own number), body.
function cclink.frame(w, src, dst, name, options)
  options = options or {}
  local body = pack(">BB", options.type or cclink.FRAME[name], options.data_type or 0) .. (options.middle or "\0\0\0\0")
    .. pack(">I2BB", options.source or 0, options.network or cclink.NETWORK.field, 0)
    .. "\xd1\xc2\xb3\xa4" .. (options.body or "")
  count(w, "cclink_ie", name, src)
  return w:frame(src, dst, cclink.ETHERTYPE, padded(body, 46))
end

function cclink.node(id) return pack(">I2", id) .. "\0\0" end
function cclink.kind(node_type) return "\0\0\0" .. string.char(node_type) end
function cclink.link(id, connection) return pack(">I2BB", id, connection, 0) end

-- CC-Link compatible transient data: to station TO, command type CT; a response carries a return status.
function cclink.compatible(ct, to, from, data)
  return pack("<I2BBBB BB BBBB BBI2 BBI2 I2 BBI2", 22 + #data, 0, 0, 0, 0, to, from, 0, 0, 0, 0, 0, 0, 0x3ff, 0, 0,
    0x3ff, 4 + #data, ct, 0, 0) .. data
end

-- The head of a transient1: fragments carry an offset. DATA is what the data type says.
function cclink.fragment(data, offset) return pack("<BBI2I4I2I2", 0x80, 1, #data, offset or 0, #data, 2) .. data end

-- Network and object services: command, subcommand (0x80 in a response), return status.
function cclink.service(command, response, status, data)
  return pack("<BBI2", command, response and 0x80 or 0, status or 0) .. (data or "")
end

-- TSN -----------------------------------------------------------------------------------------------------------------

local function emit_tsn(w, src, dst, what, body)
  count(w, "cclink_ie_tsn", what, src)
  return w:frame(src, dst, cclink.ETHERTYPE, padded(body, 46))
end

function cclink.tsn_cyclic(w, src, dst, by_master, number, station, data)
  return emit_tsn(w, src, dst, by_master and "cyclicM" or "cyclicS",
    pack(">BBI2I2I4", by_master and 0xc4 or 0xc5, number & 0x7f, station, 0, 0x0badcafe) .. data)
end

function cclink.tsn_priority(w, src, manager)
  return emit_tsn(w, src, nil, "acyclicPriority", "\xc0" .. ("\0"):rep(9) .. "\0\0\0\0" .. src.mac_bytes .. "\1\0"
    .. manager.mac_bytes .. pack(">I2B", 0, 0) .. ("\0"):rep(15))
end

function cclink.tsn_detection(w, src, dst, version)
  return emit_tsn(w, src, dst, "acyclicDetection", pack(">BBI2BB", 0xc1, 0, 0, version, 0x20) .. src.mac_bytes
    .. src.mac_bytes .. pack(">BBI2", 1, 0, 0) .. src.ip_bytes .. "\xff\xff\xff\0" .. ("\0"):rep(28))
end

-- device: node_type, kind, vendor, model, version, functions, more (the second byte, version 1).
function cclink.tsn_detection_ack(w, src, manager, version, device)
  local ports, nothing = ("\0"):rep(24), ("\0"):rep(33)
  return emit_tsn(w, src, manager, "acyclicDetectionAck", pack(">BBBBBB", 0xc2, 0, device.node_type, version, 0x20,
    src.ip_bytes:byte(4)) .. src.mac_bytes .. "\0\0" .. manager.mac_bytes .. pack(">BBBBI2", 1, 1, 2, 1, 0) .. ports
    .. manager.mac_bytes .. "\0\0" .. src.ip_bytes .. "\xff\xff\xff\0\0\0\0\0" .. nothing
    .. "\0\0\0" .. "\xf8\xf8\xfe\x43\x6a\xf8" .. "\3\0\0\0\0\0"
    .. pack(">I2I2I4I2I2", device.version, device.vendor, device.model, 0, device.kind) .. ("\0"):rep(28 + 14 + 2)
    .. string.char(device.functions) .. ("\0"):rep(7) .. (version == 1 and string.char(device.more) or "")
    .. ("\0"):rep(16))
end

function cclink.tsn_test(w, src, dst, ack, network)
  return cclink.frame(w, src, dst, ack and "testDataAck" or "testData",
    { data_type = 1, middle = "\0\0\0\0", source = 1, network = network, body = src.mac_bytes .. ("\0"):rep(26) })
end

function cclink.tsn_data(w, src, dst, slmp) return emit_tsn(w, src, dst, "acyclicData", "\xc3\0\1\2\0\0" .. slmp) end

-- PTP (IEEE 1588-2019, 13.3) ------------------------------------------------------------------------------------------

-- options: sdo (1), domain, sequence, body (default: a timestamp), version, length.
function cclink.ptp(w, src, dst, message, options)
  options = options or {}
  local mac = src.mac_bytes
  local identity = mac:sub(1, 3) .. "\xff\xfe" .. mac:sub(4)
  local body = options.body or ("\0"):rep(10)
  count(w, "cclink_tsn_ptp", tostring(message), src)
  return w:frame(src, dst, cclink.PTP_ETHERTYPE, padded(pack(">BBI2BBI2I8I4", (options.sdo or 1) << 4 | message,
    options.version or 0x12, options.length or 34 + #body, options.domain or 0, 0, 0x0200, 0, 0) .. identity
    .. pack(">I2I2Bb", 1, options.sequence or 0, 5, 0) .. body, 46))
end

function cclink.announce(grandmaster)
  local mac = grandmaster.mac_bytes
  return ("\0"):rep(13) .. pack(">BBBI2B", 246, 248, 0xfe, 0x436a, 248) .. mac:sub(1, 3) .. "\xff\xfe" .. mac:sub(4)
    .. "\0\0\xa0"
end

-- SLMP ----------------------------------------------------------------------------------------------------------------

-- The LMT frame of TSN: like 4E, with an extension station; the length counts from the timer or end code.
function cclink.lmt(response, serial, command, sub, data, end_code)
  local inner = pack("<I2I2I2", response and (end_code or 0) or 0, command, sub) .. data
  return pack("<BBI2I2 BBI2B BI2 I2", response and 0xe8 or 0x68, 0, serial, 0, 0, 0xff, 0x3ff, 0, 0, 0, #inner) .. inner
end

function cclink.three_e(command, sub, data)
  return pack("<BBBBI2BI2I2I2I2", 0x50, 0, 0, 0xff, 0x3ff, 0, 6 + #data, 0, command, sub) .. data
end

function cclink.four_e(response, serial, command, data, end_code)
  local inner = response and pack("<I2", end_code or 0) .. data or pack("<I2I2I2", 0, command, 0) .. data
  return pack("<BBI2I2BBI2BI2", response and 0xd4 or 0x54, 0, serial, 0, 0, 0xff, 0x3ff, 0, #inner) .. inner
end

function cclink.slmp(w, src, dst, bytes, port)
  count(w, "cclink_tsn_slmp", "slmp", src)
  return w:udp(src, port or cclink.SLMP_PORT, dst, port or cclink.SLMP_PORT, bytes)
end

-- Field Basic ---------------------------------------------------------------------------------------------------------

local function reversed(ip) return ip:reverse() end

-- group: number, stations (hosts), and what the master counts. options: sequence, clock (ms), operating.
function cclink.basic_request(w, master, to, group, options)
  local n, addresses = #group.stations, ""
  for _, station in ipairs(group.stations) do addresses = addresses .. reversed(station.ip_bytes) end
  local data = pack("<I2I2I2", 1, 0, 36) .. ("\0"):rep(14) .. pack("<I2I2I8", options.operating == false and 0 or 1, 0,
    options.clock) .. reversed(master.ip_bytes) .. pack("<BBI2I2I2I2I2I2I2", group.number, 0, options.sequence, 500, 3,
    11, n, (1 << n) - 1, 0) .. addresses .. ("\0"):rep(72 * n)
  count(w, "cclink_ief_basic", "cyclicDataReq", master)
  return w:udp(master, cclink.BASIC_PORT, to, cclink.BASIC_PORT, pack("<BBBBI2BI2I2I2I2", 0x50, 0, 0, 0xff, 0x3ff, 0,
    6 + #data, 0, options.command or 0x0e70, 0) .. data)
end

-- options: sequence, end_code, error, operating, and vendor, model, version of the station.
function cclink.basic_response(w, station, master, group, options)
  local data = pack("<I2I2I2", 1, options.end_code or 0, 40) .. ("\0"):rep(14)
    .. pack("<I2I2I4I2I2I2I2I4", options.vendor or 0, 0, options.model or 0, options.version or 0, 0,
    options.operating == false and 0 or 1, options.error or 0, 0) .. reversed(station.ip_bytes)
    .. pack("<BBI2", group.number, 0, options.sequence) .. ("\x5a"):rep(72)
  count(w, "cclink_ief_basic", "cyclicDataRes", station)
  return w:udp(station, cclink.BASIC_PORT, master, cclink.BASIC_PORT, pack("<BBBBI2BI2I2", 0xd0, 0, 0, 0xff, 0x3ff, 0,
    2 + #data, 0) .. data)
end

return cclink
