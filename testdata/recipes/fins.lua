-- Every FINS command that the maker can say, over UDP and over FINS/TCP, with end codes, silence and odd ports.

local fins = require "fins"

local w = ...
w:title "Omron FINS: all commands over UDP and TCP, end codes, unanswered commands, other networks and ports"
w:duration "60s"

local engineer = w:host { name = "engineering", role = "engineering", ip = "10.5.0.30", vendor = "dell",
  os = "windows" }
local hmi = w:host { name = "hmi", role = "hmi", ip = "10.5.0.20", vendor = "omron" }
local plc = w:host { name = "plc", role = "plc", ip = "10.5.0.11", vendor = "omron",
  facts = { model = "CJ2M-CPU33", version = "02.01" } }
local big = w:host { name = "plc-big", role = "plc", ip = "10.5.0.12", vendor = "omron",
  facts = { model = "CS1G-CPU44H", version = "04.00" } }
local stranger = w:host { name = "stranger", role = "unknown", ip = "10.5.0.99", vendor = "raspberry_pi", os = "linux" }

local command, AREA, MODE, END = fins.command, fins.AREA, fins.MODE, fins.END
local small_device = fins.controller { model = "CJ2M-CPU33", version = "02.01" }
local big_device = fins.controller { model = "CS1G-CPU44H", version = "04.00" }

local COMMANDS <const> = {
  command.memory_read(AREA.dm, 100, 10), command.memory_read(AREA.cio_bit, 5, 4, 8),
  command.memory_read(AREA.holding, 0, 2), command.memory_read(AREA.work, 12, 1),
  command.memory_read(AREA.auxiliary, 351, 3), command.memory_read(AREA.em0, 0, 4),
  command.memory_read(AREA.timer, 3, 2), command.memory_write(AREA.dm, 200, { 1, 2, 0xabcd }),
  command.memory_write_bits(AREA.cio_bit, 5, 0, { 1, 0, 1 }), command.memory_fill(AREA.dm, 300, 50, 0x5a5a),
  command.multiple_read { { AREA.dm, 10 }, { AREA.cio_bit, 5, 3 }, { AREA.holding, 7 } },
  command.memory_transfer(AREA.dm, 100, AREA.dm, 500, 20),
  command.parameter_read(0x8010, 0, 16), command.parameter_write(0x8010, 0, { 1, 2, 3 }),
  command.parameter_clear(0x8013, 640),
  command.program_read(0, 64), command.program_write(0, ("\x41\x4c"):rep(30), true), command.program_clear(),
  command.run(MODE.monitor), command.run(MODE.run), command.stop(), command.stop(0xffff),
  command.controller_data_read(), command.controller_data_read(0), command.controller_data_read(1),
  command.connection_data_read(0, 2), command.status_read(), command.cycle_time_read(),
  command.clock_read(), command.clock_write("\x24\x05\x13\x09\x15\x00\x01"),
  command.message_read(0x01), command.message_clear(0x01),
  command.access_right_acquire(), command.access_right_forced_acquire(), command.access_right_release(),
  command.error_clear(), command.error_log_read(0, 2), command.error_log_clear(),
  command.write_access_log_read(0, 2), command.write_access_log_clear(),
  command.file_name_read(0x8000, 0, 2), command.file_read(0x8000, "PROGRAM.OBJ", 0, 128),
  command.file_write(0x8000, "NOTES.TXT", 0, "changed by nobody"), command.file_copy(0x8000, "NOTES.TXT", "COPY.TXT"),
  command.file_rename(0x8000, "COPY.TXT", "OLD.TXT"), command.file_delete(0x8000, "OLD.TXT"),
  command.memory_file_transfer(0, AREA.dm, 0, 100, 0x8000, "DM.IOM"),
  command.parameter_file_transfer(0, 0x8000, 0, 100, 0x8000, "PARAM.STD"),
  command.program_file_transfer(0, 0, 20480, 0x8000, "PROGRAM.OBJ"),
  command.directory_create(0x8000, "BACKUP"), command.file_format(0x8000),
  command.forced_set_reset { { 1, AREA.cio_bit, 5, 3 }, { 0x8000, AREA.cio_bit, 5, 4 } }, command.forced_cancel(),
}

local function everything(link)
  for _, bytes in ipairs(COMMANDS) do
    link:ask(bytes)
    w:sleep(0.05)
  end
end

w:at(1, function() everything(fins.connect(w, { client = engineer, server = plc, device = small_device })) end)

w:at(6, function()
  local link = fins.connect(w, { client = engineer, server = big, device = big_device, tcp = true })
  everything(link)
  link:close()
end)

-- End codes, a command nobody defines, no answer, and one that asks for none.
w:at(12, function()
  local link = fins.connect(w, { client = hmi, server = plc, device = small_device })
  for _, code in ipairs { "cancelled", "routing_error", "undefined_command", "too_long", "too_short", "area_missing",
    "address_out_of_range", "access_error", "wrong_mode", "unit_missing", "no_access_right" } do
    link:ask(command.memory_read(AREA.dm, 60000, 10), { end_code = END[code] })
    w:sleep(0.05)
  end
  link:ask("\x7f\x01\x00")
  w:sleep(0.05)
  for _ = 1, 3 do
    link:ask(command.status_read(), { no_answer = "controller is silent" })
    w:sleep(1)
  end
  link:ask(command.memory_write(AREA.dm, 10, { 1 }), { no_response_wanted = true })
  w:sleep(0.05)
  link:ask(command.clock_read(), { network = 3 }) -- through a gateway
end)

w:at(18, function()
  local link = fins.connect(w, { client = hmi, server = big, device = big_device, port = 9601, client_port = 51234 })
  for n = 0, 4 do
    link:ask(command.memory_read(AREA.dm, 10 * n, 10))
    w:sleep(0.2)
  end
end)

-- FINS/TCP in pieces, several frames in one segment, joined mid-stream, and an error notification.
w:at(22, function()
  local link = fins.connect(w, { client = hmi, server = big, device = big_device, tcp = true })
  local read = command.memory_read(AREA.dm, 0, 200)
  link:ask(read, { request_fault = { cut = { 1, 3, 12, 5 }, gap = 0.001 } })
  w:sleep(0.1)
  link:ask(read, { response_fault = { cut = { 15, 1, 100 }, gap = 0.001 } })
  w:sleep(0.1)
  link:send("client", fins.frame(0x80, { 0, 12, 0, 0, 20, 0 }, 77, command.status_read()), { retransmit = { 0.2 } })
  link:count("0601", { commands = 1, unanswered = 1 })
  w:sleep(0.5)
  link.tcp:send("server", fins.tcp_frame(3, "", 3)) -- all connections are in use
  link.tcp:reset("server")
end)
w:at(25, function()
  local link = fins.connect(w, { client = engineer, server = big, device = big_device, tcp = true, midstream = true })
  for n = 0, 4 do
    link:ask(command.memory_read(AREA.dm, n, 1))
    w:sleep(0.3)
  end
end)

-- The stranger stops one controller after the other.
w:at(40, function()
  for _, target in ipairs { { plc, small_device }, { big, big_device, true } } do
    local link = fins.connect(w, { client = stranger, server = target[1], device = target[2], tcp = target[3] })
    w:sleep(0.5)
    w:attack("fins_stop", stranger, target[1], { command = "0402" })
    link:ask(command.stop())
    w:sleep(3)
  end
end)
