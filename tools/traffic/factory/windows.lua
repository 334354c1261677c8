-- What Windows machines say to each other: SMB 2 with NTLM (MS-SMB2, MS-NLMP), the beginning of SMB 1 (MS-CIFS), service
-- control over a named pipe (MS-SCMR), and the beginning of a remote desktop (MS-RDPBCGR). Messages, and conversations
-- of them over tcp.lua.

local tcp = require "tcp"
local arp = require "arp"
local dcerpc = require "dcerpc"

local windows = {}
local pack = string.pack

local function wide(text) return (text:gsub(".", "%0\0")) end

-- NTLM ---------------------------------------------------------------------------------------------------------------

local SIGNATURE <const> = "NTLMSSP\0"
local FLAGS <const> = 0xe2888215
local VERSION <const> = "\10\0\x61\x4a\0\0\0\15" -- Windows 10, build 19041

local function fields(offset, bytes) return pack("<I2I2I4", #bytes, #bytes, offset) end

function windows.ntlm_negotiate()
  return SIGNATURE .. pack("<I4I4", 1, FLAGS) .. ("\0"):rep(16) .. VERSION
end

-- about: domain, computer; challenge of eight bytes.
function windows.ntlm_challenge(about, challenge)
  local name = wide(about.domain)
  local function pair(id, text) return pack("<I2s2", id, wide(text)) end
  local info = pair(2, about.domain) .. pair(1, about.computer) .. pair(4, about.domain:lower() .. ".example")
    .. pair(3, about.computer:lower() .. "." .. about.domain:lower() .. ".example") .. "\0\0\0\0"
  return SIGNATURE .. pack("<I4", 2) .. fields(56, name) .. pack("<I4", FLAGS) .. challenge .. ("\0"):rep(8)
    .. fields(56 + #name, info) .. VERSION .. name .. info
end

function windows.ntlm_authenticate(who, rng)
  local parts = { ("\0"):rep(24), rng:bytes(16) .. "\1\1" .. ("\0"):rep(6) .. rng:bytes(16) .. ("\0"):rep(8),
    wide(who.domain), wide(who.user), wide(who.computer), rng:bytes(16) }
  local head, at = SIGNATURE .. pack("<I4", 3), 88
  for _, part in ipairs(parts) do
    head = head .. fields(at, part)
    at = at + #part
  end
  return head .. pack("<I4", FLAGS) .. VERSION .. rng:bytes(16) .. table.concat(parts)
end

-- SMB 2 --------------------------------------------------------------------------------------------------------------

local SMB2 <const> = { negotiate = 0, session_setup = 1, logoff = 2, tree_connect = 3, tree_disconnect = 4, create = 5,
  close = 6, read = 8, write = 9 }
local OK <const>, MORE <const>, REFUSED <const> = 0, 0xc0000016, 0xc000006d
local ANSWERED <const> = 1

local smb = {}
smb.__index = smb

local function message(self, command, answer, status, body)
  local head = "\xfeSMB" .. pack("<I2I2I4I2I2I4I4I8I4I4I8", 64, 1, answer and status or 0, SMB2[command], 33,
    answer and ANSWERED or 0, 0, self.number, 0xfeff, self.tree, self.session) .. ("\0"):rep(16)
  return pack(">I4", #head + #body) .. head .. body
end

-- One request and its answer.
function smb:ask(command, request, answer, status)
  self.tcp:send("client", message(self, command, false, 0, request))
  self.world:sleep(self.rng:about(0.003, 0.4))
  self.tcp:send("server", message(self, command, true, status or OK, answer))
  self.world:sleep(self.rng:about(0.002, 0.4))
  self.number = self.number + 1
end

local TIME <const> = pack("<I8", 133900000000000000)

function smb:negotiate()
  local request = pack("<I2I2I2I2I4", 36, 3, 1, 0, 0x7f) .. self.rng:bytes(16) .. ("\0"):rep(8) .. pack("<I2I2I2", 0x0202, 0x0210, 0x0300)
  local answer = pack("<I2I2I2I2", 65, 1, 0x0300, 0) .. ("\x5a"):rep(16) .. pack("<I4I4I4I4", 7, 1048576, 1048576, 1048576)
    .. TIME .. ("\0"):rep(8) .. pack("<I2I2I4", 128, 0, 0)
  self:ask("negotiate", request, answer)
end

local function setup_request(token) return pack("<I2BBI4I4I2I2I8", 25, 0, 1, 1, 0, 88, #token, 0) .. token end
local function setup_answer(token) return pack("<I2I2I2I2", 9, 0, #token > 0 and 72 or 0, #token) .. token end

-- who: domain, user, computer. False when the password is wrong.
function smb:authenticate(who, server, wrong)
  self:ask("session_setup", setup_request(windows.ntlm_negotiate()),
    setup_answer(windows.ntlm_challenge({ domain = who.domain, computer = server }, self.rng:bytes(8))), MORE)
  self.session = 0x400000000000 + self.rng:below(0xffff)
  self:ask("session_setup", setup_request(windows.ntlm_authenticate(who, self.rng)), setup_answer "", wrong and REFUSED or OK)
  return not wrong
end

function smb:connect_tree(path)
  path = wide(path)
  self.tree = 0
  self:ask("tree_connect", pack("<I2I2I2I2", 9, 0, 72, #path) .. path, pack("<I2BBI4I4I4", 16, path:find "I%z?P%z?C" and 2 or 1, 0,
    0x30, 0, 0x001f01ff))
  self.tree = 5
end

function smb:create(name, access)
  name = wide(name)
  local request = pack("<I2BBI4I8I8I4I4I4I4I4I2I2I4I4", 57, 0, 0, 2, 0, 0, access or 0x00120089, 0x80, 7, 1, 0x40, 120, #name, 0, 0)
  self.file = self.rng:bytes(16)
  self:ask("create", request .. (#name > 0 and name or "\0"), pack("<I2BBI4", 89, 0, 0, 1) .. TIME:rep(4)
    .. pack("<I8I8I4I4", 65536, 60000, 0x20, 0) .. self.file .. ("\0"):rep(8))
end

local DATA_MOST <const> = 16384

function smb:read(bytes)
  for at = 0, bytes - 1, DATA_MOST do
    local n = math.min(DATA_MOST, bytes - at)
    self:ask("read", pack("<I2BBI4I8", 49, 0x50, 0, n, at) .. self.file .. pack("<I4I4I4I2I2", 0, 0, 0, 0, 0) .. "\0",
      pack("<I2BBI4I4I4", 17, 0x50, 0, n, 0, 0) .. ("data"):rep(n // 4 + 1):sub(1, n))
  end
end

function smb:write(data)
  for at = 1, #data, DATA_MOST do
    local part = data:sub(at, at + DATA_MOST - 1)
    self:ask("write", pack("<I2I2I4I8", 49, 112, #part, at - 1) .. self.file .. pack("<I4I4I2I2I4", 0, 0, 0, 0, 0) .. part,
      pack("<I2I2I4I4I2I2", 17, 0, #part, 0, 0, 0))
  end
end

function smb:close_file()
  self:ask("close", pack("<I2I2I4", 24, 0, 0) .. self.file, pack("<I2I2I4", 60, 0, 0) .. ("\0"):rep(52))
end

function smb:logoff()
  self:ask("tree_disconnect", pack("<I2I2", 4, 0), pack("<I2I2", 4, 0))
  self.tree = 0
  self:ask("logoff", pack("<I2I2", 4, 0), pack("<I2I2", 4, 0))
end

-- options: client, server. An open connection with the dialect agreed on.
function windows.smb(w, options)
  options.port = options.port or 445
  arp.resolve(w, options.client, options.server)
  local self = setmetatable({ world = w, number = 0, tree = 0, session = 0,
    rng = w:chance_of("smb " .. options.client.name .. " " .. options.server.name) }, smb)
  self.tcp = tcp.new(w, options):open()
  self:negotiate()
  return self
end

function smb:close() self.tcp:close() end

-- A visit to a share. visit: who, share, file, read (bytes), write (text), server (its computer name).
function windows.share(w, client, server, visit)
  local link = windows.smb(w, { client = client, server = server })
  link:authenticate(visit.who, visit.server)
  link:connect_tree(("\\\\%s\\%s"):format(visit.server, visit.share))
  link:create(visit.file, visit.write and 0x0012019f)
  if visit.read then link:read(visit.read) end
  if visit.write then link:write(visit.write) end
  link:close_file()
  link:logoff()
  link:close()
end

-- A service made and started from afar, as administration tools and intruders do (MS-SCMR over \pipe\svcctl).
local SCMR <const> = "367abb81-9844-35f1-ad32-98f038001003"

local function guid(text)
  local a, b, c, d, e = text:match("^(%x+)-(%x+)-(%x+)-(%x+)-(%x+)$")
  return pack("<I4I2I2", tonumber(a, 16), tonumber(b, 16), tonumber(c, 16))
    .. ((d .. e):gsub("%x%x", function(x) return string.char(tonumber(x, 16)) end))
end

local NDR <const> = guid "8a885d04-1ceb-11c9-9fe8-08002b104860" .. pack("<I4", 2)

local function rpc(kind, call, body) return pack("<BBBBI4I2I2I4", 5, 0, kind, 3, 0x10, 16 + #body, 0, call) .. body end

function windows.remote_service(w, client, server, about)
  local link = windows.smb(w, { client = client, server = server })
  link:authenticate(about.who, about.server)
  link:connect_tree(("\\\\%s\\ADMIN$"):format(about.server))
  link:create(about.program, 0x0012019f)
  link:write(about.bytes)
  link:close_file()
  link:connect_tree(("\\\\%s\\IPC$"):format(about.server))
  link:create("svcctl", 0x0012019f)
  link:write(rpc(11, 1, pack("<I2I2I4BBBB", 4280, 4280, 0, 1, 0, 0, 0) .. pack("<I2BB", 0, 1, 0) .. guid(SCMR) .. pack("<I2I2", 2, 0)
    .. NDR))
  local function call(number, opnum, stub) link:write(rpc(0, number, pack("<I4I2I2", #stub, 0, opnum) .. stub)) end
  call(2, 15, pack("<I4", 0x20000) .. dcerpc.string("\\\\" .. about.server) .. pack("<I4I4", 0, 0xf003f)) -- OpenSCManagerW
  call(3, 12, ("\1"):rep(20) .. dcerpc.string(about.service) .. dcerpc.pointer(about.service)
    .. pack("<I4I4I4I4", 0xf01ff, 0x10, 3, 0) .. dcerpc.string("%SystemRoot%\\" .. about.program) .. ("\0"):rep(28)) -- CreateServiceW
  call(4, 19, ("\2"):rep(20) .. pack("<I4I4", 0, 0)) -- StartServiceW
  link:close_file()
  link:logoff()
  link:close()
end

-- SMB 1 --------------------------------------------------------------------------------------------------------------

local function smb1(command, status, answer, body, tree, user)
  local head = "\xffSMB" .. pack("<BI4BI2I2", command, status, answer and 0x98 or 0x18, 0xc807, 0) .. ("\0"):rep(10)
    .. pack("<I2I2I2I2", tree or 0, 0xfeff, user or 0, 1)
  return pack(">I4", #head + #body) .. head .. body
end

-- A client that still speaks it, up to IPC$; with EXPLOIT the oversized transaction that followed in 2017 (CVE-2017-0144).
function windows.smb1_session(w, client, server, exploit)
  arp.resolve(w, client, server)
  local rng = w:chance_of("smb1 " .. client.name .. " " .. server.name)
  local c = tcp.new(w, { client = client, server = server, port = 445 }):open()
  local function ask(request, answer)
    c:send("client", request)
    w:sleep(rng:about(0.004, 0.3))
    if answer then
      c:send("server", answer)
      w:sleep(rng:about(0.004, 0.3))
    end
  end
  ask(smb1(0x72, 0, false, pack("<BI2", 0, 12) .. "\2NT LM 0.12\0"), smb1(0x72, 0, true, pack("<BI2BI2I2I4I4I4I4I8I2BI2", 17, 0, 3, 50, 1,
    16644, 65536, 0, 0x8001e3fc & ~0x80000000, 133900000000000000, 0, 8, 8 + 10) .. rng:bytes(8) .. wide "WORK" .. "\0\0"))
  local os = "\0" .. wide "Windows 2000 2195" .. "\0\0" .. wide "Windows 2000 5.0" .. "\0\0"
  local bytes = "\0" .. "\0\0" .. "\0\0" .. os
  ask(smb1(0x73, 0, false, pack("<BBBI2I2I2I2I4I2I2I4I4I2", 13, 255, 0, 0, 61440, 2, 1, 0, 0, 0, 0, 0x40 | 4, #bytes) .. bytes),
    smb1(0x73, 0, true, pack("<BBBI2I2I2", 3, 255, 0, 0, 1, #os - 1 + 4) .. os:sub(2) .. wide "WO", 0, 2048))
  local path = wide("\\\\" .. server.ip .. "\\IPC$") .. "\0\0?????\0"
  ask(smb1(0x75, 0, false, pack("<BBBI2I2I2I2", 4, 255, 0, 0, 0, 1, #path + 1) .. "\0" .. path, 0, 2048),
    smb1(0x75, 0, true, pack("<BBBI2I2I2", 3, 255, 0, 0, 1, 7) .. "IPC\0\0\0\0", 2048, 2048))
  if exploit then
    -- PeekNamedPipe on no file: who lacks the patch answers STATUS_INSUFF_SERVER_RESOURCES
    local peek = pack("<BI2I2I2I2BBI2I4I2I2I2I2I2BBI2I2I2", 16, 0, 0, 0xffff, 0xffff, 0, 0, 0, 0, 0, 0, 74, 0, 74, 2, 0, 0x23, 0, 7)
      .. "\\PIPE\\\0"
    ask(smb1(0x25, 0, false, peek, 2048, 2048), smb1(0x25, 0xc0000205, true, "\0\0\0", 2048, 2048))
    for _ = 1, 8 do -- NT_TRANSACT of a size no file list has, in TRANSACTION2_SECONDARY parts
      local data = rng:bytes(1200)
      ask(smb1(0x33, 0, false, pack("<BI2I2I2I2I2I2I2I2I2I2", 9, 0, 4096, 0, 0, 0, #data, 53, 0, 0, #data) .. data, 2048, 2048))
    end
  end
  c:close()
end

-- Remote desktop -------------------------------------------------------------------------------------------------------

-- Connection request with the user's cookie, then security that nobody sees into. size: bytes of the screen.
function windows.desktop(w, client, server, user, size)
  arp.resolve(w, client, server)
  local rng = w:chance_of("rdp " .. client.name .. " " .. server.name)
  local c = tcp.new(w, { client = client, server = server, port = 3389 }):open()
  local cookie = "Cookie: mstshash=" .. user .. "\r\n"
  local function tpkt(bytes) return pack(">BBI2", 3, 0, #bytes + 4) .. bytes end
  local rest = pack(">I2I2B", 0, 0, 0) .. cookie .. pack("<BBI2I4", 1, 0, 8, 3)
  c:send("client", tpkt(pack("BB", #rest + 1, 0xe0) .. rest))
  w:sleep(0.004)
  c:send("server", tpkt(pack(">BBI2I2B", 14, 0xd0, 0, 0x1234, 0) .. pack("<BBI2I4", 2, 0x1f, 8, 2)))
  w:sleep(0.003)
  local function record(kind, bytes) return pack(">BI2s2", kind, 0x0303, bytes) end
  local hello = pack(">I2", 0x0303) .. rng:bytes(32) .. "\0" .. pack(">s2", "\xc0\x2f\xc0\x30\x00\x9c") .. "\1\0"
    .. pack(">s2", "\0\x0a\0\6\0\4\0\x1d\0\x17" .. "\0\x0d\0\4\0\2\4\1")
  c:send("client", record(22, "\1" .. pack(">I3", #hello) .. hello))
  w:sleep(0.005)
  local answer = pack(">I2", 0x0303) .. rng:bytes(32) .. "\0\xc0\x2f\0"
  c:send("server", record(22, "\2" .. pack(">I3", #answer) .. answer) .. record(20, "\1"))
  w:sleep(0.005)
  c:send("client", record(20, "\1") .. record(22, rng:bytes(40)))
  for at = 1, size, 12000 do
    c:send("client", record(23, rng:bytes(60)))
    w:sleep(rng:about(0.5, 0.8))
    c:send("server", record(23, ("\x77"):rep(math.min(12000, size - at + 1))))
    w:sleep(rng:about(0.5, 0.8))
  end
  c:close()
end

return windows
