-- fins.lua - Omron FINS over UDP and TCP, as one Lua file. The same dissector in C is fins-c/fins.c; both say the same.
--
--   otoscope -r plant.pcap -l logs --plugin plugins/fins.lua
--
-- A dissector has five parts: value tables, events, a probe, where a message ends, and how it is read. Clauses: W342 is Omron's
-- "CS/CJ Series Communications Commands Reference Manual", W421 the "Ethernet Units Construction of Applications".
local oto = require "oto"

-- 1. What the numbers mean ----------------------------------------------------------------------------------------------------

-- Parts of a message: how each is packed (string.unpack) and which fields it fills. c, D, x and ? are read specially.
local PARTS = {
  a = { ">B", "memory_area_code" },    w = { ">I2", "beginning_address" },  b = { ">B", "bit" },  n = { ">I2", "number_of_items" },
  A = { ">B", "to_memory_area_code" }, W = { ">I2", "to_address" },         B = { ">B", "to_bit" },
  p = { ">I2", "parameter_area_code" }, g = { ">I2", "program_no" },        o = { ">I4", "word_offset" },
  m = { ">B", "run_mode" },            d = { ">I2", "disk_no" },            F = { ">I2", "fal_fals_no" },
  f = { ">c12", "file_name" },         N = { ">c12", "new_file_name" },
  v = { ">c20c20", "controller_model", "controller_version", least = 92 }, -- fewer bytes are unit configuration
  t = { ">I4I4I4", "average_cycle_time", "max_cycle_time", "min_cycle_time" },
  s = { ">BBI2I2I2I2c16", "status", "run_mode", "fatal_error", "non_fatal_error", "message_flags", "fal_fals_no", "error_message" },
  x = { ">I2" }, -- two bytes of no interest
}

-- Commands (W342 5-1-1): the word, what it does to the device, then the parts of the request and of the response.
-- c is a clock, D all the rest; what follows a ? may be missing.
local COMMANDS = {
  [0x0101] = { "memory_area_read", op = "read", request = "awbn", response = "D" },
  [0x0102] = { "memory_area_write", op = "write", request = "awbnD", response = "" },
  [0x0103] = { "memory_area_fill", op = "write", request = "awbnD", response = "" },
  [0x0104] = { "multiple_memory_area_read", op = "read", request = "awbD", response = "D" },
  [0x0105] = { "memory_area_transfer", op = "write", request = "awbAWBn", response = "" },
  [0x0201] = { "parameter_area_read", op = "read", request = "pwn", response = "pwnD" },
  [0x0202] = { "parameter_area_write", op = "configure", request = "pwnD", response = "" },
  [0x0203] = { "parameter_area_clear", op = "configure", request = "pwnD", response = "" },
  [0x0220] = { "data_link_table_read", op = "read", request = "D", response = "D" },
  [0x0221] = { "data_link_table_write", op = "configure", request = "D", response = "" },
  [0x0304] = { "program_area_protect", op = "authenticate", request = "gD", response = "" },
  [0x0305] = { "program_area_protect_clear", op = "authenticate", request = "gD", response = "" },
  [0x0306] = { "program_area_read", op = "program_read", request = "gon", response = "gonD" },
  [0x0307] = { "program_area_write", op = "program_write", request = "gonD", response = "gon" },
  [0x0308] = { "program_area_clear", op = "program_write", request = "gD", response = "" },
  [0x0401] = { "run", op = "start", request = "?gm", response = "" },
  [0x0402] = { "stop", op = "stop", request = "?g", response = "" },
  [0x0403] = { "reset", op = "reset", request = "?D", response = "" },
  [0x0501] = { "cpu_unit_data_read", op = "discover", request = "?D", response = "vD" },
  [0x0502] = { "connection_data_read", op = "discover", request = "?D", response = "D" },
  [0x0601] = { "cpu_unit_status_read", op = "diagnose", request = "", response = "s" },
  [0x0602] = { "network_status_read", op = "diagnose", request = "?D", response = "D" },
  [0x0603] = { "data_link_status_read", op = "diagnose", request = "?D", response = "D" },
  [0x0620] = { "cycle_time_read", op = "diagnose", request = "D", response = "?t" },
  [0x0701] = { "clock_read", op = "read", request = "", response = "c" },
  [0x0702] = { "clock_write", op = "time", request = "c", response = "" },
  [0x0801] = { "internode_echo_test", op = "diagnose", request = "D", response = "D" },
  [0x0802] = { "broadcast_test_results_read", op = "diagnose", request = "?D", response = "D" },
  [0x0803] = { "broadcast_test_data_send", op = "diagnose", request = "D", response = "" },
  [0x0920] = { "message_read_clear", op = "diagnose", request = "D", response = "?D" },
  [0x0c01] = { "access_right_acquire", op = "authenticate", request = "?g", response = "?D" },
  [0x0c02] = { "access_right_forced_acquire", op = "authenticate", request = "?g", response = "" },
  [0x0c03] = { "access_right_release", op = "authenticate", request = "?g", response = "" },
  [0x2101] = { "error_clear", op = "reset", request = "F", response = "" },
  [0x2102] = { "error_log_read", op = "diagnose", request = "D", response = "D" },
  [0x2103] = { "error_log_clear", op = "reset", request = "", response = "" },
  [0x2140] = { "write_access_log_read", op = "diagnose", request = "D", response = "D" },
  [0x2141] = { "write_access_log_clear", op = "reset", request = "", response = "" },
  [0x2201] = { "file_name_read", op = "read", request = "dD", response = "D" },
  [0x2202] = { "single_file_read", op = "read", request = "dfD", response = "D" },
  [0x2203] = { "single_file_write", op = "write", request = "xdfD", response = "" },
  [0x2204] = { "file_memory_format", op = "write", request = "d", response = "" },
  [0x2205] = { "file_delete", op = "write", request = "dxfD", response = "?D" },
  [0x2206] = { "volume_label_create_delete", op = "write", request = "dD", response = "" },
  [0x2207] = { "file_copy", op = "write", request = "dfxND", response = "" },
  [0x2208] = { "file_name_change", op = "write", request = "dfND", response = "" },
  [0x2209] = { "file_data_check", op = "diagnose", request = "dfD", response = "" },
  [0x220a] = { "memory_area_file_transfer", op = "write", request = "xawbndfD", response = "?D" },
  [0x220b] = { "parameter_area_file_transfer", op = "configure", request = "xpwndfD", response = "?D" },
  [0x220c] = { "program_area_file_transfer", op = "program_write", request = "xgoxxdfD", response = "?D" },
  [0x220f] = { "file_memory_index_read", op = "read", request = "D", response = "D" },
  [0x2210] = { "file_memory_read", op = "read", request = "D", response = "D" },
  [0x2211] = { "file_memory_write", op = "write", request = "D", response = "" },
  [0x2215] = { "directory_create_delete", op = "write", request = "dD", response = "" },
  [0x2220] = { "memory_cassette_transfer", op = "program_write", request = "D", response = "?D" },
  [0x2301] = { "forced_set_reset", op = "write", request = "nxawbD", response = "" },
  [0x2302] = { "forced_set_reset_cancel", op = "write", request = "", response = "" },
  [0x230a] = { "multiple_forced_status_read", op = "read", request = "awbD", response = "D" },
  [0x2601] = { "name_set", op = "configure", request = "D", response = "" },
  [0x2602] = { "name_delete", op = "configure", request = "?D", response = "" },
  [0x2603] = { "name_read", op = "read", request = "?D", response = "D" },
}
local UNKNOWN = { "unknown", op = "other", request = "?D", response = "?D" }

-- Memory areas (W342 5-2-2): word areas by their manuals' letters, the bits of an area with "_bit". CV: addresses of CV-mode units.
local AREAS = {
  [0x82] = "DM", [0x02] = "DM_bit", [0xb0] = "CIO", [0x30] = "CIO_bit", [0xb1] = "W", [0x31] = "W_bit", [0xb2] = "H", [0x32] = "H_bit",
  [0xb3] = "A", [0x33] = "A_bit", [0xf0] = "CIO_forced", [0x70] = "CIO_bit_forced", [0xf1] = "W_forced", [0x71] = "W_bit_forced",
  [0xf2] = "H_forced", [0x72] = "H_bit_forced", [0x89] = "TC", [0x09] = "TC_flag", [0x49] = "TC_flag_forced", [0x06] = "task_bit",
  [0x46] = "task", [0xdc] = "IR", [0xbc] = "DR", [0x07] = "clock_pulse", [0x98] = "EM", [0x0a] = "EM_bit",
  [0x80] = "CV_CIO", [0x00] = "CV_CIO_bit", [0xc0] = "CV_CIO_forced", [0x40] = "CV_CIO_bit_forced", [0x81] = "CV_TC",
  [0x01] = "CV_TC_flag", [0x41] = "CV_TC_flag_forced", [0x03] = "CV_transition", [0x04] = "CV_step", [0x9c] = "CV_register",
  [0x1b] = "CV_action", [0xdd] = "CV_interrupt",
}
for bank = 0, 12 do
  AREAS[0xa0 + bank] = ("E%X"):format(bank)
  AREAS[0x20 + bank] = ("E%X_bit"):format(bank)
  if bank < 8 then AREAS[0x90 + bank] = ("CV_E%d"):format(bank) end
end

local PARAMETERS = {
  [0x8000] = "all", [0x8010] = "plc_setup", [0x8011] = "peripheral_settings", [0x8012] = "io_table", [0x8013] = "routing_tables",
  [0x8002] = "cpu_bus_unit_setup",
}
local MODES = { [0] = "program", [1] = "debug", [2] = "monitor", [4] = "run" }
local STATUSES = { [0] = "stopped", [1] = "running", [0x80] = "standby" }

-- End codes (W342 5-1-3).
local END_CODES = {
  [0x0000] = "normal", [0x0001] = "service_interrupted", [0x0101] = "local_node_not_in_network", [0x0102] = "token_timeout",
  [0x0103] = "retries_failed", [0x0104] = "too_many_send_frames", [0x0105] = "node_address_range",
  [0x0106] = "node_address_duplicated", [0x0201] = "destination_node_not_in_network", [0x0202] = "unit_missing",
  [0x0203] = "third_node_missing", [0x0204] = "destination_node_busy", [0x0205] = "response_timeout",
  [0x0301] = "communications_controller_error", [0x0302] = "cpu_unit_error", [0x0303] = "controller_error",
  [0x0304] = "unit_number_error", [0x0401] = "undefined_command", [0x0402] = "not_supported_by_model_or_version",
  [0x0501] = "destination_address_setting_error", [0x0502] = "no_routing_tables", [0x0503] = "routing_table_error",
  [0x0504] = "too_many_relays", [0x1001] = "command_too_long", [0x1002] = "command_too_short", [0x1003] = "elements_data_mismatch",
  [0x1004] = "command_format_error", [0x1005] = "header_error", [0x1101] = "area_classification_missing",
  [0x1102] = "access_size_error", [0x1103] = "address_range_error", [0x1104] = "address_range_exceeded", [0x1106] = "program_missing",
  [0x1109] = "relational_error", [0x110a] = "duplicate_data_access", [0x110b] = "response_too_long", [0x110c] = "parameter_error",
  [0x2002] = "read_protected", [0x2003] = "read_table_missing", [0x2004] = "read_data_missing", [0x2005] = "read_program_missing",
  [0x2006] = "read_file_missing", [0x2007] = "read_data_mismatch", [0x2101] = "write_read_only", [0x2102] = "write_protected",
  [0x2103] = "write_cannot_register", [0x2105] = "write_program_missing", [0x2106] = "write_file_missing",
  [0x2107] = "write_file_exists", [0x2108] = "write_cannot_change", [0x2201] = "not_executable_while_running",
  [0x2202] = "not_executable_while_stopped", [0x2203] = "wrong_mode_program", [0x2204] = "wrong_mode_debug",
  [0x2205] = "wrong_mode_monitor", [0x2206] = "wrong_mode_run", [0x2207] = "not_polling_node", [0x2208] = "step_not_executable",
  [0x2301] = "file_device_missing", [0x2302] = "memory_missing", [0x2303] = "clock_missing", [0x2401] = "table_missing",
  [0x2502] = "memory_error", [0x2503] = "io_setting_error", [0x2504] = "too_many_io_points", [0x2505] = "cpu_bus_error",
  [0x2506] = "io_duplication", [0x2507] = "io_bus_error", [0x2509] = "sysmac_bus2_error", [0x250a] = "cpu_bus_unit_error",
  [0x250d] = "sysmac_bus_duplication", [0x250f] = "internal_memory_error", [0x2510] = "sysmac_bus_terminator_missing",
  [0x2601] = "not_protected", [0x2602] = "incorrect_password", [0x2604] = "protected", [0x2605] = "service_already_executing",
  [0x2606] = "service_stopped", [0x2607] = "no_execution_right", [0x2608] = "settings_required", [0x2609] = "necessary_items_not_set",
  [0x260a] = "number_already_defined", [0x260b] = "error_will_not_clear", [0x3001] = "no_access_right", [0x4001] = "service_aborted",
}

-- FINS/TCP (W421 7-4).
local TCP_FRAME = 2
local TCP_COMMANDS = {
  [0] = "client_node_address", [1] = "server_node_address", [TCP_FRAME] = "frame", [3] = "frame_error_notification",
  [6] = "connection_confirmation",
}
local TCP_ERRORS = {
  [0x00] = "normal", [0x01] = "not_fins", [0x02] = "too_long", [0x03] = "unknown_command", [0x20] = "all_connections_in_use",
  [0x21] = "node_already_connected", [0x22] = "address_not_allowed", [0x23] = "client_node_out_of_range",
  [0x24] = "node_address_in_use", [0x25] = "no_node_address_left",
}

-- 2. What is said ---------------------------------------------------------------------------------------------------------------

local fins = oto.analyzer {
  name = "fins", doc = "Omron FINS over UDP and TCP",
  ports = { udp = { 9600 }, tcp = { 9600 } }, any_port = true,
  -- responses come back to the port the client sent from or to 9600: a pair of hosts, whatever the ports
  pairing = { scope = "pair", note = 0 },
  events = {
    -- name, type, meaning; what is not always there is optional
    message = { doc = "One FINS command or response.",
      { "icf_data_type", "string", "command or response" },
      { "response_required", "bool", "the sender of the command wants a response" },
      { "gateway_count", "u8", "relays that are still allowed" },
      { "destination_network_address", "u8", "0 is the local network" },
      { "destination_node_number", "u8", "0 is the addressed device itself, 255 all nodes" },
      { "destination_unit_address", "u8", "0 is the CPU unit" },
      { "source_network_address", "u8", "0 is the local network" },
      { "source_node_number", "u8", "node of the sender" },
      { "source_unit_address", "u8", "0 is the CPU unit" },
      { "service_id", "u8", "copied into the response" },
      { "command_code", "u16", "MRC and SRC", names = COMMANDS },
      { "response_code", "u16", "MRES and SRES without flags", names = END_CODES, optional = true },
      { "relay_error", "bool", "the error arose in a relay", optional = true },
      { "cpu_error", "bool", "the CPU unit has an error", optional = true },
      { "latency", "interval", "time since the command", optional = true },
      { "memory_area_code", "u8", "memory area", names = AREAS, optional = true },
      { "beginning_address", "u16", "first word", optional = true },
      { "bit", "u8", "bit of that word", optional = true },
      { "number_of_items", "u16", "words, bits or bytes", optional = true },
      { "to_memory_area_code", "u8", "memory area that a transfer writes", names = AREAS, optional = true },
      { "to_address", "u16", "first word that a transfer writes", optional = true },
      { "to_bit", "u8", "bit of that word", optional = true },
      { "parameter_area_code", "u16", "parameter area", names = PARAMETERS, optional = true },
      { "program_no", "u16", "program number, 65535 for all", optional = true },
      { "word_offset", "u32", "first word of the program area", optional = true },
      { "run_mode", "u8", "operating mode, asked for or told", names = MODES, optional = true },
      { "controller_model", "string", "model of the CPU unit", optional = true },
      { "controller_version", "string", "its version", optional = true },
      { "status", "u8", "does the CPU unit execute its program?", names = STATUSES, optional = true },
      { "fatal_error", "u16", "fatal error flags", optional = true },
      { "non_fatal_error", "u16", "non-fatal error flags", optional = true },
      { "message_flags", "u16", "which messages there are", optional = true },
      { "fal_fals_no", "u16", "error number set by the program", optional = true },
      { "error_message", "string", "error text set by the program", optional = true },
      { "average_cycle_time", "u32", "in units of 0.1 ms", optional = true },
      { "max_cycle_time", "u32", "in units of 0.1 ms", optional = true },
      { "min_cycle_time", "u32", "in units of 0.1 ms", optional = true },
      { "clock", "time", "the controller's clock, read or set, taken as UTC", optional = true },
      { "disk_no", "u16", "0x8000 the memory card, 0x8001 file memory", optional = true },
      { "file_name", "string", "name of a file", optional = true },
      { "new_file_name", "string", "its new name, or the copy's", optional = true },
      { "data", "bytes", "everything else", optional = true },
      log = {
        name = "omron_fins", doc = "Omron FINS commands and responses.",
        columns = "icf_data_type gateway_count destination_network_address destination_node_number destination_unit_address "
          .. "source_network_address source_node_number source_unit_address service_id command_code response_code memory_area_code "
          .. "beginning_address number_of_items parameter_area_code program_no run_mode controller_model controller_version clock "
          .. "file_name",
        extra = "latency data",
        -- a row per distinct key and minute, with a count; leave it out for a row per message
        key = "orig_h resp_h resp_p is_orig icf_data_type command_code response_code",
      },
    },
    tcp = { doc = "A FINS/TCP header that carries no FINS message: node addresses, errors.",
      { "command", "u32", "FINS/TCP command", names = TCP_COMMANDS },
      { "error", "u32", "FINS/TCP error code", names = TCP_ERRORS },
      { "client_node", "u32", "node address of the client; 0 asks for one", optional = true },
      { "server_node", "u32", "node address of the server", optional = true },
    },
  },
}

-- 3. Is it FINS, and where does it end? -----------------------------------------------------------------------------------------

local HEADER = ">BBB BBB BBB B I2" -- ICF RSV GCT, destination, source, service ID, command (W342 3-2)
local ICF_GATEWAY, ICF_RESPONSE, ICF_NO_RESPONSE, ICF_ZERO = 0x80, 0x40, 0x01, 0x3e

-- The length in bytes of the message that starts here; nil: it takes more bytes to tell; false: this is no message.
-- W421: "FINS", then the length of what follows the length.
function fins.pdu_len(data, cx)
  if cx.transport ~= "tcp" then return nil end -- a datagram is one message
  if data:sub(1, 4) ~= ("FINS"):sub(1, #data) then return false end
  if #data < 8 then return nil end
  local length = (">I4"):unpack(data, 5)
  return length >= 8 and length <= 65528 and 8 + length
end

-- True, false, or nil for "more bytes first". On a port of our own little is asked, elsewhere much.
function fins.probe(data, cx)
  if cx.transport == "tcp" then
    local length = fins.pdu_len(data, cx)
    return length and true or length
  end
  if #data < HEADER:packsize() then return false end
  local icf, reserved, gateways = data:byte(1, 3)
  if icf & ICF_ZERO ~= 0 or reserved ~= 0 then return false end
  if cx.sport == 9600 or cx.dport == 9600 then return true end
  return icf & ICF_GATEWAY ~= 0 and gateways <= 7 and COMMANDS[(">I2"):unpack(data, 11)] ~= nil
end

-- 4. Reading it -----------------------------------------------------------------------------------------------------------------

-- Text in a field of fixed length ends at its first NUL or at trailing blanks.
local function text(s)
  return s:match "^[^\0]*":match "^(.-) *$"
end

-- Two decimal digits in a byte; above 99 when they are none.
local function bcd(byte)
  local high, low = byte >> 4, byte & 15
  return (high > 9 or low > 9) and 100 or high * 10 + low
end

-- Year (98-97 is 1998-2097), month, day, hour, minute, then second and weekday, which a clock write may leave out.
-- Gives seconds since 1970, nil when it is no time.
local function clock(data, pos)
  local year, month, day, hour, minute = bcd(data:byte(pos)), bcd(data:byte(pos + 1)), bcd(data:byte(pos + 2)), bcd(data:byte(pos + 3)),
    bcd(data:byte(pos + 4))
  local second = pos + 5 <= #data and bcd(data:byte(pos + 5)) or 0
  if year > 99 or month < 1 or month > 12 or day < 1 or day > 31 or hour > 23 or minute > 59 or second > 59 then return nil end
  -- days since 1970 in the Gregorian calendar, counted in years that begin in March
  local y, m = year + (year < 98 and 2000 or 1900) - (month <= 2 and 1 or 0), month + (month > 2 and -3 or 9)
  local days = y * 365 + y // 4 - y // 100 + y // 400 + (m * 153 + 2) // 5 + day - 1 - 719468
  return ((days * 24 + hour) * 60 + minute) * 60 + second
end

-- Fills the fields of m from the parts of a layout; false when a part that must be there is not.
local function take_parts(m, data, pos, layout)
  local optional = false
  for part in layout:gmatch "." do
    if part == "?" then
      optional = true
    elseif part == "D" then
      m.data = pos <= #data and data:sub(pos) or nil
      pos = #data + 1
    elseif part == "c" then
      if pos + 4 > #data then return optional end
      m.clock = clock(data, pos)
      pos = math.min(pos + 6, #data + 1)
    elseif #data - pos + 1 >= (PARTS[part].least or 0) then
      local format = PARTS[part][1]
      if pos + format:packsize() - 1 > #data then return optional end
      local values = { format:unpack(data, pos) }
      for i = 2, #PARTS[part] do
        local value = values[i - 1]
        m[PARTS[part][i]] = type(value) == "string" and text(value) or value
      end
      pos = values[#values]
    end
  end
  return true
end

-- 5. Saying it ------------------------------------------------------------------------------------------------------------------

-- What a command touches: a memory area, a program, a file. Of a transfer, what it writes.
local function target_of(m)
  if m.file_name then return { space = "file", name = m.file_name } end
  if m.program_no then return { space = "program", first = m.program_no } end
  local area = m.to_memory_area_code or m.memory_area_code
  if area then
    return { space = AREAS[area] or "memory", first = m.to_address or m.beginning_address or 0, count = m.number_of_items or 1 }
  end
end

-- Service ID, command and the client's address: a response goes back to who asked.
local function pair_key(m, response)
  local key = m.command_code << 32 | m.service_id << 24
  if response then
    return key | m.destination_network_address << 16 | m.destination_node_number << 8 | m.destination_unit_address
  end
  return key | m.source_network_address << 16 | m.source_node_number << 8 | m.source_unit_address
end

local function tell_identity(cx, m)
  local options = { confidence = 100 }
  if m.source_network_address ~= 0 then -- a device behind a relay is not the host that sent the packet
    options.sub = ("network %d node %d unit %d"):format(m.source_network_address, m.source_node_number, m.source_unit_address)
  end
  cx:fact("vendor", "Omron", options)
  cx:fact("model", m.controller_model, options)
  cx:fact("firmware", m.controller_version, options)
end

-- The FINS header, the command code and, in a response, the end code, whose bits 15, 7 and 6 are flags.
local function message(cx, data)
  local m, icf, pos, _ = {}
  icf, _, m.gateway_count, m.destination_network_address, m.destination_node_number, m.destination_unit_address,
    m.source_network_address, m.source_node_number, m.source_unit_address, m.service_id, m.command_code, pos = HEADER:unpack(data)
  local response = icf & ICF_RESPONSE ~= 0
  m.icf_data_type = response and "response" or "command"
  m.response_required = icf & ICF_NO_RESPONSE == 0
  if response then
    local code
    code, pos = (">I2"):unpack(data, pos)
    m.response_code, m.relay_error, m.cpu_error = code & 0x7f3f, code & 0x8000 ~= 0, code & 0x00c0 ~= 0
  end

  local command = COMMANDS[m.command_code] or UNKNOWN
  local layout = (m.response_code or 0) ~= 0 and "?D" or response and command.response or command.request
  if command == UNKNOWN then cx:weird("unknown_command", data) end
  if not take_parts(m, data, pos, layout) then cx:weird("short_message", data) end

  local operation = { command = command, func_code = m.command_code, target = target_of(m),
    unit = response and m.source_node_number or m.destination_node_number }
  if response then
    local match = cx:response(pair_key(m, true))
    m.latency = match.latency
    cx:outcome(match, m.response_code ~= 0 and (END_CODES[m.response_code] or "unknown") or nil, operation)
  else
    if m.response_required then cx:request(pair_key(m)) end
    cx:operation(operation)
  end
  if m.controller_model then tell_identity(cx, m) end
  cx:emit("message", m)
end

-- One whole message, however TCP cut it. A read past the end is "fins.truncated", and nothing is said.
function fins.pdu(cx, data)
  if cx.transport ~= "tcp" then return message(cx, data) end
  local command, code, pos = (">I4I4"):unpack(data, 9)
  if command == TCP_FRAME then return message(cx, data:sub(pos)) end
  local t = { command = command, error = code }
  if pos + 3 <= #data then t.client_node, pos = (">I4"):unpack(data, pos) end
  if t.client_node and pos + 3 <= #data then t.server_node = (">I4"):unpack(data, pos) end
  cx:emit("tcp", t)
end

return fins
