-- The CC-Link IE family: frames of Field, Control and TSN (EtherType 0x890F), its PTP (0x88F7), SLMP in TSN and Field Basic
-- (UDP). Each is counted in the truth under the words of NTT's parsers, which people's logs have. From the dissectors that
-- the CC-Link Partner Association publishes, NTT's parsers, the structures of rt-labs' c-link, IEC 61158-6-23 for transient
-- messages and IEEE 1588 for PTP.

local wire = require "wire"

local cclink = {}
local pack = string.pack

local ETHERTYPE <const>, PTP <const> = 0x890f, 0x88f7

-- Frames of Field and Control: first byte, what its bytes 2 to 5 are, and which of them a log of Control shows.
local FRAME <const> = {
  connect = { 0x00, "scan" }, connectAck = { 0x01, "scan" }, scan = { 0x02, "scan" }, collect = { 0x03, "scan" },
  select = { 0x04, "scan" }, launch = { 0x05, "scan" }, token = { 0x06, "scan" }, dummy = { 0x24, "scan" },
  nTNTest = { 0x2f, "scan" }, cyclicDataW = { 0x80, "scan" }, cyclicDataB = { 0x81, "scan" },
  cyclicDataOut1 = { 0x8c, "scan" }, cyclicDataOut2 = { 0x8d, "scan" }, cyclicDataIn1 = { 0x8e, "scan" },
  cyclicDataIn2 = { 0x8f, "scan" }, persuasion = { 0x10, "type", "type" }, testData = { 0x11, "type", "type" },
  testDataAck = { 0x12, "type", "type" }, setup = { 0x13, "id", "id" }, setupAck = { 0x14, "none" },
  tokenM = { 0x15, "id", "id" }, timer = { 0x1c, "none" }, myStatus = { 0x20, "status", "id" },
  transient1 = { 0x22, "info", "info" }, transientAck = { 0x23, "info" }, transient2 = { 0x25, "info", "info" },
  ipTransient = { 0x26, "info" }, paramCheck = { 0x28, "info" }, parameter = { 0x29, "info" }, measure = { 0x40, "id" },
  measureAck = { 0x41, "id" }, offset = { 0x42, "id" }, update = { 0x43, "id" }, cyclicDataRWw = { 0x82, "id" },
  cyclicDataRY = { 0x83, "id" }, cyclicDataRWr = { 0x84, "id" }, cyclicDataRX = { 0x85, "id" },
}
cclink.FRAME = FRAME
local MIDDLE <const> = {
  id = function(o) return pack(">I2I2", o.node_id, 0) end,
  status = function(o) return pack(">I2BB", o.node_id, 0, o.node_type) end,
  info = function(o) return pack(">I2BB", o.node_id, o.connection_info, 0) end,
  type = function(o) return pack(">I3B", 0, o.node_type) end,
  none = function() return ("\0"):rep(4) end,
  scan = function() return pack(">I3B", 7, 0) end,
}
local NODE_TYPE <const> = {
  cclink_ie_field = { [0x30] = "master node", [0x32] = "local node", [0x33] = "intelligent device node",
    [0x34] = "remote device node", [0x35] = "remote I/O node" },
  cclink_ie_control = { [0x00] = "management node", [0x02] = "normal node", [0x21] = "master node in the Node-to-node test" },
}

-- What a log shows of the middle of a frame.
local function shown(row, what, service, o)
  if what == "id" or what == "status" or what == "info" then row.node_id = o.node_id end
  if what == "status" or what == "type" then row.node_type = NODE_TYPE[service][o.node_type] end
  if what == "info" then row.connection_info = ("0x%02x"):format(o.connection_info) end
end

local function told(w, section, src, dst, row)
  row.src_mac, row.dst_mac = src.mac, dst and wire.mac_text(dst.mac_bytes) or "ff:ff:ff:ff:ff:ff"
  w.truth:add(section, row, { number = 1 })
end

-- options: control (else Field), node_id, node_type, connection_info, data_type, src_node, cmd (what the log calls the
-- message), body, header_check (the HEC, which nobody publishes how to make).
function cclink.frame(w, src, dst, name, options)
  local o = setmetatable(options or {}, { __index = { node_id = 1, node_type = 0x30, connection_info = 0x13, data_type = 0,
    src_node = 1, body = ("\0"):rep(32) } })
  local kind, service = FRAME[name], o.control and "cclink_ie_control" or "cclink_ie_field"
  local row = { service = service, pdu_type = name, cmd = o.cmd, src_node_number = ("0x%04x"):format(o.src_node) }
  shown(row, o.control and (kind[3] or "none") or kind[2], service, o)
  told(w, "cclink_ie", src, dst, row)
  return w:frame(src, dst, ETHERTYPE, pack("BB", kind[1], o.data_type) .. MIDDLE[kind[2]](o)
    .. pack(">I2BBI4", o.src_node, o.control and 0 or 1, 0, o.header_check or 0) .. o.body)
end

-- Transient messages -----------------------------------------------------------------------------------------------------

-- The parts of a message: sequence, identification, size of the whole, offset, size of this part, kind of data.
local function part_header(data, offset, whole)
  return pack(">BBI2I4I2I2", 0x80, 1, whole or #data, offset or 0, #data, 0)
end

-- The message of MELSECNET: length, target and source stations, modules and networks; CT is its command.
local function message(ct, data)
  return pack(">I2BBBBBB", 20 + #data, 0, 0x82, 0, 0, 2, 1) .. pack("BBBBBB", 0, 0, 0, 0, 1, 1)
    .. pack(">I2BBI2I2", 0x03ff, 1, 2, 0x03ff, #data + 4) .. pack(">BBI2", ct, 0, 1) .. data
end

local CT <const> = { getMemoryAccessInfo = 0x04, run = 0x08, stop = 0x09, readMemory = 0x10, writeMemory = 0x12,
  messageTransfer = 0x20 }
cclink.CT = CT

-- CMD: a word of CT; or nil, and options.ct and options.cmd of one that nobody names.
function cclink.transient2(w, src, dst, cmd, options)
  options = options or {}
  options.cmd = cmd or options.cmd
  options.data_type, options.body = 4, message(CT[cmd] or options.ct, options.data or ("\0"):rep(8))
  return cclink.frame(w, src, dst, "transient2", options)
end

-- Data type 5 carries SLMP as messages of MELSECNET, 7 and 8 have commands of their own.
local COMMAND <const> = {
  slmpTransmitRequest = { 5, 0x30 }, slmpTransmitResponse = { 5, 0xb0 },
  deliverNodeInformation = { 7, 0x01 }, getStatisticalInformation = { 7, 0x03 },
  acquiresDetailedNodeInformation = { 7, 0x04 }, acquiresOptionalInformation = { 7, 0x0a },
  communicationCycleSetting = { 8, 0x01 }, objectRead = { 8, 0x02 }, objectWrite = { 8, 0x03 },
}
cclink.COMMAND = COMMAND

-- options: response, data; offset and whole for a later part of a message, which says no command.
function cclink.transient1(w, src, dst, name, options)
  options = options or {}
  local kind = COMMAND[name]
  local data = kind[1] == 5 and message(kind[2], options.data or "")
    or pack("BB", kind[2], options.response and 0x80 or 0) .. (options.data or ("\0"):rep(14))
  options.data_type = kind[1]
  options.body = part_header(data, options.offset, options.whole) .. data .. ("\0"):rep(4)
  if not options.control and not options.offset then
    options.cmd = name .. (kind[1] == 5 and "" or options.response and "Response" or "Request")
  end
  return cclink.frame(w, src, dst, "transient1", options)
end

-- TSN --------------------------------------------------------------------------------------------------------------------

-- One frame of TSN as given; row: pdu_type, node_type, device_type, function_name, service.
local function tsn(w, src, dst, payload, cyclic, row)
  row.flame_type, row.service = cyclic and "cyclic" or "acyclic", row.service or "cclink_ie_tsn"
  told(w, "cclink_ie_tsn", src, dst, row)
  return w:frame(src, dst, ETHERTYPE, payload)
end

-- A cyclic frame with one sub-payload: target station, length, permission, sequence, diagnosis, address, data; then the end.
function cclink.tsn_cyclic(w, src, dst, from_master, data)
  local header = pack(">BBI2I2I4", from_master and 0xc4 or 0xc5, 3, 0x03fd, 0, 0)
  local payload = pack(">I2I2B", 0x2f01, #data, 0) .. pack(">I2BI3BI4", 0x8000, 0, 0, 0, 0x100) .. data
  return tsn(w, src, dst, header .. payload .. (from_master and "" or "\0\0\0\0") .. "\0\0", true,
    { pdu_type = from_master and "cyclicM/cyclicMs" or "cyclicS/cyclicSs" })
end

function cclink.tsn_priority(w, src)
  return tsn(w, src, nil, "\xc0" .. ("\0"):rep(9) .. pack(">I4", 0) .. src.mac_bytes .. "\1\0" .. src.mac_bytes
    .. "\0\0\0" .. ("\0"):rep(15), false, { pdu_type = "acyclicPriority" })
end

function cclink.tsn_detection(w, src, dst, version)
  return tsn(w, src, dst, "\xc1\0\0\0" .. pack("BB", version, 0x20) .. src.mac_bytes .. src.mac_bytes .. "\1\0\0\0"
    .. src.ip_bytes .. "\xff\xff\xff\0" .. ("\0"):rep(17) .. ("\0"):rep(11), false,
    { pdu_type = ("acyclicDetection Ver.%d"):format(version) })
end

local STATION <const> = { master = { 0, "master station" }, slave = { 1, "slave station" },
  switch = { 2, "managed switch" }, prohibited = { 3, "use prohibited" }, sub_master = { 4, "sub-master station" },
  undefined = { 0x0b, "unknown-11" } }
-- Letters of the functions, from the high bit of each byte on.
local FUNCTIONS <const> = { "-srSbwcl", "vtpdiImR" }

local function letters(first, second)
  local out = {}
  for i, byte in ipairs { first, second } do
    for bit = 7, 0, -1 do
      if byte >> bit & 1 == 1 then out[#out + 1] = FUNCTIONS[i]:sub(8 - bit, 8 - bit) end
    end
  end
  return table.concat(out)
end

-- options: version, station, no_cyclic (messages only), device_type { code, name }, functions { byte, byte },
-- vendor_code, model_code.
function cclink.tsn_detection_ack(w, src, dst, o)
  local first, second = table.unpack(o.functions)
  local node, port, nothing = STATION[o.station], "\1\1\2\1", "\0\0"
  local head = "\xc2\0" .. pack("BBBB", node[1] | (o.no_cyclic and 0x80 or 0), o.version, 0x20, src.ip_bytes:byte(4))
    .. src.mac_bytes .. nothing .. dst.mac_bytes .. port .. nothing .. "\x30" .. ("\0"):rep(11) .. ("\0"):rep(12)
    .. dst.mac_bytes .. nothing .. src.ip_bytes .. "\xff\xff\xff\0" .. ("\0"):rep(37) .. "\0" .. nothing
    .. "\x80\xf8\xfe\xff\xff\x80" .. "\3" .. ("\0"):rep(5)
  local device = pack(">I2I2I4I2I2", 1, o.vendor_code or 0, o.model_code or 0x1234, 0, o.device_type[1]) .. ("\0"):rep(42)
    .. nothing .. pack("BB", first, 0) .. ("\0"):rep(6)
  local rest = o.version == 1 and pack("B", second) .. ("\0"):rep(15) or ""
  return tsn(w, src, dst, head .. device .. rest .. ("\0"):rep(4), false, {
    pdu_type = ("acyclicDetectionAck Ver.%d"):format(o.version), node_type = node[2], device_type = o.device_type[2],
    function_name = letters(first, o.version == 1 and second or 0),
  })
end

-- ACK or not; SHARED: in a network of TSN and Field.
function cclink.tsn_test(w, src, dst, ack, shared)
  return tsn(w, src, dst, pack(">BBI3BI2BBI4", ack and 0x12 or 0x11, 1, 0, 0, 3, shared and 3 or 2, 0, 0) .. src.mac_bytes
    .. "\1\0" .. ("\0"):rep(24), false, { pdu_type = ack and "acyclicTestDataAck" or "acyclicTestData",
    node_type = "master station", service = shared and "cclink_ie_tsn&field" })
end

-- SLMP (the bytes of a frame) in a frame of TSN.
function cclink.tsn_data(w, src, dst, slmp)
  return tsn(w, src, dst, "\xc3\0" .. dst.ip_bytes:sub(3) .. "\0\0" .. slmp, false, { pdu_type = "acyclicData" })
end

-- PTP: the common header of IEEE 1588 with CC-Link's SDO, then what the type carries.
local PTP_TYPE <const> = { ptpSync = { 0, 10 }, ptpPdelayReq = { 2, 20 }, ptpPdelayResp = { 3, 20 }, ptpFollowUp = { 8, 10 },
  ptpPdelayRespFollowUp = { 10, 20 }, ptpAnnounce = { 11, 30 }, ptpdelayReq = { 1, 10 }, ptpdelayResp = { 9, 20 },
  ptpSignaling = { 12, 10 }, ptpManagement = { 13, 14 } }
-- SDO: 2 is CC-Link IE TSN's, 1 that of IEEE 802.1AS; 0 is IEEE 1588 of somebody else, which the truth leaves out.
function cclink.ptp(w, src, dst, name, sequence, sdo)
  local kind = PTP_TYPE[name]
  local identity = src.mac_bytes:sub(1, 3) .. "\xff\xfe" .. src.mac_bytes:sub(4)
  if sdo ~= 0 then told(w, "cclink_ie_tsn_ptp", src, dst, { pdu_type = name }) end
  return w:frame(src, dst, PTP, pack(">BBI2BBI2I8I4", (sdo or 2) << 4 | kind[1], 0x12, 34 + kind[2], 0, 0, 0, 0, 0) .. identity
    .. pack(">I2I2BB", 1, sequence, 5, 0) .. ("\0"):rep(kind[2]))
end

-- SLMP of TSN: frames with a large node number, and a command for each step of setting a network up ---------------------------

local STEP <const> = {
  NetworkConfigMain = { 0x0e90, 0 }, NetworkConfigTslt = { 0x0e90, 1 }, MasterConfig = { 0x0e91, 0 }, SlaveConfig = { 0x0e92, 0 },
  CyclicConfigMain = { 0x0e93, 0 }, CyclicConfigTrnSubPayload = { 0x0e93, 1 }, CyclicConfigRcvSubPayload = { 0x0e93, 2 },
  CyclicConfigRcvSrcInfo = { 0x0e93, 3 }, Notification = { 0x0e94, 0 },
}
cclink.STEP = STEP

local function lmt(response, name, serial, end_code, data)
  local content = pack("<I2I2I2BBI2I2", response and end_code or 0, STEP[name][1], STEP[name][2], 0, 0, 0, 0) .. data
  return pack(">I2", response and 0xe800 or 0x6800) .. pack("<I2I2BBI2BBI2I2", serial, 0, 0, 0xff, 0x3ff, 0, 0, 0, #content)
    .. content
end

-- One message from SRC to DST. options: port (45238), response, end_code, serial, data.
function cclink.tsn_slmp(w, src, dst, name, options)
  local o = options or {}
  local port = o.port or 45238
  w.truth:add("cclink_ie_tsn_slmp", { orig = src.ip, resp = dst.ip, port = port, cmd = (o.response and "Res" or "Req") .. name },
    { number = 1 })
  return w:udp(src, port, dst, port, lmt(o.response, name, o.serial or 0, o.end_code or 0, o.data or ("\0"):rep(4)))
end

-- Field Basic --------------------------------------------------------------------------------------------------------------

local BASIC_PORT <const> = 61450

local function number_of(ip_bytes) return (string.unpack(">I4", ip_bytes)) end

-- What a master sends to its group. options: group, sequence, stations (IP bytes each), state (a bit a station), running,
-- command, version.
function cclink.basic_request(w, master, everybody, o)
  local n, ids = #o.stations, {}
  for i, ip in ipairs(o.stations) do ids[i] = pack("<I4", number_of(ip)) end
  local data = pack("<I2I2I2", o.version or 1, 0, 36) .. ("\0"):rep(14) .. pack("<I2I2I8", o.running == false and 0 or 1, 0, 0)
    .. pack("<I4BBI2I2I2I2I2I2I2", number_of(master.ip_bytes), o.group or 1, 0, o.sequence, 500, 3, 1, n, o.state or (1 << n) - 1, 0)
    .. table.concat(ids) .. ("\1\0"):rep(32 * n) .. ("\x0f"):rep(8 * n)
  local content = pack("<I2I2I2", 0, o.command or 0x0e70, 0) .. data
  w.truth:add("cclink_ief_basic", { orig = master.ip, resp = everybody.ip, pdu = "cyclicDataReq", group = o.group or 1,
    cmd = o.command and "unknown" or "cyclic" }, { number = 1 })
  return w:udp(master, BASIC_PORT, everybody, BASIC_PORT, pack(">I2", 0x5000) .. pack("<BBI2BI2", 0, 0xff, 0x3ff, 0, #content)
    .. content)
end

-- What a station answers. options: group, sequence, end_code, error (its own), vendor_code, model_code, version, stopped.
function cclink.basic_response(w, station, master, o)
  local data = pack("<I2I2I2", o.version or 1, o.end_code or 0, 40) .. ("\0"):rep(14)
    .. pack("<I2I2I4I2I2I2I2I4", o.vendor_code or 0, 0, o.model_code or 0x0a01, 2, 0, o.stopped and 0 or 1, o.error or 0, 0)
    .. pack("<I4BBI2", number_of(station.ip_bytes), o.group or 1, 0, o.sequence) .. ("\2\0"):rep(32) .. ("\xf0"):rep(8)
  w.truth:add("cclink_ief_basic", { orig = station.ip, resp = master.ip, pdu = "cyclicDataRes", group = o.group or 1,
    end_code = o.end_code or 0, error = o.error or 0 }, { number = 1 })
  return w:udp(station, BASIC_PORT, master, BASIC_PORT, pack(">I2", 0xd000) .. pack("<BBI2BI2I2", 0, 0xff, 0x3ff, 0, #data + 2, 0)
    .. data)
end

return cclink
