-- S7comm, from the published descriptions of the protocol (S7 communication over ISO on TCP, first byte 0x32): jobs with
-- their acknowledgements, user data, and conversations counted in the truth. What a command asks and what a controller
-- answers is built together, as one table of four strings.
--
-- Knows COTP's connection below; the values that a controller gives are made up.

local cotp = require "cotp"

local s7 = {}
local pack = string.pack

local JOB <const>, ACK <const>, ACK_DATA <const>, USERDATA <const> = 1, 2, 3, 7
local SUCCESS <const> = 0xff
local OTHER <const> = { client = "server", server = "client" }

-- Where variables live. DB is the only area with a block number.
s7.AREA = { SYSINFO200 = 0x03, SYSFLAGS200 = 0x05, AI200 = 0x06, AO200 = 0x07, P = 0x80, I = 0x81, Q = 0x82, M = 0x83,
  DB = 0x84, DI = 0x85, L = 0x86, V = 0x87, C = 0x1c, T = 0x1d, C200 = 0x1e, T200 = 0x1f }

-- Types of an item: its transport size, bytes of one element, transport size of the data, whether that counts bits.
s7.TYPE = {
  BIT = { 0x01, 1, 0x03, "count" }, BYTE = { 0x02, 1, 0x04, "bits" }, CHAR = { 0x03, 1, 0x09 }, WORD = { 0x04, 2, 0x04, "bits" },
  INT = { 0x05, 2, 0x05, "bits" }, DWORD = { 0x06, 4, 0x04, "bits" }, DINT = { 0x07, 4, 0x05, "bits" }, REAL = { 0x08, 4, 0x07 },
  DATE = { 0x09, 2, 0x04, "bits" }, TOD = { 0x0a, 4, 0x04, "bits" }, TIME = { 0x0b, 4, 0x04, "bits" },
  S5TIME = { 0x0c, 2, 0x04, "bits" }, DATE_AND_TIME = { 0x0f, 8, 0x04, "bits" }, COUNTER = { 0x1c, 2, 0x09 },
  TIMER = { 0x1d, 2, 0x09 }, IEC_TIMER = { 0x1e, 4, 0x04, "bits" }, IEC_COUNTER = { 0x1f, 4, 0x04, "bits" },
  HS_COUNTER = { 0x20, 4, 0x04, "bits" },
}

-- A block's letter in file names.
s7.BLOCK = { OB = "08", DB = "0A", SDB = "0B", FC = "0C", SFC = "0D", FB = "0E", SFB = "0F" }

-- Frames ------------------------------------------------------------------------------------------------------------

function s7.frame(rosctr, ref, param, data, status)
  return pack(">BBI2I2I2I2", 0x32, rosctr, 0, ref, #param, #data) .. (status or "") .. param .. data
end

-- One data item of an answer or a write. Odd ones are filled up, except the last.
local function data_item(return_code, transport, length, bytes, last)
  return pack(">BBI2", return_code, transport, length) .. bytes .. (#bytes % 2 == 1 and not last and "\0" or "")
end

local function octets(return_code, bytes) return data_item(return_code, 0x09, #bytes, bytes, true) end

-- Variables ---------------------------------------------------------------------------------------------------------

-- An item: area, type, count, start (in bytes, or the number of a timer or counter), bit, db.
function s7.item(area, type, count, start, options)
  local item = { area = area, type = type, count = count, start = start }
  for _, name in ipairs { "bit", "db", "code", "value" } do item[name] = options and options[name] end
  return item
end

local function any(item)
  local numbered = item.area == "C" or item.area == "T" or item.area == "C200" or item.area == "T200"
  local address = numbered and item.start or item.start * 8 + (item.bit or 0)
  return pack(">BBBBI2I2BI3", 0x12, 10, 0x10, s7.TYPE[item.type][1], item.count, item.db or 0, s7.AREA[item.area], address)
end

-- Other ways to name a variable: raw bytes behind the specification, answered by COUNT bytes.
function s7.raw_item(specification, count) return { raw = "\x12" .. pack("s1", specification), bytes = count } end

-- Several pieces of data blocks in one item: { bytes, db, start, [same] }. Its data is a return code and the bytes of each piece; of one
-- that is the same as before, in a message that tells changes, only the code 0xfe.
function s7.db_item(pieces)
  local out, bytes = { "\xb0", string.char(#pieces) }, 0
  for _, p in ipairs(pieces) do
    out[#out + 1] = pack(">BI2I2", p[1], p[2], p[3])
    bytes = bytes + p[1]
  end
  local item = s7.raw_item(table.concat(out), bytes)
  item.pieces = pieces
  return item
end

-- A variable of an S7-1200 by its identifiers.
function s7.symbol_item(db, crc, ids)
  local out = { pack(">BBI2I2I4", 0xb2, 0xff, 0x8a0e, db, crc) }
  for _, id in ipairs(ids) do out[#out + 1] = pack(">I4", 0x20000000 | id) end
  return s7.raw_item(table.concat(out), 2)
end

-- A numeric control's variable (area and unit in one byte), a drive's parameter.
function s7.nck_item(area_unit, column, line, module, lines)
  return s7.raw_item(pack(">BBI2I2BB", 0x82, area_unit, column, line, module, lines), 8)
end
function s7.drive_item(object, parameter, index)
  return s7.raw_item(pack(">BBI2I2I2I2", 0xa2, 1, object, 0, parameter, index), 4)
end

local function specification(item) return item.raw or any(item) end

local function pieces_of(pieces)
  local out = {}
  for i, p in ipairs(pieces) do
    out[i] = p[4] and "\xfe" or "\xff" .. string.char(p[3] & 0xff):rep(p[1])
  end
  return table.concat(out)
end

local function value_of(item)
  if item.value then return item.value end
  if item.pieces then return pieces_of(item.pieces) end
  local width = item.bytes or s7.TYPE[item.type][2] * item.count
  local out = {}
  for i = 1, width do out[i] = string.char(item.type == "BIT" and i & 1 or (item.start or 7) + 3 * i & 0xff) end
  return table.concat(out)
end

local function item_data(item, return_code, last)
  if return_code ~= SUCCESS and return_code ~= 0 then return pack(">BBI2", return_code, 0, 0) end
  local bytes = value_of(item)
  local type = item.type and s7.TYPE[item.type] or { 0, 1, 0x04, "bits" }
  local length = type[4] == "bits" and #bytes * 8 or type[4] == "count" and item.count or #bytes
  return data_item(return_code, type[3], length, bytes, last)
end

local function each(items, make)
  local out = {}
  for i, item in ipairs(items) do out[i] = make(item, i == #items) end
  return table.concat(out)
end

-- Commands: { func, param, data, answer's param, answer's data } ----------------------------------------------------------

local command = {}
s7.command = command

function command.setup(jobs, size)
  local param = pack(">BBI2I2I2", 0xf0, 0, jobs, jobs, size)
  return { 0xf0, param, "", param, "" }
end
function command.read(items)
  local param = pack("BB", 0x04, #items)
  return { 0x04, param .. each(items, specification), "", param,
    each(items, function(item, last) return item_data(item, item.code or SUCCESS, last) end) }
end
function command.write(items)
  local param = pack("BB", 0x05, #items)
  return { 0x05, param .. each(items, specification), each(items, function(item, last) return item_data(item, 0, last) end),
    param, each(items, function(item) return string.char(item.code or SUCCESS) end) }
end
function command.cpu_services() return { 0x00, "\0", "", "\0", "" } end
function command.unknown(func) return { func, string.char(func, 0), "", string.char(func), "" } end

-- File names of blocks: "_" whole, "$" header only; P passive, A active file system.
local function file_name(block, number, system) return ("_%s%05d%s"):format(s7.BLOCK[block], number, system) end
s7.file_name = file_name

local function named(func, status, session, name) return pack(">BBI2I4s1", func, status, session and 0 or 0x0100, session or 0, name) end

function command.request_download(block, number, load, code)
  local param = named(0x1a, 0, nil, file_name(block, number, "P")) .. pack("s1", ("1%06d%06d"):format(load, code))
  return { 0x1a, param, "", "\x1a", "" }
end
-- The controller asks for the next piece.
function command.download_block(block, number, piece, more)
  return { 0x1b, named(0x1b, 0, nil, file_name(block, number, "P")), "", string.char(0x1b, more and 1 or 0),
    pack(">I2BB", #piece, 0, 0xfb) .. piece }
end
function command.download_ended(block, number, fault)
  local param = pack(">BBI2I4s1", 0x1c, 0, fault or 0, 0, file_name(block, number, "P"))
  return { 0x1c, param, "", "\x1c", "" }
end
function command.start_upload(block, number, length, session)
  return { 0x1d, named(0x1d, 0, 0, file_name(block, number, "A")), "",
    pack(">BBI2I4s1", 0x1d, 0, 0x0100, session, ("%07d"):format(length)), "" }
end
function command.upload(session, piece, more)
  return { 0x1e, pack(">BBI2I4", 0x1e, 0, 0, session), "", string.char(0x1e, more and 1 or 0),
    pack(">I2BB", #piece, 0, 0xfb) .. piece }
end
function command.end_upload(session) return { 0x1f, pack(">BBI2I4", 0x1f, 0, 0, session), "", "\x1f", "" } end

-- Program invocation: SERVICE with its argument as bytes.
function command.invoke(service, argument)
  return { 0x28, "\x28\0\0\0\0\0\0\xfd" .. pack(">s2s1", argument or "", service), "", "\x28", "" }
end
local function blocks_argument(list)
  local out = { string.char(#list, 0) }
  for _, b in ipairs(list) do out[#out + 1] = ("%s%05d%s"):format(s7.BLOCK[b[1]], b[2], b[3] or "P") end
  return table.concat(out)
end
function command.insert(list) return command.invoke("_INSE", blocks_argument(list)) end
function command.delete(list) return command.invoke("_DELE", blocks_argument(list)) end
function command.compress() return command.invoke "_GARB" end
function command.copy_ram_to_rom() return command.invoke("_MODU", "EP") end
function command.warm_start() return command.invoke "P_PROGRAM" end
function command.cold_start() return command.invoke("P_PROGRAM", "C ") end
function command.stop() return { 0x29, "\x29\0\0\0\0\0" .. pack("s1", "P_PROGRAM"), "", "\x29", "" } end

-- User data: { group, subfunction, data, answer's data } -------------------------------------------------------------------

local userdata = {}
s7.userdata = userdata

local NOTHING <const> = "\x0a\0\0\0"

-- System status lists. records: byte strings of equal length.
function userdata.read_szl(id, index, records)
  return { 4, 0x01, octets(SUCCESS, pack(">I2I2", id, index)), octets(SUCCESS, pack(">I2I2I2I2", id, index,
    records[1] and #records[1] or 0, #records) .. table.concat(records)) }
end

-- List 0x0011: order number and versions of module, hardware, firmware.
function s7.module_identification(order, firmware)
  local function record(index, number, version) return pack(">I2", index) .. ("%-20s"):format(number) .. "\0\xc0" .. version end
  return { record(1, order, "\0\x04\0\x01"), record(6, order, "\0\x04\0\x01"),
    record(7, "", pack("BBBB", 0x56, firmware[1], firmware[2], firmware[3])) }
end

-- List 0x001c: names. fields: { index, text }.
function s7.component_identification(fields)
  local out = {}
  for i, f in ipairs(fields) do out[i] = pack(">I2", f[1]) .. f[2] .. ("\0"):rep(32 - #f[2]) end
  return out
end

function userdata.message_service(events, name)
  return { 4, 0x02, octets(SUCCESS, string.char(events, 0) .. ("%-8s"):format(name)), octets(SUCCESS, "\2\0") }
end
function userdata.list_blocks(counts)
  local out = {}
  for i, c in ipairs(counts) do out[i] = s7.BLOCK[c[1]] .. pack(">I2", c[2]) end
  return { 3, 0x01, NOTHING, octets(SUCCESS, table.concat(out)) }
end
-- list: { number, flags, language }
function userdata.list_blocks_of_type(block, list)
  local out = {}
  for i, b in ipairs(list) do out[i] = pack(">I2BB", b[1], b[2] or 0x22, b[3] or 5) end
  return { 3, 0x02, octets(SUCCESS, s7.BLOCK[block]), octets(SUCCESS, table.concat(out)) }
end
-- about: load (bytes in load memory), code (bytes), author, family, name, version, checksum
function userdata.block_info(block, number, about)
  local letter = s7.BLOCK[block]:sub(2)
  return { 3, 0x03, octets(SUCCESS, ("%s%05dA"):format(s7.BLOCK[block], number)), octets(SUCCESS,
    "\1" .. letter .. pack(">I2I2", 74, 0x0022) .. "pp" .. "\1\1\5\x0a" .. pack(">I2I4I4I4I2I4I2I2I2I2I2", number, about.load, 0,
      36000000, 12000, 36000000, 11999, 20, 0, 0, about.code)
    .. ("%-8s%-8s%-8s"):format(about.author, about.family, about.name) .. pack(">BBI2I4I4", about.version, 0, about.checksum, 0, 0)) }
end

-- A password hides each byte behind the one two before it.
function userdata.password(word)
  local hidden = {}
  for i = 1, 8 do hidden[i] = (i <= #word and word:byte(i) or 0x20) ~ 0x55 ~ (hidden[i - 2] or 0) end
  return { 5, 0x01, octets(SUCCESS, string.char(table.unpack(hidden))), NOTHING }
end
function userdata.end_password() return { 5, 0x02, NOTHING, NOTHING } end

local function bcd(n) return n // 10 << 4 | n % 10 end
-- when: year, month, day, hour, minute, second, millisecond, weekday (Sunday is 1)
local function clock(when)
  return pack("BBBBBBBBBB", 0, bcd(when[1] // 100), bcd(when[1] % 100), bcd(when[2]), bcd(when[3]), bcd(when[4]), bcd(when[5]),
    bcd(when[6]), bcd(when[7] // 10), when[7] % 10 << 4 | when[8])
end
s7.clock = clock
function userdata.read_clock(when) return { 7, 0x01, NOTHING, octets(SUCCESS, clock(when)) } end
function userdata.set_clock(when) return { 7, 0x02, octets(SUCCESS, clock(when)), NOTHING } end
function userdata.read_clock_following(when) return { 7, 0x03, NOTHING, octets(SUCCESS, clock(when)) } end
function userdata.set_clock_following(when) return { 7, 0x04, octets(SUCCESS, clock(when)), NOTHING } end

local function values(items)
  return pack(">I2", #items) .. each(items, function(item, last) return item_data(item, item.code or SUCCESS, last) end)
end
-- Time base 0, 1, 2 is 100 ms, 1 s, 10 s.
function userdata.cyclic(items, base, times)
  return { 2, 0x01, octets(SUCCESS, pack(">I2BB", #items, base, times) .. each(items, specification)), octets(SUCCESS, values(items)) }
end
function userdata.change_driven(items, base, times)
  local cmd = userdata.cyclic(items, base, times)
  cmd[2] = 0x05
  return cmd
end
function userdata.stop_cyclic(job) return { 2, 0x04, octets(SUCCESS, string.char(5, job)), NOTHING } end

-- Programmer commands: parameters (words) and data, each with its size in front.
local function words(list)
  local out = {}
  for i, word in ipairs(list) do out[i] = pack(">I2", word) end
  return table.concat(out)
end
local function programmer(params, bytes) return octets(SUCCESS, pack(">I2I2", #params * 2, #bytes) .. words(params) .. bytes) end
local TRIGGER <const> = { 0, 1, 1, 6, 1, 1, 1, 1, 1, 0x0200 }
function userdata.programmer(subfunction, bytes, answer)
  return { 1, subfunction, programmer(TRIGGER, bytes or ""), programmer({ 4, 0 }, answer or "") }
end
-- Watches a block, type and number, from a place in its code on.
function userdata.watch_block(block, number)
  local trigger = { 0, 1, 0, 46, 1, 1, 1, 1, 1, 0x0600, block, number, 0, 16 }
  return { 1, 0x13, programmer(trigger, "\0\1\0\3\0\0\0\1"), programmer({ 4, 0 }, "") }
end
-- A test job, by the number of its answers.
function userdata.job(subfunction, number)
  return { 1, subfunction, programmer({}, "\x13" .. string.char(number) .. "\0\0"), programmer({}, "") }
end
-- list: { memory area, repetition, db, start, value }; memory area 1, 2, 3 is MB, MW, MD; 0x11 IB; 0x71 DBB.
local function watched(list)
  local out = { pack(">I2", #list) }
  for _, v in ipairs(list) do out[#out + 1] = pack(">BBI2I2", v[1], v[2], v[3], v[4]) end
  return table.concat(out)
end
local function watched_values(list, return_code)
  return each(list, function(v) return data_item(return_code, 0x09, #v[5], v[5]) end)
end
function userdata.monitor(list)
  return userdata.programmer(0x02, watched(list), pack(">I2", #list) .. watched_values(list, SUCCESS))
end
function userdata.modify(list)
  local cmd = userdata.programmer(0x08, watched(list) .. watched_values(list, 0))
  cmd[4] = NOTHING
  return cmd
end

-- Alarms by KIND (1 SCAN, 2 ALARM_8, 4 ALARM_S) or, without one, by number; list: { kind, id, signals }.
local function alarm_set(clock_of, kind, id, signals)
  local times = kind == 4 and clock_of .. "\xff\x09\0\2\x12\x34" .. ("\0"):rep(8) .. "\xff\x09\0\0" or ""
  local set = pack(">I2BI4BBBB", 0, kind, id, 0, signals, 0xff, 0xfe) .. times
  return string.char(#set - 1) .. set
end
function userdata.query_alarms(answer)
  return { 4, 0x13, octets(SUCCESS, "\0\1\x12\x08\x1a\0\1\x34\0\0\0\4"), octets(SUCCESS, answer) }
end
function userdata.alarms(kind, id, when, list)
  local sets = {}
  for i, a in ipairs(list) do sets[i] = alarm_set(clock(when):sub(3), a[1], a[2], a[3]) end
  local bytes = table.concat(sets)
  local by = kind and pack(">BBI4", 1, 0x34, kind) or pack(">BBI4", 3, 0x34, id)
  return { 4, 0x13, octets(SUCCESS, "\0\1\x12\x08\x1a\0" .. by), octets(SUCCESS, "\0\1" .. octets(SUCCESS, bytes)) }
end
-- Alarm objects: syntax 0x16 announced, 0x1c notified, 0x19 acknowledged, 0x15 locked. VALUES come behind.
local function alarm_object(syntax, id, rest, with)
  return "\x12" .. pack("s1", pack(">BBI4", syntax, with and 1 or 0, id) .. rest) .. (with and octets(SUCCESS, with) or "")
end
local function alarm_command(subfunction, object, code)
  return { 4, subfunction, octets(SUCCESS, "\0\1" .. object), octets(SUCCESS, "\0\1" .. string.char(code or SUCCESS)) }
end
function userdata.acknowledge_alarm(id, code) return alarm_command(0x0b, alarm_object(0x19, id, "\0\1"), code) end
function userdata.lock_alarm(id, code) return alarm_command(0x07, alarm_object(0x15, id, ""), code) end
function userdata.unlock_alarm(id, code) return alarm_command(0x08, alarm_object(0x15, id, ""), code) end

function userdata.block_send(id, bytes)
  return { 6, 0x01, octets(SUCCESS, "\x12\6\x13\0" .. pack(">I4", id) .. pack(">I2", #bytes) .. bytes), NOTHING }
end
function userdata.nc_file(subfunction, name) return { 0x3f, subfunction, octets(SUCCESS, name .. "\0"), octets(SUCCESS, "\1") } end
-- Any other: group, subfunction, what it brings and what its answer brings.
function userdata.other(group, subfunction, bytes, answer)
  return { group, subfunction, octets(SUCCESS, bytes), octets(SUCCESS, answer or "\0") }
end

-- What a controller says unasked: { group, subfunction, data }.
local push = {}
s7.push = push
function push.cyclic(items) return { 2, 0x01, octets(SUCCESS, values(items)) } end
function push.change_driven(items) return { 2, 0x05, octets(SUCCESS, values(items)) } end
function push.mode(state) return { 0, state, NOTHING } end
function push.diagnostic(event, when)
  return { 4, 0x03, octets(SUCCESS, pack(">I2BBI2I2I4", event, 0xff, 0x52, 0xff84, 0, 0) .. clock(when):sub(3)) }
end
local ALARM <const> = { alarm_8 = 0x05, notify = 0x06, alarm_sq = 0x11, alarm_s = 0x12, notify_8 = 0x16 }
function push.alarm(kind, id, when, state)
  return { 4, ALARM[kind], octets(SUCCESS, clock(when):sub(3) .. "\0\1" .. alarm_object(0x16, id, pack("BBBB", state, 0, 1, 1))) }
end
-- With signals that went, came and changed, and a value of two bytes.
function push.notified(id, when, value)
  return { 4, 0x06, octets(SUCCESS, clock(when):sub(3) .. "\0\1" .. alarm_object(0x1c, id, "\3\0\xff\xfe\0\2\2\0", value)) }
end
function push.alarm_acknowledged(id, when)
  return { 4, 0x0c, octets(SUCCESS, clock(when):sub(3) .. "\0\1" .. alarm_object(0x19, id, "\0\1")) }
end
function push.alarm_locked(subfunction, id) return { 4, subfunction, octets(SUCCESS, "\0\1" .. alarm_object(0x15, id, "")) } end

-- Conversations -----------------------------------------------------------------------------------------------------

local link = {}
link.__index = link

-- A transport selector that leads over the called station to another: SUBNET the two halves of its identifier as STEP 7
-- shows them, STATION its address there as bytes (one on MPI and PROFIBUS, four of IP). Without them: a plain one as long.
function s7.route(options)
  local subnet = options.subnet and pack(">I2I2I2", options.subnet[1], 0, options.subnet[2]) or ""
  local station = options.station or ""
  local head = pack("BBBB", 1, #subnet, #station, 2) .. subnet .. station
  return head .. ("\0"):rep(26 - #head) .. pack("BB", options.kind or 1, (options.rack or 0) << 5 | (options.slot or 2))
end

-- options: client, server; rack, slot, kind (1 programmer, 2 operator panel, 3 other), pdu (its size), jobs, midstream,
-- no_setup, and what cotp.connect takes.
function s7.connect(w, options)
  options.calling = options.calling or "\1\0"
  options.called = options.called or string.char(options.kind or 1, (options.rack or 0) << 5 | (options.slot or 2))
  local self = setmetatable({ world = w, options = options, ref = options.ref or 0, sequence = 0,
    server_ref = 0x8000, rng = w:chance_of("s7 " .. options.client.name .. " " .. options.server.name) }, link)
  self.cotp = cotp.connect(w, options)
  self.tcp = self.cotp.tcp
  if not (options.midstream or options.no_setup or options.refused) then
    self:ask(command.setup(options.jobs or 1, options.pdu or 480))
  end
  return self
end

-- FUNC is "04" for a job, "4/01" (group and subfunction) for user data.
function link:count(from, func, counts)
  local o = self.options
  self.world.truth:add("s7comm", { client = o[from].ip, server = o[OTHER[from]].ip, func = func }, counts)
end

local function func_of(cmd) return ("%02x"):format(cmd[1]) end
local function ud_func_of(cmd) return ("%d/%02x"):format(cmd[1], cmd[2]) end

function link:next_ref(from)
  if from == "server" then
    self.server_ref = self.server_ref + 1 & 0xffff
    return self.server_ref
  end
  self.ref = self.ref + 1 & 0xffff
  return self.ref
end

function link:request(cmd, ref) return s7.frame(JOB, ref, cmd[2], cmd[3]) end
function link:response(cmd, ref, fault)
  if not fault then return s7.frame(ACK_DATA, ref, cmd[4], cmd[5], "\0\0") end
  local status = string.char(fault[1], fault[2])
  return fault.bare and s7.frame(ACK, ref, "", "", status) or s7.frame(ACK_DATA, ref, cmd[4]:sub(1, cmd[1] < 6 and 2 or 1), "", status)
end

-- One job and its answer. options: from ("client"), fault { class, code, bare = an ACK without data }, no_answer,
-- latency, request, response (options of cotp's send).
function link:ask(cmd, options)
  options = options or {}
  local from, func = options.from or "client", func_of(cmd)
  local ref = self:next_ref(from)
  if self.cotp:send(from, self:request(cmd, ref), options.request) then self:count(from, func, { requests = 1 }) end
  if options.no_answer then return self:count(from, func, { unanswered = 1 }) end
  self.world:sleep(options.latency or self.rng:about(0.004, 0.3))
  if self.cotp:send(OTHER[from], self:response(cmd, ref, options.fault), options.response) then
    self:count(from, func, options.fault and { responses = 1, errors = 1 } or { responses = 1 })
  end
end

-- Several jobs before the first answer; answers come in ORDER.
function link:pipeline(commands, order)
  local refs = {}
  for i, cmd in ipairs(commands) do
    refs[i] = self:next_ref "client"
    self.cotp:send("client", self:request(cmd, refs[i]))
    self:count("client", func_of(cmd), { requests = 1 })
  end
  self.world:sleep(0.005)
  for i = 1, #commands do
    local at = order and order[i] or i
    self.cotp:send("server", self:response(commands[at], refs[at]))
    self:count("client", func_of(commands[at]), { responses = 1 })
  end
end

local METHOD_REQUEST <const>, METHOD_RESPONSE <const> = 0x11, 0x12
local REQUEST <const>, RESPONSE <const>, PUSH <const> = 0x40, 0x80, 0x00

local function userdata_request(cmd, sequence)
  return "\0\1\x12" .. pack("s1", string.char(METHOD_REQUEST, REQUEST | cmd[1], cmd[2], sequence))
end
local function userdata_response(kind, cmd, sequence, unit, more, code)
  return "\0\1\x12" .. pack("s1", pack(">BBBBBBI2", METHOD_RESPONSE, kind | cmd[1], cmd[2], sequence, unit, more and 1 or 0, code))
end

-- User data and its answer. options: fault (error code), return_code (with data 0x0a instead), pieces (bytes of each data unit
-- but the last: the answer comes in several, each asked for), no_answer. Returns the answer's sequence.
function link:userdata(cmd, options)
  options = options or {}
  local func, ref = ud_func_of(cmd), self:next_ref "client"
  if self.cotp:send("client", s7.frame(USERDATA, ref, userdata_request(cmd, 0), cmd[3]), options.request) then
    self:count("client", func, { requests = 1 })
  end
  if options.no_answer then return self:count("client", func, { unanswered = 1 }) end
  self.sequence = self.sequence % 255 + 1
  local answer = options.fault and pack(">BBI2", options.return_code or 0x0a, 0, 0) or cmd[4]
  if options.pieces then return self:data_units(cmd, answer, options.pieces) end
  self.world:sleep(self.rng:about(0.006, 0.3))
  local param = userdata_response(RESPONSE, cmd, self.sequence, 0, false, options.fault or 0)
  if self.cotp:send("server", s7.frame(USERDATA, ref, param, answer), options.response) then
    self:count("client", func, options.fault and { responses = 1, errors = 1 } or { responses = 1 })
  end
  return self.sequence
end

-- An answer in several data units: the client asks for each further one with the first one's sequence and unit.
function link:data_units(cmd, answer, size)
  local func, bytes, unit = ud_func_of(cmd), answer:sub(5), self.rng:range(1, 200)
  local asked = { cmd[1], cmd[2] }
  for at = 1, #bytes, size do
    local more = at + size <= #bytes
    self.world:sleep(self.rng:about(0.006, 0.3))
    self.cotp:send("server", s7.frame(USERDATA, self.ref, userdata_response(RESPONSE, cmd, self.sequence, unit, more, 0),
      octets(SUCCESS, bytes:sub(at, at + size - 1))))
    self:count("client", func, { responses = 1 })
    if not more then return end
    local param = "\0\1\x12" .. pack("s1", pack(">BBBBBBI2", METHOD_RESPONSE, REQUEST | asked[1], asked[2], self.sequence, unit, 0, 0))
    self.cotp:send("client", s7.frame(USERDATA, self:next_ref "client", param, NOTHING))
    self:count("client", func, { requests = 1 })
  end
end

-- JOB is the sequence of the subscription that values belong to.
function link:push(cmd, job)
  if not job then self.sequence = self.sequence % 255 + 1 end
  self.cotp:send("server", s7.frame(USERDATA, 0, userdata_response(PUSH, cmd, job or self.sequence, 0, false, 0), cmd[3]))
  self:count("server", ud_func_of(cmd), { pushes = 1 })
end

-- Whole procedures ------------------------------------------------------------------------------------------------------

-- A block as it lies in load memory: header, code, trailer.
function s7.block(rng, block, number, code)
  local body = rng:bytes(code)
  return "pp\1\1\5" .. string.char(tonumber(s7.BLOCK[block]:sub(2), 16)) .. pack(">I2I4I4I6I6I2I2I2I2", number, 36 + code + 36, 0,
    0, 0, 0, 0, 0, code) .. body .. ("\0"):rep(36)
end

local function note_transfer(self, direction, block, number, bytes, pieces)
  self.world.truth:note("program_transfers", { protocol = "s7comm", time = self.world:time(), client = self.options.client.ip,
    server = self.options.server.ip, direction = direction, block = block, number = number, bytes = #bytes, pieces = pieces })
end

-- The client announces a block, the controller fetches it piece by piece and says when it has all.
function link:download(block, number, bytes, size)
  note_transfer(self, "to_plc", block, number, bytes, (#bytes + size - 1) // size)
  self:ask(command.request_download(block, number, #bytes, #bytes - 72))
  for at = 1, #bytes, size do
    self:ask(command.download_block(block, number, bytes:sub(at, at + size - 1), at + size <= #bytes), { from = "server" })
  end
  self:ask(command.download_ended(block, number), { from = "server" })
  self:ask(command.insert { { block, number } })
end

function link:upload(block, number, bytes, size)
  note_transfer(self, "from_plc", block, number, bytes, (#bytes + size - 1) // size)
  local session = self.rng:range(1, 0xffff)
  self:ask(command.start_upload(block, number, #bytes, session))
  for at = 1, #bytes, size do
    self:ask(command.upload(session, bytes:sub(at, at + size - 1), at + size <= #bytes))
  end
  self:ask(command.end_upload(session))
end

-- Programs of a numeric control: announced or asked for by their path, then pushed by who has them, in parts of SIZE; the other side lets
-- through more after each two. options: fault (the announcement is refused), broken (a part is refused), lost { [part] = true } (sent, not
-- captured), no_end.
local NC <const> = 0x3f

function link:nc_push(side, subfunction, bytes, more, options)
  options = options or {}
  self.sequence = self.sequence % 255 + 1
  local cmd = { NC, subfunction }
  local sent = self.cotp:send(side, s7.frame(USERDATA, 0, userdata_response(PUSH, cmd, self.sequence, 0, more, options.code or 0),
    octets(options.code and 0x0a or SUCCESS, bytes)), options)
  if sent then self:count(side, ud_func_of(cmd), { pushes = 1 }) end
end

local function nc_parts(self, side, subfunction, bytes, size, options)
  for at = 1, #bytes, size do
    local part = (at - 1) // size + 1
    self.world:sleep(self.rng:about(0.006, 0.3))
    self:nc_push(side, subfunction, "\0\0" .. bytes:sub(at, at + size - 1), at + size <= #bytes,
      options.lost and options.lost[part] and { fault = { lose = { true } } } or nil)
    if part == options.broken then
      return self:nc_push(OTHER[side], subfunction + 1, "\0\0", false, { code = 0xd2a1 })
    elseif part % 2 == 0 then
      self:nc_push(OTHER[side], subfunction + 1, "\2\0", false)
    end
  end
end

function link:nc_download(path, bytes, size, options)
  options = options or {}
  self:userdata({ NC, 1, octets(SUCCESS, path), octets(SUCCESS, "\2\0") }, { fault = options.fault })
  if options.fault then return end
  nc_parts(self, "client", 2, bytes, size, options)
  if options.broken or options.no_end then return end
  self:userdata { NC, 4, octets(SUCCESS, "\0\0"), NOTHING }
end

function link:nc_upload(path, bytes, size, options)
  options = options or {}
  self:userdata({ NC, 6, octets(SUCCESS, "\2\0" .. path), octets(SUCCESS, "\0\0") }, { fault = options.fault })
  if not options.fault then nc_parts(self, "server", 7, bytes, size, options) end
end

function link:close(side)
  if self.options.disconnect then self.cotp:disconnect(side or "client") end
  self.tcp:close(side)
end

return s7
