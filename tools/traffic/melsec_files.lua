-- Files, drives and the discovery of devices in the MELSEC communication protocol and SLMP. From the MELSEC Communication
-- Protocol Reference Manual (SH-080008), chapters 12 and 15, and for discovery the Field Basic profile of SLMP.

local command = {}

-- As in melsec_commands.
local function plain(number, subcommand, name, body, answer)
  return { command = number, subcommand = subcommand, name = name, body = body, answer = answer, told = {} }
end

-- For MELSEC-Q: a password of four characters and names of one byte a character; for MELSEC iQ-R: both after their number of
-- characters, names in UTF-16.
local function password(w, r)
  if r then w:number(0, 2) else w:text("    ") end
end

local function name_of(w, r, name)
  if r then w:utf16(name) else w:number(#name, 2):text(name) end
end

local function file(number, name, r, told, body, answer)
  local request = plain(number, r and 0x40 or 0, name, body, answer or function() end)
  request.told = told
  return request
end

function command.read_directory(drive, first, count, path)
  return file(0x1810, "read_directory", true, { drive = drive, file = path }, function(w)
    w:number(0, 2):number(drive, 2):number(first, 4):number(count, 2):utf16(path)
  end, function(w)
    local names = { "MAIN.PRG", "RECIPE.CSV" }
    w:number(#names, 2):number(first + #names - 1, 4)
    for i, name in ipairs(names) do
      w:utf16(name):number(0x20, 2):octets(("\0"):rep(9)):number(0xa65d, 2):number(0x3c81, 2):number(0, 2):number(i * 512, 4)
    end
  end)
end

function command.search_file(drive, name)
  return file(0x1811, "search_file", false, { drive = drive, file = name }, function(w)
    password(w)
    w:number(drive, 2):number(0, 2)
    name_of(w, false, name)
  end, function(w) w:number(3, 2) end)
end

function command.create_file(drive, name, size, r)
  return file(0x1820, "create_file", r, { drive = drive, file = name }, function(w)
    password(w, r)
    w:number(drive, 2):number(size, 4)
    name_of(w, r, name)
  end)
end

function command.delete_file(drive, name, r)
  return file(0x1822, "delete_file", r, { drive = drive, file = name }, function(w)
    password(w, r)
    w:number(drive, 2)
    name_of(w, r, name)
  end)
end

function command.copy_file(drive, name, copy, r)
  return file(0x1824, "copy_file", r, { drive = drive, file = copy }, function(w)
    w:octets(("\0"):rep(8))
    for _, which in ipairs { copy, name } do
      password(w, r)
      w:number(drive, 2)
      name_of(w, r, which)
    end
  end)
end

function command.change_attribute(drive, name, attribute, r)
  return file(0x1825, "change_attribute", r, { drive = drive, file = name }, function(w)
    password(w, r)
    w:number(drive, 2):number(attribute, 2)
    name_of(w, r, name)
  end)
end

function command.change_date(drive, name, r)
  return file(0x1826, "change_date", r, { drive = drive, file = name }, function(w)
    password(w, r)
    w:number(drive, 2):number(0x3c81, 2):number(0xa65d, 2)
    name_of(w, r, name)
  end)
end

function command.open_file(drive, name, to_write, r)
  return file(0x1827, "open_file", r, { drive = drive, file = name }, function(w)
    password(w, r)
    w:number(to_write and 0x0100 or 0, 2):number(drive, 2)
    name_of(w, r, name)
  end, function(w) w:number(5, 2) end)
end

function command.read_file(offset, bytes)
  return file(0x1828, "read_file", false, { points = bytes }, function(w)
    w:number(5, 2):number(offset, 4):number(bytes, 2)
  end, function(w) w:number(bytes, 2):octets(("P"):rep(bytes)) end)
end

function command.write_file(offset, data)
  return file(0x1829, "write_file", false, { points = #data }, function(w)
    w:number(5, 2):number(offset, 4):number(#data, 2):octets(data)
  end, function(w) w:number(#data, 2) end)
end

function command.close_file()
  return file(0x182a, "close_file", false, {}, function(w) w:number(5, 2):number(0, 2) end)
end

-- Access by file number, of QnA and older: a keyword of three bytes (its digits in ASCII code) and whether it is set, then a
-- drive, a file number, a name of eight and three characters, an attribute.
local function keyword(w, drive) return w:octets("\0\0\0"):number(0, 1):number(drive, 2) end

local function short_name(w, name, attribute)
  local stem, extension = name:match("^(.-)%.(.*)$")
  return w:text(stem .. (" "):rep(8 - #stem) .. extension .. (" "):rep(3 - #extension)):number(attribute or 0x20, 1)
end

function command.list_files(drive, first, count, with_titles)
  return file(with_titles and 0x0202 or 0x0201, "list_files", false, { drive = drive }, function(w)
    keyword(w, drive):number(first, 2):number(count, 2)
  end, function(w)
    w:number(1, 2):number(1, 2):number(first, 2)
    short_name(w, "MAIN.QPG"):number(0xa65d, 2):number(0x3c81, 2):number(512, 4)
    if with_titles then w:text(("line 1"):rep(6):sub(1, 32)) end
  end)
end

function command.search_file_number(drive, name)
  return file(0x0203, "search_file", false, { drive = drive, file = name },
    function(w) short_name(keyword(w, drive), name) end, function(w) w:number(3, 2):number(512, 4) end)
end

function command.read_file_numbers(drive)
  return file(0x0204, "read_file_numbers", false, { drive = drive }, function(w) keyword(w, drive) end,
    function(w) w:number(0x0007, 2) end)
end

function command.read_numbered_file(drive, number, name, offset, bytes)
  return file(0x0206, "read_file", false, { drive = drive, file = name }, function(w)
    short_name(keyword(w, drive):number(number, 2), name):number(offset, 4):number(bytes, 2)
  end, function(w) w:octets(("P"):rep(bytes)) end)
end

function command.write_numbered_file(drive, number, name, offset, data)
  return file(0x1203, "write_file", false, { drive = drive, file = name }, function(w)
    short_name(keyword(w, drive):number(number, 2), name):number(offset, 4):number(#data, 2):octets(data)
  end)
end

function command.create_numbered_file(drive, name, size)
  return file(0x1202, "create_file", false, { drive = drive, file = name }, function(w)
    short_name(keyword(w, drive):number(0, 4), name):number(size, 4):number(0, 2)
  end, function(w) w:number(4, 2) end)
end

function command.delete_numbered_file(drive, number, name)
  return file(0x1205, "delete_file", false, { drive = drive, file = name },
    function(w) short_name(keyword(w, drive):number(number, 2), name) end)
end

function command.read_drive(drive, cluster, clusters)
  return file(0x0205, "read_drive", false, { drive = drive }, function(w)
    keyword(w, drive):number(cluster, 2):number(clusters, 2)
  end, function(w) for _ = 1, clusters // 16 do w:number(0x00ff, 2) end end)
end

function command.defragment_drive(drive)
  return file(0x1207, "defragment_drive", false, { drive = drive }, function(w)
    keyword(w, drive)
  end)
end

-- Discovery: addresses travel as numbers, from the low byte --------------------------------------------------------------

local function reversed(w, bytes) return w:octets(bytes:reverse()) end

function command.node_search(client)
  return plain(0x0e30, 0, "node_search",
    function(w) reversed(reversed(w, client.mac_bytes):number(4, 1), client.ip_bytes) end)
end

-- The response of HOST to a search by CLIENT. device: vendor_code, device_code, version, host_name.
function command.node_search_response(w, client, host, device)
  reversed(reversed(w, client.mac_bytes):number(4, 1), client.ip_bytes)
  reversed(reversed(w, host.mac_bytes):number(4, 1), host.ip_bytes)
  reversed(w, "\xff\xff\xff\x00"):number(0xffffffff, 4)
  w:number(#(device.host_name or ""), 1):text(device.host_name or "")
  w:number(device.vendor_code, 2):number(device.device_code, 4):number(device.version, 2)
  return w:number(4, 1):number(0xffffffff, 4):number(0xffff, 2):number(0, 2):number(61451, 2):number(1, 1)
end

-- Gives the host with that MAC another address; it answers with the client's MAC alone.
function command.set_ip_address(client, host, ip, mask)
  return plain(0x0e31, 0, "set_ip_address", function(w)
    reversed(reversed(w, client.mac_bytes):number(4, 1), client.ip_bytes)
    reversed(reversed(w, host.mac_bytes):number(4, 1), ip)
    reversed(w, mask):number(0xffffffff, 4):number(0, 1)
    w:number(4, 1):number(0xffffffff, 4):number(0xffff, 2):number(1, 1)
  end, function(w) reversed(w, client.mac_bytes) end)
end

return command
